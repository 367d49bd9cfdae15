"""Spiking kernels against the same equations written out in plain NumPy."""

import numpy as np
import pytest

from neurosim.kernels.hebbian import smoothed_step
from neurosim.kernels.spiking import integrate_and_fire, trace_step


def reference_integrate(current, n_steps, decay, threshold, level, amplitude, weights):
    n_samples, _, n_units = current.shape
    current = np.broadcast_to(current, (n_samples, n_steps, n_units))
    v = np.zeros((n_samples, n_units))
    spikes = np.zeros((n_samples, n_steps, n_units))
    voltage = np.zeros_like(spikes)
    for step in range(n_steps):
        v = decay * v + (1 - decay) * current[:, step]
        voltage[:, step] = v
        fired = v >= level
        v = np.where(fired, v - threshold, v)
        spikes[:, step] = np.where(fired, amplitude, 0)
    weighted = np.einsum("t,btn->bn", weights, current)
    return spikes, voltage, weighted, np.einsum("t,btn->bn", weights, spikes), spikes.mean(1)


@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("keep_voltage", [True, False])
def test_integrate_and_fire_follows_its_equations(constant, keep_voltage):
    rng = np.random.default_rng(0)
    n_samples, n_steps, n_units = 5, 30, 11
    current = rng.normal(0.5, 1.0, (n_samples, 1 if constant else n_steps, n_units))
    weights = rng.random(n_steps)
    weights /= weights.sum()
    constants = (0.95, 0.3, 0.09, 6.0)
    shape = (n_samples, n_steps, n_units)
    spikes, weighted = np.empty(shape), np.empty((n_samples, n_units))
    rate, mean = np.empty_like(weighted), np.empty_like(weighted)
    voltage = np.empty(shape if keep_voltage else (0, 0, 0))
    integrate_and_fire(
        current, *constants, weights, np.empty(n_units), spikes, weighted, rate, mean, voltage
    )
    expected = reference_integrate(current, n_steps, *constants, weights)
    assert 0.05 < np.mean(spikes > 0) < 0.95
    np.testing.assert_array_equal(spikes, expected[0])
    if keep_voltage:
        np.testing.assert_allclose(voltage, expected[1], rtol=1e-13)
    for ours, theirs in zip((weighted, rate, mean), expected[2:], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_constant_current_fires_at_the_rate_of_its_clipped_line():
    # Over many steps a unit's mean output approaches the current itself between 0 and V_th/dt.
    n_steps, decay, threshold, dt = 20000, np.exp(-0.05), 0.3, 0.05
    current = np.array([[[-1.0, 0.0, 0.5, 2.0, 5.0, 9.0]]])
    shape = (1, n_steps, 6)
    weights = np.full(n_steps, 1 / n_steps)
    outputs = [np.empty((1, 6)) for _ in range(3)]
    integrate_and_fire(
        current,
        decay,
        threshold,
        0.3 * threshold,
        threshold / dt,
        weights,
        np.empty(6),
        np.empty(shape),
        *outputs,
        np.empty((0, 0, 0)),
    )
    # Subtracting V_th per spike balances the drift (1 − β) I, a factor (1 − β)/dt off 1.
    slope = (1 - decay) / dt
    expected = np.clip(slope * current[0, 0], 0, threshold / dt)
    np.testing.assert_allclose(outputs[2][0], expected, atol=0.15)


def test_trace_step_follows_its_equations():
    rng = np.random.default_rng(1)
    membrane, spikes, trace = (np.zeros((4, 7)) for _ in range(3))
    u, s, a = (np.zeros((4, 7)) for _ in range(3))
    fired = 0
    for _ in range(12):
        current = rng.normal(0.6, 0.8, (4, 7))
        trace_step(current, 0.5, 1.0, membrane, spikes, trace)
        u = 0.5 * (u - 1.0 * s) + current
        s = (u >= 1.0).astype(float)
        a = 0.5 * a + s
        fired += s.sum()
        np.testing.assert_allclose(membrane, u, rtol=1e-13)
        np.testing.assert_array_equal(spikes, s)
        np.testing.assert_allclose(trace, a, rtol=1e-13)
    assert fired > 10


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_smoothed_step_clips_smooths_and_applies(dtype):
    change = np.array([[50.0, -50.0, 2.0]], dtype)
    smoothed = np.array([[1.0, 1.0, 1.0]], dtype)
    weights = np.zeros((1, 3), dtype)
    scalar = weights.dtype.type
    smoothed_step(change, scalar(10), scalar(0.9), scalar(0.5), smoothed, weights)
    np.testing.assert_allclose(smoothed, [[1.9, -0.1, 1.1]], rtol=1e-5)
    np.testing.assert_allclose(weights, [[0.95, -0.05, 0.55]], rtol=1e-5)
