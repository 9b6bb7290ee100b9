"""The command `cmelab`: help with examples, sentences instead of tracebacks, exit codes 0, 1 and 2."""
from __future__ import annotations

import importlib.metadata as metadata
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from cmelab import cli, course, doctor, local_server

COMMANDS = ("course", "demo", "check", "grade", "build", "assign", "progress", "doctor")
# No proxy lies between a computer and itself.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "cmelab", *arguments], env=os.environ | environment,
                          capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def occupied() -> Iterator[int]:
    """A port of this computer on which something else listens."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        yield s.getsockname()[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_examples_that_the_parser_accepts(command, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([command, "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    examples = text.split("examples:\n")[1].strip().splitlines()
    for example in examples:
        program, *arguments = shlex.split(example)
        assert program == "cmelab"
        assert cli.parser().parse_args(arguments).command == command


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    listed = re.findall(r"^    (\w+) ", capsys.readouterr().out, re.MULTILINE)
    assert tuple(listed) == COMMANDS


@pytest.mark.parametrize("arguments", [[], ["gade"], ["grade", "folder"], ["check"], ["course", "--port", "x"],
                                       ["grade", "folder", "-o", "report", "--jobs", "0"]])
def test_a_command_that_is_not_understood_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert "usage: cmelab" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["check", "nowhere.ipynb"], "There is no notebook nowhere.ipynb"),
    (["check", "tests"], "is a folder; give one notebook"),
    (["check", "pyproject.toml"], "is not a notebook"),
    (["grade", "nowhere", "-o", "report"], "nowhere is not a folder"),
    (["course", "--port", "99999"], "a port is a number from 1 to 65535"),
])
def test_an_error_is_one_sentence_and_exits_with_1(arguments, sentence, root, monkeypatch, capsys):
    monkeypatch.chdir(root)
    assert cli.main(arguments) == 1
    said = capsys.readouterr().err
    assert said.startswith("cmelab: ") and said.count("\n") == 1
    assert sentence in said


def test_traceback_shows_where_an_error_arose():
    with pytest.raises(FileNotFoundError):
        cli.main(["--traceback", "check", "nowhere.ipynb"])


def test_an_occupied_port_gets_a_sentence_that_names_a_free_one(occupied, capsys):
    assert cli.main(["course", "--port", str(occupied)]) == 1
    said = capsys.readouterr().err
    free = re.search(r"--port (\d+) is free", said)
    assert f"Port {occupied} is in use" in said and free
    assert local_server.is_free(int(free[1]))


def test_without_a_wish_the_first_free_port_is_taken(occupied, monkeypatch):
    monkeypatch.setattr(local_server, "FIRST_PORT", occupied)
    assert occupied < course.choose_port(None) < occupied + 100


@pytest.mark.parametrize(("environment", "platform", "screen"), [
    ({}, "linux", False),
    ({"DISPLAY": ":0"}, "linux", True),
    ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
    ({"BROWSER": "firefox"}, "linux", True),
    ({}, "darwin", True),
    ({"SSH_CONNECTION": "10.0.0.1"}, "darwin", False),
])
def test_a_browser_opens_only_where_there_is_a_screen(environment, platform, screen):
    assert local_server.has_screen(environment, platform) is screen


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "kill"])
def test_course_prints_an_address_that_opens_and_ends_cleanly(end):
    """The page is fetched as a browser would; afterwards neither server nor port is left behind."""
    command = [sys.executable, "-m", "cmelab", "course", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        assert started.stdout and started.stderr
        address = next((line.strip() for line in started.stdout if line.strip().startswith("http://")), "")
        try:
            assert address, started.stderr.read()
            with OPENER.open(address, timeout=60) as page:
                assert page.status == 200
                assert "/lab/tree/start.ipynb" in page.url
                assert "<title>JupyterLab</title>" in page.read().decode()
            server = address.split("/lab")[0]
            with pytest.raises(urllib.error.HTTPError) as refused:
                OPENER.open(f"{server}/api/contents", timeout=60)
            refused.value.close()
            assert refused.value.code == 403, "the address holds a token; without it nobody comes in"
        finally:
            started.send_signal(end)
        assert started.wait(60) == 0
        assert "The course is closed." in started.stdout.read()
        assert "Traceback" not in started.stderr.read()
    assert local_server.is_free(int(address.split(":")[2].split("/")[0]))


def test_doctor_finds_nothing_to_mend_here():
    ran = run("doctor")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for part in ("python", "cmelab", "numba", "kernels", "cache", "notebooks", "course", "port", "chromium"):
        assert re.search(rf"^(ok  |none) {part} ", ran.stdout, re.MULTILINE), part
    assert f"{metadata.version('numba')}\n" in ran.stdout


def test_doctor_names_what_is_wrong_and_its_cure(tmp_path):
    (tmp_path / "a file").touch()
    ran = run("doctor", NUMBA_DISABLE_JIT="1", NUMBA_CACHE_DIR=str(tmp_path / "a file" / "cache"))
    assert ran.returncode == 1
    assert re.search(r"^BAD  kernels .*unset it$", ran.stdout, re.MULTILINE)
    assert re.search(r"^BAD  cache .*set NUMBA_CACHE_DIR to a folder of yours", ran.stdout, re.MULTILINE)
    assert "2 to mend" in ran.stdout


def test_doctor_names_missing_and_outdated_packages(monkeypatch):
    real = metadata.version
    versions = {"numba": "0.1", "tqdm": None, "playwright": None}

    def version(name: str) -> str:
        if versions.get(name, "") is None:
            raise metadata.PackageNotFoundError(name)
        return versions.get(name) or real(name)

    monkeypatch.setattr(metadata, "version", version)
    findings = {finding.part: finding for finding in doctor._packages()}
    assert "cmelab needs" in str(findings["numba"]) and not findings["numba"].fine
    assert "BAD  tqdm" in str(findings["tqdm"]) and "make course" in str(findings["tqdm"])
    assert "none playwright" in str(findings["playwright"]) and "make test" in str(findings["playwright"])
