"""Experience replay from a reservoir of seen samples."""

import numpy as np

from neurosim import model
from neurosim.errors import ParameterError
from neurosim.models.continual.classifier import LayeredClassifier
from neurosim.models.continual.memory import Reservoir
from neurosim.models.continual.states import nest, part
from neurosim.randomness import generator

__all__ = ["Replay"]


@model("replay")
class Replay(LayeredClassifier):
    """Every batch is joined by as many remembered samples of earlier experiences.

    The memory is a reservoir over the whole stream (Vitter 1985; experience replay as in
    Chaudhry et al. 2019, "On tiny episodic memories in continual learning"). Samples of an
    experience can be replayed once it has ended, so that none is replayed beside itself.

    Parameters
    ----------
    memory : int, default=500
        Samples remembered in all.
    replayed : int, default=64
        Remembered samples added to a batch.
    **classifier
        See :class:`LayeredClassifier`.

    Examples
    --------
    >>> from neurosim.models.continual import Replay
    >>> Replay(16, 3, hidden=(20,), memory=50).memory
    50
    """

    def __init__(self, n_inputs, n_classes, *, memory=500, replayed=64, **classifier):
        for name, value in (("memory", memory), ("replayed", replayed)):
            if not value >= 1:
                raise ParameterError(f"{name} of replay must be at least 1; got {value!r}")
        self.memory = memory
        self.replayed = replayed
        super().__init__(n_inputs, n_classes, **classifier)

    def reset(self):
        """Forget weights and samples."""
        super().reset()
        self._reservoir = Reservoir(self.memory, seed=self.seed, name="replay")
        self._old = self._reservoir.state()

    def training_batch(self, stimuli, targets):
        """Add remembered samples to the batch."""
        # Later epochs offer the same samples again; a reservoir uniform over presentations
        # is uniform over samples.
        self._reservoir.add(stimuli, targets)
        n_old = len(self._old["targets"])
        if n_old == 0:
            return stimuli, targets
        rng = generator(self.seed, "replayed", self.experience, self.iteration)
        chosen = rng.choice(n_old, min(self.replayed, n_old), replace=False)
        return (
            np.concatenate([stimuli, self._old["stimuli"][chosen]]),
            np.concatenate([targets, self._old["targets"][chosen]]),
        )

    def after_experience(self, experience):
        """Make what was seen by now replayable."""
        self._old = self._reservoir.state()

    def state(self):
        """Return the classifier's state, the reservoir and the replayable samples."""
        return {
            **super().state(),
            **nest("reservoir", self._reservoir.state()),
            **nest("old", {name: array.copy() for name, array in self._old.items()}),
        }

    def restore(self, state):
        """Go back to a state returned by :meth:`state`."""
        super().restore(state)
        self._reservoir.restore(part("reservoir", state))
        self._old = {name: array.copy() for name, array in part("old", state).items()}
