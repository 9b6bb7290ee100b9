"""One rate constant k in every reading: the c it stands for, the propensity, and the rate equation it belongs to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import binom

from ..rates import conversion, omega_from_litres, stochastic_constant
from .words import number

# What is written on the arrow's left side, and the multiplicities of A, B and C in it.
REACTIONS = {
    "0 → A": (),
    "A → products": (1,),
    "2A → products": (2,),
    "A + B → products": (1, 1),
    "3A → products": (3,),
    "A + B + C → products": (1, 1, 1),
}

SETS, FALLING = "c: per set of molecules", "k: a = k · n(n−1)…"
ODE, EXTENT = "k and Ω: d[A]/dt = −k[A]ᵐ", "k and Ω: d[A]/dt = −m·k[A]ᵐ"
MOLAR, MOLAR_EXTENT = "k in M and s: d[A]/dt = −k[A]ᵐ", "k in M and s: d[A]/dt = −m·k[A]ᵐ"
CONVENTIONS = (SETS, FALLING, ODE, EXTENT, MOLAR, MOLAR_EXTENT)
LITRES, VOLUMES = (MOLAR, MOLAR_EXTENT), (ODE, EXTENT, MOLAR, MOLAR_EXTENT)

CONVERT, SAME, FORGOTTEN, INVERTED = (
    "convert (right)",
    "P8: k is c",
    "P3: the volume is forgotten",
    "P3: it is inverted",
)
BELIEFS = (CONVERT, SAME, FORGOTTEN, INVERTED)

# Sizes of a molar constant that give a cell of some femtolitres a few events per second, for each order.
UNITS = ((1e-9, "nM/s"), (1.0, "1/s"), (1e6, "10⁶ M⁻¹ s⁻¹"), (1e15, "10¹⁵ M⁻² s⁻¹"))
FEMTO = 1e-15
POWERS = ("", "", "²", "³")
ORDERS = {1: "n", 2: "n(n−1)", 3: "n(n−1)(n−2)"}


@dataclass(frozen=True)
class Written:
    """A constant as written, with what it takes to read it: multiplicities m, k in 1/s, M and so on, Ω."""

    m: tuple[int, ...]
    k: float
    omega: float
    convention: str

    @classmethod
    def of(cls, values: dict[str, Any]) -> Written:
        m, convention = REACTIONS[values["reaction"]], values["convention"]
        if convention in LITRES:
            k, omega = values["k_molar"] * UNITS[sum(m)][0], omega_from_litres(values["volume"] * FEMTO)
        else:
            k, omega = values["k"], values["omega"]
        return cls(m, k, omega, convention)

    def factor(self, convention: str | None = None) -> tuple[float, int]:
        """c = factor * k * Ω**power."""
        named = _named(convention or self.convention)
        factor, power = conversion(self.m, convention=named["convention"], ode=named.get("ode", "consumption"))
        return float(factor), power

    def c(self, convention: str | None = None) -> float:
        """The stochastic constant, in 1/s."""
        named = _named(convention or self.convention)
        volume = self.omega if named["convention"] == "macroscopic" else None
        return stochastic_constant(self.k, self.m, volume=volume, **named)

    def believed(self, belief: str) -> float:
        """The c that a belief makes of k."""
        factor, power = self.factor()
        return {SAME: self.k, FORGOTTEN: factor * self.k, INVERTED: factor * self.k * self.omega**-power}.get(
            belief, self.c()
        )

    def sets(self, n: ArrayLike, others: tuple[int, ...]) -> NDArray[np.float64]:
        """Sets of molecules that can react, for these counts of A; ``others`` are the counts of B and C."""
        n = np.asarray(n, float)
        if not self.m:
            return np.ones_like(n)
        return binom(n, self.m[0]) * math.prod(others[: len(self.m) - 1])

    def equation(self, n: ArrayLike, others: tuple[int, ...]) -> NDArray[np.float64]:
        """Molecules of A lost (order 0: made) per second by the rate equation that k belongs to, without any c."""
        n = np.asarray(n, float)
        amounts = [n, *others[: max(len(self.m) - 1, 0)]][: len(self.m)]
        product = np.ones_like(n)
        volume = self.omega if self.convention in VOLUMES else 1.0
        for amount, m in zip(amounts, self.m, strict=True):
            product = product * (np.asarray(amount, float) / volume) ** m
        lost = self.m[0] if self.m else 1
        if self.convention == SETS:
            return lost * self.k * product / math.factorial(lost)
        return (1 if self.convention in (ODE, MOLAR) else lost) * self.k * product * volume

    # ---- words ----
    def law(self) -> str:
        """The rate equation, such as d[A]/dt = −k[A]²."""
        counts = self.convention not in VOLUMES
        left = "dn/dt" if counts else "d[A]/dt"
        if not self.m:
            return f"{left} = k"
        names = ("n", "n_B", "n_C") if counts else ("[A]", "[B]", "[C]")
        product = " ".join(f"{s}{POWERS[m]}" for s, m in zip(names, self.m, strict=False))
        product = product if counts else product.replace(" ", "")
        lost = self.m[0]
        front = {
            SETS: f"{lost}" if lost > 1 else "",
            FALLING: f"{lost}" if lost > 1 else "",
            EXTENT: f"{lost}",
            MOLAR_EXTENT: f"{lost}",
        }.get(self.convention, "")
        front = "" if front == "1" else front
        below = f"/{math.factorial(lost)}" if self.convention == SETS and lost > 1 else ""
        constant = "c " if self.convention == SETS else "k " if counts else "k"
        return f"{left} = −{front}{constant}{product}{below}"

    def name(self) -> str:
        """The reading in a few letters: the propensity where that defines the constant, else the rate equation."""
        if self.convention == SETS:
            return self.propensity()
        if self.convention == FALLING:
            others = "".join(f" · {name}" for name in ("n_B", "n_C")[: len(self.m) - 1])
            return f"k · {ORDERS[self.m[0]]}{others}" if self.m else "k"
        return f"ODE {self.law().split('= ')[1]}"

    def propensity(self) -> str:
        """The propensity with c, such as c · n(n−1)/2."""
        if not self.m:
            return "c"
        below = f"/{math.factorial(self.m[0])}" if self.m[0] > 1 else ""
        others = "".join(f" · {name}" for name in ("n_B", "n_C")[: len(self.m) - 1])
        return f"c · {ORDERS[self.m[0]]}{below}{others}"

    def rule(self, factor: float, power: int) -> str:
        """How c comes from k, such as 2 k/Ω."""
        front = f"{number(factor)} " if factor != 1 else ""
        size = {1: " Ω", 0: "", -1: "/Ω", -2: "/Ω²", 2: " Ω²"}[power]
        return f"{front}k{size}"


def _named(convention: str) -> dict[str, str]:
    """The names that `cmelab.rates` gives to a convention."""
    if convention in (SETS, FALLING):
        return {"convention": "combinatorial" if convention == SETS else "falling"}
    return {"convention": "macroscopic", "ode": "consumption" if convention in (ODE, MOLAR) else "extent"}
