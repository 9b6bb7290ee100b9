"""Lattice against the states that are really reached, the generator, and exact linear algebra."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.linalg import null_space

import cmelab
from cmelab import enumerate_states, generator, models, structure
from cmelab.errors import NetworkError
from cmelab.widgets import Lattice, lattice


def marks(bank, kind, panel):
    return [m for m in bank.marks if m.kind == kind and m.panel == panel]


def reading(bank, label):
    return next(r for r in bank.readings if r.label.startswith(label)).value.fill()


@pytest.mark.parametrize("preset", Lattice.presets)
def test_reached_states_are_those_of_the_search(preset):
    net, _, here = lattice._looked_at(Lattice.start(preset))
    found = enumerate_states(net, bounds=int(here.states.max())).states
    reached = here.states[here.depth >= 0]
    assert {tuple(n) for n in reached.tolist()} == {tuple(n) for n in found.tolist()}
    assert Lattice(preset=preset).bank.answer == len(found)


@pytest.mark.parametrize("preset", Lattice.presets)
def test_matrix_is_the_generator(preset):
    """On the states reached, entry by entry, up to the order of the states."""
    net, _, here = lattice._looked_at(Lattice.start(preset))
    space = enumerate_states(net, bounds=int(here.states.max()))
    index = {tuple(n): i for i, n in enumerate(here.states.tolist())}
    at = [index[tuple(n)] for n in space.states.tolist()]
    assert np.abs(here.matrix[np.ix_(at, at)] - generator(net, space).toarray()).max() < 1e-12


@pytest.mark.parametrize("preset", Lattice.presets)
def test_matrix_is_block_diagonal_by_class_and_each_class_is_closed(preset):
    _, _, here = lattice._looked_at(Lattice.start(preset))
    to, source = np.nonzero(here.matrix)
    assert (here.label[to] == here.label[source]).all()
    frame = next(m for m in marks(Lattice(preset=preset).bank, "cells", "matrix") if m.legend == "block of one class")
    sizes = frame.channels["x1"][0] - frame.channels["x0"][0]
    assert sorted(sizes.astype(int)) == sorted(np.unique(here.label, return_counts=True)[1])
    for m in marks(Lattice(preset=preset).bank, "cells", "matrix"):
        if m.legend.startswith("rate") or m.legend == "loss":
            x, y = m.channels["x0"][0], -m.channels["y1"][0]
            edges = frame.channels["x0"][0]
            assert (np.searchsorted(edges, x, side="right") == np.searchsorted(edges, y, side="right")).all()


def test_steps_are_counted_by_a_plain_search():
    """Distance in the graph of jumps, by powers of the adjacency matrix."""
    _, _, here = lattice._looked_at(Lattice.start("enzyme"))
    step, now, k = here.matrix > 0, np.zeros(len(here.depth), bool), 0
    now[here.start] = True
    assert here.depth[here.start] == 0
    for k in range(1, 13):
        then = now | (step[:, now].any(axis=1))
        assert set(np.flatnonzero(then & ~now)) == set(np.flatnonzero(here.depth == k))
        now = then


def test_parity_without_a_law():
    """T3: 2A -> 0 from 9 keeps no linear law, and reaches 1, 3, 5, 7, 9 only."""
    bank = Lattice(preset="all-reached-believed").bank
    assert reading(bank, "States reached") == "5" and reading(bank, "With this belief") == "11"
    assert reading(bank, "Lattice index") == "2" and "T3" in bank.notice


@pytest.mark.parametrize(("preset", "laws"), [("enzyme", 2), ("parity", 0), ("receptor", 1), ("dimer", 1)])
def test_laws_are_species_minus_rank(preset, laws):
    """T1: two laws for the enzyme, not 4 - 3 = 1; the left null space by floating point says the same."""
    net, facts, _ = lattice._looked_at(Lattice.start(preset))
    assert reading(Lattice(preset=preset).bank, "Linear laws") == str(laws)
    assert null_space(net.stoichiometry.T.astype(float)).shape[1] == laws == len(facts.conservation_laws)


def test_laws_by_counting_are_wrong():
    bank = Lattice(preset="laws-by-counting").bank
    assert reading(bank, "Linear laws") == "2" and reading(bank, "With this belief") == "1" and "T1" in bank.notice


def test_cycles_are_no_laws():
    """T2: the right null vector of the receptor is a cycle of both reactions."""
    bank = Lattice(preset="receptor", belief=lattice.CYCLES).bank
    assert bank.readings[1].formula == "(A -> B) + (B -> A)" and "T2" in bank.notice


@pytest.mark.parametrize("rates", list(itertools.product((0.01, 1.0, 50.0), repeat=2)))
def test_rates_move_neither_laws_nor_classes(rates):
    """T4: only the shades of the matrix change."""
    values = {"rate_k1": rates[0], "rate_k2": rates[1]}
    _, facts, here = lattice._looked_at(Lattice.start("dimer", values))
    _, plain, there = lattice._looked_at(Lattice.start("dimer"))
    assert (here.label == there.label).all() and (here.depth == there.depth).all()
    assert facts.conservation_laws == plain.conservation_laws


def test_a_class_confines_and_does_not_promise():
    """3A -> 0 alone from 1: states 4, 7, 10 are of its class, and none is reached."""
    bank = Lattice(network="3A -> 0 ; 1", n1=1, most=10).bank
    hollow = next(m for m in marks(bank, "dots", "states") if m.legend == "same class, never reached")
    assert hollow.channels["x"][0].tolist() == [4, 7, 10] and bank.answer == 1


def test_law_is_a_line_through_all_its_states():
    bank = Lattice(preset="dimer").bank
    line = marks(bank, "segments", "states")[0]
    ends = [float(line.channels[c][0, 0]) for c in ("x0", "y0", "x1", "y1")]
    assert ends[0] + 2 * ends[1] == 8 == ends[2] + 2 * ends[3] and line.legend == "A + 2B = 8"


def test_lattice_takes_networks_and_refuses_others():
    assert cmelab.show("lattice", network=models.receptor(1.0, 2.0, 5)).values["n1"] == 5
    assert structure(models.michaelis_menten()).rank == 2
    for network, said in ((models.repressilator(), "species"), (models.michaelis_menten(), "goes up to 12"),
                          (models.delayed_production(), "delay"), ("A -> B ; 1\nC -> 0 ; 1\n0 -> D ; 1", "directions")):
        with pytest.raises(NetworkError, match=said):
            Lattice(network=network)
