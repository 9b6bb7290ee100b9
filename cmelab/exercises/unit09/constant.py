"""9.5 and 9.6: what constant production gives, after a long time and by chance."""
from __future__ import annotations

import math

import numpy as np

from ..exercise import Exercise
from ..ingredients import rounded
from .chains import CLOSED


def slower(a: float, tau: float) -> float:
    """Starts per unit of time, if each must wait until the last molecule is ready."""
    return 1 / (1 / a + tau)


def poisson(mean: float) -> tuple[float, float]:
    """Mean and mean square of a Poisson number."""
    return mean, mean + mean**2


def grown(t: float, gamma: float) -> float:
    """Mean number per start propensity, after a time t of birth and death; none before it begins."""
    return (1 - math.exp(-gamma * max(t, 0.0))) / gamma


def in_turn(t: float, a: float, gamma: float, tau: float, pieces: int = 600) -> tuple[float, float]:
    """Mean and mean square of finished ones, if nobody is begun while one is on the way.

    Molecule k is ready after k delays and k waits. u is the rate at which somebody is; given one ready at s, the next
    come as from a new start at s. Sums over middles of equal pieces of the time up to t.
    """
    step = t / pieces
    s = (np.arange(pieces) + 0.5) * step
    u = np.zeros(pieces)
    for k in range(1, int(t / tau) + 1):
        waited = np.maximum(s - k * tau, 0.0)
        u += a * (a * waited) ** (k - 1) / math.factorial(k - 1) * np.exp(-a * waited) * (s > k * tau)
    alive = np.exp(-gamma * (t - s))
    later = np.array([u[: pieces - i] @ alive[i:] for i in range(pieces)]) * step
    mean = float(u @ alive) * step
    return mean, mean + 2 * float((u * alive) @ later) * step


def draw(t: float, a: float, gamma: float, tau: float, rng, *, one_at_a_time: bool = False) -> int:
    """The delay simulation of 9.4 with its own dice."""
    now, x, due = 0.0, 0, []
    while True:
        begin = 0.0 if one_at_a_time and due else a
        a0 = begin + gamma * x
        then = now + rng.exponential(1 / a0) if a0 > 0 else math.inf
        if due and due[0] <= min(then, t):
            now, x = due.pop(0), x + 1
        elif then > t:
            return x
        elif rng.random() * a0 < begin:
            now = then
            due.append(now + tau)
        else:
            now, x = then, x - 1


finished = Exercise(
    id="9.6",
    title="Throw the dice",
    topic="delays",
    points=2,
    kind="sampler",
    name="draw_finished",
    reference=lambda t, a, gamma, tau: poisson(a * grown(t - tau, gamma)),
    wrong={
        "Y1": lambda t, a, gamma, tau: poisson(slower(a, tau) * grown(t - tau, gamma)),
        "Y1:lost": lambda t, a, gamma, tau: poisson(a * math.exp(-gamma * tau) * grown(t - tau, gamma)),
        "Y1:turns": lambda t, a, gamma, tau: in_turn(t, a, gamma, tau),
        "Y3:settled": lambda t, a, gamma, tau: poisson(a / gamma),
        "Y4:all": lambda t, a, gamma, tau: poisson(a * grown(t - tau, gamma) + a * min(t, tau)),
        "Y4:at-once": lambda t, a, gamma, tau: poisson(a * grown(t, gamma)),
    },
    examples={
        "right": draw,
        "Y1": lambda t, a, gamma, tau, rng: rng.poisson(slower(a, tau) * grown(t - tau, gamma)),
        "Y1:lost": lambda t, a, gamma, tau, rng: rng.poisson(a * math.exp(-gamma * tau) * grown(t - tau, gamma)),
        "Y1:turns": lambda t, a, gamma, tau, rng: draw(t, a, gamma, tau, rng, one_at_a_time=True),
        "Y3:settled": lambda t, a, gamma, tau, rng: rng.poisson(a / gamma),
        "Y4:all": lambda t, a, gamma, tau, rng: rng.poisson(a * grown(t - tau, gamma) + a * min(t, tau)),
        "Y4:at-once": lambda t, a, gamma, tau, rng: rng.poisson(a * grown(t, gamma)),
    },
    probes=((2.0, 5.0, 1.0, 3.0), (6.0, 5.0, 1.0, 3.0), (4.0, 8.0, 0.5, 1.0)),
    repeats=600,
    unit="molecules",
    hints=(
        "How many finished molecules can there be before the first delay is over?",
        "Take your `delay_run`, draw a pair in each round, and stop before the first event that lies beyond t. Try it "
        "for t = 2, τ = 3: it must be 0 each time.",
        "The next moment is the smaller of `t_now + rng.exponential(1 / a0)` and the first on the belt. If it lies "
        "beyond t, return x. If not, do what 9.4 does, with `rng.random()` for u. The shorter way is one Poisson "
        "number, whose mean is the closed form of the lesson; what is it before τ?",
    ),
    why="Starts come at the rate a, finished molecules τ later at the same rate, and each lives 1/γ on average: a "
        "Poisson law of mean a/γ (1 - exp(-γ(t - τ))), and 0 before τ. At t = 6 with a = 5, γ = 1, τ = 3 the "
        "mean is 4.751.",
    implies={
        "Y1": "At t = 6 with a = 5, γ = 1, τ = 3 your mean is 0.297. Once the belt is full, how many come off it per "
              "unit of time?",
        "Y1:lost": "At t = 4 with a = 8, γ = 0.5, τ = 1 your mean is 7.54. "
                   "Can a molecule be lost before it is finished here?",
        "Y1:turns": "At t = 6 with a = 5, γ = 1, τ = 3 your mean is 0.06: at most one molecule can be ready. "
                    "Does a gene wait until its last molecule is ready?",
        "Y3:settled": "At t = 2 with a = 5, γ = 1, τ = 3 your mean is 5. The cell was empty at 0: who is ready at 2?",
        "Y4:all": "At t = 2 with a = 5, τ = 3 your mean is 10. How many of those were only begun?",
        "Y4:at-once": "At t = 2 with τ = 3 your mean is 4.32. When is the first molecule ready?",
    },
    forbidden=CLOSED,
)  # fmt: skip

