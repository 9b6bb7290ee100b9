"""The propensity of one reaction at one state, and all of them with their sum."""
from __future__ import annotations

import math

from ..expression import ADD, DIVIDE, EXP, LOG, MAX, MIN, MULTIPLY, NEGATE, NUMBER, POWER, SPECIES, SQRT, SUBTRACT
from .jit import inlined, njit


@inlined
def run_program(first, last, code, operand, n, stack):
    """The custom propensity of steps first .. last - 1 at state n (S,), by the stack machine of `expression`."""
    top = -1
    for i in range(first, last):
        step = code[i]
        if step == NUMBER:
            top += 1
            stack[top] = operand[i]
        elif step == SPECIES:
            top += 1
            stack[top] = float(n[int(operand[i])])
        elif step == NEGATE or step == EXP or step == LOG or step == SQRT:
            stack[top] = unary(step, stack[top])
        else:
            top -= 1
            stack[top] = binary(step, stack[top], stack[top + 1])
    return stack[0]


@njit
def unary(code, x):
    """(code) x, with inf and NaN where plain Python would raise."""
    if code == NEGATE:
        return -x
    if code == EXP:
        return math.exp(x) if x < 709.0 else math.inf
    if code == LOG:
        return math.log(x) if x > 0.0 else (-math.inf if x == 0.0 else math.nan)
    return math.sqrt(x) if x >= 0.0 else math.nan


@njit
def binary(code, x, y):
    """x (code) y, with inf and NaN where plain Python would raise."""
    if code == ADD:
        return x + y
    if code == SUBTRACT:
        return x - y
    if code == MULTIPLY:
        return x * y
    if code == DIVIDE:
        if y == 0.0:
            return math.nan if x == 0.0 else math.copysign(math.inf, x)
        return x / y
    if code == MIN:
        return x if x < y or x != x else y
    if code == MAX:
        return x if x > y or x != x else y
    if code == POWER:
        return power(x, y)
    return math.nan


@njit
def power(x, y):
    """x to the y; NaN for a negative base with a broken exponent, inf where it overflows."""
    if x == 0.0:
        return 1.0 if y == 0.0 else (0.0 if y > 0.0 else math.inf)
    if x < 0.0 and y != math.floor(y):
        return math.nan
    if y * math.log(abs(x)) > 709.0:
        return math.inf
    return x**y


@inlined
def propensities(network, n, stack, a):
    """Fills a (R,) at state n (S,), in 1/time; a propensity is zero while a reactant is missing, whatever its law."""
    coefficients, reactant_start, reactant_species, reactant_count = network.mass_action
    program_start, program_code, program_operand = network.programs
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
        a[r] = value
