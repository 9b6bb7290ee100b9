"""Moment equations against the generator itself, in exact integers and rationals."""
from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import comb, prod

import pytest

from cmelab import NetworkError, ReactionNetwork, models
from cmelab.moments import KINDS, MomentEquations, moment_equations, powers_up_to

NAMED = {"k": Fraction(3, 5), "q": Fraction(2), "K": Fraction(7), "omega": Fraction(4)}


def constant(tree) -> Fraction:
    """The exact value of a constant of the tests' networks, read off its expression here."""
    if tree[0] == "omega":
        return NAMED["omega"]
    if tree[0] == "name":
        return NAMED[tree[1]]
    if tree[0] == "number":
        return Fraction(repr(tree[1]))
    x, y = map(constant, tree[1:])
    return {"+": x + y, "*": x * y, "/": x / y}[tree[0]]


def value(terms, moment: Callable[[tuple[int, ...]], Fraction]) -> Fraction:
    """The right-hand side with exact constants, for given moments."""
    return sum((c * prod(constant(s)**p for s, p in symbols) * prod(map(moment, factors))
                for (symbols, factors), c in terms.items()), Fraction(0))


# (text, options, propensities written out by hand, jumps): every order, catalysis, a null reaction, Omega, custom laws.
HAND = {
    "order 0 and 1": ("0 -> A ; 3\nA -> 0 ; 0.7", {}, lambda a: [3, Fraction(7, 10) * a], [(1,), (-1,)]),
    "order 2": ("2A -> 0 ; 2.5", {}, lambda a: [Fraction(5, 2) * comb(a, 2)], [(-2,)]),
    "order 3": ("2X -> 3X ; 0.03\n3X -> 2X ; 0.0001\n0 -> X ; 200\nX -> 0 ; 3.5", {},
                lambda x: [Fraction(3, 100) * comb(x, 2), Fraction(1, 10000) * comb(x, 3), 200, Fraction(7, 2) * x],
                [(1,), (-1,), (1,), (-1,)]),
    "order 5": ("3A + 2B -> A + C ; 1", {}, lambda a, b, c: [comb(a, 3) * comb(b, 2)], [(-2, -2, 1)]),
    "catalysis": ("E + S -> E + P ; 2\nE + P -> E + P ; 9", {}, lambda e, s, p: [2 * e * s, 9 * e * p],
                  [(0, -1, 1), (0, 0, 0)]),
    "falling": ("2A -> B ; k\nB -> 2A ; q", {"convention": "falling"},
                lambda a, b: [NAMED["k"] * a * (a - 1), 2 * b], [(-2, 1), (2, -1)]),
    "macroscopic": ("2A + B -> A ; k\n0 -> B ; 2*k/(1+q)",
                    {"convention": "macroscopic", "volume": 4.0, "ode": "extent"},
                    lambda a, b: [NAMED["k"] * a * (a - 1) * b / 16, Fraction(2, 5) * 4], [(-1, -1), (0, 1)]),
    "custom": ("A -> 2A ; a = k*A*(1 - A/K) + k*A^2/K\nA -> B ; a = A*(A-1)/2 - (1 - A)*A^q/(1+q)", {},
               lambda a, b: [NAMED["k"] * a, Fraction(a * (a - 1), 2) + Fraction((a - 1) * a * a, 3)],
               [(1, 0), (-1, 1)]),
}


def network(name: str) -> ReactionNetwork:
    text, options, _, _ = HAND[name]
    return ReactionNetwork.parse(text, {k: float(v) for k, v in NAMED.items() if k != "omega" and k in text}, **options)


@pytest.mark.parametrize("name", HAND)
def test_raw_equations_are_the_generator_applied_to_powers(name):
    """sum_r a_r(n) ((n + nu)^e - n^e) at every state of a box, every moment to order 4: equal as rationals."""
    _, _, laws, jumps = HAND[name]
    net = network(name)
    equations = moment_equations(net, 4)
    size = len(net.species)
    assert len(equations.moments) == comb(size + 4, 4) - 1
    for n in product(range(9 if size == 1 else 5 if size == 2 else 4), repeat=size):
        a = laws(*n)
        for e, terms in equations.terms.items():
            wanted = sum(rate * (prod((x + y)**k for x, y, k in zip(n, nu, e, strict=True))
                                 - prod(x**k for x, k in zip(n, e, strict=True)))
                         for rate, nu in zip(a, jumps, strict=True))
            assert value(terms, lambda f, n=n: Fraction(prod(x**k for x, k in zip(n, f, strict=True)))) == wanted


