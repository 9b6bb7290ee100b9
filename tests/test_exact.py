"""Closed forms against exact rational arithmetic, the definition, or the matrix exponential written out here."""
from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.linalg import expm

from cmelab import NetworkError, exact

N = np.arange(40)


def test_binomial_against_exact_rationals():
    p = Fraction(3, 10)
    wanted = [float(math.comb(12, n) * p**n * (1 - p)**(12 - n)) for n in range(13)]
    assert exact.binomial(np.arange(13), 12, 0.3) == pytest.approx(wanted, rel=1e-13)
    assert exact.binomial(13, 12, 0.3) == 0
    assert exact.binomial([0, 3], 3, 0.0).tolist() == [1, 0]
    assert exact.binomial([0, 3], 3, 1.0).tolist() == [0, 1]


def test_poisson_against_factorials():
    assert exact.poisson(N, 3.5) == pytest.approx([math.exp(-3.5) * 3.5**n / math.factorial(n) for n in N], rel=1e-12)
    assert exact.poisson([0, 1], 0.0).tolist() == [1, 0]


def test_birth_death_solves_the_master_equation():
    """dP/dt = gain - loss, by central differences: the definition, not the formula."""
    k, gamma, n0, t, h = 4.0, 1.3, 6, 0.7, 1e-5
    slope = (exact.birth_death(N, t + h, k, gamma, n0) - exact.birth_death(N, t - h, k, gamma, n0)) / (2 * h)
    p = exact.birth_death(np.arange(41), t, k, gamma, n0)
    below = np.concatenate([[0], p[:39]])
    gain = k * below + gamma * (N + 1) * p[1:41]
    loss = (k + gamma * N) * p[:40]
    assert slope == pytest.approx(gain - loss, abs=1e-8)


def test_birth_death_limits():
    assert exact.birth_death(N, 0.0, 4, 1, 6) == pytest.approx((N == 6).astype(float))
    assert exact.birth_death(N, 60.0, 4, 1, 6) == pytest.approx(exact.poisson(N, 4.0), abs=1e-14)
    assert exact.birth_death(N, 2.0, 4, 0, 3)[3:] == pytest.approx(exact.poisson(N[:-3], 8.0))
    assert exact.birth_death_mean([0.0, 1e9], 4, 1, 6) == pytest.approx([6, 4])
    assert exact.birth_death_mean(2.0, 4, 0, 6) == pytest.approx(14)


def test_birth_death_mean_is_the_mean_of_the_law():
    p = exact.birth_death(np.arange(80), 0.9, 7, 0.6, 3)
    assert exact.birth_death_mean(0.9, 7, 0.6, 3) == pytest.approx(p @ np.arange(80), rel=1e-12)


def test_receptor_against_the_two_state_matrix():
    a = np.array([[-2.0, 0.5], [2.0, -0.5]])
    for t in (0.0, 0.2, 3.0):
        assert exact.receptor([0, 1], t, 2.0, 0.5) == pytest.approx(expm(a * t)[:, 0], rel=1e-12)
    assert exact.receptor(1, 1e3, 2.0, 0.5) == pytest.approx(0.8)


@pytest.mark.parametrize("n0", [0, 1, 2, 3, 10, 11, 30])
def test_annihilation_mean_against_the_matrix_exponential(n0):
    a = np.zeros((n0 + 1, n0 + 1))
    for n in range(2, n0 + 1):
        a[n, n] -= 0.1 * n * (n - 1)
        a[n - 2, n] += 0.1 * n * (n - 1)
    times = [0.0, 0.5, 4.0]
    wanted = [np.arange(n0 + 1) @ expm(a * t)[:, n0] for t in times]
    assert exact.annihilation_mean(times, 0.1, n0) == pytest.approx(wanted, rel=1e-9, abs=1e-12)


def test_waiting_time_is_one_minus_survival():
    """a = 40, dt = 0.01 gives 1 - exp(-0.4) = 0.3297, not 0.4."""
    assert exact.waiting_time(0.01, 40.0) == pytest.approx(0.3297, abs=5e-5)


@pytest.mark.parametrize("call", [
    lambda: exact.poisson(-1, 2.0), lambda: exact.poisson(0.5, 2.0), lambda: exact.poisson(1, -2.0),
    lambda: exact.binomial(1, 3, 1.5), lambda: exact.birth_death(1, -1.0, 1, 1),
    lambda: exact.receptor(1, 1, math.nan, 1),
    lambda: exact.annihilation_mean(1.0, -0.1, 3), lambda: exact.waiting_time(1.0, math.inf)])
def test_arguments_outside_the_law_are_refused(call):
    with pytest.raises(NetworkError):
        call()
