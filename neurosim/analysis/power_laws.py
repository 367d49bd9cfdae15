"""Power laws in whole numbers: maximum-likelihood exponents, where they begin, and whether.

After Clauset, Shalizi and Newman 2009, "Power-law distributions in empirical data", SIAM
Review 51:661: exponent by maximum likelihood, beginning by the Kolmogorov–Smirnov distance,
plausibility by samples drawn from the fit. `tails.py` compares it with other distributions.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import zeta

from neurosim.analysis.checks import checked_activity, checked_count
from neurosim.errors import ParameterError
from neurosim.randomness import generator

__all__ = ["PowerLawFit", "fit_power_law", "log_sum", "power_law_plausibility", "power_law_sample"]

# Between these the exponent is looked for.
_LEAST, _MOST = 1.0 + 1e-6, 20.0
# Half the distance at which two likelihoods are compared; the maximum is met to its square.
_STEP = 1e-4


@dataclass(frozen=True)
class PowerLawFit:
    """A discrete power law, ``p(x) ~ x^(−exponent)`` for x_min ≤ x ≤ x_max.

    Attributes
    ----------
    exponent : float
    standard_error : float
        Of the exponent, from the curvature of the likelihood at its maximum.
    x_min : int
    x_max : int or None
        None where the tail has no end.
    n_tail : int
        Values between x_min and x_max, which the fit rests on.
    distance : float
        Largest difference between the cumulative distributions of the tail and the fit (KS).
    """

    exponent: float
    standard_error: float
    x_min: int
    x_max: int | None
    n_tail: int
    distance: float

    def cumulative(self, x):
        """Return P(X ≤ x), ndarray of the shape of `x`, for whole x within the fit's range."""
        return _cumulative(np.asarray(x), self.exponent, self.x_min, self.x_max)


def fit_power_law(values, *, x_min=None, x_max=None, least=50):
    """Fit a discrete power law by maximum likelihood.

    Parameters
    ----------
    values : array_like of int, shape (n_values,)
        Sizes or durations of avalanches, ≥ 0.
    x_min : int, optional
        Where the power law begins. None takes the beginning at which the fit's cumulative
        distribution is nearest to the values'.
    x_max : int, optional
        Where it ends; values above are left out and the distribution is normalised below it.
        Give it where the system's size cuts avalanches off.
    least : int, default=50
        Values that a tail must hold.

    Returns
    -------
    PowerLawFit

    Raises
    ------
    ParameterError
        Where values are no whole numbers ≥ 0, or no tail holds `least` values of two sizes.

    Notes
    -----
    The standard error takes x_min as given. A power law can be fitted to anything: look at
    :func:`power_law_plausibility` and :func:`compare_tails` before believing it.

    Examples
    --------
    >>> from neurosim.analysis import fit_power_law, power_law_sample
    >>> values = power_law_sample(10_000, exponent=2.5, x_min=3, seed=1)
    >>> fit = fit_power_law(values, x_min=3)
    >>> abs(fit.exponent - 2.5) < 3 * fit.standard_error
    True
    """
    values = checked_activity(values, "values")
    least = checked_count(least, "least", least=2)
    kept, number = np.unique(values[values > 0], return_counts=True)
    if x_max is not None:
        x_max = checked_count(x_max, "x_max", least=2)
        kept, number = kept[kept <= x_max], number[kept <= x_max]
    if x_min is None:
        beginnings = kept[:-1][np.cumsum(number[::-1])[::-1][:-1] >= least]
    else:
        beginnings = np.array([checked_count(x_min, "x_min")])
        tail = kept >= x_min
        if tail.sum() < 2 or number[tail].sum() < least:
            beginnings = beginnings[:0]
    if not len(beginnings):
        raise ParameterError(
            f"values must hold at least {least} of two sizes or more between x_min = {x_min} and "
            f"x_max = {x_max}; got {number[kept >= (x_min or 1)].sum()}"
        )
    return _nearest(kept, number, beginnings, x_max)


def _nearest(kept, number, beginnings, x_max):
    """Return the fit to the tail whose cumulative distribution the fit is nearest to."""
    first = np.searchsorted(kept, beginnings)
    totals = np.cumsum(number[::-1])[::-1][first]
    logs = np.cumsum((number * np.log(kept))[::-1])[::-1][first]
    exponents = _most_likely(beginnings, x_max, logs / totals)
    distances = np.empty(len(beginnings))
    for index, (begin, exponent) in enumerate(zip(beginnings, exponents, strict=True)):
        tail = slice(first[index], None)
        seen = np.cumsum(number[tail]) / totals[index]
        fitted = _cumulative(kept[tail], exponent, begin, x_max)
        # Between two values that were seen the fit goes on rising: look just before each, too.
        before = _cumulative(kept[tail] - 1, exponent, begin, x_max)
        distances[index] = max(
            np.abs(seen - fitted).max(), np.abs(np.r_[0, seen[:-1]] - before).max()
        )
    best = distances.argmin()
    exponent, begin, n_tail = exponents[best], beginnings[best], totals[best]
    if exponent < _LEAST + 2 * _STEP:
        raise ParameterError(
            f"values from {begin} to {x_max} must fall faster than 1 / x; they do not"
        )
    curvature = _curvature(exponent, begin, x_max)
    return PowerLawFit(
        float(exponent),
        float(1 / np.sqrt(n_tail * curvature)),
        int(begin),
        x_max,
        int(n_tail),
        float(distances[best]),
    )


