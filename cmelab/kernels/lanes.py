"""The direct method for eight paths in step: the same numbers as `ssa.ssa_direct`, several times as fast.

A processor adds two floats with one instruction. It has registers that hold eight floats, and instructions that add all
eight pairs at once: SIMD, single instruction, multiple data. One path has nothing to fill eight places with, for each
event waits for the one before. So eight paths are taken instead, one in each place, called a lane:

    lane               0    1    2    3    4    5    6    7
    count n of A      17    3    9   12    0    8   21    5
    a1 = 10           10   10   10   10   10   10   10   10     0 -> A, constant
    a2 = n            17    3    9   12    0    8   21    5     A -> 0, one multiplication for all lanes
    a0 = a1 + a2      27   13   19   22   10   18   31   15     one addition for all lanes
    target = u a0    4.1 12.2  6.6 17.3  9.9 10.4 30.0  2.5     each lane draws from the stream of its own path
    first fires?     yes   no  yes   no  yes   no   no  yes     0 <= target < a1
    n += +1 or  0     18    3   10   12    1    8   21    6     masked: a lane that does not fire adds nothing
    second fires?     no  yes   no  yes   no  yes  yes   no     a1 <= target < a0
    n += -1 or  0     18    2   10   11    1    7   20    6

No lane branches. Where lanes differ, both ways are computed and a mask chooses: `choose(mask, yes, no)`. A reaction of
zero propensity adds nothing to the sum, no target lies between, and so it cannot fire. The sums are made from left to
right with the same operations as in `ssa.ssa_direct`, and each lane's bits are those of one path alone.

Not everything can be done in step: a row of the time grid is passed, a path ends, a custom propensity is not yet known,
something is wrong. Such a lane does not move in this step. A row is recorded, and the lane goes on with the next step;
for all else `ssa_direct` walks this one path for one event, as it would have done anyway. A lane whose path has ended
takes the next path from the queue, so that lanes stay full though paths are of different length.

The eight floats are `Floats`, eight times 64 bits `Bits`, eight answers yes or no `Mask`. The compiler turns each into
one register of 512 bits, two of 256 or four of 128, whatever the processor has; the results are the same. Two blocks of
eight take turns, so that one has something to do while the other waits for a result.
"""
from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.datamodel import models
from numba.extending import intrinsic, overload, register_model

from .jit import njit
from .random import FRACTION, L1, L2, L3, L4, L5, L6, L7, LOG2, LOG2_REST, ROOT_HALF, TO_ROOT_HALF, seed_stream
from .ssa import FIRST, SECOND, THIRD, ssa_direct
from .status import ABSORBED, PAUSED, REACHED

LANES = 8
_LEAST = 2.3e-308
_DOUBLES, _WORDS = ir.VectorType(ir.DoubleType(), LANES), ir.VectorType(ir.IntType(64), LANES)
_BOOLS = ir.VectorType(ir.IntType(1), LANES)
_S12, _S17, _S19, _S23, _S41, _S45, _S52 = (np.uint64(s) for s in (12, 17, 19, 23, 41, 45, 52))
_ONE, _WHOLE = np.uint64(0x3FF0000000000000), np.uint64(0x4330000000000000)  # the bits of 1.0 and of 2.0^52


class _FloatsType(types.Type):
    """Eight floats in one register."""


class _BitsType(types.Type):
    """Eight times 64 bits."""


class _MaskType(types.Type):
    """Eight answers yes or no."""


Floats, Bits, Mask = _FloatsType("Floats"), _BitsType("Bits"), _MaskType("Mask")
_REGISTER = {Floats: _DOUBLES, Bits: _WORDS, Mask: _BOOLS}


def _instruction(describe: Any) -> Any:
    """A function for compiled code: ``describe`` answers its type, and what writes its instructions."""
    return intrinsic(describe)


def _as_register(kind, register):
    class Model(models.PrimitiveModel):
        def __init__(self, manager, numba_type):
            super().__init__(manager, numba_type, register)
    register_model(kind)(Model)


for _kind, _register in ((_FloatsType, _DOUBLES), (_BitsType, _WORDS), (_MaskType, _BOOLS)):
    _as_register(_kind, _register)


