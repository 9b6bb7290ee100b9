"""One species whose molecules come, multiply and go independently of each other."""
from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ..errors import NetworkError
from .checks import at_least_zero, counts_of, positive, time_or_never, whole_at_least_zero
from .laws import Floats, MeanVariance, binomial, negative_binomial, poisson


def pure_death(n: ArrayLike, t: float, gamma: float, n0: int) -> Floats:
    """P(n, t) of M -> 0 from n0: each molecule is still there with probability exp(-gamma t)."""
    at_least_zero(t=t, gamma=gamma)
    return binomial(n, n0, math.exp(-gamma * t))


def birth_death(n: ArrayLike, t: float, k: float, gamma: float, n0: int = 0) -> Floats:
    """P(n, t) of 0 -> M, M -> 0: survivors of the first n0 plus a Poisson number of newcomers.

    Notes
    -----
    The convolution of a binomial and a Poisson law: T. Jahnke, W. Huisinga, J. Math. Biol. 54 (2007) 1,
    doi:10.1007/s00285-006-0034-x, for one species.
    """
    counts = counts_of(n)
    at_least_zero(t=t, k=k, gamma=gamma)
    whole_at_least_zero(n0=n0)
    survive = math.exp(-gamma * t)
    newcomers = k * t if gamma == 0 else -k * math.expm1(-gamma * t) / gamma
    old = np.arange(n0 + 1)
    new = counts[..., None] - old
    terms = np.where(new >= 0, poisson(np.maximum(new, 0), newcomers), 0.0) * binomial(old, n0, survive)
    return terms.sum(axis=-1)


def birth_death_mean(t: ArrayLike, k: float, gamma: float, n0: int = 0) -> Floats:
    """Mean count of 0 -> M, M -> 0; the same as that of the rate equation, the network being linear."""
    at_least_zero(k=k, gamma=gamma, n0=n0)
    t = np.asarray(t, float)
    if gamma == 0:
        return n0 + k * t
    return k / gamma + (n0 - k / gamma) * np.exp(-gamma * t)


def receptor(n_b: ArrayLike, t: float, k_on: float, k_off: float, copies: int = 1) -> Floats:
    """Probability of n_b active receptors among ``copies`` independent ones, all inactive at t = 0."""
    time_or_never(t)
    at_least_zero(k_on=k_on, k_off=k_off)
    total = k_on + k_off
    active = 0.0 if total == 0 else -k_on / total * math.expm1(-total * t)
    return binomial(n_b, copies, active)


def immigration_birth_death(n: ArrayLike, t: float, immigration: float, birth: float, death: float,
                            n0: int = 0) -> Floats:
    """P(n, t) of 0 -> X, X -> 2X, X -> 0: families of newcomers and of the first n0.

    immigration : molecules / time; birth, death : 1 / time; ``t=math.inf`` is the stationary law, which exists for
    birth < death. From n0 = 0 the law is negative binomial of shape immigration / birth at every time.

    Raises
    ------
    NetworkError : no stationary law, or counts so large that floats do not hold them.

    Notes
    -----
    Each of the k families alive has a geometric size, so newcomers and old families together are negative binomial
    once k is known: D. G. Kendall, Ann. Math. Statist. 19 (1948) 1, doi:10.1214/aoms/1177730285.
    """
    counts = counts_of(n)
    whole_at_least_zero(n0=n0)
    at_least_zero(immigration=immigration)
    left, integral = _growth(t, birth, death)
    alive = min(left / (1 + birth * integral), 1.0)
    total = np.zeros(counts.shape)
    for families, weight in enumerate(binomial(np.arange(n0 + 1), n0, alive).tolist()):
        source = immigration + families * birth
        shape = source / birth if birth > 0 else math.inf
        rest = counts - families
        law = negative_binomial(np.maximum(rest, 0), source * integral, shape) if source > 0 else rest == 0
        total += weight * np.where(rest >= 0, law, 0.0)
    return total


def immigration_birth_death_moments(t: float, immigration: float, birth: float, death: float,
                                    n0: int = 0) -> MeanVariance:
    """Mean and variance of 0 -> X, X -> 2X, X -> 0; ``t=math.inf`` for the stationary ones, birth < death."""
    whole_at_least_zero(n0=n0)
    at_least_zero(immigration=immigration)
    left, integral = _growth(t, birth, death)
    newcomers = immigration * integral
    return MeanVariance(newcomers + n0 * left,
                        newcomers * (1 + birth * integral) + n0 * (birth + death) * integral * left)


def extinction_probability(t: float, birth: float, death: float, n0: int = 1) -> float:
    """Probability that X -> 2X, X -> 0 from n0 has died out by time t; ``t=math.inf`` for ever: (death / birth)^n0.

    Notes
    -----
    D. G. Kendall, Ann. Math. Statist. 19 (1948) 1, doi:10.1214/aoms/1177730285.
    """
    whole_at_least_zero(n0=n0)
    time_or_never(t)
    at_least_zero(birth=birth, death=death)
    if t == math.inf or (birth - death) * t > 700:
        return min(death / birth, 1.0)**n0 if birth > 0 else float(death > 0 or n0 == 0)
    _, integral = _growth(t, birth, death)
    return (death * integral / (1 + birth * integral))**n0


def outbreak_extinction(r0: float, infected: int) -> float:
    """Probability that an outbreak in a large population ends by itself after a few cases: (1 / R0)^infected.

    Each case infects others at rate R0 times that of recovery; 1 for R0 <= 1. Exact for a population without limit,
    and the first part of SIR and SIS in a large one.

    Notes
    -----
    P. Whittle, Biometrika 42 (1955) 116, doi:10.1093/biomet/42.1-2.116.
    """
    positive(r0=r0)
    return extinction_probability(math.inf, r0, 1.0, infected)


def _growth(t: float, birth: float, death: float) -> tuple[float, float]:
    """exp(x) for x = (birth - death) t, and the integral of it from 0 to t; both at t = inf for birth < death."""
    time_or_never(t)
    at_least_zero(birth=birth, death=death)
    if t == math.inf:
        if birth >= death:
            raise NetworkError(f"birth={birth!r}, death={death!r}; a stationary law needs birth < death.")
        return 0.0, 1 / (death - birth)
    x = (birth - death) * t
    if x > 700:
        raise NetworkError(f"(birth - death) t = {x:g}; the mean count grows by exp of it, which floats hold up to "
                           "700. Shorten t.")
    return math.exp(x), t if x == 0 else math.expm1(x) / (birth - death)
