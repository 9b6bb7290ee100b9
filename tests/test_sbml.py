"""SBML and Antimony in: propensities and laws against hand calculation, and every refusal by name."""
from __future__ import annotations

import math
import random
import sys

import numpy as np
import pytest
import scipy.linalg

from cmelab import NetworkError, ReactionNetwork, exact, rate_equations, rates, simulate, solve
from cmelab.expression import evaluate, parse_expression
from cmelab.kinetics import difference, factors, in_counts, mass_action, product, to_text

pytestmark = [pytest.mark.needs("python-libsbml"), pytest.mark.needs("antimony")]

MATHML = '<math xmlns="http://www.w3.org/1998/Math/MathML">{}</math>'
ITEMS = '<unitDefinition id="substance"><listOfUnits><unit kind="item"/></listOfUnits></unitDefinition>'


def ci(*ids: str) -> str:
    return "".join(f"<ci> {name} </ci>" for name in ids)


def apply(op: str, *parts: str) -> str:
    return f"<apply><{op}/>{''.join(parts)}</apply>"


def cn(value: float) -> str:
    return f"<cn> {value!r} </cn>"


TIMES_K_A = apply("times", ci("k", "A"))


def species(name: str, amount: float | None = None, **more: object) -> str:
    given = {"id": name, "compartment": "cell", "hasOnlySubstanceUnits": "true", "boundaryCondition": "false",
             "constant": "false"} | ({} if amount is None else {"initialAmount": amount}) | more
    return f"<species {' '.join(f'{k}={chr(34)}{v}{chr(34)}' for k, v in given.items() if v is not None)}/>"


def reaction(law: str | None, left: str = "A", right: str = "B", *, name: str = "r", local: str = "",
             modifiers: str = "", reversible: str = "false", level: int = 3) -> str:
    """``left`` and ``right`` as '2 A + B'."""
    def side(tag: str, text: str) -> str:
        terms = [term.split() for term in text.split("+") if term.strip()]
        constant = ' constant="true"' if level == 3 else ""
        refs = [f'<speciesReference species="{t[-1]}" stoichiometry="{t[0] if t[1:] else 1}"{constant}/>'
                for t in terms]
        return f"<{tag}>{''.join(refs)}</{tag}>" if refs else ""

    kind = "LocalParameter" if level == 3 else "Parameter"
    own = f"<listOf{kind}s>{local}</listOf{kind}s>" if local else ""
    inside = "" if law is None else f"<kineticLaw>{MATHML.format(law)}{own}</kineticLaw>"
    used = "".join(f'<modifierSpeciesReference species="{m}"/>' for m in modifiers.split())
    fast = ' fast="false"' if level == 3 else ""
    return (f'<reaction id="{name}" reversible="{reversible}"{fast}>'
            f'{side("listOfReactants", left)}{side("listOfProducts", right)}'
            f'{f"<listOfModifiers>{used}</listOfModifiers>" if used else ""}{inside}</reaction>')


def sbml(reactions: str, inside: str = species("A", 10) + species("B", 0), *, constants: str = "k=0.5", size: str = "1",
         level: int = 3, units: str = "", attributes: str = "", extra: str = "", document: str = "") -> str:
    values = "".join(f'<parameter id="{p.split("=")[0]}" value="{p.split("=")[1]}" constant="true"/>'
                     for p in constants.split())
    version = {2: 4, 3: 1}[level]
    space = f"http://www.sbml.org/sbml/level{level}" + ("/version1/core" if level == 3 else "/version4")
    dimensions = ' spatialDimensions="3" constant="true"' if level == 3 else ""
    sized = f' size="{size}"' if size else ""
    defined = f"<listOfUnitDefinitions>{units}</listOfUnitDefinitions>" if units else ""
    before, after = (extra, "") if extra.startswith("<listOfFunction") else ("", extra)
    return (f'<?xml version="1.0" encoding="UTF-8"?>'
            f'<sbml xmlns="{space}" level="{level}" version="{version}"{document}>'
            f'<model id="m"{attributes}>{before}{defined}'
            f'<listOfCompartments><compartment id="cell"{dimensions}{sized}/></listOfCompartments>'
            f'<listOfSpecies>{inside}</listOfSpecies><listOfParameters>{values}</listOfParameters>'
            f'{after if after.startswith(("<listOfInitial", "<listOfRules", "<listOfConstraints")) else ""}'
            f'<listOfReactions>{reactions}</listOfReactions>'
            f'{after if after.startswith("<listOfEvents") else ""}</model></sbml>')


