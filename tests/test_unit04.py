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
from cmelab.exercises.misconceptions import parts
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
    ("4.2", "D3:equal", (TWO,)): ("0.5", 0),
    ("4.2", "D3:waits", (UNEVEN,)): ("0.5455", 2),
    ("4.3", "D2", ((1 / 3,) * 3, SPINS, 0, 1)): ("0", 0),
    ("4.3", "D2:flow", ((1 / 3,) * 3, SPINS, 0, 1)): ("1", 0),
    ("4.3", "D2:rates", ((1 / 3,) * 3, SPINS, 0, 1)): ("2", 0),
    ("4.3", "D2:target", (P, ((0, 2, 1), (2, 0, 3), (4, 1, 0)), 2, 0)): ("1.75", 0),
    ("4.3b", "D2", ((3, 3, 3), (1, 1, 1))): ("0", 0),
    ("4.3b", "D2:sum", ((2, 3, 1), (1, 1.5, 4))): ("-0.08004", 0),
    ("4.3b", "D2:product", ((2, 3, 1), (1, 1.5, 4))): ("1", 0),
    ("4.5", "D4", (TWO,)): ("0.5", 0),
    ("4.5", "D4:slowest", (TWO,)): ("2", 0),
    ("4.5", "D4:fastest", (LADDER,)): ("0.1026", 0),
    ("4.5", "D4:modulus", (ONE_WAY,)): ("0.5774", 0),
    ("4.5", "D4:half", (TWO,)): ("0.2773", 0),
    ("4.6", "D1", (9.0, 1.0, 0.5)): ("0", 0),
    ("4.6", "D1:one-way", (9.0, 1.0, 0.5)): ("0.45", 0),
    ("4.6", "D6:inactive", (9.0, 1.0, 0.5)): ("1.615", 0),
    ("4.6", "D6:half", (9.0, 1.0, 0.5)): ("1.218", 0),
    ("4.7", "D6", ((0,) * 9 + (1,),)): ("0", 0),
    ("4.7", "D6:coin", ((0,) * 10 + (1,),)): ("0.5", 0),
    ("4.7", "D6:last", ((0,) * 9 + (1,),)): ("0", 0),
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
