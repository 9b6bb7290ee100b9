"""Which belief is behind an answer: compare what was seen with the right model and with every wrong one."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .clues import about_function, about_number, about_table, about_test, telling
from .exercise import Exercise, Values
from .finding import NOT_TRIED, NOT_YET, RIGHT, Finding
from .observe import KEPT, Sink, rounded, see_function, seen
from .pairs import pairs
from .points import for_numbers, plain, point, row
from .rounding import TYPED, noise, noise_of_belief
from .spaces import equal_parts
from .trouble import trouble
from .weigh import weigh

SECONDS = 5.0  # for all calls of one check
EXACT = 1e-6  # largest relative error of a function that is right
TYPING = 0.006  # relative error of a number typed with 3 digits


def diagnose(exercise: Exercise, answer: Any, given: Mapping[str, Any], *, seconds: float = SECONDS) -> Finding:
    """Try a student's answer and say what it is.

    A function is right where it agrees with the reference within 1e-6 on every probe; a typed number where both
    are the same when rounded to 3 significant digits.
    """
    if exercise.called:
        sightings, sink = see_function(answer, exercise.probes, seconds, exercise.look, exercise.repeats)
        found = judge(exercise, sightings, given)
        return replace(found, printed=printed(sink))
    return judge(exercise, [seen(answer)], given)


def judge(
    exercise: Exercise, sightings: Sequence[tuple[str, Any]], given: Mapping[str, Any], *, tolerance: float = EXACT
) -> Finding:
    """Say what an answer is from what was seen of it, one sighting per point."""
    function = exercise.called
    if exercise.choices and not chosen(exercise.choices, *sightings[0]):
        return Finding(NOT_TRIED, f"Write the number of your choice, 1 to {exercise.choices}, without quotation marks.")
    if all(tag == "untried" or (tag == "none" and not function) for tag, _ in sightings):
        return Finding(NOT_TRIED, f"There is no answer in `{exercise.name}` yet.")
    right = exercise.values("right", given)
    if key := _belief_in_infinity(exercise, sightings, given, tolerance):
        says = f"At {point(exercise, 0)}: `{exercise.name}` returns inf." if function else "You give inf."
        return Finding(NOT_YET, says, key)
    for index, sighting in enumerate(sightings):
        if problem := trouble(exercise, sighting, index, right[index]):
            return Finding(NOT_YET, problem, _belief_in_another_shape(exercise, sightings, given, tolerance))
    if exercise.judged:
        return weigh(exercise, sightings, given)
    answer = tuple(row(value) for _, value in sightings)
    zero = noise(right, exercise.floor)
    wrong_at = [i for i, r in enumerate(right) if not _agree(answer[i], r, zero, tolerance if function else 0)]
    if not wrong_at:
        return Finding(RIGHT, exercise.why)
    if key := _belief(exercise, answer, given, tolerance if function else TYPING, zero):
        numbers = {} if function else {**given, "answer": plain(answer[0])}
        return Finding(NOT_YET, _example(exercise, answer, right, given), key, numbers=numbers)
    if function:
        return Finding(NOT_YET, about_function(exercise, answer, right, wrong_at))
    return Finding(NOT_YET, about_number(answer[0], right[0], given, exercise.unit))


def chosen(choices: int, tag: str, value: Any) -> bool:
    """True for the number of a choice: not for its text, nor for a number that stands in it."""
    return tag == "number" and float(value) in range(1, choices + 1)


def _belief(exercise: Exercise, answer: Values, given: Mapping[str, Any], tolerance: float, zero: float) -> str:
    """The key of the wrong model that gives this answer, else of the only pair of them that does; or nothing."""

    def gives(model: Sequence[Sequence[float] | None]) -> bool:
        told = tuple(tuple(m) for m in model if m is not None)
        least = zero if exercise.called else noise_of_belief(told, zero)
        return all(m is None or _near(a, m, tolerance, least) for a, m in zip(answer, model, strict=True))

    if single := next((key for key in exercise.wrong if gives(exercise.values(key, given))), ""):
        return single
    if exercise.look == "row_space":
        # A belief that keeps too few of the right rows says how many, not which.
        whole = exercise.values("right", given)
        return next((key for key in exercise.wrong if all(map(equal_parts, answer, exercise.values(key), whole))), "")
    # Where two pairs give the same, nobody knows which beliefs are held.
    found = [key for key, model in pairs(exercise, given).items() if gives(model)]
    return found[0] if len(found) == 1 else ""


def _belief_in_another_shape(
    exercise: Exercise, sightings: Sequence[tuple[str, Any]], given: Mapping[str, Any], tolerance: float
) -> str:
    """The key of the wrong model whose tables or rows these are, though not of the right shape; or nothing."""
    shape = "matrix" if exercise.tabular else "numbers"
    if exercise.kind != "function" or any(tag != shape for tag, _ in sightings):
        return ""
    zero = noise(exercise.values("right", given), exercise.floor)
    return _belief(exercise, tuple(row(value) for _, value in sightings), given, tolerance, zero)


def _belief_in_infinity(
    exercise: Exercise, sightings: Sequence[tuple[str, Any]], given: Mapping[str, Any], tolerance: float
) -> str:
    """The key of the wrong model that says "never", as this answer does; elsewhere inf is trouble, and no belief."""
    if exercise.judged or any(tag != "number" or not math.isinf(float(value)) for tag, value in sightings):
        return ""
    return _belief(exercise, tuple(row(value) for _, value in sightings), given, tolerance, 0.0)


def _agree(answer: Sequence[float], right: Sequence[float], zero: float, tolerance: float) -> bool:
    """Equal within the tolerance, or (tolerance 0, a typed number) after rounding to 3 significant digits."""
    if tolerance:
        return _near(answer, right, tolerance, zero)
    return all(rounded(x, TYPED, zero) == rounded(y, TYPED, zero) for x, y in zip(answer, right, strict=True))


def _near(a: Sequence[float], b: Sequence[float], tolerance: float, zero: float) -> bool:
    pairs = zip(a, b, strict=False)
    # Of two numbers one of which is infinite neither is near the other.
    return len(a) == len(b) and all(
        x == y or abs(x - y) <= max(tolerance * max(abs(x), abs(y)), zero) < math.inf for x, y in pairs)


def _example(exercise: Exercise, answer: Values, right: Values, given: Mapping[str, Any]) -> str:
    """Their answer at the point that tells most."""
    if exercise.kind != "function":
        return f"You give {plain(answer[0])}{for_numbers(given)}."
    index = telling(answer, right, exercise.floor)
    if exercise.look == "catches":
        wrong_at = [i for i, row in enumerate(answer) if row != right[i]]
        return about_test(exercise, answer, right, wrong_at)
    if exercise.tabular:
        return about_table(exercise, answer, right, index)
    return f"You give {plain(answer[index])} at {point(exercise, index)}."


def printed(sink: Sink) -> str:
    """A sentence on what the answer printed while it was tried; nothing where it was silent."""
    if not sink.total:
        return ""
    begins = "which begins with" if sink.total > KEPT else "namely"
    return f"While it was tried it printed {sink.total} characters, {begins}: {sink.kept.strip()}"
