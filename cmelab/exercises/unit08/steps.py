"""8.2 and 8.3: one step of Euler and Maruyama, a test of it, and the spread after many steps."""
from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from ..exercise import Exercise
from ..ingredients import rounded
from .noise import CLOSED, FLIP, PAIRS, drawn

if TYPE_CHECKING:
    Floats = Sequence[float]
    Table = Sequence[Floats]

APART = ((1, -1, 0), (0, 0, 1))  # 0 -> A, A -> 0, 0 -> B


def moved(x: Floats, nu: Table, fired: Floats) -> list[float]:
    """The counts after each reaction has fired that many times, whole or not."""
    return [n + sum(v * f for v, f in zip(row, fired, strict=True)) for n, row in zip(x, nu, strict=True)]


def walk(size: Callable[[float, float], float] = lambda a, dt: math.sqrt(a * dt)) -> Callable[..., list[float]]:
    """A step in which the noise of a reaction has the given size."""
    return lambda x, nu, a, dt, xi: moved(x, nu, [p * dt + size(p, dt) * z for p, z in zip(a, xi, strict=True)])


right = walk()


def own(x: Floats, nu: Table, a: Floats, dt: float, xi: Floats) -> list[float]:
    """One noise for each species."""
    sizes = [math.sqrt(sum(v * v * p for v, p in zip(row, a, strict=True)) * dt) for row in nu]
    drift = moved(x, nu, [p * dt for p in a])
    return [n + size * z for n, size, z in zip(drift, sizes, xi, strict=False)]


def unsigned(x: Floats, nu: Table, a: Floats, dt: float, xi: Floats) -> list[float]:
    """Noise that is added to every species, whatever the sign of its jump."""
    drift = moved(x, nu, [p * dt for p in a])
    noise = [math.sqrt(p * dt) * z for p, z in zip(a, xi, strict=True)]
    return moved(drift, [[abs(v) for v in row] for row in nu], noise)


def stepped(rng: Random) -> tuple:
    """A state, jumps, propensities, a step and a normal number for each reaction; one count ends below zero."""
    while True:
        nu, a = drawn(rng, FLIP, APART, PAIRS)
        dt, xi = rng.choice((0.1, 0.2, 0.5)), tuple(rounded(rng, -2.5, 2.5) for _ in a)
        change = right([0.0] * len(nu), nu, a, dt, xi)
        if min(change) < -0.5:
            return tuple(round(abs(c) / 2, 2) if c == min(change) else 20.0 for c in change), nu, a, dt, xi


