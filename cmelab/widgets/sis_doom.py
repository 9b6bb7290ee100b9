"""SISDoom: an infection that lasts for ever in the rate equation, and ends by chance in the master equation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from .. import exact, models
from ..master_equation import generator
from ..network import ReactionNetwork
from ..rate_equations import rate_equations
from ..ssa import simulate
from ..state_space import enumerate_states
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Mark, Panel, Reading, Scale, Selection, Text, nice, scale
from .typed_network import refusal
from .words import number

RIGHT, FOR_EVER = "what the jumps do", "the ODE holds for ever"
FIRST, PER_DOUBLING, PATHS, MOST = 0.1, 6, 4, 80  # first time shown, frames for each doubling of it, paths, people

CONTROLS = (
    Control("r0", "float", "R0", 1.5, 0.2, 4.0, 0.1, tip="how many one person infects among the healthy"),
    Control("people", "int", "people N", 20, 2, MOST, tip="all of them: healthy and infected"),
    Control("infected", "int", "first cases", 7, 0, MOST, tip="infected at t = 0, never more than there are people"),
    Control("t_end", "log", "time span", 1000.0, 10.0, 10_000.0, tip="in mean times that one person stays infected"),
    Control("seed", "int", "seed", 1, 0, 99, tip="which paths happen to come"),
    Control("belief", "choice", "Believe", RIGHT, choices=(RIGHT, FOR_EVER), belief="K4",
            tip="K4: what Kurtz's theorem says of a finite time is taken for ever"),
    Control("t", "log", "moment shown first", 5.0, FIRST, 10_000.0, hidden=True),
)
PRESETS: dict[str, Values] = {
    "start": {},
    "one-case": {"infected": 1},
    "large-town": {"people": 60, "infected": 20},
    "barely-spreading": {"r0": 1.1},
    "dying-out": {"r0": 0.8},
    "for-ever-believed": {"belief": FOR_EVER, "t": 100.0},
}
ABOUT = (
    "S + I → 2I with propensity R0·S·I/N, and I → S with propensity I: time is counted in mean durations of one "
    "infection. Nobody comes from outside, so with no infected left nothing can happen any more.",
    "Top left: exact paths, the mean of the master equation, and the dashed rate equation. The time axis is "
    "logarithmic.",
    "Bottom left: the probability that the infection has ended by then. It goes to 1, however slowly.",
    "Right: P(n, t). The bar at n = 0 only grows: what has arrived there stays. The hump that lasts meanwhile is the "
    "quasi-stationary law.",
    "Kurtz's theorem says that n/N follows the rate equation on a finite time span as N grows. For a fixed N and "
    "long times it says nothing. With N the mean time to the end grows exponentially, when R0 is above 1.",
)


def network(values: Values) -> ReactionNetwork:
    """The SIS network of these values, recovery at rate 1."""
    people = values["people"]
    return models.sis(values["r0"], 1.0, people, min(values["infected"], people))


def moments_of_time(t_end: float) -> NDArray[np.float64]:
    """The times of the frames (F,), each 2^(1/6) times the one before."""
    return FIRST * 2.0 ** (np.arange(1 + round(PER_DOUBLING * np.log2(t_end / FIRST))) / PER_DOUBLING)


def law(net: ReactionNetwork, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(n infected, t), (F, N + 1): over twice a time the transition matrix is the square of that over the time."""
    people = int(net.initial.sum())
    space = enumerate_states(net)
    a, infected = generator(net, space).toarray(), space.states[:, net.species.index("I")]
    steps = [expm(a * t) for t in times[:PER_DOUBLING]]
    start = space.index(net.initial)
    p = np.zeros((times.size, people + 1))
    for k in range(times.size):
        if k >= PER_DOUBLING:
            steps.append(steps[k - PER_DOUBLING] @ steps[k - PER_DOUBLING])
        p[k, infected] = steps[k][:, start]
    return p


