"""Closures: what the moments above an order are taken to be, so that the moment equations can be followed."""
from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from .polynomials import Exponents

_SCHNOERR = "D. Schnoerr, G. Sanguinetti, R. Grima, J. Chem. Phys. 143 (2015) 185101, doi:10.1063/1.4934990"
_LAKATOS = "E. Lakatos, A. Ale, P. D. W. Kirk, M. P. H. Stumpf, J. Chem. Phys. 143 (2015) 094107, doi:10.1063/1.4929837"
_SINGH = "A. Singh, J. P. Hespanha, IEEE Trans. Autom. Control 56 (2011) 414, doi:10.1109/TAC.2010.2088631"
_SOLTANI = ("M. Soltani, C. A. Vargas-Garcia, A. Singh, IEEE Trans. Biomed. Circuits Syst. 9 (2015) 518, "
            "doi:10.1109/TBCAS.2015.2453158")


class Known:
    """Means, central moments up to ``order`` and what follows from them at one moment in time.

    mean : the S means; central : {exponents: <(n - mean)^exponents>} for total powers 2 to ``order``
    """

    def __init__(self, order: int, mean: list[float], central: dict[Exponents, float]):
        self.order, self.mean, self.given = order, mean, central
        self.cumulants: dict[Exponents, float] = {}
        self.higher: dict[Exponents, float] = {}

    def central(self, e: Exponents) -> float:
        """A central moment up to ``order``."""
        total = sum(e)
        return 1.0 if total == 0 else 0.0 if total == 1 else self.given[e]

    def raw(self, e: Exponents) -> float:
        """A raw moment up to ``order``."""
        return sum(weight * self.central(inner) * power(self.mean, outer) for weight, inner, outer in subsets(e))

    def cumulant(self, e: Exponents) -> float:
        """A joint cumulant of total power 2 to ``order``."""
        if e not in self.cumulants:
            self.cumulants[e] = self.central(e) - sum(weight * self.cumulant(k) * self.central(m)
                                                      for weight, k, m in _splits(e) if k != e)
        return self.cumulants[e]

    def from_cumulants(self, e: Exponents, rule: Callable[[Exponents, Known], float]) -> float:
        """A central moment above ``order``, with the cumulants above ``order`` given by a rule."""
        if sum(e) <= self.order:
            return self.central(e)
        if e not in self.higher:
            self.higher[e] = sum(
                weight * (self.cumulant(k) if sum(k) <= self.order else rule(k, self)) * self.from_cumulants(m, rule)
                for weight, k, m in _splits(e))
        return self.higher[e]

    def from_raw(self, e: Exponents, rule: Callable[[Exponents, Known], float]) -> float:
        """A central moment above ``order``, with the raw moments above ``order`` given by a rule."""
        return sum(weight * (self.raw(inner) if sum(inner) <= self.order else rule(inner, self))
                   * power(self.mean, outer) * (-1)**sum(outer) for weight, inner, outer in subsets(e))


def power(base: list[float], e: Exponents) -> float:
    return math.prod(x**k for x, k in zip(base, e, strict=True) if k)


@lru_cache(maxsize=4096)
def subsets(e: Exponents) -> tuple[tuple[int, Exponents, Exponents], ...]:
    """(binomial, part, rest) for every part <= e."""
    return tuple((math.prod(map(math.comb, e, part)), part, tuple(x - y for x, y in zip(e, part, strict=True)))
                 for part in product(*(range(k + 1) for k in e)))


@lru_cache(maxsize=4096)
def _splits(e: Exponents) -> tuple[tuple[int, Exponents, Exponents], ...]:
    """(weight, k, m) of the recursion moment(e) = sum weight * cumulant(k) * moment(m) around the mean.

    One molecule is singled out, k is the group it belongs to: P. J. Smith, Am. Stat. 49 (1995) 217,
    doi:10.2307/2684642. Groups and rests of one molecule are left out, their means being zero.
    """
    first = next(i for i, k in enumerate(e) if k)
    rest = tuple(k - (i == first) for i, k in enumerate(e))
    return tuple((weight, tuple(k + (i == first) for i, k in enumerate(part)), other)
                 for weight, part, other in subsets(rest) if sum(part) > 0 and sum(other) != 1)


@dataclass(frozen=True)
class Closure:
    """One way to guess the moments above an order.

    says : the assumption in one sentence; source : where it comes from
    least : the lowest order it makes sense for, and the default; most : the highest, or None
    higher : (exponents, Known) -> central moment above the order
    """

    name: str
    says: str
    source: str
    higher: Callable[[Exponents, Known], float]
    least: int = 2
    most: int | None = None


