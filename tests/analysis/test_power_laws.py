"""Fits of power laws against samples, SciPy's and mpmath's distributions, and other tails."""

import mpmath
import numpy as np
import pytest
from scipy import stats

from neurosim.analysis import (
    avalanches,
    compare_tails,
    fit_power_law,
    power_law_plausibility,
    power_law_sample,
)
from neurosim.analysis.tails import _ALTERNATIVES
from neurosim.errors import ParameterError


@pytest.mark.parametrize(
    ("exponent", "x_min", "x_max"), [(1.5, 1, None), (1.5, 1, 500), (2.0, 5, None), (3.0, 2, 40)]
)
def test_exponents_are_within_their_standard_errors(exponent, x_min, x_max):
    law = {"x_min": x_min, "x_max": x_max}
    scores = []
    for seed in range(100):
        sample = power_law_sample(1000, exponent=exponent, **law, seed=seed)
        fit = fit_power_law(sample, **law)
        scores.append((fit.exponent - exponent) / fit.standard_error)
    # 100 standard normal numbers: mean within 0.4 (4 σ), standard deviation within 0.3 of 1.
    assert abs(np.mean(scores)) < 0.4
    assert abs(np.std(scores) - 1) < 0.3


def test_samples_follow_the_zeta_distribution_of_scipy():
    sample = power_law_sample(50_000, exponent=2.2, seed=5)
    expected = stats.zipf(2.2).pmf(np.arange(1, 21)) * 50_000
    seen = np.bincount(sample, minlength=21)[1:21]
    assert np.all(np.abs(seen - expected) < 4.5 * np.sqrt(expected))
    bounded = power_law_sample(50_000, exponent=1.3, x_min=3, x_max=9, seed=5)
    expected = np.arange(3.0, 10) ** -1.3
    seen = np.bincount(bounded, minlength=10)[3:10]
    np.testing.assert_allclose(seen / 50_000, expected / expected.sum(), atol=0.01)


def test_the_fit_is_the_maximum_of_mpmaths_likelihood():
    values = power_law_sample(400, exponent=1.8, x_min=4, seed=2)
    fit = fit_power_law(values, x_min=4)
    total = mpmath.mpf(len(values))
    logs = mpmath.fsum(mpmath.log(int(value)) for value in values)

    def derivative(exponent):
        return -total * mpmath.zeta(exponent, 4, 1) / mpmath.zeta(exponent, 4) - logs

    best = mpmath.findroot(derivative, fit.exponent)
    assert fit.exponent == pytest.approx(float(best), abs=1e-6)
    curvature = -mpmath.diff(derivative, best)
    assert fit.standard_error == pytest.approx(float(1 / mpmath.sqrt(curvature)), rel=1e-4)


def test_the_distance_is_the_largest_over_all_whole_numbers():
    values = power_law_sample(300, exponent=2.0, x_max=200, seed=4)
    fit = fit_power_law(values, x_min=1, x_max=200)
    whole = np.arange(1, 201)
    seen = np.searchsorted(np.sort(values), whole, side="right") / len(values)
    mass = whole**-fit.exponent
    np.testing.assert_allclose(fit.cumulative(whole), mass.cumsum() / mass.sum(), rtol=1e-9)
    assert fit.distance == pytest.approx(np.abs(seen - fit.cumulative(whole)).max(), rel=1e-9)


def test_x_min_is_found_where_the_power_law_begins():
    found = []
    for seed in range(10):
        tail = power_law_sample(3000, exponent=2.5, x_min=20, seed=seed)
        below = np.random.default_rng(seed).integers(1, 20, 2000)
        fit = fit_power_law(np.concatenate([tail, below, np.zeros(100, int)]))
        found.append(fit.x_min)
        assert abs(fit.exponent - 2.5) < 4 * fit.standard_error
    assert 15 <= np.median(found) <= 30


def test_plausibility_tells_power_laws_from_exponentials():
    power = [
        power_law_plausibility(power_law_sample(300, exponent=2.0, seed=seed), n_samples=40)
        for seed in range(10)
    ]
    # Uniform between 0 and 1: all ten below 0.1 would have the chance 10⁻¹⁰.
    assert 0.2 < np.mean(power) < 0.8
    geometric = stats.geom(0.05).rvs(2000, random_state=0)
    assert power_law_plausibility(geometric, x_min=1, n_samples=40) == 0


