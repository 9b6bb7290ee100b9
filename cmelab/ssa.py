"""Exact stochastic simulation: `path` follows one path event by event, `simulate` many on a time grid."""
from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from .compiled import CompiledNetwork, compile_network
from .errors import NetworkError, SimulationError
from .kernels import status as st
from .kernels.random import seed_stream
from .kernels.ssa import ssa_direct, ssa_ensemble
from .network import ReactionNetwork

# Work between two looks at the keyboard: about 0.2 s compiled, however many reactions there are.
SLICE = 20_000_000
METHODS = ("direct",)

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


@dataclass(frozen=True)
class Path:
    """One exact path: state k holds from ``times[k]`` (included) to ``times[k + 1]``.

    times : (E + 1,) float64, 0 and the time of each event, in 1/rate
    states : (E + 1, S) int64, counts after each event
    fired : (E,) int64, which reaction each event was
    t_end : the time up to which the path was followed
    absorbed : True where no reaction can fire any more
    """

    species: tuple[str, ...]
    times: NDArray[np.float64]
    states: NDArray[np.int64]
    fired: NDArray[np.int64]
    t_end: float
    absorbed: bool = False

    def at(self, times: ArrayLike) -> NDArray[np.int64]:
        """Counts at the given times, (T, S): the state of the last event before or at each."""
        asked = as_times(times)
        if asked[-1] > self.t_end:
            raise NetworkError(f"t = {asked[-1]:g} was asked for; this path ends at t = {self.t_end:g}.")
        return self.states[np.searchsorted(self.times, asked, side="right") - 1]

    def of(self, name: str) -> NDArray[np.int64]:
        """Counts of one species after each event, (E + 1,)."""
        return self.states[:, species_index(self.species, name)]

    def time_average(self) -> NDArray[np.float64]:
        """Mean counts over [0, t_end], (S,): every state weighs as long as it lasted."""
        lasted = np.diff(np.append(self.times, self.t_end))
        return lasted @ self.states / self.t_end if self.t_end > 0 else self.states[-1].astype(float)

    def __repr__(self) -> str:
        end = ", then nothing can fire any more" if self.absorbed else ""
        last = ", ".join(f"{s} = {c}" for s, c in zip(self.species, self.states[-1].tolist(), strict=True))
        return f"Path of {len(self.fired)} events until t = {self.t_end:g}{end}; at the end {last}"


@dataclass(frozen=True)
class Ensemble:
    """Many independent paths on one time grid.

    times : (T,) float64
    counts : (P, T, S) int64; -1 at times that a failed path did not reach
    status : (P,) int8, see `cmelab.kernels.status`; 0 reached, 1 absorbed (every time filled), others failed
    events : (P,) int64, reactions fired
    """

    species: tuple[str, ...]
    times: NDArray[np.float64]
    counts: NDArray[np.int64]
    status: NDArray[np.int8]
    events: NDArray[np.int64]
    seed: int

    def of(self, name: str) -> NDArray[np.int64]:
        """Counts of one species, (P, T)."""
        return self.counts[:, :, species_index(self.species, name)]

    def mean(self) -> NDArray[np.float64]:
        """Mean over paths, (T, S); its standard error is sqrt(var() / P)."""
        self._complete()
        return self.counts.mean(axis=0)

    def var(self) -> NDArray[np.float64]:
        """Unbiased variance over paths, (T, S); 0 for a single path."""
        self._complete()
        return self.counts.var(axis=0, ddof=1 if len(self.counts) > 1 else 0)

    def histogram(self, name: str, t: float) -> NDArray[np.float64]:
        """Share of paths with 0, 1, 2, ... molecules of a species at the recorded time ``t``."""
        self._complete()
        at = np.flatnonzero(self.times == t)
        if not at.size:
            raise NetworkError(f"t = {t!r} was not recorded; the nearest recorded time is "
                               f"{self.times[np.abs(self.times - t).argmin()]:g}.")
        return np.bincount(self.of(name)[:, at[0]]) / len(self.counts)

    def _complete(self) -> None:
        failed = np.flatnonzero(self.status > st.ABSORBED)
        if failed.size:
            raise SimulationError(f"{failed.size} of {len(self.status)} paths did not reach the last time, so a mean "
                                  "over paths would be biased; shorten times.", partial=self)

    def __repr__(self) -> str:
        done = int((self.status <= st.ABSORBED).sum())
        failed = "" if done == len(self.status) else f", {len(self.status) - done} of them unfinished"
        return (f"Ensemble of {len(self.status)} paths{failed}, {self.times.size} times from {self.times[0]:g} to "
                f"{self.times[-1]:g}, species {', '.join(self.species)}, seed {self.seed}")


