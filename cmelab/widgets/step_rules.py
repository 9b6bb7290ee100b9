"""One path event by event, and what wrong rules make of the same random numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import SimulationError
from ..kernels.random import draw_events, seed_stream
from ..network import ReactionNetwork
from ..ssa import path
from ..trajectories import Path

EXACT = "right: wait E/a0, wheel a/a0"
SCALE = "S1: the wait is E · a0"
LARGEST = "S2: the largest fires"
ALIKE = "S2: all are equally likely"
OWN_CLOCK = "S3: slow reactions wait longer"
OVERDUE = "S4: after 1/a0 one is due"
EVENTS = "S5: average over events"
STRAIGHT = "S6: straight between events"
RULES = (EXACT, SCALE, LARGEST, ALIKE, OWN_CLOCK, OVERDUE, EVENTS, STRAIGHT)
READ_WRONG = (EXACT, EVENTS, STRAIGHT)  # these walk the right path, and read it wrongly or not

FOR_EVER = 1e9  # in units of 1/rate: an end that only the number of events comes before


@dataclass(frozen=True)
class Steps:
    """Events of one path with all that led to them.

    times : (E + 1,), states : (E + 1, S), fired : (E,)
    exponential, uniform : (E,) the two draws of each event
    a : (E, R) the propensities before it
    absorbed : True where nothing can fire after the last event
    """

    times: NDArray[np.float64]
    states: NDArray[np.int64]
    fired: NDArray[np.int64]
    exponential: NDArray[np.float64]
    uniform: NDArray[np.float64]
    a: NDArray[np.float64]
    absorbed: bool

    @property
    def waits(self) -> NDArray[np.float64]:
        """Time before each event, (E,)."""
        return np.diff(self.times)


def first_events(net: ReactionNetwork, seed: int, events: int) -> Path:
    """`cmelab.path`, up to so many events.

    Raises
    ------
    SimulationError : where the path fails before it has as many.
    """
    try:
        return path(net, FOR_EVER, seed=seed, max_events=events)
    except SimulationError as error:
        if error.partial is None or len(error.partial.fired) < events:
            raise
        return error.partial


def steps(net: ReactionNetwork, seed: int, events: int) -> Steps:
    """The first events of `cmelab.path`, with the random numbers behind them."""
    walked = first_events(net, seed, events)
    draws = _draws(seed, len(walked.fired))
    a = net.propensities(walked.states[:-1]).reshape(len(walked.fired), len(net.reactions))
    return Steps(walked.times, walked.states, walked.fired, draws[:, 0], draws[:, 1], a, walked.absorbed)


def believed(net: ReactionNetwork, rule: str, right: Steps) -> Steps:
    """The path that a wrong rule makes of the same draws; it ends early where it gets stuck."""
    n, t = right.states[0].copy(), 0.0
    times, states, fired, before = [t], [n.copy()], [], []
    for draw, u in zip(right.exponential, right.uniform, strict=True):
        a = net.propensities(n)
        if not a.sum() > 0:
            break
        r = chosen(a, rule, float(u))
        t += wait(a, rule, float(draw), r)
        n = n + net.stoichiometry[:, r]
        times.append(t)
        states.append(n)
        fired.append(r)
        before.append(a)
    done = len(fired)
    return Steps(
        np.array(times),
        np.array(states),
        np.array(fired, int),
        right.exponential[:done],
        right.uniform[:done],
        np.array(before).reshape(done, len(net.reactions)),
        done < len(right.fired),
    )


def chosen(a: NDArray[np.float64], rule: str, u: float) -> int:
    """Which reaction fires, from propensities (R,) and a uniform draw."""
    if rule == LARGEST:
        return int(a.argmax())
    shares = wheel(a, rule)
    return int(np.flatnonzero(a > 0)[min(np.searchsorted(np.cumsum(shares[a > 0]), u, "right"), (a > 0).sum() - 1)])


def wheel(a: NDArray[np.float64], rule: str) -> NDArray[np.float64]:
    """The share of each reaction, (..., R), as a rule has it; zero for all where nothing can fire."""
    if rule == LARGEST:
        weight = (np.arange(a.shape[-1]) == a.argmax(axis=-1)[..., None]) & (a > 0)
    else:
        weight = (a > 0) if rule == ALIKE else a
    return weight / np.maximum(weight.sum(axis=-1, keepdims=True), 1e-300)


def wait(a: NDArray[np.float64], rule: str, draw: float, r: int) -> float:
    """The wait before reaction r, from propensities (R,) and an exponential draw of mean 1."""
    a0 = float(a.sum())
    return {SCALE: draw * a0, OWN_CLOCK: draw / float(a[r]), OVERDUE: 1 / a0}.get(rule, draw / a0)


def averages(walked: Path | Steps) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean counts up to each event: weighted with the time each state lasted, and with every state counted once."""
    lasted, held = np.diff(walked.times)[:, None], walked.states[:-1]
    events = np.arange(1, len(held) + 1)[:, None]
    return np.cumsum(lasted * held, axis=0) / np.cumsum(lasted, axis=0), np.cumsum(held, axis=0) / events


def _draws(seed: int, events: int) -> NDArray[np.float64]:
    stream, out = np.zeros(4, np.uint64), np.empty((events, 2))
    with np.errstate(over="ignore"):  # without the compiler the mixing of the seed overflows, as it must
        seed_stream(np.uint64(seed), np.uint64(0), stream)
        draw_events(stream, out)
    return out
