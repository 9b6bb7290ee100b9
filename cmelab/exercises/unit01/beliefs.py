"""The beliefs P1 to P8 that unit 01 finds, and their variants."""
from __future__ import annotations

from ..misconception import Misconception

BELIEFS = (
    Misconception(
        "P1",
        "A molecule can meet itself: it has n partners, not n - 1.",
        "How many pairs can you draw in a jar that holds one molecule?",
        ("pair-jar", "self-pairs"),
    ),
    Misconception(
        "P2",
        "The pair (1, 2) and the pair (2, 1) are two pairs: the factor ½ is left out.",
        "How many lines join three molecules, each two of them once?",
        ("pair-jar", "count-twice"),
    ),
    Misconception(
        "P3",
        "The volume does not matter, or it enters upside down.",
        "The same molecules in a jar twice as large: do two of them meet more often, or less?",
        ("pair-jar", "big-jar"),
    ),
    Misconception(
        "P4",
        "Pairs of two kinds of molecules are counted like pairs of one kind.",
        "Four red and six blue molecules: how many lines join a red one to a blue one?",
        ("pair-jar", "two-colours"),
    ),
    Misconception(
        "P5",
        "A propensity is a probability as soon as it is multiplied with dt, however long dt is.",
        "A propensity can be 40. Can a probability? And can 40 dt, when dt is 0.1?",
        ("hazard-limit", "long-dt"),
    ),
    Misconception(
        "P6",
        "A catalyst is not used up, so it is not in the propensity.",
        "How often does a reaction fire that needs a catalyst, when there is none?",
        ("pair-jar", "two-colours"),
    ),
    Misconception(
        "P7",
        "The 2 of 2A belongs in the propensity and in ν, so it is used twice.",
        "One event takes away two molecules. How many events, and how many molecules, are lost per second?",
        ("flux-bars", "dimerisation"),
    ),
    Misconception(
        "P8",
        "The constant k of the rate law and the constant c of the propensity are the same number.",
        "Two conventions give the same reaction two constants. Which factor lies between them?",
        ("rate-translator", "k-is-c"),
    ),
)


def _order(reaction: str, state: str) -> str:
    """A line that shows one propensity in two volumes."""
    net = f'cmelab.ReactionNetwork.parse("{reaction} ; 0.6", convention="macroscopic", volume=v)'
    return f"[{net}.propensities({state})[0] for v in (3, 6)]"


def _losses(equation: str, simulator: str) -> str:
    """A line that sets the loss of the rate equation beside that of the simulator, for k = 0.6 and Ω = 3."""
    return f"[({equation} * n**2, {simulator}) for n in (10, 1000)]  # A lost per second: equation, your simulator"


_HALVED, _WHOLE = "2 * {c} * n * (n - 1) / 2", "2 * {c} * n * (n - 1)"
_ONCE, _TWICE = "0.6 / 3", "2 * 0.6 / 3"
_MOLAR = "6.02214076e23 * 1e-15  # molecules in a cell of 1e-15 litre at 1 mol per litre"

VARIANTS = {
    "P1:whole": ("A molecule can meet itself, and that is one more meeting for each: n(n + 1)/2.", ""),
    "P2:orders": ("Each order in which the same molecules are drawn is a meeting of its own: nothing is divided.", ""),
    "P2:part": ("The same m molecules can be drawn in m orders, so dividing by m is enough.", ""),
    "P2:unseen": ("A test with sets of one or two molecules, or with too few molecules for a set, can show the bug.",
                  "[(m, int(np.prod(range(1, m + 1)))) for m in (1, 2, 3, 4)]  # m and m!"),
    "P3:ignored": ("The volume does not matter.", ""),
    "P3:inverted": ("The volume enters upside down: molecules react more often when they have more room.",
                    'cmelab.show("rate-translator", preset="volume-inverted")'),
    "P3:always": ("Every propensity is divided by the volume once, whatever the order.", _order("A -> B", "[5, 0]")),
    "P3:density": ("Events in one unit of volume are all events: the propensity is the rate law itself.",
                   _order("0 -> A", "[5]")),
    "P3:source": ("What is made from nothing does not know the volume.", _order("0 -> A", "[5]")),
    "P3:counts": ("You grew the volume but kept the counts.", ""),
    "P4:half": ("The half of 2A (or 1/m!) is always there, also where all molecules are of different kinds.", ""),
    "P4:pooled": ("All molecules count as one kind: any two of them can react.",
                  'cmelab.show("pair-jar", preset="pooled-colours")'),
    "P4:one-colour": ("A meets A, and B meets B.", ""),
    "P5:rate": ("A propensity is a probability.",
                'cmelab.show("hazard-limit", preset="forty-is-no-probability")'),
    "P5:none": ("exp(-a dt) is the chance that something happens.", "[np.exp(-40 * dt) for dt in (0, 0.01, 0.1)]"),
    "P5:one": ("At least one event is exactly one.",
               "[40 * dt * np.exp(-40 * dt) for dt in (0.01, 0.1, 1)]  # can watching longer make it less likely?"),
    "P6:scaled": ("A catalyst is not used up, so it is not in the propensity; only the volume is.", ""),
    "P7:forgotten": ("Events per second and molecules lost per second are the same number.", ""),
    "P8:two": ("The 2 of 2A belongs in the constant.", _losses(_ONCE, _HALVED.format(c=0.4))),
    "P8:half": ("The half of n(n - 1)/2 belongs in the constant, too.", _losses(_ONCE, _HALVED.format(c=0.1))),
    "P8:copied": ("The constant of n(n - 1)/2 serves n(n - 1) as well.", _losses(_ONCE, _WHOLE.format(c=0.2))),
    "P8:volume": ("The half that is missing goes into k, and the volume is left out.",
                  _losses(_ONCE, _WHOLE.format(c=0.3))),
    "P8:other-way": ("A half that is left out of the formula comes back as a 2 in the constant.",
                     _losses(_ONCE, _WHOLE.format(c=0.4))),
    "P8:same": ("The 2 of this rate equation changes nothing.", _losses(_TWICE, _HALVED.format(c=0.2))),
    "P8:four": ("The 2 belongs in the constant twice: for the equation, and for the molecules lost per event.",
                _losses(_TWICE, _HALVED.format(c=0.8))),
    "P8:litres": ("Litres are enough to get from moles to molecules: N_A is left out.", _MOLAR),
    "P8:avogadro": ("N_A alone gets from moles to molecules: the volume is left out.", _MOLAR),
}  # fmt: skip