def read(*given, **options) -> ReactionNetwork:
    return ReactionNetwork.from_sbml(sbml(*given, **options))


def lines(net: ReactionNetwork) -> list[str]:
    return [str(r) for r in net.reactions]


# Stochastic truth


def test_immigration_and_death_have_their_known_mean_and_variance():
    """Rate 1, death 0.1 each, from 0 and from 50: mean, variance and the whole law at whole times."""
    birth, death = reaction(ci("alpha"), "", "X", name="birth"), reaction(apply("times", ci("mu", "X")), "X", "",
                                                                         name="death")
    for n0 in (0, 50):
        net = read(birth + death, species("X", n0, substanceUnits="item"), constants="alpha=1 mu=0.1")
        assert lines(net) == ["0 -> X ; a = alpha", "X -> 0 ; a = mu · X"]
        law, times = solve(net, [1.0, 10.0, 50.0]), [1.0, 10.0, 50.0]
        for row, t in enumerate(times):
            alive = math.exp(-0.1 * t)
            assert law.mean()[row, 0] == pytest.approx(n0 * alive + 10 * (1 - alive), abs=1e-8)
            assert law.var()[row, 0] == pytest.approx((n0 * alive + 10) * (1 - alive), abs=1e-7)
            assert law.p[row] == pytest.approx(exact.birth_death(law.states[:, 0], t, 1, 0.1, n0), abs=1e-10)


def test_dimerisation_has_the_mean_of_the_generator_written_out():
    """k1 P (P - 1) / 2 and k2 P2 from 100: 51 states, matrix exponential, and a simulation by z-test."""
    pairs = apply("divide", apply("times", ci("k1", "P"), apply("minus", ci("P"), cn(1))), cn(2))
    net = read(reaction(pairs, "2 P", "P2", name="bind") + reaction(apply("times", ci("k2", "P2")), "P2", "2 P",
                                                                     name="part"),
               species("P", 100) + species("P2", 0), constants="k1=0.001 k2=0.01")
    assert lines(net) == ["2P -> P2 ; a = k1 · P(P-1)/2", "P2 -> 2P ; a = k2 · P2"]
    a = np.zeros((51, 51))
    for d in range(51):
        p = 100 - 2 * d
        for to, rate in ((d + 1, 0.001 * p * (p - 1) / 2), (d - 1, 0.01 * d)):
            if rate:
                a[to, d] += rate
                a[d, d] -= rate
    for t in (5.0, 25.0):
        law = scipy.linalg.expm(a * t)[:, 0]
        mean = law @ np.arange(51)
        spread = math.sqrt(law @ np.arange(51)**2 - mean**2)
        found = dict(zip(solve(net, t).states[:, 1].tolist(), solve(net, t).p[0].tolist(), strict=True))
        assert [found.get(d, 0.0) for d in range(51)] == pytest.approx(law.tolist(), abs=1e-10)
        simulated = simulate(net, t, paths=2000, seed=7).of("P2").mean()
        assert abs(simulated - mean) < 5 * spread / math.sqrt(2000)  # once in 1.7 million


def test_a_law_of_concentrations_is_divided_by_the_volume():
    """cell k [A]^2 for 2A -> B in a cell of 4: propensity (k / 4) n(n-1), and the rate equation of the model itself."""
    law = apply("times", ci("cell", "k"), apply("power", ci("A"), cn(2)))
    by_concentration = species("A", None, initialConcentration=2500, hasOnlySubstanceUnits="false") \
        + species("B", 0, hasOnlySubstanceUnits="false")
    net = read(reaction(law, "2 A"), by_concentration, constants="k=1e-4", size="4")
    assert net.initial.tolist() == [10_000, 0]
    assert net.propensities([7, 0]) == pytest.approx([1e-4 / 4 * 7 * 6])
    t = 1.5  # d[A]/dt = -2k[A]^2
    assert rate_equations(net, t).of("A")[0] / 4 == pytest.approx(2500 / (1 + 2 * 1e-4 * 2500 * t), rel=1e-7)
    doubled = net.with_rates(cell=8)
    assert doubled.propensities([7, 0]) == pytest.approx([1e-4 / 8 * 7 * 6])


