"""Weight steps of local learning rules, fused into one pass over the matrix."""

from neurosim.kernels.compiled import kernel

__all__ = ["smoothed_step"]


@kernel
def smoothed_step(change, limit, momentum, rate, smoothed, weights):
    """Clip a weight change, smooth it over steps and apply it, in place.

    ``m ← momentum m + (1 − momentum) clip(change, ±limit)``, ``w ← w + rate m``.

    Parameters
    ----------
    change : ndarray, shape (n_post, n_pre)
        Proposed change, e.g. a batch mean of a Hebbian product.
    limit, momentum, rate : scalar of the arrays' dtype
        Bound of a single entry, factor of the running mean, learning rate.
    smoothed, weights : ndarray, shape (n_post, n_pre)
        Running mean and weights, updated in place.
    """
    n_post, n_pre = change.shape
    fresh = weights.dtype.type(1) - momentum
    for post in range(n_post):
        for pre in range(n_pre):
            step = min(max(change[post, pre], -limit), limit)
            mean = momentum * smoothed[post, pre] + fresh * step
            smoothed[post, pre] = mean
            weights[post, pre] += rate * mean
