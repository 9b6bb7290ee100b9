"""Exact stochastic simulation: `path` follows one path event by event, `simulate` many on a time grid."""
from __future__ import annotations

from concurrent.futures import Executor
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arguments import as_times, is_real, whole
from .batches import NEXT_REACTION, Gather, Job, largest_batch, walk_batch
from .chunks import progress_bar, spread
from .compiled import delayed_changes, event_tables
from .errors import NetworkError, SimulationError
from .kernels import status as st
from .memory import available_memory, size_text
from .network import ReactionNetwork, as_network
from .trajectories import Ensemble, Histograms, Moments, Path
from .walkers import WORTH_LANES, DelayedWalker, ExactWalker

METHODS = ("direct", NEXT_REACTION, "tau")
RECORDS = ("grid", "moments", "histogram")

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
    as_network(net)
    end = _one_time(t_end)
    if net.has_delays:
        return _delayed_path(net, end, whole("seed", seed, 0), whole("max_events", max_events, 0))
    walker = ExactWalker(event_tables(net, with_graph=True), net.initial, whole("seed", seed, 0))
    answer, times, fired = walker.events(end, whole("max_events", max_events, 0))
    times = np.concatenate([[0.0], times])
    states = np.vstack([net.initial, net.initial + np.cumsum(net.stoichiometry.T[fired], axis=0)])
    reached = end if answer <= st.ABSORBED else float(times[-1])
    result = Path(net.species, times, states, fired, reached, answer == st.ABSORBED)
    if answer > st.ABSORBED:
        raise SimulationError("The path " + _why(answer, net, len(fired), reached, walker.n, end), partial=result)
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
    _check_room(as_network(net), total, grid.size, record)
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise NetworkError(f"executor={executor!r}; it must be a concurrent.futures executor, such as "
                           "ThreadPoolExecutor(2), or None.")
    for name, value, allowed in (("method", method, METHODS), ("record", record, RECORDS)):
        if value not in allowed:
            raise NetworkError(f"{name}={value!r}; it must be one of {', '.join(map(repr, allowed))}.")
    if net.has_delays and method != "direct":
        raise NetworkError(f"method={method!r} does not know delays; networks with delays take method='direct'.")
    if not is_real(tolerance) or not 0 < tolerance < 1:
        raise NetworkError(f"tolerance={tolerance!r}; it must be a number between 0 and 1, such as 0.03.")
    tables = None if net.has_delays or method == "tau" else event_tables(net, with_graph=method == NEXT_REACTION)
    job = Job(net if tables is None else None, tables, method, record, net.initial, grid, whole("seed", seed, 0),
              whole("max_events", max_events, 0), tolerance)
    gather = Gather(net, job, total)
    with progress_bar(total, "path", progress) as bar:
        for batch in spread(walk_batch, job, total, executor, least=8 * WORTH_LANES,
                            most=largest_batch(grid.size * len(net.species))):
            gather.add(batch)
            bar.update(int((batch.status <= st.ABSORBED).sum()))
            if batch.answer > st.ABSORBED:
                i = int(np.argmax(batch.status > st.ABSORBED))
                raise SimulationError(f"Path {batch.first + i} " + _why(batch.answer, net, int(batch.events[i]),
                                                                        *batch.end, grid[-1]), partial=gather.partial())
    return gather.result()


def _one_time(t_end: ArrayLike) -> float:
    grid = as_times(t_end)
    if grid.size != 1:
        raise NetworkError(f"t_end={t_end!r}; a path has one end time. For a grid of times, use simulate, or path.at.")
    return float(grid[0])


def _check_room(net: ReactionNetwork, paths: int, times: int, record: object) -> None:
    """Refuse counts of all paths that cannot be held, before any is walked."""
    columns = len(net.species) + (len(net.reactions) if net.has_delays else 0)
    needed, free = 8.0 * paths * (times * columns if record == "grid" else 0) + 9.0 * paths, available_memory()
    if needed > free:
        raise NetworkError(f"{paths} paths at {times} times need {size_text(needed)}, and {size_text(free)} are free; "
                           "give fewer paths or times, or record='moments' or 'histogram'.")


def _why(status: int, net: ReactionNetwork, events: int, t: float, n: NDArray[np.int64], end: float) -> str:
    state = ", ".join(f"{s} = {c}" for s, c in zip(net.species, n.tolist(), strict=True))
    values = ""
    if status == st.INVALID:
        values = ", ".join(f"{r.text}: {a:g}" for r, a in zip(net.reactions, net.propensities(n), strict=True))
    return _WHY[status].format(events=events, t=t, end=end, state=state, propensities=values)
