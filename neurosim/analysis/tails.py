"""Other distributions than a power law, compared by the ratio of likelihoods.

All are distributions of whole numbers between the x_min and x_max of a power-law fit. Clauset,
Shalizi and Newman 2009 (see `power_laws.py`); the test is Vuong's (1989).
"""

from dataclasses import dataclass

import numpy as np
from scipy.integrate import quad
from scipy.optimize import minimize, minimize_scalar
from scipy.special import erfc, log_ndtr

from neurosim.analysis.checks import checked_activity
from neurosim.analysis.power_laws import log_sum
from neurosim.errors import ParameterError

__all__ = ["TailComparison", "compare_tails"]

# Terms summed one by one, before an integral stands for the rest: at x = 10⁴ the two differ
# by less than one part in 10⁸.
_TERMS = 10_000


@dataclass(frozen=True)
class TailComparison:
    """A power law against another distribution on the same values.

    Attributes
    ----------
    alternative : str
    parameters : dict
        Most likely parameters of the alternative.
    ratio : float
        Log-likelihood of the power law minus that of the alternative; above 0 speaks for the
        power law.
    p_value : float
        Probability of a ratio as large, of either sign, if both fit equally well; where the
        alternative contains the power law ('cutoff'), of so much better a fit if it were true.
    """

    alternative: str
    parameters: dict
    ratio: float
    p_value: float


def compare_tails(values, fit, alternative):
    """Compare a fitted power law with another distribution by the ratio of likelihoods.

    Parameters
    ----------
    values : array_like of int, shape (n_values,)
        The values `fit` was fitted to.
    fit : PowerLawFit
    alternative : {'exponential', 'lognormal', 'cutoff'}
        'cutoff' is ``x^(−exponent) exp(−rate x)``, the tail of a subcritical branching process.

    Returns
    -------
    TailComparison

    Raises
    ------
    ParameterError
        Where the alternative is unknown, or `values` are not those that were fitted.

    Examples
    --------
    >>> from neurosim.analysis import compare_tails, fit_power_law, power_law_sample
    >>> values = power_law_sample(2000, exponent=2.0, seed=0)
    >>> comparison = compare_tails(values, fit_power_law(values, x_min=1), "exponential")
    >>> comparison.ratio > 0, comparison.p_value < 0.01
    (True, True)
    """
    if alternative not in _ALTERNATIVES:
        raise ParameterError(
            f"alternative must be one of {', '.join(_ALTERNATIVES)}; got {alternative!r}"
        )
    values = checked_activity(values, "values")
    tail = values[values >= fit.x_min]
    if fit.x_max is not None:
        tail = tail[tail <= fit.x_max]
    if len(tail) != fit.n_tail:
        raise ParameterError(
            f"values must be those that were fitted, {fit.n_tail} in the tail; got {len(tail)}"
        )
    x, number = np.unique(tail, return_counts=True)
    power = -fit.exponent * np.log(x) - log_sum(fit.exponent, fit.x_min, fit.x_max)
    other, parameters = _ALTERNATIVES[alternative](x, number, fit)
    difference = power - other
    ratio = float(number @ difference)
    if alternative == "cutoff":
        # Twice the gain of one more parameter is χ² with one degree of freedom.
        p_value = float(erfc(np.sqrt(max(-ratio, 0.0))))
    else:
        spread = number @ (difference - ratio / len(tail)) ** 2
        p_value = float(erfc(abs(ratio) / np.sqrt(2 * spread))) if spread > 0 else 1.0
    return TailComparison(alternative, parameters, ratio, p_value)


def _exponential(x, number, fit):
    """Return log-probabilities of a geometric distribution that begins at x_min."""
    x_mean = number @ x / number.sum()
    n_x = np.inf if fit.x_max is None else fit.x_max - fit.x_min + 1

    def log_probability(rate, x):
        whole = np.log(-np.expm1(-rate * n_x)) - np.log(-np.expm1(-rate))
        return -rate * (x - fit.x_min) - whole

    best = minimize_scalar(
        lambda log_rate: -log_probability(np.exp(log_rate), x_mean),
        bounds=(np.log(1e-12), np.log(50.0)),
        method="bounded",
        options={"xatol": 1e-10},
    )
    rate = float(np.exp(best.x))
    return log_probability(rate, x), {"rate": rate}


