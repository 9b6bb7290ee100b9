"""Comparisons: distances against brute force, verdicts against laws known otherwise, and nothing stops the rest."""
from __future__ import annotations

import csv
import io
import math
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch
from scipy.linalg import expm
from scipy.stats import binom, norm, poisson, wasserstein_distance

from cmelab import NetworkError, ReactionNetwork, compare, exact, models
from cmelab import methods as all_methods
from cmelab.closures import CLOSURES
from cmelab.compare import COLUMNS
from cmelab.distances import (
    Marginal,
    from_gaussian,
    from_samples,
    mean_deviation,
    peaks,
    sampling_errors,
    sampling_variation,
    sampling_wasserstein,
    total_variation,
    wasserstein,
)

CLOSED = tuple(c.name for c in CLOSURES)


def of_samples(x: np.ndarray) -> Marginal:
    law = from_samples(x)
    assert law is not None
    return law


def of_gaussian(mean: float, sd: float) -> Marginal:
    law = from_gaussian(np.array([mean]), np.array([sd]))
    assert law is not None
    return law


def poisson_marginal(mean: float, most: int) -> Marginal:
    return Marginal(np.arange(most + 1), poisson.pmf(np.arange(most + 1), mean)[None])


@pytest.mark.parametrize(("mean", "m", "sd"), [(1.0, 1.0, 1.0), (7.3, 6.9, 2.5), (100.0, 100.0, 10.0), (3.0, 3.0, 0.0)])
def test_distances_of_a_poisson_law_from_a_gaussian_by_brute_force(mean, m, sd):
    """Bin by bin with another library's distribution functions, W1 by its own routine."""
    exact_law, gaussian = poisson_marginal(mean, 400), of_gaussian(m, sd)
    n = np.arange(-400, 401)
    p = np.array([poisson.pmf(int(k), mean) for k in n])
    q = norm.cdf(n + 0.5, m, sd) - norm.cdf(n - 0.5, m, sd) if sd else (n == round(m)).astype(float)
    assert total_variation(gaussian, exact_law)[0] == pytest.approx(0.5 * np.abs(p - q).sum(), abs=1e-12)
    assert wasserstein(gaussian, exact_law)[0] == pytest.approx(wasserstein_distance(n, n, p, q), abs=1e-10)
    assert gaussian.below[0] == pytest.approx(norm.cdf(-0.5, m, sd) if sd else 0.0, abs=1e-14)
    assert gaussian.p.sum() == pytest.approx(1.0, abs=1e-13)


def test_a_gaussian_keeps_its_digits_on_both_sides():
    law = of_gaussian(50.0, 5.0)
    assert law.p[0] == pytest.approx(law.p[0, ::-1], rel=1e-9)


def test_real_counts_go_to_the_nearest_whole_number_and_stay_below_zero():
    x = np.array([-1.2, -0.5, -0.49, 0.49, 0.5, 1.5, 2.0, 2.49])[:, None]
    law = of_samples(x)
    assert dict(zip(law.counts.tolist(), (8 * law.p[0]).tolist(), strict=True)) == {-1: 1, 0: 3, 1: 1, 2: 3}
    assert law.below[0] == 1 / 8


def test_distances_of_samples_are_those_of_another_library():
    rng = np.random.default_rng(3)
    a, b = rng.poisson(4, (500, 2)), rng.poisson(5, (300, 2))
    got = wasserstein(of_samples(a), of_samples(b))
    assert got == pytest.approx([wasserstein_distance(a[:, t], b[:, t]) for t in range(2)], abs=1e-12)
    shares = [np.abs((a[:, [t]] == np.arange(30)).mean(0) - (b[:, [t]] == np.arange(30)).mean(0)).sum() / 2
              for t in range(2)]
    assert total_variation(of_samples(a), of_samples(b)) == pytest.approx(shares, abs=1e-12)