def test_likelihood_ratios_know_the_tail_that_was_drawn(processes):
    rng = np.random.default_rng(0)
    power = power_law_sample(5000, exponent=2.0, seed=1)
    fit = fit_power_law(power, x_min=1)
    comparison = compare_tails(power, fit, "exponential")
    assert comparison.ratio > 0
    assert comparison.p_value < 0.001
    assert compare_tails(power, fit, "cutoff").p_value > 0.01
    geometric = rng.geometric(0.1, 5000)
    comparison = compare_tails(geometric, fit_power_law(geometric, x_min=1), "exponential")
    assert comparison.ratio < 0
    assert comparison.p_value < 0.001
    assert comparison.parameters["rate"] == pytest.approx(-np.log(0.9), rel=0.05)
    # The most likely geometric distribution is known in closed form.
    closed = np.log1p(1 / (geometric.mean() - 1))
    assert comparison.parameters["rate"] == pytest.approx(closed, rel=1e-6)
    rounded = np.rint(rng.lognormal(3.0, 0.7, 5000)).astype(int)
    comparison = compare_tails(rounded, fit_power_law(rounded, x_min=1), "lognormal")
    assert comparison.ratio < 0
    assert comparison.p_value < 0.001
    assert comparison.parameters["mean"] == pytest.approx(3.0, abs=0.04)
    assert comparison.parameters["deviation"] == pytest.approx(0.7, abs=0.03)
    course = processes.galton_watson(rng, m=0.9, n_avalanches=20_000, longest=300)
    sizes = avalanches(course).sizes
    fit = fit_power_law(sizes, x_min=5)
    comparison = compare_tails(sizes, fit, "cutoff")
    assert comparison.p_value < 0.001
    # The Borel tail: n^(−3/2) exp(−(m − 1 − ln m) n).
    assert comparison.parameters["exponent"] == pytest.approx(1.5, abs=0.15)
    rate = 0.9 - 1 - np.log(0.9)
    assert comparison.parameters["rate"] == pytest.approx(rate, rel=0.25)


@pytest.mark.parametrize("x_max", [None, 60])
@pytest.mark.parametrize("alternative", ["exponential", "lognormal", "cutoff"])
def test_probabilities_of_all_tails_sum_to_one(alternative, x_max):
    values = np.random.default_rng(0).geometric(0.1, 2000)
    values = values[values <= (x_max or values.max())]
    fit = fit_power_law(values, x_min=3, x_max=x_max)
    x, number = np.unique(values[values >= 3], return_counts=True)
    _, parameters = _ALTERNATIVES[alternative](x, number, fit)
    everything = np.arange(3, (x_max or 2000) + 1)
    # Evaluated on every whole number, each weighted as the fit's own values were.
    weights = np.zeros(len(everything))
    weights[x - 3] = number
    log_probability, again = _ALTERNATIVES[alternative](everything, weights, fit)
    assert again == pytest.approx(parameters, rel=1e-3, abs=1e-5)
    assert np.exp(log_probability).sum() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_power_law([1.5, 2]), "values must be whole numbers ≥ 0; got 1.5"),
        (lambda: fit_power_law([2] * 100), "at least 50 of two sizes or more"),
        (lambda: fit_power_law(range(1, 30)), "at least 50 of two sizes or more .* got 29"),
        (lambda: fit_power_law(range(1, 100), x_min=0), "x_min must be a whole number ≥ 1"),
        (lambda: fit_power_law(range(1, 100), x_min=1, x_max=99), "fall faster than 1 / x"),
        (lambda: power_law_sample(5, exponent=1.0, seed=0), "exponent must be above 1"),
        (lambda: power_law_sample(5, exponent=2, x_min=9, x_max=3, seed=0), "at least x_min = 9"),
        (
            lambda: compare_tails([1, 2], fit_power_law([1] * 60 + [2] * 9, x_min=1), "weibull"),
            "alternative must be one of exponential, lognormal, cutoff; got 'weibull'",
        ),
        (
            lambda: compare_tails([1, 2], fit_power_law([1] * 60 + [2] * 9, x_min=1), "lognormal"),
            "values must be those that were fitted, 69 in the tail; got 2",
        ),
    ],
)
def test_bad_values_are_named(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
