"""A rational approximation of exp(A h) p for a tridiagonal A: one complex Thomas elimination for each pole."""
from __future__ import annotations

from .jit import njit


@njit
def rational_steps(up, down, out, h, steps, poles, residues, at_infinity, p, q, work):
    """p (N,) = r(A h)^steps p with r(x) = at_infinity + 2 Re sum_j residues_j / (x - poles_j).

    up, down, out : (N,) float64, rates from state i to i + 1, to i - 1, and in all
    poles, residues : (2, J) float64, real and imaginary parts
    q, work : (N,), (N, 4, J) scratch
    No pivoting: A - pole is diagonally dominant up to the pole. Entries may come out negative.
    """
    size, count = p.size, poles.shape[1]
    for _ in range(steps):
        for i in range(size):
            below = h * up[i - 1] if i > 0 else 0.0
            above = h * down[i + 1] if i + 1 < size else 0.0
            row, before = work[i], work[max(i - 1, 0)]
            for j in range(count):
                # row holds c (two parts) and d (two parts) of x_i = d - c x_(i+1).
                real, imaginary = -h * out[i] - poles[0, j], -poles[1, j]
                right_real, right_imaginary = p[i], 0.0
                if i > 0:
                    real -= below * before[0, j]
                    imaginary -= below * before[1, j]
                    right_real -= below * before[2, j]
                    right_imaginary -= below * before[3, j]
                size2 = real * real + imaginary * imaginary
                real, imaginary = real / size2, -imaginary / size2
                row[0, j] = above * real
                row[1, j] = above * imaginary
                row[2, j] = right_real * real - right_imaginary * imaginary
                row[3, j] = right_real * imaginary + right_imaginary * real
        for i in range(size - 1, -1, -1):
            value, row, after = 0.0, work[i], work[min(i + 1, size - 1)]
            for j in range(count):
                if i + 1 < size:
                    x, y = after[2, j], after[3, j]
                    row[2, j] -= row[0, j] * x - row[1, j] * y
                    row[3, j] -= row[0, j] * y + row[1, j] * x
                value += residues[0, j] * row[2, j] - residues[1, j] * row[3, j]
            q[i] = at_infinity * p[i] + 2.0 * value
        for i in range(size):
            p[i] = q[i]
