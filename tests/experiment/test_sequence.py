"""Driving a model through a sequence: what it meets, what is measured, and when."""

import numpy as np
import pytest

from neurosim.cancellation import Cancelled
from neurosim.data import digits
from neurosim.errors import ParameterError
from neurosim.experiment.model import Model, Response
from neurosim.experiment.sequence import Observer, accuracy, run_sequence
from neurosim.experiment.tasks import permuted
from neurosim.experiment.threads import side_by_side


class LastLabel(Model):
    """Answers the label it saw most in the last experience; keeps a diary."""

    trace_names = ()

    def __init__(self, n_classes=10):
        self.n_classes = n_classes
        self.reset()

    def reset(self):
        self.diary = []
        self.counts = np.zeros(self.n_classes)

    def before_experience(self, experience):
        self.diary.append(("before", experience))
        self.counts[:] = 0

    def after_experience(self, experience):
        self.diary.append(("after", experience))

    def learn(self, stimuli, targets):
        self.diary.append(("learn", stimuli.copy(), targets.copy()))
        np.add.at(self.counts, targets, 1)
        return 1.0

    def respond(self, stimuli, record=()):
        return Response(np.tile(self.counts, (len(stimuli), 1)))

    def state(self):
        return {"counts": self.counts.copy()}

    def restore(self, state):
        self.counts = state["counts"].copy()


class JointLabel(LastLabel):
    regime = "joint"


@pytest.fixture(scope="module")
def benchmark_():
    return permuted(digits(size=8, seed=0), 3, seed=0)


def test_every_sample_is_met_once_per_epoch(benchmark_):
    model = LastLabel()
    run_sequence(model, benchmark_, epochs=2, batch_size=100)
    starts = [number for number, entry in enumerate(model.diary) if entry[0] == "before"]
    assert [model.diary[number][1] for number in starts] == [0, 1, 2]
    for experience, start in enumerate(starts):
        end = model.diary.index(("after", experience))
        seen = np.concatenate([entry[1] for entry in model.diary[start + 1 : end]])
        expected = np.repeat(benchmark_.train_stream[experience].stimuli, 2, axis=0)
        np.testing.assert_array_equal(seen[np.lexsort(seen.T)], expected[np.lexsort(expected.T)])


def test_order_depends_on_the_seed_alone(benchmark_):
    first, second, third = LastLabel(), LastLabel(), LastLabel()
    for model, seed in ((first, 1), (second, 1), (third, 2)):
        run_sequence(model, benchmark_, batch_size=100, seed=seed)
    np.testing.assert_array_equal(first.diary[1][1], second.diary[1][1])
    assert not np.array_equal(first.diary[1][1], third.diary[1][1])


def test_results_say_what_was_answered_and_when(benchmark_):
    model = LastLabel()
    result = run_sequence(
        model, benchmark_, epochs=1, batch_size=100, evaluate_every=4, evaluation_samples=50
    )
    n_batches = sum(entry[0] == "learn" for entry in model.diary) // 3
    np.testing.assert_array_equal(result.ends, n_batches * np.arange(1, 4))
    np.testing.assert_array_equal(result.iterations, np.arange(4, 3 * n_batches + 1, 4))
    assert result.accuracy_matrix.shape == (3, 3)
    # One label for all: right for its share of the test samples, the same on every task.
    label = int(model.counts.argmax())
    share = np.mean(benchmark_.test_stream[0].targets == label)
    np.testing.assert_allclose(result.accuracy_matrix[2], share)
    assert accuracy(model, benchmark_.test_stream[0]) == share
    # A task that has not begun is not evaluated.
    for iteration, row in zip(result.iterations, result.curve, strict=True):
        begun = np.arange(3) * n_batches < iteration
        np.testing.assert_array_equal(np.isfinite(row), begun)


def test_joint_models_meet_all_tasks_mixed(benchmark_):
    model = JointLabel()
    result = run_sequence(model, benchmark_, batch_size=100)
    assert np.isnan(result.accuracy_matrix[:2]).all()
    assert np.isfinite(result.accuracy_matrix[2]).all()
    seen = sum(len(entry[2]) for entry in model.diary if entry[0] == "learn")
    available = sum(len(experience.targets) for experience in benchmark_.train_stream)
    assert seen == available
    assert [entry for entry in model.diary if entry[0] == "before"] == [("before", 0)]


def test_observers_are_told_in_order(benchmark_):
    events = []

    class Diary(Observer):
        def after_iteration(self, *, iteration, experience, loss):
            events.append((iteration, experience, loss))

        def after_experience(self, *, experience, model, accuracies):
            events.append(("end", experience, accuracies.shape))

    result = run_sequence(LastLabel(), benchmark_, batch_size=100, observers=[Diary()])
    iterations = [event[0] for event in events if event[0] != "end"]
    assert iterations == list(range(1, result.ends[-1] + 1))
    assert [event for event in events if event[0] == "end"] == [
        ("end", task, (3,)) for task in range(3)
    ]


def test_a_misspelt_hook_is_refused():
    with pytest.raises(ParameterError, match="after_evaluatoin is no hook"):

        class Wrong(Observer):
            def after_evaluatoin(self, **event): ...


@pytest.mark.parametrize("name", ["epochs", "batch_size", "evaluate_every", "evaluation_samples"])
def test_numbers_below_one_are_named(benchmark_, name):
    with pytest.raises(ParameterError, match=f"{name} must be at least 1; got 0"):
        run_sequence(LastLabel(), benchmark_, **{name: 0})


def test_side_by_side_stops_the_others_when_one_fails():
    stopped = []

    def endless(check):
        try:
            while True:
                check()
        except Cancelled:
            stopped.append(True)
            raise

    def failing(check):
        raise ValueError("seven")

    with pytest.raises(ValueError, match="seven"):
        side_by_side([endless, failing])
    assert stopped == [True]
