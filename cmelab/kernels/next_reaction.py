"""The next-reaction method: every reaction keeps the time at which it would fire, in a heap; the earliest does.

After an event only the reactions that read a changed count are looked at again, so the cost of an event grows with the
number of those and with log R, not with R. Source: M. A. Gibson, J. Bruck, J. Phys. Chem. A 104 (2000) 1876,
doi:10.1021/jp993732q.
"""
from __future__ import annotations

import math

from .jit import njit
from .propensity import run_program
from .random import exponential
from .status import ABSORBED, EXPLOSIVE, INVALID, MAX_EVENTS, PAUSED, REACHED, TOO_MANY

_MOST = 2**53


@njit
def ssa_next_reaction(network, graph, t_end, times, n, rng, clock, cursor, max_events, budget, a, due, heap, place,
                      stack, out):
    """Walk one exact path until t_end, or until the slice of work is used up.

    graph : `compiled.Graph`: the reactions whose propensity may change when a reaction fires, itself included
    a, due : (R,) float64, present propensities and firing times; heap, place : (R,) int64, a heap of reactions by due
        and where each stands in it. Made when cursor[1] < 0, kept between slices.
    cursor : (3,) int64, rows filled so far; events fired so far, or -1 at the start of a path; the reaction that fired
        last, whose dependents are not yet looked at
    The others are those of `ssa.ssa_direct`. Returns the status.
    """
    coefficients, reactant_start, reactant_species, reactant_count = network.mass_action
    change_start, change_species, change_amount = network.changes
    program_start, program_code, program_operand = network.programs
    dependent_start, dependent = graph[0], graph[1]
    size, row, events, fired, t, slot = a.size, cursor[0], cursor[1], cursor[2], clock[0], 0
    status, fresh = PAUSED, events < 0
    if fresh:
        events, fired = 0, -1
        for r in range(size):
            heap[r] = place[r] = r
            a[r], due[r] = 0.0, math.inf
    while slot < budget:
        # Reactions to look at again: all of them at the start, afterwards those that read a changed count.
        first, last = (0, size) if fresh else (0, 0)
        if fired >= 0:
            first, last = dependent_start[fired], dependent_start[fired + 1]
        for i in range(first, last):
            r = i if fresh else dependent[i]
            value, missing = coefficients[r], False
            for j in range(reactant_start[r], reactant_start[r + 1]):
                count, m = n[reactant_species[j]], reactant_count[j]
                missing = missing or count < m
                for q in range(m):
                    value *= float(count - q)
            if missing:
                value = 0.0
            elif program_start[r + 1] > program_start[r]:
                value = run_program(program_start[r], program_start[r + 1], program_code, program_operand, n, stack)
            if not value >= 0.0:
                status = INVALID
            elif value == math.inf or (value > 0.0 and not t + 1.0 / value > t):
                status = EXPLOSIVE
            if status != PAUSED:
                break
            if value == 0.0:
                due[r] = math.inf
            elif r == fired or a[r] == 0.0:
                due[r] = t + exponential(rng) / value
            else:
                due[r] = t + (due[r] - t) * (a[r] / value)  # the same wait, at the new speed
            a[r] = value
            # Up or down the heap to where the new time belongs.
            at = place[r]
            while at > 0 and due[r] < due[heap[(at - 1) // 2]]:
                above = (at - 1) // 2
                heap[at], place[heap[above]] = heap[above], at
                at = above
            while True:
                below = 2 * at + 1
                if below + 1 < size and due[heap[below + 1]] < due[heap[below]]:
                    below += 1
                if below >= size or due[heap[below]] >= due[r]:
                    break
                heap[at], place[heap[below]] = heap[below], at
                at = below
            heap[at], place[r] = r, at
        if status != PAUSED:
            break
        fresh, fired = False, -1
        later = due[heap[0]] if size > 0 else math.inf
        while row < times.size and times[row] < later:
            for s in range(n.size):
                out[row, s] = n[s]
            row += 1
        if later > t_end:
            status = REACHED if later < math.inf else ABSORBED
            break
        if events == max_events:
            status = MAX_EVENTS
            break
        fired, t = heap[0], later
        for i in range(change_start[fired], change_start[fired + 1]):
            n[change_species[i]] += change_amount[i]
            if n[change_species[i]] > _MOST:
                status = TOO_MANY
        events += 1
        slot += 1
        if status == TOO_MANY:
            break
    cursor[0], cursor[1], cursor[2], clock[0] = row, events, fired, t
    return status
