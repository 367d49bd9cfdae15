"""Scripts from the literature on the device: equal to Brian 2's NumPy target, true to the papers.

What is deterministic agrees with the NumPy target to 1e-12 of each observable's largest value,
over the horizon given; spikes agree exactly. What is chaotic or random is judged by its
statistics, or by a known result, with the tolerance given. The scripts know nothing of the
device.
"""

import gc
import importlib.util
import runpy
from pathlib import Path

import numpy as np
import pytest
from brian2 import Hz, defaultclock, mm, ms, mV, prefs, second, set_device, start_scope

import neurosim  # noqa: F401 - registers the device

FOLDER = Path(__file__).parent / "literature"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py"))


def load(name):
    """Return a script as a module."""
    spec = importlib.util.spec_from_file_location(f"literature_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def prepare(device):
    # Objects get the names of those that are gone, and names decide the order of what has the
    # same place in the schedule.
    gc.collect()
    prefs.codegen.target = "numpy"
    set_device(device)
    start_scope()
    defaultclock.dt = 0.1 * ms


def run_script(name, function="main", device="neurosim", **options):
    """Return what a function of a script returns on a device."""
    prepare(device)
    try:
        return getattr(load(name), function)(**options)
    finally:
        defaultclock.dt = 0.1 * ms


def variation(spikes, after=0):
    """Return the mean coefficient of variation of neurons' intervals."""
    i, t = (spikes[name][spikes["t"] > after] for name in "it")
    intervals = [np.diff(t[i == neuron]) for neuron in np.unique(i)]
    return np.mean([d.std() / d.mean() for d in intervals if len(d) > 3])


EXACT = [
    ("vogels_abbott_2005", "main", {"N": 1000, "p": 0.08, "duration": 50 * ms}),
    ("vogels_abbott_2005", "main", {"model": "CUBA", "N": 1000, "p": 0.08, "duration": 50 * ms}),
    ("cobahh_2007", "main", {"N": 500, "p": 0.16, "duration": 15 * ms}),
    ("clopath_2010", "main", {}),
    ("vogels_2011", "main", {"N": 1000, "p": 0.1, "duration": 50 * ms}),
    ("wang_buzsaki_1996", "main", {"duration": 60 * ms}),
    ("izhikevich_2003", "classes", {}),
    ("tsodyks_markram_1998", "main", {"duration": 1000}),
    ("cable_rall", "main", {"duration": 100 * ms}),
    ("cable_rall", "pulse", {}),
    ("hodgkin_huxley_1952", "main", {"duration": 5 * ms}),
    ("stimberg_2018", "clamped", {"duration": 40 * second}),
    ("stimberg_2018", "main", {"duration": 40 * second}),
    ("stimberg_2018", "gliotransmission", {"duration": 16 * second}),
    ("kuramoto_1975", "main", {"N": 50, "duration": 3 * second}),
    ("gap_junctions", "decay", {}),
    ("gap_junctions", "main", {}),
    ("morris_lecar_1981", "main", {"duration": 400 * ms}),
    ("morris_lecar_1981", "main", {"regime": "Hopf", "duration": 400 * ms}),
    ("kremer_2011", "main", {"rule": "regular", "duration": 300 * ms}),
]


def assert_equal_to_numpy(name, function, options, tolerance):
    expected = run_script(name, function, "runtime", **options)
    actual = run_script(name, function, **options)
    assert actual.keys() == expected.keys()
    for key, values in expected.items():
        values, ours = np.asarray(values), np.asarray(actual[key])
        assert ours.shape == values.shape, key
        scale = np.abs(values).max(initial=0)
        # Spikes and their times are whole numbers and steps.
        atol = 0 if key[0] in "it" and values.ndim == 1 else tolerance * scale
        np.testing.assert_allclose(ours, values, rtol=0, atol=atol, err_msg=key)
    return actual


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "function", "options"), EXACT, ids=[f"{row[0]}-{row[1]}" for row in EXACT]
)
def test_agrees_with_numpy(name, function, options):
    assert_equal_to_numpy(name, function, options, 1e-12)


