"""Which exercises tell students apart, and which beliefs a class holds: counts over its marks."""
from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..exercises import MISCONCEPTIONS, Unit
from ..exercises.finding import AWAITING, NOT_TRIED
from .marked import Marked

FEWEST = 3  # students below whom no correlation is told
RETAUGHT = 3


@dataclass(frozen=True)
class Item:
    """One exercise in one class.

    students        how many have points in it; 0 where a person has yet to give them
    difficulty      mean share of its points (p): near 1 is easy
    discrimination  correlation of its points with those of all other exercises (corrected item-total), None where a
                    class is too small or one of the two is the same for all
    not_tried       how many left it alone
    awaiting        how many a person has yet to give points to
    """

    exercise: str
    title: str
    students: int
    difficulty: float | None
    discrimination: float | None
    not_tried: int
    awaiting: int = 0


def items(unit: Unit, marked: Sequence[Marked]) -> list[Item]:
    """The statistics of every exercise, over the notebooks that could be graded.

    Points that a person has yet to give are in no statistic. Where some students have them and others not, the
    exercise counts for those who have them.

    References
    ----------
    Corrected item-total correlation: Henrysson (1963), doi:10.1007/BF02289618.
    """
    mine = [each for each in marked if each.unit.id == unit.id and not each.problem]
    found = []
    for place, exercise in enumerate(unit):
        pairs = [
            (own, each.score - own) for each in mine if (own := each.worth(each.results[place])) is not None
        ]  # fmt: skip
        most = 1 if unit.quiet else exercise.points
        difficulty = sum(own for own, _ in pairs) / len(pairs) / most if pairs and most else None
        not_tried = sum(each.results[place].state == NOT_TRIED for each in mine)
        awaiting = sum(each.results[place].state == AWAITING for each in mine)
        known = correlation(pairs)
        found.append(Item(exercise.id, exercise.title, len(pairs), difficulty, known, not_tried, awaiting))
    return found


def correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Pearson's r; None where it is not defined, or of too few students."""
    if len(pairs) < FEWEST:
        return None
    means = [math.fsum(column) / len(pairs) for column in zip(*pairs, strict=True)]
    away = [[x - mean for x in column] for column, mean in zip(zip(*pairs, strict=True), means, strict=True)]
    xx, yy, xy = (math.fsum(a * b for a, b in zip(away[i], away[j], strict=True)) for i, j in ((0, 0), (1, 1), (0, 1)))
    # Rounding leaves a spread of 1e-16 where all have the same.
    return xy / math.sqrt(xx * yy) if xx > 1e-12 and yy > 1e-12 else None


def held(unit: Unit, marked: Sequence[Marked]) -> dict[tuple[str, str], int]:
    """(belief, exercise) -> how many students gave an answer that follows from it."""
    found: dict[tuple[str, str], int] = {}
    for each in marked:
        for one in each.results if each.unit.id == unit.id else ():
            for belief in {*one.misconceptions}:
                found[belief, one.exercise] = found.get((belief, one.exercise), 0) + 1
    return found


def to_reteach(unit: Unit, marked: Sequence[Marked]) -> list[tuple[str, int, list[str]]]:
    """The beliefs that most students hold: (belief, students, exercises), three at most.

    Of two that as many students hold, the one found in more answers comes first, then the order of the course.
    """
    counts = held(unit, marked)
    people = {
        belief: {each.student for each in marked if each.unit.id == unit.id
                 for one in each.results if belief in one.misconceptions}
        for belief in dict.fromkeys(belief for belief, _ in counts)
    }  # fmt: skip
    answers = {belief: sum(n for (of, _), n in counts.items() if of == belief) for belief in people}
    order = [*MISCONCEPTIONS]
    ranked = sorted(people, key=lambda belief: (-len(people[belief]), -answers[belief], order.index(belief)))
    return [
        (belief, len(people[belief]), [each.id for each in unit if (belief, each.id) in counts])
        for belief in ranked[:RETAUGHT]
    ]  # fmt: skip
