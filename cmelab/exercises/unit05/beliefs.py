"""The beliefs T1 to T4 that unit 05 finds, and their variants."""
from __future__ import annotations

from ..misconception import Misconception

BELIEFS = (
    Misconception(
        "T1",
        "The number of laws is species minus reactions.",
        "A reaction runs backward, too. Does the second arrow take a law away that the first one left?",
        ("lattice", "laws-by-counting"),
    ),
    Misconception(
        "T2",
        "A law is a vector that S turns into zero: the right null space.",
        "A law has one weight for each ... what? And a vector v in S v?",
        ("lattice", "enzyme"),
        'cmelab.show("lattice", preset="enzyme", belief="laws are right null vectors")',
    ),
    Misconception(
        "T3",
        "What no linear law forbids is reached.",
        "2A -> 0 starts with nine. It has no linear law. Can there be eight?",
        ("lattice", "all-reached-believed"),
    ),
    Misconception(
        "T4",
        "The rates decide what is conserved, and who is left in the end.",
        "Turn all rates up: which discs change their place, and which cells leave their block?",
        ("lattice", "enzyme"),
        'cmelab.show("lattice", preset="enzyme", belief="rates make the laws")',
    ),
)

_EPIDEMIC = 'cmelab.show("lattice", network="S + I -> 2I ; k1\\nI -> R ; k2", n1={s}, n2={i}, n3=0, most=6)'

VARIANTS = {
    "T1:zero": ("Weights that change in no reaction are a law, and how many there are need not be counted.", ""),
    "T2:moves": ("The laws are the directions in which the state moves.", ""),
    "T3:class": ("A class promises what it allows: all of its states are reached.", _EPIDEMIC.format(s=4, i=2)),
    "T3:broken": ("Only a state that breaks a law is out of reach.",
                  'cmelab.show("lattice", preset="all-reached-believed")'),
    "T3:one-event": ("What is reached is what one event reaches.",
                     'cmelab.show("lattice", preset="parity")'),
    "T3:smallest": ("The smallest step alone makes the classes.",
                    'cmelab.show("lattice", preset="steps-of-two-and-three")'),
    "T3:one-way": ("A block holds what can be reached from its first state.",
                   'cmelab.show("lattice", preset="parity")'),
    "T3:one-jump": ("A block holds what is one jump away from its first state.",
                    'cmelab.show("lattice", preset="parity")'),
    "P6:nobody": ("A catalyst is not used up, so nobody asks whether it is there.", _EPIDEMIC.format(s=6, i=0)),
    "T4:slow": ("A slow reaction does not happen.", ""),
}  # fmt: skip
