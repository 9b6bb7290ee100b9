"""Which states can be reached, and the reactions that lead from one to another."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arguments import whole
from .compiled import compile_network
from .errors import NetworkError, StateSpaceError
from .kernels.states import BROKEN, DONE, explore, fill_table, find
from .kernels.states import transitions as fill_transitions
from .lattice import FAR, Lattice, lattice
from .memory import available_memory, size_text
from .network import ReactionNetwork, as_network

MAX_STATES = 2_000_000
Bounds = int | Mapping[str, int] | None


@dataclass(frozen=True)
class StateSpace:
    """The states of a network, in lexicographic order.

    states : (N, S) int64
    """

    species: tuple[str, ...]
    states: NDArray[np.int64]

    @cached_property
    def _table(self) -> NDArray[np.int64]:
        table = _empty_table(len(self.states))
        with np.errstate(over="ignore"):
            fill_table(self.states, len(self.states), table)
        return table

    def index(self, n: ArrayLike) -> int:
        """Position of state n (S,); raises NetworkError where it does not belong to this space."""
        try:
            state = np.asarray(n, np.int64)
        except (TypeError, ValueError, OverflowError):
            raise NetworkError(f"the state {n!r} is not made of counts; give one for each of {self.species}.") from None
        if state.shape != (len(self.species),):
            raise NetworkError(f"a state of shape {state.shape} was given; it needs one count for each of "
                               f"{self.species}.")
        with np.errstate(over="ignore"):
            i = int(self._table[find(self.states, self._table, state)])
        if i < 0:
            raise NetworkError(f"state {tuple(state.tolist())} is not among these {len(self.states)} states.")
        return i

    def __len__(self) -> int:
        return len(self.states)

    def __repr__(self) -> str:
        spans = ", ".join(f"{s} {low} to {high}" for s, low, high in
                          zip(self.species, self.states.min(0).tolist(), self.states.max(0).tolist(), strict=True))
        return f"StateSpace of {len(self.states)} states: {spans}"


def enumerate_states(net: ReactionNetwork, *, bounds: Bounds = None, max_states: int = MAX_STATES) -> StateSpace:
    """All states that can be reached from ``net.initial``, by breadth-first search.

    Parameters
    ----------
    net : the network; a reaction whose propensity is zero leads nowhere.
    bounds : largest count allowed: one number for every species, or a number for some (``{"M": 60}``). None only
        for networks that reach finitely many states.
    max_states : refuse to go beyond this many.

    Raises
    ------
    StateSpaceError : more than ``max_states`` states.
    NetworkError : bounds that do not fit, or an invalid propensity in a reachable state.
    """
    upper, start, max_states = upper_counts(net, bounds), net.initial, whole("max_states", max_states, 1)
    with np.errstate(all="ignore"):
        if not np.isfinite(at_start := net.propensities(start)).all() or (at_start < 0).any():
            raise invalid_propensity(net, start)
    estimate = check_size(net, lattice(net, upper), bounds, max_states)
    compiled, nu = compile_network(net), np.array(net.stoichiometry.T, order="C")
    a, stack, target = np.zeros(len(nu)), np.zeros(compiled.stack_size), np.zeros_like(start)
    states, cursor = start[None].copy(), np.array([0, 1])
    capacity, answer, table = int(min(estimate, 1024)) + 2 + 2 * len(nu), -1, np.empty(0, np.int64)
    while answer != DONE:
        grown = np.zeros((capacity, start.size), np.int64)
        grown[:cursor[1]] = states[:cursor[1]]
        states, table = grown, _empty_table(capacity)
        with np.errstate(over="ignore"):
            fill_table(states, cursor[1], table)
            answer = explore(compiled, nu, upper, states, table, cursor, a, stack, target)
        if answer == BROKEN:
            raise invalid_propensity(net, states[cursor[0]])
        if cursor[1] > max_states:
            raise StateSpaceError(_too_many(net, bounds, f"{cursor[1]} found so far", int(cursor[1]), max_states))
        capacity = min(2 * capacity, max_states + 2 + 2 * len(nu)) if capacity < max_states else 2 * capacity
    found = states[:cursor[1]]
    return StateSpace(net.species, np.ascontiguousarray(found[np.lexsort(found.T[::-1])]) if start.size else found)


def check_size(net: ReactionNetwork, reached: Lattice, bounds: Bounds, max_states: int) -> float:
    """How many states bounds and conserved totals allow, about; inf where they set no limit.

    Raises StateSpaceError, before anything is allocated, where these are too many. Fewer may be reachable.
    """
    estimate = reached.size_estimate()
    if estimate == np.inf:
        return estimate
    if estimate > max_states:
        raise StateSpaceError(_too_many(net, bounds, f"about {estimate:.3g}, by bounds and conserved totals", estimate,
                                        max_states))
    needed, free = _memory(net, estimate), available_memory()
    if needed > free:
        raise StateSpaceError(f"about {estimate:.3g} states need {size_text(needed)}, and {size_text(free)} are free; "
                              "lower the bounds.")
    return estimate


def transitions(net: ReactionNetwork, space: StateSpace) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where each reaction leads from each state: (index (N, R), -1 outside the space; propensity (N, R))."""
    compiled, nu = compile_network(net), np.array(net.stoichiometry.T, order="C")
    if not isinstance(space, StateSpace) or space.species != net.species:
        given = f"of {space.species}" if isinstance(space, StateSpace) else repr(space)
        raise NetworkError(f"the states given are {given}; they must be a StateSpace of {net.species}. Make it with "
                           "enumerate_states.")
    to, rate = np.zeros((len(space), len(nu)), np.int64), np.zeros((len(space), len(nu)))
    with np.errstate(over="ignore"):
        bad = fill_transitions(compiled, nu, space.states, space._table, np.zeros(len(nu)),
                               np.zeros(compiled.stack_size), np.zeros(nu.shape[1], np.int64), to, rate)
    if bad >= 0:
        raise invalid_propensity(net, space.states[bad])
    return to, rate


