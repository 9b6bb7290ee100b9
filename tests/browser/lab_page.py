"""A real JupyterLab page in headless Chromium: the server, and what tests and benchmarks do on a page.

Tests wait for states of the page, never for a time to pass.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

import cmelab
from cmelab import demo

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
         "--disable-component-update", "--no-first-run", "--mute-audio", "--force-color-profile=srgb",
         "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows"]  # fmt: skip
TOKEN = "a-token-of-the-tests"
PATIENCE = 90_000  # ms until a state that does not come is a failure; the computer may be busy

PRESET = "menu.selectedOptions[0].textContent.replace('\u00a0', ' ')"
IDLE = """() => { const page = window.jupyterapp?.shell?.currentWidget;
    return page?.context?.isReady && page.sessionContext?.isReady
        && page.sessionContext.session?.kernel?.status === 'idle' }"""
ERRORS = """() => window.jupyterapp.shell.currentWidget.content.widgets.flatMap(cell =>
    cell.model.type !== 'code' ? [] : cell.model.outputs.toJSON().filter(o => o.output_type === 'error'))"""


@contextlib.contextmanager
def serving(command: list[str], folder: Path, port: int, more: dict[str, str] | None = None) -> Iterator[str]:
    """Start a server, wait until it answers, stop it at the end and nothing else; ``more`` goes to its environment."""
    home = folder / ".jupyter-test"
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "CMELAB_PROGRESS": str(home / "progress.json"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "JUPYTER_CONFIG_PATH": str(Path(cmelab.__file__).parent),  # as in `cmelab course`
        **(more or {}),
    }
    # No question about news over the page, and every cell on it, seen or not.
    for plugin, wanted in (("apputils-extension/notification", '{"fetchNews": "false"}'),
                           ("notebook-extension/tracker", '{"windowingMode": "none"}')):  # fmt: skip
        settings = home / f"settings/@jupyterlab/{plugin}.jupyterlab-settings"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(wanted, encoding="utf-8")
    log = folder / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT, env=environment)
    try:
        until = time.monotonic() + 120
        while True:
            assert server.poll() is None, f"the server ended:\n{log.read_text()[-2000:]}"
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert time.monotonic() < until, f"the server does not answer:\n{log.read_text()[-2000:]}"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def serving_lab(folder: Path) -> contextlib.AbstractContextManager[str]:
    """A JupyterLab that serves a folder; gives its address."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--allow-root",
        "--IdentityProvider.token=",
        "--ServerApp.password=",
        "--ServerApp.disable_check_xsrf=True",
        f"--ServerApp.root_dir={folder}",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        f"--LabApp.user_settings_dir={folder / '.jupyter-test/settings'}",
    ]
    return serving(command, folder, port)


