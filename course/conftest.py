"""Tests of the notebooks keep their progress to themselves: a student's own lies beside the notebooks."""
from __future__ import annotations

import os
import tempfile

import pytest

_folder = tempfile.TemporaryDirectory(prefix="cmelab-progress-")


def pytest_runtest_setup(item: pytest.Item) -> None:
    # The kernel of a notebook starts with its first cell, and takes the environment over.
    os.environ.setdefault("CMELAB_PROGRESS", os.path.join(_folder.name, "progress.json"))
