"""Rate equations: the deterministic flow that many molecules follow, and the rate laws at real-valued counts."""
from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import LSODA

from .arguments import as_times, species_index
from .errors import NetworkError, SimulationError
from .expression import Expression, evaluate
from .network import ReactionNetwork, as_network

Floats = NDArray[np.float64]
FORMS = ("large-number", "combinatorial")
RTOL, MAX_STEPS = 1e-10, 200_000
# Of the whole time, what this many steps must cover at least: a solver that creeps towards a pole never arrives.
CREEP, CREEP_STEPS = 1e-6, 2000
# A count this far below zero is no rounding: the rate law keeps consuming what is not there.
NEGATIVE = -1e-6


@dataclass(frozen=True)
class Curve:
    """One deterministic curve.

    times : (T,) float64, in 1/rate
    counts : (T, S) float64, real-valued counts in molecules
    form : the rate law of several equal molecules, 'large-number' n^m or 'combinatorial' n(n-1)...
    """

    species: tuple[str, ...]
    times: Floats
    counts: Floats
    form: str

    def mean(self) -> Floats:
        """The counts (T, S): what the rate equations take for the mean."""
        return self.counts

    def of(self, name: str) -> Floats:
        """Counts of one species, (T,)."""
        return self.counts[:, species_index(self.species, name)]

    def __repr__(self) -> str:
        last = ", ".join(f"{s} = {n:.6g}" for s, n in zip(self.species, self.counts[-1], strict=True))
        return f"Curve of {self.times.size} times until t = {self.times[-1]:g}, {self.form} rate law; at the end {last}"


class RateLaw:
    """Propensities and their derivatives at real-valued counts n (S,).

    'large-number' replaces C(n, m) by n^m / m!, its value for many molecules; 'combinatorial' keeps n(n-1)...
    A custom propensity is used as written.
    """

    def __init__(self, net: ReactionNetwork, form: str):
        if form not in FORMS:
            raise NetworkError(f"form={form!r}; it must be one of {', '.join(map(repr, FORMS))}.")
        refuse_delays(net)
        self.net, self.form = net, form
        self.nu = net.stoichiometry.astype(float)
        index = {s: i for i, s in enumerate(net.species)}
        self.reactants = [[(index[s], m) for s, m in r.reactants.items()] for r in net.reactions]
        self.coefficients = [r.rate / math.prod(math.factorial(m) for _, m in reactants)
                             for r, reactants in zip(net.reactions, self.reactants, strict=True)]

    def values(self, n: Floats) -> Floats:
        """Propensities (R,), in 1/time."""
        a = np.empty(len(self.reactants))
        for r, reaction in enumerate(self.net.reactions):
            if reaction.custom:
                a[r] = evaluate(reaction.formula, self._named(n))
            else:
                a[r] = self.coefficients[r] * math.prod(self._power(n[s], m)[0] for s, m in self.reactants[r])
        return a

    def jacobian(self, n: Floats) -> Floats:
        """Derivatives (R, S) of each propensity by each count, exact to rounding: products by the product rule,
        custom propensities by forward differentiation of their expression tree."""
        da = np.zeros((len(self.reactants), n.size))
        for r, reaction in enumerate(self.net.reactions):
            if reaction.custom:
                da[r] = self._custom_slope(reaction.formula, n)
                continue
            powers = [self._power(n[s], m) for s, m in self.reactants[r]]
            for i, (s, _) in enumerate(self.reactants[r]):
                others = math.prod(value for j, (value, _) in enumerate(powers) if j != i)
                da[r, s] = self.coefficients[r] * powers[i][1] * others
        return da

    def flow(self, n: Floats) -> Floats:
        """dn/dt (S,)."""
        return self.nu @ self.values(n)

    def slope(self, n: Floats) -> Floats:
        """The Jacobian of the flow, (S, S)."""
        return self.nu @ self.jacobian(n)

    def _power(self, n: float, m: int) -> tuple[float, float]:
        """n^m or n(n-1)...(n-m+1), and its derivative."""
        if self.form == "large-number":
            return n**m, m * n**(m - 1)
        value, slope = 1.0, 0.0
        for j in range(m):
            value, slope = value * (n - j), slope * (n - j) + value
        return value, slope

    def _named(self, n: Floats) -> dict[str, float]:
        return {**self.net.rates, **dict(zip(self.net.species, n.tolist(), strict=True))}

    def _custom_slope(self, formula: Expression, n: Floats) -> Floats:
        gradients = dict(zip(self.net.species, np.eye(n.size), strict=True))
        with np.errstate(all="ignore"):
            return np.zeros(n.size) + differentiate(formula, self._named(n), gradients)[1]


