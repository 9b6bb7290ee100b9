"""Exact simulation against closed laws, against its interpreted twin, and against everything that could hang it."""
from __future__ import annotations

import signal
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from scipy.stats import chisquare, kstest, pearsonr

from cmelab import NetworkError, ReactionNetwork, exact, models, path, simulate, solve
from cmelab.compiled import compile_network
from cmelab.errors import SimulationError
from cmelab.kernels import random, status
from cmelab.kernels.propensity import propensities

METHODS = ("direct", "next_reaction")
LEVEL = 1e-6  # chance that one statistical test fails though all is right; the seeds are fixed
GRID = np.linspace(0, 3, 7)


def fits(counts: np.ndarray, law: np.ndarray) -> bool:
    """Chi-squared test of integer samples against a law on 0, 1, ...; rare values are pooled until 8 are expected."""
    observed = np.bincount(counts, minlength=law.size)[:law.size].astype(float)
    expected = law * len(counts)
    common = expected >= 8
    rest = len(counts) - expected[common].sum()
    o, e = observed[common], expected[common]
    if rest >= 8:
        o, e = np.append(o, len(counts) - o.sum()), np.append(e, rest)
    return chisquare(o, e * o.sum() / e.sum()).pvalue > LEVEL


@pytest.mark.parametrize("method", METHODS)
def test_birth_death_paths_follow_the_closed_law(method):
    ensemble = simulate(models.birth_death(k=4, gamma=1, n0=6), GRID, paths=4000, seed=1, method=method)
    for row, t in enumerate(GRID[1:], 1):
        assert fits(ensemble.of("M")[:, row], exact.birth_death(np.arange(40), t, 4, 1, 6)), t


# One network of every order and kind of rate law; its exact law comes from the matrix exponential of a generator
# written out by hand here, not from the package's own solver.
ONE_SPECIES = {
    "order 0": ("0 -> A ; 3", 0, 40, lambda n: [(1, 3.0)]),
    "order 1": ("A -> 0 ; 0.7", 12, 40, lambda n: [(-1, 0.7 * n)]),
    "order 2": ("0 -> A ; 5\n2A -> 0 ; 0.3", 5, 40, lambda n: [(1, 5.0), (-2, 0.15 * n * (n - 1))]),
    "order 3": ("0 -> A ; 5\n3A -> A ; 0.2", 5, 60, lambda n: [(1, 5.0), (-2, 0.2 * n * (n - 1) * (n - 2) / 6)]),
    "custom": ("0 -> A ; a = 9/(1 + (A/4)^2)\nA -> 0 ; 1", 2, 60, lambda n: [(1, 9 / (1 + (n / 4)**2)), (-1, n)]),
}


def law_by_hand(moves, n0: int, size: int, t: float) -> np.ndarray:
    from scipy.linalg import expm
    a = np.zeros((size, size))
    for n in range(size):
        for step, rate in moves(n):
            if 0 <= n + step < size:
                a[n + step, n] += rate
            a[n, n] -= rate
    return expm(a * t)[:, n0]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ONE_SPECIES)
def test_every_method_gives_the_law_of_every_order(kind, method):
    text, n0, size, moves = ONE_SPECIES[kind]
    law = law_by_hand(moves, n0, size, 0.8)
    net = ReactionNetwork.parse(text, initial={"A": n0})
    assert fits(simulate(net, 0.8, paths=4000, seed=5, method=method).of("A")[:, 0], law)
    states, p = solve(net, 0.8, bounds=size - 1).marginal("A")
    assert np.abs(p[0] - law[states]).sum() < 1e-11


def test_a_run_begun_anew_where_it_stands_goes_on_with_the_same_law():
    """A Markov process with constant rates: stop at 0.5, begin anew at 0 with the counts found, and look after 0.7."""
    net = models.birth_death(k=4, gamma=1, n0=6)
    found, many = np.unique(simulate(net, 0.5, paths=4000, seed=1).of("M"), return_counts=True)
    later = [simulate(net.with_initial(M=n), 0.7, paths=times, seed=100 + n).of("M")[:, 0]
             for n, times in zip(found.tolist(), many.tolist(), strict=True)]
    assert fits(np.concatenate(later), exact.birth_death(np.arange(40), 1.2, 4, 1, 6))


