"""Neurons with compartments: cables, spikes at one place, currents and synapses at points."""

import pytest
from brian2 import (
    Cylinder,
    Section,
    Soma,
    SpatialNeuron,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    cm,
    ms,
    mV,
    nS,
    ohm,
    pA,
    siemens,
    uF,
    um,
)

PASSIVE = """Im = gL*(-70*mV - v) : amp/meter**2
I : amp (point current)
gL : siemens/meter**2"""

# After Morris and Lecar's calcium spikes.
SPIKING = """Im = gL*(-60*mV - v) + gCa*m*(120*mV - v) + gK*w*(-84*mV - v) : amp/meter**2
m = 1/(1 + exp(-(v + 1.2*mV)/(9*mV))) : 1
dw/dt = (1/(1 + exp(-(v - 2*mV)/(15*mV))) - w)/(3*ms) : 1
Is = g*(0*mV - v) : amp (point current)
I : amp (point current)
dg/dt = -g/(2*ms) : siemens
gL : siemens/meter**2
gCa : siemens/meter**2
gK : siemens/meter**2"""


def tree():
    morphology = Soma(diameter=30 * um)
    morphology.axon = Cylinder(length=100 * um, diameter=1 * um, n=5)
    morphology.axon.left = Cylinder(length=50 * um, diameter=1 * um, n=3)
    morphology.axon.right = Section(length=[20, 30] * um, diameter=[1, 0.8, 0.5] * um, n=2)
    morphology.dendrite = Cylinder(length=60 * um, diameter=2 * um, n=4)
    return morphology


def cable():
    neuron = SpatialNeuron(
        morphology=tree(),
        model=PASSIVE,
        Cm=1 * uF / cm**2,
        Ri=100 * ohm * cm,
        method="exponential_euler",
    )
    neuron.v = -65 * mV
    neuron.gL = 1e-4 * siemens / cm**2
    neuron.I[0] = 200 * pA
    neuron.gL[neuron.axon] = 5e-4 * siemens / cm**2

    def change(network):
        neuron.I[0] = 0 * pA
        neuron.dendrite.I = "50*pA + 1*pA*i"
        axon = neuron.axon  # Brian 2 keeps no reference to it
        axon.left.v = -80 * mV

    return [neuron, StateMonitor(neuron, "v", record=True), change]


def spiking(**options):
    neuron = SpatialNeuron(
        morphology=tree(),
        model=SPIKING,
        Cm=1 * uF / cm**2,
        Ri=150 * ohm * cm,
        method="exponential_euler",
        **options,
    )
    neuron.v = "-50*mV + 1*mV*i"
    neuron.w = 0.01
    neuron.gL = 2e-4 * siemens / cm**2
    neuron.gCa, neuron.gK = 4.4e-4 * siemens / cm**2, 8e-4 * siemens / cm**2
    neuron.gCa[neuron.axon] = 1e-3 * siemens / cm**2
    neuron.I[0] = 4000 * pA
    return neuron


def spikes_at_one_place():
    """A threshold at one compartment, and refractoriness that ends with the potential."""
    neuron = spiking(
        threshold="v > -10*mV", threshold_location=3, refractory="v > -30*mV", reset="w += 0.01"
    )
    monitors = [SpikeMonitor(neuron, variables=["w"]), StateMonitor(neuron, ["v", "Im"], [0, 3, 9])]
    return [neuron, *monitors]


def synapses_onto_compartments():
    """From spikes outside to points of a neuron, and from its compartments' events back."""
    source = SpikeGeneratorGroup(3, [0, 1, 2, 0, 1], [0.2, 0.3, 1.4, 2.1, 2.2] * ms)
    neuron = spiking(threshold="v > -20*mV", refractory=1 * ms)
    onto = Synapses(source, neuron, "peak : siemens", on_pre="g_post += peak")
    onto.connect(i=[0, 1, 2, 2], j=[2, 8, 14, 0])
    onto.peak = [1, 2, 3, 20] * nS
    onto.delay = [0, 0.3, 0.5, 0.8] * ms
    inside = Synapses(neuron, neuron, on_pre="g_post += 0.5*nS", delay=0.4 * ms)
    inside.connect(condition="j == i + 1")
    dendrite = StateMonitor(neuron.dendrite, ["v", "g"], record=True)
    return [source, neuron, onto, inside, SpikeMonitor(neuron), dendrite]


NETWORKS = [cable, spikes_at_one_place, synapses_onto_compartments]


@pytest.mark.parametrize("build", NETWORKS)
def test_device_agrees_with_numpy(build, compare):
    # Brian 2's own NumPy and Cython targets differ by 2e-9 of the axial current here: it is the
    # small difference of large terms.
    compare(build, durations=(2.3, 0, 6), tolerance=1e-6)
