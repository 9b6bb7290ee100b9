"""Molecules that come, go, change shape and meet: the chapter's systems."""
from __future__ import annotations

from itertools import pairwise

from ..network import ReactionNetwork


def production(k: float = 5.0, n0: int = 0) -> ReactionNetwork:
    """Molecules made at constant rate and never lost.

    ::

        0 -> M    propensity k        k : molecules / time

    Closed form: `cmelab.exact.poisson` of mean k t, shifted by n0.
    """
    return ReactionNetwork.parse("0 -> M ; k", {"k": k}, {"M": n0})


def mrna_degradation(gamma: float = 0.5, n0: int = 10) -> ReactionNetwork:
    """mRNA molecules that decay one by one and independently; zero is absorbing.

    ::

        M -> 0    propensity gamma n    gamma : 1 / time

    Closed form: `cmelab.exact.pure_death`.
    """
    return ReactionNetwork.parse("M -> 0 ; gamma", {"gamma": gamma}, {"M": n0})


def birth_death(k: float = 10.0, gamma: float = 1.0, n0: int = 0) -> ReactionNetwork:
    """mRNA made at constant rate and degraded one molecule at a time.

    ::

        0 -> M    propensity k        k : molecules / time
        M -> 0    propensity gamma n  gamma : 1 / time

    Closed form: `cmelab.exact.birth_death`; stationary law `cmelab.exact.poisson` of mean k / gamma.
    """
    return ReactionNetwork.parse("0 -> M ; k\nM -> 0 ; gamma", {"k": k, "gamma": gamma}, {"M": n0})


def receptor(k_on: float = 2.0, k_off: float = 0.5, copies: int = 1) -> ReactionNetwork:
    """A receptor that switches between an inactive shape A and an active shape B.

    ::

        A -> B    propensity k_on n_A     k_on : 1 / time
        B -> A    propensity k_off n_B    k_off : 1 / time

    Closed form: `cmelab.exact.receptor`; the total A + B is conserved.
    """
    return ReactionNetwork.parse("A <-> B ; k_on, k_off", {"k_on": k_on, "k_off": k_off}, {"A": copies})


def homodimerisation(c: float = 0.2, n0: int = 5) -> ReactionNetwork:
    """Two equal molecules meet and stay together.

    ::

        2A -> B    propensity c n(n-1)/2    c : 1 / time, k/Omega for d[A]/dt = -k[A]^2

    Closed form: `cmelab.exact.annihilation` for A, of its mean `cmelab.exact.annihilation_mean`, with c = 2k there.
    """
    return ReactionNetwork.parse("2A -> B ; c", {"c": c}, {"A": n0})


def heterodimerisation(c: float = 0.2, n_a: int = 4, n_b: int = 6) -> ReactionNetwork:
    """Two different molecules meet and become one.

    ::

        A + B -> C    propensity c n_A n_B    c : 1 / time

    Its state-change vector is (-1, -1, 1).
    """
    return ReactionNetwork.parse("A + B -> C ; c", {"c": c}, {"A": n_a, "B": n_b})


def dimerisation(bind: float = 0.1, unbind: float = 1.0, n0: int = 20) -> ReactionNetwork:
    """Two equal molecules meet, stay together for a while, and part.

    ::

        2A -> B    propensity bind n_A(n_A-1)/2    bind, unbind : 1 / time
        B -> 2A    propensity unbind n_B

    Closed form: `cmelab.exact.dimer`, stationary; A + 2B is conserved.
    """
    return ReactionNetwork.parse("2A <-> B ; bind, unbind", {"bind": bind, "unbind": unbind}, {"A": n0})


def annihilation(k: float = 0.1, n0: int = 10) -> ReactionNetwork:
    """Molecules vanish in pairs; odd and even counts never mix.

    ::

        2A -> 0    propensity k n(n-1)    k : 1 / time, half the stochastic constant: c = 2k

    Closed form: `cmelab.exact.annihilation`, of the mean `cmelab.exact.annihilation_mean`.
    """
    return ReactionNetwork.parse("2A -> 0 ; k", {"k": k}, {"A": n0}, convention="falling")


