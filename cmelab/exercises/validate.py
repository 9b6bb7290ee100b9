"""A table of exercises that could not be diagnosed is refused, with the names of what coincides."""
from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from itertools import combinations
from typing import Any

from .exercise import KINDS, Exercise, ExerciseError, Unit, distance
from .misconceptions import MISCONCEPTIONS, parts
from .observe import LOOKS
from .points import BLANK
from .rounding import ECHO_MARGIN, ECHOED, clear_of_edges
from .weigh import ERRORS, errors_apart

APART = 0.05  # two models must differ by more than this somewhere, or a wrong answer could not be named
PROBES = (5, 8)
HINTS = 3


def validate(unit: Unit) -> None:
    """Refuse a unit whose wrong answers could not be named.

    Raises
    ------
    ExerciseError
        The first thing that is wrong: which exercise, what was found, what is allowed.
    """
    for what, of in (("ids", lambda each: each.id), ("names", lambda each: each.name)):
        used = [of(each) for each in unit.exercises]
        if twice := sorted({each for each in used if used.count(each) > 1}):
            raise ExerciseError(f"Unit {unit.id} uses {what} twice: {', '.join(twice)}. Give each exercise its own.")
    for exercise in unit.exercises:
        if not re.fullmatch(r"\d+\.\d+[a-z]?", exercise.id) or int(exercise.id.split(".")[0]) != int(unit.id):
            like = f"{int(unit.id)}.1 or {int(unit.id)}.1b"
            raise ExerciseError(f"{exercise.id!r} is no exercise of unit {unit.id}; write {like}.")
        if problem := trouble(exercise, quiet=unit.quiet):
            raise ExerciseError(f"Exercise {exercise.id} ({exercise.title}): {problem}")


def trouble(exercise: Exercise, *, quiet: bool = False) -> str:
    """The first thing that is wrong with one exercise, or nothing; a quiet one has no hints and tells no belief."""
    if exercise.kind not in KINDS:
        return f"the kind is {exercise.kind!r}; choose from {', '.join(KINDS)}."
    if not exercise.name.isidentifier():
        return f"an answer cell cannot define {exercise.name!r}; give a Python name."
    if not isinstance(exercise.points, int) or exercise.points < 0:
        return f"points are {exercise.points!r}; give a whole number, 0 or more."
    if not quiet and (len(exercise.hints) != HINTS or not all(exercise.hints)):
        return f"there are {len(exercise.hints)} hints; write {HINTS}: a question, a picture, nearly the solution."
    if not exercise.why:
        return "`why` is empty; say why the right answer is right."
    return _models_trouble(exercise, quiet) if exercise.automatic else ""


def _models_trouble(exercise: Exercise, quiet: bool) -> str:
    if exercise.reference is None:
        return "there is no reference; give the right answer as a function."
    for key in exercise.wrong:
        if unknown := [each for each in parts(key) if each not in MISCONCEPTIONS]:
            return f"the wrong model {key!r} names {', '.join(unknown)}; known are {', '.join(MISCONCEPTIONS)}."
        if not quiet and key not in exercise.implies and "+" not in key:
            return f"`implies` says nothing about {key!r}; say what that belief means here, with numbers."
    if stray := [key for key in exercise.implies if key not in exercise.wrong]:
        return f"`implies` speaks of {', '.join(stray)}, and no wrong model has that name."
    fillable = () if exercise.called else (*exercise.default, "answer")
    for key, text in exercise.implies.items():
        if blank := next((each for each in BLANK.findall(text) if each not in fillable), ""):
            known = ", ".join(f"{{{each}}}" for each in fillable) or "nothing; a function has no given numbers"
            return f"`implies` for {key!r} has the blank {{{blank}}}; there is {known}."
    if exercise.kind == "witness":
        return _witness_trouble(exercise)
    problem = _function_trouble(exercise) if exercise.called else _numbers_trouble(exercise)
    return problem or coincidence(exercise, exercise.default)


