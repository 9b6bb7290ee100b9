"""Exact stochastic simulation: `path` follows one path event by event, `simulate` many on a time grid."""
from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arguments import as_times, whole
from .chunks import progress_bar, spread
from .compiled import CompiledNetwork, compile_network, delayed_changes, dependency_graph
from .errors import NetworkError, SimulationError
from .kernels import status as st
from .kernels.ensemble import DIRECT, NEXT_REACTION, ssa_ensemble
from .kernels.random import seed_stream
from .kernels.ssa import ssa_direct
from .network import ReactionNetwork
from .trajectories import Ensemble, Histograms, Moments, Path
from .walkers import DelayedWalker, LeapWalker

# Work between two looks at the keyboard: about 0.2 s compiled, however many reactions there are.
SLICE = 20_000_000
METHODS = {"direct": DIRECT, "next_reaction": NEXT_REACTION, "tau": 2}
RECORDS = ("grid", "moments", "histogram")
CHUNK_NUMBERS = 2_000_000  # counts held by one chunk of paths, at most
LARGEST_SUM = 2**62

_WHY = {
    st.MAX_EVENTS: "fired {events} reactions before t = {end:g}. The network may be explosive (more produced than "
                   "consumed); shorten times, or raise max_events if the path is meant to be long.",
    st.EXPLOSIVE: "reached a total propensity so large that time no longer moves, after {events} reactions at t = "
                  "{t:.6g}. The network explodes; shorten times, or add a reaction that removes molecules.",
    st.INVALID: "met a propensity that is negative or not a number, after {events} reactions at t = {t:.6g} in state "
                "{state}. Propensities there: {propensities}. Change the formula so that it is >= 0 in every state.",
    st.TOO_MANY: "passed 2^53 molecules after {events} reactions at t = {t:.6g}; single molecules can no longer be "
                 "counted. Use smaller counts, or the rate equations.",
}


def path(net: ReactionNetwork, t_end: float, *, seed: int, max_events: int = 10**7) -> Path:
    """Follow one exact path of the jump process from t = 0 to ``t_end``, recording every event.

    Parameters
    ----------
    net : the network; its ``initial`` is the state at t = 0.
    t_end : end time, in 1/rate.
    seed : whole number >= 0; the same seed gives the same path, which is also path 0 of `simulate`.
    max_events : refuse to fire more reactions than this.

    Raises
    ------
    SimulationError : explosion, too many events, or an invalid propensity; ``partial`` is the Path so far.

    Notes
    -----
    Direct method, exact: D. T. Gillespie, J. Phys. Chem. 81 (1977) 2340, doi:10.1021/j100540a008.
    """
    end = float(as_times(t_end)[0])
    if net.has_delays:
        return _delayed_path(net, end, whole("seed", seed, 0), whole("max_events", max_events, 0))
    compiled, n = compile_network(net), net.initial
    walker = _Walker(compiled, n, whole("seed", seed, 0))
    with np.errstate(over="ignore"):
        seed_stream(walker.seed, np.uint64(0), walker.rng)
    limit, slices, answer, size = whole("max_events", max_events, 0), [], st.PAUSED, 1024
    while answer == st.PAUSED:
        times, fired, before = np.empty(size), np.empty(size, np.int64), walker.cursor[1]
        with np.errstate(over="ignore"):
            answer = ssa_direct(compiled, end, walker.nothing, n, walker.rng, walker.clock, walker.cursor, limit, size,
                                walker.a, walker.stack, walker.no_rows, times, fired)
        done = walker.cursor[1] - before
        slices.append((times[:done].copy(), fired[:done].copy()))
        size = min(2 * size, walker.budget)
    times = np.concatenate([[0.0], *(s[0] for s in slices)])
    fired = np.concatenate([s[1] for s in slices])
    states = np.vstack([net.initial, net.initial + np.cumsum(net.stoichiometry.T[fired], axis=0)])
    reached = end if answer <= st.ABSORBED else float(times[-1])
    result = Path(net.species, times, states, fired, reached, answer == st.ABSORBED)
    if answer > st.ABSORBED:
        raise SimulationError("The path " + _why(answer, net, len(fired), reached, n, end), partial=result)
    return result


