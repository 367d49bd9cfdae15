"""The figures of docs/grids.md: ``python docs/figures/grids.py [FOLDER]``.

Without a folder they replace the ones beside this script.
"""

import sys
import tempfile
from pathlib import Path

from matplotlib.figure import Figure

from neurosim.grid import grid, open
from neurosim.grid.table import read_table
from neurosim.plots import grid_figure, line_with_band
from neurosim.plots.panels import COLUMN_WIDTH

AXES = {"g": "3:8:6", "drive": "0.5:3:6", "seed": "0:3"}


def draw_lines(results, path):
    """Draw rate and irregularity over the drive where inhibition prevails, and the theory."""
    figure = Figure(figsize=(2 * COLUMN_WIDTH, 2.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    balanced = results.sel(g=5)
    for axes, name, label in ((left, "rate", "rate (Hz)"), (right, "cv", "CV of intervals")):
        values = balanced[name].transpose("drive", "seed")
        line_with_band(balanced.drive, values, xlabel="drive", ylabel=label, axes=axes)
    theory = balanced.mean_field_rate.isel(seed=0)
    left.plot(theory.drive, theory, "--", color="black", lw=1, label="theory")
    left.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=150)


def main(folder):
    """Make all figures in `folder`."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "brunel"
        report = grid("balanced_network", AXES, out=out, metrics_only=True)
        print(f"{report.n_done} of {report.n_points} points done")
        grid_figure(read_table(out)).savefig(folder / "grids_maps.png", dpi=150)
        with open(out) as results:
            draw_lines(results, folder / "grids_lines.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
