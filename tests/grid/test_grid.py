"""A grid is its points run one by one, whoever computes them and in how many goes."""

import itertools
import json
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray

import neurosim.grid
from neurosim.experiment.registry import load_protocol
from neurosim.grid import grid
from neurosim.grid.folder import GridFolderError
from neurosim.traces import TraceFile

AXES = {"gain": "0:0.6:3", "shift": "0:4", "seed": "3,1"}


def wave(gain, shift, seed):
    """Return what the protocol measures at a point, computed by hand."""
    return gain * np.random.default_rng([seed, shift]).normal(size=4 + shift % 3)


def traces_of(path):
    """Return all traces of a file as bytes, and its parameters."""
    file = TraceFile(path)
    return {name: trace.values.tobytes() for name, trace in file.items()}, file.parameters


def test_results_hold_every_point_and_open_without_us(meter):
    report = grid(meter, AXES, out="g", traces=["net/wave"], workers=0)
    assert (report.n_points, report.n_done, report.n_failed, report.n_computed) == (24, 24, 0, 24)
    with xarray.open_dataset("g/results.nc", engine="h5netcdf") as found:
        assert found["level"].dims == ("gain", "shift", "seed")
        assert found["net.wave"].dims == ("gain", "shift", "seed", "net:step")
        assert found["level"].attrs["units"] == "mV"
        assert found["level"].attrs["long_name"] == "sum of the wave"
        assert found["gain"].attrs["long_name"] == "Factor of everything."
        assert found["gain"].values.tolist() == [0.0, 0.3, 0.6]
        assert found["seed"].values.tolist() == [3, 1]
        assert (found["status"] == 1).all()
        for gain, shift, seed in itertools.product((0.0, 0.3, 0.6), range(4), (3, 1)):
            point = found.sel(gain=gain, shift=shift, seed=seed)
            expected = wave(gain, shift, seed)
            assert float(point["level"]) == expected.sum()
            assert float(point["net.count"]) == len(expected)
            measured = point["net.wave"].values
            np.testing.assert_array_equal(measured[: len(expected)], expected)
            assert np.isnan(measured[len(expected) :]).all()


def test_points_are_the_runs_that_the_command_makes(meter, run_command):
    arguments = ["--vary", "gain=0:0.6:3", "--vary", "shift=1,2", "--set", "seed=5"]
    assert run_command("grid", meter, *arguments, "--out", "g", "--workers", "0") == 0
    points = sorted(Path("g/points").rglob("*.h5"))
    assert len(points) == 6
    for number, (gain, shift) in enumerate(itertools.product(("0", "0.3", "0.6"), "12")):
        settings = [f"gain={gain}", f"shift={shift}", "seed=5"]
        settings = [word for setting in settings for word in ("--set", setting)]
        assert run_command("run", meter, *settings, "--output", f"{number}.h5") == 0
        assert traces_of(f"{number}.h5") == traces_of(points[number])


@pytest.mark.parametrize(
    "options",
    [
        {"workers": 2},
        {"workers": 3, "threads": True},
        {"workers": 0, "metrics_only": True},
        {"workers": 2, "metrics_only": True},
    ],
    ids=["processes", "threads", "serial, metrics only", "processes, metrics only"],
)
def test_who_computes_does_not_matter(meter, data_of, options):
    grid(meter, AXES, out="a", traces=["net/wave"], workers=0)
    grid(meter, AXES, out="b", traces=["net/wave"], **options)
    assert data_of("a") == data_of("b")


def test_shards_side_by_side_make_the_whole(meter, data_of):
    grid(meter, AXES, out="whole", workers=0)
    sizes = [grid(meter, AXES, out="g", workers=0, shard=(k, 3)).n_points for k in (2, 1, 3)]
    assert sizes == [8, 8, 8]
    assert data_of("g") == data_of("whole")


def test_failed_points_keep_their_story_and_are_repeated(meter, orders, computed, data_of):
    vary = {"shift": "0:4", "seed": "0:2"}
    fixed = {"folder": str(orders)}
    grid(meter, vary, fixed=fixed, out="whole", workers=0)
    (orders / "ledger").unlink()
    (orders / "fail-2").touch()
    report = grid(meter, vary, fixed=fixed, out="g", workers=0)
    assert (report.n_done, report.n_failed) == (6, 2)
    with neurosim.grid.open("g") as found:
        assert found["status"].values.tolist() == [[1, 1], [1, 1], [2, 2], [1, 1]]
        assert np.isnan(found["level"].values[2]).all()
        meanings = found["status"].attrs["flag_meanings"].split()
        assert meanings[2] == "failed"
    story = (report.path / "failures/000/000004.txt").read_text()
    assert "point 4: ValueError: seven lines" in story
    assert "shift = 2" in story
    assert 'raise ValueError("seven\\nlines")' in story
    assert "about to fail" in story
    assert not list((report.path / "points").rglob("000004*"))
    (orders / "fail-2").unlink()
    report = grid(meter, vary, fixed=fixed, out="g", workers=0, resume=True)
    assert (report.n_done, report.n_failed, report.n_computed) == (8, 0, 2)
    assert not list((report.path / "failures").rglob("*.txt"))
    assert sorted(computed()) == sorted(
        [f"1.0 {shift} {seed}" for shift in range(4) for seed in range(2)]
        + [f"1.0 2 {seed}" for seed in range(2)]
    )
    assert data_of("g") == data_of("whole")


