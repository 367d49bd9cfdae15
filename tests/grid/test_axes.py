"""Axes hold the values that their text says, exactly as typed one by one."""

from typing import Annotated, Literal

import numpy as np
import pytest
from brian2 import Quantity, ms, us
from hypothesis import given
from hypothesis import strategies as st

import neurosim
from neurosim.errors import ParameterError
from neurosim.experiment.parameters import parameter_table
from neurosim.grid.axes import axes_of, read_axis


def walk(
    run,
    *,
    rate: Annotated[float, neurosim.Range(0, 10)] = 0.5,
    steps: int = 3,
    tau: Annotated[Quantity, ms] = 5 * ms,
    mode: Literal["a", "b"] = "a",
    sizes: tuple[int, ...] = (),
    text: str = "",
    limit: float | None = None,
): ...


TABLE = parameter_table(walk)


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("rate", "0.5,2,1e-3", (0.5, 2.0, 0.001)),
        ("steps", "2:6", (2, 3, 4, 5)),
        ("steps", "-2:1", (-2, -1, 0)),
        ("steps", "0:10:3", (0, 5, 10)),
        ("rate", "1:3", (1.0, 2.0)),
        ("rate", "3:1:3", (3.0, 2.0, 1.0)),
        ("mode", "a,b", ("a", "b")),
        ("text", "x:y,z", ("x:y", "z")),
        ("sizes", "[80,200],[100]", ((80, 200), (100,))),
        ("sizes", "80,200", ((80,), (200,))),
        ("limit", "none,0.5", (None, 0.5)),
        ("limit", "0:0.3:4", (0.0, 0.1, 0.2, 0.3)),
    ],
)
def test_texts_stand_for_values(name, text, values):
    assert read_axis(TABLE[name], text) == values


def test_evenly_spaced_values_are_the_ones_a_user_would_type():
    values = read_axis(TABLE["rate"], "0:4:41")
    assert values == tuple(float(f"{tenth // 10}.{tenth % 10}") for tenth in range(41))
    np.testing.assert_allclose(values, np.linspace(0, 4, 41), rtol=1e-15, atol=1e-15)


@given(
    start=st.integers(-1000, 1000),
    step=st.integers(1, 50),
    n=st.integers(2, 30),
    digits=st.integers(0, 6),
)
def test_spaced_values_equal_decimals_typed_one_by_one(start, step, n, digits):
    def typed(number):
        return f"{number}e-{digits}"

    def signed(run, *, x: float = 0.0): ...

    parameter = parameter_table(signed)["x"]
    text = f"{typed(start)}:{typed(start + step * (n - 1))}:{n}"
    assert read_axis(parameter, text) == tuple(float(typed(start + step * i)) for i in range(n))


def test_units_are_read_as_on_the_command_line():
    typed = [TABLE["tau"].read(f"{number} ms") for number in ("5", "7.5", "10")]
    for text in ("5 ms:10 ms:3", "5*ms:10*ms:3", "5 ms,7.5 ms,10 ms", "5000 us:10 ms:3"):
        values = read_axis(TABLE["tau"], text)
        assert [float(value) for value in values] == [float(value) for value in typed]
        assert all(value.dim == ms.dim for value in values)


def test_python_values_are_taken_as_they_are():
    axes = axes_of(
        TABLE, {"rate": np.linspace(0, 1, 3), "seed": range(2), "tau": [1, 2] * ms, "mode": ["b"]}
    )
    assert [axis.values[0] for axis in axes[:2]] == [(0.0, 0.5, 1.0), (0, 1)]
    assert all(type(value) is float for value in axes[0].values[0])
    assert axes[2].values[0][1] == 2000 * us
    assert axes[3].values[0] == ("b",)


def test_zipped_parameters_share_a_dimension():
    axes = axes_of(TABLE, {"steps": "1,2", "seed": "0:3", "rate": "5,6"}, [["rate", "steps"]])
    assert [axis.name for axis in axes] == ["rate", "seed"]
    assert axes[0].at(1) == {"rate": 6.0, "steps": 2}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("rate", "0:4:1", "n in start:stop:n must be a whole number ≥ 2; got '0:4:1'"),
        ("rate", "0:4:x", "n in start:stop:n must be a whole number ≥ 2"),
        ("rate", "0:4:2:1", "must be a,b,... or start:stop or start:stop:n"),
        ("rate", "0:11:12", "parameter 'rate' of walk must be float ≥ 0 and ≤ 10; got '11'"),
        ("rate", "a:b:3", "parameter 'rate' of walk must be float"),
        ("rate", "0.5:2", "start:stop counts whole numbers"),
        ("rate", "nan,1", "got 'nan'"),
        ("rate", "1,,2", "got ''"),
        ("steps", "0:10:4", "must be int; got '3.33"),
        ("steps", "0:99999999999", "at most 10000000 are possible"),
        ("tau", "0:5 ms:3", "must be quantity in ms; got '0' (it has no unit)"),
        ("tau", "1 ms:5 ms", "start:stop counts whole numbers without a unit"),
        ("tau", "1 mV,2 mV", "must be quantity in ms; got '1 mV'"),
        ("limit", "none:1:3", "both ends of start:stop:n must be numbers"),
        ("mode", "a,c", "must be one of a, b; got 'c'"),
    ],
)
def test_what_is_no_axis_is_refused(name, text, message):
    with pytest.raises(ParameterError) as error:
        read_axis(TABLE[name], text)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("vary", "zipped", "message"),
    [
        ({"seed": "0:0"}, [], "axis seed has no values; got '0:0'"),
        ({"rate": ""}, [], "axis rate has no values"),
        ({"rate": []}, [], "axis rate has no values"),
        ({"rate": 3.0}, [], "axis rate must be a text or an iterable of values; got 3.0"),
        ({"rate": "1,2,1.0"}, [], "axis rate has the value 1.0 twice"),
        ({"rate": "1,2", "seed": "0:3"}, [["rate", "seed"]], "rate has 2, seed has 3"),
        ({"rate": "1,2"}, [["rate", "seed"]], "'seed' is not varied"),
        ({"rate": "1,2"}, [["rate"]], "needs two parameters or more"),
        (
            {"rate": "1,2", "seed": "0:2", "steps": "0:2"},
            [["rate", "seed"], ["rate", "steps"]],
            "'rate' is zipped twice",
        ),
    ],
)
def test_what_is_no_grid_is_refused(vary, zipped, message):
    with pytest.raises(ParameterError) as error:
        axes_of(TABLE, vary, zipped)
    assert message in str(error.value)
