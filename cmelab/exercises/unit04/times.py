"""4.5 and 4.6: how soon a law is steady, and what goes on when it is."""
from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from ..exercise import Exercise
from ..ingredients import rounded
from .wheels import BALANCED, CLOSED, LADDER, ONE_WAY, RING, SPINS, TWO, Table, generator

# 4.5  The spectral gap ---------------------------------------------------------------------------------


def modes(k: Table) -> NDArray[np.complex128]:
    """All eigenvalues of the generator but the one that is 0."""
    found = np.linalg.eigvals(generator(k)).astype(np.complex128)
    return found[np.argsort(np.abs(found))[1:]]


def _driven(rng: Random) -> tuple[Table]:
    """A wheel of four that turns fast one way: two of its eigenvalues are complex, and one decays faster."""
    k = [[0.0] * 4 for _ in range(4)]
    for i in range(4):
        k[i][(i + 1) % 4], k[(i + 1) % 4][i] = rounded(rng, 2.0, 5.0), rounded(rng, 0.1, 0.5)
    return (tuple(map(tuple, k)),)


relaxation = Exercise(
    id="4.5",
    title="How soon is it steady?",
    topic="relaxation",
    points=2,
    kind="function",
    name="relaxation",
    reference=lambda k: 1 / min(-modes(k).real),
    wrong={
        "D4": lambda k: 1 / k[0][1],
        "D4:pair": lambda k: 1 / (k[0][1] + k[1][0]),
        "D4:gap": lambda k: min(-modes(k).real),
        "D4:slowest": lambda k: 1 / min(map(sum, k)),
        "D4:fastest": lambda k: 1 / max(-modes(k).real),
        "D4:modulus": lambda k: 1 / min(abs(modes(k))),
        "D4:half": lambda k: math.log(2) / min(-modes(k).real),
    },
    probes=((TWO,), (SPINS,), (ONE_WAY,), (BALANCED,), (RING,), (LADDER,)),
    secret=_driven,
    unit="s",
    hints=(
        "Each part of the distance to the steady state decays at a rate of its own. Which part is there longest?",
        'Compare both curves of `cmelab.show("two-state", preset="wrong-relaxation")`. Then look at '
        "`np.linalg.eigvals` of the matrix of 4.2 for rates 2 and 0.5.",
        "Sort the real parts of the eigenvalues: the largest is 0, the next one is minus the gap. "
        "`1 / -np.sort(np.linalg.eigvals(a).real)[-2]`.",
    ),
    why="The part that decays slowest is left in the end. Its rate is the spectral gap, for two states kon + koff: "
        "steps back bring the balance nearer, too. A complex eigenvalue swings, and its real part says how it decays.",
    implies={
        "D4": "For two states with rates 2 and 0.5 you give 0.5 = 1/2. If the step back were 1000 times as fast, "
              "would the balance come no sooner?",
        "D4:pair": "For three states in a ring, all rates 1 and one way, you give 1, from k[0][1] and k[1][0] alone. "
                   "With two states that is right; do the other steps here not bring the balance nearer?",
        "D4:gap": "For two states with rates 2 and 0.5 you give 2.5, and that is per second. After how many seconds is "
                  "exp(-2.5 t) down to 1/e?",
        "D4:slowest": "For two states with rates 2 and 0.5 you give 2, the mean stay in B. "
                      "After 2 s, what is left of a distance that decays like exp(-2.5 t)?",
        "D4:fastest": "For four states in a row, up with rate 4 and down with 1, 2 and 3, you give 0.1026. When that "
                      "part is gone, are the slower ones?",
        "D4:modulus": "For three states in a ring, all rates 1 and one way, you give 0.5774. An eigenvalue there is "
                      "-1.5 + 0.866i. Which of its two parts makes exp shrink?",
        "D4:half": "For two states with rates 2 and 0.5 you give 0.2773. Is a half left after a relaxation time, "
                   "or 1/e?",
    },
    forbidden=CLOSED,
)  # fmt: skip

# 4.6  What goes on -------------------------------------------------------------------------------------


def counted(k_on: float, k_off: float, t_end: float, start: float, both: bool = True) -> tuple[float, float]:
    """Mean and mean square of the number of switches, active at t = 0 with probability `start`.

    P(shape) and the first two factorial moments of the count in each shape obey one linear equation.
    """
    q = np.array([[-k_on, k_off], [k_on, -k_off]])
    jumps = np.array([[0, k_off if both else 0.0], [k_on, 0]])
    none = np.zeros((2, 2))
    system = np.block([[q, none, none], [jumps, q, none], [none, 2 * jumps, q]])
    end = expm(system * t_end) @ [1 - start, start, 0, 0, 0, 0]
    mean, pairs = end[2:4].sum(), end[4:].sum()
    return float(mean), float(pairs + mean)


