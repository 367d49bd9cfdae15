"""Parameters with units, in Brian 2's own quantities."""

import re

import numpy as np
from brian2.units.allunits import all_units
from brian2.units.fundamentalunits import (
    Quantity,
    get_dimensions,
    get_unit_for_display,
    have_same_dimensions,
)

from neurosim.experiment.kinds import Kind, NotOfKind

__all__ = ["QuantityKind", "read_quantity"]

_NUMBER = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TOKEN = re.compile(r"\s*(\*\*|[*/^()]|[A-Za-z_]\w*|[-+]?(?:\d+\.?\d*|\.\d+)|\S)")

_BASE = {
    "length": "m",
    "mass": "kg",
    "time": "s",
    "current": "A",
    "temperature": "K",
    "substance": "mol",
    "luminosity": "cd",
}


def _units_by_name():
    units = {}
    for unit in all_units:
        units.setdefault(unit.name, unit)
        units.setdefault(unit.dispname, unit)
    return units


_UNITS = _units_by_name()


def read_quantity(text):
    """Return the quantity that text such as ``"20 ms"`` or ``"1.5*nS/cm**2"`` stands for.

    A number, then units under Brian 2's names, joined by ``*``, ``/`` or a space, with powers and
    parentheses; nothing is evaluated.

    Parameters
    ----------
    text : str

    Returns
    -------
    brian2.Quantity or float
        A float where there is no unit.

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
        raise NotOfKind("it does not start with a number")
    value, tokens = float(matched[0]), _TOKEN.findall(text[matched.end() :])
    if not tokens:
        return value
    sign = -1 if tokens[0] == "/" else 1
    if tokens[0] in ("*", "/"):
        del tokens[0]
    dimensions, scale = _product(tokens)
    if tokens:
        raise NotOfKind(f"{tokens[0]!r} does not go on with a unit")
    try:
        return Quantity(value * 10.0 ** (sign * scale), dim=dimensions**sign)
    except OverflowError:
        raise NotOfKind("its unit is too large") from None


# Units are multiplied as pairs of dimensions and decimal scale: Brian 2 remembers units that
# come out of arithmetic and would from then on show quantities in them.


def _product(tokens):
    """Take units and the signs between them off the front of `tokens`; return their product."""
    dimensions, scale = _power(tokens)
    while tokens and tokens[0] != ")":
        sign = -1 if tokens[0] == "/" else 1
        if tokens[0] in ("*", "/"):
            del tokens[0]
        more_dimensions, more_scale = _power(tokens)
        dimensions, scale = dimensions * more_dimensions**sign, scale + sign * more_scale
    return dimensions, scale


def _power(tokens):
    token = tokens.pop(0) if tokens else ""
    if token == "(":
        dimensions, scale = _product(tokens)
        if not tokens or tokens.pop(0) != ")":
            raise NotOfKind("a parenthesis is not closed")
    elif token in _UNITS:
        dimensions, scale = get_dimensions(_UNITS[token]), _UNITS[token].scale
    else:
        raise NotOfKind(f"{token!r} is no unit of Brian 2" if token else "a unit is missing")
    if tokens and tokens[0] in ("**", "^"):
        del tokens[0]
        try:
            power = float(tokens.pop(0))
        except (IndexError, ValueError):
            raise NotOfKind("a power is no number") from None
        dimensions, scale = dimensions**power, scale * power
    return dimensions, scale


def _in_base_units(value):
    """Return a text of the value in SI base units, whose scale is 1."""
    powers = [(unit, get_dimensions(value).get_dimension(name)) for name, unit in _BASE.items()]
    units = [unit if power == 1 else f"{unit}^{power}" for unit, power in powers if power]
    return "*".join([repr(float(value)), *units])


class QuantityKind(Kind):
    """A quantity with the dimensions of a unit; a text with its unit stands for one too.

    Parameters
    ----------
    unit : brian2.Unit
        Values are shown in it.
    """

    is_number = True

    def __init__(self, unit):
        self.unit = unit
        self.units = unit.dispname
        self.name = f"quantity in {unit.dispname}"

    def read(self, text):
        """Return the quantity of `text`."""
        return self.check(read_quantity(text))

    def check(self, value):
        """Return a finite scalar quantity of the right dimensions."""
        if isinstance(value, str):
            value = read_quantity(value)
        try:
            dimensions = get_dimensions(value)
            is_scalar = np.ndim(value) == 0 and np.isrealobj(value) and value is not None
        except (TypeError, ValueError):
            raise NotOfKind from None
        if not is_scalar or isinstance(value, bool):
            raise NotOfKind
        if not have_same_dimensions(value, self.unit):
            found = f"it is in {get_unit_for_display(dimensions)}"
            raise NotOfKind("it has no unit" if dimensions.is_dimensionless else found)
        if not np.isfinite(float(value)):
            raise NotOfKind
        return Quantity(float(value), dim=get_dimensions(self.unit))

    def text(self, value):
        """Return the value in the kind's unit, such that reading it gives the value again."""
        text = f"{self.number(value)!r}*{self.units}"
        if float(read_quantity(text)) == float(value):
            return text
        # No number of this unit is exactly the value.
        return _in_base_units(value)

    def number(self, value):
        """Return the value in the kind's unit: the number whose text stands for it, if any."""
        number = float(value / self.unit)
        for candidate in (number, np.nextafter(number, np.inf), np.nextafter(number, -np.inf)):
            # Scaling to the unit and back can be one rounding off.
            if float(read_quantity(f"{float(candidate)!r}*{self.units}")) == float(value):
                return float(candidate)
        return number

    def plain(self, value):
        """Return the text, as JSON knows no units."""
        return self.text(value)