def _same_in_all(builder, register, value):
    """The instructions that put one value into all lanes."""
    undefined, i32 = ir.Constant(register, ir.Undefined), ir.IntType(32)
    one = builder.insert_element(undefined, value, i32(0))
    return builder.shuffle_vector(one, undefined, ir.Constant(ir.VectorType(i32, LANES), [0] * LANES))


def _address(context, builder, kind, array, at, register):
    place = builder.gep(context.make_array(kind)(context, builder, array).data, [at])
    return builder.bitcast(place, register.as_pointer())


@_instruction
def load(typing, array, at):
    """Eight neighbours of a flat array, from ``at`` on."""
    def code(context, builder, signature, values):
        read = builder.load(_address(context, builder, array, values[0], values[1], _REGISTER[kind]))
        read.align = 8
        return read
    kind = Floats if array.dtype == types.float64 else Bits
    return kind(array, types.int64), code


@_instruction
def store(typing, array, at, value):
    """Puts eight values back."""
    def code(context, builder, signature, values):
        builder.store(values[2], _address(context, builder, array, values[0], values[1], _REGISTER[value])).align = 8
        return context.get_dummy_value()
    return types.none(array, types.int64, value), code


@_instruction
def same(typing, x):
    """One float, or 64 bits, in all lanes."""
    kind, number = (Floats, types.float64) if isinstance(x, types.Float) else (Bits, types.uint64)
    return kind(number), lambda context, builder, signature, values: _same_in_all(builder, _REGISTER[kind], values[0])


@_instruction
def as_floats(typing, x):
    """The same bits, read as floats."""
    return Floats(Bits), lambda context, builder, signature, values: builder.bitcast(values[0], _DOUBLES)


@_instruction
def as_bits(typing, x):
    """The bits of floats."""
    return Bits(Floats), lambda context, builder, signature, values: builder.bitcast(values[0], _WORDS)


@_instruction
def choose(typing, mask, yes, no):
    """``yes`` in the lanes of the mask, ``no`` in the others."""
    def code(context, builder, signature, values):
        return builder.select(values[0], values[1], values[2])
    return yes(Mask, yes, yes), code


@_instruction
def as_number(typing, mask):
    """The mask as a whole number; bit l is lane l."""
    def code(context, builder, signature, values):
        return builder.zext(builder.bitcast(values[0], ir.IntType(LANES)), ir.IntType(64))
    return types.int64(Mask), code


@_instruction
def look_up(typing, table, start, x):
    """table[start + x] of a flat table, with the whole number x of each lane; nothing outside is read if x is right."""
    def code(context, builder, signature, values):
        data, found = context.make_array(table)(context, builder, values[0]).data, ir.Constant(_DOUBLES, ir.Undefined)
        at = builder.add(builder.fptosi(values[2], _WORDS), _same_in_all(builder, _WORDS, values[1]))
        for lane in range(LANES):
            place = ir.IntType(32)(lane)
            one = builder.load(builder.gep(data, [builder.extract_element(at, place)]))
            found = builder.insert_element(found, one, place)
        return found
    return Floats(table, types.int64, Floats), code


def _operator(sign, kind, build, result=None):
    """Teach numba one operator between two registers."""
    @_instruction
    def compute(typing, x, y):
        return (result or kind)(kind, kind), lambda context, builder, signature, values: build(builder, *values)

    @overload(sign)
    def of_lanes(x, y):
        if x is kind and y is kind:
            return lambda x, y: compute(x, y)
        return None


for _sign, _build in ((operator.add, ir.IRBuilder.fadd), (operator.sub, ir.IRBuilder.fsub),
                      (operator.mul, ir.IRBuilder.fmul), (operator.truediv, ir.IRBuilder.fdiv)):
    _operator(_sign, Floats, _build)
for _sign, _build in ((operator.add, ir.IRBuilder.add), (operator.xor, ir.IRBuilder.xor),
                      (operator.or_, ir.IRBuilder.or_), (operator.and_, ir.IRBuilder.and_),
                      (operator.lshift, ir.IRBuilder.shl), (operator.rshift, ir.IRBuilder.lshr)):
    _operator(_sign, Bits, _build)
