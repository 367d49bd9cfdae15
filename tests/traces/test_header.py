"""Parameters as JSON that every parser reads, whatever a protocol was called with."""

import json
from pathlib import Path

import numpy as np
import pytest
from brian2 import ms, mV

from neurosim.errors import ParameterError
from neurosim.traces.header import parameters_json


def strict(text):
    """Parse as the standard says: it knows neither NaN nor Infinity."""

    def refuse(constant):
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


def test_objects_of_protocols():
    parameters = {
        "tau": 20 * ms,
        "voltages": [1, 2] * mV,
        "array": np.arange(4, dtype=np.int16).reshape(2, 2),
        "half": np.float32(0.5),
        "count": np.uint8(3),
        "flag": np.bool_(True),
        "path": Path("a/b"),
        "sizes": (1, 2),
        "words": {"b", "a"},
        "nan": float("nan"),
        "limits": {"low": -np.inf, "high": np.inf},
        3: None,
        "text": "é\0\ud800",
    }
    assert strict(parameters_json(parameters)) == {
        "tau": "20. ms",
        "voltages": "[1. 2.] mV",
        "array": [[0, 1], [2, 3]],
        "half": 0.5,
        "count": 3,
        "flag": True,
        "path": "a/b",
        "sizes": [1, 2],
        "words": ["a", "b"],
        "nan": "nan",
        "limits": {"low": "-inf", "high": "inf"},
        "3": None,
        "text": "é\0\ud800",
    }


def test_text_of_any_kind_survives_the_file(new_writer):
    from neurosim.traces import TraceFile

    with new_writer(parameters={"text": "é\0\ud800" * 30_000}) as traces:
        pass
    assert TraceFile(traces.path).parameters == {"text": "é\0\ud800" * 30_000}


def test_parameters_that_contain_themselves():
    parameters = {}
    parameters["self"] = parameters
    with pytest.raises(ParameterError, match="must not contain themselves"):
        parameters_json(parameters)