def test_adaptive_exponential_patterns_agree_with_numpy_and_are_what_they_are_called():
    # The upstroke multiplies a difference in the last digit by the quotient of its slopes, about
    # 1e8; spikes agree to the step all the same.
    spikes = assert_equal_to_numpy("naud_2008", "main", {}, 1e-6)
    names = list(load("naud_2008").PATTERNS)
    intervals = {
        name: np.diff(spikes["t"][spikes["i"] == number]) for number, name in enumerate(names)
    }
    assert np.ptp(intervals["tonic"]) < 1
    assert intervals["adapting"][-1] > 5 * intervals["adapting"][0]
    assert intervals["initial burst"][0] < 10
    assert np.ptp(intervals["initial burst"][4:]) < 1 < 40 < intervals["initial burst"][-1]
    assert sum(intervals["regular bursting"] > 100) >= 2
    assert sum(intervals["regular bursting"] < 10) >= 2
    assert sum(spikes["i"] == names.index("transient")) in range(1, 6)


@pytest.mark.slow
def test_brunel_2000_irregular_state_has_the_rate_of_theory():
    small = {"N_E": 1600, "C_E": 160, "J": 0.2 * mV, "duration": 400 * ms}
    ours = [run_script("brunel_2000", random=number, **small) for number in (1, 2)]
    numpy = [run_script("brunel_2000", device="runtime", random=n, **small) for n in (1, 2)]
    rate, expected = (
        np.mean([sum(spikes["t"] > 100) for spikes in runs]) / 2000 / 0.3 for runs in (ours, numpy)
    )
    assert rate == pytest.approx(expected, rel=0.04)
    # Theory knows neither finite size nor correlations.
    theory = float(load("brunel_2000").stationary_rate(5, 2, C_E=160, J=0.2 * mV))
    assert rate == pytest.approx(theory, rel=0.15)
    assert variation(ours[0], 100) == pytest.approx(variation(numpy[0], 100), abs=0.04)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("g", "ratio", "published", "is_regular"),
    # The paper's simulations, section 5 and figure 8; state A fires once per refractory period and
    # delay, and has no rate there.
    [(3, 2, None, True), (6, 4, 60.7, False), (5, 2, 37.7, False), (4.5, 0.9, 5.5, False)],
)
def test_brunel_2000_at_full_size_has_the_rates_of_the_paper(g, ratio, published, is_regular):
    spikes = run_script("brunel_2000", g=g, ratio=ratio)
    rate = sum(spikes["t"] > 200) / 12500
    theory = float(load("brunel_2000").stationary_rate(g, ratio))
    assert rate == pytest.approx(published or theory, rel=0.1)
    assert (variation(spikes, 200) < 0.05) == is_regular


def test_coba_goes_on_by_itself_as_fast_as_with_numpy():
    ours, numpy = (
        run_script("vogels_abbott_2005", device=device, duration=500 * ms)
        for device in ("neurosim", "runtime")
    )
    # Chaos parts the two after some 100 ms.
    rate, expected = (sum(spikes["t"] > 100) / 4000 / 0.4 for spikes in (ours, numpy))
    assert rate == pytest.approx(expected, rel=0.1)
    assert variation(ours) > 1


