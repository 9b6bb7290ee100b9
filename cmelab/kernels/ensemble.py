"""Many paths, one after another, each on a stream of its own, by any exact method."""
from __future__ import annotations

import numpy as np

from .jit import njit
from .next_reaction import ssa_next_reaction
from .random import seed_stream
from .ssa import ssa_direct
from .status import ABSORBED, PAUSED, REACHED


@njit
def ssa_ensemble(tables, programs, graph, heap, times, start, seed, first, state, max_events, budget, scratch, out,
                 status, events):
    """Paths ``first``, ``first + 1``, ... of ``seed`` until all of out (P, T, S) is filled.

    tables, programs, graph : (network, table) and the rest of `compiled.EventTables`
    heap : None for the direct method; for the next-reaction method its scratch, due (R,), order and place (R,)
    state : n (S,), rng (4,), clock (1,), cursor (3,) and path (1,): where the present path stands, overwritten;
        cursor[1] is -1 while it has not begun
    status, events : (P,) filled for each finished path
    Returns PAUSED after about ``budget`` events, the status of the first path that failed, or REACHED.
    """
    network, table = tables
    n, rng, clock, cursor, path = state
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
        if heap is None:
            cursor[1] = before
            answer = ssa_direct(network, table, programs, graph, times[-1], times, n, rng, clock, cursor, max_events,
                                left, scratch, out[p], None, None)
        else:
            answer = ssa_next_reaction(network, graph, times[-1], times, n, rng, clock, cursor, max_events, left,
                                       scratch[1], heap[0], heap[1], heap[2], scratch[4], out[p])
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
