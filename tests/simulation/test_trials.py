"""Blocks of trials: what a loop by hand would give, and what is asked for before the first."""

import os
import signal
import threading

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    TimedArray,
    defaultclock,
    ms,
    mV,
    prefs,
    second,
    seed,
    set_device,
    start_scope,
)

from neurosim import Simulation
from neurosim.errors import ParameterError, UnknownNameError
from neurosim.traces import MemoryTraces

RATES = np.random.default_rng(1).uniform(0, 300, (6, 10)) * Hz


def build(on_pre=None):
    prefs.codegen.target = "numpy"
    set_device("neurosim")
    start_scope()
    defaultclock.dt = 0.1 * ms
    seed(4)
    inputs = PoissonGroup(10, 0 * Hz, name="inputs")
    generator = SpikeGeneratorGroup(2, [], [] * second, name="generator")
    cells = NeuronGroup(
        4,
        "dv/dt = (drive(t) + bias - v)/(10*ms) : 1",
        threshold="v > 1",
        reset="v = 0",
        method="euler",
        name="cells",
    )
    synapses = Synapses(
        inputs,
        cells,
        "w : 1\nu : 1",
        on_pre=on_pre or {"transmit": "v_post += w", "learn": "w = clip(w + 0.01, 0, 1)"},
        name="synapses",
    )
    synapses.connect()
    synapses.w = 0.2
    kicks = Synapses(generator, cells, on_pre="v_post += 2", name="kicks")
    kicks.connect(j="i")
    spikes = SpikeMonitor(cells, name="spikes")
    trace = StateMonitor(cells, "v", record=[1, 2], name="trace")
    objects = [inputs, generator, cells, synapses, kicks, spikes, trace]
    names = {"bias": 0.3, "drive": TimedArray(np.zeros(5), dt=2 * ms)}
    return Simulation(Network(objects), names)


RECORD = ["cells.count", "spikes.rate", "cells.trains", "cells.v", "trace.v"]


def test_responses_are_those_of_a_loop_by_hand():
    sim = build()
    responses = sim.trials({"inputs.rates": RATES}, 20 * ms, rest=5 * ms, record=RECORD)
    by_hand = build()
    spikes, trace = by_hand["spikes"], by_hand["trace"]
    for trial, rates in enumerate(RATES):
        begun = float(by_hand.t)
        first, row = spikes.num_spikes, len(trace.t)
        by_hand["inputs"].rates = rates
        by_hand.run(20 * ms)
        neurons = np.array(spikes.i)[first:]
        counts = np.bincount(neurons, minlength=4)
        np.testing.assert_array_equal(responses["cells.count"][trial], counts)
        np.testing.assert_allclose(responses["spikes.rate"][trial] / Hz, counts / 0.02)
        i, t = responses["cells.trains"][trial]
        np.testing.assert_array_equal(i, neurons)
        np.testing.assert_array_equal(t, np.array(spikes.t)[first:] - begun)
        np.testing.assert_array_equal(responses["cells.v"][trial], by_hand["cells"].v)
        np.testing.assert_array_equal(responses["trace.v"][trial], np.array(trace.v)[:, row:])
        assert responses.start[trial] == begun
        assert responses.stop[trial] == float(by_hand.t)
        by_hand["inputs"].rates = 0 * Hz
        by_hand.run(5 * ms)
    assert len(responses) == 6
    assert responses["cells.count"].sum() > 20
    assert responses["trace.v"].shape == (6, 2, 200)
    assert float(sim.t) == pytest.approx(0.15)
    assert len(sim["spikes"].i) < 20, "read spikes are let go"


def test_nothing_comes_in_during_the_rest():
    sim = build()
    sim["synapses"].w = 0
    sim.set(bias=0)
    pairs = [([0], [3] * ms), ([0, 1], [1, 19.5] * ms), ([], [] * ms)]
    responses = sim.trials(
        {"generator.spikes": pairs, "inputs.rates": RATES[:3]},
        20 * ms,
        rest=30 * ms,
        record=["cells.trains"],
        learn=False,
    )
    trains = responses["cells.trains"]
    assert [train[0].tolist() for train in trains] == [[0], [0, 1], []]
    np.testing.assert_allclose(trains[1][1], [0.001, 0.0195], atol=2e-4)
    assert np.all(np.array(sim["inputs"].rates) == 0)
    assert len(sim["spikes"].i) == 0


def test_constants_and_timed_arrays_are_stimuli():
    sim = build()
    sim["synapses"].w = 0
    stimuli = {"bias": [0, 1.2, 3], "drive": np.array([np.zeros(5), np.zeros(5), np.full(5, 2.0)])}
    responses = sim.trials(stimuli, 10 * ms, record=["cells.v", "cells.count"], keep=[])
    # By the exact step of the equation: v relaxes to the sum of both, and is reset above 1.
    assert np.all(responses["cells.v"][0] == 0)
    v, counts = np.zeros(2), np.zeros(2, int)
    for trial, target in enumerate([1.2, 5.0]):
        for _ in range(100):
            v[trial] += 0.01 * (target - v[trial])
            counts[trial] += v[trial] > 1
            v[trial] *= v[trial] <= 1
    np.testing.assert_allclose(responses["cells.v"][1:, 0], v, rtol=1e-12)
    np.testing.assert_array_equal(responses["cells.count"][1:, 0], counts)


