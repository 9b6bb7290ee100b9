"""Means and laws of several methods on the same axes, each method with its own colour and line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..closures import CLOSURES
from ..outcomes import Outcome
from .frame import Mark, Panel, nice, scale

MOST_BARS, MARKED, FIRST = 60, 4, 3  # bars of a law, signs on a curve, frames that do not count for the axes
SHAPES = ("disc", "square", "triangle", "cross", "dash")


@dataclass(frozen=True)
class Style:
    """How a method is drawn: no two differ in colour alone."""

    colour: str
    shape: str
    hollow: bool = False


@dataclass(frozen=True)
class View:
    """One species of a comparison: its name and column, the yardstick, and the styles of the methods."""

    name: str
    column: int
    end: float
    yard: Outcome | None  # None where there is nothing to measure by
    style: Mapping[str, Style]


FIXED = {
    "cme": Style("ink", "dash"), "ssa": Style("blue", "disc", True), "tau": Style("sky", "triangle", True),
    "cle": Style("orange", "square"), "lna": Style("green", "triangle"), "ode": Style("red", "cross"),
    "chain": Style("orange", "square", True), "chain lna": Style("green", "disc"),
}
CLOSED = Style("purple", "square", True)


def styles(outcomes: Sequence[Outcome]) -> Mapping[str, Style]:
    """The style of each method; closures share one, and are told apart by choosing them."""
    return {out.method: FIXED.get(out.method, CLOSED) for out in outcomes}


def legend(method: str) -> str:
    """The name of a method in the legend."""
    return "closure" if any(c.name == method for c in CLOSURES) else method


def over_time(outcomes: Sequence[Outcome], view: View,
              cell: tuple[float, float, float, float]) -> tuple[Panel, list[Mark]]:
    """Mean and standard deviation of one species against time."""
    name, end, column = view.name, view.end, view.column
    marks: list[Mark] = []
    top, low, most = 1e-9, 0.0, np.inf
    for i, out in enumerate(outcomes):
        if not out.ran:
            continue
        mean, spread = out.mean[:, column], None
        if len(out.var) and (out.var[:, column] >= 0).all():
            spread = np.sqrt(out.var[:, column])
        reach = mean + spread if spread is not None and (out is view.yard or out.valid) else mean
        top = max(top, float(reach.max()))
        if out is view.yard and spread is not None:
            most = 3 * max(float((mean + spread).max()), 1.0)  # what is far beyond the exact law is cut off
            band = {"x": np.r_[out.times, out.times[::-1]], "y": np.r_[mean - spread, (mean + spread)[::-1]],
                    "alpha": [0.18]}
            marks.insert(0, Mark("area", "mean", band, "ink", legend="mean ± sd, exact"))
        marks += _curve(out, mean, spread, view.style[out.method], i, len(outcomes))
    top = nice(1.05 * min(top, most))
    at = np.linspace(0, end, 31)[:, None]
    here = {"x0": at, "y0": [low], "x1": at, "y1": [top]}
    marks.append(Mark("segments", "mean", here, "faint", width=0.8, dash=True))
    return Panel("mean", scale(0, end, "t, time"), scale(low, top, name, about=5), cell,
                 f"Mean of {name} ± standard deviation"), marks


def _curve(out: Outcome, mean: Any, spread: Any, style: Style, i: int, total: int) -> list[Mark]:
    """The mean with its signs, thin lines at one standard deviation, and once more, thick, while it is chosen."""
    look = {"colour": style.colour, "shape": style.shape, "hollow": style.hollow}
    line: dict[str, Any] = {"x": out.times, "y": np.asarray(mean, np.float32)}
    if spread is not None:
        line["sd"] = spread
    marks = [Mark("line", "mean", line, width=2.6 if out.method == "cme" else 1.3, legend=legend(out.method), **look),
             Mark("line", "mean", {"x": out.times, "y": line["y"]}, style.colour, width=3.0,
                  owner=(i,) * len(out.times))]
    if spread is not None and out.method != "cme":
        marks += [Mark("line", "mean", {"x": out.times, "y": mean + sign * spread}, style.colour, width=0.5, dash=True)
                  for sign in (-1, 1)]
    if out.method != "cme":
        step = max(1, len(out.times) // MARKED)
        spots = np.arange(1 + i * step // max(total, 1), len(out.times), step)
        marks.append(Mark("dots", "mean", {"x": out.times[spots], "y": mean[spots]}, size=0.4, width=1.2, **look))
    return marks


def probabilities(outcomes: Sequence[Outcome], view: View,
                  cell: tuple[float, float, float, float]) -> tuple[Panel, list[Mark]]:
    """P(n, t) of every method that has a law, several counts to a bar where they are many."""
    name, marks = view.name, []
    with_law = [(i, out) for i, out in enumerate(outcomes) if name in out.laws]
    if not with_law or view.yard is None:
        return Panel("law", scale(0, 1, f"n, molecules of {name}"), scale(0, 1), cell, "No method has a law"), []
    counts = np.concatenate([_counts(out, name) for _, out in with_law])
    known = _counts(view.yard, name) if name in view.yard.laws else counts
    wide = max(4, int(np.ptp(known)))  # a law that goes far beyond the exact one is cut off
    low = max(int(counts.min()), int(known.min()) - wide // 4)
    high = max(min(int(counts.max()), int(known.max()) + wide // 2), low + 1)
    group = math.ceil((high - low + 1) / MOST_BARS)
    low = group * math.floor(low / group)
    n = np.arange(low, high + 1, group)
    top, frames = 0.0, len(view.yard.times)
    for i, out in with_law:
        p = _grouped(out, name, n, group, frames)
        highest = np.nanmax(p[FIRST:], axis=1, initial=0.0)
        top = float(np.percentile(highest, 60)) if out is view.yard else top
        marks += _law(out, n + (group - 1) / 2, p, view, i, group)
    top = nice(min(1.0, 1.08 * max(top, 1e-3)), (1, 1.5, 2, 3, 4, 5, 6, 8, 10))
    label = f"n, molecules of {name}" + (f", {group} counts a bar" if group > 1 else "")
    panel = Panel("law", scale(low - 0.7 * group, high + 0.7 * group, label, whole=True, about=6),
                  scale(0, top, "P(n, t)", about=4), cell, "Probability of n molecules")
    if low < 0:
        ground = {"x": np.array([low - 0.7 * group, -0.5, -0.5, low - 0.7 * group]), "y": [0, 0, top, top],
                  "alpha": [0.15]}
        marks.insert(0, Mark("area", "law", ground, "faint"))
    return panel, marks


def _counts(out: Outcome, name: str) -> Any:
    """The counts that matter, after the first moments."""
    law = out.laws[name]
    return law.counts[law.p[min(FIRST, len(law.p) - 1):].max(axis=0) > 1e-3]


def _grouped(out: Outcome, name: str, n: Any, group: int, frames: int) -> Any:
    """The probability of each bar (F, K); NaN at times the method did not reach."""
    law = out.laws[name]
    p = np.full((frames, n.size), np.nan, np.float32)
    for k, first in enumerate(n.tolist()):
        inside = (law.counts >= first) & (law.counts < first + group)
        p[:len(law.p), k] = law.p[:frames, inside].sum(axis=1)
    return p


def _law(out: Outcome, x: Any, p: Any, view: View, i: int, group: int) -> list[Mark]:
    style, numbers = view.style[out.method], {"x": x, "y": p}
    for what in ("tv", "w1"):
        distance = getattr(out.distances, what)
        if len(distance) == len(p):
            numbers[what] = distance[:, view.column:view.column + 1]
    look = {"shape": style.shape, "hollow": style.hollow}
    if out is view.yard:
        return [Mark("bars", "law", numbers, "faint" if out.method == "cme" else style.colour, 0.85 * group,
                     legend="exact law" if out.method == "cme" else "law of exact paths"),
                Mark("bars", "law", {"x": x, "y": p}, style.colour, 0.95 * group, owner=(i,) * x.size)]
    every = max(1, x.size // 12)
    spots = np.arange(i % every, x.size, every)
    return [Mark("line", "law", numbers, style.colour, width=1.3, legend=legend(out.method), **look),
            Mark("line", "law", {"x": x, "y": p}, style.colour, width=3.0, owner=(i,) * x.size),
            Mark("dots", "law", {"x": x[spots], "y": p[:, spots]}, style.colour, 0.35, 1.2, **look)]
