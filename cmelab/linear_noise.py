"""Linear noise: Gaussian fluctuations around the rate equations, in time and at a stable fixed point."""
from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import LSODA
from scipy.linalg import orth, solve_continuous_lyapunov

from .arguments import as_times, species_index
from .errors import NetworkError, SimulationError
from .network import ReactionNetwork
from .rate_equations import NEGATIVE, RateLaw, integrate

Floats = NDArray[np.float64]
# Steps that the rate equations may take before a fixed point is given up: a limit cycle never comes to rest.
PATIENCE = 20_000
# Species up to which all covariances are followed together; the solver keeps the square of their number.
MAX_SPECIES = 100


@dataclass(frozen=True)
class LinearNoise:
    """A Gaussian around a deterministic curve; times are inf for the stationary law.

    times : (T,) float64, in 1/rate
    counts : (T, S) float64, the rate equations with the large-number rate law
    covariance : (T, S, S) float64, in molecules squared
    """

    species: tuple[str, ...]
    times: Floats
    counts: Floats
    covariance: Floats

    def mean(self) -> Floats:
        """Mean counts (T, S): those of the rate equations, to this order."""
        return self.counts

    def var(self) -> Floats:
        """Variance of each count, (T, S)."""
        return np.diagonal(self.covariance, axis1=1, axis2=2).copy()

    def of(self, name: str) -> Floats:
        """Mean count of one species, (T,)."""
        return self.counts[:, species_index(self.species, name)]

    def __repr__(self) -> str:
        last = ", ".join(f"{s} = {n:.6g} ± {math.sqrt(max(v, 0.0)):.4g}" for s, n, v in
                         zip(self.species, self.counts[-1], self.var()[-1], strict=True))
        return f"LinearNoise at {self.times.size} times until t = {self.times[-1]:g}; at the end {last}"


def linear_noise(net: ReactionNetwork, times: ArrayLike) -> LinearNoise:
    """Follow mean and covariance of the linear noise approximation from ``net.initial``, known exactly at t = 0.

    Parameters
    ----------
    net : the network, with the large-number rate law of `rate_equations`.
    times : increasing times >= 0, in 1/rate; a single number is one time.

    Raises
    ------
    NetworkError : delays, more than 100 species, or options that cannot be used.
    SimulationError : the rate equations or the covariance cannot be followed to the end; ``partial`` holds the rest.

    Notes
    -----
    dn/dt = nu a(n), dC/dt = J C + C J^T + nu diag(a) nu^T, with J the Jacobian of nu a: J. Elf, M. Ehrenberg,
    Genome Res. 13 (2003) 2475, doi:10.1101/gr.1196503. Exact in mean and variance where every reaction has at most
    one reactant molecule. J is differentiated term by term, custom propensities through their expression tree.
    What the network conserves is kept to rounding.
    """
    grid, law = as_times(times), RateLaw(net, "large-number")
    size = len(net.species)
    if size > MAX_SPECIES:
        raise NetworkError(f"{size} species have {size * (size + 1) // 2} covariances; at most {MAX_SPECIES} species "
                           "are followed. Simulate the network, or leave species out.")
    upper = np.triu_indices(size)
    unpack = np.empty((size, size), int)
    unpack[upper] = unpack.T[upper] = np.arange(upper[0].size)

    def flow(y: Floats) -> Floats:
        n, c = y[:size], y[size:][unpack]
        j = law.slope(n)
        dc = j @ c + c @ j.T + diffusion(law, n)
        return np.concatenate([law.flow(n), dc[upper]])

    def wrong(y: Floats) -> str:
        return "a count falls below zero" if y[:size].min(initial=0.0) < NEGATIVE else ""

    start = np.concatenate([net.initial.astype(float), np.zeros(upper[0].size)])
    rows, end, why = integrate(flow, start, grid, wrong=wrong)
    along = _directions(law)
    keep = along @ along.T
    counts = net.initial + (rows[:, :size] - net.initial) @ keep
    result = LinearNoise(net.species, grid[:len(rows)], counts, keep @ rows[:, size:][:, unpack] @ keep)
    if why:
        raise SimulationError(f"The linear noise approximation stops at t = {end:.6g}: {why}. Shorten times, or "
                              "change the network so that the rate equations stay finite and >= 0.",
                              partial=result if len(rows) else None)
    return result


