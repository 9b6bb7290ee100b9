"""4.3, 4.4, 4.8 and 4.9: currents, affinities, and the difference between steady and balanced."""
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random

import numpy as np

from ..exercise import Exercise
from ..ingredients import rounded
from .wheels import CLOSED, RING, TWO, Floats, law, table

THIRDS = (1 / 3, 1 / 3, 1 / 3)
FORWARD = ((0, 3, 1), (1, 0, 3), (3, 1, 0))  # at (1/3, 1/3, 1/3), current 2/3
HALF = ((0, 2, 1), (2, 0, 3), (4, 1, 0))  # at (0.5, 0.25, 0.25), current 0.5
STILL = ((0, 3, 1), (2, 0, 1), (0.4, 0.6, 0))  # at (0.2, 0.3, 0.5), no current
BACK = ((0, 1, 1), (1.5, 0, 0.5), (1, 2, 0))  # at (0.4, 0.4, 0.2), current -0.2


def _wheel(rng: Random) -> tuple:
    """Not at steady state, where one current goes round, and every pair would have the same."""
    k = table([rounded(rng, 2.0, 5.0) for _ in range(3)], [rounded(rng, 0.2, 1.0) for _ in range(3)])
    return ((0.5, 0.3, 0.2), k, *rng.choice(((0, 1), (1, 2), (2, 0))))


current = Exercise(
    id="4.3",
    title="The current",
    topic="detailed balance",
    points=2,
    kind="function",
    name="current",
    reference=lambda p, k, i, j: p[i] * k[i][j] - p[j] * k[j][i],
    wrong={
        "D2": lambda p, k, i, j: 0.0,
        "D2:flow": lambda p, k, i, j: p[i] * k[i][j],
        "D2:rates": lambda p, k, i, j: k[i][j] - k[j][i],
        "D2:target": lambda p, k, i, j: p[j] * k[i][j] - p[i] * k[j][i],
    },
    probes=(
        (THIRDS, FORWARD, 0, 1), ((0.5, 0.25, 0.25), HALF, 2, 0), ((0.5, 0.25, 0.25), HALF, 0, 1),
        ((0.2, 0.3, 0.5), STILL, 1, 2), ((0.4, 0.4, 0.2), BACK, 1, 2), ((0.2, 0.8), TWO, 0, 1),
        ((0.1, 0.2, 0.3, 0.4), RING, 3, 2),
    ),
    secret=_wheel,
    floor=1e-9,
    unit="1/s",
    hints=(
        "How much probability goes from i to j per second? And how much comes back?",
        'Compare the bars of `cmelab.show("wheel3", preset="spins")`: the little dash is the current. '
        "How does it come from the two bars?",
        "Forward `p[i] * k[i][j]`, back `p[j] * k[j][i]`; the current is the difference.",
    ),
    why="A flow is the probability of the source times its rate. Steady needs equal sums over all flows of a state; "
        "that each single pair cancels is more, and it is called detailed balance.",
    implies={
        "D2": "With rates 3 round the wheel and 1 back you give 0. From A to B flow 3 thirds per second; how many "
              "thirds come back?",
        "D2:flow": "With rates 3 round the wheel and 1 back you give 1 from A to B. Does nothing come back?",
        "D2:rates": "With rates 3 round the wheel and 1 back you give 2 from A to B, more than one molecule that is in "
                    "A a third of the time can do. What do the rates 3 and 1 act on?",
        "D2:target": "At P = (0.5, 0.25, 0.25), with rate 4 from C to A and 1 back, you give 1.75 from C to A. "
                     "Where does a molecule sit before it goes from C to A?",
    },
    forbidden=CLOSED,
)  # fmt: skip

