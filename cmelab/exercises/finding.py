"""What an answer turned out to be."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .misconceptions import parts

NOT_TRIED, NOT_YET, RIGHT, AWAITING = "not tried", "not yet", "right", "awaiting"
MARKED = "marked"  # a person gave the points
NOTED = "noted"  # an answer before the course: kept, and not judged


@dataclass(frozen=True)
class Finding:
    """What an answer turned out to be: its state, a sentence or two, and the wrong model it equals, if any."""

    state: str
    says: str
    wrong: str = ""  # the key of the wrong model, such as "P1+P2" or "P3:inverted"
    printed: str = ""  # what the answer printed while it was tried
    numbers: Mapping[str, Any] = field(default_factory=dict)  # the given numbers by name, and `answer`, theirs

    @property
    def misconceptions(self) -> tuple[str, ...]:
        """The ids of the beliefs behind the answer."""
        return parts(self.wrong) if self.wrong else ()
