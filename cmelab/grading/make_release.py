"""What is handed out without the solutions, and the same exercises as an assignment of nbgrader.

nbgrader's own `generate_assignment` takes the solutions and the hidden tests out, `autograde` puts the tests back.
"""
from __future__ import annotations

import copy
import secrets
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ..exercises import UNITS, Exercise, Unit
from .make_notebooks import BEGIN, handed_out, lesson, read, unit_folders, with_exercises, write

HANDOUT, SOURCE = "handout", "source"
HIDDEN = "### BEGIN HIDDEN TESTS\n{test}\n### END HIDDEN TESTS"


def release(units: Iterable[str] | None, into: Path, *, execute: bool = True) -> list[Path]:
    """Write `handout/` for students who are graded by `cmelab grade`, and `source/` for nbgrader.

    Parameters
    ----------
    units : numbers such as "01"; None for all.
    into : the folder to write to. For nbgrader it is the course's folder, where `nbgrader generate_assignment
        01_propensities` runs.
    execute : run the lessons, and keep their outputs.

    Raises
    ------
    SourceError : a source is malformed, or a cell of a lesson fails.
    """
    written = []
    for folder in unit_folders(units):
        unit = next((unit for unit in UNITS if unit.id == folder.name[:2]), None)
        exercises = with_exercises(read(folder / "exercises.md"), unit)
        place = into / HANDOUT / folder.name
        written += [
            *lesson(folder, unit, place, execute=execute),
            write(handed_out(exercises, unit), place / "exercises.ipynb"),
        ]
        assert unit is not None
        written.append(write(for_nbgrader(exercises.notebook, unit), into / SOURCE / folder.name / "exercises.ipynb"))
    return written


def for_nbgrader(exercises: NotebookNode, unit: Unit, *, secret: str = "") -> NotebookNode:
    """The exercises with their solutions, and after each check cell one that gives the points in nbgrader.

    The points that functions are tried at in hidden tests are drawn from `secret`; from a fresh one where it is "".
    """
    notebook, secret = copy.deepcopy(exercises), secret or secrets.token_hex(16)
    table = {each.id: each for each in unit}
    cells: list[NotebookNode] = []
    for cell in notebook.cells:
        cells.append(cell)
        about = cell.metadata.get("cmelab", {})
        exercise = table.get(about.get("exercise", ""))
        # A cell that fails where an answer is wrong would tell what a quiet unit does not.
        if exercise is None or not exercise.automatic or unit.quiet:
            continue
        if about["kind"] == "answer" and not exercise.called:
            # nbgrader leaves an error where the solution was; the name must stand before it.
            cell.source = cell.source.replace(BEGIN, f"{exercise.name} = None\n{BEGIN}", 1)
        if about["kind"] == "check":
            cells.append(points_cell(exercise, secret))
    notebook.cells = cells
    return notebook


def points_cell(exercise: Exercise, secret: str) -> NotebookNode:
    """A cell that fails where the answer is not right; nbgrader counts it."""
    number = f"{exercise.points} point{'s' * (exercise.points != 1)}"
    lines = [
        f"# {number}: this cell fails where the answer is not right. The cell above says why.",
        "from cmelab.exercises import earned",
        f'assert earned("{exercise.id}", {exercise.name})',
    ]
    if exercise.secret is not None:
        test = f'assert earned("{exercise.id}", {exercise.name}, secret="{secret}")'
        lines.append(HIDDEN.format(test=test))
    id = f"points-{exercise.id.replace('.', '-')}"
    nbgrader = {
        "schema_version": 3, "grade_id": id, "grade": True, "points": exercise.points, "solution": False,
        "locked": True, "task": False,
    }  # fmt: skip
    return nbformat.v4.new_code_cell(
        "\n".join(lines), id=id, metadata={"cmelab": {"exercise": exercise.id, "kind": "test"}, "nbgrader": nbgrader}
    )
