"""Walkers of single paths: networks with delays, and tau-leaping. `path` and `simulate` drive them."""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .compiled import compile_delayed, compile_network
from .expression import names
from .kernels import status as st
from .kernels.delayed import ssa_delayed
from .kernels.random import seed_stream
from .kernels.tau_leaping import tau_leap
from .network import ReactionNetwork

SLICE = 200_000  # events between two looks at the keyboard


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
