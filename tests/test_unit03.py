"""Unit 03: right answers against closed forms, exact paths and scipy; wrong models against their numbers."""
from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.stats import binom, poisson

import cmelab
from cmelab.exercises import UNITS, exercise
from cmelab.exercises.diagnose import diagnose
from cmelab.exercises.finding import NOT_YET, RIGHT
from cmelab.exercises.misconceptions import VARIANTS
from cmelab.exercises.observe import alive, catches
from cmelab.exercises.unit03 import laws
from cmelab.exercises.unit03.solved import enough, law_by
from cmelab.exercises.unit03.suspects import IDLE, SUSPECTS

UNIT = next(unit for unit in UNITS if unit.id == "03")
AUTOMATIC = [each for each in UNIT if each.automatic]
BIRTH_DEATH = "lambda n: (4.0, 1.0 * n)"
WRONG_BUILDERS = {
    "C1": laws.swapped, "C2": laws.target, "C3": laws.forward, "C4": laws.transposed, "C6:held": laws.held_back,
    "C1:gain": laws.lossless, "C1:overwritten": laws.overwritten, "C6:piled": laws.piled_up,
}  # fmt: skip


def right(id):
    return exercise(id).model("right")


def built(law, start=10, size=40):
    """The generator of production 4 and decay 1, and certainty at the start."""
    return law((1, -1), lambda n: (4.0, 1.0 * n), size), np.eye(size)[start]


# Right answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n0", "k"), [(8, 0.3), (10, 0.5), (4, 1.7)])
def test_change_at_certainty_is_the_slope_of_the_binomial_law(n0, k):
    """Each molecule survives on its own: central differences of that law at t = 0, which is analytic there."""
    dt = 1e-5

    def survivors(t):
        s = math.exp(-k * t)
        return np.array([math.comb(n0, n) * s**n * (1 - s) ** (n0 - n) for n in (n0 - 1, n0)])

    slope = (survivors(dt) - survivors(-dt)) / (2 * dt)
    assert right("3.1")(n0, k) == pytest.approx((*slope, 0.0), rel=1e-6)


@pytest.mark.parametrize("n", [0, 1, 4, 9])
def test_change_of_a_state_is_the_slope_of_the_known_law(n):
    """Survivors and newcomers in closed form, differentiated in time: no generator."""
    k, gamma, n0, t, dt = 3.0, 0.7, 6, 0.8, 1e-5

    def law(t):
        s = math.exp(-gamma * t)
        return np.convolve(binom.pmf(np.arange(n0 + 1), n0, s), poisson.pmf(np.arange(40), k / gamma * (1 - s)))

    p, slope = law(t), (law(t + dt) - law(t - dt)) / (2 * dt)
    below = p[n - 1] if n else 0.0
    assert right("3.1b")(n, below, p[n], p[n + 1], k, gamma) == pytest.approx(slope[n], rel=1e-6)


