"""A layered classifier that learns experiences in sequence; strategies refine its hooks."""

import numpy as np

from neurosim.errors import ParameterError
from neurosim.experiment.model import Model, Response
from neurosim.layers import (
    SGD,
    FeedforwardNetwork,
    OnlineTraces,
    Plasticity,
    RateUnits,
    SpikeRepresentation,
    single_threaded,
)
from neurosim.models.continual.states import nest, part

__all__ = ["RULES", "LayeredClassifier"]

RULES = {
    "dsr": SpikeRepresentation,
    "ottt": OnlineTraces,
    "rate": RateUnits,
}


class LayeredClassifier(Model, Plasticity):
    """Multilayer network without biases and one shared read-out, trained by SGD.

    From the second experience on, firing thresholds stay as they are, as in the published
    code of Xiao et al. (ICLR 2024), whichever strategy learns.

    Parameters
    ----------
    n_inputs, n_classes : int
    seed : int, default=0
        Fixes weights and every later draw.
    hidden : sequence of int, default=(400, 400)
        Units of the hidden layers.
    rule : {"dsr", "ottt", "rate"}, default="dsr"
        Neuron model and its learning rule.
    n_steps : int, optional
        Time steps per stimulus; the rule's published number (20 or 6) by default.
    feedback : {"backpropagation", "feedback_alignment", "sign_symmetric"}
    learning_rate : float, default=0.1
    dtype : {"float32", "float64"}

    Raises
    ------
    ParameterError
        Where a value is not one of those allowed.
    """

    def __init__(
        self,
        n_inputs,
        n_classes,
        *,
        seed=0,
        hidden=(400, 400),
        rule="dsr",
        n_steps=None,
        feedback="backpropagation",
        learning_rate=0.1,
        dtype="float32",
    ):
        if rule not in RULES:
            raise ParameterError(f"rule must be one of {', '.join(RULES)}; got {rule!r}")
        if rule == "rate" and n_steps is not None:
            raise ParameterError(
                f"rule 'rate' has no time steps, so takes no n_steps; got {n_steps!r}"
            )
        if not (np.isfinite(learning_rate) and learning_rate > 0):
            raise ParameterError(f"learning_rate must be finite and > 0; got {learning_rate!r}")
        self.n_inputs = n_inputs
        self.n_classes = n_classes
        self.seed = seed
        self.hidden = hidden
        self.rule = rule
        self.n_steps = n_steps
        self.feedback = feedback
        self.learning_rate = learning_rate
        self.dtype = dtype
        self.reset()

    def reset(self):
        """Return to the untrained network."""
        steps = {} if self.n_steps is None else {"n_steps": self.n_steps}
        self.network = FeedforwardNetwork(
            [self.n_inputs, *self.hidden, self.n_classes],
            dynamics=RULES[self.rule](**steps),
            feedback=self.feedback,
            seed=self.seed,
            dtype=self.dtype,
        )
        self.optimiser = SGD(self.learning_rate)
        self.experience = 0
        self.iteration = 0

    @property
    def trace_names(self):
        """Spikes and membrane potentials (or rates) of the hidden layers."""
        return self.network.trace_names

    def before_experience(self, experience):
        """Start `experience` with a fresh optimiser."""
        self.experience = experience
        self.iteration = 0
        self.optimiser = SGD(self.learning_rate)

    @single_threaded
    def learn(self, stimuli, targets):
        """Learn from one batch; see :meth:`Model.learn`."""
        stimuli, targets = self.training_batch(stimuli, targets)
        parameters = self.network.parameters()
        losses = []
        for loss, gradients in self.network.learning_steps(stimuli, targets, self):
            if self.experience > 0:
                gradients.pop("thresholds", None)
            self.regularise(parameters, gradients)
            self.optimiser.step(parameters, gradients)
            floor = getattr(self.network.dynamics, "threshold_floor", 0)
            np.maximum(self.network.thresholds, floor, out=self.network.thresholds)
            losses.append(loss)
        self.iteration += 1
        return float(np.mean(losses))

    @single_threaded
    def respond(self, stimuli, record=()):
        """Answer stimuli; see :meth:`Model.respond`."""
        return Response(*self.network.respond(stimuli, record))

    def training_batch(self, stimuli, targets):
        """Return the batch to learn from; a strategy may add remembered samples."""
        return stimuli, targets

    def regularise(self, parameters, gradients):
        """Change `gradients` in place before the step; a strategy may add a penalty's."""

    def state(self):
        """Return weights, thresholds, momenta and counters."""
        arrays = {name: array.copy() for name, array in self.network.parameters().items()}
        arrays["thresholds"] = self.network.thresholds.copy()
        arrays["counters"] = np.array([self.experience, self.iteration])
        arrays.update(nest("momentum", self.optimiser.state()))
        return arrays

    def restore(self, state):
        """Go back to a state returned by :meth:`state`."""
        for name, array in self.network.parameters().items():
            array[...] = state[name]
        self.network.thresholds[...] = state["thresholds"]
        self.experience, self.iteration = (int(count) for count in state["counters"])
        self.optimiser.restore(part("momentum", state))
