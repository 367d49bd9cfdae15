"""A protocol as a call: parameters, results, files, progress."""

import inspect
import io
import pickle
import sys

import numpy as np
import pytest
from tqdm import tqdm

import neurosim
from neurosim.errors import ParameterError, TraceFileError, UnknownNameError
from neurosim.experiment import registry
from neurosim.experiment.progress import Progress
from neurosim.experiment.protocol import Protocol
from neurosim.traces import TraceFile


@pytest.fixture(autouse=True)
def own_registry(monkeypatch, tmp_path):
    monkeypatch.setattr(registry, "_protocols", dict(registry._protocols))
    monkeypatch.chdir(tmp_path)


def make(body=None, figure=None):
    def walk(run, *, steps: int = 3, sizes: list[int] = (1, 2)):
        """Walk.

        Far.
        """
        rng = np.random.default_rng(run.seed)
        run.append("walk/path", rng.random(steps), dims=("step",), units="mm", description="path")
        run.metric("length", steps)
        run.metric("group/half", np.float32(steps / 2), units="mm", description="half of it")
        if body is not None:
            body(run)

    return Protocol(walk, figure)


def test_a_call_keeps_everything_in_memory(tmp_path):
    result = make()(steps=5, seed=7)
    assert result.parameters == {"steps": 5, "sizes": [1, 2], "seed": 7}
    assert result.seed == 7
    assert result.metrics == {"length": 5, "group/half": 2.5}
    assert result.output is result.figure_path is None
    np.testing.assert_array_equal(
        result.traces["walk/path"].values, np.random.default_rng(7).random(5)
    )
    assert result.traces.metrics == {"metrics/length": 5, "group/metrics/half": 2.5}
    assert list(tmp_path.iterdir()) == []


def test_a_run_with_output_equals_the_call_and_reads_the_file():
    walk = make()
    called, run = walk(steps=4), walk.run({"steps": 4}, output="walk.h5")
    np.testing.assert_array_equal(run.traces["walk/path"], called.traces["walk/path"])
    assert run.parameters == called.parameters
    assert isinstance(run.traces, TraceFile)
    assert run.traces.complete
    again = walk.run(run.traces.parameters)
    np.testing.assert_array_equal(run.traces["walk/path"], again.traces["walk/path"])


def test_parameters_come_as_dict_or_by_name_but_not_twice():
    walk = make()
    assert walk.run(steps=4).parameters == walk.run({"steps": 4}).parameters
    with pytest.raises(ParameterError, match="parameter 'steps' of walk is given twice"):
        walk.run({"steps": 4}, steps=4)


def test_a_result_says_what_it_is():
    text = repr(make().run(output="walk.h5"))
    for words in ("walk", "steps = 3", "length: 3", "group/half: 1.5", "3 traces in walk.h5"):
        assert words in text


@pytest.mark.parametrize("values", [{"steps": 3.0}, {"seed": -1}, {"seed": 2**64}, {"stesp": 3}])
def test_bad_values_write_nothing_and_compute_nothing(tmp_path, values):
    walk = make(body=lambda run: pytest.fail("computed"))
    with pytest.raises((ParameterError, UnknownNameError)):
        walk.run(values, output="walk.h5")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("existing", ["walk.h5", "walk.png"])
def test_existing_files_are_refused_before_anything_is_computed(tmp_path, existing):
    walk = make(body=lambda run: pytest.fail("computed"), figure=lambda traces: None)
    (tmp_path / existing).write_text("precious")
    with pytest.raises(TraceFileError, match=f"{existing} exists already"):
        walk.run(output="walk.h5")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["precious"]


@pytest.mark.parametrize(
    ("output", "picture"),
    [("a.h5", "a.png"), ("a.0", "a.0.png"), ("a.png", "a.png.png"), ("a", "a.png")],
)
def test_the_figure_never_has_the_name_of_the_traces(output, picture):
    from matplotlib.figure import Figure

    result = make(figure=lambda traces: Figure()).run(output=output)
    assert str(result.figure_path) == picture
    assert TraceFile(output).complete


def test_a_figure_that_fails_says_that_the_run_did_not():
    def draw(traces):
        raise RuntimeError("seven")

    with pytest.raises(RuntimeError, match="seven") as caught:
        make(figure=draw).run(output="walk.h5")
    assert caught.value.__notes__ == ["the run is complete and its traces are in walk.h5"]
    assert TraceFile("walk.h5").complete


def test_what_ends_a_run_says_where_its_recording_is(tmp_path):
    def stop(run):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        make(body=stop).run(output="walk.h5")
    assert caught.value.__notes__ == ["what was recorded is in walk.h5"]
    assert not TraceFile("walk.h5").complete


def test_a_run_that_records_nothing_leaves_the_old_file_and_says_nothing():
    def walk(run, *, fails: bool = False):
        if fails:
            raise ParameterError("no")
        run.metric("a", 1.0)

    protocol = Protocol(walk)
    protocol.run(output="walk.h5")
    with pytest.raises(ParameterError) as caught:
        protocol.run(output="walk.h5", overwrite=True, fails=True)
    assert not hasattr(caught.value, "__notes__")
    assert TraceFile("walk.h5").metrics == {"metrics/a": 1.0}


@pytest.mark.parametrize("value", [[1.0], "1", None, True, np.ones(2), 1j])
def test_a_metric_is_one_number(value):
    with pytest.raises(ParameterError, match="metric 'x' must be one real number"):
        make(body=lambda run: run.metric("x", value))()


@neurosim.protocol
def module_level(run, *, n: int = 2):
    """Do little."""


def test_protocols_travel_to_other_processes_by_name():
    assert pickle.loads(pickle.dumps(module_level)) is module_level


def test_help_and_completion_see_the_parameters():
    assert str(inspect.signature(make())) == "(*, steps=3, sizes=[1, 2], seed=0)"
    assert make().summary == "Walk."
    assert make().description == "Walk.\n\nFar."


def test_a_call_is_quiet_and_a_run_talks_where_asked(capsys):
    walk = make(body=lambda run: run.say("hello"))
    walk()
    assert capsys.readouterr() == ("", "")
    walk.run(progress=True)
    assert capsys.readouterr() == ("hello\n", "")


def test_two_protocols_cannot_share_a_name():
    def sequential_digits(run): ...

    registry.protocols()
    with pytest.raises(ParameterError, match="protocol 'sequential_digits' is defined twice: .*py"):
        neurosim.protocol(sequential_digits)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_shows_in_a_terminal_and_a_line_passes_above_it(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Progress(4, "learning") as bar:
        bar.update(3)
        bar.set(loss=0.25)
    assert bar.done == 3
    assert "learning:" in terminal.getvalue()
    assert "3/4" in terminal.getvalue()
    assert "loss=0.25" in terminal.getvalue()
    assert not tqdm._instances


@pytest.mark.parametrize(("stream", "is_wanted"), [(io.StringIO, True), (Terminal, False)])
def test_no_bar_in_logs_or_where_none_is_wanted(monkeypatch, stream, is_wanted):
    written = stream()
    monkeypatch.setattr(sys, "stderr", written)
    with Progress(4, "learning", is_wanted=is_wanted) as bar:
        bar.update(4)
        bar.set(loss=0.25)
    assert written.getvalue() == ""
