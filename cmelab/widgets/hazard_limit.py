"""HazardLimit: a propensity is a hazard, seen as the limit of a measured frequency over a time that shrinks."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..network import ReactionNetwork
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Mark, Panel, Reading, Scale, Selection, Text, scale
from .hazard_trials import SHOWN, Trials, measure
from .started_network import adopt, network_controls, started
from .typed_network import refusal
from .words import number

RIGHT, LINEAR, RATE = "P = 1 − exp(−a dt) (right)", "P = a dt, however long dt is", "P = a"
RULES = (RIGHT, LINEAR, RATE)
MARGIN = 0.1  # of a decade, at both ends of the axis of windows
PAIR = "2A -> B ; c"
FORTY = {"network": "0 -> A ; k", "rate_k": 40.0, "dt": 0.01, "seed": 2}

EXAMPLE = "2A -> B ; 0.2"  # a network that fits
PRESETS: dict[str, Values] = {
    "start": {"network": PAIR, "n_A": 5, "rate_c": 0.2, "dt": 0.2},
    "forty": FORTY,
    "forty-is-no-probability": {**FORTY, "rule": RATE},
    "long-dt": {**FORTY, "rule": LINEAR, "dt": 0.08},
    "few-trials": {"network": PAIR, "n_A": 5, "rate_c": 0.2, "dt": 0.02, "trials": 100.0},
    "race": {"network": "0 -> A ; 3\n0 -> B ; 1\n0 -> C ; 0.5", "dt": 0.1},
    "one-molecule": {"network": "M -> 0 ; gamma", "n_M": 1, "rate_gamma": 0.5, "dt": 0.5},
}
ABOUT = (
    "Left: trials, one a row, each a real simulation that begins anew in the same state. A dot is the first event of "
    "a trial. The blue band is the window from 0 to dt: a filled dot lies in it.",
    "Top right: the share of all trials with an event in the window, measured (dots, with two standard errors), beside "
    "1 − exp(−a dt) and beside a dt. a is the propensity of any reaction, the sum a0 where there are several.",
    "Bottom right: the same share divided by dt. As dt shrinks it comes to rest at a: that is what a propensity is. "
    "The bars grow, because fewer trials have an event in a short window.",
    "A propensity is a chance per unit of time. It may be 40; a probability may not.",
)


def controls(values: Values) -> tuple[Control, ...]:
    """The network and its state, how many trials, and the belief."""
    return (
        *network_controls(values, PAIR, "any network without delays, one reaction a line"),
        Control("trials", "log", "trials", 10_000.0, 100.0, 100_000.0, tip="simulations that begin in the same state"),
        Control("seed", "int", "seed", 1, 0, 99),
        Control(
            "rule",
            "choice",
            "the chance of an event in dt is",
            RIGHT,
            choices=RULES,
            belief="P5",
            tip="P5: a propensity taken for a probability",
        ),
        Control("dt", "float", "window shown first; −1 is about a tenth of 1/a", -1.0, -1.0, 100.0, 0.01, hidden=True),
    )


def takes(network: ReactionNetwork) -> str:
    """Why there is no hazard to measure; "" where there is one."""
    if any(r.delay is not None for r in network.reactions):
        return "this network has a delay; it takes networks without"
    return "" if network.reactions else "there is no reaction in it"


def film(values: Values, reveal: bool = True) -> Bank:
    """Run the trials, and lay out a frame for each window; without ``reveal`` the trials alone."""
    net = started(values).net
    if reason := takes(net):
        raise refusal("hazard-limit", net, reason, EXAMPLE)
    seen = measure(net, round(values["trials"]), values["seed"])
    wanted = values["dt"] if values["dt"] > 0 else 0.025 * seen.dt[0]
    start = int(np.abs(np.log(seen.dt / wanted)).argmin())
    return _bank(net, seen, values["rule"], start) if reveal else _veiled(net, seen, start)


def _bank(net: ReactionNetwork, seen: Trials, rule: str, start: int) -> Bank:
    rows, row_marks = _rows(seen, 0.4)
    chance, marks = _chance(seen, rule)
    ratio, more = _ratio(seen, rule)
    return Bank(
        (rows, chance, ratio),
        (*row_marks, *marks, *more),
        _caption(seen, rule),
        _readings(net, seen, rule),
        Text("dt = {dt}", {"dt": seen.dt}),
        _selection(seen),
        _notice(seen, rule),
        _question(seen, start),
        float(seen.exact[start]),
        "of the trials",
        start=start,
        seconds=8.0,
        height=440,
    )


def _veiled(net: ReactionNetwork, seen: Trials, start: int) -> Bank:
    panel, marks = _rows(seen, 1.0)
    window = [m for m in marks if m.kind == "cells"]
    window = [replace(m, channels={k: c[[min(start, len(c) - 1)]] for k, c in m.channels.items()}) for m in window]
    said = Text(f"{SHOWN} rows for trials and a window of dt = {number(seen.dt[start])}; the events are hidden.")
    return Bank((panel,), tuple(window), said, question=_question(seen, start), height=440)


def _question(seen: Trials, start: int) -> str:
    where = f"dt = {number(seen.dt[start])}"
    return f"The propensity is a = {number(seen.a)}. In what share of trials does something happen within {where}?"


# ---- what is drawn -----------------------------------------------------------------------------------------------


def _rows(seen: Trials, right: float) -> tuple[Panel, list[Mark]]:
    """The trials, one a row, with the window as a band."""
    end, row = float(seen.dt[0]), np.arange(SHOWN, 0, -1.0)
    ticks = tuple((SHOWN + 1.0 - i, str(i)) for i in (1, SHOWN // 2, SHOWN))
    panel = Panel(
        "rows",
        scale(0, end, "time since the start", about=4),
        Scale(0.2, SHOWN + 0.8, "", ticks),
        (0, 0, right, 1),
        "Trials: first event",
    )
    band = {"x0": [0.0], "x1": seen.dt[:, None], "y0": [0.3], "y1": [SHOWN + 0.7], "alpha": [0.22]}
    edge = {"x0": seen.dt[:, None], "x1": seen.dt[:, None], "y0": [0.3], "y1": [SHOWN + 0.7]}
    line = {"x0": np.zeros(SHOWN), "x1": np.full(SHOWN, end), "y0": row, "y1": row}
    beyond = np.where(seen.inside, np.nan, row)
    return panel, [
        Mark("segments", "rows", line, "grid"),
        Mark("cells", "rows", band, "blue", legend="the window dt"),
        Mark("segments", "rows", edge, "blue", width=1.2),
        Mark("dots", "rows", {"x": seen.first, "y": beyond}, "faint", 0.3, hollow=True, legend="first event, later"),
        Mark(
            "dots",
            "rows",
            {"x": seen.first, "y": np.where(seen.inside, row, np.nan)},
            "blue",
            0.36,
            legend="first event, within dt",
        ),
        Mark(
            "dots",
            "rows",
            {"x": np.where(np.isnan(seen.first), 0, seen.first), "y": row},
            "ink",
            0.6,
            1.4,
            hollow=True,
            owner=tuple(range(SHOWN)),
        ),
    ]


def _log_axis(seen: Trials, label: str) -> Scale:
    """Windows on a logarithmic axis, the longest at the left: time runs with the film."""
    x = seen.along
    ticks = [(at, number(dt)) for at, dt in zip(x, seen.dt, strict=True) if abs(math.log10(dt) % 1) < 1e-6]
    return Scale(-MARGIN, x[-1] + 3 * MARGIN, label, tuple((float(at), text) for at, text in ticks))


def _measured(seen: Trials, panel: str, share: NDArray, error: NDArray) -> list[Mark]:
    """The dots measured with their bars, and a column behind those of the present frame."""
    x, here = seen.along, seen.along[:, None]
    bars = {"x0": x, "x1": x, "y0": share - 2 * error, "y1": share + 2 * error}
    return [
        Mark("segments", panel, bars, "ink", width=1.1),
        Mark("dots", panel, {"x": x, "y": share}, "ink", 0.27, legend="measured, ± 2 s.e." if panel == "P" else ""),
        Mark("dots", panel, {"x": here, "y": share[:, None]}, "blue", 0.5),
        Mark("dots", panel, {"x": here, "y": share[:, None]}, "ink", 0.7, 1.2, hollow=True),
    ]


def _chance(seen: Trials, rule: str) -> tuple[Panel, list[Mark]]:
    x, top = seen.along, 1.6
    panel = Panel(
        "P",
        _log_axis(seen, ""),
        Scale(0, top, "", ((0, "0"), (0.5, "0.5"), (1, "1"), (1.5, "1.5"))),
        (0.4, 0, 1, 0.5),
        "Share of trials with an event within dt",
    )
    fine = np.linspace(0, x[-1], 161)
    rise = seen.a * seen.dt[0] / 10**fine
    wall = {"x0": [-MARGIN], "x1": [x[-1] + 3 * MARGIN], "y0": [1.0], "y1": [1.0]}
    marks = [
        Mark("segments", "P", wall, "faint", width=1.2),
        Mark("line", "P", {"x": fine, "y": -np.expm1(-rise)}, "blue", width=1.6, legend="1 − exp(−a dt)"),
        Mark(
            "line",
            "P",
            {"x": fine, "y": np.where(rise <= top, rise, np.nan)},
            "purple" if rule == LINEAR else "red",
            width=1.5,
            dash=True,
            legend="a dt",
        ),
        *_measured(seen, "P", seen.share, seen.error),
    ]
    if rule != RIGHT:
        above = {"x0": [-MARGIN], "x1": [x[-1] + 3 * MARGIN], "y0": [1.0], "y1": [top], "alpha": [0.18]}
        believed = np.minimum(_believed(seen, rule), top * 0.97)[:, None]
        marks[:0] = [Mark("cells", "P", above, "purple", legend="more than 1: no probability")]
        marks.append(
            Mark("dots", "P", {"x": x[:, None], "y": believed}, "purple", 0.5, 2.0, shape="cross", legend="as believed")
        )
    return panel, marks


def _ratio(seen: Trials, rule: str) -> tuple[Panel, list[Mark]]:
    x, top = seen.along, 1.75 * (seen.a or 1.0)
    panel = Panel(
        "ratio",
        _log_axis(seen, "window dt, shrinking"),
        scale(0, top, about=4),
        (0.4, 0.5, 1, 1),
        "The same share, divided by dt",
    )
    level = {"x0": [-MARGIN], "x1": [x[-1] + 3 * MARGIN], "y0": [seen.a], "y1": [seen.a]}
    return panel, [
        Mark("segments", "ratio", level, "green", width=2.0, legend="the propensity a"),
        Mark("line", "ratio", {"x": x, "y": seen.exact / seen.dt}, "blue", width=1.6),
        *_measured(seen, "ratio", seen.share / seen.dt, seen.error / seen.dt),
    ]


# ---- what is said ------------------------------------------------------------------------------------------------


def _believed(seen: Trials, rule: str) -> NDArray[np.float64]:
    return np.full(len(seen.dt), seen.a) if rule == RATE else seen.a * seen.dt


def _readings(net: ReactionNetwork, seen: Trials, rule: str) -> tuple[Reading, ...]:
    laws = " + ".join(r.propensity_text for r in net.reactions)
    law = f"{laws} = " if len(laws) < 40 else ""
    readings = (
        Reading("Measured share", Text("{share:4}", {"share": seen.share}), f"of {seen.trials} trials"),
        Reading("1 − exp(−a dt)", Text("{p:4}", {"p": seen.exact}), "", "right"),
        Reading("Measured / dt", Text("{x}", {"x": seen.share / seen.dt}), f"goes to a = {law}{number(seen.a)}"),
    )
    if rule == RIGHT:
        return readings
    formula = "a" if rule == RATE else "a dt"
    return (*readings, Reading("As believed", Text("{p:4}", {"p": _believed(seen, rule)}), formula, "wrong"))


def _notice(seen: Trials, rule: str) -> str:
    if rule == RIGHT:
        return ""
    if rule == RATE:
        more = f"{number(seen.a)} is more than 1" if seen.a > 1 else "It is the same in every window"
        return f"P5: the propensity as a probability. {more}."
    return "P5: a dt as the chance in any window. In a long one it passes 1."


def _caption(seen: Trials, rule: str) -> Text:
    values = {
        "dt": seen.dt,
        "n": np.round(seen.share * seen.trials),
        "p": seen.share,
        "exact": seen.exact,
        "adt": seen.a * seen.dt,
        "ratio": seen.share / seen.dt,
        "wrong": _believed(seen, rule),
    }
    said = (
        f"In a window of dt = {{dt}} something happened in {{n:d}} of {seen.trials} trials: a share of {{p:4}}, where "
        f"1 − exp(−a dt) is {{exact:4}} and a dt is {{adt:4}}. Divided by dt it is {{ratio}}; a is {number(seen.a)}."
    )
    return Text(said + (" The wrong rule says {wrong:4}." if rule != RIGHT else ""), values)


def _selection(seen: Trials) -> Selection:
    names = tuple(f"Trial {i}" for i in range(1, SHOWN + 1))
    when = tuple(
        "nothing happened in the longest window" if math.isnan(t) else f"the first event came at t = {number(t)}"
        for t in seen.first
    )
    told = Text(
        "{name}: {when}. Of the trials drawn, {c:d} had an event within dt = {dt}.",
        {"c": seen.inside.sum(axis=1), "dt": seen.dt},
        {"name": names, "when": when},
    )
    x = np.where(np.isnan(seen.first), 0.0, seen.first)
    return Selection(("rows",), x, names, told, np.arange(SHOWN, 0, -1.0), noun="trial")


_adopt = partial(adopt, widget="hazard-limit", takes=takes, example=EXAMPLE)
HazardLimit = Design(
    "hazard-limit", "Hazard limit", ABOUT, controls, PRESETS, film, _adopt, ("network",), takes,
    summary="A propensity is the limit of a measured frequency: how often a reaction fires within dt, against a dt.",
)
