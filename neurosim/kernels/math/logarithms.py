"""Natural logarithms, by atanh(f/(2 + f)) (Tang 1990)."""

from typing import NamedTuple

import numpy as np

from neurosim.kernels.compiled import inlined_kernel as kernel
from neurosim.kernels.math.floats import (
    bits,
    by_precision,
    from_bits,
    polynomial,
    real,
    to_float,
)
from neurosim.kernels.math.precision import keeps_precision

__all__ = ["log", "log1p", "log_parts"]


class _Constants(NamedTuple):
    """What depends on the precision; floating-point numbers unless said otherwise."""

    zero: float
    half: float
    one: float
    two: float
    infinity: float
    nan: float
    square_root_of_2: float
    # The upper bits of ln 2, so that products with exponents are exact, and the rest.
    ln2_high: float
    ln2_low: float
    # (log(1 + f)/s − 2)/s² for s = f/(2 + f), from the highest power of s² down.
    series: tuple
    # The smallest number that is not subnormal, and what brings smaller ones to such.
    normal: float
    scale: float
    # Integers: the exponent of the scale, bits of the fraction and of 1, what is added to
    # exponents, and the place where they stand.
    scale_bits: int
    fraction: int
    one_bits: int
    bias: int
    fraction_bits: int


_DOUBLE = _Constants(
    zero=0.0,
    half=0.5,
    one=1.0,
    two=2.0,
    infinity=np.inf,
    nan=np.nan,
    square_root_of_2=1.4142135623730951,
    ln2_high=float.fromhex("0x1.62e42fee00000p-1"),
    ln2_low=float.fromhex("0x1.a39ef35793c76p-33"),
    series=(
        0.13086907887965027,
        0.13268746195596595,
        0.15386240708969665,
        0.18181795621632782,
        0.22222222391887064,
        0.2857142857080285,
        0.4000000000000088,
        0.6666666666666666,
    ),
    normal=2.2250738585072014e-308,
    scale=2.0**54,
    scale_bits=54,
    fraction=0x000FFFFFFFFFFFFF,
    one_bits=0x3FF0000000000000,
    bias=1023,
    fraction_bits=52,
)
_F = np.float32
_SINGLE = _Constants(
    zero=_F(0),
    half=_F(0.5),
    one=_F(1),
    two=_F(2),
    infinity=_F(np.inf),
    nan=_F(np.nan),
    square_root_of_2=_F(1.41421354),
    ln2_high=_F(0.693145751953125),
    ln2_low=_F(1.428606765330187e-06),
    series=(_F(0.233304679), _F(0.285508215), _F(0.400001228), _F(0.666666687)),
    normal=_F(1.17549435e-38),
    scale=_F(2.0**25),
    scale_bits=25,
    fraction=0x007FFFFF,
    one_bits=0x3F800000,
    bias=127,
    fraction_bits=23,
)


@kernel
def log_parts(x):
    """Return exponent k and f with ``x = 2**k (1 + f)``; 1 + f near 1.

    Parameters
    ----------
    x : float
        Above 0.

    Returns
    -------
    tuple of two floats
        `f` is between sqrt(1/2) − 1 and sqrt(2) − 1.
    """
    c = by_precision(x, _DOUBLE, _SINGLE)
    is_small = x < c.normal
    scaled = x * c.scale if is_small else x
    scaled_bits = bits(scaled)
    k = (scaled_bits >> c.fraction_bits) - c.bias
    fraction = from_bits(x, (scaled_bits & c.fraction) | c.one_bits)
    is_upper = fraction > c.square_root_of_2
    fraction = c.half * fraction if is_upper else fraction
    k = k + 1 if is_upper else k
    k = k - c.scale_bits if is_small else k
    return to_float(x, k), fraction - c.one


@kernel
def _log1p_near_zero(f, k, low):
    """Return k ln 2 + log(1 + f) + low for f between sqrt(1/2) − 1 and sqrt(2) − 1."""
    c = by_precision(f, _DOUBLE, _SINGLE)
    s = f / (c.two + f)
    z = s * s
    half_square = c.half * f * f
    # f − f²/2 + s (f²/2 + s² q): the large terms come last.
    rest = s * (half_square + z * polynomial(z, c.series)) + (k * c.ln2_low + low)
    return k * c.ln2_high - ((half_square - rest) - f)


@keeps_precision
def log(x):
    """Return the natural logarithm of `x`.

    Parameters
    ----------
    x : float

    Returns
    -------
    float

    Examples
    --------
    >>> from neurosim.kernels.math import log
    >>> log(1.0), log(0.0), log(-1.0)
    (0.0, -inf, nan)
    """
    x = real(x)
    c = by_precision(x, _DOUBLE, _SINGLE)
    k, f = log_parts(x)
    value = _log1p_near_zero(f, k, c.zero)
    value = x if x == c.infinity else value
    value = -c.infinity if x == c.zero else value
    return c.nan if x < c.zero or x != x else value


@keeps_precision
def log1p(x):
    """Return the natural logarithm of ``1 + x``; precise near 0.

    Parameters
    ----------
    x : float

    Returns
    -------
    float

    Examples
    --------
    >>> from neurosim.kernels.math import log1p
    >>> log1p(1e-20)
    1e-20
    """
    x = real(x)
    c = by_precision(x, _DOUBLE, _SINGLE)
    total = c.one + x
    k, f = log_parts(total)
    # What was lost in the sum, to first order.
    lost = (x - (total - c.one)) if total < c.two else (c.one - (total - x))
    value = _log1p_near_zero(f, k, lost / total)
    value = x if x == c.infinity else value
    value = -c.infinity if x == -c.one else value
    value = x if x == c.zero or total == c.one else value
    return c.nan if x < -c.one or x != x else value
