"""Unit 09: right answers against clocks, jump counts and matrix exponentials; wrong models against known numbers."""
from __future__ import annotations

import heapq
import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import expm
from scipy.stats import erlang

import cmelab
from cmelab.exercises import exercise, numbers_of
from cmelab.exercises.diagnose import diagnose
from cmelab.exercises.exercise import Unit
from cmelab.exercises.finding import NOT_YET, RIGHT
from cmelab.exercises.observe import alive
from cmelab.exercises.units import UNITS

UNIT: Unit = next(unit for unit in UNITS if unit.id == "09")
AUTOMATIC = [each for each in UNIT if each.automatic]


def right(id: str):
    return exercise(id).model("right")


# Right answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "tau"), [(1, 2.0), (16, 2.0), (32, 4.5)])
def test_rate_and_cv_are_those_of_the_gamma_law(n, tau):
    rate, cv = right("9.1")(n, tau)
    law = erlang(n, scale=1 / rate)
    assert (law.mean(), law.std() / law.mean()) == pytest.approx((tau, cv), rel=1e-12)


@pytest.mark.parametrize(("mean", "sd"), [(40.0, 10.0), (35.0, 7.0)])
def test_steps_from_data_give_back_mean_and_standard_deviation(mean, sd):
    n, rate = right("9.1b")(mean, sd)
    assert (erlang(n, scale=1 / rate).mean(), erlang(n, scale=1 / rate).std()) == pytest.approx((mean, sd))


@pytest.mark.parametrize("n", [1, 2, 5])
def test_chain_is_the_network_of_the_library(n):
    """Species by name, reactions by what they do: the exercise and `linear_chain` may not drift apart."""
    net = cmelab.linear_chain(cmelab.ReactionNetwork.parse("0 -> X ; a = 30/(1 + X) ; delay 0.7\nX -> 0 ; 1.5"), n)
    rows = [net.species.index(name) for name in ("X", *(f"Z1_{i}" for i in range(1, n + 1)))]
    assert right("9.2")(n) == net.stoichiometry[rows].tolist()
    z = tuple(range(2, n + 2))
    state = np.zeros(n + 1, int)
    state[rows] = (4, *z)
    mine = right("9.2b")(4, z, lambda x: 30 / (1 + x), 0.7, 1.5)
    assert mine == pytest.approx(net.propensities(state).tolist(), rel=1e-12)


@pytest.mark.parametrize("n", [1, 3, 8])
def test_one_molecule_takes_the_time_of_the_chain_by_its_matrix_exponential(n):
    """Matrix and propensities for a single molecule: not yet at X by t with the chance of an Erlang law."""
    nu, tau = np.array(right("9.2")(n)), 2.0
    generator = np.zeros((n + 1, n + 1))  # where the molecule is: X, Z1, ..., Zn
    for place in range(1, n + 1):
        z = tuple(int(i == place) for i in range(1, n + 1))
        for column in range(1, n + 1):
            rate = right("9.2b")(0, z, lambda x: 0.0, tau, 1.0)[column]
            there = np.eye(n + 1, dtype=int)[place] + nu[:, column]
            if rate:
                generator[int(there.argmax()), place] += rate
                generator[place, place] -= rate
    for t in (0.5, 2.0, 5.0):
        assert expm(generator * t)[0, 1] == pytest.approx(erlang.cdf(t, n, scale=tau / n), rel=1e-9)


def test_ledger_is_the_history_played_back_event_by_event():
    for t, starts, lives, tau in exercise("9.3").probes:
        events = []
        for start, life in zip(starts, lives, strict=True):
            events += [(start, 0, 1), (start + tau, 1, -1), (start + tau + life, -1, 0)]
        done = [event for event in events if event[0] <= t]
        wanted = (sum(each[1] for each in done), sum(each[2] for each in done))
        assert right("9.3")(t, starts, lives, tau) == wanted


