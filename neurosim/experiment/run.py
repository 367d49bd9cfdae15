"""What a protocol holds in its hand while it runs, and what it leaves behind."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tqdm.auto import tqdm

__all__ = ["Result", "Run"]


class Run:
    """The first argument of a protocol: its parameters, and where it records.

    Traces go through the methods of :class:`neurosim.traces.TraceWriter` — `write`, `append`,
    `append_ragged`, `append_spikes`, `append_report`, `flush` — which stand here under the same
    names; without an output file they are kept in memory.

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
        self.write = sink.write
        self.append = sink.append
        self.append_ragged = sink.append_ragged
        self.append_spikes = sink.append_spikes
        self.append_report = sink.append_report
        self.flush = sink.flush

    def metric(self, name, value, *, units="1", description=""):
        """Record a number that sums up the run.

        Parameters
        ----------
        name : str
            May stand in a group: ``"hlop/accuracy"`` is stored as ``hlop/metrics/accuracy``.
        value : float
        units, description : str
        """
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
        """Return a progress bar as a context manager; its `update(n)` moves it on.

        Shown where progress is wanted and someone watches, on standard error.
        """
        hidden = not (self.shows_progress and sys.stderr.isatty())
        return tqdm(total=total, desc=description, disable=hidden, file=sys.stderr, leave=False)

    def say(self, text):
        """Print a line to standard output without breaking the progress bar."""
        if self.shows_progress:
            tqdm.write(text, file=sys.stdout)


@dataclass(frozen=True)
class Result:
    """What a protocol left behind.

    Attributes
    ----------
    protocol : str
    parameters : dict
    metrics : dict of str to float
    traces : Mapping of str to Trace
        Read from the output file, or kept in memory.
    output, figure : Path or None
        Files written.
    """

    protocol: str
    parameters: dict
    metrics: dict
    traces: Mapping = field(repr=False)
    output: Path | None = None
    figure: Path | None = None

    @property
    def seed(self):
        """Seed of the run."""
        return self.parameters["seed"]
