"""Points in threads: the numbers of the others, limits of time, Ctrl-C."""

import os
import signal
from pathlib import Path

import h5py
import numpy as np
import pytest
from brian2 import defaultclock

import neurosim.grid
from neurosim.grid import grid

DIGITS = {"neurons": [12, 14], "peak_rate": [80.0, 120.0], "seed": "0:3"}
SMALL = {"training": 12, "testing": 10, "blocks": 1}
# What tells one computation of a point from another.
OF_THE_RUN = ("created", "wall_time_s", "run", "cpu")
ROOT = Path(neurosim.__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}

LAYERS = '''
"""Points that do what they are told, as long as it takes."""
import time

import neurosim


@neurosim.protocol
def worker(run, *, work: str = "nothing", seed: int = 0):
    if work == "progress":
        with run.progress(1, "for ever") as bar:
            while True:
                time.sleep(0.001)
                bar.update(0)
    elif work == "records":
        while True:
            time.sleep(0.001)
            run.append("steps/step", 1, dims=("step",), description="steps")
    elif work == "errors":
        while True:
            try:
                time.sleep(0.001)
                run.metric("number", 1.0)
            except Exception:
                pass
    elif work != "nothing":
        simulate(work)
    run.metric("seed", float(seed))
'''
NETWORKS = f"""{LAYERS}

def simulate(work):
    from brian2 import Network, NeuronGroup, ms, second, set_device

    set_device("neurosim")
    network = Network(NeuronGroup(1, "dv/dt = -v/(10*ms) : 1", method="exact"))
    if work == "network":
        network.run(1e6 * second)
    sim = neurosim.Simulation(network)
    while True:
        sim.run(1 * ms)
"""

OWN_NETWORK = """
import neurosim
{at_top}


@neurosim.protocol
def network(run, *, seed: int = 0):
    {inside}
    group = brian2.NeuronGroup(1, "dv/dt = rate : 1", method="euler")
    rate = (1 + seed) / brian2.second
    brian2.run((1 + seed) * brian2.ms)
    run.metric("v", float(group.v[0]))
"""


@pytest.fixture
def script(meter, tmp_path):
    """Return a function that writes a script into the current folder."""

    def script(text, name="worker"):
        path = tmp_path / f"{name}.py"
        path.write_text(text)
        return str(path)

    return script


def traces_of(folder):
    """Return all that the points of a grid have written but for what differs between runs."""
    found = {}

    def take(path):
        def keep(name, entry):
            values = entry[()] if isinstance(entry, h5py.Dataset) else None
            if values is not None:
                values = values.tolist() if values.dtype.kind == "O" else values.tobytes()
            labels = {
                key: np.asarray(value).tolist()
                for key, value in entry.attrs.items()
                if key not in ("REFERENCE_LIST", "DIMENSION_LIST", *OF_THE_RUN)
            }
            found[path.name, name] = values, labels

        return keep

    for path in sorted(Path(folder, "points").rglob("*.h5")):
        with h5py.File(path) as file:
            take(path)("/", file)
            file.visititems(take(path))
    return found


@pytest.fixture(scope="module")
def digits_one_by_one(tmp_path_factory):
    """Folder of a grid of digits, point after point."""
    folder = tmp_path_factory.mktemp("digits") / "grid"
    step = defaultclock.dt
    assert grid("stdp_digits", DIGITS, fixed=SMALL, out=folder, workers=0).n_done == 12
    # The protocol leaves its own, as every script does.
    defaultclock.dt = step
    assert len(traces_of(folder)) > 12 * 10
    return folder


@pytest.mark.parametrize(
    "options",
    [
        {"threads": True, "workers": 3},
        {"workers": 2},
        pytest.param({"dask": "local", "workers": 2}, marks=pytest.mark.slow),
    ],
    ids=["threads", "processes", "Dask"],
)
def test_digits_are_the_same_whoever_computes(digits_one_by_one, tmp_path, data_of, options):
    folder = tmp_path / "g"
    assert grid("stdp_digits", DIGITS, fixed=SMALL, out=folder, **options).n_done == 12
    assert data_of(folder) == data_of(digits_one_by_one)
    assert traces_of(folder) == traces_of(digits_one_by_one)


@pytest.mark.parametrize(
    ("at_top", "inside"), [("import brian2", ""), ("", "import brian2")], ids=["top", "inside"]
)
def test_plain_networks_run_in_threads(script, start_grid, at_top, inside):
    path = script(OWN_NETWORK.format(at_top=at_top, inside=inside), "network")
    process = start_grid(path, "--vary", "seed=0:4", "--threads", "--workers", 3, "--out", "g")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    with neurosim.grid.open("g") as found:
        np.testing.assert_allclose(found["v"], [0.001, 0.004, 0.009, 0.016], rtol=1e-12)


@pytest.mark.parametrize("known", ["", "import brian2"], ids=["unknown", "known"])
def test_a_network_nobody_could_see_is_refused(script, start, known):
    hidden = 'import importlib; brian2 = importlib.import_module("brian2")'
    path = script(OWN_NETWORK.format(at_top="", inside=hidden), "network")
    program = f"{known}\nfrom neurosim.grid import grid\ngrid({path!r}, {{'seed': '0:2'}}, "
    process = start("-c", f"{program} out='g', threads=True)", env=ENVIRONMENT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "PlaceError: this protocol uses Brian 2, but nothing in its module says so" in errors
    assert "put 'import brian2' at its head" in errors


@pytest.mark.parametrize(
    ("works", "options"),
    [
        (["nothing", "network", "trials", "progress"], {"threads": True, "workers": 4}),
        (["nothing", "network", "records"], {"workers": 0}),
        (["progress", "nothing", "records", "errors"], {"threads": True, "workers": 2}),
    ],
    ids=["taking turns", "one by one", "layers"],
)
def test_points_end_when_their_time_is_up(script, works, options):
    path = script(NETWORKS if {"network", "trials"} & set(works) else LAYERS)
    report = grid(path, {"work": works}, out="g", timeout=1.0, **options)
    assert report.n_done == 1
    with neurosim.grid.open("g") as found:
        assert found["status"].values.tolist() == [1 if work == "nothing" else 3 for work in works]
    for number, work in enumerate(works):
        if work != "nothing":
            story = Path(f"g/failures/000/{number:06d}.txt").read_text()
            assert f"point {number}: took longer than 1 s" in story
    assert not list(Path("g/points").rglob("*.part"))


def test_ctrl_c_ends_points_at_their_next_slice(script, start_grid, wait_until):
    arguments = [script(NETWORKS), "--vary", "work=nothing,network,trials", "--out", "g"]
    process = start_grid(*arguments, "--threads", "--workers", 3)
    # The outcome of the first is written while the others run.
    wait_until(lambda: any(Path("g/batches").glob("*")) or _n_done("g") == 1, process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.startswith("neurosim: interrupted")
    assert errors.count("\n") == 1
    assert not list(Path("g/points").rglob("*.part"))
    assert _n_done("g") == 1


def _n_done(folder):
    try:
        with h5py.File(Path(folder) / "results.nc") as file:
            return int((file["status"][()] == 1).sum())
    except (OSError, KeyError):
        return 0
