"""The parameters of a protocol: a table made from its signature and docstring."""

import copy
import difflib
import inspect
import re
from dataclasses import dataclass, replace
from typing import Annotated

from neurosim.errors import ParameterError, UnknownNameError
from neurosim.experiment.kinds import Kind, NotOfKind, kind_of
from neurosim.experiment.limits import OneOf, Range

__all__ = [
    "OneOf",
    "Parameter",
    "Range",
    "closest",
    "look_up",
    "parameter_table",
    "plain_values",
    "resolve",
]

_SEED = "Fixes every random number of the run."
# What a run itself is told, in a call or on a command line.
_RESERVED = {"draw", "help", "no_figure", "no_progress", "output", "overwrite", "progress"}
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a protocol.

    Attributes
    ----------
    name, protocol : str
    kind : Kind
    default : object
        ``inspect.Parameter.empty`` where a value must be given.
    description : str
        Its lines in the docstring.
    """

    name: str
    protocol: str
    kind: Kind
    default: object
    description: str

    @property
    def is_required(self):
        """Whether a value must be given."""
        return self.default is inspect.Parameter.empty

    def own_default(self):
        """Return a default that the caller may change, as a list, without changing the next."""
        return copy.copy(self.default)

    def check(self, value):
        """Return a Python value as the protocol receives it.

        Raises
        ------
        ParameterError
            Where the value is not of the kind; it is never converted in silence.
        """
        try:
            return self.kind.check(value)
        except (ValueError, TypeError) as error:
            raise self._error(value, error) from None

    def read(self, text):
        """Return the value of a text from a command line.

        Raises
        ------
        ParameterError
        """
        try:
            return self.kind.check(self.kind.read(text))
        except (ValueError, TypeError) as error:
            raise self._error(text, error) from None

    def _error(self, value, error):
        reason = f" ({error})" if isinstance(error, NotOfKind) and str(error) else ""
        return ParameterError(
            f"parameter '{self.name}' of {self.protocol} must be {self.kind.name}; "
            f"got {value!r}{reason}"
        )


def parameter_table(function):
    """Return the parameters of a protocol function by name.

    Parameters
    ----------
    function : callable
        Its first parameter receives the run; all others are keyword-only and annotated.

    Returns
    -------
    dict of str to Parameter
        With a `seed` added where the function does not list one.

    Raises
    ------
    TypeError
        Where the signature is not that of a protocol; it names function and parameter.

    Examples
    --------
    >>> from neurosim.experiment.parameters import parameter_table
    >>> def walk(run, *, steps: int = 3): ...
    >>> sorted(parameter_table(walk))
    ['seed', 'steps']
    """
    name = function.__name__
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        raise TypeError(f"protocol {name}: must be a plain function, without yield or async")
    signature = list(inspect.signature(function).parameters.values())
    if not signature or signature[0].kind not in _POSITIONAL:
        raise TypeError(f"protocol {name}: the first parameter must receive the run")
    try:
        annotations = inspect.get_annotations(function, eval_str=True)
    except NameError as error:
        raise TypeError(f"protocol {name}: an annotation cannot be read: {error}") from None
    lines = _documented(function.__doc__ or "")
    table = {
        entry.name: _parameter(entry, name, annotations, lines.get(entry.name, ""))
        for entry in signature[1:]
    }
    if "seed" not in table:
        table["seed"] = Parameter("seed", name, _seed_kind(int), 0, _SEED)
    return table


def _parameter(entry, protocol, annotations, description):
    where = f"protocol {protocol}: parameter '{entry.name}'"
    if entry.kind is not inspect.Parameter.KEYWORD_ONLY:
        raise TypeError(f"{where} must be keyword-only")
    if entry.name in _RESERVED:
        raise TypeError(f"{where} has the name of an option every run has; choose another name")
    if entry.name not in annotations:
        raise TypeError(f"{where} needs a type annotation")
    try:
        kind = (_seed_kind if entry.name == "seed" else kind_of)(annotations[entry.name])
    except TypeError as error:
        raise TypeError(f"{where}: {error}") from None
    parameter = Parameter(entry.name, protocol, kind, entry.default, description)
    if parameter.is_required:
        return parameter
    try:
        return replace(parameter, default=parameter.check(entry.default))
    except ParameterError as error:
        raise TypeError(f"protocol {protocol}: default of {error}") from None


def _seed_kind(annotation):
    if getattr(annotation, "__origin__", annotation) is not int:
        raise TypeError(f"a seed must be annotated as int; it is {annotation!r}")
    return kind_of(Annotated[annotation, Range(0, None)])


def _documented(docstring):
    """Return the lines numpydoc's Parameters section gives each parameter."""
    section = re.search(
        r"Parameters\n\s*-{3,}\n(.*?)(?:\n\s*\n\s*\w[\w ]*\n\s*-{3,}|\Z)",
        inspect.cleandoc(docstring),
        re.DOTALL,
    )
    described, current = {}, []
    for line in (section[1] if section else "").splitlines():
        header = re.match(r"(\w+(?:\s*,\s*\w+)*)\s*(?::|$)", line)
        if header:
            current = [name.strip() for name in header[1].split(",")]
        elif line.strip():
            for name in current:
                described[name] = f"{described.get(name, '')} {line.strip()}".strip()
    return described


def resolve(table, protocol, values, *, texts=False):
    """Return the full parameters of a run, in the table's order.

    Parameters
    ----------
    table : dict of str to Parameter
    protocol : str
    values : dict
        Given values by name; texts from a command line where `texts` is true.

    Returns
    -------
    dict

    Raises
    ------
    UnknownNameError
        Where a name is none of the table's.
    ParameterError
        Where a value is not allowed or a required one missing.
    """
    for name in values:
        look_up(table, protocol, name)
    resolved = {}
    for name, parameter in table.items():
        if name in values:
            convert = parameter.read if texts else parameter.check
            resolved[name] = convert(values[name])
        elif parameter.is_required:
            raise ParameterError(
                f"parameter '{name}' of {protocol} has no default; expected {parameter.kind.name}"
            )
        else:
            resolved[name] = parameter.own_default()
    return resolved


def plain_values(table, values):
    """Return parameter values as JSON holds them, dict.

    Parameters
    ----------
    table : dict of str to Parameter
    values : dict
    """
    return {name: table[name].kind.plain(value) for name, value in values.items()}


def look_up(table, protocol, name):
    """Return the parameter called `name`.

    Parameters
    ----------
    table : dict of str to Parameter
    protocol : str
        For the message.
    name : str

    Returns
    -------
    Parameter

    Raises
    ------
    UnknownNameError
        With the closest name there is.

    Examples
    --------
    >>> from neurosim.experiment.parameters import look_up, parameter_table
    >>> def walk(run, *, steps: int = 3): ...
    >>> look_up(parameter_table(walk), "walk", "stesp")
    Traceback (most recent call last):
    neurosim.errors.UnknownNameError: walk has no parameter 'stesp'; did you mean 'steps'?
    """
    if name not in table:
        known = closest(name, table) or f"; it has {', '.join(table)}"
        raise UnknownNameError(f"{protocol} has no parameter '{name}'{known}")
    return table[name]


def closest(name, known):
    """Return ``"; did you mean 'x'?"`` where `known` has a similar name, else nothing.

    Examples
    --------
    >>> from neurosim.experiment.parameters import closest
    >>> closest("taks", ["tasks", "seed"])
    "; did you mean 'tasks'?"
    """
    similar = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean '{similar[0]}'?" if similar else ""
