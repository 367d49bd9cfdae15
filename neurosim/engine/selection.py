"""What a recording asks of a network, as text, found and checked before anything is made."""

import textwrap
from dataclasses import dataclass

import numpy as np

from neurosim.engine.brian import (
    ArrayVariable,
    DimensionMismatchError,
    EventMonitor,
    Group,
    PopulationRateMonitor,
    Quantity,
    StateMonitor,
    Subexpression,
    SynapticPathway,
    all_objects,
    second,
)
from neurosim.errors import ParameterError, UnknownNameError

__all__ = ["MONITORS", "Selection", "selected"]

MONITORS = EventMonitor | StateMonitor | PopulationRateMonitor

# Brian 2's monitors have these themselves; times stand beside everything that is recorded.
_NOT_RECORDED = ("t", "t_in_timesteps", "dt", "N")


@dataclass(frozen=True)
class Selection:
    """One thing to record.

    Attributes
    ----------
    text : str
        Such as ``"cells.v"``.
    kind : {'event', 'variable', 'rate'}
    source : Group
    name : str
        Of the event or the variable.
    indices : ndarray of int, shape (n,), or None
        Ascending numbers of neurons or synapses; None for all.
    n_steps : int
        Steps of the source from one row to the next.
    """

    text: str
    kind: str
    source: Group
    name: str
    indices: np.ndarray | None = None
    n_steps: int = 1

    @property
    def interval(self):
        """Time from one row to the next, a Quantity; None for every step."""
        return None if self.n_steps == 1 else self.n_steps * self.source.clock.dt_ * second


def selected(network, what, every, index):
    """Return what to record, in the order of `what`; nothing is changed.

    Parameters
    ----------
    network : Network
    what : sequence of str and of monitors
    every, index : dict or object
        See :func:`neurosim.traces.record`.

    Returns
    -------
    list of Selection and of monitors

    Raises
    ------
    UnknownNameError, ParameterError
        Where a name, an interval, an index or a monitor cannot be used.
    """
    texts = [text for text in what if isinstance(text, str)]
    for text in texts:
        if texts.count(text) > 1:
            raise ParameterError(f"what names {text!r} twice")
    options = {"every": every, "index": index}
    for name, given in options.items():
        if isinstance(given, dict) and (unknown := set(given) - set(texts)):
            raise UnknownNameError(
                f"{name} is given for {min(unknown, key=str)!r}, which is not recorded; recorded "
                f"are {', '.join(texts)}"
            )
    found = []
    for one in what:
        if isinstance(one, str):
            of_one = {
                name: given.get(one) if isinstance(given, dict) else given
                for name, given in options.items()
            }
            # An interval for everything leaves out what has none.
            of_one["is_own_interval"] = isinstance(every, dict) and one in every
            found.append(_selection(network, one, **of_one))
        else:
            found.append(_own_monitor(network, one))
    return found


def _own_monitor(network, monitor):
    if not isinstance(monitor, MONITORS):
        raise ParameterError(
            f"what holds {monitor!r}; expected text such as 'cells.v', or a SpikeMonitor, "
            "EventMonitor, StateMonitor or PopulationRateMonitor"
        )
    if not any(obj.name == monitor.name for obj in all_objects(network)):
        raise ParameterError(f"monitor {monitor.name!r} is not in the network; add it first")
    return monitor


def _selection(network, text, *, every, index, is_own_interval):
    name, dot, rest = text.partition(".")
    if not dot or not rest:
        raise ParameterError(f"what is {text!r}; expected 'object.variable', such as 'cells.v'")
    source = _source(network, text, name)
    kind, rest = _kind(source, text, rest)
    indices = None if index is None else _indices(source, text, index)
    if kind == "variable" and source.variables[rest].scalar:
        if index is not None:
            raise ParameterError(f"index of {text!r} is {_shown(index)}; it is one number for all")
        indices = np.zeros(1, np.int64)
    elif kind == "variable" and indices is None and not len(source):
        raise ParameterError(
            f"{text!r} cannot be recorded: {name!r} has no synapses yet; connect()"
        )
    if kind == "rate" and indices is not None and indices[-1] - indices[0] + 1 != len(indices):
        raise ParameterError(
            f"index of {text!r} is {_shown(index)}; a rate is that of neighbours, such as "
            "slice(0, 10)"
        )
    if kind == "event" and is_own_interval:
        raise ParameterError(
            f"every is given for {text!r}; events are all recorded, at no interval"
        )
    n_steps = 1 if every is None else _n_steps(source, text, every, may_be_one=kind == "event")
    return Selection(text, kind, source, rest, indices, n_steps)