@pytest.mark.parametrize("name", HAND)
def test_central_equations_hold_for_any_law(name):
    """The derivative of <(n - mean)^e> by the definition, for a law with rational weights on scattered states."""
    _, _, laws, jumps = HAND[name]
    net, size = network(name), len(network(name).species)
    states = [tuple((3 * i * (s + 2) + i * i + s) % 7 for s in range(size)) for i in range(5)]
    p = dict(zip(states, (Fraction(w, 100) for w in (10, 35, 5, 30, 20)), strict=True))
    mean = [sum(w * n[s] for n, w in p.items()) / sum(p.values()) for s in range(size)]
    p = {n: w / sum(p.values()) for n, w in p.items()}

    def power(n, e) -> Fraction:
        return Fraction(prod((x - m)**k for x, m, k in zip(n, mean, e, strict=True)))

    def central(e) -> Fraction:
        return mean[e.index(1)] if sum(e) == 1 else sum((w * power(n, e) for n, w in p.items()), Fraction(0))

    def slope(f) -> Fraction:
        return sum((w * rate * (f(tuple(x + y for x, y in zip(n, nu, strict=True))) - f(n)) for n, w in p.items()
                    for rate, nu in zip(laws(*n), jumps, strict=True)), Fraction(0))

    drift = [slope(lambda n, s=s: Fraction(n[s])) for s in range(size)]
    for e, terms in moment_equations(net, 3, kind="central").terms.items():
        if sum(e) == 1:
            assert value(terms, central) == drift[e.index(1)]
            continue
        moving = sum((e[s] * drift[s] * sum((w * power(n, tuple(k - (i == s) for i, k in enumerate(e)))
                                             for n, w in p.items()), Fraction(0)) for s in range(size) if e[s]),
                     Fraction(0))
        assert value(terms, central) == slope(lambda n, e=e: power(n, e)) - moving


def exact_value(tree, net: ReactionNetwork) -> Fraction:
    """A constant of a ready network as the rational that its float is."""
    if tree[0] in ("name", "number", "omega"):
        return Fraction({"name": lambda: net.rates[tree[1]], "number": lambda: tree[1],
                         "omega": lambda: net.volume}[tree[0]]())
    x, y = (exact_value(part, net) for part in tree[1:])
    return {"+": x + y, "-": x - y, "*": x * y, "/": x / y}[tree[0]]


def exact_law(net: ReactionNetwork, r: int, n: dict[str, int]) -> Fraction:
    """The propensity of mass action by its convention, as a rational."""
    w = net.written[r]
    assert not w.custom
    pairs = prod(prod(range(n[s], n[s] - m, -1)) for s, m in w.reactants)
    shared = prod(prod(range(1, m + 1)) for _, m in w.reactants) if net.convention == "combinatorial" else 1
    size = Fraction(net.volume or 1)**(1 - sum(m for _, m in w.reactants)) if net.volume else 1
    assert net.convention != "macroscopic" or net.ode == "extent"
    return exact_value(w.rate, net) * pairs * size / shared


REGULATED = ("autoregulation", "toggle_switch", "repressilator")


@pytest.mark.parametrize("model", models.MODELS)
def test_the_equations_of_every_model_are_its_generator_in_exact_rationals(model):
    """Or it is refused by name: Hill laws and delays have no closed equations."""
    net = model()
    if model.__name__ in REGULATED or net.has_delays:
        with pytest.raises(NetworkError, match="delay" if net.has_delays else "no polynomial|divides by an expression"):
            moment_equations(net, 2)
        return
    equations, size = moment_equations(net, 3), len(net.species)
    for i in range(12):
        n = [(5 * i * (s + 1) + 3 * s + i * i) % 11 for s in range(size)]
        laws = [exact_law(net, r, dict(zip(net.species, n, strict=True))) for r in range(len(net.written))]
        for e, terms in equations.terms.items():
            wanted = sum(a * (prod((x + int(y))**k for x, y, k in zip(n, nu, e, strict=True))
                              - prod(x**k for x, k in zip(n, e, strict=True)))
                         for a, nu in zip(laws, net.stoichiometry.T.tolist(), strict=True))
            found = sum((c * prod(exact_value(s, net)**p for s, p in symbols)
                         * prod(prod(x**k for x, k in zip(n, f, strict=True)) for f in moments)
                         for (symbols, moments), c in terms.items()), Fraction(0))
            assert found == wanted


