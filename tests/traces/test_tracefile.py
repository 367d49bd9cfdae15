"""Reading: lazily, while a run goes on, and files that are not ours."""

import pickle
import subprocess
import sys

import h5py
import numpy as np
import pytest

from neurosim.errors import TraceFileError, UnknownNameError
from neurosim.traces import (
    MemoryTraces,
    TraceFile,
    complete_file,
    describe,
    export,
    tracefile,
)


def fill(traces):
    for number in range(4):
        traces.append(
            "net/rows", [[number, 0.5], [number, 1.5]], dims=("row", "column"), description="Rows"
        )
        traces.append_spikes("exc", [number], [float(number)])
        traces.append_report(
            "exc.v", [[number, -number]], step_ms=0.5, units="mV", description="Potential"
        )
        traces.flush()
    traces.write("net/metrics/acc", 0.75, units="%", description="Accuracy")
    traces.write("net/metrics/name", "hlop", description="Name")
    traces.write("net/metrics/curve", [1, 2], dims=("step",), description="No metric")


@pytest.fixture(params=["finished", "running", "memory"])
def traces(request, new_writer):
    """The same recording, read from three places."""
    if request.param == "memory":
        sink = MemoryTraces(protocol="test", parameters={"tasks": 2}, seed=3)
        fill(sink)
        yield sink
        return
    writer = new_writer()
    fill(writer)
    writer.flush()
    if request.param == "finished":
        writer.close()
    yield TraceFile(writer.path)
    writer.close()


def test_mapping(traces):
    assert set(traces) == {"net/rows", "net/metrics/acc", "net/metrics/name", "net/metrics/curve"}
    assert len(traces) == 4
    assert "net/rows" in traces
    assert "spikes/exc/timestamps" not in traces
    assert traces.get("net/other") is None
    assert dict(traces.metrics) == {"net/metrics/acc": 0.75, "net/metrics/name": "hlop"}
    assert traces.populations == ("exc",)
    assert traces.reports == ("exc.v",)
    assert traces.attributes["protocol"] == "test"


def test_rows_on_request(traces):
    expected = np.array([[n, half] for n in range(4) for half in (0.5, 1.5)])
    trace = traces["net/rows"]
    assert (trace.shape, trace.dims, len(trace)) == ((8, 2), ("row", "column"), 8)
    np.testing.assert_array_equal(trace.values, expected)
    np.testing.assert_array_equal(np.asarray(trace), expected)
    for rows in (slice(3, 6), slice(-2, None), slice(7, 2), slice(0, 99), slice(None, None, -1)):
        np.testing.assert_array_equal(trace[rows], expected[rows])
    np.testing.assert_array_equal(trace[2], expected[2])
    np.testing.assert_array_equal(traces.spikes("exc", 1, 3)[0], [1, 2])
    assert traces.n_spikes("exc") == 4
    np.testing.assert_array_equal(traces.report("exc.v").rows(2, 4), [[2, -2], [3, -3]])


def test_reading_some_rows_reads_no_others(new_writer, monkeypatch):
    writer = new_writer()
    for number in range(5):
        writer.append("g/x", [number] * 10, dims=("d",), description="Numbers")
        writer.flush()
    file = TraceFile(writer.path)
    opened = []
    open_segment = tracefile.open_segment
    monkeypatch.setattr(
        tracefile, "open_segment", lambda *a: opened.append(a[0]) or open_segment(*a)
    )
    assert file["g/x"][12:18].tolist() == [1] * 6
    assert len(opened) == 1
    writer.close()


def test_names_that_do_not_exist(traces):
    for wrong in (
        lambda: traces["net/row"],
        lambda: traces.spikes("inh"),
        lambda: traces.report("exc.w"),
        lambda: traces.ragged("net/rows"),
    ):
        with pytest.raises(UnknownNameError):
            wrong()
    with pytest.raises(KeyError, match="no trace 'net/row'; there is net/rows"):
        traces["net/row"]


def test_what_is_read_cannot_change_what_is_recorded(traces):
    traces["net/rows"].values[:] = 9
    traces.report("exc.v").values[:] = 9
    traces.spikes("exc")[1][:] = 9
    assert traces["net/rows"].values.max() == 3
    assert traces.report("exc.v").values.max() == 3
    assert traces.spikes("exc")[1].max() == 3


