"""Tables that Canvas and Moodle import: canvas.csv and moodle.csv, with what the roster knows of each student.

Canvas's importer wants `Student` and `ID` first, `Section` last before the assignments, and the points possible in a
row of their own. Moodle's asks which column names the student and which holds the grade.
"""
from __future__ import annotations

import re
from collections.abc import Sequence

from ..exercises import Unit
from ..exercises.finding import AWAITING
from .marked import Marked
from .roster import Person, find
from .tables import table

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("First name", "Last name", "ID number", "Email address")
# Canvas adds the assignment's number to its name when it exports a gradebook.
NUMBERED = re.compile(r"^(.*\S) \(\d+\)$")


def rows_of(marked: Sequence[Marked], people: Sequence[Person]) -> list[tuple[Person, list[Marked]]]:
    """Every student of the roster with their marks, then those who are not in it, which no gradebook knows."""
    mine: dict[Person, list[Marked]] = {each: [] for each in people}
    strangers: dict[str, list[Marked]] = {}
    for each in marked:
        person = find(people, each.student, each.numbers_of)
        (strangers.setdefault(each.student, []) if person is None else mine[person]).append(each)
    return [*mine.items(), *((Person(name, name), its) for name, its in strangers.items())]


def known_to(marked: Sequence[Marked], people: Sequence[Person]) -> list[tuple[Person, list[Marked]]]:
    """The rows of a gradebook: the roster's students, or everybody where there is no roster."""
    return rows_of(marked, people)[: len(people) or None]


def about_roster(marked: Sequence[Marked], people: Sequence[Person]) -> list[str]:
    """Sentences on students without a notebook, notebooks without a student, and totals that are not final."""
    said = []
    if people:
        rows = rows_of(marked, people)
        if absent := [person.name or person.id for person, its in rows[: len(people)] if not its]:
            said.append(f"In the roster, but without a notebook: {'; '.join(absent)}.")
        if strangers := [person.id for person, _ in rows[len(people) :]]:
            said.append(f"Not in the roster, or fitting several of its people: {'; '.join(strangers)}.")
        for person, its in rows[: len(people)]:
            if len({each.student for each in its}) > 1:
                said.append(f"Several notebooks fit {person.name or person.id}, so canvas.csv and moodle.csv have no "
                            f"points there: {', '.join(dict.fromkeys(each.student for each in its))}. Leave the one "
                            "that counts where it is, take the others out, and run this again.")  # fmt: skip
    if waiting := sum(bool(each.awaiting) for each in marked):
        said.append(
            f"{waiting} notebook{'s' * (waiting != 1)} with answers that a person reads: fill awaiting.csv, save it as "
            "marks.csv and run this again. Until then canvas.csv and moodle.csv are not final."
        )
    return said


def canvas_csv(marked: Sequence[Marked], people: Sequence[Person] = ()) -> str:
    """One row per student; a blank where there is no grade, which leaves what Canvas has."""
    units = _units(marked)
    exported = [name for person in people[:1] for name in person.columns]
    titles = [
        next((name for own in (title(unit), f"Unit {unit.id}") for name in exported if _bare(name) == own), title(unit))
        for unit in units
    ]
    rows: list[Sequence[object]] = [("    Points Possible", "", "", "", "", *(unit.points for unit in units))]
    for person, its in known_to(marked, people):
        login = person.get("SIS Login ID") or ("" if person.get("ID") else person.id)
        known = (person.name or person.id, person.get("ID"), person.get("SIS User ID"), login, person.get("Section"))
        rows.append((*known, *(_points(its, unit) for unit in units)))
    return table((*CANVAS, *titles), rows)


def moodle_csv(marked: Sequence[Marked], people: Sequence[Person] = ()) -> str:
    """One row per student; grade and feedback stand side by side, because Moodle takes them together."""
    units = _units(marked)
    columns = [each for unit in units for each in (title(unit), f"{title(unit)} (feedback)")]
    rows = []
    for person, its in known_to(marked, people):
        number = person.get("ID number") or ("" if person.get("Email address") else person.id)
        known = (*person.parts, number, person.get("Email address"))
        rows.append((*known, *(cell for unit in units for cell in (_points(its, unit), _says(its, unit)))))
    return table((*MOODLE, *columns), rows)


def title(unit: Unit) -> str:
    """The name of a unit's assignment."""
    return f"Unit {unit.id} {unit.title}"


def _units(marked: Sequence[Marked]) -> list[Unit]:
    return [*{each.unit.id: each.unit for each in sorted(marked, key=lambda each: each.unit.id)}.values()]


def _bare(name: str) -> str:
    found = NUMBERED.match(name)
    return found[1] if found else name


def _points(its: Sequence[Marked], unit: Unit) -> str:
    mine = [each for each in its if each.unit.id == unit.id and each.has_points]
    # Two notebooks that fit one person of the roster: a person must say which counts.
    return f"{mine[0].points:g}" if len(mine) == 1 else ""


def _says(its: Sequence[Marked], unit: Unit) -> str:
    """Right, not yet right, and not yet read, in one line; a blank where there are no points."""
    if not _points(its, unit):
        return ""
    (each,) = (each for each in its if each.unit.id == unit.id and each.has_points)
    wrong = [one.exercise for one in each.results if one.points is not None and one.points < one.max]
    unread = [one.exercise for one in each.results if one.state == AWAITING]
    said = f"Not yet right: {', '.join(wrong)}. See the feedback page." if wrong else "Everything is right."
    return f"{said if wrong else 'Right so far.'} Still to be read: {', '.join(unread)}." if unread else said