def test_mole_and_litres_become_molecules_as_in_the_macroscopic_convention():
    """A + B -> C, k = 1e6 per M and second, in 1e-15 l: amounts in mole, concentrations in mole per litre."""
    mole = 'substanceUnits="mole" extentUnits="mole"'
    law = apply("times", ci("cell", "k", "A", "B"))
    given = "".join(species(name, n / rates.AVOGADRO, hasOnlySubstanceUnits="false", substanceUnits="mole")
                    for name, n in (("A", 30), ("B", 20), ("C", 0)))
    net = read(reaction(law, "A + B", "C"), given, constants="k=1e6", size="1e-15", attributes=f" {mole}")
    c = rates.stochastic_constant(1e6, (1, 1), convention="macroscopic", volume=rates.omega_from_litres(1e-15))
    assert net.initial.tolist() == [30, 20, 0]
    assert net.reactions[0].rate == pytest.approx(c, rel=1e-14)
    pair = read(reaction(apply("times", ci("cell", "k", "A", "A")), "2 A", "C"), given, constants="k=1e6", size="1e-15",
                attributes=f" {mole}")
    c = rates.stochastic_constant(1e6, (2,), convention="macroscopic", volume=rates.omega_from_litres(1e-15),
                                  ode="extent")
    assert pair.reactions[0].rate == pytest.approx(c, rel=1e-14)


def test_multiples_of_mole_are_counted():
    nano = '<unitDefinition id="nmol"><listOfUnits><unit kind="mole" exponent="1" scale="-9" multiplier="2"/>' \
           '</listOfUnits></unitDefinition>'
    net = read(reaction(TIMES_K_A), species("A", 50 / (2e-9 * rates.AVOGADRO)) + species("B", 0), units=nano,
               attributes=' substanceUnits="nmol" extentUnits="nmol"')
    assert net.initial.tolist() == [50, 0]
    assert net.propensities([50, 0]) == pytest.approx([25], rel=1e-14)


# What laws become


LAWS = [
    ("A", "B", TIMES_K_A, ["A -> B ; a = k · A"]),
    ("2 A", "B", apply("times", ci("k", "A", "A")), ["2A -> B ; a = (2*k) · A(A-1)/2"]),
    ("2 A", "B", apply("times", ci("k", "A"), apply("minus", ci("A"), cn(1))), ["2A -> B ; a = (2*k) · A(A-1)/2"]),
    ("3 A", "B", apply("times", ci("k", "A"), apply("minus", ci("A"), cn(2)), apply("minus", ci("A"), cn(1))),
     ["3A -> B ; a = (6*k) · A(A-1)(A-2)/6"]),
    ("A + B", "2 B", apply("times", ci("B", "k", "A")), ["A + B -> 2B ; a = k · A · B"]),
    ("", "B", ci("k"), ["0 -> B ; a = k"]),
    ("A", "B", apply("divide", ci("A"), ci("k")), ["A -> B ; a = (1/k) · A"]),
    # Not the reactants' own product: a whole propensity.
    ("2 A", "B", TIMES_K_A, ["2A -> B ; a = k*A"]),
    ("A", "B", apply("times", ci("k", "A", "A")), ["A -> B ; a = k*A*A"]),
    ("2 A", "B", apply("times", ci("k", "A"), apply("minus", ci("A"), cn(2))), ["2A -> B ; a = k*A*(A - 2)"]),
    ("A", "B", ci("k"), ["A -> B ; a = k"]),
    ("A", "B", apply("divide", TIMES_K_A, apply("plus", cn(3), ci("A"))), ["A -> B ; a = k*A/(3 + A)"]),
    ("A", "B", apply("times", ci("k"), apply("exp", apply("minus", ci("A")))), ["A -> B ; a = k*exp(-A)"]),
    ("A", "B", apply("times", ci("A"), apply("root", ci("A"))), ["A -> B ; a = A*sqrt(A)"]),
    ("A", "B", apply("times", TIMES_K_A, apply("power", ci("B"), cn(-2))), ["A -> B ; a = k*A*B^(-2)"]),
    ("A", "B", apply("times", ci("A"), "<pi/>"), ["A -> B ; a = 3.141592653589793 · A"]),
    ("A", "B", apply("times"), ["A -> B ; a = 1"]),
    # A catalyst that changes elsewhere stands on both sides.
    ("A", "", apply("times", ci("k", "A", "B")), ["A + B -> B ; a = k · A · B"]),
]


@pytest.mark.parametrize(("left", "right", "law", "wanted"), LAWS)
def test_a_law_is_mass_action_or_a_whole_propensity(left, right, law, wanted):
    other = reaction(ci("k"), "", "B", name="source") if right == "" else ""
    found = lines(read(reaction(law, left, right, modifiers="B" if not {"B"} & {*left.split(), *right.split()} else "")
                       + other))
    assert found[:1] == wanted


