"""Unit 01: right answers against counting one by one, wrong models against the numbers they are known by."""
from __future__ import annotations

import itertools
import math

import pytest

import cmelab
from cmelab.exercises import UNITS, exercise, numbers_of
from cmelab.exercises.diagnose import diagnose, judge
from cmelab.exercises.finding import NOT_YET
from cmelab.exercises.misconceptions import VARIANTS

UNIT = UNITS[1]
AUTOMATIC = [each for each in UNIT if each.automatic]
WITH_NUMBERS = [each for each in AUTOMATIC if each.given]
WRONG = [(each, key) for each in AUTOMATIC for key in each.wrong]


def groups(*sizes_and_counts: tuple[int, int]) -> int:
    """How many groups can react, counted one by one: choose m of n molecules of each kind."""
    kinds = [list(itertools.combinations(range(n), m)) for m, n in sizes_and_counts]
    return sum(1 for _ in itertools.product(*kinds))


# Right answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5, 12])
def test_homodimer_reacts_once_per_pair(n):
    assert exercise("1.1").model("right")(n, 0.6, 3.0) == pytest.approx(0.2 * groups((2, n)), rel=1e-12)


@pytest.mark.parametrize("n", [2, 5, 9])
def test_loss_is_two_molecules_for_every_event(n):
    gone = sum(len(pair) * 0.2 for pair in itertools.combinations(range(n), 2))
    assert exercise("1.1b").model("right")(n, 0.6, 3.0) == pytest.approx(gone, rel=1e-12)


@pytest.mark.parametrize(("n_a", "n_b"), [(4, 6), (1, 1), (0, 5), (5, 0), (3, 3)])
def test_heterodimer_reacts_once_per_mixed_pair(n_a, n_b):
    assert exercise("1.2").model("right")(n_a, n_b, 0.6, 3.0) == pytest.approx(0.2 * groups((1, n_a), (1, n_b)))


@pytest.mark.parametrize(("e", "s"), [(2, 10), (0, 10), (7, 0)])
def test_catalyst_must_meet_its_substrate(e, s):
    assert exercise("1.2c").model("right")(e, s, 0.6, 3.0) == pytest.approx(0.2 * groups((1, e), (1, s)))


def test_chance_is_the_limit_of_many_short_waits():
    """Not reacting in each of a million pieces of dt: the definition of a hazard, not the exponential."""
    a, dt, pieces = 40.0, 0.01, 10**6
    survived = (1 - a * dt / pieces) ** pieces
    assert exercise("1.2b").model("right")(20, 10, 0.6, 3.0, dt) == pytest.approx(1 - survived, rel=1e-5)


@pytest.mark.parametrize("counts", [(), (5,), (4, 6), (2, 3, 4), (1, 1, 1)])
def test_volume_law_is_the_rate_equation_in_the_whole_volume(counts):
    k, omega = 0.6, 3.0
    per_volume = k
    for n in counts:
        per_volume *= n / omega
    assert exercise("1.3").model("right")(counts, k, omega) == pytest.approx(omega * per_volume, rel=1e-12)


@pytest.mark.parametrize("growth", [1.5, 2.0, 4.0])
def test_growing_cell_does_everything_more_often_by_the_same_factor(growth):
    law = exercise("1.3").model("right")
    counts = (20, 40, 80)
    ratios = [
        law(tuple(growth * n for n in counts[:m]), 0.6, growth * 3.0) / law(counts[:m], 0.6, 3.0) for m in range(4)
    ]
    assert exercise("1.3b").model("right")(growth) == pytest.approx(ratios, rel=1e-12)


@pytest.mark.parametrize(
    ("id", "fires", "loss"),
    [
        ("1.4", lambda c, n: c * n * (n - 1) / 2, lambda k, x: k * x**2),
        ("1.4b", lambda c, n: c * n * (n - 1), lambda k, x: k * x**2),
        ("1.4c", lambda c, n: c * n * (n - 1) / 2, lambda k, x: 2 * k * x**2),
    ],
)
def test_converted_constant_loses_molecules_like_the_rate_equation(id, fires, loss):
    """Two molecules per event against Omega d[A]/dt, at a count so large that n - 1 is n."""
    k, omega, n = 0.7, 4.0, 10**9
    c = exercise(id).model("right")(k, omega)
    assert 2 * fires(c, n) == pytest.approx(omega * loss(k, n / omega), rel=1e-8)


def test_molar_constant_gives_the_moles_per_litre_of_the_rate_equation():
    k, litres, n_a, n_b, avogadro = 1e6, 1e-15, 300, 200, 6.02214076e23
    molar_per_second = k * (n_a / avogadro / litres) * (n_b / avogadro / litres)
    events = exercise("1.4d").model("right")(k, litres) * n_a * n_b
    assert events / avogadro / litres == pytest.approx(molar_per_second, rel=1e-12)


