"""What leaves a widget leads back to it: its Python, its address; its picture and its numbers are those on the page."""
from __future__ import annotations

import csv
import io
import random
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest

from cmelab.errors import NetworkError
from cmelab.widgets import WIDGETS, Design, Explorer, FluxBars, address, take_away
from cmelab.widgets.frame import at
from cmelab.widgets.gallery import PICTURES, as_markdown, gallery, page
from cmelab.widgets.look import Look
from cmelab.widgets.take_away import taken

# The first preset and the last: between them a widget shows what it can.
STARTS = [(design, list(design.presets)[i]) for design in WIDGETS for i in (0, -1)]
every_widget = pytest.mark.parametrize("design", WIDGETS, ids=lambda design: design.name)
every_start = pytest.mark.parametrize(("design", "preset"), STARTS, ids=[f"{d.name}-{p}" for d, p in STARTS])


def run(code: str) -> tuple[Explorer, Any]:
    """The widget that the last expression but one makes, and the network below it, if any."""
    before, _, shown = code.partition("cmelab.show(")
    call, _, network = shown.partition("\n\n#")
    names: dict[str, Any] = {}
    exec(f"{before}widget = cmelab.show({call}\n#{network}", names)
    return names["widget"], names.get("net")


def turned(design: Design, preset: str, seed: int = 2) -> Explorer:
    """A widget after some of its controls were turned."""
    shown, rng = design(preset=preset), random.Random(seed)
    controls = [c for c in design.controls(shown.values) if c.kind != "text" and not c.hidden]
    for control in rng.sample(controls, min(2, len(controls))):
        low, high = control.ends()[0], control.ends()[-1]
        shown.inputs[control.name].value = high if control.kind in ("switch", "choice") else low + (high - low) // 2
    assert shown.stage.error == ""
    return shown


@every_start
def test_python_and_address_make_the_very_same_picture(design, preset):
    shown = turned(design, preset).follow()
    shown.stage.frame = min(3, shown.bank.frames - 1)
    again, _ = run(shown.stage.code)
    linked = design(**address.read(design, shown.stage.address))
    for other in (again, linked):
        assert other.stage.bank == shown.stage.bank and other.values == shown.values
        assert other.stage.frame == shown.stage.frame and other.stage.selected == shown.stage.selected


@every_start
def test_python_of_a_preset_names_nothing_else(design, preset):
    assert f'cmelab.show("{design.name}", preset="{preset}")' in design(preset=preset).stage.code


@every_start
def test_network_that_is_taken_away_is_that_of_the_picture(design, preset):
    shown = turned(design, preset)
    network = design.network(shown.values)
    _, taken_away = run(shown.stage.code)
    assert (taken_away is None) == (network is None)
    if network is not None:
        assert taken_away.species == network.species and (taken_away.initial == network.initial).all()
        n = np.arange(1, 1 + 4 * len(network.species)).reshape(4, -1)
        assert taken_away.propensities(n) == pytest.approx(network.propensities(n))
        assert [r.delay for r in taken_away.reactions] == [r.delay for r in network.reactions]


def test_typed_network_comes_back_with_its_constants():
    shown = FluxBars()
    shown.inputs["network"].value = "0 -> M ; 7\n2M -> 0 ; gamma"
    shown.inputs["rate_gamma"].value = 0.5
    again, network = run(shown.stage.code)
    assert again.stage.bank == shown.stage.bank
    assert network.rates == {"c1": 7.0, "gamma": 0.5} and network.counts == {"M": 10}


@every_widget
def test_address_names_widget_preset_stage_and_moment(design):
    preset = list(design.presets)[-1]
    shown = design(preset=preset, stage=True).follow()
    assert parse_qs(shown.stage.address) == {"widget": [design.name], "preset": [preset], "stage": ["1"]}
    shown.big.value = False
    assert "stage" not in parse_qs(shown.stage.address)
    assert design(preset=preset).stage.address == "", "only a page of its own has an address that follows"


@every_widget
def test_wrong_address_is_answered_in_a_sentence(design):
    control = next(c for c in design.controls(design.start(None)) if c.kind == "int")
    for query, said in (
        (f"widget={design.name}&preset=nothing", "no preset"),
        (f"widget={design.name}&{control.name}=many", "whole number"),
        (f"widget={design.name}&frame=99999", "frame=99999; it must be a whole number from 0 to"),
        (f"widget={design.name}&frame=x", "it must be a whole number"),
        ("widget=<b>", "no widget &#x27;&lt;b&gt;&#x27;"),
    ):
        assert said in page(query).value and "All widgets" in page(query).value
    assert page(f"widget={design.name}&utm_source=slides").values == design().values, "foreign names are left alone"


