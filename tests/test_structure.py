"""Integer structure against definitions: minors, brute-force search, floating null spaces, plain graph walks."""
from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import numpy as np
import pytest
from scipy.linalg import null_space

from cmelab import NetworkError, ReactionNetwork, enumerate_states, generator, models
from cmelab.errors import StateSpaceError
from cmelab.integers import nonnegative_laws, smith
from cmelab.structure import communicating_classes, compatibility_classes, product_form, structure

SCHLOGL = "2X <-> 3X ; 0.03, 1e-4\n0 <-> X ; 200, 3.5"
ENZYME = "E + S <-> C ; 1, 2\nC -> E + P ; 3"


def parse(text: str, **initial: int) -> ReactionNetwork:
    return ReactionNetwork.parse(text, initial=initial)


def random_matrix(rng: random.Random, most: int = 5, entry: int = 2) -> list[list[int]]:
    columns = rng.randint(1, most)
    return [[rng.randint(-entry, entry) for _ in range(columns)] for _ in range(rng.randint(1, most))]


def network_of(matrix: list[list[int]]) -> ReactionNetwork:
    """A network with this stoichiometry: negative entries are reactants, positive ones products."""
    def side(column: list[int], sign: int) -> str:
        return " + ".join(f"{sign * x} X{s}" for s, x in enumerate(column) if sign * x > 0) or "0"
    lines = [f"{side(c, -1)} -> {side(c, 1)} ; 1" for c in map(list, zip(*matrix, strict=True))]
    catalysts = " + ".join(f"X{s}" for s in range(len(matrix)))
    return ReactionNetwork.parse("\n".join([f"{catalysts} -> {catalysts} ; 1", *lines]))


def determinant(a: list[list[int]]) -> int:
    rows, value = [[Fraction(x) for x in row] for row in a], Fraction(1)
    for k in range(len(rows)):
        pivot = next((i for i in range(k, len(rows)) if rows[i][k]), None)
        if pivot is None:
            return 0
        if pivot != k:
            rows[k], rows[pivot], value = rows[pivot], rows[k], -value
        value *= rows[k][k]
        for i in range(k + 1, len(rows)):
            rows[i] = [x - rows[i][k] / rows[k][k] * y for x, y in zip(rows[i], rows[k], strict=True)]
    return int(value)


