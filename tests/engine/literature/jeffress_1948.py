"""Sound localisation by delay lines and coincidence detectors.

Jeffress (1948), J Comp Physiol Psychol 41:35-39: each of many neurons gets a sound from both
ears, with delays that differ from neuron to neuron; the one whose delays make up for the
difference in arrival fires most. As the source goes around the head, the place of the maximum
follows sin(angle).
"""

import numpy as np
from brian2 import (
    Hz,
    NeuronGroup,
    SpikeMonitor,
    Synapses,
    TimedArray,
    defaultclock,
    kHz,
    metre,
    ms,
    run,
    second,
    seed,
    start_scope,
)

largest_delay = 20 * 0.01 * metre / (300 * metre / second)
tau_ear, sigma_ear, tau = 1 * ms, 0.1, 1 * ms


def main(N=40, angles=(-60, 0, 60), duration=400 * ms, random=1):
    """Return the spikes of each coincidence detector for each direction (degrees)."""
    counts = []
    for angle in angles:
        start_scope()
        defaultclock.dt = 0.02 * ms
        seed(random)
        noise = np.random.default_rng(random).standard_normal(int(duration * 20 * kHz))
        sound = TimedArray(10 * noise, dt=0.05 * ms)  # noqa: F841
        ears = NeuronGroup(
            2,
            """
            dx/dt = (sound(t - delay) - x)/tau_ear + sigma_ear*(2/tau_ear)**0.5*xi
                    : 1 (unless refractory)
            angle : 1 (shared)
            delay = distance*sin(angle) : second
            distance : second (constant)
            """,
            threshold="x > 1",
            reset="x = 0",
            refractory=2.5 * ms,
            method="euler",
        )
        ears.distance = [-0.5, 0.5] * largest_delay
        ears.angle = np.deg2rad(angle)
        detectors = NeuronGroup(
            N, "dv/dt = -v/tau : 1", threshold="v > 1", reset="v = 0", method="exact"
        )
        lines = Synapses(ears, detectors, on_pre="v += 0.5")
        lines.connect()
        lines.delay["i == 0"] = "(1.0*j)/(N_post - 1)*1.1*largest_delay"
        lines.delay["i == 1"] = "(1.0*(N_post - j - 1))/(N_post - 1)*1.1*largest_delay"
        spikes = SpikeMonitor(detectors)
        run(duration)
        counts.append(spikes.count[:])
    return {"counts": np.array(counts)}


def expected_places(N=40, angles=(-60, 0, 60)):
    """Return the detectors at which both ears' spikes arrive together."""
    return (N - 1) / 2 * (1 + np.sin(np.deg2rad(angles)) / 1.1)


if __name__ == "__main__":
    counts = main(duration=1 * second)["counts"]
    print("rates:", counts.max(axis=1) * Hz)
    print("places:", counts.argmax(axis=1), "expected:", expected_places())
