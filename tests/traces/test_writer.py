"""What a writer promises about the file while a run goes on and when it ends."""

import os
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest

from neurosim.errors import ParameterError, TraceFileError
from neurosim.traces import TraceFile, TraceWriter, complete_file
from neurosim.traces import writer as writer_module

ABOUT = {"protocol": "test", "parameters": {}, "seed": 0}


def test_existing_file_is_kept(tmp_path):
    path = tmp_path / "run.h5"
    path.write_text("mine")
    with pytest.raises(TraceFileError, match="exists already; overwrite=True"):
        TraceWriter(path, **ABOUT)
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_old_file_stays_until_the_first_flush(tmp_path):
    path = tmp_path / "run.h5"
    path.write_text("mine")
    with TraceWriter(path, **ABOUT, overwrite=True) as traces:
        traces.write("g/x", 1, description="A number")
        assert path.read_text() == "mine"
        traces.flush()
        assert list(TraceFile(path)) == ["g/x"]


@pytest.mark.parametrize("place", ["missing/run.h5", "folder", "run.h5/below.h5"])
def test_places_where_no_file_can_be(tmp_path, place):
    (tmp_path / "folder").mkdir()
    (tmp_path / "run.h5").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(TraceFileError, match="folder"):
        TraceWriter(tmp_path / place, **ABOUT, overwrite=True)
    assert sorted(tmp_path.rglob("*")) == before


def test_device_is_not_replaced():
    with pytest.raises(TraceFileError, match="not a regular file"):
        TraceWriter("/dev/null", **ABOUT, overwrite=True)


def test_folder_without_permission(tmp_path, monkeypatch):
    # Root may write anywhere, so that permissions alone would not make this test fail there.
    monkeypatch.setattr(writer_module.os, "access", lambda *_: False)
    with pytest.raises(TraceFileError, match="is read-only"):
        TraceWriter(tmp_path / "run.h5", **ABOUT)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"protocol": ""}, "protocol"),
        ({"seed": -1}, "0 <= seed < 2\\*\\*64; got -1"),
        ({"seed": 0.5}, "seed must be an integer"),
        ({"seed": True}, "seed must be an integer"),
        ({"parameters": 3}, "parameters must be a mapping"),
    ],
)
def test_bad_header(tmp_path, wrong, message):
    with pytest.raises(ParameterError, match=message):
        TraceWriter(tmp_path / "run.h5", **(ABOUT | wrong))
    assert list(tmp_path.iterdir()) == []


def test_two_runs_cannot_write_one_file(new_writer):
    with new_writer() as first:
        with pytest.raises(TraceFileError, match="is being written by another run"):
            new_writer(overwrite=True)
        first.write("g/x", 1, description="A number")
    assert TraceFile(first.path).complete


def test_finished_file(new_writer, tmp_path):
    with new_writer(seed=2**64 - 1) as traces:
        traces.write("g/x", 1, description="A number")
        traces.flush()
        traces.write("g/y", 2, description="A number")
    with h5py.File(traces.path) as file:
        about = dict(file.attrs)
    assert about["complete"] == 1
    assert about["seed"] == 2**64 - 1
    assert about["protocol"] == "test"
    assert about["parameters"] == '{"tasks": 2}'
    assert about["numpy"] == np.__version__
    assert about["python"].split(".") == [str(number) for number in sys.version_info[:3]]
    assert 0 < about["wall_time_s"] < 60
    assert about["created"].endswith("+00:00")
    assert all(about[name] for name in ("neurosim", "brian2", "numba", "cpu", "run"))
    assert [path.name for path in tmp_path.iterdir()] == ["run.h5"]


def test_git_commit_of_the_working_folder(new_writer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with new_writer("without.h5") as traces:
        pass
    assert TraceFile(traces.path).attributes["git_commit"] == ""
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True)
    with new_writer("with.h5") as traces:
        pass
    assert TraceFile(traces.path).attributes["git_commit"] == head.stdout.strip()


def test_exception_leaves_an_incomplete_file(new_writer):
    traces = new_writer()
    traces.write("g/x", 1, description="A number")
    with pytest.raises(ZeroDivisionError), traces:
        1 / 0  # noqa: B018
    file = TraceFile(traces.path)
    assert (file.complete, file.state) == (False, "interrupted")
    assert file["g/x"].values == 1


def test_run_that_fails_before_it_recorded_anything_leaves_nothing(new_writer, tmp_path):
    with pytest.raises(ZeroDivisionError), new_writer():
        1 / 0  # noqa: B018
    assert list(tmp_path.iterdir()) == []


def test_closed_recording_takes_no_more(new_writer):
    with new_writer() as traces:
        pass
    traces.close()
    traces.flush()
    with pytest.raises(ParameterError, match="the recording is closed"):
        traces.write("g/x", 1, description="A number")


def test_buffer_is_written_when_it_is_full(new_writer):
    with new_writer(buffer_bytes=100_000) as traces:
        for _ in range(5):
            traces.append("g/x", np.zeros(10_000), dims=("d",), description="Zeros")
        assert len(TraceFile(traces.path)["g/x"]) >= 40_000


