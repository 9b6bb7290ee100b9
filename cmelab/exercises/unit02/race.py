"""2.1, 2.2 and 2.8: which reaction comes first, when, and what the time already waited tells."""
from __future__ import annotations

from random import Random

from ..exercise import Exercise
from ..ingredients import LIBRARY, rounded


def three(rng: Random) -> dict[str, float]:
    """Three propensities, the largest first and above 1."""
    return {"a1": rounded(rng, 1.5, 4.0), "a2": rounded(rng, 0.4, 1.2), "a3": rounded(rng, 0.15, 0.38)}


def half_waited(rng: Random) -> dict[str, float]:
    """Two propensities, and a time that is shorter than the mean wait."""
    a1, a2 = rounded(rng, 0.3, 0.9), rounded(rng, 0.1, 0.29)
    return {"a1": a1, "a2": a2, "waited": rounded(rng, 0.3 / (a1 + a2), 0.8 / (a1 + a2))}


THREE = {"a1": 2.4, "a2": 0.8, "a3": 0.25}

# 2.1  The race -----------------------------------------------------------------------------------------

first_event = Exercise(
    id="2.1",
    title="How long?",
    topic="ssa",
    points=1,
    kind="number",
    name="mean_wait",
    reference=lambda a1, a2, a3: 1 / (a1 + a2 + a3),
    wrong={
        "S1": lambda a1, a2, a3: a1 + a2 + a3,
        "S1:means": lambda a1, a2, a3: (1 / a1 + 1 / a2 + 1 / a3) / 3,
        "S1:fastest": lambda a1, a2, a3: 1 / max(a1, a2, a3),
        "S1:sum": lambda a1, a2, a3: 1 / a1 + 1 / a2 + 1 / a3,
        "S3": lambda a1, a2, a3: 1 / min(a1, a2, a3),
    },
    given=three,
    default=THREE,
    unit="minutes",
    hints=(
        "Whichever of the three comes first ends the wait. Is that sooner or later than the fastest one would come "
        "alone?",
        'Run `cmelab.show("ssa-stepper", preset="race")` and read "Mean wait 1/a0". Which number of yours belongs '
        "below the line?",
        "The chances of a short time add up, so the propensities do: `a0 = a1 + a2 + a3`. The mean wait is `1 / a0`.",
    ),
    why="In a short dt one of them fires with probability a0 dt, with a0 = a1 + a2 + a3, so the wait is exponential "
        "with mean 1/a0. For 3, 1 and 0.5 per minute that is 0.222 minutes, less than any of them needs alone.",
    implies={
        "S1": "{answer} is a sum of rates, in 1/minute. With a fourth reaction it would grow. "
              "Does it take longer until something happens, when more can happen?",
        "S1:means": "The first reaction alone would need 1/{a1} minutes, on average, and you give {answer}. "
                    "Can two more runners make the first arrival later?",
        "S1:fastest": "{answer} is right if only the first reaction is there. "
                      "Do the other two never come first?",
        "S1:sum": "{answer} is the time for one reaction after the other, three events. How many events are asked for?",
        "S3": "{answer} is what the slowest of the three would need alone. Who ends the wait in a race: the last of 3?",
    },
    forbidden=LIBRARY,
)

winner = Exercise(
    id="2.1b",
    title="Which one?",
    topic="ssa",
    points=1,
    kind="number",
    name="chance_first",
    reference=lambda a1, a2, a3: a1 / (a1 + a2 + a3),
    wrong={
        "S2": lambda a1, a2, a3: 1.0,
        "S2:alike": lambda a1, a2, a3: 1 / 3,
        "S2:odds": lambda a1, a2, a3: a1 / (a2 + a3),
        "P5:rate": lambda a1, a2, a3: a1,
        "P5:sum": lambda a1, a2, a3: a1 + a2 + a3,
    },
    given=three,
    default={"a1": 2.4, "a2": 0.6, "a3": 0.2},
    hints=(
        "Of a thousand events, how many does each reaction get?",
        'Run `cmelab.show("ssa-stepper", preset="race")`, look at the wheel, and click its sectors.',
        "Each reaction has a sector as large as its share of the sum: `a1 / (a1 + a2 + a3)`.",
    ),
    why="Given that something fires in a short dt, which has probability a0 dt, it is the first reaction with "
        "probability a1 dt/(a0 dt) = a1/a0. For 3, 1 and 0.5 that is 0.667.",
    implies={
        "S2": "You give 1: the first reaction every time. How would the reaction with {a3} per minute ever fire?",
        "S2:alike": "You give 1/3, whatever the propensities are. If the first one were 1000 per minute, "
                    "would it still be one event in 3?",
        "S2:odds": "{answer} is A against the others: so many A come for 1 that is not. "
                   "What share of all events makes an A?",
        "P5:sum": "You give {answer}, the sum of the 3 rates, in 1/minute. Can a probability be more than 1?",
        "P5:rate": "You give {answer}, the rate itself, in 1/minute. Can a probability be more than 1?",
    },
    forbidden=LIBRARY,
)

