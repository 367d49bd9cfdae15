"""What is written is read back exactly, through one flush or many, from memory or file."""

import string

import h5py
import numpy as np
import xarray
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from neurosim.traces import MemoryTraces, TraceFile, TraceWriter

ABOUT = {"protocol": "test", "parameters": {}, "seed": 0}
WORD = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=6).map("n".__add__)
TEXT = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=5)
NUMBERS = npst.scalar_dtypes().filter(lambda dtype: dtype.kind in "biuf" and dtype.itemsize <= 8)


def arrays(shapes):
    numbers = NUMBERS.flatmap(lambda dtype: npst.arrays(dtype, shapes))
    return numbers | npst.arrays(object, shapes, elements=TEXT).map(lambda a: a.astype(np.str_))


SHAPES = npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5)
TRACES = st.dictionaries(st.tuples(WORD, WORD), arrays(SHAPES), max_size=4)
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def names_of(traces):
    """Give every array a group of its own, so that names and dimensions never collide."""
    return {f"g{n}/{a}/{b}": array for n, ((a, b), array) in enumerate(traces.items())}


def assert_same(trace, array):
    values = trace.values
    assert values.shape == array.shape
    if array.dtype.kind != "U" and array.dtype.kind != "f":
        assert values.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(values, array)


@QUICK
@given(traces=TRACES, flushes=st.booleans())
def test_whole_arrays(tmp_path, traces, flushes):
    named = names_of(traces)
    path = tmp_path / "run.h5"
    memory = MemoryTraces(**ABOUT)
    with TraceWriter(path, **ABOUT, overwrite=True) as writer:
        for name, array in named.items():
            dims = tuple(f"d{axis}" for axis in range(array.ndim))
            for sink in (writer, memory):
                sink.write(name, array, dims=dims, units="mV", description="An array")
            if flushes:
                writer.flush()
    file = TraceFile(path)
    assert set(file) == set(memory) == set(named)
    for name, array in named.items():
        for traces_read in (file, memory):
            assert_same(traces_read[name], array)
            assert traces_read[name].units == "mV"
            assert traces_read[name].dims == tuple(f"d{axis}" for axis in range(array.ndim))


@QUICK
@given(
    blocks=NUMBERS.flatmap(
        lambda dtype: st.lists(
            st.integers(0, 4).flatmap(lambda rows: npst.arrays(dtype, (rows, 3))), min_size=1
        )
    ),
    flush_after=st.sets(st.integers(0, 6)),
)
def test_growing_arrays(tmp_path, blocks, flush_after):
    path = tmp_path / "run.h5"
    with TraceWriter(path, **ABOUT, overwrite=True) as writer:
        for number, block in enumerate(blocks):
            writer.append("g/rows", block, dims=("row", "column"), description="Rows")
            if number in flush_after:
                writer.flush()
                np.testing.assert_array_equal(
                    TraceFile(path)["g/rows"].values, np.concatenate(blocks[: number + 1])
                )
    expected = np.concatenate(blocks)
    file = TraceFile(path)
    assert_same(file["g/rows"], expected)
    with xarray.open_dataset(path, engine="h5netcdf", group="g") as dataset:
        np.testing.assert_array_equal(dataset["rows"].values, expected)
    with h5py.File(path) as plain:
        assert plain["g/rows"].shape == expected.shape


@QUICK
@given(
    calls=st.lists(st.lists(st.lists(st.integers(-9, 9), max_size=3), max_size=3), max_size=4),
    flushes=st.booleans(),
)
def test_ragged_rows(tmp_path, calls, flushes):
    path = tmp_path / "run.h5"
    with TraceWriter(path, **ABOUT, overwrite=True) as writer:
        # The type of the first rows holds; integers are exact as floats.
        writer.append_ragged("g/r", [[0.0]], dims=("trial", "item"), description="Ragged")
        for rows in calls:
            writer.append_ragged("g/r", rows, dims=("trial", "item"), description="Ragged")
            if flushes:
                writer.flush()
    expected = [[0.0], *(row for rows in calls for row in rows)]
    assert [row.tolist() for row in TraceFile(path).ragged("g/r")] == expected


@QUICK
@given(
    parameters=st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
            max_leaves=8,
        ),
    )
)
def test_parameters(tmp_path, parameters):
    path = tmp_path / "run.h5"
    with TraceWriter(path, protocol="test", parameters=parameters, seed=0, overwrite=True):
        pass

    def plain(value):
        if isinstance(value, float) and np.isinf(value):
            return str(value)
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        return [plain(item) for item in value] if isinstance(value, list) else value

    assert TraceFile(path).parameters == plain(parameters)
