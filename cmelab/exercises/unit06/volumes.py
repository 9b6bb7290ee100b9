"""6.1: a network in a larger volume, and a test for programs that put it there.

d[A]/dt = k1 - k2 [A] - 2 k3 [A]^2; the propensities are c1, c2 n and c3 n(n - 1).
"""
from __future__ import annotations

import math
from random import Random
from typing import Any

from ..exercise import Exercise
from ..ingredients import LIBRARY, rounded

# What would give the answer, or most of it.
CLOSED = (*LIBRARY, "rate_equations", "compare", "linear_noise", "first_passage", "moment_equations")


def _jar(rng: Random) -> tuple[Any, ...]:
    """Constants, a concentration and a volume whose product is a whole number."""
    return (rounded(rng, 1.0, 9.0), rounded(rng, 0.2, 2.0), rounded(rng, 0.1, 1.0), float(rng.randint(2, 9)),
            float(rng.choice((2, 5, 10, 50, 100))))  # fmt: skip


scaled = Exercise(
    id="6.1",
    title="The same mixture, larger",
    topic="volume",
    points=3,
    kind="function",
    name="scaled",
    reference=lambda k1, k2, k3, x0, omega: (k1 * omega, k2, k3 / omega, x0 * omega),
    wrong={
        "K3": lambda k1, k2, k3, x0, omega: (k1, k2, k3, x0 * omega),
        "K3:start": lambda k1, k2, k3, x0, omega: (k1 * omega, k2, k3 / omega, x0),
        "K3:inverted": lambda k1, k2, k3, x0, omega: (k1 / omega, k2, k3 * omega, x0 * omega),
        "K3:everything": lambda k1, k2, k3, x0, omega: (k1 * omega, k2 * omega, k3 * omega, x0 * omega),
        "K3:pairs": lambda k1, k2, k3, x0, omega: (k1 * omega, k2, k3, x0 * omega),
        "K3:none": lambda k1, k2, k3, x0, omega: (k1, k2, k3, x0),
        "K3:half": lambda k1, k2, k3, x0, omega: (k1 * omega, k2, k3 / (2 * omega), x0 * omega),
        "P7": lambda k1, k2, k3, x0, omega: (k1 * omega, k2, 2 * k3 / omega, x0 * omega),
    },
    probes=((4.0, 1.0, 0.5, 3.0, 10.0), (4.0, 1.0, 0.5, 3.0, 1.0), (4.0, 1.0, 0.5, 3.0, 100.0),
            (2.5, 0.3, 0.8, 0.0, 4.0), (0.9, 2.0, 0.1, 8.0, 0.5)),  # fmt: skip
    secret=_jar,
    hints=(
        "Put ten jars side by side and take the walls out. What happens ten times as often, and what does one "
        "molecule, or one pair, notice of it?",
        'Run `cmelab.show("omega-ladder", preset="constants-not-scaled")` and read the mean of n in every volume. '
        "Unit 01: a constant of order m carries Ω to the power 1 - m.",
        "Order 0: `k1 * omega`. Order 1: `k2`. Order 2: `k3 / omega`, because each of the n - 1 partners is met less "
        "often. The counts: `x0 * omega`. Return the four as a tuple.",
    ),
    why="c1 = k1 Ω, c2 = k2, c3 = k3/Ω and n0 = x0 Ω. Then every event happens Ω times as often at the same "
        "concentration, and the rate equation is the same. In the volume 10, k1 = 4 becomes 40 molecules per time.",
    implies={
        "K3": "In the volume 10 you make 4 molecules per time, as in the volume 1. "
              "How many do ten jars side by side make?",
        "K3:start": "In the volume 10 you begin with 3 molecules, where one tenth of it held 3 already. "
                    "What is the concentration then?",
        "K3:inverted": "In the volume 10 you make 0.4 molecules per time, and a pair meets with the constant 5. "
                       "Does more room make fewer molecules, and more meetings?",
        "K3:everything": "In the volume 10 you let each molecule decay at the rate 10, where it was 1 in the small "
                         "one. How does a molecule that falls apart alone know the volume?",
        "K3:pairs": "In the volume 10 your pairs meet with the constant 0.5, as in the volume 1. "
                    "Do two molecules meet as often when they have ten times the room?",
        "K3:none": "In the volume 10 you begin with 3 molecules and make 4 per time, as in the volume 1. "
                   "What is the concentration then?",
        "K3:half": "In the volume 10 your c3 is 0.025, and 2·0.025 n(n - 1) molecules vanish per time. "
                   "For large n, is that 10·2·0.5 (n/10)², as the rate equation says?",
        "P7": "In the volume 10 your c3 is 0.1, and 2·0.1 n(n - 1) molecules vanish per time. "
              "For large n, is that 10·2·0.5 (n/10)², as the rate equation says?",
    },
    forbidden=CLOSED,
)

