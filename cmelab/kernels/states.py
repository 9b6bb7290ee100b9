"""Breadth-first search of the reachable states, and the transitions between them."""
from __future__ import annotations

import numpy as np

from .jit import njit
from .propensity import propensities

DONE, GROW, BROKEN = 0, 1, 2
_MIX = np.uint64(0x9E3779B97F4A7C15)
_FOLD = np.uint64(29)


@njit
def find(states, table, n):
    """Slot of state n (S,) in the open-addressing table: table[slot] is its index, or -1 where it is missing."""
    mask = np.uint64(table.size - 1)
    key = np.uint64(0)
    for s in range(n.size):
        key = (key ^ np.uint64(n[s])) * _MIX
        key = key ^ (key >> _FOLD)
    slot = np.int64(key & mask)
    while table[slot] >= 0:
        same = True
        for s in range(n.size):
            if states[table[slot], s] != n[s]:
                same = False
                break
        if same:
            break
        slot += 1
        if slot == table.size:
            slot = 0
    return slot


@njit
def fill_table(states, count, table):
    """Enter the first ``count`` states; table is filled with -1 before."""
    for i in range(count):
        table[find(states, table, states[i])] = i


@njit
def explore(network, nu, upper, states, table, cursor, a, stack, target):
    """Add every state that a reaction with positive propensity reaches, within ``upper`` (S,), until none is new.

    nu     : (R, S) int64
    states : (capacity, S) int64, the first cursor[1] filled, extended
    cursor : (2,) int64, states looked at so far and states found so far, overwritten
    Returns DONE; GROW when states or table are nearly full (call again with larger ones); BROKEN at an invalid
    propensity in state cursor[0].
    """
    while cursor[0] < cursor[1]:
        if cursor[1] + a.size > states.shape[0] or 2 * (cursor[1] + a.size) > table.size:
            return GROW
        n = states[cursor[0]]
        propensities(network, n, stack, a)
        for r in range(a.size):
            if not 0.0 <= a[r] < np.inf:
                return BROKEN
            if a[r] == 0.0:
                continue
            inside = True
            for s in range(n.size):
                target[s] = n[s] + nu[r, s]
                inside = inside and target[s] <= upper[s]
            if inside:
                slot = find(states, table, target)
                if table[slot] < 0:
                    table[slot] = cursor[1]
                    states[cursor[1]] = target
                    cursor[1] += 1
        cursor[0] += 1
    return DONE


@njit
def transitions(network, nu, states, table, a, stack, target, to, rate):
    """Fills to (N, R), the state each reaction leads to (-1 outside), and rate (N, R); returns a bad state, or -1."""
    for i in range(states.shape[0]):
        propensities(network, states[i], stack, a)
        for r in range(a.size):
            if not 0.0 <= a[r] < np.inf:
                return i
            rate[i, r] = a[r]
            to[i, r] = -1
            if a[r] > 0.0:
                for s in range(target.size):
                    target[s] = states[i, s] + nu[r, s]
                to[i, r] = table[find(states, table, target)]
    return -1
