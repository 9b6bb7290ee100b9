"""What SSAStepper draws for each event: the wait, the wheel, the log and the path so far."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..network import ReactionNetwork
from .frame import Mark, Panel, Scale, nice, scale
from .step_rules import ALIKE, EVENTS, LARGEST, STRAIGHT, Steps, averages, wait, wheel
from .words import number

COLOURS = ("blue", "orange", "sky", "faint", "red", "green")  # of the reactions
SPECIES_COLOURS = ("green", "red", "ink", "faint")
SHAPES = ("disc", "square", "triangle", "disc")
ROWS = 6  # of the log that are seen at once
WIDE, HIGH = 0.4, 0.5  # share of the wait in the width, of the upper row in the height
WHEEL = 0.62  # where the wheel ends


class Scene:
    """The right steps beside those of a wrong rule, as marks; one frame for each event.

    Arrays are (F, ...): F events. What lies in the future is NaN.
    """

    def __init__(self, net: ReactionNetwork, rule: str, right: Steps, wrong: Steps | None):
        self.net, self.rule, self.right, self.wrong = net, rule, right, wrong
        self.events = len(right.fired)
        self.names = [r.text.replace("->", "→") for r in net.reactions]
        self.a0 = right.a.sum(axis=1)
        self.shares = right.a / self.a0[:, None]

    @property
    def panels(self) -> tuple[Panel, ...]:
        """When, which, the log, and below them the path."""
        end = Scale(0.0, 1.1, "", ((0.0, "0"), (1.0, "1")))
        return (
            Panel(
                "wait",
                scale(0.0, self.longest, "time since the last event", about=4),
                end,
                (0, 0, WIDE, HIGH),
                "When? The wait",
            ),
            Panel("wheel", Scale(-1.2, 1.2), Scale(-1.2, 1.2), (WIDE, 0, WHEEL, HIGH), "Which?", equal=True, bare=True),
            Panel("log", Scale(0, 1), Scale(-0.5, ROWS - 0.4), (WHEEL, 0, 1, HIGH), "Event, time, reaction", bare=True),
            Panel(
                "path",
                scale(0.0, self.end, "time", about=8),
                scale(0.0, self.top, whole=True, about=6),
                (0, HIGH, 1, 1),
                "Path: molecules over time",
            ),
        )

    @cached_property
    def longest(self) -> float:
        """The end of the axis of the wait."""
        return nice(float(max(1.02 * self.right.waits.max(), np.median(3 / self.a0))))

    @cached_property
    def end(self) -> float:
        """The end of the axis of the path: a wrong path may be twice as long as the right one."""
        last = float(self.right.times[-1])
        return nice(last if self.wrong is None else min(2 * last, max(last, float(self.wrong.times[-1]))))

    @cached_property
    def top(self) -> float:
        """The largest count drawn."""
        most = float(self.right.states.max())
        if self.wrong is not None:
            most = min(1.5 * max(most, 1), max(most, float(self.wrong.states.max())))
        return max(most, 1.0) * 1.08

    def marks(self) -> list[Mark]:
        """All of them, those of the wrong rule on top."""
        return [*self._wait(), *self._wheel(), *self._log(), *self._path(), *self._reading()]

    # ---- when ----
    def _wait(self) -> list[Mark]:
        t, level = np.linspace(0, self.longest, 41), np.exp(-self.right.exponential)[:, None]
        tau, zero = self.right.waits[:, None], np.zeros((self.events, 1))
        across = {
            "x0": np.hstack([zero, tau]),
            "x1": np.hstack([tau, tau]),
            "y0": np.hstack([level, level]),
            "y1": np.hstack([level, zero]),
        }
        marks = [
            Mark(
                "line",
                "wait",
                {"x": t, "y": np.exp(-self.a0[:, None] * t)},
                "ink",
                width=1.2,
                legend="chance that nothing happened yet",
            ),
            Mark("segments", "wait", across, "ink", width=0.9, dash=True, legend="a random level"),
            Mark("cells", "wait", {"x0": [0.0], "x1": tau, "y0": [0.0], "y1": [0.07]}, "blue", legend="the wait"),
            Mark("dots", "wait", {"x": tau, "y": level}, "blue", 0.4),
        ]
        if self.wrong is not None and self.rule not in (LARGEST, ALIKE):
            draws = zip(self.right.a, self.right.exponential, self.right.fired, strict=True)
            far = np.array([wait(a, self.rule, float(e), int(r)) for a, e, r in draws])[:, None]
            box = {"x0": [0.0], "x1": np.minimum(far, 1.2 * self.longest), "y0": [0.1], "y1": [0.17]}
            marks.append(Mark("cells", "wait", box, "purple", hollow=True, width=1.6, legend="the wait as believed"))
        return marks

    # ---- which ----
    def _wheel(self) -> list[Mark]:
        after = np.cumsum(self.shares, axis=1)
        before = after - self.shares
        x, y = self.places(0.62)
        marks = [
            Mark("sectors", "wheel", {"x": [0.0], "y": [0.0], "start": before[:, [r]], "end": after[:, [r]]}, colour, 1)
            for r, colour in zip(range(len(self.names)), COLOURS, strict=False)
        ]
        if self.rule in (LARGEST, ALIKE):
            ends = np.cumsum(wheel(self.right.a, self.rule), axis=1)
            starts = np.hstack([np.zeros((self.events, 1)), ends[:, :-1]])
            some = np.where(ends > starts, 1.0, np.nan)
            ring = {"x": [0.0], "y": [0.0], "start": starts * some, "end": ends * some}
            marks.append(Mark("sectors", "wheel", ring, "purple", 1.13, 1.8, hollow=True, legend="wheel as believed"))
        spin = 2 * np.pi * self.right.uniform[:, None]
        hand = {
            "x0": -0.2 * np.sin(spin),
            "y0": -0.2 * np.cos(spin),
            "x1": 1.12 * np.sin(spin),
            "y1": 1.12 * np.cos(spin),
            "weight": [0.35],
        }
        some = np.where(self.shares > 0.04, 1.0, np.nan)
        told = "; ".join(f"{i}: {name}" for i, name in enumerate(self.names, 1))
        discs = {"x": x * some, "y": y * some}
        numbers = tuple(str(i + 1) for i in range(len(self.names)))
        return [
            *marks,
            Mark("arrows", "wheel", hand, "ink"),
            Mark("dots", "wheel", discs, "paper", 0.75),
            Mark("labels", "wheel", discs, "ink", 1.05, texts=numbers, legend=told),
        ]

    def places(self, radius: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The middle of each sector at this radius, x and y (F, R)."""
        middle = 2 * np.pi * (np.cumsum(self.shares, axis=1) - self.shares / 2)
        return radius * np.sin(middle), radius * np.cos(middle)

    def _log(self) -> list[Mark]:
        """The newest event lowest; a column of labels for each of number, time and reaction."""
        event, newest = np.arange(self.events), np.arange(self.events)[:, None]
        row = np.where(event > newest, np.nan, (newest - event).astype(float)) + np.maximum(ROWS - 1 - newest, 0)
        row = np.where(row < ROWS, row, np.nan)
        long = max(map(len, self.names))
        decimals = f".{min(9, max(0, 2 - math.floor(math.log10(self.right.times[-1]))))}"
        columns = (
            (0.06, [str(e + 1) for e in event]),
            (0.26, [number(t, decimals) for t in self.right.times[1:]]),
            (min(0.5 + 0.012 * long, 0.66), [f"{r + 1}:  {self.names[r]}" for r in self.right.fired]),
        )
        band = {
            "x0": [0.0],
            "x1": [1.0],
            "y0": row[event, event][:, None] - 0.46,
            "y1": row[event, event][:, None] + 0.46,
            "alpha": [0.16],
        }
        size = 0.95 if long <= 14 else 0.75
        return [
            Mark("cells", "log", band, "blue"),
            *(
                Mark("labels", "log", {"x": np.full(self.events, x), "y": row}, size=size, texts=tuple(texts))
                for x, texts in columns
            ),
        ]

    # ---- the path ----
    def _path(self) -> list[Mark]:
        x, at, marks = self._seen(self.right, twice=True), self._seen(self.right, twice=False), []
        now = self.right.times[1:, None]
        marks.append(Mark("segments", "path", {"x0": now, "x1": now, "y0": [0.0], "y1": [self.top]}, "faint"))
        for s, name in reversed(list(enumerate(self.net.species))):  # the first one lies on top
            n = self.right.states[:, s]
            marks.append(Mark("line", "path", {"x": x, "y": np.repeat(n, 2)[:-1]}, SPECIES_COLOURS[s], width=1.7))
            marks.append(
                Mark(
                    "dots",
                    "path",
                    {"x": at, "y": n},
                    SPECIES_COLOURS[s],
                    0.28,
                    shape=SHAPES[s],
                    hollow=s == 3,
                    legend=name,
                )
            )
        if self.wrong is not None and len(self.wrong.fired):
            # One line for all species, broken between them.
            end = np.full((self.events, 1), np.nan, np.float32)
            x = np.hstack([self._seen(self.wrong, twice=True), end] * len(self.net.species))
            n = np.concatenate([np.append(np.repeat(c, 2)[:-1], 0) for c in self.wrong.states.T])
            told = {"x": x, "y": n}
            legend = "the same draws by the wrong rule"
            marks.append(Mark("line", "path", told, "purple", width=1.4, dash=True, legend=legend))
        return marks

    def _seen(self, walked: Steps, *, twice: bool) -> NDArray[np.float32]:
        """The times (F, .) of a path's points up to each event, NaN after it; ``twice`` for the corners of steps."""
        times = np.repeat(walked.times, 2)[1:] if twice else walked.times
        last = (2 if twice else 1) * np.minimum(np.arange(1, self.events + 1), len(walked.fired))
        return np.where(np.arange(len(times)) <= last[:, None], times, np.nan).astype(np.float32)

    def _reading(self) -> list[Mark]:
        """What S5 and S6 make of the right path."""
        if self.rule == EVENTS:
            held = dict(zip(("ink", "purple"), (m[:, :1] for m in averages(self.right)), strict=True))
            said = {"ink": "mean over time", "purple": "mean over events"}
            return [
                Mark(
                    "segments",
                    "path",
                    {"x0": [0.0], "x1": [self.end], "y0": y, "y1": y},
                    colour,
                    width=1.6,
                    dash=colour == "purple",
                    legend=f"{said[colour]}, {self.net.species[0]}",
                )
                for colour, y in held.items()
            ]
        if self.rule != STRAIGHT:
            return []
        at, marks = self._seen(self.right, twice=False), []
        for s in range(len(self.net.species)):
            marks.append(
                Mark(
                    "line",
                    "path",
                    {"x": at, "y": self.right.states[:, s]},
                    "purple",
                    dash=True,
                    legend="the counts as believed" if s == 0 else "",
                )
            )
        x, _, y = self.halfway()
        told: dict[str, Any] = {"x": x[:, None], "y": y[:, None]}
        return [*marks, Mark("dots", "path", told, "purple", 0.55, 1.6, hollow=True, legend="halfway, as believed")]

    def halfway(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """The middle of each wait, the count of the first species there, and what a straight line says, (F,) each."""
        n, t = self.right.states[:, 0], self.right.times
        return (t[1:] + t[:-1]) / 2, n[:-1].astype(float), (n[1:] + n[:-1]) / 2
