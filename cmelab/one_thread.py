"""Small matrices on one thread.

A linear algebra library (BLAS) splits its work over all cores it sees. For the matrix of a picture, some hundred rows,
that gains nothing, and where the cores are shared, as on Binder, the threads wait for each other: ten times as long.
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
