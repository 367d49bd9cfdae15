"""Gradients against finite differences and closed forms, where they are exact."""

import numpy as np
import pytest

from neurosim.layers import FeedforwardNetwork, OnlineTraces, RateUnits, SpikeRepresentation
from neurosim.layers.loss import cross_entropy, squared_error


def batch(n_inputs=12, n_samples=9, seed=3):
    rng = np.random.default_rng(seed)
    return rng.random((n_samples, n_inputs)), rng.integers(0, 4, n_samples)


def network(dynamics, hidden=(15, 13), **options):
    return FeedforwardNetwork(
        [12, *hidden, 4], dynamics=dynamics, seed=5, dtype="float64", **options
    )


def finite_difference(loss, array, entries, step=1e-5):
    differences = []
    for entry in entries:
        kept = array[entry]
        array[entry] = kept + step
        above = loss()
        array[entry] = kept - step
        below = loss()
        array[entry] = kept
        differences.append((above - below) / (2 * step))
    return np.array(differences)


def some_entries(array, n=12):
    rng = np.random.default_rng(0)
    flat = rng.choice(array.size, min(n, array.size), replace=False)
    return [tuple(index) for index in np.array(np.unravel_index(flat, array.shape)).T]


@pytest.mark.parametrize("function", [cross_entropy, squared_error])
def test_loss_gradients(function):
    _, targets = batch()
    readout = np.random.default_rng(1).normal(size=(9, 4))
    _, gradient = function(readout, targets)
    entries = some_entries(readout)
    numeric = finite_difference(lambda: function(readout, targets)[0], readout, entries)
    np.testing.assert_allclose([gradient[entry] for entry in entries], numeric, rtol=1e-6)


def test_cross_entropy_survives_large_scores():
    loss, gradient = cross_entropy(np.array([[1e4, 0.0]], np.float32), np.array([1]))
    assert loss == pytest.approx(1e4)
    assert np.isfinite(gradient).all()
    assert gradient.dtype == np.float32


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("bias", [True, False])
def test_rate_gradients_are_exact(activation, bias):
    stimuli, targets = batch()
    net = network(RateUnits(activation), bias=bias)
    [(_, gradients)] = net.learning_steps(stimuli, targets)
    assert set(gradients) == set(net.parameters())
    for name, array in net.parameters().items():
        entries = some_entries(array)
        numeric = finite_difference(
            lambda: next(net.learning_steps(stimuli, targets))[0], array, entries
        )
        ours = [gradients[name][entry] for entry in entries]
        np.testing.assert_allclose(ours, numeric, rtol=1e-5, atol=1e-8)


def test_dsr_readout_gradient_is_exact():
    stimuli, targets = batch()
    net = network(SpikeRepresentation(), bias=True)
    [(_, gradients)] = net.learning_steps(stimuli, targets)
    for kind in ("weights", "bias"):
        name = f"projection_2.{kind}"
        array = net.parameters()[name]
        entries = some_entries(array)
        numeric = finite_difference(
            lambda: next(net.learning_steps(stimuli, targets))[0], array, entries
        )
        ours = [gradients[name][entry] for entry in entries]
        np.testing.assert_allclose(ours, numeric, rtol=1e-6, atol=1e-10)


def test_dsr_backward_pass_equals_the_one_over_all_steps():
    """The published backward pass, written out step by step from its definition."""
    stimuli, targets = batch()
    rule = SpikeRepresentation()
    net = network(rule)
    net.thresholds[:] = (0.03, 0.003)  # low enough that some units saturate
    [(_, gradients)] = net.learning_steps(stimuli, targets)
    readout, traces = net.respond(stimuli, record=("layer_1.spikes", "layer_2.spikes"))
    spikes = [traces["layer_1.spikes"], traces["layer_2.spikes"]]
    _, error = cross_entropy(readout, targets)
    kappa = np.exp(-np.arange(rule.n_steps - 1, -1, -1) * rule.dt / rule.time_constant)
    inputs = [np.repeat(stimuli[:, None], rule.n_steps, axis=1), *spikes]
    # The read-out current of step t weighs κ_t/Σκ.
    upstream = np.einsum("bo,t->bto", error, kappa / kappa.sum())
    expected = {"projection_2.weights": np.einsum("bto,bti->oi", upstream, spikes[1])}
    thresholds = np.zeros(2)
    for index in (1, 0):
        arriving = upstream @ net.projections[index + 1].weights
        weighted = rule.n_steps * np.einsum("t,btn->bn", kappa, arriving) / kappa.sum()
        current = inputs[index] @ net.projections[index].weights.T
        current = np.einsum("t,btn->bn", kappa, current) / kappa.sum()
        ceiling = rule.time_constant * net.thresholds[index] / rule.dt
        inside = (current > 0) & (current < ceiling)
        thresholds[index] = rule.dt * weighted[current > ceiling].sum()
        per_step = weighted / (rule.time_constant * rule.n_steps) * inside
        upstream = np.repeat(per_step[:, None], rule.n_steps, axis=1)
        expected[f"projection_{index}.weights"] = np.einsum("bto,bti->oi", upstream, inputs[index])
    assert np.all(thresholds != 0)
    for name, values in expected.items():
        np.testing.assert_allclose(gradients[name], values, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(gradients["thresholds"], thresholds, rtol=1e-9)


def backpropagation_through_time(net, stimuli, targets):
    """Gradient of a one-layer net's first projection, reset detached, by the chain rule."""
    rule = net.dynamics
    weights, readout_weights = (projection.weights for projection in net.projections)
    n_steps, leak, slope = rule.n_steps, rule.leak, rule.surrogate_slope
    u, s = (np.zeros((len(stimuli), weights.shape[0])) for _ in range(2))
    membranes, errors = [], []
    for _ in range(n_steps):
        u = leak * (u - s) + stimuli @ weights.T
        s = (u >= 1).astype(float)
        membranes.append(u)
        errors.append(cross_entropy(s @ readout_weights.T, targets)[1] / n_steps)
    gradient, carried = np.zeros_like(weights), 0
    for u, error in zip(reversed(membranes), reversed(errors), strict=True):
        sigmoid = 1 / (1 + np.exp(-slope * (u - 1)))
        carried = (error @ readout_weights) * slope * sigmoid * (1 - sigmoid) + leak * carried
        gradient += carried.T @ stimuli
    return gradient


def test_ottt_equals_backpropagation_through_time_for_one_layer():
    stimuli, targets = batch()
    net = network(OnlineTraces(input_trace=True), hidden=(17,))
    [(_, gradients)] = net.learning_steps(stimuli, targets)
    expected = backpropagation_through_time(net, stimuli, targets)
    assert np.abs(expected).max() > 1e-4
    np.testing.assert_allclose(gradients["projection_0.weights"], expected, rtol=1e-9, atol=1e-14)


def test_online_steps_add_up_to_the_accumulated_one():
    stimuli, targets = batch()
    [(loss, gradients)] = network(OnlineTraces()).learning_steps(stimuli, targets)
    steps = list(network(OnlineTraces(online_update=True)).learning_steps(stimuli, targets))
    assert len(steps) == 6
    assert sum(step[0] for step in steps) == pytest.approx(loss)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(sum(step[1][name] for step in steps), gradient, atol=1e-14)
