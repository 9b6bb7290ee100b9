"""`make course` and `make test` from a clone: what is missing is said in a sentence, nothing is done twice."""
from __future__ import annotations

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

MAKE_PROGRAM = shutil.which("make")
needs_make = pytest.mark.skipif(MAKE_PROGRAM is None, reason="make is not installed (sudo apt install make)")

# A package of one module whose build needs nothing from the package index.
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "cmelab"
version = "0.1.0"
[project.optional-dependencies]
dev = []
"""
BACKEND = """
import os, zipfile

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "cmelab-0.1.0-py3-none-any.whl"
    info = "cmelab-0.1.0.dist-info/"
    metadata = "Metadata-Version: 2.1\\nName: cmelab\\nVersion: 0.1.0\\nProvides-Extra: dev\\n" + EXTRA
    wheel = "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as file:
        file.writestr("cmelab.pth", os.getcwd() + "\\n")
        file.writestr(info + "METADATA", metadata)
        file.writestr(info + "WHEEL", wheel)
        file.writestr(info + "RECORD", "")
    with open("installations.txt", "a") as log:
        log.write("x")
    return name
"""


@pytest.fixture
def setup_venv(root):
    spec = importlib.util.spec_from_file_location("setup_venv", root / "tools" / "setup_venv.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def clone(tmp_path, root):
    """A clone with a space in its name that holds the real Makefile and setup script and a package of one line."""
    folder = tmp_path / "a clone, with spaces"
    (folder / "tools").mkdir(parents=True)
    (folder / "cmelab").mkdir()
    shutil.copy(root / "Makefile", folder)
    shutil.copy(root / "tools" / "setup_venv.py", folder / "tools")
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "backend.py").write_text("EXTRA = ''\n" + BACKEND)
    (folder / "cmelab" / "__init__.py").write_text("")
    (folder / "cmelab" / "__main__.py").write_text("import sys\nprint('cmelab', sys.argv[1:], sys.prefix)\n")
    return folder


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    assert MAKE_PROGRAM
    # The `make test` above us hands its own variables on.
    ours = ("ARGS", "MAKE", "PYTHON", "PIP_", "MFLAGS")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run([MAKE_PROGRAM, "--no-print-directory", *arguments], cwd=folder, env=clean | environment,
                          capture_output=True, text=True, timeout=300, check=False)


def interpreter_that_says(folder: Path, answer: dict) -> Path:
    """A stand-in for a Python on someone else's computer: whatever it is asked, it gives this answer."""
    path = folder / "their python"
    path.write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    path.chmod(0o755)
    return path


@needs_make
def test_make_course_installs_once_in_a_folder_with_spaces_and_hands_its_arguments_on(clone):
    first = make(clone, "course", "ARGS=--port 8899 'two words'", f"PYTHON={sys.executable}")
    assert first.returncode == 0, first.stdout + first.stderr
    assert f"cmelab ['course', '--port', '8899', 'two words'] {clone / '.venv'}" in first.stdout
    second = make(clone, "course")
    assert second.stdout == f"cmelab ['course'] {clone / '.venv'}\n", "the second run says nothing of installing"
    assert (clone / "installations.txt").read_text() == "x"


@needs_make
def test_a_changed_pyproject_or_a_killed_installation_is_installed_again(clone):
    assert make(clone, "course", f"PYTHON={sys.executable}").returncode == 0
    (clone / "pyproject.toml").write_text(PROJECT + "# changed\n")
    assert make(clone, "course").returncode == 0
    assert (clone / "installations.txt").read_text() == "xx"
    # As a kill in the midst of pip leaves it: the marker lies there, the stamp does not.
    (clone / ".venv" / "cmelab-installed.json").unlink()
    (clone / ".venv" / "cmelab-installing").touch()
    (clone / ".venv" / "half-made").touch()
    repaired = make(clone, "course")
    assert repaired.returncode == 0
    assert "half-made" in repaired.stdout
    assert not (clone / ".venv" / "half-made").exists()


