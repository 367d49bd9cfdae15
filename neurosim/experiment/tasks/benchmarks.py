"""The classic ways to make a sequence of tasks out of one data set."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np
from scipy.ndimage import rotate

from neurosim.errors import ParameterError
from neurosim.experiment.tasks.streams import Benchmark, Experience
from neurosim.randomness import generator

__all__ = ["class_incremental", "permuted", "rotated", "task_incremental"]


def _unchanged(stimuli):
    return stimuli


@dataclass(frozen=True)
class _Permutation:
    order: np.ndarray

    def __call__(self, stimuli):
        # Unlike indexing with [:, order], this keeps rows contiguous.
        return np.take(stimuli, self.order, axis=1)


@dataclass(frozen=True)
class _Rotation:
    angle: float
    shape: tuple
    background: float

    def __call__(self, stimuli):
        images = stimuli.reshape(-1, *self.shape)
        turned = rotate(
            images, self.angle, axes=(2, 1), reshape=False, order=1, cval=self.background
        )
        return np.ascontiguousarray(turned.reshape(len(stimuli), -1), stimuli.dtype)


def _transformed(dataset, transforms, name):
    """Return a domain-incremental benchmark of one data set seen in several ways."""
    classes = tuple(range(dataset.n_classes))

    def stream(stimuli, targets, origin):
        return tuple(
            Experience(index, 0, classes, ((stimuli, transform),), targets, origin)
            for index, transform in enumerate(transforms)
        )

    return Benchmark(
        f"{name} {dataset.name}",
        "domain-incremental",
        stream(dataset.train_stimuli, dataset.train_targets, "train"),
        stream(dataset.test_stimuli, dataset.test_targets, "test"),
        dataset.n_classes,
    )


def permuted(dataset, n_experiences, *, seed=0, permute_first=True):
    """Return a benchmark whose every task shows the data under its own permutation of pixels.

    Parameters
    ----------
    dataset : Dataset
    n_experiences : int
    seed : int, default=0
        Each permutation depends on it and on the task's number alone.
    permute_first : bool, default=True
        Whether the first task is permuted as well.

    Returns
    -------
    Benchmark
        Domain-incremental.

    Raises
    ------
    ParameterError
        Where `n_experiences` is no whole number from 1.

    Examples
    --------
    >>> from neurosim.data import digits
    >>> from neurosim.experiment.tasks import permuted
    >>> benchmark = permuted(digits(size=8), 3, seed=1)
    >>> benchmark.scenario, benchmark.n_experiences, len(benchmark.train_stream[0])
    ('domain-incremental', 3, 1437)
    """
    _at_least_one(n_experiences)
    transforms = [
        _Permutation(generator(seed, "permutation", index).permutation(dataset.n_features))
        for index in range(n_experiences)
    ]
    if not permute_first:
        transforms[0] = _unchanged
    return _transformed(dataset, transforms, "permuted")


def rotated(dataset, angles):
    """Return a benchmark whose every task shows the images turned by its own angle.

    Parameters
    ----------
    dataset : Dataset
        Of images with two dimensions.
    angles : sequence of float
        Degrees, counter-clockwise; interpolated bilinearly. What comes in from beyond the edges
        is background, the smallest value of the training stimuli.

    Returns
    -------
    Benchmark
        Domain-incremental.

    Raises
    ------
    ParameterError
        Where there is no angle, one is not finite, or stimuli are no images.

    Examples
    --------
    >>> from neurosim.data import digits
    >>> from neurosim.experiment.tasks import rotated
    >>> rotated(digits(size=8), [0, 90]).n_experiences
    2
    """
    angles = [float(angle) for angle in angles]
    _at_least_one(len(angles))
    if not np.isfinite(angles).all():
        raise ParameterError(f"angles must be finite; got {angles}")
    if len(dataset.shape) != 2:
        raise ParameterError(f"rotated needs images (height, width); got shape {dataset.shape}")
    background = float(dataset.train_stimuli.min())
    transforms = [_Rotation(angle, dataset.shape, background) for angle in angles]
    return _transformed(dataset, transforms, "rotated")


def class_incremental(dataset, n_experiences, *, seed=None, fixed_class_order=None):
    """Return a benchmark whose tasks bring new classes, told apart by one read-out.

    Parameters
    ----------
    dataset : Dataset
    n_experiences : int
        Must divide the number of classes.
    seed : int, optional
        Shuffles the order of classes; they come in their own order by default.
    fixed_class_order : sequence of int, optional
        The order itself, in place of `seed`.

    Returns
    -------
    Benchmark

    Raises
    ------
    ParameterError
        Where classes cannot be shared out evenly, the order is not one of all classes, or both
        `seed` and `fixed_class_order` are given.

    Examples
    --------
    >>> from neurosim.data import digits
    >>> from neurosim.experiment.tasks import class_incremental
    >>> stream = class_incremental(digits(size=8), 5).train_stream
    >>> stream[1].classes_in_this_experience
    (2, 3)
    """
    groups = _class_groups(dataset, n_experiences, seed, fixed_class_order)
    return _split(dataset, groups, "class-incremental")


def task_incremental(dataset, n_experiences, *, seed=None, fixed_class_order=None):
    """Return a benchmark whose tasks bring new classes and say which task it is.

    Targets count the classes within a task, and each task has a label of its own.

    Parameters
    ----------
    dataset : Dataset
    n_experiences : int
    seed : int, optional
    fixed_class_order : sequence of int, optional
        See :func:`class_incremental`.

    Returns
    -------
    Benchmark

    Raises
    ------
    ParameterError
        As in :func:`class_incremental`.

    Examples
    --------
    >>> from neurosim.data import digits
    >>> from neurosim.experiment.tasks import task_incremental
    >>> benchmark = task_incremental(digits(size=8), 5)
    >>> benchmark.n_classes, benchmark.train_stream[3].task_label
    (2, 3)
    """
    groups = _class_groups(dataset, n_experiences, seed, fixed_class_order)
    return _split(dataset, groups, "task-incremental")


def _class_groups(dataset, n_experiences, seed, fixed_class_order):
    _at_least_one(n_experiences)
    if seed is not None and fixed_class_order is not None:
        raise ParameterError(
            f"give seed or fixed_class_order, not both; got {seed!r} and {fixed_class_order!r}"
        )
    order = list(range(dataset.n_classes))
    if fixed_class_order is not None:
        if sorted(fixed_class_order) != order:
            raise ParameterError(
                f"fixed_class_order must hold each class 0 … {dataset.n_classes - 1} once; "
                f"got {list(fixed_class_order)}"
            )
        order = list(fixed_class_order)
    elif seed is not None:
        order = generator(seed, "class order").permutation(order).tolist()
    if dataset.n_classes % n_experiences:
        raise ParameterError(
            f"n_experiences must divide the {dataset.n_classes} classes of {dataset.name}; "
            f"got {n_experiences}"
        )
    size = dataset.n_classes // n_experiences
    return [tuple(order[start : start + size]) for start in range(0, len(order), size)]


def _split(dataset, groups, scenario):
    labelled = scenario == "task-incremental"

    def stream(stimuli, targets, origin):
        for index, group in enumerate(groups):
            here = np.isin(targets, group)
            chosen = targets[here]
            if labelled:
                chosen = np.argsort(group)[np.searchsorted(np.sort(group), chosen)]
            yield Experience(
                index,
                index if labelled else 0,
                group,
                ((stimuli[here], _unchanged),),
                chosen.astype(np.int64),
                origin,
            )

    return Benchmark(
        f"split {dataset.name}",
        scenario,
        tuple(stream(dataset.train_stimuli, dataset.train_targets, "train")),
        tuple(stream(dataset.test_stimuli, dataset.test_targets, "test")),
        len(groups[0]) if labelled else dataset.n_classes,
    )


def _at_least_one(n_experiences):
    if not isinstance(n_experiences, Integral) or n_experiences < 1:
        raise ParameterError(
            f"n_experiences must be a whole number, at least 1; got {n_experiences!r}"
        )
