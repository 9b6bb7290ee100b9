"""9.1 and 9.2: a delay made of n exponential steps, and the network that it becomes."""
from __future__ import annotations

from random import Random

from ..exercise import Exercise
from ..ingredients import LIBRARY, rounded

CLOSED = (*LIBRARY, "linear_chain", "delay_rate_equations", "compare", "structure")


def measured(rng: Random) -> dict[str, float]:
    """Mean and standard deviation of a delay in minutes, made of a square number of steps."""
    root, sd = rng.randint(3, 8), rng.randint(2, 9)
    return {"mean": float(root * sd), "sd": float(sd)}


# 9.1  Steps --------------------------------------------------------------------------------------------

design = Exercise(
    id="9.1",
    title="A delay of n steps",
    topic="delays",
    points=1,
    kind="numbers",
    name="rate_and_cv",
    reference=lambda n, tau: (n / tau, n**-0.5),
    wrong={
        "Y2": lambda n, tau: (n / tau, 1 / n),
        "Y2:rate": lambda n, tau: (1 / tau, n**-0.5),
        "Y2:both": lambda n, tau: (1 / tau, 1 / n),
        "Y2:time": lambda n, tau: (tau / n, n**-0.5),
        "Y2:sd": lambda n, tau: (n / tau, tau * n**-0.5),
    },
    given=lambda rng: {"n": rng.randint(5, 60), "tau": rounded(rng, 2.0, 9.0)},
    default={"n": 32, "tau": 4.5},
    unit="1/time, and a number without a unit",
    hints=(
        "How long may one step take, if all of them together take τ on average? And what adds up, standard deviations "
        "or variances?",
        'Run `cmelab.show("pipeline", preset="sixteen-steps")`, and read the CV for 1, 4 and 16 steps.',
        "Each step takes `tau / n` on average, so its rate is `n / tau`. The variance of all is `n * (tau / n)**2`; "
        "its root, over the mean τ, is `1 / n**0.5`.",
    ),
    why="n steps of mean τ/n take τ; their variances add up to τ²/n, so the standard deviation is τ/√n and the CV is "
        "1/√n. For n = 16, τ = 2: rate 8, CV 0.25.",
    implies={
        "Y2": "You give the CV 1/{n}. The variance of one step is (τ/n)². "
              "What is the variance of {n} of them, and what is its root?",
        "Y2:rate": "With the rate 1/{tau} one step takes {tau} on average. How long do {n} of them take?",
        "Y2:both": "With the rate 1/{tau} one step takes {tau} on average. How long do {n} of them take? "
                   "And is it the standard deviations that add up, or the variances?",
        "Y2:time": "The first of your {answer} is {tau}/{n}, the mean time of one step. "
                   "What is the rate of something that takes 0.5 on average?",
        "Y2:sd": "Your second number has a unit, time: you give {answer} for {n} steps. "
                 "By what must a standard deviation be divided to become a CV?",
    },
    forbidden=CLOSED,
)  # fmt: skip

from_data = Exercise(
    id="9.1b",
    title="How many steps?",
    topic="delays",
    points=1,
    kind="numbers",
    name="steps_and_rate",
    reference=lambda mean, sd: ((mean / sd) ** 2, (mean / sd) ** 2 / mean),
    wrong={
        "Y2": lambda mean, sd: (mean / sd, 1 / sd),
        "Y2:rate": lambda mean, sd: ((mean / sd) ** 2, 1 / mean),
        "Y2:both": lambda mean, sd: (mean / sd, 1 / mean),
        "Y2:time": lambda mean, sd: ((mean / sd) ** 2, sd**2 / mean),
    },
    given=measured,
    default={"mean": 35.0, "sd": 7.0},
    unit="steps, and 1/min",
    hints=(
        "What is the CV of the delays you measured, and what would be the CV of a chain?",
        'Run `cmelab.show("pipeline", preset="start")` and move n until the CV it says is yours.',
        "CV = `sd / mean` must be `1 / n**0.5`, so `n = (mean / sd)**2`. The rate of each step is `n / mean`.",
    ),
    why="CV = 1/√n, so n = 1/CV² = (mean/sd)², and n steps of rate n/mean take the mean in all. "
        "A delay of 40 ± 10 minutes needs 16 steps of rate 0.4 per minute.",
    implies={
        "Y2": "Take the first of your {answer} for the number of steps. One over its root is the CV of such a chain. "
              "Is that the measured {sd}/{mean}?",
        "Y2:rate": "With the rate 1/{mean} a single step takes {mean} minutes. How long does your whole chain take?",
        "Y2:both": "With the rate 1/{mean} a single step takes {mean} minutes. How long does your whole chain take, "
                   "and is its CV one over the number of steps, or over the root of it?",
        "Y2:time": "The second of your {answer} is the time of one step, in minutes. "
                   "What is the rate of a step that takes 0.5 minutes?",
    },
    forbidden=CLOSED,
)  # fmt: skip

