"""Powers of numbers: the logarithm to more than 60 bits, times the exponent, exponentiated.

A power as large as 1e308 has to know the exponent's product with the logarithm, about 709, to
2**-53: ten bits more than a number holds. Numbers in two parts, as by Dekker (1971), hold them.
"""

from typing import NamedTuple

import numpy as np

from neurosim.kernels.compiled import inlined_kernel as kernel
from neurosim.kernels.math.exponentials import exp, exp_of_sum
from neurosim.kernels.math.floats import (
    bits,
    by_precision,
    fma,
    fused,
    polynomial,
    reals,
    two_product,
)
from neurosim.kernels.math.logarithms import log, log_parts
from neurosim.kernels.math.precision import keeps_precision

__all__ = ["power"]

# 32 bits of ln 2, so that products with exponents are exact, and the rest.
_LN2_HIGH, _LN2_LOW = float.fromhex("0x1.62e42fee00000p-1"), float.fromhex("0x1.a39ef35793c76p-33")
_TWO_THIRDS, _TWO_THIRDS_LOW = 0.6666666666666666, 3.700743415417188e-17
# ((log(1 + f)/s − 2)/s² − 2/3)/s² for s = f/(2 + f), from the highest power of s² down.
_SERIES = (
    0.11723178623876518,
    0.11706236339491206,
    0.1333480469384731,
    0.1538459496251843,
    0.18181818335392802,
    0.22222222221655885,
    0.28571428571429364,
    0.4,
)
# Beyond it powers are zero or infinity.
_LARGEST = 746.0


@kernel
def _quotient_in_two(f):
    """Return f/(2 + f) as a sum of two numbers."""
    divisor = 2.0 + f
    s = f / divisor
    return s, fma(-s, f - (divisor - 2.0), fused(-s, divisor, f)) / divisor


@kernel
def _log_in_two(x):
    """Return the logarithm of a number above 0 as a sum of two numbers."""
    k, f = log_parts(x)
    s, s_low = _quotient_in_two(f)
    z, z_low = two_product(s, s)
    z_low = fma(2.0 * s, s_low, z_low)
    # 2 s + s z (2/3 + z q), the second term in two parts.
    small = z * polynomial(z, _SERIES)
    factor = _TWO_THIRDS + small
    factor_low = ((_TWO_THIRDS - factor) + small) + _TWO_THIRDS_LOW
    square, square_low = two_product(z, factor)
    square_low = fma(z, factor_low, fma(z_low, factor, square_low))
    term, term_low = two_product(s, square)
    term_low = fma(s, square_low, fma(s_low, square, term_low))
    # The larger first, so that what each sum has lost is known.
    exponent, twice = k * _LN2_HIGH, 2.0 * s
    first = exponent + twice
    second = first + term
    low = ((exponent - first) + twice) + ((first - second) + term)
    low = fma(k, _LN2_LOW, low + fma(2.0, s_low, term_low))
    total = second + low
    return total, (second - total) + low


@kernel
def _magnitude(x, y):
    """Return x to the power `y` for x not negative."""
    high, low = _log_in_two(x)
    high = -np.inf if x == 0.0 else high
    high = np.inf if x == np.inf else high
    product, error = two_product(y, high)
    # Where the product is infinite its error is no number.
    error = fma(y, low, error) if abs(product) < _LARGEST else 0.0
    return exp_of_sum(min(max(product, -_LARGEST), 710.0), error)


@kernel
def _single_magnitude(x, y):
    """Return x to the power `y` for x not negative, in single precision."""
    # Double precision has all the bits that two parts of single precision would have.
    return np.float32(exp(np.float64(y) * log(np.float64(x))))


class _Constants(NamedTuple):
    """What depends on the precision."""

    zero: float
    half: float
    one: float
    infinity: float
    nan: float


_DOUBLE = _Constants(0.0, 0.5, 1.0, np.inf, np.nan)
_SINGLE = _Constants(*map(np.float32, _DOUBLE))


@keeps_precision
def power(x, y):
    """Return `x` to the power `y`, in special cases as C99 has it.

    Parameters
    ----------
    x : float
    y : float

    Returns
    -------
    float
        Single precision where both arguments have it. NaN for a finite negative number to a power
        that is not whole.

    Examples
    --------
    >>> from neurosim.kernels.math import power
    >>> power(2.0, 10.0), power(-2.0, -1.0), power(-8.0, 1 / 3), power(0.0, 0.0)
    (1024.0, -0.5, nan, 1.0)
    """
    x, y = reals(x, y)
    c = by_precision(x, _DOUBLE, _SINGLE)
    magnitude = by_precision(x, _magnitude, _single_magnitude)
    value = magnitude(abs(x), y)
    half = c.half * y
    is_whole = np.floor(y) == y
    is_odd = is_whole & (np.floor(half) != half)
    value = -value if is_odd & (bits(x) < 0) else value
    value = c.nan if (x < c.zero) & (x != -c.infinity) & (not is_whole) else value
    value = x + y if (x != x) | (y != y) else value
    is_one = (x == c.one) | (y == c.zero) | ((x == -c.one) & (abs(y) == c.infinity))
    return c.one if is_one else value
