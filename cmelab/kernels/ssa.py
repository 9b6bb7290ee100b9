"""The direct method: one exponential wait for any reaction, one uniform draw for which.

Source: D. T. Gillespie, J. Comput. Phys. 22 (1976) 403, doi:10.1016/0021-9991(76)90041-3.
"""
from __future__ import annotations

import math

from .jit import njit
from .propensity import run_program
from .random import advance, as_exponential, as_uniform
from .status import ABSORBED, EXPLOSIVE, INVALID, MAX_EVENTS, PAUSED, REACHED, TOO_MANY

_MOST = 2**53       # beyond this many molecules a float no longer sees a single one
_LEAST = 2.3e-308   # a smaller total has a mean wait of 1e307 and too few digits to share out
GENERAL, FIRST, SECOND, THIRD, KNOWN = range(5)  # how a propensity is found


@njit
def ssa_direct(network, table, programs, graph, t_end, times, n, rng, clock, cursor, max_events, budget, scratch, out,
               event_times, fired):
    """Walk one exact path until t_end, or until the slice of work is used up.

    network, table, programs, graph : parts of `compiled.EventTables`. None for programs (nothing custom) or graph (all
        propensities are computed anew after each event) leaves that code out when the kernel is compiled.
    times  : (T,) float64, rows to record, none beyond t_end
    n      : (S,) int64, the present state, overwritten
    clock  : (1,) float64, the present time, overwritten
    cursor : (2,) int64, rows filled so far and events fired so far, overwritten
    budget : events to fire before answering PAUSED; call again to go on
    scratch : x (S+1,), a (R,), sums (R+1,), known (K, N) and stack (stack_size,) float64. known[k] keeps values of the
        k-th custom propensity of one species at 0 .. N-1; negative where none is known yet
    out    : (T, S) int64, filled; rows not reached keep their old content
    event_times, fired : (budget,) time and reaction of each event of this slice, or None where nobody asks
    Returns the status.

    Propensities are summed from left to right, also where only some are new: every kernel finds the same sums, and
    fires the same reactions. All stands in one function: handing arrays on counts their references, which costs 100 ns
    an event, six times the event itself.
    """
    coefficients, reactant_start, reactant_species, reactant_count = network.mass_action
    factors, numbers, changed, amounts = table
    x, a, sums, known, stack = scratch
    row, events, t, slot, size = cursor[0], cursor[1], clock[0], 0, a.size
    s0, s1, s2, s3 = rng[0], rng[1], rng[2], rng[3]
    for s in range(n.size):
        x[s] = n[s]
    x[n.size], sums[0] = 1.0, 0.0
    r, status, most = size, PAUSED, 0.0  # r = size: nothing has fired yet, all propensities are new
    due = times[row] if row < times.size else math.inf
    while slot < budget:
        first, last, a0 = 0, size, 0.0
        if graph is not None:
            first, last = graph[0][r], graph[0][r + 1]
        for i in range(first, last):
            j = i
            if graph is not None:
                j = graph[1][i]
            how, value = factors[j, 0], -1.0
            if how == FIRST:
                value = numbers[j, 0] * x[factors[j, 1]]
            elif how == SECOND:
                value = numbers[j, 0] * x[factors[j, 1]] * (x[factors[j, 2]] - numbers[j, 1])
            elif how == THIRD:
                value = (numbers[j, 0] * x[factors[j, 1]] * (x[factors[j, 2]] - numbers[j, 1])
                         * (x[factors[j, 3]] - numbers[j, 2]))
            else:
                if programs is not None and how == KNOWN:
                    if x[factors[j, 1]] < known.shape[1]:
                        value = known[factors[j, 2], int(x[factors[j, 1]])]
                if not value >= 0.0:
                    value, missing = coefficients[j], False
                    for q in range(reactant_start[j], reactant_start[j + 1]):
                        count, m = x[reactant_species[q]], reactant_count[q]
                        missing = missing or count < m
                        for d in range(m):
                            value *= count - d
                    if missing:
                        value = 0.0
                    elif programs is not None:
                        if programs[0][j + 1] > programs[0][j]:
                            value = run_program(programs[0][j], programs[0][j + 1], programs[1], programs[2], x, stack)
                    if not value >= 0.0:
                        status = INVALID
                    if programs is not None and how == KNOWN:
                        if x[factors[j, 1]] < known.shape[1]:
                            known[factors[j, 2], int(x[factors[j, 1]])] = value
            if graph is None:
                a0 += value
                sums[j + 1] = a0
            else:
                a[j] = value
        if graph is not None:
            a0 = sums[graph[2][r]]
            for j in range(graph[2][r], size):
                a0 += a[j]
                sums[j + 1] = a0
        # a0 == 0: no reaction can ever fire again, the state holds for good.
        wait = 1.0 / a0 if a0 > _LEAST else math.inf
        # Where even the mean wait no longer moves the clock, no number of events would ever reach the end.
        if status == PAUSED and not t + wait > t:
            status = EXPLOSIVE
        if status != PAUSED:
            break
        s0, s1, s2, s3, bits = advance(s0, s1, s2, s3)
        later = t + as_exponential(bits) * wait
        # The path is right-continuous: times before the next event still see the state n.
        while due < later:
            for s in range(n.size):
                out[row, s] = int(x[s])
            row += 1
            due = times[row] if row < times.size else math.inf
        if later > t_end:
            status = REACHED if a0 > 0.0 else ABSORBED
            break
        if events == max_events:
            status = MAX_EVENTS
            break
        # The reaction whose share of the sums holds the target, which is below a0; one of zero propensity has none.
        s0, s1, s2, s3, bits = advance(s0, s1, s2, s3)
        target, r = as_uniform(bits) * a0, 0
        if graph is None:
            while target >= sums[r + 1]:
                r += 1
        else:
            left = size
            while left > 1:
                half = left // 2
                r = r + half if target >= sums[r + half] else r
                left -= half
        for i in range(changed.shape[1]):
            s = changed[r, i]
            x[s] += amounts[r, i]
            most = max(most, x[s])
        t = later
        events += 1
        if event_times is not None:
            event_times[slot], fired[slot] = t, r
        slot += 1
        if most > _MOST:
            status = TOO_MANY
            break
    for s in range(n.size):
        n[s] = int(x[s])
    rng[0], rng[1], rng[2], rng[3] = s0, s1, s2, s3
    cursor[0], cursor[1], clock[0] = row, events, t
    return status
