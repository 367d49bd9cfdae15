"""Everything outside the SONATA groups as h5netcdf and xarray see it."""

import h5netcdf
import h5py
import numpy as np
import pytest
import xarray

from neurosim.errors import ParameterError
from neurosim.traces import MemoryTraces, TraceFile


@pytest.fixture
def path(new_writer):
    with new_writer() as writer:
        writer.write("hlop/task", ["digits", "ziffern é"], dims=("task",), description="Tasks")
        writer.write(
            "hlop/accuracy_matrix",
            np.eye(3, 2),
            dims=("experience", "task"),
            units="%",
            description="Accuracy",
        )
        writer.write("hlop/learned", [True, False], dims=("task",), description="Learned")
        writer.write("hlop/metrics/acc", 0.5, description="Mean accuracy")
        writer.write("naive/task", [1, 2, 3], dims=("task",), description="Tasks")
        writer.append_spikes("exc", [1], [0.5])
        writer.append_report("exc.v", np.eye(2), step_ms=1.0, units="mV", description="Potential")
        for number in range(4):
            writer.append(
                "hlop/curve/loss", number, dims=("iteration",), units="nat", description="Loss"
            )
            writer.flush()
    return writer.path


def test_xarray_sees_names_units_and_coordinates(path):
    with xarray.open_dataset(path, engine="h5netcdf", group="hlop") as dataset:
        matrix = dataset["accuracy_matrix"].load()
        assert dataset["learned"].dtype == bool
        assert dataset["learned"].values.tolist() == [True, False]
    assert matrix.dims == ("experience", "task")
    assert matrix.attrs == {"units": "%", "long_name": "Accuracy"}
    assert float(matrix.sel(task="ziffern é").sum()) == 1.0
    with xarray.open_dataset(path, engine="h5netcdf", group="hlop/curve") as dataset:
        assert dict(dataset.sizes) == {"iteration": 4}
        assert dataset["loss"].values.tolist() == [0, 1, 2, 3]
    with xarray.open_dataset(path, engine="h5netcdf", group="hlop/metrics") as dataset:
        assert float(dataset["acc"]) == 0.5


def test_h5netcdf_opens_all_of_it_as_valid_netcdf(path):
    with h5netcdf.File(path, "r") as file:
        assert file.attrs["protocol"] == "test"
        for group in ("hlop", "naive", "hlop/curve", "spikes/exc"):
            for variable in file[group].variables.values():
                assert len(variable.dimensions) == variable.ndim
                variable[...]


def test_plain_h5py_finds_scales_units_and_descriptions(path):
    shown = []

    def visit(name, item):
        for key in item.attrs:
            # netCDF knows no booleans, and no enum but the one SONATA asks for.
            if not (name == "spikes/exc" and key == "sorting"):
                assert h5py.check_enum_dtype(item.attrs.get_id(key).dtype) is None
        if not isinstance(item, h5py.Dataset):
            return
        assert h5py.check_enum_dtype(item.dtype) is None
        assert item.compression in (None, "gzip")
        filters = item.id.get_create_plist()
        codes = {filters.get_filter(n)[0] for n in range(filters.get_nfilters())}
        assert codes <= {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE}
        if name.split("/")[0] in ("spikes", "report"):
            assert not codes
            return
        if str(item.attrs.get("NAME", "")).find("not a netCDF variable") < 0:
            assert item.attrs["units"]
            assert item.attrs["long_name"]
            assert item.is_scale or all(len(axis) == 1 for axis in item.dims)
            shown.append(name)

    with h5py.File(path) as file:
        for key in file.attrs:
            assert h5py.check_enum_dtype(file.attrs.get_id(key).dtype) is None
        file.visititems(visit)
    assert len(shown) == 6


def test_traces_of_different_length_are_padded(new_writer):
    writer = new_writer()
    for number in range(3):
        writer.append("g/long", [float(number)], dims=("step",), description="Long")
        if number < 2:
            writer.append("g/short", [float(number)], dims=("step",), description="Short")
    writer.close(complete=False)
    with xarray.open_dataset(writer.path, engine="h5netcdf", group="g") as dataset:
        np.testing.assert_array_equal(dataset["short"].values, [0, 1, np.nan])
        np.testing.assert_array_equal(dataset["long"].values, [0, 1, 2])
    assert TraceFile(writer.path)["g/short"].values.tolist() == [0, 1]


def test_complete_run_whose_traces_differ_in_length(new_writer):
    writer = new_writer()
    writer.append("g/long", [1.0, 2.0], dims=("step",), description="Long")
    writer.append("g/short", [1.0], dims=("step",), description="Short")
    with pytest.raises(ParameterError, match="'step' has size 1 in trace 'g/short' but 2"):
        writer.close()
    file = TraceFile(writer.path)
    assert not file.complete
    assert file["g/long"].values.tolist() == [1.0, 2.0]


