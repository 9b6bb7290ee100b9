"""Take the pristine notebook, transplant the student's answers into it, and add what gives the marks."""
from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..exercises import SELF_STUDY, Exercise, numbers_of
from ..exercises.draws import SALT
from .echo import echo_cell, setup_cell
from .handout import Handout
from .lots import Lots
from .misplaced import answer_in_check, numbers_edited
from .notebook import Cell, writable
from .shortcuts import shortcuts, tree_of

CANARIES = ("assert False, {nonce!r}", "import numpy\nassert numpy.isclose(1.0, 2.5), {nonce!r}")
# Cells of the hand-out that show something and define nothing.
NOT_RUN = ("predict", "drive", "timing", "text")
EDITED, IN_CHECK = "given numbers edited", "answer in the check cell"


@dataclass(frozen=True)
class SealedCell:
    """A code cell of the sealed notebook.

    role      "setup" (ours), "course" (of the hand-out), "own" (the student's), "answer", "echo" or "canary"
    exercise  the exercise it belongs to, if any
    expected  echo: what a right answer prints; it stays in the grader's memory
    """

    role: str
    source: str
    exercise: str = ""
    expected: str = ""


@dataclass(frozen=True)
class Answer:
    """What a student handed in for one exercise, and what was odd about it."""

    source: str = ""
    flags: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sealed:
    """A sealed notebook, ready to run, with what the grader must know to read its results."""

    cells: tuple[SealedCell, ...]
    answers: Mapping[str, Answer]
    student: str  # whose numbers were used
    given: Mapping[str, Mapping[str, Any]]
    # Exercise -> for each line of its echo, the index of the probe; None for a secret point.
    order: Mapping[str, tuple[int | None, ...]]
    nonce: str
    flags: tuple[str, ...] = field(default=())

    @cached_property
    def fingerprint(self) -> str:
        """Changes with the submission, the hand-out, the references, and the secret of the grading run."""
        content = [[cell.role, cell.source, cell.exercise, cell.expected] for cell in self.cells]
        answers = [[id, answer.source, answer.flags, answer.forbidden] for id, answer in self.answers.items()]
        return hashlib.sha256(json.dumps([content, answers, self.flags]).encode()).hexdigest()


def seal(handout: Handout, submission: Sequence[Cell], lots: Lots | None, *, seconds: float) -> Sealed:
    """The notebook that is run for marks; without lots (a student's own check) it has no secret points.

    Answer cells are found by their mark. Own cells of the student go before the cell they preceded. Of several
    copies of an answer cell the last one with an answer counts, and the others run before it. Check cells are
    never run; only an answer that stands in one, where the answer cell has none, is taken out of it.
    """
    versions, before = _sorted(handout, submission)
    student, salt = _student(submission)
    exercises = {each.id: each for each in handout.unit.exercises}
    given = {each.id: numbers_of(each, student, salt=salt) for each in exercises.values() if each.default}
    answers = {each.id: _answer(handout, each, versions, submission) for each in exercises.values()}
    digest = hashlib.sha256("\0".join(c.source for c in submission if c.type == "code").encode()).hexdigest()
    order: dict[str, tuple[int | None, ...]] = {}
    cells = [SealedCell("setup", setup_cell(given))]
    for index, cell in enumerate(handout.cells):
        upcoming = next((c.exercise for c in handout.cells[index:] if c.exercise), "")
        cells += [SealedCell("own", own.source, upcoming) for own in before.get(index, ())]
        exercise = exercises.get(cell.exercise)
        if exercise is None or cell.kind not in ("given", "answer", "check"):
            if cell.type == "code" and cell.kind not in NOT_RUN:
                cells.append(SealedCell("course", cell.source))
                changed = (c.source for c in versions.get(index, ()) if not same(c.source, cell.source))
                cells += [SealedCell("own", source) for source in changed]
            continue
        if cell.kind == "given":
            cells.append(SealedCell("course", literal(cell.source, given), exercise.id))
        if exercise.automatic and index == handout.answer(exercise.id):
            cells += _answer_cells(exercise.id, cell, versions.get(index, []))
        if exercise.automatic and index == handout.check(exercise.id):
            if IN_CHECK in answers[exercise.id].flags:
                cells.append(SealedCell("answer", answers[exercise.id].source, exercise.id))
            drawn = lots.draw("echo", exercise.id, digest) if lots else None
            source, expected, order[exercise.id] = echo_cell(exercise, given.get(exercise.id, {}), drawn, seconds)
            cells.append(SealedCell("echo", source, exercise.id, expected))
    nonce = "".join((lots or Lots(b"")).draw("canary", digest).choices("0123456789abcdef", k=32))
    if lots:
        for canary in CANARIES:
            place = lots.draw("place", canary, digest).randint(2, len(cells))
            cells.insert(place, SealedCell("canary", canary.format(nonce=nonce)))
        # And at the end, where everything that a notebook changes has been changed, so that luck decides nothing.
        cells += [SealedCell("canary", canary.format(nonce=nonce)) for canary in CANARIES]
    strange = () if versions else ("no cell of the hand-out was found",)
    return Sealed(tuple(cells), answers, student, given, order, nonce, strange)


