"""The shared loop: every public method through the same cases, each held against an oracle that is not its own.

A method that is added to SOLVERS is tested by all of this. A case says what must come out; where a method cannot give
that, the case says which of its sentences, or which other value, is right for it. Nothing may crash, hang or be NaN.
"""
from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from scipy.linalg import expm

from cmelab import (
    NetworkError,
    ReactionNetwork,
    StationaryError,
    close,
    compare,
    delay_rate_equations,
    first_passage,
    langevin,
    linear_noise,
    path,
    quasi_stationary,
    rate_equations,
    simulate,
    solve,
    stationary,
    stationary_linear_noise,
)
from cmelab.closures import CLOSURES
from cmelab.errors import SimulationError, StateSpaceError
from cmelab.langevin import BOUNDARIES
from cmelab.notation import Delay

REFUSALS = (NetworkError, SimulationError, StateSpaceError, StationaryError)
PATHS, Z = 400, 5.0  # five standard errors are passed by chance once in 1.7 million


@dataclass(frozen=True)
class Answer:
    """Mean (S,) at one time, variance where the method has one, and the number of paths behind it."""

    mean: np.ndarray
    var: np.ndarray | None = None
    paths: int = 0


@dataclass(frozen=True)
class Solver:
    """One public method as a function of a network, a time and an executor.

    family : what a case may say of it in one word
    exact : its law is that of the master equation, whatever the network
    """

    name: str
    run: Callable[..., Answer]
    family: str
    exact: bool = False
    sampled: bool = False


def _paths(net, t, executor=None):
    last = np.array([path(net, t, seed=i, max_events=20_000).states[-1] for i in range(PATHS)])
    return Answer(last.mean(axis=0), last.var(axis=0), PATHS)


def _simulate(method):
    def run(net, t, executor=None):
        e = simulate(net, t, paths=PATHS, seed=1, method=method, max_events=20_000, executor=executor, progress=False)
        return Answer(e.mean()[0], e.var()[0], PATHS)
    return run


def _with_delays(net, t, executor=None):
    """The delay kernel: every reaction is ready a moment that cannot be seen after it began."""
    late = replace(net, written=tuple(replace(w, delay=Delay(1e-12)) for w in net.written))
    return _simulate("direct")(late, t, executor)


def _solve(net, t, executor=None):
    law = solve(net, t, max_states=4000, progress=False)
    assert law.p.min(initial=0.0) >= 0
    return Answer(law.mean()[0], law.var()[0])


def _langevin(boundary):
    def run(net, t, executor=None):
        e = langevin(net, t, paths=PATHS, dt=t / 400, boundary=boundary, seed=2, executor=executor, progress=False)
        return Answer(e.mean()[0], e.var()[0], PATHS)
    return run


def _close(closure):
    def run(net, t, executor=None):
        m = close(net, t, closure=closure)
        if m.broke_at is not None:
            raise SimulationError(m.why)
        return Answer(m.mean()[0], m.var()[0] if m.order > 1 else None)
    return run


def _compare(net, t, executor=None):
    """The yardstick of a comparison; a comparison itself never fails."""
    c = compare(net, t, ["cme", "ssa", "lna"], paths=50, max_states=4000, executor=executor, progress=False)
    if not c.yardstick:
        raise SimulationError(c.note)
    out = c.of(c.yardstick)
    return Answer(out.mean[0], out.var[0], out.paths)


def _survival(net, t, executor=None):
    """The mean of a species whose only fate is to vanish for ever: here of no use, but the state space is walked."""
    name = next(iter(net.species), "A")
    passage = first_passage(net, f"{name} == 0", times=[t], bounds=max(20, int(net.initial.max(initial=0))))
    assert passage.survival is not None
    gone = 1.0 - passage.survival[0]
    return Answer(np.array([gone]))


def _end(law) -> Answer:
    return Answer(law.mean()[0], law.var()[0])


