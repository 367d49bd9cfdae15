"""Equations nobody wrote: random right-hand sides on the device and in NumPy."""

import numpy as np
from brian2 import Network, NeuronGroup, StateMonitor, defaultclock, ms, prefs, set_device
from brian2 import start_scope as forget_objects
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LEAVES = st.sampled_from(["x", "y", "a", "n", "0.5", "2", "t/ms", "int(x > y)"])


def expressions():
    def extend(inner):
        pairs = st.tuples(inner, inner)
        return st.one_of(
            pairs.map(lambda p: f"({p[0]} + {p[1]})"),
            pairs.map(lambda p: f"({p[0]} - {p[1]})"),
            pairs.map(lambda p: f"({p[0]} * {p[1]})"),
            pairs.map(lambda p: f"({p[0]} / (1 + abs({p[1]})))"),
            inner.map(lambda e: f"sin({e})"),
            inner.map(lambda e: f"tanh({e})"),
            inner.map(lambda e: f"exp(-abs({e}))"),
            inner.map(lambda e: f"clip({e}, -1, 2)"),
            inner.map(lambda e: f"(-({e}))"),
            pairs.map(lambda p: f"int({p[0]} <= {p[1]})"),
        )

    return st.recursive(LEAVES, extend, max_leaves=7)


def run(device, equations, statement, condition):
    prefs.codegen.target = "numpy"
    set_device(device)
    forget_objects()
    defaultclock.dt = 0.1 * ms
    group = NeuronGroup(5, equations, threshold=condition, reset="x -= 1; n += 1", method="euler")
    group.x, group.y, group.a, group.n = (
        np.linspace(-1, 2, 5),
        0.3,
        np.arange(5) / 4,
        [0, 1, 2, 0, 5],
    )
    group.run_regularly(statement, dt=0.2 * ms)
    monitor = StateMonitor(group, ["x", "y", "a"], record=True)
    Network(group, monitor).run(1 * ms)
    return np.array([monitor.x, monitor.y, monitor.a]), np.array(group.n)


# The same examples each time: comparisons of nearly equal numbers may go either way.
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(expressions(), expressions(), expressions(), st.floats(-0.5, 1.5))
def test_random_equations_agree_with_numpy(first, second, third, level):
    equations = f"""
    dx/dt = ({first} - x)/(2*ms) : 1
    dy/dt = (tanh({second}) - y)/(3*ms) : 1
    a : 1
    n : integer
    """
    arguments = equations, f"a = tanh({third})", f"x > {level!r}"
    expected, counts = run("runtime", *arguments)
    actual, same_counts = run("neurosim", *arguments)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-12 * np.abs(expected).max())
    np.testing.assert_array_equal(same_counts, counts)
