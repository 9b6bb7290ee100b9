"""No beliefs of its own: what the questions before the course find is taken up by units 01 to 09. Four variants."""
from __future__ import annotations

BELIEFS = ()

VARIANTS = {
    "C5:mean": ("Solved twice, the master equation gives other chances; only the mean is the same.", ""),
    "C5:seed": ("The master equation is solved with random numbers, so it needs a seed.", ""),
    "D1:frozen": ("At a steady state the count itself stands still.", 'cmelab.show("two-state", preset="start")'),
    "D2:dies-out": ("A current belongs to the way to the steady state, and ends there.", ""),
}
