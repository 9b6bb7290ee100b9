"""2.3 and 2.4: one step of the algorithm from two given uniform numbers, and a whole run."""
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from ..exercise import Exercise
from ..ingredients import LIBRARY, rounded
from . import laws

Step = tuple[float, int]


def spun(a: Sequence[float], u: float) -> int:
    """The sector of the wheel in which u lies."""
    below = 0.0
    for r, share in enumerate(a):
        below += share
        if u * sum(a) < below:
            return r
    return max(r for r, share in enumerate(a) if share > 0)


def largest(a: Sequence[float]) -> int:
    return max(range(len(a)), key=lambda r: a[r])


def unscaled(a: Sequence[float], u: float) -> int:
    """The first reaction at which the bare sum of propensities passes u, else the last."""
    return next((r for r in range(len(a)) if sum(a[: r + 1]) > u), len(a) - 1)


def drawn(rng: Random) -> tuple[Any, ...]:
    """Propensities in any order, and a spin of which both wrong wheels make another event."""
    a = [rounded(rng, 0.2, 0.6), rounded(rng, 0.7, 1.5), rounded(rng, 1.6, 4.0)]
    while True:
        rng.shuffle(a)
        u = rounded(rng, 0.02, 0.98)
        if spun(a, u) not in (largest(a), int(u * len(a))):
            return tuple(a), round(rng.uniform(0.05, 0.95), 3), u


# 2.3  One step -----------------------------------------------------------------------------------------

