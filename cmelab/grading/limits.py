"""What a submission may use, and the end of everything it started. Linux in full; other systems as far as they go."""
from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LINUX = sys.platform.startswith("linux")
BLOCK = 4096  # bytes; the least that a file is counted for
_PDEATHSIG, _GET_DUMPABLE, _DUMPABLE, _SUBREAPER = 1, 3, 4, 36


@dataclass(frozen=True)
class Limits:
    """Limits of one submission."""

    cell: float = 20.0  # s, one cell
    wall: float = 300.0  # s, everything
    cpu: int = 600  # s, one process
    memory: int = 4_000_000_000  # bytes: address space of one process (numpy and numba take 1e9), memory of all
    file: int = 50_000_000  # bytes, one file
    disk: int = 500_000_000  # bytes, all files of the working copy
    processes: int = 64  # at the same time

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def apply(limits: Limits) -> None:
    """Bind this process and all it will start; where the system refuses one limit the others still hold."""
    if sys.platform == "win32":
        return
    import resource

    wanted = {
        "RLIMIT_CPU": limits.cpu, "RLIMIT_AS": limits.memory, "RLIMIT_FSIZE": limits.file, "RLIMIT_CORE": 0,
    }  # fmt: skip
    for name, value in wanted.items():
        kind = getattr(resource, name)
        _, hard = resource.getrlimit(kind)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (allowed, allowed))


def _prctl(option: int, value: int) -> None:
    if LINUX:
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of every descendant that loses its own, whatever session it joined."""
    _prctl(_SUBREAPER, 1)


def end_with_parent(how: signal.Signals = signal.SIGTERM) -> None:
    """Be told to end when the process that started this one is gone."""
    _prctl(_PDEATHSIG, how)


def hide_memory() -> None:
    """Keep other processes of the same user (not of root) from reading this one's memory and open files."""
    _prctl(_DUMPABLE, 0)


@contextlib.contextmanager
def guarded_parent() -> Iterator[None]:
    """For a while hide this process's memory, and adopt what supervisors leave that were ended."""
    before = ctypes.CDLL(None).prctl(_GET_DUMPABLE, 0, 0, 0, 0) if LINUX else 1
    hide_memory()
    adopt_orphans()
    try:
        yield
    finally:
        _prctl(_DUMPABLE, before)
        _prctl(_SUBREAPER, 0)


def exceeded(limits: Limits, folder: Path) -> str:
    """Which limit of all processes together this one's descendants are beyond; empty where there is none."""
    mine = descendants(os.getpid())
    if len(mine) > limits.processes:
        return "processes"
    # Forked processes share what they have not changed, so the quick sum may be too large; the true one is slow.
    if sum(map(resident, mine)) > limits.memory and sum(map(proportional, mine)) > limits.memory:
        return "memory"
    return "disk" if occupied(folder, limits.disk) > limits.disk else ""


def resident(pid: int) -> int:
    """Bytes of memory that a process holds and shares with no file on a disk."""
    try:
        lines = Path("/proc", str(pid), "status").read_text(errors="replace").splitlines()
    except OSError:
        return 0
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "RssShmem:")))


def proportional(pid: int) -> int:
    """Bytes of memory that a process holds, those that several share divided among them."""
    try:
        lines = Path("/proc", str(pid), "smaps_rollup").read_text().splitlines()
    except OSError:
        return resident(pid)
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def occupied(folder: Path, enough: int) -> int:
    """Bytes on the disk below a folder; counting ends where there are more than enough, where folders lie so deep that
    no path leads there, or where one was closed to this user, who owns them all."""
    total = 0
    waiting = [str(folder)]
    while waiting and total <= enough:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    # An empty file has no blocks, and takes time and a place of its own all the same.
                    total += max(entry.stat(follow_symlinks=False).st_blocks * 512, BLOCK)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG or (error.errno == errno.EACCES and os.geteuid()):
                return enough + 1
    return total


def remove(folder: Path) -> None:
    """Remove a folder, however deep it is and whatever rights were taken from it; no link is followed."""
    top = str(folder)
    before: set[str] = set()
    # What lies in a folder is moved up before it goes, so no path becomes long and nothing recurses.
    while (entries := [*os.scandir(top)]) and (left := {each.name for each in entries}) != before:
        before = left
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    _lift(entry.path, top)
                else:
                    os.unlink(entry.path)
    with contextlib.suppress(OSError):
        os.rmdir(top)


def _lift(place: str, top: str) -> None:
    """Move the folders inside a folder to the top, and remove it with its files."""
    os.chmod(place, 0o700)
    for entry in [*os.scandir(place)]:
        if entry.is_dir(follow_symlinks=False):
            os.chmod(entry.path, 0o700)
            os.rename(entry.path, os.path.join(top, uuid.uuid4().hex))
        else:
            os.unlink(entry.path)
    os.rmdir(place)


def children(pid: int) -> set[int]:
    """The processes whose parent is this one."""
    return {child for child, parent in _parents() if parent == pid}


def descendants(pid: int) -> list[int]:
    """The processes that descend from this one, youngest generation last."""
    children: dict[int, list[int]] = {}
    for child, parent in _parents():
        children.setdefault(parent, []).append(child)
    found: list[int] = []
    waiting = [pid]
    while waiting:
        mine = children.get(waiting.pop(), [])
        found += mine
        waiting += mine
    return found


def _parents() -> list[tuple[int, int]]:
    """(pid, parent's pid) of every process."""
    if LINUX:
        found = []
        for entry in os.listdir("/proc"):
            if entry.isdecimal():
                with contextlib.suppress(OSError, IndexError, ValueError):
                    # The name is in parentheses and may hold anything; the parent is the second field after it.
                    fields = Path("/proc", entry, "stat").read_text(errors="replace").rpartition(")")[2].split()
                    found.append((int(entry), int(fields[1])))
        return found
    if sys.platform == "win32":
        return []
    listed = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=False).stdout
    return [(int(pid), int(parent)) for pid, parent in (line.split() for line in listed.splitlines())]


def end_descendants(user: int = 0, patience: float = 10.0) -> bool:
    """End every process that descends from this one; False where some are still there after `patience` seconds.

    user : where they run as a user of their own, all of that user's are ended in one call, however fast they multiply.
    """
    deadline = time.monotonic() + patience
    while True:
        if user:
            end_user(user)
        for pid in descendants(os.getpid()):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        reap()
        if not descendants(os.getpid()):
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)


def end_user(user: int) -> None:
    """End all processes of a user; the one that does it is such a process itself, and dies with them."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            os.setresuid(user, user, user)
            os.kill(-1, signal.SIGKILL)
        os._exit(0)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)


def reap() -> None:
    """Take leave of the children that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