@pytest.mark.parametrize("samples", [1, 7, 200])
def test_the_mean_deviation_of_a_share_is_its_sum(samples):
    p = np.array([0.0, 1e-6, 0.03, 0.5, 3 / 7, 0.999, 1.0])
    k = np.arange(samples + 1)
    wanted = [(np.abs(k / samples - q) * binom.pmf(k, samples, q)).sum() for q in p]
    assert mean_deviation(p, samples) == pytest.approx(wanted, rel=1e-9, abs=1e-15)


def test_exact_samples_are_as_far_away_as_expected_of_their_number():
    """2,000 experiments of 50 draws each; the mean distance has a standard error of its own, level 1e-6."""
    law, draws = poisson_marginal(6.0, 60), np.random.default_rng(8).poisson(6.0, (50, 2000))
    repeated = Marginal(law.counts, np.repeat(law.p, 2000, axis=0))
    for distance, expected in ((total_variation, sampling_variation), (wasserstein, sampling_wasserstein)):
        seen = distance(of_samples(draws), repeated)
        z = (seen.mean() - expected(law, 50)[0]) / (seen.std(ddof=1) / math.sqrt(2000))
        assert math.erfc(abs(z) / math.sqrt(2)) > 1e-6


@pytest.mark.parametrize(("law", "wanted"), [
    (poisson.pmf(np.arange(100), 20), 1),
    (0.5 * poisson.pmf(np.arange(200), 20) + 0.5 * poisson.pmf(np.arange(200), 120), 2),
    (0.99 * poisson.pmf(np.arange(200), 20) + 0.01 * poisson.pmf(np.arange(200), 120), 1),
    (np.where(np.arange(60) % 2, 0, binom.pmf(np.arange(60) // 2, 30, 0.4)), 1),
    (np.array([0.2, 0.8]), 1), (np.array([1.0]), 1),
    (np.bincount(np.random.default_rng(1).poisson(300, 1000), minlength=400) / 1000, 1),
    (0.3 * poisson.pmf(np.arange(300), 5) + 0.4 * poisson.pmf(np.arange(300), 100)
     + 0.3 * poisson.pmf(np.arange(300), 200), 3),
])
def test_peaks_are_those_that_an_eye_would_count(law, wanted):
    assert len(peaks(np.arange(len(law)), law / law.sum())) == wanted


def test_the_peaks_of_a_mixture_lie_at_its_parts():
    law = 0.5 * poisson.pmf(np.arange(300), 30) + 0.5 * poisson.pmf(np.arange(300), 200)
    assert peaks(np.arange(300), law) == pytest.approx([30, 200], abs=12)


def test_the_master_equation_and_its_paths_follow_the_closed_law():
    c = compare(models.birth_death(k=8), [0.5, 3.0], ["cme", "ssa", "lna"], paths=4000)
    n = np.arange(60)
    truth = np.array([exact.birth_death(n, t, 8.0, 1.0) for t in (0.5, 3.0)])
    cme, ssa, lna = (c.of(m) for m in ("cme", "ssa", "lna"))
    assert cme.laws["M"].p[:, :60] == pytest.approx(truth[:, :cme.laws["M"].p.shape[1]], abs=1e-11)
    counts = ssa.result.of("M")
    by_hand = [0.5 * np.abs((counts[:, [t]] == n).mean(0) - truth[t]).sum() for t in range(2)]
    assert ssa.distances.tv[:, 0] == pytest.approx(by_hand, abs=1e-9)
    assert ssa.distances.w1[:, 0] == pytest.approx(
        [wasserstein_distance(counts[:, t], n, None, truth[t]) for t in range(2)], abs=1e-9)
    mean = 8 * -np.expm1(-np.array([0.5, 3.0]))
    gaussian = norm.cdf(n + 0.5, mean[:, None], np.sqrt(mean)[:, None]) - norm.cdf(n - 0.5, mean[:, None],
                                                                                np.sqrt(mean)[:, None])
    below = norm.cdf(-0.5, mean, np.sqrt(mean))
    assert lna.distances.tv[:, 0] == pytest.approx(0.5 * (np.abs(gaussian - truth).sum(axis=1) + below), abs=1e-8)
    assert ssa.mean_error[:, 0] == pytest.approx(counts.std(axis=0, ddof=1) / math.sqrt(4000))
    assert (c.yardstick, ssa.valid, cme.valid) == ("cme", True, True)


def test_the_course_figures_of_annihilation():
    """2A -> 0, k = 0.1, from 10: exact 5.215, rate equation 10/(1 + 2 k n0 t) = 5, combinatorial form 5.387."""
    c = compare(models.annihilation(k=0.1, n0=10), [0.5])
    n = np.arange(0, 11, 2)
    fires = 0.1 * n * (n - 1)
    p = expm(0.5 * (np.diag(fires[1:], 1) - np.diag(fires)))[:, -1]
    mean = float(p @ n)
    var = float(p @ n**2) - mean**2
    assert (round(mean, 3), round(var, 3)) == (5.215, 3.014)
    figures = {"cme": mean, "ode": 5.0, "mean field": 1 / (1 - 0.9 * math.exp(-0.1)), "normal": 5.219}
    for method, wanted in figures.items():
        assert c.of(method).mean[0, 0] == pytest.approx(wanted, abs=5e-4), method
        assert c.of(method).distances.mean[0, 0] == pytest.approx(wanted - mean, abs=5e-4), method
    assert c.of("mean field").mean[0, 0] == pytest.approx(5.387, abs=5e-4)
    assert c.of("normal").var[0, 0] == pytest.approx(2.983, abs=5e-4)
    assert c.of("normal").distances.var[0, 0] == pytest.approx(2.983 - var, abs=5e-4)
    assert f"fires {p @ fires:.3g} times per unit time on average, and {0.1 * mean**2:.3g}" in c.of("ode").verdict


@pytest.mark.parametrize("model", [models.telegraph, models.three_state_cycle, models.mrna_degradation])
def test_linear_networks_have_no_error_under_any_closure(model):
    c = compare(model(), [0.3, 2.0], ["lna", "ode", *CLOSED])
    for out in c.outcomes:
        assert out.distances.mean == pytest.approx(np.zeros_like(out.mean), abs=1e-7), out
        assert out.distances.var == pytest.approx(np.zeros_like(out.var), abs=1e-6), out
        assert "at most one reactant molecule" in out.verdict
        assert out.valid or out.method == "lna"  # a Gaussian of the right mean and variance is still no law of counts


def test_two_peaks_break_every_method_that_follows_one_mean():
    c = compare(models.schlogl(), [1.0, 5.0], ["cme", "ode", "lna", "normal", "log-normal"])
    law = c.of("cme").laws["X"].p[1]
    low, high = np.argmax(law[:240]), 240 + np.argmax(law[240:])
    for method in ("ode", "lna", "normal", "log-normal"):
        said = c.of(method).verdict
        assert not c.of(method).valid
        assert "the law of X has 2 separate peaks, near " in said
        near = said.split("peaks, near ")[1].split(",")[0].split(" and ")
        assert list(map(int, near)) == pytest.approx([low, high], abs=40)
    assert "grows at rate" in c.of("lna").verdict


def test_an_epidemic_that_has_died_out_is_named_with_its_probability():
    c = compare(models.sis(), [5.0], ["cme", "ode", "mean field"])
    n = np.arange(21)
    up, down = 1.5 * n * (20 - n) / 20, n * 1.0
    a = np.diag(-up - down) + np.diag(up[:-1], -1) + np.diag(down[1:], 1)
    extinct = expm(5 * a)[0, 7]
    for method in ("ode", "mean field"):
        assert f"all has ended for good with probability {extinct:.3g} (S = 20, I = 0)" in c.of(method).verdict
        assert c.of(method).valid is False


@pytest.mark.parametrize(("mean", "valid", "words"), [(1.0, False, ("FAIL", "FAILS", "went below zero, treated by")),
                                                      (100.0, True, ("0 of 600 paths", "Distance to zero holds"))])
def test_langevin_at_mean_1_and_at_mean_100(mean, valid, words):
    c = compare(models.birth_death(k=mean, n0=int(mean)), [1.0, 3.0], ["cle"], paths=600)
    out = c.of("cle")
    assert out.valid is valid, out.verdict
    assert all(word in out.verdict for word in words), out.verdict
    # Mean m throughout, variance m (1 - exp(-2t)): survivors of a binomial law, newcomers of a Poisson law.
    distance = float(out.verdict.split("comes as near as ")[1].split()[0])
    assert distance == pytest.approx(mean / math.sqrt(mean * (1 - math.exp(-6.0))), rel=1e-2)


def test_a_closure_that_breaks_keeps_its_curve_and_says_when_and_why():
    """The normal closure of 2A -> 0, k = 1 from 10: the mean falls below zero and blows up near 1.06 / k."""
    c = compare(models.annihilation(k=1.0), np.linspace(0, 2, 21), ["normal", "poisson", "cme"])
    out = c.of("normal")
    assert 0 < out.times[-1] < 1.06
    assert out.mean.shape == out.var.shape == out.distances.mean.shape == (out.times.size, 1)
    assert out.valid is False
    assert "breaks at t = " in out.verdict and "falls below zero" in out.verdict
    assert c.of("poisson").valid is False
    assert c.of("cme").times.size == 21


def test_what_cannot_run_is_there_with_the_reason_and_stops_nothing():
    hill = compare(models.autoregulation(), [0.0, 1.0], paths=50)
    assert all(not hill.of(m).ran and "no polynomial" in hill.of(m).verdict for m in CLOSED)
    late = compare(models.delayed_production(), [0.0, 4.0], paths=400)
    assert late.yardstick == "ssa"
    assert "standard errors up to" in late.note and "delay 3" in late.note
    assert all("delay 3" in late.of(m).why for m in ("cme", "cle", "lna", "normal"))
    assert late.of("ode").mean[1, 0] == pytest.approx(5 * -math.expm1(-1.0), rel=1e-6)
    wide = compare(models.lotka_volterra(), [1.0], ["cme", "ode"], paths=50, max_states=2000)
    assert wide.yardstick == "ssa"
    assert "max_states=2000" in wide.of("cme").verdict
    assert wide.of("ode").distances.mean.shape == (1, 2)
    assert wide.methods == ("cme", "ode")


def test_a_master_equation_within_too_narrow_bounds_is_no_yardstick():
    """Bounds of 8 on a Poisson law of mean 10: most of it has left by then."""
    c = compare(models.birth_death(), [0.1, 6.0], ["cme", "ode"], paths=400, bounds=8)
    lost = float(c.of("cme").result.lost[-1])
    assert lost > 0.5
    assert c.yardstick == "ssa" and f"it loses {lost:.2g} of the probability" in c.note
    assert c.of("cme").valid is False and c.of("ode").valid is True


def test_an_explosive_network_leaves_nothing_to_measure_by_and_says_so():
    net = ReactionNetwork.parse("2A -> 3A ; 1", initial={"A": 20})
    c = compare(net, [0.01, 5.0], paths=20, max_states=200)
    assert c.yardstick == ""
    assert c.note.startswith("Nothing to measure by")
    assert all(out.valid in (None, False) and out.verdict for out in c.outcomes)
    ode = c.of("ode")
    assert ode.times.tolist() == [0.01]
    assert "grows without bound" in ode.verdict
    assert ode.mean[0, 0] == pytest.approx(1 / (1 / 20 - 0.01 / 2), rel=1e-8)


def test_a_chain_is_measured_against_paths_with_the_real_delay():
    net, at = models.delayed_production(a=8.0, tau=1.0), [0.5, 4.0]
    c = compare(net, at, ["chain", "chain lna", "ode"], paths=3000, stages=5)
    mean = c.of("chain lna").mean[:, 0]
    assert mean == pytest.approx([8 * released(t, 5, 1.0) for t in at], rel=1e-6)
    assert c.of("ode").mean[:, 0] == pytest.approx([0.0, 8 * -math.expm1(-3.0)], abs=1e-6)
    assert c.of("chain").mean[:, 0] == pytest.approx(mean, abs=5 * math.sqrt(8 / 3000))
    assert f"W1 = {2 * 5**5 * math.exp(-5) / math.factorial(5):.2g} from the fixed delay" in c.of("chain").verdict


def released(t: float, stages: int, tau: float) -> float:
    """Integral of P(Erlang <= s) exp(-(t - s)) over 0 < s < t, by a fine sum."""
    s = (np.arange(200_000) + 0.5) * t / 200_000
    rate = stages / tau
    tail = sum(np.exp(-rate * s) * (rate * s)**j / math.factorial(j) for j in range(stages))
    return float(((1 - tail) * np.exp(s - t)).sum() * t / 200_000)


def test_all_numbers_are_in_the_rows_and_the_csv():
    c = compare(models.receptor(copies=3), [0.0, 1.0], ["cme", "ssa", "ode"], paths=100)
    rows = list(csv.DictReader(io.StringIO(c.to_csv())))
    assert len(rows) == 3 * 2 * 2
    assert tuple(rows[0]) == COLUMNS
    for row, out in zip(rows, [o for o in c.outcomes for _ in range(4)], strict=True):
        t, s = [0.0, 1.0].index(float(row["time"])), c.net.species.index(row["species"])
        assert row["method"] == out.method
        assert float(row["mean"]) == out.mean[t, s]
        assert float(row["mean_error"]) == out.distances.mean[t, s]
        assert (float(row["var"]) == out.var[t, s]) if len(out.var) else row["var"] == ""
        assert (float(row["tv"]) == out.distances.tv[t, s]) if out.laws else row["tv"] == row["w1"] == ""


def test_it_shows_a_table_with_every_method_and_every_reason():
    c = compare(models.sis(), [1.0, 4.0], paths=100)
    for shown in (repr(c), c._repr_html_()):
        assert all(name in shown for name in c.methods)
        assert "conditional closure needs a switch" in " ".join(shown.replace("&#x27;", "'").split())
        assert "Measured against the exact master equation, 21 states" in " ".join(shown.split())
    assert max(map(len, repr(c).splitlines())) <= 110
    assert "<script" not in c._repr_html_()
    assert repr(c.of("ode")).startswith("ode: not valid. The mean is off by +")


def test_pictures_show_the_numbers():
    c = compare(models.birth_death(k=4), [0.0, 1.0, 2.0], ["cme", "ode", "lna"])
    axes = c.plot(Figure().subplots())
    lines = {str(line.get_label()): line for line in axes.get_lines() if not str(line.get_label()).startswith("_")}
    assert set(lines) == {"cme", "ode", "lna"}
    for method, line in lines.items():
        assert np.array_equal(line.get_ydata(), c.of(method).mean[:, 0])
    edges = [np.asarray(line.get_ydata()) for line in axes.get_lines() if str(line.get_label()).startswith("_")]
    assert len(axes.collections) == 1 and len(edges) == 2  # the band of the first, the edges of linear noise
    assert edges[1] == pytest.approx(c.of("lna").mean[:, 0] + np.sqrt(c.of("lna").var[:, 0]))
    laws = c.plot(species="M", at=2.0, methods=["cme", "lna"])
    drawn = {str(p.get_label()): p for p in laws.patches if isinstance(p, StepPatch)}
    assert set(drawn) == {"cme", "lna"}
    values, edges, _ = drawn["cme"].get_data()
    assert np.asarray(values) == pytest.approx(exact.birth_death(np.asarray(edges)[:-1] + 0.5, 2.0, 4.0, 1.0), abs=1e-9)
    with pytest.raises(NetworkError, match=r"at=1.5; .*nearest is 1"):
        c.plot(at=1.5)
    with pytest.raises(NetworkError, match="no species 'Q'"):
        c.plot(species="Q")
    with pytest.raises(NetworkError, match=r"no method 'tau' here; there are 'cme', 'ode', 'lna'"):
        c.of("tau")


def test_numbers_do_not_depend_on_threads_and_methods_have_streams_of_their_own():
    net, few = models.birth_death(k=5), ["ssa", "tau", "cle"]
    alone = compare(net, [1.0], few, paths=100, seed=5)
    with ThreadPoolExecutor(2) as pool:
        spread = compare(net, [1.0], few, paths=100, seed=5, executor=pool, progress=False)
    for method in few:
        assert np.array_equal(alone.of(method).result.counts, spread.of(method).result.counts), method
    assert not np.array_equal(alone.of("ssa").result.counts, alone.of("tau").result.counts)


def test_after_an_interrupt_what_is_finished_is_kept(monkeypatch):
    def stop(case):
        raise KeyboardInterrupt

    broken = tuple(all_methods.Method("lna", "", stop, m.read) if m.name == "lna" else m for m in all_methods.METHODS)
    monkeypatch.setattr(import_module("cmelab.compare"), "METHODS", broken)
    with pytest.raises(KeyboardInterrupt) as caught:
        compare(models.birth_death(), [1.0], ["cme", "ode", "lna", "normal"])
    partial = caught.value.partial  # pyright: ignore[reportAttributeAccessIssue]
    assert partial.methods == ("cme", "ode")
    assert partial.of("ode").distances.mean.shape == (1, 1)


def test_a_method_that_fails_in_a_way_nobody_foresaw_is_a_row_too(monkeypatch):
    def fail(case):
        raise ArithmeticError("numbers ran out")

    broken = tuple(all_methods.Method("lna", "", fail, m.read) if m.name == "lna" else m for m in all_methods.METHODS)
    monkeypatch.setattr(import_module("cmelab.compare"), "METHODS", broken)
    c = compare(models.birth_death(), [1.0], ["lna", "ode"])
    assert c.of("lna").verdict == "Not run: it stopped with ArithmeticError: numbers ran out."
    assert c.of("ode").valid


@pytest.mark.parametrize("model", models.MODELS)
def test_every_model_gets_a_verdict_from_every_method(model):
    c = compare(model(), [0.0, 0.4, 1.0], paths=100, max_states=2000)
    assert c.yardstick
    for out in c.outcomes:
        assert out.verdict, out.method
        assert "stopped with" not in out.why, out
        assert "nan" not in out.verdict.lower(), out
        d = out.distances
        assert all(np.isfinite(x).all() for x in (out.mean, out.var, d.mean, d.var, d.tv, d.w1)), out.method
        assert out.ran == (out.valid is not None)
    exact_ones = [m for m in ("cme", "ssa") if c.of(m).ran]
    assert all(c.of(m).valid for m in exact_ones)


def test_errors_expected_of_samples_are_those_of_many_samples():
    """Spread of means and variances over 4000 samples of 100 draws of a skew law, each within 6 %."""
    law = Marginal(np.arange(4), np.array([[0.6, 0.1, 0.1, 0.2]]))
    mean_error, var_error = sampling_errors(law, 100)
    draws = np.random.default_rng(5).choice(4, p=law.p[0], size=(4000, 100))
    assert draws.mean(axis=1).std() == pytest.approx(mean_error[0], rel=0.06)
    assert draws.var(axis=1, ddof=1).std() == pytest.approx(var_error[0], rel=0.06)
