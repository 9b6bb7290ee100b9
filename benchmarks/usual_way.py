"""The picture of a widget the usual way: `ipywidgets.interact` around a function that ends in `plt.show`."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import FloatLogSlider, IntSlider, interact

from cmelab.widgets import Bank, Design
from cmelab.widgets.controls import Control

SIZE = (9.0, 4.3)  # inches, as large as the widget's own


def draw(bank: Bank) -> None:
    """The marks of the frame shown first, by pyplot's own means."""
    figure = plt.figure(figsize=SIZE)
    for panel in bank.panels:
        left, top, right, bottom = panel.cell
        axes = figure.add_axes((left + 0.06, 1.08 - bottom, right - left - 0.09, bottom - top - 0.17))
        axes.set(xlim=(panel.x.low, panel.x.high), ylim=(panel.y.low, panel.y.high), title=panel.title)
        axes.set(xlabel=panel.x.label, ylabel=panel.y.label)
        for mark in (m for m in bank.marks if m.panel == panel.name and m.owner is None):
            _mark(axes, mark.kind, mark.items(bank.start), mark.texts)
    plt.show()


def _mark(axes: Any, kind: str, v: dict[str, np.ndarray], texts: tuple[str, ...]) -> None:
    if kind == "bars":
        axes.bar(v["x"], v["y"] - v.get("base", 0), bottom=v.get("base", 0), width=0.8)
    elif kind in ("line", "area"):
        axes.plot(v["x"], v["y"])
    elif kind == "dots":
        axes.scatter(v["x"], v["y"])
    elif kind == "cells":
        for x0, y0, x1, y1 in zip(v["x0"], v["y0"], v["x1"], v["y1"], strict=True):
            axes.add_patch(plt.Rectangle((x0, y0), x1 - x0, y1 - y0))
    elif kind in ("segments", "arrows"):
        axes.plot([v["x0"], v["x1"]], [v["y0"], v["y1"]])
    for x, y, text in zip(v.get("x", ()), v.get("y", ()), texts, strict=False):
        axes.text(x, y, text)


def usual(design: Design, control: Control) -> None:
    """The same numbers from the same slider, drawn anew each time."""
    values = design.start(None)

    def shown(value: float) -> None:
        draw(design.bank({**values, control.name: control.checked(value)}, True))

    if control.kind == "int":
        slider = IntSlider(values[control.name], int(control.low), int(control.high))
    else:
        low, high = np.log10([control.low, control.high])
        slider = FloatLogSlider(values[control.name], min=low, max=high, step=(high - low) / 50)
    interact(shown, value=slider)
