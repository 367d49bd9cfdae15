"""Monitors that hand what they record to a trace file while the run goes on."""

import weakref

import numpy as np

from neurosim.engine.brian import (
    EventMonitor,
    PopulationRateMonitor,
    StateMonitor,
    Synapses,
    unit_text,
)
from neurosim.errors import ParameterError

__all__ = ["end_stream", "is_instrument", "make_monitor", "stream", "stream_of"]

# Groups that say which synapses their columns are, by what they were written to: a second
# recording into the same file must not write that again.
_labelled = weakref.WeakKeyDictionary()


def stream_of(monitor):
    """Return what takes the rows of a monitor, None for one that keeps them itself."""
    return _vars(monitor).get("_stream")


def is_instrument(obj):
    """Return whether an object was made by a recording, and is no part of the user's network."""
    return _vars(obj).get("_is_instrument", False)


def make_monitor(selection):
    """Return a new monitor of what was selected, in no network yet.

    Parameters
    ----------
    selection : Selection

    Returns
    -------
    EventMonitor, StateMonitor or PopulationRateMonitor
    """
    source, indices = selection.source, selection.indices
    name = f"recording_{source.name}_{selection.name}*"
    if selection.kind == "event":
        monitor = EventMonitor(source, selection.name, name=name)
    elif selection.kind == "rate":
        if indices is not None:
            source = source[int(indices[0]) : int(indices[-1]) + 1]
        monitor = PopulationRateMonitor(source, name=name)
    else:
        record = True if indices is None else indices
        monitor = StateMonitor(source, selection.name, record, dt=selection.interval, name=name)
    _vars(monitor)["_is_instrument"] = True
    return monitor


def stream(monitor, traces, selection=None):
    """Let a monitor hand what it records to a trace file instead of keeping it.

    The monitor's own arrays stay empty (but for `count` of events), so that memory is bounded
    however long the run is.

    Parameters
    ----------
    monitor : EventMonitor, StateMonitor or PopulationRateMonitor
        Of the device ``"neurosim"``.
    traces : TraceWriter, MemoryTraces or Run
    selection : Selection, optional
        What the monitor was made for.

    Returns
    -------
    list of str
        Places in the file.
    """
    kinds = (
        (EventMonitor, _EventStream),
        (PopulationRateMonitor, _RateStream),
        (StateMonitor, _SynapsesStream if _records_synapses(monitor) else _NeuronsStream),
    )
    make = next(make for kind, make in kinds if isinstance(monitor, kind))
    _vars(monitor)["_stream"] = new = make(monitor, traces, selection)
    return new.places


def end_stream(monitor):
    """Let a monitor keep what it records again."""
    _vars(monitor).pop("_stream", None)


def _vars(obj):
    # Code objects refer to their owners by weak proxies.
    return vars(getattr(obj.__repr__, "__self__", obj))


def _records_synapses(monitor):
    source = getattr(monitor.source.__repr__, "__self__", monitor.source)
    return isinstance(source, Synapses)


class _Stream:
    """What takes the rows of one monitor.

    Parameters
    ----------
    monitor : EventMonitor, StateMonitor or PopulationRateMonitor
    traces : TraceWriter, MemoryTraces or Run
    selection : Selection, optional

    Attributes
    ----------
    places : list of str
        Where in the file the rows go.
    """

    # Whether rows follow each other at a fixed interval, so that none may be left out.
    is_regular = False

    def __init__(self, monitor, traces, selection):
        self.traces, self.clock = traces, monitor.clock
        source = monitor.source if selection is None else selection.source
        self.name = source.name
        self._reached = None

    def now(self):
        """Return the time of the clock's next step, in seconds."""
        return float(self.clock.variables["t"].get_value()[0])

    def look(self):
        """Note how far the recording has come."""
        self._reached = self.now()

    def check(self):
        """Raise ParameterError where a run would not go on where the recording stands."""
        if self._reached is None:
            return
        now, tolerance = self.now(), 1e-9 * abs(self._reached)
        if now < self._reached - tolerance:
            raise ParameterError(
                f"{self.places[0]} is recorded up to {1e3 * self._reached:g} ms, and time has gone "
                f"back to {1e3 * now:g} ms; close the recording first, or go back with "
                "reset(rewind=False)"
            )
        if self.is_regular and now > self._reached + tolerance:
            raise ParameterError(
                f"{self.places[0]} is recorded up to {1e3 * self._reached:g} ms, and time has gone "
                f"on to {1e3 * now:g} ms without it; close the recording first"
            )


class _EventStream(_Stream):
    """Times and neurons of events, for SONATA's spikes, and further variables beside them."""

    def __init__(self, monitor, traces, selection):
        super().__init__(monitor, traces, selection)
        is_spike = monitor.event == "spike"
        self.population = self.name if is_spike else f"{self.name}_{monitor.event}"
        self.nodes = None if selection is None else selection.indices
        self.further = {
            variable: unit_text(monitor.variables[variable])
            for variable in monitor.record_variables
            if variable not in ("i", "t")
        }
        self.places = [f"spikes/{self.population}"]
        self.places += [f"{self.population}/{variable}" for variable in self.further]

    def take(self, columns):
        if self.nodes is not None:
            is_wanted = np.isin(columns["i"], self.nodes)
            columns = {name: values[is_wanted] for name, values in columns.items()}
        self.traces.append_spikes(self.population, columns["i"], columns["t"] * 1e3)
        for variable, unit in self.further.items():
            self.traces.append(
                f"{self.population}/{variable}",
                columns[variable],
                dims=("event",),
                units=unit,
                description=f"{variable} at each event of {self.population}",
            )