def _delayed_path(net: ReactionNetwork, end: float, seed: int, max_events: int) -> Path:
    """A path whose events are beginnings (reaction r) and completions (R + r)."""
    walker = DelayedWalker(net, seed)
    walker.begin(0)
    answer, times, fired = walker.events(end, max_events)
    begins, releases = delayed_changes(net)
    changes = np.array([*begins, *releases], np.int64).reshape(-1, len(net.species))
    states = np.vstack([net.initial, net.initial + np.cumsum(changes[fired], axis=0)])
    reached = end if answer <= st.ABSORBED else float(times[-1]) if len(times) else 0.0
    result = Path(net.species, np.concatenate([[0.0], times]), states, fired, reached, answer == st.ABSORBED)
    if answer > st.ABSORBED:
        raise SimulationError("The path " + _why(answer, net, int(walker.cursor[1]), reached, walker.n, end),
                              partial=result)
    return result


@overload
def simulate(net: ReactionNetwork, times: ArrayLike, *, paths: int, seed: int, method: str = ...,
             record: Literal["grid"] = ..., max_events: int = ..., executor: Executor | None = ...,
             progress: bool | None = ..., tolerance: float = ...) -> Ensemble: ...


@overload
def simulate(net: ReactionNetwork, times: ArrayLike, *, paths: int, seed: int, method: str = ...,
             record: Literal["moments"], max_events: int = ..., executor: Executor | None = ...,
             progress: bool | None = ..., tolerance: float = ...) -> Moments: ...


@overload
def simulate(net: ReactionNetwork, times: ArrayLike, *, paths: int, seed: int, method: str = ...,
             record: Literal["histogram"], max_events: int = ..., executor: Executor | None = ...,
             progress: bool | None = ..., tolerance: float = ...) -> Histograms: ...


