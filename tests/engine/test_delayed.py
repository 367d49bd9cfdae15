"""Continuous coupling with delays, against closed forms and recurrences written with NumPy."""

import math

import numpy as np
import pytest
from brian2 import (
    BrianObjectException,
    Network,
    NeuronGroup,
    Quantity,
    SpikeGeneratorGroup,
    StateMonitor,
    Synapses,
    defaultclock,
    linked_var,
    ms,
    mV,
    prefs,
    second,
    set_device,
    start_scope,
)

from neurosim import delayed, remember
from neurosim.engine import loop
from neurosim.errors import ParameterError

NAMESPACE = {"delayed": delayed, "ms": ms}


@pytest.fixture(autouse=True)
def device():
    set_device("neurosim")
    start_scope()
    defaultclock.dt = 0.1 * ms


def run(network, duration, **names):
    network.run(duration * ms, namespace={**NAMESPACE, **names})


def decaying_on_the_past(n=1, **options):
    """dx/dt = -x(t - d)/T with T = 2 ms."""
    return NeuronGroup(
        n, "dx/dt = -delayed(x, d)/(2*ms) : 1\nd : second", method="euler", **options
    )


def by_method_of_steps(t, delay, tau=2.0):
    """Solution of dx/dt = -x(t - delay)/tau with x = 1 for t <= 0 (Bellman and Cooke 1963)."""
    total = np.ones_like(t)
    for k in range(1, 12):
        reached = np.maximum(t - (k - 1) * delay, 0)
        total += (-reached / tau) ** k / math.factorial(k)
    return total


def errors_at(dt, delays):
    defaultclock.dt = dt * ms
    group = decaying_on_the_past(len(delays))
    group.x, group.d = 1, delays * ms
    monitor = StateMonitor(group, "x", record=True)
    run(Network(group, monitor), 6)
    t = np.arange(monitor.x.shape[1]) * dt
    return [
        np.abs(x - by_method_of_steps(t, delay)).max()
        for x, delay in zip(monitor.x, delays, strict=True)
    ]


def test_linear_equation_converges_to_its_closed_form():
    # The third delay is no multiple of either step.
    coarse = errors_at(0.05, np.array([1, 2.5, 0.77]))
    fine = errors_at(0.0125, np.array([1, 2.5, 0.77]))
    assert max(coarse) < 0.03
    # Euler is of first order.
    np.testing.assert_allclose(np.array(coarse) / np.array(fine), 4, rtol=0.15)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_euler_recurrence_with_interpolation(dtype):
    before = prefs.core.default_float_dtype
    prefs.core.default_float_dtype = dtype
    try:
        group = decaying_on_the_past(3)
    finally:
        prefs.core.default_float_dtype = before
    group.x, group.d = [1, 2, 3], [0.0, 0.3, 0.47] * ms
    monitor = StateMonitor(group, "x", record=True)
    run(Network(group, monitor), 3)
    expected = np.zeros((31, 3))
    expected[0] = [1, 2, 3]
    for n in range(30):
        for k, steps in enumerate((0, 3, 4.7)):
            place = max(n - steps, 0)
            low = int(place)
            high = min(low + 1, n)
            past = expected[low, k] + (place - low) * (expected[high, k] - expected[low, k])
            expected[n + 1, k] = expected[n, k] - 0.05 * past
    tolerance = 1e-12 if dtype is np.float64 else 1e-5
    np.testing.assert_allclose(monitor.x.T, expected[:30], rtol=tolerance)


def coupled(delays, weights, history=None):
    group = NeuronGroup(3, "dx/dt = (I - x)/(4*ms) : 1\nI : 1", method="euler")
    group.x = [1, -2, 0.5]
    synapses = Synapses(
        group, group, "w : 1\nd : second\nI_post = w*delayed(x_pre, d) : 1 (summed)"
    )
    synapses.connect()
    synapses.w, synapses.d = weights, delays * ms
    if history is not None:
        remember(group, "x", history=history)
    monitor = StateMonitor(group, "x", record=True)
    return group, synapses, monitor, Network(group, synapses, monitor)


