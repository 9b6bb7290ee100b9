"""Unit 06: right answers against solvers that share no code with them, wrong models against their known numbers."""
from __future__ import annotations

import math
import re

import numpy as np
import pytest
import scipy.integrate
import scipy.linalg

import cmelab
from cmelab.exercises import UNITS, exercise
from cmelab.exercises.diagnose import diagnose
from cmelab.exercises.finding import NOT_YET, RIGHT
from cmelab.exercises.observe import alive
from cmelab.exercises.unit06 import chains, volumes

UNIT = next(unit for unit in UNITS if unit.id == "06")
FUNCTIONS = [each for each in UNIT if each.kind == "function"]

# Right answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("probe", exercise("6.1").probes)
def test_scaled_network_is_that_of_the_library(probe):
    """Propensities at n = 1 and n = 2 of the network with macroscopic constants in this volume."""
    k1, k2, k3, x0, omega = probe
    net = cmelab.ReactionNetwork.parse("0 -> A ; k1\nA -> 0 ; k2\n2A -> 0 ; k3", rates={"k1": k1, "k2": k2, "k3": k3},
                                       convention="macroscopic", volume=omega, ode="extent")
    c1, c2, c3, n0 = exercise("6.1").model("right")(*probe)
    assert net.propensities([[1], [2]]) == pytest.approx(np.array([[c1, c2, 0], [c1, 2 * c2, 2 * c3]]), rel=1e-12)
    assert n0 == pytest.approx(x0 * omega)


def test_scaled_jar_follows_the_rate_equation_of_concentrations():
    """At a count so large that n - 1 is n, the loss per volume is k1 - k2 x - 2 k3 x², written out."""
    k1, k2, k3, x0, omega = 4.0, 1.0, 0.5, 3.0, 1e9
    c1, c2, c3, n0 = exercise("6.1").model("right")(k1, k2, k3, x0, omega)
    assert (c1 - c2 * n0 - 2 * c3 * n0 * (n0 - 1)) / omega == pytest.approx(k1 - k2 * x0 - 2 * k3 * x0**2, rel=1e-8)


def test_programs_to_be_tested_are_the_models_they_are_named_after():
    for key, text in volumes.BAD.items():
        (program,) = alive((text,))
        for probe in exercise("6.1").probes:
            assert program(*probe) == exercise("6.1").model(key)(*probe)
    for text in (volumes.GOOD, volumes.OTHER):
        (program,) = alive((text,))
        for probe in exercise("6.1").probes:
            assert tuple(program(*probe)) == pytest.approx(exercise("6.1").model("right")(*probe), rel=1e-12)


@pytest.mark.parametrize(
    "test",
    [
        lambda program: np.allclose(program(4.0, 1.0, 0.5, 3.0, 2.0), (8.0, 1.0, 0.25, 6.0)),
        lambda program: np.allclose(np.divide(program(1.0, 1.0, 1.0, 1.0, 7.0), program(1.0, 1.0, 1.0, 1.0, 1.0)),
                                    (7.0, 1.0, 1 / 7.0, 7.0)),
    ],
)
def test_other_tests_that_catch_every_wrong_scaling_are_right(test):
    assert diagnose(exercise("6.1b"), test, {}).state == RIGHT


@pytest.mark.parametrize(("x", "omega"), [(4.0, 10.0), (3.0, 25.0)])
def test_noise_is_that_of_summed_poisson_probabilities(x, omega):
    found = []
    for volume in (1.0, omega, omega**2):
        p = cmelab.exact.poisson(np.arange(int(x * volume + 60 * (x * volume) ** 0.5)), x * volume)
        mean = p @ np.arange(p.size)
        sd = (p @ (np.arange(p.size) - mean) ** 2) ** 0.5
        found.append((sd, sd / mean))
    assert exercise("6.2").model("right")(x, omega) == pytest.approx([*(s for s, _ in found), *(c for _, c in found)])


def test_slope_of_a_power_law_is_its_power():
    """Rows mean ± sd with sd = s omega^p have the slope p - 1; by the closed form of least squares, too."""
    for power in (0.0, 0.5, 1.0):
        omegas = (1.0, 7.0, 40.0, 300.0)
        counts = tuple((5 * omega - omega**power, 5 * omega + omega**power) for omega in omegas)
        assert exercise("6.3").model("right")(omegas, counts) == pytest.approx(power - 1, abs=1e-12)
    for omegas, counts in exercise("6.3").probes:
        x, y = np.log(omegas), np.log([np.std(row) / np.mean(row) for row in counts])
        fitted = ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()
        assert exercise("6.3").model("right")(omegas, counts) == pytest.approx(fitted, rel=1e-9)


