"""The solution in time against closed laws of at least 30 digits: each entry a lower bound, the error within lost."""
from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from typing import Any

import mpmath as mp
import numpy as np
import pytest

from cmelab import ReactionNetwork, models, solve
from cmelab.master_equation import Distribution

DIGITS = 40
State = tuple[int, ...]
Law = Callable[[float], Mapping[State, mp.mpf]]


def multinomial(n0: int, shares: list[mp.mpf]) -> dict[State, mp.mpf]:
    """Counts of n0 molecules in each of these places; the rest of them has gone."""
    law, rest = {}, 1 - mp.fsum(shares)
    for n in itertools.product(range(n0 + 1), repeat=len(shares)):
        gone = n0 - sum(n)
        if gone >= 0:
            ways = mp.factorial(n0) / mp.factorial(gone) / mp.fprod(map(mp.factorial, n))
            law[n] = ways * mp.fprod(share**k for share, k in zip(shares, n, strict=True)) * rest**gone
    return law


def poisson(mean: mp.mpf, most: int) -> list[mp.mpf]:
    return [mp.exp(-mean) * mean**k / mp.factorial(k) for k in range(most + 1)]


def convolved(one: Mapping[State, mp.mpf], other: Mapping[State, mp.mpf]) -> dict[State, mp.mpf]:
    law: dict[State, mp.mpf] = {}
    for (a, p), (b, q) in itertools.product(one.items(), other.items()):
        n = tuple(x + y for x, y in zip(a, b, strict=True))
        law[n] = law.get(n, mp.mpf(0)) + p * q
    return law


def monomolecular(rates: list[list[float]], inflow: list[float], n0: list[int], most: int) -> Law:
    """Multinomials of the first molecules and Poisson newcomers: T. Jahnke, W. Huisinga, J. Math. Biol. 54 (2007) 1."""
    a, b, size = mp.matrix(rates), mp.matrix(inflow), len(n0)
    whole = mp.matrix(size + 1)
    for i, j in itertools.product(range(size), repeat=2):
        whole[i, j] = a[i, j]
    for i in range(size):
        whole[i, size] = b[i]

    def law(t: float) -> dict[State, mp.mpf]:
        moved = mp.expm(whole * mp.mpf(t))
        means = [poisson(moved[i, size], most if inflow != [0] * size else 0) for i in range(size)]
        found = {n: mp.fprod(p[k] for p, k in zip(means, n, strict=True))
                 for n in itertools.product(*(range(len(p)) for p in means))}
        for j in range(size):
            if n0[j]:
                found = convolved(found, multinomial(n0[j], [moved[i, j] for i in range(size)]))
        return found

    return law


def ladder(rates: list[mp.mpf], states: list[State]) -> Law:
    """P on a chain that only goes down, from its first state: partial fractions of distinct rates (Bateman)."""
    def law(t: float) -> dict[State, mp.mpf]:
        found = {}
        for k, state in enumerate(states):
            terms = [mp.exp(-rates[j] * mp.mpf(t)) / mp.fprod(rates[i] - rates[j] for i in range(k + 1) if i != j)
                     for j in range(k + 1)]
            found[state] = mp.fprod(rates[:k]) * mp.fsum(terms)
        return found

    return law


