"""3.1: what flows into a state and out of it, one state at a time."""
from __future__ import annotations

from random import Random

from ..exercise import Exercise
from ..ingredients import LIBRARY, rounded

# 3.1  M -> 0, all probability in one state -------------------------------------------------------------

at_once = Exercise(
    id="3.1",
    title="All cells in one box",
    topic="cme",
    points=2,
    kind="numbers",
    name="changes",
    reference=lambda n0, k: (k * n0, -k * n0, 0.0),
    wrong={
        "C1": lambda n0, k: (-k * n0, k * n0, 0.0),
        "C1:gone": lambda n0, k: (0.0, -k * n0, 0.0),
        "C1:gain": lambda n0, k: (k * n0, 0.0, 0.0),
        "C2": lambda n0, k: (k * (n0 - 1), -k * n0, 0.0),
        "C2:each": lambda n0, k: (k, -k, 0.0),
        "C3": lambda n0, k: (0.0, -k * n0, k * n0),
        "C4": lambda n0, k: (0.0, -k * n0, k * (n0 + 1)),
    },
    given=lambda rng: {"n0": rng.randint(4, 15), "k": rounded(rng, 0.1, 2.0)},
    default={"n0": 8, "k": 0.3},
    unit="1/time",
    hints=(
        "Into which box does a cell move when one of its molecules breaks down, and how often does that happen in the "
        "box where all the cells are?",
        'Run `cmelab.show("flux-bars", preset="pure-death")`, click the bars 9, 10 and 11 in turn, and read what flows '
        "into each and out of it.",
        "Only the box n0 is full, and its cells move at `k * n0`, one box down. What one box loses the other gains: "
        "`(k * n0, -k * n0, 0)`.",
    ),
    why="One flow, k n₀ times the share 1, leaves the box n₀ and arrives in the box below, whole. For k = 0.5 and "
        "n₀ = 10 that is (5, -5, 0): the sum is 0, and no empty box shrinks.",
    implies={
        "C1": "You give {answer}: the box below {n0} is empty, and yet it shrinks; "
              "the box {n0} holds all cells, and grows. Can an empty box lose cells?",
        "C1:gone": "You give {answer}: the box {n0} loses cells, and no box gains any. "
                   "How many molecules has such a cell after its jump?",
        "C1:gain": "You give {answer}: the box below {n0} fills, and the box {n0} loses nothing. "
                   "From where do these cells come?",
        "C2": "Your three numbers {answer} do not add up to 0, so cells get lost on the way. "
              "A cell that leaves the box {n0}: how often, per unit time, does it leave, and does it arrive as often?",
        "C2:each": "You give {answer}: that often one molecule breaks down. A cell in the box {n0} has {n0} of them. "
                   "How often does it lose one?",
        "C3": "You give {answer}: cells arrive in the box above {n0}. "
              "How could a cell with {n0} molecules get one more, when they only break down?",
        "C4": "You give {answer}: the box above {n0} gains at a rate that belongs to cells which are in it already. "
              "How many are, and do your numbers add up to 0?",
    },
    forbidden=LIBRARY,
)

# 3.1b  Production and decay, any P ---------------------------------------------------------------------


def _box(rng: Random) -> tuple[int, float, float, float, float, float]:
    """A box that is not the lowest, three shares that differ, and two rates."""
    low, middle, high = rounded(rng, 0.05, 0.15), rounded(rng, 0.2, 0.3), rounded(rng, 0.35, 0.45)
    below, here, above = rng.sample((low, middle, high), 3)
    return rng.randint(1, 9), below, here, above, rounded(rng, 0.5, 5.0), rounded(rng, 0.2, 2.0)


