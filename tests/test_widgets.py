"""Every widget of WIDGETS in one loop, without a browser; then the numbers and arrows of each against their source."""

from __future__ import annotations

import base64
import io
import itertools
import math
import random
import re
import struct
from dataclasses import replace
from typing import Any

import matplotlib
import numpy as np
import pytest
from scipy.linalg import expm
from scipy.sparse import csr_matrix

import cmelab
from cmelab import ReactionNetwork, enumerate_states, flows, generator, models, solve
from cmelab.errors import NetworkError
from cmelab.widgets import WIDGETS, FluxBars, PairJar, gain_loss
from cmelab.widgets.design import OPTIONS
from cmelab.widgets.explorer import LARGE
from cmelab.widgets.frame import MAX_BYTES, Bank, Mark, Panel, Scale, Text, at, scale, weighted
from cmelab.widgets.look import DARK, LIGHT, SIZES, Look, picture_height, places
from cmelab.widgets.still import _above, still
from cmelab.widgets.words import fill, number

STARTS = [(design, preset) for design in WIDGETS for preset in design.presets]


def named(case: Any) -> str:
    return "-".join(getattr(each, "name", each) for each in (case if isinstance(case, tuple) else (case,)))


every_widget = pytest.mark.parametrize("design", WIDGETS, ids=named)
every_start = pytest.mark.parametrize("case", STARTS, ids=named)


def in_words(text: str) -> bool:
    """A sentence that a person can read: something is said, and no number or field is missing in it."""
    return (
        len(text.split()) > 3
        and text.endswith(".")
        and not re.search(r"\b(nan|None|inf)\b|[{–]", text)
    )


# Every widget -------------------------------------------------------------------------------------------------


@every_start
def test_preset_says_in_words_what_it_shows(case):
    design, preset = case
    bank = design(preset=preset).bank
    for frame in {0, bank.start, bank.frames // 2, bank.frames - 1}:
        assert in_words(bank.caption.fill(frame))
    for item in range(len(bank.selection.names)):
        assert in_words(bank.selection.text.fill(bank.start, item))
    assert all(mark.legend or mark.owner or mark.panel for mark in bank.marks)


@every_start
def test_bank_is_small_enough_to_be_dragged(case):
    """A Jupyter server lets 1 MB/s through, and a page asks 15 times a second: what is larger waits for the hand."""
    design, preset = case
    shown = design(preset=preset)
    size = len(shown.stage.bank)
    assert size < MAX_BYTES / 10
    sliders = [shown.inputs[c.name] for c in design.controls(shown.values) if c.kind in ("int", "float", "log")]
    assert size <= LARGE or not any(slider.continuous_update for slider in sliders)


@every_start
def test_both_ends_of_every_control(case):
    design, preset = case
    shown = design(preset=preset)
    for control in design.controls(shown.values):
        for value in control.ends():
            shown.inputs[control.name].value = value
            assert shown.stage.error == "", (control.name, value)
            assert shown.values[control.name] == pytest.approx(value) if control.kind in ("log", "float") else True
            assert in_words(shown.caption)
        shown.reset()


@every_widget
def test_walk_over_the_controls_leaves_no_trace(design):
    """After any walk the bank equals that of a fresh widget, byte for byte: only the values decide what is seen."""
    walker, rng = design(), random.Random(1)
    for _ in range(12):
        control = rng.choice([c for c in design.controls(walker.values) if c.kind != "text"])
        ends = control.ends()
        value = (
            rng.choice(ends) if control.kind in ("switch", "choice") else ends[0] + rng.random() * (ends[1] - ends[0])
        )
        walker.inputs[control.name].value = round(value) if control.kind == "int" else value
        assert walker.stage.error == ""
    assert walker.stage.bank == design(**walker.values).stage.bank


@every_widget
def test_presets_one_after_the_other_leave_no_trace(design):
    shown = design()
    for name in [*design.presets, *reversed(design.presets)]:
        shown.preset.value = name
        assert shown.stage.error == ""
        assert shown.stage.bank == design(preset=name).stage.bank
        assert shown.stage.frame == shown.bank.start


@every_widget
def test_reset_returns_to_the_start(design):
    preset = list(design.presets)[1]
    shown = design(preset=preset)
    begun, cue = shown.stage.bank, shown.stage.cue
    for control in design.controls(shown.values):
        if control.kind != "text":
            shown.inputs[control.name].value = control.ends()[-1]
    assert shown.stage.bank != begun
    shown.reset_button.click()
    assert shown.stage.bank == begun and shown.preset.value == preset and shown.stage.cue > cue
    assert {name: box.value for name, box in shown.inputs.items()} == shown.values


@every_widget
def test_turning_a_control_leaves_the_preset(design):
    shown = design()
    name, control = next((c.name, c) for c in design.controls(shown.values) if c.kind == "int" and not c.hidden)
    shown.inputs[name].value = control.high
    assert shown.preset.value == "(your own)"
    shown.inputs[name].value = design.start(None)[name]
    assert shown.preset.value == next(iter(design.presets))


@every_start
def test_still_picture_does_not_depend_on_what_was_drawn_before(case):
    """Golden: frame f1, then f2, equals f2 alone, whatever the reader's own style of matplotlib."""
    design, preset = case
    bank = design(preset=preset).bank
    alone = still(bank, bank.frames - 1)
    assert still(bank, 0) != alone or bank.frames == 1
    with matplotlib.rc_context(
        {
            "axes.facecolor": "red",
            "font.size": 40,
            "text.usetex": False,
            "lines.linewidth": 9,
            "savefig.dpi": 300,
            "figure.facecolor": "black",
            "path.simplify": False,
        }
    ):
        assert still(bank, bank.frames - 1) == alone


@every_start
def test_page_without_a_kernel_gets_a_picture_and_its_words(case):
    design, preset = case
    shown = design(preset=preset)
    bundle = shown._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    png = base64.b64decode(data["image/png"])
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">2I", png[16:24])[0] == 1350
    assert len(png) < 150_000
    assert data["text/plain"] == repr(shown) == f"{design.title}. {shown.caption}"
    assert "application/vnd.jupyter.widget-view+json" in data