@pytest.mark.parametrize("probe", exercise("6.4").probes)
def test_mean_of_pairs_is_the_closed_form(probe):
    """The sum over eigenvalues, where the answer goes step by step."""
    n0, k, t = probe
    wanted = cmelab.exact.annihilation_mean(t, k, n0)
    assert exercise("6.4").model("right")(n0, k, t) == pytest.approx(wanted, rel=1e-10)


def test_mean_of_three_by_hand():
    """From 3 only one event can happen, at the rate 6k: the mean is 1 + 2 exp(-6kt)."""
    assert exercise("6.4").model("right")(3, 0.1, 0.5) == pytest.approx(1 + 2 * math.exp(-0.3), rel=1e-12)


@pytest.mark.parametrize(("key", "loss"), [("K1", lambda n: n * n), ("K1:combinatorial", lambda n: n * (n - 1))])
def test_curves_that_are_taken_for_the_mean_solve_their_equations(key, loss):
    for n0, k, t in exercise("6.4").probes:
        curve = scipy.integrate.solve_ivp(lambda _, n, k=k: -2 * k * loss(n), (0, t), [n0], rtol=1e-11, atol=1e-12)
        assert exercise("6.4").model(key)(n0, k, t) == pytest.approx(curve.y[0, -1], rel=1e-8)


@pytest.mark.parametrize("mean", [4, 16, 25, 81])
def test_witnesses_are_the_counts_with_a_poisson_variance(mean):
    """Every pair of counts with this mean, tried by brute force: the derivative of the mean by the master equation."""
    right = exercise("6.4b").model("right")
    found = [n for n in range(2 * mean + 1) if right((n, 2 * mean - n), mean)]
    slopes = []
    for n in range(2 * mean + 1):
        table = chains.pair_table(2 * mean, 0.1)
        p = (np.eye(2 * mean + 1)[n] + np.eye(2 * mean + 1)[2 * mean - n]) / 2
        slopes.append(np.arange(2 * mean + 1) @ table @ p)
    assert found == [n for n, slope in enumerate(slopes) if slope == pytest.approx(-0.2 * mean**2, rel=1e-12)]
    assert found == [mean - round(mean**0.5), mean + round(mean**0.5)]


def colony(sites, b, d, k, start):
    """The colony as a network of the library: free nests S, animals I."""
    text = "S + I -> 2I ; b/sites\nI -> S ; d\n2I -> 2S ; 2*k"
    return cmelab.ReactionNetwork.parse(text, {"b": b, "d": d, "k": k, "sites": sites},
                                        {"S": sites - start, "I": start})


@pytest.mark.parametrize("probe", exercise("6.5").probes)
def test_end_of_the_colony_is_a_first_passage_and_an_integral_of_survival(probe):
    right = exercise("6.5").model("right")(*probe)
    passage = cmelab.first_passage(colony(*probe), "I == 0", times=np.linspace(0, 12 * right + 20, 6001))
    assert right == pytest.approx(passage.mean, rel=1e-9)
    area = scipy.integrate.simpson(passage.survival, x=passage.times)
    assert right == pytest.approx(area, rel=2e-3)


def test_colony_without_fights_is_the_infection_of_the_lesson():
    assert exercise("6.5").model("right")(20, 1.5, 1.0, 0.0, 7) == pytest.approx(
        cmelab.exact.sis_extinction_time(20, 1.5, 7), rel=1e-10)


@pytest.mark.parametrize(("people", "r0", "t"), [(10, 1.8, 12.0), (20, 1.5, 5.0), (8, 2.6, 30.0)])
def test_over_by_now_is_the_matrix_exponential(people, r0, t):
    n = np.arange(people + 1)
    up, down = r0 * n * (people - n) / people, 1.0 * n
    table = np.diag(up[:-1], -1) + np.diag(down[1:], 1) - np.diag(up + down)
    wanted = scipy.linalg.expm(table * t)[0, 1]
    assert exercise("6.5b").model("right")(people, r0, t) == pytest.approx(wanted, rel=1e-10)


# Wrong models ----------------------------------------------------------------------------------------------

