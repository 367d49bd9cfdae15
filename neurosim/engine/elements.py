"""Loops over all elements of a group, in blocks where that makes them faster."""

import re

import numpy as np

from neurosim.engine.angles import calls_angles, with_note
from neurosim.kernels.random_streams import DRAWN_AT_ONCE

__all__ = ["every_element", "every_hit", "indented", "new_draws", "new_room", "repeated"]

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


def new_room(n_saved):
    """Return room for what a block of elements held before, one row per array."""
    return np.zeros((n_saved, DRAWN_AT_ONCE))


def every_element(lines, elements, blocks, saved=()):
    """Return a loop over elements ``_idx``.

    Parameters
    ----------
    lines : list of str
        What is done for an element.
    elements : tuple of two str
        The first element, and the one after the last.
    blocks : dict of int to str
        Names of functions that draw for a block, by the numbers of the calls they stand for.
    saved : sequence of str
        Array elements that are written; where there are any, the lines are repeated for a block
        with too large an angle: see :mod:`neurosim.engine.angles`.

    Returns
    -------
    list of str
    """
    lines, fill = _drawn_before(lines, blocks)
    first, last = elements
    if saved and calls_angles(lines):
        return _in_blocks(elements, [*fill, *_saving(lines, saved)])
    if not fill and first == "0":
        return [f"for _idx in range({last}):", *indented(lines)]
    if not fill:
        return [f"for _element in range({first}, {last}):", *indented([_INDEX, *lines])]
    return _in_blocks(elements, [*fill, *_over_block(lines)])


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


def _saving(lines, saved):
    """Return what does a block with vector functions, and again without where it has to."""
    places = [f"_saved[{row}, uint64(_element - _start)]" for row in range(len(saved))]
    save = [f"{place} = {element}" for place, element in zip(places, saved, strict=True)]
    put_back = [f"{element} = {place}" for place, element in zip(places, saved, strict=True)]
    return [
        *_over_block(save),
        "_is_large = False",
        *_over_block(with_note(lines)),
        "if _is_large:",
        *indented([*_over_block(put_back), *_over_block(lines)]),
    ]


def _over_block(lines):
    return ["for _element in range(_start, _stop):", *indented([_INDEX, *lines])]


def repeated(head, lines):
    """Return a loop that is done again where an angle was too large for vector functions.

    Parameters
    ----------
    head : str
        Of the loop.
    lines : list of str
        Its body, which reads nothing that it writes.

    Returns
    -------
    list of str
    """
    plain = [head, *indented(lines)]
    if not calls_angles(lines):
        return plain
    noting = [head, *indented(with_note(lines))]
    return ["_is_large = False", *noting, "if _is_large:", *indented(plain)]


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