def species_index(species: tuple[str, ...], name: str) -> int:
    """Position of a species, or a sentence that lists the species there are."""
    if name not in species:
        raise NetworkError(f"there is no species {name!r}; the species are {', '.join(map(repr, species))}.")
    return species.index(name)


def as_times(times: ArrayLike) -> NDArray[np.float64]:
    """Times as a float array (T,): finite, >= 0 and increasing; the network is at its initial state at t = 0."""
    try:
        # A copy of our own: kernels are compiled for arrays that lie in one piece and can be written.
        grid = np.array(times, float, ndmin=1, order="C")
    except (TypeError, ValueError):
        raise NetworkError(f"times={times!r}; give a number or a list of increasing numbers >= 0.") from None
    if grid.ndim != 1 or grid.size == 0:
        raise NetworkError(f"times has shape {grid.shape}; give one or more numbers in a row.")
    if not np.isfinite(grid).all() or grid[0] < 0:
        bad = grid[~(np.isfinite(grid) & (grid >= 0))]
        raise NetworkError(f"times contains {bad[0]:g}; every time must be finite and >= 0.")
    if (np.diff(grid) <= 0).any():
        i = int(np.argmax(np.diff(grid) <= 0))
        raise NetworkError(f"times must increase; {grid[i]:g} is followed by {grid[i + 1]:g}.")
    return grid


