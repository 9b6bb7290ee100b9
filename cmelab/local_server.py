"""A server on this computer alone: a free port, a token, an address, a browser where there is a screen, an end."""
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
from collections.abc import Callable, Mapping, Sequence
from typing import IO

FIRST_PORT = 8888
WAIT = 120.0  # seconds for a server to answer; a cold disk may need half a minute


class ServerError(RuntimeError):
    """The page cannot be opened; the message says what to do."""


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


def next_free(first: int) -> int:
    """The first free port from this one on."""
    port = next((port for port in range(first, min(first + 100, 65536)) if is_free(port)), None)
    if port is None:
        raise ServerError(f"No port from {first} to {min(first + 99, 65535)} is free; name one: --port 9999.")
    return port


def check_port(port: int) -> None:
    """Refuse what is no port."""
    if not 1 <= port <= 65535:
        raise ServerError(f"--port {port}: a port is a number from 1 to 65535; try --port {FIRST_PORT}.")


def has_screen(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """True where a browser can show a window; over SSH it would open far from the person."""
    if environment.get("BROWSER"):
        return True
    if "SSH_CONNECTION" in environment and not environment.get("DISPLAY"):
        return False
    if platform in ("darwin", "win32"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def start(command: Sequence[str], token: str, environment: Mapping[str, str],
          log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that Ctrl-C reaches only us and we end it politely.

    What it says goes to ``log``, which is shown only when it fails. The token goes by the environment: a command line
    can be read by everyone on the computer.
    """
    return subprocess.Popen(
        command, env={**os.environ, **environment, "JUPYTER_TOKEN": token}, stdin=subprocess.DEVNULL, stdout=log,
        stderr=log, start_new_session=True,
    )


def wait_until_open(server: subprocess.Popen[bytes], probe: str, token: str) -> None:
    """Return when the server answers at the address ``probe``; raise when it ends or stays silent."""
    request = urllib.request.Request(probe, headers={"Authorization": f"token {token}"})
    # No proxy lies between a computer and itself, whatever HTTP_PROXY says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise ServerError("The server ended at once. `cmelab doctor` looks for the cause.")
        try:
            with opener.open(request, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise ServerError(f"The server did not answer within {WAIT:.0f} s. `cmelab doctor` looks for the cause.")


def stop(server: subprocess.Popen[bytes]) -> None:
    """End a server with its kernels: politely, then firmly."""
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def serve(what: str, command: Sequence[str], *, port: int, page: str, probe: str, again: str,
          environment: Mapping[str, str] | None = None, browser: bool = True,
          meanwhile: Callable[[], object] = lambda: None) -> int:
    """Start a server, do something while it starts, open a page of it, and stay until Ctrl-C.

    what : for people, such as "course"; page, probe : paths; again : the command that opens it again
    """
    token, root = secrets.token_urlsafe(24), f"http://127.0.0.1:{port}"
    # A closed terminal or a `kill` must not leave a server behind.
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    print(f"Opening the {what} ...", flush=True)
    with tempfile.TemporaryFile() as log:
        server = start(command, token, environment or {}, log)
        try:
            meanwhile()
            wait_until_open(server, root + probe, token)
            address = f"{root}{page}{'&' if '?' in page else '?'}token={token}"
            shown = browser and has_screen() and webbrowser.open(address)
            ask = f"The {what} is open in your browser" if shown else "Open this address in a browser"
            print(f"{ask}:\n\n    {address}\n\nCtrl-C here closes it.", flush=True)
            if server.wait() != 0:
                raise ServerError(f"The server ended by itself. `{again}` opens the {what} again.")
        except KeyboardInterrupt:
            print(f"\nThe {what} is closed.", flush=True)
        except ServerError as error:
            log.seek(0)
            raise ServerError(f"{error} Its last words:\n" + log.read().decode(errors="replace")[-2000:]) from None
        finally:
            # A second Ctrl-C would leave the server running.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            stop(server)
    return 0
