"""What an exercise is: the right answer, the wrong ones and the belief behind each, the points tried, the hints."""
from __future__ import annotations

import hashlib
import inspect
import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .observe import LOOKS, alive, seen

KINDS = ("function", "sampler", "number", "numbers", "witness", "text")

# What a model gives at every point tried: one row of components per point.
Values = tuple[tuple[float, ...], ...]


class ExerciseError(ValueError):
    """An exercise, or a unit, that could not be checked or diagnosed as it is written."""


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One checked answer with its points; a second question is an exercise of its own ("1.1b").

    kind       "function": the answer is a function, tried on `probes`; "number" or "numbers": the answer is a
               float or a tuple of them, computed from `given`; "text": read and marked by a person;
               "sampler": a function with a random generator `rng` as its last argument, called `repeats` times on
               each probe; "witness": any numbers of which something is true
    name       the name that the answer cell defines
    reference  the right answer: the function itself, or (**given) -> value; of a sampler (*probe) -> the expected
               value and the expected square of each number drawn, in turns; of a witness (answer, **given) -> bool
    wrong      misconception id -> what that belief gives, with the signature of `reference`;
               "P1+P2" is a pair of beliefs, "P3:inverted" a variant of one
    probes     function: 5 to 8 argument tuples for the visible check and the diagnosis (sampler: 1 to 8). A text
               that begins with "lambda", or holds a "def", reaches the function as what it defines
    look       function: how what it gives becomes numbers; "row_space": the space its rows span, in any basis;
               "catches": it is a test, and 1 where it fails for the function it is given
    repeats    sampler: how often it is called per round; there are two rounds, and one must agree
    floor      function: what is smaller counts as zero, where arithmetic leaves errors of its own
    examples   witness, sampler: "right" and each key of `wrong` -> an answer of that kind (a sampler draws)
    secret     function: draws one fresh argument tuple for the hidden check
    given      draws the numbers of one student; `default` are those of a student who is on their own
    implies    key of `wrong` -> what the belief means here; for numbers, {n} is filled with the given number n of the
               student, and {answer} with what they gave
    forbidden  public cmelab names that the answer may not use, because they are the answer
    tells      function, witness: (answer, *arguments) -> what is true of an answer that no belief explains, as a
               sentence that helps and gives nothing away; "" where there is nothing to say
    unit       the unit of the result, such as "1/s"
    choices    number: the answer is the number of one of so many choices; 0 where it may be any number
    """

    id: str
    title: str
    topic: str
    points: int
    kind: str
    name: str
    reference: Callable[..., Any] | None = None
    wrong: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    probes: tuple[tuple[Any, ...], ...] = ()
    secret: Callable[[random.Random], tuple[Any, ...]] | None = None
    given: Callable[[random.Random], dict[str, Any]] | None = None
    default: Mapping[str, Any] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    why: str = ""
    implies: Mapping[str, str] = field(default_factory=dict)
    forbidden: tuple[str, ...] = ()
    tells: Callable[..., str] | None = None
    unit: str = ""
    look: str = ""
    repeats: int = 0
    floor: float = 0.0
    choices: int = 0
    examples: Mapping[str, Any] = field(default_factory=dict)

    @property
    def called(self) -> bool:
        """True where the answer is a function."""
        return self.kind in ("function", "sampler")

    @property
    def judged(self) -> bool:
        """True where many answers are right, so that an echo is judged and not compared with one text."""
        return self.kind in ("sampler", "witness")

    @property
    def automatic(self) -> bool:
        """False where a person gives the points."""
        return self.kind != "text"

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of the arguments of the function, or of the given numbers."""
        found = tuple(inspect.signature(self.model("right")).parameters)
        if self.kind == "witness":
            return found[1:]
        return (*found, "rng") if self.kind == "sampler" else found

    @cached_property
    def tabular(self) -> bool:
        """True where the answer is a table of numbers."""
        if self.kind != "function":
            return False
        return seen(LOOKS[self.look](self.model("right"), *alive(self.probes[0])))[0] == "matrix"

    def model(self, name: str) -> Callable[..., Any]:
        """The right answer ("right"), or a wrong one by its key."""
        found = self.reference if name == "right" else self.wrong.get(name)
        if found is None:
            raise ExerciseError(f"Exercise {self.id} has no model {name!r}; it has right, {', '.join(self.wrong)}.")
        return found

    def values(self, name: str, given: Mapping[str, Any] | None = None) -> Values:
        """What a model gives: at every probe (function), or for the given numbers (number, numbers)."""
        model = self.model(name)
        if self.kind == "witness":
            return (components(self.examples[name]),)
        if self.called:
            return tuple(self.at(name, probe) for probe in self.probes)
        return (components(model(**(self.default if given is None else given))),)


    def at(self, name: str, point: tuple[Any, ...]) -> tuple[float, ...]:
        """What a model gives at one point, looked at as an answer is."""
        return components(LOOKS[self.look](self.model(name), *alive(point)))


@dataclass(frozen=True)
class Unit:
    """The exercises of one unit of the course; a table that could not be diagnosed is refused.

    A quiet unit notes answers and says nothing of them: a test before and after the course.
    """

    id: str
    title: str
    exercises: tuple[Exercise, ...]
    quiet: bool = False

    def __post_init__(self) -> None:
        from .validate import validate

        validate(self)

    def __iter__(self) -> Iterator[Exercise]:
        return iter(self.exercises)

    @property
    def points(self) -> int:
        """All points of the unit, those that a person gives included."""
        return sum(each.points for each in self.exercises)


def digest(unit: Unit) -> str:
    """Changes with everything that a verdict or its words depend on: models, points, texts."""
    content = [
        [each.id, each.title, each.points, each.kind, each.name, each.hints, each.why, each.unit, dict(each.implies),
         {name: each.values(name) for name in ("right", *each.wrong)} if each.automatic else {}]
        for each in unit
    ]  # fmt: skip
    return hashlib.sha256(repr(content).encode()).hexdigest()


def components(value: Any) -> tuple[float, ...]:
    """A result as a row of floats; one number is a row of one, a table begins with its shape."""
    tag, found = seen(value)
    if tag == "matrix" and isinstance(found, list):
        return tuple(found)
    return tuple(float(each) for each in value) if hasattr(value, "__len__") else (float(value),)


def apart(x: float, y: float) -> float:
    """The relative difference of two numbers; 1 where one of them only is infinite."""
    if x == y:
        return 0.0
    return abs(x - y) / max(abs(x), abs(y)) if math.isfinite(x) and math.isfinite(y) else 1.0


def distance(a: Values, b: Values) -> float:
    """The largest relative difference between two models over all points; inf where their shapes differ."""
    if [len(row) for row in a] != [len(row) for row in b]:
        return float("inf")
    pairs = (pair for p, q in zip(a, b, strict=True) for pair in zip(p, q, strict=True))
    return max((apart(x, y) for x, y in pairs), default=0.0)
