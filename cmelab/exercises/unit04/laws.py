"""4.1, 4.2 and 4.7: which law holds after a long time, how wide it is, and what the start has to do with it."""
from __future__ import annotations

from collections.abc import Sequence
from random import Random

from ..exercise import Exercise
from ..ingredients import rounded
from .wheels import BALANCED, CLOSED, LADDER, RING, SPINS, TWO, UNEVEN, Table, law

# 4.1  Many receptors -----------------------------------------------------------------------------------

share = Exercise(
    id="4.1",
    title="How many are active?",
    topic="steady state",
    points=1,
    kind="number",
    name="active",
    reference=lambda k_on, k_off: k_on / (k_on + k_off),
    wrong={
        "D3": lambda k_on, k_off: k_on / k_off,
        "D3:inverted": lambda k_on, k_off: k_off / (k_on + k_off),
        "D3:upside-down": lambda k_on, k_off: k_off / k_on,
        "D3:equal": lambda k_on, k_off: 0.5,
        "D3:difference": lambda k_on, k_off: k_on - k_off,
    },
    given=lambda rng: {"k_on": rounded(rng, 0.5, 9.0), "k_off": rounded(rng, 0.5, 9.0)},
    default={"k_on": 1.5, "k_off": 3.5},
    hints=(
        "When the share no longer changes: what must be equal?",
        'Open `cmelab.show("two-state", k_on=1, k_off=3)` and compare its two bars at the end of the film.',
        "`k_on` times the share that is inactive equals `k_off` times the share that is active; the shares add to 1.",
    ),
    why="kon P(A) = koff P(B) and P(A) + P(B) = 1 give P(B) = kon/(kon + koff): 0.8 for rates 2 and 0.5. "
        "The ratio of the rates is the ratio P(B)/P(A), which is another number.",
    implies={
        "D3": "Your {answer} is P(B)/P(A). With rates 2 and 0.5 it would be 4: can that be a probability?",
        "D3:inverted": "With kon = {k_on} and koff = {k_off} you say {answer}. "
                       "If receptors never turned off (koff = 0), yours would be 0. Should all be inactive then?",
        "D3:upside-down": "Your {answer} is koff/kon. If receptors never turned on (kon near 0), "
                          "it would grow without end. Can a share do that?",
        "D3:equal": "Half and half, {answer}, would not depend on the rates. If turning on is 1000 times as fast as "
                    "turning off, are still half of them inactive?",
        "D3:difference": "Your {answer} is {k_on} - {k_off}. At double speed, both rates doubled, it would double. "
                         "Does the share?",
    },
    forbidden=CLOSED,
)  # fmt: skip


def variance(copies: int, k_on: float, k_off: float) -> float:
    """Of the number of active ones among so many, each by itself."""
    p = k_on / (k_on + k_off)
    return copies * p * (1 - p)


width = Exercise(
    id="4.1b",
    title="How wide is the law?",
    topic="steady state",
    points=1,
    kind="number",
    name="variance",
    reference=variance,
    wrong={
        "D5": lambda copies, k_on, k_off: copies * k_on / (k_on + k_off),
        "D5:spread": lambda copies, k_on, k_off: variance(copies, k_on, k_off) ** 0.5,
        "D5:one": lambda copies, k_on, k_off: variance(1, k_on, k_off),
        "D5:together": lambda copies, k_on, k_off: copies * variance(copies, k_on, k_off),
        "D3:equal": lambda copies, k_on, k_off: copies / 4,
    },
    given=lambda rng: {"copies": rng.randint(10, 60), "k_on": rounded(rng, 0.5, 9.0), "k_off": rounded(rng, 0.5, 9.0)},
    default={"copies": 30, "k_on": 1.5, "k_off": 3.5},
    hints=(
        "Each receptor is active or not, whatever the others do. Which law counts how many of them are?",
        'Look at `cmelab.show("two-state", preset="poisson")`: which of the two laws is too wide, and where?',
        "A binomial law: `copies * p * (1 - p)`, where `p` is the share that is active.",
    ),
    why="The total is kept, so the count is binomial: N p (1 - p), which is less than its mean N p. "
        "For 20 receptors with p = 0.2 it is 3.2; a Poisson law of the same mean has 4.",
    implies={
        "D5": "Your {answer} is the mean, as in a Poisson law, which gives some probability to more than "
              "{copies} active ones. How many of {copies} can be active?",
        "D5:spread": "Your {answer} is a standard deviation for {copies} receptors. What is it squared?",
        "D5:one": "Your {answer} belongs to 1 receptor. There are {copies}, and independent variances do what?",
        "D5:together": "Your {answer} would be right if all {copies} turned on and off together, as one. Each goes by "
                       "itself: does {copies} times the receptors mean {copies} times the width?",
        "D3:equal": "Your {answer} takes P = 0.5 for both shapes. Do k_on = {k_on} and k_off = {k_off} say so?",
    },
    forbidden=CLOSED,
)  # fmt: skip

# 4.2  The null vector ----------------------------------------------------------------------------------


def as_if_balanced(k: Table) -> list[float]:
    """P(i + 1)/P(i) = rate there / rate back along 0, 1, 2, ...; all other steps are left out."""
    p = [1.0]
    for i in range(len(k) - 1):
        p.append(p[-1] * k[i][i + 1] / k[i + 1][i])
    return [each / sum(p) for each in p]


def by_waits(k: Table) -> list[float]:
    stays = [1 / sum(row) for row in k]
    return [each / sum(stays) for each in stays]


