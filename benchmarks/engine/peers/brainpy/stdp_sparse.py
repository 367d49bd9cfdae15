"""Additive plasticity with ``STDP_Song2000``, which is the workload's rule, with traces per neuron.

Neurons fire less than in Brian 2, for two reasons that were tried there: a spike transmits the
weight after the depression it causes (65 instead of 74 Hz), and conductances decay by a step before
they act (59 Hz). It is 54 Hz here; what makes the rest was not found.
"""

import brainpy as bp

from benchmarks.engine.peers.brainpy.simulation import Simulation, random_connections
from benchmarks.engine.peers.parameters import Hz, ms, mV


class Network(bp.DynSysGroup):
    """Poisson inputs and the neurons that they drive."""

    def __init__(self, given, rng):
        super().__init__()
        n, largest = given.N_neurons, given.largest / given.p
        self.inputs = bp.dyn.PoissonGroup(given.N_inputs, freqs=given.rate / Hz)
        self.neurons = bp.dyn.Lif(
            n,
            V_rest=given.V_rest / mV,
            V_th=given.V_t / mV,
            V_reset=given.V_r / mV,
            tau=given.tau_m / ms,
            V_initializer=bp.init.Constant(given.V_rest / mV),
            method="exp_auto",
        )
        seed = int(rng.integers(2**31))
        self.synapses = bp.dyn.STDP_Song2000(
            pre=self.inputs,
            delay=None,
            syn=bp.dyn.Expon.desc(n, tau=given.tau_e / ms),
            comm=random_connections(
                given.N_inputs, n, given.p, lambda size: rng.uniform(0, largest, size), seed
            ),
            out=bp.dyn.COBA.desc(E=given.E_e / mV),
            post=self.neurons,
            tau_s=given.tau_x / ms,
            tau_t=given.tau_y / ms,
            A1=given.A_x * largest,
            A2=-given.A_y * largest,
            W_min=0.0,
            W_max=largest,
        )

    def update(self):
        """Draw inputs, let them act and learn, advance the neurons, return all spikes."""
        self.synapses()
        inputs = self.inputs()
        return self.neurons(), inputs


def build(given, rng):
    """Return the network."""
    return Simulation(Network(given, rng), [given.N_neurons, given.N_inputs])
