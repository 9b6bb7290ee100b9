"""Spaces that rows span, each seen as its projector: a table that begins with its shape."""
from __future__ import annotations

from collections.abc import Sequence

SAME = 1e-4  # entries of projectors, which are echoed with 6 digits

Projector = Sequence[float]


def dimension(space: Projector) -> int:
    """How many independent rows there are: the trace."""
    size = int(space[1])
    return round(sum(space[2 + i * (size + 1)] for i in range(size)))


def inside(part: Projector, whole: Projector) -> bool:
    """True where every row of the one is a mixture of rows of the other; no row is a part of everything."""
    if not dimension(part):
        return True
    size = int(whole[1])
    if int(part[1]) != size:
        return False
    p, q = ([space[2 + i * size : 2 + (i + 1) * size] for i in range(size)] for space in (part, whole))
    return all(
        abs(sum(q[i][k] * p[k][j] for k in range(size)) - p[i][j]) < SAME for i in range(size) for j in range(size)
    )


def equal_parts(one: Projector, other: Projector, whole: Projector) -> bool:
    """True where both are parts of the whole, and of one size: which rows somebody keeps is a matter of the basis."""
    return dimension(one) == dimension(other) and inside(one, whole) and inside(other, whole)


def everything(space: Projector) -> bool:
    """True where the rows span all rows of their length, as the columns of a basis do when they are read as rows."""
    return dimension(space) == int(space[1])
