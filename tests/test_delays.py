"""Delays against the Poisson law of constant production, the linear chain's master equation, and quadrature."""
from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy.integrate import cumulative_trapezoid, quad
from scipy.stats import chisquare, gamma

from cmelab import NetworkError, ReactionNetwork, exact, linear_chain, models, path, simulate, solve
from cmelab.delays import delay_rate_equations
from cmelab.errors import SimulationError
from cmelab.kernels import status
from cmelab.rate_equations import rate_equations

LEVEL = 1e-6


def fits(counts: np.ndarray, law: np.ndarray) -> bool:
    """Chi-squared test of integer samples; the values expected fewer than 8 times are pooled."""
    observed = np.bincount(counts, minlength=law.size)[:law.size].astype(float)
    expected = law * len(counts)
    common = expected >= 8
    o = np.append(observed[common], len(counts) - observed[common].sum())
    e = np.append(expected[common], len(counts) - expected[common].sum())
    return chisquare(o, e * o.sum() / e.sum()).pvalue > LEVEL


def test_constant_production_is_poisson_whatever_the_delay():
    """a = 5, gamma = 1, tau = 3: nothing before 3, then Poisson of mean 5 (1 - exp(-(t - 3)))."""
    times = [2.9, 3.5, 5.0, 20.0]
    ensemble = simulate(models.delayed_production(5, 1, 3), times, paths=4000, seed=1)
    assert (ensemble.of("X")[:, 0] == 0).all()
    for row, t in enumerate(times[1:], 1):
        assert fits(ensemble.of("X")[:, row], exact.delayed_production(np.arange(40), t, 5, 1, 3)), t


def test_the_pipeline_is_poisson_too():
    """Begun and not yet ready: Poisson of mean a min(t, tau)."""
    ensemble = simulate(models.delayed_production(5, 1, 3), [2.0, 10.0], paths=4000, seed=2)
    assert ensemble.pipeline is not None
    assert fits(ensemble.pipeline[:, 0, 0], exact.poisson(np.arange(60), 10.0))
    assert fits(ensemble.pipeline[:, 1, 0], exact.poisson(np.arange(60), 15.0))
    assert (ensemble.pipeline[:, :, 1] == 0).all()


def test_an_erlang_delay_is_its_linear_chain_exactly():
    """0 -> X with an Erlang delay of 2 stages, degraded and repressing itself: the chain's CME is the oracle."""
    net = ReactionNetwork.parse("0 -> X ; a = 6/(1 + (X/3)^2) ; delay erlang(2, 0.8)\nX -> 0 ; 1")
    chain = linear_chain(net, 99)
    assert chain.species == ("X", "Z1_1", "Z1_2")
    n, p = solve(chain, 2.0, tol=1e-8).marginal("X")
    assert fits(simulate(net, 2.0, paths=4000, seed=3).of("X")[:, 0], p[0])
    assert n[0] == 0


def test_a_chain_begun_anew_goes_on_from_all_its_counts_and_not_from_x_alone():
    """Stop at 0.8, begin anew, look after 0.8 more; the oracle is the chain's master equation, solved in one go."""
    net = ReactionNetwork.parse("0 -> X ; a = 6/(1 + (X/3)^2) ; delay erlang(2, 0.8)\nX -> 0 ; 1")
    chain = linear_chain(net, 99)
    stopped = simulate(chain, 0.8, paths=4000, seed=1).counts[:, 0]
    states, many = np.unique(stopped, axis=0, return_counts=True)
    whole, alone = [], []
    for i, (state, times) in enumerate(zip(states.tolist(), many.tolist(), strict=True)):
        known = dict(zip(chain.species, state, strict=True))
        whole.append(simulate(chain.with_initial(**known), 0.8, paths=times, seed=10 + i).of("X")[:, 0])
        alone.append(simulate(chain.with_initial(X=known["X"]), 0.8, paths=times, seed=10 + i).of("X")[:, 0])
    _, law = solve(chain, 1.6, tol=1e-6).marginal("X")
    assert fits(np.concatenate(whole), law[0])
    assert not fits(np.concatenate(alone), law[0])


def test_a_delayed_dimer_takes_its_reactants_at_once():
    """2A -> B, tau = 1, from 2: after the first event A is 0 and B is 1 exactly 1 later."""
    one = path(ReactionNetwork.parse("2A -> B ; 3 ; delay 1.0", initial={"A": 2}), 50, seed=4)
    assert one.fired.tolist() == [0, 1]
    assert one.states.tolist() == [[2, 0], [0, 0], [0, 1]]
    assert one.times[2] - one.times[1] == pytest.approx(1.0, rel=1e-14)
    assert one.absorbed


