"""6.4: the mean of 2A -> 0 against the rate equation; a = k n(n - 1), so that dn/dt = -2k n^2."""
from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..exercise import Exercise
from ..ingredients import rounded
from .chains import evolve, pair_table
from .volumes import CLOSED


def mean_of_pairs(n0: int, k: float, t: float) -> float:
    """The mean count of the master equation."""
    return float(evolve(pair_table(n0, k), n0, t) @ np.arange(n0 + 1.0))


def mean_at_rates(n0: int, k: float, t: float, rate: Callable[[int], float]) -> float:
    """The mean, if pairs vanished at k times some other rate."""
    table = np.zeros((n0 + 1, n0 + 1))
    for n in range(2, n0 + 1):
        table[n, n] -= k * rate(n)
        table[n - 2, n] += k * rate(n)
    return float(evolve(table, n0, t) @ np.arange(n0 + 1.0))


def one_lost(n0: int, k: float, t: float) -> float:
    """The mean, if each event took one molecule away."""
    table = np.zeros((n0 + 1, n0 + 1))
    for n in range(2, n0 + 1):
        table[n, n] -= k * n * (n - 1)
        table[n - 1, n] += k * n * (n - 1)
    return float(evolve(table, n0, t) @ np.arange(n0 + 1.0))


mean_left = Exercise(
    id="6.4",
    title="The mean of many jars",
    topic="mean",
    points=3,
    kind="function",
    name="mean_left",
    reference=mean_of_pairs,
    wrong={
        "K1": lambda n0, k, t: n0 / (1 + 2 * k * n0 * t),
        "K1:combinatorial": lambda n0, k, t: 1 / (1 - (1 - 1 / n0) * math.exp(-2 * k * t)),
        "K1:events": one_lost,
        "K1:half": lambda n0, k, t: mean_at_rates(n0, k, t, lambda n: n * (n - 1) / 2),
        "P1": lambda n0, k, t: mean_at_rates(n0, k, t, lambda n: n * n),
        "P7": lambda n0, k, t: mean_at_rates(n0, k, t, lambda n: 2 * n * (n - 1)),
    },
    probes=((10, 0.1, 0.5), (3, 0.1, 0.5), (1, 0.1, 0.5), (2, 0.3, 1.0), (5, 0.2, 2.5), (12, 0.05, 1.0)),
    secret=lambda rng: (rng.randint(3, 12), rounded(rng, 0.1, 0.3), rounded(rng, 0.5, 1.5)),
    unit="molecules",
    hints=(
        "Which counts can be reached, and how fast does probability flow from each of them to the next? What is left "
        "to do once every P(n, t) is known?",
        'Run `cmelab.show("explorer", preset="mean-is-the-ode")` with 3 molecules and compare the first two numbers. '
        "Unit 03: build the table of rates for the counts 0 ... n0, and let `expm` do the rest.",
        "`A = np.zeros((n0 + 1, n0 + 1))`; for n = 2 ... n0 the rate `a = k * n * (n - 1)` goes into `A[n - 2, n]` "
        "with plus and into `A[n, n]` with minus. Then `scipy.linalg.expm(A * t)[:, n0] @ np.arange(n0 + 1)`.",
    ),
    why="The mean is the sum of n P(n, t), and P comes from the master equation. From 10 molecules, k = 0.1, it is "
        "5.215 at t = 0.5, where the rate equation has 5; from 3 it is 2.482 and not 2.308.",
    implies={
        "K1": "From n0 = 1 you give 0.9091 at t = 0.5, for k = 0.1. "
              "With whom does a single molecule vanish?",
        "K1:combinatorial": "From n0 = 3, for k = 0.1 and t = 0.5, you give 2.52. Three molecules can only become one: "
                            "the mean is 1 + 2 exp(-6kt). Is that the same?",
        "K1:events": "From n0 = 2 with k = 0.3 you give 1.549 at t = 1, and 1 for late times. "
                     "One event of 2A -> 0 happens: how many of the 2 molecules are left?",
        "K1:half": "From n0 = 3, for k = 0.1 and t = 0.5, you give 2.721: there pairs vanish at the rate 0.3. "
                   "The rate is k n(n - 1); how much is that at n = 3?",
        "P1": "From n0 = 3, for k = 0.1 and t = 0.5, you give 2.275: there pairs vanish at the rate 0.9. "
              "How many others can each of 3 molecules meet?",
        "P7": "From n0 = 3, for k = 0.1 and t = 0.5, you give 2.098: there pairs vanish at the rate 1.2. Each event "
              "takes 2 molecules, and the step from 3 to 1 says so already. How much is k n(n - 1) at n = 3?",
    },
    forbidden=CLOSED,
)

# 6.4b  Where the mean falls as fast as the curve ---------------------------------------------------------


def _whole(answer: tuple[float, ...], mean: float) -> bool:
    """Two counts, in either order, with this mean."""
    return len(answer) == 2 and all(n >= 0 and n == int(n) for n in answer) and sum(answer) == 2 * mean


def _squares(answer: tuple[float, ...]) -> float:
    """Variance of two counts that are equally likely."""
    return ((answer[0] - answer[1]) / 2) ** 2


def _agree(answer: tuple[float, ...], mean: float) -> bool:
    """Pairs vanish in the two jars, on average, as fast as in the rate equation at their mean."""
    return _whole(answer, mean) and sum(n * (n - 1) for n in answer) == 2 * mean**2


same_speed = Exercise(
    id="6.4b",
    title="As fast as the curve",
    topic="mean",
    points=2,
    kind="witness",
    name="two_jars",
    reference=_agree,
    wrong={
        "K1": lambda answer, mean: _whole(answer, mean) and _squares(answer) == 0,
        "K1:sd": lambda answer, mean: _whole(answer, mean) and _squares(answer) == mean**2,
        "K1:spread": lambda answer, mean: _whole(answer, mean) and _squares(answer) not in (0, mean, mean**2),
    },
    examples={"right": (2, 6), "K1": (4, 4), "K1:sd": (0, 8), "K1:spread": (3, 5)},
    given=lambda rng: {"mean": rng.choice((4, 16, 25, 36, 49, 64, 81))},
    default={"mean": 4},
    hints=(
        "In one jar pairs vanish faster than the mean would suggest, in the other more slowly. Which property of the "
        "two counts decides what is left of it on average?",
        "Try it: `[(n, 2 * mean - n, np.mean([n * (n - 1), (2 * mean - n) * (2 * mean - n - 1)])) for n in "
        "range(mean + 1)]`, and look for mean².",
        "Variance must equal the mean. Two counts mean ± s have the variance s², so s is the square root of the mean.",
    ),
    why="d<n>/dt = -2k(<n>² + variance - <n>): it equals -2k<n>² where the variance equals the mean. Without noise "
        "(4 and 4) the mean falls more slowly than the curve, with more noise than Poisson (0 and 8) faster.",
    implies={
        "K1": "With {answer} there is no noise, and yet pairs vanish at {mean}·({mean} - 1) where the curve has "
              "{mean}·{mean}. Can you make up for the missing {mean}?",
        "K1:sd": "With {answer} the standard deviation equals the mean, {mean}: pairs vanish much faster than by the "
                 "curve, all of them in one jar. How much variance is needed, and no more?",
        "K1:spread": "With {answer} the jars differ, but not by the right amount. Work out n(n - 1) in both and take "
                     "the mean: is it more or less than {mean}·{mean}?",
    },
)


