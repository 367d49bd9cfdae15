"""A block of trials on one simulation: stimulus, response, rest, as often as there are stimuli."""

import contextlib
from dataclasses import dataclass

import numpy as np

from neurosim.engine.brian import (
    DimensionMismatchError,
    EventMonitor,
    Hz,
    Quantity,
    SpikeGeneratorGroup,
    StateMonitor,
    SynapticPathway,
    second,
    unit_text,
)
from neurosim.engine.interrupt import raising_interrupts
from neurosim.errors import ParameterError, UnknownNameError
from neurosim.experiment.progress import Progress

__all__ = ["Responses", "run_trials"]


@dataclass(frozen=True)
class Responses:
    """What was recorded, one row per trial.

    Attributes
    ----------
    start, stop : ndarray of float, shape (n_trials,)
        Seconds at which stimuli began and ended.
    values : dict of str to ndarray or list
        By the names given to `record`.
    """

    start: np.ndarray
    stop: np.ndarray
    values: dict

    def __getitem__(self, name):
        return self.values[name]

    def __len__(self):
        return len(self.start)


def run_trials(sim, stimuli, duration, *, rest, record, learn, keep, labels, traces, progress):
    """Run trials; see :meth:`neurosim.Simulation.trials`."""
    inputs = [_input(sim, target, values) for target, values in stimuli.items()]
    n_trials = _common_length(inputs)
    readers = {name: _reader(sim, name) for name in record}
    if labels is not None and len(labels) != n_trials:
        raise ParameterError(
            f"labels are {len(labels)}; expected one for each of {n_trials} trials"
        )
    pathways = [] if learn else _learning_pathways(sim)
    start, stop = np.zeros(n_trials), np.zeros(n_trials)
    rows = {name: [] for name in readers}
    # Monitors are as long as what they have recorded, and count as false where that is nothing.
    read = {id(reader.monitor): reader.monitor for reader in readers.values()}
    monitors = [monitor for monitor in read.values() if _keeps_rows(monitor)]
    with (
        raising_interrupts(),
        _inactive(pathways),
        Progress(n_trials, "trials", is_wanted=progress) as bar,
    ):
        for trial in range(n_trials):
            if keep is not None:
                sim.reset(keep, rewind=False)
            for given in inputs:
                given.present(trial)
            for reader in readers.values():
                reader.begin()
            start[trial] = float(sim.t)
            sim.run(duration)
            stop[trial] = float(sim.t)
            for name, reader in readers.items():
                rows[name].append(reader.end(start[trial], stop[trial]))
            for monitor in monitors:
                # What has been read is let go, so that memory does not grow with the trials.
                monitor.resize(0)
                monitor.variables["N"].get_value()[...] = 0
            if traces is not None:
                _write(traces, start[trial], stop[trial], labels, trial)
            if rest is not None:
                for given in inputs:
                    given.rest()
                sim.run(rest)
            bar.update()
    values = {name: readers[name].stacked(rows[name]) for name in readers}
    return Responses(start, stop, values)


def _keeps_rows(monitor):
    return isinstance(monitor, StateMonitor) or getattr(monitor, "record", False)


def _write(traces, start, stop, labels, trial):
    for name, value in (("start", start), ("stop", stop)):
        traces.append(
            f"trials/{name}",
            np.array([value * 1e3]),
            dims=("trial",),
            units="ms",
            description=f"{name} of each stimulus",
        )
    if labels is not None:
        traces.append(
            "trials/label",
            np.array([labels[trial]]),
            dims=("trial",),
            units="1",
            description="Label of each stimulus",
        )


def _split(text):
    name, dot, rest = text.partition(".")
    if not dot or not rest:
        raise ParameterError(f"{text!r} names nothing; expected 'object.variable'")
    return name, rest


