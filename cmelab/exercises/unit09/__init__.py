"""Unit 09, Delays: right answers, what each wrong belief gives, and what to say about it.

A key such as "Y2:rate" is one variant of belief Y2; `implies` speaks to the variant, in the student's numbers.
"""
from __future__ import annotations

from .belts import ledger, run
from .chains import design, from_data, propensities, stoichiometry
from .constant import finished, long_run
from .memory import explain, joint_law, kernel, two_belts

UNIT = (
    design, from_data, stoichiometry, propensities, ledger, run, long_run, finished, two_belts, kernel, joint_law,
    explain,
)  # fmt: skip
