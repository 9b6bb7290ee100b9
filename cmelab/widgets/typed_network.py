"""A network as typed into a widget: every rate constant in it, named or written as a number, becomes a slider."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ..errors import NetworkError
from ..expression import names
from ..network import ReactionNetwork
from ..notation import read_reactions
from .controls import Control
from .frame import nice

PREFIX = "rate_"


@dataclass(frozen=True)
class TypedNetwork:
    """The network with its constants, and the words for each slider."""

    net: ReactionNetwork
    labels: Mapping[str, str]
    numbers: frozenset[str]  # constants that are numbers in the text

    def sliders(self) -> tuple[Control, ...]:
        """One for each constant, on a logarithmic scale that holds its value."""
        return tuple(
            _slider(name, label, self.net.rates[name], name in self.numbers) for name, label in self.labels.items()
        )


def typed(text: str, values: Mapping[str, Any]) -> TypedNetwork:
    """Read a network; the constant x has the value ``rate_x``, else the number written, else 1.

    Raises
    ------
    NetworkError : where the text is malformed, with line and column.
    """
    given = {name.removeprefix(PREFIX): float(v) for name, v in values.items() if name.startswith(PREFIX)}
    return _typed(text, tuple(given.items()))


@lru_cache(maxsize=32)  # the same network is asked for several times a change
def _typed(text: str, constants_given: tuple[tuple[str, float], ...]) -> TypedNetwork:
    written, rates, labels, given = [], {}, {}, dict(constants_given)
    reactions = read_reactions(text)
    species = {name for w in reactions for side in (w.reactants, w.products) for name, _ in side}
    used = {name for w in reactions for name, _ in names(w.rate)} | species
    for i, w in enumerate(reactions, 1):
        constants = {name: name for name, _ in names(w.rate) if name not in species}
        if w.rate[0] == "number" and not w.custom and w.rate[1] > 0:
            name = next(c for c in (f"c{i}", *(f"c{i}_{j}" for j in range(len(used) + 1))) if c not in used)
            rates[name] = given.get(name, float(w.rate[1]))
            w, constants = replace(w, rate=("name", name, w.column), rate_text=name), {name: "rate of {}"}
        written.append(w)
        for name, label in constants.items():
            rates.setdefault(name, given.get(name, 1.0))
            sides = " → ".join(
                " + ".join(f"{m if m > 1 else ''}{s}" for s, m in side) or "0" for side in (w.reactants, w.products)
            )
            labels.setdefault(name, label.format(sides))
    ReactionNetwork.parse(
        text, {k: v for k, v in rates.items() if k in used}
    )  # refuses what cannot be, in its own words
    net = ReactionNetwork(
        tuple(written),
        tuple(dict.fromkeys(s for w in written for side in (w.reactants, w.products) for s, _ in side)),
        rates,
        {},
        "combinatorial",
        None,
        "consumption",
    )
    return TypedNetwork(net, labels, frozenset(rates) - used)


def typed_in(values: Mapping[str, Any]) -> ReactionNetwork | None:
    """The network in the control ``network`` of a widget; None where it has no such control."""
    return typed(values["network"], values).net if "network" in values else None


def as_text(network: ReactionNetwork) -> Mapping[str, Any]:
    """A network made in code as the values of a widget: its text, with stochastic constants, and its rates."""
    named = network.convention == "combinatorial"
    lines = []
    for r in network.reactions:
        rate = f"a = {r.rate_text}" if r.custom else r.rate_text if named else f"{r.rate:.12g}"
        lines.append(f"{r.text} ; {rate}" + (f" ; {r.delay}" if r.delay else ""))
    text = "\n".join(lines)
    kept = {name for w in read_reactions(text) for name, _ in names(w.rate)}
    return {"network": text} | {PREFIX + k: v for k, v in network.rates.items() if k in kept}


def _slider(name: str, label: str, value: float, written: bool) -> Control:
    if value <= 0:
        return Control(PREFIX + name, "float", label, value, min(value, 0.0), 1.0, 0.01, unit="1/time", written=written)
    # Where the label is a reaction it is long, and the unit is said by the tip alone.
    unit = "" if written else "1/time"
    low, high = min(0.01, 10.0 ** math.floor(math.log10(value))), max(100.0, nice(value, (1, 10)))
    return Control(
        PREFIX + name,
        "log",
        label,
        value,
        low,
        high,
        0.02,
        unit=unit,
        tip=f"a rate constant of the network, {label}, in 1/time",
        written=written,
    )


def few_species(net: ReactionNetwork, most: int) -> str:
    """Why a network is not one of at most so many species without delays; "" where it is."""
    if any(r.delay is not None for r in net.reactions):
        return "this network has a delay, so that its counts alone do not say what happens next"
    if not net.species:
        return "there is no reaction in it"
    if len(net.species) > most:
        words = ("one species", "one or two species")[most - 1]
        return f"it takes networks of {words}, and this one has {len(net.species)} ({', '.join(net.species)})"
    return ""


def one_species(net: ReactionNetwork) -> str:
    """Why a network is not one of a single species without delays; "" where it is."""
    return few_species(net, 1)


def refusal(widget: str, net: ReactionNetwork, reason: str, example: str) -> NetworkError:
    """The error of a network that does not fit, with the first widget that takes it."""
    from . import WIDGETS  # the list of all widgets can only be read once each of them is there

    near = next((d.name for d in WIDGETS if not d.takes(net)), "")
    cure = f'For this network try cmelab.show("{near}", network=...)' if near else f"Write, for example: {example}"
    return NetworkError(f"{widget}: {reason}. {cure}")


@dataclass(frozen=True)
class Fit:
    """Which networks a widget takes, and one that fits, for the sentence that refuses the others."""

    widget: str
    takes: Callable[[ReactionNetwork], str]
    example: str

    def checked(self, net: ReactionNetwork) -> ReactionNetwork:
        """The network itself, or a sentence and the nearest widget that takes it."""
        if reason := self.takes(net):
            raise refusal(self.widget, net, reason, self.example)
        return net

    def read(self, text: str, values: Mapping[str, Any]) -> TypedNetwork:
        """The network as typed, with the constants of these values."""
        read = typed(text, values)
        self.checked(read.net)
        return read

    def adopted(
        self, options: Mapping[str, Any], start: Callable[[ReactionNetwork], Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Options whose ``network=`` may be a ReactionNetwork: its text, constants and start are taken over.

        start : the network -> values of the controls that hold its counts
        """
        net = options.get("network")
        if not isinstance(net, ReactionNetwork):
            return dict(options)
        given = {name: value for name, value in options.items() if name != "network"}
        return {**start(self.checked(net)), **as_text(net), **given}
