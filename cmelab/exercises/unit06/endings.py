"""6.5 and 6.6: when it is over, which the rate equation never sees."""
from __future__ import annotations

import math

from ..exercise import Exercise
from ..ingredients import rounded
from .chains import colony_table, evolve, infection_table, times_to_zero
from .volumes import CLOSED

# 6.5  A colony -----------------------------------------------------------------------------------------


def end_of_colony(sites: int, b: float, d: float, k: float, start: int) -> float:
    """Mean time until nobody is left."""
    return float(times_to_zero(colony_table(sites, b, d, k))[start - 1])


def once(sites: int, b: float, d: float, k: float, start: int) -> float:
    """The mean waits in the counts start, start - 1, ... 1, one after the other."""
    return float(sum(-1 / colony_table(sites, b, d, k)[n, n] for n in range(1, start + 1)))


def transposed(sites: int, b: float, d: float, k: float, start: int) -> float:
    """The table with sources and ends exchanged."""
    return float(times_to_zero(colony_table(sites, b, d, k).T)[start - 1])


colony_end = Exercise(
    id="6.5",
    title="The end of a colony",
    topic="extinction",
    points=4,
    kind="function",
    name="colony_end",
    reference=end_of_colony,
    wrong={
        "K4": lambda sites, b, d, k, start: math.inf,
        "K4:births": lambda sites, b, d, k, start: end_of_colony(sites, 0.0, d, k, start),
        "K4:once": once,
        "K4:last": lambda sites, b, d, k, start: end_of_colony(sites, b, d, k, 1),
        "K4:pairs": lambda sites, b, d, k, start: float(
            times_to_zero(colony_table(sites, b, d, k, lost=1))[start - 1]),
        "K4:transposed": transposed,
    },
    # Everywhere b > d: there the curve rests above 0.
    probes=((2, 1.5, 1.0, 0.5, 2), (3, 2.0, 0.5, 0.0, 1), (6, 1.5, 1.0, 0.1, 3), (10, 2.0, 1.0, 0.05, 10),
            (10, 2.0, 1.0, 0.05, 1), (20, 1.5, 1.0, 0.0, 7), (15, 2.0, 0.7, 0.1, 8)),  # fmt: skip
    secret=lambda rng: (rng.randint(8, 20), rounded(rng, 1.0, 2.0), rounded(rng, 0.6, 1.2), rounded(rng, 0.02, 0.2),
                        rng.randint(3, 8)),  # fmt: skip
    unit="time",
    hints=(
        "From n, where can the first step lead, how often does each of these steps happen, and how long does the first "
        "one take?",
        "Solve N = 2 with pen and paper: two equations for τ1 and τ2, with τ0 = 0. Then compare with "
        "`colony_end(2, b, d, k, 1)`. For k = 0 it must agree with `mean_times` of the lesson. A step to 0 gets no "
        "entry: in Python the index -1 is the last column.",
        "Row n - 1 of the table: `up + down + fight` on the diagonal, `-up` one to the right, `-down` one to the left, "
        "`-fight` two to the left (none of these where the step leads to 0). Then "
        "`np.linalg.solve(table, np.ones(sites))[start - 1]`.",
    ),
    why="The first step from n gives one equation: (up + down + fight) τ_n - up τ_(n+1) - down τ_(n-1) - fight τ_(n-2) "
        "= 1, with τ_0 = 0. With b > d the rate equation rests above 0 for ever; the colony has a finite time.",
    implies={
        "K4": "With 2 sites, b = 1.5, d = 1, k = 0.5, from 2, you give inf: the curve rests above 0. But there one "
              "fight leaves nobody, and fights happen at the rate 1. Can they wait for ever?",
        "K4:births": "With 20 sites, b = 1.5, d = 1, k = 0, from 7 you give 2.593: the time without any births. "
                     "Do births not delay the end?",
        "K4:once": "With 20 sites, b = 1.5, d = 1, k = 0, from 7 you give 1.133: one wait in each of 7 counts. "
                   "A birth leads back up; how often is each count visited?",
        "K4:last": "With 20 sites, b = 1.5, d = 1, k = 0 you give 6.002 from 7, and from 1 as well. "
                   "Must six others not go first?",
        "K4:pairs": "With 2 sites, b = 1, d = 1, k = 0.5, from 2 you give 1.5. A fight leaves none of the 2; "
                    "where does its step lead?",
        "K4:transposed": "With 10 sites, b = 2, d = 1, k = 0.05 you give 0.1206 from 10, and 8.957 from 1. Can ten be "
                         "gone sooner than one? Who is source and who is end in your table?",
    },
    forbidden=(*CLOSED, "quasi_stationary", "stationary", "relaxation_time"),
)

