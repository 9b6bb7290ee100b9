"""Where each method can be believed and where not, in numbers: the sentences of `compare`."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .closures import CLOSURES
from .distances import aligned, peaks, sampling_errors
from .errors import NetworkError, SimulationError
from .exact import erlang_distance
from .langevin import langevin_validity
from .linear_noise import LinearNoise
from .methods import Case
from .network import ReactionNetwork
from .outcomes import Floats, Outcome
from .rate_equations import RateLaw

# Standard errors allowed where paths are sampled; the variance, and the error of a mean, below which all is fine.
SLACK, LEAST_VARIANCE, LEAST = 4.0, 0.01, 1e-9


@dataclass(frozen=True)
class Yardstick:
    """The outcome that the others are measured by, and what its law shows at a recorded time."""

    case: Case
    out: Outcome

    def sample(self, row: int) -> tuple[NDArray[np.int64], Floats]:
        """States (N, S) and their weights (N,) at one time."""
        if self.out.method == "cme":
            return self.out.result.states, self.out.result.p[row]
        counts = self.out.result.counts[:, row]
        return counts, np.full(len(counts), 1 / len(counts))

    @cached_property
    def absorbed(self) -> tuple[float, NDArray[np.int64]]:
        """Probability that nothing can react any more at the last time, and the likeliest state where that is so."""
        states, p = self.sample(-1)
        # A law of many states is looked at where it has any weight.
        states, p = states[p > 1e-12], p[p > 1e-12]
        if self.case.net.has_delays or not len(states):
            return 0.0, self.case.net.initial
        with np.errstate(all="ignore"):
            still = self.case.net.propensities(states).sum(axis=1) == 0
        if not still.any():
            return 0.0, self.case.net.initial
        return float(p[still].sum()), states[still][int(np.argmax(p[still]))]

    @cached_property
    def peaks(self) -> tuple[str, list[int]]:
        """The species whose law has the most separate peaks at the last time, and where they are."""
        found = [(s, peaks(m.counts, m.p[-1])) for s, m in self.out.laws.items()]
        return max(found, key=lambda x: len(x[1]), default=("", []))


def judge(case: Case, out: Outcome, yard: Yardstick | None, within: float) -> Outcome:
    """The outcome with its verdict."""
    if not out.ran:
        return replace(out, verdict=f"Not run: {out.why}")
    reason = _REASONS.get(out.method, _closure)(case, out, yard)
    sentences, close = ([], None) if yard is None else _measured(out, yard, within)
    if out.why:
        sentences.insert(0, f"It {_stop(out.why)}.")
    lost = float(out.result.lost.max()) if out.method == "cme" else 0.0
    valid = False if out.why or lost > within else close
    return replace(out, valid=valid, verdict=" ".join([*sentences, *reason]))


def _stop(why: str) -> str:
    return (why.removeprefix("it ") if why.startswith("it ") else f"stopped: {why}").removesuffix(".")


def _measured(out: Outcome, yard: Yardstick, within: float) -> tuple[list[str], bool]:
    """Sentences on the worst mean, variance and law, and whether all are within tolerance."""
    d, net, ref = out.distances, yard.case.net, yard.out
    if out.method == ref.method:
        return [], True
    k = len(d.mean)
    mean, var = ref.mean[:k], ref.var[:k]
    noise = SLACK * _noise(out, ref, net, "mean")[:k]
    allowed = np.maximum(within * np.sqrt(mean**2 + var), noise) + LEAST
    sentences = [_worst(net, out, "mean", d.mean, mean, allowed)]
    good = bool((np.abs(d.mean) <= allowed).all())
    if len(d.var):
        noise = SLACK * _noise(out, ref, net, "var")[:k]
        allowed = np.maximum(within * np.maximum(var, LEAST_VARIANCE), noise)
        sentences.append(_worst(net, out, "variance", d.var, var, allowed))
        good &= bool((np.abs(d.var) <= allowed).all())
    if d.tv.size:
        sentences.append(_worst_law(net, out, yard))
        # Samples stray from their mean distance by more than 2/sqrt(P) with a probability below exp(-8).
        stray = SLACK / 2 * float(np.sqrt(sum(1 / x.paths for x in (out, ref) if x.paths)))
        good &= bool((d.tv <= d.tv_noise + max(within, stray)).all())
    return [s for s in sentences if s], good


def _noise(out: Outcome, ref: Outcome, net: ReactionNetwork, what: str) -> Floats:
    """Standard errors (K, S) of the difference of two means or variances; 0 where nothing is sampled.

    Few paths misjudge their own errors: those that the law of the yardstick would give are used where they are larger.
    """
    k = min(len(out.mean), len(ref.mean))
    errors = [getattr(each, f"{what}_error")[:k] for each in (out, ref)]
    mine, other = (error if len(error) else np.zeros_like(ref.mean[:k]) for error in errors)
    if out.paths and ref.laws and not ref.paths:
        expected = [sampling_errors(ref.laws[s], out.paths)[what == "var"][:k] for s in net.species]
        mine = np.maximum(mine, np.stack(expected, axis=1))
    return np.hypot(mine, other)


def _worst(net: ReactionNetwork, out: Outcome, what: str, error: Floats, truth: Floats, allowed: Floats) -> str:
    """The sentence on the error that is largest against what is allowed."""
    if not error.size:
        return ""
    t, s = np.unravel_index(int(np.argmax(np.abs(error) / allowed)), error.shape)
    value, off = truth[t, s], error[t, s]
    where = f"in {net.species[s]} at t = {out.times[t]:.4g}"
    if abs(off) <= 1e-7 * max(1.0, abs(value)):
        return f"The {what} agrees to 7 digits." if what == "mean" else f"So does the {what}."
    share = f" ({abs(off / value):.2g} of it)" if value else ""
    margin = f", where {allowed[t, s]:.2g} is allowed"
    return f"The {what} is off by {off:+.3g}{share} {where}: {value + off:.4g} instead of {value:.4g}{margin}."


def _worst_law(net: ReactionNetwork, out: Outcome, yard: Yardstick) -> str:
    """The sentence on the largest total variation, with the count that adds most to it."""
    d = out.distances
    t, s = np.unravel_index(int(np.argmax(d.tv - d.tv_noise)), d.tv.shape)
    name = net.species[s]
    counts, p, q = aligned(out.laws[name], yard.out.laws[name])
    i = int(np.argmax(np.abs(p[t] - q[t])))
    noise = f" ({d.tv_noise[t, s]:.2g} expected from the number of paths alone)" if d.tv_noise[t, s] > 0 else ""
    below = float(out.laws[name].below[t])
    lower = f"; {below:.2g} of it lies below zero" if below >= 5e-4 else ""
    return (f"The law of {name} is at a total variation of {d.tv[t, s]:.2g}{noise} at t = {out.times[t]:.4g}, most of "
            f"it at {name} = {counts[i]}: {p[t, i]:.3g} instead of {q[t, i]:.3g}{lower}.")


# Why: what each method assumes, and whether this network grants it.


def _cme(case: Case, out: Outcome, yard: Yardstick | None) -> list[str]:
    d = out.result
    return [f"{len(d.states)} states; at most {max(float(d.lost.max()), 1e-13):.1e} of the probability is lost, which "
            "bounds the error of every probability."]


def _ssa(case: Case, out: Outcome, yard: Yardstick | None) -> list[str]:
    if not out.mean.size:
        return []
    t, s = np.unravel_index(int(np.argmax(out.mean_error)), out.mean.shape)
    return [f"Exact in law, {out.paths} paths: the standard error of a mean is at most {out.mean_error[t, s]:.2g} "
            f"({out.result.species[s]} at t = {out.times[t]:.4g}, where the mean is {out.mean[t, s]:.4g})."]


def _tau(case: Case, out: Outcome, yard: Yardstick | None) -> list[str]:
    return [f"Each leap is so short that no propensity is expected to change by more than {case.tolerance:.2g} of "
            "itself."]


def _cle(case: Case, out: Outcome, yard: Yardstick | None) -> list[str]:
    e = out.result
    touched = int((e.violations > 0).sum())
    treatment = f", treated by boundary={e.boundary!r}" if touched else ""
    said = [f"{touched} of {len(e.violations)} paths went below zero{treatment}; dt = {e.dt:.2g}."]
    times = out.times[out.times > 0]
    if times.size:
        try:
            conditions = langevin_validity(case.net, times, dt=e.dt)
        except (NetworkError, SimulationError) as error:
            return [*said, f"Its two conditions cannot be put in numbers: {error}"]
        said.append(conditions.why)
    return said + _distance_to_zero(case, yard)


def _distance_to_zero(case: Case, yard: Yardstick | None) -> list[str]:
    """The same distance by the yardstick, which knows more than linear noise where the law is no Gaussian."""
    consumed = (case.net.stoichiometry < 0).any(axis=1)
    if yard is None or not consumed.any():
        return []
    with np.errstate(all="ignore"):
        distance = np.where(consumed & (yard.out.var > 0), yard.out.mean / np.sqrt(yard.out.var), np.inf)
    t, s = np.unravel_index(int(np.argmin(distance)), distance.shape)
    if not np.isfinite(distance[t, s]):
        return []
    return [f"By the yardstick {case.net.species[s]} comes as near as {distance[t, s]:.3g} standard deviations "
            f"(t = {yard.out.times[t]:.4g})."]


def _lna(case: Case, out: Outcome, yard: Yardstick | None) -> list[str]:
    noise: LinearNoise = out.result
    said = []
    if is_linear(case.net):
        said.append("Every reaction has at most one reactant molecule, so mean and variance are exact.")
    said += _several_peaks(yard, "where a Gaussian has one")
    law = RateLaw(case.net, "large-number")
    growth = [float(np.linalg.eigvals(law.slope(n)).real.max(initial=-1.0)) for n in noise.counts]
    t = int(np.argmax(growth))
    if growth[t] > 1e-6:
        said.append(f"At t = {noise.times[t]:.4g} a deviation from the rate equations grows at rate {growth[t]:.2g} "
                    "instead of dying out.")
    size = np.sqrt(np.maximum(noise.var()[-1], 0.0))
    with np.errstate(all="ignore"):
        relative = np.where(size > 0, noise.counts[-1] / size, np.inf)
    if relative.size and np.isfinite(relative).any():
        s = int(np.argmin(relative))
        said.append(f"At the end the mean of {noise.species[s]} lies {relative[s]:.2g} standard deviations above zero.")
    return said


def _ode(case: Case, out: Outcome, yard: Yardstick | None) -> list[str]:
    if is_linear(case.net):
        return ["Every reaction has at most one reactant molecule, so the mean is exact; there is no noise."]
    return _blame(out, yard) + _several_peaks(yard, "and the rate equations follow one") + _extinct(out, yard)


def _closure(case: Case, out: Outcome, yard: Yardstick | None) -> list[str]:
    if is_linear(case.net):
        return ["Every reaction has at most one reactant molecule, so nothing has to be closed."]
    says = next(c.says for c in CLOSURES if c.name == out.method)
    said = [f"Assumed: {says}."]
    if (out.var < 0).any():
        t, s = np.argwhere(out.var < 0)[0]
        said.append(f"The variance of {case.net.species[s]} is {out.var[t, s]:.3g} at t = {out.times[t]:.4g}: no "
                    "law has that.")
    return said + _several_peaks(yard, "and the closure follows one mean") + _extinct(out, yard)


def _chain(case: Case, out: Outcome, yard: Yardstick | None) -> list[str]:
    said = []
    for reaction in case.net.reactions:
        if reaction.delay is not None and reaction.delay.stages is None:
            tau, w1 = reaction.delay.mean, float(erlang_distance(case.stages, reaction.delay.mean))
            said.append(f"{reaction.text}: the delay {tau:g} becomes {case.stages} steps, W1 = {w1:.2g} from the fixed "
                        "delay.")
        elif reaction.delay is not None:
            said.append(f"{reaction.text}: the chain is exact for this delay.")
    return said


def is_linear(net: ReactionNetwork) -> bool:
    """True where every propensity is a constant times at most one count, so that moments close by themselves."""
    return all(not r.custom and r.order <= 1 for r in net.reactions)


def _several_peaks(yard: Yardstick | None, contrast: str) -> list[str]:
    name, where = yard.peaks if yard else ("", [])
    if yard is None or len(where) < 2:
        return []
    return [f"At t = {yard.out.times[-1]:.4g} the law of {name} has {len(where)} separate peaks, near "
            f"{' and '.join(map(str, where))}, {contrast}."]


def _extinct(out: Outcome, yard: Yardstick | None) -> list[str]:
    """The sentence on a state where everything has ended, and the curve goes on."""
    if yard is None:
        return []
    probability, state = yard.absorbed
    if probability < 0.01 or len(out.mean) < len(yard.out.times):
        return []
    s = int(np.argmax(np.abs(out.mean[-1] - state)))
    if abs(out.mean[-1, s] - state[s]) < 0.5:
        return []
    ended = ", ".join(f"{name} = {n}" for name, n in zip(yard.case.net.species, state.tolist(), strict=True))
    return [f"By t = {out.times[-1]:.4g} all has ended for good with probability {probability:.3g} ({ended}), while "
            f"this method has {yard.case.net.species[s]} at {out.mean[-1, s]:.3g}."]


def _blame(out: Outcome, yard: Yardstick | None) -> list[str]:
    """The reaction whose mean rate differs most from its rate at the mean, where the mean of the method is worst."""
    d = out.distances
    if yard is None or yard.case.net.has_delays or not d.mean.size:
        return []
    net = yard.case.net
    t = int(np.argmax(np.abs(d.mean).max(axis=1)))
    states, p = yard.sample(t)
    states, p = states[p > 1e-12], p[p > 1e-12]
    average = p @ net.propensities(states)
    at_mean = RateLaw(net, "large-number").values(yard.out.mean[t])
    r = int(np.argmax(np.abs(average - at_mean)))
    if abs(average[r] - at_mean[r]) <= 1e-6 * max(1.0, abs(average[r])):
        return []
    return [f"{net.reactions[r].text} is not linear: at t = {out.times[t]:.4g} it fires {average[r]:.3g} times per "
            f"unit time on average, and {at_mean[r]:.3g} times at the average counts."]


_REASONS: dict[str, Callable[[Case, Outcome, Yardstick | None], list[str]]] = {
    "cme": _cme, "ssa": _ssa, "tau": _tau, "cle": _cle, "lna": _lna, "ode": _ode, "chain": _chain, "chain lna": _chain}
