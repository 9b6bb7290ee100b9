"""Ready networks of the chapter and the course, one function each; each says what its constants mean."""
from __future__ import annotations

from .network import ReactionNetwork


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

    Closed form: `cmelab.exact.birth_death`; stationary law Poisson(k / gamma).
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

    Closed form of the mean: `cmelab.exact.annihilation_mean`, with c = 2k there.
    """
    return ReactionNetwork.parse("2A -> B ; c", {"c": c}, {"A": n0})


def heterodimerisation(c: float = 0.2, n_a: int = 4, n_b: int = 6) -> ReactionNetwork:
    """Two different molecules meet and become one.

    ::

        A + B -> C    propensity c n_A n_B    c : 1 / time

    Its state-change vector is (-1, -1, 1).
    """
    return ReactionNetwork.parse("A + B -> C ; c", {"c": c}, {"A": n_a, "B": n_b})


def annihilation(k: float = 0.1, n0: int = 10) -> ReactionNetwork:
    """Molecules vanish in pairs; odd and even counts never mix.

    ::

        2A -> 0    propensity k n(n-1)    k : 1 / time, half the stochastic constant: c = 2k

    Closed form of the mean: `cmelab.exact.annihilation_mean`.
    """
    return ReactionNetwork.parse("2A -> 0 ; k", {"k": k}, {"A": n0}, convention="falling")


def catalysis(k: float = 0.3, n_e: int = 2, n_s: int = 8) -> ReactionNetwork:
    """An enzyme turns substrate into product and comes out unchanged.

    ::

        E + S -> E + P    propensity k n_E n_S    k : 1 / time

    The enzyme has no net change, yet without it nothing happens.
    """
    return ReactionNetwork.parse("E + S -> E + P ; k", {"k": k}, {"E": n_e, "S": n_s})


MODELS = (production, mrna_degradation, birth_death, receptor, homodimerisation, heterodimerisation, annihilation,
          catalysis)
