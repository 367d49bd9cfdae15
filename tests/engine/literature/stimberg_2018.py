"""Astrocytes: calcium oscillations, waves along a ring, and gliotransmission at a synapse.

De Pittà et al. (2009), J Biol Phys 35:383-411 (the ChI model: Li-Rinzel calcium with IP3
dynamics), and Stimberg, Goodman, Brette and De Pittà (2019), in Computational Glioscience,
Springer, whose parameters are used here. IP3 held between about 0.5 and 1.1 uM makes calcium
oscillate, here with its frequency rather than its size changing; coupled astrocytes pass a rise
of IP3 on; glutamate that an astrocyte releases when its calcium crosses a threshold lowers the
release of the synapse beside it.
"""

import numpy as np
from brian2 import (
    EventMonitor,
    NeuronGroup,
    SpikeGeneratorGroup,
    StateMonitor,
    Synapses,
    TimedArray,
    defaultclock,
    ms,
    run,
    second,
    seed,
    start_scope,
    uM,
)

C_T, rho_A, O_P, K_P = 2 * uM, 0.18, 0.9 * uM / second, 0.05 * uM
Omega_C, Omega_L = 6 / second, 0.1 / second
d_1, d_2, d_3, d_5, O_2 = 0.13 * uM, 1.05 * uM, 0.9434 * uM, 0.08 * uM, 0.2 / uM / second
O_delta, kappa_delta, K_delta = 0.6 * uM / second, 1.5 * uM, 0.1 * uM
Omega_5P, O_3K, K_D, K_3K = 0.05 / second, 4.5 * uM / second, 0.7 * uM, 1 * uM
F, F_ex, I_Theta, omega_I = 0.09 * uM / second, 0.09 * uM / second, 0.3 * uM, 0.05 * uM
C_Theta, U_A, Omega_A, Omega_e = 0.5 * uM, 0.6, 0.6 / second, 60 / second
# Micromolar: 6.5e-4 of the vesicular 200 mM reaches the receptors.
G_released, O_G, Omega_G = 130 * uM, 1.5 / uM / second, 0.5 / 60 / second
U_0, Omega_f, Omega_d, alpha = 0.6, 3.33 / second, 2 / second, 0.0

calcium = """
dC/dt = J_r + J_l - J_p : mmolar
dh/dt = (h_inf - h)/tau_h*(1 + noise*xi*tau_h**0.5) : 1
J_r = Omega_C*m_inf**3*clip(h, 0, 1)**3*(C_T - (1 + rho_A)*C) : mmolar/second
J_l = Omega_L*(C_T - (1 + rho_A)*C) : mmolar/second
J_p = O_P*C**2/(C**2 + K_P**2) : mmolar/second
m_inf = I/(I + d_1)*C/(C + d_5) : 1
h_inf = Q_2/(Q_2 + C) : 1
tau_h = 1/(O_2*(Q_2 + C)) : second
Q_2 = d_2*(I + d_1)/(I + d_3) : mmolar
"""
deterministic = calcium.replace("*(1 + noise*xi*tau_h**0.5)", "")
ip3 = """
dI/dt = J_delta - J_3K - J_5P + J_ex + J_coupling : mmolar
J_delta = O_delta/(1 + I/kappa_delta)*C**2/(C**2 + K_delta**2) : mmolar/second
J_3K = O_3K*C**4/(C**4 + K_D**4)*I/(I + K_3K) : mmolar/second
J_5P = Omega_5P*I : mmolar/second
J_ex = -F_ex/2*(1 + tanh((abs(Delta_I) - I_Theta)/omega_I))*sign(Delta_I) : mmolar/second
Delta_I = I - I_bias : mmolar
J_coupling : mmolar/second
I_bias : mmolar
"""


def clamped(concentrations=(0.16, 0.5, 0.6, 0.8, 1.0, 1.5), duration=120 * second):
    """Hold IP3 (uM) and return calcium."""
    start_scope()
    defaultclock.dt = 5 * ms
    cells = NeuronGroup(len(concentrations), deterministic + "I : mmolar (constant)", method="rk4")
    cells.I = concentrations * uM
    cells.C, cells.h = 0.03 * uM, 0.9
    monitor = StateMonitor(cells, ("C", "h"), record=True, dt=50 * ms)
    run(duration)
    return {"C": monitor.C / uM, "h": monitor.h[:], "t": monitor.t / second}


