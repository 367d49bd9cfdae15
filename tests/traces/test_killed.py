"""A run killed with SIGKILL at any moment leaves everything that was acknowledged."""

import pytest

from neurosim.errors import TraceFileError
from neurosim.traces import TraceFile, TraceWriter, complete_file, describe


@pytest.fixture(scope="module")
def whole(killed_run, tmp_path_factory):
    """The bytes of a run nobody killed, and its duration in seconds."""
    return killed_run.whole_run(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def old_bytes(tmp_path_factory):
    path = tmp_path_factory.mktemp("old") / "old.h5"
    with TraceWriter(path, protocol="old", parameters={}, seed=0) as traces:
        traces.write("old/metrics/acc", 0.5, description="Accuracy")
    return path.read_bytes()


@pytest.mark.parametrize("seed", range(10))
def test_new_file(killed_run, whole, tmp_path, seed):
    path, ledger = killed_run.kill_once(tmp_path, seed, 1.1 * whole[1])
    found = killed_run.check(path, ledger)
    if found == "nothing":
        with pytest.raises(TraceFileError, match="does not exist"):
            describe(path)


@pytest.mark.parametrize("seed", range(100, 110))
def test_over_an_old_file(killed_run, whole, old_bytes, tmp_path, seed):
    path, ledger = killed_run.kill_once(tmp_path, seed, 1.1 * whole[1], old_bytes)
    if killed_run.check(path, ledger, old_bytes) == "old":
        assert TraceFile(path).attributes["protocol"] == "old"


@pytest.mark.parametrize("seed", range(4))
def test_completion_killed_too(killed_run, whole, tmp_path, seed):
    path, ledger = killed_run.kill_once(tmp_path, 3 * seed, 0.5 * whole[1])
    killed_run.kill_completion(path, seed, 0.5 * whole[1])
    assert killed_run.check(path, ledger) in ("incomplete", "complete")


def test_whole_run_is_complete(killed_run, whole, tmp_path):
    path = tmp_path / "run.h5"
    path.write_bytes(whole[0])
    every_line = ["closing", "closed", *(f"flushed {n}" for n in range(killed_run.N_CHUNKS))]
    assert killed_run.check(path, every_line) == "complete"


def test_killed_before_first_flush(killed_run, old_bytes, tmp_path):
    path, ledger = tmp_path / "run.h5", tmp_path / "ledger"
    path.write_bytes(old_bytes)
    process = killed_run.start(path, ledger)
    killed_run.wait_for(ledger, "created", process)
    process.kill()
    process.wait()
    if path.read_bytes() == old_bytes:
        assert complete_file(path)
        assert path.read_bytes() == old_bytes
        assert "killed before it flushed anything" in describe(path)
        path.unlink()
        with pytest.raises(TraceFileError, match="killed before it flushed anything"):
            describe(path)


def test_next_run_after_a_killed_one(killed_run, whole, tmp_path):
    path, ledger = tmp_path / "run.h5", tmp_path / "ledger"
    process = killed_run.start(path, ledger)
    killed_run.wait_for(ledger, "flushed 5", process)
    process.kill()
    process.wait()
    with TraceWriter(path, protocol="next", parameters={}, seed=0, overwrite=True) as traces:
        assert TraceFile(path).state == "running" or TraceFile(path).attributes["protocol"]
        traces.write("next/metrics/acc", 1.0, description="Accuracy")
        traces.flush()
        traces.write("next/metrics/bwt", 0.0, description="Backward transfer")
    assert list(TraceFile(path).metrics) == ["next/metrics/acc", "next/metrics/bwt"]
    assert sorted(TraceFile(path)) == ["next/metrics/acc", "next/metrics/bwt"]
    assert not (tmp_path / "run.h5.d").exists()
