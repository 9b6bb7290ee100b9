"""What stoichiometry alone decides, in exact integers: conservation laws, lattice, classes, deficiency."""
from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import connected_components
from scipy.special import gammaln

from .chain import Chain, jumps
from .display import side
from .errors import NetworkError, StateSpaceError
from .integers import hermite, nonnegative_laws, smith, transpose
from .network import ReactionNetwork, as_network
from .state_space import MAX_STATES, StateSpace, enumerate_states

Vector = tuple[int, ...]


@dataclass(frozen=True)
class ModularLaw:
    """A combination of counts that is conserved modulo a whole number, such as the parity of 2A -> 0."""

    coefficients: Vector
    modulus: int
    text: str


@dataclass(frozen=True, repr=False)
class Structure:
    """What the reactions conserve and where they can lead, whatever their rates. All numbers are exact integers.

    rank : rank of the stoichiometric matrix (S, R).
    conservation_laws : S - rank vectors c with c nu = 0 for every reaction: a basis of all integer laws.
    nonnegative_laws : all laws c >= 0 that are not sums of simpler ones; may be fewer or more than a basis.
    bounded : True where every species appears in a non-negative law, so that no count can grow for ever.
    smith_factors : the invariant factors of the matrix, each dividing the next.
    lattice_index : their product; 1 where the reactions reach every integer point that the laws allow.
    modular_laws : what is conserved modulo a factor greater than 1.
    t_invariants : R - rank vectors k with nu k = 0: how often each reaction fires in a cycle that changes nothing.
    complexes : the distinct sides of the reactions; linkage_classes : how they hang together, as indices of complexes.
    deficiency : complexes - linkage classes - rank.
    complex_balanced : True where the rates in use balance every complex, so that the law of `product_form` holds.
    concentrations : the counts c_s at which they balance, means of the Poisson law before it is confined to a class;
        None where they do not balance.
    """

    species: tuple[str, ...]
    reactions: tuple[str, ...]
    rank: int
    conservation_laws: tuple[Vector, ...]
    nonnegative_laws: tuple[Vector, ...]
    bounded: bool
    smith_factors: Vector
    lattice_index: int
    modular_laws: tuple[ModularLaw, ...]
    t_invariants: tuple[Vector, ...]
    complexes: tuple[str, ...]
    linkage_classes: tuple[Vector, ...]
    deficiency: int
    reversible: bool
    weakly_reversible: bool
    complex_balanced: bool
    concentrations: tuple[float, ...] | None

    def __repr__(self) -> str:
        laws = [combination(c, self.species) for c in self.conservation_laws]
        rows = [f"Structure of {len(self.species)} species and {len(self.reactions)} reactions, rank {self.rank}",
                f"  conserved: {', '.join(laws) or 'nothing linear'}"]
        simple = [combination(c, self.species) for c in self.nonnegative_laws]
        if sorted(simple) != sorted(laws):
            rows.append(f"  conserved, without minus signs: {', '.join(simple) or 'nothing'}")
        rows += [f"  {law.text}" for law in self.modular_laws]
        rows.append(f"  lattice index {self.lattice_index}: " + (
            "every integer point that the laws allow belongs to one class" if self.lattice_index == 1 else
            f"the points that the linear laws allow fall into {self.lattice_index} classes"))
        cycles = [combination(k, self.reactions, "(", ")") for k in self.t_invariants]
        rows.append(f"  cycles that change nothing: {', '.join(cycles) or 'none'}")
        kind = "reversible" if self.reversible else "weakly reversible" if self.weakly_reversible else \
            "not weakly reversible"
        rows.append(f"  {len(self.complexes)} complexes, {len(self.linkage_classes)} linkage classes, deficiency "
                    f"{self.deficiency}, {kind}")
        if self.concentrations is not None:
            means = ", ".join(f"{s} {c:.6g}" for s, c in zip(self.species, self.concentrations, strict=True))
            rows.append(f"  complex balanced: the stationary law is a product of Poisson laws of mean {means}, "
                        "confined to the class of the start")
        return "\n".join(rows)


