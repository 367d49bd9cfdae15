"""Floor 3: a protocol at every point of a grid of parameters, on all cores or a cluster.

``grid(protocol, {...}, out=DIR)`` computes one, ``open(DIR)`` returns its results as one labelled
array; both go on the command line as ``neurosim grid`` and ``neurosim show``.
"""

from neurosim.grid.driver import GridReport, grid
from neurosim.grid.driver import open_results as open

__all__ = ["GridReport", "grid", "open"]
