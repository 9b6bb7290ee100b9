"""Find what was handed in, and by whom.

The student's id is the name of the notebook (`ada.ipynb` -> ada), or, where each student has a folder, the name of the
folder directly below the one that is graded (`ada/exercises.ipynb`, `ada/unit01/exercises.ipynb` -> ada).
"""
from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..exercises import Unit
from .handout import unit_of
from .notebook import Cell, UnreadableNotebook, read_notebook


@dataclass(frozen=True)
class Submission:
    """One notebook of one student; `problem` says why it cannot be graded."""

    student: str
    path: Path
    cells: tuple[Cell, ...] = ()
    unit: Unit | None = None
    problem: str = ""
    flags: tuple[str, ...] = ()


def find_submissions(folder: Path, units: Sequence[Unit], *, report: Path) -> list[Submission]:
    """Every submission in a folder, by student and unit, read before anything of it runs.

    Of several notebooks of one student for one unit the last by name counts, and the flag names the others.
    """
    found: dict[tuple[str, str], list[Submission]] = {}
    with_notebook = set()
    for path in notebooks(folder, report):
        student = student_id(folder, path)
        with_notebook.add(student)
        submission = read_submission(student, path, units)
        found.setdefault((student, submission.unit.id if submission.unit else ""), []).append(submission)
    for place in sorted(folder.iterdir()):
        student = readable(place.name)
        if place.is_dir() and not place.name.startswith(".") and place != report and student not in with_notebook:
            only = units[0] if len(units) == 1 else None
            found[student, ""] = [Submission(student, place, (), only, "there is no notebook in this folder.")]
    chosen = []
    graded = {student for (student, _), each in found.items() if not all(one.problem for one in each)}
    for key in sorted(found):
        if key[0] in graded and all(each.problem for each in found[key]):
            continue
        *others, last = sorted(found[key], key=lambda each: (not each.problem, str(each.path)))
        if others:
            names = ", ".join(readable(str(each.path.relative_to(folder))) for each in others)
            last = Submission(last.student, last.path, last.cells, last.unit, last.problem, (f"not graded: {names}",))
        chosen.append(last)
    return chosen


def notebooks(folder: Path, report: Path) -> list[Path]:
    """All notebook files below a folder, but for hidden folders and the report."""
    found = []
    for place, below, names in os.walk(folder):
        here = Path(place)
        below[:] = sorted(n for n in below if not n.startswith(".") and (here / n).resolve() != report.resolve())
        found += [here / name for name in sorted(names) if name.endswith(".ipynb") and not name.startswith(".")]
    return found


def student_id(folder: Path, path: Path) -> str:
    """Whose notebook it is."""
    first, *rest = path.relative_to(folder).parts
    return readable(first if rest else path.stem)


def readable(name: str) -> str:
    """A file name as text that can be printed and written anywhere."""
    text = name.encode("utf-8", "backslashreplace").decode()
    return "".join(each if each.isprintable() else "?" for each in text).strip() or "?"


def read_submission(student: str, path: Path, units: Sequence[Unit]) -> Submission:
    """One notebook as a submission."""
    only = units[0] if len(units) == 1 else None
    try:
        cells, _ = read_notebook(path)
    except UnreadableNotebook as error:
        return Submission(student, path, (), only, str(error))
    unit = unit_of(cells, units)
    if unit is None:
        return Submission(student, path, cells, only, "the notebook has none of the exercises of this course.")
    return Submission(student, path, cells, unit)
