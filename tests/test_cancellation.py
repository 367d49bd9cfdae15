"""Ending a computation from outside, where it looks."""

import contextlib
import threading

import pytest

from neurosim.cancellation import Cancelled, TimeIsUp, cancelled_by, check, time_limit
from neurosim.experiment.run import Run
from neurosim.experiment.threads import side_by_side
from neurosim.traces import MemoryTraces


def stop():
    raise Cancelled("enough")


def memory():
    return MemoryTraces(protocol="p", parameters={"seed": 0}, seed=0)


def test_a_check_holds_inside_its_block_and_thread_only():
    others = []
    with cancelled_by(stop):
        thread = threading.Thread(target=lambda: others.append(check()))
        thread.start()
        thread.join()
        with pytest.raises(Cancelled, match="enough"):
            check()
    check()
    assert others == [None]


def test_nested_checks_are_all_made():
    made = []
    with cancelled_by(lambda: made.append(1)), cancelled_by(None):
        with cancelled_by(lambda: made.append(2)):
            check()
        check()
    check()
    assert made == [1, 2, 1]


def test_time_is_up_passes_by_those_who_catch_errors():
    def stubborn():
        while True:
            with contextlib.suppress(Exception):
                check()

    with pytest.raises(TimeIsUp, match="took longer than 0.01 s"), cancelled_by(time_limit(0.01)):
        stubborn()


@pytest.mark.parametrize(
    "touch",
    [
        lambda run: run.write("a/b", 1, dims=(), description="x"),
        lambda run: run.append("a/b", 1, dims=("x",), description="x"),
        lambda run: run.append_ragged("a/b", [[1]], dims=("x", "y"), description="x"),
        lambda run: run.append_spikes("a", [0], [1.0]),
        lambda run: run.append_report("a.v", [[1.0]], step_ms=1, description="x"),
        lambda run: run.metric("a", 1),
        lambda run: run.flush(),
        lambda run: run.progress(3).update(),
    ],
    ids=["write", "append", "ragged", "spikes", "report", "metric", "flush", "progress"],
)
def test_a_run_ends_wherever_it_is_touched(touch):
    with cancelled_by(stop), memory() as sink:
        run = Run({"seed": 0}, sink)
        with pytest.raises(Cancelled, match="enough"):
            touch(run)
    assert not list(sink)


def test_side_by_side_passes_on_what_ends_its_caller():
    def record(_):
        with memory() as sink:
            run = Run({"seed": 0}, sink)
            while True:
                run.flush()

    with pytest.raises(TimeIsUp), cancelled_by(time_limit(0.05)):
        side_by_side([record, record])
