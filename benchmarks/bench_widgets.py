"""How fast the widgets answer: in the kernel, and on a real JupyterLab page in headless Chromium.

Run: python benchmarks/bench_widgets.py      (make bench ARGS=benchmarks/bench_widgets.py)

"Drag to paint" is the time from a key on the slider to the pixels that show its effect. The same jar is drawn by
`ipywidgets.interact` with `matplotlib.pyplot.show`, the usual way, and measured by the same clock.
"""

from __future__ import annotations

import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

from cmelab.doctor import find_chromium  # noqa: E402
from cmelab.widgets import WIDGETS, Design  # noqa: E402

STEPS, ROUNDS = 96, 4  # key presses in all, and the turns they are taken in

USUAL_WAY = """
%matplotlib inline
import itertools
import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import IntSlider, interact
from cmelab.widgets.jar_marks import spread

places = spread(1, (3 / 12) ** (1 / 3))

def jar(n):
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4))
    for i, j in itertools.combinations(range(n), 2):
        left.plot(*places[[i, j]].T, color="#009e73", lw=1.6)
        right.add_patch(plt.Rectangle((j + 0.54, n - i - 0.46), 0.92, 0.92, color="#009e73"))
    left.scatter(*places[:n].T, s=400, color="#d55e00", zorder=3)
    for i in range(n):
        left.text(*places[i], str(i + 1), color="white", ha="center", va="center", zorder=4)
    left.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal", title="Jar of volume 3")
    right.set(xlim=(0.4, n + 0.6), ylim=(0.4, n + 0.6), aspect="equal", title=f"Pairs: {n * (n - 1) // 2}")
    figure.suptitle(f"a = 0.2 · {n * (n - 1) // 2} = {0.1 * n * (n - 1):.1f}")
    plt.show()

interact(jar, n=IntSlider(5, 2, 12));
"""

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
            if (performance.now() - start > 10000) throw new Error('nothing was painted');
            await new Promise(resolve => setTimeout(resolve, 1)); }
        const painted = window.benchPaints[before] - start;
        for (let quiet = performance.now(), n = window.benchPaints.length; performance.now() - quiet < 80;) {
            await new Promise(resolve => setTimeout(resolve, 5));
            if (window.benchPaints.length !== n) { n = window.benchPaints.length; quiet = performance.now(); } }
        return painted; } }"""


def spread_of(values: Sequence[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    return statistics.median(values), statistics.quantiles(values, n=20)[-1]


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table with aligned columns."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    print(f"\n{title}")
    for row in (head, ["-" * w for w in widths], *rows):
        print("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)))


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds, and what came out."""
    begin = time.perf_counter()
    result = act()
    return (time.perf_counter() - begin) * 1e3, result


def in_the_kernel(design: Design) -> list[str]:
    """One row: a slider moved back and forth, in milliseconds and bytes."""
    shown = design()
    control = next(c for c in design.controls(shown.values) if c.kind in ("int", "log") and not c.hidden)
    compute, encode, whole = [], [], []
    for i in range(STEPS):
        value = control.low + 2 + i % 8 if control.kind == "int" else control.value
        ms, bank = timed(lambda values={**shown.values, control.name: int(value)}: design.bank(values, True))
        compute.append(ms)
        encode.append(timed(bank.packed)[0])
        whole.append(timed(lambda value=value: setattr(shown.inputs[control.name], "value", int(value)))[0])
    size = len(shown.stage.bank)
    times = [f"{a:.1f} / {b:.1f}" for a, b in map(spread_of, (compute, encode, whole))]
    return [design.name, *times, f"{size / 1e3:.1f}", str(shown.bank.frames), f"{size / shown.bank.frames:.0f}"]


def drag(notebook: Any, handle: Any) -> list[float]:
    """Milliseconds from key to pixels, one step at a time."""
    keys = ["ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"] * (STEPS // 4 // ROUNDS)
    element = handle.element_handle()
    return [notebook.page.evaluate("([h, k]) => window.benchStep(h, k)", [element, key]) for key in keys]


def dragged(browser: Any, lab: str, folder: Path) -> None:
    """The three ways in turns, so that a busy computer is equally busy for each."""
    from lab_page import opened, write_notebook

    cells = {
        "PairJar": 'import cmelab\ncmelab.show("pair-jar")',
        "interact + plt.show": USUAL_WAY,
        "floor: a label": FLOOR,
    }
    times: dict[str, list[float]] = {name: [] for name in cells}
    with contextlib.ExitStack() as stack:
        pages = {}
        for i, (name, cell) in enumerate(cells.items()):
            notebook = stack.enter_context(opened(browser, lab, write_notebook(folder / f"drag{i}.ipynb", cell)))
            notebook.run_all()
            handle = notebook.page.locator(".noUi-handle").first
            handle.wait_for()
            notebook.page.evaluate(CLOCK)
            drag(notebook, handle)  # the first steps pay for what is made once
            pages[name] = notebook, handle
        for _ in range(ROUNDS):
            for name, (notebook, handle) in pages.items():
                notebook.page.bring_to_front()
                times[name] += drag(notebook, handle)
    ours, usual, _ = found = [spread_of(each) for each in times.values()]
    rows = [[name, f"{p50:.0f}", f"{p95:.0f}", ""] for name, (p50, p95) in zip(times, found, strict=True)]
    rows.append(["PairJar is faster by", *(f"{b / a:.1f} times" for a, b in zip(ours, usual, strict=True)), "4 times"])
    table("Drag to paint, ms", ["the jar drawn by", "p50", "p95", "target"], rows)


def in_the_page() -> None:
    """Start JupyterLab and Chromium, and measure."""
    from lab_page import FLAGS, opened, serving_lab, write_notebook
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serving_lab(folder) as lab, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            dragged(browser, lab, folder)
            play = write_notebook(folder / "play.ipynb", 'import cmelab\ncmelab.show("flux-bars")')
            with opened(browser, lab, play) as notebook:
                notebook.run_all()
                notebook.page.evaluate(CLOCK)
                table(
                    "Playing", ["widget", "painted frames per second", "target"], [["FluxBars", played(notebook), "40"]]
                )
            browser.close()


def played(notebook: Any) -> str:
    """Frames per second of one run from the first frame to the last, the best of three."""
    widget, best = notebook.widget(0), 0.0
    widget.root.locator("canvas").scroll_into_view_if_needed()
    for _ in range(3):
        widget.key("Home")
        widget.framed(0)
        notebook.page.evaluate("window.benchPaints.length = 0")
        widget.press("play")
        widget.wait("stage => stage.dataset.playing === 'false' && stage.dataset.frame === '120'")
        paints = notebook.page.evaluate("window.benchPaints")
        best = max(best, (len(paints) - 1) / (paints[-1] - paints[0]) * 1e3)
    return f"{best:.0f}"


def main() -> None:
    """Print all tables."""
    head = ["widget", "compute ms", "encode ms", "all ms", "kB a change", "frames", "bytes a frame"]
    table("In the kernel, p50 / p95 of one slider step", head, [in_the_kernel(design) for design in WIDGETS])
    if find_chromium() is None:
        print("\nNo Chromium: what happens on the page is not measured.")
        return
    in_the_page()


if __name__ == "__main__":
    main()