before_the_rare = Exercise(
    id="2.1c",
    title="The wait before a rare one",
    topic="ssa",
    points=1,
    kind="number",
    name="wait_before_c",
    reference=lambda a1, a2, a3: 1 / (a1 + a2 + a3),
    wrong={
        "S3": lambda a1, a2, a3: 1 / a3,
        "S3:share": lambda a1, a2, a3: a3 / (a1 + a2 + a3) ** 2,
        "S1": lambda a1, a2, a3: a1 + a2 + a3,
    },
    given=three,
    default=THREE,
    unit="minutes",
    hints=(
        "How long is the hand of the wheel on its way, and does it know beforehand where it will stop?",
        'Run `cmelab.show("ssa-stepper", preset="race")` and click the three sectors one after the other: each says '
        "how long the waits before it were, in a long run.",
        "The wait and the winner are independent: given that the third reaction wins, the mean wait is still "
        "`1 / (a1 + a2 + a3)`.",
    ),
    why="The chance that nothing fires until t and then r does in dt is exp(-a0 t) a_r dt: a factor for the time and a "
        "factor for r. So the wait before a rare event is as short as before any other: 0.222 for 3, 1 and 0.5.",
    implies={
        "S3": "{answer} is the mean time from one C to the next C. In between the other 2 reactions fire again and "
              "again. How long ago was the last event of any kind?",
        "S3:share": "You shorten the wait by the share of C, so that its waits would be {answer}. "
                    "Does the wheel of 3 sectors know where the hand will stop before it is spun?",
        "S1": "{answer} is a sum of rates, in 1/minute. Which way does a mean wait change when 1 propensity grows?",
    },
    forbidden=LIBRARY,
)

# 2.2  Overdue ------------------------------------------------------------------------------------------

overdue = Exercise(
    id="2.2",
    title="Overdue?",
    topic="ssa",
    points=1,
    kind="number",
    name="still_to_wait",
    reference=lambda a1, a2, waited: 1 / (a1 + a2),
    wrong={
        "S4": lambda a1, a2, waited: 1 / (a1 + a2) - waited,
        "S4:due": lambda a1, a2, waited: 0.0,
        "S4:total": lambda a1, a2, waited: 1 / (a1 + a2) + waited,
        "S1": lambda a1, a2, waited: a1 + a2,
        "S1:fastest": lambda a1, a2, waited: 1 / max(a1, a2),
    },
    given=half_waited,
    default={"a1": 0.4, "a2": 0.1, "waited": 1.2},
    unit="minutes",
    hints=(
        "Has the state changed while you waited? Have the propensities?",
        'Run `cmelab.show("ssa-stepper", preset="overdue")` and compare the blue bars with the purple ones.',
        "Nothing happened, so the state and a0 are what they were: the rest of the wait has the law of a whole wait, "
        "with mean `1 / (a1 + a2)`.",
    ),
    why="P(more than s + t)/P(more than s) = exp(-a0 (s + t))/exp(-a0 s) = exp(-a0 t): what is left has the law of a "
        "fresh wait, with mean 1/a0, however long you have waited.",
    implies={
        "S4": "You take the {waited} minutes off the mean wait and get {answer}. After 10 minutes without an event, "
              "would the time left be negative?",
        "S4:due": "You give 0: it must come now. What would have changed in the mixture during the {waited} minutes in "
                  "which nothing happened?",
        "S4:total": "{answer} minutes is the whole wait, with the {waited} behind you. How long is it from now on?",
        "S1": "{answer} is a sum of rates, in 1/minute. Is the wait longer when 2 things can happen than when 1 can?",
        "S1:fastest": "{answer} is the mean wait if only the first reaction is there, with {a1} per minute. "
                      "Does the other one never come first?",
    },
    forbidden=LIBRARY,
)

# 2.8  In words -----------------------------------------------------------------------------------------

explain = Exercise(
    id="2.8",
    title="Explain it to a colleague",
    topic="ssa",
    points=1,
    kind="text",
    name="explanation",
    hints=(
        "What would a slow reaction have to do to come after a long wait, while the others are running too?",
        'Run `cmelab.show("ssa-stepper", preset="slow-waits")`: what do the purple bars hold up?',
        "Say that the first of all reactions ends the wait; that a slow one is rarely the first; and give the numbers "
        "of three reactions with 3, 1 and 0.5 per minute.",
    ),
    why="A person reads this one. Full point: any reaction ends the wait, so its length depends on the sum; slow means "
        "rarely the first, not long before; and an example with numbers. Half a point: one of the two reasons.",
)
