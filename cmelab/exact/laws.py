"""The laws that everything else is made of: Poisson, binomial, negative binomial, and the exponential waiting time.

Probabilities by deviances instead of differences of log-factorials, so that a count of a million keeps its digits:
C. Loader, Fast and accurate computation of binomial probabilities (2000).
"""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from ..errors import NetworkError
from .checks import at_least_zero, counts_of, whole_at_least_zero

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MeanVariance:
    """Mean and variance of a count, in molecules and molecules squared."""

    mean: float
    variance: float

    @property
    def fano(self) -> float:
        """Variance over mean: 1 for a Poisson law, more where molecules come in bursts."""
        return self.variance / self.mean if self.mean > 0 else math.nan


def poisson(n: ArrayLike, mean: float) -> Floats:
    """Poisson probability of n: the stationary law of birth-death with mean k / gamma."""
    counts = counts_of(n)
    at_least_zero(mean=mean)
    return poisson_of(counts.astype(float), np.asarray(mean, float))


def binomial(n: ArrayLike, trials: int, probability: float) -> Floats:
    """Binomial probability of n out of ``trials`` independent molecules."""
    counts = counts_of(n)
    whole_at_least_zero(trials=trials)
    at_least_zero(probability=probability)
    if probability > 1:
        raise NetworkError(f"probability={probability!r}; it must lie between 0 and 1.")
    if probability in (0, 1):
        return (counts == (trials if probability else 0)).astype(float)
    ends = np.where(counts == 0, math.exp(trials * math.log1p(-probability)), probability**trials)
    within = (counts > 0) & (counts < trials)
    q, x = 1 - probability, np.where(within, counts, 1).astype(float)
    rest = np.maximum(trials - x, 1.0)
    inner = _share(x, rest, probability, q, trials * probability - x if probability < 0.5 else rest - trials * q)
    return np.where(within, inner, np.where(counts <= trials, ends, 0.0))


def negative_binomial(n: ArrayLike, mean: float, shape: float) -> Floats:
    """Negative binomial probability of n: a Poisson law whose mean is itself spread by a gamma law of this shape.

    Its variance is mean + mean^2 / shape; ``shape=math.inf`` is the Poisson law itself.
    """
    counts = counts_of(n)
    at_least_zero(mean=mean)
    if not shape > 0:
        raise NetworkError(f"shape={shape!r}; it must be > 0, and may be math.inf.")
    # Beyond this the spread of the mean is less than rounding.
    if mean == 0 or shape > 1e30 * (1 + mean):
        return poisson(counts, mean)
    x = np.maximum(counts, 1).astype(float)
    p, q = mean / (shape + mean), shape / (shape + mean)
    beyond = shape / (x + shape) * _share(x, np.full_like(x, shape), p, q, q * (mean - x))
    return np.where(counts > 0, beyond, math.exp(-shape * math.log1p(mean / shape)))


def waiting_time(t: ArrayLike, a0: float) -> Floats:
    """Probability that the next reaction has fired by time t: 1 - exp(-a0 t)."""
    at_least_zero(a0=a0)
    return -np.expm1(-a0 * np.asarray(t, float))


def poisson_of(n: Floats, mean: Floats) -> Floats:
    """Poisson probability of n >= 0 for means >= 0, both arrays that have been looked at."""
    x = np.maximum(n, 1.0)
    return np.where(n > 0, np.exp(-stirling(x) - deviance(x, mean, mean - x)) / np.sqrt(2 * math.pi * x), np.exp(-mean))


def deviance(x: Floats, m: Floats, apart: Floats) -> Floats:
    """x log(x / m) + m - x without the cancellation near m = x, for x above 0; apart is m - x."""
    v = apart / x
    small = np.abs(v) < 0.2
    r = np.where(small, v / (2 + v), 0.0)
    powers = np.polynomial.polynomial.polyval(r * r, 1 / np.arange(3.0, 23.0, 2.0))
    with np.errstate(divide="ignore"):
        return x * np.where(small, r * v - 2 * r**3 * powers, v - np.log(m / x))


def stirling(x: Floats) -> Floats:
    """log x! - (x log x - x + log(2 pi x) / 2), what Stirling's formula leaves out, for real x above 0."""
    large = np.maximum(x, 16.0)
    series = np.polynomial.polynomial.polyval(large**-2, [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188]) / large
    small = np.minimum(x, 16.0)
    direct = gammaln(small + 1) - (small + 0.5) * np.log(small) + small - 0.5 * math.log(2 * math.pi)
    return np.where(x >= 16.0, series, direct)


def _share(x: Floats, rest: Floats, p: float, q: float, apart: Floats) -> Floats:
    """(x + rest)! / (x! rest!) p^x q^rest for real x, rest above 0 and p + q = 1; apart is (x + rest) p - x."""
    total = x + rest
    log = stirling(total) - stirling(x) - stirling(rest) - deviance(x, total * p, apart) \
        - deviance(rest, total * q, -apart)
    return np.exp(log) * np.sqrt(total / (2 * math.pi * x * rest))
