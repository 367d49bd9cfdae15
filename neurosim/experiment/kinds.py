"""What a parameter can be: reading it from text, checking it, saying what is allowed."""

import json
import math
import numbers
import types
import typing
from pathlib import Path

from neurosim.experiment.limits import OneOf, Range

__all__ = ["Kind", "NotOfKind", "kind_of"]


class NotOfKind(ValueError):
    """A value is not what its kind allows; its text, if any, says what the user may not see."""


class Kind:
    """Type of a parameter.

    ``read`` turns text into a value, ``check`` returns a value as the protocol receives it;
    both raise ValueError where that cannot be. ``text`` is the inverse of ``read``; ``plain``
    is the value as JSON holds it. Where ``is_number`` is true, ``number`` is the value as a
    number in ``units``, unless it is None.
    """

    name = "value"
    is_number = False
    units = "1"

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
        """Return `value` as JSON holds it; `check` takes it back."""
        return value

    def number(self, value):
        """Return `value` as a plain number in `units`."""
        return value

    def read_item(self, item):
        """Return the value of an item of a list, which JSON may have read already."""
        return self.read(item) if isinstance(item, str) else self.check(item)


class _Integer(Kind):
    name = "int"
    is_number = True

    def read(self, text):
        return int(text)

    def check(self, value):
        # bool is an Integral too, but no number to a user.
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            raise NotOfKind
        return int(value)


class _Real(Kind):
    name = "float"
    is_number = True

    allows_infinity = False

    def read(self, text):
        return self.check(float(text))

    def check(self, value):
        # Quantities and arrays know how to become a float, at the loss of units and shape.
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise NotOfKind
        try:
            value = float(value)
        except OverflowError:
            raise NotOfKind from None
        if math.isnan(value) or (math.isinf(value) and not self.allows_infinity):
            raise NotOfKind
        return value

    def text(self, value):
        return repr(value)


class _Boolean(Kind):
    name = "bool"
    words: typing.ClassVar = {"true": True, "false": False, "yes": True, "no": False}

    def read(self, text):
        if text.lower() not in self.words:
            raise NotOfKind
        return self.words[text.lower()]

    def check(self, value):
        if not isinstance(value, bool):
            raise NotOfKind
        return value

    def text(self, value):
        return str(value).lower()


class _Text(Kind):
    name = "str"

    def read(self, text):
        return text

    def check(self, value):
        if not isinstance(value, str):
            raise NotOfKind
        return value


class _File(Kind):
    name = "path"

    def read(self, text):
        return self.check(text)

    def check(self, value):
        # An empty text would silently become the current folder.
        if not isinstance(value, str | Path) or not str(value):
            raise NotOfKind
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
        raise NotOfKind

    def check(self, value):
        for allowed in self.values:
            if type(value) is type(allowed) and value == allowed:
                return value
        raise NotOfKind


class _Optional(Kind):
    def __init__(self, kind):
        self.kind = kind
        self.name = f"{kind.name} or none"
        self.is_number, self.units = kind.is_number, kind.units

    def read(self, text):
        return None if text.lower() == "none" else self.kind.read(text)

    def check(self, value):
        return None if value is None else self.kind.check(value)

    def text(self, value):
        return "none" if value is None else self.kind.text(value)

    def plain(self, value):
        return None if value is None else self.kind.plain(value)

    def number(self, value):
        return self.kind.number(value)


