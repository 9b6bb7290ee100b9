"""Unit 02: right answers against integrals, the library's own draws and the master equation; wrong ones by number."""
from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

import cmelab
from cmelab.exercises import UNITS, exercise, numbers_of
from cmelab.exercises.diagnose import diagnose
from cmelab.exercises.finding import NOT_YET, RIGHT
from cmelab.exercises.unit02 import laws
from cmelab.exercises.unit02.averages import in_any_order
from cmelab.widgets.step_rules import steps

UNIT = next(unit for unit in UNITS if unit.id == "02")
AUTOMATIC = [each for each in UNIT if each.automatic]
RACES = [(3.0, 1.0, 0.5), (2.4, 0.8, 0.25), (1.5, 1.2, 0.38)]
MRNA = cmelab.ReactionNetwork.parse("0 -> M ; k\nM -> 0 ; gamma", rates={"k": 4.0, "gamma": 1.0})
GENE = cmelab.ReactionNetwork.parse("off -> on ; 1\non -> off ; 9", initial={"off": 1})


def alone(a: float, t: float) -> float:
    """The chance that a reaction which runs alone has not fired until t."""
    return math.exp(-a * t)


def first(a: tuple[float, ...], r: int, since: float = 0.0, power: int = 0) -> float:
    """Integral of (t - since)^power over the times t > since at which r comes before all others."""

    def density(t: float) -> float:
        others = math.prod(alone(x, t) for i, x in enumerate(a) if i != r)
        return (t - since) ** power * a[r] * alone(a[r], t) * others

    return quad(density, since, since + 60 / sum(a), epsabs=1e-13, limit=200)[0]


# Right answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("a", RACES)
def test_mean_wait_is_that_of_the_first_of_three_independent_clocks(a):
    mean = sum(first(a, r, power=1) for r in range(3))
    assert exercise("2.1").model("right")(*a) == pytest.approx(mean, rel=1e-8)


@pytest.mark.parametrize("a", RACES)
def test_chance_to_come_first_is_an_integral_over_all_times(a):
    assert exercise("2.1b").model("right")(*a) == pytest.approx(first(a, 0), rel=1e-8)


@pytest.mark.parametrize("a", RACES)
def test_wait_before_the_rarest_is_its_mean_given_that_it_wins(a):
    given_it_wins = first(a, 2, power=1) / first(a, 2)
    assert exercise("2.1c").model("right")(*a) == pytest.approx(given_it_wins, rel=1e-8)


