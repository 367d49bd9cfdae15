"""The axes a figure is drawn into: the caller's, or new ones as wide as a column of text."""

from neurosim.errors import ParameterError

__all__ = ["COLUMN_WIDTH", "checked_lengths", "panel"]

# Inches; the width of one column of the journals of the field.
COLUMN_WIDTH = 3.4


def panel(axes, *, height=2.4):
    """Return `axes`, or where it is None new axes of pyplot, one column wide.

    Parameters
    ----------
    axes : matplotlib.axes.Axes or None
    height : float, default=2.4
        Of a new figure, in inches.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from neurosim.plots.panels import panel
    >>> axes = Figure().subplots()
    >>> panel(axes) is axes
    True
    """
    if axes is not None:
        return axes
    # pyplot chooses a backend and keeps its figures: only whoever leaves the axes to us, in a
    # notebook or a script that calls plt.show(), wants that.
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(COLUMN_WIDTH, height), layout="constrained")[1]


def checked_lengths(**arrays):
    """Raise ParameterError where arrays, given by name, differ in length."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ParameterError(f"{' and '.join(lengths)} must be equally long; {told}")
