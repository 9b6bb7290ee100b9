"""The index of a report: all students, the beliefs behind wrong answers, and what the grader wants to be known."""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from ..exercises import MISCONCEPTIONS, Unit
from ..exercises.diagnose import AWAITING, MARKED, NOT_TRIED, NOT_YET, RIGHT
from ..exercises.verdict import SIGNS
from .marked import Marked
from .report import file_name, page


def index(marked: Sequence[Marked], remarks: Sequence[str] = ()) -> str:
    """A table of all students with links to their pages, and of their beliefs; remarks come first."""
    parts = [f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in remarks)}</ul>"] if remarks else []
    for unit in {each.unit.id: each.unit for each in marked}.values():
        mine = [each for each in marked if each.unit.id == unit.id]
        heads = "".join(f"<th>{escape(each.id)}</th>" for each in unit.exercises)
        rows = "\n".join(_row(each) for each in mine)
        signs = ", ".join(f"{SIGNS[state]} {state}" for state in (RIGHT, NOT_YET, NOT_TRIED, AWAITING, MARKED))
        parts.append(
            f"<h2>Unit {escape(unit.id)} · {escape(unit.title)}</h2><p>{signs}</p>\n<table>"
            f"<tr><th>student</th>{heads}<th>points of {unit.points}</th></tr>\n{rows}</table>"
        )
        if default := [each.student for each in mine if each.default_numbers]:
            parts.append(f"<p>Graded with the numbers of self-study: {escape(', '.join(default))}.</p>")
        parts.append(beliefs(unit, mine))
    return page("Grades", "\n".join(parts))


def beliefs(unit: Unit, marked: Sequence[Marked]) -> str:
    """Per exercise, how many students hold which belief; nothing where nobody holds one."""
    held = Counter((one.exercise, belief) for each in marked for one in each.results for belief in one.misconceptions)
    rows = "".join(
        f'<tr><td>{escape(each.id)}</td><td class="note">{belief}: {escape(MISCONCEPTIONS[belief].belief)}</td>'
        f"<td>{held[each.id, belief]}</td></tr>\n"
        for each in unit for belief in MISCONCEPTIONS if held[each.id, belief]
    )  # fmt: skip
    head = '<tr><th>exercise</th><th class="note">belief</th><th>students</th></tr>'
    return f"<h2>Beliefs behind wrong answers</h2>\n<table>{head}\n{rows}</table>" if rows else ""


def _row(marked: Marked) -> str:
    link = f"feedback/{file_name(marked.student, marked.unit)}.html"
    if marked.problem:
        cells = f'<td class="note" colspan="{len(marked.unit.exercises)}">not graded: {escape(marked.problem)}</td>'
    else:
        cells = "".join(f'<td title="{each.state}">{SIGNS[each.state]}</td>' for each in marked.results)
    name = f'<a href="{escape(link)}">{escape(marked.student)}</a>'
    points = f"{marked.points:g}" if marked.has_points else ""
    return f"<tr><td>{name}</td>{cells}<td>{points}</td></tr>"
