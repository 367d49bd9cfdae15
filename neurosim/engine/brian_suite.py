"""Brian 2's own test suite, run against the engine: ``python -m neurosim.engine.brian_suite``.

Passes:

target
    The target ``"numba"`` on Brian 2's runtime device: every code object by itself.
standalone
    The tests Brian 2 has for standalone devices, on the device ``"neurosim"``: one run per test.
standalone_runs
    The same with several runs, ``build_on_run=False`` and ``device.build()``.
device
    The tests Brian 2 has for runtime targets, with the device active: every feature meets the
    fused loop.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

import brian2
import numpy as np
import pytest

from neurosim.engine import register_device
from neurosim.engine.routing import islands

__all__ = ["EXCLUDED", "PASSES", "main"]

_RUNTIME = "not standalone_only and not codegen_independent and not long and not gsl"
_STANDALONE = "standalone_compatible and not long and not gsl"
_OPTIONS = {"directory": None, "with_output": False}

#: By name: marker expression, device, options of ``set_device``, code generation target.
PASSES = {
    "target": (_RUNTIME, "runtime", {}, "numba"),
    "standalone": (f"{_STANDALONE} and not multiple_runs", "neurosim", _OPTIONS, "numpy"),
    "standalone_runs": (
        f"{_STANDALONE} and multiple_runs",
        "neurosim",
        {**_OPTIONS, "build_on_run": False},
        "numpy",
    ),
    "device": (_RUNTIME, "neurosim", {}, "numpy"),
}

#: Tests left out, with the reason.
EXCLUDED = {
    "test_synapses.py::test_ufunc_at_vectorisation": (
        "counts log messages of Brian 2's NumPy code generator, which has made no code here"
    ),
}

#: Preferences of the device that may be turned off.
OPTIMISATIONS = ("vector_math", "shared_traces", "lowering")

#: Tests of functions that are given for NumPy alone; elsewhere a fallback to Python is a failure.
ISLANDS = frozenset(["test_error_message", "test_function_dependencies_numpy"])


class _Plugin:
    """Tells Brian 2's fixtures which device and preferences to use, and counts outcomes."""

    def __init__(self, device, options, preferences):
        self.device = device
        self.options = options
        self.preferences = preferences
        self.outcomes = Counter()

    def pytest_configure(self, config):
        for name, value in self.preferences.items():
            brian2.prefs[name] = value
        config.brian_prefs = dict(brian2.prefs)
        config.fail_for_not_implemented = True
        config.device = self.device
        config.device_options = self.options
        _complete_fixtures()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        before = len(islands)
        result = yield
        hidden = islands[before:]
        if hidden and item.name not in ISLANDS:
            raise AssertionError(f"ran from Python, not compiled: {hidden}")
        return result

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[report.outcome] += 1


def _complete_fixtures():
    """Give the suite's fixed random number an implementation for the target."""
    from brian2.conftest import fake_randn

    def half(element):
        return 0.5

    fake_randn.implementations.add_implementation("numba", half)


def run_pass(name, *, preferences=None, further=()):
    """Run one pass and return the counts of outcomes.

    Parameters
    ----------
    name : str
        Of :data:`PASSES`.
    preferences : dict of str to object, optional
        Preferences of Brian 2, by their full names.
    further : sequence of str
        Further arguments of pytest.

    Returns
    -------
    collections.Counter
        By ``"passed"``, ``"failed"``, ``"skipped"``.
    """
    markers, device, options, target = PASSES[name]
    folder = Path(brian2.__file__).parent
    excluded = [part for test in EXCLUDED for part in ("--deselect", test)]
    plugin = _Plugin(device, options, {"codegen.target": target, **(preferences or {})})
    arguments = ["-c", str(folder / "tests" / "pytest.ini"), "--confcutdir", str(folder), "-q"]
    arguments += ["-p", "no:cacheprovider", "-W", "ignore", "-m", markers, *excluded, *further]
    pytest.main([str(folder), *arguments], plugins=[plugin])
    return plugin.outcomes


def main(arguments=None):
    """Run passes and print their counts; the status is 1 where a test failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("passes", nargs="*", help=f"of {', '.join(PASSES)}; all by default")
    parser.add_argument("--float32", action="store_true", help="in single precision")
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        choices=OPTIMISATIONS,
        help="turn an optimisation off; may be repeated",
    )
    parser.add_argument("--threads", type=int, default=0, help="preference of the device")
    parser.add_argument("--select", help="expression on test names")
    options = parser.parse_args(arguments)
    unknown = set(options.passes) - set(PASSES)
    if unknown:
        parser.error(f"there is no pass {min(unknown)!r}; there are {', '.join(PASSES)}")
    register_device()
    further = ["-k", options.select] if options.select else []
    dtype = np.float32 if options.float32 else np.float64
    preferences = {
        "core.default_float_dtype": dtype,
        "devices.neurosim.threads": options.threads,
        **{f"devices.neurosim.{name}": False for name in options.without},
    }
    counts = {
        name: run_pass(name, preferences=preferences, further=further)
        for name in options.passes or PASSES
    }
    off = f", without {', '.join(options.without)}" if options.without else ""
    threads = f", {options.threads} threads" if options.threads else ""
    print(f"\nBrian 2 {brian2.__version__}, {np.dtype(dtype).name}{off}{threads}")
    for name, outcomes in counts.items():
        numbers = ", ".join(f"{outcomes[kind]} {kind}" for kind in ("passed", "failed", "skipped"))
        print(f"{name:16s} {numbers}, {len(EXCLUDED)} excluded")
    return 1 if any(outcomes["failed"] for outcomes in counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
