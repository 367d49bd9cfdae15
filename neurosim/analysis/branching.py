"""The branching parameter of activity, as seen in few or many of the neurons.

In a branching process every event of one step causes on average m events in the next, and
h come from outside: E[A(t + 1) | A(t)] = m A(t) + h. Below m = 1 activity dies out, at 1 it is
critical; it forgets within τ = −Δt / ln m.
"""

from dataclasses import dataclass

import numpy as np

from neurosim.analysis.checks import checked_array, checked_count
from neurosim.errors import ParameterError
from neurosim.randomness import generator

__all__ = ["BranchingEstimate", "multistep_regression", "naive_branching_parameter"]

_MEANS = ("stationary", "trial")


@dataclass(frozen=True)
class BranchingEstimate:
    """What multistep regression found.

    Attributes
    ----------
    m : float
        Branching parameter per step, between 0 and 1.
    amplitude : float
        Factor b of ``r[k] = b mᵏ``; 1 for a process seen whole, lower under subsampling.
    lags : ndarray of int64, shape (n_lags,)
        1 … n_lags, in steps.
    slopes : ndarray, shape (n_lags,)
        Regression slopes r of A(t + k) on A(t).
    explained : float
        Share of the slopes' squares that the fit explains (1 is perfect); low where activity
        does not decay exponentially and m means nothing.
    interval : tuple of float or None
        2.5 and 97.5 % of the estimates from trials drawn with replacement; None for one trial.
    """

    m: float
    amplitude: float
    lags: np.ndarray
    slopes: np.ndarray
    explained: float
    interval: tuple | None

    @property
    def steps(self):
        """Autocorrelation time τ = −1 / ln m, in steps; infinite for m = 1, 0 for m = 0."""
        with np.errstate(divide="ignore"):
            return float(-1 / np.log(self.m)) if self.m < 1 else np.inf


def naive_branching_parameter(activity):
    """Return the regression slope of each step's activity on that of the step before.

    It is m where every neuron is seen. Where each event is seen with probability p only, it is
    too low: for Poisson offspring and input ``m p / (p + (1 − p)(1 − m²))``.

    Parameters
    ----------
    activity : array_like, shape (n_steps,) or (n_trials, n_steps)
        Events in each bin (:func:`population_counts`); bins of about the time one event takes
        to cause the next.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        Where activity is not finite, shorter than 3 steps, or constant.

    Examples
    --------
    >>> from neurosim.analysis import naive_branching_parameter
    >>> round(naive_branching_parameter([16.0, 8.0, 4.0, 2.0, 1.0]), 12)
    0.5
    """
    trials = _checked_trials(activity, 1)
    before, after = trials[:, :-1].ravel(), trials[:, 1:].ravel()
    return float(np.cov(before, after, bias=True)[0, 1] / before.var())


def multistep_regression(activity, *, n_lags, mean="stationary", n_bootstrap=200, seed=0):
    """Return the branching parameter by multistep regression, true under subsampling.

    The slope of A(t + k) on A(t) is b mᵏ; seeing a part of the neurons lowers b alone. So m is
    read from how the slopes decay over k = 1 … `n_lags`, by least squares.

    Parameters
    ----------
    activity : array_like, shape (n_steps,) or (n_trials, n_steps)
        Events in each bin, see :func:`naive_branching_parameter`.
    n_lags : int
        Some times the autocorrelation time; more adds noise.
    mean : {'stationary', 'trial'}, default='stationary'
        Whether activity is compared with the mean of all trials, or each trial with its own,
        which is right where trials have different rates and long enough to know their means:
        a trial's own mean makes m too low by order of τ / n_steps.
    n_bootstrap : int, default=200
        Draws of trials for the interval. One long recording has none until it is cut into
        trials (``activity.reshape(20, -1)``), each many autocorrelation times long.
    seed : int, default=0
        Of the draws.

    Returns
    -------
    BranchingEstimate

    Raises
    ------
    ParameterError
        Where activity is not finite, constant, or not longer than ``n_lags + 1`` steps.

    Notes
    -----
    Wilting and Priesemann 2018, "Inferring collective dynamical states from widely unobserved
    systems", Nature Communications 9:2325.

    Examples
    --------
    >>> from neurosim.analysis import multistep_regression
    >>> from neurosim.randomness import generator
    >>> rng, activity = generator(0, "example"), [500]
    >>> for _ in range(20_000):
    ...     activity.append(rng.poisson(0.9 * activity[-1] + 50))
    >>> seen = rng.binomial(activity, 0.1)
    >>> estimate = multistep_regression(seen, n_lags=40)
    >>> abs(estimate.m - 0.9) < 0.015
    True
    """
    n_lags = checked_count(n_lags, "n_lags", least=2)
    n_bootstrap = checked_count(n_bootstrap, "n_bootstrap")
    if mean not in _MEANS:
        raise ParameterError(f"mean must be one of {', '.join(_MEANS)}; got {mean!r}")
    trials = _checked_trials(activity, n_lags)
    slopes_of = (_StationarySlopes if mean == "stationary" else _TrialSlopes)(trials, n_lags)
    everything = np.ones((1, len(trials)))
    slopes = slopes_of.weighted(everything)
    m, amplitude, left = (part[0] for part in _exponential(slopes))
    interval = None
    if len(trials) > 1:
        drawn = generator(seed, "multistep_regression").multinomial(
            len(trials), np.full(len(trials), 1 / len(trials)), size=n_bootstrap
        )
        estimates = _exponential(slopes_of.weighted(drawn.astype(float)))[0]
        interval = tuple(np.quantile(estimates, [0.025, 0.975]).tolist())
    explained = 1 - left / np.sum(slopes[0] ** 2)
    lags = np.arange(1, n_lags + 1)
    return BranchingEstimate(
        float(m), float(amplitude), lags, slopes[0], float(explained), interval
    )


