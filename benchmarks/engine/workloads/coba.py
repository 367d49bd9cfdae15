"""COBA: integrate-and-fire neurons with synaptic conductances.

Benchmark 1 of Brette et al. (2007), J Comput Neurosci 23:349-398, appendix 2, after Vogels and
Abbott (2005), J Neurosci 25:10786-10795. Conductances are in units of the leak, 10 nS.
"""

from brian2 import NeuronGroup, SpikeMonitor, Synapses, defaultclock, ms, mV, second, seed

DURATION = 1 * second
TIME_STEP = 0.1 * ms
EXPONENTIALS = 1
# Drawn connections and initial values alone make rates differ by 7 % (standard deviation).
RATE_TOLERANCE = 0.15

N, p = 4000, 0.02
tau_m, tau_e, tau_i, tau_rp = 20 * ms, 5 * ms, 10 * ms, 5 * ms
V_t, V_r, E_l = -50 * mV, -60 * mV, -60 * mV
E_e, E_i = 0 * mV, -80 * mV
w_e, w_i = 0.6, 6.7

equations = """
dv/dt = (E_l - v + g_e*(E_e - v) + g_i*(E_i - v))/tau_m : volt (unless refractory)
dg_e/dt = -g_e/tau_e : 1
dg_i/dt = -g_i/tau_i : 1
"""


def build(random=1):
    """Return the objects of the network."""
    seed(random)
    defaultclock.dt = TIME_STEP
    neurons = NeuronGroup(
        N,
        equations,
        threshold="v > V_t",
        reset="v = V_r",
        refractory=tau_rp,
        method="exponential_euler",
    )
    neurons.v = "V_r + rand()*(V_t - V_r)"
    neurons.g_e = "randn()*1.5 + 4"
    neurons.g_i = "randn()*12 + 20"
    from_e = Synapses(neurons, neurons, on_pre="g_e += w_e")
    from_i = Synapses(neurons, neurons, on_pre="g_i += w_i")
    from_e.connect("i < 0.8*N_pre", p=p)
    from_i.connect("i >= 0.8*N_pre", p=p)
    return [neurons, from_e, from_i, SpikeMonitor(neurons)]
