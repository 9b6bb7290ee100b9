"""The Chemical Master Equation: its generator, its solution in time with a certified error, its flows."""
from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache

import numpy as np
import scipy.sparse as sparse
from numpy.typing import ArrayLike, NDArray

from .arguments import as_times, species_index
from .chunks import progress_bar
from .errors import NetworkError, StateSpaceError
from .kernels.uniformisation import weighted_powers
from .network import ReactionNetwork
from .state_space import MAX_STATES, Bounds, StateSpace, enumerate_states, transitions

# Expected jumps in one step of uniformisation, and products of one step (about 0.3 s): the keyboard is asked between.
STEP_JUMPS, STEP_WORK = 256.0, 2e8
# Refuse an automatic truncation that would need more multiplications than this (about half a minute).
MAX_WORK = 2e10


@dataclass(frozen=True)
class Distribution:
    """P(n, t) on a finite set of states, each value a lower bound of the true one.

    times : (T,) float64
    states : (N, S) int64
    p : (T, N) float64, never negative, never renormalised
    lost : (T,) float64, 1 - sum of p: the certified total error, probability that left the states kept

    This is what `solve` returns. `stationary` uses the same shape with times [inf]: there p sums to 1 on the states
    kept, and lost is only an estimate, the probability of the states at the edge.
    """

    species: tuple[str, ...]
    times: NDArray[np.float64]
    states: NDArray[np.int64]
    p: NDArray[np.float64]
    lost: NDArray[np.float64]

    def mean(self) -> NDArray[np.float64]:
        """Mean counts (T, S) of the probability kept; short by at most lost times the counts left out."""
        return self.p @ self.states

    def var(self) -> NDArray[np.float64]:
        """Variance of the counts (T, S) around the mean of the probability kept."""
        mean = self.mean()
        away = (self.states[None] - mean[:, None, :])**2
        return np.einsum("tn,tns->ts", self.p, away)

    def marginal(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(counts (K,), probability (T, K)) of one species, counts from 0 to the largest kept."""
        n = self.states[:, species_index(self.species, name)]
        p = np.stack([np.bincount(n, weights=row) for row in self.p])
        return np.arange(p.shape[1], dtype=np.int64), p.astype(float)

    def __repr__(self) -> str:
        return (f"Distribution over {len(self.states)} states of {', '.join(self.species)} at {self.times.size} times "
                f"from {self.times[0]:g} to {self.times[-1]:g}; probability lost {max(self.lost.max(), 1e-13):.1e}")


@dataclass(frozen=True)
class Flows:
    """Probability per unit time that each reaction brings into and takes out of each state.

    gain : (T, N, R) float64, a_r(n - nu_r) P(n - nu_r, t)
    loss : (T, N, R) float64, a_r(n) P(n, t)
    """

    gain: NDArray[np.float64]
    loss: NDArray[np.float64]

    def net(self) -> NDArray[np.float64]:
        """dP/dt = gain - loss, (T, N)."""
        return (self.gain - self.loss).sum(axis=-1)


def generator(net: ReactionNetwork, space: StateSpace) -> sparse.csr_array:
    """The matrix A (N, N) of dP/dt = A P, in 1/time.

    A[i, j] is the rate from state j to state i; A[j, j] is minus the total rate out of j, exits from the space
    included, so that each column sums to zero, or to minus the rate of leaving the space.
    """
    to, rate = transitions(net, space)
    source = np.broadcast_to(np.arange(len(space))[:, None], to.shape)
    moves = (rate > 0) & (to != source)
    inside = moves & (to >= 0)
    out = np.where(moves, rate, 0.0).sum(axis=1)
    rows = np.concatenate([to[inside], np.arange(len(space))])
    columns = np.concatenate([source[inside], np.arange(len(space))])
    values = np.concatenate([rate[inside], -out])
    return sparse.csr_array((values, (rows, columns)), shape=(len(space), len(space)))


def solve(net: ReactionNetwork, times: ArrayLike, *, bounds: Bounds = None, tol: float = 1e-10,
          max_states: int = MAX_STATES, progress: bool | None = None) -> Distribution:
    """Solve the Chemical Master Equation from ``net.initial`` at t = 0.

    Parameters
    ----------
    net : the network.
    times : increasing times >= 0, in 1/rate; a single number is one time.
    bounds : largest counts kept (see `enumerate_states`); what leaves them is reported in ``lost``. None keeps every
        reachable state where these are finite, and otherwise enlarges a box until ``lost <= tol``.
    tol : largest probability that may be lost where ``bounds`` is None.
    max_states : refuse to keep more states than this.
    progress : True or False for a progress bar; None shows one after two seconds.

    Raises
    ------
    StateSpaceError : no box within ``max_states`` reaches ``tol``, for example for an explosive network.

    Notes
    -----
    Finite state projection (B. Munsky, M. Khammash, J. Chem. Phys. 124 (2006) 044104, doi:10.1063/1.2145882) with
    uniformisation: only non-negative terms are added, so each P is a lower bound and ``lost`` bounds the total
    variation error, up to rounding (about 1e-13).
    """
    grid = as_times(times)
    if not isinstance(tol, (int, float)) or not 0 < tol < 1:
        raise NetworkError(f"tol={tol!r}; it must be a number between 0 and 1, such as 1e-10.")
    if bounds is not None:
        return _transient(net, enumerate_states(net, bounds=bounds, max_states=max_states), grid, progress)
    try:
        space = enumerate_states(net, max_states=min(max_states, 200_000))
        # Finite networks whose counts are large may be cheaper in a box, but none is ever wrong in full.
        return _transient(net, space, grid, progress)
    except StateSpaceError:
        return _growing_box(net, grid, tol, max_states, progress)


def _growing_box(net: ReactionNetwork, grid: NDArray[np.float64], tol: float, max_states: int,
                 progress: bool | None) -> Distribution:
    """Double the box in every species that reached its edge until no more than tol is lost."""
    upper = np.maximum(2 * net.initial, 15)
    while True:
        space = enumerate_states(net, bounds=dict(zip(net.species, upper.tolist(), strict=True)), max_states=max_states)
        a = generator(net, space)
        work = -a.diagonal().min() * grid[-1] * a.nnz if a.nnz else 0.0
        if work > MAX_WORK:
            raise StateSpaceError(f"{len(space)} states until t = {grid[-1]:g} would need {work:.0e} multiplications, "
                                  "and that may not be the end. The network may be explosive; give bounds, shorten "
                                  "times, or raise tol.")
        result = _transient(net, space, grid, progress, a)
        if result.lost[-1] <= tol:
            return result
        touched = (space.states == upper).any(axis=0)
        upper = np.where(touched, 2 * upper, upper)


def _transient(net: ReactionNetwork, space: StateSpace, grid: NDArray[np.float64], progress: bool | None,
               a: sparse.csr_array | None = None) -> Distribution:
    a = generator(net, space) if a is None else a
    start = np.zeros(len(space))
    start[space.index(net.initial)] = 1.0
    p = uniformise(a, start, grid, progress=progress)
    lost = np.array([max(0.0, 1.0 - math.fsum(row)) for row in p])
    return Distribution(net.species, grid, space.states, p, lost)


def uniformise(a: sparse.csr_array, start: NDArray[np.float64], times: NDArray[np.float64], *,
               progress: bool | None = None) -> NDArray[np.float64]:
    """exp(A t) p for each time, (T, N), by uniformisation with Poisson weights rounded down."""
    fastest = float(-a.diagonal().min()) if a.nnz else 0.0
    if fastest == 0.0:
        return np.tile(start, (times.size, 1))
    jump = sparse.csr_array(sparse.eye_array(start.size) + a / fastest)
    # 1 - 1 may round to -0 or below by one unit in the last place; such an entry is a zero.
    jump.data = np.maximum(jump.data, 0.0)
    jump.eliminate_zeros()
    jumps = max(1.0, min(STEP_JUMPS, STEP_WORK / max(jump.nnz, 1)))
    p, q, total = start.copy(), np.empty_like(start), np.empty_like(start)
    out, now = np.empty((times.size, start.size)), 0.0
    steps = sum(math.ceil(fastest * d / jumps) for d in np.diff(times, prepend=0.0))
    with progress_bar(steps, "step", progress) as bar:
        for row, t in enumerate(times):
            count = math.ceil(fastest * (t - now) / jumps)
            for _ in range(count):
                weights = poisson_weights(fastest * (t - now) / count)
                weighted_powers(jump.indptr, jump.indices, jump.data, weights, p, q, total)
                p, total = total, p
                bar.update()
            out[row], now = p, t
    return out


@lru_cache(maxsize=512)
def poisson_weights(mean: float) -> NDArray[np.float64]:
    """Poisson probabilities 0, 1, 2, ... each rounded down, until less than 1e-20 is left.

    Raises nothing; the mean is at most STEP_JUMPS, so that exp(-mean) is far from underflow.
    """
    with localcontext() as context:
        context.prec = 40
        weight, tail, values, k = Decimal(-mean).exp(), Decimal(1), [], 0
        while tail > Decimal("1e-20") or k <= mean:
            values.append(float(weight) * (1 - 2**-52))
            tail -= weight
            k += 1
            weight *= Decimal(mean) / k
    return np.array(values)


def flows(net: ReactionNetwork, distribution: Distribution) -> Flows:
    """Gain and loss of every state by every reaction: the two halves of the master equation.

    Raises NetworkError where the distribution belongs to other species.
    """
    if distribution.species != net.species:
        raise NetworkError(f"the distribution is over {distribution.species}, the network over {net.species}.")
    to, rate = transitions(net, StateSpace(net.species, distribution.states))
    loss = rate[None] * distribution.p[:, :, None]
    gain = np.zeros_like(loss)
    for r in range(rate.shape[1]):
        source = np.flatnonzero(to[:, r] >= 0)
        gain[:, to[source, r], r] = loss[:, source, r]
    return Flows(gain, loss)
