"""Unit 04, Steady state: right answers, what each wrong belief gives, and what to say about it."""
from __future__ import annotations

from .cycles import affinity, balance_test, current, explain, six_rates
from .laws import left_over, share, steady, width
from .times import relaxation, switches

UNIT = (
    share, width, steady, current, affinity, balance_test, relaxation, switches, left_over, six_rates, explain,
)  # fmt: skip
