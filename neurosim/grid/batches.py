"""Outcomes on their way to the results: batches, each a small file that is put in place whole."""

from dataclasses import dataclass

import h5py
import numpy as np

from neurosim.errors import ParameterError
from neurosim.traces.columns import Dataset
from neurosim.traces.layout import dims_of
from neurosim.traces.segment import segment_image
from neurosim.traces.storage import put_in_place

__all__ = ["Batch", "Column", "write_batch"]


@dataclass(frozen=True)
class Column:
    """A variable of several points.

    Attributes
    ----------
    dims : tuple of str
        Dimensions of the variable itself, without the points.
    dtype : numpy.dtype
        float32 or float64.
    sizes : tuple of int
        Largest size of each dimension; what is shorter is filled up with NaN.
    units, description : str
    """

    dims: tuple
    dtype: np.dtype
    sizes: tuple
    units: str
    description: str

    def joined(self, other, name):
        """Return the column that holds this one and another, in whatever order they come.

        Raises
        ------
        ParameterError
            Where their dimensions differ.
        """
        if self.dims != other.dims:
            ours, theirs = (", ".join(dims) or "none" for dims in (self.dims, other.dims))
            raise ParameterError(
                f"trace {name!r} has other dimensions in some points than in others ({ours}; "
                f"{theirs}), so that one array cannot hold it; leave it out of --trace"
            )
        return Column(
            self.dims,
            np.promote_types(self.dtype, other.dtype),
            tuple(map(max, self.sizes, other.sizes)),
            min(self.units, other.units),
            min(self.description, other.description),
        )

    @property
    def attributes(self):
        """What a data set says about its values."""
        return {"units": self.units, "long_name": self.description}

    @classmethod
    def of_dataset(cls, dataset, n_outer):
        """Return the column of an h5py data set whose first `n_outer` dimensions are points."""
        return cls(
            dims_of(dataset)[n_outer:],
            dataset.dtype,
            dataset.shape[n_outer:],
            dataset.attrs["units"],
            dataset.attrs["long_name"],
        )

    @classmethod
    def of_variable(cls, variable):
        """Return the column of one point's variable."""
        values = variable.values
        return cls(variable.dims, values.dtype, values.shape, variable.units, variable.description)


def write_batch(path, outcomes):
    """Write outcomes into a file that is there whole or not at all.

    Parameters
    ----------
    path : Path
    outcomes : list of Outcome
        Of different points.

    Raises
    ------
    TraceWriteError
        Where the disk is full.
    """
    outcomes = sorted(outcomes, key=lambda outcome: outcome.point)
    points = np.array([outcome.point for outcome in outcomes], np.int64)
    status = np.array([outcome.status for outcome in outcomes], np.int8)
    contents = [
        (Dataset("points/point", ("row",), points.dtype, points.shape), points),
        (Dataset("points/status", ("row",), status.dtype, status.shape), status),
    ]
    for name in sorted({name for outcome in outcomes for name in outcome.variables}):
        contents.append(_content(name, [outcome.variables.get(name) for outcome in outcomes]))
    put_in_place(segment_image({}, {}, contents), path, path.with_name(f"{path.name}.part"))


def _content(name, variables):
    """Return one variable of several points as a data set with a row for each."""
    columns = [Column.of_variable(variable) for variable in variables if variable is not None]
    column = columns[0]
    for other in columns[1:]:
        column = column.joined(other, name)
    values = np.full((len(variables), *column.sizes), np.nan, column.dtype)
    for row, variable in enumerate(variables):
        if variable is not None:
            values[(row, *map(slice, variable.values.shape))] = variable.values
    dims = ("row", *column.dims)
    dataset = Dataset(
        f"variables/{name}", dims, values.dtype, values.shape, attributes=column.attributes
    )
    return dataset, values


class Batch:
    """A batch that is read; the file is open until :meth:`close`.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    points : ndarray of int64, shape (n_rows,)
        Ascending.
    status : ndarray of int8, shape (n_rows,)
    columns : dict of str to Column
    """

    def __init__(self, path):
        self._file = h5py.File(path, "r", locking=False)
        self.points = self._file["points/point"][()]
        self.status = self._file["points/status"][()]
        # Dimensions stand beside the variables, as data sets of their own, without units.
        self.columns = {
            name: Column.of_dataset(dataset, 1)
            for name, dataset in self._file.get("variables", {}).items()
            if "units" in dataset.attrs
        }

    def rows(self, name, start, stop):
        """Return rows `start` to `stop` of a variable as stored."""
        return self._file["variables"][name][start:stop]

    def close(self):
        """Close the file."""
        self._file.close()