def _function_trouble(exercise: Exercise) -> str:
    if exercise.given is not None or exercise.default:
        return "a function has no given numbers; its arguments are in `probes` and `secret`."
    sampler = exercise.kind == "sampler"
    if sampler != bool(exercise.repeats):
        return f"repeats are {exercise.repeats}; a sampler is called 100 times or more, a function once."
    if exercise.look not in LOOKS or (sampler and exercise.look):
        return f"the look is {exercise.look!r}; choose from {', '.join(LOOKS)}, and none for a sampler."
    if exercise.secret is None and not sampler:
        return "a function needs `secret`, which draws fresh arguments for the hidden check."
    least = 1 if sampler else PROBES[0]
    if not least <= len(exercise.probes) <= PROBES[1]:
        return f"there are {len(exercise.probes)} probes; give {least} to {PROBES[1]}."
    for probe in exercise.probes:
        if len(probe) + sampler != len(exercise.arguments):
            return f"the probe {probe} does not fit the arguments ({', '.join(exercise.arguments)})."
        if not _is_literal(probe):
            return f"the probe {probe} must be made of plain numbers, texts, tuples and lists."
    for probe, values in zip(exercise.probes, exercise.values("right"), strict=True):
        if not sampler and not clear_of_edges((values,), ECHOED, ECHO_MARGIN, exercise.floor):
            return f"the right value at {probe} lies where rounding to {ECHOED} digits may go either way; change it."
    return ""


def _witness_trouble(exercise: Exercise) -> str:
    """Every example must be what it is an example of, and nothing else."""
    if exercise.probes or exercise.secret is not None or set(exercise.examples) != {"right", *exercise.wrong}:
        return "a witness has no probes; it needs `examples` of a right answer and of each wrong model."
    for name, example in exercise.examples.items():
        true = [key for key in ("right", *exercise.wrong) if exercise.model(key)(example, **exercise.default)]
        if true != [name]:
            return f"the example {example} of {name!r} must be that only, and it is {', '.join(true) or 'nothing'}."
    return ""


def _numbers_trouble(exercise: Exercise) -> str:
    if exercise.probes or exercise.secret is not None:
        return "`probes` and `secret` are for functions; numbers are drawn by `given`."
    if exercise.given is not None and not exercise.default:
        return "`given` needs `default`, the numbers of a student who is on their own."
    if not all(_is_literal(each) for each in exercise.default.values()):
        return "`default` must be made of plain numbers, texts, tuples and lists."
    wanted = exercise.values("right")
    if (len(wanted[0]) == 1) != (exercise.kind == "number"):
        return f"the reference gives {len(wanted[0])} number(s) and the kind is {exercise.kind!r}."
    if not clear_of_edges(wanted):
        return f"the right answer {wanted[0]} lies where rounding to 3 digits may go either way; change `default`."
    return ""


def coincidence(exercise: Exercise, given: Mapping[str, Any]) -> str:
    """Which two models could not be told apart, for these given numbers; nothing where all can."""
    if exercise.kind == "witness":
        return ""
    values = {name: exercise.values(name, given) for name in ("right", *exercise.wrong)}
    for a, b in combinations(values, 2):
        if exercise.kind == "sampler":
            if (apart := errors_apart(values[a], values[b], exercise.repeats)) <= 2 * ERRORS:
                return (
                    f"{a!r} and {b!r} are {apart:.1f} standard errors apart after {exercise.repeats} draws; more than "
                    f"{2 * ERRORS:g} are needed to tell them: raise `repeats`, change the probes, or drop one."
                )
            continue
        if (apart := distance(values[a], values[b])) <= APART:
            where = "on every probe" if exercise.called else f"for {dict(given)}"
            return (
                f"{a!r} and {b!r} differ by {apart:.1%} at most {where}; a wrong answer could not be named. "
                f"They must differ by more than {APART:.0%} somewhere: change the numbers, or drop one."
            )
    return ""


def _is_literal(value: Any) -> bool:
    """True where the value can be written into a notebook cell and read back the same."""
    try:
        return ast.literal_eval(repr(value)) == value
    except (ValueError, SyntaxError):
        return False
