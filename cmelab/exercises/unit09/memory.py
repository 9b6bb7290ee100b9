"""9.7 to 9.9: two cells with one count, and the rate of an equation that remembers."""
from __future__ import annotations

import math
from random import Random

from ..exercise import Exercise
from ..ingredients import rounded
from .chains import CLOSED

# 9.7  One count, two belts -----------------------------------------------------------------------------


def belt(rng: Random, first: tuple[float, float], many: int, tau: float) -> tuple[float, ...]:
    """Times still needed: the first on the belt early or late, the others behind it."""
    soon = rounded(rng, *first)
    return (soon, *sorted(rounded(rng, soon + 0.05, tau) for _ in range(many - 1)))


def cells(rng: Random) -> dict:
    """Two cells with one count, and belts on which the next molecule is near in one and far in the other."""
    x, gamma, tau = rng.randint(4, 9), rounded(rng, 0.6, 1.4), float(rng.randint(2, 4))
    scale = 1 / (gamma * x)
    return {
        "x": x, "gamma": gamma, "tau": tau, "a": float(rng.randint(2, 9)),
        "belt_a": belt(rng, (0.1 * scale, 0.5 * scale), rng.randint(6, 9), tau),
        "belt_b": belt(rng, (1.2 * scale, 1.9 * scale), rng.randint(2, 3), tau),
    }  # fmt: skip


def race(rate: float, loss: float) -> float:
    """The chance that the first of two exponential clocks rings before the second."""
    return rate / (rate + loss)


two_belts = Exercise(
    id="9.7",
    title="One count, two belts",
    topic="delays",
    points=2,
    kind="numbers",
    name="up_first",
    reference=lambda x, gamma, tau, a, belt_a, belt_b: tuple(
        math.exp(-gamma * x * each[0]) for each in (belt_a, belt_b)),
    wrong={
        "Y3": lambda x, gamma, tau, a, belt_a, belt_b: (race(a, gamma * x),) * 2,
        "Y3:rate": lambda x, gamma, tau, a, belt_a, belt_b: tuple(
            race(len(each) / tau, gamma * x) for each in (belt_a, belt_b)),
        "Y3:start": lambda x, gamma, tau, a, belt_a, belt_b: tuple(
            math.exp(-(a + gamma * x) * each[0]) for each in (belt_a, belt_b)),
        "Y3:one": lambda x, gamma, tau, a, belt_a, belt_b: tuple(
            math.exp(-gamma * each[0]) for each in (belt_a, belt_b)),
        "Y3:mean": lambda x, gamma, tau, a, belt_a, belt_b: tuple(
            float(each[0] < 1 / (gamma * x)) for each in (belt_a, belt_b)),
    },
    given=cells,
    default={"x": 6, "gamma": 0.9, "tau": 3.0, "a": 4.0,
             "belt_a": (0.04, 0.31, 0.62, 1.05, 1.44, 2.13, 2.71), "belt_b": (0.29, 2.4)},
    unit="probability",
    hints=(
        "In each cell, which moment is certain, and what must not have happened before it?",
        'Run `cmelab.show("delay-clock", preset="count-is-markov")`: two histories with one count. What do the bars '
        "next to 0 tell you?",
        "X goes up first if none of its x molecules is lost before the first on the belt is ready, at d. "
        "Losses come at the rate `gamma * x`, so the chance is `exp(-gamma * x * d)`.",
    ),
    why="The first molecule on the belt is ready at a known moment d. X goes up first if nothing is lost until then: "
        "exp(-γ X d). A start in between changes the belt, not X. For X = 6, γ = 1 and d = 0.1 that is 0.549.",
    implies={
        "Y3": "You give {answer}: one number for both cells, from X = {x} alone. "
              "In one of them the next molecule is nearly ready; is the other one as likely to go up?",
        "Y3:rate": "Your {answer} lets the molecules come off the belt at random, at the rate m/{tau}. "
                   "When exactly will the first of each belt be ready?",
        "Y3:start": "Your {answer} is the chance that there is neither a loss nor a start before. "
                    "Starts come at the rate {a}: what does a start do to x?",
        "Y3:one": "Your {answer} is the chance that one molecule survives until then. How many of the {x} may be lost?",
        "Y3:mean": "Your {answer} says 0 or 1: never or for certain. "
                   "Can a loss that takes longer on average still happen earlier?",
    },
    forbidden=CLOSED,
)  # fmt: skip

