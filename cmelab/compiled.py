"""ReactionNetwork -> CompiledNetwork: flat arrays only, so that one compiled kernel serves every network."""
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .errors import NetworkError
from .expression import MAX, MIN, NUMBER, POWER, SPECIES, names, to_program
from .network import ReactionNetwork, as_network

Ints, Floats = NDArray[np.int64], NDArray[np.float64]


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


def dependency_graph(net: ReactionNetwork) -> tuple[Ints, Ints]:
    """For each reaction those whose propensity may change when it fires, and itself: (start (R+1,), reactions)."""
    readers: dict[str, list[int]] = {s: [] for s in net.species}
    for i, reaction in enumerate(net.reactions):
        read = {*reaction.reactants, *(name for name, _ in names(reaction.formula) if reaction.custom)}
        for s in read & readers.keys():
            readers[s].append(i)
    rows = []
    for r, column in enumerate(net.stoichiometry.T):
        changed = np.flatnonzero(column)
        rows.append(sorted({r, *(i for s in changed for i in readers[net.species[s]])}))
    start = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    return start, np.array([i for row in rows for i in row], np.int64)


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