def test_summed_coupling_with_a_delay_per_synapse():
    delays, weights = np.arange(9) * 0.2, np.linspace(-1, 1, 9)
    _, _, monitor, network = coupled(delays, weights)
    run(network, 5)
    x = np.zeros((51, 3))
    x[0] = [1, -2, 0.5]
    for n in range(50):
        current = np.zeros(3)
        for k in range(9):
            source, target = divmod(k, 3)
            current[target] += weights[k] * x[max(n - 2 * k, 0), source]
        x[n + 1] = x[n] + 0.1 / 4 * (current - x[n])
    np.testing.assert_allclose(monitor.x.T, x[:50], rtol=0, atol=1e-12)


def test_two_oscillators_lock_at_the_published_frequency():
    # Schuster and Wagner (1989): in-phase states turn with Omega = omega - K sin(Omega tau).
    defaultclock.dt = 0.01 * ms
    group = NeuronGroup(2, "dtheta/dt = omega + I : 1\nI : Hz", method="euler")
    group.theta = [0.3, 0]
    synapses = Synapses(
        group, group, "I_post = K*sin(delayed(theta_pre, 1.5*ms) - theta_post) : Hz (summed)"
    )
    synapses.connect(condition="i != j")
    omega, strength, delay = 1.0, 0.8, 1.5  # rad/ms, 1/ms, ms
    network = Network(group, synapses)
    names = {"omega": omega / ms, "K": strength / ms}
    run(network, 40, **names)
    before = np.array(group.theta)
    run(network, 10, **names)
    after = np.array(group.theta)
    frequency = (after[0] - before[0]) / 10
    assert abs(frequency - (omega - strength * math.sin(frequency * delay))) < 1e-3
    assert abs(math.sin((after[0] - after[1]) / 2)) < 1e-3


def test_brians_own_summed_variable_stays_undelayed():
    source = NeuronGroup(1, "x : 1", threshold="False", reset="")
    source.run_regularly("x += 1")
    target = NeuronGroup(1, "I : 1")
    synapses = Synapses(source, target, "w : 1\nI_post = x_pre : 1 (summed)", on_pre="w += 1")
    synapses.connect()
    synapses.delay = 0.5 * ms
    run(Network(source, target, synapses), 1)
    assert target.I[0] == source.x[0] == 10


def test_past_before_the_first_run():
    delays, weights = np.full(9, 1.0), np.full(9, 0.5)

    def first_values(history):
        _, _, monitor, network = coupled(delays, weights, history)
        run(network, 0.3)
        return monitor.x[:, 1:3]

    x0 = np.array([1, -2, 0.5])

    def expected(pasts):
        x = x0
        for past in pasts:
            x = x + 0.025 * (0.5 * np.sum(past) - x)
            yield x

    for history, pasts in [
        (None, [x0, x0]),
        (2.0, [np.full(3, 2.0)] * 2),
        ([1, 2, 3], [np.array([1, 2, 3])] * 2),
        (lambda t: np.asarray(t / ms), [np.full(3, -1.0), np.full(3, -0.9)]),
        (lambda t: np.outer(t / ms, [1, 0, 0]), [np.array([-1.0, 0, 0]), np.array([-0.9, 0, 0])]),
    ]:
        np.testing.assert_allclose(
            first_values(history).T, list(expected(pasts)), rtol=0, atol=1e-12
        )


def trace(durations):
    _, _, monitor, network = coupled(np.linspace(0, 3, 9), np.linspace(-1, 2, 9))
    for duration in durations:
        run(network, duration)
    return np.array(monitor.x)


def test_several_runs_are_one_run():
    np.testing.assert_array_equal(trace([0.1, 2.5, 1.4, 3]), trace([7]))


def test_slices_do_not_matter(monkeypatch):
    whole = trace([7])
    monkeypatch.setattr(loop, "next_slice", lambda n_steps, took: 3)
    np.testing.assert_array_equal(trace([7]), whole)


def test_store_and_restore_keep_the_past():
    group, _, monitor, network = coupled(np.linspace(0, 3, 9), np.linspace(-1, 2, 9))
    run(network, 2)
    network.store()
    run(network, 3)
    first = np.array(monitor.x)
    group.x = 100
    run(network, 1)
    network.restore()
    run(network, 3)
    np.testing.assert_array_equal(monitor.x, first)


