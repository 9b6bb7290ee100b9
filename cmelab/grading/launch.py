"""Start the process of one submission and take in what it tells; nothing the student prints is read as a verdict."""
from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import MutableSet
from dataclasses import dataclass, field
from typing import Any

from .limits import Limits
from .reseal import Sealed

LAST_RESORT = 60.0  # s beyond the wall limit, should the watching half itself be gone


@dataclass(frozen=True)
class Ran:
    """What came of one cell."""

    cell: int
    passed: bool
    printed: str = ""
    error: tuple[str, str] | None = None
    lost: str = ""  # why the kernel was lost: "timeout", "died" or "no kernel"
    seconds: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What came of a sealed notebook: for each cell its last result, and how the run ended."""

    cells: dict[int, Ran] = field(default_factory=dict)
    lost: tuple[Ran, ...] = ()
    ended: str = "crashed"
    crash: str = ""
    clean: bool = True  # every process it started is gone
    seconds: float = 0.0


def job(sealed: Sealed, limits: Limits) -> bytes:
    """What the process of one submission is told."""
    cells = [
        {"role": each.role, "source": each.source, "exercise": each.exercise, "expected": each.expected}
        for each in sealed.cells
    ]
    return json.dumps({"cells": cells, "limits": limits.as_dict()}).encode()


def run_sealed(
    sealed: Sealed, limits: Limits, *, running: MutableSet[subprocess.Popen[bytes]] | None = None
) -> Outcome:
    """Run a sealed notebook in a process of its own, under limits; the process is in `running` meanwhile."""
    running = set() if running is None else running
    begin = time.monotonic()
    # Expected outputs go through a pipe: a command line, an environment and a disk can be read by others.
    process = subprocess.Popen(
        [sys.executable, "-m", "cmelab.grading.run"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, start_new_session=True, env=os.environ | {"PYTHONHASHSEED": "0"},
    )  # fmt: skip
    running.add(process)
    try:
        output, _ = process.communicate(job(sealed, limits), timeout=limits.wall + LAST_RESORT)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
    finally:
        running.discard(process)
    return read_outcome(output, time.monotonic() - begin)


def read_outcome(output: bytes, seconds: float) -> Outcome:
    """The outcome in the lines that the process told; a line that is cut off ends it."""
    ran: dict[int, Ran] = {}
    lost: list[Ran] = []
    last: dict[str, Any] = {}
    for line in output.splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            break
        if "cell" not in told:
            last |= told
            continue
        error = tuple(told["error"]) if told["error"] else None
        one = Ran(told["cell"], told["passed"], told["printed"], error, told["lost"], told["seconds"])
        # An answer that ran before a kernel was lost runs again after; what it did first counts for its time only.
        ran[one.cell] = one
        if one.lost:
            lost.append(one)
    ended, crash, clean = last.get("ended", "crashed"), last.get("crash", ""), last.get("clean", False)
    return Outcome(ran, tuple(lost), ended, crash, clean, seconds)