def drawn(start, both: bool = True, after: int = 0, wait: Callable[[float], float] = lambda rate: 1 / rate):
    """A sampler of the count, for a rule that gives the probability to start active; `after` the end so many count."""

    def switches(k_on, k_off, t_end, rng):
        on, t, found = rng.random() < start(k_on, k_off), 0.0, 0
        while True:
            t += rng.exponential(wait(k_off if on else k_on))
            if t > t_end:
                return found + after
            on = not on
            found += on or both

    return switches


def one_more(mean: float, square: float) -> tuple[float, float]:
    """Mean and mean square of a count that is always one too many."""
    return mean + 1, square + 2 * mean + 1


def _steady(k_on: float, k_off: float) -> float:
    return k_on / (k_on + k_off)


def _swapped(k_on: float, k_off: float) -> float:
    return k_off / (k_on + k_off)


switches = Exercise(
    id="4.6",
    title="Does it stand still?",
    topic="steady state",
    points=3,
    kind="sampler",
    name="switches",
    reference=lambda k_on, k_off, t_end: counted(k_on, k_off, t_end, _steady(k_on, k_off)),
    wrong={
        "D1": lambda k_on, k_off, t_end: (0.0, 0.0),
        "D1:one-way": lambda k_on, k_off, t_end: counted(k_on, k_off, t_end, _steady(k_on, k_off), both=False),
        "D6:inactive": lambda k_on, k_off, t_end: counted(k_on, k_off, t_end, 0.0),
        "D6:half": lambda k_on, k_off, t_end: counted(k_on, k_off, t_end, 0.5),
        "D6:active": lambda k_on, k_off, t_end: counted(k_on, k_off, t_end, 1.0),
        "D6:swapped": lambda k_on, k_off, t_end: counted(k_on, k_off, t_end, _swapped(k_on, k_off)),
        "D1:after": lambda k_on, k_off, t_end: one_more(*counted(k_on, k_off, t_end, _steady(k_on, k_off))),
        "D4:means": lambda k_on, k_off, t_end: counted(1 / k_on, 1 / k_off, t_end, _steady(k_on, k_off)),
    },
    examples={
        "right": drawn(_steady),
        "D1": lambda k_on, k_off, t_end, rng: 0,
        "D1:one-way": drawn(_steady, both=False),
        "D6:inactive": drawn(lambda k_on, k_off: 0.0),
        "D6:half": drawn(lambda k_on, k_off: 0.5),
        "D6:active": drawn(lambda k_on, k_off: 1.0),
        "D6:swapped": drawn(_swapped),
        "D1:after": drawn(_steady, after=1),
        "D4:means": drawn(_steady, wait=lambda rate: rate),
    },
    # The second tells who starts active from who starts as likely as kon/koff; short times, because many simulate in
    # small steps.
    probes=((9.0, 1.0, 0.5), (4.0, 1.0, 0.2), (0.5, 4.0, 0.3)),
    repeats=4000,
    hints=(
        "At steady state, with which probability do you find the receptor active at the first moment?",
        'Watch `cmelab.show("two-state", preset="one-receptor")` near its end: the curve is flat. Is the circle at '
        "rest? Then play the film in code, switch by switch.",
        "Start with `on = rng.random() < k_on / (k_on + k_off)`. Then again and again: "
        "`t += rng.exponential(1 / k_off if on else 1 / k_on)`, stop when t is past t_end, else flip and count.",
    ),
    why="The probabilities stand still because as many turn on as off, kon P(A) = koff P(B) of each per second, and "
        "not because nobody does: 2 kon koff/(kon + koff) switches per second, 80 in 100 s for rates 2 and 0.5.",
    implies={
        "D1": "You count 0 switches. Of a receptor with rates 9 and 1 the share that is active is 0.9 and stays so; "
              "what does one do that is active, if it leaves with rate 1?",
        "D1:one-way": "You count half of the switches, 0.45 for 0.9 in 0.5 s. Is turning off no event?",
        "D6:inactive": "With rates 9 and 1 you count 1.615 switches in 0.5 s, as if each receptor were inactive at "
                       "first. How many of them are inactive at steady state?",
        "D6:half": "With rates 9 and 1 you count 1.218 switches in 0.5 s, as if half of them were inactive at first. "
                   "How many are at steady state?",
        "D6:active": "With rates 0.5 and 4 you count 0.7788 switches in 0.3 s, as if each receptor were active at "
                     "first. How many of them are at steady state?",
        "D6:swapped": "With rates 0.5 and 4 you count 0.7148 switches in 0.3 s, as if 8 of 9 were active at first, or "
                      "as if the active ones left with rate 0.5. Which of the two rates turns them on?",
        "D1:after": "With rates 9 and 1 you count 1.9 switches in 0.5 s, 1 more than there are. The last wait ends "
                    "after 0.5 s: is its switch seen?",
        "D4:means": "With rates 9 and 1 you count 0.3728 switches in 0.5 s, as if one that is inactive waited 9 s. How "
                    "long is a mean wait at the rate 9?",
    },
    forbidden=CLOSED,
)  # fmt: skip
