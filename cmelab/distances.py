"""How far apart two laws of one count are, and how far apart samples of the same law would be."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, ndtr, xlog1py, xlogy

Floats, Ints = NDArray[np.float64], NDArray[np.int64]
# Probabilities that one marginal may hold (times by counts); beyond, a law is too wide to be written out.
MAX_NUMBERS = 2_000_000
# Counts that a law is drawn together to before its peaks are looked for.
MOST_BINS = 2000
# Standard deviations of a Gaussian beyond which less than 1e-15 lies.
REACH = 8.0


@dataclass(frozen=True)
class Marginal:
    """The law of one count on whole numbers.

    counts : (K,) int64, consecutive; below zero where a method takes a count there
    p : (T, K) float64
    """

    counts: Ints
    p: Floats

    @property
    def below(self) -> Floats:
        """Probability of a count below zero, (T,): no real count is ever there."""
        return self.p[:, self.counts < 0].sum(axis=1)


def from_samples(x: NDArray) -> Marginal | None:
    """Shares of paths (P, T) at each whole number; real counts x go to the nearest, [n - 1/2, n + 1/2) to n."""
    n = x if x.dtype.kind == "i" else np.floor(x + 0.5).astype(np.int64)
    first, times = int(n.min()), n.shape[1]
    width = int(n.max()) - first + 1
    if width * times > MAX_NUMBERS:
        return None
    p = np.stack([np.bincount(column - first, minlength=width) for column in n.T]) / len(n)
    return Marginal(np.arange(first, first + width), p)


def from_gaussian(mean: Floats, deviation: Floats) -> Marginal | None:
    """Gaussians of mean and standard deviation (T,) put on whole numbers: P(n) is what lies in [n - 1/2, n + 1/2)."""
    first = int(np.floor((mean - REACH * deviation).min()))
    last = int(np.ceil((mean + REACH * deviation).max()))
    if (last - first + 1) * mean.size > MAX_NUMBERS:
        return None
    counts = np.arange(first, last + 1)
    edges = np.arange(first, last + 2) - 0.5
    sharp = deviation <= 0
    z = (edges - mean[:, None]) / np.where(sharp, 1.0, deviation)[:, None]
    # On the right of the mean by differences of the upper tail, which keep their digits.
    right = z[:, :-1] > 0
    p = np.where(right, ndtr(-z[:, :-1]) - ndtr(-z[:, 1:]), ndtr(z[:, 1:]) - ndtr(z[:, :-1]))
    point = counts == np.floor(mean + 0.5)[:, None]
    return Marginal(counts, np.where(sharp[:, None], point.astype(float), p))


def aligned(a: Marginal, b: Marginal) -> tuple[Ints, Floats, Floats]:
    """Both laws on the same counts."""
    first = int(min(a.counts[0], b.counts[0]))
    last = int(max(a.counts[-1], b.counts[-1]))
    wide = [np.pad(m.p, ((0, 0), (int(m.counts[0]) - first, last - int(m.counts[-1])))) for m in (a, b)]
    return np.arange(first, last + 1), wide[0], wide[1]


def total_variation(a: Marginal, b: Marginal) -> Floats:
    """(T,) half the sum of |P - Q|: the largest difference that any event, any set of counts, can show."""
    _, p, q = aligned(a, b)
    return 0.5 * np.abs(p - q).sum(axis=1)


def wasserstein(a: Marginal, b: Marginal) -> Floats:
    """(T,) W1, in molecules: the sum of |F - G| over counts, the least mean distance to move one law to the other."""
    _, p, q = aligned(a, b)
    return np.abs(np.cumsum(p - q, axis=1)).sum(axis=1)


def mean_deviation(p: ArrayLike, samples: int) -> Floats:
    """E|share - p| of a share of ``samples`` independent draws, each a hit with probability p.

    2 (k+1) C(N, k+1) p^(k+1) (1-p)^(N-k) / N with k the whole part of N p: de Moivre's formula of 1730, told anew by
    P. Diaconis and S. Zabell, Statist. Sci. 6 (1991) 284.
    """
    p = np.clip(np.asarray(p, float), 0.0, 1.0)
    k = np.minimum(np.floor(samples * p), samples - 1)
    log = gammaln(samples + 1) - gammaln(k + 2) - gammaln(samples - k) + xlogy(k + 1, p) + xlog1py(samples - k, -p)
    return 2 * (k + 1) * np.exp(log) / samples


def sampling_variation(law: Marginal, samples: int) -> Floats:
    """(T,) total variation that ``samples`` exact draws of a law have from it on average."""
    return 0.5 * mean_deviation(law.p, samples).sum(axis=1)


def sampling_wasserstein(law: Marginal, samples: int) -> Floats:
    """(T,) W1 that ``samples`` exact draws of a law have from it on average."""
    return mean_deviation(np.cumsum(law.p, axis=1), samples).sum(axis=1)


def sampling_errors(law: Marginal, samples: int) -> tuple[Floats, Floats]:
    """Standard errors (T,) of the mean and of the variance of ``samples`` draws of a law, from its own moments."""
    away = law.counts - (law.p @ law.counts)[:, None]
    second, fourth = ((law.p * away**power).sum(axis=1) for power in (2, 4))
    return np.sqrt(second / samples), np.sqrt(np.maximum(fourth - second**2, 0.0) / samples)


def peaks(counts: Ints, p: Floats) -> list[int]:
    """Where a law (K,) has separate peaks: each at least 5 % of the highest, with a valley of half its height between.

    The law is first averaged over a third of its standard deviation, two counts at least: neither the noise of samples
    nor the gaps of a law that lives on even counts are peaks.
    """
    first, step = int(counts[0]), -(-counts.size // MOST_BINS)
    p = np.add.reduceat(p, np.arange(0, p.size, step))
    counts = np.arange(p.size)
    mean = p @ counts
    spread = float(np.sqrt(max(p @ (counts - mean)**2, 0.0)))
    window = min(max(2, round(spread / 3)), max(counts.size, 1))
    smooth = np.convolve(p, np.full(window, 1 / window))
    found: list[int] = []
    valley = np.inf
    for i in range(smooth.size):
        if not found or (smooth[i] > smooth[found[-1]] and valley > 0.5 * smooth[found[-1]]):
            found, valley = [*found[:-1], i], smooth[i]
        elif valley <= 0.5 * min(smooth[found[-1]], smooth[i]) and smooth[i] >= 0.05 * smooth.max():
            found, valley = [*found, i], smooth[i]
        else:
            valley = min(valley, smooth[i])
    high = [i for i in found if smooth[i] >= 0.05 * smooth.max()]
    return [first + step * max(0, i - window // 2) for i in high]
