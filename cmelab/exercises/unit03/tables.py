"""3.2 and 3.3: the generator as a table, and a test that catches wrong ones."""
from __future__ import annotations

from random import Random

import numpy as np

from ..exercise import Exercise
from ..ingredients import LIBRARY, rounded
from .laws import forward, generator, held_back, lossless, overwritten, piled_up, swapped, target, transposed
from .suspects import IDLE, SUSPECTS

# 3.2  The generator ------------------------------------------------------------------------------------


def _network(rng: Random) -> tuple[tuple[int, ...], str, int]:
    """Production in steps of 1 to 3, in two ways, decay, and pairs that vanish; enough states for all of them."""
    k, gamma, c, more = (rounded(rng, 0.5, 3.0) for _ in range(4))
    step, propensities = rng.randint(1, 3), f"lambda n: ({k}, {gamma} * n, {c} * n * (n - 1) / 2, {more})"
    return (step, -1, -2, step), propensities, rng.randint(6, 9)


build = Exercise(
    id="3.2",
    title="The table of rates",
    topic="cme",
    points=5,
    kind="function",
    name="build",
    reference=lambda jumps, propensities, size: generator(jumps, propensities, size),
    wrong={
        "C1": swapped,
        "C1:gain": lossless,
        "C1:overwritten": overwritten,
        "C2": target,
        "C3": forward,
        "C4": transposed,
        "C6:held": held_back,
        "C6:piled": piled_up,
    },
    probes=(
        ((1, -1), "lambda n: (4.0, 1.0 * n)", 3),
        ((-1,), "lambda n: (0.5 * n,)", 5),
        ((1, -1), "lambda n: (4.0, 1.0 * n)", 8),
        ((-2,), "lambda n: (0.3 * n * (n - 1) / 2,)", 7),
        ((3, -1), "lambda n: (0.4, 1.5 * n)", 6),
        ((1, 1, -1), "lambda n: (2.0, 0.5 * n, 0.7 * n)", 5),
        ((2,), "lambda n: (1.5,)", 1),
    ),
    secret=_network,
    unit="1/time",
    floor=1e-12,
    hints=(
        "A column belongs to the state where a jump begins. For one jump from one state: which two numbers of that "
        "column change, and which of them is still there when the jump leads out of the table?",
        "Write the table for `jumps = (1, -1)`, propensities 4 and n, `size = 3` on paper, column by column. "
        'In `cmelab.show("bathtub", preset="overflowing")`, what happens to the water that leaves the last tub?',
        "Begin with `A = np.zeros((size, size))`. For every n, for every `nu, a in zip(jumps, propensities(n))`: "
        "`A[n, n] -= a`, and where `0 <= n + nu < size` also `A[n + nu, n] += a`. Return A.",
    ),
    why="Every jump from n takes a from the diagonal of column n and puts it into the row where it lands. A column "
        "sums to 0, or to minus the rate of leaving the table: what is lost is known.",
    implies={
        "C1": "For k = 4, γ = 1 and 3 states you give -4 as the rate from 0 to 1, and 4 as what stays in 0. "
              "Which sign has a flow into a state?",
        "C1:gain": "For k = 4, γ = 1 and 3 states the column of the state 0 sums to 4 in your table. "
                   "A cell that arrives in 1: has it left 0?",
        "C1:overwritten": "For two jumps of 1, with the propensities 2 and 0.5 n, and 3 states, the column of the "
                          "state 1 sums to -2 in your table. Both lead from 1 to 2: where is the gain of the first?",
        "C2": "For k = 4, γ = 1 and 3 states the column of the state 1 sums to -1 in your table. "
              "1 flows out by decay; what arrives in 0?",
        "C3": "For k = 4, γ = 1 and 3 states you give 1 as the rate from 0 to 1. "
              "Which reaction leads from 0 to 1, and how often does it fire?",
        "C4": "For k = 4, γ = 1 and 3 states the column of the state 0 sums to -3 in your table, and its row to 0. "
              "Cells leave a state: must a row or a column add up?",
        "C6:held": "For k = 4, γ = 1 and 3 states the last entry of your diagonal is -2. "
                   "How often does a cell leave the state 2, upwards too?",
        "C6:piled": "For a jump of 3 with the propensity 0.4, decay 1.5 n, and 6 states you give 0.4 as the rate from "
                    "3 to 5. Which reaction leads from 3 to 5?",
    },
    forbidden=LIBRARY,
)

