"""What traces, dimensions and units may be called, and that the sizes of dimensions agree."""

import re

from neurosim.errors import ParameterError
from neurosim.traces.columns import SONATA_GROUPS

__all__ = ["Dimensions", "check_dims", "check_population", "check_text", "check_trace_name"]

_WORD = re.compile(r"[^\W_][\w.+@-]*")


def check_trace_name(name):
    """Raise ParameterError unless `name` is ``"group/name"`` outside the SONATA groups.

    Examples
    --------
    >>> from neurosim.traces.names import check_trace_name
    >>> check_trace_name("hlop/curve/accuracy")
    >>> check_trace_name("accuracy")
    Traceback (most recent call last):
    ...
    neurosim.errors.ParameterError: trace name 'accuracy' must be 'group/name'
    """
    if not isinstance(name, str) or "/" not in name:
        raise ParameterError(f"trace name {name!r} must be 'group/name'")
    words = name.split("/")
    for word in words:
        _check_word(word, f"trace name {name!r}")
    if words[0] in SONATA_GROUPS:
        raise ParameterError(
            f"trace name {name!r} must not begin with {words[0]!r}: that group holds what "
            "append_spikes and append_report write"
        )


def check_population(name, what):
    """Raise ParameterError unless `name` can name a SONATA `what` (population or report)."""
    if not isinstance(name, str):
        raise ParameterError(f"{what} name must be a string; got {name!r}")
    _check_word(name, f"{what} name {name!r}")


def check_text(name, what, text):
    """Raise ParameterError unless `text` (`what` of trace `name`) is a non-empty string."""
    if not isinstance(text, str) or not text.strip() or "\0" in text:
        raise ParameterError(f"{what} of trace {name!r} must be a non-empty string; got {text!r}")


def check_dims(name, dims, ndim):
    """Return `dims` as a tuple of distinct words, one for each dimension of the values.

    Parameters
    ----------
    name : str
        The trace, for the message.
    dims : sequence of str
        Dimension names.
    ndim : int
        Number of dimensions the values have.

    Returns
    -------
    tuple of str

    Raises
    ------
    ParameterError
        Where the number of names is wrong, or a name is used twice or not allowed.
    """
    if isinstance(dims, str):
        raise ParameterError(f"dims of trace {name!r} must be a tuple of names; got {dims!r}")
    dims = tuple(dims)
    for dim in dims:
        if not isinstance(dim, str):
            raise ParameterError(f"dims of trace {name!r} must be strings; got {dim!r}")
        _check_word(dim, f"dimension {dim!r} of trace {name!r}")
    if len(set(dims)) < len(dims):
        raise ParameterError(f"dims of trace {name!r} must differ from each other; got {dims!r}")
    if len(dims) != ndim:
        raise ParameterError(
            f"dims of trace {name!r} must name {ndim} dimension{'s' * (ndim != 1)}; got {dims!r}"
        )
    return dims


def _check_word(word, where):
    if not _WORD.fullmatch(word):
        raise ParameterError(
            f"{where}: {word!r} must begin with a letter or digit and go on with letters, "
            "digits, '_', '.', '+', '-' or '@'"
        )


