"""The master equation against closed laws, the matrix exponential and its own definition."""
from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from scipy.linalg import expm

from cmelab import NetworkError, ReactionNetwork, enumerate_states, exact, flows, generator, models, solve
from cmelab.errors import StateSpaceError
from cmelab.uniformisation import poisson_weights

TIMES = np.array([0.0, 0.3, 1.0, 4.0])


def close_to_the_law(solution, column: str, law, rounding: float = 1e-12) -> None:
    """L1 distance within the certified loss, and every entry a lower bound."""
    n, p = solution.marginal(column)
    for row, t in enumerate(solution.times):
        true = law(n, t)
        assert np.abs(p[row] - true).sum() <= solution.lost[row] + rounding
        assert (p[row] >= 0).all()
        assert (p[row] <= true + 1e-14).all()


def test_birth_death_is_binomial_plus_poisson():
    close_to_the_law(solve(models.birth_death(10, 1, 5), TIMES), "M", lambda n, t: exact.birth_death(n, t, 10, 1, 5))


def test_pure_death_is_binomial():
    close_to_the_law(solve(models.mrna_degradation(0.5, 10), TIMES), "M", lambda n, t: exact.pure_death(n, t, 0.5, 10))


def test_production_is_poisson():
    close_to_the_law(solve(models.production(5), TIMES), "M", lambda n, t: exact.poisson(n, 5 * t))


def test_receptors_are_binomial():
    close_to_the_law(solve(models.receptor(2, 0.5, 20), TIMES), "B", lambda n, t: exact.receptor(n, t, 2, 0.5, 20))


def test_annihilation_keeps_its_parity_and_its_mean():
    for n0 in (9, 10):
        solution = solve(models.annihilation(0.1, n0), TIMES)
        assert (solution.states[:, 0] % 2 == n0 % 2).all()
        assert solution.mean()[:, 0] == pytest.approx(exact.annihilation_mean(TIMES, 0.1, n0), rel=1e-12)


def test_numbers_of_the_course():
    """2A -> 0, k = 0.1, n0 = 10, t = 0.5: mean 5.215; from 3: 2.482."""
    assert solve(models.annihilation(0.1, 10), 0.5).mean()[0, 0] == pytest.approx(5.215, abs=5e-4)
    assert solve(models.annihilation(0.1, 3), 0.5).mean()[0, 0] == pytest.approx(2.482, abs=5e-4)


@pytest.mark.parametrize(("text", "initial", "bounds"), [
    ("A + B -> C ; 0.3\nC -> A ; 1", {"A": 5, "B": 4}, None),
    ("0 -> A ; a = 9/(1 + (A/4)^2)\nA -> 0 ; 1", {"A": 2}, 25),
    ("2A <-> B ; 0.3, 1", {"A": 9}, None),
    ("3A -> A ; 0.2\n0 -> A ; 2", {"A": 4}, 20),
    ("A -> A ; 5\nA -> 0 ; 1", {"A": 3}, None),
])
def test_solution_is_the_matrix_exponential(text, initial, bounds):
    """scipy's expm of the dense generator: another algorithm on the same matrix."""
    net = ReactionNetwork.parse(text, initial=initial)
    space = enumerate_states(net, bounds=bounds)
    a, start = generator(net, space).toarray(), np.zeros(len(space))
    start[space.index(net.initial)] = 1
    solution = solve(net, TIMES, bounds=bounds)
    for row, t in enumerate(TIMES):
        assert np.abs(solution.p[row] - expm(a * t) @ start).sum() < 1e-12


