"""Controls -> Bank -> Stage: the view that every widget shares. A widget is a Design; nothing else is written for it."""
from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ipywidgets

from ..errors import NetworkError, SimulationError, StateSpaceError
from .frame import Bank
from .picture import still
from .stage import Stage

Values = dict[str, Any]
NO_GUESS = "no guess asked"
_SENTENCES = (NetworkError, SimulationError, StateSpaceError)  # errors whose message is meant for the reader


@dataclass(frozen=True)
class Control:
    """One thing to turn. ``kind``: int, float, log, switch, choice or text."""

    name: str
    kind: str
    label: str
    value: Any
    low: float = 0.0
    high: float = 1.0
    step: float = 1.0
    tip: str = ""
    choices: tuple[str, ...] = ()

    def ends(self) -> tuple[Any, ...]:
        """The extreme values, for tests and for cells that drive every control."""
        if self.kind == "switch":
            return (False, True)
        if self.kind == "choice":
            return self.choices
        return (self.value,) if self.kind == "text" else (self.low, self.high)

    def checked(self, value: Any) -> Any:
        """The value if this control can take it; a sentence otherwise."""
        if self.kind == "switch":
            good, allowed = isinstance(value, bool), "True or False"
        elif self.kind == "choice":
            good, allowed = value in self.choices, " or ".join(map(repr, self.choices))
        elif self.kind == "text":
            good, allowed = isinstance(value, str), "text"
        else:
            good = isinstance(value, (int, float)) and not isinstance(value, bool) and self.low <= value <= self.high
            allowed = f"a number from {self.low:g} to {self.high:g}"
            if self.kind == "int":
                good, allowed = good and value == int(value), f"a whole {allowed}"
        if not good:
            raise NetworkError(f"{self.name}={value!r}; it must be {allowed}.")
        return int(value) if self.kind == "int" else value


@dataclass(frozen=True)
class Design:
    """A widget: what can be turned, the named starts, and the pure function from values to a bank.

    controls : from the present values, because some depend on the network typed
    rebuild : names of controls whose change may change the others
    bank : (values, guess) -> Bank; raises an error whose message is a sentence
    """

    name: str
    title: str
    about: tuple[str, ...]
    controls: Callable[[Values], tuple[Control, ...]]
    presets: Mapping[str, Values]
    bank: Callable[[Values, Any], Bank]
    rebuild: tuple[str, ...] = ()
    adjust: Callable[[Mapping[str, Any]], Values] = dict  # options as typed -> plain values (a network -> its text)

    def start(self, preset: str | None, options: Mapping[str, Any] | None = None) -> Values:
        """All values of a preset with some replaced; names what exists where something does not."""
        preset = next(iter(self.presets)) if preset is None else preset
        if preset not in self.presets:
            raise NetworkError(f"{self.name} has no preset {preset!r}; it has {', '.join(map(repr, self.presets))}.")
        given = {**self.presets[preset], **self.adjust(options or {})}
        controls = {c.name: c for c in self.controls(given)}
        for name in given:
            if name not in controls:
                raise NetworkError(f"{self.name} has no option {name!r}; it has preset, stage, guess, "
                                   f"{', '.join(controls)}.")
        return {name: c.checked(given.get(name, c.value)) for name, c in controls.items()}


