"""Where the synapses of each delay and source stand: tables, and as few arrays as they need.

Networks are large because of their synapses. Those created in the order of their sources, all with
one delay, as most are, need no array of the length of all synapses beside Brian 2's own.
"""

import functools

import numpy as np

__all__ = ["SynapseLayout"]


class SynapseLayout:
    """The synapses of a pathway, sorted by delay, source and index.

    Parameters
    ----------
    delays : ndarray of float, shape (n_synapses,) or (1,)
        In seconds.
    dt : float
        Step of the source, in seconds.
    sources : ndarray of int32, shape (n_synapses,)
        Source neuron of each synapse.
    neurons : range
        Source neurons the pathway listens to; other synapses are left out.

    Attributes
    ----------
    delays : ndarray of int64, shape (n_delays,)
        The delays there are, in steps, longest first.
    begin, end : ndarray of int32, shape (n_delays, n_sources)
        Where the synapses of a delay and source stand in `order`.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.engine.synapse_layout import SynapseLayout
    >>> sources = np.array([1, 0, 1], np.int32)
    >>> layout = SynapseLayout(np.array([2e-4, 1e-4, 1e-4]), 1e-4, sources, range(2))
    >>> layout.delays, layout.order
    (array([2, 1]), array([0, 1, 2], dtype=int32))
    >>> layout.begin.tolist(), layout.end.tolist()
    ([[0, 0], [1, 2]], [[0, 1], [2, 3]])
    """

    def __init__(self, delays, dt, sources, neurons):
        self._neurons, self._n_synapses, self.dt = neurons, len(sources), dt
        # One number where all are equal: compared with later, and copied because they may change.
        self._delay = delays[:1].copy() if _all_equal(delays) else delays.copy()
        self._order = self._sources = None
        if len(self._delay) <= 1 and _ascends(sources, neurons):
            self.delays = np.unique(_in_steps(self._delay, dt))
            self._fill_tables(sources, neurons.start)
        else:
            self._sources = sources.copy()
            self._sort(sources)

    def _sort(self, sources):
        """Sort by longest delay, source and index."""
        first, n_neurons = self._neurons.start, len(self._neurons)
        mine = np.flatnonzero((sources >= first) & (sources < self._neurons.stop))
        mine = mine.astype(np.int32)
        if len(self._delay) > 1:
            steps = _in_steps(self._delay[mine], self.dt)
            self.delays = np.unique(steps)[::-1].copy()
        else:
            steps, self.delays = None, _in_steps(self._delay, self.dt)[: len(mine)]
        is_small = len(self.delays) * n_neurons <= np.iinfo(np.int32).max
        cell = (sources[mine] - first).astype(np.int32 if is_small else np.int64)
        if steps is not None and len(steps):
            # Where the table of each delay begins, by how much longer than the shortest it is.
            shortest = self.delays[-1]
            table = np.zeros(self.delays[0] - shortest + 1, cell.dtype)
            table[self.delays - shortest] = np.arange(len(self.delays)) * n_neurons
            cell += table[steps - shortest]
        # Stable, so by index within delay and source.
        by_cell = np.argsort(cell, kind="stable")
        self._order = mine[by_cell]
        self._fill_tables(cell[by_cell], 0)

    def _fill_tables(self, cell, first):
        shape = len(self.delays), len(self._neurons)
        cells = np.arange(first, first + shape[0] * shape[1], dtype=cell.dtype)
        self.begin = np.searchsorted(cell, cells, "left").astype(np.int32).reshape(shape)
        self.end = np.searchsorted(cell, cells, "right").astype(np.int32).reshape(shape)

    def holds_for(self, delays, dt, sources):
        """Return whether these delays (seconds), step and sources are those laid out."""
        if dt != self.dt or len(sources) != self._n_synapses:
            return False
        if len(self._delay) <= 1 and len(delays) > 1:
            if not np.all(delays == self._delay):
                return False
        elif not np.array_equal(delays, self._delay):
            return False
        if self._sources is not None:
            return np.array_equal(sources, self._sources)
        return self._ends_match(sources) and _ascends(sources, self._neurons)

    def _ends_match(self, sources):
        """Return whether first and last synapse of every source are its own."""
        has_synapses = self.end > self.begin
        neurons = np.flatnonzero(has_synapses.any(axis=0)) + self._neurons.start
        first, last = self.begin[has_synapses], self.end[has_synapses] - 1
        return np.array_equal(sources[first], neurons) and np.array_equal(sources[last], neurons)

    @functools.cached_property
    def order(self):
        """Synapse indices in the order of delivery, int32."""
        return np.arange(self._n_synapses, dtype=np.int32) if self._order is None else self._order

    @functools.cached_property
    def is_ordered(self):
        """Whether synapses are stored in the order of delivery."""
        return self._order is None or np.array_equal(
            self._order, np.arange(len(self._order), dtype=np.int32)
        )

    @functools.cached_property
    def is_even(self):
        """Whether every neuron's events reach all its synapses in one step."""
        return bool(np.all(np.sum(self.end > self.begin, axis=0) <= 1))

    def in_parts(self, numbers, n_parts):
        """Return where the synapses of several parts stand, each part's side by side in a row.

        Parameters
        ----------
        numbers : ndarray of int, shape (n_synapses,)
            Number of the part that each synapse belongs to.
        n_parts : int

        Returns
        -------
        tables : list of tuple of two ndarray of int32
            First and last place of each delay and source, for every part.
        order : ndarray of int32
            Synapse indices by place: :attr:`order`, if rows are in the order of parts.
        """
        lengths = (self.end - self.begin).ravel()
        is_small = len(lengths) * n_parts <= np.iinfo(np.int32).max
        first = np.arange(len(lengths), dtype=np.int32 if is_small else np.int64) * n_parts
        order = self.order
        cell = np.repeat(first, lengths)
        cell += numbers[order]
        if np.any(cell[1:] < cell[:-1]):
            # Stable, so that what arrives at a neuron keeps its order.
            sorting = np.argsort(cell, kind="stable")
            cell, order = cell[sorting], order[sorting]
        cells = np.arange(len(lengths) * n_parts + 1, dtype=cell.dtype)
        edges = np.searchsorted(cell, cells).astype(np.int32)
        shape = self.begin.shape
        tables = [
            (edges[part:-1:n_parts].reshape(shape), edges[part + 1 :: n_parts].reshape(shape))
            for part in range(n_parts)
        ]
        return tables, order

    def between(self, begin, end):
        """Return the indices of the synapses that stand at these places."""
        if self._order is None:
            return np.arange(begin, end, dtype=np.int32)
        return self._order[begin:end]


def _in_steps(delays, dt):
    return np.floor(delays / dt + 0.5).astype(np.int64)


def _all_equal(values):
    return len(values) <= 1 or bool(np.all(values[1:] == values[0]))


def _ascends(sources, neurons):
    """Return whether sources are in order and all among the neurons."""
    if len(sources) == 0:
        return True
    if sources[0] < neurons.start or sources[-1] >= neurons.stop:
        return False
    return bool(np.all(sources[1:] >= sources[:-1]))
