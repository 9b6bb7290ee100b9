"""Unit 08: right answers against oracles that share no code with them, wrong models against their numbers."""
from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import expm
from scipy.optimize import brentq
from scipy.stats import norm, poisson

import cmelab
from cmelab.exercises import UNITS, exercise
from cmelab.exercises.diagnose import diagnose
from cmelab.exercises.finding import NOT_YET, RIGHT
from cmelab.exercises.misconceptions import VARIANTS
from cmelab.exercises.observe import alive
from cmelab.exercises.unit08.steps import PROGRAMS, sample

UNIT = next(unit for unit in UNITS if unit.id == "08")
AUTOMATIC = [each for each in UNIT if each.automatic]
FLIP = ((-1, 1), (1, -1))


def right(id: str):
    return exercise(id).model("right")


# Right answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("nu", "a"), exercise("8.1").probes)
def test_noise_matrix_has_the_covariance_of_poisson_numbers_of_firings(nu, a):
    """B B^T is the second moment of the jumps per time, summed outcome by outcome over the Poisson laws."""
    b, nu = np.array(right("8.1")(nu, a)), np.array(nu)
    wanted = np.zeros((len(nu), len(nu)))
    for r, mean in enumerate(a):
        n = np.arange(400)
        variance = float((n - mean) ** 2 @ poisson.pmf(n, mean))
        wanted += variance * np.outer(nu[:, r], nu[:, r])
    assert b @ b.T == pytest.approx(wanted, rel=1e-9, abs=1e-9)


def test_a_flip_spreads_as_the_master_equation_says_in_a_short_time():
    """Matrix exponential over all 201 states: the covariance per time, in the limit of a short time."""
    n_a, n_b, k_ab, k_ba, dt = exercise("8.1b").default.values()
    states, t = np.arange(n_a + n_b + 1), 1e-6
    down, up = k_ab * states, k_ba * (n_a + n_b - states)
    p = expm(t * (np.diag(down[1:], 1) + np.diag(up[:-1], -1) - np.diag(down + up)))[:, n_a]
    mean = states @ p
    variance = (states - mean) ** 2 @ p / t
    both = np.array([states, n_a + n_b - states])
    cov = np.cov(both, aweights=np.maximum(p, 0), bias=True) / t
    found = np.array(right("8.1b")(n_a, n_b, k_ab, k_ba, dt)) / dt
    assert found[0] == pytest.approx(variance, rel=1e-4)
    assert found[1] == pytest.approx(cov[0, 1], rel=1e-4)
    assert found[2] == pytest.approx(cov.sum(), abs=1e-6)


def test_step_takes_the_path_of_the_library():
    """With the normal numbers of a path of its own: two birth-death steps far from zero."""
    from test_langevin import normals

    net = cmelab.models.birth_death(50, 1, 50)
    path = cmelab.langevin(net, [0.1, 0.2], paths=1, dt=0.1, seed=4, progress=False).of("M")[0]
    xi, x = normals(4, 0, 4), [50.0]
    for i in range(2):
        x = right("8.2")(x, ((1, -1),), (50.0, x[0]), 0.1, xi[2 * i:2 * i + 2])
        assert x[0] == pytest.approx(path[i], rel=1e-9)


@pytest.mark.parametrize("probe", exercise("8.2").probes)
def test_step_is_a_drift_and_a_noise_written_as_matrices(probe):
    x, nu, a, dt, xi = map(np.array, probe)
    wanted = x + dt * nu @ a + np.sqrt(dt) * nu @ np.diag(np.sqrt(a)) @ xi
    assert right("8.2")(*probe) == pytest.approx(wanted, rel=1e-12, abs=1e-12)


def test_step_with_mean_and_variance_of_the_normal_number_keeps_those_of_the_events():
    """Gauss-Hermite over both normal numbers: mean and variance of the new count are those of Poisson firings."""
    node, weight = np.polynomial.hermite_e.hermegauss(5)
    weight = weight / weight.sum()
    new = [(right("8.2")((40.0,), ((1, -1),), (30.0, 20.0), 0.1, xi)[0], u * v)
           for (xi, u, v) in (((p, q), u, v) for (p, u), (q, v) in itertools.product(zip(node, weight, strict=True),
                                                                                      repeat=2))]
    mean = sum(x * w for x, w in new)
    assert mean == pytest.approx(40 + 3 - 2)
    assert sum((x - mean) ** 2 * w for x, w in new) == pytest.approx(3 + 2)


