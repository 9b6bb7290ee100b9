"""Exercises: right answers, wrong models, and the desk where a student asks for a check or a hint."""
from __future__ import annotations

from .desk import Desk, check, earned, given, hint, start
from .draws import SELF_STUDY, numbers_of
from .exercise import Exercise, ExerciseError, Unit
from .mastery import Progress, progress
from .misconceptions import MISCONCEPTIONS, Misconception
from .units import UNITS, exercise
from .verdict import Verdict

__all__ = [
    "MISCONCEPTIONS", "SELF_STUDY", "UNITS", "Desk", "Exercise", "ExerciseError", "Misconception", "Progress", "Unit",
    "Verdict", "check", "earned", "exercise", "given", "hint", "numbers_of", "progress", "start",
]  # fmt: skip