KNOWN = {  # exercise, model: (arguments, the number this belief is known by, how many of its digits)
    ("6.4", "right"): {(10, 0.1, 0.5): 5.215, (3, 0.1, 0.5): 2.482},
    ("6.4", "K1"): {(10, 0.1, 0.5): 5.0, (3, 0.1, 0.5): 2.308},
    ("6.4", "K1:combinatorial"): {(10, 0.1, 0.5): 5.387, (3, 0.1, 0.5): 2.520},
    ("6.5", "right"): {(20, 1.5, 1.0, 0.0, 7): 15.5},
    ("6.5b", "right"): {(20, 1.5, 5.0): 0.717, (20, 1.5, 50.0): 0.9895, (20, 1.5, 500.0): 1.0},
    ("6.5b", "K4"): {(20, 1.5, 500.0): 0.0},
    ("6.5", "K4"): {(20, 1.5, 1.0, 0.0, 7): math.inf},
}


@pytest.mark.parametrize(("id", "key"), list(KNOWN))
def test_belief_gives_the_number_it_is_known_by(id, key):
    for arguments, number in KNOWN[id, key].items():
        if math.isinf(number):
            assert exercise(id).model(key)(*arguments) == number
            continue
        half_a_digit = 0.5 * 10.0 ** -len(str(number).partition(".")[2])
        assert exercise(id).model(key)(*arguments) == pytest.approx(number, abs=1.01 * half_a_digit)


def test_noise_of_the_catalogue():
    """K2: sd 2, 6.32, 20 and CV 0.5, 0.158, 0.05 for a mean of 4 in volume 1; by the beliefs 2, 20, 200 and so on."""
    model = exercise("6.2").model
    assert model("right")(4, 10) == pytest.approx((2, 6.3246, 20, 0.5, 0.15811, 0.05), rel=1e-4)
    assert model("K2:proportional")(4, 10) == pytest.approx((2, 20, 200, 0.5, 0.5, 0.5))
    assert model("K2:constant")(4, 10) == pytest.approx((2, 2, 2, 0.5, 0.05, 0.005))


def test_forgotten_constants_flatten_the_slope_of_the_cv():
    """K3: -1/2, and 0 where the constants stay; the stationary CVs of 0 -> A, A -> 0 are those of Poisson laws."""
    omegas = np.array([1.0, 10.0, 100.0])
    for key, wanted in (("right", -0.5), ("K3", 0.0)):
        c = [exercise("6.1").model(key)(4.0, 1.0, 0.0, 4.0, omega) for omega in omegas]
        cv = [(c1 / c2) ** -0.5 for c1, c2, *_ in c]
        assert np.polyfit(np.log(omegas), np.log(cv), 1)[0] == pytest.approx(wanted, abs=1e-12)


JAR, DATA = (4.0, 1.0, 0.5, 3.0, 10.0), ((1.0, 100.0), ((2, 4, 6), (380, 400, 420)))
SAID = {  # exercise, model: the points that `implies` speaks of, and what it says this belief gives there
    ("6.1", "K3"): {JAR: "4"},
    ("6.1", "K3:start"): {JAR: "3"},
    ("6.1", "K3:inverted"): {JAR: "0.4", (*JAR[:4], 10): "5"},
    ("6.1", "K3:everything"): {JAR: "10"},
    ("6.1", "K3:pairs"): {JAR: "0.5"},
    ("6.1", "K3:none"): {JAR: "3", (*JAR[:4], 10): "4"},
    ("6.1", "K3:half"): {JAR: "0.025"},
    ("6.1", "P7"): {JAR: "0.1"},
    ("6.3", "K2:sd"): {DATA: "0.5"},
    ("6.3", "K2:square"): {DATA: "-1"},
    ("6.3", "K2:fano"): {DATA: "0"},
    ("6.3", "K2:straight"): {DATA: "-0.00371"},
    ("6.3", "K2:swapped"): {DATA: "-2"},
    ("6.3", "K2:root"): {DATA: "-0.5"},
    ("6.3", "K2:poisson"): {(DATA[0], ((2, 4, 6), (8, 10, 12))): "-0.0995"},
    ("6.4", "K1"): {(1, 0.1, 0.5): "0.9091"},
    ("6.4", "K1:combinatorial"): {(3, 0.1, 0.5): "2.52"},
    ("6.4", "K1:events"): {(2, 0.3, 1.0): "1.549", (2, 0.3, 99.0): "1"},
    ("6.4", "K1:half"): {(3, 0.1, 0.5): "2.721"},
    ("6.4", "P1"): {(3, 0.1, 0.5): "2.275"},
    ("6.4", "P7"): {(3, 0.1, 0.5): "2.098"},
    ("6.5", "K4"): {(2, 1.5, 1.0, 0.5, 2): "inf"},
    ("6.5", "K4:births"): {(20, 1.5, 1.0, 0.0, 7): "2.593"},
    ("6.5", "K4:once"): {(20, 1.5, 1.0, 0.0, 7): "1.133"},
    ("6.5", "K4:last"): {(20, 1.5, 1.0, 0.0, 7): "6.002", (20, 1.5, 1.0, 0.0, 1): "6.002"},
    ("6.5", "K4:pairs"): {(2, 1.0, 1.0, 0.5, 2): "1.5"},
    ("6.5", "K4:transposed"): {(10, 2.0, 1.0, 0.05, 10): "0.1206", (10, 2.0, 1.0, 0.05, 1): "8.957"},
}


