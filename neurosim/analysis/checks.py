"""What a measure may be given: spikes, durations, windows, arrays, each refused by name."""

import numpy as np

from neurosim.errors import ParameterError

__all__ = [
    "checked_activity",
    "checked_array",
    "checked_count",
    "checked_duration",
    "checked_seconds",
    "checked_spikes",
    "checked_window",
]


def checked_array(values, name, n_dims, *, least=1):
    """Return `values` as finite floats with that many dimensions, each of at least `least`."""
    array = np.asarray(values, float)
    if array.ndim != n_dims:
        raise ParameterError(f"{name} must have {n_dims} dimension(s); got shape {array.shape}")
    if min(array.shape) < least:
        raise ParameterError(
            f"{name} must have at least {least} entries along every dimension; "
            f"got shape {array.shape}"
        )
    _check_finite(array, name)
    return array


def checked_seconds(times, name="times"):
    """Return one-dimensional, finite `times` in seconds; Brian 2's times are such numbers."""
    _check_time_unit(times, name)
    array = np.asarray(times, float)
    if array.ndim != 1:
        raise ParameterError(f"{name} must have one dimension; got shape {array.shape}")
    _check_finite(array, name)
    return array


def checked_duration(value, name):
    """Return `value`, a positive number of seconds, as a float."""
    seconds = _seconds(value, name)
    if not (np.isfinite(seconds) and seconds > 0):
        raise ParameterError(f"{name} must be a positive number of seconds; got {seconds}")
    return seconds


def checked_window(start, stop):
    """Return `start` and `stop` in seconds, `start` the earlier one."""
    start, stop = _seconds(start, "start"), _seconds(stop, "stop")
    if not (np.isfinite(start) and np.isfinite(stop) and start < stop):
        raise ParameterError(f"start must lie before stop; got start = {start}, stop = {stop}")
    return start, stop


def checked_count(value, name, *, least=1):
    """Return `value`, a whole number of at least `least`, as an int."""
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool | np.bool_)
    if not is_whole or value < least:
        raise ParameterError(f"{name} must be a whole number ≥ {least}; got {value!r}")
    return int(value)


def checked_spikes(times, neurons, n_neurons):
    """Return the times of spikes in seconds and the neurons, of `n_neurons`, they belong to."""
    times = checked_seconds(times)
    n_neurons = checked_count(n_neurons, "n_neurons")
    neurons = np.asarray(neurons)
    if neurons.shape != times.shape:
        raise ParameterError(
            f"neurons must name one neuron per spike; got shape {neurons.shape} for "
            f"{len(times)} times"
        )
    if neurons.size and not np.issubdtype(neurons.dtype, np.integer):
        raise ParameterError(f"neurons must be whole numbers; got dtype {neurons.dtype}")
    neurons = neurons.astype(np.int64)
    outside = neurons[(neurons < 0) | (neurons >= n_neurons)]
    if outside.size:
        raise ParameterError(
            f"neurons must lie between 0 and n_neurons − 1 = {n_neurons - 1}; got {outside[0]}"
        )
    return times, neurons, n_neurons


def checked_activity(activity, name="activity"):
    """Return whole, non-negative numbers of events, one-dimensional."""
    array = checked_array(activity, name, 1)
    wrong = array[(array < 0) | (array != np.floor(array))]
    if wrong.size:
        raise ParameterError(f"{name} must be whole numbers ≥ 0; got {wrong[0]}")
    return array.astype(np.int64)


def _seconds(value, name):
    _check_time_unit(value, name)
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} must be a number of seconds; got {value!r}") from None


def _check_finite(array, name):
    if not np.isfinite(array).all():
        place = tuple(int(index) for index in np.argwhere(~np.isfinite(array))[0])
        raise ParameterError(f"{name} must be finite; got {array[place]} at position {place}")


def _check_time_unit(value, name):
    # A quantity of Brian 2 carries its dimension in `dim`; its number is in SI base units.
    dimension = getattr(value, "dim", None)
    if dimension is not None and str(dimension) not in ("s", "1"):
        raise ParameterError(f"{name} must be in seconds; got a quantity in {dimension}")
