"""Measure one workload on another simulator, in this process.

    PYTHON -m benchmarks.engine.peers.measure SIMULATOR WORKLOAD --parameters JSON \
        --output FILE --cache FOLDER

with the interpreter of the simulator's environment. The keys of the record mean what they do in
:mod:`benchmarks.engine.measure`: ``build_s`` is the time of ``build``, ``prepare_s`` that of
``start`` and ``prepare``, ``loop_s`` that of ``run`` on the wall clock. ``work`` is missing.
"""

import argparse
import importlib
import json
import os
import time

import numpy as np

from benchmarks.engine.measure import add_options, peak_kb, process_start
from benchmarks.engine.peers.parameters import namespace

__all__ = ["main", "measure"]


def _timed(function, *arguments):
    started = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - started, result


def measure(options):
    """Return the record of one measurement."""
    began = process_start()
    # Absolute, because some tools change folders.
    cache = options.cache.absolute()
    cache.mkdir(parents=True, exist_ok=True)
    is_cold = not any(cache.iterdir())
    given = namespace(json.loads(options.parameters))
    n_steps = max(round(given.DURATION * options.duration_scale / given.TIME_STEP), 1)
    tool = f"benchmarks.engine.peers.{options.simulator}"
    start = importlib.import_module(f"{tool}.simulation").start
    build = importlib.import_module(f"{tool}.{options.workload}").build
    start_s, _ = _timed(start, options.workload, given, options.seed, cache)
    build_s, network = _timed(build, given, np.random.default_rng(options.seed))
    prepare_s, _ = _timed(network.prepare, n_steps, cache)
    loop_s, _ = _timed(network.run, n_steps)
    first_result_s = time.time() - began
    seconds = n_steps * given.TIME_STEP
    return {
        "status": "ok",
        "is_cold": is_cold,
        "build_s": build_s,
        "prepare_s": start_s + prepare_s,
        "loop_s": loop_s,
        "first_result_s": first_result_s,
        "peak_mb": peak_kb() / 1024,
        "steps": n_steps,
        "steps_run": n_steps,
        "biological_s": seconds,
        "rates_hz": [float(n) / size / seconds for n, size in network.spike_counts()],
        "load": os.getloadavg()[0],
    }


def main(arguments=None):
    """Measure and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--parameters", required=True, help="JSON: names and SI values")
    add_options(parser)
    options = parser.parse_args(arguments)
    options.output = options.output.absolute()
    options.output.write_text(json.dumps(measure(options), indent=1))


if __name__ == "__main__":
    main()
