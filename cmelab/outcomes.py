"""What one method says about a network on a time grid, and how far that is from the yardstick."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .distances import Marginal, sampling_variation, sampling_wasserstein, total_variation, wasserstein

Floats = NDArray[np.float64]


def nothing() -> Floats:
    """Numbers that a method does not have: no rows."""
    return np.empty((0, 0))


@dataclass(frozen=True)
class Distances:
    """How far a method is from the yardstick, (K, S) each, at the K times that the method reached.

    Without rows where the method, or the yardstick, has no such number.

    mean : its mean minus that of the yardstick, in molecules
    var : the same of the variance
    tv : total variation between the laws of each single count
    w1 : Wasserstein-1 distance of the same laws, in molecules
    tv_noise, w1_noise : what tv and w1 would be on average if the method were exact and only its finite number of
        paths, or that of the yardstick, showed; 0 where nothing is sampled
    """

    mean: Floats = field(default_factory=nothing)
    var: Floats = field(default_factory=nothing)
    tv: Floats = field(default_factory=nothing)
    w1: Floats = field(default_factory=nothing)
    tv_noise: Floats = field(default_factory=nothing)
    w1_noise: Floats = field(default_factory=nothing)


@dataclass(frozen=True, repr=False)
class Outcome:
    """One method on one network.

    times : (K,) float64, the times asked for as far as the method reached; empty where it could not run
    mean, var : (K, S) float64, without rows where the method has none
    laws : the law of each single count on whole numbers by species, empty where the method has none
    mean_error, var_error : (K, S) standard errors of mean and var, without rows where nothing is sampled
    paths : number of paths, 0 where nothing is sampled
    distances : from the yardstick
    valid : True or False as `compare` describes it; None where nothing can be said
    verdict : where and why, in numbers
    why : why it could not run, or stopped early; '' otherwise
    result : what the method itself returned, or as much of it as there is
    seconds : what it took, a first compilation included
    """

    method: str
    times: Floats = field(default_factory=lambda: np.empty(0))
    mean: Floats = field(default_factory=nothing)
    var: Floats = field(default_factory=nothing)
    laws: Mapping[str, Marginal] = field(default_factory=dict)
    mean_error: Floats = field(default_factory=nothing)
    var_error: Floats = field(default_factory=nothing)
    paths: int = 0
    distances: Distances = field(default_factory=Distances)
    valid: bool | None = None
    verdict: str = ""
    why: str = ""
    result: Any = None
    seconds: float = 0.0

    @property
    def ran(self) -> bool:
        """True where there is at least one mean."""
        return len(self.mean) > 0

    def __repr__(self) -> str:
        said = {True: "valid", False: "not valid", None: "no verdict"}[self.valid]
        return f"{self.method}: {said}. {self.verdict}"


def distances_between(out: Outcome, yard: Outcome, species: tuple[str, ...]) -> Distances:
    """How far ``out`` is from ``yard`` at the times that both reached."""
    k = min(len(out.mean), len(yard.mean))
    if k == 0:
        return Distances()
    mean, var = out.mean[:k] - yard.mean[:k], nothing()
    if len(out.var) and len(yard.var):
        var = out.var[:k] - yard.var[:k]
    if not out.laws or not yard.laws:
        return Distances(mean, var)
    columns = [_law_distances(out, yard, s, k) for s in species]
    return Distances(mean, var, *(np.stack(c, axis=1) for c in zip(*columns, strict=True)))


def _law_distances(out: Outcome, yard: Outcome, name: str, k: int) -> tuple[Floats, Floats, Floats, Floats]:
    a, b = (Marginal(m.counts, m.p[:k]) for m in (out.laws[name], yard.laws[name]))
    tv_noise, w1_noise = np.zeros(k), np.zeros(k)
    for paths in () if out is yard else (out.paths, yard.paths):
        if paths:
            tv_noise, w1_noise = tv_noise + sampling_variation(b, paths), w1_noise + sampling_wasserstein(b, paths)
    return total_variation(a, b), wasserstein(a, b), tv_noise, w1_noise
