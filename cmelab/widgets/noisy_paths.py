"""Langevin paths near zero: right ones, and those of a wrong noise. The numbers behind `noise_knob`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import SimulationError
from ..langevin import LangevinEnsemble, langevin
from ..network import ReactionNetwork
from .law_film import TOTAL

RIGHT, SAME, LIKE_A, NO_ROOT, STEP, SPECIES, CLIP = (
    "what the equation says",
    "CLE and CME are the same",
    "noise goes like a, not √a",
    "noise without √dt",
    "noise with dt, not √dt",
    "one noise for each species",
    "clipping at zero is harmless",
)
WRONG = (LIKE_A, NO_ROOT, STEP, SPECIES)
Floats = NDArray[np.float64]
PATHS, WILD = 1000, 1e9  # paths of each picture, and the count beyond which none is followed


@dataclass(frozen=True)
class Noisy:
    """Paths x (P, F) of one count, NaN where they stopped, and the time (P,) each was first below zero, or inf."""

    x: Floats
    below: Floats

    def ever(self, times: Floats) -> Floats:
        """Share (F,) of the paths that have been below zero."""
        return (self.below[None] <= times[:, None] + 1e-9).mean(axis=1)

    def mean(self) -> Floats:
        """Mean (F,) over the paths that are left; NaN where none is."""
        left = np.isfinite(self.x)
        return np.where(left.any(axis=0), np.nansum(self.x, axis=0) / np.maximum(left.sum(axis=0), 1), np.nan)

    def var(self) -> Floats:
        """Unbiased variance (F,) over the paths that are left."""
        left = np.isfinite(self.x).sum(axis=0)
        away = np.nansum((self.x - self.mean()) ** 2, axis=0)
        return np.where(left > 1, away / np.maximum(left - 1, 1), np.nan)

    def law(self, low: int, high: int) -> Floats:
        """Share (F, high - low + 1) of all paths at each whole number; beyond the ends it is put on the ends."""
        out = np.zeros((self.x.shape[1], high - low + 1))
        for f, row in enumerate(self.x.T):
            n = np.clip(np.floor(row[np.isfinite(row)] + 0.5), low, high).astype(int)
            out[f] = np.bincount(n - low, minlength=out.shape[1]) / len(self.x)
        return out


def _ensemble(net: ReactionNetwork, times: Floats, dt: float, boundary: str, seed: int) -> LangevinEnsemble:
    """Paths as far as they come: with steps too long for the rates they swing ever further."""
    try:
        return langevin(net, times, paths=PATHS, dt=dt, boundary=boundary, seed=seed, progress=False)
    except SimulationError as error:
        if isinstance(error.partial, LangevinEnsemble):
            return error.partial
        raise


def _tame(x: Floats) -> Floats:
    """What has grown wild is left out."""
    return np.where(np.abs(x) < WILD, x, np.nan)


def wrong_steps(belief: str, net: ReactionNetwork, times: Floats, stride: int, seed: int, name: str) -> Noisy:
    """Euler-Maruyama steps with the noise of a belief; a propensity is zero below zero, the counts are left alone."""
    rng, nu = np.random.default_rng(seed), net.stoichiometry.astype(float)
    x = np.tile(net.initial.astype(float), (PATHS, 1))
    pick = np.ones(len(net.species), bool) if name == TOTAL else np.array(net.species) == name
    dt, below, rows = times[1] / stride, np.full(PATHS, np.inf), [x[:, pick].sum(axis=1)]
    for step in range(1, stride * (times.size - 1) + 1):
        a = propensities(net, x)
        if belief == SPECIES:
            noise = np.sqrt(a @ (nu**2).T * dt) * rng.standard_normal(x.shape)
        else:
            size = {LIKE_A: a * np.sqrt(dt), NO_ROOT: np.sqrt(a), STEP: np.sqrt(a) * dt}[belief]
            noise = (size * rng.standard_normal(a.shape)) @ nu.T
        x = np.clip(x + a @ nu.T * dt + noise, -WILD, WILD)
        below = np.where(np.isinf(below) & (x < 0).any(axis=1), step * dt, below)
        if step % stride == 0:
            rows.append(x[:, pick].sum(axis=1))
    return Noisy(_tame(np.array(rows).T), below)


def propensities(net: ReactionNetwork, x: Floats) -> Floats:
    """Mass action at real counts, (P, S) -> (P, R), and zero where too few molecules are left."""
    a = np.empty((len(x), len(net.reactions)))
    for r, reaction in enumerate(net.reactions):
        a[:, r] = reaction.rate
        for name, m in reaction.reactants.items():
            for j in range(m):
                a[:, r] *= np.maximum(x[:, net.species.index(name)] - j, 0.0) / (j + 1)
    return a


def distances(p: Floats, q: Floats) -> tuple[Floats, Floats]:
    """Total variation (F,), what is missing in q being nowhere, and earth mover's distance (F,) of what is left."""
    total = (np.abs(p - q).sum(axis=1) + np.abs(p.sum(axis=1) - q.sum(axis=1))) / 2
    left = q.sum(axis=1, keepdims=True)
    moved = np.abs(np.cumsum(p - q / np.where(left > 0, left, np.nan), axis=1)).sum(axis=1)
    return total, moved


def right_steps(net: ReactionNetwork, times: Floats, dt: float, boundary: str, seed: int, name: str) -> Noisy:
    """The paths of `cmelab.langevin`, and when each would have been below zero first."""
    # A raw path stops where it first falls below zero; up to there every boundary has the same path.
    raw = _ensemble(net, times, dt, "raw", seed)
    result = raw if boundary == "raw" else _ensemble(net, times, dt, boundary, seed)
    below = np.where(np.isfinite(raw.stopped), raw.stopped, np.where(raw.violations > 0, times[-1], np.inf))
    return Noisy(_tame(np.real(result.counts.sum(axis=2) if name == TOTAL else result.of(name))), below)
