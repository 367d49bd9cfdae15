"""Figures: every function takes and returns a matplotlib Axes, or returns a Figure."""

from neurosim.plots.continual import accuracy_curves, accuracy_matrix, sequence_figure

__all__ = ["accuracy_curves", "accuracy_matrix", "sequence_figure"]
