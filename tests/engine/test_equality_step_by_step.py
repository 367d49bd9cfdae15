"""Chaotic networks, where the last bit of a number decides what happens a moment later.

Runs of them cannot be compared, but steps can: before each step the device gets the state the NumPy
target had, and after it their states must agree, with exactly the same spikes. What no state holds,
spikes under way, agrees as long as the spikes do.
"""

import itertools

import numpy as np
import pytest
from brian2 import (
    Network,
    NeuronGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    Synapses,
    ms,
    mV,
    network_operation,
)

N_STEPS = 10_000  # a second


def trains(n, rate, rng):
    """Return independent spike trains, drawn beforehand so that both devices get the same ones."""
    steps, neurons = np.nonzero(rng.random((N_STEPS, n)) < rate * 1e-4)
    return SpikeGeneratorGroup(n, neurons, steps * 0.1 * ms, sorted=True)


def connected(source, target, statement, p, rng, **options):
    synapses = Synapses(source, target, on_pre=statement, **options)
    i, j = np.nonzero(rng.random((source.N, target.N)) < p)
    synapses.connect(i=i, j=j)
    return synapses


def current_based():
    """A small network after Brunel, J Comput Neurosci 2000, model A: jumps of the potential."""
    rng = np.random.default_rng(1)
    group = NeuronGroup(
        60,
        "dv/dt = -v/(20*ms) : volt (unless refractory)",
        threshold="v > 20*mV",
        reset="v = 10*mV",
        refractory=2 * ms,
        method="exact",
    )
    group.v = rng.random(60) * 20 * mV
    outside = trains(60, 1500, rng)
    one_each = Synapses(outside, group, on_pre="v_post += 0.8*mV")
    one_each.connect(j="i")
    excitation = connected(group[:48], group, "v_post += 0.8*mV", 0.2, rng, delay=1.5 * ms)
    inhibition = connected(group[48:], group, "v_post -= 4*mV", 0.2, rng)
    inhibition.delay = rng.random(len(inhibition)) * 3 * ms
    return [group, outside, one_each, excitation, inhibition], ["v"]


def conductance_based():
    """A small network after Vogels and Abbott, J Neurosci 2005, kept awake by a current."""
    rng = np.random.default_rng(2)
    group = NeuronGroup(
        50,
        """dv/dt = (-60*mV - v - ge*v + gi*(-80*mV - v) + drive)/(20*ms) : volt (unless refractory)
        dge/dt = -ge/(5*ms) : 1
        dgi/dt = -gi/(10*ms) : 1
        drive : volt (constant)""",
        threshold="v > -50*mV",
        reset="v = -60*mV",
        refractory=5 * ms,
        method="exponential_euler",
    )
    group.v = (-60 + 10 * rng.random(50)) * mV
    group.drive = (14 + 6 * rng.random(50)) * mV
    excitation = connected(group[:40], group, "ge_post += 0.3", 0.1, rng)
    excitation.delay = "0.1*ms*(1 + (i + j) % 9)"
    inhibition = connected(group[40:], group, "gi_post += 1.5", 0.2, rng, delay=0.8 * ms)
    return [group, excitation, inhibition], ["v", "ge", "gi"]


def add_operations(objects, names, before, after):
    """Add Python at both ends of every step that is handed its number, and return the monitor."""
    group, monitor = objects[0], SpikeMonitor(objects[0])
    state = {name: group.variables[name] for name in names}
    begun, ended = itertools.count(), itertools.count()

    @network_operation(when="start", order=-100)
    def begin():
        before(next(begun), state)

    @network_operation(when="end", order=100)
    def end():
        after(next(ended), state)

    objects += [monitor, begin, end]
    return monitor


def ignore(step, state):
    pass


@pytest.mark.parametrize("n_steps", [2000, pytest.param(N_STEPS, marks=pytest.mark.slow)])
@pytest.mark.parametrize("build", [current_based, conductance_based])
def test_every_step_from_the_same_state_agrees(build, n_steps, prepare):
    prepare("runtime")
    objects, names = build()
    history = {name: np.zeros((n_steps + 1, objects[0].N)) for name in names}

    def record(step, state):
        for name, variable in state.items():
            history[name][step + 1] = variable.get_value()

    for name in names:
        history[name][0] = objects[0].variables[name].get_value()
    expected = add_operations(objects, names, ignore, record)
    Network(objects).run(n_steps * 0.1 * ms)
    spikes = np.array(expected.i), np.array(expected.t_)
    assert len(spikes[0]) > 2 * objects[0].N

    prepare("neurosim")
    objects, names = build()
    scale = {name: np.abs(values).max() for name, values in history.items()}

    def set_state(step, state):
        for name, variable in state.items():
            variable.get_value()[:] = history[name][step]

    def check(step, state):
        for name, variable in state.items():
            distance = np.abs(variable.get_value() - history[name][step + 1]).max()
            assert distance <= 1e-12 * scale[name], (name, step)

    actual = add_operations(objects, names, set_state, check)
    Network(objects).run(n_steps * 0.1 * ms)
    np.testing.assert_array_equal(actual.i, spikes[0])
    np.testing.assert_array_equal(actual.t_, spikes[1])
