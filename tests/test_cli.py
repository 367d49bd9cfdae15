"""The command line, as a new user meets it: good input, bad input, interruption."""

import json
import subprocess
import sys

import h5py
import numpy as np
import pytest

import neurosim
from neurosim.cli import main
from neurosim.experiment.registry import load_protocol
from neurosim.traces import TraceFile, TraceWriter


def run(*arguments):
    """Return the status of a command, however it ends."""
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as end:
        return end.code


def test_list_names_models_and_protocols(capsys):
    assert run("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split()[:1] == ["sequential_digits"] and "digits" in line for line in lines)
    assert any(line.split()[:1] == ["hlop"] and "activity" in line for line in lines)


def test_version(capsys):
    assert run("--version") == 0
    assert capsys.readouterr().out.strip() == f"neurosim {neurosim.__version__}"


def test_run_leaves_file_and_figure_and_says_so(script, capsys):
    assert run("run", script, "--set", "steps=7", "--set", "rate=0.25") == 0
    printed = capsys.readouterr().out
    assert "took 7 steps" in printed
    assert "wrote walk.h5" in printed
    assert (script.parent / "walk.png").read_bytes()[:4] == b"\x89PNG"
    traces = TraceFile("walk.h5")
    assert traces.complete
    assert traces["walk/path"].values.shape == (7,)
    assert traces["walk/path"].units == "mm"
    assert traces.metrics == {"metrics/rate": 0.25}
    with h5py.File("walk.h5") as file:
        parameters = json.loads(file.attrs["parameters"])
    assert parameters == {"steps": 7, "rate": 0.25, "fail": False, "seed": 0}


def test_script_command_and_call_give_the_same(script, capsys):
    assert run("run", script, "--set", "steps=4", "--set", "seed=3", "--output", "a.h5") == 0
    done = subprocess.run(
        [sys.executable, script, "--steps", "4", "--seed=3", "--output", "b.h5"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "took 4 steps" in done.stdout
    result = load_protocol(script)(steps=4, seed=3)
    expected = np.random.default_rng(3).random(4)
    for traces in (TraceFile("a.h5"), TraceFile("b.h5"), result.traces):
        np.testing.assert_array_equal(traces["walk/path"].values, expected)
    assert result.metrics == {"rate": 0.5}
    assert result.parameters["steps"] == 4
    first, second = (TraceFile(name).attributes for name in ("a.h5", "b.h5"))
    assert first["parameters"] == second["parameters"]
    assert capsys.readouterr().out.count("took 4 steps") == 1  # a call is quiet


def test_help_shows_every_parameter(script, capsys):
    assert run("run", script, "--help") == 0
    printed = capsys.readouterr().out
    assert "Walk at random." in printed
    assert "steps : int ≥ 1 (default 5)" in printed
    assert "How many steps to take." in printed
    assert run("run", "--help") == 0
    assert "PROTOCOL" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--stesp", "3"], "walk has no parameter 'stesp'; did you mean 'steps'?"),
        (["--steps=3.5"], "parameter 'steps' of walk must be int ≥ 1; got '3.5'"),
        (["--rate", "-1e-3"], "parameter 'rate' of walk must be float ≥ 0; got '-1e-3'"),
        (["--steps"], "parameter 'steps' needs a value"),
        (["--steps", "--overwrite"], "parameter 'steps' needs a value"),
        (["--steps", "1", "--steps", "2"], "parameter 'steps' is given twice: '1', '2'"),
        (["3"], "unrecognized arguments: 3"),
        (["--output"], "argument --output: expected one argument"),
    ],
)
def test_a_script_refuses_bad_input_in_one_line(script, capsys, arguments, message):
    with pytest.raises(SystemExit) as end:
        load_protocol(script).main(arguments)
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("neurosim: error: ")
    assert error.count("\n") == 1
    assert files(script.parent) == ["walk.py"]


def test_a_script_shows_its_parameters(script, capsys):
    with pytest.raises(SystemExit) as end:
        load_protocol(script).main(["--help"])
    assert end.value.code == 0
    printed = capsys.readouterr().out
    assert "--steps : int ≥ 1 (default 5)" in printed
    assert "How many steps to take." in printed
    assert "--overwrite" in printed


def files(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != "__pycache__")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "stesp=3"], "walk has no parameter 'stesp'; did you mean 'steps'?"),
        (["--set", "steps=3.5"], "parameter 'steps' of walk must be int ≥ 1; got '3.5'"),
        (["--set", "steps=-1"], "parameter 'steps' of walk must be int ≥ 1; got '-1'"),
        (["--set", "rate=nan"], "parameter 'rate' of walk must be float ≥ 0; got 'nan'"),
        (["--set", "steps"], "--set takes NAME=VALUE; got 'steps'"),
        (["--set", "steps=1", "--set", "steps=2"], "parameter 'steps' is given twice: '1', '2'"),
        (["--set", "seed=-1"], "parameter 'seed' of walk must be int ≥ 0; got '-1'"),
        (["--output", "no/such/folder/x.h5"], "no/such/folder"),
        (["--output", ""], "is a folder; expected the name of a file"),
        (["--steps", "3"], "no argument '--steps'; a parameter is given as --set NAME=VALUE"),
        (["--output"], "argument --output: expected one argument"),
    ],
)
def test_bad_parameters_write_nothing(script, capsys, arguments, message):
    assert run("run", script, *arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("neurosim: error: ")
    assert error.count("\n") == 1
    assert files(script.parent) == ["walk.py"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["model=hlpo"], "there is no model 'hlpo'; did you mean 'hlop'?"),
        (["learning_rate=nan"], "'learning_rate' of sequential_digits must be float > 0"),
        (["tasks=-3"], "'tasks' of sequential_digits must be int ≥ 1 and ≤ 100"),
    ],
)
def test_the_main_job_refuses_bad_input(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    settings = [part for argument in arguments for part in ("--set", argument)]
    assert run("run", "sequential_digits", *settings) == 2
    assert message in capsys.readouterr().err
    assert files(tmp_path) == []


def test_unknown_protocols_are_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run("run", "sequential_digit") == 2
    assert "did you mean 'sequential_digits'?" in capsys.readouterr().err
    assert run("run") == 2
    assert run("frobnicate") == 2


@pytest.mark.parametrize("existing", ["walk.h5", "walk.png"])
def test_existing_files_stay(script, capsys, existing):
    (script.parent / existing).write_text("precious")
    assert run("run", script) == 2
    assert f"{existing} exists already" in capsys.readouterr().err
    assert (script.parent / existing).read_text() == "precious"
    assert files(script.parent) == sorted([existing, "walk.py"])
    assert run("run", script, "--overwrite") == 0
    assert TraceFile("walk.h5").complete


def test_a_second_run_asks_before_it_overwrites(script, capsys):
    assert run("run", script) == 0
    before = (script.parent / "walk.h5").read_bytes()
    assert run("run", script) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert (script.parent / "walk.h5").read_bytes() == before


def test_an_error_inside_keeps_its_traceback_and_the_recording(script):
    with pytest.raises(ValueError, match="seven"):
        run("run", script, "--set", "fail=true")
    traces = TraceFile("walk.h5")
    assert not traces.complete
    assert traces["walk/path"].values.shape == (5,)


def test_bad_input_met_late_says_where_the_recording_is(script, capsys):
    late = "run.metric('late', True)"  # is no number
    script.write_text(script.read_text().replace('raise ValueError("seven")', late))
    assert run("run", script, "--set", "fail=true", "--no-progress") == 2
    assert capsys.readouterr().err == (
        "neurosim: error: metric 'late' must be one real number; got True; "
        "what was recorded is in walk.h5\n"
    )
    assert TraceFile("walk.h5").state == "interrupted"


def test_quiet_means_quiet(script, capsys):
    assert run("run", script, "--no-progress", "--no-figure") == 0
    assert capsys.readouterr().out == ""
    assert files(script.parent) == ["walk.h5", "walk.py"]


def test_show_prints_and_draws(script, capsys):
    run("run", script, "--no-figure")
    capsys.readouterr()
    assert run("show", "walk.h5", "--figure", "again.png") == 0
    printed = capsys.readouterr().out
    for word in ("walk", "steps", "path", "mm", "rate", "walkers"):
        assert word in printed
    assert (script.parent / "again.png").read_bytes()[:4] == b"\x89PNG"
    assert run("show", "walk.h5", "--figure", "again.png") == 2
    assert "again.png exists already" in capsys.readouterr().err


def test_show_draws_files_of_unknown_protocols(script):
    run("run", script, "--no-figure")
    from neurosim.experiment import registry

    del registry._protocols["walk"]
    assert run("show", "walk.h5", "--figure", "overview.png") == 0
    assert (script.parent / "overview.png").stat().st_size > 5000


def test_a_file_names_no_code_to_execute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.py").write_text("open('executed', 'w')\n")
    with TraceWriter("run.h5", protocol="evil.py", parameters={}, seed=0) as traces:
        traces.write("a/b", 1.0, dims=(), description="a number")
    assert run("show", "run.h5", "--figure", "run.png") == 0
    assert files(tmp_path) == ["evil.py", "run.h5", "run.png"]


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        ("no/such/folder.png", "folder no/such does not exist"),
        ("folder", "is a folder"),
        ("picture.xyz", "cannot write the figure picture.xyz"),
    ],
)
def test_figures_that_cannot_be_written_are_named(script, capsys, picture, message):
    run("run", script, "--no-figure")
    (script.parent / "folder").mkdir()
    capsys.readouterr()
    assert run("show", "walk.h5", "--figure", picture) == 2
    assert message in capsys.readouterr().err


