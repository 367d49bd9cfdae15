"""Loaders: what the data are, where they are looked for, and damaged files."""

import functools
import gzip
import hashlib
import http.server
import os
import struct
import threading
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from neurosim.data import Dataset, digits, fashion_mnist, mnist, read_idx, standardised
from neurosim.errors import DataError, ParameterError

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
REAL = pytest.mark.skipif(
    not (SHARED / "mnist").is_dir() and "NEUROSIM_DATA" not in os.environ,
    reason="needs the MNIST files: name their folder in NEUROSIM_DATA",
)


@pytest.fixture
def data_folder(monkeypatch):
    if "NEUROSIM_DATA" not in os.environ:
        monkeypatch.setenv("NEUROSIM_DATA", str(SHARED))


def write_idx(path, array, magic=None, cut=None, more=b""):
    magic = 0x0800 + array.ndim if magic is None else magic
    content = struct.pack(f">{1 + array.ndim}I", magic, *array.shape) + array.tobytes() + more
    with gzip.open(path, "wb") as file:
        file.write(content[:cut])


def write_set(folder, n_train=7, n_labels=7):
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for part, images, labels in (("train", n_train, n_labels), ("t10k", 3, 3)):
        write_idx(
            folder / f"{part}-images-idx3-ubyte.gz",
            rng.integers(0, 256, (images, 28, 28)).astype(np.uint8),
        )
        write_idx(
            folder / f"{part}-labels-idx1-ubyte.gz",
            rng.integers(0, 10, labels).astype(np.uint8),
        )


def test_digits_are_scikit_learns_images():
    data = digits(size=8, seed=3)
    raw = load_digits()
    ours = np.concatenate([data.train_stimuli, data.test_stimuli])
    targets = np.concatenate([data.train_targets, data.test_targets])
    theirs = (raw.images.reshape(-1, 64) / 16).astype(np.float32)

    def rows(stimuli, labels):
        return sorted((*row, label) for row, label in zip(stimuli.tolist(), labels, strict=True))

    assert rows(ours, targets.tolist()) == rows(theirs, raw.target.tolist())


def test_split_is_stratified_and_fixed_by_the_seed():
    data = digits(size=8, seed=1)
    again = digits(size=8, seed=1)
    other = digits(size=8, seed=2)
    np.testing.assert_array_equal(data.test_stimuli, again.test_stimuli)
    assert not np.array_equal(data.test_targets, other.test_targets)
    counts = np.bincount(load_digits().target)
    assert np.abs(np.bincount(data.test_targets) - 0.2 * counts).max() <= 1


def test_upsampling_adds_no_directions():
    data = digits(size=28)
    assert data.train_stimuli.shape == (1437, 784)
    assert data.train_stimuli.dtype == np.float32
    assert 0 <= data.train_stimuli.min() <= data.train_stimuli.max() <= 1
    singular = np.linalg.svd(data.train_stimuli.astype(np.float64), compute_uv=False)
    assert 55 <= np.sum(singular > 1e-4 * singular[0]) <= 64


def test_standardised_by_training_values_only():
    data = digits(size=8)
    result = standardised(data)
    mean, deviation = data.train_stimuli.mean(), data.train_stimuli.std()
    np.testing.assert_allclose(
        result.test_stimuli, (data.test_stimuli - mean) / deviation, rtol=1e-4, atol=1e-5
    )


def test_first_keeps_the_order_and_the_test_samples():
    data = digits(size=8)
    small = data.first(10)
    np.testing.assert_array_equal(small.train_stimuli, data.train_stimuli[:10])
    assert len(small.test_targets) == 360
    with pytest.raises(ParameterError, match=r"1 … 1437.*got 2000"):
        data.first(2000)


def test_bad_digits_parameters_are_named():
    with pytest.raises(ParameterError, match="size .* got 7"):
        digits(size=7)
    with pytest.raises(ParameterError, match=r"size .* got 28\.5"):
        digits(size=28.5)
    with pytest.raises(ParameterError, match=r"10 of 1797 samples .* got 0\.001"):
        digits(test_fraction=0.001)
    with pytest.raises(ParameterError, match="seed of digits .* got -1"):
        digits(seed=-1)
    with pytest.raises(ParameterError, match=r"test_fraction .* got 1\.0"):
        digits(test_fraction=1.0)


