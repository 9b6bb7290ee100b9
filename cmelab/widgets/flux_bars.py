"""FluxBars: the master equation of one species as bars P(n, t) with the flow into and out of every state."""
from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from ..errors import NetworkError
from ..master_equation import solve
from ..network import ReactionNetwork
from ..state_space import StateSpace, transitions
from .explorer import Control, Design, Explorer, Values
from .frame import Bank, Mark, Panel, nice_top, rows

FRAMES, SHOWN = 241, 120          # frames of a bank, bars at most
TOL, MOST_STATES = 1e-8, 3000     # probability that may be left out, states that are solved
WILD = 5.0                        # a wrong equation is followed until some |P| passes this
START = "0 -> M ; k\nM -> 0 ; gamma"
RULES = ("swap", "target", "transpose")
TOP, BOTTOM = (0.085, 0.50, 0.895, 0.43), (0.085, 0.125, 0.895, 0.25)

PRESETS: dict[str, Values] = {
    "birth-death": {"network": START, "n0": 10, "t_end": 4.0, "rate_k": 4.0, "rate_gamma": 1.0},
    "pure-death": {"network": "M -> 0 ; gamma", "n0": 10, "t_end": 6.0, "rate_gamma": 0.5},
    "dimerisation": {"network": "2A -> 0 ; c", "n0": 15, "t_end": 3.0, "rate_c": 0.2},
    "production": {"network": "0 -> A ; k", "n0": 0, "t_end": 3.0, "rate_k": 5.0},
    "swapped": {"network": START, "n0": 10, "t_end": 0.3, "rate_k": 4.0, "rate_gamma": 1.0, "swap": True},
    "target-weight": {"network": START, "n0": 10, "t_end": 0.6, "rate_k": 4.0, "rate_gamma": 1.0, "target": True},
    "transposed": {"network": START, "n0": 10, "t_end": 0.6, "rate_k": 4.0, "rate_gamma": 1.0, "transpose": True},
}
ABOUT = (
    "Upper picture: the probability P(n, t) of exactly n molecules. All bars together make 1, always.",
    "Lower picture: how fast probability flows into a bar (gain, arrow up) and out of it (loss, arrow down). A bar "
    "grows where the gain is larger: dP/dt = gain - loss.",
    "Gain comes from other bars: a(n - ν) P(n - ν), the propensity at the source. Loss goes to other bars: a(n) P(n).",
    "Click a bar: curved arrows show from which bars its gain arrives and to which bars its loss goes.",
)
BELIEFS = {
    "swap": "Belief C1 is on: gain and loss are swapped. The sum stays 1, and yet the bars go below zero.",
    "target": "Belief C2 is on: the gain uses the propensity at the target state, not at the source. Probability leaks.",
    "transpose": "Belief C4 is on: the generator is transposed, so the flows run from the wrong states.",
}


def controls(values: Values) -> tuple[Control, ...]:
    """Those of every network, and one for each named rate constant of this one."""
    text = values.get("network", START)
    net = _network(text, values)
    fixed = (
        Control("network", "text", "network", text, tip="one reaction a line, one species; Tab leaves the box to apply"),
        Control("n0", "int", f"{net.species[0]} at t = 0", 10, 0, 60),
        Control("t_end", "float", "time span", 4.0, 0.1, 20.0, 0.1, tip="length of the film, in 1/rate"),
    )
    constants = tuple(_rate_control(name, value) for name, value in net.rates.items())
    return (*fixed, *constants,
            Control("swap", "switch", "swap gain and loss", False, tip="belief C1"),
            Control("target", "switch", "weight at the target", False, tip="belief C2"),
            Control("transpose", "switch", "transpose", False, tip="belief C4"))


def _rate_control(name: str, value: float) -> Control:
    top = nice_top(max(4 * value, 1e-3))
    return Control(f"rate_{name}", "float", f"{name} (1/time)", value, 0.0, top, top / 100)


def _network(text: str, values: Values) -> ReactionNetwork:
    """The network of a text; a named constant without a slider yet begins at 1."""
    rates = {k.removeprefix("rate_"): float(v) for k, v in values.items() if k.startswith("rate_")}
    while True:
        try:
            net = ReactionNetwork.parse(text, {k: v for k, v in rates.items() if k in text})
            break
        except NetworkError as error:
            name = _missing(str(error))
            if name is None or name in rates:
                raise
            rates[name] = 1.0
    if len(net.species) != 1:
        raise NetworkError(f"FluxBars shows networks of one species; this one has {len(net.species)} "
                           f"({', '.join(net.species) or 'none'}). For two molecules that meet, see "
                           'cmelab.show("pair-jar", preset="two-colours").')
    return net