def test_programs_that_wait_for_a_test_are_two_right_ones_and_six_wrong_ones():
    """By brute force on random steps near zero and far from it."""
    rng = np.random.default_rng(1)
    kinds = []
    for step in alive(PROGRAMS):
        same = True
        for _ in range(50):
            x, a, xi = rng.uniform(0, 5, 2), rng.uniform(0, 20, 2), rng.standard_normal(2)
            wanted = x + np.array(FLIP) @ (0.3 * a + np.sqrt(0.3 * a) * xi)
            same &= np.allclose(step(list(x), FLIP, list(a), 0.3, list(xi)), wanted)
        kinds.append(same)
    assert kinds == [True, True] + 6 * [False]


@pytest.mark.parametrize("key", ["right", "L2", "L2:no-dt", "L2:dt", "L3:one", "L3:net"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_spread_after_many_steps_is_that_of_a_law_followed_on_a_grid(key, place):
    """The law of the count, pushed through each step by quadrature: no recursion of moments."""
    each = exercise("8.3")
    k, gamma, n0, dt, steps = each.probes[place]
    if key in ("L3:one", "L3:net") and k == gamma * n0:
        assert each.model(key)(*each.probes[place]) == (n0, n0**2, 0.0, 0.0)
        return
    size = {
        "right": lambda x: (k + gamma * x) * dt, "L2": lambda x: (k**2 + (gamma * x) ** 2) * dt,
        "L2:no-dt": lambda x: k + gamma * x, "L2:dt": lambda x: (k + gamma * x) * dt**2,
        "L3:one": lambda x: (np.sqrt(k) - np.sqrt(gamma * x)) ** 2 * dt, "L3:net": lambda x: abs(k - gamma * x) * dt,
    }[key]  # fmt: skip
    x, p = np.array([n0]), np.array([1.0])
    for _ in range(steps):
        x, p = pushed((x + (k - gamma * x) * dt), np.sqrt(size(x)), p)
    found = x @ p, x**2 @ p, (x - n0) ** 2 @ p, (x - n0) ** 4 @ p
    assert each.model(key)(*each.probes[place]) == pytest.approx(found, rel=1e-6)


def pushed(mean: np.ndarray, sd: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A mixture of normal laws as three points of the same moments up to the fifth: those of Gauss's quadrature."""
    node, weight = np.polynomial.hermite_e.hermegauss(3)
    x, p = (mean[:, None] + sd[:, None] * node).ravel(), (p[:, None] * weight / weight.sum()).ravel()
    centre, scale = x @ p, np.sqrt((x - x @ p) ** 2 @ p)
    m = [((x - centre) / scale) ** i @ p for i in range(6)]
    c = np.linalg.solve([[m[i + j] for j in range(3)] for i in range(3)], [-m[3], -m[4], -m[5]])
    nodes = np.roots([1, c[2], c[1], c[0]]).real
    return centre + scale * nodes, np.linalg.solve(np.vander(nodes, 3, increasing=True).T, m[:3])


def test_clipped_mean_is_that_of_simulated_paths_and_not_that_of_the_master_equation():
    """40,000 independent paths, by numpy; the level is 5 standard errors."""
    rng, k, dt = np.random.default_rng(5), 1.0, 0.1
    x = np.full(40_000, k)
    for _ in range(200):
        x = np.maximum(0.0, x + (k - x) * dt + np.sqrt((k + x) * dt) * rng.standard_normal(x.size))
    assert right("8.4")(x.mean(), k, dt)
    from cmelab.exercises.unit08.validity import clipped_mean

    assert abs(clipped_mean(k, dt) - x.mean()) < 5 * x.std() / 200
    assert round(clipped_mean(k, dt), 2) == 1.16


@pytest.mark.parametrize("k", [0.6, 1.18, 1.6])
def test_counts_put_back_at_the_end_only_are_named(k):
    """40,000 paths that go on below zero, with the root of what is above; the level is 5 standard errors."""
    from cmelab.exercises.unit08.validity import late_mean

    rng, dt = np.random.default_rng(6), 0.1
    x = np.full(40_000, k)
    for _ in range(200):
        z, w = rng.standard_normal((2, x.size))
        x = x + (k - x) * dt + np.sqrt(k * dt) * z - np.sqrt(np.maximum(x, 0) * dt) * w
    late = np.maximum(x, 0)
    assert abs(late_mean(k, dt) - late.mean()) < 5 * late.std() / 200
    if k < 1.5:  # beyond, few paths fall below zero, and the mean is nearly k
        assert diagnose(exercise("8.4"), float(late.mean()), {"k": k, "dt": dt}).wrong == "L4:late"


@pytest.mark.parametrize("k", [0.6, 1.0, 1.6])
def test_clipped_mean_tends_to_the_law_with_a_wall_at_zero(k):
    """The density without a current, by quadrature of drift over diffusion; it is reached from below."""
    from cmelab.exercises.unit08.validity import clipped_mean

    def density(x):
        return math.exp(2 * quad(lambda y: (k - y) / (k + y), 0, x)[0]) / (k + x)

    wall = quad(lambda x: x * density(x), 0, 40)[0] / quad(density, 0, 40)[0]
    errors = [wall - clipped_mean(k, dt) for dt in (0.1, 0.025)]
    assert 0.08 > errors[0] > 1.4 * errors[1] > 0


def test_firings_are_those_of_the_library_for_one_gene():
    """`langevin_validity` finds propensities and relaxation times itself."""
    gene = cmelab.ReactionNetwork.parse("Off <-> On ; 0.1, 0.1\nOn -> On + P ; 200\nP -> 0 ; 0.1", initial={"Off": 1})
    says = cmelab.langevin_validity(gene, [200.0], dt=0.1)
    nu, a, relax = exercise("8.5").probes[0]
    assert (gene.stoichiometry == np.array(nu)).all()
    assert right("8.5")(nu, a, relax) == pytest.approx(says.per_relaxation[0], rel=1e-4)


@pytest.mark.parametrize(("k_on", "k_off"), [(0.4, 1.7), (0.1, 0.1), (2.0, 0.3)])
def test_so_many_genes_fire_ten_times_by_the_library_and_one_less_does_not(k_on, k_off):
    def least(copies: int) -> float:
        net = cmelab.ReactionNetwork.parse(f"Off <-> On ; {k_on}, {k_off}", initial={"Off": copies})
        return cmelab.langevin_validity(net, [400.0], dt=0.1).per_relaxation.min()

    copies = right("8.5b")(k_on, k_off)
    assert least(copies) >= 10 - 1e-6
    assert least(copies - 1) < 10


def test_work_is_what_the_exact_simulation_and_the_langevin_equation_do():
    """Counted: events of exact paths from the mean (5 standard errors of a Poisson number), steps of the grid."""
    from cmelab.langevin import time_steps

    k, gamma, dt = exercise("8.7").default.values()
    events = cmelab.simulate(cmelab.models.birth_death(k, gamma, round(k / gamma)), [1.0], paths=50, seed=1,
                             progress=False).events  # fmt: skip
    wanted, steps = right("8.7")(k, gamma, dt)
    assert abs(events.mean() - wanted) < 5 * math.sqrt(wanted * 2 / 50)
    assert time_steps(np.array([1.0]), dt)[0][0] == pytest.approx(steps)


def test_exact_paths_are_whole_and_nothing_else_must_be():
    net = cmelab.models.birth_death(5, 1, 4)
    exact = cmelab.path(net, 0.7, seed=1).of("M")
    langevin = cmelab.langevin(net, [0.7], paths=50, dt=0.01, seed=1, progress=False).of("M")
    mean = cmelab.exact.birth_death_mean([0.7], 5, 1, 4)[0]
    curve = cmelab.rate_equations(net, [0.7]).of("M")[0]
    found = [bool(np.all(np.mod(x, 1) == 0)) for x in (exact, mean, langevin, curve)]
    assert tuple(map(int, found)) == right("8.6")()


# Numbers that the beliefs are known by ---------------------------------------------------------------------


def settled(key: str, k: float = 50.0, gamma: float = 1.0, dt: float = 0.05) -> float:
    """The variance after very many steps."""
    return exercise("8.3").model(key)(k, gamma, k / gamma, dt, 5000)[2]


def test_variance_at_fifty_settles_at_fifty_and_every_belief_misses_it():
    assert settled("right") == pytest.approx(cmelab.exact.fixed_step_variance(50, 1, 0.05), rel=1e-9)
    assert settled("right", dt=0.001) == pytest.approx(50, rel=1e-3)
    assert round(settled("L2:no-dt")) == 1026
    assert settled("L2:dt") == pytest.approx(2.564, rel=1e-3)
    assert settled("L2") > 5000
    assert settled("L3:one") == 0


def ever_below_zero(m: float, top: int, parts: int = 30) -> float:
    """Share of the paths of dX = (m - X) dt + sqrt(m + X) dW that reach 0 from m by t = 10: the backward equation."""
    x = np.arange(1, top * parts) * m / parts
    h, drift, spread = m / parts, m - x, (m + x) / 2
    up, down = spread / h**2 + drift / (2 * h), spread / h**2 - drift / (2 * h)
    rate = np.diag(-(up + down)) + np.diag(up[:-1], 1) + np.diag(down[1:], -1)
    rate[-1, -1] += up[-1]
    value, vector = np.linalg.eig(rate)
    left = (vector * np.exp(10 * value)) @ np.linalg.solve(vector, np.ones(x.size))
    return 1 - left.real[parts - 1]


@pytest.mark.parametrize(("m", "top", "known"), [(1, 9, 0.975), (5, 5, 0.215), (20, 3, 0.0)])
def test_share_that_is_ever_negative_is_the_one_of_the_catalogue(m, top, known):
    """97.5, 21.5 and 0 % in steps of 0.01, within 5 standard errors; fewer than in the limit of short steps."""
    paths = cmelab.langevin(cmelab.models.birth_death(m, 1, m), [10.0], paths=4000, dt=0.01, seed=1, progress=False)
    share = (paths.violations > 0).mean()
    assert abs(share - known) <= 5 * math.sqrt(known * (1 - known) / 4000)
    assert share - 0.001 < ever_below_zero(m, top) < share + 0.05
    assert ever_below_zero(m, top) == pytest.approx({1: 0.9835, 5: 0.2427, 20: 0.0}[m], abs=1e-3)


def test_conserved_sum_drifts_with_a_noise_for_each_species():
    assert right("8.1b")(50, 50, 1.0, 1.0, 0.1)[2] == 0
    assert exercise("8.1b").model("L3")(50, 50, 1.0, 1.0, 0.1)[2] == pytest.approx(20)
    assert exercise("8.1b").model("L3:one")(50, 50, 1.0, 1.0, 0.1) == (0, 0, 0)


BIRTH = ((50.0, 30.0), ((1, -1, 0), (0, 0, 1)), (50.0, 50.0, 10.0), 0.1, (1.0, -0.5, 0.0))
FLIPPED = ((40.0, 10.0), FLIP, (40.0, 20.0), 0.05, (0.3, -1.2))
SAID = {  # exercise, model: point, which components, and what `implies` says this belief gives there
    ("8.1", "L2"): [((FLIP, (4.0, 9.0)), (2, 3), ("-4", "9"))],
    ("8.1", "L2:molecules"): [((((-2, 2), (1, -1)), (16.0, 5.0)), (2, 4), ("-5.657", "4"))],
    ("8.1", "L3"): [((FLIP, (4.0, 9.0)), (2, 5), ("3.606", "3.606"))],
    ("8.1", "L3:sign"): [((FLIP, (4.0, 9.0)), (2, 4), ("2", "2"))],
    ("8.2", "L2"): [(BIRTH, (0,), ("73.717",))],
    ("8.2", "L2:no-dt"): [(BIRTH, (0,), ("60.607",)), ((*BIRTH[:3], 0.001, BIRTH[4]), (0,), ("60.607",))],
    ("8.2", "L2:dt"): [(BIRTH, (0,), ("51.061",))],
    ("8.2", "L3"): [(FLIPPED, (0, 1), ("39.52", "8.922"))],
    ("8.2", "L3:one"): [(BIRTH, (0,), ("50",))],
    ("8.2", "L3:sign"): [(FLIPPED, (0, 1), ("38.224", "10.224"))],
    ("8.2", "L4"): [(exercise("8.2").probes[4], (0,), ("0",))],
    ("8.2", "L4:turned"): [(exercise("8.2").probes[4], (0,), ("0.55",))],
    ("8.2b", "L2"): [],
    ("8.2b", "L2:dt"): [],
    ("8.5", "L5"): [(exercise("8.5").probes[0], (0, 1, 2, 3), ("1000",) * 4)],
    ("8.5", "L5:slowest"): [((FLIP, (12.0, 12.0), (0.5, 2.0)), (0,), ("24",))],
    ("8.5", "L5:per-time"): [((((1, -1),), (5.0, 5.0), (0.5,)), (0,), ("5",))],
}  # fmt: skip


def test_what_a_wrong_function_implies_is_what_it_gives():
    assert {*SAID} == {(each.id, key) for each in AUTOMATIC if each.kind == "function" for key in each.wrong}
    for (id, key), points in SAID.items():
        for point, places, numbers in points:
            gives = exercise(id).at(key, point)
            for place, number in zip(places, numbers, strict=True):
                assert gives[place] == pytest.approx(float(number), abs=6e-4), (id, key, point)
                assert f" {number}" in exercise(id).implies[key].replace("(", " ")


@pytest.mark.parametrize(("key", "number"), [("L2", "129792"), ("L2:no-dt", "5264"), ("L2:dt", "13.16")])
def test_what_a_wrong_walk_implies_is_what_it_gives(key, number):
    variance = exercise("8.3").model(key)(400.0, 1.0, 400.0, 0.05, 10)[2]
    assert f"{variance:.4g}" == number or f"{variance:.0f}" == number
    assert f" {number} " in exercise("8.3").implies[key]


def test_totals_in_the_sentences_are_the_sums_of_their_counts():
    for key, total in (("L3", "48.44"), ("L3:sign", "48.45")):
        assert f"{sum(exercise('8.2').at(key, FLIPPED)):.2f}" == total
        assert total in exercise("8.2").implies[key]
    below = exercise("8.2").probes[4]
    for key, added in (("L4", "0.55"), ("L4:turned", "1.1")):
        gives = exercise("8.2").at(key, below)[0] - exercise("8.2").at("right", below)[0]
        assert gives == pytest.approx(float(added))
        assert f"added {added} molecules" in exercise("8.2").implies[key]


# Two beliefs at once, and what students write --------------------------------------------------------------


def test_half_a_gene_is_all_that_one_copy_gives():
    """However fast it switches: the largest value over both constants, by search."""
    worst = max(10 / right("8.5b")(a, b) for a in (0.01, 0.1, 1, 10, 100) for b in (0.01, 0.1, 1, 10, 100))
    assert worst == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("test", "state", "key"),
    [
        (lambda step: np.allclose(step([40, 10], FLIP, [4, 9], 0.25, [1, -2]), [37.25, 12.75])
         and np.allclose(step([0.5, 0.5], FLIP, [4, 9], 0.25, [1, -2]), [-2.25, 3.25]), RIGHT, ""),
        (lambda step: np.allclose(step([40, 10], FLIP, [1, 1], 1, [1, -2]), [37, 13])
         and np.allclose(step([0.5, 0.5], FLIP, [1, 1], 1, [1, -2]), [-2.5, 3.5]), NOT_YET, "L2"),
        (lambda step: np.allclose(step([40, 10], FLIP, [4, 9], 0.25, [1, -2]), [37.25, 12.75]), NOT_YET, ""),
        (lambda step: np.allclose(step([40, 10], FLIP, [4, 9], 0.25, [0, 0]), [41.25, 8.75]), NOT_YET, ""),
    ],
)
def test_a_test_of_a_student_is_judged_by_what_it_misses(test, state, key):
    found = diagnose(exercise("8.2b"), test, {})
    assert (found.state, found.wrong) == (state, key)
    if state == NOT_YET and not key:
        assert "passes for this program, which is wrong" in found.says


@pytest.mark.parametrize("answer", [lambda k, g, n0, dt, steps, rng: n0, lambda k, g, n0, dt, steps, rng: (n0, 1)])
def test_a_walk_that_returns_something_else_is_told(answer):
    assert diagnose(exercise("8.3"), answer, {}).state == NOT_YET


def by_rows(nu, a):
    return np.array(nu) * np.sqrt(a)


@pytest.mark.parametrize(
    ("answer", "says", "key"),
    [
        (by_rows, "", ""),
        (lambda nu, a: by_rows(nu, a).T, "returns a table of 3 rows and 2 columns; it must be a table of 2 rows", ""),
        (lambda nu, a: by_rows(nu, a)[:, : len(nu)], "returns a table of 2 rows and 2 columns", ""),
        (lambda nu, a: np.diag(np.sqrt(np.square(nu) @ a)), "returns a table of 2 rows and 2 columns", "L3"),
    ],
)
def test_a_noise_matrix_that_takes_species_for_reactions_is_told(answer, says, key):
    """Transposed, cut off after as many columns as rows, or one column for each species: square networks hide it."""
    found = diagnose(exercise("8.1"), answer, {})
    assert (found.state, found.wrong) == (NOT_YET if says else RIGHT, key)
    assert says in found.says


def poisson_steps(k, gamma, n0, dt, steps, rng):
    x = n0
    for _ in range(steps):
        x = x + rng.poisson(k * dt) - rng.poisson(gamma * x * dt)
    return x, (x - n0) ** 2


def whole_steps(k, gamma, n0, dt, steps, rng):
    x = exercise("8.3").examples["right"](k, gamma, n0, dt, steps, rng)[0]
    return round(x), (round(x) - n0) ** 2


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (poisson_steps, ""),
        (whole_steps, ""),
        (lambda k, gamma, n0, dt, steps, rng: exercise("8.3").examples["right"](k, gamma, n0, dt, steps + 1, rng), ""),
        (sample(lambda a, dt, xi: (0.0, 0.0)), ""),
        (sample(lambda a, dt, xi: np.sqrt(abs(a[0] - a[1]) * dt) * xi * [1, 0]), "L3:net"),
        (sample(lambda a, dt, xi: np.sqrt(a * dt) * xi[1]), "L3:one"),
    ],
)
def test_a_walk_of_another_kind_is_told_from_the_one_asked_for(answer, key):
    """Jumps in place of normal numbers, rounding, a step too many, no noise, and noises that cancel at the mean."""
    found = diagnose(exercise("8.3"), answer, {})
    assert (found.state, found.wrong) == (NOT_YET, key)


