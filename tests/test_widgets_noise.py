"""NoiseKnob and ValidityMap against closed laws of birth and death, recursions of a step, and the volume itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest, chi2, poisson, wasserstein_distance

import cmelab
from cmelab import ReactionNetwork, langevin, langevin_validity, models
from cmelab.errors import NetworkError
from cmelab.widgets import NoiseKnob, ValidityMap, noise_knob, noisy_paths, validity_map
from cmelab.widgets.frame import at
from cmelab.widgets.law_film import TOTAL
from cmelab.widgets.noisy_paths import CLIP, LIKE_A, NO_ROOT, PATHS, SPECIES, STEP, Noisy

LEVEL = 1e-6


def marks(bank, kind, panel):
    return [m for m in bank.marks if m.kind == kind and m.panel == panel]


def reading(bank, label):
    return next(r for r in bank.readings if r.label.startswith(label)).value.fill(bank.frames - 1)


def walked(preset, **options):
    values = NoiseKnob.start(preset, options)
    times, stride = noise_knob.moments_of_time(values)
    return times, noise_knob.walked(values, times, stride)


# NoiseKnob: the right equation


@pytest.mark.parametrize(("dt", "t_end"), [(0.1, 10.0), (0.01, 20.0), (0.5, 1.0), (0.06, 10.0)])
def test_frames_are_whole_numbers_of_steps(dt, t_end):
    times, stride = noise_knob.moments_of_time(NoiseKnob.start(None, {"dt": dt, "t_end": t_end}))
    assert np.diff(times) == pytest.approx(stride * dt) and times[0] == 0
    assert t_end - stride * dt < times[-1] + 1e-9 < t_end + dt and times.size <= 1 + noise_knob.FRAMES


@pytest.mark.parametrize("boundary", ["raw", "clamp", "reflect", "absorb", "complex"])
def test_paths_are_those_of_the_public_function(boundary):
    times, noisy = walked("one-molecule", boundary=boundary)
    public = langevin(models.birth_death(1, 1, 1), times, paths=PATHS, dt=0.1, boundary=boundary, seed=1)
    assert np.array_equal(noisy.x, np.real(public.of("M")), equal_nan=True)


@pytest.mark.parametrize(("mean", "share"), [(1, 0.975), (5, 0.215), (20, 0.0)])
def test_paths_fall_below_zero_as_often_as_the_course_says(mean, share):
    """L4: ever negative by t = 10: 97.5 %, 21.5 % and none, for small steps."""
    name = {1: "one-molecule", 5: "five-molecules", 20: "twenty-molecules"}[mean]
    bank = NoiseKnob(preset=name, dt=0.01).bank
    assert bank.answer is not None
    below = round(bank.answer / 100 * PATHS)
    assert below == 0 if share == 0 else binomtest(below, PATHS, share).pvalue > LEVEL
    assert reading(bank, "Ever below") == f"{bank.answer:.1f} %"


def test_share_below_zero_is_the_same_whatever_is_done_there():
    """The first visit below zero comes before anything can be done about it."""
    shares = [walked("one-molecule", boundary=b)[1] for b in ("raw", "clamp", "reflect", "complex")]
    assert all(np.array_equal(s.below, shares[0].below) for s in shares)


def test_bars_are_the_poisson_law_and_the_paths_counted_by_hand():
    shown = NoiseKnob(preset="five-molecules")
    times, noisy = walked("five-molecules")
    exact, sampled = marks(shown.bank, "bars", "law")[:2]
    n = sampled.channels["x"][0]
    mean = 5.0
    assert at(exact.channels["y"], shown.bank.frames - 1)[n.size - 3] == pytest.approx(poisson.pmf(n[-3], mean),
                                                                                      abs=1e-4)
    last = noisy.x[:, -1]
    by_hand = [np.sum((last >= k - 0.5) & (last < k + 0.5)) / PATHS for k in n]
    assert at(sampled.channels["y"], shown.bank.frames - 1) == pytest.approx(by_hand, abs=1e-6)
    assert times[-1] == pytest.approx(10.0)


def test_stopped_paths_are_missing_from_the_bars():
    bank = NoiseKnob(preset="one-molecule").bank
    drawn = sum(at(m.channels["y"], bank.frames - 1).sum() for m in marks(bank, "bars", "law")[1:])
    _, noisy = walked("one-molecule")
    assert drawn == pytest.approx(np.isfinite(noisy.x[:, -1]).mean(), abs=0.003) and drawn < 0.1


def test_wide_ranges_share_bars_that_still_sum_to_one():
    bank = NoiseKnob(preset="no-root-of-dt").bank
    panel = next(p for p in bank.panels if p.name == "law")
    assert bank.selection and "a bar holds" in panel.x.label and len(bank.selection.names) <= noise_knob.BARS + 2
    assert at(marks(bank, "bars", "law")[0].channels["y"], bank.frames - 1).sum() == pytest.approx(1, abs=1e-5)


def test_distances_are_those_of_the_definitions():
    p, q = np.array([[0.5, 0.3, 0.2, 0.0]]), np.array([[0.1, 0.3, 0.2, 0.4]])
    n = np.arange(4)
    total, moved = noisy_paths.distances(p, q)
    assert total[0] == pytest.approx(0.4) and moved[0] == pytest.approx(wasserstein_distance(n, n, p[0], q[0]))
    half = noisy_paths.distances(p, q / 2)
    assert half[1][0] == pytest.approx(moved[0])
    assert half[0][0] == pytest.approx(0.5 * (np.abs(p - q / 2).sum() + 0.5))
    assert noisy_paths.distances(p, p)[0][0] == 0


def test_mean_and_share_of_few_paths_by_hand():
    x = np.array([[1.0, 2.4, np.nan], [1.0, -0.6, np.nan]])
    noisy = Noisy(x, np.array([np.inf, 1.0]))
    assert noisy.mean()[:2].tolist() == [1.0, pytest.approx(0.9)] and np.isnan(noisy.mean()[2])
    assert noisy.var()[1] == pytest.approx(4.5) and noisy.ever(np.array([0.0, 1.0, 2.0])).tolist() == [0, 0.5, 0.5]
    assert noisy.law(-1, 3)[1].tolist() == [0.5, 0, 0, 0.5, 0] and noisy.law(-1, 3)[2].sum() == 0


def test_real_propensities_are_those_of_whole_molecules():
    net = ReactionNetwork.parse("2A + B -> C ; 0.3\n0 -> A ; 2\n3B -> A ; 0.5\nC -> 0 ; 1")
    states = np.random.default_rng(0).integers(0, 6, (50, 3))
    assert noisy_paths.propensities(net, states.astype(float)) == pytest.approx(net.propensities(states))
    assert (noisy_paths.propensities(net, np.full((1, 3), -1.5))[0, [0, 2, 3]] == 0).all()


# NoiseKnob: wrong beliefs


def stationary_variance(belief, dt, mean=50.0):
    """Of x -> x + (mean - x) dt + noise: V = noise / (2 dt - dt^2), the noise of both reactions at the mean."""
    if belief == LIKE_A:  # its noise is dt (mean^2 + x^2), and grows with V
        return 2 * mean**2 * dt / (2 * dt - dt**2 - dt)
    return 2 * mean * {NO_ROOT: 1.0, STEP: dt**2}[belief] / (2 * dt - dt**2)


@pytest.mark.parametrize(("belief", "dt"), [(LIKE_A, 0.02), (NO_ROOT, 0.1), (NO_ROOT, 0.05), (STEP, 0.1),
                                            (STEP, 0.02)])
def test_wrong_noise_has_the_variance_of_its_recursion(belief, dt):
    """L2 at mean 50, sampled to 15 %: far above 50, growing like 1/dt, or shrinking like dt."""
    _, noisy = walked("no-root-of-dt", belief=belief, dt=dt)
    assert noisy.var()[-1] == pytest.approx(stationary_variance(belief, dt), rel=0.15)


def test_right_noise_has_a_variance_of_fifty():
    """L2: chi-squared of 1000 paths at level 1e-6, around 50 / (1 - dt/2)."""
    _, noisy = walked("twenty-molecules", n0=50, rate_k=50.0)
    share = noisy.var()[-1] * (PATHS - 1) / (50 / 0.95)
    assert chi2.ppf(LEVEL, PATHS - 1) < share < chi2.isf(LEVEL, PATHS - 1)


def test_one_noise_a_species_lets_the_total_drift():
    """L3: variance 2 · 40 · t of a total that is exactly 40; by the right noise it never moves."""
    times, noisy = walked("one-noise-a-species")
    assert noisy.var()[[5, -1]] == pytest.approx(80 * times[[5, -1]], rel=0.2)
    right = walked("one-noise-a-species", belief=noisy_paths.RIGHT)[1]
    known = right.x[np.isfinite(right.x)]
    assert known.size > PATHS and np.abs(known - 40).max() < 1e-9
    bank = NoiseKnob(preset="one-noise-a-species").bank
    assert reading(bank, "Exact variance") == "0.00" and "L3" in bank.notice
    assert NoiseKnob.start("one-noise-a-species")["species"] == TOTAL and noisy.x.shape[0] == PATHS
    assert "stays the same" in NoiseKnob(belief=SPECIES).bank.notice


def test_clipping_lifts_the_mean():
    """L4: 1.16 instead of 1 at dt = 0.1, within 5 standard errors, and the true mean is not."""
    _, noisy = walked("clipping-is-harmless")
    error = math.sqrt(noisy.var()[-1] / PATHS)
    assert abs(noisy.mean()[-1] - 1.16) < 5 * error + 5e-3
    means = [walked("clipping-is-harmless", seed=s)[1].mean()[-1] for s in range(4)]
    assert np.mean(means) - 1.0 > 5 * error / 2
    bank = NoiseKnob(preset="clipping-is-harmless").bank
    assert reading(bank, "Exact mean") == "1.000" and reading(bank, "With this belief").startswith("1.1")
    assert NoiseKnob(preset="clipping-is-harmless", boundary="reflect", belief=CLIP).bank.notice == bank.notice


def test_continuous_paths_are_not_whole_numbers():
    """L1: no path of the Langevin equation is at a whole number, and the jumping path always is."""
    bank = NoiseKnob(preset="cle-is-the-cme").bank
    assert reading(bank, "in the CLE") == "0.0 %"
    stairs = next(m for m in marks(bank, "line", "paths") if "whole numbers" in m.legend).channels["y"][0]
    assert np.array_equal(stairs, np.round(stairs)) and np.abs(np.diff(stairs)).max() == 1


def test_steps_too_long_for_the_rates_are_said():
    bank = NoiseKnob(preset="five-molecules", rate_gamma=20.0, dt=0.5, boundary="reflect", t_end=20.0).bank
    assert "swing ever further" in bank.notice


def test_knob_takes_mass_action_and_refuses_others():
    values = cmelab.show("noise-knob", network=models.birth_death(3.0, 0.5, 6)).values
    assert (values["n0"], values["rate_k"], values["rate_gamma"]) == (6, 3.0, 0.5)
    for network, said in ((models.autoregulation(), "mass action"), (models.sir(), "one or two species"),
                          (models.delayed_production(), "without delays")):
        with pytest.raises(NetworkError, match=f"noise-knob: .*{said}"):
            NoiseKnob(network=network)


# ValidityMap


def test_conditions_of_birth_and_death_are_its_poisson_law():
    """From 0 the law is Poisson of mean m = 4(1 - e^-t): deaths while it relaxes m, distance √m, so Ω = 16/m."""
    found = validity_map.conditions(ValidityMap.start(None))
    m = 4 * -np.expm1(-found.times)
    assert found.firings[:, 0] == pytest.approx(4.0) and found.firings[:, 1] == pytest.approx(m, rel=1e-6)
    assert found.distance[:, 0] == pytest.approx(np.sqrt(m), rel=1e-5)
    frequent, away = found.volumes()
    assert frequent == pytest.approx(10 / m, rel=1e-6) and away == pytest.approx(16 / m, rel=1e-5)
    assert ValidityMap().bank.answer == pytest.approx(16.0, rel=1e-5)


@pytest.mark.parametrize("preset", ["pairs", "outbreak", "dying-out"])
@pytest.mark.parametrize("omega", [2, 50])
def test_map_is_the_verdict_in_the_volume_itself(preset, omega):
    """The same network written with concentrations, in that volume: firings grow like Ω, distances like √Ω."""
    values = ValidityMap.start(preset)
    net, found = validity_map.network(values), validity_map.conditions(values)
    text = "\n".join(f"{r.text} ; {r.rate / math.prod(map(math.factorial, r.reactants.values()))!r}"
                     for r in net.reactions)
    large = ReactionNetwork.parse(text, initial={s: int(n) * omega for s, n in zip(net.species, net.initial,
                                                                                  strict=True)},
                                  convention="macroscopic", volume=omega, ode="extent")
    verdict = langevin_validity(large, found.times, dt=0.1)
    assert verdict.per_relaxation == pytest.approx(omega * found.firings, rel=1e-4)
    assert verdict.deviations == pytest.approx(math.sqrt(omega) * found.distance, rel=1e-4)
    inside = (found.volumes()[0] <= omega).all(), (found.volumes()[1] <= omega).all()
    assert inside == (verdict.frequent, verdict.away)


def test_one_gene_stays_invalid_though_its_proteins_are_many():
    """L5: the gene fires 0.05 · 10 = 0.5 times; P has mean 1000 and variance 1000 + 10^6/3, as of the telegraph."""
    found = validity_map.conditions(ValidityMap.start("one-gene", {"t_end": 200.0}))
    assert found.firings[-1] == pytest.approx([0.5, 0.5, 1000.0, 1000.0], rel=1e-4)
    assert found.mean[-1] == pytest.approx(1000, rel=1e-4)
    assert found.distance[-1, 2] == pytest.approx(1000 / math.sqrt(1000 + 1e6 / 3), rel=1e-4)
    assert found.needed()[-1] == pytest.approx(20.0, rel=1e-4)
    bank = ValidityMap(preset="large-mean-is-enough").bank
    assert reading(bank, "With this belief") == "valid" and "yet a condition fails" in bank.notice
    enough, short = marks(bank, "bars", "firings")
    assert np.isfinite(at(enough.channels["y"], 59)).tolist() == [False, False, True, True]
    assert short.hollow and np.isfinite(at(short.channels["y"], 59)).tolist() == [True, True, False, False]
    assert "L5" in ValidityMap(preset="large-mean-is-enough", omega=50.0).bank.notice


def test_dot_walks_through_the_map_and_leaves_the_valid_region():
    """A -> 0 from 40 in the volume 1 falls below 10 firings at t = ln 4, where the dot crosses the solid line."""
    bank = ValidityMap(preset="dying-out").bank
    dot = next(m for m in marks(bank, "dots", "map"))
    border = next(m for m in marks(bank, "line", "map") if "frequent" in m.legend).channels["y"][0]
    t = dot.channels["x"][:, 0]
    assert (np.diff(t) > 0).all() and dot.channels["y"][0, 0] == 0
    crossed = t[np.flatnonzero(border > 0)[0]]
    assert math.log(4) <= crossed < math.log(4) + t[1] - t[0] + 1e-6
    assert bank.readings[0].value.fill(bank.frames - 1) == f"{40 * math.exp(-5):.3g}"


def test_map_takes_networks_and_refuses_others():
    values = cmelab.show("validity-map", network=models.birth_death(30.0, 0.5, 7)).values
    assert (values["n0"], values["rate_k"], values["omega"]) == (7, 30.0, 1.0)
    assert cmelab.show("validity-map", network=models.autoregulation()).bank.frames == validity_map.FRAMES
    for network, said in ((models.delayed_production(), "without delays"), (models.repressilator(), "species")):
        with pytest.raises(NetworkError, match=f"validity-map: .*{said}"):
            ValidityMap(network=network)
