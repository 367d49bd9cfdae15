"""Rows that grow along their first dimension, and monitors that record into them."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup, StateMonitor, ms
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosim.engine import recorded_rows
from neurosim.engine.recorded_rows import RecordedRows


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["record", "resize"]), st.integers(0, 9), st.integers(0, 9)),
        max_size=12,
    ),
    st.integers(0, 3),
)
def test_rows_are_those_of_a_list(actions, width):
    rows, expected, value = RecordedRows((0, width), np.float64), [], 0
    for action, number, further in actions:
        if action == "resize":
            rows.resize((number, width))
            expected = expected[:number] + [[0] * width] * (number - len(expected))
            continue
        rows.take_room(number + further)
        for row in range(number):
            value += 1
            rows.room()[row] = value
            expected.append([value] * width)
        rows.keep(number)
        assert len(rows.room()) >= further
    assert rows.shape == (len(expected), width)
    np.testing.assert_array_equal(rows[:], np.reshape(expected, (len(expected), width)))


def test_room_for_one_run_is_exact_and_for_many_grows_by_half():
    rows = RecordedRows((0, 2), np.float64)
    rows.take_room(100)
    assert len(rows.room()) == 100
    sizes = set()
    for _ in range(1000):
        rows.take_room(1)
        rows.room()[0] = 0
        rows.keep(1)
        sizes.add(len(rows) + len(rows.room()))
    assert len(sizes) < 10


def test_another_width_is_refused():
    with pytest.raises(ValueError, match=r"shape \(2,\); got \(3,\)"):
        RecordedRows((0, 2), np.float64).resize((1, 3))


def test_monitor_records_the_same_with_little_room(prepare, monkeypatch):
    def record():
        prepare("neurosim")
        group = NeuronGroup(3, "dv/dt = (1 - v)/(5*ms) : 1\nn : integer", method="exact")
        group.n = [1, 2, 3]
        monitor = StateMonitor(group, ["v", "n"], record=[2, 0])
        network = Network(group, monitor)
        for duration in (10, 0.1, 7):
            network.run(duration * ms)
        network.store()
        network.run(3 * ms)
        network.restore()
        assert monitor.v.shape == (2, 171)
        network.run(2 * ms)
        return np.array(monitor.t), np.array(monitor.v), np.array(monitor.n)

    expected = record()
    times = np.arange(191) * 1e-4
    np.testing.assert_allclose(expected[0], times, atol=1e-12)
    np.testing.assert_allclose(expected[1], [1 - np.exp(-times / 5e-3)] * 2, atol=1e-12)
    np.testing.assert_array_equal(expected[2], [[3] * 191, [1] * 191])
    # Room for two rows of v at a time.
    monkeypatch.setattr(recorded_rows, "_MOST_BYTES", 32)
    for actual, values in zip(record(), expected, strict=True):
        np.testing.assert_array_equal(actual, values)
