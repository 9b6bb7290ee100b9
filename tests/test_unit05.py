"""Unit 05: laws against floating null spaces and simulated runs, reach and blocks against matrices and graphs."""
from __future__ import annotations

import itertools
import math
import re

import numpy as np
import pytest
from scipy.linalg import expm, null_space
from scipy.sparse.csgraph import connected_components

import cmelab
from cmelab.exercises import exercise, numbers_of
from cmelab.exercises.diagnose import diagnose
from cmelab.exercises.finding import NOT_YET, RIGHT
from cmelab.exercises.observe import alive, row_space
from cmelab.exercises.unit05 import UNIT, classes, conserved, networks, reaching

AUTOMATIC = [each for each in UNIT if each.automatic]
ENZYME = "E + S <-> C ; 1, 2\nC -> E + P ; 3"
# The reactions of the probes of 5.3, as the library writes them.
WRITTEN = {
    reaching.PAIRS: "2A -> 0 ; 1", reaching.DIMER: "2A -> D ; 1", reaching.SWAP: "2A <-> 2B ; 1, 1",
    reaching.EPIDEMIC: "S + I -> 2I ; 1\nI -> R ; 1", reaching.RECEPTOR: "A <-> B ; 1, 1", reaching.ENZYME: ENZYME,
}  # fmt: skip


def library(text: str, start=()) -> cmelab.ReactionNetwork:
    net = cmelab.ReactionNetwork.parse(text)
    return net.with_initial(**dict(zip(net.species, start, strict=False)))


def with_rates(network: str) -> str:
    """A network of 5.1 as the library reads it."""
    return "\n".join(f"{each} ; {'1, 1' if '<->' in each else '1'}" for each in network.split(", "))


# Right answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", networks.WRITTEN)
def test_matrix_of_a_network_is_what_is_printed(network):
    """Up to the order of its rows."""
    rows = sorted(map(tuple, library(with_rates(network)).stoichiometry.tolist()))
    assert rows == sorted(networks.WRITTEN[network])


@pytest.mark.parametrize("network", networks.WRITTEN)
def test_number_of_laws_is_that_of_the_floating_null_space(network):
    S = np.array(networks.WRITTEN[network], float)
    sums = np.abs(np.linalg.eigvalsh(S @ S.T)) < 1e-9
    assert exercise("5.1").model("right")(network) == sums.sum() == null_space(S.T).shape[1]
    assert exercise("5.1").model("T2")(network) == null_space(S).shape[1]


@pytest.mark.parametrize("index", range(8))
def test_laws_span_the_null_space_from_the_left(index):
    (S,) = exercise("5.2").probes[index]
    found = np.reshape(exercise("5.2").model("right")(S), (-1, len(S)))
    wanted = null_space(np.array(S, float).T)
    assert not (found @ np.array(S)).any()
    assert len(found) == wanted.shape[1]
    projector = np.linalg.pinv(found) @ found if len(found) else np.zeros((len(S), len(S)))
    assert np.abs(projector - wanted @ wanted.T).max() < 1e-12


@pytest.mark.parametrize("seed", range(3))
def test_laws_are_kept_by_every_run(seed):
    run = cmelab.path(library(ENZYME, (3, 6)), 5.0, seed=seed)
    for c in exercise("5.2").model("right")(networks.ENZYME):
        assert len(set((run.states @ np.array(c)).tolist())) == 1


def test_programs_for_the_test_are_what_they_say():
    """On the enzyme and on others, so that also a student who takes another network meets the same verdicts."""
    for S in (networks.ENZYME, networks.INHIBITED, networks.GENE):
        whole = null_space(np.array(S, float).T)
        for source in (conserved.RIGHT, conserved.OTHER):
            rows = alive((source,))[0](S)
            assert np.abs(np.linalg.pinv(rows) @ rows - whole @ whole.T).max() < 1e-9
    for source in (conserved.FEW, conserved.SCALED, conserved.CYCLES, conserved.MIXED, conserved.SUM, conserved.ZEROS):
        rows = np.asarray(alive((source,))[0](networks.ENZYME))
        assert rows.shape[1] == 4
        assert np.abs(rows @ np.array(networks.ENZYME)).max() > 1e-9 or np.linalg.matrix_rank(rows) < 2


