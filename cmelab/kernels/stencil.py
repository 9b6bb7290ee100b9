"""The master equation on a box of a lattice: rates at every cell, and powers of the jump probabilities by shifts.

A box is stored row by row: ``rows`` rows of ``length`` cells along the last axis, cell = row * length + k.
"""
from __future__ import annotations

import numpy as np

from .jit import njit
from .propensity import propensities

INSIDE, OUTSIDE, BROKEN = 0, 1, 2
# Weights of no more than this are left out, which only lowers the sum.
NEGLIGIBLE = 1e-25


@njit
def fill_rates(network, moving, origin, basis, low, shape, upper, stack, a, rates, kind):
    """Rate of every moving reaction at every cell of a box; the state of cell z is origin + z basis.

    moving : (M,) int64, the reactions that change the state
    origin : (S,), basis : (D, S), low, shape : (D,), upper : (S,) int64, the largest counts kept
    rates  : (M, N) float64, filled; zero where a count is negative or above upper, so that such cells keep what comes
    kind   : (N,) int8, filled: INSIDE, OUTSIDE, or BROKEN where a propensity is negative, infinite or not a number
    Returns the largest total rate out of a cell.
    """
    length, fastest = shape[-1], 0.0
    n = origin.copy()
    for row in range(kind.size // length):
        left = row
        for s in range(n.size):
            n[s] = origin[s] + low[-1] * basis[-1, s]
        for d in range(shape.size - 2, -1, -1):
            z = low[d] + left % shape[d]
            left //= shape[d]
            for s in range(n.size):
                n[s] += z * basis[d, s]
        for k in range(length):
            cell, here = row * length + k, INSIDE
            for s in range(n.size):
                if n[s] < 0 or n[s] > upper[s]:
                    here = OUTSIDE
            if here == INSIDE:
                propensities(network, n, stack, a)
                for r in range(a.size):
                    if not 0.0 <= a[r] < np.inf:
                        here = BROKEN
            total = 0.0
            for m in range(moving.size):
                rates[m, cell] = a[moving[m]] if here == INSIDE else 0.0
                total += rates[m, cell]
            kind[cell] = here
            fastest = max(fastest, total)
            for s in range(n.size):
                n[s] += basis[-1, s]
    return fastest


@njit
def stencil_powers(rates, scale, source, shift, length, weights, p, q, stay, total):
    """total (N,) = sum_k weights[k] M^k p, where M moves the fraction scale * rate of each cell along its reaction.

    rates  : (M, N) float64, scale * (sum over M) <= 1
    source : (rows, M) int64, the row that reaction m leads from to this row, -1 where that lies outside the box
    shift  : (M,) int64, how far reaction m moves along a row
    p      : (N,) float64, the start, overwritten; q, stay : (N,) scratch
    Only sums of products of non-negative numbers, so nothing goes below 0; what leaves the box is gone.
    """
    one, cells = np.uint64(length), p.size
    for i in range(cells):
        away = 0.0
        for m in range(shift.size):
            away += scale * rates[m, i]
        # Rounding may put the fastest cell one unit in the last place above 1.
        stay[i] = max(0.0, 1.0 - away)
        total[i] = weights[0] * p[i]
    for step in range(1, weights.size):
        weight = weights[step]
        for row in range(cells // length):
            # Unsigned indices need no test for negative ones, which lets the compiler use whole vectors.
            here = np.uint64(row * length)
            for k in range(one):
                q[here + k] = stay[here + k] * p[here + k]
            for m in range(shift.size):
                if source[row, m] < 0 or abs(shift[m]) >= length:
                    continue
                rate, first = rates[m], max(0, shift[m])
                to = np.uint64(row * length + first)
                come = np.uint64(source[row, m] * length + first - shift[m])
                for k in range(np.uint64(length - abs(shift[m]))):
                    q[to + k] += scale * rate[come + k] * p[come + k]
            if weight > NEGLIGIBLE:
                for k in range(one):
                    total[here + k] += weight * q[here + k]
        p, q = q, p
