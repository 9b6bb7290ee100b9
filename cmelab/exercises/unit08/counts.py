"""8.6 to 8.8: what is whole, what it costs, and the reason in words."""
from __future__ import annotations

from ..exercise import Exercise
from .noise import CLOSED

whole = Exercise(
    id="8.6",
    title="What is whole?",
    topic="langevin",
    points=1,
    kind="numbers",
    name="whole",
    reference=lambda: (1, 0, 0, 0),
    wrong={"L1": lambda: (1, 0, 1, 0), "L1:flow": lambda: (0, 0, 0, 0), "L1:mean": lambda: (1, 1, 0, 0)},
    hints=(
        "Which of the four move by the whole jumps ν, and which by a normal number?",
        'Run `cmelab.show("noise-knob", preset="cle-is-the-cme")` and read the share of whole numbers of both kinds '
        "of paths.",
        "Only the exact path jumps by ν. The mean of 2 and 3 is no whole number, a normal number is whole with "
        "probability 0, and the rate equation flows. So one 1 and three 0.",
    ),
    why="The master equation belongs to a jump process: its paths move by ν, from whole number to whole number. The "
        "Langevin path is a continuous approximation of it, and means are no counts at all.",
    implies={
        "L1": "In your {answer} a Langevin path is whole. It adds √(a dt) times a normal number: when would 2.37 be "
              "excluded?",
        "L1:flow": "In your {answer} an exact path need not be whole either. It starts at 5 and each event adds 1 or "
                   "takes 1: how does it reach 4.5?",
        "L1:mean": "In your {answer} the mean is a whole number. Two cells have 2 and 3 molecules: what is their mean?",
    },
    forbidden=CLOSED,
)  # fmt: skip

cost = Exercise(
    id="8.7",
    title="What it costs",
    topic="langevin",
    points=1,
    kind="numbers",
    name="work",
    reference=lambda k, gamma, dt: (2 * k, 1 / dt),
    wrong={
        "L1:events": lambda k, gamma, dt: (2 * k, 2 * k),
        "L1:births": lambda k, gamma, dt: (k, 1 / dt),
    },
    given=lambda rng: {
        "k": 1000.0 * rng.randint(2, 60), "gamma": float(rng.randint(2, 5)), "dt": rng.choice((0.004, 0.01, 0.02)),
    },
    default={"k": 6000.0, "gamma": 2.0, "dt": 0.01},
    unit="per unit of time",
    hints=(
        "What makes the exact simulation stop and draw a number, and what makes the Langevin equation do so?",
        "`cmelab.simulate(net, [1.0], paths=1, seed=1).events` counts events. Try it in the lesson's notebook for "
        "k = 50 and k = 5000. Which of the two amounts of work changes?",
        "In the steady state deaths are as frequent as births: `k` of each per unit of time. The Langevin equation "
        "takes `1 / dt` steps. `work = (2 * k, 1 / dt)`.",
    ),
    why="Every event costs the exact simulation one draw, 2k per time in the steady state; a step of the Langevin "
        "equation holds as many events as fall into dt. For k = 5000 and dt = 0.05 that is 10000 against 20.",
    implies={
        "L1:events": "In your {answer} the Langevin equation takes a step for every event. "
                     "How many events fall into dt = {dt}, and how many normal numbers stand for them?",
        "L1:births": "In your {answer} the {k} molecules that are made per time are the only events. "
                     "In the steady state the count does not grow: what becomes of them?",
    },
    forbidden=CLOSED,
)  # fmt: skip

explain = Exercise(
    id="8.8",
    title="Explain it to a colleague",
    topic="validity",
    points=1,
    kind="text",
    name="explanation",
    hints=(
        "Which of the four reactions would you call a flow, and which is a single event with a date?",
        'Look at `cmelab.show("validity-map", preset="large-mean-is-enough")`: what do the bars say that the mean '
        "does not?",
        "Say which two reactions are rare and why no speed helps, what clipping does to a mean, and which method you "
        "would use for the gene.",
    ),
    why="A person reads this one. Full point: the switch of one gene is never frequent, whatever the mean of the "
        "protein; clipping shifts the mean and repairs nothing; the gene needs the jump process (exact simulation, or "
        "the master equation). Half a point: two of the three.",
)  # fmt: skip