def test_a_difference_of_two_laws_is_two_reactions():
    there, back = apply("times", ci("k", "A")), apply("times", ci("q", "B"))
    for law in (apply("minus", there, back), apply("times", ci("cell"), apply("minus", there, back))):
        net = read(reaction(law, reversible="true"), constants="k=0.5 q=2", size="3")
        factor = "(cell*{})" if "cell" in net.rates else "{}"
        assert lines(net) == [f"A -> B ; a = {factor.format('k')} · A", f"B -> A ; a = {factor.format('q')} · B"]


def test_boundaries_and_species_that_no_reaction_changes_are_constants():
    fixed = species("A", 10, boundaryCondition="true") + species("B", 0) + species("E", 4, constant="true") \
        + species("F", None, initialConcentration=2, hasOnlySubstanceUnits="false")
    net = read(reaction(apply("times", ci("k", "A", "E", "F")), modifiers="E F"), fixed, size="5")
    assert net.species == ("B",)
    assert dict(net.rates) == {"k": 0.5, "A": 10, "E": 4, "F": 2}
    assert net.propensities([0]).tolist() == [40]


def test_parameters_of_a_reaction_stay_its_own():
    local = '<{0} id="k" value="{1}"/>'
    for level, tag in ((2, "parameter"), (3, "localParameter")):
        both = reaction(TIMES_K_A, local=local.format(tag, 3), level=level) \
            + reaction(apply("times", ci("k", "B")), "B", "A", name="s", local=local.format(tag, 7), level=level) \
            + reaction(TIMES_K_A, "A", "", name="u", level=level)
        net = read(both, level=level, units=ITEMS if level == 2 else "")
        assert net.propensities([1, 1]).tolist() == [3, 7, 0.5]
        assert dict(net.rates) == {"k_r": 3, "k_s": 7, "k": 0.5}


def test_level_two_counts_items_where_it_says_so():
    net = read(reaction(TIMES_K_A, level=2, reversible="true"), level=2, units=ITEMS)
    assert lines(net) == ["A -> B ; a = k · A"] and net.initial.tolist() == [10, 0]


def test_fractions_of_a_molecule_are_rounded_on_request_only():
    text = sbml(reaction(TIMES_K_A), species("A", None, initialConcentration=0.3) + species("B", 0), size="9")
    with pytest.raises(NetworkError, match=r"species 'A' begins with 2\.7 molecules.*rounded=True"):
        ReactionNetwork.from_sbml(text)
    assert ReactionNetwork.from_sbml(text, rounded=True).initial.tolist() == [3, 0]
    almost = sbml(reaction(TIMES_K_A), species("A", None, initialConcentration=1 / 3) + species("B", 0), size="9")
    assert ReactionNetwork.from_sbml(almost).initial.tolist() == [3, 0]


def test_a_file_is_read_by_its_path(tmp_path):
    file = tmp_path / "a model.xml"
    file.write_text(sbml(reaction(TIMES_K_A)), encoding="utf-8")
    for path in (file, str(file)):
        assert lines(ReactionNetwork.from_sbml(path)) == ["A -> B ; a = k · A"]


@pytest.mark.parametrize(("text", "wanted", "start"), [
    ("A -> B; k*A; k = 0.5; A = 10; B = 0", ["A -> B ; a = k · A"], [10, 0]),
    ("model m()\n compartment cell = 2; species A in cell, B in cell; 2 A => B; cell*k*A^2\n k = 3; A = 10; B = 0\nend",
     ["2A -> B ; a = (2*k/cell) · A(A-1)/2"], [20, 0]),
    ("A + B -> C; k1*A*B - k2*C; k1 = 1; k2 = 2; A = 5; B = 6; C = 0",
     ["A + B -> C ; a = k1 · A · B", "C -> A + B ; a = k2 · C"], [5, 6, 0]),
    ("$X -> A; k*X; A -> ; g*A; k = 2; X = 3; A = 0; g = 1", ["0 -> A ; a = (k*X)", "A -> 0 ; a = g · A"], [0]),
    ("substanceOnly species G; -> P; b/(1 + (P/h)^2); P -> ; P; b = 9; h = 3; P = 1; G = 1",
     ["0 -> P ; a = b/(1 + (P/h)^2)", "P -> 0 ; a = 1 · P"], [1])])
