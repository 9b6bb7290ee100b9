"""Unit 08, The chemical Langevin equation: right answers, what each wrong belief gives, and what to say about it."""
from __future__ import annotations

from .counts import cost, explain, whole
from .noise import conservation, matrix
from .steps import draws, step, test
from .validity import clipping, copies, rare

UNIT = (matrix, conservation, step, test, draws, clipping, rare, copies, whole, cost, explain)
