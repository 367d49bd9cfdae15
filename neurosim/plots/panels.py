"""The axes a figure is drawn into: the caller's, or new ones as wide as a column of text."""

from neurosim.errors import ParameterError

__all__ = ["COLUMN_WIDTH", "checked_lengths", "panel"]

# Inches; the width of one column of the journals of the field.
COLUMN_WIDTH = 3.4


def panel(axes, title=None, *, height=2.4):
    """Return `axes`, or where it is None new axes of pyplot, one column wide, under its title.

    Parameters
    ----------
    axes : matplotlib.axes.Axes or None
    title : str, optional
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
    if axes is None:
        # pyplot chooses a backend and keeps its figures: only whoever leaves the axes to us, in
        # a notebook or a script that calls plt.show(), wants that.
        import matplotlib.pyplot as plt

        axes = plt.subplots(figsize=(COLUMN_WIDTH, height), layout="constrained")[1]
    if title:
        axes.set_title(title)
    return axes


def checked_lengths(**arrays):
    """Raise ParameterError where arrays, given by name, differ in length."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ParameterError(f"{' and '.join(lengths)} must be equally long; {told}")