def test_autorepressor_obeys_its_flow_balance():
    """gamma (n+1) P(n+1) = P(n) E[a(X(t - tau)) | X(t) = n]: summed over n, gamma <X> = <a(X)> in the steady state."""
    net = models.delayed_autorepressor(k=30, half=5, hill=2, gamma=1, tau=0.5)
    ensemble = simulate(net, np.linspace(30, 60, 16), paths=1500, seed=5)
    x = ensemble.of("X").astype(float)
    balance = (30 / (1 + (x / 5)**2) - x).mean(axis=1)
    assert abs(balance.mean()) < 5 * balance.std(ddof=1) / np.sqrt(len(balance))


def test_autorepressor_obeys_its_flow_balance_at_every_count():
    """gamma (n+1) P(n+1) = P(n) E[a(X(t - tau)) | X(t) = n], count by count: z-tests over independent paths."""
    net = models.delayed_autorepressor(k=30, half=5, hill=2, gamma=1, tau=0.5)
    ensemble = simulate(net, [29.5, 30.0], paths=6000, seed=6)
    before, now = ensemble.of("X").T
    assert ensemble.pipeline is not None
    tested = 0
    for n in range(40):
        term = (n + 1.0) * (now == n + 1) - (now == n) * 30 / (1 + (before / 5)**2)
        if (now == n).sum() >= 50:
            tested += 1
            assert abs(term.mean()) < 5 * term.std(ddof=1) / np.sqrt(term.size), n  # each once in 1.7 million
    assert tested > 8


def test_the_mean_of_a_chain_comes_to_that_of_the_fixed_delay():
    """Largest error near tau like stages^-1/2, at a later time like 1/stages: quadrature of the Erlang delay."""
    times, largest, late = np.linspace(0, 6, 20_001), [], []
    fixed = exact.delayed_production_mean(times, 5.0, 1.0, 2.0)
    for stages in (256, 1024, 4096):
        made = 5.0 * exact.erlang_cdf(times, stages, 2.0) * np.exp(times)
        curve = np.exp(-times) * cumulative_trapezoid(made, times, initial=0.0)
        largest.append(np.abs(curve - fixed).max())
        late.append(curve[-1] - fixed[-1])
    assert np.divide(largest[:-1], largest[1:]) == pytest.approx([2, 2], rel=0.1)
    assert np.divide(late[:-1], late[1:]) == pytest.approx([4, 4], rel=0.1)


def test_path_is_path_zero_of_simulate_and_nothing_depends_on_chunks():
    net, times = models.delayed_production(5, 1, 0.7), np.linspace(0, 6, 25)
    ensemble = simulate(net, times, paths=40, seed=9)
    assert np.array_equal(path(net, 6.0, seed=9).at(times), ensemble.counts[0])
    assert np.array_equal(simulate(net, times, paths=3, seed=9).counts, ensemble.counts[:3])
    assert pickle.loads(pickle.dumps(net)).species == net.species
    assert simulate(net, times, paths=40, seed=9, record="moments").mean() == pytest.approx(ensemble.mean())


def test_a_full_pipeline_grows_its_arrays():
    """About 5000 molecules on their way at once: more than the arrays begin with."""
    net = ReactionNetwork.parse("0 -> X ; 1000 ; delay 5.0")
    ensemble = simulate(net, [4.9, 10.0], paths=3, seed=1)
    assert ensemble.pipeline is not None
    assert (ensemble.pipeline[:, 0, 0] > 4000).all()
    assert (ensemble.counts[:, 0, 0] == 0).all()
    assert (ensemble.counts[:, 1, 0] > 4000).all()


def test_an_absorbed_pipeline_is_emptied_first():
    ensemble = simulate(ReactionNetwork.parse("A -> B ; 2 ; delay 3.0", initial={"A": 4}), [1e3], paths=5, seed=0)
    assert (ensemble.status == status.ABSORBED).all()
    assert ensemble.counts[:, 0].tolist() == [[0, 4]] * 5


@pytest.mark.parametrize("stages", [1, 2, 5, 16, 100])
def test_erlang_distance_is_the_mean_distance_to_tau(stages):
    """W1 to a point mass is E|T - tau|: by quadrature of the gamma density."""
    law = gamma(stages, scale=2.0 / stages)
    wanted = sum(quad(lambda t: abs(t - 2.0) * gamma.pdf(t, stages, scale=2.0 / stages), *ends, epsabs=1e-12)[0]
                 for ends in ((0, 2), (2, 60)))
    assert exact.erlang_distance(stages, 2.0) == pytest.approx(wanted, rel=1e-8)
    assert law.std() / law.mean() == pytest.approx(1 / np.sqrt(stages))