def _zero(e: Exponents, known: Known) -> float:
    return 0.0


def _normal(e: Exponents, known: Known) -> float:
    return known.from_cumulants(e, _zero)


def _poisson_cumulant(e: Exponents, known: Known) -> float:
    present = [i for i, k in enumerate(e) if k]
    return known.mean[present[0]] if len(present) == 1 else 0.0


def _poisson(e: Exponents, known: Known) -> float:
    return known.from_cumulants(e, _poisson_cumulant)


def _gamma_cumulant(e: Exponents, known: Known) -> float:
    """(|e| - 1)! C_ij b_i^(e_i - 1) b_j^(e_j - 1) with scale b = variance / mean; 0 for three species or more."""
    size, present = len(e), [i for i, k in enumerate(e) if k]
    if len(present) > 2:
        return 0.0
    i, j = present[0], present[-1]
    pair = tuple((s == i) + (s == j) for s in range(size))
    value = math.factorial(sum(e) - 1) * known.central(pair)
    for s, taken in ((i, 2),) if i == j else ((i, 1), (j, 1)):
        variance = known.central(tuple(2 * (t == s) for t in range(size)))
        if e[s] > taken:
            value *= (variance / known.mean[s] if known.mean[s] else 0.0)**(e[s] - taken)
    return value


def _gamma(e: Exponents, known: Known) -> float:
    return known.from_cumulants(e, _gamma_cumulant)


def _log_normal_raw(e: Exponents, known: Known) -> float:
    """prod m_i^e_i prod_i (1 + C_ii/m_i^2)^(e_i(e_i-1)/2) prod_(i<j) (1 + C_ij/(m_i m_j))^(e_i e_j)."""
    present, mean = [i for i, k in enumerate(e) if k], known.mean
    if any(mean[i] == 0.0 for i in present):
        return 0.0  # a count that is never negative and has mean 0 is 0
    value = power(mean, e)
    for i in present:
        for j in present:
            times = e[i] * (e[i] - 1) // 2 if i == j else e[i] * e[j] if i < j else 0
            if times:
                pair = tuple((s == i) + (s == j) for s in range(len(e)))
                value *= (1.0 + known.central(pair) / (mean[i] * mean[j]))**times
    return value


def _log_normal(e: Exponents, known: Known) -> float:
    return known.from_raw(e, _log_normal_raw)


@lru_cache(maxsize=4096)
def matching_powers(e: Exponents, order: int) -> tuple[tuple[Exponents, int], ...]:
    """The powers g_p of <n^e> = prod_p <n^p>^g_p that keep the derivatives at a state known exactly.

    They solve C(e, s) = sum_p g_p C(p, s) for all s of total power 1 to ``order``, with C(p, s) the product of
    binomials: triangular, from the highest p down.
    """
    powers: dict[Exponents, int] = {}
    for s in sorted((s for s in product(*(range(k + 1) for k in e)) if 0 < sum(s) <= order), key=sum, reverse=True):
        powers[s] = math.prod(map(math.comb, e, s)) - sum(g * math.prod(map(math.comb, p, s)) for p, g in
                                                          powers.items())
    return tuple((p, g) for p, g in powers.items() if g)


def _matching_raw(e: Exponents, known: Known) -> float:
    if any(k and known.mean[i] == 0.0 for i, k in enumerate(e)):
        return 0.0
    return math.prod(known.raw(p)**g for p, g in matching_powers(e, known.order))


def _derivative_matching(e: Exponents, known: Known) -> float:
    return known.from_raw(e, _matching_raw)


CLOSURES = (
    Closure("mean field", "every mean of a product is the product of the means; no fluctuations", _SCHNOERR, _zero,
            least=1, most=1),
    Closure("zero", "central moments above the order are zero", _SCHNOERR, _zero),
    Closure("normal", "cumulants above the order are zero, as for a normal law", _SCHNOERR, _normal),
    Closure("poisson", "cumulants above the order are those of independent Poisson laws", _SCHNOERR, _poisson),
    Closure("log-normal", "raw moments above the order are those of the log-normal law with the same means and "
            "covariances", _SCHNOERR, _log_normal),
    Closure("gamma", "cumulants above the order are those of a gamma law with shared parts, of the same means and "
            "covariances", _LAKATOS, _gamma),
    Closure("derivative matching", "raw moments above the order are products of powers of lower ones that match the "
            "derivatives at a state known exactly", _SINGH, _derivative_matching),
    Closure("conditional", "in each position of a switch, the other counts have no cumulants above the order",
            _SOLTANI, _normal),
)