def shipped(n, m, c):
    """The program as the exercise prints it."""
    a = c
    for i in range(m):
        a *= n - i
    return a / m


def test_witness_is_right_where_the_shipped_program_miscounts_and_nowhere_else():
    right = exercise("1.5").model("right")
    for m, n in itertools.product(range(1, 6), range(9)):
        sets = groups((m, n))
        assert right((m, n, sets)) == (shipped(n, m, 1.0) != sets)
        assert not right((m, n, shipped(n, m, 1.0)))
        assert not right((m, n, sets + 1))


@pytest.mark.parametrize(
    ("claim", "key"),
    [
        ((3, 3, 1), "right"), ((3, 4, 4), "right"), ((4, 4, 1), "right"), ((5, 7, 21), "right"),
        ((3, 4, 8), "P2:part"), ((4, 5, 30), "P2:part"), ((3, 4, 24), "P2:orders"), ((2, 3, 6), "P2:orders"),
        ((2, 1, 0.5), "P1"), ((3, 2, 1), "P1"), ((2, 3, 3), "P2:unseen"), ((1, 4, 4), "P2:unseen"),
        ((3, 2, 0), "P2:unseen"), ((3, 4, 5), ""), ((0, 3, 1), ""), ((3, -1, 1), ""), ((2.5, 3, 1), ""),
        ((3, 1e9, 1), ""),
    ],
)  # fmt: skip
def test_witness_that_shows_nothing_is_told_why(claim, key):
    finding = diagnose(exercise("1.5"), claim, {})
    assert (finding.state == "right", finding.wrong) == (key == "right", "" if key == "right" else key)


@pytest.mark.parametrize(("n", "m"), [(5, 1), (5, 2), (3, 3), (2, 3), (6, 4), (9, 5)])
def test_repaired_program_counts_groups(n, m):
    assert exercise("1.5b").model("right")(n, m, 0.3) == pytest.approx(0.3 * groups((m, n)), rel=1e-12)


def test_unrepaired_program_is_the_one_that_shipped():
    for probe in exercise("1.5b").probes:
        assert exercise("1.5b").model("P2:part")(*probe) == pytest.approx(shipped(*probe))


def test_right_answers_are_the_propensities_of_the_library():
    """The course and the network it teaches with may not drift apart."""
    for id, reaction in (("1.1", "2A -> B ; k"), ("1.2", "A + B -> C ; k"), ("1.2c", "E + S -> E + P ; k")):
        for probe in exercise(id).probes:
            *counts, k, omega = probe
            net = cmelab.ReactionNetwork.parse(reaction, rates={"k": k}, convention="macroscopic", volume=omega)
            state = [*counts, *[0] * (len(net.species) - len(counts))]
            assert net.propensities(state)[0] == pytest.approx(exercise(id).model("right")(*probe), rel=1e-12)


# Wrong models ----------------------------------------------------------------------------------------------

KNOWN = {  # exercise, model: (arguments, the number this belief is known by)
    ("1.1", "right"): ((5, 0.6, 3.0), 2.0),
    ("1.1", "P1"): ((5, 0.6, 3.0), 2.5),
    ("1.1", "P2"): ((5, 0.6, 3.0), 4.0),
    ("1.1", "P1+P2"): ((5, 0.6, 3.0), 5.0),
    ("1.1", "P3:ignored"): ((5, 0.6, 3.0), 6.0),
    ("1.1", "P3:inverted"): ((5, 0.6, 3.0), 18.0),
    ("1.3", "right"): (((), 0.6, 3.0), 1.8),
    ("1.3", "P3:ignored"): (((), 0.6, 3.0), 0.6),
    ("1.3", "P3:inverted"): (((), 0.6, 3.0), 0.2),
    ("1.2", "right"): ((4, 6, 0.6, 3.0), 4.8),
    ("1.2", "P4:half"): ((4, 6, 0.6, 3.0), 2.4),
    ("1.2", "P4:pooled"): ((4, 6, 0.6, 3.0), 9.0),
    ("1.2", "P4:one-colour"): ((4, 6, 0.6, 3.0), 4.2),
    ("1.2b", "right"): ((20, 10, 0.6, 3.0, 0.01), 1 - math.exp(-0.4)),
    ("1.2b", "P5"): ((20, 10, 0.6, 3.0, 0.01), 0.4),
    ("1.2b", "P5:rate"): ((20, 10, 0.6, 3.0, 0.01), 40.0),
    ("1.2c", "right"): ((0, 10, 0.6, 3.0), 0.0),
    ("1.2c", "P6"): ((0, 10, 0.6, 3.0), 6.0),
    ("1.1b", "right"): ((5, 0.6, 3.0), 4.0),
    ("1.1b", "P7"): ((5, 0.6, 3.0), 8.0),
    ("1.4", "right"): ((0.6, 3.0), 0.2),
    ("1.4", "P8"): ((0.6, 3.0), 0.6),
    ("1.4", "P8:two"): ((0.6, 3.0), 0.4),
    ("1.4c", "right"): ((0.6, 3.0), 0.4),
    ("1.4d", "right"): ((1e6, 1e-15), 1e6 / 6.02214076e8),
    ("1.1", "P1:whole"): ((5, 0.6, 3.0), 3.0),
    ("1.1", "P2+P3:ignored"): ((5, 0.6, 3.0), 12.0),
    ("1.1b", "P3:ignored"): ((5, 0.6, 3.0), 12.0),
    ("1.2b", "P5:none"): ((20, 10, 0.6, 3.0, 0.01), math.exp(-0.4)),
    ("1.4b", "P8:other-way"): ((0.6, 3.0), 0.4),
    ("1.2b", "P5:one"): ((20, 10, 0.6, 3.0, 0.01), 0.4 * math.exp(-0.4)),
    ("1.1", "P3:density"): ((5, 0.6, 3.0), 0.6 * (5 / 3) ** 2),
}


