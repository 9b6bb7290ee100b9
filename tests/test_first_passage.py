"""First passage against exact rationals, the matrix exponential, dense equations and laws of gambling."""
from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse as sparse
from scipy.sparse.linalg import spsolve

from cmelab import NetworkError, ReactionNetwork, enumerate_states, exact, generator, models
from cmelab.errors import StateSpaceError
from cmelab.first_passage import first_passage


def sis(people: int, r0: float, infected: int) -> ReactionNetwork:
    return ReactionNetwork.parse("S + I -> 2I ; b\nI -> S ; 1", {"b": r0 / people},
                                 {"S": people - infected, "I": infected})


def rational_extinction(people: int, r0: Fraction, infected: int) -> Fraction:
    """The double sum of birth-death theory: sum over i <= infected, j >= i of w_j / (w_i d_i), w the ladder."""
    weight, tail, total = [Fraction(1)], Fraction(0), Fraction(0)
    for n in range(1, people):
        weight.append(weight[-1] * r0 * n * (people - n) / people / (n + 1))
    for i in range(people, 0, -1):
        tail += weight[i - 1]
        if i <= infected:
            total += tail / (weight[i - 1] * i)
    return total


def test_a_large_epidemic_lasts_for_1e83():
    """N = 1000, R0 = 2 from 500: 1.2152e83, to 1e-10, where exact rationals give the digits."""
    wanted = rational_extinction(1000, Fraction(2), 500)
    mean = first_passage(sis(1000, 2.0, 500), "I == 0").mean
    assert abs(Fraction(mean) / wanted - 1) < Fraction(1, 10**10)
    assert abs(Fraction(exact.sis_extinction_time(1000, 2.0, 500)) / wanted - 1) < Fraction(1, 10**10)
    assert mean == pytest.approx(1.2152e83, rel=5e-5)


def test_the_sparse_solve_has_lost_its_digits_where_the_recursion_is_positive():
    """N = 200: the general solver is wrong by more than half, or even negative."""
    net = sis(200, 2.0, 100)
    space = enumerate_states(net)
    sick = np.flatnonzero(space.states[:, 1] > 0)
    a = generator(net, space).toarray()[np.ix_(sick, sick)]
    times = np.asarray(spsolve(sparse.csc_matrix(-a.T), np.ones(len(sick))))
    general = times[np.flatnonzero(space.states[sick, 1] == 100)[0]]
    wanted = float(rational_extinction(200, Fraction(2), 100))
    assert first_passage(net, "I == 0").mean == pytest.approx(wanted, rel=1e-12)
    assert abs(general / wanted - 1) > 0.5


def test_an_epidemic_that_is_endemic_for_ever_in_the_rate_equation_dies_out():
    """K4: N = 20, R0 = 1.5: extinct by 5, 50, 500 from one: 0.717, 0.9895, 1.0; 15.5 on average from 7."""
    found = first_passage(sis(20, 1.5, 1), "I == 0", times=[5, 50, 500])
    assert found.survival is not None
    assert 1 - found.survival == pytest.approx([0.717, 0.9895, 1.0], abs=5e-4)
    assert first_passage(sis(20, 1.5, 7), "I == 0").mean == pytest.approx(15.5, abs=0.05)
    assert first_passage(sis(20, 1.5, 7), "I == 0").mean == pytest.approx(
        float(rational_extinction(20, Fraction(3, 2), 7)), rel=1e-12)
    assert exact.sis_extinction_time(20, 1.5, 7, recovery=2.0) == pytest.approx(15.542938927844808 / 2, rel=1e-12)


@pytest.mark.parametrize(("net", "target", "hit"), [
    (sis(12, 1.5, 3), "I == 0", lambda n: n[:, 1] == 0),
    (ReactionNetwork.parse("A <-> B ; 2, 1\nB <-> C ; 1, 3", initial={"A": 4}), "C >= 3", lambda n: n[:, 2] >= 3),
    (ReactionNetwork.parse("2A <-> B ; 1, 2\nA -> C ; 0.3", initial={"A": 6}), "A + 2*B < 3",
     lambda n: n[:, 0] + 2 * n[:, 1] < 3)])
