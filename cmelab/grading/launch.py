"""Start the process of one submission and take in what it tells; nothing the student prints is read as a verdict."""
from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .guards import Guards, guards
from .limits import Limits, children, descendants
from .notebook import writable
from .reseal import Sealed

LAST_RESORT = 60.0  # s beyond the wall limit, should the watching half itself be gone


@dataclass(frozen=True)
class Ran:
    """What came of one cell."""

    cell: int
    passed: bool
    printed: str = ""
    error: tuple[str, str] | None = None
    # Why the kernel was lost: "timeout", "died", "no kernel"; or what ended the whole process meanwhile.
    lost: str = ""
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


class Running:
    """The processes of all submissions that run now; from `stop` on none is left and none begins."""

    def __init__(self) -> None:
        self.processes: set[subprocess.Popen[bytes]] = set()
        self.stopped = False
        self._lock = threading.Lock()
        self._before = children(os.getpid())

    @contextlib.contextmanager
    def process(self) -> Iterator[subprocess.Popen[bytes]]:
        """A process for one submission."""
        with self._lock:
            # Expected outputs go through a pipe: a command line, an environment and a disk can be read by others.
            begun = subprocess.Popen(
                [sys.executable, "-m", "cmelab.grading.run"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, start_new_session=True, env=os.environ | {"PYTHONHASHSEED": "0"},
            )  # fmt: skip
            self.processes.add(begun)
        if self.stopped:
            begun.terminate()
        try:
            yield begun
        finally:
            with self._lock:
                self.processes.discard(begun)

    def stop(self) -> None:
        """Ask all processes to end, with everything that they started."""
        self.stopped = True
        for each in [*self.processes]:
            with contextlib.suppress(OSError):
                each.terminate()

    def end_strays(self) -> None:
        """End what a supervisor left that was ended itself: this process has adopted it, and started none like it."""
        with self._lock:
            known = self._before | {each.pid for each in self.processes}
            for stray in children(os.getpid()) - known:
                for pid in (*descendants(stray), stray):
                    with contextlib.suppress(OSError):
                        os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(stray, 0)


def job(sealed: Sealed, chosen: Sequence[int], limits: Limits, held: Guards) -> bytes:
    """What the process of one submission is told: the chosen cells, and what holds them."""
    cells = [
        {"role": each.role, "source": each.source, "exercise": each.exercise, "expected": each.expected}
        for each in (sealed.cells[i] for i in chosen)
    ]
    return json.dumps({"cells": cells, "limits": limits.as_dict(), "guards": held.as_dict()}).encode()


def run_sealed(
    sealed: Sealed, limits: Limits, *, held: Guards | None = None, running: Running | None = None
) -> Outcome:
    """Run a sealed notebook under limits, each time in a new process: where a cell costs the kernel, or the process
    itself, its answer is set aside and the rest runs again."""
    held, running = held or guards(), running or Running()
    begin = time.monotonic()
    left = list(range(len(sealed.cells)))
    cells: dict[int, Ran] = {}
    lost: list[Ran] = []
    while True:
        rest = replace(limits, wall=max(1.0, limits.wall - (time.monotonic() - begin)))
        one = run_once(job(sealed, left, rest, held), rest, running)
        ran = {left[i]: replace(each, cell=left[i]) for i, each in one.cells.items()}
        # An answer that ran before a kernel was lost runs again after; what it did first counts for its time only.
        cells |= ran
        outcome = replace(one, cells=cells, lost=tuple(lost), seconds=time.monotonic() - begin)
        guilty = lost_cell(one, [*ran.values()], left)
        if guilty is None:
            return outcome
        cells[guilty.cell] = guilty
        lost.append(guilty)
        outcome = replace(outcome, lost=tuple(lost))
        roles = [each.role for each in sealed.cells]
        left = [i for i in left if not set_aside(sealed, i, guilty.cell) and not (i in ran and roles[i] == "echo")]
        if roles[guilty.cell] in ("setup", "canary"):
            return outcome
        if not any(roles[i] == "echo" for i in left):
            return replace(outcome, ended="finished")


def run_once(told: bytes, limits: Limits, running: Running) -> Outcome:
    """One process, from its start until all it started is gone."""
    begin = time.monotonic()
    with running.process() as process:
        try:
            output, _ = process.communicate(told, timeout=limits.wall + LAST_RESORT)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
    outcome = read_outcome(output, time.monotonic() - begin)
    if not outcome.clean:
        running.end_strays()
    return outcome


def lost_cell(one: Outcome, ran: Sequence[Ran], left: Sequence[int]) -> Ran | None:
    """The cell that ended a run: it lost the kernel, or it was running when a limit of the whole was reached."""
    if one.lost:
        return ran[-1]
    if one.ended in ("wall", "stopped", "finished") or one.crash or len(ran) == len(left):
        return None
    return Ran(left[len(ran)], False, lost=one.ended)


def set_aside(sealed: Sealed, index: int, guilty: int) -> bool:
    """True for the guilty cell, and for the answer and the echo of the exercise it answers."""
    one, other = sealed.cells[index], sealed.cells[guilty]
    pair = ("answer", "echo")
    return index == guilty or (one.role in pair and other.role in pair and one.exercise == other.exercise)


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
        kind, says = map(writable, told["error"] or ("", ""))
        error = (kind, says) if told["error"] else None
        one = Ran(told["cell"], told["passed"], writable(told["printed"]), error, told["lost"], told["seconds"])
        ran[one.cell] = one
        if one.lost:
            lost.append(one)
    ended, crash, clean = last.get("ended", "crashed"), last.get("crash", ""), last.get("clean", False)
    return Outcome(ran, tuple(lost), ended, crash, clean, seconds)
