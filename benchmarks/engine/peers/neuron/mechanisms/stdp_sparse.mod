: An integrate-and-fire neuron with a conductance in units of the leak, and additive plasticity of its
: synapses: each connection keeps its weight w, the trace x of its source and the time of x.

NEURON {
    POINT_PROCESS PlasticCell
    RANGE u, g_e
    GLOBAL tau_m, tau_e, V_t, V_r, V_rest, E_e, tau_x, tau_y, A_x, A_y, w_max, decay_e
}

PARAMETER {
    tau_m = 10 (ms)
    tau_e = 5 (ms)
    V_t = -54 (millivolt)
    V_r = -60 (millivolt)
    V_rest = -74 (millivolt)
    E_e = 0 (millivolt)
    tau_x = 20 (ms)
    tau_y = 20 (ms)
    A_x = 0.01
    A_y = -0.0105
    w_max = 1
}

ASSIGNED {
    u (millivolt)
    g_e
    y
    t_y (ms)
    decay_e
}

INITIAL {
    u = V_rest
    g_e = 0
    y = 0
    t_y = 0
    decay_e = exp(-dt/tau_e)
    net_send(0, 1)
}

BREAKPOINT {
    SOLVE advance
}

PROCEDURE advance() {
    LOCAL g, goal
    g = 1 + g_e
    goal = (V_rest + g_e*E_e)/g
    u = goal + (u - goal)*exp(-g*dt/tau_m)
    g_e = g_e*decay_e
}

FUNCTION clipped(w) {
    clipped = w
    if (w < 0) {
        clipped = 0
    } else if (w > w_max) {
        clipped = w_max
    }
}

NET_RECEIVE (w, x, t_x (ms)) {
    INITIAL {
        x = 0
        t_x = 0
    }
    if (flag == 0) {
        g_e = g_e + w
        x = x*exp(-(t - t_x)/tau_x) + A_x*w_max
        t_x = t
        w = clipped(w + y*exp(-(t - t_y)/tau_y))
    } else if (flag == 1) {
        WATCH (u > V_t) 2
    } else {
        net_event(t)
        u = V_r
        y = y*exp(-(t - t_y)/tau_y) + A_y*w_max
        t_y = t
        FOR_NETCONS(w, x, t_x) {
            w = clipped(w + x*exp(-(t - t_x)/tau_x))
        }
    }
}
