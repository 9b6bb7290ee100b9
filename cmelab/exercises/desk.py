"""The desk: a student says who they are, asks for their numbers, has an answer checked, takes a hint."""
from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from types import CodeType
from typing import Any

from . import record
from .again import question_again
from .diagnose import SECONDS, diagnose
from .draws import SALT, SELF_STUDY, numbers_of
from .exercise import Exercise, ExerciseError, Unit
from .finding import AWAITING, NOT_TRIED, NOT_YET, RIGHT, Finding
from .units import UNITS, find, find_unit
from .verdict import COLOURS, Note, Verdict, noted, verdict

SECRETS = 5  # points drawn from a secret


class Desk:
    """Checks the exercises of some units for one student; remembers how many hints were taken since it opened."""

    def __init__(self, units: tuple[Unit, ...], *, seconds: float = SECONDS):
        self.units, self.seconds = units, seconds
        self.student, self.salt = SELF_STUDY, SALT
        self.taken: dict[str, int] = {}

    def start(self, unit: str | int, student: str = SELF_STUDY, *, salt: str = SALT) -> Note:
        """Begin a unit; `student` decides which numbers the exercises have, and `salt` keeps years apart.

        Without a call, everything is as for the student "self-study".
        """
        found = find_unit(self.units, unit)
        if not isinstance(student, str) or not student.strip() or not student.isprintable():
            raise ExerciseError(f'student={student!r}: give your name or number as text, such as student="ada".')
        self.student, self.salt = student.strip(), str(salt)
        self.taken.clear()
        count = sum(each.automatic for each in found.exercises)
        what = f"{count} exercises are checked here; together with what a person reads they give {found.points} points."
        if found.quiet:
            what = f"{count} questions without points. Answers are noted; no check says which ones are right."
        lines = [("Student", self.student), ("", what)]
        if asked := question_again(self.units, found, record.everywhere()):
            lines.append(("Before you begin", asked))
        return Note(f"Unit {found.id} · {found.title}", tuple(lines))

    def given(self, id: str) -> tuple[Any, ...]:
        """Your numbers for an exercise, in the order the exercise names them."""
        exercise = find(self.units, id)
        if not exercise.default:
            raise ExerciseError(f"Exercise {id} has no given numbers; check your answer with check({id!r}, ...).")
        return tuple(self._numbers(exercise).values())

    def _numbers(self, exercise: Exercise) -> dict[str, Any]:
        return numbers_of(exercise, self.student, salt=self.salt)

    def check(self, id: str, answer: Any) -> Verdict:
        """Check an answer: not tried, not yet or right; a wrong one is told which belief leads to it."""
        exercise = find(self.units, id)
        quiet = any(unit.quiet for unit in self.units if exercise in unit.exercises)
        finding = self._finding(exercise, answer)
        tried = finding.state != NOT_TRIED
        kept = {"state": finding.state, "attempts": int(tried), "misconceptions": finding.misconceptions}
        if not quiet:
            return verdict(exercise, finding, note=record.note(id, **kept))
        # What is no choice is not noted at all, and takes nothing away from what was.
        trouble = record.note(id, **kept, first=finding.state) if tried else record.note(id)
        return noted(exercise, finding, note=trouble)

    def earned(self, id: str, answer: Any, *, secret: str = "") -> bool:
        """True for a right answer; nothing is kept of it. A function is tried at points drawn from a secret, if given.

        The cells that give points in nbgrader ask this.
        """
        exercise = find(self.units, id)
        if secret and exercise.secret is not None:
            rng = Random(f"{secret} {id}")
            exercise = replace(exercise, probes=tuple(exercise.secret(rng) for _ in range(SECRETS)))
        return self._finding(exercise, answer).state == RIGHT

    def _finding(self, exercise: Exercise, answer: Any) -> Finding:
        if not exercise.automatic:
            if answer is None or answer is Ellipsis or not str(answer).strip():
                return Finding(NOT_TRIED, "There is no answer yet.")
            return Finding(AWAITING, "A person reads this answer and gives the points.")
        finding = diagnose(exercise, answer, self._numbers(exercise), seconds=self.seconds)
        if finding.state == RIGHT and (used := shortcuts(exercise, answer)):
            return Finding(NOT_YET, f"The values are right, but they come from {' and '.join(used)}. {OWN}")
        return finding

    def hint(self, id: str) -> Note:
        """The next hint for an exercise: a question, then a picture, then nearly the solution."""
        exercise = find(self.units, id)
        if not exercise.hints:
            return Note(f"{id} {exercise.title}", (("", "There are no hints for this exercise."),))
        level = self.taken[id] = min(self.taken.get(id, 0) + 1, len(exercise.hints))
        trouble = record.note(id, hints=level)
        lines = [("", exercise.hints[level - 1])] + ([("Note", trouble)] if trouble else [])
        return Note(f"Hint {level} of {len(exercise.hints)} · {id} {exercise.title}", tuple(lines), COLOURS[AWAITING])


OWN = "The exercise asks you to write it yourself."


def shortcuts(exercise: Exercise, answer: Any) -> list[str]:
    """The cmelab names a function uses although the exercise asks for just that."""
    cmelab = sys.modules["cmelab"]
    reached = getattr(answer, "__globals__", {})
    used = []
    for name in _names(getattr(answer, "__code__", None)):
        if name not in exercise.forbidden:
            continue
        through_package = any(reached.get(other) is cmelab for other in _names(answer.__code__))
        if through_package or (name in reached and reached[name] is getattr(cmelab, name, None)):
            used.append(f"cmelab.{name}")
    return sorted(set(used))


def _names(code: CodeType | None) -> Iterator[str]:
    """All names that a function looks up, those of functions inside it included."""
    if code is None:
        return
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names(each)


_desk = Desk(UNITS)
start, given, check, hint, earned = _desk.start, _desk.given, _desk.check, _desk.hint, _desk.earned
