"""The wrong beliefs that the exercises of all units find, by id, and the variants of them."""
from __future__ import annotations

from dataclasses import replace

from .misconception import Misconception
from .unit00 import beliefs as _00
from .unit01 import beliefs as _01
from .unit02 import beliefs as _02
from .unit03 import beliefs as _03
from .unit04 import beliefs as _04
from .unit05 import beliefs as _05
from .unit06 import beliefs as _06
from .unit07 import beliefs as _07
from .unit08 import beliefs as _08
from .unit09 import beliefs as _09

# A unit's `beliefs.py` holds BELIEFS, and VARIANTS: what a variant of a belief holds, where the belief's own sentence
# would not be what the student thinks: key -> (the sentence, a line of code that shows it; "" for the belief's widget).
_TABLES = (_00, _01, _02, _03, _04, _05, _06, _07, _08, _09)

MISCONCEPTIONS: dict[str, Misconception] = {each.id: each for table in _TABLES for each in table.BELIEFS}

VARIANTS: dict[str, Misconception] = {
    key: replace(MISCONCEPTIONS[key.partition(":")[0]], belief=belief, **({"code": code} if code else {}))
    for table in _TABLES
    for key, (belief, code) in table.VARIANTS.items()
}


def parts(wrong: str) -> tuple[str, ...]:
    """The ids of the beliefs behind one wrong model: "P1+P2" holds two, and "P3:inverted" is a variant of P3."""
    return tuple(each.partition(":")[0] for each in wrong.split("+"))


def beliefs(wrong: str) -> list[Misconception]:
    """The beliefs behind one wrong model, in the words of the variant where it has its own."""
    whole = zip(wrong.split("+"), parts(wrong), strict=True) if wrong else ()
    return [VARIANTS.get(variant) or MISCONCEPTIONS[id] for variant, id in whole]