def telegraph(k_on: float, k_off: float, rho: float, most: int) -> Law:
    """Taylor coefficients of the generating functions of the off and the on state (decay of mRNA at rate 1).

    Along z - 1 = (z0 - 1) exp(t) they solve Kummer's equation x G'' + (1 + k_on + k_off - x) G' = k_on G in
    x = rho (z - 1), with x G' + k_on G = k_off times that of the on state.
    """
    def law(t: float) -> dict[State, mp.mpf]:
        a, b, count = mp.mpf(k_on), 1 + mp.mpf(k_on) + mp.mpf(k_off), most + 1
        roots = [mp.expjpi(mp.mpf(2 * k) / count) for k in range(count)]

        def pair(x: Any) -> list[tuple[mp.mpc, mp.mpc]]:
            """(G, x G') of two solutions."""
            other = x**(1 - b)
            return [(mp.hyp1f1(a, b, x), x * a / b * mp.hyp1f1(a + 1, b + 1, x)),
                    (other * mp.hyp1f1(a - b + 1, 2 - b, x),
                     other * ((1 - b) * mp.hyp1f1(a - b + 1, 2 - b, x)
                              + x * (a - b + 1) / (2 - b) * mp.hyp1f1(a - b + 2, 3 - b, x)))]

        off, on = [], []
        for z in roots:
            if abs(z - 1) < mp.mpf(10)**-30:
                decay = mp.exp(-(a + k_off) * t)
                off.append((k_off + a * decay) / (a + k_off))
                on.append(1 - off[-1])
                continue
            x = rho * (z - 1)
            (f, df), (g, dg) = pair(x * mp.exp(-mp.mpf(t)))
            # At t = 0 the gene is off: G = 1 and x G' = -k_on.
            c, d = (dg + a * g) / (f * dg - g * df), (-a * f - df) / (f * dg - g * df)
            (f, df), (g, dg) = pair(x)
            off.append(c * f + d * g)
            on.append((c * df + d * dg + a * off[-1]) / k_off)
        found = {}
        for n in range(count):
            turn = [roots[-k * n % count] for k in range(count)]
            found[1, 0, n] = mp.re(mp.fdot(off, turn)) / count
            found[0, 1, n] = mp.re(mp.fdot(on, turn)) / count
        return found

    return law


def reversible_dimer(c: float, back: float, n0: int) -> Law:
    """No closed law is known: the matrix exponential to 40 digits, by mpmath, of the rates written down here."""
    size = n0 // 2 + 1
    a = mp.matrix(size)
    for b in range(size):
        for to, rate in ((b + 1, c * (n0 - 2 * b) * (n0 - 2 * b - 1) / 2), (b - 1, back * b)):
            if 0 <= to < size:
                a[to, b] += rate
                a[b, b] -= rate

    def law(t: float) -> dict[State, mp.mpf]:
        moved = mp.expm(a * mp.mpf(t))
        return {(n0 - 2 * b, b): moved[b, 0] for b in range(size)}

    return law


def pairs(k: float, n0: int) -> tuple[list[mp.mpf], list[int]]:
    """Rates k n(n-1) of 2A -> ..., and the counts of A, from n0 downward."""
    counts = list(range(n0, -1, -2))
    return [mp.mpf(k) * n * (n - 1) for n in counts], counts


