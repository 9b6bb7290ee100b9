"""Polynomials in the counts with exact rational coefficients and symbolic rate constants.

A polynomial is a dictionary {(symbols, exponents): Fraction}: ``symbols`` is a sorted tuple of (constant, power) with
the constant an expression of rate constants only, ``exponents`` one whole number for each species.
"""
from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction

import numpy as np

from .errors import NetworkError
from .expression import Expression, evaluate, names
from .network import Reaction, ReactionNetwork

Symbols = tuple[tuple[Expression, int], ...]
Exponents = tuple[int, ...]
Polynomial = dict[tuple[Symbols, Exponents], Fraction]
OMEGA: Expression = ("omega",)
MAX_POWER = 20


class NotPolynomial(Exception):
    """Why a formula is no polynomial in the counts."""


def multiply_symbols(one: Symbols, other: Symbols) -> Symbols:
    """The product of two products of constants."""
    powers = dict(one)
    for constant, power in other:
        powers[constant] = powers.get(constant, 0) + power
    return tuple(sorted((item for item in powers.items() if item[1]), key=repr))


def add(*polynomials: Polynomial) -> Polynomial:
    """Their sum; terms that cancel are gone."""
    total: Polynomial = {}
    for polynomial in polynomials:
        for key, value in polynomial.items():
            total[key] = total.get(key, Fraction(0)) + value
    return {key: value for key, value in total.items() if value}


def multiply(one: Polynomial, other: Polynomial) -> Polynomial:
    """Their product."""
    total: Polynomial = {}
    for (s, e), x in one.items():
        for (t, f), y in other.items():
            key = (multiply_symbols(s, t), tuple(i + j for i, j in zip(e, f, strict=True)))
            total[key] = total.get(key, Fraction(0)) + x * y
    return {key: value for key, value in total.items() if value}


def scaled(polynomial: Polynomial, factor: Fraction | int) -> Polynomial:
    """A number times a polynomial."""
    return {key: value * factor for key, value in polynomial.items()} if factor else {}


def number(value: Fraction | int, size: int) -> Polynomial:
    """A constant polynomial of ``size`` species."""
    return {((), (0,) * size): Fraction(value)} if value else {}


def count(species: int, size: int, shift: int = 0) -> Polynomial:
    """n_species + shift."""
    unit = tuple(int(i == species) for i in range(size))
    return add({((), unit): Fraction(1)}, number(shift, size))


def shifted_power(exponents: Exponents, shift: Iterable[int]) -> Polynomial:
    """prod (n_s + shift_s)^e_s."""
    size = len(exponents)
    result = number(1, size)
    for s, (power, by) in enumerate(zip(exponents, shift, strict=True)):
        terms: Polynomial = {}
        for k in range(power + 1):
            if by or k == power:
                key = tuple(k if i == s else 0 for i in range(size))
                terms[((), key)] = Fraction(math.comb(power, k) * by**(power - k))
        result = multiply(result, terms)
    return result


def degree(polynomial: Polynomial) -> int:
    """The largest total power of counts; 0 for a constant."""
    return max((sum(e) for _, e in polynomial), default=0)


def propensity(net: ReactionNetwork, reaction: Reaction) -> Polynomial:
    """The propensity of one reaction; refused by name where it is no polynomial in the counts."""
    size, index = len(net.species), {s: i for i, s in enumerate(net.species)}
    try:
        rate = from_expression(reaction.formula, index, net.rates)
        if reaction.custom:
            for s, m in reaction.reactants.items():
                _vanishes_below(rate, index[s], s, m)
            return rate
    except NotPolynomial as why:
        raise NetworkError(
            f"line {reaction.line}: {reaction.text} has propensity {reaction.propensity_text}, which is no polynomial "
            f"in the counts ({why}), so its moment equations never become a finite sum. Write the mechanism behind it "
            "as mass-action reactions (for a Hill function: the promoter that is bound and freed), or use solve or "
            "simulate.", line=reaction.line) from None
    result = scaled(rate, reaction.factor / math.prod(math.factorial(m) for m in reaction.reactants.values()))
    if reaction.omega_power and net.volume is not None:
        result = {(multiply_symbols(s, ((OMEGA, reaction.omega_power),)), e): v for (s, e), v in result.items()}
    for s, m in reaction.reactants.items():
        for j in range(m):
            result = multiply(result, count(index[s], size, -j))
    return result


