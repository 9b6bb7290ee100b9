"""5.4, 5.5 and 5.7: classes without a linear law, the blocks of a generator, and the reason in words."""
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random

from ..exercise import Exercise
from .conserved import CLOSED

Matrix = Sequence[Sequence[float]]

# 5.4  Parity, and more ---------------------------------------------------------------------------------


def steps(rng: Random) -> dict[str, int]:
    """How many are made at once, and how many vanish at once: multiples of 2, 3 or 4, and not of each other."""
    g, (a, b) = rng.randint(2, 4), rng.choice(((2, 3), (3, 2), (3, 4), (3, 5), (5, 2), (5, 3)))
    return {"p": g * a, "q": g * b}


lattices = Exercise(
    id="5.4",
    title="Classes without a law",
    topic="structure",
    points=2,
    kind="number",
    name="number_of_classes",
    reference=lambda p, q: math.gcd(p, q),
    wrong={"T3": lambda p, q: 1, "T3:smallest": lambda p, q: min(p, q)},
    given=steps,
    default={"p": 6, "q": 9},
    hints=(
        "Begin at 0 and go up and down by these steps, as you like. Which is the smallest distance you can go?",
        'Run `cmelab.show("lattice", network="0 -> 4A ; k1\\n6A -> 0 ; k2", n1=1, most=12)` and count the classes. '
        "Then change the two numbers in the network.",
        "Whole-number combinations of p and q are the multiples of their greatest common divisor: "
        "`math.gcd(p, q)`. Two counts are in one class when they leave the same remainder.",
    ),
    why="Up by p and down by q, over and over, moves by every multiple of gcd(p, q) and by nothing else, so the "
        "remainder modulo the gcd never changes: one class for each remainder. For steps of 4 and 6 there are 2.",
    implies={
        "T3": "You give {answer} class, because there is no linear law: then from 0 molecules one could come to 1. "
              "Can you make 1 out of steps of {p} up and {q} down?",
        "T3:smallest": "You give {answer} classes, as if only one of the steps counted. "
                       "Go up {p} and down {q}, again and again: which remainders do you meet?",
    },
    forbidden=CLOSED,
)

# 5.5  Blocks -------------------------------------------------------------------------------------------


def sorted_by(groups: Callable[[Matrix], list[list[int]]]) -> Callable[[Matrix], list[list[float]]]:
    """Rows and columns of a generator, one group of states after the other."""

    def by_class(Q: Matrix) -> list[list[float]]:
        order = [i for group in groups(Q) for i in group]
        return [[float(Q[i][j]) for j in order] for i in order]

    return by_class


def grouped(Q: Matrix, beside: Callable[[int, int], bool], far: bool = True) -> list[list[int]]:
    """Groups of states: the first one that is left, and those that `beside` links to it, directly or in turn."""
    left, groups = list(range(len(Q))), []
    while left:
        group, front = {left[0]}, [left[0]]
        while front:
            i = front.pop()
            new = [j for j in left if j not in group and beside(i, j)]
            group.update(new)
            front += new if far else []
        groups.append(sorted(group))
        left = [i for i in left if i not in group]
    return groups


def linked(Q: Matrix) -> list[list[int]]:
    """By jumps in either direction."""
    return grouped(Q, lambda i, j: bool(Q[i][j] or Q[j][i]))


def downstream(Q: Matrix) -> list[list[int]]:
    """By jumps away from the first state; Q[j][i] is the rate from i to j."""
    return grouped(Q, lambda i, j: bool(Q[j][i]))


def neighbours(Q: Matrix) -> list[list[int]]:
    """One jump from the first state, in either direction."""
    return grouped(Q, lambda i, j: bool(Q[i][j] or Q[j][i]), far=False)


def made(states: Sequence[tuple[int, ...]], rates: Callable[[tuple[int, ...]], dict[tuple[int, ...], float]]) -> tuple:
    """The generator on some states, as a tuple of rows."""
    table = [[0.0] * len(states) for _ in states]
    for j, n in enumerate(states):
        for to, rate in rates(n).items():
            if to in states and rate:
                table[states.index(to)][j] += rate
                table[j][j] -= rate
    return tuple(map(tuple, table))


