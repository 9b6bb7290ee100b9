"""Moment equations with their numbers filled in, and moments that are sums of others, for `moment_hierarchy`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .. import polynomials as poly
from ..errors import NetworkError, StateSpaceError
from ..moments import jump_of, powers_up_to
from ..network import ReactionNetwork
from ..polynomials import Exponents
from ..state_space import enumerate_states
from .words import number

RIGHT, SQUARES, CROSSES, LINEAR = (
    "what the equation says",
    "⟨n²⟩ changes by ν² alone",
    "⟨n²⟩ changes by 2nν alone",
    "linear networks need a closure",
)
MOST_STATES = 500
Terms = dict[Exponents, float]


def equations(net: ReactionNetwork, order: int, belief: str = RIGHT) -> dict[Exponents, Terms]:
    """For each moment up to ``order`` the moments its derivative needs, each with its coefficient in numbers.

    d<n^e>/dt = sum_r <((n + nu)^e - n^e) a_r(n)>; a belief leaves out a part of the second power of one count.
    """
    size, laws = len(net.species), [poly.propensity(net, r) for r in net.reactions]
    rows: dict[Exponents, Terms] = {}
    for e in powers_up_to(size, order):
        change = poly.add(*(poly.multiply(_jump(e, nu, belief), law)
                            for law, nu in zip(laws, net.stoichiometry.T.tolist(), strict=True)))
        terms: Terms = {}
        for (symbols, f), c in change.items():
            terms[f] = terms.get(f, 0.0) + float(c) * poly.value_of(symbols, net)
        rows[e] = {f: c for f, c in terms.items() if c}
    return rows


def _jump(e: Exponents, nu: list[int], belief: str) -> poly.Polynomial:
    """(n + nu)^e - n^e, or what a belief takes for it where e is the square of one count."""
    s = e.index(max(e))
    if sum(e) != 2 or e[s] != 2 or belief not in (SQUARES, CROSSES):
        return jump_of(e, nu)
    if belief == SQUARES:
        return poly.number(nu[s] ** 2, len(e))
    return poly.scaled(poly.count(s, len(e)), 2 * nu[s])


def now(net: ReactionNetwork, terms: Terms) -> float:
    """The derivative while the state is known to be the start."""
    n = net.initial.astype(float)
    return sum(c * float(np.prod(n**f)) for f, c in terms.items())


def reduced(net: ReactionNetwork, target: Exponents, order: int) -> Terms | None:
    """The moment as a sum of moments up to ``order`` on the states that can be reached; None where it is none."""
    try:
        states = enumerate_states(net, max_states=MOST_STATES).states.astype(float)
    except (StateSpaceError, NetworkError):
        return None
    lower = [(0,) * len(target), *powers_up_to(len(target), order)]
    # One after the other from the lowest, so that the shortest sum is found: a moment that adds nothing is left out.
    columns, kept = np.empty((len(states), 0)), []
    for e in lower:
        wider = np.column_stack([columns, _scaled(states, e)])
        if np.linalg.matrix_rank(wider) > columns.shape[1]:
            columns, kept = wider, [*kept, e]
    wanted = _scaled(states, target)
    weights = np.linalg.lstsq(columns, wanted, rcond=None)[0]
    if np.abs(columns @ weights - wanted).max() > 1e-9:
        return None
    size = {e: _size(states, e) for e in (*kept, target)}
    terms = {e: float(w) * size[target] / size[e] for e, w in zip(kept, weights, strict=True)}
    return {e: c for e, c in terms.items() if abs(c) > 1e-9}


def _size(states: NDArray[np.float64], e: Exponents) -> float:
    return max(1.0, float((states**e).prod(axis=1).max()))


def _scaled(states: NDArray[np.float64], e: Exponents) -> NDArray[np.float64]:
    return (states**e).prod(axis=1) / _size(states, e)


def symbol(net: ReactionNetwork, e: Exponents) -> str:
    """A moment in letters, such as ⟨A²B⟩."""
    powers = ("", "", *"²³⁴⁵⁶⁷⁸⁹")
    parts = [f"{s}{powers[k]}" for s, k in zip(net.species, e, strict=True) if k]
    gap = " " if any(len(s) > 1 for s in net.species) else ""
    return f"⟨{gap.join(parts)}⟩" if parts else "1"


def side(net: ReactionNetwork, terms: Terms) -> str:
    """The right-hand side in words, with its numbers, the highest moment first."""
    text = ""
    for e, c in sorted(terms.items(), key=lambda item: (-sum(item[0]), tuple(-x for x in item[0]))):
        size = number(abs(c), "4")
        what = size if not any(e) else symbol(net, e) if size == "1" else f"{size} {symbol(net, e)}"
        text += (f" {'−' if c < 0 else '+'} " if text else "−" if c < 0 else "") + what
    return text or "0"
