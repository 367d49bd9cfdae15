"""Spikes under way on a pathway whose delays change during a run.

A spike is expanded to its synapses when it is sent, with the delays of that moment. Events wait in
a calendar (Brown 1988): one list per step, modulo the number of lists, in the order they were sent.
"""

import numpy as np

from neurosim.engine.elements import indented

__all__ = ["CalendarQueue", "emit_calendar_delivery", "emit_calendar_push"]

_N_LISTS = 1024


class CalendarQueue:
    """The calendar of one pathway during one run.

    Parameters
    ----------
    queue : DeliveryQueue
        Gives the events under way at the beginning and takes those at the end.
    sources : ndarray of int, shape (n_synapses,)
        Source neuron of each synapse.

    Attributes
    ----------
    fill : ndarray of int64, shape (3,)
        Events in the calendar, the largest number of them with which a step may begin, and the
        first free place.
    """

    def __init__(self, queue, sources):
        self.queue = queue
        relative = np.asarray(sources, np.int64) - queue.source_start
        mine = np.flatnonzero((relative >= 0) & (relative < queue.n_sources))
        self.order = mine[np.argsort(relative[mine], kind="stable")].astype(np.int32)
        edges = np.searchsorted(relative[self.order], np.arange(queue.n_sources + 1))
        self.begin, self.end = edges[:-1].astype(np.int32), edges[1:].astype(np.int32)
        self.first = np.full(_N_LISTS, -1, np.int32)
        self.last = np.full(_N_LISTS, -1, np.int32)
        at, synapses = queue.events_under_way()
        self.fill = np.array([0, 0, -1], np.int64)
        self.following = self.synapse = np.zeros(0, np.int32)
        self.at = np.zeros(0, np.int64)
        self._grow(2 * len(at))
        for due, synapse in zip(at, synapses, strict=True):
            self._insert(due, synapse)
        queue.calendar = self

    def _grow(self, n_more):
        """Make place for more events, and for one step in which every synapse gets one."""
        old = len(self.at)
        size = old + n_more + len(self.order) + 1
        following = np.arange(1, size + 1, dtype=np.int32)
        following[:old] = self.following
        following[-1] = self.fill[2]
        self.following, self.fill[2] = following, old
        self.synapse = np.concatenate([self.synapse, np.zeros(size - old, np.int32)])
        self.at = np.concatenate([self.at, np.zeros(size - old, np.int64)])
        self.fill[1] = size - len(self.order)

    def _insert(self, due, synapse):
        place = self.fill[2]
        self.fill[2] = self.following[place]
        self.at[place], self.synapse[place], self.following[place] = due, synapse, -1
        slot = due % _N_LISTS
        if self.first[slot] < 0:
            self.first[slot] = place
        else:
            self.following[self.last[slot]] = place
        self.last[slot] = place
        self.fill[0] += 1

    def arrays(self):
        """Return the arrays of a kernel by the names they have in it."""
        return {
            "_clock": self.queue.clock,
            "_begin": self.begin,
            "_until": self.end,
            "_order": self.order,
            "_first_of": self.first,
            "_last_of": self.last,
            "_following": self.following,
            "_event_synapse": self.synapse,
            "_event_at": self.at,
            "_fill": self.fill,
            "_step": np.array([self.queue.dt]),
        }

    def make_room(self):
        """Grow where the next step may need more place; return whether arrays have changed."""
        if self.fill[0] <= self.fill[1]:
            return False
        self._grow(len(self.at))
        return True

    def close(self):
        """Give the events back to the queue at the end of a run."""
        self.queue.calendar = None
        self.queue.set_events(*self.events())

    def events(self):
        """Return step and synapse of all events, in order of delivery."""
        at, synapses = [], []
        for slot in range(_N_LISTS):
            place = self.first[slot]
            while place >= 0:
                at.append(self.at[place])
                synapses.append(self.synapse[place])
                place = self.following[place]
        at, synapses = np.array(at, np.int64), np.array(synapses, np.int32)
        order = np.argsort(at, kind="stable")
        return at[order], synapses[order]


def emit_calendar_push(s):
    """Return the body of ``synapses_push_spikes`` for a calendar."""
    events = s.event_space()
    return [
        f"for _event in range({events}[len({events}) - 1]):",
        f"    _source = {events}[_event] - _clock[1]",
        "    if 0 <= _source < len(_begin):",
        "        for _position in range(_begin[_source], _until[_source]):",
        "            _idx = _order[_position]",
        "            _delay = _delay_of[_idx if len(_delay_of) > 1 else 0]",
        "            _at = _clock[0] + int(max(_delay, 0.0) / _step[0] + 0.5)",
        "            _place = _fill[2]",
        "            _fill[2] = _following[_place]",
        "            _fill[0] += 1",
        "            _event_at[_place] = _at",
        "            _event_synapse[_place] = _idx",
        "            _following[_place] = -1",
        "            _slot = _at % len(_first_of)",
        "            if _first_of[_slot] < 0:",
        "                _first_of[_slot] = _place",
        "            else:",
        "                _following[_last_of[_slot]] = _place",
        "            _last_of[_slot] = _place",
    ]


def emit_calendar_delivery(s):
    """Return the body of ``synapses`` for a calendar."""
    return [
        *s.scalar_part(),
        "_now = _clock[0]",
        "_slot = _now % len(_first_of)",
        "_place = _first_of[_slot]",
        "_first_of[_slot] = -1",
        "_last_of[_slot] = -1",
        "while _place >= 0:",
        "    _next_place = _following[_place]",
        "    if _event_at[_place] > _now:",
        "        _following[_place] = -1",
        "        if _first_of[_slot] < 0:",
        "            _first_of[_slot] = _place",
        "        else:",
        "            _following[_last_of[_slot]] = _place",
        "        _last_of[_slot] = _place",
        "    else:",
        "        _idx = _event_synapse[_place]",
        "        _following[_place] = _fill[2]",
        "        _fill[2] = _place",
        "        _fill[0] -= 1",
        *indented(s.element_part(), 2),
        "    _place = _next_place",
        "_clock[0] = _now + 1",
    ]