def _missing(message: str) -> str | None:
    """The name of a constant without a value, from the message that asks for it."""
    start, found, rest = message.partition("Add it: rates={'")
    return rest.partition("'")[0] if found and start else None


def film(values: Values, guess: Any = None) -> Bank:
    """Solve, then lay out all frames."""
    net = _network(values["network"], values).with_initial(**{_species(values): values["n0"]})
    times = np.linspace(0.0, values["t_end"], FRAMES)
    solution = solve(net, times, tol=TOL, max_states=MOST_STATES, progress=False)
    space = StateSpace(net.species, solution.states)
    to, rate = transitions(net, space)
    rule = next((r for r in RULES if values[r]), "")
    p, note = (solution.p, "") if not rule else _wrong(rule, to, rate, solution.p[0], times)
    times = times[:len(p)]
    gain, loss = flow_arrays(rule, to, rate, p)
    return _layout(net, solution.states[:, 0], to, times, p, gain, loss, values, note)


def _species(values: Values) -> str:
    return _network(values["network"], values).species[0]


def flow_arrays(rule: str, to: NDArray, rate: NDArray, p: NDArray) -> tuple[NDArray, NDArray]:
    """gain and loss (F, N, R) under the right rule ("") or under a belief; the arrows of the picture."""
    loss = rate[None] * p[:, :, None]
    gain = np.zeros_like(loss)
    for r in range(rate.shape[1]):
        source = np.flatnonzero(to[:, r] >= 0)
        goal = to[source, r]
        if rule == "transpose":
            gain[:, source, r] += rate[source, r] * p[:, goal]
        else:
            weight = rate[goal, r] if rule == "target" else rate[source, r]
            gain[:, goal, r] += weight * p[:, source]
    return (loss, gain) if rule == "swap" else (gain, loss)


def wrong_generator(rule: str, to: NDArray, rate: NDArray) -> NDArray[np.float64]:
    """The dense matrix that a belief puts in place of A: the same flow rule applied to every unit vector."""
    gain, loss = flow_arrays(rule, to, rate, np.eye(len(to)))
    return (gain - loss).sum(axis=2).T


def _wrong(rule: str, to: NDArray, rate: NDArray, start: NDArray, times: NDArray) -> tuple[NDArray, str]:
    """Follow the wrong equation; stop while the numbers still fit a picture, and say so."""
    if len(start) > 400:
        raise NetworkError(f"the switches follow at most 400 states, and this network needs {len(start)}; lower the "
                           "rates or the time span.")
    step = expm(wrong_generator(rule, to, rate) * (times[1] - times[0]))
    p = [start]
    for _ in times[1:]:
        p.append(step @ p[-1])
        if not np.abs(p[-1]).max() < WILD:
            break
    if len(p) < len(times) or not np.abs(p[-1]).max() < WILD:
        kept = np.array(p[:-1] if not np.isfinite(p[-1]).all() else p)
        return kept, f"The film stops at t = {times[len(kept) - 1]:.3g}, where some |P| has passed {WILD:g}."
    return np.array(p), ""


def _layout(net: ReactionNetwork, n: NDArray, to: NDArray, times: NDArray, p: NDArray, gain: NDArray, loss: NDArray,
            values: Values, note: str) -> Bank:
    """Bars, arrows and sentences for every frame."""
    rule = next((r for r in RULES if values[r]), "")
    most = _last_seen(n, p)
    group = max(1, math.ceil((most + 1) / SHOWN))
    bins = n // group
    shown = int(bins[n <= most].max()) + 1
    keep = bins < shown
    centre = np.arange(shown) * group + (group - 1) / 2
    bars, total_in, total_out = (_binned(v[:, keep], bins[keep], shown) for v in (p, gain.sum(2), loss.sum(2)))
    top = nice_top(min(1.0, float(np.quantile(bars.max(axis=1), 0.9)))) if not rule else 1.0
    low = -top if bars.min() < -1e-3 else 0.0
    flow = nice_top(float(np.quantile(np.maximum(total_in, total_out).max(axis=1), 0.8)))
    span = (-0.7 * group, (shown - 0.3) * group)
    width = 0.8 * group
    name = net.species[0]
    unit = "count n" if group == 1 else f"count n, {group} counts a bar"
    panels = (
        Panel(TOP, span, (low, top), "", "P(n, t)", f"Probability of n molecules of {name}", zero_line=low < 0,
              whole=True, x_ticks=False),
        Panel(BOTTOM, span, (-flow, flow), f"{unit} of {name}", "per time", "Flow in (up) and out (down)", zero_line=True, whole=True))
    zero, thick = np.zeros(shown), max(1.0, min(4.0, 100 / shown))
    mean = (p @ n)[:, None]
    marks = [
        Mark("bars", rows(centre, zero, bars), "blue", size=width, select=True,
             legend="Blue bars: P(n, t)."),
        Mark("line", np.stack([np.hstack([mean, mean]), np.broadcast_to([low, top], (len(p), 2))], -1), "faint", dash=True,
             legend="Dashed line: the mean count."),
        Mark("arrows", rows(centre, zero, centre, total_in), "green", 1, width=thick, legend="Green arrows up: gain."),
        Mark("arrows", rows(centre, zero, centre, -total_out), "red", 1, width=thick,
             legend="Red-orange arrows down: loss."),
        Mark("dots", rows(centre, total_in - total_out), "ink", 1, size=2.2,
             legend="Dots: gain minus loss, the speed dP/dt at which the bar grows."),
    ]
    if group == 1:
        marks += _arcs(rule, n[keep], to[keep], bars, shown, top)
    details = np.stack([np.broadcast_to(centre, bars.shape), bars, total_in, total_out, total_in - total_out], -1)
    return Bank(panels, tuple(marks), tuple(_captions(times, p, n, name, rule, note, group)), (),
                tuple(f"t = {t:.3g}" for t in times), min(len(p) - 1, 36 if not rule else len(p) - 1),
                details.astype(np.float32), "n = {0}: P = {1}, gain {2}, loss {3}, so dP/dt = {4} per unit time.",
                " ".join(x for x in (BELIEFS.get(rule, ""), note) if x))


