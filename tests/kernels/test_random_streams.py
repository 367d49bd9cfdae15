"""Counter-based random numbers: the published vectors, distributions, independence."""

import numpy as np
import pytest
from numba import njit
from scipy import stats

from neurosim.kernels.distributions import binomial, binomial_block, binomial_table, poisson
from neurosim.kernels.random_streams import philox, rand, rand_block, randn, randn_block

ALL = 0xFFFFFFFFFFFFFFFF


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        # Known answers published with Random123 for philox4x32, 10 rounds.
        ((0, 0), 0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((ALL, ALL), ALL, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x85A308D3_243F6A88, 0x03707344_13198A2E),
            0x299F31D0_A4093822,
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_published_vectors(counter, key, expected):
    low, high = philox(*(np.uint64(word) for word in (*counter, key)))
    words = [int(low) & 0xFFFFFFFF, int(low) >> 32, int(high) & 0xFFFFFFFF, int(high) >> 32]
    assert words == list(expected)


@njit
def draw(kind, n, stream, site, first, second):
    numbers = np.zeros(n)
    for element in range(n):
        if kind == 0:
            numbers[element] = rand(element, stream, site)
        elif kind == 1:
            numbers[element] = randn(element, stream, site)
        else:
            numbers[element] = poisson(first, element, stream, site)
    return numbers


def stream(key=7, number=0):
    return np.array([key, number], np.uint64)


def test_uniform_and_normal_numbers_have_their_distributions():
    assert stats.kstest(draw(0, 100_000, stream(), 1, 0, 0), "uniform").pvalue > 1e-3
    assert stats.kstest(draw(1, 100_000, stream(), 1, 0, 0), "norm").pvalue > 1e-3


@pytest.mark.parametrize("mean", [0.3, 4.0, 9.9, 12.0, 150.0])
def test_poisson_numbers_have_their_distribution(mean):
    numbers = draw(2, 50_000, stream(), 1, mean, 0).astype(int)
    check_discrete(numbers, stats.poisson(mean))


@pytest.mark.parametrize(
    ("n", "p"),
    [
        (1, 0.3),
        (20, 0.1),
        (20, 0.85),
        (500, 0.02),
        (40, 0.5),
        (3000, 0.4),
        (100_000, 0.3),
        (9, 0),
        (9, 1),
        (0, 0.5),
    ],
)
def test_binomial_numbers_have_their_distribution(n, p):
    table = binomial_table(n, p)
    key = stream()
    numbers = np.array([binomial(k, key, 1, table) for k in range(20_000)])
    if p in (0, 1) or n == 0:
        assert set(numbers) == {n * p}
    else:
        check_discrete(numbers, stats.binom(n, p))


def check_discrete(numbers, distribution):
    """Compare counts with a distribution, rare values put together."""
    low, high = distribution.ppf(0.001), distribution.ppf(0.999)
    numbers = np.clip(numbers, low, high).astype(int)
    values = np.arange(int(low), int(high) + 1)
    expected = distribution.pmf(values)
    expected[0] = distribution.cdf(values[0])
    expected[-1] = distribution.sf(values[-1] - 1) if len(values) > 1 else 1
    counts = np.array([np.sum(numbers == value) for value in values])
    assert stats.chisquare(counts, expected / expected.sum() * len(numbers)).pvalue > 1e-4


def test_numbers_are_independent_across_elements_steps_sites_and_keys():
    base = draw(0, 20_000, stream(), 1, 0, 0)
    others = {
        "step": draw(0, 20_000, stream(number=1), 1, 0, 0),
        "site": draw(0, 20_000, stream(), 2, 0, 0),
        "key": draw(0, 20_000, stream(key=8), 1, 0, 0),
        "element": np.roll(base, 1),
    }
    for name, numbers in others.items():
        correlation = np.corrcoef(base, numbers)[0, 1]
        assert abs(correlation) < 5 / np.sqrt(20_000), name


def test_a_number_depends_on_its_place_alone():
    few, many = draw(1, 10, stream(), 3, 0, 0), draw(1, 1000, stream(), 3, 0, 0)
    np.testing.assert_array_equal(few, many[:10])


@pytest.mark.parametrize(("one", "block"), [(rand, rand_block), (randn, randn_block)])
@pytest.mark.parametrize(("start", "stop"), [(0, 512), (512, 513), (1024, 1029)])
def test_a_block_holds_the_numbers_of_its_elements(one, block, start, stop):
    numbers = np.zeros(512)
    block(numbers, start, stop, stream(), 3)
    expected = [one(element, stream(), 3) for element in range(start, stop)]
    np.testing.assert_array_equal(numbers[: stop - start], expected)


def test_a_block_holds_the_binomial_numbers_of_its_elements():
    table, numbers = binomial_table(20, 0.3), np.zeros(512)
    binomial_block(numbers, 512, 700, stream(), 3, table)
    expected = [binomial(element, stream(), 3, table) for element in range(512, 700)]
    np.testing.assert_array_equal(numbers[:188], expected)


def test_neighbours_that_share_a_counter_are_independent():
    for kind in (0, 1):
        numbers = draw(kind, 200_000, stream(), 1, 0, 0)
        even, odd = numbers[::2], numbers[1::2]
        for first, second in ((even, odd), (even**2, odd**2), (even, odd**2)):
            assert abs(np.corrcoef(first, second)[0, 1]) < 5 / np.sqrt(100_000)


def test_a_mean_of_nothing_gives_nothing():
    assert set(draw(2, 100, stream(), 1, 0.0, 0)) == {0}
