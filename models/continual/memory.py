"""Memories of seen samples, filled without knowing how many are still to come."""

import numpy as np

from neurosim.randomness import generator

__all__ = ["Reservoir"]


class Reservoir:
    """Uniform sample of a stream (Vitter 1985, algorithm R).

    After n samples each of them is held with probability ``capacity / n``. Its draws are a
    function of seed, name and the number of samples seen, so its state is its contents.

    Parameters
    ----------
    capacity : int
    seed : int
    name : str
        Distinguishes the reservoirs of one model.

    Attributes
    ----------
    stimuli : ndarray, shape (n_held, n_inputs)
    targets : ndarray of int, shape (n_held,)
    n_seen : int

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.models.continual.memory import Reservoir
    >>> reservoir = Reservoir(2, seed=0, name="example")
    >>> reservoir.add(np.arange(10.0).reshape(5, 2), np.arange(5))
    >>> reservoir.n_seen, reservoir.stimuli.shape
    (5, (2, 2))
    """

    def __init__(self, capacity, *, seed, name):
        self.capacity = capacity
        self.seed = seed
        self.name = name
        self.n_seen = 0
        self.stimuli = np.zeros((0, 0), np.float32)
        self.targets = np.zeros(0, np.int64)

    def add(self, stimuli, targets):
        """Offer a batch of samples, one after the other."""
        room = max(self.capacity - self.n_seen, 0)
        if self.n_seen == 0:
            self.stimuli = self.stimuli.reshape(0, stimuli.shape[1]).astype(stimuli.dtype)
        self.stimuli = np.concatenate([self.stimuli, stimuli[:room]])
        self.targets = np.concatenate([self.targets, targets[:room]])
        ordinals = np.arange(self.n_seen, self.n_seen + len(stimuli))[room:]
        slots = generator(self.seed, self.name, self.n_seen).integers(0, ordinals + 1)
        for sample, slot in enumerate(slots, room):
            if slot < self.capacity:
                self.stimuli[slot] = stimuli[sample]
                self.targets[slot] = targets[sample]
        self.n_seen += len(stimuli)

    def state(self):
        """Return contents and counter as arrays."""
        return {
            "stimuli": self.stimuli.copy(),
            "targets": self.targets.copy(),
            "n_seen": np.array(self.n_seen),
        }

    def restore(self, state):
        """Go back to a state returned by :meth:`state`."""
        self.stimuli = state["stimuli"].copy()
        self.targets = state["targets"].copy()
        self.n_seen = int(state["n_seen"])
