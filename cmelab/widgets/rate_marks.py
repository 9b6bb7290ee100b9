"""What RateTranslator draws: a propensity in every reading of one number, and the constant that each reading gives."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from .frame import Mark, Panel, Scale, Selection, Text, nice, scale
from .rate_readings import CONVERT, EXTENT, FALLING, LITRES, MOLAR, MOLAR_EXTENT, ODE, SETS, Written
from .words import number

Values = dict[str, Any]
MOST = 12  # molecules of A on the axis
LOOKS = {SETS: "triangle", FALLING: "square", ODE: "cross", EXTENT: "dash", MOLAR: "cross", MOLAR_EXTENT: "dash"}


def shown_readings(read: Written) -> tuple[str, ...]:
    """The four readings beside each other; those with a volume in the units of the one chosen."""
    return (SETS, FALLING, *(LITRES if read.convention in LITRES else (ODE, EXTENT)))


def axes(read: Written, others: tuple[int, ...], wrong: float, right: float) -> Panel:
    sets = float(read.sets(MOST, others))
    high = max(read.c() * sets, min(wrong * sets, 4 * read.c() * sets), float(events(read, MOST, others)))
    top = nice(1.02 * high) if high > 0 else 1.0
    return Panel(
        "curves",
        scale(-0.5, MOST + 0.7, "molecules of A", whole=True),
        scale(0, top, about=5),
        (0, 0, right, 1),
        "Propensity a(n), events per second",
    )


def events(read: Written, n: Any, others: tuple[int, ...]) -> Any:
    return read.equation(n, others) / (read.m[0] if read.m else 1)


def curves(values: Values, read: Written, others: tuple[int, ...]) -> tuple[Panel, list[Mark]]:
    """a(n) in the reading chosen, in the others and as believed, with the rate equation through them."""
    n, fine, here = np.arange(MOST + 1), np.linspace(0, MOST, 81), values["n_A"]
    sets, wrong = read.sets(n, others), read.believed(values["belief"])
    panel = axes(read, others, wrong, 0.62)
    band = {"x0": [here - 0.42], "x1": [here + 0.42], "y0": [0.0], "y1": [panel.y.high], "alpha": [0.12]}
    marks = [Mark("cells", "curves", band, "ink")]
    for other in (c for c in shown_readings(read) if c != read.convention):
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
            {"x": fine, "y": events(read, fine, others)},
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


def constants(values: Values, read: Written, others: tuple[int, ...]) -> tuple[Panel, list[Mark], Selection]:
    """The c of each reading on a logarithmic rail, marked as in the curves, with its name above it."""
    shown = shown_readings(read)
    c = [read.c(each) for each in shown]
    names = [replace(read, convention=each).name() for each in shown]
    if values["belief"] != CONVERT:
        c, names = [*c, read.believed(values["belief"])], [*names, "as believed"]
    logs, row = np.log10(c), np.arange(len(c), 0, -1.0)
    low, high = math.floor(logs.min() - 0.1), math.ceil(logs.max() + 0.1)
    every = max(1, math.ceil((high - low) / 4))
    pad = 0.05 * (high - low)
    ticks = tuple((float(d), power_of_ten(d)) for d in range(low, high + 1, every))
    panel = Panel(
        "c", Scale(low, high, "c, in 1/s", ticks), Scale(0.4, len(c) + 0.7), (0.62, 0, 1, 1), f"{size(read.k)} read as"
    )
    rails = {"x0": np.full(len(c), low - pad), "x1": np.full(len(c), high + pad), "y0": row - 0.15, "y1": row - 0.15}
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
    told = tuple(f"{name}: c = {size(x)}" for name, x in zip(names, c, strict=True))
    longest = max(map(len, told))
    marks.append(Mark("labels", "c", {"x": middle, "y": row + 0.22}, size=min(1.0, 24 / longest), texts=told))
    sentences = tuple(f"{size(read.k)} read as {name} gives c = {size(x)}" for name, x in zip(names, c, strict=True))
    a = tuple(size(float(x * read.sets(values["n_A"], others))) for x in c)
    text = Text(
        f"{{said}}, and with {state(values, read)} the propensity {{a}} per second.", words={"said": sentences, "a": a}
    )
    chosen = Selection(("c",), middle, tuple(names), text, row, start=shown.index(read.convention), noun="reading")
    return panel, marks, chosen


def size(x: float) -> str:
    """A number for people, with a power of ten where it is very small or large."""
    if x == 0 or 1e-3 <= x < 1e5:
        return number(x)
    power = math.floor(math.log10(x))
    return f"{number(x / 10.0**power)}·{power_of_ten(power)}"


def power_of_ten(d: int) -> str:
    if -2 <= d <= 3:
        return number(10.0**d)
    return "10" + str(d).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def state(values: Values, read: Written) -> str:
    names = ("A", "B", "C")[: max(len(read.m), 1)]
    return ", ".join(f"{name} = {values[f'n_{name}']}" for name in names)
