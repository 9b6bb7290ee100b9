"""Exact moments of the count at the end of a run, for the right simulator and for wrong ones.

A rule with exponential waits is a jump process, if not always the right one: its law is a matrix exponential.
"""
from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

MOST = 45  # molecules, of runs whose mean stays below 12

Rule = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def moments(n0: int, t: float, k: float, gamma: float) -> tuple[float, float]:
    """Mean and mean square at t: survivors of the first n0, and a Poisson number of later ones."""
    alive = np.exp(-gamma * t)
    made = k / gamma * (1 - alive)
    mean = n0 * alive + made
    return mean, n0 * alive * (1 - alive) + made + mean**2


def rates(n: int, k: float, gamma: float) -> NDArray[np.float64]:
    """The propensities of making and of losing a molecule."""
    return np.array([k, gamma * n])


def long_for_large(a: NDArray[np.float64]) -> NDArray[np.float64]:
    """S1: the mean wait is a0, so that a reaction fires at the rate a_r/a0 per a0."""
    return a / a.sum() ** 2


def ignored(a: NDArray[np.float64]) -> NDArray[np.float64]:
    """S1: the mean wait is 1, whatever the propensities are."""
    return a / a.sum()


def largest(a: NDArray[np.float64]) -> NDArray[np.float64]:
    """S2: all events go to the largest propensity."""
    return np.where(np.arange(len(a)) == a.argmax(), a.sum(), 0.0)


def alike(a: NDArray[np.float64]) -> NDArray[np.float64]:
    """S2: events are shared evenly among the reactions that can fire."""
    return a.sum() * (a > 0) / (a > 0).sum()


@lru_cache(maxsize=64)
def under(rule: Rule, n0: int, t: float, k: float, gamma: float) -> tuple[float, float]:
    """Mean and mean square at t, where a rule turns the propensities into the rates at which reactions fire."""
    g = np.zeros((MOST, MOST))
    for n in range(MOST):
        a = rates(n, k, gamma)
        up, down = rule(a) if a.sum() > 0 else (0.0, 0.0)
        for m, rate in ((n + 1, up), (n - 1, down)):
            if 0 <= m < MOST:
                g[m, n] += rate
                g[n, n] -= rate
    return _two(_after(g, t)[:, n0])


@lru_cache(maxsize=64)
def own_clocks(n0: int, t: float, k: float, gamma: float) -> tuple[float, float]:
    """S3: the wheel turns first, and the reaction it names waits by its own propensity."""
    g = np.zeros((2 * MOST, 2 * MOST))
    for n in range(MOST):
        for r, rate in enumerate(rates(n, k, gamma)):
            m = n + 1 - 2 * r
            if 0 <= m < MOST and rate > 0:
                g[2 * m : 2 * m + 2, 2 * n + r] += rate * _shares(m, k, gamma)
                g[2 * n + r, 2 * n + r] -= rate
    start = np.zeros(2 * MOST)
    start[2 * n0 : 2 * n0 + 2] = _shares(n0, k, gamma)
    return _two((_after(g, t) @ start).reshape(MOST, 2).sum(axis=1))


@lru_cache(maxsize=64)
def one_too_many(n0: int, t: float, k: float, gamma: float) -> tuple[float, float]:
    """S6: the event that comes after t is already counted at t."""
    p, n = binomial_and_poisson(n0, t, k, gamma), np.arange(MOST)
    up = k / np.maximum(k + gamma * n, 1e-300)
    step = np.where(n > 0, 2 * up - 1, 1.0 if k > 0 else 0.0)
    after = n + step
    # The step is +1 or -1, so its square is 1 wherever anything can fire.
    square = n**2 + 2 * n * step + ((n > 0) | (k > 0))
    return float(p @ after), float(p @ square)


def binomial_and_poisson(n0: int, t: float, k: float, gamma: float) -> NDArray[np.float64]:
    """P(n, t) for n = 0, 1, ...: survivors one by one, then later molecules."""
    alive = np.exp(-gamma * t)
    p = np.zeros(MOST)
    made = k / gamma * (1 - alive)
    p[0] = np.exp(-made)
    for n in range(1, MOST):
        p[n] = p[n - 1] * made / n
    for _ in range(n0):
        p = (1 - alive) * p + alive * np.concatenate([[0.0], p[:-1]])
    return p


def _shares(n: int, k: float, gamma: float) -> NDArray[np.float64]:
    a = rates(n, k, gamma)
    return a / a.sum() if a.sum() > 0 else np.array([1.0, 0.0])


def _two(p: NDArray[np.float64]) -> tuple[float, float]:
    n = np.arange(len(p))
    return float(n @ p), float(n**2 @ p)


def _after(g: NDArray[np.float64], t: float) -> NDArray[np.float64]:
    """exp(g t) by scaling and squaring of a Taylor polynomial."""
    halvings = max(0, int(np.ceil(np.log2(max(np.abs(g * t).sum(axis=0).max(), 1e-300)))) + 2)
    small = g * t / 2**halvings
    term = total = np.eye(len(g))
    for i in range(1, 13):
        term = term @ small / i
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return total
