"""What a process gives up before it becomes a student's kernel: its user, its rights, most of the disk.

Run by its path, `python -I -S confine.py JSON COMMAND ...`, so it stands alone (standard library only). Linux only.
"""
from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
from collections.abc import Iterable
from typing import Any

_KEEPCAPS, _NO_NEW_PRIVS, _AMBIENT, _RAISE = 8, 38, 47, 2
_READ_SEARCH = 2  # the capability to read every file, and to do no more than that
_CAPABILITIES_V3 = 0x20080522
_CREATE, _ADD, _RESTRICT = 444, 445, 446  # Landlock's system calls, of the same number on every machine
WRITE_FILE, READ_FILE, TRUNCATE = 1 << 1, 1 << 2, 1 << 14
# Removing and making of whatever there is; from version 2 on a file may not be moved elsewhere, from 3 on not be cut.
CHANGES = ((1, sum(1 << bit for bit in range(4, 13)) | WRITE_FILE), (2, 1 << 13), (3, TRUNCATE))
TCP, OUTSIDE = 0b11, 0b11  # bind and connect; abstract sockets and signals to processes outside
ABI_TCP, ABI_SIGNALS = 4, 6
_NEW_IPC, _NEW_MOUNTS = 0x08000000, 0x00020000
_PRIVATE, _NO_PROGRAMS = 1 << 14 | 1 << 18, 0b1110  # with all mounts below; no set-user-id, devices, programs
SHARED = 500_000_000  # bytes of all files in /dev/shm
# A filter of system calls, and what it may answer: go on, that is not permitted, that is done (and it is not).
_SECCOMP, _LOAD, _EQUAL, _AT_LEAST, _RETURN = 22, 0x20, 0x15, 0x35, 0x06
_ALLOWED, _REFUSED, _DONE = 0x7FFF0000, 0x00050001, 0x00050000
# The kernel's name of a machine, and its calls: prlimit; chmod, chown, utime, setxattr and removexattr in all their
# forms; setpriority, ioprio_set and sched_set... (parameters, scheduler, affinity, attributes).
_NEWER = (452, 463, 466, 469)
CALLS = {
    "x86_64": (0xC000003E, 302, 90, 91, 92, 93, 94, 132, 188, 189, 190, 197, 198, 199, 235, 260, 261, 268, 280,
               141, 142, 144, 203, 251, 314, *_NEWER),
    "aarch64": (0xC00000B7, 261, 5, 6, 7, 14, 15, 16, 52, 53, 54, 55, 88, 140, 118, 119, 122, 30, 274, *_NEWER),
}  # fmt: skip
DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "shm")

libc = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None


class Ruleset(ctypes.Structure):
    """The kernel's `landlock_ruleset_attr`."""

    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class Beneath(ctypes.Structure):
    """The kernel's `landlock_path_beneath_attr`."""

    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


class Step(ctypes.Structure):
    """The kernel's `sock_filter`."""

    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("k", ctypes.c_uint32))


class Program(ctypes.Structure):
    """The kernel's `sock_fprog`."""

    _fields_ = (("length", ctypes.c_uint16), ("steps", ctypes.POINTER(Step)))


