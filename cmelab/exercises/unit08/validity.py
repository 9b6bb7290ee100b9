"""8.4 and 8.5: what clipping at zero does, and which reactions are frequent enough."""
from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from random import Random

import numpy as np
from scipy.special import ndtr

from ..exercise import Exercise
from ..ingredients import rounded
from .noise import CLOSED, FLIP

# 8.4  Clipping -----------------------------------------------------------------------------------------

NEAR = 0.03  # what the mean of some ten thousand paths may miss
TOP, LOW, NODES = 16.0, -4.0, 80  # counts between which the law of paths is followed, and at how many points


@functools.cache
def clipped_mean(k: float, dt: float) -> float:
    """Stationary mean of Euler-Maruyama for 0 -> M (k), M -> 0 (1), with every count below zero put back to 0.

    The law after a step, at Gauss-Legendre nodes and on the atom at zero, equals the law before it.
    """
    node, weight = np.polynomial.legendre.leggauss(NODES)
    x = np.append(0.0, (node + 1) * TOP / 2)
    mean, sd = x + (k - x) * dt, np.sqrt((k + x) * dt)
    density = np.exp(-(((x[1:, None] - mean) / sd) ** 2) / 2) / (sd * math.sqrt(2 * math.pi))
    turn = np.vstack([ndtr(-mean / sd), density * weight[:, None] * TOP / 2]) - np.eye(NODES + 1)
    turn[-1] = 1.0  # one equation is redundant: the law sums to one
    return float(x @ np.linalg.solve(turn, np.append(np.zeros(NODES), 1.0)))


@functools.cache
def late_mean(k: float, dt: float) -> float:
    """The same for paths that go on below zero, where no death is random, and are put back at the end only."""
    node, weight = np.polynomial.legendre.leggauss(3 * NODES)
    x, weight = LOW + (node + 1) * (TOP - LOW) / 2, weight * (TOP - LOW) / 2
    mean, sd = x + (k - x) * dt, np.sqrt((k + np.maximum(x, 0.0)) * dt)
    turn = np.exp(-(((x[:, None] - mean) / sd) ** 2) / 2) / (sd * math.sqrt(2 * math.pi)) * weight[:, None]
    turn -= np.eye(x.size)
    turn[-1] = 1.0
    return float(np.maximum(x, 0.0) @ np.linalg.solve(turn, np.append(np.zeros(x.size - 1), 1.0)))


clipping = Exercise(
    id="8.4",
    title="Put back to zero",
    topic="langevin",
    points=2,
    kind="witness",
    name="clipped",
    reference=lambda answer, k, dt: abs(answer - clipped_mean(k, dt)) < NEAR,
    wrong={
        "L4": lambda answer, k, dt: abs(answer - k) < NEAR,
        "L4:late": lambda answer, k, dt: abs(answer - late_mean(k, dt)) < NEAR,
    },
    examples={"right": 0.98, "L4": 0.8, "L4:late": 0.86},
    given=lambda rng: {"k": rounded(rng, 0.6, 1.6), "dt": 0.1},
    default={"k": 0.8, "dt": 0.1},
    unit="molecules",
    hints=(
        "Clipping moves some paths. Does it ever move one downward?",
        'Run `cmelab.show("noise-knob", preset="clipping-is-harmless")`, set the constant k to yours, and read both '
        "means.",
        "`x = np.full(20_000, k)`, then 200 times: two fresh arrays `z, w = rng.standard_normal((2, 20_000))`, "
        "`x = np.maximum(0, x + (k - x) * dt + np.sqrt(k * dt) * z - np.sqrt(x * dt) * w)`. At the end `x.mean()`.",
    ),
    why="Clipping only ever adds molecules, and nothing takes them away but the usual decay: the mean settles too "
        "high, at 1.16 for k = 1 and dt = 0.1, and a shorter dt makes it worse (1.21 in the limit).",
    implies={
        "L4": "Your {answer} is about k = {k}, the mean without clipping. Each step that falls below zero is lifted: "
              "by which step is the count lowered in return?",
        "L4:late": "Your {answer} is what paths give that go on below zero, and are put back to 0 at the end only. "
                   "A path is lifted at t = 10: is it still higher at t = 10.1?",
    },
    forbidden=CLOSED,
)  # fmt: skip

# 8.5  Which reactions are rare -------------------------------------------------------------------------

GENE = ((-1, 1, 0, 0), (1, -1, 0, 0), (0, 0, 1, -1))  # Off, On, P: on, off, make, decay
ENOUGH = 10.0


def while_relaxing(nu: Sequence[Sequence[int]], a: Sequence[float], relax: Sequence[float], of=min) -> list[float]:
    """Firings of each reaction in the relaxation time of the fastest count that it changes (or the slowest)."""
    return [x * of(t for row, t in zip(nu, relax, strict=True) if row[r]) for r, x in enumerate(a)]


def cell(rng: Random) -> tuple:
    """A gene with its protein, or a molecule that flips."""
    if rng.random() < 0.3:
        a = rounded(rng, 1.0, 40.0), rounded(rng, 1.0, 40.0)
        return FLIP, a, (rounded(rng, 0.2, 0.9), rounded(rng, 2.0, 9.0))
    on, off = rounded(rng, 0.05, 0.4), rounded(rng, 0.5, 2.0)
    made = float(rng.randint(50, 300))
    switching = round(on * off / (on + off), 3)
    return GENE, (switching, switching, made, made), (round(1 / on, 2), round(1 / off, 2), float(rng.randint(5, 40)))


