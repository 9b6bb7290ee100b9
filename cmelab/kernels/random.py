"""Random streams: one xoshiro256++ generator per path, seeded from (seed, path) by splitmix64.

Every simulation kernel draws from here, so that all of them walk the same path for the same seed:
an event takes one ``exponential`` and then one ``uniform``; a Langevin step takes one ``normal`` per reaction.

Sources: D. Blackman, S. Vigna, Scrambled linear pseudorandom number generators, ACM Trans. Math. Softw.
47 (2021) 36, doi:10.1145/3460772. G. Marsaglia, W. W. Tsang, The ziggurat method for generating random
variables, J. Stat. Softw. 5 (2000) 8, doi:10.18637/jss.v005.i08.
"""
from __future__ import annotations

import math

import numpy as np

from .jit import njit

_U = np.uint64
_S3, _S8, _S11, _S17, _S19, _S23, _S27, _S30, _S31, _S41, _S45 = (
    _U(s) for s in (3, 8, 11, 17, 19, 23, 27, 30, 31, 41, 45))
_BYTE, _ONE = _U(255), _U(1)
_GOLDEN, _MIX1, _MIX2 = _U(0x9E3779B97F4A7C15), _U(0xBF58476D1CE4E5B9), _U(0x94D049BB133111EB)
_PATH_STEP, _PATH_SHIFT = _U(0xD1342543DE82EF95), _U(0x632BE59BD9B4E019)
_TWO53 = 2.0**-53
_TAIL = 7.69711747013104972  # where the ziggurat's 256 layers of equal area give way to the tail


def _ziggurat_tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Layer widths, heights of exp(-x) and sure-accept limits for 256 layers of equal area."""
    area, two53 = 3.949659822581572e-3, 2.0**53
    width, height, accept = np.zeros(256), np.zeros(256), np.zeros(256, np.uint64)
    x = outer = _TAIL
    base = area / math.exp(-x)
    accept[0] = int(x / base * two53)
    width[0], width[255], height[0], height[255] = base / two53, x / two53, 1.0, math.exp(-x)
    for i in range(254, 0, -1):
        x = -math.log(area / x + math.exp(-x))
        accept[i + 1] = int(x / outer * two53)
        outer, height[i], width[i] = x, math.exp(-x), x / two53
    return width, height, accept


_WIDTH, _HEIGHT, _ACCEPT = _ziggurat_tables()
_NORMAL_TAIL = 3.6541528853610088  # the same for the normal density


def _normal_tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Layer widths, heights of exp(-x^2/2) and sure-accept limits for 256 layers of equal area."""
    x = outer = _NORMAL_TAIL
    edge, two53 = math.exp(-x * x / 2), 2.0**53
    area = x * edge + math.sqrt(math.pi / 2) * math.erfc(x / math.sqrt(2))
    width, height, accept = np.zeros(256), np.zeros(256), np.zeros(256, np.uint64)
    accept[0] = int(x * edge / area * two53)
    width[0], width[255], height[0], height[255] = area / edge / two53, x / two53, 1.0, edge
    for i in range(254, 0, -1):
        x = math.sqrt(-2.0 * math.log(area / x + math.exp(-x * x / 2)))
        accept[i + 1] = int(x / outer * two53)
        outer, height[i], width[i] = x, math.exp(-x * x / 2), x / two53
    return width, height, accept


_NORMAL_WIDTH, _NORMAL_HEIGHT, _NORMAL_ACCEPT = _normal_tables()


@njit
def seed_stream(seed, index, rng):
    """Start path ``index`` of ``seed``: fills rng (4,) uint64."""
    x = seed ^ (index * _PATH_STEP + _PATH_SHIFT)
    for i in range(4):
        x = x + _GOLDEN
        z = (x ^ (x >> _S30)) * _MIX1
        z = (z ^ (z >> _S27)) * _MIX2
        rng[i] = z ^ (z >> _S31)


