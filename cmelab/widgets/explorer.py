"""Controls -> Bank -> Stage: the view that every widget shares. A widget is a Design, and nothing else."""

from __future__ import annotations

import base64
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import ipywidgets

from ..arguments import is_real
from ..errors import NetworkError, SimulationError, StateSpaceError
from ..one_thread import one_thread
from . import address, take_away
from .controls import SLIDERS
from .design import Design, Values
from .frame import Bank, Reading, Text
from .look import Look
from .stage import Stage
from .still import still
from .words import number

__all__ = ["Design", "Explorer", "Values"]

NO_GUESS = "no guess asked"
OWN = "(your own)"  # what the list of presets shows once something has been turned by hand
# A change that takes longer or sends more is made when the slider is let go: a Jupyter server drops what comes
# faster than 1 MB/s, and a page asks about 15 times a second.
SLOW, LARGE = 0.05, 64_000
_SENTENCES = (NetworkError, SimulationError, StateSpaceError)  # errors whose message is meant for the reader


class Explorer(ipywidgets.VBox):
    """A design on the page: presets, reset, stage mode, its controls, and the picture.

    preset : name of a start
    stage : True for large type and thick lines, for a projector
    guess : left out, the answer is shown; None hides it until a guess is written; a number shows both
    frame, selected : the moment shown and the item chosen first; left out, those of the design
    options : values of single controls
    """

    def __init__(
        self,
        design: Design,
        *,
        preset: str | None = None,
        stage: bool = False,
        guess: Any = NO_GUESS,
        frame: int | None = None,
        selected: int | None = None,
        **options: Any,
    ):
        self.design, self.guess, self._first = design, _checked_guess(guess), None
        self.values, self._began = design.start(preset, options), (preset, options)
        self._origin, self.follows = preset or next(iter(design.presets)), False
        self._starts = {name: design.start(name) for name in design.presets}
        self.stage, self.inputs, self._shape = Stage(about=list(design.about)), {}, []
        self._quiet = self._heavy = False
        began = time.perf_counter()
        self.bank = self._compute()
        size = self.stage.show(self.bank, fresh=True)
        self._heavy = time.perf_counter() - began > SLOW or size > LARGE
        self._rest("frame", frame, self.bank.frames)
        self._rest("selected", selected, len(self.bank.selection.names) if self.bank.selection else 0)
        self.preset = ipywidgets.Dropdown(
            options=[*design.presets, OWN],
            value=self._named(),
            description="Preset",
            tooltip="named starts",
            layout={"width": "auto"},
            style={"description_width": "initial"},
        )
        self.reset_button = ipywidgets.Button(
            description="Reset", tooltip="back to the start", layout={"width": "auto"}
        )
        self.big = ipywidgets.ToggleButton(
            value=bool(stage),
            description="Stage mode",
            layout={"width": "auto"},
            tooltip="large type and thick lines, for a projector",
        )
        self._places = {name: ipywidgets.Box().add_class(f"cmelab-{name}") for name in ("head", "sliders", "beliefs")}
        super().__init__([*self._places.values(), self.stage])
        self.add_class("cmelab-widget")
        self._build()
        self._show_size()
        self._tell()
        self.preset.observe(lambda change: self._turn_preset(change["new"]), "value")
        self.reset_button.on_click(lambda _: self._report(self.reset))
        self.big.observe(lambda _: self._show_size(), "value")
        self.stage.observe(lambda _: self._report(self._tell), ["frame", "selected", "stage"])
        self.stage.on_msg(lambda _, asked, __: self._report(lambda: self._answer(asked)))

    # ---- for code ----
    def set(self, **values: Any) -> Explorer:
        """Turn controls from code; the widget follows as if they had been dragged."""
        self._change({**self.values, **self.design.adjust(values)})
        return self

    def reset(self) -> None:
        """Back to the values this widget began with."""
        preset, options = self._began
        self._origin = preset or next(iter(self.design.presets))
        self._change(self.design.start(preset, options), fresh=True)

    def follow(self) -> Explorer:
        """Let the address of the page follow what is turned; for a page that shows this widget alone."""
        self.follows = True
        self._tell()
        return self

    def state(self) -> tuple[str, Values]:
        """The preset and the options that bring back what is seen."""
        options: Values = {}
        preset = self._named()
        if preset == OWN:
            preset = self._origin
            start = self._starts[preset]
            options = {name: v for name, v in self.values.items() if name not in start or start[name] != v}
            # Another network brings other controls: what the preset says of its own may not fit.
            if not options.keys().isdisjoint(self.design.rebuild) and self.design.start(preset, options) != self.values:
                options = dict(self.values)
        shown = self.bank.selection.start if self.bank.selection else -1
        for name, first in (("frame", self.bank.start), ("selected", shown)):
            if getattr(self.stage, name) != first:
                options[name] = getattr(self.stage, name)
        return preset, options

    @property
    def caption(self) -> str:
        """What the picture shows, in words."""
        return self.bank.caption.fill(min(self.stage.frame, self.bank.frames - 1))

    def __repr__(self) -> str:
        return f"{self.design.title}. {self.caption}"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        data, *rest = bundle if isinstance(bundle, tuple) else (bundle,)
        picture = still(self.bank, min(self.stage.frame, self.bank.frames - 1), Look(stage=self.stage.stage))
        data = {**(data or {}), "image/png": base64.b64encode(picture).decode(), "text/plain": repr(self)}
        return (data, *rest) if rest else data

    # ---- from values to the page ----
    def _compute(self) -> Bank:
        """The bank of the present values, with what the reader guessed, or without what is to be guessed."""
        with one_thread():
            bank = self.design.bank(self.values, self.guess is not None)
        self._first = bank if self._first is None else self._first
        if self.guess is None:
            wait = Reading(
                bank.question,
                Text("?"),
                "Write your guess first: put a number for guess, and run the cell again.",
                "hidden",
            )
            return replace(bank, readings=(wait,))
        if isinstance(self.guess, float) and self._first.answer is not None:
            answer, unit = self._first.answer, self._first.unit
            # The answer may be that of a later time, and the controls may have moved since it was asked.
            known = f"With the settings of the question it is {number(answer)}{unit and ' ' + unit}."
            close = abs(self.guess - answer) <= max(0.005 * abs(answer), 5e-4)
            verdict = "Your guess is right." if close else known
            return replace(
                bank, readings=(*bank.readings, Reading("Your guess", Text(number(self.guess, "4")), verdict, "guess"))
            )
        return bank

    def _change(self, values: Values, *, fresh: bool = False) -> None:
        """Take over values, draw, and make the inputs agree; where that fails the last good picture stays."""
        before, self.values = self.values, self.design.complete(values)
        began = time.perf_counter()
        self.stage.busy = self._heavy
        try:
            self.bank = self._compute()
            with self.stage.hold_sync():
                size = self.stage.show(self.bank, fresh=fresh)
                self._tell()
        except Exception:
            self.values = before
            raise
        finally:
            self.stage.busy = False
        self._heavy = time.perf_counter() - began > SLOW or size > LARGE
        self._sync()

    def _sync(self) -> None:
        """Make the inputs show the values, without hearing of it."""
        self._quiet = True
        try:
            self._build()
            for control in self.design.controls(self.values):
                control.show(self.inputs[control.name], self.values[control.name])
            self.preset.value = self._named()
        finally:
            self._quiet = False

    def _named(self) -> str:
        """The preset whose values these are."""
        return next((name for name, values in self._starts.items() if values == self.values), OWN)

    def _build(self) -> None:
        """One input for each control of the present values; those that stay keep their widget, and their range."""
        wanted = self.design.controls(self.values)
        shape = [(c.name, c.label) for c in wanted]
        if self._shape != shape:
            self._shape = shape
            self.inputs = {c.name: c.input(self.values[c.name]) for c in wanted}
            for name, box in self.inputs.items():
                box.observe(lambda change, name=name: self._turn(name, change["new"]), "value")
            beliefs = [self.inputs[c.name] for c in wanted if c.belief]
            choices = [self.inputs[c.name] for c in wanted if c.kind == "choice" and not c.belief]
            turned = [self.inputs[c.name] for c in wanted if not (c.belief or c.hidden or c.kind == "choice")]
            heading = ipywidgets.Label("What if one believes:").add_class("cmelab-heading")
            self._places["head"].children = (self.preset, *choices, self.reset_button, self.big)
            self._places["sliders"].children = tuple(turned)
            self._places["beliefs"].children = (heading, *beliefs) if beliefs else ()
        for control in wanted:
            box, when = self.inputs[control.name], control.when
            box.layout.display = None if when is None or self.values[when[0]] in when[1] else "none"
            if control.kind in SLIDERS and box.continuous_update == self._heavy:
                box.continuous_update = not self._heavy

    def _tell(self) -> None:
        """What leads back to this picture, in Python and in an address."""
        preset, options = self.state()
        with self.stage.hold_sync():
            self.stage.code = take_away.code(self.design, preset, options, self.values)
            if self.follows:
                self.stage.address = address.written(self.design.name, preset, options, self.big.value)

    def _rest(self, trait: str, value: int | None, count: int) -> None:
        """Begin at another frame or item than the design says."""
        if value is None:
            return
        least = -1 if trait == "selected" else 0
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value < count:
            raise NetworkError(f"{trait}={value!r}; it must be a whole number from {least} to {count - 1}.")
        setattr(self.stage, trait, value)

    # ---- from the page ----
    def _answer(self, asked: Mapping[str, Any]) -> None:
        """A preset further on or back, or something to take away."""
        if step := asked.get("step"):
            names = list(self.design.presets)
            self._turn_preset(names[(names.index(self._origin) + step) % len(names)])
        elif form := asked.get("take"):
            look = Look(bool(asked.get("dark")), self.stage.stage)
            block = take_away.taken(form, self.bank, self.stage.frame, self.stage.selected, look)
            self.stage.send({"name": f"{self.design.name}.{form}", "type": take_away.TYPES[form]}, [block])

    def _turn(self, name: str, value: Any) -> None:
        if not self._quiet:
            given = {**self.values, name: value}
            if name in self.design.rebuild:  # what says something about the old network only is dropped
                self._report(lambda: self._change(self._fitting(given, name)))
            else:
                self._report(lambda: self._change(given))

    def _fitting(self, given: Values, changed: str) -> Values:
        """The values that still say something after ``changed`` has: numbers written in a new text count as new."""
        fresh = {c.name for c in self.design.controls({changed: given[changed]}) if c.written}
        kept = {name: value for name, value in given.items() if name not in fresh}
        offered = [c for c in self.design.controls(kept) if c.name in kept]  # a species may be gone from its list
        return {c.name: kept[c.name] for c in offered if c.kind != "choice" or kept[c.name] in c.choices}

    def _turn_preset(self, name: str) -> None:
        if not self._quiet and name != OWN:
            self._report(lambda: self._start(name))

    def _start(self, name: str) -> None:
        self._origin = name
        self._change(self.design.start(name), fresh=True)

    def _show_size(self) -> None:
        self.stage.stage = self.big.value
        (self.add_class if self.big.value else self.remove_class)("cmelab-big")

    def _report(self, act: Callable[[], None]) -> None:
        """Whatever goes wrong in a callback becomes a sentence in the widget; the last good picture stays."""
        try:
            act()
        except _SENTENCES as error:
            self.stage.error = str(error)
        except Exception as error:  # a defect of ours: it must not vanish in a log that nobody reads
            self.stage.error = (
                f"This picture could not be computed ({type(error).__name__}: {error}). "
                "Press Reset to go back to the start."
            )


def _checked_guess(guess: Any) -> float | str | None:
    if guess is None or (isinstance(guess, str) and guess == NO_GUESS):
        return guess
    if not is_real(guess) or not math.isfinite(guess):
        raise NetworkError(f"guess={guess!r}; a guess is a number, or None while you have none.")
    return float(guess)