def test_bug_that_shipped_is_the_listing_of_the_exercise():
    """Its weights are no laws for the species in the printed order, and are laws in another one."""
    order = ["ES", "E", "S1", "S2"]
    jumps = [{"S1": -1, "S2": 1}, {"ES": -1, "E": 1, "S1": 1}, {"S2": -1, "E": -1, "ES": 1}]
    S = np.array([[jump.get(name, 0) for jump in jumps] for name in order])
    listed = np.array([[1, 0, 1, 0], [1, 1, 0, 1]])
    assert (listed @ S).any(axis=1).all()
    assert any(not (listed @ S[list(mixed)]).any() for mixed in itertools.permutations(range(4)))
    assert diagnose(exercise("5.2b"), lambda laws: not (np.reshape(laws(S), (-1, 4)) @ S).any(), {}).state == NOT_YET


def powers(start, text) -> list[tuple[int, ...]]:
    """States with a positive probability at t = 1, by the exponential of the generator on a box."""
    net = library(text, start)
    top = 2 * sum(start) + 1
    states = [n for n in itertools.product(range(top), repeat=len(start)) if sum(n) < top]
    index = {n: i for i, n in enumerate(states)}
    Q = np.zeros((len(states), len(states)))
    for j, a in enumerate(net.propensities(np.array(states))):
        for r, nu in enumerate(net.stoichiometry.T):
            to = index.get(tuple((np.array(states[j]) + nu).tolist()))
            if a[r] > 0 and to is not None:
                Q[to, j] += a[r] / 50
                Q[j, j] -= a[r] / 50
    return [n for n, p in zip(states, expm(Q)[:, index[start]], strict=True) if p > 1e-30]


@pytest.mark.parametrize("probe", [p for p in exercise("5.3").probes if len(p[0]) < 4], ids=str)
def test_reachable_states_are_those_with_a_probability(probe):
    start, reactions = probe
    assert exercise("5.3").model("right")(start, reactions) == powers(start, WRITTEN[reactions])


@pytest.mark.parametrize("probe", exercise("5.3").probes, ids=str)
def test_reachable_states_and_classes_are_those_of_the_library(probe):
    start, reactions = probe
    net = library(WRITTEN[reactions], start)
    found = cmelab.enumerate_states(net).states
    assert exercise("5.3").model("right")(start, reactions) == [tuple(n) for n in found.tolist()]
    box = cmelab.compatibility_classes(net, sum(start) if reactions != reaching.DIMER else 9)
    home = box.label[(box.states == start).all(axis=1)][0]
    mine = [tuple(n) for n in box.states[box.label == home].tolist()]
    assert exercise("5.3").model("T3:class")(start, reactions) == mine


@pytest.mark.parametrize(("p", "q"), [(6, 9), (4, 6), (8, 12), (10, 4)])
def test_classes_without_a_law_are_counted_by_walking(p, q):
    """Up by p, down by q, within a long stretch of counts: how many pieces it falls into."""
    links = np.zeros((200, 200))
    for n in range(200):
        links[n, [m for m in (n + p, n - q) if 0 <= m < 200]] = 1
    assert exercise("5.4").model("right")(p, q) == connected_components(links, directed=False)[0]


@pytest.mark.parametrize(("s", "i"), [(4, 2), (1, 1), (3, 5)])
def test_witness_is_in_the_class_and_never_reached(s, i):
    total = s + i
    reached = {tuple(n) for n in cmelab.enumerate_states(library(WRITTEN[reaching.EPIDEMIC], (s, i))).states.tolist()}
    for state in itertools.product(range(total + 2), repeat=3):
        wanted = sum(state) == total and state not in reached
        assert exercise("5.4b").model("right")(state, s, i) == wanted


