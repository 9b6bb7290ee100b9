"""Within it linear algebra has one thread, and afterwards as many as before; every picture is computed so."""
from __future__ import annotations

from dataclasses import replace

import pytest
import scipy.linalg  # noqa: F401  (brings its own BLAS)
from threadpoolctl import ThreadpoolController, threadpool_info

from cmelab.one_thread import one_thread
from cmelab.widgets import Bathtub


def threads() -> list[int]:
    """Of each BLAS library in this process."""
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


@pytest.fixture
def two():
    """Two threads, also on a computer with one core."""
    with ThreadpoolController().limit(limits=2, user_api="blas"):
        assert set(threads()) == {2}
        yield


def test_one_within_and_as_many_as_before_afterwards(two):
    with one_thread():
        assert set(threads()) == {1}
    assert set(threads()) == {2}


def test_pictures_are_computed_so(two):
    seen = []
    replace(Bathtub, bank=lambda *given: seen.append(threads()) or Bathtub.bank(*given))()
    assert seen and all(set(each) == {1} for each in seen)
    assert set(threads()) == {2}
