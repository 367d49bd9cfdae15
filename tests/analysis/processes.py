"""Processes whose measures are known from theory, for the tests of this folder."""

import numpy as np


def renewal_spikes(rng, *, n_neurons, rate, stop, order=1):
    """Return spikes of renewal processes with gamma intervals; order 1 is Poisson."""
    n_intervals = int(1.2 * rate * stop + 10 * np.sqrt(rate * stop) + 20)
    intervals = rng.gamma(order, 1 / (rate * order), size=(n_neurons, n_intervals))
    times = intervals.cumsum(axis=1)
    assert (times[:, -1] > stop).all()
    neurons = np.broadcast_to(np.arange(n_neurons)[:, None], times.shape)
    inside = times < stop
    return times[inside], neurons[inside]


def branching_process(rng, *, m, mean, n_steps):
    """Return activity with Poisson offspring and Poisson input, about its stationary mean."""
    activity = np.empty(n_steps, np.int64)
    now = mean
    for step in range(n_steps):
        activity[step] = now = rng.poisson(m * now + (1 - m) * mean)
    return activity


def galton_watson(rng, *, m, n_avalanches, longest):
    """Return the activity of avalanches of one ancestor each, between silent bins.

    Those that live for `longest` steps are left out.
    """
    course = np.zeros((n_avalanches, longest + 1), np.int64)
    course[:, 0] = 1
    for step in range(longest):
        course[:, step + 1] = rng.poisson(m * course[:, step])
    course = course[course[:, -1] == 0]
    # Every avalanche with one of the zeros behind it.
    lengths = (course > 0).sum(axis=1) + 1
    return np.concatenate([[0], course[np.arange(longest + 1) < lengths[:, None]]])
