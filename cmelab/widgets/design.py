"""What a widget is: a frozen description, from which `Explorer` makes the page."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import NetworkError
from ..network import ReactionNetwork
from .controls import Control
from .frame import Bank
from .typed_network import typed_in

if TYPE_CHECKING:
    from .explorer import Explorer

Values = dict[str, Any]
OPTIONS = ("preset", "stage", "guess", "frame", "selected")  # those every widget has


@dataclass(frozen=True)
class Design:
    """A widget: what can be turned, its named starts, and the pure function from values to a bank.

    about : what one sees, in a few sentences, for "What am I seeing?"
    controls : from the present values, because some depend on the network typed
    bank : (values, reveal) -> Bank; with reveal False nothing in it may tell the answer. Raises a sentence.
    adjust : options as given in code -> plain values, such as a network -> its text
    rebuild : controls whose change may change which others there are
    takes : a network -> why this widget cannot show it, or "" where it can
    summary : what the widget is about, one sentence for the gallery
    network : values -> the network of the picture, for those who take it away; None where there is none
    further : values -> the Python that goes on from that network, called ``net``, to the numbers of the picture
    """

    name: str
    title: str
    about: tuple[str, ...]
    controls: Callable[[Values], tuple[Control, ...]]
    presets: Mapping[str, Values]
    bank: Callable[[Values, bool], Bank]
    adjust: Callable[[Mapping[str, Any]], Values] = dict
    rebuild: tuple[str, ...] = ()
    takes: Callable[[Any], str] = lambda network: "it takes no network"
    summary: str = ""
    network: Callable[[Values], ReactionNetwork | None] = typed_in
    further: Callable[[Values], str] = lambda values: ""

    def start(self, preset: str | None, options: Mapping[str, Any] | None = None) -> Values:
        """All values of a preset with some replaced; names what exists where something does not."""
        options = self.adjust(options or {})
        name = next(iter(self.presets)) if preset is None else preset
        if name not in self.presets:
            raise NetworkError(f"{self.name} has no preset {preset!r}; it has {', '.join(map(repr, self.presets))}.")
        base: Mapping[str, Any] = self.presets[name]
        if not set(self.rebuild).isdisjoint(options):
            # A network of the reader's own: what a preset says of its own network, such as a rate, says nothing here.
            fitting = {c.name for c in self.controls({**base, **options})} if preset else set()
            base = {key: value for key, value in base.items() if key in fitting}
        return self.complete({**base, **options})

    def complete(self, given: Mapping[str, Any]) -> Values:
        """A value for every control, those given checked."""
        controls = {c.name: c for c in self.controls(dict(given))}
        for name in given:
            if name not in controls:
                raise NetworkError(
                    f"{self.name} has no option {name!r}; it has {', '.join((*OPTIONS, *controls))}."
                )
        return {name: c.checked(given.get(name, c.value)) for name, c in controls.items()}

    def __call__(self, **options: Any) -> Explorer:
        """The widget, ready to be shown at the end of a cell; options are those of `Explorer` and of the controls."""
        from .explorer import Explorer

        return Explorer(self, **options)

    @property
    def __signature__(self) -> inspect.Signature:
        """The options by name, for completion and help."""
        names = [*OPTIONS, *(c.name for c in self.controls(self.start(None)))]
        return inspect.Signature([inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names])

    def __repr__(self) -> str:
        options = ", ".join(c.name for c in self.controls(self.start(None)))
        return f"{self.title} (cmelab.show({self.name!r})); presets: {', '.join(self.presets)}; options: {options}"
