"""3.4 and 3.5: P(t) on a cut space, what is lost, and what linear and deterministic mean."""
from __future__ import annotations

import functools
import math
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from ..exercise import Exercise
from ..ingredients import LIBRARY, rounded
from .laws import births_and_deaths, exponential, generator, held_back, swapped, target, transposed

if TYPE_CHECKING:
    from .laws import Table

# 3.4  P(t) on the states 0 .. cap ----------------------------------------------------------------------


def law_by(build, k: float, gamma: float, n0: int, cap: int, t: float) -> Table:
    """P(n, t) for n = 0 .. cap from certainty at n0, by the generator that `build` gives."""
    return exponential(build((1, -1), births_and_deaths(k, gamma), cap + 1) * t)[:, n0]


def _straight(k: float, gamma: float, n0: int, cap: int, t: float) -> Table:
    """P(0) + t dP/dt(0)."""
    start = np.eye(cap + 1)[n0]
    return start + t * generator((1, -1), births_and_deaths(k, gamma), cap + 1) @ start


def _by_entries(k: float, gamma: float, n0: int, cap: int, t: float) -> Table:
    """np.exp in place of expm."""
    return np.exp(generator((1, -1), births_and_deaths(k, gamma), cap + 1) * t)[:, n0]


def _of_all_states(k: float, gamma: float, n0: int, cap: int, t: float) -> Table:
    """The law of a table that is far larger, of which the states 0 .. cap are kept: who came back is in it."""
    return law_by(generator, k, gamma, n0, cap + 60, t)[: cap + 1]


def _rescaled(k: float, gamma: float, n0: int, cap: int, t: float) -> Table:
    p = law_by(generator, k, gamma, n0, cap, t)
    return p / p.sum()


def _cell(rng: Random) -> tuple[float, float, int, int, float]:
    """A cell, a largest count close enough to lose something, and a time."""
    k, gamma, n0 = rounded(rng, 3.0, 5.0), rounded(rng, 0.3, 1.0), rng.randint(1, 4)
    return k, gamma, n0, n0 + rng.randint(2, 3), rounded(rng, 0.5, 1.5)


law = Exercise(
    id="3.4",
    title="The law at time t",
    topic="cme",
    points=2,
    kind="function",
    name="law",
    reference=lambda k, gamma, n0, cap, t: law_by(generator, k, gamma, n0, cap, t),
    wrong={
        "C1": lambda k, gamma, n0, cap, t: law_by(swapped, k, gamma, n0, cap, t),
        "C2": lambda k, gamma, n0, cap, t: law_by(target, k, gamma, n0, cap, t),
        "C4": lambda k, gamma, n0, cap, t: law_by(transposed, k, gamma, n0, cap, t),
        "C5:straight": _straight,
        "C5:entries": _by_entries,
        "C6:held": lambda k, gamma, n0, cap, t: law_by(held_back, k, gamma, n0, cap, t),
        "C6:rescaled": _rescaled,
        "C6:tail": _of_all_states,
    },
    probes=((4.0, 1.0, 2, 6, 1.0), (0.0, 0.5, 3, 3, 0.7), (3.0, 0.0, 0, 4, 0.5), (2.0, 0.5, 1, 5, 2.0),
            (4.0, 1.0, 4, 9, 0.3)),  # fmt: skip
    secret=_cell,
    floor=1e-9,
    hints=(
        "A linear equation for one number, whose rate of change is a constant times itself, has which solution? "
        "What takes the place of the constant here?",
        'Run `cmelab.show("bathtub", preset="overflowing")` and press play. Do all tubs together still hold everything '
        "at the end, and should your numbers sum to 1?",
        "`A = build((1, -1), lambda n: (k, gamma * n), cap + 1)` from 3.2; the start is `np.eye(cap + 1)[n0]`; "
        "`scipy.linalg.expm(A * t) @ start` is the law. Leave its sum as it is.",
    ),
    why="dP/dt = A P has the solution exp(A t) P(0). On a cut table each of these numbers is a lower bound of the true "
        "one, and 1 minus their sum, 0.0869 for k = 4, γ = 1, n0 = 2, cap = 6, t = 1, is the error of all together.",
    implies={
        "C1": "For k = 4, γ = 1, n0 = 2, cap = 6, t = 1 you give -615605 for the state 5. "
              "Which of gain and loss has the minus?",
        "C2": "For k = 4, γ = 1, n0 = 2, cap = 6, t = 1 your numbers sum to 0.321: two thirds are lost. "
              "Of the cells that leave 2 by decay, how many arrive in 1?",
        "C4": "For k = 3 and no decay, n0 = 0, cap = 4, t = 0.5 you give 0.2231 for the state 0, and 0 for all others. "
              "Where are the cells that have made a molecule?",
        "C5:straight": "For k = 4, γ = 1, n0 = 2, cap = 6, t = 1 you give -5 for the state 2. "
                       "Linear means: in P. Is a straight line in time meant, too?",
        "C5:entries": "For k = 4, γ = 1, n0 = 2, cap = 6, t = 1 your numbers sum to 65.99. "
                      "Does `np.exp` know that A is a table, and not 49 numbers?",
        "C6:held": "For k = 4, γ = 1, n0 = 2, cap = 6, t = 1 your numbers sum to 1. "
                    "A cell with 6 molecules makes another one: where is it in your table?",
        "C6:rescaled": "For k = 4, γ = 1, n0 = 2, cap = 6, t = 1 your numbers sum to 1; "
                       "0.0869 was lost before that. Does dividing tell where it went?",
        "C6:tail": "For k = 4, γ = 1, n0 = 2, cap = 6, t = 1 your numbers sum to 0.958: they hold the cells that were "
                   "above 6 and came back. Are these cells in the table of 0 to 6?",
    },
    forbidden=LIBRARY,
)


