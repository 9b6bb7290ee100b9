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
_TWO = "np.array([[0.1, 0.4], [0.3, 0.2]])"
_WAITS = "np.random.default_rng(1).exponential({}, 100_000)"

VARIANTS = {
    "Y1:lost": ("A molecule can be lost while it is still on the way.",
                "cmelab.simulate(cmelab.models.delayed_production(a=5, gamma=1, tau=3), 30.0, paths=2000, seed=1)"
                ".of('X').mean()  # with losses on the belt: 0.25"),
    "Y1:share": ("Of those that are begun only a share gets ready.", 'cmelab.show("pipeline", preset="start")'),
    "Y1:stuck": ("A delay leaves fewer finished ones, since so many are still on the way.",
                 'cmelab.show("pipeline", preset="slower-rate")'),
    "Y1:turns": ("A gene is busy until its last molecule is ready.", 'cmelab.show("pipeline", preset="slower-rate")'),
    "Y1:queue": ("One molecule leaves a step at a time, however many stand there.", _BELT),
    "Y2:rate": ("Each of the n steps has the rate 1/τ.", 'cmelab.show("pipeline", preset="step-rate")'),
    "Y2:time": ("The rate of a step is the time that it takes.",
                f"1 / {_WAITS.format(0.1)}.mean()  # the rate of what takes 0.1"),
    "Y2:sd": ("CV is another word for the standard deviation.",
              f"[(x.std(), x.std() / x.mean()) for x in ({_WAITS.format(1)}, {_WAITS.format(60)})]  "
              "# standard deviation and CV, in hours and in minutes"),
    "Y2:places": ("Of the n steps the first one is the start itself.", 'cmelab.show("pipeline", preset="one-step")'),
    "Y2:both": ("Each of the n steps has the rate 1/τ, and the spread of all shrinks like 1/n.",
                'cmelab.show("pipeline", preset="step-rate")'),
    "Y3:copies": ("Who goes on to the next step still stands at the last one.", _BELT),
    "Y3:begun": ("Who was begun and is not there now must be on the way.", _BELT),
    "Y3:ahead": ("All that is listed has happened already.", _BELT),
    "Y3:now": ("What gets ready now needs nothing but what is true now.", _BELT),
    "Y3:settled": ("Long ago or just now: it does not matter when the cell was empty.", _BELT),
    "Y3:start": ("A start changes the count, too.", ""),
    "Y3:average": ("The propensity of the mean past is the mean propensity of all pasts.",
                   f"[(10 / (1 + np.arange(2)) @ {_TWO}[:, 0]) / 0.4, 10 / (1 + np.arange(2) @ {_TWO}[:, 0] / 0.4)]"
                   "  # of n = 0: mean of 10/(1 + m), and 10/(1 + mean of m)"),
    "Y3:blind": ("Only the two reactions happen; what is on the belt waits.", ""),
    "Y3:rate": ("What is on the belt comes off it at random, at the rate m/τ.", ""),
    "Y3:one": ("One molecule alone decides when the next one is lost.", ""),
    "Y3:mean": ("What comes first on average comes first.", ""),
    "Y3:independent": ("What the count was tells nothing about what it is now.", ""),
    "Y3:undivided": ("A chance of this and that is the same as a chance of this, given that.",
                     f"{_TWO}.sum(axis=0)  # the chances of the count now"),
    "Y3:turned": ("The rate now, given the count then, is the same as the rate then, given the count now.",
                  f"{_TWO}[:, 0]  # joint[m][0]: then m, and 0 now"),
    "Y4:at-once": ("A molecule counts from the moment at which it is begun.", _BELT),
    "Y4:twice": ("A molecule counts when it is begun, and again when it is ready.", _BELT),
    "Y4:all": ("Who is on the way is counted as finished, too.", _BELT),
    "Y4:width": ("The values of a density are shares: they need no width.",
                 "[sum(np.exp(-(np.arange(cells) + 0.5) * 20 / cells)) for cells in (100, 200)]"
                 "  # one kernel, finer cut"),
    "Y4:early": ("Molecules on the way already act like finished ones.", ""),
    "Y4:kept": ("A drawn wait stays good, whatever comes off the belt before it is over.", _BELT),
    "Y4:late": ("Who is ready waits for the next reaction to be counted.", _BELT),
    "Y4:clock": ("The delay runs from the moment at which the dice are thrown.", _BELT),
    "Y4:mirror": ("The kernel is read at the clock time of a start, not at its age.", _BELT),
    "Y4:flat": ("All of the past counts alike.", _BELT),
}  # fmt: skip
