"""The exponential and what is made of it.

Argument reduction in two parts (Cody and Waite 1980), then a polynomial.
"""

from typing import NamedTuple

import numpy as np

from neurosim.kernels.compiled import inlined_kernel as kernel
from neurosim.kernels.math.floats import (
    bits_between,
    by_precision,
    fma,
    from_bits,
    fused,
    polynomial,
    real,
)
from neurosim.kernels.math.precision import keeps_precision

__all__ = ["exp", "exp_of_sum", "expm1", "exprel", "sigmoid", "tanh"]


class _Constants(NamedTuple):
    """What depends on the precision; floating-point numbers unless said otherwise."""

    zero: float
    half: float
    one: float
    two: float
    infinity: float
    # The smallest number whose half is not subnormal.
    halved: float
    # Adding it rounds to an integer, which then stands in the lowest bits.
    round: float
    inverse_ln2: float
    # The upper bits of ln 2, so that products with exponents are exact, and the rest.
    ln2_high: float
    ln2_low: float
    # Beyond these the exponential is infinity and zero.
    largest: float
    smallest: float
    # Beyond these exp(x) − 1 is infinity and −1; from the second on exp(x) + 1 is exp(x) − 1.
    expm1_largest: float
    expm1_smallest: float
    tanh_largest: float
    # (exp(r) − 1 − r)/r² for |r| at most half of ln 2, from the highest power of r down.
    series: tuple
    # Integers: what is added to exponents, and the place where they stand.
    bias: int
    fraction_bits: int


_DOUBLE = _Constants(
    zero=0.0,
    half=0.5,
    one=1.0,
    two=2.0,
    infinity=np.inf,
    halved=4.450147717014403e-308,
    round=6755399441055744.0,
    inverse_ln2=1.4426950408889634,
    ln2_high=float.fromhex("0x1.62e42fee00000p-1"),
    ln2_low=float.fromhex("0x1.a39ef35793c76p-33"),
    largest=709.782712893384,
    smallest=-745.2,
    expm1_largest=710.0,
    expm1_smallest=-40.0,
    tanh_largest=40.0,
    series=(
        2.510038549551032e-08,
        2.7620088445409746e-07,
        2.7557268459997064e-06,
        2.4801521295954376e-05,
        0.00019841269863053618,
        0.0013888888917213717,
        0.008333333333330062,
        0.04166666666662413,
        0.16666666666666669,
        0.5000000000000001,
    ),
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
    halved=_F(2.3509887e-38),
    round=_F(12582912.0),
    inverse_ln2=_F(1.44269504),
    ln2_high=_F(0.693145751953125),
    ln2_low=_F(1.428606765330187e-06),
    largest=_F(88.7228394),
    smallest=_F(-104.0),
    expm1_largest=_F(89.0),
    expm1_smallest=_F(-20.0),
    tanh_largest=_F(20.0),
    series=(
        _F(0.000198910799),
        _F(0.00139337312),
        _F(0.00833331048),
        _F(0.041666463),
        _F(0.166666672),
        _F(0.5),
    ),
    bias=127,
    fraction_bits=23,
)


@kernel
def _power_of_two(x, k):
    """Return 2**k in the precision of `x`, for an integer k whose power is no subnormal number."""
    c = by_precision(x, _DOUBLE, _SINGLE)
    return from_bits(x, (k + c.bias) << c.fraction_bits)


@kernel
def _scaled(x, k):
    """Return ``x * 2**k`` for x from 1/2 to 2, rounded once, subnormal and infinite ones, too."""
    # In two factors, because 2**1024 is no number and 2**-1074 no normal one.
    half = k >> 1
    return x * _power_of_two(x, half) * _power_of_two(x, k - half)


@kernel
def _reduced(x):
    """Return k, r and its error with x = k ln 2 + r + error, |r| at most half of ln 2."""
    c = by_precision(x, _DOUBLE, _SINGLE)
    shifted = fma(x, c.inverse_ln2, c.round)
    k = shifted - c.round
    high, low = fma(-k, c.ln2_high, x), k * c.ln2_low
    r = high - low
    return bits_between(shifted, c.round), r, (high - r) - low


@kernel
def _expm1_in_two(x):
    """Return exp(x) − 1 as a sum of two numbers, for x from −40 to 710 (−20 to 89 in single)."""
    c = by_precision(x, _DOUBLE, _SINGLE)
    k, r, error = _reduced(x)
    small = fma(r * r, polynomial(r, c.series), error * (c.one + r))
    near = r + small
    # Half of everything, because 2**1024 is no number.
    scale = _power_of_two(x, k - 1)
    first, second = scale - c.half, scale * near
    total = first + second
    back = total - first
    low = (first - (total - back)) + (second - back)
    return c.two * total, c.two * (low + scale * ((r - near) + small))


