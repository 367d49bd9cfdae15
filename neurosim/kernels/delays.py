"""Values of some time ago, from a ring of past values."""

import math

from neurosim.kernels.compiled import kernel

__all__ = ["DT", "NEXT", "REFUSED", "WIDTH", "past"]

#: Places in the state of a ring: its step in seconds, the number of the step it takes next, the
#: number of elements in a row, and a delay it was asked for and could not serve.
DT, NEXT, WIDTH, REFUSED = range(4)

# Delays are products of floats; so near a step they mean that step.
_NEAR = 1e-6


@kernel
def past(ring, state, element, delay, now):
    """Return the value an element had a delay ago, interpolated linearly between steps.

    Parameters
    ----------
    ring : ndarray, shape (n_rows * width,)
        Row ``step % n_rows`` holds the values at the beginning of a step.
    state : ndarray of float64, shape (4,)
        See :data:`DT`. A delay below zero or longer than the ring is noted in it, and served with
        the nearest value there is.
    element : int
    delay, now : float
        In seconds.

    Returns
    -------
    float
    """
    width = int(state[WIDTH])
    n_rows = len(ring) // width
    latest = state[NEXT] - 1.0
    position = now / state[DT] - delay / state[DT]
    nearest = math.floor(position + 0.5)
    if abs(position - nearest) < _NEAR:
        position = nearest
    if not (delay >= 0.0 and position >= latest - (n_rows - 1)):
        state[REFUSED] = delay
        position = latest
    # A reader with smaller steps may ask for what the source has not computed yet.
    position = min(position, latest)
    row = math.floor(position)
    share = position - row
    value = ring[int(row % n_rows) * width + element]
    if share == 0.0:
        return value
    following = ring[int((row + 1) % n_rows) * width + element]
    return value + share * (following - value)
