"""Benchmarks: what each experience shows, in which order, and what it keeps to itself."""

import numpy as np
import pytest

from neurosim.data import Dataset, digits, standardised
from neurosim.errors import ParameterError
from neurosim.experiment.tasks import (
    class_incremental,
    joint,
    minibatches,
    permuted,
    rotated,
    task_incremental,
    with_validation,
)


@pytest.fixture(scope="module")
def data():
    return digits(size=8, seed=0)


def test_each_permuted_task_is_one_permutation_of_train_and_test(data):
    benchmark = permuted(data, 3, seed=5)
    orders = []
    for train, test in zip(benchmark.train_stream, benchmark.test_stream, strict=True):
        # A picture whose pixels are their own numbers gives the permutation away.
        _, transform = train.sources[0]
        order = transform(np.arange(64.0)[None])[0].astype(int)
        assert sorted(order) == list(range(64))
        np.testing.assert_array_equal(train.stimuli, data.train_stimuli[:, order])
        np.testing.assert_array_equal(test.stimuli, data.test_stimuli[:, order])
        np.testing.assert_array_equal(test.targets, data.test_targets)
        orders.append(order.tolist())
    assert len({tuple(order) for order in orders}) == 3
    assert orders[0] != list(range(64))


def test_permutations_depend_on_seed_and_number_alone(data):
    few, many = permuted(data, 2, seed=1), permuted(data, 4, seed=1)
    np.testing.assert_array_equal(few.test_stream[1].stimuli, many.test_stream[1].stimuli)
    other = permuted(data, 2, seed=2)
    assert not np.array_equal(few.test_stream[1].stimuli, other.test_stream[1].stimuli)


def test_the_first_task_can_stay_as_it_is(data):
    benchmark = permuted(data, 2, permute_first=False)
    np.testing.assert_array_equal(benchmark.test_stream[0].stimuli, data.test_stimuli)


def test_permuting_holds_no_copies(data):
    for experience in permuted(data, 5).train_stream:
        assert experience.sources[0][0] is data.train_stimuli


def test_rotation_by_quarter_turns_is_exact(data):
    benchmark = rotated(data, [0, 90, 180])
    images = data.test_stimuli.reshape(-1, 8, 8)
    for experience, turns in zip(benchmark.test_stream, (0, 1, 2), strict=True):
        expected = np.rot90(images, turns, axes=(1, 2)).reshape(len(images), -1)
        np.testing.assert_allclose(experience.stimuli, expected, atol=1e-5)
        assert experience.stimuli.dtype == np.float32


def test_rotation_commutes_with_standardisation(data):
    # Only if what comes in from beyond the edges is background, not the value 0.
    angles = [0, 30]
    shifted = rotated(standardised(data), angles).test_stream[1].stimuli
    [mean, deviation] = data.train_stimuli.mean(), data.train_stimuli.std()
    plain = rotated(data, angles).test_stream[1].stimuli
    np.testing.assert_allclose(shifted, (plain - mean) / deviation, atol=1e-5)
    assert not np.allclose(plain, data.test_stimuli, atol=0.1)


def test_experiences_know_their_stream_and_the_benchmark_its_classes(data):
    for benchmark in (permuted(data, 2), rotated(data, [0]), class_incremental(data, 5)):
        assert {step.origin_stream for step in benchmark.train_stream} == {"train"}
        assert {step.origin_stream for step in benchmark.test_stream} == {"test"}
        assert benchmark.classes == tuple(range(10))
    divided = with_validation(permuted(data, 2), 0.2)
    assert {step.origin_stream for step in divided.train_stream} == {"train"}
    assert {step.origin_stream for step in divided.test_stream} == {"validation"}
    assert joint(permuted(data, 2)).origin_stream == "train"


def test_classes_come_in_groups(data):
    benchmark = class_incremental(data, 5, fixed_class_order=[3, 1, 4, 0, 5, 9, 2, 6, 8, 7])
    assert benchmark.scenario == "class-incremental"
    assert benchmark.n_classes == 10
    groups = [experience.classes_in_this_experience for experience in benchmark.train_stream]
    assert groups == [(3, 1), (4, 0), (5, 9), (2, 6), (8, 7)]
    for stream, targets in (
        (benchmark.train_stream, data.train_targets),
        (benchmark.test_stream, data.test_targets),
    ):
        assert sum(len(experience) for experience in stream) == len(targets)
        for experience, group in zip(stream, groups, strict=True):
            assert set(experience.targets.tolist()) == set(group)
            assert len(experience) == np.isin(targets, group).sum()
            assert experience.task_label == 0


