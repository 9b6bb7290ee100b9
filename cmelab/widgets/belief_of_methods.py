"""Beliefs about methods: each takes the numbers of one method for exact, and is shown what that method really says."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..compare import Comparison
from .frame import Reading, Text
from .words import number

RIGHT = "what the methods say"
# The belief, the method it trusts, and its id.
METHOD_OF = (
    ("mean = rate equation", "ode", "K1"),
    ("a closure is exact", "normal", "M3"),
    ("CLE = CME", "cle", "L1"),
)


def _trusted(values: dict[str, Any], got: Comparison) -> tuple[Any, str] | None:
    for belief, method, name in METHOD_OF:
        if values["belief"] == belief:
            return got.of(method), name
    return None


def wrongly(values: dict[str, Any], got: Comparison, column: int) -> Reading | None:
    """The number that the belief takes for exact."""
    if (found := _trusted(values, got)) is None:
        return None
    out, name = found
    if not out.ran:
        return Reading("With this belief", Text("none"), f"{out.method} cannot run on this network", "wrong")
    if name != "K1":
        spread = np.sqrt(np.maximum(out.var[:, column], 0))
        return Reading("With this belief", Text("{m} ± {s}", {"m": out.mean[:, column], "s": spread}),
                       f"mean ± standard deviation by {out.method}", "wrong")
    return Reading("With this belief", Text("{m}", {"m": out.mean[:, column]}), "the rate equation", "wrong")


def notice(values: dict[str, Any], got: Comparison, column: int) -> str:
    """What the belief takes for exact, and by how much it is off at most."""
    if (found := _trusted(values, got)) is None:
        return ""
    out, name = found
    said = {"K1": "The mean is believed to follow the rate equation (K1).",
            "M3": "A moment closure is believed to be exact (M3).",
            "L1": "The Langevin equation is believed to be the master equation (L1): it counts in fractions."}[name]
    d = out.distances
    if not d.mean.size:
        return said
    off = d.mean[np.abs(d.mean[:, column]).argmax(), column]
    told = f" Here its mean of {values['species']} is off by up to {number(abs(float(off)))}"
    if len(d.var):
        told += f", its variance by up to {number(float(np.abs(d.var[:, column]).max()))}"
    if d.tv.size:
        told += f", and its law by a total variation of up to {number(float(d.tv[:, column].max()))}"
    return said + told + "."