@pytest.mark.parametrize("student", ["self-study", "ada", "eve"])
def test_variances_that_are_subtracted_are_named(student):
    from cmelab.exercises.draws import numbers_of

    given = numbers_of(exercise("8.1b"), student)
    n_a, n_b, k_ab, k_ba, dt = given.values()
    net = (k_ab * n_a - k_ba * n_b) * dt
    assert net > 0
    assert diagnose(exercise("8.1b"), (net, -net, 0), given).wrong == "L3:net"


def test_genes_by_the_relaxation_of_the_whole_switch_are_named():
    """By the slow eigenvalue of one copy: unit 04's relaxation time, which is shorter than that of either count."""
    given = exercise("8.5b").default
    k_on, k_off = given.values()
    switch = cmelab.ReactionNetwork.parse(f"Off <-> On ; {k_on}, {k_off}", initial={"Off": 1})
    together = cmelab.relaxation_time(switch)
    copies = math.ceil(10 * (k_on + k_off) / (k_on * k_off) / together)
    assert diagnose(exercise("8.5b"), copies, given).wrong == "L5:together"


def test_answers_may_not_call_what_computes_the_answer():
    for each in AUTOMATIC:
        assert {"langevin", "langevin_validity", "linear_noise", "exact", "simulate"} <= set(each.forbidden)


def test_every_belief_of_the_unit_is_found_by_an_exercise():
    found = {key.partition(":")[0] for each in UNIT for wrong in each.wrong for key in wrong.split("+")}
    assert found == {f"L{i}" for i in range(1, 6)}


def test_line_of_a_shared_noise_shows_none_at_the_mean():
    at_mean, below = eval(VARIANTS["L3:one"].line, {"np": np})
    assert at_mean == 0
    assert below == pytest.approx(math.sqrt(50) - math.sqrt(40))


def test_bell_has_the_share_below_zero_that_the_lesson_prints():
    assert norm.cdf(0, 0.5, math.sqrt(0.5)) == pytest.approx(0.24, abs=0.005)
    assert brentq(lambda m: norm.cdf(-math.sqrt(m)) - 0.01, 1, 20) == pytest.approx(5.41, abs=0.01)
