"""Expressions taken apart: the columns add up to the expression, whatever the numbers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosim.engine.blocks import Assignment
from neurosim.engine.coupling import taken_apart

SIDES = {"a": "far", "b": "far", "u": "near", "v": "near", "w": "synaptic", "x": "synaptic"}
NAMES = {"sin": math.sin, "cos": math.cos, "exp": math.exp, "K": 1.7}


def columns_of(text):
    return taken_apart([Assignment("y", "=", (f"y = {text}",))], SIDES)


def sums_of_columns(columns, synapses, target):
    """Evaluate columns for one target as the engine does: per column, then by target."""
    total = 0.0
    for column in columns:
        terms = [
            eval(column.synaptic or "1.0", {**NAMES, **{k: s[k] for k in "wx"}})
            * eval(column.far or "1.0", {**NAMES, **{k: s[k] for k in "ab"}})
            for s in synapses
        ]
        total += eval(column.near, {**NAMES, **target}) * sum(terms)
    return total


SEPARABLE = [
    "w*(a - u)",
    "K*w*(a - u)/v",
    "sin(a - u)",
    "sin(u - a - K)",
    "K*cos(2*a - 3*u + 1)",
    "sin(a - u)*cos(a + u)",
    "-(a - u)*(b + v)",
    "w*exp(-a**2)*(u - v)/(u**2 + 1)",
    "+a*w - u*x + 3",
    "sin(a - u) + 0.3*sin(2*(a - u))",
    "a/(2*b**2 + 1)",
]


@pytest.mark.parametrize("text", SEPARABLE)
def test_columns_add_up_to_the_sum_of_the_expression(text):
    columns = columns_of(text)
    assert columns
    rng = np.random.default_rng(1)
    for _ in range(5):
        synapses = [dict(zip("abwx", rng.normal(size=4), strict=True)) for _ in range(6)]
        target = dict(zip("uv", rng.normal(size=2), strict=True))
        expected = sum(eval(text, {**NAMES, **s, **target}) for s in synapses)
        assert sums_of_columns(columns, synapses, target) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("text", SEPARABLE)
def test_columns_read_only_their_own_side(text):
    for column in columns_of(text):
        for part in ("near", "synaptic", "far"):
            names = set(Assignment("y", "=", (f"y = {getattr(column, part) or '0'}",)).reads())
            assert all(SIDES.get(name, part) == part for name in names), column


@pytest.mark.parametrize(
    "text",
    ["exp(a - u)", "tanh(w*a)", "a**u", "sin(a*u)", "1/(a + u)", "abs(a - u)", "a if u else w"],
)
def test_what_cannot_be_taken_apart_is_left(text):
    assert columns_of(text) == []


def test_a_name_in_between_stands_for_its_expression():
    parts = [Assignment("d", "=", ("d = a - u",)), Assignment("y", "=", ("y = w*d",))]
    assert taken_apart(parts, SIDES) == columns_of("w*(a - u)")


def test_conditions_are_left():
    part = Assignment("y", "=", ("y = a",), guard="is_open")
    assert taken_apart([part], SIDES) == []


leaves = st.sampled_from([*SIDES, "K", "2"])
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        inner.map(lambda text: f"-({text})"),
        inner.map(lambda text: f"sin({text})"),
        inner.map(lambda text: f"cos({text})"),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(expressions, st.integers(0, 2**32 - 1))
def test_any_expression_is_taken_apart_rightly_or_not_at_all(text, seed):
    columns = columns_of(text)
    rng = np.random.default_rng(seed)
    synapses = [dict(zip("abwx", rng.uniform(-2, 2, 4), strict=True)) for _ in range(3)]
    target = dict(zip("uv", rng.uniform(-2, 2, 2), strict=True))
    if columns:
        values = [eval(text, {**NAMES, **s, **target}) for s in synapses]
        scale = max(sum(map(abs, values)), 1e-3) + 64
        actual = sums_of_columns(columns, synapses, target)
        assert actual == pytest.approx(sum(values), abs=1e-12 * scale)
