"""Answers of which many are right: random draws by their means, witnesses by what is true of them."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .exercise import Exercise, Values
from .finding import NOT_YET, RIGHT, Finding
from .observe import rounded
from .points import for_numbers, plain, point, row

# Standard errors of a mean. A right sampler of exponential times misses one mean of 400 by more about once in 10,000;
# both of its two rounds must miss.
ERRORS = 5.0
# Largest standard deviation of a square, in units of its mean; an exponential time has 2.2.
WIDEST = 5.0
EXACT = 1e-9  # relative; a number that never varies has no standard error

Round = Sequence[Sequence[Sequence[float]]]  # per point, per component: mean and its standard error


def weigh(exercise: Exercise, sightings: Sequence[tuple[str, Any]], given: Mapping[str, Any]) -> Finding:
    """Say what an answer is that can be right in many ways."""
    if exercise.kind == "witness":
        return _witness(exercise, row(sightings[0][1]), given)
    rounds = [[value[i] for _, value in sightings] for i in range(len(sightings[0][1]))]
    right = exercise.values("right")

    def fits(model: Values, step: int) -> bool:
        """True where one round agrees in all means (step 2), or in mean squares as well (step 1)."""
        return any(_fits(each, model, exercise.repeats, step) for each in rounds)

    if fits(right, 1):
        return Finding(RIGHT, exercise.why)
    says = about_draws(exercise, rounds[0], right)
    # Wrong models differ in means, and what some of them draw has tails that mean squares seldom show.
    key = next((key for key in exercise.wrong if fits(exercise.values(key), 2)), "")
    return Finding(NOT_YET, says, key)


def _fits(drawn: Round, model: Values, repeats: int, step: int) -> bool:
    pairs = zip(drawn, model, strict=True)
    return all(off <= ERRORS for means, wanted in pairs for off in _offs(means, wanted, repeats)[::step])


def _offs(means: Sequence[Sequence[float]], wanted: Sequence[float], repeats: int) -> list[float]:
    """How many standard errors each mean is away from the one wanted.

    A mean has the error of its model. What the error of a mean square is no model tells: it is that of the draws,
    within bounds. Draws that are all 0, where one in a thousand should be 1, have none; and one enormous draw in 400
    has an error as large as its mean, and would fit everything.
    """
    found = []
    for (mean, _), (square, error), m, s in zip(means[::2], means[1::2], wanted[::2], wanted[1::2], strict=True):
        spread = max(s - m**2, 0.0) ** 0.5
        varies = spread / abs(m) if m else 1.0  # of a rare count, its square varies as much
        least, most = (times * s / repeats**0.5 for times in (varies, max(WIDEST, 2 * varies)))
        found += [_off(mean, spread / repeats**0.5, m), _off(square, min(max(abs(error), least), most), s)]
    return found


def _off(mean: float, error: float, wanted: float) -> float:
    """How many standard errors a mean is away from the one wanted."""
    apart = abs(mean - wanted)
    if apart <= EXACT * max(1.0, abs(wanted)):
        return 0.0
    return apart / error if error else float("inf")


def errors_apart(a: Values, b: Values, repeats: int) -> float:
    """How many standard errors the means of two models of a sampler lie apart, at the probe that tells most."""
    found = [0.0]
    for one, other in zip(a, b, strict=True):
        for i in range(0, len(one), 2):
            spread = max(one[i + 1] - one[i] ** 2, other[i + 1] - other[i] ** 2, 0.0) ** 0.5
            found.append(_off(one[i], spread / repeats**0.5, other[i]))
    return max(found)


def about_draws(exercise: Exercise, drawn: Round, right: Values) -> str:
    """The mean that is off most, and which way; where all means are right, the spread."""
    found = [
        (off, i, j)
        for i, means in enumerate(drawn)
        for j, off in enumerate(_offs(means, right[i], exercise.repeats))
    ]
    off, i, j = max(each for each in found if each[2] % 2 == 0)
    if off <= ERRORS:
        # All means are right: the point to speak of is where the squares are off most.
        _, i, square = max(each for each in found if each[2] % 2)
        j = square - 1
    entry = f" of entry {j // 2} (the first is 0)" if len(right[i]) > 2 else ""
    mean, error = drawn[i][j]
    where = f"At {point(exercise, i)}: " if exercise.probes[i] else ""
    varies = right[i][j + 1] > right[i][j] ** 2 * (1 + EXACT)
    same = " All are the same: is each drawn from the `rng` that is given?" * (varies and error <= EXACT * abs(mean))
    text = f"{where}{exercise.repeats} draws of `{exercise.name}` have the mean{entry} "
    text += f"{rounded(mean, 4)} ± {rounded(error, 2)}; "
    if off > ERRORS:
        return text + f"that is too {'large' if mean > right[i][j] else 'small'}.{same}"
    wide = "wide" if drawn[i][j + 1][0] > right[i][j + 1] else "narrow"
    return text + f"the mean is right, and the draws lie too {wide} around it.{same}"


def _witness(exercise: Exercise, numbers: tuple[float, ...], given: Mapping[str, Any]) -> Finding:
    answer: Any = numbers[0] if len(numbers) == 1 else numbers
    try:
        if exercise.model("right")(answer, **given):
            return Finding(RIGHT, exercise.why)
        key = next((key for key in exercise.wrong if exercise.model(key)(answer, **given)), "")
    except (ArithmeticError, ValueError) as error:
        return Finding(NOT_YET, f"You give {plain(numbers)}, which cannot be tried: {error}")
    says = f"You give {plain(numbers)}{for_numbers(given)}"
    says += "." if key else "; what is asked for is not true of that."
    if not key and exercise.tells and (more := exercise.tells(answer, **given)):
        says += f" {more}"
    return Finding(NOT_YET, says, key, numbers={**given, "answer": plain(numbers)})
