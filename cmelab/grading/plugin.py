"""The pytest plugin that makes nbval a grader: expected outputs from memory, roles by cell, results as they come."""
from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode
from nbval.kernel import RunningKernel

from .guards import Guards, furnish, kernel_command

HEARTBEAT = 0.25  # s between two looks at whether the kernel is alive
STARTING = 60.0  # s for the first cell
GRACE = 5.0  # s after a timeout, for the kernel to say its last words
LONGEST = 300  # characters of an error that are told
LONGEST_SOCKET = 90  # characters of a folder in which a socket may lie; the system allows 107 for all of its path
MOST = 500_000  # characters of one cell's output that are kept


class KernelDied(RuntimeError):
    """The kernel ended while a cell ran."""


def kernel_in(place: Path, held: Guards) -> type[RunningKernel]:
    """nbval's kernel, under guards, in a folder of its own; missed at once when it dies, cut short when it talks on."""
    environment = os.environ | furnish(place)

    class Specs(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=kernel_command(held, place, command), language="python")

    class GuardedKernel(RunningKernel):
        last_word = float("inf")  # when even a talking kernel is no longer listened to
        said = 0

        def __init__(self, kernel_name: str, cwd: str | None = None, startup_timeout: int = 60):
            self.km = KernelManager(kernel_spec_manager=Specs(), connection_file=str(place / "k.json"))
            # Sockets in the working copy need no network, and no other user may connect to them.
            if len(str(place)) < LONGEST_SOCKET and sys.platform != "win32":
                self.km.transport = "ipc"
                self.km.ip = str(place / "k")
            self.km.start_kernel(stderr=subprocess.DEVNULL, cwd=str(place / "work"), env=environment)
            self.kc = self.km.client()
            self.kc.start_channels()
            self.kc.wait_for_ready(timeout=startup_timeout)
            self._ensure_iopub_up()

        def interrupt(self) -> None:
            """nbval's wish after a timeout: the kernel is not used again, so nobody asks whether it listens."""
            self.km.shutdown_kernel(now=True)
            self.last_word = 0.0

        def await_reply(self, msg_id: str, timeout: float | None = None) -> None:
            deadline = time.monotonic() + (timeout or 0)
            self.last_word, self.said = deadline + GRACE, 0
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Empty
                try:
                    return super().await_reply(msg_id, timeout=min(left, HEARTBEAT))
                except Empty:
                    if not self.is_alive():
                        raise KernelDied("the kernel ended while this cell ran") from None

        def get_message(self, stream: str, timeout: float | None = None) -> dict[str, Any]:
            if stream == "iopub" and time.monotonic() > self.last_word:
                raise Empty
            message = super().get_message(stream, timeout=timeout)
            content = message["content"]
            if message["msg_type"] == "stream":
                self.said += len(content["text"])
                content["text"] = content["text"] if self.said < MOST else ""
            elif "data" in content:
                # Pictures and tables have no reader here.
                content["data"] = {"text/plain": str(content["data"].get("text/plain", ""))[:LONGEST]}
            return message

    return GuardedKernel


class Grader:
    """Gives nbval what each cell is for, and tells what came of it, one dictionary per cell.

    cells    the sealed cells in order: {"role", "expected"}
    timeout  seconds for one cell
    tell     called with {"cell", "passed", "printed", "error", "lost", "seconds"}; `lost` says why the kernel is gone
    """

    def __init__(self, cells: Sequence[dict[str, Any]], timeout: float, tell: Callable[[dict[str, Any]], None]):
        self.cells, self.timeout, self.tell = cells, timeout, tell

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        # The cells are in memory now; the secret points need not lie on a disk.
        Path(items[0].fspath).unlink()
        for item, cell in zip(items, self.cells, strict=True):
            echo = cell["role"] == "echo"
            # The role decides, not a comment or a tag that a student wrote.
            item.options.update(skip=False, check=echo, check_exception=not echo)
            if echo:
                item.cell.execution_count = 1
                item.cell.outputs = [NotebookNode(output_type="stream", name="stdout", text=cell["expected"])]

    def pytest_runtest_setup(self, item: Any) -> None:
        # The first cell is ours: a slow disk under it is not the student's fault.
        first = self.cells[item.cell_num]["role"] == "setup"
        item.config.option.nbval_cell_timeout = max(self.timeout, STARTING) if first else self.timeout

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: pytest.CallInfo[None]):
        report = yield
        if report.when == "call" or report.failed:
            lost = self._lost(item, call)
            outputs = item.test_outputs or []
            printed = (each.text for each in outputs if each.output_type == "stream" and each.name == "stdout")
            errors = ([str(each.ename)[:LONGEST], str(each.evalue)[:LONGEST]] for each in outputs if "ename" in each)
            self.tell({
                "cell": item.cell_num,
                # After a timeout nbval marks all cells as expected to fail: one that passes still counts.
                "passed": report.passed,
                # Of other cells nobody reads it, and thousands of them would fill the memory of the whole run.
                "printed": "".join(printed) if self.cells[item.cell_num]["role"] == "echo" else "",
                "error": next(errors, None),
                "lost": lost,
                "seconds": round(call.duration, 3),
            })  # fmt: skip
            if lost:
                item.session.shouldstop = lost
        return report

    def _lost(self, item: Any, call: pytest.CallInfo[None]) -> str:
        """Why the kernel is of no more use: it is dead, or a cell had to be interrupted."""
        if call.excinfo is not None and call.excinfo.errisinstance(KernelDied):
            return "died"
        if call.when == "setup" and call.excinfo is not None:
            return "no kernel"
        if item.parent.timed_out:
            return "timeout"
        return "" if item.parent.kernel is not None and item.parent.kernel.is_alive() else "died"
