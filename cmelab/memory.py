"""How much memory there is, so that a large request is refused with a figure before it is made."""
from __future__ import annotations

import math
from contextlib import suppress
from pathlib import Path


def available_memory() -> float:
    """Bytes that can be had without swapping, inside a container too; inf where the system does not say."""
    found = [math.inf]
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text().splitlines()
        found.append(1024.0 * float(next(line.split()[1] for line in lines if line.startswith("MemAvailable"))))
    with suppress(OSError, ValueError):
        group = Path("/sys/fs/cgroup")
        # A group without a limit says "max", which is no number.
        limit, used = ((group / f"memory.{name}").read_text() for name in ("max", "current"))
        found.append(float(limit) - float(used))
    return max(0.0, min(found))


def size_text(size: float) -> str:
    """Bytes in the unit that reads best, such as ``3.2 GB``."""
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size / 1e3:.3g} kB"
