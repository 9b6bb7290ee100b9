"""One step of uniformisation on any set of states: the weighted sum of powers of the jump probabilities."""
from __future__ import annotations

from .jit import njit


@njit
def weighted_powers(indptr, indices, rates, out, scale, weights, p, q, stay, total):
    """total (N,) = sum_k weights[k] M^k p, where M moves the fraction scale * rate from state to state.

    indptr, indices, rates : rates into each state, (N, N) in CSR form without its diagonal
    out   : (N,) float64, all rates out of each state, also those out of the states kept; scale * out <= 1
    p     : (N,) float64, the start, overwritten; q, stay : (N,) scratch
    Only sums of products of non-negative numbers, so nothing goes below 0; what leaves is gone.
    """
    size = p.size
    for i in range(size):
        # Rounding may put the fastest state one unit in the last place below 0.
        stay[i] = max(0.0, 1.0 - scale * out[i])
        total[i] = weights[0] * p[i]
    for k in range(1, weights.size):
        for i in range(size):
            value = stay[i] * p[i]
            for j in range(indptr[i], indptr[i + 1]):
                value += scale * rates[j] * p[indices[j]]
            q[i] = value
        for i in range(size):
            total[i] += weights[k] * q[i]
        p, q = q, p
