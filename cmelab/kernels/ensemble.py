"""Many paths, one after another, each on a stream of its own, by any exact method."""
from __future__ import annotations

import numpy as np

from .jit import njit
from .next_reaction import ssa_next_reaction
from .random import seed_stream
from .ssa import ssa_direct
from .status import ABSORBED, PAUSED, REACHED

DIRECT, NEXT_REACTION = 0, 1


@njit
def ssa_ensemble(method, network, dependents, times, start, seed, first, n, rng, clock, cursor, path, max_events,
                 budget, reals, whole, stack, out, status, events, nothing, nobody):
    """Paths ``first``, ``first + 1``, ... of ``seed`` until all of out (P, T, S) is filled.

    method : DIRECT or NEXT_REACTION
    path : (1,) int64, the path being walked, overwritten; cursor[1] is -1 while it has not begun
    reals, whole : (2, R) float64 and int64, scratch
    status, events : (P,) filled for each finished path
    nothing, nobody : (0,) float64 and int64, in place of the record of events
    Returns PAUSED after about ``budget`` events, the status of the first path that failed, or REACHED.
    """
    left = budget
    while path[0] < status.size:
        p = path[0]
        if left <= 0:
            return PAUSED
        if cursor[1] < 0:
            seed_stream(seed, first + np.uint64(p), rng)
            n[:] = start
            cursor[0] = 0
            clock[0] = 0.0
        before = max(cursor[1], 0)
        if method == NEXT_REACTION:
            answer = ssa_next_reaction(network, dependents, times[-1], times, n, rng, clock, cursor, max_events, left,
                                       reals[0], reals[1], whole[0], whole[1], stack, out[p])
        else:
            cursor[1] = before
            answer = ssa_direct(network, times[-1], times, n, rng, clock, cursor, max_events, left, reals[0], stack,
                                out[p], nothing, nobody)
        left -= cursor[1] - before + 1
        events[p] = cursor[1]
        if answer == PAUSED:
            return PAUSED
        status[p] = answer
        if answer != REACHED and answer != ABSORBED:
            return answer
        path[0] += 1
        cursor[1] = -1
    return REACHED
