"""What PairJar draws: the glass, the molecules, the lines between them, and the table of pairs."""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .frame import Mark, Panel, Scale

MOST = 12  # molecules of each kind
GROUND, RIM = -1.0, 0.9  # where the jars stand, and how full they are
MARGIN = 0.15  # from the wall to the middle of a molecule, in jar units

# Which molecules are joined: "right", "again" (counted once more), "self", "same" (two of one colour).
Pairs = dict[str, list[tuple[int, int]]]


def glass(half: float) -> list[Mark]:
    """A jar with a rounded bottom and a lip, and what is in it."""
    turn, round_ = np.linspace(0, np.pi / 2, 12), 0.25 * half
    x, y = half - round_ + round_ * np.sin(turn), GROUND + round_ - round_ * np.cos(turn)
    x, y = np.r_[x, half], np.r_[y, GROUND + 2 * half * RIM]
    top = GROUND + 2 * half
    wall_x, wall_y = np.r_[x[:-1], half, half + 0.04], np.r_[y[:-1], top - 0.03, top]
    both = [np.r_[-side[::-1], side] for side in (x, wall_x)]
    return [
        Mark("area", "jar", {"x": both[0], "y": np.r_[y[::-1], y], "alpha": [0.16]}, "sky"),
        Mark("line", "jar", {"x": both[1], "y": np.r_[wall_y[::-1], wall_y]}, "faint", width=2.0),
    ]


def lines(pairs: Pairs, spots: NDArray, size: float) -> list[Mark]:
    """Green lines for pairs, purple dashes and rings for what is no pair, thick ones for the molecule chosen."""
    ends, again = _ends(pairs["right"], spots), _ends(pairs["again"], spots)
    along = again[:, 2:] - again[:, :2]
    side = np.stack([-along[:, 1], along[:, 0]], 1) / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    wrong = np.vstack([again + 0.03 * np.hstack([side, side]), _ends(pairs["same"], spots)])
    alone = spots[[i for i, _ in pairs["self"]]].reshape(-1, 2)
    mine = [(i, j) for pair in pairs["right"] for i, j in (pair, pair[::-1])]
    far = "counted once more" if pairs["again"] else "two of one colour"
    return [
        _segments(wrong, "purple", 1.0, dash=True, legend=f"no new pair: {far}" if len(wrong) else ""),
        _segments(ends, "green", 1.1, legend="a pair that can react" if len(ends) else ""),
        _segments(_ends(mine, spots), "ink", 2.0, owner=tuple(i for i, _ in mine)),
        Mark(
            "dots",
            "jar",
            {"x": alone[:, 0] + 0.08, "y": alone[:, 1] + 0.11},
            "purple",
            0.9 * size,
            1.4,
            hollow=True,
            legend="no pair: a molecule with itself" if len(alone) else "",
        ),
        Mark(
            "dots",
            "jar",
            {"x": spots[:, 0], "y": spots[:, 1]},
            "ink",
            1.35 * size,
            1.6,
            hollow=True,
            owner=tuple(range(len(spots))),
        ),
    ]


def _ends(pairs: list[tuple[int, int]], spots: NDArray) -> NDArray[np.float64]:
    return np.array([[*spots[i], *spots[j]] for i, j in pairs], float).reshape(-1, 4)


def _segments(ends: NDArray, colour: str, width: float, **more: Any) -> Mark:
    return Mark(
        "segments", "jar", dict(zip(("x0", "y0", "x1", "y1"), ends.T, strict=True)), colour, width=width, **more
    )


def table(pairs: Pairs, rows: list[str], columns: list[str], half: bool, title: str) -> tuple[Panel, list[Mark]]:
    """The pairs as squares; ``half``: a molecule with itself fills half a square, as in n²/2."""
    first = len(rows) if rows != columns and columns else 0  # columns of B alone come after the rows of A
    every = 1 if max(len(rows), len(columns)) <= MOST else 2
    x_ticks = tuple((i + 1, columns[i]) for i in range(0, len(columns), every))
    y_ticks = tuple((len(rows) - i, rows[i]) for i in range(0, len(rows), every))
    x, y = (
        Scale(0.4, max(len(columns), 1) + 0.6, "partner", x_ticks),
        Scale(0.4, max(len(rows), 1) + 0.6, "molecule", y_ticks),
    )
    extra = [*((j, i) for i, j in pairs["again"]), *pairs["same"]]
    grid = list(itertools.product(range(len(rows)), range(first, first + len(columns))))
    crossed = np.array([*extra, *pairs["self"]], float).reshape(-1, 2)
    cross = {"x": crossed[:, 1] - first + 1, "y": len(rows) - crossed[:, 0]}
    size = min(0.45, 4.0 / max(len(rows), len(columns), 1))
    return Panel("table", x, y, (0.5, 0, 1, 1), equal=True, title=title), [
        _cells(grid, len(rows), first, "grid", hollow=True),
        _cells(pairs["right"], len(rows), first, "green"),
        _cells(extra, len(rows), first, "purple"),
        _cells(pairs["self"], len(rows), first, "purple", 0.5 if half else 1.0),
        Mark("dots", "table", cross, "ink", size, 1.2, shape="cross"),
    ]


def _cells(pairs: list[tuple[int, int]], rows: int, first: int, colour: str, high: float = 1.0, **more: Any) -> Mark:
    at = np.array(pairs, float).reshape(-1, 2)
    x, y = at[:, 1] - first + 1, rows - at[:, 0]
    return Mark(
        "cells",
        "table",
        {"x0": x - 0.46, "y0": y - 0.46, "x1": x + 0.46, "y1": y - 0.46 + 0.92 * high},
        colour,
        width=0.8,
        **more,
    )


@lru_cache(maxsize=64)
def _unit_places(seed: int) -> NDArray[np.float64]:
    """24 places in the unit square: each the best of 120 tries, far from the others and from the lines between them."""
    rng = np.random.default_rng(seed)
    places = np.zeros((2 * MOST, 2))
    for i in range(len(places)):
        tries = rng.uniform(0, 1, (120, 2))
        score = np.linalg.norm(tries[:, None] - places[None, :i], axis=2).min(axis=1) if i else np.zeros(120)
        if 2 <= i < MOST:  # those of B have more lines to avoid than there is room for
            a, b = (places[list(side)] for side in zip(*itertools.combinations(range(i), 2), strict=True))
            score = np.minimum(score, 3 * _clearance(tries, a, b))
        places[i] = tries[score.argmax()]
    return places


def _clearance(points: NDArray, a: NDArray, b: NDArray) -> NDArray[np.float64]:
    """Distance from each point to the nearest of the straight lines through a and b."""
    along = (b - a) / np.linalg.norm(b - a, axis=1, keepdims=True)
    away = points[:, None] - a[None]
    return np.abs(away[..., 0] * along[:, 1] - away[..., 1] * along[:, 0]).min(axis=1)


def spread(seed: int, half: float) -> NDArray[np.float64]:
    """The places in a jar of this half width: first those of A, then those of B."""
    width, height = 2 * half - 2 * MARGIN, 2 * half * RIM - 2 * MARGIN
    return _unit_places(seed) * [width, height] + [-width / 2, GROUND + MARGIN]
