"""Adaptive tau-leaping: many events at once while no propensity changes much; single events where counts are small.

Source: Y. Cao, D. T. Gillespie, L. R. Petzold, J. Chem. Phys. 124 (2006) 044109, doi:10.1063/1.2159468.
"""
from __future__ import annotations

import math

from .jit import njit
from .propensity import propensities
from .random import exponential, poisson, uniform
from .status import ABSORBED, EXPLOSIVE, INVALID, MAX_EVENTS, PAUSED, REACHED, TOO_MANY

_MOST = 2**53
_CRITICAL = 10    # a reaction that could empty a reactant in fewer firings is simulated one event at a time
_WORTH = 10.0     # a leap shorter than this many mean waits is not worth its work ...
_SINGLE = 100     # ... and so many single events are simulated instead


@njit
def leap_time(network, n, a, critical, order, tolerance, drift, spread):
    """The longest time in which no propensity is expected to change by more than ``tolerance`` of itself.

    order : (S,) float64, g of the source: the highest order in which a species reacts; 0 where nothing reads it
    drift, spread : (S,) float64, scratch
    """
    start, species, amount = network.changes
    for s in range(n.size):
        drift[s] = spread[s] = 0.0
    for r in range(a.size):
        if a[r] > 0.0 and not critical[r]:
            for i in range(start[r], start[r + 1]):
                drift[species[i]] += amount[i] * a[r]
                spread[species[i]] += amount[i] * amount[i] * a[r]
    tau = math.inf
    for s in range(n.size):
        if order[s] > 0.0 and spread[s] > 0.0:
            g = order[s] + (1.0 / (n[s] - 1.0) if order[s] == 2.0 and n[s] > 1 else 0.0)
            change = max(tolerance * n[s] / g, 1.0)
            if drift[s] != 0.0:
                tau = min(tau, change / abs(drift[s]))
            tau = min(tau, change * change / spread[s])
    return tau


@njit
def mark_critical(network, n, a, critical):
    """Fills critical (R,); returns the sum of the propensities of those reactions."""
    start, species, amount = network.changes
    total = 0.0
    for r in range(a.size):
        critical[r] = False
        for i in range(start[r], start[r + 1]):
            if amount[i] < 0 and a[r] > 0.0 and n[species[i]] < -amount[i] * _CRITICAL:
                critical[r] = True
        if critical[r]:
            total += a[r]
    return total


@njit
def pick(a, critical, only_critical, target):
    """The reaction whose share of the running sum holds target; never one of zero propensity."""
    last, total = -1, 0.0
    for r in range(a.size):
        if a[r] > 0.0 and (critical[r] or not only_critical):
            last = r
            total += a[r]
            if target < total:
                break
    return last


@njit
def shift(network, r, times, real):
    """Adds ``times`` firings of r to the counts real (S,) float64."""
    start, species, amount = network.changes
    for i in range(start[r], start[r + 1]):
        real[species[i]] += amount[i] * times


@njit
def tau_leap(network, t_end, times, n, rng, clock, cursor, max_events, budget, a, stack, out, order, tolerance,
             critical, drift, spread, real):
    """Walk one path until t_end, or until the slice of work is used up.

    cursor : (3,) int64, rows filled, leaps and single events done, single events still to do
    critical : (R,) bool; drift, spread, real : (S,) float64, scratch
    Returns the status.
    """
    row, events, single, t, slot = cursor[0], cursor[1], cursor[2], clock[0], 0
    status = PAUSED
    while slot < budget:
        slot += 1
        propensities(network, n, stack, a)
        a0 = 0.0
        for r in range(a.size):
            if not a[r] >= 0.0:
                status = INVALID
            a0 += a[r]
        if status == PAUSED and (a0 == math.inf or (a0 > 0.0 and not t + 1.0 / a0 > t)):
            status = EXPLOSIVE
        if status == PAUSED and events >= max_events and a0 > 0.0:
            status = MAX_EVENTS
        if status != PAUSED:
            break
        tau, risky = math.inf, 0.0
        if single == 0 and a0 > 0.0:
            risky = mark_critical(network, n, a, critical)
            tau = leap_time(network, n, a, critical, order, tolerance, drift, spread)
            if tau < _WORTH / a0:
                single = _SINGLE
        if single > 0 or a0 == 0.0:
            single = max(single - 1, 0)
            later = t + exponential(rng) / a0 if a0 > 0.0 else math.inf
            while row < times.size and times[row] < later:
                out[row] = n
                row += 1
            if later > t_end:
                status = REACHED if a0 > 0.0 else ABSORBED
                break
            for s in range(n.size):
                real[s] = n[s]
            shift(network, pick(a, critical, False, uniform(rng) * a0), 1.0, real)
            t, leapt = later, False
        else:
            first = t + exponential(rng) / risky if risky > 0.0 else math.inf
            stop = times[row] if row < times.size else t_end
            lowest, later = -1.0, t
            while lowest < 0.0:
                later = min(t + tau, first, stop)
                for s in range(n.size):
                    real[s] = n[s]
                for r in range(a.size):
                    if a[r] > 0.0 and not critical[r]:
                        shift(network, r, poisson(a[r] * (later - t), rng), real)
                if later == first:
                    shift(network, pick(a, critical, True, uniform(rng) * risky), 1.0, real)
                lowest = real.min() if real.size > 0 else 0.0
                tau = 0.5 * (later - t)  # a count below zero: a shorter leap, drawn anew
            t, leapt = later, True
        events += 1
        for s in range(n.size):
            if real[s] > _MOST:
                status = TOO_MANY
            else:
                n[s] = int(real[s])
        if status != PAUSED:
            break
        if leapt and row < times.size and times[row] == t:
            out[row] = n
            row += 1
        if leapt and t >= t_end:
            status = REACHED
            break
    cursor[0], cursor[1], cursor[2], clock[0] = row, events, single, t
    return status
