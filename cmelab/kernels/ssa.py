"""The direct method: one exponential wait for any reaction, one uniform draw for which.

Source: D. T. Gillespie, J. Comput. Phys. 22 (1976) 403, doi:10.1016/0021-9991(76)90041-3.
"""
from __future__ import annotations

import math

from .jit import njit
from .propensity import run_program
from .random import exponential, uniform
from .status import ABSORBED, EXPLOSIVE, INVALID, MAX_EVENTS, PAUSED, REACHED, TOO_MANY

_MOST = 2**53  # beyond this many molecules a float no longer sees a single one


@njit
def ssa_direct(network, t_end, times, n, rng, clock, cursor, max_events, budget, a, stack, out, event_times, fired):
    """Walk one exact path until t_end, or until the slice of work is used up.

    times  : (T,) float64, rows to record, none beyond t_end
    n      : (S,) int64, the present state, overwritten
    clock  : (1,) float64, the present time, overwritten
    cursor : (2,) int64, rows filled so far and events fired so far, overwritten
    budget : events to fire before answering PAUSED; call again to go on
    a, stack : (R,) and (stack_size,) float64, scratch
    out    : (T, S) int64, filled; rows not reached keep their old content
    event_times, fired : (budget,) time and reaction of each event of this slice, or (0,) where nobody asks
    Returns the status.

    The propensities are summed in this function, not in one of its own: handing arrays on counts their references,
    which costs 100 ns an event, four times the event itself.
    """
    coefficients, reactant_start, reactant_species, reactant_count = network.mass_action
    change_start, change_species, change_amount = network.changes
    program_start, program_code, program_operand = network.programs
    row, events, t, slot, record = cursor[0], cursor[1], clock[0], 0, fired.size > 0
    status = PAUSED
    while slot < budget:
        a0 = 0.0
        for r in range(a.size):
            value, missing = coefficients[r], False
            for i in range(reactant_start[r], reactant_start[r + 1]):
                count, m = n[reactant_species[i]], reactant_count[i]
                missing = missing or count < m
                for j in range(m):
                    value *= float(count - j)
            if missing:
                value = 0.0
            elif program_start[r + 1] > program_start[r]:
                value = run_program(program_start[r], program_start[r + 1], program_code, program_operand, n, stack)
            if not value >= 0.0:
                status = INVALID
            a[r] = value
            a0 += value
        # Where even the mean wait no longer moves the clock, no number of events would ever reach the end.
        if status == PAUSED and (a0 == math.inf or (a0 > 0.0 and not t + 1.0 / a0 > t)):
            status = EXPLOSIVE
        if status != PAUSED:
            break
        # a0 == 0: no reaction can ever fire again, the state holds for good.
        later = t + exponential(rng) / a0 if a0 > 0.0 else math.inf
        # The path is right-continuous: times before the next event still see the state n.
        while row < times.size and times[row] < later:
            for s in range(n.size):
                out[row, s] = n[s]
            row += 1
        if later > t_end:
            status = REACHED if a0 > 0.0 else ABSORBED
            break
        if events == max_events:
            status = MAX_EVENTS
            break
        target, total, r = uniform(rng) * a0, 0.0, -1
        for candidate in range(a.size):
            if a[candidate] > 0.0:  # one of zero propensity never fires, whatever the rounding of the sum
                r = candidate
                total += a[candidate]
                if target < total:
                    break
        for i in range(change_start[r], change_start[r + 1]):
            n[change_species[i]] += change_amount[i]
            if n[change_species[i]] > _MOST:
                status = TOO_MANY
        t = later
        events += 1
        if record:
            event_times[slot], fired[slot] = t, r
        slot += 1
        if status == TOO_MANY:
            break
    cursor[0], cursor[1], clock[0] = row, events, t
    return status
