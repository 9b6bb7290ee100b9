"""Elimination of states one by one without a subtraction, so that every entry keeps its digits (Grassmann et al.).

A chain of N states is stored by bands: q[n, lower + j - n] is the rate from state n to state j, for j from n - lower to
n + upper; leave[n] is the rate of leaving the chain for good.
"""
from __future__ import annotations

from .jit import njit

# Mantissas are rescaled by this power of two when they come near the ends of what a float can hold.
_SHIFT = 400
_HUGE, _TINY = 2.0**_SHIFT, 2.0**-_SHIFT


@njit
def eliminate(q, leave, lower, upper, out):
    """Take out states N-1, N-2, ..., 1; what remains is the chain watched only while it is among lower states.

    q : (N, lower + upper + 1) float64, overwritten; the diagonal is not read
    leave : (N,) float64, overwritten
    out : (N,) float64, filled with the total rate out of each state, to lower ones and away, when it is taken out
    """
    for n in range(leave.size - 1, -1, -1):
        first = max(0, n - lower)
        total = leave[n]
        for j in range(first, n):
            total += q[n, lower + j - n]
        out[n] = total
        for i in range(max(0, n - upper), n):
            share = q[i, lower + n - i] / total
            if share > 0.0:
                leave[i] += share * leave[n]
                for j in range(first, n):
                    q[i, lower + j - i] += share * q[n, lower + j - n]


@njit
def law(q, lower, upper, out, p, exponent):
    """Stationary weights p[n] * 2^(400 exponent[n]) of an eliminated chain that nothing leaves.

    p : (N,) float64, filled
    exponent : (N,) int64, filled; keeps weights that lie hundreds of decades apart
    """
    p[0], exponent[0] = 1.0, 0
    for n in range(1, p.size):
        first = max(0, n - upper)
        top = -2**62
        for i in range(first, n):
            if q[i, lower + n - i] > 0.0:
                top = max(top, exponent[i])
        total = 0.0
        for i in range(first, n):
            if q[i, lower + n - i] > 0.0 and top - exponent[i] < 3:
                total += p[i] * _TINY**(top - exponent[i]) * q[i, lower + n - i]
        value = total / out[n]
        if value > _HUGE:
            value, top = value * _TINY, top + 1
        elif 0.0 < value < _TINY:
            value, top = value * _HUGE, top - 1
        p[n], exponent[n] = value, top


@njit
def expectations(q, lower, upper, out, f):
    """Expected sum of f(state) dt until the chain is left, from each state, for an eliminated chain.

    f : (N,) float64, overwritten with the answer
    """
    for n in range(f.size - 1, 0, -1):
        if f[n] > 0.0:
            for i in range(max(0, n - upper), n):
                f[i] += q[i, lower + n - i] / out[n] * f[n]
    for n in range(f.size):
        value = f[n]
        for j in range(max(0, n - lower), n):
            # An infinite time behind a rate of zero must not become NaN.
            if q[n, lower + j - n] > 0.0:
                value += q[n, lower + j - n] * f[j]
        f[n] = value / out[n] if value > 0.0 else 0.0


@njit
def occupation(q, lower, upper, out, start):
    """Expected time in each state until the chain is left, for an eliminated chain.

    start : (N,) float64, weights of the starting states; overwritten with the answer
    """
    for n in range(start.size - 1, 0, -1):
        for j in range(max(0, n - lower), n):
            start[j] += start[n] * q[n, lower + j - n] / out[n]
    for n in range(start.size):
        value = start[n]
        for i in range(max(0, n - upper), n):
            value += start[i] * q[i, lower + n - i]
        start[n] = value / out[n]