@every_widget
@pytest.mark.parametrize("stage", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_still_picture_shows_marks_on_its_paper(design, dark, stage):
    from PIL import Image

    look = Look(dark, stage)
    pixels = np.asarray(Image.open(io.BytesIO(still(design().bank, 0, look))).convert("RGB")).reshape(-1, 3)
    paper = np.array([int(look.palette["paper"][i : i + 2], 16) for i in (1, 3, 5)])
    away = np.abs(pixels.astype(int) - paper).max(axis=1)
    assert 0.02 < (away > 40).mean() < 0.6


@every_widget
def test_every_control_has_a_label_and_words_for_the_pointer(design):
    shown = design()
    for control in design.controls(shown.values):
        box = shown.inputs[control.name]
        assert box.description.startswith(control.label) and box.tooltip
        assert control.unit in box.description


@every_widget
def test_repr_tells_presets_and_options(design):
    for name in (*design.presets, *(c.name for c in design.controls(design.start(None)))):
        assert name in repr(design)
    assert tuple(design.__signature__.parameters)[: len(OPTIONS)] == OPTIONS


@every_widget
def test_what_does_not_exist_is_refused_with_what_does(design):
    with pytest.raises(NetworkError, match=rf"no preset 'nothing'; it has '{next(iter(design.presets))}'"):
        design(preset="nothing")
    with pytest.raises(NetworkError, match=r"no option 'colour'; it has preset, stage, guess"):
        design(colour=3)
    with pytest.raises(NetworkError, match="a guess is a number, or None"):
        design(guess="two")
    control = next(c for c in design.controls(design.start(None)) if c.kind == "int")
    with pytest.raises(NetworkError, match=f"{control.name}=999999; it must be a whole number from"):
        design(**{control.name: 999_999})


def test_unknown_widget_is_refused_with_those_there_are():
    with pytest.raises(NetworkError, match=r"no widget 'jar'; there are 'pair-jar', .*'flux-bars'"):
        cmelab.show("jar")


@every_widget
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NetworkError("line 1, column 3: no arrow."), "line 1, column 3: no arrow."),
        (ZeroDivisionError("division by zero"), "(ZeroDivisionError: division by zero). Press Reset"),
    ],
)
def test_error_in_a_callback_becomes_a_sentence_and_the_picture_stays(design, error, said):
    def broken(values: Any, reveal: bool) -> Bank:
        if values != start:
            raise error
        return design.bank(values, reveal)

    start = design.start(None)
    shown = replace(design, bank=broken)()
    seen = shown.stage.bank
    control = next(c for c in design.controls(start) if c.kind == "int" and not c.hidden)
    shown.inputs[control.name].value = control.high
    assert said in shown.stage.error and shown.stage.bank == seen and shown.values == start
    shown.reset_button.click()
    assert shown.stage.error == ""


