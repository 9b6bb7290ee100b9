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

    Every shape has probability 1/3, yet a current (forward - reverse) / 3 flows: no detailed balance.
    """
    text = "A <-> B ; forward, reverse\nB <-> C ; forward, reverse\nC <-> A ; forward, reverse"
    return ReactionNetwork.parse(text, {"forward": forward, "reverse": reverse}, {"A": copies})


def production_annihilation(a: float = 10.0, k: float = 1.0, n0: int = 0) -> ReactionNetwork:
    """Molecules made at constant rate that vanish in pairs.

    ::

        0 -> A     propensity a           a : molecules / time
        2A -> 0    propensity k n(n-1)    k : 1 / time
    """
    return ReactionNetwork.parse("0 -> A ; a_in\n2A -> 0 ; k", {"a_in": a, "k": k}, {"A": n0}, convention="falling")


def schlogl(c1: float = 0.03, c2: float = 1e-4, c3: float = 200.0, c4: float = 3.5, n0: int = 250) -> ReactionNetwork:
    """A one-species network with two stable counts; noise carries it from one to the other.

    ::

        2X -> 3X    propensity c1 n(n-1)/2         c1, c2, c4 : 1 / time
        3X -> 2X    propensity c2 n(n-1)(n-2)/6
        0 -> X      propensity c3                  c3 : molecules / time
        X -> 0      propensity c4 n

    Constants: F. Schlogl, Z. Phys. 253 (1972) 147, doi:10.1007/BF01379769, in the units common in simulation.
    """
    return ReactionNetwork.parse("2X -> 3X ; c1\n3X -> 2X ; c2\n0 -> X ; c3\nX -> 0 ; c4",
                                 {"c1": c1, "c2": c2, "c3": c3, "c4": c4}, {"X": n0})


def lotka_volterra(birth: float = 1.0, meet: float = 0.005, death: float = 0.6, n_x: int = 50,
                   n_y: int = 100) -> ReactionNetwork:
    """Prey X that breed, predators Y that live on them; by chance one of the two dies out.

    ::

        X -> 2X        propensity birth n_X       birth, meet, death : 1 / time
        X + Y -> 2Y    propensity meet n_X n_Y
        Y -> 0         propensity death n_Y
    """
    return ReactionNetwork.parse("X -> 2X ; birth\nX + Y -> 2Y ; meet\nY -> 0 ; death",
                                 {"birth": birth, "meet": meet, "death": death}, {"X": n_x, "Y": n_y})


def brusselator(a: float = 1.0, b: float = 3.0, omega: float = 50.0, n_x: int = 50, n_y: int = 150) -> ReactionNetwork:
    """Two species whose rate equations circle round for b > 1 + a^2.

    ::

        0 -> X          propensity a omega                       omega : volume
        2X + Y -> 3X    propensity n_X(n_X-1) n_Y / omega^2
        X -> Y          propensity b n_X                         b : 1 / time
        X -> 0          propensity n_X
    """
    text = "0 -> X ; a_in\n2X + Y -> 3X ; 1\nX -> Y ; b\nX -> 0 ; 1"
    return ReactionNetwork.parse(text, {"a_in": a, "b": b}, {"X": n_x, "Y": n_y}, convention="macroscopic",
                                 volume=omega, ode="extent")


def telegraph(k_on: float = 0.6, k_off: float = 0.4, rho: float = 20.0, delta: float = 1.0) -> ReactionNetwork:
    """A gene that switches on and off, and makes mRNA only while it is on.

    ::

        Off -> On       propensity k_on n_Off     all constants : 1 / time
        On -> Off       propensity k_off n_On
        On -> On + M    propensity rho n_On
        M -> 0          propensity delta n_M

    Stationary law: J. Peccoud, B. Ycart, Theor. Popul. Biol. 48 (1995) 222, doi:10.1006/tpbi.1995.1027.
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

    Stationary Fano factor of P: 1 + k_p / (gamma_m + gamma_p).
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


def sis(r0: float = 1.5, gamma: float = 1.0, people: int = 20, infected: int = 7) -> ReactionNetwork:
    """An infection without immunity: endemic for ever in the rate equation, dead in the end by chance.

    ::

        S + I -> 2I    propensity (r0 gamma / people) n_S n_I    gamma : 1 / time
        I -> S         propensity gamma n_I
    """
    return ReactionNetwork.parse("S + I -> 2I ; r0*gamma/people\nI -> S ; gamma",
                                 {"r0": r0, "gamma": gamma, "people": people},
                                 {"S": people - infected, "I": infected})


def sir(r0: float = 2.0, gamma: float = 1.0, people: int = 50, infected: int = 3) -> ReactionNetwork:
    """An infection that leaves immunity: an outbreak, or a few cases and nothing.

    ::

        S + I -> 2I    propensity (r0 gamma / people) n_S n_I    gamma : 1 / time
        I -> R         propensity gamma n_I
    """
    return ReactionNetwork.parse("S + I -> 2I ; r0*gamma/people\nI -> R ; gamma",
                                 {"r0": r0, "gamma": gamma, "people": people},
                                 {"S": people - infected, "I": infected})


def delayed_production(a: float = 5.0, gamma: float = 1.0, tau: float = 3.0) -> ReactionNetwork:
    """A protein that is ready a fixed time tau after its making began.

    ::

        0 -> X    propensity a, ready tau later    a : molecules / time; tau : time
        X -> 0    propensity gamma n               gamma : 1 / time

    Closed form: Poisson of mean a/gamma (1 - exp(-gamma (t - tau))) for t > tau: a delay is not a slower rate.
    """
    return ReactionNetwork.parse(f"0 -> X ; a_in ; delay {tau!r}\nX -> 0 ; gamma", {"a_in": a, "gamma": gamma})


def delayed_autorepressor(k: float = 100.0, half: float = 20.0, hill: float = 4.0, gamma: float = 1.0,
                          tau: float = 1.0) -> ReactionNetwork:
    """A protein that represses its own gene, and is ready a fixed time tau after its making began.

    ::

        0 -> X    propensity k / (1 + (n/half)^hill), ready tau later    k : molecules / time; half : molecules
        X -> 0    propensity gamma n                                     gamma : 1 / time

    The rate equation with delay circles round beyond tau = 0.687 (the other constants as they are here).
    """
    return ReactionNetwork.parse(f"0 -> X ; a = k / (1 + (X/half)^hill) ; delay {tau!r}\nX -> 0 ; gamma",
                                 {"k": k, "half": half, "hill": hill, "gamma": gamma})


MODELS = (production, mrna_degradation, birth_death, receptor, homodimerisation, heterodimerisation, annihilation,
          catalysis, michaelis_menten, three_state_cycle, production_annihilation, schlogl, lotka_volterra, brusselator,
          telegraph, two_stage, autoregulation, toggle_switch, repressilator, sis, sir, delayed_production,
          delayed_autorepressor)
