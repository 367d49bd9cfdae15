"""A trace file as Neurodata Without Borders.

Spikes become the table of units, reports time series of acquisition, everything else scratch
data with dims and units in the description. NWB expects time to be the longest axis of a time
series; a report with more neurons than steps becomes a table with a row for each neuron.
"""

import json
from datetime import datetime

import numpy as np
from hdmf.backends.hdf5 import H5DataIO
from hdmf.common import DynamicTable, VectorData
from hdmf.data_utils import DataChunkIterator
from pynwb import NWBHDF5IO, NWBFile, TimeSeries
from pynwb.file import Subject

__all__ = ["write_nwb"]

_BLOCK_ROWS = 4096
# Archives want an animal, with species and age; NCBI's taxon "synthetic construct" is none.
_SYNTHETIC = "http://purl.obolibrary.org/obo/NCBITaxon_32630"


def write_nwb(file, path):
    """Write a trace file as an NWB file.

    Parameters
    ----------
    file : TraceFile
    path : Path
    """
    about = file.attributes
    nwb = NWBFile(
        experiment_description="Computer simulation",
        subject=Subject(
            subject_id="simulation",
            description="A simulated network; no animal was used",
            species=_SYNTHETIC,
            sex="U",
            age="P0D",
        ),
        session_description=f"Simulation of protocol {about['protocol']}",
        identifier=about["run"],
        session_start_time=datetime.fromisoformat(about["created"]),
        session_id=about["run"][:12],
        protocol=about["protocol"],
        notes=json.dumps({key: np.asarray(value).tolist() for key, value in about.items()}),
        keywords=["simulation", "neurosim"],
        was_generated_by=[["neurosim", about["neurosim"]]],
    )
    for population in file.populations:
        _add_units(nwb, file, population)
    for name in file.reports:
        _add_report(nwb, file.report(name))
    for trace in file.values():
        _add_scratch(nwb, trace)
    with NWBHDF5IO(str(path), "w") as stream:
        stream.write(nwb)


def _add_units(nwb, file, population):
    node_ids, times = file.spikes(population)
    if not len(times):
        return
    if nwb.units is None:
        nwb.add_unit_column("population", "Population of the neuron")
        nwb.add_unit_column("node_id", "0-based number of the neuron in its population")
    order = np.lexsort((times, node_ids))
    nodes, starts = np.unique(node_ids[order], return_index=True)
    trains = np.split(times[order] / 1000.0, starts[1:])
    for node, train in zip(nodes.tolist(), trains, strict=True):
        nwb.add_unit(spike_times=train, population=population, node_id=node)


def _add_report(nwb, report):
    n_nodes = len(report.node_ids)
    if not report.n_steps or not n_nodes:
        return
    if n_nodes > report.n_steps:
        _add_wide_report(nwb, report)
        return
    data = DataChunkIterator(
        data=_rows(report),
        maxshape=(report.n_steps, n_nodes),
        dtype=np.dtype(np.float32),
        buffer_size=min(_BLOCK_ROWS, report.n_steps),
    )
    nwb.add_acquisition(
        TimeSeries(
            name=report.name,
            data=H5DataIO(data, compression="gzip", shuffle=True),
            unit=report.units,
            starting_time=report.start_ms / 1000.0,
            rate=1000.0 / report.step_ms,
            description=report.description,
            comments=f"node_ids of the columns: {report.node_ids.tolist()}",
        )
    )


def _rows(report):
    for start in range(0, report.n_steps, _BLOCK_ROWS):
        yield from report.rows(start, start + _BLOCK_ROWS)


def _add_wide_report(nwb, report):
    module = nwb.processing.get("short_reports")
    if module is None:
        text = "Reports with more neurons than time steps, a row for each neuron"
        module = nwb.create_processing_module("short_reports", text)
    clock = f"first at {report.start_ms!r} ms, then every {report.step_ms!r} ms"
    values = H5DataIO(report.values.T, compression="gzip", shuffle=True)
    module.add(
        DynamicTable(
            name=report.name,
            description=f"{report.description} [{report.units}]; {clock}",
            columns=[
                VectorData(
                    name="node_id",
                    description="0-based number of the neuron",
                    data=report.node_ids.astype(np.int64),
                ),
                VectorData(name="values", description=f"[{report.units}], {clock}", data=values),
            ],
        )
    )


def _add_scratch(nwb, trace):
    values = trace.values
    dims = f"; dims {', '.join(trace.dims)}" if trace.dims else ""
    nwb.add_scratch(
        values if trace.shape else values.item(),
        name=trace.name.replace("/", "__"),
        description=f"{trace.description} [{trace.units}]{dims}",
    )
