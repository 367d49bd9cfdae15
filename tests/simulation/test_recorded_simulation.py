"""A simulation that is being recorded: trials, going back, Ctrl-C."""

import contextlib
import os
import signal
import threading

import numpy as np
import pytest
from brian2 import (
    Clock,
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    defaultclock,
    ms,
    prefs,
    second,
    seed,
    set_device,
    start_scope,
)

from neurosim import Simulation
from neurosim.errors import ParameterError
from neurosim.traces import MemoryTraces, TraceFile, record

RATES = np.random.default_rng(1).uniform(0, 400, (5, 6)) * Hz
WHAT = ["cells.spikes", "cells.v", "synapses.w"]
EVERY = {"cells.v": 0.5 * ms, "synapses.w": 1 * ms}


def build():
    prefs.codegen.target = "numpy"
    set_device("neurosim")
    start_scope()
    defaultclock.dt = 0.1 * ms
    seed(4)
    inputs = PoissonGroup(6, 0 * Hz, name="inputs")
    cells = NeuronGroup(
        3, "dv/dt = -v/(10*ms) : 1", threshold="v > 1", reset="v = 0", method="exact", name="cells"
    )
    synapses = Synapses(
        inputs,
        cells,
        "w : 1",
        on_pre={"transmit": "v_post += w", "learn": "w = clip(w + 0.01, 0, 1)"},
        name="synapses",
    )
    synapses.connect()
    synapses.w = 0.3
    monitors = [
        SpikeMonitor(cells, name="spikes"),
        # Clocks by name: those of other simulations have the same.
        StateMonitor(cells, "v", record=True, clock=Clock(0.5 * ms, "halves"), name="v"),
        StateMonitor(synapses, "w", record=True, clock=Clock(1 * ms, "wholes"), name="w"),
    ]
    return Simulation(Network(inputs, cells, synapses, *monitors))


def in_memory():
    return MemoryTraces(protocol="demo", parameters={}, seed=0)


def check(traces, sim):
    """Assert that the recording holds what the monitors of the simulation keep."""
    nodes, times = traces.spikes("cells")
    assert len(nodes) > 5
    np.testing.assert_array_equal(nodes, sim["spikes"].i)
    np.testing.assert_allclose(times, sim["spikes"].t / ms, rtol=1e-12)
    values = traces.report("cells.v").values
    np.testing.assert_array_equal(values, sim["v"].v.T.astype(np.float32))
    np.testing.assert_array_equal(traces["synapses/w/w"].values, sim["w"].w.T)


@pytest.mark.parametrize("keep", [None, ["synapses.w"]])
def test_trials(keep):
    """One recording over all trials and rests, with resets of state in between."""
    given = {"stimuli": {"inputs.rates": RATES}, "duration": 10 * ms, "rest": 2 * ms, "keep": keep}
    names = ["cells.count", "cells.rate"]
    alone = build()
    # Monitors of which nothing is read keep what they record.
    alone.trials(**given)
    expected = build().trials(**given, record=names)
    sim, traces = build(), in_memory()
    with record(sim, WHAT, to=traces, every=EVERY):
        responses = sim.trials(**given, record=names, traces=traces)
    check(traces, alone)
    for name in names:
        np.testing.assert_array_equal(responses[name], expected[name])
    np.testing.assert_allclose(traces["trials/start"].values, np.arange(5) * 12)


def test_a_monitor_that_streams_has_no_responses_to_give():
    sim = build()
    stimuli = {"inputs.rates": RATES}
    with record(sim, [sim["spikes"], sim["v"]], to=in_memory()):
        with pytest.raises(ParameterError, match="'spikes' writes to a trace file"):
            sim.trials(stimuli, 10 * ms, record=["cells.trains"])
        with pytest.raises(ParameterError, match=r"'v\.v' is not there"):
            sim.trials(stimuli, 10 * ms, record=["v.v"])
        counts = sim.trials(stimuli, 10 * ms, record=["cells.count"])["cells.count"]
    assert counts.sum() == sim["spikes"].count[:].sum() > 0


