"""`cmelab demo` in a real browser: gallery, a widget on stage, its keys, its address, what is taken away, axe-core."""
from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from lab_page import Demo, Shown, demonstrated

from cmelab.widgets import WIDGETS
from cmelab.widgets.take_away import code

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium", "playwright", "voila")]

NAMES = [design.name for design in WIDGETS]
LOOKS = ["stage=1", pytest.param("", marks=pytest.mark.slow), pytest.param("theme=dark", marks=pytest.mark.slow),
         pytest.param("stage=1&theme=dark", marks=pytest.mark.slow)]  # fmt: skip


@pytest.fixture(scope="module")
def opened(browser: Any, demo: str) -> Iterator[Demo]:
    """One page, which goes from address to address as a presenter's browser does."""
    with demonstrated(browser, demo, "", permissions=["clipboard-read", "clipboard-write"]) as page:
        yield page


def findings(page: Any) -> list[str]:
    """What axe-core finds serious or critical on the page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{v['id']}: {v['help']}: {[n['html'][:160] for n in v['nodes'][:3]]}"
            for v in found if v["impact"] in ("serious", "critical")]  # fmt: skip


def reached(page: Any, most: int = 80) -> list[str]:
    """The names of everything that Tab stops at, from the top of the page until it comes round."""
    page.evaluate("document.activeElement?.blur(); window.getSelection().removeAllRanges()")
    names = []
    for _ in range(most):
        page.keyboard.press("Tab")
        name = page.evaluate("""() => { const e = document.activeElement, words = n => n?.textContent.trim();
            if (!e || e === document.body) return null;
            return e.ariaLabel || words(e.labels?.[0]) || words(e.closest('label')) || e.title || words(e)
                || '?' + e.outerHTML }""")
        if name is None or (names and name == names[0] and len(names) > 3):
            break
        names.append(name)
    return names


def test_gallery_leads_to_every_widget_and_axe_finds_nothing_serious(opened):
    opened.go("")
    links = opened.page.locator("main.cmelab-gallery a").evaluate_all("all => all.map(a => a.href)")
    assert [parse_qs(urlsplit(link).query)["widget"][0] for link in links] == NAMES
    for picture in opened.page.locator("main.cmelab-gallery img").all():
        picture.scroll_into_view_if_needed()
        handle = picture.element_handle()
        opened.page.wait_for_function("image => image.complete && image.naturalWidth > 300", arg=handle)
    assert findings(opened.page) == []
    assert len(reached(opened.page)) >= len(NAMES)
    opened.healthy()


@pytest.mark.parametrize("look", LOOKS)
def test_every_widget_alone_on_its_page(opened, root, look):
    """One after the other: painted, in sight at 1280 x 720, reached by Tab, nothing serious for axe-core, no alarm."""
    (root / "screenshots").mkdir(exist_ok=True)
    for design in WIDGETS:
        shown = opened.go(f"widget={design.name}&{look}")
        shown.captioned(design().caption)
        opened.page.screenshot(path=root / "screenshots" / f"demo-{design.name}-{look or 'page'}.png")
        assert shown.overflowing() == [], design.name
        assert findings(opened.page) == [], design.name
        if "stage" in look:
            assert_in_sight(shown, design.name)
            assert_named(shown, design)
        opened.healthy()


def assert_in_sight(shown: Shown, name: str) -> None:
    """The picture, its play bar and every control that is turned lie inside the window."""
    low = shown.root.evaluate("""root => Math.max(...[...root.querySelectorAll(
        '.cmelab-view, .cmelab-play, .cmelab-sliders > *, .cmelab-beliefs > *')]
        .filter(e => e.offsetParent !== null).map(e => e.getBoundingClientRect().bottom))""")
    assert low <= 722, (name, low)


def assert_named(shown: Shown, design: Any) -> None:
    """Tab reaches every control that is shown, by its label; then what is folded away below the picture."""
    named = reached(shown.page)
    assert not [one for one in named if one.startswith("?")]
    values = design.start(None)
    for control in design.controls(values):
        seen = not control.hidden and (control.when is None or values[control.when[0]] in control.when[1])
        # Radio buttons are one stop, named by the one that is on; many beliefs are a menu.
        labels = (control.label, *control.choices) if control.kind == "choice" and control.belief else (control.label,)
        assert not seen or any(one.startswith(label) for one in named for label in labels), (control.name, named)
    assert shown.root.locator("summary").all_inner_texts() == named[-2:]


def test_address_follows_what_is_turned_and_leads_back(opened):
    shown = opened.go("widget=flux-bars&preset=swapped&stage=1&frame=12")
    shown.framed(12)
    before = shown.pixels()
    shown.key("ArrowRight")
    shown.framed(13)
    opened.page.wait_for_function("location.search.includes('frame=13')")
    shown.choose("pure-death")
    opened.page.wait_for_function("location.search.includes('preset=pure-death')")
    shown.until_repainted(lambda: shown.drag(shown.slider("M at t = 0"), 30))
    opened.page.wait_for_function("location.search.includes('n0=')")
    assert "token" not in opened.page.url
    query, picture = urlsplit(opened.page.url).query, shown.pixels()
    again = opened.go(query)
    again.says("t = ")
    again.wait("(stage, wanted) => stage.querySelector('canvas').toDataURL() === wanted", picture)
    opened.go("widget=flux-bars&preset=swapped&stage=1&frame=12").wait(
        "(stage, wanted) => stage.querySelector('canvas').toDataURL() === wanted", before
    )
    opened.healthy()


def test_link_and_python_are_copied(opened):
    shown = opened.go("widget=flux-bars&preset=production&theme=dark")
    shown.root.get_by_text("Take away").click()
    shown.press("Copy link")
    shown.says("Link copied.")
    link = opened.page.evaluate("navigator.clipboard.readText()")
    assert parse_qs(urlsplit(link).query) == {"widget": ["flux-bars"], "preset": ["production"], "theme": ["dark"]}
    shown.press("Copy Python")
    shown.says("Python copied.")
    flux = WIDGETS[NAMES.index("flux-bars")]
    wanted = code(flux, "production", {}, flux.start("production"))
    assert opened.page.evaluate("navigator.clipboard.readText()") == wanted


def test_picture_and_numbers_are_saved(opened, tmp_path):
    shown = opened.go("widget=flux-bars")
    shown.root.get_by_text("Take away").click()
    for words, suffix, begins in (("Picture (PNG)", "png", b"\x89PNG"), ("Picture (SVG)", "svg", b"<?xml"),
                                  ("Numbers (CSV)", "csv", b"frame,t,panel,mark,item")):  # fmt: skip
        with opened.page.expect_download() as saved:
            shown.press(words)
        path = Path(saved.value.path())
        assert saved.value.suggested_filename == f"flux-bars.{suffix}" and path.read_bytes().startswith(begins)
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    bars = [float(r["y"]) for r in rows if r["mark"] == "P(n, t)" and r["frame"] == "0"]
    assert sum(bars) == pytest.approx(1) and bars[10] == pytest.approx(1)
    opened.healthy()


def test_keys_work_without_a_click_and_a_clicker_steps(opened):
    shown = opened.go("widget=flux-bars&stage=1")
    keys = opened.page.keyboard
    keys.press("Home")
    shown.framed(0)
    keys.press("PageDown")
    shown.framed(10)
    keys.press("ArrowRight")
    shown.framed(11)
    keys.press("PageUp")
    shown.framed(1)
    keys.press(" ")
    shown.wait("stage => stage.dataset.playing === 'true'")
    keys.press(" ")
    shown.wait("stage => stage.dataset.playing === 'false'")
    jar = opened.go("widget=pair-jar&stage=1")
    presets = list(WIDGETS[NAMES.index("pair-jar")].presets)
    keys.press("PageDown")
    jar.captioned(WIDGETS[NAMES.index("pair-jar")](preset=presets[1]).caption)
    jar.presets(presets[1])
    opened.healthy()


def test_wrong_address_is_a_sentence_with_a_way_back(opened):
    page = opened.page
    page.goto(f"{page.url.partition('?')[0]}?widget=flux-bars&n0=1e9")
    page.get_by_text("it must be a whole number from 0 to 60").wait_for()
    page.get_by_role("link", name="All widgets").click()
    page.get_by_role("heading", name="The widgets of cmelab").wait_for()


def test_without_the_token_nobody_comes_in(browser, demo):
    window = browser.new_context()
    page = window.new_page()
    page.goto(f"{demo}/?widget=flux-bars")
    assert "/login" in page.url and page.locator(".cmelab-stage").count() == 0
    window.close()
