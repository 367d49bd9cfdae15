"""The house stands as docs/architecture.md draws it: imports point downwards only."""

import ast
from pathlib import Path

import pytest

import neurosim

ROOT = Path(neurosim.__file__).parent
FLOORS = {
    "errors": 0,
    "randomness": 0,
    "_version": 0,
    "cancellation": 0,
    "kernels": 0,
    "data": 0,
    "engine": 1,
    "layers": 1,
    "traces": 1,
    "analysis": 2,
    "experiment": 2,
    "grid": 3,
    "plots": 3,
    "simulation": 3,
    "cli": 4,
    "__main__": 4,
}
FILES = sorted(path for path in ROOT.rglob("*.py") if path.parent != ROOT or path.stem in FLOORS)


def room(path):
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imported_rooms(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("neurosim."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("neurosim."):
                    yield alias.name.split(".")[1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_downwards(path):
    own = room(path)
    for other in imported_rooms(path):
        assert other not in ("models", "protocols"), f"{path} imports neurosim.{other} by name"
        assert other == own or FLOORS[other] <= FLOORS[own], f"{own} imports {other}"


def test_every_room_has_a_floor():
    rooms = {path.stem for path in ROOT.glob("*.py")} | {
        path.parent.name for path in ROOT.glob("*/__init__.py")
    }
    assert rooms - {"__init__"} == set(FLOORS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_are_packaged(path):
    packages = (ROOT.parent / "setup.cfg").read_text().split()
    package = ".".join(["neurosim", *path.relative_to(ROOT).parent.parts])
    assert package in packages
