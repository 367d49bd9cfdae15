"""Branching processes with known m, seen whole and in part."""

import numpy as np
import pytest

from neurosim.analysis import multistep_regression, naive_branching_parameter
from neurosim.analysis.branching import _exponential
from neurosim.errors import ParameterError


def naive_by_theory(m, share):
    """Slope of the seen part: offspring and input are Poisson, events are seen by chance."""
    return m * share / (share + (1 - share) * (1 - m**2))


@pytest.mark.parametrize("m", [0.9, 0.98])
def test_subsampling_biases_the_naive_estimate_only(processes, rng, m):
    activity = processes.branching_process(rng, m=m, mean=1000, n_steps=60_000)
    n_lags = round(-5 / np.log(m))
    for share in (1.0, 0.1, 0.01):
        seen = rng.binomial(activity, share)
        naive = naive_branching_parameter(seen)
        estimate = multistep_regression(seen, n_lags=n_lags)
        assert naive == pytest.approx(naive_by_theory(m, share), abs=0.03)
        assert estimate.m == pytest.approx(m, abs=0.015)
        assert estimate.amplitude * m == pytest.approx(naive_by_theory(m, share), abs=0.06)
        assert estimate.interval is None
    assert naive < 0.25


def test_intervals_cover_the_truth(processes, rng):
    covered = 0
    for _ in range(20):
        activity = processes.branching_process(rng, m=0.9, mean=200, n_steps=20_000)
        seen = rng.binomial(activity, 0.2).reshape(40, 500)
        low, high = multistep_regression(seen, n_lags=30, n_bootstrap=100).interval
        assert high - low < 0.06
        covered += low <= 0.9 <= high
    # Nominally 19 of 20; the chance of 15 or fewer at that rate is 0.0003.
    assert covered >= 16


def test_slopes_of_a_single_trial_are_those_of_its_autocovariance(processes, rng):
    activity = processes.branching_process(rng, m=0.8, mean=100, n_steps=2000)
    centred = activity - activity.mean()
    expected = [
        np.mean(centred[:-lag] * centred[lag:]) / np.mean(centred**2) for lag in range(1, 11)
    ]
    for mean in ("stationary", "trial"):
        estimate = multistep_regression(activity, n_lags=10, mean=mean)
        np.testing.assert_allclose(estimate.slopes, expected, rtol=1e-10)


def test_trials_about_their_own_means_forgive_drifting_rates(processes, rng):
    trials = [
        processes.branching_process(rng, m=0.8, mean=mean, n_steps=2000) for mean in (50, 100, 200)
    ]
    own = multistep_regression(trials, n_lags=20, mean="trial")
    common = multistep_regression(trials, n_lags=20)
    assert own.m == pytest.approx(0.8, abs=0.03)
    assert common.m > 0.95


def test_the_fit_is_exact_on_an_exact_decay_and_tells_noise(processes, rng):
    lags = np.arange(1, 31)
    for m, amplitude in ((0.3, 0.9), (0.95, 0.02), (0.9999, 0.5)):
        found, size, left = _exponential(amplitude * m ** lags[None, :])
        assert found[0] == pytest.approx(m, abs=1e-7)
        assert size[0] == pytest.approx(amplitude, rel=1e-6)
        assert left[0] < 1e-12
    noise = multistep_regression(rng.poisson(10, 5000), n_lags=50)
    assert noise.explained < 0.5
    whole = multistep_regression(
        processes.branching_process(rng, m=0.9, mean=100, n_steps=5000), n_lags=20
    )
    assert whole.explained > 0.95
    assert whole.steps == pytest.approx(-1 / np.log(whole.m))


def test_the_interval_is_a_function_of_the_seed(processes, rng):
    trials = processes.branching_process(rng, m=0.9, mean=100, n_steps=4000).reshape(10, 400)
    first, again, other = (multistep_regression(trials, n_lags=20, seed=s) for s in (0, 0, 1))
    assert first.interval == again.interval != other.interval
    assert first.m == other.m


@pytest.mark.parametrize(
    ("activity", "options", "message"),
    [
        (np.ones(100), {}, "activity must vary; all values are 1"),
        (np.arange(10), {}, r"at least 22 steps for 20 lag\(s\); got 10"),
        ([np.nan] * 50, {}, "activity must be finite"),
        (np.arange(50), {"mean": "none"}, "mean must be one of stationary, trial; got 'none'"),
        (np.arange(50), {"n_lags": 1}, "n_lags must be a whole number ≥ 2; got 1"),
        (np.arange(50), {"n_lags": 2.5}, "n_lags must be a whole number ≥ 2; got 2.5"),
    ],
)
def test_bad_activity_is_named(activity, options, message):
    with pytest.raises(ParameterError, match=message):
        multistep_regression(activity, **{"n_lags": 20} | options)