@njit
def next_bits(rng):
    """64 random bits; advances rng (4,)."""
    a, b, c, d = rng[0], rng[1], rng[2], rng[3]
    s = a + d
    bits = ((s << _S23) | (s >> _S41)) + a
    t = b << _S17
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = (d << _S45) | (d >> _S19)
    rng[0], rng[1], rng[2], rng[3] = a, b, c, d
    return bits


@njit
def uniform(rng):
    """A float in [0, 1) with 53 random bits."""
    return float(np.int64(next_bits(rng) >> _S11)) * _TWO53


@njit
def exponential(rng):
    """An exponential waiting time of mean 1."""
    while True:
        bits = next_bits(rng) >> _S3
        layer = np.int64(bits & _BYTE)
        bits = bits >> _S8
        x = float(np.int64(bits)) * _WIDTH[layer]
        if bits < _ACCEPT[layer]:
            return x
        if layer == 0:
            return _TAIL - math.log1p(-uniform(rng))
        y = (_HEIGHT[layer - 1] - _HEIGHT[layer]) * uniform(rng) + _HEIGHT[layer]
        if y < math.exp(-x):
            return x


@njit
def normal(rng):
    """A standard normal number: the ziggurat, sign and layer from the low bits, the rest from the 53 high ones.

    Beyond the last layer, r plus an exponential of rate r is kept with the probability that is left of the density.
    """
    while True:
        bits = next_bits(rng)
        layer = np.int64(bits & _BYTE)
        sign = 1.0 - 2.0 * float(np.int64((bits >> _S8) & _ONE))
        bits = bits >> _S11
        x = float(np.int64(bits)) * _NORMAL_WIDTH[layer]
        if bits < _NORMAL_ACCEPT[layer]:
            return sign * x
        if layer == 0:
            while True:
                beyond = exponential(rng) / _NORMAL_TAIL
                if 2.0 * exponential(rng) > beyond * beyond:
                    return sign * (_NORMAL_TAIL + beyond)
        y = (_NORMAL_HEIGHT[layer - 1] - _NORMAL_HEIGHT[layer]) * uniform(rng) + _NORMAL_HEIGHT[layer]
        if y < math.exp(-x * x / 2.0):
            return sign * x


@njit
def log_factorial(k):
    """log k! for a float k >= 0: Stirling's series from k = 10 on, products below; right to 1e-10."""
    if k < 10.0:
        product = 1.0
        for i in range(2, int(k) + 1):
            product *= float(i)
        return math.log(product)
    k2 = k * k
    series = (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * k2)) / k2) / k
    return (k + 0.5) * math.log(k) - k + 0.9189385332046727 + series


@njit
def poisson(mean, rng):
    """A Poisson number as a float; by summing the law below mean 10, by transformed rejection (PTRS) from there on.

    Source: W. Hormann, Insur. Math. Econ. 12 (1993) 39, doi:10.1016/0167-6687(93)90997-4.
    """
    if mean < 10.0:
        share, weight, k = uniform(rng), math.exp(-mean), 0.0
        while share >= weight and k < 200.0:
            share -= weight
            k += 1.0
            weight *= mean / k
        return k
    log_mean, root = math.log(mean), math.sqrt(mean)
    b = 0.931 + 2.53 * root
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    sure = 0.9277 - 3.6224 / (b - 2.0)
    while True:
        u, v = uniform(rng) - 0.5, uniform(rng)
        us = 0.5 - abs(u)
        if us == 0.0:
            continue
        k = math.floor((2.0 * a / us + b) * u + mean + 0.43)
        if us >= 0.07 and v <= sure:
            return k
        if k < 0.0 or (us < 0.013 and v > us):
            continue
        if math.log(v * inverse_alpha / (a / (us * us) + b)) <= k * log_mean - mean - log_factorial(k):
            return k


@njit
def draw_events(rng, out):
    """The draws of successive events of one path: out (E, 2), an exponential of mean 1 and then a uniform number."""
    for event in range(out.shape[0]):
        out[event, 0] = exponential(rng)
        out[event, 1] = uniform(rng)
