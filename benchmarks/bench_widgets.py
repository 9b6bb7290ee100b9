"""How fast every widget answers: in the kernel, and on a real JupyterLab page in headless Chromium.

Run: python benchmarks/bench_widgets.py [NAME ...]      (make bench ARGS=benchmarks/bench_widgets.py)

"Drag to paint" is the time from a key on a slider to the pixels that show its effect, without and with 100 ms added to
each round trip to the server. Beside each widget the same numbers are drawn by `interact` and `plt.show` from the same
slider, and measured by the same clock; the floor is a slider that moves a label through the kernel. All take turns, so
that a busy computer is equally busy for each.
"""

from __future__ import annotations

import contextlib
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser"), str(ROOT / "benchmarks")]

from delay_proxy import delayed  # noqa: E402

from cmelab.doctor import find_chromium  # noqa: E402
from cmelab.one_thread import one_thread  # noqa: E402
from cmelab.widgets import WIDGETS, Design, designed  # noqa: E402
from cmelab.widgets.controls import Control  # noqa: E402
from cmelab.widgets.explorer import LARGE, SLOW  # noqa: E402

STEPS, ROUNDS = 20, 2  # key presses a round, and the rounds
WIDE = 12  # letters of a column at least
DELAYS = (0.0, 0.1)  # seconds added to each round trip
FRAMES, REST, RATIO = 50, 25.0, 1.5  # targets: frames per second; ms for all but computing; times the floor

FLOOR = """
import ipywidgets
slider, label = ipywidgets.IntSlider(5, 2, 12), ipywidgets.HTML("5")
slider.observe(lambda change: setattr(label, "value", str(change["new"])), "value")
ipywidgets.VBox([slider, label])
"""

# A clock in the page: `seen` is called when a picture changed in the document, and notes when it is on the screen.
CLOCK = """() => {
    const seen = () => requestAnimationFrame(() => { const c = new MessageChannel();
        c.port1.onmessage = () => window.benchPaints.push(performance.now()); c.port2.postMessage(0); });
    window.benchPaints = [];
    document.addEventListener('cmelab-paint', seen, true);
    const label = document.querySelector('.widget-html-content');
    if (label) new MutationObserver(seen).observe(label, { childList: true, subtree: true, characterData: true });
    document.addEventListener('load', event => event.target.tagName === 'IMG' && seen(), true);
    window.benchStep = async (handle, key) => {
        const before = window.benchPaints.length, start = performance.now();
        handle.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        while (window.benchPaints.length === before) {
            if (performance.now() - start > 30000) throw new Error('nothing was painted');
            await new Promise(resolve => setTimeout(resolve, 1)); }
        const painted = window.benchPaints[before] - start;
        for (let quiet = performance.now(), n = window.benchPaints.length; performance.now() - quiet < 80;) {
            await new Promise(resolve => setTimeout(resolve, 5));
            if (window.benchPaints.length !== n) { n = window.benchPaints.length; quiet = performance.now(); } }
        return painted; }
    window.benchScrub = async (slider, ms) => { // another moment of the film at every beat of the screen
        const frames = Number(slider.max) + 1, start = performance.now();
        window.benchPaints.length = 0;
        for (let i = 1; performance.now() - start < ms; i++) {
            slider.value = i % frames;
            slider.dispatchEvent(new Event('input', { bubbles: true }));
            await new Promise(resolve => requestAnimationFrame(resolve)); }
        return window.benchPaints; } }"""


