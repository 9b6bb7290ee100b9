"""9.3 to 9.6: who is on the belt, a delay simulation with the draws passed in, and what constant production gives."""
from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from ..exercise import Exercise
from ..ingredients import rounded
from .chains import CLOSED

Times = tuple[float, ...]
Draws = tuple[tuple[float, float], ...]

# 9.3  Who is on the belt -------------------------------------------------------------------------------


def count(t: float, starts: Times, lives: Times, tau: float, *, ready: float | None = None, ages: float = 0.0) -> int:
    """Finished molecules at t, if each is ready `ready` after its start and its life is shorter by `ages`."""
    wait = tau if ready is None else ready
    return sum(start + wait <= t < start + wait + life - ages for start, life in zip(starts, lives, strict=True))


def on_way(t: float, starts: Times, tau: float) -> int:
    """Molecules that were begun and are not ready at t."""
    return sum(start <= t < start + tau for start in starts)


def history(rng: Random) -> tuple[float, Times, Times, float]:
    """Twelve starts in ten units of time, their lives, and a late moment."""
    starts = tuple(sorted(rounded(rng, 0.0, 7.0) for _ in range(12)))
    lives = tuple(rounded(rng, 0.4, 4.0) for _ in starts)
    return rng.randint(600, 800) / 100 + 0.003, starts, lives, rounded(rng, 1.5, 2.5)


STARTS, LIVES = (0.2, 0.9, 1.3, 2.6, 3.1, 3.9), (1.7, 0.5, 3.0, 0.8, 1.2, 2.0)

ledger = Exercise(
    id="9.3",
    title="Who is on the belt?",
    topic="delays",
    points=2,
    kind="function",
    name="finished_and_on_way",
    reference=lambda t, starts, lives, tau: (count(t, starts, lives, tau), on_way(t, starts, tau)),
    wrong={
        "Y1:lost": lambda t, starts, lives, tau: (count(t, starts, lives, tau, ages=tau), on_way(t, starts, tau)),
        "Y3:begun": lambda t, starts, lives, tau: (
            count(t, starts, lives, tau), sum(s <= t for s in starts) - count(t, starts, lives, tau)),
        "Y4:at-once": lambda t, starts, lives, tau: (
            count(t, starts, lives, tau, ready=0.0), on_way(t, starts, tau)),
    },
    probes=((1.0, STARTS, LIVES, 2.0), (2.5, STARTS, LIVES, 2.0), (4.0, STARTS, LIVES, 2.0),
            (5.5, STARTS, LIVES, 2.0), (9.0, STARTS, LIVES, 2.0), (4.0, STARTS, LIVES, 0.5)),
    secret=history,
    unit="molecules",
    hints=(
        "Take one molecule. At which moment does it become ready, and at which is it gone?",
        'Run `cmelab.show("pipeline", preset="start")` and follow one disc of the upper belt: where is it counted?',
        "A start s is on the way while `s <= t < s + tau`, and finished while `s + tau <= t < s + tau + life`. "
        "Count both with `sum(... for s, life in zip(starts, lives))`.",
    ),
    why="A molecule is on the way for τ, then finished for its life. Both counts come from the times of the starts; "
        "at t = 4 here, with τ = 2, 3 are on the way and 1 is finished.",
    implies={
        "Y1:lost": "At t = 2.5 you count 0 finished molecules. The first was begun at 0.2 and lives 1.7 once it is "
                   "ready, at 2.2. When does its life begin?",
        "Y3:begun": "At t = 9 you still have 6 on the way, and the last start was at 3.9. "
                    "What else can have become of a molecule that is no longer there?",
        "Y4:at-once": "At t = 1 you count 2 finished molecules, and the first start was at 0.2. "
                      "When is it ready, if τ = 2?",
    },
    forbidden=CLOSED,
)  # fmt: skip

# 9.4  The simulation -----------------------------------------------------------------------------------


def simulated(
    t: float, x: int, belt: Times, draws: Draws, a: Callable[[float], float], gamma: float, tau: float, *,
    one_at_a_time: bool = False, blind: bool = False, late: bool = False, at_once: bool = False,
    clock: bool = False,
) -> list[float]:
    """One event for each pair of draws: a start, a loss, or the first on the belt comes off it."""
    due = list(belt)
    for e, u in draws:
        begin = 0.0 if one_at_a_time and due else a(x)
        a0 = begin + gamma * x
        then = t + e / a0 if a0 > 0 else math.inf
        if due and due[0] <= then and not (blind or late):
            t, x = due.pop(0), x + 1
            continue
        if u * a0 >= begin:
            x -= 1
        elif at_once:
            x += 1
        else:
            due.append((t if clock else then) + tau)
        t = then
        while late and due and due[0] <= t:
            due.pop(0)
            x += 1
    return [t, x, len(due), sum(due)]