def _sorted(handout: Handout, submission: Sequence[Cell]) -> tuple[dict[int, list[Cell]], dict[int, list[Cell]]]:
    """The submitted versions of each cell of the hand-out, and the student's own cells before each."""
    versions: dict[int, list[Cell]] = {}
    before: dict[int, list[Cell]] = {}
    waiting: list[Cell] = []
    for cell in submission:
        place = handout.place(cell)
        if place is not None:
            versions.setdefault(place, []).append(cell)
            before.setdefault(place, []).extend(waiting)
            waiting = []
        elif cell.type == "code" and cell.source.strip():
            waiting.append(cell)
    return versions, before


def _answer(
    handout: Handout, exercise: Exercise, versions: Mapping[int, Sequence[Cell]], submission: Sequence[Cell]
) -> Answer:
    """The answer to one exercise, with a flag for everything about its cells that is not as it was handed out."""
    place, check = handout.answer(exercise.id), handout.check(exercise.id)
    copies = versions.get(place, ())
    answered = [c.source for c in copies if c.source.strip() and not same(c.source, handout.cells[place].source)]
    flags = []
    if not copies:
        flags.append("answer cell missing")
    if len(copies) > 1:
        flags.append(f"{len(copies)} answer cells")
    if check != place:
        checks = versions.get(check, ())
        if not checks:
            flags.append("check cell missing")
        if len(checks) > 1:
            flags.append(f"{len(checks)} check cells")
        if any(not same(c.source, handout.cells[check].source) for c in checks):
            flags.append("check cell edited")
    numbers = (i for i, cell in enumerate(handout.cells) if (cell.kind, cell.exercise) == ("given", exercise.id))
    if any(numbers_edited(handout.cells[i].source, c.source) for i in numbers for c in versions.get(i, ())):
        flags.append(EDITED)
    source = answered[-1] if answered else ""
    misplaced = [answer_in_check(exercise, c.source) for c in versions.get(check, ()) if check != place]
    if not source and any(misplaced):
        source = [each for each in misplaced if each][-1]
        flags.append(IN_CHECK)
    helpers = [c.source for c in submission if c.type == "code" and c.source != source]
    return Answer(source, tuple(flags), tuple(shortcuts(source, helpers, exercise.forbidden)))


def _answer_cells(exercise: str, pristine: Cell, copies: Sequence[Cell]) -> list[SealedCell]:
    """The answer cell, after earlier copies of it; what was handed out where nothing was answered."""
    answered = [c.source for c in copies if c.source.strip() and not same(c.source, pristine.source)]
    if not answered:
        return [SealedCell("answer", c.source, exercise) for c in copies[-1:]]
    return [
        *(SealedCell("own", source, exercise) for source in answered[:-1]),
        SealedCell("answer", answered[-1], exercise),
    ]  # fmt: skip


def same(a: str, b: str) -> bool:
    """Equal but for white space at line ends and around."""
    return [line.rstrip() for line in a.strip().splitlines()] == [line.rstrip() for line in b.strip().splitlines()]


def _student(submission: Sequence[Cell]) -> tuple[str, str]:
    """Whose numbers, with which salt, the notebook asked for: `start("01", student="ada")`; the last such line counts.
    """
    found, salt = SELF_STUDY, SALT
    for cell in submission:
        if cell.type != "code" or "start" not in cell.source:
            continue
        for call in _calls(cell.source, "start"):
            named = [each.value for each in call.keywords if each.arg == "student"] + call.args[1:2]
            if named and isinstance(named[0], ast.Constant) and isinstance(named[0].value, str):
                found = named[0].value.strip() or SELF_STUDY
                salts = [each.value for each in call.keywords if each.arg == "salt"]
                salt = str(salts[0].value) if salts and isinstance(salts[0], ast.Constant) else SALT
    # An escape such as "\\ud800" makes a name that no file can take.
    return writable(found), writable(salt)


def literal(source: str, given: Mapping[str, Mapping[str, Any]]) -> str:
    """A cell of the hand-out with every given("1.1b") replaced by that student's numbers."""
    for call in reversed(_calls(source, "given")):
        id = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
        if isinstance(id, str) and id in given:
            source = source.replace(ast.get_source_segment(source, call) or "", repr(tuple(given[id].values())))
    return source


def _calls(source: str, name: str) -> list[ast.Call]:
    """The calls of a function, by its bare name or as an attribute, in a cell that Python can read."""
    tree = tree_of(source)
    if tree is None:
        return []
    calls = (each for each in ast.walk(tree) if isinstance(each, ast.Call))
    return [
        each for each in calls
        if (isinstance(each.func, ast.Name) and each.func.id == name)
        or (isinstance(each.func, ast.Attribute) and each.func.attr == name)
    ]  # fmt: skip
