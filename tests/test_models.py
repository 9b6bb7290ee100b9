"""Every ready network: it parses, documents its propensities, simulates, its solvers agree, its closed form holds."""
from __future__ import annotations

import math
import re

import numpy as np
import pytest

from cmelab import (
    delay_rate_equations,
    detailed_balance,
    exact,
    first_passage,
    models,
    simulate,
    solve,
    stationary,
)

Z = 5.0  # standard errors; five coincide by chance once in 1.7 million


@pytest.mark.parametrize("model", models.MODELS)
def test_every_model_says_what_it_is(model):
    doc = model.__doc__ or ""
    assert "::" in doc
    assert "propensity" in doc
    shown = " ".join(doc.split())
    written = [r.text for r in model().reactions]
    assert all(text in shown for text in written) or "and so on round the ring" in shown


SOLVABLE = [m for m in models.MODELS if m is not models.repressilator and not m().has_delays]


@pytest.mark.parametrize("model", SOLVABLE)
def test_every_model_has_the_same_mean_by_simulation_and_by_the_master_equation(model):
    net = model() if model is not models.brusselator else model(omega=5.0, n_x=5, n_y=15)
    times = np.array([0.2, 1.0])
    truth = solve(net, times)
    error = np.sqrt(truth.var() / 1000)
    for method in ("direct", "next_reaction"):
        mean = simulate(net, times, paths=1000, seed=11, method=method, record="moments").mean()
        assert (np.abs(mean - truth.mean()) <= Z * error + 1e-9).all(), method
    assert truth.lost.max() <= 1e-10


def test_the_repressilator_has_the_same_mean_by_both_methods():
    """Two methods that draw other numbers; six species are too many for the master equation."""
    means, variances = zip(*((m.mean()[0], m.var()[0]) for m in (
        simulate(models.repressilator(), 3.0, paths=1000, seed=s, method=method, record="moments")
        for s, method in ((1, "direct"), (2, "next_reaction")))), strict=True)
    assert (np.abs(means[0] - means[1]) <= Z * np.sqrt(sum(variances) / 1000)).all()


@pytest.mark.parametrize("model", models.MODELS)
def test_zero_rates_leave_every_model_at_rest(model):
    net = model()
    scales = {"half", "hill", "people"}  # these divide
    still = net.with_rates(**dict.fromkeys(net.rates.keys() - scales, 0.0))
    if model is models.brusselator:
        still = still.with_initial(X=0)  # two of its rates are plain numbers
    assert (simulate(still, [1.0], paths=2, seed=0).counts[:, 0] == still.initial).all()
    if not net.has_delays:
        assert solve(still, 1.0).p.tolist() == [[1.0]]


# (model with its constants, closed form, time or inf for the stationary law, species or None for all, the form).
LAWS = [
    (models.production(), "poisson", 0.7, "M", lambda n: exact.poisson(n, 5 * 0.7)),
    (models.mrna_degradation(), "pure_death", 0.7, "M", lambda n: exact.pure_death(n, 0.7, 0.5, 10)),
    (models.birth_death(n0=4), "birth_death", 0.7, "M", lambda n: exact.birth_death(n, 0.7, 10, 1, 4)),
    (models.birth_death(), "poisson", math.inf, "M", lambda n: exact.poisson(n, 10)),
    (models.receptor(copies=5), "receptor", 0.7, "B", lambda n: exact.receptor(n, 0.7, 2, 0.5, 5)),
    (models.homodimerisation(n0=9), "annihilation", 0.7, "A", lambda n: exact.annihilation(n, 0.7, 0.1, 9)),
    (models.dimerisation(), "dimer", math.inf, "B", lambda n: exact.dimer(n, 20, 0.1, 1.0)),
    (models.annihilation(n0=11), "annihilation", 0.7, "A", lambda n: exact.annihilation(n, 0.7, 0.1, 11)),
    (models.catalysis(), "pure_death", 0.7, "S", lambda n: exact.pure_death(n, 0.7, 0.3 * 2, 8)),
    (models.three_state_cycle(copies=4), "monomolecular", 0.7, None,
     lambda n: exact.monomolecular(models.three_state_cycle(copies=4), 0.7).probability(n)),
    (models.production_annihilation(), "production_annihilation", math.inf, "A",
     lambda n: exact.production_annihilation(n, 10, 1)),
    (models.linear_chain(), "linear_chain", 0.7, None, lambda n: exact.linear_chain(n, 0.7, 5, [2, 2, 2])),
    (models.immigration_birth_death(n0=3), "immigration_birth_death", 0.7, "X",
     lambda n: exact.immigration_birth_death(n, 0.7, 2, 0.5, 1, 3)),
    (models.immigration_birth_death(n0=3), "immigration_birth_death", math.inf, "X",
     lambda n: exact.immigration_birth_death(n, math.inf, 2, 0.5, 1)),
    (models.schlogl(), "schlogl", math.inf, "X", lambda n: exact.schlogl(0.03, 1e-4, 200, 3.5, int(n[-1]))),
    (models.telegraph(), "telegraph", math.inf, "M", lambda n: exact.telegraph(n, 0.6, 0.4, 20, 1)),
]


