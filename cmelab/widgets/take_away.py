"""What a reader can take away from a widget: the Python that makes it, the picture, the numbers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..network import ReactionNetwork
from .frame import Bank, Mark, at, frames_of
from .look import Look
from .still import still

if TYPE_CHECKING:
    from .design import Design

TYPES = {"png": "image/png", "svg": "image/svg+xml", "csv": "text/csv"}


def code(design: Design, preset: str, options: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """The Python that makes this very picture, and the network in it as an object."""
    given = "".join(f", {name}={_literal(value)}" for name, value in {"preset": preset, **options}.items())
    lines = ["import cmelab", "", f'cmelab.show("{design.name}"{given})']
    if (network := design.network(dict(values))) is not None:
        lines += ["", "# The network of this picture, for your own work:", *_parsed(network)]
        lines += design.further(dict(values)).splitlines()
    return "\n".join(lines)


def _literal(value: Any) -> str:
    """Text of several lines is written as such, so that a network can be read."""
    if isinstance(value, str) and "\n" in value and not set('\\"') & set(value):
        return f'"""{value}"""'
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return repr(value)


def _parsed(network: ReactionNetwork) -> list[str]:
    text = "\n".join(
        f"{w.text} ; {'a = ' if w.custom else ''}{w.rate_text}" + (f" ; {w.delay}" if w.delay else "")
        for w in network.reactions
    )
    rates = {name: float(value) for name, value in network.rates.items()}
    initial = {name: int(n) for name, n in zip(network.species, network.initial, strict=True) if n}
    given = [f"{name}={json.dumps(told)}" for name, told in (("rates", rates), ("initial", initial)) if told]
    return ["net = cmelab.ReactionNetwork.parse(" + ", ".join([f'"""\n{text}\n"""', *given]) + ")"]


def taken(form: str, bank: Bank, frame: int, selected: int, look: Look) -> bytes:
    """The present picture as ``"png"`` or ``"svg"``, or the numbers of all frames as ``"csv"``."""
    if form == "csv":
        return table(bank).encode()
    if bank.selection:
        bank = replace(bank, selection=replace(bank.selection, start=selected))
    return still(bank, min(frame, bank.frames - 1), look, form=form)


def table(bank: Bank) -> str:
    """The numbers in long format: one row for each item of each mark in each frame; no frame where nothing moves.

    Marks that the legend names are the data; without a legend, every mark is. Readings follow as marks of one item,
    their number in ``value``.
    """
    moments = {name: channel for name, channel in bank.label.values.items() if at(channel, 0).size == 1}
    marks = [m for m in bank.marks if m.legend] or list(bank.marks)
    columns = list(dict.fromkeys([name for m in marks for name in m.channels] + ["value"]))
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["frame", *moments, "panel", "mark", "item", *columns])
    for frame in range(bank.frames):
        head = [frame, *(_short(at(channel, frame)[0]) for channel in moments.values())]
        still_head = [""] * len(head)
        for mark in marks:
            moves = any(frames_of(c) > 1 for c in mark.channels.values())
            if moves or frame == 0:
                for row in _items(mark, frame, columns):
                    lines.writerow([*(head if moves else still_head), *row])
        for reading in bank.readings:
            for name, channel in reading.value.values.items():
                row = {"value": _short(at(channel, frame)[0])}
                lines.writerow([*head, "", f"{reading.label}: {name}", 0, *(row.get(c, "") for c in columns)])
    return out.getvalue()


def _items(mark: Mark, frame: int, columns: list[str]) -> Iterator[list[Any]]:
    values = mark.items(frame)
    count = len(next(iter(values.values())))
    written = [[_short(v) for v in values[c]] if c in values else [""] * count for c in columns]
    for i, row in enumerate(zip(*written, strict=True)):
        yield [mark.panel, mark.legend or mark.kind, i, *row]


def _short(value: Any) -> str:
    """All the digits a float32 has."""
    return f"{float(value):.7g}"
