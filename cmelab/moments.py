"""Moment equations: how means, variances and higher moments change, exactly and in symbols, for any polynomial law."""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product

from numpy.typing import ArrayLike

from . import polynomials as poly
from .arguments import whole
from .display import _count_symbol, _symbol
from .errors import NetworkError
from .expression import to_latex
from .network import ReactionNetwork
from .polynomials import OMEGA, Exponents, Polynomial, Symbols
from .rate_equations import refuse_delays

KINDS = ("raw", "central")
MAX_ORDER, MAX_MOMENTS = 12, 2000
# (constants, moments multiplied with each other) -> coefficient; no moments at all means the number 1.
Terms = dict[tuple[Symbols, tuple[Exponents, ...]], Fraction]


@dataclass(frozen=True, repr=False)
class MomentEquations:
    """The time derivative of every moment up to ``order``.

    kind : 'raw' moments <n^e>, or 'central' ones <(n - <n>)^e> beside the means
    terms : for each moment (its powers, one for each species) the terms of its derivative: constants and the moments
        they multiply, with an exact rational coefficient. In central equations a moment of total power 1 is a mean.
    """

    net: ReactionNetwork
    order: int
    kind: str
    terms: dict[Exponents, Terms]

    @property
    def moments(self) -> tuple[Exponents, ...]:
        """The moments whose derivatives these are, lowest order first."""
        return tuple(self.terms)

    @cached_property
    def needed(self) -> tuple[Exponents, ...]:
        """The moments above ``order`` that the equations depend on; none for a linear network."""
        used = {factor for terms in self.terms.values() for _, factors in terms for factor in factors}
        return tuple(sorted((e for e in used if e not in self.terms), key=_rank))

    @property
    def closed(self) -> bool:
        """True where the equations depend on no higher moment."""
        return not self.needed

    def at_state(self, n: ArrayLike) -> dict[Exponents, float]:
        """The derivatives while the state is known to be n, in powers of molecules per time."""
        state = self.net._states(n)
        if state.ndim != 1:
            raise NetworkError(f"a state of shape {state.shape} was given; give one state.")
        values = {factor: self._known(factor, state.tolist()) for factor in (*self.moments, *self.needed)}
        return {moment: sum(poly.as_float(c) * poly.value_of(symbols, self.net) * math.prod(values[f] for f in factors)
                            for (symbols, factors), c in terms.items()) for moment, terms in self.terms.items()}

    def _known(self, factor: Exponents, n: list[float]) -> float:
        if self.kind == "central" and sum(factor) > 1:
            return 0.0
        return math.prod(x**e for x, e in zip(n, factor, strict=True))

    def coefficients(self) -> Iterator[tuple[Exponents, float, tuple[Exponents, ...]]]:
        """(moment, coefficient in numbers, moments multiplied) of every term."""
        for moment, terms in self.terms.items():
            for (symbols, factors), c in terms.items():
                yield moment, poly.as_float(c) * poly.value_of(symbols, self.net), factors

    def latex(self) -> str:
        """One row a moment, as a LaTeX array."""
        rows = [rf"\frac{{d{self._moment_latex(m)}}}{{dt}} &= {self._side(t, True)}" for m, t in self.terms.items()]
        return r"\begin{aligned}" + r" \\ ".join(rows) + r"\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$${self.latex()}$$"

    def __repr__(self) -> str:
        rows = [f"  d{self._moment_text(m)}/dt = {self._side(t, False)}" for m, t in self.terms.items()]
        note = "closed: no higher moment is needed" if self.closed else \
            "not closed: " + ", ".join(map(self._moment_text, self.needed)) + " must be known too"
        first = self.net.species[0] if self.net.species else "A"
        letters = f"; d{first} stands for {first} - <{first}>" if self.kind == "central" else ""
        return "\n".join([f"{self.kind.capitalize()} moment equations to order {self.order}{letters}", *rows,
                          f"  {note}"])

    def _moment_text(self, moment: Exponents) -> str:
        delta = "d" if self.kind == "central" and sum(moment) > 1 else ""
        return "<" + " ".join(f"{delta}{s}" + (f"^{e}" if e > 1 else "")
                              for s, e in zip(self.net.species, moment, strict=True) if e) + ">"

    def _moment_latex(self, moment: Exponents) -> str:
        delta = r"\delta " if self.kind == "central" and sum(moment) > 1 else ""
        inside = r"\,".join((f"({delta}{_count_symbol(s)})" if delta and e > 1 else f"{delta}{_count_symbol(s)}")
                            + (f"^{{{e}}}" if e > 1 else "")
                            for s, e in zip(self.net.species, moment, strict=True) if e)
        return rf"\langle {inside}\rangle"

    def _side(self, terms: Terms, latex: bool) -> str:
        ordered = sorted(terms.items(), key=lambda item: (-sum(map(sum, item[0][1])), repr(item[0])))
        text = ""
        for (symbols, factors), c in ordered:
            term = self._term(symbols, factors, abs(c), latex)
            text += (" - " if c < 0 else " + ") + term if text else ("-" if c < 0 else "") + term
        return text or "0"

    def _term(self, symbols: Symbols, factors: tuple[Exponents, ...], c: Fraction, latex: bool) -> str:
        above = [_constant_text(s, p, latex) for s, p in symbols if p > 0]
        below = [_constant_text(s, -p, latex) for s, p in symbols if p < 0]
        if c.numerator != 1 or not (above or factors or below):
            above.insert(0, str(c.numerator))
        if c.denominator != 1:
            below.insert(0, str(c.denominator))
        moments = [(self._moment_latex(f) if latex else self._moment_text(f)) + (f"^{times}" if times > 1 else "")
                   for f, times in Counter(factors).items()]
        space = r"\," if latex else " "
        head = space.join(above)
        if below:
            low = space.join(below)
            if latex:
                head = rf"\frac{{{head or 1}}}{{{low}}}"
            else:
                head = f"{head or 1}/{low if len(below) == 1 else f'({low})'}"
        return space.join(x for x in (head, *moments) if x)


