"""Unit 07: right answers against matrix exponentials and counting, wrong models against the numbers they are known by.
"""
from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

import cmelab
from cmelab.exercises import UNITS, exercise
from cmelab.exercises.diagnose import diagnose
from cmelab.exercises.finding import NOT_YET, RIGHT
from cmelab.exercises.observe import alive
from cmelab.exercises.unit07 import moments

UNIT = next(unit for unit in UNITS if unit.id == "07")
AUTOMATIC = [each for each in UNIT if each.automatic]
TEN = (0.0,) * 10 + (1.0,)
TWO_OR_SIX = (0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.5)
PAIRS = "lambda n: 0.1 * n * (n - 1)"


def generator(nu: int, a, top: int) -> np.ndarray:
    """The matrix of one reaction on 0 to top, entry by entry: gain where a jump leads, loss where it begins."""
    q = np.zeros((top + 1, top + 1))
    for n in range(top + 1):
        if 0 <= n + nu <= top:
            q[n + nu, n] += a(n)
            q[n, n] -= a(n)
    return q


def pairs_matrix(n0: int, k: float) -> np.ndarray:
    return generator(-2, lambda n: k * n * (n - 1), n0)


def exact(n0: int, k: float, t: float) -> tuple[float, float]:
    """Mean and variance of 2A -> 0 at t, by the matrix exponential."""
    p, n = expm(pairs_matrix(n0, k) * t)[:, n0], np.arange(n0 + 1)
    return float(p @ n), float(p @ n**2 - (p @ n) ** 2)


def by_solver(flow, n0: int, k: float, t: float) -> tuple[float, float]:
    """Mean and variance of a closure, by an adaptive method that is not the one of the models."""
    m, v = solve_ivp(lambda _, y: flow(*y, k), (0, t), (n0, 0.0), method="DOP853", rtol=1e-11, atol=1e-12).y[:, -1]
    return float(m), float(v)


# Right answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("probe", exercise("7.1").probes)
def test_averages_change_as_the_master_equation_says(probe):
    """dP/dt = QP, and then sums of n and n^2 over it: no f(n + nu) - f(n) anywhere."""
    p, nu, a = alive(probe)
    top = len(p) + max(nu, 0)
    law = np.array([*p, *[0.0] * (top + 1 - len(p))])
    slope, n = generator(nu, a, top) @ law, np.arange(top + 1)
    assert exercise("7.1").model("right")(p, nu, a) == pytest.approx((slope @ n, slope @ n**2), abs=1e-12)


def test_no_law_contradicts_jensen():
    """Every law on 0 to 8 with weights in quarters, in exact fractions: for all that are spread the signs are alike."""
    propensities = (lambda n: n * (n - 1), lambda n: 5 * n, lambda n: 10 * n / (3 + n), lambda n: 20 / (1 + n))
    signs = set()
    for four in itertools.combinations_with_replacement(map(Fraction, range(9)), 4):
        if len({*four}) > 1:
            gaps = (sum(map(a, four)) / 4 - a(sum(four) / 4) for a in propensities)
            signs.add(tuple((gap > 0) - (gap < 0) for gap in gaps))
    assert signs == {exercise("7.1b").model("right")()}


@pytest.mark.parametrize("k", [0.3, 1.0, 2.5])
def test_coefficients_of_coalescence_are_read_off_three_states(k):
    """At n = 1, 2, 3 for certain the change of n^2 is counted, and three coefficients follow."""
    counted = [k * n * (n - 1) * ((n - 1) ** 2 - n**2) for n in (1, 2, 3)]
    solved = np.linalg.solve([[n**3, n**2, n] for n in (1, 2, 3)], counted)
    assert exercise("7.2").model("right")(k) == pytest.approx(solved)


