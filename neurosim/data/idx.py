"""The idx format of MNIST and its relatives."""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from neurosim.errors import DataError

__all__ = ["read_idx"]

_UNSIGNED_BYTE = 0x08


def read_idx(path, n_dimensions):
    """Return the array of a gzipped idx file of unsigned bytes.

    Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits" (file format):
    a magic number 0x0800 + number of dimensions, each dimension as a big-endian 32-bit number,
    then the values.

    Parameters
    ----------
    path : str or Path
    n_dimensions : int
        3 for images, 1 for labels.

    Returns
    -------
    ndarray of uint8

    Raises
    ------
    DataError
        Where the file is missing, not gzipped, of another type, or shorter or longer than its
        header says.
    """
    path = Path(path)
    try:
        with gzip.open(path) as file:
            content = file.read()
    except FileNotFoundError:
        raise DataError(f"{path} does not exist; expected a gzipped idx file") from None
    except EOFError:
        raise DataError(f"{path} is truncated: its gzip stream ends early") from None
    except (OSError, zlib.error) as error:
        raise DataError(f"{path} is not a readable gzip file: {error}") from None
    header = 4 + 4 * n_dimensions
    magic = (_UNSIGNED_BYTE << 8) + n_dimensions
    if len(content) < header:
        raise DataError(f"{path} is truncated: {len(content)} bytes, expected a header of {header}")
    found, *shape = struct.unpack(f">{1 + n_dimensions}I", content[:header])
    if found != magic:
        raise DataError(f"{path} has the magic number {found}; expected {magic}")
    expected = header + math.prod(shape)
    if len(content) != expected:
        kind = "is truncated" if len(content) < expected else "has trailing bytes"
        raise DataError(
            f"{path} {kind}: {len(content)} bytes, expected {expected} for shape {tuple(shape)}"
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)