@functools.cache
def _lost(k: float, gamma: float, n0: int, cap: int, t: float) -> float:
    """The probability of having been above `cap` by time t."""
    return 1.0 - float(law_by(generator, k, gamma, n0, cap, t).sum())


SMALL = 1e-6


def enough(k: float, n0: int, t: float) -> int:
    """The smallest largest count that loses less than SMALL by time t, for gamma = 1."""
    low, high = n0 - 1, n0 + 8
    while _lost(k, 1.0, n0, high, t) >= SMALL:
        low, high = high, high + 8
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _lost(k, 1.0, n0, middle, t) < SMALL else (middle, high)
    return high


@functools.cache
def _true_law(k: float, n0: int, t: float, most: int = 60) -> tuple[float, ...]:
    """The law on all states: the survivors of n0, and a Poisson number of newcomers."""
    s, fresh = math.exp(-t), k * (1.0 - math.exp(-t))
    old = [math.comb(n0, i) * s**i * (1 - s) ** (n0 - i) for i in range(n0 + 1)]
    new = [math.exp(-fresh) * fresh**i / math.factorial(i) for i in range(most)]
    return tuple(np.convolve(old, new)[:most].tolist())


def _tail(k: float, n0: int, t: float) -> int:
    """The smallest count above which less than SMALL is found at time t."""
    law = _true_law(k, n0, t)
    above = np.cumsum(law[::-1])[::-1]  # P(X >= n)
    return int(np.argmax(above < SMALL)) - 1


def _three_sigma(k: float, n0: int, t: float) -> int:
    """Mean and three standard deviations at time t, rounded up."""
    s = math.exp(-t)
    mean, variance = n0 * s + k * (1 - s), n0 * s * (1 - s) + k * (1 - s)
    return math.ceil(mean + 3 * math.sqrt(variance))


cap = Exercise(
    id="3.4b",
    title="Where to cut",
    topic="cme",
    points=2,
    kind="number",
    name="cap",
    reference=enough,
    wrong={"C6": _three_sigma, "C6:tail": _tail},
    given=lambda rng: {
        "k": round(rng.uniform(1.0, 4.0), 1), "n0": rng.randint(0, 5), "t": float(rng.randint(5, 40)),
    },
    default={"k": 3.0, "n0": 1, "t": 20.0},
    unit="molecules",
    hints=(
        "What is lost: the cells that are above the edge at the end, or those that have ever been there?",
        'Run `cmelab.show("bathtub", preset="overflowing")`, move *last tub* up one by one, and read *On the floor*. '
        "How much does each further tub save?",
        "Loop: `1 - law(k, 1.0, n0, cap, t).sum()` for cap = n0, n0 + 1, ... with your function of 3.4, until it is "
        "below 1e-6.",
    ),
    why="The cut table loses whoever has ever been above the edge, and the longer you wait the more that is. So the "
        "cut depends on t, and 1 minus the sum tells you whether it was high enough.",
    implies={
        "C6": "With {answer} as the largest count, far more than a millionth is lost by t = {t}. "
              "What does 1 minus the sum of your law say?",
        "C6:tail": "Above {answer} there is less than a millionth at t = {t} itself. "
                   "And the cells that have been above it before, and came back: are they in the table?",
    },
    forbidden=LIBRARY,
)

