"""Online elastic weight consolidation."""

import numpy as np

from neurosim import model
from neurosim.errors import ParameterError
from neurosim.layers import single_threaded
from neurosim.models.continual.classifier import LayeredClassifier
from neurosim.models.continual.memory import Reservoir
from neurosim.models.continual.states import nest, part
from neurosim.randomness import generator

__all__ = ["OnlineEWC"]


@model("ewc")
class OnlineEWC(LayeredClassifier):
    """A quadratic penalty holds the weights that earlier experiences depended on.

    After each experience the diagonal Fisher information
    ``F_i = E_{x, y ~ p}[(∂ log p(y|x) / ∂θ_i)²]`` is estimated sample by sample on what was
    seen, with labels drawn from the model's own answers (Kirkpatrick et al. 2017), and joined
    to the earlier ones by ``F ← γ F + F_new`` with one anchor θ* (Schwarz et al. 2018,
    "Progress & compress"). Learning then adds ``λ F (θ − θ*)`` to the gradient, the gradient of
    ``(λ/2) Σ F_i (θ_i − θ*_i)²``.

    Parameters
    ----------
    penalty : float, default=10.0
        λ.
    decay : float, default=1.0
        γ.
    fisher_samples : int, default=200
        Samples of an experience the Fisher information is estimated on.
    **classifier
        See :class:`LayeredClassifier`.

    Examples
    --------
    >>> from neurosim.models.continual import OnlineEWC
    >>> OnlineEWC(16, 3, hidden=(20,), penalty=10.0).penalty
    10.0
    """

    def __init__(
        self, n_inputs, n_classes, *, penalty=10.0, decay=1.0, fisher_samples=200, **classifier
    ):
        for name, value, allowed in (
            ("penalty", penalty, np.isfinite(penalty) and penalty >= 0),
            ("decay", decay, 0 <= decay <= 1),
            ("fisher_samples", fisher_samples, fisher_samples >= 1),
        ):
            if not allowed:
                raise ParameterError(f"{name} of ewc is out of range; got {value!r}")
        self.penalty = penalty
        self.decay = decay
        self.fisher_samples = fisher_samples
        super().__init__(n_inputs, n_classes, **classifier)

    def reset(self):
        """Forget weights, their importance and the samples seen."""
        super().reset()
        self.importance = {}
        self.anchor = {}
        self._seen = Reservoir(self.fisher_samples, seed=self.seed, name="fisher")

    def before_experience(self, experience):
        """Start counting this experience's samples."""
        super().before_experience(experience)
        self._seen = Reservoir(self.fisher_samples, seed=self.seed, name=f"fisher {experience}")

    def training_batch(self, stimuli, targets):
        """Keep a sample of what is seen."""
        self._seen.add(stimuli, targets)
        return stimuli, targets

    def regularise(self, parameters, gradients):
        """Add the penalty's gradient."""
        for name, importance in self.importance.items():
            if name in gradients:
                strength = importance.dtype.type(self.penalty)
                pull = parameters[name] - self.anchor[name]
                gradients[name] = gradients[name] + strength * importance * pull

    @single_threaded
    def after_experience(self, experience):
        """Estimate the Fisher information and move the anchor."""
        if self._seen.n_seen == 0:
            return
        fisher = self.fisher_information(self._seen.stimuli)
        for name, values in fisher.items():
            if name in self.importance:
                values += self.importance[name].dtype.type(self.decay) * self.importance[name]
        self.importance = fisher
        self.anchor = {name: self.network.parameters()[name].copy() for name in fisher}

    def fisher_information(self, stimuli):
        """Return the diagonal Fisher information of each parameter.

        Parameters
        ----------
        stimuli : ndarray, shape (n_samples, n_inputs)

        Returns
        -------
        dict of str to ndarray
            Shapes of the parameters.
        """
        scores = self.network.respond(stimuli)[0].astype(np.float64)
        # The largest of scores plus Gumbel noise is a draw from their softmax.
        rng = generator(self.seed, "fisher labels", self.experience)
        labels = (scores + rng.gumbel(size=scores.shape)).argmax(axis=1)
        fisher = {}
        for sample in range(len(stimuli)):
            one = slice(sample, sample + 1)
            summed = {}
            # An online rule yields the parts of one sample's gradient step by step.
            for _, gradients in self.network.learning_steps(stimuli[one], labels[one]):
                for name, gradient in gradients.items():
                    summed[name] = summed.get(name, 0) + gradient
            for name, gradient in summed.items():
                fisher[name] = fisher.get(name, 0) + gradient**2 / len(stimuli)
        return fisher

    def state(self):
        """Return the classifier's state, importance, anchor and samples."""
        return {
            **super().state(),
            **nest("importance", {name: array.copy() for name, array in self.importance.items()}),
            **nest("anchor", {name: array.copy() for name, array in self.anchor.items()}),
            **nest("seen", self._seen.state()),
        }

    def restore(self, state):
        """Go back to a state returned by :meth:`state`."""
        super().restore(state)
        self.importance = {k: v.copy() for k, v in part("importance", state).items()}
        self.anchor = {k: v.copy() for k, v in part("anchor", state).items()}
        self._seen = Reservoir(
            self.fisher_samples, seed=self.seed, name=f"fisher {self.experience}"
        )
        self._seen.restore(part("seen", state))
