"""What the tables of several units are made of: numbers a person can type, names an answer may not use."""
from __future__ import annotations

from random import Random

# Whatever computes a propensity, a path or a law from a network.
LIBRARY = (
    "ReactionNetwork", "Reaction", "models", "rates", "exact", "path", "simulate", "solve", "generator", "flows",
    "enumerate_states",
)  # fmt: skip


def rounded(rng: Random, low: float, high: float) -> float:
    """A number a person can type: two digits after the point."""
    return round(rng.uniform(low, high), 2)