step = Exercise(
    id="8.2",
    title="One step",
    topic="langevin",
    points=3,
    kind="function",
    name="langevin_step",
    reference=right,
    wrong={
        "L2": walk(lambda a, dt: a * math.sqrt(dt)),
        "L2:no-dt": walk(lambda a, dt: math.sqrt(a)),
        "L2:dt": walk(lambda a, dt: math.sqrt(a) * dt),
        "L3": own,
        "L3:one": lambda x, nu, a, dt, xi: right(x, nu, a, dt, [xi[0]] * len(xi)),
        "L3:sign": unsigned,
        "L4": lambda x, nu, a, dt, xi: [max(0.0, n) for n in right(x, nu, a, dt, xi)],
        "L4:turned": lambda x, nu, a, dt, xi: [abs(n) for n in right(x, nu, a, dt, xi)],
    },
    probes=(
        ((50.0, 30.0), APART, (50.0, 50.0, 10.0), 0.1, (1.0, -0.5, 0.0)),
        ((50.0, 30.0), APART, (50.0, 50.0, 10.0), 0.1, (0.0, 0.0, 0.0)),
        ((40.0, 10.0), FLIP, (40.0, 20.0), 0.05, (0.3, -1.2)),
        ((30.0, 12.0), PAIRS, (8.0, 6.0, 3.0), 0.2, (-0.7, 1.1, 0.4)),
        ((1.0, 2.0), APART, (1.0, 1.0, 4.0), 0.25, (-1.5, 1.6, 0.0)),
        ((3.0, 0.5), FLIP, (3.0, 0.5), 0.5, (-0.4, 2.0)),
    ),
    secret=stepped,
    unit="molecules",
    floor=1e-9,
    hints=(
        "In the time dt a reaction fires a number of times. What is its mean, how much does it scatter, and which "
        "normal number belongs to it?",
        "Take birth and death of A from 50, with a = (50, 50), dt = 0.1 and ξ = (1, -0.5), on paper. "
        'Then try `cmelab.show("noise-knob", preset="no-root-of-dt")` with a shorter dt.',
        "`fired = np.array(a) * dt + np.sqrt(np.array(a) * dt) * np.array(xi)`, one number for each reaction; then "
        "`np.array(x) + np.array(nu) @ fired`. Leave what falls below zero as it is.",
    ),
    why="Each reaction fires a dt times on average, give or take √(a dt), and moves every count by ν times that. "
        "Birth and death of A from 50, with a = (50, 50), dt = 0.1 and ξ = (1, -0.5), go to 53.354.",
    implies={
        "L2": "From A = 50, with a = (50, 50), dt = 0.1 and ξ = (1, -0.5), you go to 73.717. "
              "Five events are expected of each reaction: can chance alone add 15 to them so often?",
        "L2:no-dt": "From A = 50, with a = (50, 50), dt = 0.1 and ξ = (1, -0.5), you go to 60.607, for any "
                    "dt. How far can the count go in no time?",
        "L2:dt": "From A = 50, with a = (50, 50), dt = 0.1 and ξ = (1, -0.5), you go to 51.061. "
                 "Ten steps of dt / 10 scatter √10 times as much as one: what is left as dt gets shorter?",
        "L3": "From (40, 10) with A ⇌ B you go to (39.52, 8.922), and 50 molecules became 48.44. "
              "Which reaction took the rest?",
        "L3:one": "From A = 50, with a = (50, 50) and dt = 0.1, you stay at 50 for ξ = (1, -0.5): "
                  "birth and death share one number and cancel. Do they happen together in the cell?",
        "L3:sign": "From (40, 10) with A ⇌ B you go to (38.224, 10.224), and 50 molecules became 48.45. "
                   "What does a reaction that fires too often do to the one, and to the other?",
        "L4": "From A = 1, with a = (1, 1), dt = 0.25 and ξ = (-1.5, 1.6), you give 0, and the formula goes below. "
              "You added 0.55 molecules: who takes them away again?",
        "L4:turned": "From A = 1, with a = (1, 1), dt = 0.25 and ξ = (-1.5, 1.6), you give 0.55, and the formula "
                     "goes as far below. You added 1.1 molecules: who takes them away again?",
    },
    forbidden=CLOSED,
)  # fmt: skip

# 8.2b  A test of the step ------------------------------------------------------------------------------

_LOOP = """def step(x, nu, a, dt, xi):
    # {what}
    new = list(x)
    for r in range(len(a)):
        for s in range(len(x)):
            new[s] += nu[s][r] * (a[r] * dt + {noise})
    return {result}"""


def program(what: str, noise: str = "np.sqrt(a[r] * dt) * xi[r]", result: str = "new") -> str:
    """A program for the step, right or wrong, with a comment that says which."""
    return _LOOP.format(what=what, noise=noise, result=result)


GOOD = program("one noise for each reaction, of size √(a dt)")
SHORT = """def step(x, nu, a, dt, xi):
    # the same in one line of numpy
    return np.array(x) + np.array(nu) @ (np.array(a) * dt + np.sqrt(np.array(a) * dt) * np.array(xi))"""
LIKE_A = program("the noise is a √dt, without the root of a", "a[r] * np.sqrt(dt) * xi[r]")
NO_DT = program("the noise is √a: dt is forgotten", "np.sqrt(a[r]) * xi[r]")
WITH_DT = program("the noise is √a dt, with dt and not its root", "np.sqrt(a[r]) * dt * xi[r]")
SHARED = program("all reactions share the first normal number", "np.sqrt(a[r] * dt) * xi[0]")
UNSIGNED = program("the noise has the same sign for all species", "np.sign(nu[s][r]) * np.sqrt(a[r] * dt) * xi[r]")
CLIPS = program("counts below zero are put back to 0", result="[max(0.0, n) for n in new]")
PROGRAMS = (GOOD, SHORT, LIKE_A, NO_DT, WITH_DT, SHARED, UNSIGNED, CLIPS)


