"""The lattice a network moves on: coordinates in which every reaction is a shift, and how far they can go."""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .errors import StateSpaceError
from .integers import hermite, nonnegative_laws
from .network import ReactionNetwork

Ints = NDArray[np.int64]

# Further than any count: coordinates that may come so far have no end.
FAR = 2**60
# Species and reactions up to which conservation laws are looked for, which takes milliseconds at most.
MAX_LAWS = 40
SAMPLES = 4096


@dataclass(frozen=True)
class Lattice:
    """States n = origin + z basis for whole z (D,): the initial state and all that reactions can add to it.

    origin : (S,) the initial state; basis : (D, S), the longest axis last, D >= 1
    moving : (M,) the reactions that change the state; shifts : (M, D) their change of z
    upper : (S,) the largest count of each species, by the bounds given and by what the reactions conserve
    low, high : (D,) the least and largest z, -FAR and FAR where there is no end
    outer_low, outer_high : (D,) the same with the cells outside the bounds that a reaction may lead to
    """

    origin: Ints
    basis: Ints
    moving: Ints
    shifts: Ints
    upper: Ints
    low: Ints
    high: Ints
    outer_low: Ints
    outer_high: Ints

    def coordinates(self, states: Ints) -> Ints:
        """z (N, D) of states (N, S) that lie on the lattice."""
        return _solve(self.basis, states - self.origin)

    def states(self, z: Ints) -> Ints:
        """The states (N, S) of coordinates z (N, D)."""
        return self.origin + z @ self.basis

    def cells(self) -> float:
        """Cells of the box that holds every state; inf where there is no end."""
        if (self.low <= -FAR).any() or (self.high >= FAR).any():
            return math.inf
        return float(np.prod((self.high - self.low + 1).astype(float)))

    def size_estimate(self) -> float:
        """About how many states lie within the limits; inf where there is no end.

        The cells of the box, and where these are many, times the share of 4096 cells drawn at random that are states.
        """
        cells = self.cells()
        if not SAMPLES < cells < math.inf:
            return cells
        z = np.random.default_rng(0).integers(self.low, self.high, (SAMPLES, len(self.low)), endpoint=True)
        n = self.origin + z.astype(float) @ self.basis
        states = ((n >= 0) & (n <= self.upper)).all(axis=1).mean()
        return cells * max(float(states), 1 / SAMPLES)


def lattice(net: ReactionNetwork, upper: Ints) -> Lattice:
    """The lattice of a network and its limits, from counts up to ``upper`` (S,) and what the reactions conserve."""
    origin, nu = net.initial, net.stoichiometry.T
    moving = np.flatnonzero(nu.any(axis=1) & np.array([r.custom or r.rate > 0 for r in net.reactions], bool))
    conserved = _law_limits(origin, nu[moving])
    rows = hermite([[int(x) for x in row] for row in nu[moving]])
    basis = np.array(rows or [[0] * origin.size], np.int64).reshape(len(rows) or 1, origin.size)
    inner, outer = _limits(origin, basis, np.minimum(upper, conserved)), _limits(origin, basis, conserved)
    shifts = _solve(basis, nu[moving])
    far_low = np.maximum(outer[0], inner[0] + shifts.min(axis=0, initial=0))
    far_high = np.minimum(outer[1], inner[1] + shifts.max(axis=0, initial=0))
    order = np.argsort(inner[1].astype(float) - inner[0], kind="stable")
    return Lattice(origin, np.ascontiguousarray(basis[order]), moving, np.ascontiguousarray(shifts[:, order]),
                   np.minimum(upper, conserved), *(ends[order] for ends in (*inner, far_low, far_high)))


def _law_limits(origin: Ints, nu: Ints) -> Ints:
    """The largest counts (S,) allowed by combinations c >= 0 that no reaction increases: c n(t) <= c n(0)."""
    limit = np.full(origin.size, FAR, np.int64)
    size, count = origin.size, len(nu)
    if size + count > MAX_LAWS:
        return limit
    # With one slack a reaction, c nu + slack = 0: what no reaction increases is a law of the extended matrix.
    extended = [[int(x) for x in row] for row in np.concatenate([nu.T, np.eye(count, dtype=np.int64)])]
    try:
        laws = nonnegative_laws(extended, count)
    except StateSpaceError:
        return limit
    for law in laws:
        total = sum(c * int(n) for c, n in zip(law[:size], origin, strict=True))
        for s, c in enumerate(law[:size]):
            if c:
                limit[s] = min(limit[s], total // c)
    return limit


def _limits(origin: Ints, basis: Ints, upper: Ints) -> tuple[Ints, Ints]:
    """Least and largest z of a basis in echelon form, by the counts that each species may have."""
    low, high = np.full(len(basis), -FAR), np.full(len(basis), FAR)
    for d, s in np.argwhere(basis).tolist():
        others = [e for e in np.flatnonzero(basis[:, s]).tolist() if e != d]
        if any(low[e] <= -FAR or high[e] >= FAR for e in others):
            continue
        # What the other coordinates may add to the species.
        ends = [sorted((int(low[e]) * int(basis[e, s]), int(high[e]) * int(basis[e, s]))) for e in others]
        least = -int(origin[s]) - sum(end[1] for end in ends)
        most = int(upper[s]) - int(origin[s]) - sum(end[0] for end in ends)
        step = int(basis[d, s])
        if step > 0 or upper[s] < FAR:
            low[d] = max(int(low[d]), -(-(least if step > 0 else most) // step))
        if step < 0 or upper[s] < FAR:
            high[d] = min(int(high[d]), (most if step > 0 else least) // step)
    if not basis.any():
        low[:], high[:] = 0, 0
    return low, high


def _solve(basis: Ints, vectors: Ints) -> Ints:
    """z with z basis = vectors, by the pivots of a basis in echelon form up to the order of its rows."""
    left, z = vectors.copy(), np.zeros((len(vectors), len(basis)), np.int64)
    pivots = [int(np.flatnonzero(row)[0]) if row.any() else -1 for row in basis]
    for d in sorted(range(len(basis)), key=lambda d: pivots[d]):
        if pivots[d] >= 0:
            z[:, d] = left[:, pivots[d]] // basis[d, pivots[d]]
            left = left - z[:, d:d + 1] * basis[d]
    return z