def spread_of(values: Sequence[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    return statistics.median(values), statistics.quantiles(values, n=20)[-1]


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table with aligned columns, each row as it comes."""
    widths = [max(len(name), WIDE) for name in head]
    print(f"\n{title}")
    for row in itertools.chain((head, ["-" * w for w in widths]), rows):
        print("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip(), flush=True)


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds, and what came out."""
    begin = time.perf_counter()
    result = act()
    return (time.perf_counter() - begin) * 1e3, result


def turned(design: Design) -> Control:
    """The slider that is measured: the first that is seen."""
    values = design.start(None)
    return next(
        c for c in design.controls(values)
        if c.kind in ("int", "log") and not c.hidden and (c.when is None or values[c.when[0]] in c.when[1])
    )  # fmt: skip


def in_the_kernel(design: Design) -> list[str]:
    """One row: a slider moved to and fro, in milliseconds and bytes."""
    shown, control = design(), turned(design)
    start, compute, encode, rest = shown.values[control.name], [], [], []
    for i in range(STEPS):
        further = start + 1 + i % 4 if control.kind == "int" else start * 1.03**i  # no value twice: none is kept ready
        value = control.checked(min(control.high, max(control.low, further)))
        with one_thread():  # as the widget does
            ms, bank = timed(lambda value=value: design.bank({**shown.values, control.name: value}, True))
        compute.append(ms)
        encode.append(timed(bank.packed)[0])
        whole = timed(lambda value=value: setattr(shown.inputs[control.name], "value", value))[0]
        rest.append(max(0.0, whole - ms))
    size, frames = len(shown.stage.bank), shown.bank.frames
    heavy = statistics.median(compute) > SLOW * 1e3 or size > LARGE
    waits = not shown.inputs[control.name].continuous_update
    when = "on release" if waits else "live" + (", TOO DEAR" if heavy else "")
    times = [f"{a:.1f} / {b:.1f}" for a, b in map(spread_of, (compute, encode, rest))]
    good = "yes" if spread_of(rest)[1] <= REST else "no"
    return [design.name, *times, good, f"{size / 1e3:.1f}", str(frames), f"{size / frames:.0f}", when]


def drag(notebook: Any, handle: Any) -> list[float]:
    """Milliseconds from key to pixels, one step at a time."""
    keys = ["ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"] * (STEPS // 4)
    element = handle.element_handle()
    return [notebook.page.evaluate("([h, k]) => window.benchStep(h, k)", [element, key]) for key in keys]


def filmed(notebook: Any, widget: Any) -> tuple[float, float]:
    """Painted frames per second, played and scrubbed. A film of few moments plays slowly because it is meant to."""
    widget.root.locator("canvas").scroll_into_view_if_needed()
    widget.key("Home")
    widget.framed(0)
    notebook.page.evaluate("window.benchPaints.length = 0")
    widget.press("play")
    widget.wait("stage => stage.dataset.playing === 'true'")
    widget.wait("stage => stage.dataset.playing === 'false'")
    played = notebook.page.evaluate("window.benchPaints")
    slider = widget.root.locator(".cmelab-play input").element_handle()
    scrubbed = notebook.page.evaluate("slider => window.benchScrub(slider, 1500)", slider)
    return tuple((len(paints) - 1) / (paints[-1] - paints[0]) * 1e3 for paints in (played, scrubbed))


def cells(design: Design) -> tuple[str, str]:
    """The widget, and the same the usual way."""
    usual = (
        f"import sys\nsys.path[:0] = [{str(ROOT / 'benchmarks')!r}]\n"
        "from cmelab.widgets.controls import Control\nfrom usual_way import usual\n"
        f"usual(cmelab.widgets.designed({design.name!r}), {turned(design)!r})"
    )
    return f'import cmelab\ncmelab.show("{design.name}")', usual


def on_one_page(browser: Any, address: str, folder: Path, design: Design) -> Iterator[tuple[str, Any]]:
    """Key to pixels of widget, usual way and floor in turns, then the film: (name, values)."""
    from lab_page import opened, write_notebook

    name = write_notebook(folder / f"{design.name}.ipynb", *cells(design), FLOOR)
    with opened(browser, address, name, viewport={"width": 1200, "height": 2000}) as notebook:
        notebook.run_all()
        widget, rows = notebook.widget(0), notebook.page.locator(".jp-Cell.jp-CodeCell")
        handles = {"widget": widget.slider(turned(design).label)}
        handles |= {way: rows.nth(i).locator(".noUi-handle") for i, way in ((1, "usual"), (2, "floor"))}
        notebook.page.evaluate(CLOCK)
        times: dict[str, list[float]] = {way: [] for way in handles}
        for i in range(ROUNDS + 1):
            for way, handle in handles.items():
                handle.wait_for()
                found = drag(notebook, handle)
                times[way] += found if i else []  # the first round pays for what is made once
        yield from times.items()
        yield "fps", filmed(notebook, widget) if designed(design.name)().bank.frames > 1 else None


def in_the_page(designs: Sequence[Design]) -> None:
    """Start JupyterLab and Chromium, and measure every widget over both lines."""
    head = ["widget", "added ms", "widget ms", "interact ms", "floor ms", "/ floor", "interact / it",
            "played / scrubbed fps"]  # fmt: skip
    table(
        f"Drag to paint, p50 / p95. Targets: at most {RATIO} times the floor where computing takes at most 10 ms; "
        f"{FRAMES} painted frames per second, scrubbed, over either line",
        head,
        _measured(designs),
    )


def _measured(designs: Sequence[Design]) -> Iterator[list[str]]:
    """One row for each widget and each line."""
    from lab_page import FLAGS, serving_lab
    from playwright.sync_api import Error, sync_playwright

    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lab = stack.enter_context(serving_lab(folder))
        play = stack.enter_context(sync_playwright())
        browser = play.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        stack.callback(browser.close)
        port = int(lab.rpartition(":")[2])
        for design in designs:
            for delay in DELAYS:
                try:
                    with delayed(port, delay) if delay else contextlib.nullcontext(port) as by:
                        found = dict(on_one_page(browser, f"http://127.0.0.1:{by}", folder, design))
                except Error as error:
                    # One page that fails must not cost the others.
                    yield [design.name, f"{1e3 * delay:.0f}", str(error).splitlines()[0], *[""] * 5]
                    continue
                ours, usual, floor = (spread_of(found[way]) for way in ("widget", "usual", "floor"))
                fps = "" if found["fps"] is None else " / ".join(f"{rate:.0f}" for rate in found["fps"])
                each = [f"{p50:.0f} / {p95:.0f}" for p50, p95 in (ours, usual, floor)]
                ratios = [f"{ours[0] / floor[0]:.1f}", f"{usual[0] / ours[0]:.1f}"]
                yield [design.name, f"{1e3 * delay:.0f}", *each, *ratios, fps]


def main() -> None:
    """Print all tables."""
    designs = [designed(name) for name in sys.argv[1:]] or WIDGETS
    head = ["widget", "compute ms", "encode ms", "all else ms", f"<= {REST:.0f}", "kB a change", "frames",
            "bytes a frame", "a dragged slider"]  # fmt: skip
    table("In the kernel, p50 / p95 of one slider step", head, map(in_the_kernel, designs))
    if find_chromium() is None:
        print("\nNo Chromium: what happens on the page is not measured.")
        return
    in_the_page(designs)


if __name__ == "__main__":
    main()
