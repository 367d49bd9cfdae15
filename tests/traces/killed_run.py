"""A run that can be killed at any moment, and the check of what it leaves.

Run as a script it records chunk after chunk and notes each acknowledged flush in a ledger, a plain
file written with unbuffered writes, which survive the process. Tests and benchmarks load this
module and kill the script.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from neurosim.traces import TraceFile, TraceWriter, complete_file

N_CHUNKS = 12
N_NODES = 16
STEP_MS = 0.1


def chunk(number):
    """Return what a run records in chunk `number`, known without any file."""
    rng = np.random.default_rng(number)
    n_spikes, n_steps, n_bulk = 40 + number % 7, 30 + number % 5, 70_000 + number
    return {
        "nodes": rng.integers(0, N_NODES, n_spikes),
        "times": 10.0 * number + np.sort(rng.random(n_spikes)) * 10.0,
        "voltages": rng.normal(-65, 5, (n_steps, N_NODES)).astype(np.float32),
        "bulk": rng.normal(size=n_bulk).round(3),
        "accuracy": rng.random((1, 3)),
        "waves": [rng.random(length) for length in rng.integers(0, 4, 3)],
    }


def record(traces, number):
    """Record chunk `number`."""
    part = chunk(number)
    traces.append("net/iteration", [10 * number], dims=("iteration",), description="Iterations")
    traces.append(
        "net/accuracy", part["accuracy"], dims=("iteration", "task"), description="Accuracy"
    )
    traces.append("bulk/noise", part["bulk"], dims=("sample",), units="mV", description="Noise")
    traces.append_spikes("exc", part["nodes"], part["times"])
    traces.append_report(
        "exc.v", part["voltages"], step_ms=STEP_MS, units="mV", description="Potential"
    )
    traces.append_ragged(
        "waves/times", part["waves"], dims=("trial", "wave"), units="ms", description="Waves"
    )
    traces.write(f"whole/chunk_{number}", number, description="Chunk number")


def main(path, ledger):
    """Record `N_CHUNKS` chunks into `path`, telling the ledger what is safe."""
    with Path(ledger).open("wb", buffering=0) as note:
        note.write(b"begin\n")
        with TraceWriter(
            path,
            protocol="killed",
            parameters={},
            seed=0,
            overwrite=True,
            buffer_bytes=700_000,
        ) as traces:
            note.write(b"created\n")
            for number in range(N_CHUNKS):
                record(traces, number)
                traces.flush()
                note.write(f"flushed {number}\n".encode())
            note.write(b"closing\n")
        note.write(b"closed\n")


def start(path, ledger):
    """Start the script; return its process once it has begun."""
    process = subprocess.Popen([sys.executable, __file__, str(path), str(ledger)])
    wait_for(ledger, "begin", process)
    return process


def wait_for(ledger, line, process):
    """Wait until the ledger has a line; fail where the process ends before."""
    while line not in lines(ledger):
        if process.poll() is not None and line not in lines(ledger):
            raise RuntimeError(f"run ended with {process.returncode} before {line!r}")
        time.sleep(0.001)


def lines(ledger):
    """Return the lines of the ledger so far."""
    try:
        return Path(ledger).read_text().splitlines()
    except FileNotFoundError:
        return []


def kill_once(folder, seed, duration_s, old=None):
    """Kill a run at a random moment; return the path of its file and the ledger's lines.

    One kill in three falls on the time after all was flushed: finalising is short.
    """
    rng = random.Random(seed)
    path, ledger = folder / f"run_{seed}.h5", folder / f"ledger_{seed}"
    if old is not None:
        path.write_bytes(old)
    process = start(path, ledger)
    if seed % 3 == 0:
        wait_for(ledger, "closing", process)
        time.sleep(rng.random() * duration_s * 0.5)
    else:
        time.sleep(rng.random() * duration_s)
    process.kill()
    process.wait()
    return path, lines(ledger)


def kill_completion(path, seed, duration_s):
    """Begin to complete a file in another process and kill that at a random moment."""
    script = "import sys; from neurosim.traces import complete_file; print('begin', flush=True); "
    script += "complete_file(sys.argv[1])"
    command = [sys.executable, "-c", script, str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    process.stdout.readline()
    time.sleep(random.Random(seed).random() * duration_s)
    process.kill()
    process.wait()
    process.stdout.close()


def whole_run(folder):
    """Let one run end by itself; return its bytes and how long it took from its beginning."""
    path, ledger = folder / "whole.h5", folder / "ledger_whole"
    process = start(path, ledger)
    began = time.monotonic()
    wait_for(ledger, "closed", process)
    duration_s = time.monotonic() - began
    process.wait()
    return path.read_bytes(), duration_s


def check(path, ledger_lines, old=None):
    """Complete what a killed run left and compare it with the ledger; return what was found.

    Returns
    -------
    str
        'nothing', 'old', 'incomplete' or 'complete'.
    """
    n_safe = sum(line.startswith("flushed") for line in ledger_lines)
    if not path.exists():
        assert old is None
        assert n_safe == 0
        return "nothing"
    if old is not None and path.read_bytes() == old:
        assert n_safe == 0
        return "old"
    assert complete_file(path)
    assert not Path(f"{path}.d").exists()
    file = TraceFile(path)
    n_found = _check_values(file)
    assert n_found >= n_safe
    _check_readers(path, file)
    if file.complete:
        assert "closing" in ledger_lines
        assert n_found == N_CHUNKS
        return "complete"
    assert "closed" not in ledger_lines
    assert file.state == "killed"
    return "incomplete"


def _check_values(file):
    """Every trace must hold chunks from the first on, unchanged; return how many all have."""
    chunks = [chunk(number) for number in range(N_CHUNKS)]
    if not len(file):
        return 0
    streams = {
        "net/accuracy": np.concatenate([part["accuracy"] for part in chunks]),
        "bulk/noise": np.concatenate([part["bulk"] for part in chunks]),
        "net/iteration": 10 * np.arange(N_CHUNKS),
    }
    found = {name: file[name].values for name in streams if name in file}
    if "exc" in file.populations:
        nodes, times = file.spikes("exc")
        streams["times"] = np.concatenate([part["times"] for part in chunks])
        streams["nodes"] = np.concatenate([part["nodes"] for part in chunks])
        found |= {"times": times, "nodes": nodes}
    if "exc.v" in file.reports:
        streams["voltages"] = np.concatenate([part["voltages"] for part in chunks])
        found["voltages"] = file.report("exc.v").values
    for name, values in found.items():
        np.testing.assert_array_equal(values, streams[name][: len(values)])
    if "waves/times" in file:
        waves = [row for part in chunks for row in part["waves"]]
        for row, expected in zip(file.ragged("waves/times"), waves, strict=False):
            np.testing.assert_array_equal(row, expected)
        found["waves"] = file.ragged("waves/times")
    sizes = {
        "net/accuracy": np.cumsum([1] * N_CHUNKS),
        "net/iteration": np.cumsum([1] * N_CHUNKS),
        "bulk/noise": np.cumsum([len(part["bulk"]) for part in chunks]),
        "times": np.cumsum([len(part["times"]) for part in chunks]),
        "nodes": np.cumsum([len(part["times"]) for part in chunks]),
        "voltages": np.cumsum([len(part["voltages"]) for part in chunks]),
        "waves": np.cumsum([len(part["waves"]) for part in chunks]),
    }
    counts = [
        int((len(found[name]) >= size).sum()) if name in found else 0
        for name, size in sizes.items()
    ]
    whole = sum(f"whole/chunk_{number}" in file for number in range(N_CHUNKS))
    return min([*counts, whole])


def _check_readers(path, file):
    """Readers that know nothing of us must open the file and see the same numbers."""
    import h5py
    import libsonata
    import xarray

    with h5py.File(path) as plain:
        assert plain.attrs["complete"] == int(file.complete)
        if "report" in plain:
            report = plain["report/exc.v"]
            start, stop, step = report["mapping/time"][()]
            assert (start, step) == (0.0, STEP_MS)
            np.testing.assert_allclose(stop, len(report["data"]) * STEP_MS)
    if "exc" in file.populations:
        spikes = libsonata.SpikeReader(str(path))["exc"].get_dict()
        nodes, times = file.spikes("exc")
        np.testing.assert_array_equal(spikes["node_ids"], nodes)
        np.testing.assert_array_equal(spikes["timestamps"], times)
    if "exc.v" in file.reports:
        frame = libsonata.ElementReportReader(str(path))["exc.v"].get()
        np.testing.assert_array_equal(frame.data, file.report("exc.v").values)
    if "net/accuracy" in file:
        with xarray.open_dataset(path, engine="h5netcdf", group="net") as dataset:
            n_rows = len(file["net/accuracy"])
            np.testing.assert_array_equal(
                dataset["accuracy"].values[:n_rows], file["net/accuracy"].values
            )


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main(*sys.argv[1:])
