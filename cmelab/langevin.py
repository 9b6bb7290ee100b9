"""The chemical Langevin equation: continuous noisy paths, and numbers that say where they can be believed."""
from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arguments import as_times, positive, species_index, whole
from .chunks import progress_bar, spread
from .compiled import compile_network
from .errors import NetworkError, SimulationError
from .kernels import status as st
from .kernels.langevin import langevin_ensemble
from .linear_noise import linear_noise
from .network import ReactionNetwork
from .rate_equations import RateLaw

Floats = NDArray[np.float64]
BOUNDARIES = ("raw", "clamp", "reflect", "absorb", "complex")
# Steps between two looks at the keyboard, and the most that one path may take.
SLICE, MAX_STEPS = 2_000_000, 10**9
# Rules of thumb of the validity verdict: firings while a propensity changes, standard deviations above zero.
FIRINGS, DEVIATIONS = 10.0, 4.0


@dataclass(frozen=True)
class LangevinEnsemble:
    """Many Langevin paths on one time grid; real-valued counts, complex ones for boundary 'complex'.

    times : (T,) float64
    counts : (P, T, S) float64 or complex128; NaN at times that a stopped path did not reach
    status : (P,) int8, see `cmelab.kernels.status`; 0 reached, 1 held at zero by 'absorb', 9 stopped at the root of a
        negative propensity, others failed
    stopped : (P,) float64, the time at which a path stopped or was held; inf for paths that reached the end
    violations : (P,) int64, steps in which some count or propensity was below zero before the boundary was applied
    dt : largest step; boundary : how paths below zero were treated
    """

    species: tuple[str, ...]
    times: Floats
    counts: NDArray[Any]
    status: NDArray[np.int8]
    stopped: Floats
    violations: NDArray[np.int64]
    dt: float
    boundary: str
    seed: int

    def of(self, name: str) -> NDArray[Any]:
        """Counts of one species, (P, T)."""
        return self.counts[:, :, species_index(self.species, name)]

    def mean(self) -> Floats:
        """Mean over paths, (T, S); of the real parts for 'complex', where the imaginary parts average to zero."""
        self._complete()
        return np.real(self.counts.mean(axis=0))

    def var(self) -> Floats:
        """Unbiased variance over paths, (T, S); for 'complex' the mean of the complex square, which is real."""
        self._complete()
        away = self.counts - self.counts.mean(axis=0)
        return np.real(away**2).sum(axis=0) / max(1, len(self.counts) - 1)

    def _complete(self) -> None:
        failed = int((self.status > st.ABSORBED).sum())
        if failed:
            raise SimulationError(f"{failed} of {len(self.status)} paths stopped, the first at t = "
                                  f"{self.stopped.min():.4g}, because a count fell below zero and the noise would be "
                                  "the root of a negative propensity; a mean over the others would be biased. Use "
                                  "boundary='complex', or more molecules.", partial=self)

    def __repr__(self) -> str:
        halted = int((self.status > st.ABSORBED).sum())
        touched = int((self.violations > 0).sum())
        return (f"LangevinEnsemble of {len(self.status)} paths, {self.times.size} times from {self.times[0]:g} to "
                f"{self.times[-1]:g}, dt = {self.dt:g}, boundary {self.boundary!r}, seed {self.seed}; {touched} paths "
                f"went below zero, {halted} had to stop")


