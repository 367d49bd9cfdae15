"""Monitors that hand what they record to a trace file while the run goes on."""

import numpy as np

from neurosim.engine.brian import (
    EventMonitor,
    PopulationRateMonitor,
    StateMonitor,
    get_device,
    unit_text,
)
from neurosim.errors import ParameterError

__all__ = ["stream", "stream_of"]


def stream_of(monitor):
    """Return what takes the rows of a monitor, None for one that keeps them itself."""
    return vars(monitor.__repr__.__self__).get("_stream")


def stream(monitor, traces, name=None):
    """Let a monitor hand what it records to a trace file instead of keeping it.

    The monitor's own arrays stay empty (but for `count` of spikes), so that memory is bounded
    however long the run is. Ask the file for what was recorded.

    Parameters
    ----------
    monitor : SpikeMonitor, EventMonitor, StateMonitor or PopulationRateMonitor
    traces : TraceWriter or MemoryTraces
    name : str, optional
        Of the population; by default that of the recorded group. Spikes become
        ``/spikes/<name>`` (times in ms), with further variables in ``/<name>/<variable>``; other
        events ``/spikes/<name>_<event>``; recorded variables reports ``<name>.<variable>``
        (float32, SI units); a population rate ``/<name>/rate``.

    Raises
    ------
    ParameterError
        Where `monitor` is no monitor.
    NotImplementedError
        On another device than ``"neurosim"``.

    Examples
    --------
    >>> from brian2 import NeuronGroup, SpikeMonitor, ms, run, set_device
    >>> from neurosim import stream
    >>> from neurosim.traces import MemoryTraces
    >>> set_device("neurosim")
    >>> group = NeuronGroup(2, "v : 1", threshold="t == 0.2*ms", reset="", name="exc")
    >>> spikes = SpikeMonitor(group)
    >>> traces = MemoryTraces(protocol="demo", parameters={}, seed=0)
    >>> stream(spikes, traces)
    >>> run(1*ms)
    >>> traces.spikes("exc")[0]
    array([0, 1], dtype=uint64)
    >>> set_device("runtime")
    """
    if not hasattr(get_device(), "memory"):
        raise NotImplementedError(
            "stream() needs the compiled loop; call set_device('neurosim') before it"
        )
    for kind, make in (
        (EventMonitor, _EventStream),
        (StateMonitor, _StateStream),
        (PopulationRateMonitor, _RateStream),
    ):
        if isinstance(monitor, kind):
            vars(monitor.__repr__.__self__)["_stream"] = make(monitor, traces, name)
            return
    raise ParameterError(
        f"monitor is {monitor!r}; expected a SpikeMonitor, EventMonitor, StateMonitor or "
        "PopulationRateMonitor"
    )


class _EventStream:
    def __init__(self, monitor, traces, name):
        self.traces = traces
        self.name = name or monitor.source.name
        is_spike = monitor.event == "spike"
        self.population = self.name if is_spike else f"{self.name}_{monitor.event}"
        self.further = {
            variable: unit_text(monitor.variables[variable])
            for variable in monitor.record_variables
            if variable not in ("i", "t")
        }

    def take(self, columns):
        self.traces.append_spikes(self.population, columns["i"], columns["t"] * 1e3)
        for variable, unit in self.further.items():
            self.traces.append(
                f"{self.population}/{variable}",
                columns[variable],
                dims=("event",),
                units=unit,
                description=f"{variable} at each event of {self.population}",
            )


class _StateStream:
    def __init__(self, monitor, traces, name):
        self.traces = traces
        self.name = name or monitor.source.name
        indices = np.array(monitor.variables["_indices"].get_value())
        order = np.argsort(indices)
        self.nodes = indices[order]
        self.order = None if np.array_equal(indices, self.nodes) else order
        self.units = {
            variable: unit_text(monitor.variables[variable])
            for variable in monitor.record_variables
        }
        self.clock = monitor.clock

    def take(self, columns):
        for variable, unit in self.units.items():
            rows = columns[variable]
            self.traces.append_report(
                f"{self.name}.{variable}",
                rows if self.order is None else rows[:, self.order],
                node_ids=self.nodes,
                start_ms=float(columns["t"][0]) * 1e3,
                step_ms=float(self.clock.dt_) * 1e3,
                units=unit,
                description=f"{variable} of {self.name}",
            )


class _RateStream:
    def __init__(self, monitor, traces, name):
        self.traces = traces
        self.name = name or monitor.source.name

    def take(self, columns):
        for variable, unit, text in (
            ("time", "ms", "Beginning of the step"),
            ("rate", "Hz", f"Population rate of {self.name}"),
        ):
            values = columns["t"] * 1e3 if variable == "time" else columns["rate"]
            self.traces.append(
                f"{self.name}/{variable}", values, dims=("time",), units=unit, description=text
            )
