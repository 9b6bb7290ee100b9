"""A belief that was found once is asked after again, two units later: what is met again after a while stays longer.

Spacing: N. J. Cepeda et al., Psychol. Bull. 132, 354 (2006), doi:10.1037/0033-2909.132.3.354.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .exercise import Unit
from .misconceptions import MISCONCEPTIONS

LATER = 2  # units between


def question_again(units: tuple[Unit, ...], now: Unit, entries: Mapping[str, Mapping[str, Any]]) -> str:
    """One question about a belief found two units ago, or longer ago where none was; nothing where none was at all."""
    place = units.index(now) - LATER
    for unit in reversed([each for each in units[: max(0, place + 1)] if not each.quiet]):
        for exercise in unit:
            for belief in entries.get(exercise.id, {}).get("misconceptions", ()):
                if one := MISCONCEPTIONS.get(belief):
                    return f"{one.question} (Your {exercise.id} once said something else. See it: `{one.line}`)"
    return ""
