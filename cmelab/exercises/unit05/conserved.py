"""5.1, 5.2 and 5.6: how many conservation laws there are, which, a test of them, and what they say about the end."""
from __future__ import annotations

from random import Random

import numpy as np

from ..exercise import Exercise
from ..ingredients import LIBRARY, rounded
from .algebra import left_null, rank, right_null, transposed
from .networks import DIMER, ENZYME, EPIDEMIC, GENE, INHIBITED, PAIRS, RECEPTOR, RING, WRITTEN, Matrix

CLOSED = (*LIBRARY, "structure", "compatibility_classes", "communicating_classes")
NETWORKS = tuple(WRITTEN)

# 5.1  How many -----------------------------------------------------------------------------------------

count = Exercise(
    id="5.1",
    title="How many laws?",
    topic="structure",
    points=2,
    kind="number",
    name="number_of_laws",
    reference=lambda network: len(WRITTEN[network]) - rank(WRITTEN[network]),
    wrong={
        "T1": lambda network: len(WRITTEN[network]) - len(WRITTEN[network][0]),
        "T2": lambda network: len(WRITTEN[network][0]) - rank(WRITTEN[network]),
    },
    given=lambda rng: {"network": rng.choice(NETWORKS)},
    default={"network": NETWORKS[0]},
    hints=(
        "How many of your columns are sums or differences of other columns?",
        'Run `cmelab.show("lattice", preset="laws-by-counting")` and compare its two counts. Which reaction of the '
        "enzyme brings no new direction?",
        "Write `S`, one row for each species and one column for each arrow (`<->` has two). "
        "Then `len(S) - np.linalg.matrix_rank(S)`.",
    ),
    why="Each law is one condition c S = 0 solved: d weights, less one for each independent column, d - rank(S). A "
        "reverse reaction, or one that closes a cycle, adds a column and no rank. For E + S <-> C, C -> E + P: 4 - 2.",
    implies={
        "T1": "Your {answer} takes away one law for each arrow of {network}. Cross out the backward arrows: "
              "would the remaining reactions keep more laws?",
        "T2": "Your {answer} counts the ways to fire reactions of {network} so that nothing has changed in the end. "
              "Is that a sum of counts that stays the same all the time?",
    },
    forbidden=CLOSED,
)

# 5.2  Which --------------------------------------------------------------------------------------------


def random_matrix(rng: Random) -> tuple[Matrix]:
    """A network that somebody might draw: 4 or 5 species, a chain of conversions, one of them back, and a binding."""
    d = rng.choice((4, 5))
    columns = []
    for i in range(d - 3):
        step = [0] * d
        step[i], step[i + 1] = -rng.choice((1, 2)), 1
        columns += [step, [-x for x in step]]
    binding = [0] * d
    binding[d - 3], binding[d - 2], binding[d - 1] = -1, -rng.choice((1, 2)), 1
    columns.append(binding)
    return (tuple(map(tuple, transposed(columns))),)


basis = Exercise(
    id="5.2",
    title="All conservation laws",
    topic="structure",
    points=4,
    kind="function",
    name="laws",
    look="row_space",
    reference=lambda S: left_null(S),
    wrong={
        "T2": lambda S: right_null(S),
        "T1": lambda S: left_null(S)[: max(0, len(S) - len(S[0]))],
        "T2:moves": lambda S: transposed(S),
    },
    probes=((ENZYME,), (PAIRS,), (DIMER,), (EPIDEMIC,), (RING,), (INHIBITED,), (RECEPTOR,), (GENE,)),
    secret=random_matrix,
    floor=1e-8,
    hints=(
        "A law has one weight for each species. From which side must it be multiplied with S?",
        "Take the enzyme of the lesson, `S = ((-1, 1, 1), (-1, 1, 0), (1, -1, -1), (0, 0, 1))`, and look at "
        "`np.linalg.svd(np.array(S))[0]`: which of its columns give zero on the left of S?",
        "`u, sizes, _ = np.linalg.svd(np.array(S, float))`, then `rank = int((sizes > 1e-9).sum())`, and "
        "`return u[:, rank:].T`.",
    ),
    why="Every row you return gives zero with each column of S, and together they span all such rows: the left null "
        "space, of dimension d - rank(S). The basis is your choice: 2 E + 2 C is the same law as E + C.",
    implies={
        "T2": "For the enzyme you give one row of 3 numbers, (1, 1, 0) or a multiple: fire 'bind' and 'let go' once "
              "each, and nothing has changed. A law weighs 4 species; which side of S has 4 entries?",
        "T1": "For the enzyme you give 4 - 3 = 1 row, and for A <-> B none at all. Does A + B change?",
        "T2:moves": "For A <-> B you give (-1, 1): B - A. One event takes A = 4, B = 2 to A = 3, B = 3; "
                    "has B - A stayed the same?",
    },
    forbidden=CLOSED,
)

# 5.2b  A test of programs that find laws ---------------------------------------------------------------

_SVD = "    S = np.array(S, float)\n    u, sizes, vt = np.linalg.svd(S)\n    rank = int((sizes > 1e-9).sum())\n"


def program(says: str, returns: str) -> str:
    """A finder of laws as text, with the sentence that tells a student what it is."""
    return f"def laws(S):\n    # {says}\n{_SVD}    return {returns}"


