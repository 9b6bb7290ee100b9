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
