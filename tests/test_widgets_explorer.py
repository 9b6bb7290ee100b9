"""AllMethods against closed forms, the matrix exponential and the definitions of its distances."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.special import gammaln
from scipy.stats import norm, wasserstein_distance

import cmelab
from cmelab import models
from cmelab.errors import NetworkError
from cmelab.widgets import AllMethods, all_methods, take_away, verdict_rows

PAIRS = np.arange(10, -1, -2)  # the counts that 2A -> 0 can reach from 10


def pairs(t, c=0.2):
    """P(n, t) of 2A -> 0 from 10, at PAIRS: the exponential of the generator, written out."""
    a = c * PAIRS * (PAIRS - 1) / 2
    return expm(t * (np.diag(-a) + np.diag(a[:-1], -1)))[:, 0]


def drawn(bank, kind, panel, legend):
    return next(m for m in bank.marks if (m.kind, m.panel, m.legend) == (kind, panel, legend)).channels


def row(bank, method):
    return names(bank).index(method)


def names(bank) -> tuple[str, ...]:
    return bank.selection.names


def told(bank, method) -> str:
    return bank.selection.text.fill(0, row(bank, method))


def poisson_law(n, mean):
    return np.exp(n * np.log(mean) - mean - gammaln(n + 1))


def words(bank):
    """The sentence of each row in a few words."""
    mark = next(m for m in bank.marks if m.panel == "verdicts" and m.kind == "labels" and len(m.texts) > 4
                and "exact" in m.texts[0])
    return dict(zip(bank.selection.names, mark.texts, strict=True))


def signs(bank):
    marks = [m.texts[0] for m in bank.marks if m.panel == "verdicts" and m.kind == "labels" and m.texts[0] in "✓!✗–"]
    return dict(zip(bank.selection.names, marks[:len(bank.selection.names)], strict=True))


def tv_now(bank):
    """TV of each method in each frame, measured off the bars."""
    bar = next(m for m in bank.marks if m.panel == "verdicts" and m.kind == "cells" and m.colour == "sky").channels
    return (bar["x1"] - bar["x0"]) / verdict_rows.TV_WIDE


def w1_now(bank):
    values = [m.channels["value"] for m in bank.marks if m.panel == "verdicts" and "value" in m.channels]
    return values[1]


@pytest.fixture(scope="module")
def dimers():
    return AllMethods().bank


@pytest.fixture(scope="module")
def births():
    return AllMethods(preset="birth-death").bank


def test_start_shows_the_known_numbers(dimers):
    """K1: 5.215 in truth, 5.000 by the rate equation; M3: the normal closure has 5.219 and a variance of 2.983."""
    assert dimers.start == 3 and dimers.label.fill(3) == "t = 0.50"
    assert dimers.answer == pytest.approx(pairs(0.5) @ PAIRS) == pytest.approx(5.215, abs=5e-4)
    assert drawn(dimers, "line", "mean", "ode")["y"][0, 3] == pytest.approx(1 / (1 / 10 + 0.2 * 0.5), rel=1e-5)
    closure = drawn(dimers, "line", "mean", "closure")
    assert closure["y"][0, 3] == pytest.approx(5.219, abs=5e-4)
    assert closure["sd"][0, 3]**2 == pytest.approx(2.983, abs=2e-3)
    exactly = drawn(dimers, "line", "mean", "cme")
    assert exactly["sd"][0, 3]**2 == pytest.approx(pairs(0.5) @ PAIRS**2 - dimers.answer**2, rel=1e-4)


def test_bars_are_the_exact_law_at_every_moment(dimers, births):
    bars = drawn(dimers, "bars", "law", "exact law")
    for frame in (0, 7, 30):
        shown = {int(n): p for n, p in zip(bars["x"][0], bars["y"][frame], strict=True)}
        for n, p in zip(PAIRS, pairs(frame / 6), strict=True):
            assert shown.get(int(n), 0) == pytest.approx(p, abs=1e-6)
    bars = drawn(births, "bars", "law", "exact law")
    law = poisson_law(bars["x"][0].astype(float), 10 * -np.expm1(-5.0))
    assert np.abs(bars["y"][30] - law).max() < 1e-6


def test_distances_are_those_of_their_definition(births):
    """Linear noise of birth and death: a Gaussian of the Poisson's mean and variance, put on whole numbers."""
    n = np.arange(-60, 80)
    for frame in (3, 15, 30):
        m = 10 * -np.expm1(-frame / 6)
        gauss = norm(m, np.sqrt(m))
        q = gauss.cdf(n + 0.5) - gauss.cdf(n - 0.5)
        p = np.where(n < 0, 0.0, poisson_law(np.maximum(n, 0), m))
        at = row(births, "lna")
        assert tv_now(births)[frame, at] == pytest.approx(np.abs(p - q).sum() / 2, abs=2e-4)
        assert w1_now(births)[frame, at] == pytest.approx(wasserstein_distance(n, n, p, q), abs=2e-4)
    assert (tv_now(births)[:, row(births, "cme")] == 0).all()
    assert np.isnan(tv_now(births)[:, row(births, "ode")]).all(), "the rate equations have no law"


