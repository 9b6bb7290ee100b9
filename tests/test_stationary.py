"""Stationary laws against exact rationals, floating null spaces, closed forms; and every way of having none."""
from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse as sparse

from cmelab import NetworkError, ReactionNetwork, enumerate_states, exact, generator, models
from cmelab.chain import Chain, jumps
from cmelab.errors import StateSpaceError
from cmelab.stationary import StationaryError, quasi_stationary, relaxation_time, stationary

SCHLOGL = (0.03, 1e-4, 200, 3.5)
TOGGLE = "0 -> U ; a = 6/(1 + V^2)\n0 -> V ; a = 6/(1 + U^2)\nU -> 0 ; 1\nV -> 0 ; 1"


def schlogl() -> ReactionNetwork:
    return ReactionNetwork.parse("2X <-> 3X ; c1, c2\n0 <-> X ; c3, c4",
                                 dict(zip(("c1", "c2", "c3", "c4"), SCHLOGL, strict=True)), {"X": 250})


def sis(people: int, r0: float, infected: int) -> ReactionNetwork:
    return ReactionNetwork.parse("S + I -> 2I ; b\nI -> S ; 1", {"b": r0 / people},
                                 {"S": people - infected, "I": infected})


def decimal_schlogl(most: int) -> list[Decimal]:
    """The ladder with 60 digits, from the rates as floats hold them."""
    with localcontext() as context:
        context.prec = 60
        c1, c2, c3, c4 = map(Decimal, SCHLOGL)
        weights = [Decimal(1)]
        for n in range(most):
            weights.append(weights[-1] * (c3 + c1 * n * (n - 1) / 2) / (c4 * (n + 1) + c2 * (n + 1) * n * (n - 1) / 6))
        total = sum(weights)
        return [w / total for w in weights]


def test_schlogl_keeps_its_digits_over_more_than_a_hundred_decades():
    """Against 60 digits, both the solver and the closed form; the mean of numerics: 454.861."""
    wanted = decimal_schlogl(1500)
    law = stationary(schlogl(), bounds=1500)
    assert max(wanted) / min(wanted) > Decimal("1e120")
    for p in (law.p[0], exact.schlogl(*SCHLOGL, 1500)):
        assert max(abs(Decimal(x) / w - 1) for x, w in zip(p.tolist(), wanted, strict=True)) < 5e-12
    assert law.mean()[0, 0] == pytest.approx(float(sum(n * w for n, w in enumerate(wanted))), rel=1e-12)
    assert law.mean()[0, 0] == pytest.approx(454.861, abs=5e-4)
    assert law.times.tolist() == [np.inf]


def test_an_infinite_chain_is_followed_until_its_edge_is_empty():
    law = stationary(schlogl())
    assert 0 < law.lost[0] <= 1e-10
    wanted = np.array([float(w) for w in decimal_schlogl(len(law.states) - 1)])
    assert law.p[0] == pytest.approx(wanted, rel=5e-12, abs=1e-300)


@pytest.mark.parametrize(("n0", "mean"), [(9, 2 / math.tanh(2)), (10, 2 * math.tanh(2)), (15, 2 / math.tanh(2))])
def test_steps_of_two_that_pass_over_the_edge_of_the_box_are_followed(n0, mean):
    """P(n) ~ 2^n / n! on the odd counts, or on the even ones; a box with an even edge holds no odd count on it."""
    law = stationary(ReactionNetwork.parse("0 <-> 2A ; 1, 0.5", initial={"A": n0}))
    assert law.mean()[0, 0] == pytest.approx(mean, rel=1e-9)


@pytest.mark.parametrize("mean", [0.3, 10.0, 400.0])
def test_birth_and_death_settle_at_poisson(mean):
    law = stationary(models.birth_death(3 * mean, 3.0))
    # What lies beyond the states kept is shared out among them.
    assert law.p[0] == pytest.approx(exact.poisson(law.states[:, 0], mean), rel=law.lost[0] + 5e-12, abs=1e-290)


