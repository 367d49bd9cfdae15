"""Figures: every function takes and returns a matplotlib Axes, or returns a Figure."""

from neurosim.plots.continual import accuracy_curves, accuracy_matrix, sequence_figure
from neurosim.plots.overview import overview, raster, report_traces

__all__ = [
    "accuracy_curves",
    "accuracy_matrix",
    "overview",
    "raster",
    "report_traces",
    "sequence_figure",
]
