"""One step of uniformisation: the weighted sum of M^k p for a matrix of jump probabilities M."""
from __future__ import annotations

from .jit import njit


@njit
def weighted_powers(indptr, indices, data, weights, p, q, total):
    """total (N,) = sum_k weights[k] M^k p; only sums of products of non-negative numbers, so nothing goes below 0.

    indptr, indices, data : M in CSR form, (N, N)
    p, q : (N,) float64, scratch; p holds the start and is overwritten
    """
    size = p.size
    for i in range(size):
        total[i] = weights[0] * p[i]
    for k in range(1, weights.size):
        for i in range(size):
            value = 0.0
            for j in range(indptr[i], indptr[i + 1]):
                value += data[j] * p[indices[j]]
            q[i] = value
        for i in range(size):
            p[i] = q[i]
            total[i] += weights[k] * q[i]
