"""Spikes under way: a ring of spikes per pathway, expanded to synapses on arrival.

Memory is fixed, (longest delay + 1) × sources, however many synapses there are. Synapses are
sorted by delay, source and index; what arrives in a step is delivered in the order of Brian 2's
queue: by the time it was sent, by its place among the spikes of that step, by synapse index.
"""

import numpy as np

from neurosim.engine.synapse_layout import SynapseLayout

__all__ = ["DeliveryQueue"]

_NOTHING = (np.zeros(0, np.int64), np.zeros(0, np.int32))


class DeliveryQueue:
    """The queue of a pathway, with the methods Brian 2 calls on one and the arrays a kernel reads.

    Parameters
    ----------
    source_start, source_stop : int
        Neurons of the source group this pathway listens to.

    Attributes
    ----------
    clock : ndarray of int64, shape (3,)
        The current step, the first source neuron, and how many of the left events a kernel has
        delivered.
    ring : ndarray of int32, shape (n_slots, n_sources + 1)
        Spiking sources by the step in which they spiked, their number in the last column.
    layout : SynapseLayout
        Where the synapses of each delay and source stand.
    left_at, left : ndarray of int64 and int32, shape (n_left,)
        Steps and synapses of events sent before delays or synapses last changed.
    """

    def __init__(self, source_start, source_stop):
        self.source_start = source_start
        self.source_stop = source_stop
        self.n_sources = source_stop - source_start
        # Brian 2 keys its cache of translated statements by this.
        self._state_tuple = (source_start, source_stop, "DeliveryQueue")
        self.dt, self._is_laid_out = None, False
        # Where delays change during a run, a calendar holds the events while it lasts.
        self.calendar = None
        self.clock = np.array([0, source_start, 0], np.int64)
        self.left_at, self.left = _NOTHING
        # Made when a run begins after events or the layout have changed.
        self._joined = None
        self._lay_out(np.zeros(0), 1.0, np.zeros(0, np.int32))

    def arrays(self, wants_order):
        """Return the arrays of a kernel by the names they have in it.

        Synapses of left events stand before the others in ``_order``.

        Parameters
        ----------
        wants_order : bool
            Whether the kernel reads ``_order``, which may have to be made for it.
        """
        if self._joined is None:
            n_left = np.int32(len(self.left))
            begin, end = self.layout.begin, self.layout.end
            self._joined = {"_begin": begin + n_left, "_until": end + n_left}
        if wants_order and "_order" not in self._joined:
            self._joined["_order"] = _behind(self.left, self.layout.order)
        self.clock[2] = self._n_delivered(self.left_at)
        return {
            "_clock": self.clock,
            "_ring": self.ring,
            "_delays": self.layout.delays,
            "_left_at": self.left_at,
            **self._joined,
        }

    def arrays_of_parts(self, numbers, n_parts):
        """Return the arrays of kernels that deliver to some of the synapses each.

        Parameters
        ----------
        numbers : ndarray of int, shape (n_synapses,)
            Number of the part that each synapse belongs to.
        n_parts : int

        Returns
        -------
        list of dict of str to ndarray
            As :meth:`arrays` returns them, but for the clock, of which every kernel needs its own:
            see :meth:`clocks_of_parts`.
        """
        tables, order = self.layout.in_parts(numbers, n_parts)
        parts = []
        for part, (begin, end) in enumerate(tables):
            is_mine = numbers[self.left] == part
            left = self.left[is_mine]
            n_left = np.int32(len(left))
            arrays = {"_begin": begin + n_left, "_until": end + n_left}
            arrays["_order"] = _behind(left, order)
            arrays["_left_at"] = self.left_at[is_mine]
            parts.append({"_ring": self.ring, "_delays": self.layout.delays, **arrays})
        return parts

    def clocks_of_parts(self, arrays):
        """Return the clock for each of several kernels that deliver parts; the first is ours."""
        clocks = [self.clock, *(self.clock.copy() for _ in arrays[1:])]
        for clock, of_part in zip(clocks, arrays, strict=True):
            clock[2] = self._n_delivered(of_part["_left_at"])
        return clocks

    def _n_delivered(self, left_at):
        """Return how many of some left events have been delivered."""
        return int(np.searchsorted(left_at, self.clock[0]))

    def state_of_layout(self):
        """Return what is another object whenever synapses or left events are laid out anew."""
        return self.left if len(self.left) else self.layout

    def is_even(self):
        """Return whether every neuron's events reach all its synapses in one step."""
        return len(self.left) == 0 and self.layout.is_even

    def is_ordered(self):
        """Return whether synapses are stored in the order of delivery."""
        return len(self.left) == 0 and self.layout.is_ordered

    def prepare(self, delays, dt, synapse_sources):
        """Lay the synapses out by delay and source; events under way keep the delay they had.

        Parameters
        ----------
        delays : ndarray, shape (n_synapses,) or (1,)
            In seconds.
        dt : float
            Step of the source, in seconds.
        synapse_sources : ndarray of int, shape (n_synapses,)
            Source neuron of each synapse.
        """
        if self.holds_for(delays, dt, synapse_sources):
            return
        given = np.asarray(delays), dt, np.asarray(synapse_sources)
        self._keep_events(1.0 if self.dt is None else self.dt / dt)
        self.dt = dt
        self._lay_out(*given)
        self._is_laid_out = True

    def holds_for(self, delays, dt, synapse_sources):
        """Return whether the synapses are laid out for these; see :meth:`prepare`."""
        given = np.asarray(delays), dt, np.asarray(synapse_sources)
        return self._is_laid_out and self.layout.holds_for(*given)

    def _lay_out(self, delays, dt, sources):
        neurons = range(self.source_start, self.source_stop)
        self._joined = None
        self.layout = SynapseLayout(
            delays.astype(float, copy=False), dt, sources.astype(np.int32, copy=False), neurons
        )
        n_slots = int(self.layout.delays[0]) + 1 if len(self.layout.delays) else 1
        # One more than needed, so that the slot of the next step can be cleared early.
        self.ring = np.zeros((n_slots + 1, self.n_sources + 1), np.int32)

    def events_under_way(self):
        """Return step and synapse of all events sent and not delivered, in order of delivery."""
        if self.calendar is not None:
            return self.calendar.events()
        now, position = int(self.clock[0]), self._n_delivered(self.left_at)
        at, synapses = [self.left_at[position:]], [self.left[position:]]
        for delay, begin, end in self._tables():
            for age in range(int(delay), 0, -1):
                # Sent `age` steps ago, due in delay − age steps. The current step's own spikes
                # are only sent when it runs.
                slot = self.ring[(now - age) % len(self.ring)]
                for source in slot[: slot[-1]]:
                    mine = self.layout.between(begin[source], end[source])
                    at.append(np.full(len(mine), now + delay - age))
                    synapses.append(mine)
        at, synapses = np.concatenate(at), np.concatenate(synapses).astype(np.int32)
        order = np.argsort(at, kind="stable")
        return at[order], synapses[order]

    def _tables(self):
        return zip(self.layout.delays, self.layout.begin, self.layout.end, strict=True)

    def _keep_events(self, factor):
        now = int(self.clock[0])
        at, synapses = self.events_under_way()
        self.set_events(now + np.floor((at - now) * factor + 0.5).astype(np.int64), synapses)

    def set_events(self, at, synapses):
        """Have these events under way, at steps and in the order given, and no others."""
        self.left_at, self.left = np.asarray(at, np.int64), np.asarray(synapses, np.int32)
        self._joined = None
        self.ring[:, -1] = 0

    def push(self, sources):
        """Send the spikes of source neurons, given by their absolute indices."""
        slot = self.ring[self.clock[0] % len(self.ring)]
        relative = np.asarray(sources) - self.source_start
        relative = relative[(relative >= 0) & (relative < self.n_sources)]
        slot[: len(relative)] = relative
        slot[-1] = len(relative)

    def peek(self):
        """Return the synapses whose events arrive in the current step."""
        now, position = int(self.clock[0]), self._n_delivered(self.left_at)
        last = int(np.searchsorted(self.left_at, now, "right"))
        due = [self.left[position:last]]
        for delay, begin, end in self._tables():
            slot = self.ring[(now - delay) % len(self.ring)]
            due += [self.layout.between(begin[source], end[source]) for source in slot[: slot[-1]]]
        return np.concatenate(due).astype(np.int32)

    def advance(self):
        """Go on to the next step."""
        now = int(self.clock[0])
        self.clock[0] = now + 1
        self.ring[(now + 1) % len(self.ring), -1] = 0

    def whole_state(self):
        """Return everything that says what is under way, by name, as it stands."""
        dt = np.nan if self.dt is None else self.dt
        arrays = {"clock": self.clock, "ring": self.ring, "dt": np.array(dt)}
        return {**arrays, "left_at": self.left_at, "left": self.left}

    def set_whole_state(self, state, delays, sources):
        """Go back to a state that :meth:`whole_state` has returned.

        Parameters
        ----------
        state : dict of str to ndarray
        delays, sources : ArrayVariable
            Of the synapses in that state.
        """
        dt = float(state["dt"])
        if np.isnan(dt):
            self.set_events(*_NOTHING)
            return
        is_laid_out = self._is_laid_out and self.dt == dt
        if not is_laid_out or self.ring.shape != state["ring"].shape:
            self.prepare(delays.get_value(), dt, sources.get_value())
        if len(self.left) or len(state["left"]):
            self.set_events(state["left_at"].copy(), state["left"].copy())
        self.ring[:], self.clock[:] = state["ring"], state["clock"]

    def get_capsule(self):
        """Return nothing: since 2.10 Brian 2's Cython target asks queues for a C++ pointer."""
        return None

    def _full_state(self):
        at, synapses = self.events_under_way()
        return {"in_steps": at - int(self.clock[0]), "synapses": synapses, "dt": self.dt}

    def _restore_from_full_state(self, state):
        if state is None:
            self.set_events(*_NOTHING)
            return
        self.set_events(state["in_steps"] + int(self.clock[0]), state["synapses"])
        # Events are counted in steps of the dt they were stored under; tables follow in prepare.
        self.dt, self._is_laid_out = state["dt"], False


def _behind(left, order):
    """Return synapses in the order of delivery, with those of left events before them."""
    return np.concatenate([left, order]) if len(left) else order
