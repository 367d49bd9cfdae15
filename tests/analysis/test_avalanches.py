"""Avalanches of branching processes whose distributions are known."""

import numpy as np
import pytest
from scipy.special import gammaln

from neurosim.analysis import avalanches, crackling_noise, fit_power_law, shape_collapse
from neurosim.errors import ParameterError


@pytest.fixture(scope="module")
def critical(processes):
    rng = np.random.default_rng(1)
    return avalanches(processes.galton_watson(rng, m=1.0, n_avalanches=100_000, longest=400))


def test_sizes_follow_the_borel_distribution(critical):
    # Total progeny with Poisson offspring: P(n) = exp(−m n) (m n)^(n−1) / n!.
    sizes = np.arange(1, 31)
    expected = np.exp(-sizes + (sizes - 1) * np.log(sizes) - gammaln(sizes + 1))
    seen = np.bincount(critical.sizes, minlength=31)[1:31] / len(critical)
    error = np.sqrt(expected / len(critical))
    assert np.all(np.abs(seen - expected) < 4.5 * error)


@pytest.fixture(scope="module")
def below():
    """P(duration ≤ n) for n = 0 … 100, the n-fold iterate of exp(q − 1) from 0."""
    chances = [0.0]
    for _ in range(100):
        chances.append(np.exp(chances[-1] - 1))
    return np.array(chances)


def test_durations_follow_the_iterated_generating_function(critical, below):
    for duration in (1, 3, 10, 30, 100):
        seen = np.mean(critical.durations <= duration)
        error = np.sqrt(below[duration] * (1 - below[duration]) / len(critical))
        # Avalanches above 400 steps, one in 200, were left out.
        assert abs(seen * (1 - 2 / 400) - below[duration]) < 4 * error + 1e-4


def test_exponents_and_shapes_of_a_critical_process(critical):
    size = fit_power_law(critical.sizes, x_min=10, x_max=1000)
    duration = fit_power_law(critical.durations, x_min=20, x_max=200)
    assert size.exponent == pytest.approx(1.5, abs=0.05)
    assert duration.exponent == pytest.approx(2.0, abs=0.1)
    noise = crackling_noise(
        critical,
        size_exponent=size.exponent,
        duration_exponent=duration.exponent,
        durations=(20, 200),
    )
    assert noise.exponent == pytest.approx(2.0, abs=0.1)
    assert noise.deviation < 0.3
    collapse = shape_collapse(critical, durations=(20, 60), least=30)
    assert collapse.exponent == pytest.approx(2.0, abs=0.15)


@pytest.mark.parametrize("duration", [3, 10, 25])
def test_mean_courses_are_those_of_the_generating_function(critical, below, duration):
    # The chance q[n] to be extinct after n steps gives the mean of Z(t) over those that are as the
    # product of q[n − t] … q[n]; those of exactly that duration are a difference.
    def mean_and_extinct(step, n):
        return np.prod(below[n - step : n + 1])

    expected = [
        (mean_and_extinct(step, duration) - mean_and_extinct(step, duration - 1))
        / (below[duration] - below[duration - 1])
        for step in range(duration - 1)
    ]
    profiles = critical.profiles(duration)[:, :-1]
    error = profiles.std(axis=0) / np.sqrt(len(profiles))
    assert np.all(np.abs(profiles.mean(axis=0) - expected) <= 4.5 * error)


def test_size_and_profile_are_those_of_the_bins(critical):
    assert critical.sizes.sum() == critical.activity.sum()
    profiles = critical.profiles(7)
    assert profiles.shape == ((critical.durations == 7).sum(), 7)
    assert (profiles > 0).all()
    np.testing.assert_array_equal(profiles.sum(axis=1), critical.sizes[critical.durations == 7])


@pytest.mark.parametrize(
    ("activity", "sizes", "durations"),
    [
        ([5, 0, 1, 0, 2, 2], [1], [1]),
        ([0, 1, 1], [], []),
        ([3, 3, 3], [], []),
        ([0, 0], [], []),
        ([0, 2, 1, 0], [3], [2]),
    ],
)
def test_avalanches_cut_by_the_ends_are_left_out(activity, sizes, durations):
    found = avalanches(activity)
    np.testing.assert_array_equal(found.sizes, sizes)
    np.testing.assert_array_equal(found.durations, durations)


def test_bad_activity_and_ranges_are_named(critical):
    with pytest.raises(ParameterError, match="activity must be whole numbers ≥ 0; got 0.5"):
        avalanches([0, 0.5])
    with pytest.raises(ParameterError, match="activity must be whole numbers ≥ 0; got -1"):
        avalanches([0, -1])
    with pytest.raises(ParameterError, match="must hold two that were seen 10 times; got 0 of"):
        shape_collapse(critical, durations=(390, 400), least=10)
    with pytest.raises(ParameterError, match="size_exponent must be above 1; got 1.0"):
        crackling_noise(critical, size_exponent=1.0, duration_exponent=2.0, durations=(2, 20))
