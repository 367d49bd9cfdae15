: Says a spike when the potential is above a threshold, and none for a while afterwards.

NEURON {
    POINT_PROCESS Detector
    GLOBAL V_spike, tau_rp
}

PARAMETER {
    V_spike = -20 (millivolt)
    tau_rp = 3 (ms)
}

ASSIGNED {
    v (millivolt)
    is_refractory
}

INITIAL {
    is_refractory = 0
    net_send(0, 1)
}

NET_RECEIVE (w) {
    if (flag == 1) {
        WATCH (v > V_spike) 2
    } else {
        if (flag == 3) {
            is_refractory = 0
        }
        if (is_refractory == 0 && v > V_spike) {
            net_event(t)
            is_refractory = 1
            net_send(tau_rp, 3)
        }
    }
}
