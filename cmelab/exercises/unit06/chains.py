"""Chains of counts, solved with little: probabilities after a time, mean times to the end."""
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
PIECE = 100.0  # steps of the discrete chain in one piece of the time


def evolve(table: Floats, start: int, t: float) -> Floats:
    """Probabilities after the time t of a chain that begins in the state `start`; sources are the columns.

    Uniformisation: a Poisson number of steps of a chain in discrete time. All terms are positive. The time is cut into
    pieces, because exp(-800) is 0 for a float.
    """
    fastest = float(-table.diagonal().min())
    pieces = math.ceil(fastest * t / PIECE) or 1
    steps = fastest * t / pieces
    chain = np.eye(len(table)) + (table / fastest if fastest else 0.0)
    law = np.eye(len(table))[start]
    for _ in range(pieces):
        p, weight, law = law, math.exp(-steps), np.zeros(len(table))
        for i in range(int(steps + 12 * math.sqrt(steps) + 40)):
            law += weight * p
            p, weight = chain @ p, weight * steps / (i + 1)
    return law


def pair_table(n0: int, k: float) -> Floats:
    """Rates of 2A -> 0, propensity k n(n - 1), among the counts 0 ... n0."""
    table = np.zeros((n0 + 1, n0 + 1))
    for n in range(2, n0 + 1):
        table[n, n] -= k * n * (n - 1)
        table[n - 2, n] += k * n * (n - 1)
    return table


def infection_table(people: int, r0: float) -> Floats:
    """Rates of SIS among 0 ... people infected; recovery at rate 1."""
    table = np.zeros((people + 1, people + 1))
    for n in range(people + 1):
        for change, rate in ((1, r0 * n * (people - n) / people), (-1, float(n))):
            if rate:
                table[n, n] -= rate
                table[n + change, n] += rate
    return table


def colony_table(sites: int, b: float, d: float, k: float, *, lost: int = 2) -> Floats:
    """Rates of a colony among the counts 0 ... sites: births b n (N - n)/N, deaths d n, fights k n(n - 1)."""
    table = np.zeros((sites + 1, sites + 1))
    for n in range(1, sites + 1):
        moves: Sequence[tuple[int, float]] = (
            (1, b * n * (sites - n) / sites), (-1, d * n), (-lost, k * n * (n - 1)))  # fmt: skip
        for change, rate in moves:
            if rate:
                table[n, n] -= rate
                table[n + change, n] += rate
    return table


def times_to_zero(table: Floats) -> Any:
    """Mean time until the count is 0, from 1, 2, ...: by the first step from each count."""
    return np.linalg.solve(-table[1:, 1:].T, np.ones(len(table) - 1))
