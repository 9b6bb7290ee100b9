"""Exact rows: null spaces by elimination in fractions, and what whole numbers of jumps add up to."""
from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

Table = Sequence[Sequence[int]]
Rows = list[list[int]]


def transposed(a: Table) -> Rows:
    """Rows become columns."""
    return [list(column) for column in zip(*a, strict=True)]


def reduced(a: Table) -> tuple[list[list[Fraction]], list[int]]:
    """Reduced echelon form, without rows of zeros, and the columns of its pivots."""
    rows, pivots = [[Fraction(x) for x in row] for row in a], []
    for j in range(len(a[0])):
        done = len(pivots)
        i = next((i for i in range(done, len(rows)) if rows[i][j]), None)
        if i is None:
            continue
        rows[done], rows[i] = rows[i], rows[done]
        rows[done] = [x / rows[done][j] for x in rows[done]]
        for k, row in enumerate(rows):
            if k != done and row[j]:
                rows[k] = [x - row[j] * y for x, y in zip(row, rows[done], strict=True)]
        pivots.append(j)
    return rows[: len(pivots)], pivots


def rank(a: Table) -> int:
    """Number of independent rows, which is that of independent columns."""
    return len(reduced(a)[1])


def right_null(a: Table) -> Rows:
    """A basis of all v with a v = 0, in whole numbers."""
    rows, pivots = reduced(a)
    found = []
    for free in (j for j in range(len(a[0])) if j not in pivots):
        v = [Fraction(int(j == free)) for j in range(len(a[0]))]
        for row, pivot in zip(rows, pivots, strict=True):
            v[pivot] = -row[free]
        scale = math.lcm(*(x.denominator for x in v))
        found.append([int(x * scale) for x in v])
    return found


def left_null(a: Table) -> Rows:
    """A basis of all c with c a = 0, in whole numbers: the conservation laws."""
    return right_null(transposed(a))


def moved(state: tuple[int, ...], nu: Sequence[int]) -> tuple[int, ...]:
    """The state after one event."""
    return tuple(n + x for n, x in zip(state, nu, strict=True))
