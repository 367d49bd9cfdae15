"""Neurons: integration, refractoriness, custom events, functions of Brian 2."""

import numpy as np
import pytest
from brian2 import (
    EventMonitor,
    NeuronGroup,
    PopulationRateMonitor,
    SpikeMonitor,
    StateMonitor,
    ms,
    mV,
)
from brian2.stateupdaters import ExplicitStateUpdater


def exact_and_refractory():
    group = NeuronGroup(
        7,
        "dv/dt = (20*mV + offset - v)/(5*ms) : volt (unless refractory)\noffset : volt",
        threshold="v > 15*mV",
        reset="v = 0*mV",
        refractory=1.3 * ms,
        method="exact",
    )
    group.offset = np.arange(7) * 3 * mV
    return [group, SpikeMonitor(group), PopulationRateMonitor(group)]


def refractory_by_expression():
    group = NeuronGroup(
        5,
        """dv/dt = (2 - v)/(3*ms) : 1 (unless refractory)
        dw/dt = -w/(2*ms) : 1
        pause : second""",
        threshold="v > 1",
        reset="v = 0; w += 1; pause += 0.2*ms",
        refractory="pause",
        method="euler",
    )
    group.pause = np.arange(5) * 0.3 * ms
    return [group, SpikeMonitor(group, variables=["w"])]


def refractory_by_condition():
    group = NeuronGroup(
        4,
        "dv/dt = (2 - v)/(3*ms) : 1\ndw/dt = -w/(2*ms) : 1",
        threshold="v > 1",
        reset="w = 1",
        refractory="w > 0.3",
        method="rk4",
    )
    group.v = np.arange(4) / 4
    return [group, SpikeMonitor(group)]


def refractory_by_boolean_variable():
    # Resting ends when another variable has decayed, not after a time.
    group = NeuronGroup(
        5,
        """dv/dt = (2.5 - v)/(2*ms) : 1 (unless refractory)
        dw/dt = -w/(1.5*ms) : 1 (unless refractory)
        du/dt = -u/(1*ms) : 1
        resting : boolean""",
        threshold="v > 2 and not resting",
        reset="u = 1; w += 1; resting = True",
        refractory="resting",
        method="euler",
    )
    group.v = np.arange(5) * 0.4
    group.run_regularly("resting = resting and u > 0.4; v = v*int(resting or v < 2)", dt=0.3 * ms)
    return [group, SpikeMonitor(group), StateMonitor(group, ["v", "w", "resting"], record=True)]


def time_since_the_last_spike():
    group = NeuronGroup(
        4,
        """dv/dt = (3*int(timestep(t - lastspike, dt) > 4) - v)/(2*ms) : 1
        since = clip((t - lastspike)/ms, 0, 9) : 1""",
        threshold="v > 1.5 + 0.1*i",
        reset="v = 0.2*since",
        refractory="0.2*ms*(1 + i%2)",
        method="euler",
    )
    group.v = np.arange(4) / 2
    return [group, SpikeMonitor(group), StateMonitor(group, ["v", "since"], record=True)]


def explicit_methods():
    groups = [
        NeuronGroup(
            4,
            """dx/dt = (y - x**3/3 + x)/(2*ms) : 1
            dy/dt = (0.7 - x - 0.8*y)/(9*ms) : 1""",
            method=method,
        )
        for method in ("euler", "rk2", "rk4", "heun", "milstein")
    ]
    for group in groups:
        group.x = [0.1, -1.2, 0.7, 2]
    return [*groups, *[StateMonitor(group, ["x", "y"], record=True) for group in groups]]


def exact_methods():
    """Linear equations by all that solves them exactly, coupled ones included."""
    decay = "dv/dt = (u - v)/(3*ms) : 1\ndu/dt = -u/(4*ms) : 1"
    groups = [NeuronGroup(3, decay, method=method) for method in ("exact", "linear")]
    groups.append(NeuronGroup(3, "dv/dt = -v/tau + 2/ms : 1\ntau : second", method="independent"))
    groups[2].tau = [1, 3, 7] * ms
    for group in groups:
        group.v = [0.1, -1.2, 0.7]
    groups[0].u, groups[1].u = [1, 2, 3], [-2, 0, 1]
    return [*groups, *[StateMonitor(group, "v", record=True) for group in groups]]


def exponential_euler():
    group = NeuronGroup(
        3, "dv/dt = (sin(t/ms)*g - g*v - v)/(4*ms) : 1\ng : 1", method="exponential_euler"
    )
    group.g = [0.1, 1, 3]
    return [group, StateMonitor(group, "v", record=[2, 0])]


