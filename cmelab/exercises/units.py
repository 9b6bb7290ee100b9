"""The units of the course that hold exercises, in the order they are taught."""
from __future__ import annotations

from . import unit00, unit01, unit02, unit03, unit04, unit05, unit06, unit07, unit08, unit09
from .exercise import Exercise, ExerciseError, Unit


def find(units: tuple[Unit, ...], id: str) -> Exercise:
    """The exercise with this id; an unknown id is told the known ones."""
    if not isinstance(id, str):
        raise ExerciseError(f'The number of an exercise is text: write "{id}", with quotation marks.')
    known = {each.id: each for unit in units for each in unit.exercises}
    if id not in known:
        near = [each for each in known if each.partition(".")[0] == id.partition(".")[0]] or list(known)
        raise ExerciseError(f"There is no exercise {id!r}; there are {', '.join(near)}.")
    return known[id]


def find_unit(units: tuple[Unit, ...], id: str | int) -> Unit:
    """The unit with this number: "01", "1" or 1."""
    for each in units:
        if each.id == str(id).zfill(2):
            return each
    raise ExerciseError(f"There is no unit {id!r}; there are {', '.join(each.id for each in units)}.")


def exercise(id: str) -> Exercise:
    """The exercise with this id, such as "1.1"."""
    return find(UNITS, id)


UNITS: tuple[Unit, ...] = (
    Unit("00", "Before the course", unit00.UNIT, quiet=True),
    Unit("01", "Counting molecules", unit01.UNIT),
    Unit("02", "Waiting times", unit02.UNIT),
    Unit("03", "The master equation", unit03.UNIT),
    Unit("04", "Steady state", unit04.UNIT),
    Unit("05", "Structure", unit05.UNIT),
    Unit("06", "The rate equation as a limit", unit06.UNIT),
    Unit("07", "Moment closure", unit07.UNIT),
    Unit("08", "The chemical Langevin equation", unit08.UNIT),
    Unit("09", "Delays", unit09.UNIT),
)
