"""Loops over all elements of a group, in blocks where that makes them faster."""

import re

import numpy as np

from neurosim.kernels.random_streams import DRAWN_AT_ONCE

__all__ = ["every_element", "every_hit", "indented", "new_draws"]

# Few enough for most blocks to hold no event, many enough for vectors.
_LOOKED_AT_ONCE = 64

# Unsigned, because numba lets negative indices count from the end, which vectors cannot.
_INDEX = "_idx = uint64(_element)"

# A call as the generator writes it: of an element, the stream, the number of the call.
_CALL = re.compile(r"\b\w+\(_vectorisation_idx, _random, (\d+)((?:, \w+)*)\)")


def indented(lines, levels=1):
    """Return lines moved to the right by `levels` of four spaces."""
    return [f"{'    ' * levels}{line}" for line in lines]


def new_draws(n_sites):
    """Return room for the numbers of a block of elements, one row per call that draws."""
    return np.zeros((n_sites, DRAWN_AT_ONCE))


def every_element(lines, elements, blocks):
    """Return a loop over elements ``_idx``.

    Parameters
    ----------
    lines : list of str
        What is done for an element.
    elements : tuple of two str
        The first element, and the one after the last.
    blocks : dict of int to str
        Names of functions that draw for a block, by the numbers of the calls they stand for.

    Returns
    -------
    list of str
    """
    lines, fill = _drawn_before(lines, blocks)
    first, last = elements
    if not fill and first == "0":
        return [f"for _idx in range({last}):", *indented(lines)]
    if not fill:
        return [f"for _element in range({first}, {last}):", *indented([_INDEX, *lines])]
    inner = ["for _element in range(_start, _stop):", *indented([_INDEX, *lines])]
    return _in_blocks(elements, [*fill, *inner])


def every_hit(lines, hit, elements, blocks):
    """Return a loop that does something for the elements for which ``_cond`` becomes true.

    Most blocks of elements have none, and to find that out takes vector instructions.

    Parameters
    ----------
    lines : list of str
        What computes ``_cond``; it is run twice for some elements.
    hit : list of str
        What is done where it is true.
    elements, blocks
        See :func:`every_element`.

    Returns
    -------
    list of str
    """
    lines, fill = _drawn_before(lines, blocks)
    look = [
        "_is_any = False",
        "for _element in range(_from, _to):",
        *indented([_INDEX, *lines, "_is_any |= _cond"]),
        "if _is_any:",
        "    for _element in range(_from, _to):",
        *indented([_INDEX, *lines, "if _cond:", *indented(hit)], 2),
    ]
    inner = [
        f"for _from in range(_start, _stop, {_LOOKED_AT_ONCE}):",
        f"    _to = min(_from + {_LOOKED_AT_ONCE}, _stop)",
        *indented(look),
    ]
    return _in_blocks(elements, [*fill, *inner])


def _in_blocks(elements, lines):
    first, last = elements
    return [
        f"for _start in range({first}, {last}, {DRAWN_AT_ONCE}):",
        f"    _stop = min(_start + {DRAWN_AT_ONCE}, {last})",
        *indented(lines),
    ]


def _drawn_before(lines, blocks):
    """Return lines that read drawn numbers instead of drawing, and those that draw a block."""
    drawn = {}

    def number(call):
        site, further = int(call.group(1)), call.group(2)
        if site not in blocks:
            return call.group()
        drawn[site] = f"{blocks[site]}(_drawn[{site - 1}], _start, _stop, _random, {site}{further})"
        return f"_drawn[{site - 1}, uint64(_element - _start)]"

    lines = [_CALL.sub(number, line) for line in lines]
    return lines, list(drawn.values())