def test_without_learning_weights_stay():
    sim = build()
    sim.trials({"inputs.rates": RATES}, 20 * ms, learn=False)
    assert np.all(np.array(sim["synapses"].w) == 0.2)
    assert sim["synapses"].learn.active
    sim.trials({"inputs.rates": RATES}, 20 * ms)
    assert np.any(np.array(sim["synapses"].w) > 0.2)


def test_a_pathway_that_does_both_cannot_be_left_out():
    sim = build(on_pre="v_post += w; w += 0.01")
    with pytest.raises(ParameterError, match=r"synapses_pre.*'w' at once"):
        sim.trials({"inputs.rates": RATES}, 20 * ms, learn=False)
    assert float(sim.t) == 0


def test_what_is_not_kept_begins_anew():
    sim = build()
    sim["cells"].v = 0.7
    sim.run(1 * ms)
    responses = sim.trials(
        {"inputs.rates": RATES}, 5 * ms, record=["trace.v", "synapses.w"], keep=["synapses.w"]
    )
    # The state in which the simulation was made, not the one before the trials.
    assert np.all(responses["trace.v"][:, :, 0] == 0)
    weights = responses["synapses.w"].sum(axis=1)
    assert np.all(np.diff(weights) >= 0)
    assert weights[-1] > weights[0]
    np.testing.assert_allclose(responses.start, 0.001 + 0.005 * np.arange(6))


def test_trials_are_in_the_trace_file():
    sim = build()
    traces = MemoryTraces(protocol="demo", parameters={}, seed=0)
    responses = sim.trials(
        {"inputs.rates": RATES}, 20 * ms, rest=2 * ms, labels=[3, 1, 4, 1, 5, 9], traces=traces
    )
    np.testing.assert_allclose(traces["trials/start"].values, responses.start * 1e3)
    np.testing.assert_allclose(traces["trials/stop"].values, responses.stop * 1e3)
    assert traces["trials/label"].values.tolist() == [3, 1, 4, 1, 5, 9]
    assert traces["trials/stop"].units == "ms"


WRONG = {
    "no stimuli": ({"stimuli": {}}, ParameterError, "empty"),
    "other lengths": (
        {"stimuli": {"inputs.rates": RATES, "bias": [1, 2]}},
        ParameterError,
        "inputs.rates.*6.*bias.*2",
    ),
    "no such object": ({"stimuli": {"input.rates": RATES}}, UnknownNameError, "no object 'input'"),
    "no such variable": ({"stimuli": {"inputs.rate": RATES}}, UnknownNameError, "'rate'"),
    "no units": ({"stimuli": {"inputs.rates": RATES / Hz}}, ParameterError, "no units"),
    "other units": ({"stimuli": {"inputs.rates": RATES * mV}}, ParameterError, "other units"),
    "another shape": ({"stimuli": {"inputs.rates": RATES[:, :3]}}, ParameterError, "one row of 10"),
    "not finite": ({"stimuli": {"inputs.rates": RATES * np.nan}}, ParameterError, "finite"),
    "no such constant": ({"stimuli": {"gain": [1, 2]}}, UnknownNameError, "'gain'"),
    "constant of other units": ({"stimuli": {"bias": [1, 2 * mV]}}, ParameterError, "bias"),
    "spikes without units": (
        {"stimuli": {"generator.spikes": [([0], [1])]}},
        ParameterError,
        "trial 0",
    ),
    "spikes of no neuron": (
        {"stimuli": {"generator.spikes": [([0], [1] * ms), ([2], [1] * ms)]}},
        ParameterError,
        "trial 1.*0 to 1",
    ),
    "nothing recorded": ({"record": ["cells.u"]}, UnknownNameError, "'u'"),
    "not recorded": ({"record": ["trace.w"]}, UnknownNameError, "'w'"),
    "no monitor": ({"record": ["inputs.count"]}, ParameterError, "SpikeMonitor"),
    "no dot": ({"record": ["cells"]}, ParameterError, "object.variable"),
    "labels": ({"labels": [1, 2]}, ParameterError, "labels are 2"),
    "rest": ({"rest": 5}, ParameterError, "rest"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_trials_are_refused_before_the_first(name):
    changed, error, message = WRONG[name]
    sim = build()
    options = {"stimuli": {"inputs.rates": RATES}, **changed}
    with pytest.raises(error, match=message):
        sim.trials(options.pop("stimuli"), 5 * ms, **options)
    assert float(sim.t) == 0


def test_ctrl_c_ends_the_block_and_the_simulation_goes_on():
    sim = build()
    sim.run(0.1 * ms)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        sim.trials({"bias": np.linspace(0, 1, 1000)}, 100 * second)
    timer.join()
    before = sim.t
    assert before < 100_000 * second
    sim.run(2 * ms)
    assert float(sim.t - before) == pytest.approx(0.002)
