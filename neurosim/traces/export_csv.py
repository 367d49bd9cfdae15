"""A trace file as a folder of CSV tables.

``about.json`` holds the root attributes and ``scalars.csv`` all scalars. Every other trace
``group/name`` has a table ``group/name.csv`` with one value in each row, after the index, or the
coordinate where there is one, of each of its dimensions. ``spikes/<population>.csv`` has one spike
in each row; ``report/<name>.csv`` one time step, with a column for each neuron. The first row
names the columns, with units in brackets.
"""

import csv
import json

import numpy as np

from neurosim.errors import TraceFileError
from neurosim.traces.folder import PART

__all__ = ["write_csv"]

_BLOCK_VALUES = 1 << 18


def write_csv(file, folder, overwrite):
    """Write the tables, each whole or not at all.

    Parameters
    ----------
    file : TraceFile
    folder : Path
        Created where it does not exist.
    overwrite : bool
        Whether tables in it may be replaced.

    Returns
    -------
    list of Path

    Raises
    ------
    TraceFileError
        Where the folder holds anything and `overwrite` is false.
    """
    if folder.exists() and not folder.is_dir():
        raise TraceFileError(f"{folder} is a file; expected the name of a folder")
    if folder.is_dir() and not overwrite and any(folder.iterdir()):
        raise TraceFileError(f"{folder} is not empty; overwrite=True (--overwrite) replaces tables")
    if not folder.parent.is_dir():
        raise TraceFileError(f"cannot write {folder}: folder {folder.parent} does not exist")
    folder.mkdir(exist_ok=True)
    written = [_write_about(file, folder / "about.json")]
    scalars = [trace for trace in file.values() if not trace.shape]
    if scalars:
        written.append(_write_table(folder / "scalars.csv", *_scalars(scalars)))
    for trace in file.values():
        if trace.shape:
            written.append(_write_table(folder / f"{trace.name}.csv", *_trace(file, trace)))
    for name in file.populations:
        written.append(_write_table(folder / f"spikes/{name}.csv", *_spikes(file, name)))
    for name in file.reports:
        written.append(_write_table(folder / f"report/{name}.csv", *_report(file, name)))
    return written


def _write_about(file, path):
    about = {key: np.asarray(value).tolist() for key, value in file.attributes.items()}
    about["parameters"] = file.parameters
    path.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    return path


def _write_table(path, header, blocks):
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + PART)
    try:
        with scratch.open("w", newline="", encoding="utf-8") as stream:
            table = csv.writer(stream)
            table.writerow(header)
            for columns in blocks:
                table.writerows(zip(*columns, strict=True))
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
    return path


def _scalars(traces):
    columns = [
        [trace.name for trace in traces],
        [_text(trace.values.reshape(1))[0] for trace in traces],
        [trace.units for trace in traces],
        [trace.description for trace in traces],
    ]
    return ["name", "value", "units", "description"], [columns]


def _trace(file, trace):
    group, _, own = trace.name.rpartition("/")
    if trace.dims == (own,):
        return [_title(own, trace.units)], _blocks(trace, [])
    header, coordinates = [], []
    for dim, size in zip(trace.dims, trace.shape, strict=True):
        coordinate = file.get(f"{group}/{dim}")
        known = coordinate is not None and coordinate.shape == (size,)
        header.append(_title(dim, coordinate.units) if known else dim)
        coordinates.append(_text(coordinate.values if known else np.arange(size)))
    return [*header, _title(own, trace.units)], _blocks(trace, coordinates)


def _blocks(trace, coordinates):
    """Yield columns for some rows of the trace at a time."""
    row_values = int(np.prod(trace.shape[1:], dtype=np.int64))
    step = max(1, _BLOCK_VALUES // max(1, row_values))
    for start in range(0, trace.shape[0], step):
        values = trace[start : start + step]
        places = np.indices(values.shape).reshape(values.ndim, -1)
        if coordinates:
            places[0] += start
        columns = [known[place] for known, place in zip(coordinates, places, strict=False)]
        yield [*columns, _text(values.ravel())]


def _spikes(file, name):
    def blocks():
        for start in range(0, file.n_spikes(name), _BLOCK_VALUES):
            node_ids, times = file.spikes(name, start, start + _BLOCK_VALUES)
            yield [_text(node_ids), _text(times)]

    return ["node_id", _title("time", "ms")], blocks()


def _report(file, name):
    report = file.report(name)
    columns = [_title(f"node {node}", report.units) for node in report.node_ids]

    def blocks():
        step = max(1, _BLOCK_VALUES // max(1, len(columns)))
        times = _text(report.times_ms)
        for start in range(0, report.n_steps, step):
            rows = report.rows(start, start + step)
            yield [times[start : start + step], *(_text(column) for column in rows.T)]

    return [_title("time", "ms"), *columns], blocks()


def _title(name, units):
    return f"{name} [{units}]"


def _text(values):
    """Return values as the shortest text that reads back as the same number."""
    return np.asarray(values).astype(np.str_)
