"""Sums over synapses taken apart: into what depends on sources, on synapses and on targets.

A summed variable adds an expression over all synapses of a neuron. Where the expression is a sum of
products ``n(target) * s(synapse) * f(source)``, ``n`` is computed once for a target, ``f`` once for
a source, and what is left for a synapse is ``s * f``. Sines and cosines of sums are such products
by the addition theorems: ``sin(a - b) = sin(a)*cos(b) - cos(a)*sin(b)``.
"""

import ast
from dataclasses import dataclass

from neurosim.engine.blocks import names_in

__all__ = ["Column", "taken_apart"]

_SIDES = ("near", "far", "synaptic")
# Products of many sums are left as they are.
_MOST_TERMS = 8


@dataclass(frozen=True)
class _Term:
    """A product: the texts of its factors by what they depend on; `shared` are the same for all."""

    sign: int
    shared: tuple = ()
    near: tuple = ()
    synaptic: tuple = ()
    far: tuple = ()

    def times(self, other):
        return _Term(
            self.sign * other.sign,
            self.shared + other.shared,
            self.near + other.near,
            self.synaptic + other.synaptic,
            self.far + other.far,
        )

    def negative(self):
        return _Term(-self.sign, self.shared, self.near, self.synaptic, self.far)

    def side(self):
        """Return the one side its factors are on, None for several."""
        sides = [side for side in _SIDES if getattr(self, side)]
        return (sides or ["shared"])[0] if len(sides) < 2 else None

    def factors(self):
        return self.shared + self.near + self.synaptic + self.far


@dataclass(frozen=True)
class Column:
    """One sum over the synapses of a neuron, and what it is multiplied with.

    Attributes
    ----------
    near, synaptic, far : str
        Texts that depend on the target, on the synapse, and on the source; the last two are empty
        where there is nothing of the kind.
    """

    near: str
    synaptic: str
    far: str


def taken_apart(assignments, sides):
    """Return the columns that add up to the last of some assignments.

    Parameters
    ----------
    assignments : sequence of Assignment
        The last gives the value of a synapse, those before names in it.
    sides : dict of str to str
        For each name that is read from an array: "near" for the target, "far" for the source, or
        "synaptic". All other names are the same for all synapses.

    Returns
    -------
    list of Column
        Empty where the expression cannot be taken apart, or is the same for all synapses, which
        needs no statement of a synapse.

    Examples
    --------
    >>> from neurosim.engine.blocks import Assignment
    >>> value = Assignment("x", "=", ("x = w*(v - u)",))
    >>> taken_apart([value], {"w": "synaptic", "v": "far", "u": "near"})
    [Column(near='1.0', synaptic='w', far='v'), Column(near='-u', synaptic='w', far='')]
    >>> taken_apart([Assignment("x", "=", ("x = exp(v*u)",))], {"v": "far", "u": "near"})
    []
    """
    known = {}
    for part in assignments:
        if part.operation != "=" or part.guard is not None or len(part.lines) != 1:
            return []
        [statement] = ast.parse(part.lines[0]).body
        known[part.variable] = _Inlined(known).visit(statement.value)
    terms = _Expansion(sides).terms(known[assignments[-1].variable]) if assignments else None
    collected = {}
    for term in terms or []:
        collected.setdefault((_product(term.synaptic), _product(term.far)), []).append(term)
    return [
        Column(_sum([_Term(t.sign, t.shared, t.near) for t in of_column]), synaptic, far)
        for (synaptic, far), of_column in collected.items()
    ]


class _Inlined(ast.NodeTransformer):
    """Puts expressions in the place of names."""

    def __init__(self, known):
        self.known = dict(known)

    def visit_Name(self, node):
        return self.known.get(node.id, node)


class _Expansion:
    """Writes expressions as sums of products; None stands for those it cannot."""

    def __init__(self, sides):
        self.sides = sides

    def terms(self, node):
        """Return the terms of an expression."""
        text = ast.unparse(node)
        sides = {self.sides[name] for name in names_in([text]) if name in self.sides}
        if len(sides) < 2:
            [side] = sides or {"shared"}
            return [_Term(1, **{side: (text,)})]
        expand = getattr(self, f"_{type(node).__name__}", None)
        terms = expand(node) if expand else None
        return None if terms is None or len(terms) > _MOST_TERMS else terms

    def _UnaryOp(self, node):
        terms = self.terms(node.operand)
        if terms is None or not isinstance(node.op, ast.UAdd | ast.USub):
            return None
        return [term.negative() for term in terms] if isinstance(node.op, ast.USub) else terms

    def _BinOp(self, node):
        left, right = self.terms(node.left), self.terms(node.right)
        if left is None or right is None:
            return None
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left + [term.negative() for term in right]
        if isinstance(node.op, ast.Mult):
            return _products(left, right)
        if isinstance(node.op, ast.Div) and len(right) == 1 and right[0].side():
            side = right[0].side()
            return _products(left, [_Term(1, **{side: (f"1.0 / ({_sum(right)})",)})])
        return None

    def _Call(self, node):
        function = getattr(node.func, "id", None)
        if function not in ("sin", "cos") or len(node.args) != 1:
            return None
        terms = self.terms(node.args[0])
        if terms is None or any(term.side() is None for term in terms):
            return None
        angles = {}
        for term in sorted(terms, key=lambda term: term.side() == "shared"):
            # What is the same for all goes with something else; the target comes up least often.
            side = term.side() if term.side() != "shared" else min(angles, key=_SIDES.index)
            angles.setdefault(side, []).append(term)
        return _of_sum(function, [(side, _sum(of_side)) for side, of_side in angles.items()])


def _of_sum(function, angles):
    """Return the terms of the sine or cosine of a sum, by the addition theorems."""
    side, angle = angles[0]
    sine, cosine = ([_Term(1, **{side: (f"{name}({angle})",)})] for name in ("sin", "cos"))
    if len(angles) == 1:
        return sine if function == "sin" else cosine
    sine_of_rest, cosine_of_rest = (_of_sum(name, angles[1:]) for name in ("sin", "cos"))
    if function == "sin":
        return _products(sine, cosine_of_rest) + _products(cosine, sine_of_rest)
    second = _products(sine, sine_of_rest)
    return _products(cosine, cosine_of_rest) + [term.negative() for term in second]


def _products(left, right):
    return [one.times(other) for one in left for other in right]


def _product(factors):
    return " * ".join(factors if len(factors) == 1 else [f"({factor})" for factor in factors])


def _sum(terms):
    texts = [(term.sign, _product(term.factors()) or "1.0") for term in terms]
    first, *others = texts
    text = _signed(first)
    return text + "".join(f" {'+' if sign > 0 else '-'} ({other})" for sign, other in others)


def _signed(part):
    sign, text = part
    if sign > 0:
        return text
    return f"-{text}" if text.isidentifier() else f"-({text})"
