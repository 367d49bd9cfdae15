"""Records to tables and a figure."""

import json
import os
import platform
import statistics

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from benchmarks.engine import workloads
from benchmarks.engine.limits import limit_seconds
from benchmarks.engine.records import LIMITS
from benchmarks.engine.simulators import REFERENCE

__all__ = ["rows_of", "write"]

_COLUMNS = (
    ("workload", "workload"),
    ("simulator", "simulator"),
    ("loop s", "loop_s"),
    ("C++ / this", "speed"),
    ("limit / this", "of_limit"),
    ("first result, cold s", "first_result_cold_s"),
    ("warm s", "first_result_warm_s"),
    ("compile, cold s", "prepare_cold_s"),
    ("peak MB", "peak_mb"),
    ("rates Hz", "rates_hz"),
    ("note", "note"),
)

_METHOD = """\
Medians of {repeat} repetitions, in which the simulators took turns, each in a process of its own
with one thread. Loop, without compiling: the device's own timer, or the wall clock of a call for
NEST, NEURON, ANNarchy and BrainPy. C++ / this: loop times of the same repetition, median, least
and largest; above 1 is faster than Brian 2's cpp_standalone.
Limit / this: the share of the loop that the bare arithmetic takes as hand-written loops (scatter
per synaptic event, vectorised update per variable, vectorised exponentials). First result: from
process start to the end of the first run, with empty caches of compiled code (cold) or what an
earlier run left (warm; none where nothing is kept); compile: generating and compiling the loop.
Peak memory without compilers. Rates: of each group with a spike monitor. They must agree with
cpp_standalone's within each workload's tolerance, or the note says so. Durations times
{duration_scale:g}.
{machine}; load average {load}.
"""


def _median(records, name):
    values = [record[name] for record in records]
    return statistics.median(values) if values else None


def _ratios(reference, records):
    """Return median, least and largest ratio of loop times of the same repetitions."""
    both = sorted(reference.keys() & records.keys())
    ratios = [reference[number]["loop_s"] / records[number]["loop_s"] for number in both]
    return [statistics.median(ratios), min(ratios), max(ratios)] if ratios else None


def _rates(records):
    """Return the median rates over full runs; of shortened ones where there are no others."""
    whole = [r for r in records if r["steps_run"] == r["steps"]] or records
    return [statistics.median(v) for v in zip(*(r["rates_hz"] for r in whole), strict=True)]


def _limit(run, workload):
    limits = run.good(workload, LIMITS).values()
    work = run.work(workload)
    if not limits or work is None:
        return None, None
    # The fastest repetition: what slows the machine down does not change what it can do.
    names = ("event_s", "update_s", "exponential_s")
    limit = {name: min(record[name] for record in limits) for name in names}
    return limit, limit_seconds(limit, work, workloads.load(workload).EXPONENTIALS)


def _row(run, workload, simulator, limit_s):
    good = run.good(workload, simulator)
    row = dict.fromkeys((key for _, key in _COLUMNS), None)
    row |= {"workload": workload, "simulator": simulator, "n": len(good), "note": ""}
    bad = [r for r in run.load(workload, simulator) if r is not None and r["status"] != "ok"]
    if bad:
        row["note"] = bad[-1]["reason"].splitlines()[-1]
    if not good:
        row["note"] = row["note"] or "not measured"
        return row
    records = list(good.values())
    cold = [record for record in records if record["is_cold"]]
    warm = [record for record in records if not record["is_cold"]]
    shortened = [r for r in records if r["steps_run"] < r["steps"]]
    if shortened:
        share = shortened[0]["steps_run"] / shortened[0]["steps"]
        row["note"] = f"{share:.2%} of the duration, scaled"
    row["loop_s"] = _median(records, "loop_s")
    row["speed"] = _ratios(run.good(workload, REFERENCE), good)
    row["of_limit"] = None if limit_s is None else limit_s / row["loop_s"]
    row["first_result_cold_s"] = _median(cold, "first_result_s")
    row["first_result_warm_s"] = _median(warm, "first_result_s")
    row["prepare_cold_s"] = _median(cold, "prepare_s")
    row["peak_mb"] = _median(records, "peak_mb")
    row["rates_hz"] = _rates(records)
    row["is_whole"] = not shortened
    return row


