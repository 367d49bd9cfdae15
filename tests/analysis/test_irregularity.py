"""Irregularity and correlation of processes whose measures theory knows."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from neurosim.analysis import (
    coefficients_of_variation,
    fano_factors,
    interspike_intervals,
    local_coefficients_of_variation,
    local_variations,
    pairwise_correlations,
    spike_counts,
    synchrony,
)
from neurosim.errors import ParameterError


def expected_cv2(order):
    # The share of the first of two gamma intervals in their sum is beta distributed.
    return 2 * quad(lambda share: abs(2 * share - 1) * beta.pdf(share, order, order), 0, 1)[0]


@pytest.mark.parametrize("order", [1, 2, 5])
def test_gamma_renewal_processes(processes, rng, order):
    n_neurons = 100
    times, neurons = processes.renewal_spikes(
        rng, n_neurons=n_neurons, rate=20.0, stop=100.0, order=order
    )
    shuffled = rng.permutation(len(times))
    spikes = times[shuffled], neurons[shuffled]
    for measure, expected in (
        (coefficients_of_variation, 1 / np.sqrt(order)),
        (local_coefficients_of_variation, expected_cv2(order)),
        (local_variations, 3 / (2 * order + 1)),
    ):
        values = measure(*spikes, n_neurons=n_neurons)
        error = values.std() / np.sqrt(n_neurons)
        assert abs(values.mean() - expected) < 4 * error, measure.__name__
        # CV is off by order 1/n at 2000 intervals; all stand within two percent.
        assert values.mean() == pytest.approx(expected, rel=0.02)


def test_slow_changes_of_rate_raise_cv_but_not_local_measures(rng):
    slow = np.concatenate([rng.exponential(0.2, 2000), rng.exponential(0.02, 2000)]).cumsum()
    spikes = slow, np.zeros(len(slow), int)
    assert coefficients_of_variation(*spikes, n_neurons=1)[0] > 1.3
    assert local_variations(*spikes, n_neurons=1)[0] == pytest.approx(1, abs=0.06)
    assert local_coefficients_of_variation(*spikes, n_neurons=1)[0] == pytest.approx(1, abs=0.04)


def test_few_spikes_give_nan_and_intervals_keep_to_their_neuron():
    times, neurons = [0.3, 0.1, 0.2, 5.0], [0, 0, 2, 3]
    intervals, owners = interspike_intervals(times, neurons, n_neurons=4)
    np.testing.assert_allclose(intervals, [0.2])
    np.testing.assert_array_equal(owners, [0])
    for measure in (coefficients_of_variation, local_variations, local_coefficients_of_variation):
        assert np.isnan(measure(times, neurons, n_neurons=4)).all()


@pytest.mark.parametrize(("order", "expected"), [(1, 1.0), (4, 0.25)])
def test_fano_factor_of_renewal_processes_is_the_squared_cv(processes, rng, order, expected):
    times, neurons = processes.renewal_spikes(
        rng, n_neurons=100, rate=50.0, stop=200.0, order=order
    )
    counts = spike_counts(times, neurons, n_neurons=100, start=10.0, stop=200.0, bin_width=1.0)
    factors = fano_factors(counts)
    # At finite windows an equilibrium gamma process adds (1 − CV⁴) / (6 mean), here below 0.004.
    assert factors.mean() == pytest.approx(expected, abs=0.004 + 4 * factors.std() / 10)


def test_correlations_are_those_of_numpy_and_of_shared_spikes(rng):
    shared = rng.poisson(3.0, 20_000)
    counts = np.stack([shared + rng.poisson(7.0, 20_000) for _ in range(4)])
    matrix = pairwise_correlations(counts)
    np.testing.assert_allclose(matrix, np.corrcoef(counts), atol=1e-12)
    pairs = matrix[np.triu_indices(4, 1)]
    assert pairs.mean() == pytest.approx(0.3, abs=4 / np.sqrt(20_000))
    silent = pairwise_correlations(np.vstack([counts, np.zeros(20_000)]))
    np.testing.assert_allclose(silent[:4, :4], matrix)
    assert np.isnan(silent[4]).all()
    assert np.isnan(silent[:, 4]).all()


def test_synchrony_of_mixed_signals(rng):
    n_neurons, share = 400, 0.36
    common = rng.standard_normal((4000, 1))
    own = rng.standard_normal((4000, n_neurons))
    values = np.sqrt(share) * common + np.sqrt(1 - share) * own
    # χ² = share + (1 − share) / n for a shared part of that variance.
    expected = np.sqrt(share + (1 - share) / n_neurons)
    assert synchrony(values) == pytest.approx(expected, abs=0.02)
    assert synchrony(own) == pytest.approx(1 / np.sqrt(n_neurons), rel=0.1)
    assert synchrony(np.repeat(common, 3, axis=1)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("measure", "values", "message"),
    [
        (fano_factors, [1, 2], r"counts must have 2 dimension\(s\); got shape \(2,\)"),
        (fano_factors, [[1], [2]], "at least 2 samples"),
        (pairwise_correlations, [[-1, 2]], "counts must not be negative; got -1"),
        (pairwise_correlations, [[np.nan, 2]], "counts must be finite"),
        (synchrony, [[1.0, 2.0]], "at least 2 steps; got 1"),
        (synchrony, [[1.0, 2.0], [1.0, 2.0]], "values must vary in time"),
    ],
)
def test_bad_arrays_are_named(measure, values, message):
    with pytest.raises(ParameterError, match=message):
        measure(values)
