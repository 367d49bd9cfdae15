"""Spikes and reports of a trace file as a Neo block.

Written with `neo.io.NeoMatlabIO`: of the formats Neo both writes and reads, the one that keeps
units and every bit and needs nothing but SciPy (pickle is no data format, and Neo's own NWB
writer turns milliseconds into seconds).
"""

import re

import neo
import numpy as np
import quantities as pq
from neo.io import NeoMatlabIO

from neurosim.errors import TraceFileError

__all__ = ["neo_block", "write_neo"]

# What a MATLAB 5 file can hold in one array.
_MOST_BYTES = 2**31 - 1
_UNITS = re.compile(r"[A-Za-z]+(\*\*-?\d+)?([*/][A-Za-z]+(\*\*-?\d+)?)*")


def write_neo(file, path):
    """Write a trace file as a file of Neo.

    Parameters
    ----------
    file : TraceFile
    path : Path

    Raises
    ------
    TraceFileError
        Where a report is larger than the format holds.
    """
    for name in file.reports:
        report = file.report(name)
        if report.n_steps * len(report.node_ids) * 4 > _MOST_BYTES:
            raise TraceFileError(f"report {name!r} exceeds the 2 GB of a Neo file; export to nwb")
    NeoMatlabIO(str(path)).write_block(neo_block(file))


def neo_block(file):
    """Return spikes and reports as a Neo block with one segment.

    Parameters
    ----------
    file : TraceFile or MemoryTraces

    Returns
    -------
    neo.Block
        A SpikeTrain for each neuron that spiked, named "population node", and an AnalogSignal
        for each report, with a channel for each neuron. Units Neo does not know are kept in the
        annotation ``units_text`` of a dimensionless signal.
    """
    about = file.attributes
    keys = ("run", "protocol", "parameters", "neurosim", "created", "git_commit")
    annotations = {key: str(about[key]) for key in keys}
    block = neo.Block(
        name=about["protocol"],
        description="complete" if about["complete"] else "incomplete",
        seed=int(about["seed"]),
        **annotations,
    )
    segment = neo.Segment(name="run")
    block.segments.append(segment)
    segment.block = block
    reports = [file.report(name) for name in file.reports]
    for report in reports:
        if report.n_steps:
            segment.analogsignals.append(_signal(report))
    ends = [report.start_ms + report.n_steps * report.step_ms for report in reports]
    trains = {name: _trains(file, name) for name in file.populations}
    times = [train[-1] for found in trains.values() for train in found.values()]
    starts = [train[0] for found in trains.values() for train in found.values()]
    span = {"t_start": min([0.0, *starts]) * pq.ms, "t_stop": max([0.0, *ends, *times]) * pq.ms}
    for name, found in trains.items():
        for node, train in found.items():
            segment.spiketrains.append(
                neo.SpikeTrain(
                    train, units="ms", name=f"{name} {node}", population=name, node_id=node, **span
                )
            )
    return block


def _signal(report):
    units, annotations = _units(report.units)
    return neo.AnalogSignal(
        report.values,
        units=units,
        t_start=report.start_ms * pq.ms,
        sampling_period=report.step_ms * pq.ms,
        name=report.name,
        description=report.description,
        node_ids=report.node_ids.astype(np.int64),
        **annotations,
    )


def _units(text):
    """Return units Neo knows, and the text where it does not.

    quantities evaluates the text as Python, so that only products of names may reach it.
    """
    if _UNITS.fullmatch(text):
        try:
            return pq.Quantity(1.0, text).units, {}
        except (LookupError, ValueError, TypeError, NameError, SyntaxError):
            pass
    return pq.dimensionless, {} if text == "1" else {"units_text": text}


def _trains(file, population):
    """Return {node: ascending times in ms} of the neurons that spiked."""
    node_ids, times = file.spikes(population)
    order = np.lexsort((times, node_ids))
    nodes, starts = np.unique(node_ids[order], return_index=True)
    return dict(zip(nodes.tolist(), np.split(times[order], starts[1:]), strict=False))
