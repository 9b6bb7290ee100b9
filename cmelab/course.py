"""Open JupyterLab on the course: a free port, an address, a browser where there is a screen."""
from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Mapping
from pathlib import Path
from typing import IO

FIRST_PORT = 8888
START = "start.ipynb"
WAIT = 120.0  # seconds for JupyterLab to answer; a cold disk may need half a minute


class CourseError(RuntimeError):
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


def is_free(port: int) -> bool:
    """True where a server could listen on this port of this computer."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        # As servers do it: a port whose last connections are just closing counts as free.
        if os.name == "posix":
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(asked: int | None) -> int:
    """The port asked for, or the first free one from 8888 on."""
    if asked is None:
        free = (port for port in range(FIRST_PORT, FIRST_PORT + 100) if is_free(port))
        port = next(free, None)
        if port is None:
            raise CourseError(f"No port from {FIRST_PORT} to {FIRST_PORT + 99} is free; name one: --port 9999.")
        return port
    if not 1 <= asked <= 65535:
        raise CourseError(f"--port {asked}: a port is a number from 1 to 65535; try --port {FIRST_PORT}.")
    if not is_free(asked):
        raise CourseError(
            f"Port {asked} is in use or not allowed, perhaps by a JupyterLab that still runs. Close that one, "
            f"name another (--port {choose_port(None)} is free), or leave --port out."
        )
    return asked


def has_screen(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """True where a browser can show a window; over SSH it would open far from the person."""
    if environment.get("BROWSER"):
        return True
    if "SSH_CONNECTION" in environment and not environment.get("DISPLAY"):
        return False
    if platform in ("darwin", "win32"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def start_lab(folder: Path, port: int, token: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start JupyterLab in a session of its own, so that Ctrl-C reaches only us and we end it politely.

    What it says goes to ``log``, which is shown only when it fails.
    """
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--log-level=WARN",
        f"--ServerApp.root_dir={folder}", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0", f"--LabApp.default_url=/lab/tree/{START}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    # In cmelab/labconfig: settings that keep JupyterLab from asking about news over the first lesson.
    configurations = [str(Path(__file__).parent), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    # The token goes by the environment: a command line can be read by everyone on the computer.
    environment = os.environ | {
        "JUPYTER_TOKEN": token,
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, configurations)),
    }
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
    )


def wait_until_open(lab: subprocess.Popen[bytes], port: int, token: str) -> None:
    """Return when JupyterLab answers; raise when it ends or stays silent."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/status", headers={"Authorization": f"token {token}"}
    )
    # No proxy lies between a computer and itself, whatever HTTP_PROXY says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        if lab.poll() is not None:
            raise CourseError("JupyterLab ended at once. `cmelab doctor` looks for the cause.")
        try:
            with opener.open(request, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise CourseError(f"JupyterLab did not answer within {WAIT:.0f} s. `cmelab doctor` looks for the cause.")


def stop(lab: subprocess.Popen[bytes]) -> None:
    """End JupyterLab with its kernels: politely, then firmly."""
    if lab.poll() is None:
        lab.terminate()
        try:
            lab.wait(15)
        except subprocess.TimeoutExpired:
            lab.kill()
            lab.wait()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def open_course(*, port: int | None = None, browser: bool = True) -> int:
    """Warm the kernels, open JupyterLab on the start page, and stay until Ctrl-C."""
    port, folder, token = choose_port(port), course_folder(), secrets.token_urlsafe(24)
    # A closed terminal or a `kill` must not leave a server behind.
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    print("Opening the course ...", flush=True)
    with tempfile.TemporaryFile() as log:
        lab = start_lab(folder, port, token, log)
        try:
            # JupyterLab needs seconds to start; the kernels are warmed meanwhile.
            from cmelab.warm import warm

            warm()
            wait_until_open(lab, port, token)
            _show(f"http://127.0.0.1:{port}/lab/tree/{START}?token={token}", browser)
            if lab.wait() != 0:
                raise CourseError("JupyterLab ended by itself. `make course` opens it again.")
        except KeyboardInterrupt:
            print("\nThe course is closed.", flush=True)
        except CourseError as error:
            log.seek(0)
            raise CourseError(f"{error} Its last words:\n" + log.read().decode(errors="replace")[-2000:]) from None
        finally:
            # A second Ctrl-C would leave the server running.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            stop(lab)
    return 0


def _show(address: str, browser: bool) -> None:
    shown = browser and has_screen() and webbrowser.open(address)
    ask = "The course is open in your browser" if shown else "Open this address in a browser"
    print(f"{ask}:\n\n    {address}\n\nCtrl-C here closes it.", flush=True)
