"""Unit 04: laws by counting spanning trees, times by watching a law settle, and the numbers beliefs are known by."""
from __future__ import annotations

import itertools
import math
import re

import numpy as np
import pytest
from scipy.linalg import expm

import cmelab
from cmelab.exercises import exercise
from cmelab.exercises.diagnose import diagnose
from cmelab.exercises.misconceptions import parts
from cmelab.exercises.unit04.times import drawn
from cmelab.exercises.unit04.wheels import BALANCED, LADDER, ONE_WAY, RING, SPINS, TWO, UNEVEN, generator
from cmelab.exercises.units import UNITS, find_unit

UNIT = find_unit(UNITS, "04")
TABLES = (TWO, SPINS, UNEVEN, BALANCED, RING, LADDER, ONE_WAY)


def trees(k) -> list[float]:
    """Each state's weight: over all spanning trees that lead to it, the product of their rates (Kirchhoff, Hill)."""
    n, weights = len(k), []
    for root in range(n):
        others, total = [i for i in range(n) if i != root], 0.0
        for targets in itertools.product(range(n), repeat=n - 1):
            step = dict(zip(others, targets, strict=True))
            reached = 0
            for i in others:
                seen: set[int] = set()
                while i != root and i not in seen:
                    seen.add(i)
                    i = step[i]
                reached += i == root
            if reached == n - 1 and all(i != j for i, j in step.items()):
                total += math.prod(k[i][j] for i, j in step.items())
        weights.append(total)
    return [each / sum(weights) for each in weights]


# Right answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", TABLES)
def test_steady_law_is_that_of_the_spanning_trees(k):
    assert exercise("4.2").model("right")(k) == pytest.approx(trees(k), rel=1e-10)


def test_share_of_active_receptors_is_the_steady_law_of_two_states():
    p = trees(((0, 1.5), (3.5, 0)))
    assert exercise("4.1").model("right")(1.5, 3.5) == pytest.approx(p[1], rel=1e-12)


def test_variance_is_that_of_the_receptors_counted_by_the_master_equation():
    net = cmelab.ReactionNetwork.parse("A <-> B ; 1.5, 3.5", initial={"A": 30})
    law = cmelab.solve(net, [50.0])
    assert exercise("4.1b").model("right")(30, 1.5, 3.5) == pytest.approx(law.var()[-1, 1], rel=1e-8)


@pytest.mark.parametrize("probe", exercise("4.3").probes)
def test_current_is_flow_forward_less_flow_back(probe):
    p, k, i, j = probe
    forward, back = (np.asarray(generator(k)) * np.asarray(p))[[j, i], [i, j]]
    assert exercise("4.3").model("right")(*probe) == pytest.approx(forward - back, abs=1e-12)


@pytest.mark.parametrize("k", [SPINS, UNEVEN, BALANCED])
def test_affinity_has_the_sign_of_the_current_and_vanishes_with_it(k):
    p = trees(k)
    current = p[0] * k[0][1] - p[1] * k[1][0]
    found = exercise("4.3b").model("right")((k[0][1], k[1][2], k[2][0]), (k[1][0], k[2][1], k[0][2]))
    assert np.sign(round(found, 9)) == np.sign(round(current, 9))


@pytest.mark.parametrize("k", [TWO, SPINS, BALANCED, LADDER])
def test_relaxation_time_is_how_fast_a_law_comes_near_its_end(k):
    """The distance to the steady law, late on, over one time: no eigenvalue is computed."""
    right = exercise("4.5").model("right")(k)
    a, late = generator(k), 8 * right
    start = np.random.default_rng(1).dirichlet(np.ones(len(k)))
    period = 2 * math.pi * right  # a complex pair swings; its envelope is met again after whole periods
    imaginary = max(abs(np.linalg.eigvals(a).imag))
    period = 2 * math.pi / imaginary if imaginary > 1e-9 else right
    steady = trees(k)
    near, nearer = (np.abs(expm(a * t) @ start - steady).sum() for t in (late, late + period))
    assert period / math.log(near / nearer) == pytest.approx(right, rel=0.02)


