"""Power spectra of variables and of population activity."""

import numpy as np
from scipy.signal import welch

from neurosim.analysis.checks import checked_duration
from neurosim.analysis.rates import population_rate
from neurosim.errors import ParameterError

__all__ = ["population_spectrum", "power_spectrum"]


def power_spectrum(values, *, step, segment):
    """Return the one-sided power spectral density of a regularly sampled variable (Welch).

    The recording is cut into segments that overlap by half; each loses its mean, is multiplied
    by a Hann window, and the mean of their periodograms is returned.

    Parameters
    ----------
    values : array_like, shape (n_steps,) or (n_steps, n_neurons)
        In some unit u.
    step : float
        Time between rows in seconds; ``report.step_ms / 1000`` for a report of a trace file.
    segment : float
        Length of a segment in seconds. Frequencies are resolved to 1 / segment; the longer the
        recording against it, the smaller the scatter.

    Returns
    -------
    frequencies : ndarray, shape (n_frequencies,)
        In Hz, from 0 to 1 / (2 step).
    power : ndarray, shape (n_frequencies,) or (n_frequencies, n_neurons)
        In u²/Hz; its integral over frequency is the variance.

    Raises
    ------
    ParameterError
        Where values are not finite or fewer than a segment, or a segment is below two steps.

    Notes
    -----
    Welch 1967, "The use of fast Fourier transform for the estimation of power spectra";
    computed by `scipy.signal.welch`.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.analysis import power_spectrum
    >>> time = np.arange(0, 10, 0.001)
    >>> frequencies, power = power_spectrum(np.sin(2*np.pi*40*time), step=0.001, segment=1.0)
    >>> float(frequencies[power.argmax()])
    40.0
    """
    values = np.asarray(values, float)
    if values.ndim not in (1, 2):
        raise ParameterError(f"values must have one or two dimensions; got shape {values.shape}")
    if not np.isfinite(values).all():
        raise ParameterError("values must be finite; got NaN or infinity")
    step = checked_duration(step, "step")
    n_segment = round(checked_duration(segment, "segment") / step)
    if not 2 <= n_segment <= len(values):
        raise ParameterError(
            f"segment must be between 2 steps and the recording's {len(values) * step:g} s; "
            f"got {float(segment):g} s"
        )
    return welch(values, fs=1 / step, nperseg=n_segment, axis=0)


def population_spectrum(times, *, n_neurons, start=0.0, stop, bin_width, segment):
    """Return the power spectral density of the population's mean rate.

    Parameters
    ----------
    times : array_like, shape (n_spikes,)
        Spikes of all neurons, in seconds.
    n_neurons : int
    start, stop : float
        In seconds.
    bin_width : float
        In seconds. Frequencies up to 1 / (2 bin_width) are seen; bins dampen those near it.
    segment : float
        In seconds, as in :func:`power_spectrum`.

    Returns
    -------
    frequencies : ndarray, shape (n_frequencies,)
        In Hz.
    power : ndarray, shape (n_frequencies,)
        In Hz²/Hz. For independent Poisson neurons of rate r it is 2 r / n_neurons at every
        frequency above 0.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.analysis import population_spectrum
    >>> times = np.arange(0.005, 10, 0.025)
    >>> frequencies, power = population_spectrum(
    ...     times, n_neurons=1, stop=10.0, bin_width=0.01, segment=1.0)
    >>> float(frequencies[power.argmax()])
    40.0
    """
    _, rates = population_rate(
        times, n_neurons=n_neurons, start=start, stop=stop, bin_width=bin_width
    )
    return power_spectrum(rates, step=bin_width, segment=segment)
