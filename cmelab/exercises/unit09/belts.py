"""9.3 and 9.4: who is on the belt, and a delay simulation with the draws passed in."""
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
    """A late moment, twelve starts before it and one after it, and their lives."""
    t = rng.randint(600, 800) / 100 + 0.003
    starts = (*sorted(rounded(rng, 0.0, 6.0) for _ in range(12)), rounded(rng, 8.1, 9.0))
    lives = tuple(rounded(rng, 0.4, 4.0) for _ in starts)
    return t, starts, lives, rounded(rng, 1.5, 2.5)


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
        "Y3:ahead": lambda t, starts, lives, tau: (
            count(t, starts, lives, tau), sum(t < s + tau for s in starts)),
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
        "Y3:ahead": "At t = 1 you have 6 on the way. The last of the starts comes at 3.9: where is its molecule at 1?",
        "Y4:at-once": "At t = 1 you count 2 finished molecules, and the first start was at 0.2. "
                      "When is it ready, if τ = 2?",
    },
    forbidden=CLOSED,
)  # fmt: skip

# 9.4  The simulation -----------------------------------------------------------------------------------


def simulated(
    t: float, x: int, belt: Times, draws: Draws, a: Callable[[float], float], gamma: float, tau: float, *,
    one_at_a_time: bool = False, blind: bool = False, late: bool = False, at_once: bool = False,
    clock: bool = False, kept: bool = False, twice: bool = False, lost: bool = False,
) -> list[float]:
    """One event for each pair of draws: a start, a loss, or the first on the belt comes off it."""
    due = list(belt)
    for e, u in draws:
        begin = 0.0 if one_at_a_time and due else a(x)
        a0 = begin + gamma * (x + len(due) * lost)
        then = t + e / a0 if a0 > 0 else math.inf
        if due and due[0] <= then and not (blind or late):
            t, x = due.pop(0), x + 1
            if not kept:
                continue
            begin = a(x)
        if lost and u * a0 >= begin + gamma * x:
            due.pop()
        elif u * a0 >= begin:
            x -= 1
        elif at_once:
            x += 1
        else:
            due.append((t if clock else then) + tau)
            x += twice
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
# Short enough to be followed by hand: a start, a loss, both of the belt, then the molecule that was begun first.
SIX = ((0.3, 0.2), (0.9, 0.95), (3.0, 0.5), (9.0, 0.3), (8.0, 0.4), (1.0, 0.1))
FOUR = ((1.5, 0.3), (2.0, 0.8), (5.0, 0.2), (2.0, 0.9))

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
        "Y1:lost": lambda t, x, belt, draws, a, gamma, tau: simulated(t, x, belt, draws, a, gamma, tau, lost=True),
        "Y3": lambda t, x, belt, draws, a, gamma, tau: simulated(t, x, belt, draws, a, gamma, tau, blind=True)[:2],
        "Y3:blind": lambda t, x, belt, draws, a, gamma, tau: simulated(t, x, belt, draws, a, gamma, tau, blind=True),
        "Y4:at-once": lambda t, x, belt, draws, a, gamma, tau: simulated(
            t, x, belt, draws, a, gamma, tau, at_once=True),
        "Y4:twice": lambda t, x, belt, draws, a, gamma, tau: simulated(t, x, belt, draws, a, gamma, tau, twice=True),
        "Y4:kept": lambda t, x, belt, draws, a, gamma, tau: simulated(t, x, belt, draws, a, gamma, tau, kept=True),
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
        (0.0, 3, (0.11, 0.35), SIX, HILL, 1.0, 0.5),
        (2.0, 5, (2.4, 3.1), FOUR, "lambda x: 5.0", 1.0, 3.0),
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
        "Y1:lost": "From t = 2, x = 5 with 2 on the way you take 12 for a0, not 10: those on the way can be lost, too. "
                   "Which molecules does the loss belong to here?",
        "Y3": "You give t and x alone. From t = 2, with 2.4 due and a wait of 0.6, that is 2.6 and 4. "
              "What happened at 2.4, and what does somebody need who goes on?",
        "Y3:blind": "From t = 2, with 2.4 due and a wait of 0.6, you go to t = 2.6 with x = 4. "
                    "What happened at 2.4?",
        "Y4:at-once": "From t = 2, x = 5, a start at 2.15 gives you x = 6 at once. When is that molecule ready, if "
                      "τ = 3?",
        "Y4:twice": "From t = 2, x = 5, a start at 2.15 gives you x = 6, and its molecule is on the belt as well. "
                    "What will x be once it is ready?",
        "Y4:kept": "From t = 2, with 2.4 due and a wait of 0.6, you take up who is ready, and go on to t = 2.6. "
                   "The wait was drawn with x = 5: what are the propensities from 2.4 on?",
        "Y4:late": "From t = 2, with 2.4 and 3.1 due and a wait of 1.3, you go straight to t = 3.3. "
                   "With which count was that wait drawn, and what was the count from 2.4 on?",
        "Y4:clock": "A start at 2.15 with τ = 3 is ready at 5 for you: with 2.4 and 3.1 that makes 10.5. "
                    "When was it begun?",
    },
    forbidden=CLOSED,
)  # fmt: skip