def test_library_derives_the_same_coefficients():
    net = cmelab.ReactionNetwork.parse("2A -> A ; 0.3", convention="falling")
    terms = cmelab.moment_equations(net, 2).coefficients()
    found = {factors[0][0]: c for moment, c, factors in terms if moment == (2,)}
    assert [found[3], found[2], found[1]] == pytest.approx(exercise("7.2").model("right")(0.3))


def test_two_moments_of_a_linear_network_are_exact():
    """M4: followed for a while, the two equations give mean and variance of the closed form, with no error."""
    flow, times = exercise("7.3").model("right"), np.linspace(0.0, 4.0, 9)
    rows = solve_ivp(lambda _, y: flow(*y, 8.0, 1.0), (0, 4), (2.0, 4.0), t_eval=times, rtol=1e-11, atol=1e-11).y
    left = np.exp(-times)
    assert rows[0] == pytest.approx(8 - 6 * left, abs=1e-7)
    # Two that were there at the start, each alive with probability exp(-t), and a Poisson number of new ones.
    assert rows[1] - rows[0] ** 2 == pytest.approx(2 * left * (1 - left) + 8 * (1 - left), abs=1e-7)


NETWORKS = (  # species, (propensity, jump) each, states that can be reached (of an endless count, the first few)
    ([(lambda n: 8.0, (1,)), (lambda n: n[0], (-1,))], [(n,) for n in range(8)]),
    ([(lambda n: n[0] * (n[0] - 1), (-2,))], [(n,) for n in range(0, 11, 2)]),
    ([(lambda n: n[0] * (n[0] - 1), (-2,))], [(3,), (1,)]),
    ([(lambda n: n[0] * n[1], (0, -1, 1)), (lambda n: n[2], (0, 1, -1))], [(2, s, 8 - s) for s in range(9)]),
    ([(lambda n: n[0], (0, 0, 1)), (lambda n: n[2], (0, 0, -1)), (lambda n: n[0], (-1, 1, 0)),
      (lambda n: n[1], (1, -1, 0))], [(g, 1 - g, m) for g in (0, 1) for m in range(7)]),
    ([(lambda n: n[0] * n[1], (-1, 0)), (lambda n: 4.0, (0, 1)), (lambda n: n[1], (0, -1))],
     [(a, b) for a in range(11) for b in range(7)]),
)  # fmt: skip


def test_a_network_closes_where_its_rates_lie_in_the_span_of_the_moments():
    """On all states reached the change of each moment up to order 2 is, or is not, a sum of moments up to order 2."""
    found = []
    for reactions, states in NETWORKS:
        powers = [e for e in itertools.product(range(3), repeat=len(states[0])) if sum(e) <= 2]

        def moment(n, e):
            return math.prod(x**i for x, i in zip(n, e, strict=True))

        basis = np.array([[moment(n, e) for e in powers] for n in states], float)
        change = np.array([
            [sum(a(n) * (moment(tuple(x + d for x, d in zip(n, nu, strict=True)), e) - moment(n, e))
                 for a, nu in reactions) for e in powers] for n in states], float)  # fmt: skip
        missing = change - basis @ np.linalg.lstsq(basis, change, rcond=None)[0]
        found.append(int(np.abs(missing).max() < 1e-6))
    assert tuple(found) == exercise("7.3b").model("right")()


@pytest.mark.parametrize(("low", "high"), [(2, 6), (0, 8), (3, 5), (4, 4), (1, 11)])
def test_normal_closure_is_exact_on_laws_without_skew(low, high):
    """Two equally likely counts: the master equation's dm/dt and dv/dt, by its matrix."""
    k, n = 0.1, np.arange(high + 1)
    p = np.bincount([low, high], minlength=high + 1) / 2
    m, slope = p @ n, pairs_matrix(high, k) @ p
    dm = slope @ n
    dv = slope @ n**2 - 2 * m * dm
    assert exercise("7.4").model("right")(m, p @ (n - m) ** 2, k) == pytest.approx((dm, dv), abs=1e-10)


