"""OmegaLadder and SISDoom against closed laws, and wrong beliefs about many molecules and long times."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.stats import chi2

import cmelab
from cmelab import first_passage, models, solve
from cmelab.errors import NetworkError
from cmelab.widgets import OmegaLadder, SISDoom, omega_ladder, sis_doom
from cmelab.widgets.omega_ladder import LADDER, PROPORTIONAL, UNSCALED, VANISHES, climb, slope

TIMES = np.linspace(0, 4.0, omega_ladder.TIMES)


def rungs(preset="birth-death", **values):
    values = OmegaLadder.start(preset, values)
    return climb(values, np.linspace(0, values["t_end"], omega_ladder.TIMES))


def marks(bank, kind, panel):
    return [m for m in bank.marks if m.kind == kind and m.panel == panel]


def test_means_and_spreads_are_those_of_the_poisson_law():
    """Birth-death from 0 is Poisson of mean 4 Ω (1 - exp(-4)): mean and variance in every volume, level 1e-6 each."""
    for rung in rungs():
        mean = 4 * rung.omega * -math.expm1(-4)
        assert abs(rung.mean[-1] - mean) < 4.9 * math.sqrt(mean / rung.paths)
        share = rung.sd[-1] ** 2 / mean * (rung.paths - 1)
        assert chi2.ppf(1e-6, rung.paths - 1) * 0.9 < share < chi2.isf(1e-6, rung.paths - 1) * 1.1


def test_noise_grows_and_relative_noise_shrinks():
    """K2: for a mean of 4 Ω, sd 2, 6.32, 20 and CV 0.5, 0.158, 0.05; sampled by 400 paths, to 15 %."""
    by = {r.omega: r for r in rungs(t_end=10.0)}
    for omega, sd, cv in ((1, 2.0, 0.5), (10, 6.32, 0.158), (100, 20.0, 0.05)):
        assert by[omega].sd[-1] == pytest.approx(sd, rel=0.15) and by[omega].cv == pytest.approx(cv, rel=0.15)


def test_slope_is_minus_one_half_and_zero_where_the_volume_is_forgotten():
    """K3: -1/2, and 0 where the constants stay those of Ω = 1."""
    assert slope(rungs()) == pytest.approx(-0.5, abs=0.03)
    assert slope(rungs(belief=UNSCALED)) == pytest.approx(0.0, abs=0.03)


def test_rate_equation_is_that_of_concentrations():
    """d[A]/dt = 4 - 2 · 0.5 [A]^2, integrated apart; the same curve for every volume."""
    bank = OmegaLadder(preset="annihilation").bank
    line = next(m for m in marks(bank, "line", "paths") if m.legend == "rate equation")
    t = np.linspace(0, 3.0, omega_ladder.TIMES)
    truth = solve_ivp(lambda t, x: 4 - 2 * 0.5 * x**2, (0, 3.0), [0.0], t_eval=t, rtol=1e-10, atol=1e-12).y[0]
    assert len(line.channels["y"]) == 1
    assert np.abs(line.channels["y"][0] - truth).max() < 1e-5


def test_large_volumes_follow_the_rate_equation():
    """Kurtz: the largest distance of any drawn path from the curve shrinks about 30 times from Ω = 1 to 1000."""
    bank = OmegaLadder().bank
    curve = next(m for m in marks(bank, "line", "paths") if m.legend == "rate equation").channels["y"][0]
    paths = [m.channels["y"] for m in marks(bank, "line", "paths") if m.legend != "rate equation"]
    away = [max(np.abs(p[f][::2] - curve).max() for p in paths) for f in (0, len(LADDER) - 1)]
    assert away[0] > 1.0 and away[1] < away[0] / 10


def test_two_stable_states_keep_their_noise():
    """Where paths go to and fro between two states, the CV at Ω = 10 is far above that of one stable state."""
    two = {r.omega: r.cv for r in rungs("two-stable-states")}
    assert two[10] > 3 / math.sqrt(10 * 2.37)


@pytest.mark.parametrize(("belief", "sd", "cv"), [(VANISHES, -0.5, -1.5), (PROPORTIONAL, 1.0, 0.0)])
def test_beliefs_have_the_slopes_they_claim(belief, sd, cv):
    bank = OmegaLadder(belief=belief).bank
    for panel, expected in (("sd", sd), ("CV", cv)):
        line = next(m for m in marks(bank, "line", panel) if m.colour == "purple")
        x, y = line.channels["x"][0], line.channels["y"][0]
        assert np.polyfit(x, y, 1)[0] == pytest.approx(expected, abs=1e-5)
    assert "K2" in bank.notice


def test_explosive_or_busy_networks_stop_at_the_volume_they_reach():
    bank = OmegaLadder(network="0 -> X ; 100\nX -> 0 ; 1", t_end=50.0).bank
    assert 1 < bank.frames < len(LADDER) and "too many events" in bank.caption.fill(0)
    with pytest.raises(cmelab.errors.SimulationError, match="explosive"):
        OmegaLadder(network="2X -> 3X ; 1\n0 -> X ; 1", x0=5.0, t_end=50.0)


def test_ladder_takes_networks_and_refuses_others():
    values = cmelab.show("omega-ladder", network=models.birth_death(3.0, 0.5, 2)).values
    assert values["rate_k"] == 3.0 and values["rate_gamma"] == 0.5 and values["x0"] == 2.0
    for network, said in ((models.delayed_production(), "delay"), (models.toggle_switch(), "custom propensity"),
                          (models.repressilator(), "custom propensity"), (models.annihilation(), "concentrations")):
        with pytest.raises(NetworkError, match=said):
            OmegaLadder(network=network)


# SISDoom


@pytest.mark.parametrize(("people", "infected", "r0"), [(20, 7, 1.5), (20, 1, 1.5), (40, 10, 2.0), (2, 2, 0.5)])
def test_squared_matrices_solve_the_master_equation(people, infected, r0):
    values = SISDoom.start(None, {"people": people, "infected": infected, "r0": r0, "t_end": 200.0})
    net, times = sis_doom.network(values), sis_doom.moments_of_time(200.0)
    counts, p = solve(net, times).marginal("I")
    drawn = sis_doom.law(net, times)[:, counts]
    assert times[0] == sis_doom.FIRST and abs(math.log2(times[-1] / 200.0)) <= 1 / sis_doom.PER_DOUBLING
    assert np.abs(drawn - p).max() < 1e-10


def test_infection_ends_as_the_course_says():
    """K4: from 1 of 20 at R0 = 1.5, ended by t = 5, 50, 500 with probability 0.717, 0.9895 and 1.0."""
    values = SISDoom.start("one-case")
    for t, ended in ((5.0, 0.717), (50.0, 0.9895), (500.0, 1.0)):
        times = t * 2.0 ** ((np.arange(60) - 59) / sis_doom.PER_DOUBLING)
        assert sis_doom.law(sis_doom.network(values), times)[-1, 0] == pytest.approx(ended, abs=5e-4)


def test_mean_time_to_the_end_is_that_of_first_passage():
    """15.5 from 7 of 20, by the equations of all states instead of the recursion."""
    bank = SISDoom().bank
    assert bank.answer == pytest.approx(15.5, abs=0.05)
    assert first_passage(models.sis(1.5, 1.0, 20, 7), "I == 0").mean == pytest.approx(bank.answer, rel=1e-10)
    assert bank.readings[0].value.fill() == "15.5"


def test_rate_equation_never_ends():
    bank = SISDoom(preset="for-ever-believed").bank
    line = next(m for m in marks(bank, "line", "paths") if m.legend == "rate equation")
    assert line.colour == "purple" and line.channels["y"][0, -1] == pytest.approx(20 / 3, abs=1e-5)
    assert "K4" in bank.notice


def test_doom_takes_an_sis_network_and_refuses_others():
    values = cmelab.show("sis-doom", network=models.sis(2.0, 0.5, 30, 3)).values
    assert (values["r0"], values["people"], values["infected"]) == (pytest.approx(2.0), 30, 3)
    for network in (models.sir(), models.birth_death(), models.lotka_volterra()):
        with pytest.raises(NetworkError, match="without immunity"):
            SISDoom(network=network)