def serving_demo(folder: Path) -> contextlib.AbstractContextManager[str]:
    """What `cmelab demo` starts, with a token that the tests know; gives its address."""
    port = free_port()
    demo.write_page(folder)
    return serving(demo.command(folder, port), folder, port, {**demo.environment(), "JUPYTER_TOKEN": TOKEN})


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@dataclass
class Notebook:
    """A notebook open in JupyterLab, and everything that went wrong on its page."""

    page: Any
    troubles: list[str] = field(default_factory=list)

    def run_all(self) -> None:
        """Run every cell and wait until all are done; any error output fails."""
        self.page.evaluate("async () => { await window.jupyterapp.commands.execute('notebook:run-all-cells') }")
        assert self.page.evaluate(ERRORS) == []

    def kernel(self, code: str) -> str:
        """Run code in the kernel behind the page, outside the notebook; what it printed."""
        return self.page.evaluate(
            """async code => {
            const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            const run = kernel.requestExecute({ code, store_history: false });
            let printed = '';
            run.onIOPub = m => { if (m.header.msg_type === 'stream') printed += m.content.text;
                                 if (m.header.msg_type === 'error') printed += m.content.evalue; };
            await run.done;
            return printed; }""",
            code,
        )

    @contextlib.contextmanager
    def stopped_kernel(self) -> Iterator[None]:
        """Inside, the kernel's process is halted: it hears nothing and answers nobody."""
        kernel = int(self.kernel("import os; print(os.getpid())"))
        os.kill(kernel, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(kernel, signal.SIGCONT)

    def until(self, code: str, printed: str) -> None:
        """Ask the kernel again and again until it prints this."""
        deadline = time.monotonic() + PATIENCE / 1000
        while (got := self.kernel(code).strip()) != printed:
            assert time.monotonic() < deadline, f"{code} printed {got}, not {printed}"

    def go_to(self, source: str) -> None:
        """Make the cell with that source the active one, in sight: JupyterLab keeps far cells out of the page."""
        assert self.page.evaluate(
            """async source => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                const at = notebook.widgets.findIndex(cell => cell.model.sharedModel.getSource().trim() === source);
                notebook.activeCellIndex = at;
                await notebook.scrollToItem(at, 'start');
                return at;
            }""",
            source,
        ) >= 0

    def widget(self, which: int, within: str = "") -> Shown:
        """The widget of that number, counted down the page, or down a part of it."""
        root = self.page.locator(f"{within} .cmelab-widget").nth(which)
        root.locator(".cmelab-stage[data-painted]").wait_for(timeout=PATIENCE)
        return Shown(self.page, root)

    def healthy(self) -> None:
        """No error output, no broken widget, no sentence of failure, no trouble in the browser's console."""
        assert self.page.evaluate(ERRORS) == []
        assert self.page.locator(".jupyter-widgets-error-widget").count() == 0
        assert [text for text in self.page.locator(".cmelab-error").all_inner_texts() if text] == []
        assert self.troubles == []


@dataclass
class Shown:
    """One widget on the page."""

    page: Any
    root: Any

    @property
    def stage(self) -> Any:
        """The picture with its play bar and captions."""
        return self.root.locator(".cmelab-stage")

    @property
    def view(self) -> Any:
        """The part that takes the keys."""
        return self.root.locator(".cmelab-view")

    def state(self, name: str) -> str:
        """What the picture says of itself: frame, painted, playing, theme."""
        return self.stage.get_attribute(f"data-{name}") or ""

    def pixels(self) -> str:
        """The canvas as a data URL: equal strings are equal pictures."""
        return self.root.locator("canvas").evaluate("canvas => canvas.toDataURL()")

    def wait(self, test: str, *given: Any) -> None:
        """Wait until a JavaScript test of (stage, ...given) holds."""
        handle = self.stage.element_handle()
        self.page.wait_for_function(
            f"([stage, ...given]) => ({test})(stage, ...given)", arg=[handle, *given], timeout=PATIENCE
        )

    def says(self, text: str) -> None:
        """Wait until the widget shows this text anywhere."""
        self.root.get_by_text(text).first.wait_for(timeout=PATIENCE)

    def until_repainted(self, act: Any) -> None:
        """Do something, and wait until the picture differs from what it was."""
        before = self.pixels()
        act()
        self.wait("(stage, before) => stage.querySelector('canvas').toDataURL() !== before", before)

    def slider(self, label: str) -> Any:
        """The handle of a slider, by the name a screen reader hears."""
        handle = self.root.locator(f'.noUi-handle[aria-label^="{label}"]')
        handle.wait_for(timeout=PATIENCE)
        return handle

    def drag(self, handle: Any, by: float, steps: int = 6) -> None:
        """Drag with real mouse events."""
        handle.hover()  # scrolls until the handle lies still and can be reached
        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        for i in range(1, steps + 1):
            self.page.mouse.move(x + by * i / steps, y)
        self.page.mouse.up()

    def choose(self, preset: str) -> None:
        """Choose a preset in its list, and wait until the page has followed: two of them may say the same words."""
        menu, before = self.root.locator("select").first, int(self.state("cue"))
        if menu.evaluate(f"menu => {PRESET}") != preset:
            menu.select_option(label=preset)
            self.wait("(stage, before) => Number(stage.dataset.cue) > before", before)

    def presets(self, name: str) -> None:
        """Wait until the list of presets shows this: it follows the picture by a message."""
        self.wait(f"(stage, name) => {{ const menu = stage.closest('.cmelab-widget').querySelector('select'); "
                  f"return {PRESET} === name }}", name)

    def press(self, name: str) -> None:
        """Press a button."""
        self.root.get_by_role("button", name=name, exact=True).click()

    def key(self, name: str) -> None:
        """Press a key while the picture has the focus."""
        self.view.press(name)

    def framed(self, frame: int) -> None:
        """Wait until this frame is painted."""
        self.wait("(stage, frame) => stage.dataset.frame === frame", str(frame))

    def caption(self) -> str:
        """The alt text of the picture, once it has followed: it comes a moment after what is written below."""
        self.wait("""stage => { const words = stage.querySelector('canvas').ariaLabel;
            return words && words === stage.querySelector('figcaption').textContent }""")
        return self.root.locator("canvas").get_attribute("aria-label")

    def captioned(self, words: str) -> None:
        """Wait until the alt text says this."""
        self.wait("(stage, words) => stage.querySelector('canvas').ariaLabel === words", words)

    def to_start(self) -> None:
        """Reset, and wait until the page has followed: the cue of the picture has grown."""
        before = int(self.state("cue"))
        self.press("Reset")
        self.wait("(stage, before) => Number(stage.dataset.cue) > before", before)

    def letters(self) -> float:
        """Height of the letters of the words around the picture."""
        return self.stage.evaluate("stage => parseFloat(getComputedStyle(stage).fontSize)")

    def overflowing(self) -> list[str]:
        """What is wider than the room it has."""
        return self.root.evaluate("""root => {
            const end = root.getBoundingClientRect().right + 2;
            const pen = document.createElement('canvas').getContext('2d');
            const cut = e => { // a menu does not say that its words are cut off
                pen.font = getComputedStyle(e).font;
                return pen.measureText(e.selectedOptions[0]?.text ?? '').width + 16 > e.clientWidth; };
            const full = e => e.matches('select') ? cut(e) : e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 2
                && getComputedStyle(e).display !== 'inline'
                && !e.matches('.widget-slider'); // holds the unseen margin of its readout; what is in it is looked at
            return [...root.querySelectorAll('*')]
                .filter(e => e.offsetParent !== null && !e.closest('.slider-container, .widget-readout, textarea'))
                .filter(e => full(e) || e.getBoundingClientRect().right > end).map(e => e.outerHTML.slice(0, 200)) }""")


@contextlib.contextmanager
def demonstrated(browser: Any, address: str, query: str, **context: Any) -> Iterator[Demo]:
    """A page of `cmelab demo` at an address, ready."""
    window = browser.new_context(**{"viewport": {"width": 1280, "height": 720}, **context})
    page = window.new_page()
    page.set_default_timeout(PATIENCE)
    shown = Demo(page)
    page.on("pageerror", lambda error: shown.troubles.append(str(error)))
    page.on("request", lambda r: shown.asked.append(r.url))
    try:
        page.goto(f"{address}/?{query}{'&' if query else ''}token={TOKEN}")
        shown.ready()
        yield shown
    finally:
        window.close()


@dataclass
class Demo:
    """A page of `cmelab demo`: a widget alone, or the gallery."""

    page: Any
    troubles: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def ready(self) -> None:
        """Wait until the widget has painted and its controls are there, or the gallery stands."""
        self.page.locator(".cmelab-widget .cmelab-stage[data-painted], main.cmelab-gallery").first.wait_for()

    def go(self, query: str) -> Shown:
        """Another address, as a slide's link would open it; the cookie of the first visit is enough."""
        self.page.goto(f"{self.page.url.partition('?')[0]}?{query}")
        self.ready()
        return self.widget

    @property
    def widget(self) -> Shown:
        """The widget on the page."""
        return Shown(self.page, self.page.locator(".cmelab-widget").first)

    def healthy(self) -> None:
        """No broken widget, no sentence of failure, no trouble in the page, and nothing asked from elsewhere."""
        assert self.page.locator(".jupyter-widgets-error-widget").count() == 0
        assert [text for text in self.page.locator(".cmelab-error").all_inner_texts() if text] == []
        assert self.troubles == []
        home = self.page.url.partition("?")[0]
        assert [url for url in self.asked if not url.startswith((home, "data:", "blob:"))] == []


def write_notebook(path: Path, *cells: str) -> str:
    """A notebook of code cells; its name."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path.name


@contextlib.contextmanager
def opened(browser: Any, lab: str, name: str, **context: Any) -> Iterator[Notebook]:
    """Open a notebook alone on a page and wait for its kernel."""
    window = browser.new_context(**{"viewport": {"width": 1200, "height": 1000}, **context})
    page = window.new_page()
    page.set_default_timeout(PATIENCE)
    notebook = Notebook(page)
    page.on("pageerror", lambda error: notebook.troubles.append(str(error)))
    page.on("console", lambda m: notebook.troubles.append(m.text) if m.type == "error" and "cmelab" in m.text else None)
    try:
        page.goto(f"{lab}/doc/tree/{name}?reset")
        page.wait_for_selector(".jp-Notebook")
        page.wait_for_function(IDLE, timeout=PATIENCE)
        yield notebook
        page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.sessionContext.shutdown() }")
    finally:
        window.close()
