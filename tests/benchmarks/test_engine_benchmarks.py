"""The engine's benchmarks run end to end, and their scripts still build; nothing is timed."""

import json
import subprocess
import sys
from pathlib import Path

import brian2
import pytest
from brian2 import Network, SpikeMonitor, prefs, set_device, start_scope

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def repository(monkeypatch):
    """Let the folder of benchmarks be found, and leave Brian 2 as it was."""
    monkeypatch.syspath_prepend(str(ROOT))
    target = prefs.codegen.target
    prefs.codegen.target = "numpy"
    set_device("runtime")
    start_scope()
    yield
    prefs.codegen.target = target
    brian2.defaultclock.dt = 0.1 * brian2.ms


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.engine", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def refusal(capsys, *arguments):
    """Return what the command says when it ends with status 2."""
    from benchmarks.engine.__main__ import main

    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    assert ended.value.code == 2
    return capsys.readouterr().err


def workload_names():
    folder = ROOT / "benchmarks" / "engine" / "workloads"
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


def test_a_run_leaves_a_table_and_goes_on_where_it_was(tmp_path, capsys):
    options = ("--workloads", "small_script", "--simulators", "neurosim,numpy", "--repeat", 1)
    options += ("--output", tmp_path / "run")
    done = command(*options, "--duration-scale", 0.01)
    assert done.returncode == 0, done.stderr
    table = json.loads((tmp_path / "run" / "table.json").read_text())
    assert [row["simulator"] for row in table["rows"]] == ["neurosim", "numpy"]
    for row in table["rows"]:
        assert row["workload"] == "small_script"
        assert 0 < row["loop_s"] < row["first_result_cold_s"]
        assert row["peak_mb"] > 0
        assert len(row["rates_hz"]) == 1
    assert table["limits"]["small_script"]["limit_s"] > 0
    lines = (tmp_path / "run" / "table.md").read_text().splitlines()
    assert lines[0].startswith("| workload | simulator | loop s |")
    assert [line.split("|")[2].strip() for line in lines[2:4]] == ["neurosim", "numpy"]

    record = tmp_path / "run" / "records" / "small_script-neurosim-0.json"
    before = record.read_bytes()
    again = command(*options, "--duration-scale", 0.01)
    assert again.returncode == 0, again.stderr
    assert record.read_bytes() == before
    assert "1/1" not in again.stdout

    message = refusal(capsys, *options, "--duration-scale", 0.02)
    assert "holds durations times 0.01" in message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--workloads", "kobe"), "no workload 'kobe'; there are coba, cuba"),
        (("--simulators", "genesis"), "no simulator 'genesis'; there are neurosim, cpp_standalone"),
        (("--repeat", 0), "--repeat must be above 0, not 0"),
        (("--duration-scale", "nan"), "--duration-scale must be above 0, not nan"),
    ],
)
def test_wrong_options_are_named_and_nothing_is_written(tmp_path, capsys, arguments, message):
    assert message in refusal(capsys, "--output", tmp_path / "run", *arguments)
    assert not (tmp_path / "run").exists()


def test_the_catalogue_names_every_script():
    from benchmarks.engine import workloads

    assert sorted(workloads.NAMES) == workload_names()


@pytest.mark.parametrize("name", workload_names())
def test_scripts_build(name, monkeypatch):
    from benchmarks.engine import workloads

    module = workloads.load(name)
    if name == "cuba_large":
        # All else is as large as it is; this would take seconds.
        monkeypatch.setattr(module, "N", 1000)
    objects = module.build(1)
    Network(objects)
    assert float(module.DURATION) > 0
    assert module.EXPONENTIALS >= 0
    assert 0 < module.RATE_TOLERANCE < 1
    assert isinstance(objects[-1], SpikeMonitor) or name == "small_script"


def test_work_is_counted():
    from benchmarks.engine import counting

    neurons = brian2.NeuronGroup(3, "dv/dt = 100*Hz : 1\ndu/dt = -u*Hz : 1", threshold="v > 0.5")
    synapses = brian2.Synapses(neurons, neurons, on_pre="u += 1", on_post="u_pre += 1")
    synapses.connect(i=[0, 0, 1], j=[0, 1, 2])
    silent = brian2.Synapses(neurons, neurons)
    silent.connect()
    neurons.v = [1, 0, 0]
    objects = [neurons, synapses, silent, SpikeMonitor(neurons)]
    # Neuron 0 fires in each step, the others are below threshold for 50.
    Network(objects).run(10 * brian2.defaultclock.dt)
    work = counting.describe(objects, 10)
    assert work["spikes"] == [10]
    # Ten spikes of neuron 0, which has two synapses forwards and one backwards.
    assert work["events"] == 10 * (2 + 1)
    assert work["neuron_updates"] == 30
    assert work["updates"] == 60
    assert (work["fan_out"], work["targets"], work["synapses"]) == (1.5, 3, 3)
