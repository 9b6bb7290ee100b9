"""Gene expression: the gene that switches, bursts, and mRNA with its protein."""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import NetworkError
from .checks import at_least_zero, counts_of, positive
from .laws import Floats, MeanVariance, negative_binomial

MOST = 1e5  # mRNA of a gene that is always on; the series has as many terms


def telegraph(n: ArrayLike, k_on: float, k_off: float, rho: float, delta: float) -> Floats:
    """Stationary probability of n mRNA molecules of one gene that switches: Off <-> On, On -> On + M, M -> 0.

    k_on, k_off, rho, delta : 1 / time; delta > 0, and k_on or k_off > 0.

    Raises
    ------
    NetworkError : the law is not unique (a gene that never switches), or rho / delta is above 100,000.

    Notes
    -----
    The 1F1 of J. Peccoud, B. Ycart, Theor. Popul. Biol. 48 (1995) 222, doi:10.1006/tpbi.1995.1027, after Kummer's
    transformation: a series of positive terms, so that nothing cancels. Its logarithm is a sum of about rho / delta
    numbers: 11 digits are right at rho / delta = 1000.
    """
    counts = counts_of(n)
    _switching(k_on, k_off, rho, delta)
    a, b, r = k_on / delta, k_off / delta, rho / delta
    if r > MOST:
        raise NetworkError(f"rho / delta = {r:g}; beyond {MOST:g} the series is too long.")
    with np.errstate(divide="ignore"):
        j = np.arange(counts.max(initial=0))
        log_weight = np.concatenate([[0.0], np.cumsum(np.log(r * (a + j) / ((a + b + j) * (j + 1))))]) - r
        p = np.exp(log_weight + [_log_kummer(b, a + b + m, r) for m in range(log_weight.size)])
    return p[counts]


def telegraph_moments(k_on: float, k_off: float, rho: float, delta: float) -> MeanVariance:
    """Stationary mean and variance of the mRNA of `telegraph`.

    The Fano factor is 1 + rho k_off / ((k_on + k_off)(k_on + k_off + delta)): J. Peccoud, B. Ycart, Theor. Popul. Biol.
    48 (1995) 222, doi:10.1006/tpbi.1995.1027.
    """
    _switching(k_on, k_off, rho, delta)
    switching = k_on + k_off
    mean = rho / delta * (k_on / switching)
    return MeanVariance(mean, mean * (1 + rho / (switching + delta) * (k_off / switching)))


def bursty(n: ArrayLike, frequency: float, burst: float, gamma: float) -> Floats:
    """Stationary probability of n proteins made in bursts of geometric size and degraded one by one.

    frequency : bursts / time; burst : mean number of proteins in a burst (0 and more, geometric); gamma : 1 / time.
    Negative binomial of mean frequency burst / gamma and shape frequency / gamma. The protein of `two_stage_moments`
    has this law where mRNA lives much shorter than protein, with frequency k_m and burst k_p / gamma_m.

    Notes
    -----
    V. Shahrezaei, P. S. Swain, Proc. Natl. Acad. Sci. USA 105 (2008) 17256, doi:10.1073/pnas.0803850105.
    """
    at_least_zero(frequency=frequency, burst=burst)
    positive(gamma=gamma)
    if frequency == 0:
        return (counts_of(n) == 0).astype(float)
    return negative_binomial(n, frequency / gamma * burst, frequency / gamma)


@dataclass(frozen=True)
class TwoStageMoments:
    """Stationary moments of mRNA and protein, and their covariance, in molecules."""

    mrna: MeanVariance
    protein: MeanVariance
    covariance: float


def two_stage_moments(k_m: float, gamma_m: float, k_p: float, gamma_p: float) -> TwoStageMoments:
    """Stationary moments of mRNA and the protein made from it: 0 -> M, M -> 0, M -> M + P, P -> 0.

    k_m : molecules / time; the others : 1 / time. mRNA is Poisson; the Fano factor of protein is
    1 + k_p / (gamma_m + gamma_p). It tends to 1 where few proteins are made from an mRNA, and to that of `bursty` where
    mRNA lives much shorter than protein.

    Notes
    -----
    M. Thattai, A. van Oudenaarden, Proc. Natl. Acad. Sci. USA 98 (2001) 8614, doi:10.1073/pnas.151588598.
    """
    at_least_zero(k_m=k_m, k_p=k_p)
    positive(gamma_m=gamma_m, gamma_p=gamma_p)
    m = k_m / gamma_m
    p, both = m * k_p / gamma_p, k_p / (gamma_m + gamma_p)
    return TwoStageMoments(MeanVariance(m, m), MeanVariance(p, p * (1 + both)), m * both)


def _switching(k_on: float, k_off: float, rho: float, delta: float) -> None:
    at_least_zero(k_on=k_on, k_off=k_off, rho=rho)
    positive(delta=delta)
    if k_on + k_off == 0:
        raise NetworkError("k_on=0, k_off=0; a gene that never switches stays as it began, so the law is not unique.")


def _log_kummer(b: float, c: float, r: float) -> float:
    """log of 1F1(b; c; r) = sum over j of (b)_j / (c)_j r^j / j! for b >= 0, c, r > 0, b <= c."""
    j = np.arange(math.ceil(r + 9 * math.sqrt(r) + 60))  # beyond, the terms are those of a Poisson tail
    log = np.concatenate([[0.0], np.cumsum(np.log(r * (b + j) / ((c + j) * (j + 1))))])
    top = log.max()
    return float(top + np.log(np.exp(log - top).sum()))
