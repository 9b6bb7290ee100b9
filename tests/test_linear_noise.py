"""Linear noise: exact for linear networks, a limit of the master equation for others, refused where it has no sense."""
from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from cmelab import NetworkError, ReactionNetwork, models, solve
from cmelab.errors import SimulationError
from cmelab.linear_noise import linear_noise, stationary_linear_noise

GRID = np.array([0.0, 0.2, 1.0, 4.0])


def test_birth_and_death_have_the_variance_of_binomial_plus_poisson():
    """n0 survivors with probability s, and a Poisson number of newcomers."""
    noise, s = linear_noise(models.birth_death(10, 1.3, 6), GRID), np.exp(-1.3 * GRID)
    assert noise.var()[:, 0] == pytest.approx(6 * s * (1 - s) + 10 / 1.3 * (1 - s), rel=1e-7, abs=1e-9)
    assert noise.of("M") == pytest.approx(6 * s + 10 / 1.3 * (1 - s), rel=1e-8)


def test_a_linear_network_has_mean_and_covariance_of_the_master_equation():
    net = ReactionNetwork.parse("0 -> A ; 2\nA -> B ; 1\nB -> A + B ; 0.3\nB -> 0 ; 1.2\nB -> C ; 0.5\nC -> 0 ; 2",
                                initial={"A": 3, "C": 1})
    law, noise = solve(net, GRID, bounds={"A": 40, "B": 30, "C": 16}), linear_noise(net, GRID)
    assert law.lost.max() < 1e-6
    away = law.states[None] - law.mean()[:, None]
    covariance = np.einsum("tn,tni,tnj->tij", law.p, away, away)
    assert noise.mean() == pytest.approx(law.mean(), abs=1e-4)
    assert noise.covariance == pytest.approx(covariance, abs=1e-3)


def dimer_moments(omega: int) -> tuple[float, float]:
    """Stationary mean and variance of 0 -> A (rate Omega), 2A -> 0 (n(n-1)/(2 Omega)) from a dense null vector."""
    size = 4 * omega + 40
    a = np.zeros((size, size))
    for n in range(size):
        for step, rate in ((1, float(omega)), (-2, n * (n - 1) / (2 * omega))):
            if 0 <= n + step < size:
                a[n + step, n] += rate
                a[n, n] -= rate
    a[0] = 1.0
    p, n = np.linalg.solve(a, np.eye(size)[0]), np.arange(size)
    return float(p @ n), float(p @ n**2 - (p @ n)**2)


def test_dimerisation_tends_to_linear_noise_as_the_volume_grows():
    """Mean and variance per volume miss by a multiple of 1/Omega: four times the volume, a quarter of the error."""
    errors = []
    for omega in (16, 64, 256):
        net = ReactionNetwork.parse("0 -> A ; 1\n2A -> 0 ; 0.5", convention="macroscopic", volume=omega, ode="extent")
        noise, (mean, variance) = stationary_linear_noise(net), dimer_moments(omega)
        assert noise.counts[0, 0] == pytest.approx(omega, rel=1e-12)
        assert noise.covariance[0, 0, 0] == pytest.approx(0.75 * omega, rel=1e-12)
        errors.append([(mean - omega) / omega, (variance - 0.75 * omega) / omega])
    ratios = np.array(errors[:-1]) / np.array(errors[1:])
    assert ratios == pytest.approx(np.full((2, 2), 4.0), rel=0.1)


def test_transient_dimerisation_misses_by_one_over_the_volume():
    errors = []
    for omega in (25, 100):
        net = ReactionNetwork.parse("2A -> B ; 1", initial={"A": 2 * omega}, convention="macroscopic", volume=omega)
        law, noise = solve(net, 0.7), linear_noise(net, 0.7)
        errors.append([(law.mean()[0, 0] - noise.mean()[0, 0]) / omega, (law.var() - noise.var())[0, 0] / omega])
    assert np.array(errors[0]) / np.array(errors[1]) == pytest.approx([4, 4], rel=0.1)


def test_conserved_totals_keep_no_fluctuation():
    net = ReactionNetwork.parse("A + B <-> C ; 0.02, 1\nC -> D ; 0.3\nD -> C ; 0.1", initial={"A": 90, "B": 40})
    for noise in (linear_noise(net, GRID), stationary_linear_noise(net)):
        for law in ([1, 0, 1, 1], [0, 1, 1, 1]):
            assert noise.counts @ law == pytest.approx(net.initial @ np.array(law), rel=1e-13)
            assert np.abs(noise.covariance @ np.array(law)).max() < 1e-12


