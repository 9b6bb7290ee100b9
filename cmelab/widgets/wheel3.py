"""Wheel3: one molecule with three shapes; the same steady probabilities, and yet it may turn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import exact
from ..network import ReactionNetwork
from ..ssa import path
from ..stationary import stationary
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Mark, Panel, Reading, Scale, Selection, Text, nice, scale
from .typed_network import refusal
from .words import number

RIGHT, BALANCED, STILL = "what the equation says", "steady means no current", "steady means nothing happens"
NAMES, AHEAD, BACK = "ABC", ("AB", "BC", "CA"), ("BA", "CB", "AC")
FRAMES = 101
PLACES = np.array([[0.0, 0.8], [0.95, -0.55], [-0.95, -0.55]])  # A on top, B to the right: forward is clockwise

CONTROLS = (
    *(Control(f"k_{way}", "log", f"{way[0]} → {way[1]}", rate, 0.05, 20.0, unit="1/time",
              tip=f"how often the molecule goes from {way[0]} to {way[1]}")
      for ways, rate in ((AHEAD, 3.0), (BACK, 1.0)) for way in ways),
    Control("t_end", "log", "time span", 20.0, 1.0, 200.0, tip="length of the film, in units of 1/rate"),
    Control("seed", "int", "seed", 3, 0, 99, tip="which path the molecule happens to take"),
    Control("belief", "choice", "Believe", RIGHT, choices=(RIGHT, BALANCED, STILL), belief="D2 D1",
            tip="D2: a steady state has no currents. D1: at a steady state nothing happens"),
    Control("t", "float", "moment shown first, as a share of the film", 0.6, 0.0, 1.0, 0.01, hidden=True),
)


def _rates(*rates: float) -> Values:
    return dict(zip((f"k_{way}" for way in (*AHEAD, *BACK)), rates, strict=True))


PRESETS: dict[str, Values] = {
    "spins": {},
    "balanced": _rates(2, 2, 2, 2, 2, 2),
    "uneven-balanced": _rates(2, 3, 1, 1, 1.5, 4),
    "uneven-spins": _rates(4, 2, 1, 1, 0.5, 0.5),
    "backward": _rates(1, 1, 1, 3, 3, 3),
    "fast": _rates(6, 6, 6, 2, 2, 2),
    "no-current-believed": {"belief": BALANCED},
    "nothing-happens-believed": {"belief": STILL, **_rates(2, 2, 2, 2, 2, 2)},
}
ABOUT = (
    "Left: the three shapes of one molecule. The larger a disc, the likelier the shape at steady state. Green arrows "
    "are the flows of probability forward, red ones backward; the dot is where a simulated molecule is now.",
    "Top right: the net turns that this molecule has made, and the straight line current × time.",
    "Bottom right: the net current of each pair of shapes. At a steady state all three are equal. They need not be 0.",
    "The affinity is ln of (product of the rates forward / product backward). It is 0 just where detailed balance "
    "holds. Current × affinity is the entropy production: what it costs to keep the wheel turning.",
)


def rates_of(values: Values) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rates (3,) forward A -> B -> C -> A, and backward B -> A, C -> B, A -> C."""
    ahead, back = ([values[f"k_{way}"] for way in ways] for ways in (AHEAD, BACK))
    return np.array(ahead), np.array(back)


def steady(values: Values) -> NDArray[np.float64]:
    """The stationary law (3,): with one molecule, the mean of a count is the probability of that shape."""
    return stationary(network(values)).mean()[0]


def network(values: Values) -> ReactionNetwork:
    """The wheel as a network, its molecule in A."""
    f, b = rates_of(values)
    text = "\n".join(f"{x} <-> {y} ; {p!r}, {q!r}" for (x, y), p, q in zip(AHEAD, f.tolist(), b.tolist(), strict=True))
    return ReactionNetwork.parse(text, initial={"A": 1})