def test_own_monitors_of_a_prepared_simulation():
    """The loop that is ready writes to the monitor's own arrays, or to those of a stream."""
    alone = build()
    alone["inputs"].rates = 200 * Hz
    for _ in range(3):
        alone.run(5 * ms)
    sim, traces = build(), in_memory()
    sim["inputs"].rates = 200 * Hz
    sim.run(5 * ms)
    with record(sim, [sim["v"]], to=traces):
        sim.run(5 * ms)
    sim.run(5 * ms)
    values = alone["v"].v
    assert values.shape == (3, 30)
    np.testing.assert_array_equal(traces.report("cells.v").values, values.T[10:20].astype("f4"))
    np.testing.assert_array_equal(sim["v"].v, np.delete(values, range(10, 20), 1))


def test_time_that_goes_back_is_refused():
    """Before the run: what is there stays, and the simulation goes on without the recording."""
    sim, traces = build(), in_memory()
    sim["inputs"].rates = 200 * Hz
    recording = record(sim, WHAT, to=traces, every=EVERY)
    start = sim.snapshot()
    sim.run(10 * ms)
    n_spikes = len(traces.spikes("cells")[0])
    for go_back in (lambda: sim.restore(start), sim.reset):
        go_back()
        assert sim.t == 0 * second
        with pytest.raises(ParameterError, match=r"recorded up to 10 ms.* gone back to 0 ms"):
            sim.run(5 * ms)
    assert len(traces.spikes("cells")[0]) == n_spikes > 0
    assert traces.report("cells.v").values.shape == (20, 3)
    recording.close()
    sim.restore(start)
    with record(sim, WHAT, to=(again := in_memory()), every=EVERY):
        sim.run(10 * ms)
    np.testing.assert_array_equal(again["synapses/w/w"].values, traces["synapses/w/w"].values)


def test_state_is_the_same_with_a_recording_and_without():
    """Snapshots of one go into the other; a reset without going back in time is recorded on."""
    plain = build()
    plain["inputs"].rates = 200 * Hz
    plain.run(7 * ms)
    middle = plain.snapshot()
    plain.run(8 * ms)
    weights = np.array(plain["w"].w.T[7:])
    sim, traces = build(), in_memory()
    with record(sim, WHAT, to=traces, every=EVERY):
        sim.restore(middle)
        sim.run(4 * ms)
        sim.snapshot()
        sim.run(4 * ms)
        assert sim.snapshot().arrays.keys() == middle.arrays.keys()
        sim.reset(keep=["inputs.rates"], rewind=False)
        sim.run(3 * ms)
    assert (weights[-1] > weights[0]).any()
    np.testing.assert_allclose(traces["synapses/w/time"].values, np.arange(7, 18), atol=1e-9)
    np.testing.assert_array_equal(traces["synapses/w/w"].values[:4], weights[:4])
    np.testing.assert_array_equal(traces["synapses/w/w"].values[8], np.full(18, 0.3))
    np.testing.assert_allclose(traces.report("cells.v").times_ms[[0, -1]], [7, 17.5])


def test_a_gap_in_a_report_is_refused():
    sim, traces = build(), in_memory()
    sim.run(1 * ms)
    with record(sim, "cells.v", to=traces) as recording:
        sim.run(1 * ms)
        monitor = next(obj for obj in sim.network.objects if obj.name.startswith("recording"))
        monitor.active = False
        sim.run(1 * ms)
        monitor.active = True
        with pytest.raises(ParameterError, match=r"up to 2 ms, and time has gone on to 3 ms"):
            sim.run(1 * ms)
        assert recording.places == ["report/cells.v"]
    assert traces.report("cells.v").values.shape == (10, 3)


def test_interrupt_leaves_an_incomplete_file(tmp_path):
    """Ctrl-C in a run of Brian 2, which would return as if it had ended."""
    sim = build()
    network = sim.network
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    with contextlib.suppress(KeyboardInterrupt):
        with record(network, WHAT, to=tmp_path / "run.h5", every=EVERY):
            network.run(1 * ms)
            timer.start()
            network.run(100_000 * second)
        pytest.fail("the run returned as if it had ended")
    file = TraceFile(tmp_path / "run.h5")
    assert (file.complete, file.attributes["ending"]) == (False, "interrupted")
    reached = network.t / ms
    assert 1 < reached < 1e8
    n_rows = len(file.report("cells.v").values)
    assert n_rows == np.ceil(reached / 0.5 - 1e-6)
    assert not any(obj.name.startswith("recording") for obj in network.objects)