def _source(network, text, name):
    known = {
        obj.name: obj
        for obj in all_objects(network)
        if isinstance(obj, Group) and not isinstance(obj, MONITORS | SynapticPathway)
    }
    if name not in known:
        hint = ""
        if any(obj.name == name and isinstance(obj, MONITORS) for obj in all_objects(network)):
            hint = "; of a monitor give the monitor itself"
        raise UnknownNameError(
            f"what is {text!r}, but the network has no group {name!r}; it has "
            f"{', '.join(sorted(known))}{hint}"
        )
    return known[name]


def _kind(source, text, name):
    """Return what a name stands for: its kind, and the name of the event or variable."""
    events = getattr(source, "events", {})
    meanings = []
    if name == "spikes" and "spike" in events:
        meanings.append(("event", "spike"))
    if name in events and name != "spike":
        meanings.append(("event", name))
    if name == "rate" and "spike" in events:
        meanings.append(("rate", name))
    if name in _variables(source):
        meanings.append(("variable", name))
    if len(meanings) == 1:
        return meanings[0]
    if meanings:
        kinds = " or ".join(f"the {kind}" for kind, _ in meanings)
        raise ParameterError(
            f"what is {text!r}, which may be {kinds}; give a monitor of your own instead"
        )
    further = ["spikes", "rate"] if "spike" in events else []
    further += [event for event in events if event != "spike"]
    raise UnknownNameError(
        f"what is {text!r}, but {source.name!r} has no {name!r}; it has "
        f"{', '.join(further + sorted(_variables(source)))}"
    )


def _variables(source):
    return [
        name
        for name, variable in source.variables.items()
        if isinstance(variable, ArrayVariable | Subexpression)
        and not name.startswith("_")
        and name not in _NOT_RECORDED
    ]


def _n_steps(source, text, every, may_be_one):
    """Return an interval as a number of steps of a group."""
    try:
        seconds = float(Quantity(every, dim=second.dim))
        is_time = getattr(every, "dim", None) is second.dim
    except (TypeError, ValueError, DimensionMismatchError):
        is_time = False
    if not is_time:
        raise ParameterError(f"every of {text!r} is {_shown(every)}; expected a time, such as 1*ms")
    if not (seconds > 0 and np.isfinite(seconds)):
        raise ParameterError(f"every of {text!r} is {every}; expected a time of more than 0 s")
    if may_be_one:
        return 1
    if "dt" not in source.clock.variables:
        raise ParameterError(f"every is given for {text!r}, whose clock has no regular step")
    step = source.clock.dt_
    n_steps = round(seconds / step)
    if n_steps < 1 or abs(n_steps * step - seconds) > 1e-6 * step:
        raise ParameterError(
            f"every of {text!r} is {every}; expected a multiple of the time step, "
            f"{step * second} for {source.name!r}"
        )
    return n_steps


def _indices(source, text, index):
    """Return numbers of neurons or synapses, ascending."""
    size = len(source)
    if isinstance(index, slice):
        numbers = np.arange(size)[index]
    elif hasattr(index, "_indices"):
        # A part of a group or of synapses: cells[10:20], synapses[0, :].
        whole = index.synapses if hasattr(index, "synapses") else index.source
        if whole.name != source.name:
            raise ParameterError(f"index of {text!r} is a part of {whole.name!r}")
        numbers = np.asarray(index._indices())
    else:
        numbers = np.atleast_1d(np.asarray(index))
    if numbers.ndim != 1 or (numbers.size and numbers.dtype.kind not in "iu"):
        raise ParameterError(
            f"index of {text!r} is {_shown(index)}; expected a number, several, or a slice"
        )
    if not numbers.size:
        raise ParameterError(f"index of {text!r} is {_shown(index)}, which selects none of {size}")
    numbers = np.sort(numbers.astype(np.int64))
    for number in (numbers[0], numbers[-1]):
        if not 0 <= number < size:
            raise ParameterError(
                f"index of {text!r} holds {number}; expected numbers from 0 to {size - 1}"
            )
    if (twice := numbers[1:][np.diff(numbers) == 0]).size:
        raise ParameterError(f"index of {text!r} holds {twice[0]} twice")
    return numbers


def _shown(value):
    """Return a value as text of one line that can be read at a glance."""
    return textwrap.shorten(repr(value), 60, placeholder=" ...")