def _same(suspect: Callable, x: Floats, nu: Table, a: Floats, dt: float, xi: Floats) -> bool:
    return np.allclose(suspect(x, nu, a, dt, xi), right(x, nu, a, dt, xi))


def tested(*steps: tuple[Floats, float]) -> Callable[[Callable], bool]:
    """A test of A <-> B near zero and far from it, with these propensities and this step."""
    return lambda step: all(
        _same(step, x, FLIP, a, dt, (1.0, -2.0)) for a, dt in steps for x in ((40.0, 10.0), (0.5, 0.5))
    )


test = Exercise(
    id="8.2b",
    title="A test that catches",
    topic="langevin",
    points=2,
    kind="function",
    look="catches",
    name="test_step",
    reference=tested(((4.0, 9.0), 0.25)),
    wrong={"L2": tested(((1.0, 1.0), 1.0)), "L2:dt": tested(((4.0, 9.0), 1.0))},
    probes=tuple((each,) for each in PROGRAMS),
    secret=lambda rng: (rng.choice((NO_DT, WITH_DT)),),
    hints=(
        "A test is one step whose outcome you know. For which numbers do a program with a root and one without give "
        "the same?",
        "Take A ⇌ B from (40, 10) with a = (4, 9), dt = 0.25 and ξ = (1, -2), and work out both counts on paper. "
        "Which of the wrong programs would still agree? What if the start is (0.5, 0.5)?",
        "`nu = [[-1, 1], [1, -1]]`; then "
        "`assert np.allclose(step([40, 10], nu, [4, 9], 0.25, [1, -2]), [37.25, 12.75])`, and the same from "
        "`[0.5, 0.5]`, where the formula gives `[-2.25, 3.25]`.",
    ),
    why="Roots hide at 1, so a and dt must not be 1; shared noise hides where the normal numbers are equal, and "
        "clipping far from zero. Two steps with a = (4, 9) and dt = 0.25, one of them near zero, catch all six.",
    implies={
        "L2": "A test with a = 1 and dt = 1 only: the root of 1 is 1. Which wrong programs give the same there?",
        "L2:dt": "A test with dt = 1 only: there dt, its root and no dt at all are the same. "
                 "Which dt would tell them apart?",
    },
    forbidden=CLOSED,
)  # fmt: skip

# 8.3  Many steps ---------------------------------------------------------------------------------------


def moments(steps: int, move: Floats, size: Floats) -> np.ndarray:
    """Moments 0 to 4 of d after steps d -> move(d) + s xi from 0, where s^2 = size(d); both are polynomials in d."""
    known = np.array([1.0, 0.0, 0.0, 0.0, 0.0])

    def mean(*factors: Floats) -> float:
        return float(functools.reduce(np.convolve, factors) @ known[: 1 + sum(len(each) - 1 for each in factors)])

    for _ in range(steps):
        known = np.array([
            1.0,
            mean(move),
            mean(move, move) + mean(size),
            mean(move, move, move) + 3 * mean(move, size),
            mean(move, move, move, move) + 6 * mean(move, move, size) + 3 * mean(size, size),
        ])  # fmt: skip
    return known


def spread(noise: Callable[[float, float, float], Floats], power: float = 1.0) -> Callable:
    """Mean and mean square of the count, then of its squared distance from the start, after steps of birth and death.

    noise : (k, gamma, n0) -> the mean square of the noise at n0 + d, a polynomial in d, but for the factor dt^power
    """

    def after(k: float, gamma: float, n0: float, dt: float, steps: int) -> tuple[float, ...]:
        size = [each * dt**power for each in noise(k, gamma, n0)]
        _, one, two, _, four = moments(steps, ((k - gamma * n0) * dt, 1 - gamma * dt), size)
        return n0 + one, n0**2 + 2 * n0 * one + two, two, four

    return after


def _root(k: float, gamma: float, n0: float) -> Floats:
    return k + gamma * n0, gamma


