"""Detailed balance against closed forms, products of rates around every cycle, and currents written out."""
from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest

from cmelab import NetworkError, ReactionNetwork, exact, models
from cmelab.balance import LEVELS, detailed_balance
from cmelab.stationary import StationaryError

SCHLOGL = "2X <-> 3X ; 0.03, 1e-4\n0 <-> X ; 200, 3.5"
CYCLE = "A <-> B ; 3, 1\nB <-> C ; 3, 1\nC <-> A ; 3, 1"


def parse(text: str, **initial: int) -> ReactionNetwork:
    return ReactionNetwork.parse(text, initial=initial)


@pytest.mark.parametrize("level", LEVELS)
def test_a_three_state_cycle_spins_at_its_steady_state(level):
    """D2: P = 1/3 each, yet a current of (3 - 1)/3 = 2/3 and an affinity of 3 ln 3 = 3.296, on both levels."""
    found = detailed_balance(parse(CYCLE, A=1), level=level)
    assert not found.holds
    assert found.p == pytest.approx([1 / 3] * 3, rel=1e-14)
    assert np.abs(found.currents) == pytest.approx([2 / 3] * 3, rel=1e-13)
    assert found.affinities == pytest.approx([3 * math.log(3)], rel=1e-13)
    assert found.worst_affinity == pytest.approx(3.296, abs=5e-4)
    assert found.entropy_production == pytest.approx(2 * math.log(3), rel=1e-13)


def test_the_worst_cycle_is_named_in_the_direction_it_turns():
    found = detailed_balance(parse(CYCLE, A=1))
    a, b, c = (1, 0, 0), (0, 1, 0), (0, 0, 1)
    assert found.worst_cycle[0] == found.worst_cycle[-1]
    assert set(itertools.pairwise(found.worst_cycle)) == {(a, b), (b, c), (c, a)}
    assert f"largest affinity {3 * math.log(3):.6g}: (A=" in repr(found)


@pytest.mark.parametrize("seed", range(8))
def test_random_cycles_have_the_current_of_the_spanning_trees(seed):
    """Three exact statements of one molecule: current, affinity, entropy production; N molecules produce N times."""
    rng = random.Random(seed)
    f, b = ([rng.uniform(0.1, 5) for _ in range(3)] for _ in range(2))
    text = "\n".join(f"{x} <-> {y} ; {f[i]}, {b[i]}" for i, (x, y) in enumerate(("AB", "BC", "CA")))
    current, affinity, production = exact.three_state_cycle(f, b)
    for level in LEVELS:
        one = detailed_balance(parse(text, A=1), level=level)
        assert np.abs(one.currents) == pytest.approx([abs(current)] * 3, rel=1e-10)
        assert one.worst_affinity == pytest.approx(abs(affinity), rel=1e-11)
        assert one.entropy_production == pytest.approx(production, rel=1e-9)
        many = detailed_balance(parse(text, A=4), level=level)
        assert many.entropy_production == pytest.approx(4 * production, rel=1e-9)


def test_the_closed_form_of_the_cycle_against_the_matrix():
    f, b = [1.0, 2.5, 0.3], [0.7, 0.2, 4.0]
    a = np.zeros((3, 3))
    for i in range(3):
        a[(i + 1) % 3, i] += f[i]
        a[i, (i + 1) % 3] += b[i]
    a -= np.diag(a.sum(axis=0))
    p = np.linalg.svd(a)[2][-1]
    p /= p.sum()
    current, affinity, production = exact.three_state_cycle(f, b)
    assert current == pytest.approx(p[0] * f[0] - p[1] * b[0], rel=1e-12)
    assert affinity == pytest.approx(math.log(math.prod(f) / math.prod(b)), rel=1e-13)
    assert production == pytest.approx(current * affinity)


@pytest.mark.parametrize("copies", [1, 5])
def test_a_receptor_balances_on_both_levels(copies):
    for level in LEVELS:
        found = detailed_balance(models.receptor(2.0, 0.5, copies=copies), level=level)
        assert found.holds
        assert np.abs(found.currents).max() < 1e-15
        assert abs(found.entropy_production) < 1e-28
        assert found.note == "" and found.affinities.size == 0