def test_two_different_reactants_follow_the_master_equation():
    net = models.heterodimerisation(0.2, 4, 6)
    states, p = solve(net, 0.5).marginal("C")
    assert fits(simulate(net, 0.5, paths=4000, seed=2).of("C")[:, 0], p[0][states])


def test_waiting_times_are_exponential_and_neighbouring_streams_do_not_know_of_each_other():
    """a0 = 5 from a constant source: the first event of 20,000 paths; Kolmogorov-Smirnov and correlation."""
    waits, shares = np.empty(20_000), np.empty(20_000)
    rng = np.zeros(4, np.uint64)
    with np.errstate(over="ignore"):
        for i in range(waits.size):
            random.seed_stream(np.uint64(7), np.uint64(i), rng)
            waits[i], shares[i] = random.exponential(rng), random.uniform(rng)
    assert kstest(waits, "expon").pvalue > LEVEL
    assert kstest(shares, "uniform").pvalue > LEVEL
    for a, b in ((waits[1:], waits[:-1]), (shares[1:], shares[:-1]), (waits, shares)):
        assert float(np.asarray(pearsonr(a, b))[1]) > LEVEL


# The same death of one molecule, at rate 1, by every kernel; silent reactions make a network large.
SILENT = "\n".join(f"S{i} -> 0 ; 1" for i in range(20))
DEATHS = {
    "direct": ("A -> 0 ; 1", "direct"),
    "direct, many reactions": (f"A -> 0 ; 1\n{SILENT}", "direct"),
    "direct, custom": ("A -> 0 ; a = A", "direct"),
    "next reaction": ("A -> 0 ; 1", "next_reaction"),
    "tau": ("A -> 0 ; 1", "tau"),
    "delays": ("A -> B ; 1 ; delay 1", "direct"),
}


@pytest.mark.parametrize("kernel", DEATHS)
def test_every_kernel_gives_exponential_times_to_paths_that_do_not_know_of_each_other(kernel):
    """Kolmogorov-Smirnov on 4000 deaths, spread over the grid cells they fell into; correlation of neighbours."""
    text, method = DEATHS[kernel]
    grid = np.linspace(0, 10, 501)
    alive = simulate(ReactionNetwork.parse(text, initial={"A": 1}), grid, paths=4000, seed=21, method=method).of("A")
    cell = alive[:, 1:].sum(axis=1) + np.random.default_rng(0).uniform(size=4000)
    died = cell * grid[1]
    assert kstest(died[died < 10] / 10, lambda x: -np.expm1(-10 * x) / -np.expm1(-10.0)).pvalue > LEVEL
    assert abs((died >= 10).sum() - 4000 * np.exp(-10)) < 6
    for step in (1, 2, 16):
        assert float(np.asarray(pearsonr(died[step:], died[:-step]))[1]) > LEVEL, step


def test_the_tail_of_the_exponential_is_exponential():
    """Beyond 5 a share exp(-5) of draws is left, and again exponential."""
    rng = np.zeros(4, np.uint64)
    with np.errstate(over="ignore"):
        random.seed_stream(np.uint64(3), np.uint64(0), rng)
        draws = np.array([random.exponential(rng) for _ in range(300_000)])
    tail = draws[draws > 5.0] - 5.0
    assert abs(len(tail) - 300_000 * np.exp(-5)) < 5 * np.sqrt(300_000 * np.exp(-5))
    assert kstest(tail, "expon").pvalue > LEVEL


