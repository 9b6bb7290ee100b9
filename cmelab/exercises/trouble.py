"""Answers that cannot be compared at all: no number, no function, no end. Each gets a sentence."""
from __future__ import annotations

import math
from typing import Any

from .exercise import Exercise
from .points import many, point, row
from .spaces import everything


def trouble(exercise: Exercise, sighting: tuple[str, Any], index: int, right: tuple[float, ...]) -> str:
    """Why what was seen at one point cannot be compared with the right numbers; nothing where it can."""
    tag, value = sighting
    function, table = exercise.called, exercise.tabular
    wanted = len(right) // 2 if exercise.kind == "sampler" else len(right)
    arguments = f"({', '.join(exercise.arguments)})" if function else ""
    where = f"At {point(exercise, index)}: " if function else ""
    answer = f"`{exercise.name}`"
    subject = f"{where}{answer} {'returns' if function else 'is'}"
    need = "one number" if wanted == 1 else f"{wanted} numbers in a row"
    if table:
        need = _table(exercise, right)
    if tested := exercise.look == "catches":
        need = "True or False, or nothing after an `assert`"
    need += f" (in {exercise.unit})" if exercise.unit else ""
    sentences = {
        "undefined": f"No cell defines {answer}.",
        "none": f"{subject} nothing (None). Is a `return` missing?",
        "untried": f"{subject} `...`: there is still a gap in it.",
        "text": f"{subject} the text {value}; it must be {need}." + " A number has no quotation marks." * (not tested),
        "bool": f"{subject} {value}, a yes or no; it must be {need}.",
        "complex": f"{subject} the complex number {value}; it must be {need}, without an imaginary part.",
        "type": f"{subject} a {value}; it must be {need}.",
        "shape": f"{subject} an array of shape {value}; it must be {need}.",
        "raised": f"{where}{answer} stops with {value}" + "." * (not str(value).endswith((".", "?", "!")))
        + _tuples(exercise, index, str(value))
        + " A test fails by an `assert` that does not hold." * (exercise.look == "catches" and right == (1.0,)),
        "arguments": f"{answer} takes {value}; it is called with {arguments}.",
        "function": f"{answer} must be a function of {arguments}, and it is a {value}.",
    }
    if tag in sentences:
        return sentences[tag]
    if tag == "endless":
        return f"{where}{answer} had no answer after {value:g} seconds. Does a loop never end?"
    if tag == "element":
        place, inner, text = value
        kinds = {"text": "the text ", "complex": "the complex number "}
        look = {"none": "None", "untried": "`...`"}.get(inner, f"{kinds.get(inner, '')}{text}")
        return f"{subject} {look} at position {place} (counted from 0); it must be {need}."
    if tag == "sample":
        drawn = len(value[0]) // 2
        if drawn != wanted:
            return f"{subject} {drawn} numbers; it must be {need}."
        # A wrong model may leave the numbers now and then; where both rounds did, nothing can be compared.
        lost = all(any(not math.isfinite(mean) for mean, _ in each) for each in value)
        return f"{subject} now and then no finite number. Is there a division by 0, or a root of one below?" * lost
    numbers = row(value)
    what = "a table" if tag == "matrix" else "one number" if tag == "number" else f"a row of {len(numbers)}"
    if tested and numbers not in ((0.0,), (1.0,)):
        return f"{subject} {f'{numbers[0]:g}' if tag == 'number' else what}; it must be {need}."
    if table and (tag != "matrix" or tuple(numbers[:2]) != right[:2]):
        shape = _table(exercise, numbers) if tag == "matrix" else "no table"
        turn = " Are they columns? `.T` makes rows of them."
        columns = exercise.look == "row_space" and tag == "matrix" and everything(numbers)
        return f"{subject} {shape}; it must be {need}." + turn * columns
    if not table and (len(numbers) != wanted or tag == "matrix" or (tag == "numbers") != (wanted > 1)):
        return f"{subject} {what}; it must be {need}."
    odd = [each for each in numbers if not math.isfinite(each)]
    cause = "a division by 0, or a root of a number below 0"
    return f"{subject} {odd[0]}, which is no finite number. Is there {cause}?" if odd else ""


def _tuples(exercise: Exercise, index: int, error: str) -> str:
    """What to do where an answer takes for an array what is a tuple."""
    given = exercise.called and any(isinstance(each, tuple) for each in exercise.probes[index])
    if given and error.startswith(("TypeError", "AttributeError")) and ("'tuple'" in error or "tuple ind" in error):
        return " What is given is a tuple, or a tuple of rows: `np.array(...)` makes an array of it."
    return ""


def _table(exercise: Exercise, table: tuple[float, ...]) -> str:
    """The shape of a table; of a space that rows span, how long they are (its projector is no concern of students)."""
    if exercise.look == "row_space":
        return "no row" if tuple(table) == (1.0, 1.0, 0.0) else f"rows of {many(table[1], 'number')}"
    return f"a table of {many(table[0], 'row')} and {many(table[1], 'column')}"
