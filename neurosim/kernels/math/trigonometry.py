"""Sine and cosine: less quarters of a turn in three parts (Cody and Waite 1980), a polynomial."""

from typing import NamedTuple

import numpy as np

from neurosim.kernels.compiled import inlined_kernel as kernel
from neurosim.kernels.math.floats import (
    bits_between,
    by_precision,
    fma,
    fused,
    polynomial,
    real,
    two_product,
)
from neurosim.kernels.math.precision import keeps_precision

__all__ = ["LARGEST_ANGLE", "cos", "of_turn", "sin"]

#: Largest absolute value in radians that :func:`sin` and :func:`cos` are made for. A loop takes
#: ``math.sin`` and ``math.cos`` of the C library for what is larger.
LARGEST_ANGLE = 1e5


class _Constants(NamedTuple):
    """What depends on the precision."""

    zero: float
    half: float
    one: float
    # Adding it rounds to an integer, which then stands in the lowest bits.
    round: float
    quarters_per_radian: float
    # Their sum is half of pi to three times the precision.
    quarter_high: float
    quarter_middle: float
    quarter_low: float
    # (sin(r) − r)/r³ and (cos(r) − 1 + r²/2)/r⁴ for |r| at most a quarter of pi, from the highest
    # power of r² down.
    sine: tuple
    cosine: tuple


_DOUBLE = _Constants(
    zero=0.0,
    half=0.5,
    one=1.0,
    round=6755399441055744.0,
    quarters_per_radian=0.6366197723675814,
    quarter_high=1.5707963267948966,
    quarter_middle=6.123233995736766e-17,
    quarter_low=-1.4973849048591698e-33,
    sine=(
        1.591810123027412e-10,
        -2.5051131455427946e-08,
        2.755731610068303e-06,
        -0.0001984126983675497,
        0.008333333333330946,
        -0.16666666666666666,
    ),
    cosine=(
        -1.1382614868556325e-11,
        2.0876146024689747e-09,
        -2.7557317270560326e-07,
        2.4801587298763433e-05,
        -0.0013888888888887395,
        0.041666666666666664,
    ),
)
_F = np.float32
_SINGLE = _Constants(
    zero=_F(0),
    half=_F(0.5),
    one=_F(1),
    round=_F(12582912.0),
    quarters_per_radian=_F(0.636619772),
    quarter_high=_F(1.5707963705062866),
    quarter_middle=_F(-4.371138828673793e-08),
    quarter_low=_F(-1.7151245100058819e-15),
    sine=(_F(2.72498642e-06), _F(-0.000198400856), _F(0.00833333191), _F(-0.166666672)),
    cosine=(_F(2.45478914e-05), _F(-0.00138883025), _F(0.0416666642)),
)
_TURN = 6.283185307179586


@kernel
def _reduced(x):
    """Return quarter, r and low with x = quarter pi/2 + r + low, |r| at most a quarter of pi."""
    c = by_precision(x, _DOUBLE, _SINGLE)
    shifted = fma(x, c.quarters_per_radian, c.round)
    k = c.round - shifted
    # Exact: the leading bits cancel.
    high = fused(k, c.quarter_high, x)
    product, error = two_product(k, c.quarter_middle)
    r = high + product
    # Either may be the larger (Knuth 1969).
    added = r - high
    low = (high - (r - added)) + (product - added)
    low = fma(k, c.quarter_low, low + error)
    # What was lost may exceed what is left, next to a multiple of half of pi.
    total = r + low
    return bits_between(shifted, c.round), total, (r - total) + low


@kernel
def _sine_and_cosine(r, low):
    """Return sine and cosine of r + low for |r| at most a quarter of pi."""
    c = by_precision(r, _DOUBLE, _SINGLE)
    z = r * r
    sine = r + fma(r * z, polynomial(z, c.sine), low)
    rest = fma(z * z, polynomial(z, c.cosine), -r * low)
    return sine, (c.one - c.half * z) + rest


@keeps_precision
def sin(x):
    """Return the sine of `x`.

    Parameters
    ----------
    x : float
        In radians, from −1e5 to 1e5 (:data:`LARGEST_ANGLE`). What comes out for larger finite
        numbers is not promised; ``math.sin`` takes them.

    Returns
    -------
    float

    Examples
    --------
    >>> from neurosim.kernels.math import sin
    >>> sin(0.0), round(sin(1e5), 12)
    (0.0, 0.035748797972)
    """
    x = real(x)
    c = by_precision(x, _DOUBLE, _SINGLE)
    quarter, r, low = _reduced(x)
    sine, cosine = _sine_and_cosine(r, low)
    value = cosine if (quarter & 1) == 1 else sine
    value = -value if (quarter & 2) == 2 else value
    # Keeps the sign of zero.
    return x if x == c.zero else value


@keeps_precision
def cos(x):
    """Return the cosine of `x`.

    Parameters
    ----------
    x : float
        In radians, from −1e5 to 1e5 (:data:`LARGEST_ANGLE`). What comes out for larger finite
        numbers is not promised; ``math.cos`` takes them.

    Returns
    -------
    float

    Examples
    --------
    >>> from neurosim.kernels.math import cos
    >>> cos(0.0), round(cos(1e5), 12)
    (1.0, -0.999360807438)
    """
    quarter, r, low = _reduced(real(x))
    sine, cosine = _sine_and_cosine(r, low)
    value = sine if (quarter & 1) == 1 else cosine
    return -value if ((quarter + 1) & 2) == 2 else value


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
    shifted = fma(share, 4.0, _DOUBLE.round)
    quarter = bits_between(shifted, _DOUBLE.round)
    angle = (share - (shifted - _DOUBLE.round) * 0.25) * _TURN
    z = angle * angle
    sine = fma(angle * z, polynomial(z, _DOUBLE.sine), angle)
    cosine = fma(z * z, polynomial(z, _DOUBLE.cosine), 1.0 - 0.5 * z)
    is_odd = (quarter & 1) == 1
    first, second = (cosine if is_odd else sine), (sine if is_odd else cosine)
    first = -first if (quarter & 2) == 2 else first
    second = -second if ((quarter + 1) & 2) == 2 else second
    return first, second