def test_the_highest_order_is_still_exact_in_integers():
    """Order 12 of a third-order network with whole constants: numbers of 30 digits, equal to the last one."""
    equations = moment_equations(ReactionNetwork.parse("2X -> 3X ; 6\n3X -> 0 ; 6\n0 -> 4X ; 7"), 12)
    for n in range(0, 300, 23):
        laws = ((3 * n * (n - 1), 1), (n * (n - 1) * (n - 2), -3), (7, 4))
        for (e,), terms in equations.terms.items():
            wanted = sum(a * ((n + nu)**e - n**e) for a, nu in laws)
            found = value(terms, lambda f, n=n: Fraction(n**f[0]))
            assert found == wanted and found.denominator == 1


K = ((("name", "k"), 1),)


def test_the_chapters_equations_of_annihilation():
    """d<n>/dt = -2k(<n^2> - <n>), d<n^2>/dt = -4k<n^3> + 8k<n^2> - 4k<n>."""
    equations = moment_equations(models.annihilation(), 2)
    assert equations.terms == {(1,): {(K, ((2,),)): -2, (K, ((1,),)): 2},
                               (2,): {(K, ((3,),)): -4, (K, ((2,),)): 8, (K, ((1,),)): -4}}
    assert all(isinstance(c, Fraction) for terms in equations.terms.values() for c in terms.values())
    assert equations.needed == ((3,),) and not equations.closed
    assert repr(equations).splitlines() == [
        "Raw moment equations to order 2", "  d<A>/dt = -2 k <A^2> + 2 k <A>",
        "  d<A^2>/dt = -4 k <A^3> + 8 k <A^2> - 4 k <A>", "  not closed: <A^3> must be known too"]


def test_at_ten_molecules_the_second_moment_falls_by_324():
    """k = 0.1, n = 10: a = 9; (8^2 - 10^2) * 9 = -324, and 2 * 9 for the mean."""
    assert moment_equations(models.annihilation(k=0.1), 2).at_state([10]) == pytest.approx({(1,): -18, (2,): -324})
    central = moment_equations(models.annihilation(k=0.1), 3, kind="central").at_state([10])
    assert central == pytest.approx({(1,): -18, (2,): 4 * 9, (3,): -8 * 9})


def test_linear_networks_are_closed_at_every_order():
    net = ReactionNetwork.parse("0 -> A ; 2\nA -> B ; 1\nB -> A + B ; 0.3\nB -> 0 ; 1.2")
    for kind in KINDS:
        for order in (1, 2, 4):
            assert moment_equations(net, order, kind=kind).closed
    assert moment_equations(models.heterodimerisation(), 1).needed == ((1, 1, 0),)


def test_latex_of_the_chapter():
    latex = moment_equations(models.annihilation(), 2).latex()
    n1, n2, n3 = (r"\langle n_{\mathrm{A}}" + power + r"\rangle" for power in ("", "^{2}", "^{3}"))
    assert latex == (rf"\begin{{aligned}}\frac{{d{n1}}}{{dt}} &= -2\,k\,{n2} + 2\,k\,{n1} \\ "
                     rf"\frac{{d{n2}}}{{dt}} &= -4\,k\,{n3} + 8\,k\,{n2} - 4\,k\,{n1}\end{{aligned}}")


@pytest.mark.parametrize("name", HAND)
@pytest.mark.parametrize("kind", KINDS)
def test_latex_is_drawn(name, kind):
    """matplotlib's own TeX reader takes every row."""
    from matplotlib.mathtext import MathTextParser
    equations = moment_equations(network(name), 2, kind=kind)
    inside = equations.latex().removeprefix(r"\begin{aligned}").removesuffix(r"\end{aligned}")
    for row in inside.split(r" \\ "):
        MathTextParser("path").parse("$" + row.replace("&=", "=") + "$")
    assert equations._repr_latex_().startswith("$$")


