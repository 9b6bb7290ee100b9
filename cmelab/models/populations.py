"""Populations and infections, and networks with several steady states or none."""
from __future__ import annotations

from ..network import ReactionNetwork


def immigration_birth_death(immigration: float = 2.0, birth: float = 0.5, death: float = 1.0,
                            n0: int = 0) -> ReactionNetwork:
    """A population with newcomers, births and deaths: families make its law wider than Poisson.

    ::

        0 -> X     propensity immigration    immigration : individuals / time
        X -> 2X    propensity birth n        birth, death : 1 / time
        X -> 0     propensity death n

    Closed form: `cmelab.exact.immigration_birth_death` and `cmelab.exact.immigration_birth_death_moments`, at any time
    and, for birth < death, stationary.
    """
    return ReactionNetwork.parse("0 -> X ; immigration\nX -> 2X ; birth\nX -> 0 ; death",
                                 {"immigration": immigration, "birth": birth, "death": death}, {"X": n0})


def schlogl(c1: float = 0.03, c2: float = 1e-4, c3: float = 200.0, c4: float = 3.5, n0: int = 250) -> ReactionNetwork:
    """A one-species network with two stable counts; noise carries it from one to the other.

    ::

        2X -> 3X    propensity c1 n(n-1)/2         c1, c2, c4 : 1 / time
        3X -> 2X    propensity c2 n(n-1)(n-2)/6
        0 -> X      propensity c3                  c3 : molecules / time
        X -> 0      propensity c4 n

    Closed form: `cmelab.exact.schlogl`, stationary. Constants: F. Schlogl, Z. Phys. 253 (1972) 147,
    doi:10.1007/BF01379769, in the units common in simulation.
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


def sis(r0: float = 1.5, gamma: float = 1.0, people: int = 20, infected: int = 7) -> ReactionNetwork:
    """An infection without immunity: endemic for ever in the rate equation, dead in the end by chance.

    ::

        S + I -> 2I    propensity (r0 gamma / people) n_S n_I    gamma : 1 / time
        I -> S         propensity gamma n_I

    Closed form of the mean time until nobody is infected: `cmelab.exact.sis_extinction_time`.
    """
    return ReactionNetwork.parse("S + I -> 2I ; r0*gamma/people\nI -> S ; gamma",
                                 {"r0": r0, "gamma": gamma, "people": people},
                                 {"S": people - infected, "I": infected})


def sir(r0: float = 2.0, gamma: float = 1.0, people: int = 50, infected: int = 3) -> ReactionNetwork:
    """An infection that leaves immunity: an outbreak, or a few cases and nothing.

    ::

        S + I -> 2I    propensity (r0 gamma / people) n_S n_I    gamma : 1 / time
        I -> R         propensity gamma n_I

    In a large population it ends after a few cases with the probability `cmelab.exact.outbreak_extinction`.
    """
    return ReactionNetwork.parse("S + I -> 2I ; r0*gamma/people\nI -> R ; gamma",
                                 {"r0": r0, "gamma": gamma, "people": people},
                                 {"S": people - infected, "I": infected})