def test_restoring_the_beginning_forgets_the_past():
    _, _, monitor, network = coupled(np.linspace(0, 3, 9), np.linspace(-1, 2, 9))
    network.store()
    run(network, 5)
    first = np.array(monitor.x)
    network.restore()
    run(network, 5)
    np.testing.assert_array_equal(monitor.x, first)


def test_smaller_step_keeps_the_past():
    ramp = NeuronGroup(1, "dx/dt = 1/ms : 1", method="euler", dt=0.1 * ms)
    reader = NeuronGroup(1, "y : 1", dt=0.1 * ms)
    synapses = Synapses(ramp, reader, "y_post = delayed(x_pre, 1*ms) : 1 (summed)", dt=0.1 * ms)
    synapses.connect()
    network = Network(ramp, reader, synapses)
    run(network, 2)
    for obj in (ramp, reader, synapses):
        obj.clock.dt = 0.05 * ms
    run(network, 0.5)
    # The value of 1 ms before the last step at 2.45 ms.
    np.testing.assert_allclose(reader.y, 1.45, rtol=1e-12)


def test_reader_with_another_clock():
    ramp = NeuronGroup(1, "dx/dt = 1/ms : 1", method="euler", dt=0.2 * ms)
    reader = NeuronGroup(1, "y : 1", dt=0.05 * ms)
    synapses = Synapses(ramp, reader, "y_post = delayed(x_pre, 0.5*ms) : 1 (summed)", dt=0.05 * ms)
    synapses.connect()
    monitor = StateMonitor(reader, "y", record=True, when="end", dt=0.05 * ms)
    run(Network(ramp, reader, synapses, monitor), 2)
    t = np.arange(40) * 0.05
    np.testing.assert_allclose(monitor.y[0], np.maximum(t - 0.5, 0), rtol=0, atol=1e-12)


def test_delays_that_change_during_a_run():
    group = NeuronGroup(
        1,
        """dx/dt = 1/ms : 1
        dd/dt = 0.5 : second
        y = delayed(x, d) : 1 (constant over dt)""",
        method="euler",
    )
    remember(group, "x", longest=5 * ms)
    monitor = StateMonitor(group, ["y", "d"], record=True, when="end")
    run(Network(group, monitor), 8)
    n = np.arange(80)
    np.testing.assert_allclose(monitor.y[0], (n * 0.1) * 0.5, rtol=0, atol=1e-9)


def test_delays_that_grow_beyond_what_is_kept():
    group = NeuronGroup(1, "dx/dt = -delayed(x, d)/ms : 1\ndd/dt = 0.5 : second", method="euler")
    group.d = 1 * ms
    network = Network(group)
    with pytest.raises(ParameterError, match=r"1 ms of the past of 'x'.*remember"):
        run(network, 8)


def test_delays_learned_from_spikes():
    source = SpikeGeneratorGroup(1, [0, 0], [0.5, 1.5] * ms)
    ramp = NeuronGroup(1, "dx/dt = 1/ms : 1\nI : 1", method="euler")
    synapses = Synapses(ramp, ramp, "d : second\nI_post = delayed(x_pre, d) : 1 (summed)")
    synapses.connect()
    learning = Synapses(source, synapses, on_pre="d_post += 0.2*ms")
    learning.connect()
    remember(ramp, "x", longest=1 * ms)
    monitor = StateMonitor(ramp, "I", record=True, when="end")
    run(Network(source, ramp, synapses, learning, monitor), 3)
    t = np.arange(30) * 0.1
    # Sums are formed before spikes of the same step arrive.
    delay = 0.2 * (t > 0.55) + 0.2 * (t > 1.55)
    np.testing.assert_allclose(monitor.I[0], np.maximum(t - delay, 0), rtol=0, atol=1e-9)


