"""OmegaLadder: the same concentrations in larger and larger volumes, and what becomes of the noise."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import NetworkError, SimulationError
from ..network import ReactionNetwork
from ..rate_equations import rate_equations
from ..ssa import simulate
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Mark, Panel, Reading, Scale, Selection, Text, nice, scale
from .typed_network import Fit
from .words import number

RIGHT, VANISHES, PROPORTIONAL, UNSCALED = (
    "what the jumps do",
    "the noise itself vanishes",
    "the noise grows like n",
    "constants are the same in every volume",
)
LADDER = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
PATHS, SHOWN, TIMES, MOST_SPECIES, HALVINGS = 400, 5, 61, 3, 20
SPLIT = 0.52  # share of the picture that the paths have
EVENTS, LONGEST = 2_000_000, 400_000  # events of one rung, and of one of its paths
LINEAR = "0 -> M ; k\nM -> 0 ; gamma"

PRESETS: dict[str, Values] = {
    "birth-death": {"network": LINEAR, "rate_k": 4.0, "rate_gamma": 1.0},
    "annihilation": {"network": "0 -> A ; k\n2A -> 0 ; c", "rate_k": 4.0, "rate_c": 0.5, "t_end": 3.0},
    "dimerisation": {"network": "2A -> B ; k", "rate_k": 0.5, "x0": 6.0, "t_end": 3.0},
    "two-stable-states": {"network": "0 -> X ; 0.9\nX -> 0 ; 3\n2X -> 3X ; 3\n3X -> 2X ; 0.8", "x0": 1.0,
                          "t_end": 20.0},
    "noise-vanishes": {"network": LINEAR, "rate_k": 4.0, "belief": VANISHES},
    "noise-like-n": {"network": LINEAR, "rate_k": 4.0, "belief": PROPORTIONAL},
    "constants-not-scaled": {"network": LINEAR, "rate_k": 4.0, "belief": UNSCALED},
}
ABOUT = (
    "The slider is the volume Ω. The concentration n/Ω starts at the same value in each, and the constants are those "
    "of concentrations, so that the dashed rate equation is the same for all.",
    "Left: five exact paths, and the band of two standard deviations around the mean of many. It closes on the rate "
    "equation: that is Kurtz's theorem, on a finite time span.",
    "Right: at the end of the span, the standard deviation of the count n, which grows, and relative to the mean the "
    "CV, which shrinks. Both axes are logarithmic: √Ω is a straight line of slope 1/2, 1/√Ω one of slope −1/2.",
    "With two stable states the paths do not gather round one curve: the CV then stays large.",
)


def controls(values: Values) -> tuple[Control, ...]:
    """Those of every network, and a slider for each constant of this one."""
    read = FIT.read(values.get("network", LINEAR), values)
    names = read.net.species
    return (
        Control("network", "text", "Network", LINEAR,
                tip="constants of concentrations, one reaction a line; press Tab to leave the box and apply"),
        Control("x0", "float", f"{names[0]}/Ω at t = 0", 0.0, 0.0, 20.0, 0.5,
                tip="of the first species; the others begin at 0"),
        *read.sliders(),
        Control("t_end", "log", "time span", 4.0, 0.2, 50.0, tip="in units of 1/rate"),
        Control("species", "choice", "Species", names[0], choices=names, tip="which count is drawn", written=True),
        Control("seed", "int", "seed", 1, 0, 99, tip="which paths happen to come"),
        Control("belief", "choice", "Believe", RIGHT, choices=(RIGHT, VANISHES, PROPORTIONAL, UNSCALED),
                belief="K2 K3", tip="K2: fluctuations vanish, or grow like n. K3: c = k Ω^(1 − order) is forgotten"),
        Control("omega", "int", "volume shown first", 10, 1, LADDER[-1], hidden=True),
    )


@dataclass(frozen=True)
class Rung:
    """One volume: mean and standard deviation of the count (T,), some paths (SHOWN, T), and how many were run."""

    omega: int
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    some: NDArray[np.float64]
    paths: int

    @property
    def cv(self) -> float:
        """Standard deviation over mean at the last time; NaN where the mean is 0."""
        return float(self.sd[-1] / self.mean[-1]) if self.mean[-1] > 0 else np.nan


def climb(values: Values, times: NDArray[np.float64]) -> tuple[Rung, ...]:
    """Exact ensembles in every volume, up to where a path has too many events for a picture."""
    rungs: list[Rung] = []
    for omega in LADDER:
        net = in_volume(values, omega)
        try:
            first = simulate(net, times, paths=SHOWN, seed=values["seed"], max_events=LONGEST, progress=False)
        except SimulationError:
            if rungs:
                break
            raise
        paths = int(np.clip(EVENTS // max(1, first.events.max()), SHOWN + 5, PATHS))
        ensemble = simulate(net, times, paths=paths, seed=values["seed"], progress=False)
        n = ensemble.of(values["species"]).astype(float)
        rungs.append(Rung(omega, n.mean(axis=0), n.std(axis=0, ddof=1), n[:SHOWN], paths))
    return tuple(rungs)


def within_reach(values: Values) -> tuple[Values, tuple[Rung, ...]]:
    """The values with a time span that even the smallest volume can walk in LONGEST events, and its rungs."""
    for _ in range(HALVINGS):
        with suppress(SimulationError):
            return values, climb(values, np.linspace(0.0, values["t_end"], TIMES))
        values = {**values, "t_end": values["t_end"] / 2}
    raise NetworkError("omega-ladder: even in the volume Ω = 1 this network fires too many reactions to be drawn. "
                       "Lower its rates.")


def in_volume(values: Values, omega: int) -> ReactionNetwork:
    """The network with the stochastic constants of this volume; with belief K3 those of volume 1."""
    net = FIT.read(values["network"], values).net
    volume = 1.0 if values["belief"] == UNSCALED else float(omega)
    net = replace(net, convention="macroscopic", volume=volume, ode="extent")
    return net.with_initial(**{net.species[0]: round(values["x0"] * omega)})


def ladder(values: Values, reveal: bool = True) -> Bank:
    """One frame for each volume; without ``reveal`` the smallest alone."""
    asked = values["t_end"]
    values, rungs = within_reach(values)
    times = np.linspace(0.0, values["t_end"], TIMES)
    rungs = rungs if reveal else rungs[:1]
    curve = _curve({**values, "belief": RIGHT}, times)
    question = "The volume grows from Ω = 1 to Ω = 100 at the same concentrations. How many times smaller is the CV?"
    panel, marks = _bands(values, rungs, times, curve, (0, 0, SPLIT if reveal else 1, 1))
    if not reveal:
        return Bank((panel,), tuple(marks), Text("Paths in the volume Ω = 1; the larger volumes are hidden."),
                    question=question, height=400)
    sides = _side(values, rungs, "sd", (SPLIT, 0, 1, 0.5)), _side(values, rungs, "CV", (SPLIT, 0.5, 1, 1))
    omegas = np.array([r.omega for r in rungs], float)
    linear = all(r.order <= 1 for r in in_volume(values, 1).reactions) and values["belief"] != UNSCALED
    return Bank(
        (panel, *(p for p, _ in sides)),
        (*marks, *(m for _, side in sides for m in side)),
        _caption(values, rungs, asked),
        _readings(values, rungs),
        Text("Ω = {o:d}", {"o": omegas}),
        Selection(("sd", "CV"), np.log10(omegas), tuple(f"Ω = {r.omega}" for r in rungs), _told(values, rungs),
                  noun="volume"),
        _notice(values),
        question,
        10.0 if linear else None,
        "per hundred times the volume",
        start=int(np.abs(omegas - values["omega"]).argmin()),
        seconds=6.0,
        height=430,
    )


def _curve(values: Values, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rate equation's concentration (T,): the same in every volume."""
    omega = 1000  # so large that rounding the start to whole molecules moves nothing that can be seen
    return rate_equations(in_volume(values, omega), times).of(values["species"]) / omega


