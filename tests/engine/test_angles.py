"""Sines and cosines as vector instructions, and what happens where an angle is too large."""

import math

import numpy as np
import pytest
from brian2 import NeuronGroup, StateMonitor, Synapses, prefs

import neurosim  # noqa: F401 - registers the device
from neurosim.engine.angles import VECTOR_FUNCTIONS, with_note

# Three blocks of 512 elements, the last one not full.
N = 1200

LINES = {
    "plain": ["y = 2 * sin(x + 1)"],
    "nested": ["y = sin(x + cos(3 * x)) + cos(x)"],
    "in place": ["y = 0.5", "y += cos(x)", "y *= sin(y)"],
    "condition": [
        "y = 1.0",
        "if sin(x) > 0 and x < 2:",
        "    y = cos(2 * x)",
        "else:",
        "    y += sin(x)",
    ],
    "branches": ["y = sin(x) if x > 0 else cos(-x)"],
}


def run(lines, x, **functions):
    names = {"x": x, "_is_large": False, **functions}
    exec("\n".join(lines), names)
    return names["y"], names["_is_large"]


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("x", [-1.3, 0.2, 1.9, 40.0])
def test_noted_lines_compute_the_same(name, x):
    expected, _ = run(LINES[name], x, sin=math.sin, cos=math.cos)
    value, is_large = run(with_note(LINES[name]), x, **VECTOR_FUNCTIONS)
    assert value == pytest.approx(expected, rel=1e-14)
    assert not is_large


@pytest.mark.parametrize("name", ["plain", "nested", "in place"])
@pytest.mark.parametrize("x", [1.1e5, -1e300, math.inf])
def test_large_angles_are_noted(name, x):
    assert run(with_note(LINES[name]), x, **VECTOR_FUNCTIONS)[1]


def oscillators(largest):
    """Phases, of which some are large in the second block and in no other."""

    def build():
        group = NeuronGroup(
            N,
            """dtheta/dt = (3 + sin(theta - phase) + 0.5*cos(theta)*y)/ms : 1
            dy/dt = (cos(theta) - y)/(2*ms) : 1
            phase : 1 (constant)""",
            method="rk4",
        )
        group.theta = "0.01*i"
        group.theta[600:610] = largest
        group.phase = "0.37*i"
        return [group, StateMonitor(group, ["theta", "y"], record=[0, 599, 605, 1199])]

    return build


@pytest.mark.parametrize("largest", [1.0, 99_999.9, 3e6, -2e9])
def test_state_updates_agree_whatever_the_angle(largest, loop_of):
    text = loop_of(oscillators(largest))
    assert "_sin_within(" in text
    assert "_saved[" in text


def test_single_precision(loop_of):
    assert "_sin_within(" in loop_of(oscillators(1.0), dtype=np.float32, tolerance=1e-4)


def test_without_the_preference_the_functions_are_those_of_the_library(loop_of):
    prefs.devices.neurosim.vector_math = False
    try:
        assert "_sin_within(" not in loop_of(oscillators(3e6))
    finally:
        prefs.devices.neurosim.vector_math = True


@pytest.mark.parametrize("largest", [1.0, 4e7])
@pytest.mark.parametrize("connect", [{}, {"condition": "(i + j) % 3 != 0"}])
def test_sums_of_sines_agree_whatever_the_angle(largest, connect, loop_of):
    def build():
        group = NeuronGroup(30, "dx/dt = (1 + 0.01*y)/ms : 1\ny : 1", method="euler")
        group.x = "0.7*i"
        group.x[7] = largest
        synapses = Synapses(group, group, "y_post = sin(x_pre - x_post + 0.3) : 1 (summed)")
        synapses.connect(**connect)
        return [group, synapses, StateMonitor(group, ["x", "y"], record=True)]

    # Brian 2 rounds the difference before it takes the sine; a large angle has an error of its own.
    tolerance = 1e-12 if largest < 10 else 1e-8
    assert "_sin_within(" in loop_of(build, tolerance=tolerance)
