"""A simulation prepared once: the numbers of ordinary runs, whatever changes in between."""

import subprocess
import sys

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    StateMonitor,
    Synapses,
    defaultclock,
    ms,
    mV,
    network_operation,
    set_device,
    start_scope,
)
from networks import build

from neurosim import Simulation, Snapshot
from neurosim.engine import loop
from neurosim.errors import DataError, ParameterError, TraceFileError, UnknownNameError


def results(objects):
    return {
        "v": np.array(objects["cells"].v),
        "w": np.array(objects["synapses"].w),
        "x": np.array(objects["synapses"].x),
        "i": np.array(objects["spikes"].i),
        "t": np.array(objects["spikes"].t),
        "trace": np.array(objects["trace"].v),
        "rows": np.array(objects["trace"].t),
    }


def assert_same(actual, expected):
    for name, values in expected.items():
        np.testing.assert_array_equal(actual[name], values, err_msg=name)


def no_change(objects, names, change_constant):
    pass


def variables(objects, names, change_constant):
    objects["cells"].v = "0.05*i"
    objects["synapses"].w[3:9] = 0.9


def rates(objects, names, change_constant):
    objects["source"].rates = np.arange(30) * 20 * Hz


def constants(objects, names, change_constant):
    change_constant(tau=4 * ms, rate=0.1)


def generator_spikes(objects, names, change_constant):
    objects["generator"].set_spikes([2, 1, 0, 1, 2], [6, 7, 8, 11, 14] * ms)


def timed_array(objects, names, change_constant):
    names["drive"].values[...] = 1.7


def inactive(objects, names, change_constant):
    objects["synapses"].post.active = False


def more_synapses(objects, names, change_constant):
    objects["synapses"].connect(i=[0, 1], j=[2, 3])
    objects["synapses"].w[-2:] = 0.7


def other_delays(objects, names, change_constant):
    objects["synapses"].delay = 2.1 * ms
    objects["recurrent"].delay = "0.5*ms"


def looked_at(objects, names, change_constant):
    assert np.all(np.isfinite(objects["synapses"].x))
    assert np.asarray(objects["synapses"].delay[:]).item() == pytest.approx(0.0013)


CHANGES = [no_change, constants, generator_spikes]
# Each takes seconds to compile, and meets little that the others do not.
CHANGES += [
    pytest.param(change, marks=pytest.mark.slow)
    for change in (variables, rates, timed_array, inactive, looked_at, more_synapses, other_delays)
]


@pytest.mark.parametrize("change", CHANGES)
def test_runs_give_what_runs_of_the_network_give(change):
    """Runs before and after a change, of a simulation and of the network itself."""
    objects, names = build()
    network = Network(*objects.values())

    def change_names(**values):
        names.update(values)

    for _ in range(2):
        network.run(5 * ms, namespace=names)
    change(objects, names, change_names)
    for _ in range(2):
        network.run(3 * ms, namespace=names)
    expected = results(objects)

    objects, names = build()
    sim = Simulation(Network(*objects.values()), names)
    for _ in range(2):
        sim.run(5 * ms)
    change(objects, names, sim.set)
    for _ in range(2):
        sim.run(3 * ms)
    assert len(expected["i"]) > 10
    assert_same(results(objects), expected)


@pytest.mark.parametrize("change", [no_change, variables, rates, constants, timed_array])
def test_changed_numbers_need_no_preparation(change, monkeypatch):
    objects, names = build()
    objects.pop("synapses")  # traces kept per neuron are looked through again
    objects.pop("source")
    objects["source"] = PoissonGroup(30, 100 * Hz)
    objects["synapses"] = Synapses(objects["source"], objects["cells"], "w : 1", on_pre="g += w")
    objects["synapses"].connect(p=0.5)
    names["rate"] = 0.5
    objects["cells"].run_regularly("g += rate*0", dt=1 * ms)
    sim = Simulation(Network(*objects.values()), names)
    sim.run(1 * ms)

    def prepare(*arguments):
        raise AssertionError("prepared again")

    monkeypatch.setattr(loop.Loop, "of", prepare)
    change(objects, names, sim.set)
    sim.run(1 * ms)
    monkeypatch.undo()
    objects["synapses"].delay = 0.3 * ms
    monkeypatch.setattr(loop.Loop, "of", prepare)
    with pytest.raises(AssertionError, match="prepared again"):
        sim.run(1 * ms)


def test_runs_of_the_network_in_between():
    objects, names = build()
    network = Network(*objects.values())
    for _ in range(4):
        network.run(4 * ms, namespace=names)
    expected = results(objects)
    objects, names = build()
    sim = Simulation(Network(*objects.values()), names)
    sim.run(4 * ms)
    sim.network.run(4 * ms, namespace=names)
    sim.run(4 * ms)
    sim.run(4 * ms)
    assert_same(results(objects), expected)