def call(name: str, *arguments: Any) -> int:
    """A function of the C library; an error number is raised."""
    result = getattr(libc, name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def landlock_version() -> int:
    """The version of Landlock in this system; 0 where there is none."""
    if libc is None or not sys.platform.startswith("linux"):
        return 0
    return max(0, libc.syscall(_CREATE, None, ctypes.c_size_t(0), 1))


def fence(version: int, own: Iterable[str], hidden: Iterable[str]) -> int:
    """A ruleset: write in `own` only, read everything but what is hidden, no TCP, no signals to others."""
    changes = sum(rights for since, rights in CHANGES if version >= since)
    rules = Ruleset(changes | READ_FILE, TCP if version >= ABI_TCP else 0, OUTSIDE if version >= ABI_SIGNALS else 0)
    size = 8 if version < ABI_TCP else 16 if version < ABI_SIGNALS else 24
    ruleset = call("syscall", _CREATE, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    for place in readable({os.path.realpath(each) for each in hidden}):
        _allow(ruleset, place, READ_FILE)
    for place in (*own, *(f"/dev/{name}" for name in DEVICES)):
        _allow(ruleset, place, changes | READ_FILE)
    return ruleset


def _allow(ruleset: int, place: str, rights: int) -> None:
    try:
        folder = os.open(place, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(place):
            rights &= WRITE_FILE | READ_FILE | TRUNCATE
        call("syscall", _ADD, ruleset, 1, ctypes.byref(Beneath(rights, folder)), 0)
    finally:
        os.close(folder)


def readable(hidden: set[str], top: str = "/") -> list[str]:
    """Files and folders that together hold all below `top` but what is hidden; links stand for themselves only."""
    above = {parent for place in hidden for parent in parents(place)}
    if top not in above:
        return [] if top in hidden else [top]
    try:
        names = os.listdir(top)
    except OSError:
        return []
    places = (os.path.join(top, name) for name in names)
    return [each for place in places if not os.path.islink(place) for each in readable(hidden, place)]


def parents(place: str) -> list[str]:
    """All folders above a place."""
    found = []
    while (place := os.path.dirname(place)) not in found:
        found.append(place)
    return found


def become(user: int, reads_all: bool) -> None:
    """Leave root for another user, who may read what root may read only where Python itself could not be read."""
    call("prctl", _KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    renounce(reads_all)
    if reads_all:
        call("prctl", _AMBIENT, _RAISE, _READ_SEARCH, 0, 0)


def renounce(reads_all: bool) -> None:
    """Give up every right of root, but that to read."""
    kept = 1 << _READ_SEARCH if reads_all else 0
    header, rights = (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0), (ctypes.c_uint32 * 6)(kept, kept, kept)
    call("capset", header, rights)


def apart() -> None:
    """Have memory of one's own where processes share it by name: what is left there goes with the last process.

    Where root may not do that, as in many containers, it stays shared.
    """
    with contextlib.suppress(OSError):
        call("unshare", _NEW_IPC | _NEW_MOUNTS)
        call("mount", b"none", b"/", None, ctypes.c_ulong(_PRIVATE), None)
        call("mount", b"tmpfs", b"/dev/shm", b"tmpfs", ctypes.c_ulong(_NO_PROGRAMS), f"size={SHARED}".encode())


def leave_be() -> None:
    """From here on the rights, owners and times of files and the place of processes in the queue stay as they are, and
    whoever sets them is told it is done; limits of other processes may not be set.

    Landlock has no rule for these: a report in a folder that was closed is lost, and so is one that a grader writes
    who may write no more than 0 bytes. On a machine whose system calls have other numbers nothing changes.
    """
    machine, prlimit, *numbers = CALLS.get(os.uname().machine, (0, 0))
    if not machine:
        return
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, machine), (_RETURN, 0, 0, _REFUSED), (_LOAD, 0, 0, 0)]
    # Numbers above those of the machine's own are a second way to the same calls.
    steps += [(_AT_LEAST, 0, 1, 1 << 30), (_RETURN, 0, 0, _REFUSED)]
    steps += [(_EQUAL, len(numbers) - i + 4, 0, number) for i, number in enumerate(numbers)]
    steps += [(_EQUAL, 0, 3, prlimit), (_LOAD, 0, 0, 16), (_EQUAL, 1, 0, 0), (_RETURN, 0, 0, _REFUSED)]
    steps += [(_RETURN, 0, 0, _ALLOWED), (_RETURN, 0, 0, _DONE)]
    program = (Step * len(steps))(*steps)
    call("prctl", _SECCOMP, 2, ctypes.byref(Program(len(steps), program)), 0, 0)


def main() -> None:
    """Give up what the first argument says, then become the command."""
    import resource

    wanted, command = json.loads(sys.argv[1]), sys.argv[2:]
    if wanted["user"]:
        apart()
    ruleset = fence(wanted["landlock"], wanted["own"], wanted["hidden"]) if wanted["landlock"] else None
    if tasks := wanted["tasks"]:
        _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
        tasks = tasks if hard == resource.RLIM_INFINITY else min(tasks, hard)
        resource.setrlimit(resource.RLIMIT_NPROC, (tasks, tasks))
    if user := wanted["user"]:
        for place in wanted["own"]:
            os.chown(place, user, user)
            for folder, below, names in os.walk(place):
                for name in (*below, *names):
                    os.chown(os.path.join(folder, name), user, user, follow_symlinks=False)
        become(user, wanted["reads_all"])
    elif os.geteuid() == 0:
        # Root who cannot become another user, as in some containers: no modules, no mounts, no other user's files.
        try:
            renounce(True)
        except OSError:
            renounce(False)
    call("prctl", _NO_NEW_PRIVS, 1, 0, 0, 0)
    if ruleset is not None:
        call("syscall", _RESTRICT, ruleset, 0)
    if not wanted["user"]:
        # Who grades owns more than the working copy. A system without such filters grades all the same.
        with contextlib.suppress(OSError):
            leave_be()
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
