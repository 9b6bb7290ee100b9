"""The exact law P(n, t) of one or two species on the frames of a film, and how far it could be followed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from ..errors import StateSpaceError
from ..master_equation import generator, uniformise
from ..network import ReactionNetwork
from ..state_space import StateSpace, enumerate_states

DENSE, MOST, WORK = 330, 4000, 2e8  # states of a dense step, of a sparse one, and multiplications of a sparse film
LOST = 1e-6  # a frame from which more probability has left the states kept is not shown
TOTAL = "all molecules"  # stands for the sum of all counts where the name of a species is asked for
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LawFilm:
    """P on the states kept, frame by frame.

    states : (N, S); p : (F, N), NaN in the frames that could not be followed; the first always could
    """

    species: tuple[str, ...]
    states: NDArray[np.int64]
    p: Floats

    @property
    def known(self) -> int:
        """How many frames could be followed."""
        return int(np.isfinite(self.p[:, 0]).sum())

    def mean(self, name: str) -> Floats:
        """Mean count of one species, (F,)."""
        return self.p @ self._of(name)

    def var(self, name: str) -> Floats:
        """Variance of one count, (F,)."""
        n = self._of(name)
        return (self.p * (n - self.mean(name)[:, None]) ** 2).sum(axis=1)

    def marginal(self, name: str, most: int) -> Floats:
        """Probability (F, most + 1) of 0 to ``most`` molecules of one species."""
        n, out = self._of(name), np.zeros((len(self.p), most + 1))
        for i in np.flatnonzero(n <= most):
            out[:, n[i]] += self.p[:, i]
        return out

    def highest(self, name: str, least: float = 1e-4) -> int:
        """The largest count that ever has a probability worth a bar."""
        n = self._of(name)
        return int(n[np.nan_to_num(self.p).max(axis=0) >= least].max())

    def _of(self, name: str) -> NDArray[np.int64]:
        return self.states.sum(axis=1) if name == TOTAL else self.states[:, self.species.index(name)]


def held(row: Floats) -> Floats:
    """A row whose last known value stands for those that follow; 0 where none is known."""
    good = np.flatnonzero(np.isfinite(row))
    return np.where(np.isfinite(row), row, row[good[-1]] if good.size else 0.0)


def law_film(net: ReactionNetwork, times: Floats) -> LawFilm:
    """Solve the master equation at evenly spaced times from 0, in boxes of growing size while too much leaves them."""
    best = LawFilm(net.species, net.initial[None], np.where(times[:, None] == 0.0, 1.0, np.nan))
    room = 20 if len(net.species) == 1 else 10
    while True:
        try:
            space = enumerate_states(net, bounds={s: int(n) + room for s, n in zip(net.species, net.initial,
                                                                                  strict=True)}, max_states=MOST)
        except StateSpaceError:
            return best
        p = _followed(net, space, times)
        if p is None:
            return best
        kept = 1 - p.sum(axis=1) <= LOST
        best = LawFilm(net.species, space.states, np.where(kept[:, None], p, np.nan))
        if kept.all():
            return best
        room *= 2


def _followed(net: ReactionNetwork, space: StateSpace, times: Floats) -> Floats | None:
    """P (F, N): by one dense step again and again, or by sparse ones; None where both would take too long."""
    a = generator(net, space)
    start = np.zeros(len(space))
    start[space.index(net.initial)] = 1.0
    if not a.nnz:
        return np.tile(start, (times.size, 1))
    work = -a.diagonal().min() * times[-1] * a.nnz
    if len(space) > DENSE and work > WORK:
        return None
    if work < WORK / 20 or len(space) > DENSE:
        return uniformise(a, start, times, progress=False)
    step, rows = expm(a.toarray() * (times[1] - times[0])), [start]
    for _ in times[1:]:
        rows.append(step @ rows[-1])
    return np.array(rows)
