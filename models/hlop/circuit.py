"""The lateral circuit: subspace neurons that learn what a population usually does.

Source: Xiao, Meng, Zhang, He and Lin, "Hebbian learning based orthogonal projection for
continual learning of spiking neural networks", ICLR 2024, and the code published with it.
"""

import numpy as np

from neurosim.errors import ParameterError
from neurosim.kernels.hebbian import smoothed_step

__all__ = ["LateralCircuit"]


class LateralCircuit:
    """Subspace neurons with a skew-symmetric pair of connections to a population.

    The population x drives them, ``y = H x``, and they answer with ``x⁻ = −Hᵀ y``, which leaves
    of the population's trace what they do not know: ``x + x⁻ = x − HᵀH x``. Hebbian learning on
    the way in and anti-Hebbian learning on the way back give the two-stage rule
    ``ΔH ∝ y xᵀ + y (x⁻)ᵀ = y xᵀ − y yᵀ H``, Oja's subspace rule, whose fixed points have
    orthonormal rows spanning the principal subspace of x.

    Neurons that have been frozen keep their weights; they alone serve to project, while new ones
    learn what the frozen ones leave over.

    Parameters
    ----------
    n_inputs : int
        Size of the population.
    learning_rate : float, default=0.01
        Hebbian rate η_H.
    iterations : int, default=5
        Applications of the rule per batch.
    momentum : float, default=0.9
        Factor of the running mean over weight changes.
    limit : float, default=10.0
        Bound of a single weight change before the running mean.
    spiking_steps : int or None, default=None
        Time steps N over which a subspace neuron sends its signed spikes; its rate then takes
        one of 2N + 1 values. None stands for linear neurons.
    spiking_range : float, default=20.0
        Largest rate s a spiking subspace neuron can send.
    orthogonal_birth : bool, default=False
        Whether new neurons start orthogonal to the frozen ones. Not part of the published rule,
        which leaves their overlap to decay.
    dtype : dtype, default="float32"

    Attributes
    ----------
    weights : ndarray, shape (n_neurons, n_inputs)
        H; the first `n_frozen` rows are frozen.
    n_frozen : int

    Raises
    ------
    ParameterError
        Where a number lies outside its range.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.models.hlop import LateralCircuit
    >>> circuit = LateralCircuit(3, dtype="float64")
    >>> circuit.grow(1, np.random.default_rng(0))
    >>> batch = np.random.default_rng(1).standard_normal((64, 3)) * [3, 0.1, 0.1]
    >>> for _ in range(300):
    ...     _ = circuit.learn(batch)
    >>> abs(circuit.weights).round(1).tolist()
    [[1.0, 0.0, 0.0]]
    >>> circuit.freeze()
    >>> circuit.project(np.array([[1.0, 0.0, 0.0]])).round(2).tolist()
    [[0.0, ..., ...]]
    """

    def __init__(
        self,
        n_inputs,
        *,
        learning_rate=0.01,
        iterations=5,
        momentum=0.9,
        limit=10.0,
        spiking_steps=None,
        spiking_range=20.0,
        orthogonal_birth=False,
        dtype="float32",
    ):
        for name, value, allowed in (
            ("learning_rate", learning_rate, 0 < learning_rate < np.inf),
            ("iterations", iterations, iterations >= 1),
            ("momentum", momentum, 0 <= momentum < 1),
            ("limit", limit, limit > 0),
            ("spiking_steps", spiking_steps, spiking_steps is None or spiking_steps >= 1),
            ("spiking_range", spiking_range, 0 < spiking_range < np.inf),
        ):
            if not allowed:
                raise ParameterError(
                    f"{name} of the lateral circuit is out of range; got {value!r}"
                )
        self.n_inputs = n_inputs
        self.learning_rate = learning_rate
        self.iterations = iterations
        self.momentum = momentum
        self.limit = limit
        self.spiking_steps = spiking_steps
        self.spiking_range = spiking_range
        self.orthogonal_birth = orthogonal_birth
        self.weights = np.zeros((0, n_inputs), dtype)
        self.smoothed = np.zeros((0, n_inputs), dtype)
        self.n_frozen = 0

    @property
    def frozen(self):
        """Weights of the frozen neurons, shape (n_frozen, n_inputs)."""
        return self.weights[: self.n_frozen]

    def grow(self, n_neurons, rng):
        """Add neurons with orthonormal weights; never more in all than the population has units.

        Parameters
        ----------
        n_neurons : int
        rng : numpy.random.Generator
        """
        n_neurons = min(n_neurons, self.n_inputs - len(self.weights))
        candidates = rng.standard_normal((self.n_inputs, n_neurons))
        if self.orthogonal_birth and self.n_frozen:
            basis = np.linalg.qr(self.frozen.T.astype(np.float64))[0]
            candidates -= basis @ (basis.T @ candidates)
        newborn = np.linalg.qr(candidates)[0].T.astype(self.weights.dtype)
        self.weights = np.concatenate([self.weights, newborn])
        self.smoothed = np.concatenate([self.smoothed, np.zeros_like(newborn)])

    def freeze(self):
        """Let all neurons keep their weights from now on."""
        self.n_frozen = len(self.weights)
        self.smoothed[:] = 0

    def respond(self, rows, weights):
        """Return the rates of subspace neurons, shape (n_rows, n_neurons)."""
        rates = rows @ weights.T
        if self.spiking_steps is None:
            return rates
        scale = rates.dtype.type(self.spiking_range / self.spiking_steps)
        bound = rates.dtype.type(self.spiking_range)
        return np.rint(np.clip(rates, -bound, bound) / scale) * scale

    def project(self, rows):
        """Return activity without what the frozen neurons know, shape (n_rows, n_inputs)."""
        if self.n_frozen == 0:
            return rows
        return rows - self.respond(rows, self.frozen) @ self.frozen

    def project_gradient(self, gradient):
        """Project a weight gradient, shape (n_units, n_inputs), instead of the activity.

        The same by linearity, and cheaper where units are fewer than rows of activity; only
        linear subspace neurons allow it.
        """
        if self.n_frozen == 0:
            return gradient
        return gradient - (gradient @ self.frozen.T) @ self.frozen

    def learn(self, rows):
        """Apply the Hebbian rule to the neurons not frozen.

        Parameters
        ----------
        rows : ndarray, shape (n_rows, n_inputs)
            Activity of the population.

        Returns
        -------
        ndarray, shape (n_rows, n_inputs)
            The activity without what the frozen neurons know, as :meth:`project` gives it.
        """
        dtype = self.weights.dtype.type
        plastic = self.weights[self.n_frozen :]
        # What the frozen neurons reconstruct is the same in every iteration.
        unexplained = self.project(rows)
        if len(plastic) == 0:
            return unexplained
        for _ in range(self.iterations):
            rates = self.respond(rows, plastic)
            change = rates.T @ (unexplained - rates @ plastic)
            change /= dtype(len(rows))
            smoothed_step(
                change,
                dtype(self.limit),
                dtype(self.momentum),
                dtype(self.learning_rate),
                self.smoothed[self.n_frozen :],
                plastic,
            )
        return unexplained

    def state(self):
        """Return weights, running means and the number of frozen neurons."""
        return {
            "weights": self.weights.copy(),
            "smoothed": self.smoothed.copy(),
            "n_frozen": np.array(self.n_frozen),
        }

    def restore(self, state):
        """Go back to a state returned by :meth:`state`."""
        self.weights = state["weights"].copy()
        self.smoothed = state["smoothed"].copy()
        self.n_frozen = int(state["n_frozen"])