def moment_equations(net: ReactionNetwork, order: int, *, kind: str = "raw") -> MomentEquations:
    """Derive the exact equations of all moments of total power 1 to ``order``.

    Parameters
    ----------
    net : the network; every propensity must be a polynomial in the counts.
    order : the highest total power.
    kind : 'raw' for <n^e>, 'central' for the means and <(n - <n>)^e>.

    Raises
    ------
    NetworkError : delays, a propensity that is no polynomial (such as a Hill function), or too many moments.

    Notes
    -----
    d<f(n)>/dt = sum_r <a_r(n) (f(n + nu_r) - f(n))> for f = n^e, in exact rational numbers: N. G. van Kampen,
    Stochastic Processes in Physics and Chemistry, 3rd edition (2007), doi:10.1016/B978-0-444-52965-7.X5000-4.
    """
    refuse_delays(net)
    whole("order", order, 1, MAX_ORDER)
    if kind not in KINDS:
        raise NetworkError(f"kind={kind!r}; it must be one of {', '.join(map(repr, KINDS))}.")
    size = len(net.species)
    how_many = math.comb(size + order, order) - 1
    if how_many > MAX_MOMENTS:
        raise NetworkError(f"{size} species have {how_many} moments up to order {order}; at most {MAX_MOMENTS} are "
                           "derived. Lower the order, or use fewer species.")
    laws = [poly.propensity(net, reaction) for reaction in net.reactions]
    jumps = net.stoichiometry.T.tolist()
    derive = _raw if kind == "raw" else _central
    return MomentEquations(net, order, kind, derive(powers_up_to(size, order), laws, jumps))


def powers_up_to(size: int, order: int) -> list[Exponents]:
    """All exponents of total power 1 to ``order``, lowest first, the first species first."""
    return sorted((e for e in product(range(order + 1), repeat=size) if 0 < sum(e) <= order), key=_rank) \
        if (order + 1)**size <= 10**6 else sorted(_combinations(size, order), key=_rank)


def _combinations(size: int, order: int) -> Iterator[Exponents]:
    """The same for many species, where the box of all exponents would be far larger than the simplex."""
    def grow(prefix: Exponents, left: int) -> Iterator[Exponents]:
        if len(prefix) == size:
            if left < order:
                yield prefix
            return
        for e in range(left + 1):
            yield from grow((*prefix, e), left - e)
    return grow((), order)


def _rank(e: Exponents) -> tuple[int, tuple[int, ...]]:
    return sum(e), tuple(-x for x in e)