def by_visits(k: Table) -> list[float]:
    """The steady law of the jumps: time is not asked for."""
    return law([[rate / sum(row) for rate in row] for row in k]).tolist()


def adds_up(p: Sequence[float], k: Table) -> str:
    """What is wrong with numbers that are no probabilities."""
    total = sum(p)
    if abs(total - 1) > 1e-4:
        return f"Together they are {total + 0.0:.4g}; what must probabilities add up to?"
    return "One of them is below 0: can a probability be?" if min(p) < -1e-6 else ""


def _three(rng: Random) -> tuple[tuple[tuple[float, ...], ...]]:
    return (tuple(tuple(0 if i == j else rounded(rng, 0.2, 5.0) for j in range(3)) for i in range(3)),)


steady = Exercise(
    id="4.2",
    title="Steady from any rates",
    topic="steady state",
    points=3,
    kind="function",
    name="steady",
    reference=lambda k: law(k).tolist(),
    wrong={
        "D2": as_if_balanced,
        "D3": lambda k: (law(k) / law(k)[0]).tolist(),
        "D3:inverted": lambda k: law([*zip(*k, strict=True)]).tolist(),
        "D3:rows": lambda k: [1 / len(k)] * len(k),
        "D3:waits": by_waits,
        "D3:visits": by_visits,
    },
    probes=((TWO,), (UNEVEN,), (SPINS,), (BALANCED,), (RING,), (LADDER,)),
    secret=_three,
    floor=1e-9,
    tells=adds_up,
    hints=(
        "For one state, write down in words all that flows in and all that flows out. Which numbers do you need?",
        "Write the matrix for `k = [[0, 2], [0.5, 0]]` on paper: the column of a state holds where its probability "
        "goes. Each column must sum to 0. What must the matrix give, times P?",
        "`a = k.T - np.diag(k.sum(axis=1))` for an array k; then `a[-1] = 1`, and `np.linalg.solve(a, right)`, "
        "where `right` is all 0 but for a 1 at the end.",
    ),
    why="A P = 0 says inflow = outflow for every state. The equations add up to 0 = 0, so one of them is spare; "
        "the sum of P takes its place.",
    implies={
        "D2": "For the rates 4, 2, 1 round the wheel and 1, 0.5, 0.5 back you give P(A) = 0.0476, from the pairs A, B "
              "and B, C alone. Do C -> A and A -> C not count?",
        "D3": "For two states with rates 2 and 0.5 you give 1 and 4. What should all probabilities add up to?",
        "D3:inverted": "For two states with rates 2 there and 0.5 back you give P(B) = 0.2. "
                       "Is k[0][1] the step from 0 to 1, or the one from 1 to 0?",
        "D3:rows": "For two states with rates 2 and 0.5 you give 0.5 each. A matrix whose rows sum to 0 does that, "
                   "too: has yours the source in its columns?",
        "D3:waits": "For the rates 4, 2, 1 round the wheel and 1, 0.5, 0.5 back you give P(C) = 0.5455, because a stay "
                    "in C is long. How often is C entered?",
        "D3:visits": "For two states with rates 2 and 0.5 you give 0.5 each, because both are entered equally often. "
                     "In which of them is a stay longer?",
    },
    forbidden=CLOSED,
)  # fmt: skip

# 4.7  What is left -------------------------------------------------------------------------------------


def odd(p0: Sequence[float]) -> float:
    return float(sum(p0[1::2]))


def _start(rng: Random) -> tuple[tuple[float, ...]]:
    """Hundredths on the counts 0 to 4, all above 0."""
    cuts = sorted(rng.sample(range(1, 100), 4))
    return (tuple((b - a) / 100 for a, b in zip([0, *cuts], [*cuts, 100], strict=True)),)


left_over = Exercise(
    id="4.7",
    title="What is left over?",
    topic="steady state",
    points=1,
    kind="function",
    name="left_over",
    reference=odd,
    wrong={
        "D6": lambda p0: 0.0,
        "D6:coin": lambda p0: 0.5,
        "D6:last": lambda p0: float(p0[1]),
        "D6:some": lambda p0: float(sum(p0[1:])),
        "D6:even": lambda p0: float(sum(p0[::2])),
    },
    probes=(
        ((0, 0, 0, 0, 0, 0, 0, 0, 0, 1),), ((0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),), ((0.1, 0.2, 0.3, 0.4),),
        ((0.2, 0.0, 0.5, 0.3),), ((0.25, 0.05, 0.3, 0.2, 0.2),), ((0.3, 0.7),),
    ),
    secret=_start,
    hints=(
        "Start with 2 molecules, with 3, with 4. How many are left in the end, each time?",
        'Run `cmelab.show("lattice", preset="parity")`, then the preset `"parity-even"`. Where does each film end?',
        "From every odd count one molecule is left, from every even count none: add up `p0[1]`, `p0[3]`, `p0[5]`, ...",
    ),
    why="Each event takes two, so odd stays odd: two classes, and the start decides for ever how much probability is "
        "in each. Inside a class the start is forgotten.",
    implies={
        "D6": "From 9 molecules you say 0: none is left, as from 10. Which event takes the last one of 9?",
        "D6:coin": "From 10 molecules you say 0.5. Along which counts can 10 come down to 1?",
        "D6:some": "From 10 molecules you say 1. Two go at a time: is there ever a single one on the way down?",
        "D6:even": "From 10 molecules, where p0[10] is 1, you say 1. How many are left, two going at a time? And "
                   "for which count does p0[0] stand?",
        "D6:last": "From 9 molecules you say 0. After 4 events, how many of the 9 are there?",
    },
    forbidden=CLOSED,
)  # fmt: skip