def differentiate(tree: Expression, values: Mapping[str, float],
                  gradients: Mapping[str, Floats]) -> tuple[float, Floats | float]:
    """Value and gradient of an expression; names without a gradient are constants. min and max take the branch
    they choose."""
    op = tree[0]
    if op == "number":
        return tree[1], 0.0
    if op == "name":
        return values[tree[1]], gradients.get(tree[1], 0.0)
    value = float(evaluate(tree, values))
    x, dx = differentiate(tree[1], values, gradients)
    if op in _ONE:
        return value, _ONE[op](x, value) * dx
    y, dy = differentiate(tree[2], values, gradients)
    if op in ("min", "max"):
        return value, (dx if value == x else dy)
    return value, _TWO[op](x, dx, y, dy, value)


def _power_slope(x: float, dx: Floats | float, y: float, dy: Floats | float, value: float) -> Floats | float:
    slope = np.float64(y) * np.float_power(x, y - 1) * dx if y else 0.0
    return slope + value * np.log(x) * dy if np.any(dy) and value else slope


_ONE: dict[str, Callable[[float, float], float]] = {
    "neg": lambda x, value: -1.0, "exp": lambda x, value: value, "log": lambda x, value: np.float64(1) / x,
    "sqrt": lambda x, value: np.float64(0.5) / value}
_TWO: dict[str, Callable[..., Floats | float]] = {
    "+": lambda x, dx, y, dy, value: dx + dy, "-": lambda x, dx, y, dy, value: dx - dy,
    "*": lambda x, dx, y, dy, value: y * dx + x * dy,
    "/": lambda x, dx, y, dy, value: (dx - value * dy) / np.float64(y), "^": _power_slope}


def refuse_delays(net: ReactionNetwork) -> None:
    """One sentence where products appear later: the counts alone then do not decide what happens next."""
    for reaction in as_network(net).reactions:
        if reaction.delay is not None:
            raise NetworkError(f"{reaction.text} has a {reaction.delay}, so counts alone do not decide what happens "
                               "next; this method needs reactions without delays. Leave the delay out, or write it as "
                               "a chain of first-order steps.", line=reaction.line)


def rate_equations(net: ReactionNetwork, times: ArrayLike, *, form: str = "large-number") -> Curve:
    """Follow the rate equations dn/dt = sum_r nu_r a_r(n) from ``net.initial`` at t = 0.

    Parameters
    ----------
    net : the network; the counts become real numbers.
    times : increasing times >= 0, in 1/rate; a single number is one time.
    form : 'large-number' (the default) uses n^m / m! for m equal molecules, so that a = k n(n-1) gives
        dn/dt = -2k n^2, the law of the thermodynamic limit. 'combinatorial' keeps n(n-1)..., so that the same reaction
        gives -2k n(n-1): the mean-field closure, neither the limit nor the mean. A custom propensity is used as
        written, at real-valued counts.

    Raises
    ------
    NetworkError : delays, or options that cannot be used.
    SimulationError : a count grows without bound in finite time or falls below zero; ``partial`` is the Curve so far.

    Notes
    -----
    The limit of the master equation for many molecules on finite times: T. G. Kurtz, J. Chem. Phys. 57 (1972) 2976,
    doi:10.1063/1.1678692. Integrated by LSODA, relative tolerance 1e-10 per step.
    """
    grid, law = as_times(times), RateLaw(net, form)

    def wrong(n: Floats) -> str:
        low = int(np.argmin(n)) if n.size else -1
        return f"the count of {net.species[low]} falls below zero" if low >= 0 and n[low] < NEGATIVE else ""

    counts, end, why = integrate(law.flow, net.initial.astype(float), grid, slope=law.slope, wrong=wrong)
    result = Curve(net.species, grid[:len(counts)], counts, form)
    if why:
        raise SimulationError(f"The rate equations stop at t = {end:.6g}: {why}. {_cure(why)}",
                              partial=result if len(counts) else None)
    return result


