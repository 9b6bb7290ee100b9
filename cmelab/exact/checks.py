"""What the closed forms accept; everything else is refused with the value."""
from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arguments import is_real
from ..errors import NetworkError


def counts_of(n: ArrayLike) -> NDArray[np.int64]:
    """Counts as whole numbers of any shape."""
    counts = np.asarray(n)
    if counts.dtype.kind not in "iu" and not (counts.dtype.kind == "f" and (counts % 1 == 0).all()):
        raise NetworkError(f"n={n!r}; counts are whole numbers >= 0.")
    if counts.size and counts.min() < 0:
        raise NetworkError(f"n contains {counts.min()}; counts are whole numbers >= 0.")
    return counts.astype(np.int64)


def at_least_zero(**values: float) -> None:
    for name, value in values.items():
        if not is_real(value) or not 0 <= value < math.inf:
            raise NetworkError(f"{name}={value!r}; it must be a finite number >= 0.")


def positive(**values: float) -> None:
    for name, value in values.items():
        if not is_real(value) or not 0 < value < math.inf:
            raise NetworkError(f"{name}={value!r}; it must be a finite number > 0.")


def time_or_never(t: float) -> None:
    """A time >= 0; math.inf asks for what holds in the end."""
    if not 0 <= t <= math.inf:
        raise NetworkError(f"t={t!r}; it must be a number >= 0, or math.inf for what holds in the end.")


def whole_at_least_zero(**values: float) -> None:
    for name, value in values.items():
        if isinstance(value, bool) or not (0 <= value < math.inf and value == int(value)):
            raise NetworkError(f"{name}={value!r}; it must be a whole number >= 0.")