def pairs(c: float) -> Callable[[tuple[int, ...]], dict[tuple[int, ...], float]]:
    """2A -> 0."""
    return lambda n: {(n[0] - 2,): c * n[0] * (n[0] - 1) / 2}


def switch(k: float, back: float) -> Callable[[tuple[int, ...]], dict[tuple[int, ...], float]]:
    """A <-> B."""
    return lambda n: {(n[0] - 1, n[1] + 1): k * n[0], (n[0] + 1, n[1] - 1): back * n[1]}


def threes(k: float) -> Callable[[tuple[int, ...]], dict[tuple[int, ...], float]]:
    """0 -> 3A."""
    return lambda n: {(n[0] + 3,): k}


SQUARE = [(a, b) for a in range(3) for b in range(3)]


def shuffled(rng: Random) -> tuple[tuple]:
    """Pairs that vanish, among counts in any order."""
    states = [(n,) for n in range(8)]
    while True:
        rng.shuffle(states)
        Q = made(states, pairs(float(rng.randint(1, 5))))
        if len({str(sorted_by(g)(Q)) for g in (linked, downstream, neighbours, lambda Q: [[*range(len(Q))]])}) == 4:
            return (Q,)


blocks = Exercise(
    id="5.5",
    title="Sort the generator",
    topic="structure",
    points=3,
    kind="function",
    name="by_class",
    reference=sorted_by(linked),
    wrong={
        "T3": sorted_by(lambda Q: [[*range(len(Q))]]),
        "T3:one-way": sorted_by(downstream),
        "T3:one-jump": sorted_by(neighbours),
    },
    probes=((made([(n,) for n in range(6)], pairs(2.0)),), (made(SQUARE, switch(1.0, 3.0)),),
            (made([(n,) for n in range(7)], threes(5.0)),),
            (made([(n,) for n in (6, 1, 3, 2, 5, 0, 4)], pairs(1.0)),),
            (made([(0, 2), (1, 0), (2, 0), (0, 1), (1, 1)], switch(2.0, 4.0)),)),
    secret=shuffled,
    unit="1/time",
    hints=(
        "Which states belong together with the first one: only those it can go to, or also those that come to it?",
        'Run `cmelab.show("lattice", preset="parity")` and switch the order of the states in the matrix between '
        "'by count' and 'by class'. Which entries move, and which frames appear? "
        "With an order of the states, the lesson writes `Q[np.ix_(order, order)]`.",
        "Grow a group from the first state that is left: add every j with `Q[i][j]` or `Q[j][i]` not zero for an i of "
        "the group, until nothing new comes; sort it, put it at the end of `order`, and go on with the states left. "
        "Then `np.array(Q)[np.ix_(order, order)]`.",
    ),
    why="States linked by jumps, in either direction, stand together now, so all rates lie in blocks on the diagonal "
        "and there are zeros elsewhere. For 2A -> 0 the counts 0, 2, 4 come first, then 1, 3, 5.",
    implies={
        "T3": "You return the matrix as it was: one block. For 2A -> 0 with the counts 0 to 5, "
              "which entry leads from an even count to an odd one?",
        "T3:one-way": "For 2A -> 0 with the counts 0 to 5 you begin with 0 alone, since nothing can leave it. "
                      "But 2 goes to 0: may that rate lie outside of all blocks?",
        "T3:one-jump": "For 2A -> 0 with the counts 0 to 5 your first group is 0 and 2, and 4 comes later. "
                       "4 goes to 2, which goes to 0; in how many blocks may they be?",
    },
    forbidden=CLOSED,
)

# 5.7  In words -----------------------------------------------------------------------------------------

explain = Exercise(
    id="5.7",
    title="Explain it to a colleague",
    topic="structure",
    points=1,
    kind="text",
    name="explanation",
    hints=(
        "What do all counts have in common that are met from nine molecules, and what those from ten?",
        'Look at `cmelab.show("lattice", preset="parity")` and at `preset="parity-even"`: what is the last state of '
        "each?",
        "Say that each event takes two, so that odd stays odd; that no linear law says so, because the only weight "
        "with c * (-2) = 0 is 0; and that the generator has two blocks, each with a stationary law of its own.",
    ),
    why="A person reads this one. Full point: each event takes two, so parity is kept; no linear law says so, whole "
        "numbers do; and each class has its own end: 1 from nine, 0 from ten. Half a point: parity, without the ends.",
)