# 9.8  A rate that remembers ----------------------------------------------------------------------------


def ages(t: float, cells: int) -> list[float]:
    """The middles of so many equal pieces of the time from now back to 0."""
    return [(i + 0.5) * t / cells for i in range(cells)]


ERLANG = "lambda s: 4 * s * math.exp(-2 * s)"
PULSE = "lambda s: 10.0 if 1.0 < s < 1.1 else 0.0"
WAVE = "lambda t: 5 + 3 * math.sin(t)"

kernel = Exercise(
    id="9.8",
    title="A rate with a memory",
    topic="delays",
    points=1,
    kind="function",
    name="production",
    reference=lambda t, starts, kernel, cells: sum(
        kernel(s) * starts(t - s) * t / cells for s in ages(t, cells)),
    wrong={
        "Y3:now": lambda t, starts, kernel, cells: starts(t),
        "Y4": lambda t, starts, kernel, cells: sum(kernel(s) * starts(t) * t / cells for s in ages(t, cells)),
        "Y4:width": lambda t, starts, kernel, cells: sum(kernel(s) * starts(t - s) for s in ages(t, cells)),
        "Y4:mirror": lambda t, starts, kernel, cells: sum(kernel(s) * starts(s) * t / cells for s in ages(t, cells)),
        "Y4:flat": lambda t, starts, kernel, cells: sum(starts(t - s) / cells for s in ages(t, cells)),
    },
    probes=((3.0, WAVE, ERLANG, 60), (3.0, WAVE, PULSE, 300), (0.5, WAVE, PULSE, 50),
            (2.5, "lambda t: 5.0", ERLANG, 50), (6.0, "lambda t: 8 * math.exp(-t)", ERLANG, 120)),
    secret=lambda rng: (
        rng.randint(2, 6) + 0.5,
        f"lambda t: {rng.randint(4, 9)} + {rng.randint(2, 4)} * math.sin({rng.randint(1, 2)} * t)",
        f"lambda s: math.exp(-s / {(mean := rounded(rng, 0.5, 1.5))}) / {mean}", rng.randint(40, 90)),
    unit="molecules/time",
    hints=(
        "Which molecules are ready now: when was each of them begun?",
        'Run `cmelab.show("pipeline", preset="start")` and look at the density at the bottom left: it is the kernel. '
        "Which start does its value at s belong to?",
        "Cut the time from 0 to t into equal pieces of length `t / cells`. For the middle s of each, add "
        "`kernel(s) * starts(t - s) * t / cells`.",
    ),
    why="What is ready now was begun at t - s, and the kernel says which share of all needs the time s. A kernel that "
        "is narrow around 1 gives the starts of 1 unit ago: the fixed delay, K(s) = δ(s - τ), is its limit.",
    implies={
        "Y4": "With a kernel that is narrow around 1 you give the starts at t = 3: 5.42. "
              "When were the molecules begun that are ready at 3?",
        "Y3:now": "At t = 0.5 you give 6.44, the starts of that moment, for a kernel that is 0 below 1. "
                  "How long does a molecule need that is begun at 0.5?",
        "Y4:width": "With 300 pieces you give 779 for a narrow kernel, and about twice that with 600. "
                    "Which share of all needs a time between s and s + t/cells?",
        "Y4:mirror": "With a kernel that is narrow around 1 you give 7.60 at t = 3: the starts at 1.05 by the clock. "
                     "How old are those molecules at 3?",
        "Y4:flat": "At t = 0.5 you give 5.73 for a kernel that is 0 below 1. Can anything be ready after 0.5?",
    },
    forbidden=CLOSED,
)  # fmt: skip

TWO = ((0.1, 0.4), (0.3, 0.2))
THREE = ((0.02, 0.08, 0.2), (0.05, 0.2, 0.05), (0.25, 0.1, 0.05))
FAST = "lambda n: 10 / (1 + n)"


