"""Every widget on a real JupyterLab page: dragged, played, keyed, clicked, in both themes and on a projector."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lab_page import PATIENCE, Notebook, Shown, opened, write_notebook

from cmelab.widgets import WIDGETS, Bank, FluxBars
from cmelab.widgets.look import DARK, LIGHT, Look, places
from cmelab.widgets.picture import bare
from cmelab.widgets.words import number

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium", "playwright")]

NAMES = [design.name for design in WIDGETS]
FLUX = NAMES.index("flux-bars")
every_widget = pytest.mark.parametrize("which", range(len(NAMES)), ids=NAMES)
# Each preset is looked at in `make test-all`; in `make test` the first of every widget.
every_preset = pytest.mark.parametrize(
    ("which", "preset"),
    [
        pytest.param(which, name, id=f"{design.name}-{name}", marks=[pytest.mark.slow] * (i > 0))
        for which, design in enumerate(WIDGETS)
        for i, name in enumerate(design.presets)
    ],
)


@pytest.fixture(scope="module")
def notebook(browser: Any, lab: str, folder: Path) -> Iterator[Notebook]:
    """All widgets below each other; each test leaves them at their start."""
    cells = [f'import cmelab\nw{i} = cmelab.show("{name}")\nw{i}' for i, name in enumerate(NAMES)]
    with opened(browser, lab, write_notebook(folder / "widgets.ipynb", *cells)) as notebook:
        notebook.run_all()
        yield notebook


@pytest.fixture
def shown(notebook: Notebook, which: int) -> Iterator[Shown]:
    """One widget at its start; afterwards the page must be healthy."""
    widget = notebook.widget(which)
    widget.to_start()
    widget.presets(next(iter(WIDGETS[which].presets)))
    yield widget
    widget.to_start()
    notebook.healthy()


@pytest.fixture
def flux(notebook: Notebook) -> Iterator[Shown]:
    """FluxBars at its start."""
    widget = notebook.widget(FLUX)
    widget.to_start()
    yield widget
    widget.to_start()
    notebook.healthy()


def image(url: str) -> np.ndarray:
    """The pixels of a data URL."""
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB")).astype(int)


# What every widget does ---------------------------------------------------------------------------------------


@every_widget
def test_slider_dragged_by_the_mouse_changes_picture_and_number(shown, which):
    control = next(c for c in WIDGETS[which].controls(WIDGETS[which].start(None)) if c.kind == "int" and not c.hidden)
    words = shown.caption()
    shown.until_repainted(lambda: shown.drag(shown.slider(control.label), 60))
    shown.wait("(stage, words) => stage.querySelector('canvas').ariaLabel !== words", words)
    shown.presets("(your own)")


@every_widget
def test_presets_and_reset(shown, which):
    design = WIDGETS[which]
    begun = shown.caption()
    for i in (1, 0, -1):
        preset = list(design.presets)[i]
        shown.choose(preset)
        shown.captioned(design(preset=preset).caption)
    shown.press("Reset")
    shown.captioned(begun)
    shown.presets(next(iter(design.presets)))


def blurred(pixels: np.ndarray, width: int = 5) -> np.ndarray:
    """Means over squares: letters and edges of two renderers then agree."""
    high, wide = (size // width for size in pixels.shape[:2])
    return pixels[: high * width, : wide * width].reshape(high, width, wide, width, 3).mean(axis=(1, 3))


def still_pixels(bank: Bank, width: int) -> np.ndarray:
    """The frame shown first, as matplotlib draws it, blurred."""
    from PIL import Image

    drawing = Image.open(io.BytesIO(bare(bank, bank.start, Look(), width=width))).convert("RGB")
    return blurred(np.asarray(drawing).astype(int))


@every_preset
def test_canvas_shows_what_the_still_picture_shows(shown, which, preset):
    own = WIDGETS[which](preset=preset)
    shown.choose(preset)
    shown.captioned(own.caption)
    canvas = image(shown.pixels())
    off = np.abs(blurred(canvas) - still_pixels(own.bank, canvas.shape[1])).max(axis=2)
    assert (off > 60).mean() < 0.004 and off.mean() < 3.0, ((off > 60).mean(), off.mean())


@pytest.mark.slow
@every_preset
def test_canvas_shows_every_single_mark(shown, which, preset):
    """Where a mark makes a difference to the still picture, the canvas agrees with the one that has it, to a pixel."""
    own = WIDGETS[which](preset=preset)
    shown.choose(preset)
    shown.captioned(own.caption)
    canvas = image(shown.pixels())
    plain, width = blurred(canvas), canvas.shape[1]
    ours = [blurred(np.roll(canvas, (down, right), (0, 1))) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    whole = still_pixels(own.bank, width)
    for i, mark in enumerate(own.bank.marks):
        lacking = still_pixels(replace(own.bank, marks=own.bank.marks[:i] + own.bank.marks[i + 1 :]), width)
        here = np.abs(whole - lacking).max(axis=2) > 20
        # Hairlines of the grid are left aside: each renderer puts them on its own pixel.
        if here.sum() >= 10 and mark.colour != "grid":
            near = min(np.abs(one - whole)[here].mean() for one in ours)
            far = np.abs(plain - lacking)[here].mean()
            assert near < 0.75 * far, (i, mark.kind, mark.panel, mark.colour, near, far)


@every_widget
def test_every_control_has_a_name(shown):
    """What a screen reader would say: label, aria-label or text of everything that can be reached."""
    nameless = shown.root.evaluate("""root => {
        const words = e => e?.textContent.trim();
        return [...root.querySelectorAll('input, select, textarea, button, [tabindex="0"]')]
            .filter(e => e.offsetParent !== null && !e.closest('.widget-readout'))
            .filter(e => !(e.ariaLabel || words(e.labels?.[0]) || words(e.closest('label')) || words(e)))
            .map(e => e.outerHTML) }""")
    assert nameless == []


@every_widget
def test_theme_of_the_page_is_followed_without_the_kernel(notebook, shown, which):
    def corner() -> list[int]:
        return image(shown.pixels())[0, 0].tolist()

    def paper(palette: dict[str, str]) -> list[int]:
        return [int(palette["paper"][i : i + 2], 16) for i in (1, 3, 5)]

    assert corner() == paper(LIGHT)
    with notebook.stopped_kernel():
        notebook.page.evaluate("document.body.dataset.jpThemeLight = 'false'")
        shown.wait("stage => stage.dataset.theme === 'dark'")
        assert corner() == paper(DARK)
        notebook.page.evaluate("document.body.dataset.jpThemeLight = 'true'")
        shown.wait("stage => stage.dataset.theme === 'light'")
    assert corner() == paper(LIGHT)


@every_widget
def test_stage_mode_enlarges_and_nothing_is_cut_off(shown):
    small = shown.letters()
    shown.until_repainted(lambda: shown.press("Stage mode"))
    shown.wait("stage => stage.classList.contains('cmelab-big')")
    assert shown.letters() >= 16 and shown.letters() > small
    assert shown.overflowing() == []
    shown.until_repainted(lambda: shown.press("Stage mode"))


@every_widget
def test_picture_says_what_it_shows(shown, which):
    """Alt text and caption are the sentence that the model wrote."""
    said = WIDGETS[which]().caption
    shown.captioned(said)
    assert shown.root.locator("figcaption").inner_text() == said
    assert shown.root.locator("canvas").get_attribute("role") == "img"


# Playing, keys and the mouse -----------------------------------------------------------------------------------


def test_frames_are_played_in_order_while_the_kernel_sleeps(notebook, flux):
    """The kernel's process is halted from before the first frame until after the last."""
    flux.root.locator("canvas").scroll_into_view_if_needed()
    with notebook.stopped_kernel():
        flux.stage.evaluate("""stage => { window.cmelabMoments = [];
            stage.addEventListener('cmelab-paint', event => window.cmelabMoments.push(event.detail.moment)); }""")
        flux.key("Home")
        flux.wait("stage => stage.dataset.frame === '0'")
        notebook.page.evaluate("window.cmelabMoments.length = 0")
        flux.press("play")
        flux.wait("stage => stage.dataset.playing === 'true'")
        flux.wait("stage => stage.dataset.playing === 'false' && stage.dataset.frame === '120'")
        moments = notebook.page.evaluate("window.cmelabMoments")
    assert moments == sorted(moments) and moments[-1] == 120
    frames = {int(moment) for moment in moments}
    assert len(frames) > 20 and len(moments) >= len(frames)


