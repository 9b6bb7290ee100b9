"""One solution of FluxBars, put into bars, arrows and sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..expression import names
from ..network import ReactionNetwork
from .frame import Bank, Channel, Mark, Panel, Reading, Scale, Selection, Text, channel, nice, scale, weighted
from .gain_loss import RIGHT, SWAPPED, TARGET, TRANSPOSED, WILD, Balance
from .neighbours import lens
from .words import number

Values = dict[str, Any]
FRAMES, SHOWN = 121, 160  # frames of a bank, bars at most
LEFT = 0.68  # share of the picture that the bars have
FIRST = 6  # frames whose heights do not count for the axes: they may be cut off, to leave the rest its height
NOTICES = {
    RIGHT: "",
    SWAPPED: "Gain and loss are swapped (C1): the bars still sum to 1, and yet they go below zero.",
    TARGET: "The gain is weighted with the propensity at the target, not at the source (C2): probability leaks.",
    TRANSPOSED: "The generator is transposed (C4): the bars do not keep their sum of 1.",
}


@dataclass(frozen=True)
class Film:
    """One solution, put into bars, and the limits of its axes."""

    net: ReactionNetwork
    rule: Balance
    times: NDArray[np.float64]
    p: NDArray[np.float64]  # (F, N), every state
    values: Values
    group: int  # counts in one bar
    bars: NDArray[np.float32]  # (F, K), the states shown
    gain: Channel
    loss: Channel
    change: Channel  # gain - loss
    flow: NDArray[np.float64]  # (2, F, K): gain and loss, for the limits
    start: int
    chosen: int

    @classmethod
    def of(cls, net: ReactionNetwork, rule: Balance, times: NDArray, p: NDArray, values: Values) -> Film:
        """Leave out the states that never hold more than 1e-5, and group the others where they are many."""
        last = int(np.flatnonzero(np.abs(p).max(axis=0) > 1e-5).max())
        group = math.ceil((last + 1) / SHOWN)
        first = np.arange(0, last + 1, group)
        bars = np.add.reduceat(p[:, : last + 1], first, axis=1).astype(np.float32)
        flow = np.stack([np.add.reduceat(f[:, : last + 1], first, axis=1) for f in rule.flows(p)])
        start = int(np.abs(times - (values["t"] if values["t"] >= 0 else 0.1 * values["t_end"])).argmin())
        chosen = (int(p[start].argmax()) if values["n"] < 0 else min(values["n"], last)) // group
        if group > 1:
            gain, loss, change = channel(flow[0]), channel(-flow[1]), channel(flow[0] - flow[1])
        else:
            sources = rule.gain_source[: last + 1], rule.loss_source[: last + 1]
            weights = rule.gain_weight[: last + 1], -rule.loss_weight[: last + 1]
            gain, loss = (weighted(bars, s, w) for s, w in zip(sources, weights, strict=True))
            change = weighted(bars, np.hstack(sources), np.hstack(weights))
        return cls(net, rule, times, p, values, group, bars, gain, loss, change, flow, start, chosen)

    @property
    def wrong(self) -> bool:
        """True where a belief is switched on."""
        return self.values["law"] != RIGHT

    def bank(self) -> Bank:
        """The whole picture."""
        panels, marks = self._upper(LEFT, 0.5)
        panel, lower = self._lower()
        panels, marks = [*panels, panel], [*marks, *lower]
        if self.group == 1:
            panel, more = lens(self.rule, self.bars, self._most(), (LEFT, 0, 1, 1))
            panels, marks = [*panels, panel], [*marks, *more]
        moment, change = self.times[self.start], self.flow[0] - self.flow[1]
        return Bank(
            tuple(panels),
            tuple(marks),
            self._caption(),
            self._readings(),
            Text("t = {t:.2}", {"t": self.times}),
            self._selection(),
            self._notice(),
            self._question(float(moment)),
            float(change[self.start, self.chosen]),
            "per unit time",
            smooth=True,
            start=self.start,
            height=430,
        )

    def veiled(self) -> Bank:
        """The bars at the moment shown first, and nothing that moves or tells a flow."""
        moment = float(self.times[self.start])
        here = Mark(
            "bars", "P", {"x": np.arange(self.bars.shape[1]), "y": self.bars[self.start]}, "blue", legend="P(n, t)"
        )
        return Bank(
            tuple(self._upper(1.0, 1.0)[0]),
            (here,),
            Text(f"P(n, t) of {self.net.species[0]} at t = {number(moment)}; the flows are hidden."),
            question=self._question(moment),
            height=430,
        )

    def _question(self, moment: float) -> str:
        return f"How fast does P({self.chosen * self.group}) change at t = {number(moment)}, per unit time?"

    def _most(self) -> float:
        """The flow at the end of the axis: what the first moments, or a wrong law, have beyond it is cut off."""
        settled = self.flow[:, min(FIRST, len(self.times) - 1) :]
        return nice(float(np.percentile(np.abs(settled).max(axis=(0, 2)), 25 if self.values["law"] == SWAPPED else 92)))

    def _axis(self, labelled: bool) -> Scale:
        counts = (self.bars.shape[1] - 1) * self.group
        ticks = tuple((at / self.group, text) for at, text in scale(0, max(counts, 1), whole=True, about=8).ticks)
        label = f"n, molecules of {self.net.species[0]}" + (f", {self.group} counts a bar" if self.group > 1 else "")
        return Scale(-0.7, self.bars.shape[1] - 0.3, label if labelled else "", ticks)

    def _band(self, panel: str, limit: float) -> Mark:
        """A grey column behind the state chosen."""
        n = np.arange(self.bars.shape[1])
        return Mark(
            "bars",
            panel,
            {"x": n, "y": np.full(n.size, limit), "base": np.full(n.size, -limit), "alpha": [0.14]},
            "ink",
            1.0,
            owner=tuple(n.tolist()),
        )

    def _upper(self, right: float, bottom: float) -> tuple[list[Panel], list[Mark]]:
        n, below = np.arange(self.bars.shape[1]), self.p.min() < -1e-6
        settled = self.bars[min(FIRST, len(self.times) - 1) :]
        top = 1.2 if below else nice(min(1.0, 1.02 * float(settled.max())), (1, 1.5, 2, 3, 4, 5, 10))
        panel = Panel(
            "P",
            self._axis(bottom == 1),
            scale(-top if below else 0.0, top, "P(n, t)", about=4),
            (0, 0, right, bottom),
            "Probability of n molecules",
            zero=True,
        )
        marks = [self._band("P", top), Mark("bars", "P", {"x": n, "y": self.bars}, "blue", legend="P(n, t)")]
        if below:
            marks.append(Mark("bars", "P", {"x": n, "y": np.minimum(self.bars, 0)}, "purple", legend="below zero"))
        return [panel], marks

    def _lower(self) -> tuple[Panel, list[Mark]]:
        n, most = np.arange(self.bars.shape[1]), self._most()
        # Of bars below zero both flows point the same way, and neither may hide the other.
        slim = 0.4 if self.p.min() < -1e-6 else 0.8
        panel = Panel(
            "flow",
            self._axis(True),
            scale(-most, most, "per unit time", about=4),
            (0, 0.5, LEFT, 1),
            "Flow into each state, and out of it",
            zero=True,
        )
        return panel, [
            self._band("flow", most),
            Mark("bars", "flow", {"x": n, "y": self.gain}, "green", pointed=True, legend="gain, flows in (up)"),
            Mark("bars", "flow", {"x": n, "y": self.loss}, "red", slim, pointed=True, legend="loss, flows out (down)"),
            Mark(
                "dots",
                "flow",
                {"x": n, "y": self.change},
                "ink",
                0.4,
                1.4,
                shape="dash",
                least=0.004 * most,
                legend="dP/dt = gain − loss",
            ),
        ]

    def _selection(self) -> Selection:
        n = np.arange(self.bars.shape[1])
        names = tuple(
            f"n = {i}" if self.group == 1 else f"n = {i * self.group} to {(i + 1) * self.group - 1}" for i in n
        )
        words, ends = {"name": names}, ["", ""]
        if self.group == 1:
            sources, targets = (self.rule.gain_from, self.rule.gain_weight), (self.rule.loss_to, self.rule.loss_weight)
            words |= {"sources": _listed(*sources, n), "targets": _listed(*targets, n)}
            ends = [" (from {sources})", " (to {targets})"]
        text = f"{{name}}: P = {{P}}. Gain {{gain}}{ends[0]} minus loss {{loss}}{ends[1]} is dP/dt = {{change}}, "
        text += "per unit time."
        minus = (
            channel(self.flow[1])
            if self.group > 1
            else weighted(self.bars, self.rule.loss_source[: n.size], self.rule.loss_weight[: n.size])
        )
        return Selection(
            ("P", "flow"),
            n,
            names,
            Text(text, {"P": self.bars, "gain": self.gain, "loss": minus, "change": self.change}, words),
            start=self.chosen,
            noun="bar",
        )

    def _readings(self) -> tuple[Reading, ...]:
        laws = laws_text(self.net)
        total, mean = self.p.sum(axis=1), self.p @ np.arange(self.p.shape[1])
        first = Reading(
            "dP/dt = gain − loss" if not self.wrong else f"dP/dt, wrongly: {self.values['law']}", Text(""), laws
        )
        leaks = self.values["law"] in (TARGET, TRANSPOSED)
        summed = Reading("All bars together", Text("{sum:.3}", {"sum": total}), "", "wrong" if leaks else "right")
        if self.wrong:
            lowest = Text("{low}", {"low": self.p.min(axis=1)})
            return first, summed, Reading("Lowest bar", lowest, "", "plain" if leaks else "wrong")
        return first, summed, Reading("Mean", Text("{mean:.2}", {"mean": mean}))

    def _caption(self) -> Text:
        mode, n = self.p.argmax(axis=1), np.arange(self.p.shape[1])
        values = {"t": self.times, "sum": self.p.sum(axis=1), "mode": mode, "top": self.p.max(axis=1)}
        name = self.net.species[0]
        said = f"At t = {{t:.2}} the likeliest count of {name} is {{mode:d}}, with probability {{top}}; "
        if self.wrong:
            values |= {"low": self.p.min(axis=1), "at": self.p.argmin(axis=1)}
            said = f"This wrong equation says that at t = {{t:.2}} the largest bar of {name} is {{top}}, "
            said += "at n = {mode:d}; the bars sum to {sum:.3}, and the lowest, at n = {at:d}, is {low}."
        else:
            values |= {"mean": self.p @ n, "sd": np.sqrt(np.maximum(self.p @ n**2 - (self.p @ n) ** 2, 0))}
            said += "the mean is {mean:.2} and the standard deviation {sd:.2}. All bars sum to {sum:.3}."
        if self.group > 1:
            said += f" Each bar holds {self.group} counts."
        return Text(said, values)

    def _notice(self) -> str:
        said = NOTICES[self.values["law"]]
        if len(self.times) < FRAMES:
            said += (
                f" The film stops at t = {number(self.times[-1])}, where the numbers have grown beyond "
                f"{WILD:g}; the time span is {number(self.values['t_end'])}."
            )
        return said


def _listed(there: NDArray, weight: NDArray, n: NDArray) -> tuple[str, ...]:
    """For each state the states at the other end of its flows, in words."""
    out = []
    for i in n:
        ends = sorted({int(j) for j, w in zip(there[i], weight[i], strict=True) if w > 0})
        out.append(" and ".join(map(str, ends)) or "nowhere")
    return tuple(out)


def laws_text(net: ReactionNetwork) -> str:
    """Every propensity with the present constants in it."""
    laws = [f"a = {_law(r, net.rates)} for {r.text.replace('->', '→')}" for r in net.reactions]
    written = dict.fromkeys(name for r in net.reactions if r.custom for name, _ in names(r.formula))
    return "; ".join([*laws, *(f"{name} = {number(net.rates[name])}" for name in written if name in net.rates)])


def _law(reaction: Any, rates: Mapping[str, float]) -> str:
    """The propensity with the present constants in it."""
    text = reaction.propensity_text
    if not reaction.custom and reaction.rate_text in rates:
        return text.replace(reaction.rate_text, number(rates[reaction.rate_text]), 1)
    return text