def test_an_exponential_is_the_logarithm_to_the_last_digit_but_one():
    """Against numpy's logarithm in extended precision, the largest and smallest draws among them."""
    bits = np.random.default_rng(0).integers(0, 2**64, 20_000, dtype=np.uint64, endpoint=False)
    bits[:4] = 0, 2**64 - 1, 2**63, 2**63 - 1
    drawn = np.array([random.as_exponential(b) for b in bits])
    z = (2 * (bits >> np.uint64(12)).astype(np.longdouble) + 1) / np.longdouble(2)**53
    assert (np.abs(drawn + np.log(z)) <= 2 * np.spacing(drawn)).all()
    assert drawn.min() > 0
    assert drawn.max() < 37


@pytest.mark.parametrize("model", [m for m in models.MODELS if not m().has_delays])
def test_paths_are_those_of_gillespies_two_lines(model):
    """The direct method as it is written in textbooks, on propensities by numpy and the same two draws an event."""
    net, rng = model(), np.zeros(4, np.uint64)
    with np.errstate(over="ignore"):
        random.seed_stream(np.uint64(3), np.uint64(0), rng)
        t, n, seen = 0.0, net.initial, []
        for _ in range(200):
            a = net.propensities(n)
            wait, share = random.exponential(rng), random.uniform(rng)
            if a.sum() == 0.0:
                break
            t += wait / a.sum()
            r = int(np.searchsorted(np.cumsum(a), share * a.sum(), side="right"))
            n = n + net.stoichiometry[:, r]
            seen.append((t, r))
    followed = path(net, t * (1 + 1e-9), seed=3)
    assert followed.fired[:len(seen)].tolist() == [r for _, r in seen]
    assert followed.times[1:len(seen) + 1] == pytest.approx([t for t, _ in seen], rel=1e-11)


@pytest.mark.parametrize("model", [m for m in models.MODELS if not m().has_delays])
def test_which_kernel_runs_never_changes_the_numbers(model, monkeypatch):
    """All propensities anew or only some, custom ones remembered or not: the same bits."""
    net = model()
    usual = simulate(net, GRID, paths=20, seed=12)
    for few, remembered in ((0, 2**12), (100, 2**12), (0, 16), (100, 16)):
        monkeypatch.setattr("cmelab.compiled.FEW", few)
        monkeypatch.setattr("cmelab.walkers.REMEMBERED_OF_ONE", remembered)
        other = simulate(net, GRID, paths=20, seed=12)
        assert np.array_equal(other.counts, usual.counts), (few, remembered)
        assert np.array_equal(other.events, usual.events), (few, remembered)


@pytest.mark.parametrize("method", METHODS)
def test_numbers_do_not_depend_on_threads_processes_or_chunks(method):
    net = models.birth_death(k=20)
    alone = simulate(net, GRID, paths=50, seed=9, method=method)
    with ThreadPoolExecutor(4) as threads:
        assert np.array_equal(simulate(net, GRID, paths=50, seed=9, method=method, executor=threads).counts,
                              alone.counts)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        assert np.array_equal(simulate(net, GRID, paths=50, seed=9, method=method, executor=processes).counts,
                              alone.counts)
    assert np.array_equal(simulate(net, GRID, paths=7, seed=9, method=method).counts, alone.counts[:7])
    assert not np.array_equal(simulate(net, GRID, paths=50, seed=10).counts, alone.counts)


def test_slices_of_work_do_not_change_the_numbers(monkeypatch):
    """A budget of 1000 events a slice against one of millions: the pause is invisible."""
    net = models.birth_death(k=500, n0=400)
    for method in METHODS:
        whole = simulate(net, GRID, paths=3, seed=2, method=method)
        with monkeypatch.context() as small:
            small.setattr("cmelab.walkers.WORK", 1)
            assert np.array_equal(simulate(net, GRID, paths=3, seed=2, method=method).counts, whole.counts)


def test_a_chain_of_many_reactions_is_poisson_in_every_species():
    """60 species, 61 reactions, fed at rate 10: at late times each count is Poisson(10 / 2) and independent."""
    steps = "".join(f"X{i} -> X{i + 1} ; 2\n" for i in range(59))
    net = ReactionNetwork.parse(f"0 -> X0 ; 10\n{steps}X59 -> 0 ; 2")
    last = simulate(net, [50.0], paths=500, seed=6, method="next_reaction")
    for name in ("X0", "X30", "X59"):
        assert fits(last.of(name)[:, 0], exact.poisson(np.arange(60), 5.0)), name


