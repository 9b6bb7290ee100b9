"""What was handed out: the instructor's own copy of a unit's exercises, which a submission is measured against."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..exercises import Unit
from .notebook import Cell, read_notebook

# The handed-out notebook is preferred; the solutions have the same cells.
NAMES = ("exercises.ipynb", "solutions.ipynb")


class HandoutError(RuntimeError):
    """The instructor's copy is missing or does not fit the exercises."""


@dataclass(frozen=True)
class Handout:
    """A unit with the cells of its pristine notebook."""

    unit: Unit
    path: Path
    cells: tuple[Cell, ...]

    @cached_property
    def places(self) -> dict[str, int]:
        """Mark -> index of the cell that carries it."""
        return {mark: index for index, cell in reversed([*enumerate(self.cells)]) for mark in cell.marks}

    def place(self, cell: Cell) -> int | None:
        """Which cell of the hand-out a submitted cell is; None for a student's own."""
        return next((self.places[mark] for mark in cell.marks if mark in self.places), None)

    def answer(self, exercise: str) -> int:
        """The index of an exercise's answer cell."""
        return self._index(exercise, ("answer", "text"))

    def check(self, exercise: str) -> int:
        """The index of an exercise's check cell, or of its answer where it has none."""
        found = [i for i, c in enumerate(self.cells) if c.exercise == exercise and c.kind == "check"]
        return found[0] if found else self.answer(exercise)

    def _index(self, exercise: str, kinds: Sequence[str]) -> int:
        for index, cell in enumerate(self.cells):
            if cell.exercise == exercise and cell.kind in kinds:
                return index
        raise HandoutError(f"{self.path} has no answer cell for exercise {exercise}; `cmelab build` makes it anew.")


def course_folder(course: Path | None = None) -> Path:
    """The folder with the units: the one given, that of this clone, or `course` below the present folder."""
    if course is not None:
        places = (course,)
    else:
        places = (Path(__file__).resolve().parents[2] / "course", Path.cwd() / "course", Path.cwd())
    for place in places:
        if any(next(place.glob(f"[0-9][0-9]*/{name}"), None) for name in NAMES):
            return place
    raise HandoutError(
        f"there is no {places[0]}/01_.../{NAMES[0]} to grade against. Run this in a clone of cmelab; "
        "`cmelab build` makes the notebooks from their sources."
    )


def handout(unit: Unit, course: Path | None = None) -> Handout:
    """The pristine notebook of a unit.

    Raises
    ------
    HandoutError
        There is none, or it lacks an answer cell of an exercise.
    """
    folder = course_folder(course)
    for name in NAMES:
        for path in sorted(folder.glob(f"{unit.id}*/{name}")):
            found = Handout(unit, path, read_notebook(path)[0])
            for exercise in unit.exercises:
                found.answer(exercise.id)
            return found
    raise HandoutError(f"{folder} has no notebook for unit {unit.id}; `cmelab build {unit.id}` makes it.")


def unit_of(cells: Sequence[Cell], units: Sequence[Unit]) -> Unit | None:
    """The unit a notebook belongs to: the one most of whose exercises it names; None where it names none."""
    named = {cell.exercise for cell in cells} | {mark for cell in cells for mark in cell.marks}
    ids = {unit.id: sum(_named(each.id, named) for each in unit.exercises) for unit in units}
    best = max(units, key=lambda unit: ids[unit.id])
    return best if ids[best.id] else None


def _named(exercise: str, named: set[str]) -> bool:
    return exercise in named or f"answer-{exercise.replace('.', '-')}" in named
