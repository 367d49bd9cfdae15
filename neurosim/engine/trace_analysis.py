"""Which event-driven variables of synapses depend on the source or the target neuron alone.

Such a variable is the same for all synapses of a neuron once it is brought to the same time, if

- its equation is linear and autonomous, with coefficients that are the same for all synapses, so
  that decaying in two steps is decaying in one;
- only pathways of one side ("pre" or "post") change it otherwise, by what is the same for all
  synapses of the neuron whose event it is.

Whether the values agree when a run begins is asked of the data, in
:mod:`neurosim.engine.shared_traces`.
"""

import re
from dataclasses import dataclass

from neurosim.engine.blocks import names_in
from neurosim.engine.brian import ArrayVariable, Subexpression

__all__ = ["PathwayCode", "sides_of"]

_TIMES = {"t", "lastupdate"}


@dataclass(frozen=True)
class PathwayCode:
    """The code of a pathway's events, taken apart.

    Attributes
    ----------
    side : {"pre", "post"}
    snippet : Snippet
    updates : dict of str to Assignment
        What brings each event-driven variable ``x`` to the present, as ``_x``.
    body : tuple of Assignment
        What the user wrote.
    """

    side: str
    snippet: object
    updates: dict
    body: tuple

    @classmethod
    def of(cls, side, snippet, names):
        """Return it, or None where it does not have the form Brian 2 gives it.

        Parameters
        ----------
        side : str
        snippet : Snippet
        names : sequence of str
            Of the event-driven variables.
        """
        assignments = snippet.keywords["block"].assignments
        first, second = assignments[: len(names)], assignments[len(names) : 2 * len(names)]
        updates = {part.variable.removeprefix("_"): part for part in first}
        is_prefix = sorted(updates) == sorted(names) and all(
            re.fullmatch(rf"{part.variable} = (\w+\()?_{part.variable}\)?", part.lines[0])
            for part in second
        )
        body, last = assignments[2 * len(names) : -1], assignments[-1]
        mentions = any("lastupdate" in part.reads() | {part.variable} for part in body)
        if not is_prefix or last.lines != ("lastupdate = t",) or mentions:
            return None
        return cls(side, snippet, updates, body)

    def elements(self):
        """Return the names whose values may differ between synapses."""
        loads = self.snippet.keywords["block"].loads
        return {name for name, _ in loads} | {"_idx", "_vectorisation_idx"}

    def timed(self):
        """Return the names of scalars that depend on time."""
        timed = {"t"}
        for line in self.snippet.scalar:
            name, _, value = line.strip().partition(" = ")
            if names_in([value]) & timed:
                timed.add(name)
        return timed - {"t"}


def sides_of(codes, names, uneven, free):
    """Return on which side each variable that can be kept per neuron is kept.

    Parameters
    ----------
    codes : sequence of PathwayCode
    names : sequence of str
        Of the event-driven variables.
    uneven : set of str
        Sides on which an event reaches the synapses of its neuron at different times.
    free : sequence of str
        Variables that nothing else reads.

    Returns
    -------
    dict of str to str
    """
    sides = {name: side for name, side in _changed_on(codes, names).items() if name in free}
    sides = {name: side for name, side in sides.items() if side not in uneven}
    while True:
        # Each may hang on the others.
        refused = {name for name in sides if not _is_kept(name, sides, codes)}
        if not refused:
            return sides
        sides = {name: side for name, side in sides.items() if name not in refused}


def _changed_on(codes, names):
    """Return the one side whose events change a variable, or what it decays towards."""
    changed = {
        name: {code.side for code in codes for part in code.body if part.variable == name}
        for name in names
    }
    for _ in names:
        for name in names:
            reads = codes[0].updates[name].reads() & set(names)
            changed[name] = changed[name].union(*(changed[other] for other in reads))
    return {name: sides.copy().pop() for name, sides in changed.items() if len(sides) == 1}


def _is_kept(name, sides, codes):
    others = [known for known in codes[0].updates if known not in sides]
    return not any(name in codes[0].updates[other].reads() for other in others) and all(
        _decays_alike(name, sides, code)
        and (code.side != sides[name] or _changes_alike(name, sides, code))
        for code in codes
    )


def _decays_alike(name, sides, code):
    reads = code.updates[name].reads() - _TIMES
    of_elements = reads & code.elements()
    same_side = {known for known, side in sides.items() if side == sides[name]}
    return (
        of_elements <= same_side
        and not reads & code.timed()
        and code.updates[name].guard is None
        and all(map(_is_constant, map(code.snippet.variables.get, reads - of_elements)))
    )


def _is_constant(variable):
    """Whether a name stays what it is during a run; functions and intermediate names do."""
    if not isinstance(variable, ArrayVariable) or isinstance(variable, Subexpression):
        return not isinstance(variable, Subexpression)
    return variable.scalar and (variable.constant or variable.name == "dt")


def _changes_alike(name, sides, code):
    mine = {known for known, side in sides.items() if side == code.side}
    varied = code.elements() - mine
    for part in code.body:
        if part.variable == name and (part.reads() & varied or part.guard is not None):
            return False
        if part.variable not in mine:
            # Names in between are taken to differ, whatever they are made of.
            varied = varied | {part.variable}
    return True