def test_kernel_hears_where_playing_stopped_and_not_of_every_frame(notebook, flux):
    notebook.kernel(f"heard = []; w{FLUX}.stage.observe(lambda change: heard.append(change['new']), 'frame')")
    flux.key("Home")
    flux.press("play")
    flux.wait("stage => Number(stage.dataset.frame) > 30")
    flux.press("pause")
    flux.wait("stage => stage.dataset.playing === 'false'")
    stopped = int(flux.state("frame"))
    notebook.until(f"print(w{FLUX}.stage.frame)", str(stopped))
    heard = notebook.kernel("print(heard)")
    assert heard.strip() == f"[0, {stopped}]"


def test_the_first_sentence_on_the_chosen_item_stands_out(flux):
    said, bold = flux.stage.locator(".cmelab-chosen"), flux.stage.locator(".cmelab-chosen b")
    assert said.inner_text().startswith("n = 8: P = 0.213. Gain ")
    assert bold.all_inner_texts() == ["n = 8: P = 0.213."]
    flux.key("Escape")
    flux.says("Click a bar, or press ↑ and ↓.")
    assert bold.all_inner_texts() == [said.inner_text()]


def test_keys_play_step_jump_and_choose(flux):
    flux.key("Home")
    flux.framed(0)
    flux.key("ArrowRight")
    flux.framed(1)
    flux.key("Shift+ArrowRight")
    flux.framed(11)
    flux.key("ArrowLeft")
    flux.framed(10)
    flux.key("End")
    flux.framed(120)
    flux.key("Escape")
    flux.says("Click a bar, or press ↑ and ↓.")
    flux.key("ArrowUp")
    flux.says("n = 0: P = ")
    flux.key("ArrowUp")
    flux.says("n = 1: P = ")
    flux.key("ArrowDown")
    flux.says("n = 0: P = ")
    flux.key(" ")
    flux.wait("stage => stage.dataset.playing === 'true'")
    flux.key(" ")
    flux.wait("stage => stage.dataset.playing === 'false'")


