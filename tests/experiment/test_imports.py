"""Import statements are found where they stand, and in the user's own modules alone."""

import pytest

from neurosim.experiment.imports import may_import
from neurosim.experiment.registry import load_protocol
from neurosim.protocols.sequential_digits import sequential_digits
from neurosim.protocols.stdp_digits import stdp_digits

BODIES = {
    "at the top": ("import wave", "pass", True),
    "a part": ("from xml.dom import minidom", "pass", False),
    "of a package": ("import wave as w; from xml import dom", "pass", True),
    "inside": ("", "from wave import open", True),
    "nested": ("", "(lambda: [__import__ for x in ()]); f = lambda: helper()", False),
    "another function": ("def helper():\n    import wave", "helper()", True),
    "a method": ("class Helper:\n    @property\n    def x(self):\n        import wave", "", True),
    "a value": ("from wave import Error", "pass", True),
    "an own module": ("import beside", "beside.work()", True),
    "from an own module": ("from beside import work", "work()", True),
    "an innocent module": ("from innocent import work", "work()", False),
    "a name": ("wave = 'wave'", "print('import wave')", False),
}


@pytest.mark.parametrize(("top", "inside", "expected"), BODIES.values(), ids=BODIES)
def test_imports_are_found(script, top, inside, expected, monkeypatch):
    folder = script.parent
    (folder / "beside.py").write_text("def work():\n    def deep():\n        import wave\n")
    (folder / "innocent.py").write_text("def work():\n    return 'wave'\n")
    monkeypatch.syspath_prepend(folder)
    script.write_text(
        f"import neurosim\n{top}\n\n@neurosim.protocol\ndef walk(run):\n    {inside or 'pass'}\n"
    )
    assert may_import(load_protocol(script).function, "wave") is expected


def test_protocols_of_the_house():
    assert may_import(stdp_digits.function, "brian2")
    assert not may_import(sequential_digits.function, "brian2")
