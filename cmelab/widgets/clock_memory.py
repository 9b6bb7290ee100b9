"""What the count alone does not tell: molecules on their way, two histories with one count, and a wrong model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..network import ReactionNetwork
from ..rate_equations import rate_equations
from ..ssa import path, simulate
from ..trajectories import Path

BINS, SOON, LONG = 20, 0.1, 60  # bars of the queue; "soon", as a share of the delay; rounds looked through


@dataclass(frozen=True)
class Pair:
    """Two moments with the same count: what is on its way then (BINS,), and how much of it is ready soon.

    share : of all moments with this count, those after which something is ready within ``soon``
    """

    count: int
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    due: tuple[int, int]
    share: float
    soon: float


def begun(log: Path) -> NDArray[np.float64]:
    """Times at which a molecule was started (the first reaction), in order."""
    return log.times[1:][log.fired == 0]


def queue(log: Path, tau: float, times: NDArray[np.float64]) -> NDArray[np.int64]:
    """Molecules on their way at each time (F, BINS), by the time they still need, from 0 to tau."""
    edges = times[:, None] + np.linspace(0.0, tau, BINS + 1) - tau
    before = np.searchsorted(begun(log), edges, side="right")
    return np.diff(before, axis=1)


def same_count(net: ReactionNetwork, tau: float, gamma: float, seed: int) -> Pair:
    """On one long path the two moments with the same count whose next molecules differ the most."""
    end, soon = LONG * (tau + 1 / gamma), SOON * tau
    log = path(net, end, seed=seed)
    times = np.linspace(end / 10, end - tau, 4000)
    counts = log.at(times)[:, 0]
    ready = begun(log) + tau
    due = np.searchsorted(ready, times + soon, side="right") - np.searchsorted(ready, times, side="right")
    best = (-1, 0, 0, 0)
    for count in np.unique(counts).tolist():
        here = np.flatnonzero(counts == count)
        low, high = here[due[here].argmin()], here[due[here].argmax()]
        best = max(best, (int(due[high] - due[low]), count, int(low), int(high)))
    _, count, low, high = best
    first, second = queue(log, tau, times[[low, high]])
    return Pair(count, first, second, (int(due[low]), int(due[high])), float((due[counts == count] > 0).mean()), soon)


def wrong_model(net: ReactionNetwork, tau: float, times: NDArray[np.float64],
                seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Y4: nothing is ready before tau; then each moment's production is taken from the count at that very moment.

    Returns the rate equation and one exact path of it, (T,) each.
    """
    fresh = replace(net, written=tuple(replace(w, delay=None) for w in net.written))
    late = times >= tau
    since = times[late] - tau
    curve, one = np.zeros(times.size), np.zeros(times.size)
    curve[late] = rate_equations(fresh, since).of("X")
    one[late] = simulate(fresh, since, paths=1, seed=seed, progress=False).of("X")[0]
    return curve, one