@needs_make
def test_an_unreachable_package_index_gets_a_sentence_and_pips_last_words(clone):
    (clone / "backend.py").write_text("EXTRA = 'Requires-Dist: no-such-package\\n'\n" + BACKEND)
    # Port 9 of this computer answers nobody.
    away = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    failed = make(clone, "course", f"PYTHON={sys.executable}", **away)
    assert failed.returncode != 0
    assert "The package index could not be reached. Check the network" in failed.stderr
    assert "no-such-package" in failed.stderr
    assert "Traceback" not in failed.stderr


@needs_make
def test_an_old_python_gets_a_sentence(clone, tmp_path):
    old = {"executable": "/usr/bin/python3.9", "version": [3, 9, 18], "missing": []}
    failed = make(clone, "course", f"PYTHON={interpreter_that_says(tmp_path, old)}")
    assert "needs Python 3.11 or newer, and found only Python 3.9.18 (/usr/bin/python3.9)" in failed.stderr
    assert "make course PYTHON=" in failed.stderr
    assert failed.returncode != 0


@needs_make
def test_a_missing_venv_module_gets_the_name_of_the_debian_package(clone, tmp_path):
    bare = {"executable": "/usr/bin/python3", "version": [3, 11, 2], "missing": ["ensurepip"]}
    failed = make(clone, "course", f"PYTHON={interpreter_that_says(tmp_path, bare)}")
    assert "has no `ensurepip` module" in failed.stderr
    assert "sudo apt install python3.11-venv" in failed.stderr
    assert failed.returncode != 0


@needs_make
def test_no_python_at_all_gets_a_sentence(clone, tmp_path):
    # A shell is all that the Makefile itself needs.
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sh").symlink_to("/bin/sh")
    failed = make(clone, "course", "SHELL=/bin/sh", PATH=str(tmp_path / "bin"))
    assert "needs Python 3.11 or newer, and found none" in failed.stderr
    assert failed.returncode != 0


def test_an_old_default_python_is_passed_over_for_a_newer_one(setup_venv):
    there = {
        "python3": {"executable": "/usr/bin/python3", "version": [3, 9, 2], "missing": []},
        "python3.13": {"executable": "/usr/bin/python3.13", "version": [3, 13, 0], "missing": ["ensurepip"]},
        "python3.12": {"executable": "/usr/bin/python3.12", "version": [3, 12, 1], "missing": []},
    }
    assert setup_venv.choose(None, ask=there.get) == "/usr/bin/python3.12"


def test_setup_script_uses_no_syntax_newer_than_python_2(root):
    """An old Python must read the file to say that it is old; these are the constructs it would stumble over."""
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef, ast.Nonlocal, ast.Match, ast.YieldFrom)
    tree = ast.parse((root / "tools" / "setup_venv.py").read_text(encoding="ascii"))
    for node in ast.walk(tree):
        assert not isinstance(node, newer), f"line {node.lineno}"
        if isinstance(node, ast.FunctionDef):
            assert not node.returns and not node.args.kwonlyargs and not any(a.annotation for a in node.args.args)
        if isinstance(node, ast.Raise):
            assert node.cause is None, f"line {node.lineno}: raise ... from"
        if isinstance(node, (ast.List, ast.Tuple)):
            assert not any(isinstance(e, ast.Starred) for e in node.elts), f"line {node.lineno}: [*...]"


def test_a_real_old_python_says_that_it_is_old(clone):
    names = ("python2.7", "python3.6", "python3.8", "python3.9", "python3.10")
    # A launcher may stand on the path for a version that is not installed.
    there = [n for n in names if shutil.which(n) and not subprocess.run([n, "-c", ""], capture_output=True).returncode]
    if not there:
        pytest.skip(f"none of {', '.join(names)} is installed")
    for old in there:
        command = [old, str(clone / "tools" / "setup_venv.py"), "--python", old]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        assert said.returncode == 1
        assert "cmelab needs Python 3.11 or newer, and found only Python " + old.removeprefix("python") in said.stderr


def pins(root: Path) -> dict[str, str]:
    lines = (root / "binder" / "requirements.txt").read_text().splitlines()
    return dict(line.lower().split("==") for line in lines if "==" in line)


