"""Reaction and ReactionNetwork: what the chemistry is. Nothing here simulates or solves."""
from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import display
from .arguments import is_real
from .errors import NetworkError
from .expression import Expression, evaluate, names
from .notation import Delay, WrittenReaction, read_reactions
from .rates import check_convention, conversion
from .sbml import read_antimony, read_sbml

LARGEST = 1.7976931348623157e308  # the largest float; whole numbers of Python may be larger


@dataclass(frozen=True)
class Reaction:
    """One reaction with the propensity that is really used.

    ``rate`` is the stochastic constant c (1/time) of a = c * prod C(n_s, m_s); NaN for a custom propensity,
    which is the expression ``formula`` in molecules and is zero while a reactant is missing.
    ``factor`` and ``omega_power`` say how c came from the written k: c = factor * k * Omega**omega_power.
    """

    reactants: Mapping[str, int]
    products: Mapping[str, int]
    rate: float
    rate_text: str
    formula: Expression
    custom: bool
    factor: Fraction
    omega_power: int
    delay: Delay | None
    line: int

    @property
    def text(self) -> str:
        """The reaction in the accepted notation, such as ``2A + B -> C``."""
        return f"{display.side(self.reactants)} -> {display.side(self.products)}"

    @property
    def order(self) -> int:
        """Number of molecules that must meet."""
        return sum(self.reactants.values())

    @property
    def propensity_text(self) -> str:
        """The propensity in plain letters, such as ``k/Ω · A(A-1)/2``."""
        return display.propensity_text(self)

    @property
    def propensity_latex(self) -> str:
        """The propensity in LaTeX, such as ``\\frac{k}{\\Omega}\\,\\frac{n_{A}(n_{A}-1)}{2}``."""
        return display.propensity_latex(self)

    def __str__(self) -> str:
        delay = "" if self.delay is None else f" ; {self.delay}"
        return f"{self.text} ; a = {self.propensity_text}{delay}"


