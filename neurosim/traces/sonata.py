"""Spikes and reports as the SONATA format wants them.

Source: Dai et al., "The SONATA data format for efficient description of large-scale network
models", PLOS Computational Biology 2020, and the SONATA developer guide, sections "Spike file"
and "Report file".
"""

import math

import h5py
import numpy as np

from neurosim.errors import ParameterError
from neurosim.traces.columns import TEXT, Dataset
from neurosim.traces.values import storable

__all__ = [
    "ReportClock",
    "SpikeOrder",
    "check_same_report",
    "checked_columns",
    "checked_node_ids",
    "checked_rows",
    "checked_times",
    "mapping",
    "report_dataset",
    "sorting_attribute",
    "spike_datasets",
]

_SORTING = h5py.enum_dtype({"none": 0, "by_id": 1, "by_time": 2}, basetype=np.uint8)


class SpikeOrder:
    """Whether all spikes of a population came in ascending time.

    Parameters
    ----------
    description : str
        Of the population.
    """

    def __init__(self, description):
        self.description = description
        self.by_time = True
        self.last_ms = -math.inf

    def see(self, times):
        """Take note of further times."""
        if len(times):
            self.by_time &= bool(times[0] >= self.last_ms and (np.diff(times) >= 0).all())
            self.last_ms = times[-1]

    def attributes(self):
        """Return the attributes of the population's group."""
        return {"sorting": sorting_attribute(self.by_time), "long_name": self.description}


class ReportClock:
    """Start and step of a report, both in milliseconds, and its nodes.

    Parameters
    ----------
    name : str
        The report, for messages.
    start_ms : float
    step_ms : float
    node_ids : ndarray of uint64
        Of the columns.

    Raises
    ------
    ParameterError
        Where start is not finite, or step not a positive finite number.
    """

    def __init__(self, name, start_ms, step_ms, node_ids):
        self.name = name
        self.node_ids = node_ids
        self.start_ms = _finite(f"start_ms of report {name!r}", start_ms)
        if step_ms is None:
            raise ParameterError(f"the first rows of report {name!r} need step_ms")
        self.step_ms = _finite(f"step_ms of report {name!r}", step_ms)
        if self.step_ms <= 0:
            raise ParameterError(f"step_ms of report {name!r} must be > 0; got {step_ms!r}")

    def at(self, row):
        """Time of a row in milliseconds."""
        return self.start_ms + row * self.step_ms

    def check_continues(self, n_rows, start_ms, step_ms):
        """Raise ParameterError unless rows with these values go on after `n_rows` rows."""
        if step_ms is not None and step_ms != self.step_ms:
            raise ParameterError(
                f"step_ms of report {self.name!r} was {self.step_ms!r} so far; got {step_ms!r}"
            )
        # A caller that adds up steps arrives beside the product by rounding only.
        if start_ms is not None and not abs(start_ms - self.at(n_rows)) < 0.01 * self.step_ms:
            raise ParameterError(
                f"start_ms of report {self.name!r} must go on at {self.at(n_rows)!r}, where its "
                f"rows ended; got {start_ms!r}"
            )

    def time_dataset(self, first_row, stop_row):
        """Return the data set ``mapping/time`` for these rows, and its values."""
        text = "Start, stop and step; stop is one step past the last row"
        attributes = {"units": "ms", "long_name": text}
        times = np.array([self.at(first_row), self.at(stop_row), self.step_ms])
        path = f"report/{self.name}/mapping/time"
        return Dataset(path, (), times.dtype, times.shape, False, attributes), times

    def attributes(self):
        """Return the attributes of the report's group."""
        return {}


def sorting_attribute(by_time):
    """Return SONATA's enum attribute as an array of its type."""
    return np.array(2 if by_time else 0, dtype=_SORTING)


def spike_datasets(population):
    """Return the data sets of ``/spikes/<population>``: times, node ids."""
    group, dims = f"spikes/{population}", ("timestamps",)
    times = {"units": "ms", "long_name": "Spike times"}
    nodes = {"units": "1", "long_name": "Neuron that spiked"}
    return [
        Dataset(f"{group}/timestamps", dims, np.dtype(np.float64), (0,), True, times),
        Dataset(f"{group}/node_ids", dims, np.dtype(np.uint64), (0,), True, nodes),
    ]


