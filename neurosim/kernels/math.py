"""Elementary functions without branches, which LLVM turns into vector instructions.

The C library's functions are called one number at a time; these are arithmetic alone, so that a
loop over neurons computes four or eight of them at once. At most 2 units in the last place from
the true value; infinities, NaN and subnormal numbers as IEEE 754 has them.

Methods: argument reduction in two parts (Cody and Waite 1980); the logarithm by atanh(f/(2 + f))
(Tang 1990). The polynomials are Chebyshev fits made with mpmath, their errors below 2e-17.
"""

import platform

import llvmlite.binding
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from neurosim.kernels.compiled import inlined_kernel as kernel

__all__ = ["exp", "expm1", "exprel", "log", "log1p", "of_turn", "tanh", "uniform"]

# Where it is missing LLVM would call the C library for it.
_HAS_FMA = (
    bool(llvmlite.binding.get_host_cpu_features().get("fma")) or "aarch64" in platform.machine()
)

_INVERSE_LN2 = 1.4426950408889634
# 32 bits of ln 2, so that products with exponents are exact, and the rest.
_LN2_HIGH, _LN2_LOW = float.fromhex("0x1.62e42fee00000p-1"), float.fromhex("0x1.a39ef35793c76p-33")
# Adding it rounds to an integer, which then stands in the lowest bits.
_ROUND = 6755399441055744.0
_LARGEST, _SMALLEST = 709.782712893384, -745.2
# Below it a number is subnormal; scaling brings it to where exponents are plain.
_NORMAL, _SCALE, _SCALE_BITS = 2.2250738585072014e-308, 2.0**54, 54
_FRACTION, _ONE, _BIAS = 0x000FFFFFFFFFFFFF, 0x3FF0000000000000, 1023
_SQRT2 = 1.4142135623730951
_TURN = 6.283185307179586


@intrinsic
def _bits(typing_context, value):
    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def _float(typing_context, value):
    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


@intrinsic
def _fma(typing_context, factor, other, term):
    """Return factor × other + term, rounded once where the processor can do that in one step."""

    def generate(context, builder, signature, arguments):
        if _HAS_FMA:
            return builder.fma(*arguments)
        return builder.fadd(builder.fmul(arguments[0], arguments[1]), arguments[2])

    return types.float64(types.float64, types.float64, types.float64), generate


@kernel
def _power_of_two(k):
    """Return 2**k for an integer k from −1022 to 1023."""
    return _float((k + _BIAS) << 52)


@kernel
def _reduced(x):
    """Return k, r and its error with x = k ln 2 + r + error, |r| at most half of ln 2."""
    shifted = _fma(x, _INVERSE_LN2, _ROUND)
    k = shifted - _ROUND
    high, low = _fma(-k, _LN2_HIGH, x), k * _LN2_LOW
    r = high - low
    return _bits(shifted) - _bits(_ROUND), r, (high - r) - low


@kernel
def _series(r):
    """Return (exp(r) − 1 − r)/r² for |r| at most half of ln 2."""
    q = 2.510038549551032e-08
    q = _fma(q, r, 2.7620088445409746e-07)
    q = _fma(q, r, 2.7557268459997064e-06)
    q = _fma(q, r, 2.4801521295954376e-05)
    q = _fma(q, r, 0.00019841269863053618)
    q = _fma(q, r, 0.0013888888917213717)
    q = _fma(q, r, 0.008333333333330062)
    q = _fma(q, r, 0.04166666666662413)
    q = _fma(q, r, 0.16666666666666669)
    return _fma(q, r, 0.5000000000000001)


@kernel
def _expm1_in_two(x):
    """Return exp(x) − 1 as a sum of two numbers, for x from −40 to 710."""
    k, r, error = _reduced(x)
    small = _fma(r * r, _series(r), error * (1.0 + r))
    near = r + small
    # Half of everything, because 2**1024 is no number.
    scale = _power_of_two(k - 1)
    first, second = scale - 0.5, scale * near
    total = first + second
    back = total - first
    low = (first - (total - back)) + (second - back)
    return 2.0 * total, 2.0 * (low + scale * ((r - near) + small))


@kernel
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
    >>> float(exp(0.0)), float(exp(float("inf"))), float(exp(-1000.0))
    (1.0, inf, 0.0)
    """
    x = x * 1.0  # of whole numbers and booleans, too
    inside = min(max(x, _SMALLEST), _LARGEST)
    k, r, _ = _reduced(inside)
    # In two factors, because 2**1024 is no number and 2**-1074 no normal one.
    half = k >> 1
    value = (1.0 + _fma(r * r, _series(r), r)) * _power_of_two(half) * _power_of_two(k - half)
    value = np.inf if x > _LARGEST else value
    return x if x != x else value


@kernel
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
    >>> float(expm1(1e-20))
    1e-20
    """
    x = x * 1.0  # of whole numbers and booleans, too
    total, low = _expm1_in_two(min(max(x, -40.0), 710.0))
    value = np.inf if x > _LARGEST else total + low
    # Keeps the sign of zero, NaN, and numbers too small to be halved.
    return x if abs(x) < _NORMAL or x != x else value


@kernel
def exprel(x):
    """Return ``(exp(x) − 1)/x``, 1 at 0.

    Parameters
    ----------
    x : float

    Returns
    -------
    float

    Examples
    --------
    >>> from neurosim.kernels.math import exprel
    >>> float(exprel(0.0)), float(exprel(1e-3)) > 1
    (1.0, True)
    """
    x = x * 1.0  # of whole numbers and booleans, too
    divisor = 1.0 if x == 0.0 else x
    change = expm1(x)
    value = 1.0 if x == 0.0 else change / divisor
    return x if x == np.inf else value


