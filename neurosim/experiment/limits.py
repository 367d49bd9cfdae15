"""Which values of its type a parameter allows: bounds, or a list."""

import math
from dataclasses import dataclass

from neurosim.errors import ParameterError

__all__ = ["OneOf", "Range"]


@dataclass(frozen=True)
class Range:
    """Bounds of a number, for ``Annotated[int, Range(1, 100)]``.

    Parameters
    ----------
    low, high : number or Brian 2 quantity or None
        None stands for no bound; only where a bound is infinite is that infinity a value.
    closed : {"both", "left", "right", "neither"}
        Which bounds are allowed values themselves.

    Raises
    ------
    ParameterError
        Where `closed` is none of these, a bound is no number, or `low` is above `high`.

    Examples
    --------
    >>> from neurosim.experiment.limits import Range
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
        # Written so that NaN, which is neither, fails too.
        ordered = all(bound == bound for bound in self.bounds) and (
            len(self.bounds) < 2 or bool(self.low <= self.high)
        )
        if not ordered:
            raise ParameterError(f"bounds must be low ≤ high; got {self.low!r} and {self.high!r}")

    @property
    def bounds(self):
        """Bounds that there are, tuple."""
        return tuple(bound for bound in (self.low, self.high) if bound is not None)

    def __contains__(self, value):
        with_low, with_high = self.closed in ("both", "left"), self.closed in ("both", "right")
        low, high = self.low, self.high
        above = value != -math.inf if low is None else value > low or (with_low and value == low)
        below = value != math.inf if high is None else value < high or (with_high and value == high)
        return bool(above and below)

    def __str__(self):
        return self.words(str)

    def words(self, text):
        """Return the bounds in words, each bound as the function `text` writes it."""
        parts = []
        if self.low is not None:
            parts.append(f"{'≥' if self.closed in ('both', 'left') else '>'} {text(self.low)}")
        if self.high is not None:
            parts.append(f"{'≤' if self.closed in ('both', 'right') else '<'} {text(self.high)}")
        return " and ".join(parts)


@dataclass(frozen=True, init=False)
class OneOf:
    """Allowed values, for ``Annotated[int, OneOf(1, 2, 4)]``.

    Examples
    --------
    >>> from neurosim.experiment.limits import OneOf
    >>> 3 in OneOf(1, 2, 4)
    False
    """

    values: tuple

    def __init__(self, *values):
        object.__setattr__(self, "values", values)

    def __contains__(self, value):
        return value in self.values

    @property
    def bounds(self):
        """What must be of the parameter's type, tuple."""
        return self.values

    def __str__(self):
        return self.words(str)

    def words(self, text):
        """Return the values in words, each as the function `text` writes it."""
        return "one of " + ", ".join(map(text, self.values))
