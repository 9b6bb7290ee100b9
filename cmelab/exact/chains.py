"""Chains of states: the ladder of neighbours, cycles and their currents, the lifetime of an epidemic."""
from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, xlogy

from ..errors import NetworkError
from .checks import at_least_zero, counts_of
from .laws import Floats


def ladder(up: ArrayLike, down: ArrayLike) -> Floats:
    """Stationary law of a chain of neighbours 0, 1, ..., N: P(n+1) / P(n) = up[n] / down[n].

    up : (N,) rates from n to n + 1; down : (N,) rates from n + 1 to n; all above 0.

    Notes
    -----
    Products taken from the largest probability outward, so that each entry keeps its digits: M. Vellela, H. Qian,
    J. R. Soc. Interface 6 (2009) 925, doi:10.1098/rsif.2008.0476.
    """
    up, down = np.asarray(up, float), np.asarray(down, float)
    if up.ndim != 1 or up.shape != down.shape or not ((up > 0) & (down > 0) & np.isfinite(up + down)).all():
        raise NetworkError(f"up of shape {up.shape} and down of shape {down.shape}; both must be lists of the same "
                           "number of finite rates > 0.")
    ratio = up / down
    top = int(np.argmax(np.concatenate([[0.0], np.cumsum(np.log(ratio))])))
    below = np.cumprod(1 / ratio[:top][::-1])[::-1]
    weights = np.concatenate([below, [1.0], np.cumprod(ratio[top:])])
    return weights / math.fsum(weights)


def schlogl(c1: float, c2: float, c3: float, c4: float, most: int) -> Floats:
    """Stationary law (most + 1,) of 2X -> 3X (c1), 3X -> 2X (c2), 0 -> X (c3), X -> 0 (c4), stochastic constants.

    Cut off above ``most`` and summing to one there. At least c3 and c4 must be above 0.

    Notes
    -----
    M. Vellela, H. Qian, J. R. Soc. Interface 6 (2009) 925, doi:10.1098/rsif.2008.0476.
    """
    at_least_zero(c1=c1, c2=c2, c3=c3, c4=c4, most=most)
    n = np.arange(most, dtype=float)
    return ladder(c3 + c1 * n * (n - 1) / 2, c4 * (n + 1) + c2 * (n + 1) * n * (n - 1) / 6)


def cycle_law(n: ArrayLike, rates: ArrayLike) -> Floats:
    """Stationary probability of counts n (..., S) in A -> B -> ... -> A, each molecule moving on by itself.

    rates : (S,) of leaving each species, > 0. Multinomial: each molecule is in a species for a time 1 / rate.

    Notes
    -----
    Complex balanced, without detailed balance: D. F. Anderson, G. Craciun, T. G. Kurtz, Bull. Math. Biol. 72 (2010)
    1947, doi:10.1007/s11538-010-9517-4.
    """
    counts, rates = counts_of(n), np.asarray(rates, float)
    if rates.ndim != 1 or counts.shape[-1:] != rates.shape or not ((rates > 0) & np.isfinite(rates)).all():
        raise NetworkError(f"n of shape {counts.shape} and rates={rates.tolist()}; each species needs a count and a "
                           "finite rate > 0.")
    share = 1 / rates / (1 / rates).sum()
    return np.exp(gammaln(counts.sum(axis=-1) + 1) + (xlogy(counts, share) - gammaln(counts + 1)).sum(axis=-1))


def three_state_cycle(forward: ArrayLike, backward: ArrayLike) -> tuple[float, float, float]:
    """(current, affinity, entropy production) of one molecule on A <-> B <-> C <-> A at its stationary law.

    forward : (3,) rates A -> B, B -> C, C -> A; backward : (3,) rates B -> A, C -> B, A -> C; all above 0.
    The current is in turns per unit time along A -> B -> C, the entropy production in Boltzmann constants per time.

    Notes
    -----
    Sums over the nine spanning trees: J. Schnakenberg, Rev. Mod. Phys. 48 (1976) 571, doi:10.1103/RevModPhys.48.571.
    """
    f, b = np.asarray(forward, float), np.asarray(backward, float)
    if f.shape != (3,) or b.shape != (3,) or not ((f > 0) & (b > 0) & np.isfinite(f + b)).all():
        raise NetworkError(f"forward={f.tolist()}, backward={b.tolist()}; each needs three finite rates > 0.")
    # For each state, the trees that lead into it: both neighbours directly, or one through the other.
    trees = sum(f[i - 1] * b[i] + f[i - 2] * f[i - 1] + b[i - 2] * b[i] for i in range(3))
    current = float((f.prod() - b.prod()) / trees)
    affinity = float(np.log(f / b).sum())
    return current, affinity, current * affinity


def sis_extinction_time(population: int, r0: float, infected: int, recovery: float = 1.0) -> float:
    """Mean time until nobody is infected in S + I -> 2I (propensity r0 recovery I (N - I) / N), I -> S (recovery I).

    Notes
    -----
    A sum of positive terms by r_n = (1 + b_n r_(n+1)) / d_n, the mean time from n to n - 1; `math.inf` beyond 1e308.
    C. R. Doering, K. V. Sargsyan, L. M. Sander, Multiscale Model. Simul. 3 (2005) 283, doi:10.1137/030602800.
    """
    at_least_zero(population=population, r0=r0, infected=infected, recovery=recovery)
    if infected > population or recovery == 0:
        raise NetworkError(f"infected={infected!r} of population={population!r}, recovery={recovery!r}; at most all "
                           "are infected, and recovery must be above 0.")
    step, total = 0.0, 0.0
    for n in range(population, 0, -1):
        step = (1 / recovery + r0 * n * (population - n) / population * step) / n
        total += step if n <= infected else 0.0
    return total
