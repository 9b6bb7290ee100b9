"""Numbers and sentences, written the same way in Python and in the browser (see `paint.js`)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

_FIELD = re.compile(r"\{(\w+)(?::(d|\.?\d))?\}")
SMALLEST = 5e-5  # below this a number is shown as 0: four decimals are more than a picture can show


def number(x: float, form: str = "3") -> str:
    """A number for people: ``"3"`` significant digits, ``".2"`` decimals, ``"d"`` a whole number; never NaN."""
    if not math.isfinite(x):
        return "–" if math.isnan(x) else ("∞" if x > 0 else "−∞")
    size = abs(x)
    if form == "d":
        digits = 0
    elif form[0] == ".":
        digits = int(form[1:])
    else:
        if size < SMALLEST:
            return "0"
        digits = max(0, int(form) - 1 - math.floor(math.log10(size)))
    # Half goes up, as in the browser's toFixed, which knows no rounding to even.
    text = f"{Decimal(size).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"
    if form[0] not in "d." and "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"−{text}" if x < 0 and text.strip("0.") else text


def fill(template: str, values: Mapping[str, float | str]) -> str:
    """The template with each ``{name}``, ``{name:.2}`` or ``{name:d}`` replaced by its value."""

    def written(field: re.Match[str]) -> str:
        value = values[field[1]]
        return value if isinstance(value, str) else number(value, field[2] or "3")

    return _FIELD.sub(written, template)
