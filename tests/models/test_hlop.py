"""Hebbian orthogonal projection: the invariants of the circuit and of the classifier."""

import numpy as np
import pytest

from neurosim.errors import ParameterError
from neurosim.models.continual import Naive
from neurosim.models.continual.gpm import extend_basis
from neurosim.models.hlop import (
    HebbianOrthogonalProjection,
    LateralCircuit,
    non_orthonormality,
    optimal_residual,
    residual_energy,
)

SPECTRUM = 0.6 ** np.arange(30)


def samples(n, seed=0, dimension=30):
    """Gaussian activity whose principal directions are a random rotation's columns."""
    rotation = np.linalg.qr(np.random.default_rng(9).standard_normal((dimension, dimension)))[0]
    rng = np.random.default_rng(seed)
    return (rng.standard_normal((n, dimension)) * SPECTRUM[:dimension]) @ rotation.T, rotation


def trained_circuit(n_neurons=4, batches=600, **options):
    circuit = LateralCircuit(30, dtype="float64", learning_rate=0.05, **options)
    circuit.grow(n_neurons, np.random.default_rng(1))
    for batch in range(batches):
        circuit.learn(samples(64, seed=batch)[0])
    return circuit


def batch(n_inputs=30, n_samples=20, n_classes=3, seed=0):
    rng = np.random.default_rng(seed)
    return rng.random((n_samples, n_inputs)), rng.integers(0, n_classes, n_samples)


def classifier(**options):
    options = {"hidden": (25, 20), "subspaces": ((5, 6, 4),), "dtype": "float64", **options}
    return HebbianOrthogonalProjection(30, 3, seed=2, **options)


def learn_experience(model, experience, seed, n_batches=10):
    model.before_experience(experience)
    for number in range(n_batches):
        model.learn(*batch(seed=100 * seed + number))
    model.after_experience(experience)


def test_one_step_follows_the_published_formula():
    rng = np.random.default_rng(3)
    circuit = LateralCircuit(6, learning_rate=0.02, iterations=3, limit=0.05, dtype="float64")
    circuit.grow(2, rng)
    circuit.freeze()
    circuit.grow(2, rng)
    rows = rng.standard_normal((7, 6))
    weights, smoothed = circuit.weights.copy(), np.zeros((4, 6))
    clipped = 0
    for _ in range(3):
        rates = rows @ weights.T
        change = rates.T @ (rows - rates @ weights) / 7
        clipped += np.sum(np.abs(change[2:]) > 0.05)
        change = np.clip(change, -0.05, 0.05)
        change[:2] = 0
        smoothed = 0.9 * smoothed + 0.1 * change
        weights = weights + 0.02 * smoothed
    circuit.learn(rows)
    assert clipped > 0
    np.testing.assert_allclose(circuit.weights, weights, rtol=1e-12)


def test_fixed_point_is_an_orthonormal_basis_of_the_principal_subspace():
    circuit = trained_circuit()
    rows, rotation = samples(20000, seed=10**6)
    assert non_orthonormality(circuit.weights) < 0.02
    # Alignment with the four directions of largest variance: mean squared cosine.
    alignment = np.sum((circuit.weights @ rotation[:, :4]) ** 2) / 4
    assert alignment > 0.98
    best = optimal_residual(rows, np.zeros((0, 30)), 4)
    assert residual_energy(rows, circuit.weights) < 1.1 * best


def test_frozen_neurons_keep_their_bits_and_new_ones_learn_the_rest():
    circuit = trained_circuit(n_neurons=3)
    kept = circuit.weights.copy()
    circuit.freeze()
    circuit.grow(3, np.random.default_rng(5))
    circuit.learning_rate = 0.5  # what is left varies little, so learns slowly
    for number in range(1500):
        circuit.learn(samples(64, seed=number)[0])
    np.testing.assert_array_equal(circuit.frozen, kept)
    rows, rotation = samples(5000, seed=10**6)
    new = circuit.weights[3:]
    assert np.sum((new @ rotation[:, 3:6]) ** 2) / 3 > 0.9
    assert residual_energy(rows, circuit.weights) < residual_energy(rows, kept) / 4


def test_projecting_rows_and_projecting_the_gradient_agree():
    circuit = trained_circuit()
    circuit.freeze()
    rows, _ = samples(40)
    errors = np.random.default_rng(6).standard_normal((40, 12))
    np.testing.assert_allclose(
        errors.T @ circuit.project(rows),
        circuit.project_gradient(errors.T @ rows),
        atol=1e-13,
    )


def test_orthonormal_rows_leave_nothing_along_themselves():
    circuit = LateralCircuit(30, dtype="float64")
    circuit.grow(7, np.random.default_rng(0))  # born orthonormal
    circuit.freeze()
    errors = np.random.default_rng(6).standard_normal((40, 12))
    change = errors.T @ circuit.project(samples(40)[0])
    np.testing.assert_allclose(change @ circuit.frozen.T, 0, atol=1e-13)


def test_a_full_circuit_leaves_no_plasticity():
    circuit = LateralCircuit(30, dtype="float64")
    circuit.grow(99, np.random.default_rng(0))
    assert circuit.weights.shape == (30, 30)
    circuit.freeze()
    np.testing.assert_allclose(circuit.project(samples(40)[0]), 0, atol=1e-13)


