"""What stands between a submission and everything else: another user, Landlock, or bubblewrap where it is asked for."""
from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .confine import landlock_version

PACKAGE = Path(__file__).resolve().parents[1]
# A graded kernel has no business with references and verdicts, nor with what other submissions leave.
CLOSED = (
    PACKAGE / "exercises", PACKAGE / "grading", PACKAGE / "widgets", PACKAGE.parent / "course", PACKAGE.parent / ".git",
)  # fmt: skip
NOBODY = 2_000_000_000  # to this the supervisor's process number is added: users that no system gives to anyone
# Left to itself bubblewrap lets root keep its rights, and with them the way out.
UNSHARED = ("--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL")
# Files of /proc that belong to root and steer the whole computer; a sandbox of root's must not write them.
SWITCHES = ("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs")
WORKING_COPY = "cmelab-"  # how the folder of a running submission begins
OTHERS = 1000  # processes that the same user may start elsewhere in the meantime
SMALL = 256  # processes and threads of a submission that runs as a user of its own


@dataclass(frozen=True)
class Guards:
    """What holds a submission on this computer.

    user       it runs as a user of its own (where the grader is root)
    reads_all  that user may read what root may, since Python itself lies where only root may look
    landlock   version of Landlock: it writes in its working copy only, and reads no other submission
    bwrap      path of bubblewrap: in a file system, a network and a process table of its own
    hidden     folders that it may not read
    """

    user: bool = False
    reads_all: bool = False
    landlock: int = 0
    bwrap: str = ""
    hidden: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {**self.__dict__}

    @property
    def hold(self) -> bool:
        """True where a submission can change nothing but its own working copy."""
        return bool(self.user or self.landlock or self.bwrap)

    def describe(self) -> str:
        """One sentence on what holds, and where the rest is written."""
        if self.bwrap:
            return "Each submission runs in bubblewrap: no network, and nothing but its own working copy to write in."
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        told = "as a user of its own" if self.user else "as root" if root else "as you"
        limits = "it can write in its own working copy only" if self.hold else "it can do whatever you can"
        return f"Each submission runs {told}, and {limits}; docs/grading.md says what that does not hold."


def guards(*, sandbox: bool = False, hidden: Sequence[Path] = ()) -> Guards:
    """What this computer offers to hold submissions.

    Raises
    ------
    RuntimeError
        `sandbox` is asked for and cannot be had.
    """
    places = tuple(str(each.resolve()) for each in (*CLOSED, *hidden) if each.exists())
    if sandbox:
        return Guards(bwrap=bubblewrap(), hidden=places)
    if not sys.platform.startswith("linux"):
        return Guards(hidden=places)
    reads_all = not all(open_to_all(each) for each in needed())
    user = os.geteuid() == 0 and may_become(NOBODY) and (capable(2) or not reads_all)
    return Guards(user, user and reads_all, landlock_version(), hidden=places)


def places_hidden(folder: Path, submissions: Iterable[Path]) -> list[Path]:
    """What was handed in, for `guards(hidden=)`: the folder, or where Python itself lies in it, each notebook."""
    python = (Path(sys.prefix), Path(sys.base_prefix), PACKAGE.parent)
    return [*submissions] if any(each.is_relative_to(folder.resolve()) for each in python) else [folder]


