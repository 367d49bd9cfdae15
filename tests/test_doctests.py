"""Every example in a docstring runs, whichever room it stands in."""

import doctest
import importlib
import pkgutil

import pytest

import neurosim


def module_names():
    for found in pkgutil.walk_packages(neurosim.__path__, "neurosim."):
        yield found.name
    for room in ("neurosim.models", "neurosim.protocols"):
        package = importlib.import_module(room)
        yield from (found.name for found in pkgutil.walk_packages(package.__path__, room + "."))


@pytest.mark.parametrize("name", sorted(set(module_names())))
def test_examples(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    assert doctest.testmod(module, optionflags=flags).failed == 0