def _vanishes_below(polynomial: Polynomial, species: int, name: str, m: int) -> None:
    """A network sets a custom propensity to zero while a reactant is missing; the polynomial must do so by itself."""
    for missing in range(m):
        rest: Polynomial = {}
        for (symbols, e), value in polynomial.items():
            key = (symbols, tuple(0 if i == species else p for i, p in enumerate(e)))
            rest = add(rest, {key: value * Fraction(missing)**e[species]})
        if rest:
            raise NotPolynomial(f"the network sets it to 0 at {name} = {missing}, where the formula itself is not 0")


def from_expression(tree: Expression, index: Mapping[str, int], rates: Mapping[str, float]) -> Polynomial:
    """An expression as a polynomial; whatever holds no species is a constant, kept as written."""
    size, op = len(index), tree[0]
    if op == "number":
        if not math.isfinite(tree[1]):
            raise NotPolynomial("a number in it is too large")
        return number(Fraction(repr(tree[1])), size)
    if op == "name":
        if tree[1] in index:
            return count(index[tree[1]], size)
        return {((((op, tree[1]), 1),), (0,) * size): Fraction(1)}
    if op == "^":
        return _power(tree, index, rates)
    if op in ("+", "-", "*", "/", "neg"):
        parts = [from_expression(part, index, rates) for part in tree[1:]]
        if op == "neg":
            return scaled(parts[0], -1)
        if op == "*":
            return multiply(parts[0], parts[1])
        if op == "/":
            return multiply(parts[0], _inverse(parts[1], tree[2], index))
        return add(parts[0], scaled(parts[1], 1 if op == "+" else -1))
    return _constant(tree, index, 1)


def _power(tree: Expression, index: Mapping[str, int], rates: Mapping[str, float]) -> Polynomial:
    base, exponent = tree[1], tree[2]
    counted = [name for name, _ in names(exponent) if name in index]
    if counted:
        raise NotPolynomial(f"{counted[0]} stands in an exponent")
    power = float(evaluate(exponent, rates))
    if power != round(power) or abs(power) > MAX_POWER:
        if any(name in index for name, _ in names(base)):
            raise NotPolynomial(f"a count is raised to the power {power:g}")
        return _constant(tree, index, 1)
    result = number(1, len(index))
    if power < 0:
        one = _inverse(from_expression(base, index, rates), base, index)
    else:
        one = from_expression(base, index, rates)
    for _ in range(abs(int(power))):
        result = multiply(result, one)
    return result


def _inverse(polynomial: Polynomial, tree: Expression, index: Mapping[str, int]) -> Polynomial:
    """One over a polynomial without species: a single product is turned over, a sum becomes one constant."""
    if len(polynomial) == 1 and not degree(polynomial):
        (symbols, e), value = next(iter(polynomial.items()))
        return {(tuple((constant, -power) for constant, power in symbols), e): 1 / value}
    if not polynomial:
        raise NotPolynomial("it divides by zero")
    return _constant(tree, index, -1)


def _constant(tree: Expression, index: Mapping[str, int], power: int) -> Polynomial:
    for name, _ in names(tree):
        if name in index:
            raise NotPolynomial(f"it divides by an expression with {name}" if power < 0 else
                                f"{name} stands inside {tree[0]}")
    return {(((_without_columns(tree), power),), (0,) * len(index)): Fraction(1)}


def _without_columns(tree: Expression) -> Expression:
    if tree[0] == "number":
        return tree
    return tree[:2] if tree[0] == "name" else (tree[0], *(_without_columns(part) for part in tree[1:]))


def value_of(symbols: Symbols, net: ReactionNetwork) -> float:
    """The number a product of constants stands for."""
    result = 1.0
    for constant, power in symbols:
        value = float(net.volume or 1.0) if constant == OMEGA else float(evaluate(constant, net.rates))
        result *= float(np.float_power(value, power))
    return result


def as_float(value: Fraction) -> float:
    """The nearest float; infinite beyond 1e308, which the solver then names."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
