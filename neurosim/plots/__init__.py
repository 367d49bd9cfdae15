"""Figures: a function takes and returns a matplotlib Axes, or returns a Figure of several.

Times are in seconds, as in `neurosim.analysis`.
"""

from neurosim.plots.continual import accuracy_curves, accuracy_matrix, sequence_figure
from neurosim.plots.criticality import (
    avalanche_scaling,
    collapsed_shapes,
    regression_slopes,
    tail_distribution,
)
from neurosim.plots.grids import grid_figure, heat_map, line_with_band
from neurosim.plots.overview import overview
from neurosim.plots.spikes import peristimulus, raster, raster_with_rate
from neurosim.plots.variables import spectrum, variable_traces
from neurosim.plots.weights import weight_evolution, weight_matrix

__all__ = [
    "accuracy_curves",
    "accuracy_matrix",
    "avalanche_scaling",
    "collapsed_shapes",
    "grid_figure",
    "heat_map",
    "line_with_band",
    "overview",
    "peristimulus",
    "raster",
    "raster_with_rate",
    "regression_slopes",
    "sequence_figure",
    "spectrum",
    "tail_distribution",
    "variable_traces",
    "weight_evolution",
    "weight_matrix",
]
