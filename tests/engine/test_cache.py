"""Compiled loops on disk: used when whole, compiled anew when not, never read from strangers."""

import os
import subprocess
import sys

import numpy as np
import pytest

from neurosim.engine import compiler
from neurosim.engine.cache import cache_folder
from neurosim.engine.program import Program

TEXT = """@compiled
def run(values, factor):
    for index in range(len(values)):
        values[index] *= factor
"""

SCRIPT = """
import sys
from brian2 import *
import neurosim
set_device("neurosim")
group = NeuronGroup(3, "dv/dt = -v/(2*ms) : 1", threshold="v > 2", reset="v = 0", method="exact")
group.v = [1, 2, 3]
synapses = Synapses(group, group, "w : 1", on_pre="v_post += w")
synapses.connect()
run(2*ms)
print(repr(list(group.v)))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROSIM_CACHE", str(tmp_path / "loops"))
    return tmp_path / "loops"


def use():
    """Compile as a new process would, and return what was found in the folder."""
    compiler._known.clear()
    function = compiler.compile_program(Program(TEXT, (), {}, False))
    values = np.array([1.0, 2.0])
    function(values, 3.0)
    np.testing.assert_array_equal(values, [3, 6])
    return sum(function.stats.cache_hits.values())


def entry_of(folder):
    [path] = folder.glob("*.loop.bin")
    return path


def test_entry_is_found_again(folder):
    assert [use(), use()] == [0, 1]


def test_folder_is_the_users_alone(folder):
    use()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sorted(path.suffix for path in folder.iterdir()) == [".bin", ".py"]


def test_text_can_be_read(folder):
    use()
    [path] = folder.glob("*.loop.py")
    assert path.read_text() == TEXT


@pytest.mark.parametrize("kept", [0, 7, 32, 200, -1])
def test_truncated_entry_is_compiled_anew(folder, kept):
    use()
    path = entry_of(folder)
    whole = path.read_bytes()
    path.write_bytes(whole[:kept])
    assert [use(), use()] == [0, 1]
    assert len(path.read_bytes()) == len(whole)


@pytest.mark.parametrize("place", [0.0, 0.3, 0.5, 0.7, 0.999])
def test_overwritten_entry_is_compiled_anew(folder, place):
    use()
    path = entry_of(folder)
    content = bytearray(path.read_bytes())
    at = int(place * (len(content) - 16))
    content[at : at + 16] = bytes(byte ^ 0xFF for byte in content[at : at + 16])
    path.write_bytes(content)
    assert [use(), use()] == [0, 1]


def test_entry_of_another_signature_is_another_file(folder):
    use()
    function = compiler.compile_program(Program(TEXT, (), {}, False))
    values = np.ones(2, np.float32)
    function(values, 3.0)
    assert len(list(folder.glob("*.loop.bin"))) == 2
    assert len(list(folder.glob("*.loop.py"))) == 1


@pytest.mark.skipif(os.name != "posix", reason="folders have owners and modes on POSIX alone")
def test_folder_others_may_write_to_is_not_used(folder):
    folder.mkdir()
    folder.chmod(0o777)
    assert [use(), use()] == [0, 0]
    assert list(folder.iterdir()) == []


def test_folder_that_cannot_be_made(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("NEUROSIM_CACHE", str(tmp_path / "file" / "loops"))
    assert [use(), use()] == [0, 0]


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_folder_that_cannot_be_written_to(folder):
    folder.mkdir(mode=0o500)
    assert [use(), use()] == [0, 0]


def test_default_folder_is_in_the_users_cache(monkeypatch):
    monkeypatch.delenv("NEUROSIM_CACHE")
    assert cache_folder().parts[-2:] == ("neurosim", "loops")


def test_clear_cache_of_brian_knows_the_folder(folder, monkeypatch):
    import brian2

    use()
    monkeypatch.setitem(
        brian2._cache_dirs_and_extensions,
        "numba",
        (str(folder), brian2._cache_dirs_and_extensions["numba"][1]),
    )
    brian2.clear_cache("numba")
    assert not folder.exists()


def test_two_processes_compile_the_same_at_once(folder):
    started = [
        subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=300)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert outputs[0] == outputs[1] != ""
    third = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert third.stdout == outputs[0]
    assert len(list(folder.glob("*.loop.bin"))) == 1


def test_read_only_home_and_no_compiler(tmp_path):
    (tmp_path / "home").write_text("not a folder, so nothing can be written below it")
    environment = {
        "HOME": str(tmp_path / "home"),
        "PATH": "",
        "CC": "none",
        "MPLCONFIGDIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[")


LIMIT = """
import sys
from brian2 import *
import neurosim
set_device("neurosim")
for limit in sys.argv[1:]:
    start_scope()
    group = NeuronGroup(2, "v : 1", threshold=f"v > {limit}", reset="v = 0", name="cells")
    group.run_regularly("v += 1")
    run(2.5*ms)
    print(int(group.v[0]))
"""


def test_what_is_loaded_is_not_taken_for_what_was_compiled_here(folder, tmp_path):
    """In the second process the first loop stands under the numbers the second was stored with."""

    def values(*limits):
        command = [sys.executable, "-W", "ignore", "-c", LIMIT, *map(str, limits)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        return list(map(int, result.stdout.split()))

    def expected(limit):
        # 25 steps; each adds one, and resets what is larger than the limit.
        return 25 % (limit + 1)

    assert values(8) == [expected(8)]
    assert values(2, 8) == [expected(2), expected(8)]
