"""ClosureBench: moment equations closed by a guess, beside the exact law, until the guess breaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import polynomials as poly
from ..closures import CLOSURES
from ..errors import NetworkError
from ..moments import moment_equations
from ..network import ReactionNetwork
from .closed_curves import (
    CROSS,
    EXACT,
    LINEAR,
    NAMES,
    ODE,
    RIGHT,
    SQUARE,
    Curve,
    believed,
    closed,
    largest_spread,
    order_of,
)
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Mark, Panel, Reading, Scale, Selection, Text, nice, scale
from .law_film import LawFilm, held, law_film
from .typed_network import Fit
from .words import number

FRAMES = 61
PAIRS = "2A -> 0 ; c"
_TEN: Values = {"network": PAIRS, "rate_c": 0.2, "t_end": 0.5, "t": 0.5}

PRESETS: dict[str, Values] = {
    "normal-breaks": {"network": PAIRS, "rate_c": 2.0, "t_end": 1.2, "t": 0.9},
    "negative-variance": {"network": PAIRS, "rate_c": 2.0, "closure": "poisson", "t_end": 3.0, "t": 2.0},
    "parity-forgotten": {"network": PAIRS, "rate_c": 2.0, "closure": "log-normal", "t_end": 4.0, "t": 3.0},
    "two-modes": {"network": "0 -> X ; 20\n2X -> 3X ; 0.183\n3X -> 2X ; 0.0049\nX -> 0 ; 2.76", "n0": 35,
                  "t_end": 10.0, "t": 8.0},
    "pairs-formed": {"network": "2A <-> B ; 0.1, 1", "n0": 16, "t_end": 2.0, "t": 1.0},
    "mean-is-the-ode": {**_TEN, "belief": ODE},
    "square-of-the-mean": {**_TEN, "belief": SQUARE},
    "cross-term-forgotten": {**_TEN, "belief": CROSS, "t": 0.1},
    "closure-is-exact": {**_TEN, "belief": EXACT},
    "linear-network": {"network": "0 -> M ; 8\nM -> 0 ; 1", "n0": 2, "t_end": 4.0, "t": 1.0, "belief": LINEAR},
}
ABOUT = (
    "Solid: mean and variance of the exact law, from the master equation. Dashed: the same from the moment equations, "
    "with the moments above the order replaced by a guess, the closure.",
    "A cross marks where the closure breaks: a mean or a variance falls below zero, which no law can have, or it grows "
    "without bound. What the equations do after that is drawn in another colour.",
    "Right: P(n, t), and above it mean ± standard deviation by the closure. Below it the two variances at this moment.",
    "For networks of reactions with at most one reactant molecule no higher moment is asked for, and every closure of "
    "order 2 gives the exact mean and variance.",
    "Convention: c belongs to a = c · n(n−1)/2. The k of a = k n(n−1) is c/2.",
)


def controls(values: Values) -> tuple[Control, ...]:
    """Those of every network, a start for each species and a slider for each constant."""
    read = FIT.read(values.get("network", PAIRS), values)
    names = read.net.species
    return (
        Control("network", "text", "Network", PAIRS,
                tip="one or two species, one reaction a line; press Tab to leave the box and apply"),
        *(Control(f"n{i}", "int", f"{s} at t = 0", 10 if i == 0 else 0, 0, 80) for i, s in enumerate(names)),
        *read.sliders(),
        Control("t_end", "log", "time span", 2.0, 0.1, 50.0, tip="length of the film, in units of 1/rate"),
        Control("closure", "choice", "Closure", "normal", choices=NAMES,
                tip="what the moments above the order are taken to be"),
        Control("order", "int", "order", 2, 1, 4 if len(names) == 1 else 3,
                tip="the highest moments that are followed"),
        Control("species", "choice", "Species", names[0], choices=names, written=True, tip="which count is drawn"),
        Control("belief", "choice", "Believe", RIGHT, choices=(RIGHT, ODE, SQUARE, CROSS, EXACT, LINEAR),
                belief="K1 M1 M2 M3 M4", tip="K1: mean = rate equation. M1: no fluctuations. M2: the cross term 2nν is "
                "forgotten. M3: the closure is exact. M4: linear networks need one"),
        Control("t", "float", "moment shown first", 0.5, 0.0, 100.0, 0.01, hidden=True),
    )


def network(values: Values) -> ReactionNetwork:
    """The network typed, with its start."""
    net = FIT.read(values["network"], values).net
    return net.with_initial(**{s: values[f"n{i}"] for i, s in enumerate(net.species)})


def film(values: Values, reveal: bool = True) -> Bank:
    """All frames of exact law and closure; without ``reveal`` the closure's mean alone."""
    net, times = network(values), np.linspace(0.0, values["t_end"], FRAMES)
    curve = closed(net, values, times)
    start = " and ".join(f"{values[f'n{i}']} {s}" for i, s in enumerate(net.species))
    question = (f"{start} at t = 0. How many {values['species']} are there on average at "
                f"t = {number(values['t_end'])}, exactly?")
    if not reveal:
        panel, marks = _means(values, times, None, curve, None, (0, 0, 1, 1))
        caption = f"The mean by the {values['closure']} closure; the exact law is hidden."
        return Bank((panel,), tuple(marks), Text(caption), question=question, height=300)
    law, wrong = law_film(net, times), believed(net, values, times)
    # As it travels: bars and sentence then share one array.
    p = law.marginal(values["species"], law.highest(values["species"])).astype(np.float32)
    parts = (_means(values, times, law, curve, wrong, (0, 0, 0.52, 0.53)),
             _variances(values, times, law, curve, wrong),
             _bars(values, p, curve, wrong), _dial(values, law, curve))
    mean = law.mean(values["species"])
    return Bank(
        tuple(panel for panel, _ in parts),
        tuple(mark for _, marks in parts for mark in marks),
        _caption(values, times, law, curve),
        _readings(values, times, law, curve, wrong),
        Text("t = {t:.2}", {"t": times}),
        _selection(p),
        _notice(values, net, curve),
        question,
        float(mean[-1]) if np.isfinite(mean[-1]) else None,
        "per vessel, on average",
        smooth=False,
        start=int(np.abs(times - values["t"]).argmin()),
        height=450,
    )


