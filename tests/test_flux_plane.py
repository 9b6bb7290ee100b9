"""FluxBars for two species: the map, its arrows and its words against the master equation solved another way."""
from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse.linalg import expm_multiply

from cmelab import ReactionNetwork, enumerate_states, exact, flows, generator, models, solve
from cmelab.errors import NetworkError
from cmelab.widgets import Bank, FluxBars
from cmelab.widgets.frame import MAX_BYTES, Ramp, at
from cmelab.widgets.gain_loss import LAWS, RIGHT, SWAPPED, TARGET, TRANSPOSED
from cmelab.widgets.look import DARK, LIGHT, RAMPS, STOPS
from cmelab.widgets.plane import CHANGE, Plane

NETWORKS = {
    "exchange": ReactionNetwork.parse("A <-> B ; 2, 1", initial={"A": 6}),
    "two births": ReactionNetwork.parse("0 -> A ; 2\nA -> 0 ; 1\n0 -> B ; 1\nB -> 0 ; 1", initial={"A": 1}),
    "pairs": ReactionNetwork.parse("2A <-> B ; 0.3, 1\n0 -> A ; 1\nB -> 0 ; 0.5"),
    "toggle": models.toggle_switch(),
}
every_network = pytest.mark.parametrize("name", NETWORKS)


def shown(name: str, **options: object) -> Bank:
    return FluxBars(network=NETWORKS[name], t_end=1.0, **options).bank


def map_of(bank: Bank) -> tuple[np.ndarray, np.ndarray]:
    """(states (K, 2), colour values (F, K))"""
    mark = next(m for m in bank.marks if "shade" in m.channels)
    v = mark.items(0)
    states = np.stack([v["x0"] + 0.5, v["y0"] + 0.5], 1).round().astype(int)
    return states, np.stack([at(mark.channels["shade"], f) for f in range(bank.frames)])


@every_network
def test_colours_are_the_probabilities_of_the_states(name):
    bank = shown(name)
    states, colours = map_of(bank)
    times = np.linspace(0, 1.0, bank.frames)
    truth = solve(NETWORKS[name], times, tol=1e-9)
    index = {tuple(n): i for i, n in enumerate(truth.states.tolist())}
    mine = [index[tuple(n)] for n in states.tolist()]
    assert colours == pytest.approx(truth.p[:, mine], abs=2e-6)
    left_out = np.delete(truth.p, mine, axis=1)
    assert left_out.size == 0 or left_out.max() <= 1.01e-5


@every_network
def test_colours_of_change_are_gain_minus_loss(name):
    """What the page adds up from P, against `cmelab.flows` on the states of the solver."""
    bank = shown(name, shown=CHANGE)
    states, colours = map_of(bank)
    truth = solve(NETWORKS[name], np.linspace(0, 1.0, bank.frames), tol=1e-9)
    flow = flows(NETWORKS[name], truth)
    index = {tuple(n): i for i, n in enumerate(truth.states.tolist())}
    mine = [index[tuple(n)] for n in states.tolist()]
    change = (flow.gain - flow.loss).sum(axis=2)[:, mine]
    assert colours == pytest.approx(change, abs=4e-4)
    assert bank.selection and bank.answer == pytest.approx(change[bank.start, bank.selection.start], abs=4e-4)


@every_network
def test_sentence_of_a_cell_says_its_gain_and_loss(name):
    bank = shown(name)
    assert bank.selection
    values = bank.selection.text.values
    gain, loss, change = (at(values[k], bank.start) for k in ("gain", "loss", "change"))
    assert gain - loss == pytest.approx(change, abs=1e-6)
    assert change == pytest.approx(map_of(shown(name, shown=CHANGE))[1][bank.start], abs=1e-6)


@pytest.mark.parametrize("law", LAWS)
def test_law_is_the_matrix_it_claims_to_be(law):
    """The weights against the generator: itself, negated, transposed; at the target a gain has its own propensity."""
    net = NETWORKS["pairs"]
    values = FluxBars(network=net, law=law, caps=8, t_end=0.01).values
    plane = Plane.solved(net, values)
    space = enumerate_states(net, bounds=max(8, *net.initial)) if law != RIGHT else None
    if space is None:
        assert plane.rule.matrix().sum(axis=0).max() < 1e-9
        return
    assert (plane.states == space.states).all()
    right = generator(net, space).toarray()
    ours = plane.rule.matrix()
    if law == TARGET:
        assert np.diag(ours) == pytest.approx(np.diag(right))
        i, j = space.index([2, 1]), space.index([4, 0])
        assert right[i, j] == pytest.approx(0.3 * 6) and ours[i, j] == pytest.approx(0.3 * 1)
        return
    assert ours == pytest.approx({SWAPPED: -right, TRANSPOSED: right.T}[law])
    start = np.eye(len(space))[space.index(net.initial)]
    assert plane.p[-1] == pytest.approx(expm_multiply(plane.times[-1] * ours, start), abs=1e-9)


