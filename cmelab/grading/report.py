"""What a grading run writes: grades.csv, a page of feedback for each student, and an index of them."""
from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from ..exercises import Unit
from ..exercises.diagnose import AWAITING, NOT_YET, RIGHT
from ..exercises.verdict import COLOURS, SIGNS, inline
from .score import Result

COLUMNS = ("student", "exercise", "points", "max", "misconceptions", "timeouts", "flags", "seconds")
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em; }
section { border-left: 4px solid; padding: .1em 1em; margin: 1.5em 0; }
h2 { font-size: 1.1em; margin: .3em 0; } pre { overflow-x: auto; padding: .5em; border: 1px solid #8888; }
table { border-collapse: collapse; } th, td { padding: .2em .6em; border-bottom: 1px solid #8888; text-align: right; }
th:first-child, td:first-child, td.note { text-align: left; }
"""
# No script runs on a page that shows what students wrote.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class Marked:
    """One student's marks in one unit."""

    student: str
    unit: Unit
    results: tuple[Result, ...]
    problem: str = ""
    flags: tuple[str, ...] = ()
    numbers_of: str = ""  # the student whose given numbers were used

    @property
    def points(self) -> int:
        return sum(each.points or 0 for each in self.results)

    @property
    def awaiting(self) -> int:
        """Points that a person has yet to give."""
        return sum(each.max for each in self.results if each.state == AWAITING)


def write_text(path: Path, text: str) -> None:
    """Write a file in one step: an interruption leaves the old one or the new one."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(text, "utf-8", newline="")
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def file_name(student: str, unit: Unit) -> str:
    """A name for a student's files that every system takes; two students never share one."""
    safe = re.sub(r"[^A-Za-z0-9_.-]", "_", student)[:60].lstrip(".")
    mark = "" if safe == student else "-" + hashlib.sha256(student.encode()).hexdigest()[:8]
    return f"{safe}{mark}-{unit.id}"


def grades_csv(marked: Sequence[Marked]) -> str:
    """One row per student and exercise; points that a person gives are `awaiting`."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for each in marked:
        for one in each.results:
            points = "awaiting" if one.points is None else one.points
            rows.writerow((
                harmless(each.student), one.exercise, points, one.max, " ".join(one.misconceptions), one.timeouts,
                harmless("; ".join((*each.flags, *one.flags))), one.seconds,
            ))  # fmt: skip
    return text.getvalue()


def harmless(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def page(title: str, body: str) -> str:
    """One HTML page that needs nothing else."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width">\n<style>{STYLE}</style></head>\n'
        f"<body>\n<h1>{escape(title)}</h1>\n{body}\n</body></html>\n"
    )


def total(marked: Marked) -> str:
    """The points so far in words."""
    later = f", {marked.awaiting} awaiting a reader" if marked.awaiting else ""
    return f"{marked.points} of {marked.unit.points} points{later}"


def feedback(marked: Marked) -> str:
    """The page of one student: their answers, the verdicts, the beliefs behind them and where to see them."""
    numbers = f" · with the numbers of {escape(marked.numbers_of)}" if marked.numbers_of else ""
    body = [f"<p><b>{escape(marked.student)}</b> · {total(marked)}{numbers}</p>"]
    if marked.problem:
        body.append(f"<p>This notebook could not be graded: {escape(marked.problem)}</p>")
    body += [f"<p>{escape(flag)}</p>" for flag in marked.flags]
    body += [_section(each) for each in marked.results if not marked.problem]
    return page(f"Unit {marked.unit.id} · {marked.unit.title}", "\n".join(body))


def _section(result: Result) -> str:
    unit = "point" if result.max == 1 else "points"
    points = f"{result.points} of {result.max} {unit}"
    if result.points is None:
        points = f"{result.max} {unit} awaiting a reader"
    name = f"{escape(result.exercise)} {escape(result.title)}"
    parts = [f"<h2>{SIGNS[result.state]} {result.state} · {name} · {points}</h2>"]
    if result.answer:
        parts.append(f"<pre>{escape(result.answer)}</pre>")
    parts += [
        f"<p>{f'<i>{escape(label)}:</i> ' if label else ''}{inline(text)}</p>" for label, text in result.lines
    ]  # fmt: skip
    if result.flags:
        parts.append(f"<p><i>Noticed:</i> {escape('; '.join(result.flags))}</p>")
    return f'<section style="border-color:{COLOURS[result.state]}">{"".join(parts)}</section>'


def index(marked: Sequence[Marked]) -> str:
    """A table of all students, with links to their pages."""
    parts = []
    for unit in {each.unit.id: each.unit for each in marked}.values():
        mine = [each for each in marked if each.unit.id == unit.id]
        heads = "".join(f"<th>{escape(each.id)}</th>" for each in unit.exercises)
        rows = "\n".join(_row(each) for each in mine)
        signs = ", ".join(f"{SIGNS[state]} {state}" for state in (RIGHT, NOT_YET, "not tried", AWAITING))
        parts.append(
            f"<h2>Unit {escape(unit.id)} · {escape(unit.title)}</h2><p>{signs}</p>\n<table>"
            f"<tr><th>student</th>{heads}<th>points of {unit.points}</th></tr>\n{rows}</table>"
        )
    return page("Grades", "\n".join(parts))


def _row(marked: Marked) -> str:
    link = f"feedback/{file_name(marked.student, marked.unit)}.html"
    if marked.problem:
        cells = f'<td class="note" colspan="{len(marked.unit.exercises)}">not graded: {escape(marked.problem)}</td>'
    else:
        cells = "".join(f'<td title="{each.state}">{SIGNS[each.state]}</td>' for each in marked.results)
    name = f'<a href="{escape(link)}">{escape(marked.student)}</a>'
    return f"<tr><td>{name}</td>{cells}<td>{marked.points}</td></tr>"
