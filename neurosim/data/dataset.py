"""Labelled stimuli with a fixed split into training and test samples."""

from dataclasses import dataclass, replace

import numpy as np

from neurosim.errors import DataError, ParameterError

__all__ = ["Dataset", "standardised"]


@dataclass(frozen=True)
class Dataset:
    """Stimuli and the classes they belong to.

    Attributes
    ----------
    name : str
    train_stimuli, test_stimuli : ndarray of float32, shape (n_samples, n_features)
    train_targets, test_targets : ndarray of int64, shape (n_samples,)
        Classes 0 … n_classes − 1.
    shape : tuple of int
        Shape of one stimulus as an image; its product is n_features.
    n_classes : int
    class_names : tuple of str, optional
        What the classes are called, in their order; empty where they have no names.

    Raises
    ------
    DataError
        Where the parts do not fit together, stimuli are not finite float32 or targets not int64.

    Notes
    -----
    Loaders give stimuli between 0 and 1; :func:`standardised` ones leave that range.

    Examples
    --------
    >>> from neurosim.data import digits
    >>> data = digits(size=8)
    >>> data.train_stimuli.shape, data.test_stimuli.shape, data.shape
    ((1437, 64), (360, 64), (8, 8))
    """

    name: str
    train_stimuli: np.ndarray
    train_targets: np.ndarray
    test_stimuli: np.ndarray
    test_targets: np.ndarray
    shape: tuple
    n_classes: int
    class_names: tuple = ()

    def __post_init__(self):
        for part in ("train", "test"):
            self._check_stimuli(part, getattr(self, f"{part}_stimuli"))
            self._check_targets(
                part, getattr(self, f"{part}_targets"), len(getattr(self, f"{part}_stimuli"))
            )
        if len(self.class_names) not in (0, self.n_classes):
            raise DataError(
                f"{self.name} must have {self.n_classes} class_names or none; "
                f"got {len(self.class_names)}"
            )

    def _check_stimuli(self, part, stimuli):
        if stimuli.ndim != 2 or stimuli.shape[1] != self.n_features:
            raise DataError(
                f"{part} stimuli of {self.name} must have shape "
                f"(n_samples, {self.n_features}); got {stimuli.shape}"
            )
        if stimuli.dtype != np.float32:
            raise DataError(f"{part} stimuli of {self.name} must be float32; got {stimuli.dtype}")
        # NaN passes through both extremes, so no array of flags is needed.
        if stimuli.size and not np.isfinite([stimuli.min(), stimuli.max()]).all():
            raise DataError(
                f"{part} stimuli of {self.name} must be finite; "
                f"got {stimuli.min()} … {stimuli.max()}"
            )

    def _check_targets(self, part, targets, n_samples):
        if targets.shape != (n_samples,):
            raise DataError(
                f"{part} targets of {self.name} must be {n_samples}, one per stimulus; "
                f"got shape {targets.shape}"
            )
        if targets.dtype != np.int64:
            raise DataError(f"{part} targets of {self.name} must be int64; got {targets.dtype}")
        if len(targets) and not (targets.min() >= 0 and targets.max() < self.n_classes):
            raise DataError(
                f"{part} targets of {self.name} must lie in 0 … {self.n_classes - 1}; "
                f"got {targets.min()} … {targets.max()}"
            )

    @property
    def n_features(self):
        """Number of values in a stimulus."""
        return int(np.prod(self.shape))

    def first(self, n_samples):
        """Return the data set with the first `n_samples` training samples only.

        Raises
        ------
        ParameterError
            Where there are fewer.
        """
        if not 1 <= n_samples <= len(self.train_targets):
            raise ParameterError(
                f"samples must lie in 1 … {len(self.train_targets)}, the training samples of "
                f"{self.name}; got {n_samples!r}"
            )
        return replace(
            self,
            train_stimuli=self.train_stimuli[:n_samples],
            train_targets=self.train_targets[:n_samples],
        )


def standardised(dataset):
    """Return a data set shifted and scaled to mean 0 and standard deviation 1.

    Mean and deviation are those of all values of the training stimuli; for MNIST they are the
    customary 0.1307 and 0.3081.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        Where all training values are the same.

    Examples
    --------
    >>> from neurosim.data import digits, standardised
    >>> stimuli = standardised(digits(size=8)).train_stimuli
    >>> round(float(abs(stimuli.mean())), 4), round(float(stimuli.std()), 4)
    (0.0, 1.0)
    """
    mean = dataset.train_stimuli.mean(dtype=np.float64)
    deviation = dataset.train_stimuli.std(dtype=np.float64)
    if not deviation > 0:
        raise DataError(
            f"training stimuli of {dataset.name} must differ to be standardised; "
            f"their deviation is {deviation}"
        )

    def transform(stimuli):
        return ((stimuli - np.float32(mean)) / np.float32(deviation)).astype(np.float32)

    return replace(
        dataset,
        train_stimuli=transform(dataset.train_stimuli),
        test_stimuli=transform(dataset.test_stimuli),
    )
