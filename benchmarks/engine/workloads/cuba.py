"""CUBA: integrate-and-fire neurons with synaptic currents.

Benchmark 2 of Brette et al. (2007), J Comput Neurosci 23:349-398, appendix 2: the effect of
conductances at a mean potential, so that the equations are linear.
"""

from brian2 import NeuronGroup, SpikeMonitor, Synapses, defaultclock, ms, mV, second, seed

DURATION = 1 * second
TIME_STEP = 0.1 * ms
EXPONENTIALS = 0
RATE_TOLERANCE = 0.1

N, p = 4000, 0.02
tau_m, tau_e, tau_i, tau_rp = 20 * ms, 5 * ms, 10 * ms, 5 * ms
V_t, V_r, E_l = -50 * mV, -60 * mV, -49 * mV
w_e, w_i = 1.62 * mV, -9 * mV

equations = """
dv/dt = (E_l - v + g_e + g_i)/tau_m : volt (unless refractory)
dg_e/dt = -g_e/tau_e : volt
dg_i/dt = -g_i/tau_i : volt
"""


def build(random=1, N=N, p=p):
    """Return the objects of the network."""
    seed(random)
    defaultclock.dt = TIME_STEP
    neurons = NeuronGroup(
        N, equations, threshold="v > V_t", reset="v = V_r", refractory=tau_rp, method="exact"
    )
    neurons.v = "V_r + rand()*(V_t - V_r)"
    from_e = Synapses(neurons, neurons, on_pre="g_e += w_e")
    from_i = Synapses(neurons, neurons, on_pre="g_i += w_i")
    from_e.connect("i < 0.8*N_pre", p=p)
    from_i.connect("i >= 0.8*N_pre", p=p)
    return [neurons, from_e, from_i, SpikeMonitor(neurons)]