def film(values: Values, reveal: bool = True) -> Bank:
    """One frame for each moment on a logarithmic clock; without ``reveal`` the rate equation alone."""
    net, times = network(values), moments_of_time(values["t_end"])
    people, infected = values["people"], int(net.initial[net.species.index("I")])
    flow = rate_equations(net, times).of("I")
    question = (f"R0 = {number(values['r0'])}, {people} people, {infected} of them infected. After what time, on "
                "average, is nobody infected?")
    if not reveal:
        panel, marks = _paths(values, times, flow, None, None, (0, 0, 1, 1))
        caption = f"The rate equation, from {infected} infected; what happens by chance is hidden."
        return Bank((panel,), tuple(marks), Text(caption), question=question, height=300)
    p = law(net, times)
    mean = p @ np.arange(people + 1.0)
    some = simulate(net, times, paths=PATHS, seed=values["seed"], progress=False).of("I").astype(float)
    parts = (_paths(values, times, flow, mean, some, (0, 0, 0.55, 0.55)), _ended(values, times, p), _bars(p))
    return Bank(
        tuple(panel for panel, _ in parts),
        tuple(mark for _, marks in parts for mark in marks),
        Text(f"At t = {{t}} the infection has ended with probability {{e:.3}}; {{m:.2}} of {people} are infected on "
             "average, and {f:.2} by the rate equation.", {"t": times, "e": p[:, 0], "m": mean, "f": flow}),
        _readings(values, infected, p, flow),
        Text("t = {t}", {"t": times}),
        Selection(("law",), np.arange(people + 1), tuple(f"n = {i}" for i in range(people + 1)),
                  Text("{name}: this many are infected with probability {P:.4}.", {"P": p},
                       {"name": tuple(f"n = {i}" for i in range(people + 1))}), noun="bar"),
        "Kurtz's theorem is taken beyond its finite time (K4): the rate equation never ends." if _wrong(values) else "",
        question,
        exact.sis_extinction_time(people, values["r0"], infected),
        "per recovery rate",
        smooth=True,
        start=int(np.abs(np.log(times / values["t"])).argmin()),
        seconds=8.0,
        height=430,
    )


def _wrong(values: Values) -> bool:
    return values["belief"] == FOR_EVER


def _clock(values: Values, label: bool) -> Scale:
    """The logarithmic time axis, in powers of ten."""
    last = float(np.log10(values["t_end"]))
    ticks = tuple((float(e), number(10.0**e)) for e in range(-1, int(last + 1e-9) + 1))
    return Scale(-1.0, max(last, 1.0), "t, in recovery times" if label else "", ticks)


def _paths(values: Values, times: NDArray, flow: NDArray, mean: Any, some: Any,
           cell: tuple[float, float, float, float]) -> tuple[Panel, list[Mark]]:
    x = np.log10(times)
    top = float(nice(max(flow.max(), 1.0 if some is None else some.max(), 1.0)))
    panel = Panel("paths", _clock(values, False), scale(0, top, "infected", whole=True, about=4), cell,
                  "Infected: paths, mean, rate equation")
    marks = []
    if some is not None:
        stairs = np.repeat(x, 2)[1:]
        marks = [Mark("line", "paths", {"x": stairs, "y": np.repeat(one, 2)[:-1]}, "blue", width=0.7,
                      legend="" if i else "exact paths") for i, one in enumerate(some)]
        marks.append(Mark("line", "paths", {"x": x, "y": mean}, "orange", width=2.0))
        marks.append(Mark("dots", "paths", {"x": x[:, None], "y": mean[:, None]}, "orange", 0.45,
                          legend="mean of the CME"))
    marks.append(Mark("line", "paths", {"x": x, "y": flow}, "purple" if _wrong(values) else "ink", width=2.0, dash=True,
                      legend="rate equation"))
    return panel, marks