def _input(sim, target, values):
    """Return what presents the stimuli of a target."""
    if "." not in target:
        return _Constants(sim, target, values)
    name, variable = _split(target)
    obj = sim[name]
    if isinstance(obj, SpikeGeneratorGroup) and variable == "spikes":
        return _Spikes(sim, obj, values)
    if variable not in obj.variables:
        raise UnknownNameError(f"stimuli: {name!r} has no variable {variable!r}")
    return _Variable(obj, variable, target, values)


def _common_length(inputs):
    if not inputs:
        raise ParameterError("stimuli are empty; expected values for at least one target")
    lengths = {given.target: given.n_trials for given in inputs}
    if len(set(lengths.values())) > 1:
        raise ParameterError(f"stimuli differ in their number of trials: {lengths}")
    return inputs[0].n_trials


class _Constants:
    """Values of a name in equations; during the rest it keeps the last one."""

    def __init__(self, sim, target, values):
        self.sim, self.target, self.values = sim, target, values
        self.n_trials = len(values)
        for value in values:
            # Every one is checked before the first trial.
            sim.check(target, value)

    def present(self, trial):
        self.sim.set(**{self.target: self.values[trial]})

    def rest(self):
        """Keep the value."""


class _Variable:
    """Values of a variable, one row of neurons per trial; zero during the rest."""

    def __init__(self, obj, name, target, values):
        self.variable, self.target = obj.variables[name], target
        values = np.atleast_1d(values) if not isinstance(values, Quantity) else values
        dim = getattr(values, "dim", None)
        unit = unit_text(self.variable)
        if dim is not None and dim is not self.variable.dim:
            raise ParameterError(f"stimuli of {target!r} have other units than {unit}")
        if dim is None and not self.variable.dim.is_dimensionless and np.any(values):
            raise ParameterError(f"stimuli of {target!r} have no units; expected {unit}")
        self.values = np.asarray(values, float)
        self.n_trials = len(self.values)
        size = len(self.variable.get_value())
        if self.values.shape[1:] not in ((), (size,)):
            raise ParameterError(
                f"stimuli of {target!r} have shape {self.values.shape}; expected one row of {size} "
                "per trial"
            )
        if not np.all(np.isfinite(self.values)):
            raise ParameterError(f"stimuli of {target!r} are not all finite")

    def present(self, trial):
        self.variable.get_value()[:] = self.values[trial]

    def rest(self):
        """Give nothing."""
        self.variable.get_value()[:] = 0


class _Spikes:
    """Spikes of a generator, with times from the beginning of each trial."""

    def __init__(self, sim, generator, values):
        self.sim, self.generator, self.target = sim, generator, f"{generator.name}.spikes"
        self.values, self.n_trials = values, len(values)
        for trial, pair in enumerate(values):
            try:
                indices, times = pair
                Quantity(times, dim=second.dim)
                is_fine = len(indices) == len(times) and getattr(times, "dim", None) is second.dim
            except (TypeError, ValueError, DimensionMismatchError):
                is_fine = False
            if not is_fine:
                raise ParameterError(
                    f"stimuli of {self.target!r}, trial {trial}: expected neurons and as many "
                    "times in units of time"
                )
            if len(indices) and not 0 <= np.min(indices) <= np.max(indices) < len(generator):
                raise ParameterError(
                    f"stimuli of {self.target!r}, trial {trial}: neurons must be from 0 to "
                    f"{len(generator) - 1}"
                )

    def present(self, trial):
        indices, times = self.values[trial]
        self.generator.set_spikes(indices, times + self.sim.t)

    def rest(self):
        """Let no further spike come."""
        self.generator.set_spikes([], [] * second)


def _reader(sim, text):
    """Return what reads a response."""
    name, what = _split(text)
    obj = sim[name]
    if what in ("count", "rate", "trains"):
        return {"count": _Counts, "rate": _Rates, "trains": _Trains}[what](_monitor(sim, obj, text))
    if isinstance(obj, StateMonitor):
        if what not in obj.record_variables:
            raise UnknownNameError(f"record: {name!r} records no variable {what!r}")
        return _Traces(obj, what)
    if what not in obj.variables or not getattr(obj.variables[what], "array", False):
        raise UnknownNameError(f"record: {name!r} has no variable {what!r}")
    return _LastValues(obj.variables[what])


