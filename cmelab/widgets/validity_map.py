"""ValidityMap: where in time and volume the two conditions of the chemical Langevin equation hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..langevin import DEVIATIONS, FIRINGS, langevin_validity
from ..linear_noise import linear_noise
from ..network import ReactionNetwork
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Mark, Panel, Reading, Scale, Selection, Text, nice, scale
from .typed_network import Fit
from .words import number

RIGHT, LARGE_MEAN = "what the conditions say", "a large mean is enough"
FRAMES, LOW, HIGH, ENOUGH = 60, -1.0, 4.0, 100.0  # the map reaches over these powers of ten; what the belief asks for
MOST_SPECIES, MOST_REACTIONS, ROOM = 4, 8, 26  # letters that the names of the reactions may take below their bars
BIRTH_DEATH = "0 -> M ; k\nM -> 0 ; gamma"
GENE: Values = {"network": "Off <-> On ; 0.1, 0.1\nOn -> On + P ; 200\nP -> 0 ; 0.1", "n0": 1, "omega": 1.0,
                "t_end": 60.0, "species": "P"}
Floats = NDArray[np.float64]

PRESETS: dict[str, Values] = {
    "birth-death": {"network": BIRTH_DEATH, "n0": 0, "rate_k": 4.0, "rate_gamma": 1.0},
    "dying-out": {"network": "A -> 0 ; gamma", "n0": 40, "rate_gamma": 1.0, "omega": 1.0, "t_end": 5.0},
    "pairs": {"network": "2A <-> B ; 0.1, 1", "n0": 20, "omega": 3.0, "t_end": 3.0},
    "outbreak": {"network": "S + I -> 2I ; 0.1\nI -> R ; 1\nR -> S ; 0.5", "n0": 29, "n1": 1, "omega": 2.0,
                 "t_end": 12.0, "species": "I"},
    "one-gene": GENE,
    "large-mean-is-enough": {**GENE, "belief": LARGE_MEAN},
}
ABOUT = (
    "The map: time to the right, volume Ω upward, at the same concentrations. Above the solid line every reaction "
    "fires at least ten times while the counts it changes relax. Above the dashed line every count that can be "
    "consumed lies at least four standard deviations above zero. Where both shades overlap, the Langevin equation can "
    "be believed.",
    "The dot walks along the deterministic path of the volume chosen. Its counts, with two standard deviations, are "
    "drawn below the map.",
    "Right: at the dot, the firings of each reaction and the distance of each count from zero, on logarithmic axes. "
    "Outlined bars fall short of the dashed line. A reaction with one gene copy stays short, however many proteins "
    "there are.",
    "Firings grow like Ω, distances in standard deviations like √Ω. Means and standard deviations are those of the "
    "linear noise approximation. Ten and four are rules of thumb, not theorems.",
)


def controls(values: Values) -> tuple[Control, ...]:
    """Those of every network, a start for each species and a slider for each constant."""
    read = FIT.read(values.get("network", BIRTH_DEATH), values)
    names = read.net.species
    return (
        Control("network", "text", "Network", BIRTH_DEATH,
                tip="as it is in the volume 1, one reaction a line; press Tab to leave the box and apply"),
        *(Control(f"n{i}", "int", f"{s} at t = 0", 0, 0, 100, tip=f"{s} at t = 0 in the volume 1")
          for i, s in enumerate(names)),
        *read.sliders(),
        Control("omega", "log", "volume Ω", 2.0, 0.1, 10_000.0, tip="the same concentrations in a larger volume"),
        Control("t_end", "log", "time span", 4.0, 0.2, 200.0, tip="in units of 1/rate"),
        Control("species", "choice", "Species", names[0], choices=names, written=True, tip="whose count is drawn"),
        Control("belief", "choice", "Believe", RIGHT, choices=(RIGHT, LARGE_MEAN), belief="L5",
                tip="L5: where the count one looks at is large, the Langevin equation holds"),
        Control("t", "float", "moment shown first, as a share of the film", 0.75, 0.0, 1.0, 0.01, hidden=True),
    )


@dataclass(frozen=True)
class Conditions:
    """Both conditions along the deterministic path, in the volume 1.

    times : (F,); firings : (F, R) while the counts of a reaction relax; distance : (F, S) in standard deviations, inf
    for counts that nothing consumes; mean, sd : (F,) of the species drawn
    """

    times: Floats
    firings: Floats
    distance: Floats
    mean: Floats
    sd: Floats

    def volumes(self) -> tuple[Floats, Floats]:
        """The smallest volume (F,) in which each condition holds: firings grow like it, distances like its root."""
        with np.errstate(divide="ignore"):
            return (FIRINGS / self.firings.min(axis=1, initial=np.inf),
                    (DEVIATIONS / self.distance.min(axis=1, initial=np.inf)) ** 2)

    def needed(self) -> Floats:
        """The smallest volume (F,) in which both hold."""
        return np.maximum(*self.volumes())


def conditions(values: Values) -> Conditions:
    """One deterministic path is enough: in another volume it has the same concentrations."""
    net, times = network(values), np.linspace(0.0, values["t_end"], FRAMES + 1)[1:]
    found, noise = langevin_validity(net, times, dt=values["t_end"]), linear_noise(net, times)
    i = net.species.index(values["species"])
    # What has decayed to nothing may be a rounding error below zero.
    rows = found.per_relaxation, found.deviations, noise.counts[:, i], noise.var()[:, i]
    firings, distance, mean, variance = (np.maximum(row, 0.0) for row in rows)
    return Conditions(times, firings, distance, mean, np.sqrt(variance))


def network(values: Values) -> ReactionNetwork:
    """The network typed, with its start, in the volume 1."""
    net = FIT.read(values["network"], values).net
    return net.with_initial(**{s: values[f"n{i}"] for i, s in enumerate(net.species)})


def picture(values: Values, reveal: bool = True) -> Bank:
    """One frame for each moment; without ``reveal`` the counts alone."""
    net, found = network(values), conditions(values)
    name, end = values["species"], number(values["t_end"])
    question = (f"At t = {end}, and at these concentrations: how many {name} must there be on average for both "
                "conditions to hold?")
    if not reveal:
        panel, marks = _counts(values, found, (0, 0, 1, 1))
        marks = [m for m in marks if m.kind != "dots"]  # the walk has to do with what is hidden
        return Bank((panel,), tuple(marks), Text("Counts along the deterministic path; the conditions are hidden."),
                    question=question, height=300)
    volume, mean = float(found.needed()[-1]), float(found.mean[-1])
    parts = (_map(values, found), _counts(values, found, (0, 0.57, 0.55, 1)), _firings(values, net, found),
             _distances(values, net, found))
    return Bank(
        tuple(panel for panel, _ in parts),
        tuple(mark for _, marks in parts for mark in marks),
        _caption(values, net, found),
        _readings(values, found),
        Text("t = {t:.2}", {"t": found.times}),
        _selection(values, net, found),
        _notice(values, found),
        question,
        volume * mean if np.isfinite(volume) else None,
        "per vessel, on average",
        smooth=False,
        start=round(values["t"] * (FRAMES - 1)),
        seconds=6.0,
        height=480,
    )


def _shown(volume: Floats) -> Floats:
    """A volume on the logarithmic axis, a little outside of the map where it lies beyond."""
    with np.errstate(divide="ignore"):
        return np.clip(np.log10(volume), LOW - 0.05, HIGH + 0.05)


def _map(values: Values, found: Conditions) -> tuple[Panel, list[Mark]]:
    """Both regions, their borders, and the dot on its way through them."""
    t, omega = found.times, np.log10(values["omega"])
    borders = [_shown(v) for v in found.volumes()]
    panel = Panel("map", scale(0, t[-1]), Scale(LOW, HIGH, "volume Ω", _decades(LOW, HIGH)), (0, 0, 0.55, 0.57),
                  "Where each condition holds")
    marks: list[Mark] = []
    for border, colour, dash, words in ((borders[0], "blue", False, "above: reactions are frequent"),
                                        (borders[1], "green", True, "above: far from zero")):
        around = {"x": np.concatenate([t, t[::-1]]), "y": np.concatenate([border, np.full(t.size, HIGH + 0.05)]),
                  "alpha": [0.22]}
        marks += [Mark("area", "map", around, colour),
                  Mark("line", "map", {"x": t, "y": border}, colour, width=2.0, dash=dash, legend=words)]
    if values["belief"] == LARGE_MEAN:
        with np.errstate(divide="ignore"):
            line = _shown(ENOUGH / found.mean)
        marks.append(Mark("line", "map", {"x": t, "y": line}, "purple", width=2.0, dash=True, hollow=True,
                          legend=f"above: mean of {values['species']} is at least {ENOUGH:g}, believed to be enough"))
    middle, low = t.size // 2, np.minimum(*borders)
    top = float(np.maximum(*borders)[middle:].max())
    if top < HIGH - 0.5:
        marks.append(Mark("labels", "map", {"x": [t[middle]], "y": [HIGH - 0.35]}, "ink", 1.1,
                          texts=("both hold: valid",)))
    if low[middle] > LOW + 0.5 and values["belief"] == RIGHT:
        marks.append(Mark("labels", "map", {"x": [t[middle]], "y": [LOW + 0.3]}, "ink", 1.1, texts=("neither holds",)))
    marks += [Mark("segments", "map", {"x0": [0.0], "x1": t[:, None], "y0": [omega], "y1": [omega]}, "orange", 1.0, 2.0,
                   legend="the path walked"),
              Mark("dots", "map", {"x": t[:, None], "y": [omega]}, "orange", 0.55, legend="now")]
    return panel, marks


def _decades(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """Ticks at the powers of ten."""
    return tuple((float(e), number(10.0**e, "1")) for e in range(int(np.ceil(low)), int(np.floor(high)) + 1))


def _counts(values: Values, found: Conditions, cell: tuple[float, float, float, float]) -> tuple[Panel, list[Mark]]:
    """The count of one species in the volume chosen, with two standard deviations."""
    omega, t = values["omega"], found.times
    mean, sd = omega * found.mean, np.sqrt(omega) * found.sd
    top = nice(float(np.maximum(mean + 2 * sd, 1e-3).max()))
    low = float((mean - 2 * sd).min())
    panel = Panel("count", scale(0, t[-1], "t, time"), scale(-nice(-low, (1, 2, 3, 5)) if low < -0.02 * top else 0, top,
                                                            "count", about=3), cell,
                  f"{values['species']}: deterministic path", zero=True)
    band = {"x": np.concatenate([t, t[::-1]]), "y": np.concatenate([mean - 2 * sd, (mean + 2 * sd)[::-1]]),
            "alpha": [0.3]}
    return panel, [Mark("area", "count", band, "sky", legend="± 2 standard deviations"),
                   Mark("line", "count", {"x": t, "y": mean}, "ink", width=1.6),
                   Mark("dots", "count", {"x": t[:, None], "y": mean[:, None]}, "orange", 0.45)]


def _firings(values: Values, net: ReactionNetwork, found: Conditions) -> tuple[Panel, list[Mark]]:
    names = [r.text.replace(" -> ", "→").replace("->", "→").replace(" ", "") for r in net.reactions]
    label = ""
    if sum(len(name) + 2 for name in names) > ROOM:
        names, label = [str(i) for i in range(1, len(names) + 1)], "reaction, in the order of the network"
    return _logarithmic("firings", "Firings while counts relax", values["omega"] * found.firings, FIRINGS, names,
                        (0.55, 0, 1, 0.5), label)


def _distances(values: Values, net: ReactionNetwork, found: Conditions) -> tuple[Panel, list[Mark]]:
    far = np.sqrt(values["omega"]) * found.distance
    return _logarithmic("distance", "Distance to zero, in sd", far, DEVIATIONS, list(net.species),
                        (0.55, 0.5, 1, 1))


def _logarithmic(name: str, title: str, rows: Floats, wanted: float, names: list[str],
                 cell: tuple[float, float, float, float], label: str = "") -> tuple[Panel, list[Mark]]:
    """Bars on a logarithmic axis, outlined where they fall short of the dashed line."""
    known = rows[np.isfinite(rows) & (rows > 0)]
    low = float(np.floor(np.log10(np.clip(known.min(initial=wanted / 10), 1e-3, 1.0))))
    high = float(np.ceil(np.log10(max(1.1 * known.max(initial=0.0), 2.5 * wanted))))
    ticks = tuple((float(i), text) for i, text in enumerate(names))
    panel = Panel(name, Scale(-0.7, max(len(names), 2) - 0.3, label, ticks), Scale(low, high, "", _decades(low, high)),
                  cell, title)
    with np.errstate(divide="ignore"):
        y = np.where(np.isfinite(rows), np.maximum(np.log10(rows), low + 0.02), np.nan)
    x, enough = np.arange(len(names)), rows >= wanted
    first = name == "firings"
    line = np.log10(wanted)
    wish = f"wanted: {FIRINGS:g} firings, {DEVIATIONS:g} standard deviations" if first else ""
    return panel, [
        Mark("bars", name, {"x": x, "y": np.where(enough, y, np.nan), "base": [low]}, "green", 0.6,
             legend="enough" if first else ""),
        Mark("bars", name, {"x": x, "y": np.where(enough, np.nan, y), "base": [low]}, "red", 0.6, 2.2, hollow=True,
             legend="too few" if first else ""),
        Mark("segments", name, {"x0": [-0.7], "x1": [max(len(names), 2) - 0.3], "y0": [line], "y1": [line]}, "ink", 1.0,
             1.4, dash=True, legend=wish),
    ]


def _readings(values: Values, found: Conditions) -> tuple[Reading, ...]:
    omega = values["omega"]
    fires = omega * found.firings.min(axis=1, initial=np.inf)
    far = np.sqrt(omega) * found.distance.min(axis=1, initial=np.inf)
    first = Reading("Fewest firings", Text("{f}", {"f": fires}), f"wanted {FIRINGS:g}")
    second = Reading("Least distance", Text("{d}", {"d": far}), f"standard deviations, wanted {DEVIATIONS:g}")
    if values["belief"] == LARGE_MEAN:
        mean = omega * found.mean[-1]
        said = "valid" if mean >= ENOUGH else "not valid"
        return first, second, Reading("With this belief", Text(said),
                                      f"at the end the mean of {values['species']} is {number(mean)}", "wrong")
    return first, second, Reading("Volume needed", Text("{o}", {"o": found.needed()}), "for both conditions", "right")


def _notice(values: Values, found: Conditions) -> str:
    if values["belief"] != LARGE_MEAN:
        return ""
    holds = bool(found.needed()[-1] <= values["omega"])
    large = values["omega"] * found.mean[-1] >= ENOUGH
    said = f"The mean of {values['species']} is believed to decide (L5)."
    if large and not holds:
        return f"{said} It is large, and yet a condition fails: see which bar falls short."
    return f"{said} Here the conditions say the same." if large == holds else f"{said} It is small, and yet both hold."


def _worst(net: ReactionNetwork, found: Conditions) -> tuple[str, str]:
    """The reaction and the species that fall shortest over the whole film."""
    r = int(np.argmin(found.firings.min(axis=0)))
    s = int(np.argmin(found.distance.min(axis=0)))
    return net.reactions[r].text.replace("->", "→"), net.species[s]


def _caption(values: Values, net: ReactionNetwork, found: Conditions) -> Text:
    omega, (reaction, species) = values["omega"], _worst(net, found)
    holds = (found.volumes()[0] <= omega).mean(), (found.volumes()[1] <= omega).mean()
    fires = omega * found.firings.min(axis=1, initial=np.inf)
    far = np.sqrt(omega) * found.distance.min(axis=1)
    text = f"In the volume {number(omega)} at t = {{t:.2}} the rarest reaction fires {{f}} times while its counts relax"
    text += f"; over the film {reaction} is the rarest. "
    if np.isfinite(far).all():
        text += f"The count nearest to zero is {{d}} standard deviations above it; over the film {species} is nearest. "
    text += f"Frequent reactions hold for {number(100 * holds[0], 'd')} % of the time, the distance for "
    return Text(text + f"{number(100 * holds[1], 'd')} %.", {"t": found.times, "f": fires, "d": far})


def _selection(values: Values, net: ReactionNetwork, found: Conditions) -> Selection:
    names = tuple(f"{i}: {r.text.replace('->', '→')}" for i, r in enumerate(net.reactions, 1))
    words = tuple("enough" if (values["omega"] * row >= FIRINGS).all() else "too few somewhere on the way"
                  for row in found.firings.T)
    fires = np.where(np.isfinite(found.firings), values["omega"] * found.firings, 0.0)
    return Selection(("firings",), np.arange(len(names)), names,
                     Text("{name} fires {f} times while the counts it changes relax: {what}.", {"f": fires},
                          {"name": names, "what": words}), noun="reaction")


def takes(net: ReactionNetwork) -> str:
    """Why this network has no map; "" where it has."""
    if any(r.delay is not None for r in net.reactions):
        return "it takes networks without delays"
    if not 1 <= len(net.species) <= MOST_SPECIES or len(net.reactions) > MOST_REACTIONS:
        return f"it takes networks of one to {MOST_SPECIES} species and at most {MOST_REACTIONS} reactions"
    return ""


FIT = Fit("validity-map", takes, "0 -> M ; 4\nM -> 0 ; 1")


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` may be a ReactionNetwork: its counts are those of the volume 1, which is shown first."""
    return FIT.adopted(options, lambda net: {"omega": 1.0, **{f"n{i}": int(n) for i, n in enumerate(net.initial)}})


ValidityMap = Design(
    "validity-map", "Map of validity", ABOUT, controls, PRESETS, picture, adjust, ("network",), takes,
    summary="Where the Langevin equation may be used: both conditions over the parameters, and a path through them.",
)