def test_keys_of_the_picture_do_not_reach_the_notebook(notebook, flux):
    """JupyterLab adds a cell at "b", leaves it at the arrows: not while the picture has the focus."""
    cells = """() => { const notebook = window.jupyterapp.shell.currentWidget.content;
        return [notebook.widgets.length, notebook.activeCellIndex] }"""
    before = notebook.page.evaluate(cells)
    for key in ("ArrowUp", "ArrowDown", "b", "a", " ", " "):
        flux.key(key)
    assert notebook.page.evaluate(cells) == before


def test_clicked_bar_is_chosen_and_explained(flux):
    bank = FluxBars().bank
    assert bank.selection
    wide = flux.root.locator("canvas").bounding_box()["width"]
    left, top, width, height = places(bank.panels, wide, bank.height, 13.0)["P"]
    scale = next(p for p in bank.panels if p.name == "P").x
    x = left + (11 - scale.low) / (scale.high - scale.low) * width
    flux.until_repainted(lambda: flux.root.locator("canvas").click(position={"x": x, "y": top + height / 3}))
    flux.says(bank.selection.text.fill(bank.start, 11))
    flux.until_repainted(lambda: flux.root.locator("canvas").click(position={"x": x, "y": top + height / 3}))
    flux.says("Click a bar, or press ↑ and ↓.")


def test_scrubbing_needs_no_kernel_and_leaves_no_trace(notebook, flux):
    with notebook.stopped_kernel():
        flux.key("Home")
        flux.framed(0)
        first = flux.pixels()
        scrub = flux.root.locator(".cmelab-play input")
        scrub.scroll_into_view_if_needed()
        box = scrub.bounding_box()
        page, y = notebook.page, box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + 3, y)
        page.mouse.down()
        for share in (0.2, 0.5, 0.8):
            page.mouse.move(box["x"] + share * box["width"], y)
        page.mouse.up()
        flux.wait("stage => Number(stage.dataset.frame) > 80")
        assert flux.pixels() != first
        flux.key("Home")
        flux.framed(0)
        assert flux.pixels() == first


def test_wrong_network_is_answered_in_a_sentence_and_mended(flux):
    text = flux.root.locator("textarea")
    text.fill("M + M -> 0 ; 1\n0 -> ; 3")
    text.blur()
    flux.says("line 2, column 5: a side of the arrow is empty")
    text.fill("2M -> 0 ; 0.1\n0 -> M ; 3")
    text.blur()
    flux.wait("stage => stage.querySelector('.cmelab-error').textContent === ''")
    flux.slider("rate of 2M → 0")


def test_guess_is_awaited(browser, lab, folder):
    cells = ['import cmelab\ncmelab.show("pair-jar", guess=None)', 'cmelab.show("pair-jar", guess=2.5)']
    with opened(browser, lab, write_notebook(folder / "guess.ipynb", *cells)) as notebook:
        notebook.run_all()
        waiting, told = notebook.widget(0), notebook.widget(1)
        waiting.says("Write your guess first")
        assert waiting.root.locator(".cmelab-reading b").all_inner_texts() == ["?"]
        assert told.root.locator(".cmelab-reading b").all_inner_texts() == ["2.0", "2.5"]
        notebook.healthy()