def test_many_spikes_recover_linear_subspace_neurons():
    rows, _ = samples(50)
    linear = trained_circuit()
    linear.freeze()
    exact = linear.project(rows)
    errors = []
    for n_steps in (10, 40, 1000, 10**6):
        spiking = LateralCircuit(30, spiking_steps=n_steps, dtype="float64")
        spiking.restore(linear.state())
        errors.append(np.linalg.norm(spiking.project(rows) - exact) / np.linalg.norm(exact))
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1e-4
    assert errors[0] > 1e-2


def test_spiking_rates_are_multiples_of_one_spike_and_bounded():
    circuit = LateralCircuit(2, spiking_steps=40, dtype="float64")
    rates = circuit.respond(np.array([[0.26, 0], [100.0, 0], [-100.0, 0]]), np.eye(2)[:1])
    # One spike in 40 steps stands for 20/40 = 0.5; 0.26 rounds to one spike.
    assert rates[:, 0].tolist() == [0.5, 20.0, -20.0]


def test_orthogonal_birth_starts_outside_the_frozen_subspace():
    overlaps = {}
    for orthogonal in (False, True):
        circuit = LateralCircuit(30, dtype="float64", orthogonal_birth=orthogonal)
        circuit.grow(10, np.random.default_rng(0))
        circuit.freeze()
        circuit.grow(10, np.random.default_rng(1))
        overlaps[orthogonal] = np.abs(circuit.weights[10:] @ circuit.frozen.T).max()
        assert non_orthonormality(circuit.weights[10:]) < 1e-12
    assert overlaps[True] < 1e-12 < 0.1 < overlaps[False]


def test_diagnostics_against_pca():
    rows, _ = samples(300)
    basis = extend_basis(np.zeros((0, 30)), rows, n_new=6)
    best = optimal_residual(rows, np.zeros((0, 30)), 6)
    assert residual_energy(rows, basis) == pytest.approx(best, rel=1e-9)
    # In two parts: four frozen directions, then the two best beside them.
    assert optimal_residual(rows, basis[:4], 2) == pytest.approx(best, rel=1e-9)
    assert non_orthonormality(2 * np.eye(3)) == 3


@pytest.mark.parametrize("rule", ["dsr", "ottt", "rate"])
def test_without_subspace_neurons_it_is_the_naive_network_bit_for_bit(rule):
    hlop = classifier(subspaces=((0, 0, 0),), rule=rule)
    naive = Naive(30, 3, seed=2, hidden=(25, 20), dtype="float64", rule=rule)
    for experience in range(2):
        for model in (hlop, naive):
            learn_experience(model, experience, seed=experience)
    for name, array in naive.network.parameters().items():
        np.testing.assert_array_equal(hlop.network.parameters()[name], array)


@pytest.mark.parametrize("rule", ["dsr", "ottt", "rate"])
def test_answers_do_not_depend_on_the_circuits(rule):
    model = classifier(rule=rule)
    learn_experience(model, 0, seed=0)
    stimuli, _ = batch(seed=77)
    before = model.respond(stimuli).scores
    for circuit in model.circuits:
        circuit.weights[:] = np.random.default_rng(0).standard_normal(circuit.weights.shape)
    np.testing.assert_array_equal(model.respond(stimuli).scores, before)


@pytest.mark.parametrize("rule", ["dsr", "ottt"])
@pytest.mark.parametrize("spiking_steps", [None, 40])
def test_frozen_rows_survive_the_next_experience_bit_for_bit(rule, spiking_steps):
    model = classifier(rule=rule, spiking_steps=spiking_steps)
    learn_experience(model, 0, seed=0)
    kept = [circuit.frozen.copy() for circuit in model.circuits]
    learn_experience(model, 1, seed=1)
    for circuit, weights in zip(model.circuits, kept, strict=True):
        np.testing.assert_array_equal(circuit.weights[: len(weights)], weights)
        assert len(circuit.weights) == 2 * len(weights)


def test_old_answers_stay_when_old_inputs_lie_in_the_frozen_span():
    model = classifier(subspaces=((10, 25, 20), (0, 0, 0)))
    model.before_experience(0)
    # All old stimuli lie in the span of ten orthonormal rows; hidden layers are wholly frozen.
    mixtures = np.random.default_rng(8).random((50, 10))
    old = mixtures @ model.circuits[0].weights
    for circuit in model.circuits:
        circuit.freeze()
    before = model.respond(old).scores
    model.before_experience(1)
    stimuli, targets = batch(seed=5)
    moved = model.network.projections[0].weights.copy()
    for _ in range(20):
        model.learn(stimuli, targets)
    assert np.abs(model.network.projections[0].weights - moved).max() > 1e-3
    np.testing.assert_allclose(model.respond(old).scores, before, atol=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"subspaces": ((5, 6),)}, r"3 projections; got \(5, 6\)"),
        ({"subspaces": ((5, 6, -1),)}, r"got \(5, 6, -1\)"),
        ({"hebbian_rates": (float("nan"),)}, "learning_rate .* got nan"),
        ({"spiking_steps": 0}, "spiking_steps .* got 0"),
        ({"learning_rate": float("nan")}, "learning_rate .* got nan"),
    ],
)
def test_bad_values_are_named(options, message):
    with pytest.raises(ParameterError, match=message):
        classifier(**options)
