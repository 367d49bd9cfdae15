"""The axes of a grid: which values a parameter takes, from text or from Python."""

import re
from dataclasses import dataclass
from fractions import Fraction

from neurosim.errors import ParameterError

__all__ = ["Axis", "axes_of", "read_axis"]

# A number, and the unit that may follow it.
_BOUND = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(.*)", re.DOTALL)
# Beyond this, a slip of the pen is likelier than a grid.
_MOST_VALUES = 10_000_000


@dataclass(frozen=True)
class Axis:
    """A dimension of a grid: one parameter, or several that vary together.

    Attributes
    ----------
    parameters : tuple of Parameter
        The first one names the dimension.
    values : tuple of tuple
        Values of each parameter, all of the same length, as the protocol receives them.
    """

    parameters: tuple
    values: tuple

    @property
    def name(self):
        """Name of the dimension."""
        return self.parameters[0].name

    def __len__(self):
        return len(self.values[0])

    def at(self, position):
        """Return the values at a position by parameter name, dict."""
        pairs = zip(self.parameters, self.values, strict=True)
        return {parameter.name: values[position] for parameter, values in pairs}


def read_axis(parameter, text):
    """Return the values that the text of an axis stands for.

    ``a,b,c`` lists values; commas inside brackets do not separate. For parameters that are numbers
    ``start:stop`` counts whole numbers from start up to but without stop, as Python's range, and
    ``start:stop:n`` is n evenly spaced values with both ends. Each of these is the number nearest
    to the exact one, in the unit in which the ends are written: ``0:4:41`` holds 0.3, as typed, and
    not 0.30000000000000004.

    Parameters
    ----------
    parameter : Parameter
    text : str

    Returns
    -------
    tuple
        Values as the protocol receives them.

    Raises
    ------
    ParameterError
        Where a value is not allowed, there is none, or the range is no range.

    Examples
    --------
    >>> from neurosim.experiment.parameters import parameter_table
    >>> from neurosim.grid.axes import read_axis
    >>> def walk(run, *, rate: float = 0.5): ...
    >>> parameter = parameter_table(walk)["rate"]
    >>> read_axis(parameter, "0:4:41")[:4]
    (0.0, 0.1, 0.2, 0.3)
    >>> read_axis(parameter, "0.5,2")
    (0.5, 2.0)
    """
    parts = text.split(":")
    if parameter.kind.is_number and len(parts) == 2:
        texts = _counted(parameter, text, *parts)
    elif parameter.kind.is_number and len(parts) == 3:
        texts = _spaced(parameter, text, *parts)
    elif parameter.kind.is_number and len(parts) > 3:
        raise ParameterError(
            f"axis {parameter.name} must be a,b,... or start:stop or start:stop:n; got {text!r}"
        )
    else:
        texts = _listed(text)
    return tuple(parameter.read(item) for item in texts)


def _counted(parameter, text, start, stop):
    try:
        numbers = range(int(start), int(stop))
    except ValueError:
        raise ParameterError(
            f"axis {parameter.name}: start:stop counts whole numbers without a unit; got {text!r} "
            "(evenly spaced values are start:stop:n)"
        ) from None
    _check_size(parameter, len(numbers))
    return map(str, numbers)


def _spaced(parameter, text, start, stop, count):
    if not count.strip().isdecimal() or int(count) < 2:
        raise ParameterError(
            f"axis {parameter.name}: n in start:stop:n must be a whole number ≥ 2; got {text!r}"
        )
    _check_size(parameter, int(count))
    first, last, unit = _bounds(parameter, start, stop)
    step = (last - first) / (int(count) - 1)
    return [_written(first + step * position) + unit for position in range(int(count))]


def _bounds(parameter, start, stop):
    """Return both ends as exact numbers, and the unit they are in."""
    ends = [_BOUND.fullmatch(end) for end in (start, stop)]
    if None in ends or ends[0][2].strip() != ends[1][2].strip():
        # Different units, or no numbers: the parameter says what is wrong, or converts.
        values = [parameter.read(end) for end in (start, stop)]
        if None in values:
            raise ParameterError(
                f"axis {parameter.name}: both ends of start:stop:n must be numbers; "
                f"got {start!r} and {stop!r}"
            )
        numbers = [parameter.kind.number(value) for value in values]
        return Fraction(numbers[0]), Fraction(numbers[1]), f" {parameter.kind.units}"
    # Read for its errors alone: a missing unit is told of the end that was typed.
    for end in (start, stop):
        parameter.read(end.strip())
    return Fraction(ends[0][1]), Fraction(ends[1][1]), ends[0][2]


