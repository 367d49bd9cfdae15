"""Other simulators: their environments, their scripts' parameters, what their absence says.

Nothing is installed and no other simulator runs here; where one is there, a short run of its own is
part of ``python -m benchmarks.engine``.
"""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "benchmarks" / "engine" / "peers"
SCRIPTS = sorted(
    path for path in PEERS.glob("*/*.py") if path.stem not in ("__init__", "simulation", "networks")
)


@pytest.fixture(autouse=True)
def repository(monkeypatch):
    """Let the folder of benchmarks be found."""
    monkeypatch.syspath_prepend(str(ROOT))


@pytest.fixture
def no_environments(monkeypatch, tmp_path):
    """Let environments stand in an empty folder."""
    from benchmarks.engine import environments

    monkeypatch.setattr(environments, "FOLDER", tmp_path)
    return environments


def test_one_that_is_missing_is_named_with_the_command_that_makes_it(
    tmp_path, capsys, no_environments
):
    from benchmarks.engine.__main__ import main

    with pytest.raises(SystemExit) as ended:
        main(["--simulators", "neurosim,nest,annarchy", "--output", str(tmp_path / "run")])
    assert ended.value.code == 2
    message = capsys.readouterr().err
    assert "no environment for nest, annarchy" in message
    assert "python -m benchmarks.engine.environments nest annarchy" in message
    assert not (tmp_path / "run").exists()


def test_an_environment_is_ready_only_with_the_requirements_of_today(no_environments):
    name = "neuron"
    assert not no_environments.is_ready(name)
    folder = no_environments.python(name).parents[1]
    folder.mkdir()
    assert not no_environments.is_ready(name)
    there = folder / "installed-requirements.txt"
    there.write_text((PEERS / name / "requirements.txt").read_text())
    assert no_environments.is_ready(name)
    there.write_text("NEURON==7.0\n")
    assert not no_environments.is_ready(name)


def test_an_installation_that_fails_leaves_no_ready_environment(monkeypatch, no_environments):
    def fail(command, check):
        assert command[1:4] == ["-m", "pip", "install"]
        assert command[-1] == str(PEERS / "nest" / "requirements.txt")
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(no_environments.venv, "create", lambda folder, with_pip: folder.mkdir())
    monkeypatch.setattr(no_environments.subprocess, "run", fail)
    with pytest.raises(SystemExit, match="nest: pip ended with status 1"):
        no_environments.main(["nest"])
    assert not no_environments.is_ready("nest")


def test_unknown_environments_are_named(capsys, no_environments):
    with pytest.raises(SystemExit) as ended:
        no_environments.main(["nets"])
    assert ended.value.code == 2
    assert "no environment 'nets'; there are nest, neuron" in capsys.readouterr().err


def test_requirements_are_pinned():
    from benchmarks.engine import environments

    for name in environments.NAMES:
        lines = (PEERS / name / "requirements.txt").read_text().splitlines()
        pins = [line for line in lines if line and not line.startswith("#")]
        assert pins
        assert all(line.count("==") == 1 for line in pins), name


def test_every_peer_has_a_folder_and_only_known_workloads():
    from benchmarks.engine import environments, simulators, workloads

    folders = {path.parent.name for path in PEERS.glob("*/simulation.py")}
    assert folders == set(environments.NAMES)
    for path in SCRIPTS:
        assert path.stem in workloads.NAMES
        assert simulators.has(path.parent.name, path.stem)
    assert not simulators.has("nest", "small_script")
    assert simulators.has("neurosim", "small_script")