def _empty_table(states: int) -> NDArray[np.int64]:
    return np.full(1 << max(4, (2 * states + 8).bit_length()), -1, np.int64)


def upper_counts(net: ReactionNetwork, bounds: Bounds) -> NDArray[np.int64]:
    """The largest count (S,) of each species that the bounds allow; FAR where they say nothing."""
    upper = np.full(len(as_network(net).species), FAR, np.int64)
    if bounds is None:
        return upper
    given = bounds if isinstance(bounds, Mapping) else dict.fromkeys(net.species, bounds)
    for name, most in given.items():
        if name not in net.species:
            raise NetworkError(f"bounds name {name!r}; the species are {', '.join(map(repr, net.species))}.")
        if isinstance(most, bool) or not isinstance(most, (int, np.integer)) or not 0 <= most < FAR:
            raise NetworkError(f"bounds give {name!r} <= {most!r}; a bound is a whole number >= 0.")
        upper[net.species.index(name)] = most
    if (net.initial > upper).any():
        s = int(np.argmax(net.initial > upper))
        raise NetworkError(f"bounds allow {net.species[s]} <= {upper[s]}, but it starts at {net.initial[s]}.")
    return upper


def _memory(net: ReactionNetwork, states: float) -> float:
    """Bytes of the states, the table that finds them, and the transitions between them."""
    return 8 * states * (len(net.species) + 4 + 2 * len(net.reactions))


def _too_many(net: ReactionNetwork, bounds: Bounds, found: str, states: float, limit: int) -> str:
    cure = "lower the bounds" if bounds is not None else \
        f"give bounds, such as bounds={{{net.species[0]!r}: 100}}" if net.species else "lower max_states"
    return (f"more than {limit} states can be reached ({found}, {size_text(_memory(net, states))}); {cure}, or raise "
            "max_states if memory allows.")


def invalid_propensity(net: ReactionNetwork, n: NDArray[np.int64]) -> NetworkError:
    """The error that names the reaction whose propensity cannot be used in state n."""
    values = net.propensities(n)
    r = int(np.argmax(~((values >= 0) & (values < np.inf))))
    state = ", ".join(f"{s} = {c}" for s, c in zip(net.species, n.tolist(), strict=True))
    reaction = net.reactions[r]
    return NetworkError(f"line {reaction.line}: {reaction.text} has propensity {values[r]:g} in state {state}; a "
                        "propensity must be finite and >= 0 in every reachable state.", line=reaction.line)