def bubblewrap() -> str:
    """The path of bubblewrap; raises where it is missing or may not work."""
    found = shutil.which("bwrap")
    if not found:
        raise RuntimeError(
            "--sandbox needs bubblewrap, and `bwrap` is not installed. On Linux: sudo apt install bubblewrap "
            "(or dnf, pacman). Elsewhere grade in a container; docs/grading.md has the recipe."
        )
    tried = subprocess.run(
        [found, *UNSHARED, "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if tried.returncode:
        said = tried.stderr.strip().splitlines()[-1:] or [f"exit code {tried.returncode}"]
        raise RuntimeError(
            f"--sandbox: bubblewrap is installed, and this computer does not let it work ({said[0]}). Allow user "
            "namespaces, or grade in a container; docs/grading.md has the recipe."
        )
    return found


def needed() -> tuple[Path, ...]:
    """Files without which no kernel starts."""
    import ipykernel

    return Path(sys.executable).resolve(), Path(os.__file__), PACKAGE / "__init__.py", Path(ipykernel.__file__)


def open_to_all(path: Path) -> bool:
    """True where every user may read a file, and go through all folders above it."""
    try:
        above = all(each.stat().st_mode & stat.S_IXOTH for each in path.parents)
        return above and bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False


def may_become(user: int) -> bool:
    """True where this system has such a user: a container may know a few only."""
    try:
        rows = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    except OSError:
        return False
    return capable(7) and capable(6) and any(int(a) <= user < int(a) + int(n) for a, _, n in rows)


def capable(number: int) -> bool:
    """True where this process has a capability (2 read everything, 6 and 7 change group and user)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return bool(int(next(line.split()[1] for line in lines if line.startswith("CapEff")), 16) >> number & 1)


def kernel_command(held: Guards, place: Path, command: Sequence[str]) -> list[str]:
    """The command that starts a kernel under its guards; `place` is its working copy."""
    if held.bwrap:
        return [*_bubble(held, place), *command]
    if not sys.platform.startswith("linux"):
        return [*command]
    wanted = {
        "user": NOBODY + os.getppid() if held.user else 0, "reads_all": held.reads_all, "landlock": held.landlock,
        "own": [str(place)], "hidden": [*held.hidden, *working_copies()],
        "tasks": SMALL if held.user else 0 if os.geteuid() == 0 else own_tasks() + OTHERS,
    }  # fmt: skip
    confine = str(Path(__file__).with_name("confine.py"))
    return [sys.executable, "-I", "-S", confine, json.dumps(wanted), *command]


def _bubble(held: Guards, place: Path) -> list[str]:
    python = {str(Path(each).resolve()) for each in (sys.prefix, sys.base_prefix, PACKAGE.parent)} | {sys.prefix}
    covered = {str(Path.home()), tempfile.gettempdir(), "/tmp", "/run"} - {"/"}
    shown = [each for each in sorted(python) if any(Path(each).is_relative_to(over) for over in covered)]
    hidden = [each for each in held.hidden if not any(Path(each) == Path(inside) for inside in python)]
    return [
        held.bwrap, *UNSHARED, "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc",
        *(word for each in SWITCHES if Path(each).exists() for word in ("--ro-bind", each, each)),
        *(word for each in sorted(covered) for word in ("--tmpfs", each)),
        *(word for each in shown for word in ("--ro-bind", each, each)),
        *(word for each in hidden for word in cover(each)),
        "--bind", str(place), str(place),
        # What lies there is memory that nobody counts.
        *(word for each in sorted(covered) for word in ("--remount-ro", each)),
        "--chdir", str(place / "work"), "--unsetenv", "JPY_PARENT_PID", "--",
    ]  # fmt: skip


def cover(place: str) -> tuple[str, ...]:
    """Words that make bubblewrap put nothing in the place of a folder or a file."""
    if Path(place).is_dir():
        return "--tmpfs", place, "--remount-ro", place
    return "--ro-bind", "/dev/null", place


def working_copies() -> list[str]:
    """The folders of all submissions that run now."""
    return [str(each) for each in Path(tempfile.gettempdir()).glob(f"{WORKING_COPY}*")]


def own_tasks() -> int:
    """Processes and threads of this user."""
    count = 0
    for entry in os.scandir("/proc"):
        try:
            if entry.name.isdecimal() and entry.stat().st_uid == os.getuid():
                count += len(os.listdir(f"/proc/{entry.name}/task"))
        except OSError:
            continue
    return count


@functools.cache
def kept_kernels() -> tuple[str, Path]:
    """The name of the folder in which numba looks for cmelab's compiled kernels, and where they lie."""
    folder = str(PACKAGE / "kernels")
    name = f"kernels_{hashlib.sha1(folder.encode()).hexdigest()}"
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    return name, Path(chosen, name) if chosen else Path(folder, "__pycache__")


def furnish(place: Path) -> dict[str, str]:
    """Make the folders of a working copy and say so in the environment: nothing of a user's is read or written."""
    for name in ("work", "home", "tmp", "numba"):
        (place / name).mkdir(mode=0o700)
    name, kept = kept_kernels()
    links = place / "numba" / name
    links.mkdir()
    for each in kept.glob("*.nb[ic]"):
        # numba reads through the links, and writes new kernels beside them.
        with contextlib.suppress(OSError):
            (links / each.name).symlink_to(each)
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    pictures = place / "home" / "matplotlib"
    pictures.mkdir()
    for each in Path(os.environ.get("MPLCONFIGDIR") or caches / "matplotlib").glob("fontlist-*.json"):
        shutil.copy(each, pictures)
    home = str(place / "home")
    own = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "XDG_CACHE_HOME")
    return dict.fromkeys(own, home) | {
        "TMPDIR": str(place / "tmp"), "NUMBA_CACHE_DIR": str(place / "numba"), "MPLCONFIGDIR": str(pictures),
    }  # fmt: skip