def _range(exact: NDArray | None, *others: NDArray) -> tuple[float, float]:
    """Limits that hold the exact curve and as much of the others as does not flatten it."""
    base = others[0] if exact is None else exact
    full = max(1e-3, float(np.nanmax(base)))
    seen = [x[np.isfinite(x)] for x in others]
    top = nice(min(2.5 * full, 1.08 * max([full, *(float(x.max()) for x in seen if x.size)])))
    low = min([0.0, *(float(x.min()) for x in seen if x.size)])
    return (-nice(min(0.6 * top, 1.1 * -low), (1, 2, 3, 4, 5, 6, 8)) if low < -0.01 * top else 0.0), top


def _means(values: Values, times: NDArray, law: LawFilm | None, curve: Curve, wrong: Curve | None,
           cell: tuple[float, float, float, float]) -> tuple[Panel, list[Mark]]:
    exact = None if law is None else law.mean(values["species"])
    others = [curve.mean, *([wrong.mean] if wrong else [])]
    low, top = _range(exact, *others)
    panel = Panel("mean", scale(0, values["t_end"], "" if law else "t, time"), scale(low, top, "mean", about=4), cell,
                  f"Mean of {values['species']}", zero=True)
    return panel, _curves("mean", times, exact, curve, curve.mean, wrong.mean if wrong else None)


def _variances(values: Values, times: NDArray, law: LawFilm, curve: Curve,
               wrong: Curve | None) -> tuple[Panel, list[Mark]]:
    exact, said = law.var(values["species"]), wrong.var if wrong else None
    low, top = _range(exact, curve.var, *([said] if said is not None else []))
    panel = Panel("variance", scale(0, values["t_end"], "t, time"), scale(low, top, "variance", about=4),
                  (0, 0.53, 0.52, 1), f"Variance of {values['species']}", zero=True)
    return panel, _curves("variance", times, exact, curve, curve.var, said)


def _curves(panel: str, times: NDArray, exact: NDArray | None, curve: Curve, row: NDArray,
            wrong: NDArray | None) -> list[Mark]:
    """Exact solid, closure dashed up to where it broke and in another colour after it, belief, and the present."""
    first, marks = panel == "mean", []
    broke = np.inf if curve.broke_at is None else curve.broke_at
    if exact is not None:
        marks.append(Mark("line", panel, {"x": times, "y": exact}, "blue", width=1.8,
                          legend="exact" if first else ""))
    good = np.where(times <= broke, row, np.nan)
    # The piece in which it broke belongs to both, so that no gap is seen.
    bad = np.where(times >= times[times <= broke][-1], row, np.nan)
    marks.append(Mark("line", panel, {"x": times, "y": good}, "green", width=1.8, dash=True,
                      legend="closure" if first else ""))
    if curve.broke_at is not None:
        last = np.interp(broke, times[: curve.known], row[: curve.known]) if curve.known else 0.0
        marks += [Mark("line", panel, {"x": times, "y": bad}, "red", width=1.0, dash=True,
                       hollow=True, legend="after it broke" if first else ""),
                  Mark("dots", panel, {"x": [min(broke, times[-1])], "y": [last]}, "red", 0.55, 2.0, shape="cross",
                       legend="here it broke" if first else "")]
    if wrong is not None:
        marks.append(Mark("line", panel, {"x": times, "y": wrong}, "purple", width=1.6, dash=True, hollow=True,
                          legend="by this belief" if first else ""))
    if exact is not None:
        marks.append(Mark("dots", panel, {"x": times[:, None], "y": exact[:, None]}, "blue", 0.4))
        marks.append(Mark("dots", panel, {"x": times[:, None], "y": row[:, None]}, "green", 0.45, 1.6, hollow=True))
    return marks