class _Sequence(Kind):
    """A list, or a tuple of any length (`kinds` holds one kind) or of as many items as kinds."""

    def __init__(self, container, kinds, *, is_fixed=False):
        self.container = container
        self.kinds = kinds
        self.is_fixed = is_fixed
        names = ", ".join(kind.name for kind in kinds)
        self.name = f"({names})" if is_fixed else f"list of {names}, as in a,b"

    def read(self, text):
        text = text.strip()
        if text.startswith("["):
            return self._each(json.loads(text), Kind.read_item)
        parts = [part.strip() for part in text.split(",")] if text else []
        return self._each(parts, Kind.read_item)

    def check(self, value):
        if not isinstance(value, list | tuple):
            raise NotOfKind
        return self._each(value, lambda kind, item: kind.check(item))

    def text(self, value):
        items = self._each(value, lambda kind, item: kind.text(item))
        if any(not item or item != item.strip() or set(item) & set(',["') for item in items):
            return json.dumps(list(items))
        return ",".join(items)

    def plain(self, value):
        return list(self._each(value, lambda kind, item: kind.plain(item)))

    def _each(self, values, function):
        kinds = self.kinds if self.is_fixed else self.kinds * len(values)
        if len(kinds) != len(values):
            raise NotOfKind(f"{len(values)} items")
        pairs = zip(kinds, values, strict=True)
        return self.container(function(kind, item) for kind, item in pairs)


class _Bounded(Kind):
    def __init__(self, kind, allowed):
        self.kind = kind
        self.allowed = allowed
        self.is_number, self.units = kind.is_number, kind.units
        words = allowed.words(kind.text)
        self.name = f"{kind.name} {words}".strip() if isinstance(allowed, Range) else words

    def read(self, text):
        return self.check(self.kind.read(text))

    def check(self, value):
        value = self.kind.check(value)
        if value not in self.allowed:
            raise NotOfKind
        return value

    def text(self, value):
        return self.kind.text(value)

    def plain(self, value):
        return self.kind.plain(value)

    def number(self, value):
        return self.kind.number(value)


_SIMPLE = {int: _Integer, float: _Real, bool: _Boolean, str: _Text, Path: _File}


def kind_of(annotation):
    """Return the kind that a type annotation asks for.

    Parameters
    ----------
    annotation : type
        int, float, bool, str, Path, Literal, ``X | None``, ``list[X]``, ``tuple[X, ...]``,
        ``tuple[X, Y]``; any of them in Annotated with :class:`Range` or :class:`OneOf`;
        ``Annotated[brian2.Quantity, brian2.ms]`` for a quantity of the unit's dimensions, which
        may add a Range of quantities.

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
        return _annotated(arguments[0], arguments[1:])
    if origin is None and annotation in _SIMPLE:
        return _SIMPLE[annotation]()
    if origin is typing.Literal:
        return _Choice(arguments)
    if origin in (typing.Union, types.UnionType) and types.NoneType in arguments:
        others = [argument for argument in arguments if argument is not types.NoneType]
        if len(others) == 1:
            return _Optional(kind_of(others[0]))
    if origin in (list, tuple) and arguments and arguments != ((),):
        is_fixed = origin is tuple and arguments[-1] is not Ellipsis
        kinds = [kind_of(argument) for argument in arguments if argument is not Ellipsis]
        if not any(isinstance(kind, _Sequence) for kind in kinds):
            return _Sequence(origin, kinds, is_fixed=is_fixed)
    if getattr(annotation, "__name__", "") == "Quantity":
        raise TypeError("a Quantity needs its unit, as in Annotated[Quantity, ms]")
    raise TypeError(f"{annotation!r} is no type a parameter can have")


def _annotated(annotation, extras):
    units = [extra for extra in extras if hasattr(extra, "dispname")]
    limits = [extra for extra in extras if isinstance(extra, Range | OneOf)]
    base = _quantity(units[0]) if units else kind_of(annotation)
    if isinstance(base, _Real):
        base.allows_infinity = any(abs(bound) == math.inf for bound in _floats(limits))
    kind = base
    for allowed in limits:
        for bound in allowed.bounds:
            try:
                base.check(bound)
            except (ValueError, TypeError):
                raise TypeError(f"{bound!r} in {allowed!r} is not {base.name}") from None
        kind = _Bounded(kind, allowed)
    return kind


def _floats(limits):
    return [bound for allowed in limits for bound in allowed.bounds if isinstance(bound, float)]


def _quantity(unit):
    # Brian 2 takes seconds to import, so only protocols with units pay for it.
    from neurosim.experiment.quantities import QuantityKind

    return QuantityKind(unit)