def test_longer_delays_in_a_later_run_need_to_be_announced():
    group, synapses, _, network = coupled(np.full(9, 0.5), np.full(9, 0.1))
    run(network, 5)
    synapses.d = 3 * ms
    with pytest.raises(ParameterError, match="remember"):
        run(network, 1)
    start_scope()
    group, synapses, monitor, network = coupled(np.full(9, 0.5), np.full(9, 0.1))
    remember(group, "x", longest=3 * ms)
    run(network, 5)
    synapses.d = 3 * ms
    run(network, 0.2)
    expected = monitor.x[:, 50] + 0.025 * (0.1 * monitor.x[:, 20].sum() - monitor.x[:, 50])
    np.testing.assert_allclose(monitor.x[:, 51], expected, rtol=1e-12)


def test_links_subgroups_statements_and_monitors():
    ramp = NeuronGroup(4, "dx/dt = (1 + i)/ms : 1", method="euler")
    reader = NeuronGroup(
        2,
        """x : 1 (linked)
        seen : 1
        y = delayed(x, 0.3*ms) : 1""",
    )
    reader.x = linked_var(ramp, "x", index=[3, 1])
    reader.run_regularly("seen = delayed(x, 0.5*ms)")
    monitor = StateMonitor(reader, "y", record=True)
    run(Network(ramp, reader, monitor), 1)
    np.testing.assert_allclose(reader.seen, [4 * 0.4, 2 * 0.4], rtol=1e-9)
    np.testing.assert_allclose(monitor.y[:, -1], [4 * 0.6, 2 * 0.6], rtol=1e-9)


def test_constant_over_dt_serves_every_method():
    group = NeuronGroup(
        1,
        "dx/dt = -y/(2*ms) : 1\ny = delayed(x, 1*ms) : 1 (constant over dt)",
        method="rk4",
    )
    group.x = 1
    run(Network(group), 2)
    np.testing.assert_allclose(group.x, by_method_of_steps(np.array([2.0]), 1.0), atol=0.02)


@pytest.mark.parametrize(
    ("equations", "method", "message"),
    [
        ("dx/dt = -delayed(x, 1*ms)/ms : 1", "rk4", "constant over dt"),
        ("dx/dt = -delayed(z, 1*ms)/ms : 1\nz = 2*x : 1", "euler", "constant over dt"),
        ("dx/dt = -delayed(x, 2)/ms : 1", "euler", "should be (s)"),
        ("dx/dt = -delayed(x, -1*ms)/ms : 1", "euler", "0 s or more"),
        ("dx/dt = -delayed(x, 1*ms + abs(x)*ms)/ms : 1", "euler", "remember"),
    ],
)
def test_wrong_use_is_named(equations, method, message):
    group = NeuronGroup(1, equations, method=method)
    with pytest.raises((BrianObjectException, ParameterError)) as failure:
        run(Network(group), 1)
    causes, cause = [], failure.value
    while cause is not None:
        causes.append(str(cause))
        cause = cause.__cause__
    assert message in " ".join(causes)


def test_wrong_histories_are_named():
    group = NeuronGroup(3, "dv/dt = -delayed(v, 1*ms)/ms : volt", method="euler")
    with pytest.raises(ParameterError, match="no state variable 'u'"):
        remember(group, "u", 1 * ms)
    for longest in (-1 * ms, 3, 1 * mV, [1, 2] * ms):
        with pytest.raises(ParameterError, match="expected a positive time"):
            remember(group, "v", longest)
    network = Network(group)
    for history, message in [(3, "no unit"), ([1, 2] * mV, "shape"), (1 * second, "unit")]:
        remember(group, "v", history=history)
        with pytest.raises(ParameterError, match=message):
            run(network, 1)
    remember(group, "v", history=lambda t: Quantity(np.zeros(len(t))) * mV)
    run(network, 1)


def test_other_devices_say_what_is_needed():
    set_device("runtime")
    prefs.codegen.target = "numpy"
    group = decaying_on_the_past()
    with pytest.raises(BrianObjectException) as failure:
        run(Network(group), 1)
    assert "set_device('neurosim')" in repr(failure.value.__cause__)


def test_profiled_run_says_what_is_needed():
    group = decaying_on_the_past()
    with pytest.raises(NotImplementedError, match="do not profile"):
        Network(group).run(1 * ms, profile=True, namespace=NAMESPACE)
