"""Sparsely connected excitatory and inhibitory integrate-and-fire neurons.

Brunel (2000), J Comput Neurosci 8:183-208: model A, whose four states are those of its figure 8.

=====  ====  ====================  =============================================
state  g     nu_ext / nu_thr       what is seen
=====  ====  ====================  =============================================
SR     3     2                     synchronous, regular, close to saturation
SI     6     4                     fast oscillation, irregular single neurons
AI     5     2                     stationary activity, irregular single neurons
SI     4.5   0.9                   slow oscillation, low rates
=====  ====  ====================  =============================================

The rate in a stationary state solves equations 4 and 5 of the paper; see `stationary_rate`.
"""

from brian2 import (
    Hz,
    NeuronGroup,
    PoissonInput,
    SpikeMonitor,
    Synapses,
    ms,
    mV,
    run,
    seed,
    start_scope,
)
from numpy import pi, sqrt
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import erfcx

tau = 20 * ms
theta = 20 * mV
V_r = 10 * mV
tau_rp = 2 * ms
D = 1.5 * ms
gamma = 0.25  # inhibitory per excitatory neuron


def threshold_rate(C_E, J):
    """Return the external rate that holds a neuron without noise at threshold."""
    return theta / (J * C_E * tau)


def stationary_rate(g, ratio, C_E=1000, J=0.1 * mV):
    """Return the rate at which a neuron's input, made by its likes, makes it fire."""
    external = ratio * threshold_rate(C_E, J)

    def excess(rate):
        nu = rate * Hz
        mu = float(C_E * J * tau * (external + nu * (1 - gamma * g)) / mV)
        sigma = float(sqrt(C_E * J**2 * tau * (external + nu * (1 + gamma * g**2))) / mV)
        low, high = ((float(v / mV) - mu) / sigma for v in (V_r, theta))
        # exp(u²)(1 + erf(u)), written so that neither factor overflows.
        integral = quad(lambda u: erfcx(-u), low, high)[0]
        return 1 / float(tau_rp + tau * sqrt(pi) * integral) - rate

    return brentq(excess, 0.1, 500) * Hz


def main(g=5, ratio=2, N_E=10000, C_E=1000, J=0.1 * mV, duration=1200 * ms, random=1):
    """Run the network and return its spikes."""
    start_scope()
    seed(random)
    neurons = NeuronGroup(
        int(N_E * (1 + gamma)),
        "dv/dt = -v/tau : volt (unless refractory)",
        threshold="v > theta",
        reset="v = V_r",
        refractory=tau_rp,
        method="exact",
    )
    neurons.v = "rand()*theta"
    excitatory, inhibitory = neurons[:N_E], neurons[N_E:]
    to_all = Synapses(excitatory, neurons, on_pre="v += J", delay=D)
    to_all.connect(p=C_E / N_E)
    from_inhibitory = Synapses(inhibitory, neurons, on_pre="v += -g*J", delay=D)
    from_inhibitory.connect(p=C_E / N_E)
    external = PoissonInput(  # noqa: F841 - Brian 2 collects what is in scope
        neurons, "v", N=C_E, rate=ratio * threshold_rate(C_E, J), weight=J
    )
    spikes = SpikeMonitor(neurons)
    run(duration)
    return {"i": spikes.i[:], "t": spikes.t / ms}


if __name__ == "__main__":
    for g, ratio in ((3, 2), (6, 4), (5, 2), (4.5, 0.9)):
        spikes = main(g, ratio)
        late = sum(spikes["t"] > 200)
        print(f"g={g} ratio={ratio}: {late / 12500:.1f} Hz, theory {stationary_rate(g, ratio):.1f}")
