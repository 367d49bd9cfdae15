"""A full disk is one line of text, never a crash, and costs nothing that was flushed."""

import errno
import importlib.util
import io
import random
import subprocess
import sys
from pathlib import Path

import h5py
import libsonata
import numpy as np
import pytest

from neurosim.errors import TraceWriteError
from neurosim.traces import TraceFile, complete_file, storage

SCRIPT = Path(__file__).with_name("limited_run.py")


@pytest.fixture(scope="module")
def limited_run():
    spec = importlib.util.spec_from_file_location("limited_run", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# From no byte at all, over limits that segments meet, to such as only the merged file meets.
@pytest.mark.parametrize("trusting", [False, True])
@pytest.mark.parametrize(
    "limit", [0, 1_000, 40_000, 65_536, 80_000, 100_000, 250_000, 700_000, 1_000_000, 1_300_000]
)
def test_limited_file_size(limited_run, tmp_path, limit, trusting):
    path = tmp_path / "run.h5"
    command = [sys.executable, str(SCRIPT), str(path), str(limit), *["trusting"] * trusting]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.stderr == ""
    *message, last = ended.stdout.splitlines()
    n_safe = int(last.split()[-1])
    assert ended.returncode == (0 if last.startswith("finished") else 1)
    if ended.returncode:
        assert len(message) == 1
        assert message[0].startswith("cannot write ")
    if not n_safe:
        assert list(tmp_path.iterdir()) == []
        return
    assert complete_file(path)
    file = TraceFile(path)
    assert file.complete == (ended.returncode == 0)
    expected = np.concatenate([limited_run.chunk(number) for number in range(n_safe)])
    np.testing.assert_array_equal(file["g/x"].values, expected)
    assert len(libsonata.SpikeReader(str(path))["exc"].get()) == 100 * n_safe
    assert not (tmp_path / "run.h5.d").exists()


def test_limits_of_the_test_reach_every_case(tmp_path):
    """The limits above must fail in a segment, in the merge, and not at all."""
    endings = set()
    for limit in (1_000, 250_000, 10_000_000):
        command = [sys.executable, str(SCRIPT), str(tmp_path / f"{limit}.h5"), str(limit)]
        ended = subprocess.run([*command, "trusting"], capture_output=True, text=True)
        endings.add(ended.stdout.splitlines()[-1])
    assert endings == {"failed after 0", "failed after 20", "finished after 20"}


def test_free_space_is_checked_before_each_flush(new_writer, monkeypatch):
    writer = new_writer()
    writer.write("g/x", 1, description="First")
    writer.flush()
    usage = type("Usage", (), {"free": 100})
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda path: usage)
    writer.write("g/y", 2, description="Second")
    with pytest.raises(TraceWriteError, match="MB needed, 0.0001 MB free"):
        writer.flush()
    with pytest.raises(TraceWriteError, match="MB needed"):
        writer.close()
    monkeypatch.undo()
    assert complete_file(writer.path)
    assert list(TraceFile(writer.path)) == ["g/x"]


def test_old_file_stays_where_the_first_flush_fails(new_writer, monkeypatch, tmp_path):
    with new_writer() as writer:
        writer.write("g/old", 1, description="Old")
    old = writer.path.read_bytes()

    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.shutil, "disk_usage", refuse)
    with pytest.raises(TraceWriteError), new_writer(overwrite=True) as writer:
        writer.write("g/new", 1, description="New")
    assert writer.path.read_bytes() == old
    assert [path.name for path in tmp_path.iterdir()] == ["run.h5"]


class Refusing(io.RawIOBase):
    """A file on a disk that takes so many bytes and no more."""

    def __init__(self, file, room):
        self.file, self.room = file, room

    def write(self, data):
        if self.room < len(data):
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= len(data)
        return self.file.write(data)

    def __getattribute__(self, name):
        if name in ("seek", "readinto", "truncate", "close"):
            return getattr(object.__getattribute__(self, "file"), name)
        return object.__getattribute__(self, name)


@pytest.mark.parametrize("room", [0, 10, 1_000, 5_000, 20_000, 100_000, 400_000])
def test_hdf5_never_sees_a_full_disk(tmp_path, room):
    """HDF5 writes, reads back and closes as if nothing had happened; we know better."""
    values = np.random.default_rng(0).normal(size=(100, 1000))
    with storage.GuardedFile(tmp_path / "x.h5") as guarded:
        guarded._file = Refusing(guarded._file, room)
        with h5py.File(guarded, "w", rdcc_nbytes=0) as file:
            dataset = file.create_dataset("x", values.shape, chunks=(1, 1000), dtype="f8")
            for number, row in enumerate(values):
                dataset[number] = row
            file.flush()
            np.testing.assert_array_equal(dataset[...], values)
        assert guarded.error.errno == errno.ENOSPC


def test_guarded_file_is_a_file(tmp_path):
    """Random reads, writes and truncations give what a file in memory gives."""
    rng = random.Random(0)
    expected = io.BytesIO()
    with storage.GuardedFile(tmp_path / "x") as guarded:
        for step in range(500):
            if step == 250:
                guarded._file = Refusing(guarded._file, 0)
            position = rng.randrange(200)
            for file in (guarded, expected):
                file.seek(position)
            if rng.random() < 0.5:
                data = rng.randbytes(rng.randrange(1, 40))
                assert guarded.write(data) == expected.write(data)
            else:
                size = rng.randrange(40)
                assert guarded.read(size) == expected.read(size)
            assert guarded.tell() == expected.tell()
        assert guarded.seek(0, io.SEEK_END) == expected.seek(0, io.SEEK_END)
        assert guarded.error is not None
