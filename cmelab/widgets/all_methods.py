"""AllMethods: one network through every method of `compare`, on the same axes, and which of them can be believed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from ..closures import CLOSURES
from ..compare import Comparison, compare
from ..errors import NetworkError, SimulationError
from ..methods import METHODS, Case, run
from ..network import ReactionNetwork
from ..outcomes import Outcome
from ..ssa import simulate
from ..verdicts import judge
from .belief_of_methods import METHOD_OF, RIGHT, notice, wrongly
from .controls import Control
from .design import Design, Values
from .frame import Bank, Reading, Selection, Text, nice
from .method_curves import View, over_time, probabilities, styles
from .typed_network import TypedNetwork, as_text, refusal, typed
from .verdict_rows import rows_of, table
from .words import number

ALWAYS, SWITCHES = "cme", {"ssa": "SSA", "tau": "tau-leaping", "cle": "CLE", "lna": "LNA", "ode": "rate equations"}
DELAYED = ("chain", "chain lna")
NONE, ALL = "none", "all"
TIMES, MOST_SPECIES, MOST_REACTIONS, MOST_COUNT = 31, 8, 24, 10_000
EVENTS, LONGEST, STEPS, STATES = 2_000_000, 300_000, 2_000_000, 5_000  # of all paths, of one, of the CLE, of the CME
CHAIN = 30_000  # covariances of the chain, times steps of its quickest reaction
STIFF = ("it was not tried: the covariances of so many steps over so long a time take too long. Shorten the time span, "
         "or take fewer steps.")
BIRTH = "0 -> M ; k\nM -> 0 ; gamma"

PRESETS: dict[str, Values] = {
    "dimerisation": {"network": "2A -> 0 ; c", "rate_c": 0.2, "start_A": 10, "t_end": 5.0, "t": 0.1},
    "birth-death": {"network": BIRTH, "rate_k": 10.0, "rate_gamma": 1.0, "t_end": 5.0},
    "schlogl": {"network": "2X -> 3X ; 0.24\n3X -> 2X ; 0.00768\n0 -> X ; 22.5\nX -> 0 ; 3", "start_X": 25,
                "t_end": 10.0},
    "sis": {"network": "S + I -> 2I ; 0.075\nI -> S ; 1", "start_S": 13, "start_I": 7, "t_end": 20.0, "species": "I"},
    "toggle": {"network": "0 -> U ; a = beta / (1 + (V/half)^2)\n0 -> V ; a = beta / (1 + (U/half)^2)\n"
                          "U -> 0 ; gamma\nV -> 0 ; gamma", "rate_beta": 20.0, "rate_half": 5.0, "rate_gamma": 1.0,
               "t_end": 10.0, "paths": 300},
    "telegraph": {"network": "Off -> On ; kon\nOn -> Off ; koff\nOn -> On + M ; rho\nM -> 0 ; delta", "rate_kon": 0.6,
                  "rate_koff": 0.4, "rate_rho": 20.0, "rate_delta": 1.0, "start_Off": 1, "t_end": 8.0, "species": "M"},
    "delayed-production": {"network": "0 -> X ; a_in ; delay 3\nX -> 0 ; gamma", "rate_a_in": 5.0, "rate_gamma": 1.0,
                           "t_end": 10.0, "t": 0.5},
    "hill-autoregulation": {"network": "0 -> P ; a = beta / (1 + (P/half)^2)\nP -> 0 ; gamma", "rate_beta": 20.0,
                            "rate_half": 10.0, "rate_gamma": 1.0, "t_end": 5.0},
    "mean-is-the-ode": {"network": "2A -> 0 ; c", "rate_c": 0.2, "start_A": 10, "t_end": 5.0,
                        "belief": METHOD_OF[0][0]},
    "closure-is-exact": {"network": "2A -> 0 ; c", "rate_c": 0.2, "start_A": 10, "t_end": 5.0,
                         "belief": METHOD_OF[1][0]},
    "langevin-is-exact": {"network": BIRTH, "rate_k": 2.0, "rate_gamma": 1.0, "t_end": 5.0, "t": 0.1,
                          "belief": METHOD_OF[2][0]},
}
ABOUT = (
    "Every method that is switched on follows the same network from the same start. Top left: the mean of one species, "
    "and thin lines one standard deviation up and down, for the methods that have one.",
    "Top right: the probability P(n, t) at the moment shown. Bars: the exact master equation, or exact paths where "
    "that is out of reach. Lines: the other methods that have a law. Grey ground: counts below zero, which some have.",
    "Below: ✓ all that the method has is right to 5 %; ! only its mean is; ✗ not even its mean, or it broke off; "
    "– it could not run. The bars are the total variation TV from the exact law (0: the same, 1: nothing in common), "
    "the stroke is what exact paths of this number would have by chance. W1 is the mean shift, in molecules, that "
    "turns one law into the other. Both are at the moment shown.",
    "cme: the master equation, exact. ssa: exact paths. tau: paths in leaps of many events. cle: the chemical Langevin "
    "equation. lna: the linear noise approximation. ode: the rate equations. All others: closures of the moments.",
    "Choose a row, by a click or by the keys, and the whole verdict is told. \"Take away\" gives the picture, the "
    "numbers as CSV and the Python that makes them.",
)


def controls(values: Values) -> tuple[Control, ...]:
    """Those of every network, and the constants, counts and methods of this one."""
    read = _read(values.get("network", PRESETS["dimerisation"]["network"]), values)
    delays = (Control("stages", "int", "chain steps", 20, 1, 100, tip="each fixed delay as so many steps"),)
    return (
        Control("network", "text", "Network", PRESETS["dimerisation"]["network"],
                tip="one reaction a line: reaction ; rate ; delay. Press Tab to leave the box and apply"),
        *(_start(name, values.get(f"start_{name}", 0)) for name in read.net.species),
        *read.sliders(),
        Control("t_end", "log", "time span", 5.0, 0.1, 100.0, tip="in units of 1/rate"),
        Control("paths", "int", "paths", 500, 50, 2000, 50, tip="of every method that samples"),
        Control("seed", "int", "seed", 1, 0, 99, tip="which paths happen to come"),
        *(delays if read.net.has_delays else ()),
        *(Control(name, "switch", label, True, tip=f"the method {name!r} of compare") for name, label in
          SWITCHES.items()),
        Control("dt", "log", "CLE step dt", 0.01, 1e-4, 0.5, hidden=True,
                tip="how far one step of the Langevin equation goes, in time"),
        Control("species", "choice", "Species", read.net.species[0], choices=read.net.species,
                tip="which count is drawn"),
        Control("closure", "choice", "Closure", "normal", choices=(NONE, *(c.name for c in CLOSURES), ALL),
                tip="moment equations, closed by this rule"),
        Control("belief", "choice", "Believe", RIGHT, choices=(RIGHT, *(b for b, _, _ in METHOD_OF)), belief="K1 M3 L1",
                tip="K1: mean = rate equation. M3: a closure is exact. L1: CLE = CME"),
        Control("t", "float", "moment shown first, as a share of the time span", 1.0, 0.0, 1.0, 0.01, hidden=True),
    )


def _start(name: str, count: Any) -> Control:
    high = min(max(100, round(nice(count))), MOST_COUNT) if isinstance(count, (int, float)) else 100
    return Control(f"start_{name}", "int", f"{name} at t = 0", 0, 0, high, tip=f"molecules of {name} to begin with")


def network(values: Values) -> ReactionNetwork:
    """The network typed, with its constants and its counts at t = 0."""
    net = _read(values["network"], values).net
    return net.with_initial(**{name: values[f"start_{name}"] for name in net.species})


def methods(values: Values) -> tuple[str, ...]:
    """The methods switched on, and that of the belief."""
    closures = {NONE: (), ALL: tuple(c.name for c in CLOSURES)}.get(values["closure"], (values["closure"],))
    believed = [m for belief, m, _ in METHOD_OF if belief == values["belief"]]
    delayed = DELAYED if network(values).has_delays else ()
    on = (ALWAYS, *(name for name in SWITCHES if values[name]), *closures, *delayed, *believed)
    return tuple(dict.fromkeys(on))


@dataclass(frozen=True)
class Plan:
    """What is asked of `compare`: fewer paths, or a longer step, where those asked for would take too long."""

    paths: int
    dt: float
    said: str = ""

    def options(self, values: Values) -> dict[str, Any]:
        """Keywords of `compare`."""
        return {"paths": self.paths, "seed": values["seed"], "dt": self.dt, "stages": values.get("stages", 20),
                "max_states": STATES}


def plan(values: Values) -> Plan:
    """Look at a few paths first, and ask for no more of them than can be had within about a second.

    Raises SimulationError where a single path takes too long.
    """
    events = simulate(network(values), grid(values), paths=3, seed=values["seed"], max_events=LONGEST,
                      progress=False).events.max()
    paths = int(np.clip(EVENTS // max(1, events), 50, values["paths"]))
    step = max(values["dt"], values["t_end"] * paths / STEPS)
    said = f"{paths} paths in place of {values['paths']}, which would take too long." if paths < values["paths"] else ""
    return Plan(paths, step, said + (f" Step of the CLE: {number(step)}." if step > values["dt"] else ""))


def grid(values: Values) -> Any:
    """The times of the frames (F,)."""
    return np.linspace(0.0, values["t_end"], TIMES)


def compared(values: Values) -> tuple[Comparison, Plan | None]:
    """The comparison of these values, and what was asked for; None where no path could be followed."""
    seen = {name: value for name, value in values.items() if name not in ("species", "belief", "t")}
    return _compared(tuple(seen.items()), methods(values))


@lru_cache(maxsize=8)  # another species or moment of the same comparison is not computed again
def _compared(items: tuple[tuple[str, Any], ...], chosen: tuple[str, ...]) -> tuple[Comparison, Plan | None]:
    values = {**dict(items), "belief": RIGHT}
    try:
        planned = plan(values)
    except SimulationError as error:
        return _without_paths(values, chosen, f"A single path takes too long. {error}"), None
    late = [name for name in chosen if name == "chain lna" and _steps_to_follow(values) > CHAIN]
    got = compare(network(values), grid(values), [name for name in chosen if name not in late], progress=False,
                  **planned.options(values))
    return replace(got, outcomes=(*got.outcomes, *(Outcome(name, why=STIFF, verdict=f"Not run: {STIFF}")
                                                   for name in late))), planned


def _steps_to_follow(values: Values) -> float:
    """How much work the covariances of a chain are: their number, times the steps of its quickest reaction."""
    reactions, stages = network(values).reactions, values["stages"]
    quickest = max([stages / r.delay.mean if r.delay else r.rate for r in reactions
                    if r.delay or (r.order == 1 and not r.custom)])
    return quickest * values["t_end"] * (stages + 1)**2


def _without_paths(values: Values, chosen: tuple[str, ...], why: str) -> Comparison:
    """The rate equations alone, where paths have too many events; every other method has the sentence why."""
    why = f"it was not tried. {why}"
    net = network(values)
    case = Case(net, grid(values), 2, 1, "reflect", None, 0.03, 1, None, 1e-10, STATES, None, False)
    outcomes = [run(m, case) if m.name == "ode" else Outcome(m.name, why=why) for m in METHODS if m.name in chosen]
    judged = tuple(judge(case, out, None, 0.05) for out in outcomes)
    return Comparison(net, case.grid, judged, "", f"There is nothing to measure by: {why}")


def film(values: Values, reveal: bool = True) -> Bank:
    """One frame for each moment; without ``reveal`` the rate equations alone."""
    got, planned = compared(values)
    name, start = values["species"], round(values["t"] * (TIMES - 1))
    yard = next((out for out in got.outcomes if out.method == got.yardstick), None)
    column = got.net.species.index(name)
    truth = None if yard is None else float(yard.mean[start, column])
    question = (f"The network of this cell, from the start given. How many {name} are there on average at "
                f"t = {number(grid(values)[start])}, exactly?")
    view = View(name, column, values["t_end"], yard, styles(got.outcomes))
    if not reveal:
        ode = [out for out in got.outcomes if out.method == "ode" and out.ran]
        panel, marks = over_time(ode, view, (0, 0, 1, 1))
        marks = [mark for mark in marks if mark.kind != "segments"]  # a stroke at the moment shown would move
        return Bank((panel,), tuple(marks), Text("The rate equations alone; the other methods are hidden."),
                    question=question, height=300)
    rows = rows_of(got, name)
    parts = (over_time(got.outcomes, view, (0, 0, 0.5, 0)), probabilities(got.outcomes, view, (0.5, 0, 1, 0)),
             table(got, rows, view.style, name))
    height = 300 + 30 * (len(rows) + 1)
    panels = tuple(_placed(panel, height, len(rows)) for panel, _ in parts)
    told = [row.method for row in rows if row.sign == "✗"] or [rows[-1].method]
    chosen = "ode" if "ode" in told else told[0]
    return Bank(
        panels,
        tuple(mark for _, marks in parts for mark in marks),
        _caption(values, rows, yard, column, planned.said if planned else "", _laws(got.net)),
        _readings(values, got, yard, column),
        Text("t = {t:.2}", {"t": grid(values)}),
        Selection(("verdicts",), np.full(len(rows), 0.3), tuple(row.method for row in rows),
                  Text("{name}: {told}", words={"name": tuple(row.method for row in rows),
                                                "told": tuple(row.told for row in rows)}),
                  y=-np.arange(len(rows), dtype=float), start=[row.method for row in rows].index(chosen),
                  noun="method"),
        notice(values, got, column) if yard else got.note,
        question,
        truth,
        "per cell",
        smooth=False,
        start=start,
        seconds=5.0,
        height=height,
    )


def _placed(panel: Any, height: int, rows: int) -> Any:
    """The table as high as its rows are many, the two pictures above it."""
    split = 1 - (30 * (rows + 1) + 42) / height
    cell = (0.0, split, 1.0, 1.0) if panel.name == "verdicts" else (panel.cell[0], 0.0, panel.cell[2], split)
    return replace(panel, cell=cell)


def _readings(values: Values, got: Comparison, yard: Outcome | None, column: int) -> tuple[Reading, ...]:
    if yard is None:
        return (Reading("Propensities", Text(""), _laws(got.net)),)
    name, signs = values["species"], [row.sign for row in rows_of(got, values["species"])]
    source = "exact CME" if got.yardstick == "cme" else f"{yard.paths} exact paths"
    moments = {"m": yard.mean[:, column], "s": np.sqrt(np.maximum(yard.var[:, column], 0))}
    mean = Reading(f"Mean of {name} ± sd", Text("{m} ± {s}", moments), source, "right")
    if wrong := wrongly(values, got, column):
        return mean, wrong
    return mean, Reading("Right to 5 %", Text(f"{signs.count('✓')} of {len(signs)}"), "methods")


def _laws(net: ReactionNetwork) -> str:
    """The first propensities with the present constants in them."""
    told = []
    for r in net.reactions[:3]:
        text = r.propensity_text
        for name, value in net.rates.items():
            text = re.sub(rf"\b{re.escape(name)}\b", number(value), text)
        told.append(f"{text} for {r.text.replace('->', '→')}")
    return "; ".join([*told, "…"] if len(net.reactions) > 3 else told)


def _caption(values: Values, rows: Any, yard: Outcome | None, column: int, said: str, laws: str) -> Text:
    if yard is None:
        return Text("Neither the master equation nor exact paths can follow this network over the whole span.")
    kinds = {sign: [row.method for row in rows if row.sign == sign] for sign in "✓!✗–"}
    names = {"✓": "right to 5 %", "!": "right in the mean only", "✗": "wrong", "–": "not run"}
    told = "; ".join(f"{names[sign]}: {', '.join(found)}" for sign, found in kinds.items() if found)
    text = (f"At t = {{t:.2}} the mean of {values['species']} is {{m}} and its standard deviation {{s}}. Over the "
            f"whole span {told}." + (f" {said}" if said else "") + f" Propensities: {laws}.")
    return Text(text, {"t": grid(values)[:len(yard.mean)], "m": yard.mean[:, column],
                       "s": np.sqrt(np.maximum(yard.var[:, column], 0))})


def takes(net: ReactionNetwork) -> str:
    """Why this network is too large for a picture of all methods; "" where it is not."""
    if not net.species:
        return "there is no reaction in it"
    if len(net.species) > MOST_SPECIES or len(net.reactions) > MOST_REACTIONS:
        return (f"it takes networks of up to {MOST_SPECIES} species and {MOST_REACTIONS} reactions, and this one has "
                f"{len(net.species)} and {len(net.reactions)}")
    return ""


def _read(text: str, values: Mapping[str, Any]) -> TypedNetwork:
    read = typed(text, values)
    if reason := takes(read.net):
        raise refusal("explorer", read.net, f"{reason}. Use compare(net, times) in a cell for larger ones", BIRTH)
    return read


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` may be a ReactionNetwork; its initial counts come with it."""
    values = dict(options)
    net = values.get("network")
    if isinstance(net, ReactionNetwork):
        if reason := takes(net):
            raise refusal("explorer", net, f"{reason}. Use compare(net, times) in a cell for larger ones", BIRTH)
        counts = {f"start_{s}": int(n) for s, n in zip(net.species, net.initial, strict=True)}
        values = {**as_text(net), **counts, **{k: v for k, v in values.items() if k != "network"}}
    elif net is not None and not isinstance(net, str):
        raise NetworkError(f"network={net!r}; it must be text, one reaction a line, or a ReactionNetwork.")
    return values


def further(values: Values) -> str:
    """The Python that makes the numbers of the picture; none where they would take too long."""
    if (planned := compared(values)[1]) is None:
        return ""
    options = ", ".join(f"{k}={v!r}" for k, v in planned.options(values).items())
    return (f"\nimport numpy as np\n\ncomparison = cmelab.compare(net, np.linspace(0, {values['t_end']!r}, {TIMES}),\n"
            f"                            methods={list(methods(values))!r},\n"
            f"                            {options})\nprint(comparison)  # comparison.to_csv() gives the numbers")


AllMethods = Design("explorer", "Every method", ABOUT, controls, PRESETS, film, adjust, ("network",), takes,
                    "One network, all methods, the same axes, and which of them can be believed.", network, further)
