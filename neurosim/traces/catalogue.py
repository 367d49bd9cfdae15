"""What stands in which segment of a trace file, found without reading values."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import h5py
import numpy as np

from neurosim.errors import TraceFileError
from neurosim.traces.columns import Dataset
from neurosim.traces.folder import RunFolder
from neurosim.traces.header import FORMAT, FORMAT_VERSION, REQUIRED
from neurosim.traces.layout import DIMENSION_ONLY, dims_of
from neurosim.traces.sonata import sorting_attribute

__all__ = ["Catalogue", "Entry", "catalogue_of", "open_segment"]

_OF_HDF5 = {"CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST"}


@dataclass
class Entry:
    """A data set and the files that hold its rows, in order.

    Attributes
    ----------
    dataset : Dataset
        With the shape of all rows together.
    parts : list of (Path, int)
        File and number of rows in it (1 for a scalar).
    """

    dataset: Dataset
    parts: list


@dataclass
class Catalogue:
    """All that is known of a trace file without its values.

    Attributes
    ----------
    path : Path
    header : dict
        Root attributes, of the last segment.
    segment : int
        1 where the run has not been merged into one file, 0 where it has.
    groups : dict of str to dict
    entries : dict of str to Entry
    files : list of Path
    """

    path: Path
    header: dict
    segment: int
    groups: dict = field(default_factory=dict)
    entries: dict = field(default_factory=dict)
    files: list = field(default_factory=list)


def catalogue_of(path):
    """Return the catalogue of a trace file, whatever state its run is in.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Catalogue

    Raises
    ------
    TraceFileError
        Where the file is missing, not HDF5, damaged, or not a trace file.
    """
    path = Path(path)
    # A run may end, and its segments become one file, between two looks.
    for _ in range(10):
        before = _identity(path)
        try:
            catalogue = _catalogue_now(path)
        except FileNotFoundError:
            continue
        if _identity(path) == before:
            return catalogue
    raise TraceFileError(f"{path} is replaced again and again while it is being read")


def open_segment(path, of_run=None):
    """Open a trace file or segment for reading.

    Parameters
    ----------
    path : Path
    of_run : str, optional
        The run it must belong to.

    Returns
    -------
    h5py.File

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    TraceFileError
        Where it is not a trace file, or damaged, or of another run.
    """
    if path.is_dir():
        raise TraceFileError(f"{path} is a folder; expected a trace file")
    try:
        file = _opened(path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise TraceFileError(_why_unreadable(path, error)) from error
    try:
        _check_ours(path, file.attrs, of_run)
    except BaseException:
        file.close()
        raise
    return file


def _opened(path):
    try:
        return h5py.File(path, "r")
    except OSError as error:
        # The file system cannot lock, or this process has the file open without a lock already;
        # segments never change, so that no lock is needed.
        if "lock" in str(error):
            return h5py.File(path, "r", locking=False)
        raise


def _check_ours(path, attributes, of_run):
    if attributes.get("format") != FORMAT:
        raise TraceFileError(
            f"{path} is an HDF5 file but not a neurosim trace file (root attribute 'format' is "
            f"{attributes.get('format')!r}, expected {FORMAT!r})"
        )
    if attributes["format_version"] > FORMAT_VERSION:
        raise TraceFileError(
            f"{path} has format version {attributes['format_version']}; this neurosim reads up "
            f"to {FORMAT_VERSION}"
        )
    for key in (*REQUIRED, "segment", "ending"):
        if key not in attributes:
            raise TraceFileError(f"{path} is damaged: root attribute {key!r} is missing")
    if of_run is not None and attributes["run"] != of_run:
        raise TraceFileError(f"{path} was replaced by another run while it was being read")


def _catalogue_now(path):
    folder = RunFolder(path)
    try:
        first = open_segment(path)
    except FileNotFoundError:
        raise TraceFileError(_why_missing(path, folder)) from None
    with first:
        header = _attributes(first)
        catalogue = Catalogue(path, header, int(header["segment"]))
        _add(catalogue, path, first)
    if catalogue.segment:
        for number_path in folder.segments(header["run"]):
            with open_segment(number_path, header["run"]) as file:
                catalogue.header = _attributes(file)
                _add(catalogue, number_path, file)
    return catalogue


def _identity(path):
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _add(catalogue, path, file):
    """Append what one segment holds."""
    catalogue.files.append(path)
    found, groups = [], {}

    def visit(name, item):
        if isinstance(item, h5py.Group):
            groups[name] = _attributes(item)
        elif not _is_dimension_only(item):
            found.append(_dataset(name, item))

    try:
        file.visititems(visit)
    except (OSError, RuntimeError, KeyError) as error:
        raise TraceFileError(f"{path} is damaged: {error}") from error
    for name, attributes in groups.items():
        _add_group(catalogue.groups, name, attributes)
    for dataset in found:
        _add_dataset(catalogue.entries, path, dataset)


def _add_group(groups, name, attributes):
    if "sorting" in attributes:
        before = groups.get(name, attributes)["sorting"]
        # Spikes are in order where those of every segment are.
        by_time = int(before) == int(attributes["sorting"]) == 2
        attributes = attributes | {"sorting": sorting_attribute(by_time)}
    if attributes:
        groups[name] = attributes


def _add_dataset(entries, path, dataset):
    n_rows = dataset.shape[0] if dataset.shape else 1
    entry = entries.get(dataset.path)
    if entry is None:
        entries[dataset.path] = Entry(dataset, [(path, n_rows)])
    elif not dataset.path.endswith("/mapping/time"):
        shape = (entry.dataset.shape[0] + n_rows, *dataset.shape[1:])
        entry.dataset = replace(entry.dataset, shape=shape)
        entry.parts.append((path, n_rows))


def _dataset(name, item):
    dtype = item.dtype
    if h5py.check_string_dtype(dtype) is not None:
        dtype = np.dtype(object)
    return Dataset(name, dims_of(item), dtype, item.shape, False, _attributes(item))


def _is_dimension_only(item):
    name = item.attrs.get("NAME", b"")
    return isinstance(name, bytes) and name.decode(errors="replace").startswith(DIMENSION_ONLY)


def _attributes(place):
    return {key: value for key, value in place.attrs.items() if key not in _OF_HDF5}


def _why_unreadable(path, error):
    text = str(error)
    if "truncated" in text:
        return f"{path} is damaged: the HDF5 file was cut off"
    if "signature not found" in text:
        return f"{path} is not an HDF5 file"
    return f"cannot read {path}: {text}"


def _why_missing(path, folder):
    about = folder.about()
    if not about:
        return f"{path} does not exist"
    if folder.is_alive():
        return f"{path} does not exist yet: its run has not flushed anything so far"
    return (
        f"{path} does not exist: the run of {about.get('protocol')} started at "
        f"{about.get('created')} was killed before it flushed anything ({folder.path} may go)"
    )
