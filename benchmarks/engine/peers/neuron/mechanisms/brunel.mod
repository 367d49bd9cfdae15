: An integrate-and-fire neuron whose potential steps at each event; the input from outside is a Poisson
: number per step, by multiplying uniform numbers, from a stream of its own.

NEURON {
    POINT_PROCESS BrunelCell
    RANGE u
    GLOBAL tau, tau_rp, theta, V_r, J, mean, decay, none
    RANDOM stream
}

PARAMETER {
    tau = 20 (ms)
    tau_rp = 2 (ms)
    theta = 20 (millivolt)
    V_r = 10 (millivolt)
    J = 0.1 (millivolt)
    mean = 2
}

ASSIGNED {
    u (millivolt)
    decay
    none
    is_refractory
}

INITIAL {
    is_refractory = 0
    decay = exp(-dt/tau)
    none = exp(-mean)
    random_setseq(stream, 0)
    net_send(0, 1)
}

BREAKPOINT {
    SOLVE advance
}

PROCEDURE advance() {
    LOCAL product, n
    product = random_uniform(stream)
    n = 0
    while (product > none) {
        n = n + 1
        product = product*random_uniform(stream)
    }
    if (is_refractory == 0) {
        u = u*decay + J*n
    }
}

NET_RECEIVE (w) {
    if (flag == 0) {
        if (is_refractory == 0) {
            u = u + w
        }
    } else if (flag == 1) {
        WATCH (u > theta) 2
    } else if (flag == 2) {
        net_event(t)
        u = V_r
        is_refractory = 1
        net_send(tau_rp, 3)
    } else {
        is_refractory = 0
    }
}
