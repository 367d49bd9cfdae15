"""The layered classifier protected by Hebbian orthogonal projection."""

import numpy as np

from neurosim import model
from neurosim.errors import ParameterError
from neurosim.layers import single_threaded
from neurosim.models.continual.classifier import LayeredClassifier
from neurosim.models.continual.memory import Reservoir
from neurosim.models.continual.presynaptic import presynaptic_activity
from neurosim.models.continual.states import nest, part
from neurosim.models.hlop.circuit import LateralCircuit
from neurosim.models.hlop.diagnostics import (
    non_orthonormality,
    optimal_residual,
    residual_energy,
)
from neurosim.randomness import generator

__all__ = ["HebbianOrthogonalProjection"]

# Samples of an experience on which diagnostics are computed; they never enter learning.
_DIAGNOSED = 500


@model("hlop")
class HebbianOrthogonalProjection(LayeredClassifier):
    """Presynaptic activity is projected away from what earlier experiences used.

    Every projection has a :class:`LateralCircuit` on its presynaptic population. Before an
    experience it grows new subspace neurons; while learning, they learn the activity and the
    frozen ones project it; after the experience they are frozen as well. The forward pass never
    feels the circuit (Xiao et al., ICLR 2024).

    Parameters
    ----------
    subspaces : sequence of (sequence of int)
        Subspace neurons to add per experience and projection; the last entry serves all later
        experiences. ``((80, 200, 100), (70, 70, 70))`` gives 80, 200 and 100 neurons to the
        three projections at first and 70 each from then on.
    hebbian_rates : sequence of float
        η_H per projection; the last entry serves all further projections.
    hebbian_iterations : int, default=5
    spiking_steps : int, optional
        Time steps of spiking subspace neurons; linear ones by default.
    orthogonal_birth : bool, default=False
        See :class:`LateralCircuit`.
    **classifier
        See :class:`LayeredClassifier`.

    Raises
    ------
    ParameterError
        Where `subspaces` or `hebbian_rates` do not fit the network.

    Examples
    --------
    >>> from neurosim.models.hlop import HebbianOrthogonalProjection
    >>> hlop = HebbianOrthogonalProjection(16, 3, hidden=(20,), subspaces=((4, 5),))
    >>> hlop.before_experience(0)
    >>> [len(circuit.weights) for circuit in hlop.circuits]
    [4, 5]
    """

    def __init__(
        self,
        n_inputs,
        n_classes,
        *,
        subspaces=((80, 200, 100), (70, 70, 70)),
        hebbian_rates=(0.001, 0.01),
        hebbian_iterations=5,
        spiking_steps=None,
        orthogonal_birth=False,
        **classifier,
    ):
        self.subspaces = subspaces
        self.hebbian_rates = hebbian_rates
        self.hebbian_iterations = hebbian_iterations
        self.spiking_steps = spiking_steps
        self.orthogonal_birth = orthogonal_birth
        super().__init__(n_inputs, n_classes, **classifier)

    def reset(self):
        """Return to the untrained network without subspace neurons."""
        super().reset()
        populations = self.network.sizes[:-1]
        for sizes in self.subspaces:
            if len(sizes) != len(populations) or min(sizes) < 0:
                raise ParameterError(
                    f"subspaces must give a number ≥ 0 for each of the {len(populations)} "
                    f"projections; got {tuple(sizes)!r}"
                )
        if not self.subspaces or not self.hebbian_rates:
            raise ParameterError("subspaces and hebbian_rates must not be empty")
        self.circuits = [
            LateralCircuit(
                n_units,
                learning_rate=self.hebbian_rates[min(index, len(self.hebbian_rates) - 1)],
                iterations=self.hebbian_iterations,
                spiking_steps=self.spiking_steps,
                orthogonal_birth=self.orthogonal_birth,
                dtype=self.dtype,
            )
            for index, n_units in enumerate(populations)
        ]
        self._seen = Reservoir(_DIAGNOSED, seed=self.seed, name="diagnosed")
        self._diagnostics = {}
        self._projected = {}

    @single_threaded
    def before_experience(self, experience):
        """Grow this experience's subspace neurons."""
        super().before_experience(experience)
        sizes = self.subspaces[min(experience, len(self.subspaces) - 1)]
        for index, (circuit, n_neurons) in enumerate(zip(self.circuits, sizes, strict=True)):
            circuit.grow(n_neurons, generator(self.seed, "subspace", experience, index))
        self._seen = Reservoir(_DIAGNOSED, seed=self.seed, name=f"diagnosed {experience}")

    def training_batch(self, stimuli, targets):
        """Keep a sample of what is seen, for the diagnostics."""
        self._seen.add(stimuli, targets)
        return stimuli, targets

    def activity(self, index, rows):
        """Let the new subspace neurons of projection `index` learn."""
        self._projected[index] = rows, self.circuits[index].learn(rows)

    def presynaptic(self, index, rows):
        """Project presynaptic rows, where that is the cheaper or the only way."""
        if self._projects_gradient(index):
            return rows
        seen, projected = self._projected.pop(index, (None, None))
        # The input is its own trace, so learning has projected these very rows already.
        return projected if seen is rows else self.circuits[index].project(rows)

    def gradient(self, index, gradient):
        """Project the weight gradient instead, where it has fewer rows."""
        if self._projects_gradient(index):
            return self.circuits[index].project_gradient(gradient)
        return gradient

    def _projects_gradient(self, index):
        # The choice depends on sizes alone, so that a batch's own size never changes bits.
        few_units = self.network.projections[index].shape[0] < 64
        return self.spiking_steps is None and few_units

    @single_threaded
    def after_experience(self, experience):
        """Measure the circuits, then freeze them."""
        if self._seen.n_seen:
            self._diagnostics = self._measure()
        for circuit in self.circuits:
            circuit.freeze()

    def _measure(self):
        rows = presynaptic_activity(self.network, self._seen.stimuli, self._seen.targets)
        measured = [
            (
                non_orthonormality(circuit.weights),
                residual_energy(activity, circuit.weights),
                optimal_residual(activity, circuit.frozen, len(circuit.weights) - circuit.n_frozen),
                len(circuit.weights) / circuit.n_inputs,
            )
            for circuit, activity in zip(self.circuits, rows, strict=True)
        ]
        names = ("non_orthonormality", "residual_energy", "optimal_residual", "subspace_share")
        return dict(zip(names, np.array(measured).T, strict=True))

    def diagnostics(self):
        """Return measures of the circuits as they were when the last experience ended.

        Returns
        -------
        dict of str to ndarray, shape (n_projections,)
            ``non_orthonormality`` (max|HHᵀ − I|), ``residual_energy`` (share of energy left
            after projection), ``optimal_residual`` (the same for the best possible new
            directions) and ``subspace_share`` (subspace neurons per presynaptic unit).
        """
        return dict(self._diagnostics)

    def state(self):
        """Return the classifier's state, that of the circuits and the samples diagnosed."""
        circuits = {}
        for index, circuit in enumerate(self.circuits):
            circuits.update(nest(f"circuit_{index}", circuit.state()))
        return {
            **super().state(),
            **circuits,
            **nest("seen", self._seen.state()),
            **nest("diagnostics", self._diagnostics),
        }

    def restore(self, state):
        """Go back to a state returned by :meth:`state`."""
        super().restore(state)
        for index, circuit in enumerate(self.circuits):
            circuit.restore(part(f"circuit_{index}", state))
        self._seen = Reservoir(_DIAGNOSED, seed=self.seed, name=f"diagnosed {self.experience}")
        self._seen.restore(part("seen", state))
        self._diagnostics = part("diagnostics", state)
