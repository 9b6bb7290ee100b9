"""Langevin paths against closed laws, against chains solved by quadrature, and against everything that breaks them."""
from __future__ import annotations

import cmath
import json
import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binomtest, chisquare, kstest, norm, pearsonr
from scipy.stats import gamma as gamma_law

from cmelab import NetworkError, ReactionNetwork, exact, models
from cmelab.errors import SimulationError
from cmelab.kernels import random, status
from cmelab.kernels.langevin import ROOT
from cmelab.langevin import BOUNDARIES, langevin, langevin_validity, time_steps

LEVEL = 1e-6  # chance that one statistical test fails though all is right; the seeds are fixed


def agrees(samples: np.ndarray, mean: float) -> bool:
    """z-test of the mean of independent samples."""
    z = (samples.mean() - mean) / (samples.std(ddof=1) / math.sqrt(samples.size))
    return math.erfc(abs(float(z)) / math.sqrt(2)) > LEVEL


def normals(seed: int, index: int, size: int) -> np.ndarray:
    rng = np.zeros(4, np.uint64)
    with np.errstate(over="ignore"):
        random.seed_stream(np.uint64(seed), np.uint64(index), rng)
        return np.array([random.normal(rng) for _ in range(size)])


def test_normal_numbers_follow_the_normal_law_also_far_out():
    x = normals(1, 0, 300_000)
    assert kstest(x, "norm").pvalue > LEVEL
    assert kstest(x**2, "chi2", (1,)).pvalue > LEVEL
    far = np.abs(x[np.abs(x) > 3.0])
    assert kstest(far, lambda v: 1 - norm.sf(v) / norm.sf(3.0)).pvalue > LEVEL
    beyond = int((np.abs(x) > random._NORMAL_TAIL).sum())
    assert binomtest(beyond, x.size, math.erfc(random._NORMAL_TAIL / math.sqrt(2))).pvalue > LEVEL


def test_two_million_normal_numbers_fill_400_equal_shares():
    """The steps of one path of constant production: where a layer's edge were wrong, some shares would be."""
    x = langevin(models.production(1.0), np.arange(0.0, 2e6 + 1), paths=1, dt=1.0, seed=3).of("M")[0]
    shares = np.bincount((norm.cdf(np.diff(x) - 1) * 400).astype(int), minlength=400)
    assert chisquare(shares).pvalue > LEVEL


def test_the_layers_of_the_normal_ziggurat_have_equal_areas_and_close_at_the_top():
    width, height = random._NORMAL_WIDTH * 2.0**53, random._NORMAL_HEIGHT
    areas = width[1:] * (height[:-1] - height[1:])
    assert areas == pytest.approx(np.full(255, areas[-1]), rel=1e-9)
    assert width[0] * height[255] == pytest.approx(areas[-1], rel=1e-12)


def test_normal_streams_of_neighbouring_paths_do_not_know_of_each_other():
    x, y = normals(7, 3, 50_000), normals(7, 4, 50_000)
    for one, other in ((x, y), (x[1:], x[:-1]), (x**2, y**2)):
        assert float(np.asarray(pearsonr(one, other))[1]) > LEVEL


@pytest.mark.parametrize(("grid", "dt", "wanted"), [
    ([1.0], 0.1, [10]), ([0.3, 0.6, 0.9], 0.1, [3, 3, 3]), ([0.0, 0.7], 0.07, [0, 10]), ([0.05], 1.0, [1]),
    ([1.0, 1.15], 0.1, [10, 2]), ([1e6], 0.1, [10**7])])
def test_the_number_of_steps_is_not_one_off_by_rounding(grid, dt, wanted):
    steps, h = time_steps(np.array(grid), dt)
    assert steps.tolist() == wanted
    assert steps * h == pytest.approx(np.diff(grid, prepend=0.0))
    assert (h <= dt * (1 + 1e-11)).all()


