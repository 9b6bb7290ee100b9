"""ClosureBench and MomentHierarchy against matrix exponentials, enumerated states and equations written by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.stats import binom, poisson

import cmelab
from cmelab import enumerate_states, generator, models, moment_equations
from cmelab.errors import NetworkError
from cmelab.widgets import ClosureBench, MomentHierarchy, closure_bench, moment_hierarchy, moment_rows
from cmelab.widgets.closed_curves import CROSS, believed, closed, without_cross_term
from cmelab.widgets.frame import at
from cmelab.widgets.law_film import TOTAL, held, law_film


def marks(bank, kind, panel):
    return [m for m in bank.marks if m.kind == kind and m.panel == panel]


def reading(bank, label, frame=-1):
    chosen = next(r for r in bank.readings if r.label.startswith(label))
    return chosen.value.fill(bank.frames - 1 if frame < 0 else frame)


def pairs_by_hand(n0, c, t):
    """P(n, t) of 2A -> 0 with a = c n(n-1)/2: a matrix written entry by entry."""
    a = np.zeros((n0 + 1, n0 + 1))
    for n in range(2, n0 + 1):
        a[n, n] -= c * n * (n - 1) / 2
        a[n - 2, n] += c * n * (n - 1) / 2
    return expm(a * t)[:, n0]


# The exact law beside it


@pytest.mark.parametrize("t_end", [0.3, 3.0])
def test_law_film_is_the_matrix_exponential(t_end):
    net = models.annihilation(0.5, 13)
    times = np.linspace(0, t_end, 11)
    law = law_film(net, times)
    for frame in (0, 4, 10):
        assert law.marginal("A", 13)[frame] == pytest.approx(pairs_by_hand(13, 1.0, times[frame]), abs=1e-10)


def test_law_film_of_two_species_is_binomial_and_its_total_is_fixed():
    """20 receptors, each active with probability 1 - exp(-t) in equal switching: p = (1 - exp(-2t))/2."""
    net, times = models.receptor(1.0, 1.0, 20), np.linspace(0, 2, 9)
    law = law_film(net, times)
    for frame in range(9):
        p = -math.expm1(-2 * times[frame]) / 2
        assert law.marginal("B", 20)[frame] == pytest.approx(binom.pmf(np.arange(21), 20, p), abs=1e-10)
    assert law.mean(TOTAL) == pytest.approx(20) and law.var(TOTAL) == pytest.approx(0, abs=1e-9)


def test_law_film_stops_where_too_many_states_would_be_needed():
    law = law_film(models.birth_death(20_000.0, 0.01, 0), np.linspace(0, 4, 21))
    assert 1 <= law.known < 21 and np.isnan(law.mean("M")[law.known:]).all()
    shown = law.marginal("M", 330)[:law.known]
    assert np.abs(shown.sum(axis=1) - 1).max() < 1e-5
    assert held(np.array([1.0, 2.0, np.nan])).tolist() == [1, 2, 2] and held(np.array([np.nan])).tolist() == [0]


# ClosureBench


def bench(values, times, closure=None):
    return closed(closure_bench.network(values), values, times, closure)


def test_bars_and_solid_lines_are_the_exact_law():
    bank = ClosureBench(preset="mean-is-the-ode").bank
    p = pairs_by_hand(10, 0.2, 0.5)
    n = np.arange(11)
    mean = p @ n
    assert bank.answer == pytest.approx(mean, rel=1e-10) and mean == pytest.approx(5.215, abs=5e-4)
    assert at(marks(bank, "bars", "law")[0].channels["y"], 60) == pytest.approx(p, abs=1e-6)
    solid = [next(m for m in marks(bank, "line", panel) if m.colour == "blue") for panel in ("mean", "variance")]
    assert solid[0].channels["y"][0, -1] == pytest.approx(mean, rel=1e-6)
    assert solid[1].channels["y"][0, -1] == pytest.approx(p @ (n - mean) ** 2, rel=1e-6)


@pytest.mark.parametrize(("preset", "label", "wrong"), [
    ("mean-is-the-ode", "With this belief", "5.000"), ("square-of-the-mean", "With this belief", "5.387"),
    ("cross-term-forgotten", "With this belief", "36"), ("cross-term-forgotten", "d⟨n²⟩/dt", "−324"),
    ("closure-is-exact", "With this belief", "5.219"), ("closure-is-exact", "and", "2.983"),
    ("closure-is-exact", "Exact mean", "5.215"), ("closure-is-exact", "Exact variance", "3.014"),
    ("linear-network", "Two closures", "0")])
def test_beliefs_give_their_known_numbers(preset, label, wrong):
    """K1 5.000, M1 5.387, M2 36 for -324, M3 5.219 and 2.983 for 5.215 and 3.014, M4 no difference."""
    bank = ClosureBench(preset=preset).bank
    assert reading(bank, label) == wrong
    assert any(f"({name})" in bank.notice for name in ("K1", "M1", "M2", "M3", "M4"))


def normal_closure_by_hand(c, n0, times):
    """Mean m and variance v of 2A -> 0 with a vanishing third cumulant: <n(n-1)> = m^2 + v - m and so on."""
    def flow(_, y):
        m, v = y
        raw = [m, m**2 + v, m**3 + 3 * m * v]
        d1 = -c * (raw[1] - raw[0])
        d2 = c / 2 * (-4 * raw[2] + 8 * raw[1] - 4 * raw[0])
        return d1, d2 - 2 * m * d1
    return solve_ivp(flow, (0, times[-1]), (n0, 0.0), t_eval=times, rtol=1e-10, atol=1e-12).y


def test_normal_closure_is_that_of_equations_written_by_hand():
    values = ClosureBench.start("closure-is-exact")
    times = np.linspace(0, 0.5, 61)
    curve = bench(values, times)
    assert np.array([curve.mean, curve.var]) == pytest.approx(normal_closure_by_hand(0.2, 10, times), abs=1e-6)


def test_normal_closure_breaks_and_is_cut_with_its_reason():
    """k = 1 from 10: the mean falls below zero, and the curve ends near t = 1.06; by hand it is at the same place."""
    bank = ClosureBench().bank
    assert "broke at t = 0.8" in bank.notice and "the mean of A falls below zero" in bank.notice
    curve = bench(ClosureBench.start(None), np.linspace(0, 1.2, 61))
    assert curve.known == 1 + int(1.06 / 0.02) and np.isnan(curve.mean[-1])
    by_hand = normal_closure_by_hand(2.0, 10, np.linspace(0, 1.0, 51))
    assert curve.mean[:51] == pytest.approx(by_hand[0], rel=1e-4, abs=1e-5)
    assert by_hand[0][50] < -1 and curve.broke_at is not None and 0.8 < curve.broke_at < 0.9
    dashed, rest = (next(m for m in marks(bank, "line", "mean") if m.colour == c).channels["y"][0]
                    for c in ("green", "red"))
    assert np.isfinite(dashed[:44]).all() and np.isnan(dashed[45:]).all() and np.isfinite(rest[44:50]).all()


def test_poisson_closure_settles_at_a_negative_variance():
    """m = 3/2, v = -3/4 is the fixed point: <n(n-1)> = m^2 + v - m = 0 and the second equation too."""
    bank = ClosureBench(preset="negative-variance").bank
    assert reading(bank, "Closure") == "1.500" and reading(bank, "and variance") == "−0.750"
    down = next(m for m in marks(bank, "bars", "dial") if m.colour == "red")
    assert at(down.channels["y"], bank.frames - 1)[0] == pytest.approx(-0.75, abs=1e-4)
    assert np.isnan(at(down.channels["y"], 0)[0]) and "the variance of A falls below zero" in bank.notice


@pytest.mark.parametrize("n0", [9, 10])
@pytest.mark.parametrize("closure", ["log-normal", "gamma"])
def test_closures_end_at_one_molecule_whatever_the_parity(closure, n0):
    bank = ClosureBench(preset="parity-forgotten", closure=closure, n0=n0, t_end=20.0).bank
    assert float(reading(bank, "Closure")) == pytest.approx(1.0, abs=0.02)
    assert bank.answer == pytest.approx(n0 % 2, abs=1e-6)


def test_two_modes_catch_a_closure_by_its_start():
    """The exact law from either side ends in the same place; the closure stays on its side."""
    ends = [bench(ClosureBench.start("two-modes", {"n0": n0}), np.linspace(0, 10, 61)).mean[-1]
            for n0 in (10, 35)]
    assert ends[0] < 15 and ends[1] > 40
    late = [law_film(closure_bench.network(ClosureBench.start("two-modes", {"n0": n0})), np.linspace(0, 500, 51))
            .mean("X")[-1] for n0 in (10, 35)]
    assert late[0] == pytest.approx(late[1], rel=1e-3)


def test_linear_network_has_no_error_by_any_closure():
    """From 2: mean 8 - 6 e^-t; variance mean - 2 e^-2t; both exact, and a Poisson law in the end."""
    values, times = ClosureBench.start("linear-network"), np.linspace(0, 4, 61)
    mean = 8 - 6 * np.exp(-times)
    for name in ("zero", "normal", "poisson", "log-normal", "gamma", "derivative matching"):
        curve = bench(values, times, name)
        assert curve.mean == pytest.approx(mean, abs=1e-6)
        assert curve.var == pytest.approx(mean - 2 * np.exp(-2 * times), abs=1e-6)
    bank = ClosureBench(preset="linear-network", n0=0, t_end=50.0).bank
    drawn = at(marks(bank, "bars", "law")[0].channels["y"], 60)
    assert drawn == pytest.approx(poisson.pmf(np.arange(drawn.size), 8), abs=1e-6)


def test_equations_without_the_cross_term_are_those_by_hand():
    """d<n>/dt = -c (s - m), d<n^2>/dt = 2c (s - m) with s = <n^2>: s - m grows as e^(3ct)."""
    times = np.linspace(0, 0.5, 11)
    rows = without_cross_term(models.annihilation(0.1, 10), times)
    u = 90 * np.exp(3 * 0.2 * times)
    assert rows[:, 1] - rows[:, 0] == pytest.approx(u, rel=1e-6)
    assert rows[:, 0] == pytest.approx(10 - (u - 90) / 3, rel=1e-6)


def test_forgotten_cross_term_reads_the_square_of_the_second_species():
    """B of 2A <-> B: at first <B> and <B^2> both grow like the propensity 0.1 · 16 · 15/2 = 12, ν being 1."""
    values = ClosureBench.start("pairs-formed", {"belief": CROSS, "species": "B"})
    net, times = closure_bench.network(values), np.linspace(0, 1e-4, 3)
    curve = believed(net, values, times)
    assert curve is not None
    assert curve.mean == pytest.approx(12 * times, rel=1e-2) and curve.var == pytest.approx(12 * times, rel=1e-2)


def test_bench_takes_polynomials_and_refuses_others_by_name():
    values = cmelab.show("closure-bench", network=models.annihilation(0.1, 12)).values
    assert values["n0"] == 12 and values["rate_c1"] == pytest.approx(0.2)
    for text, said in (("0 -> A ; a = 9/(1 + A^2)\nA -> 0 ; 1", "no polynomial in the counts"),
                       ("0 -> A ; 1 ; delay 2", "without delays"), ("A + B -> C ; 1", "one or two species")):
        with pytest.raises(NetworkError, match=f"closure-bench: .*{said}"):
            ClosureBench(network=text)


# MomentHierarchy


@pytest.mark.parametrize("preset", MomentHierarchy.presets)
def test_coefficients_are_the_change_of_a_known_state(preset):
    """At every small state the equation must give sum_r a_r ((n + nu)^e - n^e), counted one reaction at a time."""
    values = MomentHierarchy.start(preset, {"belief": moment_rows.RIGHT})
    net = moment_hierarchy.network(values)
    rows = moment_rows.equations(net, moment_hierarchy.highest(net))
    for state in itertools.islice(itertools.product(range(5), repeat=len(net.species)), 40):
        n = np.array(state, float)
        a = net.propensities(np.array(state))
        for e, terms in rows.items():
            by_hand = sum(a[r] * (np.prod((n + net.stoichiometry[:, r]) ** np.array(e)) - np.prod(n ** np.array(e)))
                          for r in range(len(a)))
            assert sum(c * np.prod(n ** np.array(f)) for f, c in terms.items()) == pytest.approx(by_hand, abs=1e-8)


def test_chapter_equations_in_words():
    """k = 0.1: d<n>/dt = -2k(<n^2> - <n>) and d<n^2>/dt = -4k<n^3> + 8k<n^2> - 4k<n>."""
    chosen = MomentHierarchy().bank.selection
    assert chosen
    text = chosen.text
    assert text.fill(0, 0) == "The equation of ⟨A⟩ is d⟨A⟩/dt = −0.2 ⟨A²⟩ + 0.2 ⟨A⟩."
    assert text.fill(0, 1) == "The equation of ⟨A²⟩ is d⟨A²⟩/dt = −0.4 ⟨A³⟩ + 0.8 ⟨A²⟩ − 0.4 ⟨A⟩."


@pytest.mark.parametrize(("preset", "right", "wrong"), [
    ("cross-term-forgotten", "−324", "36"), ("square-forgotten", "−324", "−360")])
def test_forgotten_terms_give_their_known_numbers(preset, right, wrong):
    bank = MomentHierarchy(preset=preset).bank
    assert reading(bank, "d⟨A²⟩") == right and reading(bank, "With this belief") == wrong and "M2" in bank.notice


def unclosed(bank, order):
    """Red arrows drawn at an order."""
    red = [m for m in marks(bank, "arrows", "chain") if m.colour == "red"]
    return sum(int(np.isfinite(m.items(order - 1)["x0"]).sum()) for m in red)


def test_red_arrows_are_those_of_the_public_equations():
    for preset in ("pairs", "three-bodies", "linear", "two-species"):
        shown = MomentHierarchy(preset=preset)
        net = moment_hierarchy.network(shown.values)
        for order in range(1, moment_hierarchy.highest(net) + 1):
            equations = moment_equations(net, order)
            missing = len({(e, f) for e, _, f in equations.coefficients() if set(f) & set(equations.needed)})
            assert unclosed(shown.bank, order) == missing
            assert (missing == 0) == equations.closed
            assert shown.bank.readings[0].value.fill(order - 1) == str(len(equations.needed))


def test_few_states_close_the_hierarchy():
    """From 3 pairs lead to 3 or 1, so n^2 = 4n - 3; from 10 there are six states, and order 5 closes."""
    bank = MomentHierarchy(preset="finite-support").bank
    assert bank.selection and "⟨A²⟩ = 4 ⟨A⟩ − 3" in bank.selection.text.fill(0, 0)
    assert unclosed(bank, 1) == 0
    assert unclosed(MomentHierarchy(preset="finite-support", states=False).bank, 1) == 1
    ten = MomentHierarchy(preset="pairs", states=True).bank
    assert [unclosed(ten, order) > 0 for order in range(1, 6)] == [True] * 4 + [False]


def test_catalyst_makes_a_product_of_counts_a_single_one():
    """E stays 2, so <E S> = 2 <S>: read off the states that can be reached."""
    shown = MomentHierarchy(preset="catalyst")
    net = moment_hierarchy.network(shown.values)
    states = enumerate_states(net).states
    sums = moment_rows.reduced(net, (1, 1, 0), 1)
    assert sums is not None and unclosed(shown.bank, 1) == 0
    value = sum(c * (states ** np.array(e)).prod(axis=1) for e, c in sums.items())
    assert value == pytest.approx(states[:, 0] * states[:, 1], abs=1e-9)
    assert moment_rows.reduced(models.birth_death(), (3,), 2) is None


def test_closed_sum_follows_the_exact_mean():
    """With n^2 = 4n - 3 the mean from 3 obeys d<n>/dt = -c(3<n> - 3): 1 + 2 e^(-3c t), as the master equation."""
    net = models.annihilation(0.1, 3)
    space = enumerate_states(net)
    p = expm(generator(net, space).toarray() * 0.7)[:, space.index([3])]
    assert p @ space.states[:, 0] == pytest.approx(1 + 2 * math.exp(-3 * 0.2 * 0.7), rel=1e-10)


def test_linear_network_needs_nothing_though_it_is_believed():
    bank = MomentHierarchy(preset="linear-needs-one").bank
    assert all(unclosed(bank, order) == 0 for order in range(1, 6)) and "M4" in bank.notice
    assert any(m.colour == "purple" for m in marks(bank, "segments", "chain"))


def test_hierarchy_takes_polynomials_and_refuses_others():
    values = cmelab.show("moment-hierarchy", network=models.sir(people=12)).values
    assert values["n0"] + values["n1"] == 12
    with pytest.raises(NetworkError, match=r"moment-hierarchy: .*no polynomial"):
        MomentHierarchy(network=models.autoregulation())
    with pytest.raises(NetworkError, match="one to three species"):
        MomentHierarchy(network=models.michaelis_menten())