def test_binder_pins_lie_in_the_ranges_of_pyproject(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    pinned = pins(root)
    for text in project["dependencies"]:
        need = Requirement(text)
        assert pinned[need.name] in need.specifier, f"binder/requirements.txt pins {need.name} {pinned[need.name]}"
    python = (root / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    assert f"{python}.0" in SpecifierSet(project["requires-python"])


def test_binder_installs_cmelab_before_the_pins(root):
    lines = (root / "binder" / "requirements.txt").read_text().splitlines()
    needs = [line for line in lines if line and not line.startswith("#")]
    assert needs[0] == "-e ."
    assert all("==" in line for line in needs[1:])


@pytest.mark.needs("jupyter-repo2docker")
def test_repo2docker_dry_run_picks_the_binder_files(root):
    ran = subprocess.run([sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."], cwd=root,
                         capture_output=True, text=True, timeout=120, check=False)
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said[-2000:]
    python = (root / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    assert f"Building conda environment for python={python}" in said
    # The package installs itself with `-e .`, so the whole clone must be there before pip runs.
    assert said.index("COPY --chown=0:0 src/ ") < said.index('pip install --no-cache-dir -r "binder/requirements.txt"')
    assert "RUN ./binder/postBuild" in said
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in said


def test_binder_warms_and_runs_kernels_for_the_same_processor_name(root):
    for name in ("postBuild", "start"):
        script = root / "binder" / name
        assert "NUMBA_CPU_NAME=generic" in script.read_text()
        assert os.access(script, os.X_OK)
    assert (root / "binder" / "start").read_text().rstrip().endswith('exec "$@"')


BROWSER_TESTS = """
import pytest

@pytest.mark.browser
@pytest.mark.needs("a-part-nobody-has")
def test_skips(): ...

@pytest.mark.browser
def test_passes(): ...
"""


def run_browser_tests(
    folder: Path, root: Path, select: str, require: str, workers: int
) -> subprocess.CompletedProcess[str]:
    shutil.copy(root / "tests" / "conftest.py", folder)
    (folder / "test_browser.py").write_text(BROWSER_TESTS)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", str(root / "pyproject.toml"),
               "--rootdir", str(folder), str(folder), "-rs", "-k", select, "-n", str(workers)]
    environment = os.environ | {"CMELAB_REQUIRE_BROWSER": require}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(("select", "require", "code", "said"), [
    ("skips or passes", "", 0, "1 passed, 1 skipped"),
    ("skips or passes", "1", 1, "this browser test skipped: Skipped: a-part-nobody-has is not installed"),
    ("passes", "1", 0, "1 passed"),
    ("nothing", "1", 5, "no browser test passed"),
])
@pytest.mark.parametrize("workers", [0, 2])
def test_a_browser_test_may_skip_only_where_no_browser_is_required(
    workers, select, require, code, said, root, tmp_path
):
    ran = run_browser_tests(tmp_path, root, select, require, workers)
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert said in ran.stdout


@pytest.mark.parametrize("workers", [0, 2])
def test_a_browser_module_that_skips_as_a_whole_fails_where_a_browser_is_required(workers, root, tmp_path):
    (tmp_path / "test_browser_too.py").write_text("import pytest\npytest.importorskip('a_part_nobody_has')\n")
    ran = run_browser_tests(tmp_path, root, "passes or too", "1", workers)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "test_browser_too.py skipped as a whole" in ran.stdout


def test_an_image_holds_what_the_wheel_is_made_of_and_nothing_else_of_the_clone(root):
    """Submissions, marks and the roster may lie in the clone in which docs/grading.md builds its image."""
    lines = (root / ".dockerignore").read_text("utf-8").splitlines()
    first, *rest = [each for each in lines if each and not each.startswith("#")]
    built = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    wheel = built["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {"course", "pyproject.toml", built["project"]["readme"], *wheel["packages"], *wheel["force-include"],
              *(each for each in built["project"]["license-files"] if "/" not in each)}  # fmt: skip
    assert first == "*"
    assert {each[1:] for each in rest if each.startswith("!")} == needed