# 6.1b  A test of programs ------------------------------------------------------------------------------


def _program(comment: str, result: str) -> str:
    return f"def scaled(k1, k2, k3, x0, omega):\n    # {comment}\n    return {result}"


GOOD = _program("the program as it should be", "(k1 * omega, k2, k3 / omega, x0 * omega)")
OTHER = "def scaled(k1, k2, k3, x0, omega):\n    # it returns a list, whose last digits may differ from yours\n" \
        "    return [k * omega ** (1 - m) for m, k in enumerate((k1, k2, k3))] + [omega * x0]"
BAD = {
    "K3": _program("the start is scaled, the constants are those of the volume 1", "(k1, k2, k3, x0 * omega)"),
    "K3:start": _program("the constants are scaled, the start is not", "(k1 * omega, k2, k3 / omega, x0)"),
    "K3:inverted": _program("the volume enters upside down", "(k1 / omega, k2, k3 * omega, x0 * omega)"),
    "K3:everything": _program("every constant grows", "(k1 * omega, k2 * omega, k3 * omega, x0 * omega)"),
    "K3:pairs": _program("pairs meet as in the volume 1", "(k1 * omega, k2, k3, x0 * omega)"),
}


def _close(found: Any, wanted: Any) -> bool:
    return all(math.isclose(x, y, rel_tol=1e-9) for x, y in zip(found, wanted, strict=True))


scaling_test = Exercise(
    id="6.1b",
    title="A test that catches it",
    topic="volume",
    points=2,
    kind="function",
    name="test_scaling",
    look="catches",
    reference=lambda program: _close(program(4.0, 1.0, 0.5, 3.0, 10.0), (40.0, 1.0, 0.05, 30.0)),
    wrong={
        "K3": lambda program: _close(program(4.0, 1.0, 0.5, 3.0, 10.0)[1:3], (1.0, 0.5)),
        "K3:one-volume": lambda program: _close(program(4.0, 1.0, 0.5, 3.0, 1.0), (4.0, 1.0, 0.5, 3.0)),
        "K3:counts-only": lambda program: _close(program(4.0, 1.0, 0.5, 3.0, 10.0)[3:], (30.0,)),
        "K3:made-only": lambda program: _close(
            [program(4.0, 1.0, 0.5, 3.0, 10.0)[i] for i in (0, 1, 3)], (40.0, 1.0, 30.0)
        ),
    },
    probes=((GOOD,), (OTHER,), *((each,) for each in BAD.values())),
    # The only program that every wrong test takes for right.
    secret=lambda rng: (BAD["K3:pairs"],),
    hints=(
        "In which volume can a program that forgets the volume not be told from one that does not?",
        "Write down what the right program returns for k1 = 4, k2 = 1, k3 = 0.5, x0 = 3, in the volume 1 and in the "
        "volume 10. Which of your asserts would see each of the four numbers?",
        "One assert is enough: `assert np.allclose(program(4.0, 1.0, 0.5, 3.0, 10.0), (…, …, …, …))` with the four "
        "numbers of your answer to 6.1.",
    ),
    why="One volume other than 1, and all four numbers: then each way to forget the volume is seen. At Ω = 1 every "
        "one of these programs is right, which is how such a bug is shipped.",
    implies={
        "K3": "Your test asks for the constants of the volume 1 in the volume 10, so it fails for the right program. "
              "How often does a pair with k3 = 0.5 meet that has 10 times the room?",
        "K3:one-volume": "Your test passes for all 7 programs. At Ω = 1 they are all right: k1 Ω, k1 and k1/Ω are one "
                         "number there. Which four numbers belong to k1 = 4, k2 = 1, k3 = 0.5, x0 = 3 at Ω = 10?",
        "K3:counts-only": "Your test looks at n0 alone; a program with the right 30 molecules and the constants of the "
                          "volume 1 passes. Which numbers are never looked at?",
        "K3:made-only": "Your test never looks at c3: pairs that meet as in the volume 1 pass it. "
                        "Which of the 4 numbers is missing?",
    },
    forbidden=CLOSED,
)
