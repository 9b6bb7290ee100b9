"""Reachable states against brute-force search in plain Python."""
from __future__ import annotations

import numpy as np
import pytest

from cmelab import NetworkError, ReactionNetwork, enumerate_states, models
from cmelab.errors import StateSpaceError


def reachable(net: ReactionNetwork, bound: int) -> set[tuple[int, ...]]:
    """Breadth-first search with sets and the numpy propensities."""
    seen = {tuple(net.initial.tolist())}
    front = set(seen)
    while front:
        front = {tuple(m) for n in front for nu, a in zip(net.stoichiometry.T, net.propensities(n), strict=True)
                 if a > 0 for m in [tuple((np.array(n) + nu).tolist())] if max(m, default=0) <= bound} - seen
        seen |= front
    return seen


@pytest.mark.parametrize(("text", "initial", "bound"), [
    ("2A -> 0 ; 1", {"A": 9}, 99), ("A + B <-> C ; 1, 1", {"A": 7, "B": 4}, 99), ("0 -> A ; 1\n3A -> B ; 1", {}, 12),
    ("S + I -> 2I ; 1\nI -> R ; 1", {"S": 12, "I": 2}, 99), ("A -> B ; 0\nA -> C ; 1", {"A": 3}, 99), ("", {}, 5),
    ("E + S <-> C ; 1, 1\nC -> E + P ; 1", {"E": 2, "S": 9}, 99)])
def test_states_are_those_of_a_plain_search(text, initial, bound):
    net = ReactionNetwork.parse(text, initial=initial)
    space = enumerate_states(net, bounds=bound)
    assert {tuple(n) for n in space.states.tolist()} == reachable(net, bound)
    assert sorted(space.states.tolist()) == space.states.tolist()
    assert [space.index(n) for n in space.states] == list(range(len(space)))


def test_parity_is_kept_without_a_conservation_law():
    assert enumerate_states(models.annihilation(n0=9)).states[:, 0].tolist() == [1, 3, 5, 7, 9]


def test_the_toggle_box_has_all_its_states():
    net = ReactionNetwork.parse("0 -> U ; 5\n0 -> V ; 5\nU -> 0 ; 1\nV -> 0 ; 1")
    space = enumerate_states(net, bounds={"U": 299, "V": 199})
    assert len(space) == 60_000
    assert repr(space) == "StateSpace of 60000 states: U 0 to 299, V 0 to 199"


def test_an_infinite_network_needs_bounds_and_says_so_with_a_figure():
    with pytest.raises(StateSpaceError, match=r"more than 5000 states.*MB.*bounds=\{'M': 100\}"):
        enumerate_states(models.birth_death(), max_states=5000)


def test_a_state_outside_is_refused():
    space = enumerate_states(models.annihilation(n0=9))
    with pytest.raises(NetworkError, match=r"\(4,\) is not among these 5 states"):
        space.index([4])
    with pytest.raises(NetworkError, match="shape"):
        space.index([1, 2])


def test_a_broken_propensity_is_named_with_its_state():
    net = ReactionNetwork.parse("A -> 0 ; a = 2 - A", initial={"A": 3})
    with pytest.raises(NetworkError, match="line 1: A -> 0 has propensity -1 in state A = 3"):
        enumerate_states(net)
