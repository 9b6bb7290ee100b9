"""8.1: the noise of each reaction, and what it does to what is conserved."""
from __future__ import annotations

import math
from random import Random

from ..exercise import Exercise
from ..ingredients import LIBRARY, rounded

CLOSED = (*LIBRARY, "langevin", "langevin_validity", "linear_noise", "stationary_linear_noise", "compare")

Table = tuple[tuple[float, ...], ...]

# As many reactions as species: one noise for each species makes a table of the same shape, and is seen entry by entry.
FLIP = ((-1, 1), (1, -1))
DIMER = ((-2, 2), (1, -1))
CHAIN = ((1, -2, 0), (0, 1, -1), (0, 0, 1))
# More reactions than species: whoever takes rows for columns is told of the shape.
PAIRS = ((1, -2, 0), (0, 1, -1))  # 0 -> A, 2A -> B, B -> 0


def drawn(rng: Random, *networks: Table) -> tuple[Table, tuple[float, ...]]:
    """Jumps of one of the networks, and propensities."""
    nu = rng.choice(networks)
    return nu, tuple(rounded(rng, 2.0, 60.0) for _ in nu[0])


def by_root(nu: Table, a: tuple[float, ...]) -> list[list[float]]:
    """One column for each reaction: its jump times the root of its propensity."""
    return [[v * math.sqrt(x) for v, x in zip(row, a, strict=True)] for row in nu]


def own(nu: Table, a: tuple[float, ...]) -> list[list[float]]:
    """One independent noise for each species, of the right variance."""
    sizes = [math.sqrt(sum(v * v * x for v, x in zip(row, a, strict=True))) for row in nu]
    return [[size if i == j else 0.0 for j in range(len(nu))] for i, size in enumerate(sizes)]


matrix = Exercise(
    id="8.1",
    title="The noise matrix",
    topic="langevin",
    points=2,
    kind="function",
    name="noise_matrix",
    reference=by_root,
    wrong={
        "L2": lambda nu, a: [[v * x for v, x in zip(row, a, strict=True)] for row in nu],
        "L2:molecules": lambda nu, a: [
            [math.copysign(math.sqrt(abs(v) * x), v) if v else 0.0 for v, x in zip(row, a, strict=True)] for row in nu
        ],
        "L3": own,
        "L3:sign": lambda nu, a: [[abs(x) for x in row] for row in by_root(nu, a)],
    },
    probes=(
        (FLIP, (4.0, 9.0)), (DIMER, (16.0, 5.0)), (FLIP, (0.0, 25.0)), (CHAIN, (8.0, 6.0, 3.0)),
        (((-2, 0), (1, -1)), (36.0, 12.0)), (PAIRS, (7.0, 12.0, 3.0)),
    ),  # fmt: skip
    secret=lambda rng: drawn(rng, DIMER, CHAIN, PAIRS),
    hints=(
        "A reaction fires a random number of times in a short while. By what does that number miss its mean, and "
        "which counts feel it?",
        'Run `cmelab.show("noise-knob", preset="one-noise-a-species")`: there the total drifts. '
        "Which sign must the noise of `A → B` have for A, and which for B?",
        "Row s, column r is `nu[s][r] * np.sqrt(a[r])`. With numpy arrays: `np.array(nu) * np.sqrt(a)`.",
    ),
    why="Each reaction has one noise, of size √a, and hands it to every species it changes, times ν. For A ⇌ B with "
        "propensities 4 and 9 the columns are (-2, 2) and (3, -3): what A loses, B gets.",
    implies={
        "L2": "For A ⇌ B with propensities 4 and 9 you give -4 and 9 for A. "
              "After 100 expected events, would you be surprised by 110, or only by 200?",
        "L2:molecules": "For `2A → B` in `2A ⇌ B`, with a = 16, you give -5.657 for A and 4 for B. "
                        "One event more: how many A does it take, and how many B does it make?",
        "L3": "For A ⇌ B with propensities 4 and 9 you give A and B the size 3.606 each, in columns of their own. "
              "What happens to A + B when the two noises differ?",
        "L3:sign": "For A ⇌ B with propensities 4 and 9 you give 2 and 2 in the first column. "
                   "If `A → B` fires more often than expected, does A grow?",
    },
    forbidden=CLOSED,
)  # fmt: skip


def flip(n_a: int, n_b: int, k_ab: float, k_ba: float) -> tuple[float, float]:
    """The propensities of A -> B and B -> A."""
    return k_ab * n_a, k_ba * n_b