def cases() -> dict[str, tuple[ReactionNetwork, Law, float]]:
    """Network, law, and the latest time at which the law is worked out."""
    with mp.workdps(DIGITS):
        chain = ReactionNetwork.parse("0 -> A ; 4\nA -> B ; 1\nB -> C ; 2\nC -> 0 ; 0.5")
        exchange = ReactionNetwork.parse("0 -> A ; 2\nA <-> B ; 1, 0.5\nB -> 0 ; 0.75", initial={"A": 3, "B": 2})
        down, counts = pairs(0.125, 12)
        odd, odd_counts = pairs(0.125, 9)
        return {
            "birth-death": (models.birth_death(10, 1, 5), monomolecular([[-1]], [10], [5], 60), 50.0),
            "pure death": (models.mrna_degradation(0.5, 12), monomolecular([[-0.5]], [0], [12], 0), 50.0),
            "receptor": (models.receptor(2, 0.5, 9), monomolecular([[-2, 0.5], [2, -0.5]], [0, 0], [9, 0], 0), 50.0),
            "linear chain": (chain, monomolecular([[-1, 0, 0], [1, -2, 0], [0, 2, -0.5]], [4, 0, 0], [0, 0, 0], 36),
                             2.0),
            "Jahnke-Huisinga": (exchange, monomolecular([[-1, 0.5], [1, -1.25]], [2, 0], [3, 2], 40), 30.0),
            "telegraph": (models.telegraph(0.6, 0.3, 20, 1), telegraph(0.6, 0.3, 20, 95), 12.0),
            "dimer": (models.homodimerisation(0.25, 12), ladder(down, [(n, (12 - n) // 2) for n in counts]), 9.0),
            "reversible dimer": (ReactionNetwork.parse("2A <-> B ; 0.25, 0.5", initial={"A": 24}),
                                 reversible_dimer(0.25, 0.5, 24), 9.0),
            "annihilation": (models.annihilation(0.125, 9), ladder(odd, [(n,) for n in odd_counts]), 9.0),
        }


CASES = cases()


def check(solution: Distribution, row: int, law: Mapping[State, mp.mpf], rounding: float = 1e-12) -> None:
    """Every P a lower bound, and the total error, states not kept included, within what is lost."""
    true = np.array([float(law.get(tuple(n), 0)) for n in solution.states.tolist()])
    p = solution.p[row]
    assert (p >= 0).all()
    assert (p <= true + 1e-14).all()
    left_out = float(1 - mp.fsum(law.get(tuple(n), 0) for n in solution.states.tolist()))
    assert np.abs(true - p).sum() + left_out <= solution.lost[row] + rounding
    assert solution.lost[row] == pytest.approx(max(0.0, 1 - math.fsum(p)), abs=1e-15)


@pytest.mark.parametrize("tol", [1e-4, 1e-10])
@pytest.mark.parametrize("name", CASES)
def test_error_is_within_what_is_lost_and_that_within_tol(name, tol):
    net, law, late = CASES[name]
    times = [0.0, 0.01, 0.7, late]
    solution = solve(net, times, tol=tol)
    assert (solution.lost <= tol).all()
    assert solution.method == "uniformisation"
    with mp.workdps(DIGITS):
        start = {tuple(net.initial.tolist()): mp.mpf(1)}
        for row, t in enumerate(times):
            check(solution, row, law(t) if t else start)


def test_the_laws_are_right_to_thirty_digits():
    """The oracles themselves: they sum to one, and the telegraph's means are those of its linear equations."""
    with mp.workdps(DIGITS):
        for name, (_, law, _) in CASES.items():
            assert abs(mp.fsum(law(0.7).values()) - 1) < mp.mpf(10)**-25, name
        t, on, off = mp.mpf(1), mp.mpf(0.6), mp.mpf(0.3)
        found = CASES["telegraph"][1](1.0)
        mean = 20 * on / (on + off) * ((1 - mp.exp(-t)) - (mp.exp(-(on + off) * t) - mp.exp(-t)) / (1 - on - off))
        assert abs(mp.fsum(n[2] * p for n, p in found.items()) - mean) < mp.mpf(10)**-25


@pytest.mark.parametrize(("bounds", "t"), [(14, 0.5), (14, 5.0), (22, 5.0)])
def test_what_leaves_the_bounds_never_comes_back_into_the_numbers(bounds, t):
    """Birth-death cut at its bounds: still lower bounds, and the error still within what is lost."""
    net, law, _ = CASES["birth-death"]
    solution = solve(net, t, bounds=bounds)
    assert solution.lost[0] > 1e-5
    with mp.workdps(DIGITS):
        check(solution, 0, law(t))


def test_a_plane_is_cut_at_two_edges():
    net, law, _ = CASES["Jahnke-Huisinga"]
    solution = solve(net, 2.0, bounds={"A": 7, "B": 6})
    assert solution.lost[0] > 1e-3
    with mp.workdps(DIGITS):
        check(solution, 0, law(2.0))


def test_many_steps_keep_the_error_within_what_is_lost():
    """A million expected jumps of a network at rest: rounding must neither make nor lose probability unseen."""
    with mp.workdps(DIGITS):
        solution = solve(models.birth_death(16, 1), 8e3, progress=False)
        check(solution, 0, {(n,): p for n, p in enumerate(poisson(mp.mpf(16), 90))})
        stiff = solve(models.receptor(2000.0, 3000.0, 4), 50.0, progress=False)
        check(stiff, 0, {(4 - b, b): mp.binomial(4, b) * mp.mpf(0.4)**b * mp.mpf(0.6)**(4 - b) for b in range(5)})
        assert solution.lost[0] < 1e-10 and stiff.lost[0] < 1e-10
