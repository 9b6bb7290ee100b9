"""What a page shows, in its address: ``widget=flux-bars&preset=swapped&rate_k=4&stage=1&frame=12``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from ..errors import NetworkError

if TYPE_CHECKING:
    from .design import Design


def written(widget: str, preset: str, options: Mapping[str, Any], stage: bool) -> str:
    """The query of an address that leads back to a widget as it is."""
    plain = {name: _plain(value) for name, value in options.items()}
    return urlencode({"widget": widget, "preset": preset, **plain, **({"stage": "1"} if stage else {})})


def read(design: Design, query: str) -> dict[str, Any]:
    """The options of `Explorer` in a query; names that no option of the widget has are left to others.

    Raises
    ------
    NetworkError : a value that the widget cannot take.
    """
    given = dict(parse_qsl(query, keep_blank_values=True))
    options: dict[str, Any] = {"stage": given.get("stage", "0") not in ("", "0")}
    preset = options["preset"] = given.get("preset")
    for name in ("frame", "selected"):
        if name in given:
            options[name] = _whole(name, given[name])
    # Which controls there are depends on what some of them hold, such as the text of a network.
    first = {c.name: c for c in design.controls(design.start(preset))}
    deciding = {name: first[name].checked(first[name].read(given[name])) for name in design.rebuild
                if name in given and name in first}  # fmt: skip
    for control in design.controls(design.start(preset, deciding)):
        if control.name in given:
            options[control.name] = control.checked(control.read(given[control.name]))
    return options


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(int(value)) if isinstance(value, bool) else repr(value).removesuffix(".0")


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise NetworkError(f"{name}={text!r}; it must be a whole number.") from None
