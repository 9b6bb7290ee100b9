"""The errors of cmelab: each message says what was given, what is allowed, and what to do."""
from __future__ import annotations

from typing import Any


class NetworkError(ValueError):
    """A network text, rate, count or option that cannot be used; parse errors carry ``line`` and ``column``."""

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None):
        super().__init__(message)
        self.line, self.column = line, column


class SimulationError(RuntimeError):
    """A path that could not be finished; ``partial`` holds the Path or Ensemble computed so far."""

    def __init__(self, message: str, *, partial: Any = None):
        super().__init__(message)
        self.partial = partial


class StateSpaceError(RuntimeError):
    """A state space that is too large, or infinite where bounds are needed."""
