"""One thing to turn: what it takes, how it is refused, and its input on the page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import ipywidgets
import traitlets

from ..arguments import is_real
from ..errors import NetworkError
from .words import number

MANY = 5  # a longer list of beliefs would fill the page with buttons, and folds into a menu
SLIDERS = ("int", "float", "log")
DECADE = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)  # the stops of a logarithmic slider


@dataclass(frozen=True)
class Control:
    """One thing to turn, with its name in code and its words on the page.

    kind : int, float, log (a slider each; log runs over round numbers of every size), switch, choice or text
    unit : said after the value; tip : said when the pointer rests on it
    belief : id of the wrong belief that this control switches on
    when : (name, values): the control that must have one of these values for this one to be seen
    hidden : an option in code that has no place on the page
    written : its value stands in a text that the reader typed, and begins there whenever that text changes
    """

    name: str
    kind: str
    label: str
    value: Any
    low: float = 0.0
    high: float = 1.0
    step: float = 1.0
    unit: str = ""
    tip: str = ""
    choices: tuple[str, ...] = ()
    belief: str = ""
    when: tuple[str, tuple[Any, ...]] | None = None
    hidden: bool = False
    written: bool = False

    def ends(self) -> tuple[Any, ...]:
        """The extreme values, for tests and for cells that drive every control."""
        if self.kind == "switch":
            return (False, True)
        if self.kind == "choice":
            return self.choices
        return (self.value, self.value) if self.kind == "text" else (self.low, self.high)

    def checked(self, value: Any) -> Any:
        """The value if this control can take it; a sentence otherwise."""
        if self.kind == "switch":
            good, allowed = isinstance(value, bool), "True or False"
        elif self.kind == "choice":
            good, allowed = value in self.choices, " or ".join(map(repr, self.choices))
        elif self.kind == "text":
            good, allowed = isinstance(value, str), "text"
        else:
            number = is_real(value) and math.isfinite(value)
            # Sliders round; a value at the very end must not fail for the last bit of it.
            good = number and self.low - 1e-9 * abs(self.low) <= value <= self.high + 1e-9 * abs(self.high)
            if self.kind == "int":
                good = good and value == int(value)
            allowed = f"a {'whole ' if self.kind == 'int' else ''}number from {self.low:g} to {self.high:g}"
        if not good:
            raise NetworkError(f"{self.name}={value!r}; it must be {allowed}.")
        return int(value) if self.kind == "int" else float(value) if self.kind in SLIDERS else value

    def read(self, text: str) -> Any:
        """The value written in an address; what cannot be read stays text, for `checked` to refuse."""
        if self.kind == "switch":
            return {"1": True, "0": False}.get(text, text)
        if self.kind in SLIDERS:
            try:
                return float(text)
            except ValueError:
                return text
        return text

    def input(self, value: Any) -> Any:
        """The ipywidgets input; its label, which `stage.js` gives to the slider's handle, is its accessible name."""
        label = f"{self.label} ({self.unit})" if self.unit else self.label
        common: dict[str, Any] = {
            "description": label,
            "tooltip": self.tip or label,
            "style": {"description_width": "initial"},
        }
        if self.kind == "switch":
            return ipywidgets.Checkbox(value=value, indent=False, layout={"width": "auto"}, **common)
        if self.kind == "choice" and self.belief and len(self.choices) < MANY:
            return ipywidgets.RadioButtons(
                options=self.choices, value=value, orientation="horizontal", layout={"width": "auto"}, **common
            )
        if self.kind == "choice":
            return ipywidgets.Dropdown(options=self.choices, value=value, layout={"width": "auto"}, **common)
        if self.kind == "text":
            return ipywidgets.Textarea(
                value=value,
                continuous_update=False,
                rows=max(2, value.count("\n") + 1),
                layout={"width": "auto"},
                **common,
            )
        common["layout"] = {"width": "auto"}
        if self.kind == "int":
            return ipywidgets.IntSlider(
                value=value, min=int(self.low), max=int(self.high), step=int(self.step), **common
            )
        return NumberSlider(options=self._stops(value), value=value, **common)

    def _stops(self, value: float) -> list[tuple[str, float]]:
        """The numbers a slider stops at, among them the present one."""
        if self.kind == "log":
            decades = range(math.floor(math.log10(self.low) + 1e-9), math.ceil(math.log10(self.high) - 1e-9) + 1)
            stops = {float(f"{m}e{d}") for d in decades for m in DECADE}
        else:
            stops = {round(self.low + i * self.step, 9) for i in range(round((self.high - self.low) / self.step) + 1)}
        inside = {s for s in stops if self.low <= s <= self.high}
        return [(number(s, "4"), s) for s in sorted(inside | {value})]

    def show(self, box: Any, value: Any) -> None:
        """Put the input at a value; a slider that cannot reach it gets the range that this control has now."""
        if isinstance(box, NumberSlider) and value not in [v for _, v in box.options]:
            box.options = self._stops(value)
        elif isinstance(box, ipywidgets.IntSlider) and not box.min <= value <= box.max:
            box.min, box.max = int(self.low), int(self.high)
        if box.value != value:
            box.value = value


class NumberSlider(ipywidgets.SelectionSlider):
    """A slider over given numbers. (A FloatSlider writes its own rounding back: 4 comes home as 3.98.)"""

    @traitlets.validate("value")
    def _validate_value(self, proposal: Any) -> float:
        """The stop nearest to what was asked for."""
        return min((v for _, v in self.options), key=lambda v: abs(v - proposal["value"]))