def test_a_decay_takes_just_the_steps_it_should():
    """The Euler mean after k steps is n0 (1 - dt)^k: k = 10 and 30, not 11 or 31."""
    decay = models.mrna_degradation(gamma=1.0, n0=100_000)
    ensemble = langevin(decay, [0.0, 1.0, 3.0], paths=400, dt=0.1, seed=4)
    assert (ensemble.of("M")[:, 0] == 100_000).all()
    for row, k in ((1, 10), (2, 30)):
        assert agrees(ensemble.of("M")[:, row], 1e5 * 0.9**k)
        assert not agrees(ensemble.of("M")[:, row], 1e5 * 0.9**(k + 1))


def by_hand(boundary: str, seed: int, path: int, steps: int, dt: float) -> tuple[list[complex], int]:
    """Euler-Maruyama of 0 -> A (2), 2A -> B (0.3), B -> 0 (1) from (1, 0), with the path's own normal numbers."""
    xi = iter(normals(seed, path, 3 * steps))
    a, b, below = 1.0, 0.0, 0
    root = cmath.sqrt if boundary == "complex" else math.sqrt
    for _ in range(steps):
        pairs = 0.15 * a * (a - 1)
        laws = [2.0, pairs, b]
        low = any(np.real(law) < 0 for law in laws)
        if boundary == "raw" and low:
            return [a, b], below + 1
        if boundary not in ("raw", "complex"):
            laws = [2.0, pairs if a > 1 else 0.0, max(b, 0.0)]
        f = [law * dt + root(law * dt) * next(xi) for law in laws]
        a, b = a + f[0] - 2 * f[1], b + f[1] - f[2]
        below += low or np.real(a) < 0 or np.real(b) < 0
        if boundary == "absorb" and min(a, b) < 0:
            return [max(a, 0.0), max(b, 0.0)], below
        if boundary == "clamp":
            a, b = max(a, 0.0), max(b, 0.0)
        if boundary == "reflect":
            a, b = abs(a), abs(b)
    return [a, b], below


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_paths_are_euler_maruyama_written_out_by_hand(boundary):
    """The same normal numbers, the definition of each boundary, square roots in the complex plane by cmath."""
    net = ReactionNetwork.parse("0 -> A ; 2\n2A -> B ; 0.3\nB -> 0 ; 1", initial={"A": 1})
    ensemble = langevin(net, [2.0], paths=12, dt=0.02, boundary=boundary, seed=11)
    for p in range(12):
        state, below = by_hand(boundary, 11, p, 100, 0.02)
        assert ensemble.violations[p] == below
        if boundary == "raw" and ensemble.status[p] == ROOT:
            assert below
        else:
            assert ensemble.counts[p, 0] == pytest.approx(np.array(state), rel=1e-9, abs=1e-12)


def test_birth_and_death_follow_the_gamma_law():
    """Away from zero separate and combined noise have one law: X + m is gamma of shape 4m and rate 2."""
    m = 20
    x = langevin(models.birth_death(m, 1, m), 12.0, paths=3000, dt=0.01, seed=2).of("M")[:, 0]
    assert kstest(x + m, gamma_law(4 * m, scale=0.5).cdf).pvalue > LEVEL


def test_the_gamma_law_solves_the_fokker_planck_equation():
    """No current: (k - g x) p = 1/2 d/dx[(k + g x) p], by differences; and mass 1, mean m, variance m, skewness."""
    m, h = 3.0, 1e-5
    x = np.linspace(-2.5, 12, 30)
    p = exact.langevin_birth_death(x, m)
    slope = ((m + x + h) * exact.langevin_birth_death(x + h, m)
             - (m + x - h) * exact.langevin_birth_death(x - h, m)) / (2 * h)
    assert (m - x) * p == pytest.approx(slope / 2, abs=1e-8)
    moments = [quad(lambda y, k=k: (y - m * (k > 1))**k * exact.langevin_birth_death(y, m), -m, 60)[0]
               for k in range(4)]
    assert moments == pytest.approx([1, m, m, m], rel=1e-7)
    below = quad(lambda y: exact.langevin_birth_death(y, m), -m, 0)[0]
    assert exact.langevin_birth_death_below_zero(m) == pytest.approx(below, rel=1e-7)
    assert exact.langevin_birth_death(-5.0, m) == 0
    assert [round(exact.langevin_birth_death_below_zero(k), 4) for k in (1, 2, 5)] == [0.1429, 0.0511, 0.0035]
    with pytest.raises(NetworkError, match="mean=0"):
        exact.langevin_birth_death(1.0, 0)


