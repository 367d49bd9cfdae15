"""The functions of Brian 2's equations, for compiled code.

Mathematical functions are those of the C library, as in Brian 2's own compiled targets.
"""

import math

import numpy as np

from neurosim.kernels.compiled import inlined_kernel, kernel

__all__ = [
    "clip",
    "exprel",
    "int_",
    "sign",
    "time_of_steps",
    "timed_array",
    "timed_array_2d",
    "timestep",
]


@kernel
def exprel(x):
    """Return ``(exp(x) − 1)/x``, 1 at 0 and infinite above 717."""
    if abs(x) < 1e-16:
        return 1.0
    if x > 717:
        return np.inf
    return math.expm1(x) / x


@inlined_kernel
def clip(value, low, high):
    """Return `value` between `low` and `high`."""
    # In two steps, each of which is one instruction for many numbers.
    not_above = high if value > high else value
    return low if value < low else not_above


@inlined_kernel
def sign(value):
    """Return −1, 0 or 1, of the value's type."""
    return (value > 0) * 1 - (value < 0) * 1


@inlined_kernel
def int_(value):
    """Return `value` cut to a 32-bit integer."""
    return np.int32(value)


@inlined_kernel
def timestep(t, dt):
    """Return the number of whole steps in `t`, tolerant of a thousandth of a step.

    It is a float: few processors turn vectors of floats into 64-bit integers.
    """
    return np.trunc((t + 1e-3 * dt) / dt)


@kernel
def time_of_steps(steps, dt):
    """Return what a time, and a thousandth of a step, must reach to hold so many whole steps.

    ``timestep(t, dt) >= steps`` if and only if ``t + 1e-3 * dt >= time_of_steps(steps, dt)``, to
    the last bit; comparing takes less time than dividing.

    Parameters
    ----------
    steps : int
    dt : float

    Returns
    -------
    float
    """
    time = steps * dt if steps > 0 else (steps - 1) * dt
    while np.trunc(time / dt) >= steps:
        time = np.nextafter(time, -np.inf)
    while np.trunc(time / dt) < steps:
        time = np.nextafter(time, np.inf)
    return time


@inlined_kernel
def timed_array(t, values, epsilon, factor):
    """Return the value of a timed array at `t`.

    Parameters
    ----------
    t : float
        Seconds.
    values : ndarray, shape (n_times,)
    epsilon : float
        The array's step divided by `factor`.
    factor : float
        Subdivision that makes the group's step fit.
    """
    row = int((t / epsilon + 0.5) / factor)
    return values[min(max(row, 0), len(values) - 1)]


@inlined_kernel
def timed_array_2d(t, column, values, epsilon, factor):
    """Return the value of a timed array with columns; NaN beyond the last column."""
    if column < 0 or column >= values.shape[1]:
        return np.nan
    row = int((t / epsilon + 0.5) / factor)
    return values[min(max(row, 0), len(values) - 1), int(column)]