def main(N=20, duration=100 * second, driven=1.0):
    """Drive one astrocyte of a ring and return the calcium of all."""
    start_scope()
    defaultclock.dt = 50 * ms
    ring = NeuronGroup(N, deterministic + ip3, method="rk4")
    ring.C, ring.h, ring.I, ring.I_bias = 0.01 * uM, 0.9, 0.01 * uM, 0.01 * uM
    ring.I_bias[N // 2] = driven * uM
    junctions = Synapses(
        ring,
        ring,
        """
        d_I = I_post - I_pre : mmolar
        J_coupling_post = -F/2*(1 + tanh((abs(d_I) - I_Theta)/omega_I))*sign(d_I)
                          : mmolar/second (summed)
        """,
    )
    junctions.connect(j="k % N_pre for k in range(i + N_pre - 1, i + N_pre + 2, 2)")
    monitor = StateMonitor(ring, ("C", "I"), record=True)
    run(duration)
    return {"C": monitor.C / uM, "I": monitor.I / uM, "t": monitor.t / second}


def gliotransmission(noise=0.0, duration=60 * second, random=1):
    """Return the releases of a synapse without an astrocyte and of one beside it."""
    start_scope()
    defaultclock.dt = 1 * ms
    seed(random)
    # After a quiet quarter IP3 rises and starts oscillations.
    drive = TimedArray([0.2, 1.0, 1.0, 1.0] * uM, dt=duration / 4)  # noqa: F841
    astrocyte = NeuronGroup(
        1,
        (deterministic if noise == 0 else calcium)
        + """
        I = drive(t) : mmolar
        dx_A/dt = Omega_A*(1 - x_A) : 1
        dG_A/dt = -Omega_e*G_A : mmolar
        is_high : boolean
        """,
        events={"crossing": "C > C_Theta and not is_high", "falling": "C < C_Theta and is_high"},
        method="euler" if noise == 0 else "milstein",
    )
    astrocyte.run_on_event("crossing", "is_high = True; G_A += G_released*U_A*x_A; x_A -= U_A*x_A")
    astrocyte.run_on_event("falling", "is_high = False")
    astrocyte.C, astrocyte.h, astrocyte.x_A = 0.03 * uM, 0.9, 1
    times = np.arange(0.1, float(duration / second), 0.2) * second
    source = SpikeGeneratorGroup(1, np.zeros(len(times), int), times)
    target = NeuronGroup(2, "r : 1")
    synapses = Synapses(
        source,
        target,
        """
        du/dt = -Omega_f*u : 1 (event-driven)
        dx/dt = Omega_d*(1 - x) : 1 (event-driven)
        dGamma/dt = O_G*G*(1 - Gamma) - Omega_G*Gamma : 1 (clock-driven)
        G : mmolar
        """,
        on_pre="""
        U = (1 - Gamma)*U_0 + alpha*Gamma
        u += U*(1 - u)
        r_post = u*x
        x -= u*x
        """,
        method="exponential_euler",
    )
    synapses.connect()
    synapses.x = 1
    uptake = Synapses(astrocyte, synapses, "G_post = G_A_pre : mmolar (summed)")
    uptake.connect(i=0, j=1)
    crossings = EventMonitor(astrocyte, "crossing")
    monitor = StateMonitor(target, "r", record=True, dt=200 * ms)
    calcium_monitor = StateMonitor(astrocyte, ("C", "x_A"), record=True, dt=10 * ms)
    gamma = StateMonitor(synapses, "Gamma", record=True, dt=10 * ms)
    run(duration)
    return {
        "r": monitor.r[:],
        "crossings": crossings.t / second,
        "C": calcium_monitor.C / uM,
        "x_A": calcium_monitor.x_A[:],
        "Gamma": gamma.Gamma[:],
    }


if __name__ == "__main__":
    print("largest calcium at clamped IP3 (uM):", clamped()["C"][:, 1200:].max(axis=1).round(3))
    print("time of the first calcium peak along the ring (s):")
    wave = main()
    print(wave["t"][np.argmax(wave["C"] > 0.5, axis=1)])
    result = gliotransmission()
    print("crossings (s):", result["crossings"].round(2))
    print("mean release, alone and beside the astrocyte:", result["r"][:, -100:].mean(axis=1))
