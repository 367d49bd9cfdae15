"""What a protocol holds in its hand while it runs, and what it leaves behind."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real
from pathlib import Path

from neurosim.cancellation import check, current_check
from neurosim.errors import ParameterError
from neurosim.experiment.progress import Progress, say

__all__ = ["Result", "Run"]

_RECORDING = ("write", "append", "append_ragged", "append_spikes", "append_report", "flush")


class Run:
    """The first argument of a protocol: its parameters, and where it records.

    Traces go through the methods of :class:`neurosim.traces.TraceWriter` — `write`, `append`,
    `append_ragged`, `append_spikes`, `append_report`, `flush` — which stand here under the same
    names; without an output file they are kept in memory. A run that has been told to end, because
    its time is up for one, does so in these methods, or when its progress moves on.

    Parameters
    ----------
    parameters : dict
        Checked values of the protocol's parameters.
    sink : TraceWriter or MemoryTraces
    shows_progress : bool, default=False
        Whether progress and text are shown.

    Attributes
    ----------
    parameters : dict
    seed : int
    metrics : dict of str to float
        What `metric` has recorded.
    """

    def __init__(self, parameters, sink, *, shows_progress=False):
        self.parameters = parameters
        self.seed = parameters["seed"]
        self.metrics = {}
        self.shows_progress = shows_progress
        for name in _RECORDING:
            setattr(self, name, _checked(getattr(sink, name)))

    def metric(self, name, value, *, units="1", description=""):
        """Record a number that sums up the run.

        Parameters
        ----------
        name : str
            May stand in a group: ``"hlop/accuracy"`` is stored as ``hlop/metrics/accuracy``.
        value : float
        units, description : str

        Raises
        ------
        ParameterError
            Where the value is no single real number.
        """
        if isinstance(value, bool) or not isinstance(value, Real):
            raise ParameterError(f"metric {name!r} must be one real number; got {value!r}")
        group, _, own = name.rpartition("/")
        path = f"{group}/metrics/{own}" if group else f"metrics/{own}"
        self.write(
            path,
            value,
            dims=(),
            units=units,
            description=description or own.replace("_", " "),
        )
        self.metrics[name] = value

    def progress(self, total, description=""):
        """Return a progress bar: a context manager with `update(n)` and `set(loss=0.1)`.

        Shown in terminals and notebooks only, and only where progress is wanted.

        Parameters
        ----------
        total : int
        description : str

        Returns
        -------
        Progress
        """
        return Progress(total, description, is_wanted=self.shows_progress)

    def say(self, text):
        """Print a line to standard output without breaking the progress bar.

        Parameters
        ----------
        text : str
        """
        if self.shows_progress:
            say(text)


def _checked(record):
    """Return a method of a sink before which a run that has been told to end does so."""
    if current_check() is None:
        return record

    @functools.wraps(record)
    def check_and_record(*arguments, **keywords):
        check()
        return record(*arguments, **keywords)

    return check_and_record


@dataclass(frozen=True, repr=False)
class Result:
    """What a protocol left behind.

    Attributes
    ----------
    protocol : str
    parameters : dict
    metrics : dict of str to float
    traces : Mapping of str to Trace
        Read from the output file, or kept in memory.
    output, figure_path : Path or None
        Files written.
    seed : int
    """

    protocol: str
    parameters: dict
    metrics: dict
    traces: Mapping = field(compare=False)
    output: Path | None = None
    figure_path: Path | None = None

    @property
    def seed(self):
        """Seed of the run."""
        return self.parameters["seed"]

    def __repr__(self):
        lines = [f"Result of {self.protocol}"]
        lines += [f"  {name} = {value!r}" for name, value in self.parameters.items()]
        lines += [f"  {name}: {value:.6g}" for name, value in self.metrics.items()]
        lines += [f"  {len(self.traces)} traces in {self.output or 'memory'}"]
        lines += [f"  figure in {self.figure_path}"] if self.figure_path else []
        return "\n".join(lines)