def by_a_calendar(t, x, belt, draws, a, gamma, tau):
    """The same rounds with a calendar: the drawn event is entered last, and struck out when another comes first."""
    calendar = [(due, "ready") for due in belt]
    heapq.heapify(calendar)
    for e, u in draws:
        total = math.fsum((a(x), gamma * x))
        drawn = (t + e / total, "start" if u < a(x) / total else "loss")
        heapq.heappush(calendar, drawn)
        t, what = heapq.heappop(calendar)
        if what == "ready":
            calendar.remove(drawn)
            heapq.heapify(calendar)
        x += {"ready": 1, "start": 0, "loss": -1}[what]
        if what == "start":
            heapq.heappush(calendar, (t + tau, "ready"))
    return t, x, len(calendar), math.fsum(due for due, _ in calendar)


def test_delay_run_is_the_run_of_a_calendar():
    for probe in exercise("9.4").probes:
        assert right("9.4")(*alive(probe)) == pytest.approx(by_a_calendar(*alive(probe)), rel=1e-12)


def test_delay_run_with_dice_has_the_law_of_the_exact_simulation():
    """The count after a long time, with repression: means of 1500 runs against 20,000 paths, level 1e-6."""
    rng, found = np.random.default_rng(5), []
    for _ in range(1500):
        t, x, belt, tau = 0.0, 0, [], 0.5
        while True:
            e, u = rng.exponential(), rng.random()
            begin = 30 / (1 + (x / 5) ** 2)
            then = t + e / (begin + x)
            if min([then, *belt]) > 6.0:
                break
            # One pair is one round of 9.4; the belt itself is kept here.
            t, x, many, total = right("9.4")(t, x, tuple(belt), ((e, u),), lambda n: 30 / (1 + (n / 5) ** 2), 1.0, tau)
            belt = belt[1:] if many < len(belt) else belt + [total - sum(belt)] * (many > len(belt))
        found.append(x)
    net = cmelab.models.delayed_autorepressor(k=30, half=5, hill=2, gamma=1, tau=0.5)
    exact = cmelab.simulate(net, 6.0, paths=20_000, seed=3, progress=False).of("X")
    for power in (1, 2):
        mine, theirs = np.array(found, float) ** power, exact.astype(float) ** power
        error = math.hypot(mine.std() / len(found) ** 0.5, theirs.std() / theirs.size ** 0.5)
        assert abs(mine.mean() - theirs.mean()) < 4.9 * error


@pytest.mark.parametrize(("a", "gamma", "tau"), [(5.0, 1.0, 3.0), (7.0, 0.8, 2.5)])
def test_long_run_is_what_the_simulation_comes_to(a, gamma, tau):
    runs = cmelab.simulate(cmelab.models.delayed_production(a, gamma, tau), 40.0, paths=4000, seed=1, progress=False)
    assert runs.pipeline is not None
    for wanted, counts in zip(right("9.5")(a, gamma, tau), (runs.of("X"), runs.pipeline[:, 0, 0]), strict=True):
        assert abs(counts.mean() - wanted) < 4.9 * (wanted / 4000) ** 0.5


def test_finished_molecules_are_poisson_by_a_matrix_exponential():
    """Birth and death that begin tau later, 70 states: mean and mean square."""
    for t, a, gamma, tau in exercise("9.6").probes:
        n = np.arange(70)
        generator = np.diag(np.full(69, a), -1) + np.diag(gamma * n[1:], 1)
        generator -= np.diag(generator.sum(axis=0))
        law = expm(generator * max(t - tau, 0.0))[:, 0]
        assert right("9.6")(t, a, gamma, tau) == pytest.approx((n @ law, n**2 @ law), rel=1e-9)


def test_up_first_is_a_pure_death_process_that_has_not_moved():
    """No loss until the first is ready: the chance to be still at x, by the exponential of a death matrix."""
    given = dict(exercise("9.7").default)
    x, gamma = given["x"], given["gamma"]
    generator = np.diag(gamma * np.arange(1, x + 1), 1) - np.diag(gamma * np.arange(x + 1))
    wanted = [expm(generator * given[name][0])[x, x] for name in ("belt_a", "belt_b")]
    assert right("9.7")(**given) == pytest.approx(wanted, rel=1e-12)


