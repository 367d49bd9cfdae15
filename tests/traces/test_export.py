"""Exports, read back by the programs they are for."""

import builtins
import csv
import json

import numpy as np
import pytest

from neurosim.errors import MissingExtraError, ParameterError, TraceFileError
from neurosim.traces import TraceFile, export

ROWS = np.random.default_rng(0).normal(-65, 5, (50, 3)).astype(np.float32)


@pytest.fixture
def path(new_writer):
    with new_writer() as traces:
        traces.write("net/metrics/acc", 1 / 3, description="Accuracy")
        traces.write("net/task", ["é, b", 'quoted "c"'], dims=("task",), description="Tasks")
        traces.write("net/time", [0.5, 1.5, 2.5], dims=("t",), units="ms", description="Times")
        traces.write("net/m", ROWS[:3, :2], dims=("t", "task"), units="%", description="Matrix")
        traces.write("net/flag", [True, False], dims=("task",), description="Flags")
        traces.write("net/none", np.zeros((0, 2)), dims=("never", "task"), description="Nothing")
        traces.append_ragged("net/r", [[1], [], [2, 3]], dims=("row", "item"), description="Rag")
        traces.append_spikes("exc", [7, 2, 7, 2], [0.1, 0.3, 0.2, 1 / 3])
        traces.append_spikes("silent", [], [])
        for rows in np.split(ROWS, 5):
            traces.append_report(
                "exc.v",
                rows,
                node_ids=[2, 5, 7],
                start_ms=None,
                step_ms=0.1,
                units="mV",
                description="Potential",
            )
        traces.append_report("exc.w", ROWS[:2], step_ms=0.1, units="nS", description="Wide")
        traces.append_report(
            "exc.x", ROWS, step_ms=0.1, units="__import__('os')", description="Odd units"
        )
    return traces.path


def table(path):
    with path.open(newline="", encoding="utf-8") as stream:
        header, *rows = csv.reader(stream)
    return header, rows


def test_csv(path, tmp_path):
    written = export(path)
    folder = tmp_path / "run_csv"
    assert sorted(written) == sorted(p for p in folder.rglob("*") if p.is_file())
    header, rows = table(folder / "scalars.csv")
    assert header == ["name", "value", "units", "description"]
    assert rows == [["net/metrics/acc", repr(1 / 3), "1", "Accuracy"]]
    header, rows = table(folder / "net/m.csv")
    assert header == ["t", "task [1]", "m [%]"]
    assert [row[:2] for row in rows[:3]] == [
        ["0", "é, b"],
        ["0", 'quoted "c"'],
        ["1", "é, b"],
    ]
    values = np.array([row[2] for row in rows], dtype=np.float32)
    np.testing.assert_array_equal(values.reshape(3, 2), ROWS[:3, :2])
    assert table(folder / "net/none.csv")[1] == []
    assert table(folder / "net/flag.csv")[1][1] == ['quoted "c"', "False"]
    header, rows = table(folder / "spikes/exc.csv")
    assert header == ["node_id", "time [ms]"]
    assert [(int(node), float(time)) for node, time in rows] == [
        (7, 0.1),
        (2, 0.3),
        (7, 0.2),
        (2, 1 / 3),
    ]
    header, rows = table(folder / "report/exc.v.csv")
    assert header == ["time [ms]", "node 2 [mV]", "node 5 [mV]", "node 7 [mV]"]
    np.testing.assert_array_equal(np.array(rows, dtype=np.float32)[:, 1:], ROWS)
    np.testing.assert_allclose(np.array(rows, dtype=float)[:, 0], np.arange(50) * 0.1)
    about = json.loads((folder / "about.json").read_text())
    assert (about["protocol"], about["parameters"], about["seed"]) == ("test", {"tasks": 2}, 3)


def test_csv_in_blocks(path, tmp_path, monkeypatch):
    from neurosim.traces import export_csv

    export(path, output=tmp_path / "whole")
    monkeypatch.setattr(export_csv, "_BLOCK_VALUES", 3)
    export(path, output=tmp_path / "blocks")
    for whole in (tmp_path / "whole").rglob("*.csv"):
        block = tmp_path / "blocks" / whole.relative_to(tmp_path / "whole")
        assert block.read_text() == whole.read_text()


