"""The compass: one state of two species in the middle, around it the states its probability comes from and goes to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .frame import Mark, Panel, Scale, weighted
from .gain_loss import Balance

NEAR, FAR, END = (0.36, 0.19), (0.62, 0.74), (0.86, 0.92)  # half axes of the ellipses on which things stand
ASIDE, NUMBER = 0.045, (0.21, 0.2)  # from the middle of a pair of arrows to each of them, and to its number
TURN = math.radians(25)  # between two neighbours that would stand behind each other


def compass(
    rule: Balance,
    mine: NDArray[np.int64],
    where: NDArray[np.int64],
    states: NDArray[np.int64],
    bars: NDArray[np.float32],
    most: float,
    cell: tuple[float, float, float, float],
) -> tuple[Panel, list[Mark]]:
    """A panel and its marks for every cell in turn; only those of the cell chosen are seen.

    mine (K,) is the state of each cell, where (N,) the cell of each state, -1 where it has none.
    """
    here = states[mine]
    owner = tuple(range(len(mine)))
    names = tuple(f"({n}, {m})" for n, m in here.tolist())
    box = {"x0": [-0.33], "x1": [0.33], "y0": [-0.16], "y1": [0.16]}
    marks = [
        Mark("cells", "compass", _for_each(box, len(mine)), "blue", width=2.2, hollow=True, owner=owner),
        Mark("labels", "compass", _for_each({"x": [0], "y": [0.07]}, len(mine)), texts=names, size=1.0, owner=owner),
        Mark("labels", "compass", {"x": [0], "y": [-0.07], "value": bars}, form=".3", texts=("P = ",) * len(mine),
             size=1.0, owner=owner),
    ]  # fmt: skip
    for jump, angle in _directions(rule, mine, states).items():
        marks += _neighbour(rule, mine, where, states, bars, most, jump, angle)
    return Panel("compass", Scale(-1.1, 1.1), Scale(-1.05, 1.05), cell, "The state you chose", bare=True), marks


def _for_each(channels: dict[str, list[float]], count: int) -> dict[str, NDArray[np.float32]]:
    return {name: np.full((1, count), value[0], np.float32) for name, value in channels.items()}


def _ends(rule: Balance) -> tuple[tuple[NDArray, NDArray, NDArray, bool], ...]:
    """Where arrows begin or end, what they weigh, whose P counts, and whether they arrive."""
    return (
        (rule.gain_from, rule.gain_weight, rule.gain_source, True),
        (rule.loss_to, rule.loss_weight, rule.loss_source, False),
    )


def _directions(rule: Balance, mine: NDArray, states: NDArray) -> dict[tuple[int, int], float]:
    """Every difference to a state that some arrow begins or ends at, with the angle it is drawn at."""
    jumps: set[tuple[int, int]] = set()
    for far, weight, _, _ in _ends(rule):
        ends, used = far[mine], (weight[mine] > 0) & (far[mine] >= 0) & (far[mine] < len(states))
        steps = states[np.where(used, ends, 0)] - states[mine][:, None]
        jumps |= {tuple(step) for step in steps[used].tolist()}
    angles: dict[tuple[int, int], float] = {}
    for jump in sorted(jumps - {(0, 0)}, key=lambda j: math.hypot(*j)):
        angle = math.atan2(jump[1], jump[0])
        while any(abs(math.remainder(angle - other, math.tau)) < 0.9 * TURN for other in angles.values()):
            angle += TURN
        angles[jump] = angle
    return angles


def _neighbour(
    rule: Balance,
    mine: NDArray[np.int64],
    where: NDArray[np.int64],
    states: NDArray[np.int64],
    bars: NDArray[np.float32],
    most: float,
    jump: tuple[int, int],
    angle: float,
) -> list[Mark]:
    """The name of one neighbour, an arrow from it and one to it, each as thick as its flow."""
    ux, uy = math.cos(angle), math.sin(angle)
    side, marks, named = (-uy, ux), [], np.zeros(len(mine), bool)
    for far, weight, source, arriving in _ends(rule):
        ends = far[mine]
        inside = (ends >= 0) & (ends < len(states))
        there = states[np.where(inside, ends, 0)] - states[mine][:, None]
        flows = np.where(inside & (there == jump).all(axis=2), weight[mine], 0.0)
        owner = np.flatnonzero((flows > 0).any(axis=1))
        if not owner.size:
            continue
        named[owner] = True
        way = 1 if arriving else -1
        near, out = ((ux * e[0] + way * ASIDE * side[0], uy * e[1] + way * ASIDE * side[1]) for e in (NEAR, FAR))
        begin, end = (out, near) if arriving else (near, out)
        cells = where[np.clip(source[mine][owner], 0, len(states) - 1)]
        middle = [(near[k] + out[k]) / 2 + way * NUMBER[k] * side[k] for k in (0, 1)]
        who, colour = tuple(owner.tolist()), "green" if arriving else "red"
        arrow: dict[str, Any] = {"x0": [begin[0]], "y0": [begin[1]], "x1": [end[0]], "y1": [end[1]]}
        label: dict[str, Any] = {"x": [middle[0]], "y": [middle[1]]}
        arrow["weight"], label["value"] = (weighted(bars, cells, flows[owner] / unit) for unit in (most, 1.0))
        marks += [
            Mark("arrows", "compass", arrow, colour, owner=who),
            Mark("labels", "compass", label, colour, owner=who),
        ]
    owner = np.flatnonzero(named)
    texts = tuple(f"({n + jump[0]}, {m + jump[1]})" for n, m in states[mine[owner]].tolist())
    place = _for_each({"x": [END[0] * ux], "y": [END[1] * uy]}, owner.size)
    return [*marks, Mark("labels", "compass", place, texts=texts, size=0.9, owner=tuple(owner.tolist()))]
