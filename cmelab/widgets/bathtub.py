"""Bathtub: probability as water in tubs, one for each count; it runs from one to another, or over the edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from ..network import ReactionNetwork
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Mark, Panel, Reading, Scale, Selection, Text, nice, scale, weighted
from .gain_loss import LAWS, RIGHT, SWAPPED, TARGET, TRANSPOSED, Balance, balance, follow, propensities
from .typed_network import Fit, one_species
from .words import number

FRAMES, SMALL, SEARCHED, SPLIT = 121, 1e-6, 120, 0.66
BIRTH_DEATH = "0 -> M ; k\nM -> 0 ; gamma"
_BD = {"network": BIRTH_DEATH, "rate_k": 4.0, "rate_gamma": 1.0}

PRESETS: dict[str, Values] = {
    "start": {**_BD, "n0": 2, "cap": 12},
    "overflowing": {**_BD, "n0": 2, "cap": 6},
    "pure-death": {"network": "M -> 0 ; k", "rate_k": 0.5, "n0": 8, "cap": 10, "t_end": 6.0},
    "dimerisation": {"network": "2A -> 0 ; c", "rate_c": 0.4, "n0": 10, "cap": 10, "t_end": 4.0},
    "leaking": {**_BD, "n0": 8, "cap": 14, "t_end": 0.6, "law": TARGET},
    "below-empty": {**_BD, "n0": 8, "cap": 14, "t_end": 0.3, "law": SWAPPED, "t": 0.13},
    "transposed": {**_BD, "n0": 8, "cap": 14, "t_end": 0.6, "law": TRANSPOSED},
}
ABOUT = (
    "Each tub is one count n; the water in it is P(n, t). Arrows are reactions: water runs from a tub at the rate "
    "propensity × water, and arrives whole where the reaction leads.",
    "Right: all water together. With enough tubs it stays at 1: probability is conserved.",
    "The last tub has no neighbour above. What a reaction would carry beyond it runs over the edge, onto the floor. "
    "That is the price of keeping finitely many states, and it is known exactly: it is 1 minus the sum.",
    "Switch a wrong equation on: water then appears from nowhere, vanishes, or a tub holds less than nothing.",
)
NOTICES = {
    RIGHT: "",
    SWAPPED: "Gain and loss are swapped (C1): the sum stays 1, and yet tubs hold less than nothing.",
    TARGET: "The gain is weighted with the propensity at the target (C2): what arrives is not what left.",
    TRANSPOSED: "The generator is transposed (C4): rows for columns, and water comes from nowhere.",
}


def controls(values: Values) -> tuple[Control, ...]:
    """The network with its rates, the start, and how many tubs there are."""
    read = FIT.read(values.get("network", BIRTH_DEATH), values)
    return (
        Control("network", "text", "Network", BIRTH_DEATH,
                tip="one species, one reaction a line; press Tab to leave the box and apply"),
        Control("n0", "int", f"{read.net.species[0]} at t = 0", 2, 0, 20, tip="all water begins in this tub"),
        Control("cap", "int", "last tub", 12, 1, 20, tip="the largest count kept; never below the start"),
        *read.sliders(),
        Control("t_end", "log", "time span", 4.0, 0.1, 50.0, tip="length of the film, in units of 1/rate"),
        Control("law", "choice", "dP/dt is", RIGHT, choices=LAWS, belief="C1 C2 C4 C6",
                tip="C1: loss − gain. C2: the gain uses the propensity of the tub it reaches. C4: rows for columns"),
        Control("t", "float", "moment shown first, as a share of the film", 0.25, 0.0, 1.0, 0.01, hidden=True),
    )


def film(values: Values, reveal: bool = True) -> Bank:
    """All frames; without ``reveal`` the tubs at t = 0."""
    read = FIT.read(values["network"], values).net
    net = read.with_initial(**{read.species[0]: values["n0"]})
    a = propensities(net, max(values["cap"], values["n0"]))
    rule, times = balance(values["law"], a, net.stoichiometry[0]), np.linspace(0.0, values["t_end"], FRAMES)
    p = follow(rule.matrix(), values["n0"], times)
    times = times[: len(p)]
    question = (f"{len(a)} tubs, 0 to {len(a) - 1}. How much water has run over the edge, onto the floor, by "
                f"t = {number(values['t_end'])}?")
    panel, marks = _tubs(values, net, rule, p if reveal else p[:1], (0, 0, SPLIT if reveal else 1, 1))
    if not reveal:
        caption = f"All water is in the tub n = {values['n0']}; what follows is hidden."
        return Bank((panel,), tuple(marks), Text(caption), question=question, height=360)
    gauge, level = _gauge(values, p)
    n = np.arange(p.shape[1])
    return Bank(
        (panel, gauge),
        (*marks, *level),
        _caption(values, net, times, p),
        _readings(values, net, p, times),
        Text("t = {t:.2}", {"t": times}),
        Selection(("tubs",), n, tuple(f"n = {i}" for i in n), _told(rule, p, n), noun="tub"),
        NOTICES[values["law"]],
        question,
        float(1 - p[-1].sum()),
        "of all water",
        smooth=True,
        start=round(values["t"] * (len(p) - 1)),
        height=420,
    )


def _tubs(values: Values, net: ReactionNetwork, rule: Balance, p: NDArray,
          cell: tuple[float, float, float, float]) -> tuple[Panel, list[Mark]]:
    """Tubs with their water, and an arrow for each reaction out of each tub."""
    n, wet = np.arange(p.shape[1]), p.astype(np.float32)
    below = p.min() < -1e-6
    # What a wrong law has beyond 1.2 is cut off, and its number written there.
    top = 1.2 if below else nice(1.02 * float(p[min(4, len(p) - 1):].max()), (1, 1.5, 2, 3, 4, 5, 6, 8, 10))
    low = -top if below else 0.0
    ticks = scale(0, max(n[-1], 1), whole=True, about=12).ticks
    panel = Panel("tubs", Scale(-0.7, n[-1] + 1.2, f"n, molecules of {net.species[0]}", ticks),
                  Scale(low, 1.45 * top, "water P(n, t)", scale(low, top, about=4).ticks), cell,
                  "Water in each tub, and where it runs", zero=True)
    walls = np.concatenate([n - 0.4, n + 0.4])
    marks = [Mark("bars", "tubs", {"x": n, "y": wet}, "blue", 0.8, legend="water in the tub"),
             Mark("segments", "tubs", {"x0": walls, "y0": 0 * walls, "x1": walls, "y1": 0 * walls + top}, "faint"),
             Mark("segments", "tubs", {"x0": n - 0.4, "y0": 0.0 * n, "x1": n + 0.4, "y1": 0.0 * n}, "faint", 1.0, 1.6)]
    if below:
        marks.append(Mark("bars", "tubs", {"x": n, "y": np.minimum(wet, 0)}, "purple", 0.8, legend="below zero"))
    flow = rule.flows(p)
    largest = np.abs(np.stack(flow)).max(axis=(0, 2))  # of each frame: the first ones may be cut off, within reason
    most = nice(max(float(np.percentile(largest, 80)), 0.05 * float(largest.max())))
    seen: set[str] = set()
    for r, nu in enumerate(net.stoichiometry[0].tolist()):
        if nu == 0:
            continue
        height = top * (1.12 if nu > 0 else 1.32)
        colour, words = (("green", "to the right: a reaction that adds") if nu > 0 else
                         ("orange", "to the left: one that removes"))
        there = np.clip(n + nu, -0.7, n[-1] + 0.9)
        water = weighted(wet, rule.loss_source[:, r], np.abs(rule.loss_weight[:, r]) / most)
        marks.append(Mark("arrows", "tubs", {"x0": n + 0.12 * np.sign(nu), "y0": np.full(n.size, height),
                                             "x1": there - 0.12 * np.sign(nu), "y1": np.full(n.size, height),
                                             "weight": water}, colour, legend="" if words in seen else words,
                          shape="triangle" if nu > 0 else "square"))
        seen.add(words)
    return panel, marks


def _gauge(values: Values, p: NDArray) -> tuple[Panel, list[Mark]]:
    """All water as one column: in the tubs, and above it what lies on the floor."""
    total = p.sum(axis=1)
    reach = nice(max(1.05, 1.02 * float(np.abs(total).max())), (1, 1.1, 1.5, 2, 3, 5, 10))
    panel = Panel("sum", Scale(-0.9, 0.9), scale(min(0.0, float(total.min())), reach, "", about=4), (SPLIT, 0, 1, 1),
                  "All water")
    marks = [Mark("bars", "sum", {"x": [0.0], "y": total[:, None]}, "blue", 1.1)]
    if values["law"] == RIGHT:
        floor = {"x": [0.0], "base": total[:, None], "y": np.maximum(1.0, total)[:, None], "alpha": [0.9]}
        marks.append(Mark("bars", "sum", floor, "red", 1.1, pointed=False, hollow=True, legend="over the edge"))
    one = {"x0": [-0.9], "y0": [1.0], "x1": [0.9], "y1": [1.0]}
    return panel, [*marks, Mark("segments", "sum", one, "ink", 1.0, 1.4, dash=True)]


def enough(values: Values) -> int | None:
    """The smallest last tub that loses less than one millionth by the end; None beyond SEARCHED."""
    net = FIT.read(values["network"], values).net
    net = net.with_initial(**{net.species[0]: values["n0"]})

    def lost(cap: int) -> float:
        a = propensities(net, cap)
        return 1 - float((expm(balance(RIGHT, a, net.stoichiometry[0]).matrix() * values["t_end"])[:, values["n0"]])
                         .sum())

    low, high = values["n0"] - 1, values["n0"] + 4
    while lost(high) >= SMALL:
        low, high = high, 2 * high
        if high > SEARCHED:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if lost(middle) < SMALL else (middle, high)
    return high


def _readings(values: Values, net: ReactionNetwork, p: NDArray, times: NDArray) -> tuple[Reading, ...]:
    total = p.sum(axis=1)
    if values["law"] != RIGHT:
        kind = "plain" if values["law"] == SWAPPED else "wrong"
        lowest = "wrong" if values["law"] == SWAPPED else "plain"
        return (Reading("All tubs together", Text("{s:.3}", {"s": total}), "", kind),
                Reading("Lowest tub", Text("{m:.3}", {"m": p.min(axis=1)}), "", lowest))
    lost = np.maximum(1 - total, 0)
    last = enough(values)
    tubs = Reading("Tubs for a loss below 10⁻⁶", Text("none" if last is None else f"0 to {last}"),
                   f"by t = {number(values['t_end'])}")
    return (Reading("All tubs together", Text("{s:.4}", {"s": total}), "ΣP(n, t)", "right"),
            Reading("On the floor", Text("{l}", {"l": lost}), "1 − ΣP"), tubs)


def _caption(values: Values, net: ReactionNetwork, times: NDArray, p: NDArray) -> Text:
    rows = {"t": times, "s": p.sum(axis=1), "m": p.argmax(axis=1), "top": p.max(axis=1)}
    text = "At t = {t:.2} the fullest tub is n = {m:d} with {top} of the water; all tubs together hold {s:.4}."
    if values["law"] != RIGHT:
        return Text("This wrong equation says: " + text[0].lower() + text[1:], rows)
    return Text(text + " {l} has run over the edge.", {**rows, "l": np.maximum(1 - p.sum(axis=1), 0)})


def _told(rule: Balance, p: NDArray, n: NDArray) -> Text:
    wet = p.astype(np.float32)
    gain, loss = (weighted(wet, s, w) for s, w in ((rule.gain_source, rule.gain_weight),
                                                  (rule.loss_source, rule.loss_weight)))
    return Text("{name}: {P} of the water; per unit time {gain} runs in and {loss} runs out.",
                {"P": wet, "gain": gain, "loss": loss}, {"name": tuple(f"n = {i}" for i in n)})


def takes(network: ReactionNetwork) -> str:
    """Why this network cannot be drawn as a row of tubs; "" where it can."""
    return one_species(network)


FIT = Fit("bathtub", takes, "0 -> M ; 4\nM -> 0 ; 1")


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` may be a ReactionNetwork: its text, constants and start are taken over."""
    return FIT.adopted(options, lambda net: {"n0": int(net.initial[0])})


Bathtub = Design(
    "bathtub", "Bathtubs", ABOUT, controls, PRESETS, film, adjust, ("network",), takes,
    summary="Probability as water: what leaves one state arrives in another, and none is lost.",
)