@pytest.mark.parametrize(("net", "form", "t", "species", "law"), LAWS)
def test_the_closed_form_of_a_model_is_its_solution(net, form, t, species, law):
    """solve to 1e-12 plus what it says it lost; stationary to 1e-9."""
    found = stationary(net) if math.isinf(t) else solve(net, t)
    n, p = (found.states, found.p) if species is None else found.marginal(species)
    assert np.abs(p[0] - law(n)).sum() <= (1e-9 if math.isinf(t) else found.lost[0] + 1e-12)
    assert p[0].sum() > 0.99


def moments_of(law) -> tuple[float, float]:
    return float(law.mean()[0, -1]), float(law.var()[0, -1])


def pair(moments: exact.MeanVariance) -> tuple[float, float]:
    return moments.mean, moments.variance


# (model, closed form, numbers of a solver, numbers of the form).
NUMBERS = [
    (models.homodimerisation, "annihilation_mean", lambda: solve(models.homodimerisation(n0=9), 0.7).mean()[0, 0],
     lambda: exact.annihilation_mean(0.7, 0.1, 9)),
    (models.annihilation, "annihilation_mean", lambda: solve(models.annihilation(), 0.7).mean()[0, 0],
     lambda: exact.annihilation_mean(0.7, 0.1, 10)),
    (models.three_state_cycle, "three_state_cycle",
     lambda: [abs(detailed_balance(models.three_state_cycle()).currents[0]),
              detailed_balance(models.three_state_cycle()).entropy_production],
     lambda: exact.three_state_cycle([3, 3, 3], [1, 1, 1])[::2]),
    (models.production_annihilation, "production_annihilation_moments",
     lambda: moments_of(stationary(models.production_annihilation())),
     lambda: pair(exact.production_annihilation_moments(10, 1))),
    (models.immigration_birth_death, "immigration_birth_death_moments",
     lambda: moments_of(solve(models.immigration_birth_death(n0=3), 0.7)),
     lambda: pair(exact.immigration_birth_death_moments(0.7, 2, 0.5, 1, 3))),
    (models.telegraph, "telegraph_moments", lambda: moments_of(stationary(models.telegraph())),
     lambda: pair(exact.telegraph_moments(0.6, 0.4, 20, 1))),
    (models.two_stage, "two_stage_moments", lambda: moments_of(stationary(models.two_stage(k_p=2, gamma_p=1))),
     lambda: pair(exact.two_stage_moments(1, 1, 2, 1).protein)),
    (models.sis, "sis_extinction_time", lambda: first_passage(models.sis(), "I == 0").mean,
     lambda: exact.sis_extinction_time(20, 1.5, 7)),
    (models.delayed_production, "delayed_production_mean",
     lambda: delay_rate_equations(models.delayed_production(), 4.5).of("X")[0],
     lambda: exact.delayed_production_mean(4.5, 5, 1, 3)),
]


@pytest.mark.parametrize(("model", "form", "solver", "closed"), NUMBERS)
def test_the_closed_numbers_of_a_model_are_those_of_its_solver(model, form, solver, closed):
    assert solver() == pytest.approx(closed(), rel=1e-6)


def test_every_closed_form_that_a_model_names_is_held_against_a_solver():
    """The law of delayed production has no master equation of its own: a chi-squared test of simulate holds it."""
    named = {(model.__name__, form) for model in models.MODELS for text in (model.__doc__ or "").split("\n\n")
             if "Closed form" in text for form in re.findall(r"`cmelab\.exact\.(\w+)`", text)}
    functions = {frozenset((r.text, r.propensity_text) for r in model().reactions): model.__name__
                 for model in models.MODELS}
    held = {(functions[frozenset((r.text, r.propensity_text) for r in net.reactions)], form) for net, form, *_ in LAWS}
    held |= {(model.__name__, form) for model, form, *_ in NUMBERS}
    assert named - {("delayed_production", "delayed_production")} == held
    assert all(hasattr(exact, form) for _, form in named)
