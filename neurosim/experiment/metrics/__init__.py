"""Measures of sequential learning, from the accuracy matrix and the curve of accuracies.

Accuracies are shares between 0 and 1. ``R[i, j]`` is the accuracy on task j after learning
experience i, ``initial[j]`` that of the untrained model. Sums over T tasks in which one entry
is zero by construction are divided by T − 1; Lopez-Paz and Ranzato's code divides by T.
"""

from neurosim.experiment.metrics.curve import (
    learning_curve_area,
    minimum_accuracy,
    stability_gap,
    windowed_forgetting,
    windowed_plasticity,
    worst_case_accuracy,
)
from neurosim.experiment.metrics.matrix import (
    average_accuracy,
    average_incremental_accuracy,
    backward_transfer,
    forgetting,
    forward_transfer,
    intransigence,
    learning_accuracy,
)
from neurosim.experiment.metrics.summary import summary

__all__ = [
    "average_accuracy",
    "average_incremental_accuracy",
    "backward_transfer",
    "forgetting",
    "forward_transfer",
    "intransigence",
    "learning_accuracy",
    "learning_curve_area",
    "minimum_accuracy",
    "stability_gap",
    "summary",
    "windowed_forgetting",
    "windowed_plasticity",
    "worst_case_accuracy",
]
