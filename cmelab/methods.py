"""Every method of the course: how to run it on a network, and how to read mean, variance and law off its answer."""
from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .closed_moments import ClosedMoments, close
from .closures import CLOSURES
from .delays import delay_rate_equations, linear_chain
from .distances import Marginal, from_gaussian, from_samples
from .errors import NetworkError, SimulationError, StateSpaceError
from .langevin import LangevinEnsemble, langevin
from .linear_noise import LinearNoise, linear_noise
from .master_equation import Distribution, solve
from .network import ReactionNetwork
from .outcomes import Outcome, nothing
from .rate_equations import Curve, RateLaw, rate_equations
from .ssa import simulate
from .state_space import Bounds
from .trajectories import Ensemble

Floats = NDArray[np.float64]
# The Langevin step: this share of the shortest time in which a count changes, while no more steps than this are taken.
STEP, MOST_STEPS = 0.02, 1e8
# Numbers that the paths of one method may hold.
MAX_COUNTS = 200_000_000


@dataclass(frozen=True)
class Case:
    """One network, one grid, and the options of all methods."""

    net: ReactionNetwork
    grid: Floats
    paths: int
    seed: int
    boundary: str
    dt: float | None
    tolerance: float
    stages: int
    bounds: Bounds
    tol: float
    max_states: int
    executor: Executor | None
    progress: bool | None


@dataclass(frozen=True)
class Method:
    """One way to follow a network.

    says : what it does, in one sentence
    compute : the call; read : fills mean, variance and law of an Outcome from what it returned, whole or partial
    delayed : it is meant for networks with delays only
    """

    name: str
    says: str
    compute: Callable[[Case], Any]
    read: Callable[[Case, Outcome], Outcome]
    delayed: bool = False


def run(method: Method, case: Case) -> Outcome:
    """The outcome of one method; whatever stops it becomes a sentence, so that it never stops the others."""
    began, why, result = time.perf_counter(), "", None
    try:
        result = method.compute(case)
    except (NetworkError, SimulationError, StateSpaceError) as error:
        why, result = str(error), getattr(error, "partial", None)
    except (MemoryError, ArithmeticError, ValueError, RuntimeError) as error:
        why = f"it stopped with {type(error).__name__}: {error}."
    out = Outcome(method.name, result=result, why=why)
    if result is not None:
        try:
            out = method.read(case, out)
        except (NetworkError, SimulationError) as error:
            out = replace(out, why=why or str(error))
    return replace(out, seconds=time.perf_counter() - began)


def _solve(case: Case) -> Distribution:
    return solve(case.net, case.grid, bounds=case.bounds, tol=case.tol, max_states=case.max_states,
                 progress=case.progress)


def _read_distribution(case: Case, out: Outcome) -> Outcome:
    d: Distribution = out.result
    laws = {s: Marginal(*d.marginal(s)) for s in d.species}
    return replace(out, times=d.times, mean=d.mean(), var=d.var(), laws=laws)


def _paths(case: Case, net: ReactionNetwork | None = None, *, stream: int = 0, method: str = "direct") -> Ensemble:
    net = net or case.net
    numbers = case.paths * case.grid.size * len(net.species)
    if numbers > MAX_COUNTS:
        raise SimulationError(f"{case.paths} paths at {case.grid.size} times of {len(net.species)} species are "
                              f"{numbers:.1e} counts; at most {MAX_COUNTS:.0e} are kept. Ask for fewer paths or times.")
    return simulate(net, case.grid, paths=case.paths, seed=case.seed + stream, method=method, executor=case.executor,
                    progress=case.progress, tolerance=case.tolerance)


def _chain(case: Case) -> Ensemble:
    return _paths(case, linear_chain(case.net, case.stages), stream=3)


