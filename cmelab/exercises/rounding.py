"""Values that everyone rounds the same way, so that equal answers give equal text."""
from __future__ import annotations

import math
from decimal import Decimal

from .exercise import Values

TYPED = 3  # significant digits of a number that a person types
ECHOED = 6  # significant digits of the values a function gives
# A person who rounds to one digit more than asked is off by 0.05 of the last digit that counts.
MARGIN = 0.1
# Two right functions differ by their order of arithmetic only, 1e-9 of the value at most.
ECHO_MARGIN = 1e-3


def from_edge(value: float, digits: int) -> float:
    """How far the value is from the nearest place where rounding tips, in units of the last digit (0 to 0.5)."""
    if value == 0:
        return 0.5
    exact = Decimal(value)
    scaled = exact.scaleb(digits - 1 - exact.adjusted())
    return abs(float(abs(scaled) % 1) - 0.5)


def clear_of_edges(values: Values, digits: int = TYPED, margin: float = MARGIN, floor: float = 0.0) -> bool:
    """True where every value above the floor rounds to so many significant digits with room to spare."""
    return all(from_edge(each, digits) > margin for row in values for each in row if abs(each) > floor)


def noise(values: Values, floor: float = 0.0) -> float:
    """Below this a value counts as zero: a power of ten, a millionth or less of every value that is not zero.

    Values up to `floor` are zero themselves, and then it is what counts.

    A power of ten, because the grader writes it where a student's code can read it.
    """
    smallest = min((abs(each) for row in values for each in row if abs(each) > floor), default=1.0)
    return max(floor, 10.0 ** (math.floor(math.log10(smallest)) - 6))


def noise_of_belief(model: Values, zero: float) -> float:
    """What counts as zero beside a wrong model: what does beside the right one, or less where it gives tiny numbers."""
    tiny = any(map(any, model)) and all(abs(each) <= zero for row in model for each in row)
    return min(zero, noise(model)) if tiny else zero
