"""6.2 and 6.3: what the volume does to the noise."""
from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..exercise import Exercise
from .volumes import CLOSED

# 6.2  Three volumes ------------------------------------------------------------------------------------


def _row(x: float, omega: float, sd: Callable[[float], float]) -> tuple[float, ...]:
    """Standard deviations in the volumes 1, omega and omega², then the CVs, of a count with mean x times volume."""
    volumes = (1.0, float(omega), float(omega) ** 2)
    return (*(sd(v) for v in volumes), *(sd(v) / (x * v) for v in volumes))


noise = Exercise(
    id="6.2",
    title="Noise in three volumes",
    topic="noise",
    points=2,
    kind="numbers",
    name="sds_and_cvs",
    reference=lambda x, omega: _row(x, omega, lambda v: (x * v) ** 0.5),
    wrong={
        "K2:vanish": lambda x, omega: _row(x, omega, lambda v: (x / v) ** 0.5),
        "K2:concentration": lambda x, omega: (
            *((x / v) ** 0.5 for v in (1, omega, omega**2)), *((x * v) ** -0.5 for v in (1, omega, omega**2))),
        "K2:proportional": lambda x, omega: _row(x, omega, lambda v: x**0.5 * v),
        "K2:constant": lambda x, omega: _row(x, omega, lambda v: x**0.5),
        "K2:variance": lambda x, omega: _row(x, omega, lambda v: x * v),
    },
    given=lambda rng: {"x": rng.randint(3, 20), "omega": rng.choice((4, 5, 8, 9, 16, 20, 25))},
    default={"x": 9, "omega": 16},
    hints=(
        "A Poisson law: how large is its variance, when its mean is known? And what is done to a variance to get a "
        "standard deviation?",
        'Run `cmelab.show("omega-ladder", preset="birth-death")` and read mean, standard deviation and CV at Ω = 1 '
        "and Ω = 100.",
        "The means are x, x times omega and x times omega². The standard deviations are their square roots, and the "
        "CVs are one over those square roots. First the three, then the other three.",
    ),
    why="The variance of a Poisson law is its mean x Ω, so sd = √(x Ω) grows and CV = 1/√(x Ω) falls. For x = 4 and "
        "Ω = 1, 10, 100: sd 2, 6.32, 20 and CV 0.5, 0.158, 0.05.",
    implies={
        "K2:vanish": "In your {answer} a volume {omega} times as large fluctuates less than the small one, in "
                     "molecules. Add up {omega} independent cells: can the sum be steadier than one of them?",
        "K2:concentration": "In your {answer} the CVs are right, and the standard deviations shrink: those of the "
                            "concentration do. By what do you multiply a concentration to have a count?",
        "K2:proportional": "In your {answer} the CV is the same in the volumes 1 and {omega}. For that, all {omega} "
                           "cells would have to be high together and low together; what makes them?",
        "K2:constant": "In your {answer} {omega} cells together vary as much as one. Each of them still varies; where "
                       "do their variances go?",
        "K2:variance": "Your {answer} gives the variances x Ω, beginning with {x}. What is done to a variance to get a "
                       "standard deviation?",
    },
    forbidden=CLOSED,
)

# 6.3  A slope ------------------------------------------------------------------------------------------


def slope(omegas: Sequence[float], counts: Sequence[Any], noise: Callable[[Any], float]) -> float:
    """Slope of the logarithm of some noise against log volume, by least squares."""
    return float(np.polyfit(np.log(omegas), np.log([noise(np.asarray(row)) for row in counts]), 1)[0])


def cv(row: Any) -> float:
    return float(row.std() / row.mean())


def _swapped(omegas: Sequence[float], counts: Sequence[Any]) -> float:
    return float(np.polyfit(np.log([cv(np.asarray(row)) for row in counts]), np.log(omegas), 1)[0])


