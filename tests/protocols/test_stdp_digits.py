"""Digits learned by plasticity: reproducible, better than chance, and by learning."""

import numpy as np

from neurosim.protocols.stdp_digits import stdp_digits

SMALL = {"neurons": 30, "training": 120, "testing": 60, "blocks": 1}


def test_learning_makes_the_difference():
    learned = stdp_digits(**SMALL)
    unlearned = stdp_digits(**SMALL, learning_rate=0.0)
    assert learned.metrics["accuracy"] > 0.3
    assert learned.metrics["accuracy"] > unlearned.metrics["accuracy"]
    weights = learned.traces["stdp/weights"].values
    assert weights.shape == (64, 30)
    assert np.all((weights >= 0) & (weights <= 1))
    before = unlearned.traces["stdp/weights"].values
    assert np.all((before >= 0.3) & (before <= 0.6))


def test_the_seed_fixes_everything():
    first, second = stdp_digits(**SMALL, seed=3), stdp_digits(**SMALL, seed=3)
    for path in first.traces:
        np.testing.assert_array_equal(first.traces[path].values, second.traces[path].values)
    assert first.metrics == second.metrics
    other = stdp_digits(**SMALL, seed=4).traces["stdp/weights"].values
    assert not np.array_equal(first.traces["stdp/weights"].values, other)


def test_trials_are_recorded_with_their_labels():
    traces = stdp_digits(**SMALL, presentation_ms=100.0, rest_ms=20.0).traces
    start, stop = traces["trials/start"].values, traces["trials/stop"].values
    assert len(start) == len(traces["trials/label"].values) == 120
    np.testing.assert_allclose(stop - start, 100, atol=1e-6)
    np.testing.assert_allclose(np.diff(start), 120, atol=1e-6)