@pytest.mark.parametrize("probe", exercise("4.6").probes)
def test_switches_at_steady_state_come_at_twice_the_flow(probe):
    k_on, k_off, t_end = probe
    mean, square = exercise("4.6").model("right")(*probe)
    assert mean == pytest.approx(2 * k_on * k_off / (k_on + k_off) * t_end, rel=1e-10)
    # The mean square by a chain that counts up to 60 switches, state by state.
    rates = [k_on, k_off]
    total = 0.0
    for first, chance in ((0, k_off / (k_on + k_off)), (1, k_on / (k_on + k_off))):
        a = np.zeros((61, 61))
        for n in range(60):
            a[n, n] -= rates[(first + n) % 2]
            a[n + 1, n] += rates[(first + n) % 2]
        total += chance * (expm(a * t_end)[:, 0] @ np.arange(61.0) ** 2)
    assert square == pytest.approx(total, rel=1e-8)


@pytest.mark.parametrize("start", [9, 10, 4, 1])
def test_what_is_left_over_is_what_the_master_equation_leaves(start):
    net = cmelab.ReactionNetwork.parse("2A -> 0 ; 1", initial={"A": start})
    law = cmelab.solve(net, [200.0])
    p0 = tuple(float(n == start) for n in range(11))
    assert exercise("4.7").model("right")(p0) == pytest.approx(law.mean()[-1, 0], abs=1e-6)


@pytest.mark.parametrize("key", ["right", "D2", "D2:rates", "D2:backward"])
def test_wheels_of_the_witness_are_uniform_and_turn_as_they_say(key):
    ab, bc, ca, ba, cb, ac = exercise("4.8").examples[key]
    p = trees(((0, ab, ac), (ba, 0, bc), (ca, cb, 0)))
    assert p == pytest.approx([1 / 3] * 3, rel=1e-9)
    wanted = {"right": 0.5, "D2": 0.0, "D2:rates": 0.5 / 3, "D2:backward": -0.5}[key]
    assert (ab - ba) / 3 == pytest.approx(wanted, abs=1e-9)


# Wrong models ----------------------------------------------------------------------------------------------

KNOWN = {  # exercise, model: (arguments, the number this belief is known by)
    ("4.1", "right"): ((2.0, 0.5), 0.8),
    ("4.1", "D3:inverted"): ((2.0, 0.5), 0.2),
    ("4.1", "D3"): ((2.0, 0.5), 4.0),
    ("4.1b", "right"): ((20, 1.0, 4.0), 3.2),
    ("4.1b", "D5"): ((20, 1.0, 4.0), 4.0),
    ("4.3", "right"): (((1 / 3,) * 3, SPINS, 0, 1), 2 / 3),
    ("4.3", "D2"): (((1 / 3,) * 3, SPINS, 0, 1), 0.0),
    ("4.3b", "right"): (((3, 3, 3), (1, 1, 1)), 3 * math.log(3)),
    ("4.5", "right"): ((TWO,), 0.4),
    ("4.5", "D4"): ((TWO,), 0.5),
}


@pytest.mark.parametrize(("id", "key"), list(KNOWN))
def test_belief_gives_the_number_it_is_known_by(id, key):
    arguments, number = KNOWN[id, key]
    assert exercise(id).model(key)(*arguments) == pytest.approx(number, rel=1e-10, abs=1e-12)


