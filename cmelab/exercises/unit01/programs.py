"""1.5 and 1.6: the bug that shipped, its repair, and the reason in words."""
from __future__ import annotations

import math

from ..exercise import Exercise
from ..ingredients import LIBRARY, rounded
from .counting import falling

LARGEST = 100  # order, and number of molecules, that a witness may name

# 1.5  The bug that shipped -----------------------------------------------------------------------------


def shipped(n: int, m: int, c: float) -> float:
    """The program under suspicion, as the exercise prints it: it divides by m where m! belongs."""
    return c * falling(n, m) / m


def sets(n: int, m: int, c: float) -> float:
    """c times the number of sets of m among n molecules."""
    return c * math.comb(n, m)


def whole(claim: tuple[float, ...]) -> bool:
    """An order m from 1 on, a number n of molecules, and a number of sets."""
    m, n, _ = claim
    return m == int(m) >= 1 and n == int(n) >= 0 and m <= LARGEST and n <= LARGEST


def caught(claim: tuple[float, ...]) -> bool:
    """The number of sets is right, and the program gives another."""
    return true(claim) and not agreed(claim)


def true(claim: tuple[float, ...]) -> bool:
    return whole(claim) and claim[2] == sets(int(claim[1]), int(claim[0]), 1.0)


def agreed(claim: tuple[float, ...]) -> bool:
    """The number of sets is the one that the program gives."""
    return whole(claim) and claim[2] == shipped(int(claim[1]), int(claim[0]), 1.0)


def from_too_few(claim: tuple[float, ...]) -> bool:
    """There are sets, yet fewer molecules than one set takes."""
    return whole(claim) and claim[1] < claim[0] and claim[2] > 0


def in_order(claim: tuple[float, ...]) -> bool:
    """Each order in which the same molecules are drawn counts as a set of its own."""
    return whole(claim) and claim[1] >= claim[0] > 1 and claim[2] == falling(int(claim[1]), int(claim[0]))


witness = Exercise(
    id="1.5",
    title="The bug that shipped",
    topic="propensities",
    points=1,
    kind="witness",
    name="witness",
    reference=caught,
    wrong={
        "P1": from_too_few,
        "P2:orders": in_order,
        "P2:part": lambda claim: agreed(claim) and not true(claim),
        "P2:unseen": lambda claim: agreed(claim) and true(claim),
    },
    examples={"right": (3, 3, 1), "P1": (2, 1, 1), "P2:orders": (3, 3, 6), "P2:part": (3, 3, 2),
              "P2:unseen": (2, 5, 10)},  # fmt: skip
    hints=(
        "You know the right number of sets for small m and n: you can draw them. Which m did the tests leave out?",
        "Draw 2, 3 and 4 dots. Circle every group of two, then on new drawings every group of three. "
        "What does `shipped` say for each drawing?",
        "Compare `shipped(n, m, 1.0)` with `math.comb(n, m)` in two nested loops, m = 1, 2, 3 outside and n = 0 to 4 "
        "inside. Take a difference: `witness = (m, n, math.comb(n, m))`.",
    ),
    why="There the program counts sets more than once. The smallest such place is m = 3, n = 3: one group of three, "
        "and the program says 2. For m = 1 and 2 dividing by m and by m! is the same: a test that stops there cannot "
        "see the bug.",
    implies={
        "P1": "In your {answer} (m, n, sets) there are fewer molecules than one set takes. "
              "Can one molecule collide with itself?",
        "P2:orders": "Your {answer} (m, n, sets) counts each order in which the same molecules are drawn. "
                     "Draw the dots: how many different groups are there?",
        "P2:part": "In your {answer} (m, n, sets) the last number is what the program gives, and there it is wrong. "
                   "Draw the dots: how many different groups are there?",
        "P2:unseen": "Your {answer} (m, n, sets) is true, and the program says the same. "
                     "In how many orders can 1, 2 and 3 molecules be drawn: for which m is that not m? "
                     "And how many molecules does a set of m take?",
    },
    forbidden=LIBRARY,
)

repair = Exercise(
    id="1.5b",
    title="The repair",
    topic="propensities",
    points=2,
    kind="function",
    name="repaired",
    reference=sets,
    wrong={
        "P1": lambda n, m, c: c * n**m / math.factorial(m),
        "P2:orders": lambda n, m, c: c * falling(n, m),
        "P1+P2:orders": lambda n, m, c: c * n**m,
        "P2:part": shipped,
    },
    probes=((5, 1, 1.0), (5, 2, 0.2), (1, 2, 1.0), (3, 3, 1.0), (6, 3, 0.1), (2, 3, 1.0), (6, 4, 0.5)),
    secret=lambda rng: (rng.randint(4, 15), rng.choice((3, 4)), rounded(rng, 0.1, 2.0)),
    unit="1/s",
    hints=(
        "The loop counts the ways to draw m molecules one after the other. In how many orders can the same m be drawn?",
        "Write down every order of three molecules: 1 2 3, 1 3 2, ... How many lines did you write? Now for four.",
        "Divide by `math.factorial(m)` instead of `m`, or return `c * math.comb(n, m)`.",
    ),
    why="m molecules can be drawn in m! orders, and all of them are the same meeting: n(n-1).../m! sets. "
        "With m = 1 and 2, m! happens to equal m.",
    implies={
        "P1": "At m = 2, n = 1, c = 1 you give 0.5. Can one molecule collide with itself?",
        "P2:orders": "At m = 3, n = 3, c = 1 you give 6. "
                     "How many different groups of three are there among three molecules?",
        "P1+P2:orders": "At m = 2, n = 1, c = 1 you give 1. Can one molecule collide with itself? "
                        "At m = 3, n = 3 you give 27; how many groups of three are there among three molecules?",
        "P2:part": "At m = 3, n = 3, c = 1 you give 2, as before. "
                   "How many different groups of three are there among three molecules?",
    },
    forbidden=LIBRARY,
)

# 1.6  In words -----------------------------------------------------------------------------------------

explain = Exercise(
    id="1.6",
    title="Explain it to a programmer",
    topic="propensities",
    points=1,
    kind="text",
    name="explanation",
    hints=(
        "What would go wrong in a cell with one molecule, if the - 1 were left out?",
        'Look at `cmelab.show("pair-jar", preset="self-pairs")` and say in words what is wrong with that picture.',
        "Say who cannot be a partner, then say how often each pair was counted, then give n = 2 as an example.",
    ),
    why="A person reads this one. Full point: no molecule is its own partner, a pair counted from both ends is one "
        "event, and an example with numbers. Half a point: one of the two reasons.",
)