def test_normal_closure_follows_the_library():
    net = cmelab.ReactionNetwork.parse("2A -> 0 ; 0.1", initial={"A": 10}, convention="falling")
    theirs = cmelab.close(net, [0.5])
    ours = by_solver(exercise("7.4").model("right"), 10, 0.1, 0.5)
    assert ours == pytest.approx((theirs.mean()[0, 0], theirs.var()[0, 0]), rel=1e-5)


@pytest.mark.parametrize(("n0", "k", "t"), [(5, 0.2, 2.5), (9, 1.0, 0.5), (10, 0.1, 0.5), (20, 1.0, 1.5)])
def test_exact_mean_is_that_of_the_matrix_exponential(n0, k, t):
    assert moments.exact_mean(n0, k, t) == pytest.approx(exact(n0, k, t)[0], rel=1e-10)


@pytest.mark.parametrize(("n0", "k", "t"), [(5, 0.2, 2.5), (11, 0.25, 2.3), (10, 0.1, 0.5), (20, 1.0, 0.8)])
def test_closure_is_followed_to_the_digits_that_count(n0, k, t):
    """Steps of a fixed rule against an adaptive method: the third digit that a student types must be safe."""
    m, v, sound = moments.follow(moments.normal_flow, n0, k, t)
    assert sound
    assert (m, v) == pytest.approx(by_solver(moments.normal_flow, n0, k, t), rel=1e-4)


@pytest.mark.parametrize("n0", [3, 5, 10, 20])
def test_witness_is_judged_by_the_matrix_exponential(n0):
    """Every tenth of the time up to 0.8, where nothing has broken."""
    for t in np.linspace(0.1, 0.8, 8):
        off = abs(by_solver(moments.normal_flow, n0, 1.0, t)[0] / exact(n0, 1.0, t)[0] - 1)
        found = diagnose(exercise("7.5b"), (n0, t), {})
        assert (found.state, found.wrong) == ((RIGHT, "") if off > 0.1 else (NOT_YET, "M3"))


@pytest.mark.parametrize("answer", [(5.5, 0.5), (1, 0.5), (21, 0.5), (5, 0.0), (5, 3.0)])
def test_witness_outside_of_what_was_asked_is_no_belief(answer):
    found = diagnose(exercise("7.5b"), answer, {})
    assert (found.state, found.wrong) == (NOT_YET, "")


def test_closure_breaks_at_the_times_that_hints_and_lesson_name():
    """From 5 and 10 at k = 1 the mean falls below zero at about 0.87, and from 5 it passes 10 % at about 0.42."""
    for n0 in (5, 10):
        assert moments.follow(moments.normal_flow, n0, 1.0, 0.86)[2]
        assert not moments.follow(moments.normal_flow, n0, 1.0, 0.89)[2]
    for n0 in range(3, 20, 2):
        assert diagnose(exercise("7.5b"), (n0, 0.6), {}).state == RIGHT
        assert all(diagnose(exercise("7.5b"), (n0, t), {}).state == RIGHT for t in (0.45, 0.65, 0.85))


# Wrong models ----------------------------------------------------------------------------------------------

KNOWN = {  # exercise, model: (arguments, the numbers this belief is known by)
    ("7.1", "right"): ((TEN, -2, PAIRS), (-18, -324)),
    ("7.1", "M2"): ((TEN, -2, PAIRS), (-18, 36)),
    ("7.1", "M2:cross"): ((TEN, -2, PAIRS), (-18, -360)),
    ("7.1", "M2:backward"): ((TEN, -2, PAIRS), (-18, -396)),
    ("7.1", "M1"): ((TWO_OR_SIX, -2, PAIRS), (-2.4, -14.4)),
    ("7.3", "right"): ((3, 11, 8, 1), (5, 37)),
    ("7.4", "right"): ((4, 4, 0.1), (-3.2, -4.8)),
    ("7.4", "M1"): ((4, 4, 0.1), (-2.4, 4.8)),
}  # fmt: skip