def test_dataset_parts_must_fit():
    good = np.zeros((2, 4), np.float32), np.array([0, 1])
    with pytest.raises(DataError, match=r"train stimuli .* \(n_samples, 4\); got \(2, 3\)"):
        Dataset("d", np.zeros((2, 3)), good[1], *good, (2, 2), 2)
    with pytest.raises(DataError, match=r"test targets .* must be 2"):
        Dataset("d", *good, good[0], np.array([0]), (2, 2), 2)
    with pytest.raises(DataError, match=r"0 … 1; got 0 … 2"):
        Dataset("d", *good, good[0], np.array([0, 2]), (2, 2), 2)
    with pytest.raises(DataError, match="train stimuli of d must be float32; got float64"):
        Dataset("d", np.zeros((2, 4)), good[1], *good, (2, 2), 2)
    with pytest.raises(DataError, match="test targets of d must be int64; got float64"):
        Dataset("d", *good, good[0], np.array([0.0, 1.0]), (2, 2), 2)
    with pytest.raises(DataError, match="2 class_names or none; got 1"):
        Dataset("d", *good, *good, (2, 2), 2, ("even",))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_stimuli_must_be_finite(value):
    good = np.zeros((2, 4), np.float32), np.array([0, 1])
    bad = good[0].copy()
    bad[1, 2] = value
    with pytest.raises(DataError, match="test stimuli of d must be finite"):
        Dataset("d", *good, bad, good[1], (2, 2), 2)


def test_values_that_are_all_the_same_cannot_be_standardised():
    flat = np.full((2, 4), 0.5, np.float32), np.array([0, 1])
    with pytest.raises(DataError, match="stimuli of flat must differ .* deviation is 0.0"):
        standardised(Dataset("flat", *flat, *flat, (2, 2), 2))


@REAL
def test_mnist_is_the_official_one(data_folder):
    data = mnist()
    assert data.train_stimuli.shape == (60000, 784)
    # Class counts as published with the files.
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(data.train_targets).tolist() == counts
    assert data.train_stimuli.mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)
    assert data.train_stimuli.std(dtype=np.float64) == pytest.approx(0.3081, abs=5e-5)


@REAL
def test_fashion_mnist_is_balanced(data_folder):
    assert np.bincount(fashion_mnist().test_targets).tolist() == [1000] * 10


@pytest.mark.parametrize("subfolder", ["", "mnist"])
def test_files_are_found_beside_or_in_a_folder(tmp_path, monkeypatch, subfolder):
    write_set(tmp_path / subfolder)
    monkeypatch.setenv("NEUROSIM_DATA", str(tmp_path))
    assert mnist().train_stimuli.shape == (7, 784)
    assert mnist(tmp_path).test_stimuli.shape == (3, 784)


def test_values_are_scaled_bytes(tmp_path):
    write_set(tmp_path)
    raw = read_idx(tmp_path / "train-images-idx3-ubyte.gz", 3)
    np.testing.assert_allclose(mnist(tmp_path).train_stimuli, raw.reshape(7, -1) / 255, rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"magic": 2049}, "magic number 2049; expected 2051"),
        ({"cut": 100}, r"is truncated: 100 bytes, expected 1584 for shape \(2, 28, 28\)"),
        ({"cut": 7}, "is truncated: 7 bytes, expected a header of 16"),
        ({"more": b"xyz"}, "has trailing bytes: 1587 bytes, expected 1584"),
    ],
)
def test_damaged_idx_files_are_named(tmp_path, options, message):
    path = tmp_path / "images.gz"
    write_idx(path, np.zeros((2, 28, 28), np.uint8), **options)
    with pytest.raises(DataError, match=message) as caught:
        read_idx(path, 3)
    assert str(path) in str(caught.value)


def test_files_that_are_no_gzip_are_named(tmp_path):
    plain = tmp_path / "plain.gz"
    plain.write_bytes(b"no gzip at all")
    with pytest.raises(DataError, match="not a readable gzip file"):
        read_idx(plain, 3)
    whole = tmp_path / "whole.gz"
    write_idx(whole, np.random.default_rng(0).integers(0, 256, (9, 28, 28)).astype(np.uint8))
    cut = tmp_path / "cut.gz"
    cut.write_bytes(whole.read_bytes()[:2000])
    with pytest.raises(DataError, match="its gzip stream ends early"):
        read_idx(cut, 3)
    with pytest.raises(DataError, match="does not exist"):
        read_idx(tmp_path / "none.gz", 3)