@pytest.mark.parametrize("delay", [0.3 * ms, "0.3*ms + 0.2*ms*i"])
def test_delays_are_part_of_a_snapshot(delay):
    objects, names = build()
    sim = Simulation(Network(*objects.values()), names)
    sim.run(3 * ms)
    start = sim.snapshot()
    sim.run(5 * ms)
    expected = results(objects)
    sim.restore(start)
    objects["recurrent"].delay = delay
    sim.run(2 * ms)
    sim.restore(start)
    sim.run(5 * ms)
    assert_same(results(objects), expected)


@pytest.mark.slow
def test_python_in_between_and_a_new_monitor():
    def run(use_simulation):
        objects, names = build()
        seen = []

        @network_operation(dt=1 * ms)
        def look():
            seen.append(float(objects["cells"].v[0]))
            objects["cells"].g[1] = 0.3

        network = Network(*objects.values(), look)
        sim = Simulation(network, names) if use_simulation else None
        for number in range(3):
            if number == 2:
                objects["late"] = StateMonitor(objects["cells"], "g", record=[1])
                network.add(objects["late"])
            if sim is None:
                network.run(3 * ms, namespace=names)
            else:
                sim.run(3 * ms)
        return {**results(objects), "seen": np.array(seen), "late": np.array(objects["late"].g)}

    assert_same(run(True), run(False))


def test_another_time_step():
    def run(use_simulation):
        objects, names = build()
        network = Network(*objects.values())
        sim = Simulation(network, names) if use_simulation else None
        for dt in (0.1, 0.05):
            defaultclock.dt = dt * ms
            if sim is None:
                network.run(3 * ms, namespace=names)
            else:
                sim.run(3 * ms)
        return results(objects)

    assert_same(run(True), run(False))


def test_two_simulations_do_not_take_notice_of_each_other():
    objects, names = build()
    first = Simulation(Network(*objects.values()), names)
    cells = NeuronGroup(3, "u : 1")
    second = Simulation(Network(cells), {})
    first.run(5 * ms)
    second.run(1 * ms)
    objects["synapses"].delay = 2.1 * ms
    objects["recurrent"].delay = "0.5*ms"
    first.run(5 * ms)
    actual = results(objects)

    objects, names = build()
    network = Network(*objects.values())
    network.run(5 * ms, namespace=names)
    other_delays(objects, names, None)
    # The run of the other network counts, too.
    cells = NeuronGroup(3, "u : 1")
    Network(cells).run(1 * ms)
    network.run(5 * ms, namespace=names)
    assert_same(actual, results(objects))


def test_restored_runs_repeat_themselves():
    objects, names = build()
    sim = Simulation(Network(*objects.values()), names)
    sim.run(9.2 * ms)
    middle = sim.snapshot()
    sim.run(5 * ms)
    sim.run(3 * ms)
    expected = results(objects)
    for pathway in ("recurrent_pre", "synapses_pre"):
        assert middle.arrays[f"{pathway}/_queue/ring"][:, -1].any(), "no spikes were under way"
    for _ in range(2):
        # Everything is another by then.
        names["drive"].values[...] *= 0.5
        objects["generator"].set_spikes([0], [20] * ms)
        objects["cells"].v = 0.3
        sim.restore(middle)
        assert float(sim.t) == pytest.approx(0.0092)
        sim.run(5 * ms)
        sim.run(3 * ms)
        assert_same(results(objects), expected)


SCRIPT = """
import sys
import numpy as np
sys.path.insert(0, {folder!r})
from test_simulation import build, results
from brian2 import Network, ms
from neurosim import Simulation, Snapshot

objects, names = build()
sim = Simulation(Network(*objects.values()), names)
sim.restore(Snapshot.load("middle.h5"))
sim.run(5*ms)
sim.run(3*ms)
np.savez("results.npz", **results(objects))
"""


def test_another_process_goes_on_as_if_never_interrupted(tmp_path):
    objects, names = build()
    sim = Simulation(Network(*objects.values()), names)
    sim.run(9.2 * ms)
    sim.snapshot().save(tmp_path / "middle.h5")
    sim.run(5 * ms)
    sim.run(3 * ms)
    expected = results(objects)
    folder = __file__.rpartition("/")[0]
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT.format(folder=folder)],
        cwd=tmp_path,
        check=True,
        timeout=200,
        capture_output=True,
    )
    with np.load(tmp_path / "results.npz") as actual:
        assert_same(actual, expected)