def _bands(values: Values, rungs: tuple[Rung, ...], times: NDArray, curve: NDArray,
           cell: tuple[float, float, float, float]) -> tuple[Panel, list[Mark]]:
    mean, sd = (np.array([getattr(r, name) / r.omega for r in rungs]) for name in ("mean", "sd"))
    low, high = np.maximum(mean - 2 * sd, 0), mean + 2 * sd
    top = nice(float(max(np.percentile(high[0], 90), 1.1 * curve.max(), 1e-3)))
    x = np.concatenate([times, times[::-1]])
    band = {"x": x, "y": np.concatenate([low, high[:, ::-1]], axis=1), "alpha": [0.25]}
    panel = Panel("paths", scale(0, values["t_end"], "t, time"), scale(0, top, f"{values['species']}/Ω", about=5), cell,
                  "Concentration: paths, band and rate equation")
    marks = [Mark("area", "paths", band, "sky", legend="mean ± 2 standard deviations")]
    # A path is a staircase: each value holds until the next.
    stairs = np.repeat(times, 2)[1:]
    for i in range(min(SHOWN, len(rungs[0].some))):
        steps = np.array([np.repeat(r.some[i] / r.omega, 2)[:-1] for r in rungs])
        marks.append(Mark("line", "paths", {"x": stairs, "y": steps}, "blue", width=0.7,
                          legend="exact paths" if i == 0 else ""))
    marks.append(Mark("line", "paths", {"x": times, "y": curve}, "ink", width=1.8, dash=True, legend="rate equation"))
    return panel, marks


