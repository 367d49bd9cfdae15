"""The whole state of a simulation at one moment, kept in memory or in an HDF5 file."""

import io
import json
from pathlib import Path

import h5py
import numpy as np

from neurosim.errors import DataError
from neurosim.experiment.outputs import check_output
from neurosim.traces.storage import put_in_place

__all__ = ["Snapshot"]

_FORMAT = "neurosim snapshot"
_VERSION = 1


class Snapshot:
    """Arrays by object and variable, and what else a run depends on.

    Made by :meth:`neurosim.Simulation.snapshot`. A simulation that is restored to it goes on as the
    original would have, bit by bit: spikes under way, positions of generators and of random streams
    included.

    Parameters
    ----------
    arrays : dict of str to ndarray
        By path, such as ``"neurons/v"``.
    numbers : dict
        What is no array, as JSON can hold it.

    Attributes
    ----------
    arrays, numbers
        See above.
    """

    def __init__(self, arrays, numbers):
        self.arrays, self.numbers = arrays, numbers

    @property
    def t(self):
        """Time in seconds."""
        return self.numbers["t"]

    def __repr__(self):
        size = sum(array.nbytes for array in self.arrays.values())
        return f"<Snapshot at {self.t:g} s, {len(self.arrays)} arrays, {size / 1e6:.3g} MB>"

    def save(self, path, *, overwrite=False):
        """Write it to an HDF5 file, one data set per array.

        Parameters
        ----------
        path : str or Path
        overwrite : bool, default=False
            Whether an existing file may be replaced.

        Raises
        ------
        TraceFileError
            Where the file exists already, or cannot be written there.
        TraceWriteError
            Where the disk has no room.
        """
        path = Path(path)
        check_output(path, overwrite=overwrite)
        buffer = io.BytesIO()
        with h5py.File(buffer, "w", track_order=True) as file:
            file.attrs["format"], file.attrs["version"] = _FORMAT, _VERSION
            file.attrs["numbers"] = json.dumps(self.numbers)
            for name, array in self.arrays.items():
                file.create_dataset(name, data=array, track_times=False)
        put_in_place(buffer.getbuffer(), path, path.with_name(f".{path.name}.part"))

    @classmethod
    def load(cls, path):
        """Read one from a file.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        Snapshot

        Raises
        ------
        DataError
            Where there is no such file, or it holds no snapshot.
        """
        path = Path(path)
        if not path.is_file():
            raise DataError(f"there is no file {path}")
        try:
            with h5py.File(path) as file:
                if file.attrs.get("format") != _FORMAT:
                    raise DataError(f"{path} is no snapshot of a simulation")
                if file.attrs["version"] > _VERSION:
                    raise DataError(
                        f"{path} is a snapshot of version {file.attrs['version']}; this neurosim "
                        f"reads {_VERSION}"
                    )
                arrays = {}

                def read(name, item):
                    if isinstance(item, h5py.Dataset):
                        arrays[name] = np.asarray(item[()])

                file.visititems(read)
                return cls(arrays, json.loads(file.attrs["numbers"]))
        except OSError as error:
            raise DataError(f"{path} cannot be read as HDF5: {error}") from error
