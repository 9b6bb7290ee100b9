"""The tables of a report: grades.csv (student and exercise) and totals.csv (student)."""
from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..exercises.finding import AWAITING
from .marked import Marked

GRADES = ("student", "exercise", "points", "max", "misconceptions", "timeouts", "flags", "seconds")
# Where a cell begins: white space before a sign is skipped, and many a spreadsheet splits at semicolons.
FORMULA = re.compile(r"(^\s*|;)(?=[=+\-@])")
TOTALS = ("student", "points", "max", "awaiting", "flags")


def grades_csv(marked: Sequence[Marked]) -> str:
    """One row per student and exercise; points that a person gives are `awaiting`, where none are known a blank."""
    rows = []
    for each in marked:
        for one in each.results:
            points = "awaiting" if one.state == AWAITING else "" if one.points is None else f"{one.points:g}"
            beliefs, flags = " ".join(one.misconceptions), "; ".join(one.flags)
            rows.append((each.student, one.exercise, points, one.max, beliefs, one.timeouts, flags, one.seconds))
    return table(GRADES, rows)


def totals_csv(marked: Sequence[Marked]) -> str:
    """One row per student, over all units graded."""
    rows = []
    for student in dict.fromkeys(each.student for each in marked):
        mine = [each for each in marked if each.student == student]
        points = f"{sum(each.points for each in mine):g}" if any(each.has_points for each in mine) else ""
        flags = ["not graded" for each in mine if each.problem] + ["several notebooks" for each in mine if each.note]
        flags += [text for each in mine for text in ((each.remark,) if each.remark else each.flags)]
        rows.append((
            student, points, sum(each.unit.points for each in mine), sum(each.awaiting for each in mine),
            "; ".join(dict.fromkeys(flags)),
        ))  # fmt: skip
    return table(TOTALS, rows)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV text; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([harmless(each) if isinstance(each, str) else each for each in row] for row in rows)
    return text.getvalue()


def harmless(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return FORMULA.sub(r"\1'", text)


def write_text(path: Path, text: str) -> None:
    """Write a file in one step: an interruption leaves the old one or the new one."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(text, "utf-8", newline="")
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def write_table(path: Path, text: str) -> str:
    """Write a table; one that was edited meanwhile is kept beside it, and a sentence says so."""
    record, said = path.with_name(f".{path.name}.sha256"), ""
    found = path.read_bytes() if path.is_file() else text.encode()
    written = record.read_text("utf-8") if record.is_file() else ""
    if found != text.encode() and written != hashlib.sha256(found).hexdigest():
        kept = next(each for each in _backups(path) if not each.exists())
        os.replace(path, kept)
        said = (
            f"{path.name} was edited since it was written: your version is now {kept.name}. "
            "Points that you give belong in marks.csv; they are kept."
        )
    write_text(path, text)
    write_text(record, hashlib.sha256(text.encode()).hexdigest())
    return said


def _backups(path: Path) -> Iterable[Path]:
    yield path.with_name(f"{path.name}.bak")
    number = 1
    while True:
        number += 1
        yield path.with_name(f"{path.name}.bak{number}")