def test_task_incremental_targets_count_within_the_task(data):
    order = [3, 1, 4, 0, 5, 9, 2, 6, 8, 7]
    plain = class_incremental(data, 5, fixed_class_order=order)
    labelled = task_incremental(data, 5, fixed_class_order=order)
    assert labelled.n_classes == 2
    for number, (a, b) in enumerate(zip(plain.train_stream, labelled.train_stream, strict=True)):
        assert b.task_label == number
        group = a.classes_in_this_experience
        assert [group[target] for target in b.targets] == a.targets.tolist()


def test_class_order_follows_the_seed(data):
    def groups(seed):
        stream = class_incremental(data, 5, seed=seed).train_stream
        return [experience.classes_in_this_experience for experience in stream]

    assert groups(1) == groups(1)
    assert groups(1) != groups(2)
    assert groups(None) == [(0, 1), (2, 3), (4, 5), (6, 7), (8, 9)]


@pytest.mark.parametrize("mixed", [False, True])
def test_batches_hold_each_sample_once_with_its_target(data, mixed):
    benchmark = permuted(data, 2, seed=3)
    experience = joint(benchmark) if mixed else benchmark.train_stream[1]
    batches = list(minibatches(experience, 100, seed=1, epoch=2))
    stimuli = np.concatenate([batch[0] for batch in batches])
    targets = np.concatenate([batch[1] for batch in batches])
    assert len(stimuli) == len(experience)
    known = {}
    for row, target in zip(experience.stimuli, experience.targets, strict=True):
        known.setdefault((row.tobytes(), target), 0)
        known[row.tobytes(), target] += 1
    for row, target in zip(stimuli, targets, strict=True):
        known[row.tobytes(), target] -= 1
    assert set(known.values()) == {0}


def test_order_changes_with_epoch_and_experience(data):
    first, second = permuted(data, 2).train_stream

    def targets(experience, epoch, seed=0):
        return next(minibatches(experience, 500, seed=seed, epoch=epoch))[1].tolist()

    assert targets(first, 0) == targets(first, 0)
    assert targets(first, 0) != targets(first, 1)
    assert targets(first, 0) != targets(second, 0)
    assert targets(first, 0) != targets(first, 0, seed=1)


def test_a_small_experience_gives_one_batch(data):
    [batch] = minibatches(permuted(data, 1).test_stream[0], 1000)
    assert len(batch[1]) == 360


def test_validation_is_cut_from_training_and_the_same_for_all_permutations(data):
    benchmark = permuted(data, 2, seed=0)
    divided = with_validation(benchmark, 0.2, seed=4)
    assert [len(experience) for experience in divided.test_stream] == [287, 287]
    raw_rows = {row.tobytes() for row in data.train_stimuli}
    held = [
        {row.tobytes() for row in experience.sources[0][0]} for experience in divided.test_stream
    ]
    assert held[0] == held[1] <= raw_rows
    train = {row.tobytes() for row in divided.train_stream[0].sources[0][0]}
    assert len(train | held[0]) == len(raw_rows)
    assert not train & held[0]
    for first, second in (divided.train_stream, divided.test_stream):
        assert first.sources[0][0] is second.sources[0][0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda data: permuted(data, 0), "at least 1; got 0"),
        (lambda data: permuted(data, 2.5), r"whole number, at least 1; got 2\.5"),
        (lambda data: rotated(data, []), "at least 1; got 0"),
        (lambda data: rotated(data, [float("nan")]), r"finite; got \[nan\]"),
        (lambda data: class_incremental(data, 3), "divide the 10 classes of digits; got 3"),
        (lambda data: class_incremental(data, 5, fixed_class_order=[0, 1]), "each class"),
        (lambda data: class_incremental(data, 5, seed=1, fixed_class_order=range(10)), "not both"),
        (lambda data: with_validation(permuted(data, 1), 1.5), r"in \(0, 1\); got 1\.5"),
        (lambda data: with_validation(permuted(data, 1), 1e-4), "0.0001 of 1437 .* 0 is none"),
        (lambda data: minibatches(permuted(data, 1).train_stream[0], 0), "from 1; got 0"),
        (lambda data: joint(task_incremental(data, 5)), "task-incremental, use class_incremental"),
    ],
)
def test_bad_values_are_named(data, call, message):
    with pytest.raises(ParameterError, match=message):
        call(data)


def test_only_images_rotate():
    flat = np.zeros((2, 4), np.float32), np.array([0, 1])
    with pytest.raises(ParameterError, match=r"got shape \(4,\)"):
        rotated(Dataset("flat", *flat, *flat, (4,), 2), [0])
