"""Equations nobody wrote: random right-hand sides on the device and in NumPy.

Two right implementations of sin or exp may differ in the last bit. Expressions are made so that
this stays small: they are bounded and smooth, and wherever there is a step (a comparison, a floor,
a remainder, a threshold) an odd number, which no other part of an equation can equal, keeps the two
sides apart. Everything is sampled from lists, because hypothesis mixes constants of all loaded
modules into its numbers, and other tests would change the examples.
"""

import numpy as np
import pytest
from brian2 import NeuronGroup, SpikeMonitor, StateMonitor, ms
from brian2.parsing.sympytools import str_to_sympy
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

# No sum of products of the leaves is this close to one of their multiples.
ODD = "0.0123456789"
LEAVES = st.sampled_from(["x", "y", "a", "n", "0.5", "2", "1.7", "cos(t/ms)"])
OF_TWO = [
    "({0} + {1})",
    "({0} - {1})",
    "({0}*sin({1}))",
    # The denominator is a float: Brian 2 writes 1/k as k**-1, which NumPy refuses for integers.
    "({0}/(1.5 + abs({1})))",
    "clip({0}, -1, 1 + abs({1}))",
]
OF_ONE = [
    "sin({0})",
    "tanh({0})",
    "arctan({0})",
    "exp(-abs({0}))",
    "log(1.5 + abs({0}))",
    "sqrt(1 + ({0})**2)",
    "(1.5 + abs({0}))**0.7",
    "exprel(-abs({0}))",
    "(-({0}))",
]
STEPS = [
    f"(floor(3*{{0}} + {ODD}) + int(2*{{0}} + {ODD}))",
    f"ceil({{0}} + {ODD})",
    f"sign({{0}} - {ODD})",
    f"(({{0}} + {ODD}) % 0.7)",
    f"(({{0}} + {ODD}) // 0.7)",
]
COMPARISONS = [f"int({{0}} <= {{1}} + {ODD})", f"int({{0}} > {{1}} + {ODD})"]


def grown(leaves, of_one, max_leaves):
    """Return a strategy of expressions over some leaves."""

    def extend(inner):
        return st.one_of(
            st.builds(str.format, st.sampled_from(OF_TWO), inner, inner),
            st.builds(str.format, st.sampled_from(of_one), inner),
        )

    return st.recursive(leaves, extend, max_leaves=max_leaves)


def expressions():
    # Comparisons hold nothing that is a whole number: sympy, through which Brian 2 sends
    # equations, cannot compare the remainder or the power of int(...).
    smooth = grown(LEAVES, OF_ONE, 4)
    compared = st.builds(str.format, st.sampled_from(COMPARISONS), smooth, smooth)
    return grown(st.one_of(LEAVES, st.just("int(high)"), compared), OF_ONE + STEPS, 5)


INTEGERS = st.sampled_from(
    ["(n + 1) % 3", "(2*n - i) % 3", "-n//2", "(n - i)//2 % 3", "2 - n", "n*int(high)", "i - n % 2"]
)
CONDITIONS = st.sampled_from(
    [
        "x > {0}",
        "y < {0} and not high",
        "high or abs(x - y) > {0}",
        "n > 1 or (not x < {0} and y > 0)",
    ]
)
LEVELS = st.sampled_from([-0.4, 0.1, 0.6, 1.2]).map(lambda level: f"({level} + {ODD})")
METHODS = st.sampled_from(["euler", "rk2", "rk4"])


def network_of(first, second, third, integer, condition, method):
    def build():
        group = NeuronGroup(
            5,
            f"""
            dx/dt = (2*tanh({first}) - x)/(2*ms) : 1
            dy/dt = (tanh({second}) - y)/(3*ms) : 1 (unless refractory)
            a : 1
            n : integer
            high : boolean
            """,
            threshold=condition,
            reset=f"x -= 1; n = {integer}; high = not high",
            refractory=0.3 * ms,
            method=method,
        )
        group.x, group.y, group.a = np.linspace(-1, 2, 5), 0.3, np.arange(5) / 4
        group.n, group.high = [0, 1, 2, 0, 2], [True, False] * 2 + [True]
        group.run_regularly(f"a = tanh({third})", dt=0.2 * ms)
        return [group, StateMonitor(group, ["x", "y", "a"], record=True), SpikeMonitor(group)]

    return build


def is_read_by_sympy(right_hand_side):
    """Whether sympy can take the tanh of it: some differences of int(...) it negates forever."""
    try:
        str_to_sympy(f"tanh({right_hand_side})")
    except RecursionError:
        return False
    return True


def checked(n_examples):
    """Return a test of some number of examples, the same ones each time, not made smaller."""

    # Shrinking takes minutes, and the equations that differ are short as they are.
    @settings(
        max_examples=n_examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.tuples(expressions(), expressions(), expressions()),
        INTEGERS,
        st.builds(str.format, CONDITIONS, LEVELS),
        METHODS,
    )
    def test(compare, right_hand_sides, integer, condition, method):
        assume(all(map(is_read_by_sympy, right_hand_sides)))
        build = network_of(*right_hand_sides, integer, condition, method)
        # A condition may never hold, so that there are no events to ask for.
        compare(build, durations=(1,), eventful=False)

    return test


test_random_equations_agree_with_numpy = checked(10)
test_many_random_equations_agree_with_numpy = pytest.mark.slow(checked(200))