step = Exercise(
    id="2.3",
    title="One step",
    topic="ssa",
    points=4,
    kind="function",
    name="ssa_step",
    reference=lambda a, u1, u2: (-math.log(u1) / sum(a), spun(a, u2)),
    wrong={
        "S1": lambda a, u1, u2: (-math.log(u1) * sum(a), spun(a, u2)),
        "S1:fastest": lambda a, u1, u2: (-math.log(u1) / max(a), spun(a, u2)),
        "S1:ignored": lambda a, u1, u2: (-math.log(u1), spun(a, u2)),
        "S2": lambda a, u1, u2: (-math.log(u1) / sum(a), largest(a)),
        "S2:alike": lambda a, u1, u2: (-math.log(u1) / sum(a), int(u2 * len(a))),
        "S3": lambda a, u1, u2: (-math.log(u1) / a[spun(a, u2)], spun(a, u2)),
        "S4:clock": lambda a, u1, u2: (1 / sum(a), spun(a, u2)),
        "S4:even": lambda a, u1, u2: (2 * u1 / sum(a), spun(a, u2)),
        "S8:rising": lambda a, u1, u2: (-math.log(1 - u1) / sum(a), spun(a, u2)),
        "S8:swapped": lambda a, u1, u2: (-math.log(u2) / sum(a), spun(a, u1)),
        "S8:order": lambda a, u1, u2: (spun(a, u2), -math.log(u1) / sum(a)),
        "P5:rate": lambda a, u1, u2: (-math.log(u1) / sum(a), unscaled(a, u2)),
        "S1+S2": lambda a, u1, u2: (-math.log(u1) * sum(a), largest(a)),
        "S1+S2:alike": lambda a, u1, u2: (-math.log(u1) * sum(a), int(u2 * len(a))),
        "S4:clock+S2": lambda a, u1, u2: (1 / sum(a), largest(a)),
    },
    probes=(((3.0, 1.0, 0.5), 0.5, 0.2), ((3.0, 1.0, 0.5), 0.9, 0.8), ((3.0, 1.0, 0.5), 0.1, 0.95),
            ((4.0, 0.0), 0.3, 0.6), ((0.2, 5.0), 0.7, 0.01), ((1.0, 1.0, 1.0, 1.0), 0.25, 0.6),
            ((0.0, 2.0), 0.6, 0.3)),  # fmt: skip
    secret=drawn,
    hints=(
        "Which of the two numbers tells when, and which tells which? What does each look like in the stepper?",
        'Run `cmelab.show("ssa-stepper", preset="race")`: go from the level `u1` to the curve and down to the time. '
        "Then walk around the wheel until the shares of the sectors add up to more than `u2`.",
        "`a0 = sum(a)`, `wait = -math.log(u1) / a0`. For the reaction: add up `a[0]`, `a[1]`, ... and return the first "
        "`r` at which the sum is larger than `u2 * a0`; `np.searchsorted(np.cumsum(a), u2 * a0, side=\"right\")` does "
        "that in one line.",
    ),
    why="u1 is the chance exp(-a0 t) that nothing has happened until t, solved for t; u2 is a place on the wheel. "
        "Equal draws give equal steps: that is how simulators are tested against each other.",
    implies={
        "S1": "At a = (3, 1, 0.5) and u1 = 0.5 you wait 3.119 minutes, where even the first reaction alone has a mean "
              "wait of a third of one. Does more propensity make the wait longer?",
        "S1:fastest": "At a = (3, 1, 0.5) and u1 = 0.5 you wait 0.231, as if the other two were not there. "
                      "Does it never happen that one of them comes first?",
        "S1:ignored": "At a = (3, 1, 0.5) and u1 = 0.5 you wait 0.6931, and as long with propensities a thousand times "
                      "as large. When more can happen, does it take as long?",
        "S2": "At a = (3, 1, 0.5) you give reaction 0 for u2 = 0.2, for 0.8 and for 0.95. "
              "Which spin would ever give reaction 2?",
        "S2:alike": "At a = (4, 0) and u2 = 0.6 you fire reaction 1, whose propensity is 0. Can it happen?",
        "S3": "At a = (3, 1, 0.5), u1 = 0.1 and u2 = 0.95 you wait 4.605 for reaction 2, as if it ran alone. "
              "What do the other two do meanwhile?",
        "S4:clock": "At a = (3, 1, 0.5) you wait 0.2222 for u1 = 0.5, for 0.9 and for 0.1. "
                    "Do events in a cell tick like a clock?",
        "S4:even": "At a = (3, 1, 0.5) and u1 = 0.9 you wait 0.4, and never longer than 0.4444. "
                   "What would happen in the mixture at that moment that cannot happen later?",
        "S8:rising": "At a = (3, 1, 0.5) and u1 = 0.9 you wait 0.5117. Your waits have the right law, for 1 - u1 is "
                     "spread as u1 is; yet this draw is to be read off as u1 = exp(-a0 wait). "
                     "Is exp(-4.5 * 0.5117) the 0.9 you were given?",
        "S8:swapped": "At a = (3, 1, 0.5), u1 = 0.9 and u2 = 0.8 you wait 0.04959 and give reaction 2. Your steps have "
                      "the right law, but which of the two numbers is to say when?",
        "S8:order": "At a = (3, 1, 0.5), u1 = 0.5 and u2 = 0.2 you return 0 first, which is the reaction. "
                    "Both numbers are right: which one is to come first?",
        "P5:rate": "At a = (3, 1, 0.5) you give reaction 0 for u2 = 0.2, for 0.8 and for 0.95: u2 is below 1, and a[0] "
                   "is 3. How large a share of all events is reaction 0?",
        "S1+S2": "At a = (3, 1, 0.5), u1 = 0.1 and u2 = 0.95 you wait 10.36 minutes, and then reaction 0 fires. "
                 "Does more propensity make the wait longer, and when does reaction 2 have its turn?",
    },
    forbidden=LIBRARY,
)

# 2.4  A whole run --------------------------------------------------------------------------------------


def run(when: Callable[..., float], which: Callable[..., int], late: bool = False) -> Callable[..., int]:
    """A simulator of birth and death with its own rules for the wait and for the reaction."""

    def simulator(n0: int, t_end: float, k: float, gamma: float, rng: Any) -> int:
        t, n = 0.0, n0
        while True:
            a = (k, gamma * n)
            if sum(a) == 0:
                return n
            r = which(a, rng.random())
            t += when(a, rng.exponential(), r)
            if t > t_end and not late:
                return n
            n += 1 - 2 * r
            if t > t_end:
                return n

    return simulator


