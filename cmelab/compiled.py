"""ReactionNetwork -> CompiledNetwork: flat arrays only, so that one compiled kernel serves every network."""
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .errors import NetworkError
from .expression import MAX, MIN, NUMBER, POWER, SPECIES, names, to_program
from .kernels.ssa import FIRST, GENERAL, KNOWN
from .network import Reaction, ReactionNetwork, as_network

Ints, Floats = NDArray[np.int64], NDArray[np.float64]
Indices = NDArray[np.uint32]  # without a sign: numba looks at every signed index, whether it counts from the end
FEW = 12       # reactions up to which all propensities are computed anew after each event
LARGE = 1e250  # a smaller coefficient times three counts of at most 2^53 is finite, so that a count of 0 makes it 0


class CompiledNetwork(NamedTuple):
    """What the kernels read: three groups of arrays. R reactions, S species.

    mass_action : coefficients (R,) = c / prod(m!), so that a = coefficient * prod n(n-1)...(n-m+1); then the reactants
        as (start (R+1,), species, multiplicity m): those of reaction r lie at start[r] .. start[r+1] - 1.
    changes : net changes nu, zeros left out, as (start (R+1,), species, amount).
    programs : custom propensities as (start (R+1,), code, operand); an empty program means mass action.
    stack_size : values the longest program keeps at once.
    """

    mass_action: tuple[Floats, Ints, Ints, Ints]
    changes: tuple[Ints, Ints, Ints]
    programs: tuple[Ints, Ints, Floats]
    stack_size: int


def compile_network(net: ReactionNetwork) -> CompiledNetwork:
    """Flatten a network without delays; `compile_delayed` takes those that have some."""
    if as_network(net).has_delays:
        late = next(r for r in net.reactions if r.delay is not None)
        raise NetworkError(f"{late.text} has a {late.delay}, so counts alone do not decide what happens next; this "
                           "method needs reactions without delays. Leave the delay out.", line=late.line)
    return _compile(net, net.stoichiometry.T.tolist())


class Delays(NamedTuple):
    """What happens later: products by reaction as (start (R+1,), species, amount), and how much later.

    mean : (R,) mean delay, 0 where there is none; stages : (R,) exponential stages, 0 for a fixed delay.
    """

    releases: tuple[Ints, Ints, Ints]
    mean: Floats
    stages: Ints


def compile_delayed(net: ReactionNetwork) -> tuple[CompiledNetwork, Delays]:
    """Flatten a network with delays: a delayed reaction only takes its reactants when it begins."""
    begins, releases = delayed_changes(net)
    late = [r.delay for r in net.reactions]
    lists = _whole(_lists([[(i, v) for i, v in enumerate(column) if v] for column in releases]))
    delays = Delays(lists, np.array([0.0 if d is None else d.mean for d in late]),
                    np.array([0 if d is None or d.stages is None else d.stages for d in late], np.int64))
    return _compile(net, begins), delays


def delayed_changes(net: ReactionNetwork) -> tuple[list[list[int]], list[list[int]]]:
    """Changes (R, S) when each reaction begins and, later, when it completes."""
    begins, releases = [], []
    for reaction, column in zip(net.reactions, net.stoichiometry.T.tolist(), strict=True):
        late = reaction.delay is not None
        begins.append([-reaction.reactants.get(s, 0) for s in net.species] if late else column)
        releases.append([reaction.products.get(s, 0) if late else 0 for s in net.species])
    return begins, releases


def _compile(net: ReactionNetwork, columns: list[list[int]]) -> CompiledNetwork:
    index = {s: i for i, s in enumerate(net.species)}
    reactants = [[(index[s], m) for s, m in r.reactants.items()] for r in net.reactions]
    changes = [[(i, v) for i, v in enumerate(column) if v] for column in columns]
    programs = [to_program(r.formula, index, net.rates) if r.custom else [] for r in net.reactions]
    coefficients = [0.0 if r.custom else r.rate / math.prod(math.factorial(m) for m in r.reactants.values())
                    for r in net.reactions]
    steps = _lists(programs)
    return CompiledNetwork((np.array(coefficients, float), *_whole(_lists(reactants))), _whole(_lists(changes)),
                           (steps[0], steps[1].astype(np.int64), steps[2]),
                           max(map(_stack_size, programs), default=0) + 1)


class Graph(NamedTuple):
    """Whose propensity may change when a reaction fires, itself included: (start (R+2,), flat), and the first of them
    (R+1,). Row R is the beginning, where all are new."""

    start: Indices
    dependents: Indices
    first: Indices