def test_failure_in_the_browser_reaches_the_reader(browser, lab, folder):
    """A bank that cannot be read is a sentence on the page, not a silent blank."""
    cell = 'import cmelab\nw = cmelab.show("pair-jar")\nw'
    with opened(browser, lab, write_notebook(folder / "broken.ipynb", cell)) as notebook:
        notebook.run_all()
        shown = notebook.widget(0)
        notebook.kernel(r"w.stage.bank = b'\x04\0\0\0oops'")
        shown.says("The picture could not be drawn")
        shown.press("Reset")
        shown.wait("stage => stage.querySelector('.cmelab-error').textContent === ''")


def test_numbers_are_written_in_the_browser_as_in_python(browser):
    values = [
        0,
        1,
        -1,
        0.5,
        2.5,
        0.125,
        -0.125,
        9.996,
        1234.5,
        99999,
        1e-4,
        6e-5,
        4e-5,
        -761.2077,
        0.0051,
        1 / 3,
        1e6,
        -0.004,
        float("nan"),
    ]
    values = [float(np.float32(v)) for v in values]
    source = (Path(__file__).parents[2] / "cmelab/widgets/paint.js").read_text(encoding="utf-8")
    page = browser.new_page()
    forms = ["3", "4", ".2", ".3", "d"]
    told = page.evaluate(
        """([source, values, forms]) => {
        const written = new Function(source + '; return written')();
        return values.map(v => forms.map(f => written(v ?? NaN, f))) }""",
        [source, [None if v != v else v for v in values], forms],
    )
    page.close()
    assert told == [[number(v, f) for f in forms] for v in values]


def test_reduced_motion_shows_still_pictures(browser, lab, folder):
    cell = 'import cmelab\ncmelab.show("flux-bars")'
    with opened(browser, lab, write_notebook(folder / "calm.ipynb", cell), reduced_motion="reduce") as notebook:
        notebook.run_all()
        shown = notebook.widget(0)
        shown.key("Home")
        shown.framed(0)
        before = int(shown.state("painted"))
        shown.press("play")
        shown.wait("stage => stage.dataset.playing === 'false' && stage.dataset.frame === '120'")
        assert int(shown.state("painted")) - before <= 16


# Pictures to look at ----------------------------------------------------------------------------------------------

LOOKS = ["light", pytest.param("dark", marks=pytest.mark.slow), pytest.param("stage", marks=pytest.mark.slow),
         pytest.param("narrow", marks=pytest.mark.slow)]  # fmt: skip


@pytest.mark.parametrize("look", LOOKS)
def test_screenshots(browser, lab, folder, root, look):
    """A picture of every widget in /screenshots/, in other looks of every preset; nothing is cut off in any."""
    most = 1 if look == "light" else None
    cases = [(design.name, preset) for design in WIDGETS for preset in list(design.presets)[:most]]
    stage = ", stage=True" if look == "stage" else ""
    cells = [f'import cmelab\ncmelab.show("{name}", preset="{preset}"{stage})' for name, preset in cases]
    size = {"narrow": (710, 900), "stage": (1440, 1000)}.get(look, (1200, 1000))
    view = {"viewport": {"width": size[0], "height": size[1]}}
    with opened(browser, lab, write_notebook(folder / f"{look}.ipynb", *cells), **view) as notebook:
        theme = "JupyterLab Dark" if look == "dark" else "JupyterLab Light"
        notebook.page.evaluate(
            "async theme => await window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
        )
        notebook.run_all()
        (root / "screenshots").mkdir(exist_ok=True)
        for i, (name, preset) in enumerate(cases):
            shown = notebook.widget(i)
            shown.wait("(stage, theme) => stage.dataset.theme === theme", "dark" if look == "dark" else "light")
            assert shown.overflowing() == [], (name, preset)
            shown.root.screenshot(path=root / "screenshots" / f"{name}-{preset}-{look}.png", timeout=PATIENCE)
        notebook.healthy()


# The lesson -----------------------------------------------------------------------------------------------------------


def test_first_lesson_runs_and_its_jar_can_be_dragged(browser, lab, folder, root):
    lesson = root / "course" / "01_propensities" / "lesson.ipynb"
    if not lesson.exists():
        pytest.skip("course/01_propensities/lesson.ipynb is not built (cmelab build)")
    (folder / "lesson.ipynb").write_bytes(lesson.read_bytes())
    with opened(browser, lab, "lesson.ipynb") as notebook:
        notebook.run_all()
        notebook.go_to('cmelab.show("pair-jar", preset="start")')
        jar = notebook.widget(0, within=".jp-Cell.jp-mod-active")
        jar.until_repainted(lambda: jar.drag(jar.slider("molecules of A"), 40))
        notebook.healthy()
