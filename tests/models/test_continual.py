"""Comparators against their equations."""

import numpy as np
import pytest

from neurosim.errors import ParameterError
from neurosim.models.continual import (
    GradientProjectionMemory,
    Naive,
    OnlineEWC,
    Replay,
)
from neurosim.models.continual.gpm import extend_basis
from neurosim.models.continual.memory import Reservoir


def batch(seed=0, n_samples=20):
    rng = np.random.default_rng(seed)
    return rng.random((n_samples, 12)), rng.integers(0, 3, n_samples)


SMALL = {"hidden": (9,), "dtype": "float64", "seed": 1}


def test_reservoir_is_uniform_over_the_stream():
    counts = np.zeros(40)
    for seed in range(600):
        reservoir = Reservoir(10, seed=seed, name="test")
        for start in range(0, 40, 8):
            ordinals = np.arange(start, start + 8)
            reservoir.add(ordinals[:, None].astype(float), ordinals)
        assert reservoir.stimuli[:, 0].tolist() == reservoir.targets.tolist()
        assert len(set(reservoir.targets.tolist())) == 10
        counts[reservoir.targets] += 1
    # Each of 40 is held in a quarter of 600 runs: 150 ± 10.6.
    assert np.abs(counts - 150).max() < 5 * np.sqrt(600 * 0.25 * 0.75)
    assert counts.sum() == 6000


def test_replay_adds_old_samples_only():
    model = Replay(12, 3, memory=15, replayed=6, **SMALL)
    model.before_experience(0)
    old = batch(1)
    assert len(model.training_batch(*old)[1]) == 20
    model.after_experience(0)
    model.before_experience(1)
    stimuli, targets = model.training_batch(*batch(2))
    assert len(targets) == 26
    pool = {tuple(row): target for row, target in zip(*old, strict=True)}
    added = [tuple(row) for row in stimuli[20:]]
    assert [pool[row] for row in added] == targets[20:].tolist()
    assert len(set(added)) == 6


def log_probability_gradient(model, stimulus, label):
    """Gradient of log p(label) of a one-layer rate network, written out."""
    first, last = (projection.weights for projection in model.network.projections)
    current = first @ stimulus
    rate = np.maximum(current, 0)
    scores = last @ rate
    odds = np.exp(scores - scores.max())
    error = -odds / odds.sum()
    error[label] += 1
    return [np.outer((last.T @ error) * (current > 0), stimulus), np.outer(error, rate)]


def test_fisher_information_is_the_mean_squared_gradient_per_sample():
    model = OnlineEWC(12, 3, rule="rate", **SMALL)
    stimuli = np.repeat(batch()[0][:2], 4000, axis=0)
    estimated = model.fisher_information(stimuli)
    expected = [0, 0]
    for stimulus in stimuli[[0, -1]]:
        scores = model.respond(stimulus[None]).scores[0]
        odds = np.exp(scores) / np.exp(scores).sum()
        for label in range(3):
            gradients = log_probability_gradient(model, stimulus, label)
            for index, gradient in enumerate(gradients):
                expected[index] = expected[index] + odds[label] * gradient**2 / 2
    for index, values in enumerate(expected):
        ours = estimated[f"projection_{index}.weights"]
        np.testing.assert_allclose(ours, values, atol=0.06 * values.max())


def test_ewc_adds_the_gradient_of_its_penalty():
    model = OnlineEWC(12, 3, penalty=7.0, **SMALL)
    model.before_experience(0)
    for seed in range(5):
        model.learn(*batch(seed))
    model.after_experience(0)
    model.before_experience(1)
    parameters = model.network.parameters()
    rng = np.random.default_rng(0)
    for array in parameters.values():
        array += 0.1 * rng.standard_normal(array.shape)

    def penalty():
        return 3.5 * sum(
            np.sum(model.importance[name] * (parameters[name] - model.anchor[name]) ** 2)
            for name in model.importance
        )

    gradients = {name: np.zeros_like(array) for name, array in parameters.items()}
    model.regularise(parameters, gradients)
    name = "projection_0.weights"
    entry = np.unravel_index(np.argmax(model.importance[name]), parameters[name].shape)
    parameters[name][entry] += 1e-5
    above = penalty()
    parameters[name][entry] -= 2e-5
    slope = (above - penalty()) / 2e-5
    assert slope != 0
    assert gradients[name][entry] == pytest.approx(slope, rel=1e-3)