def test_arrows_vanish_where_every_pair_of_reactions_balances():
    """A <-> B long after the start is in detailed balance: no net flow; at the start all of it goes one way."""
    bank = FluxBars(network=NETWORKS["exchange"], t_end=20.0, t=0.1).bank
    arrows = next(m for m in bank.marks if m.kind == "arrows" and m.panel == "map")
    early, late = (arrows.items(frame)["weight"].max() for frame in (1, bank.frames - 1))
    assert early > 0.1 and late < 0.01
    v = arrows.items(1)
    moving = v["weight"] > 0.05
    assert ((v["x1"] < v["x0"]) & (v["y1"] > v["y0"]))[moving].all()


def test_arrows_turn_round_a_cycle_that_is_driven():
    """A protein made from mRNA and degraded on its own: at the stationary law the flow circulates, and never stops."""
    net = "0 -> M ; 2\nM -> 0 ; 1\nM -> M + P ; 3\nP -> 0 ; 1"
    bank = FluxBars(network=net, n0=0, m0=0, t_end=20.0).bank
    arrows = next(m for m in bank.marks if m.kind == "arrows" and m.panel == "map")
    assert arrows.items(bank.frames - 1)["weight"].max() > 0.1


def test_arrows_of_the_compass_add_up_to_the_gain_and_loss_of_the_cell():
    bank = shown("pairs")
    assert bank.selection
    values = bank.selection.text.values
    for cell in (bank.selection.start, 5, 11):
        for colour, total in (("green", "gain"), ("red", "loss")):
            labels = [m for m in bank.marks if m.panel == "compass" and m.kind == "labels" and m.colour == colour]
            told = sum(float(at(m.channels["value"], bank.start)[m.owner.index(cell)])
                       for m in labels if m.owner and cell in m.owner)
            assert told == pytest.approx(float(at(values[total], bank.start)[cell]), rel=1e-4, abs=1e-6)


def test_independent_species_are_products_of_poissons():
    """Closed form: from nothing, each species of the two births is Poisson at every time."""
    net = NETWORKS["two births"].with_initial(A=0)
    bank = FluxBars(network=net, t_end=3.0).bank
    states, p = map_of(bank)
    one = exact.birth_death(states[:, 0], 3.0, 2.0, 1.0, 0)
    other = exact.birth_death(states[:, 1], 3.0, 1.0, 1.0, 0)
    assert p[-1] == pytest.approx(one * other, abs=2e-6)


def test_many_states_share_a_cell_and_the_caption_says_so():
    net = "0 -> A ; 60\nA -> 0 ; 1\nA -> A + B ; 1\nB -> 0 ; 1"
    widget = FluxBars(network=net, t_end=3.0, n0=0, m0=0)
    bank = widget.bank
    assert "Each cell holds" in widget.caption and "counts a cell" in bank.panels[0].x.label
    mark = next(m for m in bank.marks if "shade" in m.channels)
    assert len(mark.items(0)["x0"]) <= 33 * 33 and len(widget.stage.bank) <= MAX_BYTES
    assert at(mark.channels["shade"], bank.frames - 1).sum() == pytest.approx(1.0, abs=0.02)
    assert not widget.inputs["rate_c1"].continuous_update


def test_network_that_explodes_is_answered_in_a_sentence():
    with pytest.raises(NetworkError, match=r"The counts of A and B grow before t = 100\. Shorten the time span"):
        FluxBars(network="A -> 2A ; 1\n0 -> B ; 1", t_end=100.0)


def test_number_of_species_may_change_while_typing():
    widget = FluxBars()
    for text, controls in (("A <-> B ; 2, 1", {"n0", "m0", "shown"}), ("0 -> M ; 3\nM -> 0 ; 1", {"n0"})):
        widget.inputs["network"].value = text
        assert widget.stage.error == "" and controls <= set(widget.values)
    assert "m0" not in widget.values


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_of_a_scale_go_from_paper_in_even_steps(theme):
    """Lightness changes one way, no step is more than twice another, and black or white letters can be read on it."""
    palette = {"light": LIGHT, "dark": DARK}[theme]

    def grey(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        return float(np.dot([0.2126, 0.7152, 0.0722], [((c + 0.055) / 1.055) ** 2.4 for c in parts]))

    one, two = RAMPS[theme]["one"], RAMPS[theme]["two"]
    assert len(one) == len(two) == STOPS and one[0] == two[STOPS // 2] == palette["paper"]
    lightness = np.cbrt([grey(c) for c in one])
    steps = np.diff(lightness) * (1 if theme == "dark" else -1)
    wide = steps.reshape(8, -1).sum(axis=1)
    assert (steps > -0.004).all() and wide.max() < 2 * wide.min()
    bright, dim = sorted((grey(one[-1]), grey(palette["ink"])), reverse=True)
    assert (bright + 0.05) / (dim + 0.05) > 3


def test_value_beyond_the_scale_has_its_last_colour_and_the_scale_says_so():
    ramp = Ramp(0.5, two=True, cut=True)
    assert ramp.stop(np.array([-9, -0.5, 0, 0.25, 0.5, 9], np.float32), 65).tolist() == [0, 0, 32, 48, 64, 64]
    assert ramp.ends() == ("≤ −0.5", "≥ 0.5") and Ramp(0.5).ends() == ("0", "0.5")
