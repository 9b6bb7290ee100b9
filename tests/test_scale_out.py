"""Many paths on a real Dask cluster of this computer: the same numbers as here, also when a worker is killed."""
from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from cmelab import models, simulate
from cmelab.chunks import AHEAD, spread

TIMES = [1.0, 5.0]


class Watched(Executor):
    """Hands pieces on to another executor, and calls ``half_way`` before one of them."""

    def __init__(self, inner: Executor, at: int, half_way):
        self.inner, self.at, self.half_way, self.given = inner, at, half_way, 0

    def submit(self, fn, /, *args, **kwargs) -> Future:
        self.given += 1
        if self.given == self.at:
            self.half_way()
        return self.inner.submit(fn, *args, **kwargs)


@pytest.mark.needs("distributed")
@pytest.mark.parametrize("paths", [40_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_a_dask_cluster_gives_the_same_histograms_though_a_worker_is_killed(paths):
    """SIGKILL to one of two workers when half of the pieces are out; what it had computed is computed again."""
    from distributed import Client, LocalCluster

    net = models.toggle_switch()
    no_page: dict[str, Any] = {"dashboard_address": None}
    with (LocalCluster(n_workers=2, threads_per_worker=1, silence_logs=50, **no_page) as cluster,
          Client(cluster) as connected):
        client: Any = connected
        before = set(client.run(os.getpid).values())
        executor = Watched(client.get_executor(), paths // 2000, lambda: os.kill(min(before), signal.SIGKILL))
        there = simulate(net, TIMES, paths=paths, seed=1, record="histogram", executor=executor)
        client.wait_for_workers(2)
        after = set(client.run(os.getpid).values())
    assert min(before) not in after
    here = simulate(net, TIMES, paths=paths, seed=1, record="histogram")
    assert there.numbers[0].sum() == paths * len(TIMES)
    for name, ours, theirs in zip(net.species, here.numbers, there.numbers, strict=True):
        assert np.array_equal(ours, theirs), name


@pytest.mark.parametrize("total", [1, 15, 17, 5000])
def test_pieces_cover_the_whole_in_order_and_few_are_out_at_once(total):
    """A reader that is slow: no more pieces are handed out than it may still have to keep."""
    running, most = [0], [0]
    lock = threading.Lock()

    def run(job: str, first: int, count: int) -> list[int]:
        return list(range(first, first + count))

    class Counting(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            return super().submit(fn, *args, **kwargs)

    seen: list[int] = []
    with Counting(2) as executor:
        for piece in spread(run, "job", total, executor, most=10):
            running[0] -= 1
            seen += piece
    assert seen == list(range(total))
    assert most[0] <= AHEAD