def _raw(moments: list[Exponents], laws: list[Polynomial], jumps: list[list[int]]) -> dict[Exponents, Terms]:
    return {e: {(symbols, (f,) if any(f) else ()): c for (symbols, f), c in
                poly.add(*(poly.multiply(jump_of(e, nu), law) for law, nu in zip(laws, jumps, strict=True))).items()}
            for e in moments}


def jump_of(e: Exponents, nu: list[int]) -> Polynomial:
    """(n + nu)^e - n^e."""
    return poly.add(poly.shifted_power(e, nu), {((), e): Fraction(-1)})


def _central(moments: list[Exponents], laws: list[Polynomial], jumps: list[list[int]]) -> dict[Exponents, Terms]:
    """With n = mean + delta and 1_s one molecule of s:
    d<delta^e>/dt = sum_r <((delta + nu)^e - delta^e) a_r> - sum_s e_s <delta^(e - 1_s)> d<n_s>/dt.
    Polynomials here have 2S variables, the means first."""
    size = len(jumps[0]) if jumps else (len(moments[0]) if moments else 0)
    around = [_around_mean(law, size) for law in laws]
    units = [tuple(int(i == s) for i in range(size)) for s in range(size)]
    drift = [poly.add(*(poly.scaled(law, nu[s]) for law, nu in zip(around, jumps, strict=True))) for s in range(size)]
    means = [_average(polynomial, size) for polynomial in drift]
    result: dict[Exponents, Terms] = {}
    for e in moments:
        if sum(e) == 1:
            result[e] = means[units.index(e)]
            continue
        change = _average(poly.add(*(poly.multiply(_pad(jump_of(e, nu), size), law)
                                     for law, nu in zip(around, jumps, strict=True))), size)
        for s in range(size):
            lower = tuple(x - y for x, y in zip(e, units[s], strict=True))
            if e[s] and sum(lower) != 1:
                for (symbols, factors), c in means[s].items():
                    key = (symbols, tuple(sorted((*factors, lower))))
                    change[key] = change.get(key, Fraction(0)) - e[s] * c
        result[e] = {key: c for key, c in change.items() if c}
    return result


def _pad(polynomial: Polynomial, size: int) -> Polynomial:
    """A polynomial in the deviations as one in means and deviations."""
    return {(symbols, (0,) * size + e): c for (symbols, e), c in polynomial.items()}


def _around_mean(law: Polynomial, size: int) -> Polynomial:
    """law(mean + delta), every n replaced by the sum of both."""
    result: Polynomial = {}
    for (symbols, e), c in law.items():
        term: Polynomial = {(symbols, (0,) * 2 * size): c}
        for s, power in enumerate(e):
            both = poly.add(poly.count(s, 2 * size), poly.count(size + s, 2 * size))
            for _ in range(power):
                term = poly.multiply(term, both)
        result = poly.add(result, term)
    return result


def _average(polynomial: Polynomial, size: int) -> Terms:
    """The mean over the deviations: a single deviation averages to zero, the others become central moments."""
    terms: Terms = {}
    for (symbols, e), c in polynomial.items():
        means, delta = e[:size], e[size:]
        if sum(delta) == 1:
            continue
        factors = [tuple(int(i == s) for i in range(size)) for s in range(size) for _ in range(means[s])]
        if any(delta):
            factors.append(delta)
        key = (symbols, tuple(sorted(factors)))
        terms[key] = terms.get(key, Fraction(0)) + c
    return {key: c for key, c in terms.items() if c}


def _constant_text(constant: poly.Expression, power: int, latex: bool) -> str:
    if constant == OMEGA:
        text = r"\Omega" if latex else "Ω"
    elif constant[0] == "name":
        text = _symbol(constant[1]) if latex else constant[1]
    elif latex:
        text = rf"\left({to_latex(constant, _symbol)}\right)"
    else:
        text = f"({_plain(constant)})"
    if power == 1:
        return text
    return f"{text}^{{{power}}}" if latex else f"{text}^{power}"


def _plain(tree: poly.Expression) -> str:
    """A constant expression in plain letters, with every bracket written."""
    op = tree[0]
    if op == "number":
        return f"{tree[1]:g}"
    if op == "name":
        return tree[1]
    parts = [_plain(part) for part in tree[1:]]
    if op == "neg":
        return f"-({parts[0]})"
    if len(op) > 1:
        return f"{op}({', '.join(parts)})"
    return op.join(part if child[0] in ("number", "name") else f"({part})"
                   for part, child in zip(parts, tree[1:], strict=True))
