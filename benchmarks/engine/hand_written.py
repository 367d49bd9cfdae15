"""CUBA on the engine beside a loop written by hand: how much of its speed generated code has.

    python -m benchmarks.engine.hand_written [--repeat 5]

The loop by hand is what an expert would write in numba for this one network: one pass for update,
refractoriness, threshold and reset, spikes delivered at once, nothing recorded but their number.
Both simulate the network of :mod:`benchmarks.engine.workloads.cuba` from the same initial state, in
one process, taking turns; they must count about the same number of spikes.
"""

import argparse
import statistics
import time

import brian2
import numpy as np
from numba import njit

import neurosim  # noqa: F401 - registers the device
from benchmarks.engine.workloads import cuba


@njit(nogil=True, error_model="numpy")
def run_by_hand(n_steps, v, g_e, g_i, rested, factors, levels, steps_of_rest, first, target, jump):
    """Simulate CUBA; return the number of spikes.

    `rested` counts the steps since the last spike; the synapses of neuron i end at the targets
    from ``first[i]`` to ``first[i + 1]``, and add ``jump[i]`` to the conductance of its kind.
    """
    n, n_spikes = len(v), 0
    n_excitatory = int(0.8 * n)
    decay_v, decay_e, decay_i, from_e, from_i = factors
    rest, threshold, reset = levels
    fired = np.empty(n, np.int32)
    for _ in range(n_steps):
        for i in range(n):
            new = rest + (v[i] - rest) * decay_v + from_e * g_e[i] + from_i * g_i[i]
            v[i] = new if rested[i] >= steps_of_rest else v[i]
            g_e[i] *= decay_e
            g_i[i] *= decay_i
            rested[i] += 1
        n_fired = 0
        for i in range(n):
            if v[i] > threshold:
                fired[n_fired] = i
                n_fired += 1
        for k in range(n_fired):
            i = fired[k]
            g = g_e if i < n_excitatory else g_i
            for place in range(first[i], first[i + 1]):
                g[target[place]] += jump[i]
            v[i] = reset
            rested[i] = 0
        n_spikes += n_fired
    return n_spikes


def arguments_by_hand(objects):
    """Return what the loop by hand is called with, after the number of steps."""
    neurons, *projections, _ = objects
    dt = float(cuba.TIME_STEP)
    tau_m, tau_e, tau_i = (float(tau) for tau in (cuba.tau_m, cuba.tau_e, cuba.tau_i))
    decays = [float(np.exp(-dt / tau)) for tau in (tau_m, tau_e, tau_i)]
    # The response of v to a current that decays with another constant, over one step.
    gains = [
        tau / (tau_m - tau) * (decays[0] - decay)
        for tau, decay in zip((tau_e, tau_i), decays[1:], strict=True)
    ]
    sources = np.concatenate([np.asarray(synapses.i) for synapses in projections])
    targets = np.concatenate([np.asarray(synapses.j) for synapses in projections])
    order = np.argsort(sources, kind="stable")
    first = np.searchsorted(sources[order], np.arange(cuba.N + 1))
    is_excitatory = np.arange(cuba.N) < 0.8 * cuba.N
    steps_of_rest = round(float(cuba.tau_rp) / dt)
    return [
        np.array(neurons.v),
        np.array(neurons.g_e),
        np.array(neurons.g_i),
        np.full(cuba.N, steps_of_rest, np.int32),
        (*decays, *gains),
        tuple(float(level) for level in (cuba.E_l, cuba.V_t, cuba.V_r)),
        steps_of_rest,
        first,
        targets[order].astype(np.int32),
        np.where(is_excitatory, float(cuba.w_e), float(cuba.w_i)),
    ]


def main():
    """Print both loop times and their ratio, as medians with the least and the largest."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    brian2.prefs.devices.neurosim.threads = 1
    brian2.set_device("neurosim")
    objects = cuba.build()
    network = brian2.Network(objects)
    network.store()
    n_steps = round(float(cuba.DURATION / cuba.TIME_STEP))
    by_hand = arguments_by_hand(objects)
    network.run(cuba.TIME_STEP, namespace=vars(cuba))
    run_by_hand(0, *(np.copy(a) if isinstance(a, np.ndarray) else a for a in by_hand))
    times = []
    for _ in range(repeat):
        network.restore()
        network.run(cuba.DURATION, namespace=vars(cuba))
        ours = brian2.device._last_run_time
        copies = [np.copy(a) if isinstance(a, np.ndarray) else a for a in by_hand]
        started = time.perf_counter()
        n_spikes = run_by_hand(n_steps, *copies)
        times.append((ours, time.perf_counter() - started))
    ratios = sorted(hand / ours for ours, hand in times)
    print(f"engine   {statistics.median(ours for ours, _ in times) * 1e3:.1f} ms")
    print(f"by hand  {statistics.median(hand for _, hand in times) * 1e3:.1f} ms")
    print(
        f"speed of the engine in that of the loop by hand: {statistics.median(ratios):.0%} "
        f"[{ratios[0]:.0%}, {ratios[-1]:.0%}]"
    )
    print(f"spikes   {int(objects[-1].num_spikes)} and {n_spikes}")


if __name__ == "__main__":
    main()