def test_the_variance_at_mean_50_is_50():
    """Exactly m / (1 - dt/2) for the Euler scheme; noise proportional to a instead of its root would give far more."""
    x = langevin(models.birth_death(50, 1, 50), 10.0, paths=4000, dt=0.02, seed=8).of("M")[:, 0]
    assert agrees(x, 50.0)
    assert agrees((x - 50.0)**2, 50 / 0.99)


def test_one_noise_per_reaction_conserves_what_the_reactions_conserve():
    net = models.receptor(2, 0.5, 1000).with_initial(A=200, B=800)
    ensemble = langevin(net, [0.5, 2.0, 10.0], paths=500, dt=0.05, seed=3)
    assert ensemble.counts.sum(axis=2) == pytest.approx(np.full((500, 3), 1000.0), rel=1e-12)
    assert ensemble.var()[2] == pytest.approx([160, 160], rel=0.4)


@pytest.mark.parametrize(("mean", "share"), [(1, 0.975), (5, 0.215)])
def test_raw_paths_fall_below_zero_as_often_as_paths_made_by_hand(mean, share):
    """Share of paths that meet a negative propensity by t = 10, against numpy's normals and the course's figures."""
    ensemble = langevin(models.birth_death(mean, 1, mean), 10.0, paths=1000, dt=0.005, seed=6)
    stopped = int((ensemble.status == ROOT).sum())
    rng, x, alive = np.random.default_rng(5), np.full(4000, float(mean)), np.ones(4000, bool)
    for _ in range(2000):
        alive &= x >= 0
        noise = math.sqrt(mean) * rng.normal(size=x.size) - np.sqrt(np.maximum(x, 0)) * rng.normal(size=x.size)
        x = np.where(alive, x + (mean - x) * 0.005 + math.sqrt(0.005) * noise, x)
    by_hand = 1 - alive.mean()
    assert abs(stopped / 1000 - by_hand) < 5 * math.sqrt(by_hand * (1 - by_hand) * (1 / 1000 + 1 / 4000)) + 1e-9
    assert binomtest(stopped, 1000, share).pvalue > LEVEL


def test_raw_paths_at_mean_20_stay_above_zero_and_at_mean_1_none_survives():
    high = langevin(models.birth_death(20, 1, 20), 100.0, paths=50, dt=0.01, seed=1)
    low = langevin(models.birth_death(1, 1, 1), 100.0, paths=50, dt=0.01, seed=1)
    assert (high.status == status.REACHED).all() and not high.violations.any() and np.isinf(high.stopped).all()
    assert (low.status == ROOT).all() and (low.violations > 0).all()


def test_a_stopped_path_is_named_never_a_silent_nan():
    ensemble = langevin(models.birth_death(2, 1, 2), np.linspace(0, 30, 31), paths=40, dt=0.05, seed=2)
    for p in range(40):
        assert np.isfinite(ensemble.of("M")[p, ensemble.times < ensemble.stopped[p] - 1e-9]).all()
        assert np.isnan(ensemble.of("M")[p, ensemble.times > ensemble.stopped[p] + 1e-9]).all()
    assert "had to stop" in repr(ensemble)
    with pytest.raises(SimulationError, match=r"of 40 paths stopped, the first at t = .*boundary='complex'"):
        ensemble.mean()


def stationary_mean_by_quadrature(m: float, dt: float, reflect: bool) -> float:
    """The Euler chain x -> x + (m - x) dt + sqrt(dt (m + x)) z, put back at zero or reflected, as a matrix.

    The two noises of a step add up to one normal number, so the chain needs no simulation.
    """
    edges = np.linspace(0, 16, 1601)
    x, cell = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
    start = np.concatenate([[0.0], x])
    drift, spread = start + (m - start) * dt, np.sqrt(dt * (m + start))
    p = norm.pdf(x[None], drift[:, None], spread[:, None]) * cell
    if reflect:
        p += norm.pdf(-x[None], drift[:, None], spread[:, None]) * cell
    at_zero = np.zeros_like(start) if reflect else norm.cdf(0.0, drift, spread)
    chain = np.column_stack([at_zero, p])
    chain /= chain.sum(axis=1, keepdims=True)
    law = np.full(start.size, 1 / start.size)
    for _ in range(int(25 / dt)):
        law = law @ chain
    return float(law @ start)


