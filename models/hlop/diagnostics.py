"""How well a lateral circuit has learned the subspace of an activity."""

import numpy as np

__all__ = ["non_orthonormality", "optimal_residual", "residual_energy"]


def non_orthonormality(weights):
    """Return ``max |HHᵀ − I|``, 0 for orthonormal rows.

    Parameters
    ----------
    weights : ndarray, shape (n_neurons, n_inputs)

    Returns
    -------
    float

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.models.hlop import non_orthonormality
    >>> non_orthonormality(np.eye(3))
    0.0
    """
    weights = weights.astype(np.float64)
    gram = weights @ weights.T
    return float(np.abs(gram - np.eye(len(gram))).max(initial=0))


def residual_energy(rows, weights):
    """Return the share of energy that ``x − HᵀHx`` keeps of the rows' own.

    Parameters
    ----------
    rows : ndarray, shape (n_rows, n_inputs)
    weights : ndarray, shape (n_neurons, n_inputs)

    Returns
    -------
    float

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.models.hlop import residual_energy
    >>> residual_energy(np.array([[3.0, 4.0]]), np.array([[1.0, 0.0]]))
    0.64
    """
    rows = rows.astype(np.float64)
    weights = weights.astype(np.float64)
    left = rows - rows @ weights.T @ weights
    return _share(np.sum(left**2), rows)


def optimal_residual(rows, frozen, n_new):
    """Return the smallest share of energy any `n_new` directions beside `frozen` could leave.

    The directions of the frozen neurons are taken as a subspace, whatever their lengths; the
    best further ones are the principal directions of what lies outside it.

    Parameters
    ----------
    rows : ndarray, shape (n_rows, n_inputs)
    frozen : ndarray, shape (n_frozen, n_inputs)
    n_new : int

    Returns
    -------
    float

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.models.hlop import optimal_residual
    >>> optimal_residual(np.diag([2.0, 1.0, 0.0]), np.zeros((0, 3)), 1)
    0.2
    """
    rows = rows.astype(np.float64)
    left = rows
    if len(frozen):
        basis = np.linalg.qr(frozen.T.astype(np.float64))[0]
        left = rows - rows @ basis @ basis.T
    singular = np.linalg.svd(left, compute_uv=False)
    return _share(np.sum(singular[n_new:] ** 2), rows)


def _share(energy, rows):
    # A silent population leaves nothing to explain.
    total = np.sum(rows**2)
    return float(energy / total) if total > 0 else 0.0
