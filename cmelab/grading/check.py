"""A student's own look at a notebook before it is handed in: the grader's machinery, on the visible points only."""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..exercises import UNITS, Unit
from ..exercises.finding import AWAITING, NOTED, RIGHT
from ..exercises.verdict import BELIEF, ONE_OF_TWO, SIGNS
from .handout import handout, unit_of
from .launch import run_sealed
from .limits import Limits
from .notebook import UnreadableNotebook, read_notebook
from .reseal import seal
from .score import Result, noted, problem, score

SECONDS = 0.75


def check_notebook(
    path: Path, *, course: Path | None = None, units: Sequence[Unit] = UNITS, limits: Limits | None = None
) -> int:
    """Run a notebook from top to bottom and print one line per exercise and the points so far.

    Returns
    -------
    0 where every point that is not given by a person is earned, else 1.

    Raises
    ------
    UnreadableNotebook
        The file is no notebook, or has none of the exercises.
    """
    path, limits = Path(path), limits or Limits()
    try:
        cells, _ = read_notebook(path)
    except UnreadableNotebook as error:
        raise UnreadableNotebook(f"{path}: {error}") from None
    unit = unit_of(cells, units)
    if unit is None:
        raise UnreadableNotebook(f"{path} has none of the exercises; give your copy of an exercises.ipynb.")
    handed_out = handout(unit, course)
    sealed = seal(handed_out, cells, None, seconds=SECONDS * limits.cell)
    outcome = run_sealed(sealed, limits)
    if trouble := problem(sealed, outcome):
        raise RuntimeError(f"{path}: {trouble} `cmelab doctor` looks for the cause.")
    results = score(unit, sealed, outcome, limits.cell)
    print(f"Unit {unit.id} · {unit.title}, as student {sealed.student}")
    if unit.quiet:
        results = [noted(each) for each in results]
    for each in results:
        print(line(each))
    if unit.quiet:
        answered = sum(each.state == NOTED for each in results)
        print(f"{answered} of {len(results)} questions answered.")
        return 0 if answered == len(results) else 1
    earned = sum(each.points or 0 for each in results)
    later = sum(each.max for each in results if each.state == AWAITING)
    print(f"{earned} of {unit.points} points so far" + (f", {later} awaiting a reader." if later else "."))
    automatic = {each.id for each in unit.exercises if each.automatic}
    return 0 if all(each.state == RIGHT for each in results if each.exercise in automatic) else 1


def line(result: Result) -> str:
    """One exercise in one line: state, points, and for a wrong answer what was seen and the beliefs behind it."""
    points = "-" if result.points is None else str(result.points)
    told = [text for i, (label, text) in enumerate(result.lines) if i == 0 or label in (BELIEF, ONE_OF_TWO)]
    says = "" if result.state == RIGHT else " ".join(told)
    start = f"{SIGNS[result.state]} {result.state:<9} {points}/{result.max}  {result.exercise:<5} {result.title}"
    return f"{start}: {says}" if says else start
