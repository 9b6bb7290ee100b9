"""Delays: the linear chain, and the rate equations that look back in time."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import OdeSolution, solve_ivp

from .arguments import as_times, whole
from .compiled import delayed_changes
from .errors import NetworkError, SimulationError
from .network import ReactionNetwork, as_network
from .notation import WrittenReaction
from .rate_equations import NEGATIVE, Curve, RateLaw

Floats = NDArray[np.float64]
# Rates of change asked for within one delay, at most: a solver that creeps towards a pole never arrives.
MAX_CALLS = 50_000


def linear_chain(net: ReactionNetwork, stages: int) -> ReactionNetwork:
    """The same network with each fixed delay replaced by ``stages`` first-order steps of rate stages / tau.

    The new species ``Z1_1, Z1_2, ...`` are the molecules on their way; with them the present counts decide again what
    happens next. A delay that is already Erlang keeps its own number of stages, and then the chain is exact.

    Parameters
    ----------
    net : a network; reactions without a delay stay as they are.
    stages : number of steps of each fixed delay, 1 to 10000.

    Notes
    -----
    The delay becomes Erlang with mean tau and coefficient of variation 1/sqrt(stages): `cmelab.exact.erlang_distance`.
    N. MacDonald, Time Lags in Biological Models, Lect. Notes Biomath. 27 (1978), doi:10.1007/978-3-642-93107-9.
    """
    return _expand(net, whole("stages", stages, 1, 10_000))


def _expand(net: ReactionNetwork, count: int | None) -> ReactionNetwork:
    """Erlang delays as chains of their own stages, fixed ones as chains of ``count``; None leaves those alone."""
    written: list[WrittenReaction] = []
    added: list[str] = []
    for r, w in enumerate(as_network(net).written, 1):
        steps = None if w.delay is None else w.delay.stages or count
        if w.delay is None or steps is None:
            written.append(w)
            continue
        names = [f"Z{r}_{i}" for i in range(1, steps + 1)]
        taken = set(names) & {*net.species, *net.rates}
        if taken:
            raise NetworkError(f"the chain needs the name {sorted(taken)[0]!r}, which this network uses; rename it.")
        added += names
        written.append(replace(w, products=((names[0], 1),), delay=None))
        rate = steps / w.delay.mean
        for here, then in zip(names, [*names[1:], None], strict=True):
            products = w.products if then is None else ((then, 1),)
            written.append(WrittenReaction(((here, 1),), products, ("number", rate), f"{rate:g}", False, None, w.line,
                                           w.column))
    return replace(net, written=tuple(written), species=(*net.species, *added))


def delay_rate_equations(net: ReactionNetwork, times: ArrayLike) -> Curve:
    """Follow the rate equations of a network with delays: what appears at t began at t - tau.

    Before t = 0 nothing has begun, so the pipeline is empty at the start, as in `simulate`.

    Parameters
    ----------
    net : a network with fixed or Erlang delays (the latter become their exact chains).
    times : increasing times >= 0, in 1/rate; a single number is one time.

    Raises
    ------
    SimulationError : a count grows without bound or falls below zero, or a rate is not a number; ``partial`` is the
        Curve so far.

    Notes
    -----
    Method of steps: over one shortest delay the past is a known function, and the equation an ordinary one, solved by
    LSODA (relative tolerance 1e-9). R. D. Driver, Ordinary and Delay Differential Equations (1977),
    doi:10.1007/978-1-4684-9467-9.
    """
    grid, full = as_times(times), _expand(net, None)
    flow = _DelayedFlow(full, float(grid[-1]))
    counts, n, filled = np.empty((grid.size, len(full.species))), full.initial.astype(float), 0
    while filled < grid.size:
        if flow.step > 0:
            n, end, why = flow.stretch(n)
            if why:
                raise SimulationError(f"The rate equations stop at t = {end:.6g}: {why}. Shorten times, or change the "
                                      "network so that its rates stay finite and vanish where a reactant is used up.",
                                      partial=Curve(full.species, grid[:filled], counts[:filled], flow.law.form))
        while filled < grid.size and grid[filled] <= len(flow.past) * flow.step:
            counts[filled] = flow.past[-1](grid[filled]) if flow.step > 0 else n
            filled += 1
    return Curve(full.species, grid, counts, flow.law.form)


class _StoppedError(Exception):
    """A rate of change that is no number at time t, or too many of them."""

    def __init__(self, t: float):
        super().__init__(t)
        self.t = t


class _DelayedFlow:
    """How the counts change: by what begins now, and by what began a delay ago, in stretches of one shortest delay."""

    def __init__(self, net: ReactionNetwork, end: float):
        self.net = net
        self.law = RateLaw(replace(net, written=tuple(replace(w, delay=None) for w in net.written)), "large-number")
        self.begins, self.releases = (np.array(rows, float).reshape(len(net.written), len(net.species))
                                      for rows in delayed_changes(net))
        self.late = [(r, reaction.delay.mean) for r, reaction in enumerate(net.reactions) if reaction.delay is not None]
        self.step = min((tau for _, tau in self.late), default=end)
        self.past: list[OdeSolution] = []
        self.calls = 0

    def __call__(self, t: float, n: Floats) -> Floats:
        change = self.law.values(n) @ self.begins
        for r, tau in self.late:
            if t > tau:
                earlier = self.past[min(int((t - tau) / self.step), len(self.past) - 1)](t - tau)
                change = change + self.law.values(earlier)[r] * self.releases[r]
        self.calls += 1
        if self.calls > MAX_CALLS or not np.isfinite(change).all():
            raise _StoppedError(t)
        return change

    def stretch(self, n: Floats) -> tuple[Floats, float, str]:
        """Go on from the counts n over one more delay: counts and time at its end, and what went wrong, or ''."""
        k, self.calls, largest = len(self.past), 0, 1e10 * max(1.0, float(self.net.initial.max(initial=0)))

        def escapes(t: float, n: Floats) -> float:
            return largest - float(np.abs(n).max(initial=0.0))

        def falls(t: float, n: Floats) -> float:
            return float(n.min(initial=0.0)) - NEGATIVE

        escapes.terminal = falls.terminal = True  # pyright: ignore[reportFunctionMemberAccess]
        try:
            with np.errstate(all="ignore"):
                piece = solve_ivp(self, (k * self.step, (k + 1) * self.step), n, method="LSODA", rtol=1e-9, atol=1e-10,
                                  dense_output=True, events=[escapes, falls])
        except _StoppedError as stop:
            return n, stop.t, "a rate of change is infinite or not a number, or turns too fast"
        self.past.append(piece.sol)
        last, end = piece.y[:, -1], float(piece.t[-1])
        if piece.status == 1 and piece.t_events[1].size:
            return last, end, f"the count of {self.net.species[int(np.argmin(last))]} falls below zero"
        if piece.status != 0 or not np.isfinite(piece.y).all():
            return last, end, "a count grows without bound or turns too fast to follow"
        return last, end, ""
