"""What EnsembleGrow counts and draws: runs, or the events of one run, heaped up into a law, and a mean that settles."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..network import ReactionNetwork
from ..trajectories import Path
from .controls import DECADE
from .frame import Mark, Panel, Scale, nice, scale, weighted

DRAWN, BARS = 10, 60  # runs that are drawn, bars at most
MEAN = "mean of N runs, ± sd/√N"
WRONG = ("over events", "as believed")  # ways to average that a belief stands behind
LEFT, UPPER = 0.56, 0.58  # share of the runs in the width, of the upper row in the height


def stops(most: int) -> NDArray[np.int64]:
    """Numbers from 1 to ``most``: each up to ten, then round ones of every size."""
    round_ = {round(m * 10.0**d) for d in range(1, 8) for m in DECADE}
    return np.array(sorted({i for i in {*range(1, 11), *round_} if i < most} | {most}))


@dataclass(frozen=True)
class Law:
    """The exact law that is to be found: P (K,) of one species at the last time, its mean at all times (T,)."""

    p: NDArray[np.float64]
    times: NDArray[np.float64]
    means: NDArray[np.float64]
    sd: NDArray[np.float64]

    @property
    def mean(self) -> float:
        return float(self.means[-1])

    @property
    def cv(self) -> float:
        """Standard deviation over mean; 0 where there is nothing."""
        return float(self.sd[-1]) / self.mean if self.mean > 0 else 0.0


@dataclass(frozen=True)
class Heap:
    """A histogram that grows with N, and the mean of what is in it.

    number : (F,) N of each frame; shares : (F, K) float32; mean : (F,)
    """

    number: NDArray[np.int64]
    shares: NDArray[np.float32]
    mean: NDArray[np.float64]


def up_to(values: NDArray, number: NDArray[np.int64]) -> NDArray:
    """Sums of the first N values along the first axis, for every N."""
    return np.add.reduceat(values, np.append(0, number[:-1]), axis=0).cumsum(axis=0)


def shares(counts: NDArray[np.int64], weight: NDArray, number: NDArray[np.int64], size: int) -> NDArray[np.float32]:
    """How much of the weight of the first N each count 0 .. size - 1 has, (F, size); larger counts are in the last."""
    table = np.zeros((len(number), size))
    frame = np.searchsorted(number, np.arange(len(counts)), side="right")
    np.add.at(table, (frame, np.minimum(counts, size - 1)), weight)
    table = table.cumsum(axis=0)
    return (table / table.sum(axis=1, keepdims=True)).astype(np.float32)


def of_runs(counts: NDArray[np.int64], number: NDArray[np.int64], size: int) -> Heap:
    """The first N of the counts (P,) at one time, for every N."""
    return Heap(number, shares(counts, np.ones(len(counts)), number, size), up_to(counts, number) / number)


def of_events(run: Path, species: int, number: NDArray[np.int64], size: int, *, by_time: bool) -> Heap:
    """The states of one run up to its N-th event, each weighing as long as it lasted, or each counted once."""
    held = run.states[:-1, species] if len(run.fired) else run.states[:, species]
    weight = np.diff(run.times) if by_time and len(run.fired) else np.ones(len(held))
    return Heap(number, shares(held, weight, number, size), up_to(held * weight, number) / up_to(weight, number))


def grouped(values: NDArray, group: int) -> NDArray:
    """Sums of so many neighbours along the last axis."""
    return values if group == 1 else np.add.reduceat(values, np.arange(0, values.shape[-1], group), axis=-1)


# ---- the runs -----------------------------------------------------------------------------------------------------


def runs(
    net: ReactionNetwork, name: str, counts: NDArray[np.int64], law: Law, number: NDArray[np.int64], believed: int
) -> tuple[Panel, list[Mark]]:
    """Runs (P, T) one after another, the mean of the first N with its band, the exact mean.

    believed : so many runs are taken for the solution; 0 where nobody believes that
    """
    t, few = law.times, counts[:DRAWN]
    means = up_to(counts[:, ::4], number) / number[:, None]
    exact, band = law.means[::2], law.sd[::2] / np.sqrt(number)[:, None]
    most = max(float(few.max()), float((law.means + law.sd).max()), 1.0)
    panel = Panel(
        "runs",
        scale(0, t[-1], "time", about=5),
        scale(0, nice(1.05 * most), whole=True, about=4),
        (0, 0, LEFT, UPPER),
        f"Runs of {name}, and the mean of N",
    )
    around = {"x": np.r_[t[::2], t[::-2]], "y": np.hstack([exact + band, (exact - band)[:, ::-1]])}
    marks = [
        Mark("line", "runs", _appearing(few, t, number), "sky", width=0.8, legend=f"runs, the first {len(few)}"),
        Mark("area", "runs", {**around, "alpha": [0.25]}, "blue"),
        Mark("line", "runs", {"x": t, "y": law.means}, "ink", width=1.3, dash=True, legend="exact mean"),
    ]
    if believed:
        legend = "one run as the solution" if believed == 1 else f"the mean of {believed} as the solution"
        taken = counts[:believed].mean(axis=0)
        steps = {"x": np.repeat(t, 2)[1:], "y": np.repeat(taken, 2)[:-1]}
        return panel, [
            *marks,
            Mark("line", "runs", steps, "purple", width=1.8, dash=True),
            Mark("dots", "runs", {"x": t[::4], "y": taken[::4]}, "purple", 0.4, 1.6, shape="cross", legend=legend),
        ]
    settled = Mark("dots", "runs", {"x": t[::4], "y": means}, "blue", 0.3, legend=MEAN)
    return panel, [*marks, settled]


def _appearing(few: NDArray[np.int64], t: NDArray[np.float64], number: NDArray[np.int64]) -> dict[str, object]:
    """All runs drawn as one broken line of steps; a run is there from the frame on whose N has reached it.

    x is the time plus an entry of the run that is NaN before, so that the runs travel once and not for each frame.
    """
    corners = 2 * len(t) - 1
    there = np.where(np.arange(len(few)) < number[:, None], 0.0, np.nan)
    source = np.hstack([np.ones((len(number), 1)), there, np.full((len(number), 1), np.nan)]).astype(np.float32)
    of_run = np.repeat(np.arange(1, len(few) + 1), corners + 1)
    of_run[corners :: corners + 1] = len(few) + 1  # a break after each run
    time = np.tile(np.append(np.repeat(t, 2)[1:], 0.0), len(few))
    y = np.hstack([np.repeat(few, 2, axis=1)[:, :-1], np.zeros((len(few), 1))]).ravel()
    index = np.stack([np.zeros(len(time)), of_run], axis=1)
    return {"x": weighted(source, index, np.stack([time, np.ones(len(time))], axis=1)), "y": y}


def one_run(run: Path, species: int, name: str, events: int) -> tuple[Panel, list[Mark]]:
    """The first events of one run: short visits and long ones, each an event."""
    last = min(events, len(run.fired))
    t, n = run.times[: last + 1], run.states[: last + 1, species]
    if not last:
        t, n = np.array([0.0, 1.0]), np.repeat(n, 2)
    panel = Panel(
        "runs",
        scale(0, nice(float(t[-1])), "time", about=5),
        scale(0, max(float(n.max()), 1) * 1.08, whole=True, about=4),
        (0, 0, LEFT, UPPER),
        f"One run of {name}: its first {last} events",
    )
    return panel, [
        Mark("line", "runs", {"x": np.repeat(t, 2)[1:], "y": np.repeat(n, 2)[:-1]}, "blue", width=1.5),
        Mark(
            "dots",
            "runs",
            {"x": t[1:], "y": n[:-1]},
            "purple",
            0.33,
            shape="cross",
            width=1.3,
            legend="a state, counted once when it is left",
        ),
    ]


# ---- the heap ------------------------------------------------------------------------------------------------------


def histogram(heaps: dict[str, Heap], law: Law, name: str, title: str) -> tuple[Panel, list[Mark], int]:
    """Shares as bars beside the exact P, the believed ones hollow; and how many counts share a bar."""
    size = len(law.p)
    group = math.ceil(size / BARS)
    p = grouped(law.p, group)
    ticks = tuple((at / group, text) for at, text in scale(0, max(size - 1, 1), whole=True, about=6).ticks)
    label = f"molecules of {name}" + (f", {group} counts a bar" if group > 1 else "")
    top = nice(1.3 * float(p.max()), (1, 1.5, 2, 3, 4, 5, 6, 8, 10))
    panel = Panel("heap", Scale(-0.7, len(p) - 0.3, label, ticks), scale(0, top, about=4), (LEFT, 0, 1, UPPER), title)
    marks = []
    for legend, heap in heaps.items():
        wrong = legend in WRONG
        bars = {"x": np.arange(len(p)), "y": grouped(heap.shares, group)}
        marks.append(
            Mark(
                "bars",
                "heap",
                bars,
                "purple" if wrong else "sky",
                0.5 if wrong else 0.85,
                1.6,
                hollow=wrong,
                least=1e-6 if wrong else 0.0,
                legend=f"share {legend}",
            )
        )
    exact = Mark(
        "dots", "heap", {"x": np.arange(len(p)), "y": p}, "ink", 0.55, 1.6, shape="dash", legend="exact P(n, t)"
    )
    return panel, [*marks, exact], group


# ---- the mean ------------------------------------------------------------------------------------------------------


def settling(
    heaps: dict[str, Heap], law: Law, unit: str, needed: float, believed: float | None
) -> tuple[Panel, list[Mark]]:
    """The mean against N, with the funnel of sd/sqrt(N) around the exact one where N counts independent runs."""
    number = next(iter(heaps.values())).number
    x, sd = np.log10(number), float(law.sd[-1])
    end = max(1.0, float(x[-1]))
    off = max(float(np.abs(heap.mean - law.mean).max()) for heap in heaps.values())
    away = max(0.2 * law.mean, 1.3 * (off if believed is None else max(off, abs(believed - law.mean))), 1e-3)
    away = min(away, max(3.2 * sd, 0.2 * law.mean, 1e-3)) if unit == "runs" else away
    low = max(0.0, law.mean - away)
    ticks = tuple((float(d), f"{10**d}") for d in range(int(end) + 1))
    panel = Panel(
        "mean",
        Scale(-0.06 * end, 1.04 * end, f"N, number of {unit}", ticks),
        scale(low, law.mean + away, about=4),
        (0, UPPER, 1, 1),
        f"Mean of the first N {unit}",
    )
    marks = []
    if unit == "runs":
        funnel = np.linspace(0, end, 41)
        edge = sd / 10 ** (funnel / 2)
        shape = {
            "x": np.r_[funnel, funnel[::-1]],
            "y": np.r_[law.mean + edge, (law.mean - edge)[::-1]],
            "alpha": [0.25],
        }
        marks.append(Mark("area", "mean", shape, "blue"))
        if needed <= number[-1]:
            at = {"x0": [math.log10(needed)], "x1": [math.log10(needed)], "y0": [low], "y1": [law.mean + away]}
            marks.append(Mark("segments", "mean", at, "green", width=1.6, legend="enough runs for an error of 1 %"))
    level = {"x": [-0.06 * end, 1.04 * end], "y": [law.mean, law.mean]}
    marks.append(Mark("line", "mean", level, "ink", width=1.3, dash=True))
    for legend, heap in heaps.items():
        wrong = legend in WRONG
        seen = np.where(x <= x[:, None], x, np.nan).astype(np.float32)
        marks.append(Mark("line", "mean", {"x": seen, "y": heap.mean}, "purple" if wrong else "blue", dash=wrong))
        marks.append(
            Mark(
                "dots",
                "mean",
                {"x": seen, "y": heap.mean},
                "purple" if wrong else "blue",
                0.26,
                1.3,
                shape="cross" if wrong else "disc",
                legend=f"mean {legend}" if believed is not None or len(heaps) > 1 else MEAN,
            )
        )
        marks.append(Mark("dots", "mean", {"x": x[:, None], "y": heap.mean[:, None]}, "ink", 0.6, 1.2, hollow=True))
    if believed is not None:
        told = {"x0": [-0.06 * end], "x1": [1.04 * end], "y0": [believed], "y1": [believed]}
        marks.append(Mark("segments", "mean", told, "purple", width=1.8, dash=True, legend="mean, as believed"))
    return panel, marks