def _cure(why: str) -> str:
    if "below zero" in why:
        return "Change the custom propensity so that it vanishes where its reactant is used up."
    if "not a number" in why:
        return "Change the custom propensity so that it is finite at every count >= 0."
    return "Shorten times, or add a reaction that removes molecules."


def integrate(flow: Callable[[Floats], Floats], start: Floats, grid: Floats, *,
              slope: Callable[[Floats], Floats] | None = None, wrong: Callable[[Floats], str] | None = None,
              rtol: float = RTOL) -> tuple[Floats, float, str]:
    """Solve dy/dt = flow(y) from t = 0 on a time grid, until ``wrong(y)`` names what has gone wrong.

    Returns the rows reached (K, Y) with K <= T, the time reached, and the reason for stopping early ('' where there
    is none); the time of a reason found by ``wrong`` is located to 1e-9 of the step.
    """
    rows = np.empty((grid.size, start.size))
    filled = int(grid[0] == 0.0)
    rows[:filled] = start
    if start.size == 0 or filled == grid.size:
        rows[:] = start
        return rows, float(grid[-1]), ""
    with np.errstate(all="ignore"):
        if not np.isfinite(flow(start)).all():
            return rows[:filled], 0.0, _failure(flow, start)
    scale = max(1.0, float(np.abs(start).max()))
    jac = None if slope is None else lambda t, y: slope(y)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # the solver's own words for a failure; ours come from the door
        solver = LSODA(lambda t, y: flow(y), 0.0, start, float(grid[-1]), rtol=rtol, atol=rtol * 1e-2, jac=jac)
        earlier = 0.0
        for step in range(1, MAX_STEPS + 1):
            solver.step()
            if step % CREEP_STEPS == 0:
                if solver.t - earlier < CREEP * grid[-1]:
                    return rows[:filled], float(solver.t), _failure(flow, solver.y)
                earlier = solver.t
            if solver.status == "failed" or not np.isfinite(solver.y).all() or np.abs(solver.y).max() > 1e15 * scale:
                return rows[:filled], float(solver.t), _failure(flow, solver.y)
            between, reason, end = solver.dense_output(), wrong(solver.y) if wrong else "", solver.t
            if wrong and reason:
                early, end = float(solver.t_old or 0.0), float(solver.t)
                while end - early > 1e-9 * (solver.t - (solver.t_old or 0.0)):
                    middle = (early + end) / 2
                    if not early < middle < end:
                        break
                    early, end = (early, middle) if wrong(between(middle)) else (middle, end)
            while filled < grid.size and (grid[filled] < end or (not reason and grid[filled] <= end)):
                rows[filled] = solver.y if grid[filled] == solver.t else between(grid[filled])
                filled += 1
            if reason or solver.status == "finished":
                return rows[:filled], float(end), reason
    return rows[:filled], float(solver.t), f"more than {MAX_STEPS} steps were needed"


def _failure(flow: Callable[[Floats], Floats], y: Floats) -> str:
    if np.isfinite(y).all() and np.abs(y).max() < 1e12 and not np.isfinite(flow(y)).all():
        return "a rate of change is infinite or not a number"
    return "it grows without bound or turns too fast to follow"
