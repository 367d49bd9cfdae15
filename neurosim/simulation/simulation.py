"""A compiled network in the hand: run it, change its numbers, go back to where it was."""

import numpy as np

from neurosim.engine.brian import (
    Network,
    Synapses,
    TimedArray,
    get_device,
    get_local_namespace,
)
from neurosim.engine.device import NeurosimDevice
from neurosim.engine.full_state import read_state, write_state
from neurosim.engine.prepared import Prepared
from neurosim.errors import ParameterError
from neurosim.simulation.names import find_constant, find_object, find_paths, objects_of_time
from neurosim.simulation.snapshot import Snapshot
from neurosim.simulation.sweep import run_sweep
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
        self._prepared.prepare()
        self._start = self.snapshot()

    def __repr__(self):
        return f"<Simulation of {self.network.name!r} at {self.t}>"

    def __getitem__(self, name):
        """Return the object of the network with this name."""
        return find_object(self.network, name)

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
        found = {name: self.look_up(name) for name in values}
        plain = {name: checked_value(name, found[name], value) for name, value in values.items()}
        for name, value in plain.items():
            if isinstance(found[name], TimedArray):
                found[name].values[...] = value
            else:
                self._prepared.set_constant(name, value)

    def check(self, name, value):
        """Raise where a name in equations could not be given a value by :meth:`set`."""
        checked_value(name, self.look_up(name), value)

    def look_up(self, name):
        """Return the constant or TimedArray that a name in equations stands for.

        Raises
        ------
        UnknownNameError
            Where the network has no such name, or reads it in no statement of a run.
        """
        return find_constant(self._prepared, name)

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
        kept = find_paths(self._start.arrays, keep)
        now = self.network.t_
        if not rewind:
            kept |= find_paths(self._start.arrays, objects_of_time(self.network))
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
            ``"cells.count"`` (spikes per neuron), ``"cells.rate"`` (Hz), ``"cells.mean_rate"``
            (over all neurons), ``"cells.trains"`` (neurons, and times in seconds from the beginning
            of the trial) of the spike monitor of `cells`, or of a monitor by its own name;
            ``"cells.v"`` (at the end of the trial); ``"monitor.v"`` (all that a StateMonitor, or a
            PopulationRateMonitor, has recorded).
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

    def sweep(
        self,
        vary,
        duration,
        *,
        record,
        zipped=(),
        out=None,
        workers=None,
        timeout=None,
        shard=None,
        resume=False,
        progress=False,
    ):
        """Run from here at every point of a grid, in threads, without compiling again.

        A point equals ``restore``, ``seed`` with its seed, ``set`` with its values, and ``run``,
        bit for bit, whatever the number of threads. Afterwards the simulation is as it was before.

        Parameters
        ----------
        vary : dict of str to str or sequence
            Values of a constant by its name, of all elements of a variable (``"cells.v"``), or of
            ``"seed"``. A text is read as by ``neurosim grid``: ``"0:4:41"``. Without a seed all
            points draw the numbers that the next run would draw.
        duration : Quantity
            Of each run.
        record : sequence of str
            As in :meth:`trials`: ``"cells.count"``, ``"cells.rate"``, ``"cells.mean_rate"``,
            ``"cells.v"`` (at the end), ``"monitor.v"`` (all it has recorded); no trains.
        zipped : sequence of sequence of str
            Names that vary together, along one dimension.
        out : str or Path, optional
            Folder in which the grid is kept, as that of :func:`neurosim.grid.grid`; by default the
            results are in memory alone.
        workers : int, optional
            Threads, as many as there are processors by default.
        timeout : float, optional
            Seconds after which a point is given up, at the end of a slice of about 50 ms.
        shard, resume, progress
            See :func:`neurosim.grid.grid`; `shard` and `resume` need a folder.

        Returns
        -------
        xarray.Dataset
            A dimension for each axis; what was recorded, NaN where a point is not done; `status`.

        Raises
        ------
        UnknownNameError, ParameterError
            Where a name, unit or value is wrong, or would vary without effect; before anything is
            computed or written.
        NotImplementedError
            Where a run needs Python, as with network operations.
        MissingExtraError
            Where xarray is not installed.

        Examples
        --------
        >>> from brian2 import Network, NeuronGroup, SpikeMonitor, ms, set_device
        >>> from neurosim import Simulation
        >>> set_device("neurosim")
        >>> group = NeuronGroup(2, "dv/dt = (v0 - v)/tau : 1", threshold="v > 1", reset="v = 0",
        ...                     method="exact", name="cells")
        >>> spikes = SpikeMonitor(group)
        >>> sim = Simulation(Network(group, spikes), {"v0": 2.0, "tau": 10*ms})
        >>> rates = sim.sweep(
        ...     {"tau": [5, 10]*ms, "v0": [0.5, 2.0]}, 100*ms, record=["cells.count"])
        >>> rates["cells.count"].sel(v0=2).values
        array([[28., 28.],
               [14., 14.]])
        >>> set_device("runtime")
        """
        return run_sweep(
            self,
            self._prepared,
            self._device,
            vary,
            checked_time(duration, "duration"),
            record=record,
            zipped=zipped,
            out=out,
            workers=workers,
            timeout=timeout,
            shard=shard,
            resume=resume,
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
