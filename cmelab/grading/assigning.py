"""Hand out: for every student a notebook with numbers of their own, on which every belief of the unit shows."""
from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..exercises import UNITS, Unit, numbers_of
from ..exercises.units import find_unit
from .handout import handout
from .roster import Person, RosterError, file_stem, read_roster
from .tables import write_text

FINE = 0
# In place of the text that asks for a name.
LEAVE = "The numbers in this notebook are your own. Leave the line with `start` as it is."

# What a student types to have the saved notebook checked.
CHECK = "!cmelab check exercises.ipynb"


def assign(
    roster: Path, folder: Path, *, salt: str, units: Sequence[str] | None = None, course: Path | None = None,
    known: Sequence[Unit] = UNITS,
) -> int:
    """Write `<folder>/<unit>/<student>.ipynb` for every student of a roster.

    Parameters
    ----------
    salt : any text; the same one gives the same numbers again.
    units : numbers such as "01"; None for all.
    course : folder of the pristine notebooks; the one of this clone where it is left out.

    Raises
    ------
    RosterError : the roster cannot be read; the message names the line.
    ExerciseError : no such unit, or no draw of numbers shows every belief.
    FileExistsError : a student's notebook is there already; it may hold answers.
    """
    if not salt.strip() or not salt.isprintable():
        raise RosterError("--salt is empty; give any text, such as the year.")
    people = read_roster(roster)
    chosen = [find_unit(tuple(known), each) for each in units] if units else [*known]
    made: dict[Path, dict[str, Any]] = {}
    for unit in chosen:
        pristine = handout(unit, course).path
        for person in people:
            path = folder / pristine.parent.name / f"{file_stem(person.id)}.ipynb"
            made[path] = assigned(pristine, unit, person, salt)
    if there := next((each for each in made if each.exists()), None):
        raise FileExistsError(f"{there} is there already, and may hold answers; give another folder with -o.")
    for path, notebook in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    print(f"{len(people)} students, {len(made)} notebooks in {folder}. Collect them under the same names, then: "
          f"cmelab grade SUBMISSIONS -o REPORT --roster {roster}")  # fmt: skip
    return FINE


def assigned(path: Path, unit: Unit, person: Person, salt: str) -> dict[str, Any]:
    """The notebook of one student: their id in the line `start(...)`, and in the notebook's metadata.

    Raises
    ------
    RosterError
        The hand-out has no line `start("01", student="self-study")` to put it into.
    """
    notebook = copy.deepcopy(json.loads(path.read_text("utf-8")))
    for exercise in unit:
        numbers_of(exercise, person.id, salt=salt)  # raises where no draw shows every belief
    plain = f'start("{unit.id}", student="self-study")'
    there = False
    line = f"start({json.dumps(unit.id)}, student={person.id!r}, salt={salt!r})"
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and CHECK in source:
            cell["source"] = source.replace(CHECK, CHECK.replace(path.name, f'"{file_stem(person.id)}.ipynb"'))
        if cell["cell_type"] == "markdown" and "`self-study`" in source:
            cell["source"] = LEAVE
        if cell["cell_type"] == "code" and plain in source:
            cell["source"] = source.replace(plain, line)
            there = True
    if not there:
        raise RosterError(f"{path} has no line {plain}; `cmelab build {unit.id}` makes the notebook anew.")
    notebook["metadata"]["cmelab"] = {"student": person.id, "salt": salt, "unit": unit.id}
    return notebook
