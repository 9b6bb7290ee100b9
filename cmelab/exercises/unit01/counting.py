"""Ways to count molecules that can meet, one at a time."""
from __future__ import annotations

import math


def falling(n: int, m: int) -> int:
    """n (n - 1) ... (n - m + 1): ways to draw m molecules one after the other."""
    return math.prod(n - i for i in range(m))


def pairs(n: int) -> float:
    """Number of pairs among n molecules of one kind."""
    return n * (n - 1) / 2
