"""Random numbers as a function of where they are drawn: counter-based streams.

Source of the generator: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2,
3", SC 2011 (Philox4x32-10). A stream is an array of two uint64, key and draw number; the counter is
made of element, call site and draw number, so a number depends on neither the order of evaluation
nor the number of threads.

Numbers are drawn one by one, or for a block of elements at once, eight times as fast. Two
neighbouring elements share a counter, each with one half of its bits.
"""

import math

import numpy as np

from neurosim.kernels.compiled import inlined_kernel, kernel
from neurosim.kernels.math import log, of_turn, uniform
from neurosim.kernels.vectors import widest_vectors

__all__ = ["DRAWN_AT_ONCE", "philox", "rand", "rand_block", "randn", "randn_block", "words"]

#: Numbers in a block; they stay in the nearest cache.
DRAWN_AT_ONCE = 512

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIER_0, _MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_SITE, _TRIAL = np.uint64(40), np.uint64(52)


@inlined_kernel
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


@inlined_kernel
def words(counter, key, draw, site, trial):
    """Return two random words.

    Parameters
    ----------
    counter : int
        What draws, below 2**40.
    key, draw : uint64
        The two parts of a stream.
    site : int
        Number of the call in the code that draws, below 4096.
    trial : int
        Below 4096.

    Returns
    -------
    tuple of two uint64
    """
    low = np.uint64(counter) | (np.uint64(site) << _SITE) | (np.uint64(trial) << _TRIAL)
    return philox(low, draw, key)


@inlined_kernel
def _uniforms(pair, key, draw, site):
    first, second = words(pair, key, draw, site, 0)
    return uniform(first), uniform(second)


@inlined_kernel
def _normals(pair, key, draw, site):
    """Return two normal numbers, by Box and Muller's method (1958)."""
    first, second = _uniforms(pair, key, draw, site)
    radius = math.sqrt(-2.0 * log(1.0 - first))
    sine, cosine = of_turn(second)
    return radius * cosine, radius * sine


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
    first, second = _uniforms(element >> 1, stream[0], stream[1], site)
    return second if element & 1 else first


@kernel
def randn(element, stream, site):
    """Return a normally distributed number.

    Parameters
    ----------
    element, stream, site
        See :func:`rand`.

    Returns
    -------
    float
    """
    first, second = _normals(element >> 1, stream[0], stream[1], site)
    return second if element & 1 else first


@kernel
def rand_block(numbers, start, stop, stream, site):
    """Write what :func:`rand` returns for the elements from `start` to `stop`.

    Parameters
    ----------
    numbers : ndarray of float64
        At least as long as the block, rounded up to an even number.
    start, stop : int
        `start` is even.
    stream, site
        See :func:`rand`.
    """
    widest_vectors()
    first_pair = start >> 1
    # Read before the loop, or the compiler has to fear that the loop writes them.
    key, draw = stream[0], stream[1]
    for pair in range((stop - start + 1) >> 1):
        first, second = _uniforms(first_pair + pair, key, draw, site)
        numbers[2 * pair] = first
        numbers[2 * pair + 1] = second


@kernel
def randn_block(numbers, start, stop, stream, site):
    """Write what :func:`randn` returns for the elements from `start` to `stop`.

    Parameters
    ----------
    numbers, start, stop, stream, site
        See :func:`rand_block`.
    """
    widest_vectors()
    first_pair = start >> 1
    # Read before the loop, or the compiler has to fear that the loop writes them.
    key, draw = stream[0], stream[1]
    for pair in range((stop - start + 1) >> 1):
        first, second = _normals(first_pair + pair, key, draw, site)
        numbers[2 * pair] = first
        numbers[2 * pair + 1] = second
