"""A branched neuron in single precision: the systems are solved in double, as they have to be."""

import brian2
import numpy as np
from brian2 import (
    Cylinder,
    Network,
    Soma,
    SpatialNeuron,
    cm,
    defaultclock,
    ms,
    mV,
    nA,
    ohm,
    prefs,
    set_device,
    siemens,
    start_scope,
    uF,
    um,
)


def potential(dtype):
    start_scope()
    prefs.core.default_float_dtype = dtype
    defaultclock.dt = 0.1 * ms
    morphology = Soma(diameter=30 * um)
    morphology.axon = Cylinder(length=100 * um, diameter=1 * um, n=5)
    morphology.axon.left = Cylinder(length=50 * um, diameter=1 * um, n=3)
    morphology.dendrite = Cylinder(length=60 * um, diameter=2 * um, n=4)
    neuron = SpatialNeuron(
        morphology=morphology,
        model="""Im = gL*(-60*mV - v) : amp/meter**2
        I : amp (point current)
        gL : siemens/meter**2""",
        Cm=1 * uF / cm**2,
        Ri=100 * ohm * cm,
        method="exponential_euler",
    )
    neuron.v = -65 * mV
    neuron.gL = 1e-4 * siemens / cm**2
    neuron.I[0] = 0.2 * nA
    Network(neuron).run(5 * ms)
    assert neuron.variables["v"].get_value().dtype == dtype
    return np.array(neuron.v, float)


def test_single_precision_stays_near_double():
    set_device("runtime")
    prefs.codegen.target = "numpy"
    expected = potential(np.float64)
    set_device("neurosim")
    actual = potential(np.float32)
    assert np.ptp(expected) > 1e-3
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-5 * np.abs(expected).max())
    assert brian2.prefs.core.default_float_dtype is np.float32
