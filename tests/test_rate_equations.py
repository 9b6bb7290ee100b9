"""Rate equations against their closed solutions, and against an integrator given hand-written equations."""
from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from cmelab import NetworkError, ReactionNetwork, exact, models
from cmelab.errors import SimulationError
from cmelab.expression import evaluate, parse_expression
from cmelab.rate_equations import FORMS, RateLaw, differentiate, integrate, rate_equations

GRID = np.array([0.0, 0.1, 0.5, 2.0, 10.0])


def test_birth_and_death_follow_the_exponential():
    curve = rate_equations(models.birth_death(10, 1.3, 4), GRID)
    assert curve.of("M") == pytest.approx(exact.birth_death_mean(GRID, 10, 1.3, 4), rel=1e-8)
    assert curve.mean().shape == (5, 1)


@pytest.mark.parametrize(("n0", "wanted"), [(10, 5.0), (3, 30 / 13)])
def test_annihilation_is_a_hyperbola(n0, wanted):
    """dn/dt = -2k n^2: n0 / (1 + 2 k n0 t); at k = 0.1, t = 0.5 the course's 5.000 and 2.308."""
    curve = rate_equations(models.annihilation(k=0.1, n0=n0), [0.5, 3.0])
    assert curve.of("A")[0] == pytest.approx(wanted, rel=1e-8)
    assert curve.of("A")[1] == pytest.approx(n0 / (1 + 0.6 * n0), rel=1e-8)


def test_the_combinatorial_form_keeps_n_times_n_minus_one():
    """dn/dt = -2k n(n-1): n/(n-1) = n0/(n0-1) exp(2kt); 5.387 at k = 0.1, t = 0.5 from 10."""
    curve = rate_equations(models.annihilation(k=0.1), GRID, form="combinatorial")
    assert curve.of("A") == pytest.approx(1 / (1 - 0.9 * np.exp(-0.2 * GRID)), rel=1e-8)
    assert rate_equations(models.annihilation(), 0.5, form="combinatorial").of("A")[0] == pytest.approx(5.387, abs=5e-4)


def test_order_three_and_two_different_reactants():
    three = rate_equations(ReactionNetwork.parse("3A -> 0 ; 0.04", initial={"A": 12}), GRID)
    assert three.of("A") == pytest.approx(1 / np.sqrt(1 / 144 + 0.04 * GRID), rel=1e-8)
    pair = rate_equations(ReactionNetwork.parse("A + B -> C ; 0.3", initial={"A": 5, "B": 8}), GRID)
    e = np.exp(-0.3 * 3 * GRID)
    assert pair.of("A") == pytest.approx(5 * 3 * e / (8 - 5 * e), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize(("ode", "factor"), [("consumption", 1), ("extent", 2)])
def test_macroscopic_rates_give_the_equation_they_are_written_for(ode, factor):
    """d[A]/dt = -k[A]^2 or -2k[A]^2, in concentrations: the volume must cancel."""
    net = ReactionNetwork.parse("2A -> B ; 0.6", initial={"A": 60}, convention="macroscopic", volume=12.0, ode=ode)
    assert rate_equations(net, GRID).of("A") / 12 == pytest.approx(5 / (1 + factor * 0.6 * 5 * GRID), rel=1e-8)


def test_a_custom_propensity_is_used_at_real_counts():
    """S -> P with V S/(K + S): K ln(S0/S) + S0 - S = V t, also below one molecule."""
    net = ReactionNetwork.parse("S -> P ; a = V*S/(K + S)", {"V": 3.0, "K": 4.0}, {"S": 10})
    s = rate_equations(net, GRID).of("S")
    assert 4 * np.log(10 / s) + 10 - s == pytest.approx(3 * GRID, abs=1e-7)
    assert 0 < s[-1] < 0.5


def test_a_stiff_network_against_hand_written_equations():
    """Robertson's problem in counts: rates from 0.04 to 3e7."""
    net = ReactionNetwork.parse("A -> B ; 0.04\n2B -> B + C ; 0.00006\nB + C -> A + C ; 0.00000001",
                                initial={"A": 10**6})

    def flow(t, y):
        a, b, c = y
        return [-0.04 * a + 1e-8 * b * c, 0.04 * a - 1e-8 * b * c - 3e-5 * b * b, 3e-5 * b * b]

    times = [0.4, 40.0, 4000.0]
    wanted = solve_ivp(flow, (0, 4000), [1e6, 0, 0], method="Radau", t_eval=times, rtol=1e-10, atol=1e-6).y.T
    assert rate_equations(net, times).counts == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("formula", [
    "k*A/(K + A)", "A^2*B/(1 + A^2)", "exp(-A/B)*3", "log(1 + A*B)", "sqrt(A + B^3)", "A^B", "B^0.5 - -A", "2^A",
    "(A - B)^2/(A + B)", "k^2*K - K"])
def test_derivatives_of_custom_propensities_against_a_complex_step(formula):
    tree, values = parse_expression(formula), {"A": 1.7, "B": 2.3, "k": 0.4, "K": 5.0}
    value, gradient = differentiate(tree, values, {"A": np.array([1.0, 0.0]), "B": np.array([0.0, 1.0])})
    assert value == pytest.approx(evaluate(tree, values))
    step = 1e-30
    slopes = [complex(_complex(tree, values | {s: values[s] + 1j * step})).imag / step for s in ("A", "B")]
    assert np.zeros(2) + gradient == pytest.approx(slopes, rel=1e-13, abs=1e-300)


def _complex(tree, values):
    """The expression evaluated here with complex numbers: another reading of the same tree."""
    if tree[0] == "number":
        return tree[1]
    if tree[0] == "name":
        return values[tree[1]]
    x = [_complex(part, values) for part in tree[1:]]
    if tree[0] == "^":
        return x[0]**int(x[1]) if x[1] in (2, 3, 4) else np.exp(x[1] * np.log(x[0] + 0j))
    one = {"neg": np.negative, "exp": np.exp, "log": np.log, "sqrt": np.sqrt}
    two = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}
    return one[tree[0]](x[0] + 0j) if tree[0] in one else two[tree[0]](*x)


