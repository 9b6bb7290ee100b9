"""The line to the kernels: Jupyter's server and Voila take it, and it asks for TCP_NODELAY before anything is sent."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

import cmelab
from cmelab import course, demo
from cmelab.prompt_line import PromptConnection

NAME = f"{PromptConnection.__module__}.{PromptConnection.__qualname__}"
ROOT = Path(cmelab.__file__).parent.parent


def test_nothing_is_kept_back_from_the_first_message_on(monkeypatch):
    done = []
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda self: done.append("connected") or "future")
    page = SimpleNamespace(set_nodelay=lambda on: done.append(("nodelay", on)))
    monkeypatch.setattr(PromptConnection, "websocket_handler", page)
    assert PromptConnection.__new__(PromptConnection).connect() == "future"
    assert done == [("nodelay", True), "connected"]


def test_the_servers_of_course_and_binder_take_it(monkeypatch):
    """JupyterLab itself says what it is configured with."""
    told = {}
    monkeypatch.setattr(course.local_server, "serve", lambda *given, environment, **options: told.update(environment))
    course.open_course(browser=False)
    binder = subprocess.run([ROOT / "binder" / "start", "printenv", "JUPYTER_CONFIG_PATH"], capture_output=True,
                            text=True, env={"PATH": os.environ["PATH"]}, check=True)
    for path in (told["JUPYTER_CONFIG_PATH"], binder.stdout.strip()):
        lab = subprocess.run([sys.executable, "-m", "jupyterlab", "--show-config-json"], capture_output=True, text=True,
                             env={**os.environ, "JUPYTER_CONFIG_PATH": path}, check=True)
        assert json.loads(lab.stdout)["ServerApp"]["kernel_websocket_connection_class"] == NAME


@pytest.mark.needs("voila")
def test_voila_takes_it(tmp_path):
    from voila.app import Voila

    app = Voila()
    app.parse_command_line([word for word in demo.command(tmp_path, 8866)[4:] if "websocket" in word])
    assert app.kernel_websocket_connection_class is PromptConnection
