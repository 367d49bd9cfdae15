"""The Python of the user guide runs, block after block, in an empty folder.

A block whose first line names a script of docs/figures is a part of it, word for word; those
scripts are run by the CI.
"""

import importlib.util
import re
import sys
import textwrap
from pathlib import Path

import brian2
import matplotlib
import pytest

from neurosim.experiment import registry

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
FIGURE = re.compile(r"# (docs/figures/\w+\.py)\n")

# What the reader has before the page begins.
GIVEN = {
    "README.md": """
        import numpy as np
        import neurosim
        from brian2 import *

        set_device("neurosim")
        inputs = PoissonGroup(64, 0*Hz, name="inputs")
        tau = 20*ms
        cells = NeuronGroup(10, "dv/dt = -v/tau : 1", threshold="v > 1", reset="v = 0",
                            method="exact", name="cells")
        synapses = Synapses(inputs, cells, on_pre="v_post += 0.1")
        synapses.connect()
        network = Network(inputs, cells, synapses, SpikeMonitor(cells, record=False))
        images = np.ones((3, 64))
    """,
}
# Nobody has a SLURM cluster in a test.
ELSEWHERE = "from dask_jobqueue import SLURMCluster"


def blocks(page):
    """Return the line at which each block of a page begins, and its text."""
    text = (ROOT / page).read_text()
    return [(text.count("\n", 0, m.start()) + 2, m[1]) for m in BLOCK.finditer(text)]


PAGES = sorted(
    str(path.relative_to(ROOT)) for path in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, with a registry of its own and nothing left of the page's Brian 2."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_protocols", dict(registry._protocols))
    monkeypatch.setattr(sys, "argv", ["page"])
    backend = matplotlib.get_backend()
    matplotlib.use("agg")
    brian2.start_scope()
    yield tmp_path
    brian2.set_device("runtime")
    brian2.start_scope()
    matplotlib.pyplot.close("all")
    matplotlib.use(backend)


def execute(page):
    """Run a page's blocks one after the other; a mistake is reported at its line of the page."""
    names = {"__name__": "page"}
    exec(textwrap.dedent(GIVEN.get(page, "")), names)
    for line, block in blocks(page):
        if FIGURE.match(block) or ELSEWHERE in block:
            continue
        exec(compile("\n" * (line - 1) + block, ROOT / page, "exec"), names)
    return names


@pytest.mark.slow  # it learns digits, which protocols' own tests do as well
def test_readme(folder):
    names = execute("README.md")
    assert names["responses"]["cells.count"].shape == (3, 10)
    assert len(names["my_protocol"](steps=7).traces["walk/path"]) == 7


def test_trials(folder):
    counts = execute("docs/trials.md")["responses"]["cells.count"]
    assert counts.shape == (20, 50)
    assert counts.sum() > 0


def test_protocols(folder):
    assert execute("docs/protocols.md")["my_protocol"](steps=4).metrics["steps"] == 4


def test_grids(folder):
    names = execute("docs/grids.md")
    assert names["report"].n_done == 4
    rates = names["results"].rate.mean("seed")
    assert rates.sel(g=3) > 5 * rates.sel(g=5) > 0
    names["results"].close()


def test_traces(folder):
    pytest.importorskip("libsonata")
    assert execute("docs/traces.md")["file"].report("exc.v").values.shape == (100, 3)


def test_analysis(folder):
    path = ROOT / "docs/figures/analysis.py"
    spec = importlib.util.spec_from_file_location("analysis_figures", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    brian2.set_device("neurosim")
    # The page begins with the recording that its script makes.
    script.oscillating_network("run.h5")
    assert len(execute("docs/analysis.md")["found"].sizes) > 10


@pytest.mark.parametrize("page", PAGES)
def test_code_is_python_and_that_of_figures_stands_in_their_scripts(page):
    for line, block in blocks(page):
        script = FIGURE.match(block)
        if script is None:
            if "..." not in block:
                compile("\n" * (line - 1) + block, ROOT / page, "exec")
            continue
        text = (ROOT / script[1]).read_text()
        shown = block[script.end() :].strip("\n")
        depths = [textwrap.indent(shown, 4 * depth * " ") for depth in range(3)]
        assert any(indented in text for indented in depths), f"{page}, line {line}"


@pytest.mark.parametrize("page", PAGES)
def test_pictures_are_there_and_made_by_the_script_of_the_page(page):
    script = ROOT / "docs/figures" / f"{Path(page).stem}.py"
    for name in re.findall(r"!\[[^\]]*\]\(([^)]+\.png)\)", (ROOT / page).read_text()):
        assert (ROOT / page).parent.joinpath(name).exists(), f"{page} shows {name}"
        if script.exists():
            assert Path(name).name in script.read_text()
