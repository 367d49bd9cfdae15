"""Whatever happens to a grid, going on with it ends in the data of an undisturbed one."""

import collections
import os
import random
import resource
import signal
from pathlib import Path

import pytest

from neurosim.grid import grid

N_POINTS = 30


@pytest.fixture
def ordered(meter, orders):
    """Arguments of a grid whose points follow orders; it is computed once, undisturbed."""
    arguments = [meter, "--vary", f"shift=0:{N_POINTS}", "--set", f"folder={orders}"]
    vary, fixed = {"shift": f"0:{N_POINTS}"}, {"folder": str(orders)}
    grid(meter, vary, fixed=fixed, out="whole", workers=0)
    (orders / "ledger").unlink()
    return [*arguments, "--no-progress", "--out", "g"]


def finish(start_grid, arguments, *more):
    """Go on with a grid until it ends by itself; return what it printed."""
    process = start_grid(*arguments, "--resume", *more)
    printed, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert errors == ""
    return printed


def limited(what, n_bytes):
    """Return what sets a limit in a process that starts."""
    return lambda: resource.setrlimit(what, (n_bytes, resource.RLIM_INFINITY))


@pytest.mark.parametrize(
    ("workers", "seed"),
    [(0, 0), (2, 1)] + [pytest.param(n % 3, n, marks=pytest.mark.slow) for n in range(2, 12)],
)
@pytest.mark.parametrize("metrics_only", [False, True], ids=["files", "metrics only"])
def test_a_killed_grid_goes_on(
    meter, orders, start_grid, computed, data_of, wait_until, workers, seed, metrics_only
):
    n_points, n_kills = 40, 3
    for shift in range(n_points):
        (orders / f"slow-{shift}").write_text("0.005")
    vary, fixed = {"shift": f"0:{n_points}"}, {"folder": str(orders)}
    grid(meter, vary, fixed=fixed, out="whole", workers=0, metrics_only=metrics_only)
    (orders / "ledger").unlink()
    arguments = [meter, "--vary", f"shift=0:{n_points}", "--set", f"folder={orders}"]
    arguments += ["--no-progress", "--out", "g", "--workers", workers, "--resume"]
    arguments += ["--metrics-only"] * metrics_only
    rng = random.Random(seed)
    for _ in range(n_kills):
        process, before = start_grid(*arguments), len(computed())
        goal = before + rng.randrange(1, 9)
        wait_until(lambda goal=goal: len(computed()) >= goal, process)
        process.kill()
        process.wait()
    finish(start_grid, arguments)
    assert data_of("g") == data_of("whole")
    counts = collections.Counter(computed())
    assert len(counts) == n_points
    if not metrics_only:
        # Nothing is lost but what was under way.
        assert len(computed()) <= n_points + n_kills * max(1, workers)
    left = {path.name for path in Path("g").iterdir()}
    assert left <= {"grid.json", "results.nc", "points", "batches", "locks", "logs"}
    assert not list(Path("g").rglob("*.part*"))
    assert not list(Path("g/batches").iterdir())


def test_workers_end_with_their_parent(ordered, orders, start_grid, wait_until):
    (orders / "hang-1").touch()
    process = start_grid(*ordered, "--workers", "2")
    wait_until(lambda: len(list(Path("g").glob("logs/*/*.log"))) == 2, process)
    wait_until((orders / "ledger").exists, process)
    workers = [int(path.stem) for path in Path("g").glob("logs/*/*.log")]
    process.kill()
    process.wait()
    wait_until(lambda: not any(is_running(worker) for worker in workers), seconds=20)
    (orders / "hang-1").unlink()
    finish(start_grid, ordered, "--workers", "0")
    assert not Path("g/logs").exists()


def is_running(pid):
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_workers_that_die_and_hang_do_not_stop_the_others(
    ordered, orders, start_grid, data_of, computed
):
    for name in ("die-3", "die-4", "hang-11"):
        (orders / name).touch()
    process = start_grid(*ordered, "--workers", "2", "--timeout", "2")
    printed, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "27 of 30 points done" in printed
    assert "3 points failed" in errors
    stories = {path.stem: path.read_text() for path in Path("g/failures").rglob("*.txt")}
    assert sorted(stories) == ["000003", "000004", "000011"]
    assert "the worker process died with exit code -9" in stories["000003"]
    assert "last words" in stories["000003"]
    assert "took longer than 2 s" in stories["000011"]
    n_computed = len(computed())
    for name in ("die-3", "die-4", "hang-11"):
        (orders / name).unlink()
    finish(start_grid, ordered, "--workers", "0")
    assert data_of("g") == data_of("whole")
    assert len(computed()) == n_computed + 3


def test_a_point_that_needs_too_much_memory_fails_alone(ordered, orders, start_grid, data_of):
    (orders / "eat-5").touch()
    process = start_grid(
        *ordered, "--workers", "1", preexec_fn=limited(resource.RLIMIT_AS, 4 << 30)
    )
    printed, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "29 of 30 points done" in printed
    assert "MemoryError" in Path("g/failures/000/000005.txt").read_text()
    # There is room now, and the point does again what failed before.
    finish(start_grid, ordered, "--workers", "1")
    assert data_of("g") == data_of("whole")