def draws_of(rng: Random, many: int) -> Draws:
    """Unit exponential and uniform draws, in pairs."""
    return tuple((round(rng.expovariate(1.0) + 0.01, 3), round(rng.uniform(0.01, 0.99), 3)) for _ in range(many))


def midway(rng: Random) -> tuple:
    """A state with two molecules on the way, and thirty draws."""
    t, tau = rounded(rng, 0.0, 0.5), rounded(rng, 0.4, 0.9)
    belt = tuple(sorted(round(t + rng.uniform(0.05, 0.95) * tau, 3) for _ in range(2)))
    law = f"lambda x: {rng.randint(8, 12)} / (1 + (x / {rng.randint(4, 9)}) ** 2)"
    return t, rng.randint(4, 8), belt, draws_of(rng, 30), law, rounded(rng, 0.8, 1.5), tau


HILL = "lambda x: 30 / (1 + (x / 5) ** 2)"
LONG = ((0.3, 0.2), (0.9, 0.7), (2.1, 0.1), (0.4, 0.9), (1.7, 0.3), (0.6, 0.6), (3.2, 0.4), (0.8, 0.15), (1.1, 0.8),
        (2.6, 0.5), (0.5, 0.05), (1.9, 0.95))

run = Exercise(
    id="9.4",
    title="Your own delay simulation",
    topic="delays",
    points=4,
    kind="function",
    name="delay_run",
    reference=lambda t, x, belt, draws, a, gamma, tau: simulated(t, x, belt, draws, a, gamma, tau),
    wrong={
        "Y1": lambda t, x, belt, draws, a, gamma, tau: simulated(
            t, x, belt, draws, a, gamma, tau, one_at_a_time=True),
        "Y3:blind": lambda t, x, belt, draws, a, gamma, tau: simulated(t, x, belt, draws, a, gamma, tau, blind=True),
        "Y4:at-once": lambda t, x, belt, draws, a, gamma, tau: simulated(
            t, x, belt, draws, a, gamma, tau, at_once=True),
        "Y4:late": lambda t, x, belt, draws, a, gamma, tau: simulated(t, x, belt, draws, a, gamma, tau, late=True),
        "Y4:clock": lambda t, x, belt, draws, a, gamma, tau: simulated(t, x, belt, draws, a, gamma, tau, clock=True),
    },
    probes=(
        (2.0, 5, (2.4, 3.1), ((1.5, 0.3),), "lambda x: 5.0", 1.0, 3.0),
        (2.0, 5, (2.4, 3.1), ((1.5, 0.8),), "lambda x: 5.0", 1.0, 3.0),
        (2.0, 5, (2.4, 3.1), ((6.0, 0.8),), "lambda x: 5.0", 1.0, 3.0),
        (2.0, 5, (2.4, 3.1), ((13.0, 0.3),), "lambda x: 5.0", 1.0, 3.0),
        (0.0, 0, (), ((3.0, 0.6),), HILL, 1.0, 0.5),
        (1.0, 10, (), ((0.8, 0.4),), HILL, 1.0, 0.5),
        (0.0, 3, (0.11, 0.35), LONG, HILL, 1.0, 0.5),
        (2.0, 5, (2.4, 3.1), LONG, "lambda x: 5.0", 1.0, 3.0),
    ),
    secret=midway,
    hints=(
        "Three things can happen next: a start, a loss, and one more. Which of the three needs no dice?",
        'Run `cmelab.show("delay-clock", preset="start")`: the bars at the bottom right are the belt. What happens to '
        "a bar when it arrives at 0, and does a start or a loss have to happen at that moment?",
        "For each pair: `then = t + e / a0`. If `belt` is not empty and `belt[0] <= then`: t is `belt[0]`, x grows by "
        "one, that entry goes, and the pair is used up. Otherwise t is `then`; if `u * a0 < a(x)`, `then + tau` "
        "joins the end of the belt, and if not, x falls by one. Return `t, x, len(belt), sum(belt)`.",
    ),
    why="The belt knows its next moment without dice. If it comes before the drawn one, the draw is thrown away: "
        "an exponential wait has no memory and the propensities have just changed; otherwise it is an ordinary event, "
        "and a start only writes down when its molecule will be ready. From t = 2, x = 5 with 2.4 due and a wait of "
        "0.6 the next moment is 2.4.",
    implies={
        "Y1": "From t = 2, x = 5 with 2 molecules on the way you take 5 for a0, not 10: nothing can be begun. "
              "Is the gene busy until its last molecule is ready?",
        "Y3:blind": "From t = 2, with 2.4 due and a wait of 0.6, you go to t = 2.6 with x = 4. "
                    "What happened at 2.4?",
        "Y4:at-once": "From t = 2, x = 5, a start at 2.15 gives you x = 6 at once. When is that molecule ready, if "
                      "τ = 3?",
        "Y4:late": "From t = 2, with 2.4 and 3.1 due and a wait of 1.3, you go straight to t = 3.3. "
                   "With which count was that wait drawn, and what was the count from 2.4 on?",
        "Y4:clock": "A start at 2.15 with τ = 3 is ready at 5 for you: with 2.4 and 3.1 that makes 10.5. "
                    "When was it begun?",
    },
    forbidden=CLOSED,
)  # fmt: skip