SOLVERS = (
    Solver("path", _paths, "jump", True, True),
    Solver("simulate direct", _simulate("direct"), "jump", True, True),
    Solver("simulate next_reaction", _simulate("next_reaction"), "jump", True, True),
    Solver("simulate with delays", _with_delays, "jump", True, True),
    Solver("simulate tau", _simulate("tau"), "tau", False, True),
    Solver("solve", _solve, "cme", True),
    Solver("compare", _compare, "compare", True),
    Solver("rate_equations", lambda net, t, executor=None: Answer(rate_equations(net, t).mean()[0]), "rate"),
    Solver("rate_equations combinatorial",
           lambda net, t, executor=None: Answer(rate_equations(net, t, form="combinatorial").mean()[0]),
           "combinatorial"),
    Solver("delay_rate_equations", lambda net, t, executor=None: Answer(delay_rate_equations(net, t).mean()[0]),
           "rate"),
    Solver("linear_noise", lambda net, t, executor=None: _end(linear_noise(net, t)), "lna"),
    *(Solver(f"langevin {b}", _langevin(b), f"langevin {b}", False, True) for b in BOUNDARIES),
    *(Solver(f"close {c.name}", _close(c.name), c.name) for c in CLOSURES),
)
ENDLESS = (  # what is asked at t = inf, or of a target
    Solver("stationary", lambda net, t, executor=None: _end(stationary(net)), "stationary"),
    Solver("quasi_stationary", lambda net, t, executor=None: _end(quasi_stationary(net).distribution), "quasi"),
    Solver("stationary_linear_noise", lambda net, t, executor=None: _end(stationary_linear_noise(net)),
           "stationary lna"),
    Solver("first_passage", _survival, "first passage"),
)
SAMPLED = [s for s in SOLVERS if s.sampled]


def law_by_hand(moves: list[tuple[int, Callable[[int], float]]], n0: int, size: int, t: float) -> np.ndarray:
    """P(n, t) of one species from jumps (change, rate) by the matrix exponential of a generator built here."""
    a = np.zeros((size, size))
    for n in range(size):
        for change, rate in moves:
            if rate(n) > 0:
                a[n, n] -= rate(n)
                if 0 <= n + change < size:
                    a[n + change, n] += rate(n)
    return expm(a * t)[:, n0]


# One network for each order and kind of rate law: text, start, size of the box, and its jumps written out once more.
ORDERS = {
    "0": ("0 -> A ; 3", 2, 40, [(1, lambda n: 3.0)]),
    "1": ("A -> 0 ; 0.7", 9, 10, [(-1, lambda n: 0.7 * n)]),
    "2": ("2A -> 0 ; 0.3", 9, 10, [(-2, lambda n: 0.3 * n * (n - 1) / 2)]),
    "2 up": ("2A -> 3A ; 0.02\nA -> 0 ; 1", 5, 60, [(1, lambda n: 0.02 * n * (n - 1) / 2), (-1, lambda n: 1.0 * n)]),
    "3": ("3A -> 0 ; 0.2", 9, 10, [(-3, lambda n: 0.2 * n * (n - 1) * (n - 2) / 6)]),
    "3 and 2": ("3A -> 2A ; 0.1\n2A -> 3A ; 0.1", 4, 60,
                [(-1, lambda n: 0.1 * n * (n - 1) * (n - 2) / 6), (1, lambda n: 0.1 * n * (n - 1) / 2)]),
    "Hill": ("0 -> A ; a = 6/(1 + (A/3)^2)\nA -> 0 ; 1", 4, 50, [(1, lambda n: 6 / (1 + (n / 3)**2)),
                                                               (-1, lambda n: 1.0 * n)]),
    "custom with a reactant": ("2A -> 0 ; a = 1.5", 7, 8, [(-2, lambda n: 1.5 * (n >= 2))]),
}


@pytest.mark.parametrize("kind", ORDERS)
@pytest.mark.parametrize("solver", [s for s in SOLVERS if s.exact or s.family == "tau"], ids=lambda s: s.name)
def test_exact_methods_have_the_moments_of_a_generator_built_by_hand(solver, kind):
    text, n0, size, moves = ORDERS[kind]
    n, p = np.arange(size), law_by_hand(moves, n0, size, 0.8)
    mean, var = p @ n, p @ n**2 - (p @ n)**2
    got = solver.run(ReactionNetwork.parse(text, initial={"A": n0}), 0.8)
    if not got.paths:
        assert (got.mean[0], got.var[0]) == pytest.approx((mean, var), abs=1e-8)
        return
    fourth = p @ (n - mean)**4
    # Tau-leaping is approximate: 3 % of each propensity may have changed within a leap.
    bias = 0.03 if solver.family == "tau" else 0.0
    assert got.mean[0] == pytest.approx(mean, abs=Z * math.sqrt(var / got.paths) + bias * abs(mean - n0))
    assert got.var[0] == pytest.approx(var, abs=Z * math.sqrt((fourth - var**2) / got.paths) + 3 * bias * var)


