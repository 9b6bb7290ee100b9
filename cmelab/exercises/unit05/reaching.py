"""5.3 and 5.4b: what is reached from a start, by search, and what a class holds beside it."""
from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from random import Random

from ...integers import hermite, nonnegative_laws
from ..exercise import Exercise
from .algebra import left_null, moved, transposed
from .conserved import CLOSED

State = tuple[int, ...]
Reactions = tuple[tuple[State, State], ...]  # for each reaction: what must be there, and the jump

EPIDEMIC: Reactions = (((1, 1, 0), (-1, 1, 0)), ((0, 1, 0), (0, -1, 1)))  # S + I -> 2I, I -> R
PAIRS: Reactions = (((2,), (-2,)),)  # 2A -> 0
RECEPTOR: Reactions = (((1, 0), (-1, 1)), ((0, 1), (1, -1)))  # A <-> B
DIMER: Reactions = (((2, 0), (-2, 1)),)  # 2A -> D
SWAP: Reactions = (((2, 0), (-2, 2)), ((0, 2), (2, -2)))  # 2A <-> 2B
ENZYME: Reactions = (  # E + S <-> C, C -> E + P
    ((1, 1, 0, 0), (-1, -1, 1, 0)), ((0, 0, 1, 0), (1, 1, -1, 0)), ((0, 0, 1, 0), (1, 0, -1, 1)),
)  # fmt: skip


def search(start: State, reactions: Reactions, fires: Callable[[State, State, State], bool]) -> list[State]:
    """All states that a chain of events leads to, the start included."""
    found, front = {start}, [start]
    while front:
        state = front.pop()
        for needs, nu in reactions:
            after = moved(state, nu)
            if fires(state, needs, after) and after not in found:
                found.add(after)
                front.append(after)
    return sorted(found)


def reachable(start: State, reactions: Reactions) -> list[State]:
    """An event needs its reactants."""
    return search(start, reactions, lambda state, needs, after: all(n >= m for n, m in zip(state, needs, strict=True)))


def without_catalysts(start: State, reactions: Reactions) -> list[State]:
    """An event only must not make a count negative."""
    return search(start, reactions, lambda state, needs, after: min(after) >= 0)


def one_event(start: State, reactions: Reactions) -> list[State]:
    """The start, and what one event makes of it."""
    after = [moved(start, nu) for needs, nu in reactions if all(n >= m for n, m in zip(start, needs, strict=True))]
    return sorted({start, *after})


