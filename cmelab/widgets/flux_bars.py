"""FluxBars: the master equation of one species as bars P(n, t) with the flow into and out of every state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import NetworkError, StateSpaceError
from ..network import ReactionNetwork
from .controls import Control
from .explorer import Design, Values
from .film import FRAMES, Film
from .frame import Bank
from .gain_loss import LAWS, MOST, RIGHT, SWAPPED, TARGET, TRANSPOSED, balance, follow, propensities, solved
from .typed_network import TypedNetwork, as_text, one_species, refusal, typed
from .words import number

BIRTH_DEATH = "0 -> M ; k\nM -> 0 ; gamma"
_BD = {"network": BIRTH_DEATH, "n0": 10, "rate_k": 4.0, "rate_gamma": 1.0}

PRESETS: dict[str, Values] = {
    "birth-death": {**_BD, "t_end": 4.0, "t": 0.4},
    "pure-death": {"network": "M -> 0 ; k", "n0": 10, "t_end": 6.0, "rate_k": 0.5, "t": 0.0, "n": 9},
    "dimerisation": {"network": "2A -> 0 ; c", "n0": 16, "t_end": 2.0, "rate_c": 0.2, "t": 0.3},
    "production": {"network": "0 -> A ; k", "n0": 0, "t_end": 3.0, "rate_k": 5.0, "t": 0.6},
    "swapped": {**_BD, "t_end": 0.3, "law": SWAPPED, "t": 0.04},
    "target-weight": {**_BD, "t_end": 0.6, "law": TARGET, "t": 0.3},
    "transposed": {**_BD, "t_end": 0.6, "law": TRANSPOSED, "t": 0.3},
}
SUMMARY = "The master equation at work: how probability flows from state to state while P(n, t) changes."
ABOUT = (
    "Top left: P(n, t), the probability of exactly n molecules at time t. All bars together make 1, at every time.",
    "Below: how fast probability flows into each state (green, up) and out of it (red, down). The black dash is the "
    "difference, dP/dt = gain − loss: where it is above zero the bar grows.",
    "Right: the state you chose, and the states its probability comes from and goes to. Gain comes from other states: "
    "a(n−ν) P(n−ν), with the propensity at the source. Loss is a(n) P(n). Thick arrows are large flows.",
    "Convention: c belongs to a = c · n(n−1)/2, one constant for each pair of equal molecules.",
)


def controls(values: Values) -> tuple[Control, ...]:
    """Those of every network, and a slider for each rate constant of this one."""
    text = values.get("network", BIRTH_DEATH)
    read = _read(text, values)
    return (
        Control(
            "network",
            "text",
            "Network",
            text,
            tip="one species, one reaction a line; press Tab to leave the box and apply",
        ),
        Control("n0", "int", f"{read.net.species[0]} at t = 0", 10, 0, 60),
        Control("t_end", "log", "time span", 4.0, 0.01, 100.0, 0.02, tip="length of the film, in units of 1/rate"),
        *read.sliders(),
        Control(
            "cap",
            "int",
            "largest count",
            39,
            10,
            120,
            when=("law", LAWS[1:]),
            tip="a wrong equation is solved on the states from 0 to this count",
        ),
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
        Control("n", "int", "state chosen first; −1 is the likeliest", -1, -1, MOST, hidden=True),
    )


def takes(network: ReactionNetwork) -> str:
    """Why this network cannot be drawn as bars; "" where it can."""
    return one_species(network)


def _read(text: str, values: Mapping[str, Any]) -> TypedNetwork:
    read = typed(text, values)
    if reason := takes(read.net):
        raise refusal("flux-bars", read.net, reason, "2A -> 0 ; 0.2")
    return read


def film(values: Values, reveal: bool = True) -> Bank:
    """Solve, then lay out all frames; without ``reveal`` only the bars, at the moment shown first."""
    read = _read(values["network"], values).net
    net = read.with_initial(**{read.species[0]: values["n0"]})
    times, law, nu = np.linspace(0.0, values["t_end"], FRAMES), values["law"], net.stoichiometry[0]
    if law == RIGHT:
        try:
            p, a = solved(net, times)
        except StateSpaceError:
            grows = f"The count of {read.species[0]} grows beyond {MOST} before t = {number(times[-1])}."
            raise NetworkError(f"{grows} Shorten the time span, or lower a rate.") from None
        rule = balance(law, a, nu)
    else:
        rule = balance(law, propensities(net, max(values["cap"], values["n0"])), nu)
        p = follow(rule.matrix(), values["n0"], times)
    shown = Film.of(net, rule, times[: len(p)], p, values)
    return shown.bank() if reveal else shown.veiled()


def adjust(options: Mapping[str, Any]) -> Values:
    """``network=`` may be a ReactionNetwork: its text, constants and start are taken over."""
    values = dict(options)
    net = values.get("network")
    if isinstance(net, ReactionNetwork):
        if reason := takes(net):
            raise refusal("flux-bars", net, reason, "2A -> 0 ; 0.2")
        values = {"n0": int(net.initial[0]), **as_text(net), **{k: v for k, v in values.items() if k != "network"}}
    return values


FluxBars = Design("flux-bars", "Flux bars", ABOUT, controls, PRESETS, film, adjust, ("network",), takes, SUMMARY)