# Many molecules: whatever a method assumes of small numbers no longer matters, and the mean is the rate equation's.
MANY = {
    "0": ("0 -> A ; 2000", 2000, lambda t: 2000 + 2000 * t),
    "1": ("A -> 0 ; 1", 2000, lambda t: 2000 * math.exp(-t)),
    "2": ("2A -> 0 ; 0.001", 2000, lambda t: 2000 / (1 + 0.001 * 2000 * t)),
    "3": ("3A -> 0 ; 1e-6", 2000, lambda t: 2000 / math.sqrt(1 + 1e-6 * 2000**2 * t)),
    "A + B": ("A + B -> C ; 0.001", 2000, lambda t: 2000 / (1 + 0.001 * 2000 * t)),
    "custom": ("A -> 0 ; a = 3000*A/(1000 + A)", 2000, None),
}


# Which of them a method refuses, with a word of the reason.
CANNOT = {("custom", f"close {c.name}"): "no polynomial" for c in CLOSURES} | {
    ("custom", "langevin complex"): "custom propensity",
    **{(order, "close conditional"): "needs a switch" for order in ("2", "3", "A + B")}}


@pytest.mark.parametrize("order", MANY)
@pytest.mark.parametrize("solver", SOLVERS, ids=lambda s: s.name)
def test_with_many_molecules_every_method_gives_the_closed_rate_law(solver, order):
    text, n0, law = MANY[order]
    # C starts well above zero, where noise would otherwise end paths that are absorbed there.
    initial = {"A": n0, "B": n0, "C": 500} if order == "A + B" else {"A": n0}
    t, net = 0.3, ReactionNetwork.parse(text, initial=initial)
    if law is None:  # A + 1000 log A falls by 3000 t; solved for A by bisection
        low, high = 1.0, float(n0)
        for _ in range(80):
            middle = (low + high) / 2
            above = middle + 1000 * math.log(middle) > n0 + 1000 * math.log(n0) - 3000 * t
            low, high = (low, middle) if above else (middle, high)
        wanted = low
    else:
        wanted = law(t)
    if (order, solver.name) in CANNOT:
        with pytest.raises(REFUSALS, match=CANNOT[order, solver.name]):
            solver.run(net, t)
        return
    got = solver.run(net, t)
    # A leap uses the propensities of its beginning, of which 3 % may change within it.
    assert got.mean[0] == pytest.approx(wanted, rel=1.5e-2 if solver.family == "tau" else 4e-3)


@dataclass(frozen=True)
class Case:
    """One hard case: the mean that every method must give, unless ``but`` says otherwise for it.

    but : by name or family of a method, a pattern of the sentence it must refuse with, or the mean that is right for it
    """

    text: str
    initial: Mapping[str, int]
    t: float
    mean: list[float] | str
    but: Mapping[str, str | list[float]] = field(default_factory=dict)
    slack: Mapping[str, float] = field(default_factory=dict)

    def wanted(self, solver: Solver) -> list[float] | str:
        return self.but.get(solver.name, self.but.get(solver.family, self.mean))


NO_SWITCH = {"conditional": "needs a switch"}
NO_MOMENTS = dict.fromkeys((c.name for c in CLOSURES), "no polynomial")
CLE = tuple(f"langevin {b}" for b in BOUNDARIES)
EVERLASTING = "nothing is absorbed"
E1 = math.exp(-0.001)
BROKEN = "negative or not a number|infinite or not a number"
UNBOUNDED = "explosive|grows? without bound|explodes|does not come to rest|do not come to rest"

