"""The figure of a trace file, drawn again from the file alone."""

from pathlib import Path

from neurosim.errors import TraceFileError, UnknownNameError
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
    """
    picture = Path(picture)
    if picture.exists() and not overwrite:
        raise TraceFileError(f"{picture} exists already; --overwrite replaces it")
    traces = TraceFile(path)
    try:
        draw = find_protocol(traces.attributes["protocol"]).figure or overview
    except UnknownNameError:
        draw = overview
    if not traces.complete:
        # A protocol's own figure may need what an interrupted run never wrote.
        try:
            figure = draw(traces)
        except (KeyError, IndexError, ValueError):
            figure = overview(traces)
    else:
        figure = draw(traces)
    try:
        figure.savefig(picture, dpi=150)
    except (OSError, ValueError) as error:
        raise TraceFileError(f"cannot write the figure {picture}: {error}") from error
