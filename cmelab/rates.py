"""Rate conventions: what a written rate constant k means, and the c of a = c * (number of reactant sets).

The chapter itself uses two: 2A -> B with a = (k/Omega) n(n-1)/2, and 2A -> 0 with a = k n(n-1). Both are
right; the two k differ by a factor of 2. So a network names its convention, and is converted once.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from .arguments import is_real
from .errors import NetworkError

CONVENTIONS = ("combinatorial", "falling", "macroscopic")
ODES = ("consumption", "extent")
AVOGADRO = 6.02214076e23  # 1/mol, exact since the SI of 2019


def omega_from_litres(litres: float) -> float:
    """Number of molecules at 1 M in a volume: the Omega to use with k in M^-1 s^-1.

    Parameters
    ----------
    litres : volume in litres, > 0 (an E. coli cell holds about 1e-15).

    Returns
    -------
    N_A * litres, in molecules per (mol/litre).
    """
    if not (math.isfinite(litres) and litres > 0):
        raise NetworkError(f"litres = {litres!r}; a volume must be a finite number > 0, such as 1e-15.")
    return AVOGADRO * litres


def check_convention(convention: str, volume: float | None, ode: str) -> None:
    """Refuse a convention that does not exist, or a volume that is missing, useless or not > 0."""
    if convention not in CONVENTIONS:
        raise NetworkError(f"convention={convention!r}; it must be one of {', '.join(CONVENTIONS)}.")
    if ode not in ODES:
        raise NetworkError(f"ode={ode!r}; it must be 'consumption' (d[A]/dt = -k[A]^2) or 'extent' (-2k[A]^2).")
    if convention == "macroscopic":
        if volume is None:
            raise NetworkError("convention='macroscopic' needs volume=, the Omega with concentration = n/Omega.")
        if not is_real(volume) or not 0 < volume < math.inf:
            raise NetworkError(f"volume={volume!r}; it must be a finite number > 0.")
    elif volume is not None:
        raise NetworkError(f"volume={volume!r} has no meaning with convention={convention!r}, whose constants are "
                           "already per molecule. Leave it out, or write convention='macroscopic'.")


def conversion(multiplicities: Sequence[int], *, convention: str, ode: str = "consumption",
               lost: Sequence[int] | None = None) -> tuple[Fraction, int]:
    """How c follows from k: c = factor * k * Omega**power.

    Parameters
    ----------
    multiplicities : reactant multiplicities m_s, such as (2,) for 2A -> B or (1, 1) for A + B -> C.
    convention : 'combinatorial' (k is c), 'falling' (a = k n(n-1)...), or 'macroscopic' (see ode).
    ode : for one reactant species of multiplicity m >= 2 under 'macroscopic':
        'consumption' means d[A]/dt = -k[A]^m, 'extent' means d[A]/dt = -m k[A]^m.
    lost : net loss of each reactant species; all of it when left out.

    Raises
    ------
    NetworkError : 'consumption' for a mixed or partly conserved reactant of multiplicity >= 2.
    """
    m = [int(x) for x in multiplicities]
    factorials = math.prod(math.factorial(x) for x in m)
    if convention == "combinatorial":
        return Fraction(1), 0
    if convention == "falling":
        return Fraction(factorials), 0
    power = 1 - sum(m)
    if ode == "consumption" and any(x >= 2 for x in m):
        if len(m) != 1 or (lost is not None and tuple(lost) != tuple(m)):
            raise NetworkError(
                "ode='consumption' fixes k by d[A]/dt = -k[A]^m only for one reactant species that loses all its m; "
                f"here the reactants have multiplicities {tuple(m)} and lose {tuple(lost or m)}. Write ode='extent', "
                "where k is per reaction event: c = k * prod(m!) * Omega**(1 - sum m).")
        return Fraction(factorials, m[0]), power
    return Fraction(factorials), power


def stochastic_constant(k: float, multiplicities: Sequence[int], *, convention: str,
                        volume: float | None = None, ode: str = "consumption") -> float:
    """The c of a = c * prod_s C(n_s, m_s) for a rate constant written in a named convention.

    ``stochastic_constant(0.6, (2,), convention="macroscopic", volume=3.0)`` is 0.2.

    Parameters
    ----------
    k : the rate constant as written, >= 0.
    multiplicities : reactant multiplicities; () for a zero-order reaction.
    convention, ode : as in `conversion`.
    volume : Omega, for 'macroscopic' only; `omega_from_litres` gives it for molar units.

    Notes
    -----
    Macroscopic k: c = k * prod(m!) * Omega**(1 - sum m) per reaction event (D. T. Gillespie, J. Comput. Phys.
    22 (1976) 403, doi:10.1016/0021-9991(76)90041-3); 'consumption' divides by m.
    """
    if not is_real(k) or not 0 <= k < math.inf:
        raise NetworkError(f"k = {k!r}; a rate constant must be a finite number >= 0.")
    m = tuple(multiplicities)
    if any(isinstance(x, bool) or int(x) != x or x < 1 for x in m):
        raise NetworkError(f"multiplicities = {m}; each must be a whole number >= 1, such as (2,) for 2A -> B.")
    check_convention(convention, volume, ode)
    factor, power = conversion(m, convention=convention, ode=ode)
    return float(factor) * float(k) * (1.0 if volume is None else float(volume) ** power)
