"""Run all simulators side by side and write a table and a figure.

    python -m benchmarks.engine [--output FOLDER] [--workloads coba,cuba] [--simulators neurosim]

from the root of the repository. Without ``--simulators``, neurosim and Brian 2's targets run. NEST,
NEURON, ANNarchy and BrainPy run where they are named, each in an environment that

    python -m benchmarks.engine.environments nest neuron annarchy brainpy

makes first; they have scripts of some workloads (:mod:`benchmarks.engine.peers`) and no rows in the
others. ``FOLDER`` receives ``table.md``, ``table.json``, ``loop_times.png`` and a record per
measurement; the same command goes on where it was interrupted.
How times are taken stands in :mod:`benchmarks.engine.measure`, what the machine could do at best in
:mod:`benchmarks.engine.limits`.
"""

import argparse
from pathlib import Path

from benchmarks.engine import environments, report, workloads
from benchmarks.engine.records import Run
from benchmarks.engine.simulators import BRIAN, PEERS


def _names(text, known, kind, parser):
    names = text.split(",")
    wrong = [name for name in names if name not in known]
    if wrong:
        parser.error(f"no {kind} {wrong[0]!r}; there are {', '.join(known)}")
    return names


def _need_environments(simulators, parser):
    missing = [n for n in simulators if n in PEERS and not environments.is_ready(n)]
    if missing:
        parser.error(
            f"no environment for {', '.join(missing)}, or an old one; make it first: "
            f"python -m benchmarks.engine.environments {' '.join(missing)}"
        )


def _options(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.engine", description=__doc__.partition("\n")[0]
    )
    add = parser.add_argument
    add("--workloads", default=",".join(workloads.NAMES), help="names, with commas between")
    add("--simulators", default=",".join(BRIAN), help=f"of {', '.join(BRIAN + PEERS)}")
    add("--repeat", type=int, default=5, help="repetitions")
    add("--cold", type=int, default=1, help="so many repetitions compile everything anew")
    add("--duration-scale", type=float, default=1.0, help="share of each biological time")
    add("--output", type=Path, default=Path("build/benchmarks/engine"), help="folder of results")
    add("--time-limit", type=float, default=60.0, help="seconds after which NumPy is shortened")
    add("--timeout", type=float, default=900.0, help="seconds after which one is given up")
    options = parser.parse_args(arguments)
    options.workloads = _names(options.workloads, workloads.NAMES, "workload", parser)
    options.simulators = _names(options.simulators, BRIAN + PEERS, "simulator", parser)
    _need_environments(options.simulators, parser)
    for name in ("repeat", "duration_scale", "time_limit", "timeout"):
        if not getattr(options, name) > 0:
            parser.error(
                f"--{name.replace('_', '-')} must be above 0, not {getattr(options, name)}"
            )
    return options, parser


def main(arguments=None):
    """Measure what is missing and write the report."""
    options, parser = _options(arguments)
    settings = vars(options)
    run = Run(settings.pop("output"), **settings)
    scale = run.scale_there()
    if scale not in (None, run.duration_scale):
        parser.error(f"{run.folder} holds durations times {scale:g}; choose another --output")
    run.measure()
    print(report.write(run))


if __name__ == "__main__":
    main()
