"""How far a student is: mastery of each topic, the beliefs still open, and what comes next."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from . import record
from .exercise import Exercise, Unit
from .finding import RIGHT
from .misconceptions import MISCONCEPTIONS
from .page import head
from .units import UNITS
from .verdict import COLOURS, SIGNS, inline

MASTERED = 0.8  # share of a topic's points, with no belief open
WIDTH = 10  # characters of a bar
# Where progress files lie, seen from the course's folder, from a unit's, and from a clone.
PLACES = (record.FILE, f"*/{record.FILE}", f"course/*/{record.FILE}")


@dataclass(frozen=True)
class Topic:
    """Points of right answers in one topic, and the ids of the beliefs that are still open there."""

    name: str
    right: int
    points: int
    open: tuple[str, ...]

    @property
    def mastered(self) -> bool:
        """True from 80 % of the points on, when no belief is open."""
        return self.right >= MASTERED * self.points and not self.open


@dataclass(frozen=True, repr=False)
class Progress:
    """What the progress files say, as text for a terminal and as HTML for a notebook or a page.

    A belief is open while an exercise that found it is not right yet.
    """

    units: tuple[Unit, ...]
    entries: Mapping[str, Mapping[str, Any]]
    notes: tuple[str, ...] = ()

    @property
    def exercises(self) -> list[Exercise]:
        """The exercises that are checked automatically."""
        return [each for unit in self.units if not unit.quiet for each in unit if each.automatic]

    @property
    def gain(self) -> str:
        """A sentence on the questions before the course, and after it what became of the answers; else nothing.

        How many were right is said when all were answered twice: a count after each answer would judge that answer.
        The normalised gain is (after - before) / (all - before): Hake, Am. J. Phys. 66, 64 (1998),
        doi:10.1119/1.18809.
        """
        asked = [each.id for unit in self.units if unit.quiet for each in unit]
        entries = [self.entries.get(id, record.BLANK) for id in asked]
        answered = sum(bool(each["first"]) for each in entries)
        if not answered:
            return ""
        if answered < len(asked):
            return f"Before the course: {answered} of {len(asked)} questions answered."
        if any(each["attempts"] == 1 for each in entries):
            return f"Before the course: all {len(asked)} questions answered. Answer them again after the last unit."
        before = sum(each["first"] == RIGHT for each in entries)
        after = sum(each["state"] == RIGHT for each in entries)
        missed = len(asked) - before
        share = f" That is a normalised gain of {(after - before) / missed:.2f}; 1 is the most." if missed else ""
        return f"Of the {len(asked)} questions, {before} were right at first; {after} are right now.{share}"

    def state(self, id: str) -> str:
        return self.entries.get(id, record.BLANK)["state"]

    @property
    def topics(self) -> list[Topic]:
        """The topics in the order they are taught."""
        found = []
        for name in dict.fromkeys(each.topic for each in self.exercises):
            mine = [each for each in self.exercises if each.topic == name]
            right = sum(each.points for each in mine if self.state(each.id) == RIGHT)
            found.append(Topic(name, right, sum(each.points for each in mine), tuple(self.open(mine))))
        return found

    def open(self, exercises: Sequence[Exercise]) -> dict[str, list[str]]:
        """Belief -> the exercises that found it and are not right yet."""
        found: dict[str, list[str]] = {}
        for each in exercises:
            for belief in self.entries.get(each.id, record.BLANK)["misconceptions"]:
                if self.state(each.id) != RIGHT and belief in MISCONCEPTIONS:
                    found.setdefault(belief, []).append(each.id)
        return found

    @property
    def next(self) -> Exercise | None:
        """The first exercise that is not right."""
        return next((each for each in self.exercises if self.state(each.id) != RIGHT), None)

    @property
    def heading(self) -> str:
        points = sum(each.points for each in self.exercises)
        return f"Your progress · {sum(each.right for each in self.topics)} of {points} points"

    @property
    def forward(self) -> str:
        """One sentence on what to do next."""
        if self.next is None:
            return "Every exercise is right."
        state = self.state(self.next.id)
        return f"Next: {self.next.id} {self.next.title} ({state})."

    def __repr__(self) -> str:
        lines = [self.heading]
        for each in self.topics:
            done = round(WIDTH * each.right / each.points) if each.points else WIDTH
            bar = "█" * done + "░" * (WIDTH - done)
            lines.append(f"  {each.name:<14} {bar} {each.right:>3} of {each.points} points{_status(each)}")
        for belief, where in self.open(self.exercises).items():
            one = MISCONCEPTIONS[belief]
            lines += [f"  Still open ({', '.join(where)}): {one.belief}", f"      Ask yourself: {one.question}",
                      f"      See it: {one.line}"]  # fmt: skip
        lines += [f"  {each}" for each in (self.gain, self.forward) if each]
        return "\n".join([*lines, *(f"  Note: {each}" for each in self.notes)])

    def _repr_html_(self) -> str:
        return f"<div><b>{escape(self.heading)}</b></div>{self.body()}"

    def body(self) -> str:
        """HTML that needs no style sheet: topics, open beliefs, every exercise."""
        topics = "".join(
            f'<tr><th scope="row">{escape(each.name)}</th><td>{_bar(each)}</td>'
            f'<td>{each.right} of {each.points}</td><td style="text-align:left">{_status(each).strip(" ·")}</td></tr>'
            for each in self.topics
        )
        parts = [f"<table>{head('topic', 'mastery', 'points', '')}<tbody>{topics}</tbody></table>"]
        if held := self.open(self.exercises):
            parts.append(f"<p><b>Beliefs still open</b></p><ul>{''.join(_belief(*each) for each in held.items())}</ul>")
        parts += [f"<p>{inline(each)}</p>" for each in (self.gain, self.forward, *self.notes) if each]
        return "".join(parts)

    def table(self) -> str:
        """HTML: every exercise with its state, attempts and hints."""
        rows = ""
        for each in self.exercises:
            entry = {**record.BLANK, **self.entries.get(each.id, {})}
            sign = f'<span style="color:{COLOURS[entry["state"]]}">{SIGNS[entry["state"]]}</span>'
            name = f'<th scope="row">{escape(each.id)} {escape(each.title)}</th>'
            rows += f'<tr>{name}<td>{sign} {entry["state"]}</td><td>{entry["attempts"]}</td>'
            rows += f"<td>{entry['hints']} of {len(each.hints)}</td></tr>"
        return f"<table>{head('exercise', 'state', 'attempts', 'hints taken')}<tbody>{rows}</tbody></table>"


def _status(topic: Topic) -> str:
    if topic.open:
        return f" · {len(topic.open)} belief{'s' * (len(topic.open) != 1)} still open"
    return " · mastered" if topic.mastered else ""


def _bar(topic: Topic) -> str:
    share = topic.right / topic.points if topic.points else 1.0
    inner = f'<div style="width:{share:.0%};height:.8em;background:{COLOURS[RIGHT]}"></div>'
    return f'<div role="img" aria-label="{share:.0%}" style="width:9em;background:#8884;margin:.35em 0">{inner}</div>'


def _belief(id: str, where: Sequence[str]) -> str:
    one = MISCONCEPTIONS[id]
    return (
        f"<li>{escape(one.belief)} ({escape(', '.join(where))})<br>{escape(one.question)}<br>"
        f"<code>{escape(one.line)}</code></li>"
    )


def progress(folder: str | Path = ".", *, units: tuple[Unit, ...] = UNITS) -> Progress:
    """How far you are: what the checks in a folder's notebooks, and in those of the units below it, have found.

    Raises
    ------
    NotADirectoryError
        There is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder; give the course's folder, or that of a unit.")
    named = record.named_file()
    places = [named] if named else [path for place in PLACES for path in sorted(folder.glob(place))]
    entries: dict[str, dict[str, Any]] = {}
    notes = []
    for path in places:
        found, trouble = record.read(path)
        entries |= found
        notes += [trouble] if trouble else []
    return Progress(units, entries, tuple(notes))
