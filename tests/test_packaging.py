"""A wheel built from the tree is whole: it works from an empty folder, without the tree."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    # The build writes beside the sources, so it gets a copy of what git knows.
    tree = folder / "tree"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, tree]
    subprocess.run(command, check=True, capture_output=True)
    [path] = folder.glob("*.whl")
    return path


def test_wheel_holds_models_protocols_and_marker(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "neurosim/py.typed",
        "neurosim/models/hlop/circuit.py",
        "neurosim/protocols/sequential_digits.py",
    } <= names
    sources = {
        "neurosim/" + str(path.relative_to(folder))
        for folder in (ROOT / "neurosim",)
        for path in folder.rglob("*.py")
    }
    assert sources <= names


def test_wheel_works_from_an_empty_folder(wheel, tmp_path):
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    zipfile.ZipFile(wheel).extractall(site)
    code = (
        "import sys\n"
        "from neurosim.cli import main\n"
        "import neurosim, neurosim.models.hlop\n"
        "print(neurosim.__file__, neurosim.models.hlop.__file__)\n"
        "sys.exit(main(['run', 'sequential_digits', '--set', 'tasks=1', '--set', 'epochs=1',\n"
        "               '--set', 'size=8']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=empty,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert all(path.startswith(str(site)) for path in done.stdout.splitlines()[0].split())
    assert (empty / "sequential_digits.h5").exists()