CASES = {
    "absorbing start": Case("A -> 0 ; 1", {}, 1.0, [0.0], {"quasi": EVERLASTING, "first passage": [1.0]}),
    "absorption mid-run": Case(
        "A -> 0 ; 1", {"A": 3}, 60.0, [0.0],
        {"langevin raw": "fell below zero", "stationary": "absorbing", "quasi": [1.0], "first passage": [1.0]},
        # Away from zero there is no rest for these two: reflected noise, and a mean that is sampled in the plane.
        {"langevin reflect": 0.5, "langevin complex": 0.5}),
    "zero rates": Case("A -> B ; 0\n0 -> A ; 0", {"A": 3}, 1.0, [3.0, 0.0],
                       {"quasi": EVERLASTING, "stationary lna": "instead of dying out", "first passage": [0.0]}),
    "no reactions": Case("", {}, 1.0, [], {"quasi": EVERLASTING, "first passage": "no species and no rate constant"}),
    "null reaction": Case("A -> A ; 3", {"A": 2}, 1.0, [2.0], {"quasi": EVERLASTING, "first passage": [0.0]}),
    "one molecule where two must meet": Case(
        "2A -> 0 ; 1", {"A": 1}, 1.0, [1.0],
        # With the large-number rate law a single molecule meets itself: dn/dt = -n^2.
        {**NO_SWITCH, "rate": [0.5], "lna": [0.5], "poisson": "variance of A falls below zero", "quasi": EVERLASTING,
         "stationary lna": UNBOUNDED, "first passage": [0.0]}),
    "two molecules where three must meet": Case(
        "3A -> B ; 1", {"A": 2}, 1.0, [2.0, 0.0],
        {**NO_SWITCH, "rate": [2 / math.sqrt(5), (2 - 2 / math.sqrt(5)) / 3],
         "lna": [2 / math.sqrt(5), (2 - 2 / math.sqrt(5)) / 3], "poisson": "variance of A falls below zero",
         "quasi": EVERLASTING, "stationary lna": UNBOUNDED, "first passage": [0.0]}),
    "a reactant is missing": Case("A + B -> C ; 1", {"A": 5}, 1.0, [5.0, 0.0, 0.0],
                                  {**NO_SWITCH, "quasi": EVERLASTING, "first passage": [0.0]}),
    "2^50 molecules": Case(
        "A -> B ; 0.001", {"A": 2**50}, 1.0, [2**50 * E1, 2**50 * (1 - E1)],
        {"jump": "fired 20000 reactions", "cme": "states until|states can be reached",
         "compare": "Nothing to measure by", "stationary": "states can be reached", "quasi": "states can be reached",
         "stationary lna": UNBOUNDED, "first passage": "states can be reached"},
        {"tau": 1e-6 * 2**50, **dict.fromkeys(CLE, 1e-6 * 2**50)}),
    "pairs among 2^50": Case(
        "2A -> 0 ; 1e-18", {"A": 2**50}, 1.0, [2**50 / (1 + 1e-18 * 2**50)],
        {**NO_SWITCH, "jump": "fired 20000 reactions", "cme": "states until|states can be reached",
         "compare": "Nothing to measure by", "log-normal": UNBOUNDED, "derivative matching": UNBOUNDED,
         "stationary": "no stationary law was found", "quasi": "no stationary law was found",
         "stationary lna": UNBOUNDED,
         "first passage": "states can be reached"},
        {"tau": 1e-5 * 2**50, **dict.fromkeys(CLE, 1e-5 * 2**50)}),
    "a0 beyond 1e308": Case(
        "A + B -> C ; 1e300", {"A": 10**10, "B": 10**10}, 1.0,
        "so large that time no longer moves|infinite or not a number|passed 2\\^53|finite and >= 0",
        {**NO_SWITCH, "compare": "Nothing to measure by"}),
    "a propensity that turns negative": Case(
        # In whole counts it halts at 3 exactly; between whole counts the noise carries it past.
        "A -> 0 ; a = 3*(A - 3)", {"A": 5}, 9.0, [3.0],
        {**NO_MOMENTS, **dict.fromkeys(CLE, BROKEN), "langevin complex": "custom propensity", "quasi": [4.0],
         "stationary": "absorbing", "first passage": [0.0]}),
    "a propensity that is negative at once": Case(
        "0 -> A ; a = A - 3", {"A": 1}, 1.0, BROKEN + "|finite and >= 0|falls below zero",
        {"langevin complex": "custom propensity", "compare": "Nothing to measure by", "stationary lna": UNBOUNDED,
         "first passage": "finite and >= 0"}),
    "a propensity that is no number": Case(
        "0 -> A ; a = 0*log(0*A)", {"A": 1}, 1.0, BROKEN + "|finite and >= 0",
        {**NO_MOMENTS, "langevin complex": "custom propensity", "compare": "Nothing to measure by"}),
    "a propensity with a pole": Case(
        "A -> 0 ; a = 1/(A - 4)", {"A": 5}, 3.0,
        f"so large that time|finite and >= 0|{BROKEN}|{UNBOUNDED}",
        {**NO_MOMENTS, "langevin complex": "custom propensity", "compare": "Nothing to measure by"}),
    "a propensity beyond 1e308": Case(
        "A -> 0 ; a = exp(A)", {"A": 800}, 1.0,
        "so large that time no longer moves|infinite or not a number|passed 2\\^53|finite and >= 0",
        {**NO_MOMENTS, "langevin complex": "custom propensity", "compare": "Nothing to measure by"}),
    "explosion": Case(
        "2A -> 3A ; 1", {"A": 5}, 10.0, UNBOUNDED,
        {**NO_SWITCH, "first passage": [0.0], "stationary": "no stationary law was found",
         "quasi": "needs more states than are followed"}),
}
# The master equation of an explosive network doubles its box for long; the rest of the loop need not wait for it.
SLOW = {("explosion", name) for name in ("solve", "compare", "stationary", "quasi_stationary")}
PAIRS = [pytest.param(case, solver, id=f"{name}, {solver.name}",
                      marks=[pytest.mark.slow] if (name, solver.name) in SLOW else [])
         for name, case in CASES.items() for solver in SOLVERS + ENDLESS]


