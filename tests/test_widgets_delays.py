"""Pipeline against the laws of delays, and wrong beliefs about delays against their known numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import gamma, kstest, poisson

import cmelab
from cmelab import models, simulate
from cmelab.errors import NetworkError
from cmelab.widgets import Pipeline, pipeline


def marks(bank, kind, panel):
    return [m for m in bank.marks if m.kind == kind and m.panel == panel]


def reading(bank, label):
    return next(r for r in bank.readings if r.label.startswith(label)).value.fill()


@pytest.mark.parametrize("stages", [1, 5, 100])
def test_finished_molecules_are_poisson_of_the_same_mean_by_both_belts(stages):
    """After a long time both counts are Poisson of mean a/γ = 5: means of 300 seeds, each at level 1e-6."""
    times = np.linspace(0, 30.0, pipeline.FRAMES)
    ready = np.array([pipeline.run(Pipeline.start(None, {"stages": stages, "seed": s % 100, "a": 5.0 + 1e-9 * s}),
                                   times).ready[:, -1] for s in range(100)])
    assert (np.abs(ready.mean(axis=0) - 5.0) < 4.9 * math.sqrt(5.0 / 100)).all()


def test_counts_follow_the_exact_simulation_of_the_network():
    """Finished molecules at t = 6 against `simulate` of the same network with its delay: chi-square, level 1e-4."""
    net = models.delayed_production(5.0, 1.0, 3.0)
    counts = simulate(net, [6.0], paths=4000, seed=7).of("X")[:, 0]
    law = poisson(5 * -math.expm1(-3.0))
    assert abs(counts.mean() - law.mean()) < 4 * law.std() / math.sqrt(4000)
    drawn = np.array([pipeline.run(Pipeline.start(None, {"seed": s}), np.linspace(0, 6.0, 7)).ready[0, -1]
                      for s in range(100)])
    assert abs(drawn.mean() - law.mean()) < 4 * law.std() / 10


def test_time_on_the_chain_is_erlang():
    """The way of each molecule, read off the belt on a fine clock: Kolmogorov-Smirnov at level 1e-4."""
    values = Pipeline.start(None, {"stages": 3, "tau": 2.0, "a": 1.0})
    times = np.linspace(0, 400.0, 40_001)
    place = pipeline.run(values, times).place[1]
    waits = []
    for slot in place.T:
        on = np.isfinite(slot).astype(int)
        begin, end = np.flatnonzero(np.diff(on, prepend=0) == 1), np.flatnonzero(np.diff(on, append=0) == -1)
        waits += [times[e] - times[b] for b, e in zip(begin, end, strict=True) if times[b] < 380]
    assert len(waits) > 300
    assert kstest(np.array(waits) + 0.005, "gamma", args=(3, 0, 2.0 / 3)).pvalue > 1e-4


@pytest.mark.parametrize(("preset", "right", "wrong"), [
    ("slower-rate", "5", 1 / (1 / 5 + 3)), ("cv-one-over-n", "0.25", 0.0625), ("step-rate", "2", 32.0)])
def test_beliefs_give_their_known_numbers(preset, right, wrong):
    """Y1: 0.31 in place of 5. Y2: 0.0625 in place of 0.25, and 32 in place of 2."""
    bank = Pipeline(preset=preset).bank
    assert bank.readings[0].value.fill() == right
    assert float(reading(bank, "With this belief")) == pytest.approx(wrong, rel=2e-3)
    assert "Y1" in bank.notice or "Y2" in bank.notice


@pytest.mark.parametrize("stages", [1, 4, 30, 100])
def test_distance_is_the_mean_absolute_difference(stages):
    """W1 to a point is E|T - τ|, integrated apart; the density is the gamma law of scipy."""
    bank = Pipeline(stages=stages, tau=2.0).bank
    line = marks(bank, "line", "density")[0]
    law: Any = gamma(stages, scale=2.0 / stages)
    assert np.abs(line.channels["y"][0] - law.pdf(line.channels["x"][0])).max() < 1e-5
    away = law.expect(lambda t: abs(t - 2.0), points=[2.0], lb=0, ub=60)
    assert float(reading(bank, "Distance")) == pytest.approx(away, rel=5e-3)


def test_belts_hold_what_they_say():
    bank = Pipeline().bank
    fixed = next(m for m in marks(bank, "dots", "belt") if m.shape == "disc").channels["x"]
    inside = fixed[np.isfinite(fixed)]
    assert inside.min() >= 0 and inside.max() < 1
    moved = np.diff(fixed, axis=0)
    step = np.diff(np.linspace(0, 3 * 3.0 + 5.0, pipeline.FRAMES))[0] / 3.0
    assert np.allclose(moved[np.isfinite(moved) & (moved > 0)], step, atol=1e-5)


def test_pipeline_takes_a_network_and_refuses_others():
    values = cmelab.show("pipeline", network="0 -> X ; 4 ; delay erlang(7, 2.5)\nX -> 0 ; 0.5").values
    assert (values["a"], values["tau"], values["stages"], values["gamma"]) == (4.0, 2.5, 7, 0.5)
    assert cmelab.show("pipeline", network=models.delayed_production(5.0, 1.0, 3.0)).values["tau"] == 3.0
    for network in (models.birth_death(), models.delayed_autorepressor(), models.receptor()):
        with pytest.raises(NetworkError, match="constant production with a delay"):
            Pipeline(network=network)
