"""Unit 05, Structure: right answers, what each wrong belief gives, and what to say about it.

A key such as "T3:class" is one variant of belief T3; `implies` speaks to the variant, in the student's numbers.
"""
from __future__ import annotations

from .classes import blocks, explain, lattices
from .conserved import basis, count, ending, tests
from .reaching import out_of_reach, reach

UNIT = (count, basis, tests, reach, lattices, out_of_reach, blocks, ending, explain)