def test_production_is_the_convolution_with_the_kernel():
    for t, starts, kernel, _ in map(alive, exercise("9.8").probes):
        edges = [0.0, *(edge for edge in (1.0, 1.1) if edge < t), t]
        wanted = sum(quad(lambda s, t=t, k=kernel, f=starts: k(s) * f(t - s), low, high, epsabs=1e-12)[0]
                     for low, high in pairwise(edges))
        assert right("9.8")(t, starts, kernel, 3000) == pytest.approx(wanted, rel=1e-3, abs=1e-9)


def test_birth_rates_are_means_over_drawn_pairs():
    """Pairs (then, now) drawn from the table: the mean of a(then) where now is n, at level 1e-6."""
    rng = np.random.default_rng(2)
    for table, a in map(alive, exercise("9.8b").probes):
        law, size = np.array(table), len(table)
        drawn = rng.choice(size * size, 40_000, p=law.ravel() / law.sum())
        then, now = np.divmod(drawn, size)
        for n, rate in enumerate(right("9.8b")(table, a)):
            rates = np.array([a(m) for m in then[now == n]])
            assert abs(rates.mean() - rate) <= 4.9 * rates.std() / rates.size**0.5 + 1e-12


def test_birth_rates_balance_the_losses_of_the_delayed_gene():
    """gamma (n+1) P(n+1) = P(n) birth_rates[n], with the table measured in exact paths; 5 standard errors."""
    net = cmelab.models.delayed_autorepressor(k=30, half=5, hill=2, gamma=1, tau=0.5)
    pair = cmelab.simulate(net, [9.5, 10.0], paths=20_000, seed=4, progress=False).of("X")
    table = np.full((40, 40), 1e-12)  # counts that never occur have no mean
    np.add.at(table, (pair[:, 0], pair[:, 1]), 1 / len(pair))
    rates, now = right("9.8b")(table.tolist(), lambda m: 30 / (1 + (m / 5) ** 2)), table.sum(axis=0)
    for n in range(5, 13):
        error = rates[n] * (1 / (now[n] * len(pair)) + 1 / (now[n + 1] * len(pair))) ** 0.5
        assert abs((n + 1) * now[n + 1] / now[n] - rates[n]) < 5 * error


# Wrong models ----------------------------------------------------------------------------------------------


def test_beliefs_give_the_numbers_they_are_known_by():
    """Y1: 0.31 for 5. Y2: CV 0.0625 for 0.25, and a mean of 32 for 2."""
    assert right("9.5")(5.0, 1.0, 3.0) == (5.0, 15.0)
    assert exercise("9.5").model("Y1")(5.0, 1.0, 3.0)[0] == pytest.approx(0.3125)
    assert right("9.1")(16, 2.0) == pytest.approx((8.0, 0.25))
    assert exercise("9.1").model("Y2")(16, 2.0)[1] == 0.0625
    assert 16 / exercise("9.1").model("Y2:rate")(16, 2.0)[0] == 32.0
    assert right("9.1b")(40.0, 10.0) == pytest.approx((16.0, 0.4))
    assert right("9.7")(6, 1.0, 3.0, 4.0, (0.1,), (0.1,))[0] == pytest.approx(0.549, abs=5e-4)