@every_widget
def test_number_is_hidden_until_there_is_a_guess(design):
    """With guess=None neither the words nor the marks change when the answer does."""
    open_bank, hidden = design().bank, design(guess=None).bank
    assert [r.tone for r in hidden.readings] == ["hidden"] and hidden.readings[0].label == open_bank.question
    assert hidden.frames == 1 and hidden.selection is None and hidden.answer is None
    kinds = {(m.kind, m.colour) for m in open_bank.marks} - {(m.kind, m.colour) for m in hidden.marks}
    assert kinds, "something is kept back"
    assert in_words(hidden.caption.fill())
    told = " ".join(
        [hidden.caption.fill(), hidden.notice, *(r.label + r.value.fill() + r.formula for r in hidden.readings)]
    )
    assert not re.search(rf"(?<![\d.]){number(open_bank.answer)}(\.0)?(?![\d.])", told)


@every_widget
def test_question_in_a_still_picture_has_no_colon_behind_it(design):
    texts = [text for row in _above(design(guess=None).bank, 0, 200) for text, _, _ in row]
    assert any(text.endswith("?  ") for text in texts) and not any("?:" in text for text in texts)


@every_widget
def test_guess_stands_beside_the_number(design):
    answer, unit = design().bank.answer, design().bank.unit
    known = f"With the settings of the question it is {number(answer)} {unit}."
    for guess, said in ((answer, "Your guess is right."), (2 * answer + 7.0, known)):
        reading = design(guess=guess).bank.readings[-1]
        assert reading.label == "Your guess" and said in reading.formula and reading.value.fill() == number(guess, "4")


@every_widget
def test_marks_can_be_told_apart_without_colour(design):
    """In the legend no two marks have the same kind, shape, dash, hollowness and direction but another colour."""
    for preset in design.presets:
        seen: dict[tuple[Any, ...], str] = {}
        for mark in (m for m in design(preset=preset).bank.marks if m.legend):
            sign = math.copysign(1, float(np.nansum(at(mark.channels["y"], 0)))) if "y" in mark.channels else 0
            look = (
                mark.panel,
                mark.kind,
                mark.shape,
                mark.dash,
                mark.hollow,
                mark.pointed,
                sign if mark.kind == "bars" else 0,
            )
            assert look not in seen or seen[look] == mark.colour or mark.legend == "below zero", (preset, mark.legend)
            seen[look] = mark.colour


# Layout and words --------------------------------------------------------------------------------------------------


