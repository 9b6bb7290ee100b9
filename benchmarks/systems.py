"""The eight networks every simulator is timed on: text, initial counts, end of the time grid."""
from __future__ import annotations

import numpy as np

from cmelab import ReactionNetwork

POINTS = 101
RING = "\n".join(f"0 -> m{i} ; a = 0.0005 + 0.5/(1 + (p{(i - 1) % 3}/40)^2)\nm{i} -> 0 ; 0.005776\n"
                 f"m{i} -> m{i} + p{i} ; 0.11552\np{i} -> 0 ; 0.0011552" for i in range(3))
CHAIN = "0 -> S0 ; 10\n" + "\n".join(f"S{i} -> {f'S{i + 1}' if i < 49 else 0} ; 1" for i in range(50))
TOGGLE = "0 -> U ; a = 50/(1 + (V/10)^2)\nU -> 0 ; 1\n0 -> V ; a = 50/(1 + (U/10)^2)\nV -> 0 ; 1"
SYSTEMS = {
    "birth-death": ("0 -> A ; 10\nA -> 0 ; 0.1", {}, 1000.0),
    "dimerisation": ("2P <-> D ; 1.66e-3, 0.2", {"P": 301}, 100.0),
    "Michaelis-Menten": ("S + E <-> C ; 1.66e-3, 1e-4\nC -> E + P ; 0.1", {"S": 301, "E": 120}, 50.0),
    "toggle": (TOGGLE, {}, 100.0),
    "repressilator": (RING, {"m0": 10}, 10_000.0),
    "Schlogl": ("2X -> 3X ; 0.03\n3X -> 2X ; 1e-4\n0 -> X ; 200\nX -> 0 ; 3.5", {"X": 250}, 10.0),
    "50-species chain": (CHAIN, {}, 100.0),
    "SIR": ("S + I -> 2I ; 0.0003\nI -> R ; 0.1", {"S": 990, "I": 10}, 160.0),
}


def network(name: str) -> ReactionNetwork:
    text, initial, _ = SYSTEMS[name]
    return ReactionNetwork.parse(text, initial=initial)


def grid(name: str) -> np.ndarray:
    return np.linspace(0.0, SYSTEMS[name][2], POINTS)