# From the mean these two never leave it. From elsewhere they are followed for one step, where d is 0.
def _shared(k: float, gamma: float, n0: float) -> Floats:
    return ((math.sqrt(k) - math.sqrt(gamma * n0)) ** 2,)


def _net(k: float, gamma: float, n0: float) -> Floats:
    return (abs(k - gamma * n0),)


def sample(fired: Callable[[np.ndarray, float, np.ndarray], Any]) -> Callable:
    """A student's program for it: noise of both reactions from propensities, dt and two normal numbers."""

    def count_after(k, gamma, n0, dt, steps, rng):
        x = n0
        for xi in rng.standard_normal((steps, 2)):
            birth, death = fired(np.array([k, gamma * x]), dt, xi)
            x += (k - gamma * x) * dt + birth - death
        return x, (x - n0) ** 2

    return count_after


# The last is one step from below the mean. There a step too many shows, and whole numbers, and what a noise is that
# cancels at the mean.
PROBES = ((400.0, 1.0, 400.0, 0.05, 10), (2000.0, 2.0, 1000.0, 0.02, 10), (900.0, 1.0, 400.0, 0.0001, 1))


draws = Exercise(
    id="8.3",
    title="Many steps",
    topic="langevin",
    points=3,
    kind="sampler",
    name="count_after",
    repeats=1000,
    reference=spread(_root),
    wrong={
        "L2": spread(lambda k, gamma, n0: (k**2 + (gamma * n0) ** 2, 2 * gamma**2 * n0, gamma**2)),
        "L2:no-dt": spread(_root, 0.0),
        "L2:dt": spread(_root, 2.0),
        "L3:one": spread(_shared),
        "L3:net": spread(_net),
    },
    examples={
        "right": sample(lambda a, dt, xi: np.sqrt(a * dt) * xi),
        "L2": sample(lambda a, dt, xi: a * np.sqrt(dt) * xi),
        "L2:no-dt": sample(lambda a, dt, xi: np.sqrt(a) * xi),
        "L2:dt": sample(lambda a, dt, xi: np.sqrt(a) * dt * xi),
        "L3:one": sample(lambda a, dt, xi: np.sqrt(a * dt) * xi[0]),
        "L3:net": sample(lambda a, dt, xi: (np.sqrt(abs(a[0] - a[1]) * dt) * xi[0], 0.0)),
    },
    probes=PROBES,
    unit="molecules",
    hints=(
        "How many fresh normal numbers does one step need? And which propensity changes from step to step?",
        'Run `cmelab.show("noise-knob", preset="twenty-molecules")` and read mean and variance in the caption. '
        "Call your function 1000 times for k = 50 and look at the variance of what it gives.",
        "In a loop over `steps`: `a = np.array([k, gamma * x])`, `xi = rng.standard_normal(2)`, "
        "`fired = a * dt + np.sqrt(a * dt) * xi`, then `x = x + fired[0] - fired[1]`. "
        "At the end `return x, (x - n0)**2`.",
    ),
    why="Each step adds the variance (k + γx) dt and pulls the old deviation in by 1 - γ dt. For k = 50 and γ = 1 that "
        "settles near 50, as in the master equation (51.3 for dt = 0.05).",
    implies={
        "L2": "With noise like a, the variance from k = 400, γ = 1 is 129792 after 10 steps of 0.05: a spread of 360 "
              "around 400. Does a count of 400 molecules scatter almost down to 0?",
        "L2:no-dt": "Without √dt, the variance from k = 400, γ = 1 is 5264 after 10 steps of 0.05. "
                    "What would it be after 100 steps of 0.005, and should that differ?",
        "L2:dt": "With dt for √dt, the variance from k = 400, γ = 1 is 13.16 after 10 steps of 0.05. "
                 "What would be left after 100 steps of 0.005?",
        "L3:one": "From 400, with k = 400 and γ = 1, your count stays at 400 for ever: birth and death cancel. "
                  "Do they happen together?",
        "L3:net": "From 400, with k = 400 and γ = 1, your count stays at 400 for ever, though 400 molecules are made "
                  "per unit of time and 400 are lost. Does a death wait for a birth?",
    },
    forbidden=CLOSED,
)  # fmt: skip
