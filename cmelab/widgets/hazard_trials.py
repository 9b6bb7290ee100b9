"""Many short simulations from one state: how many of them have an event in a window of time dt."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..network import ReactionNetwork
from ..ssa import simulate
from .frame import nice

SHOWN = 24  # trials that are drawn one by one
DECADES, STOPS = 3, (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)  # the windows dt: round numbers over so many decades
FINE = 400  # moments at which a drawn trial is looked at


@dataclass(frozen=True)
class Trials:
    """Many simulations from one state, and the windows in which they are looked at.

    dt : (F,) the windows, longest first; share : (F,) of the trials with an event in it
    first : (SHOWN,) time of the first event of the trials drawn, NaN beyond the longest window
    inside : (F, SHOWN) whether that event lies in the window
    """

    a: float
    trials: int
    dt: NDArray[np.float64]
    share: NDArray[np.float64]
    first: NDArray[np.float64]
    inside: NDArray[np.bool_]

    @property
    def error(self) -> NDArray[np.float64]:
        """Standard error of each share, (F,), from its binomial law."""
        exact = self.exact
        return np.sqrt(exact * (1 - exact) / self.trials)

    @property
    def along(self) -> NDArray[np.float64]:
        """The place of each window on an axis, in decades below the longest."""
        return np.log10(self.dt[0] / self.dt)

    @property
    def exact(self) -> NDArray[np.float64]:
        """1 - exp(-a dt), (F,)."""
        return -np.expm1(-self.a * self.dt)


def windows(a: float) -> NDArray[np.float64]:
    """Round times from about 4/a down by three decades."""
    top = nice(4 / a, STOPS) if a > 0 else 1.0
    power = 10.0 ** math.floor(math.log10(top) + 1e-9)
    at = STOPS.index(min(STOPS, key=lambda s: abs(s - top / power)))
    steps = [(at - i) for i in range(DECADES * len(STOPS) + 1)]
    return np.array([STOPS[i % len(STOPS)] * power * 10.0 ** (i // len(STOPS)) for i in steps])


def measure(net: ReactionNetwork, trials: int, seed: int) -> Trials:
    """Simulate all trials, and count those with at least one event in each window.

    A species that every reaction makes one of counts the events, also those that leave the state as it was.
    """
    a, counter = float(net.propensities(net.initial).sum()), "events"
    while counter in net.species or counter in net.rates:
        counter += "_"
    written = tuple(replace(w, products=(*w.products, (counter, 1))) for w in net.written)
    counted = replace(net, written=written, species=(*net.species, counter))
    dt = windows(a)
    many = simulate(counted, dt[::-1], paths=trials, seed=seed, record="histogram", progress=False)
    fine = np.linspace(dt[0] / FINE, dt[0], FINE)
    grid = np.unique(np.concatenate([fine, dt]))
    happened = simulate(counted, grid, paths=SHOWN, seed=seed, progress=False).of(counter) > 0
    first = np.where(happened.any(axis=1), grid[happened.argmax(axis=1)], np.nan)
    return Trials(a, trials, dt, 1 - many.of(counter)[::-1, 0], first, first <= dt[:, None] * (1 + 1e-9))
