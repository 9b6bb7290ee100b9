"""Look at this installation, one line for each part, with the cure where something is wrong."""
from __future__ import annotations

import importlib.metadata as metadata
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cmelab.course import START, CourseError, course_folder
from cmelab.local_server import FIRST_PORT, is_free

REINSTALL = "run `make clean`, then `make course`"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Finding:
    """One part: how it is, and what to do. ``needed`` is False for parts only tests or teachers use."""

    part: str
    fine: bool
    what: str
    cure: str = ""
    needed: bool = True

    def __str__(self) -> str:
        mark = "ok  " if self.fine else "BAD " if self.needed else "none"
        return f"{mark} {self.part:<20} {self.what}" + ("" if self.fine else f"; {self.cure}")


def find_chromium() -> str | None:
    """Where Debian's Chromium, or another, is; None where there is none."""
    return next((found for name in CHROMIUM if (found := shutil.which(name))), None)


def _python() -> Iterator[Finding]:
    new = sys.version_info >= (3, 11)
    yield Finding("python", new, f"{platform.python_version()} at {sys.executable}", "cmelab needs 3.11 or newer")


def _packages() -> Iterator[Finding]:
    from packaging.requirements import Requirement

    try:
        listed = [Requirement(text) for text in metadata.requires("cmelab") or ()]
        # An extra that stands in another is listed in both.
        requires = [need for i, need in enumerate(listed) if need.name not in {n.name for n in listed[:i]}]
        yield Finding("cmelab", True, metadata.version("cmelab"))
    except metadata.PackageNotFoundError:
        yield Finding("cmelab", False, "not installed in this Python", "run `make course`")
        return
    for need in requires:
        optional = need.marker is not None
        try:
            version = metadata.version(need.name)
        except metadata.PackageNotFoundError:
            cure = "`make test` installs it" if optional else REINSTALL
            yield Finding(need.name, False, "not installed", cure, needed=not optional)
            continue
        fits = need.specifier.contains(version, prereleases=True)
        yield Finding(need.name, fits, version, f"cmelab needs {need.specifier}: {REINSTALL}", needed=not optional)


def _kernels() -> Iterator[Finding]:
    from cmelab.kernels import jit

    cure = f"numba is missing: {REINSTALL}"
    if os.environ.get("NUMBA_DISABLE_JIT"):
        cure = "NUMBA_DISABLE_JIT is set: unset it"
    what = "compiled by numba" if jit.is_compiled() else "plain Python, correct but very slow"
    yield Finding("kernels", jit.is_compiled(), what, cure)
    if jit.is_compiled():
        from cmelab.walkers import lane_kernel

        told = "paths are walked 16 at a time" if lane_kernel() else "numba has changed: paths go one by one"
        yield Finding("fast lane", lane_kernel() is not None, told, "the numbers are the same", needed=False)
    asked = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(asked or Path(jit.__file__).parent)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        yield Finding("cache", True, f"{folder} can be written")
    except OSError as error:
        # Where nothing was asked for, numba has a folder of the person's to fall back on.
        what = f"{folder} cannot be written ({error.strerror})"
        yield Finding("cache", False, what, "set NUMBA_CACHE_DIR to a folder of yours", needed=bool(asked))


def _notebooks() -> Iterator[Finding]:
    try:
        what = _import_in_a_kernel()
    except Exception as error:  # whatever keeps a kernel from starting is the finding
        what = f"no kernel starts ({type(error).__name__}: {error})"
    yield Finding("notebooks", not what, what or "a kernel starts and imports cmelab", REINSTALL)


def _import_in_a_kernel() -> str:
    """Start the kernel that notebooks use and import cmelab in it; return what went wrong, or nothing."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(startup_timeout=60, stderr=subprocess.DEVNULL)
    try:
        code = "import cmelab; cmelab.ReactionNetwork"
        content = client.execute_interactive(code, timeout=60, output_hook=lambda message: None)["content"]
        return "" if content["status"] == "ok" else f"a kernel starts, but: {content['evalue']}"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _course() -> Iterator[Finding]:
    try:
        yield Finding("course", True, str(course_folder() / START))
    except CourseError as error:
        yield Finding("course", False, f"{START} not found", str(error))
    free = is_free(FIRST_PORT)
    yield Finding("port", True, f"{FIRST_PORT} is {'free' if free else 'in use; the next free one will be taken'}")


def _browser() -> Iterator[Finding]:
    found = find_chromium()
    cure = "only browser tests need it: `sudo apt install chromium`"
    yield Finding("chromium", bool(found), found or "not found", cure, needed=False)


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (_python, _packages, _kernels, _notebooks, _course, _browser)


def examine() -> int:
    """Print every finding; 0 when all that is needed is there, else 1."""
    bad = 0
    for check in CHECKS:
        for finding in check():
            print(finding, flush=True)
            bad += finding.needed and not finding.fine
    print("\nAll that the course needs is there." if not bad else f"\n{bad} to mend; each line says how.")
    return 1 if bad else 0