@dataclass(frozen=True, repr=False)
class ReactionNetwork:
    """Species, reactions, rate constants and initial counts. Make one with `parse`; nothing is ever mutated."""

    written: tuple[WrittenReaction, ...]
    species: tuple[str, ...]
    rates: Mapping[str, float]
    counts: Mapping[str, int]
    convention: str
    volume: float | None
    ode: str

    @classmethod
    def parse(cls, text: str, rates: Mapping[str, float] | None = None, initial: Mapping[str, int] | None = None, *,
              convention: str = "combinatorial", volume: float | None = None,
              ode: str = "consumption") -> ReactionNetwork:
        """Read a network from text, one reaction a line.

        Parameters
        ----------
        text : lines such as ``2M <-> D ; k1, k2``. Arrows ``->``, ``→``, ``<->``, ``⇌``; ``0`` or ``∅`` for an
            empty side; ``2A``, ``2 A`` or ``A + A``. After the semicolon a rate (number, name or formula of names),
            two for a reversible arrow, or a whole propensity ``a = beta / (1 + (D/K)^2)``. A second semicolon may
            add ``delay 2.0`` or ``delay erlang(16, 2.0)``. ``#`` begins a comment.
        rates : value of every named constant (1/time for combinatorial and falling).
        initial : count of species at t = 0; those left out start at 0.
        convention : what a rate means: 'combinatorial' a = k C(n, m) (the default), 'falling' a = k n(n-1)...,
            or 'macroscopic' with volume Omega, converted once, here.
        volume : Omega for 'macroscopic', with concentration = n / Omega (`rates.omega_from_litres` for molar units).
        ode : for 'macroscopic' 2A -> ...: 'consumption' is d[A]/dt = -k[A]^2, 'extent' is d[A]/dt = -2k[A]^2.

        Raises
        ------
        NetworkError : with ``line`` and ``column`` where the text is malformed.
        """
        check_convention(convention, volume, ode)
        for what, given in (("rates", rates), ("initial", initial)):
            _check_mapping(what, given)
        written = read_reactions(text)
        species = tuple(dict.fromkeys(name for w in written for side in (w.reactants, w.products) for name, _ in side))
        _check_names(written, species, rates or {}, initial or {})
        network = cls(written, species, {k: _rate(k, v) for k, v in (rates or {}).items()},
                      {k: _count(k, v) for k, v in (initial or {}).items()}, convention,
                      None if volume is None else float(volume), ode)
        _ = network.reactions  # every rate is looked at now, not at first use
        return network

    @classmethod
    def from_sbml(cls, source: str | Path, *, rounded: bool = False) -> ReactionNetwork:
        """Read a core SBML model (Level 2 or 3): species, compartments, constants and reactions.

        Parameters
        ----------
        source : SBML text, or the path of a file.
        rounded : take the nearest whole count where an amount or concentration makes a fraction of a molecule.

        Raises
        ------
        NetworkError : no valid SBML; events, rules, functions and whatever else is not read, named; python-libsbml
            missing (``pip install "cmelab[sbml]"``).

        Notes
        -----
        Counts are molecules: amounts of items as they are, of mole with Avogadro's number; concentrations times the
        size of their compartment. A kinetic law is reaction events per time. Mass action is recognised: for two equal
        molecules k A A and k A (A - 1) both become the propensity k n(n-1), which agree for large numbers; the network
        shows it. The difference of two mass-action terms becomes two reactions, any other law a whole propensity.
        """
        read = read_sbml(source, rounded=rounded)
        return cls.parse(read.text, read.rates, read.initial)

    @classmethod
    def from_antimony(cls, text: str, *, rounded: bool = False) -> ReactionNetwork:
        """Read a model in Antimony's text, such as ``A -> B; k*A; k = 0.5; A = 10``; all else as `from_sbml`."""
        read = read_antimony(text, rounded=rounded)
        return cls.parse(read.text, read.rates, read.initial)

    @cached_property
    def reactions(self) -> tuple[Reaction, ...]:
        """The reactions with their stochastic constants."""
        return tuple(self._reaction(i, w) for i, w in enumerate(self.written))

    def _reaction(self, index: int, w: WrittenReaction) -> Reaction:
        reactants, products = dict(w.reactants), dict(w.products)
        if w.custom:
            return Reaction(reactants, products, math.nan, w.rate_text, w.rate, True, Fraction(1), 0, w.delay, w.line)
        k = float(evaluate(w.rate, self.rates))
        if not 0 <= k < math.inf:
            shown = w.rate_text if w.rate[0] == "number" else f"{w.rate_text} = {k:g}"
            raise NetworkError(f"line {w.line}, column {w.column}: reaction {index + 1} ({display.side(reactants)} -> "
                               f"{display.side(products)}) has rate {shown}; a rate must be a finite number >= 0 "
                               "(1/time). For example: A -> B ; 0.5", line=w.line, column=w.column)
        lost = [m - products.get(s, 0) for s, m in w.reactants]
        try:
            factor, power = conversion([m for _, m in w.reactants], convention=self.convention, ode=self.ode, lost=lost)
        except NetworkError as error:
            raise NetworkError(f"line {w.line}, column {w.column}: {error}", line=w.line, column=w.column) from None
        with np.errstate(over="ignore"):
            c = float(factor) * k * (1.0 if self.volume is None else float(np.float_power(self.volume, power)))
        if not math.isfinite(c):
            raise NetworkError(f"line {w.line}, column {w.column}: reaction {index + 1} with k = {k:g} and volume = "
                               f"{self.volume:g} has a constant c beyond 1e308; check the units of the volume.",
                               line=w.line, column=w.column)
        return Reaction(reactants, products, c, w.rate_text, w.rate, False, factor, power, w.delay, w.line)

    @cached_property
    def stoichiometry(self) -> NDArray[np.int64]:
        """Net change nu, shape (S, R): column r is added to the state when reaction r fires."""
        nu = np.zeros((len(self.species), len(self.written)), np.int64)
        for r, w in enumerate(self.written):
            for sign, side in ((-1, w.reactants), (1, w.products)):
                for name, m in side:
                    nu[self.species.index(name), r] += sign * m
        nu.flags.writeable = False
        return nu

    @property
    def initial(self) -> NDArray[np.int64]:
        """Counts at t = 0, shape (S,)."""
        return np.array([self.counts.get(s, 0) for s in self.species], np.int64)

    def propensities(self, n: ArrayLike) -> NDArray[np.float64]:
        """Propensities a (1/time) at state n: (S,) -> (R,), or (N, S) -> (N, R).

        Raises NetworkError for counts that are negative, not whole, or of the wrong shape.
        """
        states = self._states(n)
        by_name = dict(zip(self.species, np.moveaxis(states, -1, 0), strict=True))
        with np.errstate(over="ignore"):  # a propensity beyond 1e308 is inf, as in the kernels
            columns = [self._propensity(reaction, by_name, states.shape[:-1]) for reaction in self.reactions]
        return np.stack(columns, axis=-1) if columns else np.zeros((*states.shape[:-1], 0))

    def _propensity(self, reaction: Reaction, by_name: Mapping[str, Any], shape: tuple[int, ...]) -> Any:
        if reaction.custom:
            a = np.broadcast_to(np.asarray(evaluate(reaction.formula, {**self.rates, **by_name}), float), shape)
            for s, m in reaction.reactants.items():
                a = np.where(by_name[s] >= m, a, 0.0)
            return a
        a = np.full(shape, reaction.rate)
        for s, m in reaction.reactants.items():
            for j in range(m):
                a = a * np.maximum(by_name[s] - j, 0.0) / (j + 1)
        return a

    def _states(self, n: ArrayLike) -> NDArray[np.float64]:
        try:
            states = np.asarray(n, dtype=float)
        except (TypeError, ValueError):
            raise NetworkError(f"the state {n!r} is not made of numbers; give counts of {self.species}.") from None
        if states.ndim not in (1, 2) or states.shape[-1] != len(self.species):
            raise NetworkError(f"a state of shape {states.shape} was given; it needs one count for each of "
                               f"{self.species}: shape ({len(self.species)},) or (N, {len(self.species)}).")
        if states.size and not (np.isfinite(states).all() and (states >= 0).all() and (states % 1 == 0).all()):
            bad = states[~(np.isfinite(states) & (states >= 0) & (states % 1 == 0))][0]
            raise NetworkError(f"a count of {bad:g} was given; counts are whole numbers >= 0.")
        return states

    def with_rates(self, **rates: float) -> ReactionNetwork:
        """The same network with other values of some named rate constants."""
        _known("rate constant", rates, self.rates)
        return replace(self, rates={**self.rates, **{k: _rate(k, v) for k, v in rates.items()}})

    def with_initial(self, **initial: int) -> ReactionNetwork:
        """The same network with other counts of some species at t = 0."""
        _known("species", initial, self.species)
        return replace(self, counts={**self.counts, **{k: _count(k, v) for k, v in initial.items()}})

    @property
    def has_delays(self) -> bool:
        """True where some products appear later than their reaction begins."""
        return any(w.delay is not None for w in self.written)

    def __repr__(self) -> str:
        return display.network_text(self)

    def _repr_html_(self) -> str:
        return display.network_html(self)

    def latex(self) -> str:
        """The reactions and the propensities in use, as a LaTeX array."""
        return display.network_latex(self)

    def _repr_latex_(self) -> str:
        return f"$${self.latex()}$$"


