"""Closures against the laws they are named after, the teaching cases, closed forms and the master equation."""
from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import roots_genlaguerre
from scipy.stats import poisson

from cmelab import NetworkError, ReactionNetwork, exact, models, simulate, solve
from cmelab.closed_moments import close
from cmelab.closures import CLOSURES, Known, matching_powers
from cmelab.moment_systems import switches
from cmelab.moments import powers_up_to
from cmelab.rate_equations import rate_equations

NAMES = [c.name for c in CLOSURES]
BY_NAME = {c.name: c for c in CLOSURES}
GRID = np.array([0.0, 0.3, 1.0, 4.0])
ANY = ("zero", "normal", "poisson", "log-normal", "gamma", "derivative matching")


def known_of(order: int, points: np.ndarray, weights: np.ndarray) -> Known:
    """What a closure may know of a law given by points (N, S) and weights (N,)."""
    mean = weights @ points
    central = {e: central_of(e, points, weights) for e in powers_up_to(points.shape[1], order) if sum(e) > 1}
    return Known(order, mean.tolist(), central)


def central_of(e, points: np.ndarray, weights: np.ndarray) -> float:
    return float(weights @ np.prod((points - weights @ points)**np.array(e), axis=1))


def grid_of(*laws: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Independent laws (points, weights) as one law of several counts."""
    points = np.array(list(product(*(x for x, _ in laws))))
    return points, np.array([math.prod(w) for w in product(*(w for _, w in laws))])


def hermite(size: int, covariance: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points and weights that give every moment of a normal law up to power 15 exactly."""
    x, w = np.polynomial.hermite_e.hermegauss(8)
    points, weights = grid_of(*[(x, w / w.sum())] * size)
    return mean + points @ np.linalg.cholesky(covariance).T, weights


COVARIANCE = np.array([[4.0, 1.2, -0.5], [1.2, 3.0, 0.8], [-0.5, 0.8, 2.0]])
ABOVE = [e for e in powers_up_to(3, 5) if sum(e) > 2]


@pytest.mark.parametrize("order", [2, 3, 4])
def test_the_normal_closure_is_exact_for_a_normal_law(order):
    points, weights = hermite(3, COVARIANCE, np.array([9.0, 7.0, 8.0]))
    known = known_of(order, points, weights)
    for e in ABOVE:
        if sum(e) > order:
            assert BY_NAME["normal"].higher(e, known) == pytest.approx(central_of(e, points, weights), abs=1e-9)


@pytest.mark.parametrize("order", [2, 3])
def test_the_zero_closure_leaves_out_what_is_above_its_order(order):
    """2A -> 0 from 10: the central equations written out by binomials, with every higher moment 0."""
    k = 0.1

    def flow(t, y):
        central = [1.0, 0.0, *y[1:], *[0.0] * 3]

        def mean_of(coefficients):  # of a polynomial in n - m
            return sum(c * central[i] for i, c in enumerate(coefficients))

        m = y[0]
        rate = np.polynomial.Polynomial([m * (m - 1), 2 * m - 1, 1]) * k
        d = np.polynomial.Polynomial([0, 1])
        drift = -2 * mean_of(rate.coef)
        return [drift, *(mean_of((rate * ((d - 2)**e - d**e)).coef) - e * drift * central[e - 1]
                         for e in range(2, order + 1))]

    wanted = solve_ivp(flow, (0, 1), [10.0, *[0.0] * (order - 1)], method="DOP853", t_eval=[0.3, 1.0], rtol=1e-12,
                       atol=1e-12).y
    result = close(models.annihilation(k=k), [0.3, 1.0], closure="zero", order=order)
    assert result.of("A") == pytest.approx(wanted[0], rel=1e-8)
    assert result.var()[:, 0] == pytest.approx(wanted[1], rel=1e-7)
    assert BY_NAME["zero"].higher((order + 1,), Known(order, [3.0], {(2,): 2.0, (3,): 1.0})) == 0


@pytest.mark.parametrize("order", [2, 3])
def test_the_poisson_closure_is_exact_for_independent_poisson_laws(order):
    n = np.arange(60)
    points, weights = grid_of((n, poisson.pmf(n, 3.0)), (n, poisson.pmf(n, 5.5)))
    known = known_of(order, points, weights)
    for e in powers_up_to(2, 6):
        if sum(e) > order:
            wanted = central_of(e, points, weights)
            assert BY_NAME["poisson"].higher(e, known) == pytest.approx(wanted, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", ["log-normal", "derivative matching"])
def test_the_log_normal_closure_is_exact_for_a_log_normal_law(name):
    """<x^e> = exp(e.m + e.C.e/2) in matrices; to second order derivative matching says the same."""
    m, c = np.array([1.0, 0.4, 0.7]), COVARIANCE / 20

    def raw(e) -> float:
        return float(np.exp(np.dot(e, m) + np.dot(e, c @ np.array(e)) / 2))

    units = np.eye(3, dtype=int)
    mean = [raw(u) for u in units]
    central = {tuple(u + v): raw(u + v) - raw(u) * raw(v) for u in units for v in units}
    known = Known(2, mean, central)
    for e in ABOVE:
        parts = list(product(*(range(k + 1) for k in e)))
        wanted = sum(math.prod(map(math.comb, e, part)) * raw(part)
                     * math.prod((-x)**(k - j) for x, k, j in zip(mean, e, part, strict=True)) for part in parts)
        assert BY_NAME[name].higher(e, known) == pytest.approx(wanted, rel=1e-9, abs=1e-9 * math.prod(
            x**k for x, k in zip(mean, e, strict=True)))


def test_the_gamma_closure_is_exact_for_gamma_laws_with_shared_parts():
    """Each two of three counts share an independent gamma part, and each has one of its own: Gauss-Laguerre."""
    laws = []
    for shape in (1.5, 2.5, 4.0, 0.7, 3.0, 1.0):
        x, w = roots_genlaguerre(4, shape - 1)
        laws.append((x, w / w.sum()))
    g, weights = grid_of(*laws)
    points = np.column_stack([2 * g[:, [0, 1, 2]].sum(axis=1), 0.5 * g[:, [0, 3, 4]].sum(axis=1),
                              3 * g[:, [1, 3, 5]].sum(axis=1)])
    known = known_of(2, points, weights)
    for e in powers_up_to(3, 5):
        if sum(e) > 2:
            assert BY_NAME["gamma"].higher(e, known) == pytest.approx(central_of(e, points, weights), rel=1e-9)


def test_derivative_matching_has_the_published_powers():
    """<n^3> = <n^2>^3/<n>^3; <n^2 m> = <n^2><nm>^2/(<n>^2<m>); <n^4> = <n><..>: n^3^4 n^4 / (n^2)^6 at order 3."""
    assert dict(matching_powers((3,), 2)) == {(2,): 3, (1,): -3}
    assert dict(matching_powers((2, 1), 2)) == {(2, 0): 1, (1, 1): 2, (1, 0): -2, (0, 1): -1}
    assert dict(matching_powers((1, 1, 1), 2)) == {(1, 1, 0): 1, (1, 0, 1): 1, (0, 1, 1): 1, (1, 0, 0): -1,
                                                   (0, 1, 0): -1, (0, 0, 1): -1}
    assert dict(matching_powers((4,), 3)) == {(3,): 4, (2,): -6, (1,): 4}


@pytest.mark.parametrize("order", [2, 3, 4])
@pytest.mark.parametrize("extra", [1, 2])
def test_derivative_matching_is_right_to_its_order_near_a_known_state(order, extra):
    """Around a state known exactly the product of powers misses by h^(order + 1): exact fractions, h halved."""
    errors = []
    for h in (Fraction(1, 200), Fraction(1, 400)):
        law = {Fraction(5) - h: Fraction(1, 3), Fraction(5) + 3 * h: Fraction(2, 3)}

        def raw(k, law=law):
            return sum(w * x**k for x, w in law.items())

        guess = math.prod(raw(p[0])**g for p, g in matching_powers((order + extra,), order))
        errors.append(float(abs(guess - raw(order + extra))))
    assert errors[0] / errors[1] == pytest.approx(2**(order + 1), rel=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_every_closure_names_its_assumption_and_its_source(name):
    assert "doi:10." in BY_NAME[name].source and BY_NAME[name].says


# Linear networks: every closure must give the truth.
@pytest.mark.parametrize("name", NAMES)
def test_linear_networks_are_exact_under_every_closure(name):
    result = close(models.birth_death(10, 1.3, 6), GRID, closure=name)
    s = np.exp(-1.3 * GRID)
    assert result.of("M") == pytest.approx(exact.birth_death_mean(GRID, 10, 1.3, 6), rel=1e-8)
    if name != "mean field":
        assert result.var()[:, 0] == pytest.approx(6 * s * (1 - s) + 10 / 1.3 * (1 - s), rel=1e-7, abs=1e-8)
    assert (result.broke_at, result.why) == (None, "")


@pytest.mark.parametrize("order", [2, 3, 4])
def test_a_switching_gene_has_its_closed_variance_at_every_order(order):
    """Telegraph: Fano factor 1 + r k_off / ((k_on + k_off)(k_on + k_off + d))."""
    net = ReactionNetwork.parse("G <-> H ; 0.4, 0.6\nH -> H + M ; 20\nM -> 0 ; 1", initial={"G": 1})
    result = close(net, [60.0], order=order)
    assert result.of("M")[0] == pytest.approx(8.0, rel=1e-8)
    assert result.var()[0, 2] / 8 == pytest.approx(1 + 20 * 0.6 / (1.0 * 2.0), rel=1e-7)
    assert result.covariance[0, 0] == pytest.approx([0.24, -0.24, result.covariance[0, 0, 2]], rel=1e-7)


# The teaching cases: 2A -> 0 with a = k n(n-1) from 10.
def test_the_normal_closure_of_annihilation_against_its_equations_written_out():
    """m' = -2k(v + m^2 - m), v' = -8kmv + 4k m^2 + 8kv - 4km, with no third central moment."""
    def flow(t, y):
        m, v = y
        return [-0.2 * (v + m * m - m), 0.1 * (-8 * m * v + 4 * m * m + 8 * v - 4 * m)]

    wanted = solve_ivp(flow, (0, 4), [10.0, 0.0], method="DOP853", t_eval=GRID, rtol=1e-12, atol=1e-12).y.T
    result = close(models.annihilation(k=0.1), GRID)
    assert result.mean()[:, 0] == pytest.approx(wanted[:, 0], rel=1e-8)
    assert result.var()[:, 0] == pytest.approx(wanted[:, 1], rel=1e-7, abs=1e-8)


def test_the_course_figures_of_annihilation():
    """k = 0.1, t = 0.5: normal closure 5.219 and 2.983, truth 5.215 and 3.014, mean field 5.387."""
    net = models.annihilation(k=0.1)
    normal = close(net, 0.5)
    assert (round(normal.of("A")[0], 3), round(normal.var()[0, 0], 3)) == (5.219, 2.983)
    truth = solve(net, 0.5)
    assert exact.annihilation_mean(0.5, 0.1, 10) == pytest.approx(truth.mean()[0, 0], rel=1e-10)
    assert (round(truth.mean()[0, 0], 3), round(truth.var()[0, 0], 3)) == (5.215, 3.014)
    assert round(close(net, 0.5, closure="mean field").of("A")[0], 3) == 5.387


def test_the_normal_closure_of_annihilation_turns_negative_and_blows_up():
    """k = 1: the mean falls below zero, and near t = 1.06 nothing is left to follow."""
    net, grid = models.annihilation(k=1.0), np.linspace(0, 3, 301)
    stopped, on = close(net, grid), close(net, grid, beyond=True)
    assert stopped.broke_at is not None
    assert stopped.broke_at == pytest.approx(on.broke_at) and 0.8 < stopped.broke_at < 0.9
    assert stopped.why == "the mean of A falls below zero"
    assert stopped.times[-1] < stopped.broke_at < stopped.times[-1] + 0.01
    assert np.isfinite(stopped.counts).all() and (stopped.counts > -1e-6).all()
    assert on.counts.min() < -1 and on.times[-1] == pytest.approx(1.06, abs=0.011)
    assert "grows without bound" in on.why and np.isfinite(on.counts).all()


def test_the_poisson_closure_of_annihilation_settles_at_a_negative_variance():
    """Mean 3/2 and variance -3/4, which no law has."""
    result = close(models.annihilation(k=1.0), [0.1, 40.0], closure="poisson", beyond=True)
    assert result.of("A")[-1] == pytest.approx(1.5, abs=1e-7)
    assert result.var()[-1, 0] == pytest.approx(-0.75, abs=1e-7)
    assert result.broke_at == pytest.approx(0.4085, abs=1e-3)
    assert result.why == "the variance of A falls below zero"
    assert close(models.annihilation(k=1.0), [0.1, 40.0], closure="poisson").times.tolist() == [0.1]


@pytest.mark.parametrize("name", ["log-normal", "gamma", "derivative matching"])
@pytest.mark.parametrize("n0", [10, 11])
def test_closures_without_parity_end_at_one_molecule(name, n0):
    """The truth ends at 0 from an even count and at 1 from an odd one."""
    result = close(models.annihilation(k=1.0, n0=n0), [40.0], closure=name, beyond=True)
    assert result.of("A")[0] == pytest.approx(1.0, abs=1e-6)
    assert exact.annihilation_mean(40.0, 1.0, n0) == pytest.approx(n0 % 2, abs=1e-12)


def production_and_annihilation_mean(a: float) -> float:
    """Stationary mean of 0 -> A (a), 2A -> 0 (n(n-1)): the null vector of a dense generator."""
    size = int(4 * math.sqrt(a)) + 60
    q = np.zeros((size, size))
    for n in range(size):
        for step, rate in ((1, a), (-2, n * (n - 1.0))):
            if 0 <= n + step < size:
                q[n + step, n] += rate
                q[n, n] -= rate
    q[0] = 1.0
    return float(np.arange(size) @ np.linalg.solve(q, np.eye(size)[0]))


@pytest.mark.parametrize("name", ANY)
def test_closures_get_better_with_more_molecules(name):
    """0 -> A, 2A -> 0: at a/k = 100 every closure is within 0.6 %; at 10 it is worse."""
    errors = []
    for a in (10.0, 100.0):
        net = ReactionNetwork.parse("0 -> A ; a\n2A -> 0 ; 1", {"a": a}, {"A": 5}, convention="falling")
        result = close(net, [30.0], closure=name)
        errors.append(abs(result.of("A")[0] / production_and_annihilation_mean(a) - 1))
    assert errors[1] < 0.006 < errors[0]


@pytest.mark.parametrize("text", ["2A -> 0 ; 0.4\n0 -> A ; 3", "3A -> A ; 0.1\n0 -> A ; 3",
                                  "A + B -> C ; 0.2\nC -> A ; 1"])
def test_mean_field_is_the_combinatorial_rate_equation(text):
    net = ReactionNetwork.parse(text, initial={"A": 8} | ({"B": 5} if "B" in text else {}))
    result = close(net, GRID, closure="mean field")
    assert result.counts == pytest.approx(rate_equations(net, GRID, form="combinatorial").counts, rel=1e-8, abs=1e-9)
    assert result.order == 1 and not result.covariance.any()


SCHLOGL = "2X -> 3X ; 0.03\n3X -> 2X ; 0.0001\n0 -> X ; 200\nX -> 0 ; 3.5"


@pytest.mark.parametrize("name", ["normal", "poisson", "gamma", "log-normal"])
def test_closures_of_schlogl_pick_one_mode_by_the_start(name):
    """The truth has two modes and one mean, 454.861 (ladder product), whatever the start; no closure is near it."""
    n = np.arange(1500)
    up, down = 0.03 * n * (n - 1) / 2 + 200, 1e-4 * n * (n - 1) * (n - 2) / 6 + 3.5 * n
    log_p = np.concatenate([[0.0], np.cumsum(np.log(up[:-1]) - np.log(down[1:]))])
    p = np.exp(log_p - log_p.max())
    assert p @ n / p.sum() == pytest.approx(454.861, abs=5e-4)
    net = ReactionNetwork.parse(SCHLOGL)
    low, high = (close(net.with_initial(X=start), [100.0], closure=name).of("X")[0] for start in (50, 250))
    assert 85 < low < 90 and 555 < high < 565


@pytest.mark.parametrize("name", ["normal", "poisson"])
def test_closures_of_the_brusselator_oscillate_for_ever_where_the_mean_settles(name):
    """Omega = 50: single paths lose their phase, so the mean of exact paths is nearly flat after t = 60."""
    net = ReactionNetwork.parse("0 -> X ; 1\nX -> Y ; 3\n2X + Y -> 3X ; 1\nX -> 0 ; 1", initial={"X": 50, "Y": 150},
                                convention="macroscopic", volume=50.0, ode="extent")
    times = np.linspace(60, 100, 161)
    closed = close(net, times, closure=name).of("X")
    early, late = np.ptp(closed[:80]), np.ptp(closed[81:])
    assert late == pytest.approx(early, rel=0.02) and late > 100
    assert np.ptp(simulate(net, times, paths=200, seed=1).mean()[:, 0]) < 40


@pytest.mark.parametrize("name", ANY)
def test_two_reactants_stay_near_the_master_equation(name):
    """A + B <-> C with about thirty of each: mean within 0.5 %, variance within 10 %."""
    net = ReactionNetwork.parse("A + B <-> C ; 0.02, 1", initial={"A": 50, "B": 40})
    truth, result = solve(net, GRID[1:]), close(net, GRID[1:], closure=name)
    assert result.mean() == pytest.approx(truth.mean(), rel=5e-3)
    assert result.var() == pytest.approx(truth.var(), rel=0.1)


# A gene that its own protein switches off.
GENE = "G -> G + P ; 20\nP -> 0 ; 1\nG + P <-> B ; 0.05, 0.5\nB -> B + P ; 2"


@pytest.mark.parametrize("start", ["G", "B"])
def test_the_conditional_closure_sees_both_positions_of_a_switch(start):
    """Against the master equation: mean to 0.04 %, variance to 0.2 %, far nearer than the normal closure."""
    net, times = ReactionNetwork.parse(GENE, initial={start: 1}), [0.05, 0.5, 2.0, 10.0]
    truth = solve(net, times, bounds={"P": 80})
    assert truth.lost.max() < 1e-9
    conditional, normal = (close(net, times, closure=c) for c in ("conditional", "normal"))

    def worst(found, wanted):
        return np.abs(found / wanted - 1).max()

    assert worst(conditional.mean(), truth.mean()) < 4e-4
    assert worst(conditional.var(), truth.var()) < 2e-3
    assert worst(conditional.mean()[0], truth.mean()[0]) < 1e-6
    assert worst(normal.var()[-1], truth.var()[-1]) > 10 * worst(conditional.var()[-1], truth.var()[-1])
    # The two positions add up to one gene, whatever the closure: their fluctuations are opposite.
    g, b = net.species.index("G"), net.species.index("B")
    assert conditional.covariance[:, g, g] == pytest.approx(-conditional.covariance[:, g, b], rel=1e-9)


def test_a_third_order_helps_the_conditional_closure():
    net = ReactionNetwork.parse(GENE, initial={"G": 1})
    truth = solve(net, 10.0, bounds={"P": 80}).mean()[0]
    errors = [np.abs(close(net, 10.0, closure="conditional", order=order).mean()[0] - truth).max() for order in (2, 4)]
    assert errors[1] < errors[0]


def test_switches_alone_are_followed_exactly():
    """Two switches that need each other: four positions, no other counts, against the master equation."""
    net = ReactionNetwork.parse("G + X -> H + X ; 1\nH -> G ; 2\nX <-> Y ; 0.7, 0.4", initial={"G": 1, "X": 1})
    assert switches(net) == [(0, 2), (1, 3)]
    truth, result = solve(net, GRID), close(net, GRID, closure="conditional")
    assert result.mean() == pytest.approx(truth.mean(), abs=1e-8)
    assert result.var() == pytest.approx(truth.var(), abs=1e-7)


def test_only_a_single_copy_is_a_switch():
    assert switches(ReactionNetwork.parse("G <-> H ; 1, 1", initial={"G": 2})) == []
    assert switches(ReactionNetwork.parse("G -> 0 ; 1", initial={"G": 1})) == []
    assert switches(ReactionNetwork.parse("A -> B ; 1\nB -> C ; 1\nC -> A ; 1", initial={"B": 1})) == [(0, 1, 2)]


@pytest.mark.parametrize("name", ANY)
@pytest.mark.parametrize("text", ["0 -> A ; 5\n2A -> 0 ; 1", "0 -> A ; 5\nA + B -> 0 ; 1\n0 -> B ; 4", "2A -> 3A ; 1",
                                  "3A -> 0 ; 1\n0 -> A ; 9"])
def test_no_closure_ever_returns_a_number_that_is_none(name, text):
    """Starts at zero molecules, explosion, third order: a curve up to the break, and a reason for it."""
    for start in (0, 6):
        result = close(ReactionNetwork.parse(text, initial={"A": start}), np.linspace(0, 5, 26), closure=name)
        assert np.isfinite(result.counts).all() and np.isfinite(result.covariance).all()
        assert (result.broke_at is None) == (result.times.size == 26) == (result.why == "")
        if result.broke_at is not None:
            assert result.times.size == 0 or result.times[-1] <= result.broke_at
            assert f"broke at t = {result.broke_at:.4g}" in repr(result)


def test_an_explosive_network_breaks_with_a_reason():
    """<n> of 2A -> 3A grows without bound in finite time under every closure."""
    result = close(ReactionNetwork.parse("2A -> 3A ; 1", initial={"A": 6}), np.linspace(0, 5, 26))
    assert result.broke_at is not None and "without bound" in result.why


@pytest.mark.parametrize("text", ["", "A -> 0 ; 0"])
def test_where_nothing_happens_the_moments_hold(text):
    result = close(ReactionNetwork.parse(text, initial={"A": 3} if text else {}), GRID)
    assert result.counts.tolist() == [[3.0]] * 4 if text else result.counts.shape == (4, 0)
    assert not result.covariance.any()


@pytest.mark.parametrize(("text", "options", "said"), [
    ("2A -> 0 ; 1", {"closure": "gaussian"}, "closure='gaussian'"), ("2A -> 0 ; 1", {"closure": None}, "closure=None"),
    ("2A -> 0 ; 1", {"order": 1}, "order=1 with the normal closure"), ("2A -> 0 ; 1", {"order": 0}, "order=0"),
    ("2A -> 0 ; 1", {"order": 2, "closure": "mean field"}, "order=2 with the mean field closure; it must be 1."),
    ("2A -> 0 ; 1", {"order": 99}, "order=99"), ("2A -> 0 ; 1", {"order": "2"}, "order='2'"),
    ("2A -> 0 ; 1", {"closure": "conditional"}, "needs a switch"), ("2A -> 0 ; 1", {"times": [3, 2]}, "must increase"),
    ("0 -> A ; 1 ; delay 2", {}, "delay 2"), ("0 -> A ; a = 1/(1+A)", {}, "no polynomial"),
    ("2A -> 0 ; 1", {"times": "soon"}, "times='soon'"),
])
def test_unusable_input_is_refused_with_the_value(text, options, said):
    given = {"times": GRID} | options
    with pytest.raises(NetworkError) as caught:
        close(ReactionNetwork.parse(text), given.pop("times"), **given)
    assert said in str(caught.value)