class _StateStream(_Stream):
    """Rows of variables, one column for each neuron or synapse, by ascending number."""

    def __init__(self, monitor, traces, selection):
        super().__init__(monitor, traces, selection)
        indices = np.array(monitor.variables["_indices"].get_value())
        order = np.argsort(indices)
        self.numbers = indices[order]
        self.order = None if np.array_equal(indices, self.numbers) else order
        self.units = {
            variable: unit_text(monitor.variables[variable])
            for variable in monitor.record_variables
        }

    def rows(self, columns, variable):
        """Return the rows of a variable with ascending columns."""
        rows = columns[variable]
        return rows if self.order is None else rows[:, self.order]


class _NeuronsStream(_StateStream):
    """Variables of neurons, for SONATA's reports."""

    is_regular = True

    def __init__(self, monitor, traces, selection):
        super().__init__(monitor, traces, selection)
        self.places = [f"report/{self.name}.{variable}" for variable in self.units]

    def take(self, columns):
        for variable, unit in self.units.items():
            self.traces.append_report(
                f"{self.name}.{variable}",
                self.rows(columns, variable),
                node_ids=self.numbers,
                start_ms=float(columns["t"][0]) * 1e3,
                step_ms=float(self.clock.dt_) * 1e3,
                units=unit,
                description=f"{variable} of {self.name}",
            )


class _SynapsesStream(_StateStream):
    """Variables of synapses, which are no nodes of SONATA: traces of their own, exact.

    Each has its own group, because variables may be recorded at different intervals.
    """

    def __init__(self, monitor, traces, selection):
        super().__init__(monitor, traces, selection)
        self.places = [f"{self.name}/{variable}/{variable}" for variable in self.units]
        synapses = monitor.source
        ends = [np.asarray(end[:])[self.numbers] for end in (synapses.i, synapses.j)]
        self.labels = {
            "synapse": (self.numbers, f"Number of each synapse of {self.name}"),
            "source": (ends[0], f"Neuron of {synapses.source.name} from which it comes"),
            "target": (ends[1], f"Neuron of {synapses.target.name} to which it goes"),
        }

    def take(self, columns):
        for variable, unit in self.units.items():
            group = f"{self.name}/{variable}"
            self._label(group)
            for name, values, dims, units, text in (
                ("time", columns["t"] * 1e3, ("time",), "ms", "Beginning of the step"),
                (
                    variable,
                    self.rows(columns, variable),
                    ("time", "synapse"),
                    unit,
                    f"{variable} of synapses {self.name}",
                ),
            ):
                self.traces.append(
                    f"{group}/{name}", values, dims=dims, units=units, description=text
                )

    def _label(self, group):
        """Say once which synapses the columns of a group are."""
        # A Run lends the methods of its file.
        known = _labelled.setdefault(self.traces.append.__self__, {})
        if group not in known:
            for name, (values, text) in self.labels.items():
                self.traces.write(f"{group}/{name}", values, dims=("synapse",), description=text)
            known[group] = self.numbers
        elif not np.array_equal(known[group], self.numbers):
            raise ParameterError(f"synapses of {group} differ from those of its first rows")


class _RateStream(_Stream):
    """The rate of a population, in every step or as means over several."""

    def __init__(self, monitor, traces, selection):
        super().__init__(monitor, traces, selection)
        self.n_steps = 1 if selection is None else selection.n_steps
        self.waiting = np.empty((2, 0))
        self.places = [f"{self.name}/rate", f"{self.name}/time"]

    def take(self, columns):
        times, rates = columns["t"], columns["rate"]
        if self.n_steps > 1:
            times, rates = self._means(times, rates)
        for name, values, unit, text in (
            ("time", times * 1e3, "ms", "Beginning of the step"),
            ("rate", rates, "Hz", f"Population rate of {self.name}"),
        ):
            self.traces.append(
                f"{self.name}/{name}", values, dims=("time",), units=unit, description=text
            )

    def _means(self, times, rates):
        """Return means over intervals that begin at multiples of their length; the rest waits."""
        times, rates = np.concatenate([self.waiting, [times, rates]], axis=1)
        steps = np.rint(times / self.clock.dt_).astype(np.int64)
        _, first, counts = np.unique(steps // self.n_steps, return_index=True, return_counts=True)
        whole = first[counts == self.n_steps]
        last = first[-1] if counts[-1] < self.n_steps else len(times)
        self.waiting = np.array([times[last:], rates[last:]])
        return times[whole], rates[whole[:, np.newaxis] + np.arange(self.n_steps)].mean(axis=1)