def right_wait(a: Sequence[float], draw: float, r: int) -> float:
    return draw / sum(a)


simulator = Exercise(
    id="2.4",
    title="A whole run",
    topic="ssa",
    points=4,
    kind="sampler",
    name="simulate_once",
    reference=laws.moments,
    wrong={
        "S1": lambda n0, t_end, k, gamma: laws.under(laws.long_for_large, n0, t_end, k, gamma),
        "S1:ignored": lambda n0, t_end, k, gamma: laws.under(laws.ignored, n0, t_end, k, gamma),
        "S2": lambda n0, t_end, k, gamma: laws.under(laws.largest, n0, t_end, k, gamma),
        "S2:alike": lambda n0, t_end, k, gamma: laws.under(laws.alike, n0, t_end, k, gamma),
        "S3": laws.own_clocks,
        "S6:next": laws.one_too_many,
    },
    examples={
        "right": run(right_wait, spun),
        "S1": run(lambda a, draw, r: draw * sum(a), spun),
        "S1:ignored": run(lambda a, draw, r: draw, spun),
        "S2": run(right_wait, lambda a, u: largest(a)),
        "S2:alike": run(right_wait, lambda a, u: int(2 * u) if min(a) > 0 else largest(a)),
        "S3": run(lambda a, draw, r: draw / a[r], spun),
        "S6:next": run(right_wait, spun, late=True),
    },
    repeats=600,
    # The last one has fast rates and a short time: it tells a program that ticks in steps of a fixed dt, and one that
    # takes both draws from one random number, so that early events are all of one kind.
    probes=((0, 1.0, 8.0, 1.0), (10, 0.5, 0.0, 1.0), (3, 4.0, 0.0, 1.0), (4, 1.5, 4.0, 1.0),
            (4, 0.002, 400.0, 100.0)),
    hints=(
        "What does your program do when the last molecule is gone and none is made?",
        'Run `cmelab.show("ssa-stepper", preset="start")` and step through it, then `preset="runs-dry"`. '
        "Say aloud what each step of your loop must do, and when it must stop.",
        "Loop: `a = [k, gamma * n]`; if `sum(a) == 0`, return `n`; draw the wait and the reaction as in 2.3, with "
        "`1 - rng.random()` and `rng.random()`; add the wait to `t`; if `t > t_end`, return `n`; only then change `n` "
        "by +1 (reaction 0) or by -1 (reaction 1).",
    ),
    why="Each event: propensities of the present state, a wait from their sum, a spin of the wheel, a jump. Where a0 "
        "is 0 nothing can fire any more and the state holds for good; an event after t_end has not happened at t_end.",
    implies={
        "S1": "From 10 molecules without production 9.95 would be left after 0.5 minutes, on average; each is gone by "
              "then with a chance of 0.39. Does it take longer until something happens, when there are more?",
        "S1:ignored": "From 10 molecules without production 9.5 would be left after 0.5 minutes, on average: each loss "
                      "takes a minute, as if there were only 1. Do ten lose none sooner than one does?",
        "S2": "From 0 with k = 8 you have 8.038 after one minute, on average: while there are fewer than eight, none "
              "is ever lost. Does a molecule wait for others to come before it is degraded?",
        "S2:alike": "From 0 with k = 8 you have 2.326 after one minute, on average: one of two events takes a molecule "
                    "away, even when there is only 1. Is a loss then as likely as a production?",
        "S3": "From 0 with k = 8 you have 3.961 after one minute, on average: a rare loss holds up everything. "
              "Does production pause while a molecule waits for its end?",
        "S6:next": "From 10 molecules without production you have 5.065 after 0.5 minutes, on average, one event too "
                   "many. Has the event that comes after t_end happened at t_end?",
    },
    forbidden=LIBRARY,
)