RIGHT = program("the left null space in a basis of its own, where c S is 1e-16 or so in place of 0", "u[:, rank:].T")
OTHER = program("the left null space in yet another basis", "2 * np.cumsum(u[:, rank:].T, axis=0)")
FEW = program("only species - reactions rows", "u[:, rank:].T[: max(0, len(S) - len(S[0]))]")
SCALED = program("one law missing", "3 * u[:, rank:].T[: max(0, len(S) - len(S[0]))]")
CYCLES = program("cycles for laws, cut to the number of species",
                 "np.pad(vt[rank:], ((0, 0), (0, len(S))))[:, : len(S)]")  # fmt: skip
MIXED = program("the right weights for the species in reverse order, as in the bug that shipped",
                "u[::-1, rank:].T")  # fmt: skip
SUM = program("always the sum of all counts", "np.ones((1, len(S)))")
ZEROS = program("rows of zeros, as many as there are laws", "np.zeros((len(S) - rank, len(S)))")


def _found(laws: object, S: Matrix) -> tuple[np.ndarray, np.ndarray]:
    matrix = np.array(S, float)
    return np.reshape(np.asarray(laws(S), float), (-1, len(matrix))), matrix  # type: ignore[operator]


def whole(laws: object) -> bool:
    """Rows that no reaction changes, independent, and d - rank of them."""
    c, S = _found(laws, ENZYME)
    independent_rows = int(np.linalg.matrix_rank(c)) if c.size else 0
    return bool(np.allclose(c @ S, 0)) and len(c) == independent_rows == len(S) - int(np.linalg.matrix_rank(S))


def only_zero(laws: object) -> bool:
    """Rows that no reaction changes; how many is not asked."""
    c, S = _found(laws, ENZYME)
    return bool(np.allclose(c @ S, 0))


def by_counting(laws: object) -> bool:
    """Rows that no reaction changes, as many as species minus reactions."""
    c, S = _found(laws, ENZYME)
    return bool(np.allclose(c @ S, 0)) and len(c) == len(S) - len(S[0])


tests = Exercise(
    id="5.2b",
    title="The bug that shipped",
    topic="structure",
    points=2,
    kind="function",
    name="good_laws",
    look="catches",
    reference=whole,
    wrong={"T1": by_counting, "T1:zero": only_zero},
    probes=((RIGHT,), (OTHER,), (MIXED,), (CYCLES,), (SUM,), (FEW,), (ZEROS,)),
    secret=lambda rng: (rng.choice((FEW, SCALED)),),
    hints=(
        "A program that finds nothing breaks no law. Would your test notice?",
        "Write three wrong programs yourself: `lambda S: []`, `lambda S: [[1] * len(S)]`, "
        "`lambda S: [[0] * len(S), [0] * len(S)]`. Which of them gets through your test for the enzyme?",
        "For one `S` with at least two laws, let `c = np.reshape(laws(S), (-1, len(S)))`. Return whether "
        "`np.allclose(c @ S, 0)` and `np.linalg.matrix_rank(c) == len(S) - np.linalg.matrix_rank(S)`, where c may be "
        "empty: `c.size` is 0 then.",
    ),
    why="Two things make a set of laws: no reaction changes them (c S = 0), and none is missing (d - rank(S) "
        "independent rows). You compare no numbers with a basis of your own, since every basis is as good.",
    implies={
        "T1": "Your test asks for 4 - 3 = 1 law of the enzyme, and so a right program with 2 fails it. "
              "Which of E + C and S + C + P does a reaction change?",
        "T1:zero": "A program that returns 1 of the 2 laws of the enzyme gets through, and so does one that returns "
                   "rows of zeros. What must be counted?",
    },
    forbidden=CLOSED,
)

# 5.6  The end ------------------------------------------------------------------------------------------


def batch(rng: Random) -> dict[str, float]:
    """An enzyme, its substrate and three rates; the last one between a tenth of k2 and as large."""
    e, s = rng.randint(2, 6), rng.randint(8, 30)
    k2 = rounded(rng, 1.0, 3.0)
    return {"e": e, "s": s, "k1": rounded(rng, 0.1, 1.0), "k2": k2, "k3": round(k2 * rng.uniform(0.1, 1.0), 2)}


ending = Exercise(
    id="5.6",
    title="Where does it end?",
    topic="structure",
    points=1,
    kind="numbers",
    name="end",
    reference=lambda e, s, k1, k2, k3: (e, 0, 0, s),
    wrong={
        "T4": lambda e, s, k1, k2, k3: (e, s * k2 / (k2 + k3), 0, s * k3 / (k2 + k3)),
        "T4:slow": lambda e, s, k1, k2, k3: (0, s - e, e, 0),
    },
    given=batch,
    default={"e": 4, "s": 18, "k1": 0.5, "k2": 2.0, "k3": 0.3},
    unit="molecules",
    hints=(
        "In which states can no reaction fire any more?",
        'Run `cmelab.show("lattice", preset="enzyme")`, click the discs along the edges, and find the state from which '
        "no reaction leads anywhere. Do the sliders of the rates move it?",
        "Nothing fires only when there is no C, and E or S is missing. E + C keeps its start, so E is `e`; "
        "then S is 0, and S + C + P keeps its start: P is `s`.",
    ),
    why="The state in which nothing fires has C = 0 and S = 0, and the two laws give the rest: E = e, P = s. The "
        "rates, as long as they are above 0, decide how long it takes, not where it ends.",
    implies={
        "T4": "Your end {answer} leaves S behind although there is E again. With E = {e} and such an S, "
              "is the propensity of E + S -> C zero?",
        "T4:slow": "In your end {answer} there are C left. C -> E + P has k3 = {k3}, and that is above 0. "
                   "Does a complex never react, however long it waits?",
    },
    forbidden=CLOSED,
)