def test_schlogl_balances_on_states_and_is_driven_on_reactions():
    """The entropy production written out: currents of each pair times the log of its ratio, from the ladder."""
    c1, c2, c3, c4 = 0.03, 1e-4, 200.0, 3.5
    lumped = detailed_balance(parse(SCHLOGL, X=250), bounds=1500)
    assert lumped.holds and lumped.affinities.size == 0
    driven = detailed_balance(parse(SCHLOGL, X=250), level="reactions", bounds=1500)
    assert not driven.holds
    p, n = exact.schlogl(c1, c2, c3, c4, 1500), np.arange(1500.0)
    production = 0.0
    for up, down in ((c1 * n * (n - 1) / 2, c2 * (n + 1) * n * (n - 1) / 6), (np.full(1500, c3), c4 * (n + 1))):
        forth, back = p[:-1] * up, p[1:] * down
        seen = forth > 0
        production += ((forth - back)[seen] * np.log(forth[seen] / back[seen])).sum()
    assert driven.entropy_production == pytest.approx(production, rel=1e-9)
    assert driven.pairs == ("2X <-> 3X", "0 <-> X")
    # Up by one pair and down by the other: the same affinity between any two neighbours, ln(3 c1 c4 / (c2 c3)).
    assert driven.affinities == pytest.approx(np.full(1498, math.log(3 * c1 * c4 / (c2 * c3))), rel=1e-9)


def test_schlogl_in_equilibrium_balances_on_reactions_too():
    """Both pairs agree on P(n+1)/P(n) when 3 c1 / c2 = c3 / c4."""
    found = detailed_balance(parse("2X <-> 3X ; 0.2, 0.1\n0 <-> X ; 18, 3"), level="reactions", bounds=40)
    assert found.holds and found.affinities.size == 38
    assert not detailed_balance(parse("2X <-> 3X ; 0.2, 0.1\n0 <-> X ; 18.01, 3"), level="reactions", bounds=40).holds


@pytest.mark.parametrize(("text", "initial", "level", "missing"), [
    ("A -> B ; 3\nB -> C ; 3\nC -> A ; 3", {"A": 1}, "reactions", "A -> B, B -> C, C -> A"),
    ("A <-> B ; 1, 2\nA -> B ; 3", {"A": 2}, "reactions", "for A -> B."),
    ("0 -> M ; 1\nM -> 0 ; 1\n2M -> M ; 0.1", {}, "reactions", "for 2M -> M."),
    ("A <-> B ; 1, 2\nB -> A ; 0\nA -> B ; 3", {"A": 2}, "reactions", "for A -> B."),
    ("A -> B ; 3\nB -> C ; 3\nC -> A ; 3", {"A": 1}, "states", r"no reaction leads back from \(A=")])
def test_a_missing_reverse_makes_the_entropy_production_infinite_and_is_named(text, initial, level, missing):
    found = detailed_balance(ReactionNetwork.parse(text, initial=initial), level=level)
    assert not found.holds and found.entropy_production == math.inf
    assert missing.replace("\\", "") in found.note


def test_an_irreversible_cycle_is_named_in_the_direction_it_turns():
    found = detailed_balance(parse("A -> B ; 3\nB -> C ; 2\nC -> A ; 1", A=1))
    assert found.affinities.tolist() == [math.inf]
    assert ((1, 0, 0), (0, 1, 0)) in list(itertools.pairwise(found.worst_cycle))


def test_one_way_there_and_another_back_balances_on_states_only():
    """Between neighbours all rates add up, so the chain balances; 2M -> M alone has no reverse."""
    net = parse("0 -> M ; 1\nM -> 0 ; 1\n2M -> M ; 0.1")
    assert detailed_balance(net).holds
    assert not detailed_balance(net, level="reactions").holds