rare = Exercise(
    id="8.5",
    title="Frequent enough?",
    topic="validity",
    points=2,
    kind="function",
    name="firings",
    reference=lambda nu, a, relax: while_relaxing(nu, a, relax),
    wrong={
        "L5": lambda nu, a, relax: [max(while_relaxing(nu, a, relax))] * len(a),
        "L5:slowest": lambda nu, a, relax: while_relaxing(nu, a, relax, max),
        "L5:per-time": lambda nu, a, relax: list(a),
    },
    probes=(
        (GENE, (0.05, 0.05, 100.0, 100.0), (10.0, 10.0, 10.0)), (GENE, (0.1, 0.1, 90.0, 90.0), (5.0, 1.25, 20.0)),
        (((1, -1),), (50.0, 50.0), (1.0,)), (((1, -1),), (5.0, 5.0), (0.5,)), (FLIP, (12.0, 12.0), (0.5, 2.0)),
        (((1, -2, 0), (0, 1, -1)), (40.0, 20.0, 20.0), (0.25, 1.0)),
    ),
    secret=cell,
    hints=(
        "A propensity is firings per time. In which time must there be many of them, so that they make a flow?",
        'Run `cmelab.show("validity-map", preset="one-gene")`: each bar at the top right is one reaction. '
        "Select a bar and read the sentence below.",
        "For reaction r: `a[r] * min(relax[s] for s in range(len(nu)) if nu[s][r] != 0)`. Make a list over r.",
    ),
    why="A reaction is a flow only if it fires often before the counts it changes have moved, and the fastest of them "
        "decides. With one gene the switch fires 0.5 times in that time, however many proteins there are.",
    implies={
        "L5": "For the first gene tried you give 1000 four times. It goes on once in 20 units of time: do the 1000 "
              "firings of another reaction smooth that?",
        "L5:slowest": "For A ⇌ B with a = 12 and relaxation times 0.5 and 2 you give 24. "
                      "How often has the reaction fired when the faster count has relaxed?",
        "L5:per-time": "For birth and death with a = 5 and relaxation time 0.5 you give 5. In hours instead of "
                       "minutes all your numbers would be 60 times as large: would the cell be less noisy?",
    },
    forbidden=CLOSED,
)  # fmt: skip


def per_copy(k_on: float, k_off: float) -> float:
    """Firings of one gene copy's switch while the faster of its two states relaxes: at most a half."""
    return k_on * k_off / (k_on + k_off) / max(k_on, k_off)


copies = Exercise(
    id="8.5b",
    title="How many genes?",
    topic="validity",
    points=1,
    kind="number",
    name="genes",
    reference=lambda k_on, k_off: math.ceil(ENOUGH / per_copy(k_on, k_off)),
    wrong={
        "L5": lambda k_on, k_off: 1,
        "L5:ten": lambda k_on, k_off: 10,
        "L5:slowest": lambda k_on, k_off: math.ceil(ENOUGH * (k_on + k_off) / max(k_on, k_off)),
        "L5:per-time": lambda k_on, k_off: math.ceil(ENOUGH * (k_on + k_off) / (k_on * k_off)),
        "L5:together": lambda k_on, k_off: math.ceil(ENOUGH * (k_on + k_off) ** 2 / (k_on * k_off)),
    },
    given=lambda rng: {"k_on": rounded(rng, 0.2, 0.9), "k_off": rounded(rng, 1.1, 4.0)},
    default={"k_on": 0.4, "k_off": 1.7},
    unit="copies",
    hints=(
        "With one copy, how many times per time does it go on, on average, and which of the two counts relaxes faster?",
        'Run `cmelab.show("validity-map", preset="one-gene")` and enlarge Ω until the first two bars are filled: '
        "how many genes is that? There both constants are 0.1; yours are not the same.",
        "A copy switches on `k_on * k_off / (k_on + k_off)` times per time; the faster count relaxes in "
        "`1 / max(k_on, k_off)`. Divide 10 by their product, and round up with `math.ceil`.",
    ),
    why="One copy fires k_on k_off/(k_on + k_off) per time, and the faster count relaxes in 1/max(k_on, k_off): at "
        "most half a firing per copy, however fast the gene switches. So a cell with a few genes never gets there.",
    implies={
        "L5": "With 1 copy, k_on = {k_on} and k_off = {k_off}, the gene is On or Off and nothing between. "
              "How often does it switch while its state relaxes?",
        "L5:ten": "With {answer} copies there are ten molecules, not ten firings. "
                  "How often does one copy switch in the time 1/{k_off}?",
        "L5:slowest": "Your {answer} copies have ten firings in the time 1/{k_on}, in which the slower count relaxes. "
                      "What has become of the faster one by then?",
        "L5:per-time": "Your {answer} copies have ten firings in one unit of time. "
                       "With k_on = {k_on} and k_off = {k_off}, is the faster count still where it was by then?",
        "L5:together": "Your {answer} copies have ten firings in the time 1/({k_on} + {k_off}), in which On and Off "
                       "relax together. The rule holds one count while the other relaxes: how long does On take then?",
    },
    forbidden=CLOSED,
)  # fmt: skip
