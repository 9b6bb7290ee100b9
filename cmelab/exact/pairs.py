"""One species whose molecules meet in pairs."""
from __future__ import annotations

import math
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, ive

from ..errors import NetworkError
from .checks import at_least_zero, counts_of, positive, whole_at_least_zero
from .laws import Floats, MeanVariance


def annihilation_mean(t: ArrayLike, k: float, n0: int) -> Floats:
    """Mean count of 2A -> 0 with propensity k n(n-1), from n0.

    Notes
    -----
    A sum over the eigenvalues -k j(j-1), j of the parity of n0: D. A. McQuarrie, J. Appl. Probab. 4 (1967) 413,
    doi:10.2307/3212214.
    """
    at_least_zero(k=k, n0=n0)
    j = np.arange(n0 % 2 or 2, n0 + 1, 2)
    weight = (2 * j - 1) * np.exp(gammaln(n0 + 1) - gammaln(n0 - j + 1) + gammaln((n0 - j + 1) / 2)
                                  - gammaln((n0 + j + 1) / 2) - j * math.log(2.0))
    return (weight * np.exp(-k * j * (j - 1) * np.asarray(t, float)[..., None])).sum(axis=-1)


def annihilation(n: ArrayLike, t: float, k: float, n0: int) -> Floats:
    """P(n, t) of 2A -> 0 with propensity k n(n-1), from n0; n of the other parity has probability 0.

    Also the law of A in 2A -> B with the stochastic constant c = 2k.

    Notes
    -----
    A sum over the eigenvalues -k j(j-1), j of the parity of n0, with alternating signs: D. A. McQuarrie, J. Appl.
    Probab. 4 (1967) 413, doi:10.2307/3212214. What cancels is covered by more digits, so that every probability is
    right to the last one; a second of work at n0 = 600.
    """
    counts = counts_of(n)
    at_least_zero(t=t, k=k)
    whole_at_least_zero(n0=n0)
    law = np.zeros(n0 + 2)
    levels = range(n0, -1, -2)
    # The largest term grows as 10^(n0 / 7), and the smallest float is 10^-324.
    with localcontext(Context(prec=360 + n0 // 6, Emax=MAX_EMAX, Emin=MIN_EMIN)):
        s = Decimal(k) * Decimal(t)
        decay = [(-s * j * (j - 1)).exp() for j in levels]
        weights = [Decimal(1)]
        for m in levels:
            law[m] = sum((w * e for w, e in zip(weights, decay, strict=False)), Decimal(0))
            if m > 1:
                flow, end = m * (m - 1), (m - 2) * (m - 3)
                weights = [w * flow / (end - j * (j - 1)) for w, j in zip(weights, levels, strict=False)]
                weights.append(-sum(weights, Decimal(0)))  # nothing is there at t = 0
    return law[np.minimum(counts, n0 + 1)]


def production_annihilation(n: ArrayLike, a: float, k: float) -> Floats:
    """Stationary probability of n in 0 -> A (propensity a), 2A -> 0 (propensity k n(n-1)).

    a : molecules / time, k : 1 / time, both above 0.

    Notes
    -----
    The generating function solves (1 + s) G'' = (a / k) G, so that G(s) is sqrt(1 + s) I_1(2 sqrt((1 + s) a / k)) up to
    a constant: C. W. Gardiner, S. Chaturvedi, J. Stat. Phys. 17 (1977) 429, doi:10.1007/BF01014349. The Bessel
    functions I_n come from ratios of neighbours, which are continued fractions of positive terms.
    """
    counts = counts_of(n)
    positive(a=a, k=k)
    x = a / k
    z, most = 2 * math.sqrt(x), int(counts.max(initial=0))
    # log I_|n-1|(z) - log I_1(z) for n = 0, 1, ..., most
    log_bessel = np.concatenate([[0.0, math.log(ive(0, z) / ive(1, z)), 0.0],
                                 np.cumsum(np.log(_bessel_ratios(z, max(most, 2))[1:most]))])[:most + 1]
    whole = math.log(math.sqrt(2) * ive(1, math.sqrt(2) * z) / ive(1, z)) + (math.sqrt(2) - 1) * z
    every = np.arange(most + 1)
    return np.exp(every / 2 * math.log(x) - gammaln(every + 1) + log_bessel - whole)[counts]


def production_annihilation_moments(a: float, k: float) -> MeanVariance:
    """Stationary mean and variance of `production_annihilation`; the rate equation's count is sqrt(a / 2k).

    The mean is sqrt(x/2) I_0(z) / I_1(z) with x = a / k and z = 2 sqrt(2x); <n(n-1)> is x / 2.
    """
    positive(a=a, k=k)
    x = a / k
    z = 2 * math.sqrt(2 * x)
    mean = math.sqrt(x / 2) * float(ive(0, z) / ive(1, z))
    return MeanVariance(mean, x / 2 + mean - mean**2)


def dimer(n_b: ArrayLike, total: int, bind: float, unbind: float) -> Floats:
    """Stationary probability of n_b dimers in 2A <-> B with n_A + 2 n_B = total.

    bind : stochastic constant of 2A -> B, propensity bind n_A(n_A - 1)/2; unbind : of B -> 2A; both above 0.

    Notes
    -----
    A product of Poisson laws confined to the total: D. F. Anderson, G. Craciun, T. G. Kurtz, Bull. Math. Biol. 72
    (2010) 1947, doi:10.1007/s11538-010-9517-4.
    """
    counts = counts_of(n_b)
    at_least_zero(total=total, bind=bind, unbind=unbind)
    if bind == 0 or unbind == 0:
        raise NetworkError(f"bind={bind!r}, unbind={unbind!r}; both must be above 0.")
    every = np.arange(total // 2 + 1)
    log = every * math.log(bind / unbind / 2) - gammaln(every + 1) - gammaln(total - 2 * every + 1)
    weights = np.exp(log - log.max())
    inside = counts < every.size
    return np.where(inside, (weights / weights.sum())[np.where(inside, counts, 0)], 0.0)


def _bessel_ratios(z: float, size: int) -> Floats:
    """I_(m+1)(z) / I_m(z) for m = 0, ..., size - 1, from far above downward: 1 / (2(m+1)/z + the next ratio)."""
    ratios, ratio = np.empty(size), 0.0
    for m in range(size + 60 + int(4 * math.sqrt(z)) , -1, -1):
        ratio = 1 / (2 * (m + 1) / z + ratio)
        if m < size:
            ratios[m] = ratio
    return ratios
