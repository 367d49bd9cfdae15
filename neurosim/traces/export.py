"""From a trace file to formats other programs read."""

import shutil
import tempfile
from pathlib import Path

from neurosim.errors import MissingExtraError, NeurosimError, ParameterError, TraceFileError
from neurosim.traces.storage import check_room, write_error
from neurosim.traces.tracefile import TraceFile

__all__ = ["EXPORTS", "export"]

# What the name of the exported file or folder adds to the trace file's.
EXPORTS = {"csv": "_csv", "neo": ".mat", "nwb": ".nwb"}


def export(path, to="csv", output=None, overwrite=False):
    """Write what a trace file holds in another format.

    Parameters
    ----------
    path : str or Path
        The trace file, finished or not.
    to : {'csv', 'neo', 'nwb'}, default='csv'
        'csv': a folder with a table for each trace; see `neurosim.traces.export_csv`.
        'neo': a file that Neo writes and reads (`neo.io.NeoMatlabIO`); spikes and reports.
        'nwb': Neurodata Without Borders, through pynwb; everything.
    output : str or Path, optional
        File, or folder for 'csv'; beside the trace file by default.
    overwrite : bool, default=False
        Whether existing files may be replaced.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    ParameterError
        Where `to` is another word.
    TraceFileError
        Where the trace file cannot be read, or the output exists or cannot be created.
    MissingExtraError
        Where the packages for 'neo' or 'nwb' are not installed.
    TraceWriteError
        Where the disk is full.

    Examples
    --------
    >>> from neurosim.traces import TraceWriter, export
    >>> with TraceWriter("run.h5", protocol="demo", parameters={}, seed=0) as traces:
    ...     traces.append_spikes("exc", [1, 0], [0.5, 2.0])
    >>> [path.as_posix() for path in export("run.h5", to="csv")]
    ['run_csv/about.json', 'run_csv/spikes/exc.csv']
    """
    if to not in EXPORTS:
        raise ParameterError(f"export to must be one of {', '.join(EXPORTS)}; got {to!r}")
    file = TraceFile(path)
    stem = Path(path).with_suffix("")
    output = stem.with_name(stem.name + EXPORTS[to]) if output is None else Path(output)
    if to == "csv":
        from neurosim.traces.export_csv import write_csv

        return _guarded(output, lambda: write_csv(file, output, overwrite))
    write = _writer_of(to)
    _check_output(output, overwrite, Path(path))
    size = sum(_bytes(dataset) for dataset in file._datasets().values())
    check_room(output, size)
    return _guarded(output, lambda: _write_whole(file, output, write))


def _writer_of(to):
    try:
        if to == "neo":
            from neurosim.traces.export_neo import write_neo

            return write_neo
        from neurosim.traces.export_nwb import write_nwb

        return write_nwb
    except ImportError as error:
        raise MissingExtraError(
            f"export to {to} needs {error.name}; install it with pip install 'neurosim[nwb]'"
        ) from error


def _check_output(output, overwrite, source):
    if output.is_dir():
        raise TraceFileError(f"{output} is a folder; expected the name of a file")
    if output.exists() and source.exists() and output.samefile(source):
        raise TraceFileError(f"{output} is the trace file itself; choose another output")
    if output.exists() and not overwrite:
        raise TraceFileError(f"{output} exists already; overwrite=True (--overwrite) replaces it")
    if not output.parent.is_dir():
        raise TraceFileError(f"cannot write {output}: folder {output.parent} does not exist")


def _write_whole(file, output, write):
    """Let `write` work in a folder of its own, then rename what it wrote."""
    folder = Path(tempfile.mkdtemp(prefix=f".{output.name}.", dir=output.parent))
    try:
        write(file, folder / output.name)
        (folder / output.name).replace(output)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [output]


def _guarded(output, write):
    """Call `write`; a full disk becomes one line."""
    try:
        return write()
    except NeurosimError:
        raise
    except OSError as error:
        raise write_error(output, error) from error


def _bytes(dataset):
    n_elements = 1
    for size in dataset.shape:
        n_elements *= size
    return n_elements * dataset.dtype.itemsize
