: An integrate-and-fire neuron with two currents in units of potential, advanced exactly between
: events. Positive weights excite, negative ones inhibit.

NEURON {
    POINT_PROCESS CubaCell
    RANGE u, g_e, g_i
    GLOBAL tau_m, tau_e, tau_i, tau_rp, V_t, V_r, E_l
    GLOBAL decay_m, decay_e, decay_i, share_e, share_i
}

PARAMETER {
    tau_m = 20 (ms)
    tau_e = 5 (ms)
    tau_i = 10 (ms)
    tau_rp = 5 (ms)
    V_t = -50 (millivolt)
    V_r = -60 (millivolt)
    E_l = -49 (millivolt)
}

ASSIGNED {
    u (millivolt)
    g_e (millivolt)
    g_i (millivolt)
    decay_m
    decay_e
    decay_i
    share_e
    share_i
    is_refractory
}

INITIAL {
    is_refractory = 0
    decay_m = exp(-dt/tau_m)
    decay_e = exp(-dt/tau_e)
    decay_i = exp(-dt/tau_i)
    share_e = tau_e/(tau_e - tau_m)*(decay_e - decay_m)
    share_i = tau_i/(tau_i - tau_m)*(decay_i - decay_m)
    net_send(0, 1)
}

BREAKPOINT {
    SOLVE advance
}

PROCEDURE advance() {
    if (is_refractory == 0) {
        u = E_l + (u - E_l)*decay_m + g_e*share_e + g_i*share_i
    }
    g_e = g_e*decay_e
    g_i = g_i*decay_i
}

NET_RECEIVE (w) {
    if (flag == 0) {
        if (w > 0) {
            g_e = g_e + w
        } else {
            g_i = g_i + w
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