class Explorer(ipywidgets.VBox):
    """A design on the page: presets, reset, stage mode, its controls, and the picture.

    preset : name of a start
    stage : True for large type and thick lines, for a projector
    guess : left out, the answer is shown; None hides it until a guess is written; a number shows both
    options : values of single controls
    """

    def __init__(self, design: Design, *, preset: str | None = None, stage: bool = False, guess: Any = NO_GUESS,
                 **options: Any):
        self.design, self.guess = design, _checked_guess(guess)
        self.values, self.bank, self._quiet = design.start(preset, options), None, False
        self._began = (preset, options)
        self.stage, self.inputs = Stage(), {}
        first = next(iter(design.presets)) if preset is None else preset
        self.preset = ipywidgets.Dropdown(options=list(design.presets), value=first, description="preset",
                                          tooltip="named starts", layout={"width": "230px"})
        self.reset_button = ipywidgets.Button(description="reset", tooltip="back to the start", layout={"width": "80px"})
        self.big = ipywidgets.ToggleButton(value=bool(stage), description="stage mode", layout={"width": "110px"},
                                           tooltip="large type and thick lines, for a projector")
        self.turning = ipywidgets.Box(layout={"flex_flow": "row wrap", "width": "100%", "max_width": "900px"})
        head = ipywidgets.HBox([self.preset, self.reset_button, self.big])
        super().__init__([head, self.turning, self.stage])
        self.add_class("cmelab-widget")
        self._build()
        self.preset.observe(lambda change: self._start(change["new"], {}), "value")
        self.reset_button.on_click(lambda _: self.reset())
        self.big.observe(lambda _: self._update(), "value")
        self._draw()

    def set(self, **values: Any) -> Explorer:
        """Turn controls from code; the widget follows as if they had been dragged."""
        self.values = self.design.start(self.preset.value, {**self.values, **values}) \
            if set(values) & set(self.design.rebuild) else {**self.values, **self._checked(values)}
        self._sync()
        self._draw()
        return self

    def reset(self) -> None:
        """Back to the values this widget began with."""
        preset, options = self._began
        self._quiet = True
        self.preset.value = next(iter(self.design.presets)) if preset is None else preset
        self._quiet = False
        self._start(preset, options)

    @property
    def caption(self) -> str:
        """What the picture shows, in words."""
        assert self.bank is not None
        return self.bank.caption(self.stage.frame)

    def _checked(self, values: Values) -> Values:
        controls = {c.name: c for c in self.design.controls(self.values)}
        for name in values:
            if name not in controls:
                raise NetworkError(f"{self.design.name} has no control {name!r}; it has {', '.join(controls)}.")
        return {name: controls[name].checked(value) for name, value in values.items()}

    def _start(self, preset: str | None, options: Values) -> None:
        if self._quiet:
            return
        self.values = self.design.start(preset, options)
        self.stage.selected = -1
        self._sync()
        self._update(name=str(preset))

    def _build(self) -> None:
        """One input for each control of the present values; those that stay keep their widget."""
        wanted = {c.name: c for c in self.design.controls(self.values)}
        shape = {name: (c.kind, c.label, c.low, c.high) for name, c in wanted.items()}
        if getattr(self, "_shape", None) != shape:
            self._shape = shape
            self.inputs = {name: _input(c, self.values[name]) for name, c in wanted.items()}
            for name, box in self.inputs.items():
                box.observe(lambda change, name=name: self._turned(name, change["new"]), "value")
            self.turning.children = tuple(self.inputs.values())

    def _turned(self, name: str, value: Any) -> None:
        if self._quiet:
            return
        with self._reporting():
            if name in self.design.rebuild:
                self.values = self.design.start(self.preset.value, {name: value})
                self._sync()
            else:
                self.values = {**self.values, name: value}
            self._draw()

    def _sync(self) -> None:
        """Make the inputs show the values, without hearing of it."""
        self._quiet = True
        try:
            self._build()
            for name, box in self.inputs.items():
                box.value = self.values[name]
        finally:
            self._quiet = False

    def _update(self, name: str = "") -> None:
        with self._reporting():
            self._draw(name)

    def _draw(self, name: str = "") -> None:
        self.bank = self.design.bank(self.values, self.guess)
        if name or not self.stage.scene:
            self._name, self.stage.frame = f"{self.design.name} {name}", self.bank.start
        self.stage.show(self._name, self.bank, stage=self.big.value, legend=self.design.about)

    def _reporting(self) -> _Report:
        return _Report(self.stage)

    def __repr__(self) -> str:
        return f"{self.design.title}: {self.caption}"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        data, *rest = bundle if isinstance(bundle, tuple) else (bundle,)
        assert self.bank is not None
        picture = base64.b64encode(still(self.bank, min(self.stage.frame, self.bank.frames - 1))).decode()
        data = {**(data or {}), "image/png": picture, "text/plain": repr(self)}
        return (data, *rest) if rest else data


class _Report:
    """Whatever goes wrong in a callback becomes a sentence in the widget; the last good picture stays."""

    def __init__(self, stage: Stage):
        self.stage = stage

    def __enter__(self) -> None:
        self.stage.error = ""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, _SENTENCES):
            self.stage.error = str(error)
        elif isinstance(error, Exception):
            self.stage.error = f"This picture could not be computed ({type(error).__name__}: {error}). " \
                               "Press reset to go back to the start."
        return isinstance(error, Exception)


def _checked_guess(guess: Any) -> float | None | str:
    if guess is None or (isinstance(guess, str) and guess == NO_GUESS):
        return guess
    if isinstance(guess, bool) or not isinstance(guess, (int, float)):
        raise NetworkError(f"guess={guess!r}; a guess is a number, or None while you have none.")
    return float(guess)


def _input(control: Control, value: Any) -> Any:
    """The ipywidgets input of a control; its label is its accessible name."""
    common: dict[str, Any] = {"description": control.label, "tooltip": control.tip or control.label,
                              "style": {"description_width": "initial"}}
    wide = {"width": "min(420px, 100%)", "margin": "2px 24px 2px 2px"}
    if control.kind == "switch":
        return ipywidgets.Checkbox(value=value, indent=False, layout={"width": "max-content", "margin": "2px 18px 2px 2px"},
                                   **common)
    if control.kind == "choice":
        return ipywidgets.Dropdown(options=control.choices, value=value, **common,
                                   layout={"width": "max-content", "margin": "2px 24px 2px 2px"})
    if control.kind == "text":
        return ipywidgets.Textarea(value=value, continuous_update=False, rows=2, layout=wide, **common)
    if control.kind == "int":
        return ipywidgets.IntSlider(value=value, min=int(control.low), max=int(control.high), step=int(control.step),
                                    layout=wide, **common)
    return ipywidgets.FloatSlider(value=value, min=control.low, max=control.high, step=control.step, layout=wide,
                                  readout_format=".3g", **common)
