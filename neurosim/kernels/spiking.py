"""Leaky integrate-and-fire steps of a batch of samples, fused over units.

The arrays hold one sample after another, so that a sample's membrane stays in cache while
all its time steps pass; the innermost loop runs over units and has no branch, so that the
compiler turns it into vector instructions.
"""

from neurosim.kernels.compiled import kernel

__all__ = ["integrate_and_fire", "trace_step"]


@kernel
def integrate_and_fire(
    current,
    decay,
    threshold,
    firing_level,
    amplitude,
    step_weights,
    membrane,
    spikes,
    weighted_current,
    weighted_rate,
    mean_rate,
    voltage,
):
    """Run leaky integrate-and-fire units with soft reset over all steps of a batch.

    Each step ``v ← decay v + (1 − decay) I``; a unit fires where ``v ≥ firing_level`` and
    then loses `threshold`; a spike has height `amplitude`.

    Parameters
    ----------
    current : ndarray, shape (n_samples, n_steps or 1, n_units)
        Input current; one step stands for a constant current.
    decay, threshold, firing_level, amplitude : scalar of the arrays' dtype
        Membrane decay per step, amount subtracted at a spike, level at which a unit fires,
        height of an output spike.
    step_weights : ndarray, shape (n_steps,)
        Weights of the steps in the weighted means, summing to 1.
    membrane : ndarray, shape (n_units,)
        Work space.
    spikes : ndarray, shape (n_samples, n_steps, n_units)
        Output.
    weighted_current, weighted_rate, mean_rate : ndarray, shape (n_samples, n_units)
        Output: means over steps of the current (weighted) and of the spikes (weighted, plain).
    voltage : ndarray, shape (n_samples, n_steps, n_units) or (0, 0, 0)
        Output: membrane before the reset, where wanted.
    """
    n_samples, n_steps, n_units = spikes.shape
    zero = spikes.dtype.type(0)
    gain = spikes.dtype.type(1) - decay
    share = spikes.dtype.type(1.0 / n_steps)
    constant = current.shape[1] == 1
    keep_voltage = voltage.shape[0] > 0
    for sample in range(n_samples):
        for unit in range(n_units):
            membrane[unit] = zero
            weighted_current[sample, unit] = zero
            weighted_rate[sample, unit] = zero
            mean_rate[sample, unit] = zero
        for step in range(n_steps):
            source = current[sample, 0 if constant else step]
            weight = step_weights[step]
            if keep_voltage:
                for unit in range(n_units):
                    voltage[sample, step, unit] = decay * membrane[unit] + gain * source[unit]
            for unit in range(n_units):
                v = decay * membrane[unit] + gain * source[unit]
                fired = v >= firing_level
                spike = amplitude if fired else zero
                membrane[unit] = v - (threshold if fired else zero)
                spikes[sample, step, unit] = spike
                weighted_current[sample, unit] += weight * source[unit]
                weighted_rate[sample, unit] += weight * spike
                mean_rate[sample, unit] += share * spike


@kernel
def trace_step(current, leak, threshold, membrane, spikes, trace):
    """Advance units and their presynaptic traces by one step, in place.

    ``u ← leak (u − threshold s) + I``, ``s ← u ≥ threshold``, ``trace ← leak trace + s``.

    Parameters
    ----------
    current : ndarray, shape (n_samples, n_units)
        Input current of this step.
    leak, threshold : scalar of the arrays' dtype
        Leak factor of membrane and trace, and firing threshold.
    membrane, spikes, trace : ndarray, shape (n_samples, n_units)
        State, updated in place; `spikes` holds 0 and 1.
    """
    n_samples, n_units = current.shape
    zero = spikes.dtype.type(0)
    one = spikes.dtype.type(1)
    for sample in range(n_samples):
        for unit in range(n_units):
            u = (
                leak * (membrane[sample, unit] - threshold * spikes[sample, unit])
                + current[sample, unit]
            )
            spike = one if u >= threshold else zero
            membrane[sample, unit] = u
            spikes[sample, unit] = spike
            trace[sample, unit] = leak * trace[sample, unit] + spike