def wheel(values: Values, reveal: bool = True) -> Bank:
    """The film of one molecule and the flows of its steady state; without ``reveal`` only the wheel at rest."""
    p = steady(values)
    f, b = rates_of(values)
    ahead, back = p * f, np.roll(p, -1) * b
    question = "After a long time, how many turns A → B → C → A does the molecule make per unit time, net?"
    if not reveal:
        panel, marks = _ring(p, None, None, (0, 0, 1, 1))
        return Bank((panel,), tuple(marks), Text("Three shapes of one molecule; the flows between them are hidden."),
                    question=question, height=360)
    times = np.linspace(0.0, values["t_end"], FRAMES)
    place, turns, jumps = _followed(values, times)
    parts = (_ring(p, (ahead, back), place, (0, 0, 0.48, 1)), _turns(values, times, turns, jumps),
             _currents(values, ahead, back))
    return Bank(
        tuple(panel for panel, _ in parts),
        tuple(mark for _, marks in parts for mark in marks),
        _caption(values, p, times, turns),
        _readings(values),
        Text("t = {t:.1}", {"t": times}),
        Selection(("wheel",), PLACES[:, 0], tuple(NAMES), _told(p, ahead, back), PLACES[:, 1], noun="shape"),
        _notice(values, jumps),
        question,
        driven(values)[0],
        "per unit time",
        start=round(values["t"] * (FRAMES - 1)),
        seconds=8.0,
        height=440,
    )


def _followed(values: Values, times: NDArray) -> tuple[NDArray[np.int64], NDArray, NDArray[np.int64]]:
    """Shape (F,), net turns (F,) and jumps so far (F,) of one exact path."""
    net = network(values)
    walk = path(net, float(times[-1]), seed=values["seed"])
    forward = np.array([1 if "".join((*r.reactants, *r.products)) in AHEAD else -1 for r in net.reactions])
    so_far = np.searchsorted(walk.times[1:], times, side="right")
    steps = np.concatenate([[0], np.cumsum(forward[walk.fired])])[so_far]
    return walk.states[so_far].argmax(axis=1), steps / 3, so_far


def _ring(p: NDArray, flows: Any, place: Any, cell: tuple[float, float, float, float]) -> tuple[Panel, list[Mark]]:
    """The shapes as discs of the area of their probability, arrows as thick as their flow, and the molecule."""
    panel = Panel("wheel", Scale(-1.4, 1.4), Scale(-1.0, 1.36), cell, "One molecule, three shapes", equal=True,
                  bare=True)
    marks: list[Mark] = []
    radius = 0.42 * np.sqrt(p)
    if flows is not None:
        most = nice(float(max(flows[0].max(), flows[1].max())))
        for flow, colour, side, words in ((flows[0], "green", 1, "flow forward"), (flows[1], "red", -1, "flow back")):
            ends = [_between(PLACES[i], PLACES[(i + 1) % 3], 0.36, 0.09 * side) for i in range(3)]
            x0, y0, x1, y1 = np.array([e if side > 0 else (*e[2:], *e[:2]) for e in ends]).T
            marks.append(Mark("arrows", "wheel", {"x0": x0, "y0": y0, "x1": x1, "y1": y1, "weight": flow / most},
                              colour, legend=words, shape="triangle" if side > 0 else "square"))
            out = [_between(PLACES[i], PLACES[(i + 1) % 3], 0.0, 0.34 if side > 0 else -0.3) for i in range(3)]
            middle = np.array([((a + c) / 2, (b + d) / 2) for a, b, c, d in out])
            marks.append(Mark("labels", "wheel", {"x": middle[:, 0], "y": middle[:, 1], "value": flow}, colour, 1.0,
                              form=".2", texts=("", "", "")))
    turn = np.linspace(0, 2 * np.pi, 40)
    for i in range(3):
        ring = {"x": PLACES[i, 0] + radius[i] * np.cos(turn), "y": PLACES[i, 1] + radius[i] * np.sin(turn)}
        marks.append(Mark("area", "wheel", {**ring, "alpha": [0.85]}, "sky"))
    marks.append(Mark("labels", "wheel", {"x": PLACES[:, 0], "y": PLACES[:, 1]}, "ink", 1.5, texts=tuple(NAMES)))
    outward = PLACES + np.array([[0, 0.36], [-0.05, -0.37], [0.05, -0.37]])
    marks.append(Mark("labels", "wheel", {"x": outward[:, 0], "y": outward[:, 1], "value": p}, "blue", 1.0, form=".2",
                      texts=("P = ",) * 3))
    if place is not None:
        at = PLACES[place] - np.array([0.0, 0.15])
        marks.append(Mark("dots", "wheel", {"x": at[:, :1], "y": at[:, 1:]}, "orange", 0.5, legend="the molecule"))
    return panel, marks


