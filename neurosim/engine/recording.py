"""Buffers that kernels of monitors fill, emptied into Brian 2's arrays between slices.

Rows of a StateMonitor, which are large, are written where they stay.
"""

import math

import numpy as np

from neurosim.engine.brian import get_device
from neurosim.engine.recorded_rows import RecordedRows
from neurosim.engine.streaming import stream_of

__all__ = ["make_buffer"]

_BYTES = 4 << 20
_MOST_ROWS = 1 << 16
_FLOAT = np.dtype(float)


def _new_arrays(columns, most_per_step):
    """Return the fill of a buffer, and arrays for as many rows as a few megabytes hold."""
    row_bytes = sum(dtype.itemsize * math.prod(shape) for dtype, shape in columns.values())
    n_rows = min(max(_BYTES // max(row_bytes, 1), 16), _MOST_ROWS) + most_per_step
    fill = np.array([0, n_rows - most_per_step], np.int64)
    return fill, {name: np.zeros((n_rows, *shape), t) for name, (t, shape) in columns.items()}


def _by_name(fill, columns):
    """Return the arrays of a kernel by the names they have in it."""
    return {"_fill": fill, **{f"_record_{name}": array for name, array in columns.items()}}


class _Buffer:
    """Rows recorded by one monitor and not yet handed to it.

    Attributes
    ----------
    fill : ndarray of int64, shape (2,)
        Rows recorded, and the largest number of them with which a step may begin.
    """

    # Whether the kernel writes into the monitor's own arrays, which move on with every flush.
    is_in_place = False

    def __init__(self, codeobj, columns, most_per_step):
        self.codeobj, self._most_per_step = codeobj, most_per_step
        self.fill, self.columns = _new_arrays(columns, most_per_step)

    def check(self):
        """Raise ParameterError where a run would not go on where a trace file stands."""
        stream = stream_of(self.codeobj.owner)
        if stream is not None:
            stream.check()

    def begin(self, n_steps):
        """Prepare for so many steps; return whether arrays have changed."""
        return False

    def arrays(self):
        """Return the arrays of the kernel by name."""
        return _by_name(self.fill, self.columns)

    def spare(self):
        """Return arrays of the same kind, by name, for a copy of the loop."""
        columns = {name: (array.dtype, array.shape[1:]) for name, array in self.columns.items()}
        return _by_name(*_new_arrays(columns, self._most_per_step))

    def flush(self):
        """Hand what was recorded to the monitor; return whether arrays have changed."""
        n_new = int(self.fill[0])
        stream = stream_of(self.codeobj.owner)
        if stream is not None:
            # Emptied first: what cannot be taken must not be handed over again.
            self.fill[0] = 0
            stream.look()
            if n_new:
                stream.take({name: values[:n_new] for name, values in self.columns.items()})
        elif n_new:
            number = self.codeobj.variables["N"].get_value()
            self.keep(int(number[0]), n_new)
            number[0] += n_new
            self.fill[0] = 0
            return self.is_in_place
        return False

    def keep(self, n_old, n_new):
        """Append recorded rows to those of the monitor."""
        self.grow(n_old + n_new)
        for name, values in self.columns.items():
            self.target(name).get_value()[n_old : n_old + n_new] = values[:n_new]


class _StateBuffer(_Buffer):
    """Rows of a StateMonitor, written where they stay.

    For a stream, and for monitors of other devices, in arrays like those of other buffers.
    """

    def __init__(self, codeobj):
        self.recorded = codeobj.code.keywords["_recorded_variables"]
        self.width = len(codeobj.variables["_indices"].get_value())
        super().__init__(codeobj, {"t": (_FLOAT, ())}, 1)
        self._between = {}

    def begin(self, n_steps):
        self._n_left = n_steps
        arrays = get_device().arrays
        self._rows = {name: arrays[variable] for name, variable in self.recorded.items()}
        has_room = all(isinstance(rows, RecordedRows) for rows in self._rows.values())
        self.is_in_place = has_room and stream_of(self.codeobj.owner) is None
        if self.is_in_place:
            self._between = {}
            self._write_in_place()
            return True
        if not self._between:
            row_bytes = 8 + self.width * sum(rows.dtype.itemsize for rows in self._rows.values())
            n_rows = max(_BYTES // row_bytes, 16) + 1
            self._between = {
                name: np.zeros((n_rows, self.width), rows.dtype)
                for name, rows in self._rows.items()
            }
            self._use(self._between)
            return True
        return False

    def _write_in_place(self):
        """Let the kernel write where the monitor's next rows will stand."""
        for rows in self._rows.values():
            # One more than needed: without any, no further step could begin.
            rows.take_room(self._n_left + 1)
        self._use({name: rows.room() for name, rows in self._rows.items()})

    def _use(self, columns):
        self.columns = {"t": self.columns["t"], **columns}
        self.fill[1] = min(map(len, self.columns.values())) - 1

    def keep(self, n_old, n_new):
        if not self.is_in_place:
            super().keep(n_old, n_new)
            return
        times = self.codeobj.variables["t"]
        times.resize(n_old + n_new)
        times.get_value()[n_old:] = self.columns["t"][:n_new]
        for name, variable in self.recorded.items():
            self._rows[name].keep(n_new)
            variable.size = (n_old + n_new, self.width)
        self._n_left -= n_new
        self._write_in_place()

    def grow(self, size):
        self.codeobj.variables["t"].resize(size)
        for variable in self.recorded.values():
            variable.resize((size, self.width))

    def target(self, name):
        return self.codeobj.variables["t"] if name == "t" else self.recorded[name]


class _EventBuffer(_Buffer):
    def __init__(self, codeobj):
        self.recorded = codeobj.code.keywords["record_variables"]
        columns = {name: (np.dtype(v.dtype), ()) for name, v in self.recorded.items()}
        events = codeobj.code.keywords["eventspace_variable"].get_value()
        super().__init__(codeobj, columns, len(events))

    def grow(self, size):
        self.codeobj.owner.resize(size)

    def target(self, name):
        return self.recorded[name]


class _RateBuffer(_Buffer):
    def __init__(self, codeobj):
        super().__init__(codeobj, {"t": (_FLOAT, ()), "rate": (_FLOAT, ())}, 1)

    def grow(self, size):
        self.codeobj.owner.resize(size)

    def target(self, name):
        return self.codeobj.variables[name]


_BUFFERS = {
    "statemonitor": _StateBuffer,
    "spikemonitor": _EventBuffer,
    "ratemonitor": _RateBuffer,
}


def make_buffer(codeobj):
    """Return the buffer of a monitor's code object, None for any other.

    Parameters
    ----------
    codeobj : NumbaCodeObject

    Returns
    -------
    object or None
        With ``arrays()`` and ``flush()``.
    """
    kind = _BUFFERS.get(codeobj.template_name)
    return kind(codeobj) if kind else None