def test_parameters_are_the_workloads_in_si_units():
    from benchmarks.engine import workloads
    from benchmarks.engine.peers.parameters import describe, namespace

    given = namespace(json.loads(json.dumps(describe(workloads.load("cobahh")))))
    assert given.DURATION == 1
    assert [given.TIME_STEP, given.tau_e] == pytest.approx([1e-4, 5e-3])
    assert given.C_m == pytest.approx(200e-12)
    assert given.g_Na == pytest.approx(20e-6)
    assert given.N == 4000
    assert isinstance(given.N, int)
    assert not hasattr(given, "ms")
    assert not hasattr(given, "equations")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_scripts_use_only_parameters_that_the_workload_has(path):
    from benchmarks.engine import workloads
    from benchmarks.engine.peers.parameters import describe

    tree = ast.parse(path.read_text())
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "given"
    }
    assert {"N", "p"} <= used or {"N_E", "theta"} <= used or {"N_inputs", "A_x"} <= used
    assert used <= set(describe(workloads.load(path.stem)))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert [argument.arg for argument in functions["build"].args.args] == ["given", "rng"]


def test_the_peak_of_memory_is_the_process_own():
    """A parent that holds 200 MB starts a child that holds next to nothing."""
    ballast = b"x" * (200 * 2**20)
    code = "from benchmarks.engine.measure import peak_kb; print(peak_kb())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert len(ballast) == 200 * 2**20
    assert 1_000 < int(done.stdout) < 100_000


def test_a_peers_command_runs_in_its_environment(no_environments):
    from benchmarks.engine import simulators

    command = simulators.command("nest", "coba")
    python = str(no_environments.python("nest"))
    assert command[:5] == [python, "-m", "benchmarks.engine.peers.measure", "nest", "coba"]
    assert json.loads(command[command.index("--parameters") + 1])["w_e"] == 0.6
    found = simulators.environment("nest")
    assert found["PATH"].startswith(str(Path(python).parent))
    assert found["OMP_NUM_THREADS"] == "1"
    assert simulators.environment("neurosim").get("VIRTUAL_ENV") != found["VIRTUAL_ENV"]


@pytest.mark.parametrize(
    ("names", "rates", "noted"),
    [
        (("nest", "cpp_standalone", "neuron"), (10.9, 10.0, 8.8), ["neuron"]),
        (("nest", "cpp_standalone", "neuron"), (10.9, 10.0, 9.1), []),
        # Without the reference, the median is what is expected.
        (("nest", "neurosim", "neuron"), (12.0, 10.0, 9.5), ["nest"]),
    ],
)
def test_rates_that_differ_are_noted_where_they_do(names, rates, noted):
    from benchmarks.engine.report import _check_rates

    rows = [
        {"simulator": name, "rates_hz": [rate], "is_whole": True, "note": ""}
        for name, rate in zip(names, rates, strict=True)
    ]
    _check_rates(rows, 0.1)
    assert [row["simulator"] for row in rows if row["note"]] == noted


def test_a_peer_without_a_script_has_no_row_and_no_work(tmp_path, monkeypatch):
    """A process that writes a record like a peer's stands in for one."""
    from benchmarks.engine import records, report, simulators

    record = {
        "status": "ok",
        "is_cold": True,
        "loop_s": 2.0,
        "prepare_s": 1.0,
        "first_result_s": 4.0,
        "peak_mb": 100.0,
        "steps": 10,
        "steps_run": 10,
        "rates_hz": [5.0],
        "load": 0.5,
    }
    write = "import sys, pathlib; pathlib.Path(sys.argv[-1]).write_text(sys.argv[1])"
    stand_in = [sys.executable, "-c", write, json.dumps(record)]
    monkeypatch.setattr(simulators, "command", lambda simulator, workload: stand_in)
    names = ["nest", "cpp_standalone"]
    run = records.Run(tmp_path, ["coba", "cable"], names, 1, 1, 1.0, 60.0, 60.0)
    run.measure(say=lambda *words, **options: None)
    text = report.write(run)
    rows = [line.split("|")[1:4] for line in text.splitlines()[2:5]]
    cells = [[cell.strip() for cell in row] for row in rows]
    assert cells == [
        ["coba", "nest", "2"],
        ["coba", "cpp_standalone", "2"],
        ["cable", "cpp_standalone", "2"],
    ]
    assert run.work("coba") is None
    assert (tmp_path / "loop_times.png").stat().st_size > 0
