"""2.5 to 2.7: what a path says between its events, what it says on average, and how many paths are enough."""
from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from random import Random
from typing import Any

from ..exercise import Exercise
from ..ingredients import LIBRARY

CLOSED = (*LIBRARY, "Path", "Ensemble")


def log_of(rng: Random, events: int) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """The times and states of a path that begins at 0 and moves by one molecule an event."""
    times, states = [0.0], [rng.randint(3, 9)]
    for _ in range(events):
        times.append(round(times[-1] + rng.uniform(0.2, 1.5), 2))
        states.append(states[-1] + rng.choice((-1, 1)))
    return tuple(times), tuple(states)


def asked(rng: Random) -> tuple[Any, ...]:
    """A path, and a time in one of its waits, after the middle."""
    times, states = log_of(rng, 5)
    i = rng.randrange(5)
    return times, states, round(times[i] + rng.uniform(0.6, 0.9) * (times[i + 1] - times[i]), 4)


def whole(rng: Random) -> tuple[Any, ...]:
    times, states = log_of(rng, 4)
    return times, states, round(times[-1] + rng.uniform(1.0, 4.0), 2)


# 2.5  Between two events -------------------------------------------------------------------------------


def straight(times: Sequence[float], states: Sequence[int], t: float) -> float:
    i = min(bisect.bisect_right(times, t), len(times)) - 1
    if i == len(times) - 1:
        return states[-1]
    return states[i] + (states[i + 1] - states[i]) * (t - times[i]) / (times[i + 1] - times[i])


value = Exercise(
    id="2.5",
    title="Between two events",
    topic="ssa",
    points=2,
    kind="function",
    name="value_at",
    reference=lambda times, states, t: states[bisect.bisect_right(times, t) - 1],
    wrong={
        "S6": straight,
        "S6:next": lambda times, states, t: states[min(bisect.bisect_right(times, t), len(states) - 1)],
        "S6:nearest": lambda times, states, t: states[min(range(len(times)), key=lambda i: abs(times[i] - t))],
    },
    probes=(((0.0, 0.4, 1.1, 2.0), (3, 4, 3, 2), 0.7), ((0.0, 0.4, 1.1, 2.0), (3, 4, 3, 2), 1.0),
            ((0.0, 0.4, 1.1, 2.0), (3, 4, 3, 2), 0.1), ((0.0, 0.4, 1.1, 2.0), (3, 4, 3, 2), 1.1),
            ((0.0, 0.4, 1.1, 2.0), (3, 4, 3, 2), 5.0), ((0.0, 0.004), (1, 0), 0.001), ((0.0,), (7,), 3.0)),
    secret=asked,
    unit="molecules",
    hints=(
        "What happens to the number of molecules while nothing happens?",
        'Run `cmelab.show("ssa-stepper", preset="straight-lines")` and read the count halfway between two events on '
        "the full line.",
        "Find the last event at or before t: `i = np.searchsorted(times, t, side=\"right\") - 1`, then return "
        "`states[i]`. Or walk through the times, and remember the state as long as `times[i] <= t`.",
    ),
    why="Between two events nothing changes: the count is that of the last event at or before t, always a whole "
        "number. A path is a staircase whose steps include their beginning.",
    implies={
        "S6": "At times = (0, 0.4, 1.1, 2), states = (3, 4, 3, 2) and t = 0.7 you give 3.571. "
              "Can there be half a molecule?",
        "S6:next": "At times = (0, 0.4, 1.1, 2), states = (3, 4, 3, 2) and t = 0.1 you give 4, the count after the "
                   "event at 0.4. Has it happened yet?",
        "S6:nearest": "At times = (0, 0.4, 1.1, 2), states = (3, 4, 3, 2) and t = 1.0 you give 3, the count after the "
                      "event at 1.1. Has it happened yet?",
    },
    forbidden=CLOSED,
)

# 2.6  Over time ----------------------------------------------------------------------------------------


def weighted(weights: Sequence[float], states: Sequence[float]) -> float:
    return sum(w * n for w, n in zip(weights, states, strict=True)) / sum(weights)


def lasted(times: Sequence[float], t_end: float) -> list[float]:
    """How long each state lasted."""
    return [later - t for t, later in zip(times, (*times[1:], t_end), strict=True)]


def sloping(times: Sequence[float], states: Sequence[int], t_end: float) -> float:
    """Trapezoids under the straight lines between events, then the last state until the end."""
    middles = [(n + m) / 2 for n, m in zip(states, (*states[1:], states[-1]), strict=True)]
    return weighted(lasted(times, t_end), middles)