def test_a_header_of_absurd_size_is_truncation(tmp_path):
    # The product of these dimensions is 0 modulo 2⁶⁴.
    path = tmp_path / "huge.gz"
    with gzip.open(path, "wb") as file:
        file.write(struct.pack(">4I", 0x0803, 2**31, 2**31, 4))
    with pytest.raises(DataError, match=f"is truncated: 16 bytes, expected {2**64 + 16}"):
        read_idx(path, 3)


def test_images_and_labels_must_be_as_many(tmp_path):
    write_set(tmp_path, n_train=7, n_labels=6)
    with pytest.raises(DataError, match="7 images .* 6 labels"):
        mnist(tmp_path)


def test_a_folder_that_lacks_a_file_is_named_with_it(tmp_path, monkeypatch):
    write_set(tmp_path / "mnist")
    (tmp_path / "mnist" / "t10k-images-idx3-ubyte.gz").unlink()
    monkeypatch.setenv("NEUROSIM_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"mnist is incomplete; expected t10k-images-idx3-\S+ as"):
        mnist()


def test_a_variable_that_names_no_folder_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROSIM_DATA", str(tmp_path / "typo"))
    with pytest.raises(DataError, match=r"NEUROSIM_DATA is '.*typo'; expected an existing folder"):
        mnist()


@REAL
def test_one_set_is_not_taken_for_the_other(data_folder):
    folder = Path(os.environ["NEUROSIM_DATA"]) / "mnist"
    if not folder.is_dir():
        pytest.skip("NEUROSIM_DATA holds its files directly")
    with pytest.raises(DataError, match="does not hold fashion_mnist"):
        fashion_mnist(folder)


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A machine without data: neither variable nor source tree, and an empty cache."""
    module = tmp_path / "site-packages" / "neurosim" / "data" / "mnist_files.py"
    monkeypatch.setattr("neurosim.data.mnist_files.__file__", str(module))
    monkeypatch.delenv("NEUROSIM_DATA", raising=False)
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "cache")
    # An address nobody serves.
    sources = {"mnist": ("http://127.0.0.1:9/", ["0" * 64] * 4)}
    monkeypatch.setattr("neurosim.data.mnist_files._SOURCES", sources)
    return tmp_path, sources


def test_only_a_source_tree_has_a_data_folder(nowhere):
    folder = nowhere[0] / "site-packages"
    write_set(folder / "data")
    with pytest.raises(DataError, match="could not be downloaded"):
        mnist()
    (folder / "pyproject.toml").touch()
    assert len(mnist().train_targets) == 7


@pytest.fixture
def server(tmp_path):
    """Files of a data set over HTTP: their folder and address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    folder = tmp_path / "served"
    write_set(folder)
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_files_are_downloaded_once_and_checked(nowhere, server):
    folder, address = server
    _, sources = nowhere
    names = [
        f"{part}-{kind}-ubyte.gz"
        for part in ("train", "t10k")
        for kind in ("images-idx3", "labels-idx1")
    ]
    checksums = [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names]
    sources["mnist"] = (address, [*checksums[:3], "0" * 64])
    with pytest.raises(DataError, match=r"could not be downloaded from http://127.* \(ValueError"):
        mnist()
    sources["mnist"] = (address, checksums)
    data = mnist()
    np.testing.assert_array_equal(data.train_stimuli, mnist(folder).train_stimuli)
    # From now on the copies in the cache are enough.
    sources["mnist"] = ("http://127.0.0.1:9/", checksums)
    np.testing.assert_array_equal(data.test_targets, mnist().test_targets)


def test_missing_files_say_what_to_do(tmp_path, nowhere):
    with pytest.raises(DataError, match="train-images-idx3-ubyte.gz"):
        mnist(tmp_path)
    with pytest.raises(DataError, match="NEUROSIM_DATA") as caught:
        mnist()
    assert "t10k-labels-idx1-ubyte.gz" in str(caught.value)
