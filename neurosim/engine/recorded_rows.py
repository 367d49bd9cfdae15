"""Rows a StateMonitor keeps: room is taken ahead, so that a loop writes each number once."""

import numpy as np

__all__ = ["RecordedRows"]

# Room taken ahead at most, beyond half of what is there already.
_MOST_BYTES = 1 << 30


class RecordedRows:
    """An array that grows along its first dimension, where Brian 2 expects its dynamic array.

    Room that is taken and not written costs no memory but addresses.

    Parameters
    ----------
    shape : tuple of int
    dtype : dtype

    Attributes
    ----------
    data : ndarray
        The rows there are.
    shape : tuple of int
        That of `data`.

    Examples
    --------
    >>> from neurosim.engine.recorded_rows import RecordedRows
    >>> rows = RecordedRows((0, 2), float)
    >>> rows.take_room(3)
    >>> rows.room()[:2] = [[1, 2], [3, 4]]
    >>> rows.keep(2)
    >>> rows.data.tolist(), len(rows.room())
    ([[1.0, 2.0], [3.0, 4.0]], 1)
    """

    def __init__(self, shape, dtype):
        self.dtype = np.dtype(dtype)
        self._taken = np.zeros(shape, self.dtype)
        self.data = self._taken

    @property
    def shape(self):
        return self.data.shape

    def __len__(self):
        return len(self.data)

    def __getitem__(self, item):
        return self.data[item]

    def __setitem__(self, item, value):
        self.data[item] = value

    def take_room(self, n_rows):
        """Have room for so many more rows, or for as many as a gigabyte holds."""
        n_old, row_bytes = len(self.data), self.dtype.itemsize * int(np.prod(self.shape[1:]))
        n_rows = min(n_rows, max(_MOST_BYTES // max(row_bytes, 1), 1))
        if n_old + n_rows <= len(self._taken):
            return
        # Half as much again, so that many short runs copy each row a few times only.
        size = max(n_old + n_rows, n_old + n_old // 2)
        taken = np.empty((size, *self.shape[1:]), self.dtype)
        taken[:n_old] = self.data
        self._taken = taken
        self.data = taken[:n_old]

    def room(self):
        """Return the rows that may be written next, an array of shape (n_rows, ...)."""
        return self._taken[len(self.data) :]

    def keep(self, n_rows):
        """Count the first rows of the room among those that are there."""
        self.data = self._taken[: len(self.data) + n_rows]

    def resize(self, shape):
        """Have another number of rows; new ones are zero.

        Raises
        ------
        ValueError
            Where another dimension than the first would change.
        """
        if tuple(shape[1:]) != self.shape[1:]:
            raise ValueError(f"rows have shape {self.shape[1:]}; got {tuple(shape[1:])}")
        n_more = shape[0] - len(self.data)
        if n_more <= 0:
            self.data = self._taken[: shape[0]]
            return
        while n_more > 0:
            self.take_room(n_more)
            n_new = min(n_more, len(self.room()))
            self.room()[:n_new] = 0
            self.keep(n_new)
            n_more -= n_new

    resize_along_first = resize
