"""Exact simulation with delays: a reaction consumes when it begins, and its products appear later.

Between two known events (the next completion, the next initiation) the propensities are constant. Where a completion
comes before the proposed initiation, the proposal is dropped and drawn anew from the new state, which is exact because
exponential waits have no memory. Sources: D. Bratsun, D. Volfson, L. S. Tsimring, J. Hasty, Proc. Natl Acad. Sci. USA
102 (2005) 14593, doi:10.1073/pnas.0503858102; X. Cai, J. Chem. Phys. 126 (2007) 124108, doi:10.1063/1.2710253.
"""
from __future__ import annotations

import math

from .jit import njit
from .propensity import propensities
from .random import exponential, uniform
from .status import ABSORBED, EXPLOSIVE, FULL, INVALID, MAX_EVENTS, PAUSED, REACHED, TOO_MANY

_MOST = 2**53


@njit
def add(changes, r, n):
    """Adds one reaction's changes to n (S,); False once a count has passed 2^53."""
    start, species, amount = changes
    inside = True
    for i in range(start[r], start[r + 1]):
        n[species[i]] += amount[i]
        inside = inside and n[species[i]] <= _MOST
    return inside


@njit
def push(due, what, size, t, r):
    """Put (t, r) on the heap of ``size`` pending completions."""
    at = size
    while at > 0 and t < due[(at - 1) // 2]:
        due[at], what[at] = due[(at - 1) // 2], what[(at - 1) // 2]
        at = (at - 1) // 2
    due[at], what[at] = t, r


@njit
def pop(due, what, size):
    """Take the earliest of ``size`` pending completions off the heap."""
    t, r = due[size - 1], what[size - 1]
    at = 0
    while True:
        below = 2 * at + 1
        if below + 1 < size - 1 and due[below + 1] < due[below]:
            below += 1
        if below >= size - 1 or due[below] >= t:
            break
        due[at], what[at] = due[below], what[below]
        at = below
    due[at], what[at] = t, r


@njit
def ssa_delayed(network, releases, mean, stages, t_end, times, n, rng, clock, cursor, max_events, budget, a, stack, out,
                pipeline, inside, due, what, event_times, fired):
    """Walk one exact path with delays until t_end, or until the slice of work is used up.

    network  : its changes are those at the beginning of a reaction: reactants only, where there is a delay
    releases : (start (R+1,), species, amount), products of delayed reactions
    mean, stages : (R,) mean delay, 0 for none; exponential stages it is made of, 0 for a fixed delay
    cursor   : (3,) int64, rows filled, reactions begun, completions pending
    inside   : (R,) int64, completions pending by reaction; pipeline (T, R) int64 records them beside ``out`` (T, S)
    due, what : heap of pending completions; FULL asks for larger ones
    event_times, fired : (budget,) time of each event and its reaction r, or R + r for a completion; (0,) where unasked
    Returns the status.
    """
    row, events, pending, t, slot, record = cursor[0], cursor[1], cursor[2], clock[0], 0, fired.size > 0
    status = PAUSED
    while slot < budget:
        propensities(network, n, stack, a)
        a0 = 0.0
        for r in range(a.size):
            if not a[r] >= 0.0:
                status = INVALID
            a0 += a[r]
        if status == PAUSED and (a0 == math.inf or (a0 > 0.0 and not t + 1.0 / a0 > t)):
            status = EXPLOSIVE
        if status == PAUSED and pending == due.size:
            status = FULL
        if status != PAUSED:
            break
        begins = t + exponential(rng) / a0 if a0 > 0.0 else math.inf
        completes = due[0] if pending > 0 else math.inf
        later = min(begins, completes)
        while row < times.size and times[row] < later:
            for s in range(n.size):
                out[row, s] = n[s]
            for r in range(a.size):
                pipeline[row, r] = inside[r]
            row += 1
        if later > t_end:
            status = REACHED if later < math.inf else ABSORBED
            break
        t = later
        if completes <= begins:
            r = what[0]
            pop(due, what, pending)
            pending -= 1
            inside[r] -= 1
            kept = add(releases, r, n)
            if record:
                event_times[slot], fired[slot] = t, a.size + r
        else:
            if events == max_events:
                status = MAX_EVENTS
                break
            target, total, r = uniform(rng) * a0, 0.0, -1
            for candidate in range(a.size):
                if a[candidate] > 0.0:
                    r = candidate
                    total += a[candidate]
                    if target < total:
                        break
            kept = add(network.changes, r, n)
            events += 1
            if mean[r] > 0.0:
                wait = mean[r]
                if stages[r] > 0:
                    wait = 0.0
                    for _ in range(stages[r]):
                        wait += exponential(rng)
                    wait *= mean[r] / stages[r]
                push(due, what, pending, t + wait, r)
                pending += 1
                inside[r] += 1
            if record:
                event_times[slot], fired[slot] = t, r
        slot += 1
        if not kept:
            status = TOO_MANY
            break
    cursor[0], cursor[1], cursor[2], clock[0] = row, events, pending, t
    return status
