"""Parameters: what they accept, what they refuse, and how they say so."""

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pytest
from brian2 import Quantity, ms, mV, nS
from hypothesis import given
from hypothesis import strategies as st

from neurosim.errors import ParameterError, UnknownNameError
from neurosim.experiment.kinds import OneOf, Range, kind_of
from neurosim.experiment.parameters import parameter_table, resolve
from neurosim.experiment.quantities import read_quantity

Delay = Annotated[Quantity, ms, Range(0 * ms, None)]


def walk(
    run,
    *,
    steps: Annotated[int, Range(1, 100)] = 3,
    rate: Annotated[float, Range(0, None, closed="neither")] = 0.5,
    mode: Literal["slow", "fast"] = "slow",
    loud: bool = False,
    where: Path = Path("here"),
    sizes: list[int] = (8, 4),
    limit: float | None = None,
    power: Annotated[int, OneOf(1, 2, 4)] = 2,
    delay: Delay = 2 * ms,
    name: str = "w",
):
    """Walk.

    Parameters
    ----------
    steps : int
        How many
        steps.
    rate, limit : float
        Two of them.

    Notes
    -----
    mode : not a parameter line.
    """


TABLE = parameter_table(walk)


def read(name, text):
    return resolve(TABLE, "walk", {name: text}, texts=True)[name]


def check(name, value):
    return resolve(TABLE, "walk", {name: value})[name]


def test_defaults_and_an_added_seed():
    assert resolve(TABLE, "walk", {}) == {
        "steps": 3,
        "rate": 0.5,
        "mode": "slow",
        "loud": False,
        "where": Path("here"),
        "sizes": [8, 4],
        "limit": None,
        "power": 2,
        "delay": 2 * ms,
        "name": "w",
        "seed": 0,
    }


def test_descriptions_come_from_the_docstring():
    assert TABLE["steps"].description == "How many steps."
    assert TABLE["rate"].description == TABLE["limit"].description == "Two of them."
    assert TABLE["mode"].description == ""


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("steps", "7", 7),
        ("rate", "1e-3", 0.001),
        ("mode", "fast", "fast"),
        ("loud", "true", True),
        ("loud", "No", False),
        ("where", "a/b", Path("a/b")),
        ("sizes", "80, 200", [80, 200]),
        ("limit", "none", None),
        ("limit", "2", 2.0),
        ("power", "4", 4),
        ("delay", "20*ms", 20 * ms),
        ("delay", "0.02 second", 20 * ms),
        ("name", "", ""),
    ],
)
def test_texts_are_read(name, text, value):
    result = read(name, text)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("steps", "3.7"),
        ("steps", "0"),
        ("steps", "101"),
        ("steps", "three"),
        ("rate", "nan"),
        ("rate", "inf"),
        ("rate", "0"),
        ("rate", "-1"),
        ("mode", "Fast"),
        ("loud", "1"),
        ("sizes", "80,,200"),
        ("limit", "nan"),
        ("power", "3"),
        ("delay", "20"),
        ("delay", "20*mV"),
        ("delay", "-1*ms"),
        ("delay", "20*__import__('os')"),
        ("seed", "-1"),
    ],
)
def test_texts_are_refused_by_name_value_and_what_is_allowed(name, text):
    with pytest.raises(ParameterError) as caught:
        read(name, text)
    message = str(caught.value)
    assert f"parameter '{name}' of walk must be" in message
    assert message.endswith(f"got {text!r}") or "seed" in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 3.0),
        ("steps", True),
        ("steps", "3"),
        ("rate", float("nan")),
        ("rate", "0.5"),
        ("rate", True),
        ("loud", 1),
        ("mode", None),
        ("sizes", 3),
        ("sizes", [1.5]),
        ("delay", 2.0),
        ("delay", 2 * mV),
        ("delay", [1, 2] * ms),
        ("name", 3),
    ],
)
def test_nothing_is_converted_in_silence(name, value):
    with pytest.raises(ParameterError, match=f"parameter '{name}' of walk must be"):
        check(name, value)


def test_numpy_numbers_are_numbers():
    assert check("steps", np.int32(5)) == 5
    assert type(check("steps", np.int32(5))) is int
    assert type(check("rate", np.float32(0.5))) is float
    assert check("rate", 2) == 2.0


def test_the_sentence_says_what_is_allowed():
    with pytest.raises(ParameterError) as caught:
        read("steps", "0")
    assert str(caught.value) == "parameter 'steps' of walk must be int ≥ 1 and ≤ 100; got '0'"
    with pytest.raises(ParameterError, match="must be one of slow, fast; got 'x'"):
        read("mode", "x")
    with pytest.raises(ParameterError, match="must be quantity in ms ≥ 0. s; got '20'"):
        read("delay", "20")


def test_unknown_names_get_the_closest():
    with pytest.raises(UnknownNameError, match="walk has no parameter 'stesp'; did you mean 'ste"):
        resolve(TABLE, "walk", {"stesp": 3})
    with pytest.raises(UnknownNameError, match="it has steps, rate, mode"):
        resolve(TABLE, "walk", {"zzz": 3})


def test_required_parameters_are_named():
    def needs(run, *, steps: int): ...

    with pytest.raises(ParameterError, match="'steps' of needs has no default; expected int"):
        resolve(parameter_table(needs), "needs", {})


def bad_positional(run, steps: int = 3): ...


def bad_unannotated(run, *, steps=3): ...


def bad_default(run, *, steps: Annotated[int, Range(1, None)] = 0): ...


def bad_type(run, *, steps: dict = None): ...  # noqa: RUF013


def bad_run(*, steps: int = 3): ...


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (bad_positional, "bad_positional: parameter 'steps' must be keyword-only"),
        (bad_unannotated, "bad_unannotated: parameter 'steps' needs a type annotation"),
        (bad_default, "bad_default: default of parameter 'steps' .* must be int ≥ 1; got 0"),
        (bad_type, "bad_type: parameter 'steps': .*dict.* is no type a parameter can have"),
        (bad_run, "bad_run: the first parameter must receive the run"),
    ],
)
def test_wrong_definitions_are_refused_at_once(function, message):
    with pytest.raises(TypeError, match=message):
        parameter_table(function)


ROUND_TRIPS = [
    (int, st.integers()),
    (float, st.floats(allow_nan=False, allow_infinity=False)),
    (bool, st.booleans()),
    (str, st.text()),
    (Literal["a", "b"], st.sampled_from(["a", "b"])),
    (float | None, st.none() | st.floats(allow_nan=False, allow_infinity=False)),
    (list[int], st.lists(st.integers())),
    (list[float], st.lists(st.floats(allow_nan=False, allow_infinity=False))),
    (Annotated[Quantity, nS], st.floats(-1e9, 1e9).map(lambda x: x * nS)),
]


@given(st.data())
@pytest.mark.parametrize(("annotation", "values"), ROUND_TRIPS)
def test_text_and_value_are_inverse(annotation, values, data):
    kind = kind_of(annotation)
    value = kind.check(data.draw(values))
    assert kind.read(kind.text(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5*nS/cm**2", 1.5e-9 / 1e-4),
        ("3 mV", 3e-3),
        ("-2e3*Hz", -2e3),
        ("4", 4.0),
        ("2*ms*ms", 2e-6),
        ("1/second", None),
    ],
)
def test_quantities_are_numbers_and_units(text, value):
    if value is None:
        with pytest.raises(ValueError, match="no unit"):
            read_quantity(text)
    else:
        assert float(read_quantity(text)) == pytest.approx(value, rel=1e-12)
