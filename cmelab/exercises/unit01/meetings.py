"""1.1 and 1.2: how often two molecules meet, what an event takes away, and what a catalyst does.

The macroscopic k of a second-order reaction means d[A]/dt = -k[A]^2 unless an exercise says otherwise.
"""
from __future__ import annotations

import math
from random import Random

from ..exercise import Exercise
from ..ingredients import LIBRARY, rounded
from .counting import pairs


def short_watch(rng: Random) -> dict[str, float]:
    """A mixture of A and B, and a time dt in which about half an event is expected."""
    n_a, n_b, k, omega = rng.randint(10, 30), rng.randint(5, 15), rounded(rng, 0.3, 1.0), float(rng.randint(2, 6))
    dt = float(f"{rng.uniform(0.3, 0.9) / (k / omega * n_a * n_b):.1g}")
    return {"n_a": n_a, "n_b": n_b, "k": k, "omega": omega, "dt": dt}


# 1.1  2A -> B ------------------------------------------------------------------------------------------

dimer = Exercise(
    id="1.1",
    title="Two of a kind",
    topic="propensities",
    points=3,
    kind="function",
    name="propensity",
    reference=lambda n, k, omega: k / omega * pairs(n),
    wrong={
        "P1": lambda n, k, omega: k / omega * n**2 / 2,
        "P2": lambda n, k, omega: k / omega * n * (n - 1),
        "P1+P2": lambda n, k, omega: k / omega * n**2,
        "P1:whole": lambda n, k, omega: k / omega * n * (n + 1) / 2,
        "P3:ignored": lambda n, k, omega: k * pairs(n),
        "P2+P3:ignored": lambda n, k, omega: k * n * (n - 1),
        "P3:inverted": lambda n, k, omega: k * omega * pairs(n),
        "P3:density": lambda n, k, omega: k * (n / omega) ** 2,
    },
    probes=((5, 0.6, 3.0), (0, 0.6, 3.0), (1, 0.6, 3.0), (2, 0.6, 3.0), (3, 1.5, 4.0), (12, 0.3, 0.5), (40, 0.1, 8.0)),
    secret=lambda rng: (rng.randint(2, 60), rounded(rng, 0.1, 2.0), rounded(rng, 1.5, 20.0)),
    unit="1/s",
    hints=(
        "Draw n dots and join every two that can meet. How many lines start at one dot, and how often have you "
        "counted each line?",
        'Run `cmelab.show("pair-jar", preset="start")`, count the lines for 1, 2, 3 and 4 molecules, then double the '
        "volume and read what happens to the number.",
        "Each of n molecules has n - 1 partners, and every pair is then counted twice: `n * (n - 1) / 2` pairs. "
        "Each pair reacts with the constant `k / omega`. Multiply the two.",
    ),
    why="You count pairs: n(n-1)/2 of them, none for a single molecule, each reacting with c = k/Ω. "
        "At n = 5, k = 0.6, Ω = 3 that is 10 pairs times 0.2 = 2.0 reactions per second.",
    implies={
        "P1": "At n = 1 you give k/(2 Ω), which is 0.1 for k = 0.6 and Ω = 3. "
              "Can one molecule collide with itself?",
        "P2": "At n = 2 you give 0.4 where k/Ω = 0.2: two pairs among two molecules. "
              "Is A1 meeting A2 another event than A2 meeting A1?",
        "P1+P2": "At n = 1 you give 0.2 for k = 0.6 and Ω = 3. Can one molecule collide with itself? "
                 "At n = 5 you count 25 meetings; how many lines join five dots? "
                 "(k/Ω) n² is the loss of A in the rate equation: molecules, not events, and right for many of them.",
        "P1:whole": "At n = 1 you give k/Ω, which is 0.2 for k = 0.6 and Ω = 3. "
                    "Whom does a single molecule meet?",
        "P3:ignored": "At n = 5 you give 6.0 whatever the volume. "
                      "Do five molecules meet as often in a jar as in a lake?",
        "P2+P3:ignored": "At n = 5 you give 12.0 for k = 0.6, whatever the volume: 20 meetings, where five dots are "
                         "joined by 10 lines. Is A1 meeting A2 another event than A2 meeting A1? "
                         "And do they meet as often in a lake?",
        "P3:inverted": "At n = 5 you give 18.0 for Ω = 3, and more in a larger jar. "
                       "Do the same five molecules meet more often when they have more room?",
        "P3:density": "At n = 3 you give 0.6 for k = 0.6 and Ω = 3: k[A]², the loss of A in one unit of volume. "
                      "How many units are there, how many molecules does one event take, and who meets whom at n = 1?",
    },
    forbidden=LIBRARY,
)

