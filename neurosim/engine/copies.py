"""Copies of arrays that share memory among each other as the originals do."""

import ctypes

import numpy as np

__all__ = ["Copies"]

# Copies begin at the same place in a cache line as the originals, so that loops run alike.
_LINE = 64


class Copies:
    """Copies of some arrays, in memory of their own.

    Arrays that overlap, as a view and what it is a view of, have copies that overlap.

    Parameters
    ----------
    arrays : iterable of ndarray
        They must stay where they are as long as :meth:`renew` is called.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.engine.copies import Copies
    >>> whole = np.arange(4.0)
    >>> part = whole[2:]
    >>> copies = Copies([whole, part])
    >>> copies.of(part)[0] = 7
    >>> copies.of(whole).tolist(), whole.tolist()
    ([0.0, 1.0, 7.0, 3.0], [0.0, 1.0, 2.0, 3.0])
    >>> copies.renew()
    >>> copies.of(whole).tolist()
    [0.0, 1.0, 2.0, 3.0]
    """

    def __init__(self, arrays):
        self._originals = {id(array): array for array in arrays}
        self._blocks, self._copies = [], {}
        bounds = {key: _bounds(array) for key, array in self._originals.items()}
        group, end = [], 0
        for key in sorted(bounds, key=bounds.get):
            low, high = bounds[key]
            if group and low >= end:
                self._copy(group, bounds)
                group = []
            group.append(key)
            end = max(end, high)
        if group:
            self._copy(group, bounds)

    def _copy(self, group, bounds):
        """Copy arrays whose memory overlaps."""
        low = bounds[group[0]][0]
        size = max(bounds[key][1] for key in group) - low
        room = np.empty(size + _LINE, np.uint8)
        start = (low - room.ctypes.data) % _LINE
        target = room[start : start + size]
        if size:
            memory = (ctypes.c_uint8 * size).from_address(low)
            source = np.frombuffer(memory, np.uint8)
            target[:] = source
            self._blocks.append((target, source))
        for key in group:
            array = self._originals[key]
            offset = start + array.ctypes.data - low
            copy = np.ndarray(array.shape, array.dtype, room, offset, array.strides)
            copy.flags.writeable = array.flags.writeable
            self._copies[key] = copy

    def of(self, array):
        """Return the copy of an array, or the array itself where it has none."""
        return self._copies.get(id(array), array)

    def renew(self):
        """Give all copies the values that the originals have."""
        for target, source in self._blocks:
            target[:] = source


def _bounds(array):
    """Return the addresses between which the elements of an array stand."""
    low = high = array.ctypes.data
    if not array.size:
        return low, low
    for size, stride in zip(array.shape, array.strides, strict=True):
        if stride < 0:
            low += stride * (size - 1)
        else:
            high += stride * (size - 1)
    return low, high + array.itemsize
