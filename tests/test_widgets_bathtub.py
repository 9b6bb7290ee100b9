"""Bathtub against the truncated master equation, and wrong equations against their known sums."""

from __future__ import annotations

import numpy as np
import pytest

import cmelab
from cmelab import ReactionNetwork, models, solve
from cmelab.errors import NetworkError
from cmelab.widgets import Bathtub, bathtub

EDGE = 1e-6


def water(bank):
    return next(m for m in bank.marks if m.legend == "water in the tub").channels["y"].astype(float)


@pytest.mark.parametrize(("k", "n0", "cap"), [(4.0, 2, 12), (4.0, 2, 6), (9.0, 0, 5)])
def test_water_and_what_runs_over_are_the_certified_solution(k, n0, cap):
    """Water is P(n, t) of `solve` within the same bounds; the floor holds its `lost`."""
    bank = Bathtub(rate_k=k, n0=n0, cap=cap, t_end=3.0).bank
    law = solve(models.birth_death(k, 1.0, n0), np.linspace(0, 3.0, bathtub.FRAMES), bounds=cap)
    assert np.abs(water(bank)[:, law.states[:, 0]] - law.p).max() < EDGE
    assert bank.answer == pytest.approx(law.lost[-1], abs=1e-9)
    total = next(m for m in bank.marks if m.panel == "sum" and m.kind == "bars").channels["y"]
    assert np.abs(total[:, 0] - (1 - law.lost)).max() < EDGE


def test_smallest_last_tub_is_found():
    """C6: one tub fewer loses more than a millionth, by `solve`."""
    last = bathtub.enough(Bathtub.start("start"))
    assert last is not None
    lost = [solve(models.birth_death(4.0, 1.0, 2), 4.0, bounds=n).lost[0] for n in (last - 1, last)]
    assert lost[1] < 1e-6 <= lost[0]
    assert Bathtub().bank.readings[2].value.fill() == f"0 to {last}"


def test_closed_networks_lose_nothing():
    bank = Bathtub(preset="pure-death").bank
    assert bank.answer == pytest.approx(0.0, abs=1e-12)
    assert np.abs(water(bank).sum(axis=1) - 1).max() < 1e-5


@pytest.mark.parametrize(("law", "total", "empty"), [(bathtub.TARGET, 0.741, False), (bathtub.SWAPPED, 1.0, True),
                                                    (bathtub.TRANSPOSED, 1.350, False)])
def test_wrong_equations_have_their_known_sums(law, total, empty):
    """k = 4, γ = 1 from 10 at t = 0.3 : C1 1 with tubs below empty, C2 0.741, C4 1.350 (counts to 39; to 20, 1 %)."""
    bank = Bathtub(network="0 -> M ; 4\nM -> 0 ; 1", n0=10, cap=20, t_end=0.3, law=law).bank
    p = water(bank)
    if law != bathtub.SWAPPED:
        assert len(p) == bathtub.FRAMES and p[-1].sum() == pytest.approx(total, rel=0.01)
    else:
        assert np.abs(p.sum(axis=1) - 1).max() < 1e-3
    assert (p.min() < -0.1) == empty and bank.notice


def test_arrows_are_the_flows_of_the_reactions():
    """Thickness is propensity × water over one number for the whole picture."""
    bank = Bathtub(rate_k=4.0, n0=2, cap=8).bank
    up, down = (m.channels["weight"] for m in bank.marks if m.kind == "arrows")
    p = water(bank)
    n = np.arange(p.shape[1])
    for frame in (5, 60, 120):
        births, deaths = up.at(frame), down.at(frame)
        scale = births.sum() / (4 * p[frame]).sum()
        assert np.allclose(births, scale * 4 * p[frame], atol=1e-5)
        assert np.allclose(deaths, scale * n * p[frame], atol=1e-5)


def test_tubs_take_one_species_and_refuse_others():
    assert cmelab.show("bathtub", network=ReactionNetwork.parse("X -> 0 ; 2", initial={"X": 7})).values["n0"] == 7
    for network in (models.receptor(), models.delayed_production()):
        with pytest.raises(NetworkError, match="bathtub"):
            Bathtub(network=network)
