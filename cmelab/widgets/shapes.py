"""Outlines of marks in pixels, the same as in `paint.js`: plain geometry, nothing is drawn here."""

from __future__ import annotations

import math

import numpy as np

Points = list[tuple[float, float]]

OUTLINES = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "triangle": ((0.0, -1.0), (0.9, 0.7), (-0.9, 0.7)),
}
STROKES = {"cross": (((-0.8, -0.8), (0.8, 0.8)), ((-0.8, 0.8), (0.8, -0.8))), "dash": (((-1.0, 0.0), (1.0, 0.0)),)}


def arrow(x0: float, y0: float, x1: float, y1: float, weight: float, em: float) -> Points:
    """An arrow from (x0, y0) to (x1, y1), as thick as its weight; turned round where that is negative."""
    if weight < 0:
        x0, y0, x1, y1 = x1, y1, x0, y0
    long = math.hypot(x1 - x0, y1 - y0)
    dx, dy = (x1 - x0) / long, (y1 - y0) / long
    half = (0.05 + 0.3 * abs(weight)) * em
    neck, wing = long - min(0.5 * long, half + 0.6 * em), half + 0.25 * em
    steps = ((0, half), (neck, half), (neck, wing), (long, 0), (neck, -wing), (neck, -half), (0, -half))
    return [(x0 + a * dx - b * dy, y0 + a * dy + b * dx) for a, b in steps]


def sector(x: float, y: float, start: float, end: float, radius: float) -> Points:
    """A slice of a disc, from one share of a turn to another, clockwise from the top."""
    turn = 2 * math.pi * np.linspace(start, end, 2 + math.ceil(90 * abs(end - start)))
    return [(x, y), *zip(x + radius * np.sin(turn), y - radius * np.cos(turn), strict=True)]