@pytest.mark.parametrize("state", [(4.5, 1.5, 0), (7, -1, 0), (5, 2, -1)])
def test_witness_that_counts_nothing_is_told_what_a_count_is(state):
    found = diagnose(exercise("5.4b"), state, numbers_of(exercise("5.4b")))
    assert (found.state, found.wrong) == (NOT_YET, "")
    assert found.says.endswith("a count is a whole number, 0 or more.")


@pytest.mark.parametrize("state", [(4, 2, 0), (4, 1, 1), (1, 0, 5), (0, 6, 0)])
def test_reached_state_is_reached_by_all_infections_before_all_recoveries(state):
    """What the words on T3:class say, on the numbers of self-study; the start is reached by none of both."""
    s, i = numbers_of(exercise("5.4b")).values()
    infections, recoveries = s - state[0], state[2]
    infect, recover = (np.array(nu) for _, nu in reaching.EPIDEMIC)
    assert infections >= 0 and i + infections >= recoveries
    assert tuple((np.array((s, i, 0)) + infections * infect + recoveries * recover).tolist()) == state
    assert diagnose(exercise("5.4b"), state, {"s": s, "i": i}).wrong == "T3:class"


def test_witness_of_wrong_shape_gets_a_sentence():
    given = numbers_of(exercise("5.4b"))
    for answer in (3, (6, 0), (5.5, 0.5, 0)):
        found = diagnose(exercise("5.4b"), answer, given)
        assert (found.state, found.wrong) == (NOT_YET, "")


@pytest.mark.parametrize("index", range(5))
def test_sorted_generator_is_block_diagonal(index):
    """The blocks are those of the graph; sorting them back gives the matrix that was there."""
    (rows,) = exercise("5.5").probes[index]
    Q = np.array(rows)
    count, label = connected_components(Q, directed=False)
    order = sorted(range(len(Q)), key=lambda i: ([*label].index(label[i]), i))
    found = np.array(exercise("5.5").model("right")(rows))
    assert (found == Q[np.ix_(order, order)]).all()
    assert (found[label[order][:, None] != label[order]] == 0).all()
    assert count > 1
    assert np.abs(Q.sum(axis=0)).max() == 0 or index in (2,)  # 0 -> 3A leaves the box; its column is cut


def test_generators_are_those_of_the_library():
    """2A -> 0 on the counts that are reached from 5 and from 4, with a = c n (n - 1)/2."""
    Q = np.array(exercise("5.5").model("right")(exercise("5.5").probes[0][0]))
    for start, block in ((4, Q[:3, :3]), (5, Q[3:, 3:])):
        net = cmelab.ReactionNetwork.parse("2A -> 0 ; 2", initial={"A": start})
        assert (cmelab.generator(net, cmelab.enumerate_states(net)).toarray() == block).all()


@pytest.mark.parametrize("rates", [(0.5, 2.0, 0.3), (3.0, 0.1, 5.0)])
def test_every_run_of_the_enzyme_ends_in_one_state_whatever_the_rates(rates):
    net = cmelab.ReactionNetwork.parse("E + S <-> C ; k1, k2\nC -> E + P ; k3", initial={"E": 4, "S": 18},
                                       rates=dict(zip(("k1", "k2", "k3"), rates, strict=True)))
    ends = cmelab.simulate(net, [1e5], paths=50, seed=1, progress=False).counts[:, -1]
    assert (ends == exercise("5.6").model("right")(4, 18, *rates)).all()


# Wrong models ----------------------------------------------------------------------------------------------

FIVE = "G + P <-> R, G -> G + M, M -> 0, M -> M + P, P -> 0"
KNOWN = {  # exercise, model: (arguments, the number this belief is known by)
    ("5.1", "right"): ((FIVE,), 1),
    ("5.1", "T1"): ((FIVE,), -2),
    ("5.1", "T2"): ((FIVE,), 3),
    ("5.4", "right"): ((4, 6), 2),
    ("5.4", "T3"): ((4, 6), 1),
    ("5.4", "T3:smallest"): ((4, 6), 4),
}


