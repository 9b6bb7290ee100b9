"""Closed-form laws: oracle of the tests, line of the plots, theory of the lessons, answer of the checks.

Counts n are whole numbers >= 0 (any shape), times in 1/rate; each function returns probabilities or moments.
"""
from .births import (
    birth_death,
    birth_death_mean,
    extinction_probability,
    immigration_birth_death,
    immigration_birth_death_moments,
    outbreak_extinction,
    pure_death,
    receptor,
)
from .chains import cycle_law, ladder, schlogl, sis_extinction_time, three_state_cycle
from .delays import (
    critical_delay,
    delayed_production,
    delayed_production_mean,
    erlang,
    erlang_cdf,
    erlang_distance,
    erlang_distance_limit,
)
from .genes import TwoStageMoments, bursty, telegraph, telegraph_moments, two_stage_moments
from .laws import MeanVariance, binomial, negative_binomial, poisson, waiting_time
from .monomolecular import Monomolecular, linear_chain, linear_chain_means, monomolecular
from .noise import (
    fixed_step_variance,
    langevin_birth_death,
    langevin_birth_death_below_zero,
    langevin_birth_death_reflected_mean,
)
from .pairs import (
    annihilation,
    annihilation_mean,
    dimer,
    production_annihilation,
    production_annihilation_moments,
)

__all__ = [
    "MeanVariance",
    "Monomolecular",
    "TwoStageMoments",
    "annihilation",
    "annihilation_mean",
    "binomial",
    "birth_death",
    "birth_death_mean",
    "bursty",
    "critical_delay",
    "cycle_law",
    "delayed_production",
    "delayed_production_mean",
    "dimer",
    "erlang",
    "erlang_cdf",
    "erlang_distance",
    "erlang_distance_limit",
    "extinction_probability",
    "fixed_step_variance",
    "immigration_birth_death",
    "immigration_birth_death_moments",
    "ladder",
    "langevin_birth_death",
    "langevin_birth_death_below_zero",
    "langevin_birth_death_reflected_mean",
    "linear_chain",
    "linear_chain_means",
    "monomolecular",
    "negative_binomial",
    "outbreak_extinction",
    "poisson",
    "production_annihilation",
    "production_annihilation_moments",
    "pure_death",
    "receptor",
    "schlogl",
    "sis_extinction_time",
    "telegraph",
    "telegraph_moments",
    "three_state_cycle",
    "two_stage_moments",
    "waiting_time",
]
