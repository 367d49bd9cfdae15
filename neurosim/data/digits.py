"""The handwritten digits that scikit-learn carries: real images without a download."""

import math
from numbers import Integral

import numpy as np
from scipy.ndimage import zoom
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from neurosim.data.dataset import Dataset
from neurosim.errors import ParameterError

__all__ = ["digits"]

_N_CLASSES = 10


def digits(size=28, *, test_fraction=0.2, seed=0):
    """Return 1797 handwritten digits, stratified into training and test samples.

    The images (Alpaydin and Kaynak 1998, UCI "Optical recognition of handwritten digits", test
    part) have 8×8 pixels with values 0 … 16, scaled here to 0 … 1. Larger images are
    interpolated bilinearly; as that is linear, the images go on spanning at most 64 directions.

    Parameters
    ----------
    size : int, default=28
        Side of the images in pixels, at least 8.
    test_fraction : float, default=0.2
        Share of the samples set aside for testing; each part needs a sample of every class.
    seed : int, default=0
        Fixes which ones, not negative.

    Returns
    -------
    Dataset

    Raises
    ------
    ParameterError
        Where `size` is no whole number from 8, `test_fraction` not inside (0, 1) or so close
        to its ends that a part lacks a class, or `seed` negative.

    Examples
    --------
    >>> from neurosim.data import digits
    >>> digits().shape
    (28, 28)
    """
    _check(size, test_fraction, seed)
    raw = load_digits()
    n_test = math.ceil(test_fraction * len(raw.target))
    if not _N_CLASSES <= n_test <= len(raw.target) - _N_CLASSES:
        raise ParameterError(
            f"test_fraction of digits must leave {_N_CLASSES} of {len(raw.target)} samples or "
            f"more to each part, one per class; got {test_fraction!r}"
        )
    images = zoom(raw.images / 16, (1, size / 8, size / 8), order=1)
    stimuli = images.reshape(len(images), -1).astype(np.float32)
    train, test, train_targets, test_targets = train_test_split(
        stimuli,
        raw.target.astype(np.int64),
        test_size=test_fraction,
        stratify=raw.target,
        random_state=seed,
    )
    return Dataset(
        "digits",
        train,
        train_targets,
        test,
        test_targets,
        (size, size),
        _N_CLASSES,
        tuple("0123456789"),
    )


def _check(size, test_fraction, seed):
    if not isinstance(size, Integral) or size < 8:
        raise ParameterError(f"size of digits must be at least 8 whole pixels; got {size!r}")
    if not 0 < test_fraction < 1:
        raise ParameterError(f"test_fraction of digits must lie in (0, 1); got {test_fraction!r}")
    if not isinstance(seed, Integral) or not 0 <= seed < 2**32:
        raise ParameterError(f"seed of digits must be a whole number in [0, 2³²); got {seed!r}")
