"""Closed forms over wide ranges of their constants: 40 digits, truncated generators, contours, the definition."""
from __future__ import annotations

import ast
import math

import mpmath as mp
import numpy as np
import pytest
import scipy.linalg

from cmelab import NetworkError, ReactionNetwork, exact

mp.mp.dps = 40
TINY = 1e-290  # below, floats have fewer digits


def worst(found, wanted) -> float:
    """Largest relative difference of those that floats hold."""
    pairs = [(x, w) for x, w in zip(np.ravel(found).tolist(), wanted, strict=True) if w > TINY]
    assert pairs
    return max(abs(float(mp.mpf(x) / w - 1)) for x, w in pairs)


def generator(rates, size: int) -> np.ndarray:
    """dP/dt = A P on 0, ..., size - 1 for (jump, propensity of n) pairs; what jumps out is lost."""
    a = np.zeros((size, size))
    for jump, law in rates:
        for n in range(size):
            a[n, n] -= law(n)
            if 0 <= n + jump < size:
                a[n + jump, n] += law(n)
    return a


def null_law(a: np.ndarray) -> np.ndarray:
    """Stationary law of a truncated generator: what is lost at the edge put back, one equation replaced by the sum."""
    a = a - np.diag(a.sum(axis=0))
    a[-1] = 1.0
    return np.linalg.solve(a, np.eye(len(a))[-1])


def contour(pgf, size: int, radius: float = 1.0) -> np.ndarray:
    """Coefficients of a generating function by Cauchy's integral on a circle, as a discrete Fourier transform."""
    z = radius * np.exp(2j * np.pi * np.arange(4 * size) / (4 * size))
    return np.real(np.fft.fft(pgf(z)) / (4 * size))[:size] / radius**np.arange(size)


@pytest.mark.parametrize("mean", [1e-3, 1.0, 50.0, 1e4, 1e6, 1e9])
def test_poisson_has_its_digits_from_a_thousandth_to_a_billion(mean):
    n = sorted({0, 1, 7, int(mean / 2), int(mean), int(mean + 6 * math.sqrt(mean)), int(2 * mean) + 1})
    wanted = [mp.exp(k * mp.log(mp.mpf(mean)) - mp.mpf(mean) - mp.loggamma(k + 1)) for k in n]
    assert worst(exact.poisson(n, mean), wanted) < 1e-13