def joint(rng: Random) -> tuple:
    """A joint law of four counts then and four now, and a propensity that falls with the count."""
    weights = [[rng.randint(1, 9) for _ in range(4)] for _ in range(4)]
    for i in range(4):
        weights[i][3 - i] += rng.randint(10, 20)
    total = sum(map(sum, weights))
    law = f"lambda n: {rng.randint(5, 20)} / (1 + n ** {rng.randint(1, 2)})"
    return tuple(tuple(each / total for each in row) for row in weights), law


def column(joint, n: int) -> float:
    """The chance that the count is n now."""
    return sum(row[n] for row in joint)


joint_law = Exercise(
    id="9.8b",
    title="When the equation does not close",
    topic="delays",
    points=1,
    kind="function",
    name="birth_rates",
    reference=lambda joint, a: [
        sum(a(m) * row[n] for m, row in enumerate(joint)) / column(joint, n) for n in range(len(joint))],
    wrong={
        "Y4": lambda joint, a: [a(n) for n in range(len(joint))],
        "Y3:independent": lambda joint, a: [sum(a(m) * sum(row) for m, row in enumerate(joint))] * len(joint),
        "Y3:average": lambda joint, a: [
            a(sum(m * row[n] for m, row in enumerate(joint)) / column(joint, n)) for n in range(len(joint))],
        "Y3:undivided": lambda joint, a: [
            sum(a(m) * row[n] for m, row in enumerate(joint)) for n in range(len(joint))],
        "Y3:turned": lambda joint, a: [sum(a(n) * p for n, p in enumerate(row)) / sum(row) for row in joint],
    },
    probes=((TWO, "lambda n: 4.0 - 3.0 * n"), (THREE, FAST), (THREE, "lambda n: 6.0"),
            (TWO, FAST), (((0.2, 0.2), (0.3, 0.3)), FAST)),
    secret=joint,
    unit="1/time",
    hints=(
        "Among all moments at which the count is n now, which counts was it at one delay ago, and how often?",
        'Run `cmelab.show("delay-clock", preset="count-is-markov")`: with one count now there are many belts. What is '
        "the mean over all of them?",
        "For each n: add up `a(m) * joint[m][n]` over m, and divide by the sum of `joint[m][n]` over m.",
    ),
    why="The rate into n + 1 is the mean of a(X(t - τ)) over all pasts that lead to n now. It needs the law of both "
        "counts together. Where a is constant, 6 say, the table drops out and every rate is 6: then the equation "
        "closes.",
    implies={
        "Y4": "For the table of 2 counts and a(n) = 10/(1 + n) you give a(0) = 10 where the count is 0 now. "
              "What was it when the molecules of this moment were begun: in how many of 4 cases was it 1?",
        "Y3:independent": "For the table of 2 counts and a(n) = 10/(1 + n) you give 7.5 for both. "
                          "If the count is 0 now, is it as likely to have been 0 as if it is 1 now?",
        "Y3:average": "For the table of 2 counts and a(n) = 10/(1 + n) you give 5.71 at n = 0: a at the mean "
                      "count then, 3/4. In one case of 4 the count was 0, in three it was 1: what is the mean of a?",
        "Y3:undivided": "For a = 6 at every count your three rates are 1.92, 2.28 and 1.8. "
                        "What must a rate be that is 6 in every past?",
        "Y3:turned": "For the table of 2 counts and a(n) = 10/(1 + n) you give 6 at n = 0: a mean over the columns of "
                     "row 0. Which index of the table is the count now?",
    },
    forbidden=CLOSED,
)  # fmt: skip

explain = Exercise(
    id="9.9",
    title="Explain it to a colleague",
    topic="delays",
    points=1,
    kind="text",
    name="explanation",
    hints=(
        "Which numbers would you need to go on with somebody else's simulation?",
        'Look at `cmelab.show("delay-clock", preset="count-is-markov")` and say in words what the two histories share.',
        "Say what the file forgets, what that does to the first τ after each restart, and what must be saved as well.",
    ),
    why="A person reads this one. Full point: the counts alone are no state when there is a delay; after a restart "
        "nothing is ready for one whole delay, because the belt was thrown away; the file must hold the times at which "
        "the molecules on the way will be ready (or the counts of all steps, if a chain is used). Half a point: one of "
        "them.",
)