def _side(values: Values, rungs: tuple[Rung, ...], what: str,
          cell: tuple[float, float, float, float]) -> tuple[Panel, list[Mark]]:
    """Standard deviation or CV at the last time against the volume, both logarithmic."""
    x = np.log10([r.omega for r in rungs])
    y = np.array([r.sd[-1] if what == "sd" else r.cv for r in rungs])
    y = np.log10(np.where(y > 0, y, np.nan))
    known = y[np.isfinite(y)]
    middle = float(known.mean()) if known.size else 0.0
    law = middle + (0.5 if what == "sd" else -0.5) * (x - x[np.isfinite(y)].mean() if known.size else x)
    drawn = [y[:, None], law[:, None]]
    wrong = {VANISHES: {"sd": -0.5, "CV": -1.5}, PROPORTIONAL: {"sd": 1.0, "CV": 0.0}}.get(values["belief"])
    if wrong:
        drawn.append((law[0] + wrong[what] * (x - x[0]))[:, None])
    every = np.concatenate([d[np.isfinite(d)] for d in drawn])
    low, high = float(np.floor(2 * every.min()) / 2), float(np.ceil(2 * every.max()) / 2)
    ends = Scale(-0.15, 3.15, "volume Ω" if what == "CV" else "", _decades(0, 3))
    panel = Panel(what, ends, Scale(low, high, "", _decades(low, high)), cell,
                  "CV = sd/mean, at the end" if what == "CV" else "Standard deviation of n, at the end")
    slope = "slope 1/2" if what == "sd" else "slope −1/2"
    marks = [Mark("line", what, {"x": x, "y": law}, "faint", width=1.2, dash=True, legend=slope),
             Mark("dots", what, {"x": x, "y": y}, "blue", 0.35, legend="measured on the paths" if what == "sd" else ""),
             Mark("dots", what, {"x": x[:, None], "y": y[:, None]}, "orange", 0.6, 2.0, hollow=True,
                  legend="this volume" if what == "sd" else "")]
    if wrong:
        marks.append(Mark("line", what, {"x": x, "y": drawn[2][:, 0]}, "purple", width=1.8,
                          legend="by this belief" if what == "sd" else ""))
    return panel, marks