def _between(start: NDArray, end: NDArray, gap: float, aside: float) -> tuple[float, float, float, float]:
    """Ends of an arrow from one place to another, a gap away from both and a little outside of the wheel."""
    along = (end - start) / np.linalg.norm(end - start)
    out = np.array([-along[1], along[0]]) * aside
    a, b = start + gap * along + out, end - gap * along + out
    return float(a[0]), float(a[1]), float(b[0]), float(b[1])


def _turns(values: Values, times: NDArray, turns: NDArray, jumps: NDArray) -> tuple[Panel, list[Mark]]:
    """Turns of the molecule up to now, and the line that the current predicts."""
    still = values["belief"] == STILL
    seen, line = (jumps, None) if still else (turns, driven(values)[0] * times)
    every = np.concatenate([[0.0, 1.0], seen, [] if line is None else line])
    low, top = (math.copysign(nice(abs(end)), end) if end else 0.0 for end in (every.min(), every.max()))
    word = "jumps" if still else "turns"
    panel = Panel("turns", scale(0, values["t_end"], "t, time"), scale(low, top, word, about=4), (0.48, 0, 1, 0.56),
                  f"{'Jumps' if still else 'Net turns'} of this molecule so far", zero=True)
    grown = np.where(np.arange(FRAMES)[None] <= np.arange(FRAMES)[:, None], seen[None], np.nan)
    marks = [] if line is None else [
        Mark("line", "turns", {"x": times, "y": line}, "faint", width=1.2, dash=True, legend="current × time")]
    if values["belief"] != RIGHT:
        marks.append(Mark("segments", "turns", {"x0": [0], "y0": [0], "x1": [times[-1]], "y1": [0]}, "purple", 1.0,
                          2.2, dash=True, legend="by this belief"))
    return panel, [*marks, Mark("line", "turns", {"x": times, "y": grown}, "orange", width=1.8,
                                legend="jumps made" if still else "turns made"),
                   Mark("dots", "turns", {"x": times[:, None], "y": seen[:, None].astype(float)}, "orange", 0.4)]


def _currents(values: Values, ahead: NDArray, back: NDArray) -> tuple[Panel, list[Mark]]:
    """Forward flow up, backward flow down, and their difference for each pair."""
    most = nice(float(max(ahead.max(), back.max())))
    ticks = tuple((float(i), f"{way[0]} → {way[1]}") for i, way in enumerate(AHEAD))
    panel = Panel("current", Scale(-0.7, 2.7, "", ticks), scale(-most, most, "per unit time", about=4),
                  (0.48, 0.56, 1, 1), "Flow forward, flow back, and the current", zero=True)
    x, net = np.arange(3.0), ahead - back
    return panel, [
        Mark("bars", "current", {"x": x, "y": ahead}, "green", 0.6, pointed=True),
        Mark("bars", "current", {"x": x, "y": -back}, "red", 0.6, pointed=True),
        Mark("dots", "current", {"x": x, "y": net}, "ink", 1.2, 2.2, shape="dash", legend="current = forward − back"),
    ]


def driven(values: Values) -> tuple[float, float, float]:
    """(current, affinity, entropy production), each 0 where only rounding is left of it."""
    current, force, production = exact.three_state_cycle(*rates_of(values))
    return (0.0, 0.0, 0.0) if abs(force) < 1e-12 else (current, force, production)