def test_csv_keeps_what_is_there(path, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(TraceFileError, match="is not empty"):
        export(path, output=folder)
    assert [p.name for p in folder.iterdir()] == ["mine.txt"]
    export(path, output=folder, overwrite=True)
    export(path, output=folder, overwrite=True)
    assert (folder / "mine.txt").read_text() == "mine"
    assert table(folder / "net/flag.csv")[1]


def test_neo(path, tmp_path):
    neo_io = pytest.importorskip("neo.io")
    assert export(path, to="neo") == [tmp_path / "run.mat"]
    block = neo_io.get_io(str(tmp_path / "run.mat")).read_block()
    assert block.name == "test"
    assert block.annotations["seed"] == 3
    (segment,) = block.segments
    trains = {train.name: train for train in segment.spiketrains}
    assert set(trains) == {"exc 2", "exc 7"}
    assert trains["exc 2"].rescale("ms").magnitude.tolist() == [0.3, 1 / 3]
    assert trains["exc 7"].rescale("ms").magnitude.tolist() == [0.1, 0.2]
    assert trains["exc 7"].annotations["node_id"] == 7
    signals = {signal.name: signal for signal in segment.analogsignals}
    assert str(signals["exc.v"].units.dimensionality) == "mV"
    np.testing.assert_array_equal(signals["exc.v"].magnitude, ROWS)
    np.testing.assert_allclose(signals["exc.v"].sampling_rate.rescale("kHz").magnitude, 10.0)
    assert signals["exc.v"].annotations["node_ids"].tolist() == [2, 5, 7]
    # quantities evaluates units as Python; text from a file must not get there.
    assert signals["exc.x"].annotations["units_text"] == "__import__('os')"
    assert str(signals["exc.x"].units.dimensionality) == "dimensionless"


def test_nwb(path, tmp_path):
    pynwb = pytest.importorskip("pynwb")
    nwbinspector = pytest.importorskip("nwbinspector")
    (nwb_path,) = export(path, to="nwb")
    assert nwb_path == tmp_path / "run.nwb"
    with pynwb.NWBHDF5IO(str(nwb_path), "r") as stream:
        nwb = stream.read()
        file = TraceFile(path)
        assert nwb.identifier == file.attributes["run"]
        units = nwb.units.to_dataframe()
        assert units["node_id"].tolist() == [2, 7]
        np.testing.assert_allclose(units["spike_times"].iloc[0], [0.3e-3, 1e-3 / 3], rtol=1e-15)
        np.testing.assert_allclose(units["spike_times"].iloc[1], [0.1e-3, 0.2e-3], rtol=1e-15)
        series = nwb.acquisition["exc.v"]
        assert (series.unit, series.starting_time) == ("mV", 0.0)
        np.testing.assert_allclose(series.rate, 10_000.0)
        np.testing.assert_array_equal(series.data[:], ROWS)
        wide = nwb.processing["short_reports"]["exc.w"]
        np.testing.assert_array_equal(wide["values"].data[:], ROWS[:2].T)
        assert nwb.get_scratch("net__metrics__acc", convert=False).data[()] == 1 / 3
        np.testing.assert_array_equal(nwb.get_scratch("net__m"), ROWS[:3, :2])
        assert "dims t, task" in nwb.get_scratch("net__m", convert=False).description
        tasks = nwb.get_scratch("net__task", convert=False).data[:]
        assert list(tasks) == ["é, b", 'quoted "c"']
    assert pynwb.validate(path=str(nwb_path)) == []
    critical = nwbinspector.Importance.CRITICAL
    messages = list(nwbinspector.inspect_nwbfile(nwbfile_path=str(nwb_path)))
    assert [message for message in messages if message.importance.value >= critical.value] == []


@pytest.mark.parametrize("to", ["neo", "nwb"])
def test_existing_output_is_kept(path, tmp_path, to):
    output = tmp_path / "out"
    output.write_text("mine")
    with pytest.raises(TraceFileError, match="exists already"):
        export(path, to=to, output=output)
    assert output.read_text() == "mine"
    with pytest.raises(TraceFileError, match="is the trace file itself"):
        export(path, to=to, output=path, overwrite=True)
    with pytest.raises(TraceFileError, match="does not exist"):
        export(path, to=to, output=tmp_path / "missing" / "out")
    assert {p.name for p in tmp_path.iterdir()} == {"out", "run.h5"}


@pytest.mark.parametrize(("to", "package"), [("neo", "neo"), ("nwb", "pynwb")])
def test_missing_extra(path, tmp_path, monkeypatch, to, package):
    import sys

    real_import = builtins.__import__

    def without(name, *arguments, **options):
        if name.split(".")[0] == package:
            raise ModuleNotFoundError(f"No module named {package!r}", name=package)
        return real_import(name, *arguments, **options)

    monkeypatch.delitem(sys.modules, f"neurosim.traces.export_{to}", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"needs .*; .*pip install 'neurosim\[nwb\]'"):
        export(path, to=to)
    assert [p.name for p in tmp_path.iterdir()] == ["run.h5"]


def test_unknown_format(path):
    with pytest.raises(ParameterError, match="one of csv, neo, nwb; got 'xls'"):
        export(path, to="xls")


def test_failure_leaves_no_scratch(path, tmp_path, monkeypatch):
    pytest.importorskip("pynwb")
    from neurosim.traces import export_nwb

    def fail(*_):
        raise RuntimeError("in the midst")

    monkeypatch.setattr(export_nwb, "_add_report", fail)
    with pytest.raises(RuntimeError, match="in the midst"):
        export(path, to="nwb")
    assert [p.name for p in tmp_path.iterdir()] == ["run.h5"]
