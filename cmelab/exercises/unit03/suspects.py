"""Programs that build a generator: two right ones, and those that a good test catches.

They are texts, as exercise 3.3 runs them. The first comment of each is what the feedback says about it.
"""
from __future__ import annotations

_HEAD = "def build(jumps, propensities, size):\n    # {}\n    A = np.zeros((size, size))\n    for n in range(size):\n"


def _program(says: str, body: str) -> str:
    return _HEAD.format(says) + "".join(f"        {line}\n" for line in body.splitlines()) + "    return A\n"


RIGHT = _program("takes every jump from its column and puts it where it lands", """\
for nu, a in zip(jumps, propensities(n)):
    A[n, n] -= a
    if 0 <= n + nu < size:
        A[n + nu, n] += a""")  # fmt: skip
RIGHT_BY_ROWS = _program("adds for every row what comes from n - nu, and takes what leaves", """\
A[n, n] -= sum(propensities(n))
for r, nu in enumerate(jumps):
    if 0 <= n - nu < size:
        A[n, n - nu] += propensities(n - nu)[r]""")  # fmt: skip
SWAPPED = _program("loss minus gain", """\
for nu, a in zip(jumps, propensities(n)):
    A[n, n] += a
    if 0 <= n + nu < size:
        A[n + nu, n] -= a""")  # fmt: skip
TARGET = _program("takes the propensity of the state that is reached", """\
A[n, n] -= sum(propensities(n))
for r, nu in enumerate(jumps):
    if 0 <= n - nu < size:
        A[n, n - nu] += propensities(n)[r]""")  # fmt: skip
FORWARD = _program("looks for the source at n + nu", """\
A[n, n] -= sum(propensities(n))
for r, nu in enumerate(jumps):
    if 0 <= n + nu < size:
        A[n, n + nu] += propensities(n + nu)[r]""")  # fmt: skip
TRANSPOSED = _program("rows for columns", """\
for nu, a in zip(jumps, propensities(n)):
    A[n, n] -= a
    if 0 <= n + nu < size:
        A[n, n + nu] += a""")  # fmt: skip
HELD_BACK = _program("forgets the loss of what jumps beyond the last state", """\
for nu, a in zip(jumps, propensities(n)):
    if 0 <= n + nu < size:
        A[n, n] -= a
        A[n + nu, n] += a""")  # fmt: skip
OVERWRITES = _program("of two reactions with the same jump it keeps the gain of the last one only", """\
for nu, a in zip(jumps, propensities(n)):
    A[n, n] -= a
    if 0 <= n + nu < size and nu:
        A[n + nu, n] = a""")  # fmt: skip

SUSPECTS = (RIGHT, RIGHT_BY_ROWS, SWAPPED, TARGET, FORWARD, TRANSPOSED, HELD_BACK, OVERWRITES)
# For the hidden check: nothing ever happens, and so sums and signs are as they should be.
IDLE = tuple(
    _program(says, "propensities(n)")
    for says in ("gives a table of zeros", "asks for the propensities and forgets them", "lets nothing ever happen")
)
