"""NoiseKnob: paths of the chemical Langevin equation near zero, beside the exact law of whole molecules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import SimulationError
from ..langevin import BOUNDARIES
from ..network import ReactionNetwork
from ..ssa import path
from .controls import Control
from .explorer import Design, Values
from .frame import Bank, Mark, Panel, Reading, Selection, Text, nice, scale
from .law_film import TOTAL, LawFilm, held, law_film
from .noisy_paths import (
    CLIP,
    LIKE_A,
    NO_ROOT,
    PATHS,
    RIGHT,
    SAME,
    SPECIES,
    STEP,
    WRONG,
    Floats,
    Noisy,
    distances,
    right_steps,
    wrong_steps,
)
from .typed_network import Fit
from .words import number

FRAMES, SHOWN, BARS = 40, 6, 30
EVENTS = 20_000  # of the jumping path that is drawn beside them
BIRTH_DEATH = "0 -> A ; k\nA -> 0 ; gamma"


def _one(mean: float, **more: Any) -> Values:
    return {"network": BIRTH_DEATH, "n0": round(mean), "rate_k": float(mean), "rate_gamma": 1.0, **more}


PRESETS: dict[str, Values] = {
    "one-molecule": _one(1, t=1.0),
    "five-molecules": _one(5),
    "twenty-molecules": _one(20),
    "complex": _one(1, boundary="complex"),
    "pairs": {"network": "0 -> A ; 8\n2A -> 0 ; 0.4", "n0": 6, "t_end": 5.0, "dt": 0.02, "boundary": "clamp"},
    "cle-is-the-cme": _one(5, belief=SAME, boundary="reflect"),
    "noise-like-a": _one(50, belief=LIKE_A, dt=0.02),
    "no-root-of-dt": _one(50, belief=NO_ROOT),
    "noise-with-dt": _one(50, belief=STEP),
    "one-noise-a-species": {"network": "A <-> B ; 1, 1", "n0": 20, "n1": 20, "belief": SPECIES, "species": TOTAL},
    "clipping-is-harmless": _one(1, belief=CLIP),
}
ABOUT = (
    "Left: a few paths of the chemical Langevin equation (CLE), with the exact mean and two standard deviations around "
    "it as a band. The equation has one Gaussian noise √a·dW for each reaction, taken in steps of dt.",
    "Right: where 1000 such paths are now (outlined), and the exact law of the master equation (full). A path counts "
    "for the nearest whole number of molecules; those below zero are in another colour.",
    "Near zero a step can go below it. There √a has no real value: 'raw' stops the path, 'clamp' puts it back to 0, "
    "'reflect' turns it round, 'absorb' holds it at 0, and 'complex' goes on with complex numbers.",
    "The distance is total variation: half the sum of |difference| over all whole numbers, and a stopped path counts "
    "as nowhere. The earth mover's distance is how many molecules a path must be moved, on average over those left.",
)


def controls(values: Values) -> tuple[Control, ...]:
    """Those of every network, a start for each species and a slider for each constant."""
    read = FIT.read(values.get("network", BIRTH_DEATH), values)
    names = read.net.species
    return (
        Control("network", "text", "Network", BIRTH_DEATH,
                tip="one or two species, one reaction a line; press Tab to leave the box and apply"),
        *(Control(f"n{i}", "int", f"{s} at t = 0", 1, 0, 100) for i, s in enumerate(names)),
        *read.sliders(),
        Control("dt", "log", "time step dt", 0.1, 0.01, 0.5, tip="of the Euler-Maruyama method, in units of 1/rate"),
        Control("t_end", "log", "time span", 10.0, 1.0, 20.0, tip="length of the film, in units of 1/rate"),
        Control("boundary", "choice", "Below zero", "raw", choices=BOUNDARIES, tip="what becomes of a path there"),
        Control("species", "choice", "Species", names[0], choices=names if len(names) == 1 else (*names, TOTAL),
                written=True, tip="which count is drawn"),
        Control("seed", "int", "seed", 1, 0, 99, tip="which noise happens to come"),
        Control("belief", "choice", "Believe", RIGHT, choices=(RIGHT, SAME, *WRONG, CLIP), belief="L1 L2 L3 L4",
                tip="L1: continuous paths are the molecules. L2: the noise has the wrong size. L3: what a reaction "
                "takes and what it makes have noises apart. L4: putting counts back to 0 changes nothing"),
        Control("t", "float", "moment shown first; −1 is the end", -1.0, -1.0, 100.0, 0.01, hidden=True),
    )


def network(values: Values) -> ReactionNetwork:
    """The network typed, with its start."""
    net = FIT.read(values["network"], values).net
    return net.with_initial(**{s: values[f"n{i}"] for i, s in enumerate(net.species)})


def moments_of_time(values: Values) -> tuple[Floats, int]:
    """Times of the frames (F,), each a whole number of steps after the one before, and that number."""
    dt = min(values["dt"], values["t_end"])
    steps = round(values["t_end"] / dt)
    least = -(-steps // FRAMES)
    # A stride that ends the film on the time span, where there is one.
    stride = next((s for s in range(least, 2 * least + 1) if steps % s == 0), least)
    return np.arange(steps // stride + 1) * stride * dt, stride


def walked(values: Values, times: Floats, stride: int) -> Noisy:
    """The paths: right ones from `langevin`, those of a wrong noise from `wrong_steps`."""
    net = network(values)
    if values["belief"] in WRONG:
        return wrong_steps(values["belief"], net, times, stride, values["seed"], values["species"])
    boundary = "clamp" if values["belief"] == CLIP else values["boundary"]
    dt = min(values["dt"], values["t_end"])
    return right_steps(net, times, dt, boundary, values["seed"], values["species"])


def film(values: Values, reveal: bool = True) -> Bank:
    """All frames of paths and laws; without ``reveal`` the exact mean and its band alone."""
    net = network(values)
    times, stride = moments_of_time(values)
    law = law_film(net, times)
    question = (f"Steps of dt = {number(values['dt'])}. How many of a hundred Langevin paths are below zero at some "
                f"time before t = {number(times[-1])}?")
    if not reveal:
        panel, marks = _paths(values, times, law, None, (0, 0, 1, 1))
        return Bank((panel,), tuple(marks), Text("Exact mean and band; the Langevin paths are hidden."),
                    question=question, height=300)
    noisy = walked(values, times, stride)
    n, p, q = _laws(values, law, noisy)
    parts = (_paths(values, times, law, noisy, (0, 0, 0.5, 0.56)), _below(values, times, law, noisy),
             _bars(values, n, p, q))
    return Bank(
        tuple(panel for panel, _ in parts),
        tuple(mark for _, marks in parts for mark in marks),
        _caption(values, times, law, noisy),
        _readings(values, times, law, noisy),
        Text("t = {t:.2}", {"t": times}),
        _selection(n, p, q),
        _notice(values, net, noisy),
        question,
        100 * float(noisy.ever(times)[-1]),
        "per hundred paths",
        smooth=False,
        start=times.size - 1 if values["t"] < 0 else int(np.abs(times - values["t"]).argmin()),
        height=440,
    )


def _window(values: Values, law: LawFilm, noisy: Noisy) -> tuple[int, int]:
    """The whole numbers shown: where the exact law is, and as much of the paths as does not flatten it."""
    most = law.highest(values["species"], 1e-3)
    known = noisy.x[np.isfinite(noisy.x)]
    reach = (float(np.quantile(known, 0.001)), float(np.quantile(known, 0.999))) if known.size else (0.0, 0.0)
    least = int(np.maximum(0, np.min(law.states.sum(axis=1)))) if values["species"] == TOTAL else 0
    room = max(4, round(0.5 * most))
    low = int(np.clip(np.floor(reach[0] + 0.5), -room, least))
    return low, max(low + 3, int(np.clip(np.ceil(reach[1]), most, most + room)))


def _laws(values: Values, law: LawFilm, noisy: Noisy) -> tuple[NDArray[np.int64], Floats, Floats]:
    """First number of each bar (K,), exact and sampled shares (F, K); wide ranges put several numbers in a bar."""
    low, high = _window(values, law, noisy)
    wide = -(-(high - low + 1) // BARS)
    low, high = wide * (low // wide), wide * (high // wide + 1) - 1  # zero begins a bar
    p = law.marginal(values["species"], high)
    p = np.pad(p, ((0, 0), (-low, 0))) if low < 0 else p[:, low:]
    q = noisy.law(low - 1, high + 1)[:, 1:-1]
    # As they travel: bars and sentence then share one array.
    p, q = (x.reshape(len(x), -1, wide).sum(axis=2).astype(np.float32) for x in (p, q))
    return np.arange(low, high + 1, wide), p, q


def _apart(values: Values, law: LawFilm, noisy: Noisy) -> tuple[Floats, Floats]:
    """Both distances over all whole numbers that occur."""
    known = noisy.x[np.isfinite(noisy.x)]
    low = int(np.clip(np.floor(known.min(initial=0.0)), -2000, 0))
    high = int(np.clip(np.ceil(known.max(initial=0.0)), law.highest(values["species"], 1e-9), 4000))
    p = np.pad(law.marginal(values["species"], high), ((0, 0), (-low, 0)))
    return distances(p, noisy.law(low, high))


def _paths(values: Values, times: Floats, law: LawFilm, noisy: Noisy | None,
           cell: tuple[float, float, float, float]) -> tuple[Panel, list[Mark]]:
    name = values["species"]
    mean, sd = held(law.mean(name)), np.sqrt(held(law.var(name)))
    known = np.empty(0) if noisy is None else noisy.x[:SHOWN][np.isfinite(noisy.x[:SHOWN])]
    high = float((mean + 2 * sd).max())
    top = nice(max(1.0, min(1.6 * high, 1.05 * max(high, known.max(initial=0.0)))))
    low = max(-0.5 * top, float(known.min(initial=0.0)))
    panel = Panel("paths", scale(0, times[-1], "" if noisy else "t, time"),
                  scale(-nice(-low, (1, 2, 3, 5)) if low < 0 else 0.0, top, "count", about=4), cell,
                  f"{name[0].upper() + name[1:]}: Langevin paths" if noisy else f"{name}: exact mean", zero=True)
    band = {"x": np.concatenate([times, times[::-1]]), "y": np.concatenate([mean - 2 * sd, (mean + 2 * sd)[::-1]]),
            "alpha": [0.25]}
    jumps = _jumps(values, times) if noisy and values["belief"] == SAME else []
    marks = [*jumps, Mark("area", "paths", band, "sky", legend="exact mean ± 2 standard deviations"),
             Mark("line", "paths", {"x": times, "y": mean}, "blue", width=1.8, dash=True)]
    if noisy is not None:
        colour = "purple" if values["belief"] in WRONG else "orange"
        for i in range(SHOWN):
            marks.append(Mark("line", "paths", {"x": times, "y": noisy.x[i]}, colour, width=0.9))
        marks.append(Mark("dots", "paths", {"x": times[:, None], "y": noisy.x[:SHOWN].T}, colour, 0.35,
                          legend="Langevin paths" + (", by this belief" if colour == "purple" else "")))
    return panel, marks


def _jumps(values: Values, times: Floats) -> list[Mark]:
    """One exact path as the staircase it is; none where it has too many events."""
    try:
        walk = path(network(values), float(times[-1]), seed=values["seed"], max_events=EVENTS)
    except SimulationError:
        return []
    n = walk.states.sum(axis=1) if values["species"] == TOTAL else walk.of(values["species"])
    t = np.append(walk.times, times[-1])
    return [Mark("line", "paths", {"x": np.repeat(t, 2)[1:-1], "y": np.repeat(n, 2)}, "ink", width=1.2,
                 legend="one exact path: whole numbers")]


def _below(values: Values, times: Floats, law: LawFilm, noisy: Noisy) -> tuple[Panel, list[Mark]]:
    """Share of paths that were ever below zero; with a wrong noise the variance, which shows it best."""
    cell = (0, 0.56, 0.5, 1)
    if values["belief"] not in WRONG:
        share = 100 * noisy.ever(times)
        panel = Panel("below", scale(0, times[-1], "t, time"), scale(0, 100, "%", about=4), cell,
                      "Paths that have been below zero")
        return panel, [Mark("line", "below", {"x": times, "y": share}, "red", width=1.8),
                       Mark("dots", "below", {"x": times[:, None], "y": share[:, None]}, "red", 0.45)]
    exact, drawn = law.var(values["species"]), noisy.var()
    full, most = float(np.nanmax(exact)), 1.1 * float(np.nanmax(drawn))
    top = nice(min(150 * full, max(1.1 * full, most)) if full > 1e-6 else most)
    panel = Panel("below", scale(0, times[-1], "t, time"), scale(0, top, "variance", about=4), cell, "Variance")
    return panel, [Mark("line", "below", {"x": times, "y": exact}, "blue", width=1.8, legend="exact"),
                   Mark("line", "below", {"x": times, "y": drawn}, "purple", width=1.8, dash=True,
                        legend="by this belief"),
                   Mark("dots", "below", {"x": times[:, None], "y": drawn[:, None]}, "purple", 0.45)]


def _bars(values: Values, first: NDArray[np.int64], p: Floats, q: Floats) -> tuple[Panel, list[Mark]]:
    wide = int(first[1] - first[0])
    n = first + (wide - 1) / 2
    later = p[min(3, len(p) - 1):]
    top = nice(min(1.0, 1.15 * max(float(np.nanmax(later, initial=0.02)), float(q[-1].max()))),
               (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10))
    label = f"n, {values['species']}" + (f"; a bar holds {wide} numbers" if wide > 1 else "")
    panel = Panel("law", scale(n[0] - 0.6 * wide, n[-1] + 0.6 * wide, label, whole=True, about=8),
                  scale(0, top, "share", about=4), (0.5, 0, 1, 1), "Exact law and paths, now")
    colour = "purple" if values["belief"] in WRONG else "orange"
    marks = [Mark("bars", "law", {"x": n, "y": p}, "sky", 0.86 * wide, legend="exact law (CME)"),
             Mark("bars", "law", {"x": n[n >= 0], "y": q[:, n >= 0]}, colour, 0.6 * wide, 1.5, hollow=True,
                  legend="Langevin paths, to the nearest whole number")]
    if n[0] < 0:
        marks.append(Mark("bars", "law", {"x": n[n < 0], "y": q[:, n < 0]}, "red", 0.6 * wide, legend="below zero"))
    return panel, marks


def _readings(values: Values, times: Floats, law: LawFilm, noisy: Noisy) -> tuple[Reading, ...]:
    name, belief = values["species"], values["belief"]
    mean, var = law.mean(name), law.var(name)
    ever = Reading("Ever below zero", Text("{e:.1} %", {"e": 100 * noisy.ever(times)}), "a count or a propensity")
    if belief == SAME:
        left = np.isfinite(noisy.x)
        whole = (left & (noisy.x == np.round(noisy.x))).sum(axis=0) / np.maximum(left.sum(axis=0), 1)
        return (Reading("Whole numbers in the CME", Text("100 %"), "molecules are counted", "right"),
                Reading("in the CLE", Text("{w:.1} %", {"w": 100 * whole}), "it can be 2.37", "wrong"), ever)
    if belief in WRONG:
        size = {LIKE_A: "noise ν·a·√dt·ξ", NO_ROOT: "noise ν·√a·ξ", STEP: "noise ν·√a·dt·ξ",
                SPECIES: "one noise √(Σν²a·dt)·ξ for each species"}[belief]
        return (Reading("Exact variance", Text("{v:.2}", {"v": var}), "by the noise ν·√(a·dt)·ξ", "right"),
                Reading("With this belief", Text("{w:.2}", {"w": noisy.var()}), size, "wrong"))
    exact = Reading("Exact mean", Text("{m:.3}", {"m": mean}), "", "right")
    seen = Text("{c:.3}", {"c": noisy.mean()})
    total, moved = _apart(values, law, noisy)
    if belief == CLIP:
        return exact, Reading("With this belief", seen, "mean of clipped paths", "wrong"), ever
    return (ever, exact, Reading("Mean of paths left", seen),
            Reading("Total variation", Text("{d:.2}", {"d": total}), "0 the same, 1 apart"),
            Reading("Earth mover's", Text("{d:.2}", {"d": moved}), "molecules"))


def _notice(values: Values, net: ReactionNetwork, noisy: Noisy) -> str:
    said = {
        SAME: "The CLE is taken for the CME (L1). Its paths take every real value; molecules are counted.",
        LIKE_A: "The noise is believed to go like a (L2). With √a the variance is right, whatever dt.",
        NO_ROOT: "The factor √dt is forgotten (L2): the variance grows like 1/dt. Make dt smaller, and look.",
        STEP: "dt stands where √dt should (L2): the variance shrinks with dt. Make dt smaller, and look.",
        SPECIES: "Each species has a noise of its own (L3): what a reaction takes here it no longer puts there.",
        CLIP: "Negative counts are put to 0, which is believed to be harmless (L4). It lifts the mean.",
    }.get(values["belief"], "")
    if values["belief"] == SPECIES and len(net.species) == 1:
        said += " With one species the law stays the same: try A <-> B."
    if not np.isfinite(noisy.x).all() and values["boundary"] not in ("raw", "absorb") and values["belief"] == RIGHT:
        said += " Some paths swing ever further: dt is too long for these rates."
    return said.strip()


def _caption(values: Values, times: Floats, law: LawFilm, noisy: Noisy) -> Text:
    name = values["species"]
    text = f"At t = {{t:.2}} the exact mean of {name} is {{m:.2}} and its variance {{v:.2}}; {{left:d}} of {PATHS} "
    text += "Langevin paths go on, with mean {c:.2} and variance {w:.2}. {e:.1} % have been below zero."
    if law.known < times.size:
        text += f" The exact law needs too many states after t = {number(times[law.known - 1])}; its numbers stay."
    rows = {"m": law.mean(name), "v": law.var(name), "c": noisy.mean(), "w": noisy.var()}
    return Text(text, {"t": times, "left": np.isfinite(noisy.x).sum(axis=0).astype(float),
                       "e": 100 * noisy.ever(times), **{k: held(row) for k, row in rows.items()}})


def _selection(n: NDArray[np.int64], p: Floats, q: Floats) -> Selection:
    wide = int(n[1] - n[0])
    names = tuple((f"n = {i}" if wide == 1 else f"n = {i} to {i + wide - 1}").replace("-", "−") for i in n)
    return Selection(("law",), n + (wide - 1) / 2, names,
                     Text("{name}: exact probability {p}, share of Langevin paths {q}.", {"p": p, "q": q},
                          {"name": names}), noun="bar")


def takes(net: ReactionNetwork) -> str:
    """Why this network has no picture here; "" where it has."""
    if any(r.delay is not None for r in net.reactions):
        return "it takes networks without delays"
    if any(r.custom for r in net.reactions):
        return "it takes mass action, and this network has a custom propensity"
    if not 1 <= len(net.species) <= 2:
        return f"it takes networks of one or two species, and this one has {len(net.species)}"
    return ""


FIT = Fit("noise-knob", takes, "0 -> A ; 1\nA -> 0 ; 1")


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` may be a ReactionNetwork: its text, constants and start are taken over."""
    return FIT.adopted(options, lambda net: {f"n{i}": int(n) for i, n in enumerate(net.initial)})


NoiseKnob = Design(
    "noise-knob", "Noise knob", ABOUT, controls, PRESETS, film, adjust, ("network",), takes,
    summary="The chemical Langevin equation near zero: negative counts, clipped counts, and noise of the wrong form.",
)
