"""Everything that a report's folder holds, from the marks: tables, gradebooks, pages."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from . import by_hand
from .class_page import class_page
from .gradebooks import about_roster, canvas_csv, moodle_csv
from .junit import junit_xml
from .marked import Marked
from .overview import index
from .report import feedback, file_name
from .roster import Person
from .tables import grades_csv, totals_csv, write_table, write_text


def write_report(
    report: Path, marked: Sequence[Marked], people: Sequence[Person], remarks: Sequence[str]
) -> tuple[list[Marked], list[str]]:
    """Merge the points of marks.csv, write all tables and pages, and return the final marks with all remarks."""
    final, said = by_hand.merge(marked, report / by_hand.FILE)
    odd = [f"{each.student}: {text}" for each in final for text in ((each.remark,) if each.remark else each.flags)]
    remarks = [*remarks, *said, *about_roster(final, people), *odd]
    pages = {f"{file_name(each.student, each.unit)}.html": each for each in final}
    for name, each in pages.items():
        write_text(report / "feedback" / name, feedback(each))
    remarks += about_old_pages(report / "feedback", pages)
    tables = {
        "grades.csv": grades_csv(final), "totals.csv": totals_csv(final),
        "awaiting.csv": by_hand.awaiting_csv(final, report / by_hand.FILE),
        "canvas.csv": canvas_csv(final, people), "moodle.csv": moodle_csv(final, people),
    }  # fmt: skip
    remarks += [said for name, text in tables.items() if (said := write_table(report / name, text))]
    write_text(report / "junit.xml", junit_xml(final))
    write_text(report / "class.html", class_page(final))
    write_text(report / "index.html", index(final, remarks))
    return final, remarks


def about_old_pages(folder: Path, pages: Mapping[str, Marked]) -> list[str]:
    """A sentence on pages of an earlier run, for the same units, of notebooks that are no longer there."""
    units = {each.unit.id for each in pages.values()}
    old = sorted(each.name for id in units for each in folder.glob(f"*-{id}.html") if each.name not in pages)
    if not old:
        return []
    return [f"feedback/ has pages of notebooks that are no longer handed in; give them to nobody: {', '.join(old)}."]
