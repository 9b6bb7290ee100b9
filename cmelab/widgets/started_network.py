"""A typed network of several species with a start: the text, a slider for each count that matters and each rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..expression import names
from ..network import ReactionNetwork
from .controls import Control
from .typed_network import TypedNetwork, as_text, refusal, typed

PREFIX = "n_"
USUAL, LARGE = 60, 1000  # ends of a slider for a count
FULL = 10  # molecules to begin with where otherwise nothing could ever happen


def started(values: Mapping[str, Any]) -> TypedNetwork:
    """The network of these values, with its start in it."""
    read = typed(values["network"], values)
    counts = {s: int(values.get(PREFIX + s, _usual(read.net, s))) for s in read.net.species}
    return TypedNetwork(read.net.with_initial(**counts), read.labels, read.numbers)


def network_controls(values: Mapping[str, Any], network: str, tip: str) -> tuple[Control, ...]:
    """The text, a count for each species that some propensity depends on, and a slider for each constant.

    The other species begin at 0, and can be given in code only.
    """
    text = values.get("network", network)
    read = started({**values, "network": text})
    needed = {s for w in read.net.written for s, _ in (*w.reactants, *names(w.rate))}
    counts = [
        Control(
            PREFIX + s,
            "int",
            f"{s} at t = 0",
            _usual(read.net, s),
            0,
            USUAL if n <= USUAL else LARGE,
            hidden=s not in needed,
        )
        for s, n in read.net.counts.items()
    ]
    return (
        Control("network", "text", "Network", text, tip=f"{tip}; press Tab to leave the box and apply"),
        *counts,
        *read.sliders(),
    )


def adopt(
    options: Mapping[str, Any], *, widget: str, takes: Callable[[ReactionNetwork], str], example: str
) -> dict[str, Any]:
    """``network=`` may be a ReactionNetwork: its text, its constants and its start are taken over.

    Raises
    ------
    NetworkError : the widget does not take it, with what fits.
    """
    values = dict(options)
    if isinstance(network := values.get("network"), ReactionNetwork):
        if reason := takes(network):
            raise refusal(widget, network, reason, example)
        counts = {PREFIX + s: int(n) for s, n in zip(network.species, network.initial.tolist(), strict=True)}
        values = {**as_text(network), **counts, **{k: v for k, v in values.items() if k != "network"}}
    return values


def _usual(net: ReactionNetwork, species: str) -> int:
    alive = any(not r.reactants for r in net.reactions)
    return FULL if not alive and species in net.reactions[0].reactants else 0