P = (0.5, 0.25, 0.25)
SAID = {  # exercise, model, arguments: what `implies` says this belief gives there, and the entry where it is a row
    ("4.2", "D2", (UNEVEN,)): ("0.0476", 0),
    ("4.2", "D3", (TWO,)): ("4", 1),
    ("4.2", "D3:inverted", (TWO,)): ("0.2", 1),
    ("4.2", "D3:rows", (TWO,)): ("0.5", 0),
    ("4.2", "D3:visits", (TWO,)): ("0.5", 0),
    ("4.2", "D3:waits", (UNEVEN,)): ("0.5455", 2),
    ("4.3", "D2", ((1 / 3,) * 3, SPINS, 0, 1)): ("0", 0),
    ("4.3", "D2:flow", ((1 / 3,) * 3, SPINS, 0, 1)): ("1", 0),
    ("4.3", "D2:rates", ((1 / 3,) * 3, SPINS, 0, 1)): ("2", 0),
    ("4.3", "D2:target", (P, ((0, 2, 1), (2, 0, 3), (4, 1, 0)), 2, 0)): ("1.75", 0),
    ("4.3b", "D2", ((3, 3, 3), (1, 1, 1))): ("0", 0),
    ("4.3b", "D2:sum", ((2, 3, 1), (1, 1.5, 4))): ("-0.08004", 0),
    ("4.3b", "D2:product", ((2, 3, 1), (1, 1.5, 4))): ("1", 0),
    ("4.3b", "D2:difference", ((3, 3, 3), (1, 1, 1))): ("26", 0),
    ("4.3b", "D2:log10", ((3, 3, 3), (1, 1, 1))): ("1.431", 0),
    ("4.5", "D4", (TWO,)): ("0.5", 0),
    ("4.5", "D4:pair", (ONE_WAY,)): ("1", 0),
    ("4.5", "D4:gap", (TWO,)): ("2.5", 0),
    ("4.5", "D4:slowest", (TWO,)): ("2", 0),
    ("4.5", "D4:fastest", (LADDER,)): ("0.1026", 0),
    ("4.5", "D4:modulus", (ONE_WAY,)): ("0.5774", 0),
    ("4.5", "D4:half", (TWO,)): ("0.2773", 0),
    ("4.6", "D1", (9.0, 1.0, 0.5)): ("0", 0),
    ("4.6", "D1:one-way", (9.0, 1.0, 0.5)): ("0.45", 0),
    ("4.6", "D6:inactive", (9.0, 1.0, 0.5)): ("1.615", 0),
    ("4.6", "D6:half", (9.0, 1.0, 0.5)): ("1.218", 0),
    ("4.6", "D6:active", (0.5, 4.0, 0.3)): ("0.7788", 0),
    ("4.6", "D6:swapped", (0.5, 4.0, 0.3)): ("0.7148", 0),
    ("4.6", "D1:after", (9.0, 1.0, 0.5)): ("1.9", 0),
    ("4.6", "D4:means", (9.0, 1.0, 0.5)): ("0.3728", 0),
    ("4.7", "D6", ((0,) * 9 + (1,),)): ("0", 0),
    ("4.7", "D6:coin", ((0,) * 10 + (1,),)): ("0.5", 0),
    ("4.7", "D6:last", ((0,) * 9 + (1,),)): ("0", 0),
    ("4.7", "D6:some", ((0,) * 10 + (1,),)): ("1", 0),
    ("4.7", "D6:even", ((0,) * 10 + (1,),)): ("1", 0),
}


def test_what_a_wrong_function_implies_is_what_it_gives():
    functions = {(each.id, key) for each in UNIT for key in each.wrong if each.called and each.look != "catches"}
    assert {(id, key) for id, key, _ in SAID} == functions
    for (id, key, arguments), (text, entry) in SAID.items():
        found = np.atleast_1d(exercise(id).model(key)(*arguments))[entry]
        assert abs(found - float(text)) <= 0.5 * 10.0 ** -len(text.partition(".")[2]), (id, key)
        assert re.search(rf"(?<![\d.]){re.escape(text)}(?!\d)", exercise(id).implies[key]), (id, key)


def test_every_belief_of_the_unit_is_found_by_an_exercise():
    found = {part for each in UNIT for wrong in each.wrong for part in parts(wrong)}
    assert found == {f"D{i}" for i in range(1, 7)}


# What the check says of honest answers -----------------------------------------------------------------------


def said(id: str, answer):
    return diagnose(exercise(id), answer, exercise(id).default)


def _columns(k):
    k = np.array(k, float)
    return k.T - np.diag(k.sum(axis=1))


def _by_eig(k):
    values, vectors = np.linalg.eig(_columns(k))
    x = vectors[:, np.argmin(abs(values))]
    return x / x.sum()


def _by_svd(k):
    rows = np.array(k, float) - np.diag(np.sum(k, axis=1))
    v = np.linalg.svd(rows.T)[2][-1]
    return list(v / v.sum())


