"""The contract every registered model keeps; a new model is tested by being registered."""

import numpy as np
import pytest

from neurosim.errors import ParameterError
from neurosim.experiment.model import Model, Response, build
from neurosim.experiment.registry import find_model, models

N_INPUTS, N_CLASSES = 64, 4


def batches(seed, n_batches=6, n_samples=24):
    """Noisy copies of four patterns that a permutation, the seed's, has shuffled."""
    patterns = np.random.default_rng(7).random((N_CLASSES, N_INPUTS)) < 0.3
    order = np.random.default_rng(seed).permutation(N_INPUTS)
    rng = np.random.default_rng(1000 + seed)
    for _ in range(n_batches):
        targets = rng.integers(0, N_CLASSES, n_samples)
        stimuli = patterns[targets][:, order] + 0.1 * rng.random((n_samples, N_INPUTS))
        yield stimuli.astype(np.float32), targets


def learn(model, experience, **options):
    model.before_experience(experience)
    losses = [model.learn(*batch) for batch in batches(experience, **options)]
    model.after_experience(experience)
    return losses


@pytest.fixture(params=sorted(models()))
def make(request):
    model_class = find_model(request.param)

    def make(seed=3):
        return build(model_class, N_INPUTS, N_CLASSES, seed=seed)

    return make


@pytest.fixture
def probe():
    return next(batches(99))[0]


def same(first, second):
    assert first.keys() == second.keys()
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name], err_msg=name)


def test_responses_have_the_promised_shapes(make, probe):
    model = make()
    assert isinstance(model, Model)
    assert model.regime in ("sequential", "joint")
    response = model.respond(probe, record=model.trace_names)
    assert isinstance(response, Response)
    assert response.scores.shape == (len(probe), N_CLASSES)
    assert np.isfinite(response.scores).all()
    assert set(response.traces) == set(model.trace_names)
    for values in response.traces.values():
        assert values.ndim == 3
        assert len(values) == len(probe)
    assert model.respond(probe).traces == {}


def test_it_learns(make):
    model = make()
    for experience in range(2):
        learn(model, experience, n_batches=150)
        stimuli, targets = next(batches(experience, n_samples=200))
        assert np.mean(model.respond(stimuli).classes == targets) > 0.8


def test_responding_changes_nothing(make, probe):
    model = make()
    learn(model, 0)
    before = model.state()
    scores = model.respond(probe).scores
    np.testing.assert_array_equal(model.respond(probe).scores, scores)
    same(before, model.state())


def test_learning_leaves_its_input_alone(make):
    model = make()
    model.before_experience(0)
    stimuli, targets = next(batches(0))
    kept = stimuli.copy(), targets.copy()
    model.learn(stimuli, targets)
    np.testing.assert_array_equal(stimuli, kept[0])
    np.testing.assert_array_equal(targets, kept[1])


def test_the_seed_fixes_everything_and_matters(make, probe):
    first, second, other = make(), make(), make(seed=4)
    for model in (first, second, other):
        learn(model, 0)
        learn(model, 1)
    same(first.state(), second.state())
    assert not np.array_equal(first.respond(probe).scores, other.respond(probe).scores)


def test_reset_returns_to_the_start(make):
    model, fresh = make(), make()
    learn(model, 0)
    model.reset()
    same(model.state(), fresh.state())
    assert learn(model, 0) == learn(fresh, 0)


@pytest.mark.parametrize("moment", ["between", "within"])
def test_a_restored_model_goes_on_as_the_original(make, moment):
    """Interrupted and uninterrupted learning give the same numbers."""
    model = make()
    learn(model, 0)
    if moment == "within":
        model.before_experience(1)
        for batch in batches(5, n_batches=3):
            model.learn(*batch)
    state = model.state()
    kept = {name: array.copy() for name, array in state.items()}

    def go_on(learner):
        if moment == "within":
            for batch in batches(6, n_batches=3):
                learner.learn(*batch)
            learner.after_experience(1)
        else:
            learn(learner, 1)
        learn(learner, 2)
        return learner.state()

    expected = go_on(model)
    same(state, kept)  # a state is a copy, not a view
    restored = make()
    if moment == "between":
        restored.restore(state)
    else:
        learn(restored, 4)  # whatever the model did before must not shine through
        restored.restore(state)
    same(go_on(restored), expected)


def test_an_experience_without_samples_changes_no_answer(make, probe):
    model = make()
    learn(model, 0)
    before = model.respond(probe).scores
    model.before_experience(1)
    model.after_experience(1)
    np.testing.assert_array_equal(model.respond(probe).scores, before)


def test_states_are_arrays_that_a_file_can_hold(make):
    model = make()
    learn(model, 0)
    for name, array in model.state().items():
        assert isinstance(name, str)
        assert isinstance(array, np.ndarray)
        assert array.dtype != object


def test_wrong_stimuli_and_records_are_named(make):
    model = make()
    with pytest.raises(ParameterError, match=str(N_INPUTS)):
        model.respond(np.ones((2, N_INPUTS + 1), np.float32))
    with pytest.raises(ParameterError, match="no_such_trace"):
        model.respond(np.ones((2, N_INPUTS), np.float32), record=("no_such_trace",))


def test_an_option_no_model_takes_is_refused(make):
    model_class = type(make())
    with pytest.raises(ParameterError, match="does not take 'wings'"):
        build(model_class, N_INPUTS, N_CLASSES, options={"wings": 2})