def test_finished_points_are_not_computed_again_without_the_results(meter, orders, computed):
    fixed = {"folder": str(orders)}
    grid(meter, {"seed": "0:4"}, fixed=fixed, out="g", workers=0)
    before = neurosim.grid.open("g").load()
    Path("g/results.nc").unlink()
    report = grid(meter, {"seed": "0:4"}, fixed=fixed, out="g", workers=0, resume=True)
    assert (report.n_computed, report.n_done) == (0, 4)
    assert len(computed()) == 4
    xarray.testing.assert_identical(neurosim.grid.open("g"), before)


def test_zipped_axes_share_a_dimension(meter):
    vary = {"gain": [0.5, 2.0], "shift": [3, 1], "seed": range(2)}
    found = grid(meter, vary, zipped=[["gain", "shift"]], out="g", workers=0).open()
    assert found["level"].dims == ("gain", "seed")
    assert found["shift"].dims == ("gain",)
    assert set(found.coords) == {"gain", "shift", "seed"}
    assert float(found["level"].sel(gain=2.0, seed=1)) == wave(2.0, 1, 1).sum()


def test_metrics_that_only_some_points_have_are_missing_elsewhere(meter):
    found = grid(meter, {"mode": ["plain", "more"]}, out="g", workers=0).open()
    assert found["extra"].isnull().values.tolist() == [True, False]
    assert found["mode"].values.tolist() == ["plain", "more"]


def test_names_that_are_taken_give_way(meter, tmp_path):
    script = tmp_path / "clash.py"
    script.write_text(
        "import neurosim\n\n"
        "@neurosim.protocol\n"
        "def clash(run, *, rate: float = 1.0):\n"
        "    run.metric('rate', 2 * rate)\n"
        "    run.metric('status', 3)\n"
    )
    found = grid(str(script), {"rate": "1,2"}, out="g", workers=0).open()
    assert found["metrics.rate"].values.tolist() == [2.0, 4.0]
    assert found["metrics.status"].values.tolist() == [3.0, 3.0]
    assert found["status"].values.tolist() == [1, 1]


def test_units_stand_beside_quantities(meter, tmp_path):
    script = tmp_path / "unit.py"
    script.write_text(
        "from typing import Annotated\n"
        "import neurosim\n"
        "from brian2 import Quantity, ms, second\n\n"
        "@neurosim.protocol\n"
        "def unit(run, *, tau: Annotated[Quantity, ms] = 5 * ms, fast: bool = True):\n"
        "    run.metric('seconds', float(tau / second))\n"
    )
    found = grid(str(script), {"tau": "0.1 ms:0.3 ms:3", "fast": [True, False]}, out="g", workers=0)
    found = found.open()
    assert found["tau"].values.tolist() == [0.1, 0.2, 0.3]
    assert found["tau"].attrs["units"] == "ms"
    assert found["fast"].dtype == bool
    load = load_protocol(script)
    for text in ("0.1 ms", "0.2 ms", "0.3 ms"):
        typed = load.run({"tau": load.parameters["tau"].read(text)}).metrics["seconds"]
        assert float(found["seconds"].sel(tau=float(text[:3]), fast=True)) == typed


def test_the_manifest_holds_the_definition_and_no_points(meter):
    grid(meter, {"seed": "0:50", "gain": "1,2"}, out="g", workers=0, shard=(1, 100))
    content = json.loads(Path("g/grid.json").read_text())
    assert content["protocol"] == "meter"
    assert content["fixed"]["shift"] == 0
    assert content["axes"] == [
        [{"name": "seed", "values": list(range(50))}],
        [{"name": "gain", "values": [1.0, 2.0]}],
    ]
    with h5py.File("g/results.nc") as file:
        assert (file["status"][()] == 0).sum() == 99


def test_a_protocol_without_a_file_runs_in_this_process_only(meter):
    code = compile("def nowhere(run): run.metric('x', 1)", "<notebook>", "exec")
    place = {"__name__": "notebook"}
    exec(code, place)
    protocol = neurosim.Protocol(place["nowhere"])
    with pytest.raises(neurosim.errors.ParameterError, match="stands in no file"):
        grid(protocol, {"seed": "0:2"}, out="g")
    assert not Path("g").exists()
    assert grid(protocol, {"seed": "0:2"}, out="g", workers=0).n_done == 2


def test_a_grid_without_a_folder_of_its_own_is_refused(meter):
    with pytest.raises(GridFolderError, match="is not the folder of a grid"):
        neurosim.grid.open(".")