@pytest.mark.parametrize(("id", "key"), list(KNOWN))
def test_belief_gives_the_numbers_it_is_known_by(id, key):
    arguments, numbers = KNOWN[id, key]
    assert exercise(id).model(key)(*alive(arguments)) == pytest.approx(numbers, rel=1e-12)


def test_catalogue_numbers_of_ten_molecules_are_computed():
    """K1 5.000, M1 5.387, M3 5.219 with variance 2.983, exact 5.215 with variance 3.014; from three 2.482 and 2.308."""
    both = exercise("7.5")
    assert f"{exact(10, 0.1, 0.5)[0]:.3f} {exact(10, 0.1, 0.5)[1]:.3f}" == "5.215 3.014"
    m, v = by_solver(exercise("7.4").model("right"), 10, 0.1, 0.5)
    assert f"{m:.3f} {v:.3f}" == "5.219 2.983"
    assert both.model("right")(10, 0.1, 0.5) == pytest.approx((m, exact(10, 0.1, 0.5)[0]), rel=1e-4)
    assert both.model("M3")(10, 0.1, 0.5) == pytest.approx((m, m), rel=1e-4)
    assert by_solver(exercise("7.4").model("M1"), 10, 0.1, 0.5)[0] == pytest.approx(5.387, abs=5e-4)
    assert both.model("M1")(10, 0.1, 0.5)[0] == pytest.approx(5.387, abs=2e-3)
    assert both.model("K1")(10, 0.1, 0.5)[1] == pytest.approx(5.0)
    assert both.model("K1")(3, 0.1, 0.5)[1] == pytest.approx(2.308, abs=5e-4)
    assert exact(3, 0.1, 0.5)[0] == pytest.approx(1 + 2 * math.exp(-0.3), rel=1e-10)
    assert exact(3, 0.1, 0.5)[0] == pytest.approx(2.482, abs=5e-4)


SAID = {  # exercise, model: the points `implies` speaks of, the place in the answer, and what it says is there
    ("7.1", "M1"): {(TWO_OR_SIX, -2, PAIRS): (0, "-2.4")},
    ("7.1", "M1+M2"): {(TWO_OR_SIX, -2, PAIRS): (1, "4.8")},
    ("7.1", "M1+M2:cross"): {(TWO_OR_SIX, -2, PAIRS): (1, "-19.2")},
    ("7.1", "M1:square"): {(TWO_OR_SIX, -2, PAIRS): (1, "-25.6")},
    ("7.1", "M2"): {(TEN, -2, PAIRS): (1, "36")},
    ("7.1", "M2:cross"): {(TEN, -2, PAIRS): (1, "-360")},
    ("7.1", "M2:backward"): {(TEN, -2, PAIRS): (1, "-396")},
    ("7.1", "M2:sign"): {(TEN, -2, PAIRS): (1, "324")},
    ("7.3", "M1:square"): {(0, 0, 5, 1): (1, "0")},
    ("7.3", "M2:minus"): {(2, 4, 1, 0.5): (1, "0")},
    ("7.3", "M2:raw"): {(8, 72, 4, 1): (1, "-4")},
    ("7.3", "M4"): {(3, 11, 8, 1): (1, "41"), (3, 99, 8, 1): (1, "41")},
    ("7.3", "M4:poisson"): {(3, 11, 8, 1): (1, "35"), (3, 99, 8, 1): (1, "35")},
    ("7.3", "M2"): {(8, 72, 4, 1): (1, "12")},
    ("7.3", "M2:cross"): {(0, 0, 5, 1): (1, "0")},
    ("7.3", "M2:backward"): {(0, 0, 5, 1): (1, "-5")},
    ("7.4", "M1"): {(4, 4, 0.1): (0, "-2.4")},
    ("7.4", "M1:third"): {(4, 4, 0.1): (1, "14.4")},
    ("7.4", "M1:zero"): {(4, 4, 0.1): (1, "40")},
    ("7.4", "M1:product"): {(4, 4, 0.1): (1, "8")},
    ("7.4", "M2:same"): {(10, 0, 0.1): (0, "2")},
    ("7.4", "M2:same-third"): {(4, 4, 0.1): (1, "72")},
    ("7.4", "K1"): {(10, 0, 0.1): (0, "-20")},
    ("7.4", "M2"): {(4, 4, 0.1): (1, "32")},
    ("7.4", "M2:cross"): {(10, 0, 0.1): (1, "0")},
    ("7.4", "M2:noise"): {(4, 4, 0.1): (1, "6.4")},
    ("7.4", "M2:raw"): {(10, 0, 0.1): (1, "-324")},
}  # fmt: skip