def _ended(values: Values, times: NDArray, p: NDArray) -> tuple[Panel, list[Mark]]:
    x = np.log10(times)
    panel = Panel("ended", _clock(values, True), scale(0, 1, "P(ended)", about=2), (0, 0.55, 0.55, 1),
                  "Probability that the infection has ended")
    marks = [Mark("line", "ended", {"x": x, "y": p[:, 0]}, "red", width=2.0),
             Mark("dots", "ended", {"x": x[:, None], "y": p[:, :1]}, "red", 0.45)]
    if _wrong(values):
        marks.append(Mark("segments", "ended", {"x0": [x[0]], "y0": [0], "x1": [x[-1]], "y1": [0]}, "purple", 1.0, 2.2,
                          dash=True, legend="by this belief"))
    return panel, marks


def _bars(p: NDArray) -> tuple[Panel, list[Mark]]:
    n = np.arange(p.shape[1])
    top = nice(min(1.0, 1.1 * float(np.sort(p[PER_DOUBLING * 3:, 1:].max(axis=1))[::-1][0])), (1, 2, 3, 5, 10))
    panel = Panel("law", scale(-0.6, n[-1] + 0.6, "n, infected", whole=True, about=6),
                  scale(0, max(top, 0.1), "P(n, t)", about=4), (0.55, 0, 1, 1), "Probability of n infected")
    return panel, [Mark("bars", "law", {"x": n[1:], "y": p[:, 1:]}, "blue", legend="still going on"),
                   Mark("bars", "law", {"x": n[:1], "y": p[:, :1]}, "red", legend="n = 0: over", pointed=True)]


def _readings(values: Values, infected: int, p: NDArray, flow: NDArray) -> tuple[Reading, ...]:
    wait = exact.sis_extinction_time(values["people"], values["r0"], infected)
    told = number(wait) if wait < 1e6 else f"{wait:.2g}"
    level = values["people"] * max(0.0, 1 - 1 / values["r0"])
    ended = Reading("Ended by now", Text("{e:.4}", {"e": p[:, 0]}), "P(0, t)")
    first = Reading("Mean time until the end", Text(told), "mean times from n to n − 1, added up", "right")
    if _wrong(values):
        return first, ended, Reading("With this belief", Text("never" if level > 0 else "0"),
                                     f"{number(level)} infected for ever", "wrong")
    return first, ended, Reading("Rate equation rests at", Text(number(level)), "N (1 − 1/R0)" if level else "0")


def takes(net: ReactionNetwork) -> str:
    """Why this network is no SIS epidemic; "" where it is."""
    said = "it takes an infection without immunity: S + I -> 2I and I -> S"
    if len(net.species) != 2 or len(net.reactions) != 2 or any(r.custom or r.delay for r in net.reactions):
        return said
    shapes = {tuple(sorted(r.reactants.values())): r for r in net.reactions}
    if set(shapes) != {(1, 1), (1,)}:
        return said
    sick = next(iter(shapes[1,].reactants))
    well = next(s for s in net.species if s != sick)
    fits = dict(shapes[1, 1].products) == {sick: 2} and dict(shapes[1,].products) == {well: 1}
    return "" if fits and int(net.initial.sum()) <= MOST else said


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` gives R0, the people and the infected; time is then counted in its recovery times."""
    values = dict(options)
    if (net := values.pop("network", None)) is not None:
        net = net if isinstance(net, ReactionNetwork) else ReactionNetwork.parse(net)
        if reason := takes(net):
            raise refusal("sis-doom", net, reason, "S + I -> 2I ; 0.075 \n I -> S ; 1")
        recover = next(r for r in net.reactions if r.order == 1)
        infect = next(r for r in net.reactions if r.order == 2)
        people = int(net.initial.sum()) or 20
        sick = int(net.counts.get(next(iter(recover.reactants)), 0)) or 7
        values = {"people": people, "infected": sick, "r0": infect.rate * people / recover.rate} | values
    return values


SISDoom = Design(
    "sis-doom", "Endemic for ever?", ABOUT, lambda values: CONTROLS, PRESETS, film, adjust, takes=takes,
    summary="An infection that the rate equation keeps for ever, and that chance ends.",
)
