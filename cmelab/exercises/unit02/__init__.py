"""Unit 02, Waiting times: right answers, what each wrong belief gives, and what to say about it.

Propensities are in 1/minute and times in minutes; reactions are counted from 0, as Python counts.
"""
from __future__ import annotations

from .averages import average, runs, value
from .race import before_the_rare, explain, first_event, overdue, winner
from .simulators import simulator, step

UNIT = (
    first_event, winner, before_the_rare, overdue, step, simulator, value, average, runs, explain,
)  # fmt: skip