@pytest.mark.parametrize("method", METHODS)
def test_sums_are_those_of_the_whole_grid(method):
    net = models.homodimerisation(0.2, 9)
    grid = simulate(net, GRID, paths=300, seed=5, method=method)
    moments = simulate(net, GRID, paths=300, seed=5, method=method, record="moments")
    assert moments.mean() == pytest.approx(grid.mean(), rel=1e-14)
    assert moments.var() == pytest.approx(grid.var(), rel=1e-12, abs=1e-12)
    assert moments.cov()[3] == pytest.approx(np.cov(grid.counts[:, 3].T), rel=1e-12)
    histogram = simulate(net, GRID, paths=300, seed=5, method=method, record="histogram")
    assert histogram.of("A")[2] == pytest.approx(np.bincount(grid.of("A")[:, 2], minlength=10) / 300)
    assert histogram.mean() == pytest.approx(grid.mean(), rel=1e-13)
    assert histogram.var() == pytest.approx(grid.var(), rel=1e-12, abs=1e-12)


def test_path_is_path_zero_of_simulate_with_every_event():
    net = models.birth_death(k=20)
    one = path(net, 3.0, seed=4)
    assert np.array_equal(one.at(GRID), simulate(net, GRID, paths=1, seed=4).counts[0])
    assert np.array_equal(np.diff(one.states, axis=0), net.stoichiometry.T[one.fired])
    assert (np.diff(one.times) > 0).all()
    assert one.t_end == 3.0


def test_time_average_weighs_by_duration():
    """One molecule that dies at t1: the average over [0, 2] is t1 / 2, though the mean over events is 1/2."""
    one = path(models.mrna_degradation(gamma=2.0, n0=1), 2.0, seed=1)
    assert len(one.fired) == 1
    assert one.time_average() == pytest.approx([one.times[1] / 2])


