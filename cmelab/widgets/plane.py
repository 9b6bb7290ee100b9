"""One solution for two species, put into a map of colours, arrows and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import SimulationError, StateSpaceError
from ..master_equation import solve
from ..network import ReactionNetwork
from ..ssa import simulate
from ..state_space import enumerate_states
from .compass import compass
from .film import FIRST, NOTICES, laws_text
from .frame import Bank, Mark, Panel, Ramp, Reading, Scale, Selection, Text, nice, scale, weighted
from .gain_loss import RIGHT, WILD, Balance, between, follow
from .words import number

Values = dict[str, Any]
FRAMES = 61
CELLS, BLOCKS = 32, 9  # cells of the map, and arrows on it, along each axis at most
TOL, MOST = 1e-6, 60_000  # probability that may be left out; states beyond which no map is worth the wait
PATHS, EVENTS = 100, 100_000  # a path that fires more reactions leads to more states than a map can hold
KEPT, SEEN = 1e-5, 3e-4  # a state that never holds more is left out; the axes end where no more is to be seen
LEFT = 0.57  # share of the picture that the map has
CHANCE, CHANGE = "P(n, m)", "dP/dt"


@dataclass(frozen=True)
class Plane:
    """P (F, N) on states (N, 2) with the weights of the law that moves it."""

    net: ReactionNetwork
    values: Values
    times: NDArray[np.float64]
    states: NDArray[np.int64]
    p: NDArray[np.float64]
    a: NDArray[np.float64]
    rule: Balance

    @classmethod
    def solved(cls, net: ReactionNetwork, values: Values) -> Plane:
        """Solve the law chosen; a wrong one on the states from 0 to the largest count.

        Raises
        ------
        StateSpaceError : the right one needs more than MOST states.
        """
        times, law = np.linspace(0.0, values["t_end"], FRAMES), values["law"]
        if law == RIGHT:
            states, p = _solved(net, times)
        else:
            caps = {name: max(values["caps"], int(n)) for name, n in zip(net.species, net.initial, strict=True)}
            states, p = enumerate_states(net, bounds=caps).states, None
        a, nu = net.propensities(states), net.stoichiometry.T
        before, after = (np.stack([_places(states, states + way * jump) for jump in nu], axis=1) for way in (-1, 1))
        rule = between(law, a, before, after, (nu != 0).any(axis=1))
        if p is None:
            start = int(_places(states, net.initial[None])[0])
            p = follow(rule.sparse(), start, times)
        return cls(net, values, times[: len(p)], states, p, a, rule)

    # ---- cells ----
    @cached_property
    def cells(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Counts in a cell along each axis (2,), the first counts of each cell (K, 2), the cell of each state (N,)."""
        held = self.states[np.abs(self.p).max(axis=0) > KEPT]
        group = -(-(held.max(axis=0) - held.min(axis=0) + 1) // CELLS)
        kept, inverse = np.unique(held // group, axis=0, return_inverse=True)
        where = np.full(len(self.states), -1)
        where[np.abs(self.p).max(axis=0) > KEPT] = inverse.ravel()
        return group, kept * group, where

    @cached_property
    def mine(self) -> NDArray[np.int64]:
        """The state of each cell, where no cell holds several."""
        where = self.cells[2]
        return np.argsort(where, kind="stable")[(where < 0).sum() :]

    @property
    def grouped(self) -> bool:
        """True where a cell holds several states."""
        return bool(self.cells[0].max() > 1)

    def _summed(self, by_state: NDArray[np.float64]) -> NDArray[np.float32]:
        """(F, N) -> (F, K), the states of each cell together."""
        _, kept, where = self.cells
        out = np.zeros((len(by_state), len(kept)))
        np.add.at(out.T, where[where >= 0], by_state.T[where >= 0])
        return out.astype(np.float32)

    @cached_property
    def bars(self) -> NDArray[np.float32]:
        """P (F, K) of the cells."""
        return self._summed(self.p)

    @cached_property
    def flow(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Gain and loss (F, K) of the cells."""
        gain, loss = self.rule.flows(self.p)
        return self._summed(gain), self._summed(loss)

    @cached_property
    def _channels(self) -> tuple[Any, Any, Any]:
        """Gain, loss and their difference: for the page to compute from P, or as they are where states share a cell."""
        gain, loss = self.flow
        if self.grouped:
            return gain, loss, gain - loss
        where = np.append(self.cells[2], -1)
        parts = []
        for weight, source in ((self.rule.gain_weight, self.rule.gain_source),
                               (self.rule.loss_weight, self.rule.loss_source)):  # fmt: skip
            inside = (source >= 0) & (source < len(self.states))
            parts.append((where[np.where(inside, source, -1)][self.mine], weight[self.mine]))
        (gains, gain_by), (losses, loss_by) = parts
        return (
            weighted(self.bars, gains, gain_by),
            weighted(self.bars, losses, loss_by),
            weighted(self.bars, np.hstack([gains, losses]), np.hstack([gain_by, -loss_by])),
        )

    # ---- the picture ----
    @property
    def start(self) -> int:
        """The frame shown first."""
        moment = self.values["t"] if self.values["t"] >= 0 else 0.1 * self.values["t_end"]
        return int(np.abs(self.times - moment).argmin())

    @property
    def chosen(self) -> int:
        """The cell chosen first: the likeliest."""
        return int(self.bars[self.start].argmax())

    @property
    def wrong(self) -> bool:
        """True where a belief is switched on."""
        return self.values["law"] != RIGHT

    def bank(self) -> Bank:
        """The whole picture."""
        change = float((self.flow[0] - self.flow[1])[self.start, self.chosen])
        panels, marks = [self._map(LEFT, self.values["shown"])], [*self._colours(self.values["shown"]), *self._arrows()]
        if not self.grouped:
            where = self.cells[2]
            panel, more = compass(self.rule, self.mine, where, self.states, self.bars, self._most(), (LEFT, 0, 1, 1))
            panels, marks = [*panels, panel], [*marks, *more]
        return Bank(
            tuple(panels), tuple(marks), self._caption(), self._readings(), Text("t = {t:.2}", {"t": self.times}),
            self._selection(), self._notice(), self._question(), change, "per unit time", smooth=True,
            start=self.start, height=430,
        )  # fmt: skip

    def veiled(self) -> Bank:
        """The map at the moment shown first, and nothing that moves or tells a flow."""
        here = self._corners | {"shade": self.bars[self.start]}
        both, moment = " and ".join(self.net.species), number(self.times[self.start])
        said = f"P(n, m) of {both} at t = {moment}; the flows are hidden."
        marks = (Mark("cells", "map", here, "blue", legend="P(n, m)"),)
        return Bank((self._map(1.0, CHANCE),), marks, Text(said), question=self._question(), height=430)

    def _question(self) -> str:
        return (
            f"How fast does P of {self._names[self.chosen]} change at t = {number(self.times[self.start])}, "
            "per unit time?"
        )

    @cached_property
    def _names(self) -> tuple[str, ...]:
        group, kept, _ = self.cells
        one, other = self.net.species
        if not self.grouped:
            return tuple(f"{one} = {n}, {other} = {m}" for n, m in kept.tolist())
        return tuple(
            f"{one} = {n} to {n + group[0] - 1}, {other} = {m} to {m + group[1] - 1}" for n, m in kept.tolist()
        )

    def _most(self) -> float:
        """The flow that has the full colour, or the thickest arrow."""
        settled = np.abs(np.stack(self.flow))[:, min(FIRST, len(self.times) - 1) :]
        return nice(float(np.percentile(settled.max(axis=(0, 2)), 50)))

    def _ramp(self, shown: str) -> Ramp:
        settled = self.bars[min(FIRST, len(self.times) - 1) :]
        if shown == CHANGE:
            change = np.abs(self.flow[0] - self.flow[1])
            most = nice(float(np.percentile(change[min(FIRST, len(change) - 1) :].max(axis=1), 50)))
            return Ramp(most, two=True, cut=bool(change.max() > most))
        below = bool(self.p.min() < -1e-6)
        most = 1.0 if below else nice(float(np.percentile(settled.max(axis=1), 75)), (1, 1.5, 2, 3, 4, 5, 10))
        return Ramp(most, two=below, cut=bool(np.abs(self.bars).max() > most))

    def _map(self, right: float, shown: str) -> Panel:
        group, kept, _ = self.cells
        seen = kept[np.abs(self.bars).max(axis=0) > SEEN]
        low, high = seen.min(axis=0), seen.max(axis=0) + group
        axes: list[Scale] = []
        for k, letter in enumerate("nm"):
            ticks = scale(int(low[k]), int(high[k]), whole=True, about=6).ticks
            label = f"{letter}, {self.net.species[k]}" + (f", {group[k]} counts a cell" if group[k] > 1 else "")
            within = tuple((v, text) for v, text in ticks if v < high[k])
            axes.append(Scale(float(low[k] - 0.5), float(high[k] - 0.5), label, within))
        title = "Probability of n and m molecules" if shown == CHANCE else "dP/dt = gain − loss"
        return Panel("map", axes[0], axes[1], (0, 0, right, 1), title, ramp=self._ramp(shown))

    @cached_property
    def _corners(self) -> dict[str, NDArray[np.float32]]:
        group, kept, _ = self.cells
        ends = {"x0": kept[:, 0] - 0.5, "y0": kept[:, 1] - 0.5, "x1": kept[:, 0] + group[0] - 0.5,
                "y1": kept[:, 1] + group[1] - 0.5}  # fmt: skip
        return {name: np.float32(v).reshape(1, -1) for name, v in ends.items()}

    def _colours(self, shown: str) -> list[Mark]:
        shade = self.bars if shown == CHANCE else self._channels[2]
        legend = "P(n, m), by colour" if shown == CHANCE else "dP/dt: blue grows, red shrinks"
        return [
            Mark("cells", "map", {**self._corners, "shade": shade}, "blue", legend=legend),
            Mark("cells", "map", self._corners, "ink", width=1.4, hollow=True, owner=tuple(range(len(self._names)))),
        ]

    def _arrows(self) -> list[Mark]:
        """The net flow of probability, summed over blocks of states.

        A jump counts where its middle lies, so that two reactions that undo each other cancel where they balance.
        """
        group, kept, _ = self.cells
        low, high = kept.min(axis=0) - 0.5, kept.max(axis=0) + group - 0.5
        count = np.minimum(BLOCKS, np.ceil(high - low)).astype(int)
        size = (high - low) / count
        flow = np.zeros((*count, 2, len(self.times)))
        for r, jump in enumerate(self.net.stoichiometry.T):
            block = np.clip(((self.states + jump / 2 - low) / size).astype(int), 0, count - 1)
            rate = (self.a[:, r] * self.p).T
            for k in np.flatnonzero(jump):
                np.add.at(flow[:, :, k], (block[:, 0], block[:, 1]), jump[k] * rate / size[k])
        flow = flow.reshape(-1, 2, len(self.times))
        size_of = np.abs(flow).max(axis=1)
        settled = size_of[:, min(FIRST, len(self.times) - 1) :]
        most = max(float(np.percentile(settled.max(axis=0), 75)), 1e-12)
        used = size_of.max(axis=1) > 0.02 * most
        long = np.sqrt(np.minimum(size_of[used], most) / most)  # a root, so that small flows are seen
        along = flow[used] / np.maximum(size_of[used], 1e-300)[:, None] * long[:, None]
        middle = (low + (np.stack(np.unravel_index(np.flatnonzero(used), tuple(count)), 1) + 0.5) * size)[:, :, None]
        tail, tip = (middle + way * 0.45 * size[None, :, None] * along for way in (-1, 1))
        ends = {"x0": tail[:, 0].T, "y0": tail[:, 1].T, "x1": tip[:, 0].T, "y1": tip[:, 1].T, "weight": 0.35 * long.T}
        return [Mark("arrows", "map", ends, "ink", legend="net flow of probability")] if used.any() else []

    # ---- words ----
    def _selection(self) -> Selection:
        gain, loss, change = self._channels
        middle = [(self._corners[f"{k}0"] + self._corners[f"{k}1"]) / 2 for k in "xy"]
        said = "{name}: P = {P}. Gain {gain} minus loss {loss} is dP/dt = {change}, per unit time."
        text = Text(said, {"P": self.bars, "gain": gain, "loss": loss, "change": change}, {"name": self._names})
        return Selection(("map",), middle[0], self._names, text, middle[1], start=self.chosen, noun="cell")

    def _readings(self) -> tuple[Reading, ...]:
        name = f"dP/dt, wrongly: {self.values['law']}" if self.wrong else "dP/dt = gain − loss"
        first = Reading(name, Text(""), laws_text(self.net))
        total = Text("{sum:.3}", {"sum": self.p.sum(axis=1)})
        summed = Reading("All cells together", total, "", "right" if not self.wrong else "wrong")
        if self.wrong:
            return first, summed, Reading("Lowest cell", Text("{low}", {"low": self.p.min(axis=1)}), "", "plain")
        return first, summed, *(
            Reading(f"Mean of {name}", Text("{mean:.2}", {"mean": self.p @ self.states[:, k]}))
            for k, name in enumerate(self.net.species)
        )

    def _caption(self) -> Text:
        one, other = self.net.species
        best = self.p.argmax(axis=1)
        values = {"t": self.times, "sum": self.p.sum(axis=1), "top": self.p.max(axis=1), "low": self.p.min(axis=1),
                  "n": self.states[best, 0], "m": self.states[best, 1]}  # fmt: skip
        where = f"{one} = {{n:d}} and {other} = {{m:d}}"
        if self.wrong:
            said = f"This wrong equation says that at t = {{t:.2}} the largest P is {{top}}, at {where}; all states "
            return Text(said + "sum to {sum:.3}, and the lowest is {low}.", values)
        said = f"At t = {{t:.2}} the likeliest state is {where}, with probability {{top}}; all states sum to "
        said += "{sum:.3}."
        if self.grouped:
            group = self.cells[0]
            said += f" Each cell holds {group[0]} counts of {one} and {group[1]} of {other}."
        return Text(said, values)

    def _notice(self) -> str:
        said = NOTICES[self.values["law"]].replace("bars", "cells")
        if len(self.times) < FRAMES:
            said += f" The film stops at t = {number(self.times[-1])}, where the numbers grow beyond {WILD:g}."
        return said


def _solved(net: ReactionNetwork, times: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """States and P in a box that some paths stayed in, enlarged until no more than TOL is left out."""
    try:
        most = simulate(net, times, paths=PATHS, seed=0, max_events=EVENTS, progress=False).counts.max(axis=(0, 1))
    except SimulationError:
        raise StateSpaceError("a path fires too many reactions") from None
    while True:
        most = most + 5 + most // 4
        bounds = dict(zip(net.species, most.tolist(), strict=True))
        solution = solve(net, times, bounds=bounds, max_states=MOST, progress=False)
        if solution.lost[-1] <= TOL:
            return solution.states, solution.p


def _places(states: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions of states (M, 2) among ``states`` (N, 2); N for those that are not among them."""
    low, high = states.min(axis=0), states.max(axis=0)
    grid = np.full(high - low + 1, len(states))
    grid[tuple((states - low).T)] = np.arange(len(states))
    inside = ((wanted >= low) & (wanted <= high)).all(axis=1)
    return np.where(inside, grid[tuple((np.clip(wanted, low, high) - low).T)], len(states))


def bank_of(net: ReactionNetwork, values: Values, reveal: bool) -> Bank:
    """The bank of two species; ``reveal`` False keeps back all that tells a flow."""
    plane = Plane.solved(net, values)
    return plane.bank() if reveal else plane.veiled()