def test_what_a_wrong_function_implies_is_what_it_gives():
    assert {*SAID} == {(each.id, key) for each in FUNCTIONS if not each.look for key in each.wrong}
    for (id, key), points in SAID.items():
        for point, number in points.items():
            found = np.atleast_1d(exercise(id).model(key)(*point))
            digits = 0.51 * 10.0 ** -len(number.partition(".")[2])
            within = digits if "." in number else 1e-9
            assert float(number) in found or np.abs(found - float(number)).min() <= within, (id, key, point, found)
            assert re.search(rf"(?<![\d.]){re.escape(number)}(?![\d]|\.\d)", exercise(id).implies[key]), (id, key)


def test_every_belief_of_the_unit_is_found_by_an_exercise_under_its_own_name():
    found = {key for each in UNIT for key in each.wrong}
    assert {"K1", "K3", "K4"} <= found
    # P1 and P7 are the beliefs of unit 01 on pairs, which come back with every propensity of a pair.
    assert {key.partition(":")[0] for key in found} == {"K1", "K2", "K3", "K4", "P1", "P7"}


def test_rates_that_a_pair_of_three_vanishes_at_are_those_that_are_said():
    """From 3 there is one event: the mean is 1 + 2 exp(-rate t)."""
    for key, rate in {"K1:half": 0.3, "right": 0.6, "P1": 0.9, "P7": 1.2}.items():
        assert exercise("6.4").model(key)(3, 0.1, 0.5) == pytest.approx(1 + 2 * math.exp(-rate * 0.5), rel=1e-12)


# Answers as students give them -----------------------------------------------------------------------------


def said(id, answer):
    found = diagnose(exercise(id), answer, exercise(id).default)
    return found.state, found.wrong, found.says


@pytest.mark.parametrize("never", [lambda *_: math.inf, lambda s, b, d, k, n: np.inf if b > d else 1.0])
def test_end_that_never_comes_is_the_belief_that_the_curve_is_right_for_ever(never):
    state, wrong, says = said("6.5", never)
    assert (state, wrong) == (NOT_YET, "K4")
    assert "returns inf" in says
    assert "division" not in says


def test_other_numbers_that_are_not_finite_are_no_belief():
    assert said("6.5", lambda *_: math.nan)[1] == said("6.5", lambda *_: -math.inf)[1] == ""
    # Where it is infinite here and there only, something else went wrong.
    assert said("6.5", lambda sites, b, d, k, start: math.inf if k else 1.0)[1] == ""
    assert said("6.5b", math.inf)[1] == ""


def test_curve_of_the_colony_rests_above_zero_at_every_probe():
    """Where b > d the rate equation -2k x² - d x + b x (N - x)/N has a rest above 0: K4 is what the curve says."""
    for sites, b, d, k, _ in exercise("6.5").probes:
        rest = (b - d) / (b / sites + 2 * k)
        assert rest > 0
        assert b * rest * (sites - rest) / sites - d * rest - 2 * k * rest**2 == pytest.approx(0, abs=1e-12)


def test_table_of_the_lesson_with_fights_is_right():
    """The style of `mean_times`: slices of the rates, laid beside the diagonal."""
    def colony_end(sites, b, d, k, start):
        n = np.arange(1, sites + 1)
        up, down, fight = b * n * (sites - n) / sites, d * n, k * n * (n - 1)
        table = np.diag(up + down + fight) - np.diag(up[:-1], 1) - np.diag(down[1:], -1) - np.diag(fight[2:], -2)
        return np.linalg.solve(table, np.ones(sites))[start - 1]

    assert said("6.5", colony_end)[0] == RIGHT


