"""PairJar: molecules in a jar, every pair that can react drawn as a line and counted."""
from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..network import ReactionNetwork
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Mark, Panel, Reading, Scale, Selection, Text
from .typed_network import refusal
from .words import number

HOMO, HETERO = "2A → products", "A + B → products"
MOST, OMEGA = 12, (1.0, 12.0)
GROUND, RIM = -1.0, 0.9      # where the jars stand, and how full they are
MARGIN = 0.13                # from the wall to the middle of a molecule, in jar units
LAW = {HOMO: "d[A]/dt = −k[A]²", HETERO: "d[A]/dt = −k[A][B]"}

CONTROLS = (
    Control("reaction", "choice", "Reaction", HOMO, choices=(HOMO, HETERO), tip="which molecules meet"),
    Control("n_A", "int", "molecules of A", 5, 0, MOST),
    Control("n_B", "int", "molecules of B", 6, 0, MOST, when=("reaction", (HETERO,))),
    Control("omega", "float", "volume Ω", 3.0, *OMEGA, 0.5, tip="a count divided by Ω is a concentration"),
    Control("k", "float", "constant k", 0.6, 0.0, 2.0, 0.1, unit="Ω/s", tip="k of the rate equation below"),
    Control("seed", "int", "seed (places)", 1, 0, 99, tip="where the molecules happen to be; the count does not care"),
    Control("self_pairs", "switch", "a molecule can meet itself: count it with itself", False, belief="P1",
            tip="belief P1: n² in place of n(n−1)", when=("reaction", (HOMO,))),
    Control("twice", "switch", "1 with 2 and 2 with 1 are two pairs: count each pair twice", False, belief="P2",
            tip="belief P2: the factor ½ left out", when=("reaction", (HOMO,))),
    Control("pooled", "switch", "a pair is a pair, whatever its colours: count all molecules as one kind", False,
            belief="P4", tip="belief P4: n(n−1)/2 of all molecules", when=("reaction", (HETERO,))),
)
PRESETS: dict[str, Values] = {
    "start": {},
    "one-molecule": {"n_A": 1},
    "self-pairs": {"n_A": 1, "self_pairs": True},
    "count-twice": {"twice": True},
    "two-colours": {"reaction": HETERO, "n_A": 4, "n_B": 6},
    "pooled-colours": {"reaction": HETERO, "n_A": 4, "n_B": 6, "pooled": True},
    "big-jar": {"omega": OMEGA[1]},
    "empty": {"n_A": 0},
}
ABOUT = (
    "Left, a jar: each disc is a molecule, and each green line joins two that could meet and react now. Right, the same "
    "pairs as squares of a table: a molecule for each row, its partner for each column.",
    "A propensity counts the pairs, times the chance per second that one given pair reacts, k/Ω. In a larger jar a pair "
    "meets less often; the number of pairs stays.",
    "The mixture is well stirred: where the molecules are does not matter. The seed moves them, and the count stays.",
    "Purple, dashed, crossed: what a wrong rule counts although it is no pair. Click a molecule to see its own lines.",
    "Convention: k belongs to d[A]/dt = −k[A]² for 2A → products, and to d[A]/dt = −k[A][B] for A + B → products.",
)


