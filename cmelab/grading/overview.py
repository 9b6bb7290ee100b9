"""The index of a report: all students, and what the grader wants to be known."""
from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..exercises.finding import AWAITING, MARKED, NOT_TRIED, NOT_YET, RIGHT
from ..exercises.page import head, page
from ..exercises.verdict import COLOURS, SIGNS
from .marked import Marked
from .report import file_name

TABLES = {
    "grades.csv": "every exercise", "totals.csv": "every student", "awaiting.csv": "what you have to read",
    "canvas.csv": "for Canvas", "moodle.csv": "for Moodle", "junit.xml": "for machines",
}  # fmt: skip


def index(marked: Sequence[Marked], remarks: Sequence[str] = ()) -> str:
    """A table of all students with links to their pages; remarks come first."""
    parts = [f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in remarks)}</ul>"] if remarks else []
    for unit in {each.unit.id: each.unit for each in marked}.values():
        mine = [each for each in marked if each.unit.id == unit.id]
        rows = "\n".join(_row(each) for each in mine)
        signs = ", ".join(f"{SIGNS[state]} {state}" for state in (RIGHT, NOT_YET, NOT_TRIED, AWAITING, MARKED))
        parts.append(
            f"<h2>Unit {escape(unit.id)} · {escape(unit.title)}</h2><p class='soft'>{signs}</p>\n"
            f"<div class='wide'><table class='heat'>"
            f"{head('student', *(each.id for each in unit), f'points of {unit.points}')}\n"
            f"<tbody>{rows}</tbody></table></div>"
        )
        if default := [each.student for each in mine if each.default_numbers]:
            parts.append(f"<p>Graded with the numbers of self-study: {escape(', '.join(default))}.</p>")
    parts.append('<p><a href="class.html">The class</a>: beliefs, points and exercises, without names.</p>')
    tables = ", ".join(f'<a href="{name}">{name}</a> ({what})' for name, what in TABLES.items())
    parts.append(f"<p>Tables: {tables}.</p>")
    return page("Grades", "\n".join(parts))


def _row(marked: Marked) -> str:
    link = f"feedback/{file_name(marked.student, marked.unit)}.html"
    if marked.problem:
        cells = f'<td class="note" colspan="{len(marked.unit.exercises)}">not graded: {escape(marked.problem)}</td>'
    else:
        cells = "".join(
            f'<td title="{each.state}" style="color: {COLOURS[each.state]}">'
            f'<span role="img" aria-label="{each.state}">{SIGNS[each.state]}</span></td>'
            for each in marked.results
        )
    name = f'<a href="{escape(link)}">{escape(marked.student)}</a>'
    points = f"{marked.points:g}" if marked.has_points else ""
    return f'<tr><th scope="row">{name}</th>{cells}<td>{points}</td></tr>'
