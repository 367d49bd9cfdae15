"""Numbers from random words."""

import numpy as np

from neurosim.kernels.compiled import inlined_kernel as kernel
from neurosim.kernels.math.floats import from_bits

__all__ = ["uniform"]

_ONE = 0x3FF0000000000000


@kernel
def uniform(word):
    """Return a number in [0, 1), a multiple of 2**-52, from the upper bits of a word.

    Parameters
    ----------
    word : uint64

    Returns
    -------
    float

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.kernels.math import uniform
    >>> uniform(np.uint64(1 << 63))
    0.5
    """
    return from_bits(1.0, np.int64((word >> np.uint64(12)) | np.uint64(_ONE))) - 1.0
