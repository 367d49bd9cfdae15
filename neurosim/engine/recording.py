"""Buffers that kernels of monitors fill, emptied into Brian 2's arrays between slices."""

import numpy as np

from neurosim.engine.streaming import stream_of

__all__ = ["make_buffer"]

_BYTES = 4 << 20
_MOST_ROWS = 1 << 16


class _Buffer:
    """Rows recorded by one monitor and not yet handed to it.

    Attributes
    ----------
    fill : ndarray of int64, shape (2,)
        Rows recorded, and the largest number of them with which a step may begin.
    """

    def __init__(self, codeobj, columns, row_bytes, most_per_step):
        self.codeobj = codeobj
        n_rows = min(max(_BYTES // max(row_bytes, 1), 16), _MOST_ROWS) + most_per_step
        self.fill = np.array([0, n_rows - most_per_step], np.int64)
        self.columns = {
            name: np.zeros((n_rows, *shape), dtype) for name, (dtype, shape) in columns.items()
        }

    def arrays(self):
        """Return the arrays of the kernel by name."""
        return {
            "_fill": self.fill,
            **{f"_record_{name}": values for name, values in self.columns.items()},
        }

    def flush(self):
        """Hand what was recorded to the monitor."""
        n_new = int(self.fill[0])
        stream = stream_of(self.codeobj.owner)
        if n_new and stream is not None:
            # Emptied first: what cannot be taken must not be handed over again.
            self.fill[0] = 0
            stream.take({name: values[:n_new] for name, values in self.columns.items()})
        elif n_new:
            variables = self.codeobj.variables
            old = int(variables["N"].get_value()[0])
            self.grow(old + n_new)
            for name, values in self.columns.items():
                self.target(name).get_value()[old : old + n_new] = values[:n_new]
            variables["N"].get_value()[0] = old + n_new
            self.fill[0] = 0


class _StateBuffer(_Buffer):
    def __init__(self, codeobj):
        self.recorded = codeobj.code.keywords["_recorded_variables"]
        self.width = len(codeobj.variables["_indices"].get_value())
        columns = {"t": (float, ())}
        columns.update({name: (v.dtype, (self.width,)) for name, v in self.recorded.items()})
        row_bytes = 8 + sum(np.dtype(v.dtype).itemsize for v in self.recorded.values()) * self.width
        super().__init__(codeobj, columns, row_bytes, 1)

    def grow(self, size):
        self.codeobj.variables["t"].resize(size)
        for variable in self.recorded.values():
            variable.resize((size, self.width))

    def target(self, name):
        return self.codeobj.variables["t"] if name == "t" else self.recorded[name]


class _EventBuffer(_Buffer):
    def __init__(self, codeobj):
        self.recorded = codeobj.code.keywords["record_variables"]
        columns = {name: (v.dtype, ()) for name, v in self.recorded.items()}
        row_bytes = sum(np.dtype(v.dtype).itemsize for v in self.recorded.values())
        events = codeobj.code.keywords["eventspace_variable"].get_value()
        super().__init__(codeobj, columns, row_bytes, len(events))

    def grow(self, size):
        self.codeobj.owner.resize(size)

    def target(self, name):
        return self.recorded[name]


class _RateBuffer(_Buffer):
    def __init__(self, codeobj):
        super().__init__(codeobj, {"t": (float, ()), "rate": (float, ())}, 16, 1)

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
