"""What a grid is: a protocol, its axes, and what is kept of each point; no results."""

import functools
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neurosim.errors import ParameterError
from neurosim.experiment.parameters import look_up, resolve
from neurosim.experiment.registry import find_protocol, load_protocol
from neurosim.grid.axes import axes_of
from neurosim.traces.names import check_trace_name

__all__ = ["FORMAT", "FORMAT_VERSION", "Definition", "define", "reference_of"]

FORMAT = "neurosim-grid"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class Definition:
    """A grid as its manifest holds it: axes, never a list of points.

    Attributes
    ----------
    protocol : Protocol
    reference : dict or None
        Where a worker finds the protocol: ``{"name": ...}`` or ``{"script": ...}``; None for one
        that only this process knows.
    axes : tuple of Axis
    fixed : dict
        Checked values of all other parameters.
    traces : tuple of str
        Traces that the results hold beside the metrics.
    metrics_only : bool
        Whether points keep no trace file of their own.
    """

    protocol: object
    reference: dict | None
    axes: tuple
    fixed: dict
    traces: tuple = ()
    metrics_only: bool = False

    @property
    def shape(self):
        """Number of values of each axis."""
        return tuple(len(axis) for axis in self.axes)

    @property
    def n_points(self):
        """Number of points."""
        return math.prod(self.shape)

    def values(self, point):
        """Return all parameters of a point as the protocol receives them, dict.

        Points are numbered in the order of the axes, the last one running fastest.
        """
        positions = np.unravel_index(point, self.shape) if self.axes else ()
        varied = {}
        for axis, position in zip(self.axes, positions, strict=True):
            varied |= axis.at(int(position))
        given = self.fixed | varied
        return {name: given[name] for name in self.protocol.parameters}

    def as_json(self):
        """Return the definition as the text of a manifest."""
        axes = [
            [
                {"name": parameter.name, "values": [parameter.kind.plain(v) for v in values]}
                for parameter, values in zip(axis.parameters, axis.values, strict=True)
            ]
            for axis in self.axes
        ]
        content = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "protocol": self.protocol.name,
            "reference": self.reference,
            "fixed": self.protocol.plain(self.fixed),
            "traces": list(self.traces),
            "metrics_only": self.metrics_only,
            "axes": axes,
        }
        return json.dumps(content)

    def fixed_json(self):
        """Return the parameters that do not vary as JSON text."""
        return json.dumps(self.protocol.plain(self.fixed))

    def result_name(self, path):
        """Return the name that a metric or trace has in the results.

        Slashes become dots, and a metric is named without its group ``metrics``, except where an
        axis, the status or a trace has that name already.

        Parameters
        ----------
        path : str
            ``"group/name"``.

        Returns
        -------
        str
        """
        dotted = path.replace("/", ".")
        if path in self.traces:
            return dotted
        *group, _, name = path.split("/")
        short = ".".join([*group, name])
        return dotted if short in self._taken else short

    @functools.cached_property
    def _taken(self):
        parameters = [parameter.name for axis in self.axes for parameter in axis.parameters]
        return {"status", *parameters, *(path.replace("/", ".") for path in self.traces)}

    def difference(self, manifest):
        """Return in words in what a manifest's content, dict, differs, '' where it does not."""
        own, theirs = json.loads(self.as_json()), manifest
        for key in ("protocol", "fixed", "axes", "traces", "metrics_only"):
            if own[key] != theirs[key]:
                return _difference(key, theirs[key], own[key])
        return ""


def _difference(key, theirs, own):
    if key == "axes":
        return f"its axes are {_brief_axes(theirs)}, not {_brief_axes(own)}"
    if key == "fixed":
        for name in sorted(set(theirs) | set(own)):
            if theirs.get(name) != own.get(name):
                return f"its parameter {name!r} is {theirs.get(name)!r}, not {own.get(name)!r}"
    return f"its {key.replace('_', '-')} is {theirs!r}, not {own!r}"


def _brief_axes(axes):
    described = []
    for axis in axes:
        for parameter in axis:
            values = parameter["values"]
            shown = values if len(values) <= 4 else [*values[:2], "...", values[-1]]
            described.append(f"{parameter['name']} = {', '.join(map(str, shown))}")
    return "; ".join(described)


def define(protocol, vary, *, fixed=None, zipped=(), traces=(), metrics_only=False):
    """Return the definition of a grid, with every value checked.

    Parameters
    ----------
    protocol : Protocol or str
        A protocol, its name, or the path of its script (ending in ``.py``).
    vary : mapping of str to str or iterable
        Values of each varied parameter; see :func:`neurosim.grid.axes.axes_of`.
    fixed : mapping, optional
        Values of other parameters, as Python values; texts are read as on the command line.
    zipped : sequence of sequence of str
        Parameters that vary together.
    traces : sequence of str
        Names of traces that the results shall hold.
    metrics_only : bool, default=False

    Returns
    -------
    Definition

    Raises
    ------
    ParameterError, UnknownNameError

    Examples
    --------
    >>> import neurosim
    >>> from neurosim.grid.definition import define
    >>> @neurosim.protocol
    ... def stroll(run, *, steps: int = 3, rate: float = 1.0): ...
    >>> grid = define(stroll, {"rate": "0:1:3", "seed": "0:2"})
    >>> grid.n_points, grid.values(3)
    (6, {'steps': 3, 'rate': 0.5, 'seed': 1})
    """
    if isinstance(protocol, str):
        protocol = (load_protocol if protocol.endswith(".py") else find_protocol)(protocol)
    table, given = protocol.parameters, dict(fixed or {})
    for name in [*vary, *given]:
        look_up(table, protocol.name, name)
    if not vary:
        raise ParameterError("a grid needs an axis, as in --vary seed=0:10")
    for name in vary:
        if name in given:
            raise ParameterError(f"parameter {name!r} is both varied and set to {given[name]!r}")
    if "status" in vary:
        raise ParameterError("parameter 'status' cannot vary: the results keep each point's status")
    axes = axes_of(table, vary, zipped)
    first = {name: value for axis in axes for name, value in axis.at(0).items()}
    given = {name: _value(table[name], value) for name, value in given.items()}
    whole = resolve(table, protocol.name, given | first)
    rest = {name: value for name, value in whole.items() if name not in first}
    for name in traces:
        check_trace_name(name)
    traces = tuple(dict.fromkeys(traces))
    return Definition(protocol, reference_of(protocol), axes, rest, traces, metrics_only)


def _value(parameter, given):
    return parameter.read(given) if isinstance(given, str) else parameter.check(given)


def reference_of(protocol):
    """Return where another process finds a protocol, or None where it cannot.

    Parameters
    ----------
    protocol : Protocol

    Returns
    -------
    dict or None
    """
    if protocol.__module__.startswith("neurosim.protocols."):
        return {"name": protocol.name}
    file = getattr(sys.modules.get(protocol.__module__), "__file__", None)
    if file is None:
        file = protocol.function.__code__.co_filename
    path = Path(file)
    return {"script": str(path.resolve())} if path.suffix == ".py" and path.is_file() else None
