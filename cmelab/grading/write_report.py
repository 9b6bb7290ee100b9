"""Everything that a report's folder holds, from the marks: tables, gradebooks, pages."""
from __future__ import annotations

from collections.abc import Sequence
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
    for each in final:
        write_text(report / "feedback" / f"{file_name(each.student, each.unit)}.html", feedback(each))
    tables = {
        "grades.csv": grades_csv(final), "totals.csv": totals_csv(final), "awaiting.csv": by_hand.awaiting_csv(final),
        "canvas.csv": canvas_csv(final, people), "moodle.csv": moodle_csv(final, people),
    }  # fmt: skip
    remarks += [said for name, text in tables.items() if (said := write_table(report / name, text))]
    write_text(report / "junit.xml", junit_xml(final))
    write_text(report / "class.html", class_page(final))
    write_text(report / "index.html", index(final, remarks))
    return final, remarks
