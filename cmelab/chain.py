"""A Markov chain on finitely many states, solved without a subtraction where its band allows, else by sparse LU."""
from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.csgraph import reverse_cuthill_mckee
from scipy.sparse.linalg import splu

from .errors import NetworkError, StateSpaceError
from .kernels.gth import eliminate, expectations, law, occupation
from .network import ReactionNetwork
from .state_space import StateSpace, transitions

Floats, Ints = NDArray[np.float64], NDArray[np.int64]

# Multiplications (about 2 s) and numbers (200 MB) up to which elimination by bands is used.
MAX_BAND_WORK, MAX_BAND_SIZE = 2e9, 2.5e7
# The same product of states and bands up to which sparse LU is tried: about 100 000 states of three species.
MAX_LU_WORK = 3e11
# What rounding may leave below zero, against the largest entry, before an answer of sparse LU is refused.
ROUNDING = 1e-11
# Relative error of a balance that must hold exactly, before an answer of sparse LU is refused.
CONSERVED = 1e-8
SEARCH_STEPS = 1000


def jumps(net: ReactionNetwork, space: StateSpace) -> tuple[sparse.csr_array, Floats]:
    """(rates (N, N) from the state of the row to that of the column, 1/time; cut (N,), the rate out of the space)."""
    to, rate = transitions(net, space)
    size = len(space)
    with np.errstate(over="ignore"):
        total = rate.sum(axis=1)
    if not np.isfinite(total).all():
        n = space.states[int(np.argmax(~np.isfinite(total)))]
        state = ", ".join(f"{s} = {c}" for s, c in zip(net.species, n.tolist(), strict=True))
        raise NetworkError(f"in state {state} the propensities add up to more than 1e308, the largest number; use "
                           "smaller rates, or another unit of time.")
    source = np.broadcast_to(np.arange(size)[:, None], to.shape)
    inside = (rate > 0) & (to >= 0) & (to != source)
    rates = sparse.csr_array((rate[inside], (source[inside], to[inside])), shape=(size, size))
    return rates, np.where(to < 0, rate, 0.0).sum(axis=1)


