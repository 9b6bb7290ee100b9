"""RateTranslator: one written rate constant, every reading of it, and the propensity that each makes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..network import ReactionNetwork
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Mark, Panel, Reading, Scale, Selection, Text, nice, scale
from .rate_readings import (
    BELIEFS,
    CONVENTIONS,
    CONVERT,
    EXTENT,
    FALLING,
    INVERTED,
    LITRES,
    MOLAR,
    MOLAR_EXTENT,
    ODE,
    REACTIONS,
    SAME,
    SETS,
    UNITS,
    VOLUMES,
    Written,
)
from .typed_network import refusal
from .words import number

MOST = 12  # molecules of A on the axis
PAIR = "2A → products"
MEETING = {
    "0 → A": "A is made",
    "A → products": "A alone",
    PAIR: "A meets A",
    "A + B → products": "A meets B",
    "3A → products": "three of A meet",
    "A + B + C → products": "A, B and C meet",
}
PRESETS: dict[str, Values] = {
    "start": {},
    "k-is-c": {"belief": SAME},
    "volume-forgotten": {"belief": "P3: the volume is forgotten"},
    "volume-inverted": {"belief": INVERTED},
    "zero-order": {"reaction": "0 → A", "belief": "P3: the volume is forgotten"},
    "two-kinds": {"reaction": "A + B → products", "n_A": 4, "n_B": 6},
    "falling": {"convention": FALLING, "k": 0.1, "n_A": 10},
    "two-of-the-ode": {"convention": EXTENT},
    "molar": {"convention": MOLAR, "n_A": 10},
    "three": {"reaction": "3A → products", "omega": 2.0},
}
ABOUT = (
    "A rate constant is a number and a convention. Left, the propensity that the number stands for, count by count "
    "(green). The dashed curve is the rate equation it belongs to, in events per second.",
    "Grey marks: the same number read in the other conventions. Each is another curve; only the right one follows the "
    "rate equation. It lies a little below it, because n(n−1) counts no molecule twice.",
    "Right: the constant c of the propensity that each reading gives, on an axis where equal steps are equal factors.",
    "Ω turns counts into concentrations. With k in M and s it is N_A times the volume in litres: 602 million for a "
    "femtolitre, the size of a bacterium.",
)
LOOKS = {SETS: "triangle", FALLING: "square", ODE: "cross", EXTENT: "dash", MOLAR: "cross", MOLAR_EXTENT: "dash"}


def controls(values: Values) -> tuple[Control, ...]:
    """The reaction, the convention, and the numbers that this convention needs."""
    order = sum(REACTIONS.get(values.get("reaction", PAIR), (2,)))
    usual = (3.0, 0.6, 100.0, 100.0)[order]
    return (
        Control("reaction", "choice", "Reaction", PAIR, choices=tuple(REACTIONS), tip="which molecules must meet"),
        Control("convention", "choice", "k is", ODE, choices=CONVENTIONS, tip="what the number stands for"),
        Control(
            "k",
            "log",
            "constant k",
            0.6,
            0.01,
            10.0,
            tip="the number as written",
            when=("convention", (SETS, FALLING, ODE, EXTENT)),
        ),
        Control(
            "omega",
            "float",
            "volume Ω",
            3.0,
            1.0,
            12.0,
            0.5,
            tip="a count divided by Ω is a concentration",
            when=("convention", (SETS, FALLING, ODE, EXTENT)),
        ),
        Control(
            "k_molar",
            "log",
            f"k ({UNITS[order][1]})",
            usual,
            0.01,
            1000.0,
            tip="the number as written",
            when=("convention", LITRES),
        ),
        Control(
            "volume",
            "log",
            "volume",
            1.0,
            0.1,
            100.0,
            unit="fL",
            tip="1 fL is 1e-15 litres",
            when=("convention", LITRES),
        ),
        Control("n_A", "int", "molecules of A", 5, 0, MOST),
        Control(
            "n_B", "int", "molecules of B", 6, 0, MOST, when=("reaction", ("A + B → products", "A + B + C → products"))
        ),
        Control("n_C", "int", "molecules of C", 2, 0, MOST, when=("reaction", ("A + B + C → products",))),
        Control(
            "belief",
            "choice",
            "to get c from k",
            CONVERT,
            choices=BELIEFS,
            belief="P3 P8",
            tip="P8: the two constants are one number. P3: Ω left out, or upside down",
        ),
    )


def translate(values: Values, reveal: bool = True) -> Bank:
    """One frame: the curves, the constants, and both equations with their numbers."""
    read, others = Written.of(values), (values["n_B"], values["n_C"])
    if not reveal:
        return _veiled(values, read, others)
    curves, marks = _curves(values, read, others)
    panel, bars, chosen = _constants(values, read, others)
    return Bank(
        (curves, panel),
        (*marks, *bars),
        Text(_caption(values, read, others)),
        _readings(values, read, others),
        selection=chosen,
        notice=_notice(values, read),
        question=_question(values, read),
        answer=float(read.c() * read.sets(values["n_A"], others)),
        unit="per second",
        height=420,
    )


def _shown(read: Written) -> tuple[str, ...]:
    """The four readings beside each other; those with a volume in the units of the one chosen."""
    return (SETS, FALLING, *(LITRES if read.convention in LITRES else (ODE, EXTENT)))


def _axes(read: Written, others: tuple[int, ...], wrong: float, right: float) -> Panel:
    sets = float(read.sets(MOST, others))
    high = max(read.c() * sets, min(wrong * sets, 4 * read.c() * sets), float(_events(read, MOST, others)))
    top = nice(1.02 * high) if high > 0 else 1.0
    return Panel(
        "curves",
        scale(-0.5, MOST + 0.7, "molecules of A", whole=True),
        scale(0, top, about=5),
        (0, 0, right, 1),
        "Propensity a(n), events per second",
    )


def _events(read: Written, n: Any, others: tuple[int, ...]) -> Any:
    return read.equation(n, others) / (read.m[0] if read.m else 1)


def _curves(values: Values, read: Written, others: tuple[int, ...]) -> tuple[Panel, list[Mark]]:
    """a(n) in the reading chosen, in the others and as believed, with the rate equation through them."""
    n, fine, here = np.arange(MOST + 1), np.linspace(0, MOST, 81), values["n_A"]
    sets, wrong = read.sets(n, others), read.believed(values["belief"])
    panel = _axes(read, others, wrong, 0.62)
    band = {"x0": [here - 0.42], "x1": [here + 0.42], "y0": [0.0], "y1": [panel.y.high], "alpha": [0.12]}
    marks = [Mark("cells", "curves", band, "ink")]
    for other in (c for c in _shown(read) if c != read.convention):
        marks.append(
            Mark(
                "dots",
                "curves",
                {"x": n, "y": read.c(other) * sets},
                "faint",
                0.36,
                1.5,
                shape=LOOKS[other],
                legend=replace(read, convention=other).name(),
            )
        )
    right = read.c() * sets
    marks += [
        Mark(
            "line",
            "curves",
            {"x": fine, "y": _events(read, fine, others)},
            "ink",
            width=1.4,
            dash=True,
            legend=f"rate equation, {read.law()}",
        ),
        Mark("dots", "curves", {"x": n, "y": right}, "green", 0.42, legend="propensity"),
        Mark("dots", "curves", {"x": [here], "y": [right[here]]}, "ink", 0.75, 1.5, hollow=True),
    ]
    if values["belief"] != CONVERT:
        marks += [
            Mark("line", "curves", {"x": n, "y": wrong * sets}, "purple", width=1.3, dash=True),
            Mark(
                "dots",
                "curves",
                {"x": n, "y": wrong * sets},
                "purple",
                0.36,
                1.8,
                hollow=True,
                shape="square",
                legend="as believed",
            ),
        ]
    return panel, marks


def _constants(values: Values, read: Written, others: tuple[int, ...]) -> tuple[Panel, list[Mark], Selection]:
    """The c of each reading on a logarithmic rail, marked as in the curves, with its name above it."""
    shown = _shown(read)
    c = [read.c(each) for each in shown]
    names = [replace(read, convention=each).name() for each in shown]
    if values["belief"] != CONVERT:
        c, names = [*c, read.believed(values["belief"])], [*names, "as believed"]
    logs, row = np.log10(c), np.arange(len(c), 0, -1.0)
    low, high = math.floor(logs.min() - 0.1), math.ceil(logs.max() + 0.1)
    every = max(1, math.ceil((high - low) / 4))
    ticks = tuple((float(d), _power(d)) for d in range(low, high + 1, every))
    panel = Panel(
        "c", Scale(low, high, "c, in 1/s", ticks), Scale(0.4, len(c) + 0.7), (0.62, 0, 1, 1), "The same number as"
    )
    rails = {"x0": np.full(len(c), low), "x1": np.full(len(c), high), "y0": row - 0.15, "y1": row - 0.15}
    marks = [Mark("segments", "c", rails, "grid", width=1.4)]
    for x, y, each in zip(logs, row - 0.15, shown, strict=False):
        mine = each == read.convention
        marks.append(
            Mark(
                "dots",
                "c",
                {"x": [x], "y": [y]},
                "green" if mine else "faint",
                0.55,
                1.8,
                shape="disc" if mine else LOOKS[each],
            )
        )
    if values["belief"] != CONVERT:
        marks.append(
            Mark("dots", "c", {"x": logs[-1:], "y": row[-1:] - 0.15}, "purple", 0.5, 1.8, hollow=True, shape="square")
        )
    middle = np.full(len(c), (low + high) / 2)
    told = tuple(f"{name}: c = {_size(x)}" for name, x in zip(names, c, strict=True))
    longest = max(map(len, told))
    marks.append(Mark("labels", "c", {"x": middle, "y": row + 0.22}, size=min(1.0, 24 / longest), texts=told))
    sentences = tuple(f"{_size(read.k)} read as {name} gives c = {_size(x)}" for name, x in zip(names, c, strict=True))
    a = tuple(_size(float(x * read.sets(values["n_A"], others))) for x in c)
    text = Text(
        f"{{said}}, and with {_state(values, read)} the propensity {{a}} per second.", words={"said": sentences, "a": a}
    )
    chosen = Selection(("c",), middle, tuple(names), text, row, start=shown.index(read.convention), noun="reading")
    return panel, marks, chosen


def _size(x: float) -> str:
    """A number for people, with a power of ten where it is very small or large."""
    if x == 0 or 1e-3 <= x < 1e5:
        return number(x)
    power = math.floor(math.log10(x))
    return f"{number(x / 10.0**power)}·{_power(power)}"


def _power(d: int) -> str:
    if -2 <= d <= 3:
        return number(10.0**d)
    return "10" + str(d).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _state(values: Values, read: Written) -> str:
    names = ("A", "B", "C")[: max(len(read.m), 1)]
    return ", ".join(f"{name} = {values[f'n_{name}']}" for name in names)


def _readings(values: Values, read: Written, others: tuple[int, ...]) -> tuple[Reading, ...]:
    n = values["n_A"]
    sets, (factor, power) = float(read.sets(n, others)), read.factor()
    lost = read.m[0] if read.m else 1
    rate, verb = float(read.equation(n, others)), "lost" if read.m else "made"
    size = f"Ω = {_size(read.omega)}" if read.convention in VOLUMES else ""
    a = read.c() * sets
    readings = (
        Reading(read.law(), Text(_size(rate)), f"of A {verb} per second{f', {size}' if size else ''}"),
        Reading(
            f"a = {read.propensity()}",
            Text(_size(a)),
            f"c = {read.rule(factor, power)} = {_size(read.c())}; {lost} · a = {_size(lost * a)} of A {verb}",
            "right",
        ),
    )
    if values["belief"] == CONVERT:
        return readings
    rules = {SAME: (1.0, 0), INVERTED: (factor, -power)}
    wrong = read.believed(values["belief"])
    formula = f"c = {read.rule(*rules.get(values['belief'], (factor, 0)))} = {_size(wrong)}"
    return (*readings, Reading("As believed", Text(_size(wrong * sets)), formula, "wrong"))


def _notice(values: Values, read: Written) -> str:
    if values["belief"] == CONVERT:
        return ""
    wrong, right, said = read.believed(values["belief"]), read.c(), values["belief"].replace(":", ",")
    if math.isclose(wrong, right):
        return f"{said}: for this reaction in this convention that changes nothing. In others it does."
    times, what = (wrong / right, "large") if wrong > right else (right / wrong, "small")
    return f"{said}: the propensity comes out {_size(times)} times too {what}."


def _caption(values: Values, read: Written, others: tuple[int, ...]) -> str:
    n = values["n_A"]
    sets = float(read.sets(n, others))
    said = (
        f"{values['reaction']} with {read.law()} and the constant {_size(read.k)}: c is {_size(read.c())}, so with "
        f"{_state(values, read)} the propensity is {_size(read.c() * sets)} per second."
    )
    if values["belief"] != CONVERT:
        said += f" The wrong rule says {_size(read.believed(values['belief']) * sets)}."
    return said


def _question(values: Values, read: Written) -> str:
    size = f" and Ω = {_size(read.omega)}" if read.convention in VOLUMES else ""
    what = f"{MEETING[values['reaction']]}, {read.law()} with the constant {_size(read.k)}{size}"
    return f"{what}: what is the propensity with {_state(values, read)}?"


def _veiled(values: Values, read: Written, others: tuple[int, ...]) -> Bank:
    """The rate equation alone."""
    panel, fine = _axes(read, others, 0.0, 1.0), np.linspace(0, MOST, 81)
    curve = Mark(
        "line",
        "curves",
        {"x": fine, "y": _events(read, fine, others)},
        "ink",
        width=1.4,
        dash=True,
        legend=f"rate equation, {read.law()}",
    )
    said = Text(f"The rate equation {read.law()} in events per second; the propensity is hidden.")
    return Bank((panel,), (curve,), said, question=_question(values, read), height=420)


def takes(network: ReactionNetwork) -> str:
    """Why this network is not one written constant; "" where it is."""
    fits = len(network.reactions) == 1 and not network.reactions[0].custom and network.reactions[0].delay is None
    known = fits and tuple(network.reactions[0].reactants.values()) in REACTIONS.values()
    return "" if known else "it takes one reaction with a constant: 0, A, 2A, A + B, 3A or A + B + C on its left side"


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` gives the reaction, its constant in its own convention, and the counts."""
    values = dict(options)
    if (network := values.pop("network", None)) is not None:
        network = network if isinstance(network, ReactionNetwork) else ReactionNetwork.parse(network)
        if reason := takes(network):
            raise refusal("rate-translator", network, reason, "2A -> B ; 0.2")
        reaction = network.reactions[0]
        m, omega = tuple(reaction.reactants.values()), network.volume or 3.0
        named = {"combinatorial": SETS, "falling": FALLING}.get(
            network.convention, ODE if network.ode == "consumption" else EXTENT
        )
        factor, power = Written(m, 1.0, omega, named).factor()
        given: Values = {
            "reaction": next(name for name, each in REACTIONS.items() if each == m),
            "convention": named,
            "k": round(reaction.rate / (factor * omega**power), 12),
            "omega": omega,
        }
        given |= {f"n_{x}": network.counts.get(s, 0) for x, s in zip("ABC", reaction.reactants, strict=False)}
        values = given | values
    return values


RateTranslator = Design(
    "rate-translator", "Rate translator", ABOUT, controls, PRESETS, translate, adjust, ("reaction",), takes
)
