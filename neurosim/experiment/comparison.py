"""Models side by side on one benchmark, with everything recorded that a figure needs."""

import functools
import threading

import numpy as np

from neurosim.experiment import metrics
from neurosim.experiment.model import build
from neurosim.experiment.registry import find_model
from neurosim.experiment.sequence import Observer, run_sequence
from neurosim.experiment.threads import side_by_side

__all__ = ["build_models", "compare", "report"]

# Units whose membrane potential is reported; spikes are recorded of all.
_REPORTED_UNITS = 20


class _Recorder(Observer):
    """Writes what happens to one model into the run, one thread at a time."""

    def __init__(self, run, name, bar, lock, check, probes):
        self.run = run
        self.name = name
        self.bar = bar
        self.lock = lock
        self.check = check
        self.probes = probes
        self.losses = []
        self.shown = 0

    def after_iteration(self, *, iteration, experience, loss):
        self.check()
        self.losses.append(loss)
        if len(self.losses) >= 20:
            self._write_losses()

    def after_evaluation(self, *, iteration, experience, accuracies):
        with self.lock:
            self.run.append(
                f"{self.name}/curve/iteration",
                np.array([iteration]),
                dims=("iteration",),
                units="1",
                description="mini-batches learned at each evaluation",
            )
            self.run.append(
                f"{self.name}/curve/accuracy",
                accuracies[np.newaxis],
                dims=("iteration", "task"),
                units="1",
                description="accuracy on a subset of each task's test samples while learning",
            )

    def after_experience(self, *, experience, model, accuracies):
        self._write_losses()
        diagnostics = model.diagnostics()
        with self.lock:
            for name, values in diagnostics.items():
                self.run.append(
                    f"{self.name}/diagnostics/{name}",
                    values[np.newaxis],
                    dims=("experience", "projection"),
                    units="1",
                    description=f"{name.replace('_', ' ')} when the experience ended",
                )
        self._record_activity(model)
        with self.lock:
            self.run.flush()

    def _write_losses(self):
        if self.losses:
            with self.lock:
                self.run.append(
                    f"{self.name}/training/loss",
                    np.array(self.losses),
                    dims=("batch",),
                    units="1",
                    description="cross-entropy of each mini-batch before learning it",
                )
                self.bar.update(len(self.losses))
            self.losses = []

    def _record_activity(self, model):
        """Record how the hidden layers answer to the probes, one after the other in time."""
        traces = model.respond(self.probes, record=model.trace_names).traces
        for name, values in traces.items():
            layer, variable = name.split(".")
            population = f"{self.name}_{layer}"
            n_probes, n_steps, n_units = values.shape
            series = values.reshape(n_probes * n_steps, n_units)
            start = self.shown * n_steps * model.step_ms
            with self.lock:
                if variable == "spikes":
                    steps, units = np.nonzero(series)
                    self.run.append_spikes(population, units, start + steps * model.step_ms)
                else:
                    reported = np.arange(min(n_units, _REPORTED_UNITS))
                    self.run.append_report(
                        f"{population}.{variable}",
                        series[:, reported],
                        node_ids=reported,
                        start_ms=start,
                        step_ms=model.step_ms,
                        units="1",
                        description=f"{variable} of the first units, probes in a row",
                    )
        self.shown += len(self.probes)


def build_models(names, dataset, *, seed, shared, own):
    """Construct the models of a comparison.

    Parameters
    ----------
    names : iterable of (str or None)
        Names in the registry; None and repetitions are passed over.
    dataset : Dataset
        Says how many inputs and classes there are.
    seed : int
    shared : dict
        Options of every model; None stands for the model's own default.
    own : dict of str to dict
        Further options by model.

    Returns
    -------
    dict of str to Model

    Raises
    ------
    UnknownNameError
        Where there is no model of a name.
    ParameterError
        Where a model does not take an option that is given.

    Examples
    --------
    >>> from neurosim.data import digits
    >>> from neurosim.experiment.comparison import build_models
    >>> models = build_models(["naive", None], digits(size=8), seed=0, shared={}, own={})
    >>> sorted(models)
    ['naive']
    """
    return {
        name: build(
            find_model(name),
            dataset.n_features,
            dataset.n_classes,
            seed=seed,
            options={**own.get(name, {}), **shared},
        )
        for name in dict.fromkeys(names)
        if name is not None
    }


def compare(run, benchmark, models, *, epochs, batch_size, evaluate_every, evaluation_samples):
    """Run every model through a benchmark, side by side, and record what happens.

    After each experience every model also answers ten test samples of the first task, whose
    spikes and membrane potentials are recorded.

    Parameters
    ----------
    run : Run
        Where to record.
    benchmark : Benchmark
    models : dict of str to Model
        By the name their traces are recorded under.
    epochs, batch_size, evaluate_every, evaluation_samples : int
        See :func:`run_sequence`.

    Returns
    -------
    dict of str to SequenceResult
    """
    stream = [len(experience) for experience in benchmark.train_stream]
    lock = threading.Lock()
    probes = benchmark.test_stream[0].stimuli[:10]

    def one(name, bar, check):
        return run_sequence(
            models[name],
            benchmark,
            epochs=epochs,
            batch_size=batch_size,
            seed=run.seed,
            evaluate_every=evaluate_every,
            evaluation_samples=evaluation_samples,
            observers=[_Recorder(run, name, bar, lock, check, probes)],
        )

    n_batches = sum(
        epochs * -(-n_samples // batch_size)
        for model in models.values()
        for n_samples in ([sum(stream)] if model.regime == "joint" else stream)
    )
    with run.progress(n_batches, "learning") as bar:
        results = side_by_side([functools.partial(one, name, bar) for name in models])
    outcome = dict(zip(models, results, strict=True))
    for name, result in outcome.items():
        _write_result(run, name, result)
    return outcome


def _write_result(run, name, result):
    run.write(
        f"{name}/accuracy_matrix",
        result.accuracy_matrix,
        dims=("experience", "task"),
        units="1",
        description="accuracy on each task's test samples after each experience",
    )
    run.write(
        f"{name}/initial_accuracy",
        result.initial,
        dims=("task",),
        units="1",
        description="accuracy of the untrained model",
    )
    run.write(
        f"{name}/experience_end",
        result.ends,
        dims=("experience",),
        units="1",
        description="mini-batches learned when each experience ended",
    )
    for metric, value in _metrics(result).items():
        run.metric(f"{name}/{metric}", value, units="1")


def _metrics(result):
    return metrics.summary(
        result.accuracy_matrix,
        result.initial,
        result.curve,
        result.iterations,
        result.ends,
    )


def report(run, outcome):
    """Print the accuracy matrix and the metrics of each model.

    Parameters
    ----------
    run : Run
    outcome : dict of str to SequenceResult
    """
    for name, result in outcome.items():
        run.say(f"\n{name}: accuracy in % on each task (column) after each experience (row)")
        for number, row in enumerate(result.accuracy_matrix, 1):
            if np.isfinite(row).all():
                cells = " ".join(f"{100 * value:5.1f}" for value in row)
                run.say(f"  {number:3d} | {cells}")
    run.say(f"\n{'':12s} {'ACC':>8s} {'BWT':>8s} {'FWT':>8s}   (percent; BWT and FWT over T − 1)")
    for name, result in outcome.items():
        values = _metrics(result)
        cells = (
            f"{100 * values[metric]:+8.2f}" if metric in values else f"{'–':>8s}"
            for metric in ("average_accuracy", "backward_transfer", "forward_transfer")
        )
        run.say(f"{name:12s} {' '.join(cells)}")
