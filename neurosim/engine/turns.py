"""Threads that use Brian 2 side by side by taking turns.

Brian 2 is global to the process: names, the current device, the default clock, preferences. A
thread that has its turn finds all that as it left it, and gives the turn up only while the compiled
loop of the device ``"neurosim"`` runs, which is where the time goes. So every thread works as it
would in a process of its own, and loops run side by side.
"""

import collections
import contextlib
import threading
import time

from neurosim.engine.brian import prefs
from neurosim.engine.brian_globals import (
    begin_anew,
    find_names_in_threads,
    read_globals,
    write_globals,
)
from neurosim.errors import ParameterError

__all__ = ["Turns", "taking_turns"]


# Seconds from which a loop is worth handing the turn on, which costs 0.08 ms (measured).
_SHORTEST = 1e-3
# Seconds after which a turn is given up in any case, so that short loops keep nobody waiting.
_LONGEST = 0.05


class Turns:
    """Who may use Brian 2 now.

    Made where Brian 2 is as all threads should find it; made and ended by the same thread.
    """

    def __init__(self):
        find_names_in_threads()
        self._turn = _Turn()
        self._of_thread = threading.local()
        self._first = self._present = _World()

    @contextlib.contextmanager
    def world(self):
        """Give this thread a Brian 2 of its own, and its turn; wait for it.

        Networks keep to one thread in it: others have the other cores.
        """
        with self._turn:
            self._switch(self._first)
            world = self._of_thread.world = _World()
            try:
                self._first.state, self._present = read_globals(), world
                world.devices = frozenset(map(id, begin_anew().values()))
                prefs["devices.neurosim.threads"] = 1
                yield
            finally:
                self._of_thread.world = None
                self._switch(self._first)

    @contextlib.contextmanager
    def given_up(self, expected):
        """Let others have their turn meanwhile, and wait for the next one.

        Parameters
        ----------
        expected : float
            Seconds that it will take, about; nothing is given up where that is too little.
        """
        world = getattr(self._of_thread, "world", None)
        if world is None or (expected < _SHORTEST and time.perf_counter() < world.begun + _LONGEST):
            yield
            return
        self._turn.release()
        try:
            yield
        finally:
            self._turn.acquire()
            self._switch(world)
            world.begun = time.perf_counter()

    def _switch(self, world):
        # Mostly the turn comes back before anybody else has had it.
        if self._present is not world:
            self._present.state = read_globals()
            write_globals(world.state)
            self._present = world

    def check_own(self, objects):
        """Raise where this thread would run objects that others could run at the same time.

        Parameters
        ----------
        objects : iterable of BrianObject

        Raises
        ------
        ParameterError
            Where one was made outside of :meth:`world`.
        """
        world = getattr(self._of_thread, "world", None)
        for obj in objects if world is not None else ():
            device = getattr(getattr(obj, "variables", None), "device", None)
            if device is not None and id(device) not in world.devices:
                raise ParameterError(
                    f"'{obj.name}' was made outside of the protocol's function, where all threads "
                    "share it: make it inside, or leave --threads out"
                )


class _Turn:
    """A lock that threads get in the order in which they ask.

    One of Python's own goes to whoever runs, mostly the thread that has just released it.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._is_taken = False
        self._waiting = collections.deque()

    def acquire(self):
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return
            gate = threading.Lock()
            gate.acquire()
            self._waiting.append(gate)
        gate.acquire()

    def release(self):
        with self._lock:
            if self._waiting:
                # Stays taken: it is the other's now.
                self._waiting.popleft().release()
            else:
                self._is_taken = False

    def __enter__(self):
        self.acquire()

    def __exit__(self, *error):
        self.release()


class _World:
    """A Brian 2 that is put away while another thread has its turn."""

    state = None
    devices = frozenset()

    def __init__(self):
        # When its turn has begun.
        self.begun = time.perf_counter()


# None where nobody takes turns.
current = None


@contextlib.contextmanager
def taking_turns():
    """Let threads use Brian 2 side by side, each within :meth:`Turns.world`.

    Brian 2 is as it was afterwards.

    Yields
    ------
    Turns

    Raises
    ------
    ParameterError
        Where threads of this process take turns already.

    Examples
    --------
    >>> from brian2 import defaultclock, ms
    >>> from neurosim.engine.turns import taking_turns
    >>> before = float(defaultclock.dt)
    >>> with taking_turns() as turns, turns.world():
    ...     defaultclock.dt = 7*ms
    >>> float(defaultclock.dt) == before
    True
    """
    global current
    if current is not None:
        raise ParameterError(
            "threads of this process share Brian 2 already: one grid with threads at a time, and "
            "none within a point of another"
        )
    current = Turns()
    try:
        yield current
    finally:
        current = None
