"""Drive a model through a stream of experiences and watch what it remembers."""

from dataclasses import dataclass

import numpy as np

from neurosim.errors import ParameterError
from neurosim.experiment.tasks import joint, minibatches

__all__ = ["Observer", "SequenceResult", "accuracy", "run_sequence"]

# Samples answered at a time: a spiking layer's steps of so many stay in cache, of all do not fit.
_AT_ONCE = 128

_HOOKS = ("after_iteration", "after_evaluation", "after_experience")


class Observer:
    """Hooks called while a sequence runs; override those of interest.

    A method whose name starts with ``before_`` or ``after_`` but is no hook is refused when the
    class is defined: a misspelt hook would never be called.

    Examples
    --------
    >>> from neurosim.experiment.sequence import Observer
    >>> class Typo(Observer):
    ...     def after_iterration(self, **event): ...
    Traceback (most recent call last):
    ...
    neurosim.errors.ParameterError: Typo.after_iterration is no hook; hooks are ...
    """

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        for name in vars(cls):
            if name.startswith(("before_", "after_")) and name not in _HOOKS:
                raise ParameterError(
                    f"{cls.__name__}.{name} is no hook; hooks are {', '.join(_HOOKS)}"
                )

    def after_iteration(self, *, iteration, experience, loss):
        """See the loss of a mini-batch; `iteration` counts from 1 over the whole sequence."""

    def after_evaluation(self, *, iteration, experience, accuracies):
        """See accuracies, shape (n_experiences,); NaN for experiences not yet begun."""

    def after_experience(self, *, experience, model, accuracies):
        """See the model and its accuracies on all test experiences, shape (n_experiences,)."""


@dataclass(frozen=True)
class SequenceResult:
    """What was measured along a sequence of T experiences.

    Attributes
    ----------
    accuracy_matrix : ndarray, shape (T, T)
        Entry (i, j) is the accuracy on test experience j after learning experience i. A model
        trained jointly has only its last row, the others are NaN.
    initial : ndarray, shape (T,)
        Accuracies of the untrained model.
    curve : ndarray, shape (n_evaluations, T)
        Accuracies while learning, on the evaluation subset; NaN for experiences not yet begun.
    iterations : ndarray of int, shape (n_evaluations,)
        Iterations done at each evaluation.
    ends : ndarray of int, shape (T,)
        Iterations done when each experience ended.
    """

    accuracy_matrix: np.ndarray
    initial: np.ndarray
    curve: np.ndarray
    iterations: np.ndarray
    ends: np.ndarray


def accuracy(model, experience, n_samples=None):
    """Return the share of an experience's samples that a model answers rightly.

    Parameters
    ----------
    model : Model
    experience : Experience
    n_samples : int, optional
        Use the first so many samples only.

    Returns
    -------
    float
    """
    ordinals = np.arange(len(experience))[:n_samples]
    n_right = 0
    for start in range(0, len(ordinals), _AT_ONCE):
        stimuli, targets = experience.samples(ordinals[start : start + _AT_ONCE])
        n_right += int(np.sum(model.respond(stimuli).classes == targets))
    return n_right / len(ordinals)


def run_sequence(
    model,
    benchmark,
    *,
    epochs=1,
    batch_size=64,
    seed=0,
    evaluate_every=None,
    evaluation_samples=None,
    observers=(),
):
    """Let a model learn the experiences of a benchmark one after the other.

    The order of samples depends on seed, experience and epoch alone, so every model meets the
    same batches. A model whose regime is ``"joint"`` meets all experiences mixed together.

    Parameters
    ----------
    model : Model
    benchmark : Benchmark
    epochs : int, default=1
        Passes through an experience.
    batch_size : int, default=64
    seed : int, default=0
        Seed of the order of samples.
    evaluate_every : int, optional
        Iterations between evaluations of the curve; none by default.
    evaluation_samples : int, optional
        Test samples per experience the curve is evaluated on; all by default.
    observers : sequence of Observer

    Returns
    -------
    SequenceResult

    Raises
    ------
    ParameterError
        Where a number is below 1.
    """
    for name, value in {
        "epochs": epochs,
        "batch_size": batch_size,
        "evaluate_every": evaluate_every,
        "evaluation_samples": evaluation_samples,
    }.items():
        if value is not None and value < 1:
            raise ParameterError(f"{name} must be at least 1; got {value!r}")
    return _Sequence(
        model, benchmark, epochs, batch_size, seed, evaluate_every, evaluation_samples, observers
    ).run()


class _Sequence:
    """State of one run of a sequence."""

    def __init__(
        self, model, benchmark, epochs, batch_size, seed, evaluate_every, samples, observers
    ):
        self.model = model
        self.is_joint = model.regime == "joint"
        self.train = [joint(benchmark)] if self.is_joint else benchmark.train_stream
        self.test = benchmark.test_stream
        self.epochs = epochs
        self.batch_size = batch_size
        self.seed = seed
        self.evaluate_every = evaluate_every
        self.samples = samples
        self.observers = observers
        self.iteration = 0
        self.curve, self.iterations, self.ends = [], [], []

    def run(self):
        n_tasks = len(self.test)
        matrix = np.full((n_tasks, n_tasks), np.nan)
        initial = self._accuracies(range(n_tasks))
        for number, experience in enumerate(self.train):
            row = n_tasks - 1 if self.is_joint else number
            self._learn(row, experience)
            matrix[row] = self._accuracies(range(n_tasks))
            self._tell("after_experience", experience=row, model=self.model, accuracies=matrix[row])
        return SequenceResult(
            matrix,
            initial,
            np.array(self.curve).reshape(-1, n_tasks),
            np.array(self.iterations, np.int64),
            np.array(self.ends * (n_tasks if self.is_joint else 1), np.int64),
        )

    def _learn(self, number, experience):
        self.model.before_experience(experience.current_experience)
        for epoch in range(self.epochs):
            for stimuli, targets in minibatches(
                experience, self.batch_size, seed=self.seed, epoch=epoch
            ):
                loss = self.model.learn(stimuli, targets)
                self.iteration += 1
                self._tell(
                    "after_iteration", iteration=self.iteration, experience=number, loss=loss
                )
                if self.evaluate_every and self.iteration % self.evaluate_every == 0:
                    self._evaluate(number)
        self.model.after_experience(experience.current_experience)
        self.ends.append(self.iteration)

    def _evaluate(self, number):
        accuracies = self._accuracies(range(number + 1), self.samples)
        self.curve.append(accuracies)
        self.iterations.append(self.iteration)
        self._tell(
            "after_evaluation",
            iteration=self.iteration,
            experience=number,
            accuracies=accuracies,
        )

    def _accuracies(self, tasks, samples=None):
        values = np.full(len(self.test), np.nan)
        for task in tasks:
            values[task] = accuracy(self.model, self.test[task], samples)
        return values

    def _tell(self, hook, **event):
        for observer in self.observers:
            getattr(observer, hook)(**event)
