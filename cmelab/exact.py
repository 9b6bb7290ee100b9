"""Closed-form laws: oracle of the tests, line of the plots, theory of the lessons, answer of the checks.

Counts n are whole numbers >= 0 (any shape), times in 1/rate; each function returns probabilities or moments.
"""
from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc, gammaln, xlogy

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


def langevin_birth_death(x: ArrayLike, mean: float) -> NDArray[np.float64]:
    """Stationary probability density of the chemical Langevin equation of 0 -> M, M -> 0 at the real count x.

    With one combined noise, dx = (k - gamma x) dt + sqrt(k + gamma x) dW: x + m follows a gamma law of shape 4m and
    rate 2, m = k / gamma > 0. It lives above -m, has the mean, variance and third cumulant of the Poisson law, and is
    the law of separate noises too as long as x stays above zero.

    Notes
    -----
    The solution of 0 = -d/dx[(k - gamma x) p] + 1/2 d^2/dx^2[(k + gamma x) p] without a current, for the equation of
    D. T. Gillespie, J. Chem. Phys. 113 (2000) 297, doi:10.1063/1.481811.
    """
    m, y = _positive(mean=mean), np.asarray(x, float) + mean
    inside = y > 0
    shape = 4 * m
    log_density = shape * math.log(2.0) + xlogy(shape - 1, np.where(inside, y, 1.0)) - 2 * y - gammaln(shape)
    return np.where(inside, np.exp(np.where(inside, log_density, 0.0)), 0.0)


def langevin_birth_death_below_zero(mean: float) -> float:
    """Probability that the law of `langevin_birth_death` gives to negative counts: 0.14 at mean 1, 0.05 at 2."""
    m = _positive(mean=mean)
    return float(gammainc(4 * m, 2 * m))


# Stationary laws, currents and extinction times


def ladder(up: ArrayLike, down: ArrayLike) -> NDArray[np.float64]:
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


def schlogl(c1: float, c2: float, c3: float, c4: float, most: int) -> NDArray[np.float64]:
    """Stationary law (most + 1,) of 2X -> 3X (c1), 3X -> 2X (c2), 0 -> X (c3), X -> 0 (c4), stochastic constants.

    Cut off above ``most`` and summing to one there. At least c3 and c4 must be above 0.

    Notes
    -----
    M. Vellela, H. Qian, J. R. Soc. Interface 6 (2009) 925, doi:10.1098/rsif.2008.0476.
    """
    _at_least_zero(c1=c1, c2=c2, c3=c3, c4=c4, most=most)
    n = np.arange(most, dtype=float)
    return ladder(c3 + c1 * n * (n - 1) / 2, c4 * (n + 1) + c2 * (n + 1) * n * (n - 1) / 6)


def cycle_law(n: ArrayLike, rates: ArrayLike) -> NDArray[np.float64]:
    """Stationary probability of counts n (..., S) in A -> B -> ... -> A, each molecule moving on by itself.

    rates : (S,) of leaving each species, > 0. Multinomial: each molecule is in a species for a time 1 / rate.

    Notes
    -----
    Complex balanced, without detailed balance: D. F. Anderson, G. Craciun, T. G. Kurtz, Bull. Math. Biol. 72 (2010)
    1947, doi:10.1007/s11538-010-9517-4.
    """
    counts, rates = _counts(n), np.asarray(rates, float)
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


def dimer(n_b: ArrayLike, total: int, bind: float, unbind: float) -> NDArray[np.float64]:
    """Stationary probability of n_b dimers in 2A <-> B with n_A + 2 n_B = total.

    bind : stochastic constant of 2A -> B, propensity bind n_A(n_A - 1)/2; unbind : of B -> 2A; both above 0.

    Notes
    -----
    A product of Poisson laws confined to the total: D. F. Anderson, G. Craciun, T. G. Kurtz, Bull. Math. Biol. 72
    (2010) 1947, doi:10.1007/s11538-010-9517-4.
    """
    counts = _counts(n_b)
    _at_least_zero(total=total, bind=bind, unbind=unbind)
    if bind == 0 or unbind == 0:
        raise NetworkError(f"bind={bind!r}, unbind={unbind!r}; both must be above 0.")
    every = np.arange(total // 2 + 1)
    log = every * math.log(bind / unbind / 2) - gammaln(every + 1) - gammaln(total - 2 * every + 1)
    weights = np.exp(log - log.max())
    inside = counts < every.size
    return np.where(inside, (weights / weights.sum())[np.where(inside, counts, 0)], 0.0)


def sis_extinction_time(population: int, r0: float, infected: int, recovery: float = 1.0) -> float:
    """Mean time until nobody is infected in S + I -> 2I (propensity r0 recovery I (N - I) / N), I -> S (recovery I).

    Notes
    -----
    A sum of positive terms by r_n = (1 + b_n r_(n+1)) / d_n, the mean time from n to n - 1: C. R. Doering,
    K. V. Sargsyan, L. M. Sander, Multiscale Model. Simul. 3 (2005) 283, doi:10.1137/030602800.
    """
    _at_least_zero(population=population, r0=r0, infected=infected, recovery=recovery)
    if infected > population or recovery == 0:
        raise NetworkError(f"infected={infected!r} of population={population!r}, recovery={recovery!r}; at most all "
                           "are infected, and recovery must be above 0.")
    step, total = 0.0, 0.0
    for n in range(population, 0, -1):
        step = (1 / recovery + r0 * n * (population - n) / population * step) / n
        total += step if n <= infected else 0.0
    return total


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


def _positive(**values: float) -> float:
    for name, value in values.items():
        if not 0 < value < math.inf:
            raise NetworkError(f"{name}={value!r}; it must be a finite number > 0.")
    return next(iter(values.values()))