@pytest.mark.parametrize(("text", "initial", "bounds"), [
    ("2A + B -> 3C ; 0.1\nC -> A + 2D ; 1\n2D -> B ; 0.5", {"A": 3, "B": 2}, {"A": 4, "B": 3, "C": 3, "D": 4}),
    ("0 -> 3A ; 1\n2A -> B ; 0.2\nB -> 0 ; 1", {"A": 1}, {"A": 12, "B": 5}),
    ("0 -> A ; 1\nA -> B ; 1\n3B -> C ; 0.3\nC + A -> 0 ; 0.5", {}, {"A": 5, "B": 6, "C": 3}),
    ("2A <-> 0 ; 0.3, 0.2\nA + B -> 0 ; 0.5\n0 -> 4B ; 0.3", {"A": 4, "B": 3}, 9),
    ("A -> B ; a = A/(1 + B)\nB -> C ; a = max(0, B - C/2)\nC -> A ; 2", {"A": 6}, None),
    ("E + S <-> C ; 0.3, 1\nC -> E + P ; 0.7", {"E": 3, "S": 9}, {"P": 4}),
    ("A + B + C -> D ; 0.1\nD -> 2A ; 1\n0 -> B ; 1\n0 -> C ; 0.5", {"A": 3, "B": 2}, 3),
])
def test_any_stoichiometry_moves_on_its_lattice_as_its_matrix_says(text, initial, bounds):
    """Up to four species, long shifts, parity, conserved totals, bounds across the lattice; against scipy's expm."""
    net = ReactionNetwork.parse(text, initial=initial)
    space = enumerate_states(net, bounds=bounds)
    a, start = generator(net, space).toarray(), np.zeros(len(space))
    start[space.index(net.initial)] = 1
    solution = solve(net, TIMES, bounds=bounds)
    for row, t in enumerate(TIMES):
        true = expm(a * t) @ start
        assert np.abs(solution.p[row] - true).sum() < 1e-12
        assert solution.lost[row] == pytest.approx(1 - true.sum(), abs=1e-12)


def test_spaces_that_fill_little_of_their_box_are_listed_state_by_state():
    """Twelve molecules with five shapes: 1820 states in a box of 13^4 cells; each molecule moves on its own."""
    text = "A -> B ; 1\nB -> C ; 2\nC -> D ; 3\nD -> E ; 1\nE -> A ; 0.5"
    net = ReactionNetwork.parse(text, initial={"A": 12})
    solution = solve(net, TIMES)
    assert len(solution.states) == math.comb(16, 4)
    rates = [1, 2, 3, 1, 0.5]
    a = np.diag(rates[:4], -1) - np.diag(rates)
    a[0, 4] = 0.5
    ways = [math.factorial(12) / math.prod(map(math.factorial, n)) for n in solution.states.tolist()]
    for row, t in enumerate(TIMES):
        shares = expm(a * t)[:, 0]
        true = np.array(ways) * (np.maximum(shares, 0)**solution.states).prod(axis=1)
        assert np.abs(solution.p[row] - true).sum() <= solution.lost[row] + 1e-12


def test_the_states_in_play_move_with_the_probability():
    """From 0 to a Poisson law of mean 1000: at the end nothing near 0 is kept, early nothing near 1000."""
    net = models.birth_death(1000, 1)
    early, late = solve(net, 0.01), solve(net, 9.0)
    assert early.states.max() < 60
    assert late.states.min() > 600
    assert late.states.max() < 1400
    mean = 1000 * -math.expm1(-9.0)
    true = exact.poisson(late.states[:, 0], mean)
    assert np.abs(late.p[0] - true).sum() < late.lost[0] + 1e-11
    both = solve(net, [0.01, 9.0])
    assert len(both.states) >= len(early.states) + len(late.states) - 2


def test_a_propensity_that_breaks_where_probability_comes_is_named_with_its_state():
    """Not on the empty margin of the window, where nothing ever comes."""
    breaks = ReactionNetwork.parse("0 -> A ; 9\nA -> 0 ; a = 20 - A")
    assert solve(breaks, 0.01).lost[0] <= 1e-10
    with pytest.raises(NetworkError, match="line 2: A -> 0 has propensity -1 in state A = 21"):
        solve(breaks, 9.0)


def test_a_window_may_not_hold_more_than_max_states():
    with pytest.raises(StateSpaceError, match=r"spread over .* states by t = .* max_states=300"):
        solve(models.birth_death(1000, 1), 5.0, max_states=300)
    assert len(solve(models.birth_death(1000, 1), 5.0, max_states=900).states) <= 900
    with pytest.raises(StateSpaceError, match=r"passed through .* states, more than max_states=900"):
        solve(models.birth_death(1000, 1), np.linspace(0, 5, 50), max_states=900)


