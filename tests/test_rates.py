"""Rate conventions against limits of the ODE they are defined by, and against counted sets of molecules."""
from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from cmelab import NetworkError, ReactionNetwork, rates


def reactant_sets(counts: tuple[int, ...], multiplicities: tuple[int, ...]) -> int:
    """How many different sets of reactant molecules there are, by listing them."""
    each = [list(itertools.combinations(range(n), m)) for n, m in zip(counts, multiplicities, strict=True)]
    return sum(1 for _ in itertools.product(*each))


CASES = [("0 -> A", (), ()), ("A -> 0", (7,), (1,)), ("2A -> 0", (7,), (2,)), ("A + B -> C", (4, 6), (1, 1)),
         ("3A -> 0", (7,), (3,)), ("2A + B -> C", (5, 3), (2, 1)), ("4A -> 0", (6,), (4,))]


@pytest.mark.parametrize(("text", "counts", "multiplicities"), CASES)
def test_combinatorial_propensity_is_c_times_the_sets_of_molecules(text, counts, multiplicities):
    net = ReactionNetwork.parse(f"{text} ; 0.3")
    state = [*counts, *[0] * (len(net.species) - len(counts))]
    assert net.propensities(state)[0] == pytest.approx(0.3 * reactant_sets(counts, multiplicities), rel=1e-14)


@pytest.mark.parametrize(("text", "counts", "multiplicities"), CASES)
def test_falling_propensity_is_k_times_the_ordered_choices(text, counts, multiplicities):
    net = ReactionNetwork.parse(f"{text} ; 0.3", convention="falling")
    ordered = math.prod(math.perm(n, m) for n, m in zip(counts, multiplicities, strict=True))
    state = [*counts, *[0] * (len(net.species) - len(counts))]
    assert net.propensities(state)[0] == pytest.approx(0.3 * ordered, rel=1e-14)


@pytest.mark.parametrize(("text", "order", "lost"), [("0 -> A", 0, -1), ("A -> 0", 1, 1), ("2A -> 0", 2, 2),
                                                     ("A + B -> C", 2, 1), ("3A -> 0", 3, 3)])
@pytest.mark.parametrize("ode", rates.ODES)
def test_macroscopic_k_gives_its_own_ode_in_the_large_volume_limit(text, order, lost, ode):
    """Molecules lost per unit time, over Omega, tend to k x^order ('consumption') or lost k x^order ('extent')."""
    k, x, omega = 0.6, 1.5, 1e9
    net = ReactionNetwork.parse(f"{text} ; k", {"k": k}, convention="macroscopic", volume=omega, ode=ode)
    state = [round(x * omega)] * len(net.species)
    measured = -net.stoichiometry[0, 0] * net.propensities(state)[0] / omega
    wanted = k * x**order if ode == "consumption" and lost > 0 else lost * k * x**order
    assert measured == pytest.approx(wanted, rel=1e-8)


def test_numbers_of_the_chapter():
    """k = 0.6, Omega = 3, five molecules, d[A]/dt = -k[A]^2: two meetings per unit time."""
    net = ReactionNetwork.parse("2A -> B ; 0.6\n0 -> A ; 0.6", convention="macroscopic", volume=3)
    assert net.propensities([5, 0]) == pytest.approx([2.0, 1.8])


def test_two_conventions_of_the_chapter_differ_by_two():
    dimer = ReactionNetwork.parse("2A -> B ; 0.2")
    falling = ReactionNetwork.parse("2A -> B ; 0.1", convention="falling")
    assert dimer.propensities([9, 0])[0] == pytest.approx(falling.propensities([9, 0])[0])


def test_molar_units_count_avogadros_molecules_per_litre():
    """10^6 M^-1 s^-1 in one femtolitre is 10^6 / (N_A 10^-15) = 1.6605e-3 per pair and second."""
    omega = rates.omega_from_litres(1e-15)
    assert omega == pytest.approx(6.02214076e8)
    c = rates.stochastic_constant(1e6, (1, 1), convention="macroscopic", volume=omega)
    assert c == pytest.approx(1e6 / 6.02214076e8, rel=1e-14)


@pytest.mark.parametrize("multiplicities", [(1,), (2,), (3,), (1, 1), (2, 1)])
@pytest.mark.parametrize("convention", rates.CONVENTIONS)
def test_counts_below_the_order_never_react(multiplicities, convention):
    names = "AB"[:len(multiplicities)]
    side = " + ".join(f"{m}{s}" for s, m in zip(names, multiplicities, strict=True))
    volume = 3.0 if convention == "macroscopic" else None
    net = ReactionNetwork.parse(f"{side} -> P ; 0.6", convention=convention, volume=volume, ode="extent")
    for low in range(multiplicities[0]):
        state = [low, *[9] * (len(net.species) - 1)]
        assert net.propensities(state)[0] == 0.0


@pytest.mark.parametrize(("arguments", "said"), [
    ({"k": -1}, "k = -1"), ({"k": math.inf}, "k = inf"), ({"k": True}, "k = True"),
    ({"multiplicities": (0,)}, "multiplicities = (0,)"), ({"convention": "molar"}, "convention='molar'"),
    ({"volume": None}, "needs volume="), ({"volume": 0}, "volume=0"), ({"ode": "both"}, "ode='both'"),
    ({"multiplicities": (2, 1)}, "write ode='extent'".capitalize()),
    ({"convention": "falling"}, "has no meaning"),
])
def test_unusable_conventions_are_refused_with_the_value(arguments, said):
    given = {"k": 0.6, "multiplicities": (2,), "convention": "macroscopic", "volume": 3.0} | arguments
    with pytest.raises(NetworkError) as caught:
        rates.stochastic_constant(given.pop("k"), given.pop("multiplicities"), **given)
    assert said in str(caught.value)


@pytest.mark.parametrize("litres", [0, -1, math.nan, math.inf])
def test_a_volume_must_be_a_number_above_zero(litres):
    with pytest.raises(NetworkError, match="litres = "):
        rates.omega_from_litres(litres)


@pytest.mark.parametrize("kind", [int, np.int64, np.float32, np.float64])
def test_numbers_of_numpy_are_numbers(kind):
    """2A -> 0 with k = 2 in a volume of 4: c = 2 * 2! / (4 * 2) with ode='consumption'."""
    arguments = {"convention": "macroscopic", "volume": kind(4)}
    assert rates.stochastic_constant(kind(2), (2,), **arguments) == 0.5
    net = ReactionNetwork.parse("2A -> 0 ; k", rates={"k": kind(2)}, initial={"A": 3}, **arguments)
    assert net.reactions[0].rate == 0.5