def test_survival_and_mean_against_the_dense_generator(net, target, hit):
    space = enumerate_states(net)
    before = np.flatnonzero(~hit(space.states))
    a = generator(net, space).toarray()[np.ix_(before, before)]
    start = (space.states[before] == net.initial).all(axis=1).astype(float)
    times = [0.0, 0.3, 2.0, 9.0]
    found = first_passage(net, target, times=times)
    assert found.survival == pytest.approx([(scipy.linalg.expm(a * t) @ start).sum() for t in times], abs=1e-12)
    assert found.mean == pytest.approx(np.linalg.solve(-a, start).sum(), rel=1e-10)
    assert found.probability == 1.0 and found.lost == 0.0 and found.note == ""


def test_escape_upward_follows_the_ladder():
    """0 -> M, M -> 0 to M >= 30 from 0: sum over n of P(0..n) / (k P(n)), in rationals."""
    weights = [Fraction(10)**n / math.factorial(n) for n in range(30)]
    wanted = sum(sum(weights[:n + 1]) / (10 * weights[n]) for n in range(30))
    found = first_passage(models.birth_death(10, 1), "M >= 30")
    assert found.mean == pytest.approx(float(wanted), rel=1e-12)
    assert (found.kept, found.lost, found.probability) == (30, 0.0, 1.0)


@pytest.mark.parametrize(("r0", "infected"), [(2.0, 3), (4.0, 1), (1.25, 5)])
def test_a_branching_outbreak_is_not_sure_to_end(r0, infected):
    """E1: gambler's ruin: extinct with probability (1/R0)^I0, 0.125 for R0 = 2, I0 = 3."""
    net = ReactionNetwork.parse("I -> 2I ; b\nI -> 0 ; 1", {"b": r0}, {"I": infected})
    found = first_passage(net, "I == 0")
    assert found.probability == pytest.approx(r0**-infected, abs=1e-9)
    assert found.probability <= r0**-infected * (1 + 1e-12) and found.probability + found.lost >= 1 - 1e-9
    assert found.mean == math.inf and "may never return" in found.note


def test_a_subcritical_outbreak_ends_after_the_known_time():
    """From one: ln(1/(1 - b/d)) / b."""
    found = first_passage(ReactionNetwork.parse("I -> 2I ; 1\nI -> 0 ; 2", initial={"I": 1}), "I == 0")
    assert found.mean == pytest.approx(math.log(2), rel=1e-9)
    assert found.probability == pytest.approx(1.0, abs=1e-9)


def test_a_path_that_may_end_elsewhere_has_an_infinite_mean_time():
    found = first_passage(ReactionNetwork.parse("A -> B ; 1\nA -> C ; 3", initial={"A": 1}), "B >= 1", times=[0, 1, 50])
    assert found.probability == pytest.approx(0.25, rel=1e-14)
    assert found.mean == math.inf and "no longer be reached, with probability 0.75" in found.note
    assert found.survival == pytest.approx([1, 1 - 0.25 * (1 - math.exp(-4)), 0.75], rel=1e-12)


@pytest.mark.parametrize(("net", "target"), [
    (models.annihilation(n0=9), "A == 0"), (models.receptor(copies=3), "A > 3"), (models.mrna_degradation(), "M >= 11"),
    (ReactionNetwork.parse("A -> B ; 0", initial={"A": 1}), "B == 1")])
def test_what_cannot_be_reached_takes_for_ever(net, target):
    """Parity: 2A -> 0 from 9 never empties."""
    found = first_passage(net, target, times=[1.0, 2.0])
    assert (found.probability, found.mean, found.lost) == (0.0, math.inf, 0.0)
    assert found.survival is not None and found.survival.tolist() == [1.0, 1.0]
    assert "can be reached" in found.note


def test_pairs_vanish_one_after_the_other():
    """2A -> 0 from 10: the sum of 1 / (k n(n-1)) over even n."""
    found = first_passage(models.annihilation(0.1, 10), "A == 0")
    assert found.mean == pytest.approx(sum(1 / (0.1 * n * (n - 1)) for n in range(2, 11, 2)), rel=1e-13)


def test_a_target_that_holds_at_the_start_takes_no_time():
    found = first_passage(models.birth_death(n0=5), "M >= 5", times=[0.0, 1.0])
    assert (found.probability, found.mean) == (1.0, 0.0)
    assert found.survival is not None and not found.survival.any()