def _box(start: State, reactions: Reactions) -> Iterable[State]:
    """States up to what the positive laws allow; 2A -> 0 alone has none, and there the start is the limit."""
    laws = nonnegative_laws(transposed([nu for _, nu in reactions]), len(reactions))
    tops = []
    for s, n in enumerate(start):
        totals = [sum(x * m for x, m in zip(c, start, strict=True)) // c[s] for c in laws if c[s]]
        tops.append(min(totals, default=n))
    return itertools.product(*(range(top + 1) for top in tops))


def _differences(start: State, reactions: Reactions) -> Iterable[tuple[State, list[int]]]:
    return ((n, [x - y for x, y in zip(n, start, strict=True)]) for n in _box(start, reactions))


def allowed(start: State, reactions: Reactions) -> list[State]:
    """All states that keep every linear law of the start."""
    laws = left_null(transposed([nu for _, nu in reactions]))
    return [n for n, move in _differences(start, reactions)
            if not any(sum(x * y for x, y in zip(c, move, strict=True)) for c in laws)]


def in_class(start: State, reactions: Reactions) -> list[State]:
    """All states that differ from the start by whole numbers of jumps, forward or backward."""
    rows = hermite([list(nu) for _, nu in reactions])
    return [n for n, move in _differences(start, reactions) if not any(_left_over(move, rows))]


def _left_over(move: list[int], rows: list[list[int]]) -> list[int]:
    for row in rows:
        j = next(j for j, x in enumerate(row) if x)
        times = move[j] // row[j]
        move = [x - times * y for x, y in zip(move, row, strict=True)]
    return move


def random_start(rng: Random) -> tuple[State, Reactions]:
    """2A -> 2B, and B + C -> 2C without a C to begin with: all beliefs differ there."""
    catalysed: Reactions = (((2, 0, 0), (-2, 2, 0)), ((0, 1, 1), (0, -1, 1)))
    return ((rng.randint(4, 7), rng.randint(1, 4), 0), catalysed)


reach = Exercise(
    id="5.3",
    title="What can be reached",
    topic="structure",
    points=4,
    kind="function",
    name="reachable",
    reference=reachable,
    wrong={
        "T3": allowed,
        "T3:class": in_class,
        "T3:one-event": one_event,
        "P6:nobody": without_catalysts,
    },
    probes=(((9,), PAIRS), ((1, 4), DIMER), ((4, 1), SWAP), ((3, 0, 1), EPIDEMIC), ((2, 1, 0), EPIDEMIC),
            ((1, 2), RECEPTOR), ((1, 2, 0, 0), ENZYME)),
    secret=random_start,
    hints=(
        "You stand in one state. Which states can you go to with one event, and what must you do with each of them?",
        'Run `cmelab.show("lattice", preset="enzyme")` and drag the slider of the film: each frame fires one more '
        "reaction. Which discs of the last frame must the next frame look at?",
        "Keep a set `found` and a list `front`, both with `start`. While `front` is not empty, take a state out of it; "
        "for each `(needs, nu)` with `n[i] >= needs[i]` for all i, make `n + nu` as a tuple, and where it is not in "
        "`found`, put it into both. Return `sorted(found)`.",
    ),
    why="You follow every event that can fire from every state found, until nothing new comes: that is the reachable "
        "set. From A = 9, 2A -> 0 reaches 5 states; with S = 3 and nobody infected, an epidemic reaches 1.",
    implies={
        "T3": "From A = 9 you give all 10 states from 0 to 9. Which reactions lead from nine molecules to eight, "
              "when each takes two?",
        "T3:class": "2A -> D from A = 1, D = 4: you give 5 states, down to D = 0. "
                    "Which reaction breaks a D, and can one A make a pair?",
        "T3:one-event": "From A = 9 you give 2 states, 9 and 7. What can happen when there are seven?",
        "P6:nobody": "From S = 3, I = 0, R = 1 you give 10 states. "
              "Who infects the first one, when nobody is infected?",
    },
    forbidden=CLOSED,
)

# 5.4b  Allowed, and out of reach -----------------------------------------------------------------------


def counts(state: object) -> bool:
    """Three whole numbers, none below zero; three numbers that count nothing are refused with a sentence."""
    if not isinstance(state, tuple) or len(state) != 3:
        return False
    if any(n < 0 or n != int(n) for n in state):
        raise ValueError("a count is a whole number, 0 or more.")
    return True


def never_reached(state: tuple[int, int, int], s: int, i: int) -> bool:
    """In the class of (s, i, 0), and more are susceptible than at the start."""
    return counts(state) and sum(state) == s + i and state[0] > s


out_of_reach = Exercise(
    id="5.4b",
    title="Allowed, and out of reach",
    topic="structure",
    points=1,
    kind="witness",
    name="never",
    reference=never_reached,
    wrong={
        "T3:broken": lambda state, s, i: counts(state) and sum(state) != s + i,
        "T3:class": lambda state, s, i: counts(state) and sum(state) == s + i and state[0] <= s,
    },
    examples={"right": (6, 0, 0), "T3:broken": (0, 0, 1), "T3:class": (4, 1, 1)},
    default={"s": 4, "i": 2},
    hints=(
        "Which of the three counts can only fall, and which can only rise?",
        'Run `cmelab.show("lattice", network="S + I -> 2I ; k1\\nI -> R ; k2", n1=4, n2=2, n3=0, most=6)`: which '
        "discs are hollow?",
        "S never rises, because no reaction makes an S. Choose S above its start, and the others so that S + I + R "
        "is what it was.",
    ),
    why="The class holds all states with the same S + I + R, since both jumps together generate every such move, "
        "forward or backward. But no reaction makes an S: states with more of them are in the class and never reached.",
    implies={
        "T3:broken": "{answer} is not in the class of the start: S + I + R was {s} + {i} there. "
                     "Can a state keep the law and be out of reach all the same?",
        "T3:class": "{answer} keeps S + I + R, and is reached: first all infections it takes, then all recoveries. "
                    "Which number of susceptible can never be seen, when {s} are there at the start?",
    },
    forbidden=CLOSED,
)
