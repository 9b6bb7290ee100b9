"""MomentHierarchy: which moment the equation of which other moment asks for, and where that never ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .. import polynomials as poly
from ..errors import NetworkError
from ..network import ReactionNetwork
from ..polynomials import Exponents
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Mark, Panel, Reading, Scale, Selection, Text
from .moment_rows import CROSSES, LINEAR, RIGHT, SQUARES, Terms, equations, now, reduced, side, symbol
from .typed_network import Fit
from .words import number

PAIRS = "2A -> 0 ; c"
WIDE = 1e6  # a value that would not fit below its box is left out

PRESETS: dict[str, Values] = {
    "pairs": {"network": PAIRS, "rate_c": 0.2},
    "linear": {"network": "0 -> M ; k\nM -> 0 ; gamma", "n0": 0, "rate_k": 8.0, "rate_gamma": 1.0},
    "three-bodies": {"network": "0 -> X ; 10\n2X -> 3X ; 0.4\n3X -> 2X ; 0.03\nX -> 0 ; 3", "order": 3},
    "finite-support": {"network": PAIRS, "rate_c": 0.2, "n0": 3, "order": 1, "states": True},
    "catalyst": {"network": "E + S -> E + P ; k\nP -> S ; r", "rate_k": 0.3, "rate_r": 1.0, "n0": 2, "n1": 8,
                 "states": True},
    "two-species": {"network": "A + B -> B ; 0.1\n0 <-> B ; 4, 1", "n0": 10, "n1": 4},
    "cross-term-forgotten": {"network": PAIRS, "rate_c": 0.2, "belief": SQUARES},
    "square-forgotten": {"network": PAIRS, "rate_c": 0.2, "belief": CROSSES},
    "linear-needs-one": {"network": "0 -> M ; k\nM -> 0 ; gamma", "n0": 0, "rate_k": 8.0, "rate_gamma": 1.0,
                         "belief": LINEAR},
}
ABOUT = (
    "Upper row: how each moment changes, d⟨n⟩/dt, d⟨n²⟩/dt and so on. Lower row: the moments themselves. An arrow goes "
    "from a moment to the rate of change that needs it, the thicker the larger its coefficient.",
    "The slider is the order: the moments up to it are followed. A red arrow comes from a moment above the order: it "
    "is not known, and following it asks for one still higher. That is the closure problem.",
    "A network of reactions with at most one reactant molecule has no red arrow, at any order.",
    "Where few states can be reached, or one count never changes, a moment above the order can be a sum of lower ones. "
    "The switch looks for that in the states that can be reached; such an arrow turns green.",
    "Click a moment, or move along them with the arrow keys, to read its equation with the present constants.",
    "Convention: c belongs to a = c · n(n−1)/2.",
)


def controls(values: Values) -> tuple[Control, ...]:
    """Those of every network, a start for each species and a slider for each constant."""
    read = FIT.read(values.get("network", PAIRS), values)
    names = read.net.species
    return (
        Control("network", "text", "Network", PAIRS,
                tip="one reaction a line, at most three species; press Tab to leave the box and apply"),
        *(Control(f"n{i}", "int", f"{s} at t = 0", 10 if i == 0 else 0, 0, 20) for i, s in enumerate(names)),
        *read.sliders(),
        Control("states", "switch", "reachable states", False,
                tip="a moment above the order may be a sum of lower ones there"),
        Control("belief", "choice", "Believe", RIGHT, choices=(RIGHT, SQUARES, CROSSES, LINEAR), belief="M2 M4",
                tip="M2: one part of (n+ν)² − n² = 2nν + ν² is forgotten. M4: linear networks need a closure"),
        Control("order", "int", "order shown first", 2, 1, 5, hidden=True),
    )


def network(values: Values) -> ReactionNetwork:
    """The network typed, with its start."""
    net = FIT.read(values["network"], values).net
    return net.with_initial(**{s: values[f"n{i}"] for i, s in enumerate(net.species)})


def highest(net: ReactionNetwork) -> int:
    """The largest order that has room in the picture."""
    return {1: 5, 2: 2}.get(len(net.species), 1)


def picture(values: Values, reveal: bool = True) -> Bank:
    """One frame for each order; without ``reveal`` the moments without their arrows."""
    net, most = network(values), highest(network(values))
    rows = equations(net, most, values["belief"])
    moving = int(np.argmax(net.stoichiometry.any(axis=1)))
    square = tuple(2 * (s == moving) for s in range(len(net.species)))
    start = ", ".join(f"{n} {s}" for s, n in zip(net.species, net.initial.tolist(), strict=True))
    n = net.species[moving]
    question = f"At t = 0 there are certainly {start}. How fast does ⟨{n}²⟩ change then?"
    true = now(net, equations(net, 2)[square])
    places = _places(rows)
    panel = Panel("chain", Scale(-0.6, len(places) - 0.4), Scale(-0.52, 1.25), (0, 0, 1, 1), bare=True)
    if not reveal:
        boxes = [m for m in _boxes(net, rows, places, {}, (most,)) if m.colour != "red"]
        return Bank((panel,), tuple(boxes),
                    Text("The moments and their rates of change; which needs which is hidden."), question=question,
                    height=330)
    known = _known(net, rows, most) if values["states"] else {}
    names = tuple(symbol(net, e) for e in rows)
    texts = tuple(side(net, terms) + _explained(net, terms, known.get(sum(e), {})) for e, terms in rows.items())
    orders = [_needed(rows, k, known.get(k, {})) for k in range(1, most + 1)]
    return Bank(
        (panel,),
        (*_arrows(net, rows, places, known, values["belief"]),
         *_boxes(net, rows, places, known, range(1, most + 1)), _values_now(net, places)),
        _caption(net, square, true, orders),
        _readings(values, net, rows, square, true, orders),
        Text("order = {o:d}", {"o": np.arange(1.0, most + 1)}),
        Selection(("chain",), [places[e] for e in rows], names,
                  Text("The equation of {name} is d{name}/dt = {what}.", words={"name": names, "what": texts}),
                  [0.95] * len(rows), start=_chosen(rows, min(values["order"], most)), noun="moment"),
        _notice(values, net, rows),
        question,
        true,
        "per unit time",
        start=min(values["order"], most) - 1,
        seconds=6.0,
        height=330,
    )


def _chosen(rows: dict[Exponents, Terms], order: int) -> int:
    """The moment chosen first: the last one up to the order whose equation asks for more than that, else the last."""
    within = [i for i, e in enumerate(rows) if sum(e) <= order]
    asking = [i for i, terms in enumerate(rows.values()) if i in within and any(sum(f) > order for f in terms)]
    return (asking or within)[-1]


def _places(rows: dict[Exponents, Terms]) -> dict[Exponents, int]:
    """From left to right: the number 1, the moments of the picture, and those above that they need."""
    size = len(next(iter(rows)))
    above = sorted({f for terms in rows.values() for f in terms} - set(rows) - {(0,) * size},
                   key=lambda e: (sum(e), tuple(-x for x in e)))
    return {e: i for i, e in enumerate([(0,) * size, *rows, *above])}


def _needed(rows: dict[Exponents, Terms], order: int, known: dict[Exponents, Terms]) -> list[Exponents]:
    """Moments above the order that the equations up to it need, and that are no sum of lower ones."""
    used = {f for e, terms in rows.items() if sum(e) <= order for f in terms if sum(f) > order}
    return sorted(used - set(known), key=lambda e: (sum(e), tuple(-x for x in e)))


def _known(net: ReactionNetwork, rows: dict[Exponents, Terms], most: int) -> dict[int, dict[Exponents, Terms]]:
    """For each order the moments above it that are sums of lower ones on the states that can be reached."""
    out: dict[int, dict[Exponents, Terms]] = {}
    for order in range(1, most + 1):
        sums = {f: reduced(net, f, order) for f in _needed(rows, order, {})}
        out[order] = {f: terms for f, terms in sums.items() if terms is not None}
    return out


def _arrows(net: ReactionNetwork, rows: dict[Exponents, Terms], places: dict[Exponents, int],
            known: dict[int, dict[Exponents, Terms]], belief: str) -> list[Mark]:
    """From the moments to the rates of change that need them, in the colour of what is known of them."""
    pairs = [(e, f, c) for e, terms in rows.items() for f, c in terms.items()]
    x0, x1 = np.array([(places[f], places[e]) for e, f, _ in pairs], float).reshape(-1, 2).T
    # Of each equation the largest coefficient is the thickest arrow.
    weight = np.array([0.12 + 0.5 * abs(c) / max(map(abs, rows[e].values())) for e, _, c in pairs])
    marks = []
    for colour, kind, legend in (("blue", "within", "needs a moment that is followed"),
                                 ("red", "above", "unclosed: needs a moment above the order"),
                                 ("green", "sum", "above the order, but a sum of lower moments")):
        shown = np.array([[_kind(e, f, order, known) == kind for e, f, _ in pairs]
                          for order in range(1, highest(net) + 1)])
        if not shown.any():
            continue
        ends = {"x0": np.where(shown, x0, np.nan), "y0": [0.12], "x1": x1, "y1": [0.84], "weight": weight}
        shape = {"blue": "disc", "red": "cross", "green": "square"}[colour]
        marks.append(Mark("arrows", "chain", ends, colour, legend=legend, shape=shape))
    item = {e: i for i, e in enumerate(rows)}
    value = np.array([c for *_, c in pairs])
    owner = tuple(item[e] for e, _, _ in pairs)
    for sign, what in (("+", value > 0), ("", value < 0)):
        under = {"x": np.where(what, x0, np.nan), "y": [-0.24], "value": value}
        marks.append(Mark("labels", "chain", under, "ink", 1.1, texts=(sign,) * len(pairs), owner=owner))
    ring = np.array([places[e] for e in rows], float)
    box = {"x0": ring - 0.47, "x1": ring + 0.47, "y0": [0.86], "y1": [1.14]}
    marks.append(Mark("cells", "chain", box, "orange", width=2.4, hollow=True, owner=tuple(range(len(rows))),
                      legend="chosen; below, its coefficients"))
    if belief == LINEAR and not any(_needed(rows, k, {}) for k in range(1, highest(net) + 1)):
        last = [max(places[e] for e in rows if sum(e) == k) for k in range(1, highest(net) + 1)]
        ends = {"x0": np.array(last)[:, None] + 0.9, "x1": np.array(last)[:, None], "y0": [0.12], "y1": [0.84]}
        marks.append(Mark("segments", "chain", ends, "purple", 1.0, 2.4, dash=True,
                          legend="believed to be needed: its coefficient is 0"))
    return marks


def _kind(e: Exponents, f: Exponents, order: int, known: dict[int, dict[Exponents, Terms]]) -> str:
    if sum(e) > order:
        return "later"
    return "within" if sum(f) <= order else "sum" if f in known.get(order, {}) else "above"


def _boxes(net: ReactionNetwork, rows: dict[Exponents, Terms], places: dict[Exponents, int],
           known: dict[int, dict[Exponents, Terms]], orders: Sequence[int]) -> list[Mark]:
    """Upper row: rates of change; lower row: moments. What is above the order is faint, or red where it is needed."""
    marks = []
    for names, y, wide, prefix, suffix in ((rows, 1.0, 0.44, "d", "/dt"), (places, 0.0, 0.36, "", "")):
        x = np.array([places[e] for e in names], float)
        state = np.array([[_state(e, order, rows, known, y > 0.5) for e in names] for order in orders])
        for colour, kind in (("ink", "followed"), ("red", "needed"), ("green", "sum"), ("grid", "later")):
            shown = state == kind
            if not shown.any():
                continue
            at = np.where(shown, x, np.nan)
            box = {"x0": at - wide, "x1": at + wide, "y0": [y - 0.11], "y1": [y + 0.11]}
            marks.append(Mark("cells", "chain", box, colour, width=1.2, hollow=True))
            label = tuple(f"{prefix}{symbol(net, e)}{suffix}" for e in names)
            marks.append(Mark("labels", "chain", {"x": at, "y": [y]}, "faint" if kind == "later" else colour, 1.0,
                              texts=label))
    return marks


def _values_now(net: ReactionNetwork, places: dict[Exponents, int]) -> Mark:
    """What each moment is at t = 0, so that an equation can be checked by hand."""
    value = [float(np.prod(net.initial.astype(float) ** e)) for e in places]
    value = [v if v < WIDE else np.nan for v in value]
    return Mark("labels", "chain", {"x": list(places.values()), "y": [-0.42], "value": value}, "faint", 0.9,
                texts=("= ",) * len(places), legend="below the moments: their values at t = 0")


def _state(e: Exponents, order: int, rows: dict[Exponents, Terms], known: dict[int, dict[Exponents, Terms]],
           upper: bool) -> str:
    if sum(e) <= order:
        return "followed"
    if upper:
        return "later"
    if e in known.get(order, {}):
        return "sum"
    return "needed" if e in _needed(rows, order, {}) else "later"


def _explained(net: ReactionNetwork, terms: Terms, known: dict[Exponents, Terms]) -> str:
    """What is known of the moments in an equation from the states that can be reached."""
    said = [f"{symbol(net, f)} = {side(net, known[f])}" for f in terms if f in known]
    return f"; on the states that can be reached {' and '.join(said)}" if said else ""


def _caption(net: ReactionNetwork, square: Exponents, true: float, orders: list[list[Exponents]]) -> Text:
    """One template for all orders, with the number of moments that are missing."""
    closed = [k for k, needed in enumerate(orders, 1) if not needed]
    text = "The equations of the moments up to order {o:d} ask for {m:d} above that order. "
    text += ("At every order shown they are closed." if len(closed) == len(orders) else
             f"They are closed at order {', '.join(map(str, closed))}." if closed else
             f"No order from 1 to {len(orders)} closes them." if len(orders) > 1 else "They are not closed.")
    text += f" At t = 0 the moment {symbol(net, square)} changes at the rate {number(true)}."
    return Text(text, {"o": np.arange(1.0, len(orders) + 1), "m": np.array([len(n) for n in orders], float)})


def _readings(values: Values, net: ReactionNetwork, rows: dict[Exponents, Terms], square: Exponents, true: float,
              orders: list[list[Exponents]]) -> tuple[Reading, ...]:
    missing = Reading("Unknown moments", Text("{m:d}", {"m": np.array([len(n) for n in orders], float)}),
                      "needed, and above the order")
    start = ", ".join(map(str, net.initial.tolist()))
    rate = Reading(f"d{symbol(net, square)}/dt at n = {start}", Text(number(true)), "Σ(2nν + ν²)·a(n)", "right")
    if values["belief"] in (SQUARES, CROSSES):
        said = "Σν²·a(n)" if values["belief"] == SQUARES else "Σ2nν·a(n)"
        wrong = now(net, rows[square]) if square in rows else now(net, equations(net, 2, values["belief"])[square])
        return missing, rate, Reading("With this belief", Text(number(wrong)), said, "wrong")
    return missing, rate


def _notice(values: Values, net: ReactionNetwork, rows: dict[Exponents, Terms]) -> str:
    linear = not any(_needed(rows, k, {}) for k in range(1, highest(net) + 1))
    return {
        SQUARES: "The cross term 2nν of (n+ν)² − n² is forgotten (M2). Then ⟨n²⟩ could never fall.",
        CROSSES: "The part ν² of (n+ν)² − n² is forgotten (M2). It is what makes noise out of jumps.",
        LINEAR: "A linear network is believed to need a closure (M4). No arrow comes from above the order."
                if linear else "This network is not linear: here a closure is needed indeed.",
    }.get(values["belief"], "")


def takes(net: ReactionNetwork) -> str:
    """Why this network has no hierarchy that could be drawn; "" where it has."""
    if any(r.delay is not None for r in net.reactions):
        return "it takes networks without delays"
    if not 1 <= len(net.species) <= 3:
        return f"it takes networks of one to three species, and this one has {len(net.species)}"
    try:
        laws = [poly.propensity(net, reaction) for reaction in net.reactions]
    except NetworkError as why:
        return str(why).rstrip(".")
    return "" if max(map(poly.degree, laws), default=0) <= 4 else "it takes reactions of at most four molecules"


FIT = Fit("moment-hierarchy", takes, "2A -> 0 ; 0.2")


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` may be a ReactionNetwork: its text, constants and start are taken over."""
    return FIT.adopted(options, lambda net: {f"n{i}": int(n) for i, n in enumerate(net.initial)})


MomentHierarchy = Design(
    "moment-hierarchy", "Hierarchy of moments", ABOUT, controls, PRESETS, picture, adjust, ("network",), takes,
    summary="Which moments the equation of each moment needs, and when the list ends.",
)
