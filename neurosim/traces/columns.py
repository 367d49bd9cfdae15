"""One data set of a trace file while it is being recorded: rows waiting, rows handed on."""

from dataclasses import dataclass, field, replace

import numpy as np

__all__ = ["ARRAY_OVERHEAD", "SONATA_GROUPS", "TEXT", "Column", "Dataset", "chunk_shape"]

# The type that stands for text of any length, stored as variable-length UTF-8.
TEXT = np.dtype(object)

# Groups that hold what SONATA says, and nothing else.
SONATA_GROUPS = ("spikes", "report")

# Large enough for gzip and for sequential reading, small enough to be read for one row.
_CHUNK_BYTES = 256 * 1024
_MANY_CHUNKS = 4
# What a waiting NumPy array costs beyond its elements.
ARRAY_OVERHEAD = 128


@dataclass(frozen=True)
class Dataset:
    """What an HDF5 data set looks like, without its values.

    Attributes
    ----------
    path : str
        ``"group/name"``.
    dims : tuple of str
        Dimension names; empty for scalars and inside the SONATA groups.
    dtype : numpy.dtype
        Stored type; `TEXT` stands for text.
    shape : tuple of int
    grows : bool
        Whether rows are appended along the first dimension.
    attributes : dict
    """

    path: str
    dims: tuple
    dtype: np.dtype
    shape: tuple
    grows: bool = False
    attributes: dict = field(default_factory=dict)

    @property
    def name(self):
        """The last word of the path."""
        return self.path.rpartition("/")[2]

    @property
    def group(self):
        """The path of the group that holds it."""
        return self.path.rpartition("/")[0]

    @property
    def is_sonata(self):
        """Whether it stands in one of the groups that SONATA lays out."""
        return self.path.split("/", 1)[0] in SONATA_GROUPS

    @property
    def is_ragged(self):
        """Whether it holds values of rows of different lengths, or where these begin."""
        return "row_starts" in self.attributes or self.name.endswith("_row_start")


def chunk_shape(dtype, shape):
    """Return the chunk shape of a data set: whole rows where they fit, about 256 KiB.

    The number of rows does not matter, so that segments of one run and the file merged from
    them share chunks that can be copied as they are.

    Parameters
    ----------
    dtype : numpy.dtype
    shape : tuple of int
        At least one dimension; the first may be 0.

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.traces.columns import chunk_shape
    >>> chunk_shape(np.dtype("f4"), (100_000, 64))
    (1024, 64)
    """
    elements = max(1, _CHUNK_BYTES // (16 if dtype == TEXT else dtype.itemsize))
    chunk = [max(1, size) for size in shape[1:]]
    for axis in range(len(chunk)):
        others = int(np.prod(chunk[axis + 1 :], dtype=np.int64))
        chunk[axis] = max(1, min(chunk[axis], elements // others))
    rows = max(1, elements // int(np.prod(chunk, dtype=np.int64)))
    return (rows, *chunk)


class Column:
    """Values of one data set that have been recorded and not yet discarded.

    Parameters
    ----------
    dataset : Dataset
        Its shape is that of the first values.
    """

    def __init__(self, dataset):
        self.dataset = dataset
        self.blocks = []
        self.n_rows = 0
        self.n_discarded = 0

    @property
    def row_shape(self):
        """Shape of what is appended as one row."""
        return self.dataset.shape[1:] if self.dataset.grows else self.dataset.shape

    @property
    def waiting_bytes(self):
        """Memory that the values occupy."""
        return sum(block.nbytes + ARRAY_OVERHEAD for block in self.blocks)

    def dataset_so_far(self):
        """Return the data set with the shape of all rows recorded."""
        if not self.dataset.grows:
            return self.dataset
        return replace(self.dataset, shape=(self.n_rows, *self.row_shape))

    def contents(self, start, stop):
        """Return rows `start` to `stop` as a data set of that shape, and its values."""
        values = self.rows(start, stop)
        return replace(self.dataset, shape=values.shape), values

    def add(self, block):
        """Append rows, or the only values of a data set that does not grow."""
        self.blocks.append(block)
        self.n_rows += len(block) if self.dataset.grows else 1

    def rows(self, start, stop):
        """Return rows `start` to `stop` of the whole run as one array; none may be discarded."""
        if not self.dataset.grows:
            return self.blocks[0]
        values = np.concatenate([self._empty(), *self.blocks])
        return values[start - self.n_discarded : stop - self.n_discarded]

    def discard(self, stop):
        """Forget the rows before `stop`; doing so again changes nothing."""
        while self.blocks and self.n_discarded < stop:
            block = self.blocks[0]
            n_rows = len(block) if self.dataset.grows else 1
            if self.n_discarded + n_rows > stop:
                n_cut = stop - self.n_discarded
                # A copy, because a view would keep the whole block in memory.
                self.blocks[0] = block[n_cut:].copy()
                self.n_discarded = stop
                return
            self.blocks.pop(0)
            self.n_discarded += n_rows

    def whole_chunks(self, start):
        """Return up to which row to write when only rows from `start` on are left to write.

        Where many chunks are waiting, the last, incomplete one is left out, so that the next
        segment begins with a chunk and the chunks of both can be copied into the finished file
        as they are. Ragged values and their row starts always belong together.
        """
        dataset = self.dataset
        if not dataset.grows or dataset.is_ragged:
            return self.n_rows
        chunk = chunk_shape(dataset.dtype, dataset.shape)[0]
        if self.n_rows - start < _MANY_CHUNKS * chunk:
            return self.n_rows
        return self.n_rows // chunk * chunk

    def _empty(self):
        return np.empty((0, *self.row_shape), dtype=self.dataset.dtype)
