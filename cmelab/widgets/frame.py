"""What a widget shows: panels (axes), marks (what is drawn in them) and a bank of frames. Arrays only, no drawing.

A model returns a `Bank`. `picture` draws one frame of it as a still; the browser plays all of them (`paint.js`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .words import fill, number

MAX_BYTES = 4_000_000  # a bank is shipped once, and must arrive soon over a slow line

# The marks there are, and the channels each needs; all take "alpha" (0 to 1) as well.
KINDS = {
    "bars": ("x", "y"),  # from "base" (0 when left out) to y, `size` wide in units of x
    "cells": ("x0", "y0", "x1", "y1"),  # rectangles; "shade" is a value in the colours of the panel's ramp
    "line": ("x", "y"),  # one line through all items, broken at NaN
    "area": ("x", "y"),  # the inside of that line
    "dots": ("x", "y"),  # marker `shape` of radius `size` times the letter height
    "segments": ("x0", "y0", "x1", "y1"),  # straight lines
    "arrows": ("x0", "y0", "x1", "y1"),  # with a head; "weight" up to 1 is the thickness, negative turns it round
    "sectors": ("x", "y", "start", "end"),  # of a disc of radius `size` in units of x; turns clockwise from the top
    "labels": ("x", "y"),  # `texts`, then the number in "value" where there is one
}
SHAPES = ("disc", "square", "triangle", "cross", "dash")


@dataclass(frozen=True)
class Sum:
    """A channel that is a weighted sum of another: item k is sum_m weight[k, m] * source[index[k, m]].

    The flows of a master equation are such sums of P, so only P travels to the browser.
    """

    source: NDArray[np.float32]  # (F, K0)
    index: NDArray[np.float32]  # (K, M) positions in the source
    weight: NDArray[np.float32]  # (K, M)

    def at(self, frame: int) -> NDArray[np.float32]:
        """The values in one frame, (K,)."""
        row = self.source[min(frame, len(self.source) - 1)]
        return (self.weight * row[self.index.astype(int)]).sum(axis=1)


Channel = NDArray[np.float32] | Sum


def channel(values: ArrayLike | Sum) -> Channel:
    """Values (K,) that never move, or (F, K), as float32; a `Sum` stays itself."""
    if isinstance(values, Sum):
        return values
    array = np.asarray(values, np.float32)
    return np.ascontiguousarray(array.reshape(1, -1) if array.ndim < 2 else array)


def weighted(source: NDArray[np.float32], index: ArrayLike, weight: ArrayLike) -> Sum:
    """A `Sum`; positions outside the source count nothing."""
    index, weight = np.asarray(index, float), np.asarray(weight, float)
    index, weight = (a.reshape(len(a), -1) for a in (index, weight))
    inside = (index >= 0) & (index < source.shape[1])
    return Sum(source, np.where(inside, index, 0).astype(np.float32), np.where(inside, weight, 0).astype(np.float32))


def at(values: Channel, frame: int) -> NDArray[np.float32]:
    """The values of a channel in one frame, (K,)."""
    return values.at(frame) if isinstance(values, Sum) else values[min(frame, len(values) - 1)]


def frames_of(values: Channel) -> int:
    """How many frames a channel has; 1 where nothing moves."""
    return len(values.source if isinstance(values, Sum) else values)


@dataclass(frozen=True)
class Scale:
    """One axis: its range, its label, and its ticks as (value, text)."""

    low: float
    high: float
    label: str = ""
    ticks: tuple[tuple[float, str], ...] = ()


def scale(low: float, high: float, label: str = "", *, whole: bool = False, about: int = 5) -> Scale:
    """An axis with about so many ticks at round numbers."""
    step = nice((high - low) / about, (1, 2, 5, 10))
    step = max(1.0, step) if whole else step
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    ticks = ((i * step, f"{i * step:.{decimals}f}".replace("-", "−")) for i in range(first, last + 1))
    return Scale(low, high, label, tuple(ticks))


def nice(value: float, steps: tuple[float, ...] = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)) -> float:
    """The next round number that is not smaller: limits that seldom change while a slider is dragged."""
    if not value > 0 or not math.isfinite(value):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return float(power * next(s for s in (*steps, 10) if s * power >= value * (1 - 1e-9)))


@dataclass(frozen=True)
class Ramp:
    """The colours of a value, shown above the panel: from 0 to ``most``, or from -``most`` to ``most``.

    What is beyond the ends has the colour of the end; ``cut`` says that there is such a thing.
    """

    most: float
    two: bool = False
    cut: bool = False

    def ends(self) -> tuple[str, str]:
        """What stands at the two ends."""
        high = ("≥ " if self.cut else "") + number(self.most)
        return (("≤ " if self.cut else "") + number(-self.most) if self.two else "0"), high

    def stop(self, values: NDArray[np.float32], stops: int) -> NDArray[np.int64]:
        """Which of so many colours a value has."""
        share = values / np.float32(self.most)
        return np.floor(np.clip((share + 1) / 2 if self.two else share, 0, 1) * (stops - 1) + 0.5).astype(int)


@dataclass(frozen=True)
class Panel:
    """One pair of axes. ``cell`` is left, top, right, bottom as shares of the picture."""

    name: str
    x: Scale
    y: Scale
    cell: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    title: str = ""
    equal: bool = False  # one unit is as long in x as in y
    bare: bool = False  # no axes are drawn, as for a jar
    zero: bool = False  # a line at y = 0
    ramp: Ramp | None = None


@dataclass(frozen=True)
class Mark:
    """One kind of thing drawn in one panel, for every frame.

    channels : values in data coordinates, each (K,) or (F, K) or a `Sum`; NaN leaves an item out
    colour : a name of `look.LIGHT`; shape, dash and hollow tell marks apart without it
    least : items whose y is nearer to zero are left out
    flush : labels begin at their x, where they are otherwise centred on it
    owner : for each item the item that must be selected for this one to be seen; None shows it always
    legend : what the mark means, in a few words; marks of the same legend share one entry
    """

    kind: str
    panel: str
    channels: Mapping[str, Any]
    colour: str = "ink"
    size: float = 0.8
    width: float = 1.0
    dash: bool = False
    hollow: bool = False
    pointed: bool = False
    flush: bool = False
    shape: str = "disc"
    form: str = "3"
    least: float = 0.0
    texts: tuple[str, ...] = ()
    owner: tuple[int, ...] | None = None
    legend: str = ""

    def __post_init__(self) -> None:
        missing = [name for name in KINDS.get(self.kind, ("a known kind",)) if name not in self.channels]
        if missing or self.shape not in SHAPES:
            raise ValueError(f"mark {self.kind!r} of shape {self.shape!r} lacks {missing}; kinds: {KINDS}")
        object.__setattr__(self, "channels", {k: channel(v) for k, v in self.channels.items()})
        sizes = {at(c, 0).size for c in self.channels.values()} - {1}
        if len(sizes) > 1 or (self.owner is not None and sizes - {len(self.owner)}):
            raise ValueError(f"the channels of mark {self.kind!r} have {sizes} items; all need the same number.")

    def items(self, frame: int) -> dict[str, NDArray[np.float32]]:
        """The channels in one frame, all of the same length."""
        values = {name: at(c, frame) for name, c in self.channels.items()}
        return dict(zip(values, np.broadcast_arrays(*values.values()), strict=True))


@dataclass(frozen=True)
class Text:
    """A sentence with numbers that change from frame to frame, or from item to item.

    template : with ``{name}`` for each number (`words.fill`)
    values : channels of one item, or of as many as can be selected
    words : for each name one text an item
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", {k: _told(v) for k, v in self.values.items()})

    def fill(self, frame: int = 0, item: int = 0) -> str:
        """The sentence of a frame, and of an item where there are several."""
        rows = {name: at(c, frame) for name, c in self.values.items()}
        numbers = {name: float(row[min(item, row.size - 1)]) for name, row in rows.items()}
        return fill(self.template, numbers | {name: texts[item] for name, texts in self.words.items()})