def catalysis(k: float = 0.3, n_e: int = 2, n_s: int = 8) -> ReactionNetwork:
    """An enzyme turns substrate into product and comes out unchanged.

    ::

        E + S -> E + P    propensity k n_E n_S    k : 1 / time

    The enzyme has no net change, yet without it nothing happens. Closed form: `cmelab.exact.pure_death` for S, each
    molecule being lost at rate k n_E.
    """
    return ReactionNetwork.parse("E + S -> E + P ; k", {"k": k}, {"E": n_e, "S": n_s})


def michaelis_menten(k_on: float = 0.01, k_off: float = 0.5, k_cat: float = 0.5, n_e: int = 10,
                     n_s: int = 60) -> ReactionNetwork:
    """An enzyme binds its substrate, lets go of it, or turns it into product.

    ::

        E + S -> C    propensity k_on n_E n_S    k_on : 1 / time
        C -> E + S    propensity k_off n_C
        C -> E + P    propensity k_cat n_C

    E + C and S + C + P are conserved.
    """
    return ReactionNetwork.parse("E + S <-> C ; k_on, k_off\nC -> E + P ; k_cat",
                                 {"k_on": k_on, "k_off": k_off, "k_cat": k_cat}, {"E": n_e, "S": n_s})


def three_state_cycle(forward: float = 3.0, reverse: float = 1.0, copies: int = 1) -> ReactionNetwork:
    """A molecule with three shapes that turns round more often one way than the other.

    ::

        A -> B    propensity forward n_A    forward : 1 / time
        B -> A    propensity reverse n_B    reverse : 1 / time
        B -> C    propensity forward n_B
        C -> B    propensity reverse n_C
        C -> A    propensity forward n_C
        A -> C    propensity reverse n_A

    Every shape has probability 1/3, yet a current (forward - reverse) / 3 flows: no detailed balance. Closed form:
    `cmelab.exact.monomolecular` at any time, `cmelab.exact.three_state_cycle` for current and entropy production.
    """
    text = "A <-> B ; forward, reverse\nB <-> C ; forward, reverse\nC <-> A ; forward, reverse"
    return ReactionNetwork.parse(text, {"forward": forward, "reverse": reverse}, {"A": copies})


def production_annihilation(a: float = 10.0, k: float = 1.0, n0: int = 0) -> ReactionNetwork:
    """Molecules made at constant rate that vanish in pairs.

    ::

        0 -> A     propensity a           a : molecules / time
        2A -> 0    propensity k n(n-1)    k : 1 / time

    Closed form: `cmelab.exact.production_annihilation`, stationary, and `cmelab.exact.production_annihilation_moments`.
    """
    return ReactionNetwork.parse("0 -> A ; a_in\n2A -> 0 ; k", {"a_in": a, "k": k}, {"A": n0}, convention="falling")


def linear_chain(k: float = 5.0, step: float = 2.0, length: int = 3) -> ReactionNetwork:
    """Molecules that enter at constant rate, pass through a row of species, and leave.

    ::

        0 -> X1     propensity k            k : molecules / time
        X1 -> X2    propensity step n_X1    step : 1 / time
        X2 -> X3    propensity step n_X2
        X3 -> 0     propensity step n_X3

    for a length of 3. Closed form: `cmelab.exact.linear_chain`, a product of Poisson laws.
    """
    names = ["0", *(f"X{i}" for i in range(1, length + 1)), "0"]
    lines = [f"{here} -> {then} ; {'step' if i else 'k'}" for i, (here, then) in enumerate(pairwise(names))]
    return ReactionNetwork.parse("\n".join(lines), {"k": k, "step": step})
