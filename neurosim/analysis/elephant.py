"""Distances and synchrony of spike trains by Elephant, on the arrays of `neurosim.analysis`.

Elephant (https://python-elephant.org) is an extra: ``pip install 'neurosim[elephant]'``. What is
here, Elephant has and neurosim has not; anything else of it takes the trains of `neo_trains`.
Elephant has no ISI- and no SPIKE-distance.
"""

import numpy as np

from neurosim.analysis.checks import checked_duration, checked_spikes, checked_window
from neurosim.errors import MissingExtraError, ParameterError

try:
    import neo
    import quantities as pq
    from elephant.spike_train_correlation import spike_time_tiling_coefficient
    from elephant.spike_train_dissimilarity import van_rossum_distance, victor_purpura_distance
    from elephant.spike_train_synchrony import spike_contrast
except ImportError as error:
    raise MissingExtraError(
        f"neurosim.analysis.elephant needs {error.name}; "
        "install it with pip install 'neurosim[elephant]'"
    ) from error

__all__ = [
    "neo_trains",
    "spike_contrast_synchrony",
    "spike_time_tiling",
    "van_rossum_distances",
    "victor_purpura_distances",
]


def neo_trains(times, neurons, *, n_neurons, start=0.0, stop):
    """Return the spikes in a window as a Neo spike train for every neuron.

    Parameters
    ----------
    times : array_like, shape (n_spikes,)
        In seconds, in any order.
    neurons : array_like of int, shape (n_spikes,)
    n_neurons : int
    start, stop : float
        In seconds; spikes in [start, stop) are kept.

    Returns
    -------
    list of neo.SpikeTrain
        One for each neuron, silent ones included; units s, ``t_start`` and ``t_stop`` the window.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> from neurosim.analysis.elephant import neo_trains
    >>> [train.size for train in neo_trains([0.2, 0.1, 1.5], [2, 2, 0], n_neurons=3, stop=1.0)]
    [0, 0, 2]
    """
    times, neurons, n_neurons = checked_spikes(times, neurons, n_neurons)
    start, stop = checked_window(start, stop)
    inside = (times >= start) & (times < stop)
    times, neurons = times[inside], neurons[inside]
    order = np.lexsort((times, neurons))
    ends = np.searchsorted(neurons[order], np.arange(1, n_neurons))
    return [
        neo.SpikeTrain(train, units=pq.s, t_start=start * pq.s, t_stop=stop * pq.s)
        for train in np.split(times[order], ends)
    ]


def victor_purpura_distances(times, neurons, *, n_neurons, start=0.0, stop, time_scale):
    """Return the least cost of turning each train into each other one, by Elephant.

    Adding or removing a spike costs 1, moving it by d seconds costs ``d / time_scale``.

    Parameters
    ----------
    times, neurons, n_neurons, start, stop
        As for :func:`neo_trains`.
    time_scale : float
        In seconds, the inverse of Victor and Purpura's cost q.

    Returns
    -------
    ndarray, shape (n_neurons, n_neurons)

    Raises
    ------
    ParameterError

    Notes
    -----
    Victor and Purpura 1996, "Nature and precision of temporal coding in visual cortex".

    Examples
    --------
    >>> from neurosim.analysis.elephant import victor_purpura_distances
    >>> victor_purpura_distances(
    ...     [0.1, 0.125], [0, 1], n_neurons=2, stop=1.0, time_scale=0.1).round(6)
    array([[0.  , 0.25],
           [0.25, 0.  ]])
    """
    trains = neo_trains(times, neurons, n_neurons=n_neurons, start=start, stop=stop)
    cost = 1 / checked_duration(time_scale, "time_scale")
    return np.asarray(victor_purpura_distance(trains, cost_factor=cost * pq.Hz))


def van_rossum_distances(times, neurons, *, n_neurons, start=0.0, stop, time_constant):
    """Return the distance between every two trains filtered by an exponential, by Elephant.

    Parameters
    ----------
    times, neurons, n_neurons, start, stop
        As for :func:`neo_trains`.
    time_constant : float
        In seconds.

    Returns
    -------
    ndarray, shape (n_neurons, n_neurons)
        1 between a train of one spike and an empty one: the squared distance is
        2 / time_constant times the integral of the squared difference of the filtered trains.

    Raises
    ------
    ParameterError

    Notes
    -----
    van Rossum 2001, "A novel spike distance".

    Examples
    --------
    >>> from neurosim.analysis.elephant import van_rossum_distances
    >>> van_rossum_distances([0.1], [0], n_neurons=2, stop=1.0, time_constant=0.01).round(6)
    array([[0., 1.],
           [1., 0.]])
    """
    trains = neo_trains(times, neurons, n_neurons=n_neurons, start=start, stop=stop)
    time_constant = checked_duration(time_constant, "time_constant")
    return np.asarray(van_rossum_distance(trains, time_constant=time_constant * pq.s))


def spike_time_tiling(times, neurons, *, n_neurons, start=0.0, stop, window):
    """Return the spike time tiling coefficient of every two trains, by Elephant.

    A correlation of spike times within ±`window` that does not depend on firing rates.

    Parameters
    ----------
    times, neurons, n_neurons, start, stop
        As for :func:`neo_trains`.
    window : float
        In seconds.

    Returns
    -------
    ndarray, shape (n_neurons, n_neurons)
        Between −1 and 1; NaN for pairs with a silent neuron.

    Raises
    ------
    ParameterError

    Notes
    -----
    Cutts and Eglen 2014, "Detecting pairwise correlations in spike trains".

    Examples
    --------
    >>> from neurosim.analysis.elephant import spike_time_tiling
    >>> spike_time_tiling([0.1, 0.1], [0, 1], n_neurons=2, stop=1.0, window=0.01)
    array([[1., 1.],
           [1., 1.]])
    """
    trains = neo_trains(times, neurons, n_neurons=n_neurons, start=start, stop=stop)
    window = checked_duration(window, "window") * pq.s
    matrix = np.full((len(trains), len(trains)), np.nan)
    for row, first in enumerate(trains):
        for column, second in enumerate(trains[: row + 1]):
            if first.size and second.size:
                value = spike_time_tiling_coefficient(first, second, dt=window)
                matrix[row, column] = matrix[column, row] = value
    return matrix


def spike_contrast_synchrony(times, neurons, *, n_neurons, start=0.0, stop):
    """Return the synchrony of all trains at the time scale at which it is highest, by Elephant.

    Parameters
    ----------
    times, neurons, n_neurons, start, stop
        As for :func:`neo_trains`; two neurons or more.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    ParameterError
        Where fewer than two neurons fire.

    Notes
    -----
    Ciba et al. 2018, "Spike-contrast: a novel time scale independent and multivariate measure
    of spike train synchrony".

    Examples
    --------
    >>> from neurosim.analysis.elephant import spike_contrast_synchrony
    >>> spike_contrast_synchrony(
    ...     [0.1, 0.5, 0.1, 0.5], [0, 0, 1, 1], n_neurons=2, stop=1.0)
    1.0
    """
    trains = neo_trains(times, neurons, n_neurons=n_neurons, start=start, stop=stop)
    firing = sum(train.size > 0 for train in trains)
    if firing < 2:
        raise ParameterError(f"neurons must hold two that fire in the window; got {firing}")
    return float(spike_contrast(trains))
