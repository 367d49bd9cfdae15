"""Rate layers: static units with exact gradients, the reference for the spiking ones."""

import numpy as np

from neurosim.errors import ParameterError
from neurosim.layers.loss import cross_entropy

__all__ = ["RateUnits"]

_ACTIVATIONS = {
    "relu": (lambda x: np.maximum(x, 0), lambda x, y: (x > 0).astype(x.dtype)),
    "tanh": (np.tanh, lambda x, y: 1 - y**2),
}


class RateUnits:
    """Units that answer with a rate, ``a = f(I)``.

    Parameters
    ----------
    activation : {"relu", "tanh"}

    Raises
    ------
    ParameterError
        Where `activation` is neither.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.layers import FeedforwardNetwork, RateUnits
    >>> network = FeedforwardNetwork([4, 8, 2], dynamics=RateUnits())
    >>> [(loss, gradients)] = network.learning_steps(np.ones((3, 4)), np.array([0, 1, 1]))
    >>> gradients["projection_0.weights"].shape
    (8, 4)
    """

    variables = ("rate",)
    trains_threshold = False
    threshold = 0.0

    def __init__(self, activation="relu"):
        if activation not in _ACTIVATIONS:
            raise ParameterError(
                f"activation must be one of {', '.join(_ACTIVATIONS)}; got {activation!r}"
            )
        self.activation = activation

    def respond(self, network, stimuli, record=frozenset()):
        """Return read-out and rates as traces of one step."""
        _, rates, readout = self._forward(network, stimuli)
        return readout, {
            f"layer_{number}.rate": rate[:, np.newaxis]
            for number, rate in enumerate(rates, 1)
            if f"layer_{number}.rate" in record
        }

    def learning_steps(self, network, stimuli, targets, plasticity):
        """Yield once; see :meth:`FeedforwardNetwork.learning_steps`."""
        derivative = _ACTIVATIONS[self.activation][1]
        currents, rates, readout = self._forward(network, stimuli)
        loss, error = cross_entropy(readout, targets)
        factors = [stimuli, *rates]
        for index, rows in enumerate(factors):
            plasticity.activity(index, rows)
        gradients = {}
        for index in range(len(network.projections) - 1, -1, -1):
            projection = network.projections[index]
            rows = plasticity.presynaptic(index, factors[index])
            gradient = plasticity.gradient(index, error.T @ rows)
            gradients[f"projection_{index}.weights"] = gradient
            if projection.bias is not None:
                gradients[f"projection_{index}.bias"] = error.sum(axis=0)
            if index > 0:
                slope = derivative(currents[index - 1], rates[index - 1])
                error = projection.backward(error) * slope
        yield loss, gradients

    def _forward(self, network, stimuli):
        function = _ACTIVATIONS[self.activation][0]
        currents, rates, activity = [], [], stimuli
        for projection in network.projections[:-1]:
            currents.append(projection.forward(activity))
            activity = function(currents[-1])
            rates.append(activity)
        return currents, rates, network.projections[-1].forward(activity)