def test_path_stays_at_an_absorbing_state():
    """Pure death from 5 must end at 0, and stay there: nothing is left to die."""
    net = models.mrna_degradation(gamma=1.0, n0=5)
    for method in METHODS:
        ensemble = simulate(net, [0, 50, 100], paths=20, seed=0, method=method)
        assert (ensemble.status == status.ABSORBED).all()
        assert ensemble.of("M").tolist() == [[5, 0, 0]] * 20
        assert (ensemble.events == 5).all()
    one = path(net, 100, seed=0)
    assert one.absorbed
    assert one.states[:, 0].tolist() == [5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize("text", ["", "A -> 0 ; 0", "2A -> 0 ; 5", "A + B -> C ; 1", "A -> 0 ; a = 0*A"])
def test_where_nothing_can_fire_the_state_holds_from_the_start(text):
    net = ReactionNetwork.parse(text)
    if "A" in net.species:
        net = net.with_initial(A=1) if "0*A" not in text else net.with_initial(A=3)
    for method in METHODS:
        ensemble = simulate(net, [0, 1], paths=2, seed=0, method=method)
        assert (ensemble.status == status.ABSORBED).all()
        assert (ensemble.counts == net.initial).all()
    assert path(net, 1, seed=0).absorbed


@pytest.mark.parametrize("method", METHODS)
def test_a_total_too_small_to_be_shared_out_fires_nothing(method):
    """Rates of which a float keeps only some digits: the mean wait is 1e307 and more, and no row is left open."""
    net = ReactionNetwork.parse("0 -> A ; 1e-310\n0 -> B ; 5e-324")
    ensemble = simulate(net, [1.0, 1e12], paths=3, seed=0, method=method)
    assert (ensemble.status <= status.ABSORBED).all()
    assert (ensemble.counts == 0).all()


def test_a_null_reaction_fires_and_changes_nothing():
    net = ReactionNetwork.parse("A -> A ; 3", initial={"A": 2})
    one = path(net, 10, seed=1)
    assert len(one.fired) > 20
    assert (one.states == 2).all()


def test_times_are_right_continuous():
    """At the very time of an event the new state is recorded; just before it, the old one."""
    net = models.birth_death(k=5)
    one = path(net, 2, seed=3)
    t = one.times[1]
    counts = simulate(net, [np.nextafter(t, 0), t], paths=1, seed=3).counts[0, :, 0]
    assert counts.tolist() == [0, 1]


def test_explosion_ends_in_a_sentence_and_keeps_what_was_computed():
    net = ReactionNetwork.parse("2X -> 3X ; 1", initial={"X": 3})
    with pytest.raises(SimulationError, match=r"Path 0 fired 1000 reactions before t = 9.*explosive") as caught:
        simulate(net, [0, 9], paths=5, seed=0, max_events=1000)
    partial = caught.value.partial
    assert partial.status.tolist() == [status.MAX_EVENTS] + [status.NOT_RUN] * 4
    assert partial.counts[0, :, 0].tolist() == [3, -1]
    with pytest.raises(SimulationError, match="did not reach the last time"):
        partial.mean()
    with pytest.raises(SimulationError, match="fired 1000 reactions") as caught:
        path(net, 9, seed=0, max_events=1000)
    assert len(caught.value.partial.fired) == 1000


@pytest.mark.parametrize(("text", "start", "said"), [
    ("A -> 0 ; a = 1 - A", 3, "negative or not a number.*A = 3.*-2"),
    ("0 -> A ; a = log(A - 1)", 0, "negative or not a number"),
    ("0 -> A ; a = 1/A - 1/A", 0, "negative or not a number"),
    ("0 -> A ; a = 1/A", 0, "time no longer moves"),
    ("A -> 2A ; 1e300", 10**10, "time no longer moves"),
    ("0 -> 20A ; 1e3", 2**53 - 5, "passed 2\\^53"),
])
def test_broken_propensities_and_counts_get_a_sentence(text, start, said):
    net = ReactionNetwork.parse(text, initial={"A": start})
    for run in (lambda: simulate(net, [1.0], paths=2, seed=0), lambda: path(net, 1.0, seed=0),
                lambda: simulate(net, [1.0], paths=2, seed=0, method="next_reaction")):
        with pytest.raises(SimulationError, match=said):
            run()


def test_huge_counts_do_not_wrap():
    net = ReactionNetwork.parse("2A -> B ; 1e-12", initial={"A": 2**40})
    a = np.zeros(1)
    propensities(compile_network(net), net.initial, np.zeros(1), a)
    assert a[0] == pytest.approx(1e-12 * 2.0**40 * (2.0**40 - 1) / 2)


def test_sums_that_integers_cannot_hold_are_refused():
    """2^40 squared wraps round to 0 in 64 bits; no mean and no variance is made of that."""
    net = ReactionNetwork.parse("A -> 0 ; 0", initial={"A": 2**40})
    with pytest.raises(SimulationError, match=r"passed 2\^62.*record='grid'"):
        simulate(net, [1.0], paths=4, seed=0, record="moments")
    assert simulate(net, [1.0], paths=4, seed=0).mean() == 2**40


@pytest.mark.parametrize("model", [m for m in models.MODELS if not m().has_delays])
def test_kernel_and_numpy_propensities_agree(model):
    """Two implementations that share no code: the compiled kernel and ReactionNetwork.propensities."""
    net = model()
    compiled, a = compile_network(net), np.zeros(len(net.reactions))
    for n in np.random.default_rng(0).integers(0, 6, (30, len(net.species))):
        propensities(compiled, n, np.zeros(compiled.stack_size), a)
        assert a == pytest.approx(net.propensities(n), rel=1e-13)


def test_the_stack_machine_and_numpy_agree_on_every_operation():
    text = "0 -> A ; a = max(0, -min(A, 3) + exp(-A/7)*sqrt(A+1) + log(A+2)^2 - 2*A/(1 + A^1.5) + 30)"
    net = ReactionNetwork.parse(text)
    compiled, a = compile_network(net), np.zeros(1)
    for n in range(20):
        propensities(compiled, np.array([n]), np.zeros(compiled.stack_size), a)
        assert a[0] == pytest.approx(net.propensities([n])[0], rel=1e-13)


LONG = {
    "simulate": lambda: simulate(models.birth_death(k=1e6, n0=10**6), [1000.0], paths=1, seed=0, max_events=10**10,
                                 progress=False),
    "simulate, in step": lambda: simulate(models.birth_death(k=1e6, n0=10**6), [1000.0], paths=16, seed=0,
                                          max_events=10**10, progress=False),
    "path": lambda: path(models.birth_death(k=1e6, n0=10**6), 1000.0, seed=0, max_events=10**8),
    "solve": lambda: solve(models.receptor(2e7, 3e7, 200), [1.0], progress=False),
    "solve on a window": lambda: solve(models.lotka_volterra(), [1e3], bounds=299, progress=False),
}


@pytest.mark.parametrize("what", LONG)
def test_a_running_kernel_answers_an_interrupt(what):
    """Minutes of work are asked for; Ctrl-C half a second in must be answered within two seconds."""
    for paths in (1, 16):
        simulate(models.birth_death(), [1e-3], paths=paths, seed=0)  # compiled before the clock starts
    solve(models.receptor(), [1e-3])
    path(models.birth_death(), 1e-3, seed=0)
    sent: list[float] = []

    def interrupt() -> None:
        sent.append(time.monotonic())
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    timer = threading.Timer(0.5, interrupt)
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            LONG[what]()
    finally:
        timer.cancel()  # a call that ends early must not leave the signal to whatever runs then
    assert time.monotonic() - sent[0] < 2.0


def test_progress_is_shown_when_asked_for_and_only_then(capsys):
    simulate(models.birth_death(), [1.0], paths=40, seed=0, progress=True)
    assert "path" in capsys.readouterr().err
    simulate(models.birth_death(), [1.0], paths=40, seed=0)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("change", "said"), [
    ({"times": []}, "shape"), ({"times": [1, 1]}, "must increase"), ({"times": [2, 1]}, "must increase"),
    ({"times": [-1, 1]}, "contains -1"), ({"times": [0, np.nan]}, "contains nan"), ({"times": "soon"}, "'soon'"),
    ({"times": [np.inf]}, "contains inf"), ({"times": [[1, 2]]}, "shape"), ({"paths": 0}, "paths=0"),
    ({"paths": 2.5}, "paths=2.5"), ({"seed": -1}, "seed=-1"), ({"seed": "x"}, "seed='x'"),
    ({"seed": None}, "seed=None"),
    ({"method": "exact"}, "method='exact'"),
    ({"record": "all"}, "record='all'"), ({"max_events": -3}, "max_events=-3"),
])
def test_unusable_arguments_are_refused_with_the_value(change, said):
    given = {"times": [0.0, 1.0], "paths": 2, "seed": 0} | change
    with pytest.raises(NetworkError, match=said.replace("(", r"\(")):
        simulate(models.birth_death(), given.pop("times"), **given)


def test_ensemble_and_path_say_what_they_are():
    ensemble = simulate(models.birth_death(), GRID, paths=3, seed=8)
    assert repr(ensemble) == "Ensemble of 3 paths, 7 times from 0 to 3, species M, seed 8"
    assert ensemble.histogram("M", 3.0).sum() == pytest.approx(1)
    assert ensemble.var().shape == (7, 1)
    with pytest.raises(NetworkError, match="no species 'Q'"):
        ensemble.of("Q")
    with pytest.raises(NetworkError, match=r"t = 0\.1 was not recorded"):
        ensemble.histogram("M", 0.1)
    assert "events until t = 3" in repr(path(models.birth_death(), 3, seed=8))
