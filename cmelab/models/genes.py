"""Genes that switch, burst, and regulate themselves and each other, also with a delay."""
from __future__ import annotations

from ..network import ReactionNetwork


def telegraph(k_on: float = 0.6, k_off: float = 0.4, rho: float = 20.0, delta: float = 1.0) -> ReactionNetwork:
    """A gene that switches on and off, and makes mRNA only while it is on.

    ::

        Off -> On       propensity k_on n_Off     all constants : 1 / time
        On -> Off       propensity k_off n_On
        On -> On + M    propensity rho n_On
        M -> 0          propensity delta n_M

    Closed form: `cmelab.exact.telegraph`, stationary, and `cmelab.exact.telegraph_moments`. J. Peccoud, B. Ycart,
    Theor. Popul. Biol. 48 (1995) 222, doi:10.1006/tpbi.1995.1027.
    """
    return ReactionNetwork.parse("Off <-> On ; k_on, k_off\nOn -> On + M ; rho\nM -> 0 ; delta",
                                 {"k_on": k_on, "k_off": k_off, "rho": rho, "delta": delta}, {"Off": 1})


def two_stage(k_m: float = 1.0, gamma_m: float = 1.0, k_p: float = 10.0, gamma_p: float = 0.1) -> ReactionNetwork:
    """mRNA M made at constant rate, and protein P made from it: proteins come in bursts.

    ::

        0 -> M        propensity k_m           k_m : molecules / time
        M -> 0        propensity gamma_m n_M   the others : 1 / time
        M -> M + P    propensity k_p n_M
        P -> 0        propensity gamma_p n_P

    Stationary Fano factor of P: 1 + k_p / (gamma_m + gamma_p). Closed form: `cmelab.exact.two_stage_moments`.
    """
    return ReactionNetwork.parse("0 -> M ; k_m\nM -> 0 ; gamma_m\nM -> M + P ; k_p\nP -> 0 ; gamma_p",
                                 {"k_m": k_m, "gamma_m": gamma_m, "k_p": k_p, "gamma_p": gamma_p})


def autoregulation(beta: float = 20.0, half: float = 10.0, hill: float = 2.0, gamma: float = 1.0) -> ReactionNetwork:
    """A protein that represses its own gene.

    ::

        0 -> P    propensity beta / (1 + (n/half)^hill)    beta : molecules / time; half : molecules
        P -> 0    propensity gamma n                       gamma : 1 / time
    """
    return ReactionNetwork.parse("0 -> P ; a = beta / (1 + (P/half)^hill)\nP -> 0 ; gamma",
                                 {"beta": beta, "half": half, "hill": hill, "gamma": gamma})


def toggle_switch(beta: float = 20.0, half: float = 5.0, hill: float = 2.0, gamma: float = 1.0) -> ReactionNetwork:
    """Two proteins, each repressing the other's gene: one wins, and now and then they change places.

    ::

        0 -> U    propensity beta / (1 + (n_V/half)^hill)    beta : molecules / time; half : molecules
        0 -> V    propensity beta / (1 + (n_U/half)^hill)
        U -> 0    propensity gamma n_U                       gamma : 1 / time
        V -> 0    propensity gamma n_V

    The design: T. S. Gardner, C. R. Cantor, J. J. Collins, Nature 403 (2000) 339, doi:10.1038/35002131.
    """
    text = """
        0 -> U ; a = beta / (1 + (V/half)^hill)
        0 -> V ; a = beta / (1 + (U/half)^hill)
        U -> 0 ; gamma
        V -> 0 ; gamma
    """
    return ReactionNetwork.parse(text, {"beta": beta, "half": half, "hill": hill, "gamma": gamma})


def repressilator(beta: float = 60.0, half: float = 20.0, hill: float = 2.0, k_p: float = 5.0,
                  gamma_m: float = 1.0, gamma_p: float = 1.0) -> ReactionNetwork:
    """Three genes in a ring, each protein P repressing the next gene's mRNA M: the counts go round.

    ::

        0 -> M1         propensity beta / (1 + (n_P3/half)^hill)    beta : molecules / time; half : molecules
        M1 -> 0         propensity gamma_m n_M1                     the others : 1 / time
        M1 -> M1 + P1   propensity k_p n_M1
        P1 -> 0         propensity gamma_p n_P1

    and so on round the ring. The design: M. B. Elowitz, S. Leibler, Nature 403 (2000) 335, doi:10.1038/35002125.
    """
    lines = [f"0 -> M{i} ; a = beta / (1 + (P{(i + 1) % 3 + 1}/half)^hill)\nM{i} -> 0 ; gamma_m\n"
             f"M{i} -> M{i} + P{i} ; k_p\nP{i} -> 0 ; gamma_p" for i in (1, 2, 3)]
    return ReactionNetwork.parse("\n".join(lines), {"beta": beta, "half": half, "hill": hill, "k_p": k_p,
                                                    "gamma_m": gamma_m, "gamma_p": gamma_p}, {"M1": 20})


def delayed_production(a: float = 5.0, gamma: float = 1.0, tau: float = 3.0) -> ReactionNetwork:
    """A protein that is ready a fixed time tau after its making began.

    ::

        0 -> X    propensity a, ready tau later    a : molecules / time; tau : time
        X -> 0    propensity gamma n               gamma : 1 / time

    Closed form: `cmelab.exact.delayed_production`, Poisson of the mean `cmelab.exact.delayed_production_mean`, which is
    a/gamma (1 - exp(-gamma (t - tau))) for t > tau: a delay is not a slower rate.
    """
    return ReactionNetwork.parse(f"0 -> X ; a_in ; delay {tau!r}\nX -> 0 ; gamma", {"a_in": a, "gamma": gamma})


def delayed_autorepressor(k: float = 100.0, half: float = 20.0, hill: float = 4.0, gamma: float = 1.0,
                          tau: float = 1.0) -> ReactionNetwork:
    """A protein that represses its own gene, and is ready a fixed time tau after its making began.

    ::

        0 -> X    propensity k / (1 + (n/half)^hill), ready tau later    k : molecules / time; half : molecules
        X -> 0    propensity gamma n                                     gamma : 1 / time

    The rate equation with delay circles round beyond `cmelab.exact.critical_delay`, 0.687 for the other constants.
    """
    return ReactionNetwork.parse(f"0 -> X ; a = k / (1 + (X/half)^hill) ; delay {tau!r}\nX -> 0 ; gamma",
                                 {"k": k, "half": half, "hill": hill, "gamma": gamma})
