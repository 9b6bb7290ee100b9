"""Cells that make a kernel say what an answer gives, and the text that a right answer would print."""
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

from ..exercises import Exercise, ExerciseError, observe
from ..exercises.rounding import ECHO_MARGIN, ECHOED, TYPED, clear_of_edges, noise, noise_of_belief
from . import in_kernel

SECRETS = 5  # fresh argument tuples per function
DRAWS = 1000
WITNESSED = 12  # significant digits of a number of which something must be true
NO_TEXT = "judged by what it says\n"
LOUDEST = 20_000  # characters that a cell may print


def setup_cell(given: Mapping[str, Mapping[str, Any]]) -> str:
    """The first cell: it prepares the kernel and leaves nothing but `math` and `np` in the student's namespace."""
    numbers = {id: tuple(values.values()) for id, values in given.items()}
    prepare = Path(in_kernel.__file__).read_text("utf-8")
    watch = Path(observe.__file__).read_text("utf-8")
    call = f"prepare(__import__('IPython').get_ipython(), {watch!r}, {numbers!r}, {LOUDEST})"
    return f"exec({prepare + call!r}, {{'__name__': 'prepare'}})\nimport math\nimport numpy as np"


def echo_cell(
    exercise: Exercise, given: Mapping[str, Any], drawn: Random | None, seconds: float
) -> tuple[str, str, tuple[int | None, ...]]:
    """The source of an exercise's echo cell, what a right answer prints, and which line belongs to which probe.

    Functions are tried on the probes (for the diagnosis) and on fresh secret points, in a drawn order.
    """
    if exercise.judged:
        return _judged_cell(exercise, drawn, seconds)
    right = exercise.values("right", given)
    how: dict[str, Any] = {}
    if exercise.kind == "function":
        how = {"look": exercise.look} if exercise.look else {}
        order = [*range(len(exercise.probes))] + [None] * (SECRETS if drawn else 0)
        if drawn:
            drawn.shuffle(order)
        points = [secret_point(exercise, drawn) if drawn and i is None else exercise.probes[i or 0] for i in order]
        rows = [exercise.at("right", point) for point in points]
        digits = ECHOED
    else:
        order, points, rows, digits = [0], None, right, TYPED
    zero = noise(right, exercise.floor)
    if not exercise.called and all(abs(each) > zero for row in right for each in row):
        # No right value is near zero, so that a tiny one may be told: a belief may give it.
        zero = min([zero, *(noise_of_belief(exercise.values(key, given), zero) for key in exercise.wrong)])
    single = exercise.kind != "numbers" and not exercise.tabular and all(len(row) == 1 for row in right)
    several = "matrix" if exercise.tabular else "numbers"
    sightings = [("number", row[0]) if single else (several, list(row)) for row in rows]
    expected = "".join(observe.as_line(each, digits, zero) + "\n" for each in sightings)
    return _source(exercise, points, digits=digits, zero=zero, seconds=seconds, **how), expected, tuple(order)


def _judged_cell(
    exercise: Exercise, drawn: Random | None, seconds: float
) -> tuple[str, str, tuple[int | None, ...]]:
    """An echo that has many right texts: no output can equal the one expected, and what it prints is judged."""
    if exercise.kind == "witness":
        return _source(exercise, None, digits=WITNESSED, zero=0.0, seconds=seconds), NO_TEXT, (0,)
    seeds = (drawn.getrandbits(32), drawn.getrandbits(32)) if drawn else (1, 2)
    how = {"digits": ECHOED, "zero": 0.0, "seconds": seconds, "repeats": exercise.repeats, "seeds": seeds}
    return _source(exercise, list(exercise.probes), **how), NO_TEXT, tuple(range(len(exercise.probes)))


def _source(exercise: Exercise, points: Any, **how: Any) -> str:
    call = f"{in_kernel.ECHO}.tell({exercise.name!r}, {points!r}, {', '.join(f'{k}={v!r}' for k, v in how.items())})"
    return f"{in_kernel.ECHOES}\nimport {in_kernel.ECHO}\n{call}"


def secret_point(exercise: Exercise, drawn: Random) -> tuple[Any, ...]:
    """Fresh arguments whose right value rounds the same way for everyone.

    Raises
    ------
    ExerciseError
        1,000 draws lay at a rounding edge.
    """
    assert exercise.secret is not None
    for _ in range(DRAWS):
        point = exercise.secret(drawn)
        if clear_of_edges((exercise.at("right", point),), ECHOED, ECHO_MARGIN, exercise.floor):
            return point
    raise ExerciseError(f"Exercise {exercise.id}: {DRAWS} draws of `secret` all lie at a rounding edge; widen it.")
