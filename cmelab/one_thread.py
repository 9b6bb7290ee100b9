"""Small matrices on one thread.

A linear algebra library (BLAS) splits its work over all cores it sees. For the small matrix of a picture that gains
nothing, and where other work is on the cores the threads wait for each other: 60 ms for a bathtub, and 6 on one thread.
"""
from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController


@cache
def _libraries() -> ThreadpoolController:
    """The BLAS libraries in this process; looked for once, when numpy and scipy have brought theirs."""
    return ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """Within it, linear algebra has one thread; afterwards as many as before."""
    return _libraries().limit(limits=1, user_api="blas")
