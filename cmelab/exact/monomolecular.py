"""Networks in which each reaction makes, turns or removes one molecule: every molecule goes its own way."""
from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc

from ..arguments import species_index
from ..errors import NetworkError
from ..network import Reaction, ReactionNetwork
from .checks import at_least_zero, counts_of
from .laws import Floats, binomial, poisson

MAX_WORK = 1e9  # additions in one joint probability table


@dataclass(frozen=True)
class Monomolecular:
    """The law of a monomolecular network at one time: multinomial families of the first molecules, Poisson newcomers.

    share : (S, S), the probability that a molecule that began in species j (row) is in species k (column) now
    gone : (S,), the probability that it has left
    newcomers : (S,), the mean of the independent Poisson numbers of molecules made since t = 0
    initial : (S,), counts at t = 0
    """

    species: tuple[str, ...]
    share: Floats
    gone: Floats
    newcomers: Floats
    initial: NDArray[np.int64]

    def mean(self) -> Floats:
        """Mean counts (S,)."""
        return self.initial @ self.share + self.newcomers

    def covariance(self) -> Floats:
        """Covariance of the counts (S, S): negative between species that share the same first molecules."""
        return np.diag(self.mean()) - self.share.T @ (self.initial[:, None] * self.share)

    def marginal(self, name: str, n: ArrayLike) -> Floats:
        """Probability of n molecules of one species, whatever the others."""
        k, counts = species_index(self.species, name), counts_of(n)
        grid = np.arange(counts.max(initial=0) + 1)
        p = poisson(grid, float(self.newcomers[k]))
        for j in range(len(self.species)):
            p = np.convolve(p, binomial(grid, int(self.initial[j]), float(self.share[j, k])))[:grid.size]
        return p[counts]

    def probability(self, n: ArrayLike) -> Floats:
        """Joint probability of counts n (..., S), for small numbers of molecules and species.

        Raises NetworkError where the table of all counts up to the largest would need too much work.
        """
        counts, size = counts_of(n), len(self.species)
        if counts.shape[-1:] != (size,):
            raise NetworkError(f"n has shape {counts.shape}; give one count for each of {self.species}.")
        box = tuple(int(x) + 1 for x in counts.reshape(-1, size).max(axis=0, initial=0))
        work = math.prod(box) * (size + 1) * (1 + int(self.initial.sum()))
        if work > MAX_WORK:
            raise NetworkError(f"the joint law of {' x '.join(map(str, box))} counts from {self.initial.sum()} "
                               f"molecules needs {work:.0e} additions, more than {MAX_WORK:.0e}; ask for "
                               "marginal(name, n).")
        p = np.ones(())
        for k in range(size):
            p = p[..., None] * poisson(np.arange(box[k]), float(self.newcomers[k]))
        for j in range(size):
            for _ in range(int(self.initial[j])):
                p = _with_one_more(p, self.share[j], float(self.gone[j]))
        return p[tuple(np.moveaxis(counts, -1, 0))]


def monomolecular(net: ReactionNetwork, t: float) -> Monomolecular:
    """Law at time t of a network of reactions 0 -> A, A -> B and A -> 0, from its initial counts.

    Raises
    ------
    NetworkError : a reaction of another kind, named.

    Notes
    -----
    T. Jahnke, W. Huisinga, J. Math. Biol. 54 (2007) 1, doi:10.1007/s00285-006-0034-x. The shares come from sums of
    non-negative terms alone, so that small ones keep their digits.
    """
    at_least_zero(t=t)
    size = len(net.species)
    rates, inflow = np.zeros((size + 1, size + 1)), np.zeros(size + 1)
    for reaction in net.reactions:
        source, target = (_single(net, reaction, side) for side in (reaction.reactants, reaction.products))
        if source is None:
            inflow[size if target is None else target] += reaction.rate
        else:
            rates[source, size if target is None else target] += reaction.rate
    np.fill_diagonal(rates, 0.0)
    share, since = _propagate(rates, t)
    return Monomolecular(net.species, share[:size, :size], share[:size, size], (inflow @ since)[:size], net.initial)


def linear_chain_means(t: float, k: float, rates: ArrayLike) -> Floats:
    """Means (S,) of 0 -> X1 -> X2 -> ... -> XS -> 0 from nothing; each count is Poisson, independently of the others.

    k : molecules / time that enter; rates : (S,) of leaving each species, >= 0.
    """
    leave = np.asarray(rates, float)
    at_least_zero(t=t, k=k)
    if leave.ndim != 1 or not ((leave >= 0) & np.isfinite(leave)).all():
        raise NetworkError(f"rates={leave.tolist()}; give a list of finite rates >= 0, one for each species.")
    return k * _propagate(np.diag(leave, 1), t)[1][0, :-1]


def linear_chain(n: ArrayLike, t: float, k: float, rates: ArrayLike) -> Floats:
    """P(n, t) of 0 -> X1 -> X2 -> ... -> XS -> 0 from nothing, n (..., S): a product of Poisson laws.

    Notes
    -----
    T. Jahnke, W. Huisinga, J. Math. Biol. 54 (2007) 1, doi:10.1007/s00285-006-0034-x.
    """
    counts, means = counts_of(n), linear_chain_means(t, k, rates)
    if counts.shape[-1:] != means.shape:
        raise NetworkError(f"n has shape {counts.shape}; give one count for each of the {means.size} species.")
    return np.prod([poisson(counts[..., s], float(mean)) for s, mean in enumerate(means)], axis=0)


def _single(net: ReactionNetwork, reaction: Reaction, side: Mapping[str, int]) -> int | None:
    if reaction.custom or reaction.delay is not None or reaction.order > 1 or sum(side.values()) > 1:
        raise NetworkError(f"line {reaction.line}: {reaction} is not monomolecular; only 0 -> A, A -> B and A -> 0 "
                           "with a rate constant are. Use solve.", line=reaction.line)
    return next((net.species.index(name) for name in side), None)


def _with_one_more(p: Floats, share: Floats, gone: float) -> Floats:
    """The law after one more independent molecule, which is in species k with probability share[k], or gone."""
    more = gone * p
    for k, chance in enumerate(share.tolist()):
        there = [slice(None)] * p.ndim
        here = list(there)
        there[k], here[k] = slice(1, None), slice(None, -1)
        more[tuple(there)] += chance * p[tuple(here)]
    return more


def _propagate(rates: Floats, t: float) -> tuple[Floats, Floats]:
    """(N, N) probabilities of going from row to column within t, and their integrals over the time from 0 to t.

    A short step by uniformisation, then doubled. Nothing is ever subtracted but a rate from the largest rate; each row
    is divided by its sum, which is known, so that rounding does not grow with the doublings.
    """
    leave = rates.sum(axis=1)
    largest = float(leave.max(initial=0.0))
    doublings = math.ceil(math.log2(largest * t)) if largest * t > 1 else 0
    h = t / 2**doublings
    jump = np.diag(1 - leave / largest) + rates / largest if largest > 0 else np.eye(len(rates))
    power = np.eye(len(rates))
    p, since = np.zeros_like(power), np.zeros_like(power)
    for k in range(25):
        p += power * poisson(k, largest * h)
        since += power * (gammainc(k + 1, largest * h) / largest if largest > 0 else h * (k == 0))
        power = power @ jump
    for _ in range(doublings):
        p, since, h = p @ p, since + p @ since, 2 * h
        p /= p.sum(axis=1, keepdims=True)
        since *= h / since.sum(axis=1, keepdims=True)
    return p, since
