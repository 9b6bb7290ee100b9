"""Detailed balance: does every transition run as often backward as forward? Currents, affinities, entropy."""
from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from .chain import Floats, Ints, jumps
from .errors import NetworkError
from .network import ReactionNetwork
from .state_space import Bounds, StateSpace, transitions
from .stationary import stationary
from .structure import classes_of

LEVELS = ("states", "reactions")
# A sum of logarithms around a cycle that is this small against its largest term is zero but for rounding.
ROUNDING = 1e-10


@dataclass(frozen=True, repr=False)
class Balance:
    """Whether the stationary law balances every edge, and what flows where it does not.

    level : 'states' sums all reactions between two states; 'reactions' keeps each reversible pair on its own.
    holds : True where every edge has a reverse and every cycle has affinity zero (Kolmogorov).
    states : (N, S) int64 and p : (N,), the states that last and their stationary law.
    edges : (E, 2) int64, indices of states; forward, backward : (E,) rates along each edge and against it, 1/time.
    pair : (E,) int64, the reversible pair of each edge as an index of ``pairs``; -1 on level 'states'.
    currents : (E,) net probability per unit time along each edge; zero everywhere exactly where balance holds.
    affinities : (C,) one for each cycle of a basis, log of the product of rates forward over backward; inf where a
        reaction of the cycle has no reverse. Each cycle is one of the edges ``closing`` (C,) with a path in a tree.
    entropy_production : sum of current times log(forward flow / backward flow), 1/time, in units of Boltzmann's
        constant; inf where some flow has no reverse, which ``note`` names.
    worst_cycle : the states of the cycle of largest affinity, in the direction in which it is positive; empty where
        there is no cycle.
    """

    level: str
    holds: bool
    species: tuple[str, ...]
    states: Ints
    p: Floats
    edges: Ints
    forward: Floats
    backward: Floats
    pair: Ints
    pairs: tuple[str, ...]
    currents: Floats
    affinities: Floats
    closing: Ints
    entropy_production: float
    worst_cycle: tuple[tuple[int, ...], ...]
    worst_affinity: float
    note: str

    def __repr__(self) -> str:
        verdict = "holds" if self.holds else "does not hold"
        rows = [f"Detailed balance {verdict} on {self.level}: {len(self.states)} states, {len(self.edges)} edges, "
                f"{len(self.affinities)} cycles",
                f"  largest current {np.abs(self.currents).max(initial=0.0):.6g}, entropy production "
                f"{self.entropy_production:.6g} per unit time"]
        if self.worst_cycle and not self.holds:
            way = " -> ".join(_named(self.species, n) for n in self.worst_cycle[:8])
            dots = " -> ..." if len(self.worst_cycle) > 8 else ""
            rows.append(f"  largest affinity {self.worst_affinity:.6g}: {way}{dots}")
        return "\n".join([*rows, *([f"  {self.note}"] if self.note else [])])