def _check_rates(rows, tolerance):
    """Note where a simulator's rates lie further from the reference's than chance lets them.

    Without the reference, from the median over simulators.
    """
    whole = [row for row in rows if row.get("is_whole")]
    if not whole:
        return
    expected = np.median([row["rates_hz"] for row in whole], axis=0)
    for row in whole:
        if row["simulator"] == REFERENCE:
            expected = np.array(row["rates_hz"])
    for row in whole:
        if np.any(np.abs(row["rates_hz"] - expected) > tolerance * expected):
            row["note"] += f"rates differ by more than {tolerance:.0%}"


def rows_of(run):
    """Return the rows of the table, and the limits by workload."""
    rows, limits = [], {}
    for workload in run.workloads:
        limit, limit_s = _limit(run, workload)
        if limit is not None:
            limits[workload] = {**limit, "limit_s": limit_s, "work": run.work(workload)}
        own = [_row(run, workload, name, limit_s) for name in run.simulators_of(workload)]
        _check_rates(own, workloads.load(workload).RATE_TOLERANCE)
        rows += own
    return rows, limits


def _cell(key, value):
    if value is None:
        return "–"
    if key == "speed":
        middle, least, largest = value
        return f"{middle:.2f} [{least:.2f}, {largest:.2f}]"
    if key == "of_limit":
        return f"{value:.0%}"
    if key == "rates_hz":
        return ", ".join(f"{rate:.3g}" for rate in value)
    return value if isinstance(value, str) else f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _markdown(rows, limits, run):
    lines = ["| " + " | ".join(title for title, _ in _COLUMNS) + " |", "|---" * len(_COLUMNS) + "|"]
    for row in rows:
        lines.append("| " + " | ".join(_cell(key, row[key]) for _, key in _COLUMNS) + " |")
    lines += ["", "| workload | ns per event | per update | per exponential | limit s | events |"]
    lines.append("|---" * 6 + "|")
    for workload, limit in limits.items():
        numbers = [1e9 * limit[name] for name in ("event_s", "update_s", "exponential_s")]
        cells = [f"{n:.3g}" for n in [*numbers, limit["limit_s"], limit["work"]["events"]]]
        lines.append(f"| {workload} | {' | '.join(cells)} |")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    method = _METHOD.format(
        repeat=run.repeat, duration_scale=run.duration_scale, machine=machine, load=_load(run)
    )
    return "\n".join([*lines, "", method])


def _load(run):
    """Return how busy the machine was: least, median and largest load average."""
    loads = [
        record["load"]
        for workload in run.workloads
        for simulator in run.simulators
        for record in run.good(workload, simulator).values()
    ]
    if not loads:
        return "unknown"
    return f"{min(loads):.1f} to {max(loads):.1f}, median {statistics.median(loads):.1f}"


def _relative_times(rows, names, simulator):
    """Return loop times in units of the reference's, by workload; NaN where there are none."""
    speeds = {row["workload"]: row["speed"] for row in rows if row["simulator"] == simulator}
    return np.array([1 / s[0] if (s := speeds.get(name)) else np.nan for name in names])


def _figure(rows, run):
    """Return bars of loop times in units of the reference's, which stands at the line."""
    others = [name for name in run.simulators if name != REFERENCE]
    n = max(len(others), 1)
    figure = Figure(figsize=(8, 1.4 + len(run.workloads) * (0.15 + 0.2 * n)), layout="constrained")
    axes = figure.subplots()
    for number, simulator in enumerate(others):
        times = _relative_times(rows, run.workloads, simulator)
        places = np.arange(len(times)) + (number - (n - 1) / 2) * 0.8 / n
        bars = axes.barh(places, times - 1, 0.8 / n, 1, label=simulator, color=f"C{number}")
        labels = ["" if np.isnan(time) else _cell("time", time) for time in times]
        axes.bar_label(bars, labels, padding=2, fontsize=8)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.margins(x=0.15)
    axes.set_yticks(range(len(run.workloads)), run.workloads)
    axes.invert_yaxis()
    axes.set_xlabel(f"loop time / loop time of {REFERENCE} (left of the line is faster)")
    figure.legend(loc="outside upper center", ncols=min(n, 6), frameon=False)
    return figure


def write(run):
    """Write ``table.md``, ``table.json`` and ``loop_times.png`` into the folder of a run."""
    rows, limits = rows_of(run)
    table = {"rows": rows, "limits": limits, "duration_scale": run.duration_scale}
    (run.folder / "table.json").write_text(json.dumps(table, indent=1))
    text = _markdown(rows, limits, run)
    (run.folder / "table.md").write_text(text)
    if REFERENCE in run.simulators:
        _figure(rows, run).savefig(run.folder / "loop_times.png", dpi=150)
    return text