def _readings(values: Values) -> tuple[Reading, ...]:
    f, b = rates_of(values)
    current, force, production = driven(values)
    products = [" · ".join(number(k) for k in ks) for ks in (f, b)]
    first = Reading("Current, turns per unit time", Text(number(current)), "P(A) k(A→B) − P(B) k(B→A)", "right")
    drive = Reading("Affinity", Text(number(force)), f"ln ({products[0]}) / ({products[1]})")
    if values["belief"] == BALANCED:
        return first, drive, Reading("With this belief", Text("0"), "steady, so no current", "wrong")
    if values["belief"] == STILL:
        each = float(steady(values) @ (f + np.roll(b, 1)))
        return (Reading("Jumps per unit time", Text(number(each)), "ΣP(n) a0(n)", "right"), first,
                Reading("With this belief", Text("0"), "steady, so nothing happens", "wrong"))
    return first, drive, Reading("Entropy production", Text(number(production)), "current · affinity, in k_B per time")


def _notice(values: Values, jumps: NDArray) -> str:
    if values["belief"] == BALANCED and driven(values)[1] == 0:
        return "Steady is believed to mean no current (D2). Here that is true: turn one rate, and look again."
    return {
        BALANCED: "Steady is believed to mean no current (D2). The probabilities rest; the molecule turns.",
        STILL: f"Steady is believed to mean that nothing happens (D1). It has jumped {jumps[-1]} times.",
    }.get(values["belief"], "")


def _caption(values: Values, p: NDArray, times: NDArray, turns: NDArray) -> Text:
    law = ", ".join(f"{name} {number(x)}" for name, x in zip(NAMES, p, strict=True))
    current = driven(values)[0]
    kind = "no current flows" if current == 0 else f"a current of {number(current)} turns per unit time flows"
    return Text(f"At steady state the shapes have the probabilities {law}, and {kind}. At t = {{t:.1}} the simulated "
                "molecule has made {n:.1} net turns.", {"t": times, "n": turns})


def _told(p: NDArray, ahead: NDArray, back: NDArray) -> Text:
    inflow = np.roll(ahead, 1) + back
    outflow = ahead + np.roll(back, 1)
    return Text("{name}: P = {P}. Per unit time {inward} flows in and {outward} flows out: equal, so P stays.",
                {"P": p[None], "inward": inflow[None], "outward": outflow[None]}, {"name": tuple(NAMES)})


def takes(net: ReactionNetwork) -> str:
    """Why this network is not a wheel of three states; "" where it is."""
    said = "it takes one molecule with three states in a ring, every step with its way back"
    one = all((r.order, sum(r.products.values()), r.custom, r.delay) == (1, 1, False, None) for r in net.reactions)
    ways = {(*r.reactants, *r.products) for r in net.reactions} if one else set()
    every = {(x, y) for x in net.species for y in net.species if x != y}
    return "" if len(net.species) == 3 and len(net.reactions) == 6 and ways == every else said


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` gives the six rates."""
    values = dict(options)
    if (net := values.pop("network", None)) is not None:
        net = net if isinstance(net, ReactionNetwork) else ReactionNetwork.parse(net)
        if reason := takes(net):
            raise refusal("wheel3", net, reason, "A <-> B ; 3, 1 \n B <-> C ; 3, 1 \n C <-> A ; 3, 1")
        letter = dict(zip(net.species, NAMES, strict=True))
        found = {f"k_{letter[next(iter(r.reactants))]}{letter[next(iter(r.products))]}": r.rate for r in net.reactions}
        values = found | values
    return values


Wheel3 = Design(
    "wheel3", "Wheel of three", ABOUT, lambda values: CONTROLS, PRESETS, wheel, adjust, takes=takes,
    summary="Three states in a ring: the same probabilities, at rest or turning, and what the turning costs.",
)