def power_law_sample(n_values, *, exponent, x_min=1, x_max=None, seed):
    """Draw whole numbers from a discrete power law.

    Parameters
    ----------
    n_values : int
    exponent : float
        Above 1.
    x_min : int, default=1
    x_max : int, optional
    seed : int

    Returns
    -------
    ndarray of int64, shape (n_values,)

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> from neurosim.analysis import power_law_sample
    >>> values = power_law_sample(1000, exponent=1.5, x_max=50, seed=0)
    >>> int(values.min()) >= 1, int(values.max()) <= 50
    (True, True)
    """
    n_values = checked_count(n_values, "n_values")
    x_min = checked_count(x_min, "x_min")
    if not 1 < exponent <= _MOST:
        raise ParameterError(f"exponent must be above 1 and at most {_MOST:g}; got {exponent}")
    if x_max is not None and checked_count(x_max, "x_max") < x_min:
        raise ParameterError(f"x_max must be at least x_min = {x_min}; got {x_max}")
    return _drawn(generator(seed, "power_law_sample"), n_values, exponent, x_min, x_max)


def power_law_plausibility(values, *, x_min=None, x_max=None, least=50, n_samples=100, seed=0):
    """Return how often samples from the fit are further from their own fits than the values are.

    Each sample has as many values as were given: in the tail drawn from the fit, below it drawn
    from the values. It is fitted as the values were, x_min searched for where it was searched for.

    Parameters
    ----------
    values, x_min, x_max, least
        As for :func:`fit_power_law`.
    n_samples : int, default=100
        The share is known to about 1 / (2 √n_samples).
    seed : int, default=0

    Returns
    -------
    float
        Small (Clauset et al. say below 0.1) where a power law is not plausible.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> from neurosim.analysis import power_law_plausibility, power_law_sample
    >>> values = power_law_sample(500, exponent=2.0, seed=1)
    >>> power_law_plausibility(values, n_samples=20) > 0.1
    True
    """
    values = checked_activity(values, "values")
    n_samples = checked_count(n_samples, "n_samples")
    fit = fit_power_law(values, x_min=x_min, x_max=x_max, least=least)
    below = values[(values > 0) & (values < fit.x_min)]
    n_values = len(below) + fit.n_tail
    rng = generator(seed, "power_law_plausibility")
    further = 0
    for _ in range(n_samples):
        n_tail = rng.binomial(n_values, fit.n_tail / n_values)
        tail = _drawn(rng, n_tail, fit.exponent, fit.x_min, fit.x_max)
        rest = rng.choice(below, n_values - n_tail) if len(below) else below
        sample = np.concatenate([tail, rest])
        again = fit_power_law(sample, x_min=x_min, x_max=x_max, least=min(least, n_tail))
        further += again.distance >= fit.distance
    return further / n_samples


def _drawn(rng, n_values, exponent, x_min, x_max):
    """Draw by inversion: the least x with P(X ≤ x) above a uniform number, by bisection."""
    chance = rng.random(n_values)
    low = np.full(n_values, x_min - 1, np.int64)
    high = np.full(n_values, x_min if x_max is None else x_max, np.int64)
    if x_max is None:
        while (short := _cumulative(high, exponent, x_min, None) < chance).any():
            high[short & (high < 2**61)] *= 2
            if (high[short] >= 2**61).all():
                # Beyond what 64 bits hold; a number that large is met in a tail of exponent
                # near 1 alone.
                break
    while (high - low > 1).any():
        middle = low + (high - low) // 2
        reached = _cumulative(middle, exponent, x_min, x_max) >= chance
        high, low = np.where(reached, middle, high), np.where(reached, low, middle)
    return high


def log_sum(exponent, x_min, x_max):
    """Return the logarithm of what normalises a power law, elementwise.

    Parameters
    ----------
    exponent : float or ndarray
        Above 1.
    x_min : int or ndarray
    x_max : int or None

    Returns
    -------
    float or ndarray
        ln of the sum of x^(−exponent) over x_min ≤ x ≤ x_max.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.analysis.power_laws import log_sum
    >>> bool(np.isclose(log_sum(2.0, 1, None), np.log(np.pi**2 / 6)))
    True
    """
    total = zeta(exponent, x_min)
    return np.log(total if x_max is None else total - zeta(exponent, x_max + 1))


def _curvature(exponent, x_min, x_max):
    """Return the second derivative of `log_sum` by the exponent: the variance of ln x."""
    # A wider step than for the maximum: second differences lose twice the digits.
    step = 1e-3 * (exponent - 1)
    left, middle, right = (log_sum(exponent + shift, x_min, x_max) for shift in (-step, 0.0, step))
    return (left - 2 * middle + right) / step**2


def _most_likely(x_min, x_max, mean_log):
    """Return the exponents of greatest likelihood for tails with those mean logarithms.

    The log-likelihood is concave in the exponent, so that its maximum is where the likelihoods
    a little to both sides are equal; all tails are halved at once.
    """
    low = np.full(len(x_min), _LEAST + _STEP)
    high = np.full(len(x_min), _MOST)
    for _ in range(45):
        middle = (low + high) / 2
        rise = log_sum(middle + _STEP, x_min, x_max) - log_sum(middle - _STEP, x_min, x_max)
        too_small = rise + 2 * _STEP * mean_log < 0
        low, high = np.where(too_small, middle, low), np.where(too_small, high, middle)
    return (low + high) / 2


def _cumulative(x, exponent, x_min, x_max):
    whole = zeta(exponent, x_min) - (0.0 if x_max is None else zeta(exponent, x_max + 1.0))
    return (zeta(exponent, x_min) - zeta(exponent, x + 1.0)) / whole
