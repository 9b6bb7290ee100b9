"""Texts that are read, and texts that are refused with line, column and an example."""
from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cmelab import NetworkError, ReactionNetwork

CONTRACT = """
    0 -> M      ; k
    M -> 0      ; gamma
    2M <-> D    ; 0.1, 1.0
    0 -> A      ; a = beta / (1 + (D/K)^2)      # the whole propensity
    0 -> X      ; 5 ; delay 2.0
"""
RATES = {"k": 10, "gamma": 1, "beta": 8, "K": 5}


def test_the_text_of_the_readme_is_read():
    net = ReactionNetwork.parse(CONTRACT, RATES, {"M": 3})
    assert net.species == ("M", "D", "A", "X")
    assert net.stoichiometry.tolist() == [[1, -1, -2, 2, 0, 0], [0, 0, 1, -1, 0, 0], [0, 0, 0, 0, 1, 0],
                                          [0, 0, 0, 0, 0, 1]]
    assert net.initial.tolist() == [3, 0, 0, 0]
    assert net.propensities([3, 5, 0, 0]) == pytest.approx([10, 3, 0.3, 5, 4, 5])
    assert [str(r.delay) for r in net.reactions if r.delay] == ["delay 2"]


@pytest.mark.parametrize("text", ["2A + B -> C ; 1", "2 A + B → C;1", "A + A + B -> C ; 1", "A+B+A->C; 1e0",
                                  "  B + 2A -> C ; 1.0  # comment"])
def test_spellings_of_one_reaction_agree(text):
    reaction = ReactionNetwork.parse(text).reactions[0]
    assert (dict(reaction.reactants), dict(reaction.products)) == ({"A": 2, "B": 1}, {"C": 1})


@pytest.mark.parametrize("arrow", ["<->", "⇌"])
def test_a_reversible_arrow_is_two_reactions(arrow):
    net = ReactionNetwork.parse(f"A {arrow} B ; 2, 0.5")
    assert [r.text for r in net.reactions] == ["A -> B", "B -> A"]
    assert [r.rate for r in net.reactions] == [2.0, 0.5]


def test_empty_sides_empty_lines_and_an_empty_network():
    assert ReactionNetwork.parse("∅ -> A ; 1\n\n# nothing\nA -> 0 ; 1").stoichiometry.tolist() == [[1, -1]]
    empty = ReactionNetwork.parse("")
    assert (empty.species, empty.reactions, empty.stoichiometry.shape) == ((), (), (0, 0))
    assert empty.propensities([]).shape == (0,)


def test_names_may_hold_digits_and_greek_letters():
    net = ReactionNetwork.parse("A2 -> B_1 ; γ", {"γ": 2.0})
    assert net.species == ("A2", "B_1")
    assert net.propensities([3, 0])[0] == 6.0


def test_catalyst_has_no_net_change_and_still_counts():
    net = ReactionNetwork.parse("E + S -> E + P ; 0.5")
    assert net.stoichiometry[:, 0].tolist() == [0, -1, 1]
    assert net.propensities([0, 8, 0])[0] == 0.0
    assert net.propensities([2, 8, 0])[0] == 8.0


def test_a_rate_may_be_a_formula_of_constants():
    assert ReactionNetwork.parse("A -> 0 ; 2*k/(1+q)", {"k": 3, "q": 1}).reactions[0].rate == 3.0


def test_a_custom_propensity_is_zero_while_a_reactant_is_missing():
    net = ReactionNetwork.parse("2A -> 0 ; a = 7")
    assert net.propensities([[0], [1], [2]])[:, 0].tolist() == [0, 0, 7]


def test_many_states_at_once():
    net = ReactionNetwork.parse(CONTRACT, RATES)
    states = np.random.default_rng(1).integers(0, 9, (50, 4))
    assert np.array_equal(net.propensities(states), [net.propensities(n) for n in states])


def test_nothing_is_mutated():
    net = ReactionNetwork.parse("0 -> M ; k", {"k": 1.0}, {"M": 2})
    other = net.with_rates(k=5).with_initial(M=7)
    assert (net.rates["k"], net.initial.tolist()) == (1.0, [2])
    assert (other.rates["k"], other.initial.tolist()) == (5.0, [7])
    with pytest.raises(ValueError, match="read-only"):
        net.stoichiometry[0, 0] = 3
    with pytest.raises(dataclasses.FrozenInstanceError):
        net.species = ()  # pyright: ignore[reportAttributeAccessIssue]


def test_what_is_shown_is_what_is_used():
    net = ReactionNetwork.parse("2A -> B ; k\n3A -> 0 ; k\n0 -> A ; k", {"k": 0.6}, convention="macroscopic", volume=3)
    assert [r.propensity_text for r in net.reactions] == ["k/Ω · A(A-1)/2", "k/Ω^2 · A(A-1)(A-2)/3", "k · Ω"]
    # Evaluating the shown text by hand at A = 5: an independent reading of the same formula.
    assert net.propensities([5, 0]) == pytest.approx([0.6 / 3 * 5 * 4 / 2, 0.6 / 9 * 5 * 4 * 3 / 3, 1.8])
    html = net._repr_html_()
    assert "k/Ω · A(A-1)/2" in html
    assert "Ω = 3, d[A]/dt = -k[A]^m" in html
    assert r"\frac{k}{\Omega}\,\frac{n_{\mathrm{A}}(n_{\mathrm{A}}-1)}{2}" in net.latex()
    assert net._repr_latex_().startswith("$$")