def foreign_hdf5(path):
    with h5py.File(path, "w") as file:
        file["data"] = [1, 2, 3]


def text_file(path):
    path.write_text("not HDF5 at all")


def truncated(path):
    foreign_hdf5(path)
    path.write_bytes(path.read_bytes()[:700])


@pytest.mark.parametrize("make", [foreign_hdf5, text_file, truncated, lambda path: None])
@pytest.mark.parametrize("command", [["show"], ["export", "--to", "csv"]])
def test_files_that_are_not_ours_are_named(tmp_path, monkeypatch, capsys, make, command):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "strange.h5")
    before = files(tmp_path)
    assert run(command[0], "strange.h5", *command[1:]) == 2
    error = capsys.readouterr().err
    assert "strange.h5" in error
    assert error.count("\n") == 1
    assert files(tmp_path) == before


def test_export_writes_csv(script, capsys):
    run("run", script, "--no-figure")
    assert run("export", "walk.h5", "--to", "csv", "--output", "tables") == 0
    assert "wrote" in capsys.readouterr().out
    assert any(path.suffix == ".csv" for path in (script.parent / "tables").rglob("*"))
    assert run("export", "walk.h5", "--to", "csv", "--output", "tables") == 2


def test_a_reader_that_leaves_is_no_error(script, start):
    process = start("-m", "neurosim.cli", "list")
    process.stdout.close()
    process.stdout = None
    _, errors = process.communicate(timeout=60)
    assert errors == ""