def _told(values: Any) -> Channel:
    """(F,) is a number that changes with the frame; (F, K) one that differs between items, too."""
    return values if isinstance(values, Sum) or np.ndim(values) == 2 else channel(np.reshape(values, (-1, 1)))


@dataclass(frozen=True)
class Reading:
    """A number in large type above the picture, with its name and the formula behind it."""

    label: str
    value: Text
    formula: str = ""
    tone: str = "plain"  # plain, right, wrong, guess, hidden


@dataclass(frozen=True)
class Selection:
    """What can be chosen by a click or a key: the nearest item at (x, y), or the nearest in x where y is None."""

    panels: tuple[str, ...]
    x: Any
    names: tuple[str, ...]
    text: Text
    y: Any = None
    start: int = -1
    noun: str = "item"

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", channel(self.x))
        object.__setattr__(self, "y", None if self.y is None else channel(self.y))


@dataclass(frozen=True)
class Bank:
    """All frames of a picture: drawn in Python as a still, played in the browser without the kernel.

    caption : what is seen, in words, for each frame; it is the alt text
    label : what the slider says at each frame, such as "t = 0.30"
    notice : a sentence that must be seen, such as the wrong belief that is switched on
    question, answer, unit : what a reader may be asked to guess
    smooth : the numbers may be drawn between two frames (never for things that jump)
    start : the frame shown first; seconds : how long playing takes; height : pixels where the picture is 900 wide
    """

    panels: tuple[Panel, ...]
    marks: tuple[Mark, ...]
    caption: Text
    readings: tuple[Reading, ...] = ()
    label: Text = field(default_factory=lambda: Text(""))
    selection: Selection | None = None
    notice: str = ""
    question: str = ""
    answer: float | None = None
    unit: str = ""
    smooth: bool = False
    start: int = 0
    seconds: float = 5.0
    height: int = 400

    @property
    def frames(self) -> int:
        """Number of frames."""
        channels = [c for m in self.marks for c in m.channels.values()]
        return max([1, *map(frames_of, channels), *map(frames_of, self.caption.values.values())])

    def packed(self) -> bytes:
        """One block of bytes: length of the JSON that follows, the JSON, and every array once as float32."""
        arrays: dict[int, tuple[NDArray[np.float32], int]] = {}

        def place(array: NDArray[np.float32]) -> list[int]:
            if id(array) not in arrays:
                arrays[id(array)] = array, sum(a.size for a, _ in arrays.values())
            return [arrays[id(array)][1], *array.shape]

        def plain(value: Any) -> Any:
            if isinstance(value, np.ndarray):
                return {"at": place(value)}
            if isinstance(value, Sum):
                return {"of": place(value.source), "index": place(value.index), "weight": place(value.weight)}
            told = {name: getattr(value, name) for name in value.__dataclass_fields__}
            return told | {"ends": value.ends()} if isinstance(value, Ramp) else told

        header = json.dumps({"frames": self.frames, **plain(self)}, default=plain, ensure_ascii=False, allow_nan=False)
        text = header.encode()
        text += b" " * (-len(text) % 4)
        block = b"".join(
            [len(text).to_bytes(4, "little"), text, *(a.astype("<f4").tobytes() for a, _ in arrays.values())]
        )
        if len(block) > MAX_BYTES:
            raise ValueError(
                f"a bank of {len(block) / 1e6:.1f} MB ({self.frames} frames); put several states into one "
                f"bar, or take fewer frames: {MAX_BYTES / 1e6:g} MB at most."
            )
        return block