# 9.5 and 9.6  Constant production ----------------------------------------------------------------------


def slower(a: float, tau: float) -> float:
    """Starts per unit of time, if each must wait until the last molecule is ready."""
    return 1 / (1 / a + tau)


def poisson(mean: float) -> tuple[float, float]:
    """Mean and mean square of a Poisson number."""
    return mean, mean + mean**2


def grown(t: float, gamma: float) -> float:
    """Mean number per start propensity, after a time t of birth and death; none before it begins."""
    return (1 - math.exp(-gamma * max(t, 0.0))) / gamma


def draw(t: float, a: float, gamma: float, tau: float, rng) -> int:
    """The delay simulation of 9.4 with its own dice."""
    now, x, due = 0.0, 0, []
    while True:
        then = now + rng.exponential(1 / (a + gamma * x))
        if due and due[0] <= min(then, t):
            now, x = due.pop(0), x + 1
        elif then > t:
            return x
        elif rng.random() * (a + gamma * x) < a:
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
        "Y4:at-once": lambda t, a, gamma, tau: poisson(a * grown(t, gamma)),
    },
    examples={
        "right": draw,
        "Y1": lambda t, a, gamma, tau, rng: rng.poisson(slower(a, tau) * grown(t - tau, gamma)),
        "Y1:lost": lambda t, a, gamma, tau, rng: rng.poisson(a * math.exp(-gamma * tau) * grown(t - tau, gamma)),
        "Y4:at-once": lambda t, a, gamma, tau, rng: rng.poisson(a * grown(t, gamma)),
    },
    probes=((2.0, 5.0, 1.0, 3.0), (6.0, 5.0, 1.0, 3.0), (4.0, 8.0, 0.5, 1.0)),
    repeats=300,
    unit="molecules",
    hints=(
        "How many finished molecules can there be before the first delay is over?",
        "Take your `delay_run`, draw a pair in each round, and stop before the first event that lies beyond t. Try it "
        "for t = 2, τ = 3: it must be 0 each time.",
        "The next moment is the smaller of `t_now + rng.exponential(1 / a0)` and the first on the belt. If it lies "
        "beyond t, return x. If not, do what 9.4 does, with `rng.random()` for u.",
    ),
    why="Starts come at the rate a, finished molecules τ later at the same rate, and each lives 1/γ on average: a "
        "Poisson law of mean a/γ (1 - exp(-γ(t - τ))), and 0 before τ. At t = 6 with a = 5, γ = 1, τ = 3 the "
        "mean is 4.751.",
    implies={
        "Y1": "At t = 6 with a = 5, γ = 1, τ = 3 your mean is 0.297. Once the belt is full, how many come off it per "
              "unit of time?",
        "Y1:lost": "At t = 4 with a = 8, γ = 0.5, τ = 1 your mean is 7.54. "
                   "Can a molecule be lost before it is finished here?",
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
        "Y4:at-once": "Your {answer} leaves nobody on the way. A molecule needs {tau} until it is ready, and {a} are "
                      "begun per unit of time: where are they meanwhile?",
    },
    forbidden=CLOSED,
)  # fmt: skip