affinity = Exercise(
    id="4.3b",
    title="Balance from the rates alone",
    topic="detailed balance",
    points=1,
    kind="function",
    name="affinity",
    reference=lambda forward, backward: math.log(math.prod(forward) / math.prod(backward)),
    wrong={
        "D2": lambda forward, backward: 0.0,
        "D2:sum": lambda forward, backward: math.log(sum(forward) / sum(backward)),
        "D2:product": lambda forward, backward: math.prod(forward) / math.prod(backward),
        "D2:difference": lambda forward, backward: math.prod(forward) - math.prod(backward),
        "D2:log10": lambda forward, backward: math.log10(math.prod(forward) / math.prod(backward)),
    },
    probes=(
        ((3, 3, 3), (1, 1, 1)), ((2, 3, 1), (1, 1.5, 4)), ((1, 1, 1), (3, 3, 3)), ((4, 2, 1), (1, 0.5, 0.5)),
        ((5, 0.4, 2, 1), (1, 2, 0.5, 3)),
    ),
    secret=lambda rng: (tuple(rounded(rng, 0.5, 5.0) for _ in range(4)), tuple(rounded(rng, 0.2, 2.0) for _ in "abcd")),
    floor=1e-9,
    hints=(
        "Go once round, forward. What do you do with the rates that you meet, and what with those of the way back?",
        'Read the line "Affinity" below `cmelab.show("wheel3", preset="uneven-spins")`: which rates does it multiply?',
        "`math.log(math.prod(forward) / math.prod(backward))`.",
    ),
    why="Multiply P(A) kAB = P(B) kBA around the loop: every P cancels, and the two products of rates must be equal. "
        "So balance can be read off the rates, before any P is known. For 3, 3, 3 against 1, 1, 1: 3 ln 3 = 3.296.",
    implies={
        "D2": "For the rates 3, 3, 3 and 1, 1, 1 you give 0. Which way would you bet that this wheel turns?",
        "D2:sum": "For 2, 3, 1 and 1, 1.5, 4 you give -0.08004. This wheel is balanced: what do its two products say?",
        "D2:product": "For a wheel in balance, 2, 3, 1 and 1, 1.5, 4, you give 1. Which function makes 0 of it, and "
                      "turns the sign when the wheel runs the other way?",
        "D2:difference": "For 3, 3, 3 and 1, 1, 1 you give 26. Counted per minute every rate is 60 times as large, and "
                         "so would 26 grow by 60³. Should the balance depend on the clock?",
        "D2:log10": "For 3, 3, 3 and 1, 1, 1 you give 1.431 = log10(27). Which logarithm did the lesson take?",
    },
    forbidden=CLOSED,
)  # fmt: skip

# 4.4  A test of tests ----------------------------------------------------------------------------------


def program(comment: str, *lines: str) -> str:
    return "\n".join(["def balanced(forward, backward):", f"    # {comment}", *(f"    {line}" for line in lines)])


PRODUCTS = program("compares the products of the rates round the loop, both ways",
                   "return bool(np.isclose(np.prod(forward), np.prod(backward)))")
ONE_PAIR = program("finds the steady state, then compares the two flows between A and B: on one loop that is enough",
                   "(ab, bc, ca), (ba, cb, ac) = forward, backward",
                   "a = np.array([[-ab - ac, ba, ca], [ab, -ba - bc, cb], [1, 1, 1.0]])",
                   "p = np.linalg.solve(a, [0, 0, 1])",
                   "return bool(np.isclose(p[0] * ab, p[1] * ba))")
ALWAYS = program("says yes to every wheel, because every wheel has a steady state", "return True")
PAIRS = program("compares the two rates of each pair", "return tuple(forward) == tuple(backward)")
SUMS = program("compares the sums of the rates, both ways", "return bool(np.isclose(sum(forward), sum(backward)))")
UNIFORM = program("asks whether all three states are equally likely",
                  "return bool(np.ptp(np.array(forward) - np.array(backward)) < 1e-9)")
BACKWARD = program("says yes unless the wheel turns forward",
                   "return bool(np.prod(forward) <= 1.000001 * np.prod(backward))")
ONLY_FORWARD = program("says yes unless the wheel turns backward",
                       "return bool(np.prod(forward) >= {} * np.prod(backward))")

Test = Callable[[Callable], bool]
TURNS, RETURNS = ((3, 3, 3), (1, 1, 1)), ((1, 1, 1), (3, 3, 3))
EASY, HARD = ((2, 2, 2), (2, 2, 2)), ((2, 3, 1), (1, 1.5, 4))

balance_test = Exercise(
    id="4.4",
    title="A test of balance",
    topic="detailed balance",
    points=3,
    kind="function",
    name="check_balance",
    look="catches",
    reference=lambda balanced: balanced(*HARD) and not balanced(*TURNS) and not balanced(*RETURNS),
    wrong={
        "D2": lambda balanced: balanced(*TURNS),
        "D2:never": lambda balanced: balanced(*EASY) and balanced(*HARD),
        "D2:forward": lambda balanced: balanced(*EASY) and not balanced(*RETURNS),
    },
    probes=((PRODUCTS,), (ONE_PAIR,), (ALWAYS,), (PAIRS,), (SUMS,), (UNIFORM,), (BACKWARD,),
            (ONLY_FORWARD.format(0.999999),)),
    secret=lambda rng: (ONLY_FORWARD.format(rounded(rng, 0.3, 0.99)),),
    hints=(
        "Which wheels do you know for sure to be balanced, and which not? Could a wrong program be right on all of "
        "them?",
        'Look at four wheels of `cmelab.show("wheel3")`: the presets `"balanced"`, `"uneven-balanced"`, `"spins"` and '
        '`"backward"`. Ask the program about each of them.',
        "Assert that `balanced((2, 3, 1), (1, 1.5, 4))` is true, and that it is false for `(3, 3, 3), (1, 1, 1)` and "
        "for `(1, 1, 1), (3, 3, 3)`.",
    ),
    why="A balanced wheel with unequal rates and unequal probabilities refutes those who look at rates or at P alone; "
        "a wheel that turns each way refutes those who always say yes, or say it half of the time.",
    implies={
        "D2": "Your test demands a yes for the rates 3, 3, 3 and 1, 1, 1. Each P is 1/3 there; how large are the flows "
              "from A to B and back?",
        "D2:never": "Your test asks only about wheels in balance. What would it say of a program that answers yes "
                    "100 times out of 100?",
        "D2:forward": "Your test asks about 1 direction of turning. What if a program looks the other way only?",
    },
    forbidden=CLOSED,
)  # fmt: skip