@pytest.mark.parametrize(("id", "key"), list(KNOWN))
def test_belief_gives_the_number_it_is_known_by(id, key):
    arguments, number = KNOWN[id, key]
    assert exercise(id).model(key)(*arguments) == pytest.approx(number, rel=1e-12, abs=1e-15)


SAID = {  # exercise, model: the points that `implies` speaks of, and what it says this belief gives there
    ("1.1", "P1"): {(1, 0.6, 3.0): "0.1"},
    ("1.1", "P2"): {(2, 0.6, 3.0): "0.4"},
    ("1.1", "P1+P2"): {(1, 0.6, 3.0): "0.2"},
    ("1.1", "P1:whole"): {(1, 0.6, 3.0): "0.2"},
    ("1.1", "P3:ignored"): {(5, 0.6, 3.0): "6.0", (5, 0.6, 99.0): "6.0"},
    ("1.1", "P2+P3:ignored"): {(5, 0.6, 3.0): "12.0", (5, 0.6, 99.0): "12.0"},
    ("1.1", "P3:inverted"): {(5, 0.6, 3.0): "18.0"},
    ("1.1", "P3:density"): {(3, 0.6, 3.0): "0.6"},
    ("1.2", "P4:half"): {(1, 1, 0.6, 3.0): "0.1"},
    ("1.2", "P4:pooled"): {(5, 0, 0.6, 3.0): "2.0"},
    ("1.2", "P4:one-colour"): {(1, 1, 0.6, 3.0): "0"},
    ("1.2", "P3:ignored"): {(4, 6, 0.6, 3.0): "14.4", (4, 6, 0.6, 99.0): "14.4"},
    ("1.2", "P3:inverted"): {(4, 6, 0.6, 3.0): "43.2"},
    ("1.2c", "P6"): {(0, 10, 0.6, 3.0): "6.0"},
    ("1.2c", "P6:scaled"): {(0, 10, 0.6, 3.0): "2.0"},
    ("1.2c", "P3:ignored"): {(2, 10, 0.6, 3.0): "12.0", (2, 10, 0.6, 99.0): "12.0"},
    ("1.2c", "P3:inverted"): {(2, 10, 0.6, 3.0): "36.0"},
    ("1.3", "P3:ignored"): {((), 0.6, 3.0): "0.6"},
    ("1.3", "P3:inverted"): {((), 0.6, 3.0): "0.2", ((4, 6), 0.6, 3.0): "43.2"},
    ("1.3", "P3:always"): {((5,), 0.6, 3.0): "1.0"},
    ("1.3", "P3:density"): {((), 0.6, 3.0): "0.6"},
    ("1.3", "P4:half"): {((1, 1), 0.6, 3.0): "0.1"},
    ("1.5b", "P1"): {(1, 2, 1.0): "0.5"},
    ("1.5b", "P2:orders"): {(3, 3, 1.0): "6"},
    ("1.5b", "P1+P2:orders"): {(1, 2, 1.0): "1", (3, 3, 1.0): "27"},
    ("1.5b", "P2:part"): {(3, 3, 1.0): "2"},
}


