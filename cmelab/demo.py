"""Serve the widgets with Voila, without a notebook around them: one on stage, or the gallery of all."""
from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from cmelab import local_server
from cmelab.local_server import ServerError

PORT = 8866
PAGE = "demo.ipynb"
# The address says what the page shows; Voila hands it to the kernel (`widgets.gallery.page`).
# Of JupyterLab's extensions the page needs these; others would be fetched, and fail, for nothing.
EXTENSIONS = ("@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager", "anywidget")
CELL = "from cmelab.widgets.gallery import page\npage()"


def open_demo(name: str | None = None, *, preset: str | None = None, port: int | None = None,
              browser: bool = True) -> int:
    """Show a widget in stage mode, or without a name the gallery, and stay until Ctrl-C."""
    if importlib.util.find_spec("voila") is None:
        raise ServerError('`cmelab demo` needs Voila, which is not installed: pip install "cmelab[demo]"')
    page = "/" + (f"?{_query(name, preset)}" if name else "")
    local_server.check_port(port or PORT)
    free = local_server.next_free(port or PORT)
    if port and free != port:
        print(f"Port {port} is in use; taking {free}.", flush=True)
    with tempfile.TemporaryDirectory(prefix="cmelab-demo-") as folder:
        write_page(Path(folder))
        return local_server.serve(
            "demo", command(Path(folder), free), port=free, page=page, probe="/voila/files/ready.svg",
            again="cmelab demo", browser=browser, environment=environment(),
        )


def _query(name: str, preset: str | None) -> str:
    """The address of a widget on stage; refuses a name or preset that is not there."""
    from cmelab.widgets import designed

    designed(name).start(preset)
    return urlencode({"widget": name} | ({"preset": preset} if preset else {}) | {"stage": 1})


def write_page(folder: Path) -> None:
    """The notebook that Voila serves, and the pictures of the gallery beside it."""
    import nbformat

    from cmelab.widgets.gallery import PICTURES

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    notebook.metadata |= {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
                          "title": "cmelab"}
    nbformat.write(notebook, folder / PAGE)
    (folder / "ready.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    for picture in PICTURES.glob("*.png"):
        shutil.copy(picture, folder)


def command(folder: Path, port: int) -> list[str]:
    """Voila on this computer alone, with a token, asking no server outside for anything."""
    return [
        sys.executable, "-m", "voila", str(folder / PAGE), "--no-browser", "--Voila.ip=127.0.0.1",
        f"--port={port}", "--Voila.port_retries=0", "--Voila.auto_token=True", "--Voila.log_level=WARN",
        "--template=cmelab", "--Voila.kernel_websocket_connection_class=cmelab.prompt_line.PromptConnection",
        f"--VoilaConfiguration.extension_allowlist={list(EXTENSIONS)}",
        # A page that was closed without a word, such as on a laptop that went to sleep, leaves no kernel for good.
        "--MappingKernelManager.cull_idle_timeout=3600",
    ]


def environment() -> dict[str, str]:
    """Where Voila finds the template of the page: in cmelab/voila."""
    return {"JUPYTER_PATH": os.pathsep.join(filter(None, (str(Path(__file__).parent), os.environ.get("JUPYTER_PATH"))))}
