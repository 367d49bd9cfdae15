"""What a network does with its inputs: states, their rank, and how fast two runs part."""

from dataclasses import dataclass

import numpy as np

from neurosim.analysis.checks import (
    checked_array,
    checked_duration,
    checked_seconds,
    checked_spikes,
)
from neurosim.errors import ParameterError

__all__ = [
    "Divergence",
    "KernelQuality",
    "divergence_rate",
    "filtered_spikes",
    "kernel_quality",
    "state_rank",
]


def filtered_spikes(times, neurons, *, n_neurons, time_constant, samples):
    """Return spike trains filtered by an exponential: the state a readout neuron would see.

    Parameters
    ----------
    times : array_like, shape (n_spikes,)
        In seconds.
    neurons : array_like of int, shape (n_spikes,)
    n_neurons : int
    time_constant : float
        In seconds; 0.03 is usual.
    samples : array_like, shape (n_samples,)
        When to look, in seconds, ascending.

    Returns
    -------
    ndarray, shape (n_samples, n_neurons)
        Sum over the neuron's spikes up to and at the sample of exp(−age / time_constant).

    Raises
    ------
    ParameterError

    Notes
    -----
    The states of Maass, Natschläger and Markram 2002, "Real-time computing without stable
    states".

    Examples
    --------
    >>> from neurosim.analysis import filtered_spikes
    >>> filtered_spikes(
    ...     [0.0, 0.01], [0, 1], n_neurons=2, time_constant=0.01, samples=[0.0, 0.01]).round(4)
    array([[1.    , 0.    ],
           [0.3679, 1.    ]])
    """
    times, neurons, n_neurons = checked_spikes(times, neurons, n_neurons)
    samples = checked_seconds(samples, "samples")
    if (np.diff(samples) < 0).any():
        raise ParameterError("samples must ascend; got a sample before the one it follows")
    time_constant = checked_duration(time_constant, "time_constant")
    states = np.zeros((len(samples), n_neurons))
    place = np.searchsorted(samples, times)
    seen = place < len(samples)
    place, times, neurons = place[seen], times[seen], neurons[seen]
    np.add.at(states, (place, neurons), np.exp((times - samples[place]) / time_constant))
    decay = np.exp(-np.diff(samples) / time_constant)
    for sample, factor in enumerate(decay, start=1):
        states[sample] += factor * states[sample - 1]
    return states


def state_rank(states, *, tolerance=None):
    """Return the number of dimensions that states span.

    Parameters
    ----------
    states : array_like, shape (n_inputs, n_neurons)
        A row for each input: counts, or :func:`filtered_spikes` at one time.
    tolerance : float, optional
        Singular values above this share of the largest count. None takes
        max(n_inputs, n_neurons) times the floating-point precision, which counts everything
        but rounding; 0.01 counts what survives noise of some percent. Say which was used.

    Returns
    -------
    int

    Raises
    ------
    ParameterError
        Where states are not finite or tolerance is not between 0 and 1.

    Examples
    --------
    >>> from neurosim.analysis import state_rank
    >>> state_rank([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    2
    """
    states = checked_array(states, "states", 2)
    if tolerance is None:
        tolerance = max(states.shape) * np.finfo(float).eps
    elif not 0 <= tolerance < 1:
        raise ParameterError(f"tolerance must be at least 0 and below 1; got {tolerance}")
    singular = np.linalg.svd(states, compute_uv=False)
    return int((singular > tolerance * singular[0]).sum())


@dataclass(frozen=True)
class KernelQuality:
    """Ranks of states that should differ and of states that should not.

    Attributes
    ----------
    separation : int
        Rank for clearly different inputs: the kernel quality.
    generalisation : float
        Mean rank for variants of one input: the generalisation rank.
    """

    separation: int
    generalisation: float

    @property
    def difference(self):
        """Separation − generalisation, which predicts how well a readout learns; float."""
        return self.separation - self.generalisation