def test_song_abbott_2001_synapses_part_into_weak_and_strong():
    result = run_script("song_abbott_2001", N=500, A_plus=0.02, duration=30 * second)
    w = result["w"]
    # 40 % at first, with a standard deviation of 2.2 %.
    assert np.mean((w < 0.2) | (w > 0.8)) > 0.52
    rate_first, rate_last = (np.sum((result["t"] // 5) == part) for part in (0, 5))
    assert rate_last < rate_first


def test_clopath_2010_outcome_depends_on_frequency():
    pre_post, post_pre = run_script("clopath_2010")["change"]
    assert abs(pre_post[0]) < 0.01
    assert np.all(np.diff(pre_post[1:]) > 0)
    assert pre_post[-1] > 0.2
    # Frequencies: 0.1, 10, 20, 30, 40 and 50 Hz; the sign changes near 40 Hz.
    assert np.all(post_pre[:4] < -0.05)
    assert post_pre[-1] > 0.1


def test_vogels_2011_rates_come_to_their_target():
    options = {"N": 1000, "p": 0.2, "eta": 0.05, "rho_0": 10 * Hz, "duration": 20 * second}
    rate = run_script("vogels_2011", **options)["rate"]
    assert rate[:5].mean() > 100
    assert rate[-50:].mean() == pytest.approx(10, rel=0.3)


@pytest.mark.parametrize(
    ("volley", "survives"), [((100, 1), True), ((60, 1), True), ((40, 2), False), ((40, 4), False)]
)
def test_diesmann_1999_strong_volleys_survive_and_weak_ones_die(volley, survives):
    spikes = run_script("diesmann_1999", spikes_in_volley=volley[0], sigma=volley[1] * ms)
    # Ten groups, 5 ms and a rise time apart.
    late = spikes["t"][(spikes["i"] // 100 == 8) & (spikes["t"] > 90)]
    if survives:
        assert 95 <= len(late) <= 115
        assert np.subtract(*np.percentile(late, [75, 25])) < 1.5
    else:
        assert len(late) < 15


def test_wang_buzsaki_1996_cells_synchronise_unless_they_differ_much():
    synchrony = {}
    for spread in (0.0, 0.03, 0.1):
        spikes = run_script("wang_buzsaki_1996", spread=spread)
        count = np.histogram(spikes["t"], np.arange(200, 500, 2))[0]
        synchrony[spread] = count.var() / count.mean()
        if spread == 0.03:
            # The paper: 39 Hz.
            assert sum(spikes["t"] > 200) / 100 / 0.3 == pytest.approx(39, abs=3)
    assert synchrony[0.0] > synchrony[0.03] > 10 * synchrony[0.1]


def test_wang_buzsaki_1996_rates_rise_from_near_zero():
    rates = np.asarray(run_script("wang_buzsaki_1996", "frequency_current")["rate"])
    # At 0.1 to 20 uA/cm2; figure 1B reaches 400 Hz at 20.
    assert rates[0] == 0
    assert 0 < rates[1] < 20
    assert np.all(np.diff(rates) > 0)
    assert rates[-1] == pytest.approx(400, rel=0.05)


@pytest.mark.slow
def test_izhikevich_2003_classes_and_network():
    spikes = run_script("izhikevich_2003", "classes")
    rs, ib, ch, fs, lts = (np.diff(spikes["t"][spikes["i"] == k]) for k in range(5))
    assert rs[-1] > 1.5 * rs[0]
    assert ib[0] < 5 < 20 < ib[-1]
    assert sum(ch < 5) > 10
    assert sum(ch > 20) >= 3
    assert 1000 / fs[-1] > 100
    assert lts[-1] > 2 * lts[0]
    ours, numpy = (
        np.mean([len(run_script("izhikevich_2003", device=d, random=n)["i"]) for n in (1, 2)])
        for d in ("neurosim", "runtime")
    )
    assert ours == pytest.approx(numpy, rel=0.1)


def test_tsodyks_markram_1998_release_has_its_closed_form():
    script = load("tsodyks_markram_1998")
    # The train's beginning has faded to 1e-6 from 10 Hz on, but for facilitation.
    measured = run_script("tsodyks_markram_1998", duration=6000)["release"]
    expected = [
        [script.steady_release(f, *p) for f in (5, 10, 20, 40)] for p in script.KINDS.values()
    ]
    np.testing.assert_allclose(measured, expected, rtol=2e-5)


def test_cable_follows_the_cable_equation():
    steady = run_script("cable_rall", length=0.5 * mm, n=200)
    np.testing.assert_allclose(steady["v"], steady["exact"], rtol=1e-4)
    pulse = run_script("cable_rall", "pulse")
    np.testing.assert_allclose(
        pulse["v"], pulse["exact"], rtol=0, atol=0.005 * pulse["exact"].max()
    )


def test_hodgkin_huxley_1952_spike_travels_as_computed_by_hand():
    result = run_script("hodgkin_huxley_1952")
    assert result["speed"] == pytest.approx(18.8, rel=0.03)
    assert len(result["t"]) == 1


def test_stimberg_2018_calcium_oscillates_within_bounds_of_ip3():
    result = run_script("stimberg_2018", "clamped")
    calcium = result["C"][:, 1200:]
    # References: an adaptive solver with relative tolerance 1e-8.
    for number, rest in ((0, 0.0288), (1, 0.0441), (5, 0.5410)):
        np.testing.assert_allclose(calcium[number], rest, atol=1e-4)
    for number, peak, period in ((2, 1.050, 29.38), (3, 1.083, 20.29), (4, 1.104, 17.69)):
        assert calcium[number].max() == pytest.approx(peak, abs=2e-3)
        above = result["C"][number] >= 0.5
        crossings = result["t"][1:][above[1:] & ~above[:-1]]
        assert np.diff(crossings).mean() == pytest.approx(period, abs=0.05)


def test_stimberg_2018_calcium_passes_along_the_ring():
    result = run_script("stimberg_2018")
    first = np.argmax(result["C"] > 0.5, axis=1)[4:17]
    # From the driven cell, the tenth, to both sides alike and ever later.
    np.testing.assert_array_equal(first, first[::-1])
    assert np.all(np.diff(first[6:]) > 100)


@pytest.mark.slow
def test_stimberg_2018_gliotransmission_lowers_release():
    result = run_script("stimberg_2018", "gliotransmission")
    assert len(result["crossings"]) == 3
    alone, beside = result["r"][:, 25:].reshape(2, -1, 25).mean(axis=2)
    quiet = np.arange(1, 12) * 5 < result["crossings"][0] - 5
    np.testing.assert_allclose(beside[quiet], alone[quiet], rtol=1e-9)
    assert np.all(beside[4:] < 0.65 * alone[4:])
    noisy = run_script("stimberg_2018", "gliotransmission", noise=1.0)
    assert len(noisy["crossings"]) in (2, 3, 4, 5)
    assert not np.array_equal(noisy["crossings"], result["crossings"])


@pytest.mark.slow
def test_jeffress_1948_place_follows_direction():
    counts = run_script("jeffress_1948")["counts"]
    places = load("jeffress_1948").expected_places()
    best = [np.mean(np.flatnonzero(row >= row.max() - 1)) for row in counts]
    np.testing.assert_allclose(best, places, atol=3)


def test_mainen_sejnowski_1995_fluctuations_make_spikes_reliable():
    largest = []
    for fluctuation in (0.0, 1.0):
        spikes = run_script("mainen_sejnowski_1995", fluctuation=fluctuation)
        np.testing.assert_array_equal(*spikes["current"])
        count = np.histogram(spikes["t"], np.arange(500, 1000, 3))[0]
        largest.append(count.var() / count.mean())
    assert largest[1] > 5 * largest[0]


@pytest.mark.parametrize("K", [1.0, 3.0, 4.0, 8.0])
def test_kuramoto_1975_order_is_that_of_the_infinite_system(K):
    order = run_script("kuramoto_1975", K=K)["order"][-100:].mean()
    if K < 2:
        assert order < 3 / np.sqrt(200)
    else:
        assert order == pytest.approx(np.sqrt(1 - 2 / K), abs=0.02)


def test_gap_junctions_draw_potentials_together():
    result = run_script("gap_junctions", "decay")
    steps = np.arange(200)
    mean, difference = result["v"].mean(axis=0), result["v"][0] - result["v"][1]
    # Euler's method with dt/tau = 0.01 and w = 0.2, step by step.
    np.testing.assert_allclose(mean, 0.5 * 0.99**steps, rtol=1e-12)
    np.testing.assert_allclose(difference, 0.8 * (1 - 0.014) ** steps, rtol=1e-10)
    assert run_script("gap_junctions")["end"] == 60


def test_morris_lecar_1981_has_two_classes_of_excitability():
    currents = np.arange(30, 131, 5)
    rates = run_script("morris_lecar_1981")["rate"]
    # Rinzel and Ermentrout: a saddle-node on a circle at 40 uA/cm2.
    assert np.all(rates[currents < 40] == 0)
    assert 0 < rates[currents == 45] < 12
    hopf = run_script("morris_lecar_1981", regime="Hopf")["rate"]
    # A subcritical Hopf bifurcation at 94; cycles, once there, from 88 on.
    assert np.all(hopf[currents <= 85] == 0)
    assert np.all(hopf[currents >= 95] >= 8)


@pytest.mark.slow
def test_brunel_hakim_1999_population_oscillates_much_faster_than_its_neurons_fire():
    script = load("brunel_hakim_1999")
    ours, numpy = (
        run_script("brunel_hakim_1999", device=d, duration=600 * ms)
        for d in ("neurosim", "runtime")
    )
    assert ours["rate"][1000:].mean() == pytest.approx(numpy["rate"][1000:].mean(), rel=0.05)
    frequency, expected = (script.oscillation(result["rate"]) for result in (ours, numpy))
    assert frequency == pytest.approx(expected, abs=30)
    assert frequency > 15 * ours["rate"].mean()


def test_stochastic_processes_have_their_moments():
    result = run_script("stochastic_processes")
    x, t = result["x"], result["t"]
    # 4000 samples: the standard error of a variance is 2.2 % of it.
    np.testing.assert_allclose(x[:, 1:].var(axis=0), 0.25 * (1 - np.exp(-t[1:] / 5)), rtol=0.09)
    correlation = np.mean(x[:, 2] * x[:, 3]) / np.mean(x[:, 2] ** 2)
    assert correlation == pytest.approx(np.exp(-1), abs=0.06)
    for method in ("heun", "milstein"):
        log = run_script("stochastic_processes", "geometric", method=method)["log"]
        assert log.mean() == pytest.approx(1, abs=0.04)
        assert log.var() == pytest.approx(0.25, rel=0.1)


@pytest.mark.slow
def test_kremer_2011_fires_as_with_numpy():
    ours, numpy = (run_script("kremer_2011", device=d) for d in ("neurosim", "runtime"))
    assert len(ours["i4"]) == pytest.approx(len(numpy["i4"]), rel=0.05)
    assert len(ours["i23"]) == pytest.approx(len(numpy["i23"]), rel=0.15)
    assert ours["w"].mean() == pytest.approx(numpy["w"].mean(), rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("coherence", [0.5, -0.5])
def test_wang_2002_the_stronger_stimulus_wins_and_is_remembered(coherence):
    spikes = run_script("wang_2002", N_E=200, coherence=coherence)
    # The stimulus ends at 1000 ms; selective groups have 30 cells.
    late = spikes["i"][spikes["t"] > 1100]
    rates = np.bincount(late // 30, minlength=2)[:2] / 30 / 0.4
    winner = 0 if coherence > 0 else 1
    assert rates[winner] > 15
    assert rates[1 - winner] < 5


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
def test_runs_as_a_script(name, capsys):
    prepare("neurosim")
    try:
        runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")
    finally:
        defaultclock.dt = 0.1 * ms
    assert capsys.readouterr().out.strip()
