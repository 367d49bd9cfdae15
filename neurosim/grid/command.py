"""The command ``neurosim grid``, and ``neurosim show`` of a grid's folder."""

import sys

from neurosim.errors import ParameterError
from neurosim.grid.driver import grid

__all__ = ["add_grid_command"]


def add_grid_command(commands):
    """Add the command to a parser's commands.

    Parameters
    ----------
    commands : argparse's sub-parsers
    """
    command = commands.add_parser(
        "grid",
        help="run a protocol over a grid of parameters",
        description="Run a protocol at every point of a grid, and gather what the points measured "
        "in DIR/results.nc.",
    )
    command.add_argument("protocol", metavar="PROTOCOL", help="name or path of a script")
    command.add_argument(
        "--vary",
        metavar="NAME=VALUES",
        action="append",
        default=[],
        help="an axis: a,b,... or start:stop (whole numbers, without stop) or start:stop:n (n "
        "evenly spaced values, with both ends)",
    )
    command.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="the value of a parameter that does not vary",
    )
    command.add_argument(
        "--zip", metavar="A,B", action="append", default=[], help="parameters that vary together"
    )
    command.add_argument("--out", metavar="DIR", required=True, help="folder of the grid")
    command.add_argument(
        "--trace", metavar="NAME", action="append", default=[], help="a trace for the results"
    )
    command.add_argument(
        "--metrics-only", action="store_true", help="keep no trace file for each point"
    )
    command.add_argument(
        "--workers",
        metavar="N",
        type=int,
        help="worker processes (default: one per processor); 0 for none",
    )
    command.add_argument(
        "--threads",
        action="store_true",
        help="threads instead of processes; points that use Brian 2 run side by side only while "
        "compiled loops do",
    )
    command.add_argument("--dask", metavar="ADDRESS", help="a Dask scheduler, or local")
    command.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=float,
        help="give up a point after this time; with --threads or --workers 0 it ends only between "
        "slices of a compiled loop and where it records or its progress moves on",
    )
    command.add_argument("--shard", metavar="K/N", help="compute the K-th of N parts")
    command.add_argument(
        "--resume", action="store_true", help="compute what is missing or failed in DIR"
    )
    command.add_argument("--no-progress", action="store_true", help="show no progress")
    command.set_defaults(action=_grid)


def _grid(options):
    report = grid(
        options.protocol,
        _pairs(options.vary, "--vary", "VALUES"),
        out=options.out,
        fixed=_pairs(options.set, "--set", "VALUE"),
        zipped=[_words(text) for text in options.zip],
        traces=options.trace,
        metrics_only=options.metrics_only,
        workers=options.workers,
        threads=options.threads,
        dask=options.dask,
        timeout=options.timeout,
        shard=None if options.shard is None else _shard(options.shard),
        resume=options.resume,
        progress=not options.no_progress,
    )
    for name in report.absent_traces:
        known = ", ".join(report.known_traces) or "none"
        print(f"neurosim: no point has a trace {name!r}; there are {known}", file=sys.stderr)
    part = "" if options.shard is None else f" of shard {options.shard}"
    print(f"{report.n_done} of {report.n_points} points{part} done: {report.path / 'results.nc'}")
    if report.n_failed:
        n_failed = "1 point" if report.n_failed == 1 else f"{report.n_failed} points"
        print(
            f"neurosim: {n_failed} failed; {report.path / 'failures'} tells why, "
            "--resume repeats them",
            file=sys.stderr,
        )
        return 1
    return 0


def _pairs(settings, flag, expected):
    pairs = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        name = name.strip()
        if not equals:
            raise ParameterError(f"{flag} takes NAME={expected}; got {setting!r}")
        if name in pairs:
            raise ParameterError(
                f"parameter {name!r} is given twice by {flag}: {pairs[name]!r}, {text!r}"
            )
        pairs[name] = text
    return pairs


def _words(text):
    return [word.strip() for word in text.split(",")]


def _shard(text):
    number, slash, count = text.partition("/")
    if not (slash and number.strip().isdecimal() and count.strip().isdecimal()):
        raise ParameterError(f"--shard takes K/N, as in 1/4; got {text!r}")
    return int(number), int(count)
