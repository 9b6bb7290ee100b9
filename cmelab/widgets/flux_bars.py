"""FluxBars: the master equation of one or two species, with the flow into and out of every state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import NetworkError, StateSpaceError
from ..network import ReactionNetwork
from .controls import Control
from .explorer import Design, Values
from .film import FRAMES, Film
from .frame import Bank
from .gain_loss import LAWS, MOST, RIGHT, SWAPPED, TARGET, TRANSPOSED, Balance, balance, follow, propensities, solved
from .plane import CHANCE, CHANGE, bank_of
from .typed_network import Fit, few_species
from .words import number

BIRTH_DEATH = "0 -> M ; k\nM -> 0 ; gamma"
_BD = {"network": BIRTH_DEATH, "n0": 10, "rate_k": 4.0, "rate_gamma": 1.0}

TOGGLE = """0 -> A ; a = b / (1 + (B/K)^2)
0 -> B ; a = b / (1 + (A/K)^2)
A -> 0 ; g
B -> 0 ; g"""
_TOGGLE = {"network": TOGGLE, "n0": 3, "m0": 3, "rate_b": 12.0, "rate_K": 2.0, "rate_g": 1.0}

PRESETS: dict[str, Values] = {
    "birth-death": {**_BD, "t_end": 4.0, "t": 0.4},
    "pure-death": {"network": "M -> 0 ; k", "n0": 10, "t_end": 6.0, "rate_k": 0.5, "t": 0.0, "n": 9},
    "dimerisation": {"network": "2A -> 0 ; c", "n0": 16, "t_end": 2.0, "rate_c": 0.2, "t": 0.3},
    "production": {"network": "0 -> A ; k", "n0": 0, "t_end": 3.0, "rate_k": 5.0, "t": 0.6},
    "swapped": {**_BD, "t_end": 0.3, "law": SWAPPED, "t": 0.04},
    "target-weight": {**_BD, "t_end": 0.6, "law": TARGET, "t": 0.3},
    "transposed": {**_BD, "t_end": 0.6, "law": TRANSPOSED, "t": 0.3},
    "toggle": {**_TOGGLE, "t_end": 5.0, "t": 1.5},
    "decay-chain": {
        "network": "A -> B ; k\nB -> 0 ; g", "n0": 12, "m0": 0, "rate_k": 1.0, "rate_g": 0.5, "t_end": 4.0, "t": 0.8,
        "shown": CHANGE,
    },
}
SUMMARY = "The master equation at work: how probability flows from state to state while P(n, t) changes."
ABOUT = (
    "Top left: P(n, t), the probability of exactly n molecules at time t. All bars together make 1, at every time.",
    "Below: how fast probability flows into each state (green, up) and out of it (red, down). The black dash is the "
    "difference, dP/dt = gain − loss: where it is above zero the bar grows.",
    "Right: the state you chose, and the states its probability comes from and goes to. Gain comes from other states: "
    "a(n−ν) P(n−ν), with the propensity at the source. Loss is a(n) P(n). Thick arrows are large flows.",
    "Two species: a map of P(n, m, t), a cell for each state. Arrows show the net flow of probability, and the compass "
    "where that of the chosen state comes from and goes to.",
    "Convention: c belongs to a = c · n(n−1)/2, one constant for each pair of equal molecules.",
)


def controls(values: Values) -> tuple[Control, ...]:
    """Those of every network, and a slider for each rate constant of this one."""
    text = values.get("network", BIRTH_DEATH)
    read = FIT.read(text, values)
    two = len(read.net.species) == 2
    return (
        Control(
            "network",
            "text",
            "Network",
            text,
            tip="one or two species, one reaction a line; press Tab to leave the box and apply",
        ),
        *(
            Control(name, "int", f"{species} at t = 0", 10, 0, 60)
            for name, species in zip(("n0", "m0"), read.net.species, strict=False)
        ),
        Control("t_end", "log", "time span", 4.0, 0.01, 100.0, 0.02, tip="length of the film, in units of 1/rate"),
        *read.sliders(),
        _largest(two),
        *([Control("shown", "choice", "Colours show", CHANCE, choices=(CHANCE, CHANGE))] if two else []),
        Control(
            "law",
            "choice",
            "dP/dt is",
            RIGHT,
            choices=LAWS,
            belief="C1 C2 C4",
            tip="C1: loss − gain. C2: the gain uses the propensity of the state it reaches. C4: rows for columns",
        ),
        Control(
            "t", "float", "moment shown first; −1 is a tenth of the time span", -1.0, -1.0, 100.0, 0.01, hidden=True
        ),
        *([] if two else [Control("n", "int", "state chosen first; −1 is the likeliest", -1, -1, MOST, hidden=True)]),
    )


def _largest(two: bool) -> Control:
    tip, when = "a wrong equation is solved on the states from 0 to this count", ("law", LAWS[1:])
    if two:
        return Control("caps", "int", "largest count of each", 15, 5, 20, when=when, tip=tip)
    return Control("cap", "int", "largest count", 39, 10, 120, when=when, tip=tip)


def takes(network: ReactionNetwork) -> str:
    """Why this network cannot be drawn as bars or as a map; "" where it can."""
    return few_species(network, 2)


FIT = Fit("flux-bars", takes, "2A -> 0 ; 0.2")


def network(values: Values) -> ReactionNetwork:
    """The network of the picture, with its constants and its start."""
    net = FIT.read(values["network"], values).net
    return net.with_initial(**{name: values[key] for name, key in zip(net.species, ("n0", "m0"), strict=False)})


def film(values: Values, reveal: bool = True) -> Bank:
    """Solve, then lay out all frames; without ``reveal`` only P, at the moment shown first."""
    net = network(values)
    try:
        if len(net.species) == 2:
            return bank_of(net, values, reveal)
        shown = Film.of(net, *_one_species(net, values), values)
    except StateSpaceError:
        grows = f"The counts of {' and '.join(net.species)} grow" if len(net.species) == 2 else _grows(net)
        raise NetworkError(
            f"{grows} before t = {number(values['t_end'])}. Shorten the time span, or lower a rate."
        ) from None
    return shown.bank() if reveal else shown.veiled()


def _grows(net: ReactionNetwork) -> str:
    return f"The count of {net.species[0]} grows beyond {MOST}"


def _one_species(net: ReactionNetwork, values: Values) -> tuple[Balance, NDArray[np.float64], NDArray[np.float64]]:
    """The weights of the law chosen, the times as far as it can be followed, and P."""
    times, law, nu = np.linspace(0.0, values["t_end"], FRAMES), values["law"], net.stoichiometry[0]
    if law == RIGHT:
        p, a = solved(net, times)
        return balance(law, a, nu), times, p
    rule = balance(law, propensities(net, max(values["cap"], values["n0"])), nu)
    p = follow(rule.matrix(), values["n0"], times)
    return rule, times[: len(p)], p


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` may be a ReactionNetwork: its text, constants and start are taken over."""
    return FIT.adopted(options, lambda net: {k: int(n) for k, n in zip(("n0", "m0"), net.initial, strict=False)})


FluxBars = Design(
    "flux-bars", "Flux bars", ABOUT, controls, PRESETS, film, adjust, ("network",), takes, SUMMARY, network
)
