"""What the projections of a network receive, as their learning rule sees it."""

import numpy as np

from neurosim.layers import Plasticity

__all__ = ["presynaptic_activity"]


class _Collector(Plasticity):
    def __init__(self):
        self.rows = {}

    def activity(self, index, rows):
        self.rows.setdefault(index, []).append(rows.copy())


def presynaptic_activity(network, stimuli, targets):
    """Return what each projection of `network` receives, as its learning rule sees it.

    Returns
    -------
    list of ndarray, shape (n_rows, n_inputs of the projection)
    """
    collector = _Collector()
    for _ in network.learning_steps(stimuli, targets, collector):
        pass
    return [np.concatenate(collector.rows[index]) for index in sorted(collector.rows)]