HILL, GENE = "lambda x: 30 / (1 + (x / 5) ** 2)", "lambda n: 10 / (1 + n)"
P3 = exercise("9.3").probes
STEP = exercise("9.4").probes
PRODUCED = exercise("9.8").probes
TWO, THREE = exercise("9.8b").probes[0][0], exercise("9.8b").probes[1][0]
ALONE = (4, (3, 0, 2), "lambda x: 5.0", 2.0, 1.0)
# exercise, model: (what `implies` says, where: arguments and which entry of the answer)
SAID = {
    ("9.2", "Y1:lost"): [("6", (2,), 1)],
    ("9.2", "Y2:places"): [("2", (2,), 0)],
    ("9.2", "Y3"): [("one", (2,), None)],
    ("9.2", "Y4:twice"): [("1", (2,), 2), ("1", (2,), 2 + 2)],
    ("9.2", "Y3:copies"): [("0", (2,), 2 + 4 + 1)],
    ("9.2", "Y4:at-once"): [("1", (2,), 2)],
    ("9.2b", "Y1"): [("0.4545", ALONE, 0)],
    ("9.2b", "Y1:lost"): [("9", ALONE, 4)],
    ("9.2b", "Y1:queue"): [("1.5", ALONE, 1)],
    ("9.2b", "Y2:rate"): [("0.5", (4, (1, 0, 2), "lambda x: 5.0", 2.0, 1.0), 1)],
    ("9.2b", "Y2:time"): [("0.25", (10, (1, 4), HILL, 0.5, 1.0), 1)],
    ("9.2b", "Y3"): [("5", ALONE, 0), ("4", ALONE, 1)],
    ("9.2b", "Y4:early"): [("3", (10, (1, 4), HILL, 0.5, 1.0), 0), ("3", (15, (0, 0), HILL, 0.5, 1.0), 0)],
    ("9.3", "Y1:lost"): [("0", P3[1], 0)],
    ("9.3", "Y3:begun"): [("6", P3[4], 1)],
    ("9.3", "Y3:ahead"): [("6", P3[0], 1)],
    ("9.3", "Y4:at-once"): [("2", P3[0], 0)],
    ("9.4", "Y1"): [("5", STEP[0], None)],
    ("9.4", "Y1:lost"): [("12", STEP[0], None)],
    ("9.4", "Y3"): [("2.6", STEP[2], 0), ("4", STEP[2], 1)],
    ("9.4", "Y4:twice"): [("2.15", STEP[0], 0), ("6", STEP[0], 1)],
    ("9.4", "Y4:kept"): [("2.6", STEP[2], 0)],
    ("9.4", "Y3:blind"): [("2.6", STEP[2], 0), ("4", STEP[2], 1)],
    ("9.4", "Y4:at-once"): [("2.15", STEP[0], 0), ("6", STEP[0], 1)],
    ("9.4", "Y4:late"): [("3.3", STEP[3], 0)],
    ("9.4", "Y4:clock"): [("2.15", STEP[0], 0), ("10.5", STEP[0], 3)],
    ("9.8", "Y3:now"): [("6.44", PRODUCED[2], 0)],
    ("9.8", "Y4:width"): [("779", PRODUCED[1], 0)],
    ("9.8", "Y4"): [("5.42", PRODUCED[1], 0)],
    ("9.8", "Y4:mirror"): [("7.60", PRODUCED[1], 0)],
    ("9.8", "Y4:flat"): [("5.73", PRODUCED[2], 0)],
    ("9.8b", "Y4"): [("10", (TWO, GENE), 0)],
    ("9.8b", "Y3:independent"): [("7.5", (TWO, GENE), 0), ("7.5", (TWO, GENE), 1)],
    ("9.8b", "Y3:average"): [("5.71", (TWO, GENE), 0)],
    ("9.8b", "Y3:undivided"): [("1.92", (THREE, "lambda n: 6.0"), 0), ("2.28", (THREE, "lambda n: 6.0"), 1),
                               ("1.8", (THREE, "lambda n: 6.0"), 2)],
    ("9.8b", "Y3:turned"): [("6", (TWO, GENE), 0)],
    ("9.6", "Y1"): [("0.297", (6.0, 5.0, 1.0, 3.0), 0)],
    ("9.6", "Y1:lost"): [("7.54", (4.0, 8.0, 0.5, 1.0), 0)],
    ("9.6", "Y1:turns"): [("0.06", (6.0, 5.0, 1.0, 3.0), 0)],
    ("9.6", "Y3:settled"): [("5", (2.0, 5.0, 1.0, 3.0), 0)],
    ("9.6", "Y4:all"): [("10", (2.0, 5.0, 1.0, 3.0), 0)],
    ("9.6", "Y4:at-once"): [("4.32", (2.0, 5.0, 1.0, 3.0), 0)],
}  # fmt: skip


