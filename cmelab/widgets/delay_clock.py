"""DelayClock: a protein that represses its own gene with a delay, and the delay from which it circles round."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..network import ReactionNetwork
from ..ssa import path, simulate
from .autorepressor import (
    TIMES,
    chain_curve,
    constants,
    delayed_curve,
    hill,
    network,
    rounds,
    slope,
    takes,
    threshold_of,
)
from .clock_memory import BINS, Pair, queue, same_count, wrong_model
from .controls import Control
from .design import Design, Values
from .frame import Bank, Mark, Panel, Reading, Scale, Selection, Text, nice, scale
from .typed_network import refusal
from .words import number

RIGHT, MARKOV, COMPLETION = "what the delay does", "the count alone decides", "rate taken at completion"
FRAMES, PATHS = 81, 2
LADDER = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100)
FIXED = 2.5  # where the fixed delay stands on the axis of log10 n

CONTROLS = (
    Control("tau", "log", "delay τ", 1.0, 0.2, 5.0, unit="time", tip="time from start to ready"),
    Control("stages", "int", "chain steps n", 5, 1, 100, tip="each of rate n/τ"),
    Control("h", "float", "Hill exponent h", 4.0, 1.0, 8.0, 0.5, tip="how sharply the protein represses its gene"),
    Control("k", "log", "starts k", 100.0, 10.0, 400.0, unit="1/time", tip="starts per time without any protein"),
    Control("half", "log", "half count K", 20.0, 2.0, 100.0, tip="at this count half as many are started"),
    Control("gamma", "log", "loss γ", 1.0, 0.4, 4.0, unit="1/time", tip="how quickly each protein is lost"),
    Control("seed", "int", "seed", 1, 0, 99, tip="which paths happen to come"),
    Control("belief", "choice", "Believe", RIGHT, choices=(RIGHT, MARKOV, COMPLETION), belief="Y3 Y4",
            tip="Y3: X(t) is Markov by itself. Y4: the propensity is taken when the product appears"),
    Control("t", "float", "moment shown first, as a share of the film", 0.6, 0.0, 1.0, 0.01, hidden=True),
)
PRESETS: dict[str, Values] = {
    "start": {},
    "below-the-threshold": {"tau": 0.5},
    "above-the-threshold": {"tau": 1.5},
    "chain-5": {"tau": 2.5, "stages": 5},
    "chain-100": {"stages": 100, "tau": 1.2},
    "count-is-markov": {"belief": MARKOV},
    "rate-at-completion": {"belief": COMPLETION},
}
ABOUT = (
    "A protein X represses its own gene: production starts with propensity k/(1 + (X/K)^h), and each molecule is ready "
    "only τ later. X is lost at rate γ. The gene answers to news that are old.",
    "Top: the rate equation with the fixed delay, two exact paths with it, and the rate equation of a chain of n steps "
    "of rate n/τ in place of the delay.",
    "Bottom left: the delay from which the rate equation circles, that is, swings for ever, for each number of steps. "
    "Below it the swings die out. Few steps blur the delay so much that it never circles; the fixed delay is the "
    "end of the ladder.",
    "Bottom right: molecules that have been started and are not ready yet, by the time they still need. X alone does "
    "not tell them.",
    "The threshold is one of the rate equation. Paths swing below it, too, irregularly; whether noise should be said "
    "to make a clock there is disputed (claimed by Bratsun and others in 2005, contested by Lafuerza and Toral).",
)


@dataclass(frozen=True)
class Clock:
    """Everything that is drawn: curves (T,), paths (PATHS, T), the queue (F, BINS), and what a belief brings."""

    times: NDArray[np.float64]
    delayed: NDArray[np.float64]
    chain: NDArray[np.float64]
    paths: NDArray[np.float64]
    queue: NDArray[np.int64]
    wrong: tuple[NDArray[np.float64], NDArray[np.float64]] | None
    pair: Pair | None

    @property
    def frames(self) -> NDArray[np.int64]:
        """Where on the clock the frames are."""
        return np.arange(FRAMES) * ((TIMES - 1) // (FRAMES - 1))


def span(values: Values) -> float:
    """How long the film is: some rounds, and not more delays than can be followed at once."""
    tau, life = values["tau"], 1 / values["gamma"]
    return min(10 * (tau + life), 60 * tau + 2 * life)


def wind_up(values: Values) -> Clock:
    """Compute it all."""
    net, times = network(values), np.linspace(0.0, span(values), TIMES)
    log = path(net, times[-1], seed=values["seed"])
    some = simulate(net, times, paths=PATHS, seed=values["seed"], progress=False).of("X").astype(float)
    spots = np.arange(FRAMES) * ((TIMES - 1) // (FRAMES - 1))
    return Clock(
        times, delayed_curve(constants(values), float(times[-1])), chain_curve(values, times), some,
        queue(log, values["tau"], times[spots]),
        wrong_model(net, values["tau"], times, values["seed"]) if values["belief"] == COMPLETION else None,
        same_count(net, values["tau"], values["gamma"], values["seed"]) if values["belief"] == MARKOV else None)


def film(values: Values, reveal: bool = True) -> Bank:
    """One frame for each moment; without ``reveal`` the thresholds alone."""
    question = (f"The delay is τ = {number(values['tau'])}, and a protein lasts 1/γ = {number(1 / values['gamma'])}. "
                "How much time does one round of the clock take, by the rate equation with the fixed delay?")
    if not reveal:
        panel, marks = _thresholds(values, (0, 0, 1, 1))
        caption = "The delays from which the rate equation circles; the clock is hidden."
        return Bank((panel,), tuple(marks), Text(caption), question=question, height=300)
    clock = wind_up(values)
    period, _ = rounds(clock.times, clock.delayed)
    circles = values["tau"] > threshold_of(values) and math.isfinite(period)
    parts = _over_time(values, clock), _thresholds(values, (0, 0.48, 0.5, 1)), _waiting(values, clock)
    return Bank(
        tuple(panel for panel, _ in parts),
        tuple(mark for _, marks in parts for mark in marks),
        _caption(values, clock),
        _readings(values, clock),
        Text("t = {t:.2}", {"t": clock.times[clock.frames]}),
        Selection(("threshold",), np.log10(LADDER), tuple(f"n = {n}" for n in LADDER), _told(values), noun="chain"),
        _notice(values, clock),
        question,
        period if circles else None,
        "per round",
        start=round(values["t"] * (FRAMES - 1)),
        seconds=10.0,
        height=500,
    )


def _over_time(values: Values, clock: Clock) -> tuple[Panel, list[Mark]]:
    t, at = clock.times, clock.frames
    drawn = [clock.delayed, clock.chain, *clock.paths, *(clock.wrong or ())]
    top = nice(1.03 * max(float(x.max()) for x in drawn), (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10))
    panel = Panel("clock", scale(0, t[-1], "t, time", about=8), scale(0, top, "X", about=4),
                  (0, 0, 1, 0.48), "Molecules X of one gene with a delay")
    stairs = np.repeat(t, 2)[1:]
    marks = [Mark("line", "clock", {"x": stairs, "y": np.repeat(x, 2)[:-1]}, "sky", width=0.7,
                  legend="" if i else "exact paths") for i, x in enumerate(clock.paths)]
    n = values["stages"]
    marks += [
        Mark("line", "clock", {"x": t, "y": clock.delayed}, "blue", width=2.0, shape="square",
             legend="rate equation, fixed delay"),
        Mark("line", "clock", {"x": t, "y": clock.chain}, "orange", width=2.0, dash=True,
             legend=f"rate equation, chain of {n}"),
    ]
    if clock.wrong:
        curve, one = clock.wrong
        marks += [Mark("line", "clock", {"x": stairs, "y": np.repeat(one, 2)[:-1]}, "purple", width=0.7, shape="cross",
                       legend="path of this belief"),
                  Mark("line", "clock", {"x": t, "y": curve}, "purple", width=2.2, dash=True, hollow=True,
                       legend="rate equation of this belief")]
    marks += [Mark("dots", "clock", {"x": t[at][:, None], "y": x[at][:, None]}, colour, 0.45, shape=shape)
              for x, colour, shape in ((clock.paths[0], "sky", "disc"), (clock.delayed, "blue", "square"),
                                       (clock.chain, "orange", "triangle"))]
    return panel, marks


def _thresholds(values: Values, cell: tuple[float, float, float, float]) -> tuple[Panel, list[Mark]]:
    """The delay from which each chain circles; its two circles are the present delay."""
    n, tau = np.array(LADDER, float), values["tau"]
    y, fixed = np.array([threshold_of(values, s) for s in LADDER]), threshold_of(values)
    top = nice(max(1.25 * tau, 3.6 * fixed if math.isfinite(fixed) else 0), (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10))
    known = np.isfinite(y)
    x, y = np.log10(n[known]), y[known]
    ticks = (0.0, "1"), (1.0, "10"), (2.0, "100"), (FIXED, "∞")
    panel = Panel("threshold", Scale(-0.15, 2.75, "steps n; ∞: the fixed delay", ticks),
                  scale(0, top, "τ", about=4), cell, "From which delay on it circles")
    marks = []
    if math.isfinite(fixed):
        edge = np.r_[x, FIXED, FIXED, x[:1]], np.r_[np.minimum(y, top), fixed, top, top]
        marks += [Mark("area", "threshold", {"x": edge[0], "y": edge[1], "alpha": [0.22]}, "sky"),
                  Mark("line", "threshold", {"x": np.r_[x, FIXED], "y": np.r_[y, fixed]}, "ink", width=1.4,
                       legend="threshold"),
                  Mark("dots", "threshold", {"x": np.r_[x, FIXED], "y": np.r_[y, fixed]}, "ink", 0.28),
                  Mark("labels", "threshold", {"x": [1.55], "y": [0.8 * top]}, "ink", 1.1, texts=("circles",))]
    marks.append(Mark("labels", "threshold", {"x": [1.75], "y": [0.12 * top]}, "ink", 1.1, texts=("comes to rest",)))
    marks.append(Mark("segments", "threshold", {"x0": [-0.15], "y0": [tau], "x1": [2.75], "y1": [tau]}, "faint",
                      dash=True))
    here = np.log10(values["stages"])
    marks += [Mark("dots", "threshold", {"x": [here], "y": [tau]}, "orange", 0.6, 2.0, hollow=True, shape="triangle",
                   legend="this chain now"),
              Mark("dots", "threshold", {"x": [FIXED], "y": [tau]}, "blue", 0.6, 2.0, hollow=True, shape="square",
                   legend="fixed delay now")]
    return panel, marks


def _waiting(values: Values, clock: Clock) -> tuple[Panel, list[Mark]]:
    """The molecules on their way, by the time they still need; with belief Y3 those of two histories."""
    tau = values["tau"]
    x = (np.arange(BINS) + 0.5) * tau / BINS
    pair = clock.pair
    counts = clock.queue if pair is None else np.stack([pair.first, pair.second])
    top = max(3.0, nice(1.1 * float(counts.max()), (1, 1.5, 2, 3, 4, 5, 6, 8, 10)))
    title = "On their way: when ready" if pair is None else f"Two histories, both with X = {pair.count}"
    panel = Panel("queue", scale(0, tau, "ready in, time", about=5), scale(0, top, "count", whole=True, about=4),
                  (0.5, 0.48, 1, 1), title)
    wide = tau / BINS
    if pair is None:
        return panel, [Mark("bars", "queue", {"x": x, "y": counts}, "sky", 0.9 * wide, legend="on their way")]
    return panel, [Mark("bars", "queue", {"x": x, "y": pair.first}, "blue", 0.9 * wide, legend="history A"),
                   Mark("bars", "queue", {"x": x, "y": pair.second}, "orange", 0.9 * wide, 1.6, hollow=True,
                        legend="history B")]


def _readings(values: Values, clock: Clock) -> tuple[Reading, ...]:
    if clock.pair is not None:
        pair, soon = clock.pair, number(clock.pair.soon)
        return (Reading(f"P(one ready within {soon}): A", Text(number(pair.due[0] > 0)), f"{pair.due[0]} due", "right"),
                Reading("B", Text(number(pair.due[1] > 0)), f"{pair.due[1]} due", "right"),
                Reading("With this belief", Text(number(pair.share)), f"X = {pair.count}", "wrong"))
    fixed, chain = threshold_of(values), threshold_of(values, values["stages"])
    period, swing = rounds(clock.times, clock.delayed)
    turns = Text(number(period) if math.isfinite(period) else "none")
    if clock.wrong:
        _, still = rounds(clock.times, clock.wrong[0])
        return (Reading("Period", turns, f"amplitude {number(swing)}", "right"),
                Reading("With this belief", Text("no clock"), f"amplitude {number(still)}", "wrong"))
    s = slope(values)
    g = number(values["gamma"])
    told = f"arccos(−{g}/{number(s)})/√({number(s)}² − {g}²)" if math.isfinite(fixed) else f"|a'| = {number(s)} ≤ γ"
    return (Reading("Threshold, fixed delay", Text(_written(fixed)), told, "right"),
            Reading(f"Chain, n = {values['stages']}", Text(_written(chain))),
            Reading("Period", turns, "with the fixed delay", "right"), Reading("Amplitude", Text(number(swing))))


def _written(delay: float) -> str:
    return number(delay) if math.isfinite(delay) else "none"


def _notice(values: Values, clock: Clock) -> str:
    if clock.pair is not None:
        return "X alone is believed to decide what comes next (Y3). What is on its way decides, too."
    if clock.wrong:
        sd = [number(float(x[TIMES // 2:].std())) for x in (clock.paths[0], clock.wrong[1])]
        return ("The propensity is believed to be that of completion (Y4). The news are then fresh and the clock "
                f"stops: its path has a standard deviation of {sd[1]}, the true one of {sd[0]}.")
    return ""


def _caption(values: Values, clock: Clock) -> Text:
    at, n = clock.frames, values["stages"]
    fixed, chain = threshold_of(values), threshold_of(values, n)
    circles = [f"from τ = {number(d)} on" if math.isfinite(d) else "never" for d in (fixed, chain)]
    text = ("At t = {t:.2} there are {d:.1} molecules by the fixed delay, {c:.1} by the chain, {x:d} on an exact path "
            f"and {{q:d}} on their way. The fixed delay circles {circles[0]}, the chain of {n} {circles[1]}.")
    return Text(text, {"t": clock.times[at], "d": clock.delayed[at], "c": clock.chain[at], "x": clock.paths[0, at],
                       "q": clock.queue.sum(axis=1)})


def _told(values: Values) -> Text:
    words = []
    for n in LADDER:
        delay = threshold_of(values, n)
        now = "circles" if values["tau"] > delay else "comes to rest"
        words.append(f"circles from τ = {number(delay)} on, and now {now}" if math.isfinite(delay) else
                     "blurs the delay so much that it never circles")
    return Text("{name}: such a chain {what}.", words={"name": tuple(f"n = {n}" for n in LADDER), "what": tuple(words)})


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` gives the constants, the delay and, where it is Erlang, the steps."""
    values = dict(options)
    if (net := values.pop("network", None)) is not None:
        net = net if isinstance(net, ReactionNetwork) else ReactionNetwork.parse(net)
        if reason := takes(net):
            raise refusal("delay-clock", net, reason, "0 -> X ; a = 100/(1 + (X/20)^4) ; delay 1 \n X -> 0 ; 1")
        make, lose = sorted(net.reactions, key=lambda r: r.order)
        read = hill(net)
        assert make.delay is not None and read is not None
        k, half, h = (float(f"{v:.9g}") for v in read)
        steps = {"stages": make.delay.stages} if make.delay.stages else {}
        values = {"k": k, "half": half, "h": h, "gamma": lose.rate, "tau": make.delay.mean, **steps} | values
    return values


DelayClock = Design("delay-clock", "Delay clock", ABOUT, lambda values: CONTROLS, PRESETS, film, adjust, takes=takes,
                    summary="A gene that represses itself with a delay, and from which delay on it is a clock.",
                    network=network)
