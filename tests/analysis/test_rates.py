"""Rates of Poisson processes whose rate is known, and kernels of area 1."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from neurosim.analysis import (
    firing_rates,
    peristimulus_histogram,
    population_counts,
    population_rate,
    smoothed_rate,
)
from neurosim.errors import ParameterError


def test_rates_of_poisson_neurons(processes, rng):
    times, neurons = processes.renewal_spikes(rng, n_neurons=200, rate=20.0, stop=50.0)
    rates = firing_rates(times, neurons, n_neurons=201, stop=50.0)
    assert rates[200] == 0
    # Counts are Poisson, so that rates have the variance rate / duration.
    scores = (rates[:200] - 20) / np.sqrt(20 / 50)
    assert abs(scores.mean()) < 4 / np.sqrt(200)
    assert 0.8 < scores.std() < 1.2
    _, rate = population_rate(times, n_neurons=201, stop=50.0, bin_width=0.5)
    assert rate.mean() == pytest.approx(rates.mean())


def test_gaussian_smoothing_is_that_of_scipy(rng):
    times = rng.uniform(0, 2, 400)
    middles, rates = smoothed_rate(times, n_neurons=10, stop=2.0, step=0.001, width=0.02)
    counts = population_counts(times, stop=2.0, bin_width=0.001) / (10 * 0.001)
    expected = gaussian_filter1d(counts, 20, mode="constant", truncate=5)
    # Far from the ends, where ours makes up for what lies outside.
    np.testing.assert_allclose(rates[100:-100], expected[100:-100], atol=1e-9)
    np.testing.assert_allclose(middles, 0.0005 + 0.001 * np.arange(2000))


def test_exponential_smoothing_sees_no_future():
    times = [1.5005]
    middles, rates = smoothed_rate(
        times, n_neurons=1, stop=3.0, step=0.001, width=0.05, kernel="exponential"
    )
    assert np.all(rates[middles < 1.5] < 1e-9)
    after = middles > 1.5
    expected = np.exp(-(middles[after] - 1.5005) / 0.05)
    np.testing.assert_allclose(rates[after] / rates[after][0], expected, atol=1e-8)
    # What is left holds the spike's whole weight.
    assert rates.sum() * 0.001 == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize("kernel", ["gaussian", "exponential", "rectangular"])
def test_a_constant_rate_stays_constant(kernel):
    times = np.arange(0.0005, 1, 0.001)
    _, rates = smoothed_rate(times, n_neurons=4, stop=1.0, step=0.001, width=0.03, kernel=kernel)
    np.testing.assert_allclose(rates, 250)


def test_an_unknown_kernel_is_refused():
    with pytest.raises(ParameterError, match="kernel must be one of gaussian, .*'box'"):
        smoothed_rate([0.1], n_neurons=1, stop=1.0, step=0.1, width=0.1, kernel="box")


def test_peristimulus_histogram_finds_the_step_of_the_rate(processes, rng):
    onsets = np.arange(1, 201) * 1.0
    base, evoked = 5.0, 40.0
    quiet, _ = processes.renewal_spikes(rng, n_neurons=1, rate=base, stop=202.0)
    extra = [onset + rng.uniform(0, 0.1, rng.poisson((evoked - base) * 0.1)) for onset in onsets]
    times = rng.permutation(np.concatenate([quiet, *extra]))
    edges, rates, counts = peristimulus_histogram(
        times, onsets, before=0.2, after=0.3, bin_width=0.1
    )
    np.testing.assert_allclose(edges, [-0.2, -0.1, 0, 0.1, 0.2, 0.3], atol=1e-12)
    expected = np.array([base, base, evoked, base, base])
    assert np.all(np.abs(rates - expected) < 4 * np.sqrt(expected / (200 * 0.1)))
    direct = [np.histogram(times - onset, edges)[0] for onset in onsets]
    np.testing.assert_array_equal(counts, direct)


def test_a_histogram_without_trials_is_refused():
    with pytest.raises(ParameterError, match="onsets must hold at least one trial"):
        peristimulus_histogram([0.1], [], after=0.1, bin_width=0.1)
