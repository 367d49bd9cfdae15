"""A wrong script fails as on Brian 2's own device: same exception, same moment, same words."""

import re

import brian2
import numpy as np
import pytest
from brian2 import (
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    check_units,
    linked_var,
    ms,
    mV,
    network_operation,
    second,
)


def group(equations="v : 1", **options):
    return NeuronGroup(2, equations, **options)


def unknown_name():
    yield group("dv/dt = -v/tau : 1", method="euler")


def wrong_units_in_equations():
    yield group("dv/dt = -v : 1", method="euler")


def wrong_units_of_a_constant():
    yield group("dv/dt = -v/tau : 1", method="euler", namespace={"tau": 3 * mV})


def threshold_that_is_no_condition():
    yield group(threshold="v + 1", reset="")


def threshold_that_is_no_text():
    yield group(threshold=3 * mV, reset="")


def reset_of_an_unknown_variable():
    yield group(threshold="v > 1", reset="u += 1")


def reset_with_wrong_units():
    yield group("v : volt", threshold="v > 1*mV", reset="v = 1")


def refractory_that_is_no_time():
    yield group(threshold="v > 1", reset="v = 0", refractory=2 * mV)


def random_numbers_in_a_subexpression():
    yield group("v : 1\nx = rand() : 1")


def unknown_method():
    yield group("dv/dt = -v/ms : 1", method="magic")


def nonlinear_equation_for_exact():
    yield group("dv/dt = -v**2/ms : 1", method="exact")


def synapses_never_connected():
    source = group(threshold="v > 1", reset="v = 0")
    yield [source, Synapses(source, source, on_pre="v += 1")]


def synapses_of_an_unknown_variable():
    source = group(threshold="v > 1", reset="v = 0")
    synapses = Synapses(source, source, on_pre="nothing += 1")
    synapses.connect()
    yield [source, synapses]


def summed_variable_with_other_units():
    source = group("v : volt")
    synapses = Synapses(source, source, "v_post = 1 : volt (summed)")
    synapses.connect()
    yield [source, synapses]


def two_summed_variables_for_one_target():
    source = group("v : 1\nx : 1")
    parts = [Synapses(source, source, "v_post = x_pre : 1 (summed)") for _ in range(2)]
    for part in parts:
        part.connect()
    yield [source, *parts]


def monitor_of_an_unknown_variable():
    source = group()
    yield [source, StateMonitor(source, "nothing", record=True)]


def monitor_without_spikes():
    source = group()
    yield [source, SpikeMonitor(source)]


def initial_value_with_wrong_units():
    source = group("v : volt")
    source.v = 3
    yield source


def initial_value_by_an_unknown_name():
    source = group()
    source.v = "3*nothing"
    yield source


def values_of_wrong_length():
    source = group()
    source.v = np.arange(5)
    yield source


def writing_what_cannot_be_written():
    source = group("v : 1\nx = 2*v : 1")
    source.x = 3
    yield source


def rates_with_wrong_units():
    yield PoissonGroup(2, rates="3*mV")


def two_spikes_in_one_step():
    yield SpikeGeneratorGroup(1, [0, 0], [1, 1.02] * ms)


def spike_of_a_neuron_that_is_not_there():
    yield SpikeGeneratorGroup(1, [3], [1] * ms)


def link_that_was_never_made():
    yield group("v : 1 (linked)")


def link_of_other_units():
    source = group("x : volt")
    target = group("v : 1 (linked)")
    target.v = linked_var(source, "x")
    yield [source, target]


def names_used_twice():
    yield [group(name="same"), group(name="same")]


def python_object_that_raises():
    @network_operation
    def fail():
        raise ZeroDivisionError("in step")

    yield [group(), fail]


def function_with_wrong_units():
    @check_units(x=second, result=1)
    def wrong(x):
        return 1.0

    yield group("dv/dt = -wrong(v)/ms : 1", method="euler", namespace={"wrong": wrong})


def step_that_does_not_divide_the_time():
    source = group("dv/dt = -v/ms : 1", method="euler", dt=0.1 * ms)
    network = Network(source)
    network.run(0.1 * ms, namespace={})
    source.clock.dt = 0.07 * ms
    network.run(0.1 * ms, namespace={})
    yield []


def negative_duration():
    Network(group()).run(-1 * ms, namespace={})
    yield []


def report_of_an_unknown_kind():
    Network(group()).run(1 * ms, report="fax", namespace={})
    yield []


WRONG = [
    unknown_name,
    wrong_units_in_equations,
    wrong_units_of_a_constant,
    threshold_that_is_no_condition,
    threshold_that_is_no_text,
    reset_of_an_unknown_variable,
    reset_with_wrong_units,
    refractory_that_is_no_time,
    random_numbers_in_a_subexpression,
    unknown_method,
    nonlinear_equation_for_exact,
    synapses_never_connected,
    synapses_of_an_unknown_variable,
    summed_variable_with_other_units,
    two_summed_variables_for_one_target,
    monitor_of_an_unknown_variable,
    monitor_without_spikes,
    initial_value_with_wrong_units,
    initial_value_by_an_unknown_name,
    values_of_wrong_length,
    writing_what_cannot_be_written,
    rates_with_wrong_units,
    two_spikes_in_one_step,
    spike_of_a_neuron_that_is_not_there,
    link_that_was_never_made,
    link_of_other_units,
    names_used_twice,
    python_object_that_raises,
    function_with_wrong_units,
    step_that_does_not_divide_the_time,
    negative_duration,
    report_of_an_unknown_kind,
]


def failure_of(build, device):
    """Return when a script fails, and the outermost and innermost exception with their texts."""
    brian2.set_device(device)
    brian2.prefs.codegen.target = "numpy"
    brian2.start_scope()
    brian2.defaultclock.dt = 0.1 * ms
    moment = "creation"
    try:
        objects = next(build())
        moment = "run"
        Network(objects).run(2 * ms, namespace={})
    except Exception as error:
        chain = []
        while error is not None:
            # Numbers in names depend on objects that are still alive.
            chain.append((type(error), re.sub(r"_\d+", "", str(error))))
            error = error.__cause__
        # In between may stand an exception about Brian 2's generated code.
        return moment, chain[0], chain[-1]
    return None


@pytest.mark.parametrize("build", WRONG, ids=[build.__name__ for build in WRONG])
def test_fails_as_on_brians_own_device(build):
    expected = failure_of(build, "runtime")
    assert expected is not None
    assert failure_of(build, "neurosim") == expected