def test_conserved_totals_keep_no_fluctuation_where_the_rates_differ_a_hundred_million_times():
    noise = linear_noise(ReactionNetwork.parse("A <-> B ; 1e6, 3e5\nB <-> C ; 0.01, 0.02", initial={"A": 1000}),
                         [0.001, 1.0, 1000.0])
    assert noise.counts.sum(axis=1) == pytest.approx(np.full(3, 1000.0), rel=1e-13)
    assert np.abs(noise.covariance.sum(axis=1)).max() < 1e-10


def test_the_stationary_law_is_the_end_of_the_transient():
    net = ReactionNetwork.parse("0 -> A ; 40\n2A <-> B ; 0.02, 0.5\nB -> 0 ; 0.3\nA -> 0 ; 0.2", initial={"A": 5})
    late, at_rest = linear_noise(net, 200.0), stationary_linear_noise(net)
    assert late.counts == pytest.approx(at_rest.counts, rel=1e-7)
    assert late.covariance == pytest.approx(at_rest.covariance, rel=1e-6)
    assert at_rest.times.tolist() == [math.inf]


def test_a_hill_function_is_differentiated_through_its_formula():
    """One species: variance = (birth + death) / (2 |slope|) at the fixed point, found by bisection here."""
    net = ReactionNetwork.parse("0 -> P ; a = 90/(1 + (P/20)^4)\nP -> 0 ; 1")
    x = float(np.asarray(brentq(lambda p: 90 / (1 + (p / 20)**4) - p, 1, 90, xtol=1e-13)))
    slope = -90 * 4 * x**3 / 20**4 / (1 + (x / 20)**4)**2 - 1
    noise = stationary_linear_noise(net)
    assert noise.counts[0, 0] == pytest.approx(x, rel=1e-10)
    assert noise.covariance[0, 0, 0] == pytest.approx(x / -slope, rel=1e-10)


def test_an_open_monomolecular_network_at_rest_is_poisson():
    noise = stationary_linear_noise(ReactionNetwork.parse("0 -> A ; 6\nA -> B ; 2\nB -> A ; 1\nB -> 0 ; 1"))
    assert noise.covariance[0] == pytest.approx(np.diag(noise.counts[0]), abs=1e-11)


def test_where_nothing_fires_there_is_no_noise():
    net = ReactionNetwork.parse("A -> B ; 0", initial={"A": 4})
    assert linear_noise(net, GRID).covariance.tolist() == np.zeros((4, 2, 2)).tolist()
    assert stationary_linear_noise(ReactionNetwork.parse("")).covariance.shape == (1, 0, 0)


@pytest.mark.parametrize(("text", "initial", "said"), [
    ("0 -> A ; 1", {}, "do not come to rest"), ("2A -> 3A ; 1", {"A": 2}, "do not come to rest"),
    ("A -> 2A ; 1\nA -> 0 ; 1", {"A": 2}, "instead of dying out"), ("A -> 2A ; 1", {}, "instead of dying out"),
    ("0 -> X ; 50\nX -> Y ; 3\n2X + Y -> 3X ; 0.0008\nX -> 0 ; 1", {"X": 40, "Y": 150}, "do not come to rest"),
])
def test_without_a_stable_fixed_point_there_is_no_stationary_noise(text, initial, said):
    with pytest.raises(SimulationError, match=said):
        stationary_linear_noise(ReactionNetwork.parse(text, initial=initial))


def test_blow_up_is_named_and_what_was_reached_is_kept():
    with pytest.raises(SimulationError, match="stops at t = ") as caught:
        linear_noise(ReactionNetwork.parse("2A -> 3A ; 1", initial={"A": 2}), [0.0, 0.5, 3.0])
    assert caught.value.partial.of("A") == pytest.approx([2, 4], rel=1e-7)


@pytest.mark.parametrize(("text", "times", "said"), [
    ("0 -> X ; 5 ; delay 2", 1.0, "delay 2"), ("A -> 0 ; 1", [1, 1], "must increase"), ("A -> 0 ; 1", None, "times"),
    ("A -> 0 ; 1", [[1.0]], "shape"), ("A -> 0 ; 1", math.nan, "nan"),
])
def test_unusable_input_is_refused(text, times, said):
    with pytest.raises(NetworkError, match=said):
        linear_noise(ReactionNetwork.parse(text), times)


def test_delays_have_no_stationary_linear_noise():
    with pytest.raises(NetworkError, match="delay 2"):
        stationary_linear_noise(ReactionNetwork.parse("0 -> X ; 5 ; delay 2\nX -> 0 ; 1"))
