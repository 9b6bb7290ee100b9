"""Unit 01, Counting molecules: right answers, what each wrong belief gives, and what to say about it.

A key such as "P4:pooled" is one variant of belief P4; `implies` speaks to the variant, in the student's numbers.
"""
from __future__ import annotations

from .meetings import catalyst, chance, dimer, loss, two_kinds
from .programs import explain, repair, witness
from .volume import from_extent, from_molar, growth, to_falling, to_pairs, volume_law

UNIT = (
    dimer, loss, two_kinds, chance, catalyst, volume_law, growth, to_pairs, to_falling, from_extent, from_molar,
    witness, repair, explain,
)  # fmt: skip
