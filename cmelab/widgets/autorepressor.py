"""The delayed autorepressor: its rate equations with a fixed delay and with steps, and where they begin to circle."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import cumulative_simpson, odeint
from scipy.interpolate import CubicSpline

from .. import exact, models
from ..network import ReactionNetwork

Values = dict[str, Any]
TIMES = 401  # of a curve
PER_LIFE = 1024  # steps in which a delay is followed, for each lifetime of a protein begun


def network(values: Values) -> ReactionNetwork:
    """The autorepressor of these values, with its fixed delay."""
    return models.delayed_autorepressor(*constants(values))


def constants(values: Values) -> tuple[float, ...]:
    """k, K, h, γ and τ."""
    return tuple(values[name] for name in ("k", "half", "h", "gamma", "tau"))


def chain_curve(values: Values, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """X (T,) by the rate equation of the chain of n steps.

    The equations of `linear_chain`, with the band of their Jacobian told to LSODA: `rate_equations`, which takes any
    network, needs seconds for a hundred steps, and a slider cannot wait for it.
    """
    n, k, half, h, gamma = (values[name] for name in ("stages", "k", "half", "h", "gamma"))
    rate = n / values["tau"]

    def change(y: NDArray[np.float64], t: float) -> NDArray[np.float64]:
        flow = np.concatenate([[k / (1 + (max(y[n], 0.0) / half)**h)], rate * y[:n], [gamma * y[n]]])
        return flow[:-1] - flow[1:]  # what comes into each step, and into X, less what goes on

    return odeint(change, np.zeros(n + 1), times, ml=1, mu=0, rtol=1e-8, atol=1e-9, mxstep=200_000)[:, n]


@lru_cache(maxsize=16)  # neither the steps nor the seed change it
def delayed_curve(given: tuple[float, ...], end: float) -> NDArray[np.float64]:
    """X (T,) by the rate equation with the fixed delay; k, K, h, γ and τ.

    One delay after the other: what begins is known from the delay before, and the loss is linear, so that
    X(s) = exp(-γ s) (X(0) + ∫ exp(γ u) f(X(u - τ)) du), by Simpson's rule on all points of the delay at once.
    `delay_rate_equations`, which takes any network, needs a tenth of a second, and a slider cannot wait for it.
    """
    k, half, h, gamma, tau = given
    s = np.linspace(0.0, tau, PER_LIFE * math.ceil(1 + gamma * tau) + 1)
    grown = np.exp(gamma * s)
    curve, begun = [np.zeros(1)], np.zeros(s.size)  # nothing has begun before t = 0
    for _ in range(math.ceil(end / tau)):
        x = (curve[-1][-1] + cumulative_simpson(grown * begun, x=s, initial=0.0)) / grown
        curve.append(x[1:])
        begun = k / (1 + (x / half)**h)
    x = np.concatenate(curve)
    return CubicSpline(np.arange(x.size) * s[1], x)(np.linspace(0.0, end, TIMES))


@lru_cache(maxsize=64)
def threshold(k: float, half: float, h: float, gamma: float, stages: int | None = None) -> float:
    """The delay from which the rate equation circles; math.inf where none does."""
    return exact.critical_delay(k, half, h, gamma, stages)


def threshold_of(values: Values, stages: int | None = None) -> float:
    """The same of the present values."""
    return threshold(values["k"], values["half"], values["h"], values["gamma"], stages)


def rounds(times: NDArray[np.float64], x: NDArray[np.float64]) -> tuple[float, float]:
    """Period and amplitude at the end of a curve: time between two rises through its middle, half of top to bottom.

    The period is NaN where the curve has come to rest, or has not gone round twice in its second half.
    """
    late, t = x[len(x) // 2:], times[len(x) // 2:]
    middle = (late.max() + late.min()) / 2
    up = np.flatnonzero((late[:-1] < middle) & (late[1:] >= middle))
    if up.size < 2 or np.ptp(late) < 1e-3 * max(abs(middle), 1e-9):
        return math.nan, float(np.ptp(late[-len(late) // 3:])) / 2
    at = t[up] + (middle - late[up]) / (late[up + 1] - late[up]) * (t[1] - t[0])
    period = float(np.diff(at).mean())
    last = late[t >= t[-1] - 1.05 * period]
    return period, float(np.ptp(last)) / 2


def slope(values: Values) -> float:
    """How strongly production answers to the count where it rests: |a'(x)| at k/(1 + (x/K)^h) = γ x."""
    low, high = 0.0, values["k"] / values["gamma"]
    for _ in range(80):  # halving: production less loss only falls
        x = (low + high) / 2
        less = values["k"] / (1 + (x / values["half"])**values["h"]) < values["gamma"] * x
        low, high = (low, x) if less else (x, high)
    u = (low / values["half"])**values["h"]
    return values["gamma"] * values["h"] * u / (1 + u)


SAID = "it takes one protein that represses its own gene: 0 -> X ; a = 100/(1 + (X/20)^4) ; delay 1 and X -> 0 ; 1"


def takes(net: ReactionNetwork) -> str:
    """Why this network is no delayed autorepressor; "" where it is."""
    if len(net.species) != 1 or len(net.reactions) != 2:
        return SAID
    make, lose = sorted(net.reactions, key=lambda r: r.order)
    fits = (make.order, lose.order) == (0, 1) and make.delay is not None and lose.delay is None and not lose.custom
    fits = fits and sum(make.products.values()) == 1 and not lose.products and make.custom
    return "" if fits and hill(net) is not None else SAID


def hill(net: ReactionNetwork) -> tuple[float, float, float] | None:
    """k, K and h of the production, read off its values; None where it is not k/(1 + (n/K)^h)."""
    r = next(i for i, reaction in enumerate(net.reactions) if reaction.order == 0)
    n = np.arange(200)
    a = net.propensities(n[:, None])[:, r]
    if not (np.isfinite(a).all() and a[0] > a[1] > a[2] > 0):
        return None
    ratio = a[0] / a - 1
    # Far out, where the ratio is not a small difference of two numbers.
    h = math.log(ratio[160] / ratio[80]) / math.log(2)
    half = 160 / ratio[160]**(1 / h)
    return (float(a[0]), half, h) if np.allclose(a, a[0] / (1 + (n / half)**h), rtol=1e-6) else None
