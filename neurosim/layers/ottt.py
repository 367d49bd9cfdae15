"""Spiking layers trained online through time (OTTT): traces forward, errors through space.

Source: Xiao et al., "Online training through time for spiking neural networks", NeurIPS 2022,
with the constants used by Xiao et al., ICLR 2024. Memory does not grow with the number of
steps: a step needs the membranes, spikes and traces of that step alone.
"""

import numpy as np

from neurosim.errors import ParameterError
from neurosim.kernels.spiking import trace_step
from neurosim.layers.loss import cross_entropy, squared_error

__all__ = ["OnlineTraces"]


class OnlineTraces:
    """Leaky units with soft reset that learn from traces of their inputs.

    ``u ← λ (u − V_th s) + I``, ``s = [u ≥ V_th]``, trace ``â ← λ â + s``. At every step the
    error of the read-out is carried back through the surrogate derivative
    ``σ'(z) = α sg(αz)(1 − sg(αz))``, ``z = u − V_th``, and multiplied with the presynaptic
    trace: a three-factor rule.

    Parameters
    ----------
    n_steps : int, default=6
    leak : float, default=0.5
        λ of membrane and trace, between 0 and 1.
    threshold : float, default=1.0
        V_th.
    surrogate_slope : float, default=4.0
        α.
    squared_error_share : float, default=0.0
        Share of squared error in the loss of a step; the rest is cross-entropy.
    online_update : bool, default=False
        Yield a learning step after every time step instead of one per batch.
    input_trace : bool, default=False
        Use the trace of the stimulus as the first projection's presynaptic factor, with which
        a single hidden layer's gradient equals backpropagation through time; the published
        code uses the static stimulus itself.

    Raises
    ------
    ParameterError
        Where a number lies outside its range.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.layers import FeedforwardNetwork, OnlineTraces
    >>> network = FeedforwardNetwork([4, 8, 2], dynamics=OnlineTraces(online_update=True))
    >>> steps = network.learning_steps(np.ones((3, 4)), np.array([0, 1, 1]))
    >>> len(list(steps))
    6
    """

    variables = ("spikes", "v")
    trains_threshold = False

    def __init__(
        self,
        n_steps=6,
        *,
        leak=0.5,
        threshold=1.0,
        surrogate_slope=4.0,
        squared_error_share=0.0,
        online_update=False,
        input_trace=False,
    ):
        for name, value, allowed in (
            ("n_steps", n_steps, n_steps >= 1),
            ("leak", leak, 0 <= leak < 1),
            ("threshold", threshold, threshold > 0),
            ("surrogate_slope", surrogate_slope, surrogate_slope > 0),
            ("squared_error_share", squared_error_share, 0 <= squared_error_share <= 1),
        ):
            if not allowed:
                raise ParameterError(f"{name} of OnlineTraces is out of range; got {value!r}")
        self.n_steps = n_steps
        self.leak = leak
        self.threshold = threshold
        self.surrogate_slope = surrogate_slope
        self.squared_error_share = squared_error_share
        self.online_update = online_update
        self.input_trace = input_trace

    def respond(self, network, stimuli, record=frozenset()):
        """Return read-out (mean over steps) and traces."""
        total = 0
        traces = {name: [] for name in network.trace_names if name in record}
        for layers, readout in self._steps(network, stimuli):
            total = total + readout
            for name, values in traces.items():
                layer, variable = name.split(".")
                values.append(layers[int(layer.removeprefix("layer_")) - 1][variable].copy())
        readout = total / network.dtype.type(self.n_steps)
        return readout, {name: np.stack(values, axis=1) for name, values in traces.items()}

    def learning_steps(self, network, stimuli, targets, plasticity):
        """Yield after each step (online) or once; see :class:`FeedforwardNetwork`."""
        input_trace = np.zeros_like(stimuli)
        total_loss, total = 0.0, {}
        for layers, readout in self._steps(network, stimuli):
            first = stimuli
            if self.input_trace:
                input_trace = network.dtype.type(self.leak) * input_trace + stimuli
                first = input_trace
            self._show_activity(stimuli, layers, plasticity)
            loss, error = self._loss(readout, targets)
            factors = [first, *(layer["trace"] for layer in layers)]
            gradients = self._backward(network, layers, factors, error, plasticity)
            if self.online_update:
                yield loss, self._projected(gradients, plasticity)
                continue
            total_loss += loss
            for name, gradient in gradients.items():
                total[name] = total[name] + gradient if name in total else gradient
        if not self.online_update:
            yield total_loss, self._projected(total, plasticity)

    def _steps(self, network, stimuli):
        """Yield the layers' states and the read-out current of each step."""
        dtype = network.dtype.type
        layers = [
            {
                name: np.zeros((len(stimuli), projection.shape[0]), network.dtype)
                for name in ("v", "spikes", "trace")
            }
            for projection in network.projections[:-1]
        ]
        for _ in range(self.n_steps):
            activity = stimuli
            for index, layer in enumerate(layers):
                trace_step(
                    network.projections[index].forward(activity),
                    dtype(self.leak),
                    network.thresholds[index],
                    layer["v"],
                    layer["spikes"],
                    layer["trace"],
                )
                activity = layer["spikes"]
            yield layers, network.projections[-1].forward(activity)

    def _loss(self, readout, targets):
        share = self.squared_error_share
        loss, error = cross_entropy(readout, targets)
        if share > 0:
            distance, pull = squared_error(readout, targets)
            loss = (1 - share) * loss + share * distance
            error = (1 - share) * error + share * pull
        return loss / self.n_steps, error / readout.dtype.type(self.n_steps)

    @staticmethod
    def _show_activity(stimuli, layers, plasticity):
        # In the published code the lateral circuit sees a hidden layer's spikes and traces
        # stacked, and the static input as it is.
        plasticity.activity(0, stimuli)
        for index, layer in enumerate(layers, 1):
            plasticity.activity(index, np.concatenate([layer["spikes"], layer["trace"]]))

    def _backward(self, network, layers, factors, error, plasticity):
        gradients = {}
        slope = network.dtype.type(self.surrogate_slope)
        for index in range(len(network.projections) - 1, -1, -1):
            projection = network.projections[index]
            rows = plasticity.presynaptic(index, factors[index])
            gradients[f"projection_{index}.weights"] = error.T @ rows
            if projection.bias is not None:
                gradients[f"projection_{index}.bias"] = error.sum(axis=0)
            if index > 0:
                distance = layers[index - 1]["v"] - network.thresholds[index - 1]
                # sg(z)(1 − sg(z)) = 1/(4 cosh²(z/2)), with the argument bounded so that
                # cosh stays finite in single precision.
                half = np.clip(slope * distance / 2, -40, 40)
                error = projection.backward(error) * (slope / 4 / np.cosh(half) ** 2)
        return gradients

    @staticmethod
    def _projected(gradients, plasticity):
        """Let the rule see each weight gradient of a learning step once."""
        for name, gradient in gradients.items():
            projection, _, kind = name.partition(".")
            if kind == "weights":
                index = int(projection.removeprefix("projection_"))
                gradients[name] = plasticity.gradient(index, gradient)
        return gradients