def test_what_a_wrong_function_implies_is_what_it_gives():
    assert {*SAID} == {(each.id, key) for each in AUTOMATIC if each.called for key in each.wrong}
    for (id, key), points in SAID.items():
        for number, point, entry in points:
            assert f" {number}" in exercise(id).implies[key], (id, key, number)
            if entry is not None:
                digits = len(number.partition(".")[2])
                found = exercise(id).at(key, point)[entry]
                assert f"{found:.{digits}f}" == number, (id, key, point, found)


def test_the_blocked_gene_has_half_the_sum_of_propensities():
    """9.4, Y1 speaks of a0 = 5 for 10: the wait of 1.5 then takes 0.3, not 0.15."""
    assert exercise("9.4").model("Y1")(*alive(STEP[0]))[0] == pytest.approx(2 + 1.5 / 5)
    assert exercise("9.4").model("Y1:lost")(*alive(STEP[0]))[0] == pytest.approx(2 + 1.5 / 12)
    assert right("9.4")(*alive(STEP[0]))[0] == pytest.approx(2 + 1.5 / 10)


def by_hand(t, x, belt, draws, a, gamma, tau, *, belief=""):
    """The simulation of 9.4 as students write it, with one belief in it."""
    belt = list(belt)
    for e, u in draws:
        a0 = a(x) + gamma * (x + len(belt) if belief == "lost on the way" else x)
        then = t + e / a0
        if belt and belt[0] <= then and belief != "no belt":
            t, x = belt.pop(0), x + 1
            if belief != "the wait stays":
                continue
        t = then
        if u * a0 < a(x):
            belt.append(t + tau)
            x += belief == "counts twice"
        elif u * a0 < a(x) + gamma * x:
            x -= 1
        else:
            belt.pop()
    return (t, x) if belief == "no belt" else (t, x, len(belt), sum(belt))


def chain_with(n, places, losses):
    """The table of a chain, column by column: start, steps, loss of X, and a loss for each place if wished."""
    def column(**change):
        return [change.get(f"z{i}", 0) for i in range(places + 1)]

    steps = [column(**{f"z{i}": -1, f"z{i % places + 1 if i < places else 0}": 1}) for i in range(1, places + 1)]
    start = column(**{"z1" if places else "z0": 1})
    columns = [start, *steps, column(z0=-1), *(column(**{f"z{i}": -1}) for i in range(1, places + 1) if losses)]
    return np.array(columns).T


BELIEVED = {
    ("9.2", "Y1:lost"): lambda n: chain_with(n, n, True),
    ("9.2", "Y2:places"): lambda n: chain_with(n, n - 1, False),
    ("9.2", "Y3"): lambda n: np.array([[1, -1]]),
    ("9.2b", "Y3"): lambda x, z, a, tau, gamma: np.array([a(x), gamma * x]),
    ("9.3", "Y3:ahead"): lambda t, starts, lives, tau: (
        sum(s + tau <= t < s + tau + life for s, life in zip(starts, lives, strict=True)),
        len([s for s in starts if s + tau > t])),
    ("9.4", "Y1:lost"): lambda *given: by_hand(*given, belief="lost on the way"),
    ("9.4", "Y3"): lambda *given: by_hand(*given, belief="no belt"),
    ("9.4", "Y4:twice"): lambda *given: by_hand(*given, belief="counts twice"),
    ("9.4", "Y4:kept"): lambda *given: by_hand(*given, belief="the wait stays"),
    ("9.8", "Y3:now"): lambda t, starts, kernel, cells: starts(t),
    ("9.8", "Y4:width"): lambda t, starts, kernel, cells: sum(
        starts(t - (i + 0.5) * t / cells) * kernel((i + 0.5) * t / cells) for i in range(cells)),
    ("9.8b", "Y3:average"): lambda joint, a: [
        a(np.arange(len(joint)) @ np.array(joint)[:, n] / np.array(joint)[:, n].sum()) for n in range(len(joint))],
}  # fmt: skip


@pytest.mark.parametrize(("id", "key"), BELIEVED)
def test_belief_is_named_in_code_as_students_write_it(id, key):
    found = diagnose(exercise(id), BELIEVED[id, key], {})
    assert (found.state, found.wrong) == (NOT_YET, key)


