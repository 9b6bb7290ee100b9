"""Help for a wrong answer that no listed belief explains: where it is off, and which way, not what is right."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .exercise import Exercise, Values
from .observe import rounded
from .points import for_numbers, many, plain, point
from .rounding import TYPED, noise
from .spaces import dimension, inside

CLOSE = 0.02  # a typed number this near was rounded too much; the numbers of a function come of a coarse step
FACTORS = {
    2.0: "2 times", 0.5: "half of", 3.0: "3 times", 1 / 3: "a third of", 4.0: "4 times", 0.25: "a quarter of",
    6.0: "6 times", 1 / 6: "a sixth of", -1.0: "minus",
}  # fmt: skip
POWERS = {1: "{} times", -1: "1/{} times", 2: "{}² times", -2: "1/{}² times"}


def telling(answer: Values, right: Values, floor: float = 0.0) -> int:
    """The index of the most telling point: the right value is 0 and theirs is not, else the largest error."""
    zero = noise(right, floor)

    def error(index: int) -> tuple[bool, float]:
        pairs = [(x, y) for x, y in zip(answer[index], right[index], strict=True) if max(abs(x), abs(y)) > zero]
        spurious = any(y == 0 for _, y in pairs)
        largest = max((abs(x - y) / max(abs(x), abs(y)) for x, y in pairs if x != y), default=0.0)
        # Of points that are off alike the first counts, whatever the last digits are.
        return spurious, round(largest, 6)

    return max(range(len(answer)), key=error)


def about_function(exercise: Exercise, answer: Values, right: Values, wrong_at: Sequence[int]) -> str:
    """One point, the direction, a factor where it is the same everywhere; never a right value other than 0."""
    index = telling(answer, right, exercise.floor)
    if exercise.look == "catches":
        return about_test(exercise, answer, right, wrong_at)
    text = f"At {point(exercise, index)} you give {plain(answer[index])}; "
    if exercise.tabular:
        text = about_table(exercise, answer, right, index)
    elif right[index] != (0.0,) and nearly(answer[index], right[index]):
        text += "that is close, but not exact. Is a step too coarse, or a number rounded?"
    elif len(right[index]) > 1:
        text += f"look again at {entries(answer[index], right[index])}."
    elif right[index] == (0.0,):
        text += "the right value is 0 there. Can you see why?"
    elif answer[index] == (0.0,):
        text += "the right value is not 0 there."
    else:
        text += f"that is too {'large' if answer[index] > right[index] else 'small'}."
    theirs: Any = answer[index][0] if len(answer[index]) == 1 else answer[index]
    if exercise.tells and (more := exercise.tells(theirs, *exercise.probes[index])):
        text += f" {more}"
    if factor := common_factor(exercise, answer, right):
        text += f" Wherever it was tried, your value is {factor} the right one."
    fine = len(right) - len(wrong_at)
    return f"{text} {fine} of the {len(right)} points tried {'is' if fine == 1 else 'are'} right."


def about_table(exercise: Exercise, answer: Values, right: Values, index: int) -> str:
    """Where a table is off; of rows that span a space, what belongs there and what does not."""
    if exercise.look == "row_space":
        return f"At {point(exercise, index)}: {space(answer[index], right[index])}"
    mine, wanted = lines(answer[index]), lines(right[index])
    if mine != wanted and sorted(mine) == sorted(wanted):
        return f"At {point(exercise, index)} all rows are right, and stand in another order."
    return f"At {point(exercise, index)} look again at {cells(answer[index], right[index])}."


def space(answer: Sequence[float], right: Sequence[float]) -> str:
    """How the space that the rows span lies to the right one, from both projectors."""
    rows = dimension(answer)
    count = many(rows, "independent row")
    if inside(answer, right):
        return f"you give {count}; what you give belongs there, and something is missing."
    if inside(right, answer):
        return f"you give {count}; all that belongs there is among them, and something that does not."
    return f"you give {count}, and not all of them belong there."


def about_test(exercise: Exercise, answer: Values, right: Values, wrong_at: Sequence[int]) -> str:
    """The first program about which a test of the student's is wrong."""
    index = wrong_at[0]
    passes = "fails for" if answer[index] > right[index] else "passes for"
    kind = "wrong" if right[index] == (1.0,) else "right"
    text = f"Your test {passes} this program, which is {kind}: {point(exercise, index).partition(' = ')[2]}. "
    return f"{text}It judges {len(right) - len(wrong_at)} of {len(right)} programs as it should."