def test_antimony_is_read_the_same_way(text, wanted, start):
    net = ReactionNetwork.from_antimony(text)
    assert lines(net) == wanted and net.initial.tolist() == start


# Refusals


IDENTITY = MATHML.format("<lambda><bvar><ci>x</ci></bvar><ci>x</ci></lambda>")
FUNCTION = f'<listOfFunctionDefinitions><functionDefinition id="f">{IDENTITY}</functionDefinition>' \
    '</listOfFunctionDefinitions>'
MANY = MATHML.format(apply("gt", ci("A"), cn(3)))
EVENT = '<listOfEvents><event id="jump" useValuesFromTriggerTime="true">' \
    f'<trigger initialValue="true" persistent="true">{MANY}</trigger></event></listOfEvents>'
RULE = f'<listOfRules><{{0}} variable="B">{MATHML.format(ci("A"))}</{{0}}></listOfRules>'
START = f'<listOfInitialAssignments><initialAssignment symbol="A">{MATHML.format(cn(3))}</initialAssignment>' \
    '</listOfInitialAssignments>'
CONSTRAINT = f'<listOfConstraints><constraint>{MANY}</constraint></listOfConstraints>'
DELAY = '<apply><csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/delay">delay</csymbol>' \
    f'{ci("A")}{cn(2)}</apply>'
TIME = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>'
GRAM = '<unitDefinition id="pile"><listOfUnits><unit kind="gram" exponent="1" scale="0" multiplier="1"/>' \
    '</listOfUnits></unitDefinition>'


@pytest.mark.parametrize(("text", "said"), [
    (sbml(reaction(TIMES_K_A), extra=EVENT), "an event 'jump'"),
    (sbml(reaction(TIMES_K_A, right=""), extra=RULE.format("assignmentRule")), "a rule 'B'"),
    (sbml(reaction(TIMES_K_A, right=""), extra=RULE.format("rateRule")), "a rule 'B'"),
    (sbml(reaction(apply("f", ci("A")).replace("<f/>", ci("f"))), extra=FUNCTION), "a function definition 'f'"),
    (sbml(reaction(TIMES_K_A), extra=START), "an initial assignment 'A'"),
    (sbml(reaction(TIMES_K_A), extra=CONSTRAINT), "a constraint"),
    (sbml(reaction(apply("times", ci("k"), DELAY))), r"uses 'delay\(A, 2\)'"),
    (sbml(reaction(apply("times", ci("k", "A"), TIME))), "uses 'time'"),
    (sbml(reaction(apply("sin", ci("A")))), r"uses 'sin\(A\)'"),
    (sbml(reaction(TIMES_K_A).replace('fast="false"', 'fast="true"')), "reaction 'r' is fast"),
    (sbml(reaction(None)), "reaction 'r' has no kinetic law"),
    (sbml(reaction(TIMES_K_A, "1.5 A")), "stoichiometry of 'A' is 1.5"),
    (sbml(reaction(TIMES_K_A), species("A", 10, conversionFactor="k") + species("B", 0)), "conversion factor 'k'"),
    (sbml(reaction(TIMES_K_A), attributes=' conversionFactor="k"'), "conversion factor 'k'"),
    (sbml(reaction(TIMES_K_A), species("A") + species("B", 0)), "species 'A' has no initial amount"),
    (sbml(reaction(TIMES_K_A), constants="q=1"), "no valid SBML.*'k'"),
    (sbml(reaction(TIMES_K_A)).replace('id="k" value="0.5"', 'id="k"'), "'k' is used by a kinetic law and has no val"),
    (sbml(reaction(TIMES_K_A), species("A", 10, hasOnlySubstanceUnits="false") + species("B", 0), size=""),
     "'cell' is used by a kinetic law and has no value"),
    (sbml(reaction(TIMES_K_A), species("A", None, initialConcentration=1) + species("B", 0), size=""),
     "compartment 'cell' of species 'A' has no size"),
    (sbml(reaction(TIMES_K_A), species("A", 10, substanceUnits="pile") + species("B", 0), units=GRAM),
     "species 'A' is measured in 'pile'"),
    (sbml(reaction(TIMES_K_A), species("A", 1e-22, substanceUnits="mole") + species("B", 0, substanceUnits="mole"),
          attributes=' extentUnits="item"'), "counts its extent in units of 1 molecules"),
    (sbml(reaction(TIMES_K_A, level=2), level=2), r"6\.022e\+24 molecules.*define the unit 'substance' as item"),
    (sbml(reaction(apply("minus", TIMES_K_A, cn(3)), reversible="true")), "reversible, and its law k\\*A - 3"),
    (sbml(reaction(apply("times", ci("exp", "A"))), constants="exp=2"), "something 'exp'"),
    (sbml(reaction(TIMES_K_A), constants="k=-2"), "rate k = -2"),
    (sbml(reaction(TIMES_K_A, "25 A")), "25 times|whole propensity|stands 25"),
    (sbml(reaction(TIMES_K_A), document=' xmlns:comp="http://www.sbml.org/sbml/level3/version1/comp/version1" '
          'comp:required="true"'), "package 'comp' is required"),
    (sbml(reaction(TIMES_K_A)).replace("</model>", ""), "no valid SBML"),
    ("<html></html>", "no valid SBML"),
    ("no such file.xml", "'no such file.xml' cannot be read: No such file"),
    (7, "the model is a int"), ("\0", "cannot be read"),
])
def test_what_is_not_read_is_refused_by_name(text, said):
    with pytest.raises(NetworkError, match=said):
        ReactionNetwork.from_sbml(text)


