"""The two ends of the scale: no protection at all, and all data at once."""

from neurosim import model
from neurosim.models.continual.classifier import LayeredClassifier

__all__ = ["Joint", "Naive"]


@model("naive")
class Naive(LayeredClassifier):
    """Plain sequential training, nothing protected: the lower bound.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.models.continual import Naive
    >>> naive = Naive(16, 3, hidden=(20,), seed=1)
    >>> naive.respond(np.ones((2, 16))).scores.shape
    (2, 3)
    """


@model("joint")
class Joint(LayeredClassifier):
    """Training on all experiences mixed together: the upper bound.

    Examples
    --------
    >>> from neurosim.models.continual import Joint
    >>> Joint(16, 3, hidden=(20,)).regime
    'joint'
    """

    regime = "joint"
