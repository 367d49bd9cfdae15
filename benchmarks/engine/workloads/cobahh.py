"""COBAHH: Hodgkin-Huxley neurons with synaptic conductances.

Benchmark 3 of Brette et al. (2007), J Comput Neurosci 23:349-398, appendix 2; channels of Traub
and Miles (1991). The quotients x/(exp(x) - 1) of the rates are written with exprel.
"""

from brian2 import (
    NeuronGroup,
    SpikeMonitor,
    Synapses,
    cm,
    defaultclock,
    ms,
    msiemens,
    mV,
    nS,
    second,
    seed,
    uF,
    um,
    usiemens,
)

DURATION = 1 * second
TIME_STEP = 0.1 * ms
# Six rates, and the decay of v, m, n and h.
EXPONENTIALS = 10
RATE_TOLERANCE = 0.15

N, p = 4000, 0.02
area = 20000 * um**2
C_m = 1 * uF / cm**2 * area
g_l = 50 * usiemens / cm**2 * area
g_Na = 100 * msiemens / cm**2 * area
g_K = 30 * msiemens / cm**2 * area
E_l, E_Na, E_K = -60 * mV, 50 * mV, -90 * mV
E_e, E_i = 0 * mV, -80 * mV
V_T, V_spike = -63 * mV, -20 * mV
tau_e, tau_i, tau_rp = 5 * ms, 10 * ms, 3 * ms
w_e, w_i = 6 * nS, 67 * nS

equations = """
dv/dt = (g_l*(E_l - v) + g_e*(E_e - v) + g_i*(E_i - v)
         - g_Na*m**3*h*(v - E_Na) - g_K*n**4*(v - E_K))/C_m : volt
dm/dt = alpha_m*(1 - m) - beta_m*m : 1
dn/dt = alpha_n*(1 - n) - beta_n*n : 1
dh/dt = alpha_h*(1 - h) - beta_h*h : 1
dg_e/dt = -g_e/tau_e : siemens
dg_i/dt = -g_i/tau_i : siemens
u = v - V_T : volt
alpha_m = 1.28/exprel((13*mV - u)/(4*mV))/ms : Hz
beta_m = 1.4/exprel((u - 40*mV)/(5*mV))/ms : Hz
alpha_h = 0.128*exp((17*mV - u)/(18*mV))/ms : Hz
beta_h = 4/(1 + exp((40*mV - u)/(5*mV)))/ms : Hz
alpha_n = 0.16/exprel((15*mV - u)/(5*mV))/ms : Hz
beta_n = 0.5*exp((10*mV - u)/(40*mV))/ms : Hz
"""


def build(random=1):
    """Return the objects of the network."""
    seed(random)
    defaultclock.dt = TIME_STEP
    neurons = NeuronGroup(
        N, equations, threshold="v > V_spike", refractory=tau_rp, method="exponential_euler"
    )
    neurons.v = "E_l + (randn()*5 - 5)*mV"
    neurons.g_e = "(randn()*1.5 + 4)*10*nS"
    neurons.g_i = "(randn()*12 + 20)*10*nS"
    from_e = Synapses(neurons, neurons, on_pre="g_e += w_e")
    from_i = Synapses(neurons, neurons, on_pre="g_i += w_i")
    from_e.connect("i < 0.8*N_pre", p=p)
    from_i.connect("i >= 0.8*N_pre", p=p)
    return [neurons, from_e, from_i, SpikeMonitor(neurons)]
