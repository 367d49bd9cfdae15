"""Sweeps of one compiled network: each point is the run that one would make by hand."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import xarray
from brian2 import (
    Cylinder,
    Hz,
    Network,
    NeuronGroup,
    SpatialNeuron,
    cm,
    meter,
    ms,
    mV,
    nA,
    network_operation,
    ohm,
    prefs,
    seed,
    set_device,
    siemens,
    start_scope,
    uF,
    um,
)
from networks import build

from neurosim import Simulation, delayed
from neurosim.errors import ParameterError, UnknownNameError
from neurosim.grid.folder import GridFolderError

RECORD = ["cells.count", "cells.mean_rate", "cells.v", "synapses.w", "trace.v", "rates.rate"]


def under_way(*more):
    """Return a simulation of noisy neurons, plastic synapses and delays, somewhere in a run."""
    objects, names = build()
    sim = Simulation(Network(*objects.values(), *more), names)
    # Spikes are under way, traces have values, a part of the random numbers is drawn.
    sim.run(3 * ms)
    return sim


def by_hand(sim, start, point, duration):
    """Return the responses of one point, from an ordinary run."""
    sim.restore(start)
    for name, value in point.items():
        if name == "seed":
            seed(value)
        elif "." in name:
            owner, variable = name.split(".")
            setattr(sim[owner], variable, value)
        else:
            sim.set(**{name: value})
    n_before = {name: len(sim[name].t) for name in ("trace", "rates")}
    count = np.array(sim["spikes"].count)
    sim.run(duration)
    spikes = np.array(sim["spikes"].count) - count
    return {
        "cells.count": spikes,
        "cells.mean_rate": (spikes / float(duration)).mean(),
        "cells.v": np.array(sim["cells"].v),
        "synapses.w": np.array(sim["synapses"].w),
        "trace.v": np.array(sim["trace"].v)[:, n_before["trace"] :],
        "rates.rate": np.array(sim["rates"].rate)[n_before["rates"] :],
    }


SWEPT = {
    "a constant and the seed": {"tau": [5, 10, 20] * ms, "seed": range(3)},
    "a constant that traces kept per neuron depend on": {"tau_x": [5, 20] * ms, "kick": [0.1, 2.0]},
    "weights and rates": {"synapses.w": [0.1, 0.9], "source.rates": [0, 300] * Hz},
    "delays, and a constant": {"recurrent.delay": [0.3, 1.0] * ms, "rate": [0.0, 0.2]},
    "a trace kept per neuron": {"synapses.x": [0.0, 0.4], "seed": [2]},
}


@pytest.mark.parametrize("vary", SWEPT.values(), ids=list(SWEPT))
@pytest.mark.parametrize("workers", [1, 3])
def test_each_point_is_the_run_by_hand(vary, workers):
    sim = under_way()
    start = sim.snapshot()
    record = [name for name in RECORD if name not in vary]
    found = sim.sweep(vary, 8 * ms, record=record, workers=workers)
    assert set(found.dims) >= set(vary)
    assert (found.status == 1).all()
    sums = set()
    for place in itertools.product(*(range(len(values)) for values in vary.values())):
        point = {name: list(vary[name])[k] for name, k in zip(vary, place, strict=True)}
        expected = by_hand(sim, start, point, 8 * ms)
        for name in record:
            actual = found[name].isel(dict(zip(vary, place, strict=True))).values
            np.testing.assert_array_equal(actual, expected[name], err_msg=f"{name} at {point}")
        sums.add(float(np.sum(expected["cells.v"])))
    # Every value has made a difference.
    assert len(sums) == found.status.size


def test_the_simulation_is_as_it_was():
    sim = under_way()
    start = sim.snapshot()
    sim.run(5 * ms)
    expected = np.array(sim["cells"].v), np.array(sim["spikes"].i)
    sim.restore(start)
    sim.sweep({"tau": [5, 20] * ms, "synapses.w": [0, 1], "seed": [1]}, 4 * ms, record=["cells.v"])
    assert sim.namespace["tau"] == 10 * ms
    after = sim.snapshot()
    assert after.numbers == start.numbers
    for path, array in start.arrays.items():
        np.testing.assert_array_equal(after.arrays[path], array, err_msg=path)
    sim.run(5 * ms)
    np.testing.assert_array_equal(np.array(sim["cells"].v), expected[0])
    np.testing.assert_array_equal(np.array(sim["spikes"].i), expected[1])


def test_without_a_seed_points_draw_what_the_next_run_would():
    sim = under_way()
    found = sim.sweep({"tau": [10] * ms}, 4 * ms, record=["cells.v"])
    sim.run(4 * ms)
    np.testing.assert_array_equal(found["cells.v"].values[0], np.array(sim["cells"].v))


def test_threads_of_the_loop_and_of_the_sweep_do_not_meet():
    prefs.devices.neurosim.threads = 2
    try:
        sim = under_way()
        found = sim.sweep({"tau": [5, 20] * ms}, 4 * ms, record=["cells.v"])
        start = sim.snapshot()
        for tau, row in zip([5, 20] * ms, found["cells.v"].values, strict=True):
            sim.restore(start)
            sim.set(tau=tau)
            sim.run(4 * ms)
            np.testing.assert_array_equal(row, np.array(sim["cells"].v))
    finally:
        prefs.devices.neurosim.threads = 0


def test_delayed_values_belong_to_each_point():
    set_device("neurosim")
    start_scope()
    group = NeuronGroup(3, "dv/dt = (a - delayed(v, 2*ms))/(1*ms) : 1", method="euler", name="ring")
    group.v = "i"
    namespace = {"a": 0.5, "delayed": delayed}
    sim = Simulation(Network(group), namespace)
    found = sim.sweep({"a": [0.0, 1.0]}, 6 * ms, record=["ring.v"], workers=2)
    start = sim.snapshot()
    for a, row in zip([0.0, 1.0], found["ring.v"].values, strict=True):
        sim.restore(start)
        sim.set(a=a)
        sim.run(6 * ms)
        np.testing.assert_array_equal(row, np.array(group.v))


def test_zipped_names_share_a_dimension():
    sim = under_way()
    found = sim.sweep(
        {"tau": [5, 20] * ms, "kick": [0.1, 0.2]},
        2 * ms,
        record=["cells.v"],
        zipped=[("tau", "kick")],
    )
    assert found["cells.v"].dims == ("tau", "cells:element")
    np.testing.assert_array_equal(found["kick"].values, [0.1, 0.2])


def test_texts_are_read_as_on_the_command_line():
    sim = under_way()
    found = sim.sweep({"tau": "5 ms:20 ms:4", "seed": "0:2"}, 1 * ms, record=["cells.mean_rate"])
    np.testing.assert_array_equal(found["tau"].values, [5, 10, 15, 20])
    assert found["tau"].attrs["units"] == "ms"
    assert found["cells.mean_rate"].attrs["units"] == "Hz"


def test_a_folder_keeps_the_sweep(tmp_path):
    vary, record = {"tau": [5, 10, 20] * ms, "seed": range(2)}, ["cells.v"]
    sim = under_way()
    expected = sim.sweep(vary, 2 * ms, record=record)
    sim.sweep(vary, 2 * ms, record=record, out=tmp_path / "sweep", shard=(1, 2))
    with xarray.open_dataset(tmp_path / "sweep" / "results.nc", engine="h5netcdf") as half:
        assert int((half.status == 1).sum()) == 3
    # The same script in another process.
    sim = under_way()
    sim.sweep(vary, 2 * ms, record=record, out=tmp_path / "sweep", shard=(2, 2))
    with xarray.open_dataset(tmp_path / "sweep" / "results.nc", engine="h5netcdf") as whole:
        xarray.testing.assert_identical(whole.load(), expected)


def test_a_folder_of_another_sweep_is_refused(tmp_path):
    sim = under_way()
    folder = tmp_path / "sweep"
    sim.sweep({"seed": [1]}, 1 * ms, record=["cells.v"], out=folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(GridFolderError, match="axes"):
        sim.sweep({"seed": [2]}, 1 * ms, record=["cells.v"], out=folder, resume=True)
    with pytest.raises(GridFolderError, match="goes on with it"):
        sim.sweep({"seed": [1]}, 1 * ms, record=["cells.v"], out=folder)
    sim["cells"].v = 0
    with pytest.raises(GridFolderError, match="'state'"):
        sim.sweep({"seed": [1]}, 1 * ms, record=["cells.v"], out=folder, resume=True)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_point_that_takes_too_long_is_given_up():
    sim = under_way()
    with pytest.warns(UserWarning, match="2 of 2 points failed; point .: took longer than 0.05 s"):
        found = sim.sweep({"seed": [1, 2]}, 500000 * ms, record=["cells.count"], timeout=0.05)
    np.testing.assert_array_equal(found.status, 3)


def test_an_interrupted_sweep_goes_on(tmp_path):
    sim = under_way()
    vary = {"kick": np.linspace(0, 1, 400)}
    timer = threading.Timer(1.0, os.kill, [os.getpid(), signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        # Long enough for nobody to be done by then.
        sim.sweep(vary, 3000 * ms, record=["cells.v"], out=tmp_path / "sweep", workers=2)
    timer.join()
    assert float(sim.t) == pytest.approx(0.003)
    assert sim.namespace["kick"] == 0.4
    vary = {"kick": np.linspace(0, 1, 3)}
    sim.sweep(vary, 2 * ms, record=["cells.v"], out=tmp_path / "other")


def test_constants_of_a_cable_are_swept():
    prefs.codegen.target = "numpy"
    set_device("neurosim")
    start_scope()
    morphology = Cylinder(diameter=1 * um, length=300 * um, n=5)
    cable = SpatialNeuron(
        morphology,
        "Im = gl*(El - v) : amp/meter**2\nIp : amp (point current)",
        Cm=1 * uF / cm**2,
        Ri=100 * ohm * cm,
        method="exponential_euler",
        name="cable",
    )
    cable.v, cable.Ip[0] = -70 * mV, 0.1 * nA
    sim = Simulation(Network(cable), {"gl": 1 * siemens / meter**2, "El": -70 * mV})
    start, gls = sim.snapshot(), [0.5, 2.0] * siemens / meter**2
    found = sim.sweep({"gl": gls}, 5 * ms, record=["cable.v"], workers=2)
    for gl, row in zip(gls, found["cable.v"].values, strict=True):
        sim.restore(start)
        sim.set(gl=gl)
        sim.run(5 * ms)
        np.testing.assert_array_equal(row, np.array(cable.v))
    assert found["cable.v"].attrs["units"] == "V"


KILLED = """
import sys
sys.path.insert(0, sys.argv[1])
from brian2 import ms
from brian2 import Network
from networks import build
from neurosim import Simulation