def test_markup_in_names_is_escaped():
    html = ReactionNetwork.parse("A -> B ; a = min(A, 3) * (A/2)")._repr_html_()
    assert "<script" not in html
    assert "min(A, 3) * (A/2)" in html


@pytest.mark.parametrize(("text", "line", "column"), [
    ("A", 1, 1), ("0 -> A ; 1\n  A B", 2, 3), ("A -> ; 1", 1, 5), ("-> B ; 1", 1, 1), ("A -> B", 1, 7),
    ("A -> B ; ", 1, 9), ("A -> B ; k", 1, 10), ("A + -> B ; 1", 1, 5), ("+ A -> B ; 1", 1, 1),
    ("A + + B -> C ; 1", 1, 5), ("2.5A -> B ; 1", 1, 1), ("0A -> B ; 1", 1, 1), ("-2A -> B ; 1", 1, 1),
    ("100A -> B ; 1", 1, 1), ("A B -> C ; 1", 1, 1), ("A, B -> C ; 1", 1, 1), ("exp -> B ; 1", 1, 1),
    ("A -> B -> C ; 1", 1, 8), ("A => B ; 1", 1, 1), ("A -> B ; 1 2", 1, 12), ("A -> B ; 1, 2", 1, 9),
    ("A <-> B ; 1", 1, 10), ("A -> B ; -1", 1, 10), ("A -> B ; 1/0", 1, 10), ("A -> B ; 0/0", 1, 10),
    ("A -> B ; A", 1, 10), ("A -> B ; 2*k", 1, 12), ("A -> B ; a =", 1, 13), ("A -> B ; a = (1", 1, 16),
    ("A -> B ; a = 1)", 1, 15), ("A -> B ; a = 1 +", 1, 17), ("A -> B ; a = f(A)", 1, 14),
    ("A -> B ; a = min(A)", 1, 14), ("A -> B ; a = A.real", 1, 15), ("A -> B ; a = 'x'", 1, 14),
    ("A -> B ; a = __import__(os)", 1, 14), ("A -> B ; a = A[0]", 1, 15), ("A -> B ; a = A if A else 0", 1, 16),
    ("A -> B ; a == 2", 1, 12), ("A -> B ; 1 ; wait 2", 1, 14), ("A -> B ; 1 ; delay", 1, 14),
    ("A -> B ; 1 ; delay -2", 1, 14), ("A -> B ; 1 ; delay x", 1, 14), ("A -> B ; 1 ; delay erlang(2)", 1, 14),
    ("A -> B ; 1 ; delay erlang(0, 2)", 1, 14), ("A -> B ; 1 ; delay erlang(1.5, 2)", 1, 14),
    ("A -> B ; 1 ; delay 2 ; 3", 1, 23), ("A <-> B ; 1, 2 ; delay 1", 1, 3),
    ("A -> B ; " + "(" * 100, 1, 51), ("A -> B ; " + "-" * 100 + "1", 1, 51), ("A -> B ; " + "1+" * 500 + "1", 1, 411),
])
def test_malformed_text_is_refused_with_line_column_and_an_example(text, line, column):
    with pytest.raises(NetworkError) as caught:
        ReactionNetwork.parse(text)
    assert (caught.value.line, caught.value.column) == (line, column), str(caught.value)
    assert f"line {line}, column {column}" in str(caught.value)
    assert any(word in str(caught.value) for word in ("xample:", "rates={", "write: a = ")), str(caught.value)


@pytest.mark.parametrize(("change", "said"), [
    ({"rates": {"k": 1, "q": 2}}, "rates has 'q'"), ({"rates": {"k": "1"}}, "k = '1'"),
    ({"rates": {"k": True}}, "k = True"), ({"rates": {"k": float("nan")}}, "k = nan"),
    ({"initial": {"B": 1}}, "no species 'B'"), ({"initial": {"A": -1}}, "A = -1"), ({"initial": {"A": 1.5}}, "A = 1.5"),
    ({"initial": {"A": True}}, "A = True"), ({"initial": {"A": 2**60}}, "A = 11529"),
    ({"convention": "Combinatorial"}, "convention='Combinatorial'"), ({"volume": 2.0}, "volume=2.0"),
    ({"text": 5}, "the network is a int"), ({"text": "A -> 0 ; a = k*A", "rates": {"k": 1, "A": 2}}, "both a species"),
])
def test_unusable_options_are_refused_with_the_value(change, said):
    given = {"text": "A -> 0 ; k", "rates": {"k": 1}, "initial": {"A": 1}} | change
    with pytest.raises(NetworkError) as caught:
        ReactionNetwork.parse(given.pop("text"), **given)
    assert said in str(caught.value)


@pytest.mark.parametrize("state", [[1], [1, 2, 3], [-1, 2], [0.5, 2], [float("nan"), 1], "AB", [[[1, 2]]], None])
def test_states_that_are_not_counts_are_refused(state):
    with pytest.raises(NetworkError):
        ReactionNetwork.parse("A -> B ; 1").propensities(state)


def test_unknown_names_list_the_known_ones():
    net = ReactionNetwork.parse("0 -> M ; k", {"k": 1.0})
    with pytest.raises(NetworkError, match=r"no rate constant 'q'.*'k'"):
        net.with_rates(q=1)
    with pytest.raises(NetworkError, match=r"no species 'k'.*'M'"):
        net.with_initial(k=1)
