"""Permuted MNIST in the published setting of Hebbian orthogonal projection."""

from typing import Annotated, Literal

import neurosim
from neurosim.data import fashion_mnist, mnist, standardised
from neurosim.experiment.comparison import build_models, compare, report
from neurosim.experiment.parameters import Range
from neurosim.experiment.tasks import permuted
from neurosim.plots import sequence_figure

__all__ = ["SUBSPACES", "permuted_mnist"]

# Subspace neurons per task on the inputs of the three projections, as published: 80, 200 and
# 100 at first, then 70 each for tasks 2 and 3, 50 for 4 to 6, 30 for 7 to 9, 10 for the tenth.
SUBSPACES = (
    (80, 200, 100),
    *[(70, 70, 70)] * 2,
    *[(50, 50, 50)] * 3,
    *[(30, 30, 30)] * 3,
    (10, 10, 10),
)
DATASETS = {"mnist": mnist, "fashion_mnist": fashion_mnist}


@neurosim.protocol(figure=sequence_figure)
def permuted_mnist(
    run,
    *,
    model: str = "hlop",
    baseline: str | None = None,
    dataset: Literal["mnist", "fashion_mnist"] = "mnist",
    tasks: Annotated[int, Range(1, 100)] = 10,
    samples: Annotated[int, Range(1, 60000)] = 60000,
    epochs: Annotated[int, Range(1, None)] = 1,
    batch_size: Annotated[int, Range(1, None)] = 64,
    hidden: list[Annotated[int, Range(1, None)]] = (800, 800),
    learning_rate: Annotated[float, Range(0, None, closed="neither")] = 0.1,
    rule: Literal["dsr", "ottt", "rate"] = "dsr",
    feedback: Literal["backpropagation", "feedback_alignment", "sign_symmetric"] = (
        "backpropagation"
    ),
    spiking_steps: Annotated[int, Range(1, None)] | None = None,
    evaluate_every: Annotated[int, Range(1, None)] = 200,
    evaluation_samples: Annotated[int, Range(1, None)] = 200,
    seed: int = 0,
):
    """Learn permuted MNIST with the network and subspaces of Xiao et al. (ICLR 2024).

    A 784-800-800-10 network without biases, DSR with 20 steps, SGD with rate 0.1, batches of 64
    and one epoch per task; every task, also the first, has its own pixel permutation.

    Parameters
    ----------
    model : str
        Model to study; `neurosim list` names them.
    baseline : str or None
        Model to compare with, or none.
    dataset : str
        Images to permute.
    tasks : int
        Number of tasks.
    samples : int
        Training images per task; the published setting uses all 60 000.
    epochs : int
        Passes through the images of a task.
    batch_size : int
        Images per mini-batch.
    hidden : list of int
        Units of the hidden layers.
    learning_rate : float
        Rate of gradient descent.
    rule : str
        Neuron model and learning rule.
    feedback : str
        Weights that carry errors back.
    spiking_steps : int
        Time steps of spiking subspace neurons (hlop); linear ones by default.
    evaluate_every : int
        Mini-batches between two points of the accuracy curve.
    evaluation_samples : int
        Test images per task that a point of the curve is measured on.
    seed : int
        Fixes permutations, weights and order.
    """
    data = standardised(DATASETS[dataset]()).first(samples)
    benchmark = permuted(data, tasks, seed=seed)
    shared = {
        "hidden": tuple(hidden),
        "learning_rate": learning_rate,
        "rule": rule,
        "feedback": feedback,
    }
    subspaces = SUBSPACES if len(hidden) == 2 else None
    own = {
        "hlop": {"subspaces": subspaces, "spiking_steps": spiking_steps},
        "gpm": {"subspaces": subspaces},
    }
    if spiking_steps is not None and "hlop" not in (model, baseline):
        own[model] = {"spiking_steps": spiking_steps}
    models = build_models((model, baseline), data, seed=seed, shared=shared, own=own)
    outcome = compare(
        run,
        benchmark,
        models,
        epochs=epochs,
        batch_size=batch_size,
        evaluate_every=evaluate_every,
        evaluation_samples=evaluation_samples,
    )
    report(run, outcome)


if __name__ == "__main__":
    permuted_mnist.main()
