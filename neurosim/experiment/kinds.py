"""What a parameter can be: reading it from text, checking it, saying what is allowed."""

import math
import types
import typing
from dataclasses import dataclass
from pathlib import Path

from neurosim.errors import ParameterError

__all__ = ["Kind", "OneOf", "Range", "kind_of"]


@dataclass(frozen=True)
class Range:
    """Bounds of a number, for ``Annotated[int, Range(1, 100)]``.

    Parameters
    ----------
    low, high : number or Brian 2 quantity or None
        None stands for no bound.
    closed : {"both", "left", "right", "neither"}
        Which bounds are allowed values themselves.

    Examples
    --------
    >>> from neurosim.experiment.kinds import Range
    >>> 0 in Range(0, None, closed="neither"), 3 in Range(0, 5)
    (False, True)
    """

    low: object = None
    high: object = None
    closed: str = "both"

    def __post_init__(self):
        if self.closed not in ("both", "left", "right", "neither"):
            raise ParameterError(
                f"closed must be 'both', 'left', 'right' or 'neither'; got {self.closed!r}"
            )

    def __contains__(self, value):
        with_low, with_high = self.closed in ("both", "left"), self.closed in ("both", "right")
        above = self.low is None or value > self.low or (with_low and value == self.low)
        below = self.high is None or value < self.high or (with_high and value == self.high)
        return bool(above and below)

    def __str__(self):
        parts = []
        if self.low is not None:
            parts.append(f"{'≥' if self.closed in ('both', 'left') else '>'} {self.low}")
        if self.high is not None:
            parts.append(f"{'≤' if self.closed in ('both', 'right') else '<'} {self.high}")
        return " and ".join(parts)


@dataclass(frozen=True, init=False)
class OneOf:
    """Allowed values, for ``Annotated[int, OneOf(1, 2, 4)]``.

    Examples
    --------
    >>> from neurosim.experiment.kinds import OneOf
    >>> 3 in OneOf(1, 2, 4)
    False
    """

    values: tuple

    def __init__(self, *values):
        object.__setattr__(self, "values", values)

    def __contains__(self, value):
        return value in self.values

    def __str__(self):
        return "one of " + ", ".join(map(str, self.values))


class Kind:
    """Type of a parameter.

    ``read`` turns text into a value, ``check`` returns a value as the protocol receives it;
    both raise ValueError where that cannot be. ``text`` is the inverse of ``read``; ``plain``
    is the value as JSON holds it.
    """

    name = "value"

    def read(self, text):
        """Return the value that `text` stands for."""
        raise NotImplementedError

    def check(self, value):
        """Return `value` if it is of this kind."""
        raise NotImplementedError

    def text(self, value):
        """Return the text that stands for `value`."""
        return str(value)

    def plain(self, value):
        """Return `value` as JSON holds it."""
        return value


class _Integer(Kind):
    name = "int"

    def read(self, text):
        return int(text)

    def check(self, value):
        # numpy integers know __index__; bool does too, but is no number to a user.
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise ValueError
        return value.__index__()


class _Real(Kind):
    name = "float"

    def read(self, text):
        return self.check(float(text))

    def check(self, value):
        if isinstance(value, bool | str | complex) or not hasattr(value, "__float__"):
            raise ValueError
        value = float(value)
        if not math.isfinite(value):
            raise ValueError
        return value

    def text(self, value):
        return repr(value)


class _Boolean(Kind):
    name = "bool"
    words: typing.ClassVar = {"true": True, "false": False, "yes": True, "no": False}

    def read(self, text):
        if text.lower() not in self.words:
            raise ValueError
        return self.words[text.lower()]

    def check(self, value):
        if not isinstance(value, bool):
            raise ValueError
        return value

    def text(self, value):
        return str(value).lower()


class _Text(Kind):
    name = "str"

    def read(self, text):
        return text

    def check(self, value):
        if not isinstance(value, str):
            raise ValueError
        return value


