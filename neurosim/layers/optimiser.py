"""Stochastic gradient descent on named arrays."""

import numpy as np

__all__ = ["SGD"]


class SGD:
    """Gradient descent with momentum: ``m ← μ m + g``, ``θ ← θ − η m``.

    Parameters
    ----------
    learning_rate : float, default=0.1
        η.
    momentum : float, default=0.0
        μ.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.layers import SGD
    >>> weights = {"w": np.ones(2)}
    >>> SGD(0.5).step(weights, {"w": np.array([1.0, 0.0])})
    >>> weights["w"].tolist()
    [0.5, 1.0]
    """

    def __init__(self, learning_rate=0.1, momentum=0.0):
        self.learning_rate = learning_rate
        self.momentum = momentum
        self._velocity = {}

    def step(self, parameters, gradients):
        """Move `parameters` in place against `gradients`; names without a gradient stay."""
        for name, gradient in gradients.items():
            if self.momentum:
                velocity = self._velocity.setdefault(name, np.zeros_like(gradient))
                velocity *= self.momentum
                velocity += gradient
                gradient = velocity
            parameters[name] -= parameters[name].dtype.type(self.learning_rate) * gradient

    def state(self):
        """Return the momenta by parameter name."""
        return {name: velocity.copy() for name, velocity in self._velocity.items()}

    def restore(self, state):
        """Go back to the momenta of `state`."""
        self._velocity = {name: velocity.copy() for name, velocity in state.items()}