def langevin(net: ReactionNetwork, times: ArrayLike, *, paths: int, dt: float, boundary: str = "raw", seed: int,
             executor: Executor | None = None, progress: bool | None = None) -> LangevinEnsemble:
    """Simulate the chemical Langevin equation dx = sum_r nu_r (a_r dt + sqrt(a_r) dW_r), one noise for each reaction.

    Parameters
    ----------
    net : the network; its ``initial`` is the state at t = 0. The propensities are those of the master equation, at
        real-valued counts; a custom one is zero once a reactant is used up.
    times : increasing times >= 0, in 1/rate; a single number is one time.
    paths : number of paths P.
    dt : largest time step; between two recorded times all steps are equal and end on the time itself.
    boundary : what happens below zero. 'raw' nothing: the path stops where the root of a negative propensity is
        asked for. 'clamp' puts the count back to 0, 'reflect' changes its sign, 'absorb' holds the whole path at 0 for
        ever; in all three a propensity is zero where too few molecules are left. 'complex' goes on in the complex
        plane (mass action only).
    seed : whole number >= 0; path i has a stream of its own made from (seed, i), whatever the executor or chunks.
    executor : any `concurrent.futures` executor to spread the paths over; None runs them here.
    progress : True or False for a progress bar; None shows one after two seconds.

    Raises
    ------
    NetworkError : delays, or options that cannot be used.
    SimulationError : a count passes 2^53 or a custom propensity is negative or not a number; ``partial`` is the rest.

    Notes
    -----
    D. T. Gillespie, J. Chem. Phys. 113 (2000) 297, doi:10.1063/1.481811, by the Euler-Maruyama method: strong order
    1/2, weak order 1 in dt away from zero. 'complex' is exact in mean and variance where every reaction has at most
    one reactant molecule: D. Schnoerr, G. Sanguinetti, R. Grima, J. Chem. Phys. 141 (2014) 024103,
    doi:10.1063/1.4885345, who also show what clamping and reflecting distort.
    """
    grid, total, step = as_times(times), whole("paths", paths, 1), positive("dt", dt, "in 1/rate")
    if boundary not in BOUNDARIES:
        raise NetworkError(f"boundary={boundary!r}; it must be one of {', '.join(map(repr, BOUNDARIES))}.")
    compiled = compile_network(net)
    custom = next((r for r in net.reactions if r.custom), None)
    if boundary == "complex" and custom is not None:
        raise NetworkError(f"{custom.text} has the custom propensity {custom.propensity_text}, whose root in the "
                           "complex plane is not defined here; boundary='complex' takes mass action only. Use "
                           "'reflect' or 'clamp'.", line=custom.line)
    if grid[-1] / step > MAX_STEPS:
        raise NetworkError(f"dt={dt!r} means {grid[-1] / step:.2g} steps until t = {grid[-1]:g}; at most "
                           f"{MAX_STEPS:.0e} are allowed. Enlarge dt or shorten times.")
    steps, h = time_steps(grid, step)
    job = (compiled, BOUNDARIES.index(boundary), steps, h, net.initial.astype(float), whole("seed", seed, 0))
    result = _collect(net, job, grid, total, step, boundary, executor, progress)
    bad = np.flatnonzero((result.status == st.INVALID) | (result.status == st.EXPLOSIVE))
    if bad.size:
        i = int(bad[0])
        why = "a count passed 2^53: the network may be explosive; shorten times" \
            if result.status[i] == st.EXPLOSIVE else \
            "a custom propensity was negative or not a number; change it so that it is >= 0 at every real count >= 0"
        raise SimulationError(f"Path {i} stopped at t = {result.stopped[i]:.6g}: {why}.", partial=result)
    return result


def time_steps(grid: Floats, dt: float) -> tuple[NDArray[np.int64], Floats]:
    """Number (T,) and size (T,) of the equal steps that end on each time, none longer than dt."""
    gaps = np.diff(grid, prepend=0.0)
    # A gap that is a whole number of dt up to rounding takes just that many steps.
    steps = np.ceil(gaps / dt * (1 - 1e-12)).astype(np.int64)
    return steps, gaps / np.maximum(steps, 1)


def _collect(net: ReactionNetwork, job: tuple, grid: Floats, total: int, dt: float, boundary: str,
             executor: Executor | None, progress: bool | None) -> LangevinEnsemble:
    size = len(net.species)
    counts = np.full((total, grid.size, size), np.nan, np.complex128 if boundary == "complex" else np.float64)
    status, stopped = np.full(total, st.NOT_RUN, np.int8), np.full(total, math.inf)
    violations = np.zeros(total, np.int64)
    with progress_bar(total, "path", progress) as bar:
        for chunk in spread(_run_chunk, job, total, executor):
            here = slice(chunk.first, chunk.first + len(chunk.status))
            counts[here] = chunk.counts[..., :size] + 1j * chunk.counts[..., size:] if boundary == "complex" \
                else chunk.counts
            status[here], violations[here] = chunk.status, chunk.violations
            before = np.concatenate([[0.0], grid])[np.minimum(chunk.place[:, 0], grid.size)]
            at = before + chunk.place[:, 1] * np.append(job[3], 0.0)[chunk.place[:, 0]]
            stopped[here] = np.where((chunk.status == st.REACHED) | (chunk.status == st.NOT_RUN), math.inf, at)
            bar.update(len(chunk.status))
            if chunk.answer > st.ABSORBED:
                break
    return LangevinEnsemble(net.species, grid, counts, status, stopped, violations, dt, boundary, job[5])


@dataclass(frozen=True)
class _Chunk:
    first: int
    counts: Floats
    status: NDArray[np.int8]
    place: NDArray[np.int64]
    violations: NDArray[np.int64]
    answer: int