def test_verdict_has_a_sign_and_the_number(dimers, births):
    """The rate equation's mean is off by 9.2 % of the root mean square at most, by the matrix exponential."""
    off = []
    for t in np.linspace(0, 5, 31):
        p = pairs(t)
        off.append((1 / (1 / 10 + 0.2 * t) - p @ PAIRS) / np.sqrt(p @ PAIRS**2))
    worst = 100 * off[int(np.abs(off).argmax())]
    assert words(dimers)["ode"] == f"mean −{abs(worst):.1f} %" and worst < -5
    assert signs(dimers)["ode"] == "✗" and signs(dimers)["cme"] == "✓" and signs(dimers)["normal"] == "!"
    # Linear: mean and variance are right, and the law is not, because a Gaussian has counts below zero.
    assert signs(births)["ode"] == signs(births)["normal"] == "✓" and signs(births)["lna"] == "!"
    assert words(births)["ode"] == "mean agrees" and words(births)["lna"].startswith("law off: TV 0.1")
    assert dimers.selection.names[dimers.selection.start] == "ode"
    told = dimers.selection.text.fill(0, dimers.selection.start)
    assert told.startswith("ode: The mean is off by") and "2A -> 0 is not linear" in told


def test_paths_without_error_pass_and_their_chance_is_marked(births):
    """TV of exact paths stays near what their number explains; the stroke stands there."""
    stroke = next(m for m in births.marks if m.legend == "TV by chance").channels["x0"]
    chance = (stroke - verdict_rows.TV) / verdict_rows.TV_WIDE
    at = row(births, "ssa")
    assert signs(births)["ssa"] == "✓" and (np.abs(tv_now(births)[1:, at] - chance[1:, at]) < 0.06).all()
    # E|p̂ - p| of a binomial share is about sqrt(2 p (1 - p) / (π P)).
    p = poisson_law(np.arange(60), 10 * -np.expm1(-5.0))
    assert chance[30, at] == pytest.approx(np.sqrt(2 * p * (1 - p) / (np.pi * 500)).sum() / 2, rel=0.1)


def test_method_switched_off_is_gone_and_a_belief_brings_its_own():
    shown = AllMethods(tau=False, cle=False, closure="none")
    assert names(shown.bank) == ("cme", "ssa", "lna", "ode")
    assert names(AllMethods(closure="all").bank)[-1] == "conditional"
    believer = AllMethods(preset="langevin-is-exact", cle=False).bank
    assert "cle" in names(believer) and "L1" in believer.notice and signs(believer)["cle"] == "✗"
    told = float(believer.readings[1].value.fill(3).split(" ± ")[0])
    assert told > 1.1 * 2 * -np.expm1(-0.5), "reflected at zero, its mean is too large"


@pytest.mark.parametrize(("preset", "belief", "right", "wrong"), [
    ("mean-is-the-ode", "K1", pairs(5.0) @ PAIRS, "0.909"), ("closure-is-exact", "M3", pairs(5.0) @ PAIRS, "0.991 ± ")])
def test_belief_shows_what_its_method_says(preset, belief, right, wrong):
    bank = AllMethods(preset=preset).bank
    assert float(bank.readings[0].value.fill(30).split(" ± ")[0]) == pytest.approx(right, abs=5e-3)
    assert bank.readings[1].value.fill(30).startswith(wrong) and bank.readings[1].tone == "wrong"
    assert belief in bank.notice


