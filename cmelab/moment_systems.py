"""The equations behind `close`: central moments for most closures, moments by switch position for the conditional."""
from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from . import polynomials as poly
from .closures import Closure, Known, power, subsets
from .errors import NetworkError
from .moments import MAX_MOMENTS, MomentEquations, jump_of, powers_up_to
from .network import ReactionNetwork
from .polynomials import Exponents

Floats = NDArray[np.float64]
# Below this probability a switch position holds no more than rounding, and conditional means say nothing.
NEVER = 1e-13
Key = tuple[tuple[int, ...], Exponents]  # the species present in each switch, and powers of the other counts


@dataclass(frozen=True)
class MomentSystem:
    """Equations dy/dt = flow(y) and how to read means (S,) and second moments around them (S, S) off y."""

    start: Floats
    flow: Callable[[Floats], Floats]
    mean: Callable[[Floats], Floats]
    covariance: Callable[[Floats], Floats]
    blur: float  # how much of the squared mean rounding may show as variance


def central_system(equations: MomentEquations, closure: Closure) -> MomentSystem:
    """Means and central moments, each derivative a sum of products of them and of what the closure adds."""
    net, size, order = equations.net, len(equations.net.species), equations.order
    moments, needed = equations.moments, equations.needed
    place = {moment: 1 + i for i, moment in enumerate((*moments, *needed))}
    rows, values, factors = [], [], []
    for moment, value, used in equations.coefficients():
        rows.append(place[moment] - 1)
        values.append(value)
        factors.append([place[f] for f in used])
    wide = max(map(len, factors), default=1)
    # Place 0 holds the number 1, so that shorter products can be filled up with it.
    index = np.array([f + [0] * (wide - len(f)) for f in factors], int).reshape(len(factors), wide)
    row, value = np.array(rows, int), np.array(values)
    z = np.ones(1 + len(place))

    def flow(y: Floats) -> Floats:
        z[1:1 + y.size] = y
        if needed:
            known = Known(order, y[:size].tolist(), dict(zip(moments[size:], y[size:].tolist(), strict=True)))
            for i, e in enumerate(needed, 1 + y.size):
                z[i] = _guarded(closure.higher, e, known)
        return np.bincount(row, weights=value * z[index].prod(axis=1), minlength=y.size).astype(float)

    pairs = [[place.get(tuple((s == i) + (s == j) for s in range(size)), 0) for j in range(size)] for i in range(size)]
    second = np.array(pairs, int).reshape(size, size) - 1

    def covariance(y: Floats) -> Floats:
        return y[second] if order > 1 else np.zeros((size, size))

    start = np.concatenate([net.initial.astype(float), np.zeros(len(moments) - size)])
    return MomentSystem(start, flow, lambda y: y[:size], covariance, 0.0)


def _guarded(higher: Callable[[Exponents, Known], float], e: Exponents, known: Known) -> float:
    """The closure's value, infinite where its formula divides by zero or overflows."""
    try:
        return higher(e, known)
    except (ZeroDivisionError, OverflowError):
        return math.inf


def switches(net: ReactionNetwork) -> list[tuple[int, ...]]:
    """Groups of two to four species of which always exactly one is there, once; small groups first, none shared."""
    nu, start = net.stoichiometry, net.initial
    possible = [s for s in range(len(net.species)) if start[s] <= 1 and nu[s].any() and np.abs(nu[s]).max() == 1]
    found: list[tuple[int, ...]] = []
    for size in (2, 3, 4):
        for group in combinations(possible, size):
            rows = list(group)
            if start[rows].sum() == 1 and not nu[rows].sum(axis=0).any() and not any(set(group) & set(f)
                                                                                     for f in found):
                found.append(group)
    return found


@dataclass(frozen=True)
class _Positions:
    """The positions of the switches of a network, and the moments followed in each."""

    size: int
    groups: list[tuple[int, ...]]
    others: list[int]
    inner: list[Exponents]

    def keys(self) -> list[Key]:
        """(position, powers of the other counts) of every moment followed."""
        return list(product(product(*self.groups), self.inner))

    def reduced(self, f: Exponents) -> list[Key]:
        """<n^f> as a sum over positions: g^2 = g, two positions at once never, no position named means any."""
        held = [[s for s in group if f[s]] for group in self.groups]
        if any(len(h) > 1 for h in held):
            return []
        x = tuple(f[s] for s in self.others)
        return [(p, x) for p in product(*(h or group for h, group in zip(held, self.groups, strict=True)))]

    def spread(self, key: Key) -> Exponents:
        """Exponents over all species: 1 for each switch species of the position."""
        full = [0] * self.size
        for s in key[0]:
            full[s] = 1
        for s, k in zip(self.others, key[1], strict=True):
            full[s] = k
        return tuple(full)