def method_of_the_user():
    third_order = ExplicitStateUpdater(
        """
        k_1 = dt*f(x, t)
        k_2 = dt*f(x + k_1/2, t + dt/2)
        k_3 = dt*f(x - k_1 + 2*k_2, t + dt)
        x_new = x + (k_1 + 4*k_2 + k_3)/6
        """
    )
    group = NeuronGroup(
        3,
        """dx/dt = (sin(t/ms) - x*y)/(2*ms) : 1 (unless refractory)
        dy/dt = (x - y)/(3*ms) : 1""",
        threshold="x > 0.9",
        reset="x -= 1.5",
        refractory=0.3 * ms,
        method=third_order,
    )
    group.x, group.y = [0.2, 0.6, 1.2], [-1, 0.1, 1]
    return [group, StateMonitor(group, ["x", "y"], record=True), SpikeMonitor(group)]


def functions():
    group = NeuronGroup(
        6,
        """x : 1
        a = sin(x) + cos(x) + tan(x/3) + sinh(x) + cosh(x) + tanh(x) : 1
        b = exp(x) + log(x + 1) + log10(x + 1) + expm1(x) + log1p(x) + sqrt(x) : 1
        c = arcsin(x/9) + arccos(x/9) + arctan(x) + exprel(x) + abs(-x) : 1
        d = ceil(x) + floor(x) + sign(x - 1) + clip(x, 0.5, 2) + int(x > 1) + x**2 + 2**x : 1
        f = x % 0.7 + (x // 0.6) + int(x)*1.0 : 1""",
    )
    group.x = np.linspace(0, 3, 6)
    group.run_regularly("x = 0.97*x + 0.013")
    return [group, StateMonitor(group, ["a", "b", "c", "d", "f"], record=True)]


def custom_event():
    group = NeuronGroup(
        4,
        "dv/dt = (3 - v)/(2*ms) : 1 (unless refractory)\nlast : second",
        threshold="v > 2",
        reset="v = 0",
        refractory=0.5 * ms,
        events={"half": "v > 1 and t > last + 0.4*ms"},
        method="exact",
    )
    group.v = np.arange(4) / 2
    group.last = -1 * ms
    group.run_on_event("half", "last = t")
    return [group, EventMonitor(group, "half", variables=["v"]), SpikeMonitor(group)]


def events_of_resting_neurons():
    """Custom events in and out of refractory periods, with places of their own in the schedule."""
    group = NeuronGroup(
        6,
        """dv/dt = (3 - v)/(2*ms) : 1 (unless refractory)
        du/dt = (1 - u)/ms : 1
        n_rest : integer
        n_ready : integer""",
        threshold="v > 2",
        reset="v = 0; u = 0",
        refractory="0.3*ms + 0.2*ms*i",
        events={"rest": "not not_refractory and u > 0.1", "ready": "not_refractory and v > 1.9"},
        method="exact",
    )
    group.v = np.arange(6) / 3
    group.set_event_schedule("rest", when="before_thresholds", order=2)
    group.run_on_event("rest", "n_rest += 1; v += 0.01*n_rest", when="after_thresholds")
    group.run_on_event("ready", "n_ready += 1; u += 0.5", when="resets", order=-3)
    part = group[2:5]
    monitors = [
        EventMonitor(part, "rest", variables=["u", "n_rest"]),
        EventMonitor(group, "ready", variables=["v"], record=False),
        SpikeMonitor(part),
    ]
    return [group, *monitors]


def powers():
    """Whole, half, negative and other exponents, of variables and of numbers."""
    group = NeuronGroup(
        6,
        """dx/dt = (1 + y**-0.5 - x**1.5)/(5*ms) : 1
        dy/dt = (y**2.5/(1 + y**1.3) - y**n*0.1 + 2.5**(-x) - x**3)/(5*ms) : 1
        dz/dt = ((1 + x)**-2 - z**2.0)/ms : 1
        n : integer (constant)""",
        method="euler",
    )
    group.x = "0.2 + 0.1*i"
    group.y = "0.5 + 0.2*i"
    group.n = "1 + i % 3"
    return [group, StateMonitor(group, ["x", "y", "z"], record=True)]


NETWORKS = [
    powers,
    exact_and_refractory,
    refractory_by_expression,
    refractory_by_condition,
    refractory_by_boolean_variable,
    time_since_the_last_spike,
    explicit_methods,
    exact_methods,
    exponential_euler,
    method_of_the_user,
    functions,
    custom_event,
    events_of_resting_neurons,
]
# The rest in single precision is slow and shows the same.


@pytest.mark.parametrize("build", NETWORKS)
def test_device_agrees_with_numpy(build, compare):
    compare(build, durations=(2.3, 0, 3))


@pytest.mark.slow
@pytest.mark.parametrize("build", NETWORKS)
def test_device_agrees_in_single_precision(build, compare):
    compare(build, durations=(2.3, 0, 3), dtype=np.float32, tolerance=1e-5)
