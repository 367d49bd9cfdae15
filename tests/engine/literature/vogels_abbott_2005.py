"""Self-sustained irregular activity of integrate-and-fire neurons: COBA and CUBA.

Vogels and Abbott (2005), J Neurosci 25:10786-10795, as benchmarks 1 and 2 of Brette et al.
(2007), J Comput Neurosci 23:349-398, appendix 2: 3200 excitatory and 800 inhibitory neurons,
connected with probability 0.02. Activity, started by chance, goes on by itself, irregular and
asynchronous.
"""

from brian2 import (
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    ms,
    mV,
    run,
    seed,
    start_scope,
)

tau_m = 20 * ms
tau_e = 5 * ms
tau_i = 10 * ms
V_t = -50 * mV
V_r = -60 * mV
E_e = 0 * mV
E_i = -80 * mV

# Conductances are in units of the leak, 10 nS; in CUBA their effect is frozen, in mV, and the mean
# of the membrane potential stands near threshold.
MODELS = {
    "COBA": {
        "equations": """
            dv/dt = (E_l - v + g_e*(E_e - v) + g_i*(E_i - v))/tau_m : volt (unless refractory)
            dg_e/dt = -g_e/tau_e : 1
            dg_i/dt = -g_i/tau_i : 1
            """,
        "E_l": -60 * mV,
        "w_e": 0.6,
        "w_i": 6.7,
        "g_e": "(randn()*1.5 + 4)",
        "g_i": "(randn()*12 + 20)",
    },
    "CUBA": {
        "equations": """
            dv/dt = (E_l - v + g_e + g_i)/tau_m : volt (unless refractory)
            dg_e/dt = -g_e/tau_e : volt
            dg_i/dt = -g_i/tau_i : volt
            """,
        "E_l": -49 * mV,
        "w_e": 1.62 * mV,
        "w_i": -9 * mV,
        "g_e": "0*mV",
        "g_i": "0*mV",
    },
}


def main(model="COBA", N=4000, p=0.02, duration=1000 * ms, random=1, traced=10):
    """Run the network and return its spikes and some membrane potentials."""
    start_scope()
    seed(random)
    chosen = MODELS[model]
    E_l, w_e, w_i = (chosen[name] for name in ("E_l", "w_e", "w_i"))
    neurons = NeuronGroup(
        N,
        chosen["equations"],
        threshold="v > V_t",
        reset="v = V_r",
        refractory=5 * ms,
        method="euler" if model == "COBA" else "exact",
        namespace={"E_l": E_l, "E_e": E_e, "E_i": E_i, "tau_m": tau_m, "tau_e": tau_e}
        | {"tau_i": tau_i, "V_t": V_t, "V_r": V_r},
    )
    neurons.v = "V_r + rand()*(V_t - V_r)"
    neurons.g_e = chosen["g_e"]
    neurons.g_i = chosen["g_i"]
    from_e = Synapses(neurons, neurons, on_pre="g_e += w_e", namespace={"w_e": w_e})
    from_i = Synapses(neurons, neurons, on_pre="g_i += w_i", namespace={"w_i": w_i})
    from_e.connect("i < 0.8*N_pre", p=p)
    from_i.connect("i >= 0.8*N_pre", p=p)
    spikes = SpikeMonitor(neurons)
    trace = StateMonitor(neurons, ("v", "g_e", "g_i"), record=range(traced))
    run(duration)
    traces = {name: trace.get_states([name], units=False)[name] for name in ("v", "g_e", "g_i")}
    return {"i": spikes.i[:], "t": spikes.t / ms, **traces}


if __name__ == "__main__":
    for model in MODELS:
        print(model, len(main(model)["i"]) / 4000, "spikes per neuron in one second")