def _by_least_squares(k):
    a = np.vstack([_columns(k), np.ones(len(k))])
    return np.linalg.lstsq(a, [0] * len(k) + [1], rcond=None)[0]


@pytest.mark.parametrize("way", [_by_eig, _by_svd, _by_least_squares, lambda k: expm(1000 * _columns(k))[:, 0]])
def test_every_way_to_the_null_vector_is_right(way):
    assert said("4.2", way).state == "right"


def test_a_null_vector_whose_entries_do_not_add_up_to_1_is_told_so():
    found = said("4.2", lambda k: abs(np.linalg.svd(_columns(k))[2][-1]))
    assert "what must probabilities add up to?" in found.says
    assert "Together they are 0" in said("4.2", lambda k: [0.0] * len(k)).says


def test_rows_and_columns_exchanged_are_told_so():
    def rows(k):
        k = np.array(k, float)
        a = k - np.diag(k.sum(axis=1))
        a[-1] = 1
        return np.linalg.solve(a, np.eye(len(k))[-1])

    assert said("4.2", rows).wrong == "D3:rows"


@pytest.mark.parametrize("other", [
    lambda p, k, i, j: p[i - 1] * k[i - 1][j - 1] - p[j - 1] * k[j - 1][i - 1],
    lambda p, k, i, j: p[i] * sum(k[i]) - sum(p[m] * k[m][i] for m in range(len(p))),
])
def test_at_steady_state_these_would_pass_for_the_current_and_so_it_is_asked_elsewhere(other):
    """States counted from 1, where one current goes round; and all that leaves less all that comes, 0 there."""
    found = said("4.3", other)
    assert found.state == "not yet"
    assert found.wrong == ""


@pytest.mark.parametrize("id", ["4.3", "4.3b", "4.7"])
def test_no_check_says_that_nothing_happens_where_a_difference_is_0(id):
    found = said(id, {"4.3": lambda p, k, i, j: p[i] * k[i][j] + p[j] * k[j][i], "4.3b": lambda f, b: 1.0,
                      "4.7": lambda p0: 2.0}[id])
    assert "the right value is 0 there" in found.says
    assert "nothing" not in found.says


SWITCHES = {  # honest programs that are wrong, and the belief that is named
    "active at first": (lambda k_on, k_off: 1.0, "D6:active"),
    "the ratio taken for the share": (lambda k_on, k_off: min(1.0, k_on / k_off), ""),
    "the rate taken for the share": (lambda k_on, k_off: min(1.0, k_on), ""),
}


@pytest.mark.parametrize("name", SWITCHES)
def test_a_start_that_is_not_steady_does_not_pass(name):
    start, belief = SWITCHES[name]
    found = said("4.6", drawn(start))
    assert found.state == "not yet"
    assert found.wrong == belief


def test_switches_without_a_flip_have_the_right_mean_and_are_too_wide():
    def stuck(k_on, k_off, t_end, rng):
        on = rng.random() < k_on / (k_on + k_off)
        return rng.poisson(t_end * (k_off if on else k_on))

    assert "the mean is right, and the draws lie too wide" in said("4.6", stuck).says


def test_waits_exchanged_are_named_with_the_start_that_gives_the_same():
    def exchanged(k_on, k_off, t_end, rng):
        on, t, found = rng.random() < k_on / (k_on + k_off), 0.0, 0
        while (t := t + rng.exponential(1 / (k_on if on else k_off))) <= t_end:
            on, found = not on, found + 1
        return found

    assert said("4.6", exchanged).wrong == "D6:swapped"


def test_a_wheel_that_is_not_as_asked_is_read_to_its_maker():
    assert "P is (0.3333, 0.3333, 0.3333), and the current from A to B is 5." in said("4.8", (16, 17, 19, 1, 2, 4)).says
    assert "some of the six rates are the same" in said("4.8", (2.5, 2.5, 2.5, 1, 1, 1)).says
    assert "above 0" in said("4.8", (1.5, 1.6, 1.7, 0, 0.1, 0.2)).says
