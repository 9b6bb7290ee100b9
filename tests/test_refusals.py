"""Malformed input at every door: the package's own error, with what was given, where, what is allowed, what to do."""
from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from cmelab import (
    NetworkError,
    ReactionNetwork,
    StationaryError,
    close,
    compare,
    delay_rate_equations,
    detailed_balance,
    enumerate_states,
    exact,
    first_passage,
    flows,
    generator,
    langevin,
    langevin_validity,
    linear_chain,
    linear_noise,
    models,
    moment_equations,
    path,
    quasi_stationary,
    rate_equations,
    simulate,
    solve,
    stationary,
    stationary_linear_noise,
    structure,
)
from cmelab.errors import SimulationError, StateSpaceError

REFUSALS = (NetworkError, SimulationError, StateSpaceError, StationaryError)
NAN, INF = math.nan, math.inf
NET, LATE, RECEPTOR = models.birth_death(), models.delayed_production(), models.receptor()
parse: Callable[..., Any] = ReactionNetwork.parse
paths: Callable[..., Any] = partial(simulate, NET, **{"times": 1.0, "paths": 2, "seed": 1})
noisy: Callable[..., Any] = partial(langevin, NET, **{"times": 1.0, "paths": 2, "seed": 1, "dt": 0.1})
# Doors as anything that can be called: their types are there to forbid what is tried here.
solved: Callable[..., Any] = solve
counted: Callable[..., Any] = enumerate_states
matrix: Callable[..., Any] = generator
balance: Callable[..., Any] = flows
walk: Callable[..., Any] = path
moments: Callable[..., Any] = moment_equations
chain: Callable[..., Any] = linear_chain
forms: Any = exact
comparison: Callable[..., Any] = partial(compare, NET, **{"times": 1.0, "methods": ["ode"]})


def formula(text: str) -> Any:
    return parse(f"A -> 0 ; a = {text}")


def k_is(value: Any) -> Any:
    return parse("A -> B ; k", {"k": value})


def a_is(value: Any) -> Any:
    return parse("A -> B ; 1", initial={"A": value})


def macroscopic(**options: Any) -> Any:
    return parse("3A -> B ; 1", **{"convention": "macroscopic", "ode": "extent", **options})