def test_a_disk_too_full_for_points_fails_them(ordered, start_grid, data_of):
    size = Path("whole/points/000/000000.h5").stat().st_size
    limit = limited(resource.RLIMIT_FSIZE, size - 1)
    process = start_grid(*ordered, "--workers", "0", preexec_fn=limit)
    printed, errors = process.communicate(timeout=120)
    assert process.returncode == 1, errors
    assert "0 of 30 points done" in printed
    assert "TraceWriteError" in Path("g/failures/000/000005.txt").read_text()
    assert not list(Path("g/points").rglob("*.part*"))
    finish(start_grid, ordered, "--workers", "0")
    assert data_of("g") == data_of("whole")


def test_a_disk_too_full_for_results_ends_the_grid_in_one_line(meter, start_grid, data_of):
    arguments = [meter, "--vary", "seed=0:20", "--vary", "gain=0.1:2:20", "--metrics-only"]
    arguments += ["--workers", "0"]
    arguments += ["--no-progress", "--out"]
    whole = start_grid(*arguments, "whole")
    whole.communicate(timeout=120)
    size = Path("whole/results.nc").stat().st_size
    # Room for the empty results and for batches, not for all results in the end.
    limit = limited(resource.RLIMIT_FSIZE, int(0.6 * size))
    process = start_grid(*arguments, "g", preexec_fn=limit)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert errors.startswith("neurosim: error: cannot write")
    assert errors.count("\n") == 1
    assert not list(Path("g").glob("*.part"))
    finish(start_grid, [*arguments, "g"])
    assert data_of("g") == data_of("whole")


def test_ctrl_c_leaves_what_is_done(ordered, orders, start_grid, computed, data_of, wait_until):
    (orders / "hang-20").touch()
    process = start_grid(*ordered, "--workers", "2")
    wait_until(lambda: len(computed()) >= 25, process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.startswith("neurosim: interrupted")
    assert "--resume" in errors
    assert errors.count("\n") == 1
    (orders / "hang-20").unlink()
    finish(start_grid, ordered, "--workers", "0")
    assert data_of("g") == data_of("whole")
    assert len(computed()) <= N_POINTS + 2


def test_one_process_at_a_time(ordered, orders, start_grid, data_of, wait_until):
    (orders / "hang-0").touch()
    first = start_grid(*ordered, "--workers", "0")
    wait_until((orders / "ledger").exists, first)
    for more, message in [
        (["--resume"], "this grid is being computed by another process"),
        (["--resume", "--shard", "1/2"], "is being computed as a whole by another process"),
    ]:
        second = start_grid(*ordered, "--workers", "0", *more)
        _, errors = second.communicate(timeout=60)
        assert second.returncode == 2
        assert message in errors
        assert errors.count("\n") == 1
    first.kill()
    first.wait()
    (orders / "hang-0").unlink()
    finish(start_grid, ordered, "--workers", "0")
    assert data_of("g") == data_of("whole")


def test_shards_run_side_by_side_and_not_twice(
    ordered, orders, start_grid, data_of, wait_until, computed
):
    for shift in (0, 1):
        (orders / f"hang-{shift}").touch()
    shards = [start_grid(*ordered, "--workers", "0", "--shard", f"{k}/2") for k in (1, 2)]
    # Both hang in their first point: they are at work at the same time.
    for shard in shards:
        wait_until(lambda: len(computed()) == 2, shard)
    for shard, message in [("1/2", "shard 1/2 of this grid is"), ("1/3", "computed in 2 shards")]:
        another = start_grid(*ordered, "--workers", "0", "--resume", "--shard", shard)
        _, errors = another.communicate(timeout=60)
        assert another.returncode == 2
        assert message in errors
    for shard in shards:
        shard.kill()
        shard.wait()
    for shift in (0, 1):
        (orders / f"hang-{shift}").unlink()
    shards = [
        start_grid(*ordered, "--workers", "0", "--resume", "--shard", f"{k}/2") for k in (1, 2)
    ]
    for shard in shards:
        _, errors = shard.communicate(timeout=60)
        assert shard.returncode == 0, errors
    assert data_of("g") == data_of("whole")


@pytest.mark.slow
def test_a_thousand_points_killed_five_times(
    meter, orders, start_grid, computed, data_of, wait_until
):
    vary, fixed = {"gain": "0:1:10", "shift": "0:10", "seed": "0:10"}, {"folder": str(orders)}
    grid(meter, vary, fixed=fixed, out="whole", workers=0)
    (orders / "ledger").unlink()
    arguments = [meter, "--set", f"folder={orders}", "--no-progress", "--out", "g", "--resume"]
    for name, text in vary.items():
        arguments += ["--vary", f"{name}={text}"]
    arguments += ["--workers", "2"]
    rng = random.Random(5)
    for number in range(5):
        process = start_grid(*arguments)
        goal = 180 * number + rng.randrange(20, 180)
        wait_until(lambda goal=goal: len(computed()) >= goal, process)
        process.kill()
        process.wait()
    finish(start_grid, arguments)
    assert data_of("g") == data_of("whole")
    counts = collections.Counter(computed())
    assert len(counts) == 1000
    assert max(counts.values()) <= 2
    assert sum(counts.values()) <= 1000 + 5 * 2