long_run = Exercise(
    id="9.5",
    title="After a long time",
    topic="delays",
    points=1,
    kind="numbers",
    name="finished_and_waiting",
    reference=lambda a, gamma, tau: (a / gamma, a * tau),
    wrong={
        "Y1": lambda a, gamma, tau: (slower(a, tau) / gamma, slower(a, tau) * tau),
        "Y1:lost": lambda a, gamma, tau: (
            a / gamma * math.exp(-gamma * tau), a / gamma * (1 - math.exp(-gamma * tau))),
        "Y1:share": lambda a, gamma, tau: (a / gamma * math.exp(-gamma * tau), a * tau),
        "Y1:stuck": lambda a, gamma, tau: (slower(a, tau) / gamma, a * tau),
        "Y4:all": lambda a, gamma, tau: (a / gamma + a * tau, a * tau),
        "Y4:at-once": lambda a, gamma, tau: (a / gamma, 0.0),
    },
    given=lambda rng: {
        "a": float(rng.randint(2, 9)), "gamma": rounded(rng, 0.4, 1.6), "tau": rounded(rng, 0.8, 4.0)},
    default={"a": 7.0, "gamma": 0.8, "tau": 2.5},
    unit="molecules",
    hints=(
        "How many step onto the belt per unit of time, how many step off it, and how long does each stay?",
        'Run `cmelab.show("pipeline", preset="start")`, move τ from small to large, and watch the dashed line on the '
        "right and the discs on the upper belt.",
        "Finished ones are made at the rate a and live 1/γ: `a / gamma`. On the way each stays τ: `a * tau`.",
    ),
    why="What goes onto the belt at the rate a comes off it at the rate a, only later. So a/γ are finished on average, "
        "whatever the delay, and aτ are on the way. For a = 5, γ = 1, τ = 3: 5 and 15.",
    implies={
        "Y1": "Of your {answer} the first says that with τ = {tau} fewer come off the belt than step onto it at the "
              "rate {a}. Where do the others stay?",
        "Y1:lost": "In your {answer} molecules are lost on the belt, before they are finished. "
                   "Which count does the loss γ = {gamma} belong to here?",
        "Y1:share": "Of your {answer} the first is a/γ times exp(-{gamma} · {tau}). That is the chance to last {tau}. "
                    "Who can be lost here: those on the way, or finished ones?",
        "Y1:stuck": "Of your {answer} the first says that the next one is ready after 1/{a} + {tau}; the second, that "
                    "the belt is full. How many come off a full belt per unit of time?",
        "Y4:all": "The first of your {answer} holds those on the way as well. "
                  "They are counted in the second: who is finished?",
        "Y4:at-once": "Your {answer} leaves nobody on the way. A molecule needs {tau} until it is ready, and {a} are "
                      "begun per unit of time: where are they meanwhile?",
    },
    forbidden=CLOSED,
)  # fmt: skip