class Chain:
    """Rates between states, and the rate of leaving each of them for good.

    Notes
    -----
    Entries keep their relative accuracy where the band allows elimination: W. K. Grassmann, M. I. Taksar, D. P. Heyman,
    Oper. Res. 33 (1985) 1107, doi:10.1287/opre.33.5.1107; with leaving: A. S. Alfa, J. Xue, Q. Ye, Math. Comp. 71
    (2002) 217, doi:10.1090/S0025-5718-01-01325-4.
    """

    def __init__(self, rates: sparse.csr_array, leave: Floats | None = None, *, by_bands: bool | None = None):
        """rates : (N, N) from row to column; leave : (N,), None where it is never left; by_bands : None chooses."""
        self.size = rates.indptr.size - 1
        self.leave = np.zeros(self.size) if leave is None else np.asarray(leave, float)
        self.order, self.lower, self.upper = self._narrowest(rates)
        self.rates = rates[self.order][:, self.order].tocoo() if self.order is not None else rates.tocoo()
        work = self.size * max(self.lower, 1) * max(self.upper, 1)
        small = work <= MAX_BAND_WORK and self.size * (self.lower + self.upper + 1) <= MAX_BAND_SIZE
        self.by_bands = small if by_bands is None else by_bands

    def _narrowest(self, rates: sparse.csr_array) -> tuple[Ints | None, int, int]:
        """The states as they come where their band is narrow, else reordered to bring neighbours together."""
        lower, upper = _band(rates)
        if lower * upper <= 4 or self.size < 50:
            return None, lower, upper
        order = np.asarray(reverse_cuthill_mckee(sparse.csr_matrix(rates), symmetric_mode=False), np.int64)
        other = _band(rates[order][:, order])
        return (order, *other) if other[0] * other[1] < lower * upper else (None, lower, upper)

    @cached_property
    def _eliminated(self) -> tuple[Floats, Floats, Floats]:
        q = np.zeros((self.size, self.lower + self.upper + 1))
        q[self.rates.row, self.lower + self.rates.col - self.rates.row] = self.rates.data
        leave, out = self._inward(self.leave), np.zeros(self.size)
        eliminate(q, leave, self.lower, self.upper, out)
        return q, leave, out

    @cached_property
    def _factors(self) -> tuple[sparse.csc_array, Any]:
        """M = out - rates in the order of the chain, and its LU factors without pivoting: M is diagonally dominant."""
        self._check_size()
        out = np.bincount(self.rates.row, self.rates.data, self.size) + self._inward(self.leave)
        m = sparse.csc_array(sparse.diags_array(out) - self.rates)
        factors = self._lu(m)
        # The chain is sure to be left: where these probabilities are not 1, slow modes have drowned in rounding.
        if not np.abs(factors.solve(self._inward(self.leave)) - 1).max(initial=0.0) <= CONSERVED:
            raise _lost_digits()
        return m, factors

    def law(self) -> Floats:
        """Stationary law (N,) of an irreducible chain that is never left, summing to one."""
        if self.size == 1:
            return np.ones(1)
        if self.by_bands:
            q, _, out = self._eliminated
            p, exponent = np.zeros(self.size), np.zeros(self.size, np.int64)
            law(q, self.lower, self.upper, out, p, exponent)
            weights = np.ldexp(p, 400 * (exponent - exponent.max()))
        else:
            self._check_size()
            weights = self._fix_one(self._likely())
            if weights.max() > 100.0:
                weights = self._fix_one(int(np.argmax(weights)))
        return self._outward(weights / weights.sum())

    def expectations(self, f: Floats) -> Floats:
        """Expected integral of f(state) dt until the chain is left, from each state (N,); f >= 0."""
        if self.by_bands:
            q, _, out = self._eliminated
            x = self._inward(f)
            expectations(q, self.lower, self.upper, out, x)
            return self._outward(x)
        return self._outward(self._solve(self._inward(f), "N"))

    def occupation(self, start: Floats) -> Floats:
        """Expected time in each state (N,) until the chain is left, from a start of these weights."""
        if self.by_bands:
            q, _, out = self._eliminated
            x = self._inward(start)
            occupation(q, self.lower, self.upper, out, x)
            return self._outward(x)
        return self._outward(self._solve(self._inward(start), "T"))

    def _solve(self, right: Floats, trans: str) -> Floats:
        m, factors = self._factors
        a = m if trans == "N" else m.T
        x = factors.solve(right, trans)
        for _ in range(2):
            x += factors.solve(right - a @ x, trans)
        return _not_negative(x)

    def _likely(self) -> int:
        """A state that is often visited: fixing a rare one would leave equations that are all but singular."""
        out = np.bincount(self.rates.row, self.rates.data, self.size)
        jump = sparse.csr_array((self.rates.data / out[self.rates.row], (self.rates.col, self.rates.row)),
                                shape=(self.size, self.size))
        p = np.full(self.size, 1.0 / self.size)
        for _ in range(SEARCH_STEPS):
            # Half of it stays, so that chains that jump to and fro settle too.
            p = 0.5 * (p + jump @ p)
        return int(np.argmax(p / out))

    def _fix_one(self, fixed: int) -> Floats:
        """Weights relative to that of one state, from the equations of all others."""
        out = np.bincount(self.rates.row, self.rates.data, self.size)
        m = sparse.csc_array((sparse.diags_array(out) - self.rates).T)
        others = np.flatnonzero(np.arange(self.size) != fixed)
        rest, right = sparse.csc_array(m[others][:, others]), -m[others][:, [fixed]].toarray()[:, 0]
        factors = self._lu(rest)
        x = factors.solve(right)
        for _ in range(2):
            x += factors.solve(right - rest @ x)
        weights = np.ones(self.size)
        weights[others] = _not_negative(x)
        # The equation left out holds too, unless slow modes have drowned in rounding.
        inflow = -(m[[fixed]] @ weights)[0] + m[fixed, fixed]
        if not abs(inflow - m[fixed, fixed]) <= CONSERVED * m[fixed, fixed]:
            raise _lost_digits()
        return weights

    def _check_size(self) -> None:
        if self.size * float(self.lower) * self.upper > MAX_LU_WORK:
            raise StateSpaceError(f"{self.size} states, linked with others up to {max(self.lower, self.upper)} places "
                                  "away, would need gigabytes and minutes to eliminate; narrow the bounds.")

    def _lu(self, m: sparse.csc_array) -> Any:
        try:
            return splu(sparse.csc_matrix(m), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0,
                        options={"SymmetricMode": True})
        except RuntimeError:
            raise _lost_digits() from None

    def _inward(self, x: Floats) -> Floats:
        return np.array(x if self.order is None else x[self.order], float)

    def _outward(self, x: Floats) -> Floats:
        if self.order is None:
            return x
        result = np.empty_like(x)
        result[self.order] = x
        return result


def _band(rates: sparse.csr_array) -> tuple[int, int]:
    entries = rates.tocoo()
    ahead = entries.col.astype(np.int64) - entries.row
    return (max(0, int(-ahead.min())), max(0, int(ahead.max()))) if ahead.size else (0, 0)


def _not_negative(x: Floats) -> Floats:
    if not np.isfinite(x).all() or x.min(initial=0.0) < -ROUNDING * x.max(initial=0.0):
        raise _lost_digits()
    return np.maximum(x, 0.0)


def _lost_digits() -> StateSpaceError:
    return StateSpaceError("the rates of this network span so many powers of ten that the equations of its states "
                           "lose all digits; narrow the bounds, so that fewer unlikely states are kept.")
