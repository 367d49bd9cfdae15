"""A block of trials on one simulation: stimulus, response, rest, as often as there are stimuli."""

import contextlib
from dataclasses import dataclass

import numpy as np

from neurosim.engine.brian import (
    DimensionMismatchError,
    Quantity,
    SpikeGeneratorGroup,
    SynapticPathway,
    second,
    unit_text,
)
from neurosim.engine.interrupt import raising_interrupts
from neurosim.errors import ParameterError, UnknownNameError
from neurosim.experiment.progress import Progress
from neurosim.simulation.responses import State, reader, split_name

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
    readers = {name: reader(sim, name) for name in record}
    if labels is not None and len(labels) != n_trials:
        raise ParameterError(
            f"labels are {len(labels)}; expected one for each of {n_trials} trials"
        )
    pathways = [] if learn else _learning_pathways(sim)
    start, stop = np.zeros(n_trials), np.zeros(n_trials)
    rows = {name: [] for name in readers}
    state = State(known.rows_of for known in readers.values() if known.rows_of is not None)
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
            state.begin()
            for known in readers.values():
                known.begin(state)
            start[trial] = float(sim.t)
            sim.run(duration)
            stop[trial] = float(sim.t)
            for name, known in readers.items():
                rows[name].append(known.end(state, start[trial], stop[trial]))
            state.empty()
            if traces is not None:
                _write(traces, start[trial], stop[trial], labels, trial)
            if rest is not None:
                for given in inputs:
                    given.rest()
                sim.run(rest)
            bar.update()
    values = {name: readers[name].stacked(rows[name]) for name in readers}
    return Responses(start, stop, values)


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


def _input(sim, target, values):
    """Return what presents the stimuli of a target."""
    if "." not in target:
        return _Constants(sim, target, values)
    name, variable = split_name(target)
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
