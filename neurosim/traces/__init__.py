"""The HDF5 trace file: written while a run goes on, read by anyone, exported.

One file per run; spikes and reports follow SONATA, everything else netCDF's conventions, and the
root attributes say where the numbers came from. See docs/traces.md.
"""

from neurosim.traces.contents import Report, Trace
from neurosim.traces.description import describe
from neurosim.traces.export import export
from neurosim.traces.memory import MemoryTraces
from neurosim.traces.merge import complete_file
from neurosim.traces.recording import Recording, record
from neurosim.traces.tracefile import TraceFile
from neurosim.traces.writer import TraceWriter

__all__ = [
    "MemoryTraces",
    "Recording",
    "Report",
    "Trace",
    "TraceFile",
    "TraceWriter",
    "complete_file",
    "describe",
    "export",
    "record",
]