def test_plain_text(tmp_path):
    path = tmp_path / "run.h5"
    path.write_text("hello\n")
    expect_refusal(path, "is not an HDF5 file")


def test_empty_file(tmp_path):
    (tmp_path / "run.h5").touch()
    expect_refusal(tmp_path / "run.h5", "is not an HDF5 file|cut off")


def test_missing_file(tmp_path):
    expect_refusal(tmp_path / "run.h5", "does not exist")


def test_folder(tmp_path):
    expect_refusal(tmp_path, "is a folder")


def test_hdf5_of_another_program(tmp_path):
    path = tmp_path / "run.h5"
    with h5py.File(path, "w") as file:
        file["x"] = 1
    expect_refusal(path, "not a neurosim trace file")


def test_later_format(new_writer):
    with new_writer() as traces:
        pass
    with h5py.File(traces.path, "a") as file:
        file.attrs["format_version"] = 99
    expect_refusal(traces.path, "format version 99; this neurosim reads up to 1")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9, 0.999])
def test_truncated_file(new_writer, share):
    with new_writer() as traces:
        fill(traces)
    whole = traces.path.read_bytes()
    traces.path.write_bytes(whole[: int(share * len(whole))])
    expect_refusal(traces.path, "damaged|cannot read|is not an HDF5 file")


def test_missing_attributes(new_writer):
    with new_writer() as traces:
        pass
    with h5py.File(traces.path, "a") as file:
        del file.attrs["parameters"]
    expect_refusal(traces.path, "damaged: root attribute 'parameters' is missing")


def expect_refusal(path, message):
    """All that reads must answer in one line and leave everything as it was."""
    folder = path if path.is_dir() else path.parent
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    for read in (TraceFile, describe, complete_file, export):
        with pytest.raises(TraceFileError, match=message) as caught:
            read(path)
        assert "\n" not in str(caught.value)
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_bytes_damaged_inside_the_data(new_writer):
    with new_writer() as traces:
        traces.write(
            "g/x", np.random.default_rng(0).normal(size=50_000), dims=("d",), description="Noise"
        )
    with h5py.File(traces.path) as file:
        offset = file["g/x"].id.get_chunk_info(0).byte_offset
    with traces.path.open("r+b") as raw:
        raw.seek(offset + 100)
        raw.write(b"\xff" * 1000)
    file = TraceFile(traces.path)
    with pytest.raises(TraceFileError, match="damaged: cannot read 'g/x'"):
        file["g/x"].values  # noqa: B018


def test_pickled_bytes_are_never_loaded(new_writer, tmp_path, monkeypatch):
    """Not even where a file carries what pickle would execute."""
    with new_writer() as traces:
        traces.write("g/x", "text", description="Text")
    bomb = pickle.dumps(np.array([object()]))
    with h5py.File(traces.path, "a") as file:
        file["g/bomb"] = np.void(bomb)
        file.attrs["bomb"] = np.void(bomb)
        del file.attrs["parameters"]
        file.attrs["parameters"] = '{"__reduce__": "os.system"}'

    def refuse(*_):
        raise AssertionError("unpickled")

    monkeypatch.setattr(pickle, "loads", refuse)
    monkeypatch.setattr(pickle, "load", refuse)
    file = TraceFile(traces.path)
    assert file["g/bomb"].values.tobytes() == bomb
    assert "g/" in describe(traces.path)


def test_reading_from_another_process_while_the_run_goes_on(new_writer):
    script = "import sys; from neurosim.traces import describe; print(describe(sys.argv[1]))"
    writer = new_writer()
    for number in range(3):
        writer.append("g/x", [number], dims=("d",), description="Numbers")
        writer.flush()
        shown = subprocess.run(
            [sys.executable, "-c", script, str(writer.path)], capture_output=True, text=True
        )
        assert f"d {number + 1}" in shown.stdout
        assert "incomplete: running" in shown.stdout
    writer.close()


def test_run_that_ends_while_it_is_read(new_writer):
    writer = new_writer()
    for number in range(3):
        writer.append("g/x", [number], dims=("d",), description="Numbers")
        writer.flush()
    file = TraceFile(writer.path)
    writer.close()
    with pytest.raises(TraceFileError, match="was finished while it was being read"):
        file["g/x"].values  # noqa: B018
    assert TraceFile(writer.path)["g/x"].values.tolist() == [0, 1, 2]
