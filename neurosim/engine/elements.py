"""Loops over all elements of a group, for which random numbers are drawn in blocks."""

import re

import numpy as np

from neurosim.kernels.random_streams import DRAWN_AT_ONCE

__all__ = ["every_element", "indented", "new_draws"]

# A call as the generator writes it: of an element, the stream, the number of the call.
_CALL = re.compile(r"\b\w+\(_vectorisation_idx, _random, (\d+)((?:, \w+)*)\)")


def indented(lines, levels=1):
    """Return lines moved to the right by `levels` of four spaces."""
    return [f"{'    ' * levels}{line}" for line in lines]


def new_draws(n_sites):
    """Return room for the numbers of a block of elements, one row per call that draws."""
    return np.zeros((n_sites, DRAWN_AT_ONCE))


def every_element(lines, size, blocks):
    """Return a loop over elements ``_idx``.

    Parameters
    ----------
    lines : list of str
        What is done for an element.
    size : str
        Number of elements.
    blocks : dict of int to str
        Names of functions that draw for a block, by the numbers of the calls they stand for.

    Returns
    -------
    list of str
    """
    drawn = {}

    def number(call):
        site, further = int(call.group(1)), call.group(2)
        if site not in blocks:
            return call.group()
        drawn[site] = f"{blocks[site]}(_drawn[{site - 1}], _start, _stop, _random, {site}{further})"
        # Unsigned, because numba lets negative indices count from the end.
        return f"_drawn[{site - 1}, uint64(_idx - _start)]"

    lines = [_CALL.sub(number, line) for line in lines]
    if not drawn:
        return [f"for _idx in range({size}):", *indented(lines)]
    return [
        f"for _start in range(0, {size}, {DRAWN_AT_ONCE}):",
        f"    _stop = min(_start + {DRAWN_AT_ONCE}, {size})",
        *indented(drawn.values()),
        "    for _idx in range(_start, _stop):",
        *indented(lines, 2),
    ]
