"""Parameters: what they accept, what they refuse, and how they say so."""

import json
import math
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pytest
from brian2 import Quantity, cm, farad, metre, ms, mV, nS, siemens, uF
from hypothesis import given
from hypothesis import strategies as st

from neurosim.errors import ParameterError, UnknownNameError
from neurosim.experiment.kinds import kind_of
from neurosim.experiment.limits import OneOf, Range
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
        ("sizes", "[80, 200]", [80, 200]),
        ("sizes", "", []),
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
        ("sizes", "[80, 2.5]"),
        ("sizes", "[80"),
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
    assert f"; got {text!r}" in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 3.0),
        ("steps", True),
        ("steps", "3"),
        ("rate", float("nan")),
        ("rate", "0.5"),
        ("rate", True),
        ("rate", 3 * mV),
        ("rate", np.array([0.5])),
        ("rate", 10**400),
        ("steps", np.array(3)),
        ("where", ""),
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
    with pytest.raises(
        ParameterError, match="must be quantity in ms ≥ 0.0.ms; got '20' .it has no u"
    ):
        read("delay", "20")
    with pytest.raises(ParameterError, match="got '20.mV' .it is in V"):
        read("delay", "20*mV")
    with pytest.raises(ParameterError, match="got '20 mz' .'mz' is no unit of Brian 2"):
        read("delay", "20 mz")


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


def bad_bound(run, *, delay: Annotated[Quantity, ms, Range(0 * mV, None)] = 2 * ms): ...


def bad_unit(run, *, delay: Quantity = 2 * ms): ...


def bad_seed(run, *, seed: float = 0.0): ...


def bad_name(run, *, output: str = "x"): ...


def bad_nesting(run, *, sizes: list[list[int]] = ()): ...


def bad_reference(run, *, steps: "Nowhere" = 3): ...  # noqa: F821


def bad_generator(run, *, steps: int = 3):
    yield steps


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (bad_positional, "bad_positional: parameter 'steps' must be keyword-only"),
        (bad_unannotated, "bad_unannotated: parameter 'steps' needs a type annotation"),
        (bad_default, "bad_default: default of parameter 'steps' .* must be int ≥ 1; got 0"),
        (bad_type, "bad_type: parameter 'steps': .*dict.* is no type a parameter can have"),
        (bad_run, "bad_run: the first parameter must receive the run"),
        (bad_bound, "bad_bound: parameter 'delay': 0. . volt in .* is not quantity in ms"),
        (bad_unit, "bad_unit: parameter 'delay': a Quantity needs its unit"),
        (bad_seed, "bad_seed: parameter 'seed': a seed must be annotated as int"),
        (bad_name, "bad_name: parameter 'output' has the name of an option every run has"),
        (bad_nesting, "bad_nesting: parameter 'sizes': .* is no type a parameter can have"),
        (bad_reference, "bad_reference: an annotation cannot be read: .*Nowhere"),
        (bad_generator, "bad_generator: must be a plain function"),
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
    (list[str], st.lists(st.text())),
    (tuple[int, str], st.tuples(st.integers(), st.text())),
    (tuple[bool, ...], st.lists(st.booleans())),
    (list[float], st.lists(st.floats(allow_nan=False, allow_infinity=False))),
    (Annotated[Quantity, nS], st.floats(-1e9, 1e9).map(lambda x: x * nS)),
    (Annotated[Quantity, nS], st.floats(-1e9, 1e9).map(lambda x: x * siemens)),
    (Annotated[Quantity, uF / cm**2], st.floats(-1e9, 1e9).map(lambda x: x * farad / metre**2)),
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
        ("5/second", 5.0),
        ("2 uF/(cm^2)", 2e-2),
        ("3*mV^0.5", 3 * 1e-3**0.5),
        ("4*ms ** -2", 4e6),
    ],
)
def test_quantities_are_numbers_and_units(text, value):
    assert float(read_quantity(text)) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    "text",
    ["ms", "", "3 +", "3*", "3*(ms", "3 ms)", "3*ms^", "3*ms^x", "3**ms", "3 ms/", "1/2", "3*ms;"],
)
def test_what_is_no_quantity_is_refused(text):
    with pytest.raises(ValueError, match="unit|number|closed"):
        read_quantity(text)


def test_reading_leaves_the_units_that_brian_shows_as_they_are():
    read_quantity("3 * ms / second * second")
    read_quantity("3 nS/(cm^2)")
    assert str(3 * ms) == "3. ms"
    assert str(3 * nS) == "3. nS"


def test_infinity_is_a_value_only_where_a_bound_is():
    kind = kind_of(Annotated[float, Range(0, math.inf)])
    assert kind.read("inf") == math.inf
    for value in (math.nan, -math.inf, -1.0):
        with pytest.raises(ValueError):  # noqa: PT011 - the kind has no words of its own
            kind.check(value)


def test_tuples_keep_their_length_and_type():
    pair, several = kind_of(tuple[int, str]), kind_of(tuple[float, ...])
    assert pair.read("3,a") == (3, "a")
    assert several.check([1, 2.5]) == (1.0, 2.5)
    assert type(several.check([])) is tuple
    with pytest.raises(ValueError, match="3 items"):
        pair.check((3, "a", "b"))


def test_defaults_are_not_shared_between_runs():
    resolve(TABLE, "walk", {})["sizes"].append(99)
    assert resolve(TABLE, "walk", {})["sizes"] == [8, 4]


def test_what_a_file_holds_can_be_given_again():
    given = {"delay": 2.5 * ms, "where": Path("a/b"), "sizes": [1], "limit": None}
    plain = {name: TABLE[name].kind.plain(value) for name, value in given.items()}
    again = resolve(TABLE, "walk", json.loads(json.dumps(plain)))
    assert {name: again[name] for name in given} == given


@pytest.mark.parametrize(
    ("low", "high", "closed"), [(3, 1, "both"), (math.nan, 1, "both"), (0, 1, "open")]
)
def test_impossible_ranges_are_refused(low, high, closed):
    with pytest.raises(ParameterError):
        Range(low, high, closed)