@pytest.mark.parametrize("seed", range(25))
def test_invariant_factors_are_quotients_of_gcds_of_minors(seed):
    """The definition by determinantal divisors; U a V = diag, and both transforms can be undone in integers."""
    a = random_matrix(random.Random(seed), most=4, entry=4)
    d, r = len(a), len(a[0])
    factors, u, v = smith(a, r)
    divisors = [1]
    for k in range(1, min(d, r) + 1):
        minors = [determinant([[a[i][j] for j in cols] for i in rows])
                  for rows in itertools.combinations(range(d), k) for cols in itertools.combinations(range(r), k)]
        if not any(minors):
            break
        divisors.append(math.gcd(*minors))
    assert factors == [y // x for x, y in itertools.pairwise(divisors)]
    diagonal = np.array(u, object) @ np.array(a, object) @ np.array(v, object)
    assert diagonal.tolist() == [[factors[i] if i == j and i < len(factors) else 0 for j in range(r)] for i in range(d)]
    assert abs(determinant(u)) == abs(determinant(v)) == 1


@pytest.mark.parametrize("seed", range(25))
def test_laws_and_cycles_span_the_floating_null_spaces(seed):
    found = structure(network_of(random_matrix(random.Random(100 + seed))))
    nu = np.array(network_of(random_matrix(random.Random(100 + seed))).stoichiometry, float)
    for vectors, space in ((found.conservation_laws, null_space(nu.T)), (found.t_invariants, null_space(nu))):
        assert len(vectors) == space.shape[1]
        if vectors:
            rows = np.array(vectors, float)
            assert np.linalg.matrix_rank(rows) == len(vectors)
            assert rows - rows @ space @ space.T == pytest.approx(np.zeros(rows.shape), abs=1e-9)
    assert found.rank == np.linalg.matrix_rank(nu)


@pytest.mark.parametrize("seed", range(15))
def test_every_small_integer_law_is_an_integer_combination_of_the_basis(seed):
    matrix = random_matrix(random.Random(200 + seed), most=4)
    basis = np.array(structure(network_of(matrix)).conservation_laws, float).reshape(-1, len(matrix))
    for c in itertools.product(range(-3, 4), repeat=len(matrix)):
        if not (np.array(c) @ np.array(matrix)).any():
            times = np.linalg.lstsq(basis.T, np.array(c, float), rcond=None)[0] if len(basis) else np.zeros(0)
            assert times == pytest.approx(np.round(times), abs=1e-8)
            assert times @ basis == pytest.approx(np.array(c, float), abs=1e-8)


@pytest.mark.parametrize("seed", range(15))
def test_nonnegative_laws_are_those_of_smallest_support(seed):
    """Brute force over all counts up to 6."""
    matrix = random_matrix(random.Random(300 + seed), most=4)
    laws = [c for c in itertools.product(range(7), repeat=len(matrix))
            if any(c) and not (np.array(c) @ np.array(matrix)).any()]
    support = {c: {i for i, x in enumerate(c) if x} for c in laws}
    extreme = {tuple(x // math.gcd(*c) for x in c) for c in laws
               if not any(support[other] < support[c] for other in laws)}
    found = nonnegative_laws(matrix, len(matrix[0]))
    assert {tuple(c) for c in found if max(c) <= 6} == extreme
    assert all(not (np.array(c) @ np.array(matrix)).any() for c in found)


def test_too_many_candidates_for_laws_are_refused():
    """A bipartite row of 150 makers and 150 users has more pairs than the limit."""
    matrix = [[1]] * 150 + [[-1]] * 150
    with pytest.raises(StateSpaceError, match=r"more than 10000 candidates"):
        nonnegative_laws(matrix, 1)


def test_an_enzyme_has_two_laws_not_species_minus_reactions():
    """T1: d - R = 1, d - rank = 2."""
    found = structure(parse(ENZYME))
    assert len(found.species) - len(found.reactions) == 1
    assert len(found.conservation_laws) == len(found.species) - found.rank == 2
    assert set(found.conservation_laws) == {(1, 0, 1, 0), (0, 1, 1, 1)}
    assert found.bounded


def test_cycles_of_reactions_are_not_conserved_quantities():
    """T2: left and right null space hold vectors of different things; each is checked on its own side of nu."""
    net = parse(ENZYME)
    found = structure(net)
    assert found.t_invariants == ((1, 1, 0),)
    assert not (net.stoichiometry @ np.array(found.t_invariants).T).any()
    assert not (np.array(found.conservation_laws) @ net.stoichiometry).any()


@pytest.mark.parametrize("n0", [8, 9])
def test_parity_confines_without_a_linear_law(n0):
    """T3: 2A -> 0 conserves nothing linear, yet odd and even never mix; a class is more than what is reached."""
    net = parse("2A -> 0 ; 1", A=n0)
    found = structure(net)
    assert found.conservation_laws == () and found.lattice_index == 2
    assert found.modular_laws[0].coefficients == (1,) and found.modular_laws[0].modulus == 2
    assert "A mod 2 is conserved" in repr(found)
    classes = compatibility_classes(net, 12)
    assert classes.count == 2
    same = classes.states[classes.label == classes.label[n0], 0]
    assert same.tolist() == [n for n in range(13) if n % 2 == n0 % 2]
    assert classes.states[classes.reached, 0].tolist() == [n for n in same.tolist() if n <= n0]


def test_rates_do_not_move_the_laws():
    """T4: even a rate of zero leaves the stoichiometry as it is written."""
    net = ReactionNetwork.parse("E + S <-> C ; a, b\nC -> E + P ; d", {"a": 1, "b": 2, "d": 3})
    first = structure(net)
    for rates in ({"a": 1e-9}, {"b": 0}, {"a": 70, "d": 0}):
        other = structure(net.with_rates(**rates))
        assert other.conservation_laws == first.conservation_laws
        assert (other.rank, other.smith_factors, other.t_invariants) == (first.rank, first.smith_factors,
                                                                         first.t_invariants)


@pytest.mark.parametrize(("text", "bound", "index"), [
    ("2A -> 0 ; 1", 9, 2), ("6A -> 0 ; 1\n4A -> 0 ; 1", 9, 2), ("2A <-> 2B ; 1, 1", 4, 2), ("A <-> B ; 1, 1", 4, 1),
    ("3A -> B ; 1\n2B -> A ; 1", 5, 5), ("2A -> B ; 1\n2B -> C ; 1\n2C -> A ; 1", 3, 7), ("3A + B -> 2C ; 1", 3, 1)])
def test_compatibility_classes_are_integer_combinations(text, bound, index):
    """Brute force: steps of +nu and -nu through a wider box that also has negative counts."""
    net = parse(text)
    found, wide = compatibility_classes(net, bound), range(-9, bound + 10)
    steps = [tuple(int(s * x) for x in column) for column in net.stoichiometry.T for s in (1, -1)]
    label: dict[tuple[int, ...], int] = {}
    for start in map(tuple, found.states.tolist()):
        if start in label:
            continue
        front, label[start] = [start], len(set(label.values()))
        while front:
            n = front.pop()
            for nu in steps:
                m = tuple(x + y for x, y in zip(n, nu, strict=True))
                if m not in label and all(x in wide for x in m):
                    label[m] = label[n]
                    front.append(m)
    assert found.label.tolist() == [label[tuple(n)] for n in found.states.tolist()]
    assert structure(net).lattice_index == index


def test_the_generator_has_a_block_for_each_class():
    net = parse("2A <-> 2B ; 1, 1", A=3)
    classes = compatibility_classes(net, 4)
    for n, m in itertools.product(range(len(classes.states)), repeat=2):
        if classes.label[n] != classes.label[m]:
            change = classes.states[m] - classes.states[n]
            assert not any((change == nu).all() for nu in net.stoichiometry.T)


@pytest.mark.parametrize(("text", "complexes", "links", "deficiency", "weak", "reversible"), [
    ("A <-> B ; 1, 1", 2, 1, 0, True, True), ("A -> B ; 1\nB -> C ; 1\nC -> A ; 1", 3, 1, 0, True, False),
    (SCHLOGL, 4, 2, 1, True, True), ("A <-> 2A ; 1, 1\nA + B <-> C ; 1, 1\nC <-> B ; 1, 1", 5, 2, 1, True, True),
    (ENZYME, 3, 1, 0, False, False), ("2A -> 0 ; 1", 2, 1, 0, False, False), ("A -> A ; 1", 1, 1, 0, True, True),
    ("0 -> A ; 1\n2A -> 0 ; 1", 3, 1, 1, False, False), ("", 0, 0, 0, True, True)])
def test_deficiency_and_reversibility_of_textbook_networks(text, complexes, links, deficiency, weak, reversible):
    found = structure(parse(text))
    assert (len(found.complexes), len(found.linkage_classes)) == (complexes, links)
    assert (found.deficiency, found.weakly_reversible, found.reversible) == (deficiency, weak, reversible)


@pytest.mark.parametrize(("text", "initial", "bounds"), [
    ("A -> B ; 1\nB -> C ; 2\nC -> A ; 3", {"A": 5}, None), ("2A <-> B ; 0.3, 1.7", {"A": 9}, None),
    ("E + S <-> C ; 0.2, 3", {"E": 3, "S": 5}, None), ("A + B <-> C ; 2, 1\nC <-> D ; 1, 5", {"A": 3, "B": 3}, None),
    ("A <-> B ; 1, 2\nA <-> B ; 3, 0.5", {"A": 4}, None), ("3A -> 2B ; 1\n2B -> C ; 4\nC -> 3A ; 2", {"A": 9}, None),
    # Deficiency 1, and yet balanced: both pairs agree on the mean 4.
    ("0 <-> A ; 4, 1\nA <-> 2A ; 2, 1", {}, 60)])
def test_the_product_of_poisson_laws_solves_the_master_equation(text, initial, bounds):
    net = ReactionNetwork.parse(text, initial=initial)
    space = enumerate_states(net, bounds=bounds)
    p = product_form(net, space.states)
    a = generator(net, space)
    assert structure(net).complex_balanced
    assert np.abs(a @ p)[p > 1e-12].max() < 1e-13 * float(-a.diagonal().min())


@pytest.mark.parametrize("text", [
    SCHLOGL, ENZYME, "2A -> 0 ; 1", "0 <-> A ; 4, 1\nA <-> 2A ; 3, 1", "A -> B ; a = A\nB -> A ; 1", "A <-> B ; 1, 0",
    "A -> B ; 1 ; delay 2\nB -> A ; 1", ""])
def test_networks_without_a_product_form_are_refused(text):
    net = parse(text)
    assert not structure(net).complex_balanced
    with pytest.raises(NetworkError, match="not complex balanced"):
        product_form(net, np.zeros((1, len(net.species))))


def test_poisson_is_the_product_form_of_birth_and_death():
    assert structure(models.birth_death(10, 4)).concentrations == pytest.approx([2.5], rel=1e-12)


@pytest.mark.parametrize(("text", "initial"), [
    ("2A -> 0 ; 1", {"A": 9}), ("A -> B ; 1\nA -> C ; 1\nB <-> D ; 1, 1", {"A": 3}), ("A <-> B ; 1, 2", {"A": 4}),
    ("S + I -> 2I ; 1\nI -> S ; 1", {"S": 5, "I": 1}), ("A -> B ; 0", {"A": 2})])
def test_communicating_classes_against_mutual_reachability(text, initial):
    net = ReactionNetwork.parse(text, initial=initial)
    space = enumerate_states(net)
    found = communicating_classes(net, space)
    reach = np.linalg.matrix_power((generator(net, space).toarray().T > 0) + np.eye(len(space), dtype=int),
                                   len(space)) > 0
    mutual = reach & reach.T
    assert (found.label[:, None] == found.label[None]).tolist() == mutual.tolist()
    for k in range(len(found.closed)):
        members = found.label == k
        assert found.closed[k] == (not reach[members][:, ~members].any())


def test_a_class_that_reactions_leave_over_the_edge_is_open():
    net = models.production()
    assert not communicating_classes(net, enumerate_states(net, bounds=3)).closed.any()


@pytest.mark.parametrize(("bounds", "said"), [
    ({"A": 3}, "'B' <= None"), ({"A": 3, "B": 2, "Q": 1}, "'Q'"), (-1, "-1"), (2.5, "2.5"), (None, "None"),
    ({"A": True, "B": 1}, "True")])
def test_a_box_needs_a_bound_for_every_species(bounds, said):
    with pytest.raises(NetworkError, match=said):
        compatibility_classes(models.receptor(), bounds)


def test_a_box_too_large_is_refused_with_its_size():
    with pytest.raises(StateSpaceError, match="the box has 4008004 states"):
        compatibility_classes(models.receptor(), 2001)


@pytest.mark.parametrize("states", [[[1]], [1, 2], np.zeros((0, 2))])
def test_states_of_another_shape_are_refused(states):
    with pytest.raises(NetworkError, match="shape"):
        product_form(models.receptor(), states)