def _written(number):
    return str(number.numerator) if number.denominator == 1 else repr(float(number))


def _check_size(parameter, n_values):
    if n_values > _MOST_VALUES:
        raise ParameterError(
            f"axis {parameter.name} has {n_values} values; at most {_MOST_VALUES} are possible"
        )


def _listed(text):
    """Split at commas that stand in no bracket and in no quotation."""
    if not text.strip():
        return []
    parts, depth, quoted = [""], 0, False
    for letter in text:
        quoted ^= letter == '"'
        depth += (letter in "[(") - (letter in "])")
        if letter == "," and depth <= 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def axes_of(table, vary, zipped=()):
    """Return the axes of a grid.

    Parameters
    ----------
    table : dict of str to Parameter
    vary : mapping of str to str or iterable
        A text is read by :func:`read_axis`; what else can be iterated over gives the values.
    zipped : sequence of sequence of str
        Names of parameters that vary together, along one dimension.

    Returns
    -------
    tuple of Axis
        In the order of `vary`; a zipped axis stands where its first parameter does.

    Raises
    ------
    ParameterError
        Where a value is not allowed or occurs twice, an axis is empty, or zipped ones do not fit.

    Examples
    --------
    >>> from neurosim.experiment.parameters import parameter_table
    >>> from neurosim.grid.axes import axes_of
    >>> def walk(run, *, rate: float = 0.5, steps: int = 3): ...
    >>> axes = axes_of(parameter_table(walk), {"rate": "1,2", "seed": range(3)})
    >>> [(axis.name, len(axis)) for axis in axes]
    [('rate', 2), ('seed', 3)]
    """
    values = {name: _values(table[name], given) for name, given in vary.items()}
    leader = {name: name for name in vary}
    taken = []
    for group in zipped:
        _check_zip(group, values, taken)
        taken += group
        leader |= dict.fromkeys(group, group[0])
    members = {}
    for name in vary:
        members.setdefault(leader[name], []).append(name)
    # A group is named after the parameter that --zip names first.
    ordered = [sorted(group, key=lambda name: name != first) for first, group in members.items()]
    axes = tuple(
        Axis(tuple(table[name] for name in group), tuple(values[name] for name in group))
        for group in ordered
    )
    for axis in axes:
        _check_distinct(axis)
    return axes


def _values(parameter, given):
    if isinstance(given, str):
        values = read_axis(parameter, given)
    else:
        try:
            values = tuple(parameter.check(_plain_number(value)) for value in given)
        except TypeError:
            raise ParameterError(
                f"axis {parameter.name} must be a text or an iterable of values; got {given!r}"
            ) from None
    if not values:
        raise ParameterError(f"axis {parameter.name} has no values; got {given!r}")
    return values


def _plain_number(value):
    """Return Python's own number or truth value for NumPy's, which some kinds do not know."""
    is_numpy = type(value).__module__ == "numpy" and hasattr(value, "item")
    return value.item() if is_numpy and not getattr(value, "ndim", 0) else value


def _check_zip(group, values, taken):
    named = ",".join(group)
    if len(group) < 2:
        raise ParameterError(f"--zip needs two parameters or more, as in a,b; got {named!r}")
    for name in group:
        if name not in values:
            raise ParameterError(f"--zip {named}: {name!r} is not varied; add --vary {name}=...")
        if name in taken or group.count(name) > 1:
            raise ParameterError(f"--zip {named}: {name!r} is zipped twice")
    lengths = {name: len(values[name]) for name in group}
    if len(set(lengths.values())) > 1:
        each = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ParameterError(f"--zip {named} needs as many values of each; {each}")


def _check_distinct(axis):
    seen = set()
    for position in range(len(axis)):
        pairs = axis.at(position).items()
        texts = tuple(
            parameter.kind.text(value)
            for parameter, (_, value) in zip(axis.parameters, pairs, strict=True)
        )
        if texts in seen:
            raise ParameterError(f"axis {axis.name} has the value {', '.join(texts)} twice")
        seen.add(texts)