def test_cv_of_any_data_is_not_that_of_poisson():
    assert said("6.3", lambda omegas, counts: -0.5)[1] == "K2:root"
    assert said("6.3", lambda omegas, counts: np.polyfit(
        np.log(omegas), np.log([np.mean(row) ** -0.5 for row in counts]), 1)[0])[1] == "K2:poisson"


def test_noise_of_concentrations_is_named_and_order_and_rounding_are_told():
    assert said("6.2", (3, 0.75, 0.1875, 0.3333, 0.08333, 0.02083))[1] == "K2:concentration"
    assert "the order: these are the right numbers" in said("6.2", (0.3333, 0.08333, 0.02083, 3, 12, 48))[2]
    assert "close. Give 3" in said("6.2", (3, 12, 48, 0.33, 0.08, 0.02))[2]


@pytest.mark.parametrize("jars", [(2, 5), (3.5, 4.5), (-2, 10)])
def test_witness_that_is_not_two_jars_with_the_mean_is_no_belief(jars):
    assert said("6.4b", jars)[:2] == (NOT_YET, "")


@pytest.mark.parametrize("jars", [(3, 5), (1, 7)])
def test_two_jars_that_differ_by_the_wrong_amount_are_any_spread(jars):
    assert said("6.4b", jars)[:2] == (NOT_YET, "K1:spread")


def test_test_that_looks_at_last_digits_is_told_so_and_one_may_stand_for_true():
    exactly = said("6.1b", lambda program: program(4.0, 1.0, 0.5, 3.0, 10.0) == (40.0, 1.0, 0.05, 30.0))
    assert "last digits may differ" in exactly[2]
    assert said("6.1b", lambda program: int(np.allclose(program(4.0, 1.0, 0.5, 3.0, 10.0), (40, 1, 0.05, 30))))[0] \
        == RIGHT
    # To compare two volumes with each other says as little as to look at the first alone.
    assert said("6.1b", lambda program: program(4, 1, 0.5, 3, 10) != program(4, 1, 0.5, 3, 1))[1] == "K3:one-volume"


# What the lesson says --------------------------------------------------------------------------------------


def test_mean_stays_a_fifth_of_a_molecule_above_the_curve():
    for n0 in (10, 100, 1000):
        gap = cmelab.exact.annihilation_mean(0.5, 1 / n0, n0) - n0 / 2
        assert gap == pytest.approx(0.21, abs=0.01)


def test_noise_of_two_stable_states_does_not_fall_like_a_root():
    """Stationary root-Omega times CV, from the null vector of the generator instead of the ladder of ratios."""
    found = []
    for omega in (10, 30, 100):
        n = np.arange(4 * omega + 60.0)
        up = 0.9 * omega + 3 / omega * n * (n - 1)
        down = 3 * n + 0.8 / omega**2 * n * (n - 1) * (n - 2)
        up[-1] = 0
        p = scipy.linalg.null_space(np.diag(up[:-1], -1) + np.diag(down[1:], 1) - np.diag(up + down), rcond=1e-13)[:, 0]
        p /= p.sum()
        found.append(omega**0.5 * (p @ n**2 - (p @ n) ** 2) ** 0.5 / (p @ n))
    assert found == pytest.approx([2.91, 3.20, 1.60], abs=0.01)


def test_one_gene_keeps_its_cv_whatever_it_makes():
    """As rho grows, the CV of the telegraph law tends to the root of (koff/kon) d/(kon + koff + d)."""
    law = cmelab.exact.telegraph_moments(0.6, 0.4, 1e7, 1.0)
    assert law.variance**0.5 / law.mean == pytest.approx((0.4 / 0.6 / 2.0) ** 0.5, rel=1e-5)


def test_mean_times_of_the_lesson_once_the_line_is_written():
    """The table of the lesson with the missing line, against the closed form."""
    people, r0 = 20, 1.5
    n = np.arange(1, people + 1)
    up, down = r0 * n * (people - n) / people, 1.0 * n
    table = np.diag(up + down) - np.diag(up[:-1], k=1) - np.diag(down[1:], k=-1)
    tau = np.linalg.solve(table, np.ones(people))
    wanted = [cmelab.exact.sis_extinction_time(people, r0, int(i)) for i in n]
    assert tau == pytest.approx(wanted, rel=1e-10)
