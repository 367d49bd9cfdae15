"""The balanced network: the theory's rate by mpmath, and the network beside the theory."""

import mpmath
import numpy as np
import pytest

from neurosim.protocols.balanced_network import balanced_network, mean_field_rate


def response(rate, g, drive):
    """Return the rate of a neuron by the formula of Brunel (2000), in seconds and mV."""
    mp = mpmath.mp
    tau, jump, threshold, reset = 0.02, 0.5, 20, 10
    external = drive * threshold / (200 * jump * tau)
    mean = tau * jump * (200 * (external + rate) - 50 * g * rate)
    sigma = mp.sqrt(tau * jump**2 * (200 * (external + rate) + 50 * g**2 * rate))
    low, high = (reset - mean) / sigma, (threshold - mean) / sigma
    passage = mp.quad(lambda u: mp.exp(u**2) * (1 + mp.erf(u)), [low, (low + high) / 2, high])
    return 1 / (0.002 + tau * mp.sqrt(mp.pi) * passage)


@pytest.mark.parametrize(("g", "drive"), [(3.0, 2.0), (5.0, 1.0), (5.0, 2.0), (8.0, 4.0)])
def test_the_theory_is_a_rate_that_sustains_itself(g, drive):
    rate = mean_field_rate(g, drive)
    assert float(response(rate, g, drive)) == pytest.approx(rate, rel=1e-8)


def test_the_theory_is_silent_where_nothing_comes_in():
    assert mean_field_rate(6.0, 0.0) == 0
    assert mean_field_rate(8.0, 0.1) < 1e-6


def test_inhibition_makes_slow_and_irregular_what_excitation_makes_fast_and_regular():
    excited = balanced_network(g=3.0, drive=2.0, duration=0.5).metrics
    assert excited["rate"] > 250
    assert excited["cv"] < 0.2
    inhibited = balanced_network(g=6.0, drive=2.0, duration=1.0).metrics
    assert inhibited["cv"] > 0.9
    # Theory takes each of the strong jumps for a part of white noise.
    for found in (excited, inhibited):
        assert found["rate"] == pytest.approx(found["mean_field_rate"], rel=0.15)


def test_the_seed_fixes_every_spike():
    first, second, other = (
        balanced_network(duration=0.4, seed=seed).traces.spikes("neurons") for seed in (1, 1, 2)
    )
    for one, again in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, again)
    assert len(first[0]) > 1000
    assert not np.array_equal(first[1], other[1])


def test_a_silent_network_has_a_rate_and_no_cv():
    metrics = balanced_network(g=6.0, drive=0.1, duration=0.3).metrics
    assert metrics["rate"] == 0
    assert "cv" not in metrics