def _shared(n_a: int, n_b: int, k_ab: float, k_ba: float, dt: float) -> tuple[float, float, float]:
    a, b = flip(n_a, n_b, k_ab, k_ba)
    variance = (math.sqrt(a) - math.sqrt(b)) ** 2 * dt
    return variance, -variance, 0.0


def _crossing(rng: Random) -> dict[str, float]:
    """Counts, constants and a step; more molecules leave A than come to it, so that a net rate is positive."""
    (n_a, k_ab), (n_b, k_ba) = sorted(
        ((rng.randint(50, 300), rounded(rng, 0.5, 3.0)) for _ in range(2)), key=math.prod, reverse=True
    )
    return {"n_a": n_a, "n_b": n_b, "k_ab": k_ab, "k_ba": k_ba, "dt": rng.choice((0.01, 0.02, 0.04, 0.05))}


def _of(variance: float, with_b: float = -1.0) -> tuple[float, float, float]:
    """Variance of A, covariance with B, and variance of the sum, where B has the same variance."""
    return variance, with_b * variance, 2 * variance * (1 + with_b)


conservation = Exercise(
    id="8.1b",
    title="What A loses, B gets",
    topic="langevin",
    points=2,
    kind="numbers",
    name="spread",
    reference=lambda n_a, n_b, k_ab, k_ba, dt: _of(sum(flip(n_a, n_b, k_ab, k_ba)) * dt),
    wrong={
        "L2": lambda n_a, n_b, k_ab, k_ba, dt: _of(sum(a * a for a in flip(n_a, n_b, k_ab, k_ba)) * dt),
        "L2:dt": lambda n_a, n_b, k_ab, k_ba, dt: _of(sum(flip(n_a, n_b, k_ab, k_ba)) * dt**2),
        "L2:no-dt": lambda n_a, n_b, k_ab, k_ba, dt: _of(sum(flip(n_a, n_b, k_ab, k_ba))),
        "L3": lambda n_a, n_b, k_ab, k_ba, dt: _of(sum(flip(n_a, n_b, k_ab, k_ba)) * dt, 0.0),
        "L3:one": _shared,
        "L3:net": lambda n_a, n_b, k_ab, k_ba, dt: _of(abs(k_ab * n_a - k_ba * n_b) * dt),
        "L3:sign": lambda n_a, n_b, k_ab, k_ba, dt: _of(sum(flip(n_a, n_b, k_ab, k_ba)) * dt, 1.0),
    },
    given=_crossing,
    default={"n_a": 120, "n_b": 80, "k_ab": 1.5, "k_ba": 0.7, "dt": 0.02},
    unit="molecules²",
    hints=(
        "How many independent random numbers are there in the step, and with which sign does each of them enter "
        "the count of A, and that of B?",
        'Run `cmelab.show("noise-knob", preset="one-noise-a-species")` and read the exact variance of all molecules.',
        "Each reaction adds the variance `a * dt` to A, and the same to B with the opposite sign: variance "
        "`(a_ab + a_ba) * dt`, covariance minus that. Then var(A + B) = var(A) + var(B) + 2 cov(A, B).",
    ),
    why="Both noises enter A and B with opposite signs: the covariance is minus the variance, and nothing is left for "
        "the sum, which no reaction changes. So var(A + B) = 0: a noise for each reaction keeps what reactions keep.",
    implies={
        "L2": "Your {answer} has the variance of a noise that grows like a. With {n_a} molecules of A, "
              "would the events in dt = {dt} scatter by all of their number, or by its root?",
        "L2:dt": "Your {answer} shrinks with dt². Cut dt = {dt} into two halves: "
                 "do two independent halves have half the variance of the whole?",
        "L2:no-dt": "Your {answer} would be the same for dt = {dt} and for a step of a tenth of it. "
                    "How many events can there be in no time?",
        "L3": "Your {answer} lets A + B vary, though {n_a} + {n_b} molecules are all there ever are. "
              "Which reaction changes their sum?",
        "L3:one": "Your {answer} has both reactions share one random number, so that their noises nearly cancel. "
                  "In dt = {dt}, does `B → A` know how often `A → B` fired?",
        "L3:net": "Your {answer} takes the variance of `B → A` from that of `A → B`. If as many flipped one way as the "
                  "other, nothing would scatter. Would no molecule flip then?",
        "L3:sign": "Your {answer} lets A and B grow together. "
                   "`A → B` fires once more than expected: is A then {n_a} + 1, or {n_a} - 1?",
    },
    forbidden=CLOSED,
)  # fmt: skip
