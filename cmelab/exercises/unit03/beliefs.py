"""The beliefs C1 to C6 that unit 03 finds, and their variants."""
from __future__ import annotations

from ..misconception import Misconception

BELIEFS = (
    Misconception(
        "C1",
        "dP/dt is loss minus gain.",
        "All cells are in one box. Does that box fill, and can the empty one beside it lose cells?",
        ("flux-bars", "swapped"),
    ),
    Misconception(
        "C2",
        "The gain of a state uses the propensity of that state, not of the state the cell comes from.",
        "A cell jumps from 10 to 9. How many molecules does it have when that happens, 10 or 9?",
        ("flux-bars", "target-weight"),
    ),
    Misconception(
        "C3",
        "The gain of state n comes from n + ν.",
        "A reaction adds ν. If the cell is in n afterwards, where was it before?",
        ("flux-bars", "pure-death"),
    ),
    Misconception(
        "C4",
        "It does not matter which way round the generator is written: rows for columns.",
        "What leaves a state is spread over others. Do all these numbers stand in one row, or in one column?",
        ("flux-bars", "transposed"),
    ),
    Misconception(
        "C5",
        "The master equation is random or not linear: solved twice it differs, or mixed starts disturb each other.",
        "Which random number enters the equation, and what does one cell know of the others?",
        ("flux-bars", "birth-death"),
        "[cmelab.solve(cmelab.models.birth_death(4, 1, 10), [0.3]).p.max() for _ in range(3)]  # three times",
    ),
    Misconception(
        "C6",
        "Cutting off large counts changes nothing: one may do it anywhere.",
        "A cell jumps beyond the last state kept. Where is it in your table?",
        ("bathtub", "overflowing"),
    ),
)

_SIX = "cmelab.enumerate_states(cmelab.models.birth_death(4, 1), bounds=5)"
_TABLE = f"cmelab.generator(cmelab.models.birth_death(4, 1), {_SIX})"

VARIANTS = {
    "C1:net": ("A state loses only the difference of decay and production.",
               'cmelab.show("flux-bars", preset="birth-death", t=0.0, n=10)'),
    "C1:gain": ("What arrives is all: nothing is taken away from where it came.",
                f"{_TABLE}.sum(axis=0)  # each column: what arrives minus what leaves"),
    "C1:gone": ("What leaves a state is gone: it arrives nowhere.",
                'cmelab.show("flux-bars", preset="pure-death")'),
    "C1:stays": ("A cell that makes a molecule stays in its box.",
                 'cmelab.show("flux-bars", preset="birth-death", t=0.0, n=10)'),
    "C1:overwritten": ("Two reactions never lead from one state to the same other state.", ""),
    "C1:mute": ("A test has tested as soon as it has computed.",
                "np.allclose([4.0], [5.0])  # says False, and stops nothing"),
    "C1:sums": ("A generator is right when its columns sum to zero.", ""),
    "C2:each": ("How often a box is left does not depend on how many molecules its cells hold.",
                'cmelab.show("flux-bars", preset="pure-death")'),
    "C2:bare": ("A flow is a propensity: how many cells are in the state does not count.",
                'cmelab.show("flux-bars", preset="birth-death", t=0.0, n=9)'),
    "C2:signs": ("A generator is right when its rates are positive and its diagonal is negative.", ""),
    "C4:rows": ("The rows of a generator sum to zero.",
                f"[{_TABLE}.sum(axis=i) for i in (0, 1)]  # sums of columns, sums of rows"),
    "C5:straight": ("A linear equation has a solution that is a straight line in time.",
                    "[cmelab.exact.pure_death(5, t, 0.5, 5) for t in (0, 1, 2, 3)]  # P(5, t) from 5"),
    "C5:entries": ("The exponential of a table is taken entry by entry.",
                   "np.exp(np.array([[-1.0, 0.0], [1.0, 0.0]])).sum(axis=0)  # the columns should sum to 1"),
    "C5:average": ("Cells that begin differently behave, taken together, like cells that begin with the average.",
                   "[cmelab.exact.pure_death(10, 0.3, 1.0, n0) for n0 in (10, 2, 18)]  # P(10) from 10, 2, 18"),
    "C5:half": ("Two kinds of start are always mixed half and half.",
                "[w * 0.3 + (1 - w) * 0.1 for w in (0, 0.25, 0.5, 1)]  # 0.3 and 0.1, by the share w of the first"),
    "C5:crossed": ("It does not matter which kind of start has which share.",
                   "[w * 0.3 + (1 - w) * 0.1 for w in (0.25, 0.75)]  # 0.3 and 0.1, the shares exchanged"),
    "C5:one": ("A share among many cells varies as much as one cell does.",
               "[(0.1 * 0.9 / cells) ** 0.5 for cells in (1, 100, 10000)]  # of a share of 0.1"),
    "C5:number": ("A share of many cells varies as much as the number of cells does.",
                  "[(0.1 * 0.9 * cells) ** 0.5 / cells for cells in (1, 100, 10000)]  # of a share of 0.1"),
    "C5:squared": ("The standard deviation is the variance.",
                   "np.array([0.0, 2.0]).std(), np.array([0.0, 20.0]).std()  # it grows as the numbers do"),
    "C6:held": ("What would jump beyond the last state stays where it is.", ""),
    "C6:piled": ("What would jump beyond the last state lands in the last state.", ""),
    "C6:rescaled": ("Dividing by the sum repairs what was cut off.", ""),
    "C6:tail": ("What is lost is only what would be above the edge at the end.", ""),
    "C6:closed": ("Every column of a generator sums to zero, wherever it is cut.", f"{_TABLE}.sum(axis=0)"),
    "C6:edge": ("What happens at the edge needs no test.", f"{_TABLE}.toarray()[:, -1]  # the last column"),
}  # fmt: skip