@pytest.mark.parametrize(("a", "waited"), [((0.4, 0.1), 1.2), ((0.3, 0.2), 0.1), ((0.9, 0.1), 3.0)])
def test_time_still_to_wait_is_its_mean_given_that_nothing_happened(a, waited):
    left = sum(first(a, r, waited, 1) for r in range(2)) / sum(first(a, r, waited) for r in range(2))
    assert exercise("2.2").model("right")(*a, waited) == pytest.approx(left, rel=1e-8)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_step_walks_the_library_s_path_on_the_library_s_draws(seed):
    """The compiled direct method draws an exponential E; the level that belongs to it is exp(-E)."""
    net = cmelab.ReactionNetwork.parse("2A <-> D ; 0.05, 0.5\nA -> 0 ; 0.1\n0 -> A ; 2", initial={"A": 20})
    walked = steps(net, seed, 200)
    for e in range(200):
        wait, r = exercise("2.3").model("right")(tuple(walked.a[e]), math.exp(-walked.exponential[e]),
                                                 float(walked.uniform[e]))  # fmt: skip
        assert r == walked.fired[e]
        assert wait == pytest.approx(walked.waits[e], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("probe", exercise("2.4").probes)
def test_whole_run_has_the_moments_of_the_master_equation(probe):
    n0, t, k, gamma = probe
    solution = cmelab.solve(MRNA.with_rates(k=k, gamma=gamma).with_initial(M=n0), [t], tol=1e-10, progress=False)
    mean, var = solution.mean()[0, 0], solution.var()[0, 0]
    assert exercise("2.4").model("right")(*probe) == pytest.approx((mean, var + mean**2), rel=1e-6)
    assert laws.under(lambda a: a, *probe) == pytest.approx((mean, var + mean**2), rel=1e-6)


@pytest.mark.parametrize("key", list(exercise("2.4").wrong))
def test_moments_of_a_wrong_simulator_are_those_of_its_runs(key):
    """20,000 runs, five standard errors."""
    each, rng = exercise("2.4"), np.random.default_rng(7)
    for probe in each.probes:
        n = np.array([each.examples[key](*probe, rng) for _ in range(20_000)])
        for drawn, wanted in zip((n, n**2), each.model(key)(*probe), strict=True):
            assert abs(drawn.mean() - wanted) <= 5 * drawn.std() / math.sqrt(len(n)) + 1e-4, (probe, wanted)


def test_value_is_that_of_the_library_s_path():
    run = cmelab.path(MRNA, 20.0, seed=3)
    for t in np.linspace(0, 20, 173):
        found = exercise("2.5").model("right")(run.times.tolist(), run.of("M").tolist(), t)
        assert found == run.at(t)[0, 0]
    assert exercise("2.5").model("right")((0.0, 1.0), (3, 4), 1.0) == 4  # right-continuous


def test_time_average_is_the_mean_of_the_values_at_very_many_times():
    for times, states, t_end in exercise("2.6").probes:
        grid = (np.arange(200_000) + 0.5) * t_end / 200_000
        values = np.array(states)[np.searchsorted(times, grid, side="right") - 1]
        assert exercise("2.6").model("right")(times, states, t_end) == pytest.approx(values.mean(), rel=1e-3)


def test_time_average_is_the_library_s():
    run = cmelab.path(GENE, 50.0, seed=2)
    found = exercise("2.6").model("right")(run.times.tolist(), run.of("on").tolist(), run.t_end)
    assert found == pytest.approx(run.time_average()[1], rel=1e-12)


@pytest.mark.parametrize(("mean", "sd", "percent"), [(4.0, 2.0, 1), (40, 18.0, 3), (120, 30.0, 5)])
def test_so_many_runs_have_the_standard_error_that_was_wanted(mean, sd, percent):
    """By adding up variances, run by run."""
    n = exercise("2.7").model("right")(mean, sd, percent)
    assert n == pytest.approx(round(n), abs=1e-9)
    variance_of_sum = sum(sd**2 for _ in range(round(n)))
    assert math.sqrt(variance_of_sum) / n == pytest.approx(percent / 100 * mean, rel=1e-9)


# Wrong models ----------------------------------------------------------------------------------------------

RACE = (3.0, 1.0, 0.5)
KNOWN = {  # exercise, model: (arguments, the number this belief is known by)
    ("2.1", "right"): (RACE, 2 / 9),
    ("2.1", "S1"): (RACE, 4.5),
    ("2.1", "S1:means"): (RACE, 10 / 9),
    ("2.1", "S1:fastest"): (RACE, 1 / 3),
    ("2.1b", "right"): (RACE, 2 / 3),
    ("2.1b", "S2"): (RACE, 1.0),
    ("2.1b", "S2:alike"): (RACE, 1 / 3),
    ("2.1b", "S2:odds"): (RACE, 2.0),
    ("2.1b", "P5:sum"): (RACE, 4.5),
    ("2.1c", "right"): (RACE, 2 / 9),
    ("2.1c", "S3"): (RACE, 2.0),
    ("2.2", "right"): ((0.3, 0.2, 1.0), 2.0),
    ("2.2", "S4"): ((0.3, 0.2, 1.0), 1.0),
    ("2.2", "S4:due"): ((0.3, 0.2, 1.0), 0.0),
    ("2.7", "right"): ((4.0, 2.0, 1), 2500),
    ("2.7", "S7"): ((4.0, 2.0, 1), 1),
    ("2.7", "S7:ten"): ((4.0, 2.0, 1), 10),
    ("2.7", "S7:linear"): ((4.0, 2.0, 1), 50),
    ("2.7", "S7:percent"): ((4.0, 2.0, 1), 100),
    ("2.7", "S7:double"): ((4.0, 2.0, 1), 10_000),
}


@pytest.mark.parametrize(("id", "key"), list(KNOWN))
def test_belief_gives_the_number_it_is_known_by(id, key):
    arguments, number = KNOWN[id, key]
    assert exercise(id).model(key)(*arguments) == pytest.approx(number, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(
    ("net", "species", "right", "wrong"), [(GENE, "on", 0.1, 0.5), (MRNA, "M", 4.0, 4.5)], ids=["gene", "mRNA"]
)
def test_average_over_events_of_a_long_run_is_known_by_another_number(net, species, right, wrong):
    """Time 20,000, many relaxation times: both averages within 2 % of the exact ones."""
    run = cmelab.path(net, 20_000.0, seed=1)
    log = run.times.tolist(), run.of(species).tolist(), run.t_end
    assert exercise("2.6").model("right")(*log) == pytest.approx(right, rel=0.03)
    assert exercise("2.6").model("S5")(*log) == pytest.approx(wrong, rel=0.02)


def test_event_average_of_the_mrna_is_exactly_half_a_molecule_too_large():
    """Each state is left a0(n) times per minute: weights P(n) a0(n), from the Poisson law."""
    n = np.arange(60)
    p = np.array([math.exp(-4) * 4.0**i / math.factorial(i) for i in n])
    left = p * MRNA.propensities(n[:, None]).sum(axis=1)
    assert left @ n / left.sum() == pytest.approx(4.5, rel=1e-12)


PATH = ((0.0, 0.4, 1.1, 2.0), (3, 4, 3, 2))
GONE = ((0.0, 2.0), (1, 0), 20.0)
SAID = {  # exercise, model: the points that `implies` speaks of, the entry, and what it says this belief gives there
    ("2.3", "S1"): {(RACE, 0.5, 0.2): (0, "3.119")},
    ("2.3", "S1:fastest"): {(RACE, 0.5, 0.2): (0, "0.231")},
    ("2.3", "S1:ignored"): {(RACE, 0.5, 0.2): (0, "0.6931"), ((3e3, 1e3, 5e2), 0.5, 0.2): (0, "0.6931")},
    ("2.3", "S2"): {(RACE, 0.5, 0.2): (1, "0"), (RACE, 0.9, 0.8): (1, "0"), (RACE, 0.1, 0.95): (1, "0")},
    ("2.3", "S2:alike"): {((4.0, 0.0), 0.3, 0.6): (1, "1")},
    ("2.3", "S3"): {(RACE, 0.1, 0.95): (0, "4.605")},
    ("2.3", "S4:clock"): {(RACE, u1, 0.2): (0, "0.2222") for u1 in (0.5, 0.9, 0.1)},
    ("2.3", "S4:even"): {(RACE, 0.9, 0.8): (0, "0.4"), (RACE, 1.0, 0.8): (0, "0.4444")},
    ("2.3", "S8:rising"): {(RACE, 0.9, 0.8): (0, "0.5117")},
    ("2.3", "S8:swapped"): {(RACE, 0.9, 0.8): (0, "0.04959"), (RACE, 0.9, 0.81): (1, "2")},
    ("2.3", "S8:order"): {(RACE, 0.5, 0.2): (0, "0")},
    ("2.3", "P5:rate"): {(RACE, 0.5, u2): (1, "0") for u2 in (0.2, 0.8, 0.95)},
    ("2.3", "S1+S2"): {(RACE, 0.1, 0.95): (0, "10.36")},
    ("2.4", "S1"): {(10, 0.5, 0.0, 1.0): (0, "9.95")},
    ("2.4", "S1:ignored"): {(10, 0.5, 0.0, 1.0): (0, "9.5")},
    ("2.4", "S2"): {(0, 1.0, 8.0, 1.0): (0, "8.038")},
    ("2.4", "S2:alike"): {(0, 1.0, 8.0, 1.0): (0, "2.326")},
    ("2.4", "S3"): {(0, 1.0, 8.0, 1.0): (0, "3.961")},
    ("2.4", "S6:next"): {(10, 0.5, 0.0, 1.0): (0, "5.065")},
    ("2.5", "S6"): {(*PATH, 0.7): (0, "3.571")},
    ("2.5", "S6:next"): {(*PATH, 0.1): (0, "4")},
    ("2.5", "S6:nearest"): {(*PATH, 1.0): (0, "3")},
    ("2.6", "S5"): {GONE: (0, "0.5")},
    ("2.6", "S5:dropped"): {GONE: (0, "1.0")},
    ("2.6", "S5:shifted"): {GONE: (0, "0")},
    ("2.6", "S5:empty"): {((0.0, 0.5, 1.5), (10, 11, 12), 6.0): (0, "2.667")},
    ("2.6", "S6"): {GONE: (0, "0.05")},
}


def test_what_a_wrong_function_implies_is_what_it_gives():
    assert {*SAID} == {(each.id, key) for each in AUTOMATIC if each.called for key in each.implies}
    for (id, key), points in SAID.items():
        for at, (entry, number) in points.items():
            given = exercise(id).at(key, at)[entry]
            assert f"{given:.4g}" == f"{float(number):.4g}", (id, key, at)
            assert f" {number}" in exercise(id).implies[key]


def test_two_beliefs_about_one_step_are_both_named():
    """The step that the lesson hands out for repair."""
    clock = diagnose(exercise("2.3"), lambda a, u1, u2: (1 / sum(a), max(range(len(a)), key=lambda i: a[i])), {})
    assert (clock.state, clock.wrong) == (NOT_YET, "S4:clock+S2")


@pytest.mark.parametrize(("late", "found"), [(True, "S6:next"), (False, "")])
def test_careless_run_is_told_what_it_forgot(late, found):
    """The event after the end, or the state in which nothing can fire."""
    def careless(n0, t_end, k, gamma, rng):
        t, n = 0.0, n0
        while t < t_end:
            a = (k, gamma * n)
            t += rng.exponential(1 / sum(a)) if not late or sum(a) else math.inf
            if t < t_end or (late and t < math.inf):
                n += 1 if rng.random() * sum(a) < k else -1
        return n

    said = diagnose(exercise("2.4"), careless, {}, seconds=60.0)
    assert (said.state, said.wrong) == (NOT_YET, found)
    assert late or "stops with ZeroDivisionError" in said.says


@pytest.mark.parametrize(
    "wheel",
    [lambda a, u: int(np.searchsorted(np.cumsum(a), u * sum(a), side="right")),
     lambda a, u: int(np.searchsorted(np.cumsum(a), u * sum(a)))],
    ids=["larger", "not smaller"],
)  # fmt: skip
def test_a_wait_from_the_rising_curve_is_told_that_its_law_is_right(wheel):
    said = diagnose(exercise("2.3"), lambda a, u1, u2: (-np.log(1 - u1) / sum(a), wheel(a, u2)), {})
    assert (said.state, said.wrong) == (NOT_YET, "S8:rising")
    implied = exercise("2.3").implies[said.wrong]
    assert "the right law" in implied
    assert math.exp(-4.5 * 0.5117) == pytest.approx(1 - 0.9, rel=1e-3)  # not the 0.9 that was given


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("key", ["S8:rising", "S8:swapped"])
def test_steps_said_to_have_the_right_law_have_it(key, seed):
    """20,000 steps: mean wait, mean square, and shares, within five standard errors."""
    rng, a = np.random.default_rng(seed), RACE
    waits, fired = np.array([exercise("2.3").model(key)(a, 1 - rng.random(), rng.random()) for _ in range(20_000)]).T
    n = math.sqrt(len(waits))
    assert abs(waits.mean() - 2 / 9) <= 5 * (2 / 9) / n
    assert abs((waits**2).mean() - 2 * (2 / 9) ** 2) <= 5 * math.sqrt(20) * (2 / 9) ** 2 / n
    for r, share in enumerate((2 / 3, 2 / 9, 1 / 9)):
        assert abs((fired == r).mean() - share) <= 5 * math.sqrt(share * (1 - share)) / n


def one_draw(turned):
    """A simulator whose wheel is spun by the random number that gave the wait."""
    def simulate_once(n0, t_end, k, gamma, rng):
        t, n = 0.0, n0
        while k + gamma * n > 0:
            u = 1 - rng.random()
            t -= math.log(u) / (k + gamma * n)
            if t > t_end:
                break
            n += 1 if (1 - u if turned else u) * (k + gamma * n) < k else -1
        return n

    return simulate_once


def fixed_step(dt):
    """At most one event in each dt, by the chances of the present state."""
    def simulate_once(n0, t_end, k, gamma, rng):
        n = n0
        for _ in range(int(t_end / dt)):
            u = rng.random()
            n += int(u < k * dt) - int(k * dt <= u < (k + gamma * n) * dt)
        return n

    return simulate_once


@pytest.mark.parametrize(
    ("wrong", "says"),
    [(one_draw(False), "too small"), (one_draw(True), "too large"), (fixed_step(0.01), "too narrow")],
    ids=["one draw", "one draw, turned", "fixed step"],
)  # fmt: skip
def test_runs_that_are_right_only_where_rates_are_slow_are_not_yet(wrong, says):
    said = diagnose(exercise("2.4"), wrong, {}, seconds=60.0)
    assert said.state == NOT_YET
    assert says in said.says and "k = 400" in said.says


def test_whoever_rounds_the_number_of_runs_up_is_right():
    """A number of runs is whole: the ceiling of what any order of arithmetic gives is the number itself."""
    each = exercise("2.7")
    for given in (dict(each.default), *(numbers_of(each, f"student {i}") for i in range(40))):
        wanted = each.model("right")(**given)
        assert {math.ceil(way) for way in in_any_order(**given)} == {round(wanted)}
        up = math.ceil((given["sd"] / (given["percent"] / 100 * given["mean"])) ** 2)
        assert diagnose(each, up, given).state == RIGHT


def test_a_count_from_before_the_event_at_its_moment_is_told_that_moment():
    each = exercise("2.5")
    said = diagnose(each, lambda times, states, t: states[max(np.searchsorted(times, t) - 1, 0)], {})
    assert said.state == NOT_YET
    assert "t = 1.1 you give 4; that is too large. 6 of the 7 points tried are right." in said.says


def test_a_sum_of_rates_for_a_chance_is_one_belief():
    """It is also what the largest always wins, and a rate is a chance, would give together."""
    each = exercise("2.1b")
    given = dict(each.default)
    said = diagnose(each, sum(given.values()), given)
    assert (said.state, said.wrong) == (NOT_YET, "P5:sum")


def test_every_belief_of_the_unit_is_found_by_an_exercise():
    found = {key.partition(":")[0] for each in UNIT for wrong in each.wrong for key in wrong.split("+")}
    assert found == {f"S{i}" for i in range(1, 9)} | {"P5"}


@pytest.mark.parametrize(("id", "worked"), [("2.1", RACE), ("2.1b", RACE), ("2.1c", RACE), ("2.7", (4.0, 2.0, 1))])
def test_numbers_of_self_study_are_not_those_worked_out_in_the_lesson(id, worked):
    each = exercise(id)
    assert {*each.default.values()}.isdisjoint({*worked} - {1})
    assert each.model("right")(**each.default) != each.model("right")(*worked)


def test_answers_may_not_call_what_simulates_or_averages_a_path():
    for each in AUTOMATIC:
        assert {"path", "simulate", "ReactionNetwork", "solve"} <= set(each.forbidden)
    assert {"Path"} <= set(exercise("2.5").forbidden) & set(exercise("2.6").forbidden)
