"""Delays made of steps: the linear chain, its distance to the fixed delay, and the law of constant production."""
from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from .arguments import whole
from .errors import NetworkError
from .network import ReactionNetwork
from .notation import WrittenReaction


def linear_chain(net: ReactionNetwork, stages: int) -> ReactionNetwork:
    """The same network with each fixed delay replaced by ``stages`` first-order steps of rate stages / tau.

    The new species ``Z1_1, Z1_2, ...`` are the molecules on their way; with them the present counts decide again what
    happens next. A delay that is already Erlang keeps its own number of stages, and then the chain is exact.

    Parameters
    ----------
    net : a network; reactions without a delay stay as they are.
    stages : number of steps of each fixed delay, 1 to 10000.

    Notes
    -----
    The delay becomes Erlang with mean tau and coefficient of variation 1/sqrt(stages); see `erlang_distance`.
    N. MacDonald, Time Lags in Biological Models, Lect. Notes Biomath. 27 (1978), doi:10.1007/978-3-642-93107-9.
    """
    count = whole("stages", stages, 1, 10_000)
    written: list[WrittenReaction] = []
    added: list[str] = []
    for r, w in enumerate(net.written, 1):
        if w.delay is None:
            written.append(w)
            continue
        steps = w.delay.stages or count
        names = [f"Z{r}_{i}" for i in range(1, steps + 1)]
        taken = set(names) & {*net.species, *net.rates}
        if taken:
            raise NetworkError(f"the chain needs the name {sorted(taken)[0]!r}, which this network uses; rename it.")
        added += names
        written.append(replace(w, products=((names[0], 1),), delay=None))
        rate = steps / w.delay.mean
        for here, then in zip(names, [*names[1:], None], strict=True):
            products = w.products if then is None else ((then, 1),)
            written.append(WrittenReaction(((here, 1),), products, ("number", rate), f"{rate:g}", False, None, w.line,
                                           w.column))
    return replace(net, written=tuple(written), species=(*net.species, *added))


def erlang_distance(stages: int | ArrayLike, tau: float) -> NDArray[np.float64]:
    """Wasserstein-1 distance between an Erlang delay of mean tau and the fixed delay tau, in time units.

    Equal to 2 tau n^n exp(-n) / n!, the mean absolute deviation of a gamma law; it tends to tau sqrt(2 / (pi n)). The
    largest distance between the two distribution functions stays near 1/2 instead.
    """
    n = np.asarray(stages, float)
    if (n < 1).any() or not 0 < tau < math.inf:
        raise NetworkError(f"stages={stages!r}, tau={tau!r}; stages are at least 1 and tau is a finite number > 0.")
    return 2 * tau * np.exp(n * np.log(n) - n - gammaln(n + 1))


def delayed_production_mean(t: ArrayLike, a: float, gamma: float, tau: float) -> NDArray[np.float64]:
    """Mean (and variance: the law is Poisson) of 0 -> X at rate a, ready tau later, X -> 0 at rate gamma, from 0."""
    if min(a, gamma, tau) < 0 or gamma == 0:
        raise NetworkError(f"a={a!r}, gamma={gamma!r}, tau={tau!r}; they must be >= 0, gamma > 0.")
    since = np.maximum(np.asarray(t, float) - tau, 0.0)
    return -a / gamma * np.expm1(-gamma * since)
