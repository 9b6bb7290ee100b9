"""Delays: the linear chain, and the rate equations that look back in time."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import OdeSolution, solve_ivp

from .arguments import as_times, whole
from .compiled import delayed_changes
from .errors import NetworkError, SimulationError
from .network import ReactionNetwork
from .notation import WrittenReaction
from .rate_equations import Curve, RateLaw


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
    for r, w in enumerate(net.written, 1):
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
    SimulationError : the solver cannot go on, for example because a count grows without bound.

    Notes
    -----
    Method of steps: over one shortest delay the past is a known function, and the equation an ordinary one, solved by
    LSODA (relative tolerance 1e-9). R. D. Driver, Ordinary and Delay Differential Equations (1977),
    doi:10.1007/978-1-4684-9467-9.
    """
    grid, full = as_times(times), _expand(net, None)
    law = RateLaw(replace(full, written=tuple(replace(w, delay=None) for w in full.written)), "large-number")
    begins, releases = (np.array(rows, float).reshape(-1, len(full.species)) for rows in delayed_changes(full))
    late = [(r, reaction.delay.mean) for r, reaction in enumerate(full.reactions) if reaction.delay is not None]
    past: list[OdeSolution] = []
    step = min((tau for _, tau in late), default=float(grid[-1]))

    def before(t: float) -> NDArray[np.float64]:
        return past[min(int(t / step), len(past) - 1)](t)

    def flow(t: float, n: NDArray[np.float64]) -> NDArray[np.float64]:
        change = law.values(n) @ begins
        for r, tau in late:
            if t > tau:
                change = change + law.values(before(t - tau))[r] * releases[r]
        return change

    def escape(t: float, n: NDArray[np.float64]) -> float:
        return 1e10 * max(1.0, float(full.initial.max(initial=0))) - float(np.abs(n).max(initial=0.0))

    escape.terminal = True  # pyright: ignore[reportFunctionMemberAccess]
    counts, n, filled, k = np.empty((grid.size, len(full.species))), full.initial.astype(float), 0, 0
    while filled < grid.size:
        ends = (k * step, (k + 1) * step)
        if step > 0:
            with np.errstate(all="ignore"):
                piece = solve_ivp(flow, ends, n, method="LSODA", rtol=1e-9, atol=1e-10, dense_output=True,
                                  events=escape)
            if piece.status != 0 or not np.isfinite(piece.y).all():
                so_far = Curve(full.species, grid[:filled], counts[:filled], law.form)
                raise SimulationError(f"The rate equations stop at t = {piece.t[-1]:.6g}: a count grows without bound "
                                      "or turns too fast to follow. Shorten times, or add a reaction that removes "
                                      "molecules.", partial=so_far)
            past.append(piece.sol)
            n, k = piece.y[:, -1], k + 1
        while filled < grid.size and (grid[filled] <= ends[1] or step == 0):
            counts[filled] = past[-1](grid[filled]) if step > 0 else n
            filled += 1
    return Curve(full.species, grid, counts, law.form)
