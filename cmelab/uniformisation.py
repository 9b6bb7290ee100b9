"""exp(A t) p as a sum of non-negative terms: Poisson weights rounded down, and powers of the jump probabilities."""
from __future__ import annotations

import math
from decimal import Decimal, localcontext
from functools import lru_cache

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from .chunks import progress_bar
from .kernels.uniformisation import weighted_powers

Floats = NDArray[np.float64]

# Expected jumps in one step: the more, the fewer products for each of them.
STEP_JUMPS = 256
# Terms of one step (about 0.5 s): the keyboard is asked between.
STEP_WORK = 2e8
# Refuse what is sure to need more terms than this (a minute or two).
MAX_WORK = 2e10
# What the weights of a step may leave out.
TAIL = Decimal("1e-18")


def uniformise(a: sparse.csr_array, start: Floats, times: Floats, *, progress: bool | None = None) -> Floats:
    """exp(A t) p for each time, (T, N), by uniformisation with Poisson weights rounded down."""
    out = -np.asarray(a.diagonal(), float)
    rates = sparse.csr_array(a + sparse.diags_array(out))
    rates.eliminate_zeros()
    fastest = float(out.max(initial=0.0))
    if fastest == 0.0:
        return np.tile(start, (times.size, 1))
    most = jumps_of_a_step(rates.nnz + start.size)
    p, total = start.copy(), np.empty_like(start)
    scratch, found, now = (np.empty_like(start), np.empty_like(start)), np.empty((times.size, start.size)), 0.0
    held, steps = float(start.sum()), sum(math.ceil(fastest * d / most) for d in np.diff(times, prepend=0.0))
    with progress_bar(steps, "step", progress) as bar:
        for row, t in enumerate(times):
            count = math.ceil(fastest * (t - now) / most)
            for _ in range(count):
                mean = max(1, math.ceil(fastest * (t - now) / count))
                weighted_powers(rates.indptr, rates.indices, rates.data, out, (t - now) / count / mean,
                                poisson_weights(mean), p, scratch[0], scratch[1], total)
                total *= no_more(held, float(total.sum()))
                p, total, held = total, p, float(total.sum())
                bar.update()
            found[row], now = p, t
    return found


def no_more(before: float, after: float) -> float:
    """The factor, at most 1, that takes from the sum of a law what rounding has added to it in one step.

    Rounding errs the same way in every product once a law has come to rest, by some 1e-17 of it. A sum that shrinks is
    left alone: a law is never scaled up.
    """
    return before / after if after > before else 1.0


def jumps_of_a_step(terms: float) -> int:
    """Expected jumps of one step where one product has this many terms, so that no step takes long."""
    return int(max(1, min(STEP_JUMPS, STEP_WORK / max(terms, 1) / 2)))


@lru_cache(maxsize=512)
def poisson_weights(mean: float) -> Floats:
    """Poisson probabilities 0, 1, 2, ... each rounded down, until less than 1e-18 is left.

    Raises nothing; the mean is at most STEP_JUMPS, so that exp(-mean) is far from underflow. Steps are cut so that it
    is a whole number: there are only so many of these, and their weights are kept.
    """
    with localcontext() as context:
        context.prec = 40
        weight, tail, values, k = Decimal(-mean).exp(), Decimal(1), [], 0
        while tail > TAIL or k <= mean:
            values.append(float(weight) * (1 - 2**-52))
            tail -= weight
            k += 1
            weight *= Decimal(mean) / k
    return np.array(values)