def counted(values: Values) -> tuple[float, float]:
    """(pairs there are, pairs counted with the beliefs switched on)."""
    a, b = values["n_A"], values["n_B"]
    if values["reaction"] == HETERO:
        return float(a * b), float((a + b) * (a + b - 1) // 2 if values["pooled"] else a * b)
    itself = a / 2 if values["self_pairs"] else 0.0
    right = float(a * (a - 1) // 2)
    return right, (right + itself) * (2 if values["twice"] else 1)


def jar(values: Values, reveal: bool = True) -> Bank:
    """One frame: the jar with its lines, the table of pairs, and the formula with the numbers filled in."""
    right, wrong = counted(values)
    hetero = values["reaction"] == HETERO
    n_a, n_b = values["n_A"], values["n_B"] if hetero else 0
    half = (values["omega"] / OMEGA[1])**(1 / 3)
    where = _spread(values["seed"], half)
    spots = np.vstack([where[:n_a], where[MOST:MOST + n_b]])
    size = 1.1 * min(1.0, 1.15 * np.sqrt(4 * half**2 / max(len(spots), 1)))
    panel = Panel("jar", Scale(-1.1, 1.1), Scale(-1.1, 1.1), (0, 0, 0.5 if reveal else 1, 1), bare=True, equal=True,
                  title=f"Jar of volume Ω = {number(values['omega'])}")
    molecules = [
        Mark("dots", "jar", {"x": spots[:n_a, 0], "y": spots[:n_a, 1]}, "red", size, legend="molecule of A",
             texts=tuple(str(i + 1) for i in range(n_a))),
        Mark("dots", "jar", {"x": spots[n_a:, 0], "y": spots[n_a:, 1]}, "blue", size, shape="square",
             texts=tuple(str(i + 1) for i in range(n_b)), legend="molecule of B" if hetero else ""),
    ]
    each = number(values["k"] / values["omega"])
    question = f"Each pair reacts k/Ω = {each} times per second. How many reactions per second are there?"
    if not reveal:
        return Bank((panel,), (*_glass(half), *molecules), Text(_seen(values) + " The pairs are hidden."), question=question)
    pairs = _pairs(values, n_a, n_b)
    names = tuple(f"A{i + 1}" if hetero else f"molecule {i + 1}" for i in range(n_a)) + tuple(f"B{i + 1}" for i in range(n_b))
    selection = Selection(("jar",), spots[:, 0], names, _told(values, names), spots[:, 1], noun="molecule")
    table, squares = _table(values, pairs, n_a, n_b, right, wrong)
    return Bank((panel, table), (*_glass(half), *_lines(pairs, spots, size), *molecules, *squares),
                Text(_caption(values, right, wrong)), _readings(values, right, wrong), selection=selection,
                notice=_notice(right, wrong), question=question, answer=values["k"] / values["omega"] * right, unit="per second")


def _pairs(values: Values, n_a: int, n_b: int) -> dict[str, list[tuple[int, int]]]:
    """Positions that are joined: rightly, once too often, with themselves, or across the wrong colours."""
    if n_b or values["reaction"] == HETERO:
        right = list(itertools.product(range(n_a), range(n_a, n_a + n_b)))
        same = [*itertools.combinations(range(n_a), 2), *itertools.combinations(range(n_a, n_a + n_b), 2)]
        return {"right": right, "again": [], "self": [], "same": same if values["pooled"] else []}
    right = list(itertools.combinations(range(n_a), 2))
    return {"right": right, "again": right if values["twice"] else [], "same": [],
            "self": [(i, i) for i in range(n_a)] if values["self_pairs"] else []}


def _glass(half: float) -> list[Mark]:
    """A jar with a rounded bottom and a lip, and what is in it."""
    turn, round_ = np.linspace(0, np.pi / 2, 12), 0.25 * half
    x, y = half - round_ + round_ * np.sin(turn), GROUND + round_ - round_ * np.cos(turn)
    x, y = np.r_[x, half], np.r_[y, GROUND + 2 * half * RIM]
    top = GROUND + 2 * half
    wall_x, wall_y = np.r_[x[:-1], half, half + 0.04], np.r_[y[:-1], top - 0.03, top]
    both = [np.r_[-side[::-1], side] for side in (x, wall_x)]
    return [Mark("area", "jar", {"x": both[0], "y": np.r_[y[::-1], y], "alpha": [0.16]}, "sky"),
            Mark("line", "jar", {"x": both[1], "y": np.r_[wall_y[::-1], wall_y]}, "faint", width=2.0)]


def _lines(pairs: dict[str, list[tuple[int, int]]], spots: NDArray, size: float) -> list[Mark]:
    """Green lines for pairs, purple dashes and rings for what is no pair, thick ones for the molecule chosen."""
    ends, again = _ends(pairs["right"], spots), _ends(pairs["again"], spots)
    along = again[:, 2:] - again[:, :2]
    side = np.stack([-along[:, 1], along[:, 0]], 1) / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    wrong = np.vstack([again + 0.03 * np.hstack([side, side]), _ends(pairs["same"], spots)])
    alone = spots[[i for i, _ in pairs["self"]]].reshape(-1, 2)
    mine = [(i, j) for pair in pairs["right"] for i, j in (pair, pair[::-1])]
    far = "counted once more" if pairs["again"] else "two of one colour"
    return [
        _segments(wrong, "purple", 1.0, dash=True, legend=f"no new pair: {far}" if len(wrong) else ""),
        _segments(ends, "green", 1.1, legend="a pair that can react" if len(ends) else ""),
        _segments(_ends(mine, spots), "ink", 2.0, owner=tuple(i for i, _ in mine)),
        Mark("dots", "jar", {"x": alone[:, 0] + 0.08, "y": alone[:, 1] + 0.11}, "purple", 0.9 * size, 1.4, hollow=True,
             legend="no pair: a molecule with itself" if len(alone) else ""),
        Mark("dots", "jar", {"x": spots[:, 0], "y": spots[:, 1]}, "ink", 1.35 * size, 1.6, hollow=True,
             owner=tuple(range(len(spots)))),
    ]


def _ends(pairs: list[tuple[int, int]], spots: NDArray) -> NDArray[np.float64]:
    return np.array([[*spots[i], *spots[j]] for i, j in pairs], float).reshape(-1, 4)


def _segments(ends: NDArray, colour: str, width: float, **more: Any) -> Mark:
    return Mark("segments", "jar", dict(zip(("x0", "y0", "x1", "y1"), ends.T, strict=True)), colour, width=width, **more)


def _table(values: Values, pairs: dict[str, list[tuple[int, int]]], n_a: int, n_b: int, right: float,
           wrong: float) -> tuple[Panel, list[Mark]]:
    """The pairs as squares: rows and columns are molecules."""
    hetero, pooled = values["reaction"] == HETERO, bool(pairs["same"])
    rows = n_a + n_b if pooled else n_a
    columns, first = (rows, 0) if pooled or not hetero else (n_b, n_a)
    letters = [f"A{i + 1}" for i in range(n_a)] + [f"B{i + 1}" for i in range(n_b)] if hetero else \
        [str(i + 1) for i in range(n_a)]
    every = 1 if max(rows, columns) <= MOST else 2
    x = Scale(0.4, max(columns, 1) + 0.6, "partner", tuple((i + 1, letters[first + i]) for i in range(0, columns, every)))
    y = Scale(0.4, max(rows, 1) + 0.6, "molecule", tuple((rows - i, letters[i]) for i in range(0, rows, every)))
    title = f"Pairs: {right:g}" + (f", and {number(wrong - right)} that are none" if wrong != right else "")
    panel = Panel("table", x, y, (0.5, 0, 1, 1), equal=True, title=title)
    high = 1.0 if values["twice"] else 0.5  # n²/2 counts each molecule with itself for half a pair
    extra = [*((j, i) for i, j in pairs["again"]), *pairs["same"]]
    grid = list(itertools.product(range(rows), range(first, first + columns)))
    marks = [_cells(grid, rows, first, "grid", hollow=True), _cells(pairs["right"], rows, first, "green"),
             _cells(extra, rows, first, "purple"), _cells(pairs["self"], rows, first, "purple", high)]
    crossed = np.array([*extra, *pairs["self"]], float).reshape(-1, 2)
    marks.append(Mark("dots", "table", {"x": crossed[:, 1] - first + 1, "y": rows - crossed[:, 0]}, "ink",
                      min(0.45, 4.0 / max(rows, columns, 1)), 1.2, shape="cross"))
    return panel, marks


def _cells(pairs: list[tuple[int, int]], rows: int, first: int, colour: str, high: float = 1.0, **more: Any) -> Mark:
    at = np.array(pairs, float).reshape(-1, 2)
    x, y = at[:, 1] - first + 1, rows - at[:, 0]
    return Mark("cells", "table", {"x0": x - 0.46, "y0": y - 0.46, "x1": x + 0.46, "y1": y - 0.46 + 0.92 * high}, colour,
                width=0.8, **more)


def _rate(a: float) -> str:
    """A rate with a decimal: 2.0, not 2, which would look like a count."""
    text = number(a)
    return text if "." in text or a >= 100 else f"{text}.0"


def _readings(values: Values, right: float, wrong: float) -> tuple[Reading, ...]:
    n, m, k, omega = values["n_A"], values["n_B"], values["k"], values["omega"]
    c, each = k / omega, f"{number(k)}/{number(omega)}"
    hetero = values["reaction"] == HETERO
    pairs, filled = ("n_A · n_B", f"{n} · {m}") if hetero else ("n(n−1)/2", f"{n} · {max(n - 1, 0)} / 2")
    law = f"Reactions per second: {values['reaction']}, {LAW[values['reaction']]}"
    readings = [Reading(law, Text(_rate(c * right)),
                        f"a = (k/Ω) · {pairs} = {each} · {filled} = {number(c)} · {right:g} pairs", "right")]
    if wrong != right:
        total = n + m
        rule = f"{total} · {total - 1} / 2" if hetero else f"{n} · {n}" if values["self_pairs"] and values["twice"] else \
            f"{n} · {n} / 2" if values["self_pairs"] else f"{n} · {n - 1}"
        readings.append(Reading("With this belief", Text(_rate(c * wrong)),
                                f"{each} · {rule} = {number(c)} · {number(wrong, '4')} “pairs”", "wrong"))
    return tuple(readings)


def _notice(right: float, wrong: float) -> str:
    if wrong == right:
        return ""
    return f"A wrong rule is switched on: it counts {number(wrong, '4')} where there {_are(right)}."


def _are(pairs: float) -> str:
    return "is 1 pair" if pairs == 1 else f"are {pairs:g} pairs"


def _seen(values: Values) -> str:
    n, m = values["n_A"], values["n_B"]
    what = f"{n or 'no'} molecule{'' if n == 1 else 's'} of A"
    if values["reaction"] == HETERO:
        what += f" and {m or 'no'} molecule{'' if m == 1 else 's'} of B"
    return f"A jar of volume {number(values['omega'])} holds {what}."


def _caption(values: Values, right: float, wrong: float) -> str:
    c = values["k"] / values["omega"]
    if right:
        text = f"There {_are(right)} that can react, each {number(c)} times per second: {_rate(c * right)} reactions per second."
    else:
        text = "No pair can react: 0 reactions per second."
    if wrong != right:
        text += f" The wrong rule counts {number(wrong, '4')} and says {_rate(c * wrong)}."
    return f"{_seen(values)} {text}"


def _told(values: Values, names: tuple[str, ...]) -> Text:
    """What is said of the molecule chosen."""
    n, m = values["n_A"], values["n_B"]
    if values["reaction"] == HETERO:
        partners = tuple(f"{m} of B" if name[0] == "A" else f"{n} of A" for name in names)
        return Text(f"{{name}} can meet {{partners}}. Every pair has one end of each kind, so none is counted twice: "
                    f"{n} · {m} = {n * m}.", words={"name": names, "partners": partners})
    if n == 1:
        return Text("{name} has nobody to meet.", words={"name": ("The molecule",)})
    return Text(f"{{name}} can meet {n - 1} other{'s' * (n > 2)}. {n} · {n - 1} = {n * (n - 1)} ends of lines, two to a "
                f"line: {n * (n - 1) // 2} pair{'s' * (n > 2)}.", words={"name": tuple(s.capitalize() for s in names)})


@lru_cache(maxsize=64)
def _unit_places(seed: int) -> NDArray[np.float64]:
    """24 places in the unit square: each the best of 60 tries, far from the others and from the lines between them."""
    rng = np.random.default_rng(seed)
    places = np.zeros((2 * MOST, 2))
    for i in range(len(places)):
        tries = rng.uniform(0, 1, (60, 2))
        score = np.linalg.norm(tries[:, None] - places[None, :i], axis=2).min(axis=1) if i else np.zeros(60)
        if 2 <= i < MOST:  # those of B have more lines to avoid than there is room for
            a, b = (places[list(side)] for side in zip(*itertools.combinations(range(i), 2), strict=True))
            score = np.minimum(score, 3 * _clearance(tries, a, b))
        places[i] = tries[score.argmax()]
    return places


def _clearance(points: NDArray, a: NDArray, b: NDArray) -> NDArray[np.float64]:
    """Distance from each point to the nearest of the straight lines through a and b."""
    along = (b - a) / np.linalg.norm(b - a, axis=1, keepdims=True)
    away = points[:, None] - a[None]
    return np.abs(away[..., 0] * along[:, 1] - away[..., 1] * along[:, 0]).min(axis=1)


def _spread(seed: int, half: float) -> NDArray[np.float64]:
    """The places in a jar of this half width: first those of A, then those of B."""
    width, height = 2 * half - 2 * MARGIN, 2 * half * RIM - 2 * MARGIN
    return _unit_places(seed) * [width, height] + [-width / 2, GROUND + MARGIN]


def takes(network: ReactionNetwork) -> str:
    """Why this network does not fit into the jar; "" where it does."""
    fits = len(network.reactions) == 1 and network.reactions[0].order == 2 and not network.reactions[0].custom
    return "" if fits else "it takes one reaction of two molecules"


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` gives the counts, the reaction and k; counts of B alone choose A + B."""
    values = dict(options)
    if (network := values.pop("network", None)) is not None:
        network = network if isinstance(network, ReactionNetwork) else ReactionNetwork.parse(network)
        if reason := takes(network):
            raise refusal("pair-jar", network, reason, "2A -> B ; 0.2")
        reaction = network.reactions[0]
        counts = [int(network.counts.get(name, 0)) for name in reaction.reactants]
        omega = float(values.get("omega", network.volume or 3.0))
        values = {"reaction": HOMO if len(counts) == 1 else HETERO, "omega": omega, "k": reaction.rate * omega,
                  "n_A": counts[0], "n_B": counts[-1]} | values
    elif values.get("n_B", 0) and "reaction" not in values:
        values["reaction"] = HETERO
    return values


PairJar = Design("pair-jar", "Pair jar", ABOUT, lambda values: CONTROLS, PRESETS, jar, adjust, takes=takes)
