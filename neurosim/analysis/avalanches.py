"""Avalanches: runs of activity between silent bins, and how they scale with each other."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from neurosim.analysis.checks import checked_activity, checked_count
from neurosim.errors import ParameterError

__all__ = [
    "Avalanches",
    "CracklingNoise",
    "ShapeCollapse",
    "avalanches",
    "crackling_noise",
    "shape_collapse",
]


@dataclass(frozen=True)
class Avalanches:
    """Avalanches in order of time.

    Attributes
    ----------
    sizes : ndarray of int64, shape (n_avalanches,)
        Events of each.
    durations : ndarray of int64, shape (n_avalanches,)
        Bins of each.
    starts : ndarray of int64, shape (n_avalanches,)
        First bin of each.
    activity : ndarray of int64, shape (n_bins,)
        Events in all bins.
    """

    sizes: np.ndarray
    durations: np.ndarray
    starts: np.ndarray
    activity: np.ndarray

    def __len__(self):
        return len(self.sizes)

    def profiles(self, duration):
        """Return the courses of all avalanches of that many bins, shape (n, duration)."""
        starts = self.starts[self.durations == duration]
        return self.activity[starts[:, None] + np.arange(duration)]


def avalanches(activity):
    """Cut activity into avalanches: runs of bins with events between bins without.

    Parameters
    ----------
    activity : array_like of int, shape (n_bins,)
        Events of the population in each bin (:func:`population_counts`). Exponents depend on
        the bin's width; usual are the mean interval between events of the population, or the
        time one neuron takes to excite the next.

    Returns
    -------
    Avalanches
        Without one that had begun before the first bin or had not ended by the last, since its
        size is not known.

    Raises
    ------
    ParameterError
        Where activity is not one-dimensional, or holds anything but whole numbers ≥ 0.

    Notes
    -----
    Beggs and Plenz 2003, "Neuronal avalanches in neocortical circuits".

    Examples
    --------
    >>> from neurosim.analysis import avalanches
    >>> found = avalanches([0, 1, 2, 0, 0, 4, 0])
    >>> found.sizes, found.durations
    (array([3, 4]), array([2, 1]))
    """
    activity = checked_activity(activity)
    changes = np.diff((activity > 0).astype(np.int8))
    starts, stops = np.flatnonzero(changes == 1) + 1, np.flatnonzero(changes == -1) + 1
    if activity[0] > 0:
        stops = stops[1:]
    starts = starts[: len(stops)]
    totals = np.concatenate([[0], np.cumsum(activity)])
    return Avalanches(totals[stops] - totals[starts], stops - starts, starts, activity)


@dataclass(frozen=True)
class CracklingNoise:
    """How mean size grows with duration, beside what the distributions' exponents demand.

    Attributes
    ----------
    exponent : float
        γ of ⟨size⟩ ~ durationᵞ, fitted.
    predicted : float
        (τ_duration − 1) / (τ_size − 1).
    deviation : float
        |exponent − predicted|, small near criticality (the deviation from criticality
        coefficient).
    durations : ndarray of int64, shape (n_durations,)
        Durations that were fitted.
    mean_sizes : ndarray, shape (n_durations,)
    """

    exponent: float
    predicted: float
    deviation: float
    durations: np.ndarray
    mean_sizes: np.ndarray


def crackling_noise(found, *, size_exponent, duration_exponent, durations, least=10):
    """Compare the growth of mean size with duration to what both distributions demand.

    Where sizes and durations follow power laws, mean size must grow as duration to the power
    (τ_duration − 1) / (τ_size − 1), which chance distributions have no reason to do.

    Parameters
    ----------
    found : Avalanches
    size_exponent, duration_exponent : float
        Above 1, as fitted by :func:`fit_power_law` (there ``exponent``).
    durations : tuple of int
        Shortest and longest duration to fit, in bins: the range in which durations follow
        their power law.
    least : int, default=10
        Durations seen fewer times are left out. The others are weighted by how often they were
        seen.

    Returns
    -------
    CracklingNoise

    Raises
    ------
    ParameterError
        Where an exponent is not above 1, or fewer than two durations were seen often enough.

    Notes
    -----
    Sethna, Dahmen and Myers 2001, "Crackling noise"; Friedman et al. 2012, "Universal critical
    dynamics in high resolution neuronal avalanche data"; the deviation is that of Ma et al.
    2019, "Cortical circuit dynamics are homeostatically tuned to criticality in vivo".

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.analysis import avalanches, crackling_noise
    >>> squares = [1, 0, 2, 2, 0, 3, 3, 3, 0, 4, 4, 4, 4]
    >>> found = avalanches(np.tile([0, *squares, 0], 10))
    >>> noise = crackling_noise(
    ...     found, size_exponent=1.5, duration_exponent=2.0, durations=(1, 4))
    >>> round(noise.exponent, 6), noise.predicted
    (2.0, 2.0)
    """
    for value, name in ((size_exponent, "size_exponent"), (duration_exponent, "duration_exponent")):
        if not value > 1:
            raise ParameterError(f"{name} must be above 1; got {value}")
    chosen, number = _often_seen(found, durations, least)
    totals = np.bincount(found.durations, found.sizes)
    mean_sizes = totals[chosen] / number
    exponent = np.polyfit(np.log(chosen), np.log(mean_sizes), 1, w=np.sqrt(number))[0]
    predicted = (duration_exponent - 1) / (size_exponent - 1)
    return CracklingNoise(
        float(exponent), float(predicted), float(abs(exponent - predicted)), chosen, mean_sizes
    )


@dataclass(frozen=True)
class ShapeCollapse:
    """Mean courses of avalanches of different durations, scaled onto each other.

    Attributes
    ----------
    exponent : float
        γ at which ``s(t, T) / T^(γ − 1)``, drawn over t / T, differ least; 2 for a critical
        branching process.
    scatter : float
        Mean variance between the scaled courses over the square of their range.
    durations : ndarray of int64, shape (n_durations,)
    phases : ndarray, shape (n_phases,)
        t / T, between 0 and 1.
    shapes : ndarray, shape (n_durations, n_phases)
        Scaled mean courses.
    """

    exponent: float
    scatter: float
    durations: np.ndarray
    phases: np.ndarray
    shapes: np.ndarray


def shape_collapse(found, *, durations, least=10, n_phases=50):
    """Find the exponent with which avalanches of all durations have one shape.

    Parameters
    ----------
    found : Avalanches
    durations : tuple of int
        Shortest and longest duration in bins; short ones (below 5 or so) have no shape.
    least : int, default=10
        Durations seen fewer times are left out.
    n_phases : int, default=50
        Points at which the courses are compared.

    Returns
    -------
    ShapeCollapse

    Raises
    ------
    ParameterError
        Where fewer than two durations were seen often enough.

    Notes
    -----
    Friedman et al. 2012 (see :func:`crackling_noise`); the measure of scatter is that of
    Marshall et al. 2016, "Analysis of power laws, shape collapses, and neural complexity".

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.analysis import avalanches, shape_collapse
    >>> courses = [np.r_[0, np.arange(1, n) * np.arange(n - 1, 0, -1), 0] for n in (20, 40)]
    >>> found = avalanches(np.concatenate(courses * 10))
    >>> abs(shape_collapse(found, durations=(5, 50)).exponent - 3) < 0.1
    True
    """
    n_phases = checked_count(n_phases, "n_phases", least=3)
    chosen, _ = _often_seen(found, durations, least)
    # Bin i of T bins stands for the middle of its share of the avalanche.
    phases = (np.arange(n_phases) + 0.5) / n_phases
    courses = np.stack(
        [
            np.interp(phases, (np.arange(length) + 0.5) / length, mean)
            for length in chosen
            for mean in [found.profiles(length).mean(axis=0)]
        ]
    )

    def scaled(exponent):
        return courses * chosen[:, None] ** (1.0 - exponent)

    def scatter(exponent):
        shapes = scaled(exponent)
        return shapes.var(axis=0).mean() / np.ptp(shapes) ** 2

    best = minimize_scalar(scatter, bounds=(0.0, 5.0), method="bounded")
    return ShapeCollapse(float(best.x), float(best.fun), chosen, phases, scaled(best.x))


def _often_seen(found, durations, least):
    """Return durations in the range seen often enough, and how often."""
    least = checked_count(least, "least")
    low, high = (checked_count(value, "durations") for value in durations)
    number = np.bincount(found.durations)
    chosen = np.flatnonzero(number >= least)
    chosen = chosen[(chosen >= low) & (chosen <= high)]
    if len(chosen) < 2:
        raise ParameterError(
            f"durations from {low} to {high} bins must hold two that were seen {least} times; "
            f"got {len(chosen)} of {len(found)} avalanches' durations"
        )
    return chosen, number[chosen]
