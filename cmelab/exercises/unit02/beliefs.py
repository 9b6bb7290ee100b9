"""The beliefs S1 to S8 that unit 02 finds, and their variants."""
from __future__ import annotations

from ..misconception import Misconception

BELIEFS = (
    Misconception(
        "S1",
        "The sum a0 of the propensities is the mean wait: the larger it is, the longer the wait.",
        "When more can happen, does it take longer until something happens?",
        ("ssa-stepper", "wrong-scale"),
    ),
    Misconception(
        "S2",
        "The reaction with the largest propensity always comes next.",
        "If the largest propensity always won, when would the others ever fire?",
        ("ssa-stepper", "largest-wins"),
    ),
    Misconception(
        "S3",
        "A slow reaction is preceded by a long wait: each reaction waits by its own propensity.",
        "Who ends the wait before a slow reaction: the slow reaction alone, or any reaction that comes first?",
        ("ssa-stepper", "slow-waits"),
    ),
    Misconception(
        "S4",
        "An event that has not come for long is overdue: the time already waited shortens the rest.",
        "What in the state of the mixture says how long you have been waiting?",
        ("ssa-stepper", "overdue"),
    ),
    Misconception(
        "S5",
        "Every event counts the same in an average, however long the state lasted.",
        "A gene that is on for a second and off for an hour: is it on half of the time?",
        ("ensemble-grow", "gene-events"),
    ),
    Misconception(
        "S6",
        "Between two events the count moves along a straight line.",
        "Can there be three and a half molecules?",
        ("ssa-stepper", "straight-lines"),
    ),
    Misconception(
        "S7",
        "One run is the solution.",
        "Run it again with another seed. Which of the two is the solution?",
        ("ensemble-grow", "one-run"),
    ),
    Misconception(
        "S8",
        "Where a number goes does not matter, as long as its law is right.",
        "Two programs get the same random numbers. Do they make the same step?",
        ("ssa-stepper", "race"),
    ),
)

_RACE = 'cmelab.show("ssa-stepper", preset="race")'
_STEPS = 'cmelab.show("ssa-stepper", preset="start")'
_FUNNEL = 'cmelab.show("ensemble-grow", preset="start")'

VARIANTS = {
    "S1:means": ("The mean wait is the mean of the mean waits of the reactions.", _RACE),
    "S1:fastest": ("The fastest reaction alone decides how long the wait is.", _RACE),
    "S1:sum": ("The reactions wait one after the other: their mean waits add up.", _RACE),
    "S1:ignored": ("How large the propensities are does not matter for the wait.", ""),
    "S2:odds": ("The chance of a reaction is its propensity over those of the others.", _RACE),
    "S2:alike": ("All reactions that can fire are equally likely to come next.",
                 'cmelab.show("ssa-stepper", preset="all-alike")'),
    "S3:share": ("A rare reaction has a short wait: the wait is shared out like the wheel.", _RACE),
    "S4:due": ("After the mean wait, or soon after it, the event must come: nothing is left to wait.", ""),
    "S4:total": ("What is left of a wait is as long as the whole: the time already waited counts once more.", ""),
    "S4:clock": ("The wait is always its mean, 1/a0: events come like the ticks of a clock.", ""),
    "S4:even": ("All waits from 0 to 2/a0 are equally likely, and none is longer.",
                "[np.exp(-4.5 * t) for t in (0, 2 / 4.5, 4 / 4.5)]  # chance of nothing until 0, 2/a0, 4/a0"),
    "S5:dropped": ("Nothing happened after the last event, so the time after it does not count.",
                   "[(1 * 2 + 0 * t) / (2 + t) for t in (0, 2, 18)]  # 2 minutes with 1, then t minutes with 0"),
    "S5:shifted": ("A wait belongs to the state that comes after it.",
                   "[(1 * 2 + 5 * 8) / 10, (5 * 2 + 1 * 8) / 10]  # 2 minutes with 1, 8 with 5: right, and shifted"),
    "S5:empty": ("After the last event there is nothing left to count: its time is kept, its molecules are not.",
                 "[(10 * 2 + 12 * t) / (2 + t) for t in (0, 2, 8)]  # 2 minutes with 10, then t minutes with 12"),
    "S6:next": ("Between two events the count is already that of the next one.", _STEPS),
    "S6:nearest": ("Between two events the count is that of the nearer event.", _STEPS),
    "S7:ten": ("Ten runs are enough, whatever is asked of them.", 'cmelab.show("ensemble-grow", preset="ten-runs")'),
    "S7:linear": ("The error falls like 1/N: ten times the runs for one more digit.", _FUNNEL),
    "S7:percent": ("One percent needs a hundred runs, however much the runs differ.", _FUNNEL),
    "S7:spread": ("Every mixture needs the same number of runs: how much the runs differ does not matter.", _FUNNEL),
    "S7:absolute": ("An error of so many percent is an error of so many hundredths of a molecule.", _FUNNEL),
    "S7:double": ("The standard error is half of an interval that holds 95 %: two standard deviations of the mean.",
                  _FUNNEL),
    "S8:rising": ("The level u1 is the chance that it has happened by then: the curve is read as one that rises.",
                  "np.exp(-4.5 * np.array([0.0234, 0.5117]))  # the chance of nothing until then: which is 0.9?"),
    "S8:swapped": ("Either of the two random numbers may say when, and the other which.", _RACE),
    "S8:order": ("Two results may come back in either order.", ""),
    "P5:sum": ("A sum of propensities is a probability.", ""),
}  # fmt: skip
