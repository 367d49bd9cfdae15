"""Delays of spikes that change while a run goes on, against a list of events."""

import numpy as np
import pytest
from brian2 import (
    Network,
    NeuronGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    Synapses,
    defaultclock,
    ms,
    network_operation,
    seed,
    set_device,
    start_scope,
)

from neurosim import follow_delay
from neurosim.errors import ParameterError


@pytest.fixture(autouse=True)
def device():
    set_device("neurosim")
    start_scope()
    defaultclock.dt = 0.1 * ms


def arrivals(synapses, target, source, *others, runs=(10,)):
    """Return step and synapse of all arrivals, by a target that notes them as spikes."""
    monitor = SpikeMonitor(target)
    network = Network(source, target, synapses, monitor, *others)
    for duration in runs:
        network.run(duration * ms)
    steps = np.round(np.asarray(monitor.t / ms) * 10).astype(int)
    return sorted(zip(steps.tolist(), np.array(monitor.i).tolist(), strict=True))


def listener(n):
    """Neurons that spike in the step in which something arrived."""
    return NeuronGroup(n, "got : 1", threshold="got > 0", reset="got -= 1")


def regular(n, every, until=80):
    """Spikes of n sources, every few steps."""
    steps = np.arange(1, until, every)
    indices = np.tile(np.arange(n), len(steps))
    return SpikeGeneratorGroup(n, indices, np.repeat(steps, n) * 0.1 * ms), steps


def expected_arrivals(steps, n, delay_at):
    """Each spike arrives after the delay of its step; targets spike one step after arrival."""
    return sorted(
        (step + int(delay_at(step, k) * 10 + 0.5) + 1, k)
        for step in steps.tolist()
        for k in range(n)
        if step + int(delay_at(step, k) * 10 + 0.5) + 1 < 100
    )


@pytest.mark.parametrize("runs", [(10,), (0.3, 2.5, 7.2)])
def test_delay_that_moves_with_time(runs):
    source, steps = regular(3, every=4)
    target = listener(3)
    synapses = Synapses(
        source, target, "dd/dt = rate : second\nrate : 1", on_pre="got += 1", method="euler"
    )
    synapses.connect(j="i")
    synapses.d, synapses.rate = [0, 1, 3] * ms, [0.1, 0.23, -0.1]
    follow_delay(synapses.pre, "d")

    def delay_at(step, k):
        # State is updated before spikes are sent.
        return [0, 1, 3][k] + [0.1, 0.23, -0.1][k] * (step + 1) * 0.1

    actual = arrivals(synapses, target, source, runs=runs)
    assert actual == expected_arrivals(steps, 3, delay_at)


def test_delay_changed_by_statements_of_its_own_pathway():
    source, steps = regular(2, every=5)
    target = listener(2)
    synapses = Synapses(source, target, "w : 1", on_pre="got += 1\ndelay += 0.2*ms")
    synapses.connect(j="i")
    synapses.delay = [0, 1] * ms
    actual = arrivals(synapses, target, source)
    # The delay grows when a spike arrives, and holds for those sent later.
    expected, delays, pending = [], [0.0, 1.0], []
    for step in range(100):
        if step in steps:
            pending += [(step + int(delays[k] * 10 + 0.5), k) for k in range(2)]
        for k in [source for at, source in pending if at == step]:
            expected.append((step + 1, k))
            delays[k] += 0.2
    assert actual == sorted(event for event in expected if event[0] < 100)


def test_delay_learned_from_postsynaptic_spikes():
    source, steps = regular(1, every=6)
    teacher = SpikeGeneratorGroup(1, [0, 0], [2.05, 5.05] * ms)
    target = listener(1)
    synapses = Synapses(source, target, "d : second", on_pre="got += 1")
    synapses.connect()
    synapses.d = 1 * ms
    follow_delay(synapses.pre, "d")
    lesson = Synapses(teacher, synapses, on_pre="d_post *= 0.5")
    lesson.connect()
    actual = arrivals(synapses, target, source, teacher, lesson)
    taught = [20, 50]
    assert actual == expected_arrivals(
        steps, 1, lambda step, k: 0.5 ** sum(step > when for when in taught)
    )


def test_delay_changed_by_a_network_operation():
    source, steps = regular(2, every=4)
    target = listener(2)
    synapses = Synapses(source, target, on_pre="got += 1")
    synapses.connect(j="i")
    synapses.delay = [0.5, 1] * ms

    @network_operation(dt=2 * ms)
    def lengthen(t):
        synapses.delay = (np.array([0.5, 1]) + np.round(t / ms)) * ms

    actual = arrivals(synapses, target, source, lengthen)
    assert actual == expected_arrivals(steps, 2, lambda step, k: [0.5, 1][k] + 2 * (step // 20))


def test_many_events_under_way():
    # More events than any room made for them at the beginning, with delays beyond the calendar.
    source = NeuronGroup(20, "v : 1", threshold="True", reset="")
    target = NeuronGroup(20, "got : 1\nfirst : second")
    synapses = Synapses(source, target, "d : second", on_pre="got_post += 1")
    synapses.connect()
    seed(2)
    synapses.d = "rand()*150*ms"
    follow_delay(synapses.pre, "d")
    Network(source, target, synapses).run(200 * ms)
    delays = np.floor(np.array(synapses.d / ms) * 10 + 0.5)
    assert delays.max() > 1100
    expected = np.bincount(np.array(synapses.j), weights=2000 - delays, minlength=20)
    np.testing.assert_array_equal(target.got, expected)


def test_constant_delays_that_are_followed_change_nothing():
    results = []
    for is_followed in (False, True):
        start_scope()
        group = NeuronGroup(
            5, "dv/dt = (1.5 - v)/(5*ms) : 1", threshold="v > 1", reset="v = 0", method="exact"
        )
        group.v = "i/5.0"
        synapses = Synapses(
            group, group, "d : second\nw : 1", on_pre="v += w; w *= 1.01", on_post="w *= 0.98"
        )
        synapses.connect()
        synapses.w = "0.02*(i - j)"
        synapses.delay = synapses.d = "(0.1 + 0.3*i + 0.7*j)*ms"
        if is_followed:
            follow_delay(synapses.pre, "d")
        network = Network(group, synapses)
        network.run(20 * ms)
        network.store()
        network.run(20 * ms)
        first = np.array(group.v)
        network.restore()
        network.run(20 * ms)
        np.testing.assert_array_equal(group.v, first)
        results.append((first, np.array(synapses.w)))
    for plain, followed in zip(*results, strict=True):
        np.testing.assert_array_equal(plain, followed)


def test_what_cannot_be_a_delay():
    group = NeuronGroup(2, "v : 1\nu : second", threshold="v > 1", reset="v = 0")
    synapses = Synapses(group, group, "w : 1\nx = u_pre : second", on_pre="v += w")
    with pytest.raises(ParameterError, match="no state variable 'd'"):
        follow_delay(synapses.pre, "d")
    with pytest.raises(ParameterError, match="no state variable 'x'"):
        follow_delay(synapses.pre, "x")
    for name in ("w", "u_post"):
        with pytest.raises(ParameterError, match="cannot be a delay"):
            follow_delay(synapses.pre, name)