def whole(name: str, value: object, least: int, most: int = 2**63 - 1) -> int:
    """A whole number between least and most, or a sentence."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not least <= value <= most:
        raise NetworkError(f"{name}={value!r}; it must be a whole number from {least} to {most}.")
    return int(value)


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


def simulate(net: ReactionNetwork, times: ArrayLike, *, paths: int, seed: int, method: str = "direct",
             max_events: int = 10**7, executor: Executor | None = None, progress: bool | None = None) -> Ensemble:
    """Simulate many independent exact paths and record the counts on a time grid.

    Parameters
    ----------
    net : the network; its ``initial`` is the state at t = 0.
    times : increasing times >= 0, in 1/rate; a single number is one time.
    paths : number of paths P.
    seed : whole number >= 0. Path i has a stream of its own made from (seed, i): the numbers do not depend on
        ``executor``, threads or chunks, and more paths keep the earlier ones.
    method : 'direct'.
    max_events : limit per path.
    executor : any `concurrent.futures` executor to spread the paths over; None runs them here.
    progress : True or False for a progress bar; None shows one after two seconds.

    Returns
    -------
    Ensemble with counts (P, T, S).

    Raises
    ------
    SimulationError : explosion, too many events, or an invalid propensity on some path; ``partial`` is the Ensemble
        with everything computed so far.

    Notes
    -----
    Direct method, exact: D. T. Gillespie, J. Phys. Chem. 81 (1977) 2340, doi:10.1021/j100540a008.
    """
    grid, total = as_times(times), whole("paths", paths, 1)
    if method not in METHODS:
        raise NetworkError(f"method={method!r}; it must be one of {', '.join(map(repr, METHODS))}.")
    compiled, start = compile_network(net), net.initial
    job = (compiled, start, grid, whole("seed", seed, 0), whole("max_events", max_events, 0))
    counts = np.full((total, grid.size, start.size), -1, np.int64)
    status, events = np.full(total, st.NOT_RUN, np.int8), np.zeros(total, np.int64)
    ends: dict[int, tuple[float, NDArray[np.int64]]] = {}
    with _bar(total, progress) as bar:
        for chunk in _chunks(job, total, executor):
            here = slice(chunk.first, chunk.first + len(chunk.status))
            counts[here], status[here], events[here] = chunk.counts, chunk.status, chunk.events
            ends[chunk.first] = chunk.end
            bar.update(int((chunk.status <= st.ABSORBED).sum()))
            if chunk.answer > st.ABSORBED:
                break
    result = Ensemble(net.species, grid, counts, status, events, job[3])
    failed = np.flatnonzero((status > st.ABSORBED) & (status != st.NOT_RUN))
    if failed.size:
        i = int(failed[0])
        t, n = ends[max(first for first in ends if first <= i)]
        raise SimulationError(f"Path {i} " + _why(int(status[i]), net, int(events[i]), t, n, grid[-1]), partial=result)
    return result


class _Walker:
    """The arrays one chunk of paths needs while it is being walked."""

    def __init__(self, network: CompiledNetwork, n: NDArray[np.int64], seed: int):
        reactions = network.mass_action[0].size
        self.seed, self.rng = np.uint64(seed), np.zeros(4, np.uint64)
        self.n, self.clock, self.cursor = n.copy(), np.zeros(1), np.zeros(2, np.int64)
        self.path, self.a, self.stack = np.zeros(1, np.int64), np.zeros(reactions), np.zeros(network.stack_size)
        self.nothing, self.nobody, self.no_rows = np.empty(0), np.empty(0, np.int64), np.empty((0, n.size), np.int64)
        self.budget = max(1000, SLICE // (reactions + n.size + 1))


@dataclass(frozen=True)
class _Chunk:
    first: int
    counts: NDArray[np.int64]
    status: NDArray[np.int8]
    events: NDArray[np.int64]
    answer: int
    end: tuple[float, NDArray[np.int64]]  # time and state where the last path stands


def _run_chunk(job: tuple, first: int, size: int) -> _Chunk:
    """Walk paths first, ..., first + size - 1; whatever executor runs this, the numbers are the same."""
    network, start, grid, seed, max_events = job
    walker = _Walker(network, start, seed)
    walker.cursor[0] = -1
    counts = np.full((size, grid.size, start.size), -1, np.int64)
    status, events = np.full(size, st.NOT_RUN, np.int8), np.zeros(size, np.int64)
    answer = st.PAUSED
    while answer == st.PAUSED:
        with np.errstate(over="ignore"):
            answer = ssa_ensemble(network, grid, start, walker.seed, np.uint64(first), walker.n, walker.rng,
                                  walker.clock, walker.cursor, walker.path, max_events, walker.budget, walker.a,
                                  walker.stack, counts, status, events, walker.nothing, walker.nobody)
    return _Chunk(first, counts, status, events, int(answer), (float(walker.clock[0]), walker.n))


def _chunks(job: tuple, total: int, executor: Executor | None) -> Iterator[_Chunk]:
    """The chunks in order, computed here or by an executor; pending ones are dropped when the reader stops."""
    size = max(1, min(1000, math.ceil(total / 16)))
    starts = [(first, min(size, total - first)) for first in range(0, total, size)]
    if executor is None:
        yield from (_run_chunk(job, first, count) for first, count in starts)
        return
    futures = [executor.submit(_run_chunk, job, first, count) for first, count in starts]
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()


def _bar(total: int, progress: bool | None) -> tqdm:
    return tqdm(total=total, unit="path", leave=False, disable=progress is False, delay=2.0 if progress is None else 0)


def _why(status: int, net: ReactionNetwork, events: int, t: float, n: NDArray[np.int64], end: float) -> str:
    state = ", ".join(f"{s} = {c}" for s, c in zip(net.species, n.tolist(), strict=True))
    values = ""
    if status == st.INVALID:
        values = ", ".join(f"{r.text}: {a:g}" for r, a in zip(net.reactions, net.propensities(n), strict=True))
    return _WHY[status].format(events=events, t=t, end=end, state=state, propensities=values)