# 3.3  A test for it ------------------------------------------------------------------------------------


def _hand_made(build) -> bool:
    """Two tables made by hand: a birth-death process, and two reactions with the same jump."""
    plain = build((1, -1), lambda n: (4.0, 1.0 * n), 3)
    twice = build((1, 1), lambda n: (2.0, 0.5 * n), 2)
    return bool(np.allclose(plain, [[-4, 1, 0], [4, -5, 2], [0, 4, -6]]) and np.allclose(twice, [[-2, 0], [2, -2.5]]))


def _mute(build) -> None:
    """Tables are built and compared, and nothing is said."""
    _hand_made(build)


def _table(build):
    """The table that the weak tests look at."""
    return np.asarray(build((1, -1), lambda n: (4.0, 1.0 * n), 6))


def _signs(table) -> bool:
    off = table - np.diag(np.diag(table))
    return bool((off >= 0).all() and (np.diag(table) <= 0).all())


def _zero(sums) -> bool:
    return bool(np.allclose(sums, 0))


audit = Exercise(
    id="3.3",
    title="A test that catches",
    topic="cme",
    points=4,
    kind="function",
    name="audit",
    reference=_hand_made,
    wrong={
        "C1:sums": lambda build: _zero(_table(build).sum(axis=0)[:-1]),
        "C1:mute": _mute,
        "C2:signs": lambda build: _signs(_table(build)),
        "C4:rows": lambda build: _zero(_table(build).sum(axis=1)[:-1]),
        "C6:closed": lambda build: _signs(_table(build)) and _zero(_table(build).sum(axis=0)),
        "C6:edge": lambda build: _signs(_table(build)) and _zero(_table(build).sum(axis=0)[:-1]),
    },
    probes=tuple((program,) for program in SUSPECTS),
    secret=lambda rng: (rng.choice(IDLE),),
    look="catches",
    hints=(
        "Of which small network do you know every single rate, without a program?",
        "Write the table for production and decay with 3 states on paper and compare with `np.allclose`. Then think of "
        "a network on which a program could fail that passes here: two reactions with the same jump?",
        "`A = build((1, -1), lambda n: (4.0, 1.0 * n), 3)`, then "
        "`assert np.allclose(A, [[-4, 1, 0], [4, -5, 2], [0, 4, -6]])`. And with two equal jumps: "
        "`build((1, 1), lambda n: (2.0, 0.5 * n), 2)` is `[[-2, 0], [2, -2.5]]`.",
    ),
    why="A small table made by hand sees what sums and signs alone do not: a swapped sign keeps the sums, a wrong "
        "weight keeps the signs, an edge shows only in the last column, and two equal jumps only where there are two.",
    implies={
        "C1:sums": "The swapped table has columns that sum to 0 as well, with -4 where 4 belongs. "
                   "What else must be true of a rate from one state to another?",
        "C1:mute": "Your test passes for all 8 programs. Where does it say `assert`, or `return` what it has found?",
        "C2:signs": "A gain weighted at the target has the right signs, and yet a column that sums to -1. "
                    "What must arrive, when 1 leaves?",
        "C4:rows": "The right table has a first row that sums to -3, and your test fails for it. "
                   "What leaves 1 state is spread over others: do these numbers stand in a row, or in a column?",
        "C6:closed": "In the right table of 6 states the last column sums to -4: what jumps beyond is lost. "
                     "Which programs can pass your test?",
        "C6:edge": "A program that keeps at the edge what should leave gives -5 as the last entry of the diagonal, "
                   "and right is -9. In the network you test, does anything leave the table, and do you look there?",
    },
    forbidden=LIBRARY,
)