@kernel
def exp_of_sum(x, low):
    """Return e to the power ``x + low``, more precise than :func:`exp`.

    Parameters
    ----------
    x : float
        From −746 to 710 (−105 to 89 in single precision).
    low : float
        At most some units in the last place of `x`.

    Returns
    -------
    float
    """
    c = by_precision(x, _DOUBLE, _SINGLE)
    k, near, error = _reduced(x)
    error = error + low
    r = near + error
    first = c.one + r
    lost = ((c.one - first) + r) + ((near - r) + error)
    return _scaled(first + fma(r * r, polynomial(r, c.series), lost), k)


@keeps_precision
def exp(x):
    """Return e to the power `x`.

    Parameters
    ----------
    x : float

    Returns
    -------
    float

    Examples
    --------
    >>> from neurosim.kernels.math import exp
    >>> exp(0.0), exp(float("inf")), exp(-1000.0)
    (1.0, inf, 0.0)
    """
    x = real(x)
    c = by_precision(x, _DOUBLE, _SINGLE)
    k, r, _ = _reduced(min(max(x, c.smallest), c.largest))
    value = _scaled(c.one + fma(r * r, polynomial(r, c.series), r), k)
    value = c.infinity if x > c.largest else value
    return x if x != x else value


@keeps_precision
def expm1(x):
    """Return e to the power `x`, less 1; precise near 0.

    Parameters
    ----------
    x : float

    Returns
    -------
    float

    Examples
    --------
    >>> from neurosim.kernels.math import expm1
    >>> expm1(1e-20)
    1e-20
    """
    x = real(x)
    c = by_precision(x, _DOUBLE, _SINGLE)
    total, low = _expm1_in_two(min(max(x, c.expm1_smallest), c.expm1_largest))
    value = c.infinity if x > c.largest else total + low
    # Keeps the sign of zero, NaN, and numbers too small to be halved.
    return x if abs(x) < c.halved or x != x else value


@keeps_precision
def exprel(x):
    """Return ``(exp(x) − 1)/x``, 1 at 0.

    Parameters
    ----------
    x : float

    Returns
    -------
    float
        Infinity where ``exp(x)`` is infinite.

    Examples
    --------
    >>> from neurosim.kernels.math import exprel
    >>> exprel(0.0), exprel(1e-3) > 1
    (1.0, True)
    """
    x = real(x)
    c = by_precision(x, _DOUBLE, _SINGLE)
    divisor = c.one if x == c.zero else x
    change = expm1(x)
    value = c.one if x == c.zero else change / divisor
    return x if x == c.infinity else value


@keeps_precision
def tanh(x):
    """Return the hyperbolic tangent of `x`.

    Parameters
    ----------
    x : float

    Returns
    -------
    float

    Examples
    --------
    >>> from neurosim.kernels.math import tanh
    >>> tanh(0.0), tanh(50.0)
    (0.0, 1.0)
    """
    x = real(x)
    c = by_precision(x, _DOUBLE, _SINGLE)
    total, low = _expm1_in_two(min(c.two * abs(x), c.tanh_largest))
    divisor = c.two + total
    value = total / divisor
    # One step of a longer division, with what both sums have lost.
    lost = (total - (divisor - c.two)) + low
    value = value + (low - value * lost) / divisor
    value = -value if x < c.zero else value
    return x if x == c.zero or x != x else value


@keeps_precision
def sigmoid(x):
    """Return the logistic function ``1/(1 + exp(−x))``.

    Parameters
    ----------
    x : float

    Returns
    -------
    float

    Examples
    --------
    >>> from neurosim.kernels.math import sigmoid
    >>> sigmoid(0.0), sigmoid(1000.0), sigmoid(-1000.0)
    (0.5, 1.0, 0.0)
    """
    x = real(x)
    c = by_precision(x, _DOUBLE, _SINGLE)
    # Of the negative argument, so that nothing is infinite and small results keep their bits.
    small = exp_of_sum(max(-abs(x), c.smallest), c.zero)
    divisor = c.one + small
    dividend = small if x < c.zero else c.one
    value = dividend / divisor
    # One step of a longer division, with what the sum has lost. The inverse of the divisor is the
    # result, or 1 less the result.
    lost = small - (divisor - c.one)
    left = fma(-value, lost, fused(-value, divisor, dividend))
    value = fma(left, c.one - value if x < c.zero else value, value)
    return x if x != x else value
