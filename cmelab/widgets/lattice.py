"""Lattice: which counts can be reached at all, by stoichiometry alone, and the blocks of the generator beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import NetworkError
from ..network import ReactionNetwork
from ..structure import Structure, combination, compatibility_classes, structure
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Mark, Panel, Reading, Scale, Selection, Text, scale
from .typed_network import Fit
from .words import number

RIGHT, COUNTED, CYCLES, EVERYWHERE, BY_RATES = (
    "what the stoichiometry says",
    "laws = species − reactions",
    "laws are right null vectors",
    "no linear law: all is reached",
    "rates make the laws",
)
BY_CLASS, BY_COUNT = "by class", "by count"
MOST, SPECIES, DIMERS = 12, 4, "2A -> 0 ; k"

PRESETS: dict[str, Values] = {
    "parity": {"network": DIMERS, "n1": 9, "most": 10},
    "parity-even": {"network": DIMERS, "n1": 10, "most": 10},
    "receptor": {"network": "A <-> B ; k1, k2", "n1": 4, "n2": 2, "most": 7},
    "dimer": {"network": "2A <-> B ; k1, k2", "n1": 6, "n2": 1, "most": 8},
    "enzyme": {"network": "E + S <-> C ; k1, k2\nC -> E + P ; k3", "n1": 3, "n2": 6, "most": 8},
    "birth-death": {"network": "0 -> M ; k\nM -> 0 ; g", "n1": 2, "most": 10},
    "steps-of-two-and-three": {"network": "0 -> 2A ; k1\n3A -> 0 ; k2", "n1": 1, "most": 11},
    "pairs-made-and-lost": {"network": "0 <-> 2A ; k1, k2\nB <-> 0 ; k3, k4", "n1": 3, "n2": 2, "most": 7},
    "all-reached-believed": {"network": DIMERS, "n1": 9, "most": 10, "belief": EVERYWHERE},
    "laws-by-counting": {"network": "E + S <-> C ; k1, k2\nC -> E + P ; k3", "n1": 3, "n2": 6, "most": 8,
                         "belief": COUNTED},
}
ABOUT = (
    "Left: every point is a state, one count on each axis. Full blue discs can be reached from the start (the ring), "
    "pale ones later. The film fires one more reaction at a time.",
    "States of one colour and sign form a class: their differences are whole-number combinations of the reactions. No "
    "reaction leads from one class to another. Hollow blue: the class of the start, but no path leads there.",
    "The dashed lines are the linear conservation laws. A class can be smaller than what the laws allow: 2A → 0 keeps "
    "no linear law, and yet odd counts stay odd. The lattice index says how many classes share the same laws.",
    "Right: the generator, one row and one column for each state; green a rate into the row's state, red frames the "
    "loss on the diagonal. Grouped by class it falls into blocks. Rates change the shades, never the blocks.",
    "With more than two species, only the states that share the linear laws of the start are drawn.",
)
# Classes other than that of the start, in the order of appearance.
OTHERS = (("orange", "square"), ("green", "triangle"), ("purple", "cross"), ("red", "square"))


def controls(values: Values) -> tuple[Control, ...]:
    """A count at the start for each species, and a slider for each rate."""
    read = FIT.read(values.get("network", DIMERS), values)
    starts = (Control(f"n{i}", "int", f"{s} at t = 0", 2 if i < 3 else 0, 0, MOST)
              for i, s in enumerate(read.net.species, 1))
    return (
        Control("network", "text", "Network", DIMERS, tip="one reaction a line; press Tab to leave the box and apply"),
        *starts,
        Control("most", "int", "largest count", 10, 2, MOST, tip="the box of states that is drawn"),
        *read.sliders(),
        Control("order", "choice", "States in the matrix", BY_CLASS, choices=(BY_CLASS, BY_COUNT)),
        Control("belief", "choice", "Believe", RIGHT, choices=(RIGHT, COUNTED, CYCLES, EVERYWHERE, BY_RATES),
                belief="T1 T2 T3 T4", tip="T1: laws by counting. T2: cycles for laws. T3: parity forgotten. T4: rates"),
    )


@dataclass(frozen=True)
class Points:
    """The states drawn: counts (N, S), place (N, 2), class (N,), steps from the start (N,; -1 never), matrix (N, N)."""

    states: NDArray[np.int64]
    place: NDArray[np.int64]
    label: NDArray[np.int64]
    depth: NDArray[np.int64]
    matrix: NDArray[np.float64]
    start: int


def points(net: ReactionNetwork, facts: Structure, most: int) -> Points:
    """All states of the box, or of the plane of the start where there are more than two species."""
    classes = compatibility_classes(net, most)
    states, label = classes.states, classes.label
    if len(net.species) > 2:
        laws = np.array(facts.conservation_laws, np.int64).reshape(-1, len(net.species))
        inside = (states @ laws.T == net.initial @ laws.T).all(axis=1)
        states, label = states[inside], label[inside]
    axes = _axes(net, facts)
    place = states[:, axes] if len(axes) == 2 else np.stack([states[:, axes[0]], np.zeros(len(states), int)], axis=1)
    index = {tuple(n): i for i, n in enumerate(states.tolist())}
    a, matrix = net.propensities(states), np.zeros((len(states), len(states)))
    for r, nu in enumerate(net.stoichiometry.T):
        for j, n in enumerate((states + nu).tolist()):
            if a[j, r] > 0 and nu.any():
                matrix[j, j] -= a[j, r]
                if tuple(n) in index:
                    matrix[index[tuple(n)], j] += a[j, r]
    start = index[tuple(net.initial.tolist())]
    return Points(states, place, label, _depth(matrix, start), matrix, start)


def _depth(matrix: NDArray[np.float64], start: int) -> NDArray[np.int64]:
    """How many reactions it takes at least to get from the start to each state (N,); -1 where none do."""
    depth, front, k = np.full(len(matrix), -1), np.array([start]), 0
    while front.size:
        depth[front] = k
        into = (matrix[:, front] > 0).any(axis=1)
        front, k = np.flatnonzero(into & (depth < 0)), k + 1
    return depth


def _axes(net: ReactionNetwork, facts: Structure) -> list[int]:
    """One species for each direction the reactions have, so that the others follow from the laws."""
    if len(net.species) <= 2:
        return list(range(len(net.species)))
    laws = np.array(facts.conservation_laws, float).reshape(-1, len(net.species))
    for x in range(len(net.species)):
        for y in range(x + 1, len(net.species)):
            rest = [s for s in range(len(net.species)) if s not in (x, y)]
            if facts.rank == 2 and np.linalg.matrix_rank(laws[:, rest]) == len(rest):
                return [x, y]
    return [0]


def picture(values: Values, reveal: bool = True) -> Bank:
    """One frame for each number of reactions fired; without ``reveal`` the box of states alone."""
    net, facts, here = _looked_at(values)
    frames = int(here.depth.max()) + 1
    question = (f"From {_named(net, net.initial)}, with states up to {values['most']}: how many states can be reached, "
                "the start included?")
    panel, marks = _states(values, net, facts, here, frames, reveal, (0, 0, 0.56 if reveal else 1, 1))
    if not reveal:
        caption = f"{len(here.states)} states of {' and '.join(net.species)}; which can be reached is hidden."
        return Bank((panel,), tuple(marks), Text(caption), question=question, height=420)
    grid, cells = _matrix(values, here)
    names = tuple(_named(net, n) for n in here.states)
    return Bank(
        (panel, grid),
        (*marks, *cells),
        _caption(values, net, here, frames),
        _readings(values, net, facts, here),
        Text("after {k:d} reactions", {"k": np.arange(frames)}),
        Selection(("states",), here.place[:, 0], names, _told(net, here, names), here.place[:, 1], noun="state"),
        _notice(values),
        question,
        float((here.depth >= 0).sum()),
        "per start",
        start=frames - 1,
        seconds=min(6.0, 1.0 + 0.4 * frames),
        height=440,
    )


def _looked_at(values: Values) -> tuple[ReactionNetwork, Structure, Points]:
    net = FIT.read(values["network"], values).net
    net = net.with_initial(**{s: values[f"n{i}"] for i, s in enumerate(net.species, 1)})
    most = max(values["most"], int(net.initial.max()))
    facts = structure(net)
    return net, facts, points(net, facts, most)


def _named(net: ReactionNetwork, n: Any) -> str:
    return ", ".join(f"{s} = {c}" for s, c in zip(net.species, np.asarray(n).tolist(), strict=True))


def _states(values: Values, net: ReactionNetwork, facts: Structure, here: Points, frames: int, reveal: bool,
            cell: tuple[float, float, float, float]) -> tuple[Panel, list[Mark]]:
    axes = _axes(net, facts)
    flat = len(axes) == 1
    width, height = here.place.max(axis=0)
    x, y = scale(-0.7, max(width, 1) + 0.7, net.species[axes[0]], whole=True, about=8), Scale(-1.2, 1.2)
    if not flat:
        y = scale(-0.7, max(height, 1) + 0.7, net.species[axes[1]], whole=True, about=8)
    panel = Panel("states", replace(x, ticks=tuple(t for t in x.ticks if t[0] >= 0)),
                  replace(y, ticks=tuple(t for t in y.ticks if t[0] >= 0)), cell, "States, by class and by reach")
    if not reveal:
        return panel, [Mark("dots", "states", {"x": here.place[:, 0], "y": here.place[:, 1]}, "faint", 0.3)]
    mine, reached = here.label == here.label[here.start], here.depth >= 0
    marks = _lines(net, facts, here, axes)
    others = [k for k in dict.fromkeys(here.label.tolist()) if k != here.label[here.start]]
    for i, (colour, shape) in enumerate(OTHERS):
        chosen = np.isin(here.label, others[i::len(OTHERS)])
        if chosen.any():
            first = "another class" if len(others) <= 1 else f"other classes ({len(others)})"
            marks.append(_dots(here, chosen, colour, 0.26, shape=shape, legend=first if i == 0 else ""))
    marks.append(_dots(here, mine & ~reached, "blue", 0.42, hollow=True,
                       legend="same class, never reached" if (mine & ~reached).any() else ""))
    seen = np.where(here.depth[reached] <= np.arange(frames)[:, None], 1.0, 0.12)
    marks.append(replace(_dots(here, reached, "blue", 0.46, legend="reached from the start"), channels={
        "x": here.place[reached, 0], "y": here.place[reached, 1], "alpha": seen}))
    marks.append(_dots(here, np.arange(len(here.depth)) == here.start, "ink", 0.75, hollow=True, legend="the start"))
    if values["belief"] == EVERYWHERE:
        allowed = _allowed(net, facts, here)
        marks.append(_dots(here, allowed & ~reached, "purple", 0.62, hollow=True, shape="square",
                           legend="reached, by this belief"))
    return panel, [*marks, *_arrows(here, flat)]


def _dots(here: Points, which: NDArray[np.bool_], colour: str, size: float, **options: Any) -> Mark:
    at = here.place[which]
    return Mark("dots", "states", {"x": at[:, 0], "y": at[:, 1]}, colour, size, 1.3, **options)


def _allowed(net: ReactionNetwork, facts: Structure, here: Points) -> NDArray[np.bool_]:
    """The states that the linear laws of the start allow, (N,)."""
    laws = np.array(facts.conservation_laws, np.int64).reshape(-1, len(net.species))
    return (here.states @ laws.T == net.initial @ laws.T).all(axis=1)


def _lines(net: ReactionNetwork, facts: Structure, here: Points, axes: list[int]) -> list[Mark]:
    """The linear law of the start as a line through the lattice, where there is one in two dimensions."""
    if len(net.species) != 2 or len(facts.conservation_laws) != 1 or len(axes) != 2:
        return []
    allowed = here.place[_allowed(net, facts, here)]
    if len(allowed) < 2:
        return []
    law = f"{combination(facts.conservation_laws[0], net.species)} = {int(facts.conservation_laws[0] @ net.initial)}"
    ends = {"x0": allowed[:1, 0], "y0": allowed[:1, 1], "x1": allowed[-1:, 0], "y1": allowed[-1:, 1]}
    return [Mark("segments", "states", ends, "sky", 1.0, 2.0, dash=True, legend=law)]


def _arrows(here: Points, flat: bool) -> list[Mark]:
    """From the state chosen to where one reaction leads."""
    to, source = np.nonzero(here.matrix > 0)
    if not to.size:
        return []
    a, b = here.place[source].astype(float), here.place[to].astype(float)
    lift = 0.0
    if flat:  # along a line, arrows would hide each other and the states between
        lift = np.where(b[:, 0] > a[:, 0], 0.35, -0.35)
    gap = (b - a) / np.linalg.norm(b - a, axis=1)[:, None] * 0.22
    ends = {"x0": a[:, 0] + gap[:, 0], "y0": a[:, 1] + gap[:, 1] + lift, "x1": b[:, 0] - gap[:, 0],
            "y1": b[:, 1] - gap[:, 1] + lift}
    return [Mark("arrows", "states", {**ends, "weight": [0.25]}, "ink", owner=tuple(source.tolist()))]


def _matrix(values: Values, here: Points) -> tuple[Panel, list[Mark]]:
    """The generator as coloured cells, its states in the order asked for, with a frame round each class."""
    size = len(here.label)
    mine = here.label != here.label[here.start]  # the block of the start comes first
    order = np.lexsort((np.arange(size), here.label, mine)) if values["order"] == BY_CLASS else np.arange(size)
    rank = np.empty(size, int)
    rank[order] = np.arange(size)
    row, column = np.nonzero(here.matrix)
    weight = here.matrix[row, column]
    alpha = 0.3 + 0.7 * np.abs(weight) / max(np.abs(weight).max(initial=0.0), 1e-300)
    r, c = rank[row], rank[column]
    cell = {"x0": c, "x1": c + 1.0, "y0": -r - 1.0, "y1": -r + 0.0, "alpha": alpha}
    marks = []
    for sign, colour, words in ((weight > 0, "green", "rate from the column's state to the row's"),
                                (weight < 0, "red", "loss, on the diagonal")):
        if sign.any():
            kept = {k: v[sign] for k, v in cell.items()}
            if colour == "red":  # a frame inside of its cell: to be told from a rate without its colour
                kept = {**kept, "x0": kept["x0"] + 0.12, "x1": kept["x1"] - 0.12, "y0": kept["y0"] + 0.12,
                        "y1": kept["y1"] - 0.12}
            marks.append(Mark("cells", "matrix", kept, colour, width=1.4, hollow=colour == "red", legend=words))
    if values["order"] == BY_CLASS:
        edges = np.flatnonzero(np.diff(here.label[order], prepend=-1, append=-1))
        a, b = edges[:-1], edges[1:]
        sides = {"x0": np.r_[a, b, b, a], "y0": -np.r_[a, a, b, b], "x1": np.r_[b, b, a, a], "y1": -np.r_[a, b, b, a]}
        marks.append(Mark("segments", "matrix", sides, "ink", width=0.9, legend="block of one class"))
    where = {"x0": rank, "x1": rank + 1.0, "y0": np.full(size, -size), "y1": np.zeros(size), "alpha": [0.12]}
    marks.append(Mark("cells", "matrix", where, "ink", owner=tuple(range(size))))
    panel = Panel("matrix", Scale(0, size), Scale(-size, 0), (0.56, 0, 1, 1),
                  f"Generator of {size} states, {values['order']}", equal=True, bare=True)
    return panel, marks


def _readings(values: Values, net: ReactionNetwork, facts: Structure, here: Points) -> tuple[Reading, ...]:
    species, rank = len(net.species), facts.rank
    laws = [combination(c, net.species) for c in facts.conservation_laws]
    count = Reading("Linear laws: species − rank", Text(str(len(laws))),
                    f"{species} − {rank}" + (f": {', '.join(laws)}" if laws else ""), "right")
    extra = [law.text for law in facts.modular_laws]
    index = Reading("Lattice index", Text(str(facts.lattice_index)), "; ".join(extra))
    reached = Reading("States reached", Text(str(int((here.depth >= 0).sum()))), f"of {len(here.states)} drawn")
    if values["belief"] == COUNTED:
        reactions = len(net.reactions)
        wrong = Reading("With this belief", Text(number(species - reactions)), f"{species} − {reactions} reactions",
                        "wrong")
        return count, wrong, index
    if values["belief"] == CYCLES:
        told = ", ".join(combination(k, facts.reactions, "(", ")") for k in facts.t_invariants) or "none"
        return count, Reading("With this belief", Text(str(len(facts.t_invariants))), told, "wrong")
    if values["belief"] == EVERYWHERE:
        believed = int(_allowed(net, facts, here).sum())
        wrong = Reading("With this belief", Text(str(believed)), "all that the linear laws allow", "wrong")
        return reached, wrong, index
    return count, index, reached


def _notice(values: Values) -> str:
    return {
        COUNTED: "Laws are believed to be species minus reactions (T1). A reaction that others imply takes none away.",
        CYCLES: "Vectors with ν k = 0 are taken for laws (T2). They are cycles: what to fire to change nothing.",
        EVERYWHERE: "Where no linear law forbids it, all is believed to be reached (T3). Steps of two keep the parity.",
        BY_RATES: "Rates are believed to make the laws (T4). Turn them: shades change, the lattice and blocks do not.",
    }.get(values["belief"], "")


def _caption(values: Values, net: ReactionNetwork, here: Points, frames: int) -> Text:
    so_far = [(here.depth >= 0) & (here.depth <= k) for k in range(frames)]
    classes = len(set(here.label.tolist()))
    text = (f"From {_named(net, net.initial)}, {{m:d}} of {len(here.states)} states are reached by up to {{k:d}} "
            f"reactions. The states drawn fall into {classes} class{'es' * (classes > 1)}.")
    return Text(text, {"m": [s.sum() for s in so_far], "k": np.arange(frames)})


def _told(net: ReactionNetwork, here: Points, names: tuple[str, ...]) -> Text:
    said = []
    for i in range(len(names)):
        ends = [names[j] for j in np.flatnonzero(here.matrix[:, i] > 0)]
        steps = "is never reached" if here.depth[i] < 0 else f"is reached after {here.depth[i]} reactions"
        said.append(f"{steps}; from it one reaction leads to " + (" or ".join(f"({e})" for e in ends) or
                                                                  "nowhere in this box"))
    return Text("{name}: {what}.", words={"name": names, "what": tuple(said)})


def takes(net: ReactionNetwork) -> str:
    """Why the states of this network are no picture; "" where they are."""
    if any(r.delay is not None for r in net.reactions):
        return "this network has a delay, so that its counts alone do not say what happens next"
    if not 1 <= len(net.species) <= SPECIES:
        return f"it takes networks of one to {SPECIES} species"
    if len(net.species) > 2 and structure(net).rank > 2:
        return "its states have more than two independent directions, and a picture has two"
    return ""


FIT = Fit("lattice", takes, "2A -> 0 ; 1")


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` may be a ReactionNetwork: its text, constants and start are taken over."""
    return FIT.adopted(options, _start)


def _start(net: ReactionNetwork) -> Values:
    if net.initial.max(initial=0) > MOST:
        raise NetworkError(f"lattice: it starts at {_named(net, net.initial)}; the picture goes up to {MOST}. Use "
                           "net.with_initial, or give n1=, n2=.")
    return {f"n{i}": int(n) for i, n in enumerate(net.initial, 1)}


Lattice = Design(
    "lattice", "Lattice of states", ABOUT, controls, PRESETS, picture, adjust, ("network",), takes,
    summary="Which states can be reached, which laws hold, and how the generator falls into blocks.",
)
