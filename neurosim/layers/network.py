"""A chain of layers joined by dense projections, learned on batches of samples."""

import itertools

import numpy as np

from neurosim.errors import ParameterError
from neurosim.layers.plasticity import Plasticity
from neurosim.layers.projection import Dense
from neurosim.randomness import generator

__all__ = ["FeedforwardNetwork"]


class FeedforwardNetwork:
    """Layers in a row: projections hold the weights, `dynamics` says what units do.

    Parameters
    ----------
    sizes : sequence of int
        Units per layer, inputs first, read-out last; at least one hidden layer.
    dynamics : SpikeRepresentation, OnlineTraces or RateUnits
        Neuron model together with the learning rule published for it.
    feedback : {"backpropagation", "feedback_alignment", "sign_symmetric"}
        How errors travel back; see :class:`Dense`.
    bias : bool, default=False
    seed : int, default=0
        Fixes the initial weights.
    dtype : {"float32", "float64"}

    Attributes
    ----------
    projections : list of Dense
    thresholds : ndarray, shape (n_hidden_layers,)
        Firing threshold of each hidden layer.

    Raises
    ------
    ParameterError
        Where `sizes` has fewer than three entries or one below 1, or `dtype` is neither.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.layers import FeedforwardNetwork, SpikeRepresentation
    >>> network = FeedforwardNetwork([4, 8, 2], dynamics=SpikeRepresentation())
    >>> readout, _ = network.respond(np.ones((3, 4), np.float32))
    >>> readout.shape
    (3, 2)
    """

    def __init__(
        self, sizes, *, dynamics, feedback="backpropagation", bias=False, seed=0, dtype="float32"
    ):
        sizes = [int(size) for size in sizes]
        if len(sizes) < 3 or min(sizes) < 1:
            raise ParameterError(
                f"sizes must name inputs, one or more hidden layers and read-out, each at least 1; "
                f"got {sizes}"
            )
        if dtype not in ("float32", "float64"):
            raise ParameterError(f"dtype must be 'float32' or 'float64'; got {dtype!r}")
        self.sizes = sizes
        self.dynamics = dynamics
        self.dtype = np.dtype(dtype)
        self.projections = [
            Dense(
                n_inputs,
                n_units,
                rng=generator(seed, "weights", index),
                bias=bias,
                feedback=feedback,
                dtype=dtype,
            )
            for index, (n_inputs, n_units) in enumerate(itertools.pairwise(sizes))
        ]
        self.thresholds = np.full(len(sizes) - 2, dynamics.threshold, self.dtype)

    def parameters(self):
        """Return all trainable arrays by name; changing one in place changes the network."""
        named = {}
        for index, projection in enumerate(self.projections):
            named[f"projection_{index}.weights"] = projection.weights
            if projection.bias is not None:
                named[f"projection_{index}.bias"] = projection.bias
        if self.dynamics.trains_threshold:
            named["thresholds"] = self.thresholds
        return named

    def respond(self, stimuli, record=()):
        """Return the read-out for `stimuli`, and recorded traces.

        Parameters
        ----------
        stimuli : ndarray, shape (n_samples, n_inputs)
        record : collection of str
            Names of :attr:`trace_names`, e.g. ``"layer_1.spikes"``.

        Returns
        -------
        readout : ndarray, shape (n_samples, n_classes)
        traces : dict of str to ndarray, shape (n_samples, n_steps, n_units)
        """
        unknown = sorted(set(record) - set(self.trace_names))
        if unknown:
            raise ParameterError(
                f"record must hold names among {', '.join(self.trace_names)}; got {unknown[0]!r}"
            )
        return self.dynamics.respond(self, self._checked(stimuli), frozenset(record))

    @property
    def trace_names(self):
        """Names `respond` can record, layer by layer (layer 1 is the first hidden one)."""
        return tuple(
            f"layer_{layer}.{variable}"
            for layer in range(1, len(self.sizes) - 1)
            for variable in self.dynamics.variables
        )

    def learning_steps(self, stimuli, targets, plasticity=None):
        """Yield the loss and gradients of each learning step a batch gives.

        Rules that learn once per batch yield once; online rules yield after every time step,
        and go on with the weights as the caller has left them by then.

        Parameters
        ----------
        stimuli : ndarray, shape (n_samples, n_inputs)
        targets : ndarray of int, shape (n_samples,)
        plasticity : Plasticity, optional
            Hooks at the local variables.

        Yields
        ------
        loss : float
        gradients : dict of str to ndarray
            By the names of :meth:`parameters`.
        """
        return self.dynamics.learning_steps(
            self, self._checked(stimuli), targets, plasticity or Plasticity()
        )

    def _checked(self, stimuli):
        stimuli = np.ascontiguousarray(stimuli, self.dtype)
        if stimuli.ndim != 2 or stimuli.shape[1] != self.sizes[0]:
            raise ParameterError(
                f"stimuli must have shape (n_samples, {self.sizes[0]}); got {stimuli.shape}"
            )
        return stimuli
