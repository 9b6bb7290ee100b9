"""Generators of one-species networks, right and wrong, and what they make of P: numpy only."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Table = NDArray[np.float64]
    Propensities = Callable[[int], Sequence[float]]


def generator(jumps: Sequence[int], propensities: Propensities, size: int) -> Table:
    """A of dP/dt = A P on the states 0 .. size-1; what jumps out of them is lost."""
    table = np.zeros((size, size))
    for n in range(size):
        for nu, a in zip(jumps, propensities(n), strict=True):
            if 0 <= n + nu < size:
                table[n + nu, n] += a
            table[n, n] -= a
    return table


def swapped(jumps: Sequence[int], propensities: Propensities, size: int) -> Table:
    """Loss minus gain."""
    return -generator(jumps, propensities, size)


def target(jumps: Sequence[int], propensities: Propensities, size: int) -> Table:
    """The gain has the propensity of the state it reaches."""
    table = np.zeros((size, size))
    for n in range(size):
        for r, nu in enumerate(jumps):
            if 0 <= n - nu < size:
                table[n, n - nu] += propensities(n)[r]
            table[n, n] -= propensities(n)[r]
    return table


def forward(jumps: Sequence[int], propensities: Propensities, size: int) -> Table:
    """The gain comes from n + nu: each arrow is turned round."""
    table = np.zeros((size, size))
    for n in range(size):
        for r, nu in enumerate(jumps):
            if 0 <= n + nu < size:
                table[n, n + nu] += propensities(n + nu)[r]
            table[n, n] -= propensities(n)[r]
    return table


def transposed(jumps: Sequence[int], propensities: Propensities, size: int) -> Table:
    """Rows for columns."""
    return generator(jumps, propensities, size).T


def held_back(jumps: Sequence[int], propensities: Propensities, size: int) -> Table:
    """Reactions that would leave the states kept do not happen."""
    return generator(
        jumps, lambda n: [a * (0 <= n + nu < size) for nu, a in zip(jumps, propensities(n), strict=True)], size
    )


def piled_up(jumps: Sequence[int], propensities: Propensities, size: int) -> Table:
    """What would jump beyond the last state lands in it."""
    table = np.zeros((size, size))
    for n in range(size):
        for nu, a in zip(jumps, propensities(n), strict=True):
            table[n, n] -= a
            table[max(0, min(n + nu, size - 1)), n] += a
    return table


def overwritten(jumps: Sequence[int], propensities: Propensities, size: int) -> Table:
    """Of two reactions that lead from one state to the same other one, only the last gives a gain."""
    table = np.zeros((size, size))
    for n in range(size):
        for nu, a in zip(jumps, propensities(n), strict=True):
            table[n, n] -= a
            if 0 <= n + nu < size and nu:
                table[n + nu, n] = a
    return table


def lossless(jumps: Sequence[int], propensities: Propensities, size: int) -> Table:
    """Gain only."""
    table = generator(jumps, propensities, size)
    return table - np.diag(np.diag(table))


def exponential(table: Table) -> Table:
    """exp(A) by its series, on A / 2^s, squared s times."""
    norm = float(np.abs(table).sum(axis=0).max())
    halvings = max(0, math.ceil(math.log2(norm)) + 2) if norm else 0
    small = table / 2.0**halvings
    term = total = np.eye(len(table))
    for i in range(1, 15):
        term = term @ small / i
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return total


def births_and_deaths(k: float, gamma: float) -> Propensities:
    """0 -> M at the rate k, M -> 0 at gamma each."""
    return lambda n: (k, gamma * n)
