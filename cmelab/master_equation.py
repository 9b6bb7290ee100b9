"""The Chemical Master Equation: its generator, its solution in time with a certified error, its flows."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import ArrayLike, NDArray

from .arguments import as_times, is_real, species_index, whole
from .errors import NetworkError, StateSpaceError
from .lattice import Lattice, lattice
from .memory import available_memory, size_text
from .moving_window import MAX_WORK, Limits, transient
from .network import ReactionNetwork, as_network
from .rational import rational
from .state_space import MAX_STATES, Bounds, StateSpace, enumerate_states, transitions, upper_counts
from .uniformisation import uniformise

METHODS = ("uniformisation", "rational")
# Finite networks up to this many states keep them all; larger ones keep where the probability goes.
KEEP_ALL = 200_000
# Cells of a box for each state in it beyond which a list of states is quicker.
WASTEFUL, SMALL = 4, 20_000


@dataclass(frozen=True)
class Distribution:
    """P(n, t) on a finite set of states, each value a lower bound of the true one.

    times : (T,) float64
    states : (N, S) int64
    p : (T, N) float64, never negative, never scaled up to a sum of one
    lost : (T,) float64, 1 - sum of p: the certified total error, probability that left the states kept

    method : 'uniformisation' where all this is certified, up to rounding; 'rational' where p is lowered by an estimate
        of its error, so that it is a lower bound and lost an upper one as far as the estimate holds

    This is what `solve` returns. `stationary` uses the same shape with times [inf] and method 'stationary': there p
    sums to 1 on the states kept, and lost is only an estimate, the probability of the states at the edge.
    """

    species: tuple[str, ...]
    times: NDArray[np.float64]
    states: NDArray[np.int64]
    p: NDArray[np.float64]
    lost: NDArray[np.float64]
    method: str = "stationary"

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
        estimated = ", by method rational (estimated, not certified)" if self.method == "rational" else ""
        return (f"Distribution over {len(self.states)} states of {', '.join(self.species)} at {self.times.size} times "
                f"from {self.times[0]:g} to {self.times[-1]:g}; probability lost {max(self.lost.max(), 1e-13):.1e}"
                f"{estimated}")


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
          max_states: int = MAX_STATES, method: str = "uniformisation", progress: bool | None = None) -> Distribution:
    """Solve the Chemical Master Equation from ``net.initial`` at t = 0.

    Parameters
    ----------
    net : the network.
    times : increasing times >= 0, in 1/rate; a single number is one time.
    bounds : largest counts kept (see `enumerate_states`); what leaves them is reported in ``lost``. None keeps every
        reachable state where these are finite and not too many, and otherwise those to which the probability comes.
    tol : largest probability that may be lost where ``bounds`` is None. The states in play move with the probability;
        what that cuts off is about a thousandth of it.
    max_states : refuse to keep more states than this.
    method : 'uniformisation' is certified. 'rational' is for chains of one species or one conserved total, where rates
        span so many powers of ten that uniformisation is slow: its error is estimated, not proved, and where the
        estimate is above tol, uniformisation answers instead; `Distribution.method` says which did.
    progress : True or False for a progress bar; None shows one after two seconds.

    Raises
    ------
    StateSpaceError : more than ``max_states`` states, or more memory than there is, would be needed, for example by an
        explosive network.

    Notes
    -----
    Finite state projection (B. Munsky, M. Khammash, J. Chem. Phys. 124 (2006) 044104, doi:10.1063/1.2145882) with
    uniformisation on a window of states: only non-negative terms are added, so each P is a lower bound and ``lost``
    bounds the total error (the sum of |P - true P| over all states), up to rounding. That is some 1e-17 of P for each
    expected jump; where it would add to the probability, P is scaled down to what there was, and never up.
    """
    grid = as_times(times)
    if not is_real(tol) or not 0 < tol < 1:
        raise NetworkError(f"tol={tol!r}; it must be a number between 0 and 1, such as 1e-10.")
    if method not in METHODS:
        raise NetworkError(f"method={method!r}; it must be one of {', '.join(METHODS)}.")
    reached = lattice(net, upper_counts(net, bounds))
    max_states = whole("max_states", max_states, 1)
    if bounds is None and reached.size_estimate() > min(max_states, KEEP_ALL):
        if method == "rational":
            raise NetworkError("method='rational' needs finitely many states; give bounds, or use 'uniformisation'.")
        return _where_it_goes(net, reached, grid, Limits(tol, max_states, MAX_WORK), progress)
    space = enumerate_states(net, bounds=bounds, max_states=max_states)
    _check_memory(grid.size, len(space))
    if method == "rational" and (p := rational(net, space, grid, tol)) is not None:
        return _distribution(net, grid, space.states, p, method)
    p = _on_all(net, space, reached, grid, Limits(tol), progress)
    return _distribution(net, grid, space.states, p, "uniformisation")


def _distribution(net: ReactionNetwork, grid: NDArray[np.float64], states: NDArray[np.int64], p: NDArray[np.float64],
                  method: str) -> Distribution:
    return Distribution(net.species, grid, states, p, np.maximum(0.0, 1.0 - p.sum(axis=1)), method)


def _on_all(net: ReactionNetwork, space: StateSpace, reached: Lattice, grid: NDArray[np.float64], limits: Limits,
            progress: bool | None) -> NDArray[np.float64]:
    """P (T, N) on every state of a finite space."""
    z = reached.coordinates(space.states)
    low, extent = z.min(axis=0), np.ptp(z, axis=0) + 1
    if float(np.prod(extent.astype(float))) > max(SMALL, WASTEFUL * len(space)):
        start = np.zeros(len(space))
        start[space.index(net.initial)] = 1.0
        return uniformise(generator(net, space), start, grid, progress=progress)
    box, p = np.zeros(extent), np.empty((grid.size, len(space)))
    place = np.ravel_multi_index(tuple((z - low).T), tuple(extent))
    for row, (first, law) in zip(p, transient(net, reached, grid, limits, progress), strict=True):
        # The edge of a window may reach a cell or two beyond the states there are; nothing is there.
        _copy(law, first, box, low)
        row[:] = box.ravel()[place]
    return p


def _copy(law: NDArray[np.float64], first: NDArray[np.int64], box: NDArray[np.float64],
          low: NDArray[np.int64]) -> None:
    """Put a law that begins at cell first into a box that begins at cell low and is zero elsewhere."""
    begin, end = np.maximum(first, low), np.minimum(first + law.shape, low + box.shape)
    box[...] = 0.0
    box[_slices(begin - low, end - low)] = law[_slices(begin - first, end - first)]


def _slices(begin: NDArray[np.int64], end: NDArray[np.int64]) -> tuple[slice, ...]:
    return tuple(slice(a, b) for a, b in zip(begin.tolist(), end.tolist(), strict=True))


def _where_it_goes(net: ReactionNetwork, reached: Lattice, grid: NDArray[np.float64], limits: Limits,
                   progress: bool | None) -> Distribution:
    """P on the states to which more than nothing has come at one of the times."""
    laws = list(transient(net, reached, grid, limits, progress))
    low = np.min([first for first, _ in laws], axis=0)
    high = np.max([first + law.shape for first, law in laws], axis=0)
    _check_memory(2, float(np.prod((high - low).astype(float))))
    box, seen = np.zeros(high - low), np.zeros(high - low, bool)
    for first, law in laws:
        seen[_slices(first - low, first - low + law.shape)] |= law > 0
    states = reached.states(low + np.argwhere(seen))
    order = np.lexsort(states.T[::-1])
    place = np.flatnonzero(seen)[order]
    if place.size > limits.max_states:
        raise StateSpaceError(f"the probability has passed through {place.size} states, more than max_states="
                              f"{limits.max_states}; give fewer times, or raise tol or max_states.")
    _check_memory(grid.size, place.size)
    p = np.empty((grid.size, place.size))
    for row, (first, law) in zip(p, laws, strict=True):
        _copy(law, first, box, low)
        row[:] = box.ravel()[place]
    result = _distribution(net, grid, np.ascontiguousarray(states[order]), p, "uniformisation")
    if result.lost.max() > limits.tol:
        raise StateSpaceError(f"{result.lost.max():.1e} of the probability is lost, by rounding too, and tol="
                              f"{limits.tol:g} allows no more; raise tol.")
    return result


def _check_memory(times: int, states: float) -> None:
    needed, free = 8.0 * times * states, available_memory()
    if needed > free:
        raise StateSpaceError(f"P at {times} times on {states:.3g} states needs {size_text(needed)}, and "
                              f"{size_text(free)} are free; give fewer times, or lower the bounds.")


def flows(net: ReactionNetwork, distribution: Distribution) -> Flows:
    """Gain and loss of every state by every reaction: the two halves of the master equation.

    Raises NetworkError where the distribution belongs to other species.
    """
    if not isinstance(distribution, Distribution):
        raise NetworkError(f"the distribution given is {distribution!r}; it must be a Distribution, such as "
                           "solve(net, times) returns.")
    if distribution.species != as_network(net).species:
        raise NetworkError(f"the distribution is over {distribution.species}, the network over {net.species}.")
    to, rate = transitions(net, StateSpace(net.species, distribution.states))
    loss = rate[None] * distribution.p[:, :, None]
    gain = np.zeros_like(loss)
    for r in range(rate.shape[1]):
        source = np.flatnonzero(to[:, r] >= 0)
        gain[:, to[source, r], r] = loss[:, source, r]
    return Flows(gain, loss)
