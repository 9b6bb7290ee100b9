"""Random streams: one xoshiro256++ generator per path, seeded from (seed, path) by splitmix64.

Every simulation kernel draws from here, so that all of them walk the same path for the same seed:
an event takes one ``exponential`` and then one ``uniform``; a Langevin step takes one ``normal`` per reaction.

An exponential is -log z of a uniform z, by a logarithm of our own made of + - * / alone: the same bits for one path and
for eight in step, compiled or not, on every processor, and always one draw. A normal number is a ziggurat's.

Sources: D. Blackman, S. Vigna, Scrambled linear pseudorandom number generators, ACM Trans. Math. Softw.
47 (2021) 36, doi:10.1145/3460772. G. Marsaglia, W. W. Tsang, The ziggurat method for generating random
variables, J. Stat. Softw. 5 (2000) 8, doi:10.18637/jss.v005.i08.
"""
from __future__ import annotations

import math

import numpy as np

from .jit import njit

_U = np.uint64
_S8, _S11, _S12, _S17, _S19, _S23, _S27, _S30, _S31, _S41, _S45, _S52 = (
    _U(s) for s in (8, 11, 12, 17, 19, 23, 27, 30, 31, 41, 45, 52))
_BYTE, _ONE = _U(255), _U(1)
_GOLDEN, _MIX1, _MIX2 = _U(0x9E3779B97F4A7C15), _U(0xBF58476D1CE4E5B9), _U(0x94D049BB133111EB)
_PATH_STEP, _PATH_SHIFT = _U(0xD1342543DE82EF95), _U(0x632BE59BD9B4E019)
_TWO52, _TWO53 = 2.0**-52, 2.0**-53
# The bits of a float: its fraction, sqrt(1/2), and what moves the exponent's step from powers of 2 to those / sqrt(2).
FRACTION, ROOT_HALF = _U(2**52 - 1), _U(0x3FE6A09E667F3BCD)
TO_ROOT_HALF = _U(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)
# log 2 in two parts, the first of which times any exponent is exact, and a minimax polynomial of
# (log(1 + f) - 2s) / s with s = f / (2 + f) in powers of s^2, right to 2^-58 for |s| < 0.1716.
LOG2, LOG2_REST = 6.93147180369123816490e-01, 1.90821492927058770002e-10
L1, L2, L3, L4 = 6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01
L5, L6, L7 = 1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860510658591e-01
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
def advance(a, b, c, d):
    """The state of a stream after one step, and 64 random bits: for loops that keep the state in registers."""
    s = a + d
    bits = ((s << _S23) | (s >> _S41)) + a
    t = b << _S17
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = (d << _S45) | (d >> _S19)
    return a, b, c, d, bits


@njit
def next_bits(rng):
    """64 random bits; advances rng (4,)."""
    rng[0], rng[1], rng[2], rng[3], bits = advance(rng[0], rng[1], rng[2], rng[3])
    return bits


@njit
def as_uniform(bits):
    """A float in [0, 1) from the 52 high bits."""
    return float(np.int64(bits >> _S12)) * _TWO52


@njit
def as_exponential(bits):
    """An exponential waiting time of mean 1, -log z for z in the middle of one of 2^52 equal parts of (0, 1).

    With z = 2^k (1 + f), 1 + f between sqrt(1/2) and sqrt(2): log z = k log 2 + f - (f^2/2 - s (f^2/2 + P(s^2))).
    """
    z = float(np.int64(bits >> _S12)) * _TWO52 + _TWO53
    parts = np.float64(z).view(np.uint64) + TO_ROOT_HALF
    k = float(np.int64(parts >> _S52) - 1023)
    f = np.uint64((parts & FRACTION) + ROOT_HALF).view(np.float64) - 1.0
    s = f / (2.0 + f)
    w = s * s
    ww = w * w
    even = ww * (L2 + ww * (L4 + ww * L6))
    odd = w * (L1 + ww * (L3 + ww * (L5 + ww * L7)))
    half = 0.5 * f * f
    return ((half - (s * (half + (even + odd)) + k * LOG2_REST)) - f) - k * LOG2


@njit
def uniform(rng):
    """A float in [0, 1) with 52 random bits."""
    return as_uniform(next_bits(rng))


@njit
def exponential(rng):
    """An exponential waiting time of mean 1."""
    return as_exponential(next_bits(rng))


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
