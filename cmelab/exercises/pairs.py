"""Two beliefs at once: what a student gives who holds both, where each of them changes the right value by a factor."""
from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from .exercise import Exercise
from .misconceptions import parts

# A row of values, or None at a point where two factors do not tell what both beliefs give.
Known = tuple[tuple[float, ...] | None, ...]


def pairs(exercise: Exercise, given: Mapping[str, Any]) -> dict[str, Known]:
    """What every pair of single wrong models gives: right times one factor times the other.

    Two variants of one belief exclude each other, and a pair that the exercise lists has a model of its own. Of a
    function at least two points must tell, so that no pair is named by chance.
    """
    if exercise.judged:
        return {}
    right = exercise.values("right", given)
    single = {key: exercise.values(key, given) for key in exercise.wrong if "+" not in key}
    listed = {frozenset(key.split("+")) for key in exercise.wrong}
    found: dict[str, Known] = {}
    for a, b in combinations(single, 2):
        if parts(a) == parts(b) or frozenset((a, b)) in listed:
            continue
        rows = zip(single[a], single[b], right, strict=True)
        model = tuple(_product(*row) if len({*map(len, row)}) == 1 else None for row in rows)
        # Where both beliefs give what is right, or no product is known, nothing tells.
        telling = sum(row is not None and any(row) and row != r for row, r in zip(model, right, strict=True))
        if telling >= (2 if exercise.kind == "function" else 1):
            found[f"{a}+{b}"] = model
    return found


def _product(one: tuple[float, ...], other: tuple[float, ...], right: tuple[float, ...]) -> tuple[float, ...] | None:
    """The values of both together; None where the right value is 0 and a belief makes something of it."""
    triples = [*zip(one, other, right, strict=True)]
    if any(r == 0 and (x or y) for x, y, r in triples):
        return None
    return tuple(x * y / r if r else 0.0 for x, y, r in triples)