class _File(Kind):
    name = "path"

    def read(self, text):
        return Path(text)

    def check(self, value):
        if not isinstance(value, str | Path):
            raise ValueError
        return Path(value)

    def plain(self, value):
        return str(value)


class _Choice(Kind):
    def __init__(self, values):
        self.values = values
        self.name = "one of " + ", ".join(map(str, values))

    def read(self, text):
        for value in self.values:
            if str(value) == text:
                return value
        raise ValueError

    def check(self, value):
        for allowed in self.values:
            if type(value) is type(allowed) and value == allowed:
                return value
        raise ValueError


class _Optional(Kind):
    def __init__(self, kind):
        self.kind = kind
        self.name = f"{kind.name} or none"

    def read(self, text):
        return None if text.lower() == "none" else self.kind.read(text)

    def check(self, value):
        return None if value is None else self.kind.check(value)

    def text(self, value):
        return "none" if value is None else self.kind.text(value)

    def plain(self, value):
        return None if value is None else self.kind.plain(value)


class _List(Kind):
    def __init__(self, kind):
        self.kind = kind
        self.name = f"list of {kind.name}, as in 1,2"

    def read(self, text):
        return [self.kind.read(part.strip()) for part in text.split(",")] if text else []

    def check(self, value):
        if not isinstance(value, list | tuple):
            raise ValueError
        return [self.kind.check(item) for item in value]

    def text(self, value):
        return ",".join(self.kind.text(item) for item in value)

    def plain(self, value):
        return [self.kind.plain(item) for item in value]


class _Bounded(Kind):
    def __init__(self, kind, allowed):
        self.kind = kind
        self.allowed = allowed
        self.name = f"{kind.name} {allowed}" if isinstance(allowed, Range) else str(allowed)

    def read(self, text):
        return self.check(self.kind.read(text))

    def check(self, value):
        value = self.kind.check(value)
        if value not in self.allowed:
            raise ValueError
        return value

    def text(self, value):
        return self.kind.text(value)

    def plain(self, value):
        return self.kind.plain(value)


_SIMPLE = {int: _Integer, float: _Real, bool: _Boolean, str: _Text, Path: _File}


def kind_of(annotation):
    """Return the kind that a type annotation asks for.

    Parameters
    ----------
    annotation : type
        int, float, bool, str, Path, Literal, ``X | None``, ``list[X]``; any of them in
        Annotated with :class:`Range` or :class:`OneOf`; ``Annotated[brian2.Quantity, brian2.ms]``
        for a quantity of the unit's dimensions, which may add a Range of quantities.

    Returns
    -------
    Kind

    Raises
    ------
    TypeError
        Where it is none of these.

    Examples
    --------
    >>> from neurosim.experiment.kinds import kind_of
    >>> kind_of(list[int]).read("80,200")
    [80, 200]
    """
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        units = [argument for argument in arguments[1:] if hasattr(argument, "dispname")]
        kind = _quantity(units[0]) if units else kind_of(arguments[0])
        for allowed in arguments[1:]:
            if isinstance(allowed, Range | OneOf):
                kind = _Bounded(kind, allowed)
        return kind
    if origin is None and annotation in _SIMPLE:
        return _SIMPLE[annotation]()
    if origin is typing.Literal:
        return _Choice(arguments)
    if origin in (typing.Union, types.UnionType) and types.NoneType in arguments:
        others = [argument for argument in arguments if argument is not types.NoneType]
        if len(others) == 1:
            return _Optional(kind_of(others[0]))
    if origin in (list, tuple) and len(set(arguments) - {Ellipsis}) == 1:
        return _List(kind_of(arguments[0]))
    raise TypeError(f"{annotation!r} is no type a parameter can have")


def _quantity(unit):
    # Brian 2 takes seconds to import, so only protocols with units pay for it.
    from neurosim.experiment.quantities import QuantityKind

    return QuantityKind(unit)
