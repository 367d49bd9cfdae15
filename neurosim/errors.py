"""Exceptions users meet: each names the thing, its value and what was expected.

Every one also inherits the builtin a caller would think of first, and carries the
exit status the command line ends with.
"""

__all__ = [
    "DataError",
    "MissingExtraError",
    "NeurosimError",
    "ParameterError",
    "TraceFileError",
    "TraceWriteError",
    "UnknownNameError",
]


class NeurosimError(Exception):
    """Base of all errors that are the user's to mend; the command line prints one line."""

    exit_status = 2


class ParameterError(NeurosimError, ValueError):
    """A parameter has a value outside what is allowed, or a type it cannot take."""


class UnknownNameError(NeurosimError, LookupError):
    """A protocol, model, parameter or trace of this name does not exist."""


class DataError(NeurosimError, ValueError):
    """A data file is missing, truncated or not of the format it should be."""


class MissingExtraError(NeurosimError, ImportError):
    """A feature needs an optional dependency that is not installed."""


class TraceFileError(NeurosimError, OSError):
    """A trace file cannot be opened, is not one of ours, or exists already."""


class TraceWriteError(NeurosimError, OSError):
    """Writing a trace failed while a run was going on (disk full, size limit)."""

    exit_status = 1