def _monitor(sim, obj, text):
    if isinstance(obj, EventMonitor):
        return obj
    monitors = [
        known
        for known in sim.network.sorted_objects
        if isinstance(known, EventMonitor) and known.source.name == obj.name
    ]
    if len(monitors) != 1:
        found = ", ".join(sorted(known.name for known in monitors)) or "none"
        raise ParameterError(
            f"record: {text!r} needs the one spike monitor of {obj.name!r}; there is {found}. Name "
            "the monitor itself, or add a SpikeMonitor to the network"
        )
    return monitors[0]


class _Counts:
    """Spikes per neuron and trial."""

    def __init__(self, monitor):
        self.monitor = monitor

    def begin(self):
        self._before = np.array(self.monitor.variables["count"].get_value())

    def end(self, start, stop):
        return self.monitor.variables["count"].get_value() - self._before

    def stacked(self, rows):
        return np.array(rows)


class _Rates(_Counts):
    """Mean rate of each neuron in each trial, in Hz."""

    def end(self, start, stop):
        return super().end(start, stop) / (stop - start)

    def stacked(self, rows):
        return np.array(rows) * Hz


class _Trains:
    """Neurons and times (in seconds from the beginning of the trial) of all spikes."""

    def __init__(self, monitor):
        self.monitor = monitor
        if not monitor.record:
            raise ParameterError(f"record: {monitor.name!r} keeps no spikes, only their number")

    def begin(self):
        self._n_before = len(self.monitor.variables["i"].get_value())

    def end(self, start, stop):
        variables = self.monitor.variables
        neurons = np.array(variables["i"].get_value()[self._n_before :])
        return neurons, np.array(variables["t"].get_value()[self._n_before :]) - start

    def stacked(self, rows):
        return rows


class _LastValues:
    """A variable at the end of each trial, in SI units."""

    monitor = None

    def __init__(self, variable):
        self.variable = variable

    def begin(self):
        """Need nothing."""

    def end(self, start, stop):
        return np.array(self.variable.get_value())

    def stacked(self, rows):
        return np.array(rows)


class _Traces:
    """What a StateMonitor has recorded in each trial, shape (n_trials, n_recorded, n_steps)."""

    def __init__(self, monitor, name):
        self.monitor, self.name = monitor, name

    def begin(self):
        self._n_before = int(self.monitor.variables["N"].get_value().item())

    def end(self, start, stop):
        return np.array(self.monitor.variables[self.name].get_value()[self._n_before :]).T

    def stacked(self, rows):
        return np.array(rows)


def _learning_pathways(sim):
    """Return the pathways that change synapses and nothing else.

    Raises
    ------
    ParameterError
        Where one both changes synapses and transmits.
    """
    found = []
    for obj in sim.network.sorted_objects:
        if not isinstance(obj, SynapticPathway):
            continue
        synapses = obj.synapses
        driven = synapses.event_driven
        traces = {"lastupdate", *(driven.diff_eq_names if driven is not None else ())}
        written = [
            variable
            for code in obj.code_objects
            if code.template_name == "synapses"
            for variable in code.code.keywords["written"]
        ]
        own = {v.name for v in written if v.owner.name == synapses.name} - traces
        if own and any(v.owner.name != synapses.name for v in written):
            raise ParameterError(
                f"learn=False: pathway {obj.name!r} transmits and changes {min(own)!r} at once; "
                "give on_pre as a dict of two pathways, or set a learning rate to 0 with sim.set()"
            )
        if own:
            found.append(obj)
    return found


@contextlib.contextmanager
def _inactive(pathways):
    """Let pathways do nothing for a while."""
    pathways = [pathway for pathway in pathways if pathway.active]
    for pathway in pathways:
        pathway.active = False
    try:
        yield
    finally:
        for pathway in pathways:
            pathway.active = True
