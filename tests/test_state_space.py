"""Reachable states against brute-force search in plain Python."""
from __future__ import annotations

import math
import os
import tracemalloc

import numpy as np
import pytest

from cmelab import NetworkError, ReactionNetwork, enumerate_states, models, solve
from cmelab.errors import StateSpaceError
from cmelab.lattice import lattice
from cmelab.memory import available_memory
from cmelab.state_space import upper_counts


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
    with pytest.raises(StateSpaceError, match=r"more than 5000 states.*kB.*bounds=\{'M': 100\}"):
        enumerate_states(models.birth_death(), max_states=5000)


@pytest.mark.parametrize("limit", [1, 2, 9, 10, 1023, 1024, 1025, 5000])
def test_max_states_is_kept_to_the_last_state(limit):
    """Pure death from limit - 1 has exactly limit states, with a limit of the structure or without one known."""
    for text in ("M -> 0 ; 1", "M -> 0 ; a = M"):
        net = ReactionNetwork.parse(text, initial={"M": limit - 1})
        assert len(enumerate_states(net, max_states=limit)) == limit
        if limit > 1:
            with pytest.raises(StateSpaceError, match=f"more than {limit - 1} states"):
                enumerate_states(net, max_states=limit - 1)
    growing = ReactionNetwork.parse("0 -> M ; 1")
    with pytest.raises(StateSpaceError, match=f"more than {limit} states"):
        enumerate_states(growing, max_states=limit)


@pytest.mark.parametrize(("text", "initial", "bounds", "figure"), [
    ("0 -> A ; 1\n0 -> B ; 1\n0 -> C ; 1", {}, 9999, "1e\\+12"),
    ("0 <-> A ; 1, 1\nA <-> B ; 1, 1", {"A": 3}, {"A": 10**6 - 1, "B": 10**6 - 1}, "1e\\+12"),
    ("A <-> B ; 1, 1\nB <-> C ; 1, 1\nC <-> D ; 1, 1", {"A": 3000}, None, "[34]\\.[0-9]+e\\+09"),
    ("A + B <-> C ; 1, 1\nC <-> D ; 1, 1", {"A": 10**5, "B": 10**5}, None, "[45]\\.[0-9]*e\\+09"),
])
def test_a_space_that_bounds_or_conserved_totals_make_too_large_is_refused_before_it_is_built(text, initial, bounds,
                                                                                            figure):
    """Products of bounds, and simplices: C(3003, 3) = 4.5e9 states of four kinds, 1e5^2/2 pairs."""
    net = ReactionNetwork.parse(text, initial=initial)
    tracemalloc.start()
    with pytest.raises(StateSpaceError, match=f"about {figure}, by bounds and conserved totals, [0-9.]+ [GT]B"):
        enumerate_states(net, bounds=bounds)
    with pytest.raises(StateSpaceError, match="more than"):
        solve(net, 1.0, bounds=bounds if bounds is not None else 10**5)
    assert tracemalloc.get_traced_memory()[1] < 2e6
    tracemalloc.stop()


def test_what_memory_cannot_hold_is_refused_with_both_figures(monkeypatch):
    net = ReactionNetwork.parse("0 <-> A ; 1, 1\n0 <-> B ; 1, 1")
    for module in ("state_space", "master_equation", "moving_window"):
        monkeypatch.setattr(f"cmelab.{module}.available_memory", lambda: 2e6)
    with pytest.raises(StateSpaceError, match=r"1e\+06 states need 112 MB, and 2 MB are free"):
        enumerate_states(net, bounds=999)
    with pytest.raises(StateSpaceError, match=r"P at 5000 times on 81 states needs 3.24 MB, and 2 MB are free"):
        solve(net, np.arange(5000), bounds=8)
    monkeypatch.setattr("cmelab.moving_window.LARGE", 1.0)
    monkeypatch.setattr("cmelab.moving_window.available_memory", lambda: 5e3)
    with pytest.raises(StateSpaceError, match=r"spread over .* states by t = .*5 kB are free"):
        solve(net, 1.0)


def test_free_memory_is_that_of_this_computer():
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert 1e6 < available_memory() <= total


@pytest.mark.parametrize(("text", "initial", "cells"), [
    ("A <-> B ; 1, 1", {"A": 7}, 8), ("2A <-> B ; 1, 1", {"A": 9}, 5), ("2A -> 0 ; 1", {"A": 9}, 5), ("", {}, 1),
    ("A -> 0 ; 1\nB -> 0 ; 1", {"A": 3, "B": 4}, 20), ("Off <-> On ; 1, 1", {"Off": 1}, 2), ("A -> A ; 1", {"A": 3}, 1),
    ("2A <-> 0 ; 1, 0\nA + B -> 0 ; 1", {"A": 4, "B": 3}, None), ("3A -> B + C ; 1\nB -> 0 ; 1", {"A": 10}, None),
    ("A -> B ; 1\n0 -> A ; 0", {"A": 4}, 5), ("0 -> A ; 1\nA -> B ; 1", {}, math.inf)])
def test_every_reachable_state_has_its_place_in_the_box_of_the_lattice(text, initial, cells):
    net = ReactionNetwork.parse(text, initial=initial)
    reached = lattice(net, upper_counts(net, None))
    assert reached.cells() == cells or cells is None
    if reached.cells() < math.inf:
        states = enumerate_states(net).states
        z = reached.coordinates(states)
        assert (reached.states(z) == states).all()
        assert (z >= reached.low).all() and (z <= reached.high).all()
        assert len(states) <= reached.cells()


def test_reactions_are_shifts_on_the_lattice():
    """Every reaction of every model moves every state by the same z."""
    for model in models.MODELS:
        net = model()
        reached = lattice(net, upper_counts(net, None))
        assert (reached.shifts @ reached.basis == net.stoichiometry.T[reached.moving]).all()


def test_a_state_outside_is_refused():
    space = enumerate_states(models.annihilation(n0=9))
    with pytest.raises(NetworkError, match=r"\(4,\) is not among these 5 states"):
        space.index([4])
    with pytest.raises(NetworkError, match="shape"):
        space.index([1, 2])


@pytest.mark.parametrize("door", [enumerate_states, lambda net: solve(net, 1.0)])
def test_what_is_no_network_is_refused_with_the_cure(door):
    with pytest.raises(NetworkError, match=r"must be a ReactionNetwork\. To have one, call it: birth_death\(\)"):
        door(models.birth_death)


def test_a_broken_propensity_is_named_with_its_state():
    net = ReactionNetwork.parse("A -> 0 ; a = 2 - A", initial={"A": 3})
    with pytest.raises(NetworkError, match="line 1: A -> 0 has propensity -1 in state A = 3"):
        enumerate_states(net)
