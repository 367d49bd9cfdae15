"""Dense projections between layers, and the weights that carry errors back through them."""

import numpy as np

from neurosim.errors import ParameterError

__all__ = ["FEEDBACKS", "Dense"]

FEEDBACKS = ("backpropagation", "feedback_alignment", "sign_symmetric")


class Dense:
    """All-to-all projection from one layer to the next.

    Weights start uniform in ±1/√n_inputs, as PyTorch's linear layer does.

    Parameters
    ----------
    n_inputs, n_units : int
        Sizes of the layers before and behind.
    rng : numpy.random.Generator
        Source of the initial weights (and of the fixed feedback weights).
    bias : bool, default=False
        Whether units receive a constant current of their own.
    feedback : {"backpropagation", "feedback_alignment", "sign_symmetric"}
        Which weights carry the error back: the forward ones; fixed random ones drawn like the
        initial weights (Lillicrap et al. 2016); or ``sign(W)/√n_inputs`` (Xiao et al. 2019).
    dtype : dtype, default="float32"

    Attributes
    ----------
    weights : ndarray, shape (n_units, n_inputs)
    bias : ndarray, shape (n_units,), or None

    Raises
    ------
    ParameterError
        Where `feedback` is none of the three.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.layers import Dense
    >>> dense = Dense(3, 2, rng=np.random.default_rng(0))
    >>> dense.forward(np.ones((5, 3), np.float32)).shape
    (5, 2)
    """

    def __init__(
        self, n_inputs, n_units, *, rng, bias=False, feedback="backpropagation", dtype="float32"
    ):
        if feedback not in FEEDBACKS:
            raise ParameterError(
                f"feedback must be one of {', '.join(FEEDBACKS)}; got {feedback!r}"
            )
        self.feedback = feedback
        bound = 1 / np.sqrt(n_inputs)
        self.weights = rng.uniform(-bound, bound, (n_units, n_inputs)).astype(dtype)
        self.bias = rng.uniform(-bound, bound, n_units).astype(dtype) if bias else None
        self._fixed = None
        if feedback == "feedback_alignment":
            self._fixed = rng.uniform(-bound, bound, (n_units, n_inputs)).astype(dtype)

    @property
    def shape(self):
        """Shape of the weights, (n_units, n_inputs)."""
        return self.weights.shape

    def forward(self, activity):
        """Return the currents that `activity`, shape (..., n_inputs), causes: (..., n_units)."""
        current = activity @ self.weights.T
        if self.bias is not None:
            current += self.bias
        return current

    def backward(self, error):
        """Carry `error`, shape (n_samples, n_units), back to the inputs: (n_samples, n_inputs)."""
        return error @ self.feedback_weights()

    def feedback_weights(self):
        """Return the weights errors travel through, shape (n_units, n_inputs)."""
        if self.feedback == "backpropagation":
            return self.weights
        if self.feedback == "feedback_alignment":
            return self._fixed
        scale = self.weights.dtype.type(1 / np.sqrt(self.weights.shape[1]))
        return np.sign(self.weights) * scale
