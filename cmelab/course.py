"""Open JupyterLab on the course's start page."""
from __future__ import annotations

import os
import sys
from pathlib import Path

from cmelab import local_server
from cmelab.local_server import ServerError

START = "start.ipynb"


class CourseError(ServerError):
    """The course cannot be opened; the message says what to do."""


def course_folder() -> Path:
    """The folder with the start page: of this clone, else below the present folder."""
    places = (Path(__file__).resolve().parent.parent / "course", Path.cwd() / "course", Path.cwd())
    for place in places:
        if (place / START).is_file():
            return place
    raise CourseError(
        f"there is no {places[0] / START}. Run this in a clone of cmelab; where only the notebooks are "
        "missing, `cmelab build` makes them."
    )


def choose_port(asked: int | None) -> int:
    """The port asked for, or the first free one from 8888 on."""
    if asked is None:
        return local_server.next_free(local_server.FIRST_PORT)
    local_server.check_port(asked)
    if not local_server.is_free(asked):
        raise CourseError(
            f"Port {asked} is in use or not allowed, perhaps by a JupyterLab that still runs. Close that one, "
            f"name another (--port {choose_port(None)} is free), or leave --port out."
        )
    return asked


def _command(folder: Path, port: int) -> list[str]:
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--log-level=WARN",
        f"--ServerApp.root_dir={folder}", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0", f"--LabApp.default_url=/lab/tree/{START}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return command


def open_course(*, port: int | None = None, browser: bool = True) -> int:
    """Warm the kernels, open JupyterLab on the start page, and stay until Ctrl-C."""
    from cmelab.warm import warm

    port, folder = choose_port(port), course_folder()
    # In cmelab/labconfig: settings that keep JupyterLab from asking about news over the first lesson.
    # In cmelab/jupyter_server_config.json: the line to the kernels (`prompt_line`).
    configurations = [str(Path(__file__).parent), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    # JupyterLab needs seconds to start; the kernels are warmed meanwhile.
    return local_server.serve(
        "course", _command(folder, port), port=port, page=f"/lab/tree/{START}", probe="/api/status",
        again="make course", browser=browser, meanwhile=warm,
        environment={"JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, configurations))},
    )