def test_what_waits_is_written_after_some_time(new_writer):
    with new_writer(flush_seconds=0.0) as traces:
        traces.append("g/x", 1.0, dims=("d",), description="A number")
        assert len(TraceFile(traces.path)["g/x"]) == 1


def test_waiting_memory_is_bounded(new_writer):
    with new_writer(buffer_bytes=1 << 20) as traces:
        for _ in range(50):
            traces.append_report(
                "exc.v", np.zeros((100, 500)), step_ms=0.1, units="mV", description="Potential"
            )
            waiting = sum(column.waiting_bytes for column in traces._columns.values())
            assert waiting < 2 << 20
    assert TraceFile(traces.path).report("exc.v").values.shape == (5000, 500)


def test_caller_may_reuse_its_buffers(new_writer):
    buffer = np.zeros((2, 3), dtype=np.float32)
    with new_writer() as traces:
        for number in range(3):
            buffer[:] = number
            traces.append_report("v", buffer, step_ms=1.0, units="mV", description="Potential")
            traces.append("g/x", buffer, dims=("row", "column"), description="Rows")
    file = TraceFile(traces.path)
    assert file.report("v").values[:, 0].tolist() == [0, 0, 1, 1, 2, 2]
    assert file["g/x"].values[:, 0].tolist() == [0, 0, 1, 1, 2, 2]


def test_symbolic_link_is_followed(new_writer, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "run.h5").symlink_to(tmp_path / "there" / "run.h5")
    with new_writer() as traces:
        traces.write("g/x", 1, description="A number")
    assert (tmp_path / "run.h5").is_symlink()
    assert (tmp_path / "there" / "run.h5").is_file()
    assert TraceFile(tmp_path / "run.h5")["g/x"].values == 1


def test_alive_run_is_left_alone(new_writer):
    with new_writer() as traces:
        traces.write("g/x", 1, description="A number")
        traces.flush()
        assert TraceFile(traces.path).state == "running"
        assert not complete_file(traces.path)
        traces.write("g/y", 1, description="A number")
    assert complete_file(traces.path)
    assert TraceFile(traces.path).complete


def test_forked_child_does_not_keep_the_run_alive(new_writer):
    traces = new_writer()
    traces.write("g/x", 1, description="A number")
    traces.flush()
    child = os.fork()
    if child == 0:
        signal.pause()
        os._exit(0)
    try:
        # The parent dies, as far as its lock can tell.
        traces._lock.release()
        deadline = time.monotonic() + 10
        while TraceFile(traces.path).state == "running" and time.monotonic() < deadline:
            time.sleep(0.01)
        assert TraceFile(traces.path).state == "killed"
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_interrupt_during_a_flush_repeats_nothing(new_writer, monkeypatch):
    """Ctrl-C after the segment is in place but before it is noted must not write rows twice."""
    traces = new_writer()
    traces.append("g/x", [1.0], dims=("d",), description="Numbers")
    traces.flush()
    traces.append("g/x", [2.0], dims=("d",), description="Numbers")
    put_in_place = writer_module.put_in_place

    def interrupted(*arguments):
        put_in_place(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(writer_module, "put_in_place", interrupted)
    with pytest.raises(KeyboardInterrupt):
        traces.flush()
    monkeypatch.undo()
    traces.append("g/x", [3.0], dims=("d",), description="Numbers")
    traces.close()
    assert TraceFile(traces.path)["g/x"].values.tolist() == [1.0, 2.0, 3.0]


def test_interrupt_while_finishing_leaves_what_can_be_completed(new_writer, monkeypatch):
    from neurosim.traces import merge

    traces = new_writer()
    for number in range(3):
        traces.append("g/x", np.full(5_000, number), dims=("d",), description="Numbers")
        traces.flush()
    append = merge._append

    def pressed(*arguments):
        signal.raise_signal(signal.SIGINT)
        append(*arguments)

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(merge, "_append", pressed)
    with pytest.raises(KeyboardInterrupt):
        traces.close()
    monkeypatch.undo()
    assert signal.getsignal(signal.SIGINT) is before
    assert complete_file(traces.path)
    assert len(TraceFile(traces.path)["g/x"]) == 15_000
    assert not TraceFile(traces.path).complete


def test_whole_chunks_are_copied_without_compressing_again(new_writer, monkeypatch):
    from neurosim.traces import merge

    rows_copied = []
    copy_chunks = merge._copy_chunks

    def counted(target, start, source, should_stop):
        rows_copied.append(copy_chunks(target, start, source, should_stop))
        return rows_copied[-1]

    monkeypatch.setattr(merge, "_copy_chunks", counted)
    values = np.random.default_rng(0).normal(size=(400, 5_000))
    with new_writer(buffer_bytes=4_000_000) as traces:
        for row in values:
            traces.append("g/x", row, dims=("d",), description="Noise")
    np.testing.assert_array_equal(TraceFile(traces.path)["g/x"].values, values.ravel())
    assert sum(rows_copied) > 0.9 * values.size