def _bars(values: Values, p: NDArray, curve: Curve, wrong: Curve | None) -> tuple[Panel, list[Mark]]:
    """P(n, t), and the closure's mean with its standard deviation as a bar of error above it."""
    name, most = values["species"], p.shape[1] - 1
    top = nice(min(1.0, 1.35 * float(np.nanmax(p[3:], initial=0.05))), (1, 1.5, 2, 3, 4, 5, 6, 8, 10))
    panel = Panel("law", scale(-0.6, most + 0.6, f"n, molecules {name}", whole=True, about=8),
                  scale(0, top, "P(n, t)", about=3), (0.52, 0, 1, 0.62), "P(n, t), and mean ± sd")
    height, sd = 0.93 * top, np.sqrt(np.where(curve.var >= 0, curve.var, np.nan))
    ends = {"x0": (curve.mean - sd)[:, None], "x1": (curve.mean + sd)[:, None], "y0": [height], "y1": [height]}
    dot, lost = (np.where(keep, curve.mean, np.nan)[:, None] for keep in (curve.var >= 0, curve.var < 0))
    marks = [Mark("bars", "law", {"x": np.arange(most + 1), "y": p}, "blue", 0.8, legend="P(n, t)"),
             Mark("segments", "law", ends, "green", 1.0, 2.4),
             Mark("dots", "law", {"x": dot, "y": [height]}, "green", 0.5, legend="mean ± sd by the closure"),
             Mark("dots", "law", {"x": lost, "y": [height]}, "red", 0.5, 2.0, shape="cross")]
    if wrong is not None:
        marks.append(Mark("dots", "law", {"x": wrong.mean[:, None], "y": [0.8 * top]}, "purple", 0.5, 1.8,
                          shape="triangle", legend="mean by this belief"))
    return panel, marks


def _dial(values: Values, law: LawFilm, curve: Curve) -> tuple[Panel, list[Mark]]:
    """The two variances now; that of the closure in another colour and pointed where it is below zero."""
    exact = law.var(values["species"])
    low, top = _range(exact, curve.var)
    ticks = ((0.0, "exact"), (1.0, "closure"))
    panel = Panel("dial", Scale(-0.7, 1.7, "", ticks), scale(low, top, "variance", about=3), (0.52, 0.62, 1, 1),
                  "Variance now", zero=True)
    up, down = (np.where(keep, curve.var, np.nan)[:, None] for keep in (curve.var >= 0, curve.var < 0))
    return panel, [Mark("bars", "dial", {"x": [0.0], "y": exact[:, None]}, "blue", 0.6),
                   Mark("bars", "dial", {"x": [1.0], "y": up}, "green", 0.6),
                   Mark("bars", "dial", {"x": [1.0], "y": down}, "red", 0.6, pointed=True,
                        legend="below zero" if np.isfinite(down).any() else "")]