loss = Exercise(
    id="1.1b",
    title="Molecules lost per second",
    topic="propensities",
    points=1,
    kind="number",
    name="loss_rate",
    reference=lambda n, k, omega: 2 * k / omega * pairs(n),
    wrong={
        "P7": lambda n, k, omega: 2 * k / omega * n * (n - 1),
        "P7:forgotten": lambda n, k, omega: k / omega * pairs(n),
        "P1": lambda n, k, omega: k / omega * n**2,
        "P3:ignored": lambda n, k, omega: 2 * k * pairs(n),
    },
    given=lambda rng: {"n": rng.randint(3, 12), "k": rounded(rng, 0.2, 2.0), "omega": float(rng.randint(2, 9))},
    default={"n": 7, "k": 0.5, "omega": 4.0},
    unit="molecules/s",
    hints=(
        "How many events happen per second, and what does one event do to the number of A?",
        'Run `cmelab.show("pair-jar", preset="start")`: the number counts reactions. Cover the two ends of one line '
        "with your fingers; how many molecules are gone?",
        "The propensity `a = k / omega * n * (n - 1) / 2` counts events. Each event changes A by ν = -2. "
        "Molecules lost per second: `2 * a`.",
    ),
    why="a counts events and ν counts molecules per event, so the 2 of 2A enters once, in ν: the loss is 2a. "
        "For n = 5, k = 0.6, Ω = 3: 2.0 events and 4.0 molecules per second.",
    implies={
        "P7": "In your {answer} the 2 of 2A was used twice, once in the propensity and once in ν. "
              "How many pairs are there among {n} molecules, and what does one event remove?",
        "P7:forgotten": "Your {answer} is the number of events per second. "
                        "How many molecules of A does one event remove?",
        "P1": "Your {answer} counts {n}²/2 pairs among {n} molecules; for one molecule that would be half a pair. "
              "Can there be half a pair?",
        "P3:ignored": "You would give {answer} for Ω = {omega} and for every other volume. "
                      "Do {n} molecules meet as often in a jar as in a lake?",
    },
    forbidden=LIBRARY,
)

# 1.2  A + B -> C, and a catalyst -----------------------------------------------------------------------

two_kinds = Exercise(
    id="1.2",
    title="Two kinds",
    topic="propensities",
    points=2,
    kind="function",
    name="propensity_ab",
    reference=lambda n_a, n_b, k, omega: k / omega * n_a * n_b,
    wrong={
        "P4:half": lambda n_a, n_b, k, omega: k / omega * n_a * n_b / 2,
        "P4:pooled": lambda n_a, n_b, k, omega: k / omega * pairs(n_a + n_b),
        "P4:one-colour": lambda n_a, n_b, k, omega: k / omega * (pairs(n_a) + pairs(n_b)),
        "P3:ignored": lambda n_a, n_b, k, omega: k * n_a * n_b,
        "P3:inverted": lambda n_a, n_b, k, omega: k * omega * n_a * n_b,
    },
    probes=((4, 6, 0.6, 3.0), (1, 1, 0.6, 3.0), (0, 5, 0.6, 3.0), (5, 0, 0.6, 3.0), (3, 3, 1.0, 2.0),
            (10, 2, 0.3, 5.0)),  # fmt: skip
    secret=lambda rng: (rng.randint(1, 30), rng.randint(1, 30), rounded(rng, 0.1, 2.0), rounded(rng, 1.5, 20.0)),
    unit="1/s",
    hints=(
        "Join every red dot to every blue dot. Does any line get counted twice this time?",
        'Run `cmelab.show("pair-jar", preset="two-colours")` and count the lines for 1 red and 3 blue, '
        "then for 2 red and 3 blue.",
        "Each of the n_a molecules has n_b partners, and no pair is met twice: `n_a * n_b` pairs. "
        "Multiply by `k / omega`.",
    ),
    why="Every A can meet every B: n_A n_B pairs, and none is counted twice because the two ends differ. "
        "At n_A = 4, n_B = 6, k = 0.6, Ω = 3 that is 24 pairs times 0.2 = 4.8 per second.",
    implies={
        "P4:half": "At n_A = n_B = 1 you give 0.1 where k/Ω = 0.2: half a pair. "
                   "One red and one blue dot: how many lines?",
        "P4:pooled": "At n_A = 5 and n_B = 0 you give 2.0. Which B takes part in that reaction?",
        "P4:one-colour": "At n_A = n_B = 1 you give 0, yet there is one A and one B. "
                         "Which lines does A + B -> C allow: red to red, or red to blue?",
        "P3:ignored": "At n_A = 4, n_B = 6 you give 14.4 whatever the volume. "
                      "Do they meet as often when the jar is ten times larger?",
        "P3:inverted": "At n_A = 4, n_B = 6 you give 43.2 for Ω = 3, and more in a larger jar. "
                       "Does more room bring two molecules together?",
    },
    forbidden=LIBRARY,
)