def test_delay_has_its_own_methods_and_the_others_say_why():
    """Mean of X at t = 5: Poisson of mean 5 (1 - exp(-2)), within four standard errors; before τ there is nothing."""
    bank = AllMethods(preset="delayed-production").bank
    law = drawn(bank, "line", "mean", "ssa")["y"][0]
    mean = 5 * -np.expm1(-2.0)
    assert abs(law[15] - mean) < 4 * np.sqrt(mean / 500) and (law[:9] == 0).all()
    assert drawn(bank, "line", "mean", "ode")["y"][0, 15] == pytest.approx(mean, rel=1e-4)
    assert {m for m, sign in signs(bank).items() if sign == "–"} == {"cme", "tau", "cle", "lna", "normal"}
    assert "delay" in told(bank, "cme")
    assert signs(bank)["chain"] == "✗", "twenty steps are no fixed delay"


def test_noise_of_a_long_chain_is_left_out_with_a_sentence():
    bank = AllMethods(preset="delayed-production", stages=100, paths=50).bank
    assert signs(bank)["chain lna"] == "–" and signs(bank)["chain"] in "✓!✗"
    assert "fewer steps" in told(bank, "chain lna")


@pytest.mark.parametrize("text", ["X -> 2X ; 9\nX -> 0 ; 1", "2X -> 3X ; 9", "X -> 2X ; 100 ; delay 0.01"])
def test_explosive_network_is_answered_in_a_sentence(text):
    shown = AllMethods(network=text, start_X=10)
    assert shown.stage.error == "" and "A single path takes too long" in shown.bank.notice
    assert set(signs(shown.bank).values()) <= {"–"} and shown.bank.answer is None
    assert "not tried" in told(shown.bank, "ssa")


def test_large_network_is_refused_in_a_sentence():
    text = "\n".join(f"A{i} -> A{i + 1} ; 1" for i in range(30))
    with pytest.raises(NetworkError, match=r"8 species and 24 reactions, and this one has 31 and 30. Use compare"):
        AllMethods(network=text)
    with pytest.raises(NetworkError, match="no reaction"):
        AllMethods(network="")
    with pytest.raises(NetworkError, match="network=3"):
        AllMethods(network=3)


def test_network_made_in_code_keeps_constants_counts_and_delay():
    for net in (models.toggle_switch(), models.schlogl(), models.delayed_autorepressor(), models.sis()):
        shown = cmelab.show("explorer", network=net, t_end=1.0, paths=50)
        here = all_methods.network(shown.values)
        n = 1 + np.arange(3 * len(net.species)).reshape(3, -1)
        assert here.propensities(n) == pytest.approx(net.propensities(n)) and (here.initial == net.initial).all()
        assert [r.delay for r in here.reactions] == [r.delay for r in net.reactions]


def test_python_taken_away_makes_the_numbers(capsys):
    shown = AllMethods(preset="telegraph", paths=100)
    names: dict[str, Any] = {}
    exec(shown.stage.code, names)
    assert "Comparison at 31 times" in capsys.readouterr().out
    for method in ("cme", "ssa", "cle", "ode"):
        mean = names["comparison"].of(method).mean[:, 2]
        assert drawn(shown.bank, "line", "mean", method)["y"][0] == pytest.approx(mean, rel=1e-5)


def test_numbers_taken_away_have_means_laws_and_distances(births):
    rows = list(csv.DictReader(io.StringIO(take_away.table(births))))
    last = [r for r in rows if r["panel"] == "mean" and r["mark"] == "cme"][-1]
    m = 10 * -np.expm1(-5.0)
    assert float(last["y"]) == pytest.approx(m, rel=1e-5) and float(last["sd"]) == pytest.approx(np.sqrt(m), rel=1e-4)
    law = [r for r in rows if r["panel"] == "law" and r["mark"] == "lna" and r["frame"] == "30"]
    assert float(law[0]["tv"]) == pytest.approx(tv_now(births)[30, row(births, "lna")], abs=1e-5) and law[0]["w1"]


def test_fewer_paths_are_told_where_many_would_take_too_long():
    shown = AllMethods(preset="schlogl", t_end=50.0)
    net, times = all_methods.network(shown.values), all_methods.grid(shown.values)
    events = cmelab.simulate(net, times, paths=3, seed=1).events.max()
    assert f"{2_000_000 // events} paths in place of 500" in shown.caption
