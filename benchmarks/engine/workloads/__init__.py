"""The workloads: ordinary Brian 2 scripts that know nothing of any simulator.

Each module holds

- ``build(random)``, which seeds, sets ``defaultclock.dt`` and returns the objects of the network,
- ``DURATION``, the biological time of a full run, and ``TIME_STEP``,
- ``EXPONENTIALS``, how many exponentials a neuron needs per step whose argument changes, which the
  machine's limit counts,
- ``RATE_TOLERANCE``, how far a simulator's firing rates may lie from those of Brian 2's C++,
  relative to them: each draws other connections and inputs.

The parameters of a script are the names in its module, where its equations find them, and scripts
of other simulators (:mod:`benchmarks.engine.peers`) too.
"""

import importlib

__all__ = ["NAMES", "load"]

NAMES = (
    "coba",
    "cuba",
    "cobahh",
    "brunel",
    "stdp_all_to_all",
    "stdp_sparse",
    "triplet",
    "diehl_cook",
    "gap_junctions",
    "cable",
    "cuba_large",
    "small_script",
)


def load(name):
    """Return the module of a workload."""
    return importlib.import_module(f"{__name__}.{name}")
