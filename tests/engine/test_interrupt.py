"""Ctrl-C and SIGTERM, sent to real processes."""

import signal
import threading

import pytest

from neurosim.engine.interrupt import raising_interrupts
from neurosim.traces import TraceFile

PYTHON = '''
import time

import neurosim


@neurosim.protocol
def trials(run):
    """Take long."""
    for step in range(600):
        run.append("trials/step", [step], dims=("step",), description="steps")
        if step == 2:
            print("begun", flush=True)
        time.sleep(0.05)
'''

# Writes down how far the network had come when the run ended, and whether the body went on.
BRIAN = '''
import neurosim
{at_top}


@neurosim.protocol
def trials(run):
    """Run Brian 2, trial after trial."""
    {inside}
    brian2.prefs.codegen.target = "numpy"
    group = brian2.NeuronGroup(1, "v : 1")
    group.run_regularly("v += 1")
    steps = 0

    @brian2.network_operation
    def tell():
        nonlocal steps
        steps += 1
        if steps == 100:
            print("begun", flush=True)

    try:
        brian2.run(100000 * brian2.second)
        print("went on", flush=True)
    finally:
        run.write("trials/v", float(group.v[0]), dims=(), description="steps of the group")
        run.write("trials/steps", steps, dims=(), description="steps of the operation")
        run.write("trials/t", float(brian2.magic_network.t), dims=(), units="s", description="time")
'''
SCRIPTS = {
    "python": PYTHON,
    "brian imported at the top": BRIAN.format(at_top="import brian2", inside=""),
    "brian imported inside": BRIAN.format(at_top="", inside="import brian2"),
}

PLAIN = """
import brian2
import neurosim

brian2.prefs.codegen.target = "numpy"
group = brian2.NeuronGroup(1, "v : 1")
steps = 0

@neurosim.protocol
def nothing(run): ...

nothing()

@brian2.network_operation
def tell():
    global steps
    steps += 1
    if steps == 100:
        print("begun", flush=True)

brian2.run(100000 * brian2.second)
print("went on", flush=True)
"""


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize(
    ("sent", "status", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
def test_a_protocol_ends_with_its_file_closed(tmp_path, start, name, sent, status, word):
    (tmp_path / "trials.py").write_text(SCRIPTS[name])
    process = start("-m", "neurosim.cli", "run", "trials.py", cwd=tmp_path)
    assert process.stdout.readline().strip() == "begun"
    process.send_signal(sent)
    printed, errors = process.communicate(timeout=60)
    assert process.returncode == status
    assert "Traceback" not in errors
    assert errors.splitlines()[-1] == f"neurosim: {word}; what was recorded is in trials.h5"
    assert "went on" not in printed
    assert sorted(path.name for path in tmp_path.glob("*.h5*")) == ["trials.h5"]
    traces = TraceFile(tmp_path / "trials.h5")
    assert traces.state == "interrupted"
    if name == "python":
        assert len(traces["trials/step"].values) >= 2
    elif sent == signal.SIGINT:
        # Brian 2 finished its time step: all of its objects stand at the same time.
        steps = traces["trials/steps"].values
        assert traces["trials/v"].values == steps >= 100
        assert traces["trials/t"].values == pytest.approx(steps * 1e-4)


def test_a_plain_brian_script_goes_on_as_brian_documents(tmp_path, start):
    (tmp_path / "plain.py").write_text(PLAIN)
    process = start("plain.py", cwd=tmp_path)
    assert process.stdout.readline().strip() == "begun"
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    assert printed.rstrip().endswith("went on")
    assert process.returncode == 0


def test_protocols_without_brian_do_not_import_it(tmp_path, start):
    (tmp_path / "light.py").write_text(
        "import sys\nimport neurosim\n"
        "@neurosim.protocol\n"
        "def light(run, *, n: int = 1):\n    run.metric('n', n)\n"
        "print(light.run(output='light.h5').metrics, 'brian2' in sys.modules)\n"
    )
    printed, errors = start("light.py", cwd=tmp_path).communicate(timeout=60)
    assert printed == "{'n': 1} False\n", errors


def test_brian_is_as_it_was_whatever_the_order_in_which_threads_leave():
    import brian2

    before = brian2.Network.after_run, brian2._InterruptHandler.__call__
    first_may_leave, second_is_in = threading.Event(), threading.Event()

    def first():
        with raising_interrupts():
            second_is_in.wait(10)
        first_may_leave.set()

    def second():
        with raising_interrupts(), raising_interrupts():
            second_is_in.set()
            first_may_leave.wait(10)
            assert brian2.Network.after_run is not before[0]

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert first_may_leave.is_set()
    assert (brian2.Network.after_run, brian2._InterruptHandler.__call__) == before
