"""Spikes under way: a ring of spikes per pathway, expanded to synapses on arrival.

Memory is fixed, (longest delay + 1) × sources, however many synapses there are. Synapses are
sorted by delay, source and index; what arrives in a step is delivered in the order of Brian 2's
queue: by the time it was sent, by its place among the spikes of that step, by synapse index.
"""

import numpy as np

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
    delays : ndarray of int64, shape (n_delays,)
        The delays there are, in steps, longest first.
    begin, end : ndarray of int32, shape (n_delays, n_sources)
        Where the synapses of a delay and source stand in `order`.
    order : ndarray of int32, shape (n_synapses,)
        Synapse indices.
    left_at, left : ndarray of int64 and int32, shape (n_left,)
        Steps and synapses of events sent before delays or synapses last changed.
    """

    def __init__(self, source_start, source_stop):
        self.source_start = source_start
        self.source_stop = source_stop
        self.n_sources = source_stop - source_start
        # Brian 2 keys its cache of translated statements by this.
        self._state_tuple = (source_start, source_stop, "DeliveryQueue")
        self.dt = None
        # Where delays change during a run, a calendar holds the events while it lasts.
        self.calendar = None
        self._prepared_for = None
        self.clock = np.array([0, source_start, 0], np.int64)
        self.left_at, self.left = _NOTHING
        # Made when a run begins after events or the layout have changed.
        self._joined = None
        self._lay_out(np.zeros(0, np.int64), np.zeros(0, np.int64))

    def arrays(self):
        """Return the arrays of a kernel by the names they have in it.

        Synapses of left events stand before the others in ``_order``.
        """
        if self._joined is None:
            self._joined = _joined(self.begin, self.end, self.order, self.left_at, self.left)
        self.clock[2] = self._n_delivered(self.left_at)
        return {"_clock": self.clock, "_ring": self.ring, "_delays": self.delays, **self._joined}

    def arrays_of_parts(self, parts, n_parts):
        """Return the arrays of kernels that deliver to some of the synapses each.

        Parameters
        ----------
        parts : ndarray of int, shape (n_synapses,)
            Number of the part that each synapse belongs to.
        n_parts : int

        Returns
        -------
        list of dict of str to ndarray
            As :meth:`arrays` returns them, but for the clock, of which every kernel needs its own:
            see :meth:`clocks_of_parts`.
        """
        lengths = (self.end - self.begin).ravel()
        cell = np.repeat(np.arange(len(lengths)), lengths) * n_parts + parts[self.order]
        order = self.order
        if np.any(cell[1:] < cell[:-1]):
            # Stable, so that what arrives at a neuron keeps its order.
            sorting = np.argsort(cell, kind="stable")
            cell, order = cell[sorting], order[sorting]
        edges = np.searchsorted(cell, np.arange(len(lengths) * n_parts + 1)).astype(np.int32)
        is_left = [parts[self.left] == part for part in range(n_parts)]
        return [
            {
                "_ring": self.ring,
                "_delays": self.delays,
                **_joined(
                    edges[part:-1:n_parts].reshape(self.begin.shape),
                    edges[part + 1 :: n_parts].reshape(self.begin.shape),
                    order,
                    self.left_at[is_left[part]],
                    self.left[is_left[part]],
                ),
            }
            for part in range(n_parts)
        ]

    def clocks_of_parts(self, arrays):
        """Return the clock for each of several kernels that deliver parts; the first is ours."""
        clocks = [self.clock, *(self.clock.copy() for _ in arrays[1:])]
        for clock, of_part in zip(clocks, arrays, strict=True):
            clock[2] = self._n_delivered(of_part["_left_at"])
        return clocks

    def _n_delivered(self, left_at):
        """Return how many of some left events have been delivered."""
        return int(np.searchsorted(left_at, self.clock[0]))

    def layout(self):
        """Return what is another object whenever synapses or left events are laid out anew."""
        return self.order if len(self.left) == 0 else self.left

    def is_even(self):
        """Return whether every neuron's events reach all its synapses in one step."""
        return len(self.left) == 0 and bool(np.all(np.sum(self.end > self.begin, axis=0) <= 1))

    def is_ordered(self):
        """Return whether synapses are stored in the order of delivery."""
        if self._is_ordered is None:
            self._is_ordered = np.array_equal(
                self.order, np.arange(len(self.order), dtype=np.int32)
            )
        return len(self.left) == 0 and self._is_ordered

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
        known, given = self._prepared_for, (np.asarray(delays), np.asarray(synapse_sources))
        if known is not None and self.dt == dt and all(map(np.array_equal, known, given)):
            return
        arrays = given[0].astype(float), given[1].astype(np.int32)
        self._keep_events(1.0 if self.dt is None else self.dt / dt)
        self._prepared_for, self.dt = arrays, dt
        steps = np.floor(arrays[0] / dt + 0.5).astype(np.int64)
        sources = arrays[1] - np.int32(self.source_start)
        self._lay_out(np.broadcast_to(steps, sources.shape), sources)

    def _lay_out(self, steps, sources):
        self._joined = self._is_ordered = None
        is_mine = (sources >= 0) & (sources < self.n_sources)
        mine = None if is_mine.all() else np.flatnonzero(is_mine)
        if mine is not None:
            steps, sources = steps[mine], sources[mine]
        self.delays = np.unique(steps[:1] if steps.strides == (0,) else steps)[::-1].copy()
        shape = (len(self.delays), self.n_sources)
        # Stable, so by index within delay and source.
        if len(self.delays) > 1:
            order = np.lexsort((sources, -steps))
            cell = np.searchsorted(-self.delays, -steps[order]) * self.n_sources + sources[order]
        elif np.all(sources[1:] >= sources[:-1]):
            # As synapses are created, in most cases; sorting takes several times their memory.
            order, cell = np.arange(len(sources), dtype=np.int32), sources
        else:
            order = np.argsort(sources, kind="stable")
            cell = sources[order]
        self.order = (order if mine is None else mine[order]).astype(np.int32)
        cells = np.arange(shape[0] * shape[1], dtype=cell.dtype)
        self.begin = np.searchsorted(cell, cells, "left").astype(np.int32).reshape(shape)
        self.end = np.searchsorted(cell, cells, "right").astype(np.int32).reshape(shape)
        n_slots = int(self.delays[0]) + 1 if len(self.delays) else 1
        # One more than needed, so that the slot of the next step can be cleared early.
        self.ring = np.zeros((n_slots + 1, self.n_sources + 1), np.int32)

    def events_under_way(self):
        """Return step and synapse of all events sent and not delivered, in order of delivery."""
        if self.calendar is not None:
            return self.calendar.events()
        now, position = int(self.clock[0]), self._n_delivered(self.left_at)
        at, synapses = [self.left_at[position:]], [self.left[position:]]
        for delay, begin, end in zip(self.delays, self.begin, self.end, strict=True):
            for age in range(int(delay), 0, -1):
                # Sent `age` steps ago, due in delay − age steps. The current step's own spikes
                # are only sent when it runs.
                slot = self.ring[(now - age) % len(self.ring)]
                for source in slot[: slot[-1]]:
                    mine = self.order[begin[source] : end[source]]
                    at.append(np.full(len(mine), now + delay - age))
                    synapses.append(mine)
        at, synapses = np.concatenate(at), np.concatenate(synapses).astype(np.int32)
        order = np.argsort(at, kind="stable")
        return at[order], synapses[order]

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
        for delay, begin, end in zip(self.delays, self.begin, self.end, strict=True):
            slot = self.ring[(now - delay) % len(self.ring)]
            due += [self.order[begin[source] : end[source]] for source in slot[: slot[-1]]]
        return np.concatenate(due).astype(np.int32)

    def advance(self):
        """Go on to the next step."""
        now = int(self.clock[0])
        self.clock[0] = now + 1
        self.ring[(now + 1) % len(self.ring), -1] = 0

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
        self.dt, self._prepared_for = state["dt"], None


def _joined(begin, end, order, left_at, left):
    """Return the arrays indexed by position, with the synapses of left events before the others."""
    n_left = np.int32(len(left))
    return {
        "_begin": begin + n_left,
        "_until": end + n_left,
        "_order": np.concatenate([left, order]) if n_left else order,
        "_left_at": left_at,
    }
