"""One student's marks in one unit, as every table and page of a report reads them."""
from __future__ import annotations

from dataclasses import dataclass

from ..exercises import SELF_STUDY, Unit
from ..exercises.finding import AWAITING, RIGHT
from .score import Result


@dataclass(frozen=True)
class Marked:
    """One student's marks in one unit."""

    student: str
    unit: Unit
    results: tuple[Result, ...]
    problem: str = ""
    flags: tuple[str, ...] = ()  # what is odd about the notebook as a whole
    note: str = ""  # which of several notebooks counts
    numbers_of: str = ""  # the student whose given numbers were used
    remark: str = ""  # what only the instructor is told, because it names other students

    @property
    def points(self) -> float:
        return sum(each.points or 0 for each in self.results)

    def worth(self, one: Result) -> float | None:
        """Its points, None where a person has yet to give them; in a quiet unit 1 for a right answer."""
        return float(one.state == RIGHT) if self.unit.quiet else one.points

    @property
    def score(self) -> float:
        """All points; of a quiet unit the number of right answers."""
        return sum(self.worth(each) or 0 for each in self.results)

    @property
    def awaiting(self) -> int:
        """Points that a person has yet to give."""
        return sum(each.max for each in self.results if each.state == AWAITING)

    @property
    def has_points(self) -> bool:
        """False where nobody, and nothing, has looked at the answers."""
        return any(each.points is not None or each.state == AWAITING for each in self.results)

    @property
    def default_numbers(self) -> bool:
        """True where the exercises had the numbers of nobody in particular."""
        return self.numbers_of == SELF_STUDY and any(each.default for each in self.unit)