@pytest.mark.parametrize("seed", range(10))
def test_kolmogorov_holds_exactly_when_every_simple_cycle_does(seed):
    """Four states, all six links: the products of rates both ways around all simple cycles."""
    rng = random.Random(seed)
    energy = {s: rng.uniform(0.2, 3) for s in "ABCD"}
    rate: dict[tuple[str, str], float] = {}
    for x, y in itertools.combinations("ABCD", 2):
        speed = rng.uniform(0.2, 3)
        rate[x, y], rate[y, x] = speed / energy[x], speed / energy[y]
    if seed % 2:
        rate["A", "B"] *= 1.001
    text = "\n".join(f"{x} -> {y} ; {k!r}" for (x, y), k in rate.items())
    worst = 0.0
    for size in (3, 4):
        for way in itertools.permutations("ABCD", size):
            turn = list(zip(way, way[1:] + way[:1], strict=True))
            worst = max(worst, math.log(math.prod(rate[x, y] for x, y in turn) /
                                        math.prod(rate[y, x] for x, y in turn)))
    found = detailed_balance(parse(text, A=1))
    assert found.holds == (seed % 2 == 0) == (worst < 1e-9)
    assert found.affinities.size == 3
    if seed % 2:
        assert found.worst_affinity == pytest.approx(worst, rel=1e-8)


def test_the_worst_cycle_has_the_affinity_that_is_claimed():
    """Walk it: sum the logs of rates there and back."""
    text = "A <-> B ; 1, 2\nB <-> C ; 0.3, 1\nC <-> A ; 5, 1\nC <-> D ; 1, 7\nD <-> A ; 2, 1"
    found = detailed_balance(parse(text, A=3))
    rate = {}
    for (i, j), there, back in zip(found.edges.tolist(), found.forward, found.backward, strict=True):
        a, b = tuple(found.states[i].tolist()), tuple(found.states[j].tolist())
        rate[a, b], rate[b, a] = there, back
    walked = sum(math.log(rate[x, y] / rate[y, x]) for x, y in itertools.pairwise(found.worst_cycle))
    assert walked == pytest.approx(found.worst_affinity, rel=1e-12)
    assert found.affinities.max() == found.worst_affinity > 0


def test_currents_leave_every_state_as_they_enter_it():
    found = detailed_balance(parse(CYCLE, A=5))
    net = np.zeros(len(found.states))
    np.add.at(net, found.edges[:, 0], -found.currents)
    np.add.at(net, found.edges[:, 1], found.currents)
    assert net == pytest.approx(np.zeros(len(net)), abs=1e-15)


def test_two_pairs_between_the_same_species_balance_only_if_they_agree():
    assert detailed_balance(parse("A <-> B ; 1, 2\nA <-> B ; 3, 6", A=2), level="reactions").holds
    found = detailed_balance(parse("A <-> B ; 1, 2\nA <-> B ; 3, 1", A=2), level="reactions")
    assert found.affinities == pytest.approx([math.log(6)] * 2)
    assert len(found.worst_cycle) == 3


@pytest.mark.parametrize("text", ["", "A -> A ; 3"])
@pytest.mark.parametrize("level", LEVELS)
def test_where_nothing_changes_balance_holds(text, level):
    found = detailed_balance(parse(text), level=level)
    assert found.holds and found.entropy_production == 0.0 and found.currents.size == 0
    assert "holds" in repr(found)


@pytest.mark.parametrize("level", ["state", "", None, 3])
def test_an_unknown_level_is_refused(level):
    with pytest.raises(NetworkError, match=r"level=.*'states' or 'reactions'"):
        detailed_balance(models.receptor(), level=level)


@pytest.mark.parametrize(("net", "reason"), [(models.production(), "none"), (models.annihilation(), "degenerate")])
def test_without_a_stationary_law_there_is_nothing_to_balance(net, reason):
    with pytest.raises(StationaryError) as caught:
        detailed_balance(net)
    assert caught.value.reason == reason


@pytest.mark.parametrize("rates", [([1, 2], [1, 2]), ([1, 2, 0], [1, 1, 1]), ([1, 2, 3], [1, 1, math.inf])])
def test_the_closed_form_needs_six_rates(rates):
    with pytest.raises(NetworkError):
        exact.three_state_cycle(*rates)