class Dimensions:
    """The sizes of the named dimensions of every group, and which trace fixed them.

    A dimension is fixed by the first trace that is written whole; traces that grow along it may
    be shorter meanwhile, never longer. The variable that bears a dimension's name is its
    coordinate.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.traces.columns import Dataset
    >>> from neurosim.traces.names import Dimensions
    >>> dimensions = Dimensions()
    >>> dimensions.add(Dataset("hlop/accuracy", ("task",), np.dtype("f8"), (10,)))
    >>> dimensions.check(Dataset("hlop/loss", ("task",), np.dtype("f8"), (9,)))
    Traceback (most recent call last):
    ...
    neurosim.errors.ParameterError: dimension 'task' has size 9 in trace 'hlop/loss' but 10 in
    'hlop/accuracy'; give one of them another dimension name or another group
    """

    def __init__(self):
        self._dims_of = {}
        self._fixed = {}
        self._grown = {}
        self._groups = set()

    def check(self, dataset):
        """Raise ParameterError where a new data set cannot stand beside the others."""
        self._check_place(dataset)
        self._check_coordinate(dataset)
        for dim, size in self._fixed_sizes(dataset):
            self._check_fixed(dataset.path, dataset.group, dim, size)
        if dataset.grows and dataset.dims:
            self._check_growing(dataset.path, dataset.group, dataset.dims[0], dataset.shape[0])

    def add(self, dataset):
        """Register a new data set that passed `check`."""
        self._dims_of[dataset.path] = dataset.dims
        self._groups.update(_parents(dataset.path))
        for dim, size in self._fixed_sizes(dataset):
            self._fixed.setdefault((dataset.group, dim), (size, dataset.path))
        if dataset.grows and dataset.dims:
            key = dataset.group, dataset.dims[0]
            self._grown.setdefault(key, {})[dataset.path] = dataset.shape[0]

    def check_growth(self, path, size):
        """Raise ParameterError where a growing data set cannot have `size` rows."""
        self._check_growing(path, path.rpartition("/")[0], self._dims_of[path][0], size)

    def grow(self, path, size):
        """Register that a growing data set now has `size` rows."""
        self._grown[path.rpartition("/")[0], self._dims_of[path][0]][path] = size

    def disagreement(self):
        """Return a sentence about a dimension along which traces end at different sizes, or ''."""
        for (group, dim), grown in self._grown.items():
            sizes = dict(grown)
            if (group, dim) in self._fixed:
                size, path = self._fixed[group, dim]
                sizes[path] = size
            if len(set(sizes.values())) > 1:
                shorter, longer = min(sizes, key=sizes.get), max(sizes, key=sizes.get)
                return _mismatch(dim, shorter, sizes[shorter], longer, sizes[longer])
        return ""

    def _fixed_sizes(self, dataset):
        sizes = list(zip(dataset.dims, dataset.shape, strict=False))
        return sizes[1:] if dataset.grows else sizes

    def _is_dimension(self, group, name):
        return (group, name) in self._fixed or (group, name) in self._grown

    def _check_place(self, dataset):
        path, group = dataset.path, dataset.group
        if path in self._groups:
            raise ParameterError(f"trace name {path!r} is already the name of a group")
        for dim in dataset.dims:
            if f"{group}/{dim}" in self._groups:
                raise ParameterError(
                    f"dimension {dim!r} of trace {path!r} has the name of the group {group}/{dim}"
                )
        for parent in _parents(path):
            if parent in self._dims_of:
                raise ParameterError(f"trace name {path!r} lies below the trace {parent!r}")
            above, _, word = parent.rpartition("/")
            if self._is_dimension(above, word):
                raise ParameterError(
                    f"group {parent!r} of trace {path!r} has the name of a dimension of {above!r}"
                )

    def _check_coordinate(self, dataset):
        path, group, name, dims = dataset.path, dataset.group, dataset.name, dataset.dims
        if self._is_dimension(group, name) and dims != (name,):
            raise ParameterError(
                f"trace {path!r} has the name of a dimension of its group, so its dims must be "
                f"({name!r},); got {dims!r}"
            )
        for dim in dims:
            other = f"{group}/{dim}"
            dims_of_other = dims if other == path else self._dims_of.get(other, (dim,))
            if dims_of_other != (dim,):
                raise ParameterError(
                    f"dimension {dim!r} of trace {path!r} has the name of trace {other!r}, whose "
                    f"dims are {dims_of_other!r}; only a trace with dims ({dim!r},) can be its "
                    "coordinate"
                )

    def _check_fixed(self, path, group, dim, size):
        known, other = self._fixed.get((group, dim), (size, path))
        if known != size:
            raise ParameterError(_mismatch(dim, path, size, other, known))
        for other, grown in self._grown.get((group, dim), {}).items():
            if grown > size:
                raise ParameterError(_mismatch(dim, path, size, other, grown))

    def _check_growing(self, path, group, dim, size):
        known, other = self._fixed.get((group, dim), (size, path))
        if size > known:
            raise ParameterError(_mismatch(dim, path, size, other, known))


def _mismatch(dim, path, size, other, known):
    return (
        f"dimension {dim!r} has size {size} in trace {path!r} but {known} in {other!r}; "
        "give one of them another dimension name or another group"
    )


def _parents(path):
    words = path.split("/")[:-1]
    return ["/".join(words[: end + 1]) for end in range(len(words))]