@every_start
@pytest.mark.parametrize("width", [360, 600, 900])
@pytest.mark.parametrize("em", [size["em"] for size in SIZES.values()])
def test_panels_fit_side_by_side_at_any_width(case, width, em):
    design, preset = case
    bank = design(preset=preset).bank
    high = picture_height(bank.height, width)
    boxes = list(places(bank.panels, width, high, em).values())
    for left, top, wide, tall in boxes:
        assert left >= 0 and top >= 0 and left + wide <= width and top + tall <= high
        assert wide > 40 and tall > 25
    for (a, b, c, d), (e, f, g, h) in itertools.combinations(boxes, 2):
        assert a + c <= e or e + g <= a or b + d <= f or f + h <= b


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_stands_out_from_the_paper(palette):
    """Contrast of at least 3 for what is drawn and 4.5 for what is written, as the WCAG ask."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one: str, other: str) -> float:
        bright, dim = sorted((light(palette[one]), light(palette[other])), reverse=True)
        return (bright + 0.05) / (dim + 0.05)

    for colour in ("blue", "green", "red", "purple"):
        assert contrast(colour, "paper") >= 3
    for colour in ("ink", "faint"):
        assert contrast(colour, "paper") >= 4.5


@pytest.mark.parametrize(
    ("x", "form", "text"),
    [
        (2.0, "3", "2"),
        (0.0, "3", "0"),
        (0.2127, "3", "0.213"),
        (-761.2, "3", "−761"),
        (0.00071, "3", "0.00071"),
        (1e-9, "3", "0"),
        (12345.6, "3", "12346"),
        (0.125, ".2", "0.13"),
        (-0.001, ".2", "0.00"),
        (1.0, ".3", "1.000"),
        (2.5, "d", "3"),
        (float("nan"), "3", "–"),
        (float("inf"), "3", "∞"),
        (9.996, "3", "10"),
    ],
)
def test_numbers_are_written_for_people(x, form, text):
    assert number(x, form) == text


def test_sentence_takes_numbers_and_words():
    assert fill("{name}: {x} of {y:.2}, {n:d}", {"name": "A", "x": 0.5, "y": 2, "n": 7.0}) == "A: 0.5 of 2.00, 7"


@pytest.mark.parametrize(
    ("low", "high", "whole"), [(0, 1, False), (0, 0.2, False), (-3, 3, False), (0, 40, True), (0, 1, True)]
)
def test_ticks_are_round_and_inside(low, high, whole):
    ticks = scale(low, high, whole=whole).ticks
    assert 2 <= len(ticks) <= 12
    for value, text in ticks:
        assert low <= value <= high and float(text.replace("−", "-")) == pytest.approx(value)
        assert not whole or value == int(value)


def test_weighted_sum_follows_its_source():
    p = np.array([[1, 2, 3], [4, 5, 6]], np.float32)
    channel = weighted(p, [[0, 2], [1, 7]], [[10, 1], [2, 99]])
    assert channel.at(0).tolist() == [13, 4] and channel.at(1).tolist() == [46, 10]


def test_an_array_travels_once():
    """P is used by bars, flows, lens and sentence, and is sent a single time."""
    p = np.random.default_rng(0).random((50, 40)).astype(np.float32)
    mark = Mark("bars", "a", {"x": np.arange(40), "y": p})
    panel = Panel("a", Scale(0, 1), Scale(0, 1))
    one = Bank((panel,), (mark,), Text("One."))
    three = Bank((panel,), (mark, mark, mark), Text("Three."))
    assert len(three.packed()) - len(one.packed()) < 1000 < p.nbytes


def test_mark_without_a_channel_is_refused():
    with pytest.raises(ValueError, match=r"lacks \['y'\]"):
        Mark("dots", "a", {"x": [1, 2]})
    with pytest.raises(ValueError, match="same number"):
        Mark("dots", "a", {"x": [1, 2], "y": [1, 2, 3]})


def test_bank_that_is_too_large_is_refused():
    mark = Mark("dots", "a", {"x": np.arange(1100), "y": np.zeros((1000, 1100), np.float32)})
    with pytest.raises(ValueError, match="put several states into one bar"):
        Bank((Panel("a", Scale(0, 1), Scale(0, 1)),), (mark,), Text("Large.")).packed()


# PairJar -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("options", "right", "wrong"), [
    ({}, 2.0, None), ({"self_pairs": True}, 2.0, 2.5), ({"twice": True}, 2.0, 4.0),
    ({"self_pairs": True, "twice": True}, 2.0, 5.0),
    ({"n_A": 4, "n_B": 6}, 4.8, None), ({"n_A": 4, "n_B": 6, "pooled": True}, 4.8, 9.0),
    ({"n_A": 1, "self_pairs": True}, 0.0, 0.1),
    ({"n_A": 6}, 3.0, None), ({"omega": 6.0}, 1.0, None), ({"n_A": 0}, 0.0, None),
    ({"n_A": 4, "n_B": 6, "omega": 12.0}, 1.2, None),
])  # fmt: skip
def test_jar_counts_as_the_course_says(options, right, wrong):
    """Set P: k = 0.6, Omega = 3, n = 5, convention d[A]/dt = -k[A]^2."""
    bank = PairJar(**options).bank
    assert bank.answer == pytest.approx(right)
    said = [float(r.value.fill()) for r in bank.readings]
    assert said == pytest.approx([right] if wrong is None else [right, wrong])
    assert bool(bank.notice) == (wrong is not None)


@pytest.mark.parametrize("n", range(13))
def test_jar_draws_one_line_and_one_square_for_every_pair(n):
    pairs = list(itertools.combinations(range(n), 2))
    marks = PairJar(n_A=n, seed=n).bank.marks
    lines = next(m for m in marks if m.kind == "segments" and m.colour == "green").items(0)
    discs = next(m for m in marks if m.kind == "dots" and m.colour == "red").items(0)
    ends = {
        frozenset([(x0, y0), (x1, y1)])
        for x0, y0, x1, y1 in zip(*(lines[k] for k in ("x0", "y0", "x1", "y1")), strict=True)
    }
    spots = list(zip(discs["x"], discs["y"], strict=True))
    assert ends == {frozenset([spots[i], spots[j]]) for i, j in pairs}
    squares = next(m for m in marks if m.kind == "cells" and m.colour == "green").items(0)
    assert len(squares["x0"]) == len(pairs)


def test_jar_draws_what_the_wrong_rules_count():
    def purple(kind: str, **options: Any) -> int:
        marks = [
            m for m in PairJar(**options).bank.marks if m.kind == kind and m.colour == "purple" and m.panel == "jar"
        ]
        return sum(len(m.items(0)["x" if kind == "dots" else "x0"]) for m in marks)

    assert purple("dots", self_pairs=True) == 5 and purple("segments", self_pairs=True) == 0
    assert purple("segments", twice=True) == 10 and purple("dots", twice=True) == 0
    assert purple("segments", n_A=4, n_B=6, pooled=True) == 45 - 24


@pytest.mark.parametrize("omega", [1.0, 3.0, 12.0])
@pytest.mark.parametrize("seed", range(0, 100, 9))
def test_molecules_stay_in_their_jar(omega, seed):
    bank = PairJar(n_A=12, n_B=12, omega=omega, seed=seed).bank
    spots = np.array(
        [(x, y) for m in bank.marks if m.colour in ("red", "blue") for x, y in zip(*m.items(0).values(), strict=True)]
    )
    half = (omega / 12) ** (1 / 3)
    assert (
        len(spots) == 24
        and (np.abs(spots[:, 0]) < half).all()
        and (spots[:, 1] > -1).all()
        and (spots[:, 1] < -1 + 2 * half).all()
    )


def test_few_molecules_do_not_touch():
    for seed in range(100):
        bank = PairJar(n_A=8, seed=seed).bank
        discs = next(m for m in bank.marks if m.colour == "red")
        spots = np.stack([discs.items(0)["x"], discs.items(0)["y"]], 1)
        apart = min(np.linalg.norm(a - b) for a, b in itertools.combinations(spots, 2))
        wide = places(bank.panels, 900, bank.height, 13.0)["jar"][2]
        assert apart * wide / 2.2 > 2 * discs.size * 13.0, seed


def test_volume_leaves_the_lines_and_moves_the_number():
    small, large = PairJar().bank, PairJar(preset="big-jar").bank
    count = [
        next(len(m.items(0)["x0"]) for m in b.marks if m.kind == "segments" and m.colour == "green")
        for b in (small, large)
    ]
    assert count == [10, 10] and small.answer and large.answer == pytest.approx(small.answer * 3 / 12)


def test_jar_takes_a_network_of_two_molecules():
    shown = PairJar(network="E + S -> E + P ; 0.2", n_A=2, n_B=8)
    assert shown.bank.answer == pytest.approx(0.2 * 16)
    shown = PairJar(network=models.homodimerisation(0.2, 5))
    assert shown.bank.answer == pytest.approx(2.0) and shown.values["k"] == pytest.approx(0.6)
    with pytest.raises(NetworkError, match=r'pair-jar: it takes one reaction of two molecules.*show\("[a-z-]+"'):
        PairJar(network="0 -> M ; 4")


# FluxBars ------------------------------------------------------------------------------------------------------------

ONE_SPECIES = {
    "birth-death": models.birth_death(4.0, 1.0, 10), "death": models.mrna_degradation(0.5, 10),
    "pairs": models.annihilation(0.1, 9),
    "production": models.production(5.0, 2), "burst": ReactionNetwork.parse("0 -> 3A ; 1\nA -> 0 ; 1\n2A -> A ; 0.1"),
    "hill": ReactionNetwork.parse("0 -> A ; a = b / (1 + (A/K)^2)\nA -> 0 ; 1", {"b": 9, "K": 4}),
}  # fmt: skip


def weights(net: ReactionNetwork, law: str = gain_loss.RIGHT, highest: int = 39) -> gain_loss.Balance:
    return gain_loss.balance(law, gain_loss.propensities(net, highest), net.stoichiometry[0])


@pytest.mark.parametrize("name", ONE_SPECIES)
def test_weights_of_the_picture_are_the_generator(name):
    net = ONE_SPECIES[name]
    space = enumerate_states(net, bounds=39)
    reachable = space.states[:, 0]
    matrix = weights(net).matrix()
    assert matrix[np.ix_(reachable, reachable)] == pytest.approx(generator(net, space).toarray())
    assert not np.delete(matrix, reachable, axis=1).any()


@pytest.mark.parametrize("name", ONE_SPECIES)
def test_bars_and_flows_are_those_of_the_solved_master_equation(name):
    net = ONE_SPECIES[name]
    bank = FluxBars(network=net, t_end=2.0, n0=int(net.initial[0])).bank
    bars = [m for m in bank.marks if m.kind == "bars" and m.owner is None]
    times = np.linspace(0, 2.0, bank.frames)
    exact = solve(net, times, tol=1e-12)
    flow = flows(net, exact)
    n = exact.states[:, 0]
    for frame in (0, 20, bank.frames - 1):
        p, gain, loss = (at(m.channels["y"], frame) for m in bars)
        shown = n < len(p)
        assert p[n[shown]] == pytest.approx(exact.p[frame, shown], abs=1e-6)
        assert gain[n[shown]] == pytest.approx(flow.gain[frame].sum(1)[shown], abs=3e-4)
        assert -loss[n[shown]] == pytest.approx(flow.loss[frame].sum(1)[shown], abs=3e-4)


@pytest.mark.parametrize(("law", "expected"), [
    (gain_loss.RIGHT, (5.0, -5.0)), (gain_loss.SWAPPED, (-5.0, 5.0)), (gain_loss.TARGET, (4.5, -5.0)),
])  # fmt: skip
def test_change_of_p_from_certainty(law, expected):
    """Pure death, k = 0.5, certainly 10 molecules: (dP9, dP10)."""
    bank = FluxBars(preset="pure-death", law=law, t=0.0, cap=10).bank
    change = next(m for m in bank.marks if m.shape == "dash")
    assert at(change.channels["y"], 0)[9:11] == pytest.approx(expected)


@pytest.mark.parametrize(("law", "lowest", "total"), [
    (gain_loss.SWAPPED, -761.2, 1.0), (gain_loss.TARGET, 0.0, 0.741), (gain_loss.TRANSPOSED, 0.0, 1.350),
])  # fmt: skip
def test_wrong_equations_give_their_known_numbers(law, lowest, total):
    """Birth-death k = 4, gamma = 1 from 10, states 0 to 39, t = 0.3."""
    shown = FluxBars(preset="birth-death", law=law, t_end=0.3, cap=39)
    bars = next(m for m in shown.bank.marks if m.kind == "bars" and m.owner is None)
    p = at(bars.channels["y"], shown.bank.frames - 1).astype(float)
    assert p.min() == pytest.approx(lowest, rel=1e-3, abs=1e-6) and p.sum() == pytest.approx(total, abs=6e-4)
    assert f"sum to {number(total, '.3')}" in shown.bank.caption.fill(shown.bank.frames - 1)
    assert number(lowest) in shown.bank.caption.fill(shown.bank.frames - 1)


def test_wrong_equation_is_the_matrix_it_claims_to_be():
    right = weights(ONE_SPECIES["birth-death"]).matrix()
    assert weights(ONE_SPECIES["birth-death"], gain_loss.SWAPPED).matrix() == pytest.approx(-right)
    assert weights(ONE_SPECIES["birth-death"], gain_loss.TRANSPOSED).matrix() == pytest.approx(right.T)
    start = np.eye(len(right))[10]
    p = gain_loss.follow(csr_matrix(right.T), 10, np.linspace(0, 0.3, 7))
    assert p[-1] == pytest.approx(expm(0.3 * right.T) @ start)


def test_growth_is_cut_off_and_said():
    shown = FluxBars(preset="swapped", t_end=5.0)
    bank = shown.bank
    assert bank.frames < 121 and "The film stops at t = 0.2" in bank.notice
    for mark in bank.marks:
        for channel in mark.channels.values():
            assert np.isfinite(at(channel, bank.frames - 1)).all()


def test_parity_can_be_seen():
    """2A -> 0 from an even number: no odd bar is ever more than 0."""
    bars = next(m for m in FluxBars(preset="dimerisation").bank.marks if m.legend == "P(n, t)")
    assert not bars.channels["y"][:, 1::2].any() and (bars.channels["y"][60, ::2] > 0).all()


@pytest.mark.parametrize("law", gain_loss.LAWS)
def test_arrows_of_the_chosen_state_add_up_to_its_gain_and_loss(law):
    bank = FluxBars(preset="birth-death", law=law, t=0.1).bank
    gain, loss = (next(m for m in bank.marks if m.panel == "flow" and m.colour == c) for c in ("green", "red"))
    for state in (3, 8, 11):
        for mark, colour, sign in ((gain, "green", 1), (loss, "red", -1)):
            labels = [
                m for m in bank.marks if m.panel == "lens" and m.kind == "labels" and m.colour == colour and m.owner
            ]
            told = sum(
                float(at(m.channels["value"], bank.start)[m.owner.index(state)])
                for m in labels
                if m.owner and state in m.owner
            )
            assert told == pytest.approx(sign * float(at(mark.channels["y"], bank.start)[state]), rel=1e-5)


def test_sentence_names_where_the_flow_comes_from_and_goes():
    chosen = FluxBars(preset="pure-death").bank.selection
    assert chosen
    text = chosen.text
    assert text.fill(0, 9) == "n = 9: P = 0. Gain 5 (from 10) minus loss 0 (to 8) is dP/dt = 5, per unit time."
    assert text.fill(0, 10) == "n = 10: P = 1. Gain 0 (from nowhere) minus loss 5 (to 9) is dP/dt = −5, per unit time."


def test_many_states_share_a_bar_and_the_caption_says_so():
    shown = FluxBars(network="0 -> A ; 800\nA -> 0 ; 1", t_end=2.0)
    bars = next(m for m in shown.bank.marks if m.legend == "P(n, t)")
    assert bars.channels["y"].shape[1] <= 160 and "Each bar holds" in shown.caption
    assert bars.channels["y"].sum(axis=1) == pytest.approx(1.0, abs=1e-4)
    assert not shown.inputs["rate_c1"].continuous_update


def test_numbers_written_in_a_network_count_each_time_it_is_typed():
    shown = FluxBars()
    for text, rates in (("0 -> M ; 10\nM -> 0 ; 1", [10, 1]), ("0 -> M ; 20\nM -> 0 ; 2", [20, 2]),
                        ("M -> 0 ; 7\n0 -> M ; 30", [7, 30])):
        shown.inputs["network"].value = text
        assert [shown.values["rate_c1"], shown.values["rate_c2"]] == rates
    shown.inputs["rate_c1"].value = 5.0
    assert shown.values["rate_c1"] == 5.0


def test_typed_network_gets_its_own_sliders_and_keeps_what_fits():
    shown = FluxBars(preset="birth-death")
    shown.inputs["rate_gamma"].value = 2.0
    shown.inputs["network"].value = "0 -> A ; 7\n2A -> 0 ; gamma"
    assert shown.stage.error == "" and shown.values["rate_c1"] == 7 and shown.values["rate_gamma"] == 2
    assert "rate_k" not in shown.values and shown.inputs["rate_c1"].description.startswith("rate of 0 → A")


@pytest.mark.parametrize(("text", "said"), [
    ("0 -> A ; ", "the rate is missing"), ("A + B -> C ; 0.3", r'3 \(A, B, C\).*show\("pair-jar"'),
    ("A -> B ; 1\nB -> C ; 1", "one or two species"),
    ("0 -> A ; 1 ; delay 2", "has a delay"), ("", "no reaction"), ("A -> 2A ; 9", "Shorten the time span"),
    ("0 -> A ; a = 1/(A-A)", "propensity"),
])  # fmt: skip
def test_network_that_cannot_be_drawn_is_answered_in_a_sentence(text, said):
    with pytest.raises(NetworkError, match=said):
        FluxBars(network=text)
    shown = FluxBars()
    seen = shown.stage.bank
    shown.inputs["network"].value = text
    assert shown.stage.error and shown.stage.bank == seen
    assert shown.inputs["network"].value == text, "what was typed stays, to be mended"


def test_rate_slider_keeps_its_range_while_it_is_dragged():
    shown = FluxBars(network="0 -> A ; k\nA -> 0 ; 1", rate_k=20.0)
    box, stops = shown.inputs["rate_k"], shown.inputs["rate_k"].options
    for value in (0.01, 0.5, 100.0, 3.0):
        box.value = value
        assert shown.inputs["rate_k"] is box and box.options == stops
    shown.set(rate_k=37.3)
    assert box.value == 37.3 and shown.values["rate_k"] == 37.3
