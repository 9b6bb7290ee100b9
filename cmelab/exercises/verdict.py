"""What a check, a hint and a start say, as text for a terminal and as HTML for a notebook."""
from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from .exercise import Exercise
from .finding import AWAITING, MARKED, NOT_TRIED, NOT_YET, NOTED, RIGHT, Finding
from .misconceptions import beliefs
from .points import filled

HINT = "A hint"
BELIEF, ONE_OF_TWO = "The belief behind it", "A belief behind it"
# A sign and a word carry the state; the colour (legible on light and dark ground) only repeats it.
SIGNS = {RIGHT: "✓", NOT_YET: "✗", NOT_TRIED: "○", AWAITING: "◌", MARKED: "✎", NOTED: "◌"}
COLOURS = {
    RIGHT: "#009E73", NOT_YET: "#D55E00", NOT_TRIED: "#888888", AWAITING: "#0072B2", MARKED: "#0072B2",
    NOTED: "#0072B2",
}  # fmt: skip
# What is said of an answer before the course, by the state that is shown: never whether it is right.
QUIETLY = {
    NOTED: "Noted. The course will come back to it.",
    NOT_TRIED: "Write the number of your choice, 1 to 4, without quotation marks.",
}


@dataclass(frozen=True, repr=False)
class Note:
    """A heading and labelled lines; lines labelled `code` are shown as code."""

    heading: str
    lines: tuple[tuple[str, str], ...] = ()
    colour: str = COLOURS[NOT_TRIED]

    def __repr__(self) -> str:
        body = (f"  {label}: {text}" if label else f"  {text}" for label, text in self.lines)
        return "\n".join((self.heading, *body))

    def _repr_html_(self) -> str:
        body = "".join(
            f'<div style="margin-top:.3em">{f"<i>{escape(label)}:</i> " if label else ""}{inline(text)}</div>'
            for label, text in self.lines
        )
        style = f"border-left:4px solid {self.colour};padding:.1em .8em;margin:.3em 0;max-width:46em;line-height:1.45"
        return f'<div style="{style}"><div><b>{escape(self.heading)}</b></div>{body}</div>'


@dataclass(frozen=True, repr=False)
class Verdict(Note):
    """The result of one check: not tried, not yet or right, and why."""

    exercise: str = ""
    state: str = NOT_TRIED
    misconceptions: tuple[str, ...] = ()


def verdict(exercise: Exercise, finding: Finding, *, note: str = "") -> Verdict:
    """Everything there is to say about an answer: verdict, belief, what it implies, where to see it, the next hint."""
    lines = [("", finding.says)]
    if finding.wrong:
        lines += explanation(exercise, finding)
    if finding.printed:
        lines.append(("", finding.printed))
    if finding.state in (NOT_YET, NOT_TRIED):
        lines.append((HINT, f'`hint("{exercise.id}")`'))
    if note:
        lines.append(("Note", note))
    return Verdict(
        heading=f"{SIGNS[finding.state]} {finding.state} · {exercise.id} {exercise.title}",
        lines=tuple(lines), colour=COLOURS[finding.state], exercise=exercise.id, state=finding.state,
        misconceptions=finding.misconceptions,
    )  # fmt: skip


def noted(exercise: Exercise, finding: Finding, *, note: str = "") -> Verdict:
    """What is said of an answer before the course: that it was noted, and never whether it is right."""
    shown = NOT_TRIED if finding.state == NOT_TRIED else NOTED
    return Verdict(
        heading=f"{SIGNS[shown]} {shown} · {exercise.id} {exercise.title}",
        lines=(("", QUIETLY[shown]), *([("Note", note)] if note else [])), colour=COLOURS[shown],
        exercise=exercise.id, state=finding.state, misconceptions=finding.misconceptions,
    )  # fmt: skip


def explanation(exercise: Exercise, finding: Finding) -> list[tuple[str, str]]:
    """The belief behind a wrong answer, what it implies in this exercise, and the widget that shows it."""
    held = beliefs(finding.wrong)
    # A pair without words of its own has none: what one belief implies is not true of both together.
    implied = filled(exercise.implies.get(finding.wrong, ""), finding.numbers)
    lines = [(BELIEF if len(held) == 1 else ONE_OF_TWO, each.belief) for each in held]
    lines += [("It implies", implied)] if implied else []
    if "?" not in implied:
        lines += [("Ask yourself", each.question) for each in held]
    return lines + [("See it", f"`{line}`") for line in dict.fromkeys(each.line for each in held)]


def inline(text: str) -> str:
    """HTML of a line of text: escaped, and `code` as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
