"""What is read of a run: numbers of spikes, rates, trains, variables at its end, recorded rows.

A reader asks a state for arrays: that of the network itself (:class:`State`), or a copy of its loop
in another thread (:class:`neurosim.engine.replica.Replica`), which answers the same questions.
"""

import numpy as np

from neurosim.engine.brian import (
    EventMonitor,
    Hz,
    PopulationRateMonitor,
    StateMonitor,
    unit_text,
)
from neurosim.engine.streaming import is_instrument, stream_of
from neurosim.errors import ParameterError, UnknownNameError

__all__ = ["State", "reader", "split_name"]


class State:
    """A network as it is now, and what its monitors have recorded lately.

    Parameters
    ----------
    monitors : iterable of object
        Those whose rows are read.
    """

    def __init__(self, monitors):
        self._monitors = {monitor.name: monitor for monitor in monitors}
        self.begin()

    def begin(self):
        """Note what has been recorded already, which does not belong to the next response."""
        self._before = {name: self._n_rows(name) for name in self._monitors}

    def _n_rows(self, name):
        return int(self._monitors[name].variables["N"].get_value().item())

    def value(self, variable):
        """Return the array of a variable."""
        return variable.get_value()

    def rows(self, monitor, name):
        """Return what a monitor has recorded of a variable since the beginning, in pieces."""
        return [self._monitors[monitor].variables[name].get_value()[self._before[monitor] :]]

    def empty(self):
        """Let go of what has been read, so that memory does not grow with the trials."""
        for monitor in self._monitors.values():
            monitor.resize(0)
            monitor.variables["N"].get_value()[...] = 0


def split_name(text):
    """Return the two parts of ``"object.variable"``."""
    name, dot, rest = text.partition(".")
    if not dot or not rest:
        raise ParameterError(f"{text!r} names nothing; expected 'object.variable'")
    return name, rest


def reader(sim, text):
    """Return what reads a response.

    Parameters
    ----------
    sim : Simulation
    text : str
        As in the `record` of :meth:`neurosim.Simulation.trials`.

    Raises
    ------
    UnknownNameError, ParameterError
        Where there is no such thing.
    """
    name, what = split_name(text)
    obj = sim[name]
    if what in _OF_SPIKES and not isinstance(obj, PopulationRateMonitor):
        return _OF_SPIKES[what](name, _spike_monitor(sim, obj, text))
    if isinstance(obj, StateMonitor):
        if what not in obj.record_variables:
            raise UnknownNameError(f"record: {name!r} records no variable {what!r}")
        return _Rows(obj, what)
    if isinstance(obj, PopulationRateMonitor) and what == "rate":
        return _Rows(obj, what)
    if what not in obj.variables or not getattr(obj.variables[what], "array", False):
        raise UnknownNameError(f"record: {name!r} has no variable {what!r}")
    return _LastValues(name, obj.variables[what])


def _spike_monitor(sim, obj, text):
    if isinstance(obj, EventMonitor):
        return obj
    monitors = [
        known
        for known in sim.network.sorted_objects
        if isinstance(known, EventMonitor)
        and known.source.name == obj.name
        # Responses do not depend on whether somebody records beside.
        and not is_instrument(known)
    ]
    if len(monitors) != 1:
        found = ", ".join(sorted(known.name for known in monitors)) or "none"
        raise ParameterError(
            f"record: {text!r} needs the one spike monitor of {obj.name!r}; there is {found}. Name "
            "the monitor itself, or add a SpikeMonitor to the network"
        )
    return monitors[0]


def _check_keeps(monitor, what):
    if stream_of(monitor) is not None:
        raise ParameterError(
            f"record: {monitor.name + '.' + what!r} is not there; {monitor.name!r} writes to a "
            "trace file what it records. Add another monitor to the network"
        )


class _Counts:
    """Spikes per neuron.

    Attributes
    ----------
    dims : tuple of str
        Names of the dimensions of a response.
    units, description : str
    rows_of : object or None
        The monitor whose rows are read.
    """

    units, rows_of = "1", None

    def __init__(self, name, monitor):
        self._count = monitor.variables["count"]
        self.dims = (f"{name}:neuron",)
        self.description = f"Spikes of each neuron of {name}"
        # Whoever keeps spikes has to be emptied.
        self.rows_of = monitor if monitor.record else None

    def begin(self, state):
        self._before = state.value(self._count).copy()

    def end(self, state, start, stop):
        return state.value(self._count) - self._before

    def stacked(self, rows):
        return np.array(rows)


class _Rates(_Counts):
    """Mean rate of each neuron over the time of a response."""

    units = "Hz"

    def __init__(self, name, monitor):
        super().__init__(name, monitor)
        self.description = f"Mean rate of each neuron of {name}"

    def end(self, state, start, stop):
        return super().end(state, start, stop) / (stop - start)

    def stacked(self, rows):
        return np.array(rows) * Hz


class _MeanRate(_Rates):
    """Mean rate over neurons and time."""

    def __init__(self, name, monitor):
        super().__init__(name, monitor)
        self.dims = ()
        self.description = f"Mean rate of {name}"

    def end(self, state, start, stop):
        return super().end(state, start, stop).mean()


class _Trains:
    """Neurons and times (in seconds from the beginning of the response) of all spikes."""

    dims = None

    def __init__(self, name, monitor):
        self.rows_of = monitor
        if not monitor.record:
            raise ParameterError(f"record: {monitor.name!r} keeps no spikes, only their number")
        _check_keeps(monitor, "trains")

    def begin(self, state):
        """Need nothing: the state knows."""

    def end(self, state, start, stop):
        pieces = [state.rows(self.rows_of.name, name) for name in ("i", "t")]
        neurons, times = map(np.concatenate, pieces)
        return neurons, times - start

    def stacked(self, rows):
        return rows


_OF_SPIKES = {"count": _Counts, "rate": _Rates, "mean_rate": _MeanRate, "trains": _Trains}


class _LastValues:
    """A variable at the end, in SI units."""

    rows_of = None

    def __init__(self, name, variable):
        self._variable = variable
        self.dims = () if variable.scalar else (f"{name}:element",)
        self.units = unit_text(variable)
        self.description = f"{variable.name} of {name} at the end"

    def begin(self, state):
        """Need nothing."""

    def end(self, state, start, stop):
        values = state.value(self._variable)
        return np.array(values).reshape(()) if not self.dims else np.array(values)

    def stacked(self, rows):
        return np.array(rows)


class _Rows:
    """What a monitor has recorded, with time along the last dimension."""

    def __init__(self, monitor, name):
        _check_keeps(monitor, name)
        self.rows_of, self._name = monitor, name
        elements = (f"{monitor.name}:element",) if isinstance(monitor, StateMonitor) else ()
        self.dims = (*elements, f"{monitor.name}:step")
        self.units = unit_text(monitor.variables[name])
        self.description = f"{name} recorded by {monitor.name}"

    def begin(self, state):
        """Need nothing: the state knows."""

    def end(self, state, start, stop):
        return np.concatenate(state.rows(self.rows_of.name, self._name)).T

    def stacked(self, rows):
        return np.array(rows)
