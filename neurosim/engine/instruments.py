"""The monitors of a recording: made for a network, put into it, taken out again."""

from neurosim.engine.brian import MagicNetwork, Network, all_objects, get_device
from neurosim.engine.selection import Selection, selected
from neurosim.engine.streaming import end_stream, make_monitor, stream, stream_of
from neurosim.errors import ParameterError

__all__ = ["Instruments"]


class Instruments:
    """Monitors that write to a trace file.

    Parameters
    ----------
    net : Network or Simulation
    what, every, index
        See :func:`neurosim.traces.record`.

    Attributes
    ----------
    network : Network
    places : list of str
        Where in the file each of them writes, once they are installed.

    Raises
    ------
    UnknownNameError, ParameterError, NotImplementedError
        Where something cannot be recorded; nothing is changed then.
    """

    def __init__(self, net, what, every, index):
        self.network = _network(net)
        is_one = isinstance(what, str) or not isinstance(what, list | tuple)
        self._wanted = selected(self.network, [what] if is_one else what, every, index)
        if not self._wanted:
            raise ParameterError("what is empty; expected something to record")
        for one in self._wanted:
            if not isinstance(one, Selection) and stream_of(one) is not None:
                raise ParameterError(f"monitor {one.name!r} is being recorded already")
        self.places = []
        self._made, self._borrowed = [], []

    @property
    def seed(self):
        """The seed of the device's random streams."""
        return get_device().random_key()[0]

    def install(self, traces):
        """Let everything that is wanted be written to a trace file.

        Parameters
        ----------
        traces : TraceWriter, MemoryTraces or Run

        Raises
        ------
        ParameterError
            Where two monitors would write to the same place.
        """
        taken = {
            place
            for obj in all_objects(self.network)
            if (known := stream_of(obj)) is not None and _is_same(known.traces, traces)
            for place in known.places
        }
        try:
            for one in self._wanted:
                self._add(one, traces, taken)
        except BaseException:
            self.remove()
            raise

    def _add(self, one, traces, taken):
        selection = one if isinstance(one, Selection) else None
        monitor = one if selection is None else make_monitor(selection)
        if selection is None:
            self._borrowed.append(monitor)
        else:
            self.network.add(monitor)
            self._made.append(monitor)
        places = stream(monitor, traces, selection)
        for place in places:
            if place in taken:
                raise ParameterError(f"{place} is being recorded into this file already")
            taken.add(place)
        self.places += places

    def remove(self):
        """Take the monitors out of the network; those that were there keep what they record."""
        for monitor in self._made:
            end_stream(monitor)
            self.network.remove(monitor)
        for monitor in self._borrowed:
            end_stream(monitor)
        self._made, self._borrowed = [], []


def _network(net):
    network = getattr(net, "network", net)
    if isinstance(network, MagicNetwork):
        raise ParameterError(
            "net is Brian 2's magic network, which is made anew by every run; give "
            "Network(collect())"
        )
    if not isinstance(network, Network):
        kind = type(net).__name__
        raise ParameterError(f"net is of type {kind}; expected a brian2.Network or a Simulation")
    if not hasattr(get_device(), "memory"):
        raise NotImplementedError(
            "record() needs the compiled loop; call set_device('neurosim') before the network is "
            "made"
        )
    return network


def _is_same(traces, other):
    # A Run lends the methods of its file.
    return traces.append.__self__ is other.append.__self__
