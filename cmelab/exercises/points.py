"""Answers and the points they were tried at, in words."""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .exercise import Exercise
from .observe import rounded

BLANK = re.compile(r"\{(\w+)\}")


def point(exercise: Exercise, index: int) -> str:
    """The arguments of a probe by name: "n = 1, k = 0.6"."""
    named = zip(exercise.arguments, exercise.probes[index], strict=False)
    return ", ".join(f"{name} = {_said(value)}" for name, value in named)


def _said(value: Any) -> str:
    """An argument as a person reads it: a program by its first comment, a formula without its quotation marks.

    A table of floats is long enough without a ".0" behind each of its whole numbers.
    """
    if isinstance(value, str) and "def " in value:
        return next((line.strip(" #") for line in value.splitlines() if "#" in line), "a program").strip()
    return str(_whole(value))


def _whole(value: Any) -> Any:
    """The same within tuples, with whole floats as integers."""
    if isinstance(value, tuple):
        return tuple(int(x) if isinstance(x, float) and x.is_integer() else _whole(x) for x in value)
    return value


def many(number: float, thing: str) -> str:
    """A number of things: "1 row", "2 rows"."""
    return f"{number:g} {thing}{'s' * (number != 1)}"


def for_numbers(given: Mapping[str, Any]) -> str:
    """The given numbers by name, as the end of a phrase: " for n = 10, k = 0.53"; nothing where there are none."""
    return " for " + ", ".join(f"{name} = {typed(value)}" for name, value in given.items()) if given else ""


def typed(value: Any) -> str:
    """A given number as the exercise prints it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def filled(text: str, numbers: Mapping[str, Any]) -> str:
    """The text with {n} replaced by the number n; other braces stay."""
    return BLANK.sub(lambda found: typed(numbers[found[1]]) if found[1] in numbers else found[0], text)


def plain(numbers: Sequence[float]) -> str:
    """Numbers as a person would write them."""
    texts = [rounded(each, 4) for each in numbers]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def row(value: Any) -> tuple[float, ...]:
    """The components of what was seen; texts are numbers that an echo cell printed."""
    return tuple(float(each) for each in value) if isinstance(value, (list, tuple)) else (float(value),)
