"""The parameters of a protocol: a table made from its signature and docstring."""

import difflib
import inspect
import re
from dataclasses import dataclass

from neurosim.errors import ParameterError, UnknownNameError
from neurosim.experiment.kinds import Kind, OneOf, Range, kind_of

__all__ = ["OneOf", "Parameter", "Range", "closest", "parameter_table", "resolve"]

_SEED = "Fixes every random number of the run."


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

    def check(self, value):
        """Return a Python value as the protocol receives it.

        Raises
        ------
        ParameterError
            Where the value is not of the kind; it is never converted in silence.
        """
        try:
            return self.kind.check(value)
        except (ValueError, TypeError):
            raise self._error(value) from None

    def read(self, text):
        """Return the value of a text from a command line.

        Raises
        ------
        ParameterError
        """
        try:
            return self.kind.check(self.kind.read(text))
        except (ValueError, TypeError):
            raise self._error(text) from None

    def _error(self, value):
        return ParameterError(
            f"parameter '{self.name}' of {self.protocol} must be {self.kind.name}; got {value!r}"
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
    signature = list(inspect.signature(function).parameters.values())
    annotations = inspect.get_annotations(function, eval_str=True)
    name = function.__name__
    if not signature or signature[0].kind is inspect.Parameter.KEYWORD_ONLY:
        raise TypeError(f"protocol {name}: the first parameter must receive the run")
    lines = _documented(function.__doc__ or "")
    table = {}
    for entry in signature[1:]:
        if entry.kind is not inspect.Parameter.KEYWORD_ONLY:
            raise TypeError(f"protocol {name}: parameter '{entry.name}' must be keyword-only")
        if entry.name not in annotations:
            raise TypeError(f"protocol {name}: parameter '{entry.name}' needs a type annotation")
        try:
            kind = kind_of(annotations[entry.name])
        except TypeError as error:
            raise TypeError(f"protocol {name}: parameter '{entry.name}': {error}") from None
        table[entry.name] = _parameter(entry, name, kind, lines.get(entry.name, ""))
    if "seed" not in table:
        kind = kind_of(int)
        table["seed"] = Parameter("seed", name, kind, 0, _SEED)
    return table


def _parameter(entry, protocol, kind, description):
    parameter = Parameter(entry.name, protocol, kind, entry.default, description)
    if parameter.is_required:
        return parameter
    try:
        default = parameter.check(entry.default)
    except ParameterError as error:
        raise TypeError(f"protocol {protocol}: default of {error}") from None
    return Parameter(entry.name, protocol, kind, default, description)


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
        if name not in table:
            known = closest(name, table) or f"; it has {', '.join(table)}"
            raise UnknownNameError(f"{protocol} has no parameter '{name}'{known}")
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
            resolved[name] = parameter.default
    if resolved["seed"] < 0:
        raise ParameterError(
            f"parameter 'seed' of {protocol} must be int ≥ 0; got {resolved['seed']!r}"
        )
    return resolved


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
