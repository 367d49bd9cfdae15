"""Networks that several tests of simulations run."""

import numpy as np
from brian2 import (
    Hz,
    NeuronGroup,
    PoissonGroup,
    PopulationRateMonitor,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    TimedArray,
    defaultclock,
    ms,
    prefs,
    seed,
    set_device,
    start_scope,
)

__all__ = ["build"]


def build():
    """Return a network of all kinds of objects, by name, and the names in its equations."""
    prefs.codegen.target = "numpy"
    set_device("neurosim")
    start_scope()
    defaultclock.dt = 0.1 * ms
    seed(5)
    source = PoissonGroup(30, 100 * Hz, name="source")
    generator = SpikeGeneratorGroup(3, [0, 1, 2, 0], [1, 2, 7, 12] * ms, name="generator")
    cells = NeuronGroup(
        12,
        """dv/dt = (drive(t, i) + g - v)/tau + 0.1*xi*ms**-0.5 : 1 (unless refractory)
        dg/dt = -g/(5*ms) : 1
        spare : 1""",
        threshold="v > 1",
        reset="v = 0",
        refractory=1 * ms,
        method="euler",
        name="cells",
    )
    synapses = Synapses(
        source,
        cells,
        """w : 1
        dx/dt = -x/tau_x : 1 (event-driven)
        dy/dt = -y/(10*ms) : 1 (event-driven)""",
        on_pre="g_post += w; x += 0.1; w = clip(w - rate*y, 0, 1)",
        on_post="y += 0.1; w = clip(w + rate*x, 0, 1)",
        delay=1.3 * ms,
        name="synapses",
    )
    synapses.connect(p=0.5)
    half = 0.5  # noqa: F841, a name in the next line
    synapses.w = "half*rand()"
    recurrent = Synapses(cells, cells, on_pre="g_post -= 0.05", name="recurrent")
    recurrent.connect(condition="i != j")
    recurrent.delay = "0.2*ms + 0.1*ms*j"
    kicks = Synapses(generator, cells, on_pre="v_post += kick", name="kicks")
    kicks.connect(j="i")
    spikes = SpikeMonitor(cells, name="spikes")
    trace = StateMonitor(cells, "v", record=[0, 5], name="trace")
    drive = TimedArray(np.linspace(1, 2.5, 40 * 12).reshape(40, 12), dt=1 * ms)
    rates = PopulationRateMonitor(cells, name="rates")
    objects = [source, generator, cells, synapses, recurrent, kicks, spikes, trace, rates]
    names = {"drive": drive, "tau": 10 * ms, "tau_x": 10 * ms, "rate": 0.5, "kick": 0.4}
    return {obj.name: obj for obj in objects}, names
