"""The table of verdicts: one row for each method, with a sign, a few words, and its distances as bars and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..compare import Comparison
from ..outcomes import Outcome
from .frame import Mark, Panel, Scale
from .method_curves import Style
from .words import SMALLEST, number

VALID, MEAN_ONLY, WRONG, NOT_RUN = "✓", "!", "✗", "–"
WITHIN, SLACK = 0.05, 4.0  # the tolerance and the standard errors that `compare` allows
SIGN, NAME, SHORT, TV, TV_WIDE, W1 = 0.047, 0.075, 0.225, 0.65, 0.13, 0.89  # places in the row
SHORTER = {"derivative matching": "deriv. match."}


@dataclass(frozen=True)
class Row:
    """What the table says of one method."""

    method: str
    sign: str
    short: str
    told: str


def rows_of(got: Comparison, name: str) -> tuple[Row, ...]:
    """One row for each method, in the order of the comparison."""
    yard = next((out for out in got.outcomes if out.method == got.yardstick), None)
    return tuple(Row(out.method, *_judged(out, yard, got.net.species.index(name)), _whole(out)) for out in got.outcomes)


def _whole(out: Outcome) -> str:
    told = (out.verdict or "nothing to measure it by").strip()
    return told if told.endswith(".") else f"{told}."


def _judged(out: Outcome, yard: Outcome | None, column: int) -> tuple[str, str]:
    """The sign, and the reason in a few words with a number."""
    if not out.ran:
        return NOT_RUN, "cannot run here"
    if yard is None:
        return NOT_RUN, "nothing to measure it by"
    if out.method == yard.method:
        return VALID, _certain(out)
    if out.why:
        return WRONG, f"broke at t = {number(float(out.times[-1]))}"
    if out.valid:
        return VALID, _close(out, column)
    return (MEAN_ONLY if mean_holds(out, yard) else WRONG), _off(out, yard)


def mean_holds(out: Outcome, yard: Outcome) -> bool:
    """True where all means are within 5 % of the root mean square count, or four standard errors."""
    k = len(out.distances.mean)
    error = np.hypot(*(x.mean_error[:k] if len(x.mean_error) else np.zeros((k, 1)) for x in (out, yard)))
    allowed = np.maximum(WITHIN * np.sqrt(yard.mean[:k]**2 + yard.var[:k]), SLACK * error) + 1e-9
    return bool((np.abs(out.distances.mean) <= allowed).all())


def _certain(out: Outcome) -> str:
    if out.method == "cme":
        return f"exact, {len(out.result.states)} states"
    return f"exact law, {out.paths} paths"


def _close(out: Outcome, column: int) -> str:
    d = out.distances
    if d.tv.size:
        paths = f", chance {number(float(d.tv_noise.max()), '2')}" if d.tv_noise.max() > 0 else ""
        return f"TV ≤ {number(float(d.tv.max()), '2')}{paths}"
    what = "mean and variance" if d.var.size else "mean"
    off = max(float(np.abs(x).max()) for x in (d.mean, d.var) if x.size)
    return f"{what} off by {number(off, '2')} at most" if off >= SMALLEST else f"{what} agree" + "s" * (not d.var.size)


def _off(out: Outcome, yard: Outcome) -> str:
    """The largest errors of mean and variance as shares, where there is something to take a share of."""
    d = out.distances
    k = len(d.mean)
    said = []
    size = np.sqrt(yard.mean[:k]**2 + yard.var[:k])
    for what, error, truth in (("mean", d.mean, size), ("variance", d.var, yard.var[:len(d.var)] if len(d.var) else 0)):
        if error.size:
            share = error / np.maximum(truth, 0.01)
            at = np.abs(share).argmax()
            worst, off = 100 * float(share.flat[at]), float(error.flat[at])
            if abs(worst) > 100 * WITHIN:
                plus = "+" if worst > 0 else ""
                said.append(f"{what} {plus}{number(worst, '2')} %" if abs(worst) < 1000 else
                            f"{what} {plus}{number(off, '2')}")
    if not said and d.tv.size:
        said.append(f"law off: TV {number(float(d.tv.max()), '2')}")
    told = ", ".join(said) or "a little off"
    return told.replace("variance", "var") if len(said) > 1 else told


def table(got: Comparison, rows: Sequence[Row], style: Mapping[str, Style], name: str) -> tuple[Panel, list[Mark]]:
    """The rows from the top; TV and W1 move with the moment."""
    y = -np.arange(len(rows), dtype=float)
    panel = Panel("verdicts", Scale(0, 1), Scale(float(y[-1]) - 0.6, 1.5), (0, 0.5, 1, 1),
                  "Which method can be believed?", bare=True)
    tv, w1, chance = (_distance(got, what, name) for what in ("tv", "w1", "tv_noise"))
    head = Mark("labels", "verdicts", {"x": [NAME, SHORT, TV, W1], "y": [0.95] * 4}, "faint", 0.9, flush=True,
                texts=("method", "over the whole span", "TV now", "W1"))
    chosen = Mark("cells", "verdicts", {"x0": [0.0] * y.size, "y0": y - 0.5, "x1": [1.0] * y.size, "y1": y + 0.5,
                                        "alpha": [0.12] * y.size}, "ink", owner=tuple(range(y.size)))
    colour = {VALID: "green", MEAN_ONLY: "ink", WRONG: "red", NOT_RUN: "faint"}
    marks = [chosen, head]
    for i, row in enumerate(rows):
        marks.append(Mark("labels", "verdicts", {"x": [SIGN], "y": [y[i]]}, colour[row.sign], 1.25, texts=(row.sign,)))
        look = style[row.method]
        marks.append(Mark("dots", "verdicts", {"x": [0.012], "y": [y[i]]}, look.colour, 0.4, 1.2, shape=look.shape,
                          hollow=look.hollow))
    marks.append(Mark("labels", "verdicts", {"x": [NAME] * y.size, "y": y}, "ink", 0.9, flush=True,
                      texts=tuple(SHORTER.get(row.method, row.method) for row in rows)))
    marks.append(Mark("labels", "verdicts", {"x": [SHORT] * y.size, "y": y}, "ink", 0.9, flush=True,
                      texts=tuple(row.short for row in rows)))
    return panel, marks + _bars(y, tv, w1, chance)


def _bars(y: Any, tv: Any, w1: Any, chance: Any) -> list[Mark]:
    """TV as a bar in a frame that ends at 1, with a stroke where exact paths of this number would be on average."""
    known = np.isfinite(tv)
    full = np.where(known.any(axis=0), TV_WIDE, np.nan)
    frame = {"x0": np.full(y.size, TV), "y0": y - 0.28, "x1": TV + full, "y1": y + 0.28}
    bar = {"x0": np.full(y.size, TV), "y0": y - 0.28, "x1": TV + TV_WIDE * tv, "y1": y + 0.28}
    none = np.where(known.any(axis=0), np.nan, 1.0)
    stroke = TV + TV_WIDE * np.where(chance > 0, chance, np.nan)
    lacks = np.concatenate([none * TV, none * W1])
    return [Mark("cells", "verdicts", frame, "faint", width=0.7, hollow=True),
            Mark("cells", "verdicts", bar, "sky"),
            Mark("segments", "verdicts", {"x0": stroke, "y0": y - 0.36, "x1": stroke, "y1": y + 0.36}, "ink", width=1.6,
                 legend="TV by chance"),
            Mark("labels", "verdicts", {"x": TV + TV_WIDE + 0.012 + 0 * tv, "y": y, "value": tv}, "ink", 0.9, form=".2",
                 texts=("",) * y.size, flush=True),
            Mark("labels", "verdicts", {"x": W1 + 0 * w1, "y": y, "value": w1}, "ink", 0.9, form="2", flush=True,
                 texts=("",) * y.size),
            Mark("labels", "verdicts", {"x": lacks, "y": np.r_[y, y]}, "faint", 0.9, flush=True,
                 texts=("no law",) * y.size + ("",) * y.size)]


def _distance(got: Comparison, what: str, name: str) -> Any:
    """TV or W1 of one species at each moment and for each method, (F, methods); NaN where there is none."""
    s, out = got.net.species.index(name), np.full((got.times.size, len(got.outcomes)), np.nan)
    for i, one in enumerate(got.outcomes):
        distance = getattr(one.distances, what)
        if distance.size:
            out[:len(distance), i] = distance[:, s]
    return out