def test_a_smaller_tol_than_rounding_allows_is_refused_with_the_figure():
    with pytest.raises(StateSpaceError, match=r"of the probability is lost, by rounding too, and tol=1e-16"):
        solve(models.birth_death(10, 1), 200.0, tol=1e-16)


def test_a_progress_bar_counts_the_time_in_hundredths(capsys):
    solve(models.schlogl(), [0.0, 9.0], bounds=1500, progress=True)
    assert re.search(r"\b[1-9]\d?/100 ", capsys.readouterr().err)
    solve(models.birth_death(10, 1), [0.0, 5.0], progress=False)
    assert capsys.readouterr().err == ""


def test_generator_is_gain_minus_loss_state_by_state():
    """Entry by entry from the definition: a_r(n - nu_r) into n, -a0(n) on the diagonal."""
    net = ReactionNetwork.parse("0 -> M ; 4\nM -> 0 ; 1\n2M -> 0 ; 0.3", initial={"M": 3})
    space = enumerate_states(net, bounds=6)
    wanted = np.zeros((7, 7))
    for n in range(7):
        for step, rate in ((1, 4.0), (-1, 1.0 * n), (-2, 0.3 * n * (n - 1) / 2)):
            if rate:
                wanted[n, n] -= rate
                if n + step <= 6:
                    wanted[n + step, n] += rate
    assert generator(net, space).toarray() == pytest.approx(wanted)


def test_columns_sum_to_zero_when_closed_and_to_minus_the_exits_when_cut():
    closed = models.receptor(copies=5)
    assert np.abs(generator(closed, enumerate_states(closed)).sum(axis=0)).max() < 1e-12
    cut = models.birth_death(k=4)
    sums = np.asarray(generator(cut, enumerate_states(cut, bounds=9)).sum(axis=0)).ravel()
    assert sums == pytest.approx([0] * 9 + [-4])


def test_what_leaves_the_bounds_is_reported_not_hidden():
    """0 -> A at rate 5 for t = 1, cut at 6: lost is the Poisson tail beyond 6, and nothing is renormalised."""
    solution = solve(models.production(5), [1.0], bounds=6)
    tail = 1 - sum(math.exp(-5) * 5**n / math.factorial(n) for n in range(7))
    assert solution.lost[0] == pytest.approx(tail, rel=1e-12)
    assert solution.p.sum() == pytest.approx(1 - tail, rel=1e-12)


@pytest.mark.parametrize("tol", [1e-3, 1e-6, 1e-10])
def test_without_bounds_the_box_grows_until_the_loss_is_within_tol(tol):
    solution = solve(models.birth_death(60, 1), [3.0], tol=tol)
    assert 0 <= solution.lost[0] <= tol


@pytest.mark.parametrize("mean", [0.0, 1e-9, 0.3, 7.0, 100.0, 256.0])
def test_poisson_weights_are_lower_bounds_that_leave_almost_nothing(mean):
    """Against exact rationals: a Taylor sum of exp(mean) with 900 terms."""
    weights, x = poisson_weights(mean), Fraction(mean)
    term, total, terms = Fraction(1), Fraction(0), []
    for k in range(max(900, weights.size)):
        terms.append(term)
        total += term
        term = term * x / (k + 1)
        term = Fraction(term).limit_denominator(10**60) if mean not in (0.0, 7.0) else term
        if k > mean and term < Fraction(1, 10**40):
            break
    for weight, term in zip(weights, terms, strict=False):
        assert weight <= float(term / total) * (1 + 1e-15)
        assert weight == pytest.approx(float(term / total), rel=1e-15)
    assert 1 - math.fsum(weights) < 1e-15


def test_stiff_networks_keep_their_probability():
    """10^5 expected jumps: the loss stays at rounding, the law binomial."""
    solution = solve(models.receptor(2000.0, 3000.0, 20), [1.0])
    assert solution.lost[0] < 1e-12
    assert solution.p[0] == pytest.approx(exact.receptor(solution.states[:, 1], 1.0, 2000, 3000, 20), rel=1e-9)


