"""Find what was handed in, and by whom.

The student's id is the name of the notebook (`ada.ipynb` -> ada), or, where each student has a folder, the name of the
folder directly below the one that is graded (`ada/exercises.ipynb`, `ada/unit01/exercises.ipynb` -> ada). A folder
named like the hand-out of a unit, or "unit 1", is a shelf, and nobody's (`01_propensities/ada.ipynb` -> ada).
"""
from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..exercises import Unit
from .handout import unit_of
from .names import natural, readable, students
from .notebook import Cell, UnreadableNotebook, read_notebook

UNPACKED = "__MACOSX"  # a folder that unpacking leaves on some computers; nobody handed it in


@dataclass(frozen=True)
class Submission:
    """One notebook of one student; `problem` says why it cannot be graded, `note` which others do not count."""

    student: str
    path: Path
    cells: tuple[Cell, ...] = ()
    unit: Unit | None = None
    problem: str = ""
    note: str = ""


def find_submissions(
    folder: Path, units: Sequence[Unit], *, report: Path, shelves: Collection[str] = ()
) -> list[Submission]:
    """Every submission in a folder, by student and unit, read before anything of it runs.

    Of several notebooks of one student for one unit the newest counts, and `note` names all of them. `shelves` are
    names of folders that hold the notebooks of many students.
    """
    only = units[0] if len(units) == 1 else None
    shelves = shelves_in(folder, units, shelves)
    paths = [path for path in files(folder, report) if is_notebook(path)]
    places = [each for top in _tops(folder, shelves) for each in top.iterdir()
              if each.is_dir() and not skipped(each, report) and not (top == folder and each.name in shelves)]
    tops = {path: _top(folder, path, shelves) for path in paths}
    whose = students({*tops.values(), *(each.name for each in places)})
    found: dict[str, list[Submission]] = {}
    for path in paths:
        student = whose[tops[path]]
        found.setdefault(student, []).append(read_submission(student, path, units))
    for place in places:
        student = whose[place.name]
        if student not in found:
            found[student] = [Submission(student, place, (), only, "there is no notebook in this folder.")]
    return [each for name in sorted(found, key=lambda name: (name.casefold(), name))
            for each in counted(folder, found[name])]  # fmt: skip


def shelves_in(folder: Path, units: Sequence[Unit], named: Collection[str]) -> set[str]:
    """The names of the folders for many students: the given ones, and what is called "unit01", "Unit 1" or alike."""
    numbers = {int(each.id) for each in units if each.id.isdecimal()}
    places = ((each, re.fullmatch(r"unit[ _-]?(\d{1,3})", each.name, re.I)) for each in folder.iterdir())
    return {each.name for each, found in places if found and int(found[1]) in numbers and each.is_dir()} | {*named}


def counted(folder: Path, mine: Sequence[Submission]) -> list[Submission]:
    """Of one student's notebooks the one that counts for each unit."""
    broken = [each for each in mine if each.problem]
    groups: dict[str, list[Submission]] = {}
    for each in mine:
        if each.unit is not None and not each.problem:
            groups.setdefault(each.unit.id, []).append(each)
    if not groups:
        groups, broken = {"": broken}, []
    chosen = []
    for _, group in sorted(groups.items()):
        *others, best = sorted(group, key=lambda each: (modified(each), natural(each.path.stem)))
        chosen.append(replace(best, note=copies(folder, best, others, broken)))
        broken = []
    return chosen


def copies(folder: Path, best: Submission, others: Sequence[Submission], broken: Sequence[Submission]) -> str:
    """A sentence that names every notebook of a student who handed in several; nothing where there is one."""
    if not others and not broken:
        return ""
    if not others:
        why = "the only one that can be graded"
    elif modified(best) == modified(others[-1]):
        why = "the last by name, since they were saved at the same time"
    else:
        why = "the newest that can be graded" if broken else "the newest"
    name, *rest = (readable(str(each.path.relative_to(folder))) for each in (best, *others, *broken))
    return f"{1 + len(rest)} notebooks were handed in. {name} counts: it is {why}. Not graded: {', '.join(rest)}."


def modified(submission: Submission) -> int:
    """When the file was saved, in ns."""
    try:
        return submission.path.stat().st_mtime_ns
    except OSError:
        return 0


def files(folder: Path, report: Path, *, hidden: bool = False) -> list[Path]:
    """All files below a folder but the report's; those that nobody handed in only where `hidden` is asked for."""
    found = []
    for place, below, names in os.walk(folder):
        here = Path(place)
        below[:] = sorted(name for name in below if not skipped(here / name, report, hidden=hidden))
        found += [here / name for name in sorted(names) if hidden or not name.startswith(".")]
    return found


def skipped(place: Path, report: Path, *, hidden: bool = False) -> bool:
    """True for a folder that holds nothing handed in, or where `hidden` is asked for, for the report's alone."""
    unseen = place.name.startswith(".") or place.name == UNPACKED
    return (unseen and not hidden) or place.resolve() == report.resolve()


def is_notebook(path: Path) -> bool:
    """True by its name, however that is spelt (`karl.IPYNB`)."""
    return path.suffix.lower() == ".ipynb"


def ignored_files(folder: Path, report: Path) -> list[str]:
    """The names of the files that are no notebooks, which nobody grades."""
    return [readable(str(path.relative_to(folder))) for path in files(folder, report) if not is_notebook(path)]


def _tops(folder: Path, shelves: Collection[str]) -> list[Path]:
    """The graded folder, and the shelves in it."""
    return [folder, *(folder / each for each in sorted(shelves) if (folder / each).is_dir())]


def _top(folder: Path, path: Path, shelves: Collection[str]) -> str:
    """The folder directly below the graded one or a shelf in it, or the notebook's own name."""
    first, *rest = path.relative_to(folder).parts
    if rest and first in shelves:
        first, *rest = rest
    return first if rest else path.stem


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