@pytest.mark.parametrize(("id", "key"), list(KNOWN))
def test_belief_gives_the_number_it_is_known_by(id, key):
    arguments, number = KNOWN[id, key]
    assert exercise(id).model(key)(*arguments) == number


def test_enzyme_has_two_laws_and_not_species_minus_reactions():
    """The number of the catalogue: 2, and 1 by counting."""
    rows = {key: np.reshape(exercise("5.2").model(key)(networks.ENZYME), (-1, 4)) for key in ("right", "T1")}
    assert (len(rows["right"]), len(rows["T1"])) == (2, 1)
    assert len(null_space(np.array(networks.ENZYME, float).T).T) == 2


SAID = {  # exercise, model: what `implies` says, and what is found there
    ("5.2", "T2"): (" (1, 1, 0) ", lambda f: str(tuple(f(networks.ENZYME)[0]))),
    ("5.2", "T1"): (" 1 row", lambda f: f"{len(f(networks.ENZYME))} row"),
    ("5.2", "T2:moves"): (" (-1, 1)", lambda f: str(tuple(f(networks.RECEPTOR)[0]))),
    ("5.2b", "T1"): (" 1 law", lambda f: "1 law" if f(first_law) and not f(conserved.left_null) else ""),
    ("5.2b", "T1:zero"): (" 1 of the 2 laws", lambda f: "1 of the 2 laws" if f(first_law) else ""),
    ("5.3", "T3"): (" 10 states", lambda f: f"{len(f((9,), reaching.PAIRS))} states"),
    ("5.3", "T3:class"): (" 5 states", lambda f: f"{len(f((1, 4), reaching.DIMER))} states"),
    ("5.3", "T3:one-event"): (" 2 states", lambda f: f"{len(f((9,), reaching.PAIRS))} states"),
    ("5.3", "P6:nobody"): (" 10 states", lambda f: f"{len(f((3, 0, 1), reaching.EPIDEMIC))} states"),
    ("5.5", "T3"): (" one block", lambda f: "one block" if f(PAIRS_TO_5) == [list(r) for r in PAIRS_TO_5] else ""),
    ("5.5", "T3:one-way"): (" 0 alone", lambda f: "0 alone" if groups(classes.downstream) == [0] else ""),
    ("5.5", "T3:one-jump"): (" 0 and 2", lambda f: " and ".join(map(str, groups(classes.neighbours)))),
}  # fmt: skip


def first_law(S) -> list[list[int]]:
    """A finder that stops after one law."""
    return conserved.left_null(S)[:1]


PAIRS_TO_5 = exercise("5.5").probes[0][0]


def groups(how) -> list[int]:
    """The first group of 2A -> 0 on the counts 0 to 5."""
    return how(PAIRS_TO_5)[0]


def test_what_a_wrong_function_implies_is_what_it_gives():
    assert {*SAID} == {(each.id, key) for each in AUTOMATIC if each.kind == "function" for key in each.wrong}
    for (id, key), (text, found) in SAID.items():
        assert text in exercise(id).implies[key], (id, key)
        assert found(exercise(id).model(key)) == text.strip(), (id, key)


def test_numbers_of_why_are_computed():
    assert len(reaching.reachable((9,), reaching.PAIRS)) == 5 and " 5 states" in exercise("5.3").why
    assert len(reaching.reachable((3, 0, 1), reaching.EPIDEMIC)) == 1 and "reaches 1" in exercise("5.3").why
    assert math.gcd(4, 6) == 2 and "there are 2" in exercise("5.4").why


