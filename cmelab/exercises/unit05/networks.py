"""Networks of the exercises: what is printed, and its stoichiometric matrix S, one row for each species."""
from __future__ import annotations

Matrix = tuple[tuple[int, ...], ...]

RECEPTOR: Matrix = ((-1, 1), (1, -1))  # A <-> B
PAIRS: Matrix = ((-2,),)  # 2A -> 0
DIMER: Matrix = ((-2, 2), (1, -1))  # 2A <-> D
ENZYME: Matrix = ((-1, 1, 1), (-1, 1, 0), (1, -1, -1), (0, 0, 1))  # E + S <-> C, C -> E + P
EPIDEMIC: Matrix = ((-1, 0), (1, -1), (0, 1))  # S + I -> 2I, I -> R
RING: Matrix = ((-1, 0, 1), (1, -1, 0), (0, 1, -1))  # A -> B, B -> C, C -> A
INHIBITED: Matrix = (  # E + S <-> C, C -> E + P, E + I <-> D; species E, S, C, P, I, D
    (-1, 1, 1, -1, 1), (-1, 1, 0, 0, 0), (1, -1, -1, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, -1, 1), (0, 0, 0, 1, -1),
)  # fmt: skip
GENE: Matrix = (  # G + P <-> R, G -> G + M, M -> 0, M -> M + P, P -> 0; species G, P, R, M
    (-1, 1, 0, 0, 0, 0), (-1, 1, 0, 0, 1, -1), (1, -1, 0, 0, 0, 0), (0, 0, 1, -1, 0, 0),
)  # fmt: skip

# How a network is written, and S. Species minus reactions, the laws and the cycles are three different numbers.
WRITTEN: dict[str, Matrix] = {
    "E + S <-> C, C -> E + P, E + I <-> D": INHIBITED,
    "G + P <-> R, G -> G + M, M -> 0, M -> M + P, P -> 0": GENE,
    "A -> B, B -> C, C -> A, A <-> D": ((-1, 0, 1, -1, 1), (1, -1, 0, 0, 0), (0, 1, -1, 0, 0), (0, 0, 0, 1, -1)),
    "A + B <-> C, B + C <-> D, D <-> F": (
        (-1, 1, 0, 0, 0, 0), (-1, 1, -1, 1, 0, 0), (1, -1, -1, 1, 0, 0), (0, 0, 1, -1, -1, 1), (0, 0, 0, 0, 1, -1),
    ),
    "2P <-> D, D + O <-> C, 0 -> P, P -> 0": (
        (-2, 2, 0, 0, 1, -1), (1, -1, -1, 1, 0, 0), (0, 0, -1, 1, 0, 0), (0, 0, 1, -1, 0, 0),
    ),
    "A <-> B, B <-> C, C <-> A, A + D <-> F": (
        (-1, 1, 0, 0, 1, -1, -1, 1), (1, -1, -1, 1, 0, 0, 0, 0), (0, 0, 1, -1, -1, 1, 0, 0),
        (0, 0, 0, 0, 0, 0, -1, 1), (0, 0, 0, 0, 0, 0, 1, -1),
    ),
}  # fmt: skip
