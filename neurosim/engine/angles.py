"""Sines and cosines in loops over elements as vector instructions.

The vector functions are made for angles up to a largest one. A loop that calls them notes whether
an angle was larger; then what it has written is put back, and it is done again with those of the C
library.
"""

import ast

from neurosim.engine.brian import DEFAULT_FUNCTIONS, prefs
from neurosim.kernels import math as vector_math

__all__ = ["VECTOR_FUNCTIONS", "calls_angles", "calls_only_own_angles", "with_note"]

_NAMES = {"sin": "_sin_within", "cos": "_cos_within"}

_KNOWN = {name: DEFAULT_FUNCTIONS[name] for name in _NAMES}

#: Functions that noted code calls, by their names in it.
VECTOR_FUNCTIONS = {new: getattr(vector_math, old) for old, new in _NAMES.items()}


def calls_angles(lines):
    """Return whether lines call a function of an angle that has a vector form in use."""
    if not prefs["devices.neurosim.vector_math"]:
        return False
    tree = ast.parse("\n".join(lines) or "pass")
    return any(_is_call(node) for node in ast.walk(tree))


def calls_only_own_angles(variables):
    """Return whether sine and cosine are those of Brian 2, not of the user.

    Parameters
    ----------
    variables : dict of str to Variable
    """
    return all(variables.get(name, known) is known for name, known in _KNOWN.items())


def _is_call(node):
    return isinstance(node, ast.Call) and getattr(node.func, "id", None) in _NAMES


def with_note(lines):
    """Return lines that call vector functions, and note angles too large in ``_is_large``.

    Parameters
    ----------
    lines : list of str

    Returns
    -------
    list of str

    Examples
    --------
    >>> print("\\n".join(with_note(["y = 2 * sin(x + 1)"])))
    _angle_1 = x + 1
    _is_large |= abs(_angle_1) > 100000.0
    y = 2 * _sin_within(_angle_1)
    """
    noting = _Noting()
    return ast.unparse(noting.visit(ast.parse("\n".join(lines)))).splitlines()


class _Noting(ast.NodeTransformer):
    """Computes angles in statements of their own."""

    def __init__(self):
        self.n_angles = 0
        self.before = []

    def visit_Assign(self, node):
        return self._statement(node)

    def visit_AugAssign(self, node):
        return self._statement(node)

    def _statement(self, node):
        self.generic_visit(node)
        statements, self.before = [*self.before, node], []
        return statements

    def visit_If(self, node):
        node.test = self.visit(node.test)
        before, self.before = self.before, []
        for name in ("body", "orelse"):
            statements = ast.Module(getattr(node, name), [])
            setattr(node, name, self.visit(statements).body)
        return [*before, node]

    def visit_Call(self, node):
        # Angles inside of angles come first.
        self.generic_visit(node)
        if not _is_call(node):
            return node
        self.n_angles += 1
        angle = f"_angle_{self.n_angles}"
        note = (
            f"{angle} = {ast.unparse(node.args[0])}\n"
            f"_is_large |= abs({angle}) > {vector_math.LARGEST_ANGLE}"
        )
        self.before += ast.parse(note).body
        return ast.parse(f"{_NAMES[node.func.id]}({angle})", mode="eval").body
