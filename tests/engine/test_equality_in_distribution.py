"""Random numbers: the device draws its own, so distributions are compared.

With theory where there is a closed formula, which is that of the integration method where a step
matters, else with samples of Brian 2's NumPy target. A test of right numbers fails once in ten
million times, and seeds are fixed.
"""

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    PoissonInput,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    TimedArray,
    ms,
    seed,
)
from brian2.input.binomial import BinomialFunction
from scipy import stats

RARELY = 1e-7


@pytest.fixture(autouse=True)
def on_the_device(prepare):
    prepare("neurosim")
    seed(11)


def assert_follows(values, distribution):
    """Assert that values are a sample of a continuous distribution."""
    assert stats.kstest(np.ravel(values), distribution.cdf).pvalue > RARELY


def assert_counts_follow(counts, distribution):
    """Assert that whole numbers are a sample of a discrete distribution, by a χ² test."""
    counts = np.ravel(counts).astype(int)
    np.testing.assert_array_equal(counts, np.ravel(counts))
    # Cells between quantiles, wide enough to have 20 expected counts each.
    share = max(20 / len(counts), 0.02)
    edges = np.unique(distribution.ppf(np.arange(share, 1, share)))
    inner = distribution.cdf(edges)
    expected = np.diff([0, *inner, 1]) * len(counts)
    observed = np.bincount(np.searchsorted(edges, counts), minlength=len(expected))
    big = expected > 5
    assert big.sum() > 1
    # Cells too small for the test are put together.
    observed = np.append(observed[big], observed[~big].sum())
    expected = np.append(expected[big], expected[~big].sum())
    kept = expected > 0
    assert not observed[~kept].any()
    assert stats.chisquare(observed[kept], expected[kept]).pvalue > RARELY


def assert_independent(first, second):
    """Assert that two samples are not correlated."""
    assert stats.pearsonr(np.ravel(first), np.ravel(second)).pvalue > RARELY


def recorded(group, names, duration, *objects, dt=None):
    """Run a group and return what was recorded of each variable, by time and neuron."""
    monitor = StateMonitor(group, names, record=True, dt=dt, when="end")
    Network(group, monitor, *objects).run(duration)
    return [np.array(getattr(monitor, name)).T for name in names]


def test_numbers_are_uniform_normal_and_independent():
    group = NeuronGroup(300, "u : 1\nv : 1\nn : 1\nm : 1")
    group.run_regularly("u = rand(); v = rand(); n = randn(); m = randn()")
    u, v, n, m = recorded(group, ["u", "v", "n", "m"], 10 * ms)
    for uniform in (u, v):
        assert_follows(uniform, stats.uniform())
    for normal in (n, m):
        assert_follows(normal, stats.norm())
    # Of two calls in one statement block, of neighbours, and of steps that follow each other.
    for first, second in ((u, v), (n, m), (u, n)):
        assert_independent(first, second)
    for values in (u, n):
        assert_independent(values[:, 1:], values[:, :-1])
        assert_independent(values[1:], values[:-1])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_noise_has_the_stationary_distribution_of_its_method(dtype, prepare):
    prepare("neurosim", dtype)
    seed(12)
    tau, dt = 2.0, 0.1
    group = NeuronGroup(
        3000,
        """dx/dt = -x/(2*ms) + xi_1/sqrt(ms) : 1
        dy/dt = -y/(2*ms) + xi_1/sqrt(ms) : 1
        dz/dt = -z/(2*ms) + 0.6*xi_1/sqrt(ms) + 0.8*xi_2/sqrt(ms) : 1""",
        method="euler",
    )
    x, y, z = recorded(group, ["x", "y", "z"], 30 * ms, dt=2 * ms)
    # A step multiplies by 1 − dt/τ and adds a variance of dt.
    variance = dt / (1 - (1 - dt / tau) ** 2)
    for values in (x[-1], z[-1]):
        assert values.dtype == dtype
        assert_follows(values, stats.norm(scale=np.sqrt(variance)))
    # One noise in two equations is one number.
    np.testing.assert_allclose(x, y, atol=1e-13 if dtype is np.float64 else 1e-5)
    assert abs(np.corrcoef(x[-1], z[-1])[0, 1] - 0.6) < 5.3 * (1 - 0.6**2) / np.sqrt(3000)
    lagged = (1 - dt / tau) ** 20
    bound = 5.3 * (1 - lagged**2) / np.sqrt(3000)
    assert abs(np.corrcoef(x[-1], x[-2])[0, 1] - lagged) < bound


def multiplicative(method, device, prepare):
    prepare(device)
    seed(13)
    group = NeuronGroup(
        3000, "dx/dt = 0.1*x/ms + 0.5*x*xi/sqrt(ms) : 1", method=method, dt=0.05 * ms
    )
    group.x = 1
    Network(group).run(4 * ms)
    return np.log(group.x)


@pytest.mark.parametrize("method", ["heun", "milstein"])
def test_multiplicative_noise_is_that_of_numpy(method, prepare):
    # Both are Stratonovich's; with Itô's noise the logarithms' mean were lower by σ²t/2 = 0.5.
    actual = multiplicative(method, "neurosim", prepare)
    expected = multiplicative(method, "runtime", prepare)
    assert stats.ks_2samp(actual, expected).pvalue > RARELY
    assert abs(np.mean(actual) - 0.4) < 0.03 + 5.3 / np.sqrt(3000)