@pytest.mark.parametrize(("text", "said"), [
    ("A -> B", "no valid Antimony: Error in model string, line 1"), ("x := 2; A -> B; x*A; A = 3; B = 0", "a rule 'x'"),
    ("A -> B; k*A; k = 1; A = 5; B = 0; at (A > 3): B = 0", "an event"), (None, "the model is a NoneType"),
    ("A -> B; piecewise(1, A > 3, 0); A = 5; B = 0", "uses 'piecewise"), ("A -> B; k*A; A = 5; B = 0", "'k' is used"),
    ("S -> P; V*(S - P/K)/(M + S + P); V = 1; K = 2; M = 3; S = 5; P = 0", "'_J0' is reversible"),
    ("A -> B; k*A; k = 2*q; q = 1; A = 5; B = 0", "an initial assignment 'k'"),
])
def test_antimony_that_is_not_read_is_refused_by_name(text, said):
    with pytest.raises(NetworkError, match=said):
        ReactionNetwork.from_antimony(text)


@pytest.mark.parametrize(("module", "call"), [
    ("libsbml", lambda: ReactionNetwork.from_sbml("<sbml/>")),
    ("antimony", lambda: ReactionNetwork.from_antimony("A -> B; 1"))])
def test_without_its_library_one_sentence_says_what_to_install(module, call, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(NetworkError, match=r'not installed: pip install "cmelab\[sbml\]"'):
        call()


# Formulas


def random_formula(rng: random.Random, depth: int = 4):
    kind = rng.choice(["number", "name", "+", "-", "*", "/", "neg", "^", "exp", "min"]) if depth else rng.choice(
        ["number", "name"])
    if kind == "number":
        return ("number", rng.choice([1.0, 2.0, -3.0, 0.25, 1e-7, 6.02214076e23]))
    if kind == "name":
        return ("name", rng.choice("ABk"), 0)
    if kind == "^":
        return ("^", random_formula(rng, depth - 1), ("number", rng.choice([2.0, -1.0, 0.5])))
    return (kind, *(random_formula(rng, depth - 1) for _ in range({"neg": 1, "exp": 1}.get(kind, 2))))


@pytest.mark.parametrize("seed", range(200))
def test_a_written_formula_reads_back_as_itself(seed):
    rng, values = random.Random(seed), {"A": 3.0, "B": 0.7, "k": 1.9}
    tree = random_formula(rng)
    wanted = float(evaluate(tree, values))
    again = float(evaluate(parse_expression(to_text(tree)), values))
    multiplied = float(evaluate(product(list(factors(tree))), values))
    for found in (again, multiplied):
        assert found == pytest.approx(wanted, rel=1e-9, nan_ok=True) or math.isnan(wanted) or math.isinf(wanted)
    counted = in_counts(tree, {"A": [(("number", 4.0), -1)]})
    inside = float(evaluate(tree, values | {"A": 0.75}))
    assert float(evaluate(counted, values)) == pytest.approx(inside, rel=1e-9, nan_ok=True) or not math.isfinite(inside)


def test_a_product_without_one_difference_is_none():
    assert difference(parse_expression("k*A")) is None
    assert mass_action(parse_expression("k/A"), {"A": 1}, {"A": []}) is None
    assert mass_action(parse_expression("k*A*B^2"), {"A": 1}, {"A": [], "B": []}) is None