# 6.5b  Ended by now --------------------------------------------------------------------------------------


def gone(people: int, r0: float, t: float) -> float:
    """Probability that an infection is over, from one case."""
    return float(evolve(infection_table(people, r0), 1, t)[0])


def memoryless(people: int, r0: float, t: float) -> float:
    """The same, if the time to the end were exponential with its mean."""
    return 1 - math.exp(-t / float(times_to_zero(infection_table(people, r0))[0]))


ended = Exercise(
    id="6.5b",
    title="Over by now",
    topic="extinction",
    points=1,
    kind="number",
    name="over",
    reference=gone,
    wrong={
        "K4": lambda people, r0, t: 0.0,
        "K4:branching": lambda people, r0, t: 1 / r0,
        "K4:exponential": memoryless,
        "K4:sure": lambda people, r0, t: 1.0,
        "K4:alive": lambda people, r0, t: 1 - gone(people, r0, t),
    },
    given=lambda rng: {
        "people": rng.randint(8, 20), "r0": round(rng.uniform(1.4, 2.6), 1), "t": float(rng.randint(8, 30)),
    },  # fmt: skip
    default={"people": 10, "r0": 1.8, "t": 12.0},
    hints=(
        "Which state is a trap, and what is the probability to sit in it? What did unit 03 do to get probabilities at "
        "a time?",
        'Run `cmelab.show("sis-doom", preset="one-case")`, set your numbers, and read "Ended by now" at about your t. '
        "The third digit needs your own table.",
        "Build the table of rates for 0 ... `people` infected: each n feeds n + 1 at `r0 * n * (people - n) / people` "
        "and n - 1 at `n`, and loses both. Then `scipy.linalg.expm(table * t)[0, 1]`.",
    ),
    why="It is P(0, t), the probability to sit in the trap: from 1 of 20 with R0 = 1.5 it is 0.717 at t = 5, 0.9895 at "
        "t = 50 and 1.000 at t = 500, while the rate equation rests at 6.67 infected.",
    implies={
        "K4": "You give 0: with R0 = {r0} the curve never ends. But it begins with 1 case, who may recover first. "
              "Who infects the others then? If a table gave the 0, look which index is the start.",
        "K4:branching": "Your {answer} is 1/R0: the probability that the outbreak fails at the beginning, in an "
                        "endless town. Here there are {people} people and t = {t}; can it not end later?",
        "K4:exponential": "Your {answer} is 1 - exp(-t/τ), with τ the mean time to the end. That would be one and the "
                          "same chance per time for ever. Is the end as near from 1 case as from {people}?",
        "K4:sure": "You give 1: in the end it is over. At t = {t} it is not yet over for sure; what else may be?",
        "K4:alive": "Your {answer} is the probability that somebody is still infected at t = {t}. "
                    "What is asked, and in which state is it over?",
    },
    forbidden=(*CLOSED, "quasi_stationary", "stationary", "relaxation_time"),
)

# 6.6  In words -----------------------------------------------------------------------------------------

order_of_limits = Exercise(
    id="6.6",
    title="For ever?",
    topic="extinction",
    points=1,
    kind="text",
    name="explanation",
    hints=(
        "In the theorem, what is fixed first: the time, or the volume?",
        'Compare `cmelab.show("sis-doom", preset="start")` with `preset="large-town"`: what does the mean time to the '
        "end do, when there are three times as many people?",
        "Say what the theorem promises for a fixed time, say what happens in a fixed town when the time grows, and "
        "give one number for each.",
    ),
    why="A person reads this one. Full point: for a fixed time the curve is right if the town is large enough; for a "
        "fixed town the infection ends with probability 1, after a time that grows exponentially with the town; and a "
        "number. Half a point: one of the two limits.",
)