@pytest.mark.parametrize(("boundary", "figure"), [("clamp", 1.16), ("reflect", 1.22)])
def test_clamping_and_reflecting_raise_the_mean(boundary, figure):
    """m = 1, dt = 0.1: the clamped mean is 1.16 instead of 1, the reflected one 1.22."""
    wanted = stationary_mean_by_quadrature(1.0, 0.1, boundary == "reflect")
    times = np.arange(20, 420, 4.0)
    ensemble = langevin(models.birth_death(1, 1, 1), times, paths=600, dt=0.1, boundary=boundary, seed=9)
    of_paths = ensemble.of("M").mean(axis=1)
    assert agrees(of_paths, wanted)
    assert not agrees(of_paths, 1.0)
    assert (ensemble.counts >= 0).all() and (ensemble.violations > 0).all()
    assert wanted == pytest.approx(figure, abs=5e-3)


def test_the_wall_at_zero_has_the_mean_of_the_law_above_it():
    """By quadrature of the density."""
    for m in (0.3, 1.0, 5.0):
        above, weighted = (quad(lambda x, k=k, m=m: x**k * exact.langevin_birth_death(x, m), 0, 40)[0] for k in (0, 1))
        assert exact.langevin_birth_death_reflected_mean(m) == pytest.approx(weighted / above, rel=1e-8)
    assert exact.langevin_birth_death_reflected_mean(1.0) == pytest.approx(1.2105, abs=5e-5)


def test_the_complex_plane_keeps_mean_and_variance_of_a_linear_network():
    """m = 1: mean 1 and <x^2> - <x>^2 = 1 / (1 - dt/2), though single paths are complex."""
    ensemble = langevin(models.birth_death(1, 1, 1), np.arange(10, 110, 4.0), paths=3000, dt=0.02, boundary="complex",
                        seed=4)
    x = ensemble.of("M")
    assert x.dtype == np.complex128 and np.abs(np.imag(x)).max() > 0.5
    assert agrees(np.real(x).mean(axis=1), 1.0)
    assert agrees(np.imag(x).mean(axis=1), 0.0)
    assert agrees(np.real((x - 1)**2).mean(axis=1), 1 / 0.99)
    assert agrees(np.imag((x - 1)**2).mean(axis=1), 0.0)
    assert (ensemble.status == status.REACHED).all()
    assert ensemble.mean()[0, 0] == pytest.approx(np.real(x[:, 0]).mean())
    assert ensemble.var()[0, 0] == pytest.approx(np.real((x[:, 0] - x[:, 0].mean())**2).sum() / 2999)


def test_complex_and_real_paths_are_one_while_all_propensities_are_positive():
    net = ReactionNetwork.parse("0 -> A ; 40\n2A + B -> C ; 0.001\nC -> B ; 1\nA -> 0 ; 0.3",
                                initial={"A": 60, "B": 50, "C": 60})
    real = langevin(net, [0.5, 1.0], paths=20, dt=0.05, seed=1)
    plane = langevin(net, [0.5, 1.0], paths=20, dt=0.05, seed=1, boundary="complex")
    assert (real.violations == 0).all()
    assert np.real(plane.counts) == pytest.approx(real.counts, rel=1e-12)
    assert not np.imag(plane.counts).any()


def test_absorbed_paths_hold_for_good():
    ensemble = langevin(models.birth_death(2, 1, 2), np.linspace(0, 50, 26), paths=50, dt=0.02, boundary="absorb",
                        seed=3)
    for p in np.flatnonzero(ensemble.status == status.ABSORBED):
        assert not ensemble.of("M")[p, ensemble.times >= ensemble.stopped[p]].any()
    assert (ensemble.status == status.ABSORBED).sum() > 40
    assert ensemble.mean()[-1, 0] < 1


def test_a_custom_propensity_stops_once_its_reactant_is_used_up():
    """A -> 0 at constant rate 7 falls below zero once, is put back to 0, and never fires again."""
    ensemble = langevin(ReactionNetwork.parse("A -> 0 ; a = 7", initial={"A": 3}), [9.0], paths=20, dt=0.01, seed=1,
                        boundary="clamp")
    assert not ensemble.counts.any() and (ensemble.violations == 1).all()


