"""What exact simulation returns: one path with every event, many paths on a grid, or only sums over paths."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arguments import as_times, species_index
from .errors import NetworkError, SimulationError
from .kernels import status as st


@dataclass(frozen=True)
class Path:
    """One exact path: state k holds from ``times[k]`` (included) to ``times[k + 1]``.

    times : (E + 1,) float64, 0 and the time of each event, in 1/rate
    states : (E + 1, S) int64, counts after each event
    fired : (E,) int64, which reaction each event was; R + r where the products of a delayed reaction r appear
    t_end : the time up to which the path was followed
    absorbed : True where no reaction can fire any more
    """

    species: tuple[str, ...]
    times: NDArray[np.float64]
    states: NDArray[np.int64]
    fired: NDArray[np.int64]
    t_end: float
    absorbed: bool = False

    def at(self, times: ArrayLike) -> NDArray[np.int64]:
        """Counts at the given times, (T, S): the state of the last event before or at each."""
        asked = as_times(times)
        if asked[-1] > self.t_end:
            raise NetworkError(f"t = {asked[-1]:g} was asked for; this path ends at t = {self.t_end:g}.")
        return self.states[np.searchsorted(self.times, asked, side="right") - 1]

    def of(self, name: str) -> NDArray[np.int64]:
        """Counts of one species after each event, (E + 1,)."""
        return self.states[:, species_index(self.species, name)]

    def time_average(self) -> NDArray[np.float64]:
        """Mean counts over [0, t_end], (S,): every state weighs as long as it lasted."""
        lasted = np.diff(np.append(self.times, self.t_end))
        return lasted @ self.states / self.t_end if self.t_end > 0 else self.states[-1].astype(float)

    def __repr__(self) -> str:
        end = ", then nothing can fire any more" if self.absorbed else ""
        last = ", ".join(f"{s} = {c}" for s, c in zip(self.species, self.states[-1].tolist(), strict=True))
        return f"Path of {len(self.fired)} events until t = {self.t_end:g}{end}; at the end {last}"


@dataclass(frozen=True)
class Ensemble:
    """Many independent paths on one time grid.

    times : (T,) float64
    counts : (P, T, S) int64; -1 at times that a failed path did not reach
    status : (P,) int8, see `cmelab.kernels.status`; 0 reached, 1 absorbed (every time filled), others failed
    events : (P,) int64, reactions fired
    pipeline : (P, T, R) int64, reactions that have begun and whose products are still to come; None without delays
    """

    species: tuple[str, ...]
    times: NDArray[np.float64]
    counts: NDArray[np.int64]
    status: NDArray[np.int8]
    events: NDArray[np.int64]
    seed: int
    pipeline: NDArray[np.int64] | None = None

    def of(self, name: str) -> NDArray[np.int64]:
        """Counts of one species, (P, T)."""
        return self.counts[:, :, species_index(self.species, name)]

    def mean(self) -> NDArray[np.float64]:
        """Mean over paths, (T, S); its standard error is sqrt(var() / P)."""
        self._complete()
        return self.counts.mean(axis=0)

    def var(self) -> NDArray[np.float64]:
        """Unbiased variance over paths, (T, S); 0 for a single path."""
        self._complete()
        return self.counts.var(axis=0, ddof=1 if len(self.counts) > 1 else 0)

    def histogram(self, name: str, t: float) -> NDArray[np.float64]:
        """Share of paths with 0, 1, 2, ... molecules of a species at the recorded time ``t``."""
        self._complete()
        at = np.flatnonzero(self.times == t)
        if not at.size:
            raise NetworkError(f"t = {t!r} was not recorded; the nearest recorded time is "
                               f"{self.times[np.abs(self.times - t).argmin()]:g}.")
        return np.bincount(self.of(name)[:, at[0]]) / len(self.counts)

    def _complete(self) -> None:
        failed = np.flatnonzero(self.status > st.ABSORBED)
        if failed.size:
            raise SimulationError(f"{failed.size} of {len(self.status)} paths did not reach the last time, so a mean "
                                  "over paths would be biased; shorten times.", partial=self)

    def __repr__(self) -> str:
        done = int((self.status <= st.ABSORBED).sum())
        failed = "" if done == len(self.status) else f", {len(self.status) - done} of them unfinished"
        return (f"Ensemble of {len(self.status)} paths{failed}, {self.times.size} times from {self.times[0]:g} to "
                f"{self.times[-1]:g}, species {', '.join(self.species)}, seed {self.seed}")


@dataclass(frozen=True)
class Moments:
    """Sums over paths of counts and of their products, as exact integers: memory does not grow with the paths.

    times : (T,) float64
    total : (T, S) int64, sum of counts over paths
    products : (T, S, S) int64, sum of n_i n_j over paths
    """

    species: tuple[str, ...]
    times: NDArray[np.float64]
    paths: int
    total: NDArray[np.int64]
    products: NDArray[np.int64]
    seed: int

    def mean(self) -> NDArray[np.float64]:
        """Mean over paths, (T, S)."""
        return self.total / self.paths

    def cov(self) -> NDArray[np.float64]:
        """Unbiased covariance over paths, (T, S, S); computed in exact integers before the one division."""
        total, n = self.total.astype(object), self.paths
        centred = n * self.products.astype(object) - total[:, :, None] * total[:, None, :]
        return (centred / (n * max(n - 1, 1))).astype(float)

    def var(self) -> NDArray[np.float64]:
        """Unbiased variance over paths, (T, S)."""
        return np.einsum("tss->ts", self.cov())

    def __repr__(self) -> str:
        return (f"Moments of {self.paths} paths at {self.times.size} times from {self.times[0]:g} to "
                f"{self.times[-1]:g}, species {', '.join(self.species)}, seed {self.seed}")


@dataclass(frozen=True)
class Histograms:
    """How many paths have each count, for every time and species: memory does not grow with the paths.

    times : (T,) float64
    numbers : for each species (T, K) int64, paths with 0, 1, ..., K - 1 molecules
    """

    species: tuple[str, ...]
    times: NDArray[np.float64]
    paths: int
    numbers: tuple[NDArray[np.int64], ...]
    seed: int

    def of(self, name: str) -> NDArray[np.float64]:
        """Share of paths with 0, 1, 2, ... molecules of a species, (T, K)."""
        return self.numbers[species_index(self.species, name)] / self.paths

    def mean(self) -> NDArray[np.float64]:
        """Mean over paths, (T, S)."""
        return np.stack([h @ np.arange(h.shape[1]) / self.paths for h in self.numbers], axis=1)

    def var(self) -> NDArray[np.float64]:
        """Unbiased variance over paths, (T, S)."""
        away = [(np.arange(h.shape[1])[None] - m[:, None])**2 for h, m in zip(self.numbers, self.mean().T, strict=True)]
        return np.stack([(h * d).sum(1) / max(self.paths - 1, 1) for h, d in zip(self.numbers, away, strict=True)], 1)

    def __repr__(self) -> str:
        return (f"Histograms of {self.paths} paths at {self.times.size} times from {self.times[0]:g} to "
                f"{self.times[-1]:g}, species {', '.join(self.species)}, seed {self.seed}")