def test_min_and_max_take_the_slope_of_the_branch_they_choose():
    unit = {"A": np.array([1.0])}
    assert differentiate(parse_expression("min(2*A, 9)"), {"A": 3.0}, unit)[1] == pytest.approx([2.0])
    assert np.zeros(1) + differentiate(parse_expression("max(2*A, 9)"), {"A": 3.0}, unit)[1] == pytest.approx([0.0])


@pytest.mark.parametrize("form", FORMS)
def test_the_jacobian_of_mass_action_against_differences(form):
    net = ReactionNetwork.parse("2A + B -> C ; 0.3\n3C -> A ; 0.1\n0 -> B ; 2\nA + C -> A ; 0.7")
    law, n, h = RateLaw(net, form), np.array([3.2, 1.4, 5.1]), 1e-6
    by_difference = [(law.values(n + h * e) - law.values(n - h * e)) / (2 * h) for e in np.eye(3)]
    assert law.jacobian(n) == pytest.approx(np.array(by_difference).T, rel=1e-7, abs=1e-7)


def test_whole_counts_give_the_propensities_of_the_network():
    net = ReactionNetwork.parse("2A + B -> C ; 0.3\n3C -> A ; 0.1\n0 -> B ; a = B/(1 + A)")
    for n in ([0, 1, 2], [5, 3, 4], [2, 0, 9]):
        assert RateLaw(net, "combinatorial").values(np.array(n, float)) == pytest.approx(net.propensities(n))


def test_what_is_conserved_stays():
    curve = rate_equations(ReactionNetwork.parse("A + B <-> C ; 0.2, 1", initial={"A": 9, "B": 4}), GRID)
    assert curve.of("A") + curve.of("C") == pytest.approx(np.full(5, 9), rel=1e-12)


@pytest.mark.parametrize("text", ["", "A -> 0 ; 0", "2A -> 2A ; 5"])
def test_where_nothing_happens_the_counts_hold(text):
    net = ReactionNetwork.parse(text, initial={"A": 3} if text else {})
    assert (rate_equations(net, GRID).counts == net.initial).all()


def test_blow_up_is_named_with_its_time_and_the_curve_before_it():
    """dn/dt = n^2/2 from 2 is 2/(1 - t): no value at t = 1."""
    net = ReactionNetwork.parse("2A -> 3A ; 1", initial={"A": 2})
    with pytest.raises(SimulationError, match=r"t = 1.*without bound") as caught:
        rate_equations(net, [0, 0.5, 0.9, 1.5])
    assert caught.value.partial.of("A") == pytest.approx([2, 4, 20], rel=1e-7)
    assert not math.isnan(caught.value.partial.counts.sum())


def test_a_propensity_that_consumes_what_is_not_there_is_named():
    """dn/dt = -7 from 2 meets zero at 2/7."""
    with pytest.raises(SimulationError, match=r"t = 0.28571.*count of A falls below zero") as caught:
        rate_equations(ReactionNetwork.parse("A -> 0 ; a = 7", initial={"A": 2}), [0.1, 1.0])
    assert caught.value.partial.of("A") == pytest.approx([1.3])


def test_a_rate_that_is_no_number_is_named():
    with pytest.raises(SimulationError, match=r"t = 0: a rate of change is infinite or not a number.*custom"):
        rate_equations(ReactionNetwork.parse("0 -> A ; a = A/B\nB -> 0 ; 1"), [0.0, 1.0])


def test_the_time_of_a_named_trouble_is_located():
    grid = np.linspace(0.5, 3.0, 2001)
    rows, end, why = integrate(lambda y: -y, np.array([1.0]), grid, wrong=lambda y: "low" if y[0] < 0.25 else "")
    assert (why, len(rows)) == ("low", (grid < math.log(4)).sum())
    assert end == pytest.approx(math.log(4), rel=1e-8)


@pytest.mark.parametrize(("text", "options", "said"), [
    ("0 -> X ; 5 ; delay 2", {}, "delay 2"), ("0 -> X ; 5 ; delay erlang(3, 2)", {}, "delay erlang"),
    ("A -> 0 ; 1", {"form": "exact"}, "form='exact'"), ("A -> 0 ; 1", {"form": None}, "form=None"),
    ("A -> 0 ; 1", {"times": [1, 0.5]}, "times must increase"), ("A -> 0 ; 1", {"times": -1}, "times contains -1"),
    ("A -> 0 ; 1", {"times": []}, "times has shape"), ("A -> 0 ; 1", {"times": "x"}, "times='x'"),
    ("A -> 0 ; 1", {"times": [0, math.inf]}, "times contains inf"),
])
def test_unusable_input_is_refused_with_the_value(text, options, said):
    given = {"times": GRID} | options
    with pytest.raises(NetworkError) as caught:
        rate_equations(ReactionNetwork.parse(text), given.pop("times"), **given)
    assert said in str(caught.value)


def test_unknown_species_are_named():
    with pytest.raises(NetworkError, match="no species 'Q'"):
        rate_equations(models.birth_death(), 1.0).of("Q")