def test_paths_do_not_depend_on_chunks_executors_or_their_number():
    net, grid = ReactionNetwork.parse("0 -> A ; a = 9/(1 + (A/4)^2)\nA -> 0 ; 1", initial={"A": 6}), [0.5, 1.0]
    few = langevin(net, grid, paths=5, dt=0.05, seed=3, boundary="clamp")
    many = langevin(net, grid, paths=300, dt=0.05, seed=3, boundary="clamp")
    with ThreadPoolExecutor(2) as pool:
        spread = langevin(net, grid, paths=300, dt=0.05, seed=3, boundary="clamp", executor=pool)
    assert np.array_equal(few.counts, many.counts[:5])
    assert np.array_equal(spread.counts, many.counts) and np.array_equal(spread.violations, many.violations)
    assert not np.array_equal(many.counts, langevin(net, grid, paths=300, dt=0.05, seed=4, boundary="clamp").counts)


SCRIPT = """
import json
from cmelab import ReactionNetwork
from cmelab.langevin import BOUNDARIES, langevin
from cmelab.kernels.jit import is_compiled
net = ReactionNetwork.parse("0 -> A ; 2\\n2A -> B ; 0.3\\nB -> 0 ; 1\\nA + B -> A ; 0.2", initial={"A": 2})
formula = ReactionNetwork.parse("0 -> A ; a = 9/(1 + (A/4)^2)\\nA -> 0 ; 1", initial={"A": 4})
runs = [langevin(net, [0.5, 2.0], paths=6, dt=0.05, seed=3, boundary=b) for b in BOUNDARIES]
runs.append(langevin(formula, [0.5, 2.0], paths=6, dt=0.05, seed=3, boundary="clamp"))
print(json.dumps([is_compiled(), [[repr(r.counts.tolist()), r.status.tolist(), r.stopped.tolist(),
                                   r.violations.tolist()] for r in runs]]))
"""


