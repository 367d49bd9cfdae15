"""The figure of a trace file, drawn again from the file alone."""

from neurosim.errors import UnknownNameError
from neurosim.experiment.outputs import check_output, save_figure
from neurosim.experiment.registry import find_protocol
from neurosim.plots.overview import overview
from neurosim.traces import TraceFile

__all__ = ["draw_file"]


def draw_file(path, picture, *, overwrite=False):
    """Draw a trace file's figure: its protocol's own, or an overview.

    Parameters
    ----------
    path : str or Path
        Trace file.
    picture : str or Path
        Image to write; its suffix names the format.
    overwrite : bool, default=False

    Raises
    ------
    TraceFileError
        Where the trace file is none, or the image exists or cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from neurosim.plots.files import draw_file
    >>> from neurosim.traces import TraceWriter
    >>> with TraceWriter("run.h5", protocol="demo", parameters={}, seed=0) as traces:
    ...     traces.append_spikes("exc", [0, 1], [0.1, 0.2])
    >>> draw_file("run.h5", "run.png")
    >>> Path("run.png").exists()
    True
    """
    check_output(picture, overwrite=overwrite)
    traces = TraceFile(path)
    save_figure(_figure_of(traces), picture)


def _figure_of(traces):
    try:
        own = find_protocol(traces.attributes["protocol"]).figure
    except UnknownNameError:
        own = None
    if own is None:
        return overview(traces)
    if traces.complete:
        return own(traces)
    try:
        return own(traces)
    except (LookupError, ValueError):
        # It needs what an interrupted run never came to write.
        return overview(traces)