def as_network(net: object) -> ReactionNetwork:
    """The network itself, or a sentence for what is none."""
    if isinstance(net, ReactionNetwork):
        return net
    cure = f"call it: {net.__name__}()" if callable(net) and hasattr(net, "__name__") else \
        "make one with ReactionNetwork.parse('A -> B ; 1'), or take one of cmelab.models"
    raise NetworkError(f"the network is {_short(net)}; it must be a ReactionNetwork. To have one, {cure}.")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _check_mapping(what: str, given: Any) -> None:
    if given is not None and not (isinstance(given, Mapping) and all(isinstance(name, str) for name in given)):
        example = "{'k': 1.0}" if what == "rates" else "{'A': 10}"
        raise NetworkError(f"{what}={_short(given)}; it must give numbers by name, such as {what}={example}.")


def _known(what: str, given: Mapping[str, Any], known: Any) -> None:
    for name in given:
        if name not in known:
            raise NetworkError(f"there is no {what} {name!r} in this network; it has "
                               f"{', '.join(map(repr, known)) or 'none'}.")


def _check_names(written: tuple[WrittenReaction, ...], species: tuple[str, ...], rates: Mapping[str, Any],
                 initial: Mapping[str, Any]) -> None:
    """Every name in a formula is a species or a rate constant, never both, and none is left over."""
    _known("species", initial, species)
    used: set[str] = set()
    for w in written:
        for name, column in names(w.rate):
            where, place = f"line {w.line}, column {column}: {name!r}", {"line": w.line, "column": column}
            if name in species and name in rates:
                raise NetworkError(f"{where} is both a species and a rate constant; rename one.", **place)
            if name in species and not w.custom:
                raise NetworkError(f"{where} is a species; a rate constant cannot depend on counts. If this is the "
                                   f"whole propensity, write: a = {w.rate_text}", **place)
            if name not in species and name not in rates:
                known = ", ".join(map(repr, rates)) or "none yet"
                raise NetworkError(f"{where} has no value. Add it: rates={{{name!r}: 1.0}}; given are {known}.",
                                   **place)
            used.add(name)
    for name in rates:
        if name not in used:
            raise NetworkError(f"rates has {name!r}, which no reaction uses; the reactions use "
                               f"{', '.join(sorted(map(repr, used - set(species)))) or 'no named constants'}.")


def _rate(name: str, value: Any) -> float:
    # A float32 cannot be compared with LARGEST, and a very large int has no float.
    if not is_real(value) or not abs(value if isinstance(value, int) else float(value)) <= LARGEST:
        raise NetworkError(f"rates has {name} = {_short(value)}; a rate constant must be a finite number, such as 0.5.")
    return float(value)


def _count(name: str, value: Any) -> int:
    if not is_real(value) or not 0 <= value <= 2**53 or value != int(value):
        raise NetworkError(f"initial has {name} = {_short(value)}; a count is a whole number from 0 to 2^53.")
    return int(value)
