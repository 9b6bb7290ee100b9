"""Averages, moment equations and closures of 2A -> 0 with a = k n(n-1), in plain numbers."""
from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

Rates = tuple[float, float]


def mean_of(f: Callable[[float], float], p: Sequence[float]) -> float:
    """<f(n)> for the law p, with p[n] the probability of n."""
    return sum(chance * f(n) for n, chance in enumerate(p))


def average_rates(p: Sequence[float], nu: int, a: Callable[[float], float]) -> Rates:
    """d<n>/dt and d<n^2>/dt of one reaction."""
    return mean_of(lambda n: nu * a(n), p), mean_of(lambda n: (2 * n * nu + nu**2) * a(n), p)


def normal_third(m: float, v: float) -> float:
    """<n^3> of a law whose third cumulant is zero."""
    return m**3 + 3 * m * v


def pair_rates(m: float, v: float, third: float, k: float) -> Rates:
    """d<n>/dt and d<n^2>/dt of 2A -> 0, with <n^3> given."""
    s = m * m + v
    return -2 * k * (s - m), -4 * k * third + 8 * k * s - 4 * k * m


def normal_flow(m: float, v: float, k: float) -> Rates:
    """dm/dt and dv/dt of the normal closure."""
    dm, ds = pair_rates(m, v, normal_third(m, v), k)
    return dm, ds - 2 * m * dm


def follow(flow: Callable[[float, float, float], Rates], n0: float, k: float, t: float) -> tuple[float, float, bool]:
    """Mean and variance at t from n0 for certain, and whether neither fell below zero on the way.

    Runge-Kutta steps of a size set by the fastest rate, 8km; after a failure nothing is followed.
    """
    m, v, now = float(n0), 0.0, 0.0
    while now < t:
        if m < 0 or v < -1e-9 or v > 1e3:
            return m, v, False
        h = min(0.15 / (k * (8 * abs(m) + 4)), t - now)
        a = flow(m, v, k)
        b = flow(m + h / 2 * a[0], v + h / 2 * a[1], k)
        c = flow(m + h / 2 * b[0], v + h / 2 * b[1], k)
        d = flow(m + h * c[0], v + h * c[1], k)
        m += h / 6 * (a[0] + 2 * b[0] + 2 * c[0] + d[0])
        v += h / 6 * (a[1] + 2 * b[1] + 2 * c[1] + d[1])
        now += h
    return m, v, m >= 0 and v >= -1e-9


def exact_mean(n0: int, k: float, t: float) -> float:
    """The mean of the master equation from n0: the exponential of its matrix, by a series and repeated squaring."""
    states = np.arange(n0, -1, -2)
    leave = k * states * (states - 1.0)
    q = (np.diag(leave[:-1], -1) - np.diag(leave)) * t
    halvings = max(0, int(np.ceil(np.log2(max(1.0, 4 * abs(q).max())))))
    step = q / 2**halvings
    p = term = np.eye(states.size)
    for i in range(1, 13):
        term = term @ step / i
        p = p + term
    for _ in range(halvings):
        p = p @ p
    return float(states @ p[:, 0])