@pytest.mark.parametrize("text", ["", "A -> 0 ; 0", "2A -> 0 ; 5", "A -> A ; 2"])
def test_where_nothing_changes_the_start_holds(text):
    net = ReactionNetwork.parse(text)
    if "A" in net.species:
        net = net.with_initial(A=1)
    solution = solve(net, [0.0, 5.0])
    assert solution.p == pytest.approx(np.ones((2, 1)), abs=1e-12)
    assert flows(net, solution).net() == pytest.approx(np.zeros((2, 1)))


def test_flows_of_pure_death_from_a_certain_state():
    """k = 0.5 at n = 10 for certain: dP9/dt = 5, dP10/dt = -5."""
    net = models.mrna_degradation(0.5, 10)
    change = flows(net, solve(net, [0.0])).net()[0]
    assert change[[9, 10]].tolist() == [5.0, -5.0]
    assert change[:9].tolist() == [0.0] * 9


def test_flows_are_the_time_derivative():
    """gain - loss against central differences of the solution: the definition, not the formula."""
    net = ReactionNetwork.parse("0 -> M ; 4\nM -> 0 ; 1\n2M -> M ; 0.2", initial={"M": 3})
    h = 1e-4
    before, now, after = (solve(net, [t], bounds=40) for t in (0.5 - h, 0.5, 0.5 + h))
    slope = (after.p[0] - before.p[0]) / (2 * h)
    assert flows(net, now).net()[0] == pytest.approx(slope, abs=1e-6)


def test_gain_is_loss_at_the_source():
    net = models.birth_death(k=4, gamma=1, n0=2)
    solution = solve(net, [0.7], bounds=30)
    both = flows(net, solution)
    p = solution.p[0]
    assert both.gain[0, 1:, 0] == pytest.approx(4 * p[:-1])
    assert both.gain[0, :-1, 1] == pytest.approx(np.arange(1, 31) * p[1:])
    assert both.loss[0, :, 1] == pytest.approx(np.arange(31) * p)


def test_the_equation_is_linear_in_the_start():
    """Half of each start gives half of each solution, through the generator alone."""
    net = models.birth_death(4, 1)
    n = np.arange(60)
    half = (exact.birth_death(n, 1, 4, 1, 2) + exact.birth_death(n, 1, 4, 1, 9)) / 2
    both = [solve(net.with_initial(M=m), [1.0], bounds=59).p[0] for m in (2, 9)]
    assert (both[0] + both[1]) / 2 == pytest.approx(half, abs=1e-13)


def test_an_explosive_network_is_refused_with_a_figure():
    net = ReactionNetwork.parse("0 -> X ; 1e4\nX -> 2X ; 1e3")
    with pytest.raises(StateSpaceError, match=r"multiplications.*explosive"):
        solve(net, 1.0)


@pytest.mark.parametrize("rate", [1e25, 1.7e308])
def test_what_would_take_years_is_refused_within_bounds_too(rate):
    net = ReactionNetwork.parse(f"A <-> B ; {rate!r}, {rate!r}", initial={"A": 1})
    with pytest.raises(StateSpaceError, match="multiplications"):
        solve(net, 1.0, bounds=1)


@pytest.mark.parametrize(("change", "said"), [({"tol": 0}, "tol=0"), ({"tol": 2}, "tol=2"), ({"tol": "x"}, "tol='x'"),
                                              ({"times": [3, 1]}, "must increase"), ({"bounds": {"Q": 3}}, "'Q'"),
                                              ({"bounds": -1}, "-1"), ({"bounds": 2.5}, "2.5"),
                                              ({"bounds": 2}, "starts at 5")])
def test_unusable_arguments_are_refused_with_the_value(change, said):
    given = {"times": [1.0]} | change
    with pytest.raises(NetworkError, match=said):
        solve(models.birth_death(n0=5), given.pop("times"), **given)


def test_flows_need_a_distribution_of_the_same_species():
    with pytest.raises(NetworkError, match="the distribution is over"):
        flows(models.receptor(), solve(models.birth_death(), 1))


def test_a_distribution_says_what_it_is_and_what_it_lost():
    solution = solve(models.birth_death(), [0.0, 1.0], bounds=8)
    assert repr(solution).startswith("Distribution over 9 states of M at 2 times from 0 to 1; probability lost 2.8e-01")
    assert solution.var()[0, 0] == 0.0
    with pytest.raises(NetworkError, match="no species 'Q'"):
        solution.marginal("Q")