def _read_paths(case: Case, out: Outcome) -> Outcome:
    """Mean, variance and law over paths; of the network's own species where a chain has added others."""
    e: Ensemble | LangevinEnsemble = out.result
    own, size = slice(len(case.net.species)), len(e.counts)
    mean, var = e.mean()[:, own], e.var()[:, own]
    counts = e.counts[:, :, own]
    fourth = np.real((counts - counts.mean(axis=0))**4).mean(axis=0)
    laws = {} if np.iscomplexobj(counts) else {
        s: from_samples(counts[:, :, i]) for i, s in enumerate(case.net.species)}
    return replace(out, times=e.times, mean=mean, var=var, laws=_complete(laws), paths=size,
                   mean_error=np.sqrt(np.maximum(var, 0.0) / size),
                   var_error=np.sqrt(np.maximum(fourth - var**2, 0.0) / size))


def _complete(laws: dict[str, Marginal | None]) -> dict[str, Marginal]:
    """All laws, or none where one of them is too wide to be written out."""
    whole = {s: law for s, law in laws.items() if law is not None}
    return whole if len(whole) == len(laws) else {}


def langevin_step(case: Case) -> float:
    """A step of 2 % of the shortest time in which any count changes along the rate equations."""
    if case.dt is not None:
        return case.dt
    end = float(case.grid[-1]) or 1.0
    try:
        law = RateLaw(case.net, "large-number")
        curve = rate_equations(case.net, np.linspace(0.0, end, 51)).counts
        with np.errstate(all="ignore"):
            turnover = max(float(np.abs(np.diagonal(law.slope(n))).max(initial=0.0)) for n in curve)
    except SimulationError:
        turnover = 10.0 / end
    step = min(end / 100, STEP / turnover if 0 < turnover < np.inf else end)
    return max(step, end * case.paths * max(1, len(case.net.reactions)) / MOST_STEPS)


def _langevin(case: Case) -> LangevinEnsemble:
    return langevin(case.net, case.grid, paths=case.paths, seed=case.seed + 2, dt=langevin_step(case),
                    boundary=case.boundary, executor=case.executor, progress=case.progress)


def _read_noise(case: Case, out: Outcome) -> Outcome:
    noise: LinearNoise = out.result
    own = slice(len(case.net.species))
    mean, var = noise.counts[:, own], noise.var()[:, own]
    if not len(mean):
        return out
    laws = {s: from_gaussian(mean[:, i], np.sqrt(np.maximum(var[:, i], 0.0)))
            for i, s in enumerate(case.net.species)}
    return replace(out, times=noise.times, mean=mean, var=var, laws=_complete(laws))


def _rate_equations(case: Case) -> Curve:
    return delay_rate_equations(case.net, case.grid) if case.net.has_delays else rate_equations(case.net, case.grid)


def _read_curve(case: Case, out: Outcome) -> Outcome:
    counts = out.result.counts[:, :len(case.net.species)]
    return replace(out, times=out.result.times, mean=counts) if len(counts) else out


def _read_moments(case: Case, out: Outcome) -> Outcome:
    m: ClosedMoments = out.result
    why = "" if m.broke_at is None else f"it breaks at t = {m.broke_at:.4g}: {m.why}"
    if not m.times.size:
        return replace(out, why=why)
    return replace(out, times=m.times, mean=m.mean(), var=nothing() if m.order == 1 else m.var(), why=why)


METHODS = (
    Method("cme", "the Chemical Master Equation itself, with a certified error", _solve, _read_distribution),
    Method("ssa", "exact paths; only their number is finite", _paths, _read_paths),
    Method("tau", "paths that leap over many events at once", partial(_paths, stream=1, method="tau"), _read_paths),
    Method("cle", "the chemical Langevin equation: continuous counts with Gaussian noise", _langevin, _read_paths),
    Method("lna", "linear noise: a Gaussian around the rate equations", lambda c: linear_noise(c.net, c.grid),
           _read_noise),
    Method("ode", "the rate equations: no noise at all", _rate_equations, _read_curve),
    *(Method(c.name, f"moment closure: {c.says}", lambda case, name=c.name: close(case.net, case.grid, closure=name),
             _read_moments) for c in CLOSURES),
    Method("chain", "exact paths with each fixed delay as a chain of first-order steps", _chain, _read_paths, True),
    Method("chain lna", "linear noise of the same chain",
           lambda c: linear_noise(linear_chain(c.net, c.stages), c.grid), _read_noise, True),
)
