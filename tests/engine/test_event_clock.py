"""Code that runs at given times: ``run_at`` and event clocks, in Brian 2 since 2.10."""

import brian2
import numpy as np
import pytest
from brian2 import NeuronGroup, SpikeMonitor, StateMonitor, Synapses, ms

pytestmark = pytest.mark.skipif(
    not hasattr(brian2, "EventClock"), reason="Brian 2 has event clocks since 2.10"
)


def beside_a_regular_clock():
    group = NeuronGroup(
        3, "dv/dt = -v/(2*ms) : 1", threshold="v > 1.2", reset="v -= 1", method="exact"
    )
    group.run_at("v += 1 + i", times=[0.3, 0.4, 1.05, 2.2, 3.9] * ms)
    return [group, SpikeMonitor(group), StateMonitor(group, "v", record=True)]


def two_lists_of_times():
    group = NeuronGroup(2, "v : 1\nw : 1")
    group.run_at("v += 1; w = w*2 + v", times=[0.1, 0.25, 0.7, 3] * ms)
    group.run_at("v *= 3", times=[0.25, 0.7, 2.9] * ms, order=1)
    return [group, StateMonitor(group, "w", record=True)]


def with_synapses_and_python():
    source = NeuronGroup(2, "x : 1", threshold="x > 0.5", reset="x = 0")
    source.run_at("x = 1", times=[0.2, 1.3, 2.45] * ms)
    target = NeuronGroup(2, "v : 1")
    synapses = Synapses(source, target, on_pre="v += 1", delay=0.35 * ms)
    synapses.connect(j="i")
    seen = []
    operation = brian2.NetworkOperation(
        lambda t: seen.append(float(t / ms)), clock=brian2.EventClock([0.4, 2.45] * ms)
    )
    return [source, target, synapses, operation, StateMonitor(target, "v", record=True)]


@pytest.mark.parametrize(
    "build",
    [
        beside_a_regular_clock,
        two_lists_of_times,
        with_synapses_and_python,
    ],
)
def test_device_agrees_with_numpy(build, compare):
    compare(build, durations=(2.3, 3))


def test_times_of_python_objects():
    brian2.set_device("neurosim")
    seen = []
    operation = brian2.NetworkOperation(
        lambda t: seen.append(float(t / ms)), clock=brian2.EventClock([0.4, 1.23, 2] * ms)
    )
    group = NeuronGroup(1, "dv/dt = 1/ms : 1", method="euler")
    brian2.Network(group, operation).run(3 * ms)
    np.testing.assert_allclose(seen, [0.4, 1.23, 2])