def test_what_a_wrong_function_implies_is_what_it_gives():
    assert {*SAID} == {(each.id, key) for each in AUTOMATIC if each.kind == "function" for key in each.wrong}
    for (id, key), points in SAID.items():
        for point, (place, number) in points.items():
            given = exercise(id).model(key)(*alive(point))[place]
            assert given == pytest.approx(float(number), abs=1e-12), (id, key, point)
            assert f" {number}" in exercise(id).implies[key]


@pytest.mark.parametrize(
    ("key", "n", "told"), [("right", 2, "-6k"), ("M2", 2, "+2k"), ("M2:cross", 2, "-8k"), ("M2:backward", 2, "-10k"),
                           ("M2:sign", 2, "+6k"), ("P7:reactants", 2, "-8k"), ("P8:halved", 2, "-3k"),
                           ("P1", 1, "-k")])  # fmt: skip
def test_what_wrong_coefficients_imply_is_what_they_give(key, n, told):
    third, second, first = exercise("7.2").model(key)(1.0)
    wanted = float(told.replace("k", "") if len(told) > 2 else "-1")
    assert third * n**3 + second * n**2 + first * n == pytest.approx(wanted)
    assert told in (exercise("7.2").why if key == "right" else exercise("7.2").implies[key])


def test_what_is_said_of_two_or_six_and_of_five_molecules_is_so():
    saturating, straight, pairing = (lambda n: 10 * n / (3 + n)), (lambda n: 5 * n), (lambda n: n * (n - 1))
    falling = lambda n: 20 / (1 + n)  # noqa: E731
    said = exercise("7.1b").implies
    for key, a, unit in (("M1", pairing, ""), ("M1:more", saturating, "5.33"), ("M1:slope", straight, "20"),
                         ("M1:falls", falling, "4.76"), ("M1:straight", straight, "20"),
                         ("M1:opposite", pairing, "")):  # fmt: skip
        assert f"on average {unit}" in said[key] or f"{(a(2) + a(6)) / 2:g} on average" in said[key] \
            or f"on average {(a(2) + a(6)) / 2:g}" in said[key]
    assert f"{(saturating(2) + saturating(6)) / 2:.2f}" == "5.33"
    assert f"{falling(2):.2f} and {falling(6):.2f}, on average {(falling(2) + falling(6)) / 2:.2f}" in said["M1:falls"]
    assert (straight(2) + straight(6)) / 2 == 20 and (pairing(2) + pairing(6)) / 2 == 16
    assert "0.946 where 1.142" in exercise("7.5").why
    assert f"{by_solver(moments.normal_flow, 5, 0.2, 2.5)[0]:.3f} {exact(5, 0.2, 2.5)[0]:.3f}" == "0.946 1.142"
    assert "⟨n³⟩ is 112" in exercise("7.4").implies["M1:third"] and (2**3 + 6**3) / 2 == 112
    assert "6.4" in exercise("7.4").implies["M2"] and round(4 * 0.1 * 16, 9) == 6.4


def test_two_beliefs_at_once_are_both_named():
    """The propensity at the mean, and the cross term forgotten."""

    def both(p, nu, a):
        m = sum(n * w for n, w in enumerate(p))
        return nu * a(m), nu**2 * a(m)

    assert diagnose(exercise("7.1"), both, {}).wrong == "M1+M2"


