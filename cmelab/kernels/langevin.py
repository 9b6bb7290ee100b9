"""Euler-Maruyama steps of the chemical Langevin equation, with one independent noise for each reaction."""
from __future__ import annotations

import math

import numpy as np

from .jit import njit
from .propensity import run_program
from .random import normal, seed_stream
from .status import ABSORBED, EXPLOSIVE, INVALID, PAUSED, REACHED, ROOT

RAW, CLAMP, REFLECT, ABSORB, COMPLEX = 0, 1, 2, 3, 4
_MOST = 2.0**53


@njit
def langevin_steps(network, boundary, steps, h, x, rng, cursor, budget, a, stack, out):
    """Continue one real path from x (S,) for at most ``budget`` steps; x, rng and cursor are overwritten.

    boundary : RAW, CLAMP, REFLECT or ABSORB
    steps : (T,) int64, steps from each recorded time to the next; h (T,) float64 their size
    cursor : (3,) int64, the row being approached, steps done towards it, steps with something below zero
    a, stack : (R,) and (stack_size,) float64, scratch
    out : (T, S) float64, filled; rows not reached keep their old content
    Returns PAUSED, REACHED, ABSORBED (at zero, later rows hold the last state), ROOT, INVALID or EXPLOSIVE.
    """
    coefficients, reactant_start, reactant_species, reactant_count = network.mass_action
    change_start, change_species, change_amount = network.changes
    program_start, program_code, program_operand = network.programs
    left = budget
    while cursor[0] < steps.size:
        row = cursor[0]
        if cursor[1] == steps[row]:
            for s in range(x.size):
                out[row, s] = x[s]
            cursor[0] += 1
            cursor[1] = 0
            continue
        if left <= 0:
            return PAUSED
        left -= 1
        below = False
        for r in range(a.size):
            value, missing = coefficients[r], False
            custom = program_start[r + 1] > program_start[r]
            for i in range(reactant_start[r], reactant_start[r + 1]):
                count, m = x[reactant_species[i]], reactant_count[i]
                # A custom law is zero once a reactant is used up; n(n-1)... has no meaning at and below m - 1.
                missing = missing or count <= 0.0 or (boundary != RAW and not custom and count <= m - 1)
                for j in range(m):
                    value *= count - j
            if custom:
                value = 0.0 if missing else run_program(program_start[r], program_start[r + 1], program_code,
                                                        program_operand, x, stack)
                if not value >= 0.0:
                    return INVALID
            else:
                below = below or value < 0.0
                if missing and boundary != RAW:
                    value = 0.0
                if value < 0.0:
                    cursor[2] += 1
                    return ROOT
            a[r] = value
        dt = h[row]
        for r in range(a.size):
            fired = a[r] * dt + math.sqrt(a[r] * dt) * normal(rng)
            for i in range(change_start[r], change_start[r + 1]):
                x[change_species[i]] += change_amount[i] * fired
        cursor[1] += 1
        held = False
        for s in range(x.size):
            if not abs(x[s]) <= _MOST:
                return EXPLOSIVE
            if x[s] < 0.0:
                below = True
                if boundary == CLAMP:
                    x[s] = 0.0
                elif boundary == REFLECT:
                    x[s] = -x[s]
                elif boundary == ABSORB:
                    x[s] = 0.0
                    held = True
        if below:
            cursor[2] += 1
        if held:
            for later in range(row, steps.size):
                for s in range(x.size):
                    out[later, s] = x[s]
            return ABSORBED
    return REACHED


@njit
def complex_steps(network, steps, h, x, rng, cursor, budget, a, out):
    """Like langevin_steps in the complex plane: x (2S,) holds real parts, then imaginary parts; a is (2R,).

    Complex numbers are written out in real ones, so that compiled and interpreted kernels round alike.
    """
    coefficients, reactant_start, reactant_species, reactant_count = network.mass_action
    change_start, change_species, change_amount = network.changes
    species, reactions, left = x.size // 2, a.size // 2, budget
    while cursor[0] < steps.size:
        row = cursor[0]
        if cursor[1] == steps[row]:
            for s in range(x.size):
                out[row, s] = x[s]
            cursor[0] += 1
            cursor[1] = 0
            continue
        if left <= 0:
            return PAUSED
        left -= 1
        below = False
        for r in range(reactions):
            real, imaginary = coefficients[r], 0.0
            for i in range(reactant_start[r], reactant_start[r + 1]):
                s = reactant_species[i]
                for j in range(reactant_count[i]):
                    u, v = x[s] - j, x[species + s]
                    real, imaginary = real * u - imaginary * v, real * v + imaginary * u
            below = below or real < 0.0
            a[r], a[reactions + r] = real, imaginary
        dt = h[row]
        for r in range(reactions):
            real, imaginary = a[r] * dt, a[reactions + r] * dt
            size = math.sqrt(real * real + imaginary * imaginary)
            # The principal root; the smaller part by division, where subtraction would cancel.
            if size == 0.0:
                u, v = 0.0, 0.0
            elif real >= 0.0:
                u = math.sqrt((size + real) / 2.0)
                v = imaginary / (2.0 * u)
            else:
                v = math.copysign(math.sqrt((size - real) / 2.0), imaginary)
                u = imaginary / (2.0 * v)
            noise = normal(rng)
            for i in range(change_start[r], change_start[r + 1]):
                s = change_species[i]
                x[s] += change_amount[i] * (real + u * noise)
                x[species + s] += change_amount[i] * (imaginary + v * noise)
        cursor[1] += 1
        for s in range(x.size):
            if not abs(x[s]) <= _MOST:
                return EXPLOSIVE
            below = below or (s < species and x[s] < 0.0)
        if below:
            cursor[2] += 1
    return REACHED


@njit
def langevin_ensemble(network, boundary, steps, h, start, seed, first, x, rng, cursor, path, budget, a, stack, out,
                      status, stopped, violations):
    """Paths ``first``, ``first + 1``, ... of ``seed``, each on its own stream, until all of out (P, T, X) is filled.

    path : (1,) int64, the path being walked, overwritten; cursor[0] is -1 while it has not begun
    status, violations, stopped : (P,) and (P, 2) filled for each finished path; stopped is the cursor's place
    Returns PAUSED after about ``budget`` steps, a status that must not go on (INVALID, EXPLOSIVE), or REACHED.
    """
    left = budget
    while path[0] < status.size:
        p = path[0]
        if left <= 0:
            return PAUSED
        if cursor[0] < 0:
            seed_stream(seed, first + np.uint64(p), rng)
            x[:] = start
            cursor[:] = 0
        row, done = cursor[0], cursor[1]
        if boundary == COMPLEX:
            answer = complex_steps(network, steps, h, x, rng, cursor, left, a, out[p])
        else:
            answer = langevin_steps(network, boundary, steps, h, x, rng, cursor, left, a, stack, out[p])
        for k in range(row, cursor[0]):
            left -= steps[k]
        left -= cursor[1] - done + 1
        violations[p] = cursor[2]
        if answer == PAUSED:
            return PAUSED
        status[p] = answer
        stopped[p, 0], stopped[p, 1] = cursor[0], cursor[1]
        if answer == INVALID or answer == EXPLOSIVE:
            return answer
        path[0] += 1
        cursor[0] = -1
    return REACHED
