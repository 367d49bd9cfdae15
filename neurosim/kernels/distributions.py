"""Random numbers of discrete distributions, from the streams of uniform ones."""

import math

import numpy as np

from neurosim.kernels.compiled import inlined_kernel, kernel
from neurosim.kernels.math import uniform
from neurosim.kernels.random_streams import rand, rand_block, words

__all__ = ["binomial", "binomial_block", "binomial_table", "poisson"]

# Below this mean Poisson numbers come from multiplying uniform ones.
_SMALL_MEAN = 10.0
# Binomial numbers further from the mean than so many standard deviations do not occur.
_FARTHEST = 12.0


@kernel
def poisson(mean, element, stream, site):
    """Return a Poisson number.

    Products of uniform numbers below a mean of 10 (Knuth 1969); transformed rejection above
    (Hörmann 1993, algorithm PTRS).

    Parameters
    ----------
    mean : float
        Not negative.
    element, stream, site
        See :func:`rand`.

    Returns
    -------
    int
    """
    trial = 0
    if mean < _SMALL_MEAN:
        limit, product, count = math.exp(-mean), 1.0, 0
        while True:
            first, second = words(element, stream[0], stream[1], site, trial)
            trial += 1
            product *= uniform(first)
            if product <= limit:
                return count
            count += 1
            product *= uniform(second)
            if product <= limit:
                return count
            count += 1
    root = math.sqrt(mean)
    b = 0.931 + 2.53 * root
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    v_r = 0.9277 - 3.6224 / (b - 2.0)
    while True:
        first, second = words(element, stream[0], stream[1], site, trial)
        trial += 1
        u, v = uniform(first) - 0.5, uniform(second)
        us = 0.5 - abs(u)
        count = math.floor((2.0 * a / us + b) * u + mean + 0.43) if us > 0 else -1
        if us >= 0.07 and v <= v_r:
            return count
        if count < 0 or (us < 0.013 and v > us):
            continue
        accepted = math.log(v) + math.log(inverse_alpha) - math.log(a / (us * us) + b)
        if accepted <= -mean + count * math.log(mean) - math.lgamma(count + 1.0):
            return count


def binomial_table(n, p):
    """Return what :func:`binomial` needs to know of a distribution.

    Parameters
    ----------
    n : int
    p : float
        In [0, 1].

    Returns
    -------
    ndarray of float64, shape (3, n_values)
        For each of `n_values` equal parts of [0, 1): the share of it that belongs to a number, this
        number, and the number to which the rest belongs.
    """
    mean, deviation = n * p, math.sqrt(n * p * (1.0 - p))
    reach = _FARTHEST * deviation + 2 * _FARTHEST
    numbers = np.arange(max(0, math.floor(mean - reach)), min(n, math.ceil(mean + reach)) + 1)
    if p in (0, 1):
        return _alias_table(numbers, numbers == n * p)
    # Ratios of neighbours, from the smallest number on.
    steps = np.log((n - numbers[:-1]) / (numbers[:-1] + 1.0)) + math.log(p / (1.0 - p))
    logarithms = np.concatenate([[0.0], np.cumsum(steps)])
    return _alias_table(numbers, np.exp(logarithms - logarithms.max()))


def _alias_table(numbers, weights):
    """Return Walker's table (1977), filled as by Vose (1991)."""
    shares = weights / np.sum(weights) * len(numbers)
    others = numbers.copy()
    small, large = np.flatnonzero(shares < 1).tolist(), np.flatnonzero(shares >= 1).tolist()
    while small and large:
        few, many = small.pop(), large[-1]
        others[few] = numbers[many]
        shares[many] -= 1 - shares[few]
        if shares[many] < 1:
            small.append(large.pop())
    # What is left is 1 but for rounding.
    shares[small + large] = 1.0
    return np.array([shares, numbers, others], float)


@inlined_kernel
def _binomial_from(uniform_number, table):
    """Return the binomial number that belongs to a uniform one."""
    scaled = uniform_number * table.shape[1]
    part = np.uint64(np.int64(scaled))
    return table[1, part] if scaled - np.int64(part) < table[0, part] else table[2, part]


@kernel
def binomial(element, stream, site, table):
    """Return the number of successes in trials whose number and probability are known before.

    Parameters
    ----------
    element, stream, site
        See :func:`neurosim.kernels.random_streams.rand`.
    table : ndarray
        See :func:`binomial_table`.

    Returns
    -------
    float
    """
    return _binomial_from(rand(element, stream, site), table)


@kernel
def binomial_block(numbers, start, stop, stream, site, table):
    """Write what :func:`binomial` returns for the elements from `start` to `stop`.

    Parameters
    ----------
    numbers, start, stop, stream, site
        See :func:`neurosim.kernels.random_streams.rand_block`.
    table : ndarray
        See :func:`binomial_table`.
    """
    rand_block(numbers, start, stop, stream, site)
    for place in range(stop - start):
        numbers[place] = _binomial_from(numbers[place], table)