# 4.8  A witness ----------------------------------------------------------------------------------------


def turning(rates: Sequence[float]) -> tuple[Floats, float]:
    """(steady law, current) of a wheel given as AB, BC, CA, BA, CB, AC; refuses what is no wheel."""
    if not hasattr(rates, "__len__") or len(rates) != 6:
        raise ValueError("six rates are needed.")
    if not all(0 < rate < math.inf for rate in rates):
        raise ValueError("every rate must be above 0.")
    p = law(table(rates[:3], rates[3:]))
    return p, float(p[0] * rates[0] - p[1] * rates[3])


def turns_at(rates: Sequence[float], wanted: float) -> bool:
    """All shapes equally likely, and the current is the wanted one, within the digits a person types."""
    p, found = turning(rates)
    return bool(np.allclose(p, 1 / 3, atol=1e-4) and abs(found - wanted) <= 0.005 * max(abs(wanted), 1e-3))


def as_asked(rates: Sequence[float], current: float) -> bool:
    return turns_at(rates, current) and len({*rates}) == 6


def reading(rates: Sequence[float], current: float) -> str:
    """What the student's wheel does."""
    if turns_at(rates, current):
        return "Law and current are as asked, but some of the six rates are the same."
    p, found = turning(rates)
    said = ", ".join(f"{each:.4g}" for each in p)
    return f"In your wheel P is ({said}), and the current from A to B is {round(found, 4) + 0.0:g}."


six_rates = Exercise(
    id="4.8",
    title="Build a wheel",
    topic="detailed balance",
    points=2,
    kind="witness",
    name="six_rates",
    reference=as_asked,
    tells=reading,
    wrong={
        "D2": lambda answer, current: turns_at(answer, 0.0),
        "D2:rates": lambda answer, current: turns_at(answer, current / 3),
        "D2:backward": lambda answer, current: turns_at(answer, -current),
    },
    examples={
        "right": (2.5, 3.6, 4.8, 1.0, 2.1, 3.3),
        "D2": (1.0, 2.0, 3.0, 1.0, 2.0, 3.0),
        "D2:rates": (1.5, 2.6, 3.8, 1.0, 2.1, 3.3),
        "D2:backward": (1.0, 2.1, 3.3, 2.5, 3.6, 4.8),
    },
    given=lambda rng: {"current": rng.randint(2, 20) / 10},
    default={"current": 0.5},
    hints=(
        "All three shapes are equally likely, and A gains what it loses. What does that say of the four rates at A?",
        'Start from `cmelab.show("wheel3", preset="spins")` and move one pair of sliders by the same amount. '
        "Which reading stays?",
        "With P = 1/3 each, forward minus back must be `3 * current` for each of the three pairs. Choose three "
        "different rates for the way back and add it.",
    ),
    why="With P = 1/3 everywhere the current of each pair is (forward - back)/3, and steady means that all three are "
        "equal. So P says nothing about the current: the same P goes with every current.",
    implies={
        "D2": "Your wheel has P = 1/3 each, but its current is 0, not {current}. What would make it turn?",
        "D2:rates": "Your wheel has P = 1/3 each, but its current is a third of {current}. "
                    "A flow is a rate times what?",
        "D2:backward": "Your wheel turns at {current}, but from A to C. Which three rates lead A to B to C to A?",
    },
    forbidden=CLOSED,
)  # fmt: skip

explain = Exercise(
    id="4.9",
    title="Is steady the same as balanced?",
    topic="detailed balance",
    points=1,
    kind="text",
    name="explanation",
    hints=(
        "What stands still at a steady state, and what need not?",
        'Put `cmelab.show("wheel3", preset="balanced")` beside `preset="spins"`: what is the same, what is not?',
        "Say what steady demands of each state, what balance demands of each pair, and give the wheel 3, 3, 3 and "
        "1, 1, 1 as an example.",
    ),
    why="A person reads this one. Full point: steady is a sum over all flows of each state, balance holds pair by "
        "pair, and an example of a current with constant probabilities. Half a point: one of the first two, or the "
        "example alone.",
)
