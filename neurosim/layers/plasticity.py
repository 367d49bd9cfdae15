"""What a rule may do to learning: hooks at the local variables of each projection.

A projection's weight change is the product of an error signal behind it and a presynaptic
factor before it. Rules that protect old memories act on one of the local variables; they
never see the forward pass.
"""

__all__ = ["Plasticity"]


class Plasticity:
    """Hooks called while gradients are formed; this base leaves learning as it is."""

    def activity(self, index, rows):
        """See presynaptic activity of projection `index` once per batch (or step).

        Parameters
        ----------
        index : int
            Projection, 0 for the one behind the input.
        rows : ndarray, shape (n_rows, n_inputs)
            Rates or traces; not to be changed.
        """

    def presynaptic(self, index, rows):
        """Return the presynaptic factor to learn with, shape (n_rows, n_inputs)."""
        return rows

    def gradient(self, index, gradient):
        """Return the weight gradient to descend, shape (n_units, n_inputs)."""
        return gradient