def detailed_balance(net: ReactionNetwork, *, level: str = "states", bounds: Bounds = None,
                     tol: float = 1e-10) -> Balance:
    """Test the stationary law for detailed balance, by Kolmogorov's cycles.

    Parameters
    ----------
    level : 'states' adds up all reactions between the same two states; 'reactions' takes each reversible pair of
        reactions (A -> B with B -> A, in the order written) on its own. A one-dimensional chain balances on states
        whatever drives it; only the level of reactions sees the drive.
    bounds, tol : as in `stationary`; edges that leave the states kept are left out.

    Raises
    ------
    NetworkError : an unknown level. StationaryError : there is no single stationary law.

    Notes
    -----
    J. Schnakenberg, Rev. Mod. Phys. 48 (1976) 571, doi:10.1103/RevModPhys.48.571. The test looks at rates only;
    currents come from the stationary law, and where balance holds they are zero but for rounding.
    """
    if level not in LEVELS:
        raise NetworkError(f"level={level!r}; it must be 'states' or 'reactions'.")
    law = stationary(net, bounds=bounds, tol=tol)
    label, closed = classes_of(jumps(net, StateSpace(net.species, law.states))[0])
    lasting = np.flatnonzero(closed[label])
    space = StateSpace(net.species, np.ascontiguousarray(law.states[lasting]))
    p = law.p[0, lasting]
    pairs, of_reaction, sign = _pairs(net)
    source, target, rate, reaction = _steps(net, space)
    channel = of_reaction[reaction] if level == "reactions" else np.full(reaction.size, -1)
    # An edge runs from the lower state to the higher one; on the level of reactions as its pair is written.
    along = source < target if level == "states" else sign[reaction] > 0
    edges, forward, backward, pair = _edges(source, target, rate, channel, along)
    flow, back = p[edges[:, 0]] * forward, p[edges[:, 1]] * backward
    currents = flow - back
    one_way = (forward > 0) != (backward > 0)
    cycles = _cycles(len(p), edges, forward, backward)
    production, note = _entropy_production(net, flow, back, one_way & (currents != 0), edges, pair, pairs, space)
    holds = not one_way.any() and cycles.largest <= ROUNDING * max(1.0, cycles.height)
    return Balance(level, holds, net.species, space.states, p, edges, forward, backward, pair,
                   pairs if level == "reactions" else (), currents, cycles.affinities,
                   cycles.closing, production, tuple(tuple(n) for n in space.states[cycles.worst].tolist()),
                   cycles.largest, note)


def _pairs(net: ReactionNetwork) -> tuple[tuple[str, ...], Ints, Ints]:
    """(text of each pair, pair of each reaction, +1 where it runs as the pair is written and -1 where against)."""
    texts: list[str] = []
    of_reaction, sign = np.full(len(net.reactions), -1, np.int64), np.ones(len(net.reactions), np.int64)
    for r, reaction in enumerate(net.reactions):
        waiting = [q for q in range(r) if sign[q] > 0 and net.reactions[q].reactants == reaction.products
                   and net.reactions[q].products == reaction.reactants
                   and not ((of_reaction == of_reaction[q]) & (sign < 0)).any()]
        if waiting:
            of_reaction[r], sign[r] = of_reaction[waiting[0]], -1
            texts[of_reaction[r]] = texts[of_reaction[r]].replace(" -> ", " <-> ")
        else:
            of_reaction[r] = len(texts)
            texts.append(reaction.text)
    return tuple(texts), of_reaction, sign


def _steps(net: ReactionNetwork, space: StateSpace) -> tuple[Ints, Ints, Floats, Ints]:
    """Every possible firing inside the space: (state, state it leads to, rate, reaction)."""
    to, rate = transitions(net, space)
    moves = (rate > 0) & (to >= 0) & (to != np.arange(len(space))[:, None])
    source, reaction = np.nonzero(moves)
    return source.astype(np.int64), to[moves], rate[moves], reaction.astype(np.int64)


def _edges(source: Ints, target: Ints, rate: Floats, channel: Ints,
           along: NDArray[np.bool_]) -> tuple[Ints, Floats, Floats, Ints]:
    """Firings between the same two states, in the same channel, gathered into one edge with two rates."""
    first, second = np.where(along, source, target), np.where(along, target, source)
    key, which = np.unique(np.stack([first, second, channel], axis=1), axis=0, return_inverse=True)
    which = which.reshape(-1)
    forward = np.bincount(which, np.where(along, rate, 0.0), len(key)).astype(float)
    backward = np.bincount(which, np.where(along, 0.0, rate), len(key)).astype(float)
    return key[:, :2].astype(np.int64), forward, backward, key[:, 2].astype(np.int64)


@dataclass(frozen=True)
class _Cycles:
    """A basis of cycles: their affinities >= 0, the edge that closes each, and the worst one as states."""

    affinities: Floats
    closing: Ints
    worst: list[int]
    height: float  # the largest potential met on the way, which scales rounding

    @property
    def largest(self) -> float:
        return float(self.affinities.max(initial=0.0))


