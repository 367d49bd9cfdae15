"""The measurements of a run: what is to be done, done, and kept, one file for each.

``records/WORKLOAD-SIMULATOR-REPETITION.json`` in the folder of a run. A file that is there and says
``"status": "ok"`` is not measured again, so that an interrupted run goes on where it was.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.engine import simulators

__all__ = ["LIMITS", "Run"]

# Takes the place of a simulator among the records.
LIMITS = "limits"

ROOT = Path(__file__).parents[2]


class Run:
    """A folder of records, and the settings they were made with.

    Parameters
    ----------
    folder : Path
    workloads, simulators : sequence of str
    repeat : int
        Number of repetitions.
    cold : int
        So many of them start with an empty cache of compiled code.
    duration_scale : float
        Share of each workload's biological time.
    time_limit, timeout : float
        Seconds after which NumPy's loop is shortened, and a measurement given up.
    """

    def __init__(
        self, folder, workloads, simulators, repeat, cold, duration_scale, time_limit, timeout
    ):
        self.folder = folder
        self.workloads, self.simulators = workloads, simulators
        self.repeat, self.cold = repeat, cold
        self.duration_scale = duration_scale
        self.time_limit, self.timeout = time_limit, timeout

    def simulators_of(self, workload):
        """Return those simulators that have a script of a workload."""
        return [name for name in self.simulators if simulators.has(name, workload)]

    def scale_there(self):
        """Return the scale of the durations of the records that are there, or None."""
        file = self.folder / "settings.json"
        return json.loads(file.read_text())["duration_scale"] if file.exists() else None

    def path(self, workload, simulator, repetition):
        """Return the file of a measurement."""
        return self.folder.absolute() / "records" / f"{workload}-{simulator}-{repetition}.json"

    def load(self, workload, simulator):
        """Return the records of a workload on a simulator, None where there is none."""
        paths = [self.path(workload, simulator, number) for number in range(self.repeat)]
        return [json.loads(path.read_text()) if path.exists() else None for path in paths]

    def good(self, workload, simulator):
        """Return the successful records, by repetition."""
        records = enumerate(self.load(workload, simulator))
        return {number: r for number, r in records if r is not None and r["status"] == "ok"}

    def work(self, workload):
        """Return how much work a workload was: the median over Brian 2's devices; None if none."""
        found = [
            record["work"]
            for simulator in self.simulators
            for record in self.good(workload, simulator).values()
            if "work" in record and record["steps_run"] == record["steps"]
        ]
        if not found:
            return None
        numbers = [name for name, value in found[0].items() if not isinstance(value, list)]
        return {name: statistics.median(record[name] for record in found) for name in numbers}

    def measure(self, say=print):
        """Measure what is missing; simulators take turns."""
        (self.folder / "records").mkdir(parents=True, exist_ok=True)
        settings = {"duration_scale": self.duration_scale}
        (self.folder / "settings.json").write_text(json.dumps(settings))
        for repetition in range(self.repeat):
            for workload in self.workloads:
                for simulator in self.simulators_of(workload):
                    if repetition not in self.good(workload, simulator):
                        self._measure_one(workload, simulator, repetition, say)
                self._measure_limits(workload, repetition)

    def _measure_one(self, workload, simulator, repetition, say):
        # Absolute, because the C++ device changes folders.
        cache = self.folder.absolute() / "cache" / simulator / workload
        if repetition < self.cold:
            shutil.rmtree(cache, ignore_errors=True)
        options = ["--cache", str(cache), "--seed", str(repetition + 1)]
        options += ["--duration-scale", str(self.duration_scale)]
        options += ["--time-limit", str(self.time_limit)]
        command = [*simulators.command(simulator, workload), *options]
        path = self.path(workload, simulator, repetition)
        record = self._call(command, path, simulators.environment(simulator))
        if repetition == self.repeat - 1:
            shutil.rmtree(cache, ignore_errors=True)
        result = f"{record['loop_s']:.3g} s" if record["status"] == "ok" else record["status"]
        say(f"{repetition + 1}/{self.repeat} {workload} {simulator}: {result}", flush=True)

    def _measure_limits(self, workload, repetition):
        work = self.work(workload)
        if work is None or repetition in self.good(workload, LIMITS):
            return
        names = ("neurons", "targets", "synapses")
        options = [f"--{name}={round(work[name])}" for name in names]
        options.append(f"--fan-out={work['fan_out']}")
        command = [sys.executable, "-m", "benchmarks.engine.limits", *options]
        self._call(command, self.path(workload, LIMITS, repetition), simulators.environment(LIMITS))

    def _call(self, command, path, environment):
        """Let a process write a record; what fails becomes a record that says why."""
        beside = path.with_suffix(".part")
        try:
            done = subprocess.run(
                [*command, "--output", str(beside)],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                timeout=self.timeout,
            )
            reason = None if done.returncode == 0 else done.stderr.strip()[-2000:]
        except subprocess.TimeoutExpired:
            reason = f"took longer than {self.timeout:g} s"
        if reason is not None:
            beside.write_text(json.dumps({"status": "failed", "reason": reason}, indent=1))
        os.replace(beside, path)  # noqa: PTH105 - atomic on every system
        return json.loads(path.read_text())
