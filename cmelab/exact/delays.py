"""Delays: products that are ready later, Erlang delays, and how long a delay a negative feedback bears."""
from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import gammainc

from ..arguments import is_real
from ..errors import NetworkError
from .checks import at_least_zero, positive
from .laws import Floats, poisson, poisson_of, stirling


def delayed_production(n: ArrayLike, t: float, a: float, gamma: float, tau: float) -> Floats:
    """P(n, t) of 0 -> X at rate a, ready tau later, X -> 0 at rate gamma, from nothing: Poisson at every time.

    Each molecule is made, waits and goes independently of the others: T. Jahnke, W. Huisinga, J. Math. Biol. 54 (2007)
    1, doi:10.1007/s00285-006-0034-x, for birth and death begun tau later.
    """
    at_least_zero(t=t)
    return poisson(n, float(delayed_production_mean(t, a, gamma, tau)))


def delayed_production_mean(t: ArrayLike, a: float, gamma: float, tau: float) -> Floats:
    """Mean (and variance: the law is Poisson) of 0 -> X at rate a, ready tau later, X -> 0 at rate gamma, from 0."""
    at_least_zero(a=a, gamma=gamma, tau=tau)
    since = np.maximum(np.asarray(t, float) - tau, 0.0)
    return a * since if gamma == 0 else -a / gamma * np.expm1(-gamma * since)


def erlang(t: ArrayLike, stages: int, tau: float) -> Floats:
    """Probability density (1 / time) of a delay of ``stages`` exponential steps with mean tau in all.

    Its coefficient of variation is 1 / sqrt(stages): N. MacDonald, Time Lags in Biological Models, Lect. Notes Biomath.
    27 (1978), doi:10.1007/978-3-642-93107-9.
    """
    n, t = _stages(stages, tau), np.asarray(t, float)
    # n - 1 steps by then, and the last at the rate n / tau.
    return np.where(t >= 0, n / tau * poisson_of(n - 1, np.maximum(n * t / tau, 0.0)), 0.0)


def erlang_cdf(t: ArrayLike, stages: int, tau: float) -> Floats:
    """Probability that a delay of ``stages`` exponential steps with mean tau in all is over by t."""
    n = _stages(stages, tau)
    return gammainc(n, np.maximum(n * np.asarray(t, float) / tau, 0.0))


def erlang_distance(stages: ArrayLike, tau: float) -> Floats:
    """Wasserstein-1 distance between an Erlang delay of mean tau and the fixed delay tau, in time units.

    Equal to 2 tau n^n exp(-n) / n!, the mean absolute deviation of a gamma law; it tends to `erlang_distance_limit`.
    The largest distance between the two distribution functions stays near 1/2 instead.
    """
    n = _stages(stages, tau)
    return erlang_distance_limit(stages, tau) * np.exp(-stirling(n))


def erlang_distance_limit(stages: ArrayLike, tau: float) -> Floats:
    """tau sqrt(2 / (pi stages)), what `erlang_distance` tends to for many stages: a little more than it."""
    return tau * np.sqrt(2 / (math.pi * _stages(stages, tau)))


def critical_delay(k: float, half: float, hill: float, gamma: float, stages: int | None = None) -> float:
    """The delay from which x' = k / (1 + (x(t - tau)/half)^hill) - gamma x circles round; math.inf where none does.

    stages : for an Erlang delay of so many steps instead of a fixed one.

    Notes
    -----
    Where a pair of roots of lambda + gamma = f'(x) exp(-lambda tau), or / (1 + lambda tau / stages)^stages, crosses the
    imaginary axis at the fixed point x: R. D. Driver, Ordinary and Delay Differential Equations (1977),
    doi:10.1007/978-1-4684-9467-9.
    """
    positive(k=k, half=half, hill=hill, gamma=gamma)
    x = _root(lambda x: k / (1 + (x / half)**hill) - gamma * x, 0.0, k / gamma)
    u = (x / half)**hill
    slope = gamma * hill * u / (1 + u)
    if slope <= gamma:
        return math.inf
    fastest = math.sqrt(slope**2 - gamma**2)
    if stages is None:
        return math.acos(-gamma / slope) / fastest
    n = float(_stages(stages, 1.0))

    def angle(w: float) -> float:
        return (math.pi - math.atan(w / gamma)) / n

    def excess(w: float) -> float:
        return math.hypot(w, gamma) - slope * max(math.cos(angle(w)), 0.0)**n

    grid = np.linspace(0.0, fastest, 2000).tolist()
    crossings = [_root(excess, low, high) for low, high in pairwise(grid) if (excess(low) < 0) != (excess(high) < 0)]
    return min((n * math.tan(angle(w)) / w for w in crossings), default=math.inf)


def _root(f: Callable[[float], float], low: float, high: float) -> float:
    return float(np.asarray(brentq(f, low, high, xtol=1e-300)))


def _stages(stages: ArrayLike, tau: float) -> Floats:
    n = np.asarray(stages, float)
    if not ((n >= 1) & (n % 1 == 0)).all() or not is_real(tau) or not 0 < tau < math.inf:
        raise NetworkError(f"stages={stages!r}, tau={tau!r}; stages are whole numbers from 1, and tau is a finite "
                           "number > 0.")
    return n
