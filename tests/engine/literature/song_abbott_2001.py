"""Spike-timing-dependent plasticity makes synapses compete.

Song and Abbott (2001), Neuron 32:339-350, after Song, Miller and Abbott (2000), Nat Neurosci
3:919-926, figure 2: Poisson inputs excite one integrate-and-fire neuron; depression is a little
stronger than potentiation (A_- / A_+ = 1.05), and conductances, uniform at first, gather at zero
and at the maximum, while the neuron comes to fire irregularly and more slowly than at first.
"""

from brian2 import (
    Hz,
    NeuronGroup,
    PoissonGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    ms,
    mV,
    run,
    second,
    seed,
    start_scope,
)

tau_m, tau_e = 10 * ms, 5 * ms
V_rest, V_t, V_r, E_e = -74 * mV, -54 * mV, -60 * mV, 0 * mV
tau_plus, tau_minus = 20 * ms, 20 * ms

equations = """
dv/dt = (V_rest - v + g_e*(E_e - v))/tau_m : volt
dg_e/dt = -g_e/tau_e : 1
"""


def main(rate=15 * Hz, A_plus=0.01, duration=100 * second, N=1000, random=1):
    """Run and return the conductances in units of their maximum, and the output spikes."""
    start_scope()
    seed(random)
    A_minus = 1.05 * A_plus
    # Fewer inputs are stronger, so that their sum stays that of 1000 of 0.01.
    g_max = 10 / N
    inputs = PoissonGroup(N, rates=rate)
    neuron = NeuronGroup(1, equations, threshold="v > V_t", reset="v = V_r", method="euler")
    neuron.v = V_rest
    synapses = Synapses(
        inputs,
        neuron,
        """
        w : 1
        dM_plus/dt = -M_plus/tau_plus : 1 (event-driven)
        dM_minus/dt = -M_minus/tau_minus : 1 (event-driven)
        """,
        on_pre="""
        g_e_post += w*g_max
        M_plus += A_plus
        w = clip(w - M_minus, 0, 1)
        """,
        on_post="""
        M_minus += A_minus
        w = clip(w + M_plus, 0, 1)
        """,
        namespace={"A_plus": A_plus, "A_minus": A_minus, "g_max": g_max}
        | {"tau_plus": tau_plus, "tau_minus": tau_minus},
    )
    synapses.connect()
    synapses.w = "rand()"
    output = SpikeMonitor(neuron)
    weights = StateMonitor(synapses, "w", record=[0, 1], dt=100 * ms)
    run(duration)
    return {
        "w": synapses.w[:],
        "t": output.t / second,
        "trace": weights.w[:],
    }


if __name__ == "__main__":
    result = main()
    outer = ((result["w"] < 0.2) | (result["w"] > 0.8)).mean()
    print(f"{outer:.0%} of the conductances are in the outer fifths; {len(result['t'])} spikes")
