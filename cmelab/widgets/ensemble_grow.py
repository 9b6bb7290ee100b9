"""EnsembleGrow: runs heap up into P(n, t), and their mean settles like 1/sqrt(N)."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..errors import SimulationError
from ..master_equation import solve
from ..network import ReactionNetwork
from ..ssa import simulate
from ..trajectories import Path
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Reading, Selection, Text
from .grow_marks import Heap, Law, grouped, histogram, of_events, of_runs, one_run, runs, settling, stops
from .started_network import adopt, network_controls, started
from .step_rules import first_events
from .typed_network import refusal
from .words import number

RUNS = "over runs (right)"
ONE, TEN, EVENTS = "S7: one run is the solution", "S7: the mean of ten is", "S5: average over the events of a run"
RULES = (RUNS, ONE, TEN, EVENTS)
GRID, MOST_EVENTS = 61, 200_000  # times of a run, and its events at most
ONE_SPECIES, SEVERAL = 1200, 6000  # states of the exact law at most: those of one species have the larger rates
ACCURACY, COUNTLESS = 0.01, 1e9  # of the mean, one standard error; more runs than anybody will make
OVER_RUNS, OVER_TIME, OVER_EVENTS, BELIEVED = "over N runs", "over time", "over events", "as believed"
BIRTH_DEATH = "0 -> M ; k\nM -> 0 ; gamma"
_BD = {"network": BIRTH_DEATH, "n_M": 0, "rate_k": 4.0, "rate_gamma": 1.0, "t": 10.0}
_GENE = {
    "network": "off -> on ; k_on\non -> off ; k_off",
    "n_off": 1,
    "n_on": 0,
    "rate_k_on": 1.0,
    "rate_k_off": 9.0,
    "t": 5.0,
    "species": "on",
}

EXAMPLE = "0 -> M ; 4"  # a network that fits
PRESETS: dict[str, Values] = {
    "start": {**_BD, "first": 60},
    "first-runs": {**_BD, "first": 5},
    "one-run": {**_BD, "rule": ONE, "first": 100},
    "ten-runs": {**_BD, "rule": TEN, "first": 100},
    "event-average": {**_BD, "rule": EVENTS, "first": 5000},
    "gene-events": {**_GENE, "rule": EVENTS, "first": 5000},
    "pairs": {"network": "2A -> 0 ; c", "n_A": 16, "rate_c": 0.1, "t": 1.0, "first": 200},
    "decay": {"network": "M -> 0 ; gamma", "n_M": 20, "rate_gamma": 0.5, "t": 1.0, "first": 200},
}
ABOUT = (
    "Each run is one possible history, drawn from the same law. Top left the runs appear one after another, with the "
    "mean of all so far; the band is the exact mean ± sd/√N, where that mean lies in two of three cases.",
    "Top right: what the runs hold at the last time, as shares. With more runs they come to rest on the exact P(n, t), "
    "the dashes, which the master equation gives without any run.",
    "Below: the mean against N. The funnel narrows like 1/√N: a hundred times the runs for one more digit. For a "
    "standard error of 1 % it takes (CV/0.01)² runs, with CV = sd/mean.",
    "One run averages as well, if each state weighs as long as it lasts. Counting each event once is another average.",
)


def controls(values: Values) -> tuple[Control, ...]:
    """The network, the time looked at, the species, how many runs, and the belief."""
    listed = network_controls(values, BIRTH_DEATH, "any network without delays whose states can be counted")
    names = tuple(c.name.removeprefix("n_") for c in listed if c.name.startswith("n_"))
    return (
        Control(
            "species",
            "choice",
            "Species",
            names[0],
            choices=names,
            written=True,
            when=None if len(names) > 1 else ("species", ()),
        ),
        *listed,
        Control("t", "log", "time t", 1.0, 0.01, 100.0, tip="the moment at which all runs are looked at"),
        Control("runs", "log", "runs at most", 5000.0, 10.0, 10_000.0, tip="or events, of one run", hidden=True),
        Control("seed", "int", "seed", 1, 0, 99),
        Control(
            "rule",
            "choice",
            "the mean is taken",
            RUNS,
            choices=RULES,
            belief="S5 S7",
            tip="S5: events in place of time. S7: one run, or ten, taken for the law",
        ),
        Control("first", "int", "N shown first", 60, 1, 10_000, hidden=True),
    )


def takes(network: ReactionNetwork) -> str:
    """Why this network has no law to be compared with; "" where it has one."""
    if any(r.delay is not None for r in network.reactions):
        return "this network has a delay; it takes networks without"
    return "" if network.reactions else "there is no reaction in it"


def film(values: Values, reveal: bool = True) -> Bank:
    """Run, solve, and lay out one frame for each N."""
    net, name = started(values).net, values["species"]
    if reason := takes(net):
        raise refusal("ensemble-grow", net, reason, EXAMPLE)
    law, most = exact_law(net, name, values["t"]), round(values["runs"])
    if not reveal:
        return _veiled(net, name, law, values)
    if values["rule"] == EVENTS:
        return _of_one_run(net, name, law, most, values)
    counts = simulate(net, law.times, paths=most, seed=values["seed"], max_events=MOST_EVENTS, progress=False).of(name)
    return _of_many(net, name, law, counts, values)


def exact_law(net: ReactionNetwork, name: str, t: float) -> Law:
    """P(n, t) of one species, and its mean and standard deviation on the way there, from the master equation."""
    times = np.linspace(0, t, GRID)
    solution = solve(net, times, tol=1e-8, max_states=ONE_SPECIES if len(net.species) == 1 else SEVERAL, progress=False)
    s = net.species.index(name)
    p = solution.marginal(name)[1][-1]
    kept = int(np.flatnonzero(p > 1e-5).max()) + 1
    return Law(p[:kept], times, solution.mean()[:, s], np.sqrt(np.maximum(solution.var()[:, s], 0)))


def needed(law: Law) -> float:
    """Runs until the standard error of the mean is 1 % of it, `COUNTLESS` at most."""
    return min(max(1.0, (law.cv / ACCURACY) ** 2), COUNTLESS)


def _of_many(net: ReactionNetwork, name: str, law: Law, counts: NDArray, values: Values) -> Bank:
    """Frames are numbers of runs."""
    rule, at_end = values["rule"], counts[:, -1]
    believed = {ONE: 1, TEN: min(10, len(counts))}.get(rule, 0)
    heap = of_runs(at_end, stops(len(counts)), len(law.p))
    taken = float(at_end[:believed].mean()) if believed else None
    panel, marks = runs(net, name, counts, law, heap.number, believed)
    heaps = {OVER_RUNS: heap}
    if believed:  # what they believe does not change with N
        heaps[BELIEVED] = of_runs(at_end[:believed], np.array([believed]), len(law.p))
    bars, more, group = histogram(heaps, law, name, f"Runs at t = {number(law.times[-1])}")
    mean, rest = settling({OVER_RUNS: heap}, law, "runs", needed(law), taken)
    se = float(law.sd[-1]) / np.sqrt(heap.number)
    readings = [
        Reading(f"Mean of N runs (exact: {number(law.mean)})", Text("{m} ± {se}", {"m": heap.mean, "se": se})),
        Reading(
            "Runs for an error of 1 %",
            Text(number(needed(law)) if needed(law) < COUNTLESS else "over 10⁹"),
            f"(CV/0.01)², CV = {number(min(law.cv, COUNTLESS))}",
            "right",
        ),
    ]
    said = (
        f"After {{n:d}} runs the mean of {name} at t = {number(law.times[-1])} is {{m}}, with a standard error of "
        f"{{se}}; the exact mean is {number(law.mean)}. The shares are off P(n, t) by {{off}} in total."
    )
    off = np.abs(heap.shares - law.p).sum(axis=1) / 2
    notice = ""
    if taken is not None:
        wrong = abs(taken - law.mean)
        who = "One run" if believed == 1 else f"The mean of {believed} runs"
        readings.append(Reading("As believed", Text(number(taken)), f"{who.lower()}; no band", "wrong"))
        notice = f"S7: {who.lower()} for the solution. It is {number(wrong)} off the exact mean."
    return Bank(
        (panel, bars, mean),
        (*marks, *more, *rest),
        Text(said + _grouped(group), {"n": heap.number, "m": heap.mean, "se": se, "off": off}),
        tuple(readings),
        Text("N = {n:d} runs", {"n": heap.number}),
        _bars_told(name, law, heap, group, "runs"),
        notice,
        _question(name, law),
        needed(law),
        "runs",
        start=_frame(heap, values),
        seconds=8.0,
        height=460,
    )


def _of_one_run(net: ReactionNetwork, name: str, law: Law, most: int, values: Values) -> Bank:
    """Frames are numbers of events of one long run."""
    run, s = long_run(net, values["seed"], most), net.species.index(name)
    n = stops(max(1, len(run.fired)))
    size = max(len(law.p), int(run.states[:, s].max()) + 1)
    law = Law(np.pad(law.p, (0, size - len(law.p))), law.times, law.means, law.sd)
    heaps = {
        OVER_TIME: of_events(run, s, n, size, by_time=True),
        OVER_EVENTS: of_events(run, s, n, size, by_time=False),
    }
    panel, marks = one_run(run, s, name, 40)
    bars, more, group = histogram(heaps, law, name, f"One run, and P(n, t) at t = {number(law.times[-1])}")
    mean, rest = settling(heaps, law, "events", math.inf, None)
    told = {"n": n, "time": heaps[OVER_TIME].mean, "event": heaps[OVER_EVENTS].mean}
    said = (
        f"After {{n:d}} events of one run the mean of {name} is {{time}} over time and {{event}} over events; the "
        f"exact mean at t = {number(law.times[-1])} is {number(law.mean)}."
    )
    notice = "S5: each event counts the same. States that are left quickly count too much."
    if len(run.fired) < most:
        notice += f" This run ends after {len(run.fired)} events: nothing can fire any more."
    readings = (
        Reading("Mean over time", Text("{time}", told), f"exactly {number(law.mean)}", "right"),
        Reading("Mean over events", Text("{event}", told), "each state counted once", "wrong"),
    )
    return Bank(
        (panel, bars, mean),
        (*marks, *more, *rest),
        Text(said + _grouped(group), told),
        readings,
        Text("N = {n:d} events", told),
        _bars_told(name, law, heaps[OVER_TIME], group, "of the time"),
        notice,
        _question(name, law),
        needed(law),
        "runs",
        start=_frame(heaps[OVER_TIME], values),
        seconds=8.0,
        height=460,
    )


def long_run(net: ReactionNetwork, seed: int, events: int) -> Path:
    """So many events of one run, or all it has."""
    try:
        return first_events(net, seed, events)
    except SimulationError as error:
        if error.partial is None or not len(error.partial.fired):
            raise
        return error.partial


def _frame(heap: Heap, values: Values) -> int:
    return int(np.abs(np.log(heap.number / values["first"])).argmin())


def _grouped(group: int) -> str:
    return f" Each bar holds {group} counts." if group > 1 else ""


def _question(name: str, law: Law) -> str:
    cv = number(min(law.cv, COUNTLESS))
    return (
        f"At t = {number(law.times[-1])} the standard deviation of {name} is {cv} times its mean. How many "
        "runs does it take to know the mean to 1 % (one standard error)?"
    )


def _bars_told(name: str, law: Law, heap: Heap, group: int, unit: str) -> Selection:
    """A sentence for every bar: its share, and the exact one."""
    p, first = grouped(law.p, group)[None], np.arange(0, len(law.p), group)
    names = tuple(f"{name} = {i}" if group == 1 else f"{name} = {i} to {i + group - 1}" for i in first)
    values = {"share": grouped(heap.shares, group), "p": p, "n": heap.number}
    if unit == "runs":
        said = "{name}: a share {share:.3} of {n:d} runs; exactly {p:.3}, give or take {spread:.3}."
        values["spread"] = np.sqrt(p * (1 - p) / heap.number[:, None])
    else:
        said = "{name}: a share {share:.3} of the time up to event {n:d}; exactly {p:.3}."
    return Selection(("heap",), np.arange(len(first)), names, Text(said, values, {"name": names}), noun="bar")


def _veiled(net: ReactionNetwork, name: str, law: Law, values: Values) -> Bank:
    """A few runs, without their law or their mean."""
    counts = simulate(net, law.times, paths=3, seed=values["seed"], max_events=MOST_EVENTS, progress=False).of(name)
    panel, marks = runs(net, name, counts, law, np.array([3]), 0)
    said = Text(f"Three runs of {name} until t = {number(law.times[-1])}; the law behind them is hidden.")
    return Bank((panel,), (marks[0],), said, question=_question(name, law), height=460)


_adopt = partial(adopt, widget="ensemble-grow", takes=takes, example=EXAMPLE)
EnsembleGrow = Design(
    "ensemble-grow", "Ensemble grow", ABOUT, controls, PRESETS, film, _adopt, ("network",), takes,
    summary="Runs pile up to P(n, t), and the error of what they say shrinks with the root of their number.",
)
