"""Unit 01, Counting molecules: right answers, what each wrong belief gives, and what to say about it.

The macroscopic k of a second-order reaction means d[A]/dt = -k[A]^2 unless an exercise says otherwise.
A key such as "P4:pooled" is one variant of belief P4; `implies` speaks to the variant, in the student's numbers.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from ..rates import AVOGADRO
from .exercise import Exercise

CORE = (
    "ReactionNetwork", "Reaction", "models", "rates", "exact", "path", "simulate", "solve", "generator", "flows",
    "enumerate_states",
)  # fmt: skip


def falling(n: int, m: int) -> int:
    """n (n - 1) ... (n - m + 1): ways to draw m molecules one after the other."""
    return math.prod(n - i for i in range(m))


def pairs(n: int) -> float:
    """Number of pairs among n molecules of one kind."""
    return n * (n - 1) / 2


def rounded(rng: Random, low: float, high: float) -> float:
    """A number a person can type."""
    return round(rng.uniform(low, high), 2)


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
                 "At n = 5 you count 25 meetings; how many lines join five dots?",
        "P1:whole": "At n = 1 you give k/Ω, which is 0.2 for k = 0.6 and Ω = 3. "
                    "Whom does a single molecule meet?",
        "P3:ignored": "At n = 5 you give 6.0 whatever the volume. "
                      "Do five molecules meet as often in a jar as in a lake?",
        "P2+P3:ignored": "At n = 5 you give 12.0 for k = 0.6, whatever the volume: 20 meetings, where five dots are "
                         "joined by 10 lines. Is A1 meeting A2 another event than A2 meeting A1? "
                         "And do they meet as often in a lake?",
        "P3:inverted": "At n = 5 you give 18.0 for Ω = 3, and more in a larger jar. "
                       "Do the same five molecules meet more often when they have more room?",
    },
    forbidden=CORE,
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
    forbidden=CORE,
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
    forbidden=CORE,
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
    },
    forbidden=CORE,
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
    forbidden=CORE,
)

# 1.3  Volume -------------------------------------------------------------------------------------------


def law(counts: Sequence[int], k: float, omega: float) -> float:
    """Propensity k Ω^(1-m) n_1 n_2 ... n_m of m molecules, all of different kinds."""
    return k * omega ** (1 - len(counts)) * math.prod(counts)


def inverted(counts: Sequence[int], k: float, omega: float) -> float:
    return k * omega ** (len(counts) - 1) * math.prod(counts)


volume_law = Exercise(
    id="1.3",
    title="One law for every order",
    topic="volume",
    points=3,
    kind="function",
    name="propensity_law",
    reference=law,
    wrong={
        "P3:ignored": lambda counts, k, omega: k * math.prod(counts),
        "P3:inverted": inverted,
        "P3:always": lambda counts, k, omega: k / omega * math.prod(counts),
        "P3:density": lambda counts, k, omega: k * math.prod(n / omega for n in counts),
        "P4:half": lambda counts, k, omega: law(counts, k, omega) / math.factorial(len(counts)),
    },
    probes=(((), 0.6, 3.0), ((5,), 0.6, 3.0), ((4, 6), 0.6, 3.0), ((2, 3, 4), 0.6, 3.0), ((4, 0), 0.6, 3.0),
            ((7,), 1.5, 10.0), ((2, 1, 5), 0.9, 0.5)),  # fmt: skip
    # Order 3: the only one at which every wrong law differs from the right one.
    secret=lambda rng: (tuple(rng.choices(range(1, 10), k=3)), rounded(rng, 0.1, 2.0), rounded(rng, 1.5, 9.0)),
    unit="1/s",
    hints=(
        "The rate law k [A] [B] ... counts events per second in one unit of volume. How many units are there, and "
        "what is [A] when there are n_a molecules?",
        'Run `cmelab.show("pair-jar", preset="two-colours")` and drag the volume: order 2. For order 0 picture a '
        "culture twice as large: how many new molecules per second?",
        "Events per second: `omega * k * (n_1/omega) * (n_2/omega) ...` With `m = len(counts)` this is "
        "`k * omega**(1 - m) * math.prod(counts)`.",
    ),
    why="The rate law holds per unit of volume, so a = Ω k (n_1/Ω)(n_2/Ω)... = k Ω^(1-m) n_1 n_2 ... "
        "For k = 0.6, Ω = 3: order 0 gives 1.8, order 1 does not know the volume, order 2 loses one Ω.",
    implies={
        "P3:ignored": "For 0 -> A with k = 0.6, Ω = 3 you give 0.6. "
                      "Does a culture three times as large make no more molecules per second?",
        "P3:inverted": "For 0 -> A with k = 0.6, Ω = 3 you give 0.2, and for A + B -> C with 4 and 6 43.2. "
                       "Which of the two grows when there is more room?",
        "P3:always": "For A -> B with 5 molecules, k = 0.6 and Ω = 3 you give 1.0, and less in a larger jar. "
                     "How does a molecule that falls apart alone know the volume?",
        "P3:density": "For 0 -> A with k = 0.6, Ω = 3 you give 0.6: events per second in one unit of volume. "
                      "How many units are there?",
        "P4:half": "For A + B -> C with one A and one B, k = 0.6 and Ω = 3 you give 0.1, half of k/Ω. "
                   "All kinds differ here: which set of molecules is counted twice?",
    },
    forbidden=CORE,
)

growth = Exercise(
    id="1.3b",
    title="A cell that grows",
    topic="volume",
    points=1,
    kind="numbers",
    name="factors",
    reference=lambda growth: (growth,) * 4,
    wrong={
        "P3:ignored": lambda growth: (1.0, growth, growth**2, growth**3),
        "P3:inverted": lambda growth: (1 / growth, growth, growth**3, growth**5),
        "P3:always": lambda growth: (1 / growth, 1.0, growth, growth**2),
        "P3:density": lambda growth: (1.0, 1.0, 1.0, 1.0),
        "P3:counts": lambda growth: (growth, 1.0, 1 / growth, growth**-2),
    },
    given=lambda rng: {"growth": rng.choice((1.5, 2.0, 2.5, 3.0, 4.0, 5.0))},
    default={"growth": 2.0},
    hints=(
        "Put two identical cells side by side and call them one. How often does each reaction happen now?",
        "Write `a = k * omega**(1 - m) * n_1 * ... * n_m` for m = 0, 1, 2, 3, with omega and every n twice as large. "
        "What cancels?",
        "`omega**(1 - m)` gives `growth**(1 - m)` and the m counts give `growth**m`. "
        "The product is `growth` for every order.",
    ),
    why="Volume and counts together give growth^(1-m) growth^m = growth, for every order. Two cells side by side do "
        "everything twice as often: propensities add up, concentrations do not.",
    implies={
        "P3:ignored": "In your {answer} the counts grew {growth} times, but the volume in c did not. "
                      "What happens to c = k Ω^(1-m)?",
        "P3:inverted": "In your {answer} the volume makes c larger from order 2 on. Do two molecules in a cell "
                       "{growth} times as large meet more easily?",
        "P3:always": "Your {answer} divides every order by the volume once. "
                     "How often must order 0 be divided, and order 3?",
        "P3:density": "Your {answer} says that the concentrations did not change. But a counts events in the whole "
                      "cell, which is {growth} times as large; how many cells' worth is it now?",
        "P3:counts": "Your {answer} is right for a cell that swells {growth} times with the same molecules in it. "
                     "Here the counts grow, too; what does that do to n_1 n_2 ...?",
    },
    forbidden=CORE,
)

# 1.4  k and c ------------------------------------------------------------------------------------------


def k_and_omega(rng: Random) -> dict[str, float]:
    """Numbers of one student for a translation."""
    return {"k": rounded(rng, 0.2, 3.0), "omega": float(rng.randint(3, 12))}


to_pairs = Exercise(
    id="1.4",
    title="From the rate equation to pairs",
    topic="conventions",
    points=1,
    kind="number",
    name="c_pairs",
    reference=lambda k, omega: k / omega,
    wrong={
        "P8": lambda k, omega: k,
        "P8:two": lambda k, omega: 2 * k / omega,
        "P8:half": lambda k, omega: k / omega / 2,
        "P3:inverted": lambda k, omega: k * omega,
    },
    given=k_and_omega,
    default={"k": 0.9, "omega": 5.0},
    unit="1/s",
    hints=(
        "How many molecules per second does the rate equation remove when n is large? And how many does the "
        "simulator remove?",
        'Run `cmelab.show("pair-jar", preset="start")` with 12 molecules: 66 lines, and 12 * 12 / 2 would be 72. '
        "For many molecules n - 1 is nearly n. Write the loss of A both ways, side by side.",
        "Rate equation: `omega * k * (n/omega)**2` molecules per second. Simulator: `2 * c * n**2 / 2`. "
        "They agree when `c = k / omega`.",
    ),
    why="The equation removes Ω k (n/Ω)² = (k/Ω) n² molecules per second, the simulator "
        "2 c n²/2 = c n². So c = k/Ω: 0.2 for k = 0.6, Ω = 3.",
    implies={
        "P8": "Your {answer} is k itself. k is per concentration, c per pair; in the volume Ω = {omega}, "
              "what turns one into the other?",
        "P8:two": "Your {answer} is 2k/Ω for k = {k}, Ω = {omega}: it would remove A twice as fast as the equation "
                  "says. Which rate equation has 2k in it?",
        "P8:half": "Your {answer} is k/(2 Ω) for k = {k}, Ω = {omega}, and the 1/2 of n(n-1)/2 is in the propensity "
                   "already. How fast would A be lost?",
        "P3:inverted": "You give {answer} for Ω = {omega}, and more in a larger jar. "
                       "Do two molecules meet more often when they have more room?",
    },
    forbidden=CORE,
)

to_falling = Exercise(
    id="1.4b",
    title="A simulator without the half",
    topic="conventions",
    points=1,
    kind="number",
    name="k_ordered",
    reference=lambda k, omega: k / omega / 2,
    wrong={
        "P8": lambda k, omega: k,
        "P8:copied": lambda k, omega: k / omega,
        "P8:other-way": lambda k, omega: 2 * k / omega,
        "P8:volume": lambda k, omega: k / 2,
    },
    given=k_and_omega,
    default={"k": 1.4, "omega": 5.0},
    unit="1/s",
    hints=(
        "Both simulators must fire equally often in every state. What must hold between their constants?",
        'Run `cmelab.show("pair-jar", preset="count-twice")`: this simulator counts each pair twice. '
        "What must its constant be, so that the number comes out right again?",
        "`k / omega * n * (n - 1) / 2` must equal `k_ordered * n * (n - 1)`. Divide both sides by `n * (n - 1)`.",
    ),
    why="The same jar, written differently: (k/Ω) n(n-1)/2 = k' n(n-1) gives k' = k/(2 Ω), 0.1 for k = 0.6, "
        "Ω = 3. Neither way is wrong; copying a number from one to the other is.",
    implies={
        "P8": "Your {answer} is k itself, whatever Ω is. With two molecules the simulator would fire 2 × {answer} "
              "times per second, also in a lake. What is missing?",
        "P8:copied": "Your {answer} is right for n(n-1)/2. "
                     "This simulator has no 1/2: with two molecules it fires 2 × {answer} times per second. "
                     "How often should it?",
        "P8:other-way": "This simulator multiplies your {answer} with n(n-1), which is 2 for two molecules: it fires "
                        "4 times as often as the jar. Should the constant go up?",
        "P8:volume": "You give {answer} for Ω = {omega} and for every other volume. "
                     "Where does this simulator learn how large the jar is?",
    },
    forbidden=CORE,
)

from_extent = Exercise(
    id="1.4c",
    title="A table of constants",
    topic="conventions",
    points=1,
    kind="number",
    name="c_extent",
    reference=lambda k, omega: 2 * k / omega,
    wrong={
        "P8": lambda k, omega: k,
        "P8:same": lambda k, omega: k / omega,
        "P8:four": lambda k, omega: 4 * k / omega,
    },
    given=k_and_omega,
    default={"k": 0.7, "omega": 5.0},
    unit="1/s",
    hints=(
        "In which of the two equations does A vanish faster, for the same k?",
        "Write both losses for large n side by side: the equation's, with its 2, and the simulator's, "
        "two molecules per event.",
        "The equation removes `2 * omega * k * (n/omega)**2`, the simulator `2 * c * n**2 / 2`. "
        "They agree when `c = 2 * k / omega`.",
    ),
    why="Here k counts events, and each event removes two: 2 (k/Ω) n² = c n², so c = 2k/Ω, 0.4 for k = 0.6, "
        "Ω = 3. The same number k means another speed in another equation.",
    implies={
        "P8": "Your {answer} is k itself. k is per concentration, c per pair; in the volume Ω = {omega}, "
              "what turns one into the other?",
        "P8:same": "Your {answer} is right for d[A]/dt = -k[A]². "
                   "What does the 2 in this equation do to the loss?",
        "P8:four": "In your {answer} the 2 was used twice. "
                   "Both sides lose two molecules per event; what is left after cancelling?",
    },
    forbidden=CORE,
)

from_molar = Exercise(
    id="1.4d",
    title="From the test tube to the cell",
    topic="conventions",
    points=1,
    kind="number",
    name="c_molar",
    reference=lambda k, litres: k / (AVOGADRO * litres),
    wrong={
        "P8": lambda k, litres: k,
        "P8:litres": lambda k, litres: k / litres,
        "P8:avogadro": lambda k, litres: k / AVOGADRO,
        "P3:inverted": lambda k, litres: k * AVOGADRO * litres,
    },
    given=lambda rng: {"k": rng.randint(2, 99) * 1e5, "litres": rng.randint(5, 50) * 1e-16},
    default={"k": 3e6, "litres": 2e-15},
    unit="1/s",
    hints=(
        "One molecule alone in the cell: what is its concentration in mol per litre?",
        "Follow the units: k is in litre / (mol s). Which two numbers turn litre / mol into a plain number?",
        "1 mol/litre in this cell is `6.02214076e23 * litres` molecules: that is omega. "
        "A + B -> C has `c = k / omega`.",
    ),
    why="At 1 mol/litre the cell holds N_A V molecules, so Ω = N_A V and c = k/(N_A V): 0.00166 per second for "
        "k = 1e6 /(M s) and V = 1e-15 litre, so a given pair reacts about once in ten minutes.",
    implies={
        "P8": "Your {answer} is k itself: one A and one B would meet {answer} times per second. "
              "k is per mol/litre; what is the concentration of one molecule in {litres} litre?",
        "P8:litres": "Your {answer} divides k = {k} by the volume alone: one A and one B would meet {answer} times per "
                     "second. One molecule is not one mole; how many molecules are?",
        "P8:avogadro": "Your {answer} divides k = {k} by N_A alone. "
                       "That is a jar of one litre; how large is the cell?",
        "P3:inverted": "Your {answer} multiplies by the volume, so it would be more in a larger cell. "
                       "Do A and B meet more often when they have more room?",
    },
    forbidden=CORE,
)

# 1.5  The bug that shipped -----------------------------------------------------------------------------


def shipped(n: int, m: int, c: float) -> float:
    """The program under suspicion, as the exercise prints it: it divides by m where m! belongs."""
    return c * falling(n, m) / m


def sets(n: int, m: int, c: float) -> float:
    """c times the number of sets of m among n molecules."""
    return c * math.comb(n, m)


witness = Exercise(
    id="1.5",
    title="The bug that shipped",
    topic="propensities",
    points=1,
    kind="numbers",
    name="witness",
    reference=lambda: (3, 3),
    wrong={"P1": lambda: (2, 1), "P2": lambda: (2, 2)},
    hints=(
        "You know the right number of sets for small m and n: you can draw them. Which m did the tests leave out?",
        "Draw 2, 3 and 4 dots. Circle every group of two, then on new drawings every group of three. "
        "What does `shipped` say for each drawing?",
        "Compare `shipped(n, m, 1.0)` with `math.comb(n, m)` in two nested loops, m = 1, 2, 3 outside and n = 0 to 4 "
        "inside. Take the first difference: `witness = (m, n)`.",
    ),
    why="At m = 3 and n = 3 there is one group of three, and the program says 2. For m = 1 and 2 dividing by m and by "
        "m! is the same: a test that stops there cannot see the bug.",
    implies={
        "P1": "At m = 2, n = 1 the program says 0, and 0 is right. Can one molecule collide with itself?",
        "P2": "At m = 2, n = 2 the program says 1, and 1 is right. Is A1 meeting A2 another event than A2 meeting A1?",
    },
    forbidden=CORE,
)

repair = Exercise(
    id="1.5b",
    title="The repair",
    topic="propensities",
    points=2,
    kind="function",
    name="repaired",
    reference=sets,
    wrong={
        "P1": lambda n, m, c: c * n**m / math.factorial(m),
        "P2:orders": lambda n, m, c: c * falling(n, m),
        "P1+P2:orders": lambda n, m, c: c * n**m,
        "P2:part": shipped,
    },
    probes=((5, 1, 1.0), (5, 2, 0.2), (1, 2, 1.0), (3, 3, 1.0), (6, 3, 0.1), (2, 3, 1.0), (6, 4, 0.5)),
    secret=lambda rng: (rng.randint(4, 15), rng.choice((3, 4)), rounded(rng, 0.1, 2.0)),
    unit="1/s",
    hints=(
        "The loop counts the ways to draw m molecules one after the other. In how many orders can the same m be drawn?",
        "Write down every order of three molecules: 1 2 3, 1 3 2, ... How many lines did you write? Now for four.",
        "Divide by `math.factorial(m)` instead of `m`, or return `c * math.comb(n, m)`.",
    ),
    why="m molecules can be drawn in m! orders, and all of them are the same meeting: n(n-1).../m! sets. "
        "With m = 1 and 2, m! happens to equal m.",
    implies={
        "P1": "At m = 2, n = 1, c = 1 you give 0.5. Can one molecule collide with itself?",
        "P2:orders": "At m = 3, n = 3, c = 1 you give 6. "
                     "How many different groups of three are there among three molecules?",
        "P1+P2:orders": "At m = 2, n = 1, c = 1 you give 1. Can one molecule collide with itself? "
                        "At m = 3, n = 3 you give 27; how many groups of three are there among three molecules?",
        "P2:part": "At m = 3, n = 3, c = 1 you give 2, as before. "
                   "How many different groups of three are there among three molecules?",
    },
    forbidden=CORE,
)

# 1.6  In words -----------------------------------------------------------------------------------------

explain = Exercise(
    id="1.6",
    title="Explain it to a programmer",
    topic="propensities",
    points=1,
    kind="text",
    name="explanation",
    hints=(
        "What would go wrong in a cell with one molecule, if the - 1 were left out?",
        'Look at `cmelab.show("pair-jar", preset="self-pairs")` and say in words what is wrong with that picture.',
        "Say who cannot be a partner, then say how often each pair was counted, then give n = 2 as an example.",
    ),
    why="A person reads this one. Full point: no molecule is its own partner, a pair counted from both ends is one "
        "event, and an example with numbers. Half a point: one of the two reasons.",
)

UNIT = (
    dimer, loss, two_kinds, chance, catalyst, volume_law, growth, to_pairs, to_falling, from_extent, from_molar,
    witness, repair, explain,
)  # fmt: skip
