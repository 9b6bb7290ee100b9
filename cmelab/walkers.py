"""Walkers: the arrays that paths of one network need while they are walked. `path` and `simulate` drive them."""
from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .compiled import EventTables, compile_delayed, compile_network
from .expression import names
from .kernels import status as st
from .kernels.delayed import ssa_delayed
from .kernels.ensemble import ssa_ensemble
from .kernels.jit import is_compiled
from .kernels.random import seed_stream
from .kernels.ssa import GENERAL, ssa_direct
from .kernels.tau_leaping import tau_leap
from .network import ReactionNetwork

SLICE = 200_000  # events between two looks at the keyboard
WORK = 20_000_000  # the same in propensities, counts and steps of formulas: some tenths of a second compiled
REMEMBERED = 2**17  # values of custom propensities kept in all, and of one at most
REMEMBERED_OF_ONE = 2**14
LANES = 16       # paths walked in step where that is possible, a multiple of 8; 0 for never
WORTH_LANES = 8   # fewer paths are walked one after another, and so are networks of more reactions than
MOST_REACTIONS = 64


@cache
def lane_kernel() -> Callable[..., int] | None:
    """The kernel that walks paths in step; None where numba is missing or is not the numba it was written for."""
    if not is_compiled():
        return None
    try:
        from .kernels.lanes import ssa_lanes
    except Exception:  # whatever has moved inside numba: the other kernel gives the same numbers
        return None
    return ssa_lanes


