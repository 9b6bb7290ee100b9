"""Colours, sizes and the place of every panel: what the still picture and the browser have in common.

Okabe-Ito colours, which colour-blind readers can tell apart; marks differ in shape or line as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .frame import Panel

LIGHT = {
    "ink": "#1b1b1b",
    "paper": "#ffffff",
    "faint": "#767676",
    "grid": "#d9d9d9",
    "blue": "#0072b2",
    "orange": "#e69f00",
    "green": "#009e73",
    "red": "#d55e00",
    "purple": "#b5508c",
    "sky": "#56b4e9",
}
DARK = {
    "ink": "#f2f2f2",
    "paper": "#15181d",
    "faint": "#a0a4aa",
    "grid": "#3c4148",
    "blue": "#4fa8e0",
    "orange": "#f0b030",
    "green": "#2cc295",
    "red": "#ff8646",
    "purple": "#e79ac6",
    "sky": "#8ccdf5",
}

# The colours at the ends of a scale: zero is paper. Ink can still be read on them.
ENDS = {"light": {"more": "#0072b2", "less": "#d55e00"}, "dark": {"more": "#3b8fc7", "less": "#c8622f"}}
STOPS = 65

LMS = np.array([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                [0.0883024619, 0.2817188376, 0.6299787005]])  # fmt: skip
LAB = np.array([[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
                [0.0259040371, 0.7827717662, -0.8086757660]])  # fmt: skip

# Letter height in pixels and factor on line widths: for a screen at arm's length, and for a projector.
SIZES = {"page": {"em": 13.0, "line": 1.0}, "stage": {"em": 21.0, "line": 1.8}}
WIDTH = 900  # pixels; a picture is never drawn wider on the page, and shrinks on a narrow one

# Room around a panel in letter heights: a line of text, a digit, a bold letter, the gap beside a tick label, the edges.
ROOM = {"text": 1.45, "digit": 0.62, "bold": 0.67, "gap": 0.55, "edge": 0.5, "right": 0.8, "ramp": 1.3}


def _oklab(colour: str) -> NDArray[np.float64]:
    """A colour in coordinates where equal steps look equal (B. Ottosson, OKLab, 2020)."""
    srgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return LAB @ np.cbrt(LMS @ linear)


def _hex(lab: NDArray[np.float64]) -> str:
    linear = np.clip(np.linalg.solve(LMS, np.linalg.solve(LAB, lab) ** 3), 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * v):02x}" for v in srgb)


def _ramp(colours: tuple[str, ...]) -> tuple[str, ...]:
    """Colours in even steps through those given."""
    anchors, at = np.array([_oklab(c) for c in colours]), np.linspace(0, len(colours) - 1, STOPS)
    return tuple(_hex(np.array([np.interp(x, range(len(colours)), axis) for axis in anchors.T])) for x in at)


# The colours of a value: "one" from zero to the most, "two" from the most below zero to the most above it.
RAMPS = {
    theme: {
        "one": _ramp((palette["paper"], ENDS[theme]["more"])),
        "two": _ramp((ENDS[theme]["less"], palette["paper"], ENDS[theme]["more"])),
    }
    for theme, palette in (("light", LIGHT), ("dark", DARK))
}


@dataclass(frozen=True)
class Look:
    """One theme in one size."""

    dark: bool = False
    stage: bool = False

    @property
    def palette(self) -> dict[str, str]:
        """Colour of each name."""
        return DARK if self.dark else LIGHT

    @property
    def ramps(self) -> dict[str, tuple[str, ...]]:
        """The colours of a value."""
        return RAMPS["dark" if self.dark else "light"]

    @property
    def em(self) -> float:
        """Letter height in pixels."""
        return SIZES["stage" if self.stage else "page"]["em"]

    @property
    def line(self) -> float:
        """Factor on line widths."""
        return SIZES["stage" if self.stage else "page"]["line"]


def shared() -> dict[str, Any]:
    """Everything above, as the browser is told it."""
    return {"light": LIGHT, "dark": DARK, "sizes": SIZES, "room": ROOM, "width": WIDTH, "ramps": RAMPS}


def picture_height(height: int, width: float) -> float:
    """A narrow picture is lower too, but never below 70 %, so that its letters keep their room."""
    return round(height * min(max(width / WIDTH, 0.7), 1.0))


def places(panels: tuple[Panel, ...], width: float, height: float, em: float) -> dict[str, tuple[float, ...]]:
    """Left, top, width, height in pixels of each panel's axes; panels of one column begin and end together."""
    out = {}
    for panel in panels:
        left = max(_left(p) for p in panels if p.cell[0] == panel.cell[0]) * em
        right = (ROOM["edge"] if panel.bare else ROOM["right"]) * em
        top = ((ROOM["text"] + 0.2 if panel.title else ROOM["edge"]) + (ROOM["ramp"] if panel.ramp else 0)) * em
        bottom = _bottom(panel) * em
        x0, x1 = panel.cell[0] * width + left, panel.cell[2] * width - right
        y0, y1 = panel.cell[1] * height + top, panel.cell[3] * height - bottom
        if panel.equal:
            unit = min((x1 - x0) / (panel.x.high - panel.x.low), (y1 - y0) / (panel.y.high - panel.y.low))
            wide, high = unit * (panel.x.high - panel.x.low), unit * (panel.y.high - panel.y.low)
            x0, y0 = (x0 + x1 - wide) / 2, (y0 + y1 - high) / 2
            x1, y1 = x0 + wide, y0 + high
        out[panel.name] = (x0, y0, x1 - x0, y1 - y0)
    return out


def _left(panel: Panel) -> float:
    if panel.bare:
        return ROOM["edge"]
    ticks = max((len(text) for _, text in panel.y.ticks), default=0)
    return (ROOM["text"] if panel.y.label else 0) + ROOM["digit"] * ticks + ROOM["gap"] + ROOM["edge"]


def _bottom(panel: Panel) -> float:
    if panel.bare:
        return ROOM["edge"]
    return (ROOM["text"] if panel.x.label else 0) + (ROOM["text"] if panel.x.ticks else 0) + ROOM["edge"]
