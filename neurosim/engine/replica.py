"""A loop with arrays of its own: the same run with other numbers, in any thread.

It meets neither Brian 2 nor Python's lock: a run is a call of the compiled function. Nothing that
belongs to the network is changed.
"""

import time

from neurosim.cancellation import check
from neurosim.engine.copies import Copies
from neurosim.engine.loop import next_slice, restart_streams

__all__ = ["Replica"]

# Arrays of the engine that no kernel writes.
_READ_ONLY = frozenset(
    {
        "_begin",
        "_delays",
        "_far_of",
        "_far_range",
        "_left_at",
        "_near_of",
        "_order",
        "_ordered_post",
        "_ordered_pre",
        "_rows",
        "_until",
    }
)


class Replica:
    """A copy of a loop that is ready for a run.

    Parameters
    ----------
    loop : Loop
        Bound, for one thread, with its clocks set to the interval of the run. As long as its
        network does not run, the copy can begin again and again.
    changed : collection of ArrayVariable
        Variables that will be given other values.
    recorded : collection of str
        Names of the monitors whose rows are kept.
    """

    def __init__(self, loop, changed=(), recorded=()):
        self._function, self._n_steps = loop.function, len(loop.steps)
        self._slice = 256
        (bound,) = loop.arguments.of_threads
        self._bound = list(bound)
        self._clocks = loop.arguments.of_clocks()
        self._histories = loop.histories()
        self._places, self._constants = {}, loop.arguments.places
        spare = {code: buffer.spare() for code, buffer in loop.buffers.items()}
        self._buffers = _by_monitor(loop, spare, recorded)
        own = [array for step, now, _ in self._clocks for array in (bound[step], bound[now])]
        own += self._written(loop, spare, set(map(id, changed)))
        self._copies = Copies(own)
        self._bound = [self._copies.of(value) for value in self._bound]
        self._streams = [self._copies.of(stream) for stream in loop.streams]

    def _written(self, loop, spare, changed):
        """Return the arrays that a run or a user may write; put buffers of our own in."""
        written = []
        for place, owner, argument in loop.arguments.described():
            if argument.kind == "engine":
                own = spare.get(id(owner), {}).get(argument.source)
                if own is not None:
                    self._bound[place] = own
                elif argument.source not in _READ_ONLY:
                    written.append(self._bound[place])
            elif argument.kind == "array":
                variable = argument.source
                self._places[id(variable)] = place
                if not variable.constant or id(variable) in changed:
                    written.append(self._bound[place])
        return written

    def begin(self, seed, epoch):
        """Go back to where the network stands.

        Parameters
        ----------
        seed, epoch : int
            Seed, and number of the run.
        """
        self._copies.renew()
        restart_streams(self._streams, seed, epoch)
        for arrays, rows in self._buffers.values():
            arrays["_fill"][0] = 0
            if rows is not None:
                rows.clear()

    def reads(self, variable):
        """Return whether a statement of the loop reads or writes a variable."""
        return id(variable) in self._places

    def set_constant(self, name, number):
        """Give a constant of the user's another value, float or int or bool."""
        for place in self._constants(name):
            self._bound[place] = number

    def set_variable(self, variable, number):
        """Give all elements of a variable that was named as changed the same value."""
        self.value(variable)[:] = number

    def value(self, variable):
        """Return the array of a variable as it is in this copy; it changes with the next run."""
        place = self._places.get(id(variable))
        return variable.get_value() if place is None else self._bound[place]

    def run(self):
        """Run to the end.

        Raises
        ------
        Cancelled
            Between slices of about 50 ms, where this thread has been told to stop.
        """
        while True:
            started = time.perf_counter()
            done = self._function(self._slice, 0, self._n_steps, *self._bound)
            took = time.perf_counter() - started
            self._take_rows()
            for history in self._histories:
                history.check(self.value)
            if done == self._slice:
                self._slice = next_slice(self._slice, took)
            elif self._is_over():
                return
            check()

    def _is_over(self):
        step, _, end = min(self._clocks, key=lambda places: self._bound[places[1]][0])
        return self._bound[step][0] >= self._bound[end]

    def _take_rows(self):
        for arrays, rows in self._buffers.values():
            n_rows = int(arrays["_fill"][0])
            if n_rows and rows is not None:
                rows.append(
                    {name: a[:n_rows].copy() for name, a in arrays.items() if name != "_fill"}
                )
            arrays["_fill"][0] = 0

    def rows(self, monitor, name):
        """Return what a monitor has recorded of a variable in this run, in pieces.

        Parameters
        ----------
        monitor, name : str

        Returns
        -------
        list of ndarray
            Each with one row per step or event.
        """
        arrays, rows = self._buffers[monitor]
        key = f"_record_{name}"
        return [arrays[key][:0], *(piece[key] for piece in rows)]


def _by_monitor(loop, spare, recorded):
    """Return arrays of buffers, and room for the rows that are kept or None, by monitor."""
    found = {}
    for code, buffer in loop.buffers.items():
        name = buffer.codeobj.owner.name
        found[name] = spare[code], [] if name in recorded else None
    return found
