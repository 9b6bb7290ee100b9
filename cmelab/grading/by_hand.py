"""Points that a person gives: read from marks.csv in the report's folder and merged into the results."""
from __future__ import annotations

import csv
import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from ..exercises.finding import AWAITING, MARKED, NOT_TRIED
from .marked import Marked
from .roster import delimiter_of, text_of
from .score import Result
from .tables import harmless, table

FILE = "marks.csv"
COLUMNS = ("student", "exercise", "points", "comment")


def merge(marked: Sequence[Marked], path: Path) -> tuple[list[Marked], list[str]]:
    """The marks with what a person gave, and a sentence for every row that could not be taken."""
    rows, said = read(path)
    places = {
        (each.student, one.exercise): (i, j) for i, each in enumerate(marked) for j, one in enumerate(each.results)
    }  # fmt: skip
    students = {name: each.student for each in marked for name in (harmless(each.student), each.student)}
    results = [[*each.results] for each in marked]
    lines: dict[tuple[str, str], int] = {}
    for line, (name, exercise, points, comment) in rows:
        student = students.get(name, "")
        trouble = _trouble(name, student, exercise, points, students, places, marked)
        if not trouble and points:
            i, j = places[student, exercise]
            if (student, exercise) in lines:
                said.append(f"{FILE}, line {line}: {name}, {exercise} is there twice; this line counts.")
            lines[student, exercise] = line
            results[i][j] = given(marked[i].results[j], number(points), comment)
        elif trouble:
            said.append(f"{FILE}, line {line}: {trouble} The line is left out.")
    return [replace(each, results=tuple(mine)) for each, mine in zip(marked, results, strict=True)], said


def awaiting_csv(marked: Sequence[Marked], path: Path | None = None) -> str:
    """The answers that a person has yet to read, as a table to fill and save as marks.csv.

    Below them stand the points of the marks.csv at `path`, so that saving over it loses none.
    """
    rows: list[Sequence[object]] = [
        (each.student, one.exercise, "", "", one.max, one.answer)
        for each in marked for one in each.results if one.state == AWAITING
    ]  # fmt: skip
    if rows and path is not None:
        rows += [(*cells, "", "") for _, cells in read(path)[0] if cells[2] and cells[:2] not in {r[:2] for r in rows}]
    return table((*COLUMNS, "max", "answer"), rows)


def read(path: Path) -> tuple[list[tuple[int, tuple[str, ...]]], list[str]]:
    """The rows with their line numbers, as any spreadsheet writes them; a table without its columns gets a sentence."""
    if not path.is_file():
        return [], []
    text = text_of(path.read_bytes())
    reader = csv.DictReader(text.splitlines(), delimiter=delimiter_of(text))
    columns = {str(each).strip().lower(): each for each in reader.fieldnames or ()}
    if missing := [each for each in COLUMNS[:3] if each not in columns]:
        return [], [f"{path.name} has no column {', '.join(missing)}; its first line must be {','.join(COLUMNS)}."]
    rows = []
    for row in reader:
        cells = tuple(str(row.get(columns.get(each, each)) or "").strip() for each in COLUMNS)
        rows.append((reader.line_num, tuple(unicodedata.normalize("NFC", each) for each in cells)))
    return [each for each in rows if any(each[1])], []


def _trouble(
    name: str, student: str, exercise: str, points: str, students: Iterable[str],
    places: Iterable[tuple[str, str]], marked: Sequence[Marked],
) -> str:  # fmt: skip
    """Why a row cannot be taken; nothing where it can."""
    if not student:
        known = {each.casefold(): each for each in students}
        near = get_close_matches(name.casefold(), known, 1)
        return f"there is no student {name!r} in this report" + (f"; is it {known[near[0]]!r}?" if near else ".")
    if (student, exercise) not in {*places}:
        ids = [one.exercise for each in marked if each.student == student for one in each.results]
        return f"there is no exercise {exercise!r}; there are {', '.join(ids)}."
    if points == "":
        return ""
    most = next(o.max for e in marked if e.student == student for o in e.results if o.exercise == exercise)
    value = number(points)
    if not math.isfinite(value):
        return f"the points of {name}, {exercise} are {points!r}, which is no number."
    if not 0 <= value <= most:
        return f"{name} cannot have {points} points in {exercise}; 0 to {most} are possible."
    return ""


def number(text: str) -> float:
    """Points as a person writes them, also 0,5; nan where it is no number."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return math.nan


def given(result: Result, points: float, comment: str) -> Result:
    """The result with the points of a person; what the machine said stays where it judged the answer."""
    kept = () if result.state in (AWAITING, NOT_TRIED) else result.lines
    lines = (*kept, ("Comment", comment)) if comment else (*kept, ("", "A person read this answer."))
    whole = int(points) if points == int(points) else points
    flags = (*(each for each in result.flags if each != "not graded"), "marked by hand")
    return replace(result, state=MARKED, points=whole, lines=lines, flags=flags)
