"""Random generators as a function of a seed and names, never of call order."""

import hashlib

import numpy as np

__all__ = ["generator"]


def generator(seed, *names):
    """Return the generator of the stream that `names` denote under `seed`.

    Two streams with different names are independent, and asking for one never moves
    another: adding a consumer of random numbers leaves every other number as it was.

    Parameters
    ----------
    seed : int
        Non-negative seed of the whole run.
    *names : str or int
        What the stream is for, e.g. ``"permutation", 3``.

    Returns
    -------
    numpy.random.Generator
        A counter-based (Philox) generator.

    Examples
    --------
    >>> from neurosim.randomness import generator
    >>> a = generator(0, "weights").random()
    >>> _ = generator(0, "permutation").random()
    >>> a == generator(0, "weights").random()
    True
    """
    digest = hashlib.blake2b(repr(names).encode(), digest_size=8).digest()
    key = np.random.SeedSequence([int(seed), int.from_bytes(digest, "little")])
    return np.random.Generator(np.random.Philox(key))