def plain_rates(p, nu, a):
    n = range(len(p))
    return sum(w * nu * a(i) for i, w in zip(n, p, strict=True)), \
        sum(w * a(i) * ((i + nu) ** 2 - i**2) for i, w in zip(n, p, strict=True))


def by_normal(m, v, k):
    """dm/dt, d<n^2>/dt of the normal closure, written out."""
    s = m * m + v
    return -2 * k * (s - m), -4 * k * (3 * m * s - 2 * m**3) + 8 * k * s - 4 * k * m


def my_flow(second, first=lambda m, v, k: by_normal(m, v, k)[0]):
    return lambda m, v, k: (first(m, v, k), second(m, v, k))


MISTAKES = {  # a program or numbers as a student may write them: the exercise, the key, and their own numbers
    "d<n²>/dt by the chain rule": ("7.1", "M1:square", lambda p, nu, a: (
        plain_rates(p, nu, a)[0], 2 * sum(i * w for i, w in enumerate(p)) * plain_rates(p, nu, a)[0])),
    "a at the mean, and 2mν": ("7.1", "M1+M2:cross", lambda p, nu, a: (
        nu * a(sum(i * w for i, w in enumerate(p))),
        2 * sum(i * w for i, w in enumerate(p)) * nu * a(sum(i * w for i, w in enumerate(p))))),
    "n² less (n + ν)²": ("7.1", "M2:sign", lambda p, nu, a: (plain_rates(p, nu, a)[0], -plain_rates(p, nu, a)[1])),
    "what falls loses": ("7.1b", "M1:falls", [1, 0, -1, -1]),
    "a line gains": ("7.1b", "M1:straight", (1, 1, -1, 1)),
    "the numbers of 2A -> 0": ("7.2", "P7:reactants", (-1.2, 2.4, -1.2)),
    "half of the pairs": ("7.2", "P8:halved", (-0.3, 0.45, -0.15)),
    "what it was less what it becomes": ("7.2", "M2:sign", (0.6, -0.9, 0.3)),
    "the variance for the mean square": ("7.3", "M2:raw", lambda mean, second, k, gamma: (
        k - gamma * mean, k + gamma * mean - 2 * gamma * (second - mean * mean))),
    "(n - 1)² = n² - 2n - 1": ("7.3", "M2:minus", lambda mean, second, k, gamma: (
        k - gamma * mean, k * (2 * mean + 1) + gamma * (-2 * second - mean))),
    "six states are few": ("7.3b", "M4:finite", (1, 1, 1, 1, 1, 0)),
    "B comes back": ("7.3b", "M4:catalyst", (1, 0, 1, 1, 1, 1)),
    "a switch": ("7.3b", "M4:switch", (1, 0, 1, 1, 0, 0)),
    "no third moment": ("7.4", "M1:zero", my_flow(
        lambda m, v, k: 8 * k * (m * m + v) - 4 * k * m - 2 * m * by_normal(m, v, k)[0])),
    "third_normal(m, v)": ("7.4", "M2:same-third", my_flow(
        lambda m, v, k: -4 * k * (3 * m * v - 2 * m**3) + 8 * k * (m * m + v) - 4 * k * m
        - 2 * m * by_normal(m, v, k)[0])),
    "no convention was named": ("7.5", "P8:halved", (0.946238, 1.645215)),
    "the rate equation for the closure": ("7.5", "K1:closed", (0.833333, 1.142301)),
    "the master equation twice": ("7.5", "M3:twice", (1.1423, 1.1423)),
}  # fmt: skip


@pytest.mark.parametrize("mistake", list(MISTAKES))
def test_honest_mistake_is_named(mistake):
    id, key, answer = MISTAKES[mistake]
    found = diagnose(exercise(id), answer, exercise(id).default)
    assert (found.state, found.wrong) == (NOT_YET, key)