def simulate(net: ReactionNetwork, times: ArrayLike, *, paths: int, seed: int, method: str = "direct",
             record: str = "grid", max_events: int = 10**7, executor: Executor | None = None,
             progress: bool | None = None, tolerance: float = 0.03) -> Ensemble | Moments | Histograms:
    """Simulate many independent paths and record the counts on a time grid.

    Parameters
    ----------
    net : the network; its ``initial`` is the state at t = 0.
    times : increasing times >= 0, in 1/rate; a single number is one time.
    paths : number of paths P.
    seed : whole number >= 0. Path i has a stream of its own made from (seed, i): the numbers do not depend on
        ``executor``, threads or chunks, and more paths keep the earlier ones.
    method : 'direct', or 'next_reaction' for networks of many reactions: the same law by other numbers. Networks with
        delays take 'direct': reactants go when a reaction begins, products come when its delay is over. 'tau' leaps
        over many events at once; it is approximate, and never goes below zero.
    record : 'grid' keeps all counts (P, T, S); 'moments' and 'histogram' keep only sums over paths, in a memory that
        does not grow with their number.
    max_events : limit per path.
    executor : any `concurrent.futures` executor to spread the paths over; None runs them here.
    progress : True or False for a progress bar; None shows one after two seconds.
    tolerance : for 'tau' only: how much of itself a propensity may change within one leap.

    Returns
    -------
    Ensemble with counts (P, T, S), and pipeline (P, T, R) where there are delays; Moments; or Histograms.

    Raises
    ------
    SimulationError : explosion, too many events, or an invalid propensity on some path; ``partial`` is the Ensemble
        with everything computed so far (None for sums).

    Notes
    -----
    Direct method, exact: D. T. Gillespie, J. Phys. Chem. 81 (1977) 2340, doi:10.1021/j100540a008. Next-reaction
    method, exact: M. A. Gibson, J. Bruck, J. Phys. Chem. A 104 (2000) 1876, doi:10.1021/jp993732q. Tau-leaping: Y. Cao,
    D. T. Gillespie, L. R. Petzold, J. Chem. Phys. 124 (2006) 044109, doi:10.1063/1.2159468.
    """
    grid, total = as_times(times), whole("paths", paths, 1)
    for name, value, allowed in (("method", method, METHODS), ("record", record, RECORDS)):
        if value not in allowed:
            raise NetworkError(f"{name}={value!r}; it must be one of {', '.join(map(repr, allowed))}.")
    if net.has_delays and method != "direct":
        raise NetworkError(f"method={method!r} does not know delays; networks with delays take method='direct'.")
    if isinstance(tolerance, bool) or not isinstance(tolerance, (int, float)) or not 0 < tolerance < 1:
        raise NetworkError(f"tolerance={tolerance!r}; it must be a number between 0 and 1, such as 0.03.")
    alone = net.has_delays or method == "tau"
    job = _Job(net if alone else None, None if alone else compile_network(net), dependency_graph(net), METHODS[method],
               record, net.initial, grid, whole("seed", seed, 0), whole("max_events", max_events, 0), tolerance)
    gather = _Gather(net, job, total)
    most = max(1, min(1000, CHUNK_NUMBERS // max(1, grid.size * len(net.species))))
    with progress_bar(total, "path", progress) as bar:
        for chunk in spread(_run_chunk, job, total, executor, most=most):
            gather.add(chunk)
            bar.update(int((chunk.status <= st.ABSORBED).sum()))
            if chunk.answer > st.ABSORBED:
                i = int(np.argmax(chunk.status > st.ABSORBED))
                raise SimulationError(f"Path {chunk.first + i} " + _why(chunk.answer, net, int(chunk.events[i]),
                                                                        *chunk.end, grid[-1]), partial=gather.result())
    return gather.result()


@dataclass(frozen=True)
class _Job:
    """What every chunk of one call needs; plain arrays, so that any executor can send it."""

    alone: ReactionNetwork | None       # the network itself where a walker takes one path at a time
    network: CompiledNetwork | None
    dependents: tuple[NDArray[np.int64], NDArray[np.int64]]
    method: int
    record: str
    start: NDArray[np.int64]
    grid: NDArray[np.float64]
    seed: int
    max_events: int
    tolerance: float


@dataclass(frozen=True)
class _Chunk:
    """Paths first, first + 1, ...: their counts or, for 'moments' and 'histogram', the sums over them."""

    first: int
    counts: NDArray[np.int64] | None
    sums: tuple[NDArray[np.int64], ...]
    status: NDArray[np.int8]
    events: NDArray[np.int64]
    answer: int
    end: tuple[float, NDArray[np.int64]]  # time and state where the last path stands
    pipeline: NDArray[np.int64] | None = None


class _Walker:
    """The arrays one chunk of paths needs while it is being walked."""

    def __init__(self, network: CompiledNetwork, n: NDArray[np.int64], seed: int):
        reactions = network.mass_action[0].size
        self.seed, self.rng = np.uint64(seed), np.zeros(4, np.uint64)
        self.n, self.clock, self.cursor, self.path = n.copy(), np.zeros(1), np.zeros(3, np.int64), np.zeros(1, np.int64)
        self.reals, self.whole = np.zeros((2, reactions)), np.zeros((2, reactions), np.int64)
        self.a, self.stack = np.zeros(reactions), np.zeros(network.stack_size)
        self.nothing, self.nobody, self.no_rows = np.empty(0), np.empty(0, np.int64), np.empty((0, n.size), np.int64)
        self.budget = max(1000, SLICE // (reactions + n.size + 1))


def _run_chunk(job: _Job, first: int, size: int) -> _Chunk:
    """Walk paths first, ..., first + size - 1; whatever executor runs this, the numbers are the same."""
    if job.network is None:
        return _run_alone(job, first, size)
    walker = _Walker(job.network, job.start, job.seed)
    walker.cursor[1] = -1
    counts = np.full((size, job.grid.size, job.start.size), -1, np.int64)
    status, events = np.full(size, st.NOT_RUN, np.int8), np.zeros(size, np.int64)
    answer = st.PAUSED
    while answer == st.PAUSED:
        with np.errstate(over="ignore"):
            answer = ssa_ensemble(job.method, job.network, job.dependents, job.grid, job.start, walker.seed,
                                  np.uint64(first), walker.n, walker.rng, walker.clock, walker.cursor, walker.path,
                                  job.max_events, walker.budget, walker.reals, walker.whole, walker.stack, counts,
                                  status, events, walker.nothing, walker.nobody)
    sums = _sums(counts, job.record) if answer <= st.ABSORBED else ()
    return _Chunk(first, counts if job.record == "grid" else None, sums, status, events, int(answer),
                  (float(walker.clock[0]), walker.n))


def _run_alone(job: _Job, first: int, size: int) -> _Chunk:
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
    return _Chunk(first, counts if grid else None, sums, status, events, answer, (float(walker.clock[0]), walker.n),
                  pipeline if grid and net.has_delays else None)


def _sums(counts: NDArray[np.int64], record: str) -> tuple[NDArray[np.int64], ...]:
    """Sums over the paths of one chunk, in exact integers."""
    if record == "moments":
        return counts.sum(axis=0), np.einsum("pti,ptj->tij", counts, counts)
    if record == "histogram":
        return tuple(np.stack([np.bincount(n, minlength=1 + int(columns.max(initial=0))) for n in columns.T])
                     for columns in np.moveaxis(counts, 2, 0))
    return ()


class _Gather:
    """Collects the chunks of one call into its result."""

    def __init__(self, net: ReactionNetwork, job: _Job, total: int):
        self.species, self.job, self.total = net.species, job, total
        shape = (total, job.grid.size, job.start.size) if job.record == "grid" else (0, 0, 0)
        self.counts = np.full(shape, -1, np.int64)
        self.status, self.events = np.full(total, st.NOT_RUN, np.int8), np.zeros(total, np.int64)
        self.sums: tuple[NDArray[np.int64], ...] = ()
        self.pipeline = None if not net.has_delays or job.record != "grid" else np.full(
            (total, job.grid.size, len(net.reactions)), -1, np.int64)

    def add(self, chunk: _Chunk) -> None:
        here = slice(chunk.first, chunk.first + len(chunk.status))
        self.status[here], self.events[here] = chunk.status, chunk.events
        if chunk.counts is not None:
            self.counts[here] = chunk.counts
        if self.pipeline is not None and chunk.pipeline is not None:
            self.pipeline[here] = chunk.pipeline
        self.sums = chunk.sums if not self.sums else tuple(_grown_sum(*pair) for pair in zip(self.sums, chunk.sums,
                                                                                             strict=False))
        if self.job.record == "moments" and self.sums and float(np.abs(self.sums[1]).max(initial=0)) > LARGEST_SUM:
            raise SimulationError("the sums of squares have passed 2^62, so exact integers no longer hold them; use "
                                  "record='grid', or fewer paths.")

    def result(self) -> Ensemble | Moments | Histograms:
        common = (self.species, self.job.grid)
        if self.job.record == "moments" and self.sums:
            return Moments(*common, self.total, self.sums[0], self.sums[1], self.job.seed)
        if self.job.record == "histogram" and (self.sums or not self.species):
            return Histograms(*common, self.total, self.sums, self.job.seed)
        return Ensemble(*common, self.counts, self.status, self.events, self.job.seed, self.pipeline)


def _grown_sum(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """a + b; of two histograms the shorter is filled up with zeros."""
    if a.shape[-1] == b.shape[-1]:
        return a + b
    short, long = sorted((a, b), key=lambda x: x.shape[-1])
    out = long.copy()
    out[..., :short.shape[-1]] += short
    return out


def _why(status: int, net: ReactionNetwork, events: int, t: float, n: NDArray[np.int64], end: float) -> str:
    state = ", ".join(f"{s} = {c}" for s, c in zip(net.species, n.tolist(), strict=True))
    values = ""
    if status == st.INVALID:
        values = ", ".join(f"{r.text}: {a:g}" for r, a in zip(net.reactions, net.propensities(n), strict=True))
    return _WHY[status].format(events=events, t=t, end=end, state=state, propensities=values)
