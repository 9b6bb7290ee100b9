"""Long work in pieces: spread over any executor, in order, behind a progress bar."""
from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

from tqdm import tqdm

Job = TypeVar("Job")
Result = TypeVar("Result")
AHEAD = 32  # pieces an executor is given at most, so that results do not pile up


def spread(run: Callable[[Job, int, int], Result], job: Job, total: int, executor: Executor | None, *,
           least: int = 1, most: int = 1000) -> Iterator[Result]:
    """``run(job, first, size)`` for pieces of ``total``, in order, here (None) or by an executor.

    There are about 16 pieces, so that a progress bar moves and workers share; none is larger than ``most``, and none
    here smaller than ``least``. An executor is given `AHEAD` of them at a time. Those still waiting are dropped when
    the reader stops.
    """
    size = max(1, min(most, max(math.ceil(total / 16), least if executor is None else 1)))
    pieces = ((first, min(size, total - first)) for first in range(0, total, size))
    if executor is None:
        yield from (run(job, first, count) for first, count in pieces)
        return
    futures: deque[Future[Result]] = deque()
    try:
        for first, count in pieces:
            futures.append(executor.submit(run, job, first, count))
            if len(futures) == AHEAD:
                yield futures.popleft().result()
        while futures:
            yield futures.popleft().result()
    finally:
        for future in futures:
            future.cancel()


def progress_bar(total: int, unit: str, progress: bool | None) -> tqdm:
    """A bar that leaves no trace: at once (True), never (False), or after two seconds (None)."""
    return tqdm(total=total, unit=unit, leave=False, disable=progress is False, delay=2.0 if progress is None else 0)
