"""Every ready network: it parses, documents its propensities, simulates, and its two solvers agree."""
from __future__ import annotations

import numpy as np
import pytest

from cmelab import models, simulate, solve

Z = 5.0  # standard errors; five coincide by chance once in 1.7 million


@pytest.mark.parametrize("model", models.MODELS)
def test_every_model_says_what_it_is(model):
    doc = model.__doc__ or ""
    assert "::" in doc
    assert "propensity" in doc
    for reaction in model().reactions:
        assert reaction.text.replace("2A", "2A") in doc.replace("M -> 0 ", "M -> 0 ")


@pytest.mark.parametrize("model", models.MODELS)
def test_every_model_has_the_same_mean_by_simulation_and_by_the_master_equation(model):
    net = model()
    times = np.array([0.2, 1.0])
    truth = solve(net, times)
    ensemble = simulate(net, times, paths=2000, seed=11)
    error = np.sqrt(truth.var() / 2000)
    assert (np.abs(ensemble.mean() - truth.mean()) <= Z * error + 1e-9).all()
    assert truth.lost.max() <= 1e-10


@pytest.mark.parametrize("model", models.MODELS)
def test_zero_rates_leave_every_model_at_rest(model):
    net = model()
    still = net.with_rates(**dict.fromkeys(net.rates, 0.0))
    assert (simulate(still, [1.0], paths=2, seed=0).counts[:, 0] == still.initial).all()
    assert solve(still, 1.0).p.tolist() == [[1.0]]
