"""Laws and currents of a few states, from tables of rates: k[i][j] is the rate of the step from state i to state j."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..ingredients import LIBRARY

Table = Sequence[Sequence[float]]
Floats = NDArray[np.float64]

CLOSED = (*LIBRARY, "stationary", "quasi_stationary", "relaxation_time", "detailed_balance", "first_passage")

TWO = ((0, 2), (0.5, 0))
SPINS = ((0, 3, 1), (1, 0, 3), (3, 1, 0))
UNEVEN = ((0, 4, 0.5), (1, 0, 2), (1, 0.5, 0))
BALANCED = ((0, 2, 4), (1, 0, 3), (1, 1.5, 0))
RING = ((0, 1, 0, 2), (3, 0, 0.5, 0), (0, 2, 0, 1), (0.4, 0, 5, 0))
LADDER = ((0, 4, 0, 0), (1, 0, 4, 0), (0, 2, 0, 4), (0, 0, 3, 0))
ONE_WAY = ((0, 1, 0), (0, 0, 1), (1, 0, 0))


def generator(k: Table) -> Floats:
    """The matrix of dP/dt = A P: each column is a source, and sums to zero."""
    rates = np.asarray(k, float)
    return rates.T - np.diag(rates.sum(axis=1))


def law(k: Table) -> Floats:
    """The stationary law, with one equation exchanged for the sum of all probabilities."""
    a = generator(k)
    a[-1] = 1.0
    return np.linalg.solve(a, np.eye(len(a))[-1])


def table(forward: Sequence[float], backward: Sequence[float]) -> Table:
    """The rates of a wheel A -> B -> C -> A as a table."""
    (ab, bc, ca), (ba, cb, ac) = forward, backward
    return ((0, ab, ac), (ba, 0, bc), (ca, cb, 0))
