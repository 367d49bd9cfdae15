"""The text of `neurosim show FILE`."""

import json
from pathlib import Path

from neurosim.traces.folder import RunFolder
from neurosim.traces.header import VERSIONS
from neurosim.traces.tracefile import TraceFile

__all__ = ["describe"]

_STATES = {
    "complete": "complete",
    "running": "incomplete: running; shown is what is flushed",
    "interrupted": "incomplete: run was interrupted",
    "killed": "incomplete: run was killed",
}


def describe(path):
    """Tell in text what a trace file holds.

    Parameters
    ----------
    path : str or Path
        A file finished, killed, or still being written; it is only read.

    Returns
    -------
    str
        Where it came from, its metrics as a table, and all traces with shape and units.

    Raises
    ------
    TraceFileError
        Where there is no such trace file.

    Examples
    --------
    >>> from neurosim.traces import TraceWriter, describe
    >>> with TraceWriter("shown.h5", protocol="demo", parameters={"tasks": 2}, seed=0) as traces:
    ...     traces.write("hlop/metrics/acc", 0.9, description="Mean accuracy")
    ...     traces.write("hlop/accuracy", [0.9, 0.9], dims=("task",), description="Accuracy")
    >>> print(describe("shown.h5"))
    shown.h5: complete
      protocol    demo
      parameters  tasks = 2
      seed        0
      created     ... UTC, wall time ... s
      versions    neurosim ...
    <BLANKLINE>
    metrics  hlop  units
      acc     0.9  1
    <BLANKLINE>
    hlop/
      accuracy  float64  task 2  [1]  Accuracy
    """
    file = TraceFile(path)
    sections = [_header(file), _metrics(file), *_groups(file), _spikes(file), _reports(file)]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def _header(file):
    about = file.attributes
    parameters = [f"{name} = {_brief(value)}" for name, value in file.parameters.items()]
    versions = [f"{name} {about[name]}" for name in VERSIONS if about[name]]
    created = about["created"].partition("+")[0].replace("T", " ")[:19]
    rows = [
        ("protocol", [about["protocol"]]),
        ("parameters", parameters or ["none"]),
        ("seed", [str(about["seed"])]),
        ("created", [f"{created} UTC, wall time {about['wall_time_s']:.1f} s"]),
        ("versions", [", ".join(versions)]),
        ("cpu", [about["cpu"]]),
        ("git commit", [about["git_commit"]]),
    ]
    lines = [f"{file.path}: {_STATES[file.state]}"]
    for title, texts in rows:
        for number, text in enumerate(texts):
            if text:
                lines.append(f"  {title if number == 0 else '':<10}  {text}")
    return lines + _notes(file)


def _notes(file):
    """Say what stands beside the file and what that means."""
    folder = RunFolder(Path(file.path).resolve())
    about = folder.about()
    later = about and about.get("run") != file.attributes["run"]
    if later and folder.is_alive():
        return [f"  note        a run started {about.get('created')} will replace this file"]
    if later:
        return [
            f"  note        a later run, started {about.get('created')}, was killed before it "
            f"flushed anything ({folder.path} may go)"
        ]
    if file.state == "killed" and not about and not file.attributes.get("ending"):
        return [f"  note        {folder.path} is missing: later segments, if any, are lost"]
    return []


def _metrics(file):
    """Return a table with a row for each metric and a column for each group."""
    table, units = {}, {}
    for name, value in file.metrics.items():
        *group, _, metric = name.split("/")
        table.setdefault(metric, {})["/".join(group)] = value
        units[metric] = file[name].units
    if not table:
        return []
    groups = list(dict.fromkeys(group for row in table.values() for group in row))
    rows = [["metrics", *(group or "value" for group in groups), "units"]]
    for metric, row in table.items():
        numbers = [_brief(row[group]) if group in row else "" for group in groups]
        rows.append([f"  {metric}", *numbers, units[metric]])
    return _aligned(rows, right=range(1, len(groups) + 1))


def _groups(file):
    """Return a section for each group, with a row for each trace."""
    sections = {}
    for name, trace in file.items():
        group, _, own = name.rpartition("/")
        if trace.shape or group.rpartition("/")[2] != "metrics":
            sections.setdefault(group, []).append(_row(own, trace))
    return [[f"{group}/", *_aligned(rows)] for group, rows in sorted(sections.items())]


def _row(own, trace):
    if trace.shape:
        pairs = zip(trace.dims, trace.shape, strict=True)
        shape = " × ".join(f"{dim} {size}" for dim, size in pairs)
    else:
        shape = f"= {_brief(trace.values.item())}"
    dtype = "text" if trace.dtype.kind == "O" else str(trace.dtype)
    return [f"  {own}", dtype, shape, f"[{trace.units}]", trace.description]


def _spikes(file):
    rows = []
    for population in file.populations:
        n_spikes = file.n_spikes(population)
        span = ""
        if n_spikes:
            first, last = (file.spikes(population, n, n + 1)[1] for n in (0, n_spikes - 1))
            span = f"first at {first[0]:g} ms, last at {last[0]:g} ms"
        rows.append([f"  {population}", f"{n_spikes} spikes", span])
    return ["spikes/", *_aligned(rows)] if rows else []


def _reports(file):
    rows = []
    for name in file.reports:
        report = file.report(name)
        span = f"{report.start_ms:g} to {report.start_ms + report.n_steps * report.step_ms:g} ms"
        shape = f"{report.n_steps} steps × {len(report.node_ids)} neurons"
        clock = f"{span}, every {report.step_ms:g} ms"
        rows.append([f"  {name}", shape, clock, f"[{report.units}]", report.description])
    return ["report/", *_aligned(rows)] if rows else []


def _brief(value):
    if isinstance(value, float):
        return f"{value:.4g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:77] + "..."


def _aligned(rows, right=()):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines
