"""Unit 03, The master equation: right answers, what each wrong belief gives, and what to say about it."""
from __future__ import annotations

from .flows import at_once, one_box
from .solved import cap, law, mixture, twice
from .tables import audit, build
from .words import explain

UNIT = (at_once, one_box, build, audit, law, cap, mixture, twice, explain)