def conditional_system(net: ReactionNetwork, order: int, closure: Closure) -> MomentSystem:
    """Moments <g x^e> for every position g of the switches, with the law of x in each position closed on its own."""
    groups, size = switches(net), len(net.species)
    if not groups:
        raise NetworkError("the conditional closure needs a switch: two to four species of which exactly one is "
                           "present, once (such as G + P <-> GP with initial={'G': 1}). Take another closure.")
    others = [s for s in range(size) if not any(s in group for group in groups)]
    how_many = math.prod(map(len, groups)) * math.comb(len(others) + order, order)
    if how_many > MAX_MOMENTS:
        raise NetworkError(f"the positions of the switches have {how_many} moments in all; at most {MAX_MOMENTS} are "
                           "followed. Lower the order.")
    positions = _Positions(size, groups, others, [(0,) * len(others), *powers_up_to(len(others), order)])
    keys = positions.keys()
    known, place = len(keys), {key: i for i, key in enumerate(keys)}
    matrix = _position_equations(net, positions, place)
    above = [(i, place[p, positions.inner[0]], p, e) for (p, e), i in place.items() if i >= known]
    members = {p: [place[p, e] for e in positions.inner] for _, _, p, _ in above}
    z = np.zeros(len(place))

    def flow(y: Floats) -> Floats:
        z[:known] = y
        laws = {p: _conditional_law(y[at], positions.inner, order) for p, at in members.items()}
        for i, probability, p, e in above:
            law = laws[p]
            z[i] = 0.0 if law is None else z[probability] * _raw_above(e, law, closure)
        return matrix @ z

    def reader(f: Exponents) -> Floats:
        """The row that reads <n^f> off y."""
        row = np.zeros(known)
        for key in positions.reduced(f):
            row[place[key]] += 1.0
        return row

    units = [tuple(int(i == s) for i in range(size)) for s in range(size)]
    means = np.array([reader(u) for u in units])
    seconds = np.array([[reader(tuple(x + y for x, y in zip(u, v, strict=True))) for v in units] for u in units])
    start = np.array([float(math.prod(x**k for x, k in zip(net.initial.tolist(), positions.spread(key), strict=True)))
                      for key in keys])
    return MomentSystem(start, flow, lambda y: means @ y, lambda y: seconds @ y - np.outer(means @ y, means @ y), 1e-8)


def _position_equations(net: ReactionNetwork, positions: _Positions, place: dict[Key, int]) -> Floats:
    """The matrix of the moments followed (rows) on all moments met (columns); ``place`` grows by those above."""
    laws = [poly.propensity(net, reaction) for reaction in net.reactions]
    jumps, entries, followed = net.stoichiometry.T.tolist(), [], len(place)
    for key, row in list(place.items()):
        full = positions.spread(key)
        change = poly.add(*(poly.multiply(jump_of(full, nu), law) for law, nu in zip(laws, jumps, strict=True)))
        entries += [(row, place.setdefault(target, len(place)), poly.as_float(c) * poly.value_of(symbols, net))
                    for (symbols, f), c in change.items() for target in positions.reduced(f)]
    matrix = np.zeros((followed, len(place)))
    for row, column, value in entries:
        matrix[row, column] += value
    return matrix


def _conditional_law(moments: Floats, inner: list[Exponents], order: int) -> Known | None:
    """Means and central moments of the other counts in one position; None while the position is never taken."""
    raw: dict[Exponents, float] = dict(zip(inner, moments.tolist(), strict=True))
    probability = raw[inner[0]]
    if probability <= NEVER:
        return None
    size = len(inner[0])
    mean = [raw[tuple(int(i == s) for i in range(size))] / probability for s in range(size)]
    central = {e: math.fsum(weight * raw[part] / probability * power([-m for m in mean], rest)
                      for weight, part, rest in subsets(e)) for e in inner if sum(e) > 1}
    return Known(order, mean, central)


def _raw_above(e: Exponents, law: Known, closure: Closure) -> float:
    """A raw moment above the order, from the closed central ones."""
    return sum(weight * (law.central(part) if sum(part) <= law.order else _guarded(closure.higher, part, law))
               * power(law.mean, rest) for weight, part, rest in subsets(e))
