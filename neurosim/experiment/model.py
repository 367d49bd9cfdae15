"""The contract every model keeps, whichever engine hosts it."""

import inspect
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import numpy as np

from neurosim.errors import ParameterError

__all__ = ["Model", "Response", "build"]


@dataclass(frozen=True)
class Response:
    """What a model answers to a batch of stimuli.

    Attributes
    ----------
    scores : ndarray, shape (n_samples, n_classes)
        The class with the largest score is the answer.
    traces : dict of str to ndarray, shape (n_samples, n_steps, n_units)
        Recorded variables.
    """

    scores: np.ndarray
    traces: dict = field(default_factory=dict)

    @property
    def classes(self):
        """The answered class of each sample, shape (n_samples,)."""
        return self.scores.argmax(axis=1)


class Model(ABC):
    """A learner that a protocol can drive through a sequence of experiences.

    A model's constructor takes ``n_inputs``, ``n_classes`` and, by keyword, ``seed``; further
    keywords have defaults. Within an experience a model sees what `learn` hands it and nothing
    else; it may keep what it has seen.

    Attributes
    ----------
    regime : {"sequential", "joint"}
        Whether the model meets experiences one after the other or all of them at once.
    trace_names : tuple of str
        Variables `respond` can record.
    step_ms : float
        Duration of a recorded step in milliseconds.
    """

    regime = "sequential"
    step_ms = 1.0

    @property
    @abstractmethod
    def trace_names(self):
        """Variables that `respond` can record."""

    @abstractmethod
    def learn(self, stimuli, targets):
        """Learn from one batch.

        Parameters
        ----------
        stimuli : ndarray, shape (n_samples, n_inputs)
        targets : ndarray of int, shape (n_samples,)

        Returns
        -------
        float
            Loss of the batch before learning it.
        """

    @abstractmethod
    def respond(self, stimuli, record=()):
        """Answer stimuli without learning; asking twice gives the same answer.

        Parameters
        ----------
        stimuli : ndarray, shape (n_samples, n_inputs)
        record : collection of str
            Names among `trace_names`.

        Returns
        -------
        Response
        """

    @abstractmethod
    def reset(self):
        """Return to the state in which the model was built."""

    @abstractmethod
    def state(self):
        """Return all that learning changes, as a dict of arrays independent of the model."""

    @abstractmethod
    def restore(self, state):
        """Go back to a state; the model then answers and learns as it would have then."""

    def before_experience(self, experience):  # noqa: B027 - optional hook
        """Prepare for experience number `experience` (0, 1, ...)."""

    def after_experience(self, experience):  # noqa: B027 - optional hook
        """Consolidate experience number `experience`."""

    def diagnostics(self):
        """Return arrays by name that tell how consolidation went; none by default."""
        return {}


def build(model_class, n_inputs, n_classes, *, seed=0, options=None):
    """Construct a model with the options it takes.

    Parameters
    ----------
    model_class : type
    n_inputs, n_classes : int
    seed : int, default=0
    options : dict, optional
        Further constructor arguments; None stands for the model's own default.

    Returns
    -------
    Model

    Raises
    ------
    ParameterError
        Where an option is given that the model does not take: a parameter never varies without
        effect.

    Examples
    --------
    >>> from neurosim.experiment.model import build
    >>> from neurosim.models.continual import Naive
    >>> build(Naive, 64, 10, seed=1, options={"hidden": (20,), "rule": None}).hidden
    (20,)
    """
    given = {name: value for name, value in (options or {}).items() if value is not None}
    known = _options(model_class)
    for name in given:
        if name not in known:
            takes = ", ".join(sorted(known - {"n_inputs", "n_classes", "seed"})) or "nothing"
            raise ParameterError(
                f"model {model_class.__name__} does not take {name!r} (given: {given[name]!r}); "
                f"it takes {takes}"
            )
    return model_class(n_inputs, n_classes, seed=seed, **given)


def _options(model_class):
    """Return the keywords a constructor takes, also those it hands on to its base class."""
    names = set()
    for level in model_class.__mro__:
        if "__init__" not in vars(level):
            continue
        parameters = list(inspect.signature(level.__init__).parameters.values())[1:]
        rest = [entry for entry in parameters if entry.kind is inspect.Parameter.VAR_KEYWORD]
        names |= {entry.name for entry in parameters if entry not in rest}
        if not rest:
            break
    return names
