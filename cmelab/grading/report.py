"""The page of feedback that a student gets."""
from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from html import escape

from ..exercises import Unit
from ..exercises.finding import MARKED
from ..exercises.page import head, page
from ..exercises.verdict import COLOURS, SIGNS, inline
from .highlight import highlighted
from .marked import Marked
from .reseal import EDITED, IN_CHECK
from .score import Result, noted

# Flags that a page has a sentence for: of the exercise, or one for all check cells.
SAID = (EDITED, IN_CHECK)


def file_name(student: str, unit: Unit) -> str:
    """A name for a student's files that every system takes; two students never share one."""
    safe = re.sub(r"[^A-Za-z0-9_.-]", "_", student)[:60].lstrip(".")
    marked = re.search("-[0-9a-f]{8}$", safe)  # as others' files are
    mark = "" if safe == student and not marked else "-" + hashlib.sha256(student.encode()).hexdigest()[:8]
    return f"{safe}{mark}-{unit.id}"


def total(marked: Marked) -> str:
    """The points so far in words."""
    later = f", {marked.awaiting} awaiting a reader" if marked.awaiting else ""
    return f"{marked.points:g} of {marked.unit.points} points{later}"


def feedback(marked: Marked) -> str:
    """The page of one student: their answers, the verdicts, the beliefs behind them and where to see them."""
    numbers = f" · with the numbers of {escape(marked.numbers_of)}" if marked.numbers_of and not marked.remark else ""
    points = f" · {total(marked)}" if marked.has_points else ""
    body = [f"<p><b>{escape(marked.student)}</b>{points}{numbers}</p>"]
    if marked.problem:
        body.append(f"<p>This notebook could not be graded: {escape(marked.problem)}</p>")
    body += [f"<p>{escape(each)}</p>" for each in (marked.note, *marked.flags, about_checks(marked)) if each]
    shown = [each for each in marked.results if not marked.problem or each.state == MARKED]
    if marked.unit.quiet:
        shown = [noted(each) for each in shown]
    body += [_summary(shown)] * bool(shown) + [_section(each) for each in shown]
    return page(f"Unit {marked.unit.id} · {marked.unit.title}", "\n".join(body))


def about_checks(marked: Marked) -> str:
    """One sentence on all check cells that are not as they were handed out; nothing where all are."""
    odd = [each.exercise for each in marked.results if any(map(about_check, each.flags))]
    if not odd:
        return ""
    which = "all exercises" if len(odd) == len(marked.results) > 1 else ", ".join(odd)
    return f"Check cells missing, edited or repeated: {which}. That costs nothing; the points come from the answers."


def about_check(flag: str) -> bool:
    """True for a flag that says something of a check cell and nothing of the answer."""
    return "check cell" in flag and flag != IN_CHECK


def _summary(results: Sequence[Result]) -> str:
    """All exercises at a glance, each with a link to what is said of it."""
    rows = "".join(
        f'<tr><th scope="row"><a href="#{escape(each.exercise)}">{escape(each.exercise)} {escape(each.title)}</a></th>'
        f'<td><span style="color: {COLOURS[each.state]}">{SIGNS[each.state]}</span> {each.state}</td>'
        f"<td>{'–' if each.points is None else f'{each.points:g}'} of {each.max}</td></tr>"
        for each in results
    )
    return f"<table>{head('exercise', 'verdict', 'points')}<tbody>{rows}</tbody></table>"


def _section(result: Result) -> str:
    unit = "point" if result.max == 1 else "points"
    points = f"{result.points or 0:g} of {result.max} {unit}"
    if result.points is None:
        points = f"{result.max} {unit} awaiting a reader"
    name = f"{escape(result.exercise)} {escape(result.title)}"
    sign = f'<span style="color: {COLOURS[result.state]}">{SIGNS[result.state]}</span>'
    parts = [f"<h2>{name}</h2><p>{sign} <b>{result.state}</b> · {points}</p>"]
    if result.answer:
        parts.append(f"<pre aria-label='your answer'>{highlighted(result.answer)}</pre>")
    parts += [
        f"<p>{f'<i>{escape(label)}:</i> ' if label else ''}{inline(text)}</p>" for label, text in result.lines
    ]  # fmt: skip
    if odd := [each for each in result.flags if each not in SAID and not about_check(each)]:
        parts.append(f"<p><i>Noticed:</i> {escape('; '.join(odd))}</p>")
    frame = f'id="{escape(result.exercise)}" style="border-color: {COLOURS[result.state]}"'
    return f"<section {frame}>{''.join(parts)}</section>"