def test_the_interpreted_twin_walks_the_identical_path():
    answers = []
    for off in ("0", "1"):
        done = subprocess.run([sys.executable, "-W", "error", "-c", SCRIPT], text=True,
                              env=os.environ | {"NUMBA_DISABLE_JIT": off}, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        answers.append(json.loads(done.stdout))
    assert [compiled for compiled, _ in answers] == [True, False]
    assert answers[0][1] == answers[1][1]


def test_long_paths_are_walked_in_slices_without_a_seam(monkeypatch):
    net = models.birth_death(30, 1, 30)
    whole = langevin(net, [1.0, 40.0], paths=3, dt=0.01, seed=5)
    monkeypatch.setattr(sys.modules["cmelab.langevin"], "SLICE", 1)
    assert np.array_equal(langevin(net, [1.0, 40.0], paths=3, dt=0.01, seed=5).counts, whole.counts)


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("text", ["", "A -> 0 ; 0", "0 -> A ; 0"])
def test_where_nothing_fires_the_counts_hold(text, boundary):
    net = ReactionNetwork.parse(text, initial={"A": 3} if text else {})
    ensemble = langevin(net, [0.0, 1.0], paths=2, dt=0.1, seed=1, boundary=boundary)
    assert (ensemble.counts == net.initial).all() and not ensemble.violations.any()


@pytest.mark.parametrize(("text", "said"), [
    ("2A -> 3A ; 1", r"Path 0 stopped at t = .*explosive"), ("A -> 0 ; a = A - 9", r"t = 0: a custom propensity"),
    ("A -> 0 ; a = (A - 5)/(A - 5)", "not a number")])
def test_what_cannot_go_on_is_named_with_the_paths_so_far(text, said):
    with pytest.raises(SimulationError, match=said) as caught:
        langevin(ReactionNetwork.parse(text, initial={"A": 5}), [0.1, 9.0], paths=2, dt=0.01, seed=1, boundary="clamp")
    assert caught.value.partial.counts.shape == (2, 2, 1)


@pytest.mark.parametrize(("mean", "valid"), [(1, False), (5, False), (20, True), (1000, True)])
def test_the_verdict_on_birth_and_death_in_numbers(mean, valid):
    """m firings of each reaction per relaxation time 1/gamma, and sqrt(m) standard deviations above zero."""
    verdict = langevin_validity(models.birth_death(2 * mean, 2, mean), [50.0], dt=0.1)
    assert verdict.per_relaxation[0] == pytest.approx([mean, mean], rel=1e-6)
    assert verdict.per_step[0] == pytest.approx([0.2 * mean, 0.2 * mean], rel=1e-6)
    assert verdict.deviations[0, 0] == pytest.approx(math.sqrt(mean), rel=1e-6)
    assert verdict.valid is valid
    assert ("FAIL" in repr(verdict)) is not valid


def test_one_gene_copy_breaks_the_equation_whatever_the_protein_count():
    """Protein near 500 is frequent enough; the gene's two reactions are not, nor is its count far from zero."""
    net = ReactionNetwork.parse("G <-> H ; 0.1, 0.1\nH -> H + P ; 1000\nP -> 0 ; 1", initial={"G": 1})
    verdict = langevin_validity(net, [100.0], dt=0.01)
    assert (verdict.per_relaxation[0] < 10).tolist() == [True, True, False, False]
    assert not verdict.frequent and not verdict.away and not verdict.valid
    assert verdict.reactions == ("G -> H", "H -> G", "H -> H + P", "P -> 0")


def test_a_reaction_between_fast_and_slow_counts_is_measured_by_the_fast_one():
    """A -> B fires 600 times a unit of time; A turns over in 1/20, B in 1/2."""
    net = ReactionNetwork.parse("0 -> A ; 600\nA -> B ; 20\nB -> 0 ; 2", initial={"A": 30, "B": 300})
    verdict = langevin_validity(net, [50.0], dt=0.01)
    assert verdict.per_relaxation[0] == pytest.approx([30, 30, 300], rel=1e-6)


def test_a_species_that_is_never_consumed_has_no_distance_to_keep():
    verdict = langevin_validity(models.production(50.0), [1.0, 2.0], dt=0.1)
    assert np.isinf(verdict.deviations).all() and verdict.valid
    assert verdict.per_relaxation.tolist() == pytest.approx(np.array([[100.0], [100.0]]))
    assert langevin_validity(ReactionNetwork.parse(""), 1.0, dt=0.1).valid


@pytest.mark.parametrize(("change", "said"), [
    ({"dt": 0.0}, "dt=0.0"), ({"dt": -1}, "dt=-1"), ({"dt": math.nan}, "dt=nan"), ({"dt": math.inf}, "dt=inf"),
    ({"dt": "0.1"}, "dt='0.1'"), ({"dt": True}, "dt=True"), ({"dt": 1e-12}, "dt=1e-12 means"),
    ({"boundary": "clip"}, "boundary='clip'"), ({"boundary": None}, "boundary=None"), ({"paths": 0}, "paths=0"),
    ({"paths": 2.0}, "paths=2.0"), ({"seed": -1}, "seed=-1"), ({"seed": None}, "seed=None"),
    ({"times": [2, 1]}, "times must increase"), ({"times": math.nan}, "times contains nan"),
    ({"text": "0 -> A ; 5 ; delay 2"}, "delay 2"),
    ({"text": "A -> 0 ; a = A/(1+A)", "boundary": "complex"}, "boundary='complex' takes mass action only"),
])
def test_unusable_input_is_refused_with_the_value(change, said):
    given = {"text": "A -> 0 ; 1", "times": 1.0, "paths": 1, "dt": 0.1, "seed": 1} | change
    with pytest.raises(NetworkError) as caught:
        langevin(ReactionNetwork.parse(given.pop("text")), given.pop("times"), **given)
    assert said in str(caught.value)


@pytest.mark.parametrize(("times", "dt", "said"), [(0.0, 0.1, "times begins at 0"), ([0, 1], 0.1, "begins at 0"),
                                                   (1.0, 0, "dt=0")])
def test_a_verdict_needs_a_time_and_a_step(times, dt, said):
    with pytest.raises(NetworkError, match=said):
        langevin_validity(models.birth_death(), times, dt=dt)
