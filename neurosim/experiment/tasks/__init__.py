"""Tasks in sequence, in the vocabulary of Avalanche: benchmark, stream, experience.

Stimuli of an experience are transformed when asked for, so that ten permutations of 60 000
images do not stand in memory at once.
"""

from neurosim.experiment.tasks.benchmarks import (
    class_incremental,
    permuted,
    rotated,
    task_incremental,
)
from neurosim.experiment.tasks.streams import (
    Benchmark,
    Experience,
    joint,
    minibatches,
    with_validation,
)

__all__ = [
    "Benchmark",
    "Experience",
    "class_incremental",
    "joint",
    "minibatches",
    "permuted",
    "rotated",
    "task_incremental",
    "with_validation",
]