@pytest.mark.parametrize("student", ["ada", "grace", "emmy"])
def test_wrong_end_is_what_it_is_said_to_be(student):
    """A share of S left beside free E; and, of a slow step, complexes left."""
    given = numbers_of(exercise("5.6"), student)
    free, left, bound, _ = exercise("5.6").model("T4")(**given)
    assert free == given["e"] and left > 0 and bound == 0
    assert exercise("5.6").model("T4:slow")(**given)[2] > 0


@pytest.mark.parametrize("id", ["5.1", "5.4", "5.6"])
def test_numbers_of_self_study_are_not_those_worked_out_in_the_lesson(id):
    worked = {"5.1": (2.0,), "5.4": (2.0,), "5.6": (3.0, 0.0, 0.0, 6.0)}[id]
    assert exercise(id).values("right")[0] != worked


def test_every_belief_of_the_unit_is_found_by_an_exercise():
    found = {key.partition(":")[0] for each in UNIT for wrong in each.wrong for key in wrong.split("+")}
    assert found == {"T1", "T2", "T3", "T4", "P6"}


# Answers in other ways -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        lambda S: null_space(np.array(S, float).T).T,
        lambda S: [c for c in np.linalg.svd(np.array(S, float))[0].T if np.abs(c @ np.array(S)).max() < 1e-9],
        lambda S: -3 * np.reshape(exercise("5.2").model("right")(S), (-1, len(S))),
        lambda S: 2 * exercise("5.2").model("right")(S),  # each law twice: what they span counts
    ],
)
def test_laws_in_any_basis_are_right(answer):
    assert diagnose(exercise("5.2"), answer, {}).state == RIGHT


def test_right_null_space_in_floating_point_is_named_though_its_rows_are_too_short():
    found = diagnose(exercise("5.2"), lambda S: null_space(np.array(S, float)).T, {})
    assert (found.state, found.wrong) == (NOT_YET, "T2")
    assert re.search(r"rows of 3 numbers; it must be rows of 4 numbers", found.says)


KEEP = {  # how somebody keeps species - reactions laws, of a basis that is not the one of the model
    "first of a null space": lambda laws, many, d: laws[:many],
    "last of a null space": lambda laws, many, d: laws[len(laws) - many :],
    "mixtures": lambda laws, many, d: np.random.default_rng(1).normal(size=(many, len(laws))) @ laws,
    "as lists": lambda laws, many, d: laws[:many].tolist(),
    "rows of zeros beside them": lambda laws, many, d: np.vstack([laws[:many], np.zeros((1, d))]),
}


@pytest.mark.parametrize("how", KEEP)
def test_laws_by_counting_are_named_in_any_basis(how):
    def counted(S):
        laws = null_space(np.array(S, float).T).T
        return KEEP[how](laws, min(len(laws), max(0, len(S) - len(S[0]))), len(S))

    found = diagnose(exercise("5.2"), counted, {})
    assert (found.state, found.wrong) == (NOT_YET, "T1")


@pytest.mark.parametrize(
    "answer",
    [
        lambda S: null_space(np.array(S, float).T).T[:1],
        lambda S: [],
        lambda S: np.ones((1, len(S))),
        lambda S: np.eye(len(S))[: max(0, len(S) - len(S[0]))],
    ],
)
def test_other_rows_than_counted_laws_are_not_called_so(answer):
    """One law always, none, the sum of all counts; and as many rows as counting gives, which are no laws."""
    found = diagnose(exercise("5.2"), answer, {})
    assert (found.state, found.wrong) == (NOT_YET, "")


def test_cycles_are_named_in_any_basis():
    def mixed(S):
        rows = null_space(np.array(S, float)).T
        return np.random.default_rng(2).normal(size=(len(rows),) * 2) @ rows

    assert diagnose(exercise("5.2"), mixed, {}).wrong == "T2"


