"""Unit 06, The rate equation as a limit: right answers, what each wrong belief gives, and what to say about it.

A key such as "K2:constant" is one variant of belief K2; `implies` speaks to the variant, in the student's numbers.
"""
from __future__ import annotations

from .averages import mean_left, same_speed
from .endings import colony_end, ended, order_of_limits
from .ladder import cv_slope, noise
from .volumes import scaled, scaling_test

UNIT = (
    scaled, scaling_test, noise, cv_slope, mean_left, same_speed, colony_end, ended, order_of_limits,
)  # fmt: skip
