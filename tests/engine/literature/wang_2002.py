"""Winner-take-all decision by slow reverberation.

Wang (2002), Neuron 36:955-968, reduced after Brunel and Wang (2001), J Comput Neurosci 11:63-85:
two selective groups of pyramidal cells, a group of others and interneurons; recurrent NMDA and
GABA conductances reach each cell as weighted sums of gating variables. The group that gets more
of a noisy stimulus wins in most trials and goes on firing after the stimulus is gone.
"""

import numpy as np
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeMonitor,
    Synapses,
    TimedArray,
    ms,
    mV,
    nF,
    nS,
    seed,
    start_scope,
)

V_L, V_t, V_r, V_E, V_I = -70 * mV, -50 * mV, -55 * mV, 0 * mV, -70 * mV
tau_ampa, tau_gaba, tau_nmda, tau_x, alpha = 2 * ms, 5 * ms, 100 * ms, 2 * ms, 0.5 / ms

cell = """
dv/dt = (-g_m*(v - V_L) - (g_ext*s_ext + g_ampa*S_ampa)*(v - V_E)
         - g_nmda*S_nmda*(v - V_E)/(1 + exp(-0.062*v/mV)/3.57) - g_gaba*s_gaba*(v - V_I))/C
        : volt (unless refractory)
ds_ext/dt = -s_ext/tau_ampa : 1
ds_gaba/dt = -s_gaba/tau_gaba : 1
S_ampa : 1
S_nmda : 1
"""
gating = """
ds_ampa/dt = -s_ampa/tau_ampa : 1
ds_nmda/dt = -s_nmda/tau_nmda + alpha*x*(1 - s_nmda) : 1
dx/dt = -x/tau_x : 1
"""
PYRAMIDAL = {"C": 0.5 * nF, "g_m": 25 * nS, "g_ext": 2.1 * nS}
INTERNEURON = {"C": 0.2 * nF, "g_m": 20 * nS, "g_ext": 1.62 * nS}
RECURRENT_E = {"g_ampa": 80 * nS, "g_nmda": 264 * nS, "g_gaba": 520 * nS}
RECURRENT_I = {"g_ampa": 64 * nS, "g_nmda": 208 * nS, "g_gaba": 400 * nS}
SHARED = {"V_L": V_L, "V_E": V_E, "V_I": V_I, "V_t": V_t, "V_r": V_r, "alpha": alpha}
SHARED |= {"tau_ampa": tau_ampa, "tau_gaba": tau_gaba, "tau_nmda": tau_nmda, "tau_x": tau_x}


def main(N_E=400, coherence=0.5, duration=1500, w_plus=1.7, f=0.15, random=1):
    """Return the spikes of pyramidal cells; the first two groups have f*N_E cells each."""
    start_scope()
    seed(random)
    N_I, N_1 = N_E // 4, int(f * N_E)
    # Conductances are totals over all cells of a kind; sums are divided by their number.
    pyramidal = NeuronGroup(
        N_E,
        cell + gating,
        threshold="v > V_t",
        reset="v = V_r; s_ampa += 1; x += 1",
        refractory=2 * ms,
        method="rk2",
        namespace=PYRAMIDAL | RECURRENT_E | SHARED,
    )
    interneurons = NeuronGroup(
        N_I,
        cell,
        threshold="v > V_t",
        reset="v = V_r",
        refractory=1 * ms,
        method="rk2",
        namespace=INTERNEURON | RECURRENT_I | SHARED,
    )
    pyramidal.v = interneurons.v = "V_r - rand()*10*mV"
    w_minus = 1 - f * (w_plus - 1) / (1 - f)
    recurrent = [
        Synapses(
            pyramidal,
            group,
            """
            weight : 1
            S_ampa_post = weight*s_ampa_pre/N_pre : 1 (summed)
            S_nmda_post = weight*s_nmda_pre/N_pre : 1 (summed)
            """,
        )
        for group in (pyramidal, interneurons)
    ]
    for synapses in recurrent:
        synapses.connect()
        synapses.weight = 1
    # Strong within a selective group, weak from other cells to a selective group.
    recurrent[0].weight["j < 2*N_1"] = w_minus
    recurrent[0].weight["j < 2*N_1 and i < 2*N_1 and i//N_1 == j//N_1"] = w_plus
    inhibition = [
        Synapses(interneurons, group, on_pre="s_gaba += 1.0/N_I", delay=0.5 * ms)
        for group in (pyramidal, interneurons)
    ]
    for synapses in inhibition:
        synapses.connect()
    # 800 external inputs at 3 Hz each, and the stimulus, between 300 ms and 1000 ms.
    steps = np.arange(duration // 50)
    shown = (steps >= 6) & (steps < 20)
    noise = np.random.default_rng(random).normal(0, 4, (len(steps), 2))
    shift = shown[:, None] * (40 * np.array([1 + coherence, 1 - coherence]) + noise)
    stimulus = TimedArray(np.column_stack([shift, 0 * steps]) * Hz, dt=50 * ms)  # noqa: F841
    background = [
        PoissonGroup(N_E, rates=f"2400*Hz + stimulus(t, int(i >= {N_1}) + int(i >= {2 * N_1}))"),
        PoissonGroup(N_I, rates=2400 * Hz),
    ]
    external = [
        Synapses(source, group, on_pre="s_ext += 1")
        for source, group in zip(background, (pyramidal, interneurons), strict=True)
    ]
    for synapses in external:
        synapses.connect(j="i")
    spikes = SpikeMonitor(pyramidal)
    network = Network(pyramidal, interneurons, recurrent, inhibition)
    network.add(background, external, spikes)
    network.run(duration * ms)
    return {"i": spikes.i[:], "t": spikes.t / ms}


if __name__ == "__main__":
    spikes = main()
    late = spikes["t"] > 1000
    print([(late & (spikes["i"] // 60 == group)).sum() / 60 / 0.5 for group in (0, 1)], "Hz")
