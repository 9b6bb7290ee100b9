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
from .guards import NOBODY, WORKING_COPY, Guards
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


def run_cells(cells: Sequence[Cell], folder: Path, cell_timeout: float, held: Guards, tell: Tell) -> None:
    """Run the cells in a fresh kernel, until the last one or until the kernel is lost."""
    import nbformat
    import nbval.plugin
    import pytest

    from .plugin import Grader, kernel_in

    # The kernel works in a folder of its own, away from the notebook.
    place = folder / "k"
    place.mkdir(mode=0o700)
    nbval.plugin.RunningKernel = kernel_in(place, held)
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


def private_environment(folder: Path) -> None:
    """No settings or start-up files of this computer's user."""
    for name in PRIVATE:
        os.environ[name] = str(folder)
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
        run_cells(job["cells"], folder, bounds.cell, Guards(**job["guards"]), tell)
    except BaseException:
        tell({"crash": traceback.format_exc(limit=-3)})
        raise


def watch(child: int, bounds: Limits, folder: Path) -> str:
    """The half that waits; says how the other one ended: "finished", "crashed", or the limit that was reached."""
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
            if limit := limits.exceeded(bounds, folder):
                return limit
        if not pid:
            time.sleep(NAP)


def main() -> None:
    """Read the job, split, watch, clean up, and tell how it ended."""
    job = json.load(sys.stdin.buffer)
    limits.hide_memory()
    limits.adopt_orphans()
    limits.end_with_parent()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    last: dict[str, Any] = {"ended": "stopped", "clean": True}
    try:
        folder = Path(tempfile.mkdtemp(prefix=WORKING_COPY))
        try:
            # Another user must be able to go through; the folders inside are closed.
            os.chmod(folder, 0o711)
            last = supervise(job, folder)
        finally:
            limits.remove(folder)
    except OSError as error:
        last = {"ended": "crashed", "clean": True, "crash": f"{type(error).__name__}: {error}"}
    finally:
        os.write(1, json.dumps(last).encode() + b"\n")


def supervise(job: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Run the notebook in a second half of this process, and end all that it started."""
    if not hasattr(os, "fork"):
        # Without a second half there is nobody to watch: the limits of single cells still hold.
        work(job, folder)
        return {"ended": "finished", "clean": False}
    ended = "stopped"
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        limits.end_with_parent(signal.SIGKILL)
        with contextlib.suppress(BaseException):
            work(job, folder)
            os._exit(0)
        os._exit(1)
    clean = False
    try:
        ended = watch(child, Limits(**job["limits"]), folder)
    except SystemExit:
        pass
    finally:
        clean = limits.end_descendants(NOBODY + os.getpid() if job["guards"]["user"] else 0)
    return {"ended": ended, "clean": clean}


if __name__ == "__main__":
    main()