_operator(operator.and_, Mask, ir.IRBuilder.and_)
for _sign, _name in ((operator.lt, "<"), (operator.le, "<="), (operator.gt, ">"), (operator.ge, ">=")):
    _operator(_sign, Floats, lambda builder, x, y, name=_name: builder.fcmp_ordered(name, x, y), Mask)


@njit
def advance(a, b, c, d):
    """`random.advance` in all lanes."""
    s = a + d
    bits = ((s << same(_S23)) | (s >> same(_S41))) + a
    t = b << same(_S17)
    c = c ^ a
    d = d ^ b
    b = b ^ c
    a = a ^ d
    c = c ^ t
    d = (d << same(_S45)) | (d >> same(_S19))
    return a, b, c, d, bits


@njit
def as_uniform(bits):
    """`random.as_uniform` in all lanes: the 52 bits as the fraction of a float from 1 to 2, less 1."""
    return as_floats((bits >> same(_S12)) | same(_ONE)) - same(1.0)


@njit
def as_exponential(bits):
    """`random.as_exponential` in all lanes, by the same operations in the same order."""
    z = as_uniform(bits) + same(2.0**-53)
    parts = as_bits(z) + same(TO_ROOT_HALF)
    k = as_floats((parts >> same(_S52)) | same(_WHOLE)) - same(2.0**52 + 1023.0)
    f = as_floats((parts & same(FRACTION)) + same(ROOT_HALF)) - same(1.0)
    s = f / (same(2.0) + f)
    w = s * s
    ww = w * w
    even = ww * (same(L2) + ww * (same(L4) + ww * same(L6)))
    odd = w * (same(L1) + ww * (same(L3) + ww * (same(L5) + ww * same(L7))))
    half = same(0.5) * f * f
    return ((half - (s * (half + (even + odd)) + k * same(LOG2_REST))) - f) - k * same(LOG2)


@njit
def take_path(lane, p, seed, first, start, times, x, rng, t, due, stop, count, rows, path, single):
    """Put path p of the batch at its beginning into a lane."""
    width = t.size
    seed_stream(seed, first + np.uint64(p), single)
    for i in range(4):
        rng[i * width + lane] = single[i]
    for s in range(start.size):
        x[s * width + lane] = start[s]
    x[start.size * width + lane] = 1.0
    t[lane], count[lane], rows[lane], path[lane] = 0.0, 0.0, 0, p
    due[lane] = times[0]
    stop[lane] = times[0]