def kernel_quality(different, similar, *, tolerance=None):
    """Compare the rank of states for different inputs with that for variants of one input.

    Parameters
    ----------
    different : array_like, shape (n_inputs, n_neurons)
        States for clearly different inputs; as many inputs as neurons or more.
    similar : array_like, shape (n_variants, n_neurons) or (n_bases, n_variants, n_neurons)
        States for noisy variants of one input, or of several, whose ranks are averaged. As many
        variants as inputs make the two ranks comparable.
    tolerance : float, optional
        As in :func:`state_rank`.

    Returns
    -------
    KernelQuality

    Raises
    ------
    ParameterError
        As in :func:`state_rank`, or where both are not states of equally many neurons.

    Notes
    -----
    Legenstein and Maass 2007, "Edge of chaos and prediction of computational performance for
    neural circuit models".

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.analysis import kernel_quality
    >>> quality = kernel_quality(np.eye(3), np.ones((3, 3)))
    >>> quality.separation, quality.generalisation, quality.difference
    (3, 1.0, 2.0)
    """
    different = checked_array(different, "different", 2)
    similar = np.asarray(similar, float)
    if similar.ndim not in (2, 3):
        raise ParameterError(f"similar must have 2 or 3 dimensions; got shape {similar.shape}")
    if similar.shape[-1] != different.shape[1]:
        raise ParameterError(
            f"similar must be states of {different.shape[1]} neurons as different is; "
            f"got shape {similar.shape}"
        )
    bases = similar if similar.ndim == 3 else similar[None]
    ranks = [state_rank(base, tolerance=tolerance) for base in bases]
    return KernelQuality(state_rank(different, tolerance=tolerance), float(np.mean(ranks)))


@dataclass(frozen=True)
class Divergence:
    """How two runs from nearly the same state part.

    Attributes
    ----------
    rate : float
        Per second; an estimate of the largest Lyapunov exponent. Above 0 chaos, below 0 order.
    standard_error : float
        Over pairs; NaN for a single pair.
    log_distances : ndarray, shape (n_steps,)
        Mean over pairs of ln |difference|; −inf where some pair has met.
    window : tuple of int
        First step of the fit and one past its last.
    """

    rate: float
    standard_error: float
    log_distances: np.ndarray
    window: tuple


def divergence_rate(first, second, *, step, window=None):
    """Estimate the largest Lyapunov exponent from pairs of runs that began close together.

    The exponent is the slope over time of the logarithm of the distance, averaged over pairs,
    while the distance is small against the states' own extent.

    Parameters
    ----------
    first, second : array_like, shape (n_pairs, n_steps, n_variables)
        States of an undisturbed and of a disturbed run with the same inputs and the same noise:
        potentials, or :func:`filtered_spikes`.
    step : float
        Time between states in seconds; 1 for a map, whose rate is then per iteration.
    window : tuple of int, optional
        First step of the fit and one past its last. None begins at the first step and ends
        before the first at which the mean logarithm comes within a factor of 10 of the
        distance of unrelated states (states of different pairs), or some pair has met. Give
        one where the disturbance has first to turn into the fastest growing direction.

    Returns
    -------
    Divergence

    Raises
    ------
    ParameterError
        Where the states have no such or different shapes, are not finite, or the window holds
        fewer than two steps at which all pairs differ.

    Notes
    -----
    Where spikes reset potentials, an infinitesimal disturbance may shrink while a finite one,
    which moves a spike, grows; disturb by moving or adding one spike. See Wolf et al. 1985,
    "Determining Lyapunov exponents from a time series", and Legenstein and Maass 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.analysis import divergence_rate
    >>> grown = 1e-9 * np.exp(0.5 * np.arange(20.0))
    >>> first = np.zeros((1, 20, 1))
    >>> round(divergence_rate(first, first + grown[:, None], step=0.1, window=(0, 20)).rate, 6)
    5.0
    """
    first, second = checked_array(first, "first", 3), checked_array(second, "second", 3)
    if first.shape != second.shape:
        raise ParameterError(
            f"second must have the shape of first, {first.shape}; got {second.shape}"
        )
    step = checked_duration(step, "step")
    with np.errstate(divide="ignore"):
        logs = np.log(np.linalg.norm(second - first, axis=2))
    mean = logs.mean(axis=0)
    low, high = _free_growth(first, mean) if window is None else map(int, window)
    n_steps = first.shape[1]
    if not 0 <= low < high - 1 < n_steps or not np.isfinite(mean[low:high]).all():
        raise ParameterError(
            f"window must hold two of {n_steps} steps or more at which all pairs differ; "
            f"got ({low}, {high})"
        )
    centred = np.arange(high - low) - (high - low - 1) / 2
    slopes = logs[:, low:high] @ centred / (centred @ centred * step)
    error = slopes.std(ddof=1) / np.sqrt(len(slopes)) if len(slopes) > 1 else np.nan
    return Divergence(float(slopes.mean()), float(error), mean, (low, high))


def _free_growth(first, mean):
    """Return the steps before the mean distance nears that of unrelated states."""
    if len(first) < 2:
        raise ParameterError("window must be given for a single pair of runs; got None")
    unrelated = np.linalg.norm(first - np.roll(first, 1, axis=0), axis=2).mean()
    # An exact meeting (−inf) ends the window, too.
    ended = (mean > np.log(unrelated / 10)) | ~np.isfinite(mean)
    return 0, int(ended.argmax()) if ended.any() else len(mean)