def report_dataset(name, values, labels):
    """Return the data set ``/report/<name>/data`` for rows like `values`."""
    return Dataset(f"report/{name}/data", (), values.dtype, values.shape, True, labels)


def mapping(name, node_ids):
    """Return what stands below ``/report/<name>/mapping`` except time, one element per node.

    Parameters
    ----------
    name : str
    node_ids : ndarray of uint64, shape (n_nodes,)

    Returns
    -------
    datasets : list of Dataset
    arrays : list of ndarray
    """
    n_nodes = len(node_ids)
    texts = {
        "node_ids": "Neurons, one after the other as the columns of data",
        "index_pointers": "First column of each neuron, and the number of columns",
        "element_ids": "Compartment of each column",
    }
    pointers = np.arange(n_nodes + 1, dtype=np.uint64)
    arrays = [node_ids, pointers, np.zeros(n_nodes, dtype=np.uint32)]
    datasets = []
    for (word, text), array in zip(texts.items(), arrays, strict=True):
        attributes = {"units": "1", "long_name": text}
        if word == "node_ids":
            attributes["sorted"] = np.uint8(1)
        path = f"report/{name}/mapping/{word}"
        datasets.append(Dataset(path, (), array.dtype, array.shape, False, attributes))
    return datasets, arrays


def check_same_report(clock, old, new, node_ids):
    """Raise ParameterError unless rows with data set `new` fit the earlier ones of a report."""
    name = clock.name
    if new.shape[1:] != old.shape[1:]:
        raise ParameterError(f"report {name!r} has {old.shape[1]} columns; got {new.shape[1]}")
    before, now = old.attributes["units"], new.attributes["units"]
    if before != now:
        raise ParameterError(f"units of report {name!r} were {before!r} so far; got {now!r}")
    if node_ids is not None and not np.array_equal(clock.node_ids, node_ids):
        raise ParameterError(f"node_ids of report {name!r} differ from those of its first rows")


def checked_node_ids(what, node_ids):
    """Return node ids as uint64, or raise ParameterError naming the first that is none."""
    array = np.atleast_1d(np.asarray(node_ids))
    if not array.size and array.dtype.kind == "f":
        array = array.astype(np.uint64)
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise ParameterError(
            f"node_ids of {what} must be integers with one dimension; got {array.dtype} of shape "
            f"{array.shape}"
        )
    if array.dtype.kind == "i" and array.size and array.min() < 0:
        raise ParameterError(f"node_ids of {what} must be >= 0; got {array.min()}")
    return array.astype(np.uint64)


def checked_columns(name, node_ids, n_nodes):
    """Return the node ids of a report's columns as uint64: ascending, one for each column."""
    if node_ids is None:
        return np.arange(n_nodes, dtype=np.uint64)
    node_ids = checked_node_ids(f"report {name!r}", node_ids)
    if len(node_ids) != n_nodes:
        raise ParameterError(f"report {name!r} has {n_nodes} columns but {len(node_ids)} node_ids")
    if not (node_ids[1:] > node_ids[:-1]).all():
        raise ParameterError(f"node_ids of report {name!r} must ascend; got {node_ids.tolist()}")
    return node_ids


def checked_times(population, node_ids, times_ms):
    """Return spike times as float64, one for each node id, or raise ParameterError."""
    name = f"spikes/{population}"
    array = np.atleast_1d(storable(name, times_ms)[0])
    if array.dtype == TEXT or array.shape != node_ids.shape:
        raise ParameterError(
            f"times_ms of spikes of {population!r} must be {len(node_ids)} numbers, one for each "
            f"of node_ids; got {array.dtype} of shape {array.shape}"
        )
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        first = array[~np.isfinite(array)][0]
        raise ParameterError(f"times_ms of spikes of {population!r} must be finite; got {first}")
    return array


def checked_rows(name, values):
    """Return rows of a report as float32 with shape (n_steps, n_nodes), or raise."""
    array, _ = storable(f"report/{name}", values, np.dtype(np.float32))
    if array.ndim == 1:
        array = array[np.newaxis]
    if array.dtype == TEXT or array.ndim != 2:
        raise ParameterError(
            f"values of report {name!r} must be numbers of shape (n_steps, n_nodes); "
            f"got {array.dtype} of shape {array.shape}"
        )
    return array.astype(np.float32, copy=False)


def _finite(what, value):
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ParameterError(f"{what} must be a finite number of milliseconds; got {value!r}")
    return number