def structure(net: ReactionNetwork) -> Structure:
    """Conservation laws, lattice and complexes of a network.

    Everything but ``complex_balanced`` and ``concentrations`` follows from the written reactions alone; reactions of
    rate zero count as written.

    Notes
    -----
    Product form: D. F. Anderson, G. Craciun, T. G. Kurtz, Bull. Math. Biol. 72 (2010) 1947,
    doi:10.1007/s11538-010-9517-4. Weakly reversible networks of deficiency 0 balance for all rates; others are tried
    with the rates in use. Floats enter only there.
    """
    nu = [[int(x) for x in row] for row in as_network(net).stoichiometry.tolist()]
    size = len(net.reactions)
    factors, u, v = smith(nu, size)
    rank = len(factors)
    laws = hermite(u[rank:])
    simple = nonnegative_laws(nu, size)
    modular = _modular(u, factors, laws, net.species)
    cycles = hermite([list(k) for k in transpose(v, size)[rank:]])
    sides, arrows = _complexes(net)
    graph = sparse.csr_array((np.ones(len(arrows)), tuple(np.array(arrows, np.int64).reshape(-1, 2).T)),
                             shape=(len(sides), len(sides)))
    links, label = connected_components(graph, directed=True, connection="weak") if sides else (0, np.empty(0))
    strong = connected_components(graph, directed=True, connection="strong")[0] if sides else 0
    deficiency = len(sides) - int(links) - rank
    balance = _complex_balance(net, sides, arrows, label) if strong == links else None
    return Structure(
        net.species, tuple(r.text for r in net.reactions), rank, tuple(map(tuple, _readable(laws, simple))),
        tuple(map(tuple, simple)), all(any(c[s] for c in simple) for s in range(len(net.species))), tuple(factors),
        math.prod(factors), modular, tuple(map(tuple, cycles)), tuple(side(dict(y)) for y in sides),
        tuple(tuple(np.flatnonzero(label == k).tolist()) for k in range(links)), deficiency,
        all((b, a) in arrows for a, b in arrows), bool(strong == links), balance is not None, balance)


def combination(coefficients: Vector, names: tuple[str, ...], left: str = "", right: str = "") -> str:
    """A combination in letters: ``A + 2B - C``."""
    text = ""
    for x, name in zip(coefficients, names, strict=True):
        if x:
            sign = ("-" if x < 0 else "") if not text else (" - " if x < 0 else " + ")
            text += f"{sign}{abs(x) if abs(x) > 1 else ''}{left}{name}{right}"
    return text or "0"


def _readable(laws: list[list[int]], simple: list[list[int]]) -> list[list[int]]:
    """The non-negative laws where they are a basis of all integer laws, else the echelon basis."""
    return simple if len(simple) == len(laws) and hermite(simple) == laws else laws


def _modular(u: list[list[int]], factors: list[int], laws: list[list[int]],
             species: tuple[str, ...]) -> tuple[ModularLaw, ...]:
    """The rows of U that are conserved modulo a factor, made as short as the laws allow."""
    found = []
    for row, modulus in zip(u, factors, strict=False):
        if modulus > 1:
            short = [x % modulus for x in row]
            for law in laws:
                # Multiples of a conserved combination may be added at will: choose the one with the fewest terms.
                short = min(([(x + times * y) % modulus for x, y in zip(short, law, strict=True)]
                             for times in range(min(modulus, 64))), key=_length)
            units = [times for times in range(1, min(modulus, 64)) if math.gcd(times, modulus) == 1]
            short = min(([times * x % modulus for x in short] for times in units), key=_length)
            text = f"{combination(tuple(short), species)} mod {modulus} is conserved"
            if sum(short) == 1 and modulus == 2:
                text += f" (the parity of {combination(tuple(short), species)})"
            found.append(ModularLaw(tuple(short), modulus, text))
    return tuple(found)


def _length(coefficients: list[int]) -> tuple[int, int]:
    """Few terms first, then small numbers."""
    return sum(map(bool, coefficients)), sum(coefficients)


def _complexes(net: ReactionNetwork) -> tuple[list[frozenset[tuple[str, int]]], list[tuple[int, int]]]:
    """The distinct sides, and each reaction as an arrow between two of them."""
    sides: dict[frozenset[tuple[str, int]], int] = {}
    arrows = [(sides.setdefault(frozenset(r.reactants.items()), len(sides)),
               sides.setdefault(frozenset(r.products.items()), len(sides))) for r in net.reactions]
    return list(sides), arrows


def _complex_balance(net: ReactionNetwork, sides: list[frozenset[tuple[str, int]]], arrows: list[tuple[int, int]],
                     label: NDArray[Any]) -> tuple[float, ...] | None:
    """Counts c that balance every complex: log c . y = log (law of the linkage class at y) + a constant."""
    if net.has_delays or any(r.custom or r.rate <= 0 for r in net.reactions) or not sides:
        return None
    rate = np.array([r.rate / math.prod(math.factorial(m) for m in r.reactants.values()) for r in net.reactions])
    apart = [k for k, (a, b) in enumerate(arrows) if a != b]
    ends = np.array([arrows[k] for k in apart], np.int64).reshape(-1, 2)
    flow = sparse.csr_array((rate[apart], (ends[:, 0], ends[:, 1])), shape=(len(sides), len(sides)))
    right, classes = np.zeros(len(sides)), int(label.max()) + 1
    for k in range(classes):
        members = np.flatnonzero(label == k)
        right[members] = np.log(Chain(flow[members][:, members]).law())
    y = np.array([[dict(s).get(name, 0) for name in net.species] for s in sides], float)
    left = np.hstack([y, np.equal.outer(label, np.arange(classes)).astype(float)])
    solution = np.linalg.lstsq(left, right, rcond=None)[0]
    if np.abs(left @ solution - right).max() > 1e-9 * (1 + np.abs(right).max()):
        return None
    return tuple(np.exp(solution[:len(net.species)]).tolist())


