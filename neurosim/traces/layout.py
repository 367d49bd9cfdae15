"""How data sets, dimension scales and attributes stand in the HDF5 file."""

import h5py
import numpy as np

from neurosim.traces.columns import TEXT, chunk_shape

__all__ = ["DIMENSION_ONLY", "build", "dims_of"]

# netCDF's mark of a dimension scale that only carries a size.
DIMENSION_ONLY = "This is a netCDF dimension but not a netCDF variable."

# Below this size a filter saves nothing and a chunk index costs more than the values.
_SMALL_BYTES = 4096
_SHUFFLED_GZIP = {"compression": "gzip", "compression_opts": 1, "shuffle": True}
# What netCDF calls missing: readers pad with it where a killed run left one trace shorter than
# another along the same dimension.
_FILL = {
    "i1": -127,
    "u1": 255,
    "i2": -32767,
    "u2": 65535,
    "i4": -2147483647,
    "u4": 4294967295,
    "i8": -9223372036854775806,
    "u8": 18446744073709551614,
}


def build(file, header, groups, datasets):
    """Create everything but the values.

    Parameters
    ----------
    file : h5py.File
        Empty and writable.
    header : dict
        Root attributes.
    groups : dict of str to dict
        Attributes by path of the group.
    datasets : list of Dataset
        A dimension along which those of a group differ in size becomes one of netCDF's
        unlimited ones, whose readers pad what is shorter.
    """
    _set_attributes(file, header)
    for path, attributes in groups.items():
        _set_attributes(file.require_group(path), attributes)
    sizes = _sizes(datasets)
    open_dims = {key for key, found in sizes.items() if len(found) > 1}
    for dataset in datasets:
        _create(file, dataset, open_dims)
    scales = {}
    for dataset in datasets:
        if dataset.dims == (dataset.name,):
            scale = file[dataset.path]
            scale.make_scale(dataset.name)
            scales[dataset.group, dataset.name] = scale
    for dataset in datasets:
        for axis, dim in enumerate(dataset.dims):
            key = dataset.group, dim
            if key not in scales:
                scales[key] = _dimension_only(file, *key, max(sizes[key]), key in open_dims)
            if dim != dataset.name:
                file[dataset.path].dims[axis].attach_scale(scales[key])


def _set_attributes(place, attributes):
    """Set attributes of a file, group or data set; Python text becomes variable-length UTF-8."""
    for key, value in attributes.items():
        place.attrs[key] = value


def dims_of(dataset):
    """Return the dimension names of an h5py data set, or () where it has none."""
    if dataset.is_scale:
        return (dataset.name.rpartition("/")[2],) if dataset.ndim == 1 else ()
    names = [axis[0].name.rpartition("/")[2] for axis in dataset.dims if len(axis)]
    return tuple(names) if len(names) == dataset.ndim else ()


def _create(file, dataset, open_dims):
    dtype = h5py.string_dtype() if dataset.dtype == TEXT else dataset.dtype
    created = file.create_dataset(
        dataset.path, shape=dataset.shape, dtype=dtype, **_storage(dataset, open_dims)
    )
    _set_attributes(created, dataset.attributes)


def _storage(dataset, open_dims):
    """Return how to store a data set: whole, or in chunks that gzip compresses."""
    is_open = [(dataset.group, dim) in open_dims for dim in dataset.dims]
    size = int(np.prod(dataset.shape, dtype=np.int64)) * dataset.dtype.itemsize
    if size <= _SMALL_BYTES and not any(is_open):
        return {}
    rows, *rest = chunk_shape(dataset.dtype, dataset.shape)
    storage = {"chunks": (min(rows, max(1, dataset.shape[0])), *rest)}
    if any(is_open):
        pairs = zip(dataset.shape, is_open, strict=True)
        storage["maxshape"] = tuple(None if free else length for length, free in pairs)
        storage["fillvalue"] = _fill_value(dataset.dtype)
    # libsonata as PyPI carries it is built without zlib and can open no compressed data set.
    is_plain = dataset.dtype == TEXT or dataset.is_sonata
    return storage if is_plain else storage | _SHUFFLED_GZIP


def _fill_value(dtype):
    return np.nan if dtype.kind == "f" else _FILL.get(dtype.str[1:])


def _sizes(datasets):
    """Return the different sizes of each dimension of each group."""
    sizes = {}
    for dataset in datasets:
        for dim, size in zip(dataset.dims, dataset.shape, strict=False):
            sizes.setdefault((dataset.group, dim), set()).add(size)
    return sizes


def _dimension_only(file, group, dim, size, is_open):
    options = {"maxshape": (None,), "chunks": (1024,)} if is_open else {}
    scale = file.create_dataset(f"{group}/{dim}", shape=(size,), dtype=">f4", **options)
    scale.make_scale(f"{DIMENSION_ONLY}{size:10d}")
    return scale