def test_fractions_and_volumes_are_shown_exactly():
    text = repr(moment_equations(network("macroscopic"), 1))
    assert "d<A>/dt = -k/Ω^2 <A^2 B> + k/Ω^2 <A B>" in text
    assert "+ 2 k Ω/(1+q)" in text
    assert "1/20" in repr(moment_equations(ReactionNetwork.parse("2A -> A ; 0.1"), 1))
    assert "<dA^2>" in repr(moment_equations(models.annihilation(), 2, kind="central"))
    assert "<A>^2" in repr(moment_equations(models.annihilation(), 2, kind="central"))


def test_a_polynomial_custom_law_has_the_equations_of_mass_action():
    custom = ReactionNetwork.parse("2A -> 0 ; a = k*A*(A-1)", {"k": 0.1})
    assert moment_equations(custom, 3).terms == moment_equations(models.annihilation(), 3).terms


@pytest.mark.parametrize(("law", "why"), [
    ("a = k/(1 + (A/3)^2)", "divides by an expression with A"), ("a = k*A/(3 + A)", "divides by an expression with A"),
    ("a = exp(-A)*k*A", "A stands inside exp"), ("a = k*A^0.5", "raised to the power 0.5"),
    ("a = k*A^(-1)", "divides by an expression with A"), ("a = min(A, k)", "A stands inside min"),
    ("a = k^A", "A stands in an exponent"), ("a = k", "sets it to 0 at A = 0"),
    ("a = k*(A+1)", "sets it to 0 at A = 0"),
    ("a = A^2/A + 0*k", "divides by an expression with A"), ("a = k*A*1e999", "too large"), ("a = k*A/0", "by zero"),
])
def test_laws_that_are_no_polynomials_are_refused_by_name(law, why):
    with pytest.raises(NetworkError) as caught:
        moment_equations(ReactionNetwork.parse(f"0 -> B ; 1\nA -> 0 ; {law}", {"k": 1.0}), 2)
    said = str(caught.value)
    assert "line 2: A -> 0 has propensity" in said and why in said and "use solve or simulate" in said
    assert caught.value.line == 2


def test_a_custom_law_must_vanish_by_itself_below_the_order():
    with pytest.raises(NetworkError, match="sets it to 0 at A = 1"):
        moment_equations(ReactionNetwork.parse("2A -> 0 ; a = 3*A"), 1)


@pytest.mark.parametrize(("order", "kind", "said"), [
    (0, "raw", "order=0"), (13, "raw", "order=13"), (2.0, "raw", "order=2.0"), (None, "raw", "order=None"),
    (2, "cumulant", "kind='cumulant'"), (2, None, "kind=None")])
def test_unusable_options_are_refused_with_the_value(order, kind, said):
    with pytest.raises(NetworkError, match=said):
        moment_equations(models.annihilation(), order, kind=kind)


def test_too_many_moments_are_refused_with_their_number():
    net = ReactionNetwork.parse("\n".join(f"A{i} -> A{i + 1} ; 1" for i in range(30)))
    with pytest.raises(NetworkError, match="31 species have 5983 moments up to order 3"):
        moment_equations(net, 3)
    assert len(moment_equations(net, 2).moments) == 31 + 31 * 32 // 2


def test_delays_are_refused_by_name():
    with pytest.raises(NetworkError, match="delay 2"):
        moment_equations(ReactionNetwork.parse("0 -> X ; 5 ; delay 2"), 1)


@pytest.mark.parametrize("state", [[-1], [1, 2], [0.5], [[1], [2]], "x"])
def test_only_counts_are_a_state(state):
    with pytest.raises(NetworkError):
        moment_equations(models.annihilation(), 1).at_state(state)


def test_powers_come_lowest_first_and_are_all_there():
    assert powers_up_to(2, 2) == [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
    assert powers_up_to(0, 3) == []
    many = powers_up_to(25, 2)
    assert len(set(many)) == len(many) == comb(27, 2) - 1


def test_the_empty_network_has_no_equations():
    empty = moment_equations(ReactionNetwork.parse(""), 2)
    assert isinstance(empty, MomentEquations) and empty.closed and not empty.terms