def product_form(net: ReactionNetwork, states: ArrayLike) -> NDArray[np.float64]:
    """The stationary law of a complex-balanced network on these states (N, S): prod c_s^n_s / n_s!, summing to one.

    Exact where the states are one whole closed class (`communicating_classes`).

    Raises
    ------
    NetworkError : the network is not complex balanced.
    """
    counts = structure(net).concentrations
    if counts is None:
        raise NetworkError("this network is not complex balanced with these rates, so no product of Poisson laws is "
                           "its stationary law; use stationary(net).")
    n = np.asarray(states, float)
    if n.ndim != 2 or n.shape[1] != len(net.species) or not len(n):
        raise NetworkError(f"states of shape {n.shape} were given; they need the shape (N, {len(net.species)}).")
    log = n @ np.log(counts) - gammaln(n + 1).sum(axis=1)
    weights = np.exp(log - log.max())
    return weights / weights.sum()


@dataclass(frozen=True)
class CompatibilityClasses:
    """A box of states cut into stoichiometric compatibility classes: two states share one when they differ by an
    integer combination of the reactions.

    states : (N, S) int64, every state of the box in lexicographic order
    label : (N,) int64, the class of each state, numbered in the order of appearance
    reached : (N,) bool, what the network really reaches from its start inside the box: a part of one class
    count : number of classes
    """

    species: tuple[str, ...]
    states: NDArray[np.int64]
    label: NDArray[np.int64]
    reached: NDArray[np.bool_]
    count: int


def compatibility_classes(net: ReactionNetwork, bounds: int | Mapping[str, int]) -> CompatibilityClasses:
    """Which states of a box the stoichiometry alone would let pass into each other.

    Parameters
    ----------
    bounds : the largest count of every species: one number, or one for each (``{"A": 9, "B": 4}``).

    Raises
    ------
    NetworkError : a bound is missing or unusable. StateSpaceError : the box is too large.
    """
    upper = _box(net, bounds)
    size = math.prod(n + 1 for n in upper)
    if size > MAX_STATES:
        raise StateSpaceError(f"the box has {size} states, more than {MAX_STATES}; lower the bounds.")
    states = np.indices([n + 1 for n in upper]).reshape(len(upper), -1).T.astype(np.int64) if upper else \
        np.zeros((1, 0), np.int64)
    factors, u, _ = smith([[int(x) for x in row] for row in net.stoichiometry.tolist()], len(net.reactions))
    key = np.zeros((len(states), len(u)), np.int64)
    for i, row in enumerate([*u[:len(factors)], *hermite(u[len(factors):])]):
        if i < len(factors):
            key[:, i] = states @ np.array([x % factors[i] for x in row], np.int64) % factors[i]
        else:
            key[:, i] = states @ np.array(row, np.int64)
    _, first, label = np.unique(key, axis=0, return_index=True, return_inverse=True)
    number = np.empty(len(first), np.int64)
    number[np.argsort(first)] = np.arange(len(first))
    reached = np.zeros(len(states), bool)
    if (net.initial <= upper).all():
        found = enumerate_states(net, bounds=dict(zip(net.species, upper, strict=True))).states
        reached[np.ravel_multi_index(tuple(found.T), [n + 1 for n in upper]) if upper else 0] = True
    return CompatibilityClasses(net.species, states, number[label.reshape(-1)], reached, len(first))


def _box(net: ReactionNetwork, bounds: int | Mapping[str, int]) -> list[int]:
    given = bounds if isinstance(bounds, Mapping) else dict.fromkeys(net.species, bounds)
    for name in given:
        if name not in net.species:
            raise NetworkError(f"bounds name {name!r}; the species are {', '.join(map(repr, net.species))}.")
    for name in net.species:
        n = given.get(name)
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 0:
            raise NetworkError(f"bounds give {name!r} <= {n!r}; a box needs a whole number >= 0 for every species.")
    return [int(given[name]) for name in net.species]


@dataclass(frozen=True)
class CommunicatingClasses:
    """States that can reach each other: the diagonal blocks of the generator, whatever lies between them.

    label : (N,) int64, the class of each state
    closed : (K,) bool, True where no reaction leads out of the class; only there can probability stay for ever
    """

    label: NDArray[np.int64]
    closed: NDArray[np.bool_]


def communicating_classes(net: ReactionNetwork, space: StateSpace) -> CommunicatingClasses:
    """The communicating classes of a state space; a reaction that leads out of the space opens its class."""
    rates, cut = jumps(net, space)
    label, closed = classes_of(rates)
    closed[label[cut > 0]] = False
    return CommunicatingClasses(label, closed)


def classes_of(rates: sparse.csr_array) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """(class of each state, whether each class is closed) of a chain with rates from row to column."""
    count, label = connected_components(rates, directed=True, connection="strong")
    closed = np.ones(count, bool)
    entries = rates.tocoo()
    closed[label[entries.row[label[entries.row] != label[entries.col]]]] = False
    return label.astype(np.int64), closed
