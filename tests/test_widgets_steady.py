"""TwoState and Wheel3 against the master equation, and the wrong beliefs against their known numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.linalg import null_space

import cmelab
from cmelab import ReactionNetwork, detailed_balance, generator, models, path, relaxation_time, solve, stationary
from cmelab.errors import NetworkError
from cmelab.state_space import enumerate_states
from cmelab.widgets import TwoState, Wheel3, two_state, wheel3
from cmelab.widgets.frame import at


def marks(bank, kind, panel):
    return [m for m in bank.marks if m.kind == kind and m.panel == panel]


def reading(bank, label):
    return next(r for r in bank.readings if r.label.startswith(label))


# TwoState


@pytest.mark.parametrize(("k_on", "k_off", "copies"), [(2.0, 0.5, 1), (2.0, 0.5, 7), (0.3, 4.0, 12)])
def test_bars_are_the_solved_master_equation(k_on, k_off, copies):
    bank = TwoState(k_on=k_on, k_off=k_off, copies=copies, t_end=3.0).bank
    law = solve(models.receptor(k_on, k_off, copies), np.linspace(0, 3.0, two_state.FRAMES))
    n, p = law.marginal("B")
    drawn = marks(bank, "bars", "law")[0].channels["y"]
    assert n.size == copies + 1
    assert np.abs(drawn - p).max() < 1e-6


def test_curve_and_relaxation_time_are_those_of_the_generator():
    bank = TwoState(k_on=2.0, k_off=0.5).bank
    assert reading(bank, "Relaxation").value.fill() == "0.4"
    assert relaxation_time(models.receptor(2.0, 0.5)) == pytest.approx(0.4, rel=1e-12)
    assert stationary(models.receptor(2.0, 0.5)).mean()[0, 1] == pytest.approx(bank.answer, rel=1e-12)


def test_flows_become_equal_and_the_receptors_go_on_switching():
    bank = TwoState(t_end=20.0).bank
    there, back = (m.channels["y"] for m in marks(bank, "bars", "flow"))
    assert there[0, 0] == 2.0 and back[0, 0] == 0.0
    assert abs(there[-1, 0] - back[-1, 0]) < 1e-6 and there[-1, 0] == pytest.approx(0.4)
    full = np.isfinite(marks(bank, "dots", "jar")[1].channels["x"])
    late = full[len(full) // 2:]
    assert (late[1:] != late[:-1]).any(axis=1).sum() > 10


def test_each_circle_is_an_exact_path_of_its_own():
    """Share of active receptors at the end: binomial, so within 4.9 standard deviations at level 1e-6."""
    on = np.concatenate([np.isfinite(marks(TwoState(copies=40, seed=s, t_end=10.0).bank, "dots", "jar")[1]
                                     .channels["x"][-1]) for s in range(20)])
    assert abs(on.mean() - 0.8) < 4.9 * math.sqrt(0.8 * 0.2 / on.size)


@pytest.mark.parametrize(("preset", "right", "wrong"), [
    ("ratio-inverted", "0.8", "0.2"), ("ratio-as-probability", "0.8", "4"), ("wrong-relaxation", "0.8", "0.5")])
def test_beliefs_give_their_known_numbers(preset, right, wrong):
    """D3: 0.2 or 4 in place of 0.8. D4: 0.5 in place of 0.4."""
    bank = TwoState(preset=preset).bank
    assert bank.readings[0].value.fill() == right and bank.readings[-1].value.fill() == wrong
    assert bank.notice


def test_poisson_belief_is_wider_than_the_truth():
    """D5: N = 20, p = 0.2: variance 3.2, not 4."""
    bank = TwoState(preset="poisson", t_end=50.0).bank
    last = bank.frames - 1
    assert [r.value.fill(last) for r in bank.readings] == ["3.20", "4.00"]


def test_two_state_takes_a_network_and_refuses_others():
    assert cmelab.show("two-state", network="X <-> Y ; 3, 1").values["k_on"] == 3.0
    assert cmelab.show("two-state", network=models.receptor(1.0, 2.0, 5)).values["copies"] == 5
    with pytest.raises(NetworkError, match=r"two-state: it takes one molecule.*cmelab\.show"):
        TwoState(network="0 -> M ; 1")


# Wheel3


@pytest.mark.parametrize("preset", Wheel3.presets)
def test_wheel_is_the_stationary_state_of_its_network(preset):
    """Probabilities against the null space of the generator, currents against detailed_balance."""
    values = Wheel3.start(preset)
    net = wheel3.network(values)
    space = enumerate_states(net)
    null = null_space(generator(net, space).toarray())[:, 0]
    p = (null / null.sum()) @ space.states
    assert np.abs(wheel3.steady(values) - p).max() < 1e-12
    current, force, production = wheel3.driven(values)
    balance = detailed_balance(net)
    assert balance.holds == (force == 0)
    assert production == pytest.approx(balance.entropy_production, abs=1e-12)
    ahead = p * wheel3.rates_of(values)[0]
    assert current == pytest.approx((ahead - np.roll(p, -1) * wheel3.rates_of(values)[1])[0], abs=1e-12)


def test_same_probabilities_and_yet_it_turns():
    """D2: rates 3 and 1 give 1/3 each, a current of 0.667 and an affinity of 3 ln 3."""
    bank = Wheel3().bank
    assert bank.answer == pytest.approx(2 / 3, rel=1e-12)
    assert reading(bank, "Affinity").value.fill() == "3.3"
    assert wheel3.driven(Wheel3.start("spins"))[1] == pytest.approx(3 * math.log(3), rel=1e-12)
    assert np.allclose(wheel3.steady(Wheel3.start("balanced")), 1 / 3)
    assert Wheel3(preset="balanced").bank.answer == 0.0


def test_turns_are_those_of_the_path():
    """Net turns and jumps counted from the events of `path` by hand."""
    values = Wheel3.start("uneven-spins")
    walk = path(wheel3.network(values), values["t_end"], seed=values["seed"])
    place = walk.states.argmax(axis=1)
    steps = (np.diff(place) + 1) % 3 - 1
    bank = Wheel3(preset="uneven-spins").bank
    dot = marks(bank, "dots", "turns")[0].channels["y"]
    assert dot[-1, 0] == pytest.approx(steps.sum() / 3, abs=1e-5)
    jumps = marks(Wheel3(preset="nothing-happens-believed").bank, "dots", "turns")[0].channels["y"]
    assert jumps[-1, 0] > 50


def test_long_film_turns_at_the_rate_of_the_current():
    """Turns in time 200: the mean of 40 seeds against current x time, at 5 standard errors of the sample."""
    ends = [float(at(marks(Wheel3(seed=s, t_end=200.0).bank, "dots", "turns")[0].channels["y"], 200)[0])
            for s in range(40)]
    assert abs(np.mean(ends) - 200 * 2 / 3) < 5 * np.std(ends, ddof=1) / math.sqrt(40)


def test_wheel_takes_a_network_of_its_shape():
    net = ReactionNetwork.parse("X <-> Y ; 4, 1\nY <-> Z ; 2, 2\nZ <-> X ; 1, 3")
    values = cmelab.show("wheel3", network=net).values
    assert [values[f"k_{way}"] for way in ("AB", "BC", "CA", "BA", "CB", "AC")] == [4, 2, 1, 1, 2, 3]
    with pytest.raises(NetworkError, match="three states in a ring"):
        Wheel3(network=models.receptor())