average = Exercise(
    id="2.6",
    title="The average over time",
    topic="ssa",
    points=3,
    kind="function",
    name="time_average",
    reference=lambda times, states, t_end: weighted(lasted(times, t_end), states),
    wrong={
        "S5": lambda times, states, t_end: sum(states) / len(states),
        "S5:dropped": lambda times, states, t_end: weighted(lasted(times, t_end)[:-1], states[:-1]),
        "S5:shifted": lambda times, states, t_end: weighted(lasted(times, t_end)[:-1], states[1:]),
        "S5:empty": lambda times, states, t_end: weighted(lasted(times, t_end), (*states[:-1], 0)),
        "S6": sloping,
    },
    probes=(((0.0, 2.0), (1, 0), 20.0), ((0.0, 1.0, 1.1, 2.1, 2.2), (0, 1, 0, 1, 0), 3.2),
            ((0.0, 0.4, 1.1, 2.0), (3, 4, 3, 2), 2.5), ((0.0, 2.0, 2.5), (0, 1, 0), 10.0),
            ((0.0, 0.5, 1.5), (10, 11, 12), 6.0), ((0.0, 3.0, 3.2, 3.4), (5, 6, 7, 6), 4.0)),
    secret=whole,
    unit="molecules",
    hints=(
        "A state that lasted an hour and one that lasted a second: should they have the same say?",
        'Run `cmelab.show("ensemble-grow", preset="gene-events")`: where do the crosses lie, and where is the path '
        "most of the time?",
        "How long each state lasted: `np.diff([*times, t_end])`. Multiply by `states`, add up, divide by `t_end`.",
    ),
    why="Each state weighs as long as it lasted, the last one up to t_end. States that are left quickly have many "
        "events and little time: counting events gives them too much weight.",
    implies={
        "S5": "With 1 molecule for 2 minutes and none for 18 you give 0.5. Was it there half of the time?",
        "S5:dropped": "With 1 molecule for 2 minutes and none for the 18 after that you give 1.0. "
                      "Where are the minutes after the last event?",
        "S5:shifted": "With 1 molecule for 2 minutes and none for 18 you give 0. Which state lasted those 2 minutes, "
                      "the one before the event or the one after it?",
        "S5:empty": "At times = (0, 0.5, 1.5), states = (10, 11, 12) and t_end = 6 you give 2.667, fewer than there "
                    "ever were. How many molecules are there from 1.5 to 6?",
        "S6": "With 1 molecule for 2 minutes and none for 18 you give 0.05. Was there half a molecule after 1 minute?",
    },
    forbidden=CLOSED,
)

# 2.7  How many runs ------------------------------------------------------------------------------------


def wanted(rng: Random) -> dict[str, Any]:
    """A mean, a standard deviation and an error in percent that need a whole number of runs.

    Whoever rounds up gets that number too, in whatever order the formula is computed.
    """
    while True:
        percent, root, mean = rng.choice((1, 2, 4, 5)), rng.randint(13, 40), 10 * rng.randint(2, 12)
        sd = round(mean * root * percent / 100, 2)
        if {math.ceil(each) for each in in_any_order(mean, sd, percent)} == {root**2}:
            return {"mean": mean, "sd": sd, "percent": percent}


def in_any_order(mean: float, sd: float, percent: float) -> tuple[float, ...]:
    """(sd / error)² as different people write it: the last digits differ."""
    return (
        (100 * sd / mean / percent) ** 2, (sd / (percent / 100 * mean)) ** 2, (sd / mean / (percent / 100)) ** 2,
        (sd / (mean * percent / 100)) ** 2, (sd / mean * 100 / percent) ** 2, (100 * sd / (percent * mean)) ** 2,
        (sd / mean) ** 2 / (percent / 100) ** 2, (sd / mean) ** 2 * (100 / percent) ** 2,
        sd**2 / (percent / 100 * mean) ** 2, (sd / (0.01 * percent * mean)) ** 2, 1e4 * sd**2 / (percent * mean) ** 2,
    )  # fmt: skip


runs = Exercise(
    id="2.7",
    title="How many runs?",
    topic="ssa",
    points=2,
    kind="number",
    name="number_of_runs",
    reference=lambda mean, sd, percent: (100 * sd / mean / percent) ** 2,
    wrong={
        "S7": lambda mean, sd, percent: 1,
        "S7:ten": lambda mean, sd, percent: 10,
        "S7:linear": lambda mean, sd, percent: 100 * sd / mean / percent,
        "S7:percent": lambda mean, sd, percent: 100 / percent,
        "S7:spread": lambda mean, sd, percent: (100 / percent) ** 2,
        "S7:double": lambda mean, sd, percent: (200 * sd / mean / percent) ** 2,
        "S7:absolute": lambda mean, sd, percent: (100 * sd / percent) ** 2,
    },
    given=wanted,
    default={"mean": 50, "sd": 21.0, "percent": 3},
    unit="runs",
    hints=(
        "You make four times as many runs. How much smaller is the error of their mean?",
        'Run `cmelab.show("ensemble-grow", preset="start")` and read off the funnel how wide it is at N = 100 and at '
        "N = 10000.",
        "The standard error of the mean of N runs is `sd / sqrt(N)`. Set it equal to `percent / 100 * mean` and solve "
        "for N.",
    ),
    why="Standard error = sd/√N, and it shall be so many percent of the mean: N = (CV/percent)², with CV = sd/mean in "
        "percent. With CV = 0.5 and one percent that is 2500; half the error costs four times the runs.",
    implies={
        "S7": "One run is off by about {sd}, with a mean of {mean}. Is that {percent} %?",
        "S7:ten": "Of 10 runs the standard error is {sd}/√10. Is that {percent} % of {mean}?",
        "S7:linear": "{answer} runs give an error of {sd}/√{answer}. Is that {percent} % of {mean}? "
                     "How does the error fall with N?",
        "S7:percent": "You would give {answer} runs also if all runs were the same. How many are needed when sd is 0?",
        "S7:spread": "You would give {answer} runs also if all runs were the same. How many are needed when sd is 0?",
        "S7:double": "With {answer} runs 2 standard errors are {percent} % of {mean}. How many of them are asked for?",
        "S7:absolute": "{answer} runs give an error of {percent}/100 of a molecule. How much is {percent} % of {mean}?",
    },
    forbidden=LIBRARY,
)
