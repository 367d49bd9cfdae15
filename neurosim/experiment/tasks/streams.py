"""Experiences in streams, and what can be done with any of them."""

from dataclasses import dataclass, field, replace
from numbers import Integral

import numpy as np

from neurosim.errors import ParameterError
from neurosim.randomness import generator

__all__ = ["Benchmark", "Experience", "joint", "minibatches", "with_validation"]


@dataclass(frozen=True)
class Experience:
    """What a model meets between two task boundaries.

    Attributes
    ----------
    current_experience : int
        Place in the stream.
    task_label : int
        The task, where models may know it; 0 where they may not.
    classes_in_this_experience : tuple of int
    sources : tuple of (ndarray, callable)
        Raw stimuli, shape (n, n_features), and what turns rows of them into what is shown.
    targets : ndarray of int64, shape (n_samples,)
    origin_stream : {"train", "test", "validation"}
        The stream it belongs to.
    """

    current_experience: int
    task_label: int
    classes_in_this_experience: tuple
    sources: tuple = field(repr=False)
    targets: np.ndarray = field(repr=False)
    origin_stream: str

    def __len__(self):
        return len(self.targets)

    @property
    def stimuli(self):
        """All stimuli as they are shown, shape (n_samples, n_features), computed anew."""
        return np.concatenate([transform(raw) for raw, transform in self.sources])

    def samples(self, chosen):
        """Return stimuli and targets of chosen samples.

        Parameters
        ----------
        chosen : ndarray of int

        Returns
        -------
        stimuli : ndarray, shape (n_chosen, n_features)
        targets : ndarray of int64, shape (n_chosen,)
        """
        if len(self.sources) == 1:
            raw, transform = self.sources[0]
            return transform(raw[chosen]), self.targets[chosen]
        starts = np.cumsum([0, *(len(raw) for raw, _ in self.sources)])
        first = self.sources[0][0]
        stimuli = np.empty((len(chosen), first.shape[1]), first.dtype)
        for start, (raw, transform) in zip(starts, self.sources, strict=False):
            here = (chosen >= start) & (chosen < start + len(raw))
            stimuli[here] = transform(raw[chosen[here] - start])
        return stimuli, self.targets[chosen]


@dataclass(frozen=True)
class Benchmark:
    """Streams of experiences to learn and to be tested on.

    Attributes
    ----------
    name : str
    scenario : {"domain-incremental", "class-incremental", "task-incremental"}
        The three types of van de Ven and Tolias (2019).
    train_stream, test_stream : tuple of Experience
        As long as each other.
    n_classes : int
        Classes a read-out must tell apart.
    """

    name: str
    scenario: str
    train_stream: tuple
    test_stream: tuple
    n_classes: int

    @property
    def n_experiences(self):
        """Length of the streams."""
        return len(self.train_stream)

    @property
    def classes(self):
        """All classes of the training stream, tuple of int in ascending order."""
        return tuple(
            sorted({c for step in self.train_stream for c in step.classes_in_this_experience})
        )


def joint(benchmark):
    """Return all experiences of the training stream as one.

    Parameters
    ----------
    benchmark : Benchmark

    Returns
    -------
    Experience

    Raises
    ------
    ParameterError
        Where the benchmark is task-incremental: mixed samples would no longer say which task
        their target counts within.

    Examples
    --------
    >>> from neurosim.data import digits
    >>> from neurosim.experiment.tasks import joint, permuted
    >>> len(joint(permuted(digits(size=8), 3)))
    4311
    """
    if benchmark.scenario == "task-incremental":
        raise ParameterError(
            f"joint needs targets that mean the same in every task; {benchmark.name} is "
            f"task-incremental, use class_incremental of the same data"
        )
    stream = benchmark.train_stream
    return Experience(
        0,
        0,
        benchmark.classes,
        tuple(source for experience in stream for source in experience.sources),
        np.concatenate([experience.targets for experience in stream]),
        "train",
    )


def minibatches(experience, batch_size, *, seed=0, epoch=0):
    """Return an iterator over an experience's shuffled batches; the last one may be smaller.

    Parameters
    ----------
    experience : Experience
    batch_size : int
    seed, epoch : int
        With the experience's number they fix the order.

    Yields
    ------
    stimuli : ndarray, shape (n_samples, n_features)
    targets : ndarray of int64, shape (n_samples,)

    Raises
    ------
    ParameterError
        Where `batch_size` is no whole number from 1.

    Examples
    --------
    >>> from neurosim.data import digits
    >>> from neurosim.experiment.tasks import minibatches, permuted
    >>> experience = permuted(digits(size=8), 1).train_stream[0]
    >>> len(list(minibatches(experience, 64)))
    23
    """
    # Checked here rather than in a generator, whose body waits for the first batch.
    if not isinstance(batch_size, Integral) or batch_size < 1:
        raise ParameterError(f"batch_size must be a whole number from 1; got {batch_size!r}")
    rng = generator(seed, "order", experience.current_experience, epoch)
    order = rng.permutation(len(experience))
    return (
        experience.samples(order[start : start + batch_size])
        for start in range(0, len(order), batch_size)
    )


def with_validation(benchmark, fraction, *, seed=0):
    """Return the benchmark with a part of its training samples in place of the test samples.

    For the choice of hyper-parameters: the test samples are gone.

    Parameters
    ----------
    benchmark : Benchmark
    fraction : float
        Share of each experience's training samples to validate on, between 0 and 1.
    seed : int, default=0
        Fixes which ones.

    Returns
    -------
    Benchmark

    Raises
    ------
    ParameterError
        Where `fraction` is not inside (0, 1), or leaves an experience without a sample to
        validate on.

    Examples
    --------
    >>> from neurosim.data import digits
    >>> from neurosim.experiment.tasks import permuted, with_validation
    >>> benchmark = with_validation(permuted(digits(size=8), 2), 0.25)
    >>> len(benchmark.train_stream[0]), len(benchmark.test_stream[0])
    (1078, 359)
    """
    if not 0 < fraction < 1:
        raise ParameterError(f"fraction must lie in (0, 1); got {fraction!r}")
    raw_parts = {}
    pairs = [
        _divide(experience, fraction, seed, raw_parts) for experience in benchmark.train_stream
    ]
    train, validation = zip(*pairs, strict=True)
    return replace(
        benchmark,
        name=f"{benchmark.name} (validation)",
        train_stream=train,
        test_stream=validation,
    )


def _divide(experience, fraction, seed, raw_parts):
    """Return the parts to train and to validate on; `raw_parts` keeps those of raw stimuli."""
    [(raw, transform)] = experience.sources
    # One split for experiences of the same size, so that permutations of the same images do
    # not train one task on what another is validated on.
    order = generator(seed, "validation", len(raw)).permutation(len(raw))
    n_validation = int(fraction * len(raw))
    if n_validation == 0:
        raise ParameterError(
            f"fraction must leave samples to validate on: {fraction!r} of {len(raw)} in "
            f"experience {experience.current_experience} is none"
        )
    parts = np.sort(order[n_validation:]), np.sort(order[:n_validation])
    # Tasks that show the same images in several ways go on sharing one array.
    if id(raw) not in raw_parts:
        raw_parts[id(raw)] = [raw[part] for part in parts]
    return [
        replace(
            experience,
            sources=((chosen, transform),),
            targets=experience.targets[part],
            origin_stream=origin,
        )
        for chosen, part, origin in zip(
            raw_parts[id(raw)], parts, ("train", "validation"), strict=True
        )
    ]
