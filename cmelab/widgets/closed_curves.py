"""What closures and wrong beliefs make of mean and variance: the dashed lines of `closure_bench`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import polynomials as poly
from ..closed_moments import ClosedMoments, close
from ..closures import CLOSURES, Closure, Known, power, subsets
from ..moments import MAX_ORDER
from ..network import ReactionNetwork
from ..rate_equations import integrate, rate_equations

RIGHT, ODE, SQUARE, CROSS, EXACT, LINEAR = (
    "what the equation says",
    "the mean follows the rate equation",
    "⟨n²⟩ = ⟨n⟩²",
    "⟨n²⟩ changes by ν² alone",
    "a closure is exact",
    "linear networks need a closure",
)
NAMES = tuple(c.name for c in CLOSURES if c.name != "conditional")
NORMAL = next(c for c in CLOSURES if c.name == "normal")
WILD = 1e6  # counts beyond this are not drawn


@dataclass(frozen=True)
class Curve:
    """Mean and variance (F,) of one count by an approximation, NaN where it ended; where and why it broke."""

    mean: NDArray[np.float64]
    var: NDArray[np.float64]
    broke_at: float | None = None
    why: str = ""

    @property
    def known(self) -> int:
        """How many frames it reached."""
        return int(np.isfinite(self.mean).sum())


def closed(net: ReactionNetwork, values: Mapping[str, Any], times: NDArray[np.float64],
           name: str | None = None) -> Curve:
    """Mean and variance by the closure chosen, followed on after it broke, as far as it goes."""
    choice = next(c for c in CLOSURES if c.name == (name or values["closure"]))
    result = close(net, times, order=order_of(values, choice), closure=choice.name, beyond=True)
    return _curve(values, times, result)


def order_of(values: Mapping[str, Any], closure: Closure) -> int:
    """The order asked for, or the nearest that this closure can have."""
    return int(np.clip(values["order"], closure.least, closure.most or MAX_ORDER))


def _curve(values: Mapping[str, Any], times: NDArray[np.float64], result: ClosedMoments) -> Curve:
    i = result.species.index(values["species"])
    rows = np.full((2, times.size), np.nan)
    rows[:, : len(result.counts)] = result.counts[:, i], result.var()[:, i]
    rows[:, (np.abs(rows) > WILD).any(axis=0)] = np.nan
    return Curve(rows[0], rows[1], result.broke_at, result.why)


def believed(net: ReactionNetwork, values: Mapping[str, Any], times: NDArray[np.float64]) -> Curve | None:
    """Mean and variance by a wrong belief; None where it has no curve of its own."""
    if values["belief"] == ODE:
        return Curve(rate_equations(net, times).of(values["species"]), np.zeros(times.size))
    if values["belief"] == SQUARE:
        return _curve(values, times, close(net, times, closure="mean field", beyond=True))
    if values["belief"] == CROSS:
        size, i = len(net.species), net.species.index(values["species"])
        square = size + i * size - i * (i - 1) // 2  # where <n_i n_i> stands
        rows = np.full((2, times.size), np.nan)
        reached = without_cross_term(net, times)
        rows[:, : len(reached)] = reached[:, i], reached[:, square] - reached[:, i] ** 2
        rows[:, (np.abs(rows) > WILD).any(axis=0)] = np.nan
        return Curve(rows[0], rows[1])
    return None


def without_cross_term(net: ReactionNetwork, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means, then <n_i n_i>, <n_i n_j>, ... (K, S + S(S+1)/2) if d<n_i n_j>/dt were sum_r nu_i nu_j <a_r>.

    The averages of propensities of more than two molecules are those of a normal law.
    """
    size, nu = len(net.species), net.stoichiometry.astype(float)
    pairs = [(i, j) for i in range(size) for j in range(i, size)]
    units = np.eye(size, dtype=int)
    laws = [[(e, float(c) * poly.value_of(s, net)) for (s, e), c in poly.propensity(net, r).items()]
            for r in net.reactions]
    jumps = np.concatenate([nu, [nu[i] * nu[j] for i, j in pairs]])

    def flow(y: NDArray[np.float64]) -> NDArray[np.float64]:
        mean = y[:size]
        central = {tuple((units[i] + units[j]).tolist()): y[size + k] - mean[i] * mean[j]
                   for k, (i, j) in enumerate(pairs)}
        known = Known(2, mean.tolist(), central)
        return jumps @ np.array([sum(c * _average(e, known) for e, c in law) for law in laws])

    n = net.initial.astype(float)
    start = np.concatenate([n, [n[i] * n[j] for i, j in pairs]])
    # What can only grow is not followed for ever.
    return integrate(flow, start, times, wrong=lambda y: "wild" if np.abs(y).max() > WILD else "")[0]


def _average(e: tuple[int, ...], known: Known) -> float:
    """<n^e> from means and covariances, with the cumulants above them zero."""
    return sum(w * (known.central(part) if sum(part) <= 2 else NORMAL.higher(part, known)) * power(known.mean, rest)
               for w, part, rest in subsets(e))


def largest_spread(net: ReactionNetwork, values: Mapping[str, Any], times: NDArray[np.float64]) -> float:
    """How far any two closures of order 2 are apart, in mean or variance, while all of them last."""
    every = [closed(net, {**values, "order": 2}, times, name) for name in NAMES if name != "mean field"]
    rows = np.array([(c.mean, c.var) for c in every])
    rows = rows[:, :, np.isfinite(rows).all(axis=(0, 1))]
    return float(np.ptp(rows, axis=0).max(initial=0.0)) if rows.shape[2] > 1 else np.nan