def _cycles(size: int, edges: Ints, forward: Floats, backward: Floats) -> _Cycles:
    """Hang the states on a tree, give each its potential, and see what every other edge adds to the difference."""
    if not len(edges):
        return _Cycles(np.zeros(0), np.zeros(0, np.int64), [], 0.0)
    both = (forward > 0) & (backward > 0)
    step = np.zeros(len(edges))
    step[both] = np.log(forward[both] / backward[both])
    one_way = (forward > 0).astype(float) - (backward > 0)
    # Two-way edges first: a cycle closed by one of them then has a finite affinity.
    first = np.argsort(~both, kind="stable")
    ends = np.sort(edges[first], axis=1)
    _, kept = np.unique(ends, axis=0, return_index=True)
    chosen = first[kept]
    graph = sparse.csr_array((np.where(both[chosen], 1, 2), (ends[kept, 0], ends[kept, 1])), shape=(size, size))
    order, before = breadth_first_order(minimum_spanning_tree(graph), 0, directed=False)
    number = dict(zip(map(tuple, ends[kept].tolist()), chosen.tolist(), strict=True))
    potential, ways, used = np.zeros(size), np.zeros(size), np.zeros(len(edges), bool)
    for n in order[1:].tolist():
        m = int(before[n])
        e = number[min(m, n), max(m, n)]
        sign = 1.0 if edges[e, 0] == m else -1.0
        potential[n], ways[n], used[e] = potential[m] + sign * step[e], ways[m] + sign * one_way[e], True
    closing = np.flatnonzero(~used)
    low, high = edges[closing].T
    affinities = potential[low] + step[closing] - potential[high]
    turns = ways[low] + one_way[closing] - ways[high]
    affinities[~both[closing]] = np.where(turns[~both[closing]] < 0, -np.inf, np.inf)
    height = float(np.abs(potential).max())
    if not len(closing):
        return _Cycles(affinities, closing, [], height)
    most = int(np.argmax(np.abs(affinities)))
    way = _way(before, int(high[most]), int(low[most]))
    way = way[::-1] if affinities[most] < 0 else way
    return _Cycles(np.abs(affinities), closing, [*way, way[0]], height)


def _way(before: NDArray[np.int32], start: int, end: int) -> list[int]:
    """The states from start to end along the tree."""
    def to_root(n: int) -> list[int]:
        up = [n]
        while before[up[-1]] >= 0:
            up.append(int(before[up[-1]]))
        return up

    up, down = to_root(start), to_root(end)
    while len(up) > 1 and len(down) > 1 and up[-2] == down[-2]:
        up.pop()
        down.pop()
    return up + down[-2::-1]


def _entropy_production(net: ReactionNetwork, flow: Floats, back: Floats, one_way: NDArray[np.bool_], edges: Ints,
                        pair: Ints, pairs: tuple[str, ...], space: StateSpace) -> tuple[float, str]:
    if one_way.any():
        running = sorted({(int(k), bool(f > 0)) for k, f in zip(pair[one_way], flow[one_way], strict=True) if k >= 0})
        if running:
            names = ", ".join(" -> ".join(re.split(" <?-> ", pairs[k])[::1 if ahead else -1]) for k, ahead in running)
            return math.inf, f"entropy production is infinite: no reverse with a rate above 0 for {names}."
        e = int(np.flatnonzero(one_way)[0])
        a, b = edges[e] if flow[e] > 0 else edges[e, ::-1]
        names = _named(net.species, space.states[a].tolist()), _named(net.species, space.states[b].tolist())
        return math.inf, (f"entropy production is infinite: no reaction leads back from {names[1]} to {names[0]}"
                          + (f", nor on {int(one_way.sum()) - 1} other edges." if one_way.sum() > 1 else "."))
    seen = (flow > 0) & (back > 0)
    return float(np.sum((flow - back)[seen] * np.log(flow[seen] / back[seen]))), ""


def _named(species: tuple[str, ...], n: list[int] | tuple[int, ...]) -> str:
    return "(" + ", ".join(f"{s}={c}" for s, c in zip(species, n, strict=True)) + ")"
