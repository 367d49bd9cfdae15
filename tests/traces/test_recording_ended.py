"""A recorded network that is killed, or whose disk is full: what was flushed is there."""

import importlib.util
import itertools
import time
from pathlib import Path

import numpy as np
import pytest
from brian2 import set_device

from neurosim.errors import TraceWriteError
from neurosim.traces import TraceFile, complete_file, storage

SCRIPT = Path(__file__).with_name("recorded_run.py")


@pytest.fixture
def recorded_run(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("NEUROSIM_CACHE", str(tmp_path_factory.getbasetemp() / "loops"))
    spec = importlib.util.spec_from_file_location("recorded_run", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    set_device("runtime")


def check(file, n_neurons):
    """Assert that rows are what the network must have given from its beginning on; count them."""

    def rows(numbers):
        return np.repeat(numbers, n_neurons).reshape(-1, n_neurons)

    values = file.report("cells.v").values
    n_rows = len(values)
    assert n_rows > 100
    # As at the start of a step; a step adds one and, where that makes ten, resets.
    np.testing.assert_array_equal(values, rows(np.arange(n_rows) % 10))
    nodes, times = file.spikes("cells")
    assert len(nodes) > 10 * n_neurons
    np.testing.assert_array_equal(nodes, np.arange(len(nodes)) % n_neurons)
    np.testing.assert_allclose(times, 0.9 + np.arange(len(nodes)) // n_neurons, rtol=1e-9)
    weights = file["synapses/w/w"].values
    assert len(weights) > 10
    np.testing.assert_array_equal(weights, rows(np.arange(len(weights))))
    np.testing.assert_array_equal(file["synapses/w/source"].values, np.arange(n_neurons))
    return n_rows


def test_killed(recorded_run, tmp_path, start):
    path = tmp_path / "run.h5"
    process = start(SCRIPT, path)
    while len(list((tmp_path / "run.h5.d").glob("*"))) < 4:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    process.kill()
    process.wait()
    n_rows = check(TraceFile(path), recorded_run.N)
    assert complete_file(path)
    file = TraceFile(path)
    assert check(file, recorded_run.N) == n_rows
    assert (file.complete, file.attributes["ending"]) == (False, "killed")


def test_full_disk(recorded_run, tmp_path, monkeypatch):
    """The run ends with one line that names the file."""
    path = tmp_path / "run.h5"
    free = itertools.chain([1 << 40] * 3, itertools.repeat(100))

    def usage(_):
        return type("Usage", (), {"free": next(free)})

    monkeypatch.setattr(storage.shutil, "disk_usage", usage)
    with pytest.raises(TraceWriteError, match=r"cannot write .*run\.h5.* 0.0001 MB free") as caught:
        recorded_run.recorded(path)
    assert len(str(caught.value).splitlines()) == 1
    monkeypatch.undo()
    n_rows = check(TraceFile(path), recorded_run.N)
    assert complete_file(path)
    file = TraceFile(path)
    assert check(file, recorded_run.N) == n_rows
    assert not file.complete