@kernel
def _log_parts(x):
    """Return exponent k and f with x = 2**k (1 + f), for x above 0; 1 + f near 1."""
    is_small = x < _NORMAL
    scaled = x * _SCALE if is_small else x
    bits = _bits(scaled)
    k = (bits >> 52) - _BIAS
    fraction = _float((bits & _FRACTION) | _ONE)
    is_upper = fraction > _SQRT2
    fraction = 0.5 * fraction if is_upper else fraction
    k = k + 1 if is_upper else k
    k = k - _SCALE_BITS if is_small else k
    return float(k), fraction - 1.0


@kernel
def _log1p_near_zero(f, k, low):
    """Return k ln 2 + log(1 + f) + low for f between sqrt(1/2) − 1 and sqrt(2) − 1."""
    s = f / (2.0 + f)
    z = s * s
    q = 0.13086907887965027
    q = _fma(q, z, 0.13268746195596595)
    q = _fma(q, z, 0.15386240708969665)
    q = _fma(q, z, 0.18181795621632782)
    q = _fma(q, z, 0.22222222391887064)
    q = _fma(q, z, 0.2857142857080285)
    q = _fma(q, z, 0.4000000000000088)
    q = _fma(q, z, 0.6666666666666666)
    half_square = 0.5 * f * f
    # f − f²/2 + s (f²/2 + s² q): the large terms come last.
    rest = s * (half_square + z * q) + (k * _LN2_LOW + low)
    return k * _LN2_HIGH - ((half_square - rest) - f)


@kernel
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
    >>> float(log(1.0)), float(log(0.0)), float(log(-1.0))
    (0.0, -inf, nan)
    """
    x = x * 1.0  # of whole numbers and booleans, too
    k, f = _log_parts(x)
    value = _log1p_near_zero(f, k, 0.0)
    value = x if x == np.inf else value
    value = -np.inf if x == 0.0 else value
    return np.nan if x < 0.0 or x != x else value


@kernel
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
    >>> float(log1p(1e-20))
    1e-20
    """
    x = x * 1.0  # of whole numbers and booleans, too
    total = 1.0 + x
    k, f = _log_parts(total)
    # What was lost in the sum, to first order.
    lost = (x - (total - 1.0)) if total < 2.0 else (1.0 - (total - x))
    value = _log1p_near_zero(f, k, lost / total)
    value = x if x == np.inf else value
    value = -np.inf if x == -1.0 else value
    value = x if x == 0.0 or total == 1.0 else value
    return np.nan if x < -1.0 or x != x else value


@kernel
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
    >>> float(tanh(0.0)), float(tanh(50.0))
    (0.0, 1.0)
    """
    x = x * 1.0  # of whole numbers and booleans, too
    total, low = _expm1_in_two(min(2.0 * abs(x), 40.0))
    divisor = 2.0 + total
    value = total / divisor
    # One step of a longer division, with what both sums have lost.
    lost = (total - (divisor - 2.0)) + low
    value = value + (low - value * lost) / divisor
    value = -value if x < 0.0 else value
    return x if x == 0.0 or x != x else value


@kernel
def uniform(word):
    """Return a number in [0, 1), a multiple of 2**-52, from the upper bits of a word.

    Parameters
    ----------
    word : uint64

    Returns
    -------
    float

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.kernels.math import uniform
    >>> uniform(np.uint64(1 << 63))
    0.5
    """
    return _float(np.int64((word >> np.uint64(12)) | np.uint64(_ONE))) - 1.0


@kernel
def of_turn(share):
    """Return sine and cosine of a share of a full turn, ``2 pi share``.

    Parameters
    ----------
    share : float
        In [0, 1].

    Returns
    -------
    tuple of two floats

    Examples
    --------
    >>> from neurosim.kernels.math import of_turn
    >>> of_turn(0.25)
    (1.0, -0.0)
    """
    # The nearest quarter, and what is left of the angle: at most an eighth of a turn.
    shifted = _fma(share, 4.0, _ROUND)
    quarter = _bits(shifted) - _bits(_ROUND)
    angle = (share - (shifted - _ROUND) * 0.25) * _TURN
    z = angle * angle
    q = 1.591810123027412e-10
    q = _fma(q, z, -2.5051131455427946e-08)
    q = _fma(q, z, 2.755731610068303e-06)
    q = _fma(q, z, -0.0001984126983675497)
    q = _fma(q, z, 0.008333333333330946)
    q = _fma(q, z, -0.16666666666666666)
    sine = _fma(angle * z, q, angle)
    q = -1.1382614868556325e-11
    q = _fma(q, z, 2.0876146024689747e-09)
    q = _fma(q, z, -2.7557317270560326e-07)
    q = _fma(q, z, 2.4801587298763433e-05)
    q = _fma(q, z, -0.0013888888888887395)
    q = _fma(q, z, 0.041666666666666664)
    cosine = _fma(z * z, q, 1.0 - 0.5 * z)
    is_odd = (quarter & 1) == 1
    first, second = (cosine if is_odd else sine), (sine if is_odd else cosine)
    first = -first if (quarter & 2) == 2 else first
    second = -second if ((quarter + 1) & 2) == 2 else second
    return first, second