# What is typed: the text, line and column of the fault, what the message quotes of it, and what it allows.
TEXTS = [
    ("A -> 0 ; a = " + "(" * 5000 + "A", 1, 415, "more than 400 parts", "brackets and exp, log"),
    ("A -> 0 ; a = " + "(" * 60 + "A" + ")" * 60, 1, 55, "more than 40 brackets", "Allowed are"),
    ("A -> 0 ; a = " + "-" * 60 + "A", 1, 55, "more than 40 signs", "Allowed are"),
    ("A -> 0 ; a = " + "A^" * 60 + "A", 1, 96, "more than 40", "Allowed are"),
    ("A -> 0 ; a = (A", 1, 16, "')' is missing", "for example: beta"),
    ("A -> 0 ; a = A)", 1, 15, "')' is not expected here", "an operator such as *"),
    ("A -> 0 ; a = A$2", 1, 15, "'$' cannot stand in a formula", "Allowed are numbers"),
    ("A -> 0 ; a = sin(A)", 1, 14, "no function 'sin'", "a product is written sin*(...)"),
    ("A -> 0 ; a = exp(A, A)", 1, 14, "exp takes 1 argument(s), not 2", "exp, log, sqrt"),
    ("A -> 0 ; 1e400", 1, 10, "1e400", "a rate must be a finite number >= 0"),
    ("A -> 0 ; 10^400", 1, 10, "10^400 = inf", "For example: A -> B ; 0.5"),
    ("A -> 0 ; -3", 1, 10, "rate -3", "a rate must be a finite number >= 0"),
    ("0 -> A ; 1\nA -> 0 ; q", 2, 10, "'q' has no value", "Add it: rates={'q': 1.0}"),
    ("1" * 5000 + "A -> B ; 1", 1, 1, "'A' stands 1111 times", "allowed are 1 to 20"),
    ("11A + 11A -> B ; 1", 1, 7, "'A' stands 22 times", "allowed are 1 to 20"),
    ("A ⟶ B ; 1", 1, 1, "no arrow in 'A ⟶ B ; 1'", "write ->, →, <-> or ⇌"),
    ("²A -> B ; 1", 1, 1, "'²A' is no name", "letters, digits and _"),
    ("🙂 -> B ; 1", 1, 1, "'🙂' is not a species", "For example: 2A + B -> C"),
    ("A\0 -> B ; 1", 1, 1, r"'A\x00' is not a species", "For example"),
    ("A-B -> C ; 1", 1, 1, "'A-B' is not a species", "For example"),
    ("exp -> 0 ; 1", 1, 1, "'exp' is the name of a function", "call the species something else"),
    ("A + max -> 0 ; 1", 1, 5, "'max' is the name of a function", "call the species something else"),
    (";;;", 1, 1, "no arrow in ';;;'", "between the two sides"),
    ("->", 1, 1, "a side of the arrow is empty", "write 0 or ∅"),
    ("A -> B ; 1, 2", 1, 9, "needs one rate, and has 2", "For example"),
    ("A <-> B ; 1", 1, 10, "needs two rates, forward and backward, and has 1", "A <-> B ; 1.0, 0.5"),
    ("A -> B ; 1 ; delay inf", 1, 14, "'delay inf'", "must be finite and > 0"),
    ("A -> B ; 1 ; delay 1e400", 1, 14, "'delay 1e400'", "must be finite and > 0"),
    ("A -> B ; 1 ; delay tau", 1, 14, "'delay tau'", "a delay is a number"),
    ("A -> B ; 1 ; delay erlang(99999999999, 1)", 1, 14, "erlang(99999999999, 1)", "1 to 10000 stages"),
    ("A -> B ; 1 ; delay erlang(2.5, 1)", 1, 14, "erlang(2.5, 1)", "a whole number of stages"),
    ("A <-> B ; 1, 2 ; delay 1", 1, 3, "a reversible arrow cannot have a delay", "on two lines"),
]


@pytest.mark.parametrize(("text", "line", "column", "given", "allowed"), TEXTS, ids=lambda x: str(x)[:30])
def test_malformed_texts_are_refused_at_their_line_and_column(text, line, column, given, allowed):
    with pytest.raises(NetworkError) as caught:
        parse(text)
    said = str(caught.value)
    assert (caught.value.line, caught.value.column) == (line, column), said
    assert f"line {line}, column {column}" in said
    assert given in said and allowed in said, said
    assert len(said) < 400, "a message is a sentence, also for a text of thousands of letters"


NO_NETWORK = "ReactionNetwork.parse('A -> B ; 1')"
TIMES = "give a number or a list of increasing numbers >= 0"
WHOLE = "it must be a whole number from"
SHARE = "it must be a number between 0 and 1"

