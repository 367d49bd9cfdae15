"""Learning experiences in sequence: a layered classifier and the standard comparators.

`Naive` and `Joint` are the ends of the scale; `Replay`, `OnlineEWC` and
`GradientProjectionMemory` protect what was learned. All keep the contract of
:class:`neurosim.experiment.model.Model`.
"""

from neurosim.models.continual.baselines import Joint, Naive
from neurosim.models.continual.classifier import RULES, LayeredClassifier
from neurosim.models.continual.ewc import OnlineEWC
from neurosim.models.continual.gpm import GradientProjectionMemory
from neurosim.models.continual.replay import Replay

__all__ = [
    "RULES",
    "GradientProjectionMemory",
    "Joint",
    "LayeredClassifier",
    "Naive",
    "OnlineEWC",
    "Replay",
]
