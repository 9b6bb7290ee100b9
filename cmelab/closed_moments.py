"""`close` follows the moment equations under a closure, up to where the closure breaks."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arguments import as_times, species_index, whole
from .closures import CLOSURES
from .errors import NetworkError
from .moment_systems import MomentSystem, central_system, conditional_system
from .moments import MAX_ORDER, moment_equations
from .network import ReactionNetwork
from .rate_equations import integrate

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ClosedMoments:
    """Means and covariances under a closure.

    times : (K,) float64, the times asked for, as far as they were reached
    counts : (K, S) float64, the means
    covariance : (K, S, S) float64; zero for mean field, which keeps no fluctuations
    broke_at : the time at which a mean or variance became negative or grew without bound; None where none did
    why : what happened then
    """

    species: tuple[str, ...]
    times: Floats
    counts: Floats
    covariance: Floats
    closure: str
    order: int
    broke_at: float | None
    why: str

    def mean(self) -> Floats:
        """Mean counts, (K, S)."""
        return self.counts

    def var(self) -> Floats:
        """Variance of each count, (K, S)."""
        return np.diagonal(self.covariance, axis1=1, axis2=2).copy()

    def of(self, name: str) -> Floats:
        """Mean count of one species, (K,)."""
        return self.counts[:, species_index(self.species, name)]

    def __repr__(self) -> str:
        end = f"; broke at t = {self.broke_at:.4g}: {self.why}" if self.broke_at is not None else ""
        reached = f" until t = {self.times[-1]:g}" if self.times.size else ""
        return f"ClosedMoments to order {self.order}, {self.closure} closure, {self.times.size} times{reached}{end}"


def close(net: ReactionNetwork, times: ArrayLike, *, order: int | None = None, closure: str = "normal",
          beyond: bool = False) -> ClosedMoments:
    """Follow means and covariances from ``net.initial``, with the moments above ``order`` given by a closure.

    Parameters
    ----------
    net : the network; every propensity must be a polynomial in the counts.
    times : increasing times >= 0, in 1/rate; a single number is one time.
    order : the highest total power followed; None takes the lowest for the closure, 1 for 'mean field', else 2.
    closure : one of the names in `closures.CLOSURES`. 'conditional' needs a switch: two to four species whose total
        is conserved and 1, such as a promoter that is free or bound.
    beyond : True follows the equations on after a mean or variance became negative, as far as they go.

    Returns
    -------
    ClosedMoments up to the time where the closure breaks, with ``broke_at`` and ``why``.

    Raises
    ------
    NetworkError : delays, a propensity that is no polynomial, an unknown closure, or no switch for 'conditional'.

    Notes
    -----
    Exact where the moment equations close by themselves, as for every network of reactions with at most one reactant
    molecule. Each closure names its source. Log-normal, gamma and derivative matching divide by means: a start at
    zero molecules is a singular point of theirs. Conserved totals are not forced upon any closure.
    """
    chosen = next((c for c in CLOSURES if c.name == closure), None)
    if chosen is None:
        raise NetworkError(f"closure={closure!r}; it must be one of {', '.join(repr(c.name) for c in CLOSURES)}.")
    most = MAX_ORDER if chosen.most is None else chosen.most
    power = chosen.least if order is None else whole("order", order, 1, MAX_ORDER)
    if not chosen.least <= power <= most:
        raise NetworkError(f"order={order!r} with the {closure} closure; it must be "
                           + (f"{most}." if chosen.least == most else f"from {chosen.least} to {most}."))
    grid = as_times(times)
    equations = moment_equations(net, power, kind="central")
    conditional = closure == "conditional" and not equations.closed
    system = conditional_system(net, power, chosen) if conditional else central_system(equations, chosen)
    wrong = _judge(system, net.species)
    rows, end, why = integrate(system.flow, system.start, grid, wrong=wrong)
    broke_at = end if why else None
    if why and beyond and wrong(system.start) == "" and why.startswith("the "):
        rows, later, more = integrate(system.flow, system.start, grid)
        why += f"; at t = {later:.4g} {more}" if more else ""
    size = len(net.species)
    counts = np.array([system.mean(y) for y in rows]).reshape(len(rows), size)
    covariance = np.array([system.covariance(y) for y in rows]).reshape(len(rows), size, size)
    return ClosedMoments(net.species, grid[:len(rows)], counts, covariance, closure, power, broke_at, why)


def _judge(system: MomentSystem, species: tuple[str, ...]) -> Callable[[Floats], str]:
    def wrong(y: Floats) -> str:
        mean = system.mean(y)
        variance = np.diagonal(system.covariance(y))
        slack = 1e-6 * np.maximum(1.0, np.abs(mean))
        if (mean < -slack).any():
            return f"the mean of {species[int(np.argmax(mean < -slack))]} falls below zero"
        low = variance < -slack - system.blur * mean**2
        return f"the variance of {species[int(np.argmax(low))]} falls below zero" if low.any() else ""
    return wrong
