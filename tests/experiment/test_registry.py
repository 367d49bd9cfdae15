"""The registry: what is found, and what is said of what is not."""

import sys

import pytest

from neurosim.errors import ParameterError, UnknownNameError
from neurosim.experiment import registry


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    registry.models(), registry.protocols()  # modules register once, when first imported
    for name in ("_models", "_protocols", "_broken"):
        monkeypatch.setattr(registry, name, dict(getattr(registry, name)))


def test_models_and_protocols_are_found_by_name():
    assert {"hlop", "naive", "joint", "replay", "ewc", "gpm"} <= set(registry.models())
    assert {"sequential_digits", "permuted_mnist"} <= set(registry.protocols())
    assert registry.find_model("hlop").__module__ == "neurosim.models.hlop.model"
    assert registry.find_protocol("sequential_digits").name == "sequential_digits"


def test_unknown_names_get_the_closest():
    with pytest.raises(UnknownNameError, match="no model 'hlpo'; did you mean 'hlop'"):
        registry.find_model("hlpo")
    with pytest.raises(UnknownNameError, match="there are .*sequential_digits"):
        registry.find_protocol("zzz")
    with pytest.raises(UnknownNameError, match="no protocol script 'zzz.py'"):
        registry.load_protocol("zzz.py")


def test_a_name_is_never_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.py").write_text("open('executed', 'w')\n")
    with pytest.raises(UnknownNameError, match="no protocol 'evil.py'"):
        registry.find_protocol("evil.py")
    assert not (tmp_path / "executed").exists()


def test_two_classes_cannot_share_a_name():
    with pytest.raises(ParameterError, match="model 'hlop' is defined twice: .*hlop.*model.py"):

        @registry.model("hlop")
        class Other: ...


def test_a_broken_module_does_not_hide_the_others(tmp_path, monkeypatch):
    import neurosim.models

    (tmp_path / "crooked.py").write_text("raise RuntimeError('seven')\n")
    monkeypatch.setattr(neurosim.models, "__path__", [*neurosim.models.__path__, str(tmp_path)])
    assert "hlop" in registry.models()
    assert "seven" in str(registry.broken()["neurosim.models.crooked"])
    with pytest.raises(UnknownNameError, match="'crooked' cannot be imported: seven"):
        registry.find_model("crooked")


def test_a_script_defines_one_protocol(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    monkeypatch.setattr(sys, "path", list(sys.path))
    script = tmp_path / "my_walk.py"
    one = "import neurosim\n@neurosim.protocol\ndef my_walk(run, *, n: int = 1): ...\n"
    script.write_text(one)
    assert registry.load_protocol(script).name == "my_walk"
    assert registry.load_protocol(script).name == "my_walk"  # again
    assert str(tmp_path) in sys.path  # as for `python my_walk.py`
    empty = tmp_path / "empty_walk.py"
    empty.write_text("import neurosim\n")
    with pytest.raises(UnknownNameError, match="must define one protocol; it defines none"):
        registry.load_protocol(empty)
    crooked = tmp_path / "crooked_walk.py"
    crooked.write_text("import neurosim\nraise RuntimeError('seven')\n")
    with pytest.raises(RuntimeError, match="seven"):
        registry.load_protocol(crooked)
    assert "crooked_walk" not in sys.modules


def test_a_mended_module_is_broken_no_longer(tmp_path, monkeypatch):
    import neurosim.protocols

    module = tmp_path / "mended.py"
    module.write_text("raise RuntimeError('seven')\n")
    path = [*neurosim.protocols.__path__, str(tmp_path)]
    monkeypatch.setattr(neurosim.protocols, "__path__", path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    registry.protocols()
    assert "neurosim.protocols.mended" in registry.broken()
    module.write_text("")
    registry.protocols()
    assert "neurosim.protocols.mended" not in registry.broken()
    del sys.modules["neurosim.protocols.mended"]
