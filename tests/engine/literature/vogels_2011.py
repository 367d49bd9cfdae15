"""Inhibitory plasticity brings every neuron to its target rate.

Vogels, Sprekeler, Zenke, Clopath and Gerstner (2011), Science 334:1569-1573, figure 4: a
recurrent network whose inhibitory-to-excitatory synapses grow when pre- and postsynaptic spikes
come within 20 ms and shrink by a constant at every presynaptic spike. The fixed point is rho_0
for the rates of the excitatory neurons, which start at the limit of refractoriness; with a
learning rate that gets there in seconds their mean stays within about a third of it.
"""

from brian2 import (
    Hz,
    NeuronGroup,
    PopulationRateMonitor,
    SpikeMonitor,
    Synapses,
    ms,
    mV,
    nS,
    pA,
    pF,
    run,
    second,
    seed,
    start_scope,
)

tau_e, tau_i = 5 * ms, 10 * ms
E_l, E_e, E_i = -60 * mV, 0 * mV, -80 * mV
V_t, C, g_l, I_b = -50 * mV, 200 * pF, 10 * nS, 200 * pA
w_e, w_i = 3 * nS, 30 * nS
tau_stdp = 20 * ms
w_max = 100

equations = """
dv/dt = (g_l*(E_l - v) + g_e*(E_e - v) + g_i*(E_i - v) + I_b)/C : volt (unless refractory)
dg_e/dt = -g_e/tau_e : siemens
dg_i/dt = -g_i/tau_i : siemens
"""


def main(N=10000, p=0.02, rho_0=10 * Hz, eta=0.02, duration=30 * second, random=1):
    """Run and return spikes, final weights and the rate of excitatory neurons in 100-ms bins."""
    start_scope()
    seed(random)
    alpha = 2 * rho_0 * tau_stdp  # noqa: F841 - used in the plasticity
    neurons = NeuronGroup(
        N,
        equations,
        threshold="v > V_t",
        reset="v = E_l",
        refractory=5 * ms,
        method="euler",
    )
    neurons.v = "E_l + rand()*(V_t - E_l)"
    excitatory, inhibitory = neurons[: int(0.8 * N)], neurons[int(0.8 * N) :]
    from_e = Synapses(excitatory, neurons, on_pre="g_e += w_e")
    from_e.connect(p=p)
    i_to_i = Synapses(inhibitory, inhibitory, on_pre="g_i += w_i")
    i_to_i.connect(p=p)
    plastic = Synapses(
        inhibitory,
        excitatory,
        """
        w : 1
        dtrace_i/dt = -trace_i/tau_stdp : 1 (event-driven)
        dtrace_e/dt = -trace_e/tau_stdp : 1 (event-driven)
        """,
        on_pre="""
        trace_i += 1
        w = clip(w + (trace_e - alpha)*eta, 0, w_max)
        g_i += w*nS
        """,
        on_post="""
        trace_e += 1
        w = clip(w + trace_i*eta, 0, w_max)
        """,
    )
    plastic.connect(p=p)
    rates = PopulationRateMonitor(excitatory)
    spikes = SpikeMonitor(excitatory)
    run(duration)
    steps = rates.rate[: len(rates.rate) // 1000 * 1000] / Hz
    return {
        "i": spikes.i[:],
        "t": spikes.t / ms,
        "w": plastic.w[:],
        "rate": steps.reshape(-1, 1000).mean(axis=1),
    }


if __name__ == "__main__":
    print("rate of excitatory neurons (Hz):", main()["rate"].reshape(-1, 10).mean(axis=1).round(1))
