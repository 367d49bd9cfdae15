"""What a run writes beside its traces, and that nothing is lost by it."""

import os
from pathlib import Path

from neurosim.errors import TraceFileError

__all__ = ["check_output", "save_figure"]


def check_output(path, *, overwrite=False):
    """Raise where a file cannot be written, before anything is computed for it.

    Parameters
    ----------
    path : str or Path
    overwrite : bool, default=False
        Whether an existing file may be replaced.

    Raises
    ------
    TraceFileError

    Examples
    --------
    >>> from neurosim.experiment.outputs import check_output
    >>> check_output("missing/figure.png")
    Traceback (most recent call last):
    neurosim.errors.TraceFileError: cannot write missing/figure.png: folder missing does not exist
    """
    path = Path(path)
    if path.is_dir():
        raise TraceFileError(f"{path} is a folder; expected the name of a file")
    if path.exists() and not overwrite:
        raise TraceFileError(f"{path} exists already; overwrite=True (--overwrite) replaces it")
    if not path.parent.is_dir():
        raise TraceFileError(f"cannot write {path}: folder {path.parent} does not exist")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise TraceFileError(f"cannot write {path}: folder {path.parent} is read-only")


def save_figure(figure, path):
    """Write a figure as an image.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : str or Path
        Its suffix names the format.

    Raises
    ------
    TraceFileError
        Where the format is unknown or the file cannot be written.
    """
    try:
        figure.savefig(path, dpi=150)
    except (OSError, ValueError) as error:
        raise TraceFileError(f"cannot write the figure {path}: {error}") from error
