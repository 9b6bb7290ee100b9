"""The beliefs Y1 to Y4 that unit 09 finds, and their variants."""
from __future__ import annotations

from ..misconception import Misconception

BELIEFS = (
    Misconception(
        "Y1",
        "A delay makes less: the next molecule is begun only when the last one is ready.",
        "Five molecules step onto a belt per unit of time. Once it is full, how many step off it per unit of time?",
        ("pipeline", "slower-rate"),
    ),
    Misconception(
        "Y2",
        "The spread of n random steps shrinks like 1/n.",
        "Throw one die, then four, and add them up. What happens to the spread, and what to spread over mean?",
        ("pipeline", "cv-one-over-n"),
    ),
    Misconception(
        "Y3",
        "The count X(t) alone decides what happens next.",
        "Two cells have the same count, and one has a full belt. Which of them will have more in a moment?",
        ("delay-clock", "count-is-markov"),
    ),
    Misconception(
        "Y4",
        "The propensity is taken when the product appears, not when it was begun.",
        "A molecule is ready now. At which moment was it decided that it would be?",
        ("delay-clock", "rate-at-completion"),
    ),
)

_BELT = 'cmelab.show("pipeline", preset="start")'
_STEPS = "np.random.default_rng(1).exponential(2.0 / 16, (100_000, 16)).sum(axis=1)"

VARIANTS = {
    "Y1:lost": ("A molecule can be lost while it is still on the way.",
                "cmelab.simulate(cmelab.models.delayed_production(), 30.0, paths=2000, seed=1).of('X').mean()"),
    "Y1:queue": ("One molecule leaves a step at a time, however many stand there.", _BELT),
    "Y2:rate": ("Each of the n steps has the rate 1/τ.", 'cmelab.show("pipeline", preset="step-rate")'),
    "Y2:time": ("The rate of a step is the time that it takes.", f"1 / {_STEPS}.mean()"),
    "Y2:sd": ("CV is another word for the standard deviation.",
              f"[{_STEPS}.std(), {_STEPS}.std() / {_STEPS}.mean()]  # standard deviation, CV"),
    "Y2:both": ("Each of the n steps has the rate 1/τ, and the spread of all shrinks like 1/n.",
                'cmelab.show("pipeline", preset="step-rate")'),
    "Y3:copies": ("Who goes on to the next step still stands at the last one.", _BELT),
    "Y3:begun": ("Who was begun and is not there now must be on the way.", _BELT),
    "Y3:blind": ("Only the two reactions happen; what is on the belt waits.", ""),
    "Y3:rate": ("What is on the belt comes off it at random, at the rate m/τ.", ""),
    "Y3:one": ("One molecule alone decides when the next one is lost.", ""),
    "Y3:mean": ("What comes first on average comes first.", ""),
    "Y3:independent": ("What the count was tells nothing about what it is now.", ""),
    "Y3:undivided": ("A chance of this and that is the same as a chance of this, given that.", ""),
    "Y3:turned": ("The rate now, given the count then, is the same as the rate then, given the count now.", ""),
    "Y4:at-once": ("A molecule counts from the moment at which it is begun.", _BELT),
    "Y4:early": ("Molecules on the way already act like finished ones.", ""),
    "Y4:late": ("Who is ready waits for the next reaction to be counted.", _BELT),
    "Y4:clock": ("The delay runs from the moment at which the dice are thrown.", _BELT),
    "Y4:mirror": ("The kernel is read at the clock time of a start, not at its age.", _BELT),
    "Y4:flat": ("All of the past counts alike.", _BELT),
}  # fmt: skip
