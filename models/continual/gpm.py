"""Gradient projection memory: exact bases of what earlier experiences used."""

import numpy as np

from neurosim import model
from neurosim.errors import ParameterError
from neurosim.layers import single_threaded
from neurosim.models.continual.classifier import LayeredClassifier
from neurosim.models.continual.memory import Reservoir
from neurosim.models.continual.presynaptic import presynaptic_activity
from neurosim.models.continual.states import nest, part

__all__ = ["GradientProjectionMemory", "extend_basis"]


def extend_basis(basis, rows, *, energy=None, n_new=None):
    """Append the directions of `rows` that an orthonormal basis misses.

    Parameters
    ----------
    basis : ndarray, shape (n_directions, n_inputs)
        Orthonormal rows.
    rows : ndarray, shape (n_samples, n_inputs)
        Activity to represent.
    energy : float, optional
        Append the fewest directions that bring the share of ``‖rows‖²`` represented to this.
    n_new : int, optional
        Append this many instead, as far as `rows` has as many.

    Returns
    -------
    ndarray, shape (n_directions + added, n_inputs)

    Notes
    -----
    Saha, Garg and Roy, "Gradient projection memory for continual learning", ICLR 2021, eqs. 8
    and 9.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.models.continual.gpm import extend_basis
    >>> rows = np.diag([3.0, 1.0, 0.0])
    >>> extend_basis(np.zeros((0, 3)), rows, energy=0.85).shape
    (1, 3)
    """
    rows = rows.astype(np.float64)
    held = rows @ basis.T @ basis
    _, singular, directions = np.linalg.svd(rows - held, full_matrices=False)
    rank = int(np.sum(singular > singular[:1].sum() * 1e-7 * len(singular)))
    if n_new is None:
        total = np.sum(rows**2)
        reached = (np.sum(held**2) + np.concatenate([[0], np.cumsum(singular**2)])) / total
        n_new = int(np.searchsorted(reached, energy))
    # No more directions than the activity has, nor than the layer has left.
    n_new = min(n_new, rank, rows.shape[1] - len(basis))
    return np.concatenate([basis, directions[:n_new]])


@model("gpm")
class GradientProjectionMemory(LayeredClassifier):
    """Weight changes are kept orthogonal to the activity of earlier experiences.

    The counterpart of Hebbian orthogonal projection with the bases computed by singular value
    decomposition from stored activity (Saha et al., ICLR 2021).

    Parameters
    ----------
    energy : float, default=0.99
        Share of the activity's energy a basis must represent.
    subspaces : sequence of (sequence of int), optional
        Directions to add per experience and projection, instead of `energy`; the last entry
        serves all later experiences.
    basis_samples : int, default=1000
        Samples of an experience the bases are computed from.
    **classifier
        See :class:`LayeredClassifier`.

    Examples
    --------
    >>> from neurosim.models.continual import GradientProjectionMemory
    >>> GradientProjectionMemory(16, 3, hidden=(20,)).energy
    0.99
    """

    def __init__(
        self,
        n_inputs,
        n_classes,
        *,
        energy=0.99,
        subspaces=None,
        basis_samples=1000,
        **classifier,
    ):
        if not 0 < energy <= 1:
            raise ParameterError(f"energy of gpm must lie in (0, 1]; got {energy!r}")
        if not basis_samples >= 1:
            raise ParameterError(f"basis_samples of gpm must be at least 1; got {basis_samples!r}")
        self.energy = energy
        self.subspaces = subspaces
        self.basis_samples = basis_samples
        super().__init__(n_inputs, n_classes, **classifier)

    def reset(self):
        """Forget weights, bases and samples."""
        super().reset()
        self.bases = [np.zeros((0, size), self.dtype) for size in self.network.sizes[:-1]]
        self._seen = Reservoir(self.basis_samples, seed=self.seed, name="basis")

    def before_experience(self, experience):
        """Start collecting this experience's samples."""
        super().before_experience(experience)
        self._seen = Reservoir(self.basis_samples, seed=self.seed, name=f"basis {experience}")

    def training_batch(self, stimuli, targets):
        """Keep a sample of what is seen."""
        self._seen.add(stimuli, targets)
        return stimuli, targets

    def gradient(self, index, gradient):
        """Remove from a weight gradient what earlier activity would feel."""
        basis = self.bases[index]
        return gradient - (gradient @ basis.T) @ basis if len(basis) else gradient

    @single_threaded
    def after_experience(self, experience):
        """Add the directions this experience used."""
        if self._seen.n_seen == 0:
            return
        activity = presynaptic_activity(self.network, self._seen.stimuli, self._seen.targets)
        for index, rows in enumerate(activity):
            n_new = None
            if self.subspaces is not None:
                n_new = self.subspaces[min(experience, len(self.subspaces) - 1)][index]
            basis = extend_basis(self.bases[index], rows, energy=self.energy, n_new=n_new)
            self.bases[index] = basis.astype(self.dtype)

    def state(self):
        """Return the classifier's state, bases and samples."""
        bases = {str(index): basis.copy() for index, basis in enumerate(self.bases)}
        return {**super().state(), **nest("basis", bases), **nest("seen", self._seen.state())}

    def restore(self, state):
        """Go back to a state returned by :meth:`state`."""
        super().restore(state)
        bases = part("basis", state)
        self.bases = [bases[str(index)].copy() for index in range(len(bases))]
        self._seen = Reservoir(self.basis_samples, seed=self.seed, name=f"basis {self.experience}")
        self._seen.restore(part("seen", state))