one_box = Exercise(
    id="3.1b",
    title="One box, three shares",
    topic="cme",
    points=2,
    kind="function",
    name="change",
    reference=lambda n, p_below, p_here, p_above, k, gamma: (
        k * p_below + gamma * (n + 1) * p_above - (k + gamma * n) * p_here
    ),
    wrong={
        "C1": lambda n, p_below, p_here, p_above, k, gamma: (
            (k + gamma * n) * p_here - k * p_below - gamma * (n + 1) * p_above
        ),
        "C1:net": lambda n, p_below, p_here, p_above, k, gamma: (
            k * p_below + gamma * (n + 1) * p_above - (gamma * n - k) * p_here
        ),
        "C1:stays": lambda n, p_below, p_here, p_above, k, gamma: (
            k * p_below + gamma * (n + 1) * p_above - gamma * n * p_here
        ),
        "C1:gain": lambda n, p_below, p_here, p_above, k, gamma: k * p_below + gamma * (n + 1) * p_above,
        "C2": lambda n, p_below, p_here, p_above, k, gamma: (
            k * p_below + gamma * n * p_above - (k + gamma * n) * p_here
        ),
        "C2:each": lambda n, p_below, p_here, p_above, k, gamma: (
            k * p_below + gamma * p_above - (k + gamma) * p_here
        ),
        "C2:bare": lambda n, p_below, p_here, p_above, k, gamma: (
            k + gamma * (n + 1) * p_above - (k + gamma * n) * p_here
        ),
        "C3": lambda n, p_below, p_here, p_above, k, gamma: (
            k * p_above + gamma * (n - 1) * p_below - (k + gamma * n) * p_here
        ),
        "C4": lambda n, p_below, p_here, p_above, k, gamma: (
            k * p_above + gamma * n * p_below - (k + gamma * n) * p_here
        ),
    },
    probes=((9, 0.0, 0.0, 1.0, 4.0, 1.0), (10, 0.0, 1.0, 0.0, 4.0, 1.0), (11, 1.0, 0.0, 0.0, 4.0, 1.0),
            (0, 0.0, 0.0, 0.5, 2.0, 0.5), (0, 0.0, 0.3, 0.1, 2.0, 0.5), (5, 0.1, 0.4, 0.3, 3.0, 0.7),
            (3, 0.2, 0.3, 0.1, 0.0, 0.5)),  # fmt: skip
    secret=_box,
    unit="1/time",
    floor=1e-12,
    hints=(
        "Draw three boxes in a row. Which arrows end in the middle one, and which begin there?",
        'Run `cmelab.show("flux-bars", preset="birth-death")` and click a bar: each arrow on the right says from which '
        "state it comes. At which state is its propensity taken?",
        "Gain: `k * p_below` by production, `gamma * (n + 1) * p_above` by decay. Loss: both reactions leave, "
        "`(k + gamma * n) * p_here`. Gain minus loss.",
    ),
    why="Each flow is propensity times share at the state where it begins: k P(n-1) comes from below, γ(n+1) P(n+1) "
        "from above, and (k + γn) P(n) leaves. With k = 0 that is decay alone: gain γ(n+1) P(n+1), loss γ n P(n).",
    implies={
        "C1": "At n = 10 with all cells there, k = 4 and γ = 1, you give 14: the box fills although nobody arrives. "
              "What is gained by a box that cells only leave?",
        "C1:net": "At n = 10 with all cells there, k = 4 and γ = 1, you give -6. "
                  "A cell that makes a molecule: does it stay in the box 10?",
        "C1:stays": "At n = 10 with all cells there, k = 4 and γ = 1, you give -10. "
                    "4 times per unit of time a cell there makes a molecule: in which box is it then?",
        "C1:gain": "At n = 10 with all cells there, k = 4 and γ = 1, you give 0. "
                   "Does no cell leave the box 10, up or down?",
        "C2": "At n = 9 with all cells in the box 10, k = 4 and γ = 1, you give 9; the box 10 loses 10 by decay. "
              "Where has the rest gone?",
        "C2:each": "At n = 9 with all cells in the box 10, k = 4 and γ = 1, you give 1. "
                   "A cell there has 10 molecules: which of them may break down?",
        "C2:bare": "At n = 9 with all cells in the box 10, k = 4 and γ = 1, you give 14. "
                   "No cell is in the box 8: which cells come from there?",
        "C3": "At n = 11 with all cells in the box 10, k = 4 and γ = 1, you give 10. "
              "Which reaction leads from 10 to 11, and what is its propensity?",
        "C4": "At n = 11 with all cells in the box 10, k = 4 and γ = 1, you give 11. "
              "Which reaction leads from 10 to 11, and what is its propensity?",
    },
    forbidden=LIBRARY,
)
