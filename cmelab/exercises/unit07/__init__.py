"""Unit 07, Moment closure: right answers, what each wrong belief gives, and what to say about it."""
from __future__ import annotations

from .closing import against_exact, explain, normal, silent
from .hierarchy import average, bends, coalescence, linear, which_close

UNIT = (average, bends, coalescence, linear, which_close, normal, against_exact, silent, explain)