def stationary_linear_noise(net: ReactionNetwork) -> LinearNoise:
    """The Gaussian around the stable fixed point that the rate equations reach from ``net.initial``.

    Raises
    ------
    SimulationError : the rate equations do not come to rest, or come to rest where fluctuations do not stay bounded.

    Notes
    -----
    The covariance solves the Lyapunov equation J C + C J^T + nu diag(a) nu^T = 0 in the directions that the reactions
    can move; conserved directions keep no fluctuation at all. Source as in `linear_noise`.
    """
    law = RateLaw(net, "large-number")
    along = _directions(law)
    n = _fixed_point(law, along)
    j = along.T @ law.slope(n) @ along
    rates = np.linalg.eigvals(j)
    slowest = float(rates.real.max(initial=-math.inf))
    if slowest > -1e-9 * max(1e-300, float(np.abs(rates).max(initial=1.0))):
        raise SimulationError(f"The rate equations rest at {_state(net, n)}, but a deviation there changes at rate "
                              f"{slowest:.3g} >= 0 instead of dying out, so fluctuations have no stationary size. Look "
                              "at the stationary law of the master equation instead.")
    c = np.zeros((n.size, n.size))
    if along.shape[1]:
        c = along @ solve_continuous_lyapunov(j, -along.T @ diffusion(law, n) @ along) @ along.T
    return LinearNoise(net.species, np.array([math.inf]), n[None], ((c + c.T) / 2)[None])


def diffusion(law: RateLaw, n: Floats) -> Floats:
    """nu diag(a) nu^T, (S, S): the rate at which the reactions feed the covariance."""
    return (law.nu * law.values(n)) @ law.nu.T


def _directions(law: RateLaw) -> Floats:
    """An orthonormal basis (S, rank) of the directions that reactions can move."""
    return orth(law.nu) if law.nu.size else np.zeros((law.nu.shape[0], 0))


def _fixed_point(law: RateLaw, along: Floats) -> Floats:
    """Where the rate equations come to rest: followed until they hardly move, then Newton's method."""
    n = law.net.initial.astype(float)
    if along.shape[1] == 0:
        return n
    with np.errstate(all="ignore"):
        if not np.isfinite(law.flow(n)).all():
            raise SimulationError(f"The rate equations cannot leave {_state(law.net, n)}: a rate of change there is "
                                  "infinite or not a number. Change the propensities so that they are finite.")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        solver = LSODA(lambda t, y: law.flow(y), 0.0, n, 1e12, rtol=1e-8, atol=1e-10, jac=lambda t, y: law.slope(y))
        for _ in range(PATIENCE):
            if _still(law, solver.y):
                break
            solver.step()
            if solver.status != "running" or not np.isfinite(solver.y).all() or np.abs(solver.y).max() > 1e15:
                break
        n = solver.y
    if not _still(law, n):
        raise SimulationError(f"The rate equations do not come to rest: at t = {solver.t:.4g} they are at "
                              f"{_state(law.net, n)} and still move. They may grow or oscillate for ever; follow them "
                              "in time with linear_noise.")
    origin = law.net.initial + along @ (along.T @ (n - law.net.initial))
    x = np.zeros(along.shape[1])
    for _ in range(30):
        here = origin + along @ x
        slope = along.T @ law.slope(here) @ along
        if not np.isfinite(slope).all():
            raise SimulationError(f"The rate equations rest at {_state(law.net, here)}, where the slope of a "
                                  "propensity is infinite, so fluctuations have no linear law there.")
        step = np.linalg.lstsq(slope, -along.T @ law.flow(here), rcond=None)[0]
        x = x + step
        if np.abs(step).max() <= 1e-14 * max(1.0, float(np.abs(here).max())):
            break
    return origin + along @ x


def _still(law: RateLaw, n: Floats) -> bool:
    """True where gain and loss of every species cancel to seven digits."""
    with np.errstate(all="ignore"):
        a = law.values(n)
    return bool((np.abs(law.nu @ a) <= 1e-7 * (np.abs(law.nu) @ np.abs(a))).all())


def _state(net: ReactionNetwork, n: Floats) -> str:
    return ", ".join(f"{s} = {v:.6g}" for s, v in zip(net.species, n, strict=True))
