"""Pipeline: molecules that mature on a belt, all after the same time, or by a chain of n random steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import exact
from ..network import ReactionNetwork
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Mark, Panel, Reading, Scale, Selection, Text, nice, scale
from .typed_network import refusal
from .words import number

RIGHT, SLOWER, CV_LINEAR, STAGE_RATE = (
    "what the delay does",
    "a delay is a slower rate",
    "the CV of n steps is 1/n",
    "each step has the rate 1/τ",
)
FRAMES, SLOTS, MOST = 81, 60, 100
LADDER = (1, 2, 3, 5, 8, 12, 20, 30, 50, 70, 100)
FIXED, CHAIN = 1.0, -1.0  # heights of the two belts

CONTROLS = (
    Control("stages", "int", "steps n", 5, 1, MOST, tip="steps of the chain, each of rate n/τ"),
    Control("tau", "log", "delay τ", 3.0, 0.2, 10.0, unit="time", tip="mean time from start to ready"),
    Control("a", "log", "starts per time", 5.0, 0.2, 10.0, tip="how many molecules are begun per unit time"),
    Control("gamma", "log", "loss γ", 1.0, 0.1, 5.0, unit="1/time", tip="how quickly each finished molecule is lost"),
    Control("seed", "int", "seed", 1, 0, 99, tip="when the molecules happen to be begun"),
    Control("belief", "choice", "Believe", RIGHT, choices=(RIGHT, SLOWER, CV_LINEAR, STAGE_RATE), belief="Y1 Y2",
            tip="Y1: a delay makes less. Y2: CV 1/n in place of 1/√n, or steps of rate 1/τ"),
    Control("t", "float", "moment shown first, as a share of the film", 0.45, 0.0, 1.0, 0.01, hidden=True),
)
PRESETS: dict[str, Values] = {
    "start": {},
    "one-step": {"stages": 1, "t": 0.6},
    "many-steps": {"stages": MOST, "t": 0.6},
    "sixteen-steps": {"stages": 16, "tau": 2.0},
    "slower-rate": {"belief": SLOWER, "t": 0.95},
    "cv-one-over-n": {"belief": CV_LINEAR, "stages": 16, "tau": 2.0},
    "step-rate": {"belief": STAGE_RATE, "stages": 16, "tau": 2.0},
}
ABOUT = (
    "Top: the same molecules on two belts. Above, each is ready exactly τ after its start: it glides. Below, it takes "
    "n random steps, each of mean τ/n. Counting finished molecules alone does not tell who is on the belt.",
    "Bottom left: the probability density of the time on the chain, an Erlang law. The dashed line is the fixed delay. "
    "With more steps the hump closes on it.",
    "Bottom right: how far the two delays are apart (Wasserstein-1: the mean shift that turns one into the other), "
    "against the number of steps. Both axes are logarithmic: the distance shrinks like 1/√n, slowly.",
    "Finished molecules are lost at rate γ. After a long time there are a/γ of them on average, whatever the delay.",
)


@dataclass(frozen=True)
class Belt:
    """Molecules by start: where they are at each moment, and how many are ready and not yet lost.

    place : (2, F, SLOTS) share of the way on the fixed belt and on the chain; NaN while a slot is empty
    ready : (2, F)
    lost : molecules that found no free slot in the picture
    """

    place: NDArray[np.float64]
    ready: NDArray[np.int64]
    lost: int


def run(values: Values, times: NDArray[np.float64]) -> Belt:
    """Poisson starts, independent delays and lifetimes: an exact simulation, one draw for each wait."""
    tau, stages, rng = values["tau"], values["stages"], np.random.default_rng(values["seed"])
    starts = np.cumsum(rng.exponential(1 / values["a"], int(4 * values["a"] * times[-1] + 60)))
    starts = starts[starts < times[-1]]
    life = rng.exponential(1 / values["gamma"], starts.size)
    steps = np.cumsum(rng.exponential(tau / stages, (starts.size, stages)), axis=1)
    age = times[:, None] - starts
    passed = np.stack([np.searchsorted(row, age[:, i], side="right") for i, row in enumerate(steps)], axis=1) \
        if starts.size else np.zeros((times.size, 0))
    share = np.stack([np.where(age < tau, age / tau, np.nan), np.where(passed < stages, passed / stages, np.nan)])
    share = np.where(age >= 0, share, np.nan)
    since = np.stack([age - tau, age - (steps[:, -1] if starts.size else 0)])
    ready = ((since >= 0) & (since < life)).sum(axis=2)
    return _belt(share, ready)


def _belt(share: NDArray, ready: NDArray) -> Belt:
    """Each molecule in a slot that is free as long as it is on either belt: few numbers travel to the page."""
    place = np.full((*share.shape[:2], SLOTS), np.nan)
    free, lost = np.zeros(SLOTS, int), 0
    for i in range(share.shape[2]):
        there = np.flatnonzero(np.isfinite(share[:, :, i]).any(axis=0))
        if not there.size:
            continue
        slot = int(np.argmin(free))
        if free[slot] > there[0]:
            lost += 1
            continue
        place[:, there, slot] = share[:, there, i]
        free[slot] = there[-1] + 1
    return Belt(place, ready, lost)


def film(values: Values, reveal: bool = True) -> Bank:
    """The belts in time; without ``reveal`` the belts alone, at their start."""
    times = np.linspace(0.0, 3 * values["tau"] + 5 / values["gamma"], FRAMES)
    belt = run(values, times)
    question = ("Molecules are begun at the rate of the slider, are ready τ later, and are lost at the rate γ. How "
                "many finished ones are there after a long time?")
    first = round(values["t"] * (FRAMES - 1))
    if not reveal:
        panel, marks = _belts(values, replace(belt, place=belt.place[:, first : first + 1]))
        caption = "Two belts; how many finished molecules there are is hidden."
        return Bank((panel,), tuple(marks), Text(caption), question=question, height=260)
    panel, marks = _belts(values, belt)
    parts = ((panel, marks), _count(values, times, belt), _density(values), _distance(values))
    return Bank(
        tuple(panel for panel, _ in parts),
        tuple(mark for _, some in parts for mark in some),
        _caption(values, times, belt),
        _readings(values, times),
        Text("t = {t:.1}", {"t": times}),
        Selection(("distance",), np.log10(LADDER), tuple(f"{n} steps" for n in LADDER), _told(values), noun="chain"),
        _notice(values),
        question,
        values["a"] / values["gamma"],
        "per cell",
        start=first,
        seconds=10.0,
        height=470,
    )


def _belts(values: Values, belt: Belt) -> tuple[Panel, list[Mark]]:
    stages = values["stages"]
    panel = Panel("belt", Scale(-0.18, 1.04), Scale(-2.1, 2.1), (0, 0, 0.62, 0.52),
                  f"On the way: fixed delay above, {stages} step{'s' * (stages > 1)} below", bare=True)
    marks = [Mark("area", "belt", {"x": [0, 1, 1, 0], "y": [y - 0.72, y - 0.72, y + 0.72, y + 0.72], "alpha": [0.16]},
                  "sky") for y in (FIXED, CHAIN)]
    if stages <= 40:
        walls = np.arange(stages + 1) / stages
        marks.append(Mark("segments", "belt", {"x0": walls, "y0": np.full(walls.size, CHAIN - 0.72), "x1": walls,
                                               "y1": np.full(walls.size, CHAIN + 0.72)}, "faint", 1.0, 0.6))
    marks.append(Mark("labels", "belt", {"x": [-0.1, -0.1], "y": [FIXED, CHAIN]}, "ink", 0.95,
                      texts=("fixed τ", "chain")))
    # A slot keeps its height, so that a molecule can be followed; neighbours are spread over the belt's width.
    height = ((np.arange(SLOTS) * 0.618034) % 1 - 0.5) * 1.1
    for (y, shares), colour, shape in zip(((FIXED, belt.place[0]), (CHAIN, belt.place[1])), ("blue", "orange"),
                                          ("disc", "square"), strict=True):
        inside = shares if y == FIXED else shares + 0.5 / stages
        marks.append(Mark("dots", "belt", {"x": inside, "y": y + height}, colour, 0.36, shape=shape))
    return panel, marks


def _count(values: Values, times: NDArray, belt: Belt) -> tuple[Panel, list[Mark]]:
    """Finished molecules of both belts, the mean of the fixed delay, and what a belief expects."""
    mean = exact.delayed_production_mean(times, values["a"], values["gamma"], values["tau"])
    top = nice(1.05 * max(float(belt.ready.max()), float(mean.max()), 1.0))
    panel = Panel("count", scale(0, times[-1], "t, time", about=4), scale(0, top, "molecules", about=3),
                  (0.62, 0, 1, 0.52), "Finished molecules")
    marks = [Mark("line", "count", {"x": times, "y": mean}, "ink", width=1.6, dash=True, legend="mean, fixed delay")]
    rows = zip(belt.ready, ("blue", "orange"), ("disc", "square"), ("fixed delay", "chain"), strict=True)
    for ready, colour, shape, what in rows:
        stairs = {"x": np.repeat(times, 2)[1:], "y": np.repeat(ready, 2)[:-1]}
        marks.append(Mark("line", "count", stairs, colour, width=1.2))
        now = {"x": times[:, None], "y": ready[:, None]}
        marks.append(Mark("dots", "count", now, colour, 0.45, shape=shape, legend=what))
    if values["belief"] == SLOWER:
        slow = _slower(values)
        marks.append(Mark("segments", "count", {"x0": [0], "y0": [slow], "x1": [times[-1]], "y1": [slow]}, "purple",
                          1.0, 2.2, dash=True, legend="by this belief"))
    return panel, marks


def _slower(values: Values) -> float:
    """Y1: production and delay taken for two waits in a row, 1/(1/a + τ) molecules per time."""
    return 1 / (1 / values["a"] + values["tau"]) / values["gamma"]


def _density(values: Values) -> tuple[Panel, list[Mark]]:
    tau, stages = values["tau"], values["stages"]
    t = np.linspace(0, 3 * tau, 301)
    density = exact.erlang(t, stages, tau)
    top = nice(1.05 * float(density.max()))
    panel = Panel("density", scale(0, 3 * tau, "time on the way", about=4), scale(0, top, "density", about=3),
                  (0, 0.52, 0.5, 1), f"Delay of {stages} step{'s' * (stages > 1)}: Erlang")
    marks = [Mark("area", "density", {"x": np.r_[t, t[::-1]], "y": np.r_[density, 0 * t], "alpha": [0.3]}, "orange"),
             Mark("line", "density", {"x": t, "y": density}, "orange", width=1.8, legend="delay of the chain"),
             Mark("segments", "density", {"x0": [tau], "y0": [0], "x1": [tau], "y1": [top]}, "blue", 1.0, 2.0,
                  dash=True, legend="fixed delay τ")]
    spread = {CV_LINEAR: tau / stages, RIGHT: tau / np.sqrt(stages)}.get(values["belief"])
    if spread is not None:
        wrong = values["belief"] == CV_LINEAR
        y = top * (0.3 if wrong else 0.15)
        across = {"x0": [tau - spread], "y0": [y], "x1": [tau + spread], "y1": [y]}
        marks.append(Mark("segments", "density", across, "purple" if wrong else "ink", 1.0, 2.6,
                          legend="τ ± sd by this belief" if wrong else "τ ± sd"))
    return panel, marks


def _distance(values: Values) -> tuple[Panel, list[Mark]]:
    tau, n = values["tau"], np.array(LADDER, float)
    w, here = exact.erlang_distance(n, tau), float(exact.erlang_distance(values["stages"], tau))
    line = exact.erlang_distance_limit(n, tau)
    low, high = np.floor(2 * np.log10(w.min())) / 2, np.ceil(2 * np.log10(line.max())) / 2
    ticks = tuple((float(e), number(10.0**e, "2")) for e in np.arange(low, high + 0.1, 0.5))
    panel = Panel("distance", Scale(-0.08, 2.08, "steps n", ((0.0, "1"), (1.0, "10"), (2.0, "100"))),
                  Scale(low, high, "W1, time", ticks), (0.5, 0.52, 1, 1), "Distance from the fixed delay")
    return panel, [
        Mark("line", "distance", {"x": np.log10(n), "y": np.log10(line)}, "faint", width=1.3, dash=True,
             legend="τ √(2/(πn))"),
        Mark("dots", "distance", {"x": np.log10(n), "y": np.log10(w)}, "orange", 0.35, shape="square"),
        Mark("dots", "distance", {"x": [np.log10(values["stages"])], "y": [np.log10(here)]}, "ink", 0.65, 2.0,
             hollow=True, legend="this chain"),
    ]


def _readings(values: Values, times: NDArray) -> tuple[Reading, ...]:
    n, tau, a, gamma = values["stages"], values["tau"], values["a"], values["gamma"]
    rest = Reading("After a long time", Text(number(a / gamma)), f"a/γ = {number(a)}/{number(gamma)}, no τ", "right")
    cv = Reading("CV of the delay", Text(number(1 / np.sqrt(n))), f"1/√n = 1/√{n}", "right")
    w1 = Reading("Distance W1", Text(number(float(exact.erlang_distance(n, tau)))), "2τ nⁿ e⁻ⁿ/n!")
    if values["belief"] == SLOWER:
        told = f"1/(1/{number(a)} + {number(tau)})/{number(gamma)}"
        return rest, Reading("With this belief", Text(number(_slower(values))), told, "wrong")
    if values["belief"] == CV_LINEAR:
        return cv, Reading("With this belief", Text(number(1 / n)), f"1/n = 1/{n}", "wrong"), w1
    if values["belief"] == STAGE_RATE:
        right = Reading("Mean delay", Text(number(tau)), f"n · τ/n = {n} · {number(tau / n)}", "right")
        return right, Reading("With this belief", Text(number(n * tau)), f"n · τ = {n} · {number(tau)}", "wrong")
    return rest, cv, w1


def _notice(values: Values) -> str:
    return {
        SLOWER: "A delay is believed to make less (Y1). Everything only comes later: the belt holds many at once.",
        CV_LINEAR: "The CV of n steps is believed to be 1/n (Y2). Variances add: it is 1/√n.",
        STAGE_RATE: "Each of n steps is believed to have the rate 1/τ (Y2). The whole way would then take n τ.",
    }.get(values["belief"], "")


def _caption(values: Values, times: NDArray, belt: Belt) -> Text:
    on = np.isfinite(belt.place).sum(axis=2)
    text = ("At t = {t:.1} there are {fixed:d} finished molecules with the fixed delay, {f:d} more on its belt; by the "
            "chain {chain:d}, and {c:d} on the way.")
    if belt.lost:
        text += f" {belt.lost} more found no room in the picture of the belts."
    return Text(text, {"t": times, "fixed": belt.ready[0], "chain": belt.ready[1], "f": on[0], "c": on[1]})


def _told(values: Values) -> Text:
    rows = [(f"{n} step{'s' * (n > 1)}", f"the delay varies by {number(100 / np.sqrt(n))} %, and is "
             f"{number(float(exact.erlang_distance(n, values['tau'])))} away from the fixed one") for n in LADDER]
    return Text("{name}: {what}.", words={"name": tuple(r[0] for r in rows), "what": tuple(r[1] for r in rows)})


def takes(net: ReactionNetwork) -> str:
    """Why this network is no constant production with one delay; "" where it is."""
    said = "it takes constant production with a delay, and loss: 0 -> X ; 5 ; delay 3 and X -> 0 ; 1"
    if len(net.species) != 1 or len(net.reactions) != 2 or any(r.custom for r in net.reactions):
        return said
    make, lose = sorted(net.reactions, key=lambda r: r.order)
    fits = (make.order, lose.order) == (0, 1) and make.delay is not None and lose.delay is None
    return "" if fits and sum(make.products.values()) == 1 and not lose.products else said


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` gives the rates, the delay and, where it is Erlang, the steps."""
    values = dict(options)
    if (net := values.pop("network", None)) is not None:
        net = net if isinstance(net, ReactionNetwork) else ReactionNetwork.parse(net)
        if reason := takes(net):
            raise refusal("pipeline", net, reason, "0 -> X ; 5 ; delay 3 \n X -> 0 ; 1")
        make, lose = sorted(net.reactions, key=lambda r: r.order)
        assert make.delay is not None
        steps = {"stages": make.delay.stages} if make.delay.stages else {}
        values = {"a": make.rate, "gamma": lose.rate, "tau": make.delay.mean, **steps} | values
    return values


Pipeline = Design(
    "pipeline", "Pipeline", ABOUT, lambda values: CONTROLS, PRESETS, film, adjust, takes=takes,
    summary="A delay as a belt of maturing molecules, and as a chain of steps that comes closer to it with each step.",
)