@pytest.mark.parametrize("trials", [1, 2, 10, 1000, 10**6])
@pytest.mark.parametrize("p", [1e-9, 0.1, 0.5, 1 - 1e-9])
def test_binomial_has_its_digits_for_a_million_molecules(trials, p):
    n = sorted({0, 1, trials // 3, trials // 2, trials - 1, trials, int(trials * p)})
    wanted = [mp.binomial(trials, k) * mp.mpf(p)**k * (1 - mp.mpf(p))**(trials - k) for k in n]
    assert worst(exact.binomial(n, trials, p), wanted) < 1e-12


@pytest.mark.parametrize("shape", [1e-8, 0.3, 7.0, 1e4, 1e13])
@pytest.mark.parametrize("mean", [1e-3, 3.0, 1e4])
def test_negative_binomial_has_its_digits_on_both_sides(mean, shape):
    m, r = mp.mpf(mean), mp.mpf(shape)
    n = sorted({0, 1, 5, int(mean), int(3 * mean)})
    wanted = [mp.exp(mp.loggamma(k + r) - mp.loggamma(r) - mp.loggamma(k + 1) + r * mp.log(r / (m + r))
                     + k * mp.log(m / (m + r))) for k in n]
    assert worst(exact.negative_binomial(n, mean, shape), wanted) < 1e-12


def test_negative_binomial_ends_at_poisson():
    n = np.arange(30)
    assert exact.negative_binomial(n, 4.0, math.inf).tolist() == exact.poisson(n, 4.0).tolist()
    assert exact.negative_binomial(n, 4.0, 1e20) == pytest.approx(exact.poisson(n, 4.0), rel=1e-12)
    assert exact.negative_binomial([0, 1], 0.0, 2.0).tolist() == [1, 0]


# Births


@pytest.mark.parametrize(("immigration", "birth", "death"), [
    (2.0, 0.5, 1.0), (2.0, 0.7, 0.7), (1.0, 0.9, 0.4), (3.0, 0.0, 1.0), (0.0, 0.6, 1.1), (1.5, 0.8, 0.0),
    (3.0, 1e-12, 1.0), (0.0, 0.0, 0.0)])
@pytest.mark.parametrize("n0", [0, 1, 6])
def test_immigration_birth_and_death_against_the_matrix_exponential(immigration, birth, death, n0):
    a = generator([(1, lambda n: immigration + birth * n), (-1, lambda n: death * n)], 140)
    for t in (0.0, 0.4, 1.2):
        wanted = scipy.linalg.expm(a * t)[:, n0]
        law = exact.immigration_birth_death(np.arange(140), t, immigration, birth, death, n0)
        assert law == pytest.approx(wanted, abs=2e-13)
        moments, n = exact.immigration_birth_death_moments(t, immigration, birth, death, n0), np.arange(140)
        assert moments.mean == pytest.approx(wanted @ n, rel=1e-9, abs=1e-12)
        assert moments.variance == pytest.approx(wanted @ n**2 - (wanted @ n)**2, rel=1e-7, abs=1e-9)


def test_immigration_birth_and_death_against_a_contour_of_the_generating_function():
    """Kendall's generating function on a circle: 40 first molecules, and counts in the hundreds."""
    a, b, d, t, n0 = 30.0, 0.9, 1.0, 2.5, 40
    e = math.exp((b - d) * t)
    extinct, ratio = d * (1 - e) / (d - b * e), b * (1 - e) / (d - b * e)

    def pgf(z):
        one = (extinct + (1 - extinct - ratio) * z) / (1 - ratio * z)
        return one**n0 * ((1 - ratio) / (1 - ratio * z))**(a / b)

    law = exact.immigration_birth_death(np.arange(600), t, a, b, d, n0)
    assert law == pytest.approx(contour(pgf, 600), abs=1e-14)


@pytest.mark.parametrize(("immigration", "birth", "death"), [(2.0, 0.5, 1.0), (0.01, 0.99, 1.0), (900.0, 0.1, 1.0)])
def test_the_stationary_law_of_immigration_obeys_detailed_balance(immigration, birth, death):
    """P(n) (immigration + birth n) = P(n + 1) death (n + 1): the definition, over all decades."""
    n = np.arange(2000)
    p = exact.immigration_birth_death(n, math.inf, immigration, birth, death, n0=3)
    up, down = p[:-1] * (immigration + birth * n[:-1]), p[1:] * death * n[1:]
    assert up[down > TINY] == pytest.approx(down[down > TINY], rel=1e-12)
    assert p.sum() == pytest.approx(1.0, abs=1e-8)
    moments = exact.immigration_birth_death_moments(math.inf, immigration, birth, death, n0=3)
    assert moments.fano == pytest.approx(1 / (1 - birth / death), rel=1e-12)


def test_many_generations_do_not_overflow():
    law = exact.immigration_birth_death([0, 1, 5], 600.0, 0.001, 1.0, 0.0, n0=0)
    b = mp.expm1(600)
    wanted = [mp.rf(mp.mpf("0.001"), n) / mp.factorial(n) * (1 + b)**mp.mpf("-0.001") * (b / (1 + b))**n
              for n in (0, 1, 5)]
    assert worst(law, wanted) < 1e-12


@pytest.mark.parametrize(("birth", "death"), [(1.0, 2.0), (1.0, 1.0), (2.0, 1.0), (0.0, 1.0), (1.0, 0.0), (0.0, 0.0)])
def test_extinction_against_the_matrix_exponential(birth, death):
    a = generator([(1, lambda n: birth * n), (-1, lambda n: death * n)], 150)
    for t in (0.0, 0.3, 1.2):
        assert exact.extinction_probability(t, birth, death, 3) == pytest.approx(scipy.linalg.expm(a * t)[0, 3],
                                                                                 abs=1e-13)
    ever = 0.0 if death == 0 else min(1.0, death / birth)**3 if birth else 1.0
    assert exact.extinction_probability(math.inf, birth, death, 3) == ever
    assert exact.extinction_probability(1e5, 2.0, 1.0) == pytest.approx(0.5, rel=1e-15)


def test_an_outbreak_ends_by_itself_with_the_gamblers_probability():
    """R0 = 2 from 3: 1/8. A large SIR population: what is empty after few cases, by summing over jump chains."""
    assert exact.outbreak_extinction(2.0, 3) == 0.125
    assert exact.outbreak_extinction(0.9, 3) == 1.0
    people, alive, ended = 4000, {(3997, 3): 1.0}, 0.0
    for _ in range(80):  # events of an outbreak that stays small
        then: dict[tuple[int, int], float] = {}
        for (s, i), p in alive.items():
            infect = 2.0 * s / people / (2.0 * s / people + 1)
            for state, share in (((s - 1, i + 1), infect), ((s, i - 1), 1 - infect)):
                then[state] = then.get(state, 0.0) + p * share
        ended += sum(p for (_, i), p in then.items() if i == 0)
        alive = {state: p for state, p in then.items() if state[1]}
    assert exact.outbreak_extinction(2.0, 3) == pytest.approx(ended, rel=0.01)


# Genes


TELEGRAPH = [(0.6, 0.4, 20.0, 1.0), (1e-3, 1e-3, 1000.0, 1.0), (5.0, 100.0, 1000.0, 1.0), (0.01, 30.0, 1000.0, 1.0),
             (1e3, 1e3, 1000.0, 1.0), (2.0, 0.0, 50.0, 1.0), (1e8, 1e8, 100.0, 1.0), (1e-9, 1.0, 30.0, 1.0),
             (3.0, 4.0, 700.0, 7.0), (0.5, 0.5, 1e-6, 1.0), (1.0, 1.0, 0.3, 1e-3)]


@pytest.mark.parametrize(("k_on", "k_off", "rho", "delta"), TELEGRAPH)
def test_telegraph_against_the_confluent_function_in_many_digits(k_on, k_off, rho, delta):
    """The alternating series as Peccoud and Ycart wrote it, which needs hundreds of digits at rho / delta = 1000."""
    a, b, r = (mp.mpf(x) / mp.mpf(delta) for x in (k_on, k_off, rho))
    n = sorted({0, 1, 2, 9, int(r / 2), int(r), int(1.3 * r) + 20})
    with mp.workdps(60):
        wanted = [r**m / mp.factorial(m) * mp.rf(a, m) / mp.rf(a + b, m) * mp.hyp1f1(a + m, a + b + m, -r) for m in n]
    assert worst(exact.telegraph(n, k_on, k_off, rho, delta), wanted) < 1e-11


@pytest.mark.parametrize(("k_on", "k_off", "rho", "delta"), [t for t in TELEGRAPH if t[2] / t[3] < 400])
def test_telegraph_has_the_moments_of_its_law(k_on, k_off, rho, delta):
    n = np.arange(1000)
    p = exact.telegraph(n, k_on, k_off, rho, delta)
    moments = exact.telegraph_moments(k_on, k_off, rho, delta)
    assert p.sum() == pytest.approx(1.0, abs=1e-12)
    assert moments.mean == pytest.approx(p @ n, rel=1e-12)
    assert moments.variance == pytest.approx(p @ n**2 - (p @ n)**2, rel=1e-10)
    fano = 1 + rho * k_off / ((k_on + k_off) * (k_on + k_off + delta))
    assert moments.fano == pytest.approx(fano, rel=1e-12)


def test_telegraph_against_the_null_vector_of_both_gene_states():
    """Off and on, 0 to 90 mRNA: the joint generator written out."""
    size, on = 91, 91
    a = np.zeros((2 * size, 2 * size))
    for g, n in [(g, n) for g in (0, 1) for n in range(size)]:
        for to, rate in ((on * (1 - g) + n, (0.6, 0.4)[g]), (on * g + n + 1 if n + 1 < size else None, 20.0 * g),
                         (on * g + n - 1, 1.0 * n)):
            if to is not None and rate:
                a[to, on * g + n] += rate
                a[on * g + n, on * g + n] -= rate
    law = null_law(a)
    assert exact.telegraph(np.arange(size), 0.6, 0.4, 20.0, 1.0) == pytest.approx(law[:on] + law[on:], abs=1e-13)


def test_telegraph_at_its_edges():
    n = np.arange(60)
    assert exact.telegraph(n, 2.0, 0.0, 15.0, 1.0) == pytest.approx(exact.poisson(n, 15.0), rel=1e-12)
    assert exact.telegraph(n, 0.0, 2.0, 15.0, 1.0) == pytest.approx((n == 0).astype(float), abs=1e-14)
    assert exact.telegraph(n, 2.0, 1.0, 0.0, 1.0).tolist() == (n == 0).astype(float).tolist()
    assert exact.telegraph(n, 3e9, 1e9, 20.0, 1.0) == pytest.approx(exact.poisson(n, 15.0), rel=1e-6)
    slow = 0.25 * (n == 0) + 0.75 * exact.poisson(n, 20.0)
    assert exact.telegraph(n, 3e-9, 1e-9, 20.0, 1.0) == pytest.approx(slow, abs=1e-7)
    assert exact.telegraph_moments(0.0, 1.0, 5.0, 1.0).mean == 0
    assert math.isnan(exact.telegraph_moments(0.0, 1.0, 5.0, 1.0).fano)


@pytest.mark.parametrize(("frequency", "burst", "gamma"), [(3.0, 4.0, 1.0), (0.2, 10.0, 0.5), (5.0, 0.1, 2.0)])
def test_bursts_against_the_null_vector_of_all_burst_sizes(frequency, burst, gamma):
    size, share = 500, burst / (1 + burst)
    rates = [(j, lambda n, j=j: frequency * share**j / (1 + burst)) for j in range(1, size)]
    law = null_law(generator([*rates, (-1, lambda n: gamma * n)], size))
    n = np.arange(size)
    assert exact.bursty(n, frequency, burst, gamma) == pytest.approx(law, abs=1e-12)
    assert exact.bursty([0, 1], 0.0, burst, gamma).tolist() == [1, 0]


def two_stage_law(k_m, gamma_m, k_p, gamma_p, most_m, most_p) -> np.ndarray:
    """Stationary law (M, P) from the null vector of the generator written out with Kronecker products."""
    m, p = np.arange(most_m + 1.0), np.arange(most_p + 1.0)
    step = [generator([(1, lambda n: 1.0)], s.size) for s in (m, p)]
    fall = [generator([(-1, lambda n: float(n))], s.size) for s in (m, p)]
    a = np.kron(k_m * step[0] + gamma_m * fall[0], np.eye(p.size)) + np.kron(np.diag(m), k_p * step[1]) \
        + np.kron(np.eye(m.size), gamma_p * fall[1])
    return null_law(a).reshape(m.size, p.size)


def test_two_stage_moments_against_the_null_vector():
    law, m, p = two_stage_law(1.2, 1.5, 2.0, 0.8, 12, 34), np.arange(13), np.arange(35)
    found = exact.two_stage_moments(1.2, 1.5, 2.0, 0.8)
    of_m, of_p = law.sum(axis=1), law.sum(axis=0)
    assert found.mrna.mean == pytest.approx(of_m @ m, rel=1e-6)
    assert found.mrna.fano == pytest.approx((of_m @ m**2 - (of_m @ m)**2) / (of_m @ m), rel=1e-6)
    assert found.protein.mean == pytest.approx(of_p @ p, rel=1e-6)
    assert found.protein.variance == pytest.approx(of_p @ p**2 - (of_p @ p)**2, rel=1e-5)
    assert found.covariance == pytest.approx(m @ law @ p - (of_m @ m) * (of_p @ p), rel=1e-5)


def test_protein_from_short_lived_mrna_is_bursty():
    """Bursts of mean 1.5: four times shorter mRNA, a quarter of the distance; the Fano factor tends to 2.5."""
    distance = []
    for gamma_m in (20.0, 80.0):
        law = two_stage_law(2.0, gamma_m, 1.5 * gamma_m, 1.0, 5, 45).sum(axis=0)
        distance.append(np.abs(law - exact.bursty(np.arange(46), 2.0, 1.5, 1.0)).sum() / 2)
    assert distance[0] / distance[1] == pytest.approx(4.0, rel=0.1) and distance[1] < 0.01
    assert exact.two_stage_moments(2.0, 1e9, 1.5e9, 1.0).protein.fano == pytest.approx(2.5, rel=1e-8)
    assert exact.two_stage_moments(2.0, 1.0, 1e-9, 1.0).protein.fano == pytest.approx(1.0, rel=1e-8)


# Pairs


@pytest.mark.parametrize("n0", [0, 1, 2, 3, 12, 13])
@pytest.mark.parametrize("t", [0.0, 1e-3, 0.4, 50.0])
def test_annihilation_law_against_the_matrix_exponential_in_60_digits(n0, t):
    """Every probability to its last digits, the smallest too."""
    with mp.workdps(60):
        a = mp.matrix(generator([(-2, lambda n: n * (n - 1))], n0 + 1).tolist()) * (mp.mpf(0.3) * mp.mpf(t))
        wanted = [mp.expm(a, method="taylor")[n, n0] for n in range(n0 + 1)]
    found = exact.annihilation(np.arange(n0 + 3), t, 0.3, n0)
    assert worst(found[:-2], wanted) < 1e-13
    assert found[-2:].tolist() == [0, 0]


@pytest.mark.parametrize("n0", [300, 301])
def test_three_hundred_pairs_cancel_nothing(n0):
    """Terms of 10^43 with both signs: mass one, none below zero, McQuarrie's mean, the definition by differences."""
    n, k, t, h = np.arange(n0 + 1), 0.4, 2e-3, 1e-8
    law = exact.annihilation(n, t, k, n0)
    assert law.sum() == pytest.approx(1.0, abs=1e-14) and law.min() >= 0
    assert law @ n == pytest.approx(exact.annihilation_mean(t, k, n0), rel=1e-11)
    slope = (exact.annihilation(n, t + h, k, n0) - exact.annihilation(n, t - h, k, n0)) / (2 * h)
    rates = k * n * (n - 1)
    gain = np.append((rates * law)[2:], [0.0, 0.0])
    assert slope == pytest.approx(gain - rates * law, abs=1e-5 * np.abs(rates * law).max())


@pytest.mark.parametrize("x", [1e-6, 0.1, 1.0, 30.0, 1e4, 1e6])
def test_production_and_annihilation_balance_in_every_state(x):
    """x P(n-1) + (n+2)(n+1) P(n+2) = (x + n(n-1)) P(n): the definition, relative, over all decades."""
    moments = exact.production_annihilation_moments(x, 1.0)
    n = np.arange(int(3 * moments.mean) + 60)
    p = exact.production_annihilation(n, x, 1.0)
    out = (x + n * (n - 1.0)) * p
    into = x * np.concatenate([[0.0], p[:-1]])
    into[:-2] += (n[2:] * (n[2:] - 1.0)) * p[2:]
    seen = (out > TINY)[:-2]
    assert into[:-2][seen] == pytest.approx(out[:-2][seen], rel=1e-10)
    assert p.sum() == pytest.approx(1.0, abs=1e-11)
    assert moments.mean == pytest.approx(p @ n, rel=1e-11)
    assert moments.variance == pytest.approx(p @ n**2 - (p @ n)**2, rel=1e-8)


def test_production_and_annihilation_against_a_contour_of_bessel_functions():
    """a / k = 10, by mpmath's Bessel function on a circle of radius 1."""
    def pgf(z):
        return mp.sqrt(1 + z) * mp.besseli(1, 2 * mp.sqrt(10 * (1 + z))) / (mp.sqrt(2) * mp.besseli(1, 2 * mp.sqrt(20)))

    law = contour(lambda z: np.array([complex(pgf(mp.mpc(x))) for x in z]), 20)
    assert exact.production_annihilation(np.arange(20), 20.0, 2.0) == pytest.approx(law, abs=1e-14)


def test_production_and_annihilation_far_from_and_near_the_rate_equation():
    """sqrt(a / 2k): 58 % off at a / k = 1, 0.6 % at 100, and the variance tends to 3/4 of the mean."""
    off = [exact.production_annihilation_moments(x, 1.0).mean / math.sqrt(x / 2) - 1 for x in (1, 100, 1e4)]
    assert off[0] > 0.2 and 0.01 < off[1] < 0.02 and off[2] < 0.002
    assert exact.production_annihilation_moments(1e6, 1.0).fano == pytest.approx(0.75, rel=1e-3)


# Monomolecular networks


OPEN = "0 -> A ; 1.3\nA -> B ; 0.9\nB -> A ; 0.2\nB -> C ; 0.6\nC -> 0 ; 0.5\nA -> 0 ; 0.1"


def test_monomolecular_joint_law_against_the_matrix_exponential():
    """Three species in a box of 9 x 8 x 8, from (2, 1, 0): the Kronecker generator written out."""
    net, sizes, t = ReactionNetwork.parse(OPEN, initial={"A": 2, "B": 1}), (9, 8, 8), 0.45
    down, up = ([generator([(s, lambda n, s=s: n if s < 0 else 1.0)], k) for k in sizes] for s in (-1, 1))
    jump = [[x - np.diag(np.diag(x)) for x in side] for side in (down, up)]
    count = [np.diag(np.arange(k, dtype=float)) for k in sizes]
    eye = [np.eye(k) for k in sizes]

    def on(**parts):
        return np.kron(np.kron(parts.get("A", eye[0]), parts.get("B", eye[1])), parts.get("C", eye[2]))

    a = 1.3 * (on(A=jump[1][0]) - on()) + 0.9 * (on(A=jump[0][0], B=jump[1][1]) - on(A=count[0])) \
        + 0.2 * (on(B=jump[0][1], A=jump[1][0]) - on(B=count[1])) \
        + 0.6 * (on(B=jump[0][1], C=jump[1][2]) - on(B=count[1])) + 0.5 * (on(C=jump[0][2]) - on(C=count[2])) \
        + 0.1 * (on(A=jump[0][0]) - on(A=count[0]))
    start = np.zeros(math.prod(sizes))
    start[(2 * sizes[1] + 1) * sizes[2]] = 1.0
    wanted = scipy.linalg.expm(a * t) @ start
    law, n = exact.monomolecular(net, t), np.array(list(np.ndindex(*sizes)))
    assert law.probability(n) == pytest.approx(wanted, abs=2e-7)  # what leaves the box
    low = n.sum(axis=1) < 7
    assert law.probability(n[low]) == pytest.approx(wanted[low], abs=1e-9)
    for s, name in enumerate(net.species):
        tail = law.marginal(name, np.arange(5))
        assert tail == pytest.approx([wanted[n[:, s] == k].sum() for k in range(5)], abs=1e-6)


def test_monomolecular_moments_solve_their_equations():
    """Mean by a Runge-Kutta solver, covariance from the joint law."""
    from scipy.integrate import solve_ivp
    net = ReactionNetwork.parse(OPEN, initial={"A": 3, "C": 2})
    law = exact.monomolecular(net, 1.7)
    change = np.array([[-1.0, 0.2, 0], [0.9, -0.8, 0], [0, 0.6, -0.5]])
    ode = solve_ivp(lambda t, y: change @ y + [1.3, 0, 0], (0, 1.7), [3.0, 0, 2], rtol=1e-11, atol=1e-12)
    assert law.mean() == pytest.approx(ode.y[:, -1], rel=1e-8)
    n = np.array(list(np.ndindex(15, 15, 15)))
    p = law.probability(n)
    away = n - law.mean()
    assert np.einsum("n,ni,nj->ij", p, away, away) == pytest.approx(law.covariance(), abs=1e-6)
    assert p.sum() == pytest.approx(1.0, abs=1e-7)


@pytest.mark.parametrize("t", [1e-9, 0.3, 1.0, 40.0, 1e6])
def test_shares_keep_their_digits_over_fifteen_decades_of_time(t):
    """A stiff cycle with a leak, against the matrix exponential in 60 digits."""
    net = ReactionNetwork.parse("A -> B ; 1000\nB -> C ; 0.01\nC -> A ; 1\nC -> 0 ; 1e-6", initial={"A": 1})
    with mp.workdps(60):
        q = mp.matrix([[-1000, 0, 1], [1000, mp.mpf("-0.01"), 0], [0, mp.mpf("0.01"), -1 - mp.mpf("1e-6")]])
        wanted = [mp.expm(q * t)[k, j] for j in range(3) for k in range(3)]
    assert worst(exact.monomolecular(net, t).share, wanted) < (1e-9 if t > 1e5 else 1e-11)


def test_monomolecular_is_birth_and_death_and_the_receptor():
    n = np.arange(40)
    one = exact.monomolecular(ReactionNetwork.parse("0 -> M ; 7\nM -> 0 ; 0.6", initial={"M": 9}), 0.8)
    assert one.marginal("M", n) == pytest.approx(exact.birth_death(n, 0.8, 7, 0.6, 9), rel=1e-11, abs=1e-300)
    assert one.probability(n[:, None]) == pytest.approx(one.marginal("M", n), rel=1e-11, abs=1e-300)
    two = exact.monomolecular(ReactionNetwork.parse("A <-> B ; 2, 0.5", initial={"A": 6}), 0.4)
    assert two.marginal("B", n[:7]) == pytest.approx(exact.receptor(n[:7], 0.4, 2, 0.5, 6), rel=1e-12)
    assert two.covariance().sum() == pytest.approx(0.0, abs=1e-14)
    assert two.probability([[1, 2], [3, 3]])[0] == 0  # six molecules in all


@pytest.mark.parametrize(("rates", "k"), [([1.0, 1.0, 1.0], 4.0), ([0.5, 2.0, 2.0, 7.0], 10.0), ([3.0, 0.0], 2.0)])
def test_a_linear_chain_is_poisson_in_every_species(rates, k):
    """Means by the chain of integrals in mpmath: each species is fed by the one before."""
    def mean(i: int, t):
        feed = (lambda s: mp.mpf(k)) if i == 0 else (lambda s: rates[i - 1] * mean(i - 1, s))
        if i == 0:
            return k * t if rates[0] == 0 else k / mp.mpf(rates[0]) * -mp.expm1(-rates[0] * t)
        return mp.quad(lambda s: feed(s) * mp.exp(-rates[i] * (t - s)), [0, t], maxdegree=4)

    with mp.workdps(15):
        wanted = [float(mp.mpf(mean(i, mp.mpf(1.3)))) for i in range(min(len(rates), 3))]
    means = exact.linear_chain_means(1.3, k, rates)
    assert means[:3] == pytest.approx(wanted, rel=1e-11)
    n = np.stack([np.arange(5)] * len(rates), axis=-1)
    factors = [exact.poisson(np.arange(5), float(m)) for m in means]
    assert exact.linear_chain(n, 1.3, k, rates) == pytest.approx(np.prod(factors, axis=0), rel=1e-12)


def test_a_long_chain_of_equal_steps_is_erlang():
    """Fifty steps: mean of species i is k / r times the chance that i steps are over by t."""
    means = exact.linear_chain_means(7.0, 3.0, [8.0] * 50)
    wanted = [3 / 8 * float(mp.gammainc(i, 0, 56, regularized=True)) for i in range(1, 51)]
    assert means == pytest.approx(wanted, rel=1e-12)


# Delays and noise


@pytest.mark.parametrize("stages", [1, 2, 30, 10**6])
def test_erlang_density_and_distribution_against_mpmath(stages):
    tau, t = 2.5, np.array([0.0, 0.3, 2.4, 2.5, 2.6, 9.0])
    x = [mp.mpf(stages) * mp.mpf(s) / mp.mpf(tau) for s in t.tolist()]
    density = [stages / mp.mpf(tau) * (mp.exp((stages - 1) * mp.log(y) - y - mp.loggamma(stages)) if y else
                                       mp.mpf(stages == 1)) for y in x]
    assert worst(exact.erlang(t, stages, tau), density) < (1e-9 if stages > 100 else 1e-12)
    if stages < 100:
        wanted = [float(mp.gammainc(stages, 0, y, regularized=True)) for y in x]
        assert exact.erlang_cdf(t, stages, tau) == pytest.approx(wanted, abs=1e-12)
    slope = (exact.erlang_cdf(2.5 + 1e-6, stages, tau) - exact.erlang_cdf(2.5 - 1e-6, stages, tau)) / 2e-6
    assert slope == pytest.approx(exact.erlang(2.5, stages, tau), rel=1e-6)
    assert exact.erlang([-1.0], stages, tau)[0] == exact.erlang_cdf([-1.0], stages, tau)[0] == 0


def test_erlang_delays_have_their_mean_and_spread():
    """Coefficient of variation 1 / sqrt(stages), by quadrature of the density."""
    for stages in (1, 4, 25):
        first, second = (float(mp.mpf(mp.quad(lambda t, k=k, s=stages: t**k * float(exact.erlang(float(t), s, 3.0)),
                                              [0, 2, 3, 4, 8, 60], maxdegree=5))) for k in (1, 2))
        assert first == pytest.approx(3.0, rel=1e-7)
        assert math.sqrt(second - first**2) / first == pytest.approx(1 / math.sqrt(stages), rel=1e-6)


@pytest.mark.parametrize("stages", [1, 3, 15, 16, 17, 1000, 10**15])
def test_the_distance_to_the_fixed_delay_keeps_its_digits(stages):
    with mp.workdps(60):
        n = mp.mpf(stages)
        wanted = 2 * mp.mpf(0.7) * mp.exp(n * mp.log(n) - n - mp.loggamma(n + 1))
    assert worst(exact.erlang_distance(stages, 0.7), [wanted]) < 1e-14
    shortfall = exact.erlang_distance_limit(stages, 0.7) / exact.erlang_distance(stages, 0.7) - 1
    assert -1e-15 < shortfall < 1 / (11 * stages) + 1e-15


def test_production_with_a_delay_solves_its_equation():
    h, times = 1e-5, np.array([1.0, 2.5, 3.5, 9.0])
    for gamma in (0.0, 0.8):
        slope = (exact.delayed_production_mean(times + h, 5, gamma, 3) -
                 exact.delayed_production_mean(times - h, 5, gamma, 3)) / (2 * h)
        wanted = 5 * (times > 3) - gamma * exact.delayed_production_mean(times, 5, gamma, 3)
        assert slope == pytest.approx(wanted, abs=1e-7)
    n = np.arange(30)
    assert exact.delayed_production(n, 4.0, 5, 0.8, 3) == pytest.approx(exact.birth_death(n, 1.0, 5, 0.8), rel=1e-12)
    assert exact.delayed_production([0, 1], 3.0, 5, 0.8, 3).tolist() == [1, 0]


def feedback_slope(k=100.0, half=20.0, hill=4.0, gamma=1.0) -> float:
    """-f'(x) at the fixed point of the autorepressor, by mpmath's root finder and derivative."""
    def f(x):
        return k / (1 + (x / half)**hill)
    x = mp.findroot(lambda x: f(x) - gamma * x, 25.0)
    return -float(mp.mpf(mp.diff(f, x)))


def test_the_critical_delay_has_a_root_on_the_imaginary_axis():
    slope, tau = feedback_slope(), exact.critical_delay(100, 20, 4, 1)
    root = mp.findroot(lambda z: z + 1 + slope * mp.exp(-z * tau), mp.mpc(0, 2))
    assert abs(float(root.real)) < 1e-12
    assert tau == pytest.approx(0.68732, abs=5e-6)
    assert exact.critical_delay(100, 20, 1, 1) == math.inf


@pytest.mark.parametrize(("stages", "figure"), [(5, 1.479), (10, 0.917), (20, 0.783), (100, 0.704), (4, None),
                                                (3, None), (2, None), (1, None)])
def test_a_chain_loses_its_balance_at_its_own_critical_delay(stages, figure):
    """The Jacobian of the chain: all eigenvalues to the left before, a pair to the right after."""
    tau, slope = exact.critical_delay(100, 20, 4, 1, stages=stages), feedback_slope()

    def rightmost(delay: float) -> float:
        a = np.diag([-1.0] + [-stages / delay] * stages) + np.diag([stages / delay] * stages, 1)
        a[stages, 0] = -slope
        return float(np.linalg.eigvals(a).real.max())

    if figure:
        assert tau == pytest.approx(figure, abs=5e-4)
    if math.isinf(tau):
        assert max(rightmost(delay) for delay in np.geomspace(0.01, 1000, 30)) < 0
    else:
        assert max(rightmost(delay) for delay in np.geomspace(0.05, 0.999, 8) * tau) < 0 < rightmost(1.001 * tau)


def test_fixed_steps_spread_too_far():
    """Variance after one step: (1 - g h)^2 v + h (k + g m); iterated from zero it settles at the formula."""
    mean, gamma, step, v = 12.0, 0.7, 0.4, 0.0
    for _ in range(200):
        v = (1 - gamma * step)**2 * v + step * 2 * gamma * mean
    assert exact.fixed_step_variance(mean, gamma, step) == pytest.approx(v, rel=1e-12)
    with pytest.raises(NetworkError, match="gamma step = 2"):
        exact.fixed_step_variance(1.0, 1.0, 2.0)


# The whole module


def test_every_closed_form_is_offered_and_used_by_a_test(root):
    folder = root / "cmelab" / "exact"
    public = [node.name for file in folder.glob("*.py") if file.stem != "checks"
              for node in ast.parse(file.read_text(encoding="utf-8")).body
              if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")]
    inner = {"deviance", "poisson_of", "stirling"}
    assert sorted(set(public) - inner) == exact.__all__
    texts = " ".join(file.read_text(encoding="utf-8") for file in (root / "tests").glob("test_*.py"))
    functions = [name for name in exact.__all__ if name[0].islower()]
    assert [name for name in functions if f"exact.{name}(" not in texts] == []


@pytest.mark.parametrize(("call", "said"), [
    (lambda: exact.telegraph(1, 0, 0, 1, 1), "never switches"), (lambda: exact.telegraph(1, 1, 1, 1, 0), "delta=0"),
    (lambda: exact.telegraph(1, math.inf, 1, 1, 1), "k_on=inf"), (lambda: exact.telegraph(1, 1, -2, 1, 1), "k_off=-2"),
    (lambda: exact.telegraph(1, 1, 1, 1e6, 1), r"rho / delta = 1e\+06"),
    (lambda: exact.telegraph(0.5, 1, 1, 1, 1), "n=0.5"), (lambda: exact.telegraph_moments(0, 0, 1, 1), "never switch"),
    (lambda: exact.bursty(1, 1, 1, 0), "gamma=0"), (lambda: exact.bursty(1, 1, math.inf, 1), "burst=inf"),
    (lambda: exact.two_stage_moments(1, 0, 1, 1), "gamma_m=0"), (lambda: exact.negative_binomial(1, 1, 0), "shape=0"),
    (lambda: exact.negative_binomial(1, math.inf, 1), "mean=inf"),
    (lambda: exact.immigration_birth_death(1, math.inf, 1, 2, 1), "needs birth < death"),
    (lambda: exact.immigration_birth_death(1, 1e4, 1, 2, 1), r"\(birth - death\) t = 10000"),
    (lambda: exact.immigration_birth_death(1, -1, 1, 1, 1), "t=-1"),
    (lambda: exact.immigration_birth_death(1, 1, 1, 1, 1, 2.5),  # pyright: ignore[reportArgumentType]
     "n0=2.5"),
    (lambda: exact.extinction_probability(math.nan, 1, 1), "t=nan"), (lambda: exact.outbreak_extinction(0, 1), "r0=0"),
    (lambda: exact.outbreak_extinction(2, -1), "infected|n0=-1"), (lambda: exact.annihilation(1, 1, 1, -3), "n0=-3"),
    (lambda: exact.annihilation(1, math.inf, 1, 3), "t=inf"), (lambda: exact.production_annihilation(1, 0, 1), "a=0"),
    (lambda: exact.production_annihilation_moments(1, math.inf), "k=inf"),
    (lambda: exact.monomolecular(ReactionNetwork.parse("2A -> 0 ; 1"), 1), "line 1: 2A -> 0 .*not monomolecular"),
    (lambda: exact.monomolecular(ReactionNetwork.parse("A -> A + B ; 1"), 1), "not monomolecular"),
    (lambda: exact.monomolecular(ReactionNetwork.parse("A -> B ; a = A"), 1), "not monomolecular"),
    (lambda: exact.monomolecular(ReactionNetwork.parse("A -> B ; 1 ; delay 2"), 1), "not monomolecular"),
    (lambda: exact.monomolecular(ReactionNetwork.parse("A -> B ; 1"), -1), "t=-1"),
    (lambda: exact.monomolecular(ReactionNetwork.parse("A -> B ; 1"), 1).marginal("Q", 1), "no species 'Q'"),
    (lambda: exact.monomolecular(ReactionNetwork.parse("A -> B ; 1"), 1).probability([1]), r"shape \(1,\)"),
    (lambda: exact.monomolecular(ReactionNetwork.parse("A -> B ; 1", initial={"A": 900}), 1).probability([999, 999]),
     "1000 x 1000 counts from 900 molecules needs 3e"),
    (lambda: exact.linear_chain([1], 1, 1, [1, 2]), "one count for each of the 2"),
    (lambda: exact.linear_chain_means(1, 1, [-1]), r"rates=\[-1.0\]"), (lambda: exact.erlang(1, 0, 1), "stages=0"),
    (lambda: exact.erlang_cdf(1, 1.5, 1), "stages=1.5"),  # pyright: ignore[reportArgumentType]
    (lambda: exact.erlang_distance_limit(1, math.inf), "tau=inf"),
    (lambda: exact.critical_delay(1, 0, 1, 1), "half=0"), (lambda: exact.fixed_step_variance(0, 1, 1), "mean=0"),
    (lambda: exact.delayed_production(1, -1, 1, 1, 1), "t=-1")])
def test_constants_outside_the_law_are_refused_with_the_value(call, said):
    with pytest.raises(NetworkError, match=said):
        call()