@pytest.mark.parametrize(("case", "solver"), PAIRS)
def test_hard_cases_end_in_the_right_number_or_the_right_sentence(case, solver):
    net, wanted = ReactionNetwork.parse(case.text, initial=case.initial), case.wanted(solver)
    if isinstance(wanted, str):
        with pytest.raises(REFUSALS, match=wanted) as caught:
            solver.run(net, case.t)
        assert len(str(caught.value)) > 20 or solver.name.startswith("close"), "a sentence, not a word"
        assert "nan" not in str(caught.value).replace("propensity nan", "").replace(": nan", "").split()
        return
    got = solver.run(net, case.t)
    assert np.isfinite(got.mean).all() and (got.var is None or np.isfinite(got.var).all())
    slack = case.slack.get(solver.family, 0.0)
    if got.paths and got.var is not None and got.var.size:
        slack = max(slack, float(Z * np.sqrt(max(got.var.max(), 0.0) / got.paths)))
    assert got.mean == pytest.approx(np.array(wanted, float), rel=1e-7, abs=max(slack, 1e-7))


@pytest.mark.parametrize("solver", SAMPLED[1:], ids=lambda s: s.name)
def test_the_same_seed_gives_the_same_numbers_whatever_the_threads(solver):
    net = ReactionNetwork.parse("0 -> A ; 60\nA -> 0 ; 1\n2A -> B ; 0.01", initial={"A": 60})
    alone = solver.run(net, 1.0)
    with ThreadPoolExecutor(3) as threads:
        spread = solver.run(net, 1.0, threads)
    assert np.array_equal(alone.mean, spread.mean) and np.array_equal(alone.var, spread.var)


TWIN = """
import json, sys
sys.path.insert(0, sys.argv[1])
import numpy as np
import test_solvers as loop
loop.PATHS = 3
from cmelab import ReactionNetwork
from cmelab.kernels.jit import is_compiled
net = ReactionNetwork.parse("0 -> A ; 4\\nA -> 0 ; 1\\n2A -> B ; 0.1\\nA + B -> 0 ; 0.2\\nB -> 0 ; 1", initial={"A": 6})
small = ReactionNetwork.parse("A -> B ; 1\\n2B -> 2A ; 0.3\\nB -> A ; 1", initial={"A": 6})
answers = {}
for solver in loop.SOLVERS + loop.ENDLESS:
    try:
        got = solver.run(small if solver.family in ("cme", "compare") or solver in loop.ENDLESS else net, 0.4)
        answers[solver.name] = [got.mean.tolist(), None if got.var is None else got.var.tolist()]
    except loop.REFUSALS as refused:
        answers[solver.name] = str(refused)
print(json.dumps([is_compiled(), answers]))
"""


def test_the_interpreted_twin_gives_the_numbers_of_every_solver(root):
    told = []
    for off in ("0", "1"):
        done = subprocess.run([sys.executable, "-W", "error", "-c", TWIN, str(root / "tests")], text=True, check=False,
                              env=os.environ | {"NUMBA_DISABLE_JIT": off}, capture_output=True)
        assert done.returncode == 0, done.stderr
        told.append(json.loads(done.stdout))
    (compiled, left), (interpreted, right) = told
    assert compiled and not interpreted
    assert left.keys() == right.keys() == {s.name for s in SOLVERS + ENDLESS}
    for name, numbers in left.items():
        if isinstance(numbers, str):
            assert numbers == right[name]
            continue
        for a, b in zip(numbers, right[name], strict=True):
            assert (a is None) == (b is None)
            assert a is None or np.array(b) == pytest.approx(np.array(a), rel=1e-10, abs=1e-12), name