def _decades(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """Ticks at the powers of ten; where there is no more than one, at halves of them, too."""
    whole = range(int(np.ceil(low - 1e-9)), int(np.floor(high + 1e-9)) + 1)
    at = [float(e) for e in whole]
    if len(at) < 2:
        at = sorted({*at, low, high})
    return tuple((e, number(10.0**e, "2")) for e in at)


def slope(rungs: tuple[Rung, ...]) -> float:
    """Slope of log CV against log Ω by least squares; NaN where fewer than two volumes have one."""
    x, y = np.log([(r.omega, r.cv) for r in rungs if r.cv > 0] or [(1.0, 1.0)]).T
    return float(np.polyfit(x, y, 1)[0]) if x.size > 1 else np.nan


def _readings(values: Values, rungs: tuple[Rung, ...]) -> tuple[Reading, ...]:
    mean, sd = (np.array([getattr(r, name)[-1] for r in rungs]) for name in ("mean", "sd"))
    first = Reading("Mean of n", Text("{m:.1}", {"m": mean}))
    fitted = slope(rungs)
    told = number(fitted, ".2") if np.isfinite(fitted) else "none"
    law = Reading("Slope of log CV", Text(told), f"over the volumes 1 to {rungs[-1].omega}; 1/√Ω has −0.50",
                  "wrong" if values["belief"] == UNSCALED else "right" if abs(fitted + 0.5) < 0.05 else "plain")
    cv = np.array([r.cv for r in rungs])
    if not np.isfinite(cv).all():
        return first, Reading("Standard deviation", Text("{s:.2}", {"s": sd})), law
    return first, Reading("Standard deviation", Text("{s:.2}", {"s": sd})), Reading("CV", Text("{c}", {"c": cv})), law


def _notice(values: Values) -> str:
    return {
        VANISHES: "The fluctuation itself is believed to vanish (K2). It grows like √n, and vanishes beside n only.",
        PROPORTIONAL: "The fluctuation is believed to grow like n (K2). Then the CV would never shrink.",
        UNSCALED: "The constants are those of Ω = 1 in every volume (K3): c = k Ω^(1 − order) is forgotten.",
    }.get(values["belief"], "")


def _caption(values: Values, rungs: tuple[Rung, ...], asked: float) -> Text:
    text = "In the volume Ω = {o:d} the mean count of " + values["species"]
    text += f" at t = {number(values['t_end'])} is {{m:.1}} and its standard deviation {{s:.2}}; {{p:d}} exact paths."
    if values["t_end"] < asked:
        text += f" Beyond, up to the t = {number(asked)} asked for, there are too many events for this picture."
    if rungs[-1].omega < LADDER[-1]:
        text += f" Larger volumes than {rungs[-1].omega} have too many events for this picture."
    rows = {"o": [r.omega for r in rungs], "m": [r.mean[-1] for r in rungs], "s": [r.sd[-1] for r in rungs],
            "p": [r.paths for r in rungs]}
    return Text(text, {k: np.array(v, float) for k, v in rows.items()})


def _told(values: Values, rungs: tuple[Rung, ...]) -> Text:
    words = tuple(f"{number(r.mean[-1])} molecules on average, standard deviation {number(r.sd[-1])}" for r in rungs)
    return Text("{name}: {what}.", words={"name": tuple(f"Ω = {r.omega}" for r in rungs), "what": words})


def takes(net: ReactionNetwork) -> str:
    """Why this network has no ladder of volumes; "" where it has."""
    if any(r.delay is not None for r in net.reactions):
        return "it takes networks without delays"
    if any(r.custom for r in net.reactions):
        return "a custom propensity is written in molecules, and does not say how it depends on the volume"
    if not 1 <= len(net.species) <= MOST_SPECIES:
        return f"it takes networks of one to {MOST_SPECIES} species"
    return ""


FIT = Fit("omega-ladder", takes, "0 -> M ; 4\nM -> 0 ; 1")


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` may be a ReactionNetwork: its stochastic constants are taken for those of the volume 1."""
    return FIT.adopted(options, _start)


def _start(net: ReactionNetwork) -> Values:
    if any(m > 1 for r in net.reactions for m in r.reactants.values()):
        raise NetworkError("omega-ladder: type this network as text, so that it is clear that its constants are "
                           'those of concentrations: network="2A -> 0 ; 0.5"')
    return {"x0": float(net.initial[0])}


OmegaLadder = Design(
    "omega-ladder", "Ladder of volumes", ABOUT, controls, PRESETS, ladder, adjust, ("network",), takes,
    summary="The same network in larger and larger volumes: fluctuations shrink like one over the root of the volume.",
)
