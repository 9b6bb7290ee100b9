"""From what the cells gave to marks: points for what nbval passed, a finding for everything else."""
from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..exercises import Exercise, Unit
from ..exercises.diagnose import judge
from ..exercises.finding import AWAITING, NOT_TRIED, NOT_YET, NOTED, RIGHT, Finding
from ..exercises.points import for_numbers
from ..exercises.verdict import HINT, QUIETLY, verdict
from .launch import Outcome, Ran
from .reseal import EDITED, IN_CHECK, Answer, Sealed

ECHO_TOLERANCE = 1e-5  # echoed values have 6 significant digits
CHANGED = "This notebook changes `assert` or numpy itself, so nothing in it can be marked. Take that out."
TIME_OVER = "The time for the whole notebook was over before this exercise had its turn."
NO_RESULT = "The notebook could not be run to this exercise."
UNREADABLE = "`{name}` gave nothing that can be read. Does the notebook change Python itself?"
LOST = {
    "timeout": "This cell had not ended after {cell:g} seconds and was stopped. Does a loop never end?",
    "died": "This cell ended Python itself: an exit, a crash, or more memory than there is.",
    "processes": "Too many processes ran while this cell did, so it was ended. Does something start itself again?",
    "memory": "All processes together took more memory than is allowed while this cell ran, so it was ended.",
    "disk": "The files written take more room than is allowed, so this cell was ended.",
    "crashed": "The process that runs this notebook was itself ended while this cell ran.",
}
# What a table says of a cell that cost the kernel; a timeout has a column of its own.
LOST_FLAGS = {
    "died": "kernel died", "processes": "too many processes", "memory": "too much memory", "disk": "too much disk",
    "crashed": "grading process ended",
}  # fmt: skip


@dataclass(frozen=True)
class Result:
    """One student's result in one exercise; `points` is None where a person gives them."""

    exercise: str
    title: str
    state: str
    points: float | None
    max: int
    lines: tuple[tuple[str, str], ...]
    answer: str = ""
    misconceptions: tuple[str, ...] = ()
    timeouts: int = 0
    flags: tuple[str, ...] = ()
    seconds: float = 0.0


def score(unit: Unit, sealed: Sealed, outcome: Outcome, cell_timeout: float) -> list[Result]:
    """The result of every exercise of a unit."""
    broken = canary_passed(sealed, outcome)
    results = []
    for exercise in unit.exercises:
        answer = sealed.answers[exercise.id]
        mine = [i for i, c in enumerate(sealed.cells) if c.exercise == exercise.id and c.role in ("answer", "echo")]
        lost = next((each for each in outcome.lost if each.cell in mine), None)
        flags = list(answer.flags)
        finding, endless = find(exercise, sealed, outcome, lost, cell_timeout)
        if finding.state == RIGHT and answer.forbidden:
            flags += [f"uses cmelab.{name}" for name in answer.forbidden]
            finding = Finding(NOT_YET, shortcut(answer.forbidden))
        if broken and exercise.automatic:
            flags.append("canary passed")
            finding = Finding(NOT_YET, CHANGED)
        if lost and lost.lost in LOST_FLAGS:
            flags.append(LOST_FLAGS[lost.lost])
        stopped_own = own_cells_lost(exercise, sealed, outcome)
        flags += [f"own cell before it: {each.lost}" for each in stopped_own]
        results.append(Result(
            exercise.id, exercise.title, finding.state, marks(exercise, finding), exercise.points,
            (*lines(exercise, finding), *noticed(exercise, answer, sealed)), answer.source, finding.misconceptions,
            int(endless) + sum(each.lost == "timeout" for each in [*stopped_own, *filter(None, [lost])]), tuple(flags),
            round(sum(outcome.cells[i].seconds for i in mine if i in outcome.cells), 2),
        ))  # fmt: skip
    return results


def noted(result: Result) -> Result:
    """The result of an answer before the course as its student may see it: kept, not judged."""
    state = NOT_TRIED if result.state == NOT_TRIED else NOTED
    return replace(result, state=state, lines=(("", QUIETLY[state]),), misconceptions=())


def lines(exercise: Exercise, finding: Finding) -> tuple[tuple[str, str], ...]:
    """What a page says of an answer; the first hint stands there, since a page cannot be asked for one."""
    hint = f'{exercise.hints[0]} For more: `hint("{exercise.id}")`' if exercise.hints else ""
    return tuple((label, hint if label == HINT else text) for label, text in verdict(exercise, finding).lines)


def noticed(exercise: Exercise, answer: Answer, sealed: Sealed) -> list[tuple[str, str]]:
    """What a student is told of cells that are not as they were handed out."""
    said = {
        EDITED: f"The given numbers were edited; the answer was marked{for_numbers(sealed.given.get(exercise.id, {}))}"
                ", as they were handed out to you.",
        IN_CHECK: "This answer was taken from the check cell, because the answer cell holds none.",
    }  # fmt: skip
    return [("Noticed", said[flag]) for flag in answer.flags if flag in said]


def marks(exercise: Exercise, finding: Finding) -> int | None:
    """All points for a right answer, none otherwise; None where a person has yet to give them."""
    if finding.state == AWAITING:
        return None
    return exercise.points if finding.state == RIGHT else 0


