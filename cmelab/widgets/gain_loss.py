"""dP/dt = gain - loss on the states 0 .. N-1 of one species: the master equation, and what wrong beliefs make of it.

Every law is a weighted sum of P. So one table of weights gives the matrix, the arrows of the picture and the numbers
of the sentence, and a picture can never show another equation than the one that is solved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import expm_multiply

from ..master_equation import solve
from ..network import ReactionNetwork
from ..state_space import enumerate_states

RIGHT, SWAPPED, TARGET, TRANSPOSED = "gain − loss (right)", "swap gain and loss", "weight at the target", "transpose"
LAWS = (RIGHT, SWAPPED, TARGET, TRANSPOSED)

TOL = 1e-8  # probability that may be left out of the picture
DENSE = 400  # states up to which the matrix exponential is quick
MOST = 3000  # states beyond which no picture is worth the wait
WILD = 1000.0  # a wrong law is followed until some |P| passes this


@dataclass(frozen=True)
class Balance:
    """dP_i/dt = sum_r gain_weight[i, r] P[gain_source[i, r]] - loss_weight[i, r] P[loss_source[i, r]].

    Arrays (N, R). ``gain_from`` and ``loss_to`` are where the arrows begin and end; outside 0 .. N-1 means nowhere.
    """

    gain_weight: NDArray[np.float64]
    gain_source: NDArray[np.int64]
    gain_from: NDArray[np.int64]
    loss_weight: NDArray[np.float64]
    loss_source: NDArray[np.int64]
    loss_to: NDArray[np.int64]

    def matrix(self) -> NDArray[np.float64]:
        """The dense A of dP/dt = A P."""
        a = np.zeros((len(self.gain_weight),) * 2)
        for entries, where in self._entries():
            np.add.at(a, where, entries)
        return a

    def sparse(self) -> csr_matrix:
        """The same, for many states."""
        gain, loss = (csr_matrix(each, shape=(len(self.gain_weight),) * 2) for each in self._entries())
        return gain + loss

    def _entries(self) -> Iterator[tuple[NDArray[np.float64], tuple[NDArray[np.int64], NDArray[np.int64]]]]:
        """What gain and loss add to A, and in which rows and columns."""
        size, reactions = self.gain_weight.shape
        row = np.repeat(np.arange(size), reactions)
        for weight, source, sign in ((self.gain_weight, self.gain_source, 1), (self.loss_weight, self.loss_source, -1)):
            inside = ((source >= 0) & (source < size)).ravel()
            yield sign * weight.ravel()[inside], (row[inside], source.ravel()[inside])

    def flows(self, p: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Gain and loss of every state, each (F, N)."""
        return tuple(
            (w * np.where((s >= 0) & (s < p.shape[1]), p[:, np.clip(s, 0, p.shape[1] - 1)], 0.0)).sum(axis=2)
            for w, s in ((self.gain_weight, self.gain_source), (self.loss_weight, self.loss_source))
        )  # pyright: ignore[reportReturnType]


def propensities(net: ReactionNetwork, highest: int) -> NDArray[np.float64]:
    """a_r(n) for n = 0 .. N-1, (N, R), on the states that can be reached from the start with at most ``highest``."""
    states = enumerate_states(net, bounds=highest).states
    a = np.zeros((int(states.max()) + 1, len(net.reactions)))
    a[states[:, 0]] = net.propensities(states)
    return a


def balance(law: str, a: NDArray[np.float64], nu: NDArray[np.int64]) -> Balance:
    """The weights of a law from the propensities (N, R) and the jumps (R,) of one species."""
    n = np.broadcast_to(np.arange(len(a))[:, None], a.shape)
    return between(law, a, n - nu, n + nu, nu != 0)


def between(
    law: str, a: NDArray[np.float64], before: NDArray[np.int64], after: NDArray[np.int64], moves: NDArray[np.bool_]
) -> Balance:
    """The weights of a law on any states: (N, R) propensities and positions one reaction before and after each state.

    A position outside 0 .. N-1 is a state that is not kept; ``moves`` (R,) is False for reactions that change nothing.
    """
    size = len(a)
    n = np.broadcast_to(np.arange(size)[:, None], a.shape)
    inside = (before >= 0) & (before < size) & moves
    away = np.where(moves, a, 0.0)
    source = np.where(inside, a[np.clip(before, 0, size - 1), np.arange(a.shape[1])], 0.0)
    if law == TRANSPOSED:
        return Balance(away, after, after, away, n, after)
    if law == TARGET:
        return Balance(np.where(inside, a, 0.0), before, before, away, n, after)
    if law == SWAPPED:
        return Balance(away, n, after, source, before, before)
    return Balance(source, before, before, away, n, after)


def follow(a: csr_matrix | NDArray[np.float64], start: int, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """P at evenly spaced times from certainty at ``start``; fewer rows where the numbers grow wild."""
    size = len(a) if isinstance(a, np.ndarray) else len(a.indptr) - 1
    by = a * (times[1] - times[0])
    if size <= DENSE:
        step = expm(by if isinstance(by, np.ndarray) else by.toarray())
    else:
        step, by = None, csr_matrix(by)
    rows = [np.eye(1, size, start)[0]]
    while len(rows) < len(times):
        # A step may overflow before it is looked at: growth without end is what a wrong law does.
        with np.errstate(over="ignore", invalid="ignore"):
            rows.append(expm_multiply(by, rows[-1]) if step is None else step @ rows[-1])
        if not np.abs(rows[-1]).max() <= WILD:
            rows.pop()
            break
    return np.array(rows)


def solved(net: ReactionNetwork, times: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """P (F, N) of the master equation and the propensities (N, R), on enough states that no more than TOL is left out.

    Raises
    ------
    StateSpaceError : more than MOST states would be needed.
    """
    start, highest = int(net.initial[0]), int(net.initial[0]) + 20
    while highest <= DENSE:
        a = propensities(net, highest)
        p = follow(balance(RIGHT, a, net.stoichiometry[0]).matrix(), start, times)
        if len(p) == len(times) and (1 - p[-1].sum() <= TOL or len(a) <= highest):
            return p, a
        highest *= 2
    solution = solve(net, times, tol=TOL, max_states=MOST, progress=False)
    p = np.zeros((len(times), int(solution.states.max()) + 1))
    p[:, solution.states[:, 0]] = solution.p
    a = propensities(net, p.shape[1] - 1)
    return p, np.pad(a, ((0, p.shape[1] - len(a)), (0, 0)))
