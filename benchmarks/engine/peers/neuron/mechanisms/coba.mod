: An integrate-and-fire neuron with two conductances in units of the leak, advanced by exponential
: Euler. Positive weights excite, negative ones inhibit.

NEURON {
    POINT_PROCESS CobaCell
    RANGE u, g_e, g_i
    GLOBAL tau_m, tau_e, tau_i, tau_rp, V_t, V_r, E_l, E_e, E_i, decay_e, decay_i
}

PARAMETER {
    tau_m = 20 (ms)
    tau_e = 5 (ms)
    tau_i = 10 (ms)
    tau_rp = 5 (ms)
    V_t = -50 (millivolt)
    V_r = -60 (millivolt)
    E_l = -60 (millivolt)
    E_e = 0 (millivolt)
    E_i = -80 (millivolt)
}

ASSIGNED {
    u (millivolt)
    g_e
    g_i
    decay_e
    decay_i
    is_refractory
}

INITIAL {
    is_refractory = 0
    decay_e = exp(-dt/tau_e)
    decay_i = exp(-dt/tau_i)
    net_send(0, 1)
}

BREAKPOINT {
    SOLVE advance
}

PROCEDURE advance() {
    LOCAL g, goal
    if (is_refractory == 0) {
        g = 1 + g_e + g_i
        goal = (E_l + g_e*E_e + g_i*E_i)/g
        u = goal + (u - goal)*exp(-g*dt/tau_m)
    }
    g_e = g_e*decay_e
    g_i = g_i*decay_i
}

NET_RECEIVE (w) {
    if (flag == 0) {
        if (w > 0) {
            g_e = g_e + w
        } else {
            g_i = g_i - w
        }
    } else if (flag == 1) {
        WATCH (u > V_t) 2
    } else if (flag == 2) {
        net_event(t)
        u = V_r
        is_refractory = 1
        net_send(tau_rp, 3)
    } else {
        is_refractory = 0
    }
}
