"""Parameters with units, in Brian 2's own quantities."""

import re

import numpy as np
from brian2.units.allunits import all_units
from brian2.units.fundamentalunits import Quantity, get_dimensions, have_same_dimensions

from neurosim.experiment.kinds import Kind

__all__ = ["QuantityKind", "read_quantity"]

_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*\*?\s*(.*?)\s*$")
_FACTOR = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:(?:\*\*|\^)\s*([-+]?\d+))?\s*")


def _units_by_name():
    units = {}
    for unit in all_units:
        units.setdefault(unit.name, unit)
        units.setdefault(unit.dispname, unit)
    return units


_UNITS = _units_by_name()


def read_quantity(text):
    """Return the quantity that text such as ``"20 ms"`` or ``"1.5*nS/cm**2"`` stands for.

    Units are Brian 2's names, joined by ``*`` and ``/``, with whole powers; nothing is evaluated.

    Parameters
    ----------
    text : str

    Returns
    -------
    brian2.Quantity

    Raises
    ------
    ValueError
        Where the text is no number with known units.

    Examples
    --------
    >>> from neurosim.experiment.quantities import read_quantity
    >>> read_quantity("20 ms")
    20. * msecond
    """
    matched = _NUMBER.match(text)
    if not matched:
        raise ValueError(f"{text!r} does not start with a number")
    value = float(matched[1])
    rest, sign = matched[2], 1
    while rest:
        factor = _FACTOR.match(rest)
        if not factor or factor[1] not in _UNITS:
            raise ValueError(f"{rest!r} is no unit of Brian 2")
        value = value * _UNITS[factor[1]] ** (sign * int(factor[2] or 1))
        rest = rest[factor.end() :]
        if rest:
            if rest[0] not in "*/" or not rest[1:].strip():
                raise ValueError(f"{rest!r} does not go on with * or / and a unit")
            sign = 1 if rest[0] == "*" else -1
            rest = rest[1:]
    return value


class QuantityKind(Kind):
    """A quantity with the dimensions of a unit.

    Parameters
    ----------
    unit : brian2.Unit
        Values are shown in it.
    """

    def __init__(self, unit):
        self.unit = unit
        self.name = f"quantity in {unit.dispname}"

    def read(self, text):
        """Return the quantity of `text`."""
        return self.check(read_quantity(text))

    def check(self, value):
        """Return a finite scalar quantity of the right dimensions."""
        if not have_same_dimensions(value, self.unit) or np.ndim(value) != 0:
            raise ValueError
        if not np.isfinite(float(value)):
            raise ValueError
        return Quantity(float(value), dim=get_dimensions(self.unit))

    def text(self, value):
        """Return the value in the kind's unit, such that reading it gives the value again."""
        number = float(value / self.unit)
        for candidate in (number, np.nextafter(number, np.inf), np.nextafter(number, -np.inf)):
            # Scaling to the unit and back can be one rounding off.
            if float(candidate * self.unit) == float(value):
                number = float(candidate)
                break
        return f"{number!r}*{self.unit.dispname}"

    def plain(self, value):
        """Return the text, as JSON knows no units."""
        return self.text(value)