# Door, call, what the message quotes, what it allows or advises.
CALLS = [
    # parsing
    ("text", lambda: parse(None), "a NoneType", "one reaction a line"),
    ("text", lambda: parse(b"A -> B ; 1"), "a bytes", "it must be text"),
    ("text", lambda: parse(["A -> B ; 1"]), "a list", "it must be text"),
    ("rates", lambda: parse("A -> B ; k", ["k"]), "rates=['k']", "such as rates={'k': 1.0}"),
    ("rates", lambda: parse("A -> B ; k", "k=1"), "rates='k=1'", "numbers by name"),
    ("rates", lambda: parse("A -> B ; k", {1: 2.0}), "rates={1: 2.0}", "numbers by name"),
    ("rates", lambda: parse("A -> B ; k", {"k": 1, "q": 1}), "rates has 'q'", "the reactions use 'k'"),
    ("rates", lambda: k_is(None), "k = None", "must be a finite number, such as 0.5"),
    ("rates", lambda: k_is(1j), "k = 1j", "must be a finite number"),
    ("rates", lambda: k_is("1"), "k = '1'", "must be a finite number"),
    ("rates", lambda: k_is(True), "k = True", "must be a finite number"),
    ("rates", lambda: k_is(np.True_), "k = np.True_", "must be a finite number"),
    ("rates", lambda: k_is(np.array([1.0, 2.0])), "k = array([1., 2.])", "must be a finite number"),
    ("rates", lambda: k_is(10**400), "k = 1000", "must be a finite number"),
    ("rates", lambda: k_is(np.float64(NAN)), "k = np.float64(nan)", "must be a finite number"),
    ("rates", lambda: k_is(INF), "k = inf", "must be a finite number"),
    ("rates", lambda: k_is(-1), "rate k = -1", "a finite number >= 0"),
    ("rates", lambda: parse("k -> B ; k", {"k": 1}), "'k' is both a species and a rate constant", "rename one"),
    ("rates", lambda: parse("A -> B ; A"), "'A' is a species", "write: a = A"),
    ("initial", lambda: a_is("3"), "A = '3'", "a whole number from 0 to 2^53"),
    ("initial", lambda: a_is(NAN), "A = nan", "a whole number from 0 to 2^53"),
    ("initial", lambda: a_is(1j), "A = 1j", "a whole number"),
    ("initial", lambda: a_is(None), "A = None", "a whole number"),
    ("initial", lambda: a_is(-1), "A = -1", "a whole number"),
    ("initial", lambda: a_is(0.5), "A = 0.5", "a whole number"),
    ("initial", lambda: a_is(10**400), "A = 1000", "a whole number"),
    ("initial", lambda: a_is(2**53 + 1), f"A = {2**53 + 1}", "a whole number"),
    ("initial", lambda: parse("A -> B ; 1", initial=[1, 2]), "initial=[1, 2]", "such as initial={'A': 10}"),
    ("initial", lambda: parse("A -> B ; 1", initial={"Q": 1}), "no species 'Q'", "it has 'A', 'B'"),
    ("volume", lambda: macroscopic(), "needs volume=", "Omega with concentration"),
    ("volume", lambda: macroscopic(volume=0), "volume=0", "a finite number > 0"),
    ("volume", lambda: macroscopic(volume=-2.0), "volume=-2.0", "a finite number > 0"),
    ("volume", lambda: macroscopic(volume=NAN), "volume=nan", "a finite number > 0"),
    ("volume", lambda: macroscopic(volume="1"), "volume='1'", "a finite number > 0"),
    ("volume", lambda: macroscopic(volume=1e-300), "volume = 1e-300", "check the units of the volume"),
    ("volume", lambda: parse("A -> B ; 1", volume=2.0), "volume=2.0", "Leave it out"),
    ("convention", lambda: parse("A -> B ; 1", convention=["falling"]), "['falling']", "combinatorial, falling"),
    ("ode", lambda: macroscopic(volume=1.0, ode="x"), "ode='x'", "'consumption'"),
    ("with_rates", lambda: NET.with_rates(zz=1), "no rate constant 'zz'", "it has 'k', 'gamma'"),
    ("with_initial", lambda: NET.with_initial(M=-1), "M = -1", "a whole number from 0 to 2^53"),
    ("propensities", lambda: NET.propensities("a"), "'a'", "give counts of"),
    ("propensities", lambda: NET.propensities([1j]), "[1j]", "give counts of"),
    ("propensities", lambda: NET.propensities([[1], [2, 3]]), "[[1], [2, 3]]", "give counts of"),
    ("propensities", lambda: NET.propensities([-1]), "-1", "whole numbers >= 0"),
    ("propensities", lambda: NET.propensities([1, 2]), "(2,)", "shape (1,) or (N, 1)"),
    # what is no network
    *(("network", partial(door, "A -> B ; 1"), "'A -> B ; 1'", NO_NETWORK) for door in (
        partial(rate_equations, times=1.0), partial(linear_noise, times=1.0), stationary_linear_noise,
        partial(langevin, times=1.0, paths=1, dt=0.1, seed=1), partial(langevin_validity, times=1.0, dt=0.1),
        partial(moment_equations, order=2), partial(close, times=1.0), partial(compare, times=1.0), stationary,
        quasi_stationary, partial(first_passage, target="A == 0"), structure, detailed_balance,
        partial(linear_chain, stages=2), partial(delay_rate_equations, times=1.0))),
    ("network", lambda: rate_equations(models.sis, 1.0), "<function sis", "call it: sis()"),  # type: ignore[arg-type]
    # times, at the door that all share
    *(("times", partial(door, times=given), shown, allowed)
      for door in (paths, partial(rate_equations, NET), comparison)
      for given, shown, allowed in (
          (None, "None", TIMES), ("1", "'1'", TIMES), ([1j], "1j", TIMES), (True, "True", TIMES),
          ({1: 2}, "{1: 2}", TIMES), ([[1], [2, 3]], "[[1], [2, 3]]", TIMES), (10**400, "1000", TIMES),
          (["a"], "'a'", TIMES), ([], "shape (0,)", "one or more numbers in a row"),
          ([[1.0, 2.0]], "shape (1, 2)", "in a row"), ([-1.0], "-1", "must be finite and >= 0"),
          ([0.0, NAN], "nan", "must be finite and >= 0"), ([1.0, INF], "inf", "must be finite and >= 0"),
          ([1.0, 1.0], "1 is followed by 1", "times must increase"),
          ([2.0, 1.0], "2 is followed by 1", "times must increase"))),
    # simulation
    *(("paths", partial(paths, paths=given), f"paths={given!r}", WHOLE) for given in (0, -5, 1.0, True, "3", None)),
    *(("seed", partial(paths, seed=given), f"seed={given!r}", WHOLE) for given in (-1, 1.5, None, 2**80)),
    ("max_events", lambda: paths(max_events=-1), "max_events=-1", WHOLE),
    ("method", lambda: paths(method="gillespie"), "method='gillespie'", "'direct', 'next_reaction'"),
    ("record", lambda: paths(record="all"), "record='all'", "'grid', 'moments', 'histogram'"),
    ("tolerance", lambda: paths(method="tau", tolerance=2), "tolerance=2", SHARE),
    ("tolerance", lambda: paths(method="tau", tolerance=NAN), "tolerance=nan", SHARE),
    ("method", lambda: simulate(LATE, 1.0, paths=1, seed=1, method="tau"), "method='tau'", "method='direct'"),
    ("t_end", lambda: path(NET, INF, seed=1), "inf", "must be finite and >= 0"),
    ("of", lambda: paths().of("Q"), "no species 'Q'", "the species are 'M'"),
    ("histogram", lambda: paths().histogram("M", 0.7), "t = 0.7", "the nearest recorded time is 1"),
    ("at", lambda: path(NET, 1.0, seed=1).at([2.0]), "t = 2", "this path ends at t = 1"),
    # the master equation
    *(("tol", partial(solved, NET, 1.0, tol=given), f"tol={given!r}", SHARE) for given in (0, 1, True, "x", NAN, None)),
    ("bounds", lambda: solve(NET, 1.0, bounds=-1), "-1", "a bound is a whole number >= 0"),
    ("bounds", lambda: solve(NET, 1.0, bounds={"Q": 1}), "'Q'", "the species are 'M'"),
    ("bounds", lambda: solved(NET, 1.0, bounds={"M": 2.5}), "2.5", "a bound is a whole number >= 0"),
    ("bounds", lambda: solve(NET.with_initial(M=9), 1.0, bounds=3), "M <= 3", "it starts at 9"),
    ("states", lambda: enumerate_states(NET, max_states=50), "more than 50 states", "give bounds"),
    ("states", lambda: counted(NET, bounds=5, max_states="x"), "max_states='x'", WHOLE),
    ("states", lambda: counted(NET, bounds=5, max_states=None), "max_states=None", WHOLE),
    ("states", lambda: counted(None), "the network is None", "must be a ReactionNetwork"),
    ("states", lambda: counted(NET, bounds=5).index("x"), "the state 'x'", "one for each of ('M',)"),
    ("generator", lambda: matrix(NET, None), "the states given are None", "Make it with enumerate_states"),
    ("generator", lambda: matrix(NET, counted(RECEPTOR)), "('A', 'B')", "must be a StateSpace of ('M',)"),
    ("flows", lambda: balance(NET, None), "the distribution given is None", "solve(net, times) returns"),
    ("path", lambda: walk(None, 1, seed=1), "the network is None", "must be a ReactionNetwork"),
    ("path", lambda: walk(NET, [1, 2], seed=1), "t_end=[1, 2]", "a path has one end time"),
    ("simulate", lambda: paths(paths=10**18), "1000000000000000000 paths", "record='moments'"),
    ("simulate", lambda: paths(method=["direct"]), "method=['direct']", "it must be one of 'direct'"),
    ("simulate", lambda: paths(executor="threads"), "executor='threads'", "such as ThreadPoolExecutor(2)"),
    ("solve", lambda: solved(parse("A <-> B ; 1e12, 1e12", initial={"A": 10}), 1.0), "multiplications",
     "shorten times"),
    ("states", lambda: enumerate_states(RECEPTOR).index([9, 9]), "(9, 9)", "is not among these 2 states"),
    ("flows", lambda: flows(NET, solve(RECEPTOR, 1.0)), "('A', 'B')", "the network over ('M',)"),
    ("delay", lambda: solve(LATE, 1.0), "0 -> X has a delay 3", "reactions without delays"),
    ("stationary", lambda: stationary(NET, tol=7), "tol=7", SHARE),
    ("stationary", lambda: stationary(models.production()), "more produced than consumed", "give bounds"),
    ("level", lambda: detailed_balance(NET, level="x"), "level='x'", "'states' or 'reactions'"),
    ("target", lambda: first_passage(NET, "M"), "column 2: a comparison is missing", "'A >= 30'"),
    ("target", lambda: first_passage(NET, "M = 3"), "column 3: '='", "write =="),
    ("target", lambda: first_passage(NET, "Q == 0"), "column 1: 'Q'", "it has 'M', 'k', 'gamma'"),
    ("target", lambda: first_passage(NET, "M == 0/0"), "'M == 0/0' is no finite number", "one comparison"),
    ("target", lambda: first_passage(NET, "(" * 3000 + "M == 0"), "more than 400 parts", "Allowed are"),
    ("target", lambda: first_passage(NET, 3), "the target is 3", "it must be text"),  # type: ignore[arg-type]
    # moments
    *(("order", partial(moments, NET, given), f"order={given!r}", WHOLE) for given in (0, 2.0, "2", 10**6)),
    ("kind", lambda: moment_equations(NET, 2, kind="x"), "kind='x'", "'raw', 'central'"),
    ("closure", lambda: close(NET, 1.0, closure="gaussian"), "closure='gaussian'", "'normal', 'poisson'"),
    ("closure", lambda: close(NET, 1.0, closure="mean field", order=2), "order=2", "it must be 1"),
    ("Hill", lambda: close(models.autoregulation(), 1.0), "beta / (1 + (P/half)^hill)", "mass-action reactions"),
    ("delay", lambda: close(LATE, 1.0), "has a delay 3", "a chain of first-order steps"),
    ("species", lambda: close(parse("\n".join(f"X{i} -> X{i + 1} ; 1" for i in range(10_000))), 1.0),
     "10001 species have 50025002 moments", "use fewer species"),
    # continuous methods
    *(("dt", partial(noisy, dt=given), f"dt={given!r}", "a positive number, in 1/rate")
      for given in (0, -1, NAN, INF, "x", None, True)),
    ("dt", lambda: noisy(dt=1e-300), "dt=1e-300", "Enlarge dt or shorten times"),
    ("boundary", lambda: noisy(boundary="mirror"), "boundary='mirror'", "'raw', 'clamp', 'reflect'"),
    ("boundary", lambda: langevin(models.autoregulation(), 1.0, paths=1, dt=0.1, boundary="complex", seed=1),
     "beta / (1 + (P/half)^hill)", "Use 'reflect' or 'clamp'"),
    ("times", lambda: langevin_validity(NET, 0.0, dt=0.1), "times begins at 0", "ask for times > 0"),
    ("form", lambda: rate_equations(NET, 1.0, form="x"), "form='x'", "'large-number', 'combinatorial'"),
    ("species", lambda: linear_noise(parse("\n".join(f"X{i} -> X{i + 1} ; 1" for i in range(3000))), 1.0),
     "3001 species have 4504501 covariances", "at most 100 species"),
    # delays
    *(("stages", partial(chain, LATE, given), f"stages={given!r}", WHOLE) for given in (0, 1.5, 10**9, None)),
    ("chain", lambda: linear_chain(parse("0 -> Z1_1 ; 1 ; delay 2"), 3), "'Z1_1'", "rename it"),
    ("erlang", lambda: exact.erlang_distance(3, -1), "tau=-1", "a finite number > 0"),
    ("erlang", lambda: exact.erlang_distance(2, NAN), "tau=nan", "a finite number > 0"),
    ("erlang", lambda: forms.erlang_distance(2, "x"), "tau='x'", "a finite number > 0"),
    ("delay", lambda: exact.delayed_production_mean(1.0, NAN, 1.0, 1.0), "a=nan", "a finite number >= 0"),
    ("delay", lambda: forms.delayed_production_mean(1.0, "x", 1.0, 1.0), "a='x'", "a finite number >= 0"),
    ("delay", lambda: linear_noise(LATE, 1.0), "has a delay 3", "a chain of first-order steps"),
    # comparisons
    ("methods", lambda: comparison(methods="ssa"), "methods='ssa'", "such as ['cme', 'ssa', 'ode']"),
    ("methods", lambda: comparison(methods=["gillespie"]), "methods has 'gillespie'", "'cme', 'ssa', 'tau'"),
    ("methods", lambda: comparison(methods=[1]), "methods has 1", "'cme', 'ssa', 'tau'"),
    ("methods", lambda: comparison(methods=[]), "methods=[] is empty", "'cme', 'ssa', 'tau'"),
    ("methods", lambda: comparison(methods={"ssa"}), "methods={'ssa'}", "give a list of names"),
    ("paths", lambda: comparison(paths=1), "paths=1", "from 2 to"),
    ("seed", lambda: comparison(seed=2**63), f"seed={2**63}", WHOLE),
    ("within", lambda: comparison(within=0), "within=0", SHARE),
    ("tolerance", lambda: comparison(tolerance=5), "tolerance=5", SHARE),
    ("tol", lambda: comparison(tol="x"), "tol='x'", SHARE),
    ("boundary", lambda: comparison(boundary="x"), "boundary='x'", "'raw', 'clamp'"),
    ("dt", lambda: comparison(dt=-1), "dt=-1", "a positive number, in 1/rate, or None"),
    ("stages", lambda: comparison(stages=0), "stages=0", WHOLE),
    ("bounds", lambda: comparison(bounds={"Q": 1}), "'Q'", "the species are 'M'"),
    ("max_states", lambda: comparison(max_states=0), "max_states=0", WHOLE),
    ("executor", lambda: comparison(executor="threads"), "executor='threads'", "ThreadPoolExecutor(2)"),
    ("of", lambda: comparison().of("tau"), "no method 'tau'", "there are 'ode'"),
    # closed forms
    ("exact", lambda: exact.birth_death([-1], 1, 1, 1), "-1", "whole numbers >= 0"),
    ("exact", lambda: exact.birth_death([1], -1, 1, 1), "t=-1", "a finite number >= 0"),
]



@pytest.mark.parametrize(("door", "call", "given", "allowed"), CALLS,
                         ids=[f"{i} {row[0]} {row[2]}"[:50] for i, row in enumerate(CALLS)])
def test_every_refusal_says_what_was_given_and_what_is_allowed(door, call, given, allowed):
    with pytest.raises(REFUSALS) as caught:
        call()
    said = str(caught.value)
    assert given in said and allowed in said, said
    assert 20 < len(said) < 600, said
    assert caught.value.__cause__ is None, "no foreign traceback in front of the sentence"


def test_the_table_is_long_enough_and_sees_every_door():
    assert len(CALLS) + len(TEXTS) >= 60
    assert {"text", "rates", "initial", "times", "seed", "bounds", "closure", "dt", "stages", "methods"} <= {
        row[0] for row in CALLS}


def test_a_rejected_input_leaves_the_network_as_it_was():
    before = repr(NET)
    for call in (lambda: NET.with_rates(k="x"), lambda: NET.with_initial(M=NAN), lambda: NET.propensities("M")):  # type: ignore[arg-type]
        with pytest.raises(NetworkError):
            call()
    assert repr(NET) == before
