"""Reading a trace file: finished, killed, or while its run goes on."""

import json

import numpy as np

from neurosim.errors import TraceFileError
from neurosim.traces.catalogue import catalogue_of, open_segment
from neurosim.traces.columns import TEXT
from neurosim.traces.contents import Contents
from neurosim.traces.folder import RunFolder

__all__ = ["TraceFile"]


class TraceFile(Contents):
    """A trace file as a mapping from ``"group/name"`` to `Trace`.

    What it lists is what had been flushed when it was opened; open it again for more. Values
    are read from the file when asked for. Reading never executes anything the file holds.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    TraceFileError
        Where the file is missing, not HDF5, damaged, or not a trace file.

    Examples
    --------
    >>> from neurosim.traces import TraceFile, TraceWriter
    >>> with TraceWriter("run.h5", protocol="demo", parameters={"tasks": 2}, seed=0) as traces:
    ...     traces.write("hlop/accuracy", [0.9, 0.8], dims=("task",), description="Accuracy")
    >>> file = TraceFile("run.h5")
    >>> file["hlop/accuracy"].values
    array([0.9, 0.8])
    >>> file.complete, file.parameters
    (True, {'tasks': 2})
    """

    def __init__(self, path):
        self.path = path
        self._catalogue = catalogue_of(path)

    @property
    def attributes(self):
        """Root attributes: protocol, parameters (JSON), seed, versions and the rest; dict."""
        return dict(self._catalogue.header)

    @property
    def parameters(self):
        """The protocol's parameters, dict."""
        try:
            return json.loads(self._catalogue.header["parameters"])
        except ValueError as error:
            raise TraceFileError(
                f"{self.path} is damaged: parameters are no JSON ({error})"
            ) from None

    @property
    def state(self):
        """How the run stands: 'complete', 'running', 'interrupted' or 'killed'; str.

        An interrupted run closed its file after an error or Ctrl-C.
        """
        header = self._catalogue.header
        if self._catalogue.segment:
            return "running" if RunFolder(self._catalogue.path).is_alive() else "killed"
        return "complete" if header["complete"] else header["ending"]

    def _datasets(self):
        return {path: entry.dataset for path, entry in self._catalogue.entries.items()}

    def _rows(self, path, start, stop):
        entry = self._catalogue.entries[path]
        if not entry.dataset.shape:
            return np.asarray(self._part(entry.parts[0][0], path, ()))
        start = 0 if start is None else start
        stop = entry.dataset.shape[0] if stop is None else min(stop, entry.dataset.shape[0])
        blocks, first = [], 0
        for file, n_rows in entry.parts:
            low, high = max(start - first, 0), min(stop - first, n_rows)
            if low < high:
                blocks.append(self._part(file, path, slice(low, high)))
            first += n_rows
        if len(blocks) == 1:
            return blocks[0]
        return np.concatenate(
            [np.empty((0, *entry.dataset.shape[1:]), entry.dataset.dtype), *blocks]
        )

    def _part(self, file, path, selection):
        try:
            with open_segment(file, self._catalogue.header["run"]) as opened:
                dataset = opened[path]
                if self._catalogue.entries[path].dataset.dtype == TEXT:
                    dataset = dataset.asstr()
                return dataset[selection]
        except FileNotFoundError:
            raise TraceFileError(
                f"{self.path} was finished while it was being read; open it again"
            ) from None
        except (OSError, KeyError) as error:
            if isinstance(error, TraceFileError):
                raise
            raise TraceFileError(f"{file} is damaged: cannot read {path!r} ({error})") from error
