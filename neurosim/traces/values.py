"""From what a caller hands over to plain arrays that any HDF5 reader understands."""

import numpy as np

from neurosim.errors import ParameterError
from neurosim.traces.columns import TEXT

__all__ = ["as_read", "cast", "joined_rows", "storable"]

# Kind of NumPy array: the type it is stored as. Half precision is unknown to netCDF and is
# widened without loss; other kinds would need pickle or a type outside HDF5's common ground.
_WIDENED = {np.dtype(np.float16): np.dtype(np.float32)}
_NUMBERS = {np.dtype(code) for code in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8")}


def storable(name, values, number_type=None):
    """Return an independent array of a type that is stored, and attributes that go with it.

    Parameters
    ----------
    name : str
        The trace, for the message.
    values : array_like
        Integers, floats (up to 64 bits), booleans or strings.
    number_type : dtype, optional
        What numbers are converted to, all of them, while they are copied.

    Returns
    -------
    array : ndarray
        Native byte order, C-contiguous, sharing no memory with `values`. Strings have dtype
        object, booleans int8.
    attributes : dict
        ``{"dtype": "bool"}`` for booleans, the mark by which xarray too makes them booleans again.

    Raises
    ------
    ParameterError
        For any other type; a dimensional Brian 2 quantity, whose unit would be lost; and text
        that HDF5 would cut off.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.traces.values import storable
    >>> storable("g/flags", [True, False])
    (array([1, 0], dtype=int8), {'dtype': 'bool'})
    >>> storable("g/model", object())
    Traceback (most recent call last):
    ...
    neurosim.errors.ParameterError: values of trace 'g/model' must be numbers, booleans or strings;
    got type object (storing it would need pickle, which a trace file never contains)
    """
    _refuse_quantity(name, values)
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ParameterError(
            f"values of trace {name!r} must be a rectangular array ({error}); "
            "rows of different lengths go through append_ragged"
        ) from None
    kind = array.dtype.kind
    if kind == "T" or (kind == "O" and array.size and _all_text(array)):
        array, kind = array.astype(object), "U"
    if kind == "U":
        return _text(name, array), {}
    if kind == "b":
        return array.astype(np.int8), {"dtype": "bool"}
    dtype = _WIDENED.get(array.dtype.newbyteorder("="), array.dtype.newbyteorder("="))
    if dtype not in _NUMBERS:
        raise ParameterError(_refusal(name, values, array))
    return np.array(array, dtype=number_type or dtype, order="C", copy=True), {}


def cast(name, array, dtype):
    """Return `array` as `dtype` where no value can change, else raise ParameterError."""
    if array.dtype == dtype:
        return array
    if dtype == TEXT or array.dtype == TEXT or not np.can_cast(array.dtype, dtype, "safe"):
        raise ParameterError(
            f"rows of trace {name!r} must have type {_type_name(dtype)}, as its first rows; "
            f"got {_type_name(array.dtype)}"
        )
    return array.astype(dtype)


def joined_rows(name, rows, column=None):
    """Return rows of different lengths as one array, their lengths, and attributes as `storable`.

    Parameters
    ----------
    name : str
        The trace, for the message.
    rows : sequence of array_like, each of shape (n_items,)
    column : Column, optional
        The rows before; its type holds where all rows are empty (float64 where there is none).

    Returns
    -------
    values : ndarray, shape (n_items_of_all_rows,)
    lengths : list of int
    attributes : dict

    Raises
    ------
    ParameterError
        Where a row has not one dimension, or rows differ in kind.

    Examples
    --------
    >>> from neurosim.traces.values import joined_rows
    >>> joined_rows("g/waves", [[1, 2], [], [0.5]])
    (array([1. , 2. , 0.5]), [2, 0, 1], {})
    """
    for row in rows:
        if np.ndim(row) != 1:
            raise ParameterError(
                f"rows of ragged trace {name!r} must each have one dimension; got {row!r}"
            )
    lengths = [len(row) for row in rows]
    filled = [storable(name, row) for row in rows if len(row)]
    if not filled and column is None:
        return np.empty(0), lengths, {}
    if not filled:
        dataset = column.dataset
        mark = {key: dataset.attributes[key] for key in ("dtype",) if key in dataset.attributes}
        return np.empty(0, dataset.dtype), lengths, mark
    arrays, marks = zip(*filled, strict=True)
    texts = {array.dtype == TEXT for array in arrays}
    if len(texts) > 1 or any(mark != marks[0] for mark in marks):
        raise ParameterError(f"rows of ragged trace {name!r} must all be numbers or all be text")
    return np.concatenate(arrays), lengths, marks[0]


def as_read(array, attributes):
    """Undo `storable`: text as NumPy strings, marked int8 as booleans."""
    if array.dtype == TEXT:
        return array.astype(np.str_)
    if attributes.get("dtype") == "bool":
        return array.astype(bool)
    return array


def _refuse_quantity(name, values):
    # Asked of the object, not of its class, so that this room need not import Brian 2.
    if getattr(values, "dim", None) is not None and not getattr(values, "is_dimensionless", True):
        raise ParameterError(
            f"values of trace {name!r} must be plain numbers in the units given beside them, "
            f"for example v/mV with units='mV'; got the quantity {values!r}"
        )


def _all_text(array):
    return all(isinstance(element, str) for element in array.flat)


def _text(name, array):
    for element in array.flat:
        if "\0" in element or (not element.isascii() and not _encodes(element)):
            raise ParameterError(
                f"text in trace {name!r} must be valid Unicode without NUL characters; "
                f"got {str(element)!r}"
            )
    text = np.empty(array.shape, dtype=object)
    text[...] = array
    return text


def _encodes(text):
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _refusal(name, values, array):
    sentence = f"values of trace {name!r} must be numbers, booleans or strings; got type "
    if array.dtype.kind == "c":
        return sentence + f"{array.dtype}; write the real and the imaginary part as two traces"
    if array.dtype.kind == "O":
        element = next(array.flat) if array.ndim and array.size else values
        return sentence + (
            f"{type(element).__name__} (storing it would need pickle, which a trace file "
            "never contains)"
        )
    return sentence + str(array.dtype)


def _type_name(dtype):
    return "str" if dtype == TEXT else str(dtype)
