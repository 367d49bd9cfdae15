"""Numbers given to a simulation, checked before anything is changed."""

import numpy as np

from neurosim.engine.brian import (
    BrianObject,
    DimensionMismatchError,
    Quantity,
    TimedArray,
    fail_for_dimension_mismatch,
    second,
    unit_text,
)
from neurosim.errors import ParameterError

__all__ = ["checked_time", "checked_value"]


def checked_time(value, name):
    """Return a time in seconds as a Quantity."""
    try:
        fail_for_dimension_mismatch(value, second, "")
        number = float(value)
    except (DimensionMismatchError, TypeError, ValueError):
        raise ParameterError(f"{name} is {value!r}; expected a time, such as 10*ms") from None
    if not (number >= 0 and np.isfinite(number)):
        raise ParameterError(f"{name} is {value}; expected a time of at least 0 s")
    return number * second


def checked_value(name, known, value):
    """Return a value in SI units, or raise where it cannot stand for the one that is known."""
    if isinstance(value, BrianObject | str):
        raise ParameterError(f"{name} is {value!r}; expected a number")
    dimension = known.dim
    try:
        fail_for_dimension_mismatch(value, Quantity(1, dim=dimension), "")
        array = np.asarray(value, float)
    except (DimensionMismatchError, TypeError, ValueError):
        unit = unit_text(known)
        raise ParameterError(f"{name} is {value!r}; expected a number, units {unit}") from None
    if isinstance(known, TimedArray):
        if array.shape not in ((), known.values.shape):
            raise ParameterError(
                f"{name} has shape {array.shape}; expected that of the TimedArray, "
                f"{known.values.shape}"
            )
        return array
    if array.shape != ():
        raise ParameterError(f"{name} has shape {array.shape}; expected one number")
    if np.isnan(array):
        raise ParameterError(f"{name} is not a number (NaN)")
    kind = type(known.value)
    if kind(array.item()) != array:
        expected = "true or false" if kind is bool else "a whole number"
        raise ParameterError(f"{name} is {value!r}; expected {expected}, as it was before")
    return kind(array.item()) * Quantity(1, dim=dimension)
