"""Spiking layers trained by differentiation on spike representation (DSR).

Source: Meng et al., "Training high-performance low-latency spiking neural networks by
differentiation on spike representation", CVPR 2022, with the constants and the backward pass
of the code published with Xiao et al., "Hebbian learning based orthogonal projection for
continual learning of spiking neural networks", ICLR 2024.
"""

import numpy as np

from neurosim.errors import ParameterError
from neurosim.kernels.spiking import integrate_and_fire
from neurosim.layers.loss import cross_entropy

__all__ = ["SpikeRepresentation"]

_NO_VOLTAGE = (0, 0, 0)


class SpikeRepresentation:
    """Leaky units whose weighted firing rate is treated as a clipped linear map.

    Units follow ``v ← β v + (1 − β) I`` with ``β = exp(−dt/τ)``, fire where
    ``v ≥ α V_th``, lose ``V_th`` and send a spike of height ``V_th/dt``. The rate
    ``a = Σ κ_t s[t]``, ``κ_t ∝ exp(−(T − t) dt/τ)``, is differentiated as
    ``a ≈ clip(I_w/τ, 0, V_th/dt)`` with ``I_w = Σ κ_t I[t]``.

    A static stimulus makes the error constant in time, so a batch needs one row per sample in
    the backward pass: the weight change of a hidden projection is the error times the plain
    mean of its input spikes, that of the read-out the error times the weighted rate.

    Parameters
    ----------
    n_steps : int, default=20
        Time steps T.
    time_constant, dt : float, default=1.0, 0.05
        Membrane time constant τ and step, in the same unit.
    threshold : float, default=0.3
        Initial V_th.
    firing_fraction : float, default=0.3
        α.
    trains_threshold : bool, default=True
        Whether V_th of each layer learns (floor 0.0005).

    Raises
    ------
    ParameterError
        Where a number is not positive.

    Examples
    --------
    >>> from neurosim.layers import SpikeRepresentation
    >>> round(float(SpikeRepresentation().decay), 4)
    0.9512
    """

    variables = ("spikes", "v")
    threshold_floor = 0.0005

    def __init__(
        self,
        n_steps=20,
        *,
        time_constant=1.0,
        dt=0.05,
        threshold=0.3,
        firing_fraction=0.3,
        trains_threshold=True,
    ):
        for name, value in {
            "n_steps": n_steps,
            "time_constant": time_constant,
            "dt": dt,
            "threshold": threshold,
            "firing_fraction": firing_fraction,
        }.items():
            if not value > 0:
                raise ParameterError(f"{name} of SpikeRepresentation must be > 0; got {value!r}")
        self.n_steps = n_steps
        self.time_constant = time_constant
        self.dt = dt
        self.threshold = threshold
        self.firing_fraction = firing_fraction
        self.trains_threshold = trains_threshold
        self.decay = np.exp(-dt / time_constant)
        ages = np.arange(n_steps - 1, -1, -1) * dt
        kappa = np.exp(-ages / time_constant)
        self.step_weights = kappa / kappa.sum()

    def respond(self, network, stimuli, record=frozenset()):
        """Return read-out and traces; see :meth:`FeedforwardNetwork.respond`."""
        layers = self._forward(network, stimuli, record)
        traces = {}
        for number, layer in enumerate(layers, 1):
            for variable in self.variables:
                if f"layer_{number}.{variable}" in record:
                    traces[f"layer_{number}.{variable}"] = layer[variable]
        return network.projections[-1].forward(layers[-1]["rate"]), traces

    def learning_steps(self, network, stimuli, targets, plasticity):
        """Yield once; see :meth:`FeedforwardNetwork.learning_steps`."""
        layers = self._forward(network, stimuli)
        readout = network.projections[-1].forward(layers[-1]["rate"])
        loss, error = cross_entropy(readout, targets)

        for index, rows in enumerate([stimuli, *(layer["rate"] for layer in layers)]):
            plasticity.activity(index, rows)
        factors = [stimuli, *(layer["mean"] for layer in layers[:-1]), layers[-1]["rate"]]
        yield loss, self._backward(network, layers, factors, error, plasticity)

    def _forward(self, network, stimuli, record=frozenset()):
        """Run all layers; return each one's spikes, mean current and rates."""
        dtype = network.dtype.type
        current = network.projections[0].forward(stimuli)[:, np.newaxis, :]
        layers = []
        for index, threshold in enumerate(network.thresholds):
            shape = (len(stimuli), self.n_steps, current.shape[2])
            wants_voltage = f"layer_{index + 1}.v" in record
            layer = {
                "spikes": np.empty(shape, network.dtype),
                "current": np.empty(shape[::2], network.dtype),
                "rate": np.empty(shape[::2], network.dtype),
                "mean": np.empty(shape[::2], network.dtype),
                "v": np.empty(shape if wants_voltage else _NO_VOLTAGE, network.dtype),
            }
            integrate_and_fire(
                current,
                dtype(self.decay),
                threshold,
                dtype(self.firing_fraction) * threshold,
                threshold / dtype(self.dt),
                self.step_weights.astype(network.dtype),
                np.empty(shape[2], network.dtype),
                layer["spikes"],
                layer["current"],
                layer["rate"],
                layer["mean"],
                layer["v"],
            )
            layers.append(layer)
            if index + 1 < len(network.thresholds):
                flat = layer["spikes"].reshape(-1, shape[2])
                current = network.projections[index + 1].forward(flat)
                current = current.reshape(shape[0], self.n_steps, -1)
        return layers

    def _backward(self, network, layers, factors, error, plasticity):
        """Return gradients by name. `error` is with respect to the read-out current."""
        dtype = network.dtype.type
        gradients = {}
        thresholds = np.zeros_like(network.thresholds)
        # The read-out weighs steps by κ on its way in and the layer below once more, which
        # leaves T Σ κ² on the path through it; every lower path is constant in time.
        gain = dtype(self.n_steps * np.sum(self.step_weights**2) / self.time_constant)
        for index in range(len(network.projections) - 1, -1, -1):
            projection = network.projections[index]
            rows = plasticity.presynaptic(index, factors[index])
            name = f"projection_{index}"
            gradients[f"{name}.weights"] = plasticity.gradient(index, error.T @ rows)
            if projection.bias is not None:
                gradients[f"{name}.bias"] = error.sum(axis=0)
            if index == 0:
                break
            carried = projection.backward(error) * gain
            current = layers[index - 1]["current"]
            ceiling = network.thresholds[index - 1] * dtype(self.time_constant / self.dt)
            # dV_th is scaled by dt, as in the published code; the derivative of the ceiling
            # itself would be 1/dt.
            saturated = carried[current > ceiling].sum(dtype=np.float64)
            thresholds[index - 1] = self.dt * self.time_constant * saturated
            error = carried * ((current > 0) & (current < ceiling))
            gain = dtype(1 / self.time_constant)
        if self.trains_threshold:
            gradients["thresholds"] = thresholds
        return gradients
