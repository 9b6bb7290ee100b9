"""The one door to numba: where it is missing or switched off, every kernel runs as plain Python."""
from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

try:
    import numba
    from numba.core import config
except ImportError:  # stock Pyodide has no numba: correct, slower
    numba = config = None


def forget_stale(folder: Path = Path(__file__).parent) -> None:
    """Drop kernels kept on disk before a source changed: numba looks at a kernel's own file, not at those it calls."""
    with suppress(OSError):
        changed = max(f.stat().st_mtime for f in (*folder.glob("*.py"), folder.parent / "expression.py"))
        for kept in (folder / "__pycache__").glob("*.nb[ic]"):
            if kept.stat().st_mtime < changed:
                kept.unlink(missing_ok=True)


forget_stale()


def njit(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Compile once for every network, keep the result on disk, release the GIL, never raise on 1/0."""
    if numba is None:
        return kernel
    return numba.njit(cache=True, nogil=True, error_model="numpy")(kernel)


def inlined(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Like njit, but pasted into the caller: handing arrays on to a function of its own costs a count of each."""
    if numba is None:
        return kernel
    return numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")(kernel)


def is_compiled() -> bool:
    """True where kernels are compiled; False without numba or with ``NUMBA_DISABLE_JIT=1``."""
    return config is not None and not getattr(config, "DISABLE_JIT", False)