def write(name="g/x", values=(1.0, 2.0), dims=("d",), **options):
    return ("write", name, values, {"dims": dims, "description": "Text"} | options)


def append(name="g/x", rows=(1.0, 2.0), dims=("d",), **options):
    return ("append", name, rows, {"dims": dims, "description": "Text"} | options)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (write(), write(), "already written"),
        (write(), write("g/y", [1.0]), "'d' has size 1 in trace 'g/y' but 2 in 'g/x'"),
        (write(), append("g/y", [1.0, 2.0, 3.0]), "size 3 in trace 'g/y' but 2 in 'g/x'"),
        (append("g/y", [1.0, 2.0, 3.0]), write(), "size 2 in trace 'g/x' but 3 in 'g/y'"),
        (write(), append(), "already written whole"),
        (append(), write(), "already written"),
        (append(), append(dims=("e",)), "dims .* were"),
        (append(), append(rows=["a"]), "must have type float64.*got str"),
        (append(rows=[1]), append(rows=[1.5]), "must have type int64.*got float64"),
        (append(), append(units="mV"), "units .* was '1' so far; got 'mV'"),
        (append(), append(rows=[True]), "dtype .* was None so far; got 'bool'"),
        (write(), write("g/x/y"), "lies below the trace 'g/x'"),
        (write("g/x/y"), write(), "already the name of a group"),
        (write(), write("g/d", [[1.0], [2.0]], ("d", "e")), "name of a dimension"),
        (write("g/d", [[1.0], [2.0]], ("a", "b")), write(), "only a trace with dims"),
        (write(), write("g/d/x"), "name of a dimension"),
        (write("g/d/x"), write(), "name of the group g/d"),
    ],
)
def test_what_does_not_stand_together(first, second, message):
    traces = MemoryTraces(protocol="test", parameters={}, seed=0)

    def do(method, name, values, options):
        getattr(traces, method)(name, values, **options)

    do(*first)
    before = {name: trace.values.tolist() for name, trace in traces.items()}
    with pytest.raises(ParameterError, match=message):
        do(*second)
    assert {name: trace.values.tolist() for name, trace in traces.items()} == before


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (write("x"), "must be 'group/name'"),
        (write("spikes/x"), "must not begin with 'spikes'"),
        (write("g/"), "must begin with a letter"),
        (write("g/a b"), "must begin with a letter"),
        (write("../x"), "must begin with a letter"),
        (write(dims="d"), "tuple of names; got 'd'"),
        (write(dims=()), "must name 1 dimension"),
        (write(values=[[1.0]], dims=("d", "d")), "must differ"),
        (write(units=""), "units .* non-empty"),
        (write(description=""), "description .* non-empty"),
        (write(values=[object()]), "pickle"),
        (write(values=[{}, {}]), "pickle"),
        (write(values=[1j]), "real and the imaginary"),
        (write(values=np.array(["2020"], "M8[Y]")), "datetime64"),
        (write(values=[b"x"]), "must be numbers"),
        (write(values=["a\0b"]), "NUL"),
        (write(values=["\ud800"]), "Unicode"),
        (write(values=[[1.0], [1.0, 2.0]]), "append_ragged"),
    ],
)
def test_what_is_refused(call, message):
    traces = MemoryTraces(protocol="test", parameters={}, seed=0)
    method, name, values, options = call
    with pytest.raises(ParameterError, match=message):
        getattr(traces, method)(name, values, **options)
    assert len(traces) == 0


def test_quantity_is_refused_where_its_unit_would_be_lost():
    from brian2 import mV

    traces = MemoryTraces(protocol="test", parameters={}, seed=0)
    with pytest.raises(ParameterError, match="plain numbers in the units given beside them"):
        traces.write("g/v", [1, 2] * mV, dims=("d",), units="mV", description="Potential")
    traces.write("g/v", [1, 2] * mV / mV, dims=("d",), units="mV", description="Potential")
    assert traces["g/v"].values.tolist() == [1.0, 2.0]


def test_ragged_refusals_change_nothing():
    traces = MemoryTraces(protocol="test", parameters={}, seed=0)
    ragged = {"dims": ("trial", "item"), "description": "Ragged"}
    traces.write("g/other", [1, 2], dims=("trial",), description="Fixes trial at 2")
    with pytest.raises(ParameterError, match="'trial' has size 3"):
        traces.append_ragged("g/r", [[1], [2], [3]], **ragged)
    with pytest.raises(ParameterError, match="one dimension"):
        traces.append_ragged("g/r", [[[1]]], **ragged)
    with pytest.raises(ParameterError, match="all be numbers or all be text"):
        traces.append_ragged("g/r", [[1], ["a"]], **ragged)
    assert list(traces) == ["g/other"]
    traces.append_ragged("g/r", [[1, 2]], **ragged)
    with pytest.raises(ParameterError, match="must have type int64"):
        traces.append_ragged("g/r", [[0.5]], **ragged)
    assert [row.tolist() for row in traces.ragged("g/r")] == [[1, 2]]