def lines(table: Sequence[float]) -> list[list[str]]:
    """The rows of a table, in digits that can be compared."""
    rows, columns = int(table[0]), int(table[1])
    return [[rounded(x, 6) for x in table[2 + i * columns : 2 + (i + 1) * columns]] for i in range(rows)]


def cells(answer: Sequence[float], right: Sequence[float]) -> str:
    """The first entry of a table that is off, and how many are."""
    found = [i for i, (x, y) in enumerate(zip(answer[2:], right[2:], strict=True)) if rounded(x, 6) != rounded(y, 6)]
    if not found:
        return "all entries, which are close, but not exact"
    row, column = divmod(found[0], int(right[1]))
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return f"row {row}, column {column} (the first are 0), where you give {rounded(answer[2 + found[0]], 4)}{more}"


def about_number(answer: Sequence[float], right: Sequence[float], given: Mapping[str, Any], unit: str = "") -> str:
    """Which way a number is off, not how far; units are asked after where there is one."""
    text = f"You give {plain(answer)}{for_numbers(given)}; "
    # Two digits after the point are a habit, and few digits of a small number.
    if all(abs(x - y) <= CLOSE * abs(y) or 0 != x == round(y, 2) for x, y in zip(answer, right, strict=True)):
        return text + f"that is close. Give {TYPED} significant digits, and round only at the end."
    if len(right) > 1:
        return text + f"look again at {entries(answer, right)}."
    if answer[0] * right[0] < 0:
        return text + "the sign is wrong."
    size = abs(answer[0]) / abs(right[0]) if right[0] else math.inf
    way = "large" if size > 1 else "small"
    if 0.1 < size < 10:
        return f"{text}that is too {way}."
    return f"{text}that is too {way} by far." + " Are the units right?" * bool(unit)


def entries(answer: Sequence[float], right: Sequence[float]) -> str:
    """Which entries are off, counted as Python counts; or that their order is."""
    if shuffled(answer, right):
        return "the order: these are the right numbers"
    found = off(answer, right)
    return f"{'entry' if len(found) == 1 else 'entries'} {', '.join(found)} (the first is 0)"


def nearly(answer: Sequence[float], right: Sequence[float]) -> bool:
    """Whether the typed digits agree; in a row also where every entry is off by little, as by a coarse step."""
    little = (abs(x - y) <= CLOSE * max(abs(x), abs(y)) for x, y in zip(answer, right, strict=True))
    return not off(answer, right) or (len(right) > 1 and all(little))


def off(answer: Sequence[float], right: Sequence[float]) -> list[str]:
    """The places of entries that differ in the digits a person types."""
    pairs = enumerate(zip(answer, right, strict=True))
    return [str(i) for i, (x, y) in pairs if rounded(x, TYPED) != rounded(y, TYPED)]


def shuffled(answer: Sequence[float], right: Sequence[float]) -> bool:
    """True where the right numbers stand in another order; equal ones would tell how many there are of each."""
    given, wanted = ({rounded(x, TYPED) for x in numbers} for numbers in (answer, right))
    return len(right) > 1 and given == wanted and len(wanted) == len(right)


def common_factor(exercise: Exercise, answer: Values, right: Values) -> str:
    """The factor between answer and right value, where it is one plain number, or one argument, at every point."""
    if any(len(r) != 1 or (r[0] == 0) != (a[0] == 0) for a, r in zip(answer, right, strict=True)):
        return ""
    ratios = {i: a[0] / r[0] for i, (a, r) in enumerate(zip(answer, right, strict=True)) if r[0]}
    if len(ratios) < 2:
        return ""
    for factor, words in FACTORS.items():
        if all(math.isclose(ratio, factor, rel_tol=1e-5) for ratio in ratios.values()):
            return words
    for place, name in enumerate(exercise.arguments):
        there = {i: exercise.probes[i][place] for i in ratios}
        if not all(isinstance(x, (int, float)) and x > 0 for x in there.values()) or len({*there.values()}) < 2:
            continue
        for power, words in POWERS.items():
            if all(math.isclose(ratio, there[i] ** power, rel_tol=1e-5) for i, ratio in ratios.items()):
                return words.format(name)
    return ""