def test_right_simulation_and_chain_as_students_write_them():
    assert diagnose(exercise("9.4"), lambda *given: by_hand(*given, belief=""), {}).state == RIGHT
    assert diagnose(exercise("9.2"), lambda n: chain_with(n, n, False), {}).state == RIGHT


def test_molecules_in_turn_have_the_moments_of_a_simulation():
    """9.6, one start at a time: 20,000 runs of its own program, means and mean squares at level 1e-6."""
    rng = np.random.default_rng(6)
    for t, a, gamma, tau in exercise("9.6").probes[1:]:
        finished = np.zeros(20_000)
        ready = rng.exponential(1 / a, finished.size) + tau
        while (ready < t).any():
            finished += (ready < t) & (ready + rng.exponential(1 / gamma, finished.size) > t)
            ready += rng.exponential(1 / a, finished.size) + tau
        for power, wanted in zip((1, 2), exercise("9.6").model("Y1:turns")(t, a, gamma, tau), strict=True):
            assert abs((finished**power).mean() - wanted) < 4.9 * (finished**power).std() / finished.size**0.5


def test_half_right_pairs_are_named():
    """The guesses of the lesson, 0.31, 0.25 and 20, beside a right number on the way; a start that is counted."""
    given = {"a": 5.0, "gamma": 1.0, "tau": 3.0}
    for finished, key in ((0.3125, "Y1:stuck"), (0.2489, "Y1:share"), (20.0, "Y4:all"), (5.0, "")):
        assert diagnose(exercise("9.5"), (finished, 15.0), given).wrong == key
    cells = dict(exercise("9.7").default)
    rate = cells["a"] + cells["gamma"] * cells["x"]
    both = tuple(math.exp(-rate * cells[name][0]) for name in ("belt_a", "belt_b"))
    assert diagnose(exercise("9.7"), both, cells).wrong == "Y3:start"


def test_the_present_alone_and_the_propensity_of_completion_are_told_apart():
    """9.8: with a kernel that is 0 up to 1, at 0.5, one belief makes molecules and the other does not."""
    now, late = (exercise("9.8").at(key, PRODUCED[2])[0] for key in ("Y3:now", "Y4"))
    assert now == pytest.approx(5 + 3 * math.sin(0.5)) and late == 0.0


def test_numbers_that_reasons_quote_are_right():
    assert right("9.3")(*P3[2]) == (1, 3)
    assert right("9.4")(*alive(STEP[2]))[:2] == [2.4, 6]
    assert right("9.6")(6.0, 5.0, 1.0, 3.0)[0] == pytest.approx(4.751, abs=5e-4)
    assert right("9.2b")(*alive(ALONE))[1] == 4.5
    given = numbers_of(exercise("9.1"))
    assert given["n"] != 16 and numbers_of(exercise("9.5"))["tau"] != 3.0  # not those worked out in the lesson


def test_every_belief_of_the_unit_is_found_by_an_exercise():
    found = {key.partition(":")[0] for each in UNIT for wrong in each.wrong for key in wrong.split("+")}
    assert found == {"Y1", "Y2", "Y3", "Y4"}


def test_short_and_long_samplers_are_both_right():
    """Thinning of a Poisson number, and the simulation of 9.4: two programs, one law."""

    def thinned(t, a, gamma, tau, rng):
        begun = rng.poisson(a * max(t - tau, 0.0))
        return int((rng.exponential(1 / gamma, begun) > rng.uniform(0, max(t - tau, 0.0), begun)).sum())

    for sampler in (thinned, exercise("9.6").examples["right"]):
        assert diagnose(exercise("9.6"), sampler, {}, seconds=60.0).state == RIGHT
    mean_only = diagnose(exercise("9.6"), lambda t, a, gamma, tau, rng: right("9.6")(t, a, gamma, tau)[0], {})
    assert (mean_only.state, mean_only.wrong) == (NOT_YET, "")
    assert "too narrow" in mean_only.says


def test_answers_may_not_call_what_computes_the_answer():
    for each in AUTOMATIC:
        assert {"linear_chain", "delay_rate_equations", "simulate", "exact"} <= set(each.forbidden)