def _readings(values: Values, times: NDArray, law: LawFilm, curve: Curve,
              wrong: Curve | None) -> tuple[Reading, ...]:
    name, belief = values["species"], values["belief"]
    order = order_of(values, next(c for c in CLOSURES if c.name == values["closure"]))
    mean, var = law.mean(name), law.var(name)
    right = Reading("Exact mean", Text("{m:.3}", {"m": mean}), "", "right")
    spread = Reading("Exact variance", Text("{v:.3}", {"v": var}), "", "right")
    closure = Reading(f"Closure, order {order}: mean", Text("{c:.3}", {"c": curve.mean}), "",
                      "wrong" if curve.why.startswith("the mean") else "plain")
    other = Reading("and variance", Text("{w:.3}", {"w": curve.var}), "",
                    "wrong" if curve.why.startswith("the variance") else "plain")
    if belief == EXACT:
        return right, spread, Reading("With this belief", Text("{c:.3}", {"c": curve.mean}), "mean", "wrong"), Reading(
            "and", Text("{w:.3}", {"w": curve.var}), "variance", "wrong")
    if belief == LINEAR:
        gap = largest_spread(network(values), values, times)
        return right, spread, Reading("Two closures differ by at most", Text(number(gap) if np.isfinite(gap) else "–"),
                                      "mean or variance, all closures of order 2", "right" if gap < 1e-3 else "wrong")
    if belief == CROSS:
        net = network(values)
        i = net.species.index(name)
        said = float(net.stoichiometry[i].astype(float) ** 2 @ net.propensities(net.initial))
        true = moment_equations(net, 2).at_state(net.initial)[tuple(2 * (j == i) for j in range(len(net.species)))]
        return right, spread, Reading("d⟨n²⟩/dt at t = 0", Text(number(true)), "Σ(2nν + ν²)·a", "right"), Reading(
            "With this belief", Text(number(said)), "Σν²·a", "wrong")
    if wrong is not None:
        said = "dn/dt = Σν·a(n), for large numbers" if belief == ODE else "mean field: ⟨n²⟩ put equal to ⟨n⟩²"
        return right, closure, Reading("With this belief", Text("{b:.3}", {"b": wrong.mean}), said, "wrong")
    return right, spread, closure, other


def _notice(values: Values, net: ReactionNetwork, curve: Curve) -> str:
    linear = moment_equations(net, 2).closed
    belief = {
        ODE: "The mean is believed to follow the rate equation (K1)." if not linear else
             "The mean is believed to follow the rate equation (K1). In a linear network it does.",
        SQUARE: "⟨n²⟩ is put equal to ⟨n⟩² (M1): the fluctuations are left out.",
        CROSS: "The cross term 2nν is forgotten (M2), so that ⟨n²⟩ can only grow.",
        EXACT: "The closure is taken for exact (M3). Compare with the solid line, and look at the variances.",
        LINEAR: "A closure is believed to matter here, too (M4). Nothing above order 2 is asked for: all agree."
                if linear else "This network is not linear: it asks for higher moments, and the closures differ.",
    }.get(values["belief"], "")
    if curve.broke_at is None:
        return belief
    broke = f"The {values['closure']} closure broke at t = {number(curve.broke_at)}: {curve.why}."
    return f"{belief} {broke}".strip()


def _caption(values: Values, times: NDArray, law: LawFilm, curve: Curve) -> Text:
    name, closure = values["species"], values["closure"]
    text = f"At t = {{t:.2}} the exact mean of {name} is {{m:.3}} and its variance {{v:.3}}; "
    text += f"the {closure} closure says {{c:.3}} and {{w:.3}}."
    if curve.known < times.size:
        text += f" It can be followed to t = {number(times[max(0, curve.known - 1)])}, and its last numbers stay."
    if law.known < times.size:
        text += (f" The exact law needs too many states after t = {number(times[law.known - 1])}; "
                 "its last numbers stay.")
    rows = {"m": law.mean(name), "v": law.var(name), "c": curve.mean, "w": curve.var}
    return Text(text, {"t": times, **{k: held(row) for k, row in rows.items()}})


def _selection(p: NDArray) -> Selection:
    n = np.arange(p.shape[1])
    return Selection(("law",), n, tuple(f"n = {i}" for i in n),
                     Text("{name}: exactly this many with probability {P}.", {"P": p},
                          {"name": tuple(f"n = {i}" for i in n)}), noun="bar")


def takes(net: ReactionNetwork) -> str:
    """Why this network cannot be put on the bench; "" where it can."""
    if any(r.delay is not None for r in net.reactions):
        return "it takes networks without delays"
    if not 1 <= len(net.species) <= 2:
        return f"it takes networks of one or two species, and this one has {len(net.species)}"
    try:
        for reaction in net.reactions:
            poly.propensity(net, reaction)
    except NetworkError as why:
        return str(why).rstrip(".")
    return ""


FIT = Fit("closure-bench", takes, "2A -> 0 ; 0.2")


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` may be a ReactionNetwork: its text, constants and start are taken over."""
    return FIT.adopted(options, lambda net: {f"n{i}": int(n) for i, n in enumerate(net.initial)})


ClosureBench = Design(
    "closure-bench", "Closure bench", ABOUT, controls, PRESETS, film, adjust, ("network",), takes,
    summary="A closure of the moment equations beside the exact numbers: where it holds, where it breaks, and why.",
)