def test_what_a_wrong_function_implies_is_what_it_gives():
    assert {*SAID} == {(each.id, key) for each in AUTOMATIC if each.kind == "function" for key in each.wrong}
    for (id, key), points in SAID.items():
        for point, number in points.items():
            assert exercise(id).model(key)(*point) == pytest.approx(float(number), abs=1e-12), (id, key, point)
            assert f" {number}" in exercise(id).implies[key]


PAIRS = {  # what a student writes who holds two beliefs at once
    ("1.1", "P1+P3:ignored"): lambda n, k, omega: k * n * n / 2,
    ("1.1", "P2+P3:inverted"): lambda n, k, omega: omega * k * n * (n - 1),
    ("1.1", "P1:whole+P3:ignored"): lambda n, k, omega: k * (n * n + n) / 2,
    ("1.2", "P4:half+P3:ignored"): lambda n_a, n_b, k, omega: k * n_a * n_b / 2,
    ("1.2", "P4:pooled+P3:ignored"): lambda n_a, n_b, k, omega: k * math.comb(n_a + n_b, 2),
    ("1.3", "P3:ignored+P4:half"): lambda counts, k, omega: k * math.prod(counts) / math.factorial(len(counts)),
    ("1.5b", "P1+P2:part"): lambda n, m, c: c * n**m / m,
}


@pytest.mark.parametrize(("id", "key"), list(PAIRS))
def test_two_beliefs_at_once_are_both_named(id, key):
    """In the notebook, and from the six digits that an echo cell prints for the grader."""
    finding = diagnose(exercise(id), PAIRS[id, key], {})
    assert (finding.state, finding.wrong) == (NOT_YET, key)
    echo = [("number", f"{PAIRS[id, key](*probe):.6g}") for probe in exercise(id).probes]
    assert judge(exercise(id), echo, {}, tolerance=1e-5).wrong == key


def test_two_beliefs_about_one_number_are_both_named():
    """The 2 used twice and the volume forgotten; and half a pair, the volume forgotten."""
    n, k, _ = (given := numbers_of(exercise("1.1b"), "ada")).values()
    found = [diagnose(exercise("1.1b"), answer, given).wrong for answer in (2 * k * n * (n - 1), k * n * n)]
    assert found == ["P7+P3:ignored", "P1+P3:ignored"]


def test_a_tiny_number_is_only_the_belief_that_gives_it():
    """N_A alone makes a constant so small that it would count as zero beside the right one."""
    each = exercise("1.4d")
    k, litres = (given := dict(each.default)).values()
    alone = each.model("P8:avogadro")(k, litres)
    answers = (alone, float(f"{alone:.3g}"), alone * litres, 1.1 * alone, 0.0, 1e-12)
    keys = [diagnose(each, answer, given).wrong for answer in answers]
    assert keys == ["P8:avogadro", "P8:avogadro", "", "", "", ""]


def test_every_belief_of_the_unit_is_found_by_an_exercise():
    found = {key.partition(":")[0] for each in UNIT for wrong in each.wrong for key in wrong.split("+")}
    assert found == {f"P{i}" for i in range(1, 9)}


@pytest.mark.parametrize(
    ("key", "equation", "simulator"),
    [
        ("P8:two", 0.2, 0.4), ("P8:half", 0.2, 0.1), ("P8:copied", 0.2, 0.4), ("P8:volume", 0.2, 0.6),
        ("P8:other-way", 0.2, 0.8), ("P8:same", 0.4, 0.2), ("P8:four", 0.4, 0.8),
    ],
)  # fmt: skip
def test_line_of_a_wrong_constant_shows_a_loss_that_is_not_the_equations(key, equation, simulator):
    """The loss of A per n(n - 1), for k = 0.6 and Omega = 3."""
    (_, _), (theirs, yours) = eval(VARIANTS[key].line)
    assert (theirs / 1000**2, yours / 1000 / 999) == pytest.approx((equation, simulator), rel=1e-12)


@pytest.mark.parametrize("id", ["1.1b", "1.4", "1.4b", "1.4c", "1.4d"])
def test_numbers_of_self_study_are_not_those_worked_out_in_the_lesson(id):
    worked = {"1.4d": (1e6, 1e-15)}.get(id, (5, 0.6, 3.0) if id == "1.1b" else (0.6, 3.0))
    each = exercise(id)
    assert each.values("right")[0][0] != pytest.approx(each.model("right")(*worked), rel=0.05)


# Hints and rules -------------------------------------------------------------------------------------------


def test_answers_may_not_call_what_computes_the_answer():
    """Whatever gives a propensity or a rate constant is closed, under a name that exists."""
    for each in AUTOMATIC:
        assert {"Reaction", "ReactionNetwork", "exact", "models", "rates"} <= set(each.forbidden) <= set(cmelab.__all__)