def find(
    exercise: Exercise, sealed: Sealed, outcome: Outcome, lost: Ran | None, cell_timeout: float
) -> tuple[Finding, bool]:
    """What the answer is, and whether a function of it never ended."""
    answer = sealed.answers[exercise.id]
    if not exercise.automatic:
        said = Finding(AWAITING, "A person reads this answer and gives the points.")
        return (said if answer.source else Finding(NOT_TRIED, "There is no answer yet.")), False
    if lost is not None:
        return Finding(NOT_YET, LOST[lost.lost].format(cell=cell_timeout)), False
    place = next(i for i, c in enumerate(sealed.cells) if (c.role, c.exercise) == ("echo", exercise.id))
    echo = outcome.cells.get(place)
    if echo is None:
        return Finding(NOT_YET, TIME_OVER if outcome.ended == "wall" else NO_RESULT), False
    if echo.passed and not exercise.judged:
        return Finding(RIGHT, exercise.why), False
    sightings = read_echo(echo.printed, len(sealed.order[exercise.id]))
    if sightings is None:
        return Finding(NOT_YET, UNREADABLE.format(name=exercise.name)), False
    return explain(exercise, answer, sightings, sealed, outcome), any(tag == "endless" for tag, _ in sightings)


def explain(
    exercise: Exercise, answer: Answer, sightings: Sequence[tuple[str, Any]], sealed: Sealed, outcome: Outcome
) -> Finding:
    """Why an echo differs from the right one, told on the probes only: the secret points stay secret."""
    if sightings[0][0] == "undefined":
        if not answer.source or exercise.choices:
            return Finding(NOT_TRIED, f"There is no answer in `{exercise.name}` yet.")
        return Finding(NOT_YET, stopped(exercise, sealed, outcome) or f"Your cell does not define `{exercise.name}`.")
    order = sealed.order[exercise.id]
    shown = [sightings[order.index(i)] for i in range(len(exercise.probes) or 1)]
    finding = judge(exercise, shown, sealed.given.get(exercise.id, {}), tolerance=ECHO_TOLERANCE)
    if finding.state == RIGHT and exercise.judged:
        return finding
    if finding.state == RIGHT:
        says = f"`{exercise.name}` is right where your own check tries it, and wrong elsewhere. Does it know its check?"
        return Finding(NOT_YET, says)
    error = stopped(exercise, sealed, outcome)
    if error and finding.state == NOT_TRIED and answer.source:
        return Finding(NOT_YET, error)
    return replace(finding, says=f"{finding.says} {error}".strip())


def stopped(exercise: Exercise, sealed: Sealed, outcome: Outcome) -> str:
    """A sentence on the error of the answer cell, if it had one."""
    for index, cell in enumerate(sealed.cells):
        ran = outcome.cells.get(index)
        if (cell.role, cell.exercise) == ("answer", exercise.id) and ran is not None and ran.error:
            # Python names the cell by a number that nobody knows: "(1030048141.py, line 4)".
            return f"Your cell stops with {ran.error[0]}: {re.sub(r'[(][0-9]+[.]py, ', '(', ran.error[1])}"
    return ""


def read_echo(printed: str, wanted: int) -> list[tuple[str, Any]] | None:
    """The sightings that an echo cell printed; None where a student's code made something else of it."""
    try:
        pairs = [json.loads(line) for line in printed.splitlines()]
        found = [(str(tag), promised(tag, value)) for tag, value in pairs]
    except (ValueError, TypeError, RecursionError, OverflowError):
        return None
    return found if len(found) == wanted else None


def promised(tag: str, value: Any) -> Any:
    """A value as its tag promises it; raises where it is something else."""
    if tag in ("numbers", "matrix"):
        return [float(each) for each in value]
    if tag == "sample":
        rounds = [[[float(mean), float(error)] for mean, error in drawn] for drawn in value]
        if len(rounds) != 2 or not rounds[0] or len(rounds[0]) != len(rounds[1]) or len(rounds[0]) % 2:
            raise ValueError("no sample")
        return rounds
    if tag in ("number", "endless"):
        return float(value)
    if tag == "element":
        place, inner, text = value
        return [str(place), str(inner), str(text)]
    return str(value)


def own_cells_lost(exercise: Exercise, sealed: Sealed, outcome: Outcome) -> list[Ran]:
    """The student's own cells before an exercise that had to be stopped, or that ended Python."""
    own = {i for i, cell in enumerate(sealed.cells) if (cell.role, cell.exercise) == ("own", exercise.id)}
    return [each for each in outcome.lost if each.cell in own]


def canary_passed(sealed: Sealed, outcome: Outcome) -> bool:
    """True where a cell that must fail did not: assertions or numpy are not what they were.

    A cell that did not run, or failed in another way (no memory left, say), is no sign of that.
    """
    places = (i for i, cell in enumerate(sealed.cells) if cell.role == "canary")
    ran = (outcome.cells[i] for i in places if i in outcome.cells and not outcome.cells[i].lost)
    errors = [each.error or ("AssertionError", "") for each in ran]
    return any(kind == "AssertionError" and sealed.nonce not in said for kind, said in errors)


def problem(sealed: Sealed, outcome: Outcome) -> str:
    """Why a run says nothing about the submission: the grader or the computer failed, not the student."""
    if outcome.ended in ("crashed", "stopped"):
        return f"grading broke off ({outcome.ended}). {outcome.crash}".strip()
    setup = outcome.cells.get(0)
    if setup is None or setup.lost or setup.error:
        return f"Python did not start for it ({setup.error or setup.lost if setup else 'no kernel'}). Grade it again."
    return ""


def shortcut(names: Sequence[str]) -> str:
    """What is said of an answer that calls what it should be."""
    used = " and ".join(f"cmelab.{name}" for name in names)
    return f"The values are right, but they come from {used}. The exercise asks you to write it yourself."


def as_json(result: Result) -> dict[str, Any]:
    """A result as a report keeps it."""
    return {**result.__dict__}


def from_json(kept: Mapping[str, Any]) -> Result:
    """A result that a report kept."""
    texts = {name: tuple(kept[name]) for name in ("misconceptions", "flags")}
    return Result(**{**kept, **texts, "lines": tuple((label, text) for label, text in kept["lines"])})