@pytest.mark.parametrize("probe", exercise("3.2").probes, ids=lambda probe: probe[1])
def test_generator_moves_what_each_reaction_moves(probe):
    """dP/dt of a random P, one reaction of one state at a time."""
    jumps, propensities, size = alive(probe)
    p, change = np.random.default_rng(1).random(size), {}
    for n in range(size):
        for r, nu in enumerate(jumps):
            flow = propensities(n)[r] * p[n]
            change[n] = change.get(n, 0.0) - flow
            change[n + nu] = change.get(n + nu, 0.0) + flow
    inside = [change.get(n, 0.0) for n in range(size)]
    assert right("3.2")(jumps, propensities, size) @ p == pytest.approx(inside, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize(
    ("text", "jumps", "propensities", "start"),
    [
        ("0 -> M ; 4\nM -> 0 ; 1", (1, -1), lambda n: (4.0, 1.0 * n), 0),
        ("2M -> 0 ; 0.3", (-2,), lambda n: (0.3 * n * (n - 1) / 2,), None),
        ("0 -> 3M ; 0.4\nM -> 0 ; 1.5", (3, -1), lambda n: (0.4, 1.5 * n), 0),
    ],
)
def test_generator_is_that_of_the_library(text, jumps, propensities, start):
    size = 9
    net = cmelab.ReactionNetwork.parse(text, initial={"M": size - 1 if start is None else start})
    space = cmelab.enumerate_states(net, bounds=size - 1)
    n = space.states[:, 0]
    mine = right("3.2")(jumps, propensities, size)
    assert np.allclose(mine[np.ix_(n, n)], cmelab.generator(net, space).toarray())


@pytest.mark.parametrize(("k", "gamma", "n0", "cap", "t"), exercise("3.4").probes)
def test_law_solves_the_cut_equation(k, gamma, n0, cap, t):
    """Another algorithm: a Runge-Kutta method on the equations written one by one."""

    def slope(_, p):
        gain = np.zeros(cap + 1)
        gain[1:] += k * p[:-1]
        gain[:-1] += gamma * np.arange(1, cap + 1) * p[1:]
        return gain - (k + gamma * np.arange(cap + 1)) * p

    found = solve_ivp(slope, (0.0, t), np.eye(cap + 1)[n0], rtol=1e-11, atol=1e-13).y[:, -1]
    assert right("3.4")(k, gamma, n0, cap, t) == pytest.approx(found, rel=1e-7, abs=1e-10)


@pytest.mark.parametrize("key", ["right", "C1", "C2", "C4", "C6:held"])
def test_exponential_of_the_models_is_that_of_scipy(key):
    builder = laws.generator if key == "right" else WRONG_BUILDERS[key]
    table = builder((1, -1), lambda n: (4.0, 1.0 * n), 7)
    assert exercise("3.4").model(key)(4.0, 1.0, 2, 6, 1.0) == pytest.approx(expm(table)[:, 2], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("k", "n0", "t"), [(3.0, 1, 20.0), (1.0, 0, 5.0), (4.0, 5, 40.0)])
def test_cut_is_the_first_one_that_loses_less_than_a_millionth(k, n0, t):
    """The library's uniformisation, one cap after the other."""
    net = cmelab.models.birth_death(k, 1.0, n0)

    def lost(cap):
        return cmelab.solve(net, [t], bounds=cap, progress=False).lost[0]

    cap = enough(k, n0, t)
    assert lost(cap) < 1e-6 <= lost(cap - 1)


def test_lost_probability_is_that_of_ever_having_been_above():
    """Of many exact paths, the share whose maximum passes the cap; five standard errors."""
    cap, t, paths = 6, 1.0, 4000
    net = cmelab.models.birth_death(4.0, 1.0, 2)
    above = sum(cmelab.path(net, t, seed=seed).states.max() > cap for seed in range(paths)) / paths
    lost = 1 - right("3.4")(4.0, 1.0, 2, cap, t).sum()
    assert abs(above - lost) < 5 * math.sqrt(lost * (1 - lost) / paths)


@pytest.mark.parametrize("w", [0.25, 0.75])
def test_mixture_is_the_solution_from_the_mixed_start(w):
    """The equation itself, started from both at once."""
    a, b, gamma, t = 12, 4, 0.7, 1.0
    table = np.diag(-gamma * np.arange(13.0)) + np.diag(gamma * np.arange(1.0, 13.0), 1)
    p = expm(table * t) @ (w * np.eye(13)[a] + (1 - w) * np.eye(13)[b])
    assert [right("3.5")(w, a, b, gamma, t, n) for n in range(5)] == pytest.approx(p[:5], rel=1e-10)


def test_law_is_the_same_twice_and_a_share_of_cells_is_not():
    net = cmelab.models.birth_death(4.0, 1.0, 10)
    one, two = (cmelab.solve(net, [0.3], progress=False).p for _ in range(2))
    p, cells, rounds = 0.3, 400, 4000
    same, spread = right("3.5b")(p, cells)
    assert np.abs(one - two).max() == same == 0.0
    drawn = np.random.default_rng(1).random((rounds, cells)) < p
    assert drawn.mean(axis=1).std() == pytest.approx(spread, rel=5 / math.sqrt(2 * rounds))


# The suspects of 3.3 ---------------------------------------------------------------------------------------


def test_suspects_are_the_wrong_models_of_the_table_and_two_right_programs():
    for text, builder in zip(SUSPECTS, [laws.generator, laws.generator, *[WRONG_BUILDERS[key] for key in
                             ("C1", "C2", "C3", "C4", "C6:held", "C1:overwritten")]], strict=True):  # fmt: skip
        (program,) = alive((text,))
        for probe in exercise("3.2").probes:
            jumps, propensities, size = alive(probe)
            assert np.allclose(program(jumps, propensities, size), builder(jumps, propensities, size))


def test_good_test_catches_all_suspects_but_the_right_ones():
    (verdicts,) = {tuple(catches(right("3.3"), alive((text,))[0]) for text in SUSPECTS)}
    assert verdicts == (0, 0, 1, 1, 1, 1, 1, 1)
    assert all(catches(right("3.3"), alive((text,))[0]) == 1 for text in IDLE)


def test_a_test_by_properties_can_be_as_good_as_a_table():
    """Sums, signs, the mean of a closed network, the edge, and two equal jumps: no entry is typed in."""

    def audit(build):
        A = build((1, -1), lambda n: (4.0, 1.0 * n), 6)
        n = np.arange(6)
        assert np.allclose(A.sum(axis=0), [0, 0, 0, 0, 0, -4])
        assert (A - np.diag(np.diag(A)) >= 0).all()
        assert np.allclose((n @ A)[:-1], 4.0 - n[:-1])
        assert np.allclose(build((1, 1), lambda n: (2.0, 3.0), 4).sum(axis=0)[:-1], 0)

    assert diagnose(exercise("3.3"), audit, {}).state == RIGHT


@pytest.mark.parametrize(
    ("audit", "told"),
    [
        (lambda build: np.allclose(build((1, -1), lambda n: (4.0, 1.0 * n), 3), [[-4, 1, 0], [4, -5, 2], [0, 4, -6]]),
         "of two reactions with the same jump"),
        (lambda build: True, "loss minus gain"),
        (lambda build: False, "takes every jump from its column"),
    ],
)  # fmt: skip
def test_feedback_says_which_program_slips_through(audit, told):
    finding = diagnose(exercise("3.3"), audit, {})
    assert finding.state == NOT_YET
    assert told in finding.says


def test_a_test_that_says_nothing_is_told_to_say_something():
    def audit(build):
        np.allclose(build((1, -1), lambda n: (4.0, 1.0 * n), 3), [[-4, 1, 0], [4, -5, 2], [0, 4, -6]])

    found = diagnose(exercise("3.3"), audit, {})
    assert (found.state, found.wrong) == (NOT_YET, "C1:mute")
    assert "assert" in exercise("3.3").implies["C1:mute"]


def test_table_as_students_write_it_is_named_by_what_it_does_wrong():
    """Four bodies of the loop over jumps, typed and not taken from the models."""
    bodies = {
        "A[n, n] -= a\n            if 0 <= n + nu < size: A[n + nu, n] = a": "C1:overwritten",
        "A[n, n] -= a\n            A[min(n + nu, size - 1), n] += a": "C6:piled",
        "A[n, n] -= a\n            if 0 <= n + nu < size: A[n, n + nu] += a": "C4",
        "if 0 <= n + nu < size: A[n, n] -= a; A[n + nu, n] += a": "C6:held",
    }
    for body, key in bodies.items():
        scope = {"np": np}
        exec(f"""def build(jumps, propensities, size):
    A = np.zeros((size, size))
    for n in range(size):
        for nu, a in zip(jumps, propensities(n)):
            {body}
    return A""", scope)
        assert diagnose(exercise("3.2"), scope["build"], {}).wrong == key


@pytest.mark.parametrize("steps", [200, 2000])
def test_law_by_small_steps_is_told_that_a_step_is_too_coarse(steps):
    def law(k, gamma, n0, cap, t):
        p = np.eye(cap + 1)[n0]
        for _ in range(steps):
            p = p + laws.generator((1, -1), laws.births_and_deaths(k, gamma), cap + 1) @ p * t / steps
        return p

    found = diagnose(exercise("3.4"), law, {})
    assert (found.state, found.wrong) == (NOT_YET, "")
    assert "close, but not exact. Is a step too coarse" in found.says
    assert "look again" not in found.says


def test_law_of_all_states_is_told_that_some_were_above_and_came_back():
    def law(k, gamma, n0, cap, t):
        p = binom.pmf(np.arange(n0 + 1), n0, math.exp(-gamma * t))
        fresh = k * (1 - math.exp(-gamma * t)) / gamma if gamma else k * t
        return np.convolve(p, poisson.pmf(np.arange(cap + 1), fresh))[: cap + 1]

    assert diagnose(exercise("3.4"), law, {}).wrong == "C6:tail"


def test_exponential_of_the_entries_is_not_the_law():
    def law(k, gamma, n0, cap, t):
        table = laws.generator((1, -1), laws.births_and_deaths(k, gamma), cap + 1)
        return np.exp(table * t) @ np.eye(cap + 1)[n0]

    assert diagnose(exercise("3.4"), law, {}).wrong == "C5:entries"


# Wrong models ----------------------------------------------------------------------------------------------

KNOWN = {  # exercise, model: (arguments, the numbers this belief is known by)
    ("3.1", "right"): ((10, 0.5), (5, -5, 0)),
    ("3.1", "C1"): ((10, 0.5), (-5, 5, 0)),
    ("3.1", "C2"): ((10, 0.5), (4.5, -5, 0)),
    ("3.1", "C3"): ((10, 0.5), (0, -5, 5)),
    ("3.1", "C4"): ((10, 0.5), (0, -5, 5.5)),
    ("3.1", "C1:gone"): ((10, 0.5), (0, -5, 0)),
    ("3.1", "C1:gain"): ((10, 0.5), (5, 0, 0)),
    ("3.1", "C2:each"): ((10, 0.5), (0.5, -0.5, 0)),
    ("3.1b", "right"): ((10, 0.0, 1.0, 0.0, 4.0, 1.0), -14),
    ("3.1b", "C1:net"): ((10, 0.0, 1.0, 0.0, 4.0, 1.0), -6),
    ("3.1b", "C1:stays"): ((10, 0.0, 1.0, 0.0, 4.0, 1.0), -10),
    ("3.5", "C5:crossed"): ((0.25, 1, 0, math.log(2), 1.0, 1), 0.375),
    ("3.5b", "C5:number"): ((0.5, 400), (0, 10)),
    ("3.5b", "C5:squared"): ((0.5, 400), (0, 0.000625)),
}


@pytest.mark.parametrize(("id", "key"), list(KNOWN))
def test_belief_gives_the_numbers_it_is_known_by(id, key):
    arguments, numbers = KNOWN[id, key]
    assert exercise(id).model(key)(*arguments) == pytest.approx(numbers, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(
    ("builder", "total", "least"),
    [(laws.generator, 1.0, 0.0), (laws.swapped, 1.0, -761), (laws.target, 0.741, 0.0), (laws.transposed, 1.350, 0.0)],
)
def test_wrong_generators_give_the_sums_and_minima_they_are_known_by(builder, total, least):
    """Production 4, decay 1, from 10, at t = 0.3 on the states 0 to 39."""
    table, start = built(builder)
    p = expm(table * 0.3) @ start
    assert p.sum() == pytest.approx(total, abs=5e-4)
    assert p.min() == pytest.approx(least, abs=0.5)


def test_transposed_generator_has_a_uniform_stationary_vector():
    """On a closed table: each row of the generator's transpose sums to zero. The mean would be 19.5 in place of 4."""
    table, _ = built(laws.held_back)
    n = np.arange(40)
    values, vectors = np.linalg.eig(table.T)
    p = np.real(vectors[:, np.abs(values).argmin()])
    assert n @ (p / p.sum()) == pytest.approx(19.5, rel=1e-6)
    values, vectors = np.linalg.eig(table)
    p = np.real(vectors[:, np.abs(values).argmin()])
    assert n @ (p / p.sum()) == pytest.approx(4.0, rel=1e-6)


def test_swapped_law_goes_below_zero_at_every_time():
    table, start = built(laws.swapped, size=12)
    assert all((expm(table * t) @ start).min() < 0 for t in (1e-6, 1e-3, 0.1, 1.0))


def test_residual_of_linearity_is_zero():
    table, _ = built(laws.generator)
    both = expm(table * 0.3) @ (np.eye(40)[2] / 2 + np.eye(40)[18] / 2)
    apart = (expm(table * 0.3)[:, 2] + expm(table * 0.3)[:, 18]) / 2
    assert np.abs(both - apart).max() < 1e-15


POINT = (4.0, 1.0, 2, 6, 1.0)
THREE = ((1, -1), BIRTH_DEATH, 3)


def entry(i, j):
    return lambda table: np.asarray(table)[i, j]


def column(j):
    return lambda table: np.asarray(table)[:, j].sum()


SAID = {  # exercise, model: (arguments, what is looked at, what `implies` says this belief gives there)
    ("3.1b", "C1"): [((10, 0.0, 1.0, 0.0, 4.0, 1.0), float, "14")],
    ("3.1b", "C1:net"): [((10, 0.0, 1.0, 0.0, 4.0, 1.0), float, "-6")],
    ("3.1b", "C1:stays"): [((10, 0.0, 1.0, 0.0, 4.0, 1.0), float, "-10")],
    ("3.1b", "C1:gain"): [((10, 0.0, 1.0, 0.0, 4.0, 1.0), float, "0")],
    ("3.1b", "C2:each"): [((9, 0.0, 0.0, 1.0, 4.0, 1.0), float, "1")],
    ("3.1b", "C2:bare"): [((9, 0.0, 0.0, 1.0, 4.0, 1.0), float, "14")],
    ("3.1b", "C2"): [((9, 0.0, 0.0, 1.0, 4.0, 1.0), float, "9")],
    ("3.1b", "C3"): [((11, 1.0, 0.0, 0.0, 4.0, 1.0), float, "10")],
    ("3.1b", "C4"): [((11, 1.0, 0.0, 0.0, 4.0, 1.0), float, "11")],
    ("3.2", "C1"): [(THREE, entry(1, 0), "-4"), (THREE, entry(0, 0), "4")],
    ("3.2", "C1:gain"): [(THREE, column(0), "4")],
    ("3.2", "C2"): [(THREE, column(1), "-1")],
    ("3.2", "C3"): [(THREE, entry(1, 0), "0"), (THREE, entry(0, 1), "4")],
    ("3.2", "C4"): [(THREE, column(0), "-3"), (THREE, lambda table: table[0].sum(), "0")],
    ("3.2", "C6:held"): [(THREE, entry(2, 2), "-2")],
    ("3.2", "C1:overwritten"): [(((1, 1), "lambda n: (2.0, 0.5 * n)", 3), column(1), "-2")],
    ("3.2", "C6:piled"): [(((3, -1), "lambda n: (0.4, 1.5 * n)", 6), entry(5, 3), "0.4")],
    ("3.4", "C1"): [(POINT, lambda p: p[5], "-615605")],
    ("3.4", "C2"): [(POINT, sum, "0.321")],
    ("3.4", "C4"): [((3.0, 0.0, 0, 4, 0.5), sum, "0.2231"), ((3.0, 0.0, 0, 4, 0.5), lambda p: p[1:].max(), "0")],
    ("3.4", "C5:straight"): [(POINT, lambda p: p[2], "-5")],
    ("3.4", "C5:entries"): [(POINT, sum, "65.99"), (POINT, lambda p: float(p.size**2), "49")],
    ("3.4", "C6:held"): [(POINT, sum, "1")],
    ("3.4", "C6:tail"): [(POINT, sum, "0.958")],
    ("3.4", "C6:rescaled"): [(POINT, sum, "1")],
}


def test_what_a_wrong_function_implies_is_what_it_gives():
    functions = [each for each in AUTOMATIC if each.kind == "function" and not each.look]
    assert {*SAID} == {(each.id, key) for each in functions for key in each.wrong}
    for (id, key), points in SAID.items():
        for point, look, number in points:
            half_a_digit = 0.5 * 10.0 ** -len(number.partition(".")[2])
            value = look(exercise(id).model(key)(*alive(point)))
            assert float(value) == pytest.approx(float(number), abs=half_a_digit), (id, key, number)
            assert f" {number}" in exercise(id).implies[key], (id, key, number)


def test_what_a_weak_test_implies_is_what_the_suspects_give():
    """The numbers of 3.3: tables of 3 states, and of 6, for production 4 and decay 1."""
    three = [law((1, -1), lambda n: (4.0, 1.0 * n), 3) for law in (laws.swapped, laws.target, laws.generator)]
    six = [law((1, -1), lambda n: (4.0, 1.0 * n), 6) for law in (laws.generator, laws.held_back)]
    assert (three[0][1, 0], three[1].sum(axis=0)[1], three[2].sum(axis=1)[0]) == (-4, -1, -3)
    assert (six[0].sum(axis=0)[-1], six[0][-1, -1], six[1][-1, -1]) == (-4, -9, -5)
    said = exercise("3.3").implies
    for key, numbers in {"C1:sums": ("-4",), "C2:signs": ("-1",), "C4:rows": ("-3",), "C6:closed": ("-4",),
                         "C6:edge": ("-5", "-9")}.items():  # fmt: skip
        assert all(f" {number}" in said[key] for number in numbers)


def test_lost_share_named_in_the_reason_is_the_lost_share():
    assert f"{1 - law_by(laws.generator, *POINT).sum():.4f}" == "0.0869"
    assert "0.0869" in exercise("3.4").why
    assert "0.0869" in exercise("3.4").implies["C6:rescaled"]


def test_cut_by_the_tail_loses_more_than_a_millionth_and_by_three_sigma_far_more():
    for k, n0, t in ((3.0, 1, 20.0), (2.0, 4, 10.0)):
        net = cmelab.models.birth_death(k, 1.0, n0)
        tail, sigma = (exercise("3.4b").model(key)(k, n0, t) for key in ("C6:tail", "C6"))
        law = cmelab.solve(net, [t], tol=1e-13, progress=False)
        assert law.p[0][law.states[:, 0] > tail].sum() < 1e-6 <= law.p[0][law.states[:, 0] >= tail].sum()
        lost = [cmelab.solve(net, [t], bounds=cap, progress=False).lost[0] for cap in (tail, sigma)]
        assert 1e-6 < lost[0] < 1e-3 < lost[1]


def test_every_belief_of_the_unit_is_found_by_an_exercise_under_its_own_name():
    found = {key for each in UNIT for key in each.wrong}
    assert {f"C{i}" for i in range(1, 7)} <= found


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("C1:gain", [0, 0, 0, 0, 0, -4]),
        ("C4:rows", [[0, 0, 0, 0, 0, -4], [-3, 1, 1, 1, 1, -5]]),
        ("C5:straight", [np.exp(-2.5 * t) for t in range(4)]),
        ("C6:edge", [0, 0, 0, 0, 5, -9]),
        ("C1:mute", 0),
        ("C5:entries", [math.exp(-1) + math.e, 2]),
        ("C5:crossed", [0.15, 0.25]),
        ("C5:number", [0.3, 0.03, 0.003]),
        ("C5:squared", [1, 10]),
    ],
)
def test_line_of_a_variant_shows_what_it_is_for(key, shown):
    assert np.asarray(eval(VARIANTS[key].line, {"cmelab": cmelab, "np": np})) == pytest.approx(np.asarray(shown))


@pytest.mark.parametrize("id", ["3.1", "3.4b"])
def test_numbers_of_self_study_are_not_those_worked_out_in_the_lesson(id):
    worked = {"3.1": (10, 0.5), "3.4b": (4.0, 2, 4.0)}[id]
    each = exercise(id)
    assert each.values("right")[0][0] != pytest.approx(np.ravel(each.model("right")(*worked))[0], rel=0.05)


# Rules -----------------------------------------------------------------------------------------------------


def test_answers_may_not_call_what_computes_the_answer():
    for each in AUTOMATIC:
        assert {"generator", "solve", "flows", "exact", "enumerate_states"} <= set(each.forbidden) <= set(
            cmelab.__all__
        )


def test_unit_of_an_instructors_page_quotes_the_known_numbers():
    """The signatures on the instructor's page are those of the wrong models."""
    for key in ("C1", "C2", "C3", "C4"):
        numbers = ", ".join(f"{x:g}" for x in exercise("3.1").model(key)(10, 0.5))
        page = (cmelab_course() / "src" / "03_master_equation" / "instructor.md").read_text("utf-8")
        assert f"({numbers})" in page


def cmelab_course():
    from cmelab.grading.make_notebooks import COURSE

    return COURSE
