"""Tau-leaping: right in the limit of small leaps, never below zero, and its Poisson numbers are Poisson."""
from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare, poisson

from cmelab import NetworkError, ReactionNetwork, models, simulate, solve
from cmelab.errors import SimulationError
from cmelab.kernels import random, status

LEVEL = 1e-6


@pytest.mark.parametrize("mean", [0.0, 0.02, 1.0, 6.5, 9.999, 10.0, 11.0, 40.0, 900.0, 1e6])
def test_poisson_numbers_follow_the_law(mean):
    """Chi-squared in 20 classes of equal share, against scipy's distribution function."""
    rng, size = np.zeros(4, np.uint64), 20_000
    with np.errstate(over="ignore"):
        random.seed_stream(np.uint64(3), np.uint64(round(10 * mean)), rng)
        drawn = np.array([random.poisson(mean, rng) for _ in range(size)])
    assert (drawn % 1 == 0).all()
    assert (drawn >= 0).all()
    edges = np.unique(poisson.ppf(np.linspace(0.05, 0.95, 19), mean)) if mean else np.zeros(1)
    share = np.diff(np.concatenate([[0], poisson.cdf(edges, mean), [1]]))
    observed = np.bincount(np.searchsorted(edges, drawn), minlength=share.size)
    likely = share * size > 5
    assert observed[~likely].sum() <= 30
    if likely.sum() > 1:
        assert chisquare(observed[likely], share[likely] / share[likely].sum() * observed[likely].sum()).pvalue > LEVEL


@pytest.mark.parametrize("k", [0, 1, 5, 9, 10, 11, 100, 10_000])
def test_log_factorial_is_right_to_ten_digits(k):
    assert random.log_factorial(float(k)) == pytest.approx(sum(np.log(np.arange(1, k + 1))), abs=1e-9, rel=1e-9)


@pytest.mark.parametrize(("net", "t"), [
    (models.birth_death(1000, 1), 3.0), (models.annihilation(0.001, 2000), 1.0),
    (models.receptor(2, 0.5, 5000), 0.7), (ReactionNetwork.parse("0 -> A ; 3000\n3A -> A ; 1e-4"), 0.3)])
def test_mean_and_variance_tend_to_those_of_the_master_equation(net, t):
    """Tolerance 0.002, 1000 paths: mean within 5 standard errors, variance within 5 of its own."""
    truth = solve(net, t, tol=1e-7)
    leaps = simulate(net, t, paths=1000, seed=3, method="tau", tolerance=0.002, record="moments")
    mean, var = truth.mean()[0], truth.var()[0]
    assert (np.abs(leaps.mean()[0] - mean) <= 5 * np.sqrt(var / 1000) + 1e-9).all()
    assert (np.abs(leaps.var()[0] - var) <= 5 * var * np.sqrt(2 / 1000) + 1e-9).all()


def test_leaps_are_far_fewer_than_events():
    net = models.birth_death(1e5, 1, 10**5)
    direct, leaps = (simulate(net, 2.0, paths=3, seed=1, method=m) for m in ("direct", "tau"))
    assert leaps.events.max() < direct.events.min() / 100


@pytest.mark.parametrize("model", [m for m in models.MODELS if not m().has_delays])
def test_counts_never_fall_below_zero(model):
    ensemble = simulate(model(), np.linspace(0, 5, 11), paths=30, seed=2, method="tau", tolerance=0.5)
    assert (ensemble.counts >= 0).all()
    assert (ensemble.status <= status.ABSORBED).all()


def test_fast_consumption_of_a_few_molecules_is_never_overdrawn():
    """5000 A that pair with only 20 B at once: B ends at 0, and A + B-pairs are conserved exactly."""
    net = ReactionNetwork.parse("A + B -> C ; 1", initial={"A": 5000, "B": 20})
    ensemble = simulate(net, [1e-5, 1e-4, 1e-3, 1.0], paths=200, seed=4, method="tau", tolerance=0.9)
    assert (ensemble.counts >= 0).all()
    assert (ensemble.of("B") + ensemble.of("C") == 20).all()
    assert (ensemble.of("A") + ensemble.of("C") == 5000).all()


def test_absorption_holds_for_good():
    ensemble = simulate(models.mrna_degradation(1.0, 3000), [0.0, 1.0, 50.0, 90.0], paths=4, seed=1, method="tau")
    assert ensemble.of("M")[:, [0, 2, 3]].tolist() == [[3000, 0, 0]] * 4
    assert (ensemble.status == status.ABSORBED).all()


def test_numbers_do_not_depend_on_how_many_paths_are_asked_for():
    net = models.birth_death(1000, 1)
    all_of_them = simulate(net, [1.0, 2.0], paths=40, seed=8, method="tau").counts
    assert np.array_equal(simulate(net, [1.0, 2.0], paths=5, seed=8, method="tau").counts, all_of_them[:5])


def test_an_explosive_network_ends_in_a_sentence():
    net = ReactionNetwork.parse("2X -> 3X ; 1", initial={"X": 1000})
    with pytest.raises(SimulationError, match="Path 0"):
        simulate(net, 5.0, paths=2, seed=0, method="tau")


@pytest.mark.parametrize("tolerance", [0, 1, -0.1, "x", True, float("nan")])
def test_a_tolerance_must_lie_between_0_and_1(tolerance):
    with pytest.raises(NetworkError, match="tolerance="):
        simulate(models.birth_death(), 1.0, paths=1, seed=0, method="tau", tolerance=tolerance)