objects, names = build()
sim = Simulation(Network(*objects.values()), names)
sim.run(3 * ms)
vary = {"kick": "0:1:300", "seed": "0:4"}
print("begun", flush=True)
sim.sweep(vary, 600 * ms, record=["cells.mean_rate", "cells.v"], out=sys.argv[2], resume=True)
"""


@pytest.mark.slow
def test_a_killed_sweep_goes_on_where_it_was(tmp_path):
    folder, rng = tmp_path / "sweep", np.random.default_rng(0)
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        KILLED,
        str(Path(__file__).parent),
        str(folder),
    ]
    for number in range(4):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdout.readline() == b"begun\n"
        if number < 3:
            known = set((folder / "batches").glob("*.h5"))
            # Until points are done, and a moment longer.
            while not set((folder / "batches").glob("*.h5")) - known:
                assert process.poll() is None
                time.sleep(0.01)
            time.sleep(rng.uniform(0, 0.5))
            process.kill()
            process.wait()
        else:
            assert process.wait() == 0
    with xarray.open_dataset(folder / "results.nc", engine="h5netcdf") as results:
        found = results.load()
    assert (found.status == 1).all()
    assert not any((folder / "batches").iterdir())
    vary = {"kick": "0:1:300", "seed": "0:4"}
    expected = under_way().sweep(vary, 600 * ms, record=["cells.mean_rate", "cells.v"])
    xarray.testing.assert_identical(found, expected)


WRONG = {
    "an unknown name": ({"taau": [1]}, {}, UnknownNameError, "'taau'"),
    "an unknown object": ({"cell.v": [1]}, {}, UnknownNameError, "'cell'"),
    "an unknown variable": ({"cells.u": [1]}, {}, UnknownNameError, "'u'"),
    "a name of the set-up": ({"half": [0.1]}, {}, UnknownNameError, "synapses"),
    "a variable nobody reads": ({"cells.spare": [1]}, {}, UnknownNameError, "without effect"),
    "a TimedArray": ({"drive": [1]}, {}, ParameterError, "TimedArray"),
    "indices": ({"synapses.i": [1]}, {}, ParameterError, "read-only"),
    "other units": ({"tau": [1] * mV}, {}, ParameterError, "tau"),
    "no units": ({"tau": [1.0]}, {}, ParameterError, "tau"),
    "not a number": ({"kick": [np.nan]}, {}, ParameterError, "kick"),
    "no values": ({"kick": []}, {}, ParameterError, "kick"),
    "a value twice": ({"kick": [1.0, 1.0]}, {}, ParameterError, "twice"),
    "no axis": ({}, {}, ParameterError, "axis"),
    "no list": ({"kick": 3.0}, {}, ParameterError, "kick"),
    "a negative seed": ({"seed": [-1]}, {}, ParameterError, "seed"),
    "trains": ({"seed": [1]}, {"record": ["cells.trains"]}, ParameterError, "trains"),
    "nothing recorded": ({"seed": [1]}, {"record": []}, ParameterError, "record"),
    "a text recorded": ({"seed": [1]}, {"record": "cells.v"}, ParameterError, "record"),
    "recorded twice": ({"seed": [1]}, {"record": ["cells.v"] * 2}, ParameterError, "twice"),
    "varied and recorded": ({"cells.v": [1.0]}, {"record": ["cells.v"]}, ParameterError, "varies"),
    "no workers": ({"seed": [1]}, {"workers": 0}, ParameterError, "workers"),
    "a shard of nothing": ({"seed": [1]}, {"shard": (1, 2)}, ParameterError, "out"),
    "a negative timeout": ({"seed": [1]}, {"timeout": -1}, ParameterError, "timeout"),
    "zipped lengths": (
        {"seed": [1], "kick": [1.0, 2.0]},
        {"zipped": [("seed", "kick")]},
        ParameterError,
        "seed has 1",
    ),
}


@pytest.fixture(scope="module")
def shared():
    """A simulation that nobody changes."""
    return under_way()


@pytest.mark.parametrize(("vary", "how", "error", "says"), WRONG.values(), ids=list(WRONG))
def test_what_is_wrong_is_told_before_anything_is_done(shared, tmp_path, vary, how, error, says):
    how = {"record": ["cells.count"], "out": tmp_path / "sweep"} | how
    if "shard" in how:
        del how["out"]
    # Each test ends on another device.
    set_device("neurosim")
    with pytest.raises(error, match=says):
        shared.sweep(vary, 1 * ms, **how)
    assert not list(tmp_path.iterdir())
    assert shared.namespace["tau"] == 10 * ms


def test_network_operations_are_refused(tmp_path):
    set_device("neurosim")

    @network_operation(name="spy")
    def spy():
        """Look on."""

    sim = under_way(spy)
    with pytest.raises(NotImplementedError, match=r"'spy' runs Python.*processes"):
        sim.sweep({"seed": [1]}, 1 * ms, record=["cells.v"], out=tmp_path / "sweep")
    assert not list(tmp_path.iterdir())