# 3.5  Linear, and without dice -------------------------------------------------------------------------


def survivors(a: int, n: int, gamma: float, t: float) -> float:
    """P(n of a molecules are left at time t), each of them with probability exp(-gamma t)."""
    s = math.exp(-gamma * t)
    return math.comb(a, n) * s**n * (1 - s) ** (a - n)


def _two_starts(rng: Random) -> dict[str, float | int]:
    a = rng.choice((8, 10, 12, 14))
    return {"w": rng.choice((0.25, 0.75)), "a": a, "b": a - rng.choice((4, 8)), "gamma": rounded(rng, 0.2, 0.9),
            "t": 1.0, "n": rng.randint(2, 4)}  # fmt: skip


mixture = Exercise(
    id="3.5",
    title="Two kinds of start",
    topic="cme",
    points=1,
    kind="number",
    name="p_mixed",
    reference=lambda w, a, b, gamma, t, n: w * survivors(a, n, gamma, t) + (1 - w) * survivors(b, n, gamma, t),
    wrong={
        "C5:average": lambda w, a, b, gamma, t, n: survivors(round(w * a + (1 - w) * b), n, gamma, t),
        "C5:half": lambda w, a, b, gamma, t, n: (survivors(a, n, gamma, t) + survivors(b, n, gamma, t)) / 2,
        "C5:crossed": lambda w, a, b, gamma, t, n: (
            (1 - w) * survivors(a, n, gamma, t) + w * survivors(b, n, gamma, t)
        ),
    },
    given=_two_starts,
    default={"w": 0.25, "a": 12, "b": 4, "gamma": 0.7, "t": 1.0, "n": 3},
    hints=(
        "Sort the cells by how they began. Does a cell of one kind know of the other kind?",
        "Compute the law of each kind with your function of 3.4 (k = 0, cap = its start), and look at both. Which "
        "share of all cells is each of them about?",
        "`w * law(0, gamma, a, a, t)[n] + (1 - w) * law(0, gamma, b, b, t)[n]`.",
    ),
    why="The equation is linear: the law of a mixture of starts is the mixture of their laws, with the same shares. "
        "No cell begins with the average.",
    implies={
        "C5:average": "Your {answer} is for cells that all begin with the average of {a} and {b} molecules. "
                      "Has any cell begun like that?",
        "C5:half": "Your {answer} counts both kinds alike, and the share of the first is {w}. "
                   "What would you say if it were 0?",
        "C5:crossed": "Your {answer} gives the share {w} to the cells that begin with {b}. "
                      "Which of the two kinds has it?",
    },
    forbidden=LIBRARY,
)

twice = Exercise(
    id="3.5b",
    title="Do it twice",
    topic="cme",
    points=1,
    kind="numbers",
    name="spreads",
    reference=lambda p, cells: (0.0, math.sqrt(p * (1 - p) / cells)),
    wrong={
        "C5": lambda p, cells: (math.sqrt(p * (1 - p) / cells), math.sqrt(p * (1 - p) / cells)),
        "C5:one": lambda p, cells: (0.0, math.sqrt(p * (1 - p))),
        "C5:number": lambda p, cells: (0.0, math.sqrt(p * (1 - p) * cells)),
        "C5:squared": lambda p, cells: (0.0, p * (1 - p) / cells),
    },
    given=lambda rng: {"p": rounded(rng, 0.05, 0.4), "cells": rng.choice((200, 500, 1000, 2000, 5000))},
    default={"p": 0.3, "cells": 400},
    hints=(
        "Which of the two uses random numbers?",
        "Run the cell *Law and dice* of the lesson once more, and once more with another `seed`. Which of its two rows "
        "changes?",
        "The law is the same every time: 0. The number of cells with n molecules is binomial; its share has the "
        "standard deviation `np.sqrt(p * (1 - p) / cells)`.",
    ),
    why="P(n, t) obeys an ordinary differential equation: the same start gives the same law, always. The noise is in "
        "the cells, and a share of N of them wobbles by √(p(1 - p)/N).",
    implies={
        "C5": "You give {answer}: the solution itself wobbles like a share among {cells} cells. "
              "Which random number does expm(A t) use?",
        "C5:one": "You give {answer}: the second is how one cell wobbles, between 0 and 1. "
                  "And the share among {cells} of them?",
        "C5:number": "You give {answer}: the second is how the number of cells varies, of {cells}. And their share?",
        "C5:squared": "You give {answer}: the second is the variance of the share. "
                      "Which power of it is a standard deviation?",
    },
    forbidden=LIBRARY,
)
