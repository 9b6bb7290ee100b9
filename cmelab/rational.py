"""A fast, estimated way through time for chains in which each reaction leads to a neighbouring state."""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernels.rational import rational_steps
from .network import ReactionNetwork
from .state_space import StateSpace, transitions

Floats = NDArray[np.float64]

# The best rational approximation of order 16 to exp on the negative axis, as a sum over poles in conjugate pairs.
POLES = np.array([
    -10.843917078696988026 + 19.277446167181652284j, -5.2649713434426468895 + 16.220221473167927305j,
    5.9481522689511774808 + 3.5874573620183222829j, 3.5091036084149180974 + 8.4361989858843750826j,
    6.4161776990994341923 + 1.1941223933701386874j, 1.4193758971856659786 + 10.925363484496722585j,
    4.9931747377179963991 + 5.9968817136039422260j, -1.4139284624888862114 + 13.497725698892745389j])
RESIDUES = np.array([
    -5.0901521865224915650e-7 - 2.4220017652852287970e-5j, 2.1151742182466030907e-4 + 4.3892969647380673918e-3j,
    113.39775178483930527 + 101.94721704215856450j, 15.059585270023467528 - 5.7514052776421819979j,
    -64.500878025539646595 - 224.59440762652096056j, -1.4793007113557999718 + 1.7686588323782937906j,
    -62.518392463207918892 - 11.190391094283228480j, 0.041023136835410021273 - 0.15743466173455468191j])
AT_INFINITY = 2.1248537104952237488e-16
# Steps from time to time that are tried, one after the other.
STEPS = (1, 4, 16, 64)
# Rounding of one entry, which no comparison of two answers sees.
ROUNDING = 1e-15


def rational(net: ReactionNetwork, space: StateSpace, times: Floats, tol: float) -> Floats | None:
    """P (T, N) by rational approximation, each entry lowered by its estimated error; None where it is not to be had.

    The estimate is twice the largest difference between an answer in k steps from time to time and one in 2k. It is
    taken where lowering all entries by it costs no more than half of ``tol``, and the sum is 1 to ``tol`` (for a chain
    that is left, not above 1); otherwise k grows. None where the states are no chain, or no k will do.

    Notes
    -----
    M. Pusa, Nucl. Sci. Eng. 169 (2011) 155, doi:10.13182/NSE10-81. The error is small in a norm weighted by the
    stationary law, not in P: from a start far in its tail it may be arbitrarily large, and then the two answers differ.
    """
    chain = _chain(net, space)
    if chain is None:
        return None
    start = space.index(net.initial)
    found = (_lowered(chain, start, times, tol, steps) for steps in STEPS)
    return next((p for p in found if p is not None), None)


def _lowered(chain: tuple[Floats, Floats, Floats, bool], start: int, times: Floats, tol: float,
             steps: int) -> Floats | None:
    *rates, closed = chain
    size, now = rates[0].size, 0.0
    coarse, fine, scratch, work = np.zeros(size), np.zeros(size), np.empty(size), np.empty((size, 4, POLES.size))
    coarse[start] = fine[start] = 1.0
    poles, residues = (np.stack([np.real(x), np.imag(x)]) for x in (POLES, RESIDUES))
    p = np.empty((times.size, size))
    for row, t in enumerate(times):
        if t > now:
            for law, count in ((coarse, steps), (fine, 2 * steps)):
                rational_steps(*rates, (t - now) / count, count, poles, residues, AT_INFINITY, law, scratch, work)
        error = ROUNDING + 2 * float(np.abs(coarse - fine).max()) if t > 0 else 0.0
        p[row], now, total = np.maximum(0.0, fine - error), t, float(fine.sum())
        right_sum = abs(1 - total) <= tol if closed else total <= 1 + tol
        # A NaN fails every comparison.
        if not (right_sum and fine.min() >= -error and total - p[row].sum() <= tol / 2):
            return None
    return p


def _chain(net: ReactionNetwork, space: StateSpace) -> tuple[Floats, Floats, Floats, bool] | None:
    """Rates up, down and out (N,) of the states in their order, and whether none leaves; None where one jumps."""
    to, rate = transitions(net, space)
    step = to - np.arange(len(space))[:, None]
    step[rate == 0] = 0
    inside = to >= 0
    if (np.abs(step[inside]) > 1).any():
        return None
    up, down = (np.where(inside & (step == sign), rate, 0.0).sum(axis=1) for sign in (1, -1))
    leaving = np.where(inside, 0.0, rate).sum(axis=1)
    return up, down, up + down + leaving, not leaving.any()