def test_exact_zeros_and_a_basis_of_ones_own_are_told_which_program_they_fail():
    def exact(laws):
        c = np.reshape(laws(networks.ENZYME), (-1, 4))
        return len(c) == 2 and not (c @ networks.ENZYME).any()

    found = diagnose(exercise("5.2b"), exact, {})
    assert found.state == NOT_YET
    assert "fails for this program, which is right" in found.says and "1e-16" in found.says
    off = np.abs(alive((conserved.RIGHT,))[0](networks.ENZYME) @ np.array(networks.ENZYME)).max()
    assert 0 < off < 1e-15


def test_test_that_returns_an_array_is_told_to_say_true_or_false():
    found = diagnose(exercise("5.2b"), lambda laws: laws(networks.ENZYME) == np.ones((2, 4)), {})
    assert "it must be True or False" in found.says


@pytest.mark.parametrize(("id", "answer"), [("5.1", 0), ("5.4", 0), ("5.4", 54)])
def test_count_far_off_is_not_asked_for_its_units(id, answer):
    found = diagnose(exercise(id), answer, numbers_of(exercise(id)))
    assert found.state == NOT_YET and found.says.endswith("by far.")


def test_generator_is_shown_without_idle_digits():
    says = diagnose(exercise("5.5"), lambda Q: np.array(Q).T, {}).says
    assert "Q = ((0, 0, 2, 0, 0, 0), " in says


def test_one_point_that_is_right_is_one():
    assert "1 of the 8 points tried is right" in diagnose(exercise("5.2"), lambda S: np.zeros((2, len(S))), {}).says


def test_states_in_another_order_are_told_so():
    right = exercise("5.3").model("right")
    found = diagnose(exercise("5.3"), lambda start, reactions: right(start, reactions)[::-1], {})
    assert (found.state, found.wrong) == (NOT_YET, "")
    assert "all rows are right, and stand in another order" in found.says


def test_too_few_states_of_a_class_are_no_pair_of_beliefs():
    """All linear laws are kept and counts end at the total: T3, but for one box. Nobody forgot a catalyst."""

    def in_box(start, reactions):
        laws = null_space(np.array([nu for _, nu in reactions], float)).T
        box = itertools.product(range(sum(start) + 1), repeat=len(start))
        return [n for n in box if np.allclose(laws @ (np.array(n) - start), 0)]

    found = diagnose(exercise("5.3"), in_box, {})
    assert (found.state, found.wrong) == (NOT_YET, "")


@pytest.mark.parametrize("side", [lambda S: S.T, lambda S: S])
def test_columns_of_a_null_space_are_told_to_be_rows(side):
    found = diagnose(exercise("5.2"), lambda S: null_space(side(np.array(S, float))), {})
    assert (found.state, found.wrong) == (NOT_YET, "")
    assert "Are they columns? `.T`" in found.says


def test_no_law_is_a_row_space_without_rows():
    assert row_space(lambda S: [], networks.PAIRS) == [[0.0]]


@pytest.mark.parametrize("kept", [list, tuple, np.array])
def test_reachable_states_may_be_lists_or_an_array(kept):
    right = exercise("5.3").model("right")
    assert diagnose(exercise("5.3"), lambda start, reactions: kept(right(start, reactions)), {}).state == RIGHT


def test_reachable_states_as_a_set_are_told_to_be_sorted():
    right = exercise("5.3").model("right")
    found = diagnose(exercise("5.3"), lambda start, reactions: set(right(start, reactions)), {})
    assert "sorted" in found.says


def test_test_with_asserts_is_as_good_as_one_that_returns():
    def asserting(laws):
        S = np.array(networks.ENZYME)
        c = np.reshape(laws(S), (-1, 4))
        assert np.allclose(c @ S, 0)
        assert np.linalg.matrix_rank(c) == 2

    assert diagnose(exercise("5.2b"), asserting, {}).state == RIGHT


def test_answers_may_not_call_what_computes_the_answer():
    """Whatever finds laws, states or generators is closed, under a name that exists."""
    for each in AUTOMATIC:
        assert {"structure", "enumerate_states", "generator", "ReactionNetwork"} <= set(each.forbidden)
        assert {*each.forbidden} <= {*cmelab.__all__}