def test_weights_beyond_the_range_of_floats_do_not_spoil_the_rest():
    """Poisson of mean 3000 from 0 to 6000 spans 1300 decades before it is normalised; the far tail underflows to 0."""
    law = stationary(models.birth_death(3000, 1, n0=3000), bounds=6000)
    wanted = exact.poisson(np.arange(6001), 3000)
    seen = wanted > 1e-300
    assert law.p[0][seen] == pytest.approx(wanted[seen], rel=5e-12)
    assert law.p[0][~seen].max() < 1e-299


@pytest.mark.parametrize(("net", "bounds", "form"), [
    (models.birth_death(10, 1), 200, lambda n: exact.poisson(n, 10)),
    (models.immigration_birth_death(2, 0.5, 1), 700, lambda n: exact.immigration_birth_death(n, math.inf, 2, 0.5, 1)),
    (models.immigration_birth_death(0.01, 0.9, 1), 700,
     lambda n: exact.immigration_birth_death(n, math.inf, 0.01, 0.9, 1)),
    (models.production_annihilation(1000, 1), 300, lambda n: exact.production_annihilation(n, 1000, 1)),
    (models.receptor(1e-3, 2, copies=90), None, lambda n: exact.binomial(n, 90, 1e-3 / 2.001)[::-1]),
    (models.dimerisation(0.1, 7, 401), None, lambda n: exact.dimer((401 - n) // 2, 401, 0.1, 7))])
def test_one_dimensional_chains_keep_every_entry_over_all_decades(net, bounds, form):
    """Relative 5e-12 wherever floats have their digits, up to two thirds of the bounds."""
    law = stationary(net, bounds=bounds)
    n = law.states[:, 0]
    order = np.argsort(n)
    found, wanted = law.p[0][order], form(n[order])
    seen = (wanted > 1e-290) & (n[order] <= (2 * bounds // 3 if bounds else n.max()))
    assert found[seen] == pytest.approx(wanted[seen], rel=5e-12)
    assert wanted[seen].max() / wanted[seen].min() > 1e20


@pytest.mark.parametrize(("text", "initial"), [
    ("A <-> B ; 2, 0.5", {"A": 3}), ("A -> B ; 1\nB -> C ; 2\nC -> A ; 3", {"A": 4}),
    ("E + S <-> C ; 1, 2\nC -> E + P ; 3\nP -> S ; 1", {"E": 2, "S": 5}), ("2A <-> B ; 1, 1\nB <-> C ; 2, 3", {"A": 7}),
    ("A -> B ; 1\nB <-> C ; 2, 3", {"A": 3}),
    ("A + B -> 2B ; 0.1\nA <-> B ; 0.2, 1\nB -> C ; 3\nC -> A ; 1", {"A": 6})])
def test_small_networks_agree_with_the_null_space(text, initial):
    net = ReactionNetwork.parse(text, initial=initial)
    law = stationary(net)
    null = scipy.linalg.null_space(generator(net, enumerate_states(net)).toarray())
    assert null.shape[1] == 1
    assert law.p[0] == pytest.approx(null[:, 0] / null.sum(), abs=1e-13)
    assert law.lost.tolist() == [0.0]


def test_a_cycle_of_independent_molecules_is_multinomial():
    net = ReactionNetwork.parse("A -> B ; 1\nB -> C ; 2\nC -> A ; 3", initial={"A": 12})
    law = stationary(net)
    assert law.p[0] == pytest.approx(exact.cycle_law(law.states, [1, 2, 3]), rel=1e-12)


def test_the_cycle_law_against_exact_rationals():
    share = [Fraction(6, 11), Fraction(3, 11), Fraction(2, 11)]
    wanted = math.factorial(7) / Fraction(math.factorial(4) * math.factorial(2)) * share[0]**4 * share[1]**2 * share[2]
    assert exact.cycle_law([4, 2, 1], [1, 2, 3]) == pytest.approx(float(wanted), rel=1e-13)


@pytest.mark.parametrize("total", [1, 8, 61])
def test_dimers_follow_the_product_form(total):
    law = stationary(ReactionNetwork.parse("2A <-> B ; 0.3, 1.7", initial={"A": total}))
    wanted = [Fraction(3, 34)**b / (math.factorial(b) * math.factorial(total - 2 * b)) for b in range(total // 2 + 1)]
    closed = exact.dimer(np.arange(total // 2 + 2), total, 0.3, 1.7)
    assert closed == pytest.approx([*[float(w / sum(wanted)) for w in wanted], 0.0], rel=1e-12)
    assert law.p[0] == pytest.approx(closed[law.states[:, 1]], rel=1e-12)


def test_the_ladder_against_exact_rationals():
    up, down = [3, 1, 2, 5], [1, 2, 2, 7]
    weights = [Fraction(1)]
    for b, d in zip(up, down, strict=True):
        weights.append(weights[-1] * b / d)
    assert exact.ladder(up, down) == pytest.approx([float(w / sum(weights)) for w in weights], rel=1e-14)
    assert exact.ladder([], []).tolist() == [1.0]


def test_two_states_share_in_proportion_to_the_rates():
    """D3: Ps(B) = 2 / 2.5 = 0.8; neither the inverse 0.2 nor the ratio 4."""
    law = stationary(models.receptor(2.0, 0.5))
    assert law.marginal("B")[1][0] == pytest.approx([0.2, 0.8], rel=1e-14)


def test_the_slowest_time_of_two_states_is_one_over_the_sum():
    """D4: 1 / (2 + 0.5) = 0.4, not 1 / 2."""
    assert relaxation_time(models.receptor(2.0, 0.5)) == pytest.approx(0.4, rel=1e-13)


def test_a_conserved_total_is_binomial_not_poisson():
    """D5: N = 20, p = 0.2: variance 3.2, where a Poisson law of the same mean has 4."""
    law = stationary(models.receptor(4.0, 1.0, copies=20))
    assert law.mean()[0, 0] == pytest.approx(4.0) and law.var()[0, 0] == pytest.approx(3.2)


def test_the_last_state_depends_on_the_start():
    """D6: 2A -> 0 from 9 ends at 1, from 10 at 0."""
    for start, end in ((9, 1), (10, 0)):
        with pytest.raises(StationaryError, match=rf"A = {end} is absorbing.*quasi_stationary") as caught:
            stationary(models.annihilation(n0=start))
        assert caught.value.reason == "degenerate"
        assert caught.value.law is not None and caught.value.law.mean()[0, 0] == end


def test_something_happens_in_the_steady_state():
    """D1: the expected number of reactions in 100 s is 100 times the mean total propensity: 2000, not 0."""
    net = models.birth_death(10, 1)
    law = stationary(net)
    assert 100 * law.p[0] @ net.propensities(law.states).sum(axis=1) == pytest.approx(2000, rel=1e-9)


@pytest.mark.parametrize(("text", "initial", "reason", "said"), [
    ("A -> B ; 1\nA -> C ; 2", {"A": 3}, "not unique", r"4 classes.*A = 0, B = 0, C = 3 \(1 state\)"),
    ("A -> B ; 1\nA -> C ; 2\nB <-> D ; 1, 1", {"A": 1}, "not unique", r"2 classes.*\(2 states\)"),
    ("A -> B ; 1\nA -> C ; 2", {"A": 9}, "not unique", r"10 classes.*and 5 more"),
    ("M -> 0 ; 1", {"M": 4}, "degenerate", "M = 0 is absorbing"),
    ("0 -> M ; 1", {}, "none", r"the edge of \d+ states still holds 1.0e\+00"),
    ("0 -> X ; 1\nX -> Y ; 1\n2Y -> 3Y ; 1\nY -> 0 ; 1", {}, "none", "no stationary law was found up to"),
    ("X -> 2X ; 2\nX -> 0 ; 1", {"X": 3}, "degenerate", "X = 0 is absorbing")])
def test_networks_without_one_law_say_which_way(text, initial, reason, said):
    with pytest.raises(StationaryError, match=said) as caught:
        stationary(ReactionNetwork.parse(text, initial=initial))
    assert caught.value.reason == reason
    assert (len(caught.value.classes) > 1) == (reason == "not unique")


def test_classes_that_are_never_left_are_handed_over():
    with pytest.raises(StationaryError) as caught:
        stationary(ReactionNetwork.parse("A -> B ; 1\nA -> C ; 2\nB <-> D ; 1, 1", initial={"A": 1}))
    assert sorted(len(states) for states in caught.value.classes) == [1, 2]


def test_production_within_bounds_piles_up_at_the_edge_and_is_refused():
    with pytest.raises(StationaryError, match="all probability sits on the edge of the 11 states"):
        stationary(models.production(), bounds=10)


@pytest.mark.parametrize(("text", "initial"), [("", {}), ("A -> A ; 2", {"A": 3}), ("A -> B ; 0", {"A": 1}),
                                               ("A + B -> 0 ; 1", {"A": 1})])
def test_where_nothing_changes_the_start_holds(text, initial):
    net = ReactionNetwork.parse(text, initial=initial)
    law = stationary(net)
    assert law.p.tolist() == [[1.0]] and law.states.tolist() == [net.initial.tolist()]
    assert relaxation_time(net) == 0.0


def test_transient_states_keep_nothing():
    law = stationary(ReactionNetwork.parse("A -> B ; 1\nB <-> C ; 1, 3", initial={"A": 1}))
    assert dict(zip(map(tuple, law.states.tolist()), law.p[0].tolist(), strict=True)) == pytest.approx(
        {(1, 0, 0): 0.0, (0, 1, 0): 0.75, (0, 0, 1): 0.25})


def test_narrow_bounds_report_what_presses_against_the_edge():
    law = stationary(models.birth_death(10, 1), bounds=12)
    wanted = exact.poisson(np.arange(13), 10)
    assert law.p[0] == pytest.approx(wanted / wanted.sum(), rel=1e-12)
    assert law.lost[0] == pytest.approx(wanted[-1] / wanted.sum(), rel=1e-12)


@pytest.mark.parametrize("tol", [0, 1, -1e-3, "x", None, True])
def test_a_tolerance_outside_zero_and_one_is_refused(tol):
    for call in (stationary, quasi_stationary, relaxation_time):
        with pytest.raises(NetworkError, match="tol="):
            call(models.birth_death(), tol=tol)


@pytest.mark.parametrize(("bounds", "said"), [({"Q": 1}, "'Q'"), (-1, "-1"), (2, "starts at 5")])
def test_unusable_bounds_are_refused(bounds, said):
    with pytest.raises(NetworkError, match=said):
        stationary(models.birth_death(n0=5), bounds=bounds)


def test_delays_are_refused_by_name():
    with pytest.raises(NetworkError, match="delay"):
        stationary(ReactionNetwork.parse("0 -> A ; 1 ; delay 2\nA -> 0 ; 1"))


# Wide bands, quasi-stationary laws, relaxation


def test_a_law_that_would_take_gigabytes_is_refused_with_the_size(monkeypatch):
    """The limits lowered, so that 125 states are too many."""
    monkeypatch.setattr("cmelab.chain.MAX_BAND_WORK", 1e3)
    monkeypatch.setattr("cmelab.chain.MAX_LU_WORK", 1e4)
    net = ReactionNetwork.parse("0 <-> A ; 3, 1\n0 <-> B ; 3, 1\n0 <-> C ; 3, 1")
    with pytest.raises(StateSpaceError, match=r"125 states, linked with others up to \d+ places away"):
        stationary(net, bounds=4)


def test_a_law_wider_than_what_is_followed_is_not_called_missing(monkeypatch):
    monkeypatch.setattr(sys.modules["cmelab.stationary"], "MAX_NARROW", 1100)
    with pytest.raises(StationaryError, match=r"needs more states.*of 1024 states still holds \d.\de-06") as caught:
        stationary(models.birth_death(900, 1))
    assert caught.value.reason == "not resolved"


def cascade(bounds: int) -> tuple[Chain, Chain]:
    net = ReactionNetwork.parse("0 -> A ; 3\nA -> 0 ; 1\nA -> A + B ; 1\nB -> 0 ; 1\nB -> B + C ; 0.7\nC -> 0 ; 1")
    rates, _ = jumps(net, enumerate_states(net, bounds=bounds))
    return Chain(rates, by_bands=True), Chain(rates, by_bands=False)


def test_sparse_elimination_agrees_with_elimination_by_bands():
    """Though the states come in an order that begins with a corner of probability 1e-12."""
    bands, by_factors = cascade(14)
    assert by_factors.law() == pytest.approx(bands.law(), rel=1e-7, abs=1e-15)


@pytest.mark.parametrize("by_bands", [True, False])
def test_times_until_leaving_solve_the_dense_equations(by_bands):
    net = ReactionNetwork.parse(TOGGLE)
    space = enumerate_states(net, bounds=7)
    rates, cut = jumps(net, space)
    chain = Chain(rates, cut, by_bands=by_bands)
    a = generator(net, space).toarray()
    f = np.linspace(0, 1, len(space))
    assert chain.expectations(f) == pytest.approx(np.linalg.solve(-a.T, f), rel=1e-10)
    assert chain.occupation(f) == pytest.approx(np.linalg.solve(-a, f), rel=1e-10)


def test_a_chain_whose_digits_are_lost_in_sparse_elimination_says_so():
    """The same rare extinction that elimination by bands resolves."""
    net = sis(200, 2.0, 100)
    rates, _ = jumps(net, enumerate_states(net))
    inside = np.flatnonzero(enumerate_states(net).states[:, 1] > 0)
    leave = np.asarray(rates[inside].sum(axis=1) - rates[inside][:, inside].sum(axis=1)).ravel()
    chain = Chain(rates[inside][:, inside], leave, by_bands=False)
    for solve in (chain.expectations, chain.occupation):
        with pytest.raises(StateSpaceError, match="lose all digits"):
            solve(np.ones(len(inside)))


def test_a_law_whose_digits_are_lost_in_sparse_elimination_says_so():
    """Two halves joined by a rate of 1e-30: bands resolve their shares, sparse elimination cannot."""
    links = np.array([1.0, 2.0, 1e-30, 3.0, 1.0])
    rates = sparse.csr_array(np.diag(links, 1) + np.diag(2 * links[::-1], -1))
    wanted = exact.ladder(links, 2 * links[::-1])
    assert Chain(rates).law() == pytest.approx(wanted, rel=1e-13)
    with pytest.raises(StateSpaceError, match="lose all digits"):
        Chain(rates, by_bands=False).law()


@pytest.mark.parametrize(("net", "rate"), [(models.mrna_degradation(0.5, 10), 0.5), (models.annihilation(0.1, 9), 0.6),
                                           (models.annihilation(0.1, 10), 0.2)])
def test_decay_ends_in_its_slowest_state(net, rate):
    """From 10 molecules the last one leaves with rate 0.5; 2A -> 0 lasts longest in 3 (or 2), rate k n(n-1)."""
    found = quasi_stationary(net)
    assert found.decay_rate == pytest.approx(rate, rel=1e-12)
    assert found.distribution.p.max() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("people", [5, 20, 60])
def test_the_lasting_epidemic_is_the_dominant_eigenvector(people):
    net = sis(people, 1.5, 3)
    found = quasi_stationary(net)
    space = enumerate_states(net)
    sick = space.states[:, 1] > 0
    values, vectors = np.linalg.eig(generator(net, space).toarray()[np.ix_(sick, sick)])
    top = np.argmax(np.real(values))
    vector = np.real(vectors[:, top])
    assert found.decay_rate == pytest.approx(-np.real(values[top]), rel=1e-8)
    assert found.distribution.p[0, sick] == pytest.approx(vector / vector.sum(), abs=1e-11)
    assert not found.distribution.p[0, ~sick].any()


def test_the_decay_rate_of_a_large_epidemic_is_one_over_its_mean_time():
    """N = 1000, R0 = 2: a rate of 8e-84, against the recursion of the extinction time averaged over the law."""
    found = quasi_stationary(sis(1000, 2.0, 500))
    infected, p = found.distribution.states[:, 1], found.distribution.p[0]
    chosen = p > 1e-9
    times = [exact.sis_extinction_time(1000, 2.0, i) for i in infected[chosen].tolist()]
    mean = p[chosen] @ times
    assert found.decay_rate * mean == pytest.approx(1.0, abs=1e-6)


def test_an_infinite_network_that_dies_out_has_a_lasting_law():
    """Linear birth and death with rates 1 and 2: geometric law with ratio 1/2, decay rate 2 - 1."""
    found = quasi_stationary(ReactionNetwork.parse("X -> 2X ; 1\nX -> 0 ; 2", initial={"X": 4}))
    assert found.decay_rate == pytest.approx(1.0, rel=1e-8)
    assert found.distribution.p[0, 1:20] == pytest.approx(0.5**np.arange(1, 20), rel=1e-8)


@pytest.mark.parametrize(("text", "initial", "said"), [
    ("A <-> B ; 1, 2", {"A": 3}, "nothing is absorbed"), ("A -> B ; 1\nB -> C ; 1", {"A": 1}, "coincide"),
    ("A -> A ; 1", {"A": 3}, "nothing is absorbed")])
def test_networks_without_a_lasting_law_say_why(text, initial, said):
    with pytest.raises(StationaryError, match=said):
        quasi_stationary(ReactionNetwork.parse(text, initial=initial))


@pytest.mark.parametrize("gamma", [0.25, 3.0])
def test_birth_and_death_relax_with_the_lifetime(gamma):
    assert relaxation_time(models.birth_death(10, gamma)) == pytest.approx(1 / gamma, rel=1e-6)


def test_the_gap_of_neighbours_is_that_of_the_symmetric_matrix():
    net = ReactionNetwork.parse("2X <-> 3X ; 0.3, 0.02\n0 <-> X ; 20, 3.5")
    space = enumerate_states(net, bounds=60)
    p = stationary(net, bounds=60).p[0]
    a = generator(net, space).toarray()
    a -= np.diag(a.sum(axis=0))
    decay = np.sort(-scipy.linalg.eigvalsh(a * np.sqrt(p[None] / p[:, None])))
    assert relaxation_time(net, bounds=60) == pytest.approx(1 / decay[1], rel=1e-9)


def test_the_gap_of_other_networks_is_that_of_all_eigenvalues():
    """Unimolecular cycle: eigenvalues of one molecule; complex ones decay with their real part."""
    net = ReactionNetwork.parse("A -> B ; 1\nB -> C ; 1\nC -> A ; 1", initial={"A": 3})
    assert relaxation_time(net) == pytest.approx(1 / 1.5, rel=1e-10)


def test_large_networks_relax_with_the_slowest_part():
    """Two species that know nothing of each other, 1681 states: the slower lifetime."""
    net = ReactionNetwork.parse("0 <-> A ; 5, 1\n0 <-> B ; 2, 0.5")
    assert relaxation_time(net, bounds=40) == pytest.approx(2.0, rel=1e-6)


def test_the_interpreted_twin_finds_the_same_law():
    script = ("import json; from cmelab import ReactionNetwork; from cmelab.stationary import *; "
              f"net = ReactionNetwork.parse({TOGGLE!r}); "
              "epidemic = ReactionNetwork.parse('S + I -> 2I ; 0.05\\nI -> S ; 1', initial={'S': 25, 'I': 5}); "
              "print(json.dumps([stationary(net, bounds=9).p.tolist(), quasi_stationary(epidemic).decay_rate]))")
    done = [subprocess.run([sys.executable, "-W", "error", "-c", script], env=os.environ | {"NUMBA_DISABLE_JIT": off},
                           text=True, capture_output=True, check=False) for off in "01"]
    assert [run.returncode for run in done] == [0, 0], done[1].stderr
    (p, rate), (twin_p, twin_rate) = (json.loads(run.stdout) for run in done)
    assert np.array(twin_p) == pytest.approx(np.array(p), rel=1e-13)
    assert twin_rate == pytest.approx(rate, rel=1e-13)


@pytest.mark.parametrize("call", [
    lambda: exact.ladder([1, 2], [1]), lambda: exact.ladder([1, 0], [1, 1]), lambda: exact.ladder([[1]], [[1]]),
    lambda: exact.schlogl(1, 1, -1, 1, 5), lambda: exact.schlogl(1, 1, 0, 1, 5), lambda: exact.cycle_law([1, 2], [1]),
    lambda: exact.cycle_law([1, 2], [1, 0]), lambda: exact.cycle_law([1, -2], [1, 1]),
    lambda: exact.dimer(1, 4, 0, 1), lambda: exact.dimer(-1, 4, 1, 1), lambda: exact.dimer(1, 4, 1, math.inf)])
def test_arguments_outside_the_closed_forms_are_refused(call):
    with pytest.raises(NetworkError):
        call()
