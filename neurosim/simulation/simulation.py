"""A compiled network in the hand: run it, change its numbers, go back to where it was."""

import numpy as np

from neurosim.engine.brian import (
    Constant,
    EventMonitor,
    Network,
    PopulationRateMonitor,
    SpikeGeneratorGroup,
    StateMonitor,
    Synapses,
    TimedArray,
    get_device,
    get_local_namespace,
    second,
)
from neurosim.engine.device import NeurosimDevice
from neurosim.engine.full_state import read_state, write_state
from neurosim.engine.prepared import Prepared
from neurosim.errors import ParameterError, UnknownNameError
from neurosim.simulation.snapshot import Snapshot
from neurosim.simulation.trials import run_trials
from neurosim.simulation.values import checked_time, checked_value

__all__ = ["Simulation"]


class Simulation:
    """A Brian 2 network that is prepared once and run many times.

    The network is compiled when the simulation is made; after that a run is a call, without checks
    and without code generation. Between runs numbers may change: state variables, weights, rates,
    constants (:meth:`set`), contents of a TimedArray, spikes of a SpikeGeneratorGroup. Whatever
    else changes (a new object or synapse, a delay, a time step, ``active``) makes the next run
    prepare itself anew, as a run of Brian 2 does.

    Parameters
    ----------
    network : Network
        On the device ``"neurosim"``.
    namespace : dict, optional
        Values of the names in equations; by default those the caller sees, as they are now.

    Raises
    ------
    ParameterError
        Where `network` is no network, or another device is set.

    Examples
    --------
    >>> from brian2 import Network, NeuronGroup, SpikeMonitor, Hz, ms, set_device
    >>> from neurosim import Simulation
    >>> set_device("neurosim")
    >>> group = NeuronGroup(2, "dv/dt = (v0 - v)/tau : 1", threshold="v > 1", reset="v = 0",
    ...                     method="exact", name="cells")
    >>> spikes = SpikeMonitor(group)
    >>> v0, tau = 2, 10*ms
    >>> sim = Simulation(Network(group, spikes))
    >>> start = sim.snapshot()
    >>> sim.run(50*ms)
    >>> int(spikes.num_spikes)
    14
    >>> sim.restore(start)
    >>> sim.set(tau=5*ms)
    >>> sim.run(50*ms)
    >>> int(spikes.num_spikes)
    28
    >>> set_device("runtime")
    """

    def __init__(self, network, namespace=None):
        if not isinstance(network, Network):
            kind = type(network).__name__
            raise ParameterError(f"network is of type {kind}; expected a brian2.Network")
        device = get_device()
        if not isinstance(device, NeurosimDevice):
            raise ParameterError(
                "a Simulation needs the compiled loop; call set_device('neurosim') before the "
                "network is made"
            )
        self.network, self._device = network, device
        names = get_local_namespace(level=1) if namespace is None else namespace
        self._prepared = Prepared(device, network, dict(names))
        seed, epoch = device.random_key()
        self._prepared.run(0 * second)
        # Preparing is no run: the first one draws what it would without it.
        device.set_random_key(seed, epoch)
        self._start = self.snapshot()

    def __repr__(self):
        return f"<Simulation of {self.network.name!r} at {self.t}>"

    def __getitem__(self, name):
        """Return the object of the network with this name."""
        return self._objects()[self._known(name)]

    def _objects(self):
        return {obj.name: obj for obj in self.network.sorted_objects}

    def _known(self, name):
        objects = self._objects()
        if name not in objects:
            raise UnknownNameError(
                f"the network has no object {name!r}; it has {', '.join(sorted(objects))}"
            )
        return name

    @property
    def t(self):
        """Time reached, a Quantity."""
        return self.network.t

    @property
    def namespace(self):
        """Values of the names in equations; change them with :meth:`set`."""
        return dict(self._prepared.namespace)

    def run(self, duration):
        """Run for some time.

        Parameters
        ----------
        duration : Quantity
            In units of time.

        Raises
        ------
        ParameterError
            Where `duration` is negative, no number, or no time.
        """
        self._prepared.run(checked_time(duration, "duration"))

    def set(self, **values):
        """Give names in equations other values.

        Parameters
        ----------
        **values
            Constants, with their units; or the contents of a TimedArray, of the same shape.

        Raises
        ------
        UnknownNameError
            Where the network has no such name, or reads it in no statement of a run: a constant
            that was used while the network was made cannot change what has been made.
        ParameterError
            Where units or the shape differ.
        """
        found = {name: self._find(name) for name in values}
        plain = {name: checked_value(name, found[name], value) for name, value in values.items()}
        for name, value in plain.items():
            if isinstance(found[name], TimedArray):
                found[name].values[...] = value
            else:
                self._prepared.set_constant(name, value)

    def check(self, name, value):
        """Raise where a name in equations could not be given a value by :meth:`set`."""
        checked_value(name, self._find(name), value)

    def _find(self, name):
        known = self._prepared.namespace.get(name)
        if isinstance(known, TimedArray):
            return known
        for code in self._prepared.codes():
            variable = code.variables.get(name)
            if isinstance(variable, Constant):
                return variable
        used = self._device.memory.uses_at_setup(name)
        if used:
            raise UnknownNameError(
                f"{name!r} is read by no statement of a run; it was used when {used} was made, "
                "and cannot vary any more"
            )
        raise UnknownNameError(f"{name!r} is read by no statement of network {self.network.name!r}")

    def snapshot(self):
        """Return the whole state: a :class:`Snapshot` to go back to, or to save to a file."""
        return Snapshot(*read_state(self._device, self.network, self._prepared.namespace))

    def restore(self, snapshot):
        """Go back to a state; the next run draws the random numbers it would have drawn then.

        Parameters
        ----------
        snapshot : Snapshot
            Of this network, or of one made by the same script in another process.

        Raises
        ------
        ParameterError
            Where it is that of another network; nothing is changed then.
        """
        if not isinstance(snapshot, Snapshot):
            kind = type(snapshot).__name__
            raise ParameterError(f"snapshot is of type {kind}; expected a neurosim.Snapshot")
        self._write(snapshot, ())

    def reset(self, keep=(), *, rewind=True):
        """Go back to the state in which the simulation was made, but for what is kept.

        Random streams go on: a trial after a reset draws other numbers than the one before.

        Parameters
        ----------
        keep : sequence of str
            Variables that stay as they are, such as ``"synapses.w"``; ``"synapses"`` keeps all of
            an object.
        rewind : bool, default=True
            Whether time begins at 0 again, and monitors and spike generators with it; otherwise
            time goes on and they stay as they are.

        Raises
        ------
        UnknownNameError
            Where there is no such variable.
        """
        kept = self._paths(keep)
        now = self.network.t_
        if not rewind:
            kept |= self._paths(obj.name for obj in self._of_time())
        random = self._device.random_key()
        numpy_state = np.random.get_state()  # noqa: NPY002 - that of Brian 2
        self._write(self._start, kept)
        self._device.set_random_key(*random)
        np.random.set_state(numpy_state)  # noqa: NPY002 - that of Brian 2
        if not rewind:
            self.network.t_ = now
            for obj in self.network.sorted_objects:
                if isinstance(obj, Synapses) and "lastupdate" in obj.variables:
                    obj.variables["lastupdate"].get_value()[:] = now

    def _paths(self, keep):
        """Return the paths of variables and of objects."""
        kept = set()
        for text in [keep] if isinstance(keep, str) else keep:
            path = text.replace(".", "/", 1)
            starts = f"{path}/"
            matches = {p for p in self._start.arrays if p == path or p.startswith(starts)}
            if not matches:
                raise UnknownNameError(f"keep: the network has no variable {text!r}")
            kept |= matches
        return kept

    def _of_time(self):
        """Return what cannot go back where time goes on."""
        kinds = EventMonitor | StateMonitor | PopulationRateMonitor | SpikeGeneratorGroup
        objects = self.network.sorted_objects
        return {obj.clock for obj in objects} | {obj for obj in objects if isinstance(obj, kinds)}

    def trials(
        self,
        stimuli,
        duration,
        *,
        rest=None,
        record=(),
        learn=True,
        keep=None,
        labels=None,
        traces=None,
        progress=False,
    ):
        """Present stimuli one after the other and return the responses.

        Parameters
        ----------
        stimuli : dict of str to sequence
            Values for each trial, by what they are given to: ``"input.rates"`` or another variable
            (shape (n_trials, n_neurons) or (n_trials,), with units), ``"generator.spikes"`` (for
            each trial neurons, and times from its beginning), or the name of a constant or
            TimedArray in equations.
        duration : Quantity
            Of each stimulus.
        rest : Quantity, optional
            Time after each stimulus in which variables that are stimuli are zero and generators
            silent; constants keep their value.
        record : sequence of str
            ``"cells.count"`` (spikes per neuron), ``"cells.rate"`` (Hz), ``"cells.trains"``
            (neurons, and times in seconds from the beginning of the trial) of the spike monitor of
            `cells`, or of a monitor by its own name; ``"cells.v"`` (at the end of the trial);
            ``"monitor.v"`` (all that a StateMonitor has recorded).
        learn : bool, default=True
            Whether pathways that change synapses, and nothing else, are active.
        keep : sequence of str, optional
            Variables that survive from trial to trial, such as ``["synapses.w"]``; all others begin
            each trial as they were when the simulation was made. By default nothing is reset.
        labels : sequence of int, optional
            What each stimulus is, for the trace file.
        traces : Run or TraceWriter, optional
            Where beginning, end and label of each trial are recorded, in ``trials/start``, ...
        progress : bool, default=False
            Whether to show progress.

        Returns
        -------
        Responses
            Arrays with one row per trial, by the names in `record`. Monitors that were read are
            emptied, so that memory does not grow with the number of trials.

        Raises
        ------
        UnknownNameError, ParameterError
            Where a name, unit or shape is wrong, or a pathway that would have to be inactive
            transmits, too; before the first trial.
        KeyboardInterrupt
            After Ctrl-C; the simulation is in a consistent state.

        Examples
        --------
        >>> import numpy as np
        >>> from brian2 import *
        >>> from neurosim import Simulation
        >>> set_device("neurosim")
        >>> seed(1)
        >>> inputs = PoissonGroup(3, 0*Hz, name="inputs")
        >>> spikes = SpikeMonitor(inputs)
        >>> sim = Simulation(Network(inputs, spikes))
        >>> rates = np.array([[0, 0, 500], [500, 0, 0]])*Hz
        >>> responses = sim.trials({"inputs.rates": rates}, 100*ms, record=["inputs.count"])
        >>> responses["inputs.count"].argmax(axis=1)
        array([2, 0])
        >>> set_device("runtime")
        """
        return run_trials(
            self,
            stimuli,
            checked_time(duration, "duration"),
            rest=None if rest is None else checked_time(rest, "rest"),
            record=record,
            learn=learn,
            keep=keep,
            labels=labels,
            traces=traces,
            progress=progress,
        )

    def _write(self, snapshot, keep):
        write_state(
            self._device,
            self.network,
            self._prepared.namespace,
            snapshot.arrays,
            snapshot.numbers,
            keep,
        )
