"""The two sequential-task protocols: reproducible, recorded in full, open to every model."""

import gzip
import struct

import numpy as np
import pytest

from neurosim.errors import DataError, ParameterError
from neurosim.experiment.registry import models
from neurosim.protocols.permuted_mnist import permuted_mnist
from neurosim.protocols.sequential_digits import sequential_digits

SMALL = {"tasks": 2, "epochs": 1, "size": 8, "evaluate_every": 10}


def test_the_seed_fixes_every_trace():
    first, second = sequential_digits(**SMALL, seed=5), sequential_digits(**SMALL, seed=5)
    other = sequential_digits(**SMALL, seed=6)
    assert set(first.traces) == set(second.traces)
    for path in first.traces:
        np.testing.assert_array_equal(first.traces[path].values, second.traces[path].values)
    assert first.metrics == second.metrics != other.metrics


def test_traces_say_what_happened():
    result = sequential_digits(**SMALL)
    for name in ("hlop", "naive"):
        matrix = result.traces[f"{name}/accuracy_matrix"]
        assert matrix.dims == ("experience", "task")
        assert result.metrics[f"{name}/average_accuracy"] == pytest.approx(matrix.values[-1].mean())
        ends = result.traces[f"{name}/experience_end"].values
        assert ends.tolist() == [23, 46]
        assert len(result.traces[f"{name}/training/loss"].values) == 46
        iterations = result.traces[f"{name}/curve/iteration"].values
        assert iterations.tolist() == [10, 20, 30, 40]
        # Ten probes of 20 steps of 1 ms after each of two experiences.
        report = result.traces.report(f"{name}_layer_1.v")
        assert report.values.shape == (400, 20)
        nodes, times = result.traces.spikes(f"{name}_layer_2")
        assert len(nodes) == len(times) > 0
        assert 0 <= times.min() <= times.max() <= 399
        assert nodes.max() < 400
    residual = result.traces["hlop/diagnostics/residual_energy"]
    assert residual.values.shape == (2, 3)
    assert np.all((residual.values >= 0) & (residual.values < 1))


def test_recorded_spikes_follow_from_the_recorded_voltage():
    result = sequential_digits(**SMALL, baseline=None, model="naive")
    report = result.traces.report("naive_layer_1.v")
    nodes, times = result.traces.spikes("naive_layer_1")
    shown = nodes < 20
    fired = np.zeros(report.values.shape, bool)
    fired[times[shown].astype(int), nodes[shown].astype(int)] = True
    # A unit fires where its potential reaches one level, which differs between experiences only
    # by the learned threshold: the smallest firing one lies above the largest silent one.
    for rows in (slice(0, 200), slice(200, 400)):
        v, spikes = report.values[rows], fired[rows]
        assert v[spikes].min() > v[~spikes].max()


@pytest.mark.parametrize("name", sorted(models()))
def test_every_model_runs(name):
    result = sequential_digits(**SMALL, model=name, baseline=None)
    assert 0 <= result.metrics[f"{name}/average_accuracy"] <= 1
    assert ("backward_transfer" in str(result.metrics)) == (models()[name].regime != "joint")


def test_options_reach_the_models():
    losses = {
        rule: sequential_digits(**SMALL, rule=rule, baseline=None).traces["hlop/training/loss"]
        for rule in ("dsr", "ottt", "rate")
    }
    values = [trace.values.tolist() for trace in losses.values()]
    assert values[0] != values[1] != values[2]


def write_idx(path, array):
    header = struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape)
    with gzip.open(path, "wb") as file:
        file.write(header + array.astype(np.uint8).tobytes())


@pytest.fixture
def small_mnist(tmp_path, monkeypatch):
    """Files in MNIST's format whose images are ten noisy patterns."""
    rng = np.random.default_rng(0)
    patterns = 255 * (rng.random((10, 28, 28)) < 0.2)
    for part, n_samples in (("train", 400), ("t10k", 100)):
        labels = rng.integers(0, 10, n_samples)
        images = np.clip(patterns[labels] + rng.integers(0, 60, (n_samples, 28, 28)), 0, 255)
        write_idx(tmp_path / f"{part}-images-idx3-ubyte.gz", images)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte.gz", labels)
    monkeypatch.setenv("NEUROSIM_DATA", str(tmp_path))
    return tmp_path


def test_permuted_mnist_runs_in_the_published_setting(small_mnist):
    result = permuted_mnist(tasks=2, samples=400, epochs=3)
    assert result.metrics["hlop/learning_accuracy"] > 0.8
    # 80, 200 and 100 subspace neurons at first, 70 more each for the second task.
    share = result.traces["hlop/diagnostics/subspace_share"].values
    np.testing.assert_allclose(share[0] * [784, 800, 800], [80, 200, 100])
    np.testing.assert_allclose(share[1] * [784, 800, 800], [150, 270, 170])


def test_permuted_mnist_names_what_is_wrong(small_mnist):
    with pytest.raises(ParameterError, match=r"samples must lie in 1 … 400.*got 401"):
        permuted_mnist(samples=401)
    with pytest.raises(ParameterError, match="does not take 'spiking_steps'"):
        permuted_mnist(samples=10, model="naive", spiking_steps=40)
    images = small_mnist / "train-images-idx3-ubyte.gz"
    images.write_bytes(images.read_bytes()[:1000])
    with pytest.raises(DataError, match="train-images-idx3-ubyte.gz is truncated"):
        permuted_mnist()
