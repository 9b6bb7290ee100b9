"""Batches of paths: what `simulate` hands to an executor, and how the results are put together again."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .compiled import EventTables
from .errors import SimulationError
from .kernels import status as st
from .network import ReactionNetwork
from .trajectories import Ensemble, Histograms, Moments
from .walkers import DelayedWalker, ExactWalker, LeapWalker

NEXT_REACTION = "next_reaction"
COUNTS = 2_000_000  # counts held by one batch, at most
PATHS = 1000        # and paths
LARGEST_SUM = 2**62


def largest_batch(counts: int) -> int:
    """Paths in one batch, at most, where each has so many counts."""
    return max(1, min(PATHS, COUNTS // max(1, counts)))


@dataclass(frozen=True)
class Job:
    """What every batch of one call needs; plain arrays, so that any executor can send it."""

    alone: ReactionNetwork | None  # the network itself where a walker takes one path at a time
    tables: EventTables | None
    method: str
    record: str
    start: NDArray[np.int64]
    grid: NDArray[np.float64]
    seed: int
    max_events: int
    tolerance: float


@dataclass(frozen=True)
class Batch:
    """Paths first, first + 1, ...: their counts or, for 'moments' and 'histogram', the sums over them."""

    first: int
    counts: NDArray[np.int64] | None
    sums: tuple[NDArray[np.int64], ...]
    status: NDArray[np.int8]
    events: NDArray[np.int64]
    answer: int
    end: tuple[float, NDArray[np.int64]]  # time and state where the last path stands
    pipeline: NDArray[np.int64] | None = None


def walk_batch(job: Job, first: int, size: int) -> Batch:
    """Walk paths first, ..., first + size - 1; whatever executor runs this, the numbers are the same."""
    if job.tables is None:
        return _walk_alone(job, first, size)
    walker = ExactWalker(job.tables, job.start, job.seed)
    counts = np.full((size, job.grid.size, job.start.size), -1, np.int64)
    status, events = np.full(size, st.NOT_RUN, np.int8), np.zeros(size, np.int64)
    answer, by_next = st.REACHED, job.method == NEXT_REACTION
    if by_next or not walker.walk_in_step(first, job.grid, job.max_events, counts, status, events):
        for array, fresh in ((counts, -1), (status, st.NOT_RUN), (events, 0)):
            array[:] = fresh
        answer = walker.walk(first, job.grid, job.max_events, by_next, counts, status, events)
    sums = _sums(counts, job.record) if answer <= st.ABSORBED else ()
    return Batch(first, counts if job.record == "grid" else None, sums, status, events, answer,
                 (float(walker.clock[0]), walker.n))


def _walk_alone(job: Job, first: int, size: int) -> Batch:
    """The same one path at a time: networks with delays, whose pipeline is recorded too, and tau-leaping."""
    net = job.alone
    assert net is not None
    walker = DelayedWalker(net, job.seed) if net.has_delays else LeapWalker(net, job.seed, job.tolerance)
    reactions = len(net.reactions) if net.has_delays else 0
    counts = np.full((size, job.grid.size, job.start.size), -1, np.int64)
    pipeline = np.full((size, job.grid.size, reactions), -1, np.int64)
    status, events, answer = np.full(size, st.NOT_RUN, np.int8), np.zeros(size, np.int64), st.REACHED
    for p in range(size):
        walker.begin(first + p)
        answer = walker.walk(job.grid[-1], job.grid, counts[p], pipeline[p], job.max_events)
        status[p], events[p] = answer, walker.cursor[1]
        if answer > st.ABSORBED:
            break
    sums, grid = _sums(counts, job.record) if answer <= st.ABSORBED else (), job.record == "grid"
    return Batch(first, counts if grid else None, sums, status, events, answer, (float(walker.clock[0]), walker.n),
                  pipeline if grid and net.has_delays else None)


def _sums(counts: NDArray[np.int64], record: str) -> tuple[NDArray[np.int64], ...]:
    """Sums over the paths of one batch, in exact integers."""
    if record == "moments":
        too_large = float(counts.max(initial=0))**2 * len(counts) > LARGEST_SUM  # the integers would wrap round
        products = np.einsum("pti,ptj->tij", counts, counts)
        return counts.sum(axis=0), np.full_like(products, LARGEST_SUM + 1) if too_large else products
    if record == "histogram":
        return tuple(np.stack([np.bincount(n, minlength=1 + int(columns.max(initial=0))) for n in columns.T])
                     for columns in np.moveaxis(counts, 2, 0))
    return ()


class Gather:
    """Collects the batches of one call into its result."""

    def __init__(self, net: ReactionNetwork, job: Job, total: int):
        self.species, self.job, self.total = net.species, job, total
        shape = (total, job.grid.size, job.start.size) if job.record == "grid" else (0, 0, 0)
        self.counts = np.full(shape, -1, np.int64)
        self.status, self.events = np.full(shape[0], st.NOT_RUN, np.int8), np.zeros(shape[0], np.int64)
        self.sums: tuple[NDArray[np.int64], ...] = ()
        self.pipeline = None if not net.has_delays or job.record != "grid" else np.full(
            (total, job.grid.size, len(net.reactions)), -1, np.int64)

    def add(self, batch: Batch) -> None:
        if batch.counts is not None:
            here = slice(batch.first, batch.first + len(batch.status))
            self.counts[here], self.status[here], self.events[here] = batch.counts, batch.status, batch.events
            if self.pipeline is not None and batch.pipeline is not None:
                self.pipeline[here] = batch.pipeline
        self.sums = batch.sums if not self.sums else tuple(_grown_sum(*pair) for pair in zip(self.sums, batch.sums,
                                                                                             strict=False))
        if self.job.record == "moments" and self.sums and int(np.abs(self.sums[1]).max(initial=0)) > LARGEST_SUM:
            raise SimulationError("the sums of squares have passed 2^62, so exact integers no longer hold them; use "
                                  "record='grid', or fewer paths.")

    def result(self) -> Ensemble | Moments | Histograms:
        """What `simulate` returns when all batches are there."""
        common = (self.species, self.job.grid)
        if self.job.record == "moments":
            return Moments(*common, self.total, self.sums[0], self.sums[1], self.job.seed)
        if self.job.record == "histogram":
            return Histograms(*common, self.total, self.sums, self.job.seed)
        return Ensemble(*common, self.counts, self.status, self.events, self.job.seed, self.pipeline)

    def partial(self) -> Ensemble | None:
        """What there is so far; None for sums, which would leave out some paths and not say which."""
        return Ensemble(self.species, self.job.grid, self.counts, self.status, self.events, self.job.seed,
                        self.pipeline) if self.job.record == "grid" else None


def _grown_sum(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """a + b; of two histograms the shorter is filled up with zeros."""
    if a.shape[-1] == b.shape[-1]:
        return a + b
    short, long = sorted((a, b), key=lambda x: x.shape[-1])
    out = long.copy()
    out[..., :short.shape[-1]] += short
    return out
