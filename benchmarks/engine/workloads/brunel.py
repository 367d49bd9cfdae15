"""Sparsely connected excitatory and inhibitory neurons with delays and Poisson input.

Brunel (2000), J Comput Neurosci 8:183-208, model A in the asynchronous irregular state: g = 5,
external rate twice that at threshold, delay 1.5 ms, and the paper's own size, 12 500 neurons with
1250 synapses each, because the rate of smaller networks differs more between drawn connections.
"""

from brian2 import (
    NeuronGroup,
    PoissonInput,
    SpikeMonitor,
    Synapses,
    defaultclock,
    ms,
    mV,
    seed,
)

DURATION = 300 * ms
TIME_STEP = 0.1 * ms
EXPONENTIALS = 0
# Drawn connections alone make rates differ by 6 % (standard deviation).
RATE_TOLERANCE = 0.15

N_E, N_I = 10_000, 2500
C_E = 1000
epsilon = C_E / N_E
tau, theta, V_r, tau_rp, D = 20 * ms, 20 * mV, 10 * mV, 2 * ms, 1.5 * ms
J = 0.1 * mV
g = 5
external_rate = 2 * theta / (J * C_E * tau)


def build(random=1):
    """Return the objects of the network."""
    seed(random)
    defaultclock.dt = TIME_STEP
    neurons = NeuronGroup(
        N_E + N_I,
        "dv/dt = -v/tau : volt (unless refractory)",
        threshold="v > theta",
        reset="v = V_r",
        refractory=tau_rp,
        method="exact",
    )
    neurons.v = "rand()*theta"
    from_e = Synapses(neurons, neurons, on_pre="v += J", delay=D)
    from_i = Synapses(neurons, neurons, on_pre="v += -g*J", delay=D)
    from_e.connect("i < N_E", p=epsilon)
    from_i.connect("i >= N_E", p=epsilon)
    external = PoissonInput(neurons, "v", N=C_E, rate=external_rate, weight=J)
    return [neurons, from_e, from_i, external, SpikeMonitor(neurons)]