# 9.2  The network of a chain ---------------------------------------------------------------------------


def chain(n: int, *, begun: int = 0, made: int = 1, leaves: int = -1) -> list[list[int]]:
    """Rows X, Z1 ... Zn; columns: start, the n steps, loss. A start adds `begun` X, the last step `made`."""
    table = [[0] * (n + 2) for _ in range(n + 1)]
    table[0][0], table[0][n], table[0][n + 1] = begun, made, -1
    for i in range(1, n + 1):
        table[i][i - 1], table[i][i] = 1, leaves
    return table


def with_losses(n: int) -> list[list[int]]:
    """The chain, and a loss of its own for each place."""
    return [[*line, *(-(place == i) for i in range(1, n + 1))] for place, line in enumerate(chain(n))]


stoichiometry = Exercise(
    id="9.2",
    title="The chain as a network",
    topic="delays",
    points=2,
    kind="function",
    name="chain_stoichiometry",
    reference=lambda n: chain(n),
    wrong={
        "Y1:lost": lambda n: with_losses(n),
        "Y2:places": lambda n: chain(n - 1),
        "Y3": lambda n: [[1, -1]],
        "Y3:copies": lambda n: chain(n, leaves=0),
        "Y4:at-once": lambda n: chain(n, begun=1, made=0),
        "Y4:twice": lambda n: chain(n, begun=1),
    },
    probes=((1,), (2,), (3,), (4,), (6,)),
    secret=lambda rng: (rng.randint(2, 12),),
    hints=(
        "Follow one molecule from its start until it is lost. At how many places does it stand, one after the other?",
        "Draw the places for n = 2 as boxes Z1, Z2, X, and an arrow for each of the four reactions. Each arrow is one "
        'column. `cmelab.show("pipeline", preset="one-step")` shows the belt with a single box.',
        "Begin with zeros, n + 1 rows and n + 2 columns. Column 0: +1 in row 1. Column i, for i from 1 to n: -1 in row "
        "i, +1 in row i + 1, or in row 0 where i is n. The last column: -1 in row 0.",
    ),
    why="Every place that a molecule can wait at is a species. The start fills Z1, each step moves one molecule on, "
        "the last one into X. For n = 2 that is 3 species and 4 reactions, and their counts together are Markov again.",
    implies={
        "Y1:lost": "For n = 2 your table has 6 columns, and two of them take a molecule from Z1 and from Z2. "
                   "Who can be lost here: all, or finished ones?",
        "Y2:places": "For n = 2 your table has 2 rows: X and one place, which a molecule leaves in one step. "
                     "How many steps does it make after its start?",
        "Y3": "For n = 2, as for every n, your table has one row, that of X. "
              "A molecule was begun and is not ready: in which row is it?",
        "Y3:copies": "In your table for n = 2 the step Z1 → Z2 takes 0 from Z1. "
                     "How many molecules are there after one molecule has made both steps?",
        "Y4:at-once": "In your table the start adds 1 to X at once. How long is the delay then?",
        "Y4:twice": "In your table for n = 2 both the start and the last step add 1 to X. "
                    "How many molecules does one start make in the end?",
    },
    forbidden=CLOSED,
)  # fmt: skip

def rates(begin: float, step: float, z: tuple[int, ...], loss: float) -> list[float]:
    """Propensities in the order of the columns: start, steps, loss."""
    return [begin, *(step * each for each in z), loss]