def _lognormal(x, number, fit):
    """Return log-probabilities of a log-normal distribution rounded to whole numbers."""
    total = number.sum()
    edges = fit.x_min - 0.5, np.inf if fit.x_max is None else fit.x_max + 0.5

    def log_probability(parameters, x):
        mean, deviation = parameters[0], np.exp(parameters[1])
        low, high = (
            (np.log(np.concatenate([x + shift, [edge]])) - mean) / deviation
            for shift, edge in ((-0.5, edges[0]), (0.5, edges[1]))
        )
        parts = _log_normal_mass(low, high)
        return parts[:-1] - parts[-1]

    logs = np.log(x)
    mean = number @ logs / total
    deviation = np.sqrt(number @ (logs - mean) ** 2 / total)

    def loss(parameters):
        value = -number @ log_probability(parameters, x) / total
        return value if np.isfinite(value) else np.inf

    starts = [(mean, np.log(deviation)), (mean - 2 * deviation, np.log(2 * deviation))]
    options = {"xatol": 1e-7, "fatol": 1e-11, "maxiter": 4000, "maxfev": 4000}
    fits = [minimize(loss, start, method="Nelder-Mead", options=options) for start in starts]
    best = min(fits, key=lambda found: found.fun).x
    parameters = {"mean": float(best[0]), "deviation": float(np.exp(best[1]))}
    return log_probability(best, x), parameters


def _log_normal_mass(low, high):
    """Return ln of the standard normal's mass between two points, exact in both far tails."""
    mirrored = low > 0
    upper = log_ndtr(np.where(mirrored, -low, high))
    lower = log_ndtr(np.where(mirrored, -high, low))
    return upper + np.log(-np.expm1(lower - upper))


def _cutoff(x, number, fit):
    """Return log-probabilities of a power law that an exponential ends."""
    total = number.sum()
    x_mean, log_mean = number @ x / total, number @ np.log(x) / total
    stop = fit.x_min + _TERMS if fit.x_max is None else min(fit.x_max + 1, fit.x_min + _TERMS)
    summed = np.arange(fit.x_min, stop)
    log_summed = np.log(summed)
    end = np.inf if fit.x_max is None else fit.x_max + 0.5

    def log_whole(exponent, rate):
        whole = np.exp(-exponent * log_summed - rate * (summed - fit.x_min)).sum()
        if stop - 0.5 < end:
            whole += quad(
                lambda y: np.exp((1 - exponent) * y - rate * (np.exp(y) - fit.x_min)),
                np.log(stop - 0.5),
                min(np.log(end), np.log(stop + 50 / rate)),
            )[0]
        return np.log(whole)

    def loss(parameters):
        exponent, rate = parameters[0], np.exp(parameters[1])
        return exponent * log_mean + rate * (x_mean - fit.x_min) + log_whole(exponent, rate)

    bounds = [(-5.0, 20.0), (np.log(1e-9), np.log(20.0))]
    starts = [(fit.exponent, np.log(1e-3 / x_mean)), (fit.exponent - 0.5, np.log(1 / x_mean))]
    fits = [minimize(loss, start, method="L-BFGS-B", bounds=bounds) for start in starts]
    exponent, log_rate = min(fits, key=lambda found: found.fun).x
    rate = float(np.exp(log_rate))
    parameters = {"exponent": float(exponent), "rate": rate}
    log_probability = -exponent * np.log(x) - rate * (x - fit.x_min) - log_whole(exponent, rate)
    return log_probability, parameters


_ALTERNATIVES = {"exponential": _exponential, "lognormal": _lognormal, "cutoff": _cutoff}
