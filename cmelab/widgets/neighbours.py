"""The lens: one state in the middle, the states its probability comes from and goes to above and below it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .frame import Mark, Panel, Scale, weighted
from .gain_loss import Balance

HIGH, WIDE = 0.17, 0.56  # half height and half width of a box


def lens(
    rule: Balance, bars: NDArray[np.float32], most: float, cell: tuple[float, float, float, float]
) -> tuple[Panel, list[Mark]]:
    """A panel and its marks for every state in turn; only those of the state chosen are seen.

    bars : (F, K) float32, P of the states shown; most : the flow that gets the thickest arrow
    """
    size = bars.shape[1]
    n = np.arange(size)
    jumps = sorted({int(d) for to in (rule.gain_from, rule.loss_to) for d in np.unique(to[:size] - n[:, None])} - {0})
    abreast = max([1, *(sum((d > 0) == up for d in jumps) for up in (True, False))])
    wide = WIDE if abreast == 1 else 0.9 / abreast
    marks = _boxes(n, np.zeros(size), np.zeros(size), wide, n, bars, "blue", 2.2)
    for jump in jumps:
        side = [d for d in jumps if (d > 0) == (jump > 0)]
        place = side.index(jump) - (len(side) - 1) / 2
        x, up = 2.0 * place / max(len(side), 1), 1 if jump > 0 else -1
        there = n[(n + jump >= 0) & (n + jump < size)]
        if not there.size:
            continue
        marks += _boxes(
            there, np.full(there.size, x), np.full(there.size, 0.8 * up), wide, there + jump, bars, "faint", 1.2
        )
        marks += _flow(
            rule.gain_from, rule.gain_source, rule.gain_weight, there, jump, bars, most, "green", x, up, True
        )
        marks += _flow(rule.loss_to, rule.loss_source, rule.loss_weight, there, jump, bars, most, "red", x, up, False)
    return Panel("lens", Scale(-1.1, 1.1), Scale(-1.05, 1.05), cell, "The state you chose", bare=True), marks


def _boxes(
    owner: NDArray, x: NDArray, y: NDArray, wide: float, state: NDArray, bars: NDArray, colour: str, width: float
) -> list[Mark]:
    who = tuple(owner.tolist())
    box = {"x0": x - wide, "x1": x + wide, "y0": y - HIGH, "y1": y + HIGH}
    return [
        Mark("cells", "lens", box, colour, width=width, hollow=True, owner=who),
        Mark("labels", "lens", {"x": x, "y": y + 0.075}, size=1.0, texts=tuple(f"n = {s}" for s in state), owner=who),
        Mark(
            "labels",
            "lens",
            {"x": x, "y": y - 0.075, "value": weighted(bars, state, np.ones(len(who)))},
            size=1.0,
            form=".3" if np.abs(bars).max() < 10 else "3",  # a wrong law grows out of its box
            texts=("P = ",) * len(who),
            owner=who,
        ),
    ]


def _flow(
    far: NDArray,
    source: NDArray,
    weight: NDArray,
    owner: NDArray,
    jump: int,
    bars: NDArray,
    most: float,
    colour: str,
    x: float,
    up: int,
    arriving: bool,
) -> list[Mark]:
    """The arrow between a state and one neighbour, as thick as the flow, with its number beside it."""
    here = np.where(far[owner] == (owner + jump)[:, None], weight[owner], 0.0)
    if not here.any():
        return []
    who, shift = tuple(owner.tolist()), -0.17 if arriving else 0.17
    middle, outer = up * (HIGH + 0.03), up * (0.8 - HIGH - 0.03)
    near_x, far_x = 0.3 * x + shift, x + shift
    start, end = ((far_x, outer), (near_x, middle)) if arriving else ((near_x, middle), (far_x, outer))
    full = np.ones(owner.size)
    arrow = {
        "x0": full * start[0],
        "y0": full * start[1],
        "x1": full * end[0],
        "y1": full * end[1],
        "weight": weighted(bars, source[owner], here / most),
    }
    label = {
        "x": full * ((near_x + far_x) / 2 + (-0.36 if arriving else 0.36)),
        "y": full * (middle + outer) / 2,
        "value": weighted(bars, source[owner], here),
    }
    return [
        Mark("arrows", "lens", arrow, colour, owner=who),
        Mark("labels", "lens", label, colour, size=1.05, owner=who),
    ]