def test_two_species_without_bounds_need_no_more_than_the_states_before():
    """mRNA and protein: the same time whether the box is chosen by hand or found."""
    net = ReactionNetwork.parse("0 -> M ; 5\nM -> 0 ; 1\nM -> M + Q ; 3\nQ -> 0 ; 1")
    found = first_passage(net, "Q >= 25")
    by_hand = first_passage(net, "Q >= 25", bounds={"M": 60, "Q": 40})
    assert found.lost <= 1e-10
    assert found.mean == pytest.approx(by_hand.mean, rel=1e-8)
    assert by_hand.kept == 61 * 25


def test_bounds_too_narrow_lose_paths_and_say_so():
    """A fair walk from 3 that is followed from 0 to 9: it falls to 0 first with probability 7 / 10."""
    net = ReactionNetwork.parse("0 -> X ; 1\nX -> 0 ; a = 1", initial={"X": 3})
    found = first_passage(net, "X == 0", bounds=9)
    assert found.probability == pytest.approx(0.7, rel=1e-12) and found.lost == pytest.approx(0.3, rel=1e-12)
    assert found.mean == math.inf and "leaves the 10 states" in found.note


def test_times_beyond_what_floats_hold_are_called_so():
    found = first_passage(models.birth_death(10, 1), "M >= 1000")
    assert (found.kept, found.mean, found.probability) == (1000, math.inf, 1.0)
    assert "longer than 1e308" in found.note


def test_a_rare_return_is_followed_past_the_hump():
    """Extinction of 0 -> M (100), M -> 0 (1) from 5: sum of ladder terms, in rationals: 2.7e41."""
    total = sum(Fraction(100)**n / math.factorial(n) for n in range(600))
    below, wanted = Fraction(0), Fraction(0)
    for i in range(1, 6):
        below += Fraction(100)**(i - 1) / math.factorial(i - 1)
        wanted += (total - below) * math.factorial(i - 1) / Fraction(100)**i
    found = first_passage(models.birth_death(100, 1, n0=5), "M == 0")
    assert found.mean == pytest.approx(float(wanted), rel=1e-9)
    assert found.probability == pytest.approx(1.0, abs=1e-12) and found.lost <= 1e-10


def test_survival_too_long_to_follow_is_refused_with_a_figure():
    with pytest.raises(StateSpaceError, match=r"until t = 1e\+15 would need \de\+\d+ multiplications"):
        first_passage(sis(20, 2.0, 5), "I == 0", times=[1e15])


@pytest.mark.parametrize(("target", "column"), [
    ("M >= ", 5), ("M = 3", 3), ("M", 2), ("", 1), ("M > 2 > 1", 7), ("Q == 0", 1), ("M + == 3", 4), ("M >< 3", 3),
    ("3 == 3", 1), ("M != 3", 3), ("M(2) > 1", 1), ("M & 3 > 2", 3), ("M > 2 and M < 3", 13), ("2M > 3", 2),
    ("(M > 3", 3), ("M > 3)", 6), ("M > __import__", 5)])
def test_targets_that_cannot_be_read_are_refused_with_the_column(target, column):
    with pytest.raises(NetworkError, match=rf"line 1, column {column}\b") as caught:
        first_passage(models.birth_death(), target)
    assert caught.value.column == column


@pytest.mark.parametrize(("change", "said"), [
    ({"target": 7}, "7"), ({"target": None}, "None"), ({"tol": 0}, "tol=0"), ({"tol": True}, "tol=True"),
    ({"times": [2, 1]}, "must increase"), ({"times": [-1]}, "-1"), ({"times": []}, "one or more"),
    ({"bounds": {"Q": 1}}, "'Q'"), ({"bounds": -1}, "-1"), ({"bounds": 2}, "starts at 5")])
def test_unusable_arguments_are_refused_with_the_value(change, said):
    given = {"target": "M == 0"} | change
    with pytest.raises(NetworkError, match=said):
        first_passage(models.birth_death(n0=5), **given)


@pytest.mark.parametrize("call", [lambda: exact.sis_extinction_time(10, 2.0, 11),
                                  lambda: exact.sis_extinction_time(10, -1, 3),
                                  lambda: exact.sis_extinction_time(10, 2.0, 3, recovery=0)])
def test_an_epidemic_outside_the_law_is_refused(call):
    with pytest.raises(NetworkError):
        call()


def test_a_target_may_name_rate_constants():
    found = first_passage(models.birth_death(k=10, gamma=2), "M >= k / gamma")
    assert found.mean == pytest.approx(first_passage(models.birth_death(k=10, gamma=2), "M >= 5").mean)
    assert repr(found).startswith("FirstPassage to M >= k / gamma: probability 1, mean time")