chance = Exercise(
    id="1.2b",
    title="A chance, not a rate",
    topic="propensities",
    points=1,
    kind="number",
    name="chance",
    reference=lambda n_a, n_b, k, omega, dt: -math.expm1(-k / omega * n_a * n_b * dt),
    wrong={
        "P5": lambda n_a, n_b, k, omega, dt: k / omega * n_a * n_b * dt,
        "P5:rate": lambda n_a, n_b, k, omega, dt: k / omega * n_a * n_b,
        "P5:none": lambda n_a, n_b, k, omega, dt: math.exp(-k / omega * n_a * n_b * dt),
        "P5:one": lambda n_a, n_b, k, omega, dt: k / omega * n_a * n_b * dt * math.exp(-k / omega * n_a * n_b * dt),
    },
    given=short_watch,
    default={"n_a": 20, "n_b": 10, "k": 0.6, "omega": 3.0, "dt": 0.01},
    hints=(
        "What would your rule say for dt = 1 s, and can a probability be that large?",
        "Cut dt into ten equal pieces. Nothing happens in a piece with probability about `1 - a * dt / 10`. "
        "What is the chance that nothing happens ten times in a row?",
        "With `a = k / omega * n_a * n_b`, nothing happens during `dt` with probability `np.exp(-a * dt)`. "
        "You want the opposite: `1 - np.exp(-a * dt)`.",
    ),
    why="a is a rate, and a dt is a probability only in the limit of small dt. Waiting without an event for dt has "
        "probability exp(-a dt). With a = 40 and dt = 0.01 the chance is 0.3297, not 0.4.",
    implies={
        "P5": "Your {answer} is a dt for dt = {dt}; for a dt ten times as long the same rule gives ten times as much. "
              "Can a probability be larger than 1? When is a dt small enough?",
        "P5:rate": "Your {answer} would be the same for dt = 0, when nothing can happen. A propensity has the unit "
                   "1/s: what must happen to it before it can be a probability?",
        "P5:none": "You give {answer} for dt = {dt}, and this rule gives 1 for dt = 0: that is the chance that "
                   "nothing happens. What is the chance of the opposite?",
        "P5:one": "Your {answer} is a dt exp(-a dt): one event and no second, for a rate that stays the same. "
                  "After two or three events there was at least one, too. What is the only other case?",
    },
    forbidden=LIBRARY,
)

catalyst = Exercise(
    id="1.2c",
    title="A catalyst",
    topic="propensities",
    points=1,
    kind="function",
    name="catalysis",
    reference=lambda e, s, k, omega: k / omega * e * s,
    wrong={
        "P6": lambda e, s, k, omega: k * s,
        "P6:scaled": lambda e, s, k, omega: k / omega * s,
        "P3:ignored": lambda e, s, k, omega: k * e * s,
        "P3:inverted": lambda e, s, k, omega: k * omega * e * s,
    },
    probes=((2, 10, 0.6, 3.0), (0, 10, 0.6, 3.0), (1, 4, 0.6, 3.0), (7, 0, 0.6, 3.0), (5, 8, 1.2, 4.0)),
    secret=lambda rng: (rng.randint(2, 20), rng.randint(1, 40), rounded(rng, 0.1, 2.0), rounded(rng, 1.5, 20.0)),
    unit="1/s",
    hints=(
        "The enzyme is still there after the reaction. Must it also be there before?",
        'Run `cmelab.show("pair-jar", preset="two-colours")`, call one colour E and the other S, and take E down '
        "to 0. What is left?",
        "ν says what changes, the propensity says who must meet. E and S must meet: `k / omega * e * s`.",
    ),
    why="ν = 0 for the enzyme says that it is not used up; it still has to be there, so e stands in the propensity. "
        "Without enzyme nothing happens: a = 0 at e = 0.",
    implies={
        "P6": "At e = 0, s = 10, k = 0.6 you give 6.0. Who catalyses the reaction when there is no enzyme?",
        "P6:scaled": "At e = 0, s = 10, k = 0.6, Ω = 3 you give 2.0. "
                     "Who catalyses the reaction when there is no enzyme?",
        "P3:ignored": "At e = 2, s = 10, k = 0.6 you give 12.0 whatever the volume. "
                      "Does E find S as fast when the cell is ten times larger?",
        "P3:inverted": "At e = 2, s = 10, k = 0.6, Ω = 3 you give 36.0, and more in a larger cell. "
                       "Does more room help E to find S?",
    },
    forbidden=LIBRARY,
)
