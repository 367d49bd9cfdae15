"""Measures against cases whose arithmetic stands beside them."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neurosim.errors import ParameterError
from neurosim.experiment import metrics

R = np.array([[0.9, 0.2, 0.1], [0.8, 0.7, 0.3], [0.6, 0.75, 0.95]])
INITIAL = np.array([0.1, 0.12, 0.08])
# Three experiences of four iterations, evaluated at every second one.
CURVE = np.array(
    [
        [0.5, np.nan, np.nan],
        [0.9, np.nan, np.nan],
        [0.4, 0.5, np.nan],
        [0.8, 0.7, np.nan],
        [0.3, 0.2, 0.6],
        [0.6, 0.75, 0.95],
    ]
)
ITERATIONS = np.array([2, 4, 6, 8, 10, 12])
ENDS = np.array([4, 8, 12])

squares = st.integers(2, 6).flatmap(
    lambda n: arrays(float, (n, n), elements=st.floats(0, 1, width=32))
)


def test_matrix_measures_by_hand():
    assert metrics.average_accuracy(R) == pytest.approx((0.6 + 0.75 + 0.95) / 3)
    assert metrics.backward_transfer(R) == pytest.approx(((0.6 - 0.9) + (0.75 - 0.7)) / 2)
    assert metrics.forward_transfer(R, INITIAL) == pytest.approx(((0.2 - 0.12) + (0.3 - 0.08)) / 2)
    # Best before the end: max(.9, .8) on task 1, max(.2, .7) on task 2.
    assert metrics.forgetting(R) == pytest.approx(((0.9 - 0.6) + (0.7 - 0.75)) / 2)
    assert metrics.learning_accuracy(R) == pytest.approx((0.9 + 0.7 + 0.95) / 3)
    incremental = (0.9 + (0.8 + 0.7) / 2 + (0.6 + 0.75 + 0.95) / 3) / 3
    assert metrics.average_incremental_accuracy(R) == pytest.approx(incremental)
    gaps = ((0.95 - 0.9) + (0.9 - 0.7) + (0.96 - 0.95)) / 3
    assert metrics.intransigence(R, [0.95, 0.9, 0.96]) == pytest.approx(gaps)


def test_curve_measures_by_hand():
    # Task 1 falls to .3 after its end, task 2 to .2.
    assert metrics.minimum_accuracy(CURVE, ITERATIONS, ENDS) == pytest.approx((0.3 + 0.2) / 2)
    worst = 0.95 / 3 + (2 / 3) * 0.25
    assert metrics.worst_case_accuracy(CURVE, ITERATIONS, ENDS) == pytest.approx(worst)
    # Falls within two evaluations: .9→.4 or .8→.3 on task 1, .7→.2 on task 2, none on task 3.
    assert metrics.windowed_forgetting(CURVE, 2) == pytest.approx((0.5 + 0.5 + 0) / 3)
    # Within four: .9→.3 on task 1.
    assert metrics.windowed_forgetting(CURVE, 4) == pytest.approx((0.6 + 0.5 + 0) / 3)
    # Rises: .5→.9 or .4→.8; .2→.75; .6→.95.
    assert metrics.windowed_plasticity(CURVE, 2) == pytest.approx((0.4 + 0.55 + 0.35) / 3)
    assert metrics.learning_curve_area(CURVE, ITERATIONS, ENDS, 1) == pytest.approx(
        (0.5 + 0.5 + 0.6) / 3
    )
    assert metrics.learning_curve_area(CURVE, ITERATIONS, ENDS, 2) == pytest.approx(
        ((0.5 + 0.9) / 2 + (0.5 + 0.7) / 2 + (0.6 + 0.95) / 2) / 3
    )
    # R[1,1] .9 against .4; R[2,·] .8 and .7 against .3 and .2.
    assert metrics.stability_gap(R, CURVE, ITERATIONS, ENDS) == pytest.approx(
        ((0.9 - 0.4) + (0.8 - 0.3) + (0.7 - 0.2)) / 3
    )


def test_the_last_iteration_of_an_experience_is_no_part_of_its_afterlife():
    curve = np.array([[0.1, 0.0], [0.9, 0.5]])
    assert metrics.minimum_accuracy(curve, [4, 6], [4, 8]) == 0.9


def test_a_window_may_be_long_and_a_curve_longer():
    # A fall by .5 spread evenly over 10⁵ evaluations: w of them see (w − 1) / (10⁵ − 1) of it.
    curve = np.linspace(0.9, 0.4, 100_000)[:, None]
    for window in (2, 100, 5000, 100_000):
        expected = 0.5 * (window - 1) / 99_999
        assert metrics.windowed_forgetting(curve, window) == pytest.approx(expected)
        assert metrics.windowed_plasticity(curve, window) == 0


@given(squares)
def test_backward_transfer_is_minus_the_fall_from_first_learned(matrix):
    n_tasks = len(matrix)
    falls = [matrix[task, task] - matrix[-1, task] for task in range(n_tasks - 1)]
    assert metrics.backward_transfer(matrix) == pytest.approx(-np.mean(falls), abs=1e-12)
    assert metrics.forgetting(matrix) >= -metrics.backward_transfer(matrix) - 1e-12


@given(st.floats(0, 1), st.integers(2, 6))
def test_a_constant_matrix_neither_forgets_nor_transfers(value, n_tasks):
    matrix = np.full((n_tasks, n_tasks), value)
    assert metrics.backward_transfer(matrix) == 0
    assert metrics.forgetting(matrix) == 0
    assert metrics.forward_transfer(matrix, matrix[0]) == 0
    assert metrics.average_accuracy(matrix) == pytest.approx(value)


@given(
    arrays(
        float,
        st.tuples(st.integers(2, 12), st.integers(1, 3)),
        elements=st.one_of(st.floats(0, 1, width=32), st.just(float("nan"))),
    ),
    st.integers(2, 15),
)
def test_windowed_measures_equal_a_search_over_all_pairs(curve, window):
    falls, rises = [], []
    for column in curve.T:
        values = column[np.isfinite(column)]
        if len(values) == 0:
            continue
        pairs = [
            (values[i], values[j])
            for i, j in itertools.combinations(range(len(values)), 2)
            if j - i < window
        ]
        falls.append(max([0, *(a - b for a, b in pairs)]))
        rises.append(max([0, *(b - a for a, b in pairs)]))
    if not falls:
        with pytest.raises(ParameterError, match="no accuracy"):
            metrics.windowed_forgetting(curve, window)
        return
    assert metrics.windowed_forgetting(curve, window) == pytest.approx(np.mean(falls))
    assert metrics.windowed_plasticity(curve, window) == pytest.approx(np.mean(rises))


def test_summary_holds_what_is_defined():
    full = metrics.summary(R, INITIAL, CURVE, ITERATIONS, ENDS, windows=(2, 100))
    assert full["backward_transfer"] == metrics.backward_transfer(R)
    assert full["windowed_forgetting_2"] == metrics.windowed_forgetting(CURVE, 2)
    assert "windowed_forgetting_100" not in full
    assert "worst_case_accuracy" in full
    joint = np.full((3, 3), np.nan)
    joint[-1] = R[-1]
    assert metrics.summary(joint, INITIAL) == {"average_accuracy": metrics.average_accuracy(R)}
    assert "learning_curve_area_10" not in full
    two = metrics.summary(R, INITIAL, CURVE, ITERATIONS, ENDS, n_evaluations=2)
    area = metrics.learning_curve_area(CURVE, ITERATIONS, ENDS, 2)
    assert two["learning_curve_area_2"] == area
    # Learned together: every task ends with the last, and what needs boundaries is absent.
    together = metrics.summary(joint, INITIAL, CURVE, ITERATIONS, [12, 12, 12], windows=(2,))
    assert set(together) == {
        "average_accuracy",
        "windowed_forgetting_2",
        "windowed_plasticity_2",
    }
    # Only tasks already learned were tested: no forward transfer, no best before.
    seen = np.where(np.tri(3, dtype=bool), R, np.nan)
    assert set(metrics.summary(seen, INITIAL)) == {
        "average_accuracy",
        "average_incremental_accuracy",
        "learning_accuracy",
        "backward_transfer",
    }
    # An experience without an evaluation has no curve measures.
    sparse = metrics.summary(R, INITIAL, CURVE[[1, 5]], [4, 12], ENDS)
    assert "minimum_accuracy" not in sparse
    assert "forgetting" in sparse


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.average_accuracy(np.ones((2, 3))), r"square; got shape \(2, 3\)"),
        (lambda: metrics.average_accuracy([[1.2]]), "between 0 and 1; got 1.2"),
        (lambda: metrics.backward_transfer([[0.5]]), "at least 2 tasks; got 1"),
        (lambda: metrics.backward_transfer([[np.nan, 0], [0, 1]]), "between 0 and 1; got nan"),
        (lambda: metrics.forward_transfer(R, [0.1]), r"shape \(3,\); got \(1,\)"),
        (lambda: metrics.forward_transfer(R, [0.1, np.inf, 0]), "initial .* got inf"),
        (lambda: metrics.intransigence(R, [0.1, 0.2]), r"joint must have shape \(3,\)"),
        (lambda: metrics.windowed_forgetting([[0.5], [np.inf]], 2), "of the curve .* got inf"),
        (lambda: metrics.windowed_forgetting(CURVE, 2.5), r"at least 2 evaluations; got 2\.5"),
        (lambda: metrics.learning_curve_area(CURVE, ITERATIONS, ENDS, 0), "at least 1; got 0"),
        (
            lambda: metrics.learning_curve_area(CURVE, ITERATIONS, [1, 8, 12], 1),
            "task 0 was not evaluated while",
        ),
        (
            lambda: metrics.stability_gap(R, CURVE[:3], ITERATIONS[:3], ENDS),
            "not evaluated while experience 2",
        ),
        (lambda: metrics.stability_gap(R[:2, :2], CURVE, ITERATIONS, ENDS), "2 tasks .* got 3"),
        (
            lambda: metrics.worst_case_accuracy(
                np.where(np.arange(18).reshape(6, 3) == 17, np.nan, CURVE), ITERATIONS, ENDS
            ),
            "task 2 was not evaluated at the last",
        ),
        (lambda: metrics.summary(R * 2, INITIAL), r"accuracies must .* got 1\.8"),
        (lambda: metrics.summary(R, INITIAL[:2]), r"shape \(3,\); got \(2,\)"),
        (lambda: metrics.summary(R, INITIAL, CURVE, ITERATIONS, ENDS, windows=(1,)), "least 2"),
        (lambda: metrics.summary(R, INITIAL, CURVE, ITERATIONS[::-1], ENDS), "must increase"),
        (lambda: metrics.windowed_forgetting(CURVE, 1), "at least 2 evaluations; got 1"),
        (lambda: metrics.minimum_accuracy(CURVE, ITERATIONS[:-1], ENDS), "as many iterations"),
        (lambda: metrics.minimum_accuracy(CURVE, ITERATIONS[::-1], ENDS), "must increase"),
        (lambda: metrics.minimum_accuracy(CURVE[:2], [2, 4], ENDS), "task 0 was not evaluated"),
    ],
)
def test_bad_values_are_named(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