class EventTables(NamedTuple):
    """A network as the event loops like it: rows of equal length instead of lists in lists. W changes at most.

    network : what cannot be put into rows is read from here
    table : factors (R, 4), numbers (R, 3), changed (R, W), amounts (R, W).
        A row of factors is how a propensity is found, then species. FIRST, SECOND, THIRD: numbers[0] times a count,
        times (a count - numbers[1]), times (a count - numbers[2]); species S stands for the constant 1. KNOWN: a custom
        propensity that reads one species or none, and its row among those. GENERAL: all others.
        changed and amounts are species and change, filled up with changes of 0.
    programs : as in ``network``; None where nothing is custom
    graph : None where `FEW` reactions or fewer are all computed anew after each event, in loops of equal length, which
        is quicker than to save some
    known : how many propensities are KNOWN
    """

    network: CompiledNetwork
    table: tuple[Indices, Floats, Indices, Floats]
    programs: tuple[Ints, Ints, Floats] | None
    graph: Graph | None
    known: int


def event_tables(net: ReactionNetwork, *, with_graph: bool = False) -> EventTables:
    """Lay a network without delays out for the event loops; a graph is there for many reactions, or where asked for."""
    network, size, species = compile_network(net), len(net.reactions), len(net.species)
    factors, numbers = np.full((size, 4), species, np.uint32), np.zeros((size, 3))
    known, custom = 0, any(r.custom for r in net.reactions)
    for r, reaction in enumerate(net.reactions):
        read, numbers[r, 0] = sorted(_read(net, reaction)), network.mass_action[0][r]
        if reaction.custom:
            factors[r, 0] = KNOWN if len(read) <= 1 else GENERAL
        else:
            factors[r, 0] = max(reaction.order, FIRST) if reaction.order <= 3 and numbers[r, 0] < LARGE else GENERAL
        if factors[r, 0] == KNOWN:
            factors[r, 1:3], known = (net.species.index(read[0]) if read else species, known), known + 1
        elif factors[r, 0] != GENERAL:
            terms = [(net.species.index(s), j) for s, m in reaction.reactants.items() for j in range(m)]
            for i, (s, j) in enumerate(terms):
                factors[r, 1 + i], numbers[r, i] = s, j if i else numbers[r, 0]
    graph = dependency_graph(net) if with_graph or size > FEW else None
    return EventTables(network, (factors, numbers, *_change_rows(network, size, species)),
                       network.programs if custom else None, graph, known)


def _change_rows(network: CompiledNetwork, size: int, species: int) -> tuple[Indices, Floats]:
    start, which, amount = network.changes
    width = int(np.diff(start).max(initial=0))
    changed, amounts = np.full((size, width), species, np.uint32), np.zeros((size, width))
    for r in range(size):
        count = start[r + 1] - start[r]
        changed[r, :count], amounts[r, :count] = which[start[r]:start[r + 1]], amount[start[r]:start[r + 1]]
    return changed, amounts


def _read(net: ReactionNetwork, reaction: Reaction) -> set[str]:
    """The species that decide a reaction's propensity."""
    named = {name for name, _ in names(reaction.formula)} if reaction.custom else set()
    return (set(reaction.reactants) | named) & set(net.species)


def dependency_graph(net: ReactionNetwork) -> Graph:
    """For each reaction those whose propensity may change when it fires, and itself."""
    readers: dict[str, list[int]] = {s: [] for s in net.species}
    for i, reaction in enumerate(net.reactions):
        for s in _read(net, reaction):
            readers[s].append(i)
    rows = [sorted({r, *(i for s in np.flatnonzero(column) for i in readers[net.species[s]])})
            for r, column in enumerate(net.stoichiometry.T)]
    rows.append(list(range(len(rows))))
    start, flat = np.cumsum([0, *map(len, rows)]), np.array([i for row in rows for i in row], np.uint32)
    return Graph(start.astype(np.uint32), flat, np.array([min(row, default=0) for row in rows], np.uint32))


def _lists(rows: Sequence[Sequence[tuple[int, float]]]) -> tuple[Ints, Floats, Floats]:
    """Rows of pairs as (start, first items, second items)."""
    flat = np.array([pair for row in rows for pair in row], float).reshape(-1, 2)
    return np.cumsum([0, *map(len, rows)]).astype(np.int64), flat[:, 0].copy(), flat[:, 1].copy()


def _whole(lists: tuple[Ints, Floats, Floats]) -> tuple[Ints, Ints, Ints]:
    return lists[0], lists[1].astype(np.int64), lists[2].astype(np.int64)


def _stack_size(program: list[tuple[int, float]]) -> int:
    """The most values that wait at once while a program runs."""
    held = most = 0
    for code, _ in program:
        held += 1 if code in (NUMBER, SPECIES) else -1 if code <= POWER or code in (MIN, MAX) else 0
        most = max(most, held)
    return most