class ExactWalker:
    """One network without delays, and the arrays to walk its paths by an exact method."""

    def __init__(self, tables: EventTables, start: NDArray[np.int64], seed: int):
        self.tables, self.start, self.seed = tables, start, np.uint64(seed)
        reactions, each = len(tables.table[0]), REMEMBERED // max(1, tables.known)
        self.n, self.rng = start.copy(), np.zeros(4, np.uint64)
        self.clock, self.cursor = np.zeros(1), np.zeros(3, np.int64)
        self.scratch = (np.zeros(start.size + 1), np.zeros(reactions), np.zeros(reactions + 1),
                        np.full((tables.known, max(16, min(each, REMEMBERED_OF_ONE))), -1.0),
                        np.zeros(tables.network.stack_size))
        self.budget = max(1000, WORK // (reactions + start.size + tables.network.programs[1].size + 1))

    def events(self, t_end: float, max_events: int) -> tuple[int, NDArray[np.float64], NDArray[np.int64]]:
        """Follow path 0 to t_end by the direct method; status, and time and reaction of each event."""
        no_times, no_rows = np.empty(0), np.empty((0, self.n.size), np.int64)
        with np.errstate(over="ignore"):
            seed_stream(self.seed, np.uint64(0), self.rng)
        parts, size, answer = [], 1024, st.PAUSED
        network, table, _, graph, _ = self.tables
        while answer == st.PAUSED:
            times, fired, before = np.empty(size), np.empty(size, np.int64), self.cursor[1]
            with np.errstate(over="ignore"):
                answer = ssa_direct(network, table, network.programs, graph, t_end, no_times, self.n, self.rng,
                                    self.clock, self.cursor, max_events, size, self.scratch, no_rows, times, fired)
            done = self.cursor[1] - before
            parts.append((times[:done], fired[:done]))
            size = min(2 * size, self.budget)
        return int(answer), np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def fit_for_lanes(self, paths: int, max_events: int) -> bool:
        """True where walking in step is possible and worth it: enough paths, plain reactions, small counts."""
        factors, _, _, amounts = self.tables.table
        return (LANES > 0 and paths >= WORTH_LANES and 0 < len(factors) <= MOST_REACTIONS
                and GENERAL not in factors[:, 0]
                and self.start.max(initial=0) + max_events * amounts.max(initial=0.0) < 2.0**53)

    def walk_in_step(self, first: int, times: NDArray[np.float64], max_events: int, out: NDArray[np.int64],
                     status: NDArray[np.int8], events: NDArray[np.int64]) -> bool:
        """Fill out (P, T, S) as `walk` does, by lanes; False where some path fails or the kernel does not work here."""
        kernel = lane_kernel()
        if kernel is None or not self.fit_for_lanes(len(out), max_events):
            return False
        network, table, programs, _, _ = self.tables
        rows, path, alive = np.zeros(LANES, np.int64), np.zeros(LANES, np.int64), np.zeros(LANES // 8, np.int64)
        lanes = (np.zeros((self.n.size + 1) * LANES), np.zeros(8 * len(table[0]) + 8), np.zeros(4 * LANES, np.uint64),
                 *np.zeros((5, LANES)), rows, path, alive, np.zeros(1, np.int64))
        single, answer = (self.n, self.rng, self.clock, self.cursor), st.PAUSED
        try:
            while answer == st.PAUSED:
                answer = kernel(network, table, programs, times, self.start, self.seed, np.uint64(first), lanes, single,
                                max_events, self.budget, self.scratch, out, status, events)
        except Exception:  # numba's and LLVM's own: what they say is nothing a user can mend
            return False
        return answer == st.REACHED

    def walk(self, first: int, times: NDArray[np.float64], max_events: int, next_reaction: bool,
             out: NDArray[np.int64], status: NDArray[np.int8], events: NDArray[np.int64]) -> int:
        """Follow paths first, first + 1, ... until out (P, T, S) is filled; returns the status of the last."""
        network, table, programs, graph, _ = self.tables
        reactions = len(table[0])
        heap = (np.zeros(reactions), np.zeros(reactions, np.int64), np.zeros(reactions, np.int64))
        state = (self.n, self.rng, self.clock, self.cursor, np.zeros(1, np.int64))
        self.cursor[1] = -1
        while True:
            with np.errstate(over="ignore"):
                answer = ssa_ensemble((network, table), None if next_reaction else programs, graph,
                                      heap if next_reaction else None, times, self.start, self.seed, np.uint64(first),
                                      state, max_events, self.budget, self.scratch, out, status, events)
            if answer != st.PAUSED:
                return int(answer)


class DelayedWalker:
    """One network with delays, and the arrays to walk its paths one after another."""

    def __init__(self, net: ReactionNetwork, seed: int):
        self.network, self.delays = compile_delayed(net)
        self.start, self.seed, reactions = net.initial, np.uint64(seed), len(net.reactions)
        self.rng, self.clock, self.cursor = np.zeros(4, np.uint64), np.zeros(1), np.zeros(3, np.int64)
        self.n, self.inside = net.initial, np.zeros(reactions, np.int64)
        self.a, self.stack = np.zeros(reactions), np.zeros(self.network.stack_size)
        self.due, self.what = np.zeros(256), np.zeros(256, np.int64)

    def begin(self, index: int) -> None:
        """Stand at the start of path ``index``, with nothing in the pipeline."""
        with np.errstate(over="ignore"):
            seed_stream(self.seed, np.uint64(index), self.rng)
        self.n[:] = self.start
        for array in (self.clock, self.cursor, self.inside):
            array[:] = 0

    def walk(self, t_end: float, times: NDArray[np.float64], out: NDArray[np.int64], pipeline: NDArray[np.int64],
             max_events: int) -> int:
        """Follow the path to t_end, filling out (T, S) and pipeline (T, R); returns the status."""
        while True:
            answer = self._slice(t_end, times, out, pipeline, max_events, SLICE, np.empty(0), np.empty(0, np.int64))
            if answer != st.PAUSED:
                return answer

    def events(self, t_end: float, max_events: int) -> tuple[int, NDArray[np.float64], NDArray[np.int64]]:
        """Follow the path to t_end; status, time and kind of each event (R + r is the completion of r)."""
        parts, size, answer = [], 1024, st.PAUSED
        while answer == st.PAUSED:
            times, fired = np.full(size, np.nan), np.empty(size, np.int64)
            answer = self._slice(t_end, np.empty(0), np.empty((0, self.n.size), np.int64),
                                 np.empty((0, self.a.size), np.int64), max_events, size, times, fired)
            done = int(np.isfinite(times).sum())
            parts.append((times[:done], fired[:done]))
            size = min(2 * size, SLICE)
        return answer, np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def _slice(self, t_end: float, times: NDArray[np.float64], out: NDArray[np.int64], pipeline: NDArray[np.int64],
               max_events: int, budget: int, event_times: NDArray[np.float64], fired: NDArray[np.int64]) -> int:
        with np.errstate(over="ignore"):
            answer = ssa_delayed(self.network, self.delays.releases, self.delays.mean, self.delays.stages, t_end, times,
                                 self.n, self.rng, self.clock, self.cursor, max_events, budget, self.a, self.stack, out,
                                 pipeline, self.inside, self.due, self.what, event_times, fired)
        if answer == st.FULL:
            self.due, self.what = np.concatenate([self.due, self.due]), np.concatenate([self.what, self.what])
            return st.PAUSED
        return int(answer)


class LeapWalker:
    """One network, and the arrays to walk its paths by tau-leaping."""

    def __init__(self, net: ReactionNetwork, seed: int, tolerance: float):
        self.network, self.start, self.seed = compile_network(net), net.initial, np.uint64(seed)
        reactions, species = len(net.reactions), len(net.species)
        self.rng, self.clock, self.cursor = np.zeros(4, np.uint64), np.zeros(1), np.zeros(3, np.int64)
        self.n, self.a, self.stack = net.initial, np.zeros(reactions), np.zeros(self.network.stack_size)
        self.order, self.tolerance, self.critical = highest_orders(net), tolerance, np.zeros(reactions, np.bool_)
        self.drift, self.spread, self.real = np.zeros(species), np.zeros(species), np.zeros(species)

    def begin(self, index: int) -> None:
        """Stand at the start of path ``index``."""
        with np.errstate(over="ignore"):
            seed_stream(self.seed, np.uint64(index), self.rng)
        self.n[:] = self.start
        for array in (self.clock, self.cursor):
            array[:] = 0

    def walk(self, t_end: float, times: NDArray[np.float64], out: NDArray[np.int64], pipeline: NDArray[np.int64],
             max_events: int) -> int:
        """Follow the path to t_end, filling out (T, S); returns the status."""
        while True:
            with np.errstate(over="ignore"):
                answer = tau_leap(self.network, t_end, times, self.n, self.rng, self.clock, self.cursor, max_events,
                                  SLICE, self.a, self.stack, out, self.order, self.tolerance, self.critical, self.drift,
                                  self.spread, self.real)
            if answer != st.PAUSED:
                return int(answer)


def highest_orders(net: ReactionNetwork) -> NDArray[np.float64]:
    """g of Cao, Gillespie and Petzold for each species (S,): bounds on how a propensity answers to its change.

    1 and 2 (plus 1/(n - 1) for two of a kind, added in the kernel) for first and second order, 3 times the
    multiplicity for third order and above, 3 for whatever a custom propensity reads; 0 where nothing reads a species.
    """
    order = dict.fromkeys(net.species, 0.0)
    for reaction in net.reactions:
        read = {name for name, _ in names(reaction.formula)} & order.keys() if reaction.custom else set()
        for s in read:
            order[s] = max(order[s], 3.0)
        for s, m in reaction.reactants.items():
            g = float(reaction.order) if reaction.order <= 2 else 3.0 * m
            order[s] = max(order[s], g)
    return np.array([order[s] for s in net.species])