def test_linear_chain_keeps_what_has_no_delay():
    net = ReactionNetwork.parse("A -> B ; k ; delay 2.0\nB -> 0 ; 1", {"k": 3}, {"A": 5})
    chain = linear_chain(net, 3)
    assert [str(r) for r in chain.reactions] == ["A -> Z1_1 ; a = k · A", "Z1_1 -> Z1_2 ; a = 1.5 · Z1_1",
                                                 "Z1_2 -> Z1_3 ; a = 1.5 · Z1_2", "Z1_3 -> B ; a = 1.5 · Z1_3",
                                                 "B -> 0 ; a = 1 · B"]
    assert chain.initial.tolist() == [5, 0, 0, 0, 0]


@pytest.mark.parametrize(("call", "said"), [
    (lambda: linear_chain(models.delayed_production(), 0), "stages=0"),
    (lambda: linear_chain(models.delayed_production(), 1.5), "stages=1.5"),  # pyright: ignore[reportArgumentType]
    (lambda: linear_chain(ReactionNetwork.parse("0 -> Z1_1 ; 1 ; delay 1"), 2), "'Z1_1'"),
    (lambda: exact.erlang_distance(0, 1.0), "stages=0"), (lambda: exact.erlang_distance(3, -1.0), "tau=-1.0"),
    (lambda: exact.delayed_production_mean(1, 5, -1, 1), "gamma=-1"),
    (lambda: simulate(models.delayed_production(), 1, paths=1, seed=0, method="next_reaction"), "does not know delays"),
    (lambda: solve(models.delayed_production(), 1), "0 -> X has a delay 3"),
])
def test_unusable_arguments_are_refused_with_the_value(call, said):
    with pytest.raises(NetworkError, match=said):
        call()


@pytest.mark.parametrize(("text", "start", "said"), [
    ("0 -> X ; a = 1 - X ; delay 0.1", 3, "negative or not a number"), ("X -> 2X ; 9 ; delay 0.01", 5, "fired 2000"),
    ("0 -> X ; a = 1/X ; delay 1", 0, "time no longer moves")])
def test_failures_with_delays_end_in_a_sentence(text, start, said):
    net = ReactionNetwork.parse(text, initial={"X": start})
    for run in (lambda: simulate(net, 5.0, paths=2, seed=0, max_events=2000),
                lambda: path(net, 5.0, seed=0, max_events=2000)):
        with pytest.raises(SimulationError, match=said):
            run()


def test_delay_rate_equations_of_constant_production():
    times = [0.0, 2.0, 3.0, 3.5, 9.0]
    curve = delay_rate_equations(models.delayed_production(5, 1, 3), times)
    assert curve.of("X") == pytest.approx(exact.delayed_production_mean(times, 5, 1, 3), abs=1e-7)


def test_delay_rate_equations_step_by_step_in_closed_form():
    """X -> 2X, ready 1 later, rate k: x' = -k x(t) + 2k x(t - 1); solved by hand on [0, 1] and [1, 2]."""
    k, times = 0.7, np.array([0.5, 1.0, 1.4, 2.0])
    net = ReactionNetwork.parse("X -> 2X ; k ; delay 1.0", {"k": k}, {"X": 100})
    wanted = 100 * np.exp(-k * times) + np.where(times > 1, 200 * k * (times - 1) * np.exp(-k * (times - 1)), 0)
    assert delay_rate_equations(net, times).of("X") == pytest.approx(wanted, rel=1e-7)


@pytest.mark.parametrize(("tau", "grows"), [(0.6, False), (0.8, True)])
def test_the_autorepressor_oscillates_beyond_its_critical_delay(tau, grows):
    """tau_c = 0.687: below it the swings die out, beyond it they last."""
    curve = delay_rate_equations(models.delayed_autorepressor(tau=tau), np.linspace(60, 100, 800))
    early, late = (np.ptp(half) for half in np.split(curve.of("X"), 2))
    assert (late > 3.0) == grows
    assert grows or late < early


def test_an_erlang_delay_becomes_its_chain_in_the_rate_equations():
    net = ReactionNetwork.parse("0 -> X ; 6 ; delay erlang(3, 0.9)\nX -> 0 ; 1")
    chain = rate_equations(linear_chain(net, 1), [0.5, 1.0, 4.0])
    assert delay_rate_equations(net, [0.5, 1.0, 4.0]).of("X") == pytest.approx(chain.of("X"), rel=1e-6)


def test_without_delays_they_are_the_rate_equations():
    net = models.birth_death(10, 1, 3)
    assert delay_rate_equations(net, [0.0, 1.0, 2.5]).of("M") == pytest.approx(
        exact.birth_death_mean([0.0, 1.0, 2.5], 10, 1, 3), rel=1e-6)
    assert delay_rate_equations(net, [0.0]).of("M").tolist() == [3.0]


def test_delayed_explosion_is_a_sentence():
    net = ReactionNetwork.parse("0 -> Y ; 1 ; delay 0.5\n2X -> 3X ; 1", initial={"X": 50})
    with pytest.raises(SimulationError, match="The rate equations stop at t = "):
        delay_rate_equations(net, [0.1, 5.0])
