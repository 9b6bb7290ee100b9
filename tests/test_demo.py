"""`cmelab demo`: refusals in a sentence, a free port, an address that opens, a token, an end that leaves nothing."""
from __future__ import annotations

import importlib.util
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from cmelab import cli, demo, local_server
from cmelab.widgets import WIDGETS

NO_PROXY = urllib.request.ProxyHandler({})


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What would be started, instead of starting it."""
    told: dict[str, Any] = {}

    def serve(what: str, command: list[str], **options: Any) -> int:
        told.update(options, what=what, command=command, notebook=nbformat.read(command[3], 4))
        told["files"] = sorted(path.name for path in Path(command[3]).parent.iterdir())
        return 0

    monkeypatch.setattr(local_server, "serve", serve)
    return told


@pytest.mark.needs("voila")
def test_one_widget_opens_on_stage_and_the_gallery_without_a_name(served):
    assert cli.main(["demo", "flux-bars", "--preset", "swapped", "--no-browser"]) == 0
    assert served["page"] == "/?widget=flux-bars&preset=swapped&stage=1" and served["browser"] is False
    assert cli.main(["demo"]) == 0
    assert served["page"] == "/" and served["browser"] is True
    assert served["notebook"].cells[0].source == demo.CELL
    assert {f"{design.name}.png" for design in WIDGETS} <= set(served["files"])


@pytest.mark.needs("voila")
def test_only_this_computer_may_ask_and_the_token_is_not_on_the_command_line(served):
    cli.main(["demo"])
    command = served["command"]
    assert "--Voila.ip=127.0.0.1" in command and "--Voila.auto_token=True" in command
    assert not [word for word in command if "token" in word.lower() and word != "--Voila.auto_token=True"]


@pytest.mark.needs("voila")
def test_a_port_that_is_taken_is_passed_over_and_that_is_said(served, capsys):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        taken = s.getsockname()[1]
        assert cli.main(["demo", "--port", str(taken)]) == 0
    assert taken < served["port"] < taken + 100
    assert f"Port {taken} is in use; taking {served['port']}." in capsys.readouterr().out


@pytest.mark.needs("voila")
@pytest.mark.parametrize(("arguments", "said"), [
    (["nothing"], "there is no widget 'nothing'; there are 'pair-jar'"),
    (["flux-bars", "--preset", "nothing"], "flux-bars has no preset 'nothing'; it has 'birth-death'"),
    (["--port", "70000"], "a port is a number from 1 to 65535"),
])  # fmt: skip
def test_what_does_not_exist_is_refused_in_a_sentence(arguments, said, capsys):
    assert cli.main(["demo", *arguments]) == 1
    assert said in capsys.readouterr().err


def test_where_voila_is_missing_the_cure_is_named(monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert cli.main(["demo"]) == 1
    assert 'pip install "cmelab[demo]"' in capsys.readouterr().err


@pytest.mark.needs("voila")
def test_demo_prints_an_address_that_opens_and_ends_with_all_it_started():
    command = [sys.executable, "-m", "cmelab", "demo", "pair-jar", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        assert started.stdout and started.stderr
        address = next((line.strip() for line in started.stdout if line.strip().startswith("http://")), "")
        try:
            assert address, started.stderr.read()
            browser = urllib.request.build_opener(NO_PROXY, urllib.request.HTTPCookieProcessor(CookieJar()))
            with browser.open(address, timeout=120) as page:
                assert page.status == 200 and "widget-view" in page.read().decode()
            root = address.partition("/?")[0]
            with browser.open(f"{root}/voila/files/pair-jar.png", timeout=60) as picture:
                assert picture.read(4) == b"\x89PNG"
            stranger = urllib.request.build_opener(NO_PROXY)
            with stranger.open(f"{root}/?widget=pair-jar", timeout=60) as page:
                assert "/login" in page.url, "without the token nobody comes in"
            running = psutil.Process(started.pid).children(recursive=True)
            assert any("ipykernel" in " ".join(process.cmdline()) for process in running)
        finally:
            started.send_signal(signal.SIGINT)
        assert started.wait(60) == 0
        assert "The demo is closed." in started.stdout.read()
        assert "Traceback" not in started.stderr.read()
    _, left = psutil.wait_procs(running, timeout=30)
    assert left == []
    assert local_server.is_free(int(address.split(":")[2].split("/")[0]))
