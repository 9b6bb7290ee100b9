"""Exact integer matrices as lists of rows: Smith normal form, Hermite rows, non-negative laws by Farkas."""
from __future__ import annotations

import math

from .errors import StateSpaceError

Matrix = list[list[int]]
# Candidates for non-negative laws in one step of the elimination (about a second).
MAX_RAYS = 10_000


def identity(size: int) -> Matrix:
    """The unit matrix."""
    return [[int(i == j) for j in range(size)] for i in range(size)]


def transpose(a: Matrix, columns: int) -> Matrix:
    """Rows become columns; ``columns`` is needed where there are no rows."""
    return [[row[j] for row in a] for j in range(columns)]


def smith(a: Matrix, columns: int) -> tuple[list[int], Matrix, Matrix]:
    """(invariant factors d > 0, each dividing the next; U; V) with U a V = diag(d), U and V of determinant +-1.

    Rows of U beyond the rank span the integer left null space; columns of V beyond it the right one. Row i of U times
    any integer combination of the columns of a is a multiple of d[i].
    """
    a = [list(row) for row in a]
    u, v = identity(len(a)), identity(columns)
    factors: list[int] = []
    for k in range(min(len(a), columns)):
        if not _pivot(a, u, v, k):
            break
        while not _clear(a, u, v, k):
            pass
        if a[k][k] < 0:
            a[k], u[k] = [-x for x in a[k]], [-x for x in u[k]]
        factors.append(a[k][k])
    return factors, u, v


def _pivot(a: Matrix, u: Matrix, v: Matrix, k: int) -> bool:
    """Bring the entry of least absolute value, zeros aside, to position k, k; False where only zeros are left."""
    entries = [(abs(a[i][j]), i, j) for i in range(k, len(a)) for j in range(k, len(v)) if a[i][j]]
    if not entries:
        return False
    _, i, j = min(entries)
    a[k], a[i], u[k], u[i] = a[i], a[k], u[i], u[k]
    for row in (*a, *v):
        row[k], row[j] = row[j], row[k]
    return True


def _clear(a: Matrix, u: Matrix, v: Matrix, k: int) -> bool:
    """One round: reduce row and column k by the pivot; True when it stands alone and divides all that is left."""
    pivot = a[k][k]
    for i in range(k + 1, len(a)):
        if times := a[i][k] // pivot:
            _subtract(a[i], a[k], times)
            _subtract(u[i], u[k], times)
    for j in range(k + 1, len(v)):
        if times := a[k][j] // pivot:
            for row in (*a, *v):
                row[j] -= times * row[k]
    if any(a[i][k] for i in range(k + 1, len(a))) or any(a[k][k + 1:]):
        _pivot(a, u, v, k)
        return False
    for i in range(k + 1, len(a)):
        if any(x % pivot for x in a[i][k + 1:]):
            # Adding the row brings the entry that is not a multiple into row k, where it makes the pivot smaller.
            _subtract(a[k], a[i], -1)
            _subtract(u[k], u[i], -1)
            return False
    return True


def _subtract(row: list[int], other: list[int], times: int) -> None:
    for j, x in enumerate(other):
        row[j] -= times * x


def hermite(rows: Matrix) -> Matrix:
    """The same lattice with rows in echelon form, pivots positive, entries above a pivot reduced; no zero rows."""
    rows, done = [list(row) for row in rows], 0
    for j in range(len(rows[0]) if rows else 0):
        while True:
            left = [i for i in range(done, len(rows)) if rows[i][j]]
            if not left:
                break
            i = min(left, key=lambda i: abs(rows[i][j]))
            rows[done], rows[i] = rows[i], rows[done]
            if rows[done][j] < 0:
                rows[done] = [-x for x in rows[done]]
            for i in range(done + 1, len(rows)):
                _subtract(rows[i], rows[done], rows[i][j] // rows[done][j])
            if not any(rows[i][j] for i in range(done + 1, len(rows))):
                for i in range(done):
                    _subtract(rows[i], rows[done], rows[i][j] // rows[done][j])
                done += 1
                break
    return rows[:done]


def nonnegative_laws(a: Matrix, columns: int) -> Matrix:
    """All extreme vectors c >= 0 with c a = 0 (Farkas elimination), in lowest terms; raises where they are too many."""
    size = len(a)
    rays = [row + unit for row, unit in zip(a, identity(size), strict=True)]
    for j in range(columns):
        plus, minus = [r for r in rays if r[j] > 0], [r for r in rays if r[j] < 0]
        rays = [r for r in rays if r[j] == 0]
        if len(rays) + len(plus) * len(minus) > MAX_RAYS:
            raise StateSpaceError(f"this network has more than {MAX_RAYS} candidates for non-negative conservation "
                                  "laws; analyse a part of it.")
        for p in plus:
            for m in minus:
                ray = [-m[j] * x + p[j] * y for x, y in zip(p, m, strict=True)]
                divisor = math.gcd(*ray)
                rays.append([x // divisor for x in ray])
        rays = _smallest_supports(rays, columns)
    return sorted((ray[columns:] for ray in rays), reverse=True)


def _smallest_supports(rays: Matrix, columns: int) -> Matrix:
    """One ray for each support that contains no other: these are the extreme ones."""
    by_support: dict[int, list[int]] = {}
    for ray in rays:
        by_support.setdefault(sum(1 << i for i, x in enumerate(ray[columns:]) if x), ray)
    supports = sorted(by_support, key=int.bit_count)
    kept: list[int] = []
    for s in supports:
        if not any(k & s == k for k in kept):
            kept.append(s)
    return [by_support[s] for s in kept]
