"""Five seeds of ten permuted digit tasks for every model: the table of docs/results.

    python benchmarks/sequential_digits.py results.json [--seeds 0:5] [--models hlop,naive]

Every finished run is stored at once, so the command can be stopped and repeated.
"""

import argparse
import json
import os
import platform
import time
from pathlib import Path

import numpy as np

from neurosim.data import digits
from neurosim.experiment import metrics
from neurosim.experiment.model import build
from neurosim.experiment.registry import find_model
from neurosim.experiment.sequence import Observer, run_sequence
from neurosim.experiment.tasks import permuted
from neurosim.models.hlop import HebbianOrthogonalProjection
from neurosim.protocols.sequential_digits import DEFAULTS, EPOCHS, TASKS

MODELS = ("hlop", "naive", "gpm", "replay", "ewc", "joint", "frozen")


class Frozen(HebbianOrthogonalProjection):
    """The control that forgets nothing because it learns nothing after the first task."""

    def learn(self, stimuli, targets):
        return super().learn(stimuli, targets) if self.experience == 0 else 0.0


class Diagnostics(Observer):
    """Keeps what a model says of its consolidation after each experience."""

    def __init__(self):
        self.rows = []

    def after_experience(self, *, experience, model, accuracies):
        self.rows.append({name: list(map(float, v)) for name, v in model.diagnostics().items()})


def run(name, seed):
    model_class = Frozen if name == "frozen" else find_model(name)
    options = DEFAULTS["hlop"] if name == "frozen" else DEFAULTS.get(name, {})
    model = build(model_class, 784, 10, seed=seed, options=options)
    observer = Diagnostics()
    started = time.perf_counter()
    result = run_sequence(
        model,
        permuted(digits(seed=seed), TASKS, seed=seed),
        epochs=EPOCHS,
        seed=seed,
        observers=[observer],
    )
    return {
        "accuracy_matrix": [
            [None if np.isnan(value) else float(value) for value in row]
            for row in result.accuracy_matrix
        ],
        "initial": result.initial.tolist(),
        "diagnostics": [row for row in observer.rows if row],
        "seconds": time.perf_counter() - started,
    }


def mean_and_error(values):
    values = 100 * np.asarray(values, float)
    return f"{values.mean():.2f} ± {values.std(ddof=1) / np.sqrt(len(values)):.2f}"


def table(results, models, seeds):
    print("| model | ACC % | BWT points | FWT points | just learned % | worst task % |")
    print("|---|---|---|---|---|---|")
    for name in models:
        runs = [results[f"{name} {seed}"] for seed in seeds]
        matrices = [np.array(run["accuracy_matrix"], float) for run in runs]
        cells = [mean_and_error([metrics.average_accuracy(matrix) for matrix in matrices])]
        if np.isfinite(matrices).all():
            learned = np.array([np.diag(matrix) for matrix in matrices])
            pairs = list(zip(matrices, runs, strict=True))
            cells += [
                mean_and_error([metrics.backward_transfer(matrix) for matrix in matrices]),
                mean_and_error([metrics.forward_transfer(m, run["initial"]) for m, run in pairs]),
                mean_and_error(learned.mean(axis=1)),
                f"{100 * learned.mean(axis=0).min():.1f}",
            ]
        else:
            cells += ["–"] * 4
        print(f"| {name} | {' | '.join(cells)} |")


def circuit_table(results, seeds):
    runs = [results[f"hlop {seed}"]["diagnostics"] for seed in seeds]
    print("\n| task | projection | max abs(HHᵀ − I) | energy left % | best possible % | rows / n |")
    print("|---|---|---|---|---|---|")
    names = ("non_orthonormality", "residual_energy", "optimal_residual", "subspace_share")
    for task in range(TASKS):
        for projection in range(3):
            values = [np.mean([r[task][name][projection] for r in runs]) for name in names]
            print(
                f"| {task + 1} | {projection + 1} | {values[0]:.3f} | {100 * values[1]:.2f} "
                f"| {100 * values[2]:.2f} | {values[3]:.2f} |"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--seeds", default="0:5", help="first:end")
    parser.add_argument("--models", default=",".join(MODELS))
    options = parser.parse_args()
    first, _, end = options.seeds.partition(":")
    seeds, models = range(int(first), int(end)), options.models.split(",")
    results = json.loads(options.results.read_text()) if options.results.exists() else {}
    for seed in seeds:
        for name in models:
            if f"{name} {seed}" not in results:
                results[f"{name} {seed}"] = run(name, seed)
                beside = options.results.with_suffix(".part")
                beside.write_text(json.dumps(results))
                beside.replace(options.results)
    print(f"seeds {options.seeds}, {platform.machine()}, {os.cpu_count()} cores\n")
    table(results, models, seeds)
    if "hlop" in models:
        circuit_table(results, seeds)
    for name in models:
        seconds = [results[f"{name} {seed}"]["seconds"] for seed in seeds]
        print(f"\n{name}: median {np.median(seconds):.0f} s per run", end="")
    print()


if __name__ == "__main__":
    main()
