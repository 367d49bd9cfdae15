"""Networks of layers: feedback, recording, precision, reproducibility, bad input."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from neurosim.errors import ParameterError
from neurosim.layers import (
    SGD,
    FeedforwardNetwork,
    OnlineTraces,
    Plasticity,
    RateUnits,
    SpikeRepresentation,
    single_threaded,
)

DYNAMICS = [SpikeRepresentation, OnlineTraces, RateUnits]


def batch(n_inputs=20, n_samples=16):
    rng = np.random.default_rng(2)
    return rng.random((n_samples, n_inputs)), rng.integers(0, 3, n_samples)


@pytest.mark.parametrize("dynamics", DYNAMICS)
@pytest.mark.parametrize("feedback", ["backpropagation", "feedback_alignment", "sign_symmetric"])
def test_every_feedback_lowers_the_loss(dynamics, feedback):
    stimuli, targets = batch()
    net = FeedforwardNetwork([20, 60, 3], dynamics=dynamics(), feedback=feedback, seed=1)
    optimiser = SGD(0.1)
    losses = []
    for _ in range(400):
        for loss, gradients in net.learning_steps(stimuli, targets):
            optimiser.step(net.parameters(), gradients)
            losses.append(loss)
    assert losses[-1] < 0.5 * losses[0]


def test_feedback_changes_hidden_gradients_only():
    stimuli, targets = batch()
    gradients = {}
    for feedback in ("backpropagation", "sign_symmetric"):
        net = FeedforwardNetwork(
            [20, 30, 3], dynamics=RateUnits("tanh"), feedback=feedback, dtype="float64"
        )
        gradients[feedback] = next(net.learning_steps(stimuli, targets))[1]
    forward, symmetric = gradients["backpropagation"], gradients["sign_symmetric"]
    np.testing.assert_array_equal(
        forward["projection_1.weights"], symmetric["projection_1.weights"]
    )
    # Written out: the hidden error travels through sign(W)/√n_inputs.
    readout, traces = net.respond(stimuli, record=("layer_1.rate",))
    rates = traces["layer_1.rate"][:, 0]
    odds = np.exp(readout) / np.exp(readout).sum(1, keepdims=True)
    odds[np.arange(len(targets)), targets] -= 1
    weights = np.sign(net.projections[1].weights) / np.sqrt(30)
    hidden_error = (odds / len(targets)) @ weights * (1 - rates**2)
    np.testing.assert_allclose(
        symmetric["projection_0.weights"], hidden_error.T @ stimuli, rtol=1e-9, atol=1e-15
    )


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_single_and_double_precision_agree_and_do_not_widen(dynamics):
    stimuli, targets = batch()
    losses = {}
    for dtype in ("float32", "float64"):
        net = FeedforwardNetwork([20, 30, 25, 3], dynamics=dynamics(), dtype=dtype)
        loss, gradients = next(net.learning_steps(stimuli, targets))
        losses[dtype] = loss
        assert {gradient.dtype for gradient in gradients.values()} == {np.dtype(dtype)}
        assert net.respond(stimuli)[0].dtype == dtype
    assert losses["float32"] == pytest.approx(losses["float64"], rel=0.05)


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_recording_does_not_change_the_answer(dynamics):
    stimuli, _ = batch()
    net = FeedforwardNetwork([20, 30, 25, 3], dynamics=dynamics())
    plain, nothing = net.respond(stimuli)
    recorded, traces = net.respond(stimuli, record=net.trace_names)
    np.testing.assert_array_equal(plain, recorded)
    assert nothing == {}
    assert set(traces) == set(net.trace_names)
    n_steps = getattr(net.dynamics, "n_steps", 1)
    assert traces[net.trace_names[0]].shape == (16, n_steps, 30)


def test_recorded_voltage_explains_the_spikes():
    stimuli, _ = batch()
    net = FeedforwardNetwork([20, 30, 3], dynamics=SpikeRepresentation())
    _, traces = net.respond(stimuli, record=("layer_1.v", "layer_1.spikes"))
    level = np.float32(0.3) * net.thresholds[0]
    np.testing.assert_array_equal(traces["layer_1.v"] >= level, traces["layer_1.spikes"] > 0)


class Seen(Plasticity):
    def __init__(self):
        self.rows = {}

    def activity(self, index, rows):
        self.rows.setdefault(index, []).append(rows.shape[0])

    def presynaptic(self, index, rows):
        return np.zeros_like(rows)


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_hooks_see_every_projection_and_decide_what_is_learned(dynamics):
    stimuli, targets = batch()
    net = FeedforwardNetwork([20, 30, 25, 3], dynamics=dynamics())
    seen = Seen()
    _, gradients = next(net.learning_steps(stimuli, targets, seen))
    assert sorted(seen.rows) == [0, 1, 2]
    for name, gradient in gradients.items():
        if name.endswith("weights"):
            assert not gradient.any()


def test_weights_do_not_depend_on_the_sizes_of_other_layers():
    first = FeedforwardNetwork([20, 30, 3], dynamics=RateUnits(), seed=4)
    second = FeedforwardNetwork([20, 30, 7, 3], dynamics=RateUnits(), seed=4)
    np.testing.assert_array_equal(first.projections[0].weights, second.projections[0].weights)
    assert np.abs(first.projections[0].weights).max() <= 1 / np.sqrt(20)


def test_bits_do_not_depend_on_the_number_of_threads():
    stimuli, targets = batch(n_inputs=784, n_samples=64)

    @single_threaded
    def gradient():
        net = FeedforwardNetwork([784, 400, 3], dynamics=SpikeRepresentation())
        return next(net.learning_steps(stimuli, targets))[1]["projection_0.weights"]

    results = []
    for threads in (1, 2):
        with threadpool_limits(threads, "blas"):
            results.append(gradient())
    np.testing.assert_array_equal(*results)


def test_the_thread_limit_is_lifted_again():
    def threads():
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]

    before = threads()

    @single_threaded
    def inner():
        return threads()

    @single_threaded
    def outer():
        inner()
        return threads()

    assert set(outer()) == {1}
    assert threads() == before


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: FeedforwardNetwork([4, 2], dynamics=RateUnits()), r"sizes .* got \[4, 2\]"),
        (lambda: FeedforwardNetwork([4, 0, 2], dynamics=RateUnits()), r"sizes .* got \[4, 0, 2\]"),
        (
            lambda: FeedforwardNetwork([4, 3, 2], dynamics=RateUnits(), dtype="float16"),
            "dtype .* 'float16'",
        ),
        (
            lambda: FeedforwardNetwork([4, 3, 2], dynamics=RateUnits(), feedback="weight_mirror"),
            "feedback .* 'weight_mirror'",
        ),
        (lambda: RateUnits("softplus"), "activation .* 'softplus'"),
        (lambda: SpikeRepresentation(0), "n_steps .* got 0"),
        (lambda: SpikeRepresentation(dt=float("nan")), "dt .* got nan"),
        (lambda: OnlineTraces(leak=1.5), "leak .* got 1.5"),
    ],
)
def test_bad_values_are_named(make, message):
    with pytest.raises(ParameterError, match=message):
        make()


def test_wrong_stimuli_and_records_are_named():
    net = FeedforwardNetwork([4, 3, 2], dynamics=RateUnits())
    with pytest.raises(ParameterError, match=r"\(n_samples, 4\); got \(2, 5\)"):
        net.respond(np.ones((2, 5)))
    with pytest.raises(ParameterError, match=r"layer_1\.rate; got 'layer_9\.v'"):
        net.respond(np.ones((2, 4)), record=("layer_9.v",))


def test_momentum_follows_its_recursion():
    weights = {"w": np.zeros(1)}
    optimiser = SGD(0.1, momentum=0.5)
    for gradient in (1.0, 1.0):
        optimiser.step(weights, {"w": np.array([gradient])})
    # First step −0.1·1, second −0.1·(0.5·1 + 1).
    assert weights["w"][0] == pytest.approx(-0.25)
