"""Run one sealed notebook in a process of its own: `python -m cmelab.grading.run`, a job on stdin, results on stdout.

The process splits in two. One half runs nbval and tells what it sees, a line of JSON per cell. The other half watches:
time, number of processes, and at the end it ends everything that was started, whatever session it joined.
"""
from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from . import limits
from .limits import Limits

NAP = 0.02  # s between two looks at the other half
COUNTED = 0.2  # s between two counts of the processes
ENVIRONMENT = {
    # One submission has one core; and thread pools would take address space.
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "MPLBACKEND": "agg", "PYTHONDONTWRITEBYTECODE": "1",
}  # fmt: skip
PRIVATE = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")

Cell = dict[str, Any]  # "role", "source", "exercise", "expected"
Tell = Callable[[dict[str, Any]], None]


def run_cells(cells: Sequence[Cell], folder: Path, cell_timeout: float, tell: Tell) -> None:
    """Run the cells once, in a fresh kernel, until the last one or until the kernel is lost."""
    import nbformat
    import nbval.plugin
    import pytest

    from .plugin import Grader, kernel_in

    # The kernel works in an empty folder, away from the notebook.
    work = folder / "work"
    work.mkdir()
    nbval.plugin.RunningKernel = kernel_in(work)
    v4 = nbformat.v4
    notebook = v4.new_notebook(cells=[v4.new_code_cell(each["source"], id=f"c{i}") for i, each in enumerate(cells)])
    path, settings = folder / "sealed.ipynb", folder / "pytest.ini"
    nbformat.write(notebook, path)
    settings.write_text("[pytest]\n")
    options = [
        "-c", str(settings), "--rootdir", str(folder), "-p", "nbval.plugin", "-p", "no:cacheprovider", "-q", "-s",
        "-W", "ignore", "--nbval-lax", "--nbval-current-env", str(path),
    ]  # fmt: skip
    pytest.main(options, plugins=[Grader(cells, cell_timeout, tell)])


def run_until_done(cells: Sequence[Cell], folder: Path, cell_timeout: float, tell: Tell) -> None:
    """Run the notebook; where a cell costs the kernel, set its answer aside and run the rest again."""
    left = list(range(len(cells)))
    while True:
        told: list[dict[str, Any]] = []
        place = Path(tempfile.mkdtemp(dir=folder))

        def pass_on(result: dict[str, Any], told: list[dict[str, Any]] = told, left: list[int] = left) -> None:
            told.append({**result, "cell": left[result["cell"]]})
            tell(told[-1])

        run_cells([cells[i] for i in left], place, cell_timeout, pass_on)
        if not told or not told[-1]["lost"]:
            return
        guilty, done = told[-1]["cell"], {each["cell"] for each in told}
        left = [i for i in left if not set_aside(cells, i, guilty) and not (i in done and cells[i]["role"] == "echo")]
        if cells[guilty]["role"] in ("setup", "canary") or not any(cells[i]["role"] == "echo" for i in left):
            return


def set_aside(cells: Sequence[Cell], index: int, guilty: int) -> bool:
    """True for the guilty cell, and for the answer and the echo of the exercise it answers."""
    one, other = cells[index], cells[guilty]
    pair = ("answer", "echo")
    return index == guilty or (
        one["role"] in pair and other["role"] in pair and one["exercise"] == other["exercise"]
    )  # fmt: skip


def private_environment(folder: Path) -> None:
    """No settings or start-up files of this computer's user, and none left for the next submission."""
    for name in PRIVATE:
        place = folder / name.lower()
        place.mkdir(mode=0o700)
        os.environ[name] = str(place)
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTHONSTARTUP"):
        os.environ.pop(name, None)
    os.environ.update(ENVIRONMENT)


def work(job: dict[str, Any], folder: Path) -> None:
    """The half that runs the notebook."""
    results = os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(silence, standard)

    def tell(what: dict[str, Any]) -> None:
        results.write(json.dumps(what).encode() + b"\n")
        results.flush()

    bounds = Limits(**job["limits"])
    limits.apply(bounds)
    private_environment(folder)
    try:
        run_until_done(job["cells"], folder, bounds.cell, tell)
        tell({"ended": "finished", "clean": False})
    except BaseException:
        tell({"crash": traceback.format_exc(limit=-3)})
        raise


def watch(child: int, bounds: Limits) -> str:
    """The half that waits; says how the other one ended: "finished", "wall", "processes", "stopped" or "crashed"."""
    deadline = time.monotonic() + bounds.wall
    count_at = 0.0
    while True:
        # Adopted orphans are waited for too, or they would stay for ever as zombies.
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == child:
            return "finished" if status == 0 else "crashed"
        now = time.monotonic()
        if now > deadline:
            return "wall"
        if now > count_at:
            count_at = now + COUNTED
            if len(limits.descendants(os.getpid())) > bounds.processes:
                return "processes"
        if not pid:
            time.sleep(NAP)


def main() -> None:
    """Read the job, split, watch, clean up, and tell how it ended."""
    job = json.load(sys.stdin.buffer)
    limits.hide_memory()
    limits.adopt_orphans()
    limits.end_with_parent()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    ended = "stopped"
    with tempfile.TemporaryDirectory(prefix="cmelab-", ignore_cleanup_errors=True) as folder:
        if not hasattr(os, "fork"):
            # Without a second half there is nobody to watch: the limits of single cells still hold.
            work(job, Path(folder))
            return
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            with contextlib.suppress(BaseException):
                work(job, Path(folder))
                os._exit(0)
            os._exit(1)
        try:
            ended = watch(child, Limits(**job["limits"]))
        finally:
            clean = limits.end_descendants()
            os.write(1, json.dumps({"ended": ended, "clean": clean}).encode() + b"\n")


if __name__ == "__main__":
    main()