def test_gallery_shows_every_widget_once():
    text = page("").value
    assert text == gallery()
    for design in WIDGETS:
        assert text.count(f'href="?widget={design.name}&stage=1"') == 1
        assert f"<h2>{design.title}</h2>" in text and f"voila/files/{design.name}.png" in text


@every_widget
def test_widget_says_in_one_sentence_what_it_is_about(design):
    said = design.summary
    assert said.endswith((".", "?")) and 4 < len(said.split()) < 36


@every_start
def test_numbers_are_those_of_the_marks(design, preset):
    bank = design(preset=preset).bank
    rows = list(csv.DictReader(io.StringIO(taken("csv", bank, 0, -1, Look()).decode())))
    legends = [m.legend for m in bank.marks if m.legend]
    drawn = {m.legend for m in bank.marks if m.legend and len(next(iter(m.items(0).values())))}
    assert {row["mark"] for row in rows} >= drawn
    frame = bank.frames // 2
    for mark in (m for m in bank.marks if m.legend and legends.count(m.legend) == 1):
        mine = [r for r in rows if r["mark"] == mark.legend and r["frame"] in ("", str(frame))]
        for name, values in mark.items(frame).items():
            assert [float(r[name]) for r in mine] == pytest.approx(values.tolist(), rel=1e-5, abs=1e-12, nan_ok=True)
    for reading in bank.readings:
        for name, channel in reading.value.values.items():
            told = [r for r in rows if r["mark"] == f"{reading.label}: {name}" and r["frame"] == str(frame)]
            assert [float(r["value"]) for r in told] == pytest.approx([float(at(channel, frame)[0])], rel=1e-5)


@every_widget
@pytest.mark.parametrize("dark", [False, True])
def test_vector_picture_is_whole_and_the_same_each_time(design, dark):
    bank = design().bank
    block = taken("svg", bank, bank.start, -1, Look(dark))
    assert block == taken("svg", bank, bank.start, -1, Look(dark))
    root = ET.fromstring(block)
    assert root.tag.endswith("svg") and len(root.findall(".//{http://www.w3.org/2000/svg}path")) > 10
    assert "nan" not in block.decode()


@every_widget
def test_kernel_answers_the_page_with_each_form(design):
    shown, sent = design(), []
    shown.stage.send = lambda content, buffers: sent.append((content, buffers))
    for form, begins in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("csv", b"frame,")):
        shown.stage._handle_custom_msg({"take": form, "dark": True}, [])
        content, [block] = sent.pop()
        assert content["name"] == f"{design.name}.{form}" and block.startswith(begins)
    assert shown.stage.error == ""


def test_failure_while_taking_away_becomes_a_sentence(monkeypatch):
    shown = FluxBars()
    seen = shown.stage.bank
    shown.stage._handle_custom_msg({"take": "gif"}, [])
    assert "could not be" in shown.stage.error and shown.stage.bank == seen
    monkeypatch.setattr(take_away, "table", lambda bank: 1 / 0)
    shown.stage._handle_custom_msg({"take": "csv"}, [])
    assert "ZeroDivisionError" in shown.stage.error
    shown.reset_button.click()
    assert shown.stage.error == ""


def test_failure_while_following_the_picture_becomes_a_sentence():
    shown = replace(FluxBars, network=lambda values: None)()
    object.__setattr__(shown.design, "network", lambda values: 1 / 0)
    shown.stage.frame = 3
    assert "ZeroDivisionError" in shown.stage.error


@every_widget
def test_clicker_goes_through_the_presets(design):
    shown, names = design(), list(design.presets)
    for step, name in ((1, names[1]), (-1, names[0]), (-1, names[-1]), (1, names[0])):
        shown.stage._handle_custom_msg({"step": step}, [])
        assert shown.preset.value == name and shown.stage.error == ""


@every_widget
def test_frame_and_item_to_begin_with_are_checked(design):
    frames = design().bank.frames
    assert design(frame=frames - 1).stage.frame == frames - 1
    for options in ({"frame": frames}, {"frame": 1.5}, {"selected": 10**6}):
        with pytest.raises(NetworkError, match="must be a whole number from"):
            design(**options)



@every_widget
def test_gallery_of_the_documents_has_a_small_picture(design):
    picture = PICTURES / f"{design.name}.png"
    assert picture.is_file(), f"{picture} is missing: run `make pictures`"
    assert picture.read_bytes()[:4] == b"\x89PNG" and picture.stat().st_size < 60_000


def test_gallery_of_the_documents_is_that_of_the_widgets(root):
    assert (root / "docs" / "widgets.md").read_text(encoding="utf-8") == as_markdown(), "run `make pictures`"