def _last_seen(n: NDArray, p: NDArray) -> int:
    """The largest count that ever holds more than a thousandth of a per cent."""
    seen = np.abs(p).max(axis=0) > 1e-5
    return int(n[seen].max()) if seen.any() else int(n.max())


def _binned(values: NDArray, bins: NDArray, size: int) -> NDArray[np.float64]:
    """Columns added up by bin, (F, size)."""
    out = np.zeros((len(values), size))
    for b in range(size):
        out[:, b] = values[:, bins == b].sum(axis=1)
    return out


def _arcs(rule: str, n: NDArray, to: NDArray, bars: NDArray, shown: int, top: float) -> list[Mark]:
    """Curved arrows along every transition, each twice: seen as gain of its goal, and as loss of its source."""
    at = {int(count): int(count) for count in n}
    source, goal = np.nonzero(to >= 0)[0], to[to >= 0]
    pairs = [(at[int(n[s])], int(n[g])) for s, g in zip(source, goal, strict=True) if g < len(n) and int(n[g]) in at]
    pairs = [(s, g) for s, g in dict.fromkeys(pairs) if s != g and s < shown and g < shown]
    if rule in ("swap", "transpose"):
        pairs = [(g, s) for s, g in pairs]
    if not pairs:
        return []
    s, g = np.array(pairs).T
    height = np.minimum(np.maximum(bars, 0.0), 0.8 * top) + 0.02 * top
    along = rows(s, height[:, s], g, height[:, g])
    return [Mark("arcs", along, "green", width=1.8, owner=tuple(g.tolist())),
            Mark("arcs", along, "red", width=1.8, dash=False, owner=tuple(s.tolist()))]


def _captions(times: NDArray, p: NDArray, n: NDArray, name: str, rule: str, note: str, group: int) -> list[str]:
    lines = []
    for t, row in zip(times, p, strict=True):
        mean, total, likely = float(row @ n), float(row.sum()), int(n[row.argmax()])
        text = f"At t = {t:.3g} the most likely count of {name} is {likely} (probability {row.max():.3g})"
        text += f" and the mean is {mean:.3g}." if not rule else \
            f"; the bars sum to {total:.4g} and the lowest is {row.min():.3g}: not a probability." \
            if abs(total - 1) > 1e-3 or row.min() < -1e-3 else f"; the bars sum to {total:.4g}."
        lines.append(text + (f" Each bar holds {group} counts." if group > 1 else ""))
    return lines


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` may be a ReactionNetwork: its text, constants and start are taken over."""
    values = dict(options)
    net = values.get("network")
    if isinstance(net, ReactionNetwork):
        lines = (f"{r.text} ; a = {r.propensity_text}" if r.custom else f"{r.text} ; {r.rate:.17g}" for r in net.reactions)
        values["network"] = "\n".join(lines)
        values |= {f"rate_{k}": v for k, v in net.rates.items() if any(r.custom for r in net.reactions)}
        if len(net.species) == 1:
            values.setdefault("n0", int(net.initial[0]))
    return values


FLUX_BARS = Design("flux-bars", "Flux bars", ABOUT, controls, PRESETS, film, ("network",), adjust)


def FluxBars(**options: Any) -> Explorer:
    """P(n, t) of any one-species network as bars, with gain and loss of every state.

    Options: network (text or ReactionNetwork), preset, stage, and any control: n0, t_end, rate_<name>, swap, target,
    transpose.
    """
    return Explorer(FLUX_BARS, **options)
