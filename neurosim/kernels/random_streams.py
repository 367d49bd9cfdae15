"""Random numbers as a function of where they are drawn: counter-based streams.

Source of the generator: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2,
3", SC 2011 (Philox4x32-10). A stream is an array of two uint64, key and draw number; the counter is
made of element, call site and draw number, so a number depends on neither the order of evaluation
nor the number of threads.
"""

import math

import numpy as np

from neurosim.kernels.compiled import kernel

__all__ = ["binomial", "binomial_of", "binomial_table", "philox", "poisson", "rand", "randn"]

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIER_0, _MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_SITE, _TRIAL = np.uint64(40), np.uint64(52)
_MANTISSA = np.uint64(11)
_ULP = 2.0**-53
# Below this mean Poisson numbers come from multiplying uniform ones.
_SMALL_MEAN = 10.0


@kernel
def philox(low, high, key):
    """Return the 128 bits of Philox4x32-10 for a counter and a key.

    Parameters
    ----------
    low, high, key : uint64
        Counter words 0 and 1, counter words 2 and 3, key words 0 and 1, the lower word in the
        lower half.

    Returns
    -------
    tuple of two uint64
        Output words 0 and 1, and 2 and 3, in the same order.
    """
    c0, c1 = low & _LOW, low >> _HALF
    c2, c3 = high & _LOW, high >> _HALF
    k0, k1 = key & _LOW, key >> _HALF
    for _ in range(10):
        product_0, product_1 = _MULTIPLIER_0 * c0, _MULTIPLIER_1 * c2
        c0, c1, c2, c3 = (
            (product_1 >> _HALF) ^ c1 ^ k0,
            product_1 & _LOW,
            (product_0 >> _HALF) ^ c3 ^ k1,
            product_0 & _LOW,
        )
        k0, k1 = (k0 + _WEYL_0) & _LOW, (k1 + _WEYL_1) & _LOW
    return c0 | (c1 << _HALF), c2 | (c3 << _HALF)


@kernel
def _words(element, stream, site, trial):
    low = np.uint64(element) | (np.uint64(site) << _SITE) | (np.uint64(trial) << _TRIAL)
    return philox(low, stream[1], stream[0])


@kernel
def _uniform(word):
    return (word >> _MANTISSA) * _ULP


@kernel
def rand(element, stream, site):
    """Return a number uniform in [0, 1).

    Parameters
    ----------
    element : int
        Neuron or synapse that draws.
    stream : ndarray of uint64, shape (2,)
        Key and draw number.
    site : int
        Number of the call in the code that draws, below 4096.

    Returns
    -------
    float
    """
    return _uniform(_words(element, stream, site, 0)[0])


@kernel
def randn(element, stream, site):
    """Return a normally distributed number, by Box and Muller's method (1958).

    Parameters
    ----------
    element, stream, site
        See :func:`rand`.

    Returns
    -------
    float
    """
    first, second = _words(element, stream, site, 0)
    radius = math.sqrt(-2.0 * math.log(1.0 - _uniform(first)))
    return radius * math.cos(2.0 * math.pi * _uniform(second))


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
            first, second = _words(element, stream, site, trial)
            trial += 1
            product *= _uniform(first)
            if product <= limit:
                return count
            count += 1
            product *= _uniform(second)
            if product <= limit:
                return count
            count += 1
    root = math.sqrt(mean)
    b = 0.931 + 2.53 * root
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    v_r = 0.9277 - 3.6224 / (b - 2.0)
    while True:
        first, second = _words(element, stream, site, trial)
        trial += 1
        u, v = _uniform(first) - 0.5, _uniform(second)
        us = 0.5 - abs(u)
        count = math.floor((2.0 * a / us + b) * u + mean + 0.43) if us > 0 else -1
        if us >= 0.07 and v <= v_r:
            return count
        if count < 0 or (us < 0.013 and v > us):
            continue
        accepted = math.log(v) + math.log(inverse_alpha) - math.log(a / (us * us) + b)
        if accepted <= -mean + count * math.log(mean) - math.lgamma(count + 1.0):
            return count


@kernel
def _rare_successes(n, p, element, stream, site):
    if p <= 0.0 or n <= 0:
        return 0
    scale = math.log1p(-p)
    count, position, trial = 0, 0, 0
    while True:
        first, second = _words(element, stream, site, trial)
        trial += 1
        for word in (first, second):
            gap = math.floor(math.log(1.0 - _uniform(word)) / scale)
            if gap >= n - position:
                return count
            position += int(gap) + 1
            count += 1
            if position >= n:
                return count


@kernel
def binomial(n, p, element, stream, site):
    """Return the number of successes in `n` trials of probability `p`.

    By geometric gaps between successes (Devroye 1986, X.4.3), which needs about n min(p, 1 − p)
    numbers.

    Parameters
    ----------
    n : int
    p : float
        In [0, 1].
    element, stream, site
        See :func:`rand`.

    Returns
    -------
    int
    """
    if p > 0.5:
        return n - _rare_successes(n, 1.0 - p, element, stream, site)
    return _rare_successes(n, p, element, stream, site)


# Above this mean, going through the numbers one by one takes longer than gaps between successes.
_MOST_BY_INVERSION = 15.0


def binomial_table(n, p):
    """Return what :func:`binomial_of` needs to know of a distribution.

    Parameters
    ----------
    n : int
    p : float
        In [0, 1].

    Returns
    -------
    ndarray of float64, shape (5,)
        n, p, the probability of no success (of no failure where p is above a half), the odds, and
        1 where inversion serves.
    """
    rare = min(p, 1.0 - p)
    by_inversion = n * rare <= _MOST_BY_INVERSION
    return np.array([n, p, (1.0 - rare) ** n, rare / (1.0 - rare), by_inversion])


@kernel
def binomial_of(element, stream, site, table):
    """Return the number of successes in trials whose number and probability are known before.

    By inversion from one uniform number (algorithm BINV of Kachitvichyanukul and Schmeiser 1988)
    where few successes or few failures are expected, else as :func:`binomial`.

    Parameters
    ----------
    element, stream, site
        See :func:`rand`.
    table : ndarray
        See :func:`binomial_table`.

    Returns
    -------
    int
    """
    n, p = int(table[0]), table[1]
    if table[4] == 0.0:
        return binomial(n, p, element, stream, site)
    left, probability, count = rand(element, stream, site), table[2], 0
    while left > probability and count < n:
        left -= probability
        count += 1
        probability *= table[3] * (n - count + 1) / count
    return n - count if p > 0.5 else count
