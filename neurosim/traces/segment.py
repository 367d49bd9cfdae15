"""One segment as the bytes of a whole HDF5 file, built in memory."""

import itertools

import h5py

from neurosim.traces.layout import build

__all__ = ["segment_image"]

_numbers = itertools.count()


def segment_image(header, groups, contents):
    """Return a closed HDF5 file as bytes, without touching the disk.

    HDF5 meets no full disk this way; writing the bytes is an ordinary Python write.

    Parameters
    ----------
    header : dict
        Root attributes.
    groups : dict of str to dict
        Attributes of groups.
    contents : list of (Dataset, ndarray)

    Returns
    -------
    bytes

    Examples
    --------
    >>> from neurosim.traces.segment import segment_image
    >>> segment_image({"complete": 0}, {}, [])[1:4]
    b'HDF'
    """
    options = {"driver": "core", "backing_store": False, "block_size": 1 << 20}
    # HDF5 knows open files by name, and threads may build segments at the same time.
    with h5py.File(f"segment-{next(_numbers)}", "w", **options) as file:
        build(file, header, groups, [dataset for dataset, _ in contents])
        for dataset, values in contents:
            if values.size:
                file[dataset.path][...] = values
        file.flush()
        return file.id.get_file_image()