@njit
def ssa_lanes(network, table, programs, times, start, seed, first, lanes, single, max_events, budget, scratch, out,
              status, events):
    """Paths ``first``, ``first + 1``, ... of ``seed`` until all of out (P, T, S) is filled, in lanes; see `ensemble`.

    lanes : x ((S+1) L,), sums (8 (R+1),), rng (4 L,), t, due, stop, count, ahead (L,), rows, path (L,) int64, alive
        (L / 8,) int64 and queue (1,) int64, overwritten: where each lane's path stands, L being a multiple of 8. due is
        the next time to record, stop that or the last time, alive has bit l where lane l has a path, queue is the next
        path to take; 0 at the beginning
    single : n (S,), rng (4,), clock (1,), cursor (3,), for the one path that `ssa_direct` walks
    Returns PAUSED after about ``budget`` events, the status of the first path that was seen to fail, or REACHED. Where
    one failed the others are left where they stand.
    """
    factors, numbers, changed, amounts = table
    x, sums, rng, t, due, stop, count, ahead, rows, path, alive, queue = lanes
    n, one_rng, clock, cursor = single
    known, flat_known = scratch[3], scratch[3].reshape(-1)
    size, width, t_end, kept = factors.shape[0], t.size, times[-1], float(known.shape[1])
    zero, one, most = same(0.0), same(1.0), same(float(max_events))
    if queue[0] == 0:
        for lane in range(min(width, status.size)):
            take_path(lane, lane, seed, first, start, times, x, rng, t, due, stop, count, rows, path, one_rng)
            alive[lane // LANES] |= 1 << (lane % LANES)
            queue[0] += 1
    left = budget
    while alive.any():
        if left <= 0:
            return PAUSED
        left -= width
        for b in range(0, width, LANES):
            if alive[b // LANES] == 0:
                continue
            s0, s1, s2, s3 = load(rng, b), load(rng, width + b), load(rng, 2 * width + b), load(rng, 3 * width + b)
            q0, q1, q2, q3, wait_bits = advance(s0, s1, s2, s3)
            q0, q1, q2, q3, share_bits = advance(q0, q1, q2, q3)
            a0, usual = zero, zero <= one
            for j in range(size):
                how, value = factors[j, 0], same(numbers[j, 0])
                n1 = load(x, factors[j, 1] * width + b)
                if how == FIRST:
                    value = value * n1
                elif how == SECOND:
                    value = value * n1 * (load(x, factors[j, 2] * width + b) - same(numbers[j, 1]))
                elif how == THIRD:
                    value = (value * n1 * (load(x, factors[j, 2] * width + b) - same(numbers[j, 1]))
                             * (load(x, factors[j, 3] * width + b) - same(numbers[j, 2])))
                else:
                    inside = n1 < same(kept)
                    value = look_up(flat_known, factors[j, 2] * known.shape[1], choose(inside, n1, zero))
                    usual = usual & inside & (value >= zero)
                a0 = a0 + value
                store(sums, (j + 1) * LANES, a0)
            now, wait = load(t, b), one / a0
            later = now + as_exponential(wait_bits) * wait
            usual = usual & (a0 > same(_LEAST)) & (now + wait > now)
            fires = usual & (later <= load(stop, b)) & (load(count, b) < most)
            target = choose(fires, as_uniform(share_bits) * a0, same(math.inf))
            low = zero
            for j in range(size):
                high = load(sums, (j + 1) * LANES)
                hit = (low <= target) & (target < high)
                low = high
                for i in range(changed.shape[1]):
                    if changed[j, i] < start.size:
                        at = changed[j, i] * width + b
                        store(x, at, load(x, at) + choose(hit, same(amounts[j, i]), zero))
            store(t, b, choose(fires, later, now))
            store(count, b, load(count, b) + choose(fires, one, zero))
            store(rng, b, choose(fires, q0, s0))
            store(rng, width + b, choose(fires, q1, s1))
            store(rng, 2 * width + b, choose(fires, q2, s2))
            store(rng, 3 * width + b, choose(fires, q3, s3))
            waiting = alive[b // LANES] & ~as_number(fires)
            if waiting == 0:
                continue
            store(ahead, b, later)
            is_usual = as_number(usual)
            for i in range(LANES):
                if not (waiting >> i) & 1:
                    continue
                lane, row = b + i, rows[b + i]
                p = path[lane]
                if (is_usual >> i) & 1 and due[lane] < ahead[lane]:
                    # The path is right-continuous: times before the next event still see the present state.
                    while row < times.size and times[row] < ahead[lane]:
                        for s in range(start.size):
                            out[p, row, s] = int(x[s * width + lane])
                        row += 1
                    rows[lane], due[lane] = row, times[row] if row < times.size else math.inf
                    stop[lane] = min(due[lane], t_end)
                    continue
                for s in range(start.size):
                    n[s] = int(x[s * width + lane])
                for s in range(4):
                    one_rng[s] = rng[s * width + lane]
                clock[0], cursor[0], cursor[1] = t[lane], row, int(count[lane])
                answer = ssa_direct(network, table, programs, None, t_end, times, n, one_rng, clock, cursor, max_events,
                                    1, scratch, out[p], None, None)
                if answer == PAUSED:
                    for s in range(start.size):
                        x[s * width + lane] = n[s]
                    for s in range(4):
                        rng[s * width + lane] = one_rng[s]
                    t[lane], count[lane], rows[lane] = clock[0], cursor[1], cursor[0]
                    due[lane] = times[cursor[0]] if cursor[0] < times.size else math.inf
                    stop[lane] = min(due[lane], t_end)
                    continue
                status[p], events[p] = answer, cursor[1]
                if answer != REACHED and answer != ABSORBED:
                    return answer
                if queue[0] < status.size:
                    take_path(lane, queue[0], seed, first, start, times, x, rng, t, due, stop, count, rows, path,
                              one_rng)
                    queue[0] += 1
                else:
                    alive[b // LANES] &= ~(1 << i)
    return REACHED
