"""TwoState: receptors that switch between two shapes, until as many go one way as the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import exact, models
from ..network import ReactionNetwork
from ..ssa import simulate
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Channel, Mark, Panel, Reading, Scale, Selection, Text, channel, nice, scale
from .typed_network import refusal
from .words import number

RIGHT, INVERTED, RATIO, SLOW, POISSON = (
    "what the equation says",
    "the ratio is koff/kon",
    "the ratio is the probability",
    "relaxation takes 1/kon",
    "counts are always Poisson",
)
MOST, FRAMES = 40, 121

CONTROLS = (
    Control("k_on", "log", "kon", 2.0, 0.05, 20.0, unit="1/time", tip="A → B: how often one turns on"),
    Control("k_off", "log", "koff", 0.5, 0.05, 20.0, unit="1/time", tip="B → A: how often one turns off"),
    Control("copies", "int", "receptors", 20, 1, MOST, tip="each switches by itself"),
    Control("t_end", "log", "time span", 3.0, 0.2, 100.0, tip="length of the film, in units of 1/rate"),
    Control("seed", "int", "seed", 1, 0, 99, tip="which receptors happen to switch when"),
    Control(
        "belief", "choice", "Believe", RIGHT, choices=(RIGHT, INVERTED, RATIO, SLOW, POISSON), belief="D3 D4 D5",
        tip="D3: the ratio upside down, or taken for a probability. D4: one rate alone. D5: Poisson, whatever is kept",
    ),
    Control("t", "float", "moment shown first", 0.3, 0.0, 100.0, 0.01, hidden=True),
)
PRESETS: dict[str, Values] = {
    "start": {},
    "one-receptor": {"copies": 1},
    "slow-off": {"k_on": 1.0, "k_off": 0.1, "t_end": 8.0},
    "equal": {"k_on": 1.0, "k_off": 1.0, "t_end": 4.0},
    "ratio-inverted": {"belief": INVERTED, "t": 2.0},
    "ratio-as-probability": {"belief": RATIO, "t": 2.0},
    "wrong-relaxation": {"belief": SLOW, "t": 0.5},
    "poisson": {"belief": POISSON, "k_on": 1.0, "k_off": 4.0, "t": 2.0},
}
ABOUT = (
    "Top left: the probability that a receptor is active, from all inactive at t = 0 to its steady value. The upright "
    "line marks the relaxation time 1/(kon+koff), after which the distance has shrunk to 37 %.",
    "Bottom left: each circle is one receptor, simulated exactly; full circles are active. They go on switching at "
    "steady state, too.",
    "Top right: how much probability flows each way. kon·P(A) falls and koff·P(B) rises until they are equal: that "
    "is detailed balance, and for two states a steady state cannot be anything else.",
    "Bottom right: the probability of each number of active receptors. With a fixed total it is binomial, which is "
    "narrower than a Poisson law.",
)


def active(t: Any, k_on: float, k_off: float) -> NDArray[np.float64]:
    """Probability (T,) that a receptor is active, inactive at t = 0."""
    total = k_on + k_off
    return -k_on / total * np.expm1(-total * np.asarray(t, float))


def film(values: Values, reveal: bool = True) -> Bank:
    """All frames from t = 0 to the end of the time span; without ``reveal`` the receptors at the start only."""
    k_on, k_off = values["k_on"], values["k_off"]
    question = f"kon = {number(k_on)} and koff = {number(k_off)}. What share of receptors is active after a long time?"
    if not reveal:
        panel, marks = _receptors(values, np.zeros(1), (0, 0, 1, 1))
        return Bank((panel,), tuple(marks), Text("All receptors are inactive at t = 0; what follows is hidden."),
                    question=question, height=300)
    times = np.linspace(0.0, values["t_end"], FRAMES)
    p, law = active(times, k_on, k_off), _law(values, times)
    parts = (_curve(values, times, p), _receptors(values, times, (0, 0.56, 0.5, 1)), _flows(values, p),
             _counts(values, times, law))
    return Bank(
        tuple(panel for panel, _ in parts),
        tuple(mark for _, marks in parts for mark in marks),
        _caption(values, times, p),
        _readings(values, p),
        Text("t = {t:.2}", {"t": times}),
        _selection(values, law),
        _notice(values),
        question,
        k_on / (k_on + k_off),
        "per receptor",
        smooth=False,
        start=int(np.abs(times - values["t"]).argmin()),
        height=440,
    )


def _curve(values: Values, times: NDArray, p: NDArray) -> tuple[Panel, list[Mark]]:
    """P(B) against time, its steady value and the relaxation time, and what a belief makes of them."""
    k_on, k_off, end = values["k_on"], values["k_off"], values["t_end"]
    steady, wait = k_on / (k_on + k_off), 1 / (k_on + k_off)
    panel = Panel("share", scale(0, end, "t, time"), scale(0, 1, "P(B)", about=4), (0, 0, 0.5, 0.56),
                  "Probability of being active")
    marks = [
        Mark("segments", "share", {"x0": [0], "y0": [steady], "x1": [end], "y1": [steady]}, "faint", dash=True,
             legend="steady value"),
        Mark("segments", "share", {"x0": [wait], "y0": [0], "x1": [wait], "y1": [steady * (1 - np.exp(-1))]}, "orange",
             1.0, 1.6, legend="relaxation time 1/(kon+koff)"),
        Mark("line", "share", {"x": times, "y": p}, "blue", width=1.8, legend="P(B)"),
        Mark("dots", "share", {"x": times[:, None], "y": p[:, None]}, "blue", 0.45),
    ]
    wrong = _wrong_share(values)
    if wrong is not None and wrong <= 1:
        marks.append(Mark("segments", "share", {"x0": [0], "y0": [wrong], "x1": [end], "y1": [wrong]}, "purple", 1.0,
                          2.0, dash=True, hollow=True, legend="steady value, by this belief"))
    if values["belief"] == SLOW:
        marks.append(Mark("line", "share", {"x": times, "y": steady * -np.expm1(-k_on * times)}, "purple", width=1.8,
                          dash=True, legend="relaxing with 1/kon"))
    return panel, marks


def _receptors(values: Values, times: NDArray, cell: tuple[float, float, float, float]) -> tuple[Panel, list[Mark]]:
    """One circle for each receptor, full while it is active; each an exact path of its own."""
    copies = values["copies"]
    one = models.receptor(values["k_on"], values["k_off"])
    on = simulate(one, times, paths=copies, seed=values["seed"], progress=False).of("B").T.astype(float)
    row = min(copies, 10)
    rows = -(-copies // row)
    x, y = np.arange(copies) % row, rows - 1 - np.arange(copies) // row
    panel = Panel("jar", Scale(-0.7, max(row, 10) - 0.3), Scale(-0.8, max(rows, 2) - 0.2), cell,
                  f"{copies} receptor{'s' * (copies > 1)}: ○ inactive, ● active", bare=True)
    # One that has the other shape is moved out of sight: NaN leaves an item out.
    full = {"x": np.where(on > 0, x, np.nan), "y": y}
    empty = {"x": np.where(on > 0, np.nan, x), "y": y}
    return panel, [Mark("dots", "jar", empty, "red", 0.62, 1.4, hollow=True, legend="inactive, A"),
                   Mark("dots", "jar", full, "green", 0.66, legend="active, B")]


def _flows(values: Values, p: NDArray) -> tuple[Panel, list[Mark]]:
    """The two flows as bars: what leaves A, and what leaves B."""
    there, back = values["k_on"] * (1 - p), values["k_off"] * p
    most = nice(1.25 * max(there.max(), back.max()))
    ticks = ((0.0, "A → B"), (1.0, "B → A"))
    panel = Panel("flow", Scale(-0.7, 1.7, "", ticks), scale(0, most, "per unit time", about=3), (0.5, 0, 1, 0.5),
                  "Flow: kon·P(A), and koff·P(B)")
    bar = {"x": np.array([0.0]), "y": there[:, None]}, {"x": np.array([1.0]), "y": back[:, None]}
    return panel, [
        Mark("bars", "flow", bar[0], "green", 0.6),
        Mark("bars", "flow", bar[1], "red", 0.6),
        *(Mark("labels", "flow", {"x": [x], "y": y[:, None] + 0.11 * most, "value": y[:, None]}, "ink", 1.1,
               texts=("",)) for x, y in ((0.0, there), (1.0, back))),
    ]


def _law(values: Values, times: NDArray) -> Channel:
    """P(n_B, t), (T, N + 1)."""
    n = np.arange(values["copies"] + 1)
    return channel([exact.receptor(n, t, values["k_on"], values["k_off"], values["copies"]) for t in times])


def _counts(values: Values, times: NDArray, law: Any) -> tuple[Panel, list[Mark]]:
    """The law of the number of active receptors, and the Poisson law of the same mean for those who believe in it."""
    n = np.arange(values["copies"] + 1)
    top = nice(min(1.0, 1.05 * float(law[3:].max())), (1, 1.5, 2, 3, 4, 5, 10))
    panel = Panel("law", scale(-0.6, n[-1] + 0.6, "n, active receptors", whole=True, about=8),
                  scale(0, top, "P(n, t)", about=3), (0.5, 0.5, 1, 1), "Probability of n active receptors")
    marks = [Mark("bars", "law", {"x": n, "y": law}, "blue", 0.8, legend="P(n, t)")]
    if values["belief"] == POISSON:
        mean = values["copies"] * active(times, values["k_on"], values["k_off"])
        wrong = np.stack([exact.poisson(n, m) for m in mean])
        marks.append(Mark("bars", "law", {"x": n, "y": wrong}, "purple", 0.8, 1.4, hollow=True,
                          legend="Poisson of the same mean"))
    return panel, marks


def _wrong_share(values: Values) -> float | None:
    """What a belief takes for the share of active receptors; None where it takes the right one."""
    k_on, k_off = values["k_on"], values["k_off"]
    return {INVERTED: k_off / (k_on + k_off), RATIO: k_on / k_off}.get(values["belief"])


def _readings(values: Values, p: NDArray) -> tuple[Reading, ...]:
    k_on, k_off = values["k_on"], values["k_off"]
    a, b = number(k_on), number(k_off)
    share = Reading("Steady P(B) = kon/(kon+koff)", Text(number(k_on / (k_on + k_off))),
                    f"{a}/({a} + {b}), because kon·P(A) = koff·P(B)", "right")
    wait = Reading("Relaxation time 1/(kon+koff)", Text(number(1 / (k_on + k_off))), f"1/({a} + {b})")
    wrong = _wrong_share(values)
    if wrong is not None:
        said = f"{b}/({a} + {b})" if values["belief"] == INVERTED else f"kon/koff = {a}/{b} is P(B)/P(A)"
        many = ", and no probability is above 1" if wrong > 1 else ""
        return share, Reading("With this belief", Text(number(wrong)), said + many, "wrong")
    if values["belief"] == SLOW:
        return share, wait, Reading("With this belief", Text(number(1 / k_on)), f"1/kon = 1/{a}", "wrong")
    if values["belief"] == POISSON:
        mean = values["copies"] * p
        return (Reading("Variance of n", Text("{v:.2}", {"v": mean * (1 - p)}), "N P(B) (1 − P(B))", "right"),
                Reading("With this belief", Text("{m:.2}", {"m": mean}), "variance = mean", "wrong"))
    return share, wait, Reading("P(B) now", Text("{p:.3}", {"p": p}))


def _notice(values: Values) -> str:
    return {
        INVERTED: "The ratio is upside down (D3): a receptor that turns on quickly would be mostly off.",
        RATIO: "The ratio P(B)/P(A) is taken for the probability P(B) (D3).",
        SLOW: "Only kon is believed to count (D4). Both rates close the distance: kon + koff.",
        POISSON: "The count is believed to be Poisson (D5). The total is fixed, so the true law is narrower.",
    }.get(values["belief"], "")


def _caption(values: Values, times: NDArray, p: NDArray) -> Text:
    text = ("At t = {t:.2} a receptor is active with probability {p}; per unit time {there} of its probability turns "
            "on and {back} turns off.")
    flows = {"there": values["k_on"] * (1 - p), "back": values["k_off"] * p}
    copies = values["copies"]
    text += f" Of {copies} receptors {{mean:.2}} are active on average." if copies > 1 else ""
    return Text(text, {"t": times, "p": p, "mean": copies * p, **flows})


def _selection(values: Values, law: Any) -> Selection:
    n = np.arange(values["copies"] + 1)
    return Selection(("law",), n, tuple(f"n = {i}" for i in n),
                     Text("{name}: this many receptors are active with probability {P}.", {"P": law},
                          {"name": tuple(f"n = {i}" for i in n)}), noun="bar")


def takes(network: ReactionNetwork) -> str:
    """Why this network is not one of two states; "" where it is."""
    pairs = {(r.order, sum(r.products.values()), r.custom, r.delay) for r in network.reactions}
    two = len(network.reactions) == 2 == len(network.species) and pairs == {(1, 1, False, None)}
    fits = two and not network.stoichiometry.sum(axis=1).any() and network.stoichiometry.any()
    return "" if fits else "it takes one molecule that switches between two states, A <-> B"


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` gives the two rates and the number of molecules."""
    values = dict(options)
    if (network := values.pop("network", None)) is not None:
        network = network if isinstance(network, ReactionNetwork) else ReactionNetwork.parse(network)
        if reason := takes(network):
            raise refusal("two-state", network, reason, "A <-> B ; 2, 0.5")
        first = network.species[0]
        rates = {next(iter(r.reactants)) == first: r.rate for r in network.reactions}
        values = {"k_on": rates[True], "k_off": rates[False], "copies": int(network.initial.sum()) or 1} | values
    return values


TwoState = Design(
    "two-state", "Two states", ABOUT, lambda values: CONTROLS, PRESETS, film, adjust, takes=takes,
    summary="A receptor switches on and off: its steady state, its relaxation time, and the flows that balance.",
)
