"""RateTranslator: one written rate constant, every reading of it, and the propensity that each makes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..network import ReactionNetwork
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Mark, Reading, Text
from .rate_marks import MOST, axes, constants, curves, events, size, state
from .rate_readings import (
    BELIEFS,
    CONVENTIONS,
    CONVERT,
    EXTENT,
    FALLING,
    INVERTED,
    LITRES,
    MOLAR,
    ODE,
    REACTIONS,
    SAME,
    SETS,
    UNITS,
    VOLUMES,
    Written,
)
from .typed_network import refusal

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
    graph, marks = curves(values, read, others)
    panel, rails, chosen = constants(values, read, others)
    return Bank(
        (graph, panel),
        (*marks, *rails),
        Text(_caption(values, read, others)),
        _readings(values, read, others),
        selection=chosen,
        notice=_notice(values, read),
        question=_question(values, read),
        answer=float(read.c() * read.sets(values["n_A"], others)),
        unit="per second",
        height=420,
    )


def _readings(values: Values, read: Written, others: tuple[int, ...]) -> tuple[Reading, ...]:
    n = values["n_A"]
    sets, (factor, power) = float(read.sets(n, others)), read.factor()
    lost = read.m[0] if read.m else 1
    rate, verb = float(read.equation(n, others)), "lost" if read.m else "made"
    volume = f"Ω = {size(read.omega)}" if read.convention in VOLUMES else ""
    a = read.c() * sets
    readings = (
        Reading(read.law(), Text(size(rate)), f"of A {verb} per second{f', {volume}' if volume else ''}"),
        Reading(
            f"a = {read.propensity()}",
            Text(size(a)),
            f"c = {read.rule(factor, power)} = {size(read.c())}; {lost} · a = {size(lost * a)} of A {verb}",
            "right",
        ),
    )
    if values["belief"] == CONVERT:
        return readings
    rules = {SAME: (1.0, 0), INVERTED: (factor, -power)}
    wrong = read.believed(values["belief"])
    formula = f"c = {read.rule(*rules.get(values['belief'], (factor, 0)))} = {size(wrong)}"
    return (*readings, Reading("As believed", Text(size(wrong * sets)), formula, "wrong"))


def _notice(values: Values, read: Written) -> str:
    if values["belief"] == CONVERT:
        return ""
    wrong, right, said = read.believed(values["belief"]), read.c(), values["belief"].replace(":", ",")
    if math.isclose(wrong, right):
        return f"{said}: for this reaction in this convention that changes nothing. In others it does."
    times, what = (wrong / right, "large") if wrong > right else (right / wrong, "small")
    return f"{said}: the propensity comes out {size(times)} times too {what}."


def _caption(values: Values, read: Written, others: tuple[int, ...]) -> str:
    n = values["n_A"]
    sets = float(read.sets(n, others))
    said = (
        f"{values['reaction']} with {read.law()} and the constant {size(read.k)}: c is {size(read.c())}, so with "
        f"{state(values, read)} the propensity is {size(read.c() * sets)} per second."
    )
    if values["belief"] != CONVERT:
        said += f" The wrong rule says {size(read.believed(values['belief']) * sets)}."
    return said


def _question(values: Values, read: Written) -> str:
    volume = f" and Ω = {size(read.omega)}" if read.convention in VOLUMES else ""
    what = f"{MEETING[values['reaction']]}, {read.law()} with the constant {size(read.k)}{volume}"
    return f"{what}: what is the propensity with {state(values, read)}?"


def _veiled(values: Values, read: Written, others: tuple[int, ...]) -> Bank:
    """The rate equation alone."""
    panel, fine = axes(read, others, 0.0, 1.0), np.linspace(0, MOST, 81)
    curve = Mark(
        "line",
        "curves",
        {"x": fine, "y": events(read, fine, others)},
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
    "rate-translator", "Rate translator", ABOUT, controls, PRESETS, translate, adjust, ("reaction",), takes,
    summary="What a rate constant means: one reaction in every convention, with its rate equation and its propensity.",
)
