"""Closed-form laws: oracle of the tests, line of the plots, theory of the lessons, answer of the checks.

Counts n are whole numbers >= 0 (any shape), times in 1/rate; each function returns probabilities or moments.
"""
from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, xlogy

from .errors import NetworkError


def poisson(n: ArrayLike, mean: float) -> NDArray[np.float64]:
    """Poisson probability of n: the stationary law of birth-death with mean k / gamma."""
    n = _counts(n)
    _at_least_zero(mean=mean)
    return np.exp(xlogy(n, mean) - mean - gammaln(n + 1))


def binomial(n: ArrayLike, trials: int, probability: float) -> NDArray[np.float64]:
    """Binomial probability of n out of ``trials`` independent molecules."""
    n = _counts(n)
    _at_least_zero(trials=trials, probability=probability)
    if probability > 1:
        raise NetworkError(f"probability={probability!r}; it must lie between 0 and 1.")
    inside = n <= trials
    k = np.where(inside, n, 0)
    log_choose = gammaln(trials + 1) - gammaln(k + 1) - gammaln(trials - k + 1)
    return np.where(inside, np.exp(log_choose + xlogy(k, probability) + xlogy(trials - k, 1 - probability)), 0.0)


def pure_death(n: ArrayLike, t: float, gamma: float, n0: int) -> NDArray[np.float64]:
    """P(n, t) of M -> 0 from n0: each molecule is still there with probability exp(-gamma t)."""
    _at_least_zero(t=t, gamma=gamma, n0=n0)
    return binomial(n, n0, math.exp(-gamma * t))


def birth_death(n: ArrayLike, t: float, k: float, gamma: float, n0: int = 0) -> NDArray[np.float64]:
    """P(n, t) of 0 -> M, M -> 0: survivors of the first n0 plus a Poisson number of newcomers.

    Notes
    -----
    The convolution of a binomial and a Poisson law: T. Jahnke, W. Huisinga, J. Math. Biol. 54 (2007) 1,
    doi:10.1007/s00285-006-0034-x, for one species.
    """
    counts = _counts(n)
    _at_least_zero(t=t, k=k, gamma=gamma, n0=n0)
    survive = math.exp(-gamma * t)
    newcomers = k * t if gamma == 0 else -k * math.expm1(-gamma * t) / gamma
    old = np.arange(n0 + 1)
    new = counts[..., None] - old
    terms = np.where(new >= 0, poisson(np.maximum(new, 0), newcomers), 0.0) * binomial(old, n0, survive)
    return terms.sum(axis=-1)


def birth_death_mean(t: ArrayLike, k: float, gamma: float, n0: int = 0) -> NDArray[np.float64]:
    """Mean count of 0 -> M, M -> 0; the same as that of the rate equation, the network being linear."""
    _at_least_zero(k=k, gamma=gamma, n0=n0)
    t = np.asarray(t, float)
    if gamma == 0:
        return n0 + k * t
    return k / gamma + (n0 - k / gamma) * np.exp(-gamma * t)


def receptor(n_b: ArrayLike, t: float, k_on: float, k_off: float, copies: int = 1) -> NDArray[np.float64]:
    """Probability of n_b active receptors among ``copies`` independent ones, all inactive at t = 0."""
    _at_least_zero(t=t, k_on=k_on, k_off=k_off, copies=copies)
    total = k_on + k_off
    active = 0.0 if total == 0 else -k_on / total * math.expm1(-total * t)
    return binomial(n_b, copies, active)


def annihilation_mean(t: ArrayLike, k: float, n0: int) -> NDArray[np.float64]:
    """Mean count of 2A -> 0 with propensity k n(n-1), from n0.

    Notes
    -----
    A sum over the eigenvalues -k j(j-1), j of the parity of n0: D. A. McQuarrie, J. Appl. Probab. 4 (1967) 413,
    doi:10.2307/3212214.
    """
    _at_least_zero(k=k, n0=n0)
    j = np.arange(n0 % 2 or 2, n0 + 1, 2)
    weight = (2 * j - 1) * np.exp(gammaln(n0 + 1) - gammaln(n0 - j + 1) + gammaln((n0 - j + 1) / 2)
                                  - gammaln((n0 + j + 1) / 2) - j * math.log(2.0))
    return (weight * np.exp(-k * j * (j - 1) * np.asarray(t, float)[..., None])).sum(axis=-1)


def waiting_time(t: ArrayLike, a0: float) -> NDArray[np.float64]:
    """Probability that the next reaction has fired by time t: 1 - exp(-a0 t)."""
    _at_least_zero(a0=a0)
    return -np.expm1(-a0 * np.asarray(t, float))


def _counts(n: ArrayLike) -> NDArray[np.int64]:
    counts = np.asarray(n)
    if counts.dtype.kind not in "iu" and not (counts.dtype.kind == "f" and (counts % 1 == 0).all()):
        raise NetworkError(f"n={n!r}; counts are whole numbers >= 0.")
    if counts.size and counts.min() < 0:
        raise NetworkError(f"n contains {counts.min()}; counts are whole numbers >= 0.")
    return counts.astype(np.int64)


def _at_least_zero(**values: float) -> None:
    for name, value in values.items():
        if not 0 <= value < math.inf:
            raise NetworkError(f"{name}={value!r}; it must be a finite number >= 0.")
