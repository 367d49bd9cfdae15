"""A compiled network in the hand: run it, change its numbers, go back to where it was."""

import numpy as np

from neurosim.engine.brian import (
    BrianObject,
    Constant,
    DimensionMismatchError,
    Network,
    Quantity,
    TimedArray,
    fail_for_dimension_mismatch,
    get_device,
    get_local_namespace,
    second,
)
from neurosim.engine.device import NeurosimDevice
from neurosim.engine.full_state import read_state, write_state
from neurosim.engine.prepared import Prepared
from neurosim.errors import ParameterError, UnknownNameError
from neurosim.snapshot import Snapshot

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
        self._prepared.run(_time(duration, "duration"))

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
        plain = {name: _checked(name, found[name], value) for name, value in values.items()}
        for name, value in plain.items():
            if isinstance(found[name], TimedArray):
                found[name].values[...] = value
            else:
                self._prepared.set_constant(name, value)

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

    def reset(self, keep=()):
        """Go back to the state in which the simulation was made, but for what is kept.

        Random streams go on: a trial after a reset draws other numbers than the one before.

        Parameters
        ----------
        keep : sequence of str
            Variables that stay as they are, such as ``"synapses.w"``; ``"synapses"`` keeps all of
            an object.

        Raises
        ------
        UnknownNameError
            Where there is no such variable.
        """
        paths = set(self._start.arrays)
        kept = set()
        for text in [keep] if isinstance(keep, str) else keep:
            path = text.replace(".", "/", 1)
            matches = {known for known in paths if known == path or known.startswith(f"{path}/")}
            if not matches:
                raise UnknownNameError(f"keep: the network has no variable {text!r}")
            kept |= matches
        random = self._device.random_key()
        numpy_state = np.random.get_state()  # noqa: NPY002 - that of Brian 2
        self._write(self._start, kept)
        self._device.set_random_key(*random)
        np.random.set_state(numpy_state)  # noqa: NPY002 - that of Brian 2

    def _write(self, snapshot, keep):
        write_state(
            self._device,
            self.network,
            self._prepared.namespace,
            snapshot.arrays,
            snapshot.numbers,
            keep,
        )


def _time(value, name):
    """Return a time in seconds as a Quantity."""
    try:
        fail_for_dimension_mismatch(value, second, "")
        number = float(value)
    except (DimensionMismatchError, TypeError, ValueError):
        raise ParameterError(f"{name} is {value!r}; expected a time, such as 10*ms") from None
    if not (number >= 0 and np.isfinite(number)):
        raise ParameterError(f"{name} is {value}; expected a time of at least 0 s")
    return number * second


def _checked(name, known, value):
    """Return a value in SI units, or raise where it cannot stand for the one that is known."""
    if isinstance(value, BrianObject | str):
        raise ParameterError(f"{name} is {value!r}; expected a number")
    dimension = known.dim
    try:
        fail_for_dimension_mismatch(value, Quantity(1, dim=dimension), "")
        array = np.asarray(value, float)
    except (DimensionMismatchError, TypeError, ValueError):
        unit = Quantity(1, dim=dimension).get_best_unit()
        raise ParameterError(f"{name} is {value!r}; expected a number in units of {unit}") from None
    if isinstance(known, TimedArray):
        if array.shape not in ((), known.values.shape):
            raise ParameterError(
                f"{name} has shape {array.shape}; expected that of the TimedArray, "
                f"{known.values.shape}"
            )
        return array
    if array.shape != ():
        raise ParameterError(f"{name} has shape {array.shape}; expected one number")
    if np.isnan(array):
        raise ParameterError(f"{name} is not a number (NaN)")
    return type(known.value)(array.item()) * Quantity(1, dim=dimension)