def test_ewc_importance_decays_and_accumulates():
    model = OnlineEWC(12, 3, decay=0.5, **SMALL)
    importances = []
    for experience in range(2):
        model.before_experience(experience)
        model.learn(*batch(experience))
        model.after_experience(experience)
        importances.append({name: array.copy() for name, array in model.importance.items()})
    fresh = model.fisher_information(model._seen.stimuli)
    for name, values in importances[1].items():
        expected = 0.5 * importances[0][name] + fresh[name]
        np.testing.assert_allclose(values, expected, rtol=1e-12)


def test_without_penalty_ewc_is_naive():
    naive, ewc = Naive(12, 3, **SMALL), OnlineEWC(12, 3, penalty=0.0, **SMALL)
    for model in (naive, ewc):
        for experience in range(2):
            model.before_experience(experience)
            model.learn(*batch(experience))
            model.after_experience(experience)
    for name, array in naive.network.parameters().items():
        np.testing.assert_array_equal(array, ewc.network.parameters()[name])


def test_basis_reaches_the_energy_with_the_fewest_directions():
    rng = np.random.default_rng(2)
    rows = rng.standard_normal((200, 12)) * 0.7 ** np.arange(12)
    basis = extend_basis(np.zeros((0, 12)), rows, energy=0.95)
    np.testing.assert_allclose(basis @ basis.T, np.eye(len(basis)), atol=1e-12)

    def represented(directions):
        return np.sum((rows @ directions.T) ** 2) / np.sum(rows**2)

    assert represented(basis) >= 0.95 > represented(basis[:-1])
    # Further rows add only what is missing.
    extended = extend_basis(basis, rows, energy=0.99)
    np.testing.assert_array_equal(extended[: len(basis)], basis)
    assert represented(extended) >= 0.99
    assert len(extend_basis(extended, rows, energy=0.5)) == len(extended)
    assert len(extend_basis(extended, rows, n_new=99)) == 12


def test_basis_never_holds_more_directions_than_the_activity():
    rows = np.random.default_rng(0).standard_normal((50, 3)) @ np.eye(3, 12)
    assert extend_basis(np.zeros((0, 12)), rows, n_new=8).shape == (3, 12)


def test_gpm_keeps_answers_to_what_its_bases_hold():
    model = GradientProjectionMemory(12, 3, energy=1.0, **{**SMALL, "hidden": (30, 30)})
    model.before_experience(0)
    old = np.random.default_rng(0).random((6, 12))  # six stimuli span six directions at most
    for _ in range(5):
        model.learn(old, np.array([0, 1, 2, 0, 1, 2]))
    model.after_experience(0)
    before = model.respond(old).scores
    model.before_experience(1)
    for seed in range(30):
        model.learn(*batch(seed))
    np.testing.assert_allclose(model.respond(old).scores, before, atol=1e-8)
    assert np.abs(model.respond(batch(50)[0]).scores - before[0]).max() > 0.01


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Replay(12, 3, memory=0), "memory of replay .* got 0"),
        (lambda: OnlineEWC(12, 3, penalty=float("nan")), "penalty of ewc .* got nan"),
        (lambda: OnlineEWC(12, 3, decay=1.1), "decay of ewc .* got 1.1"),
        (lambda: GradientProjectionMemory(12, 3, energy=0.0), r"energy of gpm .* got 0\.0"),
        (lambda: Naive(12, 3, rule="hebb"), "rule .* got 'hebb'"),
        (lambda: Naive(12, 3, rule="rate", n_steps=3), "n_steps; .*got 3|got 3"),
        (lambda: Naive(12, 3, learning_rate=-1.0), "learning_rate .* got -1.0"),
    ],
)
def test_bad_values_are_named(make, message):
    with pytest.raises(ParameterError, match=message):
        make()
