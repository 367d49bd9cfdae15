"""Measure one workload on one of Brian 2's devices or targets, in this process.

    python -m benchmarks.engine.measure SIMULATOR WORKLOAD --output FILE --cache FOLDER

How times are taken:

``build_s``
    Running the script up to the first ``run()``; with Cython this compiles the set-up.
``prepare_s``
    Generating and compiling the loop. Runtime devices: wall time of a first run of one step.
    C++: wall time of ``run()`` without that of the program it makes.
``loop_s``
    ``device._last_run_time``, the device's own timer of its loop. Runtime devices: of a second
    run, of the full duration, so that nothing is compiled in it; without compiling, because what
    the first run compiled is kept with the network. C++: of its only run.
``first_result_s``
    From process start to the end of the first run, were it of full duration. Runtime devices: to
    the end of the run of one step, plus ``loop_s``. C++: to the end of ``run()``.

A run that NumPy would take longer for than ``--time-limit`` seconds, judged by a few steps, is
shortened, and its loop time is scaled to the full duration.

Memory is the largest resident set of this process, or of the C++ program where that is larger;
compilers do not count.
"""

import argparse
import json
import os
import resource
import sys
import time
import warnings
from pathlib import Path

__all__ = ["add_options", "main", "peak_kb", "process_start"]

_PROBE_STEPS = 20


def process_start():
    """Return the wall time at which this process started; where the system does not say, now."""
    try:
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        uptime = float(Path("/proc/uptime").read_text().split()[0])
    except OSError:
        return time.time()
    # Field 22 of proc(5), in ticks since boot.
    return time.time() - uptime + int(fields[19]) / os.sysconf("SC_CLK_TCK")


def add_options(parser):
    """Add the options of a measurement to a parser."""
    parser.add_argument("simulator")
    parser.add_argument("workload")
    parser.add_argument("--output", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--cache", type=Path, required=True, help="folder for compiled code")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--duration-scale", type=float, default=1.0)
    parser.add_argument("--time-limit", type=float, default=60.0)


def choose(simulator, cache):
    """Make a device or target current."""
    from brian2 import prefs, set_device

    prefs.codegen.target = "numpy"
    if simulator == "neurosim":
        import neurosim  # noqa: F401 - registers the device

        os.environ["NEUROSIM_CACHE"] = str(cache)
        set_device("neurosim")
    elif simulator == "cpp_standalone":
        memory = cache / "memory"
        watched = [sys.executable, "-I", "-S", str(Path(__file__).with_name("watched.py"))]
        prefs.devices.cpp_standalone.run_cmd_unix = [*watched, str(memory), "./main"]
        set_device("cpp_standalone", directory=str(cache / "project"))
    else:
        prefs.codegen.target = simulator
        prefs.codegen.runtime.cython.cache_dir = str(cache)


def run_standalone(network, n_steps, dt, namespace):
    """Run a network on the C++ device; return its times."""
    from brian2 import device

    started = time.perf_counter()
    network.run(n_steps * dt, namespace=namespace)
    took = time.perf_counter() - started
    return {
        "prepare_s": took - device.timers["run_binary"],
        "loop_s": device._last_run_time,
        "ended": time.time(),
    }


def run_at_runtime(network, n_steps, dt, namespace, limit):
    """Run a network on a runtime device; return its times."""
    from brian2 import device

    started = time.perf_counter()
    network.run(dt, namespace=namespace)
    times = {"prepare_s": time.perf_counter() - started}
    ended = time.time()
    n_run = n_steps
    if limit is not None and n_steps > _PROBE_STEPS:
        network.run(_PROBE_STEPS * dt, namespace=namespace)
        n_run = int(limit / (device._last_run_time / _PROBE_STEPS))
        n_run = min(n_steps, max(n_run, _PROBE_STEPS))
    network.run(n_run * dt, namespace=namespace)
    times["loop_s"] = device._last_run_time * n_steps / n_run
    return {**times, "steps_run": n_run, "ended": ended + times["loop_s"]}


def peak_kb():
    """Return the largest resident set of this process in kB, without that of its parent.

    ``ru_maxrss`` starts with what the parent had when it started this process.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(status.partition("VmHWM:")[2].split()[0])


def _peak_mb(cache):
    file = cache / "memory"
    return max(peak_kb(), int(file.read_text()) if file.exists() else 0) / 1024


def measure(options):
    """Return the record of one measurement."""
    began = process_start()
    from brian2 import Network, defaultclock

    from benchmarks.engine import counting, workloads

    options.cache.mkdir(parents=True, exist_ok=True)
    is_cold = not any(options.cache.iterdir())
    choose(options.simulator, options.cache)
    module = workloads.load(options.workload)
    started = time.perf_counter()
    objects = module.build(options.seed)
    network = Network(objects)
    built = time.perf_counter() - started
    dt = defaultclock.dt
    n_steps = max(round(float(module.DURATION) * options.duration_scale / float(dt)), 1)
    namespace = vars(module)
    if options.simulator == "cpp_standalone":
        times = run_standalone(network, n_steps, dt, namespace)
    else:
        limit = options.time_limit if options.simulator == "numpy" else None
        times = run_at_runtime(network, n_steps, dt, namespace, limit)
    ended = times.pop("ended")
    peak = _peak_mb(options.cache)
    n_run = times.setdefault("steps_run", n_steps)
    work = counting.describe(objects, n_run)
    seconds = float(n_run * dt)
    return {
        "status": "ok",
        "is_cold": is_cold,
        "build_s": built,
        **times,
        "first_result_s": ended - began,
        "peak_mb": peak,
        "steps": n_steps,
        "biological_s": float(n_steps * dt),
        "rates_hz": [
            n / size / seconds for n, size in zip(work["spikes"], work["sizes"], strict=True)
        ],
        "load": os.getloadavg()[0],
        "work": work,
    }


def main(arguments=None):
    """Measure and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_options(parser)
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    options.output.write_text(json.dumps(measure(options), indent=1))


if __name__ == "__main__":
    main()