def _hill(rng: Random) -> str:
    """A start propensity that falls with the count."""
    return f"lambda x: {rng.randint(20, 60)} / (1 + (x / {rng.randint(4, 9)}) ** 2)"


propensities = Exercise(
    id="9.2b",
    title="Its propensities",
    topic="delays",
    points=2,
    kind="function",
    name="chain_propensities",
    reference=lambda x, z, a, tau, gamma: rates(a(x), len(z) / tau, z, gamma * x),
    wrong={
        "Y1": lambda x, z, a, tau, gamma: rates(1 / (1 / a(x) + tau), len(z) / tau, z, gamma * x),
        "Y1:lost": lambda x, z, a, tau, gamma: rates(a(x), len(z) / tau, z, gamma * (x + sum(z))),
        "Y1:queue": lambda x, z, a, tau, gamma: rates(
            a(x), len(z) / tau, tuple(min(each, 1) for each in z), gamma * x),
        "Y2:rate": lambda x, z, a, tau, gamma: rates(a(x), 1 / tau, z, gamma * x),
        "Y2:time": lambda x, z, a, tau, gamma: rates(a(x), tau / len(z), z, gamma * x),
        "Y3": lambda x, z, a, tau, gamma: [a(x), gamma * x],
        "Y4:early": lambda x, z, a, tau, gamma: rates(a(x + sum(z)), len(z) / tau, z, gamma * x),
    },
    probes=(
        (4, (3, 0, 2), "lambda x: 5.0", 2.0, 1.0),
        (0, (0, 0), "lambda x: 5.0", 2.0, 1.0),
        (10, (1, 4), "lambda x: 30 / (1 + (x / 5) ** 2)", 0.5, 1.0),
        (2, (7,), "lambda x: 30 / (1 + (x / 5) ** 2)", 3.0, 0.4),
        (3, (0, 2, 0, 5), "lambda x: 12 / (1 + x)", 1.6, 2.0),
    ),
    secret=lambda rng: (
        rng.randint(1, 12), tuple(rng.randint(1, 6) for _ in range(rng.randint(3, 6))), _hill(rng),
        rounded(rng, 0.4, 0.9), rounded(rng, 0.5, 2.0)),
    unit="1/time",
    hints=(
        "Who decides how often each reaction fires: the molecules that stand where?",
        'Run `cmelab.show("pipeline", preset="start")` and count the squares in one box of the chain. With twice as '
        "many, how many leave it per unit of time?",
        "The start: `a(x)`. Each step: `len(z) / tau` times the molecules that stand there. The loss: `gamma * x`, for "
        "finished ones only. Put them into one list, in this order.",
    ),
    why="A step is a first-order reaction of rate n/τ, so n/τ times the count at that place; the start looks at X now, "
        "and only finished molecules are lost. With 3 at a place of rate 1.5 that is 4.5 steps per unit of time.",
    implies={
        "Y1": "For a = 5, τ = 2 your start fires 0.4545 times per unit of time. Must it wait until the last molecule "
              "is ready?",
        "Y1:lost": "For x = 4, z = (3, 0, 2), γ = 1 your loss fires 9 times per unit of time. "
                   "Which of those 9 molecules are finished?",
        "Y1:queue": "With 3 molecules at Z1 your first step fires 1.5 times per unit of time, as with 1. "
                    "Does each of them wait for the others?",
        "Y2:rate": "For τ = 2 and one molecule your step fires 0.5 times per unit of time: it takes 2. "
                   "How long do three such steps take?",
        "Y2:time": "For τ = 0.5 and n = 2 one molecule leaves your step 0.25 times per unit of time. "
                   "How long would it stand there, if all steps together should take 0.5?",
        "Y3": "At x = 4, z = (3, 0, 2) you give 2 propensities, 5 and 4, as if nobody were on the way. "
              "Which reactions move the 5 molecules of z?",
        "Y4:early": "For x = 10, z = (1, 4) your start fires as often as for x = 15: 3 times per unit of time. "
                    "Can a molecule that is not ready repress the gene?",
    },
    forbidden=CLOSED,
)  # fmt: skip
