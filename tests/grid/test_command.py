"""``neurosim grid`` and ``neurosim show DIR`` as a new user meets them; bad input first of all."""

from pathlib import Path

import pytest

OUT = ("--out", "g")
BAD = {
    "no axis": ([], "a grid needs an axis"),
    "unknown parameter": (["--vary", "gian=1,2"], "no parameter 'gian'; did you mean 'gain'?"),
    "unknown fixed": (["--vary", "gain=1", "--set", "shfit=1"], "did you mean 'shift'?"),
    "no value": (["--vary", "gain"], "--vary takes NAME=VALUES; got 'gain'"),
    "empty range": (["--vary", "seed=3:3"], "axis seed has no values; got '3:3'"),
    "empty list": (["--vary", "seed="], "axis seed has no values; got ''"),
    "duplicate axis": (["--vary", "seed=1,2", "--vary", "seed=3"], "'seed' is given twice by"),
    "duplicate value": (["--vary", "gain=1,2,1"], "axis gain has the value 1.0 twice"),
    "zip": (
        ["--vary", "gain=1,2", "--vary", "shift=1,2,3", "--zip", "gain,shift"],
        "gain has 2, shift has 3",
    ),
    "zip unknown": (["--vary", "gain=1,2", "--zip", "gain,shift"], "'shift' is not varied"),
    "bad value": (["--vary", "shift=1.5"], "parameter 'shift' of meter must be int; got '1.5'"),
    "both": (["--vary", "gain=1,2", "--set", "gain=1"], "both varied and set"),
    "bad fixed": (["--vary", "gain=1,2", "--set", "shift=x"], "must be int; got 'x'"),
    "negative seed": (["--vary", "seed=-1:2"], "must be int ≥ 0; got '-1'"),
    "shard text": (["--vary", "seed=0:2", "--shard", "1"], "--shard takes K/N"),
    "shard range": (["--vary", "seed=0:2", "--shard", "3/2"], "1 ≤ k ≤ N; got 3/2"),
    "workers": (["--vary", "seed=0:2", "--workers", "-1"], "workers must be a whole number ≥ 0"),
    "workers text": (["--vary", "seed=0:2", "--workers", "x"], "invalid int value: 'x'"),
    "timeout": (["--vary", "seed=0:2", "--timeout", "0"], "seconds > 0; got 0.0"),
    "timeout nan": (["--vary", "seed=0:2", "--timeout", "nan"], "seconds > 0; got nan"),
    "timeout in threads": (
        ["--vary", "seed=0:2", "--timeout", "-1", "--threads"],
        "seconds > 0; got -1.0",
    ),
    "threads and dask": (
        ["--vary", "seed=0:2", "--threads", "--dask", "local"],
        "threads and dask exclude each other",
    ),
    "trace": (["--vary", "seed=0:2", "--trace", "wave"], "trace name 'wave' must be 'group/name'"),
    "unknown option": (["--vary", "seed=0:2", "--sede", "1"], "there is no argument '--sede'"),
}


@pytest.mark.parametrize(("arguments", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_one_line_and_writes_nothing(meter, run_command, capsys, arguments, message):
    before = sorted(Path().iterdir())
    assert run_command("grid", meter, *arguments, *OUT) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("neurosim: error: ")
    assert error.count("\n") == 1
    assert [path for path in sorted(Path().iterdir()) if path.name != "__pycache__"] == before


@pytest.mark.parametrize("protocol", ["metre", "missing.py"])
def test_an_unknown_protocol_is_named(meter, run_command, capsys, protocol):
    assert run_command("grid", protocol, "--vary", "seed=0:2", *OUT) == 2
    assert repr(protocol) in capsys.readouterr().err
    assert not Path("g").exists()


def contents(folder):
    return {path: path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


def test_folders_of_others_are_refused_unchanged(meter, run_command, capsys):
    grid = ("grid", meter, "--workers", "0", "--out")
    Path("foreign").mkdir()
    Path("foreign/mine.txt").write_text("mine")
    Path("file").write_text("mine")
    assert run_command(*grid, "old", "--vary", "seed=0:2") == 0
    Path("broken").mkdir()
    Path("broken/grid.json").write_text("{")
    capsys.readouterr()
    for arguments, message in [
        (("foreign", "--vary", "seed=0:2"), "not the folder of a grid and not empty"),
        (("foreign", "--vary", "seed=0:2", "--resume"), "not the folder of a grid"),
        (("file", "--vary", "seed=0:2"), "is a file; expected a folder"),
        (("a/b", "--vary", "seed=0:2"), "does not exist"),
        (("broken", "--vary", "seed=0:2", "--resume"), "grid.json cannot be read"),
        (("old", "--vary", "seed=0:2"), "--resume goes on with it"),
        (
            ("old", "--vary", "seed=0:3", "--resume"),
            "holds another grid: its axes are seed = 0, 1, not seed = 0, 1, 2",
        ),
        (
            ("old", "--vary", "seed=0:2", "--set", "gain=2", "--resume"),
            "holds another grid: its parameter 'gain' is 1.0, not 2.0",
        ),
        (
            ("old", "--vary", "seed=0:2", "--trace", "net/wave", "--resume"),
            "its traces is [], not ['net/wave']",
        ),
    ]:
        before = contents(".")
        assert run_command(*grid, *arguments) == 2
        error = capsys.readouterr().err
        assert message in error
        assert error.count("\n") == 1
        assert contents(".") == before


def test_a_shard_is_not_begun_twice(meter, run_command, capsys):
    grid = ("grid", meter, "--vary", "seed=0:4", "--workers", "0", "--out", "g", "--shard")
    assert run_command(*grid, "1/2") == 0
    assert run_command(*grid, "2/2") == 0
    capsys.readouterr()
    assert run_command(*grid, "2/2") == 2
    assert "shard 2/2 was begun already" in capsys.readouterr().err
    assert run_command(*grid, "2/2", "--resume") == 0


def test_failures_are_counted_and_give_status_1(meter, orders, run_command, capsys):
    (orders / "fail-1").touch()
    grid = ("grid", meter, "--vary", "shift=0:3", "--set", f"folder={orders}", "--workers", "0")
    assert run_command(*grid, *OUT) == 1
    printed = capsys.readouterr()
    assert "2 of 3 points done" in printed.out
    assert "1 point failed" in printed.err
    assert "failures tells why" in printed.err
    (orders / "fail-1").unlink()
    assert run_command(*grid, *OUT, "--resume") == 0
    assert "3 of 3 points done" in capsys.readouterr().out


def test_a_trace_that_no_point_has_is_told(meter, run_command, capsys):
    grid = ("grid", meter, "--vary", "seed=0:2", "--workers", "0", "--trace", "net/wav")
    assert run_command(*grid, *OUT) == 0
    assert "no point has a trace 'net/wav'; there are net/wave" in capsys.readouterr().err


def test_show_prints_a_table_and_draws(meter, run_command, capsys):
    vary = ("--vary", "gain=1,2", "--vary", "seed=0:3")
    assert run_command("grid", meter, *vary, "--workers", "0", *OUT) == 0
    capsys.readouterr()
    assert run_command("show", "g", "--figure", "g.png") == 0
    printed = capsys.readouterr().out
    assert "6 of 6 points done" in printed
    assert "level (mV)" in printed
    assert len([line for line in printed.splitlines() if "±" in line]) == 2
    assert Path("g.png").read_bytes()[:4] == b"\x89PNG"
    assert run_command("show", "g", "--figure", "g.png") == 2