def test_reset_goes_back_but_for_what_is_kept():
    objects, names = build()
    sim = Simulation(Network(*objects.values()), names)
    w, v = np.array(objects["synapses"].w), np.array(objects["cells"].v)
    sim.run(10 * ms)
    learned = np.array(objects["synapses"].w)
    first = np.array(objects["spikes"].t)
    assert np.any(learned != w)
    sim.reset(keep=["synapses.w"])
    np.testing.assert_array_equal(objects["synapses"].w, learned)
    np.testing.assert_array_equal(objects["cells"].v, v)
    assert float(sim.t) == 0
    assert len(objects["spikes"].t) == 0
    sim.run(10 * ms)
    # Other random numbers than before.
    assert not np.array_equal(first, objects["spikes"].t)
    sim.reset()
    np.testing.assert_array_equal(objects["synapses"].w, w)


def test_what_cannot_be_set():
    objects, names = build()
    J = names["J"] = 0.2
    assert J
    names["unused"] = 3
    objects["synapses"].w = "J*rand()"
    sim = Simulation(Network(*objects.values()), names)
    before = sim.snapshot()
    with pytest.raises(UnknownNameError, match=r"'unused' is read by no statement"):
        sim.set(unused=4)
    with pytest.raises(UnknownNameError, match=r"'J' is read by no statement of a run.*synapses"):
        sim.set(J=0.3)
    with pytest.raises(UnknownNameError, match="'nothing'"):
        sim.set(tau=1 * ms, nothing=1)
    for wrong in (3, 3 * mV, [1, 2] * ms, "4*ms", None, float("nan") * ms):
        with pytest.raises(ParameterError, match="tau"):
            sim.set(tau=wrong)
    with pytest.raises(ParameterError, match=r"drive has shape \(3,\).*\(40, 12\)"):
        sim.set(drive=[1, 2, 3])
    assert sim.namespace["tau"] == 10 * ms
    assert_same(sim.snapshot().arrays, before.arrays)


@pytest.mark.parametrize("duration", [-1 * ms, 5, 5 * mV, "5*ms", None, float("nan") * ms])
def test_wrong_durations(duration):
    objects, names = build()
    sim = Simulation(Network(*objects.values()), names)
    with pytest.raises(ParameterError, match="duration"):
        sim.run(duration)
    assert float(sim.t) == 0


def test_objects_by_name():
    objects, names = build()
    sim = Simulation(Network(*objects.values()), names)
    sim["cells"].v = 0.5
    assert np.all(np.array(objects["cells"].v) == 0.5)
    with pytest.raises(UnknownNameError, match="no object 'neurons'; it has cells"):
        sim["neurons"]


def test_a_simulation_needs_the_device_and_a_network():
    set_device("runtime")
    start_scope()
    with pytest.raises(ParameterError, match="set_device"):
        Simulation(Network(NeuronGroup(1, "v : 1")))
    with pytest.raises(ParameterError, match="brian2.Network"):
        Simulation(NeuronGroup(1, "v : 1"))


def test_snapshots_of_other_networks_change_nothing(tmp_path):
    objects, names = build()
    objects.pop("kicks")
    other = Simulation(Network(*objects.values()), names).snapshot()
    objects, names = build()
    sim = Simulation(Network(*objects.values()), names)
    sim.run(2 * ms)
    before = sim.snapshot()
    with pytest.raises(ParameterError, match="lacks 'kicks"):
        sim.restore(other)
    smaller = Snapshot({**before.arrays, "cells/v": np.zeros(3)}, before.numbers)
    with pytest.raises(ParameterError, match=r"'cells/v' has shape \(3,\)"):
        sim.restore(smaller)
    with pytest.raises(ParameterError, match="of type str"):
        sim.restore("state.h5")
    assert_same(sim.snapshot().arrays, before.arrays)


def test_files_of_snapshots(tmp_path):
    objects, names = build()
    sim = Simulation(Network(*objects.values()), names)
    snapshot = sim.snapshot()
    path = tmp_path / "state.h5"
    snapshot.save(path)
    with pytest.raises(TraceFileError, match="exist"):
        snapshot.save(path)
    snapshot.save(path, overwrite=True)
    loaded = Snapshot.load(path)
    assert loaded.numbers == snapshot.numbers
    assert loaded.arrays.keys() == snapshot.arrays.keys()
    assert_same(loaded.arrays, snapshot.arrays)
    with pytest.raises(TraceFileError, match="none"):
        snapshot.save(tmp_path / "none" / "state.h5")
    with pytest.raises(DataError, match="no file"):
        Snapshot.load(tmp_path / "none.h5")
    (tmp_path / "text.h5").write_text("no snapshot")
    with pytest.raises(DataError, match="cannot be read"):
        Snapshot.load(tmp_path / "text.h5")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["state.h5", "text.h5"]
