: The sodium, potassium and leak currents of Traub and Miles (1991) as in the workload; rates are
: computed in every step, not interpolated from a table.

NEURON {
    SUFFIX traub
    NONSPECIFIC_CURRENT i
    GLOBAL g_l, g_Na, g_K, E_l, E_Na, E_K, V_T
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    g_l = 5e-5 (S/cm2)
    g_Na = 0.1 (S/cm2)
    g_K = 0.03 (S/cm2)
    E_l = -60 (mV)
    E_Na = 50 (mV)
    E_K = -90 (mV)
    V_T = -63 (mV)
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
}

STATE { m n h }

INITIAL {
    m = 0
    n = 0
    h = 0
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    i = g_l*(v - E_l) + g_Na*m*m*m*h*(v - E_Na) + g_K*n*n*n*n*(v - E_K)
}

DERIVATIVE gates {
    LOCAL u
    u = v - V_T
    m' = 1.28*over_exprel((13 - u)/4)*(1 - m) - 1.4*over_exprel((u - 40)/5)*m
    n' = 0.16*over_exprel((15 - u)/5)*(1 - n) - 0.5*exp((10 - u)/40)*n
    h' = 0.128*exp((17 - u)/18)*(1 - h) - 4/(1 + exp((40 - u)/5))*h
}

: x/(exp(x) - 1), which is 1 at 0.
FUNCTION over_exprel(x) {
    if (fabs(x) < 1e-6) {
        over_exprel = 1 - x/2
    } else {
        over_exprel = x/(exp(x) - 1)
    }
}