def samples(rng: random.Random, power: float) -> tuple[Any, ...]:
    """Some volumes, and in each of them five counts whose standard deviation grows like a power of the volume."""
    omegas = tuple(float(omega) for omega in sorted(rng.sample((4, 9, 20, 50, 100, 300, 1000), 3)))
    steps = (-1.3, -0.6, 0.1, 0.5, 1.4)
    x = rng.randint(6, 12)
    rows = ([round(x * omega + (step + rng.uniform(-0.2, 0.2)) * 2 * omega**power) for step in steps]
            for omega in omegas)  # fmt: skip
    return omegas, tuple(tuple(row) for row in rows)


_RNG = random.Random(6)

cv_slope = Exercise(
    id="6.3",
    title="A slope from data",
    topic="noise",
    points=2,
    kind="function",
    name="cv_slope",
    reference=lambda omegas, counts: slope(omegas, counts, cv),
    wrong={
        "K2:sd": lambda omegas, counts: slope(omegas, counts, lambda row: row.std()),
        "K2:square": lambda omegas, counts: slope(omegas, counts, lambda row: row.var() / row.mean() ** 2),
        "K2:fano": lambda omegas, counts: slope(omegas, counts, lambda row: row.var() / row.mean()),
        "K2:straight": lambda omegas, counts: float(np.polyfit(omegas, [cv(np.asarray(row)) for row in counts], 1)[0]),
        "K2:swapped": _swapped,
        "K2:root": lambda omegas, counts: -0.5,
        "K2:poisson": lambda omegas, counts: slope(omegas, counts, lambda row: row.mean() ** -0.5),
    },
    probes=(((1.0, 100.0), ((2, 4, 6), (380, 400, 420))),
            *(samples(_RNG, power) for power in (0.5, 0.5, 0.8, 0.5)),
            ((1.0, 100.0), ((2, 4, 6), (300, 400, 500))), ((1.0, 100.0), ((2, 4, 6), (8, 10, 12)))),  # fmt: skip
    secret=lambda rng: samples(rng, rng.choice((0.5, 0.8))),
    floor=1e-9,
    hints=(
        "What is divided by what in a CV? And what do you have to do to both axes, so that a power becomes a slope?",
        'Run `cmelab.show("omega-ladder", preset="two-stable-states")`: there the slope is not that of one stable '
        "state. Work out by hand the CV of (2, 4, 6) and of (380, 400, 420).",
        "`cv = [np.std(row) / np.mean(row) for row in counts]`, then the first of the two numbers that "
        "`np.polyfit(np.log(omegas), np.log(cv), 1)` gives.",
    ),
    why="CV first, then logarithms of both, then a straight line. For (2, 4, 6) at Ω = 1 and (380, 400, 420) at "
        "Ω = 100 the CV falls by 10 while the volume grows by 100: the slope is -0.5.",
    implies={
        "K2:sd": "For (2, 4, 6) at Ω = 1 and (380, 400, 420) at Ω = 100 you give 0.5: the standard deviation itself, "
                 "which grows. Beside what must it be seen?",
        "K2:square": "For (2, 4, 6) at Ω = 1 and (380, 400, 420) at Ω = 100 you give -1: the slope of CV². "
                     "Is a root missing?",
        "K2:fano": "For (2, 4, 6) at Ω = 1 and (380, 400, 420) at Ω = 100 you give 0: variance over mean does not see "
                   "the volume. What is a standard deviation divided by in a CV?",
        "K2:straight": "For (2, 4, 6) at Ω = 1 and (380, 400, 420) at Ω = 100 you give -0.00371: CV lost per unit of "
                       "volume. Which axes turn a power into a slope?",
        "K2:swapped": "For (2, 4, 6) at Ω = 1 and (380, 400, 420) at Ω = 100 you give -2. "
                      "Which of the two is x, and which is y, for `np.polyfit`?",
        "K2:root": "For (2, 4, 6) at Ω = 1 and (300, 400, 500) at Ω = 100 you give -0.5. The two CVs are 0.408 and "
                   "0.204: is the second ten times smaller?",
        "K2:poisson": "For (2, 4, 6) at Ω = 1 and (8, 10, 12) at Ω = 100 you give -0.0995, the slope of 1/√mean. "
                      "Both rows spread alike, and their means are 4 and 10; how large are their CVs?",
    },
    forbidden=CLOSED,
)