def _run_chunk(job: tuple, first: int, size: int) -> _Chunk:
    """Walk paths first, ..., first + size - 1; whatever executor runs this, the numbers are the same."""
    network, boundary, steps, h, start, seed = job
    parts = 2 if BOUNDARIES[boundary] == "complex" else 1
    start = np.concatenate([start, np.zeros((parts - 1) * start.size)])
    reactions = network.mass_action[0].size
    x, rng, cursor, path = start.copy(), np.zeros(4, np.uint64), np.array([-1, 0, 0]), np.zeros(1, np.int64)
    a, stack = np.zeros(parts * reactions), np.zeros(network.stack_size)
    counts = np.full((size, steps.size, start.size), np.nan)
    status, place, violations = np.full(size, st.NOT_RUN, np.int8), np.zeros((size, 2), np.int64), np.zeros(size, int)
    budget, answer = max(1000, SLICE // (reactions + 1)), st.PAUSED
    with np.errstate(all="ignore"):
        while answer == st.PAUSED:
            answer = langevin_ensemble(network, boundary, steps, h, start, np.uint64(seed), np.uint64(first), x, rng,
                                       cursor, path, budget, a, stack, counts, status, place, violations)
    return _Chunk(first, counts, status, place, violations, int(answer))


@dataclass(frozen=True)
class LangevinValidity:
    """The two conditions of the Langevin equation in numbers.

    times : (T,) float64
    per_relaxation : (T, R) expected firings of each reaction while a count it changes relaxes
    per_step : (T, R) expected firings of each reaction within one step dt
    deviations : (T, S) mean over standard deviation of each count that can be consumed; inf for others
    """

    species: tuple[str, ...]
    reactions: tuple[str, ...]
    times: Floats
    per_relaxation: Floats
    per_step: Floats
    deviations: Floats
    dt: float

    @property
    def frequent(self) -> bool:
        """Condition 1: every reaction fires at least ten times while the counts it changes relax."""
        return bool(self.per_relaxation.min(initial=math.inf) >= FIRINGS)

    @property
    def away(self) -> bool:
        """Condition 2: every count that can be consumed stays at least four standard deviations above zero."""
        return bool(self.deviations.min(initial=math.inf) >= DEVIATIONS)

    @property
    def valid(self) -> bool:
        """Both conditions, at every time."""
        return self.frequent and self.away

    @property
    def why(self) -> str:
        """The verdict in two sentences, with the worst reaction and the worst species."""
        parts = []
        if self.per_relaxation.size:
            t, r = np.unravel_index(self.per_relaxation.argmin(), self.per_relaxation.shape)
            parts.append(f"Frequent reactions {'hold' if self.frequent else 'FAIL'}: {self.reactions[r]} fires "
                         f"{self.per_relaxation[t, r]:.3g} times while its counts relax (t = {self.times[t]:.4g}, "
                         f"wanted {FIRINGS:g}; {self.per_step[t, r]:.3g} times in one step dt = {self.dt:g}).")
        if self.deviations.size:
            t, s = np.unravel_index(self.deviations.argmin(), self.deviations.shape)
            parts.append(f"Distance to zero {'holds' if self.away else 'FAILS'}: {self.species[s]} lies "
                         f"{self.deviations[t, s]:.3g} standard deviations above 0 (t = {self.times[t]:.4g}, wanted "
                         f"{DEVIATIONS:g}).")
        return " ".join(parts) or "Nothing happens in this network."

    def __repr__(self) -> str:
        return f"Langevin {'valid' if self.valid else 'not valid'}. {self.why}"


def langevin_validity(net: ReactionNetwork, times: ArrayLike, *, dt: float) -> LangevinValidity:
    """Say in numbers whether the Langevin equation can be believed at the given times.

    Parameters
    ----------
    net : the network.
    times : increasing times > 0 at which the verdict is asked; the worst of them counts.
    dt : the time step that `langevin` will use.

    Notes
    -----
    The two conditions of D. T. Gillespie, J. Chem. Phys. 113 (2000) 297, doi:10.1063/1.481811. Means and standard
    deviations come from `linear_noise`. A count relaxes in 1/|J_ss|, the diagonal of the Jacobian, at most the last
    time asked; a reaction that changes several counts is measured by the fastest. Ten firings and four standard
    deviations are rules of thumb, not theorems.
    """
    grid, step = as_times(times), positive("dt", dt, "in 1/rate")
    if grid[0] == 0:
        raise NetworkError("times begins at 0, where the counts are known exactly; ask for times > 0.")
    noise, law = linear_noise(net, grid), RateLaw(net, "large-number")
    # A count that the solver left a rounding below zero is zero.
    a = np.array([law.values(np.maximum(n, 0.0)) for n in noise.counts]).reshape(grid.size, len(net.reactions))
    turnover = np.array([np.abs(np.diagonal(law.slope(n))) for n in noise.counts])
    relaxation = 1.0 / np.maximum(turnover, 1.0 / grid[-1])
    changed = law.nu != 0
    per_relaxation = np.full(a.shape, math.inf)
    for r in range(a.shape[1]):
        if changed[:, r].any():
            per_relaxation[:, r] = a[:, r] * relaxation[:, changed[:, r]].min(axis=1)
    deviation = np.sqrt(np.maximum(noise.var(), 0.0))
    with np.errstate(all="ignore"):
        distance = np.where(deviation > 0, np.maximum(noise.counts, 0.0) / deviation,
                            np.where(noise.counts > 0, math.inf, 0.0))
    distance[:, ~(law.nu < 0).any(axis=1)] = math.inf
    return LangevinValidity(net.species, tuple(r.text for r in net.reactions), grid, per_relaxation, a * step, distance,
                            step)