def test_default_network_without_its_convention_has_half_the_rate():
    """The number of the mistake above, by the library: the constant of n(n - 1)/2."""
    net = cmelab.ReactionNetwork.parse("2A -> 0 ; k", rates={"k": 0.2}, initial={"A": 5})
    assert cmelab.solve(net, 2.5).mean()[-1, 0] == pytest.approx(1.645215, abs=1e-6)
    assert exercise("7.5").model("P8:halved")(5, 0.2, 2.5)[1] == pytest.approx(1.645215, abs=1e-6)


TOLD = {  # what no belief explains: the exercise, the answer, words that help
    "no weights": ("7.1", lambda p, nu, a: (
        sum(a(n) * nu for n in range(len(p))), sum(a(n) * ((n + nu) ** 2 - n**2) for n in range(len(p)))),
        "You count every n alike"),
    "ν without its sign": ("7.1", lambda p, nu, a: plain_rates(p, abs(nu), a), "By your first number n grows"),
    "minus everything": ("7.1", lambda p, nu, a: tuple(-x for x in plain_rates(p, nu, a)), "By your first number n "),
    "n² grows": ("7.1", lambda p, nu, a: (plain_rates(p, nu, a)[0], 1.0 + plain_rates(p, nu, a)[0] ** 2),
                 "By your second number n² grows"),
    "Poisson": ("7.4", my_flow(lambda m, v, k: by_normal(m, v, k)[1] - 4 * k * m - 2 * m * by_normal(m, v, k)[0]),
                "of the Poisson closure"),
    "log-normal": ("7.4", my_flow(lambda m, v, k: -4 * k * ((m * m + v) / m) ** 3 + 8 * k * (m * m + v) - 4 * k * m
                                  - 2 * m * by_normal(m, v, k)[0]), "of the log-normal closure"),
    "square of dm/dt": ("7.4", my_flow(lambda m, v, k: by_normal(m, v, k)[1] - by_normal(m, v, k)[0] ** 2),
                        "is it d(m²)/dt?"),
    "no 2": ("7.4", my_flow(lambda m, v, k: by_normal(m, v, k)[1] - m * by_normal(m, v, k)[0]), "is it d(m²)/dt?"),
    "no v": ("7.4", my_flow(lambda m, v, k: by_normal(m, v, k)[1], lambda m, v, k: -2 * k * m * (m - 1)),
             "Your dm/dt has no v"),
    "v for s": ("7.4", my_flow(
        lambda m, v, k: -4 * k * (3 * m * v - 2 * m**3) + 8 * k * v - 4 * k * m + 4 * k * m * (v - m),
        lambda m, v, k: -2 * k * (v - m)), "v stands where ⟨n²⟩ belongs"),
    "rate equation": ("7.4", my_flow(lambda m, v, k: by_normal(m, v, k)[1], lambda m, v, k: -2 * k * m * m),
                      "that of the rate equation"),
    "start below 2": ("7.5b", (1, 0.5), "a whole start from 2 to 20"),
    "time first": ("7.5b", (0.6, 5), "a whole start from 2 to 20"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", list(TOLD))
def test_slip_that_is_no_belief_is_told(mistake):
    id, answer, words = TOLD[mistake]
    found = diagnose(exercise(id), answer, {})
    assert (found.state, found.wrong) == (NOT_YET, "")
    assert words in found.says


def test_every_belief_of_the_unit_is_found_by_an_exercise():
    found = {key.partition(":")[0] for each in UNIT for wrong in each.wrong for key in wrong.split("+")}
    assert found == {"M1", "M2", "M3", "M4", "P1", "P7", "P8", "K1"}


# Hints and rules -------------------------------------------------------------------------------------------


def test_answers_may_not_call_what_computes_the_answer():
    for each in AUTOMATIC:
        assert {"close", "compare"} <= set(each.forbidden) <= set(cmelab.__all__)
        assert each.id.startswith("7.5") or "moment_equations" in each.forbidden