class _StationarySlopes:
    """Slopes about the mean of all drawn trials, from sums that each trial has ready."""

    def __init__(self, trials, n_lags):
        n_steps = trials.shape[1]
        # Numbers near zero keep the sums below exact; the mean of a draw is taken off later.
        self._trials = trials = trials - trials.mean()
        self._n_pairs = n_steps - np.arange(n_lags + 1)
        totals = np.cumsum(trials, axis=1)
        self._products = _lagged_products(trials, n_lags)
        self._first = totals[:, n_steps - 1 - np.arange(n_lags + 1)]
        self._last = self._first[:, :1] - np.pad(totals, ((0, 0), (1, 0)))[:, : n_lags + 1]

    def weighted(self, weights):
        """Return slopes, shape (n_draws, n_lags), of trials counted `weights` times each."""
        n_trials = weights.sum(axis=1, keepdims=True)
        mean = (weights @ self._first[:, :1]) / (n_trials * self._n_pairs[0])
        products = weights @ self._products - mean * (weights @ (self._first + self._last))
        covariance = products / (n_trials * self._n_pairs) + mean**2
        return covariance[:, 1:] / covariance[:, :1]


class _TrialSlopes:
    """Slopes of each trial about its own mean, averaged over trials."""

    def __init__(self, trials, n_lags):
        trials = trials - trials.mean(axis=1, keepdims=True)
        covariance = _lagged_products(trials, n_lags) / (trials.shape[1] - np.arange(n_lags + 1))
        self._slopes = covariance[:, 1:] / covariance[:, :1]

    def weighted(self, weights):
        return weights @ self._slopes / weights.sum(axis=1, keepdims=True)


def _lagged_products(trials, n_lags):
    """Return sums over t of x(t) x(t + k) for k = 0 … n_lags, shape (n_trials, n_lags + 1)."""
    n_steps = trials.shape[1]
    return np.stack(
        [
            np.einsum("ij,ij->i", trials[:, : n_steps - lag], trials[:, lag:])
            for lag in range(n_lags + 1)
        ],
        axis=1,
    )


def _exponential(slopes):
    """Fit ``r[k] = b mᵏ`` to each row; return m, b and the sums of squares that are left.

    The best b for a given m is known, which leaves a search over m: a coarse one on a grid,
    and around its minimum a fine one that cuts the bracket to two thirds again and again.
    """
    lags = np.arange(1, slopes.shape[1] + 1)
    steps = np.geomspace(0.1, 100 * len(lags), 300)
    grid = np.concatenate([[0.0], np.exp(-1 / steps), [1.0]])
    rests = np.stack([_best_amplitude(np.full(len(slopes), m), lags, slopes)[1] for m in grid])
    coarse = rests.argmin(axis=0)
    low, high = grid[np.maximum(coarse - 1, 0)], grid[np.minimum(coarse + 1, len(grid) - 1)]
    for _ in range(60):
        third = (high - low) / 3
        left = _best_amplitude(low + third, lags, slopes)[1]
        right = _best_amplitude(high - third, lags, slopes)[1]
        low, high = (
            np.where(left > right, low + third, low),
            np.where(left > right, high, high - third),
        )
    m = (low + high) / 2
    return (m, *_best_amplitude(m, lags, slopes))


def _best_amplitude(m, lags, slopes):
    """Return the best b of each row for its m, and the sum of squares that it leaves."""
    powers = m[:, None] ** lags
    squares = np.maximum((powers**2).sum(axis=1), np.finfo(float).tiny)
    amplitude = (slopes * powers).sum(axis=1) / squares
    return amplitude, ((slopes - amplitude[:, None] * powers) ** 2).sum(axis=1)


def _checked_trials(activity, n_lags):
    """Return activity as trials, shape (n_trials, n_steps), long enough and varying."""
    trials = checked_array(np.atleast_2d(np.asarray(activity, float)), "activity", 2)
    if trials.shape[1] < n_lags + 2:
        raise ParameterError(
            f"activity must have at least {n_lags + 2} steps for {n_lags} lag(s); "
            f"got {trials.shape[1]}"
        )
    if np.ptp(trials) == 0:
        raise ParameterError(f"activity must vary; all values are {trials.flat[0]:g}")
    return trials
