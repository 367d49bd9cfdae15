"""The text of `neurosim show`."""

import pytest

from neurosim.traces import describe


def test_everything_is_told(new_writer):
    with new_writer(parameters={"tasks": 10, "model": "hlop", "rate": 0.1234567}) as traces:
        for name, acc in (("hlop", 0.912), ("naive", 0.5)):
            traces.write(f"{name}/metrics/acc", acc, description="Accuracy")
        traces.write("naive/metrics/bwt", -32.5, units="%", description="Backward transfer")
        traces.write(
            "hlop/matrix", [[1, 2]], dims=("experience", "task"), units="%", description="R"
        )
        traces.write("hlop/rule", "two-stage", description="Rule")
        traces.append_spikes("exc", [0, 1], [0.5, 2.5])
        traces.append_report("exc.v", [[1, 2]] * 5, step_ms=0.1, units="mV", description="V")
    text = describe(traces.path)
    lines = text.splitlines()
    assert lines[0] == f"{traces.path}: complete"
    for words in (
        ["protocol", "test"],
        ["parameters", "tasks", "=", "10"],
        ["model", "=", "hlop"],
        ["rate", "=", "0.1235"],
        ["seed", "3"],
        ["metrics", "hlop", "naive", "units"],
        ["acc", "0.912", "0.5", "1"],
        ["bwt", "-32.5", "%"],
        ["hlop/"],
        ["matrix", "int64", "experience", "1", "×", "task", "2", "[%]", "R"],
        ["rule", "text", "=", "two-stage", "[1]", "Rule"],
        ["exc", "2", "spikes", "first", "at", "0.5", "ms,", "last", "at", "2.5", "ms"],
    ):
        assert words in [line.split() for line in lines], words
    assert any("5 steps × 2 neurons" in line and "0 to 0.5 ms" in line for line in lines)


def test_interrupted_run(new_writer):
    with pytest.raises(KeyboardInterrupt), new_writer() as traces:
        interrupted(traces)
    assert describe(traces.path).startswith(f"{traces.path}: incomplete: run was interrupted")


def interrupted(traces):
    traces.write("g/x", 1, description="A number")
    raise KeyboardInterrupt


def test_empty_run(new_writer):
    with new_writer(parameters={}) as traces:
        pass
    assert "parameters  none" in describe(traces.path)


def test_new_run_announces_itself_beside_the_old_file(new_writer):
    with new_writer() as traces:
        pass
    with new_writer(overwrite=True):
        assert "will replace this file" in describe(traces.path)
    assert "will replace" not in describe(traces.path)