def test_poisson_groups_fire_at_their_rates():
    table = TimedArray([300, 100, 0] * Hz, dt=10 * ms)
    group = PoissonGroup(2000, rates="(i % 2)*100*Hz + 20*Hz")
    changing = PoissonGroup(1000, rates="table(t)", namespace={"table": table})
    monitor, change = SpikeMonitor(group), SpikeMonitor(changing)
    Network(group, changing, monitor, change).run(30 * ms)
    counts = np.array(monitor.count)
    assert_counts_follow(counts[0::2], stats.binom(300, 0.002))
    assert_counts_follow(counts[1::2], stats.binom(300, 0.012))
    times = np.array(change.t / ms)
    early = np.bincount(np.array(change.i)[times < 9.95], minlength=1000)
    late = np.bincount(np.array(change.i)[times > 9.95], minlength=1000)
    assert_counts_follow(early, stats.binom(100, 0.03))
    assert_counts_follow(late, stats.binom(100, 0.01))
    assert times.max() < 20
    assert_independent(early, late)


def test_poisson_inputs_add_binomial_numbers():
    group = NeuronGroup(400, "few : 1\nmany : 1\nnearly_all : 1")
    inputs = [
        PoissonInput(group, "few", N=20, rate=50 * Hz, weight=0.5),
        PoissonInput(group, "many", N=4000, rate=100 * Hz, weight=1),
        PoissonInput(group, "nearly_all", N=12, rate=9000 * Hz, weight=2),
    ]
    few, many, nearly_all = recorded(group, ["few", "many", "nearly_all"], 5 * ms, *inputs)
    for values, weight, n, p in (
        (few, 0.5, 20, 0.005),
        (many, 1, 4000, 0.01),
        (nearly_all, 2, 12, 0.9),
    ):
        added = np.diff(values, axis=0, prepend=0) / weight
        np.testing.assert_allclose(added, np.round(added), atol=1e-9)
        assert_counts_follow(np.round(added), stats.binom(n, p))
        assert_independent(added[1:], added[:-1])


MEANS = [0.02, 0.7, 4, 9.9, 10.1, 60, 900]


def test_poisson_numbers_follow_their_means():
    group = NeuronGroup(len(MEANS) * 400, "mean : 1\nn : integer")
    group.mean = np.repeat(MEANS, 400)
    group.run_regularly("n = poisson(mean)")
    (n,) = recorded(group, ["n"], 2 * ms)
    for number, mean in enumerate(MEANS):
        assert_counts_follow(n[:, number * 400 : (number + 1) * 400], stats.poisson(mean))


def test_binomial_functions_follow_their_parameters():
    parameters = [(5, 0.3), (5, 0.9), (300, 0.02), (2000, 0.5)]
    draws = {f"draw_{n}": BinomialFunction(n, p, approximate=False) for n, p in parameters[1:]}
    draws["draw_few"] = BinomialFunction(*parameters[0], approximate=False)
    group = NeuronGroup(400, "a : 1\nb : 1\nc : 1\nd : 1", namespace=draws)
    group.run_regularly("a = draw_few(); b = draw_5(); c = draw_300(); d = draw_2000()")
    for values, (n, p) in zip(
        recorded(group, ["a", "b", "c", "d"], 2 * ms), parameters, strict=True
    ):
        assert_counts_follow(values, stats.binom(n, p))


def test_chance_in_thresholds_and_resets():
    group = NeuronGroup(
        500,
        "v : 1\nn_high : integer",
        threshold="rand() < 0.05 and not (rand() < 0.2)",
        reset="v = randn(); n_high += int(v > 1)",
        refractory=0.5 * ms,
    )
    monitor = SpikeMonitor(group, variables=["v"])
    Network(group, monitor).run(100 * ms)
    assert_follows(monitor.v, stats.norm())
    trains = monitor.spike_trains().values()
    intervals = np.concatenate([np.round(np.diff(train / ms) / 0.1) for train in trains])
    assert intervals.min() == 5
    # Of short ones hardly any are missing because the run ends.
    short = intervals[intervals < 25].astype(int) - 5
    shares = np.bincount(short, minlength=20) / len(short)
    theory = stats.geom(0.04).pmf(np.arange(1, 21))
    np.testing.assert_allclose(shares, theory / theory.sum(), atol=0.015)


def test_release_of_synapses_is_independent():
    source = NeuronGroup(40, "x : 1", threshold="True")
    target = NeuronGroup(30, "n : integer\namount : 1")
    synapses = Synapses(
        source,
        target,
        "p : 1\nn_released : integer\nlast : 1",
        on_pre="last = int(rand() < p); n_released += int(last); n_post += int(last)",
        delay=0.2 * ms,
    )
    synapses.connect()
    synapses.p = "0.1 + 0.8*(i % 2)"
    monitor = StateMonitor(synapses, "last", record=True, when="end")
    Network(source, target, synapses, monitor).run(10 * ms)
    released = np.array(synapses.n_released)
    even = np.array(synapses.i) % 2 == 0
    assert_counts_follow(released[even], stats.binom(98, 0.1))
    assert_counts_follow(released[~even], stats.binom(98, 0.9))
    sums = np.bincount(synapses.j, weights=released, minlength=30)
    np.testing.assert_array_equal(target.n, sums)
    last = np.array(monitor.last).T[3:]
    assert_independent(last[1:, even], last[:-1, even])
    assert_independent(last[:, even][:, 1:], last[:, even][:, :-1])
